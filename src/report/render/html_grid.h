/* report/render/html_grid.h - which columns the cells of a table that was written stand in, and whether these are shown.
 *
 * Source:  HTML standard, forming a table.
 */
#ifndef REPORT_RENDER_HTML_GRID_H
#define REPORT_RENDER_HTML_GRID_H

#include "base/vec.h"

struct html_grid_column {
    bool hidden;
    size_t rows; /* that a cell above still covers, this one among them */
};
RS_VEC_TYPE(struct html_grid_column, html_grid_columns);

/* A table; all zero at its beginning. */
struct html_grid {
    struct html_grid_columns columns;
    size_t at; /* the column of the next cell */
    struct html_grid *outer; /* the table around its table's cell; NULL: none */
};

void html_grid_add_column(struct rs_job *job, struct html_grid *grid, bool hidden);
/* A row begins; one that is not shown, too: cells above reach through it. */
void html_grid_row(struct html_grid *grid);
/* The next cell of the row: false where all its columns are hidden. */
bool html_grid_cell_is_shown(struct html_grid *grid, size_t columns, size_t rows);

#endif
