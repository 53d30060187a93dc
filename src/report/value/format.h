/* report/value/format.h - values as text: .NET format strings, compiled once and applied many times.
 *
 * Source:  .NET Framework standard and custom numeric, date and TimeSpan format strings; Microsoft.VisualBasic
 *          Format, FormatNumber, FormatCurrency, FormatPercent, FormatDateTime.
 */
#ifndef REPORT_VALUE_FORMAT_H
#define REPORT_VALUE_FORMAT_H

#include "base/buf.h"
#include "report/value/culture.h"
#include "report/value/value.h"

struct value_format; /* read-only once compiled; holds no culture */

#define VALUE_FORMAT_MAX 4096 /* bytes of a format string; a longer one is cut */

/* The format string of a text box, of ToString or of Format. Never NULL: what is not a valid format for a kind of
 * value is found when it meets one. Lives as long as the job. */
struct value_format *value_format_compile(struct rs_job *job, rs_text format);

/* Append `v` as the format says. Values that take no format (text, Boolean ...) are appended as value_append does.
 * False where .NET would throw a FormatException ("D" for a Double, "q"); then nothing was appended. */
bool value_format_append(const struct value_format *format, const struct value_culture *culture,
                         struct value v, rs_buf *out);

/* Append `v` as a text box without Format shows it: "G" of the culture; nothing for null; "#Error" for an error. */
void value_append(const struct value_culture *culture, struct value v, rs_buf *out);

/* What CStr and & make of it: as above, but a date without time shows its day, one without day (or on the first
 * day of OLE, 1899-12-30) its time. */
void value_append_vb(const struct value_culture *culture, struct value v, rs_buf *out);

/* The same for one value, in the job's memory. */
rs_text value_to_text(struct rs_job *job, const struct value_culture *culture, struct value v);

/* What is shown where value_format_append says false: the format text itself. */
rs_text value_format_source(const struct value_format *format);

/* The text of a number or a date with other digits: NumeralVariant 3 to 7 of a language ("ar-SA"); 1 and 2, and a variant that the
 * language does not have, leave it as it is. In the job's memory, or `text` itself. */
rs_text value_numerals(struct rs_job *job, rs_text text, int variant, rs_text language);

/* ---- Microsoft.VisualBasic: VALUE_TEXT in the job's memory, or VALUE_ERROR ------------------------- */

/* Format(v, style): VB's named formats, else a .NET format string. */
struct value value_vb_format(struct rs_job *job, const struct value_culture *culture,
                             struct value v, rs_text style);

enum value_tristate { VALUE_USE_DEFAULT = -2, VALUE_TRUE = -1, VALUE_FALSE = 0 };

struct value_vb_number {
    int digits; /* behind the point; -1 = the culture's */
    enum value_tristate leading_digit, parentheses, group;
};

struct value value_vb_format_number(struct rs_job *job, const struct value_culture *culture,
                                    struct value v, struct value_vb_number how);
struct value value_vb_format_currency(struct rs_job *job, const struct value_culture *culture,
                                      struct value v, struct value_vb_number how);
struct value value_vb_format_percent(struct rs_job *job, const struct value_culture *culture,
                                     struct value v, struct value_vb_number how);

enum value_date_format { /* VB's DateFormat */
    VALUE_GENERAL_DATE, VALUE_LONG_DATE, VALUE_SHORT_DATE, VALUE_LONG_TIME, VALUE_SHORT_TIME
};
struct value value_vb_format_date(struct rs_job *job, const struct value_culture *culture,
                                  struct value v, enum value_date_format how);

/* ---- parts, for writers of other formats ------------------------------------------------------------ */

/* The shortest text of a double that reads back as the same (".NET R"), invariant: for CSV, XML and JSON. */
#define VALUE_DOUBLE_TEXT_SIZE 32
size_t value_double_write(double d, char out[VALUE_DOUBLE_TEXT_SIZE]);

#endif
