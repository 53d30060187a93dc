#include "format/escape/hex.h"

#include <endian.h>
#include <string.h>

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

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Eight digits at a time, a byte of the word for each; gives the bits that tell that one is none. */
static uint64_t read_eight(const char *text, unsigned char *out)
{
    uint64_t digits, letters, values, written, pairs;
    uint32_t bytes;

    memcpy(&digits, text, 8);
    digits = le64toh(digits);
    letters = digits >> 6 & EACH(1);
    values = (digits & EACH(15)) + letters * 9;
    written = values + EACH('0') + letters * ('A' - 10 - '0') + (digits & (letters << 5));
    pairs = (values << 4 | values >> 8) & UINT64_C(0x00FF00FF00FF00FF);
    pairs = (pairs | pairs >> 8) & UINT64_C(0x0000FFFF0000FFFF);
    bytes = htole32((uint32_t)(pairs | pairs >> 16));
    memcpy(out, &bytes, sizeof bytes);
    /* from 10 on it must be a letter, below a digit; 16 is too much */
    return (written ^ digits) | ((((values + EACH(6)) ^ (letters << 4)) | values) & EACH(16));
}

bool escape_hex_read(rs_text text, unsigned char *out)
{
    uint64_t wrong = text.size % 8;

    for (size_t i = 0; i + 8 <= text.size; i += 8)
        wrong |= read_eight(text.bytes + i, out + i / 2);
    return wrong == 0;
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
