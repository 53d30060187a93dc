#include "report/publish/publish.h"
#include "report/render/html.h"

#include <stdio.h>

#include "report/rdl/values.h"

/* How a member of rdl_style becomes a declaration. A writer gives nothing for values that are no values: the default
 * shows, as in the original, and no text of a report gets into CSS unchecked. */
typedef void css_writer(rs_buf *out, const char *property, rs_text value);

static void css_color(rs_buf *out, const char *property, rs_text value)
{
    uint32_t argb;

    if (!rdl_color_parse(value, &argb))
        return;
    if (argb >> 24 == 0xFF)
        rs_buf_printf(out, "%s:#%06x;", property, argb & 0xFFFFFF);
    else if (argb >> 24 != 0)
        rs_buf_printf(out, "%s:#%06x%02x;", property, argb & 0xFFFFFF, argb >> 24);
}

void html_size(rs_buf *out, double pt)
{
    char digits[32];
    int size = snprintf(digits, sizeof digits, "%.2f", pt);

    while (size > 1 && digits[size - 1] == '0')
        size--;
    if (digits[size - 1] == '.')
        size--;
    rs_buf_add(out, rs_text_of(digits, (size_t)size));
    rs_buf_add_literal(out, "pt");
}

void html_length(rs_buf *out, const char *property, double pt)
{
    if (pt < 0.05 && pt > -0.05)
        return;
    rs_buf_printf(out, "%s:", property);
    html_size(out, pt);
    rs_buf_add_byte(out, ';');
}

void html_space(struct html *h, double height_pt)
{
    if (!html_is_writing(h) || height_pt < 0.05)
        return;
    rs_buf_add_literal(&h->out, "<div style=\"");
    html_length(&h->out, "height", height_pt);
    rs_buf_add_literal(&h->out, "\"></div>");
}

static void css_size(rs_buf *out, const char *property, rs_text value)
{
    double pt;

    if (!rdl_size_parse(value, false, &pt) || pt < 0)
        return;
    rs_buf_printf(out, "%s:", property);
    html_size(out, pt);
    rs_buf_add_byte(out, ';');
}

/* Ascent, descent and gap of a family, by its size: how high its lines are on paper. Browsers by themselves round each to
 * pixels, and rows that just hold their text would grow. */
static const char *line_height_of(rs_text family)
{
    static const struct {
        const char *family, *height;
    } rows[] = {
        {"Arial", "1.149"},   {"Calibri", "1.221"}, {"Cambria", "1.172"},  {"Courier New", "1.133"}, {"Georgia", "1.136"},
        {"Segoe UI", "1.33"}, {"Tahoma", "1.207"},  {"Times New Roman", "1.149"}, {"Trebuchet MS", "1.161"}, {"Verdana", "1.215"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rs_text_equal_nocase(family, rs_text_from(rows[i].family)))
            return rows[i].height;
    return "normal";
}

/* A paragraph's own is stronger than that of its font. */
static void css_line_height(rs_buf *out, const char *property, rs_text value)
{
    double pt;

    if (!rdl_size_parse(value, false, &pt) || pt <= 0)
        return;
    rs_buf_printf(out, "%s:", property);
    html_size(out, pt);
    rs_buf_add_literal(out, "!important;");
}

static void css_font(rs_buf *out, const char *property, rs_text value)
{
    rs_buf_printf(out, "%s:'", property);
    for (size_t i = 0; i < value.size; i++) {
        unsigned char c = (unsigned char)value.bytes[i];
        if (c >= 0x80 || rs_is_alpha((char)c) || rs_is_digit((char)c) || c == ' ' || c == '-' || c == '_')
            rs_buf_add_byte(out, (char)c);
    }
    rs_buf_printf(out, "',sans-serif;line-height:%s;", line_height_of(rs_text_trim(value)));
}

bool html_knows_height(rs_text family)
{
    return strcmp(line_height_of(rs_text_trim(family)), "normal") != 0;
}

void html_font_family(rs_buf *out, rs_text family)
{
    css_font(out, "font-family", family);
}

static void css_keyword(rs_buf *out, const char *property, const struct rdl_keyword *set, const char *const *names,
                        rs_text value)
{
    int found = rdl_keyword_parse(set, value, -1);

    if (found >= 0 && names[found])
        rs_buf_printf(out, "%s:%s;", property, names[found]);
}

static void css_font_style(rs_buf *out, const char *property, rs_text value)
{
    static const char *const names[] = {"normal", "italic"};

    css_keyword(out, property, rdl_font_styles, names, value);
}

static void css_weight(rs_buf *out, const char *property, rs_text value)
{
    int weight = rdl_keyword_parse(rdl_font_weights, value, 0);

    if (weight >= 100 && weight <= 900)
        rs_buf_printf(out, "%s:%d;", property, weight);
}

static void css_decoration(rs_buf *out, const char *property, rs_text value)
{
    static const char *const names[] = {"none", "underline", "overline", "line-through"};

    css_keyword(out, property, rdl_text_decorations, names, value);
}

static void css_align(rs_buf *out, const char *property, rs_text value)
{
    static const char *const names[] = {NULL, "left", "center", "right", "justify"}; /* General: by the value's type */

    css_keyword(out, property, rdl_text_aligns, names, value);
}

static void css_vertical(rs_buf *out, const char *property, rs_text value)
{
    static const char *const names[] = {"top", "middle", "bottom"}, *const in_blocks[] = {"start", "center", "end"};

    css_keyword(out, property, rdl_vertical_aligns, names, value);
    css_keyword(out, "align-content", rdl_vertical_aligns, in_blocks, value); /* of a box that is no cell */
}

static void css_direction(rs_buf *out, const char *property, rs_text value)
{
    static const char *const names[] = {"ltr", "rtl"};

    css_keyword(out, property, rdl_directions, names, value);
}

static void css_writing(rs_buf *out, const char *property, rs_text value)
{
    static const char *const names[] = {NULL, "vertical-rl", "sideways-lr"};

    css_keyword(out, property, rdl_writing_modes, names, value);
}

static const struct css_row {
    size_t member;
    enum html_part part;
    const char *property;
    css_writer *write;
} css_rows[] = {
#define ROW(member, part, property, write) {offsetof(struct rdl_style, member), part, property, write}
    ROW(background_color, HTML_BOX, "background-color", css_color),
    ROW(vertical_align, HTML_BOX, "vertical-align", css_vertical),
    ROW(direction, HTML_BOX, "direction", css_direction),
    ROW(writing_mode, HTML_BOX, "writing-mode", css_writing),
    ROW(padding[RDL_LEFT], HTML_BOX, "padding-left", css_size),
    ROW(padding[RDL_RIGHT], HTML_BOX, "padding-right", css_size),
    ROW(padding[RDL_TOP], HTML_BOX, "padding-top", css_size),
    ROW(padding[RDL_BOTTOM], HTML_BOX, "padding-bottom", css_size),
    ROW(text_align, HTML_PARAGRAPH, "text-align", css_align),
    ROW(line_height, HTML_PARAGRAPH, "line-height", css_line_height),
    ROW(font_family, HTML_RUN, "font-family", css_font),
    ROW(font_size, HTML_RUN, "font-size", css_size),
    ROW(font_style, HTML_RUN, "font-style", css_font_style),
    ROW(font_weight, HTML_RUN, "font-weight", css_weight),
    ROW(text_decoration, HTML_RUN, "text-decoration", css_decoration),
    ROW(color, HTML_RUN, "color", css_color),
#undef ROW
};
#define CSS_ROWS (sizeof css_rows / sizeof css_rows[0])

static const struct rdl_expr *css_member(const struct rdl_style *style, const struct css_row *row)
{
    return (const struct rdl_expr *)(const void *)((const char *)style + row->member);
}

/* ---- borders: three members make one declaration --------------------------------------------------------- */

static const char *const side_names[] = {"left", "right", "top", "bottom"};
static const char *const line_names[] = {
    [RDL_LINE_NONE] = "none",     [RDL_LINE_DOTTED] = "dotted",     [RDL_LINE_DASHED] = "dashed",
    [RDL_LINE_SOLID] = "solid",   [RDL_LINE_DOUBLE] = "double",     [RDL_LINE_DASH_DOT] = "dashed",
    [RDL_LINE_DASH_DOT_DOT] = "dashed", [RDL_LINE_GROOVE] = "groove", [RDL_LINE_RIDGE] = "ridge",
    [RDL_LINE_INSET] = "inset",   [RDL_LINE_OUTSET] = "outset",     [RDL_LINE_WINDOW_INSET] = "inset"};

/* A side's own member, or the one for all sides. */
static const struct rdl_expr *border_member(const struct rdl_expr *own, const struct rdl_expr *all)
{
    bool is_default = own->present && !own->is_expression && rs_text_equal_nocase(own->text, RS_TEXT("Default"));

    return own->present && !is_default ? own : all;
}

struct border_exprs {
    const struct rdl_expr *color, *style, *width;
};

static struct border_exprs border_of(const struct rdl_style *style, enum rdl_side side)
{
    const struct rdl_border *own = &style->sides[side], *all = &style->border;

    return (struct border_exprs){border_member(&own->color, &all->color), border_member(&own->style, &all->style),
                                 border_member(&own->width, &all->width)};
}

static bool border_is_dynamic(struct border_exprs border)
{
    return border.color->is_expression || border.style->is_expression || border.width->is_expression;
}

static void border_write(rs_buf *out, enum rdl_side side, rs_text color, rs_text style, rs_text width)
{
    int line = rdl_keyword_parse(rdl_border_styles, style, RDL_LINE_NONE);
    uint32_t argb;
    double pt;

    if (line == RDL_LINE_NONE || line == RDL_LINE_DEFAULT)
        return;
    if (!rdl_color_parse(color, &argb))
        argb = 0xFF000000;
    if (!rdl_size_parse(width, false, &pt) || pt <= 0 || pt > 20)
        pt = 1;
    rs_buf_printf(out, "border-%s:", side_names[side]);
    html_size(out, pt);
    rs_buf_printf(out, " %s #%06x;", line_names[line], argb & 0xFFFFFF);
}

/* ---- both kinds ---------------------------------------------------------------------------------------- */

void html_style_constant(rs_buf *out, const struct rdl_report *report, const struct rdl_style *style, enum html_part part)
{
    for (size_t i = 0; i < CSS_ROWS; i++) {
        const struct rdl_expr *expr = css_member(style, &css_rows[i]);
        if (css_rows[i].part == part && expr->present && !expr->is_expression)
            css_rows[i].write(out, css_rows[i].property, expr->text);
    }
    if (part == HTML_RUN && !style->font_family.present &&
        !rs_text_equal_nocase(report->default_font_family, RS_TEXT("Arial")))
        css_font(out, "font-family", report->default_font_family);
    if (part == HTML_BOX)
        html_background_constant(out, report, style);
    for (int side = 0; side < RDL_SIDES && part == HTML_BOX; side++) {
        struct border_exprs border = border_of(style, (enum rdl_side)side);
        if (!border_is_dynamic(border))
            border_write(out, (enum rdl_side)side, border.color->text, border.style->text, border.width->text);
    }
}

bool html_style_has_dynamic(const struct rdl_style *style, enum html_part part)
{
    if (part == HTML_BOX && html_background_is_dynamic(style))
        return true;
    for (size_t i = 0; i < CSS_ROWS; i++)
        if (css_rows[i].part == part && css_member(style, &css_rows[i])->is_expression)
            return true;
    for (int side = 0; side < RDL_SIDES && part == HTML_BOX; side++)
        if (border_is_dynamic(border_of(style, (enum rdl_side)side)))
            return true;
    return false;
}

static rs_status dynamic_borders(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                 const struct rdl_style *style)
{
    for (int side = 0; side < RDL_SIDES; side++) {
        struct border_exprs border = border_of(style, (enum rdl_side)side);
        rs_text color, line, width;
        if (!border_is_dynamic(border))
            continue;
        RS_TRY(compute_eval_text(job, h->at.run, scope, border.color, RS_TEXT(""), &color));
        RS_TRY(compute_eval_text(job, h->at.run, scope, border.style, RS_TEXT(""), &line));
        RS_TRY(compute_eval_text(job, h->at.run, scope, border.width, RS_TEXT(""), &width));
        border_write(&h->out, (enum rdl_side)side, color, line, width);
    }
    return RS_OK;
}

rs_status html_style_dynamic(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                             const struct rdl_style *style, enum html_part part)
{
    if (!html_style_has_dynamic(style, part))
        return RS_OK;
    rs_buf_add_literal(&h->out, " style=\"");
    RS_TRY(html_style_rules(job, h, scope, style, part));
    rs_buf_add_byte(&h->out, '"');
    return RS_OK;
}

rs_status html_style_rules(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                           const struct rdl_style *style, enum html_part part)
{
    for (size_t i = 0; i < CSS_ROWS; i++) {
        const struct rdl_expr *expr = css_member(style, &css_rows[i]);
        rs_text value;
        if (css_rows[i].part != part || !expr->is_expression)
            continue;
        RS_TRY(compute_eval_text(job, h->at.run, scope, expr, RS_TEXT(""), &value));
        css_rows[i].write(&h->out, css_rows[i].property, value);
    }
    if (part == HTML_BOX) {
        RS_TRY(dynamic_borders(job, h, scope, style));
        RS_TRY(html_background_dynamic(job, h, scope, style));
    }
    return RS_OK;
}

/* ---- the sheet ----------------------------------------------------------------------------------------- */

static const char sheet_base[] =
    ".rs{font:10pt 'Arial','Liberation Sans',sans-serif;color:#000;line-height:1.149;tab-size:36pt}"
    ".rs *{box-sizing:border-box}"
    ".rs .p{position:relative;background-color:#fff}"
    ".rs .p+.p{border-top:1px dashed #999;margin-top:12pt;padding-top:12pt}"
    ".rs table{border-collapse:collapse;table-layout:fixed}.rs table.w{table-layout:auto;width:max-content}"
    ".rs td{padding:0;vertical-align:top;overflow-wrap:anywhere;white-space:pre-wrap}"
    ".rs tr.a{height:0}"
    ".rs .fx{position:sticky;top:0;z-index:2}:where(.rs .fx td,.rs .fc){background-color:#fff}"
    ".rs .fc{position:sticky;z-index:1}"
    ".rs .rtl{direction:rtl}:where(.rs .rtl>*>tr>td){direction:ltr}"
    ".rs .t{white-space:pre-wrap;overflow-wrap:anywhere}"
    ".rs .n{text-align:end}"
    ".rs .m{font-size:0}:where(.rs .m>*,.rs .m>a>*){font-size:10pt}"
    ".rs .r{display:flex;align-items:flex-start}"
    ".rs .x{overflow:hidden}"
    ".rs .i>.au{width:fit-content}"
    ".rs .i>div{min-height:inherit;height:inherit;width:100%}.rs .p,.rs .f,.rs .i>div{display:flow-root}" /* margins stay inside */
    ".rs a{color:inherit}"
    ".rs .note{border:1px dashed #888;color:#555;background-color:#f6f6f6;padding:4pt;font-size:9pt;white-space:normal;box-sizing:border-box}"
    ".rs .tg{appearance:none;margin:0 3pt 0 0;width:9pt;height:9pt;border:1px solid #777;border-radius:1pt;"
    "font:8pt/7pt monospace;text-align:center;cursor:pointer;vertical-align:middle;background-color:#fff;color:#333}"
    ".rs .tp{padding-left:12pt;text-indent:-12pt}.rs .tg{text-indent:0}"
    ".rs .tg::before{content:'+'}.rs .tg:checked::before{content:'\\2212'}"
    ".rs ul,.rs ol{margin:0;padding-left:18pt}"
    ".rs .fi{background-color:#ffe066;color:#000}.rs .fi.now{background-color:#ff9d2e;outline:1px solid #b35900}"
    ".rs a.so{text-decoration:none;color:inherit;opacity:.7}.rs a.so:hover,.rs a.so:focus{opacity:1}"
    ".rs.dmw{display:flex;align-items:flex-start}"
    ".rs .dm{flex:none;position:sticky;top:0;max-height:100vh;max-width:30%;overflow:auto;margin-right:12pt;padding:6pt 9pt 6pt 0;"
    "border-right:1px solid #ccc;font-size:9pt;box-sizing:border-box}"
    ".rs .dm summary{cursor:pointer;font-weight:bold}.rs .dm ul{list-style:none;padding-left:9pt}.rs .dm a{text-decoration:none}"
    ".rs .dm a:hover,.rs .dm a:focus{text-decoration:underline}"
    "@media print{.rs .p+.p{border:0;margin:0;padding:0;break-before:page}.rs .tg,.rs .dm,.rs .so{display:none}}";

/* The classes of one report definition. */
struct sheet {
    rs_buf *out;
    rs_text root;           /* selector of the element around the pages */
    const struct html_definition *definition;
    const struct rdl_report *report;
    rs_buf rules;           /* of the class at work */
};

static void sheet_class(struct sheet *s, const char *format, unsigned number, size_t b, size_t c)
{
    if (s->rules.used == 0)
        return;
    rs_buf_add(s->out, s->root);
    rs_buf_add_byte(s->out, ' ');
    rs_buf_printf(s->out, format, s->definition->base + number, b, c);
    rs_buf_add_byte(s->out, '{');
    rs_buf_add(s->out, rs_buf_text(&s->rules));
    rs_buf_add_byte(s->out, '}');
    rs_buf_clear(&s->rules);
}

static void sheet_items(struct sheet *s, const rdl_items *items);

static void sheet_item(struct sheet *s, const struct rdl_item *item)
{
    if (!item)
        return;
    bool is_plain = s->definition->plain[item->number].cell.size > 0;
    html_style_constant(&s->rules, s->report, &item->style, HTML_BOX);
    if (is_plain) {
        const struct rdl_paragraph *paragraph = &item->textbox->paragraphs.items[0];
        html_style_constant(&s->rules, s->report, &paragraph->style, HTML_PARAGRAPH);
        html_style_constant(&s->rules, s->report, &paragraph->runs.items[0].style, HTML_RUN);
    }
    sheet_class(s, ".b%u", item->number, 0, 0);
    if (item->kind == RDL_RECTANGLE)
        sheet_items(s, &item->rectangle->items);
    if (item->kind != RDL_TEXTBOX || is_plain)
        return;
    for (size_t i = 0; i < item->textbox->paragraphs.count; i++) {
        const struct rdl_paragraph *paragraph = &item->textbox->paragraphs.items[i];
        html_style_constant(&s->rules, s->report, &paragraph->style, HTML_PARAGRAPH);
        sheet_class(s, ".b%up%zu", item->number, i, 0);
        for (size_t j = 0; j < paragraph->runs.count; j++) {
            html_style_constant(&s->rules, s->report, &paragraph->runs.items[j].style, HTML_RUN);
            sheet_class(s, ".b%ur%zu_%zu", item->number, i, j);
        }
    }
}

static void sheet_members(struct sheet *s, const struct rdl_member *members,
                          size_t count);
static void sheet_tablix(struct sheet *s, const struct rdl_tablix *tablix);

static void sheet_any(struct sheet *s, const struct rdl_item *item)
{
    sheet_item(s, item);
    if (item && item->kind == RDL_TABLIX)
        sheet_tablix(s, item->tablix);
}

static void sheet_items(struct sheet *s, const rdl_items *items)
{
    for (size_t i = 0; i < items->count; i++)
        sheet_any(s, items->items[i]);
}

static void sheet_members(struct sheet *s, const struct rdl_member *members,
                          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (members[i].header)
            sheet_any(s, members[i].header->item);
        sheet_members(s, members[i].members.items, members[i].members.count);
    }
}

static void sheet_tablix(struct sheet *s, const struct rdl_tablix *tablix)
{
    for (size_t i = 0; tablix->corner && i < (size_t)tablix->corner_rows * tablix->corner_columns; i++)
        sheet_any(s, tablix->corner[i].item);
    sheet_members(s, tablix->row_members.items, tablix->row_members.count);
    sheet_members(s, tablix->column_members.items, tablix->column_members.count);
    for (size_t i = 0; i < tablix->rows.count; i++)
        for (size_t j = 0; j < tablix->rows.items[i].cells.count; j++)
            sheet_any(s, tablix->rows.items[i].cells.items[j].item);
}

static void sheet_page(struct sheet *s, const struct rdl_page *page, size_t section)
{
    html_style_constant(&s->rules, s->report, &page->style, HTML_BOX);
    sheet_class(s, ".page%u", (unsigned)section, 0, 0);
    html_style_constant(&s->rules, s->report, &page->header.style, HTML_BOX);
    sheet_class(s, ".head%u", (unsigned)section, 0, 0);
    html_style_constant(&s->rules, s->report, &page->footer.style, HTML_BOX);
    sheet_class(s, ".foot%u", (unsigned)section, 0, 0);
}

void html_style_sheet(rs_buf *out, const struct html *h, const struct html_definition *definition)
{
    const struct rdl_report *report = definition->published->definition;
    struct sheet s = {out, h->root, definition, report, rs_buf_in(out->job)};

    if (definition->base == 0)
        rs_buf_add(out, rs_text_from(sheet_base));
    for (size_t i = 0; i < report->sections.count; i++) {
        const struct rdl_section *section = &report->sections.items[i];
        html_style_constant(&s.rules, report, &section->body_style, HTML_BOX);
        sheet_class(&s, ".body%u", (unsigned)i, 0, 0);
        sheet_items(&s, &section->items);
        if (definition->base > 0) /* of a subreport only the body is shown */
            continue;
        sheet_page(&s, &section->page, i);
        sheet_items(&s, &section->page.header.items);
        sheet_items(&s, &section->page.footer.items);
    }
}
