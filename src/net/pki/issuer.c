#include "net/pki/issuer.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "net/pki/inside.h"
#include "net/pki/trust.h"

static bool issued(X509 *issuer, X509 *certificate)
{
    return X509_cmp(issuer, certificate) != 0 && X509_check_issued(issuer, certificate) == X509_V_OK;
}

static X509 *in_store(const struct pki_store *store, const struct pki_entry *entry)
{
    size_t count;
    X509 *const *authorities = pki_store_authorities(store, &count);

    for (int i = 0; i < sk_X509_num(entry->chain); i++)
        if (issued(sk_X509_value(entry->chain, i), entry->certificate))
            return sk_X509_value(entry->chain, i);
    for (size_t i = 0; i < count; i++)
        if (issued(authorities[i], entry->certificate))
            return authorities[i];
    return NULL;
}

static X509 *in_machine(const struct pki_store *store, X509 *certificate)
{
    X509_STORE *trust = pki_trust_create(pki_store_authority(store));
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    X509 *issuer = NULL;

    if (trust && context && X509_STORE_CTX_init(context, trust, certificate, NULL) == 1 &&
        X509_STORE_CTX_get1_issuer(&issuer, context, certificate) != 1)
        issuer = NULL;
    X509_STORE_CTX_free(context);
    X509_STORE_free(trust);
    ERR_clear_error();
    return issuer;
}

X509 *pki_issuer_find(const struct pki_store *store, const struct pki_entry *entry)
{
    X509 *found = in_store(store, entry);

    if (found)
        return X509_up_ref(found) ? found : NULL;
    return entry->self_signed ? NULL : in_machine(store, entry->certificate);
}
