/* report/draw/trace.h - the device that tells in plain text what is drawn: for golden files.
 *
 *     page 1 612x792
 *     fill 36 36 100x20 #d3d3d3
 *     text 38 47.05 Liberation Sans 10 #000000 "Sales"
 *     line 36 56 136 56 solid 1 #000000
 */
#ifndef REPORT_DRAW_TRACE_H
#define REPORT_DRAW_TRACE_H

#include "report/draw/device.h"

RS_CHECKED rs_status trace_create(struct rs_job *job, const struct draw_sink *sink, struct draw_device **out);

#endif
