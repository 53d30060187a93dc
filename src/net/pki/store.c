#include "net/pki/store.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/map.h"
#include "net/pki/describe.h"
#include "net/pki/inside.h"
#include "net/pki/trust.h"

#define STORE_WATCHED (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_CREATE)
/* A file changed this shortly before it was read may change again within the same tick of its time stamp. */
#define STORE_RACY_MS 2000
#define DAY_MS INT64_C(86400000)

/* What tells that a file is not the one that was read. */
struct stamp {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec written, changed;
    mode_t mode;
    uid_t owner;
};

/* One file as it was read; kept from scan to scan. Holds certificates and digests of keys, never keys. */
struct store_file {
    struct rs_job *memory;
    rs_text path;
    struct stamp stamp, password_stamp;
    bool racy;
    struct pki_digest content; /* of all its bytes; all 0 where it could not be read */
    uint64_t seen; /* the scan that last found it */
    X509 **certificates;
    struct pki_digest *certificate_keys; /* one for each certificate; all 0 where it has none */
    size_t certificate_count;
    struct pki_digest *keys;
    size_t key_count;
    struct pki_pending *request; /* what name.csr asks for, or NULL */
    struct pki_digest request_key;
    rs_text friendly_name;
    rs_text key_problem; /* a key in it could not be read */
    rs_text exposed;     /* why its keys may not be used; empty: they may */
    rs_text broken;      /* it could not be read at all */
};

RS_VEC_TYPE(struct store_file *, file_vec);
RS_VEC_TYPE(struct pki_entry, entry_vec);
RS_VEC_TYPE(struct pki_broken, broken_vec);
RS_VEC_TYPE(struct pki_pending, pending_vec);
RS_VEC_TYPE(X509 *, authority_vec);

struct pki_store {
    struct rs_job *memory; /* of this struct and the folders' names */
    rs_text folder;
    rs_text *folders; /* `folder` first, then the watched ones */
    size_t folder_count;
    int watch_fd;
    uint64_t scans;
    uint64_t version;

    struct rs_job *index_memory; /* of `files` and `by_path`: one scan's */
    struct file_vec files;
    struct rs_map *by_path;
    size_t folder_problems;       /* of that scan */
    struct store_file *authority; /* certs/ca/ca.crt, or NULL */

    struct rs_job *entries_memory; /* of everything below: made anew when something changed */
    struct entry_vec entries;
    struct broken_vec broken;
    struct pending_vec pending;
    struct rs_map *key_files; /* digest of a key -> the file that holds it */
    struct authority_vec authorities; /* to complete chains with */
    struct rs_map *by_thumbprint;
    int64_t next_change_ms; /* when a certificate begins or ends to be valid */
};

/* ---- one file ------------------------------------------------------------------------------ */

static void file_destroy(struct store_file *file)
{
    if (file)
        rs_job_destroy(file->memory);
}

static bool stamp_read(const char *path, struct stamp *out)
{
    struct stat info;

    memset(out, 0, sizeof *out);
    if (stat(path, &info) != 0)
        return false;
    out->device = info.st_dev;
    out->inode = info.st_ino;
    out->size = info.st_size;
    out->written = info.st_mtim;
    out->changed = info.st_ctim;
    out->mode = info.st_mode;
    out->owner = info.st_uid;
    return true;
}

static bool stamp_equal(const struct stamp *a, const struct stamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size && a->mode == b->mode &&
           a->owner == b->owner && a->written.tv_sec == b->written.tv_sec &&
           a->written.tv_nsec == b->written.tv_nsec && a->changed.tv_sec == b->changed.tv_sec &&
           a->changed.tv_nsec == b->changed.tv_nsec;
}

static bool stamp_same_rights(const struct stamp *a, const struct stamp *b)
{
    return a->mode == b->mode && a->owner == b->owner;
}

static bool stamp_is_racy(const struct stamp *stamp)
{
    return rs_clock_utc_ms() - (int64_t)stamp->changed.tv_sec * 1000 < STORE_RACY_MS;
}

static void password_stamp_read(struct rs_job *job, rs_text path, struct stamp *out)
{
    (void)stamp_read(rs_text_format(job, "%.*s.pass", RS_TEXT_ARG(pki_path_stem(path))).bytes, out);
}

static void file_end_certificate(void *certificate)
{
    X509_free(certificate);
}

/* Where a file's password is looked for. */
static const char *password_hint(enum pki_password password)
{
    static const char *const hints[] = {
        [PKI_PASSWORD_FINE] = "",
        [PKI_PASSWORD_MISSING] = ": put its password into a file of the same name that ends in .pass (mode 0600)",
        [PKI_PASSWORD_WRONG] = ": it is the one in the .pass file",
    };

    return hints[password];
}

static void file_keep(struct store_file *file, const struct pki_contents *contents)
{
    struct rs_job *memory = file->memory;

    file->certificates = RS_NEW_ARRAY(memory, X509 *, contents->certificate_count);
    file->certificate_keys = RS_NEW_ARRAY(memory, struct pki_digest, contents->certificate_count);
    for (size_t i = 0; i < contents->certificate_count; i++) {
        X509 *certificate = contents->certificates[i];
        X509_up_ref(certificate);
        rs_job_at_end(memory, file_end_certificate, certificate);
        file->certificates[i] = certificate;
        if (!pki_digest_of_certificate(certificate, &file->certificate_keys[i]))
            memset(&file->certificate_keys[i], 0, sizeof file->certificate_keys[i]);
    }
    file->certificate_count = contents->certificate_count;
    file->keys = RS_NEW_ARRAY(memory, struct pki_digest, contents->key_count);
    for (size_t i = 0; i < contents->key_count; i++)
        file->key_count += pki_digest_of_key(contents->keys[i], &file->keys[file->key_count]);
    if (contents->request && pki_digest_of_key(X509_REQ_get0_pubkey(contents->request), &file->request_key)) {
        file->request = RS_NEW(memory, struct pki_pending);
        pki_describe_request(memory, contents->request, file->request);
    }
    file->friendly_name = rs_text_copy(memory, contents->friendly_name);
    file->key_problem = rs_text_format(memory, "%.*s%s", RS_TEXT_ARG(contents->key_problem), password_hint(contents->password));
}

/* Read and parse in a job of its own: keys live no longer than this call. */
static rs_status file_parse(struct rs_job *reading, struct store_file *file)
{
    struct pki_contents contents = {0};
    struct pki_file raw = {0};
    rs_text problem;
    char *password;
    rs_status status = pki_file_read(reading, file->path, PKI_FILE_MAX, &raw);

    if (status != RS_OK) {
        pki_wipe(raw.bytes);
        return status;
    }
    (void)EVP_Digest(raw.bytes.bytes, raw.bytes.size, file->content.bytes, NULL, EVP_sha256(), NULL);
    password = pki_password_read(reading, file->path, &problem);
    status = pki_load(reading, raw.bytes, password, &contents);
    if (password)
        pki_wipe(rs_text_from(password));
    pki_wipe(raw.bytes);
    if (status != RS_OK && problem.size > 0) { /* the password is what is missing */
        rs_job_forgive(reading);
        return rs_fail(reading, PKI_FILE_INVALID, "%.*s", RS_TEXT_ARG(problem));
    }
    if (status != RS_OK && contents.password != PKI_PASSWORD_FINE) {
        rs_text why = rs_text_copy(reading, rs_job_message(reading));
        rs_job_forgive(reading);
        return rs_fail(reading, PKI_FILE_INVALID, "%.*s%s", RS_TEXT_ARG(why), password_hint(contents.password));
    }
    RS_TRY(status);
    file_keep(file, &contents);
    if (!contents.sealed)
        file->exposed = pki_file_exposed(file->memory, file->path, &raw);
    if (problem.size > 0 && file->key_problem.size > 0)
        file->key_problem = rs_text_copy(file->memory, problem);
    return RS_OK;
}

static struct store_file *file_load(rs_text path)
{
    struct rs_job *memory = rs_job_create(NULL);
    RS_OWNED(rs_job) reading = rs_job_create(NULL);
    struct store_file *file = RS_NEW(memory, struct store_file);

    file->memory = memory;
    file->path = rs_text_copy(memory, path);
    (void)stamp_read(file->path.bytes, &file->stamp);
    password_stamp_read(memory, path, &file->password_stamp);
    file->racy = stamp_is_racy(&file->stamp);
    if (file_parse(reading, file) != RS_OK)
        file->broken = rs_text_copy(memory, rs_job_message(reading));
    return file;
}

static bool file_is_same(struct rs_job *job, const struct store_file *file, const struct stamp *stamp)
{
    struct stamp password;

    if (file->racy || !stamp_equal(&file->stamp, stamp))
        return false;
    password_stamp_read(job, file->path, &password);
    return stamp_equal(&file->password_stamp, &password);
}

/* ---- scanning the folders ------------------------------------------------------------------ */

/* One scan: what it finds, old files taken over and new ones read. */
struct scan {
    struct rs_job *job;
    struct pki_store *store;
    struct rs_job *memory; /* of `files`, `by_path` */
    struct file_vec files;
    struct rs_map *by_path;
    struct broken_vec broken; /* folders */
    bool changed;
};

static bool scan_is_wanted(const char *name)
{
    static const char *const endings[] = {".crt", ".cer", ".pem", ".der", ".p12", ".pfx", ".key", ".csr"};
    rs_text text = rs_text_from(name);

    for (size_t i = 0; name[0] != '.' && i < sizeof endings / sizeof endings[0]; i++)
        if (text.size > 4 && rs_text_equal_nocase(rs_text_from_offset(text, text.size - 4), rs_text_from(endings[i])))
            return true;
    return false;
}

static int scan_order(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void scan_add(struct scan *scan, struct store_file *file)
{
    file->seen = scan->store->scans;
    rs_vec_push(scan->memory, &scan->files, file);
    rs_map_set(scan->by_path, file->path, file);
}

/* Read a file (again). Where only its stamp is another and the content is not, `old` stays. */
static struct store_file *scan_load(struct scan *scan, rs_text path, struct store_file *old)
{
    struct store_file *file = file_load(path);

    if (old && stamp_same_rights(&old->stamp, &file->stamp) && rs_text_equal(old->broken, file->broken) &&
        stamp_equal(&old->password_stamp, &file->password_stamp) &&
        memcmp(&old->content, &file->content, sizeof old->content) == 0) {
        old->stamp = file->stamp;
        old->racy = file->racy;
        file_destroy(file);
        return old;
    }
    scan->changed = true;
    return file;
}

static void scan_file(struct scan *scan, rs_text path)
{
    struct store_file *old = scan->store->by_path ? rs_map_find(scan->store->by_path, path) : NULL;
    struct stamp stamp;

    if (rs_map_has(scan->by_path, path))
        return; /* a folder that is watched twice */
    if (!stamp_read(path.bytes, &stamp)) {
        if (errno == ENOENT)
            return; /* gone between listing and looking, or a dangling link */
    } else if (S_ISDIR(stamp.mode)) {
        return;
    }
    if (old && file_is_same(scan->job, old, &stamp)) {
        scan_add(scan, old);
        return;
    }
    scan_add(scan, scan_load(scan, path, old));
}

static void scan_folder_problem(struct scan *scan, rs_text folder, const char *why)
{
    rs_vec_push(scan->memory, &scan->broken,
                (struct pki_broken){folder, rs_text_format(scan->memory, "the folder cannot be read: %s", why)});
}

static rs_status scan_folder(struct scan *scan, rs_text folder)
{
    RS_VEC(char *) names = {0};
    DIR *listing = opendir(folder.bytes);
    struct dirent *entry;
    bool more = false;

    if (!listing) {
        scan_folder_problem(scan, folder, strerror(errno));
        return RS_OK;
    }
    while ((entry = readdir(listing)) != NULL) {
        if (!scan_is_wanted(entry->d_name))
            continue;
        more = names.count == PKI_FILES_MAX;
        if (more)
            break;
        rs_vec_push(scan->job, &names, rs_text_terminated(scan->job, rs_text_from(entry->d_name)));
    }
    closedir(listing);
    if (more)
        scan_folder_problem(scan, folder, "it holds more than 20000 files, of which some were left out");
    if (names.count > 0)
        qsort(names.items, names.count, sizeof names.items[0], scan_order);
    for (size_t i = 0; i < names.count; i++) {
        RS_TRY(rs_job_checkpoint(scan->job));
        scan_file(scan, rs_text_format(scan->job, "%.*s/%s", RS_TEXT_ARG(folder), names.items[i]));
    }
    return RS_OK;
}

static void scan_authority(struct scan *scan, struct store_file **out)
{
    rs_text path = rs_text_format(scan->job, "%.*s/ca/ca.crt", RS_TEXT_ARG(scan->store->folder));
    struct store_file *old = scan->store->authority;
    struct stamp stamp;

    *out = NULL;
    if (!stamp_read(path.bytes, &stamp)) {
        scan->changed = scan->changed || old;
        return;
    }
    if (old && file_is_same(scan->job, old, &stamp)) {
        *out = old;
        return;
    }
    *out = scan_load(scan, path, old);
}

static void scan_drop_new(struct scan *scan)
{
    for (size_t i = 0; i < scan->files.count; i++) {
        struct store_file *file = scan->files.items[i];
        if (!scan->store->by_path || rs_map_find(scan->store->by_path, file->path) != file)
            file_destroy(file);
    }
    rs_job_destroy(scan->memory);
}

static void scan_take_over(struct scan *scan, struct store_file *authority)
{
    struct pki_store *store = scan->store;

    for (size_t i = 0; i < store->files.count; i++)
        if (store->files.items[i]->seen != store->scans)
            file_destroy(store->files.items[i]);
    if (store->authority != authority)
        file_destroy(store->authority);
    rs_job_destroy(store->index_memory);
    store->index_memory = scan->memory;
    store->files = scan->files;
    store->by_path = scan->by_path;
    store->authority = authority;
}

/* ---- entries ------------------------------------------------------------------------------- */

struct builder {
    struct pki_store *store;
    struct rs_job *memory;
    struct rs_map *key_files; /* the store's */
    struct rs_map *certified; /* digests of the keys of all certificates */
    struct rs_map *requested; /* digests of the keys of all requests */
    X509_STORE *trust;
    int64_t now_ms;
    int64_t next_change_ms;
};

static rs_text digest_text(const struct pki_digest *digest)
{
    return rs_text_of((const char *)digest->bytes, sizeof digest->bytes);
}

static void build_index_keys(struct builder *b)
{
    for (size_t i = 0; i < b->store->files.count; i++) {
        struct store_file *file = b->store->files.items[i];
        for (size_t k = 0; k < file->key_count; k++) {
            struct store_file *other = rs_map_find(b->key_files, digest_text(&file->keys[k]));
            if (!other || (other->exposed.size > 0 && file->exposed.size == 0))
                rs_map_set(b->key_files, digest_text(&file->keys[k]), file);
        }
        for (size_t k = 0; k < file->certificate_count; k++)
            if (pki_is_authority(file->certificates[k]))
                rs_vec_push(b->memory, &b->store->authorities, file->certificates[k]);
    }
    for (size_t k = 0; b->store->authority && k < b->store->authority->certificate_count; k++)
        rs_vec_push(b->memory, &b->store->authorities, b->store->authority->certificates[k]);
}

/* A certificate of a file is its owner's own, not part of a chain, where a key fits it or it issued none of the
 * others. */
static bool build_is_own(struct builder *b, const struct store_file *file, size_t index)
{
    if (file->certificate_count == 1 || rs_map_has(b->key_files, digest_text(&file->certificate_keys[index])))
        return true;
    for (size_t i = 0; i < file->certificate_count; i++)
        if (i != index && X509_check_issued(file->certificates[index], file->certificates[i]) == X509_V_OK)
            return false;
    return true;
}

/* The file that stands beside `file` for its key: name.key. */
static const struct store_file *build_beside(struct builder *b, const struct store_file *file)
{
    rs_text name = rs_text_format(b->memory, "%.*s.key", RS_TEXT_ARG(pki_path_stem(file->path)));

    return rs_map_find(b->store->by_path, name);
}

static void build_find_key(struct builder *b, const struct store_file *file, size_t index, struct pki_entry *entry,
                           struct pki_reason_vec *reasons)
{
    const struct store_file *holder = rs_map_find(b->key_files, digest_text(&file->certificate_keys[index]));
    const struct store_file *beside = build_beside(b, file);

    if (holder) {
        entry->key_file = holder->path;
        if (holder->exposed.size > 0)
            pki_reason_add(b->memory, reasons, PKI_KEY_EXPOSED, holder->exposed);
        return;
    }
    for (int i = 0; i < 2; i++) {
        const struct store_file *near = i == 0 ? file : beside;
        if (!near)
            continue;
        if (near->key_problem.size > 0 || (near->broken.size > 0 && near != file)) {
            pki_reason_add(b->memory, reasons, PKI_KEY_UNREADABLE,
                           rs_text_format(b->memory, "\"%.*s\": %.*s", RS_TEXT_ARG(near->path),
                                          RS_TEXT_ARG(near->key_problem.size ? near->key_problem : near->broken)));
            return;
        }
        if (near->key_count > 0) {
            pki_reason_add(b->memory, reasons, PKI_KEY_MISMATCH,
                           rs_text_format(b->memory, "the private key in \"%.*s\" belongs to another certificate",
                                          RS_TEXT_ARG(near->path)));
            return;
        }
    }
    pki_reason_add(b->memory, reasons, PKI_NO_PRIVATE_KEY,
                   rs_text_format(b->memory, "there is no private key for it: put it beside it as \"%.*s.key\" (mode 0600)",
                                  RS_TEXT_ARG(pki_path_stem(file->path))));
}

static void build_end_chain(void *chain)
{
    sk_X509_free(chain);
}

static void build_chain(struct builder *b, const struct store_file *file, struct pki_entry *entry,
                        struct pki_reason_vec *reasons)
{
    STACK_OF(X509) *chain = sk_X509_new_null();
    size_t count = file->certificate_count + b->store->authorities.count;
    X509 **pool = RS_NEW_ARRAY(b->memory, X509 *, count), *last;

    memcpy(pool, file->certificates, file->certificate_count * sizeof *pool);
    if (b->store->authorities.count > 0)
        memcpy(pool + file->certificate_count, b->store->authorities.items, b->store->authorities.count * sizeof *pool);
    rs_job_at_end(b->memory, build_end_chain, chain);
    switch (pki_chain_build(b->trust, entry->certificate, pool, count, chain)) {
    case PKI_ISSUER_TRUSTED:
        break;
    case PKI_ISSUER_KNOWN:
        pki_reason_add(b->memory, reasons, PKI_UNTRUSTED, rs_text_of(NULL, 0));
        break;
    case PKI_ISSUER_SELF:
        pki_reason_add(b->memory, reasons, PKI_UNTRUSTED, RS_TEXT("it is self-signed: clients must be told to trust it"));
        break;
    case PKI_ISSUER_UNKNOWN:
        last = sk_X509_num(chain) > 0 ? sk_X509_value(chain, sk_X509_num(chain) - 1) : entry->certificate;
        pki_reason_add(b->memory, reasons, PKI_CHAIN_INCOMPLETE,
                       rs_text_format(b->memory, "its chain ends at %.*s, which is neither here nor trusted: add the "
                                      "certificates in between to its file", RS_TEXT_ARG(pki_issuer_name(b->memory, last))));
        break;
    }
    entry->chain = chain;
}

static rs_text build_friendly_name(const struct store_file *file)
{
    rs_text stem = pki_path_stem(file->path);

    if (file->friendly_name.size > 0)
        return file->friendly_name;
    for (size_t i = stem.size; i > 0; i--)
        if (stem.bytes[i - 1] == '/')
            return rs_text_from_offset(stem, i);
    return stem;
}

static void build_note_time(struct builder *b, int64_t at_ms)
{
    if (at_ms >= b->now_ms && at_ms < b->next_change_ms)
        b->next_change_ms = at_ms;
}

static void build_entry(struct builder *b, const struct store_file *file, size_t index)
{
    struct pki_entry *entry = rs_vec_add(b->memory, &b->store->entries);
    struct pki_reason_vec reasons = {0};

    pki_describe(b->memory, file->certificates[index], entry);
    entry->file = file->path;
    entry->friendly_name = build_friendly_name(file);
    build_find_key(b, file, index, entry, &reasons);
    pki_judge(b->memory, entry, b->now_ms, &reasons);
    build_chain(b, file, entry, &reasons);
    build_note_time(b, entry->not_before_ms);
    build_note_time(b, entry->not_after_ms);
    entry->usable = true;
    for (size_t i = 0; i < reasons.count; i++)
        entry->usable = entry->usable && reasons.items[i].severity != PKI_FATAL;
    entry->reasons = reasons.items;
    entry->reason_count = reasons.count;
}

static void build_pending(struct builder *b, const struct store_file *file)
{
    const struct store_file *holder;
    struct pki_pending *pending;

    if (!file->request || rs_map_has(b->certified, digest_text(&file->request_key)))
        return;
    holder = rs_map_find(b->key_files, digest_text(&file->request_key));
    pending = rs_vec_add(b->memory, &b->store->pending);
    *pending = *file->request;
    pending->name = build_friendly_name(file);
    pending->file = file->path;
    pending->key_file = holder ? holder->path : RS_TEXT("");
}

static void build_broken(struct builder *b, const struct store_file *file)
{
    rs_text why = file->broken;

    if (why.size == 0 && file->certificate_count == 0 && file->key_problem.size > 0)
        why = file->key_problem;
    if (why.size == 0 && file->certificate_count == 0 && file->key_count > 0) {
        for (size_t i = 0; i < file->key_count; i++)
            if (rs_map_has(b->certified, digest_text(&file->keys[i])) || rs_map_has(b->requested, digest_text(&file->keys[i])))
                return;
        why = RS_TEXT("no certificate here belongs to this private key");
    }
    if (why.size > 0)
        rs_vec_push(b->memory, &b->store->broken, (struct pki_broken){file->path, why});
}

/* By thumbprint; where a certificate is here twice, the usable one. */
static void build_index_entries(struct builder *b)
{
    struct pki_store *store = b->store;

    store->by_thumbprint = rs_map_create(b->memory, RS_MAP_EXACT);
    for (size_t i = 0; i < store->entries.count; i++) {
        struct pki_entry *entry = &store->entries.items[i];
        const struct pki_entry *other = rs_map_find(store->by_thumbprint, entry->sha256);
        if (other && (other->usable || !entry->usable))
            continue;
        rs_map_set(store->by_thumbprint, entry->sha256, entry);
        rs_map_set(store->by_thumbprint, entry->sha1, entry);
    }
}

static rs_status store_build(struct rs_job *job, struct pki_store *store, const struct broken_vec *folders)
{
    struct builder b = {.store = store, .memory = rs_job_create(NULL), .now_ms = rs_clock_utc_ms(),
                        .next_change_ms = INT64_MAX};
    struct store_file *authority = store->authority;

    b.trust = pki_trust_create(authority && authority->certificate_count ? authority->certificates[0] : NULL);
    if (!b.trust) {
        rs_job_destroy(b.memory);
        return rs_fail(job, RS_NO_MEMORY, "no memory for the certificate store");
    }
    rs_job_destroy(store->entries_memory);
    store->entries_memory = b.memory;
    store->entries = (struct entry_vec){0};
    store->broken = (struct broken_vec){0};
    store->pending = (struct pending_vec){0};
    store->authorities = (struct authority_vec){0};
    b.key_files = store->key_files = rs_map_create(b.memory, RS_MAP_EXACT);
    b.certified = rs_map_create(b.memory, RS_MAP_EXACT);
    b.requested = rs_map_create(b.memory, RS_MAP_EXACT);
    build_index_keys(&b);
    for (size_t i = 0; i < store->files.count; i++) {
        const struct store_file *file = store->files.items[i];
        for (size_t k = 0; k < file->certificate_count; k++) {
            rs_map_set(b.certified, digest_text(&file->certificate_keys[k]), NULL);
            if (build_is_own(&b, file, k))
                build_entry(&b, file, k);
        }
        if (file->request)
            rs_map_set(b.requested, digest_text(&file->request_key), NULL);
    }
    for (size_t i = 0; i < folders->count; i++)
        rs_vec_push(b.memory, &store->broken, (struct pki_broken){rs_text_copy(b.memory, folders->items[i].file),
                                                                  rs_text_copy(b.memory, folders->items[i].sentence)});
    for (size_t i = 0; i < store->files.count; i++)
        build_broken(&b, store->files.items[i]);
    for (size_t i = 0; i < store->files.count; i++)
        build_pending(&b, store->files.items[i]);
    build_index_entries(&b);
    store->next_change_ms = b.next_change_ms;
    X509_STORE_free(b.trust);
    return RS_OK;
}

/* ---- the store ----------------------------------------------------------------------------- */

static void store_watch(struct pki_store *store)
{
    store->watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (store->watch_fd < 0)
        return;
    for (size_t i = 0; i < store->folder_count; i++)
        (void)inotify_add_watch(store->watch_fd, store->folders[i].bytes, STORE_WATCHED | IN_ONLYDIR);
    (void)inotify_add_watch(store->watch_fd,
                            rs_text_format(store->memory, "%.*s/ca", RS_TEXT_ARG(store->folder)).bytes,
                            STORE_WATCHED | IN_ONLYDIR);
}

static void store_empty_watch(struct pki_store *store)
{
    char events[4096];

    while (store->watch_fd >= 0 && read(store->watch_fd, events, sizeof events) > 0)
        continue;
}

static rs_text store_folder_name(struct rs_job *memory, rs_text folder)
{
    while (folder.size > 1 && folder.bytes[folder.size - 1] == '/')
        folder.size--;
    return rs_text_copy(memory, folder);
}

rs_status pki_store_open(struct rs_job *job, const struct pki_store_options *options, struct pki_store **out)
{
    struct rs_job *memory = rs_job_create(NULL);
    RS_OWNED(pki_store) store = RS_NEW(memory, struct pki_store);

    store->memory = memory;
    store->watch_fd = -1;
    store->folder_count = 1 + options->watched_count;
    store->folders = RS_NEW_ARRAY(memory, rs_text, store->folder_count);
    store->folder = store->folders[0] = store_folder_name(memory, options->folder);
    for (size_t i = 0; i < options->watched_count; i++)
        store->folders[1 + i] = store_folder_name(memory, options->watched[i]);
    if (!options->read_only) {
        RS_TRY(rs_folder_make(job, store->folder, 0755)); /* keys in it are 0600 each; clients read ca/ca.crt */
        RS_TRY(rs_folder_make(job, rs_text_format(job, "%.*s/ca", RS_TEXT_ARG(store->folder)), 0755));
    }
    store_watch(store);
    RS_TRY(pki_store_rescan(job, store, NULL));
    *out = rs_move(store);
    return RS_OK;
}

void pki_store_close(struct pki_store *store)
{
    if (!store)
        return;
    for (size_t i = 0; i < store->files.count; i++)
        file_destroy(store->files.items[i]);
    file_destroy(store->authority);
    rs_job_destroy(store->entries_memory);
    rs_job_destroy(store->index_memory);
    if (store->watch_fd >= 0)
        close(store->watch_fd);
    rs_job_destroy(store->memory);
}

rs_status pki_store_rescan(struct rs_job *job, struct pki_store *store, bool *changed)
{
    struct scan scan = {.job = job, .store = store, .memory = rs_job_create(NULL)};
    struct store_file *authority;
    rs_status status = RS_OK;
    bool anew;

    store_empty_watch(store);
    store->scans++;
    scan.by_path = rs_map_create(scan.memory, RS_MAP_EXACT);
    for (size_t i = 0; status == RS_OK && i < store->folder_count; i++)
        status = scan_folder(&scan, store->folders[i]);
    if (status != RS_OK) {
        scan_drop_new(&scan);
        return status;
    }
    scan_authority(&scan, &authority);
    anew = scan.changed || scan.files.count != store->files.count || !store->entries_memory ||
           rs_clock_utc_ms() > store->next_change_ms || scan.broken.count != store->folder_problems;
    store->folder_problems = scan.broken.count;
    scan_take_over(&scan, authority);
    if (anew) {
        RS_TRY(store_build(job, store, &scan.broken));
        store->version++;
    }
    if (changed)
        *changed = anew;
    return RS_OK;
}

int pki_store_watch_fd(struct pki_store *store)
{
    return store->watch_fd;
}

uint64_t pki_store_version(const struct pki_store *store)
{
    return store->version;
}

size_t pki_store_count(const struct pki_store *store)
{
    return store->entries.count;
}

const struct pki_entry *pki_store_entry(const struct pki_store *store, size_t index)
{
    assert(index < store->entries.count);
    return &store->entries.items[index];
}

size_t pki_store_broken_count(const struct pki_store *store)
{
    return store->broken.count;
}

const struct pki_broken *pki_store_broken(const struct pki_store *store, size_t index)
{
    assert(index < store->broken.count);
    return &store->broken.items[index];
}

size_t pki_store_pending_count(const struct pki_store *store)
{
    return store->pending.count;
}

const struct pki_pending *pki_store_pending(const struct pki_store *store, size_t index)
{
    assert(index < store->pending.count);
    return &store->pending.items[index];
}

rs_text pki_store_key_file(const struct pki_store *store, X509 *certificate)
{
    struct pki_digest digest;
    const struct store_file *holder = NULL;

    if (pki_digest_of_certificate(certificate, &digest))
        holder = rs_map_find(store->key_files, digest_text(&digest));
    return holder && holder->exposed.size == 0 ? holder->path : RS_TEXT("");
}

const struct pki_entry *pki_store_find(const struct pki_store *store, rs_text thumbprint)
{
    char digits[65];

    return pki_thumbprint_parse(thumbprint, digits) ? rs_map_find(store->by_thumbprint, rs_text_from(digits)) : NULL;
}

X509 *pki_store_authority(const struct pki_store *store)
{
    return store->authority && store->authority->certificate_count ? store->authority->certificates[0] : NULL;
}

bool pki_store_issued_here(const struct pki_store *store, X509 *certificate)
{
    X509 *authority = pki_store_authority(store);
    bool issued = authority && authority != certificate && X509_check_issued(authority, certificate) == X509_V_OK &&
                  X509_verify(certificate, X509_get0_pubkey(authority)) == 1;

    ERR_clear_error();
    return issued;
}

int64_t pki_days_left(const struct pki_entry *entry, int64_t now_ms)
{
    int64_t left = entry->not_after_ms - now_ms;

    if (entry->not_after_ms == INT64_MIN)
        return -1;
    return left >= 0 ? left / DAY_MS : -1 - (-left / DAY_MS);
}

X509 *const *pki_store_authorities(const struct pki_store *store, size_t *count)
{
    *count = store->authorities.count;
    return store->authorities.items;
}
