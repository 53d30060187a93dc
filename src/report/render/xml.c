/* The XML renderer: a report's data, without its layout; see xml.h. */
#include "report/render/xml.h"

#include "format/escape/percent.h"
#include "report/render/renderers.h"

static rs_text setting_extension(const struct render_device_info *info)
{
    rs_text extension = render_text(info, RS_TEXT("FileExtension"), RS_TEXT("xml"));

    return rs_text_starts(extension, RS_TEXT(".")) ? rs_text_from_offset(extension, 1) : extension;
}

static rs_text setting_encoding(const struct render_device_info *info)
{
    return render_text(info, RS_TEXT("Encoding"), RS_TEXT("UTF-8"));
}

static rs_status describe(struct rs_job *job, const struct render_device_info *info, struct render_output *out)
{
    out->mime_type = render_text(info, RS_TEXT("MIMEType"), RS_TEXT("text/xml"));
    out->extension = setting_extension(info);
    out->charset = encoded_charset(job, setting_encoding(info));
    return RS_OK;
}

/* The name space, and the address that answers with the schema; empty without a server's address. */
rs_text xml_schema_location(struct xml *x)
{
    const struct expr_globals *globals = compute_globals(x->run);
    rs_buf buf = rs_buf_in(x->job);

    if (x->omit_schema || rs_text_is_empty(globals->report_server_url))
        return (rs_text){NULL, 0};
    rs_buf_printf(&buf, "%s %.*s?", x->name_space, RS_TEXT_ARG(globals->report_server_url));
    escape_percent_write(&buf, globals->report_folder);
    if (!rs_text_ends(globals->report_folder, RS_TEXT("/")))
        rs_buf_add_literal(&buf, "%2F");
    escape_percent_write(&buf, globals->report_name);
    rs_buf_add_literal(&buf, "&rs:Command=Render&rs:Format=XML&rc:Schema=true");
    return rs_buf_text(&buf);
}

static rs_status read_settings(struct xml *x, const struct render_device_info *info, bool *schema)
{
    bool indented;

    x->own_style_sheet = compute_report(x->run)->data_transform;
    x->style_sheet = render_text(info, RS_TEXT("XSLT"), (rs_text){NULL, 0});
    RS_TRY(render_bool(x->job, info, RS_TEXT("Indented"), false, &indented));
    x->writer = xml_writer_to(&x->out.buf, indented ? 2 : 0);
    RS_TRY(render_bool(x->job, info, RS_TEXT("UseFormattedValues"), false, &x->formatted));
    RS_TRY(render_bool(x->job, info, RS_TEXT("OmitNamespace"), false, &x->omit_namespace));
    RS_TRY(render_bool(x->job, info, RS_TEXT("OmitSchema"), false, &x->omit_schema));
    x->omit_schema |= x->omit_namespace || x->style_sheet.size > 0 || x->own_style_sheet.size > 0;
    return render_bool(x->job, info, RS_TEXT("Schema"), false, schema);
}

static void name_space(struct xml *x)
{
    const struct rdl_report *report = compute_report(x->run);
    rs_text own = xml_encode_name(x->job, compute_globals(x->run)->report_name);

    x->name_space = rs_text_terminated(x->job, rs_text_is_empty(report->data_schema) ? own : report->data_schema);
    if (!*x->name_space)
        x->name_space = "Report";
}

/* Once without output, for what only the definition or the data tells: names that clash, types. */
static rs_status prepare(struct xml *x, bool types)
{
    struct xml_writer writer = x->writer;
    rs_buf unwanted = rs_buf_in(x->job);
    rs_status status;

    x->writer = xml_writer_to(&unwanted, 0);
    status = xml_write_schema(x);
    x->writer = writer;
    RS_TRY(status);
    x->only_types = types;
    if (types)
        RS_TRY(xml_write_data(x));
    x->only_types = false;
    return RS_OK;
}

static rs_status gather(struct rs_job *job, void *data, rs_text bytes)
{
    (void)job;
    rs_buf_add(data, bytes);
    return RS_OK;
}

/* A style sheet needs the whole document: it is gathered as UTF-8, and what comes out is written as the style sheet says. */
static rs_status write_transformed(struct xml *x, const struct render_sink *sink)
{
    rs_buf whole = rs_buf_in(x->job);
    struct render_sink into = {.data = &whole, .write = gather};
    rs_text document;

    RS_TRY(encoded_open(x->job, &into, RS_TEXT("UTF-8"), false, &x->out));
    xml_declare(&x->writer, RS_TEXT("utf-8"));
    RS_TRY(xml_write_data(x));
    RS_TRY(encoded_flush(&x->out, true));
    document = rs_buf_text(&whole);
    if (x->own_style_sheet.size > 0)
        RS_TRY(xml_transform(x->job, x->run, x->own_style_sheet, &document));
    if (x->style_sheet.size > 0)
        RS_TRY(xml_transform(x->job, x->run, x->style_sheet, &document));
    return sink->write(x->job, sink->data, document);
}

static rs_status write_report(struct xml *x, rs_text encoding, bool schema)
{
    x->at = xml_definition_of(x, compute_published(x->run));
    name_space(x);
    RS_TRY(prepare(x, schema));
    if (!schema && (x->own_style_sheet.size > 0 || x->style_sheet.size > 0))
        return write_transformed(x, x->out.sink);
    xml_declare(&x->writer, encoded_charset(x->job, encoding));
    RS_TRY(schema ? xml_write_schema(x) : xml_write_data(x));
    return encoded_flush(&x->out, true);
}

static rs_status render(struct rs_job *job, struct compute_run *run, const struct render_device_info *info,
                        const struct render_sink *sink)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
    struct xml x = {.job = job, .scratch = scratch, .run = run};
    rs_text encoding = setting_encoding(info);
    bool schema;
    rs_status status;

    RS_TRY(encoded_open(job, sink, encoding, !rs_text_starts_nocase(encoding, RS_TEXT("UTF-8")), &x.out));
    RS_TRY(read_settings(&x, info, &schema));
    RS_TRY(compute_begin(job, run, data_walk(compute_published(run))));
    status = write_report(&x, encoding, schema);
    return status == RS_OK || rs_job_status(job) != RS_OK ? status : rs_job_adopt(job, scratch);
}

const struct render_format render_xml = {
    .name = "XML",
    .label = "XML file with report data",
    .mime_type = "text/xml",
    .charset = "utf-8",
    .extension = "xml",
    .kind = RENDER_DATA,
    .visible = true,
    .describe = describe,
    .render = render,
};
