/* Dates and spans in text: the first byte chooses the culture. What is read must be a date. */
#include <stdlib.h>

#include "report/value/culture.h"
#include "report/value/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const cultures[] = {"", "en-US", "de-DE", "fr-FR", "hu-HU", "ar-SA", "fi-FI", "ja-JP"};
    rs_text text;
    int64_t ticks;
    int offset;

    if (size == 0)
        return 0;
    text = rs_text_of((const char *)data + 1, size - 1);
    if (value_date_parse(text, value_culture_find(rs_text_from(cultures[data[0] % 8]), NULL), &ticks, &offset) &&
        !value_date_in_range(ticks))
        abort();
    (void)value_span_parse(text, &ticks);
    (void)value_culture_find(text, NULL);
    return 0;
}
