#include "net/tables/snapshot.h"

#include <assert.h>

#include "base/vec.h"
#include "net/tables/inside.h"

/* ---- hashing ------------------------------------------------------------------------------- */

uint64_t tables_hash_origin(enum tables_scheme scheme, uint16_t port, enum tables_category category,
                            rs_text host, const struct tables_address *address)
{
    unsigned char head[4] = {(unsigned char)scheme, (unsigned char)category, (unsigned char)(port >> 8),
                             (unsigned char)port};
    uint64_t hash = tables_hash_bytes(TABLES_HASH_START, head, sizeof head);

    if (category == TABLES_NAMED)
        hash = tables_hash_bytes(hash, host.bytes, host.size);
    else if (category == TABLES_ADDRESS)
        hash = tables_hash_bytes(hash, address->bytes, sizeof address->bytes);
    return hash;
}

static uint64_t snapshot_hash_place(const struct tables_place *place)
{
    unsigned char head[3] = {(unsigned char)place->address.family, (unsigned char)(place->port >> 8),
                             (unsigned char)place->port};
    uint64_t hash = tables_hash_bytes(TABLES_HASH_START, head, sizeof head);

    hash = tables_hash_bytes(hash, place->address.bytes, sizeof place->address.bytes);
    return tables_hash_bytes(hash, place->host.bytes, place->host.size);
}

static void index_init(struct rs_job *memory, struct tables_index *index, size_t rows)
{
    uint32_t slots = 8;

    while (slots < rows * 2)
        slots *= 2;
    index->slots = RS_NEW_ARRAY(memory, uint32_t, slots);
    index->mask = slots - 1;
}

static void index_add(struct tables_index *index, uint64_t hash, size_t row)
{
    uint32_t slot = tables_hash_slot(hash) & index->mask;

    while (index->slots[slot] != 0)
        slot = (slot + 1) & index->mask;
    index->slots[slot] = (uint32_t)row + 1;
}

/* ---- copying the rows ---------------------------------------------------------------------- */

static struct tables_prefix snapshot_copy_prefix(struct rs_job *memory, const struct tables_prefix *from)
{
    struct tables_prefix to = *from;

    to.host = rs_text_copy(memory, from->host);
    to.path = rs_text_copy(memory, from->path);
    to.key = rs_text_copy(memory, from->key);
    return to;
}

static struct tables_policy snapshot_copy_policy(struct rs_job *memory, const struct tables_policy *from)
{
    struct policy_value *values = RS_NEW_ARRAY(memory, struct policy_value, from->count);

    for (size_t i = 0; i < from->count; i++)
        values[i] = (struct policy_value){from->values[i].id, rs_text_copy(memory, from->values[i].text)};
    return (struct tables_policy){values, from->count};
}

static void snapshot_copy_applications(struct tables_snapshot *snapshot, const struct tables_rows *rows)
{
    struct tables_application *to =
        RS_NEW_ARRAY(snapshot->memory, struct tables_application, rows->application_count);

    for (size_t i = 0; i < rows->application_count; i++) {
        to[i] = rows->applications[i];
        to[i].name = rs_text_copy(snapshot->memory, to[i].name);
        to[i].directory = rs_text_copy(snapshot->memory, to[i].directory);
        to[i].target = rs_text_copy(snapshot->memory, to[i].target);
        to[i].policy = snapshot_copy_policy(snapshot->memory, &to[i].policy);
    }
    snapshot->rows.applications = to;
}

static void snapshot_copy_reservations(struct tables_snapshot *snapshot, const struct tables_rows *rows)
{
    struct rs_job *memory = snapshot->memory;
    struct tables_reservation *to = RS_NEW_ARRAY(memory, struct tables_reservation, rows->reservation_count);

    for (size_t i = 0; i < rows->reservation_count; i++) {
        to[i] = rows->reservations[i];
        to[i].application = rs_text_copy(memory, to[i].application);
        to[i].prefix = snapshot_copy_prefix(memory, &rows->reservations[i].prefix);
        to[i].url = tables_prefix_write(memory, &to[i].prefix);
        to[i].url_string = tables_prefix_origin(memory, &to[i].prefix);
        to[i].account = rs_text_copy(memory, to[i].account);
        to[i].acl = rs_text_copy(memory, to[i].acl);
        to[i].created_by = rs_text_copy(memory, to[i].created_by);
    }
    snapshot->rows.reservations = to;
}

static const struct tables_certificate *snapshot_copy_certificates(struct rs_job *memory, const struct tables_binding *row)
{
    struct tables_certificate *to = RS_NEW_ARRAY(memory, struct tables_certificate, row->certificate_count);

    for (size_t i = 0; i < row->certificate_count; i++)
        to[i] = (struct tables_certificate){rs_text_copy(memory, row->certificates[i].sha1),
                                            rs_text_copy(memory, row->certificates[i].sha256),
                                            rs_text_copy(memory, row->certificates[i].slot)};
    return to;
}

static void snapshot_copy_slots(struct tables_snapshot *snapshot, const struct tables_rows *rows)
{
    struct rs_job *memory = snapshot->memory;
    struct tables_slot *slots = RS_NEW_ARRAY(memory, struct tables_slot, rows->slot_count);
    struct tables_folder *folders = RS_NEW_ARRAY(memory, struct tables_folder, rows->folder_count);

    for (size_t i = 0; i < rows->slot_count; i++) {
        const struct tables_slot *from = &rows->slots[i];
        slots[i] = (struct tables_slot){rs_text_copy(memory, from->name), rs_text_copy(memory, from->sha1),
                                        rs_text_copy(memory, from->sha256), rs_text_copy(memory, from->source),
                                        from->changed_ms};
    }
    for (size_t i = 0; i < rows->folder_count; i++)
        folders[i] = (struct tables_folder){rs_text_copy(memory, rows->folders[i].path),
                                            rs_text_copy(memory, rows->folders[i].slot)};
    snapshot->rows.slots = slots;
    snapshot->rows.folders = folders;
}

static void snapshot_copy_bindings(struct tables_snapshot *snapshot, const struct tables_rows *rows)
{
    struct rs_job *memory = snapshot->memory;
    struct tables_binding *to = RS_NEW_ARRAY(memory, struct tables_binding, rows->binding_count);

    for (size_t i = 0; i < rows->binding_count; i++) {
        struct tables_claim *claims;
        to[i] = rows->bindings[i];
        to[i].host = rs_text_copy(memory, to[i].host);
        to[i].certificates = snapshot_copy_certificates(memory, &to[i]);
        claims = RS_NEW_ARRAY(memory, struct tables_claim, to[i].claim_count);
        for (size_t k = 0; k < to[i].claim_count; k++) {
            claims[k] = rows->bindings[i].claims[k];
            claims[k].application = rs_text_copy(memory, claims[k].application);
            claims[k].created_by = rs_text_copy(memory, claims[k].created_by);
        }
        to[i].claims = claims;
        to[i].policy = snapshot_copy_policy(memory, &to[i].policy);
    }
    snapshot->rows.bindings = to;
}

/* ---- listeners ----------------------------------------------------------------------------- */

RS_VEC_TYPE(struct tables_listener, listener_vec);

static void listener_add(struct rs_job *memory, struct listener_vec *vec, const struct tables_address *address,
                         uint16_t port, bool tls)
{
    for (size_t i = 0; i < vec->count; i++)
        if (vec->items[i].port == port && vec->items[i].tls == tls &&
            tables_address_equal(&vec->items[i].address, address))
            return;
    rs_vec_push(memory, vec, (struct tables_listener){*address, port, tls});
}

/* A wildcard socket takes what arrives at every address of its port; the kernel would refuse a second one. */
static void listeners_drop_covered(struct listener_vec *vec)
{
    size_t kept = 0;

    for (size_t i = 0; i < vec->count; i++) {
        bool covered = false;
        for (size_t k = 0; k < vec->count && !covered; k++)
            covered = k != i && vec->items[i].address.family != TABLES_ANY &&
                      vec->items[k].address.family == TABLES_ANY && vec->items[k].port == vec->items[i].port;
        if (!covered)
            vec->items[kept++] = vec->items[i];
    }
    vec->count = kept;
}

static void snapshot_find_listeners(struct tables_snapshot *snapshot)
{
    static const struct tables_address any;
    struct listener_vec vec = {0};

    for (size_t i = 0; i < snapshot->rows.binding_count; i++) {
        const struct tables_binding *row = &snapshot->rows.bindings[i];
        listener_add(snapshot->memory, &vec, &row->address, row->port, true);
    }
    for (size_t i = 0; i < snapshot->rows.reservation_count; i++) {
        const struct tables_prefix *prefix = &snapshot->rows.reservations[i].prefix;
        if (prefix->scheme == TABLES_HTTP)
            listener_add(snapshot->memory, &vec, prefix->category == TABLES_ADDRESS ? &prefix->address : &any,
                         prefix->port, false);
    }
    listeners_drop_covered(&vec);
    snapshot->listeners = vec.items;
    snapshot->listener_count = vec.count;
}

/* ---- making -------------------------------------------------------------------------------- */

static size_t key_depth(rs_text key)
{
    size_t depth = 0;

    for (size_t i = 0; i < key.size; i++)
        depth += key.bytes[i] == '/';
    return depth;
}

static void snapshot_index(struct tables_snapshot *snapshot)
{
    const struct tables_rows *rows = &snapshot->rows;

    index_init(snapshot->memory, &snapshot->by_path, rows->reservation_count);
    for (size_t i = 0; i < rows->reservation_count; i++) {
        const struct tables_prefix *prefix = &rows->reservations[i].prefix;
        uint64_t origin = tables_hash_origin(prefix->scheme, prefix->port, prefix->category, prefix->host,
                                             &prefix->address);
        uint64_t path = tables_hash_bytes(TABLES_HASH_START, prefix->key.bytes, prefix->key.size);
        index_add(&snapshot->by_path, tables_hash_join(origin, path), i);
        if (prefix->key.size > snapshot->longest_key)
            snapshot->longest_key = prefix->key.size;
        if (key_depth(prefix->key) > snapshot->deepest_key)
            snapshot->deepest_key = key_depth(prefix->key);
        snapshot->has_category[prefix->category] = true;
    }
    index_init(snapshot->memory, &snapshot->by_place, rows->binding_count);
    for (size_t i = 0; i < rows->binding_count; i++) {
        struct tables_place place = tables_binding_place(&rows->bindings[i]);
        index_add(&snapshot->by_place, snapshot_hash_place(&place), i);
    }
}

struct tables_snapshot *tables_snapshot_create(const struct tables_rows *rows)
{
    struct rs_job *memory = rs_job_create(NULL);
    struct tables_snapshot *snapshot = RS_NEW(memory, struct tables_snapshot);

    assert(rows->reservation_count < UINT32_MAX / 4 && rows->binding_count < UINT32_MAX / 4);
    snapshot->memory = memory;
    snapshot->references = 1;
    snapshot->rows = *rows;
    snapshot_copy_applications(snapshot, rows);
    snapshot_copy_reservations(snapshot, rows);
    snapshot_copy_bindings(snapshot, rows);
    snapshot_copy_slots(snapshot, rows);
    snapshot_find_listeners(snapshot);
    snapshot_index(snapshot);
    return snapshot;
}

struct tables_snapshot *tables_snapshot_ref(struct tables_snapshot *snapshot)
{
    __atomic_add_fetch(&snapshot->references, 1, __ATOMIC_RELAXED);
    return snapshot;
}

void tables_snapshot_unref(struct tables_snapshot *snapshot)
{
    if (snapshot && __atomic_sub_fetch(&snapshot->references, 1, __ATOMIC_ACQ_REL) == 0)
        rs_job_destroy(snapshot->memory);
}

/* ---- reading ------------------------------------------------------------------------------- */

int64_t tables_snapshot_revision(const struct tables_snapshot *snapshot)
{
    return snapshot->rows.revision;
}

size_t tables_application_count(const struct tables_snapshot *snapshot)
{
    return snapshot->rows.application_count;
}

const struct tables_application *tables_application(const struct tables_snapshot *snapshot, size_t index)
{
    assert(index < snapshot->rows.application_count);
    return &snapshot->rows.applications[index];
}

size_t tables_reservation_count(const struct tables_snapshot *snapshot)
{
    return snapshot->rows.reservation_count;
}

const struct tables_reservation *tables_reservation(const struct tables_snapshot *snapshot, size_t index)
{
    assert(index < snapshot->rows.reservation_count);
    return &snapshot->rows.reservations[index];
}

size_t tables_binding_count(const struct tables_snapshot *snapshot)
{
    return snapshot->rows.binding_count;
}

const struct tables_binding *tables_binding(const struct tables_snapshot *snapshot, size_t index)
{
    assert(index < snapshot->rows.binding_count);
    return &snapshot->rows.bindings[index];
}

size_t tables_listener_count(const struct tables_snapshot *snapshot)
{
    return snapshot->listener_count;
}

const struct tables_listener *tables_listener(const struct tables_snapshot *snapshot, size_t index)
{
    assert(index < snapshot->listener_count);
    return &snapshot->listeners[index];
}

const struct tables_application *tables_application_find(const struct tables_snapshot *snapshot, rs_text name)
{
    if (rs_text_equal_nocase(name, RS_TEXT("ReportManager"))) /* its name up to 2014 */
        name = RS_TEXT("ReportServerWebApp");
    for (size_t i = 0; i < snapshot->rows.application_count; i++)
        if (rs_text_equal_nocase(snapshot->rows.applications[i].name, name))
            return &snapshot->rows.applications[i];
    return NULL;
}

const struct tables_binding *tables_binding_find(const struct tables_snapshot *snapshot,
                                                 const struct tables_place *place)
{
    const struct tables_index *index = &snapshot->by_place;
    uint32_t slot = tables_hash_slot(snapshot_hash_place(place)) & index->mask;

    for (; index->slots[slot] != 0; slot = (slot + 1) & index->mask) {
        const struct tables_binding *row = &snapshot->rows.bindings[index->slots[slot] - 1];
        if (row->port == place->port && tables_address_equal(&row->address, &place->address) &&
            rs_text_equal(row->host, place->host))
            return row;
    }
    return NULL;
}

size_t tables_slot_count(const struct tables_snapshot *snapshot)
{
    return snapshot->rows.slot_count;
}

const struct tables_slot *tables_slot(const struct tables_snapshot *snapshot, size_t index)
{
    assert(index < snapshot->rows.slot_count);
    return &snapshot->rows.slots[index];
}

size_t tables_folder_count(const struct tables_snapshot *snapshot)
{
    return snapshot->rows.folder_count;
}

const struct tables_folder *tables_folder(const struct tables_snapshot *snapshot, size_t index)
{
    assert(index < snapshot->rows.folder_count);
    return &snapshot->rows.folders[index];
}

const struct tables_slot *tables_slot_find(const struct tables_snapshot *snapshot, rs_text name)
{
    for (size_t i = 0; i < snapshot->rows.slot_count; i++)
        if (rs_text_equal_nocase(snapshot->rows.slots[i].name, name))
            return &snapshot->rows.slots[i];
    return NULL;
}

const struct tables_folder *tables_folder_find(const struct tables_snapshot *snapshot, rs_text path)
{
    for (size_t i = 0; i < snapshot->rows.folder_count; i++)
        if (rs_text_equal(snapshot->rows.folders[i].path, path))
            return &snapshot->rows.folders[i];
    return NULL;
}

const struct tables_certificate *tables_binding_follows(const struct tables_binding *row, rs_text slot)
{
    for (size_t i = 0; i < row->certificate_count; i++)
        if (row->certificates[i].slot.size > 0 && rs_text_equal_nocase(row->certificates[i].slot, slot))
            return &row->certificates[i];
    return NULL;
}

bool tables_binding_shows(const struct tables_binding *row, rs_text sha256)
{
    for (size_t i = 0; i < row->certificate_count; i++)
        if (rs_text_equal_nocase(row->certificates[i].sha256, sha256))
            return true;
    return false;
}

const struct tables_claim *tables_claim_find(const struct tables_binding *binding, rs_text application)
{
    for (size_t i = 0; i < binding->claim_count; i++)
        if (rs_text_equal_nocase(binding->claims[i].application, application))
            return &binding->claims[i];
    return NULL;
}
