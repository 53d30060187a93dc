#include "web/url/viewer.h"

#include "format/escape/markup.h"
#include "format/escape/percent.h"
#include "web/url/credentials.h"
#include "web/url/prompts.h"
#include "web/url/text.h"
#include "web/url/toolbar.h"

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

    if (collector->viewer->page != 0) /* all of them in one */
        collector->viewer->page = number;
    collector->viewer->page_count = total;
}

static void note_found(void *data, int64_t matches, int64_t current)
{
    struct collector *collector = data;

    collector->viewer->matches = matches;
    collector->viewer->match = current;
}

#define OWN_SETTINGS 5

/* What the viewer decides itself, behind what the URL says: the last of equal names wins. */
static struct render_device_info viewer_info(struct exchange *x, const struct url_request *request, rs_text base)
{
    struct render_setting *items = RS_NEW_ARRAY(x->job, struct render_setting, request->info.count + OWN_SETTINGS);
    int64_t section = request->has_section ? request->section : 1;
    const struct render_setting own[OWN_SETTINGS] = {
        {RS_TEXT("HTMLFragment"), RS_TEXT("true")},
        {RS_TEXT("Section"), rs_text_format(x->job, "%lld", (long long)section)},
        {RENDER_PAGE_ROOT, url_report_link(x->job, request, base, (rs_text){NULL, 0}, "rc:Section")},
        {RENDER_FIND_AT, rs_text_format(x->job, "%lld", (long long)request->find_at)},
        {RENDER_SORT_ROOT, url_report_link(x->job, request, base, URL_SORT, "rv:Sort")},
    };

    if (request->info.count > 0)
        memcpy(items, request->info.items, request->info.count * sizeof *items);
    memcpy(items + request->info.count, own, sizeof own);
    return (struct render_device_info){items, request->info.count + OWN_SETTINGS};
}

static rs_status find_parameters(struct exchange *x, const struct url_request *request, struct url_viewer *viewer)
{
    struct service_get_parameters call = {.path = request->path, .given = request->given};

    rs_status status = service_run(x->job, &x->caller, &service_get_parameters, &call);

    viewer->call.item = call.item;
    viewer->call.parameters = call.parameters;
    return status;
}

static rs_status run_report(struct exchange *x, const struct url_request *request, struct url_viewer *viewer)
{
    struct collector collector = {rs_buf_in(x->job), viewer};
    struct render_sink sink = {.data = &collector, .write = collect, .page = note_page, .found = note_found};

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

rs_status url_viewer_redirects(struct exchange *x, const struct url_request *request, rs_text base, bool *done)
{
    rs_buf location = rs_buf_in(x->job);

    RS_TRY(url_credentials_keep(x, request, done));
    if (!*done)
        return RS_OK;
    escape_percent_write_path(&location, x->directory);
    escape_percent_write_path(&location, x->path);
    rs_buf_add(&location, url_report_link(x->job, request, base, (rs_text){NULL, 0}, "rc:Section"));
    rs_buf_printf(&location, "%lld", (long long)(request->has_section ? request->section : 1));
    return exchange_redirect(x, rs_buf_text(&location));
}

/* What a reader chose lapses where it is no choice any more. */
static void let_lapse(struct rs_job *job, struct service_parameters *given)
{
    struct compute_input *items = RS_NEW_ARRAY(job, struct compute_input, given->count);

    for (size_t i = 0; i < given->count; i++) {
        items[i] = given->items[i];
        items[i].may_lapse = true;
    }
    given->items = items;
}

/* Links to other pages and to files of the report give what is left of the values, so that they show what the viewer does. */
static void keep_what_is_left(struct rs_job *job, struct url_request *request, const struct compute_parameter *parameter)
{
    rs_text name = parameter->definition->name;
    struct exchange_pairs kept = {0};

    for (size_t i = 0; i < request->kept.count; i++)
        if (!rs_text_equal(url_parameter_name(request->kept.items[i].name), name))
            rs_vec_push(job, &kept, request->kept.items[i]);
    for (size_t i = 0; i < parameter->count && !parameter->is_default; i++)
        rs_vec_push(job, &kept, (struct exchange_pair){name, compute_parameter_text(job, parameter->values[i])});
    request->kept = kept;
}

/* Where the data source did not open for what was given, it is asked again. */
rs_status url_viewer_run(struct exchange *x, const struct url_request *request, struct url_viewer *viewer)
{
    struct url_request *own = RS_NEW(x->job, struct url_request);
    rs_status status;

    *own = *request;
    RS_TRY(url_credentials_recall(x, own));
    viewer->x = x;
    viewer->request = own;
    let_lapse(x->job, &own->given);
    status = run_report(x, own, viewer);
    for (size_t i = 0; i < viewer->call.parameters.count; i++)
        if (viewer->call.parameters.items[i]->lapsed.bytes)
            keep_what_is_left(x->job, own, viewer->call.parameters.items[i]);
    if (status != DATA_CONNECT || own->given.credential_count == 0 || viewer->call.parameters.sources.count == 0)
        return status;
    viewer->fault = rs_text_copy(x->job, service_error_text(x->job, &x->caller));
    rs_job_forgive(x->job);
    url_credentials_forget(x, own);
    own->given.credential_count = 0;
    return find_parameters(x, own, viewer);
}

/* ---- writing ------------------------------------------------------------------------------------- */

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

    const struct compute_data_prompts *sources = &viewer->call.parameters.sources;
    const struct url_credentials_form form = {viewer->x, request, sources, viewer->path_field, viewer->fault};

    rs_buf_add_literal(out, "<div class=\"bv\">");
    if (sources->count > 0)
        url_credentials_write(out, &form);
    if (asks)
        url_prompts_write(out, &prompts);
    if (viewer->call.rendered) {
        url_toolbar_write(out, viewer);
        rs_buf_printf(out, "<div class=\"bv-report\" role=\"document\" tabindex=\"0\" aria-label=\"Report page\"%s>",
                      url_toolbar_fit(viewer));
        rs_buf_add(out, viewer->body);
        rs_buf_add_literal(out, "</div>");
    } else if (sources->count > 0 && !sources->complete) {
        rs_buf_add_literal(out, "<p class=\"bv-hint\" role=\"status\">Give a user and a password for the data, then view the report.</p>");
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
