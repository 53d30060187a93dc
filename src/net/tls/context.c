#include "net/tls/context.h"

#include "net/tls/end_point.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#define GROUPS "X25519:P-256:P-384"

#define TICKETS_PER_HANDSHAKE 1       /* each costs the server 4 % of a handshake; browsers use one */
#define SESSION_LIFETIME_S (2 * 3600) /* told to clients, and checked */

/* In the order of our liking. */
static const unsigned char protocols[] = "\x02h2\x08http/1.1";

int tls_context_choose(SSL *ssl, const unsigned char **out, unsigned char *out_size, const unsigned char *offered,
                       unsigned int offered_size, void *data)
{
    unsigned char *chosen;

    (void)ssl, (void)data;
    if (SSL_select_next_proto(&chosen, out_size, protocols, sizeof protocols - 1, offered, offered_size) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL; /* RFC 7301 section 3.2: no_application_protocol */
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

SSL_CTX *tls_context_create(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    if (!context)
        return NULL;
    if (!SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) ||
        !SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) || !SSL_CTX_set_cipher_list(context, TLS_CIPHERS_12) ||
        !SSL_CTX_set_ciphersuites(context, TLS_CIPHERS_13) || !SSL_CTX_set1_groups_list(context, GROUPS) ||
        !SSL_CTX_set_num_tickets(context, TICKETS_PER_HANDSHAKE)) {
        SSL_CTX_free(context);
        return NULL;
    }
    /* the system's configuration may have switched more on than we want */
    SSL_CTX_clear_options(context,
                          SSL_OP_NO_TICKET | SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    /* All ciphers are good: we take the cheapest for both sides. SHA-256 costs a handshake less than SHA-384 where
     * processors have instructions for it; a client that puts ChaCha20 first has none for AES and gets what it asks
     * for. */
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(context,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_timeout(context, SESSION_LIFETIME_S);
    SSL_CTX_set_max_early_data(context, 0);
    SSL_CTX_set_read_ahead(context, 1); /* one read for a whole record */
    SSL_CTX_set_session_ticket_cb(context, tls_end_point_remember, tls_end_point_restore, NULL);
    return context;
}

rs_status tls_context_fail(struct rs_job *job, rs_status status, const char *what)
{
    unsigned long error = ERR_peek_error();
    const char *reason = error ? ERR_reason_error_string(error) : NULL;

    ERR_clear_error();
    return rs_fail(job, status, "%s: %s", what, reason ? reason : "OpenSSL gives no reason");
}
