#include "net/pki/index.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"

#define INDEX_MAX ((size_t)1024 * 1024 * 1024)
#define INDEX_MAGIC "bindery store 1\n"
#define INDEX_HEAD 16 /* of a record: length and sum */

/* Damage is what it finds, not malice: who may write this file may write certificates. */
static uint64_t sum_of(rs_text bytes)
{
    uint64_t sum = bytes.size;

    for (size_t i = 0; i < bytes.size; i += 8) {
        uint64_t word = 0;
        memcpy(&word, bytes.bytes + i, bytes.size - i < 8 ? bytes.size - i : 8);
        sum = (sum ^ word) * 0x9e3779b97f4a7c15u;
        sum ^= sum >> 29;
    }
    return sum;
}

void pki_index_read(struct rs_job *job, rs_text path, struct pki_facts_vec *out, size_t *size)
{
    RS_OWNED(rs_job) reading = rs_job_create(NULL);
    rs_text magic = RS_TEXT(INDEX_MAGIC), bytes;
    uint64_t head[2];

    *size = 0;
    if (rs_file_read(reading, path, INDEX_MAX, &bytes) != RS_OK || !rs_text_starts(bytes, magic))
        return;
    *size = magic.size;
    while (bytes.size - *size >= INDEX_HEAD) {
        rs_text record;
        struct pki_facts *facts;
        memcpy(head, bytes.bytes + *size, INDEX_HEAD);
        if (head[0] > bytes.size - *size - INDEX_HEAD)
            return;
        record = rs_text_slice(bytes, *size + INDEX_HEAD, (size_t)head[0]);
        facts = sum_of(record) == head[1] ? pki_facts_parse(record) : NULL;
        if (!facts)
            return;
        rs_vec_push(job, out, facts);
        *size += INDEX_HEAD + record.size;
    }
}

static void write_records(const struct pki_facts_vec *facts, rs_buf *out)
{
    for (size_t i = 0; i < facts->count; i++) {
        size_t start = out->used;
        uint64_t head[2];
        rs_text record;
        memset(rs_buf_reserve(out, INDEX_HEAD), 0, INDEX_HEAD);
        out->used += INDEX_HEAD;
        pki_facts_write(facts->items[i], out);
        record = rs_text_from_offset(rs_buf_text(out), start + INDEX_HEAD);
        head[0] = record.size;
        head[1] = sum_of(record);
        memcpy(out->bytes + start, head, INDEX_HEAD);
    }
}

bool pki_index_append(rs_text path, const struct pki_facts_vec *facts, size_t *size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED_FD fd = open(rs_text_terminated(job, path), O_WRONLY | O_APPEND | O_CLOEXEC);
    rs_buf records = rs_buf_in(job);

    write_records(facts, &records);
    if (fd < 0 || write(fd, records.bytes, records.used) != (ssize_t)records.used)
        return false;
    *size += records.used;
    return true;
}

bool pki_index_replace(rs_text path, const struct pki_facts_vec *facts, size_t *size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf all = rs_buf_in(job);

    rs_buf_add_literal(&all, INDEX_MAGIC);
    write_records(facts, &all);
    if (rs_file_replace(job, path, rs_buf_text(&all), 0600) != RS_OK)
        return false;
    *size = all.used;
    return true;
}
