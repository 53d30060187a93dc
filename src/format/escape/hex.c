#include "format/escape/hex.h"

void escape_hex_write(rs_buf *out, rs_text bytes, enum escape_hex_case digits)
{
    const char *digit = digits == ESCAPE_HEX_UPPER ? "0123456789ABCDEF" : "0123456789abcdef";

    for (size_t i = 0; i < bytes.size; i++) {
        unsigned char byte = (unsigned char)bytes.bytes[i];
        rs_buf_add_byte(out, digit[byte >> 4]);
        rs_buf_add_byte(out, digit[byte & 15]);
    }
}

int escape_hex_digit(char c)
{
    if (rs_is_digit(c))
        return c - '0';
    c = rs_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

rs_status escape_hex_parse(struct rs_job *job, rs_text text, rs_text *out)
{
    void *room;

    if (text.size % 2)
        return rs_fail(job, RS_INVALID, "an odd number of hexadecimal digits");
    RS_TRY(rs_try_alloc(job, text.size / 2 + 1, 1, &room));
    for (size_t i = 0; i < text.size; i += 2) {
        int high = escape_hex_digit(text.bytes[i]), low = escape_hex_digit(text.bytes[i + 1]);
        if (high < 0 || low < 0)
            return rs_fail(job, RS_INVALID, "no hexadecimal digit at offset %zu",
                           high < 0 ? i : i + 1);
        ((char *)room)[i / 2] = (char)(high << 4 | low);
    }
    *out = rs_text_of(room, text.size / 2);
    return RS_OK;
}
