/* net/front/tunnel.h - an exchange whose application switched protocols: bytes both ways, until both ends are done.
 *
 * Source:  RFC 9110 section 7.8 (Upgrade), RFC 6455 (WebSocket), RFC 8441 (WebSocket over HTTP/2).
 *
 *   the application answers 101 --tunnel_begin--> both ways are open
 *   one end says that it sends no more --> what waits is passed on, then the same is said to the other end
 *   both have said so --> protocol->response_done
 *
 * What waits for either end is bounded: then the other one is not read. A tunnel in which nothing moves for
 * settings->tunnel_ms is cut.
 */
#ifndef NET_FRONT_TUNNEL_H
#define NET_FRONT_TUNNEL_H

#include "net/front/exchange.h"

#define TUNNEL_MEMORY ((size_t)64 * 1024) /* bytes that may wait for one end */

/* The head of the 101 is parsed, `first` stands behind it. */
void tunnel_begin(struct front_exchange *exchange, const struct http_response *response, rs_text first);

/* From the client: bytes, which are taken whatever waits already. False: the exchange is over. */
bool tunnel_send(struct front_exchange *exchange, rs_text bytes);
/* So much waits for the application that the client should not be read; protocol->tunnel_ready tells when it should. */
bool tunnel_is_full(const struct front_exchange *exchange);
/* The client sends no more. */
void tunnel_client_ended(struct front_exchange *exchange);

/* The client took what waited for it. */
void tunnel_resumed(struct front_exchange *exchange);
/* Its binding is gone, or the service ends: a tunnel has no end of its own, and gets settings->drain_ms more. Does
 * nothing to an exchange that is none. */
void tunnel_drain(struct front_exchange *exchange);

#endif
