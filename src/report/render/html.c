#include "report/render/html.h"

#include "format/escape/markup.h"
#include "report/publish/publish.h"
#include "report/render/renderers.h"

#define HTML_STREAM_BYTES ((size_t)256 * 1024) /* a page without header goes out when it has this much */

/* ---- pages ---------------------------------------------------------------------------------------------------- */

static rs_status send(struct html *h)
{
    rs_status status = RS_OK;

    if (h->out.used > 0 && html_find_pass(h))
        status = h->sink->write(h->caller, h->sink->data, rs_buf_text(&h->out));
    rs_buf_clear(&h->out);
    return status;
}

rs_status html_flush(struct html *h)
{
    return h->can_stream && html_is_writing(h) && h->out.used >= HTML_STREAM_BYTES ? send(h) : RS_OK;
}

static rs_status write_page_section(struct rs_job *job, struct html *h, const struct rdl_page_section *section, const char *class)
{
    struct compute_scope scope = {.page = h->at.page};
    bool first = h->number == 1, last = h->number == h->total;
    rs_status status;

    if (!section->present || (first && !section->print_on_first_page) || (last && !first && !section->print_on_last_page))
        return RS_OK;
    h->in_page_section = true;
    rs_buf_printf(&h->out, "<div class=\"f %s\" style=\"min-height:", class);
    html_size(&h->out, section->height_pt);
    rs_buf_add_byte(&h->out, ';');
    RS_TRY(html_style_rules(job, h, &scope, &section->style, HTML_BOX));
    rs_buf_add_literal(&h->out, "\">");
    status = html_items(job, h, &scope, &section->items, 0, false);
    rs_buf_add_literal(&h->out, "</div>");
    h->in_page_section = false;
    return status;
}

/* The number of the page among those since the last reset, and how many these are. */
static void page_numbers(const struct html *h, struct compute_page_numbers *out)
{
    int64_t first = 1, next = h->total + 1;

    for (size_t i = 0; i < h->resets.count; i++) {
        if (h->resets.items[i] <= h->number)
            first = h->resets.items[i];
        else if (h->resets.items[i] < next)
            next = h->resets.items[i];
    }
    out->page_number = h->number - first + 1;
    out->total_pages = next - first;
}

void html_name_page(struct html *h)
{
    struct compute_page_numbers numbers = {
        .overall_page_number = h->number, .overall_total_pages = h->total, .page_name = h->page_name};

    if (!h->at.page)
        return;
    page_numbers(h, &numbers);
    compute_page_set_numbers(h->at.run, h->at.page, &numbers);
}

/* The page up to its body, behind its header. */
static rs_status write_page_start(struct rs_job *job, struct html *h)
{
    const struct rdl_section *section = &h->at.report->sections.items[0];
    struct compute_scope scope = {.page = h->at.page};

    rs_buf_add_literal(&h->out, "<div class=\"p page0\" style=\"width:");
    html_size(&h->out, section->width_pt);
    rs_buf_add_byte(&h->out, ';');
    RS_TRY(html_style_rules(job, h, &scope, &h->page_setup->style, HTML_BOX));
    rs_buf_add_literal(&h->out, "\">");
    RS_TRY(write_page_section(job, h, &h->page_setup->header, "head0"));
    rs_buf_add_literal(&h->out, "<div class=\"f body0\"");
    RS_TRY(html_style_dynamic(job, h, &scope, &section->body_style, HTML_BOX));
    rs_buf_add_byte(&h->out, '>');
    return RS_OK;
}

static rs_status begin_page(struct rs_job *job, struct html *h)
{
    h->number++;
    h->used_pt = h->fresh_pt = 0;
    h->started = h->break_asked = h->break_resets = false;
    h->toggles.count = 0;
    html_find_page_begins(h);
    if (!html_is_writing(h))
        return RS_OK;
    h->at.page = compute_page_create(h->at.run);
    html_name_page(h);
    return h->can_stream ? write_page_start(job, h) : RS_OK;
}

/* The page's body is in `out`. With a header it stands behind what the header, which may name it, turns out to be. */
static rs_status end_page(struct rs_job *job, struct html *h)
{
    rs_buf body;

    if (!html_is_writing(h))
        return RS_OK;
    html_toggle_rules(h);
    if (!h->can_stream) {
        body = h->out;
        h->out = rs_buf_in(job);
        RS_TRY(write_page_start(job, h));
        RS_TRY(send(h));
        h->out = body;
        RS_TRY(send(h));
    }
    rs_buf_add_literal(&h->out, "</div>");
    RS_TRY(write_page_section(job, h, &h->page_setup->footer, "foot0"));
    rs_buf_add_literal(&h->out, "</div>\n");
    h->at.page = NULL;
    return send(h);
}

static rs_status close_all(struct rs_job *job, const struct html_open *open)
{
    for (; open; open = open->outer)
        RS_TRY(open->close(job, open->data));
    return RS_OK;
}

static rs_status open_all(struct rs_job *job, const struct html_open *open)
{
    if (!open)
        return RS_OK;
    RS_TRY(open_all(job, open->outer));
    return open->open(job, open->data);
}

rs_status html_page_break(struct rs_job *job, struct html *h, bool reset)
{
    RS_TRY(close_all(job, h->open));
    RS_TRY(end_page(job, h));
    if ((reset || h->break_resets) && (h->counting || h->walks_once))
        rs_vec_push(h->job, &h->resets, h->number + 1);
    RS_TRY(begin_page(job, h));
    return open_all(job, h->open);
}

void html_page_break_later(struct html *h, bool reset)
{
    h->break_asked = true;
    h->break_resets |= reset;
}

void html_take_repeated(struct html *h, double height_pt)
{
    bool fresh = html_page_is_fresh(h);

    h->used_pt += height_pt;
    h->started = true;
    if (fresh)
        h->fresh_pt = h->used_pt;
}

rs_status html_take(struct rs_job *job, struct html *h, double height_pt)
{
    if (!html_fits(h, height_pt))
        RS_TRY(html_page_break(job, h, false));
    h->used_pt += height_pt;
    h->started = true;
    return RS_OK;
}

/* ---- walks ------------------------------------------------------------------------------------------------------ */

rs_status html_walk(struct rs_job *job, struct html *h)
{
    struct compute_scope body = {0};

    h->number = 0;
    memset(h->seen, 0, h->seen_count * sizeof *h->seen);
    h->page_name = RS_TEXT("");
    RS_TRY(compute_eval_text(h->job, h->at.run, &body, &h->at.report->initial_page_name, RS_TEXT(""), &h->page_name));
    RS_TRY(begin_page(job, h));
    for (size_t i = 0; i < h->at.report->sections.count; i++) {
        const struct rdl_section *section = &h->at.report->sections.items[i];
        RS_TRY(html_items(job, h, &body, &section->items, section->body_height_pt, true));
    }
    h->total = h->number; /* the last page tells its footer so */
    return end_page(job, h);
}

static void write_start(struct html *h)
{
    rs_text language = compute_globals(h->at.run)->user_language;

    if (!h->fragment) {
        rs_buf_add_literal(&h->out, "<!DOCTYPE html>\n<html");
        if (language.size > 0) {
            rs_buf_add_literal(&h->out, " lang=\"");
            escape_html(&h->out, language);
            rs_buf_add_byte(&h->out, '"');
        }
        rs_buf_add_literal(&h->out, "><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                                    "content=\"width=device-width, initial-scale=1\"><title>");
        escape_html(&h->out, compute_globals(h->at.run)->report_name);
        rs_buf_add_literal(&h->out, "</title>");
    }
    if (h->refresh > 0) /* browsers obey it in a body too */
        rs_buf_printf(&h->out, "<meta http-equiv=\"refresh\" content=\"%lld\">", (long long)h->refresh);
    rs_buf_add_literal(&h->out, "<style>");
    for (size_t i = 0; i < h->definitions.count; i++)
        html_style_sheet(&h->out, h, &h->definitions.items[i]);
    if (h->zoom != 100)
        rs_buf_printf(&h->out, "%.*s{zoom:%lld%%}", RS_TEXT_ARG(h->root), (long long)h->zoom);
    rs_buf_add_literal(&h->out, "</style>");
    if (!h->fragment)
        rs_buf_add_literal(&h->out, "</head><body>");
    rs_buf_printf(&h->out, "<div class=\"rs%s%s%.*s\">\n", h->shows_map ? " dmw" : "", h->prefix.size ? " " : "",
                  RS_TEXT_ARG(h->prefix));
    if (h->shows_map) {
        html_map_write(h);
        rs_buf_add_literal(&h->out, "<div>");
    }
}

/* "150"; words like "Page Width" leave it as it is. */
static int64_t read_zoom(const struct render_device_info *info)
{
    int64_t zoom;

    return rs_parse_int64(rs_text_trim(render_text(info, RS_TEXT("Zoom"), RS_TEXT("100"))), &zoom) && zoom >= 10 && zoom <= 500
               ? zoom
               : 100;
}

/* AutoRefresh: seconds; of a report that is looked at, not of a file that is kept. */
static rs_status read_refresh(struct rs_job *job, struct html *h)
{
    struct compute_scope body = {0};
    rs_text text;

    if (h->page_root.size == 0)
        return RS_OK;
    RS_TRY(compute_eval_text(job, h->at.run, &body, &h->at.report->auto_refresh, RS_TEXT("0"), &text));
    if (!rs_parse_int64(text, &h->refresh) || h->refresh < 0 || h->refresh > INT32_MAX)
        h->refresh = 0;
    return RS_OK;
}

/* PrefixId and LinkTarget. The prefix is the class of the root element too, so that the style sheets of two reports in one
 * page keep to their own. */
static rs_status read_names(struct rs_job *job, struct html *h, const struct render_device_info *info)
{
    rs_text prefix = render_text(info, RS_TEXT("PrefixId"), RS_TEXT(""));
    rs_buf target = rs_buf_in(h->job);

    for (size_t i = 0; i < prefix.size; i++)
        if (!rs_is_alpha(prefix.bytes[i]) && prefix.bytes[i] != '_' &&
            (i == 0 || (!rs_is_digit(prefix.bytes[i]) && prefix.bytes[i] != '-')))
            return rs_fail(job, RENDER_DEVICE_INFO,
                           "the device information setting PrefixId has the value \"%.*s\", which is not a name of letters, "
                           "digits, \"-\" and \"_\" that begins with a letter", RS_TEXT_ARG(rs_text_slice(prefix, 0, 80)));
    h->prefix = rs_text_copy(h->job, prefix);
    h->root = prefix.size > 0 ? rs_text_format(h->job, ".rs.%.*s", RS_TEXT_ARG(prefix)) : RS_TEXT(".rs");
    escape_html(&target, render_text(info, RS_TEXT("LinkTarget"), RS_TEXT("_top")));
    h->link_target = rs_buf_text(&target);
    return RS_OK;
}

static rs_status html_prepare(struct rs_job *job, struct html *h, const struct render_device_info *info)
{
    const struct rdl_page *page = h->page_setup;

    RS_TRY(render_int(job, info, RS_TEXT("Section"), 0, INT32_MAX, 0, &h->section));
    RS_TRY(render_bool(job, info, RS_TEXT("HTMLFragment"), false, &h->fragment));
    RS_TRY(render_bool(job, info, RS_TEXT("DocMap"), true, &h->shows_map));
    RS_TRY(render_bool(job, info, RS_TEXT("AccessibleTablix"), false, &h->accessible));
    RS_TRY(read_names(job, h, info));
    h->page_root = render_text(info, RENDER_PAGE_ROOT, RS_TEXT(""));
    h->zoom = read_zoom(info);
    html_toggles_read(h, render_text(info, RENDER_TOGGLES, RS_TEXT("")));
    h->sort_root = render_text(info, RENDER_SORT_ROOT, RS_TEXT(""));
    h->limit_pt = page->interactive_height_pt;
    if (h->limit_pt > 0)
        h->limit_pt -= page->margin_top_pt + page->margin_bottom_pt + (page->header.present ? page->header.height_pt : 0) +
                       (page->footer.present ? page->footer.height_pt : 0);
    if (h->limit_pt < 0)
        h->limit_pt = page->interactive_height_pt;
    h->can_stream = !page->header.present;
    RS_TRY(html_definitions_find(job, h));
    RS_TRY(read_refresh(job, h));
    RS_TRY(html_find_prepare(job, h, info));
    if (h->shows_map || html_find_wants_map(h))
        RS_TRY(html_map_prepare(job, h));
    h->shows_map = h->shows_map && h->map;
    return RS_OK;
}

static rs_status html_write(struct rs_job *job, struct html *h, const struct render_device_info *info)
{
    RS_TRY(html_prepare(job, h, info));
    h->walks_once = h->section == 0 && !h->map && !h->find && !publish_names_totals(compute_published(h->at.run));
    RS_TRY(compute_begin(job, h->at.run, h->walks_once ? COMPUTE_WALKS_DOWN : COMPUTE_WALKS_ANYHOW));
    if (!h->walks_once) {
        h->counting = true;
        RS_TRY(html_walk(job, h));
        h->counting = false;
    }
    if (h->section > h->total)
        h->section = h->total; /* as the original: past the end is the last page */
    RS_TRY(html_find_page(job, h));
    h->number = 0;
    write_start(h);
    RS_TRY(send(h));
    RS_TRY(html_walk(job, h));
    if (h->shows_map)
        rs_buf_add_literal(&h->out, "</div>");
    rs_buf_add(&h->out, h->fragment ? RS_TEXT("</div>\n") : RS_TEXT("</div></body></html>\n"));
    html_find_tell(h);
    if (h->sink->page)
        h->sink->page(h->sink->data, h->section ? h->section : 1, h->total);
    return send(h);
}

/* Three memories: `scratch` is marked and reset on the way, `keep` lasts as long as the rendering, `page` holds the page
 * at work. The sink works in the caller's job. */
static rs_status html_render(struct rs_job *job, struct compute_run *run, const struct render_device_info *info,
                             const struct render_sink *sink)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
    RS_OWNED(rs_job) keep = rs_job_create(&(struct rs_job_options){.within = job});
    RS_OWNED(rs_job) page = rs_job_create(&(struct rs_job_options){.within = job});
    struct html h = {.at = {.run = run, .report = compute_report(run)}, .sink = sink, .job = keep, .caller = job};
    rs_status status;

    h.page_setup = &h.at.report->sections.items[0].page;
    h.out = rs_buf_in(page);
    status = html_write(scratch, &h, info);
    if (status != RS_OK && rs_job_status(job) == RS_OK)
        rs_job_adopt(job, rs_job_status(scratch) != RS_OK ? scratch : keep);
    return status;
}

const struct render_format render_html5 = {
    .name = "HTML5",
    .label = "Web page",
    .mime_type = "text/html",
    .charset = "utf-8",
    .extension = "html",
    .kind = RENDER_FLOW,
    .visible = true,
    .interactive = true,
    .render = html_render,
};

/* The name that older clients ask for: the same pages. */
const struct render_format render_html4 = {
    .name = "HTML4.0",
    .label = "Web page",
    .mime_type = "text/html",
    .charset = "utf-8",
    .extension = "html",
    .kind = RENDER_FLOW,
    .visible = false,
    .interactive = true,
    .render = html_render,
};
