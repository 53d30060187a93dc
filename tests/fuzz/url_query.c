#include <stddef.h>
#include <stdint.h>

#include "web/exchange/pairs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct exchange_pairs pairs = {0};

    if (exchange_pairs_parse(job, rs_text_of((const char *)data, size), &pairs) == RS_OK)
        for (size_t i = 0; i < pairs.count; i++)
            if (!rs_text_is_utf8(pairs.items[i].name) || !rs_text_is_utf8(pairs.items[i].value))
                __builtin_trap();
    return 0;
}
