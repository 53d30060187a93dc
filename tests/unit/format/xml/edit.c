#include "../../unit.h"

#include "format/xml/edit.h"
#include "format/xml/parse.h"

static const char config[] = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                             "<Configuration>\n"
                             "\t<!-- keep me -->\n"
                             "\t<Unknown a=\"1\"><x/></Unknown>\n"
                             "\t<URLReservations>\n"
                             "\t\t<Application><Name>Old</Name></Application>\n"
                             "\t</URLReservations>\n"
                             "</Configuration>\n";

UNIT_TEST(xml_edit_without_changes_gives_the_same_bytes)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct xml_edit *edit;
    rs_text out;

    assert_ok(job, xml_edit_parse(job, rs_text_from(config), NULL, &edit));
    assert_ok(job, xml_edit_write(job, edit, &out));
    assert_text(out, config);
}

UNIT_TEST(xml_edit_changes_one_part_and_keeps_the_rest)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct xml_edit *edit;
    struct xml_edit_node *urls, *application;
    rs_text out;

    assert_ok(job, xml_edit_parse(job, rs_text_from(config), NULL, &edit));
    urls = xml_edit_find(xml_edit_root(edit), "URLReservations");
    assert_text(xml_edit_text(job, xml_edit_find(urls, "Application/Name")), "Old");
    xml_edit_clear(urls);
    for (int i = 1; i <= 2; i++) {
        application = xml_edit_add(job, urls, "Application");
        xml_edit_set_text(job, xml_edit_add(job, application, "Name"), rs_text_format(job, "New & %d", i));
        xml_edit_set_attribute(job, application, "n", RS_TEXT("<\""));
    }
    assert_text(xml_edit_attribute(job, xml_edit_next(xml_edit_first(urls, "Application"), "Application"), "n"), "<\"");
    assert_ok(job, xml_edit_write(job, edit, &out));
    assert_text(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                     "<Configuration>\n"
                     "\t<!-- keep me -->\n"
                     "\t<Unknown a=\"1\"><x/></Unknown>\n"
                     "\t<URLReservations>\n"
                     "\t\t<Application n=\"&lt;&quot;\">\n"
                     "\t\t\t<Name>New &amp; 1</Name>\n"
                     "\t\t</Application>\n"
                     "\t\t<Application n=\"&lt;&quot;\">\n"
                     "\t\t\t<Name>New &amp; 2</Name>\n"
                     "\t\t</Application>\n"
                     "\t</URLReservations>\n"
                     "</Configuration>\n");
}

UNIT_TEST(xml_edit_removes_an_element_with_its_line)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct xml_edit *edit;
    rs_text out;

    assert_ok(job, xml_edit_parse(job, RS_TEXT("<a>\n  <b/>\n  <c/>\n</a>"), NULL, &edit));
    xml_edit_remove(xml_edit_find(xml_edit_root(edit), "c"));
    xml_edit_set_text(job, xml_edit_find(xml_edit_root(edit), "b"), rs_text_of("x\0\xff<", 4));
    assert_null(xml_edit_find(xml_edit_root(edit), "c"));
    assert_ok(job, xml_edit_write(job, edit, &out));
    assert_text(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<a>\n  <b>x\xef\xbf\xbd\xef\xbf\xbd&lt;</b>\n</a>\n");
}

UNIT_TEST(xml_edit_refuses_what_the_parser_refuses)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct xml_edit *edit;

    assert_status(xml_edit_parse(job, RS_TEXT("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"), NULL, &edit), XML_FORBIDDEN);
    rs_job_forgive(job);
    assert_status(xml_edit_parse(job, RS_TEXT("<a>"), NULL, &edit), XML_MALFORMED);
}
