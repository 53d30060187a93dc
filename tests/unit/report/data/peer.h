/* tests/unit/report/data/peer.h - a small HTTP server on 127.0.0.1 that answers by path.
 */
#ifndef PEER_H
#define PEER_H

#include <sys/types.h>

struct peer_answer {
    const char *path;    /* of the request line, with its query */
    const char *answer;  /* the whole of it, head and body; NULL: the connection is kept open without one */
};

struct peer {
    pid_t child;
    int port;
    int requests; /* a pipe: what was received */
};

/* Any other path is answered with 404. */
void peer_start(struct peer *peer, const struct peer_answer *answers, size_t count);
/* What it has received so far, terminated. */
void peer_received(struct peer *peer, char *out, size_t room);
void peer_stop(struct peer *peer);

#define PEER_OK "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"

#endif
