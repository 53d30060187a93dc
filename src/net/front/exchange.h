/* net/front/exchange.h - one request and its response, by whatever protocol the client speaks.
 */
#ifndef NET_FRONT_EXCHANGE_H
#define NET_FRONT_EXCHANGE_H

#include "net/front/client.h"
#include "net/front/origin.h"
#include "net/http/chunked.h"
#include "net/http/request.h"
#include "net/http/response.h"

struct front_app;
struct front_stream;
struct front_upstream;

#define EXCHANGE_ID_SIZE 17 /* 16 hexadecimal digits and a terminator */
#define EXCHANGE_SPARE_MAX 64

struct front_exchange {
    struct rs_link link; /* in its application's queue, or its grave; else a ring of itself */
    struct front_exchange *next_spare;
    struct front_client *client;
    struct front *front;
    struct front_plan *plan;                /* keeps `row` alive */
    const struct tables_reservation *row;   /* that took the request; NULL: none */
    struct front_origin origin;             /* of the request */
    struct front_app *app;                  /* a reference; NULL: none was engaged */
    struct front_upstream *upstream;        /* while engaged */
    struct block *head;                     /* what `request` borrows from */
    struct http_chunked chunked;            /* HTTP/1.1: of the request's body */
    uint64_t body_left;                     /* HTTP/1.1: of a counted one */
    struct front_stream *stream;            /* HTTP/2: it carries the exchange */
    struct spool body;                      /* of the request */
    size_t body_memory;                     /* what of it may stay in memory */
    uint64_t body_size;                     /* bytes of it so far */
    struct http_trailers trailers;          /* behind it */
    struct http_trailers reply_trailers;    /* behind the response's body; complete with it */
    bool begun;                             /* its head was right */
    bool body_complete;
    bool retried;                           /* on a fresh connection */
    bool fresh;                             /* wants one */
    bool keep_alive;                        /* HTTP/1.1: the connection lives on behind the response */
    bool to_chunked;                        /* HTTP/1.1: the response goes out in chunks */
    bool head_sent;
    bool throttled;                         /* the application waits for the client */
    bool tunnel;                            /* the application switched protocols: tunnel.h */
    bool tunnel_drains;                     /* ... and will be cut */
    bool client_ended;                      /* tunnel: the client sends no more */
    bool application_ended;                 /* tunnel: nor does the application */
    int status;                             /* of the response; 0: none yet */
    uint64_t sent;                          /* bytes of its body */
    int64_t began_ms;
    int64_t deadline_ms;                    /* of what is waited for; 0 = nothing */
    const char *deadline_reason;            /* for the error log */
    char id[EXCHANGE_ID_SIZE];
    struct http_request request; /* the last member: it clears itself */
};

/* For the request whose first bytes are here; `request` waits to be parsed. */
struct front_exchange *exchange_create(struct front_client *client);
/* The head is parsed, and `head` holds its bytes: route it. */
void exchange_begin(struct front_exchange *exchange);
/* A piece of the body; false where that ended the exchange with an error page. Then: that was all of it. */
bool exchange_body(struct front_exchange *exchange, rs_text bytes);
void exchange_body_done(struct front_exchange *exchange);

/* Answer with a page of our own; where a response has begun already it is cut off. `detail`, a sentence,
 * goes to the log and to the client. */
void exchange_refuse(struct front_exchange *exchange, int status, const char *reason,
                     const char *detail);

/* The same for a request that came without TLS: a client that speaks SOAP gets a fault. */
void exchange_refuse_plain(struct front_exchange *exchange);

/* Answer that the client finds it there (308). */
void exchange_send_on(struct front_exchange *exchange, rs_text location);

/* Milliseconds that the application may be silent. */
int64_t exchange_response_ms(const struct front_exchange *exchange);

/* From the application: the response's head with what is here of its body, then more of the body. `complete`:
 * that was all of it. False where the exchange is over (the client is gone). Then, once it is complete and the
 * connection to the application is free again: exchange_response_done.
 *
 * bytes  of the body have ENGINE_FRAME bytes of room before and behind them. */
bool exchange_response_head(struct front_exchange *exchange, const struct http_response *response,
                            rs_text first, bool complete);
bool exchange_response_body(struct front_exchange *exchange, char *bytes, size_t size, bool complete);
void exchange_response_done(struct front_exchange *exchange);

/* The time limit of what is waited for, and its name in the error log. */
void exchange_wait(struct front_exchange *exchange, int64_t time_ms, const char *reason);
void exchange_sweep(struct front_exchange *exchange, int64_t now_ms);
/* The client took what was waiting. */
void exchange_resume(struct front_exchange *exchange);

/* Over: tells the access log, frees. `complete`: the client has all of the response. */
void exchange_end(struct front_exchange *exchange, bool complete);

void exchange_free(struct rs_link *link);
void exchange_free_spares(struct front *front);

#endif
