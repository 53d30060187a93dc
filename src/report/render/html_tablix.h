/* report/render/html_tablix.h - what the files of data regions in HTML share: html_tablix.c (a region, its rows walked in
 * output order), html_head.c (columns, and the head that each page repeats), html_rows.c (gathered rows and their header
 * cells), html_flat.c (uniform rows), html_list.c (rows that pages part),
 * html_keep.c (rows that stay on one page), html_repeat.c (headers that stand on every page).
 */
#ifndef REPORT_RENDER_HTML_TABLIX_H
#define REPORT_RENDER_HTML_TABLIX_H

#include "report/render/html.h"

#define LEVELS_MAX 64 /* members inside each other; RDL_MEMBER_DEPTH_MAX is below */

/* A leaf of the column hierarchy that is shown. */
struct column {
    struct compute_place chain[LEVELS_MAX]; /* outermost first */
    unsigned depth;
    double width_pt;
    const char *fixed; /* class of cells that stay in sight; NULL: they do not */
    rs_text anchor;    /* as row.anchor */
};
RS_VEC_TYPE(struct column *, columns);

/* A leaf of the row hierarchy on its way to the page. */
struct row {
    struct compute_place *chain; /* outermost first; `depth` of them */
    unsigned depth;
    rs_text classes; /* of the toggles that hide it */
    const size_t *class_sizes; /* by member of the chain: how much of `classes` is of it and those around it */
    rs_text anchor;  /* of the document map; empty: none leads here */
    size_t before;   /* `tr` elements in front of it among the gathered rows; set when they are written */
};
RS_VEC_TYPE(struct row, rows);

/* Where the walk over the rows is. */
struct walk {
    struct compute_place chain[LEVELS_MAX];
    unsigned depth;
    rs_text classes;  /* toggles of the members above */
    size_t class_sizes[LEVELS_MAX]; /* by member of the chain: how much of `classes` is of it and those around it */
    bool hidden;      /* closed at first by one of them: takes no room */
    double footer_pt; /* of footers that stay with the last row */
};

struct region {
    struct html *h;
    struct compute_tablix *tablix;
    const struct rdl_tablix *definition;
    const struct rdl_item *item;
    const struct compute_scope *outer;
    struct rs_job *columns_job;      /* memory of what stays for the whole region */
    struct columns columns;
    size_t columns_before;           /* how many of them stand before the row headers */
    const char **fixed_headers;      /* by header column: as column.fixed; NULL: none */
    size_t fixed_count;              /* of such classes, and their rules, until the first table has them */
    rs_buf fixed_rules;
    struct rs_job *rows_job;         /* memory of `rows`; given back, to `no_rows`, when they are written */
    struct rs_mark no_rows;
    struct rows rows;
    struct html_region_place place;
    bool has_row_headers, table_is_open;
    bool is_list;                    /* one column of cells that may break the page */
    double head_pt;                  /* height of what stands at the top of each page */
    unsigned parts;                  /* pages that the region is on so far */
    bool part_has_rows;              /* on this one, but for those that repeat */
    const struct walk *walk;         /* around what comes next, */
    struct compute_place next;       /* which is this; NULL: nothing was met yet */
    unsigned lead_count;             /* static row members at the top that repeat with the column headers */
    RS_VEC(rs_text) pending;         /* groups of the document map that begin with the next row, outermost first */
    rs_text *row_heights;            /* by body row: what ends the start of its `tr` */
};

/* ---- html_head.c ------------------------------------------------------------------------------------- */

/* The leaves of the column hierarchy that are shown, into region->columns. */
RS_CHECKED rs_status html_columns_find(struct rs_job *job, struct region *region);
/* The functions of struct html_open; `data` is the region. */
RS_CHECKED rs_status html_table_open(struct rs_job *job, void *data);
RS_CHECKED rs_status html_table_close(struct rs_job *job, void *data);

/* ---- html_flat.c ------------------------------------------------------------------------------------- */

bool html_is_uniform(const struct region *region, const struct compute_node *node);
/* Uniform details, each `height_pt` high: those on pages that are not written take their room, the others are written too
 * where that `may_write`. `passed`: rows done with, all or those before the first to be written otherwise. */
RS_CHECKED rs_status html_uniform_rows(struct rs_job *job, struct region *region, double height_pt, double footer_pt, bool may_write,
                                       struct compute_node *node, size_t *passed);

/* ---- html_keep.c ------------------------------------------------------------------------------------- */

/* A page break before the region, where it is kept together and would not fit. */
RS_CHECKED rs_status html_keep_region(struct rs_job *job, struct region *region);
/* A page break before row node `at` where it, and what it is kept with, would not fit. */
RS_CHECKED rs_status html_keep_rows(struct rs_job *job, struct region *region, const struct compute_nodes *nodes, size_t at);
/* The height of the footers that are kept with the last row of node `at`. In *out_pt at first that of those behind all the
 * nodes. */
RS_CHECKED rs_status html_footer_height(struct rs_job *job, struct region *region, const struct compute_nodes *nodes, size_t at,
                                        double *out_pt);

/* ---- html_list.c ------------------------------------------------------------------------------------- */

/* Whether pages part what is in the cell of such a row. */
bool html_list_is_parted(const struct region *region, const struct compute_node *leaf);
/* It. */
RS_CHECKED rs_status html_list_row(struct rs_job *job, struct region *region, struct compute_place leaf, rs_text anchor);

/* ---- html_repeat.c ----------------------------------------------------------------------------------- */

#define HTML_REPEATED_MOST 0.8 /* of a page */

/* At the top of a further page. */
RS_CHECKED rs_status html_repeat_headers(struct rs_job *job, struct region *region);

/* ---- html_tablix.c ----------------------------------------------------------------------------------- */

/* A row on its way to the page, which is written. */
RS_CHECKED rs_status html_row_add(struct rs_job *job, struct region *region, const struct walk *walk, rs_text anchor);

/* ---- html_rows.c ------------------------------------------------------------------------------------- */

/* `cell` NULL, or without an item: an empty one. `height_pt`: of a text box that may not grow. */
RS_CHECKED rs_status html_cell(struct rs_job *job, struct region *region, const struct compute_scope *scope,
                               const struct rdl_cell *cell, size_t column_span, size_t row_span, double height_pt);
/* How many shown columns the span of a body cell at column `at` covers: those of the same instance, below the definition's
 * columns. */
size_t html_shown_span(const struct region *region, size_t at, unsigned span);
/* How many header columns, or rows, a header that begins at number `at` takes, by its size. */
unsigned html_header_levels(const double *sizes, size_t count, unsigned at, double size_pt);
/* The gathered rows, of which then none are left. */
RS_CHECKED rs_status html_rows_write(struct rs_job *job, struct region *region);

static inline bool html_same_place(struct compute_place a, struct compute_place b)
{
    return a.node == b.node && a.row == b.row;
}

#endif
