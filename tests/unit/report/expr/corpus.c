#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "report/expr/parse.h"
#include "world.h"

/* Where a collection of what real reports hold is, if they are here: BINDERY_CORPUS, or beside the source. */
bool corpus_path(const char *name, char *out, size_t size)
{
    static const char *const beside[] = {"/../shared/rdl-corpus", "/../../shared/rdl-corpus"};
    const char *folder = getenv("BINDERY_CORPUS"), *source = getenv("BINDERY_SOURCE");
    FILE *file;

    for (size_t i = 0; i < 2; i++) {
        if (folder)
            snprintf(out, size, "%s/%s", folder, name);
        else
            snprintf(out, size, "%s%s/%s", source ? source : ".", beside[i], name);
        file = fopen(out, "r");
        if (file) {
            fclose(file);
            return true;
        }
    }
    return false;
}

/* The fourth column; \n, \t and \\ are written so. */
static rs_text corpus_expression(struct rs_job *job, rs_text line)
{
    rs_buf buf = rs_buf_in(job);
    rs_text column, rest = line;

    for (int i = 0; i < 3; i++)
        if (!rs_text_cut(rest, '\t', &column, &rest))
            return RS_TEXT("");
    for (size_t i = 0; i < rest.size; i++) {
        char c = rest.bytes[i];
        if (c == '\\' && i + 1 < rest.size) {
            c = rest.bytes[++i];
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
        }
        rs_buf_add_byte(&buf, c);
    }
    return rs_buf_text(&buf);
}

struct tally {
    size_t count, parsed, compiled, unsupported, foreign, code;
};

/* Run what was compiled: the values mean nothing, but nothing may fail or break. */
static void run_one(struct world *world, const struct expr_program *program)
{
    struct value out;

    if (expr_eval(world->job, program, &world->env, &out) != RS_OK)
        fail_msg("%.*s", RS_TEXT_ARG(rs_job_error(world->job)));
}

static void compile_one(struct rs_job *job, rs_text source, struct tally *tally)
{
    struct world world;
    struct expr_node *node;
    struct expr_program *program;

    world_init(&world, job);
    world.any_name = true;
    world.env = (struct expr_env){0};
    tally->count++;
    tally->parsed += expr_parse(job, source, &node) == RS_OK;
    rs_job_forgive(job);
    switch (expr_compile(job, source, &world.names, &program)) {
    case RS_OK:
        tally->compiled++;
        run_one(&world, program);
        return;
    case EXPR_UNSUPPORTED:
        tally->unsupported++;
        __attribute__((fallthrough));
    default:
        if (rs_text_find(rs_job_message(job), RS_TEXT("Code.")) >= 0) { /* its members are not here */
            tally->code++;
            break;
        }
        if (rs_text_find_byte(source, '{') >= 0) { /* {Name}: the place holders of another report language */
            tally->foreign++;
            break;
        }
        print_message("# %.*s\n#     =%.*s\n", RS_TEXT_ARG(rs_job_message(job)), RS_TEXT_ARG(rs_text_slice(source, 0, 200)));
    }
    rs_job_forgive(job);
}

UNIT_TEST(expr_compiles_the_expressions_of_real_reports)
{
    struct tally tally = {0};
    char path[4096];
    rs_text all, line;

    if (!corpus_path("EXPRESSIONS.tsv", path, sizeof path))
        UNIT_SKIP("no collected expressions here: set BINDERY_CORPUS");
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    assert_ok(job, rs_file_read(job, rs_text_from(path), 64 << 20, &all));
    while (rs_text_cut(all, '\n', &line, &all)) {
        struct rs_mark mark = rs_job_mark(job);
        rs_text source = corpus_expression(job, line);
        if (rs_text_starts(source, RS_TEXT("=")))
            compile_one(job, rs_text_from_offset(source, 1), &tally);
        rs_job_reset(job, mark);
    }
    print_message("# %zu expressions, %zu parsed, %zu compiled, %zu need what is not supported, %zu <Code>, "
                  "%zu of another language\n", tally.count, tally.parsed, tally.compiled, tally.unsupported, tally.code,
                  tally.foreign);
    assert_true((tally.count - tally.parsed) * 200 <= tally.count);
    assert_true((tally.count - tally.compiled - tally.unsupported - tally.code - tally.foreign) * 200 <= tally.count);
}
