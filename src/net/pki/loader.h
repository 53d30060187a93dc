/* net/pki/loader.h - what load.c and archive.c fill together: for these two only.
 */
#ifndef NET_PKI_LOADER_H
#define NET_PKI_LOADER_H

#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>

#include "base/vec.h"
#include "net/pki/load.h"

RS_VEC_TYPE(X509 *, certificate_vec);
RS_VEC_TYPE(EVP_PKEY *, key_vec);

struct loader {
    struct rs_job *job;
    rs_text bytes;
    const char *password; /* or NULL */
    bool asked;           /* the password was asked for */
    struct certificate_vec certificates;
    struct key_vec keys;
    struct pki_contents *out;
};

/* Both take the reference over, also where they fail. */
RS_CHECKED rs_status loader_add_certificate(struct loader *l, X509 *certificate);
RS_CHECKED rs_status loader_add_key(struct loader *l, EVP_PKEY *key);

/* The certificates and the key of a PKCS#12 archive; the certificates of a PKCS#7 message, which is no more than a
 * bag of them here: its signatures are not looked at. */
RS_CHECKED rs_status loader_archive(struct loader *l, PKCS12 *archive);
RS_CHECKED rs_status loader_bag(struct loader *l, PKCS7 *message);

#endif
