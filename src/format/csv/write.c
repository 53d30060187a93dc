#include "format/csv/write.h"

static inline bool begins(rs_text t, size_t at, rs_text what)
{
    if (what.size == 0 || t.bytes[at] != what.bytes[0])
        return false;
    return what.size == 1 || (t.size - at >= what.size && memcmp(t.bytes + at, what.bytes, what.size) == 0);
}

static inline bool is_break(char c)
{
    return c == '\r' || c == '\n';
}

static unsigned char first_byte(rs_text t)
{
    return t.size ? (unsigned char)t.bytes[0] : 0;
}

/* No byte above this one begins something special: with commas and quotes, no letter and no digit does. */
static unsigned char last_special(const struct csv_shape *shape)
{
    unsigned char last = '\r';

    last = first_byte(shape->delimiter) > last ? first_byte(shape->delimiter) : last;
    last = first_byte(shape->qualifier) > last ? first_byte(shape->qualifier) : last;
    return first_byte(shape->record_delimiter) > last ? first_byte(shape->record_delimiter) : last;
}

/* One pass over the bytes that can begin something special; most fields hold none of them. */
static bool needs_qualifier(const struct csv_shape *shape, rs_text t)
{
    unsigned char last = last_special(shape);

    for (size_t i = 0; i < t.size; i++) {
        if ((unsigned char)t.bytes[i] > last)
            continue;
        if (is_break(t.bytes[i])) {
            if (!shape->suppress_line_breaks)
                return true;
        } else if (begins(t, i, shape->delimiter) || begins(t, i, shape->qualifier) || begins(t, i, shape->record_delimiter)) {
            return true;
        }
    }
    return false;
}

static void add_content(rs_buf *buf, const struct csv_shape *shape, rs_text t)
{
    size_t from = 0;

    for (size_t i = 0; i < t.size; i++) {
        if (shape->suppress_line_breaks && is_break(t.bytes[i])) {
            rs_buf_add(buf, rs_text_slice(t, from, i - from));
            from = i + 1;
        } else if (begins(t, i, shape->qualifier)) { /* doubled */
            rs_buf_add(buf, rs_text_slice(t, from, i - from));
            rs_buf_add(buf, shape->qualifier);
            from = i;
            i += shape->qualifier.size - 1;
        }
    }
    rs_buf_add(buf, rs_text_from_offset(t, from));
}

void csv_write_field(rs_buf *buf, const struct csv_shape *shape, rs_text field, bool first)
{
    if (!first)
        rs_buf_add(buf, shape->delimiter);
    if (needs_qualifier(shape, field)) {
        rs_buf_add(buf, shape->qualifier);
        add_content(buf, shape, field);
        rs_buf_add(buf, shape->qualifier);
    } else if (shape->suppress_line_breaks) {
        add_content(buf, shape, field);
    } else {
        rs_buf_add(buf, field);
    }
}

void csv_end_record(rs_buf *buf, const struct csv_shape *shape)
{
    rs_buf_add(buf, shape->record_delimiter);
}
