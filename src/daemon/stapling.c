#include "daemon/stapling.h"

#include <stdlib.h>

#include <openssl/x509.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "daemon/front_role.h"
#include "daemon/ocsp_role.h"
#include "daemon/ocsp_told.h"
#include "daemon/parent_state.h"
#include "daemon/paths.h"
#include "daemon/roles.h"
#include "net/keys/library.h"
#include "net/pki/issuer.h"
#include "net/tables/snapshot.h"

#define LOOK_MS 500 /* between looks at tables and store, where they changed */
#define SEND_MS 10000
#define GONE_MAX 1000 /* rows that came or went before all are looked at again: what nobody shows any more is forgotten then */

/* A certificate that can be asked for. */
struct stapled {
    bool must;        /* clients refuse it without an answer */
    bool told_front;  /* it has what there is to show */
    bool told_process;
};

/* One that says it can, where nobody is known whom to ask. Those that do not say so are not watched. */
static struct stapled nobody_to_ask;

static void on_message(void *data, int events);

void stapling_init(struct parent *parent)
{
    struct stapling *stapling = &parent->stapling;

    outward_init(&stapling->process, "ocsp", roles_ocsp_thread, on_message, parent);
    stapling->memory = rs_job_create(NULL);
    stapling->watched = rs_map_create(stapling->memory, RS_MAP_EXACT);
}

/* ---- what is watched ----------------------------------------------------------------------------- */

/* Whether there is somebody to ask; says so where clients insist on an answer. */
static bool can_ask(struct parent *parent, const struct pki_entry *entry, bool *must)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text responder = ocsp_responder(job, entry->certificate);
    X509 *issuer = responder.size > 0 ? pki_issuer_find(parent->store, entry) : NULL;
    bool known = issuer != NULL;

    X509_free(issuer);
    *must = ocsp_must_staple(entry->certificate);
    if (*must && !known)
        rs_log(RS_LOG_ERROR, "certificate %.*s must be shown with an answer of its authority (must-staple), but %s: clients that know "
               "this refuse it", RS_TEXT_ARG(entry->sha1), responder.size == 0 ? "names no OCSP responder"
               : "its issuer is not known: import its chain");
    return known;
}

/* NULL: nothing is to be asked for it. */
static struct stapled *begin(struct parent *parent, rs_text name)
{
    struct pki_outline outline;
    const struct pki_entry *entry;
    struct stapled *stapled;
    bool must;

    if (!pki_store_outline(parent->store, name, &outline) || !outline.status)
        return NULL;
    entry = pki_store_find(parent->store, name);
    if (!entry || !can_ask(parent, entry, &must))
        return &nobody_to_ask;
    stapled = calloc(1, sizeof *stapled);
    if (!stapled)
        rs_log_abort("no memory for the answers of authorities");
    stapled->must = must;
    parent->stapling.someone_waits = true;
    return stapled;
}

static void watch(struct parent *parent, struct rs_map *watched, struct rs_job *memory, rs_text name, struct stapled *stapled)
{
    if (!stapled)
        stapled = begin(parent, name);
    if (stapled)
        rs_map_set(watched, rs_text_copy(memory, name), stapled);
}

static void end(struct parent *parent, rs_text name, struct stapled *stapled)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf body = rs_buf_in(job);

    if (stapled == &nobody_to_ask)
        return;
    channel_put_text(&body, name);
    outward_send(&parent->stapling.process, &(struct channel_message){.kind = OCSP_DROP, .body = rs_buf_text(&body)});
    free(stapled);
}

static bool is_in_store(void *data, rs_text sha256)
{
    struct pki_outline outline;

    return pki_store_outline(data, sha256, &outline);
}

static void sweep(struct parent *parent)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    if (ocsp_records_sweep(job, parent->paths->ocsp, is_in_store, parent->store) != RS_OK) {
        rs_text why = rs_job_error(job);
        rs_log(RS_LOG_WARNING, "%.*s", RS_TEXT_ARG(why));
    }
}

static bool staples(const struct tables_binding *row)
{
    return !rs_text_equal(policy_text(&row->policy, POLICY_ROW_STAPLING), RS_TEXT("off"));
}

/* A row that goes, or is another one from now on, with a certificate that is asked for: it may go with the row. */
static bool is_asked_for(const struct stapling *stapling, const struct tables_binding *row)
{
    for (size_t i = 0; row && i < row->certificate_count; i++) {
        const struct stapled *stapled = rs_map_find(stapling->watched, row->certificates[i].sha256);
        if (stapled && stapled != &nobody_to_ask)
            return true;
    }
    return false;
}

/* Rows that came since the last look. False: all rows have to be looked at. */
static bool look_at_new(struct parent *parent)
{
    struct stapling *stapling = &parent->stapling;
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct tables_difference difference;

    if (!stapling->tables || stapling->store_version != pki_store_version(parent->store))
        return false;
    tables_snapshot_compare(job, stapling->tables, parent->tables, &difference);
    stapling->gone += difference.put.binding_count + difference.dropped_binding_count;
    if (stapling->gone > GONE_MAX)
        return false;
    for (size_t i = 0; i < difference.dropped_binding_count; i++)
        if (is_asked_for(stapling, tables_binding_by_id(stapling->tables, difference.dropped_bindings[i])))
            return false;
    for (size_t i = 0; i < difference.put.binding_count; i++)
        if (is_asked_for(stapling, tables_binding_by_id(stapling->tables, difference.put.bindings[i].id)))
            return false;
    for (size_t i = 0; i < difference.put.binding_count; i++) {
        const struct tables_binding *row = &difference.put.bindings[i];
        for (size_t k = 0; k < row->certificate_count && staples(row); k++)
            if (!rs_map_has(stapling->watched, row->certificates[k].sha256))
                watch(parent, stapling->watched, stapling->memory, row->certificates[k].sha256, NULL);
    }
    tables_snapshot_unref(stapling->tables);
    stapling->tables = tables_snapshot_ref(parent->tables);
    return true;
}

/* The certificates of rows that staple: those that stay, those that come, those that go. Where the store changed, an issuer may
 * be known that was not. */
static void look(struct parent *parent)
{
    struct stapling *stapling = &parent->stapling;
    struct rs_job *memory = rs_job_create(NULL);
    struct rs_map *before = stapling->watched, *now = rs_map_create(memory, RS_MAP_EXACT);
    bool store_changed = stapling->store_version != pki_store_version(parent->store);

    for (size_t i = 0; i < tables_binding_count(parent->tables); i++) {
        const struct tables_binding *row = tables_binding(parent->tables, i);
        for (size_t k = 0; k < row->certificate_count && staples(row); k++) {
            rs_text name = row->certificates[k].sha256;
            struct stapled *known = rs_map_find(before, name);
            if (rs_map_has(now, name))
                continue;
            watch(parent, now, memory, name, known != &nobody_to_ask || !store_changed ? known : NULL);
        }
    }
    for (size_t i = 0; i < rs_map_count(before); i++)
        if (!rs_map_has(now, rs_map_key(before, i)))
            end(parent, rs_map_key(before, i), rs_map_value(before, i));
    rs_job_destroy(stapling->memory);
    tables_snapshot_unref(stapling->tables);
    stapling->memory = memory;
    stapling->watched = now;
    stapling->tables = tables_snapshot_ref(parent->tables);
    stapling->store_version = pki_store_version(parent->store);
    stapling->gone = 0;
    if (store_changed)
        sweep(parent);
}

/* ---- telling ------------------------------------------------------------------------------------- */

/* What there is to show now; also nothing. */
static bool tell_front(struct parent *parent, rs_text name, const struct ocsp_record *record)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf body = rs_buf_in(job);

    if (parent->front_channel < 0)
        return false;
    channel_put_text(&body, name);
    channel_put_number(&body, (uint64_t)record->answer.next_ms);
    channel_put_text(&body, ocsp_record_can_be_shown(record, rs_clock_utc_ms()) ? record->der : RS_TEXT(""));
    return channel_send(job, parent->front_channel, &(struct channel_message){.kind = FRONT_STAPLE, .body = rs_buf_text(&body)},
                        SEND_MS) == RS_OK;
}

/* A failure before a restart is tried again at once: somebody may have mended it. */
static bool tell_process(struct parent *parent, rs_text name, const struct ocsp_record *record)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct pki_entry *entry = pki_store_find(parent->store, name);
    X509 *issuer = entry ? pki_issuer_find(parent->store, entry) : NULL;
    rs_buf body = rs_buf_in(job);

    if (!issuer)
        return true; /* it has just left the store: the next look sees that */
    channel_put_text(&body, name);
    channel_put_text(&body, keys_certificate_bytes(job, entry->certificate));
    channel_put_text(&body, keys_certificate_bytes(job, issuer));
    channel_put_number(&body, record->failures > 0 ? 0 : (uint64_t)record->ask_ms);
    channel_put_number(&body, record->failures);
    X509_free(issuer);
    return outward_send(&parent->stapling.process, &(struct channel_message){.kind = OCSP_WATCH, .body = rs_buf_text(&body)});
}

static void read_record(struct rs_job *job, struct parent *parent, rs_text name, struct ocsp_record *out)
{
    bool found;

    if (ocsp_record_read(job, parent->paths->ocsp, name, out, &found) == RS_OK)
        return;
    rs_text why = rs_job_error(job);
    rs_log(RS_LOG_WARNING, "what is known of certificate %.*s: %.*s", RS_TEXT_ARG(name), RS_TEXT_ARG(why));
    rs_job_forgive(job);
}

static void tell_of(struct parent *parent, rs_text name, struct stapled *stapled, bool front, bool process)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct ocsp_record record;

    read_record(job, parent, name, &record);
    if (front)
        stapled->told_front = tell_front(parent, name, &record);
    if (process)
        stapled->told_process = tell_process(parent, name, &record);
}

static void tell(struct parent *parent)
{
    struct stapling *stapling = &parent->stapling;

    stapling->someone_waits = false;
    for (size_t i = 0; i < rs_map_count(stapling->watched); i++) {
        struct stapled *stapled = rs_map_value(stapling->watched, i);
        bool front = !stapled->told_front && parent->front_channel >= 0;
        bool process = !stapled->told_process && stapling->process.channel >= 0;
        if (stapled == &nobody_to_ask)
            continue;
        if (front || process)
            tell_of(parent, rs_map_key(stapling->watched, i), stapled, front, process);
        if (!stapled->told_front || !stapled->told_process)
            stapling->someone_waits = true;
    }
}

void stapling_given(struct parent *parent, rs_text sha256)
{
    struct stapled *stapled = rs_map_find(parent->stapling.watched, sha256);

    if (!stapled || stapled == &nobody_to_ask)
        return; /* the next look begins with it */
    stapled->told_front = false;
    parent->stapling.someone_waits = true;
}

/* ---- what was learned ---------------------------------------------------------------------------- */

static void log_answer(rs_text name, const struct stapled *stapled, const struct ocsp_record *before,
                       const struct ocsp_record *record)
{
    bool can_show = ocsp_record_can_be_shown(record, rs_clock_utc_ms());
    char stamp[RS_CLOCK_STAMP_SIZE];

    if (record->error.size > 0) {
        rs_log(stapled->must && !can_show ? RS_LOG_ERROR : record->failures == 1 ? RS_LOG_WARNING : RS_LOG_INFO,
               "certificate %.*s: %.*s%s", RS_TEXT_ARG(name), RS_TEXT_ARG(record->error),
               can_show           ? "; the last answer is shown while it holds"
               : stapled->must ? "; it is shown without an answer, which clients refuse (must-staple)"
                               : "; it is shown without an answer");
    } else if (record->answer.state == OCSP_STATE_REVOKED) {
        rs_clock_stamp(record->answer.revoked_ms, stamp);
        rs_log(RS_LOG_ERROR, "CERTIFICATE %.*s HAS BEEN REVOKED by its authority at %s%s%.*s: replace it", RS_TEXT_ARG(name), stamp,
               record->answer.reason.size > 0 ? ", " : "", RS_TEXT_ARG(record->answer.reason));
    } else if (record->answer.state == OCSP_STATE_UNKNOWN) {
        rs_log(RS_LOG_WARNING, "certificate %.*s is not known to its authority's responder", RS_TEXT_ARG(name));
    } else if (before->answer.state != record->answer.state || before->error.size > 0) {
        rs_log(RS_LOG_INFO, "certificate %.*s is good, says its authority", RS_TEXT_ARG(name));
    }
}

static void learn(struct parent *parent, rs_text name, struct ocsp_record *record)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct stapled *stapled = rs_map_find(parent->stapling.watched, name);
    struct ocsp_record before;

    if (!stapled || stapled == &nobody_to_ask)
        return; /* nobody shows it any more */
    read_record(job, parent, name, &before);
    if (record->error.size > 0) {
        record->answer = before.answer;
        record->der = before.der;
    }
    log_answer(name, stapled, &before, record);
    if (ocsp_record_write(job, parent->paths->ocsp, name, record) != RS_OK) {
        rs_text why = rs_job_error(job);
        rs_log(RS_LOG_ERROR, "what is known of certificate %.*s is lost with a restart: %.*s", RS_TEXT_ARG(name), RS_TEXT_ARG(why));
    }
    stapled->told_front = tell_front(parent, name, record);
    parent->stapling.someone_waits = parent->stapling.someone_waits || !stapled->told_front;
}

static void on_message(void *data, int events)
{
    struct parent *parent = data;
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct channel_message message;
    struct channel_reader reader;
    struct ocsp_record record;
    rs_text name;

    (void)events;
    if (!outward_receive(job, &parent->stapling.process, &message))
        return;
    reader = (struct channel_reader){.rest = message.body};
    ocsp_told_take(&reader, &name, &record);
    if (message.kind == OCSP_TOLD && !reader.broken)
        learn(parent, name, &record);
}

/* ---- its life ------------------------------------------------------------------------------------ */

static bool is_wanted(const struct stapling *stapling)
{
    for (size_t i = 0; i < rs_map_count(stapling->watched); i++)
        if (rs_map_value(stapling->watched, i) != &nobody_to_ask)
            return true;
    return false;
}

static void start(struct parent *parent)
{
    struct stapling *stapling = &parent->stapling;

    if (!is_wanted(stapling)) {
        stapling->process.child.state = CHILD_STOPPED;
        return;
    }
    if (!outward_start(&stapling->process, parent))
        return;
    for (size_t i = 0; i < rs_map_count(stapling->watched); i++)
        if (rs_map_value(stapling->watched, i) != &nobody_to_ask)
            ((struct stapled *)rs_map_value(stapling->watched, i))->told_process = false;
    stapling->someone_waits = true;
}

void stapling_tick(struct parent *parent, int64_t now_ms)
{
    struct stapling *stapling = &parent->stapling;
    struct child *child = &stapling->process.child;
    bool changed = stapling->tables != parent->tables || stapling->store_version != pki_store_version(parent->store);

    if (changed && now_ms >= stapling->look_ms) {
        stapling->look_ms = now_ms + LOOK_MS;
        if (!look_at_new(parent))
            look(parent);
    }
    if (now_ms >= child->due_ms &&
        (child->state == CHILD_WAITING || (child->state == CHILD_STOPPED && stapling->someone_waits)))
        start(parent);
    if (stapling->someone_waits)
        tell(parent);
}

void stapling_close(struct parent *parent)
{
    struct stapling *stapling = &parent->stapling;

    outward_close(&stapling->process);
    for (size_t i = 0; i < rs_map_count(stapling->watched); i++)
        if (rs_map_value(stapling->watched, i) != &nobody_to_ask)
            free(rs_map_value(stapling->watched, i));
    rs_job_destroy(stapling->memory);
    tables_snapshot_unref(stapling->tables);
}
