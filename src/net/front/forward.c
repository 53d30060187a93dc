#include "net/front/forward.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>

#include "net/front/application.h"
#include "net/front/trust.h"
#include "net/http/serve.h"

#define FORWARD_CERTIFICATE_MAX ((size_t)12 * 1024) /* bytes of a client's certificate in base64; a larger one is told by its digest alone */
#define FORWARD_NAME_MAX 1000

/* What a client sends under these names is not passed on: they are said by us. */
static const bool ours_to_say[HTTP_FIELD_IDS] = {
    [HTTP_HOST] = true,
    [HTTP_CONTENT_LENGTH] = true,
    [HTTP_EXPECT] = true,
    [HTTP_CLIENT_CERT] = true,
    [HTTP_CLIENT_CERT_CHAIN] = true,
    [HTTP_X_CLIENT_CERT_VERIFY] = true,
    [HTTP_X_CLIENT_CERT_SUBJECT] = true,
    [HTTP_X_CLIENT_CERT_ISSUER] = true,
    [HTTP_X_CLIENT_CERT_SERIAL] = true,
    [HTTP_X_CLIENT_CERT_SHA256] = true,
    [HTTP_FORWARDED] = true,
    [HTTP_X_FORWARDED_FOR] = true,
    [HTTP_X_FORWARDED_HOST] = true,
    [HTTP_X_FORWARDED_PORT] = true,
    [HTTP_X_FORWARDED_PROTO] = true,
    [HTTP_X_REAL_IP] = true,
    [HTTP_X_REQUEST_ID] = true,
    [HTTP_BINDERY_APPLICATION] = true,
    [HTTP_BINDERY_CHANNEL] = true,
    [HTTP_BINDERY_CONNECTION] = true,
    [HTTP_BINDERY_PREFIX] = true,
    [HTTP_BINDERY_SHARED] = true,
    [HTTP_BINDERY_STATE] = true,
};

/* A name with underscores is the one with hyphens: applications that turn names into variables cannot tell the two
 * apart, and some would take Transfer_Encoding for the framing. */
static enum http_field_id undisguised(const struct http_field *field)
{
    char plain[32];

    if (field->id != HTTP_OTHER || field->name.size >= sizeof plain || !memchr(field->name.bytes, '_', field->name.size))
        return field->id;
    for (size_t i = 0; i < field->name.size; i++)
        plain[i] = field->name.bytes[i] == '_' ? '-' : field->name.bytes[i];
    return http_field_id(rs_text_of(plain, field->name.size));
}

static bool passes_request(const struct http_fields *fields, const struct http_field *field)
{
    struct http_field plain = {field->name, field->value, undisguised(field)};

    return !ours_to_say[plain.id] && !http_field_is_hop_by_hop(fields, &plain);
}

static void write_target(struct http_writer *writer, const struct http_request *request)
{
    http_write_bytes(writer, request->method == HTTP_CONNECT ? RS_TEXT("GET") : request->method_name);
    http_write_bytes(writer, RS_TEXT(" "));
    http_write_bytes(writer, request->path);
    if (request->has_query) {
        http_write_bytes(writer, RS_TEXT("?"));
        http_write_bytes(writer, request->query);
    }
    http_write_bytes(writer, RS_TEXT(" HTTP/1.1\r\n"));
}

/* RFC 9440 section 2.2, and the same in words. Where the binding asks clients, an application can rely on being told. */
static void write_client_certificate(struct http_writer *writer, const struct front_client *client)
{
    const struct tls_peer *peer = tls_stream_peer(client->tls);

    http_write_known(writer, HTTP_X_CLIENT_CERT_VERIFY, peer ? RS_TEXT("SUCCESS") : RS_TEXT("NONE"));
    if (!peer)
        return;
    if (peer->base64.size <= FORWARD_CERTIFICATE_MAX) {
        http_write_bytes(writer, RS_TEXT("Client-Cert: :"));
        http_write_bytes(writer, peer->base64);
        http_write_bytes(writer, RS_TEXT(":\r\n"));
    }
    http_write_known(writer, HTTP_X_CLIENT_CERT_SUBJECT, rs_text_slice(peer->subject, 0, FORWARD_NAME_MAX));
    http_write_known(writer, HTTP_X_CLIENT_CERT_ISSUER, rs_text_slice(peer->issuer, 0, FORWARD_NAME_MAX));
    http_write_known(writer, HTTP_X_CLIENT_CERT_SERIAL, rs_text_slice(peer->serial, 0, FORWARD_NAME_MAX));
    http_write_known(writer, HTTP_X_CLIENT_CERT_SHA256, peer->sha256);
}

/* Whether requests of several users may come over this connection; empty where they do not, as far as can be seen. */
static rs_text shared_by(const struct front_exchange *exchange)
{
    const struct front_client *client = exchange->client;
    const struct http_fields *fields = &exchange->request.fields;

    if (trust_has(&exchange->front->trust, &client->remote))
        return RS_TEXT("proxy");
    return client->http2 || http_fields_has(fields, HTTP_VIA) || http_fields_has(fields, HTTP_FORWARDED) ||
                   http_fields_has(fields, HTTP_X_FORWARDED_FOR)
               ? RS_TEXT("yes")
               : RS_TEXT("");
}

/* Only where a token may be bound to it: it costs a digest. */
static void write_channel(struct http_writer *writer, const struct front_exchange *exchange)
{
    unsigned char digest[TLS_END_POINT_MAX];
    char written[2 * TLS_END_POINT_MAX + 1];
    size_t size;

    if (!exchange->client->tls ||
        !rs_text_starts_nocase(http_fields_find(&exchange->request.fields, HTTP_AUTHORIZATION), RS_TEXT("Negotiate")))
        return;
    size = tls_stream_end_point(exchange->client->tls, digest);
    for (size_t i = 0; i < size; i++)
        snprintf(written + 2 * i, 3, "%02x", digest[i]);
    if (size > 0)
        http_write_known(writer, HTTP_BINDERY_CHANNEL, rs_text_of(written, 2 * size));
}

/* What the application should know and only we can tell. */
static void write_ours(struct http_writer *writer, const struct front_exchange *exchange)
{
    const struct front_client *client = exchange->client;
    const struct front_origin *origin = &exchange->origin;
    char address[TABLES_ADDRESS_WRITTEN_MAX];
    rs_text prefix = exchange->row->prefix.path, shared = shared_by(exchange);

    tables_address_write(&origin->remote, address);
    http_write_known(writer, HTTP_X_FORWARDED_FOR, rs_text_from(address));
    http_write_known(writer, HTTP_X_FORWARDED_PROTO, origin->secure ? RS_TEXT("https") : RS_TEXT("http"));
    if (origin->host.size > 0)
        http_write_known(writer, HTTP_X_FORWARDED_HOST, origin->host);
    http_write_number(writer, HTTP_X_FORWARDED_PORT, origin->port);
    http_write_known(writer, HTTP_X_REQUEST_ID, rs_text_of(exchange->id, EXCHANGE_ID_SIZE - 1));
    http_write_known(writer, HTTP_BINDERY_APPLICATION, exchange->row->application);
    http_write_known(writer, HTTP_BINDERY_PREFIX, rs_text_slice(prefix, 0, prefix.size - 1));
    http_write_number(writer, HTTP_BINDERY_CONNECTION, client->id);
    if (shared.size > 0)
        http_write_known(writer, HTTP_BINDERY_SHARED, shared);
    write_channel(writer, exchange);
    if (client->tls && tls_stream_asks_clients(client->tls))
        write_client_certificate(writer, client);
    if (client->application_state && client->application_state_of == exchange->app->id)
        http_write_known(writer, HTTP_BINDERY_STATE, rs_text_from(client->application_state));
}

static void write_host(struct http_writer *writer, const struct front_exchange *exchange)
{
    const struct front_client *client = exchange->client;
    char written[TABLES_ADDRESS_WRITTEN_MAX], host[TABLES_ADDRESS_WRITTEN_MAX + 16];
    bool v6 = client->local.family == TABLES_IPV6;

    if (exchange->request.host.size > 0) {
        http_write_known(writer, HTTP_HOST, exchange->request.host);
        return;
    }
    tables_address_write(&client->local, written); /* HTTP/1.0: the address is all there is */
    snprintf(host, sizeof host, "%s%s%s:%u", v6 ? "[" : "", written, v6 ? "]" : "", client->local_port);
    http_write_known(writer, HTTP_HOST, rs_text_from(host));
}

/* A switch of protocols is asked for hop by hop. Over HTTP/2 (RFC 8441 section 5) the client has no key of RFC 6455
 * to offer; HTTP/1.1 servers want one. */
static void write_upgrade(struct http_writer *writer, const struct front_exchange *exchange)
{
    const struct http_request *request = &exchange->request;
    unsigned char key[16];
    char written[32];

    http_write_known(writer, HTTP_CONNECTION, RS_TEXT("Upgrade"));
    http_write_known(writer, HTTP_UPGRADE, request->upgrade);
    if (request->method != HTTP_CONNECT || http_fields_find_name(&request->fields, RS_TEXT("Sec-WebSocket-Key")).size > 0 ||
        RAND_bytes(key, sizeof key) != 1)
        return;
    EVP_EncodeBlock((unsigned char *)written, key, sizeof key);
    http_write_field(writer, RS_TEXT("Sec-WebSocket-Key"), rs_text_from(written));
}

/* RFC 9110 section 10.1.4: said hop by hop too. */
static void write_te(struct http_writer *writer, const struct http_request *request)
{
    if (request->upgrade.size > 0 || !http_fields_lists(&request->fields, HTTP_TE, RS_TEXT("trailers")))
        return;
    http_write_known(writer, HTTP_TE, RS_TEXT("trailers"));
    http_write_known(writer, HTTP_CONNECTION, RS_TEXT("TE"));
}

/* A body with trailers behind it goes in chunks, of which one is enough: see keep_trailers of exchange.c. */
static void write_chunked(struct http_writer *writer, const struct front_exchange *exchange)
{
    const struct http_fields *fields = &exchange->request.fields;
    char head[HTTP_CHUNK_HEAD_MAX];

    for (size_t i = 0; i < fields->count; i++)
        if (fields->items[i].id == HTTP_TRAILER)
            http_write_parsed(writer, &fields->items[i]);
    http_write_known(writer, HTTP_TRANSFER_ENCODING, RS_TEXT("chunked"));
    http_write_end(writer);
    if (exchange->body_size > 0)
        http_write_bytes(writer, rs_text_of(head, http_chunk_head(exchange->body_size, head)));
}

void forward_request(struct http_writer *writer, const struct front_exchange *exchange)
{
    const struct http_request *request = &exchange->request;

    write_target(writer, request);
    write_host(writer, exchange);
    for (size_t i = 0; i < request->fields.count; i++)
        if (passes_request(&request->fields, &request->fields.items[i]))
            http_write_parsed(writer, &request->fields.items[i]);
    write_ours(writer, exchange);
    if (request->upgrade.size > 0)
        write_upgrade(writer, exchange);
    write_te(writer, request);
    if (exchange->trailers.used > 0) {
        write_chunked(writer, exchange);
        return;
    }
    if (request->body != HTTP_BODY_NONE || http_fields_has(&request->fields, HTTP_CONTENT_LENGTH))
        http_write_number(writer, HTTP_CONTENT_LENGTH, exchange->body_size);
    http_write_end(writer);
}

static bool passes_response(const struct http_fields *fields, const struct http_field *field)
{
    switch (field->id) {
    case HTTP_CONTENT_LENGTH:
    case HTTP_X_REQUEST_ID:
    case HTTP_BINDERY_APPLICATION:
    case HTTP_BINDERY_CHANNEL:
    case HTTP_BINDERY_CONNECTION:
    case HTTP_BINDERY_PREFIX:
    case HTTP_BINDERY_SHARED:
    case HTTP_BINDERY_STATE:
        return false;
    default:
        return !http_field_is_hop_by_hop(fields, field);
    }
}

void forward_response(struct front_reply *reply, const struct front_exchange *exchange,
                      const struct http_response *response)
{
    const struct http_fields *fields = &response->fields;
    bool trailers = response->body == HTTP_BODY_CHUNKED && (exchange->stream || exchange->request.minor >= 1);

    reply_init(reply, response->status);
    if (response->status == 101 && exchange->request.method == HTTP_CONNECT)
        reply->status = 200;
    else if (response->status == 101)
        reply_add(reply, HTTP_UPGRADE, http_fields_find(fields, HTTP_UPGRADE));
    for (size_t i = 0; i < fields->count; i++)
        if ((passes_response(fields, &fields->items[i]) || (trailers && fields->items[i].id == HTTP_TRAILER)) && !front_policy_says(exchange, &fields->items[i]))
            reply_copy(reply, &fields->items[i]);
    if (!http_fields_has(fields, HTTP_DATE))
        reply_add(reply, HTTP_DATE, http_date_now());
    reply_add(reply, HTTP_X_REQUEST_ID, rs_text_of(exchange->id, EXCHANGE_ID_SIZE - 1));
    front_policy_add(reply, exchange);
    reply->body = response->body == HTTP_BODY_TO_END || response->status == 101 ? HTTP_BODY_CHUNKED : response->body;
    reply->has_length = response->has_content_length && response->status != 204 &&
                        (response->status != 304 || response->content_length > 0);
    reply->length = response->content_length;
}

void forward_keep_state(struct front_exchange *exchange, const struct http_response *response)
{
    struct front_client *client = exchange->client;
    rs_text state = http_fields_find(&response->fields, HTTP_BINDERY_STATE);

    if (!http_fields_has(&response->fields, HTTP_BINDERY_STATE) || state.size > HTTP_STATE_MAX)
        return;
    free(client->application_state);
    client->application_state = state.size > 0 ? strndup(state.bytes, state.size) : NULL;
    client->application_state_of = exchange->app->id;
}
