/* report/value/culture_read.h - reading cultures from ICU, shared by culture.c and calendar.c.
 */
#ifndef REPORT_VALUE_CULTURE_READ_H
#define REPORT_VALUE_CULTURE_READ_H

#include "base/buf.h"
#include "report/value/culture.h"

/* Makes a culture like `base` in the memory of all cultures. */
typedef const struct value_culture *culture_variant_reader(struct rs_job *keeper, const struct value_culture *base, const void *data);

/* The variant of a culture that is called `name`, which is read once. */
const struct value_culture *culture_variant(const struct value_culture *base, rs_text name, culture_variant_reader *read,
                                            const void *data);

/* For a reader, while culture_variant waits: names, era and patterns of dates; tables of months, NULL where there are none. */
void culture_read_calendar(struct value_culture *culture, const char *locale);
const struct value_month_starts *culture_read_months(const char *locale, int first_year, int last_year);

/* Of a Gregorian date; false before the first era. */
bool value_calendar_japanese(const struct value_date_parts *parts, int *year, rs_text *era);
void value_calendar_hebrew_number(int number, rs_buf *out);

#endif
