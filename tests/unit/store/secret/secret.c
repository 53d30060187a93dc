#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/secret/secret.h"

static const struct secret_key one = {"0123456789abcdef0123456789abcde"}, other = {"1123456789abcdef0123456789abcde"};

UNIT_TEST(a_secret_opens_for_what_it_was_sealed_for)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text sealed, again, opened;

    assert_ok(job, secret_seal(job, &one, RS_TEXT("db reader"), RS_TEXT("top secret"), &sealed));
    assert_ok(job, secret_seal(job, &one, RS_TEXT("db reader"), RS_TEXT("top secret"), &again));
    assert_false(rs_text_equal(sealed, again));
    assert_true(rs_text_find(sealed, RS_TEXT("secret")) < 0);
    assert_ok(job, secret_open(job, &one, RS_TEXT("db reader"), sealed, &opened));
    assert_text(opened, "top secret");
    assert_ok(job, secret_seal(job, &one, RS_TEXT(""), RS_TEXT(""), &sealed));
    assert_ok(job, secret_open(job, &one, RS_TEXT(""), sealed, &opened));
    assert_int_equal(opened.size, 0);
}

UNIT_TEST(a_secret_opens_with_nothing_else)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text sealed, opened;

    assert_ok(job, secret_seal(job, &one, RS_TEXT("db reader"), RS_TEXT("top secret"), &sealed));
    const struct {
        const struct secret_key *key;
        rs_text context, sealed;
    } wrong[] = {{&other, RS_TEXT("db reader"), sealed}, {&one, RS_TEXT("db writer"), sealed}, {&one, RS_TEXT("db reader"), RS_TEXT("")},
                 {&one, RS_TEXT("db reader"), RS_TEXT("AQ==")}, {&one, RS_TEXT("db reader"), RS_TEXT("no base64!")},
                 {&one, RS_TEXT("db reader"), rs_text_slice(sealed, 0, sealed.size - 4)}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_status(secret_open(job, wrong[i].key, wrong[i].context, wrong[i].sealed, &opened), SECRET_SEALED);
        rs_job_forgive(job);
    }
}

UNIT_TEST(a_key_file_is_made_once_and_for_its_owner_alone)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    char folder[] = "/tmp/bindery-key-XXXXXX";
    struct secret_key key, again;
    struct stat info;

    assert_non_null(mkdtemp(folder));
    rs_text path = rs_text_format(job, "%s/catalog.key", folder);
    assert_ok(job, secret_key_read(job, path, RS_TEXT(""), &key));
    assert_ok(job, secret_key_read(job, path, RS_TEXT(""), &again));
    assert_memory_equal(&key, &again, sizeof key);
    assert_int_equal(stat(path.bytes, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(chmod(path.bytes, 0640), 0);
    assert_status(secret_key_read(job, path, RS_TEXT(""), &again), SECRET_KEY);
    rs_job_forgive(job);
    assert_int_equal(chmod(path.bytes, 0600), 0);
    assert_int_equal(truncate(path.bytes, 31), 0);
    assert_status(secret_key_read(job, path, RS_TEXT(""), &again), SECRET_KEY);
    rs_job_forgive(job);
    unlink(path.bytes);
    rmdir(folder); /* nothing else was left in it */
    assert_int_equal(access(folder, F_OK), -1);
}
