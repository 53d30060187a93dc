/* Text boxes: paragraphs, runs, and where a click on them leads. */
#include "format/escape/markup.h"
#include "format/escape/percent.h"
#include "report/render/html.h"

bool html_link_is_safe(rs_text url)
{
    static const char *const schemes[] = {"http://", "https://", "mailto:", "ftp://", "tel:", "/", "?", "#"};

    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (rs_text_starts_nocase(url, rs_text_from(schemes[i])))
            return true;
    return false;
}

/* `<a href="...">` where the action leads somewhere. */
rs_status html_action_open(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                           const struct rdl_action *action, bool *opened)
{
    rs_text url = RS_TEXT(""), bookmark = RS_TEXT("");

    *opened = false;
    if (!action->present)
        return RS_OK;
    if (action->drillthrough_report.present)
        RS_TRY(compute_drillthrough_url(job, h->at.run, scope, action, &url));
    else if (action->hyperlink.present)
        RS_TRY(compute_eval_text(job, h->at.run, scope, &action->hyperlink, RS_TEXT(""), &url));
    else
        RS_TRY(compute_eval_text(job, h->at.run, scope, &action->bookmark_link, RS_TEXT(""), &bookmark));
    if (bookmark.size > 0) {
        rs_buf_printf(&h->out, "<a href=\"#%.*sbm_", RS_TEXT_ARG(h->prefix));
        escape_percent_write(&h->out, bookmark);
    } else if (url.size > 0 && html_link_is_safe(url)) {
        rs_buf_printf(&h->out, "<a target=\"%.*s\" href=\"", RS_TEXT_ARG(h->link_target));
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
        RS_TRY(compute_eval_text(job, h->at.run, scope, &definition->markup_type, RS_TEXT(""), &markup));
    RS_TRY(html_action_open(job, h, scope, &definition->action, &opened));
    rs_buf_printf(&h->out, "<span class=\"b%ur%zu_%zu\"", h->at.base + item->number, paragraph, run);
    RS_TRY(html_style_dynamic(job, h, scope, &definition->style, HTML_RUN));
    rs_buf_add_byte(&h->out, '>');
    if (rs_text_equal_nocase(rs_text_trim(markup), RS_TEXT("HTML")))
        RS_TRY(html_markup(job, h, text->text));
    else
        RS_TRY(html_script(job, h, scope, &item->textbox->paragraphs.items[paragraph], definition, text->text));
    rs_buf_add(&h->out, opened ? RS_TEXT("</span></a>") : RS_TEXT("</span>"));
    return RS_OK;
}

/* Text of a suppressed duplicate: the same as the last visible one in this instance, on this page. */
static rs_status is_duplicate(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                              const struct rdl_item *item, const struct compute_text *text, bool *out)
{
    struct html_seen *seen = &h->seen[h->at.base + item->number];
    uint64_t instance;

    (void)job;
    *out = false;
    if (item->textbox->hide_duplicates.size == 0)
        return RS_OK;
    instance = compute_instance(h->at.run, scope, item->textbox->hide_duplicates);
    *out = seen->page == h->number && seen->instance == instance && rs_text_equal(seen->text, text->text);
    if (!*out)
        *seen = (struct html_seen){instance, rs_text_copy(h->job, text->text), h->number};
    return RS_OK;
}

/* Lines are as high as their text: the paragraph has the font of its only run, or one without size. */
static void write_strut(struct html *h, const struct rdl_item *item, size_t number)
{
    const struct rdl_paragraph *paragraph = &item->textbox->paragraphs.items[number];

    if (paragraph->runs.count == 1 && !paragraph->runs.items[0].style.font_size.is_expression)
        rs_buf_printf(&h->out, " b%ur%zu_0", h->at.base + item->number, number);
    else if (paragraph->list_style == RDL_LIST_NONE)
        rs_buf_add_literal(&h->out, " m");
}

static rs_status write_paragraph(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                 const struct rdl_item *item, size_t number, bool alone)
{
    const struct rdl_paragraph *paragraph = &item->textbox->paragraphs.items[number];
    bool general = html_is_general(&paragraph->style);
    bool list = paragraph->list_style != RDL_LIST_NONE, duplicate = false;
    struct compute_text *texts = RS_NEW_ARRAY(job, struct compute_text, paragraph->runs.count);

    for (size_t i = 0; i < paragraph->runs.count; i++)
        RS_TRY(compute_run_text(job, h->at.run, scope, item, &paragraph->runs.items[i], &texts[i]));
    if (alone && paragraph->runs.count == 1) {
        RS_TRY(is_duplicate(job, h, scope, item, &texts[0], &duplicate));
        if (duplicate)
            return RS_OK;
    }
    rs_buf_printf(&h->out, "<div class=\"b%up%zu%s", h->at.base + item->number, number,
                  general && paragraph->runs.count == 1 && html_is_number_or_date(texts[0].value) ? " n" : "");
    write_strut(h, item, number);
    if (number == 0 && html_toggles_something(h, item))
        rs_buf_add_literal(&h->out, " tp");
    rs_buf_add_byte(&h->out, '"');
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

rs_status html_textbox(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                       const struct rdl_item *item)
{
    const struct rdl_textbox *textbox = item->textbox;
    bool opened;

    if (h->at.page && compute_page_wants(h->at.run, item)) {
        struct compute_text whole;
        RS_TRY(compute_textbox(job, h->at.run, scope, item, &whole));
        compute_page_record(h->at.run, h->at.page, item, whole.value);
    }
    RS_TRY(html_action_open(job, h, scope, &item->action, &opened));
    for (size_t i = 0; i < textbox->paragraphs.count; i++)
        RS_TRY(write_paragraph(job, h, scope, item, i, textbox->paragraphs.count == 1));
    if (opened)
        rs_buf_add_literal(&h->out, "</a>");
    return RS_OK;
}
