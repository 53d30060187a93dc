#include "base/job.h"

#include <assert.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"

#if defined(__SANITIZE_ADDRESS__)
#define JOB_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define JOB_ASAN 1
#endif
#endif

#ifdef JOB_ASAN
#include <sanitizer/asan_interface.h>
#define JOB_REDZONE 16 /* poisoned bytes behind each allocation, so that ASan sees overruns inside a chunk */
#else
#define JOB_REDZONE 0
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

#define JOB_OWN_ROOM 640 /* bytes that come with the job: small work takes one small block, which the allocator has at hand */
#define JOB_FIRST_CHUNK ((size_t)4 * 1024)
#define JOB_LARGEST_CHUNK ((size_t)1024 * 1024) /* larger allocations get a chunk of their own */
#define JOB_MESSAGE_MAX 1024
#define JOB_WHERE_MAX 1024
/* The clock is read at every checkpoint that is a multiple of this: reading it costs more than the rest. */
#define JOB_CLOCK_EVERY 32

struct job_chunk {
    struct job_chunk *below;
    size_t size; /* bytes in `bytes` */
    size_t used; /* <= size */
    alignas(max_align_t) char bytes[];
};

struct job_end {
    struct job_end *before;
    void (*end)(void *object);
    void *object;
};

/* Most jobs have none. */
struct job_failure {
    char message[JOB_MESSAGE_MAX];
    char where[JOB_WHERE_MAX];
};

struct rs_job {
    struct job_chunk *top; /* never NULL: `own` is the last below it */
    struct job_end *ends;
    struct rs_job *within;
    size_t memory;         /* bytes in all chunks but `own`, its own and those of jobs within it */
    size_t memory_limit;   /* 0 = none */
    int64_t deadline_ms;   /* 0 = none */
    uint64_t checkpoints;  /* passed so far */
    uint64_t stop_at;      /* cancel when `checkpoints` reaches it; 0 = never */
    int cancelled;         /* atomic */
    rs_status status;      /* of the first failure */
    struct job_failure *failure; /* NULL: no words of it */
    union {
        struct job_chunk own;
        char room[sizeof(struct job_chunk) + JOB_OWN_ROOM];
    };
};

static bool job_wipes;

void rs_job_wipe_memory(void)
{
    job_wipes = true;
}

struct rs_job *rs_job_create(const struct rs_job_options *options)
{
    struct rs_job *job = malloc(sizeof *job);

    if (!job)
        rs_log_abort("no memory for a job");
    memset(job, 0, offsetof(struct rs_job, own.bytes));
    job->own.size = JOB_OWN_ROOM;
    job->top = &job->own;
    ASAN_POISON_MEMORY_REGION(job->own.bytes, JOB_OWN_ROOM);
    if (options) {
        job->memory_limit = options->memory_limit;
        job->deadline_ms = options->deadline_ms;
        job->within = options->within;
    }
    return job;
}

/* A chunk came or went: it counts to this job and to all around it, so that a limit holds for the whole work. */
static void job_count(struct rs_job *job, size_t size, bool came)
{
    for (; job; job = job->within)
        job->memory = came ? job->memory + size : job->memory - size;
}

static void job_clear_chunk(struct job_chunk *chunk)
{
    ASAN_UNPOISON_MEMORY_REGION(chunk->bytes, chunk->size);
    if (job_wipes)
        explicit_bzero(chunk->bytes, chunk->size);
}

static void job_drop_chunk(struct rs_job *job)
{
    struct job_chunk *chunk = job->top;

    job->top = chunk->below;
    job_count(job, chunk->size, false);
    job_clear_chunk(chunk);
    free(chunk);
}

void rs_job_destroy(struct rs_job *job)
{
    if (!job)
        return;
    while (job->ends) {
        struct job_end *last = job->ends;
        job->ends = last->before;
        last->end(last->object);
    }
    while (job->top != &job->own)
        job_drop_chunk(job);
    job_clear_chunk(&job->own);
    free(job->failure);
    free(job);
}

void rs_job_at_end(struct rs_job *job, void (*end)(void *object), void *object)
{
    struct job_end *entry = RS_NEW(job, struct job_end);

    *entry = (struct job_end){job->ends, end, object};
    job->ends = entry;
}

static size_t job_round(size_t size)
{
    size_t unit = alignof(max_align_t);

    return (size + JOB_REDZONE + unit - 1) / unit * unit;
}

/* Room for `size` bytes on top; false where the machine has no more memory. */
static bool job_reserve(struct rs_job *job, size_t size)
{
    size_t chunk_size = job->top != &job->own ? job->top->size * 2 : JOB_FIRST_CHUNK;
    struct job_chunk *chunk;

    if (chunk_size > JOB_LARGEST_CHUNK)
        chunk_size = JOB_LARGEST_CHUNK;
    if (chunk_size < size)
        chunk_size = size;
    chunk = malloc(sizeof *chunk + chunk_size);
    if (!chunk)
        return false;
    chunk->below = job->top;
    chunk->size = chunk_size;
    chunk->used = 0;
    ASAN_POISON_MEMORY_REGION(chunk->bytes, chunk_size);
    job->top = chunk;
    job_count(job, chunk_size, true);
    return true;
}

static void *job_take(struct rs_job *job, size_t size)
{
    size_t rounded = job_round(size);
    void *memory;

    if (job->top->size - job->top->used < rounded && !job_reserve(job, rounded))
        return NULL;
    memory = job->top->bytes + job->top->used;
    job->top->used += rounded;
    ASAN_UNPOISON_MEMORY_REGION(memory, size);
    return memory;
}

void *rs_alloc_raw(struct rs_job *job, size_t size)
{
    void *memory;

    assert(size < SIZE_MAX / 2);
    memory = job_take(job, size);
    if (!memory)
        rs_log_abort("no memory for %zu bytes", size);
    return memory;
}

void *rs_alloc(struct rs_job *job, size_t size)
{
    return memset(rs_alloc_raw(job, size), 0, size);
}

void *rs_alloc_array(struct rs_job *job, size_t count, size_t size)
{
    size_t total;

    if (__builtin_mul_overflow(count, size, &total))
        rs_log_abort("an array of %zu times %zu bytes", count, size);
    return rs_alloc(job, total);
}

/* Whether `total` more bytes stay below the limits of this job and of all around it. */
static bool job_has_room(const struct rs_job *job, size_t total)
{
    for (; job; job = job->within)
        if (job->memory_limit && (total > job->memory_limit || job->memory > job->memory_limit - total))
            return false;
    return true;
}

rs_status rs_try_alloc(struct rs_job *job, size_t count, size_t size, void **out)
{
    size_t total;
    void *memory;

    if (__builtin_mul_overflow(count, size, &total) || total > SIZE_MAX / 2 || !job_has_room(job, total))
        return rs_fail(job, RS_OVER_LIMIT, "%zu times %zu bytes are more than this work may hold",
                       count, size);
    memory = job_take(job, total);
    if (!memory)
        return rs_fail(job, RS_NO_MEMORY, "no memory for %zu bytes", total);
    *out = memset(memory, 0, total);
    return RS_OK;
}

rs_text rs_text_copy(struct rs_job *job, rs_text t)
{
    char *copy = rs_alloc(job, t.size + 1);

    if (t.size)
        memcpy(copy, t.bytes, t.size);
    return rs_text_of(copy, t.size);
}

char *rs_text_terminated(struct rs_job *job, rs_text t)
{
    return (char *)rs_text_copy(job, t).bytes;
}

rs_text rs_text_vformat(struct rs_job *job, const char *format, va_list arguments)
{
    va_list again;
    int size;
    char *text;

    va_copy(again, arguments);
    size = vsnprintf(NULL, 0, format, arguments);
    assert(size >= 0);
    text = rs_alloc(job, (size_t)size + 1);
    vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    return rs_text_of(text, (size_t)size);
}

rs_text rs_text_format(struct rs_job *job, const char *format, ...)
{
    va_list arguments;
    rs_text text;

    va_start(arguments, format);
    text = rs_text_vformat(job, format, arguments);
    va_end(arguments);
    return text;
}

rs_text rs_text_lower(struct rs_job *job, rs_text t)
{
    char *copy = rs_alloc(job, t.size + 1);

    for (size_t i = 0; i < t.size; i++)
        copy[i] = rs_lower(t.bytes[i]);
    return rs_text_of(copy, t.size);
}

struct rs_mark rs_job_mark(struct rs_job *job)
{
    return (struct rs_mark){job->top, job->top->used, job->memory};
}

void rs_job_reset(struct rs_job *job, struct rs_mark mark)
{
    while (job->top != mark.chunk) {
        assert(job->top != &job->own); /* a mark of another job, or one already given back */
        job_drop_chunk(job);
    }
    ASAN_POISON_MEMORY_REGION(job->top->bytes + mark.used, job->top->size - mark.used);
    job->top->used = mark.used;
}

size_t rs_job_memory(const struct rs_job *job)
{
    return job->memory;
}

void rs_job_set_memory_limit(struct rs_job *job, size_t bytes)
{
    job->memory_limit = bytes;
}

static struct job_failure *job_failure(struct rs_job *job)
{
    if (job->failure)
        return job->failure;
    job->failure = malloc(sizeof *job->failure);
    if (!job->failure)
        rs_log_abort("no memory to say what failed");
    job->failure->message[0] = job->failure->where[0] = '\0';
    return job->failure;
}

rs_status (rs_fail)(struct rs_job *job, rs_status status, const char *format, ...)
{
    va_list arguments;

    assert(status != RS_OK);
    if (job->status != RS_OK)
        return status;
    job->status = status;
    va_start(arguments, format);
    vsnprintf(job_failure(job)->message, JOB_MESSAGE_MAX, format, arguments);
    va_end(arguments);
    return status;
}

void rs_within(struct rs_job *job, const char *format, ...)
{
    struct job_failure *failure = job_failure(job);
    char where[JOB_WHERE_MAX];
    char joined[2 * JOB_WHERE_MAX + 2];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(where, sizeof where, format, arguments);
    va_end(arguments);
    snprintf(joined, sizeof joined, "%s%s%s", where, failure->where[0] ? ", " : "", failure->where);
    memcpy(failure->where, joined, sizeof failure->where - 1);
    failure->where[sizeof failure->where - 1] = '\0';
}

rs_status rs_job_status(const struct rs_job *job)
{
    return job->status;
}

rs_text rs_job_message(const struct rs_job *job)
{
    return rs_text_from(job->failure ? job->failure->message : "");
}

rs_text rs_job_where(const struct rs_job *job)
{
    return rs_text_from(job->failure ? job->failure->where : "");
}

rs_text rs_job_error(struct rs_job *job)
{
    rs_text message = rs_job_message(job), where = rs_job_where(job);

    if (message.size == 0)
        message = rs_text_from(rs_status_sentence(job->status));
    return rs_text_format(job, "%.*s%s%.*s", RS_TEXT_ARG(where), where.size > 0 ? ": " : "", RS_TEXT_ARG(message));
}

void rs_job_forgive(struct rs_job *job)
{
    job->status = RS_OK;
    if (job->failure)
        job->failure->message[0] = job->failure->where[0] = '\0';
}

rs_status rs_job_adopt(struct rs_job *job, const struct rs_job *part)
{
    if (part->status != RS_OK && job->status == RS_OK) {
        job->status = part->status;
        if (part->failure)
            *job_failure(job) = *part->failure;
    }
    return part->status;
}

/* A checkpoint of a job is one of every job around it: limits, cancellation and counts hold for the whole work. */
static rs_status job_pass(struct rs_job *job, struct rs_job *around)
{
    around->checkpoints++;
    if (around->stop_at && around->checkpoints >= around->stop_at)
        rs_job_cancel(around);
    if (__atomic_load_n(&around->cancelled, __ATOMIC_RELAXED))
        return rs_fail(job, RS_CANCELLED, "the work was cancelled");
    if (around->memory_limit && around->memory > around->memory_limit)
        return rs_fail(job, RS_OVER_LIMIT, "the work needs more than the %zu MiB it may hold",
                       around->memory_limit >> 20);
    return RS_OK;
}

rs_status rs_job_checkpoint(struct rs_job *job)
{
    for (struct rs_job *around = job; around; around = around->within)
        RS_TRY(job_pass(job, around));
    if (job->checkpoints % JOB_CLOCK_EVERY == 1 && rs_job_time_left_ms(job) == 0)
        return rs_fail(job, RS_TIMEOUT, "the work took longer than it may");
    return RS_OK;
}

bool rs_job_is_to_stop(const struct rs_job *job)
{
    if (rs_job_time_left_ms(job) == 0)
        return true;
    for (; job; job = job->within)
        if (__atomic_load_n(&job->cancelled, __ATOMIC_RELAXED))
            return true;
    return false;
}

void rs_job_cancel(struct rs_job *job)
{
    __atomic_store_n(&job->cancelled, 1, __ATOMIC_RELAXED);
}

void rs_job_set_deadline(struct rs_job *job, int64_t deadline_ms)
{
    job->deadline_ms = deadline_ms;
}

int64_t rs_job_time_left_ms(const struct rs_job *job)
{
    int64_t left = INT64_MAX;
    int64_t now = 0;

    for (; job; job = job->within) {
        if (!job->deadline_ms)
            continue;
        if (!now)
            now = rs_clock_steady_ms();
        int64_t mine = job->deadline_ms > now ? job->deadline_ms - now : 0;
        if (mine < left)
            left = mine;
    }
    return left;
}

void rs_job_stop_at(struct rs_job *job, uint64_t number)
{
    job->stop_at = job->checkpoints + number;
}

uint64_t rs_job_checkpoints(const struct rs_job *job)
{
    return job->checkpoints;
}
