/* report/render/run.h - the one entry point of the report zone: a published report in, bytes of a format out.
 *
 * The command line and the worker call this; nothing else outside src/report needs compute, layout or a renderer.
 */
#ifndef REPORT_RENDER_RUN_H
#define REPORT_RENDER_RUN_H

#include "report/compute/compute.h"
#include "report/render/format.h"

struct render_request {
    struct compute_options options;  /* parameters, globals, data; the format's name is filled in */
    rs_text format;                  /* "PDF", "HTML5", "CSV" ...; see formats.c */
    struct render_device_info info;
};

/* What expressions see of the request in Globals!RenderFormat; `request` must outlive the run. Nothing for a format that is
 * not known. render_report does it itself. */
void render_share(const struct render_request *request, struct expr_globals *globals);

/* Execute `report` and write it to `sink`. `output` may be NULL; it is written before the first byte.
 *
 * Fails with RENDER_FORMAT_UNKNOWN, with the codes of parameters and data, or with what the sink gives. */
RS_CHECKED rs_status render_report(struct rs_job *job, const struct publish_report *report,
                                   const struct render_request *request, const struct render_sink *sink,
                                   struct render_output *output);

/* The same for a run that is already open and started: the same data in another format or on another page. */
RS_CHECKED rs_status render_run(struct rs_job *job, struct compute_run *run, const struct render_request *request,
                                const struct render_sink *sink, struct render_output *output);

#endif
