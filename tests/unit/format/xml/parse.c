#include "../../unit.h"

#include "base/buf.h"
#include "format/xml/parse.h"

#define PARSE(job, literal, options, document)                                                  \
    assert_ok(job, xml_parse(job, RS_TEXT(literal), options, &document))

static const struct xml_options tolerant = {.tolerant = true};

static void refused(const char *bytes, size_t size, const struct xml_options *options, rs_status expected,
                    const char *part)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct xml_document *document = NULL;

    assert_status(xml_parse(job, rs_text_of(bytes, size), options, &document), expected);
    if (rs_text_find(rs_job_message(job), rs_text_from(part)) < 0)
        fail_msg("\"%.*s\" does not name \"%s\"", RS_TEXT_ARG(rs_job_message(job)), part);
    assert_null(document);
}
#define REFUSED(literal, options, expected, part) refused(literal, sizeof(literal) - 1, options, expected, part)

UNIT_TEST(xml_gives_names_namespaces_attributes_text_and_lines)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct xml_document *document;
    struct xml_node *b;
    rs_text uri;

    PARSE(job, "<a xmlns='urn:a' xmlns:x='urn:x'>\n  <b k='1' x:k='2'>t&lt;\xc3\xa9</b>\n  <x:b/>\n  <b/>\n</a>", NULL, document);
    assert_text(document->root->name, "a");
    assert_text(document->root->text, "");
    b = xml_child(document->root, "b");
    assert_text(b->text, "t<\xc3\xa9");
    assert_int_equal(b->line, 2);
    assert_text(b->namespace_uri, "urn:a");
    assert_text(xml_attribute(b, "k")->value, "1");
    assert_text(xml_attribute_in(b, RS_TEXT("urn:x"), "k")->value, "2");
    assert_null(xml_attribute(b, "K"));
    assert_int_equal(xml_next_same(b)->line, 4);
    assert_true(xml_prefix_uri(b, RS_TEXT("x"), &uri));
    assert_text(uri, "urn:x");
    assert_false(xml_prefix_uri(b, RS_TEXT("y"), &uri));
    assert_int_equal(document->node_count, 4);
}

UNIT_TEST(xml_keeps_white_space_of_leaves_and_drops_it_between_children)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct xml_document *document;

    PARSE(job, "<a> <b>  </b>\n mixed <c/> \n</a>", NULL, document);
    assert_text(xml_child_text(document->root, "b"), "  ");
    assert_text(document->root->text, "\n mixed ");
}

UNIT_TEST(xml_joins_pieces_of_text_and_cdata)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct xml_document *document;

    PARSE(job, "<a>1<!-- c -->2<![CDATA[<3>]]>&amp;&#52;<?p i?></a>", NULL, document);
    assert_text(document->root->text, "12<3>&4");
}

UNIT_TEST(xml_names_line_and_column_of_an_error)
{
    REFUSED("<a>\n<b></c></a>", NULL, XML_MALFORMED, "line 2, column ");
    REFUSED("", NULL, XML_MALFORMED, "empty");
    REFUSED("<a", NULL, XML_MALFORMED, "line 1");
    REFUSED("<a>", NULL, XML_MALFORMED, "line 1");
    REFUSED("<a>&nope;</a>", NULL, XML_MALFORMED, "nope");
}

UNIT_TEST(xml_refuses_entities_and_other_declarations)
{
    static const char bomb[] = "<!DOCTYPE a [<!ENTITY x \"xxxxxxxx\"><!ENTITY y \"&x;&x;&x;&x;\">]><a>&y;</a>";

    REFUSED(bomb, NULL, XML_FORBIDDEN, "<!DOCTYPE");
    REFUSED(bomb, &tolerant, XML_FORBIDDEN, "<!DOCTYPE");
    REFUSED("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>", NULL, XML_FORBIDDEN, "<!DOCTYPE");
    REFUSED("<!DOCTYPE a [<!ENTITY % x SYSTEM \"http://127.0.0.1:1/\"> %x;]><a/>", NULL, XML_FORBIDDEN, "<!DOCTYPE");
    REFUSED("<!DOCTYPE a [<!ATTLIST a b (c|d) 'c'>]><a/>", NULL, XML_FORBIDDEN, "<!DOCTYPE");
    REFUSED("<!DOCTYPE a [<!ELEMENT a (b,c)>]><a/>", NULL, XML_FORBIDDEN, "<!DOCTYPE");
}

UNIT_TEST(xml_reads_a_document_type_that_declares_nothing_and_fetches_nothing)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct xml_document *document;

    PARSE(job, "<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/a.dtd\"><a>x</a>", NULL, document);
    assert_text(document->root->text, "x");
}

UNIT_TEST(xml_names_the_limit_that_is_crossed)
{
    struct xml_options few = {.depth_max = 3, .nodes_max = 5, .attributes_max = 2, .size_max = 60};

    REFUSED("<a><a><a><a/></a></a></a>", &few, XML_OVER_LIMIT, "more than 3 elements inside");
    REFUSED("<a><b/><b/><b/><b/><b/></a>", &few, XML_OVER_LIMIT, "more than 5 elements");
    REFUSED("<a b='1' c='2' d='3'/>", &few, XML_OVER_LIMIT, "more than 2 attributes");
    REFUSED("<a>0123456789012345678901234567890123456789012345678901234567890</a>", &few, XML_OVER_LIMIT, "68 bytes");
}

UNIT_TEST(xml_stops_at_the_default_depth)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct xml_document *document;
    rs_buf buf = rs_buf_in(job);

    for (int i = 0; i < 100000; i++)
        rs_buf_add_literal(&buf, "<a>");
    assert_status(xml_parse(job, rs_buf_text(&buf), NULL, &document), XML_OVER_LIMIT);
}

UNIT_TEST(xml_tolerates_marks_tails_and_stray_bytes_when_asked)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct xml_document *document;

    PARSE(job, "\xef\xbb\xbf\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?><a>x</a>", &tolerant, document);
    assert_text(document->root->text, "x");
    assert_false(document->tail_dropped);
    PARSE(job, "<a>x</a>\0\0\0", &tolerant, document);
    assert_true(document->tail_dropped);
    PARSE(job, "<a>x</a>\n>old tail</b>", &tolerant, document);
    assert_text(document->root->text, "x");
    assert_true(document->tail_dropped);
    PARSE(job, "<a>caf\xe9 \x80\xc3\xa9</a>", &tolerant, document);
    assert_text(document->root->text, "caf\xc3\xa9 \xe2\x82\xac\xc3\xa9");
    assert_true(document->bytes_repaired);
    REFUSED("<a/>x", NULL, XML_MALFORMED, "line 1");
    REFUSED("<a>\xe9</a>", NULL, XML_MALFORMED, "line 1");
    REFUSED("<a><b></a>", &tolerant, XML_MALFORMED, "line 1");
}

UNIT_TEST(xml_reads_utf16_with_a_mark)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct xml_document *document;

    PARSE(job, "\xff\xfe<\0a\0>\0\xe9\0<\0/\0a\0>\0", NULL, document);
    assert_text(document->root->text, "\xc3\xa9");
    PARSE(job, "\xff\xfe<\0a\0>\0\xe9\0<\0/\0a\0>\0", &tolerant, document);
    assert_text(document->root->text, "\xc3\xa9");
}

UNIT_TEST(xml_joins_long_text_in_linear_time)
{
    RS_OWNED(rs_job) job = rs_job_create(&(struct rs_job_options){.memory_limit = 64u << 20});
    struct xml_document *document;
    rs_buf buf = rs_buf_in(job);

    rs_buf_add_literal(&buf, "<a>");
    for (int i = 0; i < 100000; i++)
        rs_buf_add_literal(&buf, "\xc3\xa9 &amp; \n");
    rs_buf_add_literal(&buf, "</a>");
    assert_ok(job, xml_parse(job, rs_buf_text(&buf), NULL, &document));
    assert_int_equal(document->root->text.size, 600000);
}

static rs_status parse_many(struct rs_job *job)
{
    struct xml_document *document;
    rs_buf buf = rs_buf_in(job);

    rs_buf_add_literal(&buf, "<a>");
    for (int i = 0; i < 300; i++)
        rs_buf_add_literal(&buf, "<b c='d'>e</b>");
    rs_buf_add_literal(&buf, "</a>");
    return xml_parse(job, rs_buf_text(&buf), NULL, &document);
}

UNIT_TEST(xml_parse_stops_at_every_checkpoint)
{
    uint64_t stops;
    {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        assert_ok(job, parse_many(job));
        stops = rs_job_checkpoints(job);
    }
    assert_true(stops > 3);
    for (uint64_t i = 1; i <= stops; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        rs_job_stop_at(job, i);
        assert_status(parse_many(job), RS_CANCELLED);
    }
}
