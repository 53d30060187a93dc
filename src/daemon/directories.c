#include "daemon/directories.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/paths.h"
#include "net/tables/db.h"

struct directories {
    struct tables_db *db;
    struct rs_job *memory; /* of the names */
    int64_t revision;      /* that they are of */
    rs_text report_server, portal;
    rs_text hostname;      /* as the settings give it; borrowed */
    struct tables_snapshot *tables; /* read when a host is asked for first, and when they changed; or NULL */
    int64_t tables_revision;
};

static rs_status read_name(struct rs_job *job, struct tables_db *db, rs_text application, rs_text *out)
{
    rs_text name;

    RS_TRY(tables_db_directory(job, db, application, &name));
    *out = rs_text_format(job, "/%.*s", RS_TEXT_ARG(name));
    return RS_OK;
}

/* The revision is read first: should the tables change in between, the next look reads again. */
static rs_status read_names(struct rs_job *job, struct directories *d, int64_t revision)
{
    rs_text report_server, portal;

    RS_TRY(read_name(job, d->db, RS_TEXT("ReportServerWebService"), &report_server));
    RS_TRY(read_name(job, d->db, RS_TEXT("ReportServerWebApp"), &portal));
    d->report_server = report_server;
    d->portal = portal;
    d->revision = revision;
    return RS_OK;
}

static rs_status look(struct directories *d)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    int64_t revision;
    rs_status status = tables_db_revision(job, d->db, &revision);

    if (status == RS_OK && revision == d->revision)
        return RS_OK;
    if (status == RS_OK)
        status = read_names(job, d, revision);
    if (status != RS_OK) {
        rs_text why = rs_job_error(job);
        rs_log(RS_LOG_WARNING, "links name the virtual directories as they were: %.*s", RS_TEXT_ARG(why));
        return status;
    }
    struct rs_job *old = d->memory;
    d->memory = rs_move(job);
    rs_job_destroy(old);
    return RS_OK;
}

void directories_now(void *directories, rs_text *report_server, rs_text *portal)
{
    struct directories *d = directories;

    (void)!look(d);
    *report_server = d->report_server;
    *portal = d->portal;
}

rs_status directories_open(struct rs_job *job, const struct paths *paths, rs_text hostname, struct directories **out)
{
    RS_OWNED(directories) d = calloc(1, sizeof *d);

    if (!d)
        return rs_fail(job, RS_NO_MEMORY, "no memory for the names of virtual directories");
    d->memory = rs_job_create(NULL);
    d->revision = -1;
    d->hostname = hostname;
    if (access(paths->https_db.bytes, F_OK) != 0)
        return rs_fail(job, RS_NOT_FOUND, "\"%.*s\" is no instance: there is no https.db; `bindery --instance DIR init` makes "
                       "one", RS_TEXT_ARG(paths->instance));
    RS_TRY(tables_db_open(job, paths->https_db, &d->db));
    if (look(d) != RS_OK)
        return rs_fail(job, RS_FAILED, "the virtual directories cannot be read from \"%.*s\"", RS_TEXT_ARG(paths->https_db));
    *out = rs_move(d);
    return RS_OK;
}

/* ---- hosts ------------------------------------------------------------------------------------------------- */

static bool read_tables(struct directories *d)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct tables_snapshot *tables;
    int64_t revision;

    if (tables_db_revision(job, d->db, &revision) == RS_OK && d->tables && revision == d->tables_revision)
        return true;
    if (rs_job_status(job) != RS_OK || tables_db_load(job, d->db, &tables) != RS_OK) {
        rs_text why = rs_job_error(job);
        rs_log(RS_LOG_ERROR, "the hosts of URLs cannot be read: %.*s", RS_TEXT_ARG(why));
        return false;
    }
    tables_snapshot_unref(d->tables);
    d->tables = tables;
    d->tables_revision = revision;
    return true;
}

/* The machine's name, with its domain and without, and the one that the settings give it. */
static bool is_own_name(const struct directories *d, rs_text host)
{
    char name[256] = "";
    rs_text first, rest;

    (void)gethostname(name, sizeof name - 1);
    rs_text_cut(rs_text_from(name), '.', &first, &rest);
    return rs_text_equal_nocase(host, rs_text_from(name)) || rs_text_equal_nocase(host, first) ||
           rs_text_equal_nocase(host, d->hostname) || rs_text_equal_nocase(host, RS_TEXT("localhost"));
}

bool directories_have_host(void *directories, rs_text application, rs_text host)
{
    struct directories *d = directories;

    if (host.size == 0 || !read_tables(d))
        return false;
    for (size_t i = 0; i < tables_reservation_count(d->tables); i++) {
        const struct tables_reservation *row = tables_reservation(d->tables, i);
        bool wildcard = row->prefix.category == TABLES_STRONG || row->prefix.category == TABLES_WEAK;
        if (rs_text_equal_nocase(row->application, application) &&
            (wildcard ? is_own_name(d, host) : rs_text_equal_nocase(row->prefix.host, host)))
            return true;
    }
    return false;
}

void directories_close(struct directories *d)
{
    if (!d)
        return;
    tables_snapshot_unref(d->tables);
    tables_db_close(d->db);
    rs_job_destroy(d->memory);
    free(d);
}
