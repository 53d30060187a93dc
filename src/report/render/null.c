/* NULL: executes the report and writes nothing, to fill caches and to test data sources.
 */
#include "report/compute/compute.h"
#include "report/render/renderers.h"

static rs_status render(struct rs_job *job, struct compute_run *run, const struct render_device_info *info,
                        const struct render_sink *sink)
{
    (void)info, (void)sink;
    return compute_fetch(job, run);
}

const struct render_format render_null = {
    .name = "NULL",
    .label = "Null",
    .mime_type = "text/plain",
    .extension = "txt",
    .kind = RENDER_NONE,
    .render = render,
};
