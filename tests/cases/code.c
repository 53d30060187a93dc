/* tests/cases/code.c - members of <Code> and an expression that uses them, in the small report of
 * tests/unit/report/expr/world.h. A line of <Code> ends at " | ", the members at " || ":
 *
 *     Function F(x) | Return x + 1 | End Function || Code.F(2) => 3
 *
 * What does not compile answers "problem: " and the line and message of the first problem.
 */
#include "cases.h"

#include "../unit/report/expr/world.h"
#include "report/expr/code.h"

static rs_text lines_of(struct rs_job *job, rs_text text)
{
    rs_buf buf = rs_buf_in(job);

    for (ptrdiff_t at; (at = rs_text_find(text, RS_TEXT(" | "))) >= 0;) {
        rs_buf_add(&buf, rs_text_slice(text, 0, (size_t)at));
        rs_buf_add_byte(&buf, '\n');
        text = rs_text_from_offset(text, (size_t)at + 3);
    }
    rs_buf_add(&buf, text);
    return rs_buf_text(&buf);
}

static rs_status run(struct rs_job *job, struct world *world, rs_text members, rs_text expression, rs_buf *out)
{
    struct expr_code_problems problems;
    struct expr_code *code;
    struct value v;

    RS_TRY(expr_code_compile(job, lines_of(job, members), 1, &world->names, &code));
    problems = expr_code_problems(code);
    if (problems.count > 0 && expression.size == 0) {
        rs_buf_printf(out, "problem: line %u, %.*s", problems.items[0].line, RS_TEXT_ARG(problems.items[0].message));
        return RS_OK;
    }
    world->names.code = code;
    world->env.code = expr_code_start(job, code);
    RS_TRY(world_eval(world, expression, &v));
    cases_show(v, out);
    return RS_OK;
}

static void answer(struct rs_job *job, rs_text input, const struct cases_setting *setting, rs_buf *out)
{
    ptrdiff_t at = rs_text_find(input, RS_TEXT(" || "));
    struct world world;

    world_init(&world, job);
    world.env.culture = setting->culture;
    if (run(job, &world, at < 0 ? input : rs_text_slice(input, 0, (size_t)at),
            at < 0 ? RS_TEXT("") : rs_text_from_offset(input, (size_t)at + 4), out) != RS_OK) {
        rs_buf_printf(out, "refused: %.*s", RS_TEXT_ARG(rs_job_message(job)));
        rs_job_forgive(job);
    }
}

int main(int argc, char **argv)
{
    return cases_run(argc, argv, answer);
}
