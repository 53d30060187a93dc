/* net/pki/create.h - certificates made here: a small local authority, and server certificates from it.
 *
 * Clients that trust certs/ca/ca.crt trust every certificate made here. The authority is made on first use:
 * ECDSA P-256, ten years, path length 0, its key readable by its owner only.
 */
#ifndef NET_PKI_CREATE_H
#define NET_PKI_CREATE_H

#include "net/pki/kinds.h"

#define PKI_VALIDITY_DAYS_MAX 397 /* what browsers accept */

struct pki_create {
    rs_text folder;       /* INSTANCE/certs */
    const rs_text *hosts; /* host names and addresses, the first is the common name; at least one */
    size_t host_count;
    enum pki_key_kind key_kind;
    int validity_days;    /* 0 = PKI_VALIDITY_DAYS_MAX */
    rs_text name;         /* of the files; empty = from the first host */
};

struct pki_created {
    rs_text certificate_file; /* the certificate; clients need only the authority's besides */
    rs_text key_file;
    rs_text authority_file;   /* what clients trust */
    rs_text sha1;
    rs_text sha256;
};

/* Fails with RS_INVALID (a host that is none, too long a validity), RS_CONFLICT (files of that name are
 * there) or RS_IO. Both files are there, or none. */
RS_CHECKED rs_status pki_create(struct rs_job *job, const struct pki_create *wish,
                                struct pki_created *out);

#endif
