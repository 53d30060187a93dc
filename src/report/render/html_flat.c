/* Uniform details: rows of one height, which nothing hides, names, breaks or points to. Most rows of most long reports are
 * such: they are walked in a loop of their own, and those without row headers are written in it, cell after cell.
 */
#include "report/render/html_tablix.h"

struct flat_cell {
    const struct rdl_cell *cell;
    struct compute_place column;
    size_t span;
    const char *fixed; /* as column.fixed */
};

struct flat {
    struct flat_cell *cells;
    size_t count;
    double height_pt; /* of a cell */
    rs_text start;    /* what ends the start of each `tr` */
};

bool html_is_uniform(const struct region *region, const struct compute_node *node)
{
    const struct rdl_member *member = node->member;

    return node->kind == COMPUTE_DETAILS && !region->h->map && region->place.may_break && member->members.count == 0 &&
           !member->hide_if_no_rows && !member->visibility.hidden.present && rs_text_is_empty(member->visibility.toggle_item) &&
           member->group->page_break.location == RDL_BREAK_NONE && !member->group->page_name.present;
}

static void prepare(const struct region *region, const struct compute_node *node, struct flat *flat)
{
    unsigned leaf = node->member->first_leaf;

    flat->cells = RS_NEW_ARRAY(region->columns_job, struct flat_cell, region->columns.count + 1);
    flat->height_pt = region->definition->rows.items[leaf].height_pt;
    flat->start = region->row_heights[leaf];
    for (size_t i = 0; i < region->columns.count;) {
        const struct column *column = region->columns.items[i];
        struct compute_place place = column->chain[column->depth - 1];
        const struct rdl_cell *cell = compute_cell(region->tablix, node, place.node);
        size_t span = cell->column_span > 1 ? html_shown_span(region, i, cell->column_span) : 1;
        if (!cell->covered)
            flat->cells[flat->count++] = (struct flat_cell){cell, place, span, column->fixed};
        i += cell->covered ? 1 : span;
    }
}

static rs_status write_row(struct rs_job *job, struct region *region, const struct flat *flat, struct compute_place place)
{
    struct html *h = region->h;
    struct rs_mark mark = rs_job_mark(job);

    rs_buf_add_literal(&h->out, "<tr");
    rs_buf_add(&h->out, flat->start);
    for (size_t i = 0; i < flat->count; i++) {
        struct compute_scope scope = compute_cell_scope(region->tablix, place, flat->cells[i].column);
        h->cell_class = flat->cells[i].fixed;
        RS_TRY(html_cell(job, region, &scope, flat->cells[i].cell, flat->cells[i].span, 1, flat->height_pt));
    }
    h->cell_class = NULL;
    rs_buf_add_literal(&h->out, "</tr>");
    rs_job_reset(job, mark);
    return html_flush(h);
}

rs_status html_uniform_rows(struct rs_job *job, struct region *region, double height_pt, double footer_pt, bool may_write,
                            struct compute_node *node, size_t *passed)
{
    struct html *h = region->h;
    struct flat flat = {0};
    bool has;

    prepare(region, node, &flat);
    for (*passed = 0;; ++*passed) {
        RS_TRY(compute_has_row(job, region->tablix, node, *passed, &has));
        if (!has)
            return RS_OK;
        if (*passed % 256 == 0)
            RS_TRY(rs_job_checkpoint(job));
        if (!html_fits(h, height_pt + footer_pt)) {
            RS_TRY(compute_has_row(job, region->tablix, node, *passed + 1, &has));
            if (!has || !html_fits(h, height_pt))
                RS_TRY(html_page_break(job, h, false));
        }
        if (html_is_writing(h) && !may_write)
            return RS_OK;
        RS_TRY(html_take(job, h, height_pt));
        region->part_has_rows = true;
        if (html_is_writing(h))
            RS_TRY(write_row(job, region, &flat, compute_place_of(node, *passed)));
        compute_let_go(region->tablix, node, *passed + 1);
    }
}
