#include "net/tls/binding.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "base/log.h"
#include "net/keys/remote.h"
#include "net/tls/chain.h"
#include "net/tls/context.h"
#include "net/tls/ticket.h"
#include "net/tls/trust.h"

struct tls_binding {
    size_t refs;
    uint64_t generation;
    struct tls_policy policy;
    SSL_CTX *context;         /* NULL: not made yet, from: */
    struct tls_chain *chains[TLS_CHAINS_MAX];
    X509 *shown[TLS_CHAINS_MAX]; /* the context's certificate of each chain; NULL: not used */
    size_t chain_count;       /* 0: it came made */
    const struct keys_signer *signer;
    bool unusable;            /* making it failed */
    unsigned char session_context[32]; /* no session of another binding or generation has it */
    struct ticket_keys tickets;
    char *ciphers_tls12, *ciphers_tls13, *groups; /* of the policy; NULL: ours */
};

/* ---- making it ----------------------------------------------------------------------------------- */

static rs_status use_identity(struct rs_job *job, SSL_CTX *context, const struct tls_identity *identity)
{
    STACK_OF(X509) *chain = NULL;
    int used;

    if (X509_check_private_key(identity->certificate, identity->key) != 1)
        return tls_context_fail(job, TLS_IDENTITY, "the private key does not belong to the certificate");
    /* OpenSSL takes references but wants a list it could change */
    if (identity->chain && !(chain = X509_chain_up_ref((STACK_OF(X509) *)(uintptr_t)identity->chain)))
        return tls_context_fail(job, TLS_IDENTITY, "the certificate chain cannot be used");
    used = SSL_CTX_use_cert_and_key(context, identity->certificate, identity->key, chain, 1);
    sk_X509_pop_free(chain, X509_free);
    if (used != 1)
        return tls_context_fail(job, TLS_IDENTITY, "the certificate cannot be used for TLS");
    return RS_OK;
}

static void append(char **list, rs_text name)
{
    size_t size = *list ? strlen(*list) : 0;
    char *grown = realloc(*list, size + name.size + 2);

    if (!grown)
        rs_log_abort("no memory for a TLS binding");
    if (size > 0)
        grown[size++] = ':';
    memcpy(grown + size, name.bytes, name.size);
    grown[size + name.size] = '\0';
    *list = grown;
}

/* OpenSSL wants the ciphers of TLS 1.3 apart. Where a list has none of one version, that version is not spoken. */
static void keep_lists(struct tls_binding *binding)
{
    rs_text rest = binding->policy.ciphers, name;

    while (rest.size > 0) {
        rs_text_cut(rest, ':', &name, &rest);
        append(rs_text_starts(name, RS_TEXT("TLS_")) ? &binding->ciphers_tls13 : &binding->ciphers_tls12, name);
    }
    if (binding->policy.groups.size > 0)
        append(&binding->groups, binding->policy.groups);
    if (binding->ciphers_tls13 && !binding->ciphers_tls12)
        binding->policy.least_version = TLS1_3_VERSION;
    binding->policy.ciphers = binding->policy.groups = rs_text_of(NULL, 0); /* the caller's */
}

static struct tls_binding *binding_new(const struct tls_policy *policy, uint64_t generation)
{
    struct tls_binding *binding = OPENSSL_secure_zalloc(sizeof *binding);

    if (!binding)
        rs_log_abort("no memory for a TLS binding");
    binding->refs = 1;
    binding->generation = generation;
    ticket_keys_init(&binding->tickets, policy);
    if (!ticket_keys_session_context(&binding->tickets, binding->session_context))
        rs_log_abort("the system has no random numbers");
    binding->policy = *policy;
    if (policy->trust)
        tls_trust_ref(policy->trust);
    keep_lists(binding);
    if (!binding->policy.least_version)
        binding->policy.least_version = TLS1_2_VERSION;
    return binding;
}

static rs_status make_context(struct rs_job *job, SSL_CTX **out)
{
    *out = tls_context_create();
    return *out ? RS_OK : tls_context_fail(job, RS_FAILED, "cannot set TLS up");
}

rs_status tls_binding_create(struct rs_job *job, const struct tls_identity *identity,
                             uint64_t generation, struct tls_binding **out)
{
    RS_OWNED(tls_binding) binding = binding_new(&identity->policy, generation);

    RS_TRY(make_context(job, &binding->context));
    RS_TRY(use_identity(job, binding->context, identity));
    *out = rs_move(binding);
    return RS_OK;
}

struct tls_binding *tls_binding_create_later(struct tls_chain *const *chains, size_t count, const struct keys_signer *signer,
                                             const struct tls_policy *policy, uint64_t generation)
{
    struct tls_binding *binding = binding_new(policy, generation);

    assert(count > 0 && count <= TLS_CHAINS_MAX);
    for (size_t i = 0; i < count; i++)
        binding->chains[i] = tls_chain_ref(chains[i]);
    binding->chain_count = count;
    binding->signer = signer;
    return binding;
}

/* What clients are shown, out of its bytes. */
static rs_status use_chain(struct rs_job *job, struct tls_binding *binding, size_t index)
{
    const struct tls_chain *bytes = binding->chains[index];
    STACK_OF(X509) *chain = NULL;
    X509 *certificate = NULL;
    struct tls_identity identity;
    rs_status status = tls_chain_read(job, bytes, &certificate, &chain);

    identity = (struct tls_identity){.certificate = certificate, .chain = chain};
    if (status == RS_OK)
        status = keys_remote_create(job, X509_get0_pubkey(certificate), binding->signer, &identity.key);
    if (status == RS_OK)
        status = use_identity(job, binding->context, &identity);
    if (status == RS_OK)
        binding->shown[index] = certificate; /* a reference is the context's */
    EVP_PKEY_free(identity.key);
    X509_free(certificate);
    sk_X509_pop_free(chain, X509_free);
    return status;
}

/* What the authority says of the certificate that this client is shown. Whatever is missing, the handshake goes on without. */
static int show_staple(SSL *ssl, void *data)
{
    const struct tls_binding *binding = data;
    const X509 *shown = SSL_get_certificate(ssl);
    rs_text answer = rs_text_of(NULL, 0);
    unsigned char *copy;

    for (size_t i = 0; shown && i < binding->chain_count && answer.size == 0; i++)
        if (binding->shown[i] == shown)
            answer = tls_chain_stapled(binding->chains[i]);
    copy = answer.size > 0 ? OPENSSL_memdup(answer.bytes, answer.size) : NULL;
    if (copy && SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)answer.size) == 1)
        return SSL_TLSEXT_ERR_OK; /* it is the connection's now */
    OPENSSL_free(copy);
    return SSL_TLSEXT_ERR_NOACK;
}

/* With what can be used of its certificates; where none can, there is no context. */
static void make_ready(struct tls_binding *binding)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    size_t used = 0;

    if (make_context(job, &binding->context) == RS_OK)
        for (size_t i = 0; i < binding->chain_count; i++) {
            if (use_chain(job, binding, i) == RS_OK) {
                used++;
                continue;
            }
            rs_text why = rs_job_error(job);
            rs_log(RS_LOG_ERROR, "a certificate cannot be shown to clients: %.*s", RS_TEXT_ARG(why));
            rs_job_forgive(job);
        }
    if (used > 0) {
        if (!binding->policy.no_staple) {
            SSL_CTX_set_tlsext_status_cb(binding->context, show_staple);
            SSL_CTX_set_tlsext_status_arg(binding->context, binding);
        }
        return;
    }
    SSL_CTX_free(binding->context);
    binding->context = NULL;
    binding->unusable = true;
}

struct tls_binding *tls_binding_ref(struct tls_binding *binding)
{
    binding->refs++;
    return binding;
}

void tls_binding_unref(struct tls_binding *binding)
{
    if (!binding || --binding->refs > 0)
        return;
    SSL_CTX_free(binding->context);
    tls_trust_unref(binding->policy.trust);
    free(binding->ciphers_tls12);
    free(binding->ciphers_tls13);
    free(binding->groups);
    for (size_t i = 0; i < binding->chain_count; i++)
        tls_chain_unref(binding->chains[i]);
    OPENSSL_secure_clear_free(binding, sizeof *binding);
}

uint64_t tls_binding_generation(const struct tls_binding *binding)
{
    return binding->generation;
}

SSL_CTX *tls_binding_context(struct tls_binding *binding)
{
    if (!binding->context && !binding->unusable)
        make_ready(binding);
    return binding->context;
}

static int choose_proof(SSL *ssl, const unsigned char **out, unsigned char *out_size, const unsigned char *offered,
                        unsigned int offered_size, void *data)
{
    (void)ssl, (void)offered, (void)offered_size, (void)data;
    *out = (const unsigned char *)TLS_ACME_PROTOCOL;
    *out_size = sizeof TLS_ACME_PROTOCOL - 1;
    return SSL_TLSEXT_ERR_OK;
}

void tls_binding_proves(struct tls_binding *binding)
{
    SSL_CTX *context = tls_binding_context(binding);

    if (context)
        SSL_CTX_set_alpn_select_cb(context, choose_proof, NULL);
}

/* The connection began in a context that knows our own rules; what this binding wants otherwise is said here. */
static bool enter_lists(const struct tls_binding *binding, SSL *ssl)
{
    if (binding->ciphers_tls12 && SSL_set_cipher_list(ssl, binding->ciphers_tls12) != 1)
        return false;
    if (binding->ciphers_tls13 && SSL_set_ciphersuites(ssl, binding->ciphers_tls13) != 1)
        return false;
    if (binding->ciphers_tls12 && !binding->ciphers_tls13 && SSL_set_max_proto_version(ssl, TLS1_2_VERSION) != 1)
        return false;
    return !binding->groups || SSL_set1_groups_list(ssl, binding->groups) == 1;
}

bool tls_binding_enter(const struct tls_binding *binding, SSL *ssl)
{
    if (SSL_set_min_proto_version(ssl, binding->policy.least_version) != 1 || !enter_lists(binding, ssl) ||
        SSL_set_session_id_context(ssl, binding->session_context, sizeof binding->session_context) != 1)
        return false;
    if (binding->policy.no_tickets) {
        SSL_set_options(ssl, SSL_OP_NO_TICKET);
        SSL_set_num_tickets(ssl, 0);
    }
    if (binding->policy.clients == TLS_CLIENTS_NOT_ASKED)
        return true;
    return binding->policy.trust &&
           tls_trust_enter(binding->policy.trust, binding->policy.clients == TLS_CLIENTS_MUST, ssl);
}

void tls_binding_trust(struct tls_binding *binding, struct tls_trust *trust)
{
    tls_trust_ref(trust);
    tls_trust_unref(binding->policy.trust);
    binding->policy.trust = trust;
    ticket_keys_forget(&binding->tickets);
    if (binding->tickets.derived) { /* other nodes have other lists for a while: nothing is shared until they are the same */
        binding->tickets.derived = false;
        OPENSSL_cleanse(binding->tickets.seed, sizeof binding->tickets.seed);
    }
    if (RAND_bytes(binding->session_context, sizeof binding->session_context) != 1)
        rs_log_abort("the system has no random numbers");
}

bool tls_binding_asks_clients(const struct tls_binding *binding)
{
    return binding->policy.clients != TLS_CLIENTS_NOT_ASKED;
}

int tls_binding_ticket_key(struct tls_binding *binding, unsigned char *name, unsigned char *iv,
                           EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int encrypt)
{
    return ticket_keys_use(&binding->tickets, name, iv, cipher, mac, encrypt);
}
