#include "format/xml/write.h"

#include <assert.h>

/* What XML 1.0 calls Char. */
static bool is_allowed(uint32_t c)
{
    if (c < 0x20)
        return c == '\t' || c == '\n' || c == '\r';
    return c <= 0xd7ff || (c >= 0xe000 && c != 0xfffe && c != 0xffff);
}

/* The reference for an ASCII byte that may not stand as it is; NULL where it may. CR would be read back as LF. */
static const char *reference(uint8_t byte, bool in_attribute)
{
    switch (byte) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '\r': return "&#13;";
    case '"': return in_attribute ? "&quot;" : NULL;
    case '\n': return in_attribute ? "&#10;" : NULL;
    case '\t': return in_attribute ? "&#9;" : NULL;
    default: return byte < 0x20 && byte != '\n' && byte != '\t' ? "\xef\xbf\xbd" : NULL;
    }
}

static void escape(rs_buf *buf, rs_text t, bool in_attribute)
{
    size_t plain = 0; /* from here to `at` nothing needs care */

    for (size_t at = 0; at < t.size;) {
        size_t from = at;
        const char *instead = NULL;
        if ((uint8_t)t.bytes[at] < 0x80) {
            instead = reference((uint8_t)t.bytes[at++], in_attribute);
        } else {
            uint32_t c = rs_text_next(t, &at);
            if (!is_allowed(c) || (c == 0xfffd && at == from + 1))
                instead = "\xef\xbf\xbd";
        }
        if (!instead)
            continue;
        rs_buf_add(buf, rs_text_slice(t, plain, from - plain));
        rs_buf_add(buf, rs_text_from(instead));
        plain = at;
    }
    rs_buf_add(buf, rs_text_from_offset(t, plain));
}

void xml_escape_text(rs_buf *buf, rs_text t)
{
    escape(buf, t, false);
}

static void xml_escape_attribute(rs_buf *buf, rs_text t)
{
    escape(buf, t, true);
}

static void end_tag_start(struct xml_writer *w)
{
    if (w->tag_is_open)
        rs_buf_add_byte(w->buf, '>');
    w->tag_is_open = false;
}

static void new_line(struct xml_writer *w)
{
    if (w->indent == 0 || !w->has_begun)
        return;
    rs_buf_add_byte(w->buf, '\n');
    for (unsigned i = 0; i < w->depth * w->indent; i++)
        rs_buf_add_byte(w->buf, ' ');
}

void xml_declare(struct xml_writer *w, rs_text encoding)
{
    rs_buf_printf(w->buf, "<?xml version=\"1.0\" encoding=\"%.*s\"?>", RS_TEXT_ARG(encoding));
    w->has_begun = true;
}

void xml_open(struct xml_writer *w, const char *name)
{
    assert(w->depth < XML_WRITER_DEPTH_MAX);
    end_tag_start(w);
    if (!w->has_text)
        new_line(w);
    rs_buf_add_byte(w->buf, '<');
    rs_buf_add(w->buf, rs_text_from(name));
    w->names[w->depth++] = name;
    w->has_begun = w->tag_is_open = true;
    w->has_text = w->has_children = false;
}

void xml_write_attribute(struct xml_writer *w, const char *name, rs_text value)
{
    assert(w->tag_is_open);
    rs_buf_add_byte(w->buf, ' ');
    rs_buf_add(w->buf, rs_text_from(name));
    rs_buf_add_literal(w->buf, "=\"");
    xml_escape_attribute(w->buf, value);
    rs_buf_add_byte(w->buf, '"');
}

void xml_write_text(struct xml_writer *w, rs_text t)
{
    if (t.size == 0)
        return;
    end_tag_start(w);
    xml_escape_text(w->buf, t);
    w->has_text = true;
}

void xml_close(struct xml_writer *w)
{
    assert(w->depth > 0);
    w->depth--;
    if (w->tag_is_open) {
        rs_buf_add_literal(w->buf, "/>");
        w->tag_is_open = false;
    } else {
        if (w->has_children && !w->has_text)
            new_line(w);
        rs_buf_add_literal(w->buf, "</");
        rs_buf_add(w->buf, rs_text_from(w->names[w->depth]));
        rs_buf_add_byte(w->buf, '>');
    }
    w->has_children = true;
    w->has_text = false;
}

void xml_write_element(struct xml_writer *w, const char *name, rs_text t)
{
    xml_open(w, name);
    xml_write_text(w, t);
    xml_close(w);
}
