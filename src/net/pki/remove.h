/* net/pki/remove.h - a certificate out of the store, with its key where no other certificate needs that.
 */
#ifndef NET_PKI_REMOVE_H
#define NET_PKI_REMOVE_H

#include "net/pki/store.h"

/* The files that go, in the order in which they go: the certificate last, so that what was interrupted can be asked for
 * again. Fails with RS_CONFLICT where a file holds other certificates too. */
RS_CHECKED rs_status pki_remove_files(struct rs_job *job, const struct pki_store *store, const struct pki_entry *entry,
                                      const rs_text **out, size_t *count);
/* Of a request: it and its key. */
void pki_remove_request_files(struct rs_job *job, const struct pki_pending *pending, const rs_text **out, size_t *count);

/* A file that is gone already is fine. Fails with RS_IO. */
RS_CHECKED rs_status pki_remove(struct rs_job *job, const rs_text *files, size_t count);

#endif
