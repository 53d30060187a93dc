/* net/pki/index.h - what the store read before, in one file: FOLDER/.index, so that a start reads one file, not ten thousand,
 * and that what thousands of files say need not stay in memory.
 *
 * Records of facts (net/pki/facts.h) one after the other, each with its length and a sum; the last one of a path counts.
 * It is a cache: where it is missing, old or damaged the files themselves are read, and it is written anew. Whoever uses a
 * record compares its stamps with the file's first. It stays open: what others do to its name does not matter. For this folder
 * only.
 */
#ifndef NET_PKI_INDEX_H
#define NET_PKI_INDEX_H

#include "net/pki/known.h"

struct pki_index;

/* Takes one over. */
typedef void pki_index_found(void *data, struct pki_known *known);

/* Read all that can be read, in the order of the file: of several with one path the last counts. Never NULL. */
struct pki_index *pki_index_open(rs_text path, pki_index_found *found, void *data);
void pki_index_close(struct pki_index *index); /* accepts NULL */
RS_OWNED_BY(pki_index, pki_index_close)

/* These are all that is known and may be kept. Those that the index does not have are added in one write; where it is damaged
 * or mostly of old records it is written anew. Where that fails they stay in memory, and the next reader finds less. */
void pki_index_save(struct pki_index *index, const struct pki_known_vec *all);

/* All facts of a file, from memory, from the index (NULL: there is none) or, where that is damaged, from the file itself. False:
 * the file is another one by now, which the next scan will see. */
bool pki_index_facts(struct rs_job *job, const struct pki_index *index, const struct pki_known *known, struct pki_facts *out);

#endif
