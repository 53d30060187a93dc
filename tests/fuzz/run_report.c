/* Whole reports, over made-up rows: published, executed, written as CSV. */
#include "base/clock.h"
#include "report/publish/publish.h"
#include "report/render/run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static rs_status drop(struct rs_job *job, void *data, rs_text bytes)
{
    (void)job, (void)data, (void)bytes;
    return RS_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(publish_report) report = NULL;
    RS_OWNED(rs_job) job = rs_job_create(&(struct rs_job_options){.memory_limit = 256 << 20,
                                                                  .deadline_ms = rs_clock_steady_ms() + 5000});
    struct render_request request = {.format = RS_TEXT("CSV"), .options = {.sample_data = true}};
    const struct render_sink sink = {NULL, drop, NULL};

    if (publish_open(job, rs_text_of((const char *)data, size), &(struct publish_options){.collect = true}, &report) != RS_OK)
        return 0;
    if (render_report(job, report, &request, &sink, NULL) != RS_OK)
        return 0;
    return 0;
}
