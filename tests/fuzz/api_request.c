/* A request of the configuration API: an operation's name, a line break, its arguments. On an instance whose server does not
 * run; changes are only planned, and what makes files or connections is left out. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "format/json/json.h"
#include "net/pki/store.h"
#include "net/tables/db.h"
#include "service/configure/configure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const left_out[] = {"CreateCertificate", "RequestCertificate", "VerifyBindings", "ExplainUrl"};

static char folder[64];

static void remove_folder(void)
{
    char command[128];

    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (system(command) != 0)
        abort();
}

static const struct configure_instance *instance(void)
{
    static struct configure_instance made;
    static struct rs_job *job;

    if (job)
        return &made;
    job = rs_job_create(NULL);
    snprintf(folder, sizeof folder, "/tmp/fuzz-api-XXXXXX");
    if (!mkdtemp(folder))
        abort();
    atexit(remove_folder);
    made.certificate_folder = rs_text_format(job, "%s/certs", folder);
    assert(tables_db_open(job, rs_text_format(job, "%s/https.db", folder), &made.db) == RS_OK);
    assert(pki_store_open(job, &(struct pki_store_options){.folder = made.certificate_folder}, &made.store) == RS_OK);
    return &made;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct configure_caller caller = {RS_TEXT("nobody"), RS_TEXT("fuzzer"), false};
    rs_text text = rs_text_of((const char *)data, size), name, rest;
    json_t *arguments, *out = NULL;
    int64_t before, after;

    rs_text_cut(text, '\n', &name, &rest);
    for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++)
        if (rs_text_equal_nocase(name, rs_text_from(left_out[i])))
            return 0;
    if (json_parse(job, rest, 0, &arguments) != RS_OK)
        return 0;
    if (json_is_object(arguments) && !rs_text_starts_nocase(name, RS_TEXT("List")) && !rs_text_starts_nocase(name, RS_TEXT("Get")))
        json_object_set_new(arguments, "DryRun", json_true());
    assert(tables_db_revision(job, instance()->db, &before) == RS_OK);
    if (configure_call(job, instance(), name, arguments, &caller, &out) == RS_OK) {
        assert(json_is_object(out));
        json_decref(out);
    } else {
        assert(configure_hresult(name, rs_job_status(job)) < 0 && rs_job_message(job).size > 0);
        rs_job_forgive(job);
    }
    assert(tables_db_revision(job, instance()->db, &after) == RS_OK && before == after);
    return 0;
}
