#include "report/layout/tablix.h"

#include <math.h>

#include "report/rdl/values.h"

/* A cell over several rows, drawn when the last of them is. */
struct tall {
    const struct tablix_cell *cell;
    double left_pt, from_pt; /* on the page */
    unsigned rows;           /* of it that are drawn */
    uint64_t tag;            /* key of its row */
};

/* One page of a tablix. */
struct page {
    struct layout_tablix *t;
    double x_pt, y_pt;     /* of its top left on the page */
    double room_pt;
    double used_pt;
    size_t rows;           /* placed on this page, repeated ones not counted */
    bool fresh;
    bool breaks;           /* the last of them ends the page */
    struct tablix_repeated headers; /* at its top */
    struct tablix_trail trail; /* of the last of them */
    RS_VEC(struct tall) talls; /* in the scratch of the page */
};

/* ---- cells ------------------------------------------------------------------------------------------ */

static bool is_same_pen(const struct draw_pen *a, const struct draw_pen *b)
{
    return a->style == b->style && a->color == b->color && a->width_pt == b->width_pt;
}

/* Edges of the text cells of a row, each told once: neighbours share a side, and lines along the row are joined. */
static void add_row_borders(struct page *p, const struct tablix_row *row, double height_pt)
{
    struct draw_borders *borders = p->t->l->borders;
    double top = p->y_pt + p->used_pt, bottom = top + height_pt, start = 0;
    const struct layout_frame *before = NULL, *joined = NULL; /* the cell to the left; where the joined lines begin */
    double edge = 0;                                          /* where it ends */

    for (size_t i = 0; i <= row->cell_count; i++) {
        const struct layout_frame *frame = i < row->cell_count ? row->cells[i].frame : NULL;
        double left = frame ? p->x_pt + row->cells[i].left_pt : 0;
        bool touches;

        if (frame && (frame->kind != FRAME_TEXT || !frame->style->has_sides || row->cells[i].rows > 1))
            frame = NULL;
        touches = frame && before && left - edge < LAYOUT_SLACK_PT && edge - left < LAYOUT_SLACK_PT;
        if (joined && !(touches && is_same_pen(&joined->style->sides[RDL_TOP], &frame->style->sides[RDL_TOP]) &&
                        is_same_pen(&joined->style->sides[RDL_BOTTOM], &frame->style->sides[RDL_BOTTOM]))) {
            draw_borders_add(borders, start, top, edge, top, &joined->style->sides[RDL_TOP]);
            draw_borders_add(borders, start, bottom, edge, bottom, &joined->style->sides[RDL_BOTTOM]);
            joined = NULL;
        }
        if (before && !(touches && is_same_pen(&before->style->sides[RDL_RIGHT], &frame->style->sides[RDL_LEFT])))
            draw_borders_add(borders, edge, top, edge, bottom, &before->style->sides[RDL_RIGHT]);
        before = frame;
        if (!frame)
            continue;
        draw_borders_add(borders, left, top, left, bottom, &frame->style->sides[RDL_LEFT]);
        if (!joined) {
            joined = frame;
            start = left;
        }
        edge = left + frame->width_pt;
    }
}

static void add_borders(struct layout *l, const struct layout_style *style, const struct draw_box *box)
{
    double x1 = box->left_pt, y1 = box->top_pt, x2 = x1 + box->width_pt, y2 = y1 + box->height_pt;

    if (!style->has_sides)
        return;
    draw_borders_add(l->borders, x1, y1, x2, y1, &style->sides[RDL_TOP]);
    draw_borders_add(l->borders, x1, y1, x1, y2, &style->sides[RDL_LEFT]);
    draw_borders_add(l->borders, x2, y1, x2, y2, &style->sides[RDL_RIGHT]);
    draw_borders_add(l->borders, x1, y2, x2, y2, &style->sides[RDL_BOTTOM]);
}

/* The item of a frame that is on a page already, once more. */
static rs_status draw_again(struct layout *l, const struct layout_frame *frame, double x_pt, double y_pt, double height_pt)
{
    struct layout_spot spot = {x_pt, y_pt, height_pt, true};
    struct layout_result result;
    struct layout_frame *again;
    rs_status status;

    RS_TRY(layout_frame_make(l, l->scratch, frame->item, &frame->scope, frame->width_pt, height_pt, true, false, &again));
    status = layout_place(l, again, &spot, &result);
    layout_frame_end(again);
    return status;
}

/* Whether its lines run along the rows, and were broken for another height. */
static bool is_turned_otherwise(const struct layout_frame *frame, double height_pt)
{
    return frame->kind == FRAME_TEXT && frame->style->writing_mode != RDL_HORIZONTAL &&
           fabs(frame->height_pt - height_pt) > LAYOUT_SLACK_PT;
}

static rs_status draw_content(struct layout *l, struct layout_frame *frame, double x_pt, double y_pt, double height_pt);

static rs_status draw_turned(struct layout *l, const struct layout_frame *frame, double x_pt, double y_pt, double height_pt)
{
    struct rs_mark mark = rs_job_mark(l->scratch);
    struct layout_frame *again;
    rs_status status;

    status = layout_frame_make(l, l->scratch, frame->item, &frame->scope, frame->width_pt, height_pt, true, false, &again);
    if (status == RS_OK)
        status = draw_content(l, again, x_pt, y_pt, height_pt);
    layout_frame_end(again);
    rs_job_reset(l->scratch, mark);
    return status;
}

/* A cell that fits, in the whole height of its row; the border of a text is left to add_row_borders or add_borders. */
static rs_status draw_content(struct layout *l, struct layout_frame *frame, double x_pt, double y_pt, double height_pt)
{
    struct layout_spot spot = {x_pt, y_pt, height_pt, true};
    struct layout_result result;

    if (frame->kind == FRAME_GONE)
        return RS_OK;
    if (is_turned_otherwise(frame, height_pt))
        return draw_turned(l, frame, x_pt, y_pt, height_pt);
    if (frame->kind != FRAME_TEXT && frame->started) /* headers and footers that are repeated */
        return draw_again(l, frame, x_pt, y_pt, height_pt);
    frame->height_pt = height_pt;
    if (frame->kind != FRAME_TEXT) {
        RS_TRY(layout_place(l, frame, &spot, &result));
        frame->started = true;
        return RS_OK;
    }
    RS_TRY(layout_draw_background(l, frame, x_pt, y_pt, height_pt));
    RS_TRY(layout_text_draw(l, frame, x_pt, y_pt, height_pt));
    return frame->item->action.present || frame->item->document_map_label.present || frame->item->bookmark.present
               ? layout_draw_extras(l, frame, x_pt, y_pt, height_pt)
               : RS_OK;
}

/* A header or corner cell, with its border. */
static rs_status draw_cell(struct layout *l, struct layout_frame *frame, double x_pt, double y_pt, double height_pt)
{
    struct draw_box box = {x_pt, y_pt, frame->width_pt, height_pt};

    RS_TRY(draw_content(l, frame, x_pt, y_pt, height_pt));
    if (frame->kind == FRAME_TEXT)
        add_borders(l, frame->style, &box);
    return RS_OK;
}

/* ---- row headers ------------------------------------------------------------------------------------ */

static rs_status fill_header(struct page *p, const struct compute_place *path, unsigned step, struct layout_frame *frame,
                             double from_pt, double height_pt, double left, double width)
{
    struct layout_tablix *t = p->t;
    const struct rdl_cell *header = path[step].node->member->header;
    struct compute_scope scope = compute_member_scope(t->data, path[step]);

    if (!frame) {
        struct rs_mark mark = rs_job_mark(t->l->scratch);
        rs_status status = layout_frame_make(t->l, t->l->scratch, header->item, &scope, width, height_pt, true, false, &frame);
        if (status == RS_OK)
            status = draw_cell(t->l, frame, p->x_pt + left, from_pt, height_pt);
        for (size_t i = 0; i < t->repeats_pt.count && status == RS_OK; i++)
            status = draw_cell(t->l, frame, p->x_pt + t->repeats_pt.items[i] + left, from_pt, height_pt);
        layout_frame_end(frame);
        rs_job_reset(t->l->scratch, mark);
        return status;
    }
    RS_TRY(draw_cell(t->l, frame, p->x_pt + left, from_pt, height_pt));
    for (size_t i = 0; i < t->repeats_pt.count; i++)
        RS_TRY(draw_cell(t->l, frame, p->x_pt + t->repeats_pt.items[i] + left, from_pt, height_pt));
    return RS_OK;
}

/* The header at `step` of `path` over `height`; `frame` is its frame where that is at hand, `tag` of the row it begins in. */
static rs_status draw_header(struct page *p, const struct compute_place *path, unsigned step, struct layout_frame *frame,
                             uint64_t tag, double from_pt, double height_pt)
{
    struct layout_tablix *t = p->t;
    const struct rdl_cell *header = path[step].node->member->header;
    double left, width;

    if (!header || !header->item || height_pt <= 0 || path[step].node->is_collapsed)
        return RS_OK;
    tablix_header_place(t, path, step, &left, &width);
    RS_TRY(draw_tag_begin(t->l->job, t->l->device, &(struct draw_tag){.kind = DRAW_TAG_ROW, .key = tag}));
    RS_TRY(draw_tag_begin(t->l->job, t->l->device, &(struct draw_tag){.kind = DRAW_TAG_HEADER, .first = true}));
    RS_TRY(fill_header(p, path, step, frame, from_pt, height_pt, left, width));
    RS_TRY(draw_tag_end(t->l->job, t->l->device, DRAW_TAG_HEADER));
    return draw_tag_end(t->l->job, t->l->device, DRAW_TAG_ROW);
}

static rs_status label_group(struct page *p, const struct tablix_row *row, unsigned step)
{
    struct layout_tablix *t = p->t;
    const struct rdl_group *group = row->path[step].node->member->group;
    struct compute_scope scope = compute_member_scope(t->data, row->path[step]);
    unsigned level = t->l->outline_level;
    rs_text label;

    if (!group || !group->document_map_label.present)
        return RS_OK;
    for (unsigned i = 0; i < step; i++) {
        const struct rdl_group *outer = row->path[i].node->member->group;
        level += outer && outer->document_map_label.present;
    }
    RS_TRY(compute_eval_text(t->l->scratch, t->l->run, &scope, &group->document_map_label, RS_TEXT(""), &label));
    return label.size ? t->l->device->functions->outline(t->l->job, t->l->device, level, label, p->y_pt + p->used_pt) : RS_OK;
}

static uint64_t row_tag(struct layout_tablix *t, struct tablix_row *row)
{
    if (!row->tag)
        row->tag = ++t->l->tags;
    return row->tag;
}

static rs_status open_spans(struct page *p, struct tablix_row *row)
{
    for (unsigned i = row->opens; i < row->depth; i++) {
        p->t->spans[i] = (struct tablix_span){.open = true, .on_page = true, .tag = row_tag(p->t, row), .place = row->path[i],
                                              .from_pt = p->y_pt + p->used_pt};
        RS_TRY(label_group(p, row, i));
    }
    return RS_OK;
}

/* The headers from `step` on end at the height that is used now. */
static rs_status close_spans(struct page *p, const struct tablix_row *row, unsigned step)
{
    struct layout_tablix *t = p->t;
    double end = p->y_pt + p->used_pt;

    for (unsigned i = step; i < row->depth; i++) {
        bool own = row->opens <= i && row->closes <= i; /* opened by this row, too: its frame is still there */
        RS_TRY(draw_header(p, row->path, i, own ? row->headers[i] : NULL, t->spans[i].tag, t->spans[i].from_pt,
                           end - t->spans[i].from_pt));
        t->spans[i].open = false;
    }
    return RS_OK;
}

/* What is open from `step` on is drawn as far as it goes on this page, and again on the next one. */
static rs_status cut_spans(struct page *p, unsigned step)
{
    struct layout_tablix *t = p->t;
    struct compute_place path[TABLIX_DEPTH_MAX];
    double end = p->y_pt + p->used_pt;

    for (unsigned i = 0; i < TABLIX_DEPTH_MAX && t->spans[i].open; i++) {
        path[i] = t->spans[i].place;
        if (i < step || !t->spans[i].on_page)
            continue;
        t->spans[i].on_page = false;
        RS_TRY(draw_header(p, path, i, NULL, t->spans[i].tag, t->spans[i].from_pt, end - t->spans[i].from_pt));
    }
    return RS_OK;
}

/* What was cut on the page before, as far as `step`, goes on here. */
static void resume_spans(struct page *p, unsigned step)
{
    for (unsigned i = 0; i < step && p->t->spans[i].open; i++) {
        if (!p->t->spans[i].on_page)
            p->t->spans[i].from_pt = p->y_pt + p->used_pt;
        p->t->spans[i].on_page = true;
    }
}

/* ---- rows ------------------------------------------------------------------------------------------- */

/* A cell of a row in its structure element. */
static rs_status draw_tagged(struct layout *l, struct layout_frame *frame, double x_pt, double y_pt, double height_pt,
                             enum draw_tag_kind kind)
{
    RS_TRY(draw_tag_begin(l->job, l->device, &(struct draw_tag){.kind = kind}));
    RS_TRY(draw_content(l, frame, x_pt, y_pt, height_pt));
    return draw_tag_end(l->job, l->device, kind);
}

/* The cells over several rows that end above `y`; all of them where the page ends or their memory does. */
static rs_status draw_talls(struct page *p, double y_pt, bool all)
{
    for (size_t i = 0; i < p->talls.count;) {
        struct tall *tall = &p->talls.items[i];
        if (tall->rows < tall->cell->rows && !all) {
            i++;
            continue;
        }
        RS_TRY(draw_tag_begin(p->t->l->job, p->t->l->device, &(struct draw_tag){.kind = DRAW_TAG_ROW, .key = tall->tag}));
        RS_TRY(draw_tag_begin(p->t->l->job, p->t->l->device, &(struct draw_tag){.kind = DRAW_TAG_CELL}));
        RS_TRY(draw_cell(p->t->l, tall->cell->frame, tall->left_pt, tall->from_pt, y_pt - tall->from_pt));
        RS_TRY(draw_tag_end(p->t->l->job, p->t->l->device, DRAW_TAG_CELL));
        RS_TRY(draw_tag_end(p->t->l->job, p->t->l->device, DRAW_TAG_ROW));
        *tall = p->talls.items[--p->talls.count];
    }
    return RS_OK;
}

static rs_status draw_row(struct page *p, struct tablix_row *row, double height_pt)
{
    double y = p->y_pt + p->used_pt;
    const struct compute_node *outermost = row->path[0].node;
    bool heads = outermost->kind == COMPUTE_STATIC && outermost->member->keep_with_group == RDL_KEEP_AFTER;
    enum draw_tag_kind kind = heads ? DRAW_TAG_HEADER : DRAW_TAG_CELL;

    RS_TRY(draw_tag_begin(p->t->l->job, p->t->l->device, &(struct draw_tag){.kind = DRAW_TAG_ROW, .key = row_tag(p->t, row)}));
    if (row->flat)
        RS_TRY(tablix_flat_draw(p->t, row, p->x_pt, y, height_pt, kind));
    for (size_t i = 0; i < row->cell_count && !row->flat; i++) {
        struct tablix_cell *cell = &row->cells[i];
        struct tall tall = {cell, p->x_pt + cell->left_pt, y, 0, row->tag};
        if (cell->rows > 1)
            rs_vec_push(p->t->l->scratch, &p->talls, tall);
        else
            RS_TRY(draw_tagged(p->t->l, cell->frame, tall.left_pt, y, height_pt, kind));
    }
    RS_TRY(draw_tag_end(p->t->l->job, p->t->l->device, DRAW_TAG_ROW));
    for (size_t i = 0; i < p->talls.count; i++)
        p->talls.items[i].rows++;
    add_row_borders(p, row, height_pt);
    return draw_talls(p, y + height_pt, false);
}

static rs_status name_page(struct page *p, const struct tablix_row *row, struct layout_break *to)
{
    struct layout_tablix *t = p->t;
    struct compute_scope scope;

    if (!row->names_page)
        return RS_OK;
    scope = compute_member_scope(t->data, row->path[row->named_step]);
    return to == &t->l->now ? layout_page_name(t->l, &scope, &row->path[row->named_step].node->member->group->page_name)
                            : layout_break_ask(t->l, &scope, false, &row->path[row->named_step].node->member->group->page_name);
}

static rs_status place_row(struct page *p, struct tablix_row *row)
{
    if (p->rows == 0 || row->break_before)
        RS_TRY(name_page(p, row, &p->t->l->now));
    RS_TRY(open_spans(p, row));
    RS_TRY(draw_row(p, row, row->height_pt));
    p->used_pt += row->height_pt;
    p->rows++;
    p->t->l->page_has_content = true;
    return close_spans(p, row, row->closes);
}

/* How high what is left of a row would be in `room`; texts that fit take the height of all of it. */
static rs_status measure_part(struct page *p, struct tablix_row *row, double room, double *out)
{
    struct layout_tablix *t = p->t;
    double height = t->split == row ? 0 : fmin(row->height_pt, room);

    for (size_t i = 0; i < row->cell_count; i++) {
        double own = 0;
        if (!row->cells[i].done)
            RS_TRY(layout_measure(t->l, row->cells[i].frame, room, &own));
        height = fmax(height, fmin(own, room));
    }
    for (size_t i = 0; i < row->cell_count; i++) {
        struct layout_frame *frame = row->cells[i].frame;
        double own;
        if (row->cells[i].done || (frame->kind != FRAME_TEXT && (frame->kind != FRAME_CONTAINER || t->split == row)))
            continue;
        RS_TRY(layout_measure(t->l, frame, room, &own));
        if (own <= room + LAYOUT_SLACK_PT)
            frame->height_pt = frame->drawn_pt + height;
    }
    *out = height;
    return RS_OK;
}

/* Cells that ended on pages before: their boxes go on as far as the row does. */
static rs_status draw_ended(struct page *p, const struct tablix_row *row, double height_pt)
{
    struct layout *l = p->t->l;

    for (size_t i = 0; i < row->cell_count; i++) {
        const struct tablix_cell *cell = &row->cells[i];
        double x = p->x_pt + cell->left_pt, y = p->y_pt + p->used_pt;
        if (!cell->done || cell->frame->kind != FRAME_TEXT)
            continue;
        RS_TRY(layout_draw_background(l, cell->frame, x, y, height_pt));
        RS_TRY(layout_draw_border(l, cell->frame, x, y, height_pt));
    }
    return RS_OK;
}

/* A row that is parted between pages: each cell goes as far as it fits. */
static rs_status place_part(struct page *p, struct tablix_row *row, bool *done)
{
    struct layout_tablix *t = p->t;
    double room = p->room_pt - p->used_pt, height, used = 0;
    bool fresh = p->fresh && p->rows == 0;

    *done = true;
    RS_TRY(tablix_row_part(t, t->rows, row));
    if (t->split != row) {
        RS_TRY(name_page(p, row, &t->l->now));
        RS_TRY(open_spans(p, row));
    }
    RS_TRY(measure_part(p, row, room, &height));
    if (t->split == row)
        RS_TRY(draw_ended(p, row, height));
    for (size_t i = 0; i < row->cell_count; i++) {
        struct tablix_cell *cell = &row->cells[i];
        struct layout_spot spot = {p->x_pt + cell->left_pt, p->y_pt + p->used_pt, room, fresh};
        struct layout_result result;

        if (cell->done || cell->frame->kind == FRAME_GONE)
            continue;
        RS_TRY(layout_place(t->l, cell->frame, &spot, &result));
        used = fmax(used, result.used_pt);
        t->l->page_has_content |= result.state != LAYOUT_NONE;
        cell->done = result.state == LAYOUT_DONE;
        *done &= cell->done;
    }
    used = fmax(used, height);
    p->used_pt = *done ? p->used_pt + used : p->room_pt;
    t->split = *done ? NULL : row;
    if (!*done)
        return RS_OK;
    p->rows++;
    return close_spans(p, row, row->closes);
}

/* ---- headers of the page ---------------------------------------------------------------------------- */

static rs_status draw_heads(struct page *p)
{
    struct layout_tablix *t = p->t;

    for (size_t i = 0; i < t->heads.count; i++) {
        const struct tablix_head *head = &t->heads.items[i];
        double y = p->y_pt + p->used_pt, height = 0, left = tablix_mirrored(t, head->left_pt, head->width_pt);
        for (unsigned k = 0; k < head->level + head->levels && k < t->head_count; k++) {
            if (k < head->level)
                y += t->head_heights_pt[k];
            else
                height += t->head_heights_pt[k];
        }
        RS_TRY(draw_tag_begin(t->l->job, t->l->device,
                              &(struct draw_tag){.kind = DRAW_TAG_ROW, .key = t->tag + 1 + head->level}));
        RS_TRY(draw_tag_begin(t->l->job, t->l->device, &(struct draw_tag){
            .kind = DRAW_TAG_HEADER, .first = head->is_corner, .columns = (unsigned)head->count, .rows = head->levels}));
        RS_TRY(draw_cell(t->l, head->frame, p->x_pt + left, y, height));
        RS_TRY(draw_tag_end(t->l->job, t->l->device, DRAW_TAG_HEADER));
        RS_TRY(draw_tag_end(t->l->job, t->l->device, DRAW_TAG_ROW));
        for (size_t k = 0; head->is_corner && k < t->repeats_pt.count; k++)
            RS_TRY(draw_cell(t->l, head->frame, p->x_pt + t->repeats_pt.items[k] + left, y, height));
    }
    p->used_pt += t->heads_pt;
    return RS_OK;
}

static bool is_same_place(struct compute_place a, struct compute_place b)
{
    return a.node == b.node && a.row == b.row;
}

/* How many steps of the path of a row are open. */
static unsigned open_steps(const struct layout_tablix *t, const struct tablix_row *row)
{
    unsigned i = 0;

    while (i < row->depth && t->spans[i].open && is_same_place(t->spans[i].place, row->path[i]))
        i++;
    return i;
}

/* Whether a row begins something at `step`, behind the row before it. */
static bool begins_at(const struct tablix_row *before, const struct tablix_row *row, unsigned step)
{
    for (unsigned i = 0; i <= step; i++)
        if (!before || i >= before->depth || !is_same_place(before->path[i], row->path[i]))
            return true;
    return false;
}

/* Rows at the top of a page, from the outermost group in, or (`ends`) at its end, from the innermost out: headers of the groups
 * that they stand in begin above the first of them, and end below the last. */
static rs_status draw_repeated(struct page *p, const struct tablix_repeated *repeated, bool ends)
{
    double from_pt[TABLIX_DEPTH_MAX];

    for (size_t i = 0; i < repeated->rows.count; i++) {
        struct tablix_row *row = repeated->rows.items[i];
        const struct tablix_row *before = i ? repeated->rows.items[i - 1] : NULL;
        const struct tablix_row *next = i + 1 < repeated->rows.count ? repeated->rows.items[i + 1] : NULL;
        unsigned own = open_steps(p->t, row);
        if (ends)
            RS_TRY(cut_spans(p, own));
        else
            resume_spans(p, own);
        for (unsigned k = own; k < row->depth; k++)
            from_pt[k] = begins_at(before, row, k) ? p->y_pt + p->used_pt : from_pt[k];
        RS_TRY(draw_row(p, row, row->height_pt));
        p->used_pt += row->height_pt;
        for (unsigned k = own; k < row->depth; k++)
            if (!next || k >= next->depth || begins_at(row, next, k))
                RS_TRY(draw_header(p, row->path, k, NULL, row->tag, from_pt[k], p->y_pt + p->used_pt - from_pt[k]));
    }
    return RS_OK;
}

/* Column headers and repeated rows at the top of a page, as far as they leave room for a row of `height`. */
static rs_status begin_page(struct page *p, size_t chunk, double height_pt)
{
    struct layout_tablix *t = p->t;
    struct tablix_repeated *repeated = &p->headers;
    bool again;
    double heads = !t->started || t->definition->repeat_column_headers ? t->heads_pt : 0;

    if (t->started && (chunk || t->split))
        RS_TRY(tablix_headers_find(t, t->split ? t->split : t->queue.items[t->taken], repeated));
    if (t->started && height_pt > p->room_pt - heads - repeated->height_pt && t->split == NULL) {
        if (height_pt <= p->room_pt - heads)
            tablix_repeated_end(repeated);
        else if (height_pt <= p->room_pt - repeated->height_pt)
            heads = 0;
        else if (height_pt <= p->room_pt) {
            heads = 0;
            tablix_repeated_end(repeated);
        }
    }
    if (heads + repeated->height_pt > p->room_pt * 0.8 && t->started) { /* headers must leave room for what they head */
        heads = 0;
        tablix_repeated_end(repeated);
    }
    again = t->started; /* what is repeated belongs to the page, not to the table */
    if (again)
        RS_TRY(draw_tag_begin(t->l->job, t->l->device, &(struct draw_tag){.kind = DRAW_TAG_ARTIFACT}));
    if (heads > 0)
        RS_TRY(draw_heads(p));
    RS_TRY(draw_repeated(p, repeated, false));
    if (again)
        RS_TRY(draw_tag_end(t->l->job, t->l->device, DRAW_TAG_ARTIFACT));
    t->started = true;
    resume_spans(p, TABLIX_DEPTH_MAX);
    return RS_OK;
}

/* ---- the page --------------------------------------------------------------------------------------- */

/* Row by row: a chunk that is higher than a page. Stops where the page is full. */
static rs_status place_rows(struct page *p, size_t count, bool *full)
{
    struct layout_tablix *t = p->t;

    for (size_t i = 0; i < count && !*full; i++) {
        struct tablix_row *row = t->queue.items[t->taken];
        bool done = true, fits = row->height_pt <= p->room_pt - p->used_pt + LAYOUT_SLACK_PT && t->split != row;

        if (fits && !row->is_splittable) {
            RS_TRY(place_row(p, row));
        } else if (p->rows > 0 && !fits && !row->is_splittable && t->split != row) {
            *full = true;
            break;
        } else {
            RS_TRY(place_part(p, row, &done));
            *full = !done;
        }
        if (done) {
            *full |= row->break_after;
            p->breaks = row->break_after;
            if (row->break_after) {
                struct compute_scope scope = compute_member_scope(t->data, row->path[row->depth - 1]);
                RS_TRY(layout_break_ask(t->l, &scope, row->reset_after, NULL));
            }
            tablix_trail_of(t, row, &p->trail);
            if (t->taken + 1 == t->queue.count) /* the frames go with the last row */
                RS_TRY(draw_talls(p, p->y_pt + p->used_pt, true));
            tablix_take(t);
        }
    }
    return RS_OK;
}

static rs_status ask_break(struct page *p, const struct tablix_row *row)
{
    struct compute_scope scope = compute_member_scope(p->t->data, row->path[row->depth - 1]);

    RS_TRY(layout_break_ask(p->t->l, &scope, row->reset_before, NULL));
    return name_page(p, row, &p->t->l->next);
}

/* Behind a page break: one before the next row is the same one, and says as much about the next page. */
static rs_status join_breaks(struct page *p)
{
    struct layout_tablix *t = p->t;
    struct tablix_row *first;
    double height_pt;
    size_t chunk;

    RS_TRY(tablix_chunk(t, &chunk, &height_pt));
    first = chunk ? t->queue.items[t->taken] : NULL;
    if (!first || !first->break_before)
        return RS_OK;
    first->break_before = false;
    return ask_break(p, first);
}

/* Chunk after chunk. `ended`: nothing is left; `break_after`: and what follows the tablix begins on a fresh page. */
static rs_status fill_page(struct page *p, size_t chunk, double height_pt, bool *ended, bool *break_after)
{
    struct layout_tablix *t = p->t;

    *ended = *break_after = false;
    for (;;) {
        bool full = false, wide;
        struct tablix_repeated footers;
        struct tablix_trail trail;
        struct tablix_row *first;
        if (chunk == 0) {
            *ended = true;
            return RS_OK;
        }
        first = t->queue.items[t->taken];
        if (first->break_before && p->rows > 0) {
            first->break_before = false;
            return ask_break(p, first);
        }
        RS_TRY(tablix_footers_find(t, tablix_trail_of(t, t->queue.items[t->taken + chunk - 1], &trail), &footers));
        wide = height_pt > p->room_pt - p->used_pt - footers.height_pt + LAYOUT_SLACK_PT;
        /* what can never be kept together, or may be parted, begins here; the rest waits for the next page */
        if (wide && p->rows > 0 && height_pt <= t->l->area_height_pt && !(chunk == 1 && first->is_splittable && t->split != first &&
            !first->path[first->depth - 1].node->member->keep_together))
            return RS_OK;
        RS_TRY(place_rows(p, chunk, &full));
        RS_TRY(rs_job_checkpoint(t->l->job));
        if (full) {
            if (t->queue.count == t->taken && t->ended) { /* a page break behind the last row */
                *ended = true;
                *break_after = true;
                return RS_OK;
            }
            return p->breaks ? join_breaks(p) : RS_OK;
        }
        RS_TRY(tablix_chunk(t, &chunk, &height_pt));
    }
}

/* Before anything is drawn: whether the tablix waits for the next page. */
static rs_status must_wait(struct layout_tablix *t, const struct layout_spot *spot, size_t chunk, double height_pt, bool *waits)
{
    const struct tablix_row *first = chunk ? t->queue.items[t->taken] : NULL;
    double height;

    *waits = false;
    if (t->started || spot->fresh)
        return RS_OK;
    if (first && first->break_before && t->l->page_has_content) {
        *waits = true;
        t->queue.items[t->taken]->break_before = false;
        return layout_break_ask(t->l, &t->frame->scope, first->reset_before, NULL);
    }
    if (t->frame->keep_together) {
        RS_TRY(layout_tablix_measure(t->l, t->frame, t->l->area_height_pt, &height));
        *waits = height > spot->room_pt + LAYOUT_SLACK_PT && height <= t->l->area_height_pt;
    }
    if (t->heads_pt + height_pt > spot->room_pt + LAYOUT_SLACK_PT && !(chunk == 1 && first->is_splittable))
        *waits |= t->heads_pt + height_pt <= t->l->area_height_pt || t->heads_pt + 20 > spot->room_pt;
    return RS_OK;
}

static rs_status place_page(struct layout *l, struct layout_frame *frame, const struct layout_spot *spot,
                            struct layout_result *out)
{
    struct layout_tablix *t = frame->tablix;
    struct page p = {.t = t, .x_pt = spot->x_pt, .y_pt = spot->y_pt, .room_pt = spot->room_pt, .fresh = spot->fresh};
    bool waits, ended, break_after, box = layout_has_background(frame) || frame->style->has_sides;
    struct tablix_repeated footers;
    double height_pt, height = 0;
    size_t chunk;

    RS_TRY(tablix_chunk(t, &chunk, &height_pt));
    RS_TRY(must_wait(t, spot, chunk, height_pt, &waits));
    if (waits) {
        *out = (struct layout_result){LAYOUT_NONE, 0, false};
        return RS_OK;
    }
    frame->width_pt = t->width_pt;
    if (layout_has_background(frame)) {
        RS_TRY(layout_tablix_measure(l, frame, spot->room_pt, &height));
        RS_TRY(layout_draw_background(l, frame, spot->x_pt, spot->y_pt, fmin(height, spot->room_pt)));
    }
    if (!t->started)
        RS_TRY(layout_draw_extras(l, frame, spot->x_pt, spot->y_pt, fmin(t->heads_pt + height_pt, spot->room_pt)));
    RS_TRY(begin_page(&p, chunk, height_pt));
    RS_TRY(fill_page(&p, chunk, height_pt, &ended, &break_after));
    RS_TRY(tablix_footers_find(t, &p.trail, &footers));
    if (p.used_pt + footers.height_pt <= p.room_pt + LAYOUT_SLACK_PT)
        RS_TRY(draw_repeated(&p, &footers, true));
    RS_TRY(draw_talls(&p, p.y_pt + p.used_pt, true));
    tablix_repeated_end(&p.headers);
    if (!ended)
        RS_TRY(cut_spans(&p, 0));
    RS_TRY(draw_borders_flush(l->job, l->borders, l->device));
    if (box)
        RS_TRY(layout_draw_border(l, frame, spot->x_pt, spot->y_pt, p.used_pt));
    *out = ended ? (struct layout_result){LAYOUT_DONE, p.used_pt, break_after}
                 : (struct layout_result){LAYOUT_MORE, spot->room_pt, false};
    return RS_OK;
}

rs_status layout_tablix_place(struct layout *l, struct layout_frame *frame, const struct layout_spot *spot,
                              struct layout_result *out)
{
    struct layout_tablix *t = frame->tablix;

    if (!t->tag) { /* and one for each row of column headers */
        t->tag = ++l->tags;
        l->tags += t->head_count;
    }
    RS_TRY(draw_tag_begin(l->job, l->device, &(struct draw_tag){.kind = DRAW_TAG_TABLE, .key = t->tag}));
    RS_TRY(place_page(l, frame, spot, out));
    return draw_tag_end(l->job, l->device, DRAW_TAG_TABLE);
}
