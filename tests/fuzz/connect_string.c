/* Connection strings: their pairs, and what providers make of them. */
#include "report/data/connect.h"
#include "report/data/odbc.h"
#include "report/data/postgres.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text text = rs_text_of((const char *)data, size), value;
    struct data_source source = {.connect_string = text, .base_folder = RS_TEXT("/data")};
    struct data_settings settings;
    struct postgres_options options;
    static const rs_text names[] = {RS_TEXT("FreeTDS"), RS_TEXT("MySQL ODBC 8.0 Unicode Driver"), RS_TEXT("PostgreSQL Unicode")};
    static const char *const providers[] = {"SQL", "OLEDB", "ODBC", "MYSQL"};
    const struct odbc_drivers drivers = {names, 3};
    unsigned timeout_s;

    if (data_connect_parse(job, text, &settings) == RS_OK)
        data_setting(&settings, RS_TEXT("Data Source"), &value);
    rs_job_forgive(job);
    if (postgres_options_make(job, &source, &options) == RS_OK && options.keywords[options.count])
        __builtin_trap();
    for (size_t i = 0; i < sizeof providers / sizeof *providers; i++) {
        rs_job_forgive(job);
        source.provider = rs_text_from(providers[i]);
        if (odbc_connect_string(job, &source, &drivers, &value, &timeout_s) == RS_OK && !rs_text_starts_nocase(value, RS_TEXT("Driver=")) &&
            !rs_text_is_empty(value) && i != 1 && i != 2)
            __builtin_trap();
    }
    return 0;
}
