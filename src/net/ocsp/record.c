#include "net/ocsp/record.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include "base/file.h"
#include "format/escape/base64.h"
#include "format/json/json.h"

#define RECORD_FILE_MAX ((size_t)256 * 1024)
#define RECORD_ENDING ".json"
#define RECORD_NAME_SIZE 64 /* hexadecimal digits of SHA-256 */

static rs_text path_of(struct rs_job *job, rs_text folder, rs_text sha256)
{
    return rs_text_format(job, "%.*s/%.*s" RECORD_ENDING, RS_TEXT_ARG(folder), RS_TEXT_ARG(sha256));
}

static rs_text text_of(struct rs_job *job, const json_t *object, const char *name)
{
    return rs_text_copy(job, json_to_text(json_object_get(object, name)));
}

static int64_t number_of(const json_t *object, const char *name)
{
    return (int64_t)json_integer_value(json_object_get(object, name));
}

static enum ocsp_state state_of(const json_t *object)
{
    rs_text name = json_to_text(json_object_get(object, "state"));

    for (int state = 0; state < OCSP_STATES; state++)
        if (rs_text_equal(name, rs_text_from(ocsp_state_name((enum ocsp_state)state))))
            return (enum ocsp_state)state;
    return OCSP_STATE_NONE;
}

rs_status ocsp_record_read(struct rs_job *job, rs_text folder, rs_text sha256, struct ocsp_record *out, bool *found)
{
    RS_OWNED(rs_job) reading = rs_job_create(&(struct rs_job_options){.within = job});
    json_t *object;
    rs_text bytes;
    rs_status status = rs_file_read(reading, path_of(reading, folder, sha256), RECORD_FILE_MAX, &bytes);

    *out = (struct ocsp_record){0};
    *found = false;
    if (status == RS_IO)
        return rs_job_adopt(job, reading);
    if (status != RS_OK || json_parse(reading, bytes, RECORD_FILE_MAX, &object) != RS_OK ||
        escape_base64_parse(job, json_to_text(json_object_get(object, "answer")), &out->der) != RS_OK) {
        rs_job_forgive(job);
        return RS_OK;
    }
    *found = true;
    out->answer = (struct ocsp_answer){state_of(object), number_of(object, "this_ms"), number_of(object, "next_ms"),
                                       number_of(object, "revoked_ms"), text_of(job, object, "reason")};
    out->responder = text_of(job, object, "responder");
    out->error = text_of(job, object, "error");
    out->failures = (unsigned)number_of(object, "failures");
    out->asked_ms = number_of(object, "asked_ms");
    out->ask_ms = number_of(object, "ask_ms");
    return RS_OK;
}

rs_status ocsp_record_write(struct rs_job *job, rs_text folder, rs_text sha256, const struct ocsp_record *record)
{
    const struct ocsp_answer *answer = &record->answer;
    rs_buf encoded = rs_buf_in(job);
    json_t *object;

    escape_base64_write(&encoded, record->der);
    object = json_pack("{s:s, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:I, s:I, s:I}", "state", ocsp_state_name(answer->state),
                       "this_ms", (json_int_t)answer->this_ms, "next_ms", (json_int_t)answer->next_ms, "revoked_ms",
                       (json_int_t)answer->revoked_ms, "reason", json_from_text(answer->reason), "responder",
                       json_from_text(record->responder), "error", json_from_text(record->error), "answer",
                       json_from_text(rs_buf_text(&encoded)), "failures", (json_int_t)record->failures, "asked_ms",
                       (json_int_t)record->asked_ms, "ask_ms", (json_int_t)record->ask_ms);
    RS_TRY(rs_folder_make(job, folder, 0700));
    return rs_file_replace(job, path_of(job, folder, sha256), json_write(job, json_keep(job, object), JSON_INDENTED), 0600);
}

rs_status ocsp_records_sweep(struct rs_job *job, rs_text folder, bool (*keep)(void *data, rs_text sha256), void *data)
{
    DIR *listing = opendir(rs_text_terminated(job, folder));
    struct dirent *entry;

    if (!listing)
        return errno == ENOENT ? RS_OK
                               : rs_fail(job, RS_IO, "cannot read \"%.*s\": %s", RS_TEXT_ARG(folder), strerror(errno));
    while ((entry = readdir(listing)) != NULL) {
        rs_text name = rs_text_from(entry->d_name);
        if (name.size == RECORD_NAME_SIZE + sizeof RECORD_ENDING - 1 && rs_text_ends(name, RS_TEXT(RECORD_ENDING)) &&
            !keep(data, rs_text_slice(name, 0, RECORD_NAME_SIZE)))
            unlinkat(dirfd(listing), entry->d_name, 0);
    }
    closedir(listing);
    return RS_OK;
}

bool ocsp_record_can_be_shown(const struct ocsp_record *record, int64_t now_ms)
{
    return record->der.size > 0 && now_ms < record->answer.next_ms &&
           (record->answer.state == OCSP_STATE_GOOD || record->answer.state == OCSP_STATE_REVOKED);
}
