/* net/tables/pack.h - a row as one block of memory, with all of its texts and lists. For this folder only.
 */
#ifndef NET_TABLES_PACK_H
#define NET_TABLES_PACK_H

#include "net/tables/snapshot.h"

/* Copies; one reference is the caller's (row_unref). Those of a reservation have `url` and `url_string` worked out. */
struct tables_reservation *pack_reservation(const struct tables_reservation *row);
struct tables_binding *pack_binding(const struct tables_binding *row);

#endif
