/* net/front/client.h - one client's connection.
 */
#ifndef NET_FRONT_CLIENT_H
#define NET_FRONT_CLIENT_H

#include "net/front/engine.h"
#include "net/front/pace.h"

struct front_http2;
struct front_listener;
struct front_protocol;
struct loop_watch;

enum client_state {
    CLIENT_PREFACE,   /* from a trusted proxy: is there a header of the PROXY protocol? */
    CLIENT_HANDSHAKE, /* TLS */
    CLIENT_IDLE,      /* between requests: nothing of the next one is here */
    CLIENT_HEAD,      /* HTTP/1.1: a part of a head is here */
    CLIENT_BODY,      /* HTTP/1.1: reading the body of the exchange */
    CLIENT_BUSY,      /* exchanges wait for their applications or get their responses */
    CLIENT_TUNNEL,    /* HTTP/1.1: the application switched protocols */
    CLIENT_FLUSHING,  /* HTTP/1.1: the response is complete, the client has not taken all of it */
    CLIENT_LINGER,    /* answered for the last time; reading away what still comes */
    CLIENT_CLOSED,    /* buried */
};

struct front_client {
    struct rs_link link; /* of front->clients, or its grave */
    struct front *front;
    struct loop_watch *watch;
    struct tls_stream *tls; /* NULL: plain HTTP */
    const struct front_protocol *protocol;
    uint64_t id;
    int fd;
    enum client_state state;
    bool secure;   /* arrived at a TLS port */
    bool proxy_secure; /* the PROXY protocol says that the client spoke TLS */
    bool counted;  /* among the connections of its address */
    bool readable; /* there may be bytes to read, as far as is known */
    bool ended;    /* the client sends no more */
    bool draining; /* its binding is no more: one more answer, then close */
    bool pumping;  /* client_pump is on the stack */
    bool answered; /* at least one request */
    bool last;     /* what is sent now leaves with the end of the connection */
    bool tls_wants_write; /* to go on reading */
    bool waits_key;       /* the handshake is paused; client_wake goes on with it */
    uint16_t remote_port;
    uint16_t local_port;
    struct tables_address remote;
    struct tables_address local;
    int64_t deadline_ms;     /* of the state; 0 = none */
    int64_t request_began_ms; /* of CLIENT_HEAD */
    struct block *in;        /* read, and not used yet; NULL: nothing */
    struct front_exchange *exchange; /* HTTP/1.1: the one of now; NULL in HANDSHAKE, IDLE and LINGER */
    struct front_http2 *http2; /* HTTP/2: its session and streams */
    struct preface *preface; /* CLIENT_PREFACE: what of the header is here */
    struct spool out;        /* to be sent */
    uint64_t sent;           /* bytes the client took so far */
    uint64_t lingered;       /* bytes read away in CLIENT_LINGER */
    struct pace pace;        /* at which it takes what is sent */
    char *application_state; /* Bindery-State, or NULL */
    int64_t application_state_of; /* which application said it */
};

/* A new connection; the socket is the client's from now on. */
void client_open(struct front *front, int fd, bool secure, const struct tables_address *remote,
                 uint16_t remote_port, const struct tables_address *local, uint16_t local_port);

/* Cut it off, whatever is going on. Does nothing to one that is closed. */
void client_close(struct front_client *client);

/* The signature that its handshake waited for is there; `data` is the client. */
void client_wake(void *data);

/* Send, or keep for sending. False: the client is gone (and closed). */
bool client_send(struct front_client *client, rs_text bytes);
/* What is sent next is the last, and client_finish follows: both go into the same packets. */
void client_last(struct front_client *client);

/* Go on with what has been read; after an exchange has ended outside the client's own calls. */
void client_pump(struct front_client *client);

/* ---- for the protocols ---- */

/* Wait for what the state waits for, so long; 0 = without end. */
void client_wait(struct front_client *client, int64_t time_ms);
/* Between requests: waits for the next as long as that may take. */
void client_become_idle(struct front_client *client);
/* What is in `in` is used as far as `size`. */
void client_use(struct front_client *client, size_t size);
/* Wait for the events that are of interest now. */
void client_rewatch(struct front_client *client);
/* The last answer is out: close, at once or (`more_may_come`) when what the client still sends has been read away. */
void client_finish(struct front_client *client, bool more_may_come);
/* It went away: tell the log, close. */
void client_gone(struct front_client *client, const char *detail);

/* ---- from outside ---- */

/* The plan has changed: does this connection's binding go on? */
void client_replan(struct front_client *client);
/* The service ends. */
void client_drain(struct front_client *client);
/* Look at the time limits. */
void client_sweep(struct front_client *client, int64_t now_ms);

void client_free(struct rs_link *link);

#endif
