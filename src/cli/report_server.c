#include "cli/report_server.h"

#include <stdio.h>

#include "base/file.h"
#include "cli/output.h"
#include "cli/password.h"
#include "cli/report.h"
#include "format/escape/percent.h"
#include "format/xml/parse.h"
#include "net/fetch/fetch.h"
#include "net/pki/keys.h"
#include "report/render/run.h"

#define ERROR_PAGE_MAX ((size_t)1 << 20) /* bytes */
#define CONNECT_MS 30000 /* the whole takes as long as the report does: --time-limit is the job's, for both schemes together */

/* What is asked, and the way there. */
struct asking {
    rs_text server;        /* without a slash at its end */
    rs_text schemes[2];    /* put before it, in the order in which they are tried */
    size_t scheme_count;
    bool names_scheme;     /* the user did: no other is tried, and nobody needs to be told which one it was */
    rs_text query, form;   /* the report and its format; parameters and device information, which no log keeps */
    rs_text ca_file;
    enum fetch_logon logon;
    rs_text user, password;
    int fd;
};

/* ---- what is given --------------------------------------------------------------------------------- */

rs_status cli_report_server_unused(struct cli *cli)
{
    static const char *const options[] = {"--allow-http", "--negotiate", "--cacert"};

    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (cli_has(cli, options[i]))
            return cli_usage(cli, "%s goes with --server", options[i]);
    return RS_OK;
}

static rs_status refuse_local(struct cli *cli)
{
    static const char *const options[] = {"--sample-data", "--memory-limit"};

    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (cli_has(cli, options[i]))
            return cli_usage(cli, "%s does not go with --server: the server decides", options[i]);
    if (!rs_text_starts(cli->arguments.items[0], RS_TEXT("/")))
        return cli_usage(cli, "\"%.*s\" is no path on a server; it begins with a slash: /Sales/Orders",
                         RS_TEXT_ARG(cli->arguments.items[0]));
    return RS_OK;
}

static rs_status read_server(struct cli *cli, struct asking *asking)
{
    rs_text url = cli_value(cli, "--server", RS_TEXT(""));
    bool https = rs_text_starts_nocase(url, RS_TEXT("https://")), http = rs_text_starts_nocase(url, RS_TEXT("http://"));

    asking->names_scheme = https || http;
    if (http && !cli_has(cli, "--allow-http"))
        return cli_usage(cli, "http is not encrypted: the report, and a password, could be read on the way; --allow-http does it "
                              "all the same");
    asking->server = rs_text_from_offset(url, https ? 8 : http ? 7 : 0);
    while (rs_text_ends(asking->server, RS_TEXT("/")))
        asking->server.size--;
    if (!fetch_url_is_good(rs_text_format(cli->job, "https://%.*s", RS_TEXT_ARG(asking->server)), true) ||
        rs_text_find_byte(asking->server, '?') >= 0 || rs_text_find_byte(asking->server, '#') >= 0)
        return cli_usage(cli, "--server is \"%.*s\"; it must be [https://]HOST[:PORT]/ReportServer, without a user", RS_TEXT_ARG(url));
    if (!http)
        asking->schemes[asking->scheme_count++] = RS_TEXT("https://");
    if (http || (!https && cli_has(cli, "--allow-http")))
        asking->schemes[asking->scheme_count++] = RS_TEXT("http://");
    return RS_OK;
}

static rs_status read_logon(struct cli *cli, struct asking *asking)
{
    if (cli_has(cli, "--negotiate")) {
        if (cli_has(cli, "--user") || cli_has(cli, "--password-file"))
            return cli_usage(cli, "--negotiate takes the ticket that is here; --user and --password-file do not go with it");
        if (!fetch_knows_tickets())
            return cli_usage(cli, "the libcurl of this machine knows no Kerberos; use --user");
        asking->logon = FETCH_LOGON_TICKET;
        return RS_OK;
    }
    RS_TRY(cli_report_credentials(cli, &asking->password));
    if (!cli_has(cli, "--user"))
        return RS_OK;
    asking->logon = FETCH_LOGON_BASIC;
    asking->user = cli_value(cli, "--user", RS_TEXT(""));
    if (rs_text_find_byte(asking->user, ':') >= 0)
        return cli_usage(cli, "--user has a colon, which no name of HTTP Basic can have; the password comes from --password-file");
    return cli_has(cli, "--password-file") ? RS_OK : cli_password_ask(cli, "Password: ", &asking->password);
}

/* ---- the question ---------------------------------------------------------------------------------- */

static void add_pair(rs_buf *form, const char *prefix, rs_text name, const char *suffix, rs_text value)
{
    if (form->used > 0)
        rs_buf_add_byte(form, '&');
    rs_buf_add(form, rs_text_from(prefix));
    escape_percent_write(form, name);
    rs_buf_printf(form, "%s=", suffix);
    escape_percent_write(form, value);
}

static void write_parameters(rs_buf *form, const struct compute_options *options)
{
    for (size_t i = 0; i < options->input_count; i++) {
        const struct compute_input *input = &options->inputs[i];
        const char *prefix = rs_text_find_byte(input->name, ':') >= 0 ? "rp:" : ""; /* never taken for rs: and its like */
        if (input->is_null)
            add_pair(form, prefix, input->name, ":isnull", RS_TEXT("true"));
        for (size_t j = 0; j < input->count; j++)
            add_pair(form, prefix, input->name, "", input->values[j]);
    }
}

static void write_sorts(rs_buf *form, const struct compute_options *options)
{
    rs_buf sorts = rs_buf_in(form->job);

    for (size_t i = 0; i < options->sort_count; i++)
        rs_buf_printf(&sorts, "%s%.*s:%s", i > 0 ? "," : "", RS_TEXT_ARG(options->sorts[i].item),
                      options->sorts[i].descending ? "Descending" : "Ascending");
    if (sorts.used > 0)
        add_pair(form, "rv:", RS_TEXT("Sort"), "", rs_buf_text(&sorts));
}

static void write_question(struct cli *cli, const struct render_request *request, struct asking *asking)
{
    rs_buf query = rs_buf_in(cli->job), form = rs_buf_in(cli->job);

    escape_percent_write(&query, cli->arguments.items[0]);
    rs_buf_add_literal(&query, "&rs:Command=Render&rs:ErrorResponseAsXml=true&rs:Format=");
    escape_percent_write(&query, request->format);
    write_parameters(&form, &request->options);
    write_sorts(&form, &request->options);
    for (size_t i = 0; i < request->info.count; i++)
        add_pair(&form, "rc:", request->info.items[i].name, "", request->info.items[i].value);
    asking->query = rs_buf_text(&query);
    asking->form = rs_buf_text(&form);
}

/* ---- the answer ------------------------------------------------------------------------------------ */

static rs_status on_piece(struct rs_job *job, void *data, rs_text bytes)
{
    const struct asking *asking = data;

    return rs_write_all(job, asking->fd, bytes);
}

/* The element of this name, whatever its namespace: the original's have one, or none. */
static rs_text part_of(const struct xml_node *error, const char *name)
{
    for (const struct xml_node *node = error->first_child; node; node = node->next)
        if (rs_text_equal(node->name, rs_text_from(name)))
            return rs_text_trim(node->text);
    return RS_TEXT("");
}

/* By its own code and sentence where it gives them; by what HTTP says where something before it answers. */
static rs_status refused(struct cli *cli, const struct asking *asking, const struct fetch_answer *answer)
{
    static const char *const strangers[] = {
        [FETCH_LOGON_NONE] = "asks who you are; --user or --negotiate says it",
        [FETCH_LOGON_BASIC] = "does not take this user with this password, or no passwords at all",
        [FETCH_LOGON_TICKET] = "does not take a ticket, or there is none for it here (klist shows them)",
    };
    struct rs_job *job = cli->job;
    RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = job});
    struct xml_document *document;
    rs_text code = RS_TEXT(""), message = RS_TEXT("");
    rs_status status;

    if (xml_parse(part, answer->body, NULL, &document) == RS_OK) {
        code = part_of(document->root, "ErrorCode");
        message = part_of(document->root, "Message");
    }
    if (answer->status == 401)
        return rs_fail(job, CLI_SERVER_FAILED, "the server %s (HTTP 401)", strangers[asking->logon]);
    status = answer->status == 404 || rs_text_equal(code, RS_TEXT("rsItemNotFound")) ? CLI_SERVER_NOT_FOUND : CLI_SERVER_FAILED;
    if (code.size > 0)
        return rs_fail(job, status, "%.*s (%.*s)", RS_TEXT_ARG(message), RS_TEXT_ARG(code));
    if (answer->status >= 300 && answer->status < 400)
        return rs_fail(job, status, "the server sends elsewhere (HTTP %d), which is not followed; give --server the address that "
                                    "answers itself", answer->status);
    return rs_fail(job, status, "the server answers with HTTP %d", answer->status);
}

static rs_status ask(struct cli *cli, struct fetch *fetch, struct asking *asking, rs_text scheme)
{
    struct fetch_answer answer;

    RS_TRY(fetch_perform(cli->job, fetch,
                         &(struct fetch_request){
                             .method = FETCH_POST,
                             .url = rs_text_format(cli->job, "%.*s%.*s?%.*s", RS_TEXT_ARG(scheme), RS_TEXT_ARG(asking->server),
                                                   RS_TEXT_ARG(asking->query)),
                             .https_only = rs_text_equal(scheme, RS_TEXT("https://")),
                             .body = asking->form,
                             .body_type = RS_TEXT("application/x-www-form-urlencoded"),
                             .language = cli_value(cli, "--language", RS_TEXT("")),
                             .logon = asking->logon,
                             .user = asking->user,
                             .password = asking->password,
                             .what = "the report server",
                             .answer_max = ERROR_PAGE_MAX,
                             .connect_ms = CONNECT_MS,
                             .unreachable = CLI_SERVER_SILENT,
                             .no_tls = CLI_SERVER_NO_TLS,
                             .too_large = CLI_SERVER_FAILED,
                             .piece = on_piece,
                             .data = asking,
                         },
                         &answer));
    if (!asking->names_scheme || !rs_text_equal(scheme, RS_TEXT("https://")))
        fprintf(stderr, "bindery: %.*s%.*s answered%s\n", RS_TEXT_ARG(scheme), RS_TEXT_ARG(asking->server),
                rs_text_equal(scheme, RS_TEXT("https://")) ? "" : "; nothing was encrypted");
    return answer.status == 200 ? RS_OK : refused(cli, asking, &answer);
}

/* https, then http where that was allowed and nobody speaks TLS there: not a byte of the answer has come by then. */
static rs_status ask_each(struct cli *cli, int fd, void *data)
{
    struct asking *asking = data;
    RS_OWNED(fetch) fetch = NULL;
    rs_status status = CLI_SERVER_SILENT;

    asking->fd = fd;
    RS_TRY(fetch_open(cli->job, asking->ca_file, &fetch));
    for (size_t i = 0; i < asking->scheme_count; i++) {
        rs_job_forgive(cli->job);
        status = ask(cli, fetch, asking, asking->schemes[i]);
        if (status != CLI_SERVER_NO_TLS)
            return status;
    }
    if (!asking->names_scheme && asking->scheme_count == 1) {
        rs_text message = rs_text_copy(cli->job, rs_job_message(cli->job));
        rs_job_forgive(cli->job);
        return rs_fail(cli->job, status, "%.*s; --allow-http asks over http too", RS_TEXT_ARG(message));
    }
    return status;
}

rs_status cli_report_server_render(struct cli *cli, const struct render_request *request)
{
    struct asking asking = {.ca_file = cli_value(cli, "--cacert", RS_TEXT(""))};

    RS_TRY(refuse_local(cli));
    RS_TRY(read_server(cli, &asking));
    pki_keys_protect_process();
    RS_TRY(read_logon(cli, &asking));
    write_question(cli, request, &asking);
    return cli_output(cli, ask_each, &asking);
}
