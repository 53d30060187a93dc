#include "net/pki/scan.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

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

static bool is_same(const struct pki_facts *facts, const struct pki_stamp *stamp)
{
    struct pki_stamp password;

    if (facts->racy || !pki_stamp_equal(&facts->stamp, stamp))
        return false;
    pki_stamp_read_password(facts->path, &password);
    return pki_stamp_equal(&facts->password_stamp, &password);
}

/* Read a file (again). Where only its stamp is another and the content is not, `old` stays. */
static struct pki_facts *load(struct scan *scan, rs_text path, struct pki_facts *old)
{
    struct pki_facts *read = pki_facts_read(path);

    if (old && old->stamp.mode == read->stamp.mode && old->stamp.owner == read->stamp.owner &&
        rs_text_equal(old->broken, read->broken) && pki_stamp_equal(&old->password_stamp, &read->password_stamp) &&
        memcmp(&old->content, &read->content, sizeof old->content) == 0) {
        old->stamp = read->stamp;
        old->racy = read->racy;
        old->unsaved = true;
        pki_facts_destroy(read);
        return old;
    }
    scan->changed = true;
    return read;
}

static void add_file(struct scan *scan, struct pki_facts *facts)
{
    facts->seen = scan->number;
    scan->after.touchy = scan->after.touchy || facts->racy;
    rs_vec_push(scan->after.memory, &scan->after.items, facts);
    rs_map_set(scan->after.by_path, facts->path, facts);
}

static void look_at(struct scan *scan, rs_text path)
{
    struct pki_facts *old = scan->before->by_path ? rs_map_find(scan->before->by_path, path) : NULL;
    struct pki_stamp stamp;

    if (rs_map_has(scan->after.by_path, path))
        return; /* a folder that is watched twice */
    if (!pki_stamp_read(path.bytes, &stamp)) {
        if (errno == ENOENT)
            return; /* gone between listing and looking, or a dangling link */
    } else if (S_ISDIR(stamp.mode)) {
        return;
    }
    scan->after.touchy = scan->after.touchy || stamp.links > 1;
    add_file(scan, old && is_same(old, &stamp) ? old : load(scan, path, old));
}

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
    struct pki_facts *old = scan->before->authority;
    struct pki_stamp stamp;

    if (!pki_stamp_read(path.bytes, &stamp))
        scan->changed = scan->changed || old;
    else
        scan->after.authority = old && is_same(old, &stamp) ? old : load(scan, path, old);
    scan->after.touchy = scan->after.touchy || (scan->after.authority && scan->after.authority->racy);
}

static void drop_new(struct scan *scan)
{
    for (size_t i = 0; i < scan->after.items.count; i++) {
        struct pki_facts *facts = scan->after.items.items[i];
        if (!scan->before->by_path || rs_map_find(scan->before->by_path, facts->path) != facts)
            pki_facts_destroy(facts);
    }
    rs_job_destroy(scan->after.memory);
}

static void take_over(struct scan *scan, struct pki_files *files)
{
    for (size_t i = 0; i < files->items.count; i++)
        if (files->items.items[i]->seen != scan->number)
            pki_facts_destroy(files->items.items[i]);
    if (files->authority != scan->after.authority)
        pki_facts_destroy(files->authority);
    rs_job_destroy(files->memory);
    *files = scan->after;
}

rs_status pki_files_scan(struct rs_job *job, struct pki_files *files, const rs_text *folders, size_t folder_count, uint64_t number,
                         bool *changed)
{
    RS_OWNED(rs_job) looking = rs_job_create(&(struct rs_job_options){.within = job});
    struct scan scan = {.job = looking, .before = files, .after.memory = rs_job_create(NULL), .number = number};
    rs_status status = RS_OK;

    scan.after.by_path = rs_map_create(scan.after.memory, RS_MAP_EXACT);
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
        pki_facts_destroy(files->items.items[i]);
    pki_facts_destroy(files->authority);
    rs_job_destroy(files->memory);
    *files = (struct pki_files){0};
}
