#include "report/draw/trace.h"

#include <math.h>

#include "base/buf.h"
#include "report/draw/image.h"

struct trace {
    struct draw_device device; /* first */
    struct draw_sink sink;
    struct rs_job *memory;
    rs_buf line;
    size_t pages;
    unsigned depth;            /* of clips: how far lines are indented */
};

static void trace_end(void *object)
{
    rs_job_destroy(((struct trace *)object)->memory);
}

static struct trace *trace_of(struct draw_device *device)
{
    return (struct trace *)device;
}

/* At most two decimals, none that are 0. */
static void add_number(rs_buf *buf, double number)
{
    int64_t hundredths = (int64_t)floor(fabs(number) * 100 + 0.5);

    if (number < 0 && hundredths)
        rs_buf_add_byte(buf, '-');
    rs_buf_add_int(buf, hundredths / 100);
    if (hundredths % 100)
        rs_buf_printf(buf, hundredths % 10 ? ".%02d" : ".%01d",
                      (int)(hundredths % 10 ? hundredths % 100 : hundredths % 100 / 10));
}

static rs_buf *begin(struct trace *trace, const char *word)
{
    rs_buf_clear(&trace->line);
    for (unsigned i = 0; i < trace->depth; i++)
        rs_buf_add_literal(&trace->line, "  ");
    rs_buf_add(&trace->line, rs_text_from(word));
    return &trace->line;
}

static void add_numbers(rs_buf *buf, const double *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        rs_buf_add_byte(buf, ' ');
        add_number(buf, numbers[i]);
    }
}

static void add_box(rs_buf *buf, const struct draw_box *box)
{
    add_numbers(buf, (double[]){box->left_pt, box->top_pt, box->width_pt}, 3);
    rs_buf_add_byte(buf, 'x');
    add_number(buf, box->height_pt);
}

static void add_color(rs_buf *buf, uint32_t color)
{
    rs_buf_printf(buf, color >> 24 == 0xff ? " #%06x" : " #%08x", color >> 24 == 0xff ? color & 0xffffff : color);
}

static void add_quoted(rs_buf *buf, rs_text text)
{
    rs_buf_add_literal(buf, " \"");
    for (size_t i = 0; i < text.size; i++) {
        if (text.bytes[i] == '"' || text.bytes[i] == '\\')
            rs_buf_add_byte(buf, '\\');
        rs_buf_add_byte(buf, text.bytes[i]);
    }
    rs_buf_add_byte(buf, '"');
}

static rs_status end(struct rs_job *job, struct trace *trace)
{
    rs_buf_add_byte(&trace->line, '\n');
    return trace->sink.write(job, trace->sink.data, rs_buf_text(&trace->line));
}

static rs_status trace_begin(struct rs_job *job, struct draw_device *device, const struct draw_document *document)
{
    rs_buf *buf = begin(trace_of(device), "document");

    add_quoted(buf, document->title);
    return end(job, trace_of(device));
}

static rs_status trace_page_begin(struct rs_job *job, struct draw_device *device, double width_pt, double height_pt)
{
    struct trace *trace = trace_of(device);
    rs_buf *buf = begin(trace, "page ");

    rs_buf_add_int(buf, (int64_t)++trace->pages);
    rs_buf_add_byte(buf, ' ');
    add_number(buf, width_pt);
    rs_buf_add_byte(buf, 'x');
    add_number(buf, height_pt);
    return end(job, trace);
}

static rs_status trace_page_end(struct rs_job *job, struct draw_device *device, bool later)
{
    (void)job;
    (void)device;
    (void)later;
    return RS_OK;
}

static rs_status trace_page_again(struct rs_job *job, struct draw_device *device, size_t page)
{
    rs_buf_add_int(begin(trace_of(device), "page-again "), (int64_t)page + 1);
    return end(job, trace_of(device));
}

static rs_status trace_finish(struct rs_job *job, struct draw_device *device)
{
    begin(trace_of(device), "end");
    return end(job, trace_of(device));
}

static rs_status trace_fill(struct rs_job *job, struct draw_device *device, const struct draw_box *box, uint32_t color)
{
    rs_buf *buf = begin(trace_of(device), "fill");

    add_box(buf, box);
    add_color(buf, color);
    return end(job, trace_of(device));
}

static rs_status trace_gradient(struct rs_job *job, struct draw_device *device, const struct draw_box *box,
                                const struct draw_gradient *g)
{
    rs_buf *buf = begin(trace_of(device), "gradient");

    add_box(buf, box);
    add_color(buf, g->from);
    add_color(buf, g->to);
    if (g->around)
        rs_buf_add_literal(buf, " around");
    else
        add_numbers(buf, (double[]){g->x1, g->y1, g->x2, g->y2}, 4);
    if (g->and_back)
        rs_buf_add_literal(buf, " and back");
    return end(job, trace_of(device));
}

static rs_status trace_line(struct rs_job *job, struct draw_device *device, double x1_pt, double y1_pt, double x2_pt,
                            double y2_pt, const struct draw_pen *pen)
{
    static const char *const styles[] = {"none", "solid", "dashed", "dotted", "dash-dot", "dash-dot-dot", "double"};
    rs_buf *buf = begin(trace_of(device), "line");

    add_numbers(buf, (double[]){x1_pt, y1_pt, x2_pt, y2_pt}, 4);
    rs_buf_printf(buf, " %s ", styles[pen->style]);
    add_number(buf, pen->width_pt);
    add_color(buf, pen->color);
    return end(job, trace_of(device));
}

static rs_status trace_text(struct rs_job *job, struct draw_device *device, double x_pt, double y_pt,
                            enum draw_turn turn, const struct text_piece *piece)
{
    static const char *const turns[] = {"", " clockwise", " counterclockwise"};
    const struct text_font *font = piece->style.font;
    rs_buf *buf = begin(trace_of(device), "text");

    add_numbers(buf, (double[]){x_pt, y_pt}, 2);
    rs_buf_printf(buf, "%s %.*s%s%s ", turns[turn], RS_TEXT_ARG(font->family),
                  font->weight >= 600 || font->fake_bold ? " bold" : "",
                  font->italic || font->fake_italic ? " italic" : "");
    add_number(buf, piece->style.size_pt);
    add_color(buf, 0xff000000u | piece->style.color);
    add_quoted(buf, piece->text);
    return end(job, trace_of(device));
}

static rs_status trace_image(struct rs_job *job, struct draw_device *device, const struct draw_box *box,
                             const struct draw_image *image)
{
    rs_buf *buf = begin(trace_of(device), "image");

    add_box(buf, box);
    rs_buf_printf(buf, " %ux%u pixels%s", image->width, image->height, image->alpha.size ? " with alpha" : "");
    return end(job, trace_of(device));
}

static rs_status trace_clip_begin(struct rs_job *job, struct draw_device *device, const struct draw_box *box)
{
    add_box(begin(trace_of(device), "clip"), box);
    RS_TRY(end(job, trace_of(device)));
    trace_of(device)->depth++;
    return RS_OK;
}

static rs_status trace_clip_end(struct rs_job *job, struct draw_device *device)
{
    (void)job;
    trace_of(device)->depth--;
    return RS_OK;
}

static rs_status trace_link(struct rs_job *job, struct draw_device *device, const struct draw_box *box, rs_text uri)
{
    rs_buf *buf = begin(trace_of(device), "link");

    add_box(buf, box);
    add_quoted(buf, uri);
    return end(job, trace_of(device));
}

static rs_status trace_bookmark(struct rs_job *job, struct draw_device *device, rs_text name, double x_pt, double y_pt)
{
    rs_buf *buf = begin(trace_of(device), "bookmark");

    add_numbers(buf, (double[]){x_pt, y_pt}, 2);
    add_quoted(buf, name);
    return end(job, trace_of(device));
}

static rs_status trace_outline(struct rs_job *job, struct draw_device *device, unsigned level, rs_text title,
                               double y_pt)
{
    rs_buf *buf = begin(trace_of(device), "outline ");

    rs_buf_add_int(buf, level);
    add_numbers(buf, &y_pt, 1);
    add_quoted(buf, title);
    return end(job, trace_of(device));
}

static const struct draw_functions trace_functions = {
    .name = "trace",
    .begin = trace_begin,
    .page_begin = trace_page_begin,
    .page_end = trace_page_end,
    .page_again = trace_page_again,
    .finish = trace_finish,
    .fill = trace_fill,
    .gradient = trace_gradient,
    .line = trace_line,
    .text = trace_text,
    .image = trace_image,
    .clip_begin = trace_clip_begin,
    .clip_end = trace_clip_end,
    .link = trace_link,
    .bookmark = trace_bookmark,
    .outline = trace_outline,
};

rs_status trace_create(struct rs_job *job, const struct draw_sink *sink, struct draw_device **out)
{
    struct trace *trace = RS_NEW(job, struct trace);
    struct rs_job_options options = {.within = job};

    trace->device.functions = &trace_functions;
    trace->sink = *sink;
    trace->memory = rs_job_create(&options);
    trace->line = rs_buf_in(trace->memory);
    rs_job_at_end(job, trace_end, trace);
    *out = &trace->device;
    return RS_OK;
}
