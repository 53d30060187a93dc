#include "unit.h"

#include "format/csv/write.h"

static rs_text field(struct rs_job *job, struct csv_shape shape, const char *text)
{
    rs_buf buf = rs_buf_in(job);

    csv_write_field(&buf, &shape, rs_text_from(text), true);
    return rs_buf_text(&buf);
}

UNIT_TEST(csv_qualifies_only_where_it_must)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_text(field(job, csv_default(), "plain text"), "plain text");
    assert_text(field(job, csv_default(), ""), "");
    assert_text(field(job, csv_default(), "1,5"), "\"1,5\"");
    assert_text(field(job, csv_default(), "say \"hi\""), "\"say \"\"hi\"\"\"");
    assert_text(field(job, csv_default(), "two\nlines"), "\"two\nlines\"");
    assert_text(field(job, csv_default(), "\""), "\"\"\"\"");
}

UNIT_TEST(csv_takes_other_delimiters_of_any_length)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct csv_shape shape = {RS_TEXT("||"), RS_TEXT("''"), RS_TEXT("\n"), false};
    rs_buf buf = rs_buf_in(job);

    assert_text(field(job, shape, "a|b"), "a|b");
    assert_text(field(job, shape, "a||b"), "''a||b''");
    assert_text(field(job, shape, "it''s"), "''it''''s''");
    csv_write_field(&buf, &shape, RS_TEXT("x"), true);
    csv_write_field(&buf, &shape, RS_TEXT("y"), false);
    csv_end_record(&buf, &shape);
    assert_text(rs_buf_text(&buf), "x||y\n");
}

UNIT_TEST(csv_leaves_out_line_breaks_where_told)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct csv_shape shape = csv_default();

    shape.suppress_line_breaks = true;
    assert_text(field(job, shape, "a\r\nb"), "ab");
    assert_text(field(job, shape, "a\r\n\"b\""), "\"a\"\"b\"\"\"");
}
