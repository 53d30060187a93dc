/* Format strings: the first byte says which value and culture, the rest is the format. */
#include "report/value/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const cultures[] = {"", "en-US", "de-DE", "fr-FR", "hu-HU", "ar-SA", "en-IN", "ja-JP"};
    const struct value values[] = {
        value_integer(-1234567),
        value_long(INT64_MIN),
        value_double(-0.000123456),
        value_double(1.7e308),
        {.kind = VALUE_DECIMAL, .high = UINT32_MAX, .low = UINT64_MAX, .scale = 28, .negative = 1},
        {.kind = VALUE_SINGLE, .real = 0.1F},
        value_date(INT64_C(638527143091234567)),
        {.kind = VALUE_SPAN, .ticks = INT64_MIN},
        {.kind = VALUE_OFFSET, .ticks = INT64_C(638527143091234567), .minutes = -330},
    };
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct value_culture *culture;
    rs_buf out = rs_buf_in(job);
    rs_text format;

    if (size == 0)
        return 0;
    culture = value_culture_find(rs_text_from(cultures[data[0] % 8]), NULL);
    format = rs_text_of((const char *)data + 1, size - 1);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        (void)value_format_append(value_format_compile(job, format), culture, values[i], &out);
        (void)value_vb_format(job, culture, values[i], format);
    }
    return 0;
}
