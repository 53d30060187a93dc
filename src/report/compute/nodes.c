/* The nodes below a node: statics as they are, a run of details, the instances of a group.
 *
 *     rows of the parent -> partition by the group expressions -> instances of its domain -> filters of the group -> sort -> nodes
 *
 * A recursive group partitions by its key, then hangs every instance under the one whose key its Parent expression
 * gives; instances and their rows are laid out depth first, so that an instance and all below it are one run of rows.
 */
#include "report/compute/internal.h"

RS_VEC_TYPE(struct compute_node *, node_vec);

struct build {
    struct rs_job *job, *scratch;
    struct compute_tablix *tablix;
    struct compute_node *parent;
    struct node_vec children;
};

static struct compute_node *make_node(struct compute_tablix *tablix, struct compute_node *parent,
                                      const struct rdl_member *member, enum compute_node_kind kind)
{
    struct {
        struct compute_node node;
        struct compute_node_state state;
    } *both = rs_alloc(tablix->memory, sizeof *both);

    both->node = (struct compute_node){.member = member, .parent = parent, .kind = (uint8_t)kind, .axis = parent->axis,
                                       .count = 1, .state = &both->state};
    both->state.number = ++tablix->run->numbers;
    both->node.solid = kind == COMPUTE_STATIC ? parent->solid : &both->node;
    return &both->node;
}

static void set_rows(struct compute_node *node, const uint32_t *rows, size_t count)
{
    node->state->rows = rows;
    node->state->count = (uint32_t)count;
}

static struct compute_scope node_scope(const struct build *b, struct compute_node *node, size_t row)
{
    return compute_member_scope(b->tablix, compute_place_of(node, row));
}

/* ---- details ---------------------------------------------------------------------------------------- */

static rs_status build_details(struct build *b, const struct rdl_member *member)
{
    struct compute_tablix *t = b->tablix;
    struct compute_rows rows = {b->parent->state->rows, b->parent->state->count};
    struct compute_scope scope = node_scope(b, b->parent, 0);
    struct compute_node *node;

    if (t->flows && b->parent->axis == COMPUTE_ROWS && t->rows.count) {
        node = make_node(t, b->parent, member, COMPUTE_DETAILS);
        node->flows = true;
        node->count = t->rows.count;
        set_rows(node, NULL, t->rows.count);
        rs_vec_push(b->scratch, &b->children, node);
    }
    if (!rows.count)
        return RS_OK;
    RS_TRY(compute_filter_rows(b->job, t->run, t->data, &scope, &member->group->filters, t->memory, &rows));
    rdl_sorts sorts = compute_sorts_of(b->scratch, t, b->parent, member);
    RS_TRY(compute_sort_rows(b->job, t->run, t->data, &scope, &sorts, t->memory, &rows));
    if (!rows.count)
        return RS_OK;
    node = make_node(t, b->parent, member, COMPUTE_DETAILS);
    node->count = rows.count;
    set_rows(node, rows.rows, rows.count);
    rs_vec_push(b->scratch, &b->children, node);
    return RS_OK;
}

/* ---- group instances -------------------------------------------------------------------------------- */

/* A key that depends on more than its row: on its number among the rows of the parent, for a new group every so many
 * rows. Evaluated where the rows are, into a column of which only these rows are set. */
static rs_status key_values(struct build *b, const struct rdl_expr *expr, const struct data_column **out)
{
    struct compute_scope scope = node_scope(b, b->parent, 0);
    struct data_column *column = RS_NEW(b->scratch, struct data_column);
    struct value *values;
    void *memory;

    if (rs_try_alloc(b->scratch, b->tablix->data->rows->row_count, sizeof *values, &memory) != RS_OK)
        return rs_job_adopt(b->job, b->scratch);
    values = memory;
    for (uint32_t i = 0; i < b->parent->state->count; i++) {
        struct compute_context context = compute_context_at(b->tablix->run, &scope);
        context.row = b->parent->state->rows[i];
        context.row_state = COMPUTE_ROW_KNOWN;
        context.in_key = true;
        context.key_place = i;
        if (compute_eval_at(b->scratch, &context, expr, &values[context.row]) != RS_OK)
            return rs_job_adopt(b->job, b->scratch);
        RS_TRY(rs_job_checkpoint(b->job));
    }
    *column = (struct data_column){.storage = DATA_VALUES, .kind = VALUE_KINDS, .values = values};
    *out = column;
    return RS_OK;
}

/* *by_row becomes false where the key depends on more than its row. */
static rs_status key_column(struct build *b, const struct rdl_expr *expr, const struct data_column **out, bool *by_row)
{
    struct compute_run *run = b->tablix->run;

    RS_TRY(compute_column(b->job, run, b->tablix->data, &run->exprs[expr->id].column,
                          publish_program(run->report, expr), out));
    if (*out)
        return RS_OK;
    *by_row = false;
    return key_values(b, expr, out);
}

static rs_status check_keys(struct build *b, const struct rdl_group *group, const struct data_column *const *columns,
                            const struct compute_groups *groups)
{
    for (size_t i = 0; i < group->expressions.count && !b->tablix->run->options.sample_data; i++) {
        if ((columns[i]->kind != VALUE_KINDS && columns[i]->kind != VALUE_ERROR) ||
            b->tablix->run->report->exprs[group->expressions.items[i].id].failed)
            continue; /* one that did not compile was told when the report was published: it gives one group */
        for (size_t g = 0; g < groups->count; g++) {
            struct value v = data_value(columns[i], groups->rows[groups->starts[g]]);
            if (v.kind == VALUE_ERROR)
                return rs_fail(b->job, COMPUTE_GROUP_FAILED, "a group expression of \"%.*s\" is an error (line %u): %.*s",
                               RS_TEXT_ARG(group->name), group->expressions.items[i].line, RS_TEXT_ARG(value_bytes(v)));
        }
    }
    return RS_OK;
}

static rs_status partition(struct build *b, const struct rdl_member *member, struct node_vec *out)
{
    const struct rdl_group *group = member->group;
    const struct data_column **columns = RS_NEW_ARRAY(b->scratch, const struct data_column *, group->expressions.count);
    struct compute_rows rows = {b->parent->state->rows, b->parent->state->count};
    struct compute_groups groups = {0};
    bool by_row = true;
    uint32_t *first_rows = NULL;

    if (!rows.count && !group->domain_scope.size)
        return RS_OK;
    for (size_t i = 0; i < group->expressions.count; i++)
        RS_TRY(key_column(b, &group->expressions.items[i], &columns[i], &by_row));
    if (rows.count)
        RS_TRY(compute_group_rows(b->job, b->tablix->run, b->tablix->data, rows, columns, group->expressions.count,
                                  b->tablix->memory, &groups));
    RS_TRY(check_keys(b, group, columns, &groups));
    if (by_row) /* numbers among the rows of one parent mean nothing in another */
        RS_TRY(compute_domain_instances(b->job, b->tablix, b->parent, member, columns, b->scratch, &groups, &first_rows));
    for (size_t g = 0; g < groups.count; g++) {
        struct compute_node *node = make_node(b->tablix, b->parent, member, COMPUTE_GROUP);
        set_rows(node, groups.rows + groups.starts[g], groups.starts[g + 1] - groups.starts[g]);
        node->state->appearance = (uint32_t)g;
        node->state->in_domain = first_rows != NULL;
        node->state->domain_row = first_rows ? first_rows[g] : 0;
        rs_vec_push(b->scratch, out, node);
    }
    return RS_OK;
}

static rs_status filter_instances(struct build *b, const struct rdl_member *member, struct node_vec *nodes)
{
    struct compute_scope *scopes = RS_NEW_ARRAY(b->scratch, struct compute_scope, nodes->count + 1);
    bool *passes = RS_NEW_ARRAY(b->scratch, bool, nodes->count + 1);
    size_t left = 0;

    if (!member->group->filters.count || !nodes->count)
        return RS_OK;
    for (size_t i = 0; i < nodes->count; i++)
        scopes[i] = node_scope(b, nodes->items[i], 0);
    RS_TRY(compute_filter_scopes(b->job, b->tablix->run, b->tablix->data, scopes, nodes->count, &member->group->filters,
                                 passes));
    for (size_t i = 0; i < nodes->count; i++)
        if (passes[i])
            nodes->items[left++] = nodes->items[i];
    nodes->count = left;
    return RS_OK;
}

static rs_status sort_instances(struct build *b, const struct rdl_member *member, struct node_vec *nodes)
{
    rdl_sorts sorts = compute_sorts_of(b->scratch, b->tablix, b->parent, member);
    size_t keys_each = sorts.count;
    struct value *keys;
    uint32_t *order;
    bool *descending;

    if (!keys_each || nodes->count < 2)
        return RS_OK;
    keys = RS_NEW_ARRAY(b->scratch, struct value, nodes->count * keys_each);
    order = RS_NEW_ARRAY(b->scratch, uint32_t, nodes->count);
    descending = RS_NEW_ARRAY(b->scratch, bool, keys_each);
    for (size_t k = 0; k < keys_each; k++) {
        const struct rdl_sort *sort = &sorts.items[k];
        descending[k] = sort->descending;
        for (size_t i = 0; i < nodes->count; i++) {
            struct compute_scope scope = node_scope(b, nodes->items[i], 0);
            if (compute_eval(b->scratch, b->tablix->run, &scope, &sort->value, &keys[i * keys_each + k]) != RS_OK)
                return rs_job_adopt(b->job, b->scratch);
        }
    }
    RS_TRY(compute_sort_values(b->job, b->tablix->data->collation, keys, keys_each, descending, nodes->count, order));
    struct compute_node **sorted = RS_NEW_ARRAY(b->scratch, struct compute_node *, nodes->count);
    for (size_t i = 0; i < nodes->count; i++)
        sorted[i] = nodes->items[order[i]];
    memcpy(nodes->items, sorted, nodes->count * sizeof *sorted);
    return RS_OK;
}

/* ---- recursive groups ------------------------------------------------------------------------------- */

#define NO_NODE SIZE_MAX

struct recursion {
    size_t *parent;      /* by node: index, NO_NODE for a root */
    size_t *first, *next; /* children and siblings, in order */
    uint8_t *mark;
};

static rs_status find_parents(struct build *b, const struct rdl_member *member, const struct node_vec *nodes,
                              struct recursion *r)
{
    const struct value_collation *collation = b->tablix->data->collation;
    const struct data_column *keys, *parents;
    size_t slots = 16, *table;
    bool by_row;

    RS_TRY(key_column(b, &member->group->expressions.items[0], &keys, &by_row));
    RS_TRY(key_column(b, &member->group->parent, &parents, &by_row));
    while (slots < nodes->count * 2)
        slots *= 2;
    table = RS_NEW_ARRAY(b->scratch, size_t, slots);
    for (size_t i = 0; i < nodes->count; i++) {
        size_t at = compute_hash(collation, data_value(keys, nodes->items[i]->state->rows[0])) & (slots - 1);
        while (table[at])
            at = (at + 1) & (slots - 1);
        table[at] = i + 1;
    }
    for (size_t i = 0; i < nodes->count; i++) {
        struct value wanted = data_value(parents, nodes->items[i]->state->rows[0]);
        size_t at = compute_hash(collation, wanted) & (slots - 1);
        r->parent[i] = NO_NODE;
        for (; wanted.kind != VALUE_NULL && table[at]; at = (at + 1) & (slots - 1)) {
            size_t candidate = table[at] - 1;
            if (value_group_equal(collation, data_value(keys, nodes->items[candidate]->state->rows[0]), wanted)) {
                r->parent[i] = candidate == i ? NO_NODE : candidate;
                break;
            }
        }
    }
    return RS_OK;
}

/* Following parents from `i` comes back to `i`: then `i` becomes a root. Each node is walked once: marks tell this walk
 * (1) from earlier ones (2). */
static void break_cycles(struct recursion *r, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = i, before = NO_NODE;
        while (at != NO_NODE && !r->mark[at]) {
            r->mark[at] = 1;
            before = at;
            at = r->parent[at];
        }
        if (at != NO_NODE && r->mark[at] == 1 && before != NO_NODE)
            r->parent[at] = NO_NODE;
        for (at = i; at != NO_NODE && r->mark[at] == 1; at = r->parent[at])
            r->mark[at] = 2;
    }
    for (size_t i = 0; i < count; i++) /* what the cut left marked as walking */
        r->mark[i] = 0;
}

/* Depth first, siblings in their order. */
static void lay_out(struct build *b, struct recursion *r, const struct node_vec *nodes, struct node_vec *out)
{
    size_t first_root = NO_NODE, at;
    uint32_t level = 0;

    for (size_t i = nodes->count; i-- > 0;) {
        size_t *head = r->parent[i] == NO_NODE ? &first_root : &r->first[r->parent[i]];
        r->next[i] = *head;
        *head = i;
    }
    for (at = first_root; at != NO_NODE;) {
        nodes->items[at]->level = level;
        rs_vec_push(b->scratch, out, nodes->items[at]);
        if (r->first[at] != NO_NODE) {
            at = r->first[at];
            level++;
            continue;
        }
        while (at != NO_NODE && r->next[at] == NO_NODE) {
            at = r->parent[at];
            level -= at != NO_NODE;
        }
        if (at != NO_NODE)
            at = r->next[at];
    }
}

/* Rows of all instances in the order of the nodes, and how many belong to each with all below it. */
static void lay_out_rows(struct build *b, struct node_vec *nodes)
{
    size_t total = 0, at = 0, *below;
    uint32_t *rows, deepest = 0;

    for (size_t i = 0; i < nodes->count; i++)
        total += nodes->items[i]->state->count;
    rows = RS_NEW_ARRAY(b->tablix->memory, uint32_t, total);
    for (size_t i = 0; i < nodes->count; i++) {
        struct compute_node_state *state = nodes->items[i]->state;
        memcpy(rows + at, state->rows, state->count * sizeof *rows);
        state->rows = rows + at;
        at += state->count;
    }
    /* From the last to the first: what is below a level waits in `below` until the instance above it is met. */
    for (size_t i = 0; i < nodes->count; i++)
        deepest = nodes->items[i]->level > deepest ? nodes->items[i]->level : deepest;
    below = RS_NEW_ARRAY(b->scratch, size_t, (size_t)deepest + 2);
    for (size_t i = nodes->count; i-- > 0;) {
        uint32_t level = nodes->items[i]->level;
        size_t count = nodes->items[i]->state->count + below[level + 1];
        compute_extra(b->tablix, nodes->items[i])->recursive_count = count;
        below[level + 1] = 0;
        below[level] += count;
    }
}

static rs_status arrange_recursion(struct build *b, const struct rdl_member *member, struct node_vec *nodes)
{
    struct node_vec ordered = {0};
    struct recursion r = {RS_NEW_ARRAY(b->scratch, size_t, nodes->count + 1), RS_NEW_ARRAY(b->scratch, size_t, nodes->count + 1),
                          RS_NEW_ARRAY(b->scratch, size_t, nodes->count + 1), RS_NEW_ARRAY(b->scratch, uint8_t, nodes->count + 1)};

    if (!member->group->parent.present || !nodes->count)
        return RS_OK;
    for (size_t i = 0; i < nodes->count; i++)
        r.first[i] = r.next[i] = NO_NODE;
    RS_TRY(find_parents(b, member, nodes, &r));
    break_cycles(&r, nodes->count);
    lay_out(b, &r, nodes, &ordered);
    *nodes = ordered;
    lay_out_rows(b, nodes);
    return rs_job_checkpoint(b->job);
}

/* ---- all together ----------------------------------------------------------------------------------- */

/* Which instance of a column member each row is in, for the crossing with rows. */
static rs_status note_ids(struct build *b, const struct rdl_member *member, const struct node_vec *nodes)
{
    struct compute_column_ids *ids = compute_ids_of(b->tablix, member);

    RS_TRY(compute_positions_ready(b->job, b->tablix)); /* sorting may have used another region */
    for (size_t i = 0; i < nodes->count; i++) {
        struct compute_node_state *state = nodes->items[i]->state;
        state->id = ids->count++;
        for (size_t r = 0; r < state->count; r++) {
            uint32_t row = state->rows[r];
            ids->ids[b->tablix->identity ? row : b->tablix->data->positions[row]] = state->id;
        }
        RS_TRY(rs_job_checkpoint(b->job));
    }
    return RS_OK;
}

static rs_status build_group(struct build *b, const struct rdl_member *member)
{
    struct node_vec nodes = {0};

    RS_TRY(partition(b, member, &nodes));
    RS_TRY(filter_instances(b, member, &nodes));
    RS_TRY(sort_instances(b, member, &nodes));
    RS_TRY(arrange_recursion(b, member, &nodes));
    if (b->parent->axis == COMPUTE_COLUMNS)
        RS_TRY(note_ids(b, member, &nodes));
    for (size_t i = 0; i < nodes.count; i++) {
        nodes.items[i]->index = i;
        rs_vec_push(b->scratch, &b->children, nodes.items[i]);
    }
    return RS_OK;
}

static rs_status build_member(struct build *b, const struct rdl_member *member)
{
    struct compute_node *node;

    if (!member->group) {
        node = make_node(b->tablix, b->parent, member, COMPUTE_STATIC);
        set_rows(node, b->parent->state->rows, b->parent->state->count);
        rs_vec_push(b->scratch, &b->children, node);
        return RS_OK;
    }
    if (!b->tablix->data)
        return RS_OK;
    rs_status status = member->group->expressions.count ? build_group(b, member) : build_details(b, member);
    if (status != RS_OK)
        rs_within(b->job, "group \"%.*s\"", RS_TEXT_ARG(member->group->name));
    return status;
}

/* ---- collapsed members ------------------------------------------------------------------------------ */

/* Whether all that stands below the node can be hidden by toggles. */
static bool can_collapse(const struct compute_tablix *tablix, const struct compute_node *node)
{
    const struct rdl_member *member = node->member;

    if (!member || !member->members.count || !tablix->data || !node->state->count || node->is_collapsed)
        return false;
    for (size_t i = 0; i < member->members.count; i++)
        if (!member->members.items[i].group || !member->members.items[i].visibility.toggle_item.size)
            return false;
    return true;
}

static struct compute_node *make_collapsed(struct compute_tablix *tablix, struct compute_node *parent,
                                           const struct rdl_member *member)
{
    struct compute_node *node = make_node(tablix, parent, member, member->group ? COMPUTE_GROUP : COMPUTE_STATIC);

    node->is_collapsed = true;
    if (member->group && member->group->expressions.count)
        node->solid = parent->solid;
    if (!member->group || member->group->expressions.count)
        set_rows(node, parent->state->rows, parent->state->count);
    node->state->has_children = true;
    if (member->members.count) {
        node->state->children = RS_NEW(tablix->memory, struct compute_node *);
        node->state->children[0] = make_collapsed(tablix, node, &member->members.items[0]);
        node->state->child_count = 1;
    }
    return node;
}

rs_status compute_shown(struct rs_job *job, struct compute_tablix *tablix, struct compute_node *node, struct compute_nodes *out)
{
    struct compute_node_extra *extra;

    RS_TRY(compute_children(job, tablix, node, out));
    if (!out->count || !can_collapse(tablix, node))
        return RS_OK;
    extra = compute_extra(tablix, node);
    if (!extra->shown) {
        extra->shown = RS_NEW_ARRAY(tablix->memory, struct compute_node *, out->count + 1);
        extra->shown[0] = make_collapsed(tablix, node, &node->member->members.items[0]);
        memcpy(extra->shown + 1, out->items, out->count * sizeof *extra->shown);
    }
    *out = (struct compute_nodes){extra->shown, out->count + 1};
    return RS_OK;
}

rs_status compute_children_build(struct rs_job *job, struct compute_tablix *tablix, struct compute_node *node)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
    struct build b = {job, scratch, tablix, node, {0}};
    const struct rdl_tablix *definition = tablix->item->tablix;
    const struct rdl_member *members;
    size_t count;

    if (node->member) {
        members = node->member->members.items;
        count = node->member->members.count;
    } else {
        members = node->axis == COMPUTE_ROWS ? definition->row_members.items : definition->column_members.items;
        count = node->axis == COMPUTE_ROWS ? definition->row_members.count : definition->column_members.count;
    }
    for (size_t i = 0; i < count; i++)
        RS_TRY(build_member(&b, &members[i]));
    node->state->children = RS_NEW_ARRAY(tablix->memory, struct compute_node *, b.children.count + 1);
    if (b.children.count > 0)
        memcpy(node->state->children, b.children.items, b.children.count * sizeof *b.children.items);
    for (uint32_t i = 0; i < b.children.count; i++)
        b.children.items[i]->state->place = i;
    node->state->child_count = (uint32_t)b.children.count;
    node->state->has_children = true;
    return rs_job_checkpoint(job);
}
