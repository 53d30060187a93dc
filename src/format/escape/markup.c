#include "format/escape/markup.h"

/* What replaces a byte; NULL where it stays. Runs of bytes that stay are copied at once. */
static const char *const instead_of[256] = {
    ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;",
    [0] = "\xEF\xBF\xBD", /* U+FFFD */
};

void escape_html(rs_buf *out, rs_text t)
{
    size_t from = 0;

    for (size_t i = 0; i < t.size; i++) {
        const char *instead = instead_of[(unsigned char)t.bytes[i]];
        if (!instead)
            continue;
        rs_buf_add(out, rs_text_of(t.bytes + from, i - from));
        rs_buf_add(out, rs_text_from(instead));
        from = i + 1;
    }
    if (from < t.size)
        rs_buf_add(out, rs_text_of(t.bytes + from, t.size - from));
}
