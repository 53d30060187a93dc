#include <stddef.h>
#include <stdint.h>

#include "web/url/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A query string, read as a request for an item and its parameters. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct exchange x = {.job = job, .method = HTTP_GET};
    struct url_request request;

    if (exchange_pairs_parse(job, rs_text_of((const char *)data, size), &x.query) != RS_OK ||
        url_request_read(&x, (rs_text){0}, &request) != RS_OK)
        return 0;
    if (request.path.size == 0 || request.path.bytes[0] != '/')
        __builtin_trap();
    for (size_t i = 0; i < request.given.count; i++)
        if (request.given.items[i].is_null != (request.given.items[i].count == 0))
            __builtin_trap();
    return 0;
}
