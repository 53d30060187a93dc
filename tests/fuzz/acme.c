/* Answers of an ACME server: whatever comes, values or an error. */
#include <string.h>

#include "net/acme/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text bytes = rs_text_of((const char *)data, size);
    struct acme_directory directory;
    struct acme_authorization authorization;
    struct acme_order order;
    struct acme_window window;
    struct acme_problem problem;
    int64_t time;

    acme_problem_parse(job, bytes, &problem);
    (void)acme_time_parse(bytes, &time);
    (void)acme_url_is_good(bytes);
    if (acme_directory_parse(job, bytes, &directory) != RS_OK)
        rs_job_forgive(job);
    if (acme_authorization_parse(job, bytes, &authorization) != RS_OK)
        rs_job_forgive(job);
    if (acme_order_parse(job, bytes, &order) != RS_OK)
        rs_job_forgive(job);
    if (acme_window_parse(job, bytes, &window) != RS_OK)
        rs_job_forgive(job);
    return 0;
}
