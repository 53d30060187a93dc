/* store/catalog/seal.h - what is kept sealed, and with which key.
 *
 * The key is not here, only its check (store/secret): it is written together with what is sealed, so that both always belong
 * to each other.
 */
#ifndef STORE_CATALOG_SEAL_H
#define STORE_CATALOG_SEAL_H

#include "store/catalog/catalog.h"

/* Empty: nothing is sealed yet, or an older version sealed it. */
RS_CHECKED rs_status catalog_key_check(struct rs_job *job, struct catalog *catalog, rs_text *out);

/* A sealed text of the server's own: "email". Empty where there is none. */
RS_CHECKED rs_status catalog_secret(struct rs_job *job, struct catalog *catalog, rs_text name, rs_text *out);
/* An empty one is removed. `key_check`: of the key that sealed it; fails with RS_CONFLICT where that is not the key any more. */
RS_CHECKED rs_status catalog_set_secret(struct rs_job *job, struct catalog *catalog, rs_text name, rs_text sealed,
                                        rs_text key_check);

/* Go through everything that may be sealed, in one transaction. */
struct catalog_seal_walk {
    /* The content of a data source; *out is set to what is kept instead, and untouched where it stays. */
    rs_status (*content)(struct rs_job *job, void *data, const struct catalog_item *item, rs_text content, rs_text *out);
    /* A text of the server's own; emptied: it is removed. */
    rs_status (*secret)(struct rs_job *job, void *data, rs_text name, rs_text sealed, rs_text *out);
    void *data;
    bool keeps;        /* what comes of it is kept; else it was a look */
    rs_text key_check; /* afterwards, where it is kept */
};
RS_CHECKED rs_status catalog_seal_walk(struct rs_job *job, struct catalog *catalog, const struct catalog_seal_walk *walk);

/* Inside a change of this folder: what is written now was sealed with this key. */
RS_CHECKED rs_status seal_agree(struct rs_job *job, struct catalog *catalog, rs_text key_check);

#endif
