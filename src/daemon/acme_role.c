/* One turn: the account is registered where it is not; then each certificate that is due is issued, or its authority asked
 * when it is to be renewed. Then the process sleeps until the next is due, or it is woken. */
#include "daemon/acme_role.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/channel.h"
#include "net/acme/book.h"
#include "net/acme/client.h"
#include "net/acme/schedule.h"
#include "net/pki/load.h"
#include "net/pki/request.h"

#define ROLE_CHANNEL_MS 30000
#define ROLE_SLEEP_MOST_MS 60000 /* the clock may be set, files may be put back: look once a minute */
#define ROLE_ORDER_MS 600000     /* of one certificate, with all its proofs */

struct role {
    rs_text folder;
    int channel;
    bool woken;
    bool closed;
};

/* ---- the parent ---------------------------------------------------------------------------- */

/* Ask, and wait for the answer; a wake that comes meanwhile is remembered. */
static rs_status ask(struct rs_job *job, struct role *role, const struct channel_message *question)
{
    struct channel_message answer;

    RS_TRY(channel_send(job, role->channel, question, ROLE_CHANNEL_MS));
    for (;;) {
        struct channel_reader reader;
        rs_status said;
        rs_text text;
        RS_TRY(channel_receive(job, role->channel, ROLE_CHANNEL_MS, &answer, &role->closed));
        if (role->closed)
            return rs_fail(job, RS_CANCELLED, "the server ends");
        channel_close_fds(&answer);
        if (answer.kind == RENEWAL_WAKE) {
            role->woken = true;
            continue;
        }
        reader = (struct channel_reader){.rest = answer.body};
        said = (rs_status)channel_take_number(&reader);
        text = channel_take_text(&reader);
        if (answer.kind != RENEWAL_ANSWER || reader.broken || said >= RS_STATUS_COUNT)
            return rs_fail(job, RS_IO, "the server gave an answer that cannot be read");
        return said == RS_OK ? RS_OK : rs_fail(job, said, "%.*s", RS_TEXT_ARG(text));
    }
}

static rs_status show(struct rs_job *job, void *data, const struct acme_proof *proofs, size_t count)
{
    rs_buf body = rs_buf_in(job);

    channel_put_number(&body, count);
    for (size_t i = 0; i < count; i++) {
        bool http = proofs[i].kind == ACME_HTTP_01;
        channel_put_text(&body, http ? proofs[i].token : RS_TEXT(""));
        channel_put_text(&body, proofs[i].key_authorization);
        channel_put_text(&body, proofs[i].host);
        channel_put_text(&body, proofs[i].certificate_pem);
        channel_put_text(&body, proofs[i].key_pem);
    }
    return ask(job, data, &(struct channel_message){.kind = RENEWAL_SHOW, .body = rs_buf_text(&body)});
}

/* ---- the account --------------------------------------------------------------------------- */

static uint64_t random_number(void)
{
    uint64_t number = 0;

    (void)RAND_bytes((unsigned char *)&number, sizeof number);
    return number;
}

static rs_status register_account(struct rs_job *job, struct role *role, const struct acme_account *account, rs_text *out)
{
    struct acme_server server = {.directory = account->directory, .ca_file = account->ca_file};
    struct acme_registration wish = {account->contacts, account->contact_count, account->agreed, account->external_id,
                                     account->external_key};
    struct acme_client *client;

    RS_TRY(acme_account_key(job, role->folder, &server.key));
    RS_TRY(acme_open(job, &server, &client));
    return acme_register(job, client, &wish, out);
}

/* Whether there is an account to work with. */
static rs_status see_to_account(struct rs_job *job, struct role *role, struct acme_account *account,
                                struct acme_account_state *state, bool *ready, int64_t *next_ms)
{
    RS_OWNED(rs_job) work = rs_job_create(&(struct rs_job_options){.within = job});
    bool found;

    *ready = false;
    RS_TRY(acme_account_read(job, role->folder, account, &found));
    if (!found)
        return RS_OK;
    RS_TRY(acme_account_state_read(job, role->folder, state));
    if (state->asked_ms != account->asked_ms)
        *state = (struct acme_account_state){.asked_ms = account->asked_ms};
    *ready = state->account.size > 0;
    if (*ready)
        return RS_OK;
    if (state->next_ms > rs_clock_utc_ms()) {
        *next_ms = state->next_ms;
        return RS_OK;
    }
    if (register_account(work, role, account, &state->account) == RS_OK) {
        state->account = rs_text_copy(job, state->account);
        state->error = RS_TEXT("");
        *ready = true;
        rs_log(RS_LOG_INFO, "there is an account at %.*s", RS_TEXT_ARG(account->directory));
    } else {
        state->error = rs_text_copy(job, rs_job_error(work));
        state->failures++;
        *next_ms = state->next_ms = rs_clock_utc_ms() + acme_retry_in_ms(state->failures, -1, random_number());
        rs_log(RS_LOG_ERROR, "no account at %.*s: %.*s", RS_TEXT_ARG(account->directory), RS_TEXT_ARG(state->error));
    }
    return acme_account_state_write(job, role->folder, state);
}

/* ---- one certificate ----------------------------------------------------------------------- */

static void end_certificate(void *certificate)
{
    X509_free(certificate);
}

/* The first certificate of `pem`; NULL: none. Freed with the job. */
static X509 *first_certificate(struct rs_job *job, rs_text pem)
{
    BIO *bio = BIO_new_mem_buf(pem.bytes, (int)pem.size);
    X509 *certificate = pem.size > 0 ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

    ERR_clear_error();
    BIO_free(bio);
    rs_job_at_end(job, end_certificate, certificate);
    return certificate;
}

static rs_text thumbprint(struct rs_job *job, X509 *certificate)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    char hex[2 * EVP_MAX_MD_SIZE + 1] = "";

    X509_digest(certificate, EVP_sha256(), digest, &size);
    for (unsigned i = 0; i < size; i++)
        snprintf(hex + 2 * i, 3, "%02X", digest[i]);
    return rs_text_copy(job, rs_text_from(hex));
}

static int64_t time_of(const ASN1_TIME *time)
{
    struct tm tm;

    return ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) * 1000 : 0;
}

static rs_status request_der(struct rs_job *job, EVP_PKEY *key, const struct acme_certificate *wish, rs_text *out)
{
    X509_REQ *request;
    unsigned char *der = NULL;
    int size;

    RS_TRY(pki_request_make(job, key, wish->hosts, wish->host_count, RS_TEXT(""), &request));
    size = i2d_X509_REQ(request, &der);
    if (size <= 0)
        return rs_fail(job, RS_NO_MEMORY, "no memory for a request");
    *out = rs_text_copy(job, rs_text_of((const char *)der, (size_t)size));
    OPENSSL_free(der);
    return RS_OK;
}

static rs_status keep(struct rs_job *job, struct role *role, rs_text slot, rs_text sha256, rs_text chain, EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    rs_buf body = rs_buf_in(job);
    char *bytes;
    long size;
    rs_status status;

    if (!bio || PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1) {
        BIO_free(bio);
        return rs_fail(job, RS_NO_MEMORY, "no memory for a key");
    }
    size = BIO_get_mem_data(bio, &bytes);
    rs_buf_reserve(&body, chain.size + (size_t)size + 4096); /* one piece: one wipe finds all of it */
    channel_put_text(&body, slot);
    channel_put_text(&body, sha256);
    channel_put_text(&body, chain);
    channel_put_text(&body, rs_text_of(bytes, (size_t)size));
    status = ask(job, role, &(struct channel_message){.kind = RENEWAL_KEEP, .body = rs_buf_text(&body)});
    pki_wipe(rs_buf_text(&body));
    BIO_free(bio);
    return status;
}

static rs_status issue(struct rs_job *job, struct role *role, struct acme_client *client, const struct acme_certificate *wish,
                       struct acme_certificate_state *state)
{
    struct acme_wish order = {.hosts = wish->hosts, .host_count = wish->host_count, .kind = wish->kind, .show = show,
                              .data = role};
    X509 *old = first_certificate(job, state->pem), *fresh;
    EVP_PKEY *key;
    rs_text pem;

    if (old)
        order.replaces = acme_certificate_id(job, old);
    RS_TRY(pki_key_make(job, wish->key_kind, &key));
    RS_TRY(request_der(job, key, wish, &order.request_der));
    RS_TRY(acme_issue(job, client, &order, &pem));
    fresh = first_certificate(job, pem);
    if (!fresh || X509_check_private_key(fresh, key) != 1)
        return rs_fail(job, ACME_ANSWER, "the ACME server's certificate is none, or for another key");
    RS_TRY(keep(job, role, wish->slot, thumbprint(job, fresh), pem, key));
    if (wish->revoke.size > 0 && old) {
        state->revoke = wish->revoke;
        state->revoke_pem = state->pem;
    }
    state->sha256 = thumbprint(job, fresh);
    state->pem = pem;
    return RS_OK;
}

/* The one before, now that the other one is shown; where that fails it is tried again like everything else. */
static rs_status take_back(struct rs_job *job, struct acme_client *client, rs_text slot, struct acme_certificate_state *state)
{
    X509 *certificate = first_certificate(job, state->revoke_pem);

    if (certificate) {
        RS_TRY(acme_revoke(job, client, certificate, acme_reason_number(state->revoke)));
        rs_log(RS_LOG_INFO, "the certificate that the slot %.*s had before is revoked (%.*s)", RS_TEXT_ARG(slot),
               RS_TEXT_ARG(state->revoke));
    }
    state->revoke_pem = state->revoke = RS_TEXT("");
    return RS_OK;
}

static int64_t renew_at(const struct acme_certificate_state *state, const X509 *certificate, const struct acme_suggestion *suggestion)
{
    uint64_t seed = 0;

    for (size_t i = 0; i < 16 && i < state->sha256.size; i++)
        seed = seed * 31 + (unsigned char)state->sha256.bytes[i];
    return acme_renew_at(time_of(X509_get0_notBefore(certificate)), time_of(X509_get0_notAfter(certificate)), suggestion, seed);
}

/* The certificate is there, and its life alone would not have it renewed now. */
static bool is_early(struct rs_job *job, const struct acme_certificate_state *state)
{
    RS_OWNED(rs_job) reading = rs_job_create(&(struct rs_job_options){.within = job});
    const X509 *certificate = first_certificate(reading, state->pem);

    return certificate && rs_clock_utc_ms() < renew_at(state, certificate, &(struct acme_suggestion){0});
}

/* When the certificate is renewed, by its life and by what its authority says; and when that is asked again. */
static void plan_renewal(struct rs_job *job, struct acme_client *client, struct acme_certificate_state *state)
{
    RS_OWNED(rs_job) asking = rs_job_create(&(struct rs_job_options){.within = job});
    X509 *certificate = first_certificate(asking, state->pem);
    struct acme_window window = {0};
    struct acme_suggestion suggestion = {.early_ms = state->early_ms};
    int64_t again_ms = ROLE_SLEEP_MOST_MS;

    if (!certificate)
        return;
    if (acme_renewal_window(asking, client, certificate, &suggestion.offered, &window, &again_ms) != RS_OK)
        suggestion.offered = false; /* its life is enough to go by */
    suggestion.start_ms = window.start_ms;
    suggestion.end_ms = window.end_ms;
    state->renew_ms = renew_at(state, certificate, &suggestion);
    state->next_ms = state->renew_ms;
    if (suggestion.offered && rs_clock_utc_ms() + again_ms < state->next_ms)
        state->next_ms = rs_clock_utc_ms() + again_ms;
}

static rs_status work_on(struct rs_job *job, struct role *role, const struct acme_account *account, rs_text account_url,
                         const struct acme_certificate *wish, struct acme_certificate_state *state, struct acme_client **client)
{
    struct acme_server server = {.directory = account->directory, .ca_file = account->ca_file, .account = account_url};
    bool is_asked = state->sha256.size == 0 || state->asked_ms != wish->asked_ms;
    bool is_time = rs_clock_utc_ms() >= state->renew_ms, is_suggested = !is_asked && is_time && is_early(job, state);

    RS_TRY(acme_account_key(job, role->folder, &server.key));
    RS_TRY(acme_open(job, &server, client));
    if (is_asked || is_time) {
        RS_TRY(issue(job, role, *client, wish, state));
        if (is_suggested)
            state->early_ms = rs_clock_utc_ms();
        rs_log(RS_LOG_INFO, "a certificate for the slot %.*s came from %.*s", RS_TEXT_ARG(wish->slot),
               RS_TEXT_ARG(account->directory));
    }
    plan_renewal(job, *client, state);
    return take_back(job, *client, wish->slot, state);
}

static rs_status see_to_certificate(struct rs_job *job, struct role *role, const struct acme_account *account,
                                    rs_text account_url, rs_text slot, int64_t *next_ms)
{
    RS_OWNED(rs_job) work = rs_job_create(&(struct rs_job_options){.within = job,
                                                                   .deadline_ms = rs_clock_steady_ms() + ROLE_ORDER_MS});
    struct acme_certificate_state state;
    struct acme_certificate wish;
    struct acme_client *client = NULL;
    bool found;

    RS_TRY(acme_certificate_read(work, role->folder, slot, &wish, &found));
    if (!found)
        return RS_OK;
    RS_TRY(acme_certificate_state_read(work, role->folder, slot, &state));
    if (state.asked_ms == wish.asked_ms && state.next_ms > rs_clock_utc_ms()) {
        *next_ms = state.next_ms < *next_ms ? state.next_ms : *next_ms;
        return RS_OK;
    }
    if (state.asked_ms != wish.asked_ms)
        state.failures = 0;
    if (work_on(work, role, account, account_url, &wish, &state, &client) == RS_OK) {
        state.error = RS_TEXT("");
        state.failures = 0;
    } else {
        state.error = rs_text_copy(job, rs_job_error(work));
        state.failures++;
        state.next_ms = rs_clock_utc_ms() +
                        acme_retry_in_ms(state.failures, client ? acme_retry_after_ms(client) : -1, random_number());
        rs_log(RS_LOG_ERROR, "no certificate for the slot %.*s: %.*s", RS_TEXT_ARG(slot), RS_TEXT_ARG(state.error));
    }
    if (role->closed)
        return RS_OK; /* nothing of it is known: it is done again */
    state.asked_ms = wish.asked_ms;
    *next_ms = state.next_ms < *next_ms ? state.next_ms : *next_ms;
    return acme_certificate_state_write(job, role->folder, slot, &state);
}

/* ---- turns --------------------------------------------------------------------------------- */

static rs_status turn(struct rs_job *job, struct role *role, int64_t *next_ms)
{
    struct acme_account account;
    struct acme_account_state state;
    const rs_text *slots;
    size_t count;
    bool ready;

    RS_TRY(see_to_account(job, role, &account, &state, &ready, next_ms));
    if (!ready)
        return RS_OK;
    RS_TRY(acme_certificates_list(job, role->folder, &slots, &count));
    for (size_t i = 0; i < count && !role->closed; i++) {
        RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = job});
        if (see_to_certificate(part, role, &account, state.account, slots[i], next_ms) != RS_OK) {
            rs_text why = rs_job_error(part);
            rs_log(RS_LOG_ERROR, "the slot %.*s: %.*s", RS_TEXT_ARG(slots[i]), RS_TEXT_ARG(why));
        }
    }
    return RS_OK;
}

/* Until `next_ms` (UTC), or a message. */
static void sleep_until(struct role *role, int64_t next_ms)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct pollfd poll_fd = {.fd = role->channel, .events = POLLIN};
    int64_t wait = next_ms - rs_clock_utc_ms();
    struct channel_message message;

    wait = wait < 0 ? 0 : wait > ROLE_SLEEP_MOST_MS ? ROLE_SLEEP_MOST_MS : wait;
    if (role->woken || poll(&poll_fd, 1, (int)wait) <= 0) {
        role->woken = false;
        return;
    }
    if (channel_receive(job, role->channel, ROLE_CHANNEL_MS, &message, &role->closed) != RS_OK)
        role->closed = true;
    else if (!role->closed)
        channel_close_fds(&message);
}

rs_status acme_role_run(struct rs_job *job, rs_text folder, int channel)
{
    RS_OWNED_FD owned = channel;
    struct role role = {.folder = folder, .channel = channel};

    (void)job;
    while (!role.closed) {
        RS_OWNED(rs_job) part = rs_job_create(NULL);
        int64_t next_ms = INT64_MAX;
        if (turn(part, &role, &next_ms) != RS_OK) {
            rs_text why = rs_job_error(part);
            rs_log(RS_LOG_ERROR, "%.*s", RS_TEXT_ARG(why));
        }
        if (!role.closed)
            sleep_until(&role, next_ms);
    }
    return RS_OK;
}
