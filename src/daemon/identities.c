#include "daemon/identities.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "daemon/front_role.h"
#include "daemon/keys_role.h"
#include "daemon/paths.h"
#include "daemon/thumbprints.h"
#include "net/keys/wire.h"
#include "net/loop/loop.h"
#include "net/pki/keys.h"
#include "net/pki/load.h"
#include "net/tables/snapshot.h"

#define SEND_MS 10000                           /* to a process that reads at once */
#define KEYS_AT_ONCE 64                         /* keys of new rows that are handed over before they are asked for */
#define CERTIFICATES_BYTES ((size_t)1024 * 1024) /* of one message, about */

/* A certificate that the front has. */
struct given {
    struct thumbprint name;
    struct keys_id key;
    uint32_t kept; /* the last identities_settle that met it */
};

struct identities {
    struct thumbprints given; /* those of the rows served, or a few more */
    struct rs_lookup by_key;  /* numbers of them, one for each key */
    uint64_t store_version;   /* when all rows were last looked at */
    uint32_t settlings;
};

static rs_text number_of(const struct keys_id *id)
{
    return rs_text_of((const char *)id->bytes, sizeof id->bytes);
}

static struct given *given_at(const struct identities *identities, size_t index)
{
    return thumbprints_at(&identities->given, index);
}

static uint64_t hash_of_key(const void *identities, uint32_t number)
{
    return rs_hash(number_of(&given_at(identities, number)->key));
}

static bool find_by_key(const struct identities *identities, const struct keys_id *key, struct rs_lookup_at *at)
{
    const struct rs_lookup *keys = &identities->by_key;

    for (*at = rs_lookup_first(keys, rs_hash(number_of(key))); rs_lookup_next(keys, at);)
        if (memcmp(&given_at(identities, at->number)->key, key, sizeof *key) == 0)
            return true;
    return false;
}

/* Of several with one key the newest is the one that is in the store most likely. */
static void index_key(struct identities *identities, size_t index)
{
    struct rs_lookup_at at;

    if (find_by_key(identities, &given_at(identities, index)->key, &at))
        rs_lookup_replace(&identities->by_key, &at, (uint32_t)index);
    else
        rs_lookup_add(&identities->by_key, (uint32_t)index);
}

static void forget(struct identities *identities)
{
    thumbprints_finish(&identities->given);
    rs_lookup_finish(&identities->by_key);
    identities->store_version = 0;
}

static struct identities *identities_of(struct parent *parent)
{
    if (!parent->identities) {
        parent->identities = calloc(1, sizeof *parent->identities);
        if (!parent->identities)
            rs_log_abort("no memory for the table of certificates");
        parent->identities->given.item_size = sizeof(struct given);
        parent->identities->by_key = rs_lookup_of(hash_of_key, parent->identities);
    }
    return parent->identities;
}

/* ---- keys -------------------------------------------------------------------------------------------- */

static rs_status tell_keys(struct rs_job *job, struct parent *parent, const struct channel_message *message)
{
    if (parent->keys_channel < 0)
        return rs_fail(job, RS_CONFLICT, "the process of the keys is being started again");
    return channel_send(job, parent->keys_channel, message, SEND_MS);
}

/* The key of a certificate of the store, which its public half names; its bytes pass through here and are wiped. */
static rs_status send_key(struct rs_job *job, struct parent *parent, rs_text name, const void *id)
{
    rs_text der;
    rs_buf body = rs_buf_in(job);
    rs_status status;

    RS_TRY(pki_keys_bytes(job, parent->store, name, &der));
    rs_buf_reserve(&body, sizeof(struct keys_id) + der.size); /* one piece, so that one wipe finds all of it */
    rs_buf_add(&body, rs_text_of(id, sizeof(struct keys_id)));
    rs_buf_add(&body, der);
    pki_wipe(der);
    status = tell_keys(job, parent, &(struct channel_message){.kind = KEYS_LOAD, .body = rs_buf_text(&body)});
    pki_wipe(rs_buf_text(&body));
    return status;
}

static void note_given(struct identities *identities, const struct thumbprint *name, const void *key)
{
    struct given *given = thumbprints_find(&identities->given, name);

    if (given)
        return; /* rows of the same certificate */
    given = thumbprints_add(&identities->given, name);
    memcpy(&given->key, key, sizeof given->key);
    index_key(identities, identities->given.count - 1);
}

/* Only keys of certificates that the front has are brought. */
static void bring_key(struct parent *parent, const struct keys_id *id)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct rs_lookup_at at;
    const struct given *given = find_by_key(identities_of(parent), id, &at) ? given_at(identities_of(parent), at.number) : NULL;

    if (given && send_key(job, parent, thumbprint_text(job, &given->name), &given->key) == RS_OK)
        return;
    if (given) {
        rs_text why = rs_job_error(job);
        rs_log(RS_LOG_ERROR, "a client waits for a key that cannot be used: %.*s", RS_TEXT_ARG(why));
        rs_job_forgive(job);
    }
    if (tell_keys(job, parent, &(struct channel_message){.kind = KEYS_REFUSE, .body = number_of(id)}) != RS_OK)
        rs_log(RS_LOG_WARNING, "the process of the keys does not take messages");
}

static void keys_channel_close(struct parent *parent)
{
    loop_watch_close(parent->keys_watch);
    parent->keys_watch = NULL;
    if (parent->keys_channel >= 0)
        close(parent->keys_channel);
    parent->keys_channel = -1;
}

static void on_keys(void *data, int events)
{
    struct parent *parent = data;
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct channel_message message;
    bool closed;

    (void)events;
    if (channel_receive(job, parent->keys_channel, SEND_MS, &message, &closed) != RS_OK || closed) {
        keys_channel_close(parent); /* it is gone; its end is seen as that of a child */
        return;
    }
    channel_close_fds(&message);
    if (message.kind == KEYS_MISSING && message.body.size == sizeof(struct keys_id))
        bring_key(parent, (const struct keys_id *)message.body.bytes);
}

rs_status identities_connect(struct rs_job *job, struct parent *parent)
{
    int pair[2];
    rs_status status;

    if (parent->front_channel < 0 || parent->keys_channel < 0)
        return RS_OK; /* whoever comes later connects both */
    RS_TRY(keys_socket_pair(job, pair));
    status = tell_keys(job, parent, &(struct channel_message){.kind = KEYS_ATTACH, .fds = {pair[0]}, .fd_count = 1});
    if (status == RS_OK)
        status = channel_send(job, parent->front_channel,
                              &(struct channel_message){.kind = FRONT_KEYS, .fds = {pair[1]}, .fd_count = 1}, SEND_MS);
    close(pair[0]);
    close(pair[1]);
    return status;
}

rs_status identities_start_keys(struct rs_job *job, struct parent *parent)
{
    int pair[2];
    rs_status status;

    RS_TRY(channel_pair(job, pair));
    keys_channel_close(parent);
    status = child_start(job, &parent->keys, parent->paths->instance, parent->single, pair[1]);
    close(pair[1]);
    if (status != RS_OK) {
        close(pair[0]);
        return status;
    }
    parent->keys_channel = pair[0];
    parent->keys_watch = loop_watch_open(parent->loop, pair[0], LOOP_READ, on_keys, parent);
    if (!parent->keys_watch)
        return rs_fail(job, RS_IO, "the channel to the process of the keys cannot be watched");
    return identities_connect(job, parent);
}

/* ---- certificates ------------------------------------------------------------------------------------ */

/* False: it is not in the store. */
static bool put_chain(rs_buf *body, const struct parent *parent, rs_text name)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text certificates[1 + PKI_CHAIN_MAX];
    size_t count = pki_store_chain(job, parent->store, name, certificates);

    if (count == 0)
        return false;
    channel_put_text(body, name);
    channel_put_number(body, count);
    for (size_t i = 0; i < count; i++)
        channel_put_text(body, certificates[i]);
    return true;
}

static rs_status send_certificates(struct rs_job *job, struct parent *parent, rs_buf *body)
{
    struct channel_message message = {.kind = FRONT_CERTIFICATES, .body = rs_buf_text(body)};

    if (body->used == 0 || parent->front_channel < 0)
        return RS_OK;
    RS_TRY(channel_send(job, parent->front_channel, &message, SEND_MS));
    body->used = 0;
    return RS_OK;
}

/* One certificate; `keys` counts down how many keys may still be handed over at once. */
static rs_status give(struct rs_job *job, struct parent *parent, const struct tables_certificate *certificate, size_t *keys,
                      rs_buf *body)
{
    struct identities *identities = identities_of(parent);
    rs_text name = certificate->sha256;
    struct thumbprint thumbprint = thumbprint_of(name);
    struct pki_outline outline;

    if (!pki_store_outline(parent->store, name, &outline) || !put_chain(body, parent, name)) {
        rs_log(RS_LOG_WARNING, "certificate %.*s (SHA-256 %.*s) is not in the store: handshakes with it are refused",
               RS_TEXT_ARG(certificate->sha1), RS_TEXT_ARG(name));
        return RS_OK;
    }
    note_given(identities, &thumbprint, outline.key);
    stapling_given(parent, name);
    if (*keys > 0 && parent->keys_channel >= 0 && send_key(job, parent, name, outline.key) != RS_OK) {
        rs_text why = rs_job_error(job);
        rs_log(RS_LOG_WARNING, "%.*s", RS_TEXT_ARG(why));
        rs_job_forgive(job);
    }
    *keys -= *keys > 0;
    return body->used >= CERTIFICATES_BYTES ? send_certificates(job, parent, body) : RS_OK;
}

static rs_status give_row(struct rs_job *job, struct parent *parent, const struct tables_binding *row, size_t *keys, rs_buf *body)
{
    for (size_t i = 0; i < row->certificate_count; i++) {
        struct thumbprint name = thumbprint_of(row->certificates[i].sha256);
        if (!thumbprints_find(&identities_of(parent)->given, &name))
            RS_TRY(give(job, parent, &row->certificates[i], keys, body));
    }
    return RS_OK;
}

/* Where the store is another one than before, certificates that were missing may be there. */
rs_status identities_give(struct rs_job *job, struct parent *parent, const struct tables_snapshot *base,
                          const struct tables_snapshot *tables)
{
    struct identities *identities = identities_of(parent);
    bool all = !base || identities->store_version != pki_store_version(parent->store);
    struct tables_difference difference;
    rs_buf body = rs_buf_in(job);
    size_t keys = KEYS_AT_ONCE;

    for (size_t i = 0; all && i < tables_binding_count(tables); i++)
        RS_TRY(give_row(job, parent, tables_binding(tables, i), &keys, &body));
    if (!all) {
        tables_snapshot_compare(job, base, tables, &difference);
        for (size_t i = 0; i < difference.put.binding_count; i++)
            RS_TRY(give_row(job, parent, &difference.put.bindings[i], &keys, &body));
    }
    identities->store_version = pki_store_version(parent->store);
    return send_certificates(job, parent, &body);
}

/* How many certificates rows name; each is marked. */
static size_t mark(struct identities *identities, const struct tables_snapshot *tables)
{
    size_t marked = 0;

    identities->settlings++;
    for (size_t i = 0; i < tables_binding_count(tables); i++) {
        const struct tables_binding *row = tables_binding(tables, i);
        for (size_t j = 0; j < row->certificate_count; j++) {
            struct thumbprint name = thumbprint_of(row->certificates[j].sha256);
            struct given *given = thumbprints_find(&identities->given, &name);
            if (!given || given->kept == identities->settlings)
                continue;
            given->kept = identities->settlings;
            marked++;
        }
    }
    return marked;
}

static bool is_kept(const void *identities, const void *given)
{
    return ((const struct given *)given)->kept == ((const struct identities *)identities)->settlings;
}

void identities_settle(struct parent *parent, const struct tables_snapshot *tables)
{
    struct identities *identities = identities_of(parent);
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf ids = rs_buf_in(job);

    if (mark(identities, tables) == identities->given.count)
        return; /* nothing left */
    thumbprints_keep(&identities->given, is_kept, identities);
    rs_lookup_finish(&identities->by_key);
    for (size_t i = 0; i < identities->given.count; i++)
        index_key(identities, i);
    for (size_t i = 0; i < identities->given.count; i++)
        rs_buf_add(&ids, number_of(&given_at(identities, i)->key));
    if (tell_keys(job, parent, &(struct channel_message){.kind = KEYS_RETAIN, .body = rs_buf_text(&ids)}) != RS_OK)
        rs_log(RS_LOG_WARNING, "the process of the keys does not take messages");
}

/* ---- beginning and end ------------------------------------------------------------------------------- */

void identities_forget_front(struct parent *parent)
{
    forget(identities_of(parent));
}

void identities_close(struct parent *parent)
{
    keys_channel_close(parent);
    if (!parent->identities)
        return;
    forget(parent->identities);
    free(parent->identities);
    parent->identities = NULL;
}
