/* Connection strings: their pairs, and what providers make of them. */
#include "report/data/connect.h"
#include "report/data/postgres.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text text = rs_text_of((const char *)data, size), value;
    struct data_source source = {.connect_string = text, .base_folder = RS_TEXT("/data")};
    struct data_settings settings;
    struct postgres_options options;

    if (data_connect_parse(job, text, &settings) == RS_OK)
        data_setting(&settings, RS_TEXT("Data Source"), &value);
    rs_job_forgive(job);
    if (postgres_options_make(job, &source, &options) == RS_OK && options.keywords[options.count])
        __builtin_trap();
    return 0;
}
