#include "web/url/viewer.h"

#include "format/escape/markup.h"
#include "format/escape/percent.h"
#include "web/url/prompts.h"
#include "web/url/text.h"

bool url_is_viewer_format(rs_text format)
{
    return format.size == 0 || rs_text_equal_nocase(format, RS_TEXT("HTML5")) ||
           rs_text_equal_nocase(format, RS_TEXT("HTML4.0"));
}

void url_report_policy(struct exchange *x)
{
    rs_text ancestors = x->settings->frame_ancestors;
    rs_text policy = RS_TEXT("default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src * data:; "
                             "font-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'");

    if (ancestors.size > 0)
        policy = rs_text_format(x->job, "%.*s; frame-ancestors %.*s", RS_TEXT_ARG(policy), RS_TEXT_ARG(ancestors));
    exchange_field(x, "Content-Security-Policy", policy);
}

/* ---- running ------------------------------------------------------------------------------------- */

static rs_status collect(struct rs_job *job, void *data, rs_text bytes)
{
    (void)job;
    rs_buf_add(data, bytes);
    return RS_OK;
}

struct collector {
    rs_buf body;
    struct url_viewer *viewer;
};

static void note_page(void *data, int64_t number, int64_t total)
{
    struct collector *collector = data;

    collector->viewer->page = number;
    collector->viewer->page_count = total;
}

/* Links to the report as it is, for the page to be put behind ("...&rc:Section="), or the sorts. */
static rs_text link_root(struct rs_job *job, const struct url_request *request, rs_text base, rs_text without, const char *end)
{
    rs_buf link = rs_buf_in(job);

    rs_buf_add(&link, base);
    url_write_pairs_without(&link, &request->kept, without);
    rs_buf_printf(&link, "&rs:Command=Render&%s=", end);
    return rs_buf_text(&link);
}

#define OWN_SETTINGS 4

/* What the viewer decides itself, behind what the URL says: the last of equal names wins. */
static struct render_device_info viewer_info(struct exchange *x, const struct url_request *request, rs_text base)
{
    struct render_setting *items = RS_NEW_ARRAY(x->job, struct render_setting, request->info.count + OWN_SETTINGS);
    int64_t section = request->has_section ? request->section : 1;
    const struct render_setting own[OWN_SETTINGS] = {
        {RS_TEXT("HTMLFragment"), RS_TEXT("true")},
        {RS_TEXT("Section"), rs_text_format(x->job, "%lld", (long long)section)},
        {RENDER_PAGE_ROOT, link_root(x->job, request, base, (rs_text){NULL, 0}, "rc:Section")},
        {RENDER_SORT_ROOT, link_root(x->job, request, base, URL_SORT, "rv:Sort")},
    };

    if (request->info.count > 0)
        memcpy(items, request->info.items, request->info.count * sizeof *items);
    memcpy(items + request->info.count, own, sizeof own);
    return (struct render_device_info){items, request->info.count + OWN_SETTINGS};
}

static rs_status find_parameters(struct exchange *x, const struct url_request *request, struct url_viewer *viewer)
{
    struct service_get_parameters call = {.path = request->path, .given = request->given};

    RS_TRY(service_run(x->job, &x->caller, &service_get_parameters, &call));
    viewer->call.item = call.item;
    viewer->call.parameters = call.parameters;
    return RS_OK;
}

rs_status url_viewer_run(struct exchange *x, const struct url_request *request, struct url_viewer *viewer)
{
    struct collector collector = {rs_buf_in(x->job), viewer};
    struct render_sink sink = {.data = &collector, .write = collect, .page = note_page};

    viewer->request = request;
    viewer->page = request->has_section ? request->section : 1;
    if (request->prompts_only)
        return find_parameters(x, request, viewer);
    viewer->call = (struct service_render_report){
        .path = request->path,
        .given = request->given,
        .format = URL_VIEWER_FORMAT,
        .info = viewer_info(x, request, viewer->base),
        .prompts = true,
        .sink = &sink,
    };
    RS_TRY(service_run(x->job, &x->caller, &service_render_report, &viewer->call));
    viewer->call.sink = NULL;
    viewer->body = rs_buf_text(&collector.body);
    return RS_OK;
}

/* ---- writing ------------------------------------------------------------------------------------- */

static rs_text page_link(rs_buf *out, const struct url_viewer *viewer, int64_t page)
{
    rs_text root = link_root(out->job, viewer->request, viewer->base, (rs_text){NULL, 0}, "rc:Section");

    return rs_text_format(out->job, "%.*s%lld", RS_TEXT_ARG(root), (long long)page);
}

static void write_page_button(rs_buf *out, const struct url_viewer *viewer, int64_t page, const char *label,
                              const char *sign)
{
    bool possible = page >= 1 && page != viewer->page && page <= viewer->page_count;

    if (!possible) {
        rs_buf_printf(out, "<span class=\"bv-button\" role=\"link\" aria-disabled=\"true\" aria-label=\"%s\">%s</span>",
                      label, sign);
        return;
    }
    rs_buf_add_literal(out, "<a class=\"bv-button\" href=\"");
    escape_html(out, page_link(out, viewer, page));
    rs_buf_printf(out, "\" aria-label=\"%s\" title=\"%s\">%s</a>", label, label, sign);
}

static void write_path_field(rs_buf *out, const struct url_viewer *viewer)
{
    if (viewer->path_field.size == 0)
        return;
    rs_buf_add_literal(out, "<input type=\"hidden\" value=\"\" name=\"");
    escape_html(out, viewer->path_field);
    rs_buf_add_literal(out, "\">");
}

#define ICON(path) "<svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"" path "\"/></svg>"

static void write_pages(rs_buf *out, const struct url_viewer *viewer)
{
    if (viewer->page_count <= 0 || viewer->page == 0)
        return;
    rs_buf_add_literal(out, "<div class=\"bv-group\">");
    write_page_button(out, viewer, 1, "First page", ICON("M3 3v10M13 3L6 8l7 5z"));
    write_page_button(out, viewer, viewer->page - 1, "Previous page", ICON("M11 3L4 8l7 5z"));
    rs_buf_add_literal(out, "<form class=\"bv-page\" method=\"get\" action=\"\">");
    write_path_field(out, viewer);
    url_write_hidden_fields(out, &viewer->request->kept, NULL);
    rs_buf_printf(out, "<label>Page <input name=\"rc:Section\" type=\"number\" min=\"1\" max=\"%lld\" value=\"%lld\" "
                       "inputmode=\"numeric\"></label> of %lld</form>",
                  (long long)viewer->page_count, (long long)viewer->page, (long long)viewer->page_count);
    write_page_button(out, viewer, viewer->page + 1, "Next page", ICON("M5 3l7 5-7 5z"));
    write_page_button(out, viewer, viewer->page_count, "Last page", ICON("M13 3v10M3 3l7 5-7 5z"));
    rs_buf_add_literal(out, "</div>");
}

static void write_exports(rs_buf *out, const struct url_viewer *viewer)
{
    rs_buf_add_literal(out, "<details class=\"bv-menu\"><summary class=\"bv-button\">" ICON("M8 2v8M4 7l4 4 4-4M3 14h10")
                            " Export</summary><ul>");
    for (size_t i = 0; i < render_format_count; i++) {
        const struct render_format *format = render_formats[i];
        rs_buf link = rs_buf_in(out->job);
        if (!format->visible || url_is_viewer_format(rs_text_from(format->name)))
            continue;
        rs_buf_add(&link, viewer->base);
        url_write_pairs(&link, &viewer->request->kept);
        rs_buf_printf(&link, "&rs:Command=Render&rs:Format=%s", format->name);
        rs_buf_add_literal(out, "<li><a href=\"");
        escape_html(out, rs_buf_text(&link));
        rs_buf_add_literal(out, "\" download>");
        escape_html(out, rs_text_from(format->label));
        rs_buf_add_literal(out, "</a></li>");
    }
    rs_buf_add_literal(out, "</ul></details>");
}

static void write_bar(rs_buf *out, const struct url_viewer *viewer)
{
    rs_buf_add_literal(out, "<nav class=\"bv-bar\" aria-label=\"Report\">");
    write_pages(out, viewer);
    rs_buf_add_literal(out, "<div class=\"bv-group\">");
    write_exports(out, viewer);
    rs_buf_add_literal(out, "<a class=\"bv-button\" href=\"");
    escape_html(out, page_link(out, viewer, viewer->page));
    rs_buf_add_literal(out, "\" title=\"Run the report again\">" ICON("M13 8a5 5 0 1 1-2-4M13 2v3h-3") " Refresh</a>"
                            "<button type=\"button\" class=\"bv-button\" data-print hidden>"
                            ICON("M4 6V2h8v4M4 12H2V6h12v6h-2M4 9h8v5H4z") " Print</button></div></nav>");
}

void url_viewer_write(rs_buf *out, const struct url_viewer *viewer)
{
    const struct url_request *request = viewer->request;
    bool asks = url_prompts_needed(&viewer->call.parameters) && request->parameter_area != URL_PARAMETERS_ABSENT;
    struct url_prompts prompts = {
        .parameters = &viewer->call.parameters,
        .request = request,
        .path_field = viewer->path_field,
        .open = !viewer->call.rendered || request->parameter_area == URL_PARAMETERS_SHOWN,
    };

    rs_buf_add_literal(out, "<div class=\"bv\">");
    if (asks)
        url_prompts_write(out, &prompts);
    if (viewer->call.rendered) {
        write_bar(out, viewer);
        rs_buf_add_literal(out, "<div class=\"bv-report\" role=\"document\" tabindex=\"0\" aria-label=\"Report page\">");
        rs_buf_add(out, viewer->body);
        rs_buf_add_literal(out, "</div>");
    } else if (asks) {
        rs_buf_add_literal(out, "<p class=\"bv-hint\" role=\"status\">Give the parameters, then view the report.</p>");
    } else {
        rs_buf_add_literal(out, "<p class=\"bv-hint\" role=\"status\">The report needs values for parameters that it does "
                                "not ask for; give them in its address.</p>");
    }
    rs_buf_add_literal(out, "</div>");
}

static const struct exchange_asset *asset(const char *name)
{
    return exchange_asset_find(url_assets, url_assets_count, rs_text_from(name));
}

void url_viewer_write_head(rs_buf *out, rs_text prefix)
{
    rs_buf_printf(out, "<link rel=\"stylesheet\" href=\"%.*sviewer.css?v=%s\">"
                       "<script src=\"%.*sviewer.js?v=%s\" defer></script>",
                  RS_TEXT_ARG(prefix), asset("viewer.css")->tag, RS_TEXT_ARG(prefix), asset("viewer.js")->tag);
}
