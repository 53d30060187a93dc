/* JSON text: what is read can be written and read again to an equal value. */
#include <stdlib.h>

#include "format/json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    json_t *value, *again;

    if (json_parse(job, rs_text_of((const char *)data, size), 0, &value) != RS_OK)
        return 0;
    if (json_parse(job, json_write(job, value, JSON_COMPACT_LINE), 0, &again) != RS_OK ||
        !json_equal(value, again))
        abort();
    return 0;
}
