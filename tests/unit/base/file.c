#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* A fresh folder below the system's temporary one, removed with the job. */
static void folder_remove(void *path)
{
    char command[300];

    snprintf(command, sizeof command, "rm -rf '%s'", (const char *)path);
    if (system(command) != 0)
        abort();
}

static rs_text folder_create(struct rs_job *job)
{
    char *path = rs_text_terminated(job, RS_TEXT("/tmp/bindery-file-XXXXXX"));

    assert_non_null(mkdtemp(path));
    rs_job_at_end(job, folder_remove, path);
    return rs_text_from(path);
}

UNIT_TEST(file_is_replaced_with_the_mode_asked_for)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text path = rs_text_format(job, "%s/a", folder_create(job).bytes);
    rs_text content;
    struct stat info;

    assert_ok(job, rs_file_replace(job, path, RS_TEXT("one"), 0644));
    assert_ok(job, rs_file_replace(job, path, RS_TEXT("two\0!"), 0600));
    assert_ok(job, rs_file_read(job, path, 100, &content));
    assert_int_equal(content.size, 5);
    assert_int_equal(stat(path.bytes, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

UNIT_TEST(file_larger_than_the_limit_is_refused)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text path = rs_text_format(job, "%s/a", folder_create(job).bytes);
    rs_text content;

    assert_ok(job, rs_file_replace(job, path, RS_TEXT("12345"), 0644));
    assert_ok(job, rs_file_read(job, path, 5, &content));
    assert_status(rs_file_read(job, path, 4, &content), RS_OVER_LIMIT);
}

UNIT_TEST(file_that_is_missing_is_named)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text content;

    assert_status(rs_file_read(job, RS_TEXT("/no/such/file"), 5, &content), RS_NOT_FOUND);
    assert_true(rs_text_find(rs_job_error(job), RS_TEXT("/no/such/file")) >= 0);
}

UNIT_TEST(file_that_cannot_be_replaced_leaves_nothing_beside_it)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text folder = folder_create(job);
    rs_text path = rs_text_format(job, "%s/taken", folder.bytes);

    assert_ok(job, rs_folder_make(job, rs_text_format(job, "%s/in/it", path.bytes), 0700));
    assert_status(rs_file_replace(job, path, RS_TEXT("x"), 0644), RS_IO);
    assert_int_equal(rmdir(rs_text_format(job, "%s/in/it", path.bytes).bytes), 0);
    assert_int_equal(rmdir(rs_text_format(job, "%s/in", path.bytes).bytes), 0);
    assert_int_equal(rmdir(path.bytes), 0);
    assert_int_equal(rmdir(folder.bytes), 0); /* empty: no *.new is left */
    assert_int_equal(mkdir(folder.bytes, 0700), 0);
}

static bool is_there(struct rs_job *job, const char *folder, const char *name)
{
    return access(rs_text_format(job, "%s/%s", folder, name).bytes, F_OK) == 0;
}

UNIT_TEST(file_replaces_no_pipe_and_is_put_into_one_instead)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text folder = folder_create(job), pipe = rs_text_format(job, "%s/pipe", folder.bytes);
    rs_text link = rs_text_format(job, "%s/link", folder.bytes), file = rs_text_format(job, "%s/file", folder.bytes), content;
    char received[8] = "";
    struct stat info;

    assert_int_equal(mkfifo(pipe.bytes, 0600), 0);
    RS_OWNED_FD reader = open(pipe.bytes, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_status(rs_file_replace(job, pipe, RS_TEXT("x"), 0600), RS_INVALID);
    rs_job_forgive(job);
    assert_ok(job, rs_file_put(job, pipe, RS_TEXT("sent"), 0600));
    assert_int_equal(read(reader, received, sizeof received), 4);
    assert_string_equal(received, "sent");
    assert_true(lstat(pipe.bytes, &info) == 0 && S_ISFIFO(info.st_mode));

    assert_ok(job, rs_file_put(job, file, RS_TEXT("longer than the next"), 0600));
    assert_int_equal(symlink(file.bytes, link.bytes), 0);
    assert_ok(job, rs_file_put(job, link, RS_TEXT("through"), 0644));
    assert_ok(job, rs_file_read(job, file, 100, &content));
    assert_text(content, "through");
    assert_true(lstat(link.bytes, &info) == 0 && S_ISLNK(info.st_mode));
    assert_ok(job, rs_file_replace(job, link, RS_TEXT("instead"), 0600)); /* a file of ours goes nowhere else */
    assert_true(lstat(link.bytes, &info) == 0 && S_ISREG(info.st_mode));
    assert_ok(job, rs_file_read(job, file, 100, &content));
    assert_text(content, "through");
}

UNIT_TEST(file_that_was_left_by_a_killed_process_is_swept_away)
{
    struct rs_job *job = rs_job_create(NULL);
    char folder[] = "/tmp/file-sweep-XXXXXX";
    const char *left = "a.config.999999999.new";
    const char *own = rs_text_format(job, "a.config.%ld.new", (long)getpid()).bytes;
    const char *kept[] = {own, "a.new", "999999999.new", "a.99999x.new", "a.999999999.old", "a.999999999.news"};

    assert_non_null(mkdtemp(folder));
    assert_int_equal(rs_file_replace(job, rs_text_format(job, "%s/%s", folder, left), RS_TEXT("x"), 0600), RS_OK);
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        assert_int_equal(rs_file_replace(job, rs_text_format(job, "%s/%s", folder, kept[i]), RS_TEXT("x"), 0600), RS_OK);
    rs_file_sweep(job, rs_text_from(folder));
    assert_false(is_there(job, folder, left));
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        assert_true(is_there(job, folder, kept[i]));
        unlink(rs_text_format(job, "%s/%s", folder, kept[i]).bytes);
    }
    assert_int_equal(rmdir(folder), 0);
    rs_job_destroy(job);
}

UNIT_TEST(file_without_a_name_leaves_nothing_behind)
{
    char folder[] = "/tmp/file-unnamed-XXXXXX", bytes[6] = "";
    RS_OWNED_FD below = -1;
    RS_OWNED_FD file = -1;

    assert_non_null(mkdtemp(folder));
    below = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    file = rs_file_unnamed(below);
    assert_true(file >= 0);
    assert_int_equal(rmdir(folder), 0); /* empty */
    assert_int_equal(write(file, "hello", 5), 5);
    assert_true(rs_file_read_at(file, bytes, 4, 1));
    assert_string_equal(bytes, "ello");
    assert_false(rs_file_read_at(file, bytes, 5, 1));
    assert_int_equal(rs_file_unnamed(-1), -1);
}
