#include "net/tables/snapshot.h"

#include <assert.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/vec.h"
#include "net/tables/inside.h"
#include "net/tables/pack.h"

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

static uint64_t hash_of_binding(const void *row)
{
    struct tables_place place = tables_binding_place(row);

    return snapshot_hash_place(&place);
}

static uint64_t hash_of_reservation(const void *row)
{
    const struct tables_prefix *prefix = &((const struct tables_reservation *)row)->prefix;
    uint64_t origin = tables_hash_origin(prefix->scheme, prefix->port, prefix->category, prefix->host, &prefix->address);

    return tables_hash_join(origin, tables_hash_bytes(TABLES_HASH_START, prefix->key.bytes, prefix->key.size));
}

/* ---- applications, slots, folders ---------------------------------------------------------- */

struct snapshot_sides {
    unsigned references; /* atomic */
    struct rs_job *memory; /* of this struct too */
    const struct tables_application *applications;
    size_t application_count;
    const struct tables_slot *slots;
    size_t slot_count;
    const struct tables_folder *folders;
    size_t folder_count;
};

static struct tables_policy snapshot_copy_policy(struct rs_job *memory, const struct tables_policy *from)
{
    struct policy_value *values = RS_NEW_ARRAY(memory, struct policy_value, from->count);

    for (size_t i = 0; i < from->count; i++)
        values[i] = (struct policy_value){from->values[i].id, rs_text_copy(memory, from->values[i].text)};
    return (struct tables_policy){values, from->count};
}

static const struct tables_application *copy_applications(struct rs_job *memory, const struct tables_application *from,
                                                          size_t count)
{
    struct tables_application *to = RS_NEW_ARRAY(memory, struct tables_application, count);

    for (size_t i = 0; i < count; i++)
        to[i] = (struct tables_application){rs_text_copy(memory, from[i].name), from[i].kind,
                                            rs_text_copy(memory, from[i].directory), rs_text_copy(memory, from[i].target),
                                            snapshot_copy_policy(memory, &from[i].policy)};
    return to;
}

static const struct tables_slot *copy_slots(struct rs_job *memory, const struct tables_slot *from, size_t count)
{
    struct tables_slot *to = RS_NEW_ARRAY(memory, struct tables_slot, count);

    for (size_t i = 0; i < count; i++)
        to[i] = (struct tables_slot){rs_text_copy(memory, from[i].name), rs_text_copy(memory, from[i].sha1),
                                     rs_text_copy(memory, from[i].sha256), rs_text_copy(memory, from[i].source),
                                     from[i].changed_ms};
    return to;
}

static const struct tables_folder *copy_folders(struct rs_job *memory, const struct tables_folder *from, size_t count)
{
    struct tables_folder *to = RS_NEW_ARRAY(memory, struct tables_folder, count);

    for (size_t i = 0; i < count; i++)
        to[i] = (struct tables_folder){rs_text_copy(memory, from[i].path), rs_text_copy(memory, from[i].slot)};
    return to;
}

static struct snapshot_sides *sides_create(const struct tables_rows *rows)
{
    struct rs_job *memory = rs_job_create(NULL);
    struct snapshot_sides *sides = RS_NEW(memory, struct snapshot_sides);

    *sides = (struct snapshot_sides){
        1, memory, copy_applications(memory, rows->applications, rows->application_count), rows->application_count,
        copy_slots(memory, rows->slots, rows->slot_count), rows->slot_count,
        copy_folders(memory, rows->folders, rows->folder_count), rows->folder_count};
    return sides;
}

static void sides_unref(struct snapshot_sides *sides)
{
    if (sides && __atomic_sub_fetch(&sides->references, 1, __ATOMIC_ACQ_REL) == 0)
        rs_job_destroy(sides->memory);
}

/* ---- listeners ----------------------------------------------------------------------------- */

struct snapshot_ports {
    unsigned references; /* atomic */
    struct rs_job *memory; /* of this struct too */
    const struct tables_listener *listeners;
    size_t count;
    bool single_rows; /* some row of a binding is for one address */
};

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

static const struct tables_address *reservation_address(const struct tables_reservation *row)
{
    static const struct tables_address any;

    return row->prefix.category == TABLES_ADDRESS ? &row->prefix.address : &any;
}

static struct snapshot_ports *ports_create(const struct tables_snapshot *snapshot)
{
    struct rs_job *memory = rs_job_create(NULL);
    struct snapshot_ports *ports = RS_NEW(memory, struct snapshot_ports);
    struct listener_vec vec = {0};

    list_each(const struct tables_binding, row, &snapshot->bindings)
        listener_add(memory, &vec, &row->address, row->port, true);
    list_each(const struct tables_reservation, row, &snapshot->reservations)
        if (row->prefix.scheme == TABLES_HTTP)
            listener_add(memory, &vec, reservation_address(row), row->prefix.port, false);
    *ports = (struct snapshot_ports){.references = 1, .memory = memory};
    for (size_t i = 0; i < vec.count; i++)
        ports->single_rows = ports->single_rows || (vec.items[i].tls && vec.items[i].address.family != TABLES_ANY);
    listeners_drop_covered(&vec);
    ports->listeners = vec.items;
    ports->count = vec.count;
    return ports;
}

static void ports_unref(struct snapshot_ports *ports)
{
    if (ports && __atomic_sub_fetch(&ports->references, 1, __ATOMIC_ACQ_REL) == 0)
        rs_job_destroy(ports->memory);
}

/* A row that comes changes no listener where its own is there already. */
static bool ports_have(const struct snapshot_ports *ports, const struct tables_address *address, uint16_t port, bool tls)
{
    for (size_t i = 0; i < ports->count; i++)
        if (ports->listeners[i].port == port && ports->listeners[i].tls == tls &&
            tables_address_equal(&ports->listeners[i].address, address))
            return true;
    return false;
}

bool snapshot_has_single_rows(const struct tables_snapshot *snapshot)
{
    return snapshot->ports->single_rows;
}

/* ---- making -------------------------------------------------------------------------------- */

static struct tables_snapshot *snapshot_new(int64_t revision)
{
    struct tables_snapshot *snapshot = calloc(1, sizeof *snapshot);

    if (!snapshot)
        rs_log_abort("no memory for the tables");
    snapshot->references = 1;
    snapshot->revision = revision;
    return snapshot;
}

static void put_reservation(struct tables_snapshot *snapshot, const struct tables_reservation *from)
{
    const void *old = list_find(&snapshot->reservations, from->id);
    struct tables_reservation *row = pack_reservation(from);

    if (old)
        index_remove(&snapshot->by_path, old);
    list_put(&snapshot->reservations, row);
    index_add(&snapshot->by_path, row);
    if (row->prefix.key.size > snapshot->longest_key)
        snapshot->longest_key = row->prefix.key.size;
    snapshot->has_category[row->prefix.category] = true;
    row_unref(row);
}

static void put_binding(struct tables_snapshot *snapshot, const struct tables_binding *from)
{
    const void *old = list_find(&snapshot->bindings, from->id);
    struct tables_binding *row = pack_binding(from);

    if (old)
        index_remove(&snapshot->by_place, old);
    list_put(&snapshot->bindings, row);
    index_add(&snapshot->by_place, row);
    row_unref(row);
}

static void drop_row(struct list *list, struct index *index, int64_t id)
{
    const void *row = list_find(list, id);

    if (!row)
        return;
    index_remove(index, row);
    list_drop(list, id);
}

struct tables_snapshot *tables_snapshot_create(const struct tables_rows *rows)
{
    struct tables_snapshot *snapshot = snapshot_new(rows->revision);

    assert(rows->reservation_count < UINT32_MAX / 4 && rows->binding_count < UINT32_MAX / 4);
    index_init(&snapshot->by_path, hash_of_reservation);
    index_init(&snapshot->by_place, hash_of_binding);
    for (size_t i = 0; i < rows->reservation_count; i++)
        put_reservation(snapshot, &rows->reservations[i]);
    for (size_t i = 0; i < rows->binding_count; i++)
        put_binding(snapshot, &rows->bindings[i]);
    snapshot->sides = sides_create(rows);
    snapshot->ports = ports_create(snapshot);
    return snapshot;
}

struct tables_snapshot *tables_snapshot_with(const struct tables_snapshot *base, const struct tables_difference *difference)
{
    const struct tables_rows *put = &difference->put;
    struct tables_snapshot *snapshot = snapshot_new(put->revision);
    bool same_ports = difference->dropped_reservation_count + difference->dropped_binding_count == 0;

    list_copy(&snapshot->reservations, &base->reservations);
    list_copy(&snapshot->bindings, &base->bindings);
    index_copy(&snapshot->by_path, &base->by_path);
    index_copy(&snapshot->by_place, &base->by_place);
    snapshot->longest_key = base->longest_key;
    memcpy(snapshot->has_category, base->has_category, sizeof snapshot->has_category);
    for (size_t i = 0; i < difference->dropped_reservation_count; i++)
        drop_row(&snapshot->reservations, &snapshot->by_path, difference->dropped_reservations[i]);
    for (size_t i = 0; i < difference->dropped_binding_count; i++)
        drop_row(&snapshot->bindings, &snapshot->by_place, difference->dropped_bindings[i]);
    for (size_t i = 0; i < put->reservation_count; i++)
        put_reservation(snapshot, &put->reservations[i]);
    for (size_t i = 0; i < put->binding_count; i++) {
        const struct tables_binding *row = &put->bindings[i];
        put_binding(snapshot, row);
        same_ports = same_ports && ports_have(base->ports, &row->address, row->port, true);
    }
    if (difference->sides) {
        snapshot->sides = sides_create(put);
    } else {
        snapshot->sides = base->sides;
        __atomic_add_fetch(&snapshot->sides->references, 1, __ATOMIC_RELAXED);
    }
    if (!same_ports || put->reservation_count > 0) {
        snapshot->ports = ports_create(snapshot);
    } else {
        snapshot->ports = base->ports;
        __atomic_add_fetch(&snapshot->ports->references, 1, __ATOMIC_RELAXED);
    }
    return snapshot;
}

struct tables_snapshot *tables_snapshot_ref(struct tables_snapshot *snapshot)
{
    __atomic_add_fetch(&snapshot->references, 1, __ATOMIC_RELAXED);
    return snapshot;
}

void tables_snapshot_unref(struct tables_snapshot *snapshot)
{
    if (!snapshot || __atomic_sub_fetch(&snapshot->references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    index_finish(&snapshot->by_path);
    index_finish(&snapshot->by_place);
    list_finish(&snapshot->reservations);
    list_finish(&snapshot->bindings);
    sides_unref(snapshot->sides);
    ports_unref(snapshot->ports);
    free(snapshot);
}

/* ---- comparing ----------------------------------------------------------------------------- */

RS_VEC_TYPE(int64_t, id_vec);

/* Both lists are in the order of ids: `put` gets what `after` has and `before` has not or not the same, `dropped` what is
 * no more. Chunks that both share are passed over. */
static void compare_lists(struct rs_job *job, const struct list *before, const struct list *after,
                          void (*put)(struct rs_job *job, void *to, const void *row), void *to, struct id_vec *dropped)
{
    size_t b = 0, a = 0, b_part = 0, a_part = 0;

    while (b < before->count || a < after->count) {
        const struct row *old, *new;
        while (b_part + 1 < before->part_count && before->parts[b_part + 1].first <= b)
            b_part++;
        while (a_part + 1 < after->part_count && after->parts[a_part + 1].first <= a)
            a_part++;
        if (b < before->count && a < after->count && before->parts[b_part].chunk == after->parts[a_part].chunk &&
            b - before->parts[b_part].first == a - after->parts[a_part].first) {
            size_t left = before->parts[b_part].chunk->count - (b - before->parts[b_part].first);
            b += left;
            a += left;
            continue;
        }
        old = b < before->count ? before->parts[b_part].chunk->rows[b - before->parts[b_part].first] : NULL;
        new = a < after->count ? after->parts[a_part].chunk->rows[a - after->parts[a_part].first] : NULL;
        if (old != new && new && (!old || new->id <= old->id))
            put(job, to, new);
        if (old && (!new || old->id < new->id))
            rs_vec_push(job, dropped, old->id);
        b += old && (!new || old->id <= new->id);
        a += new && (!old || new->id <= old->id);
    }
}

RS_VEC_TYPE(struct tables_reservation, reservation_vec);
RS_VEC_TYPE(struct tables_binding, binding_vec);

static void collect_reservation(struct rs_job *job, void *to, const void *row)
{
    struct reservation_vec *vec = to;

    rs_vec_push(job, vec, *(const struct tables_reservation *)row);
}

static void collect_binding(struct rs_job *job, void *to, const void *row)
{
    struct binding_vec *vec = to;

    rs_vec_push(job, vec, *(const struct tables_binding *)row);
}

void tables_snapshot_compare(struct rs_job *job, const struct tables_snapshot *before, const struct tables_snapshot *after,
                             struct tables_difference *out)
{
    struct reservation_vec reservations = {0};
    struct binding_vec bindings = {0};
    struct id_vec dropped_reservations = {0}, dropped_bindings = {0};
    const struct snapshot_sides *sides = after->sides;

    compare_lists(job, &before->reservations, &after->reservations, collect_reservation, &reservations, &dropped_reservations);
    compare_lists(job, &before->bindings, &after->bindings, collect_binding, &bindings, &dropped_bindings);
    *out = (struct tables_difference){
        .put = {.revision = after->revision, .reservations = reservations.items, .reservation_count = reservations.count,
                .bindings = bindings.items, .binding_count = bindings.count,
                .applications = sides->applications, .application_count = sides->application_count,
                .slots = sides->slots, .slot_count = sides->slot_count,
                .folders = sides->folders, .folder_count = sides->folder_count},
        .sides = before->sides != after->sides,
        .dropped_reservations = dropped_reservations.items, .dropped_reservation_count = dropped_reservations.count,
        .dropped_bindings = dropped_bindings.items, .dropped_binding_count = dropped_bindings.count,
    };
}

/* ---- reading ------------------------------------------------------------------------------- */

int64_t tables_snapshot_revision(const struct tables_snapshot *snapshot)
{
    return snapshot->revision;
}

size_t tables_application_count(const struct tables_snapshot *snapshot)
{
    return snapshot->sides->application_count;
}

const struct tables_application *tables_application(const struct tables_snapshot *snapshot, size_t index)
{
    assert(index < snapshot->sides->application_count);
    return &snapshot->sides->applications[index];
}

size_t tables_reservation_count(const struct tables_snapshot *snapshot)
{
    return snapshot->reservations.count;
}

const struct tables_reservation *tables_reservation(const struct tables_snapshot *snapshot, size_t index)
{
    return list_at(&snapshot->reservations, index);
}

size_t tables_binding_count(const struct tables_snapshot *snapshot)
{
    return snapshot->bindings.count;
}

const struct tables_binding *tables_binding(const struct tables_snapshot *snapshot, size_t index)
{
    return list_at(&snapshot->bindings, index);
}

size_t tables_listener_count(const struct tables_snapshot *snapshot)
{
    return snapshot->ports->count;
}

const struct tables_listener *tables_listener(const struct tables_snapshot *snapshot, size_t index)
{
    assert(index < snapshot->ports->count);
    return &snapshot->ports->listeners[index];
}

const struct tables_application *tables_application_find(const struct tables_snapshot *snapshot, rs_text name)
{
    if (rs_text_equal_nocase(name, RS_TEXT("ReportManager"))) /* its name up to 2014 */
        name = RS_TEXT("ReportServerWebApp");
    for (size_t i = 0; i < snapshot->sides->application_count; i++)
        if (rs_text_equal_nocase(snapshot->sides->applications[i].name, name))
            return &snapshot->sides->applications[i];
    return NULL;
}

const struct tables_binding *tables_binding_find(const struct tables_snapshot *snapshot,
                                                 const struct tables_place *place)
{
    const struct index *index = &snapshot->by_place;
    uint32_t slot = index_first(index, snapshot_hash_place(place));
    const struct tables_binding *row;

    for (; (row = index_at(index, slot)) != NULL; slot = index_next(index, slot))
        if (row->port == place->port && tables_address_equal(&row->address, &place->address) &&
            rs_text_equal(row->host, place->host))
            return row;
    return NULL;
}

const struct tables_binding *tables_binding_by_id(const struct tables_snapshot *snapshot, int64_t id)
{
    return list_find(&snapshot->bindings, id);
}

size_t tables_slot_count(const struct tables_snapshot *snapshot)
{
    return snapshot->sides->slot_count;
}

const struct tables_slot *tables_slot(const struct tables_snapshot *snapshot, size_t index)
{
    assert(index < snapshot->sides->slot_count);
    return &snapshot->sides->slots[index];
}

size_t tables_folder_count(const struct tables_snapshot *snapshot)
{
    return snapshot->sides->folder_count;
}

const struct tables_folder *tables_folder(const struct tables_snapshot *snapshot, size_t index)
{
    assert(index < snapshot->sides->folder_count);
    return &snapshot->sides->folders[index];
}

const struct tables_slot *tables_slot_find(const struct tables_snapshot *snapshot, rs_text name)
{
    for (size_t i = 0; i < snapshot->sides->slot_count; i++)
        if (rs_text_equal_nocase(snapshot->sides->slots[i].name, name))
            return &snapshot->sides->slots[i];
    return NULL;
}

const struct tables_folder *tables_folder_find(const struct tables_snapshot *snapshot, rs_text path)
{
    for (size_t i = 0; i < snapshot->sides->folder_count; i++)
        if (rs_text_equal(snapshot->sides->folders[i].path, path))
            return &snapshot->sides->folders[i];
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
