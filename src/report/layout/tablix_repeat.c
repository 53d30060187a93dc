/* Rows that stand on more than one page: headers and footers that say RepeatOnNewPage. */
#include "report/layout/tablix.h"

/* Rows of a static member and of the statics inside it. */
static rs_status add_member(struct layout_tablix *t, struct rs_job *memory, struct compute_place *path, unsigned depth,
                            struct tablix_repeated *out)
{
    struct compute_node *node = path[depth - 1].node;
    struct compute_nodes children;
    struct tablix_row *row;
    bool hidden;

    RS_TRY(compute_member_hidden(t->rows, t->l->run, t->data, path[depth - 1], &hidden));
    if (hidden)
        return RS_OK;
    if (node->member->members.count == 0) {
        RS_TRY(tablix_row_make(t, memory, path, depth, depth - 1, &row));
        rs_vec_push(memory, &out->rows, row);
        return RS_OK;
    }
    RS_TRY(compute_children(t->rows, t->data, node, &children));
    for (size_t i = 0; i < children.count && depth < TABLIX_DEPTH_MAX; i++) {
        if (children.items[i]->kind != COMPUTE_STATIC)
            continue;
        path[depth] = compute_place_of(children.items[i], path[depth - 1].row);
        RS_TRY(add_member(t, memory, path, depth + 1, out));
    }
    return RS_OK;
}

/* Once all of them are there: how high they are. */
static void measure(struct rs_job *memory, struct tablix_repeated *repeated)
{
    struct tablix_talls talls = {0};

    for (size_t i = 0; i < repeated->rows.count; i++) {
        struct tablix_row *row = repeated->rows.items[i];
        tablix_row_grow(memory, &talls, row, i + 1 < repeated->rows.count ? repeated->rows.items[i + 1]->leaf : TABLIX_NO_LEAF);
        repeated->height_pt += row->height_pt;
    }
}

/* The instances of the static members [first, end) beside `node`, which is at the last step of `path`. */
static rs_status add_siblings(struct layout_tablix *t, struct rs_job *memory, struct compute_place *path, unsigned depth,
                              const struct rdl_member *first, const struct rdl_member *end, struct tablix_repeated *out)
{
    struct compute_place own = path[depth - 1];
    struct compute_nodes nodes;

    RS_TRY(compute_children(memory, t->data, own.node->parent, &nodes));
    for (size_t i = 0; i < nodes.count; i++) {
        if (nodes.items[i]->member < first || nodes.items[i]->member >= end)
            continue;
        path[depth - 1] = compute_place_of(nodes.items[i], depth > 1 ? path[depth - 2].row : 0);
        RS_TRY(add_member(t, memory, path, depth, out));
    }
    path[depth - 1] = own;
    return RS_OK;
}

static rdl_members siblings_of(const struct layout_tablix *t, const struct rdl_member *member)
{
    return member->parent ? (rdl_members){member->parent->members.items, member->parent->members.count}
                          : t->definition->row_members;
}

static bool repeats(const struct rdl_member *member, enum rdl_keep_with keep)
{
    return !member->group && member->keep_with_group == keep && member->repeat_on_new_page;
}

rs_status tablix_headers_find(struct layout_tablix *t, const struct tablix_row *next, struct tablix_repeated *out)
{
    struct compute_place path[TABLIX_DEPTH_MAX];

    for (unsigned i = 0; i < next->depth; i++) {
        const struct rdl_member *member = next->path[i].node->member, *first = member;

        path[i] = next->path[i];
        if (next->path[i].node->kind == COMPUTE_STATIC)
            continue;
        while (first > siblings_of(t, member).items && repeats(first - 1, RDL_KEEP_AFTER))
            first--;
        if (first < member)
            RS_TRY(add_siblings(t, t->l->scratch, path, i + 1, first, member, out));
    }
    measure(t->l->scratch, out);
    return RS_OK;
}

/* ---- footers ---------------------------------------------------------------------------------------- */

static bool any_repeats(const struct rdl_member *members, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (repeats(&members[i], RDL_KEEP_BEFORE) || any_repeats(members[i].members.items, members[i].members.count))
            return true;
    return false;
}

bool tablix_has_footers(const struct rdl_tablix *definition)
{
    return any_repeats(definition->row_members.items, definition->row_members.count);
}

const struct tablix_trail *tablix_trail_of(const struct layout_tablix *t, const struct tablix_row *row, struct tablix_trail *out)
{
    out->depth = t->has_footers ? row->goes_on : 0;
    for (unsigned i = 0; i < out->depth; i++)
        out->path[i] = row->path[i];
    return out;
}

void tablix_repeated_end(struct tablix_repeated *repeated)
{
    for (size_t i = 0; i < repeated->rows.count; i++)
        for (size_t k = 0; k < repeated->rows.items[i]->cell_count; k++)
            layout_frame_end(repeated->rows.items[i]->cells[k].frame);
    memset(repeated, 0, sizeof *repeated);
}

void tablix_footers_end(struct layout_tablix *t)
{
    for (unsigned i = 0; t->footers && i < TABLIX_DEPTH_MAX; i++) {
        tablix_repeated_end(&t->footers[i].made);
        if (t->footers[i].memory && rs_job_status(t->footers[i].memory) != RS_OK)
            rs_job_adopt(t->l->job, t->footers[i].memory);
        rs_job_destroy(t->footers[i].memory);
    }
}

/* The footers behind the group at `step`, made anew where the instance around it is another one. */
static rs_status find_at(struct layout_tablix *t, const struct tablix_trail *trail, unsigned step, struct tablix_footers *own)
{
    const struct rdl_member *group = trail->path[step].node->member, *first = group + 1, *end = first;
    rdl_members siblings = siblings_of(t, group);
    struct compute_place path[TABLIX_DEPTH_MAX], around = {0};

    if (step > 0)
        around = trail->path[step - 1];
    if (own->memory && own->group == group && own->around.node == around.node && own->around.row == around.row)
        return RS_OK;
    tablix_repeated_end(&own->made);
    if (!own->memory) {
        own->memory = rs_job_create(&(struct rs_job_options){.within = t->l->job});
        own->empty = rs_job_mark(own->memory);
    }
    rs_job_reset(own->memory, own->empty);
    own->group = group;
    own->around = around;
    while (end < siblings.items + siblings.count && repeats(end, RDL_KEEP_BEFORE))
        end++;
    if (end == first)
        return RS_OK;
    memcpy(path, trail->path, (step + 1) * sizeof path[0]);
    RS_TRY(add_siblings(t, own->memory, path, step + 1, first, end, &own->made));
    measure(own->memory, &own->made);
    return RS_OK;
}

rs_status tablix_footers_find(struct layout_tablix *t, const struct tablix_trail *trail, struct tablix_repeated *out)
{
    memset(out, 0, sizeof *out);
    if (trail->depth == 0)
        return RS_OK;
    if (!t->footers)
        t->footers = RS_NEW_ARRAY(t->memory, struct tablix_footers, TABLIX_DEPTH_MAX);
    for (unsigned i = trail->depth; i-- > 0;) {
        struct tablix_footers *own = &t->footers[i];
        if (trail->path[i].node->kind == COMPUTE_STATIC)
            continue;
        RS_TRY(find_at(t, trail, i, own));
        if (out->height_pt + own->made.height_pt > t->l->area_height_pt / 2) /* they must leave room for what they end */
            continue;
        for (size_t k = 0; k < own->made.rows.count; k++)
            rs_vec_push(t->l->scratch, &out->rows, own->made.rows.items[k]);
        out->height_pt += own->made.height_pt;
    }
    return RS_OK;
}
