/* net/front/forward.h - heads on their way through: what is taken out, what is added.
 */
#ifndef NET_FRONT_FORWARD_H
#define NET_FRONT_FORWARD_H

#include "net/front/exchange.h"
#include "net/front/reply.h"
#include "net/http/write.h"

/* The request as the application sees it. */
void forward_request(struct http_writer *writer, const struct front_exchange *exchange);

/* The response as the client sees it; borrows from `response`. */
void forward_response(struct front_reply *reply, const struct front_exchange *exchange,
                      const struct http_response *response);

/* Keep what the application said in Bindery-State for the client's next request to it. */
void forward_keep_state(struct front_exchange *exchange, const struct http_response *response);

#endif
