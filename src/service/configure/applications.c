/* ListApplications, AddApplication, AddReportServer, RemoveApplication: who shares the port. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/buf.h"
#include "net/tables/target.h"
#include "service/configure/inside.h"

#define REACH_MS 200 /* the application is on this machine: it answers at once, or it does not */

/* ---- is it there ----------------------------------------------------------------------------- */

static int reach(int fd, const struct sockaddr *to, socklen_t size)
{
    struct pollfd wait = {.fd = fd, .events = POLLOUT};
    int error = 0;
    socklen_t error_size = sizeof error;

    if (connect(fd, to, size) == 0 || errno == EAGAIN) /* it has more connections waiting than it can count: it is there */
        return 0;
    if (errno != EINPROGRESS)
        return errno;
    if (poll(&wait, 1, REACH_MS) <= 0)
        return ETIMEDOUT;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_size) == 0 ? error : errno;
}

/* 0, or why nobody accepts connections there. */
static int target_error(const struct tables_target *target)
{
    RS_OWNED_FD fd = socket(target->path.size ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in inet = {.sin_family = AF_INET, .sin_port = htons(target->port), .sin_addr = {htonl(INADDR_LOOPBACK)}};

    if (fd < 0)
        return errno;
    if (target->path.size == 0)
        return reach(fd, (struct sockaddr *)&inet, sizeof inet);
    if (target->path.size >= sizeof local.sun_path)
        return ENAMETOOLONG;
    memcpy(local.sun_path, target->path.bytes, target->path.size);
    return reach(fd, (struct sockaddr *)&local, sizeof local);
}

static rs_text not_there(struct rs_job *job, const struct tables_target *target, int error)
{
    return rs_text_format(job, "nobody accepts connections at %.*s: %s", RS_TEXT_ARG(tables_target_write(job, target)),
                          strerror(error));
}

/* ---- listing ------------------------------------------------------------------------------- */

static rs_status application_json(struct call *call, const struct tables_snapshot *snapshot,
                                  const struct tables_application *application, json_t *out)
{
    struct tables_target target;
    json_t *urls, *rows;
    int error;

    put_text(out, "application", application->name);
    put_text(out, "kind", application->kind == TABLES_REPORT_SERVER ? RS_TEXT("report server") : RS_TEXT("other"));
    put_text(out, "directory", application->directory);
    put_text(out, "target", application->target);
    urls = put_array(out, "urls");
    for (size_t i = 0; i < tables_reservation_count(snapshot); i++)
        if (rs_text_equal(tables_reservation(snapshot, i)->application, application->name))
            add_text(urls, tables_reservation(snapshot, i)->url);
    rows = put_array(out, "rows");
    for (size_t i = 0; i < tables_binding_count(snapshot); i++) {
        struct tables_place place = tables_binding_place(tables_binding(snapshot, i));
        if (tables_claim_find(tables_binding(snapshot, i), application->name))
            add_text(rows, tables_place_write(call->job, &place));
    }
    if (application->target.size == 0)
        return RS_OK;
    RS_TRY(tables_target_parse(call->job, application->target, &target));
    error = target_error(&target);
    put_flag(out, "reachable", error == 0);
    if (error != 0)
        put_text(out, "message", not_there(call->job, &target, error));
    return RS_OK;
}

rs_status list_applications(struct call *call)
{
    const struct tables_snapshot *snapshot;
    json_t *out = put_array(call->result, "applications");

    RS_TRY(call_tables(call, &snapshot));
    for (size_t i = 0; i < tables_application_count(snapshot); i++)
        RS_TRY(application_json(call, snapshot, tables_application(snapshot, i), add_object(out)));
    put_number(call->result, "revision", tables_snapshot_revision(snapshot));
    return RS_OK;
}

/* ---- adding -------------------------------------------------------------------------------- */

/* An application that does not run yet may be added; its URLs answer 503 until it does. */
static rs_status check_target(struct call *call, const struct tables_snapshot *snapshot, const struct tables_change *change,
                           json_t *checks)
{
    struct tables_target target;
    int error;

    (void)snapshot;
    RS_TRY(tables_target_parse(call->job, change->target, &target));
    error = target_error(&target);
    add_check(checks, "connect", change->application, error == 0, false,
              error ? rs_text_format(call->job, "%.*s; until somebody does its URLs answer 503",
                                     RS_TEXT_ARG(not_there(call->job, &target, error)))
                    : RS_TEXT("the application accepts connections"));
    return RS_OK;
}

rs_status add_application(struct call *call)
{
    struct tables_change change = {.kind = TABLES_ADD_APPLICATION, .application = call_text(call, "Application"),
                                   .target = call_text(call, "Target")};

    return change_run(call, &change, check_target, NULL);
}

static const struct {
    const char *application, *directory;
} faces[] = {{"ReportServerWebService", "WebServiceDirectory"}, {"ReportServerWebApp", "PortalDirectory"}};

/* Both faces of another instance's report server; one socket leads to both. */
rs_status add_report_server(struct call *call)
{
    rs_text instance = call_text(call, "Instance");
    struct tables_change changes[2];

    for (size_t i = 0; i < 2; i++)
        changes[i] = (struct tables_change){
            .kind = TABLES_ADD_APPLICATION,
            .application = rs_text_format(call->job, "%s_%.*s", faces[i].application, RS_TEXT_ARG(instance)),
            .directory = call_text(call, faces[i].directory), .target = call_text(call, "Target"), .of_many = true};
    return change_run_all(call, changes, 2, rs_text_format(call->job, "add the report server instance %.*s at %.*s",
                                                           RS_TEXT_ARG(instance), RS_TEXT_ARG(changes[0].target)),
                          check_target, NULL);
}

/* By its own name; or an instance, with both faces of its report server. */
rs_status remove_application(struct call *call)
{
    rs_text name = call_text(call, "Application");
    const struct tables_snapshot *snapshot;
    struct tables_change changes[2];
    bool is_instance = true;

    RS_TRY(call_tables(call, &snapshot));
    for (size_t i = 0; i < 2; i++) {
        changes[i] = (struct tables_change){
            .kind = TABLES_REMOVE_APPLICATION, .replace = call_flag(call, "Force"), .of_many = true,
            .application = rs_text_format(call->job, "%s_%.*s", faces[i].application, RS_TEXT_ARG(name))};
        is_instance = is_instance && tables_application_find(snapshot, changes[i].application);
    }
    if (is_instance && !tables_application_find(snapshot, name))
        return change_run_all(call, changes, 2, rs_text_format(call->job, "remove the report server instance %.*s",
                                                               RS_TEXT_ARG(name)), NULL, NULL);
    changes[0].application = name;
    changes[0].of_many = false;
    return change_run(call, &changes[0], NULL, NULL);
}
