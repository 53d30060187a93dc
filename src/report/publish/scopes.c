/* The first walk: every data set, data region and group becomes a scope, and every item and member gets its place. */
#include "report/publish/publisher.h"

static struct publish_scope *add_scope(struct publisher *p, enum publish_scope_kind kind, rs_text name,
                                       const struct publish_scope *parent)
{
    struct publish_scope *scope = &p->scopes[p->scope_count];

    scope->kind = kind;
    scope->id = p->scope_count++;
    scope->name = name;
    scope->parent = parent;
    scope->depth = parent ? parent->depth + 1 : 0;
    if (parent)
        rs_vec_push(p->job, &p->scope_children[parent->id], scope->id);
    if (!rs_map_has(p->scope_names, name))
        rs_map_set(p->scope_names, name, scope);
    return scope;
}

static struct publish_scope *data_set_scope(struct publisher *p, rs_text name)
{
    struct publish_scope *scope = rs_map_find(p->scope_names, name);

    return scope && scope->kind == PUBLISH_DATA_SET ? scope : NULL;
}

static rs_text item_where(struct publisher *p, const struct rdl_item *item)
{
    return rs_text_format(p->job, "%s \"%.*s\"", rdl_item_kind_name(item->kind), RS_TEXT_ARG(item->name));
}

/* What a data region stands in: its data set, or what is around it where that has rows. */
static rs_status region_parent(struct publisher *p, const struct rdl_item *item, rs_text name, struct publish_place at,
                               const struct publish_scope **out)
{
    const struct rdl_report *d = p->definition;
    const struct publish_scope *named = name.size ? data_set_scope(p, name) : NULL;

    *out = NULL;
    if (at.row && at.row->kind != PUBLISH_DATA_SET) { /* the rows around it */
        *out = at.row;
        if (named && at.row->data_set && named->data_set != at.row->data_set)
            return publish_problem(p, PUBLISH_NO_DATA_SET, item->line, item_where(p, item), "DataSetName", "rsInvalidDataSetName",
                                   "the data region stands in rows of \"%.*s\" and cannot show \"%.*s\"",
                                   RS_TEXT_ARG(at.row->data_set->name), RS_TEXT_ARG(name));
        return RS_OK;
    }
    if (named)
        *out = named;
    else if (name.size)
        return publish_problem(p, PUBLISH_NO_DATA_SET, item->line, item_where(p, item), "DataSetName", "rsInvalidDataSetName",
                               "the report has no data set \"%.*s\"", RS_TEXT_ARG(name));
    else if (d->data_sets.count == 1)
        *out = &p->scopes[0];
    else
        return publish_problem(p, PUBLISH_NO_DATA_SET, item->line, item_where(p, item), "DataSetName", NULL,
                               "the data region names no data set, and the report has %zu", d->data_sets.count);
    return RS_OK;
}

static rs_status walk_items(struct publisher *p, rdl_items items, struct publish_place at);

static rs_status walk_cell(struct publisher *p, const struct rdl_cell *cell, struct publish_place at)
{
    rdl_items one = {NULL, 1};

    if (!cell || !cell->item)
        return RS_OK;
    one.items = (struct rdl_item **)&cell->item;
    return walk_items(p, one, at);
}

struct axis {
    const struct rdl_item *item;
    const struct publish_scope *region;
    const struct rdl_data_set *data_set;
    bool is_column;
};

static struct publish_place place_in(const struct axis *axis, const struct publish_scope *scope)
{
    if (axis->is_column && scope != axis->region)
        return (struct publish_place){.row = axis->region, .column = scope};
    return (struct publish_place){.row = scope};
}

static void add_variables(struct publisher *p, rdl_variables variables, const struct publish_scope *scope)
{
    for (size_t i = 0; i < variables.count; i++) {
        uintptr_t before = (uintptr_t)rs_map_find(p->variable_names, variables.items[i].name);
        rs_vec_push(p->job, &p->variables, (struct publish_variable){&variables.items[i], scope});
        rs_vec_push(p->job, &p->previous_variable, (unsigned)before);
        rs_map_set(p->variable_names, variables.items[i].name, (void *)(uintptr_t)p->variables.count);
    }
}

static const struct publish_scope *add_group(struct publisher *p, const struct axis *axis, const struct rdl_member *member,
                                             const struct publish_scope *around)
{
    struct publish_scope *scope = add_scope(p, PUBLISH_GROUP, member->group->name, around);

    scope->data_set = axis->data_set;
    scope->region = axis->item;
    scope->member = member;
    scope->is_column = axis->is_column;
    scope->is_details = member->group->expressions.count == 0;
    p->group_scopes[member->number] = scope;
    add_variables(p, member->group->variables, scope);
    return scope;
}

/* `leaves`: the place of each innermost member, for the cells. */
static rs_status walk_members(struct publisher *p, const struct axis *axis, const struct rdl_member *members, size_t count,
                              const struct publish_scope *around, const struct publish_scope **leaves)
{
    RS_TRY(rs_job_checkpoint(p->job));
    for (size_t i = 0; i < count; i++) {
        const struct rdl_member *member = &members[i];
        const struct publish_scope *scope = member->group ? add_group(p, axis, member, around) : around;
        struct publish_place place = place_in(axis, scope);
        p->member_places[member->number] = place;
        RS_TRY(walk_cell(p, member->header, place));
        if (member->members.count == 0)
            leaves[member->first_leaf] = scope;
        else
            RS_TRY(walk_members(p, axis, member->members.items, member->members.count, scope, leaves));
    }
    return RS_OK;
}

static rs_status walk_tablix(struct publisher *p, const struct rdl_item *item, struct publish_scope *region)
{
    const struct rdl_tablix *t = item->tablix;
    struct axis columns = {item, region, region->data_set, true}, rows = {item, region, region->data_set, false};
    const struct publish_scope **column_leaves = RS_NEW_ARRAY(p->job, const struct publish_scope *, t->column_widths_pt.count);
    const struct publish_scope **row_leaves = RS_NEW_ARRAY(p->job, const struct publish_scope *, t->rows.count);

    for (size_t i = 0; t->corner && i < (size_t)t->corner_rows * t->corner_columns; i++)
        RS_TRY(walk_cell(p, &t->corner[i], (struct publish_place){.row = region}));
    RS_TRY(walk_members(p, &columns, t->column_members.items, t->column_members.count, region, column_leaves));
    RS_TRY(walk_members(p, &rows, t->row_members.items, t->row_members.count, region, row_leaves));
    for (size_t y = 0; y < t->rows.count; y++)
        for (size_t x = 0; x < t->column_widths_pt.count; x++) {
            const struct publish_scope *column = column_leaves[x] == region ? NULL : column_leaves[x];
            RS_TRY(walk_cell(p, &t->rows.items[y].cells.items[x], (struct publish_place){row_leaves[y], column, false}));
        }
    return RS_OK;
}

static rs_status walk_region(struct publisher *p, const struct rdl_item *item, struct publish_place at)
{
    rs_text data_set = item->kind == RDL_TABLIX ? item->tablix->data_set_name : item->opaque->data_set_name;
    const struct publish_scope *parent;
    struct publish_scope *region;

    if (item->kind != RDL_TABLIX && rs_text_is_empty(data_set) && !at.row)
        return RS_OK; /* a gauge or map without data */
    RS_TRY(region_parent(p, item, data_set, at, &parent));
    region = add_scope(p, PUBLISH_REGION, item->name, parent);
    region->region = item;
    p->region_scopes[item->number] = region;
    region->data_set = parent ? parent->data_set : NULL;
    region->column_parent = parent && parent->kind != PUBLISH_DATA_SET ? at.column : NULL;
    if (region->data_set)
        p->data_sets[region->data_set->number].is_used = true;
    return item->kind == RDL_TABLIX ? walk_tablix(p, item, region) : RS_OK;
}

static rs_status walk_item(struct publisher *p, const struct rdl_item *item, struct publish_place at)
{
    p->items[item->number] = item;
    p->item_places[item->number] = at;
    if (!rs_map_has(p->item_names, item->name))
        rs_map_set(p->item_names, item->name, (void *)item);
    if (item->copied_from.size) {
        struct item_copy *copy = RS_NEW(p->job, struct item_copy);
        *copy = (struct item_copy){item, rs_map_find(p->copies, item->copied_from)};
        rs_map_set(p->copies, item->copied_from, copy);
    }
    switch (item->kind) {
    case RDL_RECTANGLE: return walk_items(p, item->rectangle->items, at);
    case RDL_CUSTOM: return walk_items(p, item->opaque->alternative, at);
    case RDL_TABLIX:
    case RDL_CHART:
    case RDL_GAUGE_PANEL:
    case RDL_MAP: return walk_region(p, item, at);
    default: return RS_OK;
    }
}

static rs_status walk_items(struct publisher *p, rdl_items items, struct publish_place at)
{
    RS_TRY(rs_job_checkpoint(p->job));
    for (size_t i = 0; i < items.count; i++)
        RS_TRY(walk_item(p, items.items[i], at));
    return RS_OK;
}

static size_t count_groups(const struct rdl_member *members, size_t count)
{
    size_t groups = 0;

    for (size_t i = 0; i < count; i++)
        groups += (members[i].group != NULL) + count_groups(members[i].members.items, members[i].members.count);
    return groups;
}

static size_t count_scopes(rdl_items items);

static size_t count_in_cell(const struct rdl_cell *cell)
{
    rdl_items one = {NULL, 1};

    if (!cell || !cell->item)
        return 0;
    one.items = (struct rdl_item **)&cell->item;
    return count_scopes(one);
}

static size_t count_in_headers(const struct rdl_member *members, size_t count)
{
    size_t scopes = 0;

    for (size_t i = 0; i < count; i++)
        scopes += count_in_cell(members[i].header) + count_in_headers(members[i].members.items, members[i].members.count);
    return scopes;
}

/* Scopes are pointed to, so their number must be known before the first is made. */
static size_t count_scopes(rdl_items items)
{
    size_t scopes = 0;

    for (size_t i = 0; i < items.count; i++) {
        const struct rdl_item *item = items.items[i];
        scopes++;
        if (item->kind == RDL_RECTANGLE)
            scopes += count_scopes(item->rectangle->items);
        if (item->kind == RDL_CUSTOM)
            scopes += count_scopes(item->opaque->alternative);
        if (item->kind == RDL_TABLIX) {
            const struct rdl_tablix *t = item->tablix;
            for (size_t c = 0; t->corner && c < (size_t)t->corner_rows * t->corner_columns; c++)
                scopes += count_in_cell(&t->corner[c]);
            for (size_t y = 0; y < t->rows.count; y++)
                for (size_t x = 0; x < t->column_widths_pt.count; x++)
                    scopes += count_in_cell(&t->rows.items[y].cells.items[x]);
            scopes += count_groups(t->row_members.items, t->row_members.count) +
                      count_groups(t->column_members.items, t->column_members.count);
            scopes += count_in_headers(t->row_members.items, t->row_members.count) +
                      count_in_headers(t->column_members.items, t->column_members.count);
        }
    }
    return scopes;
}

rs_status publish_find_scopes(struct publisher *p)
{
    const struct rdl_report *d = p->definition;
    struct publish_place body = {0}, page = {.is_page = true};
    size_t room = d->data_sets.count;

    for (size_t i = 0; i < d->sections.count; i++)
        room += count_scopes(d->sections.items[i].items) + count_scopes(d->sections.items[i].page.header.items) +
                count_scopes(d->sections.items[i].page.footer.items);
    p->scopes = RS_NEW_ARRAY(p->job, struct publish_scope, room);
    p->scope_room = (unsigned)room;
    p->scope_children = RS_NEW_ARRAY(p->job, struct unsigned_vec, room);
    p->scope_aggregates = RS_NEW_ARRAY(p->job, struct unsigned_vec, room);
    for (size_t i = 0; i < d->data_sets.count; i++) {
        struct publish_scope *scope = add_scope(p, PUBLISH_DATA_SET, d->data_sets.items[i].name, NULL);
        scope->data_set = &d->data_sets.items[i];
        p->data_sets[i].scope = scope;
    }
    if (d->data_sets.count == 1) /* what names no scope means the only one there is */
        body.row = page.row = &p->scopes[0];
    add_variables(p, d->variables, NULL);
    for (size_t i = 0; i < d->sections.count; i++) {
        RS_TRY(walk_items(p, d->sections.items[i].items, body));
        RS_TRY(walk_items(p, d->sections.items[i].page.header.items, page));
        RS_TRY(walk_items(p, d->sections.items[i].page.footer.items, page));
    }
    return RS_OK;
}
