#include "store/catalog/seal.h"

#include "store/catalog/db.h"

rs_status catalog_key_check(struct rs_job *job, struct catalog *catalog, rs_text *out)
{
    RS_OWNED(db_query) query = NULL;
    bool row;

    RS_TRY(db_query(job, catalog, "SELECT key_check FROM seal", &query));
    RS_TRY(db_step(job, query, &row));
    *out = row ? db_text(job, query, 0) : (rs_text){0};
    return RS_OK;
}

rs_status seal_agree(struct rs_job *job, struct catalog *catalog, rs_text key_check)
{
    RS_OWNED(db_query) query = NULL;

    if (key_check.size == 0)
        return RS_OK;
    RS_TRY(db_query(job, catalog, "UPDATE seal SET key_check = ?1 WHERE key_check IN ('', ?1)", &query));
    db_bind_text(query, 1, key_check);
    RS_TRY(db_run(job, query));
    if (db_changes(catalog) == 0)
        return rs_fail(job, RS_CONFLICT, "the key of stored passwords was changed in this moment: try again");
    return RS_OK;
}

rs_status catalog_secret(struct rs_job *job, struct catalog *catalog, rs_text name, rs_text *out)
{
    RS_OWNED(db_query) query = NULL;
    bool row;

    RS_TRY(db_query(job, catalog, "SELECT sealed FROM secret WHERE name = ?", &query));
    db_bind_text(query, 1, name);
    RS_TRY(db_step(job, query, &row));
    *out = row ? db_text(job, query, 0) : (rs_text){0};
    return RS_OK;
}

static rs_status write_secret(struct rs_job *job, struct catalog *catalog, rs_text name, rs_text sealed)
{
    RS_OWNED(db_query) query = NULL;

    if (sealed.size == 0)
        RS_TRY(db_query(job, catalog, "DELETE FROM secret WHERE name = ?", &query));
    else
        RS_TRY(db_query(job, catalog, "INSERT OR REPLACE INTO secret (name, sealed) VALUES (?, ?)", &query));
    db_bind_text(query, 1, name);
    if (sealed.size > 0)
        db_bind_text(query, 2, sealed);
    return db_run(job, query);
}

rs_status catalog_set_secret(struct rs_job *job, struct catalog *catalog, rs_text name, rs_text sealed, rs_text key_check)
{
    RS_OWNED(db_change) change = NULL;

    RS_TRY(db_change_begin(job, catalog, &change));
    RS_TRY(seal_agree(job, catalog, key_check));
    RS_TRY(write_secret(job, catalog, name, sealed));
    return db_change_commit(job, change);
}

/* ---- everything that may be sealed --------------------------------------------------------------- */

static rs_status replace_content(struct rs_job *job, struct catalog *catalog, const struct catalog_item *item, rs_text content)
{
    RS_OWNED(db_query) bytes = NULL;
    RS_OWNED(db_query) row = NULL;
    int64_t revision;

    RS_TRY(db_next_revision(job, catalog, &revision));
    RS_TRY(db_query(job, catalog, "UPDATE content SET bytes = ? WHERE item = ?", &bytes));
    db_bind_bytes(bytes, 1, content);
    db_bind_int(bytes, 2, item->number);
    RS_TRY(db_run(job, bytes));
    RS_TRY(db_query(job, catalog, "UPDATE item SET size = ?1, revision = ?2, content_revision = ?2 WHERE number = ?3", &row));
    db_bind_int(row, 1, (int64_t)content.size);
    db_bind_int(row, 2, revision);
    db_bind_int(row, 3, item->number);
    return db_run(job, row);
}

static rs_status walk_contents(struct rs_job *job, struct catalog *catalog, const struct catalog_seal_walk *walk)
{
    struct catalog_items items;
    struct catalog_item *root;

    RS_TRY(catalog_item_at(job, catalog, RS_TEXT("/"), &root));
    RS_TRY(catalog_children(job, catalog, root, true, &items));
    for (size_t i = 0; i < items.count; i++) {
        rs_text content, after;
        if (items.items[i].kind != CATALOG_DATA_SOURCE)
            continue;
        RS_TRY(catalog_content(job, catalog, &items.items[i], &content));
        after = content;
        RS_TRY(walk->content(job, walk->data, &items.items[i], content, &after));
        if (!rs_text_equal(content, after))
            RS_TRY(replace_content(job, catalog, &items.items[i], after));
    }
    return RS_OK;
}

struct kept {
    rs_text name, sealed;
};

static rs_status walk_secrets(struct rs_job *job, struct catalog *catalog, const struct catalog_seal_walk *walk)
{
    RS_OWNED(db_query) query = NULL;
    RS_VEC(struct kept) all = {0};
    bool row;

    RS_TRY(db_query(job, catalog, "SELECT name, sealed FROM secret ORDER BY name", &query));
    for (;;) {
        RS_TRY(db_step(job, query, &row));
        if (!row)
            break;
        rs_vec_push(job, &all, (struct kept){db_text(job, query, 0), db_text(job, query, 1)});
    }
    for (size_t i = 0; i < all.count; i++) {
        rs_text after = all.items[i].sealed;
        RS_TRY(walk->secret(job, walk->data, all.items[i].name, all.items[i].sealed, &after));
        if (!rs_text_equal(after, all.items[i].sealed))
            RS_TRY(write_secret(job, catalog, all.items[i].name, after));
    }
    return RS_OK;
}

rs_status catalog_seal_walk(struct rs_job *job, struct catalog *catalog, const struct catalog_seal_walk *walk)
{
    RS_OWNED(db_change) change = NULL;
    RS_OWNED(db_query) query = NULL;

    RS_TRY(db_change_begin(job, catalog, &change));
    RS_TRY(walk_contents(job, catalog, walk));
    RS_TRY(walk_secrets(job, catalog, walk));
    if (!walk->keeps)
        return RS_OK;
    RS_TRY(db_query(job, catalog, "UPDATE seal SET key_check = ?", &query));
    db_bind_text(query, 1, walk->key_check);
    RS_TRY(db_run(job, query));
    return db_change_commit(job, change);
}
