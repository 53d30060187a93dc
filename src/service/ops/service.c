#include "service/ops/service.h"

#include <stdlib.h>

#include "service/ops/published.h"
#include "store/secret/secret.h"
#include "store/catalog/catalog.h"
#include "store/catalog/seal.h"

struct service {
    struct rs_job *memory; /* of the settings' texts */
    struct service_settings settings;
    struct catalog *catalog; /* NULL until it could be opened */
    struct auth *auth;       /* of that catalog */
    struct published *published;
    struct secret_key key;
    char key_check[SECRET_CHECK_SIZE]; /* of `key` */
    bool has_key;
};

void service_settings_default(struct service_settings *settings)
{
    *settings = (struct service_settings){
        .auth = {.methods = AUTH_BASIC, .remember_ms = AUTH_REMEMBER_MS},
        .cache_bytes = (size_t)16 * 1024 * 1024,
        .catalog_wait_ms = 10000,
    };
}

rs_status service_open(struct rs_job *job, const struct service_settings *settings, struct service **out)
{
    RS_OWNED(service) service = calloc(1, sizeof *service);

    if (!service)
        return rs_fail(job, RS_NO_MEMORY, "no memory for the report server");
    service->memory = rs_job_create(NULL);
    service->settings = *settings;
    service->settings.catalog_path = rs_text_copy(service->memory, settings->catalog_path);
    service->settings.key_path = rs_text_copy(service->memory, settings->key_path);
    service->settings.unattended_user = rs_text_copy(service->memory, settings->unattended_user);
    service->settings.data_folder = rs_text_copy(service->memory, settings->data_folder);
    service->settings.data_hosts = rs_text_copy(service->memory, settings->data_hosts);
    service->settings.auth.realm = rs_text_copy(service->memory, settings->auth.realm);
    service->settings.auth.attempts_path = rs_text_copy(service->memory, settings->auth.attempts_path);
    service->settings.auth.kerberos_socket = rs_text_copy(service->memory, settings->auth.kerberos_socket);
    service->settings.auth.protection.proxy_channel = rs_text_copy(service->memory, settings->auth.protection.proxy_channel);
    service->settings.auth.kerberos_realm = rs_text_copy(service->memory, settings->auth.kerberos_realm);
    service->published = published_create(settings->cache_bytes);
    *out = rs_move(service);
    return RS_OK;
}

void service_close(struct service *service)
{
    if (!service)
        return;
    auth_destroy(service->auth);
    secret_key_forget(&service->key);
    published_destroy(service->published);
    catalog_close(service->catalog);
    rs_job_destroy(service->memory);
    free(service);
}

rs_status service_catalog(struct rs_job *job, struct service *service, struct catalog **out)
{
    if (!service->catalog) {
        RS_TRY(catalog_open(job, service->settings.catalog_path, &service->catalog));
        catalog_wait(service->catalog, service->settings.catalog_wait_ms);
    }
    *out = service->catalog;
    return RS_OK;
}

rs_status service_secret_key(struct rs_job *job, struct service *service, const struct secret_key **out)
{
    if (rs_text_is_empty(service->settings.key_path))
        return rs_fail(job, SECRET_KEY, "passwords of data sources are not kept here");
    struct catalog *catalog;
    rs_text check;

    RS_TRY(service_catalog(job, service, &catalog));
    RS_TRY(catalog_key_check(job, catalog, &check));
    *out = &service->key;
    if (service->has_key && (check.size == 0 || rs_text_equal(check, rs_text_of(service->key_check, SECRET_CHECK_SIZE))))
        return RS_OK;
    service->has_key = false;
    RS_TRY(secret_key_read(job, service->settings.key_path, check, &service->key));
    memcpy(service->key_check, secret_key_check(job, &service->key).bytes, SECRET_CHECK_SIZE);
    service->has_key = true;
    return RS_OK;
}

/* `seal_key` of the attempt too, where that is `wanted`: without it nothing is kept; who needs the key for something else says
 * what is wrong with it. */
static rs_status prepare_auth(struct rs_job *job, struct service *service, struct auth_attempt *attempt, bool wanted)
{
    struct catalog *catalog;

    RS_TRY(service_catalog(job, service, &catalog));
    if (!service->auth)
        RS_TRY(auth_create(job, &service->settings.auth, catalog, &service->auth));
    if (!wanted || service->settings.key_path.size == 0)
        return RS_OK;
    if (service_secret_key(job, service, &attempt->seal_key) != RS_OK) {
        rs_job_forgive(job);
        attempt->seal_key = NULL;
    }
    return RS_OK;
}

rs_status service_identify(struct rs_job *job, struct service *service, const struct auth_attempt *attempt,
                           struct auth_user *out, struct auth_reply *reply)
{
    struct auth_attempt with_key = *attempt;

    *reply = (struct auth_reply){0};
    RS_TRY(prepare_auth(job, service, &with_key, auth_wants_key(attempt)));
    return auth_identify(job, service->auth, &with_key, out, reply);
}

rs_status service_log_on(struct rs_job *job, struct service *service, const struct auth_attempt *attempt, rs_text name,
                         rs_text password, struct auth_user *out, struct auth_reply *reply)
{
    struct auth_attempt with_key = *attempt;

    *reply = (struct auth_reply){0};
    RS_TRY(prepare_auth(job, service, &with_key, true));
    return auth_log_on(job, service->auth, &with_key, name, password, out, reply);
}

size_t service_challenges(struct rs_job *job, const struct service *service, const struct auth_reply *reply,
                          rs_text out[AUTH_CHALLENGES_MAX])
{
    return auth_challenges(job, &service->settings.auth, reply, out);
}

struct published *service_published(const struct service *service)
{
    return service->published;
}

const struct service_settings *service_settings(const struct service *service)
{
    return &service->settings;
}

/* Codes whose messages hold what a data source said. */
static const char *const inner_codes[] = {"rsErrorOpeningConnection", "rsErrorExecutingCommand",
                                          "rsErrorReadingNextDataRow", "rsErrorReadingDataSetField"};

rs_text service_error_text(struct rs_job *job, const struct service_caller *caller)
{
    rs_status status = rs_job_status(job);

    if (rs_job_message(job).size == 0)
        return rs_text_from(rs_status_sentence(status));
    if (!caller->is_local && !caller->service->settings.remote_errors)
        for (size_t i = 0; i < sizeof inner_codes / sizeof inner_codes[0]; i++)
            if (rs_text_equal(rs_text_from(rs_status_client_code(status)), rs_text_from(inner_codes[i])))
                return rs_text_format(job, "%s; for details run the report on the server itself, or let the "
                                           "administrator enable remote errors",
                                      rs_status_sentence(status));
    return rs_job_error(job);
}
