#include "daemon/instance.h"

#include <errno.h>
#include <sodium.h>
#include <unistd.h>

#include "base/file.h"
#include "daemon/paths.h"
#include "daemon/representation.h"
#include "daemon/settings.h"
#include "net/pki/store.h"
#include "net/tables/change.h"
#include "service/ops/keys.h"
#include "store/catalog/catalog.h"

static rs_status apply(struct rs_job *job, void *data, struct tables_snapshot *tables)
{
    struct instance *instance = data;

    return instance->apply(job, instance->apply_data, tables);
}

static rs_status go_back(struct rs_job *job, void *data, struct tables_snapshot *tables)
{
    struct instance *instance = data;

    return instance->go_back(job, instance->apply_data, tables);
}

static rs_status represent(struct rs_job *job, void *data, struct tables_snapshot *tables)
{
    const struct instance *instance = data;

    return representation_show(job, instance->representation, tables);
}

static rs_status represent_over(struct rs_job *job, void *data, struct tables_snapshot *tables)
{
    const struct instance *instance = data;

    return representation_show_over(job, instance->representation, tables);
}

static rs_status may_represent(struct rs_job *job, void *data, struct tables_snapshot *tables)
{
    const struct instance *instance = data;

    return representation_check(job, instance->representation, tables);
}

static rs_status replace_config(struct rs_job *job, void *data, rs_text bytes)
{
    const struct instance *instance = data;

    return representation_replace(job, instance->representation, bytes);
}

static rs_status read_config(struct rs_job *job, void *data, rs_text *out)
{
    const struct instance *instance = data;

    representation_flush(instance->representation);
    return representation_read(job, instance->representation, out);
}

static rs_status check_config(struct rs_job *job, rs_text bytes)
{
    struct daemon_settings settings;

    return settings_read(job, bytes, &settings);
}

rs_status instance_database(struct rs_job *job, const struct paths *paths, rs_text *out)
{
    struct daemon_settings settings;
    rs_text bytes;

    RS_TRY(rs_file_read(job, paths->config, SETTINGS_FILE_MAX, &bytes));
    RS_TRY(settings_read(job, bytes, &settings));
    *out = paths_database(job, paths, settings.database);
    return RS_OK;
}

static rs_status database_ready(struct rs_job *job, void *data)
{
    const struct instance *instance = data;
    RS_OWNED(catalog) catalog = NULL;
    int64_t generation;
    rs_text path;

    RS_TRY(instance_database(job, instance->paths, &path));
    RS_TRY(catalog_open(job, path, &catalog));
    return catalog_generation(job, catalog, &generation);
}

/* ---- the key of stored passwords --------------------------------------------------------------- */

static void end_catalog(void *catalog)
{
    catalog_close(catalog);
}

/* Its catalog lives as long as the job. */
static rs_status keys_of(struct rs_job *job, const void *data, struct service_keys *out)
{
    const struct instance *instance = data;
    rs_text path;

    out->key_path = instance->paths->catalog_key;
    RS_TRY(instance_database(job, instance->paths, &path));
    RS_TRY(catalog_open(job, path, &out->catalog));
    rs_job_at_end(job, end_catalog, out->catalog);
    return RS_OK;
}

static rs_status key_state(struct rs_job *job, void *data, struct configure_key_state *out)
{
    struct service_key_state state;
    struct service_keys keys;

    RS_TRY(keys_of(job, data, &keys));
    RS_TRY(service_key_state(job, &keys, &state));
    *out = (struct configure_key_state){state.check, state.problem, state.sealed};
    return RS_OK;
}

static rs_status key_bytes(struct rs_job *job, void *data, rs_text *out)
{
    struct service_keys keys;

    RS_TRY(keys_of(job, data, &keys));
    return service_key_bytes(job, &keys, out);
}

static rs_status key_restore(struct rs_job *job, void *data, rs_text bytes, bool dry_run, bool *changed)
{
    struct service_keys keys;

    RS_TRY(keys_of(job, data, &keys));
    return service_key_restore(job, &keys, bytes, dry_run, changed);
}

static rs_status key_rotate(struct rs_job *job, void *data, bool dry_run, size_t *count)
{
    struct service_keys keys;

    RS_TRY(keys_of(job, data, &keys));
    return service_key_rotate(job, &keys, dry_run, count);
}

static rs_status key_remove(struct rs_job *job, void *data, bool contents, bool force, bool dry_run, size_t *count)
{
    struct service_keys keys;

    RS_TRY(keys_of(job, data, &keys));
    return service_key_remove(job, &keys, contents, force, dry_run, count);
}

static rs_status set_secret(struct rs_job *job, void *data, rs_text name, rs_text text)
{
    struct service_keys keys;

    RS_TRY(keys_of(job, data, &keys));
    return service_secret_set(job, &keys, name, text);
}

static rs_status get_secret(struct rs_job *job, void *data, rs_text name, rs_text *out)
{
    struct service_keys keys;

    RS_TRY(keys_of(job, data, &keys));
    return service_secret_get(job, &keys, name, out);
}

static const struct configure_keys secrets = {key_state, key_bytes, key_restore, key_rotate, key_remove, set_secret, get_secret};

/* ---- an instance ----------------------------------------------------------------------------------- */

void instance_of(struct instance *instance, const struct paths *paths, struct tables_db *db, struct pki_store *store,
                 instance_serve *apply_live, instance_serve *go_back_live, void *apply_data)
{
    *instance = (struct instance){
        .paths = paths,
        .representation = representation_open(paths->config, db),
        .configure = {.db = db, .store = store,
                      .certificate_folder = paths->certificates, .acme_folder = paths->acme,
                      .ocsp_folder = paths->ocsp, .apply_live = apply_live ? apply : NULL, .go_back_live = apply_live ? go_back : NULL,
                      .represent = represent, .represent_over = represent_over, .may_represent = may_represent,
                      .read_config = read_config, .replace_config = replace_config, .folder = paths->instance,
                      .check_config = check_config, .knows_setting = settings_knows,
                      .database_ready = database_ready, .secrets = &secrets, .data = instance},
        .apply = apply_live,
        .go_back = go_back_live,
        .apply_data = apply_data,
    };
}

static rs_status live_state(struct rs_job *job, void *data, json_t **out)
{
    const struct instance *instance = data;

    return instance->state(job, instance->apply_data, out);
}

static rs_status live_reload(struct rs_job *job, void *data)
{
    const struct instance *instance = data;

    return instance->reload(job, instance->apply_data);
}

void instance_live(struct instance *instance, rs_status (*state)(struct rs_job *job, void *data, json_t **out),
                   rs_status (*reload)(struct rs_job *job, void *data))
{
    instance->state = state;
    instance->reload = reload;
    instance->configure.live_state = live_state;
    instance->configure.reload = live_reload;
}

static void wake_renewals(void *data)
{
    const struct instance *instance = data;

    instance->wake(instance->apply_data);
}

void instance_wakes(struct instance *instance, void (*wake)(void *data))
{
    instance->wake = wake;
    instance->configure.wake_renewals = wake_renewals;
}

void instance_end(struct instance *instance)
{
    representation_close(instance->representation);
    instance->representation = NULL;
}

static void end_instance(void *instance)
{
    instance_end(instance);
}

static void end_db(void *db)
{
    tables_db_close(db);
}

static void end_store(void *store)
{
    pki_store_close(store);
}

rs_status instance_open(struct rs_job *job, const struct paths *paths, struct instance *out)
{
    struct tables_db *db;
    struct pki_store *store;

    if (access(paths->config.bytes, F_OK) != 0)
        return rs_fail(job, RS_NOT_FOUND, "\"%.*s\" is no instance: there is no rsreportserver.config (%s); `bindery "
                       "--instance DIR init` makes one", RS_TEXT_ARG(paths->instance), strerror(errno));
    RS_TRY(tables_db_open(job, paths->https_db, &db));
    rs_job_at_end(job, end_db, db);
    RS_TRY(pki_store_open(job, &(struct pki_store_options){.folder = paths->certificates}, &store));
    rs_job_at_end(job, end_store, store);
    instance_of(out, paths, db, store, NULL, NULL, NULL);
    rs_job_at_end(job, end_instance, out);
    return RS_OK;
}

/* {5b0c5b0e-6f0e-4e55-9a51-0d1f7d0a9c11}: RFC 4122, version 4. */
static rs_text new_installation_id(struct rs_job *job)
{
    unsigned char b[16];

    randombytes_buf(b, sizeof b);
    b[6] = (unsigned char)((b[6] & 0x0F) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3F) | 0x80);
    return rs_text_format(job, "{%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x}", b[0], b[1], b[2],
                          b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

rs_status instance_directories(struct rs_job *job, const struct paths *paths, rs_text *web_service, rs_text *portal)
{
    RS_OWNED(tables_db) db = NULL;

    if (access(paths->https_db.bytes, F_OK) != 0)
        return rs_fail(job, RS_NOT_FOUND, "\"%.*s\" is no instance: there is no https.db; `bindery --instance DIR init` makes "
                       "one", RS_TEXT_ARG(paths->instance));
    RS_TRY(tables_db_open(job, paths->https_db, &db));
    RS_TRY(tables_db_directory(job, db, RS_TEXT("ReportServerWebService"), web_service));
    return tables_db_directory(job, db, RS_TEXT("ReportServerWebApp"), portal);
}

/* ReportServer_NAME and Reports_NAME, as the original names them. */
static rs_status name_directories(struct rs_job *job, struct tables_db *db, rs_text name)
{
    const struct tables_actor actor = {RS_TEXT("the system"), RS_TEXT("bindery init")};
    const struct tables_change changes[] = {
        {.kind = TABLES_SET_DIRECTORY, .application = RS_TEXT("ReportServerWebService"),
         .directory = rs_text_format(job, "ReportServer_%.*s", RS_TEXT_ARG(name))},
        {.kind = TABLES_SET_DIRECTORY, .application = RS_TEXT("ReportServerWebApp"),
         .directory = rs_text_format(job, "Reports_%.*s", RS_TEXT_ARG(name))},
    };
    RS_OWNED(tables_pending) pending = NULL;

    RS_TRY(tables_begin_all(job, db, &actor, changes, 2, rs_text_format(job, "make the instance %.*s", RS_TEXT_ARG(name)),
                            &pending));
    return tables_commit(job, rs_move(pending));
}

rs_status instance_init(struct rs_job *job, const struct paths *paths, rs_text name, bool *was_there)
{
    RS_OWNED(tables_db) db = NULL;
    RS_OWNED(tables_snapshot) tables = NULL;
    RS_OWNED(representation) representation = NULL;
    RS_OWNED(catalog) catalog = NULL;
    rs_text database;
    const struct {
        rs_text path;
        mode_t mode;
    } folders[] = {{paths->instance, 0750}, {paths->certificates, 0700}, {paths->data, 0750},
                   {paths->run, 0750},      {paths->log, 0750},          {paths->tmp, 0700}};

    if (sodium_init() < 0)
        return rs_fail(job, RS_FAILED, "the system gives no random numbers");
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        RS_TRY(rs_folder_make(job, folders[i].path, folders[i].mode));
    *was_there = access(paths->config.bytes, F_OK) == 0;
    if (!*was_there)
        RS_TRY(rs_file_replace(job, paths->config, settings_default_file(job, new_installation_id(job)), 0640));
    RS_TRY(tables_db_open(job, paths->https_db, &db));
    if (!*was_there && name.size > 0)
        RS_TRY(name_directories(job, db, name));
    RS_TRY(tables_db_load(job, db, &tables));
    RS_TRY(instance_database(job, paths, &database));
    RS_TRY(catalog_open(job, database, &catalog));
    representation = representation_open(paths->config, db);
    return *was_there ? representation_show(job, representation, tables) : representation_show_over(job, representation, tables);
}

rs_status instance_call(struct rs_job *job, struct instance *instance, rs_text operation, const json_t *arguments,
                        rs_text who, rs_text tool, json_t **out)
{
    return configure_call(job, &instance->configure, operation, arguments,
                          &(struct configure_caller){.who = who, .tool = tool}, out);
}
