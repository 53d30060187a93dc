/* Plain text boxes: one paragraph, one run, nothing that differs from place to place but the text. Most cells of most
 * reports are such, and a long report is made of little else: they are one element with one class, whose start is the
 * same bytes every time.
 *
 *     <td class="b9 n">1,234.50</td>      and not      <td class="b9"><div class="b9p0 n"><span class="b9r0_0">...
 */
#include "report/render/html.h"

#include "report/publish/publish.h"

static bool run_is_plain(const struct rdl_text_run *run)
{
    return !run->markup_type.present && !run->tool_tip.present && !run->action.present &&
           !html_style_has_dynamic(&run->style, HTML_RUN);
}

static bool paragraph_is_plain(const struct rdl_paragraph *paragraph)
{
    return paragraph->runs.count == 1 && run_is_plain(&paragraph->runs.items[0]) && paragraph->list_style == RDL_LIST_NONE &&
           !paragraph->left_indent.present && !paragraph->right_indent.present && !paragraph->hanging_indent.present &&
           !paragraph->space_before.present && !paragraph->space_after.present &&
           !html_style_has_dynamic(&paragraph->style, HTML_PARAGRAPH);
}

static bool is_plain(const struct html *h, const struct html_definition *definition, const struct rdl_item *item)
{
    const struct rdl_textbox *textbox = item->textbox;

    return textbox->paragraphs.count == 1 && paragraph_is_plain(&textbox->paragraphs.items[0]) && textbox->can_grow &&
           rs_text_is_empty(textbox->hide_duplicates) && !textbox->user_sort.present && !item->visibility.hidden.present &&
           rs_text_is_empty(item->visibility.toggle_item) && !item->action.present && !item->tool_tip.present &&
           !item->bookmark.present && !item->document_map_label.present && !html_style_has_dynamic(&item->style, HTML_BOX) &&
           !rs_map_has(definition->toggle_items, item->name) &&
           (definition->base > 0 || !compute_page_wants(h->at.run, item)); /* page sections do not see into subreports */
}

const struct html_plain *html_plain_find(struct html *h, const struct html_definition *definition)
{
    const struct publish_report *published = definition->published;
    struct html_plain *plain = RS_NEW_ARRAY(h->job, struct html_plain, (size_t)published->definition->item_count + 1);

    for (unsigned i = 0; i < published->definition->item_count; i++) {
        const struct rdl_item *item = published->items[i];
        if (!item || item->kind != RDL_TEXTBOX || !is_plain(h, definition, item))
            continue;
        plain[i].cell = rs_text_format(h->job, "<td class=\"b%u\">", definition->base + i);
        plain[i].number_cell = rs_text_format(h->job, "<td class=\"b%u n\">", definition->base + i);
    }
    return plain;
}

static bool is_plain_number(const struct rdl_item *item, struct value value)
{
    return html_is_general(&item->textbox->paragraphs.items[0].style) && html_is_number_or_date(value);
}

rs_status html_plain_cell(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_item *item,
                          size_t column_span, size_t row_span)
{
    const struct html_plain *plain = &h->at.plain[item->number];
    const struct rdl_paragraph *paragraph = &item->textbox->paragraphs.items[0];
    struct compute_text text;

    RS_TRY(compute_run_text(job, h->at.run, scope, item, &paragraph->runs.items[0], &text));
    rs_text start = is_plain_number(item, text.value) ? plain->number_cell : plain->cell;
    if (column_span > 1 || row_span > 1 || h->cell_role || h->cell_class) {
        rs_buf_add_literal(&h->out, "<td");
        html_spans(&h->out, column_span, row_span);
        if (h->cell_role)
            rs_buf_printf(&h->out, " role=\"%s\"", h->cell_role);
        rs_buf_printf(&h->out, " class=\"%s%s", h->cell_class ? h->cell_class : "", h->cell_class ? " " : "");
        start = rs_text_from_offset(start, sizeof "<td class=\"" - 1);
    }
    rs_buf_add(&h->out, start);
    RS_TRY(html_script(job, h, scope, paragraph, &paragraph->runs.items[0], text.text));
    rs_buf_add_literal(&h->out, "</td>");
    return RS_OK;
}

rs_status html_plain_box(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_item *item)
{
    const struct rdl_paragraph *paragraph = &item->textbox->paragraphs.items[0];
    struct compute_text text;

    RS_TRY(compute_run_text(job, h->at.run, scope, item, &paragraph->runs.items[0], &text));
    rs_buf_printf(&h->out, "<div class=\"b%u t%s\">", h->at.base + item->number, is_plain_number(item, text.value) ? " n" : "");
    RS_TRY(html_script(job, h, scope, paragraph, &paragraph->runs.items[0], text.text));
    rs_buf_add_literal(&h->out, "</div>");
    return RS_OK;
}
