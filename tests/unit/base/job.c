#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/job.h"
#include "base/vec.h"

static void count_end(void *object)
{
    ++*(int *)object;
}

UNIT_TEST(job_runs_its_ends_last_first)
{
    int ended = 0;
    struct rs_job *job = rs_job_create(NULL);

    rs_job_at_end(job, count_end, &ended);
    rs_job_at_end(job, count_end, &ended);
    assert_int_equal(ended, 0);
    rs_job_destroy(job);
    assert_int_equal(ended, 2);
}

UNIT_TEST(job_memory_is_zeroed_even_when_it_is_used_again)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    rs_alloc(job, 1);
    struct rs_mark mark = rs_job_mark(job);
    memset(rs_alloc(job, 500), 0xFF, 500);
    rs_job_reset(job, mark);
    const char *again = rs_alloc(job, 500);
    for (int i = 0; i < 500; i++)
        assert_int_equal(again[i], 0);
}

UNIT_TEST(job_reset_gives_back_whole_chunks)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct rs_mark mark = rs_job_mark(job);

    for (int i = 0; i < 100; i++)
        rs_alloc(job, 100000);
    assert_true(rs_job_memory(job) >= 10000000);
    rs_job_reset(job, mark);
    assert_int_equal(rs_job_memory(job), 0);
}

UNIT_TEST(job_keeps_the_first_report_and_every_where)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_status(rs_fail(job, RS_INVALID, "the size \"%s\" has no unit", "12"), RS_INVALID);
    rs_within(job, "textbox \"%s\"", "Total");
    (void)rs_fail(job, RS_IO, "a later report");
    rs_within(job, "report \"%s\"", "Sales");
    assert_int_equal(rs_job_status(job), RS_INVALID);
    assert_text(rs_job_error(job), "report \"Sales\", textbox \"Total\": the size \"12\" has no unit");
    rs_job_forgive(job);
    assert_int_equal(rs_job_status(job), RS_OK);
    assert_text(rs_job_where(job), "");
}

UNIT_TEST(job_cuts_reports_that_are_too_long)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf buf = rs_buf_in(job);

    for (int i = 0; i < 5000; i++)
        rs_buf_add_byte(&buf, 'x');
    (void)rs_fail(job, RS_FAILED, "%s", rs_buf_terminated(&buf));
    for (int i = 0; i < 10; i++)
        rs_within(job, "%s", rs_buf_terminated(&buf));
    assert_true(rs_job_error(job).size < 3000);
}

UNIT_TEST(job_refuses_sizes_from_outside_past_its_limit)
{
    RS_OWNED(rs_job) job = rs_job_create(&(struct rs_job_options){.memory_limit = 1 << 20});
    void *memory = NULL;

    assert_ok(job, rs_try_alloc(job, 1000, 10, &memory));
    assert_status(rs_try_alloc(job, 1000, 2000, &memory), RS_OVER_LIMIT);
    rs_job_forgive(job);
    assert_status(rs_try_alloc(job, SIZE_MAX / 2, 16, &memory), RS_OVER_LIMIT);
}

UNIT_TEST(job_stops_at_a_checkpoint_past_its_limit)
{
    RS_OWNED(rs_job) job = rs_job_create(&(struct rs_job_options){.memory_limit = 1 << 20});

    assert_ok(job, rs_job_checkpoint(job));
    rs_alloc(job, 2 << 20);
    assert_status(rs_job_checkpoint(job), RS_OVER_LIMIT);
}

UNIT_TEST(job_stops_at_its_deadline_and_that_of_the_job_around_it)
{
    RS_OWNED(rs_job) outer = rs_job_create(NULL);
    RS_OWNED(rs_job) inner = rs_job_create(&(struct rs_job_options){.within = outer});

    assert_ok(inner, rs_job_checkpoint(inner));
    rs_job_set_deadline(outer, rs_clock_steady_ms() - 1);
    rs_status status = RS_OK;
    for (int i = 0; i < 100 && status == RS_OK; i++)
        status = rs_job_checkpoint(inner);
    assert_int_equal(status, RS_TIMEOUT);
    assert_int_equal(rs_job_time_left_ms(inner), 0);
}

UNIT_TEST(job_counts_the_memory_of_jobs_within_it)
{
    RS_OWNED(rs_job) outer = rs_job_create(&(struct rs_job_options){.memory_limit = 1 << 20});

    {
        RS_OWNED(rs_job) inner = rs_job_create(&(struct rs_job_options){.within = outer});
        void *memory;

        assert_status(rs_try_alloc(inner, 2 << 20, 1, &memory), RS_OVER_LIMIT);
        rs_alloc(inner, 2 << 20);
        assert_status(rs_job_checkpoint(inner), RS_OVER_LIMIT);
    }
    assert_ok(outer, rs_job_checkpoint(outer));
    assert_int_equal(rs_job_memory(outer), 0);
}

UNIT_TEST(job_counts_the_checkpoints_of_jobs_within_it)
{
    RS_OWNED(rs_job) outer = rs_job_create(NULL);
    RS_OWNED(rs_job) inner = rs_job_create(&(struct rs_job_options){.within = outer});

    rs_job_stop_at(outer, 2);
    assert_ok(inner, rs_job_checkpoint(inner));
    assert_status(rs_job_checkpoint(inner), RS_CANCELLED);
    assert_status(rs_job_status(outer), RS_OK);
    assert_int_equal(rs_job_checkpoints(outer), 2);
}

UNIT_TEST(job_hands_its_failure_to_another)
{
    RS_OWNED(rs_job) whole = rs_job_create(NULL);
    RS_OWNED(rs_job) part = rs_job_create(NULL);

    (void)rs_fail(part, RS_DENIED, "no");
    rs_within(part, "data set \"D\"");
    assert_status(rs_job_adopt(whole, part), RS_DENIED);
    assert_text(rs_job_error(whole), "data set \"D\": no");
}

/* A stand-in for real work: nested calls, owned handles, scratch, growing text. Every piece of it must
 * survive a stop at any checkpoint. */
struct handle {
    int *open;
};

static struct handle *handle_open(int *open)
{
    struct handle *handle = malloc(sizeof *handle);

    handle->open = open;
    ++*open;
    return handle;
}

static void handle_close(struct handle *handle)
{
    if (!handle)
        return;
    --*handle->open;
    free(handle);
}
RS_OWNED_BY(handle, handle_close)

static rs_status work_page(struct rs_job *job, int rows, rs_buf *out)
{
    struct rs_mark mark = rs_job_mark(job);

    for (int i = 0; i < rows; i++) {
        RS_TRY(rs_job_checkpoint(job));
        (void)rs_text_format(job, "row %d", i);
        rs_job_reset(job, mark);
    }
    return RS_OK;
}

static rs_status work_report(struct rs_job *job, int *open, int pages, rs_text *out)
{
    RS_OWNED(handle) source = handle_open(open);
    rs_buf buf = rs_buf_in(job);

    for (int i = 0; i < pages; i++) {
        RS_OWNED(handle) page = handle_open(open);
        RS_TRY(rs_job_checkpoint(job));
        rs_buf_printf(&buf, "page %d\n", i);
        RS_TRY(work_page(job, 5, &buf));
    }
    *out = rs_buf_text(&buf);
    return RS_OK;
}

UNIT_TEST(job_stopped_at_every_checkpoint_releases_everything)
{
    RS_OWNED(rs_job) whole = rs_job_create(NULL);
    rs_text result;
    int open = 0;

    assert_ok(whole, work_report(whole, &open, 7, &result));
    assert_int_equal(open, 0);
    uint64_t checkpoints = rs_job_checkpoints(whole);
    assert_int_equal(checkpoints, 7 * 6);
    for (uint64_t stop = 1; stop <= checkpoints; stop++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        rs_job_stop_at(job, stop);
        assert_status(work_report(job, &open, 7, &result), RS_CANCELLED);
        assert_int_equal(rs_job_checkpoints(job), stop);
        assert_int_equal(open, 0);
    }
}

UNIT_TEST(codes_of_clients_lead_back_to_their_status)
{
    assert_int_equal(rs_status_of_client_code("rsItemNotFound", 14), RS_NOT_FOUND);
    assert_int_equal(rs_status_of_client_code("rsItemAlreadyExists", 19), CATALOG_EXISTS);
    assert_int_equal(rs_status_of_client_code("rsItemNotFoun", 13), RS_FAILED);
    assert_int_equal(rs_status_of_client_code("", 0), RS_FAILED);
    for (int status = 1; status < RS_STATUS_COUNT; status++) {
        const char *code = rs_status_client_code((rs_status)status);
        assert_string_equal(rs_status_client_code(rs_status_of_client_code(code, strlen(code))), code);
    }
}
