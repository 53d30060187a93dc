/* report/rdl/model.h - a report definition as the engine sees it: one shape for every schema version.
 *
 * Definitions of 2000 to 2008 are converted upward while they are read, so nothing below this header knows of Table,
 * Matrix, List or BorderStyle. Everything lives in the memory of the job that read it and is read-only afterwards.
 * Names of structs and members follow the elements of RDL 2010/2016.
 *
 * Every place that may hold an expression is an rdl_expr; an absent element is an rdl_expr with `present` false. Sizes
 * that may not be expressions are in points.
 *
 * Source:  [MS-RDL] section 2; reference of the elements in docs/reports.md.
 */
#ifndef REPORT_RDL_MODEL_H
#define REPORT_RDL_MODEL_H

#include "base/job.h"

/* A constant or an expression. `id` numbers every present one of a report from 0: report/publish keeps its
 * compiled programs in an array by id, so that reading and compiling stay separate. */
struct rdl_expr {
    rs_text text;      /* without the '=' where it is an expression; entities decoded */
    const char *property; /* "Value", "BackgroundColor": the name of the element, for messages; NULL where absent */
    unsigned id;       /* below rdl_report.expr_count */
    unsigned line;     /* 1-based, in the file */
    bool present;
    bool is_expression;
    bool is_nil;       /* xsi:nil="true": null, not the empty text */
    uint8_t data_type; /* enum rdl_data_type of @DataType, or what the property always is; RDL_TYPE_NONE where neither */
};

enum rdl_data_type { RDL_TYPE_NONE, RDL_BOOLEAN, RDL_DATE_TIME, RDL_INTEGER, RDL_FLOAT, RDL_STRING };
enum rdl_auto { RDL_AUTO, RDL_TRUE, RDL_FALSE };
enum rdl_output { RDL_OUTPUT_AUTO, RDL_OUTPUT, RDL_NO_OUTPUT, RDL_CONTENTS_ONLY };

/* A list of things of one type: items[0 .. count). */
#define RDL_LIST(type) struct { type *items; size_t count; }

/* ---- style ------------------------------------------------------------------------------------------ */

enum rdl_side { RDL_LEFT, RDL_RIGHT, RDL_TOP, RDL_BOTTOM, RDL_SIDES };

struct rdl_border {
    struct rdl_expr color, style, width;
};

struct rdl_background_image {
    bool present;
    struct rdl_expr source, value, mime_type, repeat, position;
};

/* Absent members take the default of RDL, not a container's value: there is no inheritance. */
struct rdl_style {
    struct rdl_border border;           /* for the sides that say nothing themselves */
    struct rdl_border sides[RDL_SIDES];
    struct rdl_expr background_color, background_gradient_type, background_gradient_end_color;
    struct rdl_background_image background_image;
    struct rdl_expr font_style, font_family, font_size, font_weight, text_decoration, color, format;
    struct rdl_expr text_align, vertical_align, line_height, direction, writing_mode, unicode_bidi;
    struct rdl_expr padding[RDL_SIDES];
    struct rdl_expr language, calendar, numeral_language, numeral_variant;
};

/* ---- shared parts ----------------------------------------------------------------------------------- */

struct rdl_visibility {
    struct rdl_expr hidden;
    rs_text toggle_item; /* empty where none */
};

struct rdl_drill_parameter {
    rs_text name;
    struct rdl_expr value, omit;
};

struct rdl_action {
    bool present;
    struct rdl_expr hyperlink, bookmark_link;
    struct rdl_expr drillthrough_report; /* present: a drillthrough */
    RDL_LIST(struct rdl_drill_parameter) drillthrough_parameters;
    unsigned line;
};

enum rdl_break { RDL_BREAK_NONE, RDL_BREAK_START, RDL_BREAK_END, RDL_BREAK_START_AND_END, RDL_BREAK_BETWEEN };

struct rdl_page_break {
    enum rdl_break location;
    struct rdl_expr disabled, reset_page_number;
};

enum rdl_operator {
    RDL_EQUAL, RDL_LIKE, RDL_NOT_EQUAL, RDL_GREATER, RDL_GREATER_EQUAL, RDL_LESS, RDL_LESS_EQUAL,
    RDL_TOP_N, RDL_BOTTOM_N, RDL_TOP_PERCENT, RDL_BOTTOM_PERCENT, RDL_IN, RDL_BETWEEN,
};

struct rdl_filter {
    struct rdl_expr expression;
    enum rdl_operator op;
    RDL_LIST(struct rdl_expr) values;
};
typedef RDL_LIST(struct rdl_filter) rdl_filters;

struct rdl_sort {
    struct rdl_expr value;
    bool descending;
};
typedef RDL_LIST(struct rdl_sort) rdl_sorts;

struct rdl_variable {
    rs_text name;
    struct rdl_expr value;
    bool writable;
};
typedef RDL_LIST(struct rdl_variable) rdl_variables;

struct rdl_custom_property {
    struct rdl_expr name, value;
};

struct rdl_group {
    rs_text name;          /* unique in the report, copies apart; made up where the file gives none */
    bool is_copy;          /* of another group, for a subtotal of a definition of 2005; has the name of that one */
    RDL_LIST(struct rdl_expr) expressions; /* none: a details group */
    rdl_filters filters;
    struct rdl_expr parent; /* present: a recursive hierarchy */
    rdl_variables variables;
    struct rdl_page_break page_break;
    struct rdl_expr page_name, document_map_label;
    rs_text domain_scope, data_element_name;
    rs_text data_collection_name; /* of the element around its instances; a definition of 2005 may give one */
    enum rdl_output data_element_output;
    unsigned line;
};

/* ---- report items ----------------------------------------------------------------------------------- */

enum rdl_item_kind {
    RDL_LINE, RDL_RECTANGLE, RDL_TEXTBOX, RDL_IMAGE, RDL_TABLIX, RDL_SUBREPORT,
    RDL_CHART, RDL_GAUGE_PANEL, RDL_MAP, RDL_CUSTOM, /* read as far as name, place and data set; drawn as a note */
};

/* "textbox", "line": what messages call it. */
const char *rdl_item_kind_name(enum rdl_item_kind kind);

struct rdl_textbox;
struct rdl_rectangle;
struct rdl_image;
struct rdl_tablix;
struct rdl_subreport;
struct rdl_opaque;

/* What every report item has, and a pointer to what only its kind has. */
struct rdl_item {
    enum rdl_item_kind kind;
    rs_text name;          /* unique in the report */
    rs_text copied_from;   /* name of the item this is a copy of, for a subtotal of a definition of 2005; empty elsewhere */
    unsigned number;       /* counts the items of a report from 0, in document order, cell contents included */
    unsigned line;
    double left_pt, top_pt, width_pt, height_pt; /* relative to the container; in a cell 0, 0 and the cell's extent */
    bool grows_wide;       /* it may come out wider: a region with column groups, or something with one inside */
    int z_index;
    struct rdl_style style;
    struct rdl_visibility visibility;
    struct rdl_action action;
    struct rdl_expr tool_tip, document_map_label, bookmark;
    rs_text repeat_with;
    rs_text data_element_name;
    enum rdl_output data_element_output;
    RDL_LIST(struct rdl_custom_property) custom_properties;
    union {
        struct rdl_textbox *textbox;
        struct rdl_rectangle *rectangle;
        struct rdl_image *image;
        struct rdl_tablix *tablix;
        struct rdl_subreport *subreport;
        struct rdl_opaque *opaque; /* chart, gauge panel, map, custom report item */
    };
};
typedef RDL_LIST(struct rdl_item *) rdl_items; /* pointers: an item is borrowed from one place */

struct rdl_text_run {
    struct rdl_expr value, label, markup_type, tool_tip;
    struct rdl_style style; /* font, colour, format, language */
    struct rdl_action action;
};

struct rdl_paragraph {
    struct rdl_style style; /* text_align, line_height */
    RDL_LIST(struct rdl_text_run) runs;
    struct rdl_expr left_indent, right_indent, hanging_indent, space_before, space_after;
    enum { RDL_LIST_NONE, RDL_LIST_BULLETED, RDL_LIST_NUMBERED } list_style;
    unsigned list_level;
};

struct rdl_textbox {
    RDL_LIST(struct rdl_paragraph) paragraphs;
    bool can_grow, can_shrink, keep_together;
    rs_text hide_duplicates;              /* a data set or group name */
    struct rdl_expr toggle_initial_state; /* ToggleImage */
    struct rdl_expr user_sort;            /* UserSort/SortExpression */
    rs_text user_sort_scope, user_sort_target;
    bool data_element_style_is_attribute; /* resolved from Auto and the report's DataElementStyle */
};

struct rdl_rectangle {
    rdl_items items;
    struct rdl_page_break page_break;
    struct rdl_expr page_name;
    bool keep_together, omit_border_on_page_break;
    rs_text link_to_child;
};

struct rdl_image {
    enum { RDL_IMAGE_EMBEDDED, RDL_IMAGE_EXTERNAL, RDL_IMAGE_DATABASE } source;
    struct rdl_expr value, mime_type;
    enum { RDL_SIZE_AUTO, RDL_SIZE_FIT, RDL_SIZE_FIT_PROPORTIONAL, RDL_SIZE_CLIP } sizing;
};

struct rdl_subreport {
    rs_text report_name;
    RDL_LIST(struct rdl_drill_parameter) parameters;
    struct rdl_expr no_rows_message;
    bool keep_together;
};

struct rdl_opaque {
    rs_text element;       /* "Chart", "GaugePanel", "Map", or the Type of a custom report item */
    rs_text data_set_name;
    struct rdl_expr no_rows_message;
    rdl_items alternative; /* CustomReportItem/AltReportItem */
};

/* ---- tablix ----------------------------------------------------------------------------------------- */

/* What stands in a cell, a header or a corner cell: at most one item. */
struct rdl_cell {
    struct rdl_item *item; /* NULL: empty */
    unsigned column_span, row_span; /* at least 1 */
    bool covered;          /* under the span of a cell to the left or above */
    rs_text data_element_name;
    enum rdl_output data_element_output;
};

enum rdl_keep_with { RDL_KEEP_NONE, RDL_KEEP_BEFORE, RDL_KEEP_AFTER };

struct rdl_member {
    struct rdl_group *group;   /* NULL: static */
    rdl_sorts sorts;
    struct rdl_cell *header;   /* NULL: no TablixHeader */
    double header_size_pt;     /* width of a row header, height of a column header */
    RDL_LIST(struct rdl_member) members;
    struct rdl_visibility visibility;
    bool fixed_data, hide_if_no_rows, repeat_on_new_page, keep_together;
    enum rdl_keep_with keep_with_group;
    rs_text data_element_name;
    enum rdl_output data_element_output;
    struct rdl_member *parent; /* NULL at the top of a hierarchy */
    unsigned number;           /* counts all members of the report from 0 */
    unsigned depth;            /* 0 at the top */
    unsigned first_leaf, leaf_count; /* body rows (or columns) below this member; a leaf has 1 */
    unsigned line;
};
typedef RDL_LIST(struct rdl_member) rdl_members;

struct rdl_tablix_row {
    double height_pt;
    RDL_LIST(struct rdl_cell) cells; /* one per column; covered ones are there too */
};

struct rdl_tablix {
    rs_text data_set_name;     /* empty: that of the container, or the report's only one */
    RDL_LIST(double) column_widths_pt;
    RDL_LIST(struct rdl_tablix_row) rows;
    rdl_members row_members, column_members; /* leaves correspond one to one with rows and columns */
    /* Corner: as many rows as the column hierarchy has header levels, as many columns as the row hierarchy has. */
    unsigned corner_rows, corner_columns;
    struct rdl_cell *corner;   /* corner_rows * corner_columns, row by row; NULL where there is none */
    /* Sizes of the header levels, outermost first: widths of row headers, heights of column headers. */
    RDL_LIST(double) row_header_widths_pt;
    RDL_LIST(double) column_header_heights_pt;
    rdl_sorts sorts;
    rdl_filters filters;
    struct rdl_page_break page_break;
    struct rdl_expr page_name, no_rows_message;
    unsigned groups_before_row_headers;
    bool right_to_left, repeat_column_headers, repeat_row_headers, fixed_column_headers, fixed_row_headers;
    bool keep_together, omit_border_on_page_break;
    bool cells_grow_wide;      /* some of them */
};

/* ---- data ------------------------------------------------------------------------------------------- */

struct rdl_field {
    rs_text name;
    rs_text data_field;     /* column of the query; empty where calculated */
    struct rdl_expr value;  /* present: a calculated field */
    rs_text type_name;      /* rd:TypeName, a hint for sample data and inline data; may be empty */
    unsigned line;
};

struct rdl_query_parameter {
    rs_text name;
    struct rdl_expr value;  /* of a shared data set's parameter: its default */
    bool read_only, nullable, omitted; /* of a shared data set's: not to be set; may be null; not for the query */
};

enum rdl_command_type { RDL_TEXT_COMMAND, RDL_STORED_PROCEDURE, RDL_TABLE_DIRECT };

struct rdl_data_set {
    rs_text name;
    unsigned number;        /* 0 ... in document order */
    unsigned line;
    RDL_LIST(struct rdl_field) fields;
    rs_text data_source_name;
    enum rdl_command_type command_type;
    struct rdl_expr command_text;
    RDL_LIST(struct rdl_query_parameter) query_parameters;
    unsigned timeout_s;     /* 0 = none */
    rs_text shared_reference; /* SharedDataSet: path of the .rsd; empty otherwise */
    enum rdl_auto case_sensitivity, accent_sensitivity, kanatype_sensitivity, width_sensitivity;
    rs_text collation;
    rdl_filters filters;
};

struct rdl_data_source {
    rs_text name;
    rs_text reference;      /* DataSourceReference: a shared data source; empty where embedded */
    rs_text provider;       /* SQL, OLEDB, ODBC, ORACLE, XML, ENTERDATA, SQLITE ... as written */
    struct rdl_expr connect_string;
    bool integrated_security, transaction;
    rs_text prompt;
    unsigned line;
};

/* ---- parameters ------------------------------------------------------------------------------------- */

struct rdl_data_set_reference {
    rs_text data_set_name, value_field, label_field;
};

struct rdl_valid_value {
    struct rdl_expr value, label;
};

struct rdl_parameter {
    rs_text name;
    enum rdl_data_type type;
    bool nullable, allow_blank, multi_value, hidden;
    bool has_prompt;
    struct rdl_expr prompt;
    bool has_default;                      /* DefaultValue is there */
    RDL_LIST(struct rdl_expr) default_values;
    struct rdl_data_set_reference default_reference; /* data_set_name empty: not used */
    bool has_valid_values;
    RDL_LIST(struct rdl_valid_value) valid_values;
    struct rdl_data_set_reference valid_reference;
    enum rdl_auto used_in_query;
    int grid_row, grid_column;             /* ReportParametersLayout; -1 where not placed */
    unsigned line;
};

/* ---- the report ------------------------------------------------------------------------------------- */

struct rdl_page_section {
    bool present;
    double height_pt;
    bool print_on_first_page, print_on_last_page, print_between_sections;
    rdl_items items;
    struct rdl_style style;
};

struct rdl_page {
    struct rdl_page_section header, footer;
    double height_pt, width_pt;
    double interactive_height_pt, interactive_width_pt; /* 0 = unlimited */
    double margin_left_pt, margin_right_pt, margin_top_pt, margin_bottom_pt;
    unsigned columns;
    double column_spacing_pt;
    struct rdl_style style;
};

struct rdl_section {
    rdl_items items;          /* of the body, in document order */
    double body_height_pt, width_pt;
    struct rdl_style body_style;
    struct rdl_page page;
    rs_text data_element_name;
    enum rdl_output data_element_output;
};

struct rdl_embedded_image {
    rs_text name, mime_type;
    rs_text base64;           /* as in the file; decoded by whoever draws it */
};

struct rdl_class {
    rs_text class_name, instance_name;
};

/* What the reader noticed and could go on without. */
enum rdl_note_kind {
    RDL_NOTE_INVALID,     /* the original refuses the report for it; report/publish refuses it in its strict mode */
    RDL_NOTE_UNKNOWN,     /* an element that RDL does not have in that place; ignored */
    RDL_NOTE_UNSUPPORTED, /* a report item or feature that is read but not shown yet */
    RDL_NOTE_REPAIRED,    /* a value or the file itself was not as it should be, and was read as well as possible */
};

struct rdl_note {
    enum rdl_note_kind kind;
    unsigned line;
    rs_text item;         /* "textbox \"Total\""; empty outside report items */
    rs_text element;      /* "Chart", "BorderStyle" */
    rs_text code;         /* RDL_NOTE_INVALID: the original's code ("rsDuplicateReportItemName"); empty elsewhere */
    rs_text message;      /* a sentence without full stop */
};

enum rdl_version { RDL_2003, RDL_2005, RDL_2008, RDL_2010, RDL_2016, RDL_NO_NAMESPACE };

struct rdl_report {
    bool is_shared_data_set; /* a .rsd: one data set, its parameters, and nothing that is shown */
    enum rdl_version version; /* of the file */
    rs_text description, author;
    struct rdl_expr language, auto_refresh, initial_page_name;
    rs_text default_font_family; /* "Arial" unless df:DefaultFontFamily says otherwise */
    RDL_LIST(struct rdl_data_source) data_sources;
    RDL_LIST(struct rdl_data_set) data_sets;
    RDL_LIST(struct rdl_parameter) parameters;
    int parameter_grid_rows, parameter_grid_columns; /* 0 where there is no layout */
    RDL_LIST(struct rdl_section) sections;
    RDL_LIST(struct rdl_embedded_image) embedded_images;
    rdl_variables variables;
    rs_text code;             /* VB; empty where none */
    unsigned code_line;
    RDL_LIST(rs_text) code_modules;
    RDL_LIST(struct rdl_class) classes;
    bool consume_container_whitespace, defer_variable_evaluation;
    bool data_element_style_is_element;
    rs_text data_element_name, data_transform, data_schema;
    RDL_LIST(struct rdl_note) notes;
    unsigned expr_count;      /* ids of rdl_expr are below this */
    unsigned item_count;      /* rdl_item.number */
    unsigned member_count;    /* rdl_member.number */
};

#endif
