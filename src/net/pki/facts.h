/* net/pki/facts.h - what one file of the store says: certificates as bytes, digests of keys, and what is wrong; never a key.
 *
 * A block of memory of its own, read from the file or taken from the index (net/pki/index.h), so that ten thousand of them
 * are small and soon there. For this folder and its fuzzer.
 */
#ifndef NET_PKI_FACTS_H
#define NET_PKI_FACTS_H

#include <sys/stat.h>

#include "base/buf.h"
#include "net/pki/describe.h"

/* What tells that a file is not the one that was read. */
struct pki_stamp {
    uint64_t device, inode, size, mode, owner;
    struct timespec written, changed;
    uint64_t links; /* names of the file; not compared, not kept */
};

/* False (and errno) where there is no such file; `out` is zeroed then. */
bool pki_stamp_read(const char *path, struct pki_stamp *out);
bool pki_stamp_equal(const struct pki_stamp *a, const struct pki_stamp *b);
/* Of the file that keeps the password of this one. */
void pki_stamp_read_password(rs_text path, struct pki_stamp *out);

struct pki_certificate_facts {
    rs_text der;
    unsigned char sha1[PKI_SHA1_SIZE];
    struct pki_digest sha256;
    struct pki_digest key;    /* of its public key; all 0: none that is known */
    struct pki_digest issuer; /* of whom it says it is from: equal for all that one authority signed in one way */
    uint64_t subject_hash, issuer_hash; /* of the names, as OpenSSL compares them */
    int64_t not_before_ms, not_after_ms;
    bool authority;
    bool self_signed;
    bool issued_another; /* of the same file */
    bool status;         /* its authority tells whether it still holds (OCSP), or it says that this must be shown */
};

struct pki_facts {
    rs_text path;
    struct pki_stamp stamp, password_stamp;
    bool racy;     /* it was read soon after it had changed */
    bool unsaved;  /* the index does not know it yet */
    uint64_t seen; /* the scan that last found it */
    struct pki_digest content; /* of all its bytes; all 0 where it could not be read */
    struct pki_certificate_facts *certificates;
    size_t certificate_count;
    struct pki_digest *keys;
    size_t key_count;
    rs_text request; /* what name.csr asks for, as bytes; empty: nothing */
    struct pki_digest request_key;
    rs_text friendly_name;
    rs_text key_problem; /* a key in it could not be read */
    rs_text exposed;     /* why its keys may not be used; empty: they may */
    rs_text broken;      /* it could not be read at all */
};

/* Read the file. Never NULL: what is wrong is one of the facts. */
struct pki_facts *pki_facts_read(rs_text path);
void pki_facts_destroy(struct pki_facts *facts); /* accepts NULL */

/* As one record, and back; NULL where it is not whole. */
void pki_facts_write(const struct pki_facts *facts, rs_buf *out);
struct pki_facts *pki_facts_parse(rs_text record);

#endif
