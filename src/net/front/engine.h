/* net/front/engine.h - what the parts of the engine share. Everything runs in one thread, the loop's.
 *
 *   listener.h   accepts            client.h       one client's connection
 *   protocol.h   what it speaks     exchange.h     one request
 *   application.h  an application: connections to it, and who waits for one
 *   upstream.h   one connection to an application
 *
 * Who may be deep in a call when it is closed (clients, exchanges, upstreams) is not freed at once but buried, and
 * freed in the next turn of the loop.
 */
#ifndef NET_FRONT_ENGINE_H
#define NET_FRONT_ENGINE_H

#include "base/list.h"
#include "net/front/challenge.h"
#include "net/front/front.h"
#include "net/front/peers.h"
#include "net/front/rate.h"
#include "net/front/reply.h"
#include "net/front/spool.h"
#include "net/front/trust.h"
#include "net/http/message.h"

struct front_client;
struct front_exchange;

#define ENGINE_PIECE ((size_t)64 * 1024) /* bytes read from an application at once */
#define ENGINE_FRAME 32                  /* room for chunk framing on both sides of them */
#define ENGINE_HEAD_ADDED ((size_t)24 * 1024) /* the most that forwarding adds to a head */
#define ENGINE_OUT (HTTP_HEAD_MAX + ENGINE_HEAD_ADDED + ENGINE_PIECE)

struct front {
    struct loop *loop;
    struct front_settings settings;
    char *tmp_folder;
    struct front_hooks hooks;
    struct front_statistics statistics;
    struct front_plan *plan; /* NULL before the first front_apply */
    struct tls_server *tls;
    struct front_challenges *challenges; /* of an ACME server, that are being answered; or NULL */

    struct rs_link listeners;
    struct rs_link clients;
    struct rs_link applications;
    struct rs_link graves[3];        /* clients, exchanges, upstreams that are closed */
    struct loop_timer *undertaker;   /* due when there is someone in them */
    struct loop_timer *sweep;        /* looks for time limits that have passed; runs while there are connections */
    int64_t sweep_ms;                /* its period */

    struct rs_link due;              /* HTTP/2 connections with frames to be sent at the end of this turn */
    struct loop_timer *turn_end;     /* runs while there are */
    char *frames;                    /* HTTP2_FRAMES_ROOM: frames that are put together for one send */

    struct block_pool blocks;
    struct spool_source spools;
    struct front_exchange *spare_exchanges; /* a few, linked by `next_spare` */
    size_t spare_exchange_count;
    char *piece; /* ENGINE_FRAME + ENGINE_PIECE + ENGINE_FRAME: what an application sent just now */
    char *out;   /* ENGINE_OUT: what is being put together for one send */
    struct front_reply reply; /* the head of a response that is being put together */

    struct rs_job *memory;    /* of what the settings became */
    struct trust trust;       /* proxies */
    struct peers peers;       /* connections of clients */
    struct rate_table rates;  /* requests of clients, by application and address */

    uint64_t last_connection; /* number of the newest client */
    uint32_t request_prefix;  /* random: request ids differ between runs */
    uint32_t last_request;
    bool limit_told; /* since the last sweep */
    bool draining;
    void (*drained)(void *data);
    void *drained_data;
};

enum engine_grave { ENGINE_CLIENTS, ENGINE_EXCHANGES, ENGINE_UPSTREAMS };

/* Free it in the next turn. */
void engine_bury(struct front *front, enum engine_grave grave, struct rs_link *link);
/* There is a connection whose time limits must be watched. */
void engine_watch_time(struct front *front);

/* Tell the error log. `exchange` may be NULL. */
void engine_trouble(struct front_client *client, struct front_exchange *exchange, int status,
                    const char *reason, const char *detail);
/* Count the request and tell the access log. */
void engine_access(struct front_exchange *exchange, bool complete);

#endif
