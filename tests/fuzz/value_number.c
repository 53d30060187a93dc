/* Numbers in text. A decimal that is read must be written and read back the same. */
#include <stdlib.h>

#include "report/value/convert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void there_and_back(struct value d)
{
    char text[VALUE_DECIMAL_TEXT_SIZE];
    struct value back;

    if (d.kind != VALUE_DECIMAL)
        return;
    if (d.scale > VALUE_DECIMAL_SCALE_MAX ||
        !value_decimal_parse(rs_text_of(text, value_decimal_write(d, text)), &back) ||
        value_decimal_compare(d, back) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const cultures[] = {"", "en-US", "de-DE", "fr-FR", "hu-HU", "ar-SA", "en-IN", "ja-JP"};
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct value_culture *culture;
    struct value value;
    double real;
    rs_text text;

    if (size == 0)
        return 0;
    culture = value_culture_find(rs_text_from(cultures[data[0] % 8]), NULL);
    text = rs_text_of((const char *)data + 1, size - 1);
    if (value_decimal_parse(text, &value))
        there_and_back(value);
    if (value_parse_decimal(text, culture, &value))
        there_and_back(value);
    (void)value_parse_double(text, culture, &real);
    for (enum value_kind kind = VALUE_NULL; kind < VALUE_KINDS; kind++)
        (void)value_convert(job, value_text(text), kind, culture);
    return 0;
}
