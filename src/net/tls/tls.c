/* net/tls/tls.c - connections.
 *
 *   tls_stream_create --client hello--> client_hello: the binding is chosen, and with it certificate, session id
 *   context and ticket keys --> tls_stream_handshake --> read, write --> tls_stream_end
 *
 * All connections are of one SSL_CTX, which has no certificate (tls_server): a connection is given that of its binding when
 * the client hello is here. A context for each binding would weigh four times as much as its certificate.
 */
#include "net/tls/tls.h"

#include <assert.h>
#include <openssl/async.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "net/keys/client.h"
#include "net/tls/binding.h"
#include "net/tls/context.h"
#include "net/tls/end_point.h"
#include "net/tls/socket.h"

#define TLS_SNI_MAX 253 /* bytes of a host name */
#define TLS_PAUSED_MAX 1024 /* handshakes that wait for a key at one time: each has a stack of 32 KiB */

struct tls_server {
    SSL_CTX *context;
    tls_select *select;
    tls_select *proofs; /* or NULL */
    void (*wake)(void *data); /* NULL: handshakes do not pause */
};

struct tls_stream {
    SSL *ssl;
    struct tls_socket socket;
    struct tls_server *server;
    void *data;
    struct tls_binding *binding; /* a reference, once chosen */
    unsigned long problem;       /* OpenSSL's error of TLS_REFUSED; 0: none, or no binding */
    char *sni;                   /* NULL where the client sent none */
    char *refusal;               /* of the client's certificate; NULL: none */
    struct rs_job *peer_memory;  /* NULL: not looked at yet */
    struct tls_peer *peer;
    bool paused;                 /* in the middle of SSL_accept: `wait` wakes */
    struct keys_wait wait;
};

/* ---- what OpenSSL asks ------------------------------------------------------------------------- */

static int stream_index(void)
{
    static int index = -1;

    if (index < 0)
        index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    return index;
}

static struct tls_stream *stream_of(SSL *ssl)
{
    return SSL_get_ex_data(ssl, stream_index());
}

/* RFC 6066 section 3: a list with one host name in it, lengths in two bytes. False where it is malformed. */
static bool read_sni(SSL *ssl, rs_text *out)
{
    const unsigned char *at;
    size_t size, name_size;

    *out = rs_text_of(NULL, 0);
    if (!SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &at, &size))
        return true;
    if (size < 5 || (size_t)(at[0] << 8 | at[1]) != size - 2 || at[2] != TLSEXT_NAMETYPE_host_name)
        return false;
    name_size = (size_t)(at[3] << 8 | at[4]);
    if (name_size == 0 || name_size > size - 5 || name_size > TLS_SNI_MAX + 1)
        return false;
    *out = rs_text_of((const char *)at + 5, name_size);
    return !memchr(out->bytes, '\0', out->size);
}

/* RFC 8737: the protocol of a proof, and no other. */
static bool wants_proof(SSL *ssl)
{
    static const unsigned char list[] = {0, sizeof TLS_ACME_PROTOCOL, sizeof TLS_ACME_PROTOCOL - 1};
    const unsigned char *at;
    size_t size;

    return SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &at, &size) &&
           size == sizeof list + sizeof TLS_ACME_PROTOCOL - 1 && memcmp(at, list, sizeof list) == 0 &&
           memcmp(at + sizeof list, TLS_ACME_PROTOCOL, sizeof TLS_ACME_PROTOCOL - 1) == 0;
}

static void keep_sni(struct tls_stream *stream, rs_text sni)
{
    if (sni.size == 0)
        return;
    stream->sni = malloc(sni.size + 1);
    if (!stream->sni)
        rs_log_abort("no memory for the name of a host");
    for (size_t i = 0; i < sni.size; i++)
        stream->sni[i] = rs_lower(sni.bytes[i]);
    stream->sni[sni.size] = '\0';
}

static int refuse(int alert, int *out)
{
    *out = alert;
    return SSL_CLIENT_HELLO_ERROR;
}

static int client_hello(SSL *ssl, int *alert, void *data)
{
    struct tls_stream *stream = stream_of(ssl);
    struct tls_binding *binding;
    rs_text sni;

    (void)data;
    if (stream->binding) /* the second hello of one handshake (HelloRetryRequest): it is chosen */
        return SSL_CLIENT_HELLO_SUCCESS;
    if (!read_sni(ssl, &sni))
        return refuse(SSL_AD_DECODE_ERROR, alert);
    if (sni.size > 0 && sni.bytes[sni.size - 1] == '.')
        sni.size--;
    keep_sni(stream, sni);
    if (!wants_proof(ssl))
        binding = stream->server->select(stream->data, tls_stream_sni(stream));
    else
        binding = stream->server->proofs ? stream->server->proofs(stream->data, tls_stream_sni(stream)) : NULL;
    if (!binding)
        return refuse(SSL_AD_UNRECOGNIZED_NAME, alert);
    stream->binding = tls_binding_ref(binding);
    if (!tls_binding_enter(binding, ssl))
        return refuse(SSL_AD_INTERNAL_ERROR, alert);
    return SSL_CLIENT_HELLO_SUCCESS;
}

static int ticket_key(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                      EVP_MAC_CTX *mac, int encrypt)
{
    struct tls_stream *stream = stream_of(ssl);

    return stream->binding ? tls_binding_ticket_key(stream->binding, name, iv, cipher, mac, encrypt)
                           : 0;
}

static int staple(SSL *ssl, void *data)
{
    const struct tls_stream *stream = stream_of(ssl);

    (void)data;
    return stream->binding ? tls_binding_staple(stream->binding, ssl) : SSL_TLSEXT_ERR_NOACK;
}

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_size, const unsigned char *offered,
                           unsigned int offered_size, void *data)
{
    const struct tls_stream *stream = stream_of(ssl);

    (void)data;
    if (!stream->binding || !tls_binding_is_proof(stream->binding))
        return tls_context_choose(ssl, out, out_size, offered, offered_size, NULL);
    *out = (const unsigned char *)TLS_ACME_PROTOCOL;
    *out_size = sizeof TLS_ACME_PROTOCOL - 1;
    return SSL_TLSEXT_ERR_OK;
}

/* ---- the server -------------------------------------------------------------------------------- */

rs_status tls_server_create(struct rs_job *job, tls_select *select, struct tls_server **out)
{
    struct tls_server *server = calloc(1, sizeof *server);

    if (!server)
        rs_log_abort("no memory for TLS");
    server->select = select;
    server->context = tls_context_create();
    if (!server->context || stream_index() < 0) {
        tls_server_destroy(server);
        return tls_context_fail(job, RS_FAILED, "cannot set TLS up");
    }
    SSL_CTX_set_client_hello_cb(server->context, client_hello, NULL);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(server->context, ticket_key);
    SSL_CTX_set_tlsext_status_cb(server->context, staple);
    SSL_CTX_set_alpn_select_cb(server->context, choose_protocol, NULL);
    *out = server;
    return RS_OK;
}

void tls_server_may_wait(struct tls_server *server, void (*wake)(void *data))
{
    server->wake = wake;
    if (ASYNC_init_thread(TLS_PAUSED_MAX, 0) != 1)
        ERR_clear_error(); /* it is made when first needed, and grows as needed */
}

void tls_server_proofs(struct tls_server *server, tls_select *select)
{
    server->proofs = select;
}

void tls_server_destroy(struct tls_server *server)
{
    if (!server)
        return;
    SSL_CTX_free(server->context);
    if (server->wake)
        ASYNC_cleanup_thread();
    free(server);
}

/* ---- streams ----------------------------------------------------------------------------------- */

struct tls_stream *tls_stream_create(struct tls_server *server, int fd, void *data)
{
    struct tls_stream *stream = calloc(1, sizeof *stream);

    if (!stream)
        rs_log_abort("no memory for a connection");
    stream->server = server;
    stream->data = data;
    stream->ssl = SSL_new(server->context);
    stream->socket = (struct tls_socket){.fd = fd, .ssl = stream->ssl};
    if (!stream->ssl || !SSL_set_ex_data(stream->ssl, stream_index(), stream) ||
        !tls_socket_use(&stream->socket)) {
        ERR_clear_error();
        tls_stream_destroy(stream);
        return NULL;
    }
    SSL_set_accept_state(stream->ssl);
    if (server->wake) {
        stream->wait = (struct keys_wait){server->wake, data, false};
        SSL_set_mode(stream->ssl, SSL_MODE_ASYNC);
        SSL_set_async_callback(stream->ssl, keys_wake);
        SSL_set_async_callback_arg(stream->ssl, &stream->wait);
    }
    return stream;
}

void tls_stream_destroy(struct tls_stream *stream)
{
    if (!stream)
        return;
    if (stream->paused) { /* OpenSSL does not free a job that has not run to its end */
        stream->wait.abandoned = true;
        SSL_accept(stream->ssl);
        ERR_clear_error();
    }
    SSL_free(stream->ssl);
    tls_binding_unref(stream->binding);
    rs_job_destroy(stream->peer_memory);
    free(stream->refusal);
    free(stream->sni);
    free(stream);
}

/* OpenSSL says "certificate verify failed"; why is asked for apart. */
static void keep_refusal(struct tls_stream *stream)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const char *why = X509_verify_cert_error_string(SSL_get_verify_result(stream->ssl));

    free(stream->refusal);
    stream->refusal = strdup(rs_text_format(job, "the certificate of the client is refused: %s", why).bytes);
}

/* What a call that returned `result` means. Empties OpenSSL's error queue. */
static enum tls_io outcome(struct tls_stream *stream, int result)
{
    switch (SSL_get_error(stream->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return TLS_WANTS_READ;
    case SSL_ERROR_WANT_WRITE:
        return TLS_WANTS_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return TLS_ENDED;
    case SSL_ERROR_SYSCALL:
        ERR_clear_error();
        return TLS_CUT;
    default:
        stream->problem = ERR_peek_error();
        ERR_clear_error();
        if (ERR_GET_REASON(stream->problem) == SSL_R_CERTIFICATE_VERIFY_FAILED)
            keep_refusal(stream);
        if (ERR_GET_REASON(stream->problem) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
            return TLS_CUT;
        if (ERR_GET_REASON(stream->problem) == SSL_R_HTTP_REQUEST)
            return TLS_PLAIN_HTTP;
        return TLS_REFUSED;
    }
}

enum tls_io tls_stream_handshake(struct tls_stream *stream)
{
    int result, error;

    ERR_clear_error();
    result = SSL_accept(stream->ssl);
    error = SSL_get_error(stream->ssl, result);
    if (error == SSL_ERROR_WANT_ASYNC_JOB) { /* too many handshakes are paused: this one stands still */
        SSL_clear_mode(stream->ssl, SSL_MODE_ASYNC);
        result = SSL_accept(stream->ssl);
    } else if (error == SSL_ERROR_WANT_ASYNC) {
        stream->paused = true;
        return TLS_WAITS_KEY;
    }
    if (stream->paused || result == 1) /* a handshake is signed once; records need no jobs */
        SSL_clear_mode(stream->ssl, SSL_MODE_ASYNC);
    stream->paused = false;
    return result == 1 ? TLS_DONE : outcome(stream, result);
}

enum tls_io tls_stream_read(struct tls_stream *stream, char *bytes, size_t room, size_t *got)
{
    int result;

    ERR_clear_error();
    result = SSL_read_ex(stream->ssl, bytes, room, got);
    return result == 1 ? TLS_DONE : outcome(stream, result);
}

bool tls_stream_has_bytes(const struct tls_stream *stream)
{
    return SSL_has_pending(stream->ssl) == 1;
}

enum tls_io tls_stream_write(struct tls_stream *stream, rs_text bytes, size_t *written)
{
    int result;

    assert(bytes.size > 0);
    ERR_clear_error();
    result = SSL_write_ex(stream->ssl, bytes.bytes, bytes.size, written);
    return result == 1 ? TLS_DONE : outcome(stream, result);
}

void tls_stream_more(struct tls_stream *stream)
{
    stream->socket.more = true;
}

enum tls_io tls_stream_end(struct tls_stream *stream)
{
    int result;

    if (!SSL_is_init_finished(stream->ssl))
        return TLS_DONE;
    ERR_clear_error();
    tls_stream_more(stream);
    result = SSL_shutdown(stream->ssl);
    return result >= 0 ? TLS_DONE : outcome(stream, result);
}

struct tls_binding *tls_stream_binding(const struct tls_stream *stream)
{
    return stream->binding;
}

rs_text tls_stream_sni(const struct tls_stream *stream)
{
    return rs_text_from(stream->sni);
}

bool tls_stream_is_http2(const struct tls_stream *stream)
{
    const unsigned char *name;
    unsigned int size;

    SSL_get0_alpn_selected(stream->ssl, &name, &size);
    return size == 2 && memcmp(name, "h2", 2) == 0;
}

bool tls_stream_is_proof(const struct tls_stream *stream)
{
    const unsigned char *name;
    unsigned int size;

    SSL_get0_alpn_selected(stream->ssl, &name, &size);
    return size == sizeof TLS_ACME_PROTOCOL - 1 && memcmp(name, TLS_ACME_PROTOCOL, size) == 0;
}

bool tls_stream_is_resumed(const struct tls_stream *stream)
{
    return SSL_session_reused(stream->ssl) == 1;
}

const char *tls_stream_version(const struct tls_stream *stream)
{
    return SSL_get_version(stream->ssl);
}

static rs_text name_text(struct rs_job *job, const X509_NAME *name)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes = NULL;
    long size;
    rs_text text = RS_TEXT("");

    /* control characters, and all that is not ASCII, escaped: it becomes a field of HTTP */
    if (bio && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0 && (size = BIO_get_mem_data(bio, &bytes)) > 0)
        text = rs_text_copy(job, rs_text_of(bytes, (size_t)size));
    BIO_free(bio);
    return text;
}

static rs_text hexadecimal(struct rs_job *job, const unsigned char *bytes, size_t size)
{
    char *out = rs_alloc(job, 2 * size + 1);

    for (size_t i = 0; i < size; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    return rs_text_of(out, 2 * size);
}

static struct tls_peer *describe_peer(struct rs_job *job, X509 *certificate)
{
    struct tls_peer *peer = RS_NEW(job, struct tls_peer);
    const ASN1_INTEGER *serial = X509_get0_serialNumber(certificate);
    unsigned char digest[32], *der = NULL;
    int size = i2d_X509(certificate, &der);
    char *base64;

    if (size <= 0)
        return NULL;
    base64 = rs_alloc(job, (size_t)size * 2 + 8);
    peer->base64 = rs_text_of(base64, (size_t)EVP_EncodeBlock((unsigned char *)base64, der, size));
    EVP_Digest(der, (size_t)size, digest, NULL, EVP_sha256(), NULL);
    OPENSSL_free(der);
    peer->sha256 = hexadecimal(job, digest, sizeof digest);
    peer->serial = hexadecimal(job, ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial));
    peer->subject = name_text(job, X509_get_subject_name(certificate));
    peer->issuer = name_text(job, X509_get_issuer_name(certificate));
    return peer;
}

const struct tls_peer *tls_stream_peer(struct tls_stream *stream)
{
    X509 *certificate;

    if (stream->peer_memory || !tls_stream_asks_clients(stream))
        return stream->peer;
    stream->peer_memory = rs_job_create(NULL);
    certificate = SSL_get0_peer_certificate(stream->ssl);
    if (certificate && SSL_get_verify_result(stream->ssl) == X509_V_OK)
        stream->peer = describe_peer(stream->peer_memory, certificate);
    ERR_clear_error();
    return stream->peer;
}

size_t tls_stream_end_point(const struct tls_stream *stream, unsigned char out[TLS_END_POINT_MAX])
{
    X509 *certificate = tls_end_point_shown(stream->ssl);

    return certificate ? tls_end_point(certificate, out) : 0;
}

bool tls_stream_asks_clients(const struct tls_stream *stream)
{
    return stream->binding && tls_binding_asks_clients(stream->binding);
}

rs_text tls_stream_problem(const struct tls_stream *stream)
{
    const char *reason = stream->refusal    ? stream->refusal
                         : stream->problem ? ERR_reason_error_string(stream->problem)
                                           : NULL;

    if (stream->problem && ERR_GET_REASON(stream->problem) == SSL_R_CALLBACK_FAILED)
        reason = stream->binding ? "the binding could not be entered"
                                 : "no certificate is bound to this address, port and name";
    return rs_text_from(reason ? reason : "the TLS layer gave no reason");
}
