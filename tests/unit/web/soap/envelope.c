#include "unit.h"

#include "web/soap/endpoints.h"
#include "web/soap/envelope.h"

#define E11 "http://schemas.xmlsoap.org/soap/envelope/"
#define E12 "http://www.w3.org/2003/05/soap-envelope"

static const char *const known[] = {"TrustedUserHeader", NULL};

static rs_status parse(struct rs_job *job, enum soap_version version, const char *text, struct soap_message *out)
{
    return soap_message_parse(job, rs_text_from(text), 0, version, RS_TEXT("urn:t"), known, out);
}

#define MESSAGE(envelope, header, body)                                                                                    \
    "<a:Envelope xmlns:a=\"" envelope "\" xmlns:b=\"" envelope "\" xmlns:t=\"urn:t\">" header "<b:Body>" body "</b:Body></a:Envelope>"

UNIT_TEST(messages_come_with_any_prefixes_and_without_content)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct soap_message message;

    assert_ok(job, parse(job, SOAP_11, MESSAGE(E11, "", "<t:Op/>"), &message));
    assert_text(message.content->name, "Op");
    assert_null(message.header);
    assert_ok(job, parse(job, SOAP_12, MESSAGE(E12, "<a:Header/>", ""), &message));
    assert_null(message.content);
    assert_non_null(message.header);
}

UNIT_TEST(what_is_no_message_of_the_version_is_refused)
{
    static const struct {
        const char *text;
        rs_status status;
    } rows[] = {
        {MESSAGE(E12, "", ""), SOAP_VERSION},
        {"<Envelope/>", SOAP_VERSION},
        {"<Body xmlns=\"" E11 "\"/>", SOAP_MESSAGE},
        {"<Envelope xmlns=\"" E11 "\"/>", SOAP_MESSAGE},
        {"<Envelope xmlns=\"" E11 "\"><Body xmlns=\"urn:other\"/></Envelope>", SOAP_MESSAGE},
        {"", XML_MALFORMED},
        {"<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", XML_FORBIDDEN},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct soap_message message;
        assert_int_equal(parse(job, SOAP_11, rows[i].text, &message), rows[i].status);
    }
}

UNIT_TEST(headers_that_must_be_understood_are_known_or_for_somebody_else)
{
    static const struct {
        const char *header;
        rs_status status;
    } rows[] = {
        {"<t:TrustedUserHeader b:mustUnderstand=\"1\"/>", RS_OK},
        {"<t:Other b:mustUnderstand=\"0\"/>", RS_OK},
        {"<t:Other mustUnderstand=\"1\"/>", RS_OK}, /* not SOAP's attribute */
        {"<t:Other b:mustUnderstand=\"1\"/>", SOAP_UNDERSTAND},
        {"<TrustedUserHeader b:mustUnderstand=\"true\"/>", SOAP_UNDERSTAND},
        {"<t:Other b:mustUnderstand=\"1\" b:actor=\"urn:a-proxy\"/>", RS_OK},
        {"<t:Other b:mustUnderstand=\"1\" b:actor=\"http://schemas.xmlsoap.org/soap/actor/next\"/>", SOAP_UNDERSTAND},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct soap_message message;
        rs_text text = rs_text_format(job, MESSAGE(E11, "<b:Header>%s</b:Header>", ""), rows[i].header);
        assert_int_equal(parse(job, SOAP_11, text.bytes, &message), rows[i].status);
    }
}

UNIT_TEST(the_action_stands_in_a_field_or_in_the_content_type)
{
    assert_text(soap_action(RS_TEXT("text/xml; charset=utf-8"), RS_TEXT("\"urn:t/Op\"")), "urn:t/Op");
    assert_text(soap_action(RS_TEXT("text/xml"), RS_TEXT("urn:t/Op")), "urn:t/Op");
    assert_text(soap_action(RS_TEXT("application/soap+xml;action=\"urn:t/Op\""), RS_TEXT("")), "urn:t/Op");
    assert_text(soap_action(RS_TEXT("application/soap+xml; charset=utf-8; Action=urn:t/Op"), RS_TEXT("")), "urn:t/Op");
    assert_text(soap_action(RS_TEXT("application/soap+xml"), RS_TEXT("\"\"")), "");
}

UNIT_TEST(contracts_have_their_methods)
{
    const struct soap_endpoint *endpoint = soap_endpoint_find(RS_TEXT("/reportservice2005.ASMX"));

    assert_non_null(endpoint);
    assert_true(soap_method_is_known(endpoint, RS_TEXT("CreateBatch")));
    assert_false(soap_method_is_known(endpoint, RS_TEXT("CreateCatalogItem")));
    assert_null(soap_method(endpoint, 10000));
    assert_null(soap_endpoint_find(RS_TEXT("/ReportService.asmx")));
    /* An operation that is here is in its contract, or of our own making on 2010: clients of the others ask for it there too. */
    for (size_t i = 0; i < soap_endpoint_count; i++)
        for (const struct soap_operation *row = soap_endpoints[i].operations; row->name; row++)
            assert_true(soap_method_is_known(&soap_endpoints[i], rs_text_from(row->name)) ||
                        strcmp(row->name, "ListSecureMethods") == 0);
}
