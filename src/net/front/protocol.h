/* net/front/protocol.h - what a client's connection speaks: HTTP/1.1 (http1.c) or HTTP/2 (http2.c).
 *
 * The connection (client.c) moves bytes and watches time. Its protocol makes exchanges of the bytes that come, and
 * bytes of the responses. An exchange (exchange.c) does not know by which protocol it came: it calls what stands
 * here in the second half.
 */
#ifndef NET_FRONT_PROTOCOL_H
#define NET_FRONT_PROTOCOL_H

#include "base/text.h"

struct front_client;
struct front_exchange;
struct front_reply;

struct front_protocol {
    /* ---- the connection calls ---- */

    /* The first of all: the connection is open, the handshake (if any) is done. */
    void (*begin)(struct front_client *client);
    /* Should bytes be read now? */
    bool (*wants_bytes)(const struct front_client *client);
    /* One step forward with what is in client->in; false: there must be more of it. */
    bool (*step)(struct front_client *client);
    /* The client sends no more, and all that it sent is used. */
    void (*ended)(struct front_client *client);
    /* The client took some of what waited for it. */
    void (*taken)(struct front_client *client);
    /* The binding is replaced, or the service ends: the connection is `draining` from now on. `at_once`: the binding
     * is gone, nobody may expect to be served here any more. */
    void (*drain)(struct front_client *client, bool at_once);
    /* client->deadline_ms has passed. */
    void (*out_of_time)(struct front_client *client);
    /* Look at the time limits of its exchanges. */
    void (*sweep)(struct front_client *client, int64_t now_ms);
    /* The connection is closed: end its exchanges, free what is the protocol's. */
    void (*closed)(struct front_client *client);

    /* ---- an exchange calls ---- */

    /* The body of the request will be read; then: it is complete. */
    void (*await_body)(struct front_exchange *exchange);
    void (*body_done)(struct front_exchange *exchange);
    /* Send the head with the first bytes of the body, then more of the body; `complete`: that is all of it. False:
     * the client is gone, and with it the exchange. `bytes` have ENGINE_FRAME bytes of room before and behind them. */
    bool (*respond)(struct front_exchange *exchange, const struct front_reply *reply, rs_text first, bool complete);
    bool (*send_body)(struct front_exchange *exchange, char *bytes, size_t size, bool complete);
    /* All has been given; the exchange ends when the client has taken it. */
    void (*response_done)(struct front_exchange *exchange);
    /* So much waits for the client that the application should wait too. */
    bool (*is_full)(const struct front_exchange *exchange);
    /* After `respond` with 101: the client's bytes may go to tunnel_send now, again; and the application sends no
     * more, which the client is told behind what waits for it. */
    void (*tunnel_ready)(struct front_exchange *exchange);
    void (*tunnel_shut)(struct front_exchange *exchange);
    /* The response has begun and cannot be completed: the client must see that. The exchange ends. */
    void (*cut)(struct front_exchange *exchange);
};

extern const struct front_protocol http1_protocol;
extern const struct front_protocol http2_protocol;

#endif
