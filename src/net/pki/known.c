#include "net/pki/known.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/map.h"

static void *memory(size_t size)
{
    void *out = malloc(size);

    if (!out)
        rs_log_abort("no memory for the certificate store");
    return out;
}

static uint64_t hash_of(const void *bytes, size_t size)
{
    return rs_hash(rs_text_of(bytes, size));
}

static uint64_t hash_of_stamp(const struct pki_stamp *stamp)
{
    return hash_of(stamp, offsetof(struct pki_stamp, links));
}

static uint64_t hash_of_stamps(const struct pki_stamp *file, const struct pki_stamp *password)
{
    const uint64_t both[] = {hash_of_stamp(file), hash_of_stamp(password)};

    return hash_of(both, sizeof both);
}

static uint64_t gist_of(const struct pki_facts *facts)
{
    const uint64_t all[] = {facts->stamp.mode, facts->stamp.owner, hash_of_stamp(&facts->password_stamp), rs_hash(facts->broken),
                            hash_of(&facts->content, sizeof facts->content)};

    return hash_of(all, sizeof all);
}

static void know_certificate(const struct pki_certificate_facts *facts, struct pki_known_certificate *out)
{
    *out = (struct pki_known_certificate){
        .sha256 = facts->sha256,
        .key = facts->key,
        .authority = facts->authority,
        .self_signed = facts->self_signed,
        .issued_another = facts->issued_another,
        .status = facts->status,
        .not_before_ms = facts->not_before_ms,
        .not_after_ms = facts->not_after_ms,
    };
    memcpy(out->sha1, facts->sha1, sizeof out->sha1);
}

struct pki_known *pki_known_create(const struct pki_facts *facts)
{
    size_t keys_size = facts->key_count * sizeof facts->keys[0];
    struct pki_known *known = memory(sizeof *known + facts->certificate_count * sizeof known->certificates[0] + keys_size +
                                     facts->path.size + 1);

    *known = (struct pki_known){
        .stamp = hash_of_stamps(&facts->stamp, &facts->password_stamp),
        .gist = gist_of(facts),
        .path_size = (uint32_t)facts->path.size,
        .certificate_count = (unsigned char)facts->certificate_count,
        .key_count = (unsigned char)facts->key_count,
        .requests = facts->request.size > 0,
        .exposed = facts->exposed.size > 0,
        .broken = facts->broken.size > 0 || facts->key_problem.size > 0,
    };
    for (size_t i = 0; i < facts->certificate_count; i++)
        know_certificate(&facts->certificates[i], &known->certificates[i]);
    if (keys_size > 0)
        memcpy((void *)(uintptr_t)pki_known_keys(known), facts->keys, keys_size);
    memcpy((char *)(uintptr_t)pki_known_path(known).bytes, facts->path.bytes, facts->path.size + 1);
    return known;
}

void pki_known_destroy(struct pki_known *known)
{
    free(known);
}

bool pki_known_is_same(const struct pki_known *known, const struct pki_stamp *stamp)
{
    struct pki_stamp password;

    if (known->racy)
        return false;
    pki_stamp_read_password(pki_known_path(known), &password);
    return known->stamp == hash_of_stamps(stamp, &password);
}

bool pki_known_fits(const struct pki_known *known, const struct pki_facts *facts)
{
    return known->gist == gist_of(facts) && rs_text_equal(pki_known_path(known), facts->path);
}

void pki_known_hold(struct pki_known *known, rs_text record)
{
    known->record = record.bytes;
    known->record_size = (uint32_t)record.size;
    known->unsaved = true;
}

void pki_known_settle(struct pki_known *known, uint64_t at, size_t size)
{
    known->record = NULL;
    known->record_size = (uint32_t)size;
    known->at = at;
    known->unsaved = false;
}

void pki_known_renew(struct pki_known *known, struct pki_known *read)
{
    pki_known_hold(known, rs_text_of(read->record, read->record_size));
    known->stamp = read->stamp;
    known->racy = read->racy;
    pki_known_destroy(read);
}
