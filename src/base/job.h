/* base/job.h - one unit of work: its memory, its deadline, its limit and its one error end together.
 *
 * A function that takes a job may allocate and may fail; one that does not take a job can do neither.
 * A job belongs to one thread at a time; only rs_job_cancel may be called from elsewhere.
 */
#ifndef BASE_JOB_H
#define BASE_JOB_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/owned.h"
#include "base/status.h"
#include "base/text.h"

struct rs_job;

struct rs_job_options {
    size_t memory_limit;     /* bytes; 0 = none */
    int64_t deadline_ms;     /* on rs_clock_steady_ms; 0 = none */
    struct rs_job *within;   /* its cancellation and deadline hold here too, and this job's memory counts to it; must
                                outlive this job; or NULL */
};

/* `options` may be NULL: no limits. Never NULL. */
struct rs_job *rs_job_create(const struct rs_job_options *options);

/* Runs what rs_job_at_end registered (last first), then frees all memory of the job. Accepts NULL. */
void rs_job_destroy(struct rs_job *job);
RS_OWNED_BY(rs_job, rs_job_destroy)

/* Call `end(object)` when the job ends: for handles that live as long as the job. */
void rs_job_at_end(struct rs_job *job, void (*end)(void *object), void *object);

/* ---- memory -------------------------------------------------------------------------------- */

/* Zeroed memory, aligned for any type, that lives as long as the job. Does not fail: use it for sizes
 * that our own code chooses. */
void *rs_alloc(struct rs_job *job, size_t size);

/* The same for `count` things whose number came from outside: fails with RS_OVER_LIMIT where the job's
 * limit would be crossed and RS_NO_MEMORY where the machine has no more. */
RS_CHECKED rs_status rs_try_alloc(struct rs_job *job, size_t count, size_t size, void **out);

/* rs_alloc without the zeroes: for what is written before it is read, as a buffer that is filled from its start. */
void *rs_alloc_raw(struct rs_job *job, size_t size);

#define RS_NEW(job, type) ((type *)rs_alloc((job), sizeof(type)))
#define RS_NEW_ARRAY(job, type, count) ((type *)rs_alloc_array((job), (count), sizeof(type)))
void *rs_alloc_array(struct rs_job *job, size_t count, size_t size);

/* A copy in the job's memory, followed by a 0 byte that is not counted. */
rs_text rs_text_copy(struct rs_job *job, rs_text t);
/* The same as a C string, for library calls. Bytes behind an embedded 0 are not seen by the library. */
char *rs_text_terminated(struct rs_job *job, rs_text t);
/* printf into the job's memory. */
rs_text rs_text_format(struct rs_job *job, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
rs_text rs_text_vformat(struct rs_job *job, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
/* ASCII letters in lower case. */
rs_text rs_text_lower(struct rs_job *job, rs_text t);

/* Scratch: everything allocated since the mark is given back. For the turn of a row or page loop:
 *     struct rs_mark mark = rs_job_mark(job);
 *     while (...) { ...; rs_job_reset(job, mark); }
 * Nothing allocated after the mark may be used after the reset; rs_job_at_end must not be called in between. */
struct rs_mark {
    void *chunk;
    size_t used;
    size_t total;
};
struct rs_mark rs_job_mark(struct rs_job *job);
void rs_job_reset(struct rs_job *job, struct rs_mark mark);

/* Change the limit; 0 = none. */
void rs_job_set_memory_limit(struct rs_job *job, size_t bytes);

/* Bytes the job holds now. */
size_t rs_job_memory(const struct rs_job *job);

/* ---- failing ------------------------------------------------------------------------------- */

/* Leave the function with the status of `call` unless it is RS_OK. */
#define RS_TRY(call)                                                                           \
    do {                                                                                       \
        rs_status rs_try_status_ = (call);                                                     \
        if (rs_try_status_ != RS_OK)                                                           \
            return rs_try_status_;                                                             \
    } while (0)

/* Report a failure where it is found: what is wrong and what mends it, in one sentence. The first
 * report of a job wins. Returns `status`. */
rs_status rs_fail(struct rs_job *job, rs_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A failure is never RS_OK. rs_fail asserts it; this tells the compiler, which then knows that `out` is
 * written where a call inlined into RS_TRY gave RS_OK. */
static inline rs_status rs_failure(rs_status status)
{
    if (status == RS_OK)
        __builtin_unreachable();
    return status;
}
#define rs_fail(...) rs_failure(rs_fail(__VA_ARGS__))

/* Add where, from the inside out: rs_within(job, "textbox \"%s\"", name). Only after a failure. */
void rs_within(struct rs_job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What was reported; RS_OK and the empty text where nothing was. */
rs_status rs_job_status(const struct rs_job *job);
rs_text rs_job_message(const struct rs_job *job); /* the sentence alone */
rs_text rs_job_where(const struct rs_job *job);   /* "report \"Sales\", textbox \"Total\"", outermost first */
/* "where: sentence", or the sentence alone; in the job's memory. */
rs_text rs_job_error(struct rs_job *job);

/* Forget the failure and go on: for work that survives the failure of a part. */
void rs_job_forgive(struct rs_job *job);

/* Report in `job` what failed in `part`, with its where. Returns the status of `part`. */
rs_status rs_job_adopt(struct rs_job *job, const struct rs_job *part);

/* ---- stopping ------------------------------------------------------------------------------ */

/* Called in every long loop; one of a job within another is one of the outer job too. Fails with RS_CANCELLED,
 * RS_TIMEOUT or RS_OVER_LIMIT. */
RS_CHECKED rs_status rs_job_checkpoint(struct rs_job *job);

/* Ask the job to stop at its next checkpoint. Safe from a signal handler or another thread. */
void rs_job_cancel(struct rs_job *job);

/* Bring the deadline forward or back; 0 = none. */
void rs_job_set_deadline(struct rs_job *job, int64_t deadline_ms);
/* Milliseconds left, at least 0; INT64_MAX without a deadline. */
int64_t rs_job_time_left_ms(const struct rs_job *job);

/* Whether the next checkpoint would stop the job because it, or one around it, was cancelled or is out of time. Passes none:
 * another thread may ask while the job's own waits in a library. */
bool rs_job_is_to_stop(const struct rs_job *job);

/* For tests: cancel at the `number`th checkpoint from now (1 = the next), and how many have passed. */
void rs_job_stop_at(struct rs_job *job, uint64_t number);
uint64_t rs_job_checkpoints(const struct rs_job *job);

/* From here on memory of jobs is overwritten when it is given back: for processes through which secrets pass. Before threads. */
void rs_job_wipe_memory(void);

#endif
