#include "daemon/certificates.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "daemon/thumbprints.h"
#include "net/tables/snapshot.h"
#include "net/tls/tls.h"

#define CERTIFICATES_IN_CHAIN 64

struct entry {
    struct thumbprint name;
    struct tls_chain *chain; /* a reference */
    uint64_t kept;           /* the last certificates_keep that met it */
};

struct certificates {
    int folder;
    bool in_memory; /* no file can be made, or written */
    struct tls_shelf *shelf; /* NULL: nothing came yet */
    struct thumbprints all;
    uint64_t keeps;
};

struct certificates *certificates_create(int folder)
{
    struct certificates *certificates = calloc(1, sizeof *certificates);

    if (!certificates)
        rs_log_abort("no memory for certificates");
    certificates->folder = folder;
    certificates->all.item_size = sizeof(struct entry);
    return certificates;
}

static struct entry *entry_at(const struct certificates *certificates, size_t index)
{
    return thumbprints_at(&certificates->all, index);
}

void certificates_destroy(struct certificates *certificates)
{
    if (!certificates)
        return;
    for (size_t i = 0; i < certificates->all.count; i++)
        tls_chain_unref(entry_at(certificates, i)->chain);
    thumbprints_finish(&certificates->all);
    tls_shelf_unref(certificates->shelf);
    free(certificates);
}

static void put(struct certificates *certificates, rs_text name, struct tls_chain *chain)
{
    struct thumbprint thumbprint = thumbprint_of(name);
    struct entry *entry = thumbprints_find(&certificates->all, &thumbprint);

    if (!entry)
        entry = thumbprints_add(&certificates->all, &thumbprint);
    tls_chain_unref(entry->chain);
    entry->chain = chain;
}

/* The shelf, and where on it they lie; NULL: they have to be kept in memory. */
static struct tls_shelf *shelve(struct certificates *certificates, rs_text bytes, uint64_t *at)
{
    if (!certificates->shelf && !certificates->in_memory)
        certificates->shelf = tls_shelf_create(certificates->folder);
    if (certificates->shelf && tls_shelf_put(certificates->shelf, bytes, at))
        return certificates->shelf;
    if (!certificates->in_memory)
        rs_log(RS_LOG_WARNING, "certificates are kept in memory, not in a file of the folder tmp: %s", strerror(errno));
    certificates->in_memory = true;
    return NULL;
}

/* A message goes to the shelf as it came: each chain stands in it as the shelf has chains. */
rs_status certificates_take(struct rs_job *job, struct certificates *certificates, struct channel_reader *reader)
{
    const char *start = reader->rest.bytes;
    uint64_t at = 0;
    struct tls_shelf *shelf = shelve(certificates, reader->rest, &at);

    while (reader->rest.size > 0 && !reader->broken) {
        rs_text name = channel_take_text(reader), bytes;
        size_t count = channel_take_count(reader);
        reader->broken = reader->broken || count == 0 || count > CERTIFICATES_IN_CHAIN;
        bytes.bytes = reader->rest.bytes;
        for (size_t i = 0; i < count && !reader->broken; i++)
            channel_take_text(reader);
        bytes.size = (size_t)(reader->rest.bytes - bytes.bytes);
        if (!reader->broken)
            put(certificates, name, tls_chain_create(bytes, shelf, at + (uint64_t)(bytes.bytes - start)));
    }
    return reader->broken ? rs_fail(job, RS_INVALID, "the certificates that came from the parent are not whole") : RS_OK;
}

rs_status certificates_staple(struct rs_job *job, struct certificates *certificates, struct channel_reader *reader)
{
    struct tls_chain *chain = certificates_find(certificates, channel_take_text(reader));
    int64_t until_ms = (int64_t)channel_take_number(reader);
    rs_text answer = channel_take_text(reader);

    if (reader->broken)
        return rs_fail(job, RS_INVALID, "the answer of an authority that came from the parent is not whole");
    if (chain)
        tls_chain_staple(chain, answer, until_ms);
    return RS_OK;
}

struct tls_chain *certificates_find(const struct certificates *certificates, rs_text sha256)
{
    struct thumbprint name = thumbprint_of(sha256);
    const struct entry *entry = thumbprints_find(&certificates->all, &name);

    return entry ? entry->chain : NULL;
}

/* How many of them rows name; each is marked. */
static size_t mark(struct certificates *certificates, const struct tables_snapshot *tables)
{
    size_t marked = 0;

    certificates->keeps++;
    for (size_t i = 0; i < tables_binding_count(tables); i++) {
        const struct tables_binding *row = tables_binding(tables, i);
        for (size_t j = 0; j < row->certificate_count; j++) {
            struct thumbprint name = thumbprint_of(row->certificates[j].sha256);
            struct entry *entry = thumbprints_find(&certificates->all, &name);
            if (!entry || entry->kept == certificates->keeps)
                continue;
            entry->kept = certificates->keeps;
            marked++;
        }
    }
    return marked;
}

static bool is_kept(const void *certificates, const void *entry)
{
    return ((const struct entry *)entry)->kept == ((const struct certificates *)certificates)->keeps;
}

/* The bytes of all, one behind the other; false where some cannot be read. */
static bool gather(const struct certificates *certificates, rs_buf *out)
{
    for (size_t i = 0; i < certificates->all.count; i++) {
        RS_OWNED(rs_job) reading = rs_job_create(NULL);
        rs_text bytes = tls_chain_bytes(reading, entry_at(certificates, i)->chain);
        if (bytes.size == 0)
            return false;
        rs_buf_add(out, bytes);
    }
    return true;
}

/* What is left goes to a new shelf. Where that fails, the old one stays. */
static void tidy(struct certificates *certificates)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct tls_shelf *shelf = tls_shelf_create(certificates->folder);
    rs_buf all = rs_buf_in(job);
    uint64_t at;

    if (!shelf || !gather(certificates, &all) || !tls_shelf_put(shelf, rs_buf_text(&all), &at)) {
        tls_shelf_unref(shelf);
        return;
    }
    for (size_t i = 0; i < certificates->all.count; i++) {
        struct tls_chain *chain = entry_at(certificates, i)->chain;
        tls_chain_move(chain, shelf, at);
        at += tls_chain_size(chain);
    }
    tls_shelf_unref(certificates->shelf);
    certificates->shelf = shelf;
}

void certificates_keep(struct certificates *certificates, const struct tables_snapshot *tables)
{
    if (mark(certificates, tables) == certificates->all.count)
        return;
    for (size_t i = 0; i < certificates->all.count; i++)
        if (!is_kept(certificates, entry_at(certificates, i)))
            tls_chain_unref(entry_at(certificates, i)->chain);
    thumbprints_keep(&certificates->all, is_kept, certificates);
    if (certificates->shelf && tls_shelf_is_wasted(certificates->shelf))
        tidy(certificates);
}
