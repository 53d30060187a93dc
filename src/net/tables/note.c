#include "net/tables/note.h"

#include "base/clock.h"
#include "net/tables/sql.h"

#define HISTORY_MAX 10000 /* changes that are remembered */

rs_status note_add(struct rs_job *job, struct tables_db *db, int64_t revision, const struct tables_actor *actor, rs_text what,
                   rs_text before, rs_text after)
{
    RS_TRY(sql_run(job, db, "INSERT INTO history(revision, at_ms, who, tool, what, before, after)"
                   " VALUES(?, ?, ?, ?, ?, ?, ?)", "iittttt", revision, rs_clock_utc_ms(), actor->who, actor->tool, what,
                   before, after));
    return sql_run(job, db, "DELETE FROM history WHERE revision <= ?", "i", revision - HISTORY_MAX);
}

static rs_status write_note(struct rs_job *job, struct tables_db *db, const struct tables_actor *actor, rs_text what,
                            rs_text before, rs_text after)
{
    int64_t revision;

    RS_TRY(sql_run(job, db, "UPDATE meta SET value = value + 1 WHERE name = 'revision'", ""));
    RS_TRY(tables_db_revision(job, db, &revision));
    RS_TRY(note_add(job, db, revision, actor, what, before, after));
    return sql_run(job, db, "COMMIT", "");
}

rs_status tables_note(struct rs_job *job, struct tables_db *db, const struct tables_actor *actor, rs_text what, rs_text before,
                      rs_text after)
{
    rs_status status;

    if (db->in_change || db->group_before)
        return rs_fail(job, TABLES_DB_BUSY, "another change of this process is not done yet");
    RS_TRY(sql_run(job, db, "BEGIN IMMEDIATE", ""));
    status = write_note(job, db, actor, what, before, after);
    if (status != RS_OK)
        sql_rollback(db);
    return status;
}
