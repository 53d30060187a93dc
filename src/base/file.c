#include "base/file.h"

#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

#define FILE_READ_STEP ((size_t)64 * 1024)

rs_status rs_file_read_fd(struct rs_job *job, int fd, rs_text name, size_t limit, rs_text *out)
{
    rs_buf buf = rs_buf_in(job);
    struct stat info;

    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && (size_t)info.st_size <= limit)
        rs_buf_reserve(&buf, (size_t)info.st_size + 1);
    for (;;) {
        ssize_t got;
        RS_TRY(rs_job_checkpoint(job));
        if (buf.used > limit)
            return rs_fail(job, RS_OVER_LIMIT, "\"%.*s\" is larger than the %zu bytes allowed",
                           RS_TEXT_ARG(name), limit);
        if (buf.room - buf.used < 2)
            rs_buf_reserve(&buf, FILE_READ_STEP);
        got = read(fd, buf.bytes + buf.used, buf.room - buf.used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return rs_fail(job, RS_IO, "cannot read \"%.*s\": %s", RS_TEXT_ARG(name),
                           strerror(errno));
        if (got == 0)
            break;
        buf.used += (size_t)got;
    }
    *out = rs_text_of(rs_buf_terminated(&buf), buf.used);
    return RS_OK;
}

rs_status rs_file_read(struct rs_job *job, rs_text path, size_t limit, rs_text *out)
{
    RS_OWNED_FD fd = open(rs_text_terminated(job, path), O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return rs_fail(job, errno == ENOENT || errno == ENOTDIR ? RS_NOT_FOUND : RS_IO,
                       "cannot open \"%.*s\": %s", RS_TEXT_ARG(path), strerror(errno));
    return rs_file_read_fd(job, fd, path, limit, out);
}

rs_status rs_write_all(struct rs_job *job, int fd, rs_text content)
{
    while (content.size > 0) {
        ssize_t put = write(fd, content.bytes, content.size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return rs_fail(job, RS_IO, "cannot write: %s", strerror(errno));
        content = rs_text_from_offset(content, (size_t)put);
    }
    return RS_OK;
}

/* The folder of `path`, terminated: what must be flushed for a rename to last. */
static char *file_folder(struct rs_job *job, rs_text path)
{
    size_t end = path.size;

    while (end > 0 && path.bytes[end - 1] != '/')
        end--;
    return end == 0 ? rs_text_terminated(job, RS_TEXT("."))
                    : rs_text_terminated(job, rs_text_slice(path, 0, end));
}

/* What root replaces stays its owner's: a command of root must not take a file from the server's account. */
static bool keep_owner(const char *target, int fd)
{
    struct stat info;

    return geteuid() != 0 || lstat(target, &info) != 0 || !S_ISREG(info.st_mode) ||
           fchown(fd, info.st_uid, info.st_gid) == 0;
}

static rs_status file_write_beside(struct rs_job *job, const char *target, const char *beside, rs_text content,
                                   mode_t mode)
{
    RS_OWNED_FD fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);

    if (fd < 0)
        return rs_fail(job, RS_IO, "cannot create \"%s\": %s", beside, strerror(errno));
    if (!keep_owner(target, fd))
        return rs_fail(job, RS_IO, "cannot give \"%s\" its owner: %s", beside, strerror(errno));
    if (fchmod(fd, mode) != 0)
        return rs_fail(job, RS_IO, "cannot set the mode of \"%s\": %s", beside, strerror(errno));
    RS_TRY(rs_write_all(job, fd, content));
    if (fsync(fd) != 0)
        return rs_fail(job, RS_IO, "cannot flush \"%s\": %s", beside, strerror(errno));
    return RS_OK;
}

rs_status rs_file_replace(struct rs_job *job, rs_text path, rs_text content, mode_t mode)
{
    const char *target = rs_text_terminated(job, path);
    const char *beside =
        rs_text_format(job, "%s.%ld.new", target, (long)getpid()).bytes;
    struct stat info;
    rs_status status;

    if (lstat(target, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISLNK(info.st_mode) && !S_ISDIR(info.st_mode))
        return rs_fail(job, RS_INVALID, "\"%s\" is a device or a pipe, which no file replaces", target);
    unlink(beside); /* left by a process of the same id that was killed */
    status = file_write_beside(job, target, beside, content, mode);
    if (status == RS_OK && rename(beside, target) != 0)
        status = rs_fail(job, RS_IO, "cannot replace \"%s\": %s", target, strerror(errno));
    if (status != RS_OK) {
        unlink(beside);
        rs_within(job, "file \"%s\"", target);
        return status;
    }
    RS_OWNED_FD folder = open(file_folder(job, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0)
        (void)fsync(folder); /* some file systems cannot; the rename has happened all the same */
    return RS_OK;
}

rs_status rs_file_in_place(struct rs_job *job, rs_text path, int *out)
{
    const char *target = rs_text_terminated(job, path);
    struct stat info;

    *out = -1;
    if (lstat(target, &info) != 0 || S_ISREG(info.st_mode) || S_ISDIR(info.st_mode))
        return RS_OK;
    *out = open(target, O_WRONLY | O_TRUNC | O_CLOEXEC);
    return *out >= 0 ? RS_OK : rs_fail(job, RS_IO, "cannot open \"%s\": %s", target, strerror(errno));
}

rs_status rs_file_put(struct rs_job *job, rs_text path, rs_text content, mode_t mode)
{
    RS_OWNED_FD fd = -1;

    RS_TRY(rs_file_in_place(job, path, &fd));
    if (fd < 0)
        return rs_file_replace(job, path, content, mode);
    if (rs_write_all(job, fd, content) == RS_OK)
        return RS_OK;
    rs_within(job, "\"%.*s\"", RS_TEXT_ARG(path));
    return rs_job_status(job);
}

/* NAME.PID.new of a process that is no more. */
static bool was_left(rs_text name)
{
    rs_text ending = RS_TEXT(".new");
    uint64_t pid;
    size_t dot;

    if (name.size <= ending.size || !rs_text_equal(rs_text_from_offset(name, name.size - ending.size), ending))
        return false;
    name.size -= ending.size;
    for (dot = name.size; dot > 0 && name.bytes[dot - 1] != '.'; dot--)
        continue;
    return dot > 1 && rs_parse_uint64(rs_text_from_offset(name, dot), &pid) && pid > 0 && pid <= INT_MAX &&
           kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

void rs_file_sweep(struct rs_job *job, rs_text folder)
{
    DIR *listing = opendir(rs_text_terminated(job, folder));
    struct dirent *entry;

    while (listing && (entry = readdir(listing)) != NULL)
        if (was_left(rs_text_from(entry->d_name)))
            (void)unlinkat(dirfd(listing), entry->d_name, 0);
    if (listing)
        closedir(listing);
}

rs_status rs_folder_make(struct rs_job *job, rs_text path, mode_t mode)
{
    char *step = rs_text_terminated(job, path);

    for (size_t i = 1; i <= path.size; i++) {
        if (i < path.size && step[i] != '/')
            continue;
        step[i] = '\0';
        if (mkdir(step, mode) != 0 && errno != EEXIST)
            return rs_fail(job, RS_IO, "cannot make the folder \"%s\": %s", step, strerror(errno));
        if (i < path.size)
            step[i] = '/';
    }
    return RS_OK;
}

int rs_file_unnamed(int folder)
{
    static unsigned last;
    char name[32];
    int fd = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
        return fd;
    /* a file system without files that have no name */
    snprintf(name, sizeof name, "unnamed-%d-%u", (int)getpid(), __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED));
    fd = openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        unlinkat(folder, name, 0);
    return fd;
}

bool rs_file_read_at(int fd, void *out, size_t size, uint64_t at)
{
    for (char *to = out; size > 0;) {
        ssize_t got = pread(fd, to, size, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        to += got;
        size -= (size_t)got;
        at += (uint64_t)got;
    }
    return true;
}
