#include "report/data/xml_service.h"

#include "format/xml/write.h"
#include "report/data/http.h"
#include "report/value/format.h"

#define SOAP "http://schemas.xmlsoap.org/soap/envelope/"

static rs_text attribute(const struct xml_node *node, const char *name)
{
    const struct xml_attribute *found = node ? xml_attribute(node, name) : NULL;

    return found ? found->value : (rs_text){NULL, 0};
}

/* The data set's parameter of that name; NULL where there is none. */
static const struct data_parameter *given(const struct data_query *query, rs_text name)
{
    for (size_t i = 0; i < query->parameter_count; i++)
        if (rs_text_equal_nocase(data_parameter_name(query->parameters[i].name), name))
            return &query->parameters[i];
    return NULL;
}

static void write_parameter(struct rs_job *job, struct xml_writer *w, rs_text name, struct value v)
{
    for (uint32_t i = 0; i < (v.kind == VALUE_ARRAY ? v.size : 1); i++) {
        struct value one = v.kind == VALUE_ARRAY ? v.items[i] : v;
        if (one.kind != VALUE_NULL)
            xml_write_element(w, rs_text_terminated(job, name), value_to_text(job, value_culture_invariant(), one));
    }
}

/* A name that would end the element it begins is no name. */
static rs_status check_name(struct rs_job *job, rs_text name)
{
    bool valid = name.size > 0 && (rs_is_alpha(name.bytes[0]) || name.bytes[0] == '_');

    for (size_t i = 0; i < name.size; i++)
        valid &= rs_is_alpha(name.bytes[i]) || rs_is_digit(name.bytes[i]) || strchr("_-.", name.bytes[i]);
    return valid ? RS_OK : rs_fail(job, DATA_QUERY, "\"%.*s\" is no name of a method or parameter of a web service", RS_TEXT_ARG(name));
}

static rs_status write_method(struct rs_job *job, struct xml_writer *w, const struct data_query *query, const struct xml_node *method)
{
    const struct xml_node *list = xml_child(method, "Parameters");
    rs_text name = attribute(method, "Name");

    RS_TRY(check_name(job, name));
    xml_open(w, rs_text_terminated(job, name));
    xml_write_attribute(w, "xmlns", attribute(method, "Namespace"));
    if (list)
        xml_each_child(parameter, list) {
            rs_text own = attribute(parameter, "Name");
            RS_TRY(check_name(job, own));
            if (!given(query, own))
                write_parameter(job, w, own, value_text(rs_text_trim(xml_child_text(parameter, "DefaultValue"))));
        }
    for (size_t i = 0; i < query->parameter_count; i++) {
        rs_text own = data_parameter_name(query->parameters[i].name);
        RS_TRY(check_name(job, own));
        write_parameter(job, w, own, query->parameters[i].value);
    }
    xml_close(w);
    return RS_OK;
}

static rs_text action_of(struct rs_job *job, const struct xml_node *query_node, const struct xml_node *method)
{
    rs_text action = rs_text_trim(xml_child_text(query_node, "SoapAction"));
    rs_text space = attribute(method, "Namespace"), name = attribute(method, "Name");

    if (action.size || !method)
        return action;
    return rs_text_format(job, "%.*s%s%.*s", RS_TEXT_ARG(space), rs_text_ends(space, RS_TEXT("/")) ? "" : "/", RS_TEXT_ARG(name));
}

rs_status xml_service_call(struct rs_job *job, struct rs_job *watch, const struct data_source *source, const struct data_query *query,
                           const struct xml_node *query_node, rs_text *out)
{
    const struct xml_node *method = xml_child(query_node, "Method");
    rs_text action = action_of(job, query_node, method);
    rs_buf body = rs_buf_in(job);
    struct xml_writer w = xml_writer_to(&body, 0);

    for (size_t i = 0; i < action.size; i++)
        if ((unsigned char)action.bytes[i] < ' ' || action.bytes[i] == '"')
            return rs_fail(job, DATA_QUERY, "the <SoapAction> of the query cannot be sent: it holds a quote or a control character");
    xml_declare(&w, RS_TEXT("utf-8"));
    xml_open(&w, "soap:Envelope");
    xml_write_attribute(&w, "xmlns:soap", RS_TEXT(SOAP));
    xml_open(&w, "soap:Body");
    if (method)
        RS_TRY(write_method(job, &w, query, method));
    xml_close(&w);
    xml_close(&w);
    return http_fetch(job, watch, source, &(struct http_get){.url = rs_text_trim(source->connect_string), .body = rs_buf_text(&body),
                                                             .soap_action = action}, out);
}

rs_status xml_service_result(struct rs_job *job, struct xml_node *envelope, struct xml_node **out)
{
    struct xml_node *body = NULL;

    xml_each_child(child, envelope)
        if (xml_is(child, "Body"))
            body = (struct xml_node *)child;
    if (!body || !body->first_child)
        return rs_fail(job, DATA_QUERY, "the web service answered with <%.*s>, which has no Body with an element in it", RS_TEXT_ARG(envelope->name));
    if (xml_is(body->first_child, "Fault")) {
        rs_text why = {NULL, 0};
        xml_each_child(child, body->first_child)
            if (xml_is(child, "faultstring"))
                why = rs_text_trim(child->text);
        return rs_fail(job, DATA_QUERY, "the web service refused: %.*s", RS_TEXT_ARG(why));
    }
    *out = body->first_child;
    return RS_OK;
}
