/* net/http/http2_memory.h - the memory of a session of HTTP/2, of which the largest piece can be given back.
 *
 * The library keeps room for one whole frame (16 KB) as long as a session lives, most of what a session costs, and uses it
 * only while it puts a frame together. Here that room stands on pages of its own. What was not written to costs nothing, and
 * a session that waits for its next request gives the rest back: it finds zeros there afterwards.
 */
#ifndef NET_HTTP_HTTP2_MEMORY_H
#define NET_HTTP_HTTP2_MEMORY_H

#include <nghttp2/nghttp2.h>

#include "base/text.h"

struct http2_memory {
    char *frame;  /* HTTP2_MEMORY_FRAME bytes; NULL: none, or it stands somewhere else */
    bool settled; /* set by the caller when the session is made: what the library takes from then on is for other things */
};

#define HTTP2_MEMORY_FRAME ((size_t)20 * 1024) /* bytes: pages that a frame and its head fit in */

/* For nghttp2_session_server_new3. `memory` begins zeroed, and must outlive the session. */
nghttp2_mem http2_memory_functions(struct http2_memory *memory);

/* No frame is being put together or sent: give its room back. A system call. */
void http2_memory_rest(struct http2_memory *memory);

#endif
