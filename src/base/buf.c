#include "base/buf.h"

#include <assert.h>
#include <stdio.h>

#include "base/log.h"

#define BUF_FIRST 64

char *rs_buf_reserve(rs_buf *buf, size_t size)
{
    size_t need;
    size_t room = buf->room ? buf->room : BUF_FIRST;
    char *bytes;

    if (__builtin_add_overflow(buf->used, size, &need) || need > SIZE_MAX / 4)
        rs_log_abort("a text of %zu and %zu bytes", buf->used, size);
    if (need <= buf->room)
        return buf->bytes + buf->used;
    while (room < need)
        room *= 2;
    bytes = rs_alloc_raw(buf->job, room);
    if (buf->used)
        memcpy(bytes, buf->bytes, buf->used);
    buf->bytes = bytes;
    buf->room = room;
    return buf->bytes + buf->used;
}

void rs_buf_add_code_point(rs_buf *buf, uint32_t code_point)
{
    char utf8[4];

    rs_buf_add(buf, rs_text_of(utf8, rs_utf8_encode(code_point, utf8)));
}

void rs_buf_add_int(rs_buf *buf, int64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t magnitude = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

    do
        digits[--at] = (char)('0' + magnitude % 10);
    while ((magnitude /= 10) != 0);
    if (number < 0)
        rs_buf_add_byte(buf, '-');
    rs_buf_add(buf, rs_text_of(digits + at, sizeof digits - at));
}

void rs_buf_vprintf(rs_buf *buf, const char *format, va_list arguments)
{
    va_list again;
    int size;

    va_copy(again, arguments);
    size = vsnprintf(NULL, 0, format, arguments);
    assert(size >= 0);
    rs_buf_reserve(buf, (size_t)size + 1);
    vsnprintf(buf->bytes + buf->used, (size_t)size + 1, format, again);
    va_end(again);
    buf->used += (size_t)size;
}

void rs_buf_printf(rs_buf *buf, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    rs_buf_vprintf(buf, format, arguments);
    va_end(arguments);
}

const char *rs_buf_terminated(rs_buf *buf)
{
    *rs_buf_reserve(buf, 1) = '\0';
    return buf->bytes;
}

/* Half of a surrogate pair, as three bytes: ED A0 80 .. ED BF BF; 0 where there is none. */
static uint32_t surrogate_at(rs_text t, size_t at)
{
    const unsigned char *bytes = (const unsigned char *)t.bytes + at;

    if (t.size - at < 3 || bytes[0] != 0xED || bytes[1] < 0xA0 || (bytes[1] & 0xC0) != 0x80 || (bytes[2] & 0xC0) != 0x80)
        return 0;
    return 0xD000 | (uint32_t)(bytes[1] & 0x3F) << 6 | (bytes[2] & 0x3F);
}

rs_text rs_text_repaired(struct rs_job *job, rs_text t)
{
    rs_buf buf;
    size_t at = 0;

    if (rs_text_is_utf8(t))
        return t;
    buf = rs_buf_in(job);
    while (at < t.size) {
        uint32_t first = surrogate_at(t, at), second = first && first < 0xDC00 ? surrogate_at(t, at + 3) : 0;
        if (second >= 0xDC00) {
            rs_buf_add_code_point(&buf, 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
            at += 6;
        } else if (first) {
            rs_buf_add_code_point(&buf, 0xFFFD);
            at += 3;
        } else {
            rs_buf_add_code_point(&buf, rs_text_next(t, &at));
        }
    }
    return rs_buf_text(&buf);
}
