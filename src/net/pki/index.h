/* net/pki/index.h - what the store read before, in one file: FOLDER/.index, so that a start reads one file, not ten thousand.
 *
 * Records of facts (net/pki/facts.h) one after the other, each with its length and a sum; the last one of a path counts.
 * It is a cache: where it is missing, old or damaged the files themselves are read, and it is written anew. Whoever uses a
 * record compares its stamps with the file's first. For this folder only.
 */
#ifndef NET_PKI_INDEX_H
#define NET_PKI_INDEX_H

#include "base/vec.h"
#include "net/pki/facts.h"

RS_VEC_TYPE(struct pki_facts *, pki_facts_vec);

/* All that can be read, in the order of the file; the caller's to destroy. `*size`: bytes that were of use: what is behind
 * them is damaged. */
void pki_index_read(struct rs_job *job, rs_text path, struct pki_facts_vec *out, size_t *size);
/* Add records, in one write. A failure is no harm: false, and the next reader finds less. */
bool pki_index_append(rs_text path, const struct pki_facts_vec *facts, size_t *size);
/* Write it anew with these. */
bool pki_index_replace(rs_text path, const struct pki_facts_vec *facts, size_t *size);

#endif
