/* A rsreportserver.config of anybody: read, compared with tables, its rows put into words. */
#include <assert.h>
#include <stdint.h>

#include "service/configure/drift.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct tables_snapshot *tables(struct rs_job *job)
{
    static const struct tables_application applications[] = {
        {.name = RS_TEXT("ReportServerWebService"), .directory = RS_TEXT("ReportServer")},
        {.name = RS_TEXT("ReportServerWebApp"), .directory = RS_TEXT("Reports")},
        {.name = RS_TEXT("Neighbour"), .kind = TABLES_OTHER},
    };
    struct tables_reservation url = {.id = 1, .application = RS_TEXT("ReportServerWebService")};

    assert(tables_prefix_parse(job, RS_TEXT("https://+:443/ReportServer/"), &url.prefix) == RS_OK);
    return tables_snapshot_create(&(struct tables_rows){.applications = applications, .application_count = 3,
                                                        .reservations = &url, .reservation_count = 1});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(&(struct rs_job_options){.memory_limit = (size_t)256 << 20});
    RS_OWNED(tables_snapshot) snapshot = tables(job);
    struct config_drift drift;
    const rs_text *lines;
    size_t count;

    config_drift_find(job, snapshot, rs_text_of((const char *)data, size), config_shown(job, snapshot), &drift);
    config_drift_lines(job, &drift, &lines, &count);
    assert(drift.state != CONFIG_IN_STEP || count == 0);
    assert(drift.state == CONFIG_IN_STEP || drift.message.size > 0);
    for (size_t i = 0; i < drift.in_file.count; i++)
        assert(drift.in_file.items[i].line > 0 && drift.in_file.items[i].text.size > 0);
    return 0;
}
