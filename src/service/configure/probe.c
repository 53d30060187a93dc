#include "service/configure/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/clock.h"
#include "net/keys/library.h"
#include "net/tls/context.h"

#define PROBE_PIECE 16384
#define PROBE_LINE_MAX 4096 /* bytes in which a status line must end */

/* TLS goes through memory, and the socket is written with MSG_NOSIGNAL: a server that hangs up must not end us. */
struct probe {
    int fd;
    SSL *tls; /* NULL before a handshake */
};

/* ---- the socket ---------------------------------------------------------------------------- */

static int64_t probe_deadline(const struct rs_job *job)
{
    int64_t left = rs_job_time_left_ms(job);

    return rs_clock_steady_ms() + (left < PROBE_MS ? left : PROBE_MS);
}

static rs_status probe_wait(struct rs_job *job, const struct probe *probe, short events, int64_t deadline)
{
    struct pollfd poll_fd = {.fd = probe->fd, .events = events};

    for (;;) {
        int64_t left = deadline - rs_clock_steady_ms();
        int ready;
        RS_TRY(rs_job_checkpoint(job));
        if (left <= 0)
            return rs_fail(job, RS_TIMEOUT, "nothing answered within %d seconds", PROBE_MS / 1000);
        ready = poll(&poll_fd, 1, left > 200 ? 200 : (int)left); /* short, so that cancelling is seen */
        if (ready > 0)
            return RS_OK;
        if (ready < 0 && errno != EINTR)
            return rs_fail(job, RS_IO, "cannot wait for the server: %s", strerror(errno));
    }
}

static rs_status probe_send(struct rs_job *job, struct probe *probe, rs_text bytes, int64_t deadline)
{
    while (bytes.size > 0) {
        ssize_t sent = send(probe->fd, bytes.bytes, bytes.size, MSG_NOSIGNAL);
        if (sent > 0)
            bytes = rs_text_from_offset(bytes, (size_t)sent);
        else if (errno == EAGAIN)
            RS_TRY(probe_wait(job, probe, POLLOUT, deadline));
        else if (errno != EINTR)
            return rs_fail(job, RS_IO, "the server ended the connection: %s", strerror(errno));
    }
    return RS_OK;
}

/* At least one byte; none at the end of the connection. */
static rs_status probe_receive(struct rs_job *job, struct probe *probe, char *bytes, size_t room, int64_t deadline,
                               size_t *got)
{
    for (;;) {
        ssize_t received = recv(probe->fd, bytes, room, 0);
        if (received >= 0) {
            *got = (size_t)received;
            return RS_OK;
        }
        if (errno == EAGAIN)
            RS_TRY(probe_wait(job, probe, POLLIN, deadline));
        else if (errno != EINTR)
            return rs_fail(job, RS_IO, "the server ended the connection: %s", strerror(errno));
    }
}

static rs_status probe_connect(struct rs_job *job, struct probe *probe, int family, const void *bytes, uint16_t port)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    socklen_t size = sizeof(int);
    int error = 0, result;

    probe->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe->fd < 0)
        return rs_fail(job, RS_IO, "cannot open a socket: %s", strerror(errno));
    if (family == AF_INET) {
        memcpy(&four.sin_addr, bytes, 4);
        result = connect(probe->fd, (struct sockaddr *)&four, sizeof four);
    } else {
        memcpy(&six.sin6_addr, bytes, 16);
        result = connect(probe->fd, (struct sockaddr *)&six, sizeof six);
    }
    if (result != 0 && errno != EINPROGRESS)
        return rs_fail(job, RS_IO, "cannot connect: %s", strerror(errno));
    RS_TRY(probe_wait(job, probe, POLLOUT, probe_deadline(job)));
    if (getsockopt(probe->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0)
        return rs_fail(job, RS_IO, "cannot connect: %s", strerror(error));
    return RS_OK;
}

static rs_status probe_connect_wildcard(struct rs_job *job, struct probe *probe, uint16_t port)
{
    static const uint8_t four[4] = {127, 0, 0, 1}, six[16] = {[15] = 1};
    RS_OWNED(rs_job) first = rs_job_create(&(struct rs_job_options){.within = job});

    if (probe_connect(first, probe, AF_INET, four, port) == RS_OK)
        return RS_OK;
    if (probe->fd >= 0)
        close(probe->fd);
    if (probe_connect(job, probe, AF_INET6, six, port) == RS_OK)
        return RS_OK;
    rs_job_forgive(job);
    return rs_job_adopt(job, first); /* what IPv4 said is what people look for */
}

rs_status probe_open(struct rs_job *job, const struct tables_address *address, uint16_t port, struct probe **out)
{
    RS_OWNED(probe) probe = calloc(1, sizeof *probe);

    if (!probe)
        return rs_fail(job, RS_NO_MEMORY, "no memory for a connection");
    probe->fd = -1;
    if (address->family == TABLES_ANY)
        RS_TRY(probe_connect_wildcard(job, probe, port));
    else
        RS_TRY(probe_connect(job, probe, address->family == TABLES_IPV4 ? AF_INET : AF_INET6, address->bytes, port));
    *out = rs_move(probe);
    return RS_OK;
}

void probe_close(struct probe *probe)
{
    if (!probe)
        return;
    SSL_free(probe->tls);
    if (probe->fd >= 0)
        close(probe->fd);
    free(probe);
}

/* ---- TLS ----------------------------------------------------------------------------------- */

static rs_status tls_flush(struct rs_job *job, struct probe *probe, int64_t deadline)
{
    char bytes[PROBE_PIECE];
    int size;

    while ((size = BIO_read(SSL_get_wbio(probe->tls), bytes, sizeof bytes)) > 0)
        RS_TRY(probe_send(job, probe, rs_text_of(bytes, (size_t)size), deadline));
    return RS_OK;
}

/* After a call of OpenSSL that gave `result`: send what it has to send, receive what it waits for. */
static rs_status tls_pump(struct rs_job *job, struct probe *probe, int result, int64_t deadline)
{
    int error = SSL_get_error(probe->tls, result);
    char bytes[PROBE_PIECE];
    const char *reason;
    size_t got;

    RS_TRY(tls_flush(job, probe, deadline));
    if (error == SSL_ERROR_WANT_READ) {
        RS_TRY(probe_receive(job, probe, bytes, sizeof bytes, deadline, &got));
        if (got == 0)
            return rs_fail(job, RS_IO, "the server ended the connection in the middle of it");
        BIO_write(SSL_get_rbio(probe->tls), bytes, (int)got);
        return RS_OK;
    }
    if (error == SSL_ERROR_WANT_WRITE)
        return RS_OK;
    reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return rs_fail(job, RS_IO, "the TLS handshake failed: %s", reason ? reason : "the connection ended");
}

static CRYPTO_ONCE context_once = CRYPTO_ONCE_STATIC_INIT;
static SSL_CTX *context; /* for all probes, as long as the process: making one takes as long as a handshake */

/* What is shown is compared as it stands; it is not for this client to say whom it trusts. */
static int takes_any(X509_STORE_CTX *store, void *data)
{
    (void)store, (void)data;
    return 1;
}

static void make_context(void)
{
    context = SSL_CTX_new_ex(keys_library(), NULL, TLS_client_method());
    if (!context)
        return;
    SSL_CTX_set_cert_verify_callback(context, takes_any, NULL);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 && SSL_CTX_set_ciphersuites(context, TLS_CIPHERS_13) == 1 &&
        SSL_CTX_set_cipher_list(context, TLS_CIPHERS_12) == 1)
        return;
    SSL_CTX_free(context);
    context = NULL;
}

static rs_status tls_prepare(struct rs_job *job, struct probe *probe, rs_text sni)
{
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());

    probe->tls = CRYPTO_THREAD_run_once(&context_once, make_context) && context ? SSL_new(context) : NULL;
    if (!probe->tls || !in || !out) {
        BIO_free(in);
        BIO_free(out);
        return rs_fail(job, RS_NO_MEMORY, "no memory for a TLS connection");
    }
    SSL_set_bio(probe->tls, in, out);
    SSL_set_verify(probe->tls, SSL_VERIFY_NONE, NULL);
    SSL_set_connect_state(probe->tls);
    if (sni.size > 0)
        (void)SSL_set_tlsext_host_name(probe->tls, rs_text_terminated(job, sni));
    return RS_OK;
}

rs_status probe_greet(struct rs_job *job, struct probe *probe, rs_text sni)
{
    RS_TRY(tls_prepare(job, probe, sni));
    ERR_clear_error();
    (void)SSL_do_handshake(probe->tls); /* it waits for the server; anything else is seen when that is asked again */
    return tls_flush(job, probe, probe_deadline(job));
}

rs_status probe_handshake(struct rs_job *job, struct probe *probe, rs_text *sha256)
{
    int64_t deadline = probe_deadline(job);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    X509 *shown;
    char *text;
    int result;

    ERR_clear_error();
    while ((result = SSL_do_handshake(probe->tls)) != 1)
        RS_TRY(tls_pump(job, probe, result, deadline));
    RS_TRY(tls_flush(job, probe, deadline));
    shown = SSL_get0_peer_certificate(probe->tls);
    if (!shown || X509_digest(shown, EVP_sha256(), digest, &size) != 1)
        return rs_fail(job, RS_IO, "the server showed no certificate");
    text = rs_alloc(job, 2 * size + 1);
    for (unsigned i = 0; i < size; i++) {
        text[2 * i] = "0123456789ABCDEF"[digest[i] >> 4];
        text[2 * i + 1] = "0123456789ABCDEF"[digest[i] & 15];
    }
    *sha256 = rs_text_of(text, 2 * size);
    return RS_OK;
}

/* ---- one request --------------------------------------------------------------------------- */

static rs_status get_write(struct rs_job *job, struct probe *probe, rs_text request, int64_t deadline)
{
    int result;

    if (!probe->tls)
        return probe_send(job, probe, request, deadline);
    while ((result = SSL_write(probe->tls, request.bytes, (int)request.size)) <= 0)
        RS_TRY(tls_pump(job, probe, result, deadline));
    return tls_flush(job, probe, deadline);
}

static rs_status get_read(struct rs_job *job, struct probe *probe, char *bytes, size_t room, int64_t deadline, size_t *got)
{
    int result;

    if (!probe->tls)
        return probe_receive(job, probe, bytes, room, deadline, got);
    while ((result = SSL_read(probe->tls, bytes, (int)room)) <= 0) {
        if (SSL_get_error(probe->tls, result) == SSL_ERROR_ZERO_RETURN) {
            *got = 0;
            return RS_OK;
        }
        RS_TRY(tls_pump(job, probe, result, deadline));
    }
    *got = (size_t)result;
    return RS_OK;
}

rs_status probe_get(struct rs_job *job, struct probe *probe, rs_text host, rs_text path, int *status)
{
    int64_t deadline = probe_deadline(job);
    rs_text request = rs_text_format(job, "GET %.*s HTTP/1.1\r\nHost: %.*s\r\nUser-Agent: bindery-verify\r\n"
                                     "Connection: close\r\n\r\n", RS_TEXT_ARG(path), RS_TEXT_ARG(host));
    char line[PROBE_LINE_MAX];
    size_t used = 0, got;
    uint64_t number = 0;

    ERR_clear_error();
    RS_TRY(get_write(job, probe, request, deadline));
    while (used < sizeof line && !memchr(line, '\n', used)) {
        RS_TRY(get_read(job, probe, line + used, sizeof line - used, deadline, &got));
        if (got == 0)
            return rs_fail(job, RS_IO, "the server ended the connection without an answer");
        used += got;
    }
    if (used < 12 || memcmp(line, "HTTP/1.", 7) != 0 || !rs_parse_uint64(rs_text_of(line + 9, 3), &number))
        return rs_fail(job, RS_IO, "what answers there does not speak HTTP");
    *status = (int)number;
    return RS_OK;
}
