/* library/cairo.c - stands in for cairo: pages as pixels. */
#include "library/stand_in.h"

#include <cairo.h>

static struct library cairo = {.file = "libcairo.so.2"};

STAND_IN(cairo, cairo_surface_t *, cairo_image_surface_create, (cairo_format_t format, int width, int height),
         (format, width, height))
STAND_IN(cairo, unsigned char *, cairo_image_surface_get_data, (cairo_surface_t * surface), (surface))
STAND_IN(cairo, int, cairo_image_surface_get_stride, (cairo_surface_t * surface), (surface))
STAND_IN(cairo, cairo_status_t, cairo_surface_status, (cairo_surface_t * surface), (surface))
STAND_IN(cairo, void, cairo_surface_flush, (cairo_surface_t * surface), (surface))
STAND_IN(cairo, void, cairo_surface_mark_dirty, (cairo_surface_t * surface), (surface))
STAND_IN(cairo, void, cairo_surface_destroy, (cairo_surface_t * surface), (surface))

STAND_IN(cairo, cairo_t *, cairo_create, (cairo_surface_t * surface), (surface))
STAND_IN(cairo, cairo_status_t, cairo_status, (cairo_t * context), (context))
STAND_IN(cairo, void, cairo_destroy, (cairo_t * context), (context))
STAND_IN(cairo, void, cairo_save, (cairo_t * context), (context))
STAND_IN(cairo, void, cairo_restore, (cairo_t * context), (context))
STAND_IN(cairo, void, cairo_translate, (cairo_t * context, double x, double y), (context, x, y))
STAND_IN(cairo, void, cairo_scale, (cairo_t * context, double x, double y), (context, x, y))
STAND_IN(cairo, void, cairo_set_antialias, (cairo_t * context, cairo_antialias_t how), (context, how))

STAND_IN(cairo, void, cairo_new_path, (cairo_t * context), (context))
STAND_IN(cairo, void, cairo_move_to, (cairo_t * context, double x, double y), (context, x, y))
STAND_IN(cairo, void, cairo_line_to, (cairo_t * context, double x, double y), (context, x, y))
STAND_IN(cairo, void, cairo_curve_to,
         (cairo_t * context, double x1, double y1, double x2, double y2, double x3, double y3),
         (context, x1, y1, x2, y2, x3, y3))
STAND_IN(cairo, void, cairo_close_path, (cairo_t * context), (context))
STAND_IN(cairo, void, cairo_rectangle, (cairo_t * context, double x, double y, double width, double height),
         (context, x, y, width, height))
STAND_IN(cairo, void, cairo_clip, (cairo_t * context), (context))
STAND_IN(cairo, void, cairo_fill, (cairo_t * context), (context))
STAND_IN(cairo, void, cairo_fill_preserve, (cairo_t * context), (context))
STAND_IN(cairo, void, cairo_stroke, (cairo_t * context), (context))
STAND_IN(cairo, void, cairo_paint, (cairo_t * context), (context))
STAND_IN(cairo, void, cairo_set_line_width, (cairo_t * context, double width), (context, width))
STAND_IN(cairo, void, cairo_set_dash, (cairo_t * context, const double *dashes, int count, double offset),
         (context, dashes, count, offset))

STAND_IN(cairo, void, cairo_set_source_rgb, (cairo_t * context, double red, double green, double blue),
         (context, red, green, blue))
STAND_IN(cairo, void, cairo_set_source_rgba, (cairo_t * context, double red, double green, double blue, double alpha),
         (context, red, green, blue, alpha))
STAND_IN(cairo, void, cairo_set_source_surface, (cairo_t * context, cairo_surface_t *surface, double x, double y),
         (context, surface, x, y))
STAND_IN(cairo, void, cairo_set_source, (cairo_t * context, cairo_pattern_t *pattern), (context, pattern))
STAND_IN(cairo, cairo_pattern_t *, cairo_get_source, (cairo_t * context), (context))
STAND_IN(cairo, cairo_pattern_t *, cairo_pattern_create_linear, (double x1, double y1, double x2, double y2),
         (x1, y1, x2, y2))
STAND_IN(cairo, cairo_pattern_t *, cairo_pattern_create_radial,
         (double x1, double y1, double radius1, double x2, double y2, double radius2),
         (x1, y1, radius1, x2, y2, radius2))
STAND_IN(cairo, void, cairo_pattern_add_color_stop_rgba,
         (cairo_pattern_t * pattern, double offset, double red, double green, double blue, double alpha),
         (pattern, offset, red, green, blue, alpha))
STAND_IN(cairo, void, cairo_pattern_set_extend, (cairo_pattern_t * pattern, cairo_extend_t extend), (pattern, extend))
STAND_IN(cairo, void, cairo_pattern_set_filter, (cairo_pattern_t * pattern, cairo_filter_t filter), (pattern, filter))
STAND_IN(cairo, void, cairo_pattern_destroy, (cairo_pattern_t * pattern), (pattern))
