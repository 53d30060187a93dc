/* net/http/chunked.h - the chunked transfer coding, both ways.
 *
 * Source:  RFC 9112 section 7.1. Extensions are checked and dropped, trailers handed out.
 */
#ifndef NET_HTTP_CHUNKED_H
#define NET_HTTP_CHUNKED_H

#include "net/http/message.h"
#include "net/http/trailers.h"

#define HTTP_CHUNK_SIZE_DIGITS_MAX 15   /* leading zeros count: a size of 2^60 and more is refused */
#define HTTP_CHUNK_EXTENSION_MAX 256    /* bytes behind one chunk size */
#define HTTP_CHUNK_EXTENSIONS_MAX 16384 /* bytes of all extensions of one body */

/* Zeroed: at the start of a body. */
struct http_chunked {
    int state;
    int digits;            /* of the size being read */
    uint64_t left;         /* bytes of the chunk that are still to come */
    size_t extension;      /* bytes of this chunk's extension */
    size_t extensions;     /* bytes of all of them */
    size_t trailers;       /* bytes */
    rs_text trailer;       /* of the last call: the part of its bytes that is lines of trailers; http_trailers_add_lines */
    struct http_fault fault;
};

/* Decode from the front of `bytes`: `data` is the next run of body bytes in it (may be empty), `taken` how many
 * bytes are done with, `data` included. HTTP_DONE: the body is complete; what stands behind `taken` is the
 * next message. HTTP_MORE: call again with what stands behind `taken`, unless that is empty. */
enum http_parse http_chunked_decode(struct http_chunked *chunked, rs_text bytes, size_t *taken,
                                    rs_text *data);

/* A chunk is: its head, `size` bytes (> 0), CR LF. The body ends with HTTP_CHUNK_LAST. */
#define HTTP_CHUNK_HEAD_MAX 18
#define HTTP_CHUNK_LAST RS_TEXT("0\r\n\r\n")
size_t http_chunk_head(size_t size, char out[HTTP_CHUNK_HEAD_MAX]);

#endif
