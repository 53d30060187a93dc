/* net/pki/export.h - a certificate out of the store, with its chain, and with its key where that was asked for.
 *
 * Source:  RFC 7468 (PEM), RFC 7292 (PKCS#12: AES-256, SHA-256).
 */
#ifndef NET_PKI_EXPORT_H
#define NET_PKI_EXPORT_H

#include "net/pki/keys.h"
#include "net/pki/store.h"

enum pki_format { PKI_FORMAT_PEM, PKI_FORMAT_PKCS12 };

/* `store` has its key; NULL: without the private key. `password` is that of the archive (not empty), and of the key in PEM (NULL: the
 * key is plain). `*out` lives as long as the job; where it holds a key it must be given to pki_wipe.
 * Fails with PKI_KEY_REFUSED, RS_INVALID (an archive without a password) or PKI_FAILED. */
RS_CHECKED rs_status pki_export(struct rs_job *job, const struct pki_entry *entry, const struct pki_store *store,
                                enum pki_format format, const char *password, rs_text *out);

#endif
