/* net/pki/entries.h - what the files of the store are good for, seen together: which key fits which certificate, what is
 * issued by whom. For this folder only.
 *
 * Of ten thousand certificates little is kept. One is read, taken apart, described and judged when somebody asks for it.
 */
#ifndef NET_PKI_ENTRIES_H
#define NET_PKI_ENTRIES_H

#include "net/pki/inside.h"
#include "net/pki/scan.h"

struct entries;

/* `files` must live longer. Never NULL. */
struct entries *entries_build(const struct pki_files *files);
void entries_destroy(struct entries *entries); /* accepts NULL */
RS_OWNED_BY(entries, entries_destroy)

/* Forget what was made of single entries; they are made again when they are asked for. */
void entries_forget(struct entries *entries);
/* When a certificate begins or ends to be valid, next. */
int64_t entries_next_change_ms(const struct entries *entries);

size_t entries_count(const struct entries *entries);
/* Borrowed until entries_forget. */
const struct pki_entry *entries_at(struct entries *entries, size_t index);
/* By the bytes of a SHA-1 or SHA-256 digest; NULL: none. */
const struct pki_entry *entries_find(struct entries *entries, rs_text digest);
bool entries_outline(const struct entries *entries, rs_text digest, struct pki_outline *out);
/* Its bytes and those of its intermediates, nearest first, in `out`: how many. 0: it is not here. */
size_t entries_chain(struct rs_job *job, struct entries *entries, rs_text digest, rs_text out[1 + PKI_CHAIN_MAX]);

const struct pki_broken_vec *entries_broken(const struct entries *entries);
size_t entries_pending_count(const struct entries *entries);
const struct pki_pending *entries_pending(const struct entries *entries, size_t index);

/* The file that holds this key, or NULL. */
const struct pki_known *entries_key_file(const struct entries *entries, const struct pki_digest *key);
X509 *entries_local_authority(const struct entries *entries);
X509 *const *entries_authorities(struct entries *entries, size_t *count);

#endif
