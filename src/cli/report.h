/* cli/report.h - the commands about reports, one per file.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stdio.h>

#include "cli/cli.h"

struct publish_problem; /* report/publish/publish.h */

extern const struct cli_option cli_report_render_options[], cli_report_check_options[], cli_report_publish_options[],
    cli_report_list_options[], cli_report_get_options[], cli_report_remove_options[];

rs_status cli_report_render(struct cli *cli);
rs_status cli_report_check(struct cli *cli);
rs_status cli_report_publish(struct cli *cli);
rs_status cli_report_list(struct cli *cli);
rs_status cli_report_get(struct cli *cli);
rs_status cli_report_remove(struct cli *cli);

/* file:line: severity: where, property: message (code) - a form that editors jump to. */
void cli_report_print_problem(FILE *out, rs_text path, const struct publish_problem *problem);

/* Of --user and --password-file: the password, empty where there is none. */
RS_CHECKED rs_status cli_report_credentials(struct cli *cli, rs_text *password);

#endif
