#include "unit.h"

#include <stdio.h>

#include "report/data/data.h"
#include "report/value/date.h"
#include "report/value/decimal.h"

static struct data_rows *one_column(struct rs_job *job, enum value_kind kind, const struct value *values, size_t count)
{
    RS_OWNED(data_writer) writer = data_writer_create(job, 0);
    struct data_rows *rows;
    size_t column;

    assert_ok(job, data_writer_column(job, writer, RS_TEXT("c"), kind, &column));
    for (size_t i = 0; i < count; i++) {
        if (values[i].kind != VALUE_NULL)
            data_writer_add(writer, column, values[i]);
        assert_ok(job, data_writer_end_row(job, writer));
    }
    assert_ok(job, data_writer_finish(job, writer, &rows));
    assert_int_equal(rows->row_count, count);
    return rows;
}

UNIT_TEST(rows_pack_texts_as_codes_of_distinct_texts)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct value values[] = {value_text(RS_TEXT("b")), value_text(RS_TEXT("a")), value_null(), value_text(RS_TEXT("b"))};
    const struct data_column *c = one_column(job, VALUE_NULL, values, 4)->columns;

    assert_int_equal(c->storage, DATA_CODES);
    assert_int_equal(c->dictionary_count, 2);
    assert_int_equal(c->codes[0], 0);
    assert_int_equal(c->codes[1], 1);
    assert_int_equal(c->codes[2], DATA_NULL_CODE);
    assert_int_equal(c->codes[3], 0);
    assert_text(value_bytes(data_value(c, 1)), "a");
    assert_int_equal(data_value(c, 2).kind, VALUE_NULL);
    assert_int_equal(data_value(c, 2).flags, VALUE_IS_DBNULL);
}

UNIT_TEST(rows_hold_valid_utf8_whatever_the_database_holds)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(data_writer) writer = data_writer_create(job, 0);
    struct data_rows *rows;
    size_t a, b;

    assert_ok(job, data_writer_column(job, writer, RS_TEXT("a"), VALUE_NULL, &a));
    assert_ok(job, data_writer_column(job, writer, RS_TEXT("b"), VALUE_NULL, &b));
    data_writer_add(writer, b, value_integer(1));
    data_writer_add_text(writer, a, RS_TEXT("caf\xE9"));
    assert_ok(job, data_writer_end_row(job, writer));
    data_writer_add(writer, b, value_text(RS_TEXT("\xFF!")));
    data_writer_add_text(writer, a, RS_TEXT("caf\xE9"));
    assert_ok(job, data_writer_end_row(job, writer));
    assert_ok(job, data_writer_finish(job, writer, &rows));
    assert_text(value_bytes(data_value(&rows->columns[a], 1)), "caf\xEF\xBF\xBD");
    assert_text(value_bytes(data_value(&rows->columns[b], 1)), "\xEF\xBF\xBD!");
}

UNIT_TEST(rows_pack_numbers_and_remember_nulls_before_the_first_value)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct value values[] = {value_null(), value_integer(5), value_long(INT64_MAX), value_null()};
    const struct data_column *c = one_column(job, VALUE_NULL, values, 4)->columns;

    assert_int_equal(c->storage, DATA_WORDS);
    assert_int_equal(c->kind, VALUE_LONG);
    assert_true(data_is_null(c, 0));
    assert_int_equal(data_value(c, 1).integer, 5);
    assert_true(data_value(c, 2).integer == INT64_MAX);
    assert_true(data_is_null(c, 3));
}

UNIT_TEST(rows_keep_values_of_several_kinds_as_they_came)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct value values[] = {value_integer(1), value_text(RS_TEXT("x")), value_null(), value_double(2.5), value_boolean(true)};
    const struct data_column *c = one_column(job, VALUE_NULL, values, 5)->columns;

    assert_int_equal(c->kind, VALUE_KINDS);
    assert_int_equal(data_value(c, 0).kind, VALUE_INTEGER);
    assert_text(value_bytes(data_value(c, 1)), "x");
    assert_int_equal(data_value(c, 2).kind, VALUE_NULL);
    assert_true(data_value(c, 3).real == 2.5);
    assert_true(data_value(c, 4).boolean);
}

UNIT_TEST(rows_convert_to_the_declared_kind_where_nothing_is_lost)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct value texts[] = {value_text(RS_TEXT("12")), value_text(RS_TEXT(" ")), value_text(RS_TEXT("-3"))};
    const struct data_column *c = one_column(job, VALUE_INTEGER, texts, 3)->columns;

    assert_int_equal(c->kind, VALUE_INTEGER);
    assert_int_equal(data_value(c, 0).integer, 12);
    assert_int_equal(data_value(c, 1).kind, VALUE_NULL);
    const struct value doubles[] = {value_double(0.1), value_double(19.99)};
    c = one_column(job, VALUE_DECIMAL, doubles, 2)->columns;
    assert_int_equal(c->kind, VALUE_DECIMAL);
    assert_int_equal(data_value(c, 1).low, 1999);
    assert_int_equal(data_value(c, 1).scale, 2);
    const struct value fraction[] = {value_double(1.5), value_text(RS_TEXT("x"))};
    c = one_column(job, VALUE_INTEGER, fraction, 2)->columns;
    assert_int_equal(data_value(c, 0).kind, VALUE_DOUBLE);
    assert_text(value_bytes(data_value(c, 1)), "x");
}

static void decimal_is(const struct data_column *c, size_t row, const char *text)
{
    char out[VALUE_DECIMAL_TEXT_SIZE];
    struct value v = data_value(c, row);

    assert_int_equal(v.kind, VALUE_DECIMAL);
    assert_text(rs_text_of(out, value_decimal_write(v, out)), text);
}

UNIT_TEST(rows_keep_decimals_as_words_of_one_scale_and_give_each_its_own)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct value null = {.kind = VALUE_NULL};
    const struct value mixed[] = {value_decimal_make(0, 0, 0, false), value_decimal_make(0, 950, 2, false), null,
                                  value_decimal_make(0, 95, 1, true), value_decimal_make(0, 123456, 4, false)};
    const struct data_column *c = one_column(job, VALUE_NULL, mixed, 5)->columns;

    assert_int_equal(c->storage, DATA_SCALED);
    assert_int_equal(c->scale, 4);
    assert_int_equal(c->words[1], 95000);
    assert_int_equal(c->words[3], -95000);
    decimal_is(c, 0, "0");
    decimal_is(c, 1, "9.50");
    assert_int_equal(data_value(c, 2).kind, VALUE_NULL);
    decimal_is(c, 3, "-9.5");
    decimal_is(c, 4, "12.3456");
    c = one_column(job, VALUE_NULL, mixed + 1, 2)->columns;
    assert_null(c->scales);
    decimal_is(c, 0, "9.50");
    assert_int_equal(data_value(c, 1).kind, VALUE_NULL);
}

UNIT_TEST(rows_keep_decimals_whole_that_fit_no_word)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct value null = {.kind = VALUE_NULL}, small = value_decimal_make(0, 1, 0, false), fine = value_decimal_make(0, 5, 1, false);
    const struct value large[] = {
        value_decimal_make(1, 0, 0, false),                       /* more than 64 bits */
        value_decimal_make(0, UINT64_MAX, 0, false),              /* more than 63 */
        value_decimal_make(0, INT64_MAX, 0, false),               /* too large once it has a digit behind the point */
        value_decimal_make(0, 1, 28, false),                      /* scales too far apart */
    };

    for (size_t i = 0; i < 4; i++) {
        const struct value values[] = {null, small, fine, large[i], small};
        const struct data_column *c = one_column(job, VALUE_NULL, values, 5)->columns;
        assert_int_equal(c->storage, DATA_VALUES);
        assert_int_equal(c->kind, VALUE_DECIMAL);
        assert_int_equal(data_value(c, 0).kind, VALUE_NULL);
        decimal_is(c, 1, "1");
        decimal_is(c, 2, "0.5");
        assert_int_equal(value_decimal_compare(data_value(c, 3), large[i]), 0);
        decimal_is(c, 4, "1");
        const struct value first[] = {large[i], small}, kinds[] = {small, value_text(RS_TEXT("x")), fine};
        c = one_column(job, VALUE_NULL, first, 2)->columns;
        assert_int_equal(value_decimal_compare(data_value(c, 0), large[i]), 0);
        decimal_is(c, 1, "1");
        c = one_column(job, VALUE_NULL, kinds, 3)->columns;
        assert_int_equal(c->kind, VALUE_KINDS);
        decimal_is(c, 2, "0.5");
    }
}

UNIT_TEST(rows_grow_over_many_blocks)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(data_writer) writer = data_writer_create(job, 0);
    struct data_rows *rows;
    size_t number, word;

    assert_ok(job, data_writer_column(job, writer, RS_TEXT("n"), VALUE_NULL, &number));
    assert_ok(job, data_writer_column(job, writer, RS_TEXT("t"), VALUE_NULL, &word));
    for (int i = 0; i < 70000; i++) {
        char text[16];
        int size = snprintf(text, sizeof text, "t%d", i % 1000);
        if (i % 3)
            data_writer_add(writer, number, value_integer(i));
        data_writer_add_text(writer, word, rs_text_of(text, (size_t)size));
        assert_ok(job, data_writer_end_row(job, writer));
    }
    assert_ok(job, data_writer_finish(job, writer, &rows));
    for (size_t i = 0; i < 70000; i++) {
        assert_int_equal(data_is_null(&rows->columns[0], i), i % 3 == 0);
        if (i % 3)
            assert_int_equal(data_value(&rows->columns[0], i).integer, i);
        assert_int_equal(rows->columns[1].codes[i], i % 1000);
    }
    assert_int_equal(rows->columns[1].dictionary_count, 1000);
}

UNIT_TEST(rows_stop_at_the_limit)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(data_writer) writer = data_writer_create(job, 2);

    assert_ok(job, data_writer_end_row(job, writer));
    assert_ok(job, data_writer_end_row(job, writer));
    assert_status(data_writer_end_row(job, writer), DATA_TOO_MANY_ROWS);
}

UNIT_TEST(rows_find_columns_as_named_before_any_case)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(data_writer) writer = data_writer_create(job, 0);
    struct data_rows *rows;
    size_t column;

    assert_ok(job, data_writer_column(job, writer, RS_TEXT("ID"), VALUE_NULL, &column));
    assert_ok(job, data_writer_column(job, writer, RS_TEXT("Id"), VALUE_NULL, &column));
    assert_ok(job, data_writer_finish(job, writer, &rows));
    assert_int_equal(data_column_find(rows, RS_TEXT("Id")), 1);
    assert_int_equal(data_column_find(rows, RS_TEXT("id")), 0);
    assert_int_equal(data_column_find(rows, RS_TEXT("x")), -1);
}

UNIT_TEST(sample_rows_fit_the_fields_and_are_always_the_same)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct data_field fields[] = {{RS_TEXT("Region"), VALUE_NULL, false}, {RS_TEXT("OrderDate"), VALUE_NULL, false},
                                        {RS_TEXT("Whatever"), VALUE_NULL, true}, {RS_TEXT("N"), VALUE_INTEGER, false},
                                        {RS_TEXT("IsPaid"), VALUE_NULL, false}};
    struct data_query query = {.fields = fields, .field_count = 5};
    struct data_rows *a, *b;
    static const enum value_kind kinds[] = {VALUE_TEXT, VALUE_DATE, VALUE_DECIMAL, VALUE_INTEGER, VALUE_BOOLEAN};

    assert_ok(job, data_sample(job, &query, &a));
    assert_ok(job, data_sample(job, &query, &b));
    assert_true(a->row_count > 10);
    for (size_t c = 0; c < 5; c++) {
        assert_int_equal(a->columns[c].kind, kinds[c]);
        for (size_t r = 0; r < a->row_count; r++) {
            struct value x = data_value(&a->columns[c], r), y = data_value(&b->columns[c], r);
            if (x.kind == VALUE_TEXT)
                assert_true(rs_text_equal(value_bytes(x), value_bytes(y)));
            else
                assert_int_equal(x.low, y.low);
        }
    }
    assert_true(a->columns[0].dictionary_count > 1);
}

UNIT_TEST(data_names_the_provider_that_is_not_there)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_source source = {.name = RS_TEXT("Warehouse"), .provider = RS_TEXT("ESSBASE")};
    struct data_connection *connection;

    assert_status(data_open(job, &source, &connection), DATA_PROVIDER_UNKNOWN);
    assert_true(rs_text_find(rs_job_message(job), RS_TEXT("ESSBASE")) >= 0);
    assert_true(rs_text_find(rs_job_message(job), RS_TEXT("Warehouse")) >= 0);
}

UNIT_TEST(data_reads_type_names)
{
    assert_int_equal(data_kind_of_type_name(RS_TEXT("System.Decimal")), VALUE_DECIMAL);
    assert_int_equal(data_kind_of_type_name(RS_TEXT("System.Int32")), VALUE_INTEGER);
    assert_int_equal(data_kind_of_type_name(RS_TEXT("DateTime")), VALUE_DATE);
    assert_int_equal(data_kind_of_type_name(RS_TEXT("")), VALUE_NULL);
}
