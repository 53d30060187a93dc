/* net/tables/load.h - snapshots out of https.db, inside whatever transaction is open. For this folder only.
 */
#ifndef NET_TABLES_LOAD_H
#define NET_TABLES_LOAD_H

#include "base/vec.h"
#include "net/tables/sql.h"

RS_VEC_TYPE(int64_t, touched_vec);

/* What a change wrote; ids may stand there several times. */
struct touched {
    bool sides; /* applications, slots or folders */
    struct touched_vec reservations;
    struct touched_vec bindings;
};

RS_CHECKED rs_status load_all(struct rs_job *job, struct tables_db *db, struct tables_snapshot **out);

/* `base` with what was touched read again: as load_all gives, but only that is read. */
RS_CHECKED rs_status load_touched(struct rs_job *job, struct tables_db *db, const struct tables_snapshot *base,
                                  const struct touched *touched, struct tables_snapshot **out);

#endif
