/* tests/cases/expr.c - expressions, run in the small report of tests/unit/report/expr/world.h.
 *
 *     Left(Fields!Name.Value, 2) => "An"
 *
 * What is refused when it is compiled answers "refused: " and the message.
 */
#include "cases.h"

#include "../unit/report/expr/world.h"

static void answer(struct rs_job *job, rs_text input, const struct cases_setting *setting, rs_buf *out)
{
    struct world world;
    struct value v;

    world_init(&world, job);
    world.env.culture = setting->culture;
    if (world_eval(&world, input, &v) != RS_OK) {
        rs_buf_printf(out, "refused: %.*s", RS_TEXT_ARG(rs_job_message(job)));
        rs_job_forgive(job);
        return;
    }
    cases_show(v, out);
}

int main(int argc, char **argv)
{
    return cases_run(argc, argv, answer);
}
