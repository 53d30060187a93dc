/* Query texts and the parameters in them. */
#include "report/data/sql.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct value list[] = {value_integer(1), value_null()};
    const struct data_parameter parameters[] = {{RS_TEXT("@a"), value_integer(1)}, {RS_TEXT("b"), value_array(list, 2)},
                                                {RS_TEXT("?"), value_array(NULL, 0)}};
    struct data_bound bound;

    if (data_sql_bind(job, rs_text_of((const char *)data, size), parameters, 3, &bound) != RS_OK)
        return 0;
    return 0;
}
