#include "net/pki/entries.h"

#include <assert.h>
#include <malloc.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "net/keys/library.h"
#include "net/pki/trust.h"

#define ENTRIES_MANY 1000 /* that were asked for: a list of all; 10 KB each, which the allocator would keep */

/* A certificate that is its owner's own, and no part of a chain. */
struct place {
    const struct pki_known *file;
    uint32_t index; /* in it */
    uint32_t made;  /* 1 + index of its entry; 0: nobody asked for it yet */
};
RS_VEC_TYPE(struct place, place_vec);

struct made {
    struct place *place;
    struct pki_entry *entry;
};
RS_VEC_TYPE(struct made, made_vec);

/* Of an authority; taken apart when a chain first needs it. */
struct authority {
    const struct pki_known *file;
    size_t index; /* in it */
    uint64_t subject_hash, issuer_hash;
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
    struct rs_lookup key_files; /* digest of a key -> number_in of it and the file that holds it */
    struct rs_lookup by_sha256; /* numbers of places */
    struct rs_lookup by_sha1;
    struct authority_vec authorities;
    struct rs_map *by_name;  /* hash of an authority's name -> the first of them */
    struct rs_map *chains;   /* by issuer */
    struct x509_vec all_authorities; /* once somebody asked for all */
    X509 *local_authority;   /* or NULL */
    int64_t next_change_ms;
    struct rs_job *made;     /* of the entries that were asked for */
    struct made_vec made_entries;
};

static rs_text digest_text(const struct pki_digest *digest)
{
    return rs_text_of((const char *)digest->bytes, sizeof digest->bytes);
}

/* ---- what is looked up --------------------------------------------------------------------- */

/* One number for a certificate, or a key, of a file. */
#define IN_FILE_MAX 64 /* at least PKI_CERTIFICATES_PER_FILE_MAX and PKI_KEYS_PER_FILE_MAX */

static uint32_t number_in(size_t file, size_t index)
{
    return (uint32_t)(file * IN_FILE_MAX + index);
}

static const struct pki_known *file_of(const struct entries *e, uint32_t number)
{
    return e->files->items.items[number / IN_FILE_MAX];
}

static const struct pki_digest *key_of(const struct entries *e, uint32_t number)
{
    return &pki_known_keys(file_of(e, number))[number % IN_FILE_MAX];
}

static const struct pki_digest *certified_key_of(const struct entries *e, uint32_t number)
{
    return &file_of(e, number)->certificates[number % IN_FILE_MAX].key;
}

static const struct pki_known_certificate *certificate_at(const struct place *place)
{
    return &place->file->certificates[place->index];
}

static uint64_t hash_of_key(const void *entries, uint32_t number)
{
    return rs_hash(digest_text(key_of(entries, number)));
}

static uint64_t hash_of_certified_key(const void *entries, uint32_t number)
{
    return rs_hash(digest_text(certified_key_of(entries, number)));
}

static uint64_t hash_of_sha256(const void *entries, uint32_t number)
{
    return rs_hash(digest_text(&certificate_at(&((const struct entries *)entries)->places.items[number])->sha256));
}

static rs_text sha1_text(const struct pki_known_certificate *certificate)
{
    return rs_text_of((const char *)certificate->sha1, sizeof certificate->sha1);
}

static uint64_t hash_of_sha1(const void *entries, uint32_t number)
{
    return rs_hash(sha1_text(certificate_at(&((const struct entries *)entries)->places.items[number])));
}

/* By the bytes of either digest. */
static struct place *find_place(const struct entries *e, rs_text digest)
{
    bool is_sha1 = digest.size == PKI_SHA1_SIZE;
    const struct rs_lookup *lookup = is_sha1 ? &e->by_sha1 : &e->by_sha256;

    for (struct rs_lookup_at at = rs_lookup_first(lookup, rs_hash(digest)); rs_lookup_next(lookup, &at);) {
        struct place *place = &e->places.items[at.number];
        if (rs_text_equal(is_sha1 ? sha1_text(certificate_at(place)) : digest_text(&certificate_at(place)->sha256), digest))
            return place;
    }
    return NULL;
}

/* Both are of the same certificate. */
static void replace_place(struct entries *e, const struct place *before, const struct place *place)
{
    const struct {
        struct rs_lookup *lookup;
        uint64_t hash;
    } both[] = {{&e->by_sha256, rs_hash(digest_text(&certificate_at(place)->sha256))},
                {&e->by_sha1, rs_hash(sha1_text(certificate_at(place)))}};

    for (size_t i = 0; i < 2; i++)
        for (struct rs_lookup_at at = rs_lookup_first(both[i].lookup, both[i].hash); rs_lookup_next(both[i].lookup, &at);)
            if (&e->places.items[at.number] == before)
                rs_lookup_replace(both[i].lookup, &at, (uint32_t)(place - e->places.items));
}

static bool find_key_file(const struct entries *e, const struct pki_digest *key, struct rs_lookup_at *at)
{
    for (*at = rs_lookup_first(&e->key_files, rs_hash(digest_text(key))); rs_lookup_next(&e->key_files, at);)
        if (memcmp(key_of(e, at->number), key, sizeof *key) == 0)
            return true;
    return false;
}

static bool is_certified(const struct entries *e, const struct rs_lookup *certified, const struct pki_digest *key)
{
    for (struct rs_lookup_at at = rs_lookup_first(certified, rs_hash(digest_text(key))); rs_lookup_next(certified, &at);)
        if (memcmp(certified_key_of(e, at.number), key, sizeof *key) == 0)
            return true;
    return false;
}

/* ---- certificates -------------------------------------------------------------------------- */

static void end_certificate(void *certificate)
{
    X509_free(certificate);
}

/* NULL: the one that says nothing. */
static X509 *certificate_of(struct rs_job *memory, const struct pki_certificate_facts *facts)
{
    X509 *certificate = facts ? keys_read_certificate(facts->der) : X509_new();

    if (!certificate)
        rs_log_abort("no memory for a certificate"); /* it was written by the same library */
    rs_job_at_end(memory, end_certificate, certificate);
    return certificate;
}

/* False: the file is another one by now. */
static bool facts_of(struct rs_job *job, const struct entries *e, const struct pki_known *file, struct pki_facts *out)
{
    return pki_index_facts(job, e->files->index, file, out);
}

/* ---- chains -------------------------------------------------------------------------------- */

static rs_text name_key(const uint64_t *hash)
{
    return rs_text_of((const char *)hash, sizeof *hash);
}

static void add_authority(struct entries *e, struct rs_map *known, const struct pki_known *file, size_t index)
{
    const struct pki_known_certificate *certificate = &file->certificates[index];
    RS_OWNED(rs_job) reading = NULL;
    struct authority *authority, *first;
    struct pki_facts facts;

    if (!certificate->authority || rs_map_has(known, digest_text(&certificate->sha256)))
        return;
    reading = rs_job_create(NULL);
    if (!facts_of(reading, e, file, &facts))
        return;
    rs_map_set(known, digest_text(&certificate->sha256), NULL);
    authority = RS_NEW(e->memory, struct authority);
    *authority = (struct authority){file, index, facts.certificates[index].subject_hash, facts.certificates[index].issuer_hash, NULL, NULL};
    rs_vec_push(e->memory, &e->authorities, authority);
    first = rs_map_find(e->by_name, name_key(&authority->subject_hash));
    while (first && first->next)
        first = first->next;
    if (first)
        first->next = authority;
    else
        rs_map_set(e->by_name, name_key(&authority->subject_hash), authority);
}

static X509 *authority_certificate(struct entries *e, struct authority *authority)
{
    RS_OWNED(rs_job) reading = NULL;
    struct pki_facts facts;

    if (authority->certificate)
        return authority->certificate;
    reading = rs_job_create(NULL);
    authority->certificate = certificate_of(
        e->memory, facts_of(reading, e, authority->file, &facts) ? &facts.certificates[authority->index] : NULL);
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
        if (depth > 0 && a->issuer_hash != hash)
            add_issuers(e, job, a->issuer_hash, depth - 1, pool);
    }
}

static void end_chain(void *chain)
{
    sk_X509_free(chain);
}

/* `file` is the whole file, the certificate that of this `index` in it. */
static rs_status make_chain(struct rs_job *job, struct entries *e, struct rs_job *memory, const struct pki_facts *file, size_t index,
                            X509 *leaf, struct chain **out)
{
    X509_STORE *trust = pki_trust_create(e->local_authority);
    struct chain *chain = RS_NEW(memory, struct chain);
    struct x509_vec pool = {0};

    if (!trust)
        return rs_fail(job, RS_NO_MEMORY, "no memory for the certificate store");
    chain->certificates = sk_X509_new_null();
    rs_job_at_end(memory, end_chain, chain->certificates);
    for (size_t i = 0; i < file->certificate_count; i++) /* those beside it first */
        if (i != index)
            rs_vec_push(job, &pool, certificate_of(memory, &file->certificates[i]));
    add_issuers(e, job, file->certificates[index].issuer_hash, PKI_CHAIN_MAX, &pool);
    for (size_t i = 0; i < file->certificate_count; i++)
        if (i != index)
            add_issuers(e, job, file->certificates[i].issuer_hash, PKI_CHAIN_MAX, &pool);
    chain->verdict = pki_chain_build(trust, leaf, pool.items, pool.count, chain->certificates);
    X509_STORE_free(trust);
    *out = chain;
    return RS_OK;
}

/* `leaf` may be NULL. A self-signed certificate is its own issuer: nothing to remember. */
static const struct chain *chain_of(struct entries *e, const struct pki_facts *file, size_t index, X509 *leaf)
{
    const struct pki_certificate_facts *facts = &file->certificates[index];
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct rs_job *memory = facts->self_signed ? e->made : e->memory;
    struct pki_digest issuer = facts->issuer;
    rs_buf all = rs_buf_in(job);
    struct chain *chain;

    if (file->certificate_count > 1) {
        rs_buf_add(&all, digest_text(&facts->issuer));
        for (size_t i = 0; i < file->certificate_count; i++)
            if (i != index)
                rs_buf_add(&all, digest_text(&file->certificates[i].sha256));
        (void)EVP_Digest(all.bytes, all.used, issuer.bytes, NULL, EVP_sha256(), NULL);
    }
    chain = facts->self_signed ? NULL : rs_map_find(e->chains, digest_text(&issuer));
    if (chain)
        return chain;
    if (make_chain(job, e, memory, file, index, leaf ? leaf : certificate_of(job, facts), &chain) != RS_OK)
        rs_log_abort("no memory for the certificate store");
    if (!facts->self_signed)
        rs_map_set(e->chains, rs_text_copy(e->memory, digest_text(&issuer)), chain);
    return chain;
}

/* ---- one entry ----------------------------------------------------------------------------- */

/* The file that stands beside `file` for its key: name.key. */
static const struct pki_known *file_beside(const struct entries *e, const struct pki_known *file)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    return pki_files_find(e->files, rs_text_format(job, "%.*s.key", RS_TEXT_ARG(pki_path_stem(pki_known_path(file)))));
}

/* Why it, or a key in it, could not be read. */
static rs_text problem_of(struct rs_job *job, const struct entries *e, const struct pki_known *file)
{
    struct pki_facts facts;

    if (!facts_of(job, e, file, &facts))
        return RS_TEXT("it has changed since it was looked at");
    return facts.key_problem.size > 0 ? facts.key_problem : facts.broken;
}

static void find_key(struct entries *e, const struct place *place, struct pki_entry *entry, struct pki_reason_vec *reasons)
{
    const struct pki_known *file = place->file, *beside = file_beside(e, file);
    const struct pki_known *holder = entries_key_file(e, &certificate_at(place)->key);
    struct pki_facts facts;

    if (holder) {
        entry->key_file = pki_known_path(holder);
        if (holder->exposed)
            pki_reason_add(e->made, reasons, PKI_KEY_EXPOSED, facts_of(e->made, e, holder, &facts) ? facts.exposed : RS_TEXT(""));
        return;
    }
    for (int i = 0; i < 2; i++) {
        const struct pki_known *near = i == 0 ? file : beside;
        if (!near)
            continue;
        if (near->broken) {
            pki_reason_add(e->made, reasons, PKI_KEY_UNREADABLE,
                           rs_text_format(e->made, "\"%.*s\": %.*s", RS_TEXT_ARG(pki_known_path(near)),
                                          RS_TEXT_ARG(problem_of(e->made, e, near))));
            return;
        }
        if (near->key_count > 0) {
            pki_reason_add(e->made, reasons, PKI_KEY_MISMATCH,
                           rs_text_format(e->made, "the private key in \"%.*s\" belongs to another certificate",
                                          RS_TEXT_ARG(pki_known_path(near))));
            return;
        }
    }
    pki_reason_add(e->made, reasons, PKI_NO_PRIVATE_KEY,
                   rs_text_format(e->made, "there is no private key for it: put it beside it as \"%.*s.key\" (mode 0600)",
                                  RS_TEXT_ARG(pki_path_stem(pki_known_path(file)))));
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

static void judge(struct entries *e, const struct place *place, const struct pki_facts *facts, struct pki_entry *entry,
                  struct pki_reason_vec *reasons)
{
    pki_describe(e->made, certificate_of(e->made, &facts->certificates[place->index]), entry);
    entry->friendly_name = friendly_name(facts);
    find_key(e, place, entry, reasons);
    pki_judge(e->made, entry, rs_clock_utc_ms(), reasons);
    judge_chain(e, chain_of(e, facts, place->index, entry->certificate), entry, reasons);
}

/* Its file became another one between two looks at the folder, and the index lost what it was. */
static void judge_lost(struct entries *e, const struct place *place, struct pki_entry *entry, struct pki_reason_vec *reasons)
{
    const struct pki_known_certificate *known = certificate_at(place);
    STACK_OF(X509) *none = sk_X509_new_null();

    entry->certificate = certificate_of(e->made, NULL);
    entry->chain = none;
    rs_job_at_end(e->made, end_chain, none);
    entry->sha1 = pki_hexadecimal(e->made, known->sha1, sizeof known->sha1);
    entry->sha256 = pki_hexadecimal(e->made, known->sha256.bytes, sizeof known->sha256.bytes);
    entry->not_before_ms = known->not_before_ms;
    entry->not_after_ms = known->not_after_ms;
    pki_reason_add(e->made, reasons, PKI_FILE_CHANGED, RS_TEXT(""));
}

static const struct pki_entry *make_entry(struct entries *e, struct place *place)
{
    struct pki_reason_vec reasons = {0};
    struct pki_entry *entry;
    struct pki_facts facts;

    if (place->made)
        return e->made_entries.items[place->made - 1].entry;
    entry = RS_NEW(e->made, struct pki_entry);
    rs_vec_push(e->made, &e->made_entries, (struct made){place, entry});
    place->made = (uint32_t)e->made_entries.count;
    if (facts_of(e->made, e, place->file, &facts))
        judge(e, place, &facts, entry, &reasons);
    else
        judge_lost(e, place, entry, &reasons);
    entry->file = pki_known_path(place->file);
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
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct rs_map *known = rs_map_create(job, RS_MAP_EXACT);
    const struct pki_known *authority = e->files->authority;
    struct rs_lookup_at at;

    for (size_t i = 0; i < e->files->items.count; i++) {
        const struct pki_known *file = e->files->items.items[i];
        for (size_t k = 0; k < file->key_count; k++) {
            if (!find_key_file(e, &pki_known_keys(file)[k], &at))
                rs_lookup_add(&e->key_files, number_in(i, k));
            else if (file_of(e, at.number)->exposed && !file->exposed)
                rs_lookup_replace(&e->key_files, &at, number_in(i, k));
        }
        for (size_t k = 0; k < file->certificate_count; k++)
            add_authority(e, known, file, k);
    }
    for (size_t k = 0; authority && k < authority->certificate_count; k++)
        add_authority(e, known, authority, k);
}

/* A certificate of a file is its owner's own, not part of a chain, where a key fits it or it issued none of the
 * others. */
static bool is_own(const struct entries *e, const struct pki_known *file, size_t index)
{
    return file->certificate_count == 1 || !file->certificates[index].issued_another ||
           entries_key_file(e, &file->certificates[index].key);
}

static void note_time(struct entries *e, int64_t at_ms, int64_t now_ms)
{
    if (at_ms >= now_ms && at_ms < e->next_change_ms)
        e->next_change_ms = at_ms;
}

static void add_pending(struct entries *e, const struct pki_facts *file)
{
    const unsigned char *at = (const unsigned char *)file->request.bytes;
    X509_REQ *request = d2i_X509_REQ(NULL, &at, (long)file->request.size);
    const struct pki_known *holder = entries_key_file(e, &file->request_key);
    struct pki_pending *pending;

    if (!request)
        rs_log_abort("no memory for a request for a certificate");
    pending = rs_vec_add(e->memory, &e->pending);
    pki_describe_request(e->memory, request, pending);
    X509_REQ_free(request);
    pending->name = rs_text_copy(e->memory, friendly_name(file));
    pending->file = rs_text_copy(e->memory, file->path);
    pending->key_file = holder ? pki_known_path(holder) : RS_TEXT("");
}

static void add_broken(struct entries *e, const struct pki_known *file, rs_text why)
{
    rs_vec_push(e->memory, &e->broken, (struct pki_broken){pki_known_path(file), rs_text_copy(e->memory, why)});
}

/* By thumbprint; where a certificate is here twice, the usable one. */
static void index_thumbprints(struct entries *e)
{
    rs_lookup_reserve(&e->by_sha256, e->places.count);
    rs_lookup_reserve(&e->by_sha1, e->places.count);
    for (size_t i = 0; i < e->places.count; i++) {
        struct place *place = &e->places.items[i], *other = find_place(e, digest_text(&certificate_at(place)->sha256));
        if (!other) {
            rs_lookup_add(&e->by_sha256, (uint32_t)i);
            rs_lookup_add(&e->by_sha1, (uint32_t)i);
        } else if (!make_entry(e, other)->usable && make_entry(e, place)->usable) {
            replace_place(e, other, place);
        }
    }
}

/* Certificates that are their owners' own, and the keys of all. */
static void gather_places(struct entries *e, struct rs_lookup *certified)
{
    int64_t now_ms = rs_clock_utc_ms();
    size_t count = 0;

    for (size_t i = 0; i < e->files->items.count; i++)
        count += e->files->items.items[i]->certificate_count;
    rs_vec_reserve(e->memory, &e->places, count);
    for (size_t i = 0; i < e->files->items.count; i++) {
        const struct pki_known *file = e->files->items.items[i];
        for (size_t k = 0; k < file->certificate_count; k++) {
            if (!is_certified(e, certified, &file->certificates[k].key))
                rs_lookup_add(certified, number_in(i, k));
            if (!is_own(e, file, k))
                continue;
            rs_vec_push(e->memory, &e->places, (struct place){file, (uint32_t)k, 0});
            note_time(e, file->certificates[k].not_before_ms, now_ms);
            note_time(e, file->certificates[k].not_after_ms, now_ms);
        }
    }
}

/* A file of keys alone, of which none has a certificate or waits for one. */
static bool is_without_certificate(const struct entries *e, const struct pki_known *file, const struct rs_lookup *certified,
                                   const struct rs_map *requested)
{
    for (size_t i = 0; i < file->key_count; i++)
        if (is_certified(e, certified, &pki_known_keys(file)[i]) || rs_map_has(requested, digest_text(&pki_known_keys(file)[i])))
            return false;
    return file->certificate_count == 0 && file->key_count > 0;
}

/* What is none of them: requests, files that cannot be used, folders. */
static void gather_others(struct entries *e, const struct rs_lookup *certified)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct rs_map *requested = rs_map_create(job, RS_MAP_EXACT);
    RS_VEC(struct pki_facts) requests = {0};
    struct pki_facts facts;

    for (size_t i = 0; i < e->files->items.count; i++) {
        if (!e->files->items.items[i]->requests || !facts_of(job, e, e->files->items.items[i], &facts))
            continue;
        rs_vec_push(job, &requests, facts);
        rs_map_set(requested, rs_text_copy(job, digest_text(&facts.request_key)), NULL);
    }
    for (size_t i = 0; i < e->files->broken.count; i++)
        rs_vec_push(e->memory, &e->broken, (struct pki_broken){rs_text_copy(e->memory, e->files->broken.items[i].file),
                                                               rs_text_copy(e->memory, e->files->broken.items[i].sentence)});
    for (size_t i = 0; i < e->files->items.count; i++) {
        const struct pki_known *file = e->files->items.items[i];
        if (file->broken && file->certificate_count == 0)
            add_broken(e, file, problem_of(job, e, file));
        else if (is_without_certificate(e, file, certified, requested))
            add_broken(e, file, RS_TEXT("no certificate here belongs to this private key"));
    }
    for (size_t i = 0; i < requests.count; i++)
        if (!is_certified(e, certified, &requests.items[i].request_key))
            add_pending(e, &requests.items[i]);
}

struct entries *entries_build(const struct pki_files *files)
{
    struct rs_job *memory = rs_job_create(NULL);
    struct entries *e = RS_NEW(memory, struct entries);
    struct rs_lookup certified = rs_lookup_of(hash_of_certified_key, e);
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct pki_facts facts;

    e->memory = memory;
    e->made = rs_job_create(NULL);
    e->files = files;
    e->next_change_ms = INT64_MAX;
    e->key_files = rs_lookup_of(hash_of_key, e);
    e->by_sha256 = rs_lookup_of(hash_of_sha256, e);
    e->by_sha1 = rs_lookup_of(hash_of_sha1, e);
    e->by_name = rs_map_create(memory, RS_MAP_EXACT);
    e->chains = rs_map_create(memory, RS_MAP_EXACT);
    if (files->authority && files->authority->certificate_count > 0 && facts_of(job, e, files->authority, &facts))
        e->local_authority = certificate_of(memory, &facts.certificates[0]);
    index_keys(e);
    gather_places(e, &certified);
    gather_others(e, &certified);
    rs_lookup_finish(&certified);
    index_thumbprints(e);
    return e;
}

void entries_destroy(struct entries *entries)
{
    if (!entries)
        return;
    rs_lookup_finish(&entries->key_files);
    rs_lookup_finish(&entries->by_sha256);
    rs_lookup_finish(&entries->by_sha1);
    rs_job_destroy(entries->made);
    rs_job_destroy(entries->memory);
}

void entries_forget(struct entries *entries)
{
    bool many = entries->made_entries.count > ENTRIES_MANY;

    for (size_t i = 0; i < entries->made_entries.count; i++)
        entries->made_entries.items[i].place->made = 0;
    entries->made_entries = (struct made_vec){0};
    rs_job_destroy(entries->made);
    entries->made = rs_job_create(NULL);
    if (many)
        malloc_trim(0);
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
    struct place *place = find_place(entries, digest);

    return place ? make_entry(entries, place) : NULL;
}

bool entries_outline(const struct entries *entries, rs_text digest, struct pki_outline *out)
{
    const struct place *place = find_place(entries, digest);
    const struct pki_known_certificate *certificate;
    const struct pki_known *holder;

    if (!place)
        return false;
    certificate = certificate_at(place);
    holder = entries_key_file(entries, &certificate->key);
    *out = (struct pki_outline){
        .sha1 = certificate->sha1,
        .key = certificate->key.bytes,
        .key_file = holder ? pki_known_path(holder) : RS_TEXT(""),
        .status = certificate->status,
        .not_before_ms = certificate->not_before_ms,
        .not_after_ms = certificate->not_after_ms,
    };
    return true;
}

size_t entries_chain(struct rs_job *job, struct entries *entries, rs_text digest, rs_text out[1 + PKI_CHAIN_MAX])
{
    const struct place *place = find_place(entries, digest);
    const struct chain *chain;
    struct pki_facts facts;
    size_t count = 0;

    if (!place || !facts_of(job, entries, place->file, &facts))
        return 0;
    out[count++] = facts.certificates[place->index].der;
    if (certificate_at(place)->self_signed)
        return count;
    chain = chain_of(entries, &facts, place->index, NULL);
    for (int i = 0; i < sk_X509_num(chain->certificates) && i < PKI_CHAIN_MAX; i++)
        out[count++] = keys_certificate_bytes(job, sk_X509_value(chain->certificates, i));
    return count;
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

const struct pki_known *entries_key_file(const struct entries *entries, const struct pki_digest *key)
{
    struct rs_lookup_at at;

    return find_key_file(entries, key, &at) ? file_of(entries, at.number) : NULL;
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
