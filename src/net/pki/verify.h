/* net/pki/verify.h - is this certificate fit for these hosts, before it is bound.
 *
 * Source:  RFC 6125 and RFC 9525 (names), RFC 5280 (paths).
 */
#ifndef NET_PKI_VERIFY_H
#define NET_PKI_VERIFY_H

#include "net/pki/keys.h"
#include "net/pki/store.h"

struct pki_check {
    const char *name;     /* "key", "validity", "usage", "names", "chain": stable */
    bool passed;
    enum pki_severity severity; /* of a check that did not pass */
    rs_text sentence;     /* what was found */
};

struct pki_verdict {
    const struct pki_check *checks; /* all of them, passed or not */
    size_t check_count;
    bool fit;      /* none failed with PKI_FATAL */
    rs_text fatal; /* the sentences of all that stand against it, with "; " between; empty when fit */
};

/* Check `entry`: its key opens and fits, it is valid now, may be used by servers, covers `hosts` (names of
 * reservations; wildcards cover one label) and its chain builds. */
RS_CHECKED rs_status pki_verify(struct rs_job *job, const struct pki_store *store, const struct pki_entry *entry,
                                const rs_text *hosts, size_t host_count, const struct pki_verdict **out);

/* Does the certificate's list of names cover `host` (a DNS name or an address, with or without brackets)? */
bool pki_entry_covers(const struct pki_entry *entry, rs_text host);

#endif
