#include "report/draw/image.h"
#include "report/draw/pdf_state.h"

static rs_status write_alpha(struct rs_job *job, struct pdf *pdf, const struct draw_image *image, unsigned *number)
{
    *number = pdf_file_reserve(&pdf->file);
    rs_buf_clear(&pdf->scratch);
    rs_buf_printf(&pdf->scratch,
                  "/Type/XObject/Subtype/Image/Width %u/Height %u/ColorSpace/DeviceGray/BitsPerComponent 8", image->width,
                  image->height);
    return pdf_file_stream(job, &pdf->file, *number, PDF_STREAM_COMPRESS, rs_buf_text(&pdf->scratch), image->alpha);
}

static void add_color_space(rs_buf *buf, const struct draw_image *image)
{
    if (image->palette.size) {
        rs_buf_printf(buf, "/ColorSpace[/Indexed/DeviceRGB %zu<", image->palette.size / 3 - 1);
        for (size_t i = 0; i < image->palette.size; i++)
            rs_buf_printf(buf, "%02x", (uint8_t)image->palette.bytes[i]);
        rs_buf_add_literal(buf, ">]");
    } else {
        rs_buf_printf(buf, "/ColorSpace/Device%s",
                      image->channels == 1 ? "Gray" : image->channels == 3 ? "RGB" : "CMYK");
    }
}

static rs_status write_image(struct rs_job *job, struct pdf *pdf, const struct draw_image *image, unsigned number)
{
    unsigned alpha = 0;
    rs_buf *buf = &pdf->scratch;

    if (image->alpha.size)
        RS_TRY(write_alpha(job, pdf, image, &alpha));
    rs_buf_clear(buf);
    rs_buf_printf(buf, "/Type/XObject/Subtype/Image/Width %u/Height %u/BitsPerComponent %u", image->width, image->height,
                  image->bits);
    add_color_space(buf, image);
    if (alpha)
        rs_buf_printf(buf, "/SMask %u 0 R", alpha);
    if (image->inverted)
        rs_buf_add_literal(buf, "/Decode[1 0 1 0 1 0 1 0]");
    if (image->kind == DRAW_IMAGE_JPEG)
        rs_buf_add_literal(buf, "/Filter/DCTDecode");
    if (image->kind == DRAW_IMAGE_ROWS)
        rs_buf_printf(buf, "/Filter/FlateDecode/DecodeParms<</Predictor 15/Colors %u/BitsPerComponent %u/Columns %u>>",
                      image->channels, image->bits, image->width);
    return pdf_file_stream(job, &pdf->file, number,
                           image->kind == DRAW_IMAGE_PIXELS ? PDF_STREAM_COMPRESS : PDF_STREAM_PLAIN, rs_buf_text(buf),
                           image->data);
}

static rs_status embed(struct rs_job *job, struct pdf *pdf, const struct draw_image *image, size_t *index)
{
    struct pdf_embedded_image own = {image->hash, 0, image->width, image->height, image->data.size};

    for (*index = 0; *index < pdf->images.count; ++*index) {
        const struct pdf_embedded_image *old = &pdf->images.items[*index];
        if (old->hash == own.hash && old->width == own.width && old->height == own.height && old->size == own.size)
            return RS_OK;
    }
    own.object = pdf_file_reserve(&pdf->file);
    rs_vec_push(pdf->memory, &pdf->images, own);
    return write_image(job, pdf, image, own.object);
}

rs_status pdf_image(struct rs_job *job, struct draw_device *device, const struct draw_box *box,
                           const struct draw_image *image)
{
    struct pdf *pdf = pdf_of(device);
    size_t index;

    RS_TRY(embed(job, pdf, image, &index));
    pdf_mark(pdf, true);
    pdf_leave_text(pdf);
    pdf_set_alpha(pdf, 255);
    rs_buf_add_literal(&pdf->content, "q ");
    pdf_add_point(&pdf->content, box->width_pt);
    rs_buf_add_literal(&pdf->content, "0 0 ");
    pdf_add_point(&pdf->content, box->height_pt);
    pdf_add_point(&pdf->content, box->left_pt);
    pdf_add_point(&pdf->content, pdf_flipped(pdf, box->top_pt + box->height_pt));
    rs_buf_printf(&pdf->content, "cm /I%zu Do Q\n", index);
    return RS_OK;
}
