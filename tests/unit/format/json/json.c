#include "unit.h"

#include <string.h>

#include "format/json/json.h"

static rs_status parse(struct rs_job *job, const char *text, json_t **out)
{
    return json_parse(job, rs_text_from(text), 0, out);
}

UNIT_TEST(json_reads_and_writes_members_in_their_order)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    json_t *value;

    assert_ok(job, parse(job, " {\"z\": [1, true, null], \"a\": \"\\u00e9\\u0000x\"} ", &value));
    assert_text(json_write(job, value, JSON_COMPACT_LINE), "{\"z\":[1,true,null],\"a\":\"\u00e9\\u0000x\"}");
    assert_int_equal(json_to_text(json_object_get(value, "a")).size, 4);
    assert_int_equal(json_to_text(json_object_get(value, "z")).size, 0);
    assert_int_equal(json_to_text(NULL).size, 0);
}

UNIT_TEST(json_refuses_what_is_not_one_value)
{
    static const char *const wrong[] = {"", "{", "[1,]", "{\"a\":1,\"a\":2}", "1 2", "\"\\ud800\"", "\"\xff\"", "nul"};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        json_t *value = NULL;
        assert_status(parse(job, wrong[i], &value), RS_INVALID);
        assert_null(value);
        assert_true(rs_text_find(rs_job_message(job), RS_TEXT("line 1")) > 0);
    }
}

UNIT_TEST(json_refuses_what_is_too_deep_or_too_long)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    char deep[2 * (JSON_DEPTH_MAX + 1) + 1];
    json_t *value;

    memset(deep, '[', JSON_DEPTH_MAX + 1);
    memset(deep + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    deep[sizeof deep - 1] = '\0';
    assert_status(parse(job, deep, &value), RS_OVER_LIMIT);
    rs_job_forgive(job);
    deep[2 * JSON_DEPTH_MAX + 1] = '\0';
    assert_ok(job, parse(job, deep + 1, &value));
    assert_status(json_parse(job, RS_TEXT("[1,2]"), 4, &value), RS_OVER_LIMIT);
    rs_job_forgive(job);
    assert_ok(job, parse(job, "[\"[[[[\\\"[[[[\"]", &value));
}

UNIT_TEST(json_mends_bytes_that_are_not_utf8)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    json_t *value = json_keep(job, json_from_text(RS_TEXT("a\xff")));

    assert_text(json_to_text(value), "a\ufffd");
    value = json_keep(job, json_from_text(rs_text_of(NULL, 0)));
    assert_text(json_write(job, value, JSON_INDENTED), "\"\"");
}
