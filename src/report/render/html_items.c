/* Where items go. RDL gives each a place in its container and lets text grow and push what stands below it. HTML does the
 * same when the container is cut apart: into bands below each other where a horizontal line meets no item, and each band
 * into columns beside each other where a vertical line meets none; what cannot be cut is placed absolutely.
 */
#include "report/render/html.h"

#include <stdlib.h>

#include "format/escape/markup.h"
#include "format/escape/percent.h"
#include "report/rdl/values.h"

#define SLACK_PT 0.75 /* items that overlap by less stand beside each other: designers round */

/* ---- cutting a container apart ---------------------------------------------------------------------------- */

struct placed {
    const struct rdl_item *item;
    double left, top, right, bottom; /* points in the container */
};

static struct placed placed_of(const struct rdl_item *item)
{
    double right = item->left_pt + item->width_pt, bottom = item->top_pt + item->height_pt;

    return (struct placed){item, item->left_pt < right ? item->left_pt : right,
                           item->top_pt < bottom ? item->top_pt : bottom, item->left_pt < right ? right : item->left_pt,
                           item->top_pt < bottom ? bottom : item->top_pt};
}

static int by_top(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;

    return x->top != y->top ? (x->top > y->top) - (x->top < y->top)
                            : (x->item->number > y->item->number) - (x->item->number < y->item->number);
}

static int by_left(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;

    return x->left != y->left ? (x->left > y->left) - (x->left < y->left)
                              : (x->item->number > y->item->number) - (x->item->number < y->item->number);
}

/* How many of the first items, sorted by top, make a band: nothing of the others begins above where they end. */
static size_t band_size(const struct placed *items, size_t count, double *bottom)
{
    size_t size = 1;

    *bottom = items[0].bottom;
    while (size < count && items[size].top < *bottom - SLACK_PT) {
        if (items[size].bottom > *bottom)
            *bottom = items[size].bottom;
        size++;
    }
    return size;
}

static size_t column_size(const struct placed *items, size_t count, double *right)
{
    size_t size = 1;

    *right = items[0].right;
    while (size < count && items[size].left < *right - SLACK_PT) {
        if (items[size].right > *right)
            *right = items[size].right;
        size++;
    }
    return size;
}

struct area {
    double left, top, width;
};

static rs_status write_bands(struct rs_job *job, struct html *h, const struct compute_scope *scope, struct placed *items,
                             size_t count, struct area area, bool may_break);

/* The element of one item: where it stands against what is above and left of it. */
static rs_status write_item(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                            const struct placed *placed, double gap_left, double gap_top, bool absolute)
{
    const struct rdl_item *item = placed->item;
    const struct rdl_textbox *text = item->kind == RDL_TEXTBOX ? item->textbox : NULL;
    bool hidden;
    rs_text toggle;

    RS_TRY(compute_hidden(job, h->run, scope, &item->visibility, &hidden));
    if (!html_is_writing(h) || (hidden && item->visibility.toggle_item.size == 0))
        return RS_OK;
    RS_TRY(html_toggle_class(job, h, scope, &item->visibility, hidden, &toggle));
    rs_buf_add_literal(&h->out, "<div");
    if (toggle.size > 0)
        rs_buf_printf(&h->out, " class=\"%.*s\"", RS_TEXT_ARG(toggle));
    rs_buf_add_literal(&h->out, " style=\"");
    if (absolute) {
        rs_buf_add_literal(&h->out, "position:absolute;");
        html_length(&h->out, "left", gap_left);
        html_length(&h->out, "top", gap_top);
        rs_buf_printf(&h->out, "z-index:%d;", item->z_index);
    } else {
        html_length(&h->out, "margin-left", gap_left);
        html_length(&h->out, "margin-top", gap_top);
        rs_buf_add_literal(&h->out, "flex:none;");
    }
    html_length(&h->out, "width", placed->right - placed->left);
    if (item->kind != RDL_TABLIX)
        html_length(&h->out, text && !text->can_grow && !text->can_shrink ? "height" : "min-height",
                     placed->bottom - placed->top);
    rs_buf_add(&h->out, item->kind == RDL_IMAGE || (text && !text->can_grow) ? RS_TEXT("overflow:hidden\">") : RS_TEXT("\">"));
    RS_TRY(html_content(job, h, scope, item, false));
    rs_buf_add_literal(&h->out, "</div>");
    return RS_OK;
}

static rs_status write_absolute(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                const struct placed *items, size_t count, struct area area, double bottom)
{
    if (html_is_writing(h)) {
        rs_buf_add_literal(&h->out, "<div style=\"position:relative;");
        html_length(&h->out, "min-height", bottom - area.top);
        rs_buf_add_literal(&h->out, "\">");
    }
    for (size_t i = 0; i < count; i++)
        RS_TRY(write_item(job, h, scope, &items[i], items[i].left - area.left, items[i].top - area.top, true));
    if (html_is_writing(h))
        rs_buf_add_literal(&h->out, "</div>");
    return RS_OK;
}

static rs_status write_columns(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                               struct placed *items, size_t count, struct area area, double bottom)
{
    double right, at = area.left;
    size_t size;

    qsort(items, count, sizeof *items, by_left);
    if (column_size(items, count, &right) == count)
        return write_absolute(job, h, scope, items, count, area, bottom);
    if (html_is_writing(h))
        rs_buf_add_literal(&h->out, "<div class=\"r\">");
    for (size_t i = 0; i < count; i += size) {
        size = column_size(items + i, count - i, &right);
        if (size == 1) {
            RS_TRY(write_item(job, h, scope, &items[i], items[i].left - at, items[i].top - area.top, false));
        } else {
            struct area inner = {items[i].left, area.top, right - items[i].left};
            if (html_is_writing(h)) {
                rs_buf_add_literal(&h->out, "<div style=\"flex:none;");
                html_length(&h->out, "margin-left", items[i].left - at);
                html_length(&h->out, "width", inner.width);
                rs_buf_add_literal(&h->out, "\">");
            }
            qsort(items + i, size, sizeof *items, by_top);
            RS_TRY(write_bands(job, h, scope, items + i, size, inner, false));
            if (html_is_writing(h))
                rs_buf_add_literal(&h->out, "</div>");
        }
        at = right;
    }
    if (html_is_writing(h))
        rs_buf_add_literal(&h->out, "</div>");
    return RS_OK;
}

/* Where links from the document map and from bookmarks lead. */
static rs_status write_anchor(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                              const struct rdl_item *item)
{
    rs_text text;

    if (h->map && item->document_map_label.present) {
        text = compute_instance_id(job, scope, item);
        if (html_map_note(h, text, text)) {
            rs_buf_add_literal(&h->out, "<a");
            html_map_anchor(h, text);
            rs_buf_add_literal(&h->out, "></a>");
        }
    }
    if (item->bookmark.present) {
        RS_TRY(compute_eval_text(job, h->run, scope, &item->bookmark, RS_TEXT(""), &text));
        if (text.size > 0) {
            rs_buf_add_literal(&h->out, "<a id=\"bm_");
            escape_percent_write(&h->out, text);
            rs_buf_add_literal(&h->out, "\"></a>");
        }
    }
    return RS_OK;
}

/* The break before or after an item that has one: data regions and rectangles. */
static rs_status break_of(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                          const struct rdl_item *item, bool *before, bool *after, bool *reset)
{
    const struct rdl_page_break *page_break = item->kind == RDL_TABLIX      ? &item->tablix->page_break
                                              : item->kind == RDL_RECTANGLE ? &item->rectangle->page_break
                                                                            : NULL;
    enum rdl_break location = RDL_BREAK_NONE;

    *reset = false;
    if (page_break)
        RS_TRY(compute_page_break(job, h->run, scope, page_break, &location, reset));
    *before = location == RDL_BREAK_START || location == RDL_BREAK_START_AND_END;
    *after = location == RDL_BREAK_END || location == RDL_BREAK_START_AND_END;
    return RS_OK;
}

/* A band that may break the page: a data region by itself breaks between its rows, anything else goes to the next page
 * whole where it does not fit. */
static rs_status write_breaking(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                struct placed *items, size_t count, struct area area, double bottom)
{
    const struct rdl_item *alone = count == 1 ? items[0].item : NULL;
    double gap = items[0].top - area.top;
    bool before = false, after = false, reset = false, hidden = false;

    if (alone)
        RS_TRY(break_of(job, h, scope, alone, &before, &after, &reset));
    if (alone && (before || after || alone->kind == RDL_TABLIX)) {
        RS_TRY(compute_hidden(job, h->run, scope, &alone->visibility, &hidden));
        if (hidden && alone->visibility.toggle_item.size == 0)
            return RS_OK;
    }
    if (before && h->started)
        RS_TRY(html_page_break(job, h, reset));
    if (alone && alone->kind == RDL_TABLIX && alone->visibility.toggle_item.size == 0) {
        if (h->started)
            h->used_pt += gap;
        html_map_note_item(job, h, scope, alone);
        if (html_is_writing(h))
            RS_TRY(write_anchor(job, h, scope, alone));
        RS_TRY(html_tablix(job, h, scope, alone, (struct html_region_place){true, items[0].left - area.left, gap}));
    } else {
        RS_TRY(html_take(job, h, bottom - area.top));
        for (size_t i = 0; i < count; i++)
            html_map_note_item(job, h, scope, items[i].item);
        if (count == 1)
            RS_TRY(write_item(job, h, scope, &items[0], items[0].left - area.left, gap, false));
        else
            RS_TRY(write_columns(job, h, scope, items, count, area, bottom));
    }
    return after ? html_page_break(job, h, reset && !before) : html_flush(h);
}

static rs_status write_bands(struct rs_job *job, struct html *h, const struct compute_scope *scope, struct placed *items,
                             size_t count, struct area area, bool may_break)
{
    double bottom;
    size_t size;

    for (size_t i = 0; i < count; i += size) {
        RS_TRY(rs_job_checkpoint(job));
        size = band_size(items + i, count - i, &bottom);
        if (may_break)
            RS_TRY(write_breaking(job, h, scope, items + i, size, area, bottom));
        else if (size == 1)
            RS_TRY(write_item(job, h, scope, &items[i], items[i].left - area.left, items[i].top - area.top, false));
        else
            RS_TRY(write_columns(job, h, scope, items + i, size, area, bottom));
        area.top = bottom;
    }
    return RS_OK;
}

rs_status html_items(struct rs_job *job, struct html *h, const struct compute_scope *scope, const rdl_items *items,
                     double width_pt, bool may_break)
{
    struct placed *placed = RS_NEW_ARRAY(job, struct placed, items->count);

    for (size_t i = 0; i < items->count; i++)
        placed[i] = placed_of(items->items[i]);
    qsort(placed, items->count, sizeof *placed, by_top);
    return write_bands(job, h, scope, placed, items->count, (struct area){0, 0, width_pt}, may_break);
}

/* ---- what an item shows -------------------------------------------------------------------------------------- */

rs_status html_box(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_item *item,
                   const char *extra)
{
    rs_buf_printf(&h->out, " class=\"b%u%s%s\"", h->base + item->number, extra[0] ? " " : "", extra);
    return html_style_dynamic(job, h, scope, &item->style, HTML_BOX);
}

bool html_link_is_safe(rs_text url)
{
    static const char *const schemes[] = {"http://", "https://", "mailto:", "ftp://", "tel:", "/", "?", "#"};

    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (rs_text_starts_nocase(url, rs_text_from(schemes[i])))
            return true;
    return false;
}

/* `<a href="...">` where the action leads somewhere. */
static rs_status open_action(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                             const struct rdl_action *action, bool *opened)
{
    rs_text url = RS_TEXT(""), bookmark = RS_TEXT("");

    *opened = false;
    if (!action->present)
        return RS_OK;
    if (action->drillthrough_report.present)
        RS_TRY(compute_drillthrough_url(job, h->run, scope, action, &url));
    else if (action->hyperlink.present)
        RS_TRY(compute_eval_text(job, h->run, scope, &action->hyperlink, RS_TEXT(""), &url));
    else
        RS_TRY(compute_eval_text(job, h->run, scope, &action->bookmark_link, RS_TEXT(""), &bookmark));
    if (bookmark.size > 0) {
        rs_buf_add_literal(&h->out, "<a href=\"#bm_");
        escape_percent_write(&h->out, bookmark);
    } else if (url.size > 0 && html_link_is_safe(url)) {
        rs_buf_add_literal(&h->out, "<a target=\"_top\" href=\"");
        escape_html(&h->out, url);
    } else {
        return RS_OK;
    }
    rs_buf_add_literal(&h->out, "\">");
    *opened = true;
    return RS_OK;
}

bool html_is_number_or_date(struct value value)
{
    return (value.kind >= VALUE_INTEGER && value.kind <= VALUE_DECIMAL) || value.kind == VALUE_DATE ||
           value.kind == VALUE_SPAN || value.kind == VALUE_OFFSET;
}

bool html_is_general(const struct rdl_style *paragraph)
{
    return !paragraph->text_align.present || rs_text_equal_nocase(paragraph->text_align.text, RS_TEXT("General"));
}

static rs_status write_run(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                           const struct rdl_item *item, size_t paragraph, size_t run, const struct compute_text *text)
{
    const struct rdl_text_run *definition = &item->textbox->paragraphs.items[paragraph].runs.items[run];
    rs_text markup = RS_TEXT("");
    bool opened;

    if (text->text.size == 0)
        return RS_OK;
    if (definition->markup_type.present)
        RS_TRY(compute_eval_text(job, h->run, scope, &definition->markup_type, RS_TEXT(""), &markup));
    RS_TRY(open_action(job, h, scope, &definition->action, &opened));
    rs_buf_printf(&h->out, "<span class=\"b%ur%zu_%zu\"", h->base + item->number, paragraph, run);
    RS_TRY(html_style_dynamic(job, h, scope, &definition->style, HTML_RUN));
    rs_buf_add_byte(&h->out, '>');
    if (rs_text_equal_nocase(rs_text_trim(markup), RS_TEXT("HTML")))
        RS_TRY(html_markup(job, h, text->text));
    else
        escape_html(&h->out, text->text);
    rs_buf_add(&h->out, opened ? RS_TEXT("</span></a>") : RS_TEXT("</span>"));
    return RS_OK;
}

/* Text of a suppressed duplicate: the same as the last visible one in this instance, on this page. */
static rs_status is_duplicate(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                              const struct rdl_item *item, const struct compute_text *text, bool *out)
{
    struct html_seen *seen = &h->seen[h->base + item->number];
    uint64_t instance;

    (void)job;
    *out = false;
    if (item->textbox->hide_duplicates.size == 0)
        return RS_OK;
    instance = compute_instance(h->run, scope, item->textbox->hide_duplicates);
    *out = seen->page == h->number && seen->instance == instance && rs_text_equal(seen->text, text->text);
    if (!*out)
        *seen = (struct html_seen){instance, rs_text_copy(h->job, text->text), h->number};
    return RS_OK;
}

static rs_status write_paragraph(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                 const struct rdl_item *item, size_t number, bool alone)
{
    const struct rdl_paragraph *paragraph = &item->textbox->paragraphs.items[number];
    bool general = html_is_general(&paragraph->style);
    bool list = paragraph->list_style != RDL_LIST_NONE, duplicate = false;
    struct compute_text *texts = RS_NEW_ARRAY(job, struct compute_text, paragraph->runs.count);

    for (size_t i = 0; i < paragraph->runs.count; i++)
        RS_TRY(compute_run_text(job, h->run, scope, item, &paragraph->runs.items[i], &texts[i]));
    if (alone && paragraph->runs.count == 1) {
        RS_TRY(is_duplicate(job, h, scope, item, &texts[0], &duplicate));
        if (duplicate)
            return RS_OK;
    }
    rs_buf_printf(&h->out, "<div class=\"b%up%zu%s\"", h->base + item->number, number,
                  general && paragraph->runs.count == 1 && html_is_number_or_date(texts[0].value) ? " n" : "");
    RS_TRY(html_style_dynamic(job, h, scope, &paragraph->style, HTML_PARAGRAPH));
    rs_buf_add_byte(&h->out, '>');
    if (number == 0)
        RS_TRY(html_toggle_control(job, h, scope, item));
    if (list)
        rs_buf_add(&h->out, paragraph->list_style == RDL_LIST_BULLETED ? RS_TEXT("<ul><li>") : RS_TEXT("<ol><li>"));
    for (size_t i = 0; i < paragraph->runs.count; i++)
        RS_TRY(write_run(job, h, scope, item, number, i, &texts[i]));
    if (list)
        rs_buf_add(&h->out, paragraph->list_style == RDL_LIST_BULLETED ? RS_TEXT("</li></ul>") : RS_TEXT("</li></ol>"));
    if (number + 1 == item->textbox->paragraphs.count)
        RS_TRY(html_sort_control(job, h, scope, item));
    rs_buf_add_literal(&h->out, "</div>");
    return RS_OK;
}

static rs_status write_textbox(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                               const struct rdl_item *item)
{
    const struct rdl_textbox *textbox = item->textbox;
    bool opened;

    if (h->page && compute_page_wants(h->run, item)) {
        struct compute_text whole;
        RS_TRY(compute_textbox(job, h->run, scope, item, &whole));
        compute_page_record(h->run, h->page, item, whole.value);
    }
    RS_TRY(open_action(job, h, scope, &item->action, &opened));
    for (size_t i = 0; i < textbox->paragraphs.count; i++)
        RS_TRY(write_paragraph(job, h, scope, item, i, textbox->paragraphs.count == 1));
    if (opened)
        rs_buf_add_literal(&h->out, "</a>");
    return RS_OK;
}

/* In the place of what cannot be shown: as large as it would be, so that all around it stands where it should. */
static void write_note(struct html *h, const char *what, const struct rdl_item *item)
{
    rs_buf_add_literal(&h->out, "<div class=\"note x\" style=\"");
    html_length(&h->out, "height", item->height_pt);
    rs_buf_printf(&h->out, "\">%s \"", what);
    escape_html(&h->out, item->name);
    rs_buf_add_literal(&h->out, "\" is not shown by this version</div>");
}

static rs_status write_image(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                             const struct rdl_item *item)
{
    static const char *const fits[] = {
        [RDL_SIZE_AUTO] = "", [RDL_SIZE_FIT] = "width:100%;height:100%", [RDL_SIZE_CLIP] = "",
        [RDL_SIZE_FIT_PROPORTIONAL] = "width:100%;height:100%;object-fit:contain;object-position:left top"};
    size_t before;
    bool opened, shown;
    rs_text tip;

    RS_TRY(open_action(job, h, scope, &item->action, &opened));
    RS_TRY(compute_eval_text(job, h->run, scope, &item->tool_tip, RS_TEXT(""), &tip));
    rs_buf_add_literal(&h->out, "<div class=\"x\" style=\"");
    html_length(&h->out, "height", item->height_pt);
    rs_buf_add_literal(&h->out, "\">");
    before = h->out.used;
    rs_buf_printf(&h->out, "<img style=\"display:block;%s\" alt=\"", fits[item->image->sizing]);
    escape_html(&h->out, tip);
    rs_buf_add_literal(&h->out, "\" src=\"");
    RS_TRY(html_picture(job, h, scope, item->image->source, &item->image->value, &item->image->mime_type, &shown));
    if (shown)
        rs_buf_add_literal(&h->out, "\">");
    else
        h->out.used = before; /* no picture: its place stays empty, as in the original */
    rs_buf_add(&h->out, opened ? RS_TEXT("</div></a>") : RS_TEXT("</div>"));
    return RS_OK;
}

/* Horizontal and vertical lines are borders; others are drawn. */
static rs_status write_line(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                            const struct rdl_item *item)
{
    const struct rdl_border *border = &item->style.border;
    double width = item->width_pt < 0 ? -item->width_pt : item->width_pt;
    double height = item->height_pt < 0 ? -item->height_pt : item->height_pt;
    bool rising = (item->width_pt < 0) != (item->height_pt < 0);
    rs_text color, thickness, line;
    uint32_t argb = 0xFF000000;
    double pt = 1;
    int style;

    RS_TRY(compute_eval_text(job, h->run, scope, &border->color, RS_TEXT("Black"), &color));
    RS_TRY(compute_eval_text(job, h->run, scope, &border->width, RS_TEXT("1pt"), &thickness));
    RS_TRY(compute_eval_text(job, h->run, scope, &border->style, RS_TEXT("Solid"), &line));
    style = rdl_keyword_parse(rdl_border_styles, line, RDL_LINE_SOLID);
    if (style == RDL_LINE_NONE)
        return RS_OK;
    if (!rdl_color_parse(color, &argb))
        argb = 0xFF000000;
    if (!rdl_size_parse(thickness, false, &pt))
        pt = 1;
    rs_buf_printf(&h->out, "<svg style=\"display:block;overflow:visible\" width=\"%.2fpt\" height=\"%.2fpt\" "
                           "viewBox=\"0 0 %.2f %.2f\"><line x1=\"0\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" stroke=\"#%06x\" "
                           "stroke-width=\"%.2f\"%s/></svg>",
                  width > 0 ? width : 0.01, height > 0 ? height : 0.01, width > 0 ? width : 0.01,
                  height > 0 ? height : 0.01, rising ? height : 0.0, width, rising ? 0.0 : height, argb & 0xFFFFFF, pt,
                  style == RDL_LINE_DOTTED ? " stroke-dasharray=\"1 2\"" : style == RDL_LINE_SOLID ? "" : " stroke-dasharray=\"4 2\"");
    return RS_OK;
}

static rs_status write_tip(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                           const struct rdl_item *item)
{
    rs_text text;

    if (!item->tool_tip.present || item->kind == RDL_IMAGE)
        return RS_OK;
    RS_TRY(compute_eval_text(job, h->run, scope, &item->tool_tip, RS_TEXT(""), &text));
    if (text.size > 0) {
        rs_buf_add_literal(&h->out, " title=\"");
        escape_html(&h->out, text);
        rs_buf_add_byte(&h->out, '"');
    }
    return RS_OK;
}

static rs_status write_kind(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                            const struct rdl_item *item)
{
    switch (item->kind) {
    case RDL_TEXTBOX:
        return write_textbox(job, h, scope, item);
    case RDL_RECTANGLE:
        return html_items(job, h, scope, &item->rectangle->items, item->width_pt, false);
    case RDL_IMAGE:
        return write_image(job, h, scope, item);
    case RDL_LINE:
        return write_line(job, h, scope, item);
    case RDL_TABLIX:
        return html_tablix(job, h, scope, item, (struct html_region_place){0});
    case RDL_SUBREPORT:
        return html_subreport(job, h, scope, item);
    default:
        write_note(h, rs_text_terminated(job, item->opaque->element), item);
        return RS_OK;
    }
}

rs_status html_content(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                       const struct rdl_item *item, bool in_cell)
{
    bool own_box = !in_cell && item->kind != RDL_LINE;

    if (!html_is_writing(h))
        return RS_OK;
    if (html_is_plain(h, item) && !in_cell)
        return html_plain_box(job, h, scope, item);
    RS_TRY(write_anchor(job, h, scope, item));
    if (own_box) {
        rs_buf_add_literal(&h->out, "<div");
        RS_TRY(html_box(job, h, scope, item, item->kind == RDL_TEXTBOX ? "t" : ""));
        RS_TRY(write_tip(job, h, scope, item));
        rs_buf_add_byte(&h->out, '>');
    }
    RS_TRY(write_kind(job, h, scope, item));
    if (own_box)
        rs_buf_add_literal(&h->out, "</div>");
    return RS_OK;
}
