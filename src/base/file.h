/* base/file.h - whole files: read with a limit, replaced so that a reader sees the old or the new one.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <sys/types.h>

#include "base/job.h"

/* The content of the file at `path`, at most `limit` bytes, in the job's memory.
 * Fails with RS_NOT_FOUND, RS_OVER_LIMIT or RS_IO. */
RS_CHECKED rs_status rs_file_read(struct rs_job *job, rs_text path, size_t limit, rs_text *out);

/* The same from an open descriptor (standard input), up to its end. `name` is for the message. */
RS_CHECKED rs_status rs_file_read_fd(struct rs_job *job, int fd, rs_text name, size_t limit,
                                     rs_text *out);

/* Replace the file by `content`: written beside it, flushed to the disk, renamed over it. On failure the
 * old file is untouched and nothing is left beside it. `mode` as for open(2), independent of the umask. A link is replaced,
 * not what it leads to; a device or a pipe stays: RS_INVALID. */
RS_CHECKED rs_status rs_file_replace(struct rs_job *job, rs_text path, rs_text content,
                                     mode_t mode);

/* The same for a path that somebody typed: what is no file there (/dev/stdout, a pipe, a link) is written to. */
RS_CHECKED rs_status rs_file_put(struct rs_job *job, rs_text path, rs_text content, mode_t mode);

/* Open it for that; `*out` is -1 where there is a file, or nothing yet: it is to be replaced. */
RS_CHECKED rs_status rs_file_in_place(struct rs_job *job, rs_text path, int *out);

/* Remove what rs_file_replace left in `folder` where its process was killed: NAME.PID.new of processes that are no more. */
void rs_file_sweep(struct rs_job *job, rs_text folder);

/* Make the folder and its parents; an existing folder is fine (its mode is not changed). */
RS_CHECKED rs_status rs_folder_make(struct rs_job *job, rs_text path, mode_t mode);

/* A file of its own below the folder (a descriptor: the path to it may be closed to this process), which has no name and ends
 * with its descriptor. -1 and errno where none can be made. */
int rs_file_unnamed(int folder);

/* `size` bytes from `at` on; false where they are not all there. */
bool rs_file_read_at(int fd, void *out, size_t size, uint64_t at);

/* All bytes to the descriptor, whatever the size of single writes. */
RS_CHECKED rs_status rs_write_all(struct rs_job *job, int fd, rs_text content);

#endif
