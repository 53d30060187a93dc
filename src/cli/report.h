/* cli/report.h - the commands about reports, one per file.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/cli.h"


extern const struct cli_option report_render_options[], report_check_options[], report_publish_options[],
    report_list_options[], report_get_options[];

rs_status report_render(struct cli *cli);
rs_status report_check(struct cli *cli);
rs_status report_publish(struct cli *cli);
rs_status report_list(struct cli *cli);
rs_status report_get(struct cli *cli);
rs_status report_remove(struct cli *cli);

#endif
