#include "daemon/renewal.h"

#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/acme_role.h"
#include "daemon/api.h"
#include "daemon/front_role.h"
#include "daemon/parent_state.h"
#include "daemon/paths.h"
#include "daemon/roles.h"
#include "net/loop/loop.h"
#include "net/pki/load.h"

#define RENEWAL_CHANNEL_MS 10000
#define RENEWAL_KEEP_MS 60000 /* a certificate into its slot, with a handshake at every row */

void renewal_init(struct parent *parent)
{
    parent->renewal = (struct renewal){
        .child = {.role = "acme", .number = 1, .run = roles_acme_thread, .run_data = parent, .pid = -1},
        .channel = -1,
        .shown_job = rs_job_create(NULL),
    };
}

static void channel_end(struct renewal *renewal)
{
    if (renewal->watch)
        loop_watch_close(renewal->watch);
    renewal->watch = NULL;
    if (renewal->channel >= 0)
        close(renewal->channel);
    renewal->channel = -1;
}

/* ---- what it asks -------------------------------------------------------------------------- */

static rs_status pass_to_front(struct rs_job *job, struct parent *parent, rs_text proofs)
{
    struct channel_reader answer;

    return parent_front_ask(job, parent, &(struct channel_message){.kind = FRONT_CHALLENGES, .body = proofs}, &answer);
}

static rs_status show(struct rs_job *job, struct parent *parent, rs_text proofs)
{
    struct renewal *renewal = &parent->renewal;

    rs_job_destroy(renewal->shown_job);
    renewal->shown_job = rs_job_create(NULL);
    renewal->shown = rs_text_copy(renewal->shown_job, proofs);
    return pass_to_front(job, parent, proofs);
}

void renewal_tell_front(struct parent *parent)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    if (parent->renewal.shown.size > 0 && pass_to_front(job, parent, parent->renewal.shown) != RS_OK) {
        rs_text why = rs_job_error(job);
        rs_log(RS_LOG_ERROR, "the proofs for the ACME server: %.*s", RS_TEXT_ARG(why));
    }
}

static rs_status keep(struct rs_job *job, struct parent *parent, rs_text body)
{
    struct channel_reader reader = {.rest = body};
    rs_text slot = channel_take_text(&reader), sha256 = channel_take_text(&reader);
    rs_text chain = channel_take_text(&reader), key = channel_take_text(&reader);

    if (reader.broken)
        return rs_fail(job, RS_INVALID, "the certificate did not arrive whole");
    return api_take(job, parent->api, slot, sha256, chain, key);
}

static void answer(struct renewal *renewal, rs_status status, rs_text text)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf body = rs_buf_in(job);

    channel_put_number(&body, status);
    channel_put_text(&body, text);
    if (channel_send(job, renewal->channel, &(struct channel_message){.kind = RENEWAL_ANSWER, .body = rs_buf_text(&body)},
                     RENEWAL_CHANNEL_MS) != RS_OK)
        channel_end(renewal); /* it ends with its channel, and is started again */
}

static void on_message(void *data, int events)
{
    struct parent *parent = data;
    struct renewal *renewal = &parent->renewal;
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(rs_job) work = rs_job_create(&(struct rs_job_options){.deadline_ms = rs_clock_steady_ms() + RENEWAL_KEEP_MS});
    struct channel_message message;
    bool closed;
    rs_status status;

    (void)events;
    if (channel_receive(job, renewal->channel, RENEWAL_CHANNEL_MS, &message, &closed) != RS_OK || closed) {
        channel_end(renewal);
        return;
    }
    channel_close_fds(&message);
    status = message.kind == RENEWAL_SHOW   ? show(work, parent, message.body)
             : message.kind == RENEWAL_KEEP ? keep(work, parent, message.body)
                                         : rs_fail(work, RS_INVALID, "message %u is not known", message.kind);
    pki_wipe(message.body);
    answer(renewal, status, status == RS_OK ? RS_TEXT("") : rs_job_error(work));
}

/* ---- its life ------------------------------------------------------------------------------ */

static rs_status start(struct rs_job *job, struct parent *parent)
{
    struct renewal *renewal = &parent->renewal;
    int pair[2];
    rs_status status;

    RS_TRY(channel_pair(job, pair));
    channel_end(renewal);
    renewal->channel = pair[0];
    status = child_start(job, &renewal->child, parent->paths->instance, parent->single, pair[1]);
    close(pair[1]);
    RS_TRY(status);
    renewal->watch = loop_watch_open(parent->loop, renewal->channel, on_message, parent);
    if (!renewal->watch)
        return rs_fail(job, RS_IO, "its channel cannot be watched");
    loop_watch_for(renewal->watch, LOOP_READ);
    return RS_OK;
}

static void start_or_wait(struct parent *parent)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    if (start(job, parent) == RS_OK)
        return;
    rs_text why = rs_job_error(job);
    rs_log(RS_LOG_ERROR, "cannot start the process for ACME: %.*s", RS_TEXT_ARG(why));
    parent->renewal.child.state = CHILD_WAITING;
    parent->renewal.child.due_ms = rs_clock_steady_ms() + 1000;
}

static bool is_wanted(const struct parent *parent)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    return access(rs_text_format(job, "%.*s/account.json", RS_TEXT_ARG(parent->paths->acme)).bytes, F_OK) == 0;
}

void renewal_tick(struct parent *parent, int64_t now_ms)
{
    struct child *child = &parent->renewal.child;

    if (child->state == CHILD_WAITING && now_ms >= child->due_ms)
        start_or_wait(parent);
    else if (child->state == CHILD_STOPPED && now_ms >= child->due_ms) {
        child->due_ms = now_ms + 1000; /* the next look for a wish */
        if (is_wanted(parent))
            start_or_wait(parent);
    }
}

void renewal_wake(void *data)
{
    struct parent *parent = data;
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    parent->renewal.child.due_ms = 0;
    if (parent->renewal.channel >= 0 &&
        channel_send(job, parent->renewal.channel, &(struct channel_message){.kind = RENEWAL_WAKE}, RENEWAL_CHANNEL_MS) != RS_OK)
        channel_end(&parent->renewal);
}

void renewal_ended(struct parent *parent, int wait_status)
{
    child_ended(&parent->renewal.child, wait_status);
    parent->renewal.child.pid = -1;
    channel_end(&parent->renewal);
}

void renewal_close(struct parent *parent)
{
    channel_end(&parent->renewal);
    child_join(&parent->renewal.child);
    rs_job_destroy(parent->renewal.shown_job);
}
