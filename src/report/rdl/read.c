/* The report itself: schema version, sections, pages, and the order in which the rest is read. */
#include "report/rdl/read.h"

#include <math.h>

#include "report/rdl/reader.h"

/* ---- pages and sections --------------------------------------------------------------------- */

static rs_status read_page_section(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        SIZE("Height", struct rdl_page_section, height_pt), BOOL("PrintOnFirstPage", struct rdl_page_section, print_on_first_page),
        BOOL("PrintOnLastPage", struct rdl_page_section, print_on_last_page),
        BOOL("PrintBetweenSections", struct rdl_page_section, print_between_sections),
        CALL("ReportItems", struct rdl_page_section, items, read_items),
        CALL("Style", struct rdl_page_section, style, read_style), END,
    };
    ((struct rdl_page_section *)object)->present = true;
    return reader_one(r, node, object, rows);
}

/* What <Page> has since 2008 and <Report> had before. */
#define PAGE_ROWS(object, page)                                                                \
    CALL("PageHeader", object, page header, read_page_section), CALL("PageFooter", object, page footer, read_page_section), \
        SIZE("PageHeight", object, page height_pt), SIZE("PageWidth", object, page width_pt),  \
        SIZE("InteractiveHeight", object, page interactive_height_pt),                         \
        SIZE("InteractiveWidth", object, page interactive_width_pt), SIZE("LeftMargin", object, page margin_left_pt), \
        SIZE("RightMargin", object, page margin_right_pt), SIZE("TopMargin", object, page margin_top_pt), \
        SIZE("BottomMargin", object, page margin_bottom_pt), VALUE(ROW_UINT, "Columns", object, page columns), \
        SIZE("ColumnSpacing", object, page column_spacing_pt)

static rs_status read_page(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {PAGE_ROWS(struct rdl_page, ), CALL("Style", struct rdl_page, style, read_style), END};

    return reader_one(r, node, object, rows);
}

static rs_status read_body(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        CALL("ReportItems", struct rdl_section, items, read_items), SIZE("Height", struct rdl_section, body_height_pt),
        CALL("Style", struct rdl_section, body_style, read_style), VALUE(ROW_UINT, "Columns", struct rdl_section, page.columns),
        SIZE("ColumnSpacing", struct rdl_section, page.column_spacing_pt), END,
    };
    return reader_one(r, node, object, rows);
}

/* Also what <Report> itself held before there were sections. */
static const struct row section_rows[] = {
    CALL_ON("Body", read_body), SIZE("Width", struct rdl_section, width_pt), CALL("Page", struct rdl_section, page, read_page),
    PAGE_ROWS(struct rdl_section, page.), TEXT("DataElementName", struct rdl_section, data_element_name),
    ENUM("DataElementOutput", struct rdl_section, data_element_output, rdl_outputs), SKIP("LayoutDirection"), END,
};

#define COLUMNS_PER_PAGE_MAX 1000u

/* What was left out has these values; InteractiveHeight and InteractiveWidth are those of the page. */
static void section_begin(struct rdl_section *section)
{
    section->width_pt = NAN;
    section->page = (struct rdl_page){.height_pt = 11 * 72, .width_pt = 8.5 * 72, .interactive_height_pt = NAN,
                                      .interactive_width_pt = NAN, .columns = 1, .column_spacing_pt = 36};
}

static void section_end(struct reader *r, const struct xml_node *node, struct rdl_section *section)
{
    struct rdl_page *page = &section->page;

    if (isnan(page->interactive_height_pt))
        page->interactive_height_pt = page->height_pt;
    if (isnan(page->interactive_width_pt))
        page->interactive_width_pt = page->width_pt;
    if (isnan(section->width_pt))
        section->width_pt = fmax(page->width_pt - page->margin_left_pt - page->margin_right_pt, 0);
    if (page->columns == 0 || page->columns > COLUMNS_PER_PAGE_MAX) {
        reader_note(r, RDL_NOTE_REPAIRED, node, "%u columns per page are not between 1 and %u; read as 1", page->columns,
                    COLUMNS_PER_PAGE_MAX);
        page->columns = 1;
    }
}

static rs_status read_section(struct reader *r, const struct xml_node *node, void *object)
{
    section_begin(object);
    RS_TRY(reader_one(r, node, object, section_rows));
    section_end(r, node, object);
    return RS_OK;
}

/* ---- report --------------------------------------------------------------------------------- */

static rs_status read_embedded_image(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        TEXT("MIMEType", struct rdl_embedded_image, mime_type), TEXT("ImageData", struct rdl_embedded_image, base64), END,
    };
    ((struct rdl_embedded_image *)object)->name = reader_attribute(node, "Name");
    return reader_one(r, node, object, rows);
}

static rs_status read_code_module(struct reader *r, const struct xml_node *node, void *object)
{
    *(rs_text *)object = reader_keep(r, node->text);
    return RS_OK;
}

static rs_status read_class(struct reader *r, const struct xml_node *node, void *object)
{
    static const struct row rows[] = {
        TEXT("ClassName", struct rdl_class, class_name), TEXT("InstanceName", struct rdl_class, instance_name), END,
    };
    return reader_one(r, node, object, rows);
}

static rs_status read_code(struct reader *r, const struct xml_node *node, void *object)
{
    struct rdl_report *report = object;

    (void)r;
    report->code = rs_text_is_empty(rs_text_trim(node->text)) ? RS_TEXT("") : node->text;
    report->code_line = node->line;
    return RS_OK;
}

/* Data sets need to know their number while they are read. */
static rs_status read_data_sets(struct reader *r, const struct xml_node *node, void *object)
{
    struct rdl_report *report = object;
    size_t count = reader_count(r, node, "DataSet");

    report->data_sets.items = RS_NEW_ARRAY(r->job, struct rdl_data_set, count);
    reader_each (r, child, node, "DataSet")
        RS_TRY(read_data_set(r, child, &report->data_sets.items[report->data_sets.count++]));
    return RS_OK;
}

static const struct row report_rows[] = {
    TEXT("Description", struct rdl_report, description), TEXT("Author", struct rdl_report, author),
    EXPR_TYPED("AutoRefresh", struct rdl_report, auto_refresh, RDL_INTEGER), EXPR("Language", struct rdl_report, language),
    EXPR("InitialPageName", struct rdl_report, initial_page_name),
    LIST("DataSources", struct rdl_report, data_sources, "DataSource", struct rdl_data_source, read_data_source),
    CALL_ON("DataSets", read_data_sets),
    LIST("ReportParameters", struct rdl_report, parameters, "ReportParameter", struct rdl_parameter, read_parameter),
    LIST("EmbeddedImages", struct rdl_report, embedded_images, "EmbeddedImage", struct rdl_embedded_image, read_embedded_image),
    LIST("Variables", struct rdl_report, variables, "Variable", struct rdl_variable, read_variable), CALL_ON("Code", read_code),
    LIST("CodeModules", struct rdl_report, code_modules, "CodeModule", rs_text, read_code_module),
    LIST("Classes", struct rdl_report, classes, "Class", struct rdl_class, read_class),
    BOOL("ConsumeContainerWhitespace", struct rdl_report, consume_container_whitespace),
    BOOL("DeferVariableEvaluation", struct rdl_report, defer_variable_evaluation),
    TEXT("DataTransform", struct rdl_report, data_transform), TEXT("DataSchema", struct rdl_report, data_schema),
    TEXT("DataElementName", struct rdl_report, data_element_name),
    LIST("ReportSections", struct rdl_report, sections, "ReportSection", struct rdl_section, read_section),
    SKIP("DataElementStyle"), SKIP("ReportParametersLayout"), SKIP("CustomProperties"), SKIP("Custom"), SKIP("ReportTemplate"),
    SKIP("UniqueIdentifier"), END,
};

static rs_status check_count(struct reader *r, const struct xml_node *root, const char *list, const char *child, size_t most)
{
    const struct xml_node *node = reader_child(r, root, list);
    size_t count = reader_count(r, node, child);

    return count > most ? reader_over(r, node, "elements", count, most) : RS_OK;
}

static rs_status read_report(struct reader *r, const struct xml_node *root)
{
    struct rdl_report *report = r->report;
    const struct xml_node *style = reader_child(r, root, "DataElementStyle"), *layout = reader_child(r, root, "ReportParametersLayout");
    bool has_sections = reader_child(r, root, "ReportSections") != NULL;
    struct rdl_section *section = RS_NEW(r->job, struct rdl_section);

    RS_TRY(check_count(r, root, "DataSources", "DataSource", RDL_DATA_SETS_MAX));
    RS_TRY(check_count(r, root, "DataSets", "DataSet", RDL_DATA_SETS_MAX));
    RS_TRY(check_count(r, root, "ReportParameters", "ReportParameter", RDL_PARAMETERS_MAX));
    report->data_element_style_is_element = style && rs_text_starts_nocase(rs_text_trim(style->text), RS_TEXT("Element"));
    r->styles_are_attributes = !report->data_element_style_is_element;
    report->default_font_family = RS_TEXT("Arial");
    /* before 2008 there was no choice: white space was always used up */
    report->consume_container_whitespace = report->version <= RDL_2005 || report->version == RDL_NO_NAMESPACE;
    xml_each_child (child, root)
        if (xml_is(child, "DefaultFontFamily") && !reader_is_rdl(r, child) && rs_text_trim(child->text).size)
            report->default_font_family = reader_keep(r, child->text);
    if (has_sections) {
        RS_TRY(reader_one(r, root, report, report_rows));
    } else { /* before 2010 */
        section_begin(section);
        RS_TRY(reader_rows(r, root, report, report_rows, section, section_rows));
        section_end(r, root, section);
        if (!reader_child(r, root, "Body"))
            return reader_fail(r, root, "<Report> has neither <ReportSections> nor <Body>");
        report->sections.items = section;
        report->sections.count = 1;
    }
    if (report->sections.count == 0)
        return reader_fail(r, root, "<ReportSections> has no <ReportSection>");
    if (layout)
        RS_TRY(read_parameter_layout(r, layout, report));
    return RS_OK;
}

/* ---- schema versions ------------------------------------------------------------------------ */

/* The namespaces http://schemas.microsoft.com/sqlserver/reporting/<date>/reportdefinition. */
static const struct {
    const char *date;
    enum rdl_version version;
} versions[] = {
    {"2003/10", RDL_2003}, {"2005/01", RDL_2005}, {"2007/01", RDL_2008}, {"2008/01", RDL_2008}, {"2009/01", RDL_2010},
    {"2010/01", RDL_2010}, {"2016/01", RDL_2016},
};

static rs_status find_version(struct reader *r, const struct xml_node *root)
{
    rs_text uri = root->namespace_uri;

    if (xml_is(root, "SharedDataSet") && rs_text_find(uri, RS_TEXT("/shareddatasetdefinition")) >= 0) {
        r->rdl_namespace = uri;
        r->report->version = RDL_2010;
        return RS_OK;
    }
    if (!xml_is(root, "Report"))
        return reader_fail(r, root, "the root element is <%.*s>; a report definition begins with <Report>",
                           RS_TEXT_ARG(rs_text_slice(root->name, 0, 80)));
    r->rdl_namespace = uri;
    if (rs_text_is_empty(uri)) {
        r->report->version = RDL_NO_NAMESPACE;
        reader_note(r, RDL_NOTE_REPAIRED, root, "the definition has no namespace; read as RDL of 2005 to 2016");
        return RS_OK;
    }
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
        if (rs_text_find(uri, rs_text_format(r->job, "/sqlserver/reporting/%s/reportdefinition", versions[i].date)) >= 0) {
            r->report->version = versions[i].version;
            return RS_OK;
        }
    return reader_fail(r, root, "the namespace \"%.*s\" is no report definition's; known are 2003/10 to 2016/01",
                       RS_TEXT_ARG(rs_text_slice(uri, 0, 120)));
}

/* Extensions that are understood. Others may change what the report means, so they are refused where the file says so. */
static const char *const understood[] = {
    "http://schemas.microsoft.com/sqlserver/reporting/2016/01/reportdefinition/defaultfontfamily",
    "http://schemas.microsoft.com/SQLServer/reporting/reportdesigner",
    "http://schemas.microsoft.com/sqlserver/reporting/authoringmetadata",
};

static rs_status check_must_understand(struct reader *r, const struct xml_node *root)
{
    rs_text rest = reader_attribute(root, "MustUnderstand"), prefix, uri;

    while (rest.size) {
        bool known = false;
        rs_text_cut(rest, ' ', &prefix, &rest);
        if (rs_text_is_empty(prefix))
            continue;
        if (!xml_prefix_uri(root, prefix, &uri))
            return reader_fail(r, root, "MustUnderstand names the prefix \"%.*s\", which is not declared", RS_TEXT_ARG(prefix));
        for (size_t i = 0; i < sizeof understood / sizeof understood[0]; i++)
            known = known || rs_text_equal_nocase(uri, rs_text_from(understood[i]));
        if (!known)
            return reader_fail(r, root, "the definition must not be read without understanding \"%.*s\", which is not supported",
                               RS_TEXT_ARG(uri));
    }
    return RS_OK;
}

/* ---- the whole ------------------------------------------------------------------------------ */

rs_status rdl_read(struct rs_job *job, rs_text bytes, struct rdl_report **out)
{
    static const struct xml_options options = {
        .size_max = RDL_SIZE_MAX, .depth_max = RDL_DEPTH_MAX, .tolerant = true,
    };
    struct reader r = {.job = job, .report = RS_NEW(job, struct rdl_report)};
    struct xml_document *document;
    struct xml_node *root;

    RS_TRY(xml_parse(job, bytes, &options, &document));
    root = document->root;
    if (document->tail_dropped)
        reader_note(&r, RDL_NOTE_REPAIRED, root, "something stands behind the end of the definition; it is ignored");
    if (document->bytes_repaired)
        reader_note(&r, RDL_NOTE_REPAIRED, root, "bytes that are not UTF-8 were read as Windows-1252");
    RS_TRY(find_version(&r, root));
    RS_TRY(check_must_understand(&r, root));
    RS_TRY(xml_is(root, "SharedDataSet") ? read_shared_definition(&r, root) : read_report(&r, root));
    RS_TRY(settle_report(&r, root));
    r.report->notes.items = r.notes.items;
    r.report->notes.count = r.notes.count;
    r.report->expr_count = r.expr_count;
    r.report->item_count = (unsigned)r.items.count;
    r.report->member_count = r.member_count;
    *out = r.report;
    return RS_OK;
}
