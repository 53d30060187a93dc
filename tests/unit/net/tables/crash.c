/* What is killed, what is broken and what has no room. */
#include "fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/clock.h"

/* The two URLs always move together: either both have the even directory or both the odd one. */
static void child_moves_for_ever(rs_text path)
{
    struct rs_job *job = rs_job_create(NULL);
    struct tables_db *db;

    if (tables_db_open(job, path, &db) != RS_OK)
        _exit(1);
    for (int i = 0;; i++) {
        RS_OWNED(rs_job) turn = rs_job_create(NULL);
        struct tables_change change = directory(SERVICE, i % 2 ? "odd" : "even");
        if (tables_apply(turn, db, &fixture_actor, &change, NULL) != RS_OK)
            _exit(2);
    }
}

UNIT_TEST(row_5_tables_are_whole_after_a_kill_at_any_moment)
{
    struct fixture f;
    int64_t last = 0;

    fixture_open(&f);
    apply(&f, reserve(SERVICE, "https://+:8443"));
    apply(&f, reserve(SERVICE, "https://host:9443"));
    for (int round = 0; round < 12; round++) {
        struct tables_snapshot *snapshot;
        struct tables_db *db;
        int status;
        pid_t child;
        tables_db_close(f.db); /* a connection must not cross a fork */
        f.db = NULL;
        child = fork();
        if (child == 0)
            child_moves_for_ever(f.path);
        usleep(30000 + 7919 * (useconds_t)round);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        assert_ok(f.job, tables_db_open(f.job, f.path, &db));
        assert_ok(f.job, tables_db_load(f.job, db, &snapshot));
        rs_text one = tables_reservation(snapshot, 0)->prefix.path, other = tables_reservation(snapshot, 1)->prefix.path;
        assert_true(rs_text_equal(one, other));
        assert_true(rs_text_equal(one, rs_text_format(f.job, "/%.*s/", RS_TEXT_ARG(tables_application(snapshot, 0)->directory))));
        assert_true(tables_snapshot_revision(snapshot) >= last);
        last = tables_snapshot_revision(snapshot);
        tables_snapshot_unref(snapshot);
        f.db = db;
    }
    assert_true(last > 2); /* the children did change something */
    fixture_close(&f);
}

UNIT_TEST(tables_are_as_before_when_killed_between_begin_and_commit)
{
    struct fixture f;
    int status;
    pid_t child;

    fixture_open(&f);
    tables_db_close(f.db);
    child = fork();
    if (child == 0) {
        struct rs_job *job = rs_job_create(NULL);
        struct tables_change change = reserve(SERVICE, "https://+:8443");
        struct tables_pending *pending;
        if (tables_db_open(job, f.path, &f.db) != RS_OK || tables_begin(job, f.db, &fixture_actor, &change, &pending) != RS_OK)
            _exit(1);
        kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_ok(f.job, tables_db_open(f.job, f.path, &f.db));
    assert_int_equal(tables_snapshot_revision(apply(&f, reserve(SERVICE, "https://+:8443"))), 1);
    fixture_close(&f);
}

/* In a child, because the limit holds for everything the process writes. */
static void child_fills_the_disk(rs_text path)
{
    struct rs_job *job = rs_job_create(NULL);
    struct tables_db *db;
    struct tables_snapshot *snapshot;
    rs_status status = RS_OK;
    size_t reserved = 0;

    signal(SIGXFSZ, SIG_IGN);
    if (tables_db_open(job, path, &db) != RS_OK)
        _exit(1);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){200000, 200000});
    while (status == RS_OK && reserved < 5000) {
        struct tables_change change = reserve(SERVICE, rs_text_format(job, "https://h%zu:8443", reserved).bytes);
        status = tables_apply(job, db, &fixture_actor, &change, NULL);
        reserved += status == RS_OK;
    }
    if (status != TABLES_DISK_FULL || reserved == 0 || rs_text_find(rs_job_message(job), RS_TEXT("room")) < 0) {
        fprintf(stderr, "# %zu reserved, then %s: %.*s\n", reserved, rs_status_name(status), RS_TEXT_ARG(rs_job_message(job)));
        _exit(2);
    }
    rs_job_forgive(job);
    if (tables_db_load(job, db, &snapshot) != RS_OK || tables_reservation_count(snapshot) != reserved)
        _exit(3);
    _exit(0);
}

UNIT_TEST(tables_stay_as_they_are_when_the_disk_is_full)
{
    struct fixture f;
    int status;
    pid_t child;

    fixture_open(&f);
    tables_db_close(f.db);
    child = fork();
    if (child == 0)
        child_fills_the_disk(f.path);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0); /* 2: not the error it should be, shown above; 3: not the old state */
    assert_ok(f.job, tables_db_open(f.job, f.path, &f.db));
    apply(&f, reserve(PORTAL, "https://+:8443")); /* there is room again */
    fixture_close(&f);
}

static void overwrite(const char *path, off_t at, const char *bytes, size_t size)
{
    int fd = open(path, O_WRONLY);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, size, at), (ssize_t)size);
    close(fd);
}

UNIT_TEST(tables_db_that_is_damaged_or_newer_is_refused)
{
    struct fixture f;
    struct tables_db *db;

    fixture_open(&f);
    tables_db_close(f.db);
    f.db = NULL;
    overwrite(f.path.bytes, 60, "\0\0\0\x63", 4); /* user_version 99 */
    assert_status(tables_db_open(f.job, f.path, &db), TABLES_DB_NEWER);
    rs_job_forgive(f.job);
    overwrite(f.path.bytes, 0, "this is not a database at all", 29);
    assert_status(tables_db_open(f.job, f.path, &db), TABLES_DB_BROKEN);
    rs_job_forgive(f.job);
    assert_status(tables_db_open(f.job, RS_TEXT("/tmp/no/such/folder/https.db"), &db), RS_IO);
    fixture_close(&f);
}
