#include "format/escape/percent.h"

#include "format/escape/hex.h"

static bool is_unreserved(char c)
{
    return rs_is_alpha(c) || rs_is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static void write_escaped(rs_buf *out, rs_text t, char kept)
{
    for (size_t i = 0; i < t.size; i++) {
        char c = t.bytes[i];
        if (is_unreserved(c) || (c == kept && kept)) {
            rs_buf_add_byte(out, c);
        } else {
            rs_buf_add_byte(out, '%');
            escape_hex_write(out, rs_text_of(&c, 1), ESCAPE_HEX_UPPER);
        }
    }
}

void escape_percent_write(rs_buf *out, rs_text t)
{
    write_escaped(out, t, 0);
}

void escape_percent_write_path(rs_buf *out, rs_text t)
{
    write_escaped(out, t, '/');
}

static bool needs_work(rs_text t, enum escape_plus plus)
{
    return rs_text_find_byte(t, '%') >= 0 ||
           (plus == ESCAPE_PLUS_IS_BLANK && rs_text_find_byte(t, '+') >= 0);
}

rs_text escape_percent_parse(struct rs_job *job, rs_text t, enum escape_plus plus)
{
    rs_buf out = rs_buf_in(job);

    if (!needs_work(t, plus))
        return t;
    rs_buf_reserve(&out, t.size);
    for (size_t i = 0; i < t.size; i++) {
        char c = t.bytes[i];
        if (c == '%' && t.size - i > 2 && escape_hex_digit(t.bytes[i + 1]) >= 0 &&
            escape_hex_digit(t.bytes[i + 2]) >= 0) {
            c = (char)(escape_hex_digit(t.bytes[i + 1]) << 4 | escape_hex_digit(t.bytes[i + 2]));
            i += 2;
        } else if (c == '+' && plus == ESCAPE_PLUS_IS_BLANK) {
            c = ' ';
        }
        rs_buf_add_byte(&out, c);
    }
    return rs_buf_text(&out);
}
