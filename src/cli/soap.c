#include "cli/soap.h"

#include "format/escape/base64.h"

#define ENVELOPE "http://www.w3.org/2003/05/soap-envelope"
#define CONTRACT "http://schemas.microsoft.com/sqlserver/reporting/2010/03/01/ReportServer"

/* ---- the question ---------------------------------------------------------------------------------- */

void cli_soap_begin(struct cli_soap *call, struct cli *cli, struct cli_remote *remote, const char *operation)
{
    *call = (struct cli_soap){.remote = remote, .job = cli->job, .operation = operation, .message = rs_buf_in(cli->job)};
    call->writer = xml_writer_to(&call->message, 0);
    xml_declare(&call->writer, RS_TEXT("utf-8"));
    xml_open(&call->writer, "soap:Envelope");
    xml_write_attribute(&call->writer, "xmlns:soap", RS_TEXT(ENVELOPE));
    xml_open(&call->writer, "soap:Body");
    xml_open(&call->writer, operation);
    xml_write_attribute(&call->writer, "xmlns", RS_TEXT(CONTRACT));
}

void cli_soap_bytes(struct cli_soap *call, const char *name, rs_text bytes)
{
    rs_buf base64 = rs_buf_in(call->job);

    escape_base64_write(&base64, bytes);
    xml_write_element(&call->writer, name, rs_buf_text(&base64));
}

/* ---- the answer ------------------------------------------------------------------------------------ */

/* The first element of this name below `node`, in whatever namespace and depth: servers differ in what they put around it. */
static const struct xml_node *find_below(const struct xml_node *node, const char *name)
{
    xml_each_child(child, node) {
        const struct xml_node *found = xml_is(child, name) ? child : find_below(child, name);
        if (found)
            return found;
    }
    return NULL;
}

static rs_text words_of(const struct xml_node *fault)
{
    static const char *const places[] = {"Message", "Text", "faultstring"};

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const struct xml_node *node = find_below(fault, places[i]);
        if (node && rs_text_trim(node->text).size > 0)
            return rs_text_trim(node->text);
    }
    return RS_TEXT("the report server says that it failed, and not why");
}

static rs_status told(struct rs_job *job, const struct xml_node *fault)
{
    const struct xml_node *node = find_below(fault, "ErrorCode");
    rs_text code = node ? rs_text_trim(node->text) : RS_TEXT(""), words = words_of(fault);
    rs_status status = rs_status_of_client_code(code.bytes, code.size);
    rs_text bracketed = rs_text_format(job, "(%.*s)", RS_TEXT_ARG(code));

    if (status == RS_FAILED || code.size == 0)
        status = CLI_SERVER_FAILED;
    if (code.size == 0 || rs_text_find(words, bracketed) >= 0)
        return rs_fail(job, status, "%.*s", RS_TEXT_ARG(words));
    return rs_fail(job, status, "%.*s %.*s", RS_TEXT_ARG(words), RS_TEXT_ARG(bracketed));
}

rs_status cli_soap_answer_parse(struct rs_job *job, rs_text bytes, const struct xml_node **response)
{
    const struct xml_options limits = {.size_max = CLI_SOAP_ANSWER_MAX};
    struct xml_document *document;
    const struct xml_node *body;

    RS_TRY(xml_parse(job, bytes, &limits, &document));
    body = xml_is(document->root, "Envelope") ? xml_child(document->root, "Body") : NULL;
    if (!body || !body->first_child)
        return rs_fail(job, CLI_SERVER_FAILED, "the answer is no SOAP message");
    if (xml_is(body->first_child, "Fault"))
        return told(job, body->first_child);
    *response = body->first_child;
    return RS_OK;
}

/* Whether what came says of itself that it is XML: pages of something before the report server are not. */
static bool is_message(rs_text body)
{
    return rs_text_find(rs_text_slice(body, 0, 1024), RS_TEXT("Envelope")) >= 0;
}

rs_status cli_soap_end(struct cli_soap *call, const struct xml_node **response)
{
    struct cli_remote_question question = {
        .path = RS_TEXT("/ReportService2010.asmx"),
        .body_type = rs_text_format(call->job, "application/soap+xml; charset=utf-8; action=\"" CONTRACT "/%s\"", call->operation),
        .answer_max = CLI_SOAP_ANSWER_MAX,
    };
    struct fetch_answer answer;

    while (call->writer.depth > 0)
        xml_close(&call->writer);
    question.body = rs_buf_text(&call->message);
    RS_TRY(cli_remote_ask(call->remote, &question, &answer));
    if (answer.status == 401 || !is_message(answer.body))
        return cli_remote_refused(call->remote, &answer);
    RS_TRY(cli_soap_answer_parse(call->job, answer.body, response));
    return answer.status == 200 ? RS_OK : cli_remote_refused(call->remote, &answer);
}
