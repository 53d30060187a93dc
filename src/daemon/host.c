#include "daemon/host.h"

#include <jansson.h>
#include <unistd.h>

#include "base/owned.h"
#include "cli/now.h"
#include "daemon/alone.h"
#include "daemon/api_client.h"
#include "daemon/instance.h"
#include "daemon/parent.h"
#include "daemon/paths.h"
#include "daemon/roles.h"
#include "service/ops/service.h"

static rs_status host_init(struct rs_job *job, rs_text folder, rs_text name, bool *was_there)
{
    struct paths paths;

    RS_TRY(paths_of(job, folder, &paths));
    return instance_init(job, &paths, name, was_there);
}

static rs_status host_report_server(struct rs_job *job, rs_text folder, struct cli_report_server *out)
{
    struct paths paths;

    RS_TRY(paths_of(job, folder, &paths));
    out->target = rs_text_format(job, "unix:%.*s", RS_TEXT_ARG(paths.worker_socket));
    return instance_directories(job, &paths, &out->web_service_directory, &out->portal_directory);
}

static rs_status host_serve(struct rs_job *job, rs_text folder, rs_text role, bool single)
{
    struct paths paths;

    RS_TRY(paths_of(job, folder, &paths));
    if (role.size > 0)
        return roles_run(job, &paths, role);
    if (access(paths.config.bytes, R_OK) != 0)
        return rs_fail(job, RS_NOT_FOUND, "\"%.*s\" is no instance that can be read; `bindery --instance DIR init` makes one",
                       RS_TEXT_ARG(paths.instance));
    return parent_run(job, &paths, single);
}

static bool host_is_running(struct rs_job *job, rs_text folder)
{
    struct paths paths;
    int fd;

    if (paths_of(job, folder, &paths) != RS_OK) {
        rs_job_forgive(job);
        return false;
    }
    fd = api_client_connect(paths.api_socket);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static rs_status host_call(struct rs_job *job, rs_text folder, rs_text tool, const char *operation, json_t *arguments,
                           json_t **out)
{
    struct paths *paths = RS_NEW(job, struct paths);
    struct instance *instance;
    RS_OWNED_FD turn = -1;
    int fd;

    RS_TRY(paths_of(job, folder, paths));
    fd = api_client_connect(paths->api_socket);
    if (fd < 0) {
        RS_TRY(alone_take(job, paths->instance, &turn));
        fd = api_client_connect(paths->api_socket); /* a server may have started meanwhile */
    }
    if (fd >= 0)
        return api_client_call(job, fd, operation, arguments, tool, out);
    instance = RS_NEW(job, struct instance);
    RS_TRY(instance_open(job, paths, instance));
    return instance_call(job, instance, rs_text_from(operation), arguments, cli_user(job), tool, out);
}

static rs_status host_service(struct rs_job *job, rs_text folder, struct service **out)
{
    struct service_settings settings;
    struct paths paths;

    RS_TRY(paths_of(job, folder, &paths));
    if (access(paths.config.bytes, F_OK) != 0)
        return rs_fail(job, RS_NOT_FOUND, "\"%.*s\" is no instance; `bindery --instance DIR init` makes one",
                       RS_TEXT_ARG(paths.instance));
    service_settings_default(&settings);
    RS_TRY(instance_database(job, &paths, &settings.catalog_path));
    settings.key_path = paths.catalog_key;
    settings.data_folder = paths.data;
    return service_open(job, &settings, out);
}

const struct cli_host daemon_host = {host_init, host_report_server, host_serve, host_call, host_is_running, host_service};
