/* service/ops/op.h - what an operation is: one row of the table in ops.c.
 *
 * Adding one: <verb_noun>.c ending in a `const struct service_op`, its call in ops.h, its row in ops.c.
 */
#ifndef SERVICE_OPS_OP_H
#define SERVICE_OPS_OP_H

#include <stddef.h>

#include "service/ops/service.h"
#include "store/catalog/catalog.h"

/* What `path` of the call names, and so where the permission is asked for. */
enum service_target {
    SERVICE_ON_ITEM,   /* the item at the path, which must be there */
    SERVICE_ON_FOLDER, /* the folder that the path's last name is to stand in */
};

#define SERVICE_KIND(kind) (1u << (kind))
#define SERVICE_ANY_KIND 0u

struct service_op {
    const char *name; /* the original's: "ListChildren" */
    enum service_target target;
    unsigned kinds;      /* SERVICE_KIND of what the item may be; others fail with CATALOG_WRONG_KIND */
    unsigned permission; /* enum auth_permission that must all be granted on the target */
    size_t path_at;      /* of the rs_text in the call that is the path */
    /* `item` is the target, seen and permitted already. */
    rs_status (*run)(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                     struct catalog_item *item, void *call);
};

/* ops.c: the table. */
extern const struct service_op *const service_ops[];
extern const size_t service_op_count;
const struct service_op *service_op_find(rs_text name); /* without regard to case; NULL where there is none */

/* Run an operation: `call` is the struct of ops.h that belongs to it; results are written there.
 *
 * The one place where permissions are checked. An item whose properties the caller may not read fails with
 * RS_NOT_FOUND, as if it were not there; one that may be seen but not used so, with RS_DENIED. */
RS_CHECKED rs_status service_run(struct rs_job *job, const struct service_caller *caller,
                                 const struct service_op *op, void *call);

/* The same check for a second item that an operation touches. */
RS_CHECKED rs_status service_check(struct rs_job *job, const struct service_caller *caller,
                                   const struct catalog_item *item, unsigned permission);

#endif
