#include "scratch.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include "store/catalog/name.h"

UNIT_TEST(a_new_catalog_has_a_root_and_is_for_its_owner_only)
{
    SCRATCH(s);
    struct catalog_items children;
    struct stat status;

    struct catalog_item *root = scratch_find(&s, "/");
    assert_text(root->path, "/");
    assert_int_equal(root->kind, CATALOG_FOLDER);
    assert_int_equal(root->id.size, 36);
    assert_ok(s.job, catalog_children(s.job, s.catalog, root, false, &children));
    assert_int_equal(children.count, 0);
    assert_int_equal(stat(s.path, &status), 0);
    assert_int_equal(status.st_mode & 077, 0);
}

UNIT_TEST(items_are_found_in_any_case_and_keep_their_spelling)
{
    SCRATCH(s);
    scratch_item(&s, "/Sales", CATALOG_FOLDER, "");
    scratch_item(&s, "/sales/Order List", CATALOG_REPORT, "<Report/>");

    struct catalog_item *item = scratch_find(&s, "/SALES/order list");
    assert_non_null(item);
    assert_text(item->path, "/Sales/Order List");
    assert_text(item->name, "Order List");
    assert_int_equal(item->size, 9);
    assert_text(item->created_by, "tester");
    assert_true(item->created_ms > 0 && item->created_ms == item->modified_ms);
    assert_null(scratch_find(&s, "/Sales/None"));
    assert_null(scratch_find(&s, "/Sales/Order List/None"));

    struct catalog_item *same = NULL;
    assert_ok(s.job, catalog_find_id(s.job, s.catalog, item->id, &same));
    assert_text(same->path, "/Sales/Order List");

    rs_text content;
    assert_ok(s.job, catalog_content(s.job, s.catalog, item, &content));
    assert_text(content, "<Report/>");
}

UNIT_TEST(absence_is_an_error_only_for_item_at)
{
    SCRATCH(s);
    struct catalog_item *item;

    assert_status(catalog_item_at(s.job, s.catalog, RS_TEXT("/None"), &item), RS_NOT_FOUND);
    assert_text(rs_job_message(s.job), "the item '/None' cannot be found");
}

UNIT_TEST(a_name_is_unique_in_its_folder_whatever_its_kind)
{
    SCRATCH(s);
    struct catalog_item *item;
    struct catalog_new wanted = {.path = RS_TEXT("/REPORT"), .kind = CATALOG_RESOURCE, .by = RS_TEXT("x")};

    scratch_item(&s, "/Report", CATALOG_REPORT, "1");
    assert_status(catalog_create(s.job, s.catalog, &wanted, &item, NULL), CATALOG_EXISTS);
    rs_job_forgive(s.job);
    wanted.overwrite = true;
    assert_status(catalog_create(s.job, s.catalog, &wanted, &item, NULL), CATALOG_EXISTS);
    rs_job_forgive(s.job);
    wanted.path = RS_TEXT("/none/a");
    assert_status(catalog_create(s.job, s.catalog, &wanted, &item, NULL), RS_NOT_FOUND);
    rs_job_forgive(s.job);
    wanted.path = RS_TEXT("/report/a");
    assert_status(catalog_create(s.job, s.catalog, &wanted, &item, NULL), CATALOG_WRONG_KIND);
}

UNIT_TEST(overwriting_keeps_the_id_and_moves_the_revisions)
{
    SCRATCH(s);
    struct catalog_item *second, *first = scratch_item(&s, "/R", CATALOG_REPORT, "one");
    struct catalog_new wanted = {.path = RS_TEXT("/r"), .kind = CATALOG_REPORT, .content = RS_TEXT("three"),
                                 .overwrite = true, .by = RS_TEXT("other")};
    bool replaced = false;
    rs_text content;

    assert_ok(s.job, catalog_create(s.job, s.catalog, &wanted, &second, &replaced));
    assert_true(replaced);
    assert_true(rs_text_equal(first->id, second->id));
    assert_true(second->content_revision > first->content_revision);
    assert_text(second->created_by, "tester");
    assert_text(second->modified_by, "other");
    assert_int_equal(second->size, 5);
    assert_ok(s.job, catalog_content(s.job, s.catalog, second, &content));
    assert_text(content, "three");
}

UNIT_TEST(properties_change_without_touching_the_content_revision)
{
    SCRATCH(s);
    struct catalog_item *item = scratch_item(&s, "/R", CATALOG_REPORT, "one");
    rs_text description = RS_TEXT("all orders");
    bool hidden = true;
    struct catalog_change change = {.description = &description, .hidden = &hidden, .by = RS_TEXT("x")};

    assert_ok(s.job, catalog_set(s.job, s.catalog, item, &change));
    struct catalog_item *after = scratch_find(&s, "/R");
    assert_text(after->description, "all orders");
    assert_true(after->hidden);
    assert_int_equal(after->content_revision, item->content_revision);
    assert_true(after->revision > item->revision);
    assert_int_equal(after->size, 3);
}

UNIT_TEST(the_generation_moves_with_every_change)
{
    SCRATCH(s);
    int64_t before, after;

    assert_ok(s.job, catalog_generation(s.job, s.catalog, &before));
    scratch_item(&s, "/A", CATALOG_FOLDER, "");
    assert_ok(s.job, catalog_generation(s.job, s.catalog, &after));
    assert_true(after > before);
}

UNIT_TEST(children_come_in_order_and_deep_lists_give_whole_paths)
{
    SCRATCH(s);
    struct catalog_items children;

    scratch_item(&s, "/b", CATALOG_FOLDER, "");
    scratch_item(&s, "/A", CATALOG_FOLDER, "");
    scratch_item(&s, "/b/c", CATALOG_FOLDER, "");
    scratch_item(&s, "/b/c/d", CATALOG_RESOURCE, "x");
    assert_ok(s.job, catalog_children(s.job, s.catalog, scratch_find(&s, "/"), false, &children));
    assert_int_equal(children.count, 2);
    assert_text(children.items[0].path, "/A");
    assert_text(children.items[1].path, "/b");
    assert_ok(s.job, catalog_children(s.job, s.catalog, scratch_find(&s, "/"), true, &children));
    assert_int_equal(children.count, 4);
    assert_text(children.items[3].path, "/b/c/d");
    assert_ok(s.job, catalog_children(s.job, s.catalog, scratch_find(&s, "/b"), true, &children));
    assert_int_equal(children.count, 2);
    assert_text(children.items[1].path, "/b/c/d");
}

UNIT_TEST(a_folder_moves_with_everything_below_it)
{
    SCRATCH(s);
    scratch_item(&s, "/a", CATALOG_FOLDER, "");
    scratch_item(&s, "/b", CATALOG_FOLDER, "");
    scratch_item(&s, "/a/x", CATALOG_REPORT, "x");

    assert_ok(s.job, catalog_move(s.job, s.catalog, scratch_find(&s, "/a"), RS_TEXT("/b/a2"), RS_TEXT("m")));
    assert_null(scratch_find(&s, "/a"));
    assert_text(scratch_find(&s, "/b/a2/x")->path, "/b/a2/x");
    assert_ok(s.job, catalog_move(s.job, s.catalog, scratch_find(&s, "/b/a2"), RS_TEXT("/b/A2"), RS_TEXT("m")));
    assert_text(scratch_find(&s, "/b/a2")->name, "A2"); /* only its spelling */
}

UNIT_TEST(moves_that_cannot_be_are_refused)
{
    SCRATCH(s);
    char deep[CATALOG_PATH_MAX], longer[CATALOG_PATH_MAX];

    scratch_item(&s, "/a", CATALOG_FOLDER, "");
    scratch_item(&s, "/a/b", CATALOG_FOLDER, "");
    scratch_item(&s, "/c", CATALOG_FOLDER, "");
    static const struct {
        const char *from, *to;
        rs_status status;
    } rows[] = {{"/a", "/a/b/c", CATALOG_MOVE_INVALID}, {"/a", "/a/b2", CATALOG_MOVE_INVALID},
                {"/", "/x", CATALOG_RESERVED},          {"/a/b", "/c", CATALOG_EXISTS},
                {"/a", "/none/a", RS_NOT_FOUND},        {"/a", "/q?", CATALOG_NAME_INVALID}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct catalog_item *item = scratch_find(&s, rows[i].from);
        assert_status(catalog_move(job, s.catalog, item, rs_text_from(rows[i].to), RS_TEXT("m")), rows[i].status);
    }
    snprintf(deep, sizeof deep, "/a/%0240d", 1);
    scratch_item(&s, deep, CATALOG_RESOURCE, "x");
    snprintf(longer, sizeof longer, "/%040d", 1);
    assert_status(catalog_move(s.job, s.catalog, scratch_find(&s, "/a"), rs_text_from(longer), RS_TEXT("m")),
                  CATALOG_PATH_LONG);
    assert_non_null(scratch_find(&s, "/a"));
}

UNIT_TEST(deleting_a_folder_takes_what_is_below_it)
{
    SCRATCH(s);
    scratch_item(&s, "/a", CATALOG_FOLDER, "");
    scratch_item(&s, "/a/x", CATALOG_REPORT, "x");

    assert_ok(s.job, catalog_delete(s.job, s.catalog, scratch_find(&s, "/a")));
    assert_null(scratch_find(&s, "/a/x"));
    assert_status(catalog_delete(s.job, s.catalog, scratch_find(&s, "/")), CATALOG_RESERVED);
}

UNIT_TEST(references_survive_moves_and_show_what_is_gone)
{
    SCRATCH(s);
    struct catalog_reference wanted[] = {{.name = RS_TEXT("Main"), .path = RS_TEXT("/Data")},
                                         {.name = RS_TEXT("Other"), .path = RS_TEXT("/none")}};
    struct catalog_references references = {wanted, 2, 2};
    struct catalog_items users;

    struct catalog_item *report = scratch_item(&s, "/R", CATALOG_REPORT, "x");
    scratch_item(&s, "/Data", CATALOG_DATA_SOURCE, "x");
    assert_ok(s.job, catalog_set_references(s.job, s.catalog, report, &references));
    assert_ok(s.job, catalog_move(s.job, s.catalog, scratch_find(&s, "/Data"), RS_TEXT("/Moved"), RS_TEXT("m")));
    assert_ok(s.job, catalog_references(s.job, s.catalog, report, &references));
    assert_int_equal(references.count, 2);
    assert_text(references.items[0].target->path, "/Moved");
    assert_null(references.items[1].target);
    assert_ok(s.job, catalog_dependents(s.job, s.catalog, scratch_find(&s, "/Moved"), &users));
    assert_int_equal(users.count, 1);
    assert_text(users.items[0].path, "/R");
    assert_ok(s.job, catalog_delete(s.job, s.catalog, scratch_find(&s, "/Moved")));
    assert_ok(s.job, catalog_references(s.job, s.catalog, report, &references));
    assert_null(references.items[0].target);
}

UNIT_TEST(a_reference_waits_for_its_data_source)
{
    SCRATCH(s);
    struct catalog_reference wanted = {.name = RS_TEXT("Main"), .path = RS_TEXT("/Data")};
    struct catalog_references references = {&wanted, 1, 1};

    struct catalog_item *report = scratch_item(&s, "/R", CATALOG_REPORT, "x");
    assert_ok(s.job, catalog_set_references(s.job, s.catalog, report, &references));
    scratch_item(&s, "/data", CATALOG_DATA_SOURCE, "x");
    assert_ok(s.job, catalog_references(s.job, s.catalog, report, &references));
    assert_text(references.items[0].target->path, "/data");
}

UNIT_TEST(two_connections_see_each_others_changes)
{
    SCRATCH(s);
    RS_OWNED(catalog) other = NULL;
    struct catalog_item *item = NULL;

    assert_ok(s.job, catalog_open(s.job, rs_text_from(s.path), &other));
    scratch_item(&s, "/A", CATALOG_FOLDER, "");
    assert_ok(s.job, catalog_find(s.job, other, RS_TEXT("/A"), &item));
    assert_non_null(item);
}

UNIT_TEST(files_that_are_no_catalog_are_refused)
{
    SCRATCH(s);
    RS_OWNED(catalog) other = NULL;
    char path[128];
    sqlite3 *db = NULL;

    snprintf(path, sizeof path, "%s/none/catalog.db", s.folder);
    assert_status(catalog_open(s.job, rs_text_from(path), &other), CATALOG_DB_UNAVAILABLE);
    rs_job_forgive(s.job);

    snprintf(path, sizeof path, "%s/text", s.folder);
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 200; i++)
        fputs("this is not a database\n", file);
    fclose(file);
    assert_status(catalog_open(s.job, rs_text_from(path), &other), CATALOG_DB_INVALID);
    rs_job_forgive(s.job);
    unlink(path);

    assert_int_equal(sqlite3_open(s.path, &db), SQLITE_OK);
    sqlite3_exec(db, "PRAGMA user_version = 1000", NULL, NULL, NULL);
    sqlite3_close(db);
    assert_status(catalog_open(s.job, rs_text_from(s.path), &other), CATALOG_DB_NEWER);
}

/* A change that is stopped at any checkpoint is either whole or not there. */
UNIT_TEST(a_change_may_stop_at_every_checkpoint)
{
    SCRATCH(s);
    bool done = false;

    scratch_item(&s, "/Data", CATALOG_DATA_SOURCE, "x");
    for (uint64_t stop = 1; !done; stop++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct catalog_reference wanted = {.name = RS_TEXT("Main"), .path = RS_TEXT("/Data")};
        struct catalog_references references = {&wanted, 1, 1};
        struct catalog_new new_item = {.path = RS_TEXT("/R"), .kind = CATALOG_REPORT, .content = RS_TEXT("x"),
                                       .by = RS_TEXT("t"), .references = &references};
        struct catalog_item *item = NULL;

        rs_job_stop_at(job, stop);
        rs_status status = catalog_create(job, s.catalog, &new_item, &item, NULL);
        done = status == RS_OK;
        if (!done)
            assert_status(status, RS_CANCELLED);
        assert_int_equal(scratch_find(&s, "/R") != NULL, done);
        assert_true(stop < 1000);
    }
}
