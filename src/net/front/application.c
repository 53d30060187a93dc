#include "net/front/application.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/front/plan_inside.h"
#include "net/front/upstream.h"
#include "net/loop/loop.h"

#define AGAIN_MS 5 /* after a full backlog */

/* ---- the list ------------------------------------------------------------------------------------------ */

static struct front_app *find_any(struct front *front, rs_text name)
{
    rs_list_each(link, &front->applications) {
        struct front_app *app = rs_list_object(link, struct front_app, link);
        if (rs_text_equal_nocase(rs_text_from(app->name), name))
            return app;
    }
    return NULL;
}

struct front_app *app_find(struct front *front, rs_text name)
{
    struct front_app *app = find_any(front, name);

    return app && app->present ? app : NULL;
}

struct front_app *app_ref(struct front_app *app)
{
    app->refs++;
    return app;
}

void app_unref(struct front_app *app)
{
    if (!app || --app->refs > 0)
        return;
    loop_timer_close(app->again);
    front_policy_destroy(app->policy);
    free(app->name);
    free(app);
}

static void look_again(void *data)
{
    app_next(data);
}

static struct front_app *app_create(struct front *front, rs_text name)
{
    static int64_t last_id;
    struct front_app *app = calloc(1, sizeof *app);

    if (!app || !(app->name = strndup(name.bytes, name.size)))
        rs_log_abort("no memory for an application");
    app->front = front;
    app->refs = 1;
    app->id = ++last_id;
    rs_list_init(&app->idle);
    rs_list_init(&app->busy);
    rs_list_init(&app->waiting);
    app->again = loop_timer_open(front->loop, look_again, app);
    rs_list_append(&front->applications, &app->link);
    return app;
}

/* ---- following the plan ------------------------------------------------------------------------------------ */

static void close_idle(struct front_app *app)
{
    rs_list_each(link, &app->idle)
        upstream_close(rs_list_object(link, struct front_upstream, link));
}

static void app_follow(struct front_app *app, const struct front_plan *plan, const struct front_application *wanted)
{
    const struct tables_application *row = tables_application_find(front_plan_tables(plan), wanted->name);
    bool fits = wanted->socket_path.size < sizeof app->path;
    rs_text path = fits ? wanted->socket_path : rs_text_of(NULL, 0);

    if (!fits)
        rs_log(RS_LOG_ERROR, "application %s: the path of its socket is too long: %.*s", app->name,
               RS_TEXT_ARG(wanted->socket_path));
    if (!rs_text_equal(path, rs_text_from(app->path)) || wanted->port != app->port) {
        app->generation++;
        memcpy(app->path, path.bytes ? path.bytes : "", path.size);
        app->path[path.size] = '\0';
        app->port = wanted->port;
        close_idle(app); /* the busy ones finish what they do */
    }
    front_policy_destroy(app->policy);
    app->policy = front_policy_create(row ? &row->policy : NULL);
    if (wanted->needs_tls && app->policy->plain == POLICY_SERVE)
        app->policy->plain = POLICY_REFUSE;
    app->present = true;
    app->connections_max = wanted->connections_max ? wanted->connections_max : FRONT_CONNECTIONS_DEFAULT;
    app_set_state(app, fits ? wanted->state : FRONT_OFFLINE);
}

static bool is_planned(const struct front_plan *plan, const struct front_app *app)
{
    for (size_t i = 0; i < front_plan_application_count(plan); i++)
        if (rs_text_equal_nocase(front_plan_application(plan, i)->name, rs_text_from(app->name)))
            return true;
    return false;
}

void app_apply(struct front *front, const struct front_plan *plan)
{
    for (size_t i = 0; i < front_plan_application_count(plan); i++) {
        const struct front_application *wanted = front_plan_application(plan, i);
        struct front_app *app = find_any(front, wanted->name);
        app_follow(app ? app : app_create(front, wanted->name), plan, wanted);
    }
    rs_list_each(link, &front->applications) {
        struct front_app *app = rs_list_object(link, struct front_app, link);
        if (is_planned(plan, app))
            continue;
        app->present = false;
        app_set_state(app, FRONT_OFFLINE);
        rs_list_remove(&app->link); /* lives on while requests in flight hold it */
        app_unref(app);
    }
}

static void refuse_offline(struct front_app *app, struct front_exchange *exchange)
{
    if (app->state == FRONT_DISABLED)
        exchange_refuse(exchange, 503, "Disabled", "The application at this address is switched off.");
    else
        exchange_refuse(exchange, 503, "AppOffline", "The application at this address is not running.");
}

void app_set_state(struct front_app *app, enum front_application_state state)
{
    app_ref(app);
    app->state = state;
    if (state == FRONT_ONLINE) {
        app_next(app);
    } else {
        close_idle(app);
        while (!rs_list_is_empty(&app->waiting)) {
            struct front_exchange *exchange = rs_list_object(app->waiting.next, struct front_exchange, link);
            app_withdraw(exchange);
            refuse_offline(app, exchange);
        }
    }
    app_unref(app);
}

void app_finish_all(struct front *front)
{
    rs_list_each(link, &front->applications) {
        struct front_app *app = rs_list_object(link, struct front_app, link);
        close_idle(app);
        rs_list_remove(&app->link);
        app_unref(app);
    }
}

/* ---- who is served ------------------------------------------------------------------------------------------ */

static void enqueue(struct front_app *app, struct front_exchange *exchange)
{
    const struct front_settings *settings = &app->front->settings;

    if (app->waiting_count >= settings->queue_max) {
        exchange_refuse(exchange, 503, "QueueFull",
                        "Too many requests wait for the application at this address.");
        return;
    }
    rs_list_append(&app->waiting, &exchange->link);
    app->waiting_count++;
    if (exchange->deadline_ms == 0)
        exchange_wait(exchange, settings->queue_ms, "Timer_AppPool");
}

void app_withdraw(struct front_exchange *exchange)
{
    if (rs_list_is_empty(&exchange->link))
        return;
    rs_list_remove(&exchange->link);
    exchange->app->waiting_count--;
}

/* False where it has to wait. */
static bool serve_by_new(struct front_app *app, struct front_exchange *exchange)
{
    struct front_upstream *upstream;
    char detail[256];

    switch (upstream_connect(app, &upstream)) {
    case UPSTREAM_OPEN:
        upstream_serve(upstream, exchange);
        return true;
    case UPSTREAM_REFUSED:
        snprintf(detail, sizeof detail, "cannot connect to application %s: %s", app->name, strerror(errno));
        rs_log(RS_LOG_DEBUG, "%s", detail);
        exchange_refuse(exchange, 503, "AppOffline", "The application at this address is not running.");
        return true;
    default:
        loop_timer_start(app->again, AGAIN_MS, 0);
        return false;
    }
}

/* Engage now if that is possible. */
static bool serve(struct front_app *app, struct front_exchange *exchange)
{
    bool has_idle = !rs_list_is_empty(&app->idle);

    if (has_idle && !exchange->fresh) {
        upstream_serve(rs_list_object(app->idle.next, struct front_upstream, link), exchange);
        return true;
    }
    if (has_idle && app->connections >= app->connections_max)
        upstream_close(rs_list_object(app->idle.previous, struct front_upstream, link));
    if (app->connections >= app->connections_max || loop_timer_is_running(app->again))
        return false;
    return serve_by_new(app, exchange);
}

void app_engage(struct front_app *app, struct front_exchange *exchange)
{
    app->requests++;
    if (app->state != FRONT_ONLINE) {
        refuse_offline(app, exchange);
        return;
    }
    if (!rs_list_is_empty(&app->waiting) || !serve(app, exchange)) /* first come, first served */
        enqueue(app, exchange);
}

void app_next(struct front_app *app)
{
    app_ref(app);
    while (!rs_list_is_empty(&app->waiting) && app->state == FRONT_ONLINE) {
        struct front_exchange *exchange = rs_list_object(app->waiting.next, struct front_exchange, link);
        struct rs_link *place = exchange->link.next;
        app_withdraw(exchange);
        if (!serve(app, exchange)) { /* back to where it was, the first */
            exchange->link.next = place;
            exchange->link.previous = place->previous;
            place->previous->next = &exchange->link;
            place->previous = &exchange->link;
            app->waiting_count++;
            break;
        }
    }
    app_unref(app);
}

void app_answered(struct front_app *app)
{
    app->last_answer_ms = rs_clock_utc_ms();
}

void app_failed(struct front_app *app, const char *reason, const char *detail)
{
    app->failures++;
    app->last_failure_ms = rs_clock_utc_ms();
    snprintf(app->last_failure, sizeof app->last_failure, "%s: %s", reason, detail);
}

size_t front_health(const struct front *front, struct front_health *out, size_t room)
{
    size_t count = 0;

    for (const struct rs_link *link = front->applications.next; link != &front->applications && count < room;
         link = link->next) {
        const struct front_app *app =
            (const struct front_app *)((const char *)link - offsetof(struct front_app, link));
        out[count++] = (struct front_health){
            rs_text_from(app->name), app->state, app->connections, app->waiting_count, app->requests, app->failures,
            app->last_answer_ms, app->last_failure_ms, rs_text_from(app->last_failure)};
    }
    return count;
}

void app_sweep(struct front_app *app, int64_t now_ms)
{
    rs_list_each(link, &app->idle) {
        struct front_upstream *upstream = rs_list_object(link, struct front_upstream, link);
        if (now_ms - upstream->idle_since_ms >= app->front->settings.upstream_idle_ms)
            upstream_close(upstream);
    }
}
