/* What needs the whole report: extents that were left out, names that were made up, names that must be unique, and names
 * that must exist.
 */
#include "report/rdl/reader.h"

#include <math.h>

/* ---- extents -------------------------------------------------------------------------------- */

static void settle_item(struct reader *r, struct rdl_item *item, double room_width, double room_height);

static void settle_items(struct reader *r, rdl_items items, double width, double height)
{
    for (size_t i = 0; i < items.count; i++)
        settle_item(r, items.items[i], fmax(width - items.items[i]->left_pt, 0), fmax(height - items.items[i]->top_pt, 0));
}

static void fill_cell(struct reader *r, struct rdl_cell *cell, double width, double height)
{
    struct rdl_item *item = cell->item;

    if (!item)
        return;
    item->left_pt = item->top_pt = 0;
    if (item->kind == RDL_LINE && isnan(item->width_pt + item->height_pt))
        item->width_pt = item->height_pt = 0;
    if (item->kind != RDL_LINE) {
        item->width_pt = width;
        item->height_pt = height;
    }
    settle_item(r, item, width, height);
}

static double sum(const double *sizes, size_t from, size_t count, size_t all)
{
    double total = 0;

    for (size_t i = from; i < all && i < from + count; i++)
        total += sizes[i];
    return total;
}

static void fill_headers(struct reader *r, struct rdl_member *members, size_t count, const double *leaf_sizes, size_t leaves, bool is_row)
{
    for (size_t i = 0; i < count; i++) {
        struct rdl_member *member = &members[i];
        double along = sum(leaf_sizes, member->first_leaf, member->leaf_count, leaves);
        if (member->header)
            fill_cell(r, member->header, is_row ? member->header_size_pt : along, is_row ? along : member->header_size_pt);
        fill_headers(r, member->members.items, member->members.count, leaf_sizes, leaves, is_row);
    }
}

static bool has_groups(const struct rdl_member *members, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (members[i].group || has_groups(members[i].members.items, members[i].members.count))
            return true;
    return false;
}

static void settle_tablix(struct reader *r, struct rdl_item *item, double room_width, double room_height)
{
    struct rdl_tablix *t = item->tablix;
    size_t rows = t->rows.count, columns = t->column_widths_pt.count;
    double *heights = RS_NEW_ARRAY(r->job, double, rows), *widths = t->column_widths_pt.items;
    double header_width = sum(t->row_header_widths_pt.items, 0, t->row_header_widths_pt.count, t->row_header_widths_pt.count);
    double header_height =
        sum(t->column_header_heights_pt.items, 0, t->column_header_heights_pt.count, t->column_header_heights_pt.count);

    if (isnan(widths[0])) /* of a list without sizes */
        widths[0] = isnan(item->width_pt) ? room_width : item->width_pt;
    for (size_t y = 0; y < rows; y++) {
        if (isnan(t->rows.items[y].height_pt))
            t->rows.items[y].height_pt = isnan(item->height_pt) ? room_height : item->height_pt;
        heights[y] = t->rows.items[y].height_pt;
    }
    /* What the parts add up to: designers write other values too, which nothing obeys. */
    item->width_pt = header_width + sum(widths, 0, columns, columns);
    item->height_pt = header_height + sum(heights, 0, rows, rows);
    for (size_t y = 0; y < rows; y++)
        for (size_t x = 0; x < columns; x++) {
            struct rdl_cell *cell = &t->rows.items[y].cells.items[x];
            fill_cell(r, cell, sum(widths, x, cell->column_span, columns), sum(heights, y, cell->row_span, rows));
            t->cells_grow_wide |= cell->item && cell->item->grows_wide;
        }
    item->grows_wide = t->cells_grow_wide || has_groups(t->column_members.items, t->column_members.count);
    fill_headers(r, t->row_members.items, t->row_members.count, heights, rows, true);
    fill_headers(r, t->column_members.items, t->column_members.count, widths, columns, false);
    for (size_t y = 0; t->corner && y < t->corner_rows; y++)
        for (size_t x = 0; x < t->corner_columns; x++) {
            struct rdl_cell *cell = &t->corner[y * t->corner_columns + x];
            fill_cell(r, cell, sum(t->row_header_widths_pt.items, x, cell->column_span, t->corner_columns),
                      sum(t->column_header_heights_pt.items, y, cell->row_span, t->corner_rows));
        }
}

static void settle_item(struct reader *r, struct rdl_item *item, double room_width, double room_height)
{
    if (item->kind == RDL_TABLIX) {
        settle_tablix(r, item, room_width, room_height);
        return;
    }
    item->width_pt = isnan(item->width_pt) ? room_width : item->width_pt;
    item->height_pt = isnan(item->height_pt) ? room_height : item->height_pt;
    if (item->kind == RDL_RECTANGLE)
        settle_items(r, item->rectangle->items, item->width_pt, item->height_pt);
    for (size_t i = 0; item->kind == RDL_RECTANGLE && i < item->rectangle->items.count; i++)
        item->grows_wide |= item->rectangle->items.items[i]->grows_wide;
    if (item->kind == RDL_CUSTOM)
        settle_items(r, item->opaque->alternative, item->width_pt, item->height_pt);
}

static void settle_extents(struct reader *r)
{
    for (size_t i = 0; i < r->report->sections.count; i++) {
        struct rdl_section *s = &r->report->sections.items[i];
        settle_items(r, s->items, s->width_pt, s->body_height_pt);
        settle_items(r, s->page.header.items, s->width_pt, s->page.header.height_pt);
        settle_items(r, s->page.footer.items, s->width_pt, s->page.footer.height_pt);
    }
}

/* ---- names ---------------------------------------------------------------------------------- */

/* Names of this report by what they name. */
struct names {
    struct rs_map *items;  /* -> struct rdl_item */
    struct rs_map *scopes; /* data sets, data regions, groups -> anything */
    struct rs_map *data_sets, *data_sources;
};

static void invalid(struct reader *r, unsigned line, const struct rdl_item *item, const char *element, const char *code,
                    const char *format, ...) __attribute__((format(printf, 6, 7)));

static void invalid(struct reader *r, unsigned line, const struct rdl_item *item, const char *element, const char *code,
                    const char *format, ...)
{
    struct rdl_note note = {.kind = RDL_NOTE_INVALID, .line = line, .element = rs_text_from(element), .code = rs_text_from(code)};
    va_list arguments;

    if (r->notes.count >= RDL_NOTES_MAX)
        return;
    if (item)
        note.item = rs_text_format(r->job, "%s \"%.*s\"", rdl_item_kind_name(item->kind), RS_TEXT_ARG(item->name));
    va_start(arguments, format);
    note.message = rs_text_vformat(r->job, format, arguments);
    va_end(arguments);
    rs_vec_push(r->job, &r->notes, note);
}

static bool is_region(const struct rdl_item *item)
{
    return item->kind == RDL_TABLIX || item->kind == RDL_CHART || item->kind == RDL_GAUGE_PANEL || item->kind == RDL_MAP;
}

static void add_scope(struct reader *r, struct names *n, rs_text name, unsigned line, const char *element)
{
    if (rs_map_has(n->scopes, name))
        invalid(r, line, NULL, element, "rsDuplicateScopeName",
                "the name \"%.*s\" stands for two data sets, data regions or groups", RS_TEXT_ARG(name));
    else
        rs_map_set(n->scopes, name, r);
}

/* `base`, `between` and a number that makes it unused. `numbers` remembers where to go on for each base. */
static rs_text unused_name(struct reader *r, const struct rs_map *used, struct rs_map *numbers, rs_text base, const char *between)
{
    uintptr_t number = (uintptr_t)rs_map_find(numbers, base);
    rs_text name;

    do
        name = rs_text_format(r->job, "%.*s%s%zu", RS_TEXT_ARG(base), between, (size_t)++number);
    while (rs_map_has(used, name));
    rs_map_set(numbers, base, (void *)number);
    return name;
}

static rs_status name_items(struct reader *r, struct names *n)
{
    struct rs_map *numbers = rs_map_create(r->job, RS_MAP_EXACT);
    size_t next_copy = 0; /* copies stand in the order of items */

    for (size_t i = 0; i < r->items.count; i++) {
        struct rdl_item *item = r->items.items[i];
        if (next_copy < r->copies.count && r->copies.items[next_copy] == item) {
            next_copy++;
            continue;
        }
        if (rs_map_has(n->items, item->name))
            invalid(r, item->line, item, "Name", "rsDuplicateReportItemName", "another report item has the name \"%.*s\"",
                    RS_TEXT_ARG(item->name));
        else
            rs_map_set(n->items, item->name, item);
        if (is_region(item))
            add_scope(r, n, item->name, item->line, "Name");
    }
    for (size_t i = 0; i < r->copies.count; i++) {
        struct rdl_item *item = r->copies.items[i];
        if (i % 64 == 0)
            RS_TRY(rs_job_checkpoint(r->job));
        if (rs_map_has(n->items, item->name)) {
            item->copied_from = item->name; /* expressions in the copy still name scopes as in the original */
            item->name = unused_name(r, n->items, numbers, item->name, "_");
        }
        rs_map_set(n->items, item->name, item);
    }
    return RS_OK;
}

/* Named groups first: a made-up name must not take one of theirs. */
static void name_groups(struct reader *r, struct names *n)
{
    struct rs_map *numbers = rs_map_create(r->job, RS_MAP_EXACT);

    for (size_t i = 0; i < r->groups.count; i++)
        if (r->groups.items[i]->name.size && !r->groups.items[i]->is_copy)
            add_scope(r, n, r->groups.items[i]->name, r->groups.items[i]->line, "Group");
    for (size_t i = 0; i < r->groups.count; i++)
        if (r->groups.items[i]->name.size == 0) {
            r->groups.items[i]->name = unused_name(r, n->scopes, numbers, RS_TEXT("Group"), "");
            rs_map_set(n->scopes, r->groups.items[i]->name, r);
        }
}

static void name_data(struct reader *r, struct names *n)
{
    struct rdl_report *report = r->report;
    struct rs_map *parameters = rs_map_create(r->job, RS_MAP_NOCASE);

    for (size_t i = 0; i < report->data_sources.count; i++) {
        struct rdl_data_source *source = &report->data_sources.items[i];
        if (rs_map_has(n->data_sources, source->name))
            invalid(r, source->line, NULL, "DataSource", "rsDuplicateDataSourceName", "two data sources have the name \"%.*s\"",
                    RS_TEXT_ARG(source->name));
        rs_map_set(n->data_sources, source->name, source);
    }
    for (size_t i = 0; i < report->data_sets.count; i++) {
        struct rdl_data_set *set = &report->data_sets.items[i];
        add_scope(r, n, set->name, set->line, "DataSet");
        if (!rs_map_has(n->data_sets, set->name))
            rs_map_set(n->data_sets, set->name, set);
    }
    for (size_t i = 0; i < report->parameters.count; i++) {
        struct rdl_parameter *parameter = &report->parameters.items[i];
        if (rs_map_has(parameters, parameter->name))
            invalid(r, parameter->line, NULL, "ReportParameter", "rsDuplicateReportParameterName",
                    "two report parameters have the name \"%.*s\"", RS_TEXT_ARG(parameter->name));
        rs_map_set(parameters, parameter->name, parameter);
    }
}

/* ---- references ----------------------------------------------------------------------------- */

static void check_data_set_reference(struct reader *r, struct names *n, const struct rdl_parameter *parameter,
                                     const struct rdl_data_set_reference *reference, const char *element)
{
    const struct rdl_data_set *set;
    const rs_text fields[2] = {reference->value_field, reference->label_field};

    if (rs_text_is_empty(reference->data_set_name))
        return;
    set = rs_map_find(n->data_sets, reference->data_set_name);
    if (!set) {
        invalid(r, parameter->line, NULL, element, "rsInvalidDataSetReference",
                "parameter \"%.*s\" takes its values from the data set \"%.*s\", which the report does not have",
                RS_TEXT_ARG(parameter->name), RS_TEXT_ARG(reference->data_set_name));
        return;
    }
    for (int i = 0; i < 2; i++) {
        bool found = rs_text_is_empty(fields[i]);
        for (size_t f = 0; f < set->fields.count; f++)
            found = found || rs_text_equal(set->fields.items[f].name, fields[i]);
        if (!found)
            invalid(r, parameter->line, NULL, element, "rsInvalidDataSetReferenceField",
                    "parameter \"%.*s\" names the field \"%.*s\", which the data set \"%.*s\" does not have",
                    RS_TEXT_ARG(parameter->name), RS_TEXT_ARG(fields[i]), RS_TEXT_ARG(set->name));
    }
}

static void check_data(struct reader *r, struct names *n)
{
    struct rdl_report *report = r->report;

    for (size_t i = 0; i < report->data_sets.count; i++) {
        struct rdl_data_set *set = &report->data_sets.items[i];
        if (set->data_source_name.size && !rs_map_has(n->data_sources, set->data_source_name))
            invalid(r, set->line, NULL, "DataSourceName", "rsDataSourceReferenceNotPublished",
                    "data set \"%.*s\" names the data source \"%.*s\", which the report does not have",
                    RS_TEXT_ARG(set->name), RS_TEXT_ARG(set->data_source_name));
    }
    for (size_t i = 0; i < report->parameters.count; i++) {
        struct rdl_parameter *parameter = &report->parameters.items[i];
        check_data_set_reference(r, n, parameter, &parameter->default_reference, "DefaultValue");
        check_data_set_reference(r, n, parameter, &parameter->valid_reference, "ValidValues");
    }
}

static void check_toggle(struct reader *r, struct names *n, unsigned line, const struct rdl_item *item,
                         const struct rdl_visibility *visibility)
{
    const struct rdl_item *toggle;

    if (rs_text_is_empty(visibility->toggle_item))
        return;
    toggle = rs_map_find(n->items, visibility->toggle_item);
    if (!toggle || toggle->kind != RDL_TEXTBOX)
        invalid(r, line, item, "ToggleItem", "rsInvalidToggleItem", "\"%.*s\" is no text box of this report",
                RS_TEXT_ARG(visibility->toggle_item));
    else if (toggle == item)
        invalid(r, line, item, "ToggleItem", "rsInvalidToggleItem", "the text box cannot toggle itself");
}

static void check_scope(struct reader *r, struct names *n, unsigned line, const struct rdl_item *item, rs_text scope,
                        const char *element, const char *code)
{
    if (scope.size && !rs_map_has(n->scopes, scope))
        invalid(r, line, item, element, code, "\"%.*s\" is no data set, data region or group of this report", RS_TEXT_ARG(scope));
}

static void check_members(struct reader *r, struct names *n, const struct rdl_item *item, const struct rdl_member *members,
                          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct rdl_member *member = &members[i];
        check_toggle(r, n, member->line, item, &member->visibility);
        if (member->group) {
            check_scope(r, n, member->group->line, item, member->group->domain_scope, "DomainScope", "rsInvalidGroupingDomainScope");
            if (member->group->domain_scope.size && !member->group->expressions.count)
                invalid(r, member->group->line, item, "DomainScope", "rsInvalidGroupingDomainScope",
                        "the details group \"%.*s\" cannot have one", RS_TEXT_ARG(member->group->name));
            if (member->group->parent.present && member->group->expressions.count != 1)
                invalid(r, member->group->line, item, "Parent", "rsInvalidGroupingParent",
                        "the recursive group \"%.*s\" has %zu group expressions; it needs one",
                        RS_TEXT_ARG(member->group->name), member->group->expressions.count);
        }
        check_members(r, n, item, member->members.items, member->members.count);
    }
}

static void check_item(struct reader *r, struct names *n, const struct rdl_item *item)
{
    check_toggle(r, n, item->line, item, &item->visibility);
    if (item->kind == RDL_TEXTBOX) {
        check_scope(r, n, item->line, item, item->textbox->hide_duplicates, "HideDuplicates", "rsInvalidHideDuplicateScope");
        check_scope(r, n, item->line, item, item->textbox->user_sort_scope, "SortExpressionScope", "rsInvalidExpressionScope");
        check_scope(r, n, item->line, item, item->textbox->user_sort_target, "SortTarget", "rsInvalidSortTarget");
    }
    if (item->kind == RDL_TABLIX) {
        check_members(r, n, item, item->tablix->row_members.items, item->tablix->row_members.count);
        check_members(r, n, item, item->tablix->column_members.items, item->tablix->column_members.count);
    }
}

/* Page headers and footers hold text, images, lines and rectangles of them. */
static void check_page_items(struct reader *r, rdl_items items)
{
    for (size_t i = 0; i < items.count; i++) {
        const struct rdl_item *item = items.items[i];
        if (is_region(item) || item->kind == RDL_SUBREPORT)
            invalid(r, item->line, item, "ReportItems", "rsDataRegionInPageSection",
                    "data regions and subreports cannot stand in a page header or footer");
        if (item->kind == RDL_RECTANGLE)
            check_page_items(r, item->rectangle->items);
    }
}

rs_status settle_report(struct reader *r, const struct xml_node *root)
{
    struct names n = {
        .items = rs_map_create(r->job, RS_MAP_EXACT), .scopes = rs_map_create(r->job, RS_MAP_EXACT),
        .data_sets = rs_map_create(r->job, RS_MAP_EXACT), .data_sources = rs_map_create(r->job, RS_MAP_EXACT),
    };

    (void)root;
    settle_extents(r);
    name_data(r, &n);
    RS_TRY(name_items(r, &n));
    name_groups(r, &n);
    check_data(r, &n);
    for (size_t i = 0; i < r->items.count; i++)
        check_item(r, &n, r->items.items[i]);
    for (size_t i = 0; i < r->report->sections.count; i++) {
        check_page_items(r, r->report->sections.items[i].page.header.items);
        check_page_items(r, r->report->sections.items[i].page.footer.items);
    }
    return RS_OK;
}
