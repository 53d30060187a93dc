/* net/http/http2_memory.h - the memory of a session of HTTP/2, most of which it gives back while it waits.
 *
 * A session that the library makes takes 26 KB: room for one whole frame, which it uses only while it puts one
 * together, and tables that are nearly empty. Here all that stands on pages of its own. What was not written to costs
 * nothing; and a session that waits for its next request keeps no page: the frame's are given back as they are, of the
 * tables the words that are not zero are put aside.
 */
#ifndef NET_HTTP_HTTP2_MEMORY_H
#define NET_HTTP_HTTP2_MEMORY_H

#include <nghttp2/nghttp2.h>

#include "base/text.h"

#define HTTP2_MEMORY_TABLES ((size_t)12 * 1024) /* bytes, whole pages: what a new session takes but for the frame */
#define HTTP2_MEMORY_FRAME ((size_t)20 * 1024)  /* bytes, whole pages: a frame and its head */

struct http2_memory {
    char *pages;    /* the tables, and behind them the frame; NULL: none yet, or none to be had */
    size_t used;    /* bytes of the tables */
    bool has_frame; /* the room for a frame is taken */
    bool settled;   /* set by the caller when the session is made: what the library takes from then on comes and goes */
    uint64_t *aside; /* while the session rests: what its tables hold, see pack() */
};

/* For nghttp2_session_server_new3. `memory` begins zeroed, and must outlive the session; then comes http2_memory_end.
 */
nghttp2_mem http2_memory_functions(struct http2_memory *memory);

/* Nothing is being received, put together or sent: gives the pages back. The session must not be touched until
 * http2_memory_wake. A system call. */
void http2_memory_rest(struct http2_memory *memory);

/* The session is as it was before it rested. Costs nothing where it did not. */
void http2_memory_wake(struct http2_memory *memory);

void http2_memory_end(struct http2_memory *memory);

#endif
