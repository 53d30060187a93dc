/* net/kerberos/wire.h - a question to the process that has the keytab, and its answer, as one message each.
 *
 * A Unix socket that keeps messages apart (SOCK_SEQPACKET). Both ends are the same program, so numbers stand as the machine
 * has them; what comes in is judged all the same.
 */
#ifndef NET_KERBEROS_WIRE_H
#define NET_KERBEROS_WIRE_H

#include "base/buf.h"
#include "net/kerberos/acceptor.h"

#define KERBEROS_HANDLE_SIZE 16 /* bytes: a random name of a logon that is not done yet */
#define KERBEROS_WHY_MAX 512    /* bytes; longer is cut */
#define KERBEROS_MESSAGE_MAX (KERBEROS_TOKEN_MAX + (size_t)2 * 1024)

struct kerberos_question {
    rs_text handle;  /* what the answer before gave; empty with a first token */
    rs_text channel; /* as kerberos_accept takes it */
    rs_text token;
};

struct kerberos_answer {
    struct kerberos_verdict verdict;
    rs_text handle; /* KERBEROS_MORE: goes with the next token */
};

void kerberos_question_write(rs_buf *out, const struct kerberos_question *question);
void kerberos_answer_write(rs_buf *out, const struct kerberos_answer *answer);

/* Texts are borrowed from `message`. False where it is no such message. */
bool kerberos_question_read(rs_text message, struct kerberos_question *out);
bool kerberos_answer_read(rs_text message, struct kerberos_answer *out);

#endif
