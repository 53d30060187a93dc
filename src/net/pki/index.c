#include "net/pki/index.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

#define INDEX_MAX ((size_t)1024 * 1024 * 1024)
#define INDEX_MAGIC "bindery store 2\n"
#define INDEX_HEAD 16 /* of a record: length and sum */
#define INDEX_WINDOW ((size_t)256 * 1024) /* bytes that are looked at together */
#define INDEX_WASTE ((size_t)1024 * 1024) /* bytes of old records, beside as much as it had when it was made */

struct pki_index {
    struct rs_job *memory; /* of this struct */
    rs_text path;
    int fd;         /* -1: there is none */
    size_t size;    /* bytes of it that are of use; 0: it is to be made anew */
    size_t at_most; /* when it is made anew */
};

/* Damage is what it finds, not malice: who may write this file may write certificates. */
static uint64_t sum_word(uint64_t sum, const char *bytes, size_t size)
{
    uint64_t word = 0;

    memcpy(&word, bytes, size);
    sum = (sum ^ word) * 0x9e3779b97f4a7c15u;
    return sum ^ sum >> 29;
}

static uint64_t sum_of(rs_text bytes)
{
    uint64_t sum = bytes.size;
    size_t whole = bytes.size / 8 * 8;

    for (size_t i = 0; i < whole; i += 8)
        sum = sum_word(sum, bytes.bytes + i, 8);
    return whole < bytes.size ? sum_word(sum, bytes.bytes + whole, bytes.size - whole) : sum;
}

/* ---- reading all of it --------------------------------------------------------------------- */

/* A part of the file that moves over it. */
struct window {
    struct rs_job *job;
    int fd;
    uint64_t file_size;
    uint64_t at;   /* of the first byte */
    char *bytes;
    size_t used, room;
};

/* `size` bytes from `at` on; empty where the file is not that long. Borrowed until the next look. */
static rs_text look(struct window *w, uint64_t at, size_t size)
{
    if (at > w->file_size || size > w->file_size - at)
        return rs_text_of(NULL, 0);
    if (at < w->at || at + size > w->at + w->used) {
        if (size > w->room) {
            w->room = size > INDEX_WINDOW ? size : INDEX_WINDOW;
            w->bytes = rs_alloc(w->job, w->room);
        }
        w->at = at;
        w->used = w->file_size - at < w->room ? (size_t)(w->file_size - at) : w->room;
        if (!rs_file_read_at(w->fd, w->bytes, w->used, at))
            w->used = 0;
    }
    return rs_text_of(w->bytes + (at - w->at), w->used > 0 ? size : 0);
}

/* The record behind its head; empty where it is damaged. */
static rs_text look_at_record(struct window *w, uint64_t at)
{
    rs_text record = look(w, at, INDEX_HEAD);
    uint64_t head[2];

    if (record.size == 0)
        return record;
    memcpy(head, record.bytes, INDEX_HEAD);
    if (head[0] > INDEX_MAX)
        return rs_text_of(NULL, 0);
    record = look(w, at + INDEX_HEAD, (size_t)head[0]);
    return sum_of(record) == head[1] ? record : rs_text_of(NULL, 0);
}

/* How many bytes are of use: what is behind them is damaged. */
static size_t read_all(int fd, size_t file_size, pki_index_found *found, void *data)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(rs_job) parsing = rs_job_create(NULL);
    struct rs_mark mark = rs_job_mark(parsing);
    struct window window = {.job = job, .fd = fd, .file_size = file_size};
    rs_text magic = RS_TEXT(INDEX_MAGIC), record;
    uint64_t at = magic.size;

    if (!rs_text_equal(look(&window, 0, magic.size), magic))
        return 0;
    while ((record = look_at_record(&window, at)).size > 0) {
        struct pki_facts facts;
        struct pki_known *known;
        if (!pki_facts_parse(parsing, record, &facts))
            break;
        known = pki_known_create(&facts);
        pki_known_settle(known, at + INDEX_HEAD, record.size);
        found(data, known);
        at += INDEX_HEAD + record.size;
        rs_job_reset(parsing, mark);
    }
    return (size_t)at;
}

struct pki_index *pki_index_open(rs_text path, pki_index_found *found, void *data)
{
    struct rs_job *memory = rs_job_create(NULL);
    struct pki_index *index = RS_NEW(memory, struct pki_index);
    struct stat info;

    *index = (struct pki_index){.memory = memory, .path = rs_text_copy(memory, path)};
    index->fd = open(index->path.bytes, O_RDWR | O_APPEND | O_CLOEXEC);
    if (index->fd >= 0 && fstat(index->fd, &info) == 0 && (size_t)info.st_size <= INDEX_MAX) {
        index->size = read_all(index->fd, (size_t)info.st_size, found, data);
        if (index->size != (size_t)info.st_size)
            index->size = 0; /* its end is damaged */
    }
    index->at_most = 2 * index->size + INDEX_WASTE;
    return index;
}

void pki_index_close(struct pki_index *index)
{
    if (!index)
        return;
    if (index->fd >= 0)
        close(index->fd);
    rs_job_destroy(index->memory);
}

/* ---- one record ---------------------------------------------------------------------------- */

/* Empty: it cannot be read. */
static rs_text record_of(struct rs_job *job, const struct pki_index *index, const struct pki_known *known)
{
    size_t size = INDEX_HEAD + known->record_size;
    uint64_t head[2];
    rs_text record;
    char *bytes;

    if (known->record)
        return rs_text_of(known->record, known->record_size);
    bytes = rs_alloc_raw(job, size);
    if (!index || !rs_file_read_at(index->fd, bytes, size, known->at - INDEX_HEAD))
        return rs_text_of(NULL, 0);
    memcpy(head, bytes, INDEX_HEAD);
    record = rs_text_of(bytes + INDEX_HEAD, known->record_size);
    return head[0] == record.size && head[1] == sum_of(record) ? record : rs_text_of(NULL, 0);
}

static bool is_of(struct rs_job *job, rs_text record, const struct pki_known *known, struct pki_facts *out)
{
    return pki_facts_parse(job, record, out) && pki_known_fits(known, out);
}

bool pki_index_facts(struct rs_job *job, const struct pki_index *index, const struct pki_known *known, struct pki_facts *out)
{
    return is_of(job, record_of(job, index, known), known, out) ||
           is_of(job, pki_facts_read(job, pki_known_path(known)), known, out);
}

/* ---- writing ------------------------------------------------------------------------------- */

static void add_record(rs_buf *out, rs_text record)
{
    const uint64_t head[2] = {record.size, sum_of(record)};

    rs_buf_add(out, rs_text_of((const char *)head, sizeof head));
    rs_buf_add(out, record);
}

/* They lie behind each other from `at` on. */
static void settle(const struct pki_known_vec *written, uint64_t at)
{
    for (size_t i = 0; i < written->count; i++) {
        struct pki_known *known = written->items[i];
        pki_known_settle(known, at + INDEX_HEAD, known->record_size);
        at += INDEX_HEAD + known->record_size;
    }
}

/* The file that the name leads to is still the one that is open. */
static bool is_there(const struct pki_index *index)
{
    struct stat named, open;

    return index->fd >= 0 && stat(index->path.bytes, &named) == 0 && fstat(index->fd, &open) == 0 &&
           named.st_ino == open.st_ino && named.st_dev == open.st_dev;
}

static bool append(struct pki_index *index, const struct pki_known_vec *fresh)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf records = rs_buf_in(job);
    off_t end;

    for (size_t i = 0; i < fresh->count; i++)
        add_record(&records, rs_text_of(fresh->items[i]->record, fresh->items[i]->record_size));
    if (write(index->fd, records.bytes, records.used) != (ssize_t)records.used || (end = lseek(index->fd, 0, SEEK_CUR)) < 0)
        return false;
    settle(fresh, (uint64_t)end - records.used); /* another process may have added some before */
    index->size = (size_t)end;
    return true;
}

/* Of one that the file of before lost, what the certificate's file says. Empty: that is another one by now. */
static rs_text whole_record(struct rs_job *job, const struct pki_index *index, const struct pki_known *known)
{
    rs_text record = record_of(job, index, known);
    struct pki_facts facts;

    if (record.size > 0)
        return record;
    record = pki_facts_read(job, pki_known_path(known));
    return is_of(job, record, known, &facts) ? record : rs_text_of(NULL, 0);
}

static bool replace(struct pki_index *index, const struct pki_known_vec *all)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(rs_job) reading = rs_job_create(NULL);
    struct rs_mark mark = rs_job_mark(reading);
    RS_OWNED_FD fd = -1;
    rs_buf bytes = rs_buf_in(job);
    struct stat info;

    rs_buf_add_literal(&bytes, INDEX_MAGIC);
    for (size_t i = 0; i < all->count; i++, rs_job_reset(reading, mark)) {
        rs_text record = whole_record(reading, index, all->items[i]);
        if (record.size == 0)
            return false; /* the next scan will see it */
        add_record(&bytes, record);
        all->items[i]->record_size = (uint32_t)record.size;
    }
    if (rs_file_replace(job, index->path, rs_buf_text(&bytes), 0600) != RS_OK)
        return false;
    fd = open(index->path.bytes, O_RDWR | O_APPEND | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0 || (size_t)info.st_size != bytes.used)
        return false;
    settle(all, sizeof INDEX_MAGIC - 1);
    if (index->fd >= 0)
        close(index->fd);
    index->fd = fd;
    fd = -1;
    index->size = bytes.used;
    index->at_most = 2 * index->size + INDEX_WASTE;
    return true;
}

void pki_index_save(struct pki_index *index, const struct pki_known_vec *all)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct pki_known_vec fresh = {0};
    bool done;

    for (size_t i = 0; i < all->count; i++)
        if (all->items[i]->unsaved)
            rs_vec_push(job, &fresh, all->items[i]);
    if (fresh.count == 0)
        return;
    done = index->size == 0 || index->size > index->at_most || !is_there(index) ? replace(index, all) : append(index, &fresh);
    if (!done)
        index->size = 0;
}
