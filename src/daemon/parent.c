/* The life of a server:
 *
 *     lock, settings, https.db, sockets
 *        |
 *     front  <- plan        workers        API socket
 *        |
 *     loop: a child ended -> due again -> started        (tick)
 *           SIGHUP        -> settings read again, new front, new workers, the old ones finish what they have
 *           API           -> a change: new plan to the front, verified, committed or taken back
 *        |
 *     SIGTERM: front drains, workers finish their request, everything is closed. A second SIGTERM ends at once.
 */
#include "daemon/parent.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "daemon/alone.h"
#include "daemon/api.h"
#include "daemon/channel.h"
#include "daemon/child.h"
#include "daemon/directories.h"
#include "daemon/expiry.h"
#include "daemon/front_role.h"
#include "daemon/identities.h"
#include "daemon/notify.h"
#include "daemon/parent_state.h"
#include "daemon/paths.h"
#include "daemon/plan_message.h"
#include "daemon/roles.h"
#include "daemon/rotate.h"
#include "daemon/trusts.h"
#include "daemon/wiping.h"
#include "net/loop/loop.h"
#include "net/pki/keys.h"
#include "net/tables/target.h"

#define PARENT_TICK_MS 100
#define PARENT_APPLY_MS 15000 /* the front answers within milliseconds; this is for a machine that swaps */
#define PARENT_OFFLINE_MS 1000 /* clients wait so long for a worker that is started again; then they are refused at once */
#define PARENT_MISSING_MS 3000 /* between tries of an address and port that another program has */
#define PARENT_ROTATE_MS 2000  /* between looks at the size of log files */
#define PARENT_WHOLE_ROWS 256 /* so few rows go whole with every change, and what went is forgotten at once */
#define PARENT_SWEEP_MS 5000 /* where there are more, keys and certificates of rows that went are forgotten so soon */
#define PARENT_STOP_MS 30000  /* then what is still there is killed */

/* ---- the front ---------------------------------------------------------------------------------- */

/* Of the report server itself: what its settings say of the application with this name. */
static bool is_enabled(const struct parent *parent, rs_text name)
{
    return rs_text_equal(name, RS_TEXT("ReportServerWebApp")) ? parent->settings.portal_enabled
                                                              : parent->settings.web_service_enabled;
}

static struct front_application own_application(const struct parent *parent, const struct tables_application *row)
{
    size_t most = (size_t)policy_number(&row->policy, POLICY_APPLICATION_CONNECTIONS);

    return (struct front_application){
        .name = row->name,
        .socket_path = parent->paths->worker_socket,
        .state = !is_enabled(parent, row->name) ? FRONT_DISABLED : parent->offline ? FRONT_OFFLINE : FRONT_ONLINE,
        .connections_max = most > 0 ? most : parent->settings.workers,
        .needs_tls = parent->settings.secure_level > 0,
    };
}

/* Whether it runs is seen when it is connected to. */
static rs_status other_application(struct rs_job *job, const struct tables_application *row, struct front_application *out)
{
    struct tables_target target;

    RS_TRY(tables_target_parse(job, row->target, &target));
    *out = (struct front_application){
        .name = row->name,
        .socket_path = target.path,
        .port = target.port,
        .connections_max = (size_t)policy_number(&row->policy, POLICY_APPLICATION_CONNECTIONS),
    };
    return RS_OK;
}

static rs_status applications(struct rs_job *job, const struct parent *parent, const struct tables_snapshot *tables,
                              const struct front_application **out, size_t *count)
{
    struct front_application *items;

    *count = tables_application_count(tables);
    *out = items = RS_NEW_ARRAY(job, struct front_application, *count);
    for (size_t i = 0; i < *count; i++) {
        const struct tables_application *row = tables_application(tables, i);
        if (row->target.size == 0)
            items[i] = own_application(parent, row);
        else
            RS_TRY(other_application(job, row, &items[i]));
    }
    return RS_OK;
}

static void front_channel_close(struct parent *parent)
{
    if (parent->front_channel >= 0)
        close(parent->front_channel);
    parent->front_channel = -1;
}

/* A question that was not sent whole, or not answered: what comes next on the channel may be the answer to it, and
 * nobody knows what this front serves. Another one takes its place and is given the tables that count. A front that
 * is a thread ends with its channel, and the server with it. */
static void front_give_up(struct parent *parent)
{
    if (parent->front_channel < 0)
        return;
    front_channel_close(parent);
    child_signal(&parent->front, SIGKILL);
    if (!parent->single)
        return;
    rs_log(RS_LOG_ERROR, "the front does not answer; the server ends");
    if (parent->loop)
        loop_stop(parent->loop);
}

/* Any answer, but a whole one. */
static rs_status front_exchange(struct rs_job *job, struct parent *parent, const struct channel_message *question,
                                struct channel_reader *out, rs_status *said, rs_text *text)
{
    struct channel_message message;
    bool closed;

    RS_TRY(channel_send(job, parent->front_channel, question, PARENT_APPLY_MS));
    RS_TRY(channel_receive(job, parent->front_channel, PARENT_APPLY_MS, &message, &closed));
    channel_close_fds(&message);
    if (closed)
        return rs_fail(job, RS_IO, "the front ended while it was asked");
    *out = (struct channel_reader){.rest = message.body};
    *said = (rs_status)channel_take_number(out);
    *text = channel_take_text(out);
    if (message.kind != FRONT_ANSWER || out->broken || *said >= RS_STATUS_COUNT)
        return rs_fail(job, RS_FAILED, "the front gave an answer that cannot be read");
    return RS_OK;
}

rs_status parent_front_ask(struct rs_job *job, struct parent *parent, const struct channel_message *question,
                           struct channel_reader *out)
{
    rs_status status, said;
    rs_text text;

    if (parent->front_channel < 0)
        return rs_fail(job, RS_CONFLICT, "the HTTPS service is being started again; try again in a moment");
    status = front_exchange(job, parent, question, out, &said, &text);
    if (status != RS_OK) {
        front_give_up(parent);
        return status;
    }
    if (said != RS_OK)
        return rs_fail(job, said, "%.*s", RS_TEXT_ARG(text));
    if (text.size > 0)
        rs_log(RS_LOG_WARNING, "front: %.*s", RS_TEXT_ARG(text));
    return RS_OK;
}

static void front_serves(struct parent *parent, struct tables_snapshot *tables, uint64_t serial)
{
    if (tables)
        tables_snapshot_ref(tables);
    tables_snapshot_unref(parent->front_tables);
    parent->front_tables = tables;
    parent->front_serial = serial;
}

/* The difference from what the front serves; or with `whole` everything, which also lets it, and the process of the keys,
 * forget what is no longer named. */
static rs_status front_send_plan(struct rs_job *job, struct parent *parent, struct tables_snapshot *tables,
                                 const struct sockets *sockets, bool whole)
{
    struct plan_contents contents = {
        .tables = tables,
        .serial = ++parent->last_serial,
        .base = whole ? NULL : parent->front_tables,
        .base_serial = parent->front_serial,
        .sockets = sockets->items,
        .socket_count = sockets->count,
    };
    struct channel_message message = {.kind = FRONT_APPLY, .fd_count = sockets->count};
    struct channel_reader answer;
    rs_buf body = rs_buf_in(job);

    RS_TRY(applications(job, parent, tables, &contents.applications, &contents.application_count));
    if (parent->front_channel >= 0 && (identities_give(job, parent, contents.base, tables) != RS_OK ||
                                       trusts_give(job, parent, contents.base, tables) != RS_OK)) {
        front_give_up(parent); /* a part of a message may be on the channel */
        return rs_job_status(job);
    }
    plan_message_write(&body, &contents);
    message.body = rs_buf_text(&body);
    for (size_t i = 0; i < sockets->count; i++)
        message.fds[i] = sockets->items[i].fd;
    RS_TRY(parent_front_ask(job, parent, &message, &answer));
    front_serves(parent, tables, contents.serial);
    parent->sweep_due_ms = !contents.base ? 0 : parent->sweep_due_ms ? parent->sweep_due_ms : rs_clock_steady_ms() + PARENT_SWEEP_MS;
    return RS_OK;
}

/* Where they cannot be told, the tables are served all the same. */
static void tell_workers(struct parent *parent, const struct tables_snapshot *tables)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    if (directories_tell(job, parent->paths, parent->tables, tables) != RS_OK) {
        rs_text why = rs_job_error(job);
        rs_log(RS_LOG_WARNING, "links go on naming the virtual directories as they were: %.*s", RS_TEXT_ARG(why));
    }
}

/* `later`: where the front is gone, the next one begins with these tables. */
static rs_status serve(struct rs_job *job, struct parent *parent, struct tables_snapshot *tables, bool later)
{
    struct rs_job *keep = rs_job_create(NULL);
    struct sockets sockets;
    struct sockets_missing missing;
    bool whole = tables_binding_count(tables) <= PARENT_WHOLE_ROWS;
    rs_status status = trusts_check(job, parent, tables);

    if (status == RS_OK)
        status = sockets_for(job, keep, tables, &parent->sockets, &parent->missing, &sockets, &missing);
    if (status == RS_OK) {
        status = front_send_plan(job, parent, tables, &sockets, whole);
        if (status != RS_OK && later && parent->front_channel < 0) {
            rs_job_forgive(job);
            status = RS_OK;
        }
        if (status != RS_OK)
            sockets_close_others(&sockets, &parent->sockets);
    }
    if (status != RS_OK) {
        rs_job_destroy(keep);
        return status;
    }
    tell_workers(parent, tables);
    sockets_close_others(&parent->sockets, &sockets);
    rs_job_destroy(parent->sockets_job);
    parent->sockets_job = keep;
    parent->sockets = sockets;
    parent->missing = missing;
    tables_snapshot_ref(tables);
    tables_snapshot_unref(parent->tables);
    parent->tables = tables;
    if (whole)
        identities_settle(parent, tables);
    return RS_OK;
}

rs_status parent_apply(struct rs_job *job, void *data, struct tables_snapshot *tables)
{
    return serve(job, data, tables, false);
}

rs_status parent_go_back(struct rs_job *job, void *data, struct tables_snapshot *tables)
{
    return serve(job, data, tables, true);
}

/* A while after single changes: what they left behind in other processes goes. */
static void sweep(struct parent *parent, int64_t now)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    if (parent->sweep_due_ms == 0 || now < parent->sweep_due_ms || parent->front_channel < 0)
        return;
    parent->sweep_due_ms = 0;
    if (channel_send(job, parent->front_channel, &(struct channel_message){.kind = FRONT_SWEEP}, 1000) != RS_OK) {
        rs_text why = rs_job_error(job);
        rs_log(RS_LOG_ERROR, "the front cannot be told what it may forget: %.*s", RS_TEXT_ARG(why));
        front_give_up(parent); /* a part of the message may be on the channel */
        return;
    }
    identities_settle(parent, parent->tables);
}

/* What could not be listened on may be free by now. */
static void try_missing(struct parent *parent, int64_t now)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    size_t before = parent->missing.count;

    if (before == 0 || now < parent->missing_due_ms || parent->front.state != CHILD_RUNNING)
        return;
    parent->missing_due_ms = now + PARENT_MISSING_MS;
    if (parent_apply(job, parent, parent->tables) != RS_OK) {
        rs_text why = rs_job_error(job);
        rs_log(RS_LOG_ERROR, "cannot listen on what was missing: %.*s", RS_TEXT_ARG(why));
    } else if (parent->missing.count < before) {
        rs_log(RS_LOG_INFO, "%zu of %zu missing listeners are there now", before - parent->missing.count, before);
    }
}

rs_status parent_front_counts(struct rs_job *job, struct parent *parent, struct channel_reader *out)
{
    return parent_front_ask(job, parent, &(struct channel_message){.kind = FRONT_COUNT}, out);
}

/* Start a front and give it the present plan. */
static rs_status front_start(struct rs_job *job, struct parent *parent)
{
    int pair[2];
    rs_status status;

    RS_TRY(channel_pair(job, pair));
    front_channel_close(parent);
    parent->front_channel = pair[0];
    identities_forget_front(parent);
    trusts_forget(parent);
    front_serves(parent, NULL, 0);
    status = child_start(job, &parent->front, parent->paths->instance, parent->single, pair[1]);
    close(pair[1]);
    if (status == RS_OK)
        status = identities_connect(job, parent);
    if (status == RS_OK)
        status = trusts_share_tickets(job, parent);
    if (status == RS_OK)
        status = front_send_plan(job, parent, parent->tables, &parent->sockets, true);
    if (status != RS_OK) {
        child_signal(&parent->front, SIGKILL);
        return status;
    }
    renewal_tell_front(parent);
    return RS_OK;
}

static void front_ask_to_drain(struct parent *parent)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    if (parent->front_channel >= 0 && parent->front.state == CHILD_RUNNING)
        (void)!channel_send(job, parent->front_channel, &(struct channel_message){.kind = FRONT_DRAIN}, 1000);
}

static void front_tell_states(struct parent *parent)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    for (size_t i = 0; i < tables_application_count(parent->tables) && parent->front_channel >= 0; i++) {
        const struct tables_application *row = tables_application(parent->tables, i);
        rs_buf body = rs_buf_in(job);
        if (row->target.size > 0)
            continue;
        channel_put_text(&body, row->name);
        channel_put_number(&body, own_application(parent, row).state);
        struct channel_message message = {.kind = FRONT_STATE, .body = rs_buf_text(&body)};
        if (channel_send(job, parent->front_channel, &message, 1000) != RS_OK) {
            rs_text why = rs_job_error(job);
            rs_log(RS_LOG_ERROR, "cannot tell the front what runs: %.*s", RS_TEXT_ARG(why));
            front_give_up(parent); /* a part of the message may be on the channel */
            return;
        }
    }
}

/* ---- children ----------------------------------------------------------------------------------- */

/* Start `child` now; where that fails it is tried again like one that died. */
static void start_or_wait(struct parent *parent, struct child *child)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_status status = child == &parent->front  ? front_start(job, parent)
                       : child == &parent->keys ? identities_start_keys(job, parent)
                                                : child_start(job, child, parent->paths->instance, parent->single,
                                              parent->worker_socket);

    if (status != RS_OK) {
        rs_text why = rs_job_error(job);
        rs_log(RS_LOG_ERROR, "cannot start the %s: %.*s", child->role, RS_TEXT_ARG(why));
        if (child->state != CHILD_RUNNING) {
            child->state = CHILD_WAITING;
            child->due_ms = rs_clock_steady_ms() + 1000;
        }
    }
}

static struct child *child_of_process(struct parent *parent, pid_t pid)
{
    if (parent->front.pid == pid)
        return &parent->front;
    if (parent->keys.pid == pid)
        return &parent->keys;
    for (unsigned i = 0; i < SETTINGS_WORKERS_MAX; i++)
        if (parent->workers[i].pid == pid)
            return &parent->workers[i];
    return NULL;
}

/* Whether anything that serves requests is still there. */
static bool children_running(const struct parent *parent)
{
    bool running = parent->front.state == CHILD_RUNNING;

    for (unsigned i = 0; i < SETTINGS_WORKERS_MAX; i++)
        running = running || parent->workers[i].state == CHILD_RUNNING;
    return running || parent->leaving.count > 0;
}

static void stop_workers(struct parent *parent, unsigned from, int number)
{
    for (unsigned i = from; i < SETTINGS_WORKERS_MAX; i++)
        child_signal(&parent->workers[i], number);
}

/* Nobody waits any longer. */
static void kill_all(struct parent *parent)
{
    child_signal(&parent->front, SIGKILL);
    child_signal(&parent->keys, SIGKILL);
    child_signal(&parent->renewal.process.child, SIGKILL);
    child_signal(&parent->stapling.process.child, SIGKILL);
    stop_workers(parent, 0, SIGKILL);
    for (size_t i = 0; i < parent->leaving.count; i++)
        kill(parent->leaving.items[i], SIGKILL);
}

/* A front or a worker that SIGHUP replaced. */
static void has_left(struct parent *parent, pid_t pid)
{
    for (size_t i = 0; i < parent->leaving.count; i++)
        if (parent->leaving.items[i] == pid) {
            parent->leaving.items[i] = rs_vec_last(&parent->leaving);
            parent->leaving.count--;
            return;
        }
}

static struct outward *outward_of_process(struct parent *parent, pid_t pid)
{
    return pid == parent->renewal.process.child.pid    ? &parent->renewal.process
           : pid == parent->stapling.process.child.pid ? &parent->stapling.process
                                                       : NULL;
}

static void child_has_ended(struct parent *parent, pid_t pid, int wait_status)
{
    struct child *child = child_of_process(parent, pid);
    struct outward *outward;

    if (!child && kerberos_ended(parent, pid, wait_status))
        return;
    if (!child && (outward = outward_of_process(parent, pid))) {
        outward_ended(outward, parent->stopping, wait_status);
        return;
    }
    if (!child) {
        has_left(parent, pid);
        return;
    }
    if (parent->stopping)
        child->stopping = true;
    child_ended(child, wait_status);
    child->pid = -1;
    if (child == &parent->front) {
        front_channel_close(parent);
        if (parent->stopping)
            stop_workers(parent, 0, SIGTERM); /* nobody asks them any more */
    }
}

static void on_child(void *data)
{
    struct parent *parent = data;
    int wait_status;
    pid_t pid;

    while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0)
        child_has_ended(parent, pid, wait_status);
}

static void start_if_due(struct parent *parent, struct child *child, int64_t now)
{
    if (child->state == CHILD_WAITING && now >= child->due_ms)
        start_or_wait(parent, child);
}

/* A worker that serves, or will in a moment. One that keeps dying young counts again when it has lived for a while. */
static bool is_useful(const struct child *worker, int64_t now)
{
    if (worker->backoff_ms <= PARENT_OFFLINE_MS)
        return worker->state != CHILD_STOPPED;
    return worker->state == CHILD_RUNNING && now - worker->started_ms >= PARENT_OFFLINE_MS;
}

static void check_workers(struct parent *parent, int64_t now)
{
    bool useful = parent->single;

    for (unsigned i = 0; i < parent->settings.workers; i++)
        useful = useful || is_useful(&parent->workers[i], now);
    if (useful != parent->offline)
        return;
    parent->offline = !useful;
    if (parent->offline)
        rs_log(RS_LOG_ERROR, "no worker stays alive: requests are refused until one does");
    else
        rs_log(RS_LOG_INFO, "workers are back: requests are served again");
    front_tell_states(parent);
}

/* The process of a child goes its own way: it is counted, and its place is free. */
static void let_go(struct parent *parent, struct child *child)
{
    if (child->state != CHILD_RUNNING)
        return;
    rs_vec_push(parent->job, &parent->leaving, child->pid);
    child->pid = -1;
    child->state = CHILD_STOPPED;
}

/* New workers take over; the old ones finish what they have. */
static void replace_workers(struct parent *parent)
{
    stop_workers(parent, 0, SIGTERM);
    for (unsigned i = 0; i < SETTINGS_WORKERS_MAX; i++)
        let_go(parent, &parent->workers[i]);
    for (unsigned i = 0; i < parent->settings.workers; i++)
        start_or_wait(parent, &parent->workers[i]);
}

static void on_tick(void *data)
{
    struct parent *parent = data;
    int64_t now = rs_clock_steady_ms();

    on_child(parent); /* a signal that came while the API was answered */
    if (notify_watchdog_ms() > 0 && now >= parent->watchdog_due_ms) {
        parent->watchdog_due_ms = now + notify_watchdog_ms();
        notify_tell("WATCHDOG=1");
    }
    if (parent->stopping) {
        if (!children_running(parent)) {
            loop_stop(parent->loop);
        } else if (now >= parent->stop_by_ms) {
            rs_log(RS_LOG_WARNING, "what has not ended in %d seconds is killed", PARENT_STOP_MS / 1000);
            kill_all(parent);
            loop_stop(parent->loop);
        }
        return;
    }
    start_if_due(parent, &parent->keys, now);
    start_if_due(parent, &parent->front, now);
    for (unsigned i = 0; i < parent->settings.workers; i++)
        start_if_due(parent, &parent->workers[i], now);
    if (kerberos_tick(parent, now))
        replace_workers(parent);
    check_workers(parent, now);
    try_missing(parent, now);
    trusts_look(parent, now);
    sweep(parent, now);
    if (parent->front_channel >= 0)
        watch_tick(&parent->watch, parent->api, parent->tables, now);
    renewal_tick(parent, now);
    stapling_tick(parent, now);
    expiry_tick(&parent->expiry_due_ms, parent->store, parent->tables, now);
    if (now >= parent->rotate_due_ms) {
        parent->rotate_due_ms = now + PARENT_ROTATE_MS;
        rotate_logs(parent->paths->log, parent->settings.log_bytes);
    }
}

/* ---- stopping and settings ---------------------------------------------------------------------- */

static void on_stop(void *data)
{
    struct parent *parent = data;

    if (parent->stopping) {
        parent->stop_by_ms = 0;
        return;
    }
    notify_tell("STOPPING=1");
    rs_log(RS_LOG_INFO, "stopping: requests in flight are finished first");
    parent->stopping = true;
    parent->stop_by_ms = rs_clock_steady_ms() + PARENT_STOP_MS;
    if (parent->front.state == CHILD_RUNNING)
        front_ask_to_drain(parent);
    else
        stop_workers(parent, 0, SIGTERM);
    if (parent->single)
        loop_stop(parent->loop);
}

/* New processes with the new settings take over; the old ones finish what they have. */
static void replace_children(struct parent *parent)
{
    kerberos_settle(parent);
    front_ask_to_drain(parent);
    let_go(parent, &parent->front);
    start_or_wait(parent, &parent->front);
    replace_workers(parent);
}

/* Read rsreportserver.config; the old settings stay where it is wrong. */
static rs_status parent_reload(struct rs_job *job, struct parent *parent)
{
    struct rs_job *settings_job = rs_job_create(NULL);
    struct daemon_settings settings;
    rs_status status = settings_read_file(settings_job, parent->paths->config, &settings);

    if (status != RS_OK) {
        rs_within(settings_job, "\"%.*s\"", RS_TEXT_ARG(parent->paths->config));
        status = rs_job_adopt(job, settings_job);
        rs_job_destroy(settings_job);
        return status;
    }
    rs_job_destroy(parent->settings_job);
    parent->settings_job = settings_job;
    parent->settings = settings;
    rs_log_level(settings.log_level);
    return RS_OK;
}

rs_status parent_take_settings(struct rs_job *job, void *data)
{
    struct parent *parent = data;

    if (parent->single)
        return rs_fail(job, RS_UNSUPPORTED, "with --single the settings are read at the start only");
    RS_TRY(parent_reload(job, parent));
    if (api_settings_changed(job, parent->api) != RS_OK) {
        rs_text why = rs_job_error(job);
        rs_log(RS_LOG_ERROR, "%.*s", RS_TEXT_ARG(why));
        rs_job_forgive(job);
    }
    rs_log(RS_LOG_INFO, "settings read again; new processes take over");
    replace_children(parent);
    return RS_OK;
}

/* Whatever comes of it, the server goes on. */
static void on_reload(void *data)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    notify_tell(rs_text_format(job, "RELOADING=1\nMONOTONIC_USEC=%lld",
                               (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000).bytes);
    if (parent_take_settings(job, data) != RS_OK) {
        rs_text why = rs_job_error(job);
        rs_log(RS_LOG_ERROR, "SIGHUP: the old settings stay: %.*s", RS_TEXT_ARG(why));
    }
    notify_tell("READY=1");
}

/* ---- the certificate store ---------------------------------------------------------------------- */

/* A certificate came or went: rows whose certificate was missing may be served now. */
static void on_certificates(void *data, int events)
{
    struct parent *parent = data;
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    bool changed = false;

    (void)events;
    if (pki_store_rescan(job, parent->store, &changed) == RS_OK && !changed)
        return;
    if (rs_job_status(job) == RS_OK && parent->front_channel >= 0 && !parent->stopping) {
        rs_log(RS_LOG_INFO, "the certificate store changed: %zu certificates", pki_store_count(parent->store));
        if (identities_give(job, parent, parent->tables, parent->tables) == RS_OK)
            return; /* the front asks for what it has when a client meets the row */
        front_give_up(parent); /* a part of a message may be on the channel */
    }
    if (rs_job_status(job) != RS_OK) {
        rs_text why = rs_job_error(job);
        rs_log(RS_LOG_ERROR, "certificate store: %.*s", RS_TEXT_ARG(why));
    }
}

/* ---- starting ----------------------------------------------------------------------------------- */

static rs_status take_lock(struct rs_job *job, const struct paths *paths, int *out)
{
    RS_OWNED_FD fd = open(paths->lock.bytes, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        return rs_fail(job, RS_IO, "cannot open \"%.*s\": %s", RS_TEXT_ARG(paths->lock), strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return rs_fail(job, RS_CONFLICT, "a server of the instance \"%.*s\" runs already; `bindery status` tells more",
                       RS_TEXT_ARG(paths->instance));
    *out = fd;
    fd = -1;
    return RS_OK;
}

/* Sockets of the tables as they are. One that cannot be opened does not keep the others from being served: it is told
 * in the log and by `bindery status`, and tried again. Where none can be opened there is nothing to serve. */
static rs_status open_tables(struct rs_job *job, struct parent *parent)
{
    RS_TRY(tables_db_open(job, parent->paths->https_db, &parent->db));
    RS_TRY(tables_db_load(job, parent->db, &parent->tables));
    RS_TRY(directories_tell(job, parent->paths, NULL, parent->tables));
    RS_TRY(pki_store_open(job, &(struct pki_store_options){.folder = parent->paths->certificates}, &parent->store));
    parent->sockets_job = rs_job_create(NULL);
    RS_TRY(sockets_for(job, parent->sockets_job, parent->tables, &(struct sockets){0}, NULL, &parent->sockets,
                       &parent->missing));
    if (parent->missing.count > 0 && parent->sockets.count == 0)
        return rs_fail(job, LOOP_ADDRESS, "%.*s", RS_TEXT_ARG(parent->missing.items[0].reason));
    for (size_t i = 0; i < parent->missing.count; i++)
        rs_log(RS_LOG_ERROR, "%.*s; everything else is served, and this is tried again every %d seconds",
               RS_TEXT_ARG(parent->missing.items[i].reason), PARENT_MISSING_MS / 1000);
    parent->missing_due_ms = rs_clock_steady_ms() + PARENT_MISSING_MS;
    return RS_OK;
}

static void child_prepare(struct child *child, const char *role, unsigned number, child_main *run, void *data)
{
    *child = (struct child){.role = role, .number = number, .run = run, .run_data = data, .pid = -1};
}

static void watch_signals(struct parent *parent)
{
    static const struct {
        int number;
        void (*caught)(void *data);
    } wanted[] = {{SIGTERM, on_stop}, {SIGINT, on_stop}, {SIGHUP, on_reload}, {SIGCHLD, on_child}};

    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        parent->signals[i] = loop_signal_open(parent->loop, wanted[i].number, wanted[i].caught, parent);
}

/* Files that a process was killed over while it wrote them. */
static void sweep_folders(const struct paths *paths)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const rs_text folders[] = {paths->instance, paths->certificates, rs_text_format(job, "%.*s/ca", RS_TEXT_ARG(paths->certificates)),
                               paths->acme, paths->ocsp};

    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        rs_file_sweep(job, folders[i]);
}

static rs_status open_all(struct rs_job *job, struct parent *parent)
{
    RS_OWNED_FD turn = -1; /* from here on commands wait, until they can ask us */

    RS_TRY(rs_folder_make(job, parent->paths->run, 0750));
    RS_TRY(rs_folder_make(job, parent->paths->log, 0750));
    RS_TRY(rs_folder_make(job, parent->paths->tmp, 0700));
    RS_TRY(take_lock(job, parent->paths, &parent->lock));
    RS_TRY(alone_take(job, parent->paths->instance, &turn));
    sweep_folders(parent->paths);
    RS_TRY(parent_reload(job, parent));
    RS_TRY(loop_create(job, &parent->loop));
    RS_TRY(open_tables(job, parent));
    RS_TRY(sockets_listen_unix(job, parent->paths->worker_socket, SOCK_STREAM, 0600, &parent->worker_socket));
    watch_signals(parent);
    child_prepare(&parent->front, "front", 1, roles_front_thread, parent);
    child_prepare(&parent->keys, "keys", 1, roles_keys_thread, parent);
    for (unsigned i = 0; i < SETTINGS_WORKERS_MAX; i++)
        child_prepare(&parent->workers[i], "worker", i + 1, roles_worker_thread, parent);
    RS_TRY(identities_start_keys(job, parent));
    RS_TRY(front_start(job, parent));
    kerberos_settle(parent);
    for (unsigned i = 0; i < (parent->single ? 1 : parent->settings.workers); i++)
        RS_TRY(child_start(job, &parent->workers[i], parent->paths->instance, parent->single, parent->worker_socket));
    RS_TRY(api_open(job, parent, &parent->api));
    parent->tick = loop_timer_open(parent->loop, on_tick, parent);
    loop_timer_start(parent->tick, PARENT_TICK_MS, PARENT_TICK_MS);
    if (pki_store_watch_fd(parent->store) >= 0)
        parent->store_watch = loop_watch_open(parent->loop, pki_store_watch_fd(parent->store), LOOP_READ, on_certificates, parent);
    return RS_OK;
}

/* Where there are thousands of rows and certificates, reading them takes more than keeping them does: all of that ends here. */
static rs_status parent_open(struct rs_job *job, struct parent *parent)
{
    struct rs_job *opening = rs_job_create(&(struct rs_job_options){.within = job});
    rs_status status = open_all(opening, parent);

    (void)!rs_job_adopt(job, opening);
    rs_job_destroy(opening);
    malloc_trim(0);
    return status;
}

static void parent_close(struct parent *parent)
{
    front_ask_to_drain(parent);
    for (size_t i = 0; i < sizeof parent->signals / sizeof parent->signals[0]; i++)
        if (parent->signals[i]) /* from here on a second SIGTERM ends the program at once */
            loop_signal_close(parent->signals[i]);
    child_join(&parent->front); /* what it was asked is worked on until it is answered */
    parent->worker_stop = 1;
    if (parent->worker_socket >= 0)
        shutdown(parent->worker_socket, SHUT_RDWR); /* wakes a worker that is a thread */
    child_join(&parent->workers[0]);
    kerberos_close(parent);
    trusts_forget(parent);
    identities_close(parent); /* the keys go when their channel closes */
    child_join(&parent->keys);
    renewal_close(parent);
    stapling_close(parent);
    api_close(parent->api);
    watch_finish(&parent->watch);
    loop_watch_close(parent->store_watch);
    loop_timer_close(parent->tick);
    loop_destroy(parent->loop);
    front_channel_close(parent);
    sockets_close_others(&parent->sockets, &(struct sockets){0});
    rs_job_destroy(parent->sockets_job);
    if (parent->worker_socket >= 0) {
        close(parent->worker_socket);
        unlink(parent->paths->worker_socket.bytes);
    }
    pki_store_close(parent->store);
    tables_snapshot_unref(parent->tables);
    tables_snapshot_unref(parent->front_tables);
    tables_db_close(parent->db);
    rs_job_destroy(parent->settings_job);
    if (parent->lock >= 0)
        close(parent->lock);
}

static void take_listening(void)
{
    int first, fds[SOCKETS_MAX];
    size_t count = notify_listening(&first);

    for (size_t i = 0; i < count && i < SOCKETS_MAX; i++)
        fds[i] = first + (int)i;
    sockets_inherit(fds, count < SOCKETS_MAX ? count : SOCKETS_MAX);
}

rs_status parent_run(struct rs_job *job, const struct paths *paths, bool single)
{
    struct parent *parent = RS_NEW(job, struct parent);
    rs_status status;

    parent->job = job;
    parent->paths = paths;
    parent->single = single;
    watch_init(&parent->watch);
    renewal_init(parent);
    stapling_init(parent);
    kerberos_init(parent);
    parent->lock = parent->front_channel = parent->keys_channel = parent->worker_socket = -1;
    notify_begin();
    take_listening();
    pki_keys_protect_process(); /* it reads keys to judge certificates */
    if (!single)
        wiping_begin();
    status = parent_open(job, parent);
    if (status == RS_OK) {
        rs_log(RS_LOG_INFO, "bindery " BINDERY_VERSION " serves \"%.*s\": %zu URLs, %zu certificate bindings, %u workers",
               RS_TEXT_ARG(paths->instance), tables_reservation_count(parent->tables),
               tables_binding_count(parent->tables), single ? 1 : parent->settings.workers);
        notify_tell("READY=1");
        loop_run(parent->loop);
    }
    parent->stopping = true;
    if (!single)
        kill_all(parent);
    parent_close(parent);
    if (status == RS_OK)
        rs_log(RS_LOG_INFO, "stopped");
    return status;
}
