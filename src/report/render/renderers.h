/* report/render/renderers.h - the rows of the table in formats.c, each defined at the end of its own file.
 */
#ifndef REPORT_RENDER_RENDERERS_H
#define REPORT_RENDER_RENDERERS_H

#include "report/render/format.h"

extern const struct render_format render_csv;  /* csv.c */
extern const struct render_format render_html5, render_html4; /* html.c */
extern const struct render_format render_image; /* image.c */
extern const struct render_format render_null; /* null.c */
extern const struct render_format render_pdf;  /* pdf.c */
extern const struct render_format render_xml;  /* xml.c */

#endif
