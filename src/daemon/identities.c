#include "daemon/identities.h"

#include <stdlib.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "daemon/front_role.h"
#include "daemon/keys_role.h"
#include "daemon/paths.h"
#include "net/keys/wire.h"
#include "net/loop/loop.h"
#include "net/pki/keys.h"
#include "net/tables/snapshot.h"

#define SEND_MS 10000                           /* to a process that reads at once */
#define KEYS_AT_ONCE 64                         /* keys of new rows that are handed over before they are asked for */
#define CERTIFICATES_BYTES ((size_t)1024 * 1024) /* of one message, about */

struct wanted_key {
    struct keys_id id;
    rs_text name; /* SHA-256 thumbprint of a row's certificate */
};
RS_VEC_TYPE(struct wanted_key, wanted_keys);

struct identities {
    struct rs_job *memory;  /* replaced when the tables change */
    struct rs_map *given;   /* thumbprints of the certificates that the front has */
    struct rs_job *index_memory;
    struct wanted_keys index; /* of the rows served, by id; made when a key is asked for */
    struct tables_snapshot *index_tables; /* that it was made from: a reference, so that no later one has its address */
    uint64_t index_version;                     /* of the store */
};

static struct identities *identities_of(struct parent *parent)
{
    if (!parent->identities) {
        parent->identities = calloc(1, sizeof *parent->identities);
        if (!parent->identities)
            rs_log_abort("no memory for the table of certificates");
        parent->identities->memory = rs_job_create(NULL);
        parent->identities->given = rs_map_create(parent->identities->memory, RS_MAP_EXACT);
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

/* The key of a certificate of the store; its bytes pass through here and are wiped. */
static rs_status send_key(struct rs_job *job, struct parent *parent, rs_text name)
{
    struct pki_keys keys = pki_keys_in_process(parent->store);
    const struct pki_entry *entry = pki_store_find(parent->store, name);
    unsigned char *der = NULL;
    EVP_PKEY *key = NULL;
    rs_status status;
    int size;

    if (!entry)
        return rs_fail(job, RS_NOT_FOUND, "certificate %.*s is not in the store", RS_TEXT_ARG(name));
    RS_TRY(pki_keys_open(job, &keys, entry->sha256, &key));
    size = i2d_PrivateKey(key, &der);
    EVP_PKEY_free(key);
    if (size <= 0)
        return rs_fail(job, PKI_KEY_REFUSED, "the key of certificate %.*s cannot be written as bytes", RS_TEXT_ARG(name));
    status = tell_keys(job, parent,
                       &(struct channel_message){.kind = KEYS_LOAD, .body = rs_text_of((char *)der, (size_t)size)});
    OPENSSL_clear_free(der, (size_t)size);
    return status;
}

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct keys_id));
}

/* Which certificate of the rows served has which key. */
static void index_keys(struct parent *parent, struct identities *identities)
{
    size_t count = tables_binding_count(parent->tables);

    if (identities->index_tables == parent->tables && identities->index_version == pki_store_version(parent->store))
        return;
    rs_job_destroy(identities->index_memory);
    identities->index_memory = rs_job_create(NULL);
    identities->index = (struct wanted_keys){0};
    for (size_t i = 0; i < count; i++) {
        const struct tables_binding *row = tables_binding(parent->tables, i);
        for (size_t j = 0; j < row->certificate_count; j++) {
            rs_text name = row->certificates[j].sha256;
            const struct pki_entry *entry = pki_store_find(parent->store, name);
            struct wanted_key wanted = {.name = name};
            if (!entry || !keys_id_of(X509_get0_pubkey(entry->certificate), &wanted.id))
                continue;
            wanted.name = rs_text_copy(identities->index_memory, name);
            rs_vec_push(identities->index_memory, &identities->index, wanted);
        }
    }
    if (identities->index.count > 0)
        qsort(identities->index.items, identities->index.count, sizeof identities->index.items[0], by_id);
    tables_snapshot_unref(identities->index_tables);
    identities->index_tables = tables_snapshot_ref(parent->tables);
    identities->index_version = pki_store_version(parent->store);
}

/* Only keys of rows that are served are brought. */
static void bring_key(struct parent *parent, const struct keys_id *id)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct identities *identities = identities_of(parent);
    const struct wanted_key *found;

    index_keys(parent, identities);
    found = identities->index.count == 0 ? NULL
                                         : bsearch(id, identities->index.items, identities->index.count,
                                                   sizeof identities->index.items[0], by_id);
    if (found && send_key(job, parent, found->name) == RS_OK)
        return;
    if (found) {
        rs_text why = rs_job_error(job);
        rs_log(RS_LOG_ERROR, "a client waits for a key that cannot be used: %.*s", RS_TEXT_ARG(why));
        rs_job_forgive(job);
    }
    if (tell_keys(job, parent,
                  &(struct channel_message){.kind = KEYS_REFUSE,
                                            .body = rs_text_of((const char *)id->bytes, sizeof id->bytes)}) != RS_OK)
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
    parent->keys_watch = loop_watch_open(parent->loop, pair[0], on_keys, parent);
    if (!parent->keys_watch)
        return rs_fail(job, RS_IO, "the channel to the process of the keys cannot be watched");
    loop_watch_for(parent->keys_watch, LOOP_READ);
    return identities_connect(job, parent);
}

/* ---- certificates ------------------------------------------------------------------------------------ */

static void put_certificate(struct rs_job *job, rs_buf *body, X509 *certificate)
{
    unsigned char *der = NULL;
    int size = i2d_X509(certificate, &der);

    if (size < 0)
        rs_log_abort("no memory for a certificate");
    channel_put_text(body, rs_text_of((char *)der, (size_t)size));
    OPENSSL_free(der);
}

static void put_entry(struct rs_job *job, rs_buf *body, rs_text name, const struct pki_entry *entry)
{
    const STACK_OF(X509) *chain = entry->chain;
    int issuers = sk_X509_num(chain) > 0 ? sk_X509_num(chain) : 0;

    channel_put_text(body, name);
    channel_put_number(body, (uint64_t)issuers + 1);
    put_certificate(job, body, entry->certificate);
    for (int i = 0; i < issuers; i++)
        put_certificate(job, body, sk_X509_value(chain, i));
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
    const struct pki_entry *entry = pki_store_find(parent->store, name);

    if (!entry) {
        rs_log(RS_LOG_WARNING, "certificate %.*s (SHA-256 %.*s) is not in the store: handshakes with it are refused",
               RS_TEXT_ARG(certificate->sha1), RS_TEXT_ARG(name));
        return RS_OK;
    }
    put_entry(job, body, name, entry);
    rs_map_set(identities->given, rs_text_copy(identities->memory, name), NULL);
    stapling_given(parent, name);
    if (*keys > 0 && parent->keys_channel >= 0 && send_key(job, parent, name) != RS_OK) {
        rs_text why = rs_job_error(job);
        rs_log(RS_LOG_WARNING, "%.*s", RS_TEXT_ARG(why));
        rs_job_forgive(job);
    }
    *keys -= *keys > 0;
    return body->used >= CERTIFICATES_BYTES ? send_certificates(job, parent, body) : RS_OK;
}

rs_status identities_give(struct rs_job *job, struct parent *parent, const struct tables_snapshot *base,
                          const struct tables_snapshot *tables)
{
    struct identities *identities = identities_of(parent);
    RS_OWNED(tables_snapshot) nothing = base ? NULL : tables_snapshot_create(&(struct tables_rows){0});
    struct tables_difference difference;
    rs_buf body = rs_buf_in(job);
    size_t keys = KEYS_AT_ONCE;

    tables_snapshot_compare(job, base ? base : nothing, tables, &difference);
    for (size_t i = 0; i < difference.put.binding_count; i++) {
        const struct tables_binding *row = &difference.put.bindings[i];
        for (size_t j = 0; j < row->certificate_count; j++)
            if (!rs_map_has(identities->given, row->certificates[j].sha256))
                RS_TRY(give(job, parent, &row->certificates[j], &keys, &body));
    }
    return send_certificates(job, parent, &body);
}

void identities_settle(struct parent *parent, const struct tables_snapshot *tables)
{
    struct identities *identities = identities_of(parent);
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct rs_job *memory = rs_job_create(NULL);
    struct rs_map *given = rs_map_create(memory, RS_MAP_EXACT);
    rs_buf ids = rs_buf_in(job);

    for (size_t i = 0; i < tables_binding_count(tables); i++) {
        const struct tables_binding *row = tables_binding(tables, i);
        for (size_t j = 0; j < row->certificate_count; j++) {
            rs_text name = row->certificates[j].sha256;
            if (rs_map_has(identities->given, name) && !rs_map_has(given, name))
                rs_map_set(given, rs_text_copy(memory, name), NULL);
        }
    }
    if (rs_map_count(given) < rs_map_count(identities->given)) { /* something left */
        index_keys(parent, identities);
        for (size_t i = 0; i < identities->index.count; i++)
            rs_buf_add(&ids, rs_text_of((const char *)identities->index.items[i].id.bytes, sizeof(struct keys_id)));
        if (tell_keys(job, parent, &(struct channel_message){.kind = KEYS_RETAIN, .body = rs_buf_text(&ids)}) != RS_OK)
            rs_log(RS_LOG_WARNING, "the process of the keys does not take messages");
    }
    rs_job_destroy(identities->memory);
    identities->memory = memory;
    identities->given = given;
}

/* ---- beginning and end ------------------------------------------------------------------------------- */

void identities_forget_front(struct parent *parent)
{
    struct identities *identities = identities_of(parent);

    rs_job_destroy(identities->memory);
    identities->memory = rs_job_create(NULL);
    identities->given = rs_map_create(identities->memory, RS_MAP_EXACT);
}

void identities_close(struct parent *parent)
{
    keys_channel_close(parent);
    if (!parent->identities)
        return;
    rs_job_destroy(parent->identities->memory);
    rs_job_destroy(parent->identities->index_memory);
    tables_snapshot_unref(parent->identities->index_tables);
    free(parent->identities);
    parent->identities = NULL;
}
