#include "net/front/front.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/rand.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "net/front/application.h"
#include "net/front/client.h"
#include "net/front/http2.h"
#include "net/front/listener.h"
#include "net/front/upstream.h"
#include "net/tables/select.h"
#include "net/loop/loop.h"

#define SWEEP_LEAST_MS 10
#define SWEEP_MOST_MS 1000
#define DESCRIPTORS_LEFT 512

void front_settings_default(struct front_settings *settings)
{
    *settings = (struct front_settings){
        .tmp_folder = RS_TEXT("/tmp"),
        .connections_max = 16384,
        .handshake_ms = 30000,
        .idle_ms = 120000,
        .header_ms = 120000,
        .body_ms = 120000,
        .linger_ms = 2000,
        .linger_bytes = (uint64_t)8 * 1024 * 1024, /* what may be on its way to us, and a little more */
        .drain_ms = 10000,
        .min_send_rate = 150,
        .min_send_window_ms = 20000,
        .queue_ms = 120000,
        .connect_ms = 5000,
        .response_ms = 1800000, /* a report may take long: half an hour, as the original's */
        .tunnel_ms = 600000,
        .upstream_idle_ms = 60000,
        .body_memory = 256 * 1024,
        .body_max = (uint64_t)256 * 1024 * 1024,
        .response_memory = 512 * 1024,
        .response_file_max = (uint64_t)1024 * 1024 * 1024,
        .tunnels_max = 1000,
        .queue_max = 1000,
    };
}

/* ---- graves, time ------------------------------------------------------------------------------------- */

static void free_graves(struct front *front)
{
    static void (*const ends[])(struct rs_link *link) = {
        [ENGINE_CLIENTS] = client_free,
        [ENGINE_EXCHANGES] = exchange_free,
        [ENGINE_UPSTREAMS] = upstream_free,
    };

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        while (!rs_list_is_empty(&front->graves[i])) {
            struct rs_link *link = front->graves[i].next;
            rs_list_remove(link);
            ends[i](link);
        }
}

static void tell_drained(struct front *front)
{
    void (*drained)(void *data) = front->drained;

    if (!front->draining || !drained || !rs_list_is_empty(&front->clients))
        return;
    front->drained = NULL;
    drained(front->drained_data);
}

static void undertake(void *data)
{
    struct front *front = data;

    free_graves(front);
    tell_drained(front); /* the last: it may destroy the front */
}

void engine_bury(struct front *front, enum engine_grave grave, struct rs_link *link)
{
    rs_list_append(&front->graves[grave], link);
    if (!loop_timer_is_running(front->undertaker))
        loop_timer_start(front->undertaker, 0, 0);
}

static void sweep(void *data)
{
    struct front *front = data;
    int64_t now_ms = loop_now_ms(front->loop);

    front->limit_told = false;
    rs_list_each(client, &front->clients)
        client_sweep(rs_list_object(client, struct front_client, link), now_ms);
    rs_list_each(app, &front->applications)
        app_sweep(rs_list_object(app, struct front_app, link), now_ms);
    listener_resume_all(front);
    if (rs_list_is_empty(&front->clients) && front->statistics.upstream_now == 0)
        loop_timer_stop(front->sweep);
}

void engine_watch_time(struct front *front)
{
    if (!loop_timer_is_running(front->sweep))
        loop_timer_start(front->sweep, front->sweep_ms, front->sweep_ms);
}

/* Often enough for the shortest of the time limits. */
static int64_t sweep_period(const struct front_settings *settings)
{
    const int64_t limits[] = {
        settings->handshake_ms, settings->idle_ms,    settings->header_ms,
        settings->body_ms,      settings->linger_ms,  settings->drain_ms,
        settings->queue_ms,     settings->connect_ms, settings->response_ms,
        settings->upstream_idle_ms, settings->min_send_window_ms, settings->tunnel_ms,
    };
    int64_t period = SWEEP_MOST_MS;

    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        if (limits[i] > 0 && limits[i] / 4 < period)
            period = limits[i] / 4;
    return period < SWEEP_LEAST_MS ? SWEEP_LEAST_MS : period;
}

/* ---- beginning and end ------------------------------------------------------------------------------------- */

static struct tls_binding *select_proof(void *data, rs_text sni)
{
    const struct front_client *client = data;

    return challenges_binding(client->front->challenges, sni);
}

static struct tls_binding *select_binding(void *data, rs_text sni)
{
    const struct front_client *client = data;
    const struct front_plan *plan = client->front->plan;
    const struct tables_binding *row =
        tables_binding_select(front_plan_tables(plan), &client->local, client->local_port, sni);

    return row ? front_plan_context(plan, row) : NULL;
}

/* Clients may not take all descriptors: applications and temporary files need some as well. */
static void leave_descriptors(struct front_settings *settings)
{
    struct rlimit limit;
    size_t most;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return;
    most = limit.rlim_cur > 2 * DESCRIPTORS_LEFT ? (size_t)limit.rlim_cur - DESCRIPTORS_LEFT
                                                 : (size_t)limit.rlim_cur / 2;
    if (settings->connections_max <= most)
        return;
    rs_log(RS_LOG_INFO, "at most %zu clients at one time: the process may open %zu descriptors", most,
           (size_t)limit.rlim_cur);
    settings->connections_max = most;
}

static rs_status check_settings(struct rs_job *job, const struct front *front)
{
    if (front->spools.folder < 0 || faccessat(front->spools.folder, ".", W_OK | X_OK, 0) != 0)
        return rs_fail(job, RS_IO, "cannot write to the folder for temporary files, %s: %s",
                       front->tmp_folder, strerror(errno));
    return RS_OK;
}

rs_status front_create(struct rs_job *job, struct loop *loop, const struct front_settings *settings,
                       const struct front_hooks *hooks, struct front **out)
{
    RS_OWNED(front) front = calloc(1, sizeof *front);

    if (!front)
        rs_log_abort("no memory for the HTTPS service");
    front->loop = loop;
    front->spools.folder = -1;
    rs_list_init(&front->listeners);
    rs_list_init(&front->clients);
    rs_list_init(&front->applications);
    for (size_t i = 0; i < sizeof front->graves / sizeof front->graves[0]; i++)
        rs_list_init(&front->graves[i]);
    front->undertaker = loop_timer_open(loop, undertake, front);
    front->sweep = loop_timer_open(loop, sweep, front);
    rs_list_init(&front->due);
    front->turn_end = loop_timer_open(loop, http2_turn_end, front);
    front->settings = *settings;
    front->tmp_folder = strndup(settings->tmp_folder.bytes, settings->tmp_folder.size);
    front->piece = malloc(ENGINE_FRAME + ENGINE_PIECE + ENGINE_FRAME);
    front->out = malloc(ENGINE_OUT);
    front->frames = malloc(HTTP2_FRAMES_ROOM);
    if (!front->tmp_folder || !front->piece || !front->out || !front->frames)
        rs_log_abort("no memory for the HTTPS service");
    front->settings.tmp_folder = rs_text_from(front->tmp_folder);
    leave_descriptors(&front->settings);
    front->memory = rs_job_create(NULL);
    if (trust_parse(front->memory, settings->trusted_proxies, &front->trust) != RS_OK)
        return rs_job_adopt(job, front->memory);
    if (hooks)
        front->hooks = *hooks;
    front->sweep_ms = sweep_period(settings);
    front->spools = (struct spool_source){&front->blocks, open(front->tmp_folder, O_PATH | O_DIRECTORY | O_CLOEXEC),
                                          &front->statistics.body_files};
    RS_TRY(check_settings(job, front));
    if (RAND_bytes((unsigned char *)&front->request_prefix, sizeof front->request_prefix) != 1)
        return rs_fail(job, RS_FAILED, "the system has no random numbers");
    RS_TRY(tls_server_create(job, select_binding, &front->tls));
    tls_server_may_wait(front->tls, client_wake);
    tls_server_proofs(front->tls, select_proof);
    signal(SIGPIPE, SIG_IGN); /* a client that went away is seen as EPIPE */
    *out = rs_move(front);
    return RS_OK;
}

void front_destroy(struct front *front)
{
    if (!front)
        return;
    front->drained = NULL;
    listener_close_all(front);
    rs_list_each(link, &front->clients)
        client_close(rs_list_object(link, struct front_client, link));
    app_finish_all(front);
    free_graves(front);
    exchange_free_spares(front);
    loop_timer_close(front->undertaker);
    loop_timer_close(front->sweep);
    loop_timer_close(front->turn_end);
    front_plan_unref(front->plan);
    challenges_destroy(front->challenges);
    tls_server_destroy(front->tls);
    block_pool_finish(&front->blocks);
    rate_clear(&front->rates);
    rs_job_destroy(front->memory);
    if (front->spools.folder >= 0)
        close(front->spools.folder);
    free(front->tmp_folder);
    free(front->piece);
    free(front->out);
    free(front->frames);
    free(front);
}

/* ---- plans -------------------------------------------------------------------------------------------------- */

rs_status front_apply(struct rs_job *job, struct front *front, struct front_plan *plan)
{
    struct front_plan *old = front->plan;

    if (front->draining)
        return rs_fail(job, RS_CONFLICT, "the HTTPS service is being stopped");
    RS_TRY(listener_apply(job, front, plan));
    front->plan = front_plan_ref(plan);
    app_apply(front, plan);
    rs_list_each(link, &front->clients)
        client_replan(rs_list_object(link, struct front_client, link));
    front_plan_unref(old);
    return RS_OK;
}

struct front_plan *front_plan_now(const struct front *front)
{
    return front->plan;
}

bool front_application_state(struct front *front, rs_text name, enum front_application_state state)
{
    struct front_app *app = app_find(front, name);

    if (!app)
        return false;
    app_set_state(app, state);
    return true;
}

void front_drain(struct front *front, void (*drained)(void *data), void *data)
{
    front->draining = true;
    front->drained = drained;
    front->drained_data = data;
    listener_close_all(front);
    rs_list_each(link, &front->clients)
        client_drain(rs_list_object(link, struct front_client, link));
    if (rs_list_is_empty(&front->clients)) /* told in a turn of its own */
        loop_timer_start(front->undertaker, 0, 0);
    else
        loop_timer_start(front->sweep, SWEEP_LEAST_MS, SWEEP_LEAST_MS);
}

const struct front_statistics *front_statistics(const struct front *front)
{
    return &front->statistics;
}
