/* bindery report publish, list, get, remove: items of a report server's database, of this machine or of a server elsewhere. */
#include "cli/report.h"

#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/call.h"
#include "cli/output.h"
#include "cli/password.h"
#include "cli/remote.h"
#include "cli/report_place.h"
#include "cli/table.h"
#include "format/json/json.h"
#include "store/catalog/name.h"

#define SERVER_OPTION {"--server", "URL", "on this report server: [https://]HOST[:PORT]/ReportServer; else in the instance"}
#define TIME_LIMIT_OPTION {"--time-limit", "SECONDS", "give up after this long"}
#define ACCOUNT_OPTIONS                                                                                                          \
    {"--user", "NAME", "with --server: of the account there"},                                                                   \
    {"--password-file", "FILE", "its password is the first line of this file; - is standard input; else it is asked for"}

const struct cli_option cli_report_publish_options[] = {
    {"--folder", "PATH", "the folder on the server, made where it is missing; / unless given"},
    {"--name", "NAME", "of a single item; else that of the file without its ending"},
    {"--keep", NULL, "do not replace what is there"},
    {"--data-user", "NAME", "of the database, stored with the data sources among the files"},
    {"--data-password-file", "FILE", "its password is the first line of this file; - is standard input"},
    SERVER_OPTION,
    {"--user", "NAME", "with --server: of the account there; else the same as --data-user"},
    {"--password-file", "FILE", "its password is the first line of this file; - is standard input"},
    CLI_REMOTE_OPTIONS,
    TIME_LIMIT_OPTION,
    {0},
};

const struct cli_option cli_report_list_options[] = {
    {"--deep", NULL, "folders below too"}, SERVER_OPTION, ACCOUNT_OPTIONS, CLI_REMOTE_OPTIONS, TIME_LIMIT_OPTION, {0},
};

const struct cli_option cli_report_get_options[] = {
    {"--output", "FILE", "where to write (-o); else standard output"},
    SERVER_OPTION,
    ACCOUNT_OPTIONS,
    CLI_REMOTE_OPTIONS,
    TIME_LIMIT_OPTION,
    {0},
};

const struct cli_option cli_report_remove_options[] = {
    SERVER_OPTION, ACCOUNT_OPTIONS, CLI_REMOTE_OPTIONS, TIME_LIMIT_OPTION, {0},
};

/* ---- where ----------------------------------------------------------------------------------------- */

static rs_status open_place(struct cli *cli, struct report_place *out)
{
    RS_TRY(cli_time_limit(cli));
    if (cli_has(cli, "--server"))
        return report_place_elsewhere(cli, out);
    RS_TRY(cli_remote_unused(cli));
    if (cli->command->options != cli_report_publish_options && (cli_has(cli, "--user") || cli_has(cli, "--password-file")))
        return cli_usage(cli, "--user and --password-file go with --server; the instance is one's own");
    return report_place_here(cli, out);
}

/* The password of `file_option`, empty where there is none. */
static rs_status read_credentials(struct cli *cli, const char *user_option, const char *file_option, rs_text *password)
{
    *password = (rs_text){NULL, 0};
    if (!cli_has(cli, file_option))
        return RS_OK;
    if (!cli_has(cli, user_option))
        return cli_usage(cli, "%s goes with %s", file_option, user_option);
    return cli_password_read(cli, cli_value(cli, file_option, RS_TEXT("")), password);
}

rs_status cli_report_credentials(struct cli *cli, rs_text *password)
{
    return read_credentials(cli, "--user", "--password-file", password);
}

/* ---- publish --------------------------------------------------------------------------------------- */

/* The folder and every folder above it. */
static rs_status make_folders(struct report_place *place, rs_text path)
{
    for (size_t end = 2; end <= path.size; end++) {
        rs_text below = rs_text_slice(path, 0, end), folder, name;
        bool there;
        if (end < path.size && path.bytes[end] != '/')
            continue;
        RS_TRY(place->exists(place, below, &there));
        if (there)
            continue;
        catalog_path_split(below, &folder, &name);
        RS_TRY(place->make_folder(place, folder, name));
    }
    return RS_OK;
}

static rs_text last_name(rs_text path)
{
    for (size_t i = path.size; i > 0; i--)
        if (path.bytes[i - 1] == '/')
            return rs_text_from_offset(path, i);
    return path;
}

/* What a file is by its ending, which its item does not keep; anything else is a resource, and keeps it. */
static const struct {
    const char *ending;
    enum catalog_kind kind;
} endings[] = {
    {".rdl", CATALOG_REPORT},      {".rdlc", CATALOG_REPORT},      {".rsd", CATALOG_DATA_SET},
    {".rds", CATALOG_DATA_SOURCE}, {".rsds", CATALOG_DATA_SOURCE},
};

static enum catalog_kind kind_of(rs_text *name)
{
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (rs_text_ends(*name, rs_text_from(endings[i].ending))) {
            name->size -= strlen(endings[i].ending);
            return endings[i].kind;
        }
    return CATALOG_RESOURCE;
}

struct published {
    rs_text path;
    bool replaced;
    struct service_warnings warnings;
};

static rs_status publish_file(struct cli *cli, struct report_place *place, struct report_file wanted, rs_text path,
                              struct published *out)
{
    wanted.name = last_name(path);
    wanted.kind = kind_of(&wanted.name);
    wanted.name = cli_value(cli, "--name", wanted.name);
    wanted.path = out->path = catalog_path_join(cli->job, wanted.folder, wanted.name);
    RS_TRY(rs_file_read(cli->job, path, CATALOG_CONTENT_MAX, &wanted.content));
    return place->publish(place, &wanted, &out->replaced, &out->warnings);
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

/* Of the database: --data-user; without a server --user is the same. */
static rs_status read_data_credentials(struct cli *cli, struct report_file *out)
{
    bool old = !cli_has(cli, "--server") && (cli_has(cli, "--user") || cli_has(cli, "--password-file"));

    if (old && cli_has(cli, "--data-user"))
        return cli_usage(cli, "--user without --server is --data-user; give one of them");
    out->user = cli_value(cli, old ? "--user" : "--data-user", RS_TEXT(""));
    return old ? cli_report_credentials(cli, &out->password)
               : read_credentials(cli, "--data-user", "--data-password-file", &out->password);
}

static void print_published(const struct published *item)
{
    printf("%.*s%s\n", RS_TEXT_ARG(item->path), item->replaced ? " (replaced)" : "");
    for (size_t i = 0; i < item->warnings.count; i++)
        printf("  note: %.*s\n", RS_TEXT_ARG(item->warnings.items[i].message));
}

rs_status cli_report_publish(struct cli *cli)
{
    struct report_file wanted = {.folder = cli_value(cli, "--folder", RS_TEXT("/")), .overwrite = !cli_has(cli, "--keep")};
    struct report_place place;
    json_t *items = json_keep(cli->job, json_array());

    if (cli_has(cli, "--name") && cli->arguments.count != 1)
        return cli_usage(cli, "--name goes with a single file");
    RS_TRY(open_place(cli, &place));
    RS_TRY(read_data_credentials(cli, &wanted));
    while (wanted.folder.size > 1 && rs_text_ends(wanted.folder, RS_TEXT("/")))
        wanted.folder.size--;
    RS_TRY(make_folders(&place, wanted.folder));
    for (size_t i = 0; i < cli->arguments.count; i++) {
        rs_text file = cli->arguments.items[i];
        struct published item = {0};
        if (publish_file(cli, &place, wanted, file, &item) != RS_OK) {
            rs_within(cli->job, "\"%.*s\"", RS_TEXT_ARG(file));
            return rs_job_status(cli->job);
        }
        json_array_append_new(items, published_json(&item));
        if (!cli->json)
            print_published(&item);
    }
    if (cli->json)
        cli_print_json(json_keep(cli->job, json_pack("{s:O}", "items", items)));
    return RS_OK;
}

/* ---- list, get, remove ----------------------------------------------------------------------------- */

rs_status cli_report_list(struct cli *cli)
{
    static const char *const headings[] = {"PATH", "KIND", "SIZE", "MODIFIED", "BY", NULL};
    struct cli_table table = cli_table_create(cli->job, headings);
    struct report_entries entries = {0};
    struct report_place place;
    json_t *rows = json_keep(cli->job, json_array());

    RS_TRY(open_place(cli, &place));
    RS_TRY(place.list(&place, cli->arguments.count > 0 ? cli->arguments.items[0] : RS_TEXT("/"), cli_has(cli, "--deep"), &entries));
    for (size_t i = 0; i < entries.count; i++) {
        const struct report_entry *entry = &entries.items[i];
        json_array_append_new(rows, json_pack("{s:o, s:o, s:I, s:o, s:o}", "path", json_from_text(entry->path), "kind",
                                              json_from_text(entry->kind), "size", (json_int_t)entry->size, "modified",
                                              json_from_text(entry->modified), "modified_by", json_from_text(entry->modified_by)));
        cli_table_row(&table, entry->path, entry->kind, rs_text_format(cli->job, "%lld", (long long)entry->size), entry->modified,
                      entry->modified_by);
    }
    if (cli->json)
        cli_print_json(json_keep(cli->job, json_pack("{s:O}", "items", rows)));
    else
        cli_table_print(&table, "the folder is empty");
    return RS_OK;
}

static rs_status write_content(struct cli *cli, int fd, void *data)
{
    const rs_text *content = data;

    return rs_write_all(cli->job, fd, *content);
}

rs_status cli_report_get(struct cli *cli)
{
    struct report_place place;
    rs_text content;

    RS_TRY(open_place(cli, &place));
    RS_TRY(place.read(&place, cli->arguments.items[0], &content));
    return cli_output(cli, write_content, &content);
}

rs_status cli_report_remove(struct cli *cli)
{
    struct report_place place;
    rs_text path = cli->arguments.items[0];

    RS_TRY(open_place(cli, &place));
    RS_TRY(place.remove(&place, path));
    if (cli->json)
        cli_print_json(json_keep(cli->job, json_pack("{s:o}", "removed", json_from_text(path))));
    else
        printf("%.*s is removed\n", RS_TEXT_ARG(path));
    return RS_OK;
}
