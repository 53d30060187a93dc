#include "../../unit.h"

#include "format/xml/parse.h"
#include "format/xml/write.h"

UNIT_TEST(xml_writer_indents_and_closes)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf buf = rs_buf_in(job);
    struct xml_writer w = xml_writer_to(&buf, 2);

    xml_declare(&w, RS_TEXT("utf-8"));
    xml_open(&w, "a");
    xml_write_attribute(&w, "k", RS_TEXT("\"<&>\n\""));
    xml_write_element(&w, "b", RS_TEXT("1 < 2 & \"3\""));
    xml_open(&w, "c");
    xml_write_element(&w, "d", RS_TEXT(""));
    xml_close(&w);
    xml_close(&w);
    assert_text(rs_buf_text(&buf), "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                                   "<a k=\"&quot;&lt;&amp;&gt;&#10;&quot;\">\n"
                                   "  <b>1 &lt; 2 &amp; \"3\"</b>\n"
                                   "  <c>\n"
                                   "    <d/>\n"
                                   "  </c>\n"
                                   "</a>");
}

UNIT_TEST(xml_writer_output_reads_back)
{
    static const char odd[] = "a\r\n\tb\xc3\xa9\xf0\x9f\x98\x80<]]>&\"' ";
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct xml_document *document;
    rs_buf buf = rs_buf_in(job);
    struct xml_writer w = xml_writer_to(&buf, 0);

    xml_open(&w, "a");
    xml_write_attribute(&w, "k", rs_text_from(odd));
    xml_write_text(&w, rs_text_from(odd));
    xml_close(&w);
    assert_ok(job, xml_parse(job, rs_buf_text(&buf), NULL, &document));
    assert_text(document->root->text, odd);
    assert_text(xml_attribute(document->root, "k")->value, odd);
}

UNIT_TEST(xml_escape_replaces_what_xml_cannot_hold)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf buf = rs_buf_in(job);

    xml_escape_text(&buf, rs_text_of("a\0b\x01\xff\xef\xbf\xbf\xef\xbf\xbd.", 12));
    assert_text(rs_buf_text(&buf), "a\xef\xbf\xbd" "b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd.");
}
