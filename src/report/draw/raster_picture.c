/* Pictures on pages of pixels: decoded once, kept while they are drawn again and again. */
#include <cairo.h>

#include "report/draw/image.h"
#include "report/draw/raster_state.h"

#define KEPT_BYTES ((size_t)64 * 1024 * 1024) /* of decoded pictures */

struct raster_picture {
    struct raster_picture *next;
    uint64_t hash;
    size_t size;              /* of the file's data */
    size_t bytes;             /* of the pixels */
    cairo_surface_t *surface;
};

static struct raster_picture *find(struct raster *r, const struct draw_image *image)
{
    struct raster_picture **at = &r->pictures, *found;

    for (; *at; at = &(*at)->next) {
        if ((*at)->hash != image->hash || (*at)->size != image->data.size)
            continue;
        found = *at; /* the one drawn last comes first */
        *at = found->next;
        found->next = r->pictures;
        r->pictures = found;
        return found;
    }
    return NULL;
}

static void drop(struct raster *r, struct raster_picture **at)
{
    struct raster_picture *gone = *at;

    *at = gone->next;
    r->picture_bytes -= gone->bytes;
    cairo_surface_destroy(gone->surface);
}

void raster_pictures_end(struct raster *r)
{
    while (r->pictures)
        drop(r, &r->pictures);
}

/* All but the first go until the rest fits. */
static void make_room(struct raster *r)
{
    while (r->picture_bytes > KEPT_BYTES && r->pictures->next) {
        struct raster_picture **last = &r->pictures->next;
        while ((*last)->next)
            last = &(*last)->next;
        drop(r, last);
    }
}

/* Pixels as cairo has them: colours multiplied by their alpha. */
static void fill_surface(const struct draw_image *image, cairo_surface_t *surface)
{
    const uint8_t *from = (const uint8_t *)image->data.bytes, *alpha = (const uint8_t *)image->alpha.bytes;
    unsigned char *rows = cairo_image_surface_get_data(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);

    for (unsigned y = 0; y < image->height; y++) {
        uint32_t *to = (uint32_t *)(void *)(rows + y * stride);
        for (unsigned x = 0; x < image->width; x++) {
            size_t at = (size_t)y * image->width + x;
            unsigned a = image->alpha.size ? alpha[at] : 255, part[3];
            for (unsigned c = 0; c < 3; c++)
                part[c] = (from[image->channels == 1 ? at : at * 3 + c] * a + 127) / 255;
            to[x] = a << 24 | part[0] << 16 | part[1] << 8 | part[2];
        }
    }
    cairo_surface_mark_dirty(surface);
}

static rs_status add(struct rs_job *job, struct raster *r, const struct draw_image *image, struct raster_picture **out)
{
    struct rs_job_options options = {.within = job};
    RS_OWNED(rs_job) part = rs_job_create(&options);
    struct draw_image pixels;
    struct raster_picture *own;
    cairo_surface_t *surface;

    if (draw_image_decode(part, image, &pixels) != RS_OK)
        return rs_job_adopt(job, part);
    surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)pixels.width, (int)pixels.height);
    if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(surface);
        return rs_fail(job, RS_NO_MEMORY, "no memory for a picture of %u x %u pixels", pixels.width, pixels.height);
    }
    fill_surface(&pixels, surface);
    own = RS_NEW(r->memory, struct raster_picture);
    *own = (struct raster_picture){r->pictures, image->hash, image->data.size, (size_t)pixels.width * pixels.height * 4, surface};
    r->pictures = own;
    r->picture_bytes += own->bytes;
    make_room(r);
    *out = own;
    return RS_OK;
}

rs_status raster_image(struct rs_job *job, struct draw_device *device, const struct draw_box *box,
                       const struct draw_image *image)
{
    struct raster *r = raster_of(device);
    struct raster_picture *picture = find(r, image);

    if (!picture)
        RS_TRY(add(job, r, image, &picture));
    cairo_save(r->cairo);
    cairo_translate(r->cairo, box->left_pt * r->scale_x, box->top_pt * r->scale_y);
    cairo_scale(r->cairo, box->width_pt * r->scale_x / image->width, box->height_pt * r->scale_y / image->height);
    cairo_set_source_surface(r->cairo, picture->surface, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(r->cairo), CAIRO_FILTER_GOOD);
    cairo_pattern_set_extend(cairo_get_source(r->cairo), CAIRO_EXTEND_PAD); /* no pale edges where it is enlarged */
    cairo_rectangle(r->cairo, 0, 0, image->width, image->height);
    cairo_fill(r->cairo);
    cairo_restore(r->cairo);
    return RS_OK;
}
