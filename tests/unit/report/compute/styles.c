/* What styles make of a value: language, format, calendar, digits. */
#include "unit.h"

#include "pieces.h"

#define STYLED(name, value, style)                                                                               \
    "<Textbox Name='" name "'><Paragraphs><Paragraph><TextRuns><TextRun><Value>" value                           \
    "</Value><Style>" style "</Style></TextRun></TextRuns><Style/></Paragraph></Paragraphs><Style/></Textbox>"

UNIT_TEST(styles_choose_calendar_and_digits)
{
    static const struct {
        const char *name, *shows;
    } boxes[] = {
        {"Own", "23/11/1445"}, {"Gregorian", "2024-05-31"}, {"Arabic", "٢٠٢٤-٠٥-٣١"}, {"Computed", "令和 6/5/31"},
        {"Number", "๑,๒๓๔.๕๐"}, {"Text", "12"}, {"Wrong", "1234"}, {"Other", "५"},
    };
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = REPORT("",
        STYLED("Own", "=DateSerial(2024, 5, 31)", "<Language>ar-SA</Language><Format>d/M/yyyy</Format>")
        STYLED("Gregorian", "=DateSerial(2024, 5, 31)", "<Language>ar-SA</Language><Calendar>Gregorian</Calendar><Format>yyyy-MM-dd</Format>")
        STYLED("Arabic", "=DateSerial(2024, 5, 31)", "<Language>ar-SA</Language><Calendar>Gregorian</Calendar><Format>yyyy-MM-dd</Format><NumeralVariant>3</NumeralVariant>")
        STYLED("Computed", "=DateSerial(2024, 5, 31)", "<Language>ja-JP</Language><Calendar>=\"Japan\" + \"ese\"</Calendar><Format>d</Format>")
        STYLED("Number", "=1234.5", "<Language>th-TH</Language><Format>N2</Format><NumeralVariant>=1 + 2</NumeralVariant>")
        STYLED("Text", "=\"12\"", "<Language>th-TH</Language><NumeralVariant>3</NumeralVariant>")
        STYLED("Wrong", "=1234", "<Language>th-TH</Language><NumeralVariant>=\"x\"</NumeralVariant>")
        STYLED("Other", "=5", "<Language>en-US</Language><NumeralLanguage>hi-IN</NumeralLanguage><NumeralVariant>3</NumeralVariant>"), "");
    struct compute_run *run = pieces_open(job, report, NULL);

    assert_ok(job, compute_start(job, run));
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++)
        assert_text(pieces_text(job, run, boxes[i].name), boxes[i].shows);
}
