/* report/render/csv.h - what the files of the CSV renderer share: csv.c (blocks, device information), csv_columns.c (which column
 * a text box has), csv_tree.c (the tree of a report, as records), csv_flat.c (rows of text boxes).
 */
#ifndef REPORT_RENDER_CSV_H
#define REPORT_RENDER_CSV_H

#include "base/vec.h"
#include "format/csv/write.h"
#include "report/compute/compute.h"
#include "report/publish/publish.h"
#include "report/render/encoded.h"

RS_VEC_TYPE(const struct rdl_item *, item_vec);

/* The report asked for, or another one in the place of a subreport: with columns of its own for each place. */
struct csv_part {
    const struct publish_report *published;
    struct csv_part *around;   /* NULL: the report asked for */
    const struct rdl_item *item; /* the subreport in it */
    ptrdiff_t *column_of;      /* by item number: column, or -1 where it is not written */
    bool *has_collections;     /* by member number, rows only: something below it is not a single value */
};
RS_VEC_TYPE(struct csv_part *, part_vec);

struct csv {
    struct rs_job *job, *scratch;
    struct compute_run *run; /* of the part at work */
    struct csv_part *part;
    struct part_vec parts;
    struct csv_shape shape;
    bool excel_mode, formatted, no_header;
    struct encoded out;

    struct item_vec columns; /* of the block */
    rs_text *values;         /* of the record under construction */
    bool *is_set;
    bool has_blocks;         /* something was written before */
};

/* A level of the tree: what it set, and whether records came out of its collections. */
struct csv_level {
    RS_VEC(size_t) set;
    bool has_records;
};

enum csv_pass { CSV_SINGLE_VALUES, CSV_COLLECTIONS };

/* A place of a region's tree: below a row node, or below a column node of one row leaf. */
struct csv_branch {
    struct compute_tablix *tablix;
    struct compute_place row;
    struct compute_place column; /* its node is NULL while the row is no leaf */
};

/* ---- csv.c ------------------------------------------------------------------------------------------- */

RS_CHECKED rs_status csv_record_write(struct csv *w);

/* ---- csv_columns.c ----------------------------------------------------------------------------------- */

/* All parts, those of subreports in subreports too. A report inside itself is left out: its columns would have no end. */
RS_CHECKED rs_status csv_parts_find(struct csv *w);
/* The part in the place of a subreport; NULL where there is none. */
struct csv_part *csv_part_find(const struct csv *w, const struct rdl_item *item);
/* The columns of an item, behind those that are there. */
void csv_columns_add(struct csv *w, const struct rdl_item *item);

/* ---- csv_tree.c -------------------------------------------------------------------------------------- */

/* What an item adds to a level: its value, or the records of its collections. */
RS_CHECKED rs_status csv_item_add(struct csv *w, struct csv_level *level, enum csv_pass pass, const struct compute_scope *scope,
                                  const struct rdl_item *item);
/* A text box as it is written. */
RS_CHECKED rs_status csv_item_text(struct csv *w, const struct compute_scope *scope, const struct rdl_item *item, rs_text *out);

/* ---- csv_flat.c -------------------------------------------------------------------------------------- */

/* `done`: the rows of a details group were text boxes and nothing else, and are written. */
RS_CHECKED rs_status csv_flat_try(struct csv *w, struct csv_level *level, const struct csv_branch *at, struct compute_node *node,
                                  bool *done);

#endif
