/* Any bytes as a response: given whole and given in single bytes they end the same way. */
#include <assert.h>
#include <stdint.h>

#include "net/http/response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct http_response whole, pieces;
    rs_text bytes = rs_text_of((const char *)data, size);
    enum http_parse whole_end, end = HTTP_MORE;

    http_response_init(&whole);
    whole_end = http_response_parse(&whole, HTTP_GET, bytes);
    http_response_init(&pieces);
    for (size_t shown = 0; shown <= size && end == HTTP_MORE; shown++)
        end = http_response_parse(&pieces, HTTP_GET, rs_text_slice(bytes, 0, shown));
    assert(end == whole_end);
    if (end == HTTP_DONE)
        assert(whole.head_size == pieces.head_size && whole.status == pieces.status &&
               whole.body == pieces.body);
    else if (end == HTTP_BAD)
        assert(whole.fault.status == 502);
    return 0;
}
