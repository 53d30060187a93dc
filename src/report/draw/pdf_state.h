/* report/draw/pdf_state.h - a PDF that is being written: shared by the document (pdf.c) and what stands on its pages
 * (pdf_content.c, pdf_picture.c).
 *
 * Internal to report/draw.
 */
#ifndef REPORT_DRAW_PDF_STATE_H
#define REPORT_DRAW_PDF_STATE_H

#include "report/draw/pdf.h"
#include "report/draw/pdf_font.h"

#define PDF_CLIP_DEPTH_MAX 64

/* What the page's stream has set, so that it is not set again. */
struct pdf_graphics {
    const struct pdf_font *font;
    int64_t size;           /* of the font, hundredths; < 0: none yet */
    uint32_t fill, stroke;  /* 0xRRGGBB; > 0xffffff: not known */
    uint8_t alpha;
    int64_t line_width;     /* hundredths */
    enum draw_line_style dash;
    int64_t dash_width;
    bool fat;               /* text render mode 2 */
};

struct pdf_page {
    unsigned object, content, later_content;
    double width_pt, height_pt;
    RS_VEC(unsigned) links; /* annotation objects */
    RS_VEC(uint32_t) marks; /* the structure element of each sequence of marked content */
    bool written;
};

struct pdf_outline_entry {
    unsigned level, page_object;
    double y_pt;            /* from the bottom of the page */
    rs_text title;
};

/* Where links inside the document lead. */
struct pdf_bookmark {
    unsigned page_object;
    double x_pt, y_pt;      /* from the bottom left of the page */
    rs_text name;
    size_t order;           /* of its making */
};

struct pdf_embedded_image {
    uint64_t hash;
    unsigned object, width, height;
    size_t size;
};

/* Each once, for boxes of any size. */
struct pdf_shading {
    struct draw_gradient gradient;
    unsigned object;
};

struct pdf_tags;

struct pdf {
    struct draw_device device; /* first */
    struct pdf_tags *tags;     /* NULL: not a tagged PDF */
    struct pdf_options options;
    struct rs_job *memory;
    struct pdf_file file;
    struct pdf_fonts fonts;
    struct draw_document document;
    unsigned resources;
    RS_VEC(struct pdf_page) pages;
    RS_VEC(unsigned) nodes;    /* the lowest level of the page tree */
    RS_VEC(struct pdf_outline_entry) outline;
    RS_VEC(struct pdf_bookmark) bookmarks;
    RS_VEC(struct pdf_embedded_image) images;
    RS_VEC(struct pdf_shading) shadings; /* /H0 ... */
    bool alphas[256];          /* graphics states /G0 ... that are used */
    size_t page;               /* being drawn */
    bool again;                /* ... for the second time */
    rs_buf content;
    rs_buf scratch;            /* dictionaries */
    struct pdf_graphics now;
    struct pdf_graphics clipped[PDF_CLIP_DEPTH_MAX]; /* what to go back to */
    unsigned clip_depth;
    bool in_text, upright;     /* between BT and ET; with an unturned text matrix */
    int64_t x, y;              /* of the text line, hundredths */
};

static inline struct pdf *pdf_of(struct draw_device *device)
{
    return (struct pdf *)device;
}

/* ---- pdf_content.c: what is drawn on the page ---------------------------------------------------------- */

void pdf_graphics_reset(struct pdf *pdf); /* at the start of a stream */
void pdf_leave_text(struct pdf *pdf);
void pdf_set_alpha(struct pdf *pdf, unsigned alpha);
void pdf_add_point(rs_buf *buf, double points); /* with a space behind it */

static inline double pdf_flipped(const struct pdf *pdf, double y_pt)
{
    return pdf->pages.items[pdf->page].height_pt - y_pt;
}

rs_status pdf_fill(struct rs_job *job, struct draw_device *device, const struct draw_box *box, uint32_t color);
rs_status pdf_line(struct rs_job *job, struct draw_device *device, double x1_pt, double y1_pt, double x2_pt,
                   double y2_pt, const struct draw_pen *pen);
rs_status pdf_text(struct rs_job *job, struct draw_device *device, double x_pt, double y_pt, enum draw_turn turn,
                   const struct text_piece *piece);
rs_status pdf_clip_begin(struct rs_job *job, struct draw_device *device, const struct draw_box *box);
rs_status pdf_clip_end(struct rs_job *job, struct draw_device *device);

/* ---- pdf_tags.c --------------------------------------------------------------------------------------- */

struct pdf_tags *pdf_tags_create(struct rs_job *memory);
rs_status pdf_tag_begin(struct rs_job *job, struct draw_device *device, const struct draw_tag *tag);
rs_status pdf_tag_end(struct rs_job *job, struct draw_device *device, enum draw_tag_kind kind);
/* What is drawn next is text or a picture, or (not `is_content`) decoration. Nothing where the PDF is not tagged. */
void pdf_mark(struct pdf *pdf, bool is_content);
void pdf_mark_end(struct pdf *pdf); /* before what must not stand in the middle of marked content */
/* The annotation `object` of a link that was drawn: gives its key in the tree of parents, 0 where it has none. */
unsigned pdf_tag_link(struct pdf *pdf, unsigned object);
/* Of a page. */
static inline unsigned pdf_tags_page_key(size_t page)
{
    return (unsigned)page * 2;
}
/* The structure tree; *root is 0 where there is none. */
rs_status pdf_tags_write(struct rs_job *job, struct pdf *pdf, unsigned *root);

/* ---- pdf_shading.c ------------------------------------------------------------------------------------ */

rs_status pdf_gradient(struct rs_job *job, struct draw_device *device, const struct draw_box *box,
                       const struct draw_gradient *gradient);

/* ---- pdf_picture.c ------------------------------------------------------------------------------------ */

rs_status pdf_image(struct rs_job *job, struct draw_device *device, const struct draw_box *box,
                    const struct draw_image *image);

#endif
