/* net/front/front.h - the HTTPS service: accepts, reads, finds the application by URL reservation, forwards.
 *
 *     struct front_settings settings;
 *     front_settings_default(&settings);
 *     settings.tmp_folder = RS_TEXT("/var/lib/bindery/tmp");
 *     RS_TRY(front_create(job, loop, &settings, &hooks, &front));
 *     RS_TRY(front_apply(job, front, plan));        at the start, and after each change of the tables
 *     loop_run(loop);
 *     ...
 *     front_drain(front, stopped, data);            on SIGTERM: no new connections; requests in flight end
 *     front_destroy(front);
 *
 * Requests are read whole (memory, then a temporary file) before an application is engaged, and answers are taken
 * from it as fast as it gives them, so that a slow client holds no worker. Applications speak HTTP/1.1 over a
 * Unix socket; net/http/serve.h is their side, and names the fields they are sent.
 *
 * A request that nobody reserved is answered 400, one whose application is down 503; it never falls through to
 * another application.
 */
#ifndef NET_FRONT_FRONT_H
#define NET_FRONT_FRONT_H

#include "net/front/plan.h"

struct front;
struct loop;

/* Times in milliseconds, sizes in bytes. */
struct front_settings {
    rs_text tmp_folder; /* for temporary files, which have no name; must exist */

    rs_text trusted_proxies; /* addresses and networks (trust.h) whose word is taken for who their clients are */
    bool forwarded_standard; /* they say it in Forwarded (RFC 7239); else in X-Forwarded-For and its like */
    size_t peer_connections_max; /* of one client address at one time; 0 = any */
    size_t connections_max; /* clients at one time; more are closed at once. Made smaller where the process may not
                             * open enough descriptors for them, applications and files. */

    /* Waiting for clients. */
    int64_t handshake_ms;   /* from accept to the end of the TLS handshake */
    int64_t idle_ms;        /* between requests (IdleConnection) */
    int64_t header_ms;      /* from the first byte of a request to the end of its head (HeaderWait) */
    int64_t body_ms;        /* between two pieces of a body (EntityBody) */
    int64_t linger_ms;      /* reading away what a refused client still sends, before closing */
    uint64_t linger_bytes;  /* and so much of it */
    int64_t drain_ms;       /* until idle connections of a replaced binding are closed */
    uint64_t min_send_rate; /* bytes per second that a client must take (MinSendRate); 0 = any */
    int64_t min_send_window_ms; /* the rate is measured over stretches of this length */

    /* Waiting for applications. */
    int64_t queue_ms;    /* for a free connection to the application (RequestQueue) */
    int64_t connect_ms;
    int64_t response_ms; /* between two pieces of a response, and until its head */
    int64_t tunnel_ms;   /* in which nothing moves, after a switch of protocols (WebSocket) */
    int64_t upstream_idle_ms; /* unused connections to applications are kept this long */

    /* Buffers. */
    size_t body_memory;       /* of one request's body; the rest goes to a temporary file */
    uint64_t body_max;        /* of one request's body: 413 */
    size_t response_memory;   /* of one response that waits for its client; the rest goes to a file */
    uint64_t response_file_max; /* when the file has this much the application is made to wait */
    size_t tunnels_max;       /* connections to one application that were switched to another protocol: 503 (ConnLimit) */
    size_t queue_max;         /* requests that wait for one application: 503 (QueueFull) */
};

void front_settings_default(struct front_settings *settings);

/* One request that was answered, for the access log. Texts are borrowed during the call. */
struct front_access {
    uint64_t connection;
    rs_text request_id;
    rs_text client;         /* address */
    uint16_t client_port;
    rs_text server;         /* local address */
    uint16_t server_port;
    bool tls;
    rs_text method;
    rs_text host;
    rs_text target;
    rs_text version;        /* "HTTP/1.1"; empty where it is not known */
    rs_text user_agent;
    rs_text referer;
    int status;             /* as sent to the client; 0 where none was sent */
    bool complete;          /* the client got all of it */
    uint64_t body_bytes;    /* of the response, without head */
    uint64_t request_bytes; /* of the request's body */
    int64_t duration_ms;    /* from the first byte of the request to the last of the response */
    rs_text application;    /* empty where none was found */
    rs_text reservation;    /* the URL that took it */
};

/* What went wrong with a connection or a request, for the error log: the original's fields and words. */
struct front_trouble {
    uint64_t connection;
    rs_text client;
    uint16_t client_port;
    rs_text server;
    uint16_t server_port;
    rs_text version;     /* empty where it is not known; so are the next ones */
    rs_text method;
    rs_text target;
    int status;          /* that was answered; 0: none */
    const char *reason;  /* one word: BadRequest Hostname Misdirected URL Verb EntityTooLarge ConnLimit AppOffline Disabled
                          * QueueFull Plain RateLimit Timer_ConnectionIdle Timer_HeaderWait Timer_EntityBody Timer_AppPool
                          * Timer_Response Timer_MinBytesPerSecond Timer_Handshake Connection_Dropped
                          * Handshake PlainOnTls Version_N/S AppBadResponse AppDropped TempFile; N/A where
                          * nobody reserved the address */
    rs_text reservation; /* the URL that took it, where one did */
    rs_text detail;      /* a sentence; may be empty */
};

/* All may be NULL. Without `trouble` each is written with rs_log. */
struct front_hooks {
    void (*access)(void *data, const struct front_access *access);
    void (*trouble)(void *data, const struct front_trouble *trouble);
    void *data;
};

struct front_statistics {
    uint64_t connections;       /* accepted so far */
    uint64_t connections_now;
    uint64_t connections_refused; /* over connections_max */
    uint64_t handshakes_full;
    uint64_t handshakes_resumed;
    uint64_t handshakes_failed;
    uint64_t handshakes_tls12; /* that succeeded, full or resumed */
    uint64_t handshakes_tls13;
    uint64_t requests;          /* answered so far */
    uint64_t requests_now;
    uint64_t responses[6];      /* by class of status: [2] = 2xx; [0] = cut off before a status was sent */
    uint64_t upstream_connections; /* opened so far */
    uint64_t upstream_now;
    uint64_t upstream_reused;   /* requests that found a connection open */
    uint64_t body_files;        /* bodies and responses that went to a temporary file */
};

RS_CHECKED rs_status front_create(struct rs_job *job, struct loop *loop,
                                  const struct front_settings *settings,
                                  const struct front_hooks *hooks, struct front **out);
/* Cuts off whatever is still going on. Accepts NULL. */
void front_destroy(struct front *front);
RS_OWNED_BY(front, front_destroy)

/* Serve `plan` from now on (a reference is taken). All or nothing: where a listener cannot be opened nothing has
 * changed, and the error says why. Requests in flight end as they began. A connection whose binding row is no
 * more, or has another generation, answers one more request with `Connection: close`; sessions of that binding
 * are dead at once. Connections on other rows notice nothing. */
RS_CHECKED rs_status front_apply(struct rs_job *job, struct front *front, struct front_plan *plan);

/* Borrowed; NULL before the first front_apply. */
struct front_plan *front_plan_now(const struct front *front);

/* Tell whether an application runs, between plans: its state in the present plan is overruled until the next.
 * False: no such application. */
bool front_application_state(struct front *front, rs_text name, enum front_application_state state);

/* Accept no more; `drained(data)` is called once the last connection is gone: idle ones are closed after a moment,
 * requests in flight end within their own time limits. `drained` may destroy the front. */
void front_drain(struct front *front, void (*drained)(void *data), void *data);

/* How an application is doing. Texts are borrowed until the loop goes on. */
#define FRONT_FAILURE_MAX 160
struct front_health {
    rs_text name;
    enum front_application_state state;
    size_t connections;       /* to it, now */
    size_t waiting;           /* requests without a connection, now */
    uint64_t requests;        /* for it, so far */
    uint64_t failures;        /* of these, the ones that the service had to answer itself */
    int64_t last_answer_ms;   /* UTC; 0: never */
    int64_t last_failure_ms;  /* UTC; 0: never */
    rs_text last_failure;     /* one word and a sentence; empty: none */
};
/* Of all applications of the plan, at most `room`; gives their number. */
size_t front_health(const struct front *front, struct front_health *out, size_t room);

const struct front_statistics *front_statistics(const struct front *front);

#endif
