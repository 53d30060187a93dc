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
    bytes = rs_alloc(buf->job, room);
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
