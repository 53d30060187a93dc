/* cli/report_server.h - reports of a report server somewhere, by URL access: Bindery's, or the original.
 */
#ifndef CLI_REPORT_SERVER_H
#define CLI_REPORT_SERVER_H

#include "cli/cli.h"

struct render_request; /* report/render/run.h */

/* The report of the argument, rendered by the server of --server as `request` says, into --output. https is asked first; http only
 * with --allow-http, and where nobody speaks TLS. A certificate that is not good ends it. Fails with CLI_USAGE_ERROR,
 * CLI_SERVER_NOT_FOUND, or as the server says. */
RS_CHECKED rs_status cli_report_server_render(struct cli *cli, const struct render_request *request);

#endif
