#include "service/auth/remember.h"

#include <sodium.h>

void remember_init(struct remember *remember, int64_t lifetime_ms)
{
    memset(remember, 0, sizeof *remember);
    randombytes_buf(remember->key, sizeof remember->key);
    remember->lifetime_ms = lifetime_ms;
}

/* With its length, so that no two lists of parts hash alike. */
static void add_part(crypto_generichash_state *state, rs_text part)
{
    uint64_t size = part.size;

    crypto_generichash_update(state, (const unsigned char *)&size, sizeof size);
    crypto_generichash_update(state, (const unsigned char *)(part.bytes ? part.bytes : ""), part.size);
}

struct remember_tag remember_tag(const struct remember *remember, rs_text name, rs_text password,
                                 rs_text stored_hash)
{
    crypto_generichash_state state;
    struct remember_tag tag;

    crypto_generichash_init(&state, remember->key, sizeof remember->key, sizeof tag.bytes);
    add_part(&state, name);
    add_part(&state, password);
    add_part(&state, stored_hash);
    crypto_generichash_final(&state, tag.bytes, sizeof tag.bytes);
    sodium_memzero(&state, sizeof state);
    return tag;
}

bool remember_has(const struct remember *remember, const struct remember_tag *tag, int64_t now_ms)
{
    const struct remember_entry *set = remember->entries[tag->bytes[0] % REMEMBER_SETS];
    bool found = false;

    for (int i = 0; i < REMEMBER_WAYS; i++)
        found |= set[i].until_ms > now_ms && sodium_memcmp(set[i].tag, tag->bytes, sizeof tag->bytes) == 0;
    return found;
}

void remember_add(struct remember *remember, const struct remember_tag *tag, int64_t now_ms)
{
    struct remember_entry *set = remember->entries[tag->bytes[0] % REMEMBER_SETS], *entry = &set[0];

    if (remember->lifetime_ms <= 0)
        return;
    for (int i = 1; i < REMEMBER_WAYS; i++)
        if (set[i].until_ms < entry->until_ms)
            entry = &set[i];
    memcpy(entry->tag, tag->bytes, sizeof entry->tag);
    entry->until_ms = now_ms + remember->lifetime_ms;
}
