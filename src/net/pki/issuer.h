/* net/pki/issuer.h - the certificate of who issued a certificate.
 */
#ifndef NET_PKI_ISSUER_H
#define NET_PKI_ISSUER_H

#include "net/pki/store.h"

/* From its chain, from the authorities in the store, or from those that this machine trusts; NULL: it is not known here, or issued
 * itself. A reference is the caller's. */
X509 *pki_issuer_find(const struct pki_store *store, const struct pki_entry *entry);

#endif
