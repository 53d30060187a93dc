/* Changes that wait for the disk together. */
#include "fixture.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <sqlite3.h>

#include "net/tables/sql.h"

/* What another process sees. */
static size_t reservations_elsewhere(struct fixture *f, int64_t *revision)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(tables_db) db = NULL;
    RS_OWNED(tables_snapshot) snapshot = NULL;

    assert_ok(job, tables_db_open(job, f->path, &db));
    assert_ok(job, tables_db_load(job, db, &snapshot));
    *revision = tables_snapshot_revision(snapshot);
    return tables_reservation_count(snapshot);
}

/* Begun, looked at, and not wanted. */
static void begin_and_abandon(struct fixture *f, struct tables_change change)
{
    struct tables_pending *pending;

    assert_ok(f->job, tables_begin(f->job, f->db, &fixture_actor, &change, &pending));
    assert_true(tables_pending_plan(pending)->step_count > 0);
    tables_abandon(pending);
}

UNIT_TEST_WITH_FIXTURE(tables_group_parts_stand_or_go_each_by_itself)
{
    const struct tables_event *events;
    struct tables_snapshot *loaded;
    size_t count;
    int64_t revision;

    apply(f, reserve(SERVICE, "https://+:8443"));
    assert_ok(f->job, tables_group_begin(f->job, f->db));
    assert_int_equal(tables_snapshot_revision(tables_group_before(f->db)), 1);
    assert_int_equal(tables_snapshot_revision(apply(f, reserve(SERVICE, "https://one:8443"))), 2);
    begin_and_abandon(f, reserve(SERVICE, "https://two:8443"));
    refuse(f, reserve(SERVICE, "no URL"), RS_INVALID, "no URL");
    begin_and_abandon(f, remove_url(SERVICE, "https://one:8443")); /* of another part, which stands */
    assert_int_equal(tables_snapshot_revision(apply(f, reserve(SERVICE, "https://three:8443"))), 3);
    apply(f, reserve(SERVICE, "https://three:8443")); /* it is already so */
    assert_ok(f->job, tables_db_load(f->job, f->db, &loaded));
    assert_int_equal(tables_reservation_count(loaded), 3);
    tables_snapshot_unref(loaded);
    assert_int_equal(reservations_elsewhere(f, &revision), 1); /* nobody else sees it yet */
    assert_ok(f->job, tables_group_end(f->job, f->db));
    assert_int_equal(reservations_elsewhere(f, &revision), 3);
    assert_int_equal(revision, 3);
    assert_ok(f->job, tables_db_history(f->job, f->db, 10, &events, &count));
    assert_int_equal(count, 3);
    assert_true(rs_text_find(events[0].what, RS_TEXT("three")) > 0 && events[0].revision == 3);
    assert_true(rs_text_find(events[1].what, RS_TEXT("one")) > 0 && events[1].revision == 2);
}

UNIT_TEST_WITH_FIXTURE(tables_group_rows_have_generations_of_their_own)
{
    struct tables_place place = {.port = 8443};
    struct tables_snapshot *loaded;
    int64_t first;

    assert_ok(f->job, tables_group_begin(f->job, f->db));
    apply(f, bind_to(SERVICE, NULL, "0.0.0.0", 8443, "AA"));
    begin_and_abandon(f, bind_to(SERVICE, NULL, "0.0.0.0", 8443, "BB")); /* somebody may have been shown it */
    apply(f, bind_to(SERVICE, NULL, "0.0.0.0", 8443, "CC"));
    assert_ok(f->job, tables_group_end(f->job, f->db));
    tables_db_close(f->db);
    assert_ok(f->job, tables_db_open(f->job, f->path, &f->db));
    assert_ok(f->job, tables_db_load(f->job, f->db, &loaded));
    first = (int64_t)tables_binding_find(loaded, &place)->generation;
    tables_snapshot_unref(loaded);
    assert_int_equal(first, 3);
    apply(f, bind_to(SERVICE, NULL, "0.0.0.0", 8443, "DD"));
    assert_ok(f->job, tables_db_load(f->job, f->db, &loaded));
    assert_true((int64_t)tables_binding_find(loaded, &place)->generation > TABLES_GROUP_MAX); /* the stock went with the process */
    tables_snapshot_unref(loaded);
}

UNIT_TEST_WITH_FIXTURE(tables_group_is_alone)
{
    assert_ok(f->job, tables_group_begin(f->job, f->db));
    assert_status(tables_group_begin(f->job, f->db), TABLES_DB_BUSY);
    rs_job_forgive(f->job);
    assert_status(tables_note(f->job, f->db, &fixture_actor, RS_TEXT("x"), RS_TEXT("null"), RS_TEXT("null")), TABLES_DB_BUSY);
    rs_job_forgive(f->job);
    assert_ok(f->job, tables_group_end(f->job, f->db)); /* empty */
    assert_int_equal(tables_snapshot_revision(apply(f, reserve(SERVICE, "https://+:8443"))), 1);
}

UNIT_TEST(tables_are_as_before_when_killed_in_a_group)
{
    struct fixture f;
    int64_t revision;
    int status;
    pid_t child;

    fixture_open(&f);
    apply(&f, reserve(SERVICE, "https://+:8443"));
    tables_db_close(f.db);
    child = fork();
    if (child == 0) {
        struct rs_job *job = rs_job_create(NULL);
        struct tables_change one = reserve(SERVICE, "https://one:8443"), other = reserve(SERVICE, "https://other:8443");
        if (tables_db_open(job, f.path, &f.db) != RS_OK || tables_group_begin(job, f.db) != RS_OK ||
            tables_apply(job, f.db, &fixture_actor, &one, NULL) != RS_OK ||
            tables_apply(job, f.db, &fixture_actor, &other, NULL) != RS_OK)
            _exit(1);
        kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_ok(f.job, tables_db_open(f.job, f.path, &f.db));
    assert_int_equal(reservations_elsewhere(&f, &revision), 1);
    assert_int_equal(revision, 1);
    fixture_close(&f);
}

/* In a child, because the limit holds for everything the process writes. */
static void child_fills_the_disk(rs_text path)
{
    struct rs_job *job = rs_job_create(NULL);
    struct tables_db *db;
    struct tables_snapshot *snapshot;
    rs_status status;

    signal(SIGXFSZ, SIG_IGN);
    if (tables_db_open(job, path, &db) != RS_OK || tables_group_begin(job, db) != RS_OK)
        _exit(1);
    for (int i = 0; i < 100; i++) {
        struct tables_change change = reserve(SERVICE, rs_text_format(job, "https://h%d:8443", i).bytes);
        if (tables_apply(job, db, &fixture_actor, &change, NULL) != RS_OK)
            _exit(2);
    }
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){4096, 4096});
    status = tables_group_end(job, db);
    if (status != TABLES_DISK_FULL) {
        fprintf(stderr, "# %s: %.*s\n", rs_status_name(status), RS_TEXT_ARG(rs_job_message(job)));
        _exit(3);
    }
    rs_job_forgive(job);
    if (tables_db_load(job, db, &snapshot) != RS_OK || tables_reservation_count(snapshot) != 1)
        _exit(4);
    _exit(0);
}

UNIT_TEST(tables_group_that_cannot_be_written_never_happened)
{
    struct fixture f;
    int64_t revision;
    int status;
    pid_t child;

    fixture_open(&f);
    apply(&f, reserve(SERVICE, "https://+:8443"));
    tables_db_close(f.db);
    child = fork();
    if (child == 0)
        child_fills_the_disk(f.path);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_ok(f.job, tables_db_open(f.job, f.path, &f.db));
    assert_int_equal(reservations_elsewhere(&f, &revision), 1);
    fixture_close(&f);
}

/* SQLite takes a whole transaction back where it cannot go on in the middle of it. */
UNIT_TEST_WITH_FIXTURE(tables_group_that_was_taken_back_is_noticed)
{
    struct tables_change change = reserve(SERVICE, "https://two:8443");
    struct tables_pending *pending;
    int64_t revision;

    apply(f, reserve(SERVICE, "https://+:8443"));
    assert_ok(f->job, tables_group_begin(f->job, f->db));
    apply(f, reserve(SERVICE, "https://one:8443"));
    assert_ok(f->job, tables_begin(f->job, f->db, &fixture_actor, &change, &pending));
    assert_int_equal(sqlite3_exec(f->db->sqlite, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_status(tables_commit(f->job, pending), RS_IO);
    rs_job_forgive(f->job);
    assert_status(tables_begin(f->job, f->db, &fixture_actor, &change, &pending), RS_IO);
    assert_true(rs_text_find(rs_job_message(f->job), RS_TEXT("try again")) > 0);
    rs_job_forgive(f->job);
    assert_status(tables_group_end(f->job, f->db), RS_IO);
    rs_job_forgive(f->job);
    assert_int_equal(reservations_elsewhere(f, &revision), 1);
    assert_int_equal(tables_snapshot_revision(apply(f, change)), 2);
}
