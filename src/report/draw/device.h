/* report/draw/device.h - what pages are drawn on.
 *
 * Points from the top left of the page; y grows downward. A device makes one document: begin, then for each page
 * page_begin, drawing, page_end, and at the end finish. Colours are 0xAARRGGBB; alpha 0 draws nothing.
 *
 * A page can be continued once after later pages are done: page headers and footers that name the total number of pages
 * are drawn when it is known, so that no page has to be held.
 *
 * A device has memory of its own, which ends with the job that made it; the job of a call can be another one.
 */
#ifndef REPORT_DRAW_DEVICE_H
#define REPORT_DRAW_DEVICE_H

#include "base/job.h"
#include "report/text/block.h"

struct draw_device;
struct draw_image;

/* Where the bytes of a document go. */
struct draw_sink {
    void *data;
    rs_status (*write)(struct rs_job *job, void *data, rs_text bytes);
};

struct draw_document {
    rs_text title, author, subject, creator, producer; /* empty: not told */
    rs_text language;           /* "en-US"; empty: not told */
    int64_t created_utc_ms;
};

enum draw_line_style {
    DRAW_NO_LINE, DRAW_SOLID, DRAW_DASHED, DRAW_DOTTED, DRAW_DASH_DOT, DRAW_DASH_DOT_DOT, DRAW_DOUBLE,
};

struct draw_pen {
    enum draw_line_style style;
    double width_pt;
    uint32_t color;
};

struct draw_box {
    double left_pt, top_pt, width_pt, height_pt;
};

/* A box filled with colours that run into each other. The way is told for a box of 1 x 1, y downward, which is stretched:
 * so the middle of one from corner to corner joins the other two corners. */
struct draw_gradient {
    uint32_t from, to;          /* 0xAARRGGBB; the alpha of `from` counts for all of it */
    bool around;                /* from the middle outward, in an ellipse through the corners */
    bool and_back;              /* `to` is in the middle of the way, `from` at both ends */
    float x1, y1, x2, y2;       /* of the way, where it is straight */
};

/* How what is drawn is turned around the point it is placed at. */
enum draw_turn { DRAW_UPRIGHT, DRAW_CLOCKWISE, DRAW_COUNTERCLOCKWISE };

/* What a part of a page is, for readers that do not see it. */
enum draw_tag_kind {
    DRAW_TAG_DOCUMENT, DRAW_TAG_ARTIFACT, /* page headers, and what is drawn again on each page */
    DRAW_TAG_TEXT, DRAW_TAG_FIGURE, DRAW_TAG_TABLE, DRAW_TAG_ROW, DRAW_TAG_HEADER, DRAW_TAG_CELL,
    DRAW_TAG_LINK,              /* of a piece of text; a link without one takes what was drawn last */
};

struct draw_tag {
    enum draw_tag_kind kind;
    uint64_t key;               /* the same again: it goes on there; 0: never */
    bool first;                 /* stands before what its parent has so far */
    unsigned columns, rows;     /* a cell stands over; 0 as 1 */
    rs_text alternative;        /* what a figure shows, in words */
};

struct draw_functions {
    const char *name;
    rs_status (*begin)(struct rs_job *job, struct draw_device *device, const struct draw_document *document);
    rs_status (*page_begin)(struct rs_job *job, struct draw_device *device, double width_pt, double height_pt);
    /* `later`: the page will be continued with page_again; its number counts from 0. */
    rs_status (*page_end)(struct rs_job *job, struct draw_device *device, bool later);
    rs_status (*page_again)(struct rs_job *job, struct draw_device *device, size_t page);
    rs_status (*finish)(struct rs_job *job, struct draw_device *device);

    rs_status (*fill)(struct rs_job *job, struct draw_device *device, const struct draw_box *box, uint32_t color);
    rs_status (*gradient)(struct rs_job *job, struct draw_device *device, const struct draw_box *box,
                          const struct draw_gradient *gradient);
    rs_status (*line)(struct rs_job *job, struct draw_device *device, double x1_pt, double y1_pt, double x2_pt,
                      double y2_pt, const struct draw_pen *pen);
    /* x, y: where the baseline begins. */
    rs_status (*text)(struct rs_job *job, struct draw_device *device, double x_pt, double y_pt, enum draw_turn turn,
                      const struct text_piece *piece);
    rs_status (*image)(struct rs_job *job, struct draw_device *device, const struct draw_box *box,
                       const struct draw_image *image);
    rs_status (*clip_begin)(struct rs_job *job, struct draw_device *device, const struct draw_box *box);
    rs_status (*clip_end)(struct rs_job *job, struct draw_device *device);
    /* "#name" leads to a bookmark of this document. */
    rs_status (*link)(struct rs_job *job, struct draw_device *device, const struct draw_box *box, rs_text uri);
    /* Where links to `name` lead; of several places with one name the first counts. */
    rs_status (*bookmark)(struct rs_job *job, struct draw_device *device, rs_text name, double x_pt, double y_pt);
    /* An entry of the outline that leads here; level 0 is outermost. */
    rs_status (*outline)(struct rs_job *job, struct draw_device *device, unsigned level, rs_text title, double y_pt);
    /* Of devices that are `tagged`: what is drawn until the end belongs to it. Inside each other. */
    rs_status (*tag_begin)(struct rs_job *job, struct draw_device *device, const struct draw_tag *tag);
    rs_status (*tag_end)(struct rs_job *job, struct draw_device *device, enum draw_tag_kind kind);
};

struct draw_device {
    const struct draw_functions *functions;
    bool tagged;                /* asks for tags */
};

/* Functions of devices that have none of these: they do nothing. */
RS_CHECKED rs_status draw_no_link(struct rs_job *job, struct draw_device *device, const struct draw_box *box, rs_text uri);
RS_CHECKED rs_status draw_no_bookmark(struct rs_job *job, struct draw_device *device, rs_text name, double x_pt, double y_pt);
RS_CHECKED rs_status draw_no_outline(struct rs_job *job, struct draw_device *device, unsigned level, rs_text title, double y_pt);

/* Tags, where the device asks for them. */
static inline rs_status draw_tag_begin(struct rs_job *job, struct draw_device *device, const struct draw_tag *tag)
{
    return device->tagged ? device->functions->tag_begin(job, device, tag) : RS_OK;
}

static inline rs_status draw_tag_end(struct rs_job *job, struct draw_device *device, enum draw_tag_kind kind)
{
    return device->tagged ? device->functions->tag_end(job, device, kind) : RS_OK;
}

/* ---- what any device can do through the above ---------------------------------------------------------- */

/* Lines [first, first + count) of `block`, its top left at x, y, turned around that point; with underlines and links.
 * y is where the top of line `first` comes to stand. */
RS_CHECKED rs_status draw_block(struct rs_job *job, struct draw_device *device, const struct text_block *block,
                                size_t first, size_t count, double x_pt, double y_pt, enum draw_turn turn);

/* The four sides of a box, with filled corners. */
RS_CHECKED rs_status draw_frame(struct rs_job *job, struct draw_device *device, const struct draw_box *box,
                                const struct draw_pen *left, const struct draw_pen *top,
                                const struct draw_pen *right, const struct draw_pen *bottom);

#endif
