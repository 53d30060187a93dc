/* net/pki/import.h - certificates and keys from files of any kind into the store: matched, checked, completed.
 *
 * All files are looked at together: which certificate is whose key's, which are issuers, in whatever order they come.
 * The chain is completed from the files and from the issuers that the store knows, and its signatures are checked. A key
 * may also wait in the store already, from a request. What cannot be used is refused with every reason.
 */
#ifndef NET_PKI_IMPORT_H
#define NET_PKI_IMPORT_H

#include "net/pki/store.h"

#define PKI_IMPORT_FILES_MAX 32

struct pki_import_file {
    rs_text name; /* for messages */
    rs_text bytes;
};

struct pki_import {
    const struct pki_store *store; /* scanned */
    rs_text folder;                /* INSTANCE/certs */
    const struct pki_import_file *files;
    size_t file_count;
    const char *password; /* of PKCS#12 and encrypted keys; or NULL */
    rs_text name;         /* of the files in the store; empty = of the request it answers, else from the first host */
    bool replace_name;    /* files of that name that belong to no other certificate in use are written over */
    bool dry_run;         /* look, and write nothing */
};

/* One certificate that is (or would be) in the store now. */
struct pki_imported {
    rs_text sha1, sha256, subject;
    rs_text certificate_file, key_file;
    rs_text request;  /* the name of the request it answers; empty: none */
    bool issuer;      /* of an authority, kept to complete chains */
    bool changed;     /* false: it was there already, as good as this */
    const struct pki_reason *reasons; /* warnings: the fatal ones refuse it */
    size_t reason_count;
};

/* Fails with PKI_FILE_INVALID (a file that is none of it), PKI_LOCKED (a password is missing or wrong), PKI_NOT_FIT (with
 * every reason), RS_CONFLICT (the name is taken) or RS_IO. Nothing is written then, or a certificate whole. */
RS_CHECKED rs_status pki_import(struct rs_job *job, const struct pki_import *wish, const struct pki_imported **out,
                                size_t *count);

#endif
