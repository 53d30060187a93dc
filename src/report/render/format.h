/* report/render/format.h - what a rendering extension is: one row of the table in formats.c.
 *
 * A renderer takes a started run and writes bytes to a sink. Adding one: <name>.c ending in a
 * `const struct render_format`, and its row in formats.c.
 *
 * Source:  docs/reports.md, rendering extensions and their device information.
 */
#ifndef REPORT_RENDER_FORMAT_H
#define REPORT_RENDER_FORMAT_H

#include "base/job.h"

struct compute_run;

enum render_kind {
    RENDER_PAGE, /* hard page breaks, through layout and draw: PDF, image */
    RENDER_FLOW, /* soft page breaks: HTML, MHTML, Word, Excel */
    RENDER_DATA, /* straight from compute: CSV, XML */
    RENDER_NONE, /* executes and writes nothing: NULL */
};

/* Where the output goes. What was written cannot be taken back: find errors first where that is cheap. */
struct render_sink {
    void *data;
    rs_status (*write)(struct rs_job *job, void *data, rs_text bytes);
    /* A secondary stream (an image of an HTML page); gives the URL to write in its place. NULL where the output must
     * be one file. */
    rs_status (*stream)(struct rs_job *job, void *data, rs_text name, rs_text mime_type, rs_text bytes,
                        rs_text *url);
    /* Which page was written and how many there are: told by renderers of single pages (Section) before they end.
     * NULL where nobody asks. */
    void (*page)(void *data, int64_t number, int64_t total);
    /* How often FindString stands on the page that was written, and which of these is the current one, from 1. NULL where
     * nobody asks. */
    void (*found)(void *data, int64_t matches, int64_t current);
};

/* Device information: rc:Name=value. Names compare without case; the last of equal names wins; unknown ones are
 * ignored, as the original does. */
struct render_setting {
    rs_text name, value;
};

struct render_device_info {
    const struct render_setting *items;
    size_t count;
};

/* Settings of our own that a viewer gives to HTML: what a link to another page, and one to the report sorted another way,
 * begins with. */
#define RENDER_OWN RS_TEXT("Bindery") /* how their names begin */
#define RENDER_PAGE_ROOT RS_TEXT("BinderyPageRoot") /* behind it: the number of the page */
#define RENDER_FIND_AT RS_TEXT("BinderyFindAt")     /* which match on the page is the current one, from 1 */
#define RENDER_TOGGLES RS_TEXT("BinderyToggles")    /* "k1f,k2a": what the reader opened or closed */
#define RENDER_SORT_ROOT RS_TEXT("BinderySortRoot") /* behind it: "ITEM:Ascending,ITEM:Descending", the deciding one first */

rs_text render_text(const struct render_device_info *info, rs_text name, rs_text otherwise);
/* "true" or "false" in any case, "1" or "0"; anything else fails with RENDER_DEVICE_INFO. */
RS_CHECKED rs_status render_bool(struct rs_job *job, const struct render_device_info *info, rs_text name,
                                 bool otherwise, bool *out);
RS_CHECKED rs_status render_int(struct rs_job *job, const struct render_device_info *info, rs_text name,
                                int64_t least, int64_t most, int64_t otherwise, int64_t *out);
/* "8.5in", "21cm", "210mm", "595pt", "50pc" in points; at least 0. */
RS_CHECKED rs_status render_size(struct rs_job *job, const struct render_device_info *info, rs_text name,
                                 double otherwise_pt, double *out_pt);

/* What the output of one rendering is: for Content-Type and Content-Disposition. */
struct render_output {
    rs_text mime_type; /* "text/csv" */
    rs_text charset;   /* "utf-8"; empty for binary formats */
    rs_text extension; /* without the dot: "csv" */
};

struct render_format {
    const char *name;      /* as in rs:Format; compares without case */
    const char *label;     /* as in an export menu */
    const char *mime_type, *charset, *extension; /* charset NULL for binary formats */
    enum render_kind kind;
    bool visible;          /* in export menus */
    bool interactive;      /* Globals!RenderFormat.IsInteractive */
    /* Correct what the device information changes of the three above; NULL where it never does. */
    rs_status (*describe)(struct rs_job *job, const struct render_device_info *info, struct render_output *out);
    rs_status (*render)(struct rs_job *job, struct compute_run *run, const struct render_device_info *info,
                        const struct render_sink *sink);
};

/* formats.c: the table, in the order of export menus. */
extern const struct render_format *const render_formats[];
extern const size_t render_format_count;
const struct render_format *render_format_find(rs_text name); /* NULL where there is none */

#endif
