/* Report check: all that is wrong with a definition, as a list. */
#include "report/publish/publish.h"

#include <stdlib.h>

#include "base/vec.h"
#include "report/rdl/read.h"

RS_VEC_TYPE(struct publish_problem, problem_vec);

/* The reader's messages begin with "line 12: " or "line 12, column 3: ". */
static unsigned take_line(rs_text *message)
{
    rs_text rest = *message, digits, head;
    uint64_t line;
    size_t count = 0;

    if (!rs_text_starts(rest, RS_TEXT("line ")))
        return 0;
    digits = rs_text_from_offset(rest, 5);
    while (count < digits.size && rs_is_digit(digits.bytes[count]))
        count++;
    if (!rs_parse_uint64(rs_text_slice(digits, 0, count), &line) || line > UINT32_MAX)
        return 0;
    if (rs_text_cut(rest, ':', &head, &rest))
        *message = rs_text_trim(rest);
    return (unsigned)line;
}

static void unreadable(struct rs_job *job, const struct rs_job *part, struct problem_vec *problems)
{
    struct publish_problem problem = {.severity = PUBLISH_ERROR};

    problem.code = rs_text_from(rs_status_client_code(rs_job_status(part)));
    problem.where = rs_text_copy(job, rs_job_where(part));
    problem.message = rs_text_copy(job, rs_job_message(part));
    problem.line = take_line(&problem.message);
    rs_vec_push(job, problems, problem);
}

static bool is_stop(rs_status status)
{
    return status == RS_CANCELLED || status == RS_TIMEOUT || status == RS_OVER_LIMIT || status == RS_NO_MEMORY;
}

static int compare_problems(const void *a, const void *b)
{
    const struct publish_problem *x = a, *y = b;

    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return rs_text_compare(x->property, y->property);
}

static void copy_problems(struct rs_job *job, const struct publish_report *report, struct problem_vec *problems)
{
    for (size_t i = 0; i < report->problems.count; i++) {
        struct publish_problem problem = report->problems.items[i];
        problem.where = rs_text_copy(job, problem.where);
        problem.property = rs_text_copy(job, problem.property);
        problem.code = rs_text_copy(job, problem.code);
        problem.message = rs_text_copy(job, problem.message);
        rs_vec_push(job, problems, problem);
    }
}

rs_status publish_check(struct rs_job *job, rs_text bytes, struct publish_check_result *out)
{
    static const struct publish_options collect = {.collect = true};
    RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.memory_limit = PUBLISH_MEMORY_MAX, .within = job});
    struct publish_report *report = NULL;
    struct problem_vec problems = {0};
    struct rdl_report *definition;
    rs_status status = rdl_read(part, bytes, &definition);

    if (status == RS_OK)
        status = publish_report(part, definition, &collect, &report);
    if (status != RS_OK && is_stop(status))
        return rs_job_adopt(job, part);
    if (status != RS_OK)
        unreadable(job, part, &problems);
    else
        copy_problems(job, report, &problems);
    if (problems.count)
        qsort(problems.items, problems.count, sizeof *problems.items, compare_problems);
    *out = (struct publish_check_result){.error_count = report ? report->error_count : 1};
    out->problems.items = problems.items;
    out->problems.count = problems.count;
    for (size_t i = 0; i < problems.count; i++) {
        out->unsupported_count += problems.items[i].severity == PUBLISH_UNSUPPORTED;
        out->warning_count += problems.items[i].severity == PUBLISH_WARNING;
    }
    out->ok = out->error_count == 0;
    return RS_OK;
}
