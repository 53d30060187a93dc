#include "net/tls/binding.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/keys/remote.h"
#include "net/tls/chain.h"
#include "net/tls/context.h"

/* A key seals for one hour and opens what it sealed for as long as a session may live after that. */
#define KEY_SEALS_MS ((int64_t)3600 * 1000)
#define KEY_OPENS_MS (3 * KEY_SEALS_MS)
#define KEYS 4 /* enough for KEY_OPENS_MS / KEY_SEALS_MS and the newest */
#define KEY_NAME_SIZE 16

struct ticket_key {
    int64_t made_ms; /* on the steady clock */
    unsigned char name[KEY_NAME_SIZE];
    unsigned char cipher[32];
    unsigned char mac[32];
};

struct tls_binding {
    size_t refs;
    uint64_t generation;
    struct tls_policy policy;
    SSL_CTX *context;         /* NULL: not made yet, from: */
    struct tls_chain *chains[TLS_CHAINS_MAX];
    size_t chain_count;       /* 0: it came made */
    const struct keys_signer *signer;
    bool unusable;            /* making it failed */
    unsigned char session_context[32]; /* random: no session of another binding or generation has it */
    size_t key_count;
    struct ticket_key keys[KEYS]; /* the newest first; random, never stored, never shared */
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

static struct tls_binding *binding_new(const struct tls_policy *policy, uint64_t generation)
{
    struct tls_binding *binding = OPENSSL_secure_zalloc(sizeof *binding);

    if (!binding)
        rs_log_abort("no memory for a TLS binding");
    if (RAND_bytes(binding->session_context, sizeof binding->session_context) != 1)
        rs_log_abort("the system has no random numbers");
    binding->refs = 1;
    binding->generation = generation;
    binding->policy = *policy;
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
static rs_status use_chain(struct rs_job *job, struct tls_binding *binding, const struct tls_chain *bytes)
{
    STACK_OF(X509) *chain = NULL;
    X509 *certificate = NULL;
    struct tls_identity identity;
    rs_status status = tls_chain_read(job, bytes, &certificate, &chain);

    identity = (struct tls_identity){.certificate = certificate, .chain = chain};
    if (status == RS_OK)
        status = keys_remote_create(job, X509_get0_pubkey(certificate), binding->signer, &identity.key);
    if (status == RS_OK)
        status = use_identity(job, binding->context, &identity);
    EVP_PKEY_free(identity.key);
    X509_free(certificate);
    sk_X509_pop_free(chain, X509_free);
    return status;
}

/* With what can be used of its certificates; where none can, there is no context. */
static void make_ready(struct tls_binding *binding)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    size_t used = 0;

    if (make_context(job, &binding->context) == RS_OK)
        for (size_t i = 0; i < binding->chain_count; i++) {
            if (use_chain(job, binding, binding->chains[i]) == RS_OK) {
                used++;
                continue;
            }
            rs_text why = rs_job_error(job);
            rs_log(RS_LOG_ERROR, "a certificate cannot be shown to clients: %.*s", RS_TEXT_ARG(why));
            rs_job_forgive(job);
        }
    if (used > 0)
        return;
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

bool tls_binding_enter(const struct tls_binding *binding, SSL *ssl)
{
    /* the connection began in a context that speaks every version */
    return SSL_set_min_proto_version(ssl, binding->policy.least_version) == 1 &&
           SSL_set_session_id_context(ssl, binding->session_context, sizeof binding->session_context) == 1;
}

/* ---- ticket keys --------------------------------------------------------------------------------- */

/* Forget keys that open nothing any more; make a new one where the newest has sealed long enough. NULL where the
 * random generator fails. */
static const struct ticket_key *newest_key(struct tls_binding *binding)
{
    int64_t now_ms = rs_clock_steady_ms();
    struct ticket_key *keys = binding->keys;

    while (binding->key_count > 0 && keys[binding->key_count - 1].made_ms + KEY_OPENS_MS <= now_ms)
        OPENSSL_cleanse(&keys[--binding->key_count], sizeof keys[0]);
    if (binding->key_count > 0 && keys[0].made_ms + KEY_SEALS_MS > now_ms)
        return &keys[0];
    if (binding->key_count == KEYS)
        binding->key_count--;
    memmove(keys + 1, keys, binding->key_count * sizeof keys[0]);
    if (RAND_bytes((unsigned char *)&keys[0], sizeof keys[0]) != 1) {
        memmove(keys, keys + 1, binding->key_count * sizeof keys[0]);
        return NULL;
    }
    keys[0].made_ms = now_ms;
    binding->key_count++;
    return &keys[0];
}

static const struct ticket_key *find_key(const struct tls_binding *binding, const unsigned char *name)
{
    for (size_t i = 0; i < binding->key_count; i++)
        if (CRYPTO_memcmp(binding->keys[i].name, name, KEY_NAME_SIZE) == 0 &&
            binding->keys[i].made_ms + KEY_OPENS_MS > rs_clock_steady_ms())
            return &binding->keys[i];
    return NULL;
}

/* AES-256-CBC, looked up once: OpenSSL 3 would fetch it anew for each ticket. */
static const EVP_CIPHER *ticket_cipher(void)
{
    static EVP_CIPHER *cipher;

    if (!cipher)
        cipher = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
    return cipher;
}

static bool set_mac(EVP_MAC_CTX *mac, const struct ticket_key *key)
{
    char digest[] = "SHA256";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_octet_string(OSSL_MAC_PARAM_KEY, (void *)(uintptr_t)key->mac, sizeof key->mac),
        OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, sizeof digest - 1),
        OSSL_PARAM_END,
    };

    return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

/* OpenSSL's codes: -1 failed, 0 no key (a full handshake follows), 1 right, 2 right and a new ticket is due. */
int tls_binding_ticket_key(struct tls_binding *binding, unsigned char *name, unsigned char *iv,
                           EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int encrypt)
{
    const struct ticket_key *key = encrypt ? newest_key(binding) : find_key(binding, name);

    if (!key)
        return encrypt ? -1 : 0;
    if (encrypt) {
        memcpy(name, key->name, KEY_NAME_SIZE);
        if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(ticket_cipher())) != 1 ||
            EVP_EncryptInit_ex(cipher, ticket_cipher(), NULL, key->cipher, iv) != 1)
            return -1;
    } else if (EVP_DecryptInit_ex(cipher, ticket_cipher(), NULL, key->cipher, iv) != 1) {
        return -1;
    }
    if (!set_mac(mac, key))
        return -1;
    return encrypt || key == &binding->keys[0] ? 1 : 2;
}
