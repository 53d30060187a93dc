/* service/ops/published.h - published reports that this process keeps: compiled once, run many times.
 *
 * Found by the item and the revision of its content, so a new definition is never run as the old one. Bounded by the
 * bytes of the definitions; the one that was used longest ago goes first. Runs that use it keep it until they end.
 */
#ifndef SERVICE_OPS_PUBLISHED_H
#define SERVICE_OPS_PUBLISHED_H

#include "report/publish/publish.h"
#include "store/catalog/catalog.h"

#define PUBLISHED_REPORTS_MAX 256

struct published; /* the cache */

struct published *published_create(size_t bytes_max);
void published_destroy(struct published *published); /* accepts NULL */

/* The report of an item; it stays until the job ends. Expressions that do not compile are #Error in it. */
RS_CHECKED rs_status published_open(struct rs_job *job, struct published *published, struct catalog *catalog,
                                    const struct catalog_item *item, const struct publish_report **out);

size_t published_count(const struct published *published);

#endif
