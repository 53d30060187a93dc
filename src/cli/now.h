/* cli/now.h - who runs the command, and when: for Globals!ExecutionTime and User!UserID.
 */
#ifndef CLI_NOW_H
#define CLI_NOW_H

#include "base/job.h"
#include "report/value/value.h"

struct value cli_now(void);            /* local time of this machine */
rs_text cli_user(struct rs_job *job);  /* name of the account; "nobody" where it has none */

#endif
