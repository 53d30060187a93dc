#include "daemon/front_trusts.h"

#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/list.h"
#include "base/log.h"
#include "net/front/contexts.h"
#include "net/tables/snapshot.h"
#include "net/tls/ticket.h"
#include "net/tls/tls.h"

struct trust {
    struct rs_link link;
    uint64_t generation;
    unsigned char digest[32]; /* of what it was made from */
    struct tls_trust *trust;
};

struct front_trusts {
    struct rs_link trusts; /* a handful: rows that ask clients */
    bool has_secret;
    unsigned char secret[32]; /* digest of what was shared */
};

struct front_trusts *front_trusts_create(void)
{
    struct front_trusts *trusts = calloc(1, sizeof *trusts);

    if (!trusts)
        rs_log_abort("no memory for the authorities of clients");
    rs_list_init(&trusts->trusts);
    return trusts;
}

static void forget(struct trust *trust)
{
    rs_list_remove(&trust->link);
    tls_trust_unref(trust->trust);
    free(trust);
}

void front_trusts_destroy(struct front_trusts *trusts)
{
    if (!trusts)
        return;
    rs_list_each(link, &trusts->trusts)
        forget(rs_list_object(link, struct trust, link));
    OPENSSL_cleanse(trusts, sizeof *trusts);
    free(trusts);
}

static struct trust *find(const struct front_trusts *trusts, uint64_t generation)
{
    for (struct rs_link *link = trusts->trusts.next; link != &trusts->trusts; link = link->next) {
        struct trust *trust = rs_list_object(link, struct trust, link);
        if (trust->generation == generation)
            return trust;
    }
    return NULL;
}

rs_status front_trusts_take(struct rs_job *job, struct front_trusts *trusts, struct front_contexts *contexts,
                            struct channel_reader *reader)
{
    uint64_t generation = channel_take_number(reader);
    rs_text all = reader->rest, authorities = channel_take_text(reader), revoked = channel_take_text(reader);
    struct tls_binding *binding = front_contexts_made(contexts, generation);
    struct trust *trust = find(trusts, generation);
    struct tls_trust *made;

    if (reader->broken)
        return rs_fail(job, RS_INVALID, "the authorities of clients that came from the parent are not whole");
    if (tls_trust_create(job, authorities, revoked, &made) != RS_OK) { /* the parent has tried: not ours to end for */
        rs_text why = rs_job_error(job);
        rs_log(RS_LOG_ERROR, "%.*s", RS_TEXT_ARG(why));
        rs_job_forgive(job);
        return RS_OK;
    }
    if (trust)
        forget(trust);
    trust = calloc(1, sizeof *trust);
    if (!trust)
        rs_log_abort("no memory for the authorities of clients");
    trust->generation = generation;
    trust->trust = made;
    EVP_Digest(all.bytes, all.size, trust->digest, NULL, EVP_sha256(), NULL);
    rs_list_append(&trusts->trusts, &trust->link);
    if (binding)
        tls_binding_trust(binding, made);
    return RS_OK;
}

struct tls_trust *front_trusts_find(const struct front_trusts *trusts, uint64_t generation)
{
    struct trust *trust = find(trusts, generation);

    return trust ? trust->trust : NULL;
}

static bool has_row(const struct tables_snapshot *tables, uint64_t generation)
{
    for (size_t i = 0; i < tables_binding_count(tables); i++)
        if (tables_binding(tables, i)->generation == generation)
            return true;
    return false;
}

void front_trusts_keep(struct front_trusts *trusts, const struct tables_snapshot *tables)
{
    rs_list_each(link, &trusts->trusts) {
        struct trust *trust = rs_list_object(link, struct trust, link);
        if (!has_row(tables, trust->generation))
            forget(trust);
    }
}

/* ---- tickets ----------------------------------------------------------------------------------------- */

rs_status front_ticket_secret(struct rs_job *job, struct front_trusts *trusts, rs_text secret)
{
    trusts->has_secret = ticket_derive((const unsigned char *)secret.bytes, secret.size, RS_TEXT("bindery tickets"), trusts->secret,
                                       sizeof trusts->secret);
    OPENSSL_cleanse((char *)(uintptr_t)secret.bytes, secret.size);
    return trusts->has_secret ? RS_OK : rs_fail(job, RS_FAILED, "the keys of session tickets cannot be derived");
}

bool front_ticket_seed(const struct front_trusts *trusts, const struct tables_binding *row, unsigned char out[32])
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct trust *trust = find(trusts, row->generation);
    rs_buf purpose = rs_buf_in(job);

    if (!trusts->has_secret)
        return false;
    rs_buf_add(&purpose, RS_TEXT("bindery ticket seed"));
    channel_put_number(&purpose, row->port);
    channel_put_text(&purpose, row->host);
    for (size_t i = 0; i < row->certificate_count; i++)
        channel_put_text(&purpose, row->certificates[i].sha256);
    for (size_t i = 0; i < row->policy.count; i++) {
        channel_put_text(&purpose, rs_text_from(policy_setting(row->policy.values[i].id)->name));
        channel_put_text(&purpose, row->policy.values[i].text);
    }
    if (trust)
        rs_buf_add(&purpose, rs_text_of((const char *)trust->digest, sizeof trust->digest));
    return ticket_derive(trusts->secret, sizeof trusts->secret, rs_buf_text(&purpose), out, 32);
}
