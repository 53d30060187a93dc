/* One certificate at a time: the one that is due is asked for, then the channel is looked at. Where a responder cannot be
 * reached, nobody else who would ask it now waits for that once more. */
#include "daemon/ocsp_role.h"

#include <poll.h>
#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "daemon/channel.h"
#include "daemon/ocsp_told.h"
#include "net/fetch/fetch.h"
#include "net/ocsp/schedule.h"

#define ROLE_CHANNEL_MS 30000
#define ROLE_SLEEP_MOST_MS 60000 /* the clock may be set: look once a minute */
#define ASK_CONNECT_MS 5000
#define ASK_TOTAL_MS 10000
#define ASK_REDIRECTS_MAX 3

/* Few for many certificates. */
struct issuer {
    struct rs_link link;
    size_t users;
    X509 *certificate;
};

/* One block, with its texts behind it: there may be ten thousand. */
struct watched {
    struct rs_link link;
    struct issuer *issuer;
    int64_t ask_ms; /* UTC */
    unsigned failures;
    rs_text name, der, responder;
};

struct role {
    int channel;
    struct fetch *fetch;
    struct rs_link issuers, watched;
};

static uint64_t random_number(void)
{
    uint64_t number = 0;

    (void)RAND_bytes((unsigned char *)&number, sizeof number);
    return number;
}

static X509 *read_certificate(rs_text der)
{
    const unsigned char *at = (const unsigned char *)der.bytes;
    X509 *certificate = d2i_X509(NULL, &at, (long)der.size);

    ERR_clear_error();
    return certificate;
}

/* ---- what is watched ----------------------------------------------------------------------------- */

static struct issuer *issuer_find(struct role *role, rs_text der)
{
    X509 *certificate = read_certificate(der);
    struct issuer *issuer;

    if (!certificate)
        return NULL;
    rs_list_each(link, &role->issuers) {
        issuer = rs_list_object(link, struct issuer, link);
        if (X509_cmp(issuer->certificate, certificate) == 0) {
            X509_free(certificate);
            return issuer;
        }
    }
    issuer = calloc(1, sizeof *issuer);
    if (!issuer)
        rs_log_abort("no memory for an issuer");
    issuer->certificate = certificate;
    rs_list_append(&role->issuers, &issuer->link);
    return issuer;
}

static void drop(struct watched *watched)
{
    struct issuer *issuer = watched->issuer;

    rs_list_remove(&watched->link);
    free(watched);
    if (--issuer->users > 0)
        return;
    rs_list_remove(&issuer->link);
    X509_free(issuer->certificate);
    free(issuer);
}

static void drop_name(struct role *role, rs_text name)
{
    rs_list_each(link, &role->watched) {
        struct watched *watched = rs_list_object(link, struct watched, link);
        if (rs_text_equal(watched->name, name))
            drop(watched);
    }
}

static rs_text keep_text(char **room, rs_text text)
{
    rs_text kept = rs_text_of(*room, text.size);

    memcpy(*room, text.bytes, text.size);
    *room += text.size;
    return kept;
}

static void watch(struct role *role, struct channel_reader *reader)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text name = channel_take_text(reader), der = channel_take_text(reader), issuer = channel_take_text(reader);
    int64_t ask_ms = (int64_t)channel_take_number(reader);
    unsigned failures = (unsigned)channel_take_number(reader);
    X509 *certificate = reader->broken ? NULL : read_certificate(der);
    rs_text responder = certificate ? ocsp_responder(job, certificate) : RS_TEXT("");
    struct issuer *found = responder.size > 0 ? issuer_find(role, issuer) : NULL;
    struct watched *watched = found ? calloc(1, sizeof *watched + name.size + der.size + responder.size) : NULL;
    char *room = (char *)(watched + 1);

    X509_free(certificate);
    if (!watched)
        return; /* the parent has looked: there is nothing that could be asked */
    watched->issuer = found;
    found->users++;
    watched->ask_ms = ask_ms;
    watched->failures = failures;
    watched->name = keep_text(&room, name);
    watched->der = keep_text(&room, der);
    watched->responder = keep_text(&room, responder);
    rs_list_append(&role->watched, &watched->link);
}

/* ---- asking -------------------------------------------------------------------------------------- */

struct asking {
    struct rs_job *job;
    int64_t retry_after_ms;
};

static void on_field(void *data, rs_text name, rs_text value)
{
    struct asking *asking = data;

    if (rs_text_equal_nocase(name, RS_TEXT("retry-after")))
        asking->retry_after_ms = fetch_retry_after_ms(asking->job, value);
}

static rs_status ask(struct rs_job *job, struct role *role, const struct watched *watched, struct asking *asking,
                     struct ocsp_record *record)
{
    X509 *certificate = read_certificate(watched->der);
    struct fetch_answer answer;
    rs_text question;
    rs_status status;

    if (!certificate)
        return rs_fail(job, RS_NO_MEMORY, "no memory for a certificate");
    status = ocsp_question(job, certificate, watched->issuer->certificate, &question);
    if (status == RS_OK)
        status = fetch_perform(job, role->fetch,
                               &(struct fetch_request){.method = FETCH_POST, .url = watched->responder, .body = question,
                                                       .body_type = RS_TEXT("application/ocsp-request"),
                                                       .what = "the OCSP responder", .answer_max = OCSP_ANSWER_MAX,
                                                       .connect_ms = ASK_CONNECT_MS, .total_ms = ASK_TOTAL_MS,
                                                       .redirects_max = ASK_REDIRECTS_MAX, .unreachable = OCSP_UNREACHABLE,
                                                       .too_large = OCSP_ANSWER, .field = on_field, .data = asking},
                               &answer);
    if (status == RS_OK && answer.status != 200)
        status = rs_fail(job, OCSP_ANSWER, "the OCSP responder at %.*s answers with status %d", RS_TEXT_ARG(watched->responder),
                         answer.status);
    if (status == RS_OK)
        status = ocsp_answer_read(job, certificate, watched->issuer->certificate, answer.body, rs_clock_utc_ms(), &record->answer);
    if (status == RS_OK)
        record->der = answer.body;
    X509_free(certificate);
    return status;
}

/* False: the parent is gone. */
static bool tell(struct role *role, struct watched *watched, struct ocsp_record *record, int64_t retry_after_ms)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    int64_t now_ms = rs_clock_utc_ms();
    rs_buf body = rs_buf_in(job);
    bool good = record->error.size == 0 && record->answer.state != OCSP_STATE_UNKNOWN; /* that is no answer to go by */

    watched->failures = good ? 0 : watched->failures + 1;
    watched->ask_ms = good ? ocsp_ask_at(record->answer.this_ms, record->answer.next_ms, now_ms, random_number())
                           : now_ms + ocsp_retry_in_ms(watched->failures, retry_after_ms, random_number());
    record->responder = watched->responder;
    record->failures = watched->failures;
    record->asked_ms = now_ms;
    record->ask_ms = watched->ask_ms;
    ocsp_told_put(&body, watched->name, record);
    return channel_send(job, role->channel, &(struct channel_message){.kind = OCSP_TOLD, .body = rs_buf_text(&body)},
                        ROLE_CHANNEL_MS) == RS_OK;
}

static bool see_to(struct role *role, struct watched *watched)
{
    RS_OWNED(rs_job) job = rs_job_create(&(struct rs_job_options){.deadline_ms = rs_clock_steady_ms() + 2 * ASK_TOTAL_MS});
    struct ocsp_record record = {0};
    struct asking asking = {job, -1};
    rs_status status = ask(job, role, watched, &asking, &record);
    int64_t now_ms = rs_clock_utc_ms();

    if (status == RS_OK)
        return tell(role, watched, &record, -1);
    record = (struct ocsp_record){.error = rs_job_error(job)};
    if (!tell(role, watched, &record, asking.retry_after_ms))
        return false;
    rs_list_each(link, &role->watched) {
        struct watched *other = rs_list_object(link, struct watched, link);
        if (status == OCSP_UNREACHABLE && other != watched && other->ask_ms <= now_ms &&
            rs_text_equal(other->responder, watched->responder) && !tell(role, other, &record, asking.retry_after_ms))
            return false;
    }
    return true;
}

/* ---- turns --------------------------------------------------------------------------------------- */

static struct watched *next_due(struct role *role)
{
    struct watched *next = NULL;

    rs_list_each(link, &role->watched) {
        struct watched *watched = rs_list_object(link, struct watched, link);
        if (!next || watched->ask_ms < next->ask_ms)
            next = watched;
    }
    return next;
}

/* False: the channel is closed. Messages that are there already are all read before anybody is asked. */
static bool read_messages(struct role *role, int64_t wait_ms)
{
    struct pollfd poll_fd = {.fd = role->channel, .events = POLLIN};

    while (poll(&poll_fd, 1, (int)wait_ms) > 0) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct channel_message message;
        struct channel_reader reader;
        bool closed;

        if (channel_receive(job, role->channel, ROLE_CHANNEL_MS, &message, &closed) != RS_OK || closed)
            return false;
        channel_close_fds(&message);
        reader = (struct channel_reader){.rest = message.body};
        if (message.kind == OCSP_WATCH)
            watch(role, &reader);
        else if (message.kind == OCSP_DROP)
            drop_name(role, channel_take_text(&reader));
        wait_ms = 0;
    }
    return true;
}

static void work(struct role *role)
{
    for (;;) {
        struct watched *next = next_due(role);
        int64_t wait = next ? next->ask_ms - rs_clock_utc_ms() : ROLE_SLEEP_MOST_MS;

        if (!read_messages(role, wait < 0 ? 0 : wait > ROLE_SLEEP_MOST_MS ? ROLE_SLEEP_MOST_MS : wait))
            return;
        next = next_due(role);
        if (next && next->ask_ms <= rs_clock_utc_ms() && !see_to(role, next))
            return;
    }
}

rs_status ocsp_role_run(struct rs_job *job, int channel)
{
    RS_OWNED_FD owned = channel;
    RS_OWNED(fetch) fetch = NULL;
    struct role role = {.channel = channel};

    rs_list_init(&role.issuers);
    rs_list_init(&role.watched);
    RS_TRY(fetch_open(job, RS_TEXT(""), &fetch));
    role.fetch = fetch;
    work(&role);
    rs_list_each(link, &role.watched)
        drop(rs_list_object(link, struct watched, link));
    return RS_OK;
}
