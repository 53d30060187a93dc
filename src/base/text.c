#include "base/text.h"

#include <locale.h>
#include <stdlib.h>

bool rs_text_equal(rs_text a, rs_text b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

int rs_text_compare(rs_text a, rs_text b)
{
    size_t shared = a.size < b.size ? a.size : b.size;
    int order = shared ? memcmp(a.bytes, b.bytes, shared) : 0;

    if (order != 0)
        return order;
    return (a.size > b.size) - (a.size < b.size);
}

bool rs_text_starts(rs_text t, rs_text prefix)
{
    return t.size >= prefix.size && rs_text_equal(rs_text_of(t.bytes, prefix.size), prefix);
}

bool rs_text_ends(rs_text t, rs_text suffix)
{
    return t.size >= suffix.size &&
           rs_text_equal(rs_text_from_offset(t, t.size - suffix.size), suffix);
}

int rs_text_compare_nocase(rs_text a, rs_text b)
{
    size_t shared = a.size < b.size ? a.size : b.size;

    for (size_t i = 0; i < shared; i++) {
        unsigned char x = (unsigned char)rs_lower(a.bytes[i]);
        unsigned char y = (unsigned char)rs_lower(b.bytes[i]);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return (a.size > b.size) - (a.size < b.size);
}

bool rs_text_equal_nocase(rs_text a, rs_text b)
{
    return a.size == b.size && rs_text_compare_nocase(a, b) == 0;
}

bool rs_text_starts_nocase(rs_text t, rs_text prefix)
{
    return t.size >= prefix.size && rs_text_equal_nocase(rs_text_of(t.bytes, prefix.size), prefix);
}

ptrdiff_t rs_text_find(rs_text t, rs_text what)
{
    const char *at;

    if (what.size == 0)
        return 0;
    if (what.size > t.size)
        return -1;
    at = memmem(t.bytes, t.size, what.bytes, what.size);
    return at ? at - t.bytes : -1;
}

ptrdiff_t rs_text_find_byte(rs_text t, char byte)
{
    const char *at = t.size ? memchr(t.bytes, byte, t.size) : NULL;

    return at ? at - t.bytes : -1;
}

rs_text rs_text_slice(rs_text t, size_t from, size_t size)
{
    if (from > t.size)
        from = t.size;
    if (size > t.size - from)
        size = t.size - from;
    return (rs_text){t.bytes ? t.bytes + from : NULL, size};
}

rs_text rs_text_from_offset(rs_text t, size_t from)
{
    return rs_text_slice(t, from, t.size);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

rs_text rs_text_without_mark(rs_text t)
{
    rs_text mark = RS_TEXT("\xEF\xBB\xBF");

    return rs_text_starts(t, mark) ? rs_text_from_offset(t, mark.size) : t;
}

rs_text rs_text_trim(rs_text t)
{
    while (t.size > 0 && is_blank(t.bytes[0])) {
        t.bytes++;
        t.size--;
    }
    while (t.size > 0 && is_blank(t.bytes[t.size - 1]))
        t.size--;
    return t;
}

bool rs_text_cut(rs_text t, char separator, rs_text *head, rs_text *rest)
{
    ptrdiff_t at = rs_text_find_byte(t, separator);

    if (at < 0) {
        *head = t;
        *rest = rs_text_from_offset(t, t.size);
        return false;
    }
    *head = rs_text_slice(t, 0, (size_t)at);
    *rest = rs_text_from_offset(t, (size_t)at + 1);
    return true;
}

/* The code point at `bytes`, its length in *length; length 0 where the bytes are not UTF-8
 * (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF). */
static uint32_t utf8_decode(const unsigned char *bytes, size_t size, size_t *length)
{
    static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t code_point;
    size_t need;

    *length = 0;
    if (bytes[0] < 0x80) {
        *length = 1;
        return bytes[0];
    }
    if (bytes[0] >= 0xC2 && bytes[0] <= 0xDF) {
        need = 2;
        code_point = bytes[0] & 0x1F;
    } else if (bytes[0] >= 0xE0 && bytes[0] <= 0xEF) {
        need = 3;
        code_point = bytes[0] & 0x0F;
    } else if (bytes[0] >= 0xF0 && bytes[0] <= 0xF4) {
        need = 4;
        code_point = bytes[0] & 0x07;
    } else {
        return 0;
    }
    if (need > size)
        return 0;
    for (size_t i = 1; i < need; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
        code_point = code_point << 6 | (bytes[i] & 0x3F);
    }
    if (code_point < smallest[need] || code_point > 0x10FFFF ||
        (code_point >= 0xD800 && code_point <= 0xDFFF))
        return 0;
    *length = need;
    return code_point;
}

bool rs_text_is_utf8(rs_text t)
{
    size_t offset = 0;

    while (offset < t.size) {
        size_t length;
        uint64_t eight;
        if (t.size - offset >= 8) { /* ASCII is most of what comes */
            memcpy(&eight, t.bytes + offset, 8);
            if (!(eight & UINT64_C(0x8080808080808080))) {
                offset += 8;
                continue;
            }
        }
        utf8_decode((const unsigned char *)t.bytes + offset, t.size - offset, &length);
        if (length == 0)
            return false;
        offset += length;
    }
    return true;
}

uint32_t rs_text_next(rs_text t, size_t *offset)
{
    size_t length;
    uint32_t code_point =
        utf8_decode((const unsigned char *)t.bytes + *offset, t.size - *offset, &length);

    if (length == 0) {
        *offset += 1;
        return 0xFFFD;
    }
    *offset += length;
    return code_point;
}

size_t rs_utf8_encode(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

bool rs_parse_uint64(rs_text t, uint64_t *out)
{
    uint64_t value = 0;

    if (t.size == 0)
        return false;
    for (size_t i = 0; i < t.size; i++) {
        unsigned digit = (unsigned)(t.bytes[i] - '0');
        if (digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return false;
    }
    *out = value;
    return true;
}

bool rs_parse_int64(rs_text t, int64_t *out)
{
    bool negative = t.size > 0 && t.bytes[0] == '-';
    uint64_t magnitude;

    if (t.size > 0 && (t.bytes[0] == '-' || t.bytes[0] == '+'))
        t = rs_text_from_offset(t, 1);
    if (!rs_parse_uint64(t, &magnitude) || magnitude > (uint64_t)INT64_MAX + negative)
        return false;
    *out = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

bool rs_parse_hex64(rs_text t, uint64_t *out)
{
    uint64_t value = 0;

    if (t.size == 0 || t.size > 16)
        return false;
    for (size_t i = 0; i < t.size; i++) {
        char c = rs_lower(t.bytes[i]);
        if (rs_is_digit(c))
            value = value << 4 | (uint64_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            value = value << 4 | (uint64_t)(c - 'a' + 10);
        else
            return false;
    }
    *out = value;
    return true;
}

/* One C locale for the life of the process, so that strtod never follows LC_NUMERIC. */
static locale_t c_locale(void)
{
    static locale_t locale;
    locale_t mine = __atomic_load_n(&locale, __ATOMIC_ACQUIRE);

    if (!mine) {
        locale_t expected = (locale_t)0;
        mine = newlocale(LC_ALL_MASK, "C", (locale_t)0);
        if (!__atomic_compare_exchange_n(&locale, &expected, mine, false, __ATOMIC_ACQ_REL,
                                         __ATOMIC_ACQUIRE)) {
            freelocale(mine);
            mine = expected;
        }
    }
    return mine;
}

/* The longest number worth reading: a double printed in full has at most 1,077 characters. */
#define PARSE_DOUBLE_MAX 1100

bool rs_parse_double(rs_text t, double *out)
{
    char copy[PARSE_DOUBLE_MAX + 1];
    size_t i = 0;
    size_t digits = 0;
    char *end;

    if (t.size == 0 || t.size > PARSE_DOUBLE_MAX)
        return false;
    if (t.bytes[i] == '+' || t.bytes[i] == '-')
        i++;
    for (; i < t.size && rs_is_digit(t.bytes[i]); i++)
        digits++;
    if (i < t.size && t.bytes[i] == '.')
        for (i++; i < t.size && rs_is_digit(t.bytes[i]); i++)
            digits++;
    if (digits == 0)
        return false;
    if (i < t.size && (t.bytes[i] == 'e' || t.bytes[i] == 'E')) {
        i++;
        if (i < t.size && (t.bytes[i] == '+' || t.bytes[i] == '-'))
            i++;
        if (i == t.size)
            return false;
        while (i < t.size && rs_is_digit(t.bytes[i]))
            i++;
    }
    if (i != t.size)
        return false;
    memcpy(copy, t.bytes, t.size);
    copy[t.size] = '\0';
    *out = strtod_l(copy, &end, c_locale());
    return end == copy + t.size;
}

size_t rs_digits(uint64_t value, char out[RS_DIGITS_MAX])
{
    char reversed[RS_DIGITS_MAX];
    size_t size = 0;

    do
        reversed[size++] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    for (size_t i = 0; i < size; i++)
        out[i] = reversed[size - 1 - i];
    return size;
}
