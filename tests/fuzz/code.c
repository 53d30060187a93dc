/* <Code>: members compiled, and called where they are called F. Running is bounded by checkpoints. */
#include "../unit/report/expr/world.h"

#include "report/expr/code.h"
#include "report/value/convert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_job_options options = {.memory_limit = (size_t)256 << 20};
    RS_OWNED(rs_job) job = rs_job_create(&options);
    struct expr_code *code;
    struct world world;
    struct value v;

    world_init(&world, job);
    if (expr_code_compile(job, rs_text_of((const char *)data, size), 1, &world.names, &code) != RS_OK)
        return 0;
    world.names.code = code;
    world.env.code = expr_code_start(job, code);
    rs_job_stop_at(job, 2000);
    if (world_eval(&world, RS_TEXT("Code.F()"), &v) == RS_OK)
        (void)value_to_string(job, v, world.env.culture);
    rs_job_forgive(job);
    rs_job_stop_at(job, 2000);
    if (world_eval(&world, RS_TEXT("Code.F(3)"), &v) == RS_OK)
        (void)value_to_string(job, v, world.env.culture);
    return 0;
}
