#include "report/draw/tape.h"

#include <math.h>

#include "base/vec.h"
#include "report/draw/image.h"

enum op_kind { OP_FILL, OP_GRADIENT, OP_LINE, OP_TEXT, OP_IMAGE, OP_CLIP, OP_CLIP_END, OP_LINK, OP_BOOKMARK, OP_OUTLINE, OP_TAG, OP_TAG_END };

struct op {
    enum op_kind kind;
    struct draw_box box;    /* a line: from left, top; width and height may be negative */
    struct draw_pen pen;    /* OP_LINE; color of OP_FILL */
    enum draw_turn turn;
    unsigned level;
    const struct text_piece *piece;
    const struct draw_image *image;
    const struct draw_gradient *gradient;
    rs_text text;
    const struct draw_tag *tag;
    enum draw_tag_kind tag_kind;
};

struct tape {
    struct draw_device device; /* first */
    struct rs_job *memory;
    struct rs_mark empty;
    RS_VEC(struct op) ops;
    RS_VEC(const struct draw_image *) images; /* copies, each picture once */
    double width_pt;
};

static struct tape *tape_of(const struct draw_device *device)
{
    return (struct tape *)device;
}

static void tape_end(void *object)
{
    rs_job_destroy(((struct tape *)object)->memory);
}

/* ---- remembering ------------------------------------------------------------------------------------ */

static rs_status add(struct draw_device *device, struct op op)
{
    struct tape *tape = tape_of(device);
    double right = op.box.left_pt + fmax(op.box.width_pt, 0);

    if (op.kind != OP_CLIP && op.kind != OP_CLIP_END && op.kind != OP_OUTLINE && right > tape->width_pt)
        tape->width_pt = right;
    rs_vec_push(tape->memory, &tape->ops, op);
    return RS_OK;
}

static rs_status tape_fill(struct rs_job *job, struct draw_device *device, const struct draw_box *box, uint32_t color)
{
    (void)job;
    return color >> 24 ? add(device, (struct op){.kind = OP_FILL, .box = *box, .pen.color = color}) : RS_OK;
}

static rs_status tape_gradient(struct rs_job *job, struct draw_device *device, const struct draw_box *box,
                               const struct draw_gradient *gradient)
{
    struct draw_gradient *copy = RS_NEW(tape_of(device)->memory, struct draw_gradient);

    (void)job;
    *copy = *gradient;
    return add(device, (struct op){.kind = OP_GRADIENT, .box = *box, .gradient = copy});
}

static rs_status tape_line(struct rs_job *job, struct draw_device *device, double x1_pt, double y1_pt, double x2_pt,
                           double y2_pt, const struct draw_pen *pen)
{
    (void)job;
    return add(device, (struct op){.kind = OP_LINE, .box = {x1_pt, y1_pt, x2_pt - x1_pt, y2_pt - y1_pt}, .pen = *pen});
}

static rs_status tape_text(struct rs_job *job, struct draw_device *device, double x_pt, double y_pt,
                           enum draw_turn turn, const struct text_piece *piece)
{
    struct rs_job *memory = tape_of(device)->memory;
    struct text_piece *copy = RS_NEW(memory, struct text_piece);
    struct text_glyph *glyphs;
    double width = turn == DRAW_UPRIGHT ? piece->width_pt : piece->style.size_pt;

    (void)job;
    *copy = *piece;
    copy->text = rs_text_copy(memory, piece->text);
    copy->link = RS_TEXT(""); /* told apart */
    if (piece->glyphs) {
        glyphs = RS_NEW_ARRAY(memory, struct text_glyph, piece->glyph_count);
        memcpy(glyphs, piece->glyphs, piece->glyph_count * sizeof *glyphs);
        copy->glyphs = glyphs;
    }
    return add(device, (struct op){.kind = OP_TEXT, .box = {x_pt, y_pt, width, 0}, .turn = turn, .piece = copy});
}

/* The copy of a picture on this tape: its maker may be gone when the tape is played. */
static const struct draw_image *keep_image(struct tape *tape, const struct draw_image *image)
{
    struct draw_image *copy;

    for (size_t i = 0; i < tape->images.count; i++)
        if (tape->images.items[i]->hash == image->hash && tape->images.items[i]->data.size == image->data.size)
            return tape->images.items[i];
    copy = RS_NEW(tape->memory, struct draw_image);
    *copy = *image;
    copy->data = rs_text_copy(tape->memory, image->data);
    copy->palette = rs_text_copy(tape->memory, image->palette);
    if (image->alpha.size)
        copy->alpha = rs_text_copy(tape->memory, image->alpha);
    rs_vec_push(tape->memory, &tape->images, copy);
    return copy;
}

static rs_status tape_image(struct rs_job *job, struct draw_device *device, const struct draw_box *box,
                            const struct draw_image *image)
{
    (void)job;
    return add(device, (struct op){.kind = OP_IMAGE, .box = *box, .image = keep_image(tape_of(device), image)});
}

static rs_status tape_clip_begin(struct rs_job *job, struct draw_device *device, const struct draw_box *box)
{
    (void)job;
    return add(device, (struct op){.kind = OP_CLIP, .box = *box});
}

static rs_status tape_clip_end(struct rs_job *job, struct draw_device *device)
{
    (void)job;
    return add(device, (struct op){.kind = OP_CLIP_END});
}

static rs_status tape_link(struct rs_job *job, struct draw_device *device, const struct draw_box *box, rs_text uri)
{
    (void)job;
    return add(device, (struct op){.kind = OP_LINK, .box = *box, .text = rs_text_copy(tape_of(device)->memory, uri)});
}

static rs_status tape_bookmark(struct rs_job *job, struct draw_device *device, rs_text name, double x_pt, double y_pt)
{
    (void)job;
    return add(device, (struct op){.kind = OP_BOOKMARK, .box = {x_pt, y_pt, 0, 0},
                                   .text = rs_text_copy(tape_of(device)->memory, name)});
}

static rs_status tape_outline(struct rs_job *job, struct draw_device *device, unsigned level, rs_text title, double y_pt)
{
    (void)job;
    return add(device, (struct op){.kind = OP_OUTLINE, .box.top_pt = y_pt, .level = level,
                                   .text = rs_text_copy(tape_of(device)->memory, title)});
}

static rs_status tape_tag_begin(struct rs_job *job, struct draw_device *device, const struct draw_tag *tag)
{
    struct rs_job *memory = tape_of(device)->memory;
    struct draw_tag *copy = RS_NEW(memory, struct draw_tag);

    (void)job;
    *copy = *tag;
    copy->alternative = rs_text_copy(memory, tag->alternative);
    return add(device, (struct op){.kind = OP_TAG, .tag = copy});
}

static rs_status tape_tag_end(struct rs_job *job, struct draw_device *device, enum draw_tag_kind kind)
{
    (void)job;
    return add(device, (struct op){.kind = OP_TAG_END, .tag_kind = kind});
}

/* ---- playing ---------------------------------------------------------------------------------------- */

static bool is_between(const struct op *op, double from_x, double to_x)
{
    double left = op->box.left_pt + fmin(op->box.width_pt, 0), right = op->box.left_pt + fmax(op->box.width_pt, 0);

    if (op->kind == OP_CLIP || op->kind == OP_CLIP_END || op->kind == OP_TAG || op->kind == OP_TAG_END)
        return true;
    return right > left ? right > from_x + 0.01 && left < to_x - 0.01 : left >= from_x - 0.01 && left < to_x + 0.01;
}

static rs_status play_op(struct rs_job *job, struct draw_device *device, const struct op *op, double shift_x)
{
    const struct draw_functions *draw = device->functions;
    struct draw_box box = op->box;

    box.left_pt += shift_x;
    switch (op->kind) {
    case OP_FILL: return draw->fill(job, device, &box, op->pen.color);
    case OP_GRADIENT: return draw->gradient(job, device, &box, op->gradient);
    case OP_LINE:
        return draw->line(job, device, box.left_pt, box.top_pt, box.left_pt + box.width_pt, box.top_pt + box.height_pt,
                          &op->pen);
    case OP_TEXT: return draw->text(job, device, box.left_pt, box.top_pt, op->turn, op->piece);
    case OP_IMAGE: return draw->image(job, device, &box, op->image);
    case OP_CLIP: return draw->clip_begin(job, device, &box);
    case OP_CLIP_END: return draw->clip_end(job, device);
    case OP_LINK: return draw->link(job, device, &box, op->text);
    case OP_BOOKMARK: return draw->bookmark(job, device, op->text, box.left_pt, box.top_pt);
    case OP_OUTLINE: return draw->outline(job, device, op->level, op->text, box.top_pt);
    case OP_TAG: return draw_tag_begin(job, device, op->tag);
    case OP_TAG_END: return draw_tag_end(job, device, op->tag_kind);
    }
    return RS_OK;
}

rs_status tape_play(struct rs_job *job, struct draw_device *tape_device, struct draw_device *device, double from_x,
                    double to_x, double shift_x, bool first, bool *any)
{
    const struct tape *tape = tape_of(tape_device);

    *any = false;
    for (size_t i = 0; i < tape->ops.count; i++) {
        const struct op *op = &tape->ops.items[i];
        if (op->kind == OP_OUTLINE ? !first : !is_between(op, from_x, to_x))
            continue;
        *any |= op->kind <= OP_IMAGE;
        RS_TRY(play_op(job, device, op, shift_x));
        if (i % 1024 == 1023)
            RS_TRY(rs_job_checkpoint(job));
    }
    return RS_OK;
}

void tape_clear(struct draw_device *device)
{
    struct tape *tape = tape_of(device);

    memset(&tape->ops, 0, sizeof tape->ops);
    memset(&tape->images, 0, sizeof tape->images);
    rs_job_reset(tape->memory, tape->empty);
    tape->width_pt = 0;
}

double tape_width(const struct draw_device *device)
{
    return tape_of(device)->width_pt;
}

static const struct draw_functions tape_functions = {
    .name = "tape",
    .fill = tape_fill,
    .gradient = tape_gradient,
    .line = tape_line,
    .text = tape_text,
    .image = tape_image,
    .clip_begin = tape_clip_begin,
    .clip_end = tape_clip_end,
    .link = tape_link,
    .bookmark = tape_bookmark,
    .outline = tape_outline,
    .tag_begin = tape_tag_begin,
    .tag_end = tape_tag_end,
};

rs_status tape_create(struct rs_job *job, struct draw_device **out)
{
    struct rs_job_options options = {.within = job};
    struct tape *tape = RS_NEW(job, struct tape);

    tape->device.functions = &tape_functions;
    tape->device.tagged = true;
    tape->memory = rs_job_create(&options);
    tape->empty = rs_job_mark(tape->memory);
    rs_job_at_end(job, tape_end, tape);
    *out = &tape->device;
    return RS_OK;
}

/* ---- nowhere ---------------------------------------------------------------------------------------- */

static rs_status no_fill(struct rs_job *job, struct draw_device *device, const struct draw_box *box, uint32_t color)
{
    (void)job, (void)device, (void)box, (void)color;
    return RS_OK;
}

static rs_status no_gradient(struct rs_job *job, struct draw_device *device, const struct draw_box *box,
                             const struct draw_gradient *gradient)
{
    (void)job, (void)device, (void)box, (void)gradient;
    return RS_OK;
}

static rs_status no_line(struct rs_job *job, struct draw_device *device, double x1_pt, double y1_pt, double x2_pt,
                         double y2_pt, const struct draw_pen *pen)
{
    (void)job, (void)device, (void)x1_pt, (void)y1_pt, (void)x2_pt, (void)y2_pt, (void)pen;
    return RS_OK;
}

static rs_status no_text(struct rs_job *job, struct draw_device *device, double x_pt, double y_pt, enum draw_turn turn,
                         const struct text_piece *piece)
{
    (void)job, (void)device, (void)x_pt, (void)y_pt, (void)turn, (void)piece;
    return RS_OK;
}

static rs_status no_image(struct rs_job *job, struct draw_device *device, const struct draw_box *box,
                          const struct draw_image *image)
{
    (void)job, (void)device, (void)box, (void)image;
    return RS_OK;
}

static rs_status no_clip(struct rs_job *job, struct draw_device *device, const struct draw_box *box)
{
    (void)job, (void)device, (void)box;
    return RS_OK;
}

static rs_status no_clip_end(struct rs_job *job, struct draw_device *device)
{
    (void)job, (void)device;
    return RS_OK;
}

struct draw_device *nowhere_device(void)
{
    static const struct draw_functions functions = {
        .name = "nowhere",
        .fill = no_fill,
        .gradient = no_gradient,
        .line = no_line,
        .text = no_text,
        .image = no_image,
        .clip_begin = no_clip,
        .clip_end = no_clip_end,
        .link = draw_no_link,
        .bookmark = draw_no_bookmark,
        .outline = draw_no_outline,
    };
    static struct draw_device device = {&functions};

    return &device;
}
