#include "report/layout/tablix.h"

#include <math.h>

/* ---- columns ---------------------------------------------------------------------------------------- */

RS_VEC_TYPE(struct tablix_column, column_vec);

struct columns {
    struct layout_tablix *t;
    struct column_vec items;
    unsigned groups;           /* instances of outermost groups so far */
};

static rs_status add_column(struct columns *c, struct compute_place place)
{
    const struct rdl_tablix *definition = c->t->definition;
    unsigned leaf = place.node->member->first_leaf;
    struct tablix_column column = {.place = place, .leaf = leaf};

    if (c->items.count == TABLIX_COLUMNS_MAX)
        return rs_fail(c->t->l->job, RS_OVER_LIMIT, "data region \"%.*s\" has more than %u columns",
                       RS_TEXT_ARG(c->t->item->name), TABLIX_COLUMNS_MAX);
    if (leaf < definition->column_widths_pt.count)
        column.width_pt = definition->column_widths_pt.items[leaf];
    rs_vec_push(c->t->memory, &c->items, column);
    return RS_OK;
}

/* A header over the columns [first, count of columns). */
static rs_status add_head(struct columns *c, struct compute_place place, size_t first, double above_pt)
{
    struct layout_tablix *t = c->t;
    const struct rdl_tablix *definition = t->definition;
    const struct rdl_member *member = place.node->member;
    struct compute_scope scope = compute_member_scope(t->data, place);
    struct tablix_head *head;
    double top = 0;

    if (!member->header || !member->header->item || first == c->items.count || place.node->is_collapsed)
        return RS_OK;
    head = rs_vec_add(t->memory, &t->heads);
    for (unsigned level = 0; level < definition->column_header_heights_pt.count; level++) {
        double height = definition->column_header_heights_pt.items[level];
        if (top + height / 2 < above_pt)
            head->level = level + 1;
        else if (top + height / 2 < above_pt + member->header_size_pt)
            head->levels++;
        top += height;
    }
    if (head->levels == 0)
        head->levels = 1;
    head->first = first;
    head->count = c->items.count - first;
    head->item = member->header->item;
    head->scope = scope;
    head->height_pt = member->header_size_pt;
    return RS_OK;
}

static rs_status walk_columns(struct columns *c, struct compute_node *parent, size_t row, double above_pt, unsigned depth)
{
    struct compute_nodes children;

    if (depth > TABLIX_DEPTH_MAX)
        return rs_fail(c->t->l->job, RS_OVER_LIMIT, "columns are grouped more than %d deep", TABLIX_DEPTH_MAX);
    RS_TRY(compute_shown(c->t->memory, c->t->data, parent, &children));
    for (size_t i = 0; i < children.count; i++) {
        struct compute_node *node = children.items[i];
        size_t rows = node->kind == COMPUTE_DETAILS ? node->count : 1;

        for (size_t k = 0; k < rows; k++) {
            struct compute_place place = compute_place_of(node, node->kind == COMPUTE_DETAILS ? k : row);
            size_t first = c->items.count;
            bool hidden;

            RS_TRY(compute_member_hidden(c->t->memory, c->t->l->run, c->t->data, place, &hidden));
            if (hidden)
                continue;
            if (node->member->members.count)
                RS_TRY(walk_columns(c, node, place.row, above_pt + (node->member->header ? node->member->header_size_pt : 0),
                                    depth + 1));
            else
                RS_TRY(add_column(c, place));
            RS_TRY(add_head(c, place, first, above_pt));
            if (depth == 0 && node->member->group && c->groups++ < c->t->definition->groups_before_row_headers)
                c->t->columns_before = c->items.count;
        }
    }
    return rs_job_checkpoint(c->t->l->job);
}

static double headers_width(const struct layout_tablix *t)
{
    double width = 0;

    for (size_t i = 0; i < t->definition->row_header_widths_pt.count; i++)
        width += t->definition->row_header_widths_pt.items[i];
    return width;
}

double tablix_mirrored(const struct layout_tablix *t, double left_pt, double width_pt)
{
    return t->definition->right_to_left ? t->width_pt - left_pt - width_pt : left_pt;
}

/* Column headers stand over their columns, wherever these are. */
static rs_status place_heads(struct layout_tablix *t)
{
    for (size_t i = 0; i < t->heads.count; i++) {
        struct tablix_head *head = &t->heads.items[i];
        const struct tablix_column *first, *last;
        if (head->is_corner)
            continue;
        first = &t->columns[head->first];
        last = &t->columns[head->first + head->count - 1];
        head->left_pt = first->left_pt;
        head->width_pt = last->left_pt + last->width_pt - first->left_pt;
        if (!head->frame)
            RS_TRY(layout_frame_make(t->l, t->memory, head->item, &head->scope, head->width_pt, head->height_pt, true, false,
                                     &head->frame));
        head->frame->width_pt = head->width_pt;
    }
    return RS_OK;
}

static rs_status place_columns(struct layout_tablix *t)
{
    double x = 0;

    for (size_t i = 0; i <= t->column_count; i++) {
        if (i == t->columns_before) {
            t->headers_left_pt = x;
            x += headers_width(t);
        }
        if (i < t->column_count) {
            t->columns[i].left_pt = x;
            x += t->columns[i].width_pt;
        }
    }
    t->width_pt = x;
    return place_heads(t);
}

/* ---- corner and header rows ------------------------------------------------------------------------- */

static rs_status add_corner(struct layout_tablix *t)
{
    const struct rdl_tablix *d = t->definition;
    struct compute_scope scope = {.tablix = t->data};

    for (unsigned row = 0; d->corner && row < d->corner_rows; row++) {
        double left = t->headers_left_pt;
        for (unsigned column = 0; column < d->corner_columns; column++) {
            const struct rdl_cell *cell = &d->corner[row * d->corner_columns + column];
            struct tablix_head head = {.left_pt = left, .level = row, .levels = cell->row_span, .is_corner = true};
            double height = 0;
            for (unsigned i = column; i < column + cell->column_span && i < d->row_header_widths_pt.count; i++)
                head.width_pt += d->row_header_widths_pt.items[i];
            for (unsigned i = row; i < row + cell->row_span && i < d->column_header_heights_pt.count; i++)
                height += d->column_header_heights_pt.items[i];
            if (column < d->row_header_widths_pt.count)
                left += d->row_header_widths_pt.items[column];
            if (!cell->item || cell->covered)
                continue;
            RS_TRY(layout_frame_make(t->l, t->memory, cell->item, &scope, head.width_pt, height, true, false, &head.frame));
            rs_vec_push(t->memory, &t->heads, head);
        }
    }
    return RS_OK;
}

/* Header rows are as high as designed, or as the highest cell that ends in them. */
static rs_status measure_heads(struct layout_tablix *t)
{
    const struct rdl_tablix *d = t->definition;

    t->head_count = (unsigned)d->column_header_heights_pt.count;
    t->head_heights_pt = RS_NEW_ARRAY(t->memory, double, t->head_count + 1);
    for (unsigned i = 0; i < t->head_count; i++)
        t->head_heights_pt[i] = d->column_header_heights_pt.items[i];
    for (unsigned levels = 1; levels <= t->head_count; levels++) {
        for (size_t i = 0; i < t->heads.count; i++) {
            const struct tablix_head *head = &t->heads.items[i];
            double height, room = 0;
            if (head->levels != levels || head->level + levels > t->head_count)
                continue;
            RS_TRY(layout_measure(t->l, head->frame, INFINITY, &height));
            for (unsigned k = 0; k < levels; k++)
                room += t->head_heights_pt[head->level + k];
            if (height > room)
                t->head_heights_pt[head->level + levels - 1] += height - room;
        }
    }
    for (unsigned i = 0; i < t->head_count; i++)
        t->heads_pt += t->head_heights_pt[i];
    return RS_OK;
}

/* ---- on pages across ---------------------------------------------------------------------------------- */

/* A header over columns on several pages stands over those of each page by itself. */
static rs_status split_heads(struct layout_tablix *t)
{
    size_t count = t->heads.count;

    for (size_t i = 0; i < count; i++) {
        struct tablix_head head = t->heads.items[i];
        size_t end = head.first + head.count, first = head.first;
        bool split = false;

        for (size_t k = head.first + 1; !head.is_corner && k <= end; k++) {
            const struct tablix_column *before = &t->columns[k - 1];
            struct tablix_head part = head;
            if (k < end ? t->columns[k].left_pt < before->left_pt + before->width_pt + LAYOUT_SLACK_PT : !split)
                continue;
            part.first = first;
            part.count = k - first;
            RS_TRY(layout_frame_make(t->l, t->memory, head.item, &head.scope,
                                     before->left_pt + before->width_pt - t->columns[first].left_pt, head.height_pt, true,
                                     false, &part.frame));
            if (split)
                rs_vec_push(t->memory, &t->heads, part);
            else
                t->heads.items[i] = part;
            split = true;
            first = k;
        }
    }
    return RS_OK;
}

rs_status layout_tablix_spread(struct layout *l, struct layout_frame *frame, double left_pt)
{
    struct layout_tablix *t = frame->tablix;
    double headers = headers_width(t), page = l->column_width_pt, pitch = page + LAYOUT_GUTTER_PT;
    double x = t->columns_before ? 0 : headers;
    double repeat = t->definition->repeat_row_headers && headers < page / 2 ? headers : 0;

    for (size_t i = 0; i < t->column_count; i++) {
        struct tablix_column *column = &t->columns[i];
        double left = left_pt + x, start = floor((left + LAYOUT_SLACK_PT) / pitch) * pitch;
        if (left + column->width_pt > start + page + LAYOUT_SLACK_PT && column->width_pt + repeat <= page &&
            left > start + repeat + LAYOUT_SLACK_PT) {
            x = start + pitch - left_pt + (i > t->columns_before ? repeat : 0);
            if (repeat > 0 && i > t->columns_before)
                rs_vec_push(t->memory, &t->repeats_pt, x - repeat - t->headers_left_pt);
        }
        column->left_pt = x;
        x += column->width_pt;
        if (i + 1 == t->columns_before) {
            t->headers_left_pt = x;
            x += headers;
        }
    }
    t->width_pt = x;
    t->leaves = NULL; /* cells moved */
    t->is_spread = true;
    t->spread_pt = left_pt;
    RS_TRY(split_heads(t));
    RS_TRY(place_heads(t));
    t->heads_pt = 0;
    return measure_heads(t);
}

/* ---- making ----------------------------------------------------------------------------------------- */

static struct layout_tablix *tablix_create(struct layout *l, struct layout_frame *frame)
{
    struct rs_job_options options = {.within = l->job};
    struct rs_job *memory = rs_job_create(&options);
    struct layout_tablix *t = RS_NEW(memory, struct layout_tablix);

    t->l = l;
    t->memory = memory;
    t->rows = rs_job_create(&options);
    t->rows_empty = rs_job_mark(t->rows);
    t->item = frame->item;
    t->definition = frame->item->tablix;
    t->frame = frame;
    t->breaks_allowed = frame->breaks_allowed;
    t->has_footers = tablix_has_footers(t->definition);
    rs_list_append(&l->tablixes, &t->link);
    return t;
}

void layout_tablix_end(struct layout_tablix *t)
{
    if (!t)
        return;
    if (rs_job_status(t->rows) != RS_OK)
        rs_job_adopt(t->l->job, t->rows);
    if (rs_job_status(t->memory) != RS_OK)
        rs_job_adopt(t->l->job, t->memory);
    rs_list_remove(&t->link);
    tablix_footers_end(t);
    compute_tablix_close(t->data);
    rs_job_destroy(t->rows);
    rs_job_destroy(t->memory);
}

static rs_status make(struct layout_tablix *t)
{
    struct columns columns = {.t = t};

    RS_TRY(walk_columns(&columns, compute_root(t->data, COMPUTE_COLUMNS), 0, 0, 0));
    t->columns = columns.items.items;
    t->column_count = columns.items.count;
    RS_TRY(tablix_widen(t));
    RS_TRY(place_columns(t));
    if (t->column_count)
        RS_TRY(add_corner(t));
    return measure_heads(t);
}

rs_status layout_tablix_make(struct layout *l, struct rs_job *memory, struct layout_frame *frame)
{
    struct layout_tablix *t = tablix_create(l, frame);
    bool no_rows;
    rs_text message;

    frame->tablix = t;
    frame->keep_together = t->definition->keep_together;
    RS_TRY(compute_tablix_open(t->memory, l->run, &frame->scope, frame->item, &t->data));
    RS_TRY(compute_no_rows_message(memory, l->run, t->data, &no_rows, &message));
    if (no_rows) {
        layout_tablix_end(t);
        return layout_message_make(l, memory, frame, message);
    }
    return make(t);
}

double layout_tablix_width(const struct layout_tablix *t)
{
    return t->width_pt;
}

rs_status layout_tablix_measure(struct layout *l, struct layout_frame *frame, double limit_pt, double *out_pt)
{
    struct layout_tablix *t = frame->tablix;
    double heads = t->started && !t->definition->repeat_column_headers ? 0 : t->heads_pt;
    struct tablix_repeated repeated = {0};

    (void)l;
    if (t->started && !t->ended && t->taken == t->queue.count)
        RS_TRY(tablix_pull(t));
    if (t->started && t->taken < t->queue.count) /* what goes on here begins with headers that are repeated */
        RS_TRY(tablix_headers_find(t, t->split ? t->split : t->queue.items[t->taken], &repeated));
    heads += repeated.height_pt;
    tablix_repeated_end(&repeated);
    while (!t->ended && heads + t->queue_pt <= limit_pt)
        RS_TRY(tablix_pull(t));
    *out_pt = heads + t->queue_pt;
    return RS_OK;
}
