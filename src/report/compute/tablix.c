/* Instances of data regions: their rows, their places, and which rows stand in a place.
 */
#include <assert.h>

#include "base/buf.h"
#include "report/compute/internal.h"

/* ---- opening ---------------------------------------------------------------------------------------- */

static const struct publish_scope *region_scope(const struct compute_run *run, const struct rdl_item *item)
{
    for (unsigned i = 0; i < run->report->scope_count; i++)
        if (run->report->scopes[i].kind == PUBLISH_REGION && run->report->scopes[i].region == item)
            return &run->report->scopes[i];
    return NULL;
}

static struct compute_node *make_root(struct compute_tablix *t, enum compute_axis axis)
{
    struct compute_node *root = RS_NEW(t->memory, struct compute_node);

    root->kind = COMPUTE_ROOT;
    root->solid = root;
    root->axis = (uint8_t)axis;
    root->count = 1;
    root->state = RS_NEW(t->memory, struct compute_node_state);
    root->state->number = ++t->run->numbers;
    if (t->flows) /* only details have rows */
        return root;
    root->state->rows = t->rows.rows;
    root->state->count = (uint32_t)t->rows.count;
    return root;
}

/* The rows that the scope around the region leaves it. */
static rs_status rows_around(struct rs_job *job, struct compute_tablix *t)
{
    const struct compute_tablix *outer = t->outer.tablix;

    if (!t->data)
        return RS_OK;
    RS_TRY(compute_flow_open(job, t));
    if (t->flows)
        return RS_OK;
    RS_TRY(compute_data_ready(job, t->run, t->data));
    if (outer && outer->data == t->data)
        return compute_scope_rows(job, &t->outer, &t->rows);
    t->rows = t->data->filtered;
    t->identity = t->rows.count == t->data->rows->row_count;
    return RS_OK;
}

static rs_status prepare_rows(struct rs_job *job, struct compute_tablix *t)
{
    const struct rdl_tablix *definition = t->item->tablix;

    RS_TRY(rows_around(job, t));
    if (!t->data || t->flows)
        return RS_OK;
    if (definition->filters.count || (definition->sorts.count && t->rows.count > 1))
        t->identity = false;
    RS_TRY(compute_filter_rows(job, t->run, t->data, &t->outer, &definition->filters, t->memory, &t->rows));
    return compute_sort_rows(job, t->run, t->data, &t->outer, &definition->sorts, t->memory, &t->rows);
}

static rs_status open_new(struct rs_job *job, struct compute_run *run, struct rs_job *memory,
                          const struct compute_scope *scope, const struct rdl_item *item, struct compute_tablix **out)
{
    struct compute_tablix *t = RS_NEW(memory, struct compute_tablix);

    t->run = run;
    t->number = ++run->numbers;
    t->memory = memory;
    t->item = item;
    t->region = region_scope(run, item);
    t->outer = *scope;
    t->data = t->region ? compute_data_of(run, t->region->data_set) : NULL;
    rs_status status = prepare_rows(job, t);
    if (status != RS_OK) {
        rs_within(job, "data region \"%.*s\"", RS_TEXT_ARG(item->name));
        return status;
    }
    t->roots[COMPUTE_ROWS] = make_root(t, COMPUTE_ROWS);
    t->roots[COMPUTE_COLUMNS] = make_root(t, COMPUTE_COLUMNS);
    *out = t;
    return RS_OK;
}

static rs_status open_nested(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                             const struct rdl_item *item, struct compute_tablix **out)
{
    struct rs_job *memory = rs_job_create(&(struct rs_job_options){.within = run->memory});

    if (open_new(job, run, memory, scope, item, out) != RS_OK) {
        rs_job_destroy(memory);
        return rs_job_status(job);
    }
    (*out)->is_nested = true;
    (*out)->next = run->open_nested;
    if (run->open_nested)
        run->open_nested->previous = *out;
    run->open_nested = *out;
    return RS_OK;
}

rs_status compute_tablix_open(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                              const struct rdl_item *item, struct compute_tablix **out)
{
    assert(item->kind == RDL_TABLIX);
    if (scope->tablix)
        return open_nested(job, run, scope, item, out);
    if (!run->body_regions[item->number])
        RS_TRY(open_new(job, run, run->memory, scope, item, &run->body_regions[item->number]));
    *out = run->body_regions[item->number];
    return RS_OK;
}

void compute_tablix_close(struct compute_tablix *t)
{
    if (!t || !t->is_nested)
        return;
    if (t->data && t->data->positions_of == t)
        t->data->positions_of = NULL;
    if (t->run->last_row.tablix == t)
        t->run->last_row.tablix = NULL;
    if (t->next)
        t->next->previous = t->previous;
    if (t->previous)
        t->previous->next = t->next;
    else
        t->run->open_nested = t->next;
    rs_job_destroy(t->memory);
}

/* ---- asking ----------------------------------------------------------------------------------------- */

const struct rdl_item *compute_tablix_item(const struct compute_tablix *t)
{
    return t->item;
}

size_t compute_tablix_row_count(const struct compute_tablix *t)
{
    return t->rows.count;
}

struct compute_node *compute_root(const struct compute_tablix *t, enum compute_axis axis)
{
    return t->roots[axis];
}

rs_status compute_no_rows_message(struct rs_job *job, struct compute_run *run, struct compute_tablix *t, bool *shown,
                                  rs_text *out)
{
    const struct rdl_expr *message = &t->item->tablix->no_rows_message;

    *shown = false;
    if (t->rows.count || !message->present)
        return RS_OK;
    RS_TRY(compute_eval_text(job, run, &t->outer, message, (rs_text){NULL, 0}, out));
    *shown = !rs_text_is_empty(*out);
    return RS_OK;
}

const struct rdl_cell *compute_cell(const struct compute_tablix *t, const struct compute_node *row_leaf,
                                    const struct compute_node *column_leaf)
{
    return &t->item->tablix->rows.items[row_leaf->member->first_leaf].cells.items[column_leaf->member->first_leaf];
}

rs_status compute_children(struct rs_job *job, struct compute_tablix *t, struct compute_node *node, struct compute_nodes *out)
{
    if (!node->state->has_children) {
        if (node->axis == COMPUTE_COLUMNS)
            RS_TRY(compute_columns_ready(job, t));
        if (!node->state->has_children)
            RS_TRY(compute_children_build(job, t, node));
    }
    *out = (struct compute_nodes){node->state->children, node->state->child_count};
    return RS_OK;
}

/* Shown where none of the instances that it stands for is. Of details the first row decides. */
static rs_status collapsed_hidden(struct rs_job *job, struct compute_run *run, struct compute_tablix *t,
                                  struct compute_place place, bool *hidden)
{
    const struct compute_node_state *around = place.node->parent->state;

    *hidden = false;
    if (place.node->parent->is_collapsed)
        return RS_OK;
    for (uint32_t i = 0; i < around->child_count && !*hidden; i++) {
        RS_TRY(compute_member_hidden(job, run, t, compute_place_of(around->children[i], 0), hidden));
        *hidden = !*hidden;
        RS_TRY(rs_job_checkpoint(job));
    }
    return RS_OK;
}

rs_status compute_member_hidden(struct rs_job *job, struct compute_run *run, struct compute_tablix *t,
                                struct compute_place place, bool *hidden)
{
    const struct rdl_member *member = place.node->member;
    struct compute_scope scope = compute_member_scope(t, place);

    *hidden = false;
    if (!member)
        return RS_OK;
    if (place.node->is_collapsed)
        return collapsed_hidden(job, run, t, place, hidden);
    *hidden = member->hide_if_no_rows && t->rows.count == 0;
    return *hidden ? RS_OK : compute_hidden(job, run, &scope, &member->visibility, hidden);
}

struct compute_node_extra *compute_extra(struct compute_tablix *t, struct compute_node *node)
{
    if (!node->state->extra)
        node->state->extra = RS_NEW(t->memory, struct compute_node_extra);
    return node->state->extra;
}

const struct publish_scope *compute_group_scope(const struct compute_run *run, const struct compute_node *node)
{
    return node->member ? run->report->group_scopes[node->member->number] : NULL;
}

/* ---- columns ---------------------------------------------------------------------------------------- */

static rs_text pointer_key(const void *const *pointer)
{
    return rs_text_of((const char *)pointer, sizeof *pointer);
}

struct compute_column_ids *compute_ids_of(struct compute_tablix *t, const struct rdl_member *member)
{
    const void *pointer = member;

    if (!t->column_ids)
        t->column_ids = rs_map_create(t->memory, RS_MAP_EXACT);
    struct compute_column_ids *ids = rs_map_find(t->column_ids, pointer_key(&pointer));
    if (!ids) {
        const void **key = RS_NEW(t->memory, const void *);
        *key = member;
        ids = RS_NEW(t->memory, struct compute_column_ids);
        ids->ids = RS_NEW_ARRAY(t->memory, uint32_t, t->rows.count + 1);
        memset(ids->ids, 0xff, t->rows.count * sizeof *ids->ids);
        rs_map_set(t->column_ids, pointer_key((const void *const *)key), ids);
    }
    return ids;
}

/* Where each row stands in this region: one table per data set, filled for whichever region used it last. */
rs_status compute_positions_ready(struct rs_job *job, struct compute_tablix *t)
{
    struct compute_data *data = t->data;

    if (!data || t->identity || t->flows || data->positions_of == t)
        return RS_OK;
    if (!data->positions) {
        void *positions;
        RS_TRY(compute_adopt(job, t->run, rs_try_alloc(t->run->memory, data->rows->row_count, sizeof(uint32_t), &positions)));
        data->positions = positions;
    }
    /* Rows that are not in the region keep another's position; compute_cross never asks for them. */
    for (size_t i = 0; i < t->rows.count; i++)
        data->positions[t->rows.rows[i]] = (uint32_t)i;
    data->positions_of = t;
    return rs_job_checkpoint(job);
}

static rs_status build_columns(struct rs_job *job, struct compute_tablix *t, struct compute_node *node)
{
    if (!node->state->has_children)
        RS_TRY(compute_children_build(job, t, node));
    if (node->kind == COMPUTE_DETAILS && node->member->members.count == 0)
        return RS_OK;
    for (uint32_t i = 0; i < node->state->child_count; i++)
        RS_TRY(build_columns(job, t, node->state->children[i]));
    return RS_OK;
}

/* Numbers of column instances count through the whole region, so the hierarchy is built at once. */
rs_status compute_columns_ready(struct rs_job *job, struct compute_tablix *t)
{
    RS_TRY(compute_positions_ready(job, t));
    if (t->columns_ready)
        return RS_OK;
    RS_TRY(build_columns(job, t, t->roots[COMPUTE_COLUMNS]));
    t->columns_ready = true;
    return compute_positions_ready(job, t);
}

/* ---- rows of a place -------------------------------------------------------------------------------- */

static struct compute_rows place_rows(struct compute_place place)
{
    const struct compute_node_state *state = place.node->state;

    if (place.node->kind == COMPUTE_DETAILS)
        return (struct compute_rows){state->rows + place.row, 1};
    return (struct compute_rows){state->rows, state->count};
}

static bool is_all(struct compute_place place)
{
    return !place.node || place.node->kind == COMPUTE_ROOT;
}

static bool row_among(const struct compute_rows *rows, uint32_t row)
{
    for (size_t i = 0; i < rows->count; i++)
        if (rows->rows[i] == row)
            return true;
    return false;
}

/* The rows of `node` in order of their instance of `member`; one pass to count, one to place. */
static rs_status make_crossing(struct rs_job *job, struct compute_tablix *t, struct compute_node *node,
                               const struct rdl_member *member, struct compute_crossing *out)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
    const struct compute_column_ids *ids = compute_ids_of(t, member);
    const uint32_t *rows = node->state->rows, *positions = t->identity ? NULL : t->data->positions;
    size_t count = node->state->count, inside = 0;
    uint32_t *counts = RS_NEW_ARRAY(scratch, uint32_t, (size_t)ids->count + 1);
    uint32_t *places = RS_NEW_ARRAY(scratch, uint32_t, count + 1), present = 0;

    for (size_t i = 0; i < count; i++) {
        uint32_t id = ids->ids[positions ? positions[rows[i]] : rows[i]];
        places[i] = id;
        if (id != UINT32_MAX) {
            present += !counts[id]++;
            inside++;
        }
    }
    uint32_t *kept_ids = RS_NEW_ARRAY(t->memory, uint32_t, present);
    uint32_t *starts = RS_NEW_ARRAY(t->memory, uint32_t, (size_t)present + 1);
    uint32_t *kept = RS_NEW_ARRAY(t->memory, uint32_t, inside);
    uint32_t at = 0, n = 0;
    for (uint32_t id = 0; id < ids->count; id++) {
        uint32_t some = counts[id];
        if (!some)
            continue;
        kept_ids[n] = id;
        starts[n++] = at;
        counts[id] = at;
        at += some;
    }
    starts[n] = at;
    for (size_t i = 0; i < count; i++)
        if (places[i] != UINT32_MAX)
            kept[counts[places[i]]++] = rows[i];
    *out = (struct compute_crossing){member, n, kept_ids, starts, kept};
    return rs_job_checkpoint(job);
}

static rs_status crossing_of(struct rs_job *job, struct compute_tablix *t, struct compute_node *node,
                             const struct rdl_member *member, const struct compute_crossing **out)
{
    struct compute_node_extra *extra = compute_extra(t, node);
    struct compute_crossing made;

    for (size_t i = 0; i < extra->crossings.count; i++)
        if (extra->crossings.items[i].member == member) {
            *out = &extra->crossings.items[i];
            return RS_OK;
        }
    RS_TRY(compute_positions_ready(job, t));
    RS_TRY(make_crossing(job, t, node, member, &made));
    rs_vec_push(t->memory, &extra->crossings, made);
    *out = &rs_vec_last(&extra->crossings);
    return RS_OK;
}

static struct compute_rows crossing_rows(const struct compute_crossing *crossing, uint32_t id)
{
    uint32_t low = 0, high = crossing->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (crossing->ids[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == crossing->count || crossing->ids[low] != id)
        return (struct compute_rows){NULL, 0};
    return (struct compute_rows){crossing->rows + crossing->starts[low], crossing->starts[low + 1] - crossing->starts[low]};
}

static rs_status cross_groups(struct rs_job *job, struct compute_tablix *t, struct compute_place row,
                              struct compute_place column, struct compute_rows *out)
{
    const struct compute_crossing *crossing;

    RS_TRY(compute_columns_ready(job, t));
    RS_TRY(crossing_of(job, t, row.node, column.node->member, &crossing));
    *out = crossing_rows(crossing, column.node->state->id);
    return RS_OK;
}

/* One side is a single row: is it on the other side too? */
static rs_status cross_row(struct rs_job *job, struct compute_tablix *t, struct compute_rows one, struct compute_place other,
                           struct compute_rows *out)
{
    struct compute_rows rows = place_rows(other);
    bool inside;

    if (other.node->axis == COMPUTE_COLUMNS && other.node->kind == COMPUTE_GROUP) {
        RS_TRY(compute_columns_ready(job, t));
        const struct compute_column_ids *ids = compute_ids_of(t, other.node->member);
        inside = ids->ids[t->identity ? one.rows[0] : t->data->positions[one.rows[0]]] == other.node->state->id;
    } else {
        inside = row_among(&rows, one.rows[0]);
    }
    *out = inside ? one : (struct compute_rows){NULL, 0};
    return RS_OK;
}

static rs_status compute_cross(struct rs_job *job, struct compute_tablix *t, struct compute_place row, struct compute_place column,
                        struct compute_rows *out)
{
    row = compute_dynamic_place(row);
    column = compute_dynamic_place(column);
    if (is_all(row) && is_all(column)) {
        *out = t->rows;
    } else if (is_all(column)) {
        *out = place_rows(row);
    } else if (is_all(row)) {
        *out = place_rows(column);
    } else if (row.node->kind == COMPUTE_DETAILS) {
        return cross_row(job, t, place_rows(row), column, out);
    } else if (column.node->kind == COMPUTE_DETAILS) {
        return cross_row(job, t, place_rows(column), row, out);
    } else {
        return cross_groups(job, t, row, column, out);
    }
    return RS_OK;
}

rs_status compute_scope_rows(struct rs_job *job, const struct compute_scope *scope, struct compute_rows *out)
{
    *out = (struct compute_rows){NULL, 0};
    if (!scope->tablix)
        return RS_OK;
    return compute_cross(job, scope->tablix, scope->row, scope->column, out);
}

/* ---- first and last rows ---------------------------------------------------------------------------- */

static bool is_sorted_details(const struct compute_tablix *t, const struct rdl_member *member)
{
    return member->group && !member->group->expressions.count && (member->sorts.count || t->run->options.sort_count);
}

/* Details with a sort of their own right below a group decide what its first row is. */
static bool has_sorted_details(const struct compute_tablix *t, const struct rdl_member *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct rdl_member *m = &members[i];
        if (m->group ? is_sorted_details(t, m) : has_sorted_details(t, m->members.items, m->members.count))
            return true;
    }
    return false;
}

static rs_status sorted_details(struct rs_job *job, struct compute_tablix *t, struct compute_node *node,
                                struct compute_node **out)
{
    struct compute_nodes children;

    RS_TRY(compute_children(job, t, node, &children));
    for (size_t i = 0; i < children.count && !*out; i++) {
        struct compute_node *child = children.items[i];
        if (child->kind == COMPUTE_DETAILS && is_sorted_details(t, child->member))
            *out = child;
        else if (child->kind == COMPUTE_STATIC)
            RS_TRY(sorted_details(job, t, child, out));
    }
    return RS_OK;
}

rs_status compute_first_row(struct rs_job *job, const struct compute_scope *scope, bool last, bool *found, size_t *row)
{
    struct compute_place place = compute_dynamic_place(scope->row);
    struct compute_rows rows;
    struct compute_node *details = NULL;

    if (scope->tablix && scope->tablix->flows) {
        *found = place.node && place.node->kind == COMPUTE_DETAILS;
        *row = place.row;
        return RS_OK;
    }
    RS_TRY(compute_scope_rows(job, scope, &rows));
    *found = rows.count > 0;
    if (!*found)
        return RS_OK;
    *row = rows.rows[last ? rows.count - 1 : 0];
    if (rows.count > 1 && place.node && place.node->kind == COMPUTE_GROUP && is_all(compute_dynamic_place(scope->column)) &&
        has_sorted_details(scope->tablix, place.node->member->members.items, place.node->member->members.count)) {
        RS_TRY(sorted_details(job, scope->tablix, place.node, &details));
        if (details)
            *row = details->state->rows[last ? details->count - 1 : 0];
    }
    return RS_OK;
}

/* ---- instances -------------------------------------------------------------------------------------- */

static bool find_in(struct compute_place from, const struct publish_scope *wanted, struct compute_place *out)
{
    for (struct compute_node *node = from.node; node; node = node->parent)
        if (node->member && node->member == wanted->member) {
            *out = (struct compute_place){node, node->kind == COMPUTE_DETAILS ? from.row : 0};
            return true;
        }
    return false;
}

bool compute_find_instance(const struct compute_scope *scope, const struct publish_scope *wanted, struct compute_scope *region,
                           struct compute_place *place)
{
    struct compute_scope at = *scope;

    while (at.tablix && at.tablix->item != wanted->region) {
        struct compute_scope outer = at.tablix->outer;
        at = outer;
    }
    if (!at.tablix)
        return false;
    *region = at;
    if (wanted->kind != PUBLISH_GROUP) {
        *place = (struct compute_place){NULL, 0};
        return true;
    }
    return find_in(wanted->is_column ? at.column : at.row, wanted, place);
}

static uint64_t instance_of(const struct compute_place *place, const struct compute_tablix *t)
{
    uint64_t number = place->node ? place->node->state->number : t->number;

    return number * UINT64_C(0x9e3779b97f4a7c15) ^ (place->row + 1);
}

uint64_t compute_instance(struct compute_run *run, const struct compute_scope *scope, rs_text name)
{
    const struct publish_scope *wanted = publish_scope_find(run->report, name);
    struct compute_scope region;
    struct compute_place place;

    if (!wanted)
        return 0;
    if (wanted->kind == PUBLISH_DATA_SET)
        return 1;
    return compute_find_instance(scope, wanted, &region, &place) ? instance_of(&place, region.tablix) : 0;
}

/* The path from the root, dynamic nodes only, in numbers that no sort changes; a chain of statics and groups is as deep as the definition. */
static void add_path(rs_buf *buf, struct compute_place place)
{
    if (!place.node || !place.node->parent)
        return;
    add_path(buf, compute_place_of(place.node->parent, place.row));
    if (place.node->is_collapsed && place.node->kind == COMPUTE_GROUP)
        rs_buf_add_literal(buf, "_t");
    else if (place.node->kind == COMPUTE_GROUP)
        rs_buf_printf(buf, "_%u", place.node->state->appearance);
    else if (place.node->kind == COMPUTE_DETAILS && place.node->state->count)
        rs_buf_printf(buf, "_%u", place.node->flows ? (uint32_t)place.row : place.node->state->rows[place.row]);
}

void compute_add_path(rs_buf *buf, const struct compute_scope *scope)
{
    if (!scope->tablix)
        return;
    compute_add_path(buf, &scope->tablix->outer);
    add_path(buf, scope->row);
    if (scope->column.node && compute_dynamic_place(scope->column).node->kind != COMPUTE_ROOT) {
        rs_buf_add_literal(buf, "_c");
        add_path(buf, scope->column);
    }
}

rs_text compute_instance_id(struct rs_job *job, const struct compute_scope *scope, const struct rdl_item *item)
{
    rs_buf buf = rs_buf_in(job);

    rs_buf_printf(&buf, "%u", item->number);
    compute_add_path(&buf, scope);
    return rs_buf_text(&buf);
}

static void add_instance(rs_buf *buf, const struct compute_scope *scope, const struct publish_scope *around, const char *kind)
{
    struct compute_scope region;
    struct compute_place place;

    if (!around || around->kind == PUBLISH_DATA_SET || !compute_find_instance(scope, around, &region, &place))
        return;
    rs_buf_printf(buf, "_%s", kind);
    compute_add_path(buf, &region.tablix->outer);
    add_path(buf, place);
}

rs_text compute_toggle_id(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope, const struct rdl_item *toggle)
{
    const struct publish_place *place = &run->report->item_places[toggle->number];
    rs_buf buf = rs_buf_in(job);

    rs_buf_printf(&buf, "%u", toggle->number);
    add_instance(&buf, scope, place->row, "r");
    add_instance(&buf, scope, place->column, "c");
    return rs_buf_text(&buf);
}

rs_text compute_member_id(struct rs_job *job, struct compute_tablix *tablix, struct compute_place place)
{
    rs_buf buf = rs_buf_in(job);
    struct compute_scope scope = compute_member_scope(tablix, place);

    rs_buf_printf(&buf, "g%u", place.node->member ? place.node->member->number : 0);
    compute_add_path(&buf, &scope);
    return rs_buf_text(&buf);
}
