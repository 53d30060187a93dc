/* What each kind of report item shows. */
#include "report/render/html.h"

#include <math.h>

#include "format/escape/markup.h"
#include "format/escape/percent.h"
#include "report/rdl/values.h"

/* Where links from the document map and from bookmarks lead. */
rs_status html_anchor(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                      const struct rdl_item *item)
{
    rs_text text;

    if (h->map && item->document_map_label.present) {
        text = html_map_item_id(job, h, scope, item);
        if (html_map_note(h, text, text)) {
            rs_buf_add_literal(&h->out, "<a");
            html_map_anchor(h, text);
            rs_buf_add_literal(&h->out, "></a>");
        }
    }
    if (item->bookmark.present) {
        RS_TRY(compute_eval_text(job, h->at.run, scope, &item->bookmark, RS_TEXT(""), &text));
        if (text.size > 0) {
            rs_buf_printf(&h->out, "<a id=\"%.*sbm_", RS_TEXT_ARG(h->prefix));
            escape_percent_write(&h->out, text);
            rs_buf_add_literal(&h->out, "\"></a>");
        }
    }
    return RS_OK;
}

rs_status html_box(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_item *item,
                   const char *extra)
{
    rs_buf_printf(&h->out, " class=\"b%u%s%s\"", h->at.base + item->number, extra[0] ? " " : "", extra);
    return html_style_dynamic(job, h, scope, &item->style, HTML_BOX);
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

rs_status html_message(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_item *item,
                       rs_text message, struct html_region_place place)
{
    bool own_box = place.may_break || item->kind == RDL_TABLIX; /* else what is around it has its style */

    if (place.may_break)
        RS_TRY(html_take(job, h, item->height_pt));
    if (!html_is_writing(h))
        return RS_OK;
    rs_buf_add_literal(&h->out, "<div class=\"i\" style=\"");
    html_length(&h->out, "margin-left", place.left_pt);
    html_length(&h->out, "margin-top", place.top_pt);
    if (place.may_break)
        html_length(&h->out, "width", item->width_pt);
    html_length(&h->out, "min-height", item->height_pt);
    rs_buf_add_literal(&h->out, "\"><div");
    if (own_box)
        RS_TRY(html_box(job, h, scope, item, "t"));
    rs_buf_add_literal(&h->out, "><div class=\"t\" style=\"");
    html_style_constant(&h->out, h->at.report, &item->style, HTML_PARAGRAPH);
    html_style_constant(&h->out, h->at.report, &item->style, HTML_RUN);
    rs_buf_add_literal(&h->out, "\">");
    escape_html(&h->out, message);
    rs_buf_add_literal(&h->out, "</div></div></div>");
    return RS_OK;
}

/* Above and below what stands in a box. */
static rs_status padding_of(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_style *style,
                            double *out)
{
    *out = 0;
    for (int side = RDL_TOP; side <= RDL_BOTTOM; side++) {
        rs_text text;
        double pt;
        RS_TRY(compute_eval_text(job, h->at.run, scope, &style->padding[side], RS_TEXT("0pt"), &text));
        *out += rdl_size_parse(text, false, &pt) ? pt : 0;
    }
    return RS_OK;
}

/* `height_pt` 0: as high as the picture. */
static void open_picture(struct html *h, double height_pt)
{
    rs_buf_add_literal(&h->out, "<div class=\"x\" style=\"");
    html_length(&h->out, "height", fmax(height_pt, 0));
    rs_buf_add_literal(&h->out, "\">");
}

static rs_status write_image(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                             const struct rdl_item *item)
{
    static const char *const fits[] = {
        [RDL_SIZE_AUTO] = "", [RDL_SIZE_FIT] = "width:100%;height:100%", [RDL_SIZE_CLIP] = "",
        [RDL_SIZE_FIT_PROPORTIONAL] = "width:100%;height:100%;object-fit:contain;object-position:left top"};
    double padding;
    size_t before;
    bool opened, shown;
    rs_text tip;

    RS_TRY(html_action_open(job, h, scope, &item->action, &opened));
    RS_TRY(compute_eval_text(job, h->at.run, scope, &item->tool_tip, RS_TEXT(""), &tip));
    RS_TRY(padding_of(job, h, scope, &item->style, &padding));
    before = h->out.used;
    open_picture(h, html_is_auto_image(item) ? 0 : item->height_pt - padding);
    rs_buf_printf(&h->out, "<img style=\"display:block;%s\" alt=\"", fits[item->image->sizing]);
    escape_html(&h->out, tip);
    rs_buf_add_literal(&h->out, "\" src=\"");
    RS_TRY(html_picture(job, h, scope, item->image->source, &item->image->value, &item->image->mime_type, &shown));
    if (shown) {
        rs_buf_add_literal(&h->out, "\">");
    } else { /* no picture: its place stays empty, as in the original */
        h->out.used = before;
        open_picture(h, item->height_pt - padding);
    }
    rs_buf_add(&h->out, opened ? RS_TEXT("</div></a>") : RS_TEXT("</div>"));
    return RS_OK;
}

rs_status html_tip(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_item *item)
{
    rs_text text;

    if (!item->tool_tip.present || item->kind == RDL_IMAGE)
        return RS_OK;
    RS_TRY(compute_eval_text(job, h->at.run, scope, &item->tool_tip, RS_TEXT(""), &text));
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
        return html_textbox(job, h, scope, item);
    case RDL_RECTANGLE:
        return html_items(job, h, scope, &item->rectangle->items, item->height_pt, false);
    case RDL_IMAGE:
        return write_image(job, h, scope, item);
    case RDL_LINE:
        return html_line(job, h, scope, item);
    case RDL_TABLIX:
        return html_tablix(job, h, scope, item, (struct html_region_place){0});
    case RDL_SUBREPORT:
        return html_subreport(job, h, scope, item, (struct html_region_place){0});
    default:
        write_note(h, rs_text_terminated(job, item->opaque->element), item);
        return RS_OK;
    }
}

rs_status html_content(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                       const struct rdl_item *item, bool in_cell)
{
    bool own_box = !in_cell && item->kind != RDL_LINE && item->kind != RDL_TABLIX; /* whose table is its box */

    if (!html_is_writing(h))
        return RS_OK;
    if (html_is_plain(h, item) && !in_cell)
        return html_plain_box(job, h, scope, item);
    RS_TRY(html_anchor(job, h, scope, item));
    if (own_box) {
        rs_buf_add_literal(&h->out, "<div");
        RS_TRY(html_box(job, h, scope, item, item->kind == RDL_TEXTBOX ? "t" : html_is_auto_image(item) ? "au" : ""));
        RS_TRY(html_tip(job, h, scope, item));
        rs_buf_add_byte(&h->out, '>');
    }
    RS_TRY(write_kind(job, h, scope, item));
    if (own_box)
        rs_buf_add_literal(&h->out, "</div>");
    return RS_OK;
}
