/* net/pki/store.h - the certificate store: folders of certificate files, and what each is good for.
 *
 * A file holds a certificate (PEM or DER), its chain and key in one PEM file, or a PKCS#12 archive. A key may
 * stand beside it: name.crt, name.cer or name.pem with name.key. The password of name.p12 or name.pfx stands in
 * name.pass (mode 0600), which also opens an encrypted name.key; without that file the empty password is tried. A
 * key under another name is found too where it fits. name.csr is a request that waits for its certificate. Files with other endings, files whose names begin with a dot
 * and folders are not looked at. A file that cannot be used is listed with every reason; it never stops the others.
 *
 * A private key that others than its owner can read is not used, unless a password keeps it.
 */
#ifndef NET_PKI_STORE_H
#define NET_PKI_STORE_H

#include <openssl/types.h>

#include "base/job.h"

#define PKI_FILE_MAX ((size_t)1024 * 1024) /* bytes of one file */
#define PKI_FILES_MAX 20000                /* files of one folder; the rest is reported as left out */
#define PKI_CERTIFICATES_PER_FILE_MAX 64
#define PKI_CHAIN_MAX 8                    /* intermediates */
#define PKI_NAMES_MAX 1000                 /* subject alternative names that are read */

struct pki_store;

enum pki_name_kind { PKI_DNS, PKI_ADDRESS };

struct pki_name {
    enum pki_name_kind kind;
    rs_text text; /* "reports.example", "*.example", "10.0.0.5", "::1" */
};

/* Why a certificate cannot be used for HTTPS (see pki/reasons.def for the codes and sentences). */
enum pki_reason_code {
#define PKI_REASON(name, code, severity, sentence) name,
#include "net/pki/reasons.def"
#undef PKI_REASON
    PKI_REASON_COUNT
};

enum pki_severity {
    PKI_FATAL,   /* cannot be bound */
    PKI_WARNING, /* can be bound, clients will or may complain */
};

struct pki_reason {
    enum pki_reason_code code;
    enum pki_severity severity;
    rs_text sentence; /* what is wrong and what mends it */
};

const char *pki_reason_name(enum pki_reason_code code); /* "expired", "no-private-key": stable */

/* One certificate. All texts live until the next rescan of the store. */
struct pki_entry {
    rs_text sha1;   /* thumbprint as the original shows it: 40 upper-case hexadecimal digits */
    rs_text sha256; /* 64 upper-case hexadecimal digits */
    rs_text subject;
    rs_text common_name;
    rs_text issuer;
    rs_text serial;        /* hexadecimal */
    rs_text friendly_name; /* of PKCS#12, else the name of the file without its ending */
    rs_text file;          /* path of the certificate */
    rs_text key_file;      /* path of the key that fits; empty: none */
    rs_text key_type;      /* "ECDSA P-256", "RSA 2048", "Ed25519" */
    rs_text signature;     /* "ecdsa-with-SHA256" */
    int64_t not_before_ms; /* UTC */
    int64_t not_after_ms;
    const struct pki_name *names; /* subject alternative names */
    size_t name_count;
    bool self_signed;
    bool usable; /* no reason of severity PKI_FATAL, now */
    const struct pki_reason *reasons;
    size_t reason_count;
    X509 *certificate;                /* borrowed: take a reference to keep it */
    const struct stack_st_X509 *chain; /* intermediates, nearest first; may be empty, not NULL; borrowed */
};

/* The same, without taking the certificate apart: what serves thousands of them needs of each. */
struct pki_outline {
    const unsigned char *sha1; /* 20 bytes */
    const unsigned char *key;  /* SHA-256 of its public key, 32 bytes: the number of the key that fits (net/keys) */
    rs_text key_file;          /* empty: none */
    bool status;               /* its authority tells whether it still holds (OCSP), or it says that this must be shown */
    int64_t not_before_ms, not_after_ms; /* UTC */
};

/* A file that is no certificate, or cannot be read. */
struct pki_broken {
    rs_text file;
    rs_text sentence;
};

/* A request for a certificate that has no answer yet: FOLDER/name.csr, and its key. */
struct pki_pending {
    rs_text name;     /* of the file, without its ending */
    rs_text file;
    rs_text key_file; /* empty: the key is gone, and the answer will be of no use */
    rs_text subject;
    const struct pki_name *names;
    size_t name_count;
};

struct pki_store_options {
    rs_text folder;         /* INSTANCE/certs: made where it is missing */
    const rs_text *watched; /* more folders, only ever read */
    size_t watched_count;
    bool read_only;         /* `folder` is somebody else's: nothing is made in it */
};

/* Open and scan. Fails where the folder cannot be made or read. */
RS_CHECKED rs_status pki_store_open(struct rs_job *job, const struct pki_store_options *options,
                                    struct pki_store **out);
void pki_store_close(struct pki_store *store); /* accepts NULL */
RS_OWNED_BY(pki_store, pki_store_close)

/* Look again: only files whose size, time or inode changed are read; where the system tells of changes and told of none,
 * nothing is looked at. Judges validity by the present time in any case. `changed` (may be NULL) tells whether an entry came, went or became something else. Entries
 * borrowed before are gone. */
RS_CHECKED rs_status pki_store_rescan(struct rs_job *job, struct pki_store *store, bool *changed);

/* Readable whenever something in the folders changes; rescan empties it. -1 where watching is not
 * possible: rescan from time to time then. Stays the store's. */
int pki_store_watch_fd(struct pki_store *store);

/* Goes up whenever a rescan changed something. */
uint64_t pki_store_version(const struct pki_store *store);


size_t pki_store_count(const struct pki_store *store);
const struct pki_entry *pki_store_entry(const struct pki_store *store, size_t index);
size_t pki_store_broken_count(const struct pki_store *store);
const struct pki_broken *pki_store_broken(const struct pki_store *store, size_t index);

size_t pki_store_pending_count(const struct pki_store *store);
const struct pki_pending *pki_store_pending(const struct pki_store *store, size_t index);

/* The file of the private key that belongs to this certificate, whether or not the certificate is in the store.
 * Empty: none is here. */
rs_text pki_store_key_file(const struct pki_store *store, X509 *certificate);

/* Whole days until it expires; negative where it has. For warnings and metrics. */
int64_t pki_days_left(const struct pki_entry *entry, int64_t now_ms);
int64_t pki_days_until(int64_t not_after_ms, int64_t now_ms);

/* Whether the local authority (certs/ca) signed it. */
bool pki_store_issued_here(const struct pki_store *store, X509 *certificate);

/* By SHA-1 or SHA-256 thumbprint: case, spaces, colons and invisible marks that stick to a pasted one do not
 * matter. A usable entry is preferred where the same certificate is there twice. NULL: none. */
const struct pki_entry *pki_store_find(const struct pki_store *store, rs_text thumbprint);

/* False: none. Borrowed until the next rescan. */
bool pki_store_outline(const struct pki_store *store, rs_text thumbprint, struct pki_outline *out);
/* The certificate and its intermediates as bytes, nearest first: how many. 0: it is not there. Borrowed until the next rescan,
 * or the job's. */
size_t pki_store_chain(struct rs_job *job, const struct pki_store *store, rs_text thumbprint, rs_text out[1 + PKI_CHAIN_MAX]);

/* Only the hexadecimal digits of `t`, upper-case; false unless they are 40 or 64. */
bool pki_thumbprint_parse(rs_text t, char out[65]);

#endif
