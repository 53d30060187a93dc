/* A WSDL 1.1 of the operations that are here, document/literal wrapped, for SOAP 1.1 and 1.2. */
#include "web/soap/endpoints.h"

static const char *const type_names[] = {[SOAP_BOOLEAN] = "s:boolean", [SOAP_STRINGS] = "tns:ArrayOfString"};

static const struct binding {
    const char *suffix, *prefix;
} bindings[] = {{"Soap", "soap"}, {"Soap12", "soap12"}};

struct wsdl {
    struct xml_writer w;
    struct rs_job *job;
    const struct soap_endpoint *endpoint;
};

static rs_text named(struct wsdl *d, const char *a, const char *b)
{
    return rs_text_format(d->job, "%s%s", a, b);
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

static void element_of(struct wsdl *d, rs_text name, const struct soap_part *parts)
{
    xml_open(&d->w, "s:element");
    xml_write_attribute(&d->w, "name", name);
    xml_open(&d->w, "s:complexType");
    if (parts[0].name)
        xml_open(&d->w, "s:sequence");
    for (size_t i = 0; parts[i].name; i++) {
        xml_open(&d->w, "s:element");
        attribute(d, "minOccurs", parts[i].type == SOAP_BOOLEAN ? "1" : "0");
        attribute(d, "maxOccurs", "1");
        attribute(d, "name", parts[i].name);
        attribute(d, "type", type_names[parts[i].type]);
        xml_close(&d->w);
    }
    if (parts[0].name)
        xml_close(&d->w);
    xml_close(&d->w);
    xml_close(&d->w);
}

static void array_of_string(struct wsdl *d)
{
    xml_open(&d->w, "s:complexType");
    attribute(d, "name", "ArrayOfString");
    xml_open(&d->w, "s:sequence");
    xml_open(&d->w, "s:element");
    attribute(d, "minOccurs", "0");
    attribute(d, "maxOccurs", "unbounded");
    attribute(d, "name", "string");
    attribute(d, "nillable", "true");
    attribute(d, "type", "s:string");
    xml_close(&d->w);
    xml_close(&d->w);
    xml_close(&d->w);
}

static void server_info(struct wsdl *d)
{
    static const char *const names[] = {"ReportServerVersionNumber", "ReportServerEdition", "ReportServerVersion",
                                        "ReportServerDateTime"};

    leaf(d, "s:element", "name", RS_TEXT("ServerInfoHeader"), "type", RS_TEXT("tns:ServerInfoHeader"));
    xml_open(&d->w, "s:complexType");
    attribute(d, "name", "ServerInfoHeader");
    xml_open(&d->w, "s:sequence");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        xml_open(&d->w, "s:element");
        attribute(d, "minOccurs", "0");
        attribute(d, "maxOccurs", "1");
        attribute(d, "name", names[i]);
        attribute(d, "type", "s:string");
        xml_close(&d->w);
    }
    xml_close(&d->w);
    xml_open(&d->w, "s:anyAttribute");
    xml_close(&d->w);
    xml_close(&d->w);
}

static void types(struct wsdl *d)
{
    xml_open(&d->w, "wsdl:types");
    xml_open(&d->w, "s:schema");
    attribute(d, "elementFormDefault", "qualified");
    attribute(d, "targetNamespace", d->endpoint->name_space);
    for (size_t i = 0; d->endpoint->operations[i]; i++) {
        const struct soap_operation *operation = d->endpoint->operations[i];
        element_of(d, rs_text_from(operation->name), operation->takes);
        element_of(d, named(d, operation->name, "Response"), operation->gives);
    }
    array_of_string(d);
    server_info(d);
    xml_close(&d->w);
    xml_close(&d->w);
}

static void message(struct wsdl *d, const char *operation, const char *suffix, const char *part, rs_text element)
{
    xml_open(&d->w, "wsdl:message");
    xml_write_attribute(&d->w, "name", named(d, operation, suffix));
    leaf(d, "wsdl:part", "name", rs_text_from(part), "element", rs_text_format(d->job, "tns:%.*s", RS_TEXT_ARG(element)));
    xml_close(&d->w);
}

static void messages(struct wsdl *d)
{
    for (size_t i = 0; d->endpoint->operations[i]; i++) {
        const char *name = d->endpoint->operations[i]->name;
        message(d, name, "SoapIn", "parameters", rs_text_from(name));
        message(d, name, "SoapOut", "parameters", named(d, name, "Response"));
        message(d, name, "ServerInfoHeader", "ServerInfoHeader", RS_TEXT("ServerInfoHeader"));
    }
}

static void port_type(struct wsdl *d)
{
    xml_open(&d->w, "wsdl:portType");
    xml_write_attribute(&d->w, "name", named(d, d->endpoint->service, "Soap"));
    for (size_t i = 0; d->endpoint->operations[i]; i++) {
        const char *name = d->endpoint->operations[i]->name;
        xml_open(&d->w, "wsdl:operation");
        attribute(d, "name", name);
        xml_open(&d->w, "wsdl:input");
        xml_write_attribute(&d->w, "message", rs_text_format(d->job, "tns:%sSoapIn", name));
        xml_close(&d->w);
        xml_open(&d->w, "wsdl:output");
        xml_write_attribute(&d->w, "message", rs_text_format(d->job, "tns:%sSoapOut", name));
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

static void bound_operation(struct wsdl *d, const struct binding *binding, const char *name)
{
    xml_open(&d->w, "wsdl:operation");
    attribute(d, "name", name);
    leaf(d, in(d, binding, "operation"), "soapAction", rs_text_format(d->job, "%s/%s", d->endpoint->name_space, name), "style",
         RS_TEXT("document"));
    xml_open(&d->w, "wsdl:input");
    body(d, binding);
    xml_close(&d->w);
    xml_open(&d->w, "wsdl:output");
    body(d, binding);
    xml_open(&d->w, in(d, binding, "header"));
    xml_write_attribute(&d->w, "message", rs_text_format(d->job, "tns:%sServerInfoHeader", name));
    attribute(d, "part", "ServerInfoHeader");
    attribute(d, "use", "literal");
    xml_close(&d->w);
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
    for (size_t i = 0; d->endpoint->operations[i]; i++)
        bound_operation(d, binding, d->endpoint->operations[i]->name);
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
