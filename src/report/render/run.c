#include "report/render/run.h"

#include "base/buf.h"

static rs_status find_format(struct rs_job *job, rs_text name, const struct render_format **out)
{
    rs_buf names = rs_buf_in(job);

    *out = render_format_find(name);
    if (*out)
        return RS_OK;
    for (size_t i = 0; i < render_format_count; i++)
        rs_buf_printf(&names, "%s%s", i ? ", " : "", render_formats[i]->name);
    return rs_fail(job, RENDER_FORMAT_UNKNOWN, "there is no rendering extension \"%.*s\"; there are %.*s", RS_TEXT_ARG(name),
                   RS_TEXT_ARG(rs_buf_text(&names)));
}

static rs_status describe(struct rs_job *job, const struct render_format *format, const struct render_device_info *info,
                          struct render_output *out)
{
    *out = (struct render_output){rs_text_from(format->mime_type), rs_text_from(format->charset),
                                  rs_text_from(format->extension)};
    return format->describe ? format->describe(job, info, out) : RS_OK;
}

rs_status render_run(struct rs_job *job, struct compute_run *run, const struct render_request *request,
                     const struct render_sink *sink, struct render_output *output)
{
    const struct render_format *format;
    struct render_output ignored;

    RS_TRY(find_format(job, request->format, &format));
    RS_TRY(describe(job, format, &request->info, output ? output : &ignored));
    return format->render(job, run, &request->info, sink);
}

/* Settings of our own are no part of what was given. */
static bool device_setting(const void *device_info, rs_text name, rs_text *value)
{
    if (rs_text_starts_nocase(name, RENDER_OWN))
        return false;
    *value = render_text(device_info, name, (rs_text){NULL, 0});
    return value->bytes != NULL;
}

void render_share(const struct render_request *request, struct expr_globals *globals)
{
    const struct render_format *format = render_format_find(request->format);

    if (!format)
        return;
    globals->render_format_name = rs_text_from(format->name);
    globals->render_format_is_interactive = format->interactive;
    globals->device_setting = device_setting;
    globals->device_info = &request->info;
}

rs_status render_report(struct rs_job *job, const struct publish_report *report, const struct render_request *request,
                        const struct render_sink *sink, struct render_output *output)
{
    struct compute_options options = request->options;
    const struct render_format *format;
    struct compute_run *run;

    RS_TRY(find_format(job, request->format, &format));
    render_share(request, &options.globals);
    RS_TRY(compute_open(job, report, &options, &run));
    RS_TRY(compute_start(job, run));
    return render_run(job, run, request, sink, output);
}
