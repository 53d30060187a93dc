#include "daemon/representation.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/map.h"
#include "daemon/config_frame.h"
#include "daemon/settings.h"
#include "format/xml/edit.h"
#include "net/loop/loop.h"
#include "net/tables/db.h"
#include "service/configure/drift.h"

#define SHOW_EVERY_MS 250  /* the file of a running server is written at most so often */
#define SHOW_SHARE 25      /* and at most this part of the time goes to it */
#define SHOW_AT_ONCE_MS 5  /* where it takes longer than this, changes do not wait for it */
#define SHOW_SOON_MS 50
#define LOOK_AFTER_MS 100  /* editors write in several steps */
#define LOG_LINES_MAX 20   /* of one hand edit */
#define EVENTS_ROOM 4096

#define WAYS_OUT "`bindery url apply --from-config` adopts what the file says, `bindery url apply --discard` writes it back as it was"

static void on_due(void *data);

struct representation {
    rs_text path;
    struct tables_db *db;
    struct stat seen; /* the file when it was last known not to be edited */
    bool settled;     /* `seen` holds */
    struct rs_job *frame_memory;
    struct config_frame frame;      /* of the file as it was written last */
    struct tables_snapshot *framed; /* what it fits; NULL: there is none */
    uint32_t *ends;                 /* of the bindings of `framed` in the file; NULL: it does not show them yet */
    struct config_sum sum;
    /* of a running server */
    int events;                      /* inotify on the folder */
    struct loop_watch *watch;
    struct loop_timer *look, *due;
    int64_t shown_ms;                /* when it was last written */
    int64_t took_ms;                 /* and how long that took */
    struct tables_snapshot *waiting; /* to be shown when due */
    int64_t told;                    /* the last hand edit that was logged */
};

/* ---- bytes ------------------------------------------------------------------------------------ */

rs_status representation_update(struct rs_job *job, rs_text bytes, const struct tables_snapshot *snapshot, rs_text *out,
                                bool *changed)
{
    struct config_frame frame;

    RS_TRY(config_frame_make(job, bytes, snapshot, &frame));
    *out = config_frame_fill(job, &frame, snapshot, NULL,
                             RS_NEW_ARRAY(job, uint32_t, tables_binding_count(snapshot)));
    *changed = !rs_text_equal(*out, bytes);
    return RS_OK;
}

/* ---- the file ----------------------------------------------------------------------------------- */

rs_status representation_read(struct rs_job *job, const struct representation *r, rs_text *out)
{
    return rs_file_read(job, r->path, CONFIG_FILE_MAX, out);
}

void representation_flush(struct representation *r)
{
    if (r->waiting)
        on_due(r);
}

static bool is_untouched(const struct representation *r)
{
    struct stat now;

    return r->settled && stat(r->path.bytes, &now) == 0 && now.st_ino == r->seen.st_ino && now.st_size == r->seen.st_size &&
           now.st_mtim.tv_sec == r->seen.st_mtim.tv_sec && now.st_mtim.tv_nsec == r->seen.st_mtim.tv_nsec &&
           now.st_ctim.tv_sec == r->seen.st_ctim.tv_sec && now.st_ctim.tv_nsec == r->seen.st_ctim.tv_nsec;
}

/* Compare the file with `snapshot`. The file's times are taken before it is read: a later edit shows in them. */
static rs_status find_drift(struct rs_job *job, struct representation *r, struct tables_snapshot *snapshot,
                            struct config_drift *out)
{
    struct stat before;
    int64_t shown;
    rs_text bytes;

    r->settled = false;
    if (stat(r->path.bytes, &before) != 0)
        return rs_fail(job, errno == ENOENT ? RS_NOT_FOUND : RS_IO, "cannot look at \"%.*s\": %s", RS_TEXT_ARG(r->path),
                       strerror(errno));
    RS_TRY(representation_read(job, r, &bytes));
    RS_TRY(tables_db_shown(job, r->db, &shown));
    config_drift_find(job, snapshot, bytes, shown, out);
    if (out->state == CONFIG_IN_STEP && shown != config_shown_next(job, &r->sum, snapshot))
        RS_TRY(tables_db_set_shown(job, r->db, config_shown_next(job, &r->sum, snapshot)));
    r->settled = out->state == CONFIG_IN_STEP || out->state == CONFIG_BEHIND;
    r->seen = before;
    return RS_OK;
}

rs_status representation_check(struct rs_job *job, struct representation *r, struct tables_snapshot *snapshot)
{
    struct config_drift drift;
    rs_status status;

    if (is_untouched(r))
        return RS_OK;
    status = find_drift(job, r, snapshot, &drift);
    if (status == RS_NOT_FOUND) { /* nothing that could be lost; showing the change will say that the file is gone */
        rs_job_forgive(job);
        return RS_OK;
    }
    RS_TRY(status);
    if (drift.state == CONFIG_EDITED)
        return rs_fail(job, RS_CONFLICT, "%.*s; " WAYS_OUT, RS_TEXT_ARG(drift.message));
    if (drift.state == CONFIG_UNREADABLE)
        return rs_fail(job, RS_CONFLICT, "%.*s; mend it before anything is changed", RS_TEXT_ARG(drift.message));
    return RS_OK;
}

static void tell_settled(struct representation *r)
{
    if (r->told != 0)
        rs_log(RS_LOG_INFO, "rsreportserver.config shows the URLs and bindings as they are again");
    r->told = 0;
}

/* With the rows as they are by now: those in `bytes` may be older. */
rs_status representation_replace(struct rs_job *job, struct representation *r, rs_text bytes)
{
    RS_OWNED(tables_snapshot) tables = NULL;
    struct daemon_settings settings;
    rs_text updated;
    bool changed;

    RS_TRY(settings_read(job, bytes, &settings));
    RS_TRY(tables_db_load(job, r->db, &tables));
    RS_TRY(representation_update(job, bytes, tables, &updated, &changed));
    RS_TRY(rs_file_replace(job, r->path, updated, 0640));
    return representation_show_over(job, r, tables);
}

static void frame_forget(struct representation *r)
{
    rs_job_destroy(r->frame_memory);
    tables_snapshot_unref(r->framed);
    free(r->ends);
    r->frame_memory = NULL;
    r->framed = NULL;
    r->ends = NULL;
}

/* The file is parsed again only where somebody else wrote it, or other rows than those of bindings change. */
static rs_status frame_ready(struct rs_job *job, struct representation *r, struct tables_snapshot *snapshot)
{
    struct rs_job *memory;
    struct config_frame made;
    rs_text bytes;

    if (r->framed && is_untouched(r) && config_frame_fits(job, r->framed, snapshot))
        return RS_OK;
    frame_forget(r);
    RS_TRY(representation_read(job, r, &bytes));
    RS_TRY(config_frame_make(job, bytes, snapshot, &made));
    r->frame_memory = memory = rs_job_create(NULL);
    r->frame = (struct config_frame){
        .before = rs_text_copy(memory, made.before),
        .after = rs_text_copy(memory, made.after),
        .has_rows = made.has_rows,
        .prefix = rs_text_copy(memory, made.prefix),
        .row_break = rs_text_copy(memory, made.row_break),
        .field_break = rs_text_copy(memory, made.field_break),
        .end_break = rs_text_copy(memory, made.end_break),
    };
    r->framed = tables_snapshot_ref(snapshot);
    return RS_OK;
}

/* The file as it was written last. False: it cannot be told what stands where in it. */
static bool read_last(struct rs_job *job, const struct representation *r, struct config_filled *out)
{
    size_t count = r->framed ? tables_binding_count(r->framed) : 0;

    if (!r->ends || count == 0 || !is_untouched(r))
        return false;
    *out = (struct config_filled){.tables = r->framed, .ends = r->ends};
    if (representation_read(job, r, &out->bytes) != RS_OK) {
        rs_job_forgive(job);
        return false;
    }
    return is_untouched(r) && out->bytes.size == r->ends[count - 1] + r->frame.after.size;
}

/* The frame fits what the file shows now, and the next rows go between these. */
static void note_shown(struct representation *r, struct tables_snapshot *snapshot, const uint32_t *ends)
{
    size_t size = tables_binding_count(snapshot) * sizeof *ends;

    free(r->ends);
    r->ends = size > 0 ? malloc(size) : NULL;
    if (r->ends)
        memcpy(r->ends, ends, size);
    tables_snapshot_ref(snapshot);
    tables_snapshot_unref(r->framed);
    r->framed = snapshot;
}

/* First the file, then the note of what it shows: whatever is killed in between, the file is in step or behind. */
static rs_status show_now(struct rs_job *job, struct representation *r, struct tables_snapshot *snapshot)
{
    rs_text now = RS_TEXT(""), updated;
    uint32_t *ends = RS_NEW_ARRAY(job, uint32_t, tables_binding_count(snapshot));
    struct config_filled last;

    RS_TRY(frame_ready(job, r, snapshot));
    updated = config_frame_fill(job, &r->frame, snapshot, read_last(job, r, &last) ? &last : NULL, ends);
    if (!is_untouched(r))
        RS_TRY(representation_read(job, r, &now));
    r->settled = false;
    if (!rs_text_equal(now, updated))
        RS_TRY(rs_file_replace(job, r->path, updated, 0640));
    note_shown(r, snapshot, ends);
    RS_TRY(tables_db_set_shown(job, r->db, config_shown_next(job, &r->sum, snapshot)));
    r->settled = stat(r->path.bytes, &r->seen) == 0;
    return RS_OK;
}

rs_status representation_show_over(struct rs_job *job, struct representation *r, struct tables_snapshot *snapshot)
{
    RS_OWNED(rs_job) work = rs_job_create(&(struct rs_job_options){.within = job});
    int64_t started_ms = rs_clock_steady_ms();

    if (show_now(work, r, snapshot) != RS_OK) {
        frame_forget(r);
        return rs_job_adopt(job, work);
    }
    r->shown_ms = rs_clock_steady_ms();
    r->took_ms = r->shown_ms - started_ms;
    tell_settled(r);
    tables_snapshot_unref(r->waiting);
    r->waiting = NULL;
    return RS_OK;
}

/* How long to wait with it: a file that takes long is written after the change was answered, and more rarely. */
static int64_t due_in_ms(const struct representation *r)
{
    int64_t pause_ms = r->took_ms * SHOW_SHARE > SHOW_EVERY_MS ? r->took_ms * SHOW_SHARE : SHOW_EVERY_MS;
    int64_t due_ms = r->shown_ms + pause_ms - rs_clock_steady_ms();

    return r->took_ms > SHOW_AT_ONCE_MS && due_ms < SHOW_SOON_MS ? SHOW_SOON_MS : due_ms;
}

rs_status representation_show(struct rs_job *job, struct representation *r, struct tables_snapshot *snapshot)
{
    int64_t due_ms = due_in_ms(r);

    RS_TRY(representation_check(job, r, snapshot));
    if (!r->due || due_ms <= 0)
        return representation_show_over(job, r, snapshot);
    tables_snapshot_ref(snapshot);
    tables_snapshot_unref(r->waiting);
    r->waiting = snapshot;
    if (!loop_timer_is_running(r->due))
        loop_timer_start(r->due, due_ms, 0);
    return RS_OK;
}

/* ---- of a running server ------------------------------------------------------------------------ */

static void on_due(void *data)
{
    struct representation *r = data;
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    if (!r->waiting || (representation_check(job, r, r->waiting) == RS_OK &&
                        representation_show_over(job, r, r->waiting) == RS_OK))
        return;
    rs_text why = rs_job_error(job);
    rs_log(RS_LOG_ERROR, "rsreportserver.config does not show the last change: %.*s", RS_TEXT_ARG(why));
}

/* A sum that tells one hand edit from the next. */
static int64_t edit_number(const struct config_drift *drift)
{
    uint64_t number = drift->message.size;

    for (size_t i = 0; i < drift->only_in_file.count; i++)
        number = number * 31 + rs_hash(drift->only_in_file.items[i].text);
    for (size_t i = 0; i < drift->only_in_tables.count; i++)
        number = number * 31 + rs_hash(drift->only_in_tables.items[i].text);
    return (int64_t)(number | 1);
}

static void tell(struct rs_job *job, struct representation *r, const struct config_drift *drift)
{
    const rs_text *lines;
    size_t count;

    if (edit_number(drift) == r->told)
        return;
    r->told = edit_number(drift);
    rs_log(RS_LOG_WARNING, "%.*s%s", RS_TEXT_ARG(drift->message),
           drift->state == CONFIG_EDITED ? "; " WAYS_OUT "; until then no change is made" : "; no change is made until it can");
    config_drift_lines(job, drift, &lines, &count);
    for (size_t i = 0; i < count && i < LOG_LINES_MAX; i++)
        rs_log(RS_LOG_WARNING, "rsreportserver.config: %.*s", RS_TEXT_ARG(lines[i]));
    if (count > LOG_LINES_MAX)
        rs_log(RS_LOG_WARNING, "rsreportserver.config: and %zu more; `bindery url apply --from-config --dry-run` shows all",
               count - LOG_LINES_MAX);
}

static rs_status look_at_file(struct rs_job *job, struct representation *r)
{
    RS_OWNED(tables_snapshot) tables = NULL;
    struct config_drift drift;

    if (is_untouched(r))
        return RS_OK;
    RS_TRY(tables_db_load(job, r->db, &tables));
    RS_TRY(find_drift(job, r, tables, &drift));
    if (drift.state == CONFIG_EDITED || drift.state == CONFIG_UNREADABLE) {
        tell(job, r, &drift);
        return RS_OK;
    }
    tell_settled(r);
    return drift.state == CONFIG_BEHIND && !r->waiting ? representation_show(job, r, tables) : RS_OK;
}

static void on_look(void *data)
{
    struct representation *r = data;
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    if (look_at_file(job, r) == RS_OK)
        return;
    rs_text why = rs_job_error(job);
    rs_log(RS_LOG_ERROR, "rsreportserver.config: %.*s", RS_TEXT_ARG(why));
}

static rs_text name_of(const struct representation *r)
{
    return rs_text_from(strrchr(r->path.bytes, '/') + 1);
}

static void on_events(void *data, int events)
{
    struct representation *r = data;
    _Alignas(struct inotify_event) char room[EVENTS_ROOM];
    ssize_t got;

    (void)events;
    while ((got = read(r->events, room, sizeof room)) > 0)
        for (char *at = room; at < room + got; at += sizeof(struct inotify_event) + ((struct inotify_event *)at)->len) {
            const struct inotify_event *event = (const struct inotify_event *)at;
            if (event->len > 0 && rs_text_equal(rs_text_from(event->name), name_of(r)))
                loop_timer_start(r->look, LOOK_AFTER_MS, 0);
        }
}

rs_status representation_live(struct rs_job *job, struct representation *r, struct loop *loop)
{
    rs_text folder = rs_text_of(r->path.bytes, r->path.size - name_of(r).size);

    r->events = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (r->events < 0 || inotify_add_watch(r->events, rs_text_terminated(job, folder), IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE) < 0 ||
        !(r->watch = loop_watch_open(loop, r->events, LOOP_READ, on_events, r)))
        return rs_fail(job, RS_IO, "cannot watch \"%.*s\": %s", RS_TEXT_ARG(folder), strerror(errno));
    r->look = loop_timer_open(loop, on_look, r);
    r->due = loop_timer_open(loop, on_due, r);
    on_look(r);
    return RS_OK;
}

/* ---- its life ----------------------------------------------------------------------------------- */

struct representation *representation_open(rs_text path, struct tables_db *db)
{
    struct representation *r = calloc(1, sizeof *r);

    if (!r)
        abort();
    r->path = path;
    r->db = db;
    r->events = -1;
    return r;
}

void representation_close(struct representation *r)
{
    if (!r)
        return;
    representation_flush(r);
    tables_snapshot_unref(r->waiting);
    tables_snapshot_unref(r->sum.tables);
    frame_forget(r);
    loop_watch_close(r->watch);
    loop_timer_close(r->look);
    loop_timer_close(r->due);
    if (r->events >= 0)
        close(r->events);
    free(r);
}
