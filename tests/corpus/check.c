/* Report check over every definition of the public corpus (walk.h).
 *
 *     check [--list] [FOLDER]
 *
 * Prints the reasons for which files fail, how often, and in how many files; at last `checked N, ok N, failed N`. Fails
 * where a file fails that known.txt does not name: known.txt is what is not done yet, or another dialect's. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/map.h"
#include "report/publish/publish.h"
#include "report/rdl/read.h"
#include "walk.h"

struct reason {
    rs_text text;
    unsigned times, files, last_file;
};

struct survey {
    struct rs_job *job;
    struct corpus corpus;
    struct rs_map *known;    /* files that may fail */
    struct rs_map *reasons;
    unsigned checked, ok, failed, surprising, repaired;
    int64_t slowest_ms;
    rs_text slowest;
};

static struct survey survey;

/* The same reason in other words: names and numbers are left out. */
static rs_text reason_of(const struct publish_problem *problem)
{
    rs_buf buf = rs_buf_in(survey.job);
    bool quoted = false;

    rs_buf_printf(&buf, "[%.*s] ", RS_TEXT_ARG(problem->code));
    for (size_t i = 0; i < problem->message.size; i++) {
        char c = problem->message.bytes[i];
        if (c == '"') {
            quoted = !quoted;
            if (quoted)
                rs_buf_add_literal(&buf, "\"...\"");
        } else if (!quoted && rs_is_digit(c)) {
            if (buf.bytes[buf.used - 1] != 'N')
                rs_buf_add_byte(&buf, 'N');
        } else if (!quoted) {
            rs_buf_add_byte(&buf, c);
        }
        if (rs_text_ends(rs_buf_text(&buf), RS_TEXT("Code."))) /* each report has members of its own */
            while (i + 1 < problem->message.size && (rs_is_alpha(problem->message.bytes[i + 1]) ||
                                                     rs_is_digit(problem->message.bytes[i + 1]) || problem->message.bytes[i + 1] == '_'))
                i++;
    }
    return rs_buf_text(&buf);
}

static void count_reason(const struct publish_problem *problem)
{
    rs_text text = reason_of(problem);
    struct reason *reason = rs_map_find(survey.reasons, text);

    if (!reason) {
        reason = RS_NEW(survey.job, struct reason);
        reason->text = text;
        rs_map_set(survey.reasons, text, reason);
    }
    reason->times++;
    reason->files += reason->last_file != survey.checked;
    reason->last_file = survey.checked;
}

static void check_file(rs_text path)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text name = rs_text_from_offset(path, survey.corpus.root.size + 1), bytes;
    struct publish_check_result result;
    int64_t started_ms = rs_clock_steady_ms(), took_ms;

    survey.checked++;
    if (rs_file_read(job, path, RDL_SIZE_MAX, &bytes) != RS_OK || publish_check(job, bytes, &result) != RS_OK) {
        printf("STOPPED %.*s: %.*s\n", RS_TEXT_ARG(name), RS_TEXT_ARG(rs_job_error(job)));
        survey.failed++;
        survey.surprising++;
        return;
    }
    took_ms = rs_clock_steady_ms() - started_ms;
    if (took_ms > survey.slowest_ms) {
        survey.slowest_ms = took_ms;
        survey.slowest = path;
    }
    for (size_t i = 0; i < result.problems.count; i++) {
        const struct publish_problem *p = &result.problems.items[i];
        if (p->severity == PUBLISH_ERROR)
            count_reason(p);
        if (survey.corpus.list)
            printf("%.*s:%u: %.*s%s<%.*s>: %.*s\n", RS_TEXT_ARG(name), p->line, RS_TEXT_ARG(p->where), p->where.size ? " " : "",
                   RS_TEXT_ARG(p->property), RS_TEXT_ARG(p->message));
    }
    survey.ok += result.ok;
    survey.failed += !result.ok;
    if (!result.ok && !rs_map_has(survey.known, name)) {
        const struct publish_problem *p = result.problems.items;
        while (p->severity != PUBLISH_ERROR)
            p++;
        survey.surprising++;
        printf("FAILS %.*s:%u: %.*s <%.*s>: %.*s\n", RS_TEXT_ARG(name), p->line, RS_TEXT_ARG(p->where), RS_TEXT_ARG(p->property),
               RS_TEXT_ARG(p->message));
    }
    if (result.ok && rs_map_has(survey.known, name)) {
        survey.repaired++;
        printf("passes now; take it out of known.txt: %.*s\n", RS_TEXT_ARG(name));
    }
}

static int compare_reasons(const void *a, const void *b)
{
    const struct reason *x = *(struct reason *const *)a, *y = *(struct reason *const *)b;

    return x->files != y->files ? (x->files < y->files ? 1 : -1) : rs_text_compare(x->text, y->text);
}

static void print_reasons(void)
{
    size_t count = rs_map_count(survey.reasons);
    struct reason **reasons = RS_NEW_ARRAY(survey.job, struct reason *, count);

    for (size_t i = 0; i < count; i++)
        reasons[i] = rs_map_value(survey.reasons, i);
    if (count)
        qsort(reasons, count, sizeof *reasons, compare_reasons);
    printf("%6s %6s  %s\n", "files", "times", "reason");
    for (size_t i = 0; i < count; i++)
        printf("%6u %6u  %.*s\n", reasons[i]->files, reasons[i]->times, RS_TEXT_ARG(reasons[i]->text));
}

static void read_known(void)
{
    rs_text path = rs_text_format(survey.job, "%s/tests/corpus/known.txt", corpus_source()), content, line;

    survey.known = rs_map_create(survey.job, RS_MAP_EXACT);
    if (rs_file_read(survey.job, path, 1 << 20, &content) != RS_OK) {
        fprintf(stderr, "check: %.*s\n", RS_TEXT_ARG(rs_job_error(survey.job)));
        exit(1);
    }
    while (content.size) {
        rs_text_cut(content, '\n', &line, &content);
        if (line.size && line.bytes[0] != '#')
            rs_map_set(survey.known, line, NULL);
    }
}

int main(int count, char **arguments)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    survey.job = job;
    survey.reasons = rs_map_create(job, RS_MAP_EXACT);
    if (!corpus_walk(job, count, arguments, &survey.corpus))
        return CORPUS_SKIPPED;
    read_known();
    for (size_t i = 0; i < survey.corpus.paths.count; i++)
        check_file(survey.corpus.paths.items[i]);
    print_reasons();
    printf("slowest: %lld ms, %.*s\n", (long long)survey.slowest_ms, RS_TEXT_ARG(survey.slowest));
    printf("checked %u, ok %u, failed %u\n", survey.checked, survey.ok, survey.failed);
    return survey.surprising ? 1 : 0;
}
