#include "cli/report_server.h"

#include "base/file.h"
#include "cli/output.h"
#include "cli/remote.h"
#include "format/escape/percent.h"
#include "format/xml/parse.h"
#include "report/render/run.h"

#define ERROR_PAGE_MAX ((size_t)1 << 20) /* bytes */

struct asking {
    struct cli_remote *remote;
    rs_text query, form; /* the report and its format; parameters and device information, which no log keeps */
    int fd;
};

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
    RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = cli->job});
    struct xml_document *document;
    rs_text code = RS_TEXT(""), message = RS_TEXT("");

    if (xml_parse(part, answer->body, NULL, &document) == RS_OK) {
        code = part_of(document->root, "ErrorCode");
        message = part_of(document->root, "Message");
    }
    if (code.size == 0 || answer->status == 401)
        return cli_remote_refused(asking->remote, answer);
    return rs_fail(cli->job, answer->status == 404 || rs_text_equal(code, RS_TEXT("rsItemNotFound")) ? CLI_SERVER_NOT_FOUND
                                                                                                      : CLI_SERVER_FAILED,
                   "%.*s (%.*s)", RS_TEXT_ARG(message), RS_TEXT_ARG(code));
}

static rs_status ask(struct cli *cli, int fd, void *data)
{
    struct asking *asking = data;
    const struct cli_remote_question question = {
        .path = rs_text_format(cli->job, "?%.*s", RS_TEXT_ARG(asking->query)),
        .body = asking->form,
        .body_type = RS_TEXT("application/x-www-form-urlencoded"),
        .language = cli_value(cli, "--language", RS_TEXT("")),
        .answer_max = ERROR_PAGE_MAX,
        .piece = on_piece,
        .data = asking,
    };
    struct fetch_answer answer;

    asking->fd = fd;
    RS_TRY(cli_remote_ask(asking->remote, &question, &answer));
    return answer.status == 200 ? RS_OK : refused(cli, asking, &answer);
}

rs_status cli_report_server_render(struct cli *cli, const struct render_request *request)
{
    struct asking asking = {0};

    RS_TRY(refuse_local(cli));
    RS_TRY(cli_remote_open(cli, &asking.remote));
    write_question(cli, request, &asking);
    return cli_output(cli, ask, &asking);
}
