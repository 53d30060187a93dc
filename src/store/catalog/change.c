#include "store/catalog/catalog.h"

#include <stdio.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/catalog/db.h"
#include "store/catalog/name.h"
#include "store/catalog/seal.h"

/* A random GUID (version 4 of RFC 4122). */
static rs_text new_id(struct rs_job *job)
{
    unsigned char b[16];

    if (getrandom(b, sizeof b, 0) != sizeof b)
        rs_log_abort("store/catalog: the system gives no random bytes");
    b[6] = (b[6] & 0x0F) | 0x40;
    b[8] = (b[8] & 0x3F) | 0x80;
    return rs_text_format(job, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
                          b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

static rs_status check_description(struct rs_job *job, rs_text description)
{
    size_t count = 0;

    if (!rs_text_is_utf8(description))
        return rs_fail(job, RS_INVALID, "the description is not UTF-8");
    for (size_t at = 0; at < description.size; count++)
        rs_text_next(description, &at);
    if (count > CATALOG_DESCRIPTION_MAX)
        return rs_fail(job, RS_INVALID, "the description has %zu characters; at most %d are kept", count,
                       CATALOG_DESCRIPTION_MAX);
    return RS_OK;
}

static rs_status check_content(struct rs_job *job, rs_text content)
{
    if (content.size > CATALOG_CONTENT_MAX)
        return rs_fail(job, RS_OVER_LIMIT, "the content has %zu bytes; an item holds at most %zu",
                       content.size, CATALOG_CONTENT_MAX);
    return RS_OK;
}

/* ---- pieces of a change -------------------------------------------------------------------------- */

static rs_status write_content(struct rs_job *job, struct catalog *catalog, int64_t number, rs_text content)
{
    RS_OWNED(db_query) query = NULL;

    RS_TRY(db_query(job, catalog, "INSERT OR REPLACE INTO content (item, bytes) VALUES (?, ?)", &query));
    db_bind_int(query, 1, number);
    db_bind_bytes(query, 2, content);
    return db_run(job, query);
}

static rs_status write_references(struct rs_job *job, struct catalog *catalog, int64_t number,
                                  const struct catalog_references *references)
{
    RS_OWNED(db_query) clear = NULL;

    RS_TRY(db_query(job, catalog, "DELETE FROM reference WHERE item = ?", &clear));
    db_bind_int(clear, 1, number);
    RS_TRY(db_run(job, clear));
    for (size_t i = 0; i < references->count; i++) {
        const struct catalog_reference *reference = &references->items[i];
        struct catalog_item *target = NULL;
        RS_OWNED(db_query) query = NULL;

        if (reference->path.size > 0)
            RS_TRY(catalog_find(job, catalog, reference->path, &target));
        RS_TRY(db_query(job, catalog,
                        "INSERT OR REPLACE INTO reference (item, name, target, path) VALUES (?, ?, ?, ?)", &query));
        db_bind_int(query, 1, number);
        db_bind_text(query, 2, reference->name);
        if (target)
            db_bind_int(query, 3, target->number);
        else
            db_bind_null(query, 3);
        db_bind_text(query, 4, reference->path);
        RS_TRY(db_run(job, query));
    }
    return RS_OK;
}

/* References that waited for an item at this path are tied to it: a report may come before its data source. */
static rs_status tie_waiting(struct rs_job *job, struct catalog *catalog, int64_t number, rs_text path)
{
    RS_OWNED(db_query) query = NULL;

    RS_TRY(db_query(job, catalog, "UPDATE reference SET target = ? WHERE target IS NULL AND path = ? COLLATE NOCASE",
                    &query));
    db_bind_int(query, 1, number);
    db_bind_text(query, 2, path);
    return db_run(job, query);
}

/* The row of a new item; gives its number. */
static rs_status insert_item(struct rs_job *job, struct catalog *catalog, const struct catalog_new *wanted,
                             const struct catalog_item *folder, rs_text name, int64_t *number)
{
    RS_OWNED(db_query) query = NULL;
    int64_t revision, now_ms = rs_clock_utc_ms();
    rs_text key;

    RS_TRY(catalog_name_key(job, name, &key));
    RS_TRY(db_next_revision(job, catalog, &revision));
    RS_TRY(db_query(job, catalog,
                    "INSERT INTO item (id, parent, name, name_key, kind, description, hidden, mime_type, size,"
                    " created_by, created_ms, modified_by, modified_ms, revision, content_revision)"
                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?10, ?11, ?12, ?12)",
                    &query));
    db_bind_text(query, 1, new_id(job));
    db_bind_int(query, 2, folder->number);
    db_bind_text(query, 3, name);
    db_bind_text(query, 4, key);
    db_bind_int(query, 5, wanted->kind);
    db_bind_text(query, 6, wanted->description);
    db_bind_int(query, 7, wanted->hidden);
    db_bind_text(query, 8, wanted->mime_type);
    db_bind_int(query, 9, (int64_t)wanted->content.size);
    db_bind_text(query, 10, wanted->by);
    db_bind_int(query, 11, now_ms);
    db_bind_int(query, 12, revision);
    RS_TRY(db_run(job, query));
    *number = db_last_number(catalog);
    return RS_OK;
}

/* Who and when, and the next revision; the content's too where `content` is given. */
static rs_status touch_item(struct rs_job *job, struct catalog *catalog, int64_t number, rs_text by,
                            const rs_text *content)
{
    RS_OWNED(db_query) query = NULL;
    int64_t revision;

    RS_TRY(db_next_revision(job, catalog, &revision));
    RS_TRY(db_query(job, catalog,
                    "UPDATE item SET modified_by = ?1, modified_ms = ?2, revision = ?3,"
                    " content_revision = iif(?4 IS NULL, content_revision, ?3), size = coalesce(?4, size)"
                    " WHERE number = ?5",
                    &query));
    db_bind_text(query, 1, by);
    db_bind_int(query, 2, rs_clock_utc_ms());
    db_bind_int(query, 3, revision);
    if (content)
        db_bind_int(query, 4, (int64_t)content->size);
    else
        db_bind_null(query, 4);
    db_bind_int(query, 5, number);
    RS_TRY(db_run(job, query));
    if (db_changes(catalog) == 0)
        return rs_fail(job, RS_NOT_FOUND, "the item was removed by somebody else in the meantime");
    return content ? write_content(job, catalog, number, *content) : RS_OK;
}

static rs_status write_properties(struct rs_job *job, struct catalog *catalog, int64_t number,
                                  const struct catalog_change *change)
{
    RS_OWNED(db_query) query = NULL;

    RS_TRY(db_query(job, catalog,
                    "UPDATE item SET description = coalesce(?1, description), hidden = coalesce(?2, hidden),"
                    " mime_type = coalesce(?3, mime_type) WHERE number = ?4",
                    &query));
    if (change->description)
        db_bind_text(query, 1, *change->description);
    if (change->hidden)
        db_bind_int(query, 2, *change->hidden);
    if (change->mime_type)
        db_bind_text(query, 3, *change->mime_type);
    db_bind_int(query, 4, number);
    return db_run(job, query);
}

/* ---- the changes --------------------------------------------------------------------------------- */

static rs_status find_folder_for(struct rs_job *job, struct catalog *catalog, rs_text path,
                                 struct catalog_item **folder, rs_text *name)
{
    rs_text folder_path;

    catalog_path_split(path, &folder_path, name);
    RS_TRY(catalog_name_check(job, *name));
    RS_TRY(catalog_path_check(job, path));
    RS_TRY(catalog_item_at(job, catalog, folder_path, folder));
    if ((*folder)->kind != CATALOG_FOLDER)
        return rs_fail(job, CATALOG_WRONG_KIND, "'%.*s' is not a folder", RS_TEXT_ARG(folder_path));
    return RS_OK;
}

static rs_status replace_item(struct rs_job *job, struct catalog *catalog, const struct catalog_new *wanted,
                              const struct catalog_item *existing)
{
    struct catalog_change change = {
        .description = wanted->description.size > 0 ? &wanted->description : NULL,
        .mime_type = wanted->mime_type.size > 0 ? &wanted->mime_type : NULL,
    };

    if (!wanted->overwrite)
        return rs_fail(job, CATALOG_EXISTS,
                       "the item '%.*s' already exists; give another name, or ask to overwrite it",
                       RS_TEXT_ARG(existing->path));
    if (existing->kind != wanted->kind || existing->kind == CATALOG_FOLDER)
        return rs_fail(job, CATALOG_EXISTS, "the item '%.*s' already exists and is a %s; it cannot be overwritten",
                       RS_TEXT_ARG(existing->path), catalog_kind_name(existing->kind));
    RS_TRY(write_properties(job, catalog, existing->number, &change));
    return touch_item(job, catalog, existing->number, wanted->by, &wanted->content);
}

static rs_status create_item(struct rs_job *job, struct catalog *catalog, const struct catalog_new *wanted,
                             struct catalog_item **out, bool *replaced)
{
    struct catalog_item *folder, *existing;
    rs_text name;
    int64_t number;

    RS_TRY(find_folder_for(job, catalog, wanted->path, &folder, &name));
    RS_TRY(catalog_find(job, catalog, wanted->path, &existing));
    if (existing) {
        RS_TRY(replace_item(job, catalog, wanted, existing));
        number = existing->number;
    } else {
        RS_TRY(insert_item(job, catalog, wanted, folder, name, &number));
        if (wanted->kind != CATALOG_FOLDER)
            RS_TRY(write_content(job, catalog, number, wanted->content));
        if (wanted->kind == CATALOG_DATA_SOURCE || wanted->kind == CATALOG_DATA_SET)
            RS_TRY(tie_waiting(job, catalog, number, wanted->path));
    }
    if (wanted->references)
        RS_TRY(write_references(job, catalog, number, wanted->references));
    if (replaced)
        *replaced = existing != NULL;
    return catalog_find(job, catalog, wanted->path, out);
}

rs_status catalog_create(struct rs_job *job, struct catalog *catalog, const struct catalog_new *wanted,
                         struct catalog_item **out, bool *replaced)
{
    RS_OWNED(db_change) change = NULL;

    RS_TRY(check_description(job, wanted->description));
    RS_TRY(check_content(job, wanted->content));
    if (wanted->path.size == 1 && wanted->path.bytes[0] == '/')
        return rs_fail(job, CATALOG_EXISTS, "the item '/' already exists");
    RS_TRY(db_change_begin(job, catalog, &change));
    RS_TRY(seal_agree(job, catalog, wanted->key_check));
    RS_TRY(create_item(job, catalog, wanted, out, replaced));
    return db_change_commit(job, change);
}

rs_status catalog_set(struct rs_job *job, struct catalog *catalog, const struct catalog_item *item,
                      const struct catalog_change *wanted)
{
    RS_OWNED(db_change) change = NULL;

    if (wanted->description)
        RS_TRY(check_description(job, *wanted->description));
    if (wanted->content) {
        RS_TRY(check_content(job, *wanted->content));
        if (item->kind == CATALOG_FOLDER)
            return rs_fail(job, CATALOG_WRONG_KIND, "'%.*s' is a folder; it has no content", RS_TEXT_ARG(item->path));
    }
    RS_TRY(db_change_begin(job, catalog, &change));
    RS_TRY(write_properties(job, catalog, item->number, wanted));
    RS_TRY(touch_item(job, catalog, item->number, wanted->by, wanted->content));
    return db_change_commit(job, change);
}

rs_status catalog_set_references(struct rs_job *job, struct catalog *catalog, const struct catalog_item *item,
                                 const struct catalog_references *references)
{
    RS_OWNED(db_change) change = NULL;
    int64_t revision;

    RS_TRY(db_change_begin(job, catalog, &change));
    RS_TRY(write_references(job, catalog, item->number, references));
    RS_TRY(db_next_revision(job, catalog, &revision));
    return db_change_commit(job, change);
}

/* Paths below a moved folder grow or shrink with it. */
static rs_status check_paths_below(struct rs_job *job, struct catalog *catalog, const struct catalog_item *item,
                                   rs_text path)
{
    struct catalog_items below;
    size_t before = catalog_path_length(item->path), after = catalog_path_length(path);

    if (item->kind != CATALOG_FOLDER || after <= before)
        return RS_OK;
    RS_TRY(catalog_children(job, catalog, item, true, &below));
    for (size_t i = 0; i < below.count; i++)
        if (catalog_path_length(below.items[i].path) - before + after > CATALOG_PATH_MAX)
            return rs_fail(job, CATALOG_PATH_LONG,
                           "after the move the path of '%.*s' would be longer than %d characters",
                           RS_TEXT_ARG(below.items[i].path), CATALOG_PATH_MAX);
    return RS_OK;
}

/* True where `folder` is the item or inside it. Both paths come from the catalog, so their spelling agrees. */
static bool is_inside(const struct catalog_item *folder, const struct catalog_item *item)
{
    return rs_text_equal(folder->path, item->path) ||
           (rs_text_starts(folder->path, item->path) && folder->path.bytes[item->path.size] == '/');
}

static rs_status move_item(struct rs_job *job, struct catalog *catalog, const struct catalog_item *item,
                           rs_text path, rs_text by)
{
    RS_OWNED(db_query) query = NULL;
    struct catalog_item *folder, *existing;
    rs_text name, key;

    RS_TRY(find_folder_for(job, catalog, path, &folder, &name));
    RS_TRY(catalog_find(job, catalog, path, &existing));
    if (existing && existing->number != item->number) /* the same item: only its spelling changes */
        return rs_fail(job, CATALOG_EXISTS, "the item '%.*s' already exists", RS_TEXT_ARG(existing->path));
    if (is_inside(folder, item))
        return rs_fail(job, CATALOG_MOVE_INVALID, "the folder '%.*s' cannot be moved into itself",
                       RS_TEXT_ARG(item->path));
    RS_TRY(check_paths_below(job, catalog, item, path));
    RS_TRY(catalog_name_key(job, name, &key));
    RS_TRY(db_query(job, catalog, "UPDATE item SET parent = ?, name = ?, name_key = ? WHERE number = ?", &query));
    db_bind_int(query, 1, folder->number);
    db_bind_text(query, 2, name);
    db_bind_text(query, 3, key);
    db_bind_int(query, 4, item->number);
    RS_TRY(db_run(job, query));
    return touch_item(job, catalog, item->number, by, NULL);
}

rs_status catalog_move(struct rs_job *job, struct catalog *catalog, const struct catalog_item *item, rs_text path,
                       rs_text by)
{
    RS_OWNED(db_change) change = NULL;

    if (item->number == 1)
        return rs_fail(job, CATALOG_RESERVED, "the root folder '/' cannot be moved or renamed");
    RS_TRY(db_change_begin(job, catalog, &change));
    RS_TRY(move_item(job, catalog, item, path, by));
    return db_change_commit(job, change);
}

rs_status catalog_delete(struct rs_job *job, struct catalog *catalog, const struct catalog_item *item)
{
    RS_OWNED(db_change) change = NULL;
    RS_OWNED(db_query) query = NULL;
    int64_t revision;

    if (item->number == 1)
        return rs_fail(job, CATALOG_RESERVED, "the root folder '/' cannot be deleted");
    RS_TRY(db_change_begin(job, catalog, &change));
    RS_TRY(db_next_revision(job, catalog, &revision));
    RS_TRY(db_query(job, catalog, "DELETE FROM item WHERE number = ?", &query)); /* cascades to what is below */
    db_bind_int(query, 1, item->number);
    RS_TRY(db_run(job, query));
    return db_change_commit(job, change);
}
