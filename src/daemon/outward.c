#include "daemon/outward.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/parent_state.h"
#include "daemon/paths.h"
#include "net/loop/loop.h"

#define OUTWARD_CHANNEL_MS 10000
#define OUTWARD_AGAIN_MS 1000

void outward_init(struct outward *outward, const char *role, child_main *run, void (*ready)(void *data, int events),
                  struct parent *parent)
{
    *outward = (struct outward){
        .child = {.role = role, .number = 1, .run = run, .run_data = parent, .pid = -1},
        .channel = -1,
        .ready = ready,
    };
}

static void outward_hang_up(struct outward *outward)
{
    if (outward->watch)
        loop_watch_close(outward->watch);
    outward->watch = NULL;
    if (outward->channel >= 0)
        close(outward->channel);
    outward->channel = -1;
}

static rs_status start(struct rs_job *job, struct outward *outward, struct parent *parent)
{
    int pair[2];
    rs_status status;

    RS_TRY(channel_pair(job, pair));
    outward_hang_up(outward);
    outward->channel = pair[0];
    status = child_start(job, &outward->child, parent->paths->instance, parent->single, pair[1]);
    close(pair[1]);
    RS_TRY(status);
    outward->watch = loop_watch_open(parent->loop, outward->channel, LOOP_READ, outward->ready, parent);
    if (!outward->watch)
        return rs_fail(job, RS_IO, "its channel cannot be watched");
    return RS_OK;
}

bool outward_start(struct outward *outward, struct parent *parent)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    if (start(job, outward, parent) == RS_OK)
        return true;
    rs_text why = rs_job_error(job);
    rs_log(RS_LOG_ERROR, "cannot start the process %s: %.*s", outward->child.role, RS_TEXT_ARG(why));
    outward_hang_up(outward);
    outward->child.state = CHILD_WAITING;
    outward->child.due_ms = rs_clock_steady_ms() + OUTWARD_AGAIN_MS;
    return false;
}

bool outward_receive(struct rs_job *job, struct outward *outward, struct channel_message *out)
{
    bool closed = true;

    if (channel_receive(job, outward->channel, OUTWARD_CHANNEL_MS, out, &closed) == RS_OK && !closed) {
        channel_close_fds(out);
        return true;
    }
    outward_hang_up(outward);
    return false;
}

bool outward_send(struct outward *outward, const struct channel_message *message)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    if (outward->channel < 0)
        return false;
    if (channel_send(job, outward->channel, message, OUTWARD_CHANNEL_MS) == RS_OK)
        return true;
    outward_hang_up(outward);
    return false;
}

void outward_ended(struct outward *outward, bool stopping, int wait_status)
{
    outward->child.stopping = stopping;
    child_ended(&outward->child, wait_status);
    outward->child.pid = -1;
    outward_hang_up(outward);
}

void outward_close(struct outward *outward)
{
    outward_hang_up(outward);
    child_join(&outward->child);
}
