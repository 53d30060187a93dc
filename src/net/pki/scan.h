/* net/pki/scan.h - the files of the store's folders: listed, and read where they changed. For this folder only.
 */
#ifndef NET_PKI_SCAN_H
#define NET_PKI_SCAN_H

#include "base/lookup.h"
#include "net/pki/index.h"

RS_VEC_TYPE(struct pki_broken, pki_broken_vec);

/* What is known of all files. */
struct pki_files {
    struct rs_job *memory;        /* of what follows, but for what is known of each file */
    struct rs_job *records;       /* of what was read and the index does not have: together, so that all of it goes together */
    bool fresh;                   /* the last scan read some */
    struct pki_known_vec items;   /* by folder, then by name */
    struct rs_lookup by_path;     /* numbers of items */
    const struct pki_index *index; /* where the facts of most are; NULL: there is none */
    struct pki_known *authority;  /* FOLDER/ca/ca.crt, or NULL */
    struct pki_broken_vec broken; /* folders */
    bool touchy; /* some were read so soon after they changed, or have names elsewhere: events do not tell all of it */
};

/* Empty: pki_files_note may add what was known before, the first scan the rest. */
void pki_files_init(struct pki_files *files);
void pki_files_finish(struct pki_files *files);

/* Give back the records that the index has by now. Facts of others are borrowed until then. */
void pki_files_tidy(struct pki_files *files);

/* Takes `known` over, instead of what was noted of the same path. */
void pki_files_note(struct pki_files *files, struct pki_known *known);

struct pki_known *pki_files_find(const struct pki_files *files, rs_text path); /* or NULL */

/* Look at all folders, the first of which has the local authority; only what changed is read. `number` is that of the scan,
 * one more than before. On failure `files` stays as it is. `*changed`: what is known is not the same. */
RS_CHECKED rs_status pki_files_scan(struct rs_job *job, struct pki_files *files, const rs_text *folders, size_t folder_count,
                                    uint64_t number, bool *changed);

#endif
