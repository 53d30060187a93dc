/* Text on pages of pixels: outlines of glyphs, read from the font once and filled. */
#include <cairo.h>
#include <hb.h>

#include "base/vec.h"
#include "report/draw/raster_state.h"

#define SLANT 0.2126 /* of a slanted upright font: tan 12 degrees; as in a PDF */
#define FATTEN 0.03  /* of a font drawn bolder: width of its outline, in ems */

enum step_kind { STEP_MOVE, STEP_LINE, STEP_CURVE, STEP_CLOSE };

/* In ems, y upward. */
struct step {
    enum step_kind kind;
    float x1, y1, x2, y2, x, y; /* control points of a curve, and where the step ends */
};
RS_VEC_TYPE(struct step, step_vec);

struct outline {
    struct step_vec steps;
};

struct raster_font {
    const struct text_font *font;
    struct outline **outlines; /* by glyph; NULL: not read yet */
    size_t glyph_count;
};

/* ---- reading ---------------------------------------------------------------------------------------- */

struct reading {
    struct rs_job *memory;
    struct step_vec *steps;
    float em;
};

static void add_step(struct reading *to, struct step step)
{
    float *numbers[] = {&step.x1, &step.y1, &step.x2, &step.y2, &step.x, &step.y};

    for (size_t i = 0; i < 6; i++)
        *numbers[i] /= to->em;
    rs_vec_push(to->memory, to->steps, step);
}

static void move_to(hb_draw_funcs_t *functions, void *to, hb_draw_state_t *state, float x, float y, void *data)
{
    (void)functions, (void)state, (void)data;
    add_step(to, (struct step){.kind = STEP_MOVE, .x = x, .y = y});
}

static void line_to(hb_draw_funcs_t *functions, void *to, hb_draw_state_t *state, float x, float y, void *data)
{
    (void)functions, (void)state, (void)data;
    add_step(to, (struct step){.kind = STEP_LINE, .x = x, .y = y});
}

static void cubic_to(hb_draw_funcs_t *functions, void *to, hb_draw_state_t *state, float x1, float y1, float x2, float y2,
                     float x, float y, void *data)
{
    (void)functions, (void)state, (void)data;
    add_step(to, (struct step){STEP_CURVE, x1, y1, x2, y2, x, y});
}

static void quadratic_to(hb_draw_funcs_t *functions, void *to, hb_draw_state_t *state, float x1, float y1, float x, float y,
                         void *data)
{
    float from_x = state->current_x, from_y = state->current_y;

    cubic_to(functions, to, state, from_x + (x1 - from_x) * 2 / 3, from_y + (y1 - from_y) * 2 / 3, x + (x1 - x) * 2 / 3,
             y + (y1 - y) * 2 / 3, x, y, data);
}

static void close_path(hb_draw_funcs_t *functions, void *to, hb_draw_state_t *state, void *data)
{
    (void)functions, (void)state, (void)data;
    add_step(to, (struct step){.kind = STEP_CLOSE});
}

/* One table of functions for the process. */
static hb_draw_funcs_t *reading_functions(void)
{
    static hb_draw_funcs_t *functions;

    if (functions)
        return functions;
    functions = hb_draw_funcs_create();
    hb_draw_funcs_set_move_to_func(functions, move_to, NULL, NULL);
    hb_draw_funcs_set_line_to_func(functions, line_to, NULL, NULL);
    hb_draw_funcs_set_quadratic_to_func(functions, quadratic_to, NULL, NULL);
    hb_draw_funcs_set_cubic_to_func(functions, cubic_to, NULL, NULL);
    hb_draw_funcs_set_close_path_func(functions, close_path, NULL, NULL);
    hb_draw_funcs_make_immutable(functions);
    return functions;
}

static struct raster_font *font_of(struct raster *r, const struct text_font *font)
{
    struct raster_font *own;

    if (font->number >= r->font_count) {
        struct raster_font **old = r->fonts;
        size_t count = r->font_count;
        r->font_count = font->number + 16;
        r->fonts = RS_NEW_ARRAY(r->memory, struct raster_font *, r->font_count);
        for (size_t i = 0; i < count; i++)
            r->fonts[i] = old[i];
    }
    own = r->fonts[font->number];
    if (own)
        return own;
    own = r->fonts[font->number] = RS_NEW(r->memory, struct raster_font);
    own->font = font;
    own->glyph_count = hb_face_get_glyph_count(text_font_face(font));
    own->outlines = RS_NEW_ARRAY(r->memory, struct outline *, own->glyph_count);
    return own;
}

static const struct outline *outline_of(struct raster *r, struct raster_font *font, unsigned glyph)
{
    struct outline *outline;
    struct reading to = {r->memory, NULL, (float)font->font->units_per_em};

    if (glyph >= font->glyph_count)
        return NULL;
    if (!font->outlines[glyph]) {
        outline = font->outlines[glyph] = RS_NEW(r->memory, struct outline);
        to.steps = &outline->steps;
        hb_font_get_glyph_shape(text_font_shaper(font->font), glyph, reading_functions(), &to);
    }
    return font->outlines[glyph];
}

/* ---- drawing ---------------------------------------------------------------------------------------- */

/* From ems, y upward, around the pen to pixels: x = x0 + ax * u + bx * v. */
struct placing {
    double x0, y0, ax, bx, ay, by;
};

static void find_placing(const struct raster *r, const struct text_piece *piece, enum draw_turn turn, struct placing *out)
{
    double size = piece->style.size_pt, slant = piece->style.font->fake_italic ? SLANT : 0;

    switch (turn) {
    case DRAW_CLOCKWISE:
        *out = (struct placing){.ax = 0, .bx = size * r->scale_x, .ay = size * r->scale_y, .by = slant * size * r->scale_y};
        break;
    case DRAW_COUNTERCLOCKWISE:
        *out = (struct placing){.ax = 0, .bx = -size * r->scale_x, .ay = -size * r->scale_y, .by = -slant * size * r->scale_y};
        break;
    default:
        *out = (struct placing){.ax = size * r->scale_x, .bx = slant * size * r->scale_x, .ay = 0, .by = -size * r->scale_y};
        break;
    }
}

static void add_outline(cairo_t *cairo, const struct outline *outline, const struct placing *p)
{
#define X(u, v) (p->x0 + p->ax * (double)(u) + p->bx * (double)(v))
#define Y(u, v) (p->y0 + p->ay * (double)(u) + p->by * (double)(v))
    for (size_t i = 0; i < outline->steps.count; i++) {
        const struct step *s = &outline->steps.items[i];
        switch (s->kind) {
        case STEP_MOVE: cairo_move_to(cairo, X(s->x, s->y), Y(s->x, s->y)); break;
        case STEP_LINE: cairo_line_to(cairo, X(s->x, s->y), Y(s->x, s->y)); break;
        case STEP_CURVE:
            cairo_curve_to(cairo, X(s->x1, s->y1), Y(s->x1, s->y1), X(s->x2, s->y2), Y(s->x2, s->y2), X(s->x, s->y), Y(s->x, s->y));
            break;
        case STEP_CLOSE: cairo_close_path(cairo); break;
        }
    }
#undef X
#undef Y
}

/* `right` and `up` of the start of the piece, in points. */
static void add_glyph(struct raster *r, struct raster_font *font, unsigned glyph, const struct placing *start, double size_pt,
                      double right_pt, double up_pt)
{
    const struct outline *outline = outline_of(r, font, glyph);
    struct placing own = *start;
    double u = right_pt / size_pt, v = up_pt / size_pt;

    if (!outline || outline->steps.count == 0)
        return;
    own.x0 += own.ax * u + (own.ax == 0 ? own.bx : 0) * v; /* a raised glyph is not slanted aside */
    own.y0 += own.ay * u + (own.ay == 0 ? own.by : 0) * v;
    add_outline(r->cairo, outline, &own);
}

rs_status raster_text(struct rs_job *job, struct draw_device *device, double x_pt, double y_pt, enum draw_turn turn,
                      const struct text_piece *piece)
{
    struct raster *r = raster_of(device);
    const struct text_font *font = piece->style.font;
    struct raster_font *own = font_of(r, font);
    double size = piece->style.size_pt, pen = 0;
    struct placing start;

    find_placing(r, piece, turn, &start);
    start.x0 = x_pt * r->scale_x;
    start.y0 = y_pt * r->scale_y;
    cairo_new_path(r->cairo);
    for (size_t i = 0; i < piece->glyph_count; i++) {
        if (piece->glyphs) {
            const struct text_glyph *glyph = &piece->glyphs[i];
            add_glyph(r, own, glyph->id, &start, size, pen + glyph->x_pt, glyph->y_pt);
            pen += glyph->advance_pt;
        } else {
            uint8_t byte = (uint8_t)piece->text.bytes[i];
            add_glyph(r, own, font->plain_glyph[byte & (TEXT_PLAIN_MAX - 1)], &start, size, pen, 0);
            pen += font->plain_advance[byte] * size / font->units_per_em;
        }
        if (i % 4096 == 4095)
            RS_TRY(rs_job_checkpoint(job));
    }
    raster_color(r, piece->style.color, 255);
    if (font->fake_bold) {
        cairo_fill_preserve(r->cairo);
        cairo_set_line_width(r->cairo, size * FATTEN * r->scale_x);
        cairo_set_dash(r->cairo, NULL, 0, 0);
        cairo_stroke(r->cairo);
    } else {
        cairo_fill(r->cairo);
    }
    return RS_OK;
}
