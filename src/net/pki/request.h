/* net/pki/request.h - a key made here and a request (CSR) for an authority to certify it.
 *
 * The key stays in the store and waits; the request's answer finds it by its public half, under whatever name it
 * is put there or imported.
 *
 * Source:  RFC 2986 (PKCS#10), RFC 5280 (subject alternative names).
 */
#ifndef NET_PKI_REQUEST_H
#define NET_PKI_REQUEST_H

#include <openssl/x509.h>

#include "net/pki/kinds.h"
#include "net/pki/store.h"

struct pki_request {
    const struct pki_store *store; /* scanned */
    rs_text folder;       /* INSTANCE/certs */
    const rs_text *hosts; /* host names and addresses, the first is the common name; at least one */
    size_t host_count;
    enum pki_key_kind key_kind;
    rs_text organisation; /* may be empty */
    rs_text name;         /* of the files; empty = from the first host */
    bool dry_run;         /* look, and write nothing */
};

struct pki_requested {
    rs_text request_file;
    rs_text key_file;
    rs_text pem;   /* the request; empty with dry_run */
    bool made;     /* false: the same was asked for before, and waits */
};

/* Fails with RS_INVALID (a host that is none), RS_CONFLICT (another thing has that name) or RS_IO. Both files are there,
 * or none. */
RS_CHECKED rs_status pki_request(struct rs_job *job, const struct pki_request *wish, struct pki_requested *out);

/* The request in PEM or DER for a key that is at hand, freed with the job. */
RS_CHECKED rs_status pki_request_make(struct rs_job *job, EVP_PKEY *key, const rs_text *hosts, size_t host_count,
                                      rs_text organisation, X509_REQ **out);

#endif
