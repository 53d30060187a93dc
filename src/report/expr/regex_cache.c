#include "report/expr/regex_cache.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PATTERNS 16

/* Compiled and never matched with, so that nothing of a text stays in it; callers get clones, which share what was
 * compiled. */
struct compiled {
    UChar *pattern;
    int32_t size;
    uint32_t flags;
    URegularExpression *expression;
};

struct cache {
    struct compiled items[PATTERNS];
    size_t next; /* to be replaced */
};

static pthread_key_t key;
static bool has_key;

static void forget(struct compiled *item)
{
    uregex_close(item->expression);
    free(item->pattern);
}

static void cache_end(void *data)
{
    struct cache *cache = data;

    for (size_t i = 0; i < PATTERNS; i++)
        forget(&cache->items[i]);
    free(cache);
}

static void make_key(void)
{
    has_key = pthread_key_create(&key, cache_end) == 0;
}

/* That of this thread; NULL: no memory. */
static struct cache *cache_of_thread(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct cache *cache;

    pthread_once(&once, make_key);
    if (!has_key)
        return NULL;
    cache = pthread_getspecific(key);
    if (cache)
        return cache;
    cache = calloc(1, sizeof *cache);
    if (cache && pthread_setspecific(key, cache) != 0) {
        free(cache);
        return NULL;
    }
    return cache;
}

static const struct compiled *find(const struct cache *cache, const UChar *pattern, int32_t size, uint32_t flags)
{
    for (size_t i = 0; i < PATTERNS; i++) {
        const struct compiled *item = &cache->items[i];
        if (item->expression && item->size == size && item->flags == flags &&
            memcmp(item->pattern, pattern, (size_t)size * sizeof *pattern) == 0)
            return item;
    }
    return NULL;
}

/* Takes the expression over where it returns true. */
static bool keep(struct cache *cache, const UChar *pattern, int32_t size, uint32_t flags,
                 URegularExpression *expression)
{
    struct compiled *item = &cache->items[cache->next];
    UChar *copy = malloc((size_t)size * sizeof *copy);

    if (!copy)
        return false;
    memcpy(copy, pattern, (size_t)size * sizeof *copy);
    forget(item);
    *item = (struct compiled){copy, size, flags, expression};
    cache->next = (cache->next + 1) % PATTERNS;
    return true;
}

URegularExpression *expr_regex_compile(const UChar *pattern, int32_t size, uint32_t flags, UErrorCode *error)
{
    struct cache *cache = cache_of_thread();
    const struct compiled *known = cache ? find(cache, pattern, size, flags) : NULL;
    URegularExpression *compiled;
    UParseError where;

    if (known)
        return uregex_clone(known->expression, error);
    compiled = uregex_open(pattern, size, flags, &where, error);
    if (U_SUCCESS(*error) && cache && keep(cache, pattern, size, flags, compiled))
        return uregex_clone(compiled, error);
    return compiled;
}
