/* DomainScope: a group has an instance for every key that its rows have in the scope named, also where its own parent has
 * no such row, so that nested regions line up.
 *
 *     rows of the domain -> partition by the group expressions -> a place for each key -> instances of the parent in them
 *
 * An instance without rows is empty for aggregates; fields have the values of its first row in the domain, for headers
 * and sorts.
 */
#include "report/compute/internal.h"

/* Of one group in one instance of its domain; asked for by each parent in that instance, one after another. */
struct compute_domain {
    struct rs_job *memory;
    uint64_t instance;
    struct compute_groups groups;
    uint32_t *ids; /* by row of the data: its group, UINT32_MAX outside the domain */
};

/* The instance of the scope that the group names around its parent; false where that cannot be. */
static bool find_domain(struct compute_tablix *t, struct compute_node *parent, const struct rdl_group *group,
                        struct compute_scope *out)
{
    const struct publish_scope *wanted = publish_scope_find(t->run->report, group->domain_scope);
    struct compute_scope scope = compute_member_scope(t, compute_place_of(parent, 0)), region;
    struct compute_place place;

    if (!wanted || wanted->kind == PUBLISH_DATA_SET || group->parent.present ||
        !compute_find_instance(&scope, wanted, &region, &place) || region.tablix->data != t->data)
        return false;
    *out = place.node ? compute_member_scope(region.tablix, place) : (struct compute_scope){.tablix = region.tablix};
    return true;
}

static rs_status fill(struct rs_job *job, struct compute_tablix *t, const struct compute_scope *scope,
                      const struct data_column *const *columns, size_t column_count, struct compute_domain *domain)
{
    size_t row_count = t->data->rows->row_count;
    struct compute_rows rows;
    void *ids;

    RS_TRY(compute_scope_rows(job, scope, &rows));
    RS_TRY(compute_group_rows(job, t->run, t->data, rows, columns, column_count, domain->memory, &domain->groups));
    if (rs_try_alloc(domain->memory, row_count, sizeof(uint32_t), &ids) != RS_OK)
        return rs_job_adopt(job, domain->memory);
    memset(ids, 0xff, row_count * sizeof(uint32_t));
    domain->ids = ids;
    for (size_t g = 0; g < domain->groups.count; g++) {
        for (uint32_t i = domain->groups.starts[g]; i < domain->groups.starts[g + 1]; i++)
            domain->ids[domain->groups.rows[i]] = (uint32_t)g;
        RS_TRY(rs_job_checkpoint(job));
    }
    return RS_OK;
}

static rs_status domain_of(struct rs_job *job, struct compute_tablix *t, const struct compute_scope *scope,
                           const struct rdl_member *member, const struct data_column *const *columns,
                           struct compute_domain **out)
{
    struct compute_run *run = t->run;
    uint64_t instance = compute_instance(run, scope, member->group->domain_scope);
    struct compute_domain **kept, *domain;

    if (!run->domains)
        run->domains = RS_NEW_ARRAY(run->memory, struct compute_domain *, run->report->definition->member_count);
    kept = &run->domains[member->number];
    if (*kept && (*kept)->instance == instance) {
        *out = *kept;
        return RS_OK;
    }
    if (!*kept)
        *kept = RS_NEW(run->memory, struct compute_domain);
    domain = *kept;
    if (domain->memory)
        rs_job_destroy(domain->memory);
    *domain = (struct compute_domain){.memory = rs_job_create(&(struct rs_job_options){.within = run->memory})};
    RS_TRY(fill(job, t, scope, columns, member->group->expressions.count, domain));
    domain->instance = instance; /* only now: one that failed is not asked again */
    *out = domain;
    return RS_OK;
}

void compute_domains_end(struct compute_run *run)
{
    for (unsigned i = 0; run->domains && i < run->report->definition->member_count; i++)
        if (run->domains[i])
            rs_job_destroy(run->domains[i]->memory);
}

rs_status compute_domain_instances(struct rs_job *job, struct compute_tablix *t, struct compute_node *parent,
                                   const struct rdl_member *member, const struct data_column *const *columns,
                                   struct rs_job *scratch, struct compute_groups *groups, uint32_t **first_rows)
{
    struct compute_scope scope;
    struct compute_domain *domain;
    uint32_t *starts, *rows, *own, others = 0, at = 0, n = 0;

    *first_rows = NULL;
    if (!member->group->domain_scope.size || !find_domain(t, parent, member->group, &scope))
        return RS_OK;
    RS_TRY(domain_of(job, t, &scope, member, columns, &domain));
    size_t most = domain->groups.count + groups->count, total = groups->count ? groups->starts[groups->count] : 0;
    own = RS_NEW_ARRAY(scratch, uint32_t, domain->groups.count + 1); /* by group of the domain: 1 + the parent's */
    for (uint32_t g = 0; g < groups->count; g++) {
        uint32_t id = domain->ids[groups->rows[groups->starts[g]]];
        if (id != UINT32_MAX)
            own[id] = g + 1;
        else
            others++;
    }
    starts = RS_NEW_ARRAY(t->memory, uint32_t, most + 1);
    rows = RS_NEW_ARRAY(t->memory, uint32_t, total + 1);
    *first_rows = RS_NEW_ARRAY(scratch, uint32_t, most + 1);
    for (size_t d = 0; d < domain->groups.count + others; d++) {
        /* Keys that the domain does not have come behind: their rows cannot be in it. */
        uint32_t g = 0;
        if (d < domain->groups.count) {
            (*first_rows)[n] = domain->groups.rows[domain->groups.starts[d]];
            g = own[d];
        } else {
            while (domain->ids[groups->rows[groups->starts[at]]] != UINT32_MAX)
                at++;
            g = ++at;
            (*first_rows)[n] = groups->rows[groups->starts[g - 1]];
        }
        uint32_t count = g ? groups->starts[g] - groups->starts[g - 1] : 0;
        if (count)
            memcpy(rows + starts[n], groups->rows + groups->starts[g - 1], count * sizeof *rows);
        starts[n + 1] = starts[n] + count;
        n++;
    }
    *groups = (struct compute_groups){n, starts, rows};
    return rs_job_checkpoint(job);
}

bool compute_domain_row(const struct compute_scope *scope, size_t *row)
{
    struct compute_place down = compute_dynamic_place(scope->row), across = compute_dynamic_place(scope->column);
    bool is_across = !down.node || down.node->kind == COMPUTE_ROOT;
    const struct compute_node *node = is_across ? across.node : down.node, *other = is_across ? NULL : across.node;

    if (!node || node->kind != COMPUTE_GROUP || node->state->count || !node->state->in_domain ||
        (other && other->kind != COMPUTE_ROOT))
        return false;
    *row = node->state->domain_row;
    return true;
}
