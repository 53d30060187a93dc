/* Secrets in files under a password: whatever the file says, what opens is what was sealed, with what was said about it.
 *
 * The files of the corpus were sealed with cheap keys, since a key is worked out for each copy that can still be read;
 * copies that ask for more work are only read. */
#include <assert.h>
#include <stdlib.h>

#include "store/secret/backup.h"

#define MEMORY_MOST ((size_t)64 * 1024)
#define OPERATIONS_MOST 3u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct secret_backup backup;
    rs_text secret;

    if (secret_backup_parse(job, "bindery key", rs_text_of((const char *)data, size), &backup) != RS_OK)
        return 0;
    assert(backup.memory <= SECRET_BACKUP_MEMORY_MAX && backup.operations <= SECRET_BACKUP_OPERATIONS_MAX);
    if (backup.memory > MEMORY_MOST || backup.operations > OPERATIONS_MOST ||
        secret_backup_open(job, &backup, RS_TEXT("correct horse"), &secret) != RS_OK)
        return 0;
    if (!rs_text_equal(secret, RS_TEXT("0123456789abcdef0123456789abcdef")) ||
        !rs_text_equal(backup.about, RS_TEXT("the instance of a \"test\"")))
        abort();
    return 0;
}
