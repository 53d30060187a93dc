/* net/pki/facts.h - what one file of the store says: certificates as bytes, digests of keys, and what is wrong; never a key.
 *
 * Read from the file, or from its record in the index (net/pki/index.h); known.h is what stays in memory of it. For this folder
 * and its fuzzer.
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
/* Of the file that keeps the password of this one. */
void pki_stamp_read_password(rs_text path, struct pki_stamp *out);
/* It may change again within the same tick of its time stamp. */
bool pki_stamp_is_racy(const struct pki_stamp *stamp);

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
    rs_text path; /* with a 0 byte behind it */
    struct pki_stamp stamp, password_stamp;
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

/* Read the file: its facts as one record. What is wrong with it is one of them. */
rs_text pki_facts_read(struct rs_job *job, rs_text path);

/* To a record, and back; texts are borrowed from the record. False: it is not whole. */
void pki_facts_write(const struct pki_facts *facts, rs_buf *out);
bool pki_facts_parse(struct rs_job *job, rs_text record, struct pki_facts *out);

#endif
