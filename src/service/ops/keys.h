/* service/ops/keys.h - the key of stored passwords, changed with everything that is sealed with it.
 *
 * Sealed are the passwords of data sources in the catalog, and texts of the server's own (store/catalog/seal.h).
 */
#ifndef SERVICE_OPS_KEYS_H
#define SERVICE_OPS_KEYS_H

#include "base/job.h"

struct catalog;
struct service;

struct service_keys {
    struct catalog *catalog;
    rs_text key_path;
};

struct service_key_state {
    rs_text check;   /* of the key that is there; empty: there is none, or it cannot be used */
    rs_text problem; /* why it cannot be used; empty: it can */
    size_t sealed;   /* texts that are sealed */
};

/* Looks only: a key that is missing is not made. */
RS_CHECKED rs_status service_key_state(struct rs_job *job, const struct service_keys *keys, struct service_key_state *out);

/* The 32 bytes, for a backup. Makes a key where nothing is sealed and there is none. Fails with SECRET_KEY. */
RS_CHECKED rs_status service_key_bytes(struct rs_job *job, const struct service_keys *keys, rs_text *out);

/* Put this key in the place of the one that is there, or of none: refused with RS_CONFLICT where it does not open what is
 * sealed. *changed is false where it is there already. */
RS_CHECKED rs_status service_key_restore(struct rs_job *job, const struct service_keys *keys, rs_text bytes, bool dry_run,
                                         bool *changed);

/* A new key; everything is sealed anew, in one transaction. Fails with RS_CONFLICT where something does not open. `*count` is of
 * what is sealed. */
RS_CHECKED rs_status service_key_rotate(struct rs_job *job, const struct service_keys *keys, bool dry_run, size_t *count);

/* Remove the key. With `contents` everything that is sealed goes first; without, it is refused with RS_CONFLICT where something
 * is sealed, unless `force`. `*count` is of what is sealed. */
RS_CHECKED rs_status service_key_remove(struct rs_job *job, const struct service_keys *keys, bool contents, bool force,
                                        bool dry_run, size_t *count);

/* ---- secrets of the server itself ---- */

/* Seal `text` under `name`; an empty one is removed. */
RS_CHECKED rs_status service_secret_set(struct rs_job *job, const struct service_keys *keys, rs_text name, rs_text text);
/* Empty where there is none. */
RS_CHECKED rs_status service_secret_get(struct rs_job *job, const struct service_keys *keys, rs_text name, rs_text *out);
/* The same with the key that a worker keeps. */
RS_CHECKED rs_status service_secret(struct rs_job *job, struct service *service, rs_text name, rs_text *out);

#endif
