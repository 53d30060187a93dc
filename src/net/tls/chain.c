#include "net/tls/chain.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "net/keys/library.h"
#include "net/tls/context.h"

static void *memory(size_t size)
{
    void *out = malloc(size);

    if (!out)
        rs_log_abort("no memory for a certificate");
    return out;
}

/* ---- the shelf ------------------------------------------------------------------------------- */

#define SHELF_WASTE ((uint64_t)1024 * 1024) /* bytes of chains that are no more, beside as many as are of use */

struct tls_shelf {
    size_t refs; /* of chains, and one of who made it */
    int fd;
    uint64_t end;
    uint64_t used; /* bytes of chains */
};

struct tls_shelf *tls_shelf_create(int folder)
{
    int fd = rs_file_unnamed(folder);
    struct tls_shelf *shelf;

    if (fd < 0)
        return NULL;
    shelf = memory(sizeof *shelf);
    *shelf = (struct tls_shelf){.refs = 1, .fd = fd};
    return shelf;
}

void tls_shelf_unref(struct tls_shelf *shelf)
{
    if (!shelf || --shelf->refs > 0)
        return;
    close(shelf->fd);
    free(shelf);
}

bool tls_shelf_put(struct tls_shelf *shelf, rs_text bytes, uint64_t *at)
{
    uint64_t end = shelf->end;

    while (bytes.size > 0) {
        ssize_t put = pwrite(shelf->fd, bytes.bytes, bytes.size, (off_t)end);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        end += (uint64_t)put;
        bytes = rs_text_from_offset(bytes, (size_t)put);
    }
    *at = shelf->end;
    shelf->end = end;
    return true;
}

bool tls_shelf_is_wasted(const struct tls_shelf *shelf)
{
    return shelf->end > 2 * shelf->used + SHELF_WASTE;
}

/* ---- chains ---------------------------------------------------------------------------------- */

/* An answer of an authority. */
struct staple {
    int64_t until_ms; /* UTC */
    size_t size;
    char bytes[];
};

struct tls_chain {
    uint32_t refs;
    uint32_t size;
    struct staple *staple;   /* NULL: none */
    struct tls_shelf *shelf; /* NULL: the bytes stand behind this */
    uint64_t at;
    char bytes[];
};

static void lie_on(struct tls_chain *chain, struct tls_shelf *shelf, uint64_t at)
{
    chain->shelf = shelf;
    chain->at = at;
    shelf->refs++;
    shelf->used += chain->size;
}

static void leave(struct tls_chain *chain)
{
    if (chain->shelf)
        chain->shelf->used -= chain->size;
    tls_shelf_unref(chain->shelf);
    chain->shelf = NULL;
}

struct tls_chain *tls_chain_create(rs_text bytes, struct tls_shelf *shelf, uint64_t at)
{
    struct tls_chain *chain = memory(sizeof *chain + (shelf ? 0 : bytes.size));

    assert(bytes.size > 0 && bytes.size < UINT32_MAX);
    *chain = (struct tls_chain){.refs = 1, .size = (uint32_t)bytes.size};
    if (shelf)
        lie_on(chain, shelf, at);
    else
        memcpy(chain->bytes, bytes.bytes, bytes.size);
    return chain;
}

size_t tls_chain_size(const struct tls_chain *chain)
{
    return chain->size;
}

rs_text tls_chain_bytes(struct rs_job *job, const struct tls_chain *chain)
{
    char *bytes;

    if (!chain->shelf)
        return rs_text_of(chain->bytes, chain->size);
    bytes = rs_alloc_raw(job, chain->size);
    return rs_text_of(bytes, rs_file_read_at(chain->shelf->fd, bytes, chain->size, chain->at) ? chain->size : 0);
}

void tls_chain_move(struct tls_chain *chain, struct tls_shelf *shelf, uint64_t at)
{
    leave(chain);
    lie_on(chain, shelf, at);
}

struct tls_chain *tls_chain_ref(struct tls_chain *chain)
{
    chain->refs++;
    return chain;
}

void tls_chain_unref(struct tls_chain *chain)
{
    if (!chain || --chain->refs > 0)
        return;
    leave(chain);
    free(chain->staple);
    free(chain);
}

void tls_chain_staple(struct tls_chain *chain, rs_text answer, int64_t until_ms)
{
    free(chain->staple);
    chain->staple = NULL;
    if (answer.size == 0)
        return;
    chain->staple = memory(sizeof *chain->staple + answer.size);
    *chain->staple = (struct staple){.until_ms = until_ms, .size = answer.size};
    memcpy(chain->staple->bytes, answer.bytes, answer.size);
}

rs_text tls_chain_stapled(const struct tls_chain *chain)
{
    if (!chain->staple || rs_clock_utc_ms() >= chain->staple->until_ms)
        return rs_text_of(NULL, 0);
    return rs_text_of(chain->staple->bytes, chain->staple->size);
}

/* The next one of `rest`; empty where that is damaged. */
static rs_text take_certificate(rs_text *rest)
{
    rs_text none = rs_text_of(NULL, 0), taken;
    uint64_t size;

    if (rest->size < sizeof size)
        return none;
    memcpy(&size, rest->bytes, sizeof size);
    *rest = rs_text_from_offset(*rest, sizeof size);
    if (size > rest->size)
        return none;
    taken = rs_text_slice(*rest, 0, (size_t)size);
    *rest = rs_text_from_offset(*rest, (size_t)size);
    return taken;
}

rs_status tls_chain_read(struct rs_job *job, const struct tls_chain *chain, X509 **certificate,
                         STACK_OF(X509) **issuers)
{
    rs_text rest = tls_chain_bytes(job, chain);

    *certificate = NULL;
    *issuers = sk_X509_new_null();
    do {
        X509 *read = keys_read_certificate(take_certificate(&rest));
        if (!read)
            return tls_context_fail(job, TLS_IDENTITY, "a certificate is damaged");
        if (!*certificate)
            *certificate = read;
        else if (!sk_X509_push(*issuers, read))
            rs_log_abort("no memory for a certificate");
    } while (rest.size > 0);
    return RS_OK;
}
