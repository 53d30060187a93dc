#include "daemon/wiping.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/crypto.h>

#include "base/job.h"
#include "base/log.h"

static void wiping_free(void *memory)
{
    if (!memory)
        return;
    explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}

/* Not realloc: it leaves what it moved away from as it was. */
static void *wiping_realloc(void *memory, size_t size)
{
    size_t before = memory ? malloc_usable_size(memory) : 0;
    void *grown;

    if (size == 0) {
        wiping_free(memory);
        return NULL;
    }
    grown = malloc(size);
    if (!grown || !memory)
        return grown;
    memcpy(grown, memory, before < size ? before : size);
    wiping_free(memory);
    return grown;
}

static void *crypto_malloc(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return size > 0 ? malloc(size) : NULL;
}

static void *crypto_realloc(void *memory, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return wiping_realloc(memory, size);
}

static void crypto_free(void *memory, const char *file, int line)
{
    (void)file, (void)line;
    wiping_free(memory);
}

void wiping_begin(void)
{
    rs_job_wipe_memory();
    json_set_alloc_funcs(malloc, wiping_free);
    if (CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) != 1)
        rs_log(RS_LOG_WARNING, "OpenSSL was used before its memory could be watched: what it frees is not overwritten");
}
