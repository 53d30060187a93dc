/* report/layout/frame.h - report items that are being placed on pages. Internal to report/layout.
 *
 * A frame is one instance of a report item with its texts and styles answered. It knows how much of itself is already
 * on pages: `layout_place` draws as much as fits from there on and is called again on the next page. What is above an
 * item pushes it down as it grows; positions run on from page to page, so an item that is moved to the next page pushes
 * what is below it in the same way.
 *
 *   layout_measure   how high what is left of it would be on an endless page, or more than a limit
 *   layout_place     draw what fits: LAYOUT_DONE, LAYOUT_MORE (goes on at the top of the next page), or LAYOUT_NONE
 *                    (nothing was drawn: try again on the next page). On a fresh page it always draws something.
 *
 * Frames live in a job that their maker chooses: of the whole layout for the body, of the row for what is in a cell.
 * Tablixes have jobs of their own and are listed in layout.tablixes, so that every way out ends them.
 */
#ifndef REPORT_LAYOUT_FRAME_H
#define REPORT_LAYOUT_FRAME_H

#include "base/list.h"
#include "base/map.h"
#include "base/vec.h"
#include "report/draw/borders.h"
#include "report/draw/image.h"
#include "report/layout/style.h"

#define LAYOUT_SLACK_PT 0.01 /* differences of rounding that never move anything */
/* Content wider than a page is laid out in one strip; between the part of one page and that of the next is a gap, so
 * that a border on the edge belongs to one of them. */
#define LAYOUT_GUTTER_PT 4.0

struct layout_frame;
struct layout_tablix;
struct layout_plan;
struct layout_plain;

/* What the next page begins with, told by the break that leads to it. */
struct layout_break {
    bool reset_page_number;
    bool has_name;
    rs_text page_name;         /* in layout.memory */
};

/* What is remembered about a report definition, for all its runs. */
struct layout_definition {
    struct layout_styles *styles;
    struct rs_map *pictures;   /* by name of the embedded image: struct layout_picture */
    struct rs_map *externals;  /* by place: the same */
    size_t external_bytes;     /* of them */
    struct layout_duplicate *duplicates; /* by rdl_item.number */
    struct layout_plain **plains;        /* by rdl_item.number; see plain.h */
};

/* One rendering. */
struct layout {
    struct rs_job *job;        /* the caller's: errors, checkpoints */
    struct rs_job *memory;     /* for the life of the layout */
    struct rs_job *scratch;    /* given back at the end of each page: what is asked for while drawing */
    struct compute_run *run;   /* of the report at work: the one asked for, or a subreport while it is placed */
    const struct rdl_report *report;
    struct layout_definition *definition; /* what is kept of it */
    struct rs_map *definitions; /* by address of a publish_report */
    struct text_cache *texts;
    struct draw_borders *borders;
    struct rs_map *plans;      /* by address of an rdl_items: struct layout_plan */
    struct rs_link tablixes;
    struct draw_device *device; /* what is drawn on now: the target, a tape, or nowhere */

    double column_width_pt;    /* of the body on a page */
    double area_height_pt;     /* of an empty page's body */
    bool page_has_content;     /* of the body, on this page */
    unsigned outline_level;    /* of the labels around what is placed now */
    struct layout_break next;  /* for the next page */
    struct layout_break now;   /* for the page that has just begun: taken where its first item says so */
    struct compute_page *page; /* the one being filled */
    uint64_t tags;             /* keys of structure elements given so far */
    size_t page_number;        /* of the run, from 1: first instances on a page show in spite of HideDuplicates */
};

/* The instance of a text box that was shown last. */
struct layout_duplicate {
    uint64_t instance, text;   /* hashes; 0: none yet */
    size_t page_number;
};

enum layout_state { LAYOUT_DONE, LAYOUT_MORE, LAYOUT_NONE };

struct layout_result {
    enum layout_state state;
    double used_pt;            /* LAYOUT_DONE: height on this page; LAYOUT_MORE: all that was available */
    bool break_after;          /* LAYOUT_DONE: what follows begins on a fresh page; see layout.next */
};

/* Where to place: the top left on the page, how much room is below, and whether this is the top of an empty page. */
struct layout_spot {
    double x_pt, y_pt, room_pt;
    bool fresh;
};

/* ---- frames ----------------------------------------------------------------------------------------- */

enum frame_kind { FRAME_GONE, FRAME_TEXT, FRAME_LINE, FRAME_PICTURE, FRAME_CONTAINER, FRAME_TABLIX, FRAME_SUBREPORT };

struct layout_child {
    struct layout_frame *frame;
    double floor_pt;           /* it must not begin above: moved to the next page */
    double end_pt;             /* where it ended, from the top of the container */
    bool started, done;
    size_t tried;              /* the turn of the container in which it was placed last */
};

struct layout_container {
    const struct layout_plan *plan;
    struct layout_child *children; /* in the order of the plan */
    double passed_pt;          /* what is above the page being filled */
    double new_floor_pt;       /* items that have not begun must not begin above: a page break behind an item */
    double spare_pt;           /* white space below the lowest item that stays however that grows */
    bool keeps_space;          /* white space at the end is placed like content, on further pages if need be */
    bool started;
    size_t turn;               /* counts calls of layout_place */
};

struct layout_frame {
    enum frame_kind kind;
    bool in_cell;              /* page breaks inside do not count; grows with its row */
    bool breaks_allowed;       /* page breaks count */
    bool keeps_space;          /* FRAME_GONE: hidden for ever, its place stays empty */
    bool keep_together;
    bool hidden_text;          /* HideDuplicates: shows no text */
    bool started;              /* part of it is drawn */
    const struct rdl_item *item; /* NULL: the body, a page header or footer */
    struct compute_scope scope;
    const struct layout_style *style;
    const struct rdl_background_image *background_image; /* NULL: none */
    double left_pt, width_pt;  /* from the left of the container */
    double height_pt;          /* as designed, or as its row is */
    double drawn_pt;           /* of it on earlier pages */
    union {
        struct {
            struct text_block block;
            size_t line;       /* the first one not drawn */
            bool grows;        /* a message that needs more room than its item has */
            struct value value; /* for ReportItems in page sections */
            rs_text shown;
        } text;
        struct {
            const struct draw_image *image; /* NULL: cannot be shown */
            rs_text trouble;   /* why */
        } picture;
        struct layout_container container;
        struct layout_tablix *tablix;
        struct {
            const struct compute_subreport *data;
            struct layout_frame *const *bodies; /* one below the other */
            size_t count, at;  /* bodies before `at` are placed */
        } subreport;
    };
};

/* The frame of an item, `width` and `height` as designed or as the cell is. Hidden items become FRAME_GONE. */
RS_CHECKED rs_status layout_frame_make(struct layout *l, struct rs_job *memory, const struct rdl_item *item,
                                       const struct compute_scope *scope, double width_pt, double height_pt,
                                       bool in_cell, bool breaks_allowed, struct layout_frame **out);

RS_CHECKED rs_status layout_measure(struct layout *l, struct layout_frame *frame, double limit_pt, double *out_pt);
RS_CHECKED rs_status layout_place(struct layout *l, struct layout_frame *frame, const struct layout_spot *spot,
                                  struct layout_result *out);

/* Ends the data regions in a frame whose memory is about to be given back. Accepts NULL. */
void layout_frame_end(struct layout_frame *frame);

/* How far right the frame reaches from its own left: more than its width where columns grew. */
double layout_frame_reach(const struct layout_frame *frame);

/* Before anything is placed: items and columns of a body that is wider than a page move so that the edge of a page cuts
 * none that could stand on one page. `left_pt`: of the frame in the strip. */
RS_CHECKED rs_status layout_frame_spread(struct layout *l, struct layout_frame *frame, double left_pt);

/* Whether there is something behind the frame's content. */
static inline bool layout_has_background(const struct layout_frame *frame)
{
    return frame->style && (frame->style->background >> 24 || frame->background_image);
}

/* Background, then (after the content) the border, of what is `height` high on this page. */
RS_CHECKED rs_status layout_draw_background(struct layout *l, const struct layout_frame *frame, double x_pt,
                                            double y_pt, double height_pt);
RS_CHECKED rs_status layout_draw_border(struct layout *l, const struct layout_frame *frame, double x_pt, double y_pt,
                                        double height_pt);

/* Where an action leads: a URI, "#name" for a bookmark, empty for nowhere a page can lead to. */
RS_CHECKED rs_status layout_link_target(struct layout *l, struct rs_job *memory, const struct compute_scope *scope,
                                        const struct rdl_action *action, rs_text *out);

/* Link, bookmark, outline entry: once, where the frame begins. */
RS_CHECKED rs_status layout_draw_extras(struct layout *l, const struct layout_frame *frame, double x_pt, double y_pt,
                                        double height_pt);

/* Remember what the next page begins with. */
RS_CHECKED rs_status layout_break_ask(struct layout *l, const struct compute_scope *scope, bool reset,
                                      const struct rdl_expr *page_name);
/* An item names the page it begins: the page itself where it is still empty. */
RS_CHECKED rs_status layout_page_name(struct layout *l, const struct compute_scope *scope,
                                      const struct rdl_expr *page_name);

/* ---- text.c: text boxes and notes ------------------------------------------------------------------- */

RS_CHECKED rs_status layout_text_make(struct layout *l, struct rs_job *memory, struct layout_frame *frame);
/* A text in place of something that cannot be drawn. */
RS_CHECKED rs_status layout_note_make(struct layout *l, struct rs_job *memory, struct layout_frame *frame,
                                      rs_text note);
/* A text in the style of the item, in its place: NoRowsMessage. */
RS_CHECKED rs_status layout_message_make(struct layout *l, struct rs_job *memory, struct layout_frame *frame,
                                         rs_text message);
double layout_text_measure(const struct layout_frame *frame);
/* What a text box and a plain one share: the room along its lines, a run's style, the side that its lines begin at. */
double layout_text_width(const struct layout_frame *frame);
void layout_text_style(const struct layout_style *style, struct text_run *run);
enum text_align layout_text_align(unsigned align, const struct value *value, bool right_to_left);
/* Whether it goes to the next page, where `room_pt` is left on this one. */
bool layout_text_waits(const struct layout *l, const struct layout_frame *frame, double room_pt);
RS_CHECKED rs_status layout_text_place(struct layout *l, struct layout_frame *frame, const struct layout_spot *spot,
                                       struct layout_result *out);
/* The whole of an unbroken text in a box of `height`, without its border: cells of a row that fits. */
RS_CHECKED rs_status layout_text_draw(struct layout *l, struct layout_frame *frame, double x_pt, double y_pt,
                                      double height_pt);

/* ---- picture.c -------------------------------------------------------------------------------------- */

RS_CHECKED rs_status layout_picture_make(struct layout *l, struct rs_job *memory, struct layout_frame *frame);
RS_CHECKED rs_status layout_picture_draw(struct layout *l, const struct layout_frame *frame, double x_pt, double y_pt,
                                         double height_pt);
RS_CHECKED rs_status layout_background_image(struct layout *l, const struct layout_frame *frame,
                                             const struct rdl_background_image *background, const struct draw_box *box);

/* ---- container.c ------------------------------------------------------------------------------------ */

/* Fills frame->container with frames of `items`. */
RS_CHECKED rs_status layout_container_make(struct layout *l, struct rs_job *memory, struct layout_frame *frame,
                                           const rdl_items *items);
RS_CHECKED rs_status layout_container_measure(struct layout *l, struct layout_frame *frame, double limit_pt,
                                              double *out_pt);
RS_CHECKED rs_status layout_container_place(struct layout *l, struct layout_frame *frame,
                                            const struct layout_spot *spot, struct layout_result *out);
double layout_container_reach(const struct layout_frame *frame);
void layout_container_end(struct layout_frame *frame);
RS_CHECKED rs_status layout_container_spread(struct layout *l, struct layout_frame *frame, double left_pt);

/* ---- subreport.c ------------------------------------------------------------------------------------ */

/* The report of `run` becomes the one at work. */
void layout_use_run(struct layout *l, struct compute_run *run);

RS_CHECKED rs_status layout_subreport_make(struct layout *l, struct rs_job *memory, struct layout_frame *frame);
RS_CHECKED rs_status layout_subreport_measure(struct layout *l, struct layout_frame *frame, double limit_pt,
                                              double *out_pt);
RS_CHECKED rs_status layout_subreport_place(struct layout *l, struct layout_frame *frame,
                                            const struct layout_spot *spot, struct layout_result *out);
double layout_subreport_reach(const struct layout_frame *frame);
void layout_subreport_end(struct layout_frame *frame);
RS_CHECKED rs_status layout_subreport_spread(struct layout *l, struct layout_frame *frame, double left_pt);

/* ---- tablix.c ... ----------------------------------------------------------------------------------- */

RS_CHECKED rs_status layout_tablix_make(struct layout *l, struct rs_job *memory, struct layout_frame *frame);
RS_CHECKED rs_status layout_tablix_measure(struct layout *l, struct layout_frame *frame, double limit_pt,
                                           double *out_pt);
RS_CHECKED rs_status layout_tablix_place(struct layout *l, struct layout_frame *frame, const struct layout_spot *spot,
                                         struct layout_result *out);
double layout_tablix_width(const struct layout_tablix *tablix);
void layout_tablix_end(struct layout_tablix *tablix);
RS_CHECKED rs_status layout_tablix_spread(struct layout *l, struct layout_frame *frame, double left_pt);

#endif
