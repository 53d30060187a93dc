#include "net/pki/scan.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/map.h"

struct scan {
    struct rs_job *job;
    const struct pki_files *before;
    struct pki_files after;
    uint64_t number;
    bool changed;
};

static bool is_wanted(const char *name)
{
    static const char *const endings[] = {".crt", ".cer", ".pem", ".der", ".p12", ".pfx", ".key", ".csr"};
    rs_text text = rs_text_from(name);

    for (size_t i = 0; name[0] != '.' && i < sizeof endings / sizeof endings[0]; i++)
        if (text.size > 4 && rs_text_equal_nocase(rs_text_from_offset(text, text.size - 4), rs_text_from(endings[i])))
            return true;
    return false;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* ---- what is known ------------------------------------------------------------------------- */

static uint64_t hash_of_path(const void *files, uint32_t number)
{
    return rs_hash(pki_known_path(((const struct pki_files *)files)->items.items[number]));
}

void pki_files_init(struct pki_files *files)
{
    *files = (struct pki_files){
        .memory = rs_job_create(NULL), .records = rs_job_create(NULL), .by_path = rs_lookup_of(hash_of_path, files)};
}

static struct pki_known **find(const struct pki_files *files, rs_text path)
{
    for (struct rs_lookup_at at = rs_lookup_first(&files->by_path, rs_hash(path)); rs_lookup_next(&files->by_path, &at);)
        if (rs_text_equal(pki_known_path(files->items.items[at.number]), path))
            return &files->items.items[at.number];
    return NULL;
}

struct pki_known *pki_files_find(const struct pki_files *files, rs_text path)
{
    struct pki_known **found = find(files, path);

    return found ? *found : NULL;
}

static void add(struct pki_files *files, struct pki_known *known)
{
    rs_vec_push(files->memory, &files->items, known);
    rs_lookup_add(&files->by_path, (uint32_t)files->items.count - 1);
}

void pki_files_note(struct pki_files *files, struct pki_known *known)
{
    struct pki_known **before = find(files, pki_known_path(known));

    if (!before) {
        add(files, known);
        return;
    }
    pki_known_destroy(*before);
    *before = known;
}

static void move_record(struct rs_job *to, struct pki_known *known)
{
    if (known && known->record)
        pki_known_hold(known, rs_text_copy(to, rs_text_of(known->record, known->record_size)));
}

void pki_files_tidy(struct pki_files *files)
{
    struct rs_job *left;

    if (!files->fresh)
        return;
    left = rs_job_create(NULL);
    for (size_t i = 0; i < files->items.count; i++)
        move_record(left, files->items.items[i]);
    move_record(left, files->authority);
    rs_job_destroy(files->records);
    files->records = left;
}

/* ---- one file ------------------------------------------------------------------------------ */

static struct pki_known *read_file(struct scan *scan, rs_text path)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text record = pki_facts_read(job, path);
    struct pki_facts facts;
    struct pki_known *known;

    if (!pki_facts_parse(job, record, &facts))
        rs_log_abort("what a file of certificates says cannot be kept"); /* it was written two lines above */
    known = pki_known_create(&facts);
    pki_known_hold(known, rs_text_copy(scan->after.records, record));
    scan->after.fresh = true;
    known->racy = pki_stamp_is_racy(&facts.stamp);
    return known;
}

/* Read a file (again). Where only its stamp is another and the content is not, `old` stays. */
static struct pki_known *load(struct scan *scan, rs_text path, struct pki_known *old)
{
    struct pki_known *read = read_file(scan, path);

    if (old && old->gist == read->gist) {
        pki_known_renew(old, read);
        return old;
    }
    scan->changed = true;
    return read;
}

static void add_file(struct scan *scan, struct pki_known *known)
{
    known->seen = scan->number;
    scan->after.touchy = scan->after.touchy || known->racy;
    add(&scan->after, known);
}

static void look_at(struct scan *scan, rs_text path)
{
    struct pki_known *old = pki_files_find(scan->before, path);
    struct pki_stamp stamp;

    if (pki_files_find(&scan->after, path))
        return; /* a folder that is watched twice */
    if (!pki_stamp_read(path.bytes, &stamp)) {
        if (errno == ENOENT)
            return; /* gone between listing and looking, or a dangling link */
    } else if (S_ISDIR(stamp.mode)) {
        return;
    }
    scan->after.touchy = scan->after.touchy || stamp.links > 1;
    add_file(scan, old && pki_known_is_same(old, &stamp) ? old : load(scan, path, old));
}

/* ---- folders ------------------------------------------------------------------------------- */

static void folder_problem(struct scan *scan, rs_text folder, const char *why)
{
    struct rs_job *memory = scan->after.memory;

    rs_vec_push(memory, &scan->after.broken,
                (struct pki_broken){rs_text_copy(memory, folder), rs_text_format(memory, "the folder cannot be read: %s", why)});
}

static rs_status scan_folder(struct scan *scan, rs_text folder)
{
    RS_VEC(char *) names = {0};
    DIR *listing = opendir(folder.bytes);
    struct dirent *entry;
    bool more = false;

    if (!listing) {
        folder_problem(scan, folder, strerror(errno));
        return RS_OK;
    }
    while ((entry = readdir(listing)) != NULL) {
        if (!is_wanted(entry->d_name))
            continue;
        more = names.count == PKI_FILES_MAX;
        if (more)
            break;
        scan->after.touchy = scan->after.touchy || entry->d_type != DT_REG;
        rs_vec_push(scan->job, &names, rs_text_terminated(scan->job, rs_text_from(entry->d_name)));
    }
    closedir(listing);
    if (more)
        folder_problem(scan, folder, "it holds more than 20000 files, of which some were left out");
    if (names.count > 0)
        qsort(names.items, names.count, sizeof names.items[0], by_name);
    for (size_t i = 0; i < names.count; i++) {
        RS_TRY(rs_job_checkpoint(scan->job));
        look_at(scan, rs_text_format(scan->job, "%.*s/%s", RS_TEXT_ARG(folder), names.items[i]));
    }
    return RS_OK;
}

static void scan_authority(struct scan *scan, rs_text folder)
{
    rs_text path = rs_text_format(scan->job, "%.*s/ca/ca.crt", RS_TEXT_ARG(folder));
    struct pki_known *old = scan->before->authority;
    struct pki_stamp stamp;

    if (!pki_stamp_read(path.bytes, &stamp))
        scan->changed = scan->changed || old;
    else
        scan->after.authority = old && pki_known_is_same(old, &stamp) ? old : load(scan, path, old);
    scan->after.touchy = scan->after.touchy || (scan->after.authority && scan->after.authority->racy);
}

static void drop_new(struct scan *scan)
{
    for (size_t i = 0; i < scan->after.items.count; i++) {
        struct pki_known *known = scan->after.items.items[i];
        if (pki_files_find(scan->before, pki_known_path(known)) != known)
            pki_known_destroy(known);
    }
    rs_lookup_finish(&scan->after.by_path);
    rs_job_destroy(scan->after.memory);
}

static void take_over(struct scan *scan, struct pki_files *files)
{
    for (size_t i = 0; i < files->items.count; i++)
        if (files->items.items[i]->seen != scan->number)
            pki_known_destroy(files->items.items[i]);
    if (files->authority != scan->after.authority)
        pki_known_destroy(files->authority);
    rs_lookup_finish(&files->by_path);
    rs_job_destroy(files->memory);
    *files = scan->after;
    files->by_path.data = files;
}

rs_status pki_files_scan(struct rs_job *job, struct pki_files *files, const rs_text *folders, size_t folder_count, uint64_t number,
                         bool *changed)
{
    RS_OWNED(rs_job) looking = rs_job_create(&(struct rs_job_options){.within = job});
    struct scan scan = {.job = looking, .before = files, .number = number};
    rs_status status = RS_OK;

    pki_files_init(&scan.after);
    rs_job_destroy(scan.after.records);
    scan.after.records = files->records; /* also of a scan that fails: they are few */
    scan.after.index = files->index;
    rs_vec_reserve(scan.after.memory, &scan.after.items, files->items.count + 1);
    rs_lookup_reserve(&scan.after.by_path, files->items.count);
    for (size_t i = 0; status == RS_OK && i < folder_count; i++)
        status = scan_folder(&scan, folders[i]);
    if (status != RS_OK) {
        drop_new(&scan);
        return rs_job_adopt(job, looking);
    }
    scan_authority(&scan, folders[0]);
    *changed = scan.changed || scan.after.items.count != files->items.count || scan.after.broken.count != files->broken.count;
    take_over(&scan, files);
    return RS_OK;
}

void pki_files_finish(struct pki_files *files)
{
    for (size_t i = 0; i < files->items.count; i++)
        pki_known_destroy(files->items.items[i]);
    pki_known_destroy(files->authority);
    rs_lookup_finish(&files->by_path);
    rs_job_destroy(files->records);
    rs_job_destroy(files->memory);
    *files = (struct pki_files){0};
}
