#include "web/soap/soap.h"

#include "web/soap/call.h"

#define FAULT_NAMESPACE "http://www.microsoft.com/sql/reportingservices"

/* In the namespace of the endpoint. */
static const char *const understood[] = {"TrustedUserHeader", "ServerInfoHeader", "ItemNamespaceHeader", "BatchHeader",
                                         "ExecutionHeader", NULL};

static const char *const content_types[] = {
    [SOAP_11] = "text/xml; charset=utf-8",
    [SOAP_12] = "application/soap+xml; charset=utf-8",
};

static rs_text address_of(const struct exchange *x, const struct soap_endpoint *endpoint)
{
    rs_text root = exchange_url(x, EXCHANGE_REPORT_SERVER);

    return rs_text_format(x->job, "%.*s%s", RS_TEXT_ARG(root), endpoint->path);
}

/* ---- which operation ----------------------------------------------------------------------------- */

/* By the action; without one, by the element in the body. */
static rs_status method_of(struct exchange *x, const struct soap_endpoint *endpoint, const struct soap_message *message,
                           rs_text *out)
{
    rs_text action = soap_action(exchange_header(x, HTTP_CONTENT_TYPE), exchange_header(x, HTTP_SOAP_ACTION));
    rs_text space = rs_text_from(endpoint->name_space);

    if (action.size == 0 && message->content && rs_text_equal(message->content->namespace_uri, space)) {
        *out = message->content->name;
        return RS_OK;
    }
    if (rs_text_starts(action, space) && action.size > space.size + 1 && action.bytes[space.size] == '/') {
        *out = rs_text_from_offset(action, space.size + 1);
        return RS_OK;
    }
    return rs_fail(x->job, SOAP_ACTION, "the server did not recognize the value of HTTP header SOAPAction: %.*s",
                   RS_TEXT_ARG(rs_text_slice(action, 0, 200)));
}

static rs_status find_operation(struct exchange *x, const struct soap_endpoint *endpoint, rs_text method,
                                const struct soap_operation **out)
{
    rs_text shown = rs_text_slice(method, 0, 100);

    *out = soap_operation_find(endpoint, method);
    if (*out)
        return RS_OK;
    if (endpoint->contract == 0)
        return rs_fail(x->job, SOAP_NATIVE_MODE, "the operation %.*s is not supported on a report server that runs in native "
                       "mode: use ReportService2010.asmx", RS_TEXT_ARG(shown));
    if (soap_method_is_known(endpoint, method))
        return rs_fail(x->job, RS_UNSUPPORTED, "the operation %.*s is not supported by this version: docs/limits.md",
                       RS_TEXT_ARG(shown));
    return rs_fail(x->job, SOAP_ACTION, "the contract of %s has no operation %.*s", endpoint->service, RS_TEXT_ARG(shown));
}

/* An empty body is a call without arguments; anything else is the one that the action names. */
static rs_status check_content(struct exchange *x, const struct soap_endpoint *endpoint, const struct soap_operation *operation,
                               const struct soap_message *message)
{
    const struct xml_node *content = message->content;

    if (!content || (xml_is(content, operation->name) &&
                     rs_text_equal(content->namespace_uri, rs_text_from(endpoint->name_space))))
        return RS_OK;
    return rs_fail(x->job, SOAP_ACTION, "the action is %s, and the body of the message holds %.*s in the namespace \"%.*s\"",
                   operation->name, RS_TEXT_ARG(rs_text_slice(content->name, 0, 100)),
                   RS_TEXT_ARG(rs_text_slice(content->namespace_uri, 0, 200)));
}

/* ---- the answer ---------------------------------------------------------------------------------- */

static rs_status send_answer(struct exchange *x, enum soap_version version, const struct soap_endpoint *endpoint,
                             const struct soap_operation *operation, const struct soap_message *message)
{
    rs_buf out = rs_buf_in(x->job);
    struct xml_writer w = xml_writer_to(&out, 0);
    struct soap_call call = {x, endpoint, operation, message, &w};

    exchange_status(x, 200);
    exchange_field(x, "Content-Type", rs_text_from(content_types[version]));
    exchange_field(x, "Cache-Control", RS_TEXT("private, max-age=0"));
    soap_begin(&w, version, endpoint->name_space);
    xml_open(&w, rs_text_format(x->job, "%sResponse", operation->name).bytes);
    xml_write_attribute(&w, "xmlns", rs_text_from(endpoint->name_space));
    RS_TRY(operation->run(&call));
    soap_end(&w);
    return exchange_write(x, rs_buf_text(&out));
}

static rs_status answer_call(struct exchange *x, const struct soap_endpoint *endpoint)
{
    const struct soap_operation *operation;
    struct soap_message message;
    enum soap_version version;
    rs_text method;

    if (!soap_version_of(exchange_header(x, HTTP_CONTENT_TYPE), &version))
        return rs_fail(x->job, SOAP_MEDIA_TYPE, "a SOAP message is text/xml, or application/soap+xml");
    if (x->settings->secure_level > 0 && !rs_text_equal(x->scheme, RS_TEXT("https")))
        return rs_fail(x->job, AUTH_INSECURE, "this report server is configured to require a secure connection: use https");
    RS_TRY(soap_message_parse(x->job, x->incoming->body, x->settings->body_max, version, rs_text_from(endpoint->name_space),
                              understood, &message));
    RS_TRY(method_of(x, endpoint, &message, &method));
    RS_TRY(find_operation(x, endpoint, method, &operation));
    RS_TRY(check_content(x, endpoint, operation, &message));
    return send_answer(x, version, endpoint, operation, &message);
}

/* With ?wsdl or without. */
static rs_status answer_wsdl(struct exchange *x, const struct soap_endpoint *endpoint)
{
    rs_buf out = rs_buf_in(x->job);

    soap_wsdl_write(&out, endpoint, address_of(x, endpoint));
    return exchange_send(x, 200, "text/xml; charset=utf-8", rs_buf_text(&out));
}

static rs_status answer(struct exchange *x)
{
    const struct soap_endpoint *endpoint = soap_endpoint_find(x->path);

    if (x->method == HTTP_POST)
        return answer_call(x, endpoint);
    if (x->method == HTTP_GET || x->method == HTTP_HEAD)
        return answer_wsdl(x, endpoint);
    return rs_fail(x->job, EXCHANGE_METHOD, "this address answers POST, and GET with its WSDL");
}

/* ---- faults -------------------------------------------------------------------------------------- */

/* In the order of enum soap_version. */
struct fault_code {
    const char *names[2];
};

static struct fault_code code_of(rs_status status)
{
    if (status == SOAP_UNDERSTAND)
        return (struct fault_code){{"soap:MustUnderstand", "soap:MustUnderstand"}};
    if (status == SOAP_VERSION)
        return (struct fault_code){{"soap:VersionMismatch", "soap:VersionMismatch"}};
    return rs_status_http(status) < 500 ? (struct fault_code){{"soap:Client", "soap:Sender"}}
                                        : (struct fault_code){{"soap:Server", "soap:Receiver"}};
}

/* "System.Web.Services.Protocols.SoapException: MSG ---> ...ItemNotFoundException: MSG": scripts look for the second name. */
static rs_text fault_string(struct rs_job *job, rs_status status, rs_text sentence)
{
    const char *code = rs_status_client_code(status);

    return rs_text_format(job, "System.Web.Services.Protocols.SoapException: %.*s ---> "
                          "Microsoft.ReportingServices.Diagnostics.Utilities.%sException: %.*s", RS_TEXT_ARG(sentence),
                          strncmp(code, "rs", 2) == 0 ? code + 2 : code, RS_TEXT_ARG(sentence));
}

static void detail_element(struct xml_writer *w, const char *name, rs_text text)
{
    xml_open(w, name);
    xml_write_attribute(w, "xmlns", RS_TEXT(FAULT_NAMESPACE));
    xml_write_text(w, text);
    xml_close(w);
}

static void more_information(struct xml_writer *w, const char *code, rs_text sentence)
{
    xml_open(w, "MoreInformation");
    xml_write_attribute(w, "xmlns", RS_TEXT(FAULT_NAMESPACE));
    xml_write_element(w, "Source", RS_TEXT("Bindery"));
    xml_open(w, "Message");
    xml_write_attribute(w, "xmlns:msrs", RS_TEXT(FAULT_NAMESPACE));
    xml_write_attribute(w, "msrs:ErrorCode", rs_text_from(code));
    xml_write_text(w, sentence);
    xml_close(w);
    xml_close(w);
}

static void write_detail(struct xml_writer *w, struct rs_job *job, rs_status status, rs_text sentence)
{
    const char *code = rs_status_client_code(status);

    detail_element(w, "ErrorCode", rs_text_from(code)); /* the first child, which clients branch on */
    detail_element(w, "HttpStatus", rs_text_format(job, "%d", rs_status_http(status)));
    detail_element(w, "Message", sentence);
    detail_element(w, "ProductName", RS_TEXT("Bindery Report Server"));
    detail_element(w, "ProductVersion", RS_TEXT(BINDERY_VERSION));
    more_information(w, code, sentence);
}

static void write_fault(struct xml_writer *w, struct rs_job *job, enum soap_version version, rs_status status, rs_text sentence,
                        rs_text actor)
{
    rs_text code = rs_text_from(code_of(status).names[version]);

    xml_open(w, "soap:Fault");
    if (version == SOAP_11) {
        xml_write_element(w, "faultcode", code);
        xml_write_element(w, "faultstring", fault_string(job, status, sentence));
        xml_write_element(w, "faultactor", actor);
        xml_open(w, "detail");
    } else {
        xml_open(w, "soap:Code");
        xml_write_element(w, "soap:Value", code);
        xml_close(w);
        xml_open(w, "soap:Reason");
        xml_open(w, "soap:Text");
        xml_write_attribute(w, "xml:lang", RS_TEXT("en"));
        xml_write_text(w, fault_string(job, status, sentence));
        xml_close(w);
        xml_close(w);
        xml_write_element(w, "soap:Node", actor);
        xml_open(w, "soap:Detail");
    }
    write_detail(w, job, status, sentence);
}

/* What is asked of HTTP itself has HTTP's status; every other fault has 500, whatever its detail says. */
static int http_status(rs_status status)
{
    int own = rs_status_http(status);

    return own == 401 || own == 405 || own == 415 || own == 429 ? own : 500;
}

static rs_status fail(struct exchange *x, rs_status status)
{
    const struct soap_endpoint *endpoint = soap_endpoint_find(x->path);
    rs_text sentence = rs_text_format(x->job, "%.*s (%s)", RS_TEXT_ARG(service_error_text(x->job, &x->caller)),
                                      rs_status_client_code(status));
    rs_buf out = rs_buf_in(x->job);
    struct xml_writer w = xml_writer_to(&out, 0);
    enum soap_version version;

    (void)soap_version_of(exchange_header(x, HTTP_CONTENT_TYPE), &version);
    soap_begin(&w, version, endpoint->name_space);
    write_fault(&w, x->job, version, status, sentence, address_of(x, endpoint));
    soap_end(&w);
    return exchange_send(x, http_status(status), content_types[version], rs_buf_text(&out));
}

static bool takes(rs_text path)
{
    return soap_endpoint_find(path) != NULL;
}

const struct exchange_face soap_face = {
    .directory = EXCHANGE_REPORT_SERVER,
    .application = "ReportServerWebService",
    .takes = takes,
    .answer = answer,
    .fail = fail,
};
