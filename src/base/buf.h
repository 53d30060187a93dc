/* base/buf.h - text that is being built, in a job's memory.
 *
 * Appending does not fail; a job that grows past its limit is seen at its next checkpoint.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>

#include "base/job.h"

typedef struct rs_buf {
    struct rs_job *job;
    char *bytes;
    size_t used; /* bytes written; <= room */
    size_t room;
} rs_buf;

/* An empty buffer; nothing is allocated before the first byte. */
static inline rs_buf rs_buf_in(struct rs_job *job)
{
    return (rs_buf){job, NULL, 0, 0};
}

/* Room for `size` more bytes; where to write them. Commit with buf->used += written. */
char *rs_buf_reserve(rs_buf *buf, size_t size);

static inline void rs_buf_add_byte(rs_buf *buf, char byte)
{
    if (buf->used == buf->room)
        rs_buf_reserve(buf, 1);
    buf->bytes[buf->used++] = byte;
}

static inline void rs_buf_add(rs_buf *buf, rs_text t)
{
    if (t.size == 0)
        return;
    if (buf->room - buf->used < t.size)
        rs_buf_reserve(buf, t.size);
    memcpy(buf->bytes + buf->used, t.bytes, t.size);
    buf->used += t.size;
}

/* A literal: rs_buf_add_literal(&buf, "<td>"). */
#define rs_buf_add_literal(buf, literal) rs_buf_add((buf), RS_TEXT(literal))

void rs_buf_add_code_point(rs_buf *buf, uint32_t code_point);
void rs_buf_add_int(rs_buf *buf, int64_t number);
void rs_buf_printf(rs_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void rs_buf_vprintf(rs_buf *buf, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* Keep the memory, drop the content. */
static inline void rs_buf_clear(rs_buf *buf)
{
    buf->used = 0;
}

/* What was built; borrowed from the buffer until the next append. */
static inline rs_text rs_buf_text(const rs_buf *buf)
{
    return rs_text_of(buf->bytes, buf->used);
}

/* The same with a 0 byte behind it, for library calls. */
const char *rs_buf_terminated(rs_buf *buf);

/* `t` as valid UTF-8, for output: borrowed where it is valid; otherwise a copy in which the two halves of a surrogate
 * pair are one character and each other invalid byte is U+FFFD. */
rs_text rs_text_repaired(struct rs_job *job, rs_text t);

#endif
