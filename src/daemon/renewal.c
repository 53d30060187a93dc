#include "daemon/renewal.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/acme_role.h"
#include "daemon/api.h"
#include "daemon/front_role.h"
#include "daemon/parent_state.h"
#include "daemon/paths.h"
#include "daemon/roles.h"
#include "net/pki/load.h"

#define RENEWAL_KEEP_MS 60000 /* a certificate into its slot, with a handshake at every row */

static void on_message(void *data, int events);

void renewal_init(struct parent *parent)
{
    outward_init(&parent->renewal.process, "acme", roles_acme_thread, on_message, parent);
    parent->renewal.shown_job = rs_job_create(NULL);
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
    outward_send(&renewal->process, &(struct channel_message){.kind = RENEWAL_ANSWER, .body = rs_buf_text(&body)});
}

static void on_message(void *data, int events)
{
    struct parent *parent = data;
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(rs_job) work = rs_job_create(&(struct rs_job_options){.deadline_ms = rs_clock_steady_ms() + RENEWAL_KEEP_MS});
    struct channel_message message;
    rs_status status;

    (void)events;
    if (!outward_receive(job, &parent->renewal.process, &message))
        return;
    status = message.kind == RENEWAL_SHOW   ? show(work, parent, message.body)
             : message.kind == RENEWAL_KEEP ? keep(work, parent, message.body)
                                         : rs_fail(work, RS_INVALID, "message %u is not known", message.kind);
    pki_wipe(message.body);
    answer(&parent->renewal, status, status == RS_OK ? RS_TEXT("") : rs_job_error(work));
}

/* ---- its life ------------------------------------------------------------------------------ */

static bool is_wanted(const struct parent *parent)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    return access(rs_text_format(job, "%.*s/account.json", RS_TEXT_ARG(parent->paths->acme)).bytes, F_OK) == 0;
}

void renewal_tick(struct parent *parent, int64_t now_ms)
{
    struct child *child = &parent->renewal.process.child;

    if (child->state == CHILD_RUNNING || now_ms < child->due_ms)
        return;
    if (child->state == CHILD_STOPPED) {
        child->due_ms = now_ms + 1000; /* the next look for a wish */
        if (!is_wanted(parent))
            return;
    }
    outward_start(&parent->renewal.process, parent);
}

void renewal_wake(void *data)
{
    struct parent *parent = data;

    parent->renewal.process.child.due_ms = 0;
    outward_send(&parent->renewal.process, &(struct channel_message){.kind = RENEWAL_WAKE});
}

void renewal_close(struct parent *parent)
{
    outward_close(&parent->renewal.process);
    rs_job_destroy(parent->renewal.shown_job);
}
