/* Rows that stay on one page: headers with what follows them, footers with what is before, groups that are kept together.
 * Rows are as high as in the definition; what would not fit on any page is not kept.
 */
#include "report/render/html_tablix.h"

struct need {
    struct region *region;
    double sum_pt;
};

/* Nothing more is asked of a page than it holds: behind that the rows are not counted. */
static bool is_too_much(const struct need *need)
{
    return need->sum_pt > need->region->h->limit_pt;
}

/* What is asked of a node: of a run of details one row or all of them; of the rows in an instance those that stay together
 * with the first one, or all. */
struct extent {
    bool all_instances, all_rows;
};

static rs_status add_node(struct rs_job *job, struct need *need, struct compute_node *node, struct extent extent);

static rs_status add_first(struct rs_job *job, struct need *need, const struct compute_nodes *nodes, size_t at)
{
    for (size_t i = at; i < nodes->count && !is_too_much(need); i++) {
        RS_TRY(add_node(job, need, nodes->items[i], (struct extent){false, nodes->items[i]->member->keep_together}));
        if (nodes->items[i]->member->keep_with_group != RDL_KEEP_AFTER)
            break;
    }
    return RS_OK;
}

static rs_status add_children(struct rs_job *job, struct need *need, struct compute_node *node, bool all_rows)
{
    struct compute_nodes nodes;

    RS_TRY(compute_shown(job, need->region->tablix, node, &nodes));
    if (!all_rows)
        return add_first(job, need, &nodes, 0);
    for (size_t i = 0; i < nodes.count && !is_too_much(need); i++)
        RS_TRY(add_node(job, need, nodes.items[i], (struct extent){true, true}));
    return RS_OK;
}

static rs_status add_node(struct rs_job *job, struct need *need, struct compute_node *node, struct extent extent)
{
    struct region *region = need->region;
    bool has = true, hidden;

    RS_TRY(rs_job_checkpoint(job));
    for (size_t row = 0; has && (extent.all_instances || row == 0) && !is_too_much(need); row++) {
        RS_TRY(compute_has_row(job, region->tablix, node, row, &has));
        if (!has)
            return RS_OK;
        RS_TRY(compute_member_hidden(job, region->h->at.run, region->tablix, compute_place_of(node, row), &hidden));
        if (hidden)
            continue;
        if (node->member->members.count > 0)
            RS_TRY(add_children(job, need, node, extent.all_rows));
        else
            need->sum_pt += region->definition->rows.items[node->member->first_leaf].height_pt;
    }
    return RS_OK;
}

rs_status html_keep_region(struct rs_job *job, struct region *region)
{
    struct compute_node *root = compute_root(region->tablix, COMPUTE_ROWS);
    struct need need = {region, region->head_pt};
    struct compute_nodes nodes;

    if (!region->definition->keep_together || region->h->limit_pt <= 0)
        return RS_OK;
    RS_TRY(compute_shown(job, region->tablix, root, &nodes));
    for (size_t i = 0; i < nodes.count && !is_too_much(&need); i++)
        if (nodes.items[i]->kind != COMPUTE_STATIC || i >= region->lead_count) /* those are in the head */
            RS_TRY(add_node(job, &need, nodes.items[i], (struct extent){true, true}));
    return html_keep_together(job, region->h, need.sum_pt);
}

rs_status html_keep_rows(struct rs_job *job, struct region *region, const struct compute_nodes *nodes, size_t at)
{
    const struct rdl_member *member = nodes->items[at]->member;
    struct need need = {region, 0};

    if (!region->place.may_break || region->h->limit_pt <= 0 || nodes->items[at]->flows ||
        !(member->keep_with_group == RDL_KEEP_AFTER || (member->keep_together && member->members.count > 0)))
        return RS_OK;
    RS_TRY(add_first(job, &need, nodes, at));
    return html_keep_together(job, region->h, need.sum_pt);
}

rs_status html_footer_height(struct rs_job *job, struct region *region, const struct compute_nodes *nodes, size_t at, double *out_pt)
{
    double around = *out_pt;
    struct need need = {region, 0};
    size_t i = at + 1;

    *out_pt = 0;
    if (!region->place.may_break || region->h->limit_pt <= 0)
        return RS_OK;
    for (; i < nodes->count && nodes->items[i]->member->keep_with_group == RDL_KEEP_BEFORE; i++)
        RS_TRY(add_node(job, &need, nodes->items[i], (struct extent){true, true}));
    *out_pt = need.sum_pt + (i == nodes->count ? around : 0);
    return RS_OK;
}
