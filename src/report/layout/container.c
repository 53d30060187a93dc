#include <math.h>
#include <stdlib.h>

#include "report/layout/frame.h"

/* What stands before an item, by the definition: only its nearest neighbours, so that an item that is hidden between two
 * others lets them move together. They are a stretch of the order of endings, which may hold thin ones (lines) that are
 * not before it, too. */
struct neighbours {
    size_t first, end;         /* in plan_order.items */
};

struct plan_item {
    const struct rdl_item *item;
    double top_pt, bottom_pt, left_pt, right_pt;
    struct neighbours above, before; /* to the left */
    /* Items that stand with every part of it (RepeatWith): above it and beside it on further pages, below it on all but
     * the last. */
    const size_t *repeated;
    size_t repeated_count;
    double repeated_top_pt;    /* of the highest above or beside it; else its own */
    double repeated_bottom_pt; /* of the lowest below it; else its own */
};

/* Items by where they end. */
struct plan_order {
    size_t *items;             /* indices in the plan */
    double *latest_pt;         /* where the last of the items up to here begins that is not thin */
};

/* In the order of drawing: lower z-index first, then as written. */
struct layout_plan {
    struct plan_item *items;
    size_t count;
    struct plan_order down, across;
    size_t *by_top;            /* whatever pushes an item stands before it here */
    double bottom_pt;          /* of the lowest item */
};

/* ---- plans ------------------------------------------------------------------------------------------ */

static int by_depth(const void *a, const void *b)
{
    const struct rdl_item *left = ((const struct plan_item *)a)->item, *right = ((const struct plan_item *)b)->item;

    if (left->z_index != right->z_index)
        return left->z_index < right->z_index ? -1 : 1;
    return (left->number > right->number) - (left->number < right->number);
}

struct extent {
    double from_pt, to_pt;
};

static bool is_thin(const struct extent *e)
{
    return e->to_pt - e->from_pt <= LAYOUT_SLACK_PT;
}

/* Whether `a` ends where `b` begins, or before. Two thin ones (lines) in one place do not wait for each other. */
static bool is_before(const struct extent *a, const struct extent *b)
{
    return a->to_pt <= b->from_pt + LAYOUT_SLACK_PT &&
           (a->from_pt < b->from_pt - LAYOUT_SLACK_PT || (is_thin(a) && !is_thin(b)));
}

static struct extent extent_of(const struct plan_item *item, bool down)
{
    return down ? (struct extent){item->top_pt, item->bottom_pt} : (struct extent){item->left_pt, item->right_pt};
}

/* Whether the item at `other` pushes the one at `own`. */
static bool pushes(const struct layout_plan *plan, size_t other, size_t own, bool down)
{
    struct extent a = extent_of(&plan->items[other], down), b = extent_of(&plan->items[own], down);

    return other != own && is_before(&a, &b);
}

/* qsort has no room for the plan: what is sorted carries its key. */
struct keyed {
    double key;
    size_t index;
};

static int by_key(const void *a, const void *b)
{
    const struct keyed *left = a, *right = b;

    if (left->key != right->key)
        return left->key < right->key ? -1 : 1;
    return (left->index > right->index) - (left->index < right->index);
}

static size_t *sorted(struct rs_job *memory, struct keyed *keys, size_t count)
{
    size_t *order = RS_NEW_ARRAY(memory, size_t, count);

    if (count)
        qsort(keys, count, sizeof *keys, by_key);
    for (size_t i = 0; i < count; i++)
        order[i] = keys[i].index;
    return order;
}

static void make_order(struct rs_job *memory, const struct layout_plan *plan, bool down, struct plan_order *out)
{
    struct keyed *keys = RS_NEW_ARRAY(memory, struct keyed, plan->count);
    double latest = -INFINITY;

    for (size_t i = 0; i < plan->count; i++)
        keys[i] = (struct keyed){extent_of(&plan->items[i], down).to_pt, i};
    out->items = sorted(memory, keys, plan->count);
    out->latest_pt = RS_NEW_ARRAY(memory, double, plan->count);
    for (size_t i = 0; i < plan->count; i++) {
        struct extent extent = extent_of(&plan->items[out->items[i]], down);
        if (!is_thin(&extent))
            latest = fmax(latest, extent.from_pt);
        out->latest_pt[i] = latest;
    }
}

/* The first place in the order whose item ends behind `pt`. */
static size_t ends_behind(const struct layout_plan *plan, const struct plan_order *order, bool down, double pt)
{
    size_t low = 0, high = plan->count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (extent_of(&plan->items[order->items[middle]], down).to_pt > pt)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The items that are before `own` and have no other item wholly between. */
static struct neighbours find_neighbours(const struct layout_plan *plan, const struct plan_order *order, size_t own, bool down)
{
    struct neighbours found = {0};

    found.end = ends_behind(plan, order, down, extent_of(&plan->items[own], down).from_pt + LAYOUT_SLACK_PT);
    if (found.end)
        found.first = ends_behind(plan, order, down, order->latest_pt[found.end - 1] + LAYOUT_SLACK_PT);
    return found;
}

static void plan_neighbours(struct rs_job *memory, struct layout_plan *plan)
{
    struct keyed *keys = RS_NEW_ARRAY(memory, struct keyed, plan->count);

    make_order(memory, plan, true, &plan->down);
    make_order(memory, plan, false, &plan->across);
    for (size_t i = 0; i < plan->count; i++) {
        keys[i] = (struct keyed){plan->items[i].top_pt, i};
        plan->items[i].above = find_neighbours(plan, &plan->down, i, true);
        plan->items[i].before = find_neighbours(plan, &plan->across, i, false);
    }
    plan->by_top = sorted(memory, keys, plan->count);
}

static bool stands_above(const struct plan_item *item, const struct plan_item *own)
{
    return item->bottom_pt <= own->top_pt + LAYOUT_SLACK_PT;
}

static bool stands_below(const struct plan_item *item, const struct plan_item *own)
{
    return item->top_pt >= own->bottom_pt - LAYOUT_SLACK_PT;
}

/* Items that say RepeatWith. */
static void plan_repeated(struct rs_job *memory, struct layout_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        struct plan_item *own = &plan->items[i];
        RS_VEC(size_t) found = {0};

        own->repeated_top_pt = own->top_pt;
        own->repeated_bottom_pt = own->bottom_pt;
        for (size_t k = 0; k < plan->count && own->item->kind == RDL_TABLIX; k++) {
            const struct plan_item *other = &plan->items[k];
            if (other->item->repeat_with.size == 0 || !rs_text_equal(other->item->repeat_with, own->item->name))
                continue;
            rs_vec_push(memory, &found, k);
            if (stands_below(other, own))
                own->repeated_bottom_pt = fmax(own->repeated_bottom_pt, other->bottom_pt);
            else
                own->repeated_top_pt = fmin(own->repeated_top_pt, other->top_pt);
        }
        own->repeated = found.items;
        own->repeated_count = found.count;
    }
}

static struct layout_plan *find_plan(struct layout *l, const rdl_items *items)
{
    rs_text key = rs_text_of((const char *)&items, sizeof items);
    struct layout_plan *plan = rs_map_find(l->plans, key);

    if (plan)
        return plan;
    plan = RS_NEW(l->memory, struct layout_plan);
    plan->count = items->count;
    plan->items = RS_NEW_ARRAY(l->memory, struct plan_item, items->count);
    for (size_t i = 0; i < items->count; i++) {
        const struct rdl_item *item = items->items[i];
        plan->items[i] = (struct plan_item){
            .item = item,
            .top_pt = item->top_pt + fmin(item->height_pt, 0),
            .bottom_pt = item->top_pt + fmax(item->height_pt, 0),
            .left_pt = item->left_pt + fmin(item->width_pt, 0),
            .right_pt = item->left_pt + fmax(item->width_pt, 0),
        };
        plan->bottom_pt = fmax(plan->bottom_pt, plan->items[i].bottom_pt);
    }
    if (plan->count)
        qsort(plan->items, plan->count, sizeof plan->items[0], by_depth);
    plan_neighbours(l->memory, plan);
    plan_repeated(l->memory, plan);
    rs_map_set(l->plans, rs_text_copy(l->memory, key), plan);
    return plan;
}

/* ---- making ----------------------------------------------------------------------------------------- */

/* Where a child begins at the left: columns that grew push what is right of them. */
static double pushed_left(const struct layout_container *c, size_t index)
{
    const struct plan_item *own = &c->plan->items[index];
    double left = own->left_pt;

    for (size_t k = own->before.first; k < own->before.end; k++) {
        size_t before = c->plan->across.items[k];
        const struct plan_item *other = &c->plan->items[before];
        const struct layout_frame *frame = c->children[before].frame;
        double reach;
        if (!pushes(c->plan, before, index, false))
            continue;
        reach = fmax(layout_frame_reach(frame), other->right_pt - other->left_pt);
        left = fmax(left, frame->left_pt + reach + own->left_pt - other->right_pt);
    }
    return left;
}

static void push_right(struct layout_container *c)
{
    bool moved = true;

    for (size_t round = 0; moved && round <= c->plan->count; round++) {
        moved = false;
        for (size_t i = 0; i < c->plan->count; i++) {
            double left = pushed_left(c, i);
            moved |= left > c->children[i].frame->left_pt + LAYOUT_SLACK_PT;
            c->children[i].frame->left_pt = fmax(left, c->children[i].frame->left_pt);
        }
    }
}

rs_status layout_container_make(struct layout *l, struct rs_job *memory, struct layout_frame *frame,
                                const rdl_items *items)
{
    struct layout_container *c = &frame->container;
    bool wider = false;

    c->plan = find_plan(l, items);
    c->keeps_space = !l->report->consume_container_whitespace;
    c->spare_pt = c->keeps_space ? fmax(frame->height_pt - c->plan->bottom_pt, 0) : 0;
    c->children = RS_NEW_ARRAY(memory, struct layout_child, c->plan->count);
    for (size_t i = 0; i < c->plan->count; i++) {
        const struct plan_item *own = &c->plan->items[i];
        RS_TRY(layout_frame_make(l, memory, own->item, &frame->scope, own->right_pt - own->left_pt,
                                 own->bottom_pt - own->top_pt, false, frame->breaks_allowed, &c->children[i].frame));
        c->children[i].frame->left_pt = own->left_pt;
        wider |= layout_frame_reach(c->children[i].frame) > own->right_pt - own->left_pt + LAYOUT_SLACK_PT;
    }
    if (wider)
        push_right(c);
    return RS_OK;
}

void layout_container_end(struct layout_frame *frame)
{
    for (size_t i = 0; i < frame->container.plan->count; i++)
        layout_frame_end(frame->container.children[i].frame);
}

double layout_container_reach(const struct layout_frame *frame)
{
    double reach = 0;

    for (size_t i = 0; i < frame->container.plan->count; i++) {
        const struct layout_frame *child = frame->container.children[i].frame;
        if (child->kind != FRAME_GONE)
            reach = fmax(reach, child->left_pt + layout_frame_reach(child));
    }
    return reach;
}

/* Whether it decides by itself where pages part it. */
static bool may_be_parted(const struct layout_frame *frame)
{
    return frame->kind == FRAME_CONTAINER || frame->kind == FRAME_TABLIX || frame->kind == FRAME_SUBREPORT;
}

rs_status layout_container_spread(struct layout *l, struct layout_frame *frame, double left_pt)
{
    const struct layout_container *c = &frame->container;
    double page = l->column_width_pt, pitch = page + LAYOUT_GUTTER_PT;

    for (size_t k = 0; k < c->plan->count; k++) { /* what pushes an item has its place before it */
        size_t i = c->plan->across.items[k];
        struct layout_frame *child = c->children[i].frame;
        /* where it would be on pages that follow each other without a gap */
        double left = left_pt + child->left_pt, start = floor((left + LAYOUT_SLACK_PT) / page), width = child->width_pt;
        bool parts = may_be_parted(child);
        left = fmax(left + start * LAYOUT_GUTTER_PT, left_pt + pushed_left(c, i));
        start = floor((left + LAYOUT_SLACK_PT) / pitch);
        if (!parts && left + width > start * pitch + page + LAYOUT_SLACK_PT && width <= page)
            left = (start + 1) * pitch;
        child->left_pt = left - left_pt;
        RS_TRY(layout_frame_spread(l, child, left));
    }
    return RS_OK;
}

/* ---- positions -------------------------------------------------------------------------------------- */

/* Where a child ended, or would end on an endless page. */
struct ending {
    double end_pt;
    bool done;
};

/* Where a child comes to stand, from the top of the container; false while something above is not finished. */
static bool find_top(const struct layout_container *c, const struct ending *endings, size_t index, double *top)
{
    const struct plan_item *own = &c->plan->items[index];
    double found = -INFINITY;

    for (size_t i = own->above.first; i < own->above.end; i++) {
        size_t above = c->plan->down.items[i];
        struct ending ending;
        if (!pushes(c->plan, above, index, true))
            continue;
        ending = endings ? endings[above]
                                       : (struct ending){c->children[above].end_pt, c->children[above].done};
        if (!ending.done)
            return false;
        found = fmax(found, ending.end_pt + own->top_pt - c->plan->items[above].bottom_pt);
    }
    if (found == -INFINITY)
        found = own->top_pt;
    found = fmax(found, c->children[index].floor_pt);
    if (!c->children[index].started)
        found = fmax(found, c->new_floor_pt);
    *top = found;
    return true;
}

/* How high the container is when its content ends at `end`: as designed at least, and with the white space it keeps. */
static double grown_height(const struct layout_frame *frame, double end)
{
    return fmax(frame->height_pt, end + frame->container.spare_pt);
}

rs_status layout_container_measure(struct layout *l, struct layout_frame *frame, double limit_pt, double *out_pt)
{
    struct layout_container *c = &frame->container;
    struct rs_mark mark = rs_job_mark(l->scratch);
    struct ending *endings = RS_NEW_ARRAY(l->scratch, struct ending, c->plan->count + 1);
    double lowest = 0;
    bool progress = true;
    rs_status status = RS_OK;

    for (size_t i = 0; i < c->plan->count; i++) {
        endings[i] = (struct ending){c->children[i].end_pt, c->children[i].done};
        lowest = fmax(lowest, endings[i].done ? endings[i].end_pt : 0);
    }
    while (progress && status == RS_OK && lowest - c->passed_pt <= limit_pt) {
        progress = false;
        for (size_t k = 0; k < c->plan->count && status == RS_OK; k++) {
            double top = c->passed_pt, height;
            size_t i = c->plan->by_top[k];
            if (endings[i].done || (!c->children[i].started && !find_top(c, endings, i, &top)))
                continue;
            if (c->children[i].started)
                top += c->plan->items[i].top_pt - c->plan->items[i].repeated_top_pt;
            status = layout_measure(l, c->children[i].frame, limit_pt - (top - c->passed_pt), &height);
            endings[i] = (struct ending){top + height, true};
            progress = true;
            lowest = fmax(lowest, endings[i].end_pt);
        }
    }
    *out_pt = fmax(grown_height(frame, lowest) - c->passed_pt, 0);
    rs_job_reset(l->scratch, mark);
    return status;
}

/* ---- placing ---------------------------------------------------------------------------------------- */

/* The page break and page name of a rectangle or data region. */
static const struct rdl_page_break *item_break(const struct rdl_item *item, const struct rdl_expr **page_name)
{
    *page_name = NULL;
    if (item && item->kind == RDL_RECTANGLE) {
        *page_name = &item->rectangle->page_name;
        return &item->rectangle->page_break;
    }
    if (item && item->kind == RDL_TABLIX) {
        *page_name = &item->tablix->page_name;
        return &item->tablix->page_break;
    }
    return NULL;
}

/* Before a child begins: whether a page break in front of it sends it to the next page. */
static rs_status break_before(struct layout *l, const struct layout_frame *child, bool *moves)
{
    const struct rdl_expr *page_name;
    const struct rdl_page_break *own = item_break(child->item, &page_name);
    enum rdl_break location = RDL_BREAK_NONE;
    bool reset;

    *moves = false;
    if (!own || !child->breaks_allowed || child->kind == FRAME_GONE)
        return RS_OK;
    if (own->location != RDL_BREAK_NONE)
        RS_TRY(compute_page_break(l->scratch, l->run, &child->scope, own, &location, &reset));
    if ((location == RDL_BREAK_START || location == RDL_BREAK_START_AND_END) && l->page_has_content) {
        *moves = true;
        return layout_break_ask(l, &child->scope, reset, page_name);
    }
    return layout_page_name(l, &child->scope, page_name);
}

static rs_status break_behind(struct layout *l, const struct layout_frame *child, bool *asked)
{
    const struct rdl_expr *page_name;
    const struct rdl_page_break *own = item_break(child->item, &page_name);
    enum rdl_break location;
    bool reset;

    if (!own || !child->breaks_allowed || child->kind == FRAME_GONE || own->location == RDL_BREAK_NONE)
        return RS_OK;
    RS_TRY(compute_page_break(l->scratch, l->run, &child->scope, own, &location, &reset));
    if (location != RDL_BREAK_END && location != RDL_BREAK_START_AND_END)
        return RS_OK;
    *asked = true;
    return layout_break_ask(l, &child->scope, reset, NULL);
}

/* Where `spot` begins an item repeated with the data region is drawn again: all of it, or nothing where it does not fit. */
static rs_status repeat_item(struct layout *l, const struct layout_frame *frame, size_t index, const struct layout_spot *spot)
{
    const struct plan_item *own = &frame->container.plan->items[index];
    struct layout_spot place = *spot;
    struct layout_result result;
    struct layout_frame *again;
    double needed;
    rs_status status;

    RS_TRY(layout_frame_make(l, l->scratch, own->item, &frame->scope, own->right_pt - own->left_pt,
                             own->bottom_pt - own->top_pt, false, false, &again));
    again->started = true; /* its label and bookmark are on the first page */
    place.x_pt += frame->container.children[index].frame->left_pt;
    place.fresh = true;
    status = layout_measure(l, again, spot->room_pt, &needed);
    if (status == RS_OK && needed <= spot->room_pt + LAYOUT_SLACK_PT) {
        status = draw_tag_begin(l->job, l->device, &(struct draw_tag){.kind = DRAW_TAG_ARTIFACT});
        if (status == RS_OK)
            status = layout_place(l, again, &place, &result);
        if (status == RS_OK)
            status = draw_tag_end(l->job, l->device, DRAW_TAG_ARTIFACT);
    }
    layout_frame_end(again);
    return status;
}

/* What stands above a data region on its first page, drawn again above the part that begins this page: `height` is what
 * that takes, 0 where it would leave too little room. */
static rs_status repeat_above(struct layout *l, const struct layout_frame *frame, size_t index,
                              const struct layout_spot *spot, double *height)
{
    const struct layout_plan *plan = frame->container.plan;
    const struct plan_item *own = &plan->items[index];

    *height = own->top_pt - own->repeated_top_pt;
    for (size_t i = 0; i < own->repeated_count; i++) {
        const struct plan_item *other = &plan->items[own->repeated[i]];
        struct layout_frame *again;
        double needed;
        if (!stands_above(other, own))
            continue;
        RS_TRY(layout_frame_make(l, l->scratch, other->item, &frame->scope, other->right_pt - other->left_pt,
                                 other->bottom_pt - other->top_pt, false, false, &again));
        RS_TRY(layout_measure(l, again, spot->room_pt, &needed));
        layout_frame_end(again);
        *height = fmax(*height, other->top_pt - own->repeated_top_pt + needed + own->top_pt - other->bottom_pt);
    }
    if (*height > spot->room_pt / 2)
        *height = 0;
    for (size_t i = 0; i < own->repeated_count && *height > 0; i++) {
        double down = plan->items[own->repeated[i]].top_pt - own->repeated_top_pt;
        struct layout_spot place = {spot->x_pt, spot->y_pt + down, spot->room_pt - down, true};
        if (stands_above(&plan->items[own->repeated[i]], own))
            RS_TRY(repeat_item(l, frame, own->repeated[i], &place));
    }
    return RS_OK;
}

/* What stands beside the data region or (`below`) under it; `spot` is where the region begins, or ends. What is beside it
 * reaches at most `lead_pt` higher. */
static rs_status repeat_around(struct layout *l, const struct layout_frame *frame, size_t index, bool below, double lead_pt,
                               const struct layout_spot *spot)
{
    const struct layout_plan *plan = frame->container.plan;
    const struct plan_item *own = &plan->items[index];

    for (size_t i = 0; i < own->repeated_count; i++) {
        const struct plan_item *other = &plan->items[own->repeated[i]];
        double down = fmax(other->top_pt - (below ? own->bottom_pt : own->top_pt), -lead_pt);
        struct layout_spot place = {spot->x_pt, spot->y_pt + down, spot->room_pt - down, true};
        if (!stands_above(other, own) && stands_below(other, own) == below)
            RS_TRY(repeat_item(l, frame, own->repeated[i], &place));
    }
    return RS_OK;
}

/* One child as far as it goes on this page. */
static rs_status place_child(struct layout *l, struct layout_frame *frame, size_t index, double top,
                             const struct layout_spot *spot, bool *break_after)
{
    struct layout_container *c = &frame->container;
    struct layout_child *child = &c->children[index];
    double y = fmax(top - c->passed_pt, 0), page_end = c->passed_pt + spot->room_pt;
    struct layout_spot own = {spot->x_pt + child->frame->left_pt, spot->y_pt + y, spot->room_pt - y,
                              spot->fresh && y < LAYOUT_SLACK_PT};
    struct layout_result result;
    double below = c->plan->items[index].repeated_bottom_pt - c->plan->items[index].bottom_pt;

    if (!child->started) {
        bool moves;
        RS_TRY(break_before(l, child->frame, &moves));
        if (moves) {
            child->floor_pt = page_end;
            return RS_OK;
        }
    } else if (c->plan->items[index].repeated_count) {
        double repeated;
        RS_TRY(repeat_above(l, frame, index, spot, &repeated));
        y += repeated;
        own.y_pt += repeated;
        own.room_pt -= repeated;
        RS_TRY(repeat_around(l, frame, index, false, repeated, &(struct layout_spot){spot->x_pt, own.y_pt, own.room_pt, true}));
    }
    if (below > own.room_pt / 2)
        below = 0;
    own.room_pt -= below;
    RS_TRY(layout_place(l, child->frame, &own, &result));
    if (result.state == LAYOUT_NONE) {
        child->floor_pt = page_end;
        return RS_OK;
    }
    if (result.state == LAYOUT_MORE && below > 0)
        RS_TRY(repeat_around(l, frame, index, true, 0,
                             &(struct layout_spot){spot->x_pt, own.y_pt + own.room_pt, below, true}));
    l->page_has_content = true;
    child->started = true;
    if (result.state == LAYOUT_MORE)
        return RS_OK;
    child->done = true;
    child->end_pt = c->passed_pt + y + result.used_pt;
    RS_TRY(break_behind(l, child->frame, &result.break_after));
    if (result.break_after) {
        c->new_floor_pt = page_end;
        *break_after = true;
    }
    return RS_OK;
}

/* Whether a child is on a later page. One without height may stand on the very end of this one. */
static bool is_later(const struct layout_child *child, double top, double page_end)
{
    if (child->started)
        return false;
    return child->frame->height_pt > LAYOUT_SLACK_PT ? top > page_end - LAYOUT_SLACK_PT : top > page_end + LAYOUT_SLACK_PT;
}

/* Behind so many rounds the order of drawing gives way: from top to bottom, every item is reached in one. */
#define ROUNDS_IN_ORDER 64

/* All children on this page, in rounds: one may begin when those above it are finished. */
static rs_status place_children(struct layout *l, struct layout_frame *frame, const struct layout_spot *spot,
                                bool *break_after)
{
    struct layout_container *c = &frame->container;
    double page_end = c->passed_pt + spot->room_pt;
    bool progress = true;

    c->turn++;
    for (size_t round = 0; progress; round++) {
        progress = false;
        for (size_t k = 0; k < c->plan->count; k++) {
            size_t i = round < ROUNDS_IN_ORDER ? k : c->plan->by_top[k];
            struct layout_child *child = &c->children[i];
            double top = c->passed_pt;
            if (child->done || child->tried == c->turn || (!child->started && !find_top(c, NULL, i, &top)))
                continue;
            if (child->frame->kind == FRAME_GONE) { /* wherever it is */
                child->done = true;
                child->end_pt = top + (child->frame->keeps_space ? child->frame->height_pt : 0);
            } else if (is_later(child, top, page_end)) {
                continue;
            } else {
                RS_TRY(place_child(l, frame, i, top, spot, break_after));
            }
            child->tried = c->turn;
            progress = true;
        }
    }
    return RS_OK;
}

static bool has_above(const struct layout_plan *plan, size_t own)
{
    for (size_t i = plan->items[own].above.first; i < plan->items[own].above.end; i++)
        if (pushes(plan, plan->down.items[i], own, true))
            return true;
    return false;
}

/* Whether the first things in the container would all have to wait for the next page: then so does the container. */
static rs_status nothing_fits(struct layout *l, const struct layout_frame *frame, double room_pt, bool *out)
{
    const struct layout_container *c = &frame->container;
    bool any = false;

    *out = false;
    for (size_t i = 0; i < c->plan->count; i++) {
        struct layout_frame *child = c->children[i].frame;
        double room = room_pt - c->plan->items[i].top_pt, height;
        if (has_above(c->plan, i) || child->kind == FRAME_GONE || room <= 0)
            continue;
        if (may_be_parted(child)) /* they decide themselves */
            return RS_OK;
        RS_TRY(layout_measure(l, child, room_pt, &height));
        if (child->kind == FRAME_TEXT ? !layout_text_waits(l, child, room) : height <= room + LAYOUT_SLACK_PT)
            return RS_OK;
        any = true;
    }
    *out = any;
    return RS_OK;
}

/* Whether to wait for the next page before anything is drawn. */
static rs_status must_wait(struct layout *l, struct layout_frame *frame, const struct layout_spot *spot, bool *waits)
{
    double height;

    *waits = false;
    if (spot->fresh || frame->container.started)
        return RS_OK;
    if (frame->keep_together) {
        RS_TRY(layout_measure(l, frame, l->area_height_pt, &height));
        *waits = height > spot->room_pt + LAYOUT_SLACK_PT && height <= l->area_height_pt;
        return RS_OK;
    }
    return nothing_fits(l, frame, spot->room_pt, waits);
}

static bool shows_box(const struct layout_frame *frame)
{
    return layout_has_background(frame) || (frame->style && frame->style->has_sides);
}

rs_status layout_container_place(struct layout *l, struct layout_frame *frame, const struct layout_spot *spot,
                                 struct layout_result *out)
{
    struct layout_container *c = &frame->container;
    bool waits, all_done = true, break_after = false, box = shows_box(frame);
    unsigned outline_level = l->outline_level;
    double height = 0, lowest = 0, used;

    RS_TRY(must_wait(l, frame, spot, &waits));
    if (waits) {
        *out = (struct layout_result){LAYOUT_NONE, 0, false};
        return RS_OK;
    }
    if (box) {
        RS_TRY(layout_measure(l, frame, spot->room_pt, &height));
        height = fmin(height, spot->room_pt);
        RS_TRY(layout_draw_background(l, frame, spot->x_pt, spot->y_pt, height));
    }
    if (!c->started && frame->item) {
        RS_TRY(layout_draw_extras(l, frame, spot->x_pt, spot->y_pt, fmin(frame->height_pt, spot->room_pt)));
        if (frame->item->document_map_label.present)
            l->outline_level++;
    }
    c->started = true;
    RS_TRY(place_children(l, frame, spot, &break_after));
    l->outline_level = outline_level;
    for (size_t i = 0; i < c->plan->count; i++) {
        all_done &= c->children[i].done;
        if (c->children[i].frame->kind != FRAME_GONE)
            lowest = fmax(lowest, c->children[i].end_pt);
    }
    if (box)
        RS_TRY(layout_draw_border(l, frame, spot->x_pt, spot->y_pt, height));
    used = fmax(grown_height(frame, lowest) - c->passed_pt, 0);
    /* white space at its end makes a page only where the report keeps it */
    if (all_done && (break_after || !c->keeps_space || used <= spot->room_pt + LAYOUT_SLACK_PT)) {
        *out = (struct layout_result){LAYOUT_DONE, fmin(used, spot->room_pt), break_after};
        return RS_OK;
    }
    c->passed_pt += spot->room_pt;
    *out = (struct layout_result){LAYOUT_MORE, spot->room_pt, false};
    return RS_OK;
}
