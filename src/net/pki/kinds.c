#include "net/pki/kinds.h"

#include <openssl/evp.h>

#include "net/pki/files.h"

static const struct {
    const char *name;
    const char *curve; /* or NULL: RSA */
    unsigned bits;
} kinds[PKI_KEY_KINDS] = {
    [PKI_ECDSA_P256] = {"ecdsa-p256", "P-256", 0}, [PKI_ECDSA_P384] = {"ecdsa-p384", "P-384", 0},
    [PKI_RSA_2048] = {"rsa-2048", NULL, 2048},     [PKI_RSA_3072] = {"rsa-3072", NULL, 3072},
    [PKI_RSA_4096] = {"rsa-4096", NULL, 4096},
};

bool pki_key_kind_parse(rs_text t, enum pki_key_kind *out)
{
    for (enum pki_key_kind kind = 0; kind < PKI_KEY_KINDS; kind++)
        if (rs_text_equal_nocase(t, rs_text_from(kinds[kind].name))) {
            *out = kind;
            return true;
        }
    return false;
}

const char *pki_key_kind_name(enum pki_key_kind kind)
{
    return kinds[kind].name;
}

bool pki_key_kind_is_rsa(enum pki_key_kind kind)
{
    return !kinds[kind].curve;
}

rs_status pki_key_make(struct rs_job *job, enum pki_key_kind kind, EVP_PKEY **out)
{
    *out = kinds[kind].curve ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", kinds[kind].curve)
                             : EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)kinds[kind].bits);
    if (!*out)
        return pki_failed(job, "make a key");
    rs_job_at_end(job, pki_end_key, *out);
    return RS_OK;
}
