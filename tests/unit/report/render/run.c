#include "unit.h"

#include "../compute/pieces.h"
#include "report/render/run.h"

static rs_status refuse(struct rs_job *job, void *data, rs_text bytes)
{
    (void)data, (void)bytes;
    return rs_fail(job, RS_IO, "the client is gone");
}

static rs_status render_as(struct rs_job *job, const char *definition, const char *format, struct render_output *output)
{
    struct publish_report *report;
    struct render_request request = {.format = rs_text_from(format)};

    RS_TRY(publish_open(job, rs_text_from(definition), NULL, &report));
    rs_job_at_end(job, (void (*)(void *))publish_unref, report);
    return render_report(job, report, &request, &(struct render_sink){NULL, refuse, NULL}, output);
}

UNIT_TEST(render_names_the_formats_that_there_are)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_status(render_as(job, REPORT(SALES, TEXTBOX("X", "=1"), ""), "WORDPERFECT", NULL), RENDER_FORMAT_UNKNOWN);
    assert_true(rs_text_find(rs_job_message(job), RS_TEXT("CSV")) >= 0);
    assert_string_equal(rs_status_client_code(rs_job_status(job)), "rsRenderingExtensionNotFound");
}

UNIT_TEST(render_null_executes_and_writes_nothing)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct render_output output;

    assert_ok(job, render_as(job, REPORT(SALES, TEXTBOX("X", "=Sum(Fields!Units.Value)"), ""), "null", &output));
    assert_text(output.extension, "txt");
}

UNIT_TEST(render_gives_what_the_sink_gives)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct render_output output;

    assert_status(render_as(job, REPORT(SALES, TEXTBOX("X", "=1 + 1"), ""), "csv", &output), RS_IO);
    assert_text(output.mime_type, "text/csv");
    assert_text(output.charset, "utf-8");
    assert_text(output.extension, "csv");
}

UNIT_TEST(device_information_is_read_by_type_and_the_last_wins)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct render_setting items[] = {{RS_TEXT("A"), RS_TEXT("1")}, {RS_TEXT("a"), RS_TEXT("2")}, {RS_TEXT("W"), RS_TEXT("2in")},
                                           {RS_TEXT("B"), RS_TEXT("True")}, {RS_TEXT("Bad"), RS_TEXT("x")}};
    const struct render_device_info info = {items, 5};
    int64_t whole;
    double size;
    bool yes;

    assert_ok(job, render_int(job, &info, RS_TEXT("A"), 0, 9, 7, &whole));
    assert_int_equal(whole, 2);
    assert_ok(job, render_int(job, &info, RS_TEXT("C"), 0, 9, 7, &whole));
    assert_int_equal(whole, 7);
    assert_ok(job, render_size(job, &info, RS_TEXT("w"), 1, &size));
    assert_true(size == 144);
    assert_ok(job, render_bool(job, &info, RS_TEXT("b"), false, &yes));
    assert_true(yes);
    assert_status(render_int(job, &info, RS_TEXT("A"), 5, 9, 7, &whole), RENDER_DEVICE_INFO);
    rs_job_forgive(job);
    assert_status(render_bool(job, &info, RS_TEXT("Bad"), false, &yes), RENDER_DEVICE_INFO);
    rs_job_forgive(job);
    assert_status(render_size(job, &info, RS_TEXT("Bad"), 1, &size), RENDER_DEVICE_INFO);
}
