/* Expressions: compiled, and run where they compile, in the small report of the tests; and read as another designer's. */
#include "../unit/report/expr/world.h"

#include "report/expr/dialect.h"
#include "report/value/convert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rs_job_options options = {.memory_limit = (size_t)512 << 20};
    RS_OWNED(rs_job) job = rs_job_create(&options);
    struct world world;
    struct value v;

    world_init(&world, job);
    if (world_eval(&world, rs_text_of((const char *)data, size), &v) == RS_OK)
        (void)value_to_string(job, v, world.env.culture);
    rs_job_forgive(job);
    rs_text source = rs_text_of((const char *)data, size), basic;
    if (expr_dialect(job, source, NULL, &basic) && world_eval(&world, basic, &v) == RS_OK)
        (void)value_to_string(job, v, world.env.culture);
    return 0;
}
