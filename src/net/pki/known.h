/* net/pki/known.h - what stays in memory of a file of the store: where it is, what tells that it is another one, and what its
 * certificates and keys are looked up by. A quarter of a KB; the rest of its facts lies in the index (net/pki/index.h) and is read
 * when somebody asks for it. For this folder only.
 */
#ifndef NET_PKI_KNOWN_H
#define NET_PKI_KNOWN_H

#include "base/vec.h"
#include "net/pki/facts.h"

struct pki_known_certificate {
    struct pki_digest sha256;
    struct pki_digest key;
    unsigned char sha1[PKI_SHA1_SIZE];
    bool authority;
    bool self_signed;
    bool issued_another;
    bool status;
    int64_t not_before_ms, not_after_ms;
};

struct pki_known {
    uint64_t stamp; /* hash of its stamp and of that of its password's file */
    uint64_t gist;  /* hash of what decides about its facts: where it is equal, only its times changed */
    uint64_t seen;  /* the scan that last found it */
    const char *record; /* its facts, where the index does not have them; else NULL. Borrowed */
    uint64_t at;    /* where the index has them */
    uint32_t record_size;
    uint32_t path_size;
    unsigned char certificate_count;
    unsigned char key_count;
    bool racy;      /* it was read soon after it had changed */
    bool unsaved;   /* the index does not have what was read last */
    bool requests;  /* it holds a request for a certificate */
    bool exposed;   /* its keys may not be used: facts tell why */
    bool broken;    /* it, or a key in it, could not be read: facts tell why */
    struct pki_known_certificate certificates[];
    /* behind them its keys, and its path with a 0 byte */
};
RS_VEC_TYPE(struct pki_known *, pki_known_vec);

struct pki_known *pki_known_create(const struct pki_facts *facts);
void pki_known_destroy(struct pki_known *known); /* accepts NULL */

static inline const struct pki_digest *pki_known_keys(const struct pki_known *known)
{
    return (const struct pki_digest *)(known->certificates + known->certificate_count);
}

static inline rs_text pki_known_path(const struct pki_known *known)
{
    return rs_text_of((const char *)(pki_known_keys(known) + known->key_count), known->path_size);
}

/* Neither the file nor that of its password has changed. */
bool pki_known_is_same(const struct pki_known *known, const struct pki_stamp *stamp);

/* These are the facts of the file that is known. */
bool pki_known_fits(const struct pki_known *known, const struct pki_facts *facts);

/* Its record, which the index does not have: it lives as long as `known`, or until this is called again. */
void pki_known_hold(struct pki_known *known, rs_text record);
/* The index has it, of `size` bytes `at` this place. */
void pki_known_settle(struct pki_known *known, uint64_t at, size_t size);

/* What was read anew is the same but for its times: `read` ends, and `known` goes on with them. */
void pki_known_renew(struct pki_known *known, struct pki_known *read);

#endif
