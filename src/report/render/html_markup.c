/* The HTML that a text run may hold (MarkupType HTML). It is parsed by the same code that lays it out on paper and written
 * anew, so that no tag or attribute of a report reaches the page: only paragraphs and the styles that differ. Runs that are
 * plain text stand in the same paragraphs.
 */
#include "report/render/html.h"

#include <math.h>

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

static rs_status write_run(struct rs_job *job, struct html_paragraph *p, const struct text_style *base, const struct text_run *run)
{
    rs_buf *out = &p->h->out;
    bool link = run->link.size > 0 && html_link_is_safe(run->link), opened;

    RS_TRY(html_run_open(job, p, run->origin, &opened));
    if (link && !opened) {
        rs_buf_add_literal(out, "<a target=\"_top\" href=\"");
        escape_html(out, run->link);
        rs_buf_add_literal(out, "\">");
    }
    write_style(out, base, &run->style);
    escape_html(out, run->text);
    if (run->text.size == 0) /* a line all the same */
        rs_buf_add_literal(out, "<br>");
    rs_buf_add(out, link && !opened ? RS_TEXT("</span></a>") : RS_TEXT("</span>"));
    html_run_close(p, opened);
    return RS_OK;
}

static rs_status write_paragraph(struct rs_job *job, struct html_paragraph *p, const struct text_style *base,
                                 const struct text_paragraph *paragraph)
{
    static const char *const aligns[] = {"", "text-align:center;", "text-align:right;", "text-align:justify;"};
    rs_buf *out = &p->h->out;

    rs_buf_add_literal(out, "<div class=\"");
    html_paragraph_strut(p);
    rs_buf_printf(out, "\" style=\"%s", aligns[paragraph->align]);
    html_length(out, "margin-left", paragraph->left_indent_pt + fmax(paragraph->hanging_indent_pt, 0));
    html_length(out, "margin-right", paragraph->right_indent_pt);
    html_length(out, "text-indent", -paragraph->hanging_indent_pt);
    html_length(out, "margin-top", paragraph->space_before_pt);
    html_length(out, "margin-bottom", paragraph->space_after_pt);
    rs_buf_add_literal(out, "\">");
    html_list_open(p, paragraph->list, paragraph->list_level);
    for (size_t i = 0; i < paragraph->run_count; i++) {
        const struct text_run *run = &paragraph->runs[i];
        RS_TRY(p->is_markup[run->origin] ? write_run(job, p, base, run) : html_run(job, p, run->origin));
    }
    html_list_close(p, paragraph->list);
    rs_buf_add_literal(out, "</div>");
    return RS_OK;
}

rs_status html_markup(struct rs_job *job, struct html_paragraph *p)
{
    const struct rdl_paragraph *definition = p->definition;
    struct text_style base = {.size_pt = MARKUP_SIZE_PT};
    struct text_run *runs = RS_NEW_ARRAY(job, struct text_run, definition->runs.count);
    struct text_paragraph source = {.runs = runs, .run_count = definition->runs.count, .list = html_list_of(definition),
                                    .list_level = html_list_level(definition)};
    const struct text_paragraph *paragraphs;
    size_t count;

    RS_TRY(text_font_find(job, p->h->at.report->default_font_family, 400, false, &base.font));
    for (size_t i = 0; i < source.run_count; i++)
        runs[i] = (struct text_run){.text = p->texts[i].text, .style = base};
    RS_TRY(layout_markup_parse(job, &source, p->is_markup, &paragraphs, &count));
    for (size_t i = 0; i < count; i++)
        RS_TRY(write_paragraph(job, p, &base, &paragraphs[i]));
    return RS_OK;
}
