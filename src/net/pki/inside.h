/* net/pki/inside.h - what the store tells its neighbours in this folder only.
 */
#ifndef NET_PKI_INSIDE_H
#define NET_PKI_INSIDE_H

#include "net/pki/store.h"

/* The local authority's certificate, or NULL; borrowed until the next rescan. */
X509 *pki_store_authority(const struct pki_store *store);

/* Certificates of authorities that lie in the store, the local one among them; borrowed until the next rescan. */
X509 *const *pki_store_authorities(const struct pki_store *store, size_t *count);

#endif
