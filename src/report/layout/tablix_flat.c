/* Rows of plain text boxes, each on one line: most rows of most long reports. Nothing in them differs from row to row but the
 * texts and where these begin, so that is all that is made and kept for one; borders, backgrounds and sizes are those of a
 * pattern that all rows of a leaf share.
 *
 * A row that turns out otherwise (a text that needs a second line) is made of frames like any other.
 */
#include <math.h>

#include "report/layout/plain.h"
#include "report/layout/tablix.h"
#include "report/rdl/values.h"

/* A cell of the pattern. */
struct flat_cell {
    const struct layout_plain *plain;
    const struct rdl_item *item;
    const struct rdl_text_run *source;
    struct compute_place column;
    double room_pt;        /* along its line */
    double top_pt;         /* of the line in a row of the designed height */
    bool has_background;
    struct text_block block; /* its only line and piece but for what a text tells: never copied */
};

struct tablix_flat {
    struct flat_cell *cells;
    struct tablix_cell *frames; /* for borders; the same number */
    size_t count;
};

/* ---- the pattern ------------------------------------------------------------------------------------ */

static bool has_extras(const struct rdl_item *item)
{
    return item->action.present || item->document_map_label.present || item->bookmark.present ||
           item->textbox->hide_duplicates.size || item->textbox->can_shrink;
}

/* Whether a line of text fits into the designed height as it is drawn: not cut, and not making the row grow. */
static bool is_high_enough(const struct layout_style *style, double line_pt, double designed_pt)
{
    return line_pt + style->padding_pt[RDL_TOP] + style->padding_pt[RDL_BOTTOM] <= designed_pt;
}

static double line_top(const struct layout_style *style, double line_pt, double designed_pt)
{
    double spare = designed_pt - style->padding_pt[RDL_TOP] - style->padding_pt[RDL_BOTTOM] - line_pt;

    switch (style->vertical_align) {
    case RDL_ALIGN_MIDDLE: return style->padding_pt[RDL_TOP] + spare / 2;
    case RDL_ALIGN_BOTTOM: return style->padding_pt[RDL_TOP] + spare;
    default: return style->padding_pt[RDL_TOP];
    }
}

/* False where the cell is not so simple. */
static rs_status make_cell(struct layout_tablix *t, const struct rdl_cell *source, double left_pt, double width_pt,
                           double designed_pt, struct flat_cell *cell, struct tablix_cell *pattern, bool *simple)
{
    const struct rdl_item *item = source->item;
    struct layout_frame *frame;

    *simple = false;
    RS_TRY(layout_plain_find(t->l, item, &cell->plain));
    if (!cell->plain || source->row_span > 1 || has_extras(item) || compute_page_wants(t->l->run, item) ||
        cell->plain->style->writing_mode != RDL_HORIZONTAL || cell->plain->style->right_to_left)
        return RS_OK;
    frame = RS_NEW(t->memory, struct layout_frame);
    frame->kind = FRAME_TEXT;
    frame->item = item;
    frame->style = cell->plain->style;
    frame->width_pt = width_pt;
    frame->height_pt = designed_pt;
    *pattern = (struct tablix_cell){.frame = frame, .left_pt = left_pt, .rows = 1};
    cell->item = item;
    cell->source = &item->textbox->paragraphs.items[0].runs.items[0];
    cell->room_pt = layout_text_width(frame);
    cell->has_background = layout_has_background(frame);
    *simple = text_block_line(&cell->plain->paragraph, &cell->plain->run, &cell->block) &&
              is_high_enough(frame->style, cell->block.height_pt, designed_pt);
    cell->top_pt = line_top(frame->style, cell->block.height_pt, designed_pt);
    return RS_OK;
}

static rs_status make_pattern(struct layout_tablix *t, const struct compute_node *node, struct tablix_flat **out)
{
    double designed = t->definition->rows.items[node->member->first_leaf].height_pt;
    struct tablix_flat *flat = RS_NEW(t->memory, struct tablix_flat);
    bool simple = node->kind == COMPUTE_DETAILS;

    flat->cells = RS_NEW_ARRAY(t->memory, struct flat_cell, t->column_count + 1);
    flat->frames = RS_NEW_ARRAY(t->memory, struct tablix_cell, t->column_count + 1);
    *out = NULL;
    for (size_t i = 0; i < t->column_count && simple; i++) {
        const struct rdl_cell *source = compute_cell(t->data, node, t->columns[i].place.node);
        double left, width;
        if (!source || !source->item || source->covered)
            continue;
        width = tablix_spanned_width(t, i, source->column_span, &left);
        flat->cells[flat->count].column = t->columns[i].place;
        RS_TRY(make_cell(t, source, left, width, designed, &flat->cells[flat->count], &flat->frames[flat->count], &simple));
        flat->count++;
    }
    if (simple && flat->count)
        *out = flat;
    return RS_OK;
}

static rs_status find_pattern(struct layout_tablix *t, const struct compute_node *node, struct tablix_flat **out)
{
    struct tablix_leaf *leaf;

    if (!t->leaves)
        t->leaves = RS_NEW_ARRAY(t->memory, struct tablix_leaf, t->definition->rows.count + 1);
    leaf = &t->leaves[node->member->first_leaf];
    if (!leaf->known)
        RS_TRY(make_pattern(t, node, &leaf->flat));
    leaf->known = true;
    *out = leaf->flat;
    return RS_OK;
}

/* ---- rows ------------------------------------------------------------------------------------------- */

rs_status tablix_flat_make(struct layout_tablix *t, struct rs_job *memory, struct tablix_row *row, bool *made)
{
    struct compute_place place = row->path[row->depth - 1];
    struct tablix_flat *flat;

    *made = false;
    RS_TRY(find_pattern(t, place.node, &flat));
    if (!flat)
        return RS_OK;
    row->texts = RS_NEW_ARRAY(memory, struct tablix_text, flat->count);
    for (size_t i = 0; i < flat->count; i++) {
        const struct flat_cell *cell = &flat->cells[i];
        struct compute_scope scope = compute_cell_scope(t->data, place, cell->column);
        struct compute_text text;
        double width;
        RS_TRY(compute_run_text(memory, t->l->run, &scope, cell->item, cell->source, &text));
        if (!text.text.size)
            continue;
        if (!text_plain_width(&cell->plain->run, text.text, cell->room_pt, &width)) {
            row->texts = NULL;
            return RS_OK;
        }
        row->texts[i] = (struct tablix_text){text.text, layout_text_align(cell->plain->text_align, &text.value, false), width};
    }
    row->flat = flat;
    row->cells = flat->frames;
    row->cell_count = flat->count;
    row->height_pt = t->definition->rows.items[row->leaf].height_pt;
    *made = true;
    return RS_OK;
}

/* The texts of a row whose top left is at x, y. */
rs_status tablix_flat_draw(struct layout_tablix *t, const struct tablix_row *row, double x_pt, double y_pt, double height_pt,
                           enum draw_tag_kind kind)
{
    struct layout *l = t->l;
    double lower = height_pt - t->definition->rows.items[row->leaf].height_pt; /* a row header made it higher */

    for (size_t i = 0; i < row->flat->count; i++) {
        struct flat_cell *cell = &row->flat->cells[i];
        const struct layout_frame *frame = row->flat->frames[i].frame;
        const struct layout_style *style = frame->style;
        const struct tablix_text *text = &row->texts[i];
        double left = x_pt + row->flat->frames[i].left_pt, spare = cell->room_pt - text->width_pt, top = cell->top_pt;

        RS_TRY(draw_tag_begin(l->job, l->device, &(struct draw_tag){.kind = kind}));
        if (cell->has_background)
            RS_TRY(layout_draw_background(l, frame, left, y_pt, height_pt));
        if (lower > 0 && style->vertical_align != RDL_ALIGN_TOP)
            top += style->vertical_align == RDL_ALIGN_MIDDLE ? lower / 2 : lower;
        if (text->text.size) {
            text_block_fill(&cell->block, text->text, text->align, text->width_pt, spare);
            RS_TRY(draw_block(l->job, l->device, &cell->block, 0, 1, left + style->padding_pt[RDL_LEFT], y_pt + top,
                              DRAW_UPRIGHT));
        }
        RS_TRY(draw_tag_end(l->job, l->device, kind));
    }
    return RS_OK;
}
