/* net/http/trailers.h - the fields behind a body: kept as lines, without those that may not stand there.
 *
 * Source:  RFC 9110 section 6.5 (trailers), RFC 9112 section 7.1.2, RFC 9113 section 8.1.
 *
 * What frames a message, says who asks or whether he may, chooses or reads the content, or is said by us alone, must be known
 * before the body: in a trailer it is dropped, so that nobody behind us who merges trailers into the head is told by a
 * client what only we may say.
 */
#ifndef NET_HTTP_TRAILERS_H
#define NET_HTTP_TRAILERS_H

#include "net/http/field.h"

#define HTTP_TRAILERS_MAX 8192      /* bytes of all trailers */
#define HTTP_TRAILERS_COUNT_MAX 64  /* fields; more are dropped */

/* Zeroed: none. */
struct http_trailers {
    char *bytes; /* "name: value" CR LF, one after the other; its owner's to free, see http_trailers_clear */
    size_t used;
    size_t room;
    size_t count; /* of those added by name */
};

/* Lines as they came in the chunked coding, in any pieces; then: all are there. */
void http_trailers_add_lines(struct http_trailers *trailers, rs_text bytes);
void http_trailers_done(struct http_trailers *trailers);

/* One field. Dropped where it may not stand there, or is too much. */
void http_trailers_add(struct http_trailers *trailers, rs_text name, rs_text value);

static inline rs_text http_trailers_text(const struct http_trailers *trailers)
{
    return rs_text_of(trailers->bytes, trailers->used);
}

/* The next field of such lines; false: there is none. */
bool http_trailers_next(rs_text *lines, rs_text *name, rs_text *value);

void http_trailers_clear(struct http_trailers *trailers);

#endif
