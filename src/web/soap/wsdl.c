/* A WSDL 1.1 of the operations that are here, document/literal wrapped, for SOAP 1.1 and 1.2. */
#include "format/xml/write.h"
#include "web/soap/endpoints.h"

static const struct binding {
    const char *suffix, *prefix;
} bindings[] = {{"Soap", "soap"}, {"Soap12", "soap12"}};

struct wsdl {
    struct xml_writer w;
    struct rs_job *job;
    const struct soap_endpoint *endpoint;
};

static rs_text named(struct wsdl *d, const char *name, const char *suffix)
{
    return rs_text_format(d->job, "%.*s%.*s", RS_TEXT_ARG(rs_text_from(name)), RS_TEXT_ARG(rs_text_from(suffix)));
}

static void attribute(struct wsdl *d, const char *name, const char *value)
{
    xml_write_attribute(&d->w, name, rs_text_from(value));
}

/* An element without content, with two attributes. */
static void leaf(struct wsdl *d, const char *element, const char *first, rs_text a, const char *second, rs_text b)
{
    xml_open(&d->w, element);
    xml_write_attribute(&d->w, first, a);
    xml_write_attribute(&d->w, second, b);
    xml_close(&d->w);
}

/* ---- types --------------------------------------------------------------------------------------- */

static rs_text type_name(struct wsdl *d, const struct soap_type *type)
{
    return type->kind == SOAP_PLAIN ? rs_text_from(type->name) : rs_text_format(d->job, "tns:%s", type->name);
}

static void element(struct wsdl *d, const struct soap_part *part, bool in_list)
{
    bool nillable = in_list && (part->type->kind == SOAP_RECORD || part->type == &soap_string);

    xml_open(&d->w, "s:element");
    attribute(d, "minOccurs", part->presence == SOAP_ALWAYS ? "1" : "0");
    attribute(d, "maxOccurs", in_list ? "unbounded" : "1");
    attribute(d, "name", part->name);
    if (nillable)
        attribute(d, "nillable", "true");
    xml_write_attribute(&d->w, "type", type_name(d, part->type));
    xml_close(&d->w);
}

/* The parts as a sequence; neighbours of which one is there as a choice in it. */
static void sequence(struct wsdl *d, const struct soap_part *parts, bool in_list)
{
    bool in_choice = false;

    if (!parts->name)
        return;
    xml_open(&d->w, "s:sequence");
    for (; parts->name; parts++) {
        if (in_choice != (parts->presence == SOAP_EITHER)) {
            if (in_choice) {
                xml_close(&d->w);
            } else {
                xml_open(&d->w, "s:choice");
                attribute(d, "minOccurs", "1");
                attribute(d, "maxOccurs", "1");
            }
            in_choice = !in_choice;
        }
        element(d, parts, in_list);
    }
    if (in_choice)
        xml_close(&d->w);
    xml_close(&d->w);
}

static void element_of(struct wsdl *d, rs_text name, const struct soap_part *parts)
{
    xml_open(&d->w, "s:element");
    xml_write_attribute(&d->w, "name", name);
    xml_open(&d->w, "s:complexType");
    sequence(d, parts, false);
    xml_close(&d->w);
    xml_close(&d->w);
}

static void words_of(struct wsdl *d, const struct soap_type *type)
{
    xml_open(&d->w, "s:simpleType");
    attribute(d, "name", type->name);
    xml_open(&d->w, "s:restriction");
    attribute(d, "base", "s:string");
    for (size_t i = 0; type->words[i]; i++) {
        xml_open(&d->w, "s:enumeration");
        attribute(d, "value", type->words[i]);
        xml_close(&d->w);
    }
    xml_close(&d->w);
    xml_close(&d->w);
}

static void record_of(struct wsdl *d, const struct soap_type *type)
{
    xml_open(&d->w, "s:complexType");
    attribute(d, "name", type->name);
    if (type->base) {
        xml_open(&d->w, "s:complexContent");
        attribute(d, "mixed", "false");
        xml_open(&d->w, "s:extension");
        xml_write_attribute(&d->w, "base", type_name(d, type->base));
    }
    sequence(d, type->parts, type->kind == SOAP_LIST);
    if (type->base) {
        xml_close(&d->w);
        xml_close(&d->w);
    }
    if (type->is_header) {
        xml_open(&d->w, "s:anyAttribute");
        xml_close(&d->w);
    }
    xml_close(&d->w);
}

static void type_of(struct wsdl *d, const struct soap_type *type)
{
    if (type->is_header)
        leaf(d, "s:element", "name", rs_text_from(type->name), "type", type_name(d, type));
    if (type->kind == SOAP_WORDS)
        words_of(d, type);
    else
        record_of(d, type);
}

static void types(struct wsdl *d)
{
    struct soap_types types;

    soap_types_of(d->job, d->endpoint, &types);
    xml_open(&d->w, "wsdl:types");
    xml_open(&d->w, "s:schema");
    attribute(d, "elementFormDefault", "qualified");
    attribute(d, "targetNamespace", d->endpoint->name_space);
    for (const struct soap_operation *operation = d->endpoint->operations; operation->name; operation++) {
        element_of(d, rs_text_from(operation->name), operation->takes);
        element_of(d, named(d, operation->name, "Response"), operation->gives);
    }
    for (size_t i = 0; i < types.count; i++)
        type_of(d, types.items[i]);
    xml_close(&d->w);
    xml_close(&d->w);
}

/* ---- operations ---------------------------------------------------------------------------------- */

static void message(struct wsdl *d, const char *operation, const char *suffix, const char *part, rs_text element)
{
    xml_open(&d->w, "wsdl:message");
    xml_write_attribute(&d->w, "name", named(d, operation, suffix));
    leaf(d, "wsdl:part", "name", rs_text_from(part), "element", rs_text_format(d->job, "tns:%.*s", RS_TEXT_ARG(element)));
    xml_close(&d->w);
}

static void header_message(struct wsdl *d, const char *operation, const struct soap_type *header)
{
    if (header)
        message(d, operation, header->name, header->name, rs_text_from(header->name));
}

static void messages(struct wsdl *d)
{
    for (const struct soap_operation *operation = d->endpoint->operations; operation->name; operation++) {
        message(d, operation->name, "SoapIn", "parameters", rs_text_from(operation->name));
        message(d, operation->name, "SoapOut", "parameters", named(d, operation->name, "Response"));
        header_message(d, operation->name, d->endpoint->header);
        header_message(d, operation->name, operation->header);
        header_message(d, operation->name, &soap_server_info_header);
    }
}

static void port_type(struct wsdl *d)
{
    xml_open(&d->w, "wsdl:portType");
    xml_write_attribute(&d->w, "name", named(d, d->endpoint->service, "Soap"));
    for (const struct soap_operation *operation = d->endpoint->operations; operation->name; operation++) {
        xml_open(&d->w, "wsdl:operation");
        attribute(d, "name", operation->name);
        xml_open(&d->w, "wsdl:input");
        xml_write_attribute(&d->w, "message", rs_text_format(d->job, "tns:%sSoapIn", operation->name));
        xml_close(&d->w);
        xml_open(&d->w, "wsdl:output");
        xml_write_attribute(&d->w, "message", rs_text_format(d->job, "tns:%sSoapOut", operation->name));
        xml_close(&d->w);
        xml_close(&d->w);
    }
    xml_close(&d->w);
}

/* Names of elements are borrowed until they are closed: texts of the job do. */
static const char *in(struct wsdl *d, const struct binding *binding, const char *name)
{
    return rs_text_format(d->job, "%s:%s", binding->prefix, name).bytes;
}

static void body(struct wsdl *d, const struct binding *binding)
{
    xml_open(&d->w, in(d, binding, "body"));
    attribute(d, "use", "literal");
    xml_close(&d->w);
}

static void header(struct wsdl *d, const struct binding *binding, const char *operation, const struct soap_type *type)
{
    if (!type)
        return;
    xml_open(&d->w, in(d, binding, "header"));
    xml_write_attribute(&d->w, "message", rs_text_format(d->job, "tns:%s%s", operation, type->name));
    attribute(d, "part", type->name);
    attribute(d, "use", "literal");
    xml_close(&d->w);
}

static void bound_operation(struct wsdl *d, const struct binding *binding, const struct soap_operation *operation)
{
    xml_open(&d->w, "wsdl:operation");
    attribute(d, "name", operation->name);
    leaf(d, in(d, binding, "operation"), "soapAction", rs_text_format(d->job, "%s/%s", d->endpoint->name_space, operation->name),
         "style", RS_TEXT("document"));
    xml_open(&d->w, "wsdl:input");
    body(d, binding);
    header(d, binding, operation->name, d->endpoint->header);
    header(d, binding, operation->name, operation->header);
    xml_close(&d->w);
    xml_open(&d->w, "wsdl:output");
    body(d, binding);
    header(d, binding, operation->name, &soap_server_info_header);
    xml_close(&d->w);
    xml_close(&d->w);
}

static void bound(struct wsdl *d, const struct binding *binding)
{
    xml_open(&d->w, "wsdl:binding");
    xml_write_attribute(&d->w, "name", named(d, d->endpoint->service, binding->suffix));
    xml_write_attribute(&d->w, "type", rs_text_format(d->job, "tns:%sSoap", d->endpoint->service));
    xml_open(&d->w, in(d, binding, "binding"));
    attribute(d, "transport", "http://schemas.xmlsoap.org/soap/http");
    xml_close(&d->w);
    for (const struct soap_operation *operation = d->endpoint->operations; operation->name; operation++)
        bound_operation(d, binding, operation);
    xml_close(&d->w);
}

static void service(struct wsdl *d, rs_text address)
{
    xml_open(&d->w, "wsdl:service");
    attribute(d, "name", d->endpoint->service);
    for (size_t i = 0; i < sizeof bindings / sizeof bindings[0]; i++) {
        rs_text name = named(d, d->endpoint->service, bindings[i].suffix);
        xml_open(&d->w, "wsdl:port");
        xml_write_attribute(&d->w, "name", name);
        xml_write_attribute(&d->w, "binding", rs_text_format(d->job, "tns:%.*s", RS_TEXT_ARG(name)));
        xml_open(&d->w, in(d, &bindings[i], "address"));
        xml_write_attribute(&d->w, "location", address);
        xml_close(&d->w);
        xml_close(&d->w);
    }
    xml_close(&d->w);
}

void soap_wsdl_write(rs_buf *out, const struct soap_endpoint *endpoint, rs_text address)
{
    static const char *const spaces[][2] = {
        {"xmlns:wsdl", "http://schemas.xmlsoap.org/wsdl/"}, {"xmlns:soap", "http://schemas.xmlsoap.org/wsdl/soap/"},
        {"xmlns:soap12", "http://schemas.xmlsoap.org/wsdl/soap12/"}, {"xmlns:s", "http://www.w3.org/2001/XMLSchema"}};
    struct wsdl d = {xml_writer_to(out, 2), out->job, endpoint};

    xml_declare(&d.w, RS_TEXT("utf-8"));
    xml_open(&d.w, "wsdl:definitions");
    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++)
        attribute(&d, spaces[i][0], spaces[i][1]);
    attribute(&d, "xmlns:tns", endpoint->name_space);
    attribute(&d, "targetNamespace", endpoint->name_space);
    types(&d);
    messages(&d);
    port_type(&d);
    for (size_t i = 0; i < sizeof bindings / sizeof bindings[0]; i++)
        bound(&d, &bindings[i]);
    service(&d, address);
    xml_close(&d.w);
}
