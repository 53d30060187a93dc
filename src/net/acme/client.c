#include "net/acme/client.h"

#include <arpa/inet.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "format/json/json.h"
#include "net/acme/jws.h"
#include "net/acme/transport.h"

#define ACME_NONCE_TRIES 10      /* refused in a row: more is no accident */
#define ACME_POLL_FIRST_MS 250   /* between looks at an order or authorization; doubling */
#define ACME_POLL_MOST_MS 10000
#define ACME_POLL_TOTAL_MS 180000 /* then the server is too slow, and the order is tried again later */
#define ACME_WINDOW_AGAIN_MS (6 * INT64_C(3600000)) /* where the server does not say when to ask again */

struct acme_client {
    struct acme_server server;
    struct fetch *transport;
    struct acme_directory directory;
    rs_text nonce;
    char nonce_bytes[ACME_URL_MAX];
    int64_t retry_after_ms;
};

int64_t acme_retry_after_ms(const struct acme_client *client)
{
    return client->retry_after_ms;
}

/* ---- signed requests ----------------------------------------------------------------------- */

/* Outlives the job of the answer it came with. */
static void keep_nonce(struct acme_client *client, rs_text nonce)
{
    client->nonce = RS_TEXT("");
    if (nonce.size == 0 || nonce.size > sizeof client->nonce_bytes)
        return;
    memcpy(client->nonce_bytes, nonce.bytes, nonce.size);
    client->nonce = rs_text_of(client->nonce_bytes, nonce.size);
}

static rs_status take_nonce(struct rs_job *job, struct acme_client *client, rs_text *out)
{
    struct acme_answer answer;

    if (client->nonce.size == 0) {
        RS_TRY(acme_request(job, client->transport, FETCH_HEAD, client->directory.new_nonce, RS_TEXT(""), &answer));
        keep_nonce(client, answer.nonce);
    }
    if (client->nonce.size == 0)
        return rs_fail(job, ACME_ANSWER, "the ACME server gives no nonce at %.*s", RS_TEXT_ARG(client->directory.new_nonce));
    *out = rs_text_copy(job, client->nonce);
    client->nonce = RS_TEXT("");
    return RS_OK;
}

static rs_status refused(struct rs_job *job, struct acme_client *client, const char *what, const struct acme_answer *answer)
{
    struct acme_problem problem;
    bool limited;

    acme_problem_parse(job, answer->body, &problem);
    limited = answer->status == 429 || rs_text_equal(problem.type, RS_TEXT("rateLimited"));
    client->retry_after_ms = answer->retry_after_ms;
    if (problem.type.size == 0)
        return rs_fail(job, answer->status >= 500 ? ACME_UNREACHABLE : ACME_REFUSED, "the ACME server answers %s with status %d",
                       what, answer->status);
    return rs_fail(job, limited ? ACME_RATE_LIMITED : answer->status >= 500 ? ACME_UNREACHABLE : ACME_REFUSED,
                   "the ACME server refuses %s: %.*s (%.*s)", what, RS_TEXT_ARG(problem.detail), RS_TEXT_ARG(problem.type));
}

/* `payload` empty: POST-as-GET. Only answers of 2xx; `what` is for the message. */
static rs_status post(struct rs_job *job, struct acme_client *client, rs_text url, rs_text payload, const char *what,
                      struct acme_answer *out)
{
    for (int tries = 0; tries < ACME_NONCE_TRIES; tries++) {
        struct acme_problem problem;
        rs_text nonce, body;
        RS_TRY(rs_job_checkpoint(job));
        RS_TRY(take_nonce(job, client, &nonce));
        RS_TRY(jws_sign(job, client->server.key, client->server.account, nonce, url, payload, &body));
        RS_TRY(acme_request(job, client->transport, FETCH_POST, url, body, out));
        keep_nonce(client, out->nonce);
        if (out->status >= 200 && out->status < 300)
            return RS_OK;
        acme_problem_parse(job, out->body, &problem);
        if (!rs_text_equal(problem.type, RS_TEXT("badNonce")))
            return refused(job, client, what, out);
    }
    return rs_fail(job, ACME_UNREACHABLE, "the ACME server refused %d nonces of its own one after the other; it is tried again "
                   "later", ACME_NONCE_TRIES);
}

/* ---- directory and account ----------------------------------------------------------------- */

static void end_transport(void *transport)
{
    fetch_close(transport);
}

rs_status acme_open(struct rs_job *job, const struct acme_server *server, struct acme_client **out)
{
    struct acme_client *client = RS_NEW(job, struct acme_client);
    struct acme_answer answer;

    client->server = *server;
    client->retry_after_ms = -1;
    if (!acme_url_is_good(server->directory))
        return rs_fail(job, RS_INVALID, "\"%.*s\" is not the https address of an ACME directory", RS_TEXT_ARG(server->directory));
    RS_TRY(fetch_open(job, server->ca_file, &client->transport));
    rs_job_at_end(job, end_transport, client->transport);
    *out = client;
    RS_TRY(acme_request(job, client->transport, FETCH_GET, server->directory, RS_TEXT(""), &answer));
    if (answer.status != 200)
        return refused(job, client, "the question for its directory", &answer);
    return acme_directory_parse(job, answer.body, &client->directory);
}

static rs_status bind_external(struct rs_job *job, struct acme_client *client, const struct acme_registration *wish,
                               json_t *payload)
{
    rs_text secret, signed_text;
    json_t *binding;

    if (wish->external_id.size == 0)
        return client->directory.external_account_required
                   ? rs_fail(job, ACME_REFUSED, "this ACME server takes only accounts that it knows already: give --eab-id and "
                             "--eab-key-file")
                   : RS_OK;
    RS_TRY(jws_base64url_parse(job, wish->external_key, &secret));
    RS_TRY(jws_external_account(job, wish->external_id, secret, client->directory.new_account, client->server.key, &signed_text));
    RS_TRY(json_parse(job, signed_text, 0, &binding));
    json_object_set(payload, "externalAccountBinding", binding);
    return RS_OK;
}

rs_status acme_register(struct rs_job *job, struct acme_client *client, const struct acme_registration *wish, rs_text *out)
{
    json_t *payload = json_keep(job, json_object()), *contacts = json_array();
    struct acme_answer answer;

    for (size_t i = 0; i < wish->contact_count; i++)
        json_array_append_new(contacts, json_from_text(wish->contacts[i]));
    if (wish->contact_count > 0)
        json_object_set(payload, "contact", contacts);
    json_decref(contacts);
    if (client->directory.terms.size > 0 && !wish->agreed)
        return rs_fail(job, ACME_REFUSED, "the ACME server asks to agree to its terms, %.*s: add --agree",
                       RS_TEXT_ARG(client->directory.terms));
    json_object_set_new(payload, "termsOfServiceAgreed", json_boolean(wish->agreed));
    RS_TRY(bind_external(job, client, wish, payload));
    client->server.account = RS_TEXT("");
    RS_TRY(post(job, client, client->directory.new_account, json_write(job, payload, JSON_COMPACT_LINE), "the account", &answer));
    if (answer.location.size == 0)
        return rs_fail(job, ACME_ANSWER, "the ACME server gives the account no address");
    *out = client->server.account = answer.location;
    return RS_OK;
}

/* ---- an order ------------------------------------------------------------------------------ */

static bool is_address(rs_text host, struct rs_job *job)
{
    unsigned char bytes[16];
    const char *terminated = rs_text_terminated(job, host);

    return inet_pton(AF_INET, terminated, bytes) == 1 || inet_pton(AF_INET6, terminated, bytes) == 1;
}

static rs_status order_open(struct rs_job *job, struct acme_client *client, const struct acme_wish *wish, rs_text *url,
                            struct acme_order *out)
{
    json_t *payload = json_keep(job, json_object()), *identifiers = json_array();
    struct acme_answer answer;

    for (size_t i = 0; i < wish->host_count; i++)
        json_array_append_new(identifiers, json_pack("{s:s, s:o}", "type", is_address(wish->hosts[i], job) ? "ip" : "dns",
                                                     "value", json_from_text(wish->hosts[i])));
    json_object_set_new(payload, "identifiers", identifiers);
    if (wish->replaces.size > 0 && client->directory.renewal_info.size > 0)
        json_object_set_new(payload, "replaces", json_from_text(wish->replaces));
    RS_TRY(post(job, client, client->directory.new_order, json_write(job, payload, JSON_COMPACT_LINE), "the order", &answer));
    if (answer.location.size == 0)
        return rs_fail(job, ACME_ANSWER, "the ACME server gives the order no address");
    *url = answer.location;
    return acme_order_parse(job, answer.body, out);
}

static rs_status authorization_read(struct rs_job *job, struct acme_client *client, rs_text url,
                                    struct acme_authorization *out, int64_t *retry_after_ms)
{
    struct acme_answer answer;

    RS_TRY(post(job, client, url, RS_TEXT(""), "the question for an authorization", &answer));
    *retry_after_ms = answer.retry_after_ms;
    return acme_authorization_parse(job, answer.body, out);
}

static const struct acme_challenge *challenge_of(const struct acme_authorization *authorization, enum acme_kind kind)
{
    for (size_t i = 0; i < authorization->challenge_count; i++)
        if (rs_text_equal(authorization->challenges[i].type, rs_text_from(acme_kind_name(kind))))
            return &authorization->challenges[i];
    return NULL;
}

static rs_status authorization_failed(struct rs_job *job, const struct acme_authorization *authorization)
{
    for (size_t i = 0; i < authorization->challenge_count; i++) {
        const struct acme_challenge *challenge = &authorization->challenges[i];
        if (challenge->problem.type.size > 0)
            return rs_fail(job, ACME_REFUSED, "the ACME server could not verify %.*s with %.*s: %.*s (%.*s)",
                           RS_TEXT_ARG(authorization->host), RS_TEXT_ARG(challenge->type),
                           RS_TEXT_ARG(challenge->problem.detail), RS_TEXT_ARG(challenge->problem.type));
    }
    return rs_fail(job, ACME_REFUSED, "the ACME server did not accept the proof for %.*s", RS_TEXT_ARG(authorization->host));
}

/* Waiting, in steps that grow; ends with the job's deadline or cancellation. */
struct patience {
    int64_t until_ms, step_ms;
};

static rs_status wait_a_little(struct rs_job *job, struct patience *patience, int64_t asked_ms, const char *for_what)
{
    int64_t now = rs_clock_steady_ms(), ms = asked_ms > patience->step_ms ? asked_ms : patience->step_ms;

    if (now >= patience->until_ms)
        return rs_fail(job, ACME_UNREACHABLE, "the ACME server has not %s in %d seconds", for_what, ACME_POLL_TOTAL_MS / 1000);
    if (ms > ACME_POLL_MOST_MS)
        ms = ACME_POLL_MOST_MS;
    patience->step_ms = patience->step_ms * 2 < ACME_POLL_MOST_MS ? patience->step_ms * 2 : ACME_POLL_MOST_MS;
    for (int64_t end = now + ms; now < end; now = rs_clock_steady_ms()) {
        const struct timespec pause = {.tv_nsec = 50000000};
        RS_TRY(rs_job_checkpoint(job));
        nanosleep(&pause, NULL);
    }
    return RS_OK;
}

static struct patience new_patience(void)
{
    return (struct patience){rs_clock_steady_ms() + ACME_POLL_TOTAL_MS, ACME_POLL_FIRST_MS};
}

static rs_status authorization_wait(struct rs_job *job, struct acme_client *client, rs_text url)
{
    struct patience patience = new_patience();

    for (;;) {
        struct acme_authorization authorization;
        int64_t retry_after_ms;
        RS_TRY(authorization_read(job, client, url, &authorization, &retry_after_ms));
        if (authorization.state == ACME_VALID)
            return RS_OK;
        if (authorization.state != ACME_PENDING)
            return authorization_failed(job, &authorization);
        RS_TRY(wait_a_little(job, &patience, retry_after_ms, "verified the proofs"));
    }
}

/* What is still to be proved: proofs, and where to say that they are there. */
struct proving {
    struct acme_proof proofs[ACME_AUTHORIZATIONS_MAX];
    rs_text urls[ACME_AUTHORIZATIONS_MAX];
    size_t count;
};

static rs_status proofs_make(struct rs_job *job, struct acme_client *client, const struct acme_wish *wish,
                             const struct acme_order *order, struct proving *out)
{
    for (size_t i = 0; i < order->authorization_count; i++) {
        struct acme_authorization authorization;
        const struct acme_challenge *challenge;
        int64_t ignored;
        RS_TRY(authorization_read(job, client, order->authorizations[i], &authorization, &ignored));
        if (authorization.state == ACME_VALID)
            continue; /* of an order before */
        if (authorization.state != ACME_PENDING)
            return authorization_failed(job, &authorization);
        challenge = challenge_of(&authorization, wish->kind);
        if (!challenge)
            return rs_fail(job, ACME_REFUSED, "the ACME server does not offer %s for %.*s", acme_kind_name(wish->kind),
                           RS_TEXT_ARG(authorization.host));
        RS_TRY(acme_proof_make(job, wish->kind, authorization.host, challenge->token, client->server.key,
                               &out->proofs[out->count]));
        out->urls[out->count++] = challenge->url;
    }
    return RS_OK;
}

static rs_status prove(struct rs_job *job, struct acme_client *client, const struct acme_wish *wish,
                       const struct acme_order *order, const struct proving *proving)
{
    struct acme_answer answer;

    for (size_t i = 0; i < proving->count; i++)
        RS_TRY(post(job, client, proving->urls[i], RS_TEXT("{}"), "a proof", &answer));
    for (size_t i = 0; i < order->authorization_count; i++)
        RS_TRY(authorization_wait(job, client, order->authorizations[i]));
    return RS_OK;
}

static rs_status prove_all(struct rs_job *job, struct acme_client *client, const struct acme_wish *wish,
                           const struct acme_order *order)
{
    RS_OWNED(rs_job) hiding = rs_job_create(NULL);
    struct proving *proving = RS_NEW(job, struct proving);
    rs_status status;

    RS_TRY(proofs_make(job, client, wish, order, proving));
    if (proving->count == 0)
        return RS_OK;
    RS_TRY(wish->show(job, wish->data, proving->proofs, proving->count));
    status = prove(job, client, wish, order, proving);
    (void)!wish->show(hiding, wish->data, NULL, 0);
    return status;
}

static rs_status order_failed(struct rs_job *job, const struct acme_order *order)
{
    if (order->problem.type.size > 0)
        return rs_fail(job, ACME_REFUSED, "the ACME server gave the order up: %.*s (%.*s)", RS_TEXT_ARG(order->problem.detail),
                       RS_TEXT_ARG(order->problem.type));
    return rs_fail(job, ACME_REFUSED, "the ACME server gave the order up without a reason");
}

/* Until the order is `wanted`, or past it. */
static rs_status order_wait(struct rs_job *job, struct acme_client *client, rs_text url, enum acme_state wanted,
                            struct acme_order *order)
{
    struct patience patience = new_patience();

    for (;;) {
        struct acme_answer answer;
        if (order->state == ACME_VALID || order->state == wanted)
            return RS_OK;
        if (order->state == ACME_INVALID || order->state == ACME_OTHER)
            return order_failed(job, order);
        RS_TRY(post(job, client, url, RS_TEXT(""), "the question for the order", &answer));
        RS_TRY(acme_order_parse(job, answer.body, order));
        if (order->state == ACME_PENDING || order->state == ACME_PROCESSING || order->state == ACME_READY)
            if (order->state != wanted)
                RS_TRY(wait_a_little(job, &patience, answer.retry_after_ms, "finished the order"));
    }
}

static rs_status finalize(struct rs_job *job, struct acme_client *client, const struct acme_wish *wish, rs_text url,
                          struct acme_order *order)
{
    rs_text payload = rs_text_format(job, "{\"csr\":\"%.*s\"}", RS_TEXT_ARG(jws_base64url(job, wish->request_der)));
    struct acme_answer answer;

    RS_TRY(post(job, client, order->finalize, payload, "the request for the certificate", &answer));
    RS_TRY(acme_order_parse(job, answer.body, order));
    return order_wait(job, client, url, ACME_VALID, order);
}

rs_status acme_issue(struct rs_job *job, struct acme_client *client, const struct acme_wish *wish, rs_text *out)
{
    struct acme_order order;
    struct acme_answer answer;
    rs_text url;

    client->retry_after_ms = -1;
    RS_TRY(order_open(job, client, wish, &url, &order));
    if (order.state == ACME_PENDING) {
        RS_TRY(prove_all(job, client, wish, &order));
        RS_TRY(order_wait(job, client, url, ACME_READY, &order));
    }
    if (order.state != ACME_VALID)
        RS_TRY(finalize(job, client, wish, url, &order));
    if (order.certificate.size == 0)
        return rs_fail(job, ACME_ANSWER, "the ACME server's order is valid, but has no certificate");
    RS_TRY(post(job, client, order.certificate, RS_TEXT(""), "the certificate", &answer));
    *out = answer.body;
    return RS_OK;
}

/* ---- revocation ---------------------------------------------------------------------------- */

int acme_reason_number(rs_text name)
{
    static const struct {
        const char *name;
        int number;
    } reasons[] = {{"unspecified", 0}, {"keyCompromise", 1}, {"affiliationChanged", 3}, {"superseded", 4}, {"cessationOfOperation", 5}};

    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (rs_text_equal_nocase(name, rs_text_from(reasons[i].name)))
            return reasons[i].number;
    return -1;
}

rs_status acme_revoke(struct rs_job *job, struct acme_client *client, X509 *certificate, int reason)
{
    unsigned char *der = NULL;
    int size = i2d_X509(certificate, &der);
    struct acme_answer answer = {0};
    struct acme_problem problem;
    rs_text payload;
    rs_status status;

    client->retry_after_ms = -1;
    if (client->directory.revoke.size == 0 || size <= 0) {
        OPENSSL_free(der);
        return rs_fail(job, RS_UNSUPPORTED, "this ACME server does not take certificates back");
    }
    payload = rs_text_format(job, "{\"certificate\":\"%.*s\",\"reason\":%d}",
                             RS_TEXT_ARG(jws_base64url(job, rs_text_of((char *)der, (size_t)size))), reason);
    OPENSSL_free(der);
    status = post(job, client, client->directory.revoke, payload, "the revocation", &answer);
    if (status == RS_OK)
        return RS_OK;
    acme_problem_parse(job, answer.body, &problem);
    if (!rs_text_equal(problem.type, RS_TEXT("alreadyRevoked")))
        return status;
    rs_job_forgive(job);
    return RS_OK;
}

/* ---- renewal ------------------------------------------------------------------------------- */

rs_text acme_certificate_id(struct rs_job *job, X509 *certificate)
{
    const ASN1_OCTET_STRING *authority = X509_get0_authority_key_id(certificate);
    const ASN1_INTEGER *serial = X509_get0_serialNumber(certificate);
    rs_text left, right;
    unsigned char number[64] = {0};
    int size = ASN1_STRING_length(serial);
    bool padded;

    ERR_clear_error();
    if (!authority || size < 1 || size > (int)sizeof number - 1)
        return RS_TEXT("");
    memcpy(number + 1, ASN1_STRING_get0_data(serial), (size_t)size);
    padded = number[1] & 0x80; /* as DER writes it: a number that is not negative begins with a 0 bit */
    left = jws_base64url(job, rs_text_of((const char *)ASN1_STRING_get0_data(authority), (size_t)ASN1_STRING_length(authority)));
    right = jws_base64url(job, rs_text_of((const char *)number + !padded, (size_t)size + padded));
    return rs_text_format(job, "%.*s.%.*s", RS_TEXT_ARG(left), RS_TEXT_ARG(right));
}

rs_status acme_renewal_window(struct rs_job *job, struct acme_client *client, X509 *certificate, bool *offered,
                              struct acme_window *out, int64_t *again_ms)
{
    rs_text id = acme_certificate_id(job, certificate);
    struct acme_answer answer;

    *again_ms = ACME_WINDOW_AGAIN_MS;
    *offered = client->directory.renewal_info.size > 0 && id.size > 0;
    if (!*offered)
        return RS_OK;
    RS_TRY(acme_request(job, client->transport, FETCH_GET,
                        rs_text_format(job, "%.*s/%.*s", RS_TEXT_ARG(client->directory.renewal_info), RS_TEXT_ARG(id)),
                        RS_TEXT(""), &answer));
    if (answer.retry_after_ms > 0)
        *again_ms = answer.retry_after_ms;
    if (answer.status != 200)
        return refused(job, client, "the question when to renew", &answer);
    return acme_window_parse(job, answer.body, out);
}
