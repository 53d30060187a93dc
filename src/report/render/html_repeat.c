/* Headers of groups that go on on the next page: the static rows right in front of a group that say RepeatOnNewPage. Those in
 * front of the outermost one, at the top of the table, stand in its head (html_head.c).
 */
#include "report/render/html_tablix.h"

struct repeats {
    struct region *region;
    RS_VEC(struct walk) rows; /* in the memory of the job at work */
    double height_pt;
};

static bool is_repeated(const struct rdl_member *member)
{
    return !member->group && member->keep_with_group == RDL_KEEP_AFTER && member->repeat_on_new_page;
}

/* The rows of a static member and of the statics inside it. */
static rs_status add_static(struct rs_job *job, struct repeats *r, const struct walk *above, struct compute_place place)
{
    struct region *region = r->region;
    struct walk walk = *above;
    struct compute_nodes nodes;
    bool hidden;

    RS_TRY(compute_member_hidden(job, region->h->at.run, region->tablix, place, &hidden));
    if (hidden)
        return RS_OK;
    walk.class_sizes[walk.depth] = walk.classes.size;
    walk.chain[walk.depth++] = place;
    if (place.node->member->members.count == 0) {
        rs_vec_push(job, &r->rows, walk);
        r->height_pt += region->definition->rows.items[place.node->member->first_leaf].height_pt;
        return RS_OK;
    }
    RS_TRY(compute_shown(job, region->tablix, place.node, &nodes));
    for (size_t i = 0; i < nodes.count; i++)
        if (nodes.items[i]->kind == COMPUTE_STATIC)
            RS_TRY(add_static(job, r, &walk, compute_place_of(nodes.items[i], place.row)));
    return RS_OK;
}

/* Those in front of the group of `place`, which is inside the members of `above`. */
static rs_status add_headers(struct rs_job *job, struct repeats *r, const struct walk *above, struct compute_place place)
{
    const struct rdl_member *member = place.node->member, *first = member, *least;
    struct region *region = r->region;
    struct compute_nodes nodes;

    least = member->parent ? member->parent->members.items : region->definition->row_members.items + region->lead_count;
    while (first > least && is_repeated(first - 1))
        first--;
    if (first == member)
        return RS_OK;
    RS_TRY(compute_children(job, region->tablix, place.node->parent, &nodes));
    for (size_t i = 0; i < nodes.count; i++)
        if (nodes.items[i]->member >= first && nodes.items[i]->member < member)
            RS_TRY(add_static(job, r, above, compute_place_of(nodes.items[i], above->depth ? above->chain[above->depth - 1].row : 0)));
    return RS_OK;
}

rs_status html_repeat_headers(struct rs_job *job, struct region *region)
{
    struct repeats r = {.region = region};
    struct walk above;

    if (!region->walk)
        return RS_OK;
    for (unsigned depth = 0; depth <= region->walk->depth; depth++) {
        struct compute_place place = depth < region->walk->depth ? region->walk->chain[depth] : region->next;
        if (place.node->kind == COMPUTE_STATIC)
            continue;
        above = *region->walk;
        above.depth = depth;
        above.classes.size = depth ? above.class_sizes[depth - 1] : 0;
        RS_TRY(add_headers(job, &r, &above, place));
    }
    if (region->h->limit_pt > 0 && region->head_pt + r.height_pt > region->h->limit_pt * HTML_REPEATED_MOST)
        return RS_OK; /* they must leave room for what they head */
    html_take_repeated(region->h, r.height_pt);
    for (size_t i = 0; i < r.rows.count && html_is_writing(region->h); i++)
        RS_TRY(html_row_add(job, region, &r.rows.items[i], (rs_text){NULL, 0}));
    return RS_OK;
}
