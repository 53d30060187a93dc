/* net/pki/complete.h - the issuers that files lack, fetched from where certificates say they are.
 *
 * Source:  RFC 5280 section 4.2.2.1 (id-ad-caIssuers).
 *
 * Waits for servers elsewhere: for the command, never for a server's process. What comes counts only where it signed the
 * certificate that named it.
 */
#ifndef NET_PKI_COMPLETE_H
#define NET_PKI_COMPLETE_H

#include "net/pki/import.h"

/* `out` is `files`, with a file for each issuer that was fetched behind them (its name is the address), at most PKI_CHAIN_MAX.
 * A chain ends where this machine trusts the issuer, where a certificate issued itself, or where one names no address. Files
 * that cannot be read are left to pki_import, which says why. `password` may be NULL.
 *
 * Fails with PKI_UNREACHABLE or PKI_FILE_INVALID: what is named is not there, or is not the issuer. */
RS_CHECKED rs_status pki_complete(struct rs_job *job, const struct pki_import_file *files, size_t count, const char *password,
                                  const struct pki_import_file **out, size_t *out_count);

#endif
