/* net/front/client.h - one client's connection.
 */
#ifndef NET_FRONT_CLIENT_H
#define NET_FRONT_CLIENT_H

#include "net/front/engine.h"

struct front_listener;
struct loop_watch;

enum client_state {
    CLIENT_HANDSHAKE, /* TLS */
    CLIENT_IDLE,      /* between requests: nothing of the next one is here */
    CLIENT_HEAD,      /* a part of a head is here */
    CLIENT_BODY,      /* reading the body of the exchange */
    CLIENT_BUSY,      /* the exchange waits for its application or gets its response */
    CLIENT_FLUSHING,  /* the response is complete, the client has not taken all of it */
    CLIENT_LINGER,    /* answered for the last time; reading away what still comes */
    CLIENT_CLOSED,    /* buried */
};

struct front_client {
    struct rs_link link; /* of front->clients, or its grave */
    struct front *front;
    struct loop_watch *watch;
    struct tls_stream *tls; /* NULL: plain HTTP */
    uint64_t id;
    int fd;
    enum client_state state;
    bool secure;   /* arrived at a TLS port */
    bool readable; /* there may be bytes to read, as far as is known */
    bool ended;    /* the client sends no more */
    bool draining; /* its binding is no more: one more answer, then close */
    bool pumping;  /* client_pump is on the stack */
    bool answered; /* at least one request */
    bool tls_wants_write; /* to go on reading */
    uint16_t remote_port;
    uint16_t local_port;
    struct tables_address remote;
    struct tables_address local;
    int64_t deadline_ms;     /* of the state; 0 = none */
    int64_t request_began_ms; /* of CLIENT_HEAD */
    struct block *in;        /* read, and not used yet; NULL: nothing */
    struct front_exchange *exchange; /* NULL in HANDSHAKE, IDLE and LINGER */
    struct spool out;        /* to be sent */
    uint64_t sent;           /* bytes the client took so far */
    int64_t rate_since_ms;   /* begin of the stretch over which its speed is measured; 0 = not now */
    uint64_t rate_taken;     /* what of `sent` the client had taken then */
    char *application_state; /* Bindery-State, or NULL */
    int64_t application_state_of; /* which application said it */
};

/* A new connection; the socket is the client's from now on. */
void client_open(struct front *front, int fd, bool secure, const struct tables_address *remote,
                 uint16_t remote_port, const struct tables_address *local, uint16_t local_port);

/* Cut it off, whatever is going on. Does nothing to one that is closed. */
void client_close(struct front_client *client);

/* Send, or keep for sending. False: the client is gone (and closed). */
bool client_send(struct front_client *client, rs_text bytes);
/* So much waits for the client that the application should wait too. */
bool client_is_full(const struct front_client *client);

/* The body of the exchange's request will be read, or is complete. */
void client_await_body(struct front_client *client);
void client_body_done(struct front_client *client);
/* The response is complete: go on with the next request once it is sent. */
void client_response_done(struct front_client *client);

/* Go on with what has been read; after an exchange has ended outside the client's own calls. */
void client_pump(struct front_client *client);

/* The plan has changed: does this connection's binding go on? */
void client_replan(struct front_client *client);
/* The service ends. */
void client_drain(struct front_client *client);
/* Look at the time limits. */
void client_sweep(struct front_client *client, int64_t now_ms);

void client_free(struct rs_link *link);

#endif
