/* Connection strings. */
#include "report/data/connect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_settings settings;
    rs_text value;

    if (data_connect_parse(job, rs_text_of((const char *)data, size), &settings) == RS_OK)
        data_setting(&settings, RS_TEXT("Data Source"), &value);
    return 0;
}
