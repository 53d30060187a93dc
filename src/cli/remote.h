/* cli/remote.h - the way to a report server elsewhere, this one's kind or the original: https first, who asks, and what it answers
 * where it refuses.
 */
#ifndef CLI_REMOTE_H
#define CLI_REMOTE_H

#include "cli/cli.h"
#include "net/fetch/fetch.h"

/* Rows of a command's options; --user and --password-file are of the account there, and stand in the command's own words. */
#define CLI_REMOTE_OPTIONS                                                                                                       \
    {"--allow-http", NULL, "where it does not answer over https, ask over http, the password too"},                              \
    {"--negotiate", NULL, "log on at the server with the ticket of Kerberos that is here"},                                      \
    {"--cacert", "FILE", "who may vouch for the server (PEM); else whom this machine trusts"}

/* As the options say: [https://]HOST[:PORT]/ReportServer in --server. A password that is not given is asked for. Fails with
 * CLI_USAGE_ERROR. */
struct cli_remote; /* lives as long as the job */
RS_CHECKED rs_status cli_remote_open(struct cli *cli, struct cli_remote **out);

/* Without --server: CLI_USAGE_ERROR where an option is given that only goes with it. */
RS_CHECKED rs_status cli_remote_unused(struct cli *cli);

/* --time-limit SECONDS, for all that follows. */
RS_CHECKED rs_status cli_time_limit(struct cli *cli);

struct cli_remote_question {
    rs_text path;            /* behind --server, with its query: "/ReportService2010.asmx" */
    rs_text body, body_type; /* posted */
    rs_text language;
    size_t answer_max;
    rs_status (*piece)(struct rs_job *job, void *data, rs_text bytes); /* as in fetch_request; may be NULL */
    void *data;
};

/* https; http only with --allow-http and where nobody speaks TLS. What answered first is told on standard error and stays for
 * all that follows. A certificate that is not good ends it. Fails with CLI_SERVER_SILENT, CLI_SERVER_NO_TLS. */
RS_CHECKED rs_status cli_remote_ask(struct cli_remote *remote, const struct cli_remote_question *question, struct fetch_answer *out);

/* The failure that an answer without words of the report server is: by what HTTP says. */
RS_CHECKED rs_status cli_remote_refused(struct cli_remote *remote, const struct fetch_answer *answer);

#endif
