/* Where an application can be reached, as it is typed: what is parsed writes itself back to an equal target. */
#include <stdlib.h>

#include "net/tables/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct tables_target target, again;

    if (tables_target_parse(job, rs_text_of((const char *)data, size), &target) != RS_OK)
        return 0;
    if (tables_target_parse(job, tables_target_write(job, &target), &again) != RS_OK || target.port != again.port ||
        !rs_text_equal(target.path, again.path))
        abort();
    return 0;
}
