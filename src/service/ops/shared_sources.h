/* service/ops/shared_sources.h - which items a report's shared data sources are.
 *
 * A definition names a shared data source by a path, absolute or relative to the report's folder. When the report is
 * published the name is tied to the item found there; the tie survives moves and can be set to another item.
 */
#ifndef SERVICE_OPS_SHARED_SOURCES_H
#define SERVICE_OPS_SHARED_SOURCES_H

#include "report/compute/compute.h"
#include "report/publish/publish.h"
#include "service/ops/service.h"
#include "store/catalog/catalog.h"

/* The references of a report that is published at `path`. `existing`: those it had before, which stay as they were
 * tied; may be NULL. A reference whose item is not found has the path where it was expected. */
RS_CHECKED rs_status shared_sources_bind(struct rs_job *job, struct catalog *catalog, rs_text path,
                                         const struct rdl_report *definition,
                                         const struct catalog_references *existing,
                                         struct catalog_references *out);

/* For compute_options.resolve: `data` is a struct shared_sources. */
struct shared_sources {
    struct service *service; /* for the key of stored passwords */
    struct catalog *catalog;
    const struct catalog_item *report;
    const struct rdl_report *definition;
};
rs_status shared_sources_resolve(struct rs_job *job, void *data, rs_text reference,
                                 struct compute_data_source *out);

#endif
