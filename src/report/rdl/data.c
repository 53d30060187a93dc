/* Data sources, data sets, report parameters. */
#include "report/rdl/reader.h"

/* ---- data sources --------------------------------------------------------------------------- */

static rs_status read_connection(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        TEXT("DataProvider", struct rdl_data_source, provider), EXPR("ConnectString", struct rdl_data_source, connect_string),
        BOOL("IntegratedSecurity", struct rdl_data_source, integrated_security), TEXT("Prompt", struct rdl_data_source, prompt),
        END,
    };
    return reader_one(r, node, object, rows);
}

rs_status read_data_source(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        CALL_ON("ConnectionProperties", read_connection), TEXT("DataSourceReference", struct rdl_data_source, reference),
        BOOL("Transaction", struct rdl_data_source, transaction), END,
    };
    struct rdl_data_source *source = object;

    source->name = reader_attribute(node, "Name");
    source->line = node->line;
    if (rs_text_is_empty(source->name))
        return reader_fail(r, node, "<DataSource> has no Name");
    return reader_one(r, node, source, rows);
}

/* ---- data sets ------------------------------------------------------------------------------ */

static rs_status read_field(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        TEXT("DataField", struct rdl_field, data_field), EXPR("Value", struct rdl_field, value),
        TEXT("TypeName", struct rdl_field, type_name), END, /* so in files without namespaces */
    };
    struct rdl_field *field = object;

    field->name = reader_attribute(node, "Name");
    field->line = node->line;
    if (rs_text_is_empty(field->name))
        return reader_fail(r, node, "<Field> has no Name");
    xml_each_child (child, node) /* a hint that designers leave, in their own namespace */
        if (xml_is(child, "TypeName") && !reader_is_rdl(r, child))
            field->type_name = reader_keep(r, child->text);
    return reader_one(r, node, field, rows);
}

static rs_status read_query_parameter(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        EXPR("Value", struct rdl_query_parameter, value), EXPR("DefaultValue", struct rdl_query_parameter, value),
        BOOL("ReadOnly", struct rdl_query_parameter, read_only), BOOL("Nullable", struct rdl_query_parameter, nullable),
        BOOL("OmitFromQuery", struct rdl_query_parameter, omitted), END,
    };
    struct rdl_query_parameter *parameter = object;

    parameter->name = reader_attribute(node, "Name");
    return reader_one(r, node, parameter, rows);
}

static const struct rdl_keyword command_types[] = {
    {"Text", RDL_TEXT_COMMAND}, {"StoredProcedure", RDL_STORED_PROCEDURE}, {"TableDirect", RDL_TABLE_DIRECT}, {NULL},
};

static rs_status read_query(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        TEXT("DataSourceName", struct rdl_data_set, data_source_name),
        ENUM("CommandType", struct rdl_data_set, command_type, command_types),
        EXPR("CommandText", struct rdl_data_set, command_text),
        LIST("QueryParameters", struct rdl_data_set, query_parameters, "QueryParameter", struct rdl_query_parameter,
             read_query_parameter),
        TEXT("DataSourceReference", struct rdl_data_set, data_source_name), /* of a shared data set */
        LIST("DataSetParameters", struct rdl_data_set, query_parameters, "DataSetParameter", struct rdl_query_parameter,
             read_query_parameter),
        VALUE(ROW_UINT, "Timeout", struct rdl_data_set, timeout_s), SKIP("DesignerState"), END,
    };
    return reader_one(r, node, object, rows);
}

static rs_status read_shared_data_set(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        TEXT("SharedDataSetReference", struct rdl_data_set, shared_reference),
        LIST("QueryParameters", struct rdl_data_set, query_parameters, "QueryParameter", struct rdl_query_parameter,
             read_query_parameter),
        END,
    };
    return reader_one(r, node, object, rows);
}

static rs_status check_fields(struct reader *r, const struct rdl_data_set *set)
{
    struct rs_map *names = rs_map_create(r->job, RS_MAP_EXACT);

    for (size_t i = 0; i < set->fields.count; i++) {
        const struct rdl_field *field = &set->fields.items[i];
        if (rs_map_has(names, field->name))
            return rs_fail(r->job, RDL_INVALID, "line %u: the field \"%.*s\" stands in its data set twice", field->line,
                           RS_TEXT_ARG(field->name));
        rs_map_set(names, field->name, NULL);
    }
    return RS_OK;
}

rs_status read_data_set(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        LIST("Fields", struct rdl_data_set, fields, "Field", struct rdl_field, read_field),
        CALL_ON("Query", read_query), CALL_ON("SharedDataSet", read_shared_data_set),
        LIST("Filters", struct rdl_data_set, filters, "Filter", struct rdl_filter, read_filter),
        TEXT("Collation", struct rdl_data_set, collation),
        ENUM("CaseSensitivity", struct rdl_data_set, case_sensitivity, rdl_autos),
        ENUM("AccentSensitivity", struct rdl_data_set, accent_sensitivity, rdl_autos),
        ENUM("KanatypeSensitivity", struct rdl_data_set, kanatype_sensitivity, rdl_autos),
        ENUM("WidthSensitivity", struct rdl_data_set, width_sensitivity, rdl_autos),
        SKIP("InterpretSubtotalsAsDetails"), END,
    };
    struct rdl_data_set *set = object;

    set->name = reader_attribute(node, "Name");
    set->line = node->line;
    set->number = (unsigned)(set - r->report->data_sets.items);
    if (rs_text_is_empty(set->name) && r->report->is_shared_data_set)
        set->name = RS_TEXT("DataSet"); /* files have none, or that of the item */
    if (rs_text_is_empty(set->name))
        return reader_fail(r, node, "<DataSet> has no Name");
    if (reader_count(r, reader_child(r, node, "Fields"), "Field") > RDL_FIELDS_MAX)
        return reader_over(r, node, "fields", reader_count(r, reader_child(r, node, "Fields"), "Field"), RDL_FIELDS_MAX);
    if (reader_one(r, node, set, rows) != RS_OK || check_fields(r, set) != RS_OK) {
        rs_within(r->job, "data set \"%.*s\"", RS_TEXT_ARG(set->name));
        return rs_job_status(r->job);
    }
    return RS_OK;
}

/* ---- parameters ----------------------------------------------------------------------------- */

static rs_status read_data_set_reference(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        TEXT("DataSetName", struct rdl_data_set_reference, data_set_name),
        TEXT("ValueField", struct rdl_data_set_reference, value_field),
        TEXT("LabelField", struct rdl_data_set_reference, label_field), END,
    };
    return reader_one(r, node, object, rows);
}

static rs_status read_default(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        CALL("DataSetReference", struct rdl_parameter, default_reference, read_data_set_reference),
        LIST("Values", struct rdl_parameter, default_values, "Value", struct rdl_expr, reader_expr), END,
    };
    ((struct rdl_parameter *)object)->has_default = true;
    return reader_one(r, node, object, rows);
}

static rs_status read_valid_value(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        EXPR("Value", struct rdl_valid_value, value), EXPR("Label", struct rdl_valid_value, label), END,
    };
    return reader_one(r, node, object, rows);
}

static rs_status read_valid(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        CALL("DataSetReference", struct rdl_parameter, valid_reference, read_data_set_reference),
        LIST("ParameterValues", struct rdl_parameter, valid_values, "ParameterValue", struct rdl_valid_value, read_valid_value),
        SKIP("ValidationExpression"), END,
    };
    ((struct rdl_parameter *)object)->has_valid_values = true;
    return reader_one(r, node, object, rows);
}

rs_status read_parameter(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        ENUM("DataType", struct rdl_parameter, type, rdl_data_types), BOOL("Nullable", struct rdl_parameter, nullable),
        BOOL("AllowBlank", struct rdl_parameter, allow_blank), BOOL("MultiValue", struct rdl_parameter, multi_value),
        BOOL("Hidden", struct rdl_parameter, hidden), EXPR("Prompt", struct rdl_parameter, prompt),
        CALL_ON("DefaultValue", read_default), CALL_ON("ValidValues", read_valid),
        ENUM("UsedInQuery", struct rdl_parameter, used_in_query, rdl_autos), END,
    };
    struct rdl_parameter *parameter = object;

    parameter->name = reader_attribute(node, "Name");
    parameter->line = node->line;
    parameter->grid_row = parameter->grid_column = -1;
    if (rs_text_is_empty(parameter->name))
        return reader_fail(r, node, "<ReportParameter> has no Name");
    if (reader_one(r, node, parameter, rows) != RS_OK) {
        rs_within(r->job, "parameter \"%.*s\"", RS_TEXT_ARG(parameter->name));
        return rs_job_status(r->job);
    }
    if (parameter->type == RDL_TYPE_NONE) {
        reader_note(r, RDL_NOTE_REPAIRED, node, "the parameter \"%.*s\" has no data type; read as String", RS_TEXT_ARG(parameter->name));
        parameter->type = RDL_STRING;
    }
    parameter->has_prompt = parameter->prompt.present && !rs_text_is_empty(rs_text_trim(parameter->prompt.text));
    return RS_OK;
}

/* ---- the grid of prompts (2016) ------------------------------------------------------------- */

struct grid_cell {
    int column, row;
    rs_text name;
};

static rs_status read_grid_cell(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        VALUE(ROW_INT, "ColumnIndex", struct grid_cell, column), VALUE(ROW_INT, "RowIndex", struct grid_cell, row),
        TEXT("ParameterName", struct grid_cell, name), END,
    };
    struct rdl_report *report = r->report;
    struct grid_cell cell = {0};

    (void)object;
    if (++r->grid_cells > RDL_PARAMETERS_MAX)
        return reader_over(r, node->parent, "cells", r->grid_cells, RDL_PARAMETERS_MAX);
    RS_TRY(reader_one(r, node, &cell, rows));
    for (size_t i = 0; i < report->parameters.count; i++)
        if (rs_text_equal(report->parameters.items[i].name, cell.name)) {
            report->parameters.items[i].grid_column = cell.column;
            report->parameters.items[i].grid_row = cell.row;
            return RS_OK;
        }
    reader_note(r, RDL_NOTE_REPAIRED, node, "the prompt layout names the unknown parameter \"%.*s\"", RS_TEXT_ARG(cell.name));
    return RS_OK;
}

static rs_status read_grid_cells(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {REPEAT_ON("CellDefinition", read_grid_cell), END};

    return reader_one(r, node, object, rows);
}

static rs_status read_grid(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        VALUE(ROW_INT, "NumberOfColumns", struct rdl_report, parameter_grid_columns),
        VALUE(ROW_INT, "NumberOfRows", struct rdl_report, parameter_grid_rows), CALL_ON("CellDefinitions", read_grid_cells), END,
    };
    return reader_one(r, node, object, rows);
}

/* After the parameters, wherever it stands in the file. */
rs_status read_parameter_layout(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {CALL_ON("GridLayoutDefinition", read_grid), END};

    return reader_one(r, node, object, rows);
}
