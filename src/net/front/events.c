/* net/front/events.c - what the logs are told.
 */
#include "base/log.h"
#include "net/front/exchange.h"
#include "net/front/redact.h"
#include "net/loop/loop.h"

#define LOGGED_MAX ((size_t)4 * 1024) /* bytes of an address from which something was taken */

static void log_trouble(const struct front_trouble *trouble)
{
    enum rs_log_level level = trouble->status >= 500 ? RS_LOG_WARNING : RS_LOG_INFO;

    rs_log(level, "%s connection %llu from %.*s:%u to port %u: %.*s %.*s -> %d%s%.*s%s%.*s", trouble->reason,
           (unsigned long long)trouble->connection, RS_TEXT_ARG(trouble->client), trouble->client_port,
           trouble->server_port, RS_TEXT_ARG(trouble->method.size ? trouble->method : RS_TEXT("-")),
           RS_TEXT_ARG(trouble->target.size ? rs_text_slice(trouble->target, 0, 512) : RS_TEXT("-")),
           trouble->status, trouble->reservation.size ? ", reserved by " : "",
           RS_TEXT_ARG(trouble->reservation), trouble->detail.size ? ": " : "", RS_TEXT_ARG(trouble->detail));
}

static rs_text version_of(const struct front_exchange *exchange)
{
    const struct http_request *request = &exchange->request;

    if (request->major == 2)
        return RS_TEXT("HTTP/2.0");
    if (request->minor == 1)
        return RS_TEXT("HTTP/1.1");
    return exchange->begun ? RS_TEXT("HTTP/1.0") : RS_TEXT(""); /* else nobody got as far as the version */
}

void engine_trouble(struct front_client *client, struct front_exchange *exchange, int status,
                    const char *reason, const char *detail)
{
    const struct front_hooks *hooks = &client->front->hooks;
    char remote[TABLES_ADDRESS_WRITTEN_MAX], local[TABLES_ADDRESS_WRITTEN_MAX], target[LOGGED_MAX];
    struct front_trouble trouble = {
        .connection = client->id,
        .client_port = client->remote_port,
        .server_port = client->local_port,
        .status = status,
        .reason = reason,
        .detail = rs_text_from(detail),
    };

    bool has_origin = exchange && exchange->begun;
    tables_address_write(has_origin ? &exchange->origin.remote : &client->remote, remote);
    tables_address_write(&client->local, local);
    trouble.client = rs_text_from(remote);
    trouble.server = rs_text_from(local);
    if (has_origin)
        trouble.client_port = exchange->origin.remote_port;
    if (exchange) {
        trouble.method = exchange->request.method_name;
        trouble.target = redact_url(exchange->request.target, target, sizeof target);
        trouble.version = version_of(exchange);
        if (exchange->row)
            trouble.reservation = exchange->row->url;
    }
    if (hooks->trouble)
        hooks->trouble(hooks->data, &trouble);
    else
        log_trouble(&trouble);
}

void engine_access(struct front_exchange *exchange, bool complete)
{
    struct front *front = exchange->front;
    const struct front_client *client = exchange->client;
    const struct http_request *request = &exchange->request;
    char remote[TABLES_ADDRESS_WRITTEN_MAX], local[TABLES_ADDRESS_WRITTEN_MAX], target[LOGGED_MAX], referer[LOGGED_MAX];
    struct front_access access;

    front->statistics.requests++;
    front->statistics.responses[exchange->status / 100]++;
    if (!front->hooks.access)
        return;
    tables_address_write(exchange->begun ? &exchange->origin.remote : &client->remote, remote);
    tables_address_write(&client->local, local);
    access = (struct front_access){
        .connection = client->id,
        .request_id = rs_text_of(exchange->id, EXCHANGE_ID_SIZE - 1),
        .client = rs_text_from(remote),
        .client_port = exchange->begun ? exchange->origin.remote_port : client->remote_port,
        .server = rs_text_from(local),
        .server_port = client->local_port,
        .tls = client->secure,
        .method = request->method_name,
        .host = request->host,
        .target = redact_url(request->target, target, sizeof target),
        .version = version_of(exchange),
        .status = exchange->status,
        .complete = complete,
        .body_bytes = exchange->sent,
        .request_bytes = exchange->body_size,
        .duration_ms = loop_now_ms(front->loop) - exchange->began_ms,
    };
    if (exchange->begun) {
        access.user_agent = http_fields_find(&request->fields, HTTP_USER_AGENT);
        access.referer = redact_url(http_fields_find(&request->fields, HTTP_REFERER), referer, sizeof referer);
    }
    if (exchange->row) {
        access.application = exchange->row->application;
        access.reservation = exchange->row->url;
    }
    front->hooks.access(front->hooks.data, &access);
}
