/* tests/unit/net/tables/fixture.h - a folder for one test, and changes written in a few words.
 */
#ifndef TABLES_FIXTURE_H
#define TABLES_FIXTURE_H

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/tables/change.h"

#define SERVICE "ReportServerWebService"
#define PORTAL "ReportServerWebApp"

struct fixture {
    struct rs_job *job;
    char folder[64];
    rs_text path;
    struct tables_db *db;
};

static inline void fixture_open(struct fixture *f)
{
    f->job = rs_job_create(NULL);
    snprintf(f->folder, sizeof f->folder, "/tmp/tables-test-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    f->path = rs_text_format(f->job, "%s/https.db", f->folder);
    assert_ok(f->job, tables_db_open(f->job, f->path, &f->db));
}

static inline void fixture_close(struct fixture *f)
{
    static const char *const endings[] = {"", "-wal", "-shm"};

    tables_db_close(f->db);
    for (size_t i = 0; i < 3; i++)
        unlink(rs_text_format(f->job, "%.*s%s", RS_TEXT_ARG(f->path), endings[i]).bytes);
    rmdir(f->folder);
    rs_job_destroy(f->job);
}

static inline struct tables_change reserve(const char *application, const char *url)
{
    return (struct tables_change){.kind = TABLES_RESERVE, .application = rs_text_from(application),
                                  .url = rs_text_from(url), .account = RS_TEXT("service")};
}

static inline struct tables_change remove_url(const char *application, const char *url)
{
    return (struct tables_change){.kind = TABLES_REMOVE, .application = rs_text_from(application),
                                  .url = rs_text_from(url)};
}

static inline struct tables_change directory(const char *application, const char *name)
{
    return (struct tables_change){.kind = TABLES_SET_DIRECTORY, .application = rs_text_from(application),
                                  .directory = rs_text_from(name)};
}

/* `applications`: one or two names, the second may be NULL. The texts are static. */
static inline struct tables_change place_change(enum tables_change_kind kind, const char *one, const char *two,
                                                const char *address, uint16_t port, const char *certificate)
{
    static rs_text names[8][2];
    static int next;
    rs_text *both = names[next++ % 8];
    static struct tables_certificate certificates[8];
    struct tables_certificate *shown = &certificates[next % 8];
    struct tables_change change = {.kind = kind, .place = {.port = port}, .applications = both, .certificates = shown,
                                   .certificate_count = 1};

    *shown = (struct tables_certificate){.sha256 = rs_text_from(certificate)};
    both[0] = rs_text_from(one);
    both[1] = rs_text_from(two);
    change.application_count = two ? 2 : 1;
    assert_true(tables_address_parse(rs_text_from(address), &change.place.address));
    return change;
}

static inline struct tables_change bind_to(const char *one, const char *two, const char *address, uint16_t port,
                                           const char *certificate)
{
    return place_change(TABLES_BIND, one, two, address, port, certificate);
}

static inline struct tables_change unbind(const char *one, const char *two, const char *address, uint16_t port)
{
    return place_change(TABLES_UNBIND, one, two, address, port, "");
}

static const struct tables_actor fixture_actor = {{"alice", 5}, {"test", 4}};

/* Apply; gives the new snapshot, which lives as long as the fixture's job. */
static inline const struct tables_snapshot *apply(struct fixture *f, struct tables_change change)
{
    struct tables_snapshot *after;

    assert_ok(f->job, tables_apply(f->job, f->db, &fixture_actor, &change, &after));
    rs_job_at_end(f->job, (void (*)(void *))tables_snapshot_unref, after);
    return after;
}

/* It is refused with `status` and a message that holds `why`, and nothing changed. */
static inline void refuse(struct fixture *f, struct tables_change change, rs_status status, const char *why)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    int64_t before, after;
    rs_status got;

    assert_ok(job, tables_db_revision(job, f->db, &before));
    got = tables_apply(job, f->db, &fixture_actor, &change, NULL);
    if (got != status || rs_text_find(rs_job_message(job), rs_text_from(why)) < 0)
        fail_msg("%s: \"%.*s\" is not %s with \"%s\"", rs_status_name(got), RS_TEXT_ARG(rs_job_message(job)),
                 rs_status_name(status), why);
    rs_job_forgive(job);
    assert_ok(job, tables_db_revision(job, f->db, &after));
    assert_int_equal(before, after);
}

#endif
