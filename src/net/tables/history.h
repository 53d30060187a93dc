/* net/tables/history.h - rows as the history keeps them: what was, and what is now.
 *
 *     of a place         {address port host certificates[{sha1 sha256 slot}] generation claims[] settings{}}, null: no row
 *     of an application  {application directory target urls[{url url_string account acl}] settings{}}, null: there is none
 *     of slots           {slots[] folders[] rows[]}
 *
 * A change that was about several of them has an array; `before` and `after` have the same members in the same order.
 */
#ifndef NET_TABLES_HISTORY_H
#define NET_TABLES_HISTORY_H

#include <jansson.h>

#include "net/tables/snapshot.h"

/* The caller's to json_decref. */
json_t *tables_history_place(const struct tables_snapshot *snapshot, const struct tables_place *place);
json_t *tables_history_application(const struct tables_snapshot *snapshot, rs_text name);

#endif
