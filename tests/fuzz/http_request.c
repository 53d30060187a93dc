/* Any bytes as a request: given whole and given in single bytes they end the same way. */
#include <assert.h>
#include <stdint.h>

#include "net/http/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct http_request whole, pieces;
    rs_text bytes = rs_text_of((const char *)data, size);
    enum http_parse whole_end, end = HTTP_MORE;

    http_request_init(&whole);
    whole_end = http_request_parse(&whole, bytes);
    http_request_init(&pieces);
    for (size_t shown = 0; shown <= size && end == HTTP_MORE; shown++)
        end = http_request_parse(&pieces, rs_text_slice(bytes, 0, shown));
    assert(end == whole_end);
    if (end == HTTP_DONE) {
        assert(whole.head_size == pieces.head_size && whole.head_size <= size);
        assert(whole.fields.count == pieces.fields.count && whole.body == pieces.body);
        assert(whole.path.size > 0 && whole.content_length == pieces.content_length);
    } else if (end == HTTP_BAD) {
        assert(whole.fault.status >= 400 && whole.fault.reason && whole.fault.sentence);
    }
    return 0;
}
