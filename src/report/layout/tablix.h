/* report/layout/tablix.h - one instance of a data region that is being placed. Internal to report/layout.
 *
 *     compute's nodes --walk--> rows --queue--> chunks --place--> page
 *
 *   walk    steps from row leaf to row leaf (tablix_walk.c); knows what opens and what closes at each
 *   row     the cells of one leaf, measured (tablix_rows.c)
 *   chunk   rows that stay on one page if they can: headers with what follows them, footers with what is before them,
 *           groups that are kept together
 *   span    a row header that is open over several rows: drawn when it closes, or at the end of the page
 *
 * Rows live in a job that is reset whenever the queue is empty, so that a table of any length needs the memory of a few
 * rows.
 */
#ifndef REPORT_LAYOUT_TABLIX_H
#define REPORT_LAYOUT_TABLIX_H

#include <limits.h>

#include "base/vec.h"
#include "report/layout/frame.h"

#define TABLIX_DEPTH_MAX 64       /* members of the row hierarchy inside each other; RDL_MEMBER_DEPTH_MAX is 60 */
#define TABLIX_COLUMNS_MAX 16384u /* instances of columns */

/* An instance of a column leaf. */
struct tablix_column {
    struct compute_place place;
    unsigned leaf;                /* in the definition */
    double left_pt, width_pt;     /* from the left of the tablix */
};

/* A cell of the corner or the column headers: made once, drawn on every page. */
struct tablix_head {
    struct layout_frame *frame;
    const struct rdl_item *item;
    struct compute_scope scope;
    double height_pt;             /* as designed */
    double left_pt, width_pt;
    size_t first, count;          /* columns it stands over; corner: none */
    unsigned level, levels;       /* of the header rows it covers */
    bool is_corner;
};

struct tablix_cell {
    struct layout_frame *frame;
    double left_pt;
    unsigned rows;                /* it stands over, with those below; as designed until the last of them is known */
    bool done;                    /* of a row that is parted: all of it is on earlier pages */
};

/* Cells over several rows while these are made: what they need, and what their rows have so far. */
struct tablix_tall {
    struct tablix_cell *cell;     /* NULL: gone with its row */
    double needed_pt, height_pt;
    unsigned end;                 /* the leaf behind the last one it may stand over */
    unsigned rows;                /* so far: hidden ones are not among them */
};
RS_VEC_TYPE(struct tablix_tall, tablix_talls);

/* One step of a path from the root to a leaf. */
struct walk_step {
    struct compute_node *parent;
    struct compute_nodes siblings;
    size_t index;                 /* of the node among its siblings */
    size_t row;                   /* which detail row */
};

struct tablix_walk {
    struct walk_step steps[TABLIX_DEPTH_MAX];
    unsigned depth;               /* steps that lead to the leaf; 0: at the end */
    unsigned changed;             /* the first step that differs from the leaf before */
};

struct tablix_flat;

/* What a row leaf of the definition is made of, found with its first row. */
struct tablix_leaf {
    bool known;
    struct tablix_flat *flat;     /* NULL: of frames */
};

/* The text of a cell in a row that is flat. */
struct tablix_text {
    rs_text text;                 /* empty: none */
    enum text_align align;
    double width_pt;
};

struct tablix_row {
    unsigned leaf;                /* in the definition */
    unsigned depth;
    uint64_t tag;                 /* key of its structure element; 0: not drawn yet */
    struct compute_place *path;   /* `depth` places, the last is the leaf */
    unsigned opens, closes;       /* steps from here on begin with this row; end with it */
    unsigned goes_on;             /* groups at the steps before have more rows to come */
    double height_pt;
    struct tablix_cell *cells;
    size_t cell_count;
    struct tablix_flat *flat;     /* `cells` are those of its pattern, and `texts` what stands in them; NULL: frames of its own */
    struct tablix_text *texts;
    struct layout_frame **headers; /* by step: the header of a member that this row opens; NULL where it has none */
    bool keeps_with_next, keeps_with_previous;
    bool is_splittable;           /* holds regions, which may be parted, or page breaks */
    bool break_before, break_after, reset_before, reset_after;
    bool names_page;
    unsigned named_step;          /* the step whose group names the page */
};

/* Rows that stand on every page: headers at its top, footers at its end. */
struct tablix_repeated {
    RS_VEC(struct tablix_row *) rows;
    double height_pt;
};

/* The groups that go on behind a row, outermost first. */
struct tablix_trail {
    struct compute_place path[TABLIX_DEPTH_MAX];
    unsigned depth;
};

/* The footers behind the group at one step of a path that say RepeatOnNewPage, for the instance around it they were
 * made for. */
struct tablix_footers {
    struct rs_job *memory;        /* NULL: none were asked for yet */
    struct rs_mark empty;
    struct compute_place around;
    const struct rdl_member *group;
    struct tablix_repeated made;
};

/* A header that is open. */
struct tablix_span {
    bool open, labelled;
    bool on_page;                 /* from `from_pt` on; else it was drawn as far as it goes there */
    uint64_t tag;                 /* key of the row that opened it */
    struct compute_place place;
    double from_pt;               /* on the page */
};

struct layout_tablix {
    struct rs_link link;          /* in layout.tablixes */
    struct layout *l;
    struct rs_job *memory;        /* as long as the tablix */
    struct rs_job *rows;
    struct rs_mark rows_empty;
    struct compute_tablix *data;
    const struct rdl_item *item;
    const struct rdl_tablix *definition;
    struct layout_frame *frame;
    bool breaks_allowed;

    struct tablix_column *columns;
    size_t column_count;
    size_t columns_before;        /* the row headers: GroupsBeforeRowHeaders */
    double headers_left_pt;       /* where the row headers begin */
    double width_pt;
    bool is_spread;               /* over pages across, */
    double spread_pt;             /* with its left edge there */
    RS_VEC(struct tablix_head) heads;
    double *head_heights_pt;      /* by header row */
    unsigned head_count;
    double heads_pt;              /* their sum */
    RS_VEC(double) repeats_pt;    /* left edges of further pages across, where row headers are drawn again */

    struct tablix_leaf *leaves;   /* by row of the definition; NULL: none was asked for */
    struct tablix_walk walk;      /* at the row after the last in the queue */
    bool walking, ended;
    struct compute_place before[TABLIX_DEPTH_MAX]; /* path of the last row in the queue */
    unsigned before_depth;
    uint64_t tag;                 /* key of its structure element */
    double open_pt[TABLIX_DEPTH_MAX]; /* height so far of what is open at each step */
    double needed_pt[TABLIX_DEPTH_MAX]; /* height its header needs */
    RS_VEC(struct tablix_row *) queue;
    size_t taken;                 /* rows of the queue that are placed */
    struct tablix_row *split;     /* partly placed */
    double queue_pt;              /* height of the rows that wait */
    struct tablix_talls talls;    /* of the rows in the queue */

    bool started, has_footers;    /* some of its rows are footers that are repeated */
    struct tablix_footers *footers; /* by step */
    struct tablix_span spans[TABLIX_DEPTH_MAX];
};

/* ---- tablix_walk.c ---------------------------------------------------------------------------------- */

/* To the first leaf, or the next; walk.depth is 0 behind the last. */
RS_CHECKED rs_status tablix_walk_next(struct layout_tablix *t);

static inline struct compute_node *tablix_step_node(const struct walk_step *step)
{
    return step->siblings.items[step->index];
}

/* ---- tablix_widen.c --------------------------------------------------------------------------------- */

/* Widen the columns for what stands in their cells. Before the rows are walked. */
RS_CHECKED rs_status tablix_widen(struct layout_tablix *t);

/* ---- tablix_rows.c ---------------------------------------------------------------------------------- */

/* Add the next row to the queue; `t->ended` where there is none. */
RS_CHECKED rs_status tablix_pull(struct layout_tablix *t);

/* A row for the leaf at `path`, outside the queue: repeated headers and footers. */
RS_CHECKED rs_status tablix_row_make(struct layout_tablix *t, struct rs_job *memory, const struct compute_place *path,
                                     unsigned depth, unsigned opens, struct tablix_row **out);

#define TABLIX_NO_LEAF UINT_MAX

/* The next row of several that cells may stand over: the last row of such a cell grows to what the cell needs. True where
 * one goes on into the row behind, which is of `next_leaf`, or TABLIX_NO_LEAF. */
bool tablix_row_grow(struct rs_job *memory, struct tablix_talls *talls, struct tablix_row *row, unsigned next_leaf);

/* How many rows from the head of the queue must stay on one page, and how high they are. 0 rows: the end. */
RS_CHECKED rs_status tablix_chunk(struct layout_tablix *t, size_t *rows, double *height_pt);

/* The head of the queue is placed. */
void tablix_take(struct layout_tablix *t);

/* ---- tablix_repeat.c -------------------------------------------------------------------------------- */

/* The headers of the groups that go on from the page before: for each step, the static members right in front of the
 * member that continues, where all of them say RepeatOnNewPage. In the scratch of the page; the caller ends them. */
RS_CHECKED rs_status tablix_headers_find(struct layout_tablix *t, const struct tablix_row *next, struct tablix_repeated *out);

/* They are not drawn any more. */
void tablix_repeated_end(struct tablix_repeated *repeated);

/* What stands at the end of a page behind a row with this trail: for each group that goes on, from the innermost, the
 * static members right behind it that say RepeatOnNewPage; as far as they take no more than half a page. Good until it is
 * asked for another trail. */
RS_CHECKED rs_status tablix_footers_find(struct layout_tablix *t, const struct tablix_trail *trail, struct tablix_repeated *out);

/* The groups that go on behind `row`; none where no footers are repeated. */
const struct tablix_trail *tablix_trail_of(const struct layout_tablix *t, const struct tablix_row *row, struct tablix_trail *out);

/* Whether there are such footers at all. */
bool tablix_has_footers(const struct rdl_tablix *definition);

void tablix_footers_end(struct layout_tablix *t);

/* Left edge and width of a cell over `span` columns from number `column` on. */
double tablix_spanned_width(const struct layout_tablix *t, size_t column, unsigned span, double *left_pt);

/* Give a flat row frames of its own: for one that is parted between pages. */
RS_CHECKED rs_status tablix_row_part(struct layout_tablix *t, struct rs_job *memory, struct tablix_row *row);

/* ---- tablix_flat.c ---------------------------------------------------------------------------------- */

/* The cells of a row, where all are plain texts on one line; `made` is false where they are not. */
RS_CHECKED rs_status tablix_flat_make(struct layout_tablix *t, struct rs_job *memory, struct tablix_row *row, bool *made);
RS_CHECKED rs_status tablix_flat_draw(struct layout_tablix *t, const struct tablix_row *row, double x_pt, double y_pt,
                                      double height_pt, enum draw_tag_kind kind);

/* ---- tablix_rows.c, places ---- */

/* Left edge and width of the header at `step` of a path. */
void tablix_header_place(const struct layout_tablix *t, const struct compute_place *path, unsigned step,
                         double *left_pt, double *width_pt);

/* A length from the left of the tablix, mirrored where it runs from right to left. */
double tablix_mirrored(const struct layout_tablix *t, double left_pt, double width_pt);

#endif
