/* Query texts and the parameters in them, in every dialect. */
#include "report/data/odbc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct data_dialect *const dialects[] = {&data_dialect_sqlite, &data_dialect_postgres, &data_dialect_postgres_split,
                                                   &odbc_server_find(RS_TEXT("SQL Server"))->dialect, &odbc_server_find(RS_TEXT("MySQL"))->dialect};
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct value list[] = {value_integer(1), value_null()};
    const struct data_parameter parameters[] = {{RS_TEXT("@a"), value_integer(1)}, {RS_TEXT("b"), value_array(list, 2)},
                                                {RS_TEXT("?"), value_array(NULL, 0)}};
    rs_text text = rs_text_of((const char *)data, size), name;
    struct data_bound bound;
    const struct data_query query = {.text = text, .parameters = parameters, .parameter_count = 3};
    const struct value *values;
    size_t count;

    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++) {
        if (data_sql_bind(job, dialects[i], text, parameters, 3, &bound) != RS_OK)
            rs_job_forgive(job);
    }
    if (odbc_tsql_batch(job, &query, &name, &values, &count) != RS_OK)
        rs_job_forgive(job);
    if (data_sql_name(job, text, &name) != RS_OK)
        return 0;
    return 0;
}
