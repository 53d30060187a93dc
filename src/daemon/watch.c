#include "daemon/watch.h"

#include <dirent.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "daemon/api.h"
#include "format/json/json.h"
#include "net/tables/snapshot.h"

#define WATCH_EVENTS (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_CREATE | IN_ONLYDIR)
#define WATCH_SETTLE_MS 300    /* after the last event */
#define WATCH_LATEST_MS 2000   /* after the first */
#define WATCH_PERIOD_MS 60000  /* without any */
#define WATCH_JOB_MS 60000
#define WATCH_NEVER (-1) /* revisions that no table has: never set up; to be set up anew */
#define WATCH_ANEW (-2)

void watch_init(struct watch *watch)
{
    *watch = (struct watch){.fd = -1, .revision = WATCH_NEVER};
}

void watch_finish(struct watch *watch)
{
    if (watch->fd >= 0)
        close(watch->fd);
    watch->fd = -1;
}

/* The folder, and those in it: certbot writes to live/NAME. A folder that comes later is an event of the upper one. */
static void add_folder(struct watch *watch, const struct tables_folder *folder)
{
    char path[4096];
    struct dirent *entry;
    DIR *listing;

    if (folder->path.size + 260 > sizeof path)
        return;
    memcpy(path, folder->path.bytes, folder->path.size);
    path[folder->path.size] = '\0';
    (void)inotify_add_watch(watch->fd, path, WATCH_EVENTS);
    listing = folder->slot.size == 0 ? opendir(path) : NULL;
    while (listing && (entry = readdir(listing)) != NULL) {
        size_t size = strlen(entry->d_name);
        if (entry->d_name[0] == '.')
            continue;
        path[folder->path.size] = '/';
        memcpy(path + folder->path.size + 1, entry->d_name, size + 1);
        (void)inotify_add_watch(watch->fd, path, WATCH_EVENTS);
    }
    if (listing)
        closedir(listing);
}

/* Also after each look: folders in a watched one come and go. */
static void set_up(struct watch *watch, const struct tables_snapshot *tables)
{
    watch->revision = tables_snapshot_revision(tables);
    if (tables_folder_count(tables) == 0) {
        watch_finish(watch);
        return;
    }
    if (watch->fd < 0)
        watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    for (size_t i = 0; watch->fd >= 0 && i < tables_folder_count(tables); i++)
        add_folder(watch, tables_folder(tables, i));
}

static bool events_came(struct watch *watch)
{
    char events[4096];
    bool came = false;

    while (watch->fd >= 0 && read(watch->fd, events, sizeof events) > 0)
        came = true;
    return came;
}

/* The same problem is told once, not every minute. */
static void tell(struct watch *watch, const json_t *result)
{
    const json_t *row;
    uint64_t told = 0;
    size_t index;

    json_array_foreach(json_object_get(result, "folders"), index, row)
        told = told * 31 + rs_hash(json_to_text(json_object_get(row, "message")));
    json_array_foreach(json_object_get(result, "folders"), index, row) {
        rs_text folder = json_to_text(json_object_get(row, "folder")), message = json_to_text(json_object_get(row, "message"));
        if (told != watch->told && message.size > 0)
            rs_log(RS_LOG_WARNING, "the watched folder %.*s: %.*s", RS_TEXT_ARG(folder), RS_TEXT_ARG(message));
    }
    json_array_foreach(json_object_get(result, "moved"), index, row)
        rs_log(RS_LOG_INFO, "the slot %s has a new certificate from its watched folder", json_string_value(row));
    watch->told = told;
}

static void look(struct watch *watch, struct api *api)
{
    RS_OWNED(rs_job) job = rs_job_create(&(struct rs_job_options){.deadline_ms = rs_clock_steady_ms() + WATCH_JOB_MS});
    json_t *arguments = json_keep(job, json_object()), *result;

    if (api_run(job, api, "ScanWatchedFolders", arguments, "watched folder", &result) != RS_OK) {
        rs_text why = rs_job_error(job);
        rs_log(RS_LOG_ERROR, "watched folders: %.*s", RS_TEXT_ARG(why));
        return;
    }
    tell(watch, result);
    json_decref(result);
}

void watch_tick(struct watch *watch, struct api *api, const struct tables_snapshot *tables, int64_t now_ms)
{
    if (watch->revision != tables_snapshot_revision(tables)) {
        bool first = watch->revision == WATCH_NEVER;
        set_up(watch, tables);
        if (first)
            watch->due_ms = now_ms; /* what changed while no server ran */
    }
    if (tables_folder_count(tables) == 0)
        return;
    if (events_came(watch)) {
        if (watch->latest_ms == 0)
            watch->latest_ms = now_ms + WATCH_LATEST_MS;
        watch->due_ms = now_ms + WATCH_SETTLE_MS < watch->latest_ms ? now_ms + WATCH_SETTLE_MS : watch->latest_ms;
    }
    if (now_ms < watch->due_ms)
        return;
    watch->latest_ms = 0;
    watch->due_ms = now_ms + WATCH_PERIOD_MS;
    look(watch, api);
    watch->revision = WATCH_ANEW; /* the tables may be others by now, and so may the folders in a watched one */
}
