/* Any bytes as a chunked body: the same data come out however the bytes are cut. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "net/http/chunked.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Decode in pieces of `step` bytes into `out`; how it ended, how much came out, how much was taken. */
static enum http_parse decode(rs_text bytes, size_t step, char *out, size_t *out_size, size_t *used)
{
    struct http_chunked chunked = {0};
    enum http_parse end = HTTP_MORE;

    *out_size = *used = 0;
    while (*used < bytes.size && end == HTTP_MORE) {
        rs_text run;
        size_t taken;
        end = http_chunked_decode(&chunked, rs_text_slice(bytes, *used, step), &taken, &run);
        assert(taken > 0 && run.size <= taken);
        if (run.size > 0)
            memcpy(out + *out_size, run.bytes, run.size);
        *out_size += run.size;
        *used += taken;
    }
    return end;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *whole = malloc(size + 1), *pieces = malloc(size + 1);
    rs_text bytes = rs_text_of((const char *)data, size);
    size_t whole_size, pieces_size, whole_used, pieces_used;
    enum http_parse end;

    if (!whole || !pieces)
        abort();
    end = decode(bytes, size, whole, &whole_size, &whole_used);
    assert(end == decode(bytes, 1, pieces, &pieces_size, &pieces_used));
    assert(whole_size == pieces_size && memcmp(whole, pieces, whole_size) == 0);
    assert(whole_used == pieces_used);
    free(whole);
    free(pieces);
    return 0;
}
