/* Lines, drawn as on paper: along the middle of their place, in dashes as long as the line is thick. */
#include "report/render/html.h"

#include <math.h>

#include "report/rdl/values.h"

#define THIN_PT 0.75 /* a pixel: browsers would blur what is thinner */

struct stroke {
    uint32_t argb;
    double width_pt;
    int style; /* RDL_LINE_SOLID ... */
};

static rs_status read_stroke(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                             const struct rdl_border *border, struct stroke *out)
{
    rs_text color, width, style;

    RS_TRY(compute_eval_text(job, h->at.run, scope, &border->color, RS_TEXT("Black"), &color));
    RS_TRY(compute_eval_text(job, h->at.run, scope, &border->width, RS_TEXT("1pt"), &width));
    RS_TRY(compute_eval_text(job, h->at.run, scope, &border->style, RS_TEXT("Solid"), &style));
    out->style = rdl_keyword_parse(rdl_border_styles, style, RDL_LINE_SOLID);
    if (!rdl_color_parse(color, &out->argb))
        out->argb = 0xFF000000;
    if (!rdl_size_parse(width, false, &out->width_pt))
        out->width_pt = 1;
    out->width_pt = fmax(out->width_pt, THIN_PT);
    return RS_OK;
}

/* In widths of the line; NULL: no dashes. */
static const char *dashes_of(int style)
{
    switch (style) {
    case RDL_LINE_DASHED: return "31";
    case RDL_LINE_DOTTED: return "11";
    case RDL_LINE_DASH_DOT: return "3111";
    case RDL_LINE_DASH_DOT_DOT: return "311111";
    default: return NULL;
    }
}

static void write_stroke(rs_buf *out, double x1, double y1, double x2, double y2, const struct stroke *stroke, double width_pt)
{
    const char *dashes = dashes_of(stroke->style);

    rs_buf_printf(out, "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" stroke=\"#%06x\" stroke-width=\"%.2f\"", x1, y1, x2, y2,
                  stroke->argb & 0xFFFFFF, width_pt);
    if (x1 == x2 || y1 == y2)
        rs_buf_add_literal(out, " shape-rendering=\"crispEdges\"");
    for (const char *c = dashes; c && *c; c++)
        rs_buf_printf(out, "%s%.2f", c == dashes ? " stroke-dasharray=\"" : " ", (*c - '0') * width_pt);
    rs_buf_add(out, dashes ? RS_TEXT("\"/>") : RS_TEXT("/>"));
}

/* The picture reaches beyond its place by the thickness of the line on all sides, and takes none: one without height, or
 * width, would not be painted at all. The block around it keeps the white space above and below it apart. */
rs_status html_line(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_item *item)
{
    double width = fabs(item->width_pt), height = fabs(item->height_pt), length = hypot(width, height), edge, third, scale;
    bool rising = (item->width_pt < 0) != (item->height_pt < 0);
    struct stroke stroke;
    int side;

    RS_TRY(read_stroke(job, h, scope, &item->style.border, &stroke));
    if (stroke.style == RDL_LINE_NONE)
        return RS_OK;
    edge = stroke.width_pt;
    rs_buf_add_literal(&h->out, "<div><svg style=\"position:absolute;pointer-events:none;margin:");
    html_size(&h->out, -edge);
    rs_buf_printf(&h->out, "\" width=\"%.2fpt\" height=\"%.2fpt\" viewBox=\"%.2f %.2f %.2f %.2f\">", width + 2 * edge,
                  height + 2 * edge, -edge, -edge, width + 2 * edge, height + 2 * edge);
    third = stroke.style == RDL_LINE_DOUBLE && length > 0 ? stroke.width_pt / 3 : 0; /* two lines, so far from the middle */
    scale = third > 0 ? third / length : 0;
    for (side = third > 0 ? -1 : 0; side <= 1; side += 2) {
        double right = side * scale * (rising ? height : -height), down = side * scale * width;
        write_stroke(&h->out, right, (rising ? height : 0) + down, width + right, (rising ? 0 : height) + down, &stroke,
                     third > 0 ? third : stroke.width_pt);
    }
    rs_buf_add_literal(&h->out, "</svg></div>");
    return RS_OK;
}
