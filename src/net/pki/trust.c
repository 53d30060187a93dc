#include "net/pki/trust.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "net/pki/describe.h"

/* Reading the authorities of a machine takes tens of milliseconds: they are read again when their files have changed. */
static struct {
    X509_STORE *store;
    X509 *authority; /* a reference; may be NULL */
    struct stat file, folder;
} kept;

static void look(const char *variable, const char *otherwise, struct stat *out)
{
    const char *path = getenv(variable) ? getenv(variable) : otherwise;

    if (stat(path, out) != 0)
        memset(out, 0, sizeof *out);
}

static bool is_unchanged(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static bool is_authority(X509 *authority)
{
    return kept.authority == authority || (kept.authority && authority && X509_cmp(kept.authority, authority) == 0);
}

static X509_STORE *trust_read(X509 *local_authority)
{
    X509_STORE *trust = X509_STORE_new();
    X509_LOOKUP *file, *folder;

    if (!trust)
        return NULL;
    /* A machine without authorities trusts nobody. Not X509_STORE_set_default_paths: that also lists the whole folder of
     * authorities for each issuer that is not there. */
    file = X509_STORE_add_lookup(trust, X509_LOOKUP_file());
    folder = X509_STORE_add_lookup(trust, X509_LOOKUP_hash_dir());
    if (file)
        (void)X509_LOOKUP_load_file(file, NULL, X509_FILETYPE_DEFAULT);
    if (folder)
        (void)X509_LOOKUP_add_dir(folder, NULL, X509_FILETYPE_DEFAULT);
    if (local_authority)
        X509_STORE_add_cert(trust, local_authority);
    ERR_clear_error();
    return trust;
}

X509_STORE *pki_trust_create(X509 *local_authority)
{
    struct stat file, folder;

    look(X509_get_default_cert_file_env(), X509_get_default_cert_file(), &file);
    look(X509_get_default_cert_dir_env(), X509_get_default_cert_dir(), &folder);
    if (!kept.store || !is_unchanged(&file, &kept.file) || !is_unchanged(&folder, &kept.folder) ||
        !is_authority(local_authority)) {
        X509_STORE_free(kept.store);
        X509_free(kept.authority);
        kept.store = trust_read(local_authority);
        kept.authority = local_authority && X509_up_ref(local_authority) ? local_authority : NULL;
        kept.file = file;
        kept.folder = folder;
    }
    return kept.store && X509_STORE_up_ref(kept.store) ? kept.store : NULL;
}

static bool chain_issuer_is_trusted(X509_STORE *trust, X509 *certificate)
{
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    X509 *issuer = NULL;
    bool found = context && X509_STORE_CTX_init(context, trust, certificate, NULL) == 1 &&
                 X509_STORE_CTX_get1_issuer(&issuer, context, certificate) == 1;

    X509_free(issuer);
    X509_STORE_CTX_free(context);
    ERR_clear_error();
    return found;
}

static X509 *chain_find_issuer(X509 *certificate, X509 *const *pool, size_t pool_count)
{
    for (size_t i = 0; i < pool_count; i++)
        if (pool[i] != certificate && X509_check_issued(pool[i], certificate) == X509_V_OK)
            return pool[i];
    return NULL;
}

enum pki_issuer pki_chain_build(X509_STORE *trust, X509 *leaf, X509 *const *pool, size_t pool_count,
                                struct stack_st_X509 *chain)
{
    X509 *last = leaf;

    for (;;) {
        X509 *issuer;
        if (chain_issuer_is_trusted(trust, last))
            return PKI_ISSUER_TRUSTED;
        if (pki_is_self_signed(last))
            return last == leaf ? PKI_ISSUER_SELF : PKI_ISSUER_KNOWN;
        issuer = chain_find_issuer(last, pool, pool_count);
        if (!issuer)
            return PKI_ISSUER_UNKNOWN;
        if (pki_is_self_signed(issuer))
            return chain_issuer_is_trusted(trust, issuer) ? PKI_ISSUER_TRUSTED : PKI_ISSUER_KNOWN;
        if (sk_X509_num(chain) >= PKI_CHAIN_MAX || !sk_X509_push(chain, issuer))
            return PKI_ISSUER_UNKNOWN;
        last = issuer;
    }
}
