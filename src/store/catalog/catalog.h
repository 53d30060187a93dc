/* store/catalog/catalog.h - the report server database: items in folders, their content and properties.
 *
 * A catalog is one open connection and belongs to one process; it is not carried over a fork. Several processes may
 * have the same file open: readers never wait, changes wait for each other. What is returned lives in the job.
 *
 * Paths and names compare without case (store/catalog/name.h) and come back as they were spelled when created. Who may
 * see or do what is not decided here (service/auth).
 */
#ifndef STORE_CATALOG_CATALOG_H
#define STORE_CATALOG_CATALOG_H

#include "base/job.h"
#include "base/vec.h"

#define CATALOG_CONTENT_MAX ((size_t)512 * 1024 * 1024) /* bytes of one item */
#define CATALOG_DESCRIPTION_MAX 512                      /* code points */

struct catalog;

/* The codes of the original's Catalog.Type, which monitoring queries know. */
enum catalog_kind {
    CATALOG_FOLDER = 1,
    CATALOG_REPORT = 2,
    CATALOG_RESOURCE = 3,
    CATALOG_LINKED_REPORT = 4,
    CATALOG_DATA_SOURCE = 5,
    CATALOG_DATA_SET = 8,
    CATALOG_COMPONENT = 9,
};

/* "Folder", "Report", "Resource", ...: the names that clients know. */
const char *catalog_kind_name(enum catalog_kind kind);

struct catalog_item {
    int64_t number; /* in this catalog file; for the catalog's own use */
    rs_text id;     /* GUID in lower case; stays when the item is moved or replaced */
    rs_text path, name;
    enum catalog_kind kind;
    rs_text description;
    bool hidden; /* not shown in listings; no protection */
    rs_text mime_type;
    int64_t size; /* bytes of content */
    rs_text created_by, modified_by;
    int64_t created_ms, modified_ms; /* UTC */
    int64_t revision;                /* grows with every change of the item */
    int64_t content_revision;        /* revision that last changed its content */
};
RS_VEC_TYPE(struct catalog_item, catalog_items);

/* Open the database at `path`; it is made, or brought up to this version's schema, where needed.
 * Fails with CATALOG_DB_UNAVAILABLE, CATALOG_DB_INVALID or CATALOG_DB_NEWER. */
RS_CHECKED rs_status catalog_open(struct rs_job *job, rs_text path, struct catalog **out);
void catalog_close(struct catalog *catalog);
RS_OWNED_BY(catalog, catalog_close)

/* How long a statement waits for another process's change; 0: as long as its job has time. 10 s unless told otherwise. */
void catalog_wait(struct catalog *catalog, int64_t ms);

/* Grows with every change of any item: what was read before is still true while it stays the same. */
RS_CHECKED rs_status catalog_generation(struct rs_job *job, struct catalog *catalog, int64_t *out);

/* ---- reading ------------------------------------------------------------------------------------- */

/* *out is NULL where there is no such item. Fails on a malformed path, and with the database. */
RS_CHECKED rs_status catalog_find(struct rs_job *job, struct catalog *catalog, rs_text path,
                                  struct catalog_item **out);
RS_CHECKED rs_status catalog_find_id(struct rs_job *job, struct catalog *catalog, rs_text id,
                                     struct catalog_item **out);

/* The same, but absence fails with RS_NOT_FOUND. */
RS_CHECKED rs_status catalog_item_at(struct rs_job *job, struct catalog *catalog, rs_text path,
                                     struct catalog_item **out);

/* What is in a folder, hidden items too, in order of the names; with everything below it where `deep`. */
RS_CHECKED rs_status catalog_children(struct rs_job *job, struct catalog *catalog,
                                      const struct catalog_item *folder, bool deep,
                                      struct catalog_items *out);

/* The original bytes; empty for a folder. */
RS_CHECKED rs_status catalog_content(struct rs_job *job, struct catalog *catalog,
                                     const struct catalog_item *item, rs_text *out);

/* ---- references ---------------------------------------------------------------------------------- */

/* What an item uses by name: a report's shared data sources. The tie is to the item, not to its path: it survives
 * moves. `target` is NULL where the item is gone or was never there; `path` is where it was looked for last, and a data
 * source that is created there later is tied at once. */
struct catalog_reference {
    rs_text name;
    rs_text path;
    struct catalog_item *target;
};
RS_VEC_TYPE(struct catalog_reference, catalog_references);

RS_CHECKED rs_status catalog_references(struct rs_job *job, struct catalog *catalog,
                                        const struct catalog_item *item, struct catalog_references *out);

/* Replace all references of the item; each `path` is resolved now, `target` is not read. */
RS_CHECKED rs_status catalog_set_references(struct rs_job *job, struct catalog *catalog,
                                            const struct catalog_item *item,
                                            const struct catalog_references *references);

/* Items that use this one. */
RS_CHECKED rs_status catalog_dependents(struct rs_job *job, struct catalog *catalog,
                                        const struct catalog_item *item, struct catalog_items *out);

/* ---- changing ------------------------------------------------------------------------------------ */

struct catalog_new {
    rs_text path; /* its folder must exist */
    enum catalog_kind kind;
    rs_text content;
    rs_text mime_type, description;
    bool hidden;
    bool overwrite; /* an item of the same kind at this path gets the content (and, where given, the MIME type and
                     * description); its id, references and the rest stay */
    rs_text by;     /* who asks */
    const struct catalog_references *references; /* set together with the content; NULL: untouched */
    rs_text key_check; /* of the key that sealed something in the content; empty: nothing is sealed */
};

/* Fails with CATALOG_EXISTS, CATALOG_WRONG_KIND (another kind is there), RS_NOT_FOUND (no such folder), the name and
 * path statuses; with RS_CONFLICT where `key_check` is not that of the present key (store/catalog/seal.h). `replaced` may be
 * NULL. */
RS_CHECKED rs_status catalog_create(struct rs_job *job, struct catalog *catalog,
                                    const struct catalog_new *wanted, struct catalog_item **out,
                                    bool *replaced);

/* What is changed; NULL members stay. */
struct catalog_change {
    const rs_text *description;
    const bool *hidden;
    const rs_text *mime_type;
    const rs_text *content;
    rs_text by;
};

RS_CHECKED rs_status catalog_set(struct rs_job *job, struct catalog *catalog,
                                 const struct catalog_item *item, const struct catalog_change *change);

/* Rename, move, or both. Fails with CATALOG_EXISTS, CATALOG_RESERVED (the root), CATALOG_MOVE_INVALID (a folder into
 * itself), CATALOG_PATH_LONG (also for what is below). */
RS_CHECKED rs_status catalog_move(struct rs_job *job, struct catalog *catalog,
                                  const struct catalog_item *item, rs_text path, rs_text by);

/* With everything below it. Fails with CATALOG_RESERVED for the root. */
RS_CHECKED rs_status catalog_delete(struct rs_job *job, struct catalog *catalog,
                                    const struct catalog_item *item);

#endif
