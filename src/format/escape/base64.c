#include "format/escape/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void escape_base64_write(rs_buf *out, rs_text bytes)
{
    const unsigned char *in = (const unsigned char *)bytes.bytes;
    size_t left = bytes.size;
    char *to;

    if (left == 0)
        return;
    to = rs_buf_reserve(out, (left + 2) / 3 * 4);
    for (; left >= 3; left -= 3, in += 3) {
        uint32_t group = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
        *to++ = alphabet[group >> 18];
        *to++ = alphabet[group >> 12 & 63];
        *to++ = alphabet[group >> 6 & 63];
        *to++ = alphabet[group & 63];
    }
    if (left > 0) {
        uint32_t group = (uint32_t)in[0] << 16 | (left == 2 ? (uint32_t)in[1] << 8 : 0);
        *to++ = alphabet[group >> 18];
        *to++ = alphabet[group >> 12 & 63];
        *to++ = left == 2 ? alphabet[group >> 6 & 63] : '=';
        *to++ = '=';
    }
    out->used += (bytes.size + 2) / 3 * 4;
}

/* 0 to 63, or -1 where the byte is not of the alphabet. */
static int digit_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static rs_status refuse(struct rs_job *job, rs_text text, size_t at)
{
    if (at >= text.size)
        return rs_fail(job, RS_INVALID, "base64 ends in the middle of a byte");
    return rs_fail(job, RS_INVALID, "byte 0x%02X at offset %zu does not belong into base64",
                   (unsigned char)text.bytes[at], at);
}

rs_status escape_base64_parse(struct rs_job *job, rs_text text, rs_text *out)
{
    void *room;
    size_t used = 0, at = 0;
    uint32_t group = 0;
    unsigned digits = 0; /* of the group, 0 to 3 */

    RS_TRY(rs_try_alloc(job, text.size / 4 * 3 + 4, 1, &room));
    char *to = room;
    for (; at < text.size && text.bytes[at] != '='; at++) {
        int value = digit_value(text.bytes[at]);
        if (value < 0) {
            if (is_space(text.bytes[at]))
                continue;
            return refuse(job, text, at);
        }
        group = group << 6 | (uint32_t)value;
        if (++digits == 4) {
            to[used++] = (char)(group >> 16);
            to[used++] = (char)(group >> 8);
            to[used++] = (char)group;
            digits = 0;
        }
    }
    unsigned padding = 0;
    for (; at < text.size; at++) {
        if (text.bytes[at] == '=' && padding < 2)
            padding++;
        else if (!is_space(text.bytes[at]))
            return refuse(job, text, at);
    }
    if (digits == 1 || (padding > 0 && digits + padding != 4))
        return refuse(job, text, text.size);
    if (digits >= 2)
        to[used++] = (char)(digits == 2 ? group >> 4 : group >> 10);
    if (digits == 3)
        to[used++] = (char)(group >> 2);
    to[used] = 0;
    *out = rs_text_of(to, used);
    return RS_OK;
}
