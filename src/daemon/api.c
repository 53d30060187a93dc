#include "daemon/api.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/api_remote.h"
#include "daemon/api_serve.h"
#include "daemon/counters.h"
#include "daemon/front_role.h"
#include "daemon/instance.h"
#include "daemon/parent_state.h"
#include "daemon/paths.h"
#include "daemon/representation.h"
#include "daemon/sockets.h"
#include "format/json/json.h"
#include "net/loop/loop.h"

#define API_TIME_MS 60000      /* for one operation, with a handshake to verify it */
#define API_TOGETHER_MS 100    /* changes that are made together, before the first of them is answered */
#define API_GROUPS_MAX 4096    /* of one process */
#define API_BODY_MAX ((size_t)32 * 1024 * 1024) /* configurations to import */

struct api {
    struct parent *parent;
    struct instance instance;
    int fd;
    struct api_server *server;
    struct api_remote *remote; /* over HTTPS; NULL: not asked for */
};

/* ---- who asks ------------------------------------------------------------------------------------ */

static bool find_group(const char *name, gid_t *out)
{
    char room[65536]; /* with all its members */
    struct group group, *found = NULL;

    if (getgrnam_r(name, &group, room, sizeof room, &found) != 0 || !found)
        return false;
    *out = found->gr_gid;
    return true;
}

/* The groups that the process had when it connected, as for a file: wherever the system has its members from. */
static bool in_group(int fd, gid_t first, const char *name)
{
    gid_t wanted, groups[API_GROUPS_MAX];
    socklen_t size = sizeof groups;

    if (!find_group(name, &wanted))
        return false;
    if (first == wanted)
        return true;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) != 0)
        return false;
    for (size_t i = 0; i < size / sizeof groups[0]; i++)
        if (groups[i] == wanted)
            return true;
    return false;
}

/* The account at the other end, where it may configure this server; empty otherwise. */
static rs_text allowed_caller(struct rs_job *job, const struct api *api, int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    char room[4096];
    struct passwd account, *found = NULL;
    rs_text group = api->parent->settings.api_group;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return RS_TEXT("");
    if (peer.uid != 0 && peer.uid != geteuid() &&
        (group.size == 0 || !in_group(fd, peer.gid, rs_text_terminated(job, group)))) {
        rs_log(RS_LOG_WARNING, "configuration API: account %u may not use it", (unsigned)peer.uid);
        return RS_TEXT("");
    }
    if (getpwuid_r(peer.uid, &account, room, sizeof room, &found) == 0 && found)
        return rs_text_copy(job, rs_text_from(found->pw_name));
    return rs_text_format(job, "uid %u", (unsigned)peer.uid);
}

/* ---- what only a running server knows ------------------------------------------------------------- */

static json_t *child_json(const struct child *child, bool single)
{
    static const char *const states[] = {"stopped", "running", "waiting"};

    return json_pack("{s:s, s:i, s:s, s:i, s:i}", "role", child->role, "number", (int)child->number, "state",
                     states[child->state], "process", single ? (int)getpid() : (int)child->pid, "restarts",
                     (int)child->restarts);
}

static json_t *missing_json(const struct parent *parent)
{
    json_t *missing = json_array();
    char address[TABLES_ADDRESS_WRITTEN_MAX];

    for (size_t i = 0; i < parent->missing.count; i++) {
        const struct socket_missing *one = &parent->missing.items[i];
        tables_address_write(&one->address, address);
        json_array_append_new(missing, json_pack("{s:s, s:i, s:o}", "address", address, "port", (int)one->port,
                                                 "reason", json_from_text(one->reason)));
    }
    return missing;
}

static void put_stamp(json_t *object, const char *name, uint64_t utc_ms)
{
    char stamp[RS_CLOCK_STAMP_SIZE];

    if (utc_ms == 0)
        return;
    rs_clock_stamp((int64_t)utc_ms, stamp);
    json_object_set_new(object, name, json_string(stamp));
}

/* What the front said of its applications: "ok" where its last request was answered. */
static json_t *health_json(struct channel_reader *reader)
{
    static const char *const states[] = {[FRONT_ONLINE] = "online", [FRONT_OFFLINE] = "offline", [FRONT_DISABLED] = "disabled"};
    static const char *const numbers[] = {"connections", "waiting", "requests", "failures"};
    json_t *all = json_array();

    for (size_t left = channel_take_count(reader); left > 0 && !reader->broken; left--) {
        json_t *one = json_pack("{s:o}", "application", json_from_text(channel_take_text(reader)));
        uint64_t state = channel_take_number(reader), answered, failed;
        json_object_set_new(one, "state", json_string(states[state <= FRONT_DISABLED ? state : FRONT_OFFLINE]));
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
            json_object_set_new(one, numbers[i], json_integer((json_int_t)channel_take_number(reader)));
        answered = channel_take_number(reader);
        failed = channel_take_number(reader);
        json_object_set_new(one, "ok", json_boolean(state == FRONT_ONLINE && answered >= failed));
        put_stamp(one, "last_answer", answered);
        put_stamp(one, "last_failure_at", failed);
        json_object_set_new(one, "last_failure", json_from_text(channel_take_text(reader)));
        json_array_append_new(all, one);
    }
    return all;
}

static rs_status service_state(struct rs_job *job, void *data, json_t **out)
{
    struct parent *parent = data;
    json_t *processes = json_array();
    json_t *front = json_object();
    struct channel_reader counts;

    json_array_append_new(processes, child_json(&parent->front, parent->single));
    json_array_append_new(processes, child_json(&parent->keys, parent->single));
    if (parent->renewal.process.child.state != CHILD_STOPPED)
        json_array_append_new(processes, child_json(&parent->renewal.process.child, parent->single));
    if (parent->stapling.process.child.state != CHILD_STOPPED)
        json_array_append_new(processes, child_json(&parent->stapling.process.child, parent->single));
    for (unsigned i = 0; i < (parent->single ? 1 : parent->settings.workers); i++)
        json_array_append_new(processes, child_json(&parent->workers[i], parent->single));
    if (parent_front_counts(job, parent, &counts) == RS_OK) {
#define PUT_COUNT(name) json_object_set_new(front, #name, json_integer((json_int_t)channel_take_number(&counts)));
        FRONT_COUNTS(PUT_COUNT)
#undef PUT_COUNT
        json_object_set_new(front, "applications", health_json(&counts));
        counters_take(&counts, front);
    } else {
        rs_job_forgive(job); /* it is being started again: `processes` says so */
    }
    *out = json_pack("{s:b, s:i, s:s, s:o, s:o, s:o}", "running", true, "process", (int)getpid(), "version",
                     BINDERY_VERSION, "processes", processes, "front", front, "missing", missing_json(parent));
    return RS_OK;
}

/* ---- one request ---------------------------------------------------------------------------------- */

static rs_text operation_of(const struct http_request *request)
{
    return rs_text_starts(request->target, RS_TEXT("/v1/")) ? rs_text_from_offset(request->target, 4) : RS_TEXT("");
}

static rs_status dispatch(struct rs_job *job, struct api *api, rs_text operation, const struct http_request *request, rs_text body,
                          rs_text who, struct configure_group *group, json_t **out)
{
    rs_text tool;
    json_t *arguments;

    if (request->method != HTTP_POST || operation.size == 0)
        return rs_fail(job, RS_NOT_FOUND, "the configuration API takes POST /v1/<Operation>");
    RS_TRY(json_parse(job, body.size ? body : RS_TEXT("{}"), API_BODY_MAX, &arguments));
    if (!json_is_object(arguments))
        return rs_fail(job, RS_INVALID, "the arguments of an operation are a JSON object");
    tool = http_fields_find_name(&request->fields, RS_TEXT("Bindery-Tool"));
    return configure_call(job, &api->instance.configure, operation, arguments,
                          &(struct configure_caller){.who = who, .tool = tool.size ? tool : RS_TEXT("configuration API"),
                                                     .group = group}, out);
}

/* As Prometheus asks. */
static rs_status get_metrics(struct rs_job *job, struct api *api, rs_text who, json_t **out)
{
    json_t *none = json_keep(job, json_object());

    return instance_call(job, &api->instance, RS_TEXT("GetMetrics"), none, who, RS_TEXT("metrics"), out);
}

static json_t *error_json(struct rs_job *job, rs_text operation, rs_status status)
{
    int32_t hresult = configure_hresult(operation, status);

    return json_pack("{s:{s:s, s:s, s:i, s:o}}", "error", "status", rs_status_name(status), "code",
                     rs_status_client_code(status), "hresult", (int)hresult, "message", json_from_text(rs_job_error(job)));
}

static void put_json(struct rs_job *job, struct api_answer *out, rs_status status, json_t *body)
{
    *out = (struct api_answer){rs_status_http(status), RS_TEXT("application/json"), json_write(job, body, JSON_COMPACT_LINE)};
    json_decref(body);
}

static void put_failure(struct rs_job *job, rs_text operation, rs_status status, struct api_answer *out)
{
    put_json(job, out, status, error_json(job, operation, status));
}

static void answer_operation(struct rs_job *job, void *data, rs_text who, rs_text operation, const struct http_request *request,
                             rs_text body, struct api_answer *out)
{
    RS_OWNED(rs_job) work = rs_job_create(&(struct rs_job_options){.deadline_ms = rs_clock_steady_ms() + API_TIME_MS});
    bool metrics = request->method == HTTP_GET && rs_text_equal(operation, RS_TEXT("metrics"));
    json_t *result = NULL;
    rs_status status = metrics ? get_metrics(work, data, who, &result)
                               : dispatch(work, data, operation, request, body, who, NULL, &result);

    if (metrics && status == RS_OK) {
        *out = (struct api_answer){200, RS_TEXT("text/plain; version=0.0.4; charset=utf-8"),
                                   rs_text_copy(job, json_to_text(json_object_get(result, "text")))};
        json_decref(result);
        return;
    }
    put_json(job, out, status, status == RS_OK ? result : error_json(work, operation, status));
}

/* ---- changes that are made together ----------------------------------------------------------------- */

/* One of them, until all are done. */
struct member {
    struct rs_job *work;
    json_t *result; /* on success */
    rs_status status;
};

static bool may_group(const struct api_request *request)
{
    return request->head->method == HTTP_POST && configure_may_group(operation_of(request->head));
}

static void member_make(struct api *api, struct configure_group *group, const struct api_request *request, struct member *out)
{
    out->work = rs_job_create(&(struct rs_job_options){.deadline_ms = rs_clock_steady_ms() + API_TIME_MS});
    out->status = dispatch(out->work, api, operation_of(request->head), request->head, request->body, request->who, group,
                           &out->result);
}

/* What was answered before the end is void where the end fails. */
static void member_answer(const struct member *member, const struct rs_job *end, struct api_request *request)
{
    rs_text operation = operation_of(request->head);
    rs_status status = member->status;

    if (status == RS_OK && rs_job_status(end) != RS_OK) {
        json_decref(member->result);
        status = rs_job_adopt(member->work, end);
    }
    put_json(request->job, &request->answer, status, status == RS_OK ? member->result
                                                                     : error_json(member->work, operation, status));
}

/* As many as are here, or as time allows: those that came first shall not wait for all others. Gives how many; 0: it cannot be
 * begun, and whoever makes the first of them by itself will hear why. `*again`: nothing of it happened. */
static size_t make_together(struct api *api, struct api_request *requests, size_t count, bool careful, bool *again)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct member members[API_SERVE_CLIENTS_MAX];
    struct configure_group *group;
    int64_t until_ms = rs_clock_steady_ms() + API_TOGETHER_MS;
    size_t made = 0;

    *again = false;
    if (configure_group_begin(job, &api->instance.configure, careful, &group) != RS_OK)
        return 0;
    do
        member_make(api, group, &requests[made], &members[made]);
    while (++made < count && may_group(&requests[made]) && rs_clock_steady_ms() < until_ms);
    (void)!configure_group_end(job, group, again);
    for (size_t i = 0; i < made; i++) {
        member_answer(&members[i], job, &requests[i]);
        rs_job_destroy(members[i].work);
    }
    return made;
}

/* Quickly, and where something is not as it should be once more, one by one. */
static size_t answer_together(struct api *api, struct api_request *requests, size_t count)
{
    bool again;
    size_t made = make_together(api, requests, count, false, &again);

    return again ? make_together(api, requests, count, true, &again) : made;
}

static size_t api_answer(void *data, struct api_request *requests, size_t count)
{
    struct api_request *first = &requests[0];
    rs_text operation = rs_text_equal(first->head->path, RS_TEXT("/metrics")) ? RS_TEXT("metrics") : operation_of(first->head);
    size_t answered = count > 1 && may_group(&requests[0]) && may_group(&requests[1]) ? answer_together(data, requests, count) : 0;

    if (answered > 0)
        return answered;
    answer_operation(first->job, data, first->who, operation, first->head, first->body, &first->answer);
    return 1;
}

static void api_fault(struct rs_job *job, void *data, int status, rs_text sentence, struct api_answer *out)
{
    rs_status kind = status == 413 ? RS_OVER_LIMIT : HTTP_BAD_REQUEST;

    (void)data;
    (void)!rs_fail(job, kind, "%.*s", RS_TEXT_ARG(sentence));
    put_json(job, out, kind, error_json(job, RS_TEXT(""), kind));
    out->status = status;
}

static rs_text api_admit(struct rs_job *job, void *data, int fd, struct api_answer *refusal)
{
    rs_text who = allowed_caller(job, data, fd);

    if (who.size > 0)
        return who;
    (void)!rs_fail(job, RS_DENIED, "this account may not configure the server; root, the account it runs as and the "
                   "group of Bindery/ApiGroup may");
    put_json(job, refusal, RS_DENIED, error_json(job, RS_TEXT(""), RS_DENIED));
    return RS_TEXT("");
}

/* ---- opening --------------------------------------------------------------------------------------- */

/* Members of the group must get to the socket; what else is in these folders has modes of its own. */
static rs_status let_pass(struct rs_job *job, rs_text folder)
{
    struct stat info;

    if (stat(folder.bytes, &info) != 0 ||
        ((info.st_mode & 011) != 011 && chmod(folder.bytes, (info.st_mode & 07777) | 011) != 0))
        return rs_fail(job, RS_IO, "cannot let the group of Bindery/ApiGroup into \"%.*s\": %s", RS_TEXT_ARG(folder),
                       strerror(errno));
    return RS_OK;
}

static rs_status api_let_group_in(struct rs_job *job, const struct parent *parent)
{
    if (parent->settings.api_group.size == 0)
        return RS_OK;
    RS_TRY(let_pass(job, parent->paths->instance));
    return let_pass(job, parent->paths->run);
}

rs_status api_settings_changed(struct rs_job *job, struct api *api)
{
    const struct parent *parent = api->parent;

    RS_TRY(api_let_group_in(job, parent));
    if (!parent->settings.api_over_https) {
        api_remote_close(api->remote);
        api->remote = NULL;
        return RS_OK;
    }
    if (api->remote)
        return RS_OK;
    return api_remote_open(job, parent->loop,
                           &(struct api_remote_parts){parent->paths->remote_socket, &api->instance.configure, answer_operation,
                                                      put_failure, api_fault, api}, &api->remote);
}

rs_status api_open(struct rs_job *job, struct parent *parent, struct api **out)
{
    struct api *api = calloc(1, sizeof *api);
    rs_status status;

    if (!api)
        return rs_fail(job, RS_NO_MEMORY, "no memory for the configuration API");
    api->parent = parent;
    api->fd = -1;
    instance_of(&api->instance, parent->paths, parent->db, parent->store, parent_apply, parent_go_back, parent);
    instance_live(&api->instance, service_state, parent_take_settings);
    instance_wakes(&api->instance, renewal_wake);
    /* Anyone may connect: what the peer may do is decided by its credentials, with a reason. */
    status = representation_live(job, api->instance.representation, parent->loop);
    if (status == RS_OK)
        status = sockets_listen_unix(job, parent->paths->api_socket, SOCK_STREAM, 0666, &api->fd);
    if (status == RS_OK)
        status = api_settings_changed(job, api);
    if (status == RS_OK)
        api->server = api_server_open(parent->loop, api->fd, API_BODY_MAX,
                                      &(struct api_hooks){api_admit, api_answer, api_fault, api});
    if (status != RS_OK || !api->server) {
        api_close(api);
        return status != RS_OK ? status : rs_fail(job, RS_IO, "the configuration API cannot be watched");
    }
    *out = api;
    return RS_OK;
}

rs_status api_run(struct rs_job *job, struct api *api, const char *operation, const json_t *arguments, const char *tool,
                  json_t **out)
{
    struct configure_caller caller = {.who = RS_TEXT("the server"), .tool = rs_text_from(tool), .automatic = true};

    return configure_call(job, &api->instance.configure, rs_text_from(operation), arguments, &caller, out);
}

rs_status api_take(struct rs_job *job, struct api *api, rs_text slot, rs_text sha256, rs_text chain, rs_text key)
{
    struct configure_caller caller = {.who = RS_TEXT("the server"), .tool = RS_TEXT("ACME"), .automatic = true};

    return configure_take(job, &api->instance.configure, &caller, slot, sha256, chain, key);
}

void api_close(struct api *api)
{
    if (!api)
        return;
    api_server_close(api->server);
    api_remote_close(api->remote);
    instance_end(&api->instance);
    if (api->fd >= 0) {
        close(api->fd);
        unlink(api->parent->paths->api_socket.bytes);
    }
    free(api);
}
