/* net/http/write.h - heads, written into memory of a fixed size.
 *
 * What does not fit, and what would break out of its line, is not written: the writer remembers it, and
 * whoever sends the head asks http_writer_is_good once.
 */
#ifndef NET_HTTP_WRITE_H
#define NET_HTTP_WRITE_H

#include "net/http/field.h"

struct http_writer {
    char *bytes;
    size_t used;
    size_t room;
    bool full;   /* something did not fit */
    bool broken; /* a name or a value had a byte that may not stand there */
};

static inline struct http_writer http_writer_on(char *bytes, size_t room)
{
    return (struct http_writer){bytes, 0, room, false, false};
}

static inline bool http_writer_is_good(const struct http_writer *writer)
{
    return !writer->full && !writer->broken;
}

static inline rs_text http_writer_text(const struct http_writer *writer)
{
    return rs_text_of(writer->bytes, writer->used);
}

/* "HTTP/1.1 200 OK". */
void http_write_status_line(struct http_writer *writer, int status);
/* "GET /path HTTP/1.1". */
void http_write_request_line(struct http_writer *writer, rs_text method, rs_text target);
void http_write_field(struct http_writer *writer, rs_text name, rs_text value);
/* One that came out of a parser: it is known to be right. */
void http_write_parsed(struct http_writer *writer, const struct http_field *field);
void http_write_known(struct http_writer *writer, enum http_field_id id, rs_text value);
void http_write_number(struct http_writer *writer, enum http_field_id id, uint64_t value);
/* "Date: Sun, 22 Nov 2026 09:30:00 GMT". */
void http_write_date(struct http_writer *writer);
/* The empty line. */
void http_write_end(struct http_writer *writer);

/* Any bytes, unchecked: a body behind its head. */
void http_write_bytes(struct http_writer *writer, rs_text bytes);

/* "Not Found"; "Unknown" for a status that has no name. */
const char *http_reason_phrase(int status);

/* RFC 9110 section 5.6.7: "Sun, 22 Nov 2026 09:30:00 GMT" and a terminator. */
#define HTTP_DATE_SIZE 30
void http_date_write(int64_t utc_ms, char out[HTTP_DATE_SIZE]);
/* Now, formatted once a second and borrowed until the next call. One thread only. */
rs_text http_date_now(void);

#endif
