/* The bar above a report: plain links, menus and forms, so that all of it works without script. */
#include "web/url/toolbar.h"

#include "format/escape/markup.h"
#include "format/escape/percent.h"
#include "web/url/prompts.h"
#include "web/url/text.h"

rs_text url_report_link(struct rs_job *job, const struct url_request *request, rs_text base, rs_text without, const char *end)
{
    rs_buf link = rs_buf_in(job);

    rs_buf_add(&link, base);
    url_write_pairs_without(&link, &request->kept, without);
    rs_buf_printf(&link, "&rs:Command=Render&%s=", end);
    return rs_buf_text(&link);
}

/* ---- pages --------------------------------------------------------------------------------------- */

static rs_text page_link(rs_buf *out, const struct url_viewer *viewer, int64_t page)
{
    rs_text root = url_report_link(out->job, viewer->request, viewer->base, (rs_text){NULL, 0}, "rc:Section");

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

/* ---- zoom ---------------------------------------------------------------------------------------- */

static const struct {
    const char *value, *label, *fit; /* `fit`: for the script, which knows how large the window is */
} zooms[] = {
    {"Page Width", "Page width", " data-fit=\"width\""}, {"Whole Page", "Whole page", " data-fit=\"page\""},
    {"200", "200 %", ""}, {"150", "150 %", ""}, {"125", "125 %", ""}, {"100", "100 %", ""}, {"75", "75 %", ""}, {"50", "50 %", ""},
    {"25", "25 %", ""},
};

#define ZOOMS (sizeof zooms / sizeof zooms[0])

static rs_text zoom_of(const struct url_viewer *viewer)
{
    rs_text zoom = render_text(&viewer->request->info, RS_TEXT("Zoom"), RS_TEXT("100"));

    return rs_text_trim(zoom);
}

const char *url_toolbar_fit(const struct url_viewer *viewer)
{
    for (size_t i = 0; i < ZOOMS; i++)
        if (rs_text_equal_nocase(zoom_of(viewer), rs_text_from(zooms[i].value)))
            return zooms[i].fit;
    return "";
}

static void write_zoom(rs_buf *out, const struct url_viewer *viewer)
{
    rs_text now = zoom_of(viewer), root = url_report_link(out->job, viewer->request, viewer->base, RS_TEXT("rc:Zoom"), "rc:Zoom");
    const char *label = NULL;

    for (size_t i = 0; i < ZOOMS && !label; i++)
        if (rs_text_equal_nocase(now, rs_text_from(zooms[i].value)))
            label = zooms[i].label;
    rs_buf_add_literal(out, "<details class=\"bv-menu\"><summary class=\"bv-button\" title=\"Zoom\">" ICON("M11 11l3 3M7 4v6M4 7h6M7 2a5 5 0 1 1 0 10A5 5 0 0 1 7 2z") " ");
    escape_html(out, label ? rs_text_from(label) : rs_text_format(out->job, "%.*s %%", RS_TEXT_ARG(rs_text_slice(now, 0, 12))));
    rs_buf_add_literal(out, "</summary><ul>");
    for (size_t i = 0; i < ZOOMS; i++) {
        rs_buf_add_literal(out, "<li><a href=\"");
        escape_html(out, root);
        escape_percent_write(out, rs_text_from(zooms[i].value));
        rs_buf_printf(out, "&amp;rc:Section=%lld\">%s</a></li>", (long long)viewer->page, zooms[i].label);
    }
    rs_buf_add_literal(out, "</ul></details>");
}

/* ---- search -------------------------------------------------------------------------------------- */

static void write_hidden(rs_buf *out, const char *name, int64_t value)
{
    rs_buf_printf(out, "<input type=\"hidden\" name=\"%s\" value=\"%lld\">", name, (long long)value);
}

/* From page `from` on, around the end of the report, up to the page before it. */
static int64_t find_end(const struct url_viewer *viewer, int64_t from)
{
    return from > 1 ? from - 1 : viewer->page_count;
}

/* The next match: on this page, else on the pages behind it and then those before it. */
static rs_text next_link(rs_buf *out, const struct url_viewer *viewer)
{
    bool is_here = viewer->match < viewer->matches || viewer->page == 0;
    int64_t from = is_here ? viewer->page : viewer->page < viewer->page_count ? viewer->page + 1 : 1;
    int64_t at = is_here && viewer->match < viewer->matches ? viewer->match + 1 : 1;
    rs_text root = url_report_link(out->job, viewer->request, viewer->base, (rs_text){NULL, 0}, "rc:Section");
    rs_buf link = rs_buf_in(out->job);

    rs_buf_add(&link, root);
    rs_buf_printf(&link, "%lld&rc:StartFind=%lld&rc:EndFind=%lld&rv:FindAt=%lld&rc:FindString=", (long long)viewer->page,
                  (long long)from, (long long)find_end(viewer, from), (long long)at);
    escape_percent_write(&link, viewer->request->find_text);
    return rs_buf_text(&link);
}

static void write_found(rs_buf *out, const struct url_viewer *viewer)
{
    if (viewer->request->find_text.size == 0)
        return;
    if (viewer->matches == 0) {
        rs_buf_add_literal(out, "<span class=\"bv-found\" role=\"status\">Not found</span>");
        return;
    }
    rs_buf_add_literal(out, "<a class=\"bv-button\" data-next href=\"");
    escape_html(out, next_link(out, viewer));
    rs_buf_printf(out, "\">Next</a><span class=\"bv-found\" role=\"status\">%lld of %lld on this page</span>",
                  (long long)(viewer->match < viewer->matches ? viewer->match : viewer->matches), (long long)viewer->matches);
}

static void write_find(rs_buf *out, const struct url_viewer *viewer)
{
    int64_t from = viewer->page > 0 ? viewer->page : 1;

    rs_buf_add_literal(out, "<div class=\"bv-group\"><form class=\"bv-find\" role=\"search\" method=\"get\" action=\"\">");
    write_path_field(out, viewer);
    url_write_hidden_fields(out, &viewer->request->kept, NULL);
    write_hidden(out, "rc:Section", viewer->page);
    write_hidden(out, "rc:StartFind", from);
    write_hidden(out, "rc:EndFind", find_end(viewer, from));
    rs_buf_add_literal(out, "<input type=\"search\" name=\"rc:FindString\" maxlength=\"256\" required placeholder=\"Find\" "
                            "aria-label=\"Find in the report\" value=\"");
    escape_html(out, viewer->request->find_text);
    rs_buf_add_literal(out, "\"><button class=\"bv-button\" title=\"Find\" aria-label=\"Find\">"
                            ICON("M10 10l4 4M6.5 2a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9z") "</button></form>");
    write_found(out, viewer);
    rs_buf_add_literal(out, "</div>");
}

/* ---- the rest ------------------------------------------------------------------------------------ */

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

void url_toolbar_write(rs_buf *out, const struct url_viewer *viewer)
{
    rs_buf_add_literal(out, "<nav class=\"bv-bar\" aria-label=\"Report\">");
    write_pages(out, viewer);
    write_find(out, viewer);
    rs_buf_add_literal(out, "<div class=\"bv-group\">");
    write_zoom(out, viewer);
    write_exports(out, viewer);
    rs_buf_add_literal(out, "<a class=\"bv-button\" href=\"");
    escape_html(out, page_link(out, viewer, viewer->page));
    rs_buf_add_literal(out, "\" title=\"Run the report again\">" ICON("M13 8a5 5 0 1 1-2-4M13 2v3h-3") " Refresh</a>"
                            "<button type=\"button\" class=\"bv-button\" data-print hidden>"
                            ICON("M4 6V2h8v4M4 12H2V6h12v6h-2M4 9h8v5H4z") " Print</button></div></nav>");
}
