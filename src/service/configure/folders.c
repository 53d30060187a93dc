/* ListWatchedFolders, WatchFolder, UnwatchFolder, ScanWatchedFolders: certificates that others renew, taken over.
 *
 * A watched folder is only ever read. The newest certificate in it that can be used is copied into the store and put into
 * the folder's slot; half-written files cannot be used yet and are looked at again. So what is served never depends on a
 * folder that somebody else writes to, and a rollback has what it needs.
 */
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/vec.h"
#include "format/json/json.h"
#include "net/pki/export.h"
#include "net/pki/import.h"
#include "net/pki/load.h"
#include "net/pki/remove.h"
#include "service/configure/inside.h"

#define WATCH_SUBFOLDERS_MAX 1000
#define WATCH_TAG_SIZE 8 /* hexadecimal digits of the thumbprint in the name of a copy */

/* One folder with certificates, and where they go. */
struct source {
    rs_text path;
    rs_text slot;
    rs_text watched; /* the folder that was asked to be watched: it, or the one it is in */
};
RS_VEC_TYPE(struct source, source_vec);

/* ---- which folders ------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    return rs_text_compare(((const struct source *)a)->path, ((const struct source *)b)->path);
}

/* certbot's live/NAME, and whatever has the same shape: each folder is a slot of its name. */
static void add_subfolders(struct rs_job *job, rs_text path, struct source_vec *out)
{
    DIR *listing = opendir(rs_text_terminated(job, path));
    size_t first = out->count;
    struct dirent *entry;
    struct stat info;

    while (listing && (entry = readdir(listing)) != NULL && out->count - first < WATCH_SUBFOLDERS_MAX) {
        rs_text below = rs_text_format(job, "%.*s/%s", RS_TEXT_ARG(path), entry->d_name);
        if (entry->d_name[0] != '.' && stat(below.bytes, &info) == 0 && S_ISDIR(info.st_mode))
            rs_vec_push(job, out, (struct source){below, rs_text_copy(job, rs_text_from(entry->d_name)), path});
    }
    if (listing)
        closedir(listing);
    if (out->count > first)
        qsort(out->items + first, out->count - first, sizeof out->items[0], by_name);
}

static void sources(struct rs_job *job, const struct tables_snapshot *snapshot, struct source_vec *out)
{
    for (size_t i = 0; i < tables_folder_count(snapshot); i++) {
        const struct tables_folder *folder = tables_folder(snapshot, i);
        if (folder->slot.size > 0)
            rs_vec_push(job, out, (struct source){folder->path, folder->slot, folder->path});
        else
            add_subfolders(job, folder->path, out);
    }
}

/* ---- the newest certificate ---------------------------------------------------------------- */

static bool chain_is_whole(const struct pki_entry *entry)
{
    for (size_t i = 0; i < entry->reason_count; i++)
        if (entry->reasons[i].code == PKI_CHAIN_INCOMPLETE)
            return false;
    return true;
}

/* `a` before `b`: usable, newer, with its chain. */
static bool is_better(const struct pki_entry *a, const struct pki_entry *b)
{
    if (!b || a->usable != b->usable)
        return !b || a->usable;
    if (a->not_before_ms != b->not_before_ms)
        return a->not_before_ms > b->not_before_ms;
    return chain_is_whole(a) && !chain_is_whole(b);
}

static const struct pki_entry *newest(const struct pki_store *store)
{
    const struct pki_entry *best = NULL;

    for (size_t i = 0; i < pki_store_count(store); i++)
        if (is_better(pki_store_entry(store, i), best))
            best = pki_store_entry(store, i);
    return best;
}

/* Why there is nothing to take over from the folder yet; empty: there is. */
static rs_text why_not(struct rs_job *job, const struct pki_store *store, const struct pki_entry *entry)
{
    if (!entry && pki_store_broken_count(store) > 0) {
        const struct pki_broken *broken = pki_store_broken(store, 0);
        return rs_text_format(job, "\"%.*s\": %.*s", RS_TEXT_ARG(broken->file), RS_TEXT_ARG(broken->sentence));
    }
    if (!entry)
        return RS_TEXT("there is no certificate in it");
    for (size_t i = 0; i < entry->reason_count; i++)
        if (entry->reasons[i].severity == PKI_FATAL)
            return rs_text_format(job, "\"%.*s\": %.*s", RS_TEXT_ARG(entry->file), RS_TEXT_ARG(entry->reasons[i].sentence));
    return RS_TEXT("");
}

/* ---- taking over --------------------------------------------------------------------------- */

static rs_text copy_name(struct call *call, rs_text slot, rs_text sha256)
{
    return rs_text_format(call->job, "%.*s-%.*s", RS_TEXT_ARG(slot), WATCH_TAG_SIZE,
                          rs_text_lower(call->job, sha256).bytes);
}

/* Certificate, chain and key, judged once more as they are now. */
static rs_status copy_into_store(struct call *call, rs_text slot, const struct pki_import_file *files, size_t count,
                                 const char *password, rs_text name, const struct pki_entry **out)
{
    struct pki_import wish = {.store = call->instance->store, .folder = call->instance->certificate_folder, .files = files,
                              .file_count = count, .password = password, .name = name, .replace_name = true};
    const struct pki_imported *imported;
    size_t imported_count;

    RS_TRY(call_rescan(call));
    RS_TRY(pki_import(call->job, &wish, &imported, &imported_count));
    RS_TRY(call_rescan(call));
    if (imported_count != 1 || imported[0].issuer)
        return rs_fail(call->job, PKI_NOT_FIT, "there is not one certificate for the slot \"%.*s\"", RS_TEXT_ARG(slot));
    return call_certificate(call, imported[0].sha256, out);
}

static bool is_used(const struct tables_snapshot *snapshot, rs_text sha256)
{
    for (size_t i = 0; i < tables_binding_count(snapshot); i++)
        if (tables_binding_shows(tables_binding(snapshot, i), sha256))
            return true;
    for (size_t i = 0; i < tables_slot_count(snapshot); i++)
        if (rs_text_equal_nocase(tables_slot(snapshot, i)->sha256, sha256))
            return true;
    return false;
}

/* Copies that the slot held long ago: all but the one it holds and the one before. Told by their names, which hold their
 * own thumbprints. */
static void prune(struct call *call, rs_text slot, rs_text before)
{
    RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = call->job});
    struct pki_store *store = call->instance->store;
    const struct tables_snapshot *snapshot;
    const rs_text *files;
    size_t count;

    if (call_tables(call, &snapshot) != RS_OK) {
        rs_job_forgive(call->job);
        return;
    }
    for (size_t i = 0; i < pki_store_count(store); i++) {
        const struct pki_entry *entry = pki_store_entry(store, i);
        rs_text ending = rs_text_format(part, "/%.*s.crt", RS_TEXT_ARG(copy_name(call, slot, entry->sha256)));
        if (rs_text_ends(entry->file, ending) && !rs_text_equal_nocase(entry->sha256, before) &&
            !is_used(snapshot, entry->sha256) && pki_remove_files(part, store, entry, &files, &count) == RS_OK)
            (void)!pki_remove(part, files, count); /* what stays is tried again next time */
    }
}

rs_status slot_take(struct call *call, rs_text slot, rs_text source, const struct pki_import_file *files, size_t count,
                    const char *password, rs_text sha256)
{
    const struct tables_snapshot *snapshot;
    const struct tables_slot *held;
    const struct pki_entry *entry;
    rs_text before;

    RS_TRY(call_tables(call, &snapshot));
    held = tables_slot_find(snapshot, slot);
    before = held ? held->sha256 : RS_TEXT("");
    RS_TRY(copy_into_store(call, slot, files, count, password, copy_name(call, slot, sha256), &entry));
    RS_TRY(slot_fill(call, slot, entry, source, false));
    prune(call, slot, before);
    return RS_OK;
}

static rs_status take_over(struct call *call, const struct source *source, const struct pki_entry *entry)
{
    struct pki_import_file files[2] = {{.name = entry->file}, {.name = entry->key_file}};
    struct pki_file key = {0};
    rs_text problem;
    const char *password = pki_password_read(call->job, entry->key_file, &problem);
    rs_status status;

    RS_TRY(pki_export(call->job, entry, NULL, PKI_FORMAT_PEM, NULL, &files[0].bytes));
    status = pki_file_read(call->job, entry->key_file, PKI_FILE_MAX, &key);
    files[1].bytes = key.bytes;
    if (status == RS_OK)
        status = slot_take(call, source->slot, rs_text_format(call->job, "the folder %.*s", RS_TEXT_ARG(source->watched)), files, 2,
                           password, entry->sha256);
    pki_wipe(key.bytes);
    return status;
}

/* One folder: opened, looked at, and its newest certificate moved where it is another. */
static rs_status look_at(struct call *call, const struct source *source, const struct tables_snapshot *snapshot, json_t *out)
{
    const struct tables_slot *held = tables_slot_find(snapshot, source->slot);
    const struct pki_entry *entry;
    struct pki_store *store;
    rs_text problem;

    RS_TRY(pki_store_open(call->job, &(struct pki_store_options){.folder = source->path, .read_only = true}, &store));
    rs_job_at_end(call->job, (void (*)(void *))pki_store_close, store);
    entry = newest(store);
    problem = why_not(call->job, store, entry);
    if (entry) {
        put_text(out, "thumbprint", entry->sha1);
        put_time(out, "not_after", entry->not_after_ms);
    }
    if (problem.size > 0) {
        put_text(out, "message", problem);
        return RS_OK;
    }
    if (held && rs_text_equal_nocase(held->sha256, entry->sha256))
        return RS_OK;
    return take_over(call, source, entry);
}

/* Folders do not keep each other from being looked at. */
static void look_at_each(struct call *call, const struct tables_snapshot *snapshot, rs_text watched)
{
    json_t *folders = put_array(call->result, "folders"), *moved = put_array(call->result, "moved");
    struct source_vec list = {0};

    sources(call->job, snapshot, &list);
    for (size_t i = 0; i < list.count; i++) {
        const struct source *source = &list.items[i];
        RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = call->job});
        struct call one = {.job = part, .instance = call->instance, .arguments = call->arguments, .caller = call->caller,
                           .result = json_keep(part, json_object())};
        json_t *out;
        if (watched.size > 0 && !rs_text_equal(source->watched, watched))
            continue;
        out = add_object(folders);
        put_text(out, "folder", source->path);
        put_text(out, "slot", source->slot);
        if (look_at(&one, source, snapshot, out) != RS_OK)
            put_text(out, "message", rs_job_error(part));
        if (json_is_true(json_object_get(one.result, "changed")))
            add_text(moved, source->slot);
    }
}

/* ---- the operations ------------------------------------------------------------------------ */

rs_status scan_folders(struct call *call)
{
    const struct tables_snapshot *snapshot;

    RS_TRY(call_tables(call, &snapshot));
    look_at_each(call, snapshot, RS_TEXT(""));
    return RS_OK;
}

/* What is seen there now, and what the slots hold; nothing is moved. */
rs_status list_folders(struct call *call)
{
    json_t *watched = put_array(call->result, "watched"), *folders = put_array(call->result, "folders");
    const struct tables_snapshot *snapshot;
    struct source_vec list = {0};

    RS_TRY(call_tables(call, &snapshot));
    for (size_t i = 0; i < tables_folder_count(snapshot); i++) {
        json_t *row = add_object(watched);
        put_text(row, "folder", tables_folder(snapshot, i)->path);
        put_text(row, "slot", tables_folder(snapshot, i)->slot);
    }
    sources(call->job, snapshot, &list);
    for (size_t i = 0; i < list.count; i++) {
        const struct tables_slot *held = tables_slot_find(snapshot, list.items[i].slot);
        const struct pki_entry *entry = NULL;
        RS_OWNED(pki_store) store = NULL;
        json_t *row = add_object(folders);
        rs_text message;
        put_text(row, "folder", list.items[i].path);
        put_text(row, "slot", list.items[i].slot);
        RS_TRY(pki_store_open(call->job, &(struct pki_store_options){.folder = list.items[i].path, .read_only = true}, &store));
        entry = newest(store);
        message = why_not(call->job, store, entry);
        if (entry) {
            put_text(row, "thumbprint", entry->sha1);
            put_time(row, "not_after", entry->not_after_ms);
        }
        put_flag(row, "held", entry && held && rs_text_equal_nocase(held->sha256, entry->sha256));
        put_text(row, "message", message);
    }
    return RS_OK;
}

rs_status watch_folder(struct call *call)
{
    struct tables_change change = {.kind = TABLES_WATCH, .path = call_text(call, "Path"), .slot = call_text(call, "Slot")};
    const struct tables_snapshot *snapshot;
    struct stat info;

    while (change.path.size > 1 && change.path.bytes[change.path.size - 1] == '/')
        change.path.size--;
    if (stat(rs_text_terminated(call->job, change.path), &info) != 0 || !S_ISDIR(info.st_mode))
        return rs_fail(call->job, RS_NOT_FOUND, "\"%.*s\" is not a folder that the server can see", RS_TEXT_ARG(change.path));
    RS_TRY(change_run(call, &change, NULL, NULL));
    if (call_flag(call, "DryRun"))
        return RS_OK;
    RS_TRY(call_tables(call, &snapshot));
    look_at_each(call, snapshot, change.path);
    return RS_OK;
}

rs_status unwatch_folder(struct call *call)
{
    struct tables_change change = {.kind = TABLES_UNWATCH, .path = call_text(call, "Path")};
    const struct tables_snapshot *snapshot;

    while (change.path.size > 1 && change.path.bytes[change.path.size - 1] == '/')
        change.path.size--;
    RS_TRY(call_tables(call, &snapshot));
    if (!tables_folder_find(snapshot, change.path))
        return rs_fail(call->job, RS_NOT_FOUND, "\"%.*s\" is not watched; `bindery cert folders` shows what is",
                       RS_TEXT_ARG(change.path));
    return change_run(call, &change, NULL, NULL);
}
