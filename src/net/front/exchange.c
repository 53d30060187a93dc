#include "net/front/exchange.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "net/front/application.h"
#include "net/front/challenge.h"
#include "net/front/forward.h"
#include "net/front/misdirect.h"
#include "net/front/page.h"
#include "net/front/policy.h"
#include "net/front/protocol.h"
#include "net/front/tunnel.h"
#include "net/front/upstream.h"
#include "net/http/write.h"
#include "net/loop/loop.h"
#include "net/tables/route.h"

/* What we add to a request must fit as well: whoever reads it behind us has the limits of net/http. */
#define EXCHANGE_FIELDS_MAX (HTTP_FIELDS_MAX - 20)
#define EXCHANGE_HEAD_MAX (HTTP_HEAD_MAX - (size_t)2 * 1024)

/* ---- beginning and end ------------------------------------------------------------------------------ */

static void write_id(char out[EXCHANGE_ID_SIZE], uint64_t number)
{
    for (size_t i = EXCHANGE_ID_SIZE - 1; i-- > 0; number >>= 4)
        out[i] = "0123456789abcdef"[number & 15];
    out[EXCHANGE_ID_SIZE - 1] = '\0';
}

struct front_exchange *exchange_create(struct front_client *client)
{
    struct front *front = client->front;
    struct front_exchange *exchange = front->spare_exchanges;

    if (exchange) {
        front->spare_exchanges = exchange->next_spare;
        front->spare_exchange_count--;
    } else if (!(exchange = malloc(sizeof *exchange))) {
        rs_log_abort("no memory for a request");
    }
    memset(exchange, 0, offsetof(struct front_exchange, request));
    http_request_init(&exchange->request);
    rs_list_init(&exchange->link);
    exchange->client = client;
    exchange->front = front;
    exchange->body = SPOOL_EMPTY;
    exchange->body_memory = front->settings.body_memory;
    exchange->began_ms = loop_now_ms(front->loop);
    write_id(exchange->id, (uint64_t)front->request_prefix << 32 | ++front->last_request);
    return exchange;
}

void exchange_free(struct rs_link *link)
{
    free(rs_list_object(link, struct front_exchange, link));
}

void exchange_free_spares(struct front *front)
{
    while (front->spare_exchanges) {
        struct front_exchange *spare = front->spare_exchanges;
        front->spare_exchanges = spare->next_spare;
        free(spare);
    }
}

/* No longer the application's business. */
static void leave_application(struct front_exchange *exchange)
{
    app_withdraw(exchange);
    if (exchange->upstream)
        upstream_close(exchange->upstream); /* it cannot be used for anything else */
    exchange->deadline_ms = 0;
}

void exchange_end(struct front_exchange *exchange, bool complete)
{
    struct front *front = exchange->front;

    if (exchange->begun || exchange->status != 0)
        engine_access(exchange, complete);
    leave_application(exchange);
    if (exchange->begun)
        front->statistics.requests_now--;
    spool_clear(&exchange->body, &front->spools);
    http_trailers_clear(&exchange->trailers);
    http_trailers_clear(&exchange->reply_trailers);
    block_give(&front->blocks, exchange->head);
    app_unref(exchange->app);
    front_plan_unref(exchange->plan);
    if (complete && front->spare_exchange_count < EXCHANGE_SPARE_MAX) {
        exchange->next_spare = front->spare_exchanges;
        front->spare_exchanges = exchange;
        front->spare_exchange_count++;
    } else {
        engine_bury(front, ENGINE_EXCHANGES, &exchange->link);
    }
}

void exchange_wait(struct front_exchange *exchange, int64_t time_ms, const char *reason)
{
    exchange->deadline_ms = time_ms > 0 ? loop_now_ms(exchange->front->loop) + time_ms : 0;
    exchange->deadline_reason = reason;
}

void exchange_sweep(struct front_exchange *exchange, int64_t now_ms)
{
    bool asked = exchange->upstream && !exchange->upstream->connecting;

    if (exchange->deadline_ms == 0 || now_ms < exchange->deadline_ms)
        return;
    if (exchange->tunnel)
        exchange_refuse(exchange, 504, exchange->deadline_reason, "Nothing was sent for too long.");
    else if (asked)
        exchange_refuse(exchange, 504, exchange->deadline_reason, "The application did not answer in time.");
    else
        exchange_refuse(exchange, 503, exchange->deadline_reason,
                        "The application had no time for the request.");
}

/* ---- answering ourselves ------------------------------------------------------------------------------ */

/* `code`: of a fault, for a client that speaks SOAP; NULL: a page in any case. `location`: where it is instead; empty elsewhere. */
static void answer(struct front_exchange *exchange, int status, const char *sentence, const char *code, rs_text location)
{
    struct front_reply *reply = &exchange->front->reply;
    struct page page = {.status = status, .sentence = sentence, .id = exchange->id, .code = code,
                        .form = code ? page_form_of(&exchange->request.fields) : PAGE_HTML,
                        .head_only = exchange->request.method == HTTP_HEAD};
    char room[PAGE_BODY_MAX];
    rs_text body;

    if (!exchange->body_complete)
        exchange->keep_alive = false;
    body = page_make(reply, &page, room);
    if (location.size > 0)
        reply_add(reply, HTTP_LOCATION, location);
    if (status == 429)
        reply_add_other(reply, RS_TEXT("Retry-After"), RS_TEXT("1"));
    if (exchange->app)
        front_policy_add(reply, exchange);
    exchange->status = reply->status;
    exchange->sent = body.size;
    exchange->head_sent = true;
    if (exchange->client->protocol->respond(exchange, reply, body, true))
        exchange->client->protocol->response_done(exchange);
}

void exchange_send_on(struct front_exchange *exchange, rs_text location)
{
    leave_application(exchange);
    answer(exchange, 308, "The address is served over https; the browser is sent there.", NULL, location);
}

static void refuse(struct front_exchange *exchange, int status, const char *reason, const char *detail, const char *code)
{
    struct front_client *client = exchange->client;

    engine_trouble(client, exchange, exchange->head_sent ? 0 : status, reason, detail);
    if (exchange->app && status >= 500)
        app_failed(exchange->app, reason, detail);
    leave_application(exchange);
    if (exchange->head_sent) { /* a page now would look like a part of the response */
        client->protocol->cut(exchange);
        return;
    }
    answer(exchange, status, detail, code, (rs_text){NULL, 0});
}

void exchange_refuse(struct front_exchange *exchange, int status, const char *reason,
                     const char *detail)
{
    refuse(exchange, status, reason, detail, NULL);
}

void exchange_refuse_plain(struct front_exchange *exchange)
{
    refuse(exchange, 403, "Plain", "This address is served over https only.", "rsSecureConnectionRequired");
}

/* ---- the request ------------------------------------------------------------------------------------------ */

/* The row that takes the request; NULL where it was answered with an error instead. */
static const struct tables_reservation *find_row(struct front_exchange *exchange)
{
    const struct front_client *client = exchange->client;
    const struct http_request *request = &exchange->request;
    struct tables_request wanted = {
        .scheme = client->secure ? TABLES_HTTPS : TABLES_HTTP,
        .port = client->local_port,
        .host = request->host,
        .local = client->local,
        .path = request->path,
    };
    const struct tables_reservation *row;
    enum tables_route_end end;

    if (request->scheme.size > 0 &&
        !rs_text_equal(request->scheme, rs_text_from(tables_scheme_name(wanted.scheme)))) {
        exchange->keep_alive = false; /* somebody in between is confused */
        exchange_refuse(exchange, 400, "URL", "The request names another scheme than it came by.");
        return NULL;
    }
    if (misdirect_check(exchange)) {
        exchange_refuse(exchange, 421, "Misdirected",
                        "This connection was opened for another host, whose certificate or rules are others. Ask again "
                        "on a connection of its own.");
        return NULL;
    }
    row = tables_route(front_plan_tables(exchange->plan), &wanted, &end);
    if (!row && end == TABLES_NO_RESERVATION)
        exchange_refuse(exchange, 400, "N/A", "No application is registered for this address.");
    else if (!row)
        exchange_refuse(exchange, 400, "URL", "The path of the request is not a valid one.");
    return row;
}

/* The application of the row, where it may have the request; false where that was answered. */
static bool find_application(struct front_exchange *exchange)
{
    struct front_app *app = app_find(exchange->front, exchange->row->application);

    exchange->app = app ? app_ref(app) : NULL;
    if (app && !front_policy_admit(exchange))
        return false;
    if (app && app->state == FRONT_ONLINE)
        return true;
    if (app && app->state == FRONT_DISABLED)
        exchange_refuse(exchange, 503, "Disabled", "The application at this address is switched off.");
    else
        exchange_refuse(exchange, 503, "AppOffline", "The application at this address is not running.");
    return false;
}

static uint64_t body_max(const struct front_exchange *exchange)
{
    return exchange->app->policy->body_max ? exchange->app->policy->body_max : exchange->front->settings.body_max;
}

int64_t exchange_response_ms(const struct front_exchange *exchange)
{
    return exchange->app->policy->response_ms ? exchange->app->policy->response_ms : exchange->front->settings.response_ms;
}

/* To the application the body goes in one chunk then: forward_request writes its head, and here is its end. */
static bool keep_trailers(struct front_exchange *exchange)
{
    char room[HTTP_TRAILERS_MAX + 16];
    struct http_writer writer = http_writer_on(room, sizeof room);
    uint64_t body_size = exchange->body_size;
    bool kept;

    if (exchange->trailers.used == 0)
        return true;
    http_write_bytes(&writer, body_size > 0 ? RS_TEXT("\r\n0\r\n") : RS_TEXT("0\r\n"));
    http_write_bytes(&writer, http_trailers_text(&exchange->trailers));
    http_write_end(&writer);
    kept = exchange_body(exchange, http_writer_text(&writer));
    exchange->body_size = body_size;
    return kept;
}

void exchange_body_done(struct front_exchange *exchange)
{
    if (!keep_trailers(exchange))
        return;
    exchange->body_complete = true;
    exchange->client->protocol->body_done(exchange);
    app_engage(exchange->app, exchange);
}

void exchange_begin(struct front_exchange *exchange)
{
    struct front *front = exchange->front;
    const struct http_request *request = &exchange->request;

    exchange->begun = true;
    front->statistics.requests_now++;
    exchange->plan = front_plan_ref(front->plan);
    exchange->keep_alive = request->keep_alive;
    exchange->body_complete = request->body == HTTP_BODY_NONE;
    origin_find(exchange);
    if (challenges_take(exchange))
        return;
    exchange->row = find_row(exchange);
    if (!exchange->row)
        return;
    if (request->fields.count > EXCHANGE_FIELDS_MAX || request->head_size > EXCHANGE_HEAD_MAX) {
        exchange_refuse(exchange, 431, "BadRequest", "The head of the request is too large.");
        return;
    }
    if (!find_application(exchange))
        return;
    if (request->body == HTTP_BODY_COUNTED && request->content_length > body_max(exchange)) {
        exchange_refuse(exchange, 413, "EntityTooLarge", "The body of the request is too large.");
        return;
    }
    if (exchange->body_complete)
        exchange_body_done(exchange);
    else
        exchange->client->protocol->await_body(exchange);
}

bool exchange_body(struct front_exchange *exchange, rs_text bytes)
{
    struct front *front = exchange->front;

    exchange->body_size += bytes.size;
    if (exchange->body_size > body_max(exchange)) {
        exchange_refuse(exchange, 413, "EntityTooLarge", "The body of the request is too large.");
        return false;
    }
    if (spool_append(&exchange->body, &front->spools, bytes, exchange->body_memory))
        return true;
    rs_log(RS_LOG_ERROR, "cannot keep the body of a request in a file in %s: %s", front->tmp_folder,
           strerror(errno));
    exchange_refuse(exchange, errno == ENOSPC || errno == EDQUOT ? 507 : 500, "TempFile",
                    "There is no room for the body of the request.");
    return false;
}

/* ---- the response --------------------------------------------------------------------------------------------- */

static void throttle_if_full(struct front_exchange *exchange)
{
    if (!exchange->upstream || exchange->throttled || !exchange->client->protocol->is_full(exchange))
        return;
    exchange->throttled = true;
    if (!exchange->tunnel_drains)
        exchange->deadline_ms = 0; /* it is the client that takes its time: its speed is watched */
    upstream_rewatch(exchange->upstream);
}

void exchange_resume(struct front_exchange *exchange)
{
    exchange->throttled = false;
    if (!exchange->upstream)
        return;
    if (exchange->tunnel)
        tunnel_resumed(exchange);
    else
        exchange_wait(exchange, exchange_response_ms(exchange), "Timer_Response");
    upstream_rewatch(exchange->upstream);
}

bool exchange_response_head(struct front_exchange *exchange, const struct http_response *response,
                            rs_text first, bool complete)
{
    struct front_reply *reply = &exchange->front->reply;

    app_answered(exchange->app);
    forward_keep_state(exchange, response);
    forward_response(reply, exchange, response);
    if (reply->full) {
        exchange_refuse(exchange, 502, "AppBadResponse", "The head of the application's answer is too large.");
        return false;
    }
    exchange->status = response->status;
    exchange->head_sent = true;
    exchange->sent = first.size;
    if (!exchange->client->protocol->respond(exchange, reply, first, complete))
        return false;
    throttle_if_full(exchange);
    return true;
}

bool exchange_response_body(struct front_exchange *exchange, char *bytes, size_t size, bool complete)
{
    exchange->sent += size;
    if (!exchange->client->protocol->send_body(exchange, bytes, size, complete))
        return false;
    throttle_if_full(exchange);
    return true;
}

void exchange_response_done(struct front_exchange *exchange)
{
    exchange->deadline_ms = 0;
    exchange->throttled = false;
    exchange->client->protocol->response_done(exchange);
}
