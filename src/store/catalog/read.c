#include "store/catalog/catalog.h"

#include "store/catalog/db.h"
#include "store/catalog/name.h"

#define COLUMNS                                                                                \
    "number, id, name, kind, description, hidden, mime_type, size, created_by, created_ms,"    \
    " modified_by, modified_ms, revision, content_revision"
enum { COLUMN_PATH = 14 };

const char *catalog_kind_name(enum catalog_kind kind)
{
    switch (kind) {
    case CATALOG_FOLDER:
        return "Folder";
    case CATALOG_REPORT:
        return "Report";
    case CATALOG_RESOURCE:
        return "Resource";
    case CATALOG_LINKED_REPORT:
        return "LinkedReport";
    case CATALOG_DATA_SOURCE:
        return "DataSource";
    case CATALOG_DATA_SET:
        return "DataSet";
    case CATALOG_COMPONENT:
        return "Component";
    }
    return "Unknown";
}

/* The row as an item; its path is the caller's part. */
static struct catalog_item read_item(struct rs_job *job, struct db_query *query)
{
    return (struct catalog_item){
        .number = db_int(query, 0),
        .id = db_text(job, query, 1),
        .name = db_text(job, query, 2),
        .kind = (enum catalog_kind)db_int(query, 3),
        .description = db_text(job, query, 4),
        .hidden = db_int(query, 5) != 0,
        .mime_type = db_text(job, query, 6),
        .size = db_int(query, 7),
        .created_by = db_text(job, query, 8),
        .created_ms = db_int(query, 9),
        .modified_by = db_text(job, query, 10),
        .modified_ms = db_int(query, 11),
        .revision = db_int(query, 12),
        .content_revision = db_int(query, 13),
    };
}

static struct catalog_item *keep(struct rs_job *job, struct catalog_item item)
{
    struct catalog_item *kept = RS_NEW(job, struct catalog_item);

    *kept = item;
    return kept;
}

static rs_status find_root(struct rs_job *job, struct catalog *catalog, struct catalog_item **out)
{
    RS_OWNED(db_query) query = NULL;
    bool row;

    RS_TRY(db_query(job, catalog, "SELECT " COLUMNS " FROM item WHERE number = 1", &query));
    RS_TRY(db_step(job, query, &row));
    if (!row)
        return rs_fail(job, CATALOG_DB_INVALID, "the report server database has no root folder");
    *out = keep(job, read_item(job, query));
    (*out)->path = RS_TEXT("/");
    return RS_OK;
}

static rs_status find_in(struct rs_job *job, struct catalog *catalog, const struct catalog_item *folder,
                         rs_text name, struct catalog_item **out)
{
    RS_OWNED(db_query) query = NULL;
    rs_text key;
    bool row;

    *out = NULL;
    RS_TRY(catalog_name_key(job, name, &key));
    RS_TRY(db_query(job, catalog, "SELECT " COLUMNS " FROM item WHERE parent = ? AND name_key = ?", &query));
    db_bind_int(query, 1, folder->number);
    db_bind_text(query, 2, key);
    RS_TRY(db_step(job, query, &row));
    if (!row)
        return RS_OK;
    *out = keep(job, read_item(job, query));
    (*out)->path = catalog_path_join(job, folder->path, (*out)->name);
    return RS_OK;
}

rs_status catalog_find(struct rs_job *job, struct catalog *catalog, rs_text path, struct catalog_item **out)
{
    rs_text rest = rs_text_from_offset(path, 1), name;
    struct catalog_item *item;

    *out = NULL;
    RS_TRY(catalog_path_check(job, path));
    RS_TRY(find_root(job, catalog, &item));
    while (item && rest.size > 0) {
        rs_text_cut(rest, '/', &name, &rest);
        RS_TRY(find_in(job, catalog, item, name, &item));
    }
    *out = item;
    return RS_OK;
}

rs_status catalog_item_at(struct rs_job *job, struct catalog *catalog, rs_text path, struct catalog_item **out)
{
    RS_TRY(catalog_find(job, catalog, path, out));
    if (!*out)
        return rs_fail(job, RS_NOT_FOUND, "the item '%.*s' cannot be found", RS_TEXT_ARG(path));
    return RS_OK;
}

/* Its path, from itself up to the root. */
static rs_status path_of(struct rs_job *job, struct catalog *catalog, int64_t number, rs_text *out)
{
    RS_OWNED(db_query) query = NULL;
    rs_text path = {0};
    bool row;

    RS_TRY(db_query(job, catalog,
                    "WITH RECURSIVE up(number, parent, name, level) AS ("
                    " SELECT number, parent, name, 0 FROM item WHERE number = ?"
                    " UNION ALL SELECT item.number, item.parent, item.name, level + 1"
                    "  FROM item JOIN up ON item.number = up.parent WHERE level < 300)"
                    " SELECT name FROM up WHERE parent IS NOT NULL ORDER BY level",
                    &query));
    db_bind_int(query, 1, number);
    for (;;) {
        RS_TRY(db_step(job, query, &row));
        if (!row)
            break;
        rs_text name = db_text(job, query, 0);
        path = rs_text_format(job, "/%.*s%.*s", RS_TEXT_ARG(name), RS_TEXT_ARG(path));
    }
    *out = path.size ? path : RS_TEXT("/");
    return RS_OK;
}

rs_status catalog_find_id(struct rs_job *job, struct catalog *catalog, rs_text id, struct catalog_item **out)
{
    RS_OWNED(db_query) query = NULL;
    bool row;

    *out = NULL;
    RS_TRY(db_query(job, catalog, "SELECT " COLUMNS " FROM item WHERE id = ?", &query));
    db_bind_text(query, 1, rs_text_lower(job, id));
    RS_TRY(db_step(job, query, &row));
    if (!row)
        return RS_OK;
    struct catalog_item item = read_item(job, query);
    RS_TRY(path_of(job, catalog, item.number, &item.path));
    *out = keep(job, item);
    return RS_OK;
}

static const char children_query[] = "SELECT " COLUMNS " FROM item WHERE parent = ? ORDER BY name_key";

static const char descendants_query[] =
    "WITH RECURSIVE below(child, path) AS ("
    " SELECT number, '/' || name FROM item WHERE parent = ?"
    " UNION ALL SELECT item.number, below.path || '/' || item.name FROM item JOIN below ON item.parent = child)"
    " SELECT " COLUMNS ", path FROM below JOIN item ON item.number = child ORDER BY lower(path), path";

rs_status catalog_children(struct rs_job *job, struct catalog *catalog, const struct catalog_item *folder,
                           bool deep, struct catalog_items *out)
{
    RS_OWNED(db_query) query = NULL;
    bool row;

    *out = (struct catalog_items){0};
    RS_TRY(db_query(job, catalog, deep ? descendants_query : children_query, &query));
    db_bind_int(query, 1, folder->number);
    for (;;) {
        RS_TRY(db_step(job, query, &row));
        if (!row)
            return RS_OK;
        struct catalog_item item = read_item(job, query);
        rs_text below = deep ? rs_text_from_offset(db_text(job, query, COLUMN_PATH), 1) : item.name;
        item.path = catalog_path_join(job, folder->path, below);
        rs_vec_push(job, out, item);
    }
}

rs_status catalog_content(struct rs_job *job, struct catalog *catalog, const struct catalog_item *item,
                          rs_text *out)
{
    RS_OWNED(db_query) query = NULL;
    bool row;

    *out = (rs_text){0};
    RS_TRY(db_query(job, catalog, "SELECT bytes FROM content WHERE item = ?", &query));
    db_bind_int(query, 1, item->number);
    RS_TRY(db_step(job, query, &row));
    return row ? db_bytes(job, query, 0, out) : RS_OK;
}

static rs_status find_number(struct rs_job *job, struct catalog *catalog, int64_t number,
                             struct catalog_item **out)
{
    RS_OWNED(db_query) query = NULL;
    bool row;

    *out = NULL;
    RS_TRY(db_query(job, catalog, "SELECT " COLUMNS " FROM item WHERE number = ?", &query));
    db_bind_int(query, 1, number);
    RS_TRY(db_step(job, query, &row));
    if (!row)
        return RS_OK;
    *out = keep(job, read_item(job, query));
    return path_of(job, catalog, number, &(*out)->path);
}

rs_status catalog_references(struct rs_job *job, struct catalog *catalog, const struct catalog_item *item,
                             struct catalog_references *out)
{
    RS_OWNED(db_query) query = NULL;
    bool row;

    *out = (struct catalog_references){0};
    RS_TRY(db_query(job, catalog, "SELECT name, path, target FROM reference WHERE item = ? ORDER BY name", &query));
    db_bind_int(query, 1, item->number);
    for (;;) {
        RS_TRY(db_step(job, query, &row));
        if (!row)
            return RS_OK;
        struct catalog_reference *reference = rs_vec_add(job, out);
        reference->name = db_text(job, query, 0);
        reference->path = db_text(job, query, 1);
        if (!db_is_null(query, 2))
            RS_TRY(find_number(job, catalog, db_int(query, 2), &reference->target));
    }
}

rs_status catalog_dependents(struct rs_job *job, struct catalog *catalog, const struct catalog_item *item,
                             struct catalog_items *out)
{
    RS_OWNED(db_query) query = NULL;
    bool row;

    *out = (struct catalog_items){0};
    RS_TRY(db_query(job, catalog,
                    "SELECT DISTINCT item FROM reference WHERE target = ? ORDER BY item", &query));
    db_bind_int(query, 1, item->number);
    for (;;) {
        struct catalog_item *user;
        RS_TRY(db_step(job, query, &row));
        if (!row)
            return RS_OK;
        RS_TRY(find_number(job, catalog, db_int(query, 0), &user));
        if (user)
            rs_vec_push(job, out, *user);
    }
}
