/* bindery report publish, list, get, remove: items of the report server database of an instance. */
#include "cli/report.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/call.h"
#include "cli/now.h"
#include "cli/password.h"
#include "cli/table.h"
#include "format/json/json.h"
#include "service/ops/ops.h"

const struct cli_option cli_report_publish_options[] = {
    {"--folder", "PATH", "the folder on the server, made where it is missing; / unless given"},
    {"--name", "NAME", "of a single item; else that of the file without its ending"},
    {"--keep", NULL, "do not replace what is there"},
    {"--user", "NAME", "of the database, stored with the data sources among the files"},
    {"--password-file", "FILE", "its password is the first line of this file; - is standard input"},
    {0},
};

const struct cli_option cli_report_list_options[] = {
    {"--deep", NULL, "folders below too"},
    {0},
};

const struct cli_option cli_report_get_options[] = {
    {"--output", "FILE", "where to write (-o); else standard output"},
    {0},
};

/* Who works on an instance from its command line is its administrator: the files are his to change anyway. */
static rs_status open_service(struct cli *cli, struct service **service, struct service_caller *out)
{
    RS_TRY(cli->host->service(cli->job, cli->instance, service));
    *out = (struct service_caller){
        .service = *service,
        .user = {cli_user(cli->job), AUTH_ADMINISTRATOR},
        .is_local = true,
    };
    return RS_OK;
}

/* The folder and every folder above it. */
static rs_status make_folders(struct cli *cli, const struct service_caller *caller, rs_text path)
{
    for (size_t end = 1; end <= path.size; end++) {
        struct service_create_folder call = {.path = rs_text_slice(path, 0, end)};
        struct service_get_item known = {.path = call.path};
        if ((end < path.size && path.bytes[end] != '/') || end < 2)
            continue;
        if (service_run(cli->job, caller, &service_get_item, &known) == RS_OK)
            continue;
        if (rs_status_http(rs_job_status(cli->job)) != 404)
            return rs_job_status(cli->job);
        rs_job_forgive(cli->job);
        RS_TRY(service_run(cli->job, caller, &service_create_folder, &call));
    }
    return RS_OK;
}

rs_status cli_report_credentials(struct cli *cli, rs_text *password)
{
    *password = (rs_text){NULL, 0};
    if (!cli_has(cli, "--password-file"))
        return RS_OK;
    if (!cli_has(cli, "--user"))
        return cli_usage(cli, "--password-file goes with --user");
    return cli_password_read(cli, cli_value(cli, "--password-file", RS_TEXT("")), password);
}

static rs_text last_name(rs_text path)
{
    for (size_t i = path.size; i > 0; i--)
        if (path.bytes[i - 1] == '/')
            return rs_text_from_offset(path, i);
    return path;
}

struct published {
    rs_text path;
    bool replaced;
    struct service_warnings warnings;
};

/* By the ending of the file: a report, a shared data source, or a resource. The name of a resource keeps its ending. */
static rs_status publish_file(struct cli *cli, const struct service_caller *caller, rs_text folder, rs_text file,
                              rs_text password, struct published *out)
{
    rs_text name = last_name(file), content;
    bool overwrite = !cli_has(cli, "--keep");
    bool report = rs_text_ends(name, RS_TEXT(".rdl")) || rs_text_ends(name, RS_TEXT(".rdlc"));
    bool data_set = rs_text_ends(name, RS_TEXT(".rsd"));
    bool source = rs_text_ends(name, RS_TEXT(".rds")) || rs_text_ends(name, RS_TEXT(".rsds"));
    rs_text path;

    if (report || source || data_set)
        while (name.size > 0 && name.bytes[--name.size] != '.')
            continue;
    name = cli_value(cli, "--name", name);
    path = rs_text_format(cli->job, "%.*s/%.*s", RS_TEXT_ARG(folder), RS_TEXT_ARG(name));
    out->path = path;
    RS_TRY(rs_file_read(cli->job, file, CATALOG_CONTENT_MAX, &content));
    if (report || data_set) {
        struct service_create_report call = {.path = path, .content = content, .overwrite = overwrite};
        RS_TRY(service_run(cli->job, caller, report ? &service_create_report : &service_create_data_set, &call));
        out->replaced = call.replaced;
        out->warnings = call.warnings;
    } else if (source) {
        struct service_create_data_source call = {.path = path, .content = content, .overwrite = overwrite,
                                                  .user = cli_value(cli, "--user", RS_TEXT("")), .password = password};
        RS_TRY(service_run(cli->job, caller, &service_create_data_source, &call));
        out->replaced = call.replaced;
    } else {
        struct service_create_resource call = {.path = path, .content = content, .overwrite = overwrite};
        RS_TRY(service_run(cli->job, caller, &service_create_resource, &call));
        out->replaced = call.replaced;
    }
    return RS_OK;
}

static json_t *published_json(const struct published *item)
{
    json_t *warnings = json_array();

    for (size_t i = 0; i < item->warnings.count; i++)
        json_array_append_new(warnings, json_pack("{s:o, s:o}", "code", json_from_text(item->warnings.items[i].code),
                                                  "message", json_from_text(item->warnings.items[i].message)));
    return json_pack("{s:o, s:b, s:o}", "path", json_from_text(item->path), "replaced", item->replaced, "warnings",
                     warnings);
}

rs_status cli_report_publish(struct cli *cli)
{
    RS_OWNED(service) service = NULL;
    struct service_caller caller;
    rs_text folder = cli_value(cli, "--folder", RS_TEXT("/")), password;
    json_t *items = json_keep(cli->job, json_array());

    if (cli_has(cli, "--name") && cli->arguments.count != 1)
        return cli_usage(cli, "--name goes with a single file");
    RS_TRY(cli_report_credentials(cli, &password));
    RS_TRY(open_service(cli, &service, &caller));
    while (folder.size > 0 && folder.bytes[folder.size - 1] == '/')
        folder.size--;
    RS_TRY(make_folders(cli, &caller, folder));
    for (size_t i = 0; i < cli->arguments.count; i++) {
        rs_text file = cli->arguments.items[i];
        struct published item = {0};
        if (publish_file(cli, &caller, folder, file, password, &item) != RS_OK) {
            rs_within(cli->job, "\"%.*s\"", RS_TEXT_ARG(file));
            return rs_job_status(cli->job);
        }
        json_array_append_new(items, published_json(&item));
        if (cli->json)
            continue;
        printf("%.*s%s\n", RS_TEXT_ARG(item.path), item.replaced ? " (replaced)" : "");
        for (size_t j = 0; j < item.warnings.count; j++)
            printf("  note: %.*s\n", RS_TEXT_ARG(item.warnings.items[j].message));
    }
    if (cli->json)
        cli_print_json(json_keep(cli->job, json_pack("{s:O}", "items", items)));
    return RS_OK;
}

rs_status cli_report_list(struct cli *cli)
{
    static const char *const headings[] = {"PATH", "KIND", "SIZE", "MODIFIED", "BY", NULL};
    struct cli_table table = cli_table_create(cli->job, headings);
    RS_OWNED(service) service = NULL;
    struct service_caller caller;
    struct service_list_children call = {.deep = cli_has(cli, "--deep")};
    json_t *rows = json_keep(cli->job, json_array());

    call.path = cli->arguments.count > 0 ? cli->arguments.items[0] : RS_TEXT("/");
    RS_TRY(open_service(cli, &service, &caller));
    RS_TRY(service_run(cli->job, &caller, &service_list_children, &call));
    for (size_t i = 0; i < call.items.count; i++) {
        const struct catalog_item *item = &call.items.items[i];
        char modified[RS_CLOCK_STAMP_SIZE];
        rs_clock_stamp(item->modified_ms, modified);
        json_array_append_new(rows, json_pack("{s:o, s:s, s:I, s:s, s:o}", "path", json_from_text(item->path), "kind",
                                              catalog_kind_name(item->kind), "size", (json_int_t)item->size, "modified",
                                              modified, "modified_by", json_from_text(item->modified_by)));
        cli_table_row(&table, item->path, rs_text_from(catalog_kind_name(item->kind)),
                      rs_text_format(cli->job, "%lld", (long long)item->size),
                      rs_text_copy(cli->job, rs_text_from(modified)), item->modified_by);
    }
    if (cli->json)
        cli_print_json(json_keep(cli->job, json_pack("{s:O}", "items", rows)));
    else
        cli_table_print(&table, "the folder is empty");
    return RS_OK;
}

/* The operation that gives the bytes of an item of this kind; NULL where it has none. */
static const struct service_op *content_op(enum catalog_kind kind)
{
    switch (kind) {
    case CATALOG_REPORT:
        return &service_get_item_definition;
    case CATALOG_RESOURCE:
        return &service_get_resource_contents;
    default:
        return NULL;
    }
}

rs_status cli_report_get(struct cli *cli)
{
    RS_OWNED(service) service = NULL;
    struct service_caller caller;
    struct service_get_item found = {.path = cli->arguments.items[0]};
    struct service_get_content call = {.path = found.path};
    rs_text output = cli_value(cli, "--output", RS_TEXT(""));

    RS_TRY(open_service(cli, &service, &caller));
    RS_TRY(service_run(cli->job, &caller, &service_get_item, &found));
    if (!content_op(found.item->kind))
        return rs_fail(cli->job, RS_INVALID, "\"%.*s\" is a %s: it has no content to get", RS_TEXT_ARG(found.path),
                       catalog_kind_name(found.item->kind));
    RS_TRY(service_run(cli->job, &caller, content_op(found.item->kind), &call));
    if (output.size > 0)
        return rs_file_replace(cli->job, output, call.content, 0644);
    return rs_write_all(cli->job, STDOUT_FILENO, call.content);
}

rs_status cli_report_remove(struct cli *cli)
{
    RS_OWNED(service) service = NULL;
    struct service_caller caller;
    struct service_delete_item call = {.path = cli->arguments.items[0]};

    RS_TRY(open_service(cli, &service, &caller));
    RS_TRY(service_run(cli->job, &caller, &service_delete_item, &call));
    if (cli->json)
        cli_print_json(json_keep(cli->job, json_pack("{s:o}", "removed", json_from_text(call.path))));
    else
        printf("%.*s is removed\n", RS_TEXT_ARG(call.path));
    return RS_OK;
}
