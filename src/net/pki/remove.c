#include "net/pki/remove.h"

#include <errno.h>
#include <unistd.h>

#include "base/vec.h"
#include "net/pki/load.h"

#define REMOVE_FILES_MAX 3

static bool key_is_needed(const struct pki_store *store, const struct pki_entry *entry)
{
    for (size_t i = 0; i < pki_store_count(store); i++) {
        const struct pki_entry *other = pki_store_entry(store, i);
        if (other != entry && rs_text_equal(other->key_file, entry->key_file))
            return true;
    }
    return false;
}

rs_status pki_remove_files(struct rs_job *job, const struct pki_store *store, const struct pki_entry *entry,
                           const rs_text **out, size_t *count)
{
    rs_text *files = RS_NEW_ARRAY(job, rs_text, REMOVE_FILES_MAX), password;

    for (size_t i = 0; i < pki_store_count(store); i++) {
        const struct pki_entry *other = pki_store_entry(store, i);
        if (other != entry && rs_text_equal(other->file, entry->file))
            return rs_fail(job, RS_CONFLICT, "\"%.*s\" holds the certificate %.*s too: put each into a file of its own first",
                           RS_TEXT_ARG(entry->file), RS_TEXT_ARG(other->sha1));
    }
    *count = 0;
    if (entry->key_file.size > 0 && !rs_text_equal(entry->key_file, entry->file) && !key_is_needed(store, entry))
        files[(*count)++] = rs_text_copy(job, entry->key_file);
    password = rs_text_format(job, "%.*s.pass", RS_TEXT_ARG(pki_path_stem(entry->file)));
    if (access(password.bytes, F_OK) == 0)
        files[(*count)++] = password;
    files[(*count)++] = rs_text_copy(job, entry->file);
    *out = files;
    return RS_OK;
}

void pki_remove_request_files(struct rs_job *job, const struct pki_pending *pending, const rs_text **out, size_t *count)
{
    rs_text *files = RS_NEW_ARRAY(job, rs_text, 2);

    *count = 0;
    if (pending->key_file.size > 0)
        files[(*count)++] = rs_text_copy(job, pending->key_file);
    files[(*count)++] = rs_text_copy(job, pending->file);
    *out = files;
}

rs_status pki_remove(struct rs_job *job, const rs_text *files, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (unlink(rs_text_terminated(job, files[i])) != 0 && errno != ENOENT)
            return rs_fail(job, RS_IO, "cannot remove \"%.*s\": %s", RS_TEXT_ARG(files[i]), strerror(errno));
    return RS_OK;
}
