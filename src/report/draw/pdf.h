/* report/draw/pdf.h - the device that writes PDF 1.7 while pages are made.
 *
 * Of a finished page only its place in the file is kept. The same drawing and creation time give the same bytes.
 *
 * Source:  ISO 32000-1.
 */
#ifndef REPORT_DRAW_PDF_H
#define REPORT_DRAW_PDF_H

#include "report/draw/device.h"

struct pdf_options {
    bool human_readable;        /* streams of pages are not compressed */
    bool tagged;                /* with a structure tree; needs memory for each cell */
};

/* `options` and `sink` are copied. The device ends with the job. */
RS_CHECKED rs_status pdf_create(struct rs_job *job, const struct pdf_options *options, const struct draw_sink *sink,
                                struct draw_device **out);

#endif
