/* The HTML that a text run may hold (MarkupType HTML). It is parsed by the same code that lays it out on paper and written
 * anew, so that no tag or attribute of a report reaches the page: only paragraphs and the styles that differ.
 */
#include "report/render/html.h"

#include "format/escape/markup.h"
#include "report/layout/markup.h"

#define MARKUP_SIZE_PT 10 /* what the text around it has does not matter: only differences are written */

static void write_decoration(rs_buf *out, unsigned decoration)
{
    if (decoration == 0)
        return;
    rs_buf_add_literal(out, "text-decoration:");
    rs_buf_add(out, decoration & TEXT_UNDERLINE ? RS_TEXT("underline ") : RS_TEXT(""));
    rs_buf_add(out, decoration & TEXT_LINE_THROUGH ? RS_TEXT("line-through ") : RS_TEXT(""));
    rs_buf_add(out, decoration & TEXT_OVERLINE ? RS_TEXT("overline") : RS_TEXT(""));
    rs_buf_add_byte(out, ';');
}

static void write_style(rs_buf *out, const struct text_style *base, const struct text_style *style)
{
    rs_buf_add_literal(out, "<span style=\"");
    if (style->font->weight != base->font->weight || style->font->fake_bold != base->font->fake_bold)
        rs_buf_printf(out, "font-weight:%u;", style->font->fake_bold ? 700 : style->font->weight);
    if (style->font->italic || style->font->fake_italic)
        rs_buf_add_literal(out, "font-style:italic;");
    if (!rs_text_equal(style->font->asked, base->font->asked))
        html_font_family(out, style->font->asked);
    if (style->size_pt != base->size_pt) {
        rs_buf_add_literal(out, "font-size:");
        html_size(out, style->size_pt);
        rs_buf_add_byte(out, ';');
    }
    if (style->color != base->color)
        rs_buf_printf(out, "color:#%06x;", style->color & 0xFFFFFF);
    write_decoration(out, style->decoration);
    rs_buf_add_literal(out, "\">");
}

static void write_run(rs_buf *out, const struct text_style *base, const struct text_run *run)
{
    bool link = run->link.size > 0 && html_link_is_safe(run->link);

    if (link) {
        rs_buf_add_literal(out, "<a target=\"_top\" href=\"");
        escape_html(out, run->link);
        rs_buf_add_literal(out, "\">");
    }
    write_style(out, base, &run->style);
    escape_html(out, run->text);
    rs_buf_add(out, link ? RS_TEXT("</span></a>") : RS_TEXT("</span>"));
}

static void write_paragraph(rs_buf *out, const struct text_style *base, const struct text_paragraph *paragraph)
{
    static const char *const aligns[] = {"", "text-align:center;", "text-align:right;", "text-align:justify;"};
    static const char *const lists[] = {"", "display:list-item;list-style:disc inside;",
                                        "display:list-item;list-style:decimal inside;"};

    rs_buf_printf(out, "<div style=\"%s%s", aligns[paragraph->align], lists[paragraph->list]);
    html_length(out, "margin-left", paragraph->left_indent_pt);
    html_length(out, "margin-top", paragraph->space_before_pt);
    html_length(out, "margin-bottom", paragraph->space_after_pt);
    rs_buf_add_literal(out, "\">");
    for (size_t i = 0; i < paragraph->run_count; i++)
        write_run(out, base, &paragraph->runs[i]);
    rs_buf_add_literal(out, "</div>");
}

rs_status html_markup(struct rs_job *job, struct html *h, rs_text text)
{
    struct text_style base = {.size_pt = MARKUP_SIZE_PT};
    struct text_run run = {.text = text};
    struct text_paragraph source = {.runs = &run, .run_count = 1};
    const struct text_paragraph *paragraphs;
    size_t count;

    RS_TRY(text_font_find(job, h->at.report->default_font_family, 400, false, &base.font));
    run.style = base;
    RS_TRY(layout_markup_parse(job, &source, &paragraphs, &count));
    for (size_t i = 0; i < count; i++)
        write_paragraph(&h->out, &base, &paragraphs[i]);
    return RS_OK;
}
