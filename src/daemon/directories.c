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

rs_status directories_open(struct rs_job *job, const struct paths *paths, struct directories **out)
{
    RS_OWNED(directories) d = calloc(1, sizeof *d);

    if (!d)
        return rs_fail(job, RS_NO_MEMORY, "no memory for the names of virtual directories");
    d->memory = rs_job_create(NULL);
    d->revision = -1;
    if (access(paths->https_db.bytes, F_OK) != 0)
        return rs_fail(job, RS_NOT_FOUND, "\"%.*s\" is no instance: there is no https.db; `bindery --instance DIR init` makes "
                       "one", RS_TEXT_ARG(paths->instance));
    RS_TRY(tables_db_open(job, paths->https_db, &d->db));
    if (look(d) != RS_OK)
        return rs_fail(job, RS_FAILED, "the virtual directories cannot be read from \"%.*s\"", RS_TEXT_ARG(paths->https_db));
    *out = rs_move(d);
    return RS_OK;
}

void directories_close(struct directories *d)
{
    if (!d)
        return;
    tables_db_close(d->db);
    rs_job_destroy(d->memory);
    free(d);
}
