/* BackupEncryptionKey, RestoreEncryptionKey, ReencryptSecureInformation, DeleteEncryptedInformation, DeleteEncryptionKey,
 * InitializeReportServer, ListReportServersInDatabase: the key of stored passwords.
 *
 * Source:  WMI provider library reference, the methods of these names; rskeymgmt utility.
 */
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "format/escape/base64.h"
#include "format/json/json.h"
#include "service/configure/config_edit.h"
#include "store/secret/backup.h"

#define KEY_FORMAT "bindery key"
#define CHECK_SHOWN 12 /* digits: enough for people to tell keys apart */

static rs_status need_secrets(struct call *call, const struct configure_keys **out)
{
    *out = call->instance->secrets;
    return *out ? RS_OK : rs_fail(call->job, RS_UNSUPPORTED, "this instance has no report server database");
}

static rs_text installation_id(struct call *call)
{
    struct config_edit config;

    if (config_edit_read(call, &config) == RS_OK)
        return config_edit_value(&config, "InstallationID");
    rs_job_forgive(call->job);
    return (rs_text){0};
}

static rs_text shown(rs_text check)
{
    return rs_text_slice(check, 0, CHECK_SHOWN);
}

/* The result of a change; an entry of the history where it was made. */
static rs_status finish(struct call *call, bool changed, rs_text step)
{
    bool dry_run = call_flag(call, "DryRun");
    json_t *steps = put_array(call->result, "steps");
    json_t *none = json_keep(call->job, json_null());

    put_array(call->result, "warnings");
    put_flag(call->result, "changed", changed && !dry_run);
    put_flag(call->result, "dry_run", dry_run);
    if (changed)
        add_text(steps, step);
    return changed && !dry_run ? call_note(call, step, "key", none, none) : RS_OK;
}

rs_status backup_key(struct call *call)
{
    const struct configure_keys *secrets;
    struct configure_key_state state;
    rs_text bytes, file, about, id = installation_id(call);
    char now[RS_CLOCK_STAMP_SIZE];
    rs_buf text = rs_buf_in(call->job);

    RS_TRY(need_secrets(call, &secrets));
    RS_TRY(secrets->bytes(call->job, call->instance->data, &bytes));
    RS_TRY(secrets->state(call->job, call->instance->data, &state));
    rs_clock_stamp(rs_clock_utc_ms(), now);
    about = rs_text_format(call->job, "key %.*s of installation %.*s, %s", RS_TEXT_ARG(shown(state.check)), RS_TEXT_ARG(id), now);
    RS_TRY(secret_backup_write(call->job, KEY_FORMAT, about, call_text(call, "Password"), bytes, &file));
    escape_base64_write(&text, file);
    put_text(call->result, "KeyFile", rs_buf_text(&text));
    put_number(call->result, "Length", (int64_t)file.size);
    put_text(call->result, "about", about);
    return RS_OK;
}

rs_status restore_key(struct call *call)
{
    const struct configure_keys *secrets;
    rs_text file, about, bytes;
    bool changed;

    RS_TRY(need_secrets(call, &secrets));
    RS_TRY(escape_base64_parse(call->job, call_text(call, "KeyFile"), &file));
    RS_TRY(secret_backup_read(call->job, KEY_FORMAT, file, call_text(call, "Password"), &about, &bytes));
    RS_TRY(secrets->restore(call->job, call->instance->data, bytes, call_flag(call, "DryRun"), &changed));
    return finish(call, changed, rs_text_format(call->job, "put the %.*s in place", RS_TEXT_ARG(about)));
}

rs_status rotate_key(struct call *call)
{
    const struct configure_keys *secrets;
    size_t count = 0;

    RS_TRY(need_secrets(call, &secrets));
    RS_TRY(secrets->rotate(call->job, call->instance->data, call_flag(call, "DryRun"), &count));
    RS_TRY(finish(call, true, rs_text_format(call->job, "make a new key and seal %zu passwords with it", count)));
    add_text(json_object_get(call->result, "warnings"), RS_TEXT("backups of the old key open nothing any more: `bindery key "
                                                                "backup` makes a new one"));
    return RS_OK;
}

rs_status delete_encrypted(struct call *call)
{
    const struct configure_keys *secrets;
    size_t count = 0;

    RS_TRY(need_secrets(call, &secrets));
    RS_TRY(secrets->remove(call->job, call->instance->data, true, true, call_flag(call, "DryRun"), &count));
    return finish(call, true, rs_text_format(call->job, "remove %zu stored passwords and their key", count));
}

static rs_status check_id(struct call *call)
{
    rs_text wanted = call_text(call, "InstallationID"), own = installation_id(call);

    if (rs_text_equal_nocase(wanted, own))
        return RS_OK;
    return rs_fail(call->job, RS_NOT_FOUND, "no report server with the installation id %.*s uses this database; that of this one "
                   "is %.*s", RS_TEXT_ARG(rs_text_slice(wanted, 0, 80)), RS_TEXT_ARG(own));
}

rs_status delete_key(struct call *call)
{
    const struct configure_keys *secrets;
    struct configure_key_state state;
    size_t count = 0;
    bool there;

    RS_TRY(need_secrets(call, &secrets));
    RS_TRY(check_id(call));
    RS_TRY(secrets->state(call->job, call->instance->data, &state));
    there = state.check.size > 0;
    if (there)
        RS_TRY(secrets->remove(call->job, call->instance->data, false, call_flag(call, "Force"), call_flag(call, "DryRun"), &count));
    return finish(call, there, rs_text_format(call->job, "remove the key %.*s, with which %zu passwords are sealed",
                                              RS_TEXT_ARG(shown(state.check)), count));
}

/* No-op where it is ready; a new instance gets its key; one whose key is missing needs that one, not another. */
rs_status initialize(struct call *call)
{
    const struct configure_keys *secrets;
    struct configure_key_state state;
    rs_text bytes;

    RS_TRY(need_secrets(call, &secrets));
    RS_TRY(check_id(call));
    RS_TRY(secrets->state(call->job, call->instance->data, &state));
    if (state.problem.size > 0)
        return rs_fail(call->job, RS_CONFLICT, "%.*s", RS_TEXT_ARG(state.problem));
    if (state.check.size > 0)
        return finish(call, false, RS_TEXT(""));
    RS_TRY(secrets->bytes(call->job, call->instance->data, &bytes));
    return finish(call, true, RS_TEXT("make a key"));
}

/* A name as the original has it: that behind the underscore of the virtual directory. */
static rs_text instance_name(struct call *call, const struct tables_snapshot *snapshot)
{
    rs_text directory = tables_application_find(snapshot, RS_TEXT("ReportServerWebService"))->directory;
    ptrdiff_t at = rs_text_find_byte(directory, '_');

    (void)call;
    return at > 0 ? rs_text_from_offset(directory, (size_t)at + 1) : RS_TEXT("BINDERY");
}

rs_status list_servers(struct call *call)
{
    const struct configure_keys *secrets;
    const struct tables_snapshot *snapshot;
    struct configure_key_state state;
    char host[256] = "localhost";

    RS_TRY(need_secrets(call, &secrets));
    RS_TRY(call_tables(call, &snapshot));
    RS_TRY(secrets->state(call->job, call->instance->data, &state));
    (void)gethostname(host, sizeof host - 1);
    add_text(put_array(call->result, "MachineNames"), rs_text_from(host));
    add_text(put_array(call->result, "InstanceNames"), instance_name(call, snapshot));
    add_text(put_array(call->result, "InstallationIDs"), installation_id(call));
    json_array_append_new(put_array(call->result, "IsInitialized"), json_boolean(state.problem.size == 0));
    put_number(call->result, "Length", 1);
    put_text(call->result, "key", shown(state.check));
    put_number(call->result, "sealed", (int64_t)state.sealed);
    put_text(call->result, "problem", state.problem);
    return RS_OK;
}
