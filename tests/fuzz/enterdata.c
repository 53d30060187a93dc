/* Rows typed into a report: documents and element paths. */
#include "report/data/data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(&(struct rs_job_options){.memory_limit = 64 << 20});
    struct data_source source = {.name = RS_TEXT("S"), .provider = RS_TEXT("XML"),
                                 .connect_string = RS_TEXT("<a i='1'><b>x</b><b>y</b></a>")};
    struct data_query query = {.data_set = RS_TEXT("D"), .text = rs_text_of((const char *)data, size)};
    struct data_connection *connection;
    struct data_rows *rows;

    if (data_open(job, &source, &connection) == RS_OK && data_execute(job, connection, &query, &rows) == RS_OK)
        for (size_t c = 0; c < rows->column_count; c++)
            for (size_t r = 0; r < rows->row_count; r++)
                data_value(&rows->columns[c], r);
    return 0;
}
