/* net/keys/wire.h - what goes over the socket between who needs signatures and the process that has the keys.
 *
 * A Unix socket that keeps messages apart (SOCK_SEQPACKET): one request or one reply is one message. Both ends are the
 * same program, so numbers stand as the machine has them; what comes in is judged all the same.
 */
#ifndef NET_KEYS_WIRE_H
#define NET_KEYS_WIRE_H

#include "base/job.h"
#include "net/keys/scheme.h"

enum keys_outcome {
    KEYS_SIGNED,
    KEYS_UNKNOWN, /* there is no such key here */
    KEYS_REFUSED, /* that is nothing a TLS server signs */
    KEYS_FAILED,  /* the key could not do it */
};

struct keys_request {
    uint32_t number; /* the asker's; comes back with the reply */
    uint16_t scheme; /* code of TLS */
    uint16_t size;   /* of `bytes` in use; the message ends there */
    struct keys_id key;
    unsigned char bytes[KEYS_SIGNED_MAX];
};

struct keys_reply {
    uint32_t number;
    uint16_t outcome;
    uint16_t size;
    unsigned char signature[KEYS_SIGNATURE_MAX];
};

#define KEYS_REQUEST_HEAD offsetof(struct keys_request, bytes)
#define KEYS_REPLY_HEAD offsetof(struct keys_reply, signature)

/* A connected pair, close-on-exec and non-blocking. */
RS_CHECKED rs_status keys_socket_pair(struct rs_job *job, int out[2]);

/* Judge a message of `size` bytes that was read into `request`: KEYS_SIGNED where it may be signed, and by which
 * scheme. */
enum keys_outcome keys_request_judge(const struct keys_request *request, size_t size,
                                     const struct keys_scheme **scheme);

#endif
