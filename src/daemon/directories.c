/* The file has a line for each directory, `directory APPLICATION NAME`, and for each host of a URL, `host APPLICATION NAME`, where
 * a wildcard's name is `*`.
 */
#include "daemon/directories.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "daemon/paths.h"
#include "net/tables/snapshot.h"

#define DIRECTORIES_MAX ((size_t)16 << 20) /* bytes of the file */

struct directories {
    rs_text path;          /* borrowed */
    rs_text hostname;      /* borrowed */
    struct rs_job *memory; /* of what follows */
    struct stat file;      /* that it is of */
    rs_text lines, report_server, portal;
};

/* ---- the parent -------------------------------------------------------------------------------------------- */

static void write_line(rs_buf *out, const char *what, rs_text application, rs_text name)
{
    rs_buf_printf(out, "%s %.*s %.*s\n", what, RS_TEXT_ARG(application), RS_TEXT_ARG(name));
}

static bool is_ours(const struct tables_application *application)
{
    return application && application->kind == TABLES_REPORT_SERVER && application->target.size == 0;
}

static rs_text written(struct rs_job *job, const struct tables_snapshot *tables)
{
    rs_buf out = rs_buf_in(job);

    for (size_t i = 0; i < tables_application_count(tables); i++) {
        const struct tables_application *application = tables_application(tables, i);
        if (is_ours(application))
            write_line(&out, "directory", application->name, application->directory);
    }
    for (size_t i = 0; i < tables_reservation_count(tables); i++) {
        const struct tables_reservation *row = tables_reservation(tables, i);
        bool wildcard = row->prefix.category == TABLES_STRONG || row->prefix.category == TABLES_WEAK;
        if (is_ours(tables_application_find(tables, row->application)))
            write_line(&out, "host", row->application, wildcard ? RS_TEXT("*") : row->prefix.host);
    }
    return rs_buf_text(&out);
}

rs_status directories_tell(struct rs_job *job, const struct paths *paths, const struct tables_snapshot *before,
                           const struct tables_snapshot *tables)
{
    rs_text now = written(job, tables);

    if (before && rs_text_equal(written(job, before), now))
        return RS_OK;
    return rs_file_replace(job, paths->directories, now, 0640);
}

/* ---- a worker ---------------------------------------------------------------------------------------------- */

struct line {
    rs_text what, application, name;
};

static bool next_line(rs_text *rest, struct line *out)
{
    rs_text line;

    if (rest->size == 0)
        return false;
    rs_text_cut(*rest, '\n', &line, rest);
    rs_text_cut(line, ' ', &out->what, &line);
    rs_text_cut(line, ' ', &out->application, &out->name);
    return true;
}

static rs_status read_lines(struct rs_job *job, struct directories *d)
{
    rs_text rest;
    struct line line;

    RS_TRY(rs_file_read(job, d->path, DIRECTORIES_MAX, &d->lines));
    for (rest = d->lines; next_line(&rest, &line);) {
        rs_text *wanted = rs_text_equal(line.application, RS_TEXT("ReportServerWebApp")) ? &d->portal : &d->report_server;
        if (rs_text_equal(line.what, RS_TEXT("directory")))
            *wanted = rs_text_format(job, "/%.*s", RS_TEXT_ARG(line.name));
    }
    return RS_OK;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* The file is looked at before it is read: should it be replaced in between, the next look reads again. */
static rs_status look(struct rs_job *job, struct directories *d)
{
    RS_OWNED(rs_job) memory = rs_job_create(NULL);
    struct directories next = *d;

    if (stat(d->path.bytes, &next.file) != 0)
        return rs_fail(job, RS_NOT_FOUND, "\"%.*s\" cannot be looked at: %s", RS_TEXT_ARG(d->path), strerror(errno));
    if (d->memory && is_same(&next.file, &d->file))
        return RS_OK;
    if (read_lines(memory, &next) != RS_OK) {
        rs_text why = rs_job_error(memory);
        return rs_fail(job, rs_job_status(memory), "%.*s", RS_TEXT_ARG(why));
    }
    rs_job_destroy(d->memory);
    *d = next;
    d->memory = rs_move(memory);
    return RS_OK;
}

static void look_again(struct directories *d)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    if (look(job, d) != RS_OK) {
        rs_text why = rs_job_error(job);
        rs_log(RS_LOG_WARNING, "virtual directories and hosts are taken as they were: %.*s", RS_TEXT_ARG(why));
    }
}

void directories_now(void *directories, rs_text *report_server, rs_text *portal)
{
    struct directories *d = directories;

    look_again(d);
    *report_server = d->report_server;
    *portal = d->portal;
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
    struct line line;

    if (host.size == 0)
        return false;
    look_again(d);
    for (rs_text rest = d->lines; next_line(&rest, &line);) {
        bool wildcard = rs_text_equal(line.name, RS_TEXT("*"));
        if (rs_text_equal(line.what, RS_TEXT("host")) && rs_text_equal_nocase(line.application, application) &&
            (wildcard ? is_own_name(d, host) : rs_text_equal_nocase(line.name, host)))
            return true;
    }
    return false;
}

rs_status directories_open(struct rs_job *job, const struct paths *paths, rs_text hostname, struct directories **out)
{
    RS_OWNED(directories) d = calloc(1, sizeof *d);

    if (!d)
        return rs_fail(job, RS_NO_MEMORY, "no memory for the names of virtual directories");
    d->path = paths->directories;
    d->hostname = hostname;
    RS_TRY(look(job, d));
    *out = rs_move(d);
    return RS_OK;
}

void directories_close(struct directories *d)
{
    if (!d)
        return;
    rs_job_destroy(d->memory);
    free(d);
}
