#include "unit.h"

#include "report/data/connect.h"
#include "report/data/sql.h"

static const char *setting(struct rs_job *job, const char *text, const char *key)
{
    struct data_settings settings;
    rs_text value;

    assert_ok(job, data_connect_parse(job, rs_text_from(text), &settings));
    return data_setting(&settings, rs_text_from(key), &value) ? rs_text_terminated(job, value) : NULL;
}

UNIT_TEST(connect_reads_pairs_without_regard_to_case_and_the_last_wins)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_string_equal(setting(job, "Data Source=a.db;Version=3", "data source"), "a.db");
    assert_string_equal(setting(job, " Data Source = a b.db ; ; x=1;", "Data Source"), "a b.db");
    assert_string_equal(setting(job, "a=1;A=2", "a"), "2");
    assert_string_equal(setting(job, "a=", "a"), "");
    assert_null(setting(job, "a=1", "b"));
    assert_null(setting(job, "", "b"));
}

UNIT_TEST(connect_reads_quoted_values_and_doubled_signs)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_string_equal(setting(job, "a=\"x;\"\"y\"\"\";b=2", "a"), "x;\"y\"");
    assert_string_equal(setting(job, "a='it''s' ;b=2", "a"), "it's");
    assert_string_equal(setting(job, "a==b=1", "a=b"), "1");
    assert_string_equal(setting(job, "a=b=c", "a"), "b=c");
}

UNIT_TEST(connect_refuses_what_is_no_pair)
{
    static const char *const wrong[] = {"abc", "=1", "a;b=1", "a=\"x", "a='x'y", "a=\"x\" y"};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct data_settings settings;
        assert_status(data_connect_parse(job, rs_text_from(wrong[i]), &settings), DATA_CONNECT_STRING);
        assert_true(rs_text_find(rs_job_message(job), RS_TEXT("column")) >= 0);
    }
}

static rs_text bound(struct rs_job *job, const char *query, const struct data_parameter *parameters, size_t count,
                     size_t *values)
{
    struct data_bound out;

    assert_ok(job, data_sql_bind(job, &data_dialect_sqlite, rs_text_from(query), parameters, count, &out));
    *values = out.count;
    return out.text;
}

UNIT_TEST(sql_binds_names_in_every_marker_and_twice_only_once)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_parameter p[] = {{RS_TEXT("@From"), value_integer(1)}, {RS_TEXT("Until"), value_integer(2)}};
    size_t count;

    assert_text(bound(job, "a > @from AND b < :UNTIL AND c = $From", p, 2, &count), "a > ?1 AND b < ?2 AND c = ?1");
    assert_int_equal(count, 2);
}

UNIT_TEST(sql_leaves_literals_quoted_names_and_comments_alone)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    size_t count;
    static const char query[] = "SELECT '@a ''@b', \"@c\", [@d], `@e` -- @f\n /* @g */ , x$y FROM t";

    assert_text(bound(job, query, NULL, 0, &count), query);
    assert_int_equal(count, 0);
}

UNIT_TEST(sql_expands_lists_and_counts_positions)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct value list[] = {value_integer(7), value_integer(8), value_integer(9)};
    struct data_parameter p[] = {{RS_TEXT("@p"), value_array(list, 3)}, {RS_TEXT("@none"), value_array(list, 0)}};
    struct data_parameter positional[] = {{RS_TEXT("?"), value_integer(1)}, {RS_TEXT("?"), value_integer(2)}};
    size_t count;

    assert_text(bound(job, "x IN (@p) OR x IN (@none)", p, 2, &count), "x IN (?1,?2,?3) OR x IN (NULL)");
    assert_int_equal(count, 3);
    assert_text(bound(job, "a = ? AND b = ?", positional, 2, &count), "a = ?1 AND b = ?2");
}

UNIT_TEST(sql_names_the_parameter_that_is_missing)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_bound out;

    assert_status(data_sql_bind(job, &data_dialect_sqlite, RS_TEXT("a = @Missing"), NULL, 0, &out), DATA_QUERY_PARAMETER);
    assert_true(rs_text_find(rs_job_message(job), RS_TEXT("@Missing")) >= 0);
    rs_job_forgive(job);
    assert_status(data_sql_bind(job, &data_dialect_sqlite, RS_TEXT("a = ?"), NULL, 0, &out), DATA_QUERY_PARAMETER);
}
