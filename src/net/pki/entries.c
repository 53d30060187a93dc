#include "net/pki/entries.h"

#include <assert.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/keys/library.h"
#include "net/pki/trust.h"

/* A certificate that is its owner's own, and no part of a chain. */
struct place {
    const struct pki_facts *file;
    size_t index; /* in it */
    struct pki_entry *entry; /* NULL: nobody asked for it yet */
};
RS_VEC_TYPE(struct place, place_vec);

RS_VEC_TYPE(struct place *, made_vec);

/* Of an authority; taken apart when a chain first needs it. */
struct authority {
    const struct pki_certificate_facts *facts;
    X509 *certificate;
    struct authority *next; /* of the same name */
};
RS_VEC_TYPE(struct authority *, authority_vec);
RS_VEC_TYPE(X509 *, x509_vec);
RS_VEC_TYPE(struct pki_pending, pending_vec);

/* The way from an issuer to whom this machine trusts: the same for all certificates of that issuer. */
struct chain {
    enum pki_issuer verdict;
    STACK_OF(X509) *certificates; /* intermediates */
};

struct entries {
    struct rs_job *memory;
    const struct pki_files *files;
    struct place_vec places;
    struct pki_broken_vec broken;
    struct pending_vec pending;
    struct rs_map *key_files;     /* digest of a key -> the file that holds it */
    struct rs_map *by_thumbprint; /* bytes of both digests -> place */
    struct authority_vec authorities;
    struct rs_map *by_name;  /* hash of an authority's name -> the first of them */
    struct rs_map *chains;   /* by issuer */
    struct x509_vec all_authorities; /* once somebody asked for all */
    X509 *local_authority;   /* or NULL */
    int64_t next_change_ms;
    struct rs_job *made;     /* of the entries that were asked for */
    struct made_vec made_places;
};

static rs_text digest_text(const struct pki_digest *digest)
{
    return rs_text_of((const char *)digest->bytes, sizeof digest->bytes);
}

static void end_certificate(void *certificate)
{
    X509_free(certificate);
}

static X509 *certificate_of(struct rs_job *memory, const struct pki_certificate_facts *facts)
{
    X509 *certificate = keys_read_certificate(facts->der);

    if (!certificate)
        rs_log_abort("no memory for a certificate"); /* it was written by the same library */
    rs_job_at_end(memory, end_certificate, certificate);
    return certificate;
}

/* ---- chains -------------------------------------------------------------------------------- */

static rs_text name_key(const uint64_t *hash)
{
    return rs_text_of((const char *)hash, sizeof *hash);
}

static void add_authority(struct entries *e, struct rs_map *known, const struct pki_certificate_facts *facts)
{
    struct authority *authority, *first;

    if (!facts->authority || rs_map_has(known, digest_text(&facts->sha256)))
        return;
    rs_map_set(known, digest_text(&facts->sha256), NULL);
    authority = RS_NEW(e->memory, struct authority);
    authority->facts = facts;
    rs_vec_push(e->memory, &e->authorities, authority);
    first = rs_map_find(e->by_name, name_key(&facts->subject_hash));
    while (first && first->next)
        first = first->next;
    if (first)
        first->next = authority;
    else
        rs_map_set(e->by_name, name_key(&facts->subject_hash), authority);
}

static X509 *authority_certificate(struct entries *e, struct authority *authority)
{
    if (!authority->certificate)
        authority->certificate = certificate_of(e->memory, authority->facts);
    return authority->certificate;
}

/* Authorities with this name, those that may have issued them, and so on. */
static void add_issuers(struct entries *e, struct rs_job *job, uint64_t hash, unsigned depth, struct x509_vec *pool)
{
    for (struct authority *a = rs_map_find(e->by_name, name_key(&hash)); a; a = a->next) {
        X509 *certificate = authority_certificate(e, a);
        bool known = false;
        for (size_t i = 0; i < pool->count; i++)
            known = known || pool->items[i] == certificate;
        if (known)
            continue;
        rs_vec_push(job, pool, certificate);
        if (depth > 0 && a->facts->issuer_hash != hash)
            add_issuers(e, job, a->facts->issuer_hash, depth - 1, pool);
    }
}

static void end_chain(void *chain)
{
    sk_X509_free(chain);
}

static rs_status make_chain(struct rs_job *job, struct entries *e, struct rs_job *memory, const struct place *place, X509 *leaf,
                            struct chain **out)
{
    const struct pki_certificate_facts *facts = &place->file->certificates[place->index];
    X509_STORE *trust = pki_trust_create(e->local_authority);
    struct chain *chain = RS_NEW(memory, struct chain);
    struct x509_vec pool = {0};

    if (!trust)
        return rs_fail(job, RS_NO_MEMORY, "no memory for the certificate store");
    chain->certificates = sk_X509_new_null();
    rs_job_at_end(memory, end_chain, chain->certificates);
    for (size_t i = 0; i < place->file->certificate_count; i++) /* those beside it first */
        if (i != place->index)
            rs_vec_push(job, &pool, certificate_of(memory, &place->file->certificates[i]));
    add_issuers(e, job, facts->issuer_hash, PKI_CHAIN_MAX, &pool);
    for (size_t i = 0; i < place->file->certificate_count; i++)
        if (i != place->index)
            add_issuers(e, job, place->file->certificates[i].issuer_hash, PKI_CHAIN_MAX, &pool);
    chain->verdict = pki_chain_build(trust, leaf, pool.items, pool.count, chain->certificates);
    X509_STORE_free(trust);
    *out = chain;
    return RS_OK;
}

/* `leaf` may be NULL. A self-signed certificate is its own issuer: nothing to remember. */
static const struct chain *chain_of(struct entries *e, const struct place *place, X509 *leaf)
{
    const struct pki_certificate_facts *facts = &place->file->certificates[place->index];
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct rs_job *memory = facts->self_signed ? e->made : e->memory;
    struct pki_digest issuer = facts->issuer;
    rs_buf all = rs_buf_in(job);
    struct chain *chain;

    if (place->file->certificate_count > 1) {
        rs_buf_add(&all, digest_text(&facts->issuer));
        for (size_t i = 0; i < place->file->certificate_count; i++)
            if (i != place->index)
                rs_buf_add(&all, digest_text(&place->file->certificates[i].sha256));
        (void)EVP_Digest(all.bytes, all.used, issuer.bytes, NULL, EVP_sha256(), NULL);
    }
    chain = facts->self_signed ? NULL : rs_map_find(e->chains, digest_text(&issuer));
    if (chain)
        return chain;
    if (make_chain(job, e, memory, place, leaf ? leaf : certificate_of(job, facts), &chain) != RS_OK)
        rs_log_abort("no memory for the certificate store");
    if (!facts->self_signed)
        rs_map_set(e->chains, rs_text_copy(e->memory, digest_text(&issuer)), chain);
    return chain;
}

/* ---- one entry ----------------------------------------------------------------------------- */

/* The file that stands beside `file` for its key: name.key. */
static const struct pki_facts *file_beside(const struct entries *e, const struct pki_facts *file)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    return rs_map_find(e->files->by_path, rs_text_format(job, "%.*s.key", RS_TEXT_ARG(pki_path_stem(file->path))));
}

static void find_key(struct entries *e, const struct place *place, struct pki_entry *entry, struct pki_reason_vec *reasons)
{
    const struct pki_facts *file = place->file, *beside = file_beside(e, file);
    const struct pki_facts *holder = entries_key_file(e, &file->certificates[place->index].key);

    if (holder) {
        entry->key_file = holder->path;
        if (holder->exposed.size > 0)
            pki_reason_add(e->made, reasons, PKI_KEY_EXPOSED, holder->exposed);
        return;
    }
    for (int i = 0; i < 2; i++) {
        const struct pki_facts *near = i == 0 ? file : beside;
        if (!near)
            continue;
        if (near->key_problem.size > 0 || (near->broken.size > 0 && near != file)) {
            pki_reason_add(e->made, reasons, PKI_KEY_UNREADABLE,
                           rs_text_format(e->made, "\"%.*s\": %.*s", RS_TEXT_ARG(near->path),
                                          RS_TEXT_ARG(near->key_problem.size ? near->key_problem : near->broken)));
            return;
        }
        if (near->key_count > 0) {
            pki_reason_add(e->made, reasons, PKI_KEY_MISMATCH,
                           rs_text_format(e->made, "the private key in \"%.*s\" belongs to another certificate",
                                          RS_TEXT_ARG(near->path)));
            return;
        }
    }
    pki_reason_add(e->made, reasons, PKI_NO_PRIVATE_KEY,
                   rs_text_format(e->made, "there is no private key for it: put it beside it as \"%.*s.key\" (mode 0600)",
                                  RS_TEXT_ARG(pki_path_stem(file->path))));
}

static void judge_chain(struct entries *e, const struct chain *chain, struct pki_entry *entry, struct pki_reason_vec *reasons)
{
    int length = sk_X509_num(chain->certificates);
    X509 *last = length > 0 ? sk_X509_value(chain->certificates, length - 1) : entry->certificate;

    switch (chain->verdict) {
    case PKI_ISSUER_TRUSTED:
        break;
    case PKI_ISSUER_KNOWN:
        pki_reason_add(e->made, reasons, PKI_UNTRUSTED, rs_text_of(NULL, 0));
        break;
    case PKI_ISSUER_SELF:
        pki_reason_add(e->made, reasons, PKI_UNTRUSTED, RS_TEXT("it is self-signed: clients must be told to trust it"));
        break;
    case PKI_ISSUER_UNKNOWN:
        pki_reason_add(e->made, reasons, PKI_CHAIN_INCOMPLETE,
                       rs_text_format(e->made, "its chain ends at %.*s, which is neither here nor trusted: add the "
                                      "certificates in between to its file", RS_TEXT_ARG(pki_issuer_name(e->made, last))));
        break;
    }
    entry->chain = chain->certificates;
}

static rs_text friendly_name(const struct pki_facts *file)
{
    rs_text stem = pki_path_stem(file->path);

    if (file->friendly_name.size > 0)
        return file->friendly_name;
    for (size_t i = stem.size; i > 0; i--)
        if (stem.bytes[i - 1] == '/')
            return rs_text_from_offset(stem, i);
    return stem;
}

static const struct pki_entry *make_entry(struct entries *e, struct place *place)
{
    const struct pki_certificate_facts *facts = &place->file->certificates[place->index];
    struct pki_reason_vec reasons = {0};
    struct pki_entry *entry;

    if (place->entry)
        return place->entry;
    place->entry = entry = RS_NEW(e->made, struct pki_entry);
    rs_vec_push(e->made, &e->made_places, place);
    pki_describe(e->made, certificate_of(e->made, facts), entry);
    entry->file = place->file->path;
    entry->friendly_name = friendly_name(place->file);
    find_key(e, place, entry, &reasons);
    pki_judge(e->made, entry, rs_clock_utc_ms(), &reasons);
    judge_chain(e, chain_of(e, place, entry->certificate), entry, &reasons);
    entry->usable = true;
    for (size_t i = 0; i < reasons.count; i++)
        entry->usable = entry->usable && reasons.items[i].severity != PKI_FATAL;
    entry->reasons = reasons.items;
    entry->reason_count = reasons.count;
    return entry;
}

/* ---- all of them --------------------------------------------------------------------------- */

static void index_keys(struct entries *e)
{
    struct rs_map *known = rs_map_create(e->memory, RS_MAP_EXACT);

    for (size_t i = 0; i < e->files->items.count; i++) {
        struct pki_facts *file = e->files->items.items[i];
        for (size_t k = 0; k < file->key_count; k++) {
            const struct pki_facts *other = rs_map_find(e->key_files, digest_text(&file->keys[k]));
            if (!other || (other->exposed.size > 0 && file->exposed.size == 0))
                rs_map_set(e->key_files, digest_text(&file->keys[k]), file);
        }
        for (size_t k = 0; k < file->certificate_count; k++)
            add_authority(e, known, &file->certificates[k]);
    }
    for (size_t k = 0; e->files->authority && k < e->files->authority->certificate_count; k++)
        add_authority(e, known, &e->files->authority->certificates[k]);
}

/* A certificate of a file is its owner's own, not part of a chain, where a key fits it or it issued none of the
 * others. */
static bool is_own(const struct entries *e, const struct pki_facts *file, size_t index)
{
    return file->certificate_count == 1 || entries_key_file(e, &file->certificates[index].key) ||
           !file->certificates[index].issued_another;
}

static void note_time(struct entries *e, int64_t at_ms, int64_t now_ms)
{
    if (at_ms >= now_ms && at_ms < e->next_change_ms)
        e->next_change_ms = at_ms;
}

static void add_pending(struct entries *e, const struct pki_facts *file, const struct rs_map *certified)
{
    const unsigned char *at = (const unsigned char *)file->request.bytes;
    const struct pki_facts *holder;
    struct pki_pending *pending;
    X509_REQ *request;

    if (file->request.size == 0 || rs_map_has(certified, digest_text(&file->request_key)))
        return;
    request = d2i_X509_REQ(NULL, &at, (long)file->request.size);
    if (!request)
        rs_log_abort("no memory for a request for a certificate");
    holder = entries_key_file(e, &file->request_key);
    pending = rs_vec_add(e->memory, &e->pending);
    pki_describe_request(e->memory, request, pending);
    X509_REQ_free(request);
    pending->name = friendly_name(file);
    pending->file = file->path;
    pending->key_file = holder ? holder->path : RS_TEXT("");
}

static void add_broken(struct entries *e, const struct pki_facts *file, const struct rs_map *certified,
                       const struct rs_map *requested)
{
    rs_text why = file->broken;

    if (why.size == 0 && file->certificate_count == 0 && file->key_problem.size > 0)
        why = file->key_problem;
    if (why.size == 0 && file->certificate_count == 0 && file->key_count > 0) {
        for (size_t i = 0; i < file->key_count; i++)
            if (rs_map_has(certified, digest_text(&file->keys[i])) || rs_map_has(requested, digest_text(&file->keys[i])))
                return;
        why = RS_TEXT("no certificate here belongs to this private key");
    }
    if (why.size > 0)
        rs_vec_push(e->memory, &e->broken, (struct pki_broken){file->path, why});
}

/* By thumbprint; where a certificate is here twice, the usable one. */
static void index_thumbprints(struct entries *e)
{
    for (size_t i = 0; i < e->places.count; i++) {
        struct place *place = &e->places.items[i];
        const struct pki_certificate_facts *facts = &place->file->certificates[place->index];
        struct place *other = rs_map_find(e->by_thumbprint, digest_text(&facts->sha256));
        if (other && (make_entry(e, other)->usable || !make_entry(e, place)->usable))
            continue;
        rs_map_set(e->by_thumbprint, digest_text(&facts->sha256), place);
        rs_map_set(e->by_thumbprint, rs_text_of((const char *)facts->sha1, sizeof facts->sha1), place);
    }
}

static void gather(struct entries *e)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct rs_map *certified = rs_map_create(job, RS_MAP_EXACT), *requested = rs_map_create(job, RS_MAP_EXACT);
    int64_t now_ms = rs_clock_utc_ms();

    for (size_t i = 0; i < e->files->items.count; i++) {
        const struct pki_facts *file = e->files->items.items[i];
        for (size_t k = 0; k < file->certificate_count; k++) {
            rs_map_set(certified, digest_text(&file->certificates[k].key), NULL);
            if (!is_own(e, file, k))
                continue;
            rs_vec_push(e->memory, &e->places, (struct place){file, k, NULL});
            note_time(e, file->certificates[k].not_before_ms, now_ms);
            note_time(e, file->certificates[k].not_after_ms, now_ms);
        }
        if (file->request.size > 0)
            rs_map_set(requested, digest_text(&file->request_key), NULL);
    }
    for (size_t i = 0; i < e->files->broken.count; i++)
        rs_vec_push(e->memory, &e->broken, (struct pki_broken){rs_text_copy(e->memory, e->files->broken.items[i].file),
                                                               rs_text_copy(e->memory, e->files->broken.items[i].sentence)});
    for (size_t i = 0; i < e->files->items.count; i++)
        add_broken(e, e->files->items.items[i], certified, requested);
    for (size_t i = 0; i < e->files->items.count; i++)
        add_pending(e, e->files->items.items[i], certified);
}

struct entries *entries_build(const struct pki_files *files)
{
    struct rs_job *memory = rs_job_create(NULL);
    struct entries *e = RS_NEW(memory, struct entries);

    e->memory = memory;
    e->made = rs_job_create(NULL);
    e->files = files;
    e->next_change_ms = INT64_MAX;
    e->key_files = rs_map_create(memory, RS_MAP_EXACT);
    e->by_thumbprint = rs_map_create(memory, RS_MAP_EXACT);
    e->by_name = rs_map_create(memory, RS_MAP_EXACT);
    e->chains = rs_map_create(memory, RS_MAP_EXACT);
    if (files->authority && files->authority->certificate_count > 0)
        e->local_authority = certificate_of(memory, &files->authority->certificates[0]);
    index_keys(e);
    gather(e);
    index_thumbprints(e);
    return e;
}

void entries_destroy(struct entries *entries)
{
    if (!entries)
        return;
    rs_job_destroy(entries->made);
    rs_job_destroy(entries->memory);
}

void entries_forget(struct entries *entries)
{
    for (size_t i = 0; i < entries->made_places.count; i++)
        entries->made_places.items[i]->entry = NULL;
    entries->made_places = (struct made_vec){0};
    rs_job_destroy(entries->made);
    entries->made = rs_job_create(NULL);
}

int64_t entries_next_change_ms(const struct entries *entries)
{
    return entries->next_change_ms;
}

/* ---- asked for ----------------------------------------------------------------------------- */

size_t entries_count(const struct entries *entries)
{
    return entries->places.count;
}

const struct pki_entry *entries_at(struct entries *entries, size_t index)
{
    assert(index < entries->places.count);
    return make_entry(entries, &entries->places.items[index]);
}

const struct pki_entry *entries_find(struct entries *entries, rs_text digest)
{
    struct place *place = rs_map_find(entries->by_thumbprint, digest);

    return place ? make_entry(entries, place) : NULL;
}

bool entries_outline(struct entries *entries, rs_text digest, struct pki_outline *out)
{
    const struct place *place = rs_map_find(entries->by_thumbprint, digest);
    const struct pki_certificate_facts *facts;
    const struct pki_facts *holder;

    if (!place)
        return false;
    facts = &place->file->certificates[place->index];
    holder = entries_key_file(entries, &facts->key);
    *out = (struct pki_outline){
        .der = facts->der,
        .sha1 = facts->sha1,
        .key = facts->key.bytes,
        .key_file = holder ? holder->path : RS_TEXT(""),
        .status = facts->status,
        .not_before_ms = facts->not_before_ms,
        .not_after_ms = facts->not_after_ms,
    };
    return true;
}

void entries_chain(struct rs_job *job, struct entries *entries, rs_text digest, rs_text *out, size_t *count)
{
    const struct place *place = rs_map_find(entries->by_thumbprint, digest);
    const struct chain *chain;

    *count = 0;
    if (!place || place->file->certificates[place->index].self_signed)
        return;
    chain = chain_of(entries, place, NULL);
    for (int i = 0; i < sk_X509_num(chain->certificates) && i < PKI_CHAIN_MAX; i++) {
        unsigned char *der = NULL;
        int size = i2d_X509(sk_X509_value(chain->certificates, i), &der);
        if (size < 0)
            rs_log_abort("no memory for a certificate");
        out[(*count)++] = rs_text_copy(job, rs_text_of((const char *)der, (size_t)size));
        OPENSSL_free(der);
    }
}

const struct pki_broken_vec *entries_broken(const struct entries *entries)
{
    return &entries->broken;
}

size_t entries_pending_count(const struct entries *entries)
{
    return entries->pending.count;
}

const struct pki_pending *entries_pending(const struct entries *entries, size_t index)
{
    assert(index < entries->pending.count);
    return &entries->pending.items[index];
}

const struct pki_facts *entries_key_file(const struct entries *entries, const struct pki_digest *key)
{
    return rs_map_find(entries->key_files, digest_text(key));
}

X509 *entries_local_authority(const struct entries *entries)
{
    return entries->local_authority;
}

X509 *const *entries_authorities(struct entries *entries, size_t *count)
{
    if (entries->all_authorities.count == 0)
        for (size_t i = 0; i < entries->authorities.count; i++)
            rs_vec_push(entries->memory, &entries->all_authorities, authority_certificate(entries, entries->authorities.items[i]));
    *count = entries->all_authorities.count;
    return entries->all_authorities.items;
}
