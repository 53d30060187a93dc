/* Pictures as addresses: of what the browser fetches, or the picture itself as data. */
#include "report/render/html.h"

#include <stdio.h>

#include "format/escape/base64.h"
#include "format/escape/markup.h"
#include "report/rdl/values.h"

static const struct rdl_embedded_image *embedded_image(const struct rdl_report *report, rs_text name)
{
    for (size_t i = 0; i < report->embedded_images.count; i++)
        if (rs_text_equal(report->embedded_images.items[i].name, name))
            return &report->embedded_images.items[i];
    return NULL;
}

/* The MIME type of an image, for a data: URL; "image/png" where it is not one that browsers show. */
static rs_text image_type(rs_text type)
{
    static const char *const known[] = {"image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp", "image/x-png"};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (rs_text_equal_nocase(type, rs_text_from(known[i])))
            return rs_text_from(known[i]);
    return rs_text_equal_nocase(type, RS_TEXT("image/jpg")) ? RS_TEXT("image/jpeg") : RS_TEXT("image/png");
}

/* The MIME type of a picture by how it begins. */
static const char *type_by_signature(rs_text file)
{
    static const struct {
        const char *signature, *type;
    } known[] = {{"\x89PNG", "image/png"}, {"\xff\xd8\xff", "image/jpeg"}, {"GIF8", "image/gif"}, {"BM", "image/bmp"},
                 {"RIFF", "image/webp"}};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (rs_text_starts(file, rs_text_from(known[i].signature)))
            return known[i].type;
    return "application/octet-stream";
}

/* What the browser fetches itself. */
static bool is_address(rs_text text)
{
    return rs_text_starts_nocase(text, RS_TEXT("http://")) || rs_text_starts_nocase(text, RS_TEXT("https://"));
}

/* A picture of the server, or a file beside the report; empty where it cannot be had: its place stays empty. */
static rs_status read_external(struct rs_job *job, struct html *h, rs_text place, rs_text *out)
{
    struct rs_job_options options = {.within = job};
    RS_OWNED(rs_job) part = rs_job_create(&options);
    rs_status status;

    *out = RS_TEXT("");
    if (place.size == 0)
        return RS_OK;
    status = compute_external(part, h->at.run, place, out);
    if (status == RS_CANCELLED || status == RS_TIMEOUT || status == RS_OVER_LIMIT || status == RS_NO_MEMORY)
        return rs_job_adopt(job, part);
    *out = status == RS_OK ? rs_text_copy(job, *out) : RS_TEXT("");
    return RS_OK;
}

/* Of one that the report brings along; false where it has none of that name. */
static bool html_picture_embedded(rs_buf *out, const struct rdl_report *report, rs_text name)
{
    const struct rdl_embedded_image *embedded = embedded_image(report, name);

    if (!embedded)
        return false;
    rs_buf_printf(out, "data:%.*s;base64,", RS_TEXT_ARG(image_type(embedded->mime_type)));
    for (size_t i = 0; i < embedded->base64.size; i++) { /* the file has it in lines */
        char c = embedded->base64.bytes[i];
        bool is_base64 = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=';
        if (is_base64)
            rs_buf_add_byte(out, c);
    }
    return true;
}

static void write_file(struct html *h, const char *type, rs_text file)
{
    rs_buf_printf(&h->out, "data:%s;base64,", type);
    escape_base64_write(&h->out, file);
}

rs_status html_picture(struct rs_job *job, struct html *h, const struct compute_scope *scope, int source,
                       const struct rdl_expr *expr, const struct rdl_expr *mime_type, bool *shown)
{
    rs_text text, type, file;
    struct value value;

    *shown = false;
    RS_TRY(compute_eval(job, h->at.run, scope, expr, &value));
    RS_TRY(compute_eval_text(job, h->at.run, scope, expr, RS_TEXT(""), &text));
    if (source == RDL_IMAGE_EMBEDDED) {
        *shown = html_picture_embedded(&h->out, h->at.report, text);
    } else if (source == RDL_IMAGE_DATABASE && value.kind == VALUE_BYTES) {
        RS_TRY(compute_eval_text(job, h->at.run, scope, mime_type, RS_TEXT("image/png"), &type));
        write_file(h, image_type(type).bytes, value_bytes(value));
        *shown = true;
    } else if (source == RDL_IMAGE_EXTERNAL && is_address(text)) {
        escape_html(&h->out, text);
        *shown = true;
    } else if (source == RDL_IMAGE_EXTERNAL) {
        RS_TRY(read_external(job, h, text, &file));
        *shown = file.size > 0;
        if (*shown)
            write_file(h, type_by_signature(file), file);
    }
    return RS_OK;
}

/* ---- behind other things ------------------------------------------------------------------------------------------ */

static const char *const repeats[] = {
    [RDL_REPEAT] = "repeat", [RDL_REPEAT_NONE] = "no-repeat", [RDL_REPEAT_X] = "repeat-x", [RDL_REPEAT_Y] = "repeat-y",
    [RDL_REPEAT_FIT] = "no-repeat;background-size:100% 100%",
};

static void add_repeat(rs_buf *out, rs_text repeat, rs_text position)
{
    static const char *const down[] = {"top", "center", "bottom"}, *const across[] = {"left", "center", "right"};
    int mode = rdl_keyword_parse(rdl_repeats, repeat, RDL_REPEAT), place = rdl_keyword_parse(rdl_positions, position, 0);

    rs_buf_printf(out, ");background-repeat:%s;", repeats[mode]);
    if (mode == RDL_REPEAT_NONE && place)
        rs_buf_printf(out, "background-position:%s %s;", across[place % 3], down[place / 3]);
}

/* Pictures of the report, named by a constant, are in the style sheet once; others at each place. */
static bool is_constant(const struct rdl_background_image *image)
{
    bool embedded = !image->source.present || rs_text_equal_nocase(image->source.text, RS_TEXT("Embedded"));

    return embedded && !image->source.is_expression && !image->value.is_expression && !image->repeat.is_expression &&
           !image->position.is_expression;
}

/* The way from the first colour to the second; %s stands for them. */
static const char *const gradients[] = {
    [RDL_GRADIENT_LEFT_RIGHT] = "linear-gradient(to right,%s,%s)",
    [RDL_GRADIENT_TOP_BOTTOM] = "linear-gradient(%s,%s)",
    [RDL_GRADIENT_CENTER] = "radial-gradient(%s,%s)",
    [RDL_GRADIENT_DIAGONAL_LEFT] = "linear-gradient(to bottom right,%s,%s)",
    [RDL_GRADIENT_DIAGONAL_RIGHT] = "linear-gradient(to bottom left,%s,%s)",
    [RDL_GRADIENT_HORIZONTAL_CENTER] = "linear-gradient(%s,%s,%s)",
    [RDL_GRADIENT_VERTICAL_CENTER] = "linear-gradient(to right,%s,%s,%s)",
};

static void add_gradient(rs_buf *out, rs_text type, rs_text color, rs_text end_color)
{
    int kind = rdl_keyword_parse(rdl_gradients, type, RDL_GRADIENT_NONE);
    char from[8], to[8];
    uint32_t first, second;

    if (kind == RDL_GRADIENT_NONE || !rdl_color_parse(color, &first) || !rdl_color_parse(end_color, &second))
        return;
    snprintf(from, sizeof from, "#%06x", first & 0xFFFFFF);
    snprintf(to, sizeof to, "#%06x", second & 0xFFFFFF);
    rs_buf_add_literal(out, "background-image:");
    rs_buf_printf(out, gradients[kind], from, to, from);
    rs_buf_add_byte(out, ';');
}

static bool gradient_is_dynamic(const struct rdl_style *style)
{
    return style->background_gradient_type.present && !style->background_image.present &&
           (style->background_gradient_type.is_expression || style->background_color.is_expression ||
            style->background_gradient_end_color.is_expression);
}

static rs_status add_dynamic_gradient(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_style *style)
{
    rs_text type, color, end_color;

    RS_TRY(compute_eval_text(job, h->at.run, scope, &style->background_gradient_type, RS_TEXT(""), &type));
    RS_TRY(compute_eval_text(job, h->at.run, scope, &style->background_color, RS_TEXT(""), &color));
    RS_TRY(compute_eval_text(job, h->at.run, scope, &style->background_gradient_end_color, RS_TEXT(""), &end_color));
    add_gradient(&h->out, type, color, end_color);
    return RS_OK;
}

bool html_background_is_dynamic(const struct rdl_style *style)
{
    return gradient_is_dynamic(style) || (style->background_image.present && !is_constant(&style->background_image));
}

void html_background_constant(rs_buf *out, const struct rdl_report *report, const struct rdl_style *style)
{
    const struct rdl_background_image *image = &style->background_image;
    size_t before = out->used;

    if (!image->present && !gradient_is_dynamic(style))
        add_gradient(out, style->background_gradient_type.text, style->background_color.text, style->background_gradient_end_color.text);
    if (!image->present || !is_constant(image))
        return;
    rs_buf_add_literal(out, "background-image:url(");
    if (html_picture_embedded(out, report, image->value.text))
        add_repeat(out, image->repeat.text, image->position.text);
    else
        out->used = before;
}

rs_status html_background_dynamic(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_style *style)
{
    const struct rdl_background_image *image = &style->background_image;
    size_t before = h->out.used;
    rs_text source, repeat, position;
    bool shown;

    if (gradient_is_dynamic(style))
        return add_dynamic_gradient(job, h, scope, style);
    if (!html_background_is_dynamic(style))
        return RS_OK;
    RS_TRY(compute_eval_text(job, h->at.run, scope, &image->source, RS_TEXT("Embedded"), &source));
    RS_TRY(compute_eval_text(job, h->at.run, scope, &image->repeat, RS_TEXT("Repeat"), &repeat));
    RS_TRY(compute_eval_text(job, h->at.run, scope, &image->position, RS_TEXT("Default"), &position));
    rs_buf_add_literal(&h->out, "background-image:url(&quot;");
    RS_TRY(html_picture(job, h, scope, rdl_keyword_parse(rdl_image_sources, source, RDL_IMAGE_EMBEDDED), &image->value,
                        &image->mime_type, &shown));
    if (shown)
        rs_buf_add_literal(&h->out, "&quot;");
    else
        h->out.used = before;
    if (shown)
        add_repeat(&h->out, repeat, position);
    return RS_OK;
}
