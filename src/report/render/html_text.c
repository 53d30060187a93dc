/* Text boxes: paragraphs, runs, and where a click on them leads. */
#include <math.h>

#include "format/escape/markup.h"
#include "format/escape/percent.h"
#include "report/rdl/values.h"
#include "report/render/html.h"
#include "report/text/list.h"

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

/* ---- runs --------------------------------------------------------------------------------------------- */

rs_status html_run_open(struct rs_job *job, struct html_paragraph *p, size_t run, bool *opened)
{
    const struct rdl_text_run *definition = &p->definition->runs.items[run];

    RS_TRY(html_action_open(job, p->h, p->scope, &definition->action, opened));
    rs_buf_printf(&p->h->out, "<span class=\"b%ur%zu_%zu\"", p->h->at.base + p->item->number, p->number, run);
    RS_TRY(html_style_dynamic(job, p->h, p->scope, &definition->style, HTML_RUN));
    rs_buf_add_byte(&p->h->out, '>');
    return RS_OK;
}

void html_run_close(struct html_paragraph *p, bool opened)
{
    rs_buf_add(&p->h->out, opened ? RS_TEXT("</span></a>") : RS_TEXT("</span>"));
}

rs_status html_run(struct rs_job *job, struct html_paragraph *p, size_t run)
{
    bool opened;

    if (p->texts[run].text.size == 0)
        return RS_OK;
    RS_TRY(html_run_open(job, p, run, &opened));
    RS_TRY(html_script(job, p->h, p->scope, p->definition, &p->definition->runs.items[run], p->texts[run].text));
    html_run_close(p, opened);
    return RS_OK;
}

/* ---- lists -------------------------------------------------------------------------------------------- */

enum text_list html_list_of(const struct rdl_paragraph *definition)
{
    static const enum text_list lists[] = {
        [RDL_LIST_NONE] = TEXT_NO_LIST, [RDL_LIST_NUMBERED] = TEXT_NUMBERED, [RDL_LIST_BULLETED] = TEXT_BULLETED};

    return lists[definition->list_style];
}

unsigned html_list_level(const struct rdl_paragraph *definition)
{
    return definition->list_level > 0 ? definition->list_level - 1u : 0;
}

/* As on paper: the markers of report/text/list.h, and its indents. */
void html_list_open(struct html_paragraph *p, enum text_list list, unsigned level)
{
    static const char *const numbers[TEXT_LIST_MARKERS] = {"decimal", "lower-roman", "lower-alpha"};
    static const char *const bullets[TEXT_LIST_MARKERS] = {"disc", "circle", "square"};
    unsigned number = text_list_count(p->numbers, list, level);
    rs_buf *out = &p->h->out;

    if (list == TEXT_NO_LIST)
        return;
    if (list == TEXT_NUMBERED)
        rs_buf_printf(out, "<ol start=\"%u\" style=\"list-style-type:%s;", number, numbers[level % TEXT_LIST_MARKERS]);
    else
        rs_buf_printf(out, "<ul style=\"list-style-type:%s;", bullets[level % TEXT_LIST_MARKERS]);
    html_length(out, "padding-inline-start", TEXT_LIST_INDENT_PT * (level + 1));
    rs_buf_add_literal(out, "\"><li>");
}

void html_list_close(struct html_paragraph *p, enum text_list list)
{
    static const char *const ends[] = {[TEXT_NO_LIST] = "", [TEXT_NUMBERED] = "</li></ol>", [TEXT_BULLETED] = "</li></ul>"};

    rs_buf_add(&p->h->out, rs_text_from(ends[list]));
}

/* ---- paragraphs --------------------------------------------------------------------------------------- */

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

/* The paragraph has the font of its only run, or one without size. */
void html_paragraph_strut(struct html_paragraph *p)
{
    if (p->definition->runs.count == 1 && !p->definition->runs.items[0].style.font_size.is_expression)
        rs_buf_printf(&p->h->out, "b%ur%zu_0", p->h->at.base + p->item->number, p->number);
    else if (p->definition->list_style == RDL_LIST_NONE)
        rs_buf_add_byte(&p->h->out, 'm');
}

static rs_status read_runs(struct rs_job *job, struct html_paragraph *p, bool *any_markup)
{
    size_t count = p->definition->runs.count;

    p->texts = RS_NEW_ARRAY(job, struct compute_text, count);
    p->is_markup = RS_NEW_ARRAY(job, bool, count);
    *any_markup = false;
    for (size_t i = 0; i < count; i++) {
        const struct rdl_text_run *run = &p->definition->runs.items[i];
        rs_text type = RS_TEXT("");
        RS_TRY(compute_run_text(job, p->h->at.run, p->scope, p->item, run, &p->texts[i]));
        if (run->markup_type.present)
            RS_TRY(compute_eval_text(job, p->h->at.run, p->scope, &run->markup_type, RS_TEXT(""), &type));
        p->is_markup[i] = rs_text_equal_nocase(rs_text_trim(type), RS_TEXT("HTML"));
        *any_markup |= p->is_markup[i];
    }
    return RS_OK;
}

static rs_status write_runs(struct rs_job *job, struct html_paragraph *p)
{
    html_list_open(p, html_list_of(p->definition), html_list_level(p->definition));
    for (size_t i = 0; i < p->definition->runs.count; i++)
        RS_TRY(html_run(job, p, i));
    html_list_close(p, html_list_of(p->definition));
    return RS_OK;
}

static rs_status read_size(struct rs_job *job, const struct html_paragraph *p, const struct rdl_expr *expr, double *out)
{
    rs_text text;

    RS_TRY(compute_eval_text(job, p->h->at.run, p->scope, expr, RS_TEXT(""), &text));
    if (!rdl_size_parse(text, true, out))
        *out = 0;
    return RS_OK;
}

/* A block with the indents of a paragraph and the space around it, where it has any. A hanging indent moves all lines but the
 * first, one below 0 the first alone. */
static rs_status indents_open(struct rs_job *job, struct html_paragraph *p, bool *opened)
{
    const struct rdl_paragraph *d = p->definition;
    double start, end, hanging, before, after;
    rs_buf *out = &p->h->out;

    *opened = d->left_indent.present || d->right_indent.present || d->hanging_indent.present || d->space_before.present ||
              d->space_after.present;
    if (!*opened)
        return RS_OK;
    RS_TRY(read_size(job, p, &d->left_indent, &start));
    RS_TRY(read_size(job, p, &d->right_indent, &end));
    RS_TRY(read_size(job, p, &d->hanging_indent, &hanging));
    RS_TRY(read_size(job, p, &d->space_before, &before));
    RS_TRY(read_size(job, p, &d->space_after, &after));
    rs_buf_add_literal(out, "<div style=\"");
    html_length(out, "padding-inline-start", fmax(start + fmax(hanging, 0), 0));
    html_length(out, "padding-inline-end", fmax(end, 0));
    html_length(out, "padding-block-start", fmax(before, 0));
    html_length(out, "padding-block-end", fmax(after, 0));
    html_length(out, "text-indent", -hanging);
    rs_buf_add_literal(out, "\">");
    return RS_OK;
}

static rs_status write_paragraph(struct rs_job *job, struct html_paragraph *p)
{
    struct html *h = p->h;
    const struct rdl_item *item = p->item;
    bool alone = item->textbox->paragraphs.count == 1 && p->definition->runs.count == 1, duplicate = false, any_markup, indented;

    RS_TRY(read_runs(job, p, &any_markup));
    if (alone) {
        RS_TRY(is_duplicate(job, h, p->scope, item, &p->texts[0], &duplicate));
        if (duplicate)
            return RS_OK;
    }
    RS_TRY(indents_open(job, p, &indented));
    rs_buf_printf(&h->out, "<div class=\"b%up%zu%s", h->at.base + item->number, p->number,
                  html_is_general(&p->definition->style) && p->definition->runs.count == 1 &&
                          html_is_number_or_date(p->texts[0].value) ? " n" : "");
    if (!any_markup) {
        rs_buf_add_byte(&h->out, ' ');
        html_paragraph_strut(p);
    }
    if (p->number == 0 && html_toggles_something(h, item))
        rs_buf_add_literal(&h->out, " tp");
    rs_buf_add_byte(&h->out, '"');
    RS_TRY(html_style_dynamic(job, h, p->scope, &p->definition->style, HTML_PARAGRAPH));
    rs_buf_add_byte(&h->out, '>');
    if (p->number == 0)
        RS_TRY(html_toggle_control(job, h, p->scope, item));
    RS_TRY(any_markup ? html_markup(job, p) : write_runs(job, p));
    if (p->number + 1 == item->textbox->paragraphs.count)
        RS_TRY(html_sort_control(job, h, p->scope, item));
    rs_buf_add(&h->out, indented ? RS_TEXT("</div></div>") : RS_TEXT("</div>"));
    return RS_OK;
}

rs_status html_textbox(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                       const struct rdl_item *item)
{
    const struct rdl_textbox *textbox = item->textbox;
    struct text_list_numbers numbers = {0};
    bool opened;

    if (h->at.page && compute_page_wants(h->at.run, item)) {
        struct compute_text whole;
        RS_TRY(compute_textbox(job, h->at.run, scope, item, &whole));
        compute_page_record(h->at.run, h->at.page, item, whole.value);
    }
    RS_TRY(html_action_open(job, h, scope, &item->action, &opened));
    for (size_t i = 0; i < textbox->paragraphs.count; i++)
        RS_TRY(write_paragraph(job, &(struct html_paragraph){h, scope, item, &textbox->paragraphs.items[i], i, .numbers = &numbers}));
    if (opened)
        rs_buf_add_literal(&h->out, "</a>");
    return RS_OK;
}
