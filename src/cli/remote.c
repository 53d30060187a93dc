#include "cli/remote.h"

#include <stdio.h>

#include "base/clock.h"
#include "cli/password.h"
#include "cli/report.h"
#include "net/pki/keys.h"

#define CONNECT_MS 30000 /* the whole takes as long as the server does: --time-limit is the job's, for both schemes together */

#define HTTPS RS_TEXT("https://")
#define HTTP RS_TEXT("http://")

struct cli_remote {
    struct cli *cli;
    struct fetch *fetch;
    rs_text server;        /* without a scheme and a slash at its end */
    rs_text schemes[2];    /* in the order in which they are tried */
    size_t scheme_count;
    bool names_scheme;     /* the user did: no other is tried, and nobody needs to be told which one it was */
    bool has_answered;     /* by the first of them */
    enum fetch_logon logon;
    rs_text user, password;
};

/* ---- what is given --------------------------------------------------------------------------------- */

rs_status cli_remote_unused(struct cli *cli)
{
    static const struct cli_option options[] = {CLI_REMOTE_OPTIONS};

    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (cli_has(cli, options[i].name))
            return cli_usage(cli, "%s goes with --server", options[i].name);
    return RS_OK;
}

rs_status cli_time_limit(struct cli *cli)
{
    int64_t seconds;

    RS_TRY(cli_number(cli, "--time-limit", 1, 86400, 0, &seconds));
    if (seconds)
        rs_job_set_deadline(cli->job, rs_clock_steady_ms() + seconds * 1000);
    return RS_OK;
}

static rs_status read_server(struct cli *cli, struct cli_remote *remote)
{
    rs_text url = cli_value(cli, "--server", RS_TEXT(""));
    bool https = rs_text_starts_nocase(url, HTTPS), http = rs_text_starts_nocase(url, HTTP);

    remote->names_scheme = https || http;
    if (http && !cli_has(cli, "--allow-http"))
        return cli_usage(cli, "http is not encrypted: the report, and a password, could be read on the way; --allow-http does it "
                              "all the same");
    remote->server = rs_text_from_offset(url, https ? 8 : http ? 7 : 0);
    while (rs_text_ends(remote->server, RS_TEXT("/")))
        remote->server.size--;
    if (!fetch_url_is_good(rs_text_format(cli->job, "https://%.*s", RS_TEXT_ARG(remote->server)), true) ||
        rs_text_find_byte(remote->server, '?') >= 0 || rs_text_find_byte(remote->server, '#') >= 0)
        return cli_usage(cli, "--server is \"%.*s\"; it must be [https://]HOST[:PORT]/ReportServer, without a user", RS_TEXT_ARG(url));
    if (!http)
        remote->schemes[remote->scheme_count++] = HTTPS;
    if (http || (!https && cli_has(cli, "--allow-http")))
        remote->schemes[remote->scheme_count++] = HTTP;
    return RS_OK;
}

static rs_status read_logon(struct cli *cli, struct cli_remote *remote)
{
    if (cli_has(cli, "--negotiate")) {
        if (cli_has(cli, "--user") || cli_has(cli, "--password-file"))
            return cli_usage(cli, "--negotiate takes the ticket that is here; --user and --password-file do not go with it");
        if (!fetch_knows_tickets())
            return cli_usage(cli, "the libcurl of this machine knows no Kerberos; use --user");
        remote->logon = FETCH_LOGON_TICKET;
        return RS_OK;
    }
    RS_TRY(cli_report_credentials(cli, &remote->password));
    if (!cli_has(cli, "--user"))
        return RS_OK;
    remote->logon = FETCH_LOGON_BASIC;
    remote->user = cli_value(cli, "--user", RS_TEXT(""));
    if (rs_text_find_byte(remote->user, ':') >= 0)
        return cli_usage(cli, "--user has a colon, which no name of HTTP Basic can have; the password comes from --password-file");
    return cli_has(cli, "--password-file") ? RS_OK : cli_password_ask(cli, "Password: ", &remote->password);
}

static void close_fetch(void *fetch)
{
    fetch_close(fetch);
}

rs_status cli_remote_open(struct cli *cli, struct cli_remote **out)
{
    struct cli_remote *remote = RS_NEW(cli->job, struct cli_remote);

    remote->cli = cli;
    RS_TRY(read_server(cli, remote));
    pki_keys_protect_process();
    RS_TRY(read_logon(cli, remote));
    RS_TRY(fetch_open(cli->job, cli_value(cli, "--cacert", RS_TEXT("")), &remote->fetch));
    rs_job_at_end(cli->job, close_fetch, remote->fetch);
    *out = remote;
    return RS_OK;
}

/* ---- asking ---------------------------------------------------------------------------------------- */

static rs_status ask(struct cli_remote *remote, const struct cli_remote_question *question, rs_text scheme, struct fetch_answer *out)
{
    struct rs_job *job = remote->cli->job;
    bool https = rs_text_equal(scheme, HTTPS);

    RS_TRY(fetch_perform(job, remote->fetch,
                         &(struct fetch_request){
                             .method = FETCH_POST,
                             .url = rs_text_format(job, "%.*s%.*s%.*s", RS_TEXT_ARG(scheme), RS_TEXT_ARG(remote->server),
                                                   RS_TEXT_ARG(question->path)),
                             .https_only = https,
                             .body = question->body,
                             .body_type = question->body_type,
                             .language = question->language,
                             .logon = remote->logon,
                             .user = remote->user,
                             .password = remote->password,
                             .what = "the report server",
                             .answer_max = question->answer_max,
                             .connect_ms = CONNECT_MS,
                             .unreachable = CLI_SERVER_SILENT,
                             .no_tls = CLI_SERVER_NO_TLS,
                             .too_large = CLI_SERVER_FAILED,
                             .piece = question->piece,
                             .data = question->data,
                         },
                         out));
    if (!remote->has_answered && (!remote->names_scheme || !https))
        fprintf(stderr, "bindery: %.*s%.*s answered%s\n", RS_TEXT_ARG(scheme), RS_TEXT_ARG(remote->server),
                https ? "" : "; nothing was encrypted");
    remote->schemes[0] = scheme;
    remote->scheme_count = 1;
    remote->has_answered = true;
    return RS_OK;
}

/* https, then http where that was allowed and nobody speaks TLS there: not a byte of the answer has come by then. */
rs_status cli_remote_ask(struct cli_remote *remote, const struct cli_remote_question *question, struct fetch_answer *out)
{
    struct rs_job *job = remote->cli->job;
    rs_status status = CLI_SERVER_SILENT;
    bool might_have_more = !remote->names_scheme && !remote->has_answered && remote->scheme_count == 1;

    for (size_t i = 0; i < remote->scheme_count; i++) {
        rs_job_forgive(job);
        status = ask(remote, question, remote->schemes[i], out);
        if (status != CLI_SERVER_NO_TLS)
            return status;
    }
    if (might_have_more) {
        rs_text message = rs_text_copy(job, rs_job_message(job));
        rs_job_forgive(job);
        return rs_fail(job, status, "%.*s; --allow-http asks over http too", RS_TEXT_ARG(message));
    }
    return status;
}

rs_status cli_remote_refused(struct cli_remote *remote, const struct fetch_answer *answer)
{
    static const char *const strangers[] = {
        [FETCH_LOGON_NONE] = "asks who you are; --user or --negotiate says it",
        [FETCH_LOGON_BASIC] = "does not take this user with this password, or no passwords at all",
        [FETCH_LOGON_TICKET] = "does not take a ticket, or there is none for it here (klist shows them)",
    };
    struct rs_job *job = remote->cli->job;
    rs_status status = answer->status == 404 ? CLI_SERVER_NOT_FOUND : CLI_SERVER_FAILED;

    if (answer->status == 401)
        return rs_fail(job, CLI_SERVER_FAILED, "the server %s (HTTP 401)", strangers[remote->logon]);
    if (answer->status >= 300 && answer->status < 400)
        return rs_fail(job, status, "the server sends elsewhere (HTTP %d), which is not followed; give --server the address that "
                                    "answers itself", answer->status);
    return rs_fail(job, status, "the server answers with HTTP %d", answer->status);
}
