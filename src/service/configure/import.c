/* ImportConfiguration: a configuration of Windows, planned and made as one change. */
#include "service/configure/import.h"

#include "base/buf.h"
#include "format/escape/base64.h"
#include "service/configure/windows_text.h"

#define IMPORT_FILES_MAX 16

static rs_status read_file(struct rs_job *job, rs_text name, rs_text content, struct import_file *out)
{
    rs_text bytes, text;

    *out = (struct import_file){.name = name};
    RS_TRY(escape_base64_parse(job, content, &bytes));
    if (bytes.size > CONFIG_FILE_MAX)
        return rs_fail(job, RS_OVER_LIMIT, "%.*s is larger than %d MiB", RS_TEXT_ARG(name), (int)(CONFIG_FILE_MAX >> 20));
    text = windows_text(job, bytes);
    out->is_config = rs_text_starts(rs_text_trim(text), RS_TEXT("<"));
    if (out->is_config)
        return config_file_read(job, bytes, &out->config); /* the XML says itself how it is encoded */
    RS_TRY(netsh_read(job, text, &out->netsh));
    if (out->netsh.bindings.count + out->netsh.urls.count + out->netsh.addresses.count == 0)
        return rs_fail(job, RS_INVALID, "this is neither a rsreportserver.config nor a listing of `netsh http show sslcert`, "
                       "`show urlacl`, `show iplisten` or `httpcfg query`: it has no row of them");
    return RS_OK;
}

static rs_status read_files(struct import *import)
{
    struct rs_job *job = import->call->job;
    const rs_text *names, *contents;
    size_t count, content_count;
    struct import_file *files;

    call_texts(import->call, "Files", &names, &count);
    call_texts(import->call, "Contents", &contents, &content_count);
    if (count != content_count || count == 0 || count > IMPORT_FILES_MAX)
        return rs_fail(job, RS_INVALID, "Files and Contents are 1 to %d names and as many contents in base64", IMPORT_FILES_MAX);
    files = RS_NEW_ARRAY(job, struct import_file, count);
    for (size_t i = 0; i < count; i++) {
        rs_status status = read_file(job, names[i], contents[i], &files[i]);
        if (status != RS_OK)
            rs_within(job, "%.*s", RS_TEXT_ARG(names[i]));
        RS_TRY(status);
        if (files[i].is_config && import->config)
            return rs_fail(job, RS_INVALID, "%.*s and %.*s are both a rsreportserver.config: import one at a time",
                           RS_TEXT_ARG(import->config->name), RS_TEXT_ARG(names[i]));
        if (files[i].is_config)
            import->config = &files[i];
    }
    import->files = files;
    import->file_count = count;
    return RS_OK;
}

static rs_status check_missing(struct import *import)
{
    rs_buf list = rs_buf_in(import->call->job);
    rs_text text;

    if (import->missing.count == 0 || call_flag(import->call, "SkipMissing"))
        return RS_OK;
    for (size_t i = 0; i < import->missing.count; i++)
        rs_buf_printf(&list, "%s%.*s", i ? ", " : "", RS_TEXT_ARG(import->missing.items[i]));
    text = rs_buf_text(&list);
    return rs_fail(import->call->job, RS_NOT_FOUND, "certificates are not in the store, or cannot be used: %.*s. Export them on "
                   "Windows with their keys (`certutil -exportPFX My THUMBPRINT FILE.pfx`) and put them into the store; or give "
                   "another one for each; or leave their bindings out", RS_TEXT_ARG(text));
}

static rs_text history_text(struct import *import)
{
    rs_buf out = rs_buf_in(import->call->job);

    rs_buf_add_literal(&out, "import");
    for (size_t i = 0; i < import->file_count; i++)
        rs_buf_printf(&out, "%s%.*s", i ? ", " : " ", RS_TEXT_ARG(import->files[i].name));
    return rs_buf_text(&out);
}

static rs_status make(struct import *import, rs_text settings)
{
    struct call *call = import->call;

    RS_TRY(check_missing(import));
    RS_TRY(change_run_all(call, import->changes.items, import->changes.count, history_text(import), change_check_any,
                          change_verify_any));
    if (settings.size == 0 || call_flag(call, "DryRun"))
        return RS_OK;
    RS_TRY(call->instance->replace_config(call->job, call->instance->data, settings));
    return call->instance->reload ? call->instance->reload(call->job, call->instance->data) : RS_OK;
}

rs_status import_configuration(struct call *call)
{
    struct import import = {.call = call, .items = put_array(call->result, "items"),
                            .certificates = put_array(call->result, "certificates")};
    rs_text ours, settings = RS_TEXT("");
    rs_status status;

    RS_TRY(read_files(&import));
    RS_TRY(call_rescan(call));
    RS_TRY(call_tables(call, &import.snapshot));
    RS_TRY(import_plan(&import));
    if (import.config && call->instance->read_config) {
        RS_TRY(call->instance->read_config(call->job, call->instance->data, &ours));
        RS_TRY(import_settings(&import, ours, &settings));
    }
    status = make(&import, settings);
    if (status != RS_OK && call_flag(call, "DryRun")) { /* the plan is shown with what is in its way */
        put_text(call->result, "blocked", rs_job_error(call->job));
        rs_job_forgive(call->job);
        status = RS_OK;
    }
    return status;
}
