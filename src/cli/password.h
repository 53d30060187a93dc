/* cli/password.h - secrets from a terminal or a file: never an argument, where `ps` would show them.
 */
#ifndef CLI_PASSWORD_H
#define CLI_PASSWORD_H

#include "cli/cli.h"

#define CLI_PASSWORD_MAX 1024 /* bytes */

/* The first line of a file; "-" is standard input. A file that others may read is named on standard error. */
RS_CHECKED rs_status cli_password_read(struct cli *cli, rs_text path, rs_text *out);

/* Ask at the terminal without echo; CLI_USAGE_ERROR where there is none. */
RS_CHECKED rs_status cli_password_ask(struct cli *cli, const char *question, rs_text *out);

/* Of --password-file, else asked for twice. */
RS_CHECKED rs_status cli_password_new(struct cli *cli, rs_text *out);

bool cli_has_terminal(void); /* to ask at */

#endif
