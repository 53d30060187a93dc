#include "unit.h"

#include "net/tables/prefix.h"

/* Text -> canonical text, or (wanted NULL) a message that holds `why`. */
struct prefix_case {
    const char *text;
    const char *wanted;
    const char *why;
};

static void run(const struct prefix_case *cases, size_t count, bool loose)
{
    for (size_t i = 0; i < count; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct tables_prefix prefix;
        bool has_path;
        rs_text text = rs_text_from(cases[i].text);
        rs_status status = loose ? tables_prefix_parse_loose(job, text, &prefix, &has_path)
                                 : tables_prefix_parse(job, text, &prefix);
        if (cases[i].wanted) {
            if (status != RS_OK)
                fail_msg("%s: %.*s", cases[i].text, RS_TEXT_ARG(rs_job_error(job)));
            assert_text(tables_prefix_write(job, &prefix), cases[i].wanted);
        } else if (status != RS_INVALID || rs_text_find(rs_job_message(job), rs_text_from(cases[i].why)) < 0) {
            fail_msg("%s: %s \"%.*s\" without \"%s\"", cases[i].text, rs_status_name(status),
                     RS_TEXT_ARG(rs_job_message(job)), cases[i].why);
        }
    }
}

UNIT_TEST(row_1_prefix_reads_canonical_strings_and_writes_them_back)
{
    static const struct prefix_case cases[] = {
        {"https://+:443/ReportServer/", "https://+:443/ReportServer/"},
        {"http://*:80/", "http://*:80/"},
        {"https://+:443", "https://+:443/"},
        {"https://+:443/ReportServer", "https://+:443/ReportServer/"},
        {"https://Reports.Corp.EXAMPLE:8443/a/b/", "https://reports.corp.example:8443/a/b/"},
        {"https://REPORT_BOX:1/", "https://report_box:1/"},
        {"http://10.0.0.5:65535/x/", "http://10.0.0.5:65535/x/"},
        {"https://[::1]:443/ReportServer/", "https://[::1]:443/ReportServer/"},
        {"https://[2001:0DB8::0:7]:443/", "https://[2001:db8::7]:443/"},
        {"https://[::ffff:10.0.0.5]:443/", "https://10.0.0.5:443/"},
        {"https://name.:443/", "https://name:443/"},
        {"https://+:443/a%20b/%C3%A9t%c3%a9/", "https://+:443/a%20b/\u00e9t\u00e9/"},
        {"https://+:443/a b/", "https://+:443/a%20b/"},
        {"https://+:443/100%25/%41/", "https://+:443/100%25/A/"},
        {"https://+:443/%3Fx/", "https://+:443/%3Fx/"},
    };
    run(cases, sizeof cases / sizeof cases[0], false);
}

UNIT_TEST(row_1_prefix_says_which_part_is_wrong)
{
    static const struct prefix_case cases[] = {
        {"htp://+:80/", NULL, "http:// or https://"},
        {"", NULL, "http:// or https://"},
        {"HTTPS://+:443/", NULL, "lower case"},
        {"https://:443/", NULL, "no host"},
        {"https://", NULL, "no host"},
        {"https://+/", NULL, "no port"},
        {"https://+:/", NULL, "1 to 65535"},
        {"https://+:0/", NULL, "1 to 65535"},
        {"https://+:65536/", NULL, "1 to 65535"},
        {"https://+:*/", NULL, "1 to 65535"},
        {"https://+:-1/", NULL, "1 to 65535"},
        {"https://+:0443/", NULL, "leading zero"},
        {"https://[::1:443/", NULL, "no ]"},
        {"https://[10.0.0.1]:443/", NULL, "not an IPv6 address"},
        {"https://[::1]443/", NULL, "other than a port"},
        {"https://0.0.0.0:443/", NULL, "\"+\" means every address"},
        {"https://[::]:443/", NULL, "\"+\" means every address"},
        {"https://10.0.0.256:443/", NULL, "neither a name nor an"},
        {"https://10.0:443/", NULL, "neither a name nor an"},
        {"https://*.example:443/", NULL, "wildcard inside"},
        {"https://a..b:443/", NULL, "empty label"},
        {"https://-a.b:443/", NULL, "hyphen"},
        {"https://a-:443/", NULL, "hyphen"},
        {"https://a b:443/", NULL, "no name has"},
        {"https://user@a:443/", NULL, "no name has"},
        {"https://\u00e9:443/", NULL, "xn--"},
        {"https://+:443/a//b/", NULL, "empty segment"},
        {"https://+:443//", NULL, "empty segment"},
        {"https://+:443/a/../b/", NULL, ". or .."},
        {"https://+:443/%2e%2E/", NULL, ". or .."},
        {"https://+:443/a?b", NULL, "query"},
        {"https://+:443/a#b", NULL, "query"},
        {"https://+:443/a%2Fb/", NULL, "escaped slash"},
        {"https://+:443/a\\b/", NULL, "backslash"},
        {"https://+:443/a%00/", NULL, "control"},
        {"https://+:443/a%4/", NULL, "two hexadecimal"},
        {"https://+:443/a%zz/", NULL, "two hexadecimal"},
        {"https://+:443/%ff/", NULL, "not UTF-8"},
        {"https://+:443/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/", NULL, "16 segments"},
    };
    run(cases, sizeof cases / sizeof cases[0], false);
}

UNIT_TEST(row_1_prefix_reads_what_an_administrator_types)
{
    static const struct prefix_case cases[] = {
        {" HTTPS://+ ", "https://+:443/"},
        {"http://host", "http://host:80/"},
        {"https://host/ReportServer", "https://host:443/ReportServer/"},
        {"https://[::1]/x", "https://[::1]:443/x/"},
    };
    run(cases, sizeof cases / sizeof cases[0], true);
}

UNIT_TEST(prefix_refuses_what_is_too_long)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    char text[TABLES_PREFIX_MAX + 1];
    struct tables_prefix prefix;

    memset(text, 'a', sizeof text);
    memcpy(text, "https://+:443/", 14);
    assert_status(tables_prefix_parse(job, rs_text_of(text, sizeof text), &prefix), RS_INVALID);
    rs_job_forgive(job);
    assert_ok(job, tables_prefix_parse(job, rs_text_of(text, sizeof text - 2), &prefix));
    memset(text + 14, ' ', 500); /* 500 spaces are 1500 bytes when written */
    text[514] = '/';
    assert_status(tables_prefix_parse(job, rs_text_of(text, 515), &prefix), RS_INVALID);
    rs_job_forgive(job);
    memset(text + 8, 'n', 300);
    assert_status(tables_prefix_parse(job, rs_text_of(text, 400), &prefix), RS_INVALID);
}

UNIT_TEST(row_2_prefix_is_made_of_url_string_and_virtual_directory)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct tables_prefix prefix;

    assert_ok(job, tables_prefix_compose(job, RS_TEXT("https://+:443"), RS_TEXT("ReportServer"), &prefix));
    assert_text(tables_prefix_write(job, &prefix), "https://+:443/ReportServer/");
    assert_text(tables_prefix_origin(job, &prefix), "https://+:443");
    assert_text(prefix.key, "/reportserver/");
    assert_ok(job, tables_prefix_compose(job, RS_TEXT("http://Host/"), RS_TEXT("Reports_X"), &prefix));
    assert_text(tables_prefix_write(job, &prefix), "http://host:80/Reports_X/");
    assert_status(tables_prefix_compose(job, RS_TEXT("http://host/a"), RS_TEXT("R"), &prefix), RS_INVALID);
    assert_true(rs_text_find(rs_job_message(job), RS_TEXT("has a path")) > 0);
}

UNIT_TEST(row_2_prefix_knows_what_a_virtual_directory_may_not_be)
{
    static const char *const wrong[] = {"", "  ", ".", "..", "a/b", "/a", "a\\b", "a%20b", "a?", "a#", "a:b", " a",
                                        "a*", "a\nb", "\xff", "a\"b",
                                        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    static const char *const right[] = {"ReportServer", "Reports_SQLExpress", "a b", "B\u00e9richte", "x.y"};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        assert_status(tables_directory_check(job, rs_text_from(wrong[i])), RS_INVALID);
    }
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        assert_ok(job, tables_directory_check(job, rs_text_from(right[i])));
    }
}

UNIT_TEST(prefix_compares_paths_without_case_in_every_alphabet)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct tables_prefix a, b;

    assert_ok(job, tables_prefix_parse(job, RS_TEXT("http://+:80/\u00c9T\u00c9/\u0416\u0401/\u03a9\u0386/\u0178\u0139/"), &a));
    assert_ok(job, tables_prefix_parse(job, RS_TEXT("http://+:80/\u00e9t\u00e9/\u0436\u0451/\u03c9\u03ac/\u00ff\u013a/"), &b));
    assert_true(tables_prefix_equal(&a, &b));
    assert_int_equal(tables_fold(0xd7), 0xd7);
    assert_int_equal(tables_fold(0x130), 0x130);
    for (uint32_t c = 0; c < 0x10000; c++) { /* the length in UTF-8 stays, and folding is done once */
        char one[4], other[4];
        if (c >= 0xd800 && c < 0xe000)
            continue;
        assert_int_equal(rs_utf8_encode(c, one), rs_utf8_encode(tables_fold(c), other));
        assert_int_equal(tables_fold(tables_fold(c)), tables_fold(c));
    }
}
