#include <stdio.h>

#include "world.h"

#include "service/ops/mime.h"
#include "service/ops/properties.h"

static void make_folder(struct world *w, const char *path)
{
    struct service_create_folder call = {.path = rs_text_from(path)};
    assert_ok(w->job, service_run(w->job, &w->admin, &service_create_folder, &call));
}

static void make_data_source(struct world *w, const char *path)
{
    struct service_create_data_source call = {
        .path = rs_text_from(path),
        .content = RS_TEXT("<RptDataSource Name=\"S\"><ConnectionProperties><Extension>SQLITE</Extension>"
                           "<ConnectString>Data Source=s.db</ConnectString></ConnectionProperties></RptDataSource>")};
    assert_ok(w->job, service_run(w->job, &w->admin, &service_create_data_source, &call));
}

UNIT_TEST(every_operation_is_found_by_its_name)
{
    for (size_t i = 0; i < service_op_count; i++)
        assert_ptr_equal(service_op_find(rs_text_from(service_ops[i]->name)), service_ops[i]);
    assert_ptr_equal(service_op_find(RS_TEXT("listchildren")), &service_list_children);
    assert_null(service_op_find(RS_TEXT("None")));
}

UNIT_TEST(resources_are_created_read_and_replaced)
{
    WORLD(w);
    struct service_create_resource create = {.path = RS_TEXT("/Logo.PNG"), .content = RS_TEXT("png")};
    struct service_get_content get = {.path = RS_TEXT("/logo.png")};

    assert_ok(w.job, service_run(w.job, &w.admin, &service_create_resource, &create));
    assert_text(create.item->mime_type, "image/png");
    assert_false(create.replaced);
    assert_ok(w.job, service_run(w.job, &w.reader, &service_get_resource_contents, &get));
    assert_text(get.content, "png");
    assert_status(try_run(&w.admin, &service_create_resource, &create), CATALOG_EXISTS);
    create.overwrite = true;
    create.content = RS_TEXT("new");
    assert_ok(w.job, service_run(w.job, &w.admin, &service_create_resource, &create));
    assert_true(create.replaced);
    create.path = RS_TEXT("/x.bin");
    create.mime_type = RS_TEXT("text/plain\r\nX: y");
    assert_status(try_run(&w.admin, &service_create_resource, &create), RS_INVALID);
}

UNIT_TEST(definitions_of_every_kind_are_set_and_read)
{
    WORLD(w);
    make_data_source(&w, "/Source");
    make_folder(&w, "/Folder");
    struct service_create_resource create = {.path = RS_TEXT("/x.png"), .content = RS_TEXT("png")};
    struct service_set_item_definition set = {.path = RS_TEXT("/x.png"), .content = RS_TEXT("new")};
    struct service_get_content get = {.path = RS_TEXT("/x.png")};

    assert_ok(w.job, service_run(w.job, &w.admin, &service_create_resource, &create));
    assert_ok(w.job, service_run(w.job, &w.admin, &service_set_item_definition, &set));
    assert_ok(w.job, service_content(w.job, &w.reader, &get));
    assert_text(get.content, "new");
    assert_text(get.item->mime_type, "image/png");
    assert_text(get.item->id, create.item->id.bytes);
    assert_status(try_run(&w.reader, &service_set_item_definition, &set), RS_DENIED);
    set.path = RS_TEXT("/Folder");
    assert_status(try_run(&w.admin, &service_set_item_definition, &set), CATALOG_WRONG_KIND);
    set.path = RS_TEXT("/Source");
    assert_status(try_run(&w.admin, &service_set_item_definition, &set), XML_MALFORMED);
    get.path = RS_TEXT("/Source");
    assert_ok(w.job, service_content(w.job, &w.admin, &get));
    assert_true(rs_text_find(get.content, RS_TEXT("<DataSourceDefinition")) >= 0);
}

UNIT_TEST(properties_have_the_originals_names_and_spelling)
{
    static const struct {
        const char *name, *of_folder, *of_resource;
    } rows[] = {
        {"Name", "f", "r"},    {"type", "Folder", "Resource"}, {"Size", NULL, "3"},
        {"Hidden", "True", "False"}, {"Description", "d", NULL}, {"MimeType", NULL, "a/b"},
        {"Reserved", "False", NULL}, {"CreationDate", "1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00.001Z"},
    };
    const struct catalog_item folder = {.name = RS_TEXT("f"), .path = RS_TEXT("/f"), .kind = CATALOG_FOLDER, .hidden = true,
                                        .description = RS_TEXT("d"), .mime_type = RS_TEXT("a/b")};
    const struct catalog_item resource = {.name = RS_TEXT("r"), .kind = CATALOG_RESOURCE, .size = 3, .created_ms = 1,
                                          .mime_type = RS_TEXT("a/b")};
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct service_property *property = service_property_find(rs_text_from(rows[i].name));
        assert_non_null(property);
        assert_true(rs_text_equal(service_property_text(job, property, &folder), rs_text_from(rows[i].of_folder)));
        assert_true(rs_text_equal(service_property_text(job, property, &resource), rs_text_from(rows[i].of_resource)));
    }
    assert_null(service_property_find(RS_TEXT("Mine")));
}

static size_t found(struct world *w, const struct service_caller *caller, bool any, const struct service_condition *conditions,
                    size_t count)
{
    struct service_find_items find = {.path = RS_TEXT("/"), .deep = true, .any = any, .conditions = conditions,
                                      .condition_count = count};

    assert_ok(w->job, service_run(w->job, caller, &service_find_items, &find));
    return find.items.count;
}

UNIT_TEST(items_are_found_by_conditions)
{
    WORLD(w);
    static const rs_text sizes[] = {RS_TEXT("3"), RS_TEXT("20")}, name[] = {RS_TEXT("SOURCE")}, folder[] = {RS_TEXT("Folder")};
    const struct service_condition conditions[] = {
        {RS_TEXT("Size"), SERVICE_BETWEEN, sizes, 2},
        {RS_TEXT("Name"), SERVICE_CONTAINS, name, 1},
        {RS_TEXT("Type"), SERVICE_EQUALS, folder, 1},
    };
    struct service_create_resource create = {.path = RS_TEXT("/Sources/ten"), .content = RS_TEXT("0123456789")};
    struct service_find_items wrong = {.path = RS_TEXT("/"), .conditions = &conditions[0], .condition_count = 1};
    struct service_condition one = {RS_TEXT("Size"), SERVICE_BETWEEN, sizes, 1};

    make_folder(&w, "/Sources");
    make_data_source(&w, "/Sources/source");
    assert_ok(w.job, service_run(w.job, &w.admin, &service_create_resource, &create));
    assert_int_equal(found(&w, &w.admin, false, conditions, 1), 1); /* 3 <= 10 <= 20, although "10" < "3" */
    assert_int_equal(found(&w, &w.admin, false, &conditions[1], 1), 2);
    assert_int_equal(found(&w, &w.reader, false, &conditions[1], 1), 1);
    assert_int_equal(found(&w, &w.admin, false, &conditions[1], 2), 1);
    assert_int_equal(found(&w, &w.admin, true, conditions, 3), 3);
    assert_int_equal(found(&w, &w.admin, true, NULL, 0), 3);
    wrong.conditions = &one;
    assert_status(try_run(&w.admin, &service_find_items, &wrong), RS_INVALID);
    wrong.condition_count = SERVICE_CONDITIONS_MAX + 1;
    assert_status(try_run(&w.admin, &service_find_items, &wrong), RS_OVER_LIMIT);
}

UNIT_TEST(readers_look_but_do_not_touch)
{
    WORLD(w);
    make_folder(&w, "/A");
    struct service_create_folder folder = {.path = RS_TEXT("/A/B")};
    struct service_delete_item delete = {.path = RS_TEXT("/A")};
    struct service_move_item move = {.path = RS_TEXT("/A"), .new_path = RS_TEXT("/C")};
    rs_text description = RS_TEXT("x");
    struct service_set_properties set = {.path = RS_TEXT("/A"), .description = &description};
    struct service_list_children list = {.path = RS_TEXT("/")};

    assert_status(try_run(&w.reader, &service_create_folder, &folder), RS_DENIED);
    assert_status(try_run(&w.reader, &service_delete_item, &delete), RS_DENIED);
    assert_status(try_run(&w.reader, &service_move_item, &move), RS_DENIED);
    assert_status(try_run(&w.reader, &service_set_properties, &set), RS_DENIED);
    assert_ok(w.job, service_run(w.job, &w.reader, &service_list_children, &list));
    assert_int_equal(list.items.count, 1);
}

UNIT_TEST(what_a_reader_may_not_see_looks_absent)
{
    WORLD(w);
    make_data_source(&w, "/Source");
    struct service_list_children list = {.path = RS_TEXT("/")};
    struct service_get_item item = {.path = RS_TEXT("/Source")};
    struct service_get_data_source source = {.path = RS_TEXT("/Source")};
    struct service_delete_item delete = {.path = RS_TEXT("/Source")};

    assert_ok(w.job, service_run(w.job, &w.reader, &service_list_children, &list));
    assert_int_equal(list.items.count, 0);
    assert_status(try_run(&w.reader, &service_get_item, &item), RS_NOT_FOUND);
    assert_status(try_run(&w.reader, &service_get_data_source_contents, &source), RS_NOT_FOUND);
    assert_status(try_run(&w.reader, &service_delete_item, &delete), RS_NOT_FOUND);
    assert_ok(w.job, service_run(w.job, &w.admin, &service_get_data_source_contents, &source));
    assert_text(source.definition.connect_string, "Data Source=s.db");
}

UNIT_TEST(an_operation_refuses_kinds_that_it_does_not_fit)
{
    WORLD(w);
    make_folder(&w, "/A");
    make_data_source(&w, "/Source");
    struct service_get_content get = {.path = RS_TEXT("/A")};
    struct service_list_children list = {.path = RS_TEXT("/Source")};
    rs_text mime_type = RS_TEXT("text/plain");
    struct service_set_properties set = {.path = RS_TEXT("/A"), .mime_type = &mime_type};

    assert_status(try_run(&w.admin, &service_get_resource_contents, &get), CATALOG_WRONG_KIND);
    assert_status(try_run(&w.admin, &service_get_item_definition, &get), CATALOG_WRONG_KIND);
    assert_status(try_run(&w.admin, &service_list_children, &list), CATALOG_WRONG_KIND);
    assert_status(try_run(&w.admin, &service_set_properties, &set), CATALOG_WRONG_KIND);
}

UNIT_TEST(items_move_and_go)
{
    WORLD(w);
    make_folder(&w, "/A");
    make_folder(&w, "/B");
    make_data_source(&w, "/A/Source");
    struct service_move_item move = {.path = RS_TEXT("/A/Source"), .new_path = RS_TEXT("/B/Renamed")};
    struct service_get_item item = {.path = RS_TEXT("/B/Renamed")};
    struct service_delete_item delete = {.path = RS_TEXT("/B")};

    assert_ok(w.job, service_run(w.job, &w.admin, &service_move_item, &move));
    assert_ok(w.job, service_run(w.job, &w.admin, &service_get_item, &item));
    assert_text(item.item->modified_by, "root");
    assert_true(item.permissions & AUTH_DELETE);
    assert_ok(w.job, service_run(w.job, &w.admin, &service_delete_item, &delete));
    assert_status(try_run(&w.admin, &service_get_item, &item), RS_NOT_FOUND);
    move = (struct service_move_item){RS_TEXT("/A"), RS_TEXT("/none/A")};
    assert_status(try_run(&w.admin, &service_move_item, &move), RS_NOT_FOUND);
}

UNIT_TEST(mime_types_follow_the_extension)
{
    assert_text(mime_type_of(RS_TEXT("/a.b/Logo.JPEG")), "image/jpeg");
    assert_text(mime_type_of(RS_TEXT("/a.png/noext")), "application/octet-stream");
    assert_text(mime_type_of(RS_TEXT("x.")), "application/octet-stream");
}
