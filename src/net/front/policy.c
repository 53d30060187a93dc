#include "net/front/policy.h"

#include <stdio.h>

#include "base/log.h"
#include "net/front/application.h"
#include "net/front/exchange.h"
#include "net/front/plan_inside.h"
#include "net/front/rate.h"
#include "net/loop/loop.h"

#define LOCATION_MAX (HTTP_HEAD_MAX + 512)

/* ---- out of the settings -------------------------------------------------------------------------------- */

static enum policy_plain plain_of(const struct tables_policy *settings)
{
    rs_text word = policy_text(settings, POLICY_APPLICATION_HTTP);

    if (rs_text_equal(word, RS_TEXT("redirect")))
        return POLICY_REDIRECT;
    if (rs_text_equal(word, RS_TEXT("refuse")) || policy_number(settings, POLICY_APPLICATION_SECURE_LEVEL) > 0)
        return POLICY_REFUSE;
    return POLICY_SERVE;
}

static rs_text hsts_of(struct rs_job *memory, const struct tables_policy *settings)
{
    int64_t seconds = policy_number(settings, POLICY_APPLICATION_HSTS);

    if (seconds == 0)
        return (rs_text){NULL, 0};
    return rs_text_format(memory, "max-age=%lld%s", (long long)seconds,
                          policy_flag(settings, POLICY_APPLICATION_HSTS_SUBDOMAINS) ? "; includeSubDomains" : "");
}

static void read_fields(struct front_policy *policy, rs_text written)
{
    struct front_policy_field *fields = RS_NEW_ARRAY(policy->memory, struct front_policy_field, POLICY_HEADERS_MAX);
    rs_text rest = rs_text_copy(policy->memory, written);

    while (policy->field_count < POLICY_HEADERS_MAX &&
           policy_next_header(&rest, &fields[policy->field_count].name, &fields[policy->field_count].value))
        policy->field_count++;
    policy->fields = fields;
}

struct front_policy *front_policy_create(const struct tables_policy *settings)
{
    static const struct tables_policy nothing;
    struct rs_job *memory = rs_job_create(NULL);
    struct front_policy *policy = RS_NEW(memory, struct front_policy);

    if (!settings)
        settings = &nothing;
    policy->memory = memory;
    policy->plain = plain_of(settings);
    policy->body_max = (uint64_t)policy_number(settings, POLICY_APPLICATION_BODY_MAX) * 1024;
    policy->head_max = (size_t)policy_number(settings, POLICY_APPLICATION_HEAD_MAX) * 1024;
    policy->response_ms = policy_number(settings, POLICY_APPLICATION_RESPONSE_TIME) * 1000;
    policy->rate = (unsigned)policy_number(settings, POLICY_APPLICATION_RATE);
    policy->burst = (unsigned)policy_number(settings, POLICY_APPLICATION_BURST);
    if (policy->burst == 0)
        policy->burst = policy->rate * 2;
    policy->hsts = hsts_of(memory, settings);
    read_fields(policy, policy_text(settings, POLICY_APPLICATION_HEADERS));
    return policy;
}

void front_policy_destroy(struct front_policy *policy)
{
    if (policy)
        rs_job_destroy(policy->memory);
}

/* ---- requests without TLS --------------------------------------------------------------------------------- */

/* Where the application is reached over TLS: on 443 where it is there, else on the first port that it has. 0: nowhere. */
static uint16_t secure_port(const struct front_exchange *exchange)
{
    const struct tables_snapshot *tables = front_plan_tables(exchange->plan);
    uint16_t found = 0;

    for (size_t i = 0; i < tables_reservation_count(tables); i++) {
        const struct tables_reservation *row = tables_reservation(tables, i);
        if (row->prefix.scheme != TABLES_HTTPS || !rs_text_equal(row->application, exchange->row->application))
            continue;
        if (found == 0 || row->prefix.port == 443)
            found = row->prefix.port;
    }
    return found;
}

static rs_text without_port(rs_text host)
{
    size_t end = host.size;

    while (end > 0 && host.bytes[end - 1] >= '0' && host.bytes[end - 1] <= '9')
        end--;
    return end > 0 && end < host.size && host.bytes[end - 1] == ':' ? rs_text_slice(host, 0, end - 1) : host;
}

static void redirect(struct front_exchange *exchange)
{
    const struct http_request *request = &exchange->request;
    uint16_t port = secure_port(exchange);
    rs_text host = without_port(exchange->origin.host);
    char location[LOCATION_MAX], number[8] = "";

    if (port == 0 || host.size == 0) {
        exchange_refuse_plain(exchange);
        return;
    }
    if (port != 443)
        snprintf(number, sizeof number, ":%u", port);
    int size = snprintf(location, sizeof location, "https://%.*s%s%.*s%s%.*s", RS_TEXT_ARG(host), number,
                        RS_TEXT_ARG(request->path), request->has_query ? "?" : "", RS_TEXT_ARG(request->query));
    if (size < 0 || (size_t)size >= sizeof location)
        exchange_refuse(exchange, 414, "URL", "The address of the request is too long.");
    else
        exchange_send_on(exchange, rs_text_of(location, (size_t)size));
}

/* ---- admission ---------------------------------------------------------------------------------------------- */

static bool admit_plain(struct front_exchange *exchange, const struct front_policy *policy)
{
    if (exchange->origin.secure || policy->plain == POLICY_SERVE)
        return true;
    if (policy->plain == POLICY_REDIRECT)
        redirect(exchange);
    else
        exchange_refuse_plain(exchange);
    return false;
}

bool front_policy_admit(struct front_exchange *exchange)
{
    const struct front_policy *policy = exchange->app->policy;
    struct front *front = exchange->front;

    if (!admit_plain(exchange, policy))
        return false;
    if (policy->head_max > 0 && exchange->request.head_size > policy->head_max) {
        exchange_refuse(exchange, 431, "BadRequest", "The head of the request is too large.");
        return false;
    }
    if (policy->rate > 0 && !rate_take(&front->rates, (uint64_t)exchange->app->id, &exchange->origin.remote, policy->rate,
                                       policy->burst, loop_now_ms(front->loop))) {
        exchange_refuse(exchange, 429, "RateLimit", "There were too many requests from this address; try again in a second.");
        return false;
    }
    return true;
}

/* ---- responses ---------------------------------------------------------------------------------------------- */

bool front_policy_says(const struct front_exchange *exchange, const struct http_field *field)
{
    const struct front_policy *policy = exchange->app->policy;

    if (policy->hsts.size > 0 && rs_text_equal_nocase(field->name, RS_TEXT("Strict-Transport-Security")))
        return true;
    for (size_t i = 0; i < policy->field_count; i++)
        if (rs_text_equal_nocase(field->name, policy->fields[i].name))
            return true;
    return false;
}

void front_policy_add(struct front_reply *reply, const struct front_exchange *exchange)
{
    const struct front_policy *policy = exchange->app->policy;

    for (size_t i = 0; i < policy->field_count; i++)
        reply_add_other(reply, policy->fields[i].name, policy->fields[i].value);
    if (policy->hsts.size > 0 && exchange->origin.secure) /* RFC 6797, 7.2: never without TLS */
        reply_add_other(reply, RS_TEXT("Strict-Transport-Security"), policy->hsts);
}
