/* store/catalog/file.h - catalogs as files: looked at without changing them, made, and their schema as a script.
 */
#ifndef STORE_CATALOG_FILE_H
#define STORE_CATALOG_FILE_H

#include "store/catalog/catalog.h"

struct catalog_file {
    int version;       /* of its schema */
    int64_t bytes, items, accounts;
    rs_text key_check; /* store/catalog/seal.h */
};

/* Fails with RS_NOT_FOUND, CATALOG_DB_INVALID (no catalog, or damaged: the whole file is checked), CATALOG_DB_NEWER,
 * CATALOG_DB_UNAVAILABLE. */
RS_CHECKED rs_status catalog_file_look(struct rs_job *job, rs_text path, struct catalog_file *out);

/* The version that catalog_open leads to. */
int catalog_file_version(void);

/* SQL that makes of a catalog of version `from` (0: an empty file) one of this version: for SQLite's own tools. Fails with
 * RS_INVALID where there is no such version. */
RS_CHECKED rs_status catalog_file_script(struct rs_job *job, int from, rs_text *out);

#endif
