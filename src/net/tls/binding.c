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

/* A certificate that connections are given, in forms that OpenSSL takes. */
struct shown {
    X509 *certificate;
    STACK_OF(X509) *issuers; /* nearest first; NULL or empty: none */
    EVP_PKEY *key;
    struct tls_chain *chain; /* it came from; NULL: it came read. Borrowed from the binding */
};

struct tls_binding {
    size_t refs;
    uint64_t generation;
    struct tls_policy policy;
    struct shown shown[TLS_CHAINS_MAX]; /* what can be used of: */
    size_t shown_count;
    struct tls_chain *chains[TLS_CHAINS_MAX];
    size_t chain_count;       /* 0: it came read */
    bool is_read;
    bool proves;              /* a certificate of RFC 8737 */
    const struct keys_signer *signer;
    unsigned char session_context[32]; /* no session of another binding or generation has it */
    struct ticket_keys tickets;
    char *ciphers_tls12, *ciphers_tls13, *groups; /* of the policy; NULL: ours */
};

/* ---- making it ----------------------------------------------------------------------------------- */

static void shown_finish(struct shown *shown)
{
    X509_free(shown->certificate);
    sk_X509_pop_free(shown->issuers, X509_free);
    EVP_PKEY_free(shown->key);
    *shown = (struct shown){0};
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

/* Whether OpenSSL would show it: the key fits and is long enough, signatures are strong enough. */
static rs_status shown_check(struct rs_job *job, const struct shown *shown)
{
    SSL_CTX *context;
    int used;

    if (X509_check_private_key(shown->certificate, shown->key) != 1)
        return tls_context_fail(job, TLS_IDENTITY, "the private key does not belong to the certificate");
    context = tls_context_create();
    used = context ? SSL_CTX_use_cert_and_key(context, shown->certificate, shown->key, shown->issuers, 1) : 0;
    SSL_CTX_free(context);
    return used == 1 ? RS_OK : tls_context_fail(job, TLS_IDENTITY, "the certificate cannot be used for TLS");
}

rs_status tls_binding_create(struct rs_job *job, const struct tls_identity *identity,
                             uint64_t generation, struct tls_binding **out)
{
    RS_OWNED(tls_binding) binding = binding_new(&identity->policy, generation);
    struct shown *shown = &binding->shown[binding->shown_count++];

    X509_up_ref(identity->certificate);
    EVP_PKEY_up_ref(identity->key);
    /* OpenSSL takes references but wants a list it could change */
    *shown = (struct shown){identity->certificate,
                            identity->chain ? X509_chain_up_ref((STACK_OF(X509) *)(uintptr_t)identity->chain) : NULL, identity->key,
                            NULL};
    binding->is_read = true;
    RS_TRY(shown_check(job, shown));
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
static rs_status shown_read(struct rs_job *job, struct tls_chain *chain, const struct keys_signer *signer, struct shown *out)
{
    out->chain = chain;
    RS_TRY(tls_chain_read(job, chain, &out->certificate, &out->issuers));
    return keys_remote_create(job, X509_get0_pubkey(out->certificate), signer, &out->key);
}

static void tell_unusable(struct rs_job *job)
{
    rs_text why = rs_job_error(job);

    rs_log(RS_LOG_ERROR, "a certificate cannot be shown to clients: %.*s", RS_TEXT_ARG(why));
    rs_job_forgive(job);
}

static void read_chains(struct tls_binding *binding)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    for (size_t i = 0; i < binding->chain_count; i++) {
        struct shown shown = {0};
        if (shown_read(job, binding->chains[i], binding->signer, &shown) == RS_OK) {
            binding->shown[binding->shown_count++] = shown;
            continue;
        }
        shown_finish(&shown);
        tell_unusable(job);
    }
    binding->is_read = true;
}

/* What OpenSSL refuses is told once, and not tried again. */
static void forget_shown(struct tls_binding *binding, size_t index)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    (void)!tls_context_fail(job, TLS_IDENTITY, "the certificate cannot be used for TLS");
    tell_unusable(job);
    shown_finish(&binding->shown[index]);
    binding->shown[index] = binding->shown[--binding->shown_count];
}

/* With what can be used of its certificates; false where that is none. */
static bool enter_certificates(struct tls_binding *binding, SSL *ssl)
{
    if (!binding->is_read)
        read_chains(binding);
    for (size_t i = 0; i < binding->shown_count;) {
        const struct shown *shown = &binding->shown[i];
        if (SSL_use_cert_and_key(ssl, shown->certificate, shown->key, shown->issuers, 1) == 1)
            i++;
        else
            forget_shown(binding, i);
    }
    return binding->shown_count > 0;
}

int tls_binding_staple(const struct tls_binding *binding, SSL *ssl)
{
    const X509 *certificate = SSL_get_certificate(ssl);
    rs_text answer = rs_text_of(NULL, 0);
    unsigned char *copy;

    for (size_t i = 0; certificate && !binding->policy.no_staple && i < binding->shown_count && answer.size == 0; i++)
        if (binding->shown[i].certificate == certificate && binding->shown[i].chain)
            answer = tls_chain_stapled(binding->shown[i].chain);
    copy = answer.size > 0 ? OPENSSL_memdup(answer.bytes, answer.size) : NULL;
    if (copy && SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)answer.size) == 1)
        return SSL_TLSEXT_ERR_OK; /* it is the connection's now */
    OPENSSL_free(copy);
    return SSL_TLSEXT_ERR_NOACK;
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
    for (size_t i = 0; i < binding->shown_count; i++)
        shown_finish(&binding->shown[i]);
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

void tls_binding_proves(struct tls_binding *binding)
{
    binding->proves = true;
}

bool tls_binding_is_proof(const struct tls_binding *binding)
{
    return binding->proves;
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

bool tls_binding_enter(struct tls_binding *binding, SSL *ssl)
{
    if (!enter_certificates(binding, ssl) || SSL_set_min_proto_version(ssl, binding->policy.least_version) != 1 || !enter_lists(binding, ssl) ||
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
