/* A shared data set (.rsd) as a report of one data set that shows nothing: what runs reports runs it, too. Its parameters
 * are report parameters, so that its expressions may use them.
 */
#include "report/rdl/reader.h"

/* The names of rd:DbType; what is not here is text. */
static enum rdl_data_type type_of(const struct xml_node *node)
{
    static const struct {
        const char *name;
        enum rdl_data_type type;
    } types[] = {{"Boolean", RDL_BOOLEAN}, {"Byte", RDL_INTEGER}, {"Int16", RDL_INTEGER}, {"Int32", RDL_INTEGER},
                 {"Int64", RDL_FLOAT}, {"Single", RDL_FLOAT}, {"Double", RDL_FLOAT}, {"Decimal", RDL_FLOAT},
                 {"Currency", RDL_FLOAT}, {"Date", RDL_DATE_TIME}, {"DateTime", RDL_DATE_TIME}, {"DateTime2", RDL_DATE_TIME}};

    xml_each_child (child, node)
        for (size_t i = 0; xml_is(child, "DbType") && i < sizeof types / sizeof types[0]; i++)
            if (rs_text_equal_nocase(rs_text_trim(child->text), rs_text_from(types[i].name)))
                return types[i].type;
    return RDL_STRING;
}

static rs_text without_marker(rs_text name)
{
    bool has = name.size && strchr("@:$?", name.bytes[0]);

    return has ? rs_text_from_offset(name, 1) : name;
}

/* May be left out: whether it must be given is known when the data set runs. */
static rs_status add_parameter(struct reader *r, const struct xml_node *node, struct rdl_parameter *out)
{
    const struct xml_node *value = reader_child(r, node, "DefaultValue");

    *out = (struct rdl_parameter){.name = without_marker(reader_attribute(node, "Name")), .type = type_of(node), .nullable = true,
                                  .allow_blank = true, .hidden = true, .has_prompt = true, .has_default = true, .grid_row = -1, .grid_column = -1,
                                  .line = node->line};
    if (rs_text_is_empty(out->name))
        return reader_fail(r, node, "a <DataSetParameter> has no Name; name it to use it in a report");
    if (!value)
        return RS_OK;
    out->default_values.items = RS_NEW(r->job, struct rdl_expr);
    out->default_values.count = 1;
    return reader_expr(r, value, out->default_values.items);
}

static rs_status add_parameters(struct reader *r, const struct xml_node *query)
{
    const struct xml_node *list = query ? reader_child(r, query, "DataSetParameters") : NULL;
    size_t count = reader_count(r, list, "DataSetParameter");

    if (count > RDL_PARAMETERS_MAX)
        return reader_over(r, list, "elements", count, RDL_PARAMETERS_MAX);
    r->report->parameters.items = RS_NEW_ARRAY(r->job, struct rdl_parameter, count);
    reader_each (r, child, list, "DataSetParameter")
        RS_TRY(add_parameter(r, child, &r->report->parameters.items[r->report->parameters.count++]));
    return RS_OK;
}

rs_status read_shared_definition(struct reader *r, const struct xml_node *root)
{
    const struct xml_node *node = reader_child(r, root, "DataSet");
    struct rdl_report *report = r->report;
    struct rdl_section *section = RS_NEW(r->job, struct rdl_section);
    struct rdl_data_source *source = RS_NEW(r->job, struct rdl_data_source);

    report->is_shared_data_set = true;
    report->default_font_family = RS_TEXT("Arial");
    section->page.height_pt = 11 * 72;
    section->page.width_pt = 8.5 * 72;
    section->page.columns = 1;
    report->sections.items = section;
    report->sections.count = 1;
    if (!node)
        return reader_fail(r, root, "<SharedDataSet> has no <DataSet>");
    report->description = reader_keep(r, xml_child_text(root, "Description"));
    report->data_sets.items = RS_NEW(r->job, struct rdl_data_set);
    report->data_sets.count = 1;
    RS_TRY(read_data_set(r, node, report->data_sets.items));
    struct rdl_data_set *set = report->data_sets.items;
    if (!rs_text_is_empty(set->shared_reference))
        return reader_fail(r, node, "a shared data set cannot be another shared data set");
    if (rs_text_is_empty(set->data_source_name))
        return reader_fail(r, node, "the <Query> of the shared data set has no <DataSourceReference>");
    *source = (struct rdl_data_source){.name = set->data_source_name, .reference = set->data_source_name, .line = node->line};
    report->data_sources.items = source;
    report->data_sources.count = 1;
    return add_parameters(r, reader_child(r, node, "Query"));
}
