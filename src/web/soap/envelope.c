#include "web/soap/envelope.h"

#include "base/clock.h"

#define DEPTH_MAX 64u
#define NODES_MAX ((size_t)200 * 1000)

/* What clients that look for features compare: the year and version of the contracts, in the original's shape. */
#define CONTRACT_VERSION "2009.0100.0000.00"

static const char *const envelopes[] = {
    [SOAP_11] = "http://schemas.xmlsoap.org/soap/envelope/",
    [SOAP_12] = "http://www.w3.org/2003/05/soap-envelope",
};
static const char *const next_roles[] = {
    [SOAP_11] = "http://schemas.xmlsoap.org/soap/actor/next",
    [SOAP_12] = "http://www.w3.org/2003/05/soap-envelope/role/next",
};

/* ---- the fields of HTTP -------------------------------------------------------------------------- */

static rs_text media_type(rs_text content_type)
{
    rs_text type, rest;

    rs_text_cut(content_type, ';', &type, &rest);
    return rs_text_trim(type);
}

bool soap_version_of(rs_text content_type, enum soap_version *out)
{
    rs_text type = media_type(content_type);

    *out = rs_text_equal_nocase(type, RS_TEXT("application/soap+xml")) ? SOAP_12 : SOAP_11;
    return *out == SOAP_12 || rs_text_equal_nocase(type, RS_TEXT("text/xml")) ||
           rs_text_equal_nocase(type, RS_TEXT("application/xml"));
}

static rs_text unquoted(rs_text t)
{
    t = rs_text_trim(t);
    if (t.size >= 2 && t.bytes[0] == '"' && t.bytes[t.size - 1] == '"')
        return rs_text_slice(t, 1, t.size - 2);
    return t;
}

rs_text soap_action(rs_text content_type, rs_text field)
{
    rs_text part, rest, name, value;

    rs_text_cut(content_type, ';', &part, &rest);
    while (rest.size > 0) {
        rs_text_cut(rest, ';', &part, &rest);
        rs_text_cut(part, '=', &name, &value);
        if (rs_text_equal_nocase(rs_text_trim(name), RS_TEXT("action")))
            return unquoted(value);
    }
    return unquoted(field);
}

/* ---- reading ------------------------------------------------------------------------------------- */

static bool is_in(const struct xml_node *node, const char *name, const char *name_space)
{
    return xml_is(node, name) && rs_text_equal(node->namespace_uri, rs_text_from(name_space));
}

static bool is_true(const struct xml_attribute *attribute)
{
    return attribute && (rs_text_equal(attribute->value, RS_TEXT("1")) || rs_text_equal(attribute->value, RS_TEXT("true")));
}

/* Headers for somebody else on the way are nobody's business here. */
static bool is_for_us(const struct xml_node *header, enum soap_version version)
{
    const struct xml_attribute *role = xml_attribute_in(header, rs_text_from(envelopes[version]),
                                                        version == SOAP_11 ? "actor" : "role");

    return !role || role->value.size == 0 || rs_text_equal(role->value, rs_text_from(next_roles[version])) ||
           rs_text_ends(role->value, RS_TEXT("/role/ultimateReceiver"));
}

static bool is_understood(const struct xml_node *header, rs_text name_space, const char *const *headers)
{
    for (size_t i = 0; headers[i]; i++)
        if (xml_is(header, headers[i]) && rs_text_equal(header->namespace_uri, name_space))
            return true;
    return false;
}

static rs_status check_headers(struct rs_job *job, const struct soap_message *message, enum soap_version version,
                               rs_text name_space, const char *const *headers)
{
    if (!message->header)
        return RS_OK;
    xml_each_child(header, message->header)
        if (is_true(xml_attribute_in(header, rs_text_from(envelopes[version]), "mustUnderstand")) && is_for_us(header, version) &&
            !is_understood(header, name_space, headers))
            return rs_fail(job, SOAP_UNDERSTAND, "the header %.*s must be understood, and is not known here",
                           RS_TEXT_ARG(rs_text_slice(header->name, 0, 100)));
    return RS_OK;
}

rs_status soap_message_parse(struct rs_job *job, rs_text bytes, size_t size_max, enum soap_version version, rs_text name_space,
                             const char *const *headers, struct soap_message *out)
{
    const struct xml_options limits = {.size_max = size_max, .depth_max = DEPTH_MAX, .nodes_max = NODES_MAX};
    const char *envelope = envelopes[version];
    struct xml_document *document;
    const struct xml_node *body = NULL;

    *out = (struct soap_message){NULL, NULL};
    RS_TRY(xml_parse(job, bytes, &limits, &document));
    if (!xml_is(document->root, "Envelope"))
        return rs_fail(job, SOAP_MESSAGE, "the root element is %.*s; that of a SOAP message is Envelope",
                       RS_TEXT_ARG(rs_text_slice(document->root->name, 0, 100)));
    if (!rs_text_equal(document->root->namespace_uri, rs_text_from(envelope)))
        return rs_fail(job, SOAP_VERSION, "the envelope is not of the version of SOAP that the content type says: its namespace "
                       "is to be %s", envelope);
    xml_each_child(child, document->root) {
        if (is_in(child, "Header", envelope) && !out->header)
            out->header = child;
        if (is_in(child, "Body", envelope) && !body)
            body = child;
    }
    if (!body)
        return rs_fail(job, SOAP_MESSAGE, "the SOAP message has no Body");
    out->content = body->first_child;
    return check_headers(job, out, version, name_space, headers);
}

/* ---- writing ------------------------------------------------------------------------------------- */

void soap_begin(struct xml_writer *w, enum soap_version version, const char *name_space)
{
    char now[RS_CLOCK_STAMP_SIZE];

    rs_clock_stamp(rs_clock_utc_ms(), now);
    xml_declare(w, RS_TEXT("utf-8"));
    xml_open(w, "soap:Envelope");
    xml_write_attribute(w, "xmlns:soap", rs_text_from(envelopes[version]));
    xml_write_attribute(w, "xmlns:xsi", RS_TEXT("http://www.w3.org/2001/XMLSchema-instance"));
    xml_write_attribute(w, "xmlns:xsd", RS_TEXT("http://www.w3.org/2001/XMLSchema"));
    xml_open(w, "soap:Header");
    xml_open(w, "ServerInfoHeader");
    xml_write_attribute(w, "xmlns", rs_text_from(name_space));
    xml_write_element(w, "ReportServerVersionNumber", RS_TEXT(CONTRACT_VERSION));
    xml_write_element(w, "ReportServerEdition", RS_TEXT("Bindery"));
    xml_write_element(w, "ReportServerVersion", RS_TEXT("Bindery Report Server Version " BINDERY_VERSION));
    xml_write_element(w, "ReportServerDateTime", rs_text_from(now));
    xml_close(w);
    xml_close(w);
    xml_open(w, "soap:Body");
}

void soap_end(struct xml_writer *w)
{
    while (w->depth > 0)
        xml_close(w);
}
