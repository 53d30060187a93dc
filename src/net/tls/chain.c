#include "net/tls/chain.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/keys/library.h"
#include "net/tls/context.h"

struct tls_chain {
    size_t refs;
    char *staple; /* NULL: none */
    size_t staple_size;
    int64_t staple_until_ms; /* UTC */
    size_t count;
    size_t ends[]; /* of each certificate in the bytes behind them */
};

static unsigned char *bytes_of(const struct tls_chain *chain)
{
    return (unsigned char *)(uintptr_t)(chain->ends + chain->count);
}

struct tls_chain *tls_chain_create(const rs_text *certificates, size_t count)
{
    struct tls_chain *chain;
    size_t size = 0;

    assert(count > 0);
    for (size_t i = 0; i < count; i++)
        size += certificates[i].size;
    chain = malloc(sizeof *chain + count * sizeof chain->ends[0] + size);
    if (!chain)
        rs_log_abort("no memory for a certificate");
    *chain = (struct tls_chain){.refs = 1};
    chain->count = count;
    size = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(bytes_of(chain) + size, certificates[i].bytes, certificates[i].size);
        chain->ends[i] = size += certificates[i].size;
    }
    return chain;
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
    free(chain->staple);
    free(chain);
}

void tls_chain_staple(struct tls_chain *chain, rs_text answer, int64_t until_ms)
{
    free(chain->staple);
    chain->staple = NULL;
    chain->staple_size = answer.size;
    chain->staple_until_ms = until_ms;
    if (answer.size == 0)
        return;
    chain->staple = malloc(answer.size);
    if (!chain->staple)
        rs_log_abort("no memory for the answer of an authority");
    memcpy(chain->staple, answer.bytes, answer.size);
}

rs_text tls_chain_stapled(const struct tls_chain *chain)
{
    if (!chain->staple || rs_clock_utc_ms() >= chain->staple_until_ms)
        return rs_text_of(NULL, 0);
    return rs_text_of(chain->staple, chain->staple_size);
}

rs_status tls_chain_read(struct rs_job *job, const struct tls_chain *chain, X509 **certificate,
                         STACK_OF(X509) **issuers)
{
    size_t begin = 0;

    *certificate = NULL;
    *issuers = sk_X509_new_null();
    for (size_t i = 0; i < chain->count; begin = chain->ends[i++]) {
        X509 *read = keys_read_certificate(rs_text_of((const char *)bytes_of(chain) + begin, chain->ends[i] - begin));
        if (!read)
            return tls_context_fail(job, TLS_IDENTITY, "a certificate is damaged");
        if (i == 0)
            *certificate = read;
        else if (!sk_X509_push(*issuers, read))
            rs_log_abort("no memory for a certificate");
    }
    return RS_OK;
}
