#include "report/draw/image.h"

#include "report/draw/image_formats.h"

/* FNV-1a: the same picture in two places of a report is embedded once, and the same in every run. */
static uint64_t hash(rs_text bytes)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (size_t i = 0; i < bytes.size; i++)
        h = (h ^ (uint8_t)bytes.bytes[i]) * 0x100000001b3u;
    return h;
}

rs_status draw_image_sized(struct rs_job *job, const char *format, uint64_t width, uint64_t height,
                           struct draw_image *out)
{
    if (width == 0 || height == 0)
        return rs_fail(job, DRAW_IMAGE_INVALID, "the %s picture has no pixels", format);
    if (width > DRAW_IMAGE_SIDE_MAX || height > DRAW_IMAGE_SIDE_MAX || width * height > DRAW_IMAGE_PIXELS_MAX)
        return rs_fail(job, DRAW_IMAGE_UNSUPPORTED,
                       "the %s picture has %llu x %llu pixels; at most %u a side and %zu in all can be drawn", format,
                       (unsigned long long)width, (unsigned long long)height, DRAW_IMAGE_SIDE_MAX, DRAW_IMAGE_PIXELS_MAX);
    out->width = (unsigned)width;
    out->height = (unsigned)height;
    return RS_OK;
}

/* ---- JPEG: only its frame header is read ------------------------------------------------------------ */

static rs_status read_frame(struct rs_job *job, const uint8_t *segment, size_t size, struct draw_image *out)
{
    if (size < 6)
        return rs_fail(job, DRAW_IMAGE_INVALID, "the JPEG picture is cut off in its frame header");
    out->bits = segment[0];
    out->channels = segment[5];
    if (out->bits != 8 || (out->channels != 1 && out->channels != 3 && out->channels != 4))
        return rs_fail(job, DRAW_IMAGE_UNSUPPORTED, "JPEG pictures of %u bits and %u channels cannot be drawn", out->bits,
                       out->channels);
    return draw_image_sized(job, "JPEG", (unsigned)(segment[3] << 8 | segment[4]),
                            (unsigned)(segment[1] << 8 | segment[2]), out);
}

static void read_jfif(const uint8_t *segment, size_t size, struct draw_image *out)
{
    double scale;

    if (size < 12 || memcmp(segment, "JFIF", 5) != 0)
        return;
    scale = segment[7] == 1 ? 1 : segment[7] == 2 ? 2.54 : 0;
    if (scale > 0 && (segment[8] || segment[9]) && (segment[10] || segment[11])) {
        out->dpi_x = (segment[8] << 8 | segment[9]) * scale;
        out->dpi_y = (segment[10] << 8 | segment[11]) * scale;
    }
}

static rs_status draw_image_read_jpeg(struct rs_job *job, rs_text file, struct draw_image *out)
{
    const uint8_t *bytes = (const uint8_t *)file.bytes;
    bool adobe = false;

    for (size_t at = 2; at + 4 <= file.size;) {
        uint8_t marker = bytes[at + 1];
        size_t size;

        if (bytes[at] != 0xff)
            break;
        if (marker == 0xff || marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
            at += marker == 0xff ? 1 : 2;
            continue;
        }
        size = (size_t)(bytes[at + 2] << 8 | bytes[at + 3]);
        if (size < 2 || size > file.size - at - 2 || marker == 0xda || marker == 0xd9)
            break;
        if (marker == 0xe0)
            read_jfif(bytes + at + 4, size - 2, out);
        if (marker == 0xee && size >= 7 && memcmp(bytes + at + 4, "Adobe", 5) == 0)
            adobe = true;
        if (marker == 0xc0 || marker == 0xc1 || marker == 0xc2) {
            RS_TRY(read_frame(job, bytes + at + 4, size - 2, out));
            out->kind = DRAW_IMAGE_JPEG;
            out->data = file;
            out->inverted = adobe && out->channels == 4;
            return RS_OK;
        }
        if (marker >= 0xc3 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc)
            return rs_fail(job, DRAW_IMAGE_UNSUPPORTED, "lossless and arithmetic JPEG pictures cannot be drawn");
        at += 2 + size;
    }
    return rs_fail(job, DRAW_IMAGE_INVALID, "the JPEG picture has no frame");
}

/* ---- by signature ----------------------------------------------------------------------------------- */

static const struct {
    const char *signature;
    size_t size;
    rs_status (*read)(struct rs_job *job, rs_text file, struct draw_image *out);
} formats[] = {
    {"\x89PNG\r\n\x1a\n", 8, draw_image_read_png},
    {"\xff\xd8\xff", 3, draw_image_read_jpeg},
    {"GIF87a", 6, draw_image_read_gif},
    {"GIF89a", 6, draw_image_read_gif},
    {"BM", 2, draw_image_read_bmp},
};

rs_status draw_image_read(struct rs_job *job, rs_text file, struct draw_image *out)
{
    struct draw_image image = {.dpi_x = 96, .dpi_y = 96, .bits = 8};

    if (file.size > DRAW_IMAGE_BYTES_MAX)
        return rs_fail(job, DRAW_IMAGE_UNSUPPORTED, "the picture is larger than %zu MiB", DRAW_IMAGE_BYTES_MAX >> 20);
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (!rs_text_starts(file, rs_text_of(formats[i].signature, formats[i].size)))
            continue;
        RS_TRY(formats[i].read(job, file, &image));
        image.hash = hash(file);
        *out = image;
        return RS_OK;
    }
    return rs_fail(job, DRAW_IMAGE_UNSUPPORTED, "this is no PNG, JPEG, GIF or BMP picture");
}

rs_status draw_image_decode(struct rs_job *job, const struct draw_image *image, struct draw_image *out)
{
    switch (image->kind) {
    case DRAW_IMAGE_JPEG: return draw_image_decode_jpeg(job, image, out);
    case DRAW_IMAGE_ROWS: return draw_image_decode_rows(job, image, out);
    default: *out = *image; return RS_OK;
    }
}
