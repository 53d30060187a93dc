#include "daemon/certificates.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/map.h"
#include "net/tables/snapshot.h"
#include "net/tls/tls.h"

#define CERTIFICATES_IN_CHAIN 64

struct entry {
    struct tls_chain *chain; /* a reference */
    uint64_t kept;           /* the last certificates_keep that met it */
};

struct certificates {
    struct rs_job *memory;
    struct rs_map *by_name; /* struct entry */
    uint64_t keeps;
};

struct certificates *certificates_create(void)
{
    struct certificates *certificates = calloc(1, sizeof *certificates);

    if (!certificates)
        rs_log_abort("no memory for certificates");
    certificates->memory = rs_job_create(NULL);
    certificates->by_name = rs_map_create(certificates->memory, RS_MAP_EXACT);
    return certificates;
}

static void forget_all(struct rs_map *by_name)
{
    for (size_t i = 0; i < rs_map_count(by_name); i++)
        tls_chain_unref(((struct entry *)rs_map_value(by_name, i))->chain);
}

void certificates_destroy(struct certificates *certificates)
{
    if (!certificates)
        return;
    forget_all(certificates->by_name);
    rs_job_destroy(certificates->memory);
    free(certificates);
}

static void put(struct certificates *certificates, rs_text name, struct tls_chain *chain)
{
    struct entry *entry = rs_map_find(certificates->by_name, name);

    if (!entry) {
        entry = RS_NEW(certificates->memory, struct entry);
        rs_map_set(certificates->by_name, rs_text_copy(certificates->memory, name), entry);
    }
    tls_chain_unref(entry->chain);
    entry->chain = chain;
}

rs_status certificates_take(struct rs_job *job, struct certificates *certificates, struct channel_reader *reader)
{
    rs_text chain[CERTIFICATES_IN_CHAIN];

    while (reader->rest.size > 0 && !reader->broken) {
        rs_text name = channel_take_text(reader);
        size_t count = channel_take_count(reader);
        reader->broken = reader->broken || count == 0 || count > CERTIFICATES_IN_CHAIN;
        for (size_t i = 0; i < count && !reader->broken; i++)
            chain[i] = channel_take_text(reader);
        if (!reader->broken)
            put(certificates, name, tls_chain_create(chain, count));
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
    const struct entry *entry = rs_map_find(certificates->by_name, sha256);

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
            struct entry *entry = rs_map_find(certificates->by_name, row->certificates[j].sha256);
            if (!entry || entry->kept == certificates->keeps)
                continue;
            entry->kept = certificates->keeps;
            marked++;
        }
    }
    return marked;
}

void certificates_keep(struct certificates *certificates, const struct tables_snapshot *tables)
{
    struct certificates kept = {.memory = NULL};

    if (mark(certificates, tables) == rs_map_count(certificates->by_name))
        return;
    kept.memory = rs_job_create(NULL);
    kept.by_name = rs_map_create(kept.memory, RS_MAP_EXACT);
    for (size_t i = 0; i < rs_map_count(certificates->by_name); i++) {
        const struct entry *entry = rs_map_value(certificates->by_name, i);
        if (entry->kept == certificates->keeps)
            put(&kept, rs_map_key(certificates->by_name, i), tls_chain_ref(entry->chain));
    }
    forget_all(certificates->by_name);
    rs_job_destroy(certificates->memory);
    *certificates = kept;
}
