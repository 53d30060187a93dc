#include <stddef.h>
#include <stdint.h>

#include "web/exchange/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first line is the content type, the rest the body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct exchange_pairs pairs = {0};
    struct exchange_files files = {0};
    rs_text type, body;

    rs_text_cut(rs_text_of((const char *)data, size), '\n', &type, &body);
    if (exchange_multipart_parse(job, type, body, &pairs, &files) == RS_OK)
        for (size_t i = 0; i < files.count; i++)
            if (files.items[i].content.size > size)
                __builtin_trap();
    return 0;
}
