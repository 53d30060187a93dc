#include "report/draw/cff.h"

enum { OPERATOR_CHARSET = 15, OPERATOR_ESCAPE = 12, OPERATOR_ROS = 30 };

/* `size` bytes at `at` as a number, most significant first; 0 behind the end. */
static uint32_t number(rs_text t, size_t at, unsigned size)
{
    uint32_t value = 0;

    if (at > t.size || size > t.size - at)
        return 0;
    for (unsigned i = 0; i < size; i++)
        value = value << 8 | (uint8_t)t.bytes[at + i];
    return value;
}

/* The INDEX at *at: its first object; *at is moved behind it. */
static bool read_index(rs_text t, size_t *at, rs_text *first)
{
    uint32_t count = number(t, *at, 2), from, to, end;
    unsigned size = number(t, *at + 2, 1);
    size_t data;

    *first = RS_TEXT("");
    if (*at + 2 > t.size)
        return false;
    if (count == 0) {
        *at += 2;
        return true;
    }
    if (size < 1 || size > 4)
        return false;
    data = *at + 2 + (size_t)(count + 1) * size; /* offsets count from the byte before the data */
    from = number(t, *at + 3, size);
    to = number(t, *at + 3 + size, size);
    end = number(t, *at + 3 + (size_t)count * size, size);
    if (from < 1 || to < from || end < to || data > t.size || end > t.size - data)
        return false;
    *first = rs_text_slice(t, data + from, to - from);
    *at = data + end;
    return true;
}

/* The charset's offset of a Top DICT; `keyed`: it has the operator ROS. */
static size_t read_top(rs_text dict, bool *keyed)
{
    size_t charset = 0, at = 0;
    int64_t operand = 0; /* the last one */

    *keyed = false;
    while (at < dict.size) {
        unsigned b = (uint8_t)dict.bytes[at];
        if (b == OPERATOR_ESCAPE) {
            *keyed |= number(dict, at + 1, 1) == OPERATOR_ROS;
            at += 2;
        } else if (b <= 21) {
            if (b == OPERATOR_CHARSET && operand > 0)
                charset = (size_t)operand;
            at++;
        } else if (b == 28) {
            operand = (int16_t)number(dict, at + 1, 2);
            at += 3;
        } else if (b == 29) {
            operand = (int32_t)number(dict, at + 1, 4);
            at += 5;
        } else if (b == 30) { /* a real number: nibbles up to 0xf */
            for (at++; at < dict.size && (dict.bytes[at] & 0xf) != 0xf; at++)
                continue;
            at++;
        } else if (b >= 247 && b <= 254) {
            operand = b <= 250 ? (int)(b - 247) * 256 + (int)number(dict, at + 1, 1) + 108
                               : -(int)(b - 251) * 256 - (int)number(dict, at + 1, 1) - 108;
            at += 2;
        } else {
            operand = (int)b - 139;
            at++;
        }
    }
    return charset;
}

bool draw_cff_identifiers(rs_text table, uint16_t *out, size_t count)
{
    size_t at = number(table, 2, 1), charset, glyph = 1;
    rs_text first;
    unsigned format;
    bool keyed;

    if (count == 0 || !read_index(table, &at, &first) || !read_index(table, &at, &first))
        return false;
    charset = read_top(first, &keyed);
    if (!keyed || charset < 3 || charset >= table.size)
        return false;
    format = number(table, charset, 1);
    at = charset + 1;
    out[0] = 0;
    while (glyph < count && format <= 2) {
        uint32_t identifier = number(table, at, 2), more = format ? number(table, at + 2, format) : 0;
        if (at + 2 + format > table.size)
            return false;
        at += 2 + format;
        for (uint32_t i = 0; i <= more && glyph < count; i++)
            out[glyph++] = (uint16_t)(identifier + i);
    }
    return format <= 2;
}
