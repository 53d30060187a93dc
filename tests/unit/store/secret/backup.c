#include "unit.h"

#include "store/secret/backup.h"

#define FORMAT "bindery key"

UNIT_TEST(a_backup_opens_with_its_password_alone)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(rs_job) wrong = rs_job_create(NULL);
    RS_OWNED(rs_job) other = rs_job_create(NULL);
    rs_text file, about, secret;

    assert_ok(job, secret_backup_write(job, FORMAT, RS_TEXT("of a test"), RS_TEXT("12345678"), RS_TEXT("the secret"), &file));
    assert_ok(job, secret_backup_read(job, FORMAT, file, RS_TEXT("12345678"), &about, &secret));
    assert_text(about, "of a test");
    assert_text(secret, "the secret");
    assert_status(secret_backup_read(wrong, FORMAT, file, RS_TEXT("12345679"), NULL, &secret), RS_DENIED);
    assert_status(secret_backup_read(other, "bindery node", file, RS_TEXT("12345678"), NULL, &secret), RS_INVALID);
}

UNIT_TEST(a_backup_needs_a_password_of_some_length)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text file;

    assert_status(secret_backup_write(job, FORMAT, RS_TEXT(""), RS_TEXT("1234567"), RS_TEXT("s"), &file), RS_INVALID);
}

UNIT_TEST(files_that_are_no_backups_are_refused)
{
    static const char *const rows[] = {
        "", "{}", "[]", "null", "{\"format\": \"bindery key\"}", "{\"format\": \"bindery key\", \"version\": 1, \"kdf\": \"none\"}",
        "{\"format\": \"bindery key\", \"version\": 1, \"kdf\": \"argon2id13\", \"operations\": 1, \"memory\": 99999999999999}",
        "{\"format\": \"bindery key\", \"version\": 1, \"kdf\": \"argon2id13\", \"operations\": 1, \"memory\": 8192}",
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        rs_text secret;
        assert_status(secret_backup_read(job, FORMAT, rs_text_from(rows[i]), RS_TEXT("12345678"), NULL, &secret), RS_INVALID);
    }
}
