/* net/front/http2.h - a client's connection that speaks HTTP/2: what the engine has for all of them.
 */
#ifndef NET_FRONT_HTTP2_H
#define NET_FRONT_HTTP2_H

#include "net/front/client.h"

#define HTTP2_FRAMES_ROOM ((size_t)32 * 1024) /* of front->frames: a record's worth, and a frame behind it */

/* Send what the connections in front->due have. */
void http2_turn_end(void *front);

#endif
