#include "daemon/front_role.h"

#include <openssl/ssl.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/access_log.h"
#include "daemon/certificates.h"
#include "daemon/channel.h"
#include "daemon/counters.h"
#include "daemon/error_log.h"
#include "daemon/front_trusts.h"
#include "daemon/plan_message.h"
#include "net/front/challenge.h"
#include "daemon/sandbox.h"
#include "net/front/front.h"
#include "net/loop/loop.h"
#include "net/keys/client.h"
#include "net/pki/keys.h"

#define FRONT_LOG_MS 1000 /* lines of the access log wait at most this long */
#define FRONT_HEALTH_MAX 1000 /* applications */
#define FRONT_LARGE_BYTES ((size_t)1024 * 1024) /* a plan of this size took more on its way than it does now */
#define FRONT_CHANNEL_MS 10000 /* a message is on its way already: the rest of it comes at once */

struct front_role {
    struct rs_job *job; /* of the whole role */
    struct loop *loop;
    struct front *front;
    struct certificates *certificates;
    struct front_trusts *trusts;
    struct front_contexts *contexts;
    uint64_t serial; /* of the plan that is served */
    struct keys_client *keys;
    struct loop_watch *watch;
    struct loop_timer *log_timer;
    struct access_log *log;
    struct error_log *errors;
    struct counters *counters;
    rs_text run_folder; /* where this process is; empty: anywhere */
    int channel;
};

static bool is_set_to(const struct tables_binding *row, enum policy_id id, const char *value)
{
    return rs_text_equal(policy_text(&row->policy, id), rs_text_from(value));
}

static struct tls_policy policy_of(const struct front_role *role, const struct tables_binding *row)
{
    struct tls_policy policy = {
        .least_version = is_set_to(row, POLICY_ROW_MIN_VERSION, "1.3") || is_set_to(row, POLICY_ROW_PROFILE, "modern")
                             ? TLS1_3_VERSION
                             : TLS1_2_VERSION,
        .ciphers = policy_text(&row->policy, POLICY_ROW_CIPHERS),
        .groups = policy_text(&row->policy, POLICY_ROW_GROUPS),
        .no_staple = is_set_to(row, POLICY_ROW_STAPLING, "off"),
        .no_tickets = !policy_flag(&row->policy, POLICY_ROW_TICKETS),
        .clients = is_set_to(row, POLICY_ROW_CLIENTS, "required")   ? TLS_CLIENTS_MUST
                   : is_set_to(row, POLICY_ROW_CLIENTS, "optional") ? TLS_CLIENTS_MAY
                                                                    : TLS_CLIENTS_NOT_ASKED,
    };

    if (policy.clients != TLS_CLIENTS_NOT_ASKED)
        policy.trust = front_trusts_find(role->trusts, row->generation);
    policy.shared_tickets = front_ticket_seed(role->trusts, row, policy.ticket_seed);
    return policy;
}

/* Asked for when a client first meets the row; NULL where none of its certificates is known. */
static struct tls_binding *row_context(void *data, const struct tables_binding *row)
{
    struct front_role *role = data;
    struct tls_chain *chains[TLS_CHAINS_MAX];
    struct tls_policy policy;
    size_t count = 0;

    policy = policy_of(role, row);
    if (policy.clients != TLS_CLIENTS_NOT_ASKED && !policy.trust)
        return NULL; /* nobody could be told from anybody else */
    for (size_t i = 0; i < row->certificate_count && count < TLS_CHAINS_MAX; i++)
        if ((chains[count] = certificates_find(role->certificates, row->certificates[i].sha256)))
            count++;
    return count > 0 ? tls_binding_create_later(chains, count, keys_client_signer(role->keys), &policy, row->generation)
                     : NULL;
}

/* "/var/lib/bindery/run/worker.sock" -> "worker.sock" */
static void shorten(const struct front_role *role, struct front_application *application)
{
    size_t folder = role->run_folder.size;

    if (folder > 0 && application->socket_path.size > folder + 1 && application->socket_path.bytes[folder] == '/' &&
        rs_text_equal(rs_text_slice(application->socket_path, 0, folder), role->run_folder))
        application->socket_path = rs_text_from_offset(application->socket_path, folder + 1);
}

static void forget_others(struct front_role *role, const struct tables_snapshot *tables)
{
    front_contexts_keep(role->contexts, tables);
    certificates_keep(role->certificates, tables);
    front_trusts_keep(role->trusts, tables);
}

/* What belonged to rows that are no more. Certificates of single changes stay until FRONT_SWEEP. */
static void forget_rows(struct front_role *role, const struct plan_contents *contents, const struct tables_snapshot *tables)
{
    const struct tables_difference *difference = &contents->difference;

    if (!contents->base) {
        forget_others(role, tables);
        return;
    }
    for (size_t i = 0; i < difference->dropped_binding_count; i++)
        front_contexts_drop(role->contexts, difference->dropped_bindings[i]);
    for (size_t i = 0; i < difference->put.binding_count; i++) {
        const struct tables_binding *now = &difference->put.bindings[i], *was = tables_binding_by_id(contents->base, now->id);
        if (was && was->generation != now->generation)
            front_contexts_drop(role->contexts, now->id);
    }
}

static rs_status apply_plan(struct rs_job *job, struct front_role *role, struct plan_contents *contents)
{
    RS_OWNED(tables_snapshot) tables = contents->tables;
    RS_OWNED(tables_snapshot) before = contents->base ? tables_snapshot_ref(contents->base) : NULL;

    for (size_t i = 0; i < contents->application_count; i++)
        shorten(role, (struct front_application *)(uintptr_t)&contents->applications[i]);
    RS_OWNED(front_plan) plan = front_plan_create(&(struct front_plan_parts){
        .tables = tables,
        .contexts = role->contexts,
        .applications = contents->applications,
        .application_count = contents->application_count,
        .sockets = contents->sockets,
        .socket_count = contents->socket_count,
        .sockets_are_all = true,
    });

    RS_TRY(front_apply(job, role->front, plan));
    role->serial = contents->serial;
    forget_rows(role, contents, tables);
    return RS_OK;
}

static rs_status answer(struct rs_job *job, struct front_role *role, rs_status result, rs_text text,
                        const rs_buf *more)
{
    rs_buf body = rs_buf_in(job);

    channel_put_number(&body, result);
    channel_put_text(&body, text);
    if (more)
        rs_buf_add(&body, rs_buf_text(more));
    return channel_send(job, role->channel,
                        &(struct channel_message){.kind = FRONT_ANSWER, .body = rs_buf_text(&body)},
                        FRONT_CHANNEL_MS);
}

static rs_status on_apply(struct rs_job *job, struct front_role *role, struct channel_message *message)
{
    RS_OWNED(rs_job) work = rs_job_create(NULL);
    struct front_plan *now = front_plan_now(role->front);
    struct plan_contents contents = {.base = now ? front_plan_tables(now) : NULL, .base_serial = role->serial};
    rs_status status = plan_message_read(work, message->body, message->fds, message->fd_count, &contents);

    if (status != RS_OK) {
        channel_close_fds(message);
    } else {
        message->fd_count = 0; /* the plan has them now */
        status = apply_plan(work, role, &contents);
    }
    return answer(job, role, status, status == RS_OK ? RS_TEXT("") : rs_job_error(work), NULL);
}

/* api.c takes it apart. */
static void put_health(rs_buf *out, const struct front *front)
{
    static struct front_health health[FRONT_HEALTH_MAX];
    size_t count = front_health(front, health, FRONT_HEALTH_MAX);

    channel_put_number(out, count);
    for (size_t i = 0; i < count; i++) {
        channel_put_text(out, health[i].name);
        channel_put_number(out, health[i].state);
        channel_put_number(out, health[i].connections);
        channel_put_number(out, health[i].waiting);
        channel_put_number(out, health[i].requests);
        channel_put_number(out, health[i].failures);
        channel_put_number(out, (uint64_t)health[i].last_answer_ms);
        channel_put_number(out, (uint64_t)health[i].last_failure_ms);
        channel_put_text(out, health[i].last_failure);
    }
}

static rs_status on_count(struct rs_job *job, struct front_role *role)
{
    const struct front_statistics *counts = front_statistics(role->front);
    rs_buf numbers = rs_buf_in(job);

#define PUT_COUNT(name) channel_put_number(&numbers, counts->name);
    FRONT_COUNTS(PUT_COUNT)
#undef PUT_COUNT
    put_health(&numbers, role->front);
    counters_put(&numbers, role->counters);
    return answer(job, role, RS_OK, RS_TEXT(""), &numbers);
}

static void on_access(void *data, const struct front_access *access)
{
    struct front_role *role = data;

    access_log_hooks(role->log)->access(access_log_hooks(role->log)->data, access);
    counters_access(role->counters, access);
}

static void on_trouble(void *data, const struct front_trouble *trouble)
{
    struct front_role *role = data;

    error_log_trouble(role->errors, trouble);
    counters_trouble(role->counters, trouble);
}

static void flush_log(void *data)
{
    struct front_role *role = data;

    access_log_flush(role->log);
}

static void drained(void *data)
{
    struct front_role *role = data;

    loop_stop(role->loop);
}

static void drain(struct front_role *role)
{
    loop_watch_close(role->watch);
    role->watch = NULL;
    front_drain(role->front, drained, role);
}

static rs_status on_challenges(struct rs_job *job, struct front_role *role, struct channel_reader *reader)
{
    RS_OWNED(rs_job) work = rs_job_create(NULL);
    size_t count = channel_take_count(reader);
    struct front_challenge *items = RS_NEW_ARRAY(work, struct front_challenge, count);
    rs_status status;

    for (size_t i = 0; i < count; i++) {
        items[i].token = channel_take_text(reader);
        items[i].answer = channel_take_text(reader);
        items[i].host = channel_take_text(reader);
        items[i].certificate_pem = channel_take_text(reader);
        items[i].key_pem = channel_take_text(reader);
    }
    if (reader->broken || count > FRONT_CHALLENGES_MAX)
        status = rs_fail(work, RS_INVALID, "the proofs for an ACME server are not whole");
    else
        status = front_challenge(work, role->front, items, count);
    return answer(job, role, status, status == RS_OK ? RS_TEXT("") : rs_job_error(work), NULL);
}

static rs_status on_message(struct rs_job *job, struct front_role *role, struct channel_message *message)
{
    struct channel_reader reader = {.rest = message->body};

    switch (message->kind) {
    case FRONT_APPLY:
        return on_apply(job, role, message);
    case FRONT_SWEEP:
        if (front_plan_now(role->front))
            forget_others(role, front_plan_tables(front_plan_now(role->front)));
        return RS_OK;
    case FRONT_STATE: {
        rs_text name = channel_take_text(&reader);
        enum front_application_state state = (enum front_application_state)channel_take_number(&reader);
        if (!reader.broken && !front_application_state(role->front, name, state))
            rs_log(RS_LOG_WARNING, "no application \"%.*s\" to switch", RS_TEXT_ARG(name));
        return RS_OK;
    }
    case FRONT_CERTIFICATES:
        return certificates_take(job, role->certificates, &reader);
    case FRONT_STAPLE:
        return certificates_staple(job, role->certificates, &reader);
    case FRONT_TRUST:
        return front_trusts_take(job, role->trusts, role->contexts, &reader);
    case FRONT_TICKETS:
        return front_ticket_secret(job, role->trusts, message->body);
    case FRONT_KEYS:
        if (message->fd_count == 1)
            keys_client_connect(role->keys, message->fds[--message->fd_count]);
        return RS_OK;
    case FRONT_CHALLENGES:
        return on_challenges(job, role, &reader);
    case FRONT_COUNT:
        return on_count(job, role);
    case FRONT_DRAIN:
        drain(role);
        return RS_OK;
    default:
        return rs_fail(job, RS_INVALID, "message %u from the parent is not known", message->kind);
    }
}

/* How many bytes of a plan came. */
static size_t take_message(struct front_role *role)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct channel_message message;
    bool closed;
    rs_status status = channel_receive(job, role->channel, FRONT_CHANNEL_MS, &message, &closed);

    if (status == RS_OK && !closed) {
        status = on_message(job, role, &message);
        channel_close_fds(&message);
    }
    if (status != RS_OK) {
        rs_text why = rs_job_error(job);
        rs_log(RS_LOG_ERROR, "the channel to the parent: %.*s", RS_TEXT_ARG(why));
    }
    if (closed || status != RS_OK)
        drain(role);
    return status == RS_OK && !closed && message.kind == FRONT_APPLY ? message.body.size : 0;
}

static void channel_ready(void *data, int events)
{
    (void)events;
    if (take_message(data) >= FRONT_LARGE_BYTES)
        malloc_trim(0);
}

/* A folder of its own, as a descriptor that stays open as long as the process. */
static rs_status hand_over(struct rs_job *job, rs_text folder, const struct sandbox_account *account, uid_t owner, int *out)
{
    *out = open(rs_text_terminated(job, folder), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*out < 0 || (account->change && fchownat(*out, "", owner, account->group, AT_EMPTY_PATH) != 0))
        return rs_fail(job, RS_IO, "\"%.*s\" cannot be handed to the front: %s", RS_TEXT_ARG(folder), strerror(errno));
    return RS_OK;
}

/* From here on files are made in two folders only, and sockets of applications in the folder of the instance are reached
 * from inside it: the path to it may be closed to the account. */
static rs_status enter_sandbox(struct rs_job *job, const struct front_role_settings *settings)
{
    static const char *const sockets[] = {"worker.sock", "remote.sock"};
    struct sandbox_folder folders[2] = {{.write = true}, {.write = true}};
    const struct sandbox_account *account = settings->account;
    int run;

    RS_TRY(hand_over(job, settings->tmp_folder, account, account->user, &folders[0].fd));
    RS_TRY(hand_over(job, settings->log_folder, account, account->user, &folders[1].fd));
    RS_TRY(hand_over(job, settings->run_folder, account, (uid_t)-1, &run));
    for (size_t i = 0; account->change && i < sizeof sockets / sizeof sockets[0]; i++)
        if (fchownat(run, sockets[i], account->user, account->group, 0) != 0 && errno != ENOENT)
            return rs_fail(job, RS_IO, "\"%s\" cannot be handed to the front: %s", sockets[i], strerror(errno));
    if (fchdir(run) != 0)
        return rs_fail(job, RS_IO, "cannot enter \"%.*s\": %s", RS_TEXT_ARG(settings->run_folder), strerror(errno));
    return sandbox_enter(job, &(struct sandbox){.role = SANDBOX_FRONT, .account = *account, .folders = folders, .folder_count = 2});
}

rs_status front_role_run(struct rs_job *job, const struct front_role_settings *settings, int channel)
{
    RS_OWNED_FD owned_channel = channel;
    RS_OWNED_FD tmp = open(rs_text_terminated(job, settings->tmp_folder), O_PATH | O_DIRECTORY | O_CLOEXEC);
    RS_OWNED(loop) loop = NULL;
    RS_OWNED(certificates) certificates = NULL;
    RS_OWNED(front_trusts) trusts = NULL;
    RS_OWNED(front_contexts) contexts = NULL;
    RS_OWNED(keys_client) keys = NULL; /* outlives the front, whose handshakes may be waiting for it */
    RS_OWNED(front) front = NULL;
    RS_OWNED(access_log) log = NULL;
    RS_OWNED(error_log) errors = NULL;
    RS_OWNED(counters) counters = counters_create();
    struct front_settings front_settings;
    struct front_role role = {.job = job, .channel = channel};

    pki_keys_protect_process();
    RS_TRY(loop_create(job, &loop));
    RS_TRY(keys_client_create(job, loop, &keys));
    certificates = certificates_create(tmp);
    trusts = front_trusts_create();
    RS_TRY(access_log_open(job, settings->log_folder, settings->log_json, &log));
    RS_TRY(error_log_open(job, settings->log_folder, &errors));
    role.log = log;
    role.errors = errors;
    role.counters = counters;
    front_settings_default(&front_settings);
    front_settings.tmp_folder = settings->tmp_folder;
    front_settings.body_max = settings->request_body_bytes;
    front_settings.trusted_proxies = settings->trusted_proxies;
    front_settings.forwarded_standard = rs_text_equal_nocase(settings->forwarded_field, RS_TEXT("Forwarded"));
    front_settings.peer_connections_max = settings->peer_connections;
    RS_TRY(front_create(job, loop, &front_settings, &(struct front_hooks){on_access, on_trouble, &role}, &front));
    role.loop = loop;
    role.front = front;
    role.certificates = certificates;
    role.trusts = trusts;
    role.contexts = contexts = front_contexts_create(row_context, &role);
    role.keys = keys;
    role.watch = loop_watch_open(loop, channel, LOOP_READ, channel_ready, &role);
    if (!role.watch)
        return rs_fail(job, RS_IO, "the channel to the parent cannot be watched");
    if (settings->account) {
        RS_TRY(enter_sandbox(job, settings));
        role.run_folder = settings->run_folder;
    }
    role.log_timer = loop_timer_open(loop, flush_log, &role);
    loop_timer_start(role.log_timer, FRONT_LOG_MS, FRONT_LOG_MS);
    loop_run(loop);
    loop_timer_close(role.log_timer);
    loop_watch_close(role.watch);
    return RS_OK;
}
