#include "base/map.h"

#include <assert.h>
#include <sys/random.h>

#include "base/vec.h"

struct map_entry {
    rs_text key;
    void *value;
    uint64_t hash;
};

struct rs_map {
    struct rs_job *job;
    enum rs_map_keys keys;
    RS_VEC(struct map_entry) entries;
    uint32_t *slots;   /* 1 + index of an entry, or 0; open addressing, at most half full */
    size_t slot_count; /* a power of two */
};

#define MAP_FIRST_SLOTS 16

static uint64_t hash_seed(void)
{
    static uint64_t seed;
    uint64_t mine = __atomic_load_n(&seed, __ATOMIC_RELAXED);

    if (!mine) {
        uint64_t expected = 0;
        if (getrandom(&mine, sizeof mine, GRND_NONBLOCK) != (ssize_t)sizeof mine || mine == 0)
            mine = 0x9E3779B97F4A7C15u;
        if (!__atomic_compare_exchange_n(&seed, &expected, mine, false, __ATOMIC_RELAXED,
                                         __ATOMIC_RELAXED))
            mine = expected;
    }
    return mine;
}

static uint64_t hash_mix(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)(a ^ 0x9E3779B97F4A7C15u) * (b ^ 0xD6E8FEB86659FD93u);

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t rs_hash(rs_text t)
{
    uint64_t hash = hash_seed() ^ t.size;
    size_t i = 0;

    for (; i + 8 <= t.size; i += 8) {
        uint64_t word;
        memcpy(&word, t.bytes + i, 8);
        hash = hash_mix(hash, word);
    }
    if (i < t.size) {
        uint64_t word = 0;
        memcpy(&word, t.bytes + i, t.size - i);
        hash = hash_mix(hash, word);
    }
    return hash_mix(hash, t.size);
}

static uint64_t rs_hash_nocase(rs_text t)
{
    uint64_t hash = hash_seed() ^ t.size;

    for (size_t i = 0; i < t.size; i++)
        hash = hash_mix(hash, (unsigned char)rs_lower(t.bytes[i]));
    return hash;
}

struct rs_map *rs_map_create(struct rs_job *job, enum rs_map_keys keys)
{
    struct rs_map *map = RS_NEW(job, struct rs_map);

    map->job = job;
    map->keys = keys;
    return map;
}

static uint64_t map_hash(const struct rs_map *map, rs_text key)
{
    return map->keys == RS_MAP_NOCASE ? rs_hash_nocase(key) : rs_hash(key);
}

static bool map_same(const struct rs_map *map, rs_text a, rs_text b)
{
    return map->keys == RS_MAP_NOCASE ? rs_text_equal_nocase(a, b) : rs_text_equal(a, b);
}

/* The slot that holds `key`, or the free one where it would go. */
static uint32_t *map_slot(const struct rs_map *map, rs_text key, uint64_t hash)
{
    size_t at = hash & (map->slot_count - 1);

    for (;; at = (at + 1) & (map->slot_count - 1)) {
        uint32_t *slot = &map->slots[at];
        if (*slot == 0)
            return slot;
        const struct map_entry *entry = &map->entries.items[*slot - 1];
        if (entry->hash == hash && map_same(map, entry->key, key))
            return slot;
    }
}

static struct map_entry *map_entry_find(const struct rs_map *map, rs_text key)
{
    uint32_t *slot;

    if (map->slot_count == 0)
        return NULL;
    slot = map_slot(map, key, map_hash(map, key));
    return *slot ? &map->entries.items[*slot - 1] : NULL;
}

static void map_grow(struct rs_map *map)
{
    map->slot_count = map->slot_count ? map->slot_count * 2 : MAP_FIRST_SLOTS;
    assert(map->slot_count < UINT32_MAX);
    map->slots = RS_NEW_ARRAY(map->job, uint32_t, map->slot_count);
    for (size_t i = 0; i < map->entries.count; i++) {
        const struct map_entry *entry = &map->entries.items[i];
        *map_slot(map, entry->key, entry->hash) = (uint32_t)i + 1;
    }
}

void rs_map_set(struct rs_map *map, rs_text key, void *value)
{
    struct map_entry *known = map_entry_find(map, key);
    uint64_t hash;

    if (known) {
        known->value = value;
        return;
    }
    if (2 * (map->entries.count + 1) > map->slot_count)
        map_grow(map);
    hash = map_hash(map, key);
    rs_vec_push(map->job, &map->entries, (struct map_entry){key, value, hash});
    *map_slot(map, key, hash) = (uint32_t)map->entries.count;
}

void *rs_map_find(const struct rs_map *map, rs_text key)
{
    struct map_entry *entry = map_entry_find(map, key);

    return entry ? entry->value : NULL;
}

bool rs_map_has(const struct rs_map *map, rs_text key)
{
    return map_entry_find(map, key) != NULL;
}

size_t rs_map_count(const struct rs_map *map)
{
    return map->entries.count;
}

rs_text rs_map_key(const struct rs_map *map, size_t index)
{
    assert(index < map->entries.count);
    return map->entries.items[index].key;
}

void *rs_map_value(const struct rs_map *map, size_t index)
{
    assert(index < map->entries.count);
    return map->entries.items[index].value;
}
