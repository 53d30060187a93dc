/* GetDatabaseState, CreateDatabase, UpgradeDatabase, SetDatabaseConnection, SetDatabaseQueryTimeout, and the scripts: where the
 * report server database is. It is a file of SQLite; Bindery/Database of rsreportserver.config names it.
 *
 *     SetDatabaseConnection: look at the file -> setting -> running server -> does it answer? -> or the old setting again
 */
#include <errno.h>
#include <unistd.h>

#include "base/log.h"
#include "format/json/json.h"
#include "service/configure/config_edit.h"
#include "store/catalog/file.h"

#define SETTING "Bindery/Database"
#define NO_SERVERS "the report server database is a file of SQLite: give its path as DatabaseName, and no server. PostgreSQL and SQL " \
                   "Server cannot hold it yet"

static rs_text path_of(struct call *call, rs_text name)
{
    if (name.size > 0 && name.bytes[0] == '/')
        return rs_text_copy(call->job, name);
    return rs_text_format(call->job, "%.*s/%.*s", RS_TEXT_ARG(call->instance->folder),
                          RS_TEXT_ARG(name.size > 0 ? name : RS_TEXT("catalog.db")));
}

/* "postgresql://...", "Data Source=...": what another kind of database is called. */
static bool names_server(rs_text name)
{
    return rs_text_find(name, RS_TEXT("://")) >= 0 || rs_text_find_byte(name, '=') >= 0;
}

static void put_file(struct call *call, rs_text path, const struct catalog_file *file)
{
    put_text(call->result, "DatabaseServerName", RS_TEXT(""));
    put_text(call->result, "DatabaseName", path);
    put_text(call->result, "kind", RS_TEXT("SQLite"));
    put_number(call->result, "schema", file->version);
    put_number(call->result, "newest_schema", catalog_file_version());
    put_number(call->result, "items", file->items);
    put_number(call->result, "accounts", file->accounts);
    put_number(call->result, "bytes", file->bytes);
}

static rs_status own_path(struct call *call, rs_text *out)
{
    struct config_edit config;

    RS_TRY(config_edit_read(call, &config));
    *out = path_of(call, config_edit_value(&config, SETTING));
    return RS_OK;
}

rs_status get_database_state(struct call *call)
{
    RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = call->job});
    struct catalog_file file;
    rs_text path;
    bool ok;

    RS_TRY(own_path(call, &path));
    ok = catalog_file_look(part, path, &file) == RS_OK;
    put_file(call, path, &file);
    put_flag(call->result, "ok", ok);
    put_text(call->result, "problem", ok ? RS_TEXT("") : rs_job_error(part));
    return RS_OK;
}

/* ---- making, and bringing up to date ------------------------------------------------------------- */

static rs_status finish(struct call *call, bool changed, rs_text step)
{
    json_t *none = json_keep(call->job, json_null());
    bool dry_run = call_flag(call, "DryRun");

    add_text(put_array(call->result, "steps"), step);
    if (!changed)
        put_array(call->result, "steps");
    put_array(call->result, "warnings");
    put_flag(call->result, "changed", changed && !dry_run);
    put_flag(call->result, "dry_run", dry_run);
    return changed && !dry_run ? call_note(call, step, "database", none, none) : RS_OK;
}

static rs_status open_and_close(struct call *call, rs_text path)
{
    RS_OWNED(catalog) catalog = NULL;

    return catalog_open(call->job, path, &catalog);
}

rs_status create_database(struct call *call)
{
    rs_text name = call_text(call, "DatabaseName"), path = path_of(call, name);

    if (names_server(name))
        return rs_fail(call->job, RS_UNSUPPORTED, NO_SERVERS);
    if (access(path.bytes, F_OK) == 0)
        return rs_fail(call->job, RS_CONFLICT, "\"%.*s\" is there already; `bindery db use` uses it", RS_TEXT_ARG(path));
    if (!call_flag(call, "DryRun"))
        RS_TRY(open_and_close(call, path));
    RS_TRY(finish(call, true, rs_text_format(call->job, "make the report server database %.*s", RS_TEXT_ARG(path))));
    add_text(json_object_get(call->result, "warnings"), RS_TEXT("it has no items and no accounts: once it is used, `bindery user add` "
                                                                "makes the first"));
    return RS_OK;
}

rs_status upgrade_database(struct call *call)
{
    struct catalog_file file;
    rs_text path;

    RS_TRY(own_path(call, &path));
    if (call_has(call, "DatabaseName"))
        path = path_of(call, call_text(call, "DatabaseName"));
    RS_TRY(catalog_file_look(call->job, path, &file));
    if (!call_flag(call, "DryRun"))
        RS_TRY(open_and_close(call, path));
    return finish(call, file.version < catalog_file_version(),
                  rs_text_format(call->job, "bring %.*s from schema %d to %d", RS_TEXT_ARG(path), file.version,
                                 catalog_file_version()));
}

/* ---- scripts ------------------------------------------------------------------------------------- */

rs_status database_creation_script(struct call *call)
{
    rs_text script;

    if (call_flag(call, "IsSharePointMode"))
        return rs_fail(call->job, RS_UNSUPPORTED, "there is no SharePoint mode");
    RS_TRY(catalog_file_script(call->job, 0, &script));
    put_text(call->result, "Script", script);
    return RS_OK;
}

/* "2", or the name that GetDatabaseVersionDisplayName gives. */
static rs_status version_of(struct call *call, rs_text text, int *out)
{
    uint64_t number;

    if (!rs_parse_uint64(text, &number) || number < 1 || number > (uint64_t)catalog_file_version())
        return rs_fail(call->job, RS_INVALID, "\"%.*s\" is no version of a report server database; this program knows 1 to %d",
                       RS_TEXT_ARG(rs_text_slice(text, 0, 40)), catalog_file_version());
    *out = (int)number;
    return RS_OK;
}

rs_status database_upgrade_script(struct call *call)
{
    struct catalog_file file;
    rs_text script;

    if (call_has(call, "ServerVersion"))
        RS_TRY(version_of(call, call_text(call, "ServerVersion"), &file.version));
    else
        RS_TRY(catalog_file_look(call->job, path_of(call, call_text(call, "DatabaseName")), &file));
    RS_TRY(catalog_file_script(call->job, file.version, &script));
    put_text(call->result, "Script", script);
    return RS_OK;
}

rs_status database_version_name(struct call *call)
{
    int version;

    RS_TRY(version_of(call, call_text(call, "Version"), &version));
    put_text(call->result, "DisplayName", rs_text_format(call->job, "Bindery, schema %d%s", version,
                                                         version == catalog_file_version() ? " (of this version)" : ""));
    return RS_OK;
}

/* ---- using another one --------------------------------------------------------------------------- */

static rs_status check_file(struct call *call, rs_text path)
{
    json_t *warnings = json_object_get(call->result, "warnings");
    struct configure_key_state key = {.sealed = 0};
    struct catalog_file file;

    if (catalog_file_look(call->job, path, &file) != RS_OK) {
        if (rs_job_status(call->job) == RS_NOT_FOUND)
            rs_within(call->job, "`bindery db create` makes a database");
        return rs_job_status(call->job);
    }
    if (access(path.bytes, W_OK) != 0)
        return rs_fail(call->job, RS_DENIED, "\"%.*s\" cannot be written: %s", RS_TEXT_ARG(path), strerror(errno));
    if (file.accounts == 0)
        add_text(warnings, RS_TEXT("it has no accounts: nobody can log on until `bindery user add` makes one"));
    if (file.version < catalog_file_version())
        add_text(warnings, rs_text_format(call->job, "it has schema %d and is brought to %d when it is opened: older versions cannot "
                                          "use it any more", file.version, catalog_file_version()));
    if (call->instance->secrets)
        RS_TRY(call->instance->secrets->state(call->job, call->instance->data, &key));
    if (file.key_check.size > 0 && !rs_text_equal(file.key_check, key.check))
        add_text(warnings, RS_TEXT("its passwords are sealed with another key: `bindery key restore` with a backup of that key"));
    return RS_OK;
}

/* The setting as it was, and a server that has it. */
static void take_back(struct call *call, rs_text bytes)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct configure_instance *instance = call->instance;

    if (instance->replace_config(job, instance->data, bytes) != RS_OK ||
        (instance->reload && instance->reload(job, instance->data) != RS_OK)) {
        rs_text why = rs_job_error(job);
        rs_log(RS_LOG_ERROR, "the report server database that was used before is not used again: %.*s", RS_TEXT_ARG(why));
        rs_within(call->job, "the old setting could not be written back (%.*s)", RS_TEXT_ARG(why));
    }
}

rs_status set_database_connection(struct call *call)
{
    const struct configure_instance *instance = call->instance;
    rs_text server = call_text(call, "Server"), name = call_text(call, "DatabaseName"), path = path_of(call, name);
    struct config_edit config;
    json_int_t credentials;

    if (names_server(name) || (server.size > 0 && !rs_text_equal_nocase(server, RS_TEXT("sqlite"))))
        return rs_fail(call->job, RS_UNSUPPORTED, NO_SERVERS);
    if ((call_number(call, "CredentialsType", &credentials) && credentials != 2) || call_text(call, "UserName").size > 0)
        return rs_fail(call->job, RS_UNSUPPORTED, "a file is opened as the account of the service (CredentialsType 2), with no user and "
                       "no password");
    RS_TRY(config_edit_open(call, &config));
    RS_TRY(check_file(call, path));
    config_edit_set(call, &config, SETTING, rs_text_equal(path, path_of(call, RS_TEXT(""))) ? RS_TEXT("") : path);
    RS_TRY(config_edit_write(call, &config));
    if (!json_is_true(json_object_get(call->result, "changed")) || !instance->database_ready ||
        instance->database_ready(call->job, instance->data) == RS_OK)
        return RS_OK;
    rs_within(call->job, "the database is not used: it does not answer");
    take_back(call, config.bytes);
    return rs_job_status(call->job);
}

rs_status set_database_timeout(struct call *call)
{
    struct config_edit config;
    json_int_t seconds;

    (void)call_number(call, "QueryTimeout", &seconds);
    if (seconds < 0 || seconds > 86400)
        return rs_fail(call->job, RS_INVALID, "a time to wait is 0 (as long as the request has) to 86400 seconds, not %lld",
                       (long long)seconds);
    RS_TRY(config_edit_open(call, &config));
    config_edit_set_key(call, &config, "DatabaseQueryTimeout", rs_text_format(call->job, "%lld", (long long)seconds));
    return config_edit_write(call, &config);
}
