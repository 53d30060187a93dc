/* net/tables/note.h - how an entry gets into the history: for this folder only.
 */
#ifndef NET_TABLES_NOTE_H
#define NET_TABLES_NOTE_H

#include "net/tables/change.h"

/* Inside the transaction of what it is about. What is older than the history remembers is forgotten. */
RS_CHECKED rs_status note_add(struct rs_job *job, struct tables_db *db, int64_t revision, const struct tables_actor *actor,
                              rs_text what, rs_text before, rs_text after);

#endif
