/* cli/call.h - an operation of the configuration API from the options of a command, and its result shown.
 */
#ifndef CLI_CALL_H
#define CLI_CALL_H

#include <jansson.h>

#include "cli/cli.h"

/* Ask for `operation`; takes `arguments` over. --dry-run is passed on. The result lives as long as the command. */
RS_CHECKED rs_status cli_call(struct cli *cli, const char *operation, json_t *arguments, json_t **out);

/* The values of a repeated option as a JSON array; of one value as a string. NULL where it was not given. */
json_t *cli_values(const struct cli *cli, const char *option);

/* With --json: the document. */
void cli_print_json(const json_t *value);

/* What a change did or would do: `steps`, `warnings`, `checks` of the result. */
void cli_print_change(struct cli *cli, const json_t *result);

/* Members of a row as text: numbers written, arrays joined with blanks, null empty. */
rs_text cli_member(struct rs_job *job, const json_t *object, const char *name);

#endif
