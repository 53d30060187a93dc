/* service/ops/properties.h - an item's properties by the original's names, as text.
 *
 * Source:  "Report Server Item Properties" of the original's documentation.
 */
#ifndef SERVICE_OPS_PROPERTIES_H
#define SERVICE_OPS_PROPERTIES_H

#include "base/job.h"
#include "store/catalog/catalog.h"

enum service_property_kind { SERVICE_TEXT, SERVICE_NUMBER, SERVICE_TRUTH, SERVICE_TIME };

struct service_property {
    const char *name;
    enum service_property_kind kind;
    bool is_settable;
    rs_text (*text)(struct rs_job *job, const struct catalog_item *item);
};

extern const struct service_property service_properties[];
extern const size_t service_property_count;

const struct service_property *service_property_find(rs_text name); /* NULL: there is none */

/* "True" and "False", 2026-11-22T09:30:00.000Z. Its bytes are NULL where the item has none: a folder has no Size. */
rs_text service_property_text(struct rs_job *job, const struct service_property *property, const struct catalog_item *item);

#endif
