/* Scopes and what aggregates, lookups and names resolve to. */
#include "../../unit.h"

#include "reports.h"

static struct publish_report *published(struct rs_job *job, const char *bytes)
{
    struct publish_report *report;
    struct rdl_report *definition;

    (void)definition;
    assert_ok(job, publish_open(job, rs_text_from(bytes), NULL, &report));
    return report;
}

static const struct publish_scope *scope(const struct publish_report *report, const char *name)
{
    const struct publish_scope *found = publish_scope_find(report, rs_text_from(name));

    if (!found)
        fail_msg("there is no scope \"%s\"", name);
    return found;
}

static const struct rdl_item *item(const struct publish_report *report, const char *name)
{
    for (unsigned i = 0; i < report->definition->item_count; i++)
        if (rs_text_equal(report->items[i]->name, rs_text_from(name)))
            return report->items[i];
    fail_msg("there is no item \"%s\"", name);
    return NULL;
}

/* The `index`th aggregate in the first run of a text box. */
static const struct publish_aggregate *call_in(const struct publish_report *report, const char *box, unsigned index)
{
    unsigned id = item(report, box)->textbox->paragraphs.items[0].runs.items[0].value.id;

    for (unsigned i = 0; i < report->aggregate_count; i++)
        if (report->aggregates[i].expr_id == id && index-- == 0)
            return &report->aggregates[i];
    fail_msg("\"%s\" has no such aggregate", box);
    return NULL;
}

static void covers(const struct publish_report *report, const char *box, unsigned index, const char *row, const char *column)
{
    const struct publish_aggregate *a = call_in(report, box, index);

    assert_ptr_equal(a->over.row, scope(report, row));
    assert_ptr_equal(a->over.column, column ? scope(report, column) : NULL);
    assert_int_equal(a->number, (unsigned)(a - report->aggregates));
}

UNIT_TEST(publish_knows_the_scopes_of_a_matrix)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(publish_report) report = published(job, REPORT(SALES OTHER, "", "", MATRIX("x", "=Fields!Region.Value", BOX("Cell", "=1"))));
    const struct publish_scope *m = scope(report, "M"), *row = scope(report, "ByRegion"), *column = scope(report, "ByCity");

    assert_int_equal(report->scope_count, 5);
    assert_int_equal(scope(report, "Sales")->id, 0);
    assert_int_equal(m->kind, PUBLISH_REGION);
    assert_ptr_equal(m->parent, scope(report, "Sales"));
    assert_ptr_equal(row->parent, m);
    assert_ptr_equal(column->parent, m);
    assert_true(column->is_column);
    assert_false(row->is_column);
    assert_false(row->is_details);
    assert_int_equal(m->children.count, 2);
    assert_ptr_equal(report->group_scopes[row->member->number], row);
    assert_ptr_equal(report->item_places[item(report, "Cell")->number].row, row);
    assert_ptr_equal(report->item_places[item(report, "Cell")->number].column, column);
    assert_ptr_equal(report->item_places[item(report, "City")->number].row, m);
    assert_ptr_equal(report->item_places[item(report, "City")->number].column, column);
    assert_ptr_equal(report->item_places[item(report, "Region")->number].row, row);
    assert_null(report->item_places[item(report, "Region")->number].column);
    assert_ptr_equal(report->item_places[item(report, "Corner")->number].row, m);
    assert_true(report->data_sets[0].is_used);
    assert_false(report->data_sets[1].is_used);
}

UNIT_TEST(publish_resolves_the_scope_of_every_aggregate)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(publish_report) report = published(
        job, REPORT(SALES OTHER, "", "",
                    MATRIX("=Sum(Fields!Amount.Value) &amp; CountRows(\"Other\")", "=Sum(Fields!Amount.Value)",
                           BOX("Cell", "=Sum(Fields!Amount.Value) &amp; Sum(Fields!Amount.Value, \"ByRegion\") &amp; Sum(Fields!Amount.Value, \"ByCity\")"
                                       " &amp; Sum(Fields!Amount.Value, \"M\") &amp; First(Fields!Name.Value, \"Other\")"
                                       " &amp; RunningValue(Fields!Amount.Value, Sum, Nothing)"))));

    covers(report, "Corner", 0, "M", NULL);
    covers(report, "Corner", 1, "Other", NULL);
    covers(report, "Region", 0, "ByRegion", NULL);
    covers(report, "Cell", 0, "ByRegion", "ByCity");
    covers(report, "Cell", 1, "ByRegion", NULL);
    covers(report, "Cell", 2, "M", "ByCity");
    covers(report, "Cell", 3, "M", NULL);
    covers(report, "Cell", 4, "Other", NULL);
    covers(report, "Cell", 5, "M", NULL);
    assert_ptr_equal(call_in(report, "Cell", 4)->data_set, report->data_sets[1].definition);
    assert_int_equal(call_in(report, "Cell", 5)->call.running, EXPR_SUM);
    assert_ptr_equal(call_in(report, "Cell", 5)->at.column, scope(report, "ByCity"));
    assert_true(report->data_sets[1].is_used);
    assert_int_equal(scope(report, "Other")->aggregates.count, 2);
}

UNIT_TEST(publish_knows_in_scope_before_a_row_is_read)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(publish_report) report = published(
        job, REPORT(SALES, "", "", MATRIX("=InScope(\"ByCity\")", "=InScope(\"ByRegion\") And InScope(\"ByCity\")",
                                          BOX("Cell", "=InScope(\"ByRegion\") And InScope(\"ByCity\")"))));

    assert_null(call_in(report, "Corner", 0)->over.row);
    assert_null(call_in(report, "Corner", 0)->over.column);
    assert_ptr_equal(call_in(report, "Region", 0)->over.row, scope(report, "ByRegion"));
    assert_null(call_in(report, "Region", 1)->over.column);
    assert_ptr_equal(call_in(report, "Cell", 1)->over.column, scope(report, "ByCity"));
}

UNIT_TEST(publish_finds_the_innermost_scope_of_nested_regions)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(publish_report) report = published(
        job, REPORT(SALES OTHER, "", "",
                    MATRIX("x", "x", TABLE("Inner", BOX("Head", "=Sum(Fields!Amount.Value) &amp; Sum(Fields!Amount.Value, \"ByRegion\") &amp; Sum(Fields!Amount.Value, \"ByCity\")"),
                                           BOX("Row", "=Fields!Amount.Value"), "", "", ""))));
    const struct publish_scope *inner = scope(report, "Inner");

    assert_ptr_equal(inner->parent, scope(report, "ByRegion"));
    assert_ptr_equal(inner->column_parent, scope(report, "ByCity"));
    assert_ptr_equal(inner->data_set, report->data_sets[0].definition);
    assert_true(scope(report, "InnerDetails")->is_details);
    assert_int_equal(scope(report, "InnerDetails")->depth, 4);
    covers(report, "Head", 0, "Inner", NULL);
    covers(report, "Head", 1, "ByRegion", NULL);
    covers(report, "Head", 2, "M", "ByCity");
    assert_true(publish_scope_contains(scope(report, "ByCity"), scope(report, "InnerDetails")));
    assert_true(publish_scope_contains(scope(report, "Sales"), inner));
    assert_false(publish_scope_contains(inner, scope(report, "ByRegion")));
    assert_int_equal(expr_is_field(publish_program(report, &item(report, "Row")->textbox->paragraphs.items[0].runs.items[0].value)), 2);
}

UNIT_TEST(publish_gives_aggregates_of_aggregates_their_inner_scope)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(publish_report) report = published(
        job, REPORT(SALES, "", "", MATRIX("=Max(Sum(Fields!Amount.Value, \"ByRegion\")) &amp; Sum(Fields!Amount.Value) &amp; Avg(Sum(Fields!Amount.Value))",
                                          "x", BOX("Cell", "x"))));
    const struct publish_aggregate *inner = call_in(report, "Corner", 0), *outer = call_in(report, "Corner", 1);

    assert_int_equal(outer->call.kind, EXPR_MAX);
    assert_ptr_equal(outer->inner, scope(report, "ByRegion"));
    assert_ptr_equal(outer->over.row, scope(report, "M"));
    assert_true(inner->is_inner);
    assert_ptr_equal(inner->at.row, scope(report, "ByRegion"));
    assert_ptr_equal(inner->over.row, scope(report, "ByRegion"));
    assert_false(call_in(report, "Corner", 2)->is_inner);
    assert_ptr_equal(call_in(report, "Corner", 4)->inner, scope(report, "ByRegion"));
    assert_ptr_equal(call_in(report, "Corner", 3)->over.row, scope(report, "ByRegion"));
}

UNIT_TEST(publish_gives_slots_to_report_items_and_variables)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(publish_report) report = published(
        job, REPORT(SALES, "", "<PageHeader><Height>1in</Height><ReportItems>" BOX("Head", "=First(ReportItems!Cell.Value) &amp; Globals!PageNumber") "</ReportItems></PageHeader>",
                    MATRIX("=ReportItems!Corner2.Value", "=Variables!Total.Value &amp; ReportItems!Corner.Value", BOX("Cell", "=ReportItems!Region.Value")) BOX("Corner2", "x")));

    assert_int_equal(report->item_uses[item(report, "Cell")->number], PUBLISH_ITEM_ON_PAGE);
    assert_int_equal(report->item_uses[item(report, "Region")->number], PUBLISH_ITEM_IN_BODY);
    assert_int_equal(report->item_uses[item(report, "Head")->number], 0);
    assert_true(call_in(report, "Head", 0)->over.is_page);
    assert_null(call_in(report, "Head", 0)->over.row);
    assert_int_equal(report->variable_count, 1);
    assert_ptr_equal(report->variables[0].scope, scope(report, "ByRegion"));
}

UNIT_TEST(publish_registers_lookups)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(publish_report) report = published(
        job, REPORT(SALES OTHER, "", "", TABLE("T", BOX("H", "x"), BOX("D", "=Lookup(Fields!City.Value, Fields!Id.Value, Fields!Name.Value, \"Other\")"),
                                               "", "", "<DataSetName>Sales</DataSetName>")));

    assert_int_equal(report->lookup_count, 1);
    assert_int_equal(expr_is_field(report->lookups[0].call.destination), 0);
    assert_int_equal(expr_is_field(report->lookups[0].call.result), 1);
    assert_ptr_equal(report->lookups[0].data_set, report->data_sets[1].definition);
    assert_ptr_equal(report->lookups[0].at.row, scope(report, "TDetails"));
    assert_true(report->data_sets[1].is_used);
}

UNIT_TEST(publish_knows_what_parameters_depend_on)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(publish_report) report = published(
        job, REPORT("<DataSet Name=\"Cities\"><Fields><Field Name=\"C\"><DataField>c</DataField></Field></Fields><Query><CommandText>x</CommandText>"
                    "<QueryParameters><QueryParameter Name=\"@r\"><Value>=Parameters!Region.Value</Value></QueryParameter></QueryParameters></Query>"
                    "<Filters><Filter><FilterExpression>=Fields!C.Value</FilterExpression><Operator>Equal</Operator><FilterValues><FilterValue>=Parameters!Filter.Value</FilterValue></FilterValues></Filter></Filters></DataSet>" OTHER,
                    STRING_PARAMETER("Region", "") STRING_PARAMETER("Filter", "<DefaultValue><Values><Value>=Parameters!Region.Value &amp; Parameters!Region.Label</Value></Values></DefaultValue>")
                    STRING_PARAMETER("City", "<ValidValues><DataSetReference><DataSetName>Cities</DataSetName><ValueField>C</ValueField></DataSetReference></ValidValues>"),
                    "", ""));

    assert_int_equal(report->data_sets[0].parameters.count, 2);
    assert_int_equal(report->parameters[0].depends_on.count, 0);
    assert_int_equal(report->parameters[1].depends_on.count, 1);
    assert_int_equal(report->parameters[2].depends_on.count, 2);
    assert_int_equal(report->parameters[2].depends_on.items[1], 1);
    assert_true(report->data_sets[0].is_used);
}

static struct value constant_of(const struct publish_report *report, const struct rdl_expr *expr)
{
    struct value value;

    assert_true(expr_is_constant(publish_program(report, expr), &value));
    return value;
}

UNIT_TEST(publish_gives_constants_the_type_of_their_property)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(publish_report) report = published(
        job, REPORT(SALES, STRING_PARAMETER("P", "<DefaultValue><Values><Value xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"/></Values></DefaultValue>"), "",
                    TABLE("T", BOX("H", " 7 "), BOX("D", ""), "", "<Visibility><Hidden>true</Hidden></Visibility>",
                          "<Filters><Filter><FilterExpression>=Fields!Amount.Value</FilterExpression><Operator>Equal</Operator><FilterValues><FilterValue DataType=\"Float\">1.5</FilterValue></FilterValues></Filter></Filters>")));
    const struct rdl_tablix *t = item(report, "T")->tablix;
    struct value hidden = constant_of(report, &t->row_members.items[1].visibility.hidden);
    struct value filter = constant_of(report, &t->filters.items[0].values.items[0]);

    assert_int_equal(hidden.kind, VALUE_BOOLEAN);
    assert_true(hidden.boolean);
    assert_int_equal(filter.kind, VALUE_DOUBLE);
    assert_true(filter.real == 1.5);
    assert_text(value_bytes(constant_of(report, &item(report, "H")->textbox->paragraphs.items[0].runs.items[0].value)), " 7 ");
    assert_int_equal(constant_of(report, &report->definition->parameters.items[0].default_values.items[0]).kind, VALUE_NULL);
}

/* The subtotal of a matrix of 2005 stands outside the group; names in the copy still find its own scopes. */
UNIT_TEST(publish_places_copies_for_subtotals_outside_their_group)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(publish_report) report = published(
        job, "<Report xmlns=\"http://schemas.microsoft.com/sqlserver/reporting/2005/01/reportdefinition\"><Width>6in</Width><DataSets>" SALES "</DataSets><Body><Height>1in</Height><ReportItems>"
             "<Matrix Name=\"M\"><ColumnGroupings><ColumnGrouping><Height>1in</Height><DynamicColumns><Grouping Name=\"ByCity\"><GroupExpressions><GroupExpression>=Fields!City.Value</GroupExpression></GroupExpressions></Grouping><ReportItems/></DynamicColumns></ColumnGrouping></ColumnGroupings>"
             "<RowGroupings><RowGrouping><Width>1in</Width><DynamicRows><Grouping Name=\"ByRegion\"><GroupExpressions><GroupExpression>=Fields!Region.Value</GroupExpression></GroupExpressions></Grouping><Subtotal><ReportItems/></Subtotal><ReportItems/></DynamicRows></RowGrouping></RowGroupings>"
             "<MatrixColumns><MatrixColumn><Width>1in</Width></MatrixColumn></MatrixColumns><MatrixRows><MatrixRow><Height>1in</Height><MatrixCells><MatrixCell><ReportItems><Rectangle Name=\"R\"><ReportItems>"
             "<Textbox Name=\"Cell\"><Value>=IIf(InScope(\"ByRegion\"), Sum(Fields!Amount.Value), 0)</Value></Textbox><Textbox Name=\"Again\"><Value>=ReportItems!Cell.Value</Value></Textbox>"
             "</ReportItems></Rectangle></ReportItems></MatrixCell></MatrixCells></MatrixRow></MatrixRows></Matrix></ReportItems></Body></Report>");

    assert_ptr_equal(call_in(report, "Cell", 0)->over.row, scope(report, "ByRegion"));
    assert_null(call_in(report, "Cell_1", 0)->over.row);
    covers(report, "Cell", 1, "ByRegion", "ByCity");
    covers(report, "Cell_1", 1, "M", "ByCity");
    assert_int_equal(report->item_uses[item(report, "Cell_1")->number], PUBLISH_ITEM_IN_BODY);
}
