/* Gradients: shadings of a box of 1 x 1, stretched where they are drawn. ISO 32000-1, 8.7.4.5.3 and 8.7.4.5.4. */
#include "report/draw/pdf_state.h"

static void add_components(rs_buf *buf, uint32_t color)
{
    for (int shift = 16; shift >= 0; shift -= 8) {
        pdf_add_decimal(buf, (color >> shift & 0xff) / 255.0, 3);
        rs_buf_add_byte(buf, ' ');
    }
}

/* From one colour to the other. */
static void add_function(rs_buf *buf, uint32_t from, uint32_t to)
{
    rs_buf_add_literal(buf, "<</FunctionType 2/Domain[0 1]/N 1/C0[");
    add_components(buf, from);
    rs_buf_add_literal(buf, "]/C1[");
    add_components(buf, to);
    rs_buf_add_literal(buf, "]>>");
}

static rs_status write_shading(struct rs_job *job, struct pdf *pdf, const struct draw_gradient *g, unsigned number)
{
    rs_buf *buf = &pdf->scratch;

    rs_buf_clear(buf);
    if (g->around)
        rs_buf_add_literal(buf, "<</ShadingType 3/ColorSpace/DeviceRGB/Coords[.5 .5 0 .5 .5 .7071]");
    else
        rs_buf_printf(buf, "<</ShadingType 2/ColorSpace/DeviceRGB/Coords[%g %g %g %g]", g->x1, g->y1, g->x2, g->y2);
    rs_buf_add_literal(buf, "/Extend[true true]/Function");
    if (g->and_back) {
        rs_buf_add_literal(buf, "<</FunctionType 3/Domain[0 1]/Bounds[.5]/Encode[0 1 0 1]/Functions[");
        add_function(buf, g->from, g->to);
        add_function(buf, g->to, g->from);
        rs_buf_add_literal(buf, "]>>");
    } else {
        add_function(buf, g->from, g->to);
    }
    rs_buf_add_literal(buf, ">>");
    return pdf_file_object(job, &pdf->file, number, rs_buf_text(buf));
}

static bool is_same(const struct draw_gradient *a, const struct draw_gradient *b)
{
    return ((a->from ^ b->from) & 0xffffff) == 0 && ((a->to ^ b->to) & 0xffffff) == 0 && a->around == b->around &&
           a->and_back == b->and_back && a->x1 == b->x1 && a->y1 == b->y1 && a->x2 == b->x2 && a->y2 == b->y2;
}

static rs_status find_shading(struct rs_job *job, struct pdf *pdf, const struct draw_gradient *gradient, size_t *index)
{
    struct pdf_shading own = {*gradient, 0};

    for (*index = 0; *index < pdf->shadings.count; ++*index)
        if (is_same(&pdf->shadings.items[*index].gradient, gradient))
            return RS_OK;
    own.object = pdf_file_reserve(&pdf->file);
    rs_vec_push(pdf->memory, &pdf->shadings, own);
    return write_shading(job, pdf, gradient, own.object);
}

rs_status pdf_gradient(struct rs_job *job, struct draw_device *device, const struct draw_box *box,
                       const struct draw_gradient *gradient)
{
    struct pdf *pdf = pdf_of(device);
    size_t index;

    RS_TRY(find_shading(job, pdf, gradient, &index));
    pdf_mark(pdf, false);
    pdf_leave_text(pdf);
    pdf_set_alpha(pdf, gradient->from >> 24);
    rs_buf_add_literal(&pdf->content, "q ");
    pdf_add_point(&pdf->content, box->width_pt);
    rs_buf_add_literal(&pdf->content, "0 0 ");
    pdf_add_point(&pdf->content, -box->height_pt);
    pdf_add_point(&pdf->content, box->left_pt);
    pdf_add_point(&pdf->content, pdf_flipped(pdf, box->top_pt));
    rs_buf_printf(&pdf->content, "cm 0 0 1 1 re W n /H%zu sh Q\n", index);
    return RS_OK;
}
