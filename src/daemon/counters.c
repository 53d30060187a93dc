#include "daemon/counters.h"

#include <stdlib.h>

#include "base/vec.h"
#include "format/json/json.h"
#include "net/front/front.h"

#define APPLICATIONS_MAX 1000 /* more are counted together, without name */
#define STATUSES_MAX 64       /* different ones of one application; the rest counts to the last */
#define REASONS_MAX 64

struct status_count {
    int status;
    uint64_t count;
};

struct traffic {
    rs_text application;
    uint64_t received, sent;  /* bytes of bodies */
    uint64_t duration_ms;     /* of all requests together */
    struct status_count statuses[STATUSES_MAX];
    size_t status_count;
};

struct reason_count {
    const char *reason; /* a constant of the front */
    uint64_t count;
};

struct counters {
    struct rs_job *job;
    RS_VEC(struct traffic) traffic;
    struct reason_count reasons[REASONS_MAX];
    size_t reason_count;
};

struct counters *counters_create(void)
{
    struct rs_job *job = rs_job_create(NULL);
    struct counters *counters = RS_NEW(job, struct counters);

    counters->job = job;
    return counters;
}

void counters_destroy(struct counters *counters)
{
    if (counters)
        rs_job_destroy(counters->job);
}

static struct traffic *traffic_of(struct counters *counters, rs_text application)
{
    struct traffic *traffic;

    if (counters->traffic.count == APPLICATIONS_MAX)
        application = RS_TEXT("");
    for (size_t i = 0; i < counters->traffic.count; i++)
        if (rs_text_equal(counters->traffic.items[i].application, application))
            return &counters->traffic.items[i];
    traffic = rs_vec_add(counters->job, &counters->traffic);
    traffic->application = rs_text_copy(counters->job, application);
    return traffic;
}

void counters_access(struct counters *counters, const struct front_access *access)
{
    struct traffic *traffic = traffic_of(counters, access->application);
    size_t i = 0;

    traffic->received += access->request_bytes;
    traffic->sent += access->body_bytes;
    traffic->duration_ms += access->duration_ms > 0 ? (uint64_t)access->duration_ms : 0;
    while (i < traffic->status_count && traffic->statuses[i].status != access->status)
        i++;
    if (i == traffic->status_count && i < STATUSES_MAX)
        traffic->statuses[traffic->status_count++].status = access->status;
    traffic->statuses[i < STATUSES_MAX ? i : STATUSES_MAX - 1].count++;
}

void counters_trouble(struct counters *counters, const struct front_trouble *trouble)
{
    size_t i = 0;

    while (i < counters->reason_count && strcmp(counters->reasons[i].reason, trouble->reason) != 0)
        i++;
    if (i == REASONS_MAX)
        return;
    if (i == counters->reason_count)
        counters->reasons[counters->reason_count++].reason = trouble->reason;
    counters->reasons[i].count++;
}

/* ---- told to the parent ------------------------------------------------------------------------ */

void counters_put(rs_buf *out, const struct counters *counters)
{
    channel_put_number(out, counters->traffic.count);
    for (size_t i = 0; i < counters->traffic.count; i++) {
        const struct traffic *traffic = &counters->traffic.items[i];
        channel_put_text(out, traffic->application);
        channel_put_number(out, traffic->received);
        channel_put_number(out, traffic->sent);
        channel_put_number(out, traffic->duration_ms);
        channel_put_number(out, traffic->status_count);
        for (size_t k = 0; k < traffic->status_count; k++) {
            channel_put_number(out, (uint64_t)traffic->statuses[k].status);
            channel_put_number(out, traffic->statuses[k].count);
        }
    }
    channel_put_number(out, counters->reason_count);
    for (size_t i = 0; i < counters->reason_count; i++) {
        channel_put_text(out, rs_text_from(counters->reasons[i].reason));
        channel_put_number(out, counters->reasons[i].count);
    }
}

static void take_number(struct channel_reader *reader, json_t *out, const char *name)
{
    json_object_set_new(out, name, json_integer((json_int_t)channel_take_number(reader)));
}

void counters_take(struct channel_reader *reader, json_t *out)
{
    json_t *traffic = json_array(), *troubles = json_array();

    json_object_set_new(out, "traffic", traffic);
    json_object_set_new(out, "troubles", troubles);
    for (size_t left = channel_take_count(reader); left > 0 && !reader->broken; left--) {
        json_t *one = json_pack("{s:o}", "application", json_from_text(channel_take_text(reader))), *statuses = json_array();
        take_number(reader, one, "received");
        take_number(reader, one, "sent");
        take_number(reader, one, "duration_ms");
        json_object_set_new(one, "statuses", statuses);
        json_array_append_new(traffic, one);
        for (size_t more = channel_take_count(reader); more > 0 && !reader->broken; more--) {
            json_t *row = json_object();
            take_number(reader, row, "status");
            take_number(reader, row, "count");
            json_array_append_new(statuses, row);
        }
    }
    for (size_t left = channel_take_count(reader); left > 0 && !reader->broken; left--) {
        json_t *one = json_pack("{s:o}", "reason", json_from_text(channel_take_text(reader)));
        take_number(reader, one, "count");
        json_array_append_new(troubles, one);
    }
}
