#include "report/draw/device.h"

/* A box given relative to the point that everything is turned around. */
static struct draw_box turned(double x, double y, enum draw_turn turn, double left, double top, double width,
                              double height)
{
    switch (turn) {
    case DRAW_CLOCKWISE:
        return (struct draw_box){x - top - height, y + left, height, width};
    case DRAW_COUNTERCLOCKWISE:
        return (struct draw_box){x + top, y - left - width, height, width};
    default:
        return (struct draw_box){x + left, y + top, width, height};
    }
}

static rs_status draw_decorations(struct rs_job *job, struct draw_device *device, const struct text_piece *piece,
                                  double x_pt, double y_pt, enum draw_turn turn, double baseline_pt)
{
    const struct text_metrics *m = &piece->style.font->metrics;
    double size = piece->style.size_pt, thickness = m->underline_thickness * size;
    const struct {
        unsigned flag;
        double top_pt;
    } lines[] = {
        {TEXT_UNDERLINE, baseline_pt + m->underline_top * size},
        {TEXT_LINE_THROUGH, baseline_pt - m->strike_top * size},
        {TEXT_OVERLINE, baseline_pt - m->ascent * size},
    };

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct draw_box box;
        if (!(piece->style.decoration & lines[i].flag))
            continue;
        box = turned(x_pt, y_pt, turn, piece->left_pt, lines[i].top_pt, piece->width_pt, thickness);
        RS_TRY(device->functions->fill(job, device, &box, 0xff000000u | piece->style.color));
    }
    return RS_OK;
}

static rs_status draw_piece(struct rs_job *job, struct draw_device *device, const struct text_line *line,
                            const struct text_piece *piece, double x_pt, double y_pt, double shift_pt,
                            enum draw_turn turn)
{
    double baseline = line->baseline_pt - shift_pt;
    struct draw_box at = turned(x_pt, y_pt, turn, piece->left_pt, baseline, 0, 0);

    if (piece->link.size)
        RS_TRY(draw_tag_begin(job, device, &(struct draw_tag){.kind = DRAW_TAG_LINK}));
    RS_TRY(device->functions->text(job, device, at.left_pt, at.top_pt, turn, piece));
    if (piece->style.decoration)
        RS_TRY(draw_decorations(job, device, piece, x_pt, y_pt, turn, baseline));
    if (piece->link.size) {
        struct draw_box box = turned(x_pt, y_pt, turn, piece->left_pt, line->top_pt - shift_pt, piece->width_pt,
                                     line->height_pt);
        RS_TRY(device->functions->link(job, device, &box, piece->link));
        RS_TRY(draw_tag_end(job, device, DRAW_TAG_LINK));
    }
    return RS_OK;
}

rs_status draw_block(struct rs_job *job, struct draw_device *device, const struct text_block *block, size_t first,
                     size_t count, double x_pt, double y_pt, enum draw_turn turn)
{
    double shift = first < block->line_count ? block->lines[first].top_pt : 0;
    const struct text_piece *only = block->lines->pieces;

    if (block->line_count == 1 && first == 0 && count && block->lines->piece_count == 1 && turn == DRAW_UPRIGHT &&
        !only->style.decoration && !only->link.size) /* as in most tables */
        return device->functions->text(job, device, x_pt + only->left_pt, y_pt + block->lines->baseline_pt, turn, only);
    if (first == 0)
        shift = 0; /* the space before the first paragraph belongs to it */
    for (size_t i = first; i < block->line_count && i - first < count; i++)
        for (size_t k = 0; k < block->lines[i].piece_count; k++)
            RS_TRY(draw_piece(job, device, &block->lines[i], &block->lines[i].pieces[k], x_pt, y_pt, shift, turn));
    return RS_OK;
}

static bool is_same_pen(const struct draw_pen *a, const struct draw_pen *b)
{
    return a->style == b->style && a->color == b->color && a->width_pt == b->width_pt;
}

/* Two frames, one inside the other: their lines do not cross in the corners. */
static rs_status draw_double_frame(struct rs_job *job, struct draw_device *device, const struct draw_box *box,
                                   const struct draw_pen *pen)
{
    double third = pen->width_pt / 3;
    struct draw_pen thin = {DRAW_SOLID, third, pen->color};
    struct draw_box outer = {box->left_pt - third, box->top_pt - third, box->width_pt + 2 * third, box->height_pt + 2 * third};
    struct draw_box inner = {box->left_pt + third, box->top_pt + third, box->width_pt - 2 * third, box->height_pt - 2 * third};

    RS_TRY(draw_frame(job, device, &outer, &thin, &thin, &thin, &thin));
    return draw_frame(job, device, &inner, &thin, &thin, &thin, &thin);
}

rs_status draw_frame(struct rs_job *job, struct draw_device *device, const struct draw_box *box,
                     const struct draw_pen *left, const struct draw_pen *top, const struct draw_pen *right,
                     const struct draw_pen *bottom)
{
    double x1 = box->left_pt, y1 = box->top_pt, x2 = x1 + box->width_pt, y2 = y1 + box->height_pt;
    const struct {
        const struct draw_pen *pen, *before, *after;
        double x1, y1, x2, y2;
    } sides[] = {
        {top, left, right, x1, y1, x2, y1},
        {bottom, left, right, x1, y2, x2, y2},
        {left, top, bottom, x1, y1, x1, y2},
        {right, top, bottom, x2, y1, x2, y2},
    };

    if (top->style == DRAW_DOUBLE && is_same_pen(top, left) && is_same_pen(top, right) && is_same_pen(top, bottom) &&
        box->width_pt > top->width_pt && box->height_pt > top->width_pt)
        return draw_double_frame(job, device, box, top);
    for (size_t i = 0; i < 4; i++) {
        const struct draw_pen *pen = sides[i].pen;
        double before = 0, after = 0;
        if (pen->style == DRAW_NO_LINE || !(pen->color >> 24))
            continue;
        if (sides[i].before->style != DRAW_NO_LINE) /* corners are filled */
            before = sides[i].before->width_pt / 2;
        if (sides[i].after->style != DRAW_NO_LINE)
            after = sides[i].after->width_pt / 2;
        RS_TRY(i < 2 ? device->functions->line(job, device, sides[i].x1 - before, sides[i].y1, sides[i].x2 + after,
                                               sides[i].y2, pen)
                     : device->functions->line(job, device, sides[i].x1, sides[i].y1 - before, sides[i].x2,
                                               sides[i].y2 + after, pen));
    }
    return RS_OK;
}

/* ---- what some devices do not have ---------------------------------------------------------------------- */

rs_status draw_no_link(struct rs_job *job, struct draw_device *device, const struct draw_box *box, rs_text uri)
{
    (void)job, (void)device, (void)box, (void)uri;
    return RS_OK;
}

rs_status draw_no_bookmark(struct rs_job *job, struct draw_device *device, rs_text name, double x_pt, double y_pt)
{
    (void)job, (void)device, (void)name, (void)x_pt, (void)y_pt;
    return RS_OK;
}

rs_status draw_no_outline(struct rs_job *job, struct draw_device *device, unsigned level, rs_text title, double y_pt)
{
    (void)job, (void)device, (void)level, (void)title, (void)y_pt;
    return RS_OK;
}
