/* Requests to the process of the keys: whatever comes, only what a TLS server signs gets a signature, and each message
 * gets at most one reply. */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "net/keys/server.h"
#include "net/keys/wire.h"
#include "net/loop/loop.h"

static struct keys_server *make_server(struct rs_job *job, struct loop *loop)
{
    struct keys_server *server;
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    unsigned char *der = NULL;
    int size = i2d_PrivateKey(key, &der);
    struct keys_id id;

    if (!keys_id_of(key, &id) || keys_server_create(job, loop, NULL, &server) != RS_OK ||
        keys_server_load(job, server, &id, rs_text_of((char *)der, (size_t)size)) != RS_OK)
        abort();
    OPENSSL_free(der);
    EVP_PKEY_free(key);
    return server;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(loop) loop = NULL;
    RS_OWNED(keys_server) server = NULL;
    const struct keys_scheme *scheme = NULL;
    struct keys_reply reply;
    int ends[2];

    if (size == 0 || size > 60000 || loop_create(job, &loop) != RS_OK || keys_socket_pair(job, ends) != RS_OK)
        return 0;
    server = make_server(job, loop);
    keys_server_attach(server, ends[0]);
    if (send(ends[1], data, size, 0) == (ssize_t)size) {
        loop_turn(loop);
        ssize_t got = recv(ends[1], &reply, sizeof reply, 0);
        struct keys_request request = {0};
        memcpy(&request, data, size < sizeof request ? size : sizeof request);
        enum keys_outcome judged = keys_request_judge(&request, size, &scheme);
        if (got > 0 && (reply.outcome == KEYS_SIGNED || (judged == KEYS_REFUSED) != (reply.outcome == KEYS_REFUSED)))
            abort(); /* its key is random: nobody can name it */
        if (recv(ends[1], &reply, sizeof reply, 0) > 0)
            abort();
    }
    close(ends[1]);
    return 0;
}
