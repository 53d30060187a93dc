/* net/tables/change.h - changes of the tables: checked against a snapshot, then applied as one transaction.
 *
 *     tables_plan     what the change would do, or why it may not be; touches nothing (--dry-run)
 *     tables_begin    takes the lock, plans against the truth, writes: not yet visible to anyone else
 *     tables_commit   makes it last; or tables_abandon: nothing happened
 *
 * Between begin and commit the caller applies the new snapshot live and looks whether it works. All changes
 * are idempotent: asking for what is already so plans no steps and ends well.
 */
#ifndef NET_TABLES_CHANGE_H
#define NET_TABLES_CHANGE_H

#include "net/tables/db.h"

#define TABLES_CLAIMANTS_MAX 32 /* applications in one bind or unbind */
#define TABLES_CHANGES_MAX 10000 /* in one tables_begin_all */
#define TABLES_CERTIFICATES_MAX 4 /* of one row */
#define TABLES_SETTINGS_MAX 64  /* settings in one change */

enum tables_change_kind {
    TABLES_RESERVE,       /* application, url, account, acl */
    TABLES_REMOVE,        /* application, url */
    TABLES_SET_DIRECTORY, /* application, directory: all URLs of the application move at once */
    TABLES_BIND,          /* applications, place, certificates, replace */
    TABLES_UNBIND,        /* applications, place */
    TABLES_SET_ROW,       /* place, settings: a new generation of the row */
    TABLES_SET_APPLICATION, /* application, settings */
    TABLES_ADD_APPLICATION, /* application, target; directory: of another instance's report server. One that is there is
                             * sent to the new target */
    TABLES_REMOVE_APPLICATION, /* application; replace: with all its URLs and claims, else refused while it has any */
    TABLES_SET_SLOT,      /* slot, certificates (one), source, rows_max, replace: over what another source fills */
    TABLES_DROP_SLOT,     /* slot, replace: rows that follow it keep what they show */
    TABLES_FORGET,        /* certificates (one), rows_max: no row shows it, no slot holds it any more */
    TABLES_WATCH,         /* path, slot */
    TABLES_UNWATCH,       /* path */
};

#define TABLES_SLOT_NAME_MAX 100 /* bytes: letters, digits and . _ - @ + */
#define TABLES_SLOTS_MAX 100000
#define TABLES_FOLDERS_MAX 1000

/* Fails with RS_INVALID. */
RS_CHECKED rs_status tables_slot_check(struct rs_job *job, rs_text name);

struct tables_setting {
    rs_text name;
    rs_text value; /* as typed */
    bool unset;    /* back to the default; no value */
};

struct tables_change {
    enum tables_change_kind kind;
    rs_text application;
    rs_text url;       /* with or without path: see tables_plan */
    rs_text account;
    rs_text acl;
    rs_text directory;
    rs_text target; /* see net/tables/target.h */
    const rs_text *applications;
    size_t application_count;
    struct tables_place place;
    const struct tables_certificate *certificates; /* of a bind: what the row shows from then on */
    size_t certificate_count;
    const struct tables_setting *settings;
    size_t setting_count;
    rs_text slot;
    rs_text source;
    rs_text path;
    size_t rows_max; /* rows that may change with it: one more, and it is TABLES_DB_BUSY */
    bool replace; /* bind: the other applications that claim the row move to this certificate too */
    rs_text where; /* where it is asked for ("line 12"), for errors; may be empty */
    bool of_many; /* others are made with it, which may do what a hint would ask for: no hints */
};

struct tables_plan {
    const rs_text *steps; /* what will be done, in order; none = it is already so */
    size_t step_count;
    const rs_text *warnings; /* what is allowed but probably not meant */
    size_t warning_count;
    rs_text what; /* one line for the history */
};

/* Check `change` against `snapshot`.
 *
 * A URL of the report server's applications ends in their virtual directory: it may be given with it or
 * without path; given with another one it sets the directory where the application has no URL yet.
 *
 * Fails with RS_INVALID (not a URL, not a directory...), RS_NOT_FOUND (no such application, URL or binding)
 * and RS_CONFLICT, which names the other claimant. */
RS_CHECKED rs_status tables_plan(struct rs_job *job, const struct tables_snapshot *snapshot,
                                 const struct tables_change *change,
                                 const struct tables_plan **out);

struct tables_actor {
    rs_text who;  /* "root", "alice" */
    rs_text tool; /* "bindery tls bind", "configuration API" */
};

/* An entry of the history, with a revision of its own, about what is not in the tables: a setting, a key. `before` and
 * `after` are JSON; secrets do not belong there. */
RS_CHECKED rs_status tables_note(struct rs_job *job, struct tables_db *db, const struct tables_actor *actor, rs_text what,
                                 rs_text before, rs_text after);

struct tables_pending; /* a transaction that is open */

RS_CHECKED rs_status tables_begin(struct rs_job *job, struct tables_db *db,
                                  const struct tables_actor *actor,
                                  const struct tables_change *change,
                                  struct tables_pending **out);
/* Several changes as one: each is checked against what those before it leave; all of them are written, or none. They are
 * one revision and one line of the history, `what`, whose rows are arrays in the order of `changes`. The plan has the
 * steps and warnings of all. */
RS_CHECKED rs_status tables_begin_all(struct rs_job *job, struct tables_db *db, const struct tables_actor *actor,
                                      const struct tables_change *changes, size_t count, rs_text what,
                                      struct tables_pending **out);
/* Both borrowed from the pending change; the snapshot may be ref'd to outlive it. */
const struct tables_plan *tables_pending_plan(const struct tables_pending *pending);
struct tables_snapshot *tables_pending_before(const struct tables_pending *pending);
struct tables_snapshot *tables_pending_after(const struct tables_pending *pending);

/* Makes the change last. On failure nothing has changed. Ends `pending` in both cases. */
RS_CHECKED rs_status tables_commit(struct rs_job *job, struct tables_pending *pending);
void tables_abandon(struct tables_pending *pending); /* accepts NULL */
RS_OWNED_BY(tables_pending, tables_abandon)

/* Changes that wait for the disk together. Between tables_group_begin and tables_group_end each tables_begin opens a part of one
 * transaction, with a plan, a revision and a line of the history of its own; tables_commit makes it stand as far as the group
 * does, tables_abandon takes back that part alone. For changes that take one generation at most, TABLES_GROUP_MAX of them. */
#define TABLES_GROUP_MAX 256
RS_CHECKED rs_status tables_group_begin(struct rs_job *job, struct tables_db *db);
/* What there was before its first change. Borrowed until the group ends. */
struct tables_snapshot *tables_group_before(const struct tables_db *db);
/* Makes all that was committed in it last. On failure nothing of it has happened. Ends the group in both cases. */
RS_CHECKED rs_status tables_group_end(struct rs_job *job, struct tables_db *db);
void tables_group_abandon(struct tables_db *db); /* nothing of it happened */

/* Begin and commit in one. `out`, the new snapshot, may be NULL; one reference is the caller's. */
RS_CHECKED rs_status tables_apply(struct rs_job *job, struct tables_db *db,
                                  const struct tables_actor *actor,
                                  const struct tables_change *change,
                                  struct tables_snapshot **out);

#endif
