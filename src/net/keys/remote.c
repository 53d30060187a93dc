#include "net/keys/remote.h"

#include <pthread.h>
#include <stdlib.h>

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>

#define PROVIDER "keys-of-bindery"
#define OURS "provider=" PROVIDER
#define PARAM_SIGNER "bindery-signer" /* an octet string: the pointer to the struct keys_signer */
#define PARAM_PUBLIC "bindery-public" /* an octet string: the pointer to the EVP_PKEY that has the public half */

/* ---- keys ------------------------------------------------------------------------------------------ */

/* What OpenSSL keeps in an EVP_PKEY of ours. */
struct remote {
    const char *type;
    EVP_PKEY *public_key; /* of OpenSSL's own; NULL while it is being made, and where the id is enough */
    const struct keys_signer *signer; /* NULL: a public key that was only brought here to be compared */
    struct keys_id id;
    bool has_id;
};

static void *remote_new(const char *type)
{
    struct remote *remote = OPENSSL_zalloc(sizeof *remote);

    if (remote)
        remote->type = type;
    return remote;
}

static void remote_free(void *data)
{
    struct remote *remote = data;

    if (remote)
        EVP_PKEY_free(remote->public_key);
    OPENSSL_free(remote);
}

static int remote_has(const void *data, int selection)
{
    const struct remote *remote = data;

    return remote && remote->has_id && (remote->signer || !(selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY));
}

static int remote_match(const void *one, const void *other, int selection)
{
    const struct remote *a = one, *b = other;

    (void)selection; /* equal public halves have equal private ones */
    return a->has_id && b->has_id && memcmp(&a->id, &b->id, sizeof a->id) == 0;
}

/* From numbers. */
static EVP_PKEY *public_half(const char *type, const OSSL_PARAM parameters[])
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *made = NULL;

    if (context && EVP_PKEY_fromdata_init(context) == 1)
        (void)EVP_PKEY_fromdata(context, &made, EVP_PKEY_PUBLIC_KEY, (OSSL_PARAM *)(uintptr_t)parameters);
    EVP_PKEY_CTX_free(context);
    return made;
}

static bool take_pointer(const OSSL_PARAM parameters[], const char *name, void *out)
{
    const OSSL_PARAM *found = OSSL_PARAM_locate_const(parameters, name);

    if (found && found->data_size == sizeof(void *))
        memcpy(out, found->data, sizeof(void *));
    return found != NULL;
}

/* A key of a certificate that is brought here to be compared, once for each certificate: what it is named after is enough. */
static bool take_point(struct remote *remote, const OSSL_PARAM parameters[])
{
    const OSSL_PARAM *curve = OSSL_PARAM_locate_const(parameters, OSSL_PKEY_PARAM_GROUP_NAME);
    const OSSL_PARAM *point = OSSL_PARAM_locate_const(parameters, OSSL_PKEY_PARAM_PUB_KEY);
    char name[64] = "";

    if (strcmp(remote->type, "EC") != 0 || !curve || !point || point->data_type != OSSL_PARAM_OCTET_STRING ||
        OSSL_PARAM_locate_const(parameters, PARAM_SIGNER) || curve->data_type != OSSL_PARAM_UTF8_STRING ||
        curve->data_size >= sizeof name)
        return false;
    memcpy(name, curve->data, curve->data_size);
    return keys_id_of_point(name, rs_text_of(point->data, point->data_size), &remote->id);
}

/* The public half, and who signs. A private number among the parameters is not looked at. */
static int remote_import(void *data, int selection, const OSSL_PARAM parameters[])
{
    struct remote *remote = data;

    (void)selection;
    remote->has_id = take_point(remote, parameters);
    if (remote->has_id)
        return 1;
    if (!take_pointer(parameters, PARAM_PUBLIC, &remote->public_key))
        remote->public_key = public_half(remote->type, parameters);
    else if (!EVP_PKEY_up_ref(remote->public_key))
        remote->public_key = NULL;
    take_pointer(parameters, PARAM_SIGNER, &remote->signer);
    remote->has_id = remote->public_key && keys_id_of(remote->public_key, &remote->id);
    return remote->has_id;
}

/* Numbers of the public half only: who asks for private ones is told that there are none. */
static int remote_export(void *data, int selection, OSSL_CALLBACK *give, void *give_data)
{
    struct remote *remote = data;
    OSSL_PARAM *parameters = NULL;
    int done;

    if (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY || !remote->public_key)
        return 0;
    done = EVP_PKEY_todata(remote->public_key, EVP_PKEY_PUBLIC_KEY, &parameters) == 1 && give(parameters, give_data);
    OSSL_PARAM_free(parameters);
    return done;
}

static const OSSL_PARAM *remote_types(int selection)
{
    static const OSSL_PARAM types[] = {
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
        OSSL_PARAM_octet_string(PARAM_SIGNER, NULL, 0),
        OSSL_PARAM_octet_string(PARAM_PUBLIC, NULL, 0),
        OSSL_PARAM_END,
    };

    return selection & (OSSL_KEYMGMT_SELECT_PUBLIC_KEY | OSSL_KEYMGMT_SELECT_ALL_PARAMETERS) ? types : NULL;
}

static const OSSL_PARAM *remote_gettable(void *provider)
{
    static const OSSL_PARAM parameters[] = {
        OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_MANDATORY_DIGEST, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
        OSSL_PARAM_END,
    };

    (void)provider;
    return parameters;
}

/* What is not among these is not given, whatever the public half was taken from. */
static int remote_get_params(void *data, OSSL_PARAM parameters[])
{
    struct remote *remote = data;

    for (OSSL_PARAM *each = parameters; remote->public_key && each->key; each++) {
        OSSL_PARAM one[] = {*each, OSSL_PARAM_END};
        if (!OSSL_PARAM_locate_const(remote_gettable(NULL), each->key))
            continue;
        if (EVP_PKEY_get_params(remote->public_key, one) != 1)
            return 0;
        each->return_size = one[0].return_size;
    }
    return remote->public_key != NULL;
}

#define REMOTE_FUNCTION(id, function) {id, (void (*)(void))(function)}
#define REMOTE_KEYS(name, type, signature)                                                     \
    static void *remote_new_##name(void *provider)                                             \
    {                                                                                          \
        (void)provider;                                                                        \
        return remote_new(type);                                                               \
    }                                                                                          \
    /* OpenSSL looks for it in its own provider first, which cannot have the key: the name must be known there, or \
     * that look costs more than the signature */                                              \
    static const char *remote_signature_##name(int operation)                                  \
    {                                                                                          \
        return operation == OSSL_OP_SIGNATURE ? signature : NULL;                              \
    }                                                                                          \
    static const OSSL_DISPATCH remote_keys_##name[] = {                                        \
        REMOTE_FUNCTION(OSSL_FUNC_KEYMGMT_NEW, remote_new_##name),                             \
        REMOTE_FUNCTION(OSSL_FUNC_KEYMGMT_FREE, remote_free),                                  \
        REMOTE_FUNCTION(OSSL_FUNC_KEYMGMT_HAS, remote_has),                                    \
        REMOTE_FUNCTION(OSSL_FUNC_KEYMGMT_MATCH, remote_match),                                \
        REMOTE_FUNCTION(OSSL_FUNC_KEYMGMT_IMPORT, remote_import),                              \
        REMOTE_FUNCTION(OSSL_FUNC_KEYMGMT_IMPORT_TYPES, remote_types),                         \
        REMOTE_FUNCTION(OSSL_FUNC_KEYMGMT_EXPORT, remote_export),                              \
        REMOTE_FUNCTION(OSSL_FUNC_KEYMGMT_EXPORT_TYPES, remote_types),                         \
        REMOTE_FUNCTION(OSSL_FUNC_KEYMGMT_GET_PARAMS, remote_get_params),                      \
        REMOTE_FUNCTION(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, remote_gettable),                   \
        REMOTE_FUNCTION(OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, remote_signature_##name),        \
        {0, NULL},                                                                             \
    }

REMOTE_KEYS(rsa, "RSA", "RSA");
REMOTE_KEYS(ec, "EC", "ECDSA");
REMOTE_KEYS(ed25519, "ED25519", "ED25519");
REMOTE_KEYS(ed448, "ED448", "ED448");

static const OSSL_ALGORITHM remote_keys[] = {
    {"RSA:rsaEncryption", OURS, remote_keys_rsa, NULL},
    {"EC:id-ecPublicKey", OURS, remote_keys_ec, NULL},
    {"ED25519", OURS, remote_keys_ed25519, NULL},
    {"ED448", OURS, remote_keys_ed448, NULL},
    {NULL, NULL, NULL, NULL},
};

/* ---- signatures -------------------------------------------------------------------------------------- */

struct signing {
    struct remote *remote; /* borrowed: the EVP_PKEY of the context keeps it */
    char digest[16];       /* empty: none was named */
    bool pss;
};

static void *signing_new(void *provider, const char *properties)
{
    (void)provider, (void)properties;
    return OPENSSL_zalloc(sizeof(struct signing));
}

static void signing_free(void *data)
{
    OPENSSL_free(data);
}

static void *signing_copy(void *data)
{
    return OPENSSL_memdup(data, sizeof(struct signing));
}

/* Numbers, or words for them. */
static bool parameter_is(const OSSL_PARAM *parameter, int number, const char *word)
{
    int found;

    if (parameter->data_type == OSSL_PARAM_UTF8_STRING)
        return parameter->data_size == strlen(word) && memcmp(parameter->data, word, parameter->data_size) == 0;
    return OSSL_PARAM_get_int(parameter, &found) == 1 && found == number;
}

/* TLS asks for PKCS#1, and for PSS with a salt as long as the digest; there is nothing else to choose. */
static int signing_set(void *data, const OSSL_PARAM parameters[])
{
    struct signing *signing = data;

    for (const OSSL_PARAM *each = parameters; each && each->key; each++) {
        if (strcmp(each->key, OSSL_SIGNATURE_PARAM_PAD_MODE) == 0) {
            signing->pss = parameter_is(each, RSA_PKCS1_PSS_PADDING, OSSL_PKEY_RSA_PAD_MODE_PSS);
            if (!signing->pss && !parameter_is(each, RSA_PKCS1_PADDING, OSSL_PKEY_RSA_PAD_MODE_PKCSV15))
                return 0;
        } else if (strcmp(each->key, OSSL_SIGNATURE_PARAM_PSS_SALTLEN) == 0) {
            if (!parameter_is(each, RSA_PSS_SALTLEN_DIGEST, OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST))
                return 0;
        }
    }
    return 1;
}

static const OSSL_PARAM *signing_settable(void *data, void *provider)
{
    static const OSSL_PARAM parameters[] = {
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
        OSSL_PARAM_END,
    };

    (void)data, (void)provider;
    return parameters;
}

static int signing_begin(void *data, const char *digest, void *key, const OSSL_PARAM parameters[])
{
    struct signing *signing = data;

    if (key)
        signing->remote = key;
    if (digest && OPENSSL_strlcpy(signing->digest, digest, sizeof signing->digest) >= sizeof signing->digest)
        return 0;
    return signing->remote && signing->remote->signer && signing_set(data, parameters);
}

/* OpenSSL knows a digest by several names. */
static const char *digest_name(const char *name)
{
    static const char *const names[][2] = {{"SHA2-256", "SHA256"}, {"SHA2-384", "SHA384"}, {"SHA2-512", "SHA512"}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (OPENSSL_strcasecmp(name, names[i][0]) == 0)
            return names[i][1];
    return name[0] ? name : NULL;
}

/* All at once, as libssl asks for it. `out` NULL: how large may it become? */
static int signing_sign(void *data, unsigned char *out, size_t *out_size, size_t room, const unsigned char *bytes,
                        size_t size)
{
    struct signing *signing = data;
    const struct remote *remote = signing->remote;
    const struct keys_scheme *scheme = keys_scheme_for(remote->type, digest_name(signing->digest), signing->pss);
    unsigned char signature[KEYS_SIGNATURE_MAX];
    size_t signature_size = 0;

    if (!out) {
        *out_size = (size_t)EVP_PKEY_get_size(remote->public_key);
        return *out_size > 0;
    }
    if (!scheme || !remote->signer->sign(remote->signer->data, &remote->id, scheme,
                                         rs_text_of((const char *)bytes, size), signature, &signature_size) ||
        signature_size > room)
        return 0;
    memcpy(out, signature, signature_size);
    *out_size = signature_size;
    return 1;
}

static const OSSL_DISPATCH remote_signing[] = {
    REMOTE_FUNCTION(OSSL_FUNC_SIGNATURE_NEWCTX, signing_new),
    REMOTE_FUNCTION(OSSL_FUNC_SIGNATURE_FREECTX, signing_free),
    REMOTE_FUNCTION(OSSL_FUNC_SIGNATURE_DUPCTX, signing_copy),
    REMOTE_FUNCTION(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, signing_begin),
    REMOTE_FUNCTION(OSSL_FUNC_SIGNATURE_DIGEST_SIGN, signing_sign),
    REMOTE_FUNCTION(OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, signing_set),
    REMOTE_FUNCTION(OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, signing_settable),
    {0, NULL},
};

static const OSSL_ALGORITHM remote_signatures[] = {
    {"RSA", OURS, remote_signing, NULL},
    {"ECDSA", OURS, remote_signing, NULL},
    {"ED25519", OURS, remote_signing, NULL},
    {"ED448", OURS, remote_signing, NULL},
    {NULL, NULL, NULL, NULL},
};

/* ---- the provider -------------------------------------------------------------------------------------- */

static const OSSL_ALGORITHM *provider_query(void *provider, int operation, int *no_cache)
{
    (void)provider;
    *no_cache = 0;
    return operation == OSSL_OP_KEYMGMT ? remote_keys : operation == OSSL_OP_SIGNATURE ? remote_signatures : NULL;
}

static int provider_init(const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *from_core, const OSSL_DISPATCH **out,
                         void **provider)
{
    static const OSSL_DISPATCH functions[] = {
        REMOTE_FUNCTION(OSSL_FUNC_PROVIDER_QUERY_OPERATION, provider_query),
        {0, NULL},
    };

    (void)from_core;
    *out = functions;
    *provider = (void *)(uintptr_t)core; /* it keeps nothing, but must not be NULL */
    return 1;
}

/* A library context of its own: OpenSSL 3.0 remembers what it found in one provider under a name that others ask for
 * without naming a provider, and would give out our keys for its own. */
static OSSL_LIB_CTX *provider_context;

static void provider_load(void)
{
    OSSL_LIB_CTX *context = OSSL_LIB_CTX_new();

    if (context && OSSL_PROVIDER_add_builtin(context, PROVIDER, provider_init) == 1 &&
        OSSL_PROVIDER_load(context, PROVIDER))
        provider_context = context;
}

static rs_status refuse(struct rs_job *job, const char *what)
{
    unsigned long error = ERR_peek_error();
    const char *reason = error ? ERR_reason_error_string(error) : NULL;

    ERR_clear_error();
    return rs_fail(job, TLS_IDENTITY, "%s: %s", what, reason ? reason : "OpenSSL gives no reason");
}

rs_status keys_remote_create(struct rs_job *job, EVP_PKEY *public_key, const struct keys_signer *signer,
                             EVP_PKEY **out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const char *type = NULL;
    OSSL_PARAM parts[] = {OSSL_PARAM_octet_string(PARAM_SIGNER, &signer, sizeof signer),
                          OSSL_PARAM_octet_string(PARAM_PUBLIC, &public_key, sizeof public_key), OSSL_PARAM_END};
    EVP_PKEY_CTX *context;
    EVP_PKEY *made = NULL;
    int done;

    pthread_once(&once, provider_load);
    if (!provider_context)
        return refuse(job, "the provider of keys cannot be set up");
    for (const OSSL_ALGORITHM *each = remote_keys; each->algorithm_names && !type; each++) {
        rs_text name, rest;
        rs_text_cut(rs_text_from(each->algorithm_names), ':', &name, &rest);
        if (EVP_PKEY_is_a(public_key, rs_text_terminated(job, name)))
            type = rs_text_terminated(job, name);
    }
    if (!type)
        return rs_fail(job, TLS_IDENTITY, "keys of this kind cannot be used: RSA, ECDSA, Ed25519 or Ed448 is needed");
    context = EVP_PKEY_CTX_new_from_name(provider_context, type, OURS);
    done = context && EVP_PKEY_fromdata_init(context) == 1 && EVP_PKEY_fromdata(context, &made, EVP_PKEY_KEYPAIR, parts) == 1;
    EVP_PKEY_CTX_free(context);
    if (!done)
        return refuse(job, "the certificate's key cannot be used");
    *out = made;
    return RS_OK;
}
