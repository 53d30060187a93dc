#include "net/pki/store.h"

#include <assert.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "base/file.h"
#include "net/pki/entries.h"

#define STORE_WATCHED                                                                                                          \
    (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF)
#define STORE_EVENTS_ROOM 16384
#define STORE_INDEX_FILES 64 /* fewer are read as soon as an index would be */
#define DAY_MS INT64_C(86400000)

struct pki_store {
    struct rs_job *memory; /* of this struct and the folders' names */
    rs_text folder;
    rs_text *folders; /* `folder` first, then the watched ones */
    size_t folder_count;
    int watch_fd;
    bool events_tell; /* nothing happens in the folders without an event */
    uint64_t scans;
    uint64_t version;
    struct pki_files files;
    struct entries *entries;
    struct pki_index *index; /* FOLDER/.index; NULL: it is somebody else's */
};

/* ---- events -------------------------------------------------------------------------------- */

/* Where others than this machine's kernel change files, nobody tells. */
static bool is_told_of(const char *folder)
{
    static const unsigned distant[] = {NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, CIFS_SUPER_MAGIC, SMB2_SUPER_MAGIC, FUSE_SUPER_MAGIC,
                                       V9FS_MAGIC, AFS_SUPER_MAGIC, CODA_SUPER_MAGIC, CEPH_SUPER_MAGIC};
    struct statfs info;

    if (statfs(folder, &info) != 0)
        return false;
    for (size_t i = 0; i < sizeof distant / sizeof distant[0]; i++)
        if ((unsigned)info.f_type == distant[i])
            return false;
    return true;
}

static void store_watch_folder(struct pki_store *store, const char *folder)
{
    if (inotify_add_watch(store->watch_fd, folder, STORE_WATCHED | IN_ONLYDIR) < 0 || !is_told_of(folder))
        store->events_tell = false;
}

static void store_watch(struct pki_store *store)
{
    store->watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    store->events_tell = store->watch_fd >= 0;
    if (store->watch_fd < 0)
        return;
    for (size_t i = 0; i < store->folder_count; i++)
        store_watch_folder(store, store->folders[i].bytes);
    store_watch_folder(store, rs_text_format(store->memory, "%.*s/ca", RS_TEXT_ARG(store->folder)).bytes);
}

/* True: something happened since the last time. */
static bool store_take_events(struct pki_store *store)
{
    _Alignas(struct inotify_event) char room[STORE_EVENTS_ROOM];
    bool any = false;
    ssize_t got;

    while (store->watch_fd >= 0 && (got = read(store->watch_fd, room, sizeof room)) > 0)
        for (char *at = room; at < room + got; at += sizeof(struct inotify_event) + ((struct inotify_event *)at)->len) {
            const struct inotify_event *event = (const struct inotify_event *)at;
            if (event->mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT))
                store->events_tell = false; /* what stands under that name now is not watched */
            any = any || event->len == 0 || event->name[0] != '.';
        }
    return any;
}

/* ---- the index ----------------------------------------------------------------------------- */

static void index_found(void *files, struct pki_known *known)
{
    pki_files_note(files, known);
}

static void index_take(struct pki_store *store)
{
    struct stat info;

    if (stat(store->folder.bytes, &info) != 0 || info.st_uid != geteuid())
        return; /* whoever it belongs to judges files by their own rights */
    store->index = pki_index_open(rs_text_format(store->memory, "%.*s/.index", RS_TEXT_ARG(store->folder)), index_found,
                                  &store->files);
    store->files.index = store->index;
}

/* What was read anew goes there, but for files that may still change within a tick of their times. */
static void index_save(struct pki_store *store)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct pki_known_vec settled = {0};

    if (!store->index || store->files.items.count < STORE_INDEX_FILES)
        return;
    rs_vec_reserve(job, &settled, store->files.items.count);
    for (size_t i = 0; i < store->files.items.count; i++)
        if (!store->files.items.items[i]->racy)
            rs_vec_push(job, &settled, store->files.items.items[i]);
    pki_index_save(store->index, &settled);
}

/* ---- the store ----------------------------------------------------------------------------- */

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
    pki_files_init(&store->files);
    store->folder_count = 1 + options->watched_count;
    store->folders = RS_NEW_ARRAY(memory, rs_text, store->folder_count);
    store->folder = store->folders[0] = store_folder_name(memory, options->folder);
    for (size_t i = 0; i < options->watched_count; i++)
        store->folders[1 + i] = store_folder_name(memory, options->watched[i]);
    if (!options->read_only) {
        RS_TRY(rs_folder_make(job, store->folder, 0755)); /* keys in it are 0600 each; clients read ca/ca.crt */
        RS_TRY(rs_folder_make(job, rs_text_format(job, "%.*s/ca", RS_TEXT_ARG(store->folder)), 0755));
        index_take(store);
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
    entries_destroy(store->entries);
    pki_files_finish(&store->files);
    pki_index_close(store->index);
    if (store->watch_fd >= 0)
        close(store->watch_fd);
    rs_job_destroy(store->memory);
}

static void store_build(struct pki_store *store)
{
    entries_destroy(store->entries);
    store->entries = entries_build(&store->files);
    store->version++;
}

rs_status pki_store_rescan(struct rs_job *job, struct pki_store *store, bool *changed)
{
    bool happened = store_take_events(store), other = false, anew;

    if (happened || !store->events_tell || store->files.touchy || !store->entries) {
        RS_TRY(pki_files_scan(job, &store->files, store->folders, store->folder_count, store->scans + 1, &other));
        store->scans++;
        index_save(store);
        pki_files_tidy(&store->files);
    }
    anew = other || !store->entries || rs_clock_utc_ms() > entries_next_change_ms(store->entries);
    if (anew)
        store_build(store);
    else
        entries_forget(store->entries);
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
    return entries_count(store->entries);
}

const struct pki_entry *pki_store_entry(const struct pki_store *store, size_t index)
{
    return entries_at(store->entries, index);
}

size_t pki_store_broken_count(const struct pki_store *store)
{
    return entries_broken(store->entries)->count;
}

const struct pki_broken *pki_store_broken(const struct pki_store *store, size_t index)
{
    assert(index < entries_broken(store->entries)->count);
    return &entries_broken(store->entries)->items[index];
}

size_t pki_store_pending_count(const struct pki_store *store)
{
    return entries_pending_count(store->entries);
}

const struct pki_pending *pki_store_pending(const struct pki_store *store, size_t index)
{
    return entries_pending(store->entries, index);
}

rs_text pki_store_key_file(const struct pki_store *store, X509 *certificate)
{
    struct pki_digest digest;
    const struct pki_known *holder = NULL;

    if (pki_digest_of_certificate(certificate, &digest))
        holder = entries_key_file(store->entries, &digest);
    return holder && !holder->exposed ? pki_known_path(holder) : RS_TEXT("");
}

static int digit_value(char digit)
{
    return digit <= '9' ? digit - '0' : digit - 'A' + 10;
}

/* The bytes of a thumbprint; empty where it is none. */
static rs_text digest_of(rs_text thumbprint, char out[32])
{
    char digits[65];
    size_t size;

    if (!pki_thumbprint_parse(thumbprint, digits))
        return rs_text_of(out, 0);
    size = strlen(digits) / 2;
    for (size_t i = 0; i < size; i++)
        out[i] = (char)(digit_value(digits[2 * i]) << 4 | digit_value(digits[2 * i + 1]));
    return rs_text_of(out, size);
}

const struct pki_entry *pki_store_find(const struct pki_store *store, rs_text thumbprint)
{
    char bytes[32];
    rs_text digest = digest_of(thumbprint, bytes);

    return digest.size > 0 ? entries_find(store->entries, digest) : NULL;
}

bool pki_store_outline(const struct pki_store *store, rs_text thumbprint, struct pki_outline *out)
{
    char bytes[32];
    rs_text digest = digest_of(thumbprint, bytes);

    return digest.size > 0 && entries_outline(store->entries, digest, out);
}

size_t pki_store_chain(struct rs_job *job, const struct pki_store *store, rs_text thumbprint, rs_text out[1 + PKI_CHAIN_MAX])
{
    char bytes[32];
    rs_text digest = digest_of(thumbprint, bytes);

    return digest.size > 0 ? entries_chain(job, store->entries, digest, out) : 0;
}

X509 *pki_store_authority(const struct pki_store *store)
{
    return entries_local_authority(store->entries);
}

bool pki_store_issued_here(const struct pki_store *store, X509 *certificate)
{
    X509 *authority = pki_store_authority(store);
    bool issued = authority && X509_cmp(authority, certificate) != 0 &&
                  X509_check_issued(authority, certificate) == X509_V_OK &&
                  X509_verify(certificate, X509_get0_pubkey(authority)) == 1;

    ERR_clear_error();
    return issued;
}

int64_t pki_days_until(int64_t not_after_ms, int64_t now_ms)
{
    int64_t left = not_after_ms - now_ms;

    if (not_after_ms == INT64_MIN)
        return -1;
    return left >= 0 ? left / DAY_MS : -1 - (-left / DAY_MS);
}

int64_t pki_days_left(const struct pki_entry *entry, int64_t now_ms)
{
    return pki_days_until(entry->not_after_ms, now_ms);
}

X509 *const *pki_store_authorities(const struct pki_store *store, size_t *count)
{
    return entries_authorities(store->entries, count);
}
