#include "format/escape/markup.h"

/* What replaces a byte; NULL where it stays. Runs of bytes that stay are copied at once. */
struct escapes {
    const char *of[256];
};

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

static const struct escapes html = {{
    ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;",
    [0] = REPLACEMENT,
}};

#define XML_CONTROLS                                                                           \
    [0x00 ... 0x08] = REPLACEMENT, [0x0B] = REPLACEMENT, [0x0C] = REPLACEMENT,                 \
    [0x0E ... 0x1F] = REPLACEMENT

static const struct escapes xml_text = {{
    ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['\r'] = "&#13;", XML_CONTROLS,
}};

static const struct escapes xml_attribute = {{
    ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\r'] = "&#13;",
    ['\n'] = "&#10;", ['\t'] = "&#9;", XML_CONTROLS,
}};

static void write_escaped(rs_buf *out, rs_text t, const struct escapes *escapes)
{
    size_t from = 0;

    for (size_t i = 0; i < t.size; i++) {
        const char *instead = escapes->of[(unsigned char)t.bytes[i]];
        if (!instead)
            continue;
        rs_buf_add(out, rs_text_of(t.bytes + from, i - from));
        rs_buf_add(out, rs_text_from(instead));
        from = i + 1;
    }
    rs_buf_add(out, rs_text_of(t.bytes + from, t.size - from));
}

void escape_html(rs_buf *out, rs_text t)
{
    write_escaped(out, t, &html);
}

/* XML also refuses U+FFFE, U+FFFF and what is not UTF-8. */
static bool is_xml_clean(rs_text t)
{
    return rs_text_is_utf8(t) && (rs_text_find_byte(t, '\xEF') < 0 ||
                                  (rs_text_find(t, RS_TEXT("\xEF\xBF\xBE")) < 0 &&
                                   rs_text_find(t, RS_TEXT("\xEF\xBF\xBF")) < 0));
}

static rs_text xml_cleaned(struct rs_job *job, rs_text t)
{
    rs_buf clean = rs_buf_in(job);
    size_t at = 0;

    while (at < t.size) {
        uint32_t c = rs_text_next(t, &at);
        rs_buf_add_code_point(&clean, c == 0xFFFE || c == 0xFFFF ? 0xFFFD : c);
    }
    return rs_buf_text(&clean);
}

void escape_xml_text(rs_buf *out, rs_text t)
{
    write_escaped(out, is_xml_clean(t) ? t : xml_cleaned(out->job, t), &xml_text);
}

void escape_xml_attribute(rs_buf *out, rs_text t)
{
    write_escaped(out, is_xml_clean(t) ? t : xml_cleaned(out->job, t), &xml_attribute);
}
