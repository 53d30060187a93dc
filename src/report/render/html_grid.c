#include "report/render/html_grid.h"

void html_grid_add_column(struct rs_job *job, struct html_grid *grid, bool hidden)
{
    rs_vec_push(job, &grid->columns, (struct html_grid_column){.hidden = hidden});
}

void html_grid_row(struct html_grid *grid)
{
    grid->at = 0;
    for (size_t i = 0; i < grid->columns.count; i++)
        grid->columns.items[i].rows -= grid->columns.items[i].rows > 0;
}

bool html_grid_cell_is_shown(struct html_grid *grid, size_t columns, size_t rows)
{
    bool shown = false;

    while (grid->at < grid->columns.count && grid->columns.items[grid->at].rows > 0)
        grid->at++;
    if (grid->at == grid->columns.count)
        return true;
    for (; columns > 0 && grid->at < grid->columns.count; columns--, grid->at++) {
        struct html_grid_column *column = &grid->columns.items[grid->at];
        shown |= !column->hidden;
        column->rows = rows;
    }
    return shown;
}
