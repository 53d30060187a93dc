#include <math.h>

#include "report/layout/frame.h"
#include "report/layout/markup.h"
#include "report/rdl/values.h"

#define NOTE_FILL 0xfff7f7f7u
#define NOTE_COLOR 0x606060u
#define LINE_OVERHANG 0.3 /* of a single line's height may stand below its box */

/* ---- making ----------------------------------------------------------------------------------------- */

static bool is_turned(const struct layout_frame *frame)
{
    return frame->style->writing_mode != RDL_HORIZONTAL;
}

/* Extent along the lines, and across them. */
static double inner_length(const struct layout_frame *frame, double height_pt)
{
    const double *padding = frame->style->padding_pt;
    double length = is_turned(frame) ? height_pt - padding[RDL_TOP] - padding[RDL_BOTTOM]
                                     : frame->width_pt - padding[RDL_LEFT] - padding[RDL_RIGHT];

    return length > 0 ? length : 0;
}

static double inner_depth(const struct layout_frame *frame, double height_pt)
{
    const double *padding = frame->style->padding_pt;

    return is_turned(frame) ? frame->width_pt - padding[RDL_LEFT] - padding[RDL_RIGHT]
                            : height_pt - padding[RDL_TOP] - padding[RDL_BOTTOM];
}

double layout_text_width(const struct layout_frame *frame)
{
    return inner_length(frame, frame->height_pt);
}

/* General: numbers and dates to the far side, all else to the near one. */
enum text_align layout_text_align(unsigned align, const struct value *value, bool right_to_left)
{
    switch (align) {
    case RDL_ALIGN_LEFT: return TEXT_LEFT;
    case RDL_ALIGN_CENTER: return TEXT_CENTER;
    case RDL_ALIGN_RIGHT: return TEXT_RIGHT;
    case RDL_ALIGN_JUSTIFY: return TEXT_JUSTIFY;
    default: break;
    }
    switch (value ? value->kind : VALUE_TEXT) {
    case VALUE_INTEGER:
    case VALUE_LONG:
    case VALUE_SINGLE:
    case VALUE_DOUBLE:
    case VALUE_DECIMAL:
    case VALUE_DATE:
    case VALUE_OFFSET:
    case VALUE_SPAN: return right_to_left ? TEXT_LEFT : TEXT_RIGHT;
    default: return right_to_left ? TEXT_RIGHT : TEXT_LEFT;
    }
}

void layout_text_style(const struct layout_style *style, struct text_run *run)
{
    run->style = (struct text_style){
        .font = style->font,
        .size_pt = style->font_size_pt,
        .color = style->color & 0xffffff,
        .decoration = style->decoration,
    };
    if (!(style->color >> 24)) /* transparent text takes its place but is not seen */
        run->style.color = 0xffffff;
}

/* One run of the definition; `value` may be NULL. */
static rs_status make_run(struct layout *l, struct rs_job *memory, const struct layout_frame *frame,
                          const struct rdl_text_run *source, struct text_run *run, struct value *value)
{
    const struct layout_style *style;
    struct compute_text text;

    RS_TRY(layout_style_find(memory, l->definition->styles, &frame->scope, &source->style, false, &style));
    RS_TRY(compute_run_text(memory, l->run, &frame->scope, frame->item, source, &text));
    layout_text_style(style, run);
    run->text = text.text;
    run->link = RS_TEXT("");
    if (source->action.present)
        RS_TRY(layout_link_target(l, memory, &frame->scope, &source->action, &run->link));
    if (value)
        *value = text.value;
    return RS_OK;
}

static rs_status style_paragraph(struct layout *l, struct rs_job *memory, const struct layout_frame *frame,
                                 const struct rdl_paragraph *source, const struct value *value,
                                 struct text_paragraph *paragraph)
{
    const struct {
        const struct rdl_expr *expr;
        double *size_pt;
    } sizes[] = {
        {&source->left_indent, &paragraph->left_indent_pt},
        {&source->right_indent, &paragraph->right_indent_pt},
        {&source->hanging_indent, &paragraph->hanging_indent_pt},
        {&source->space_before, &paragraph->space_before_pt},
        {&source->space_after, &paragraph->space_after_pt},
    };
    const struct layout_style *style;

    RS_TRY(layout_style_find(memory, l->definition->styles, &frame->scope, &source->style, false, &style));
    paragraph->align = layout_text_align(style->text_align, value, frame->style->right_to_left);
    paragraph->line_height_pt = style->line_height_pt;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        if (sizes[i].expr->present)
            RS_TRY(layout_size(memory, l->run, &frame->scope, sizes[i].expr, sizes[i].size_pt));
    paragraph->list = source->list_style == RDL_LIST_BULLETED   ? TEXT_BULLETED
                      : source->list_style == RDL_LIST_NUMBERED ? TEXT_NUMBERED
                                                                : TEXT_NO_LIST;
    paragraph->list_level = source->list_level > 0 ? source->list_level - 1 : 0;
    return RS_OK;
}

static rs_status is_markup(struct layout *l, struct rs_job *memory, const struct layout_frame *frame,
                           const struct rdl_text_run *source, bool *markup)
{
    rs_text type;

    *markup = false;
    if (!source->markup_type.present)
        return RS_OK;
    RS_TRY(compute_eval_text(memory, l->run, &frame->scope, &source->markup_type, RS_TEXT("None"), &type));
    *markup = rs_text_equal_nocase(rs_text_trim(type), RS_TEXT("HTML"));
    return RS_OK;
}

RS_VEC_TYPE(struct text_paragraph, paragraph_vec);

/* The runs of one paragraph; where some are HTML it may become several. */
static rs_status make_paragraph(struct layout *l, struct rs_job *memory, const struct layout_frame *frame,
                                const struct rdl_paragraph *source, struct paragraph_vec *out)
{
    struct text_run *runs = RS_NEW_ARRAY(memory, struct text_run, source->runs.count);
    struct text_paragraph paragraph = {.runs = runs, .run_count = source->runs.count};
    bool *markup = RS_NEW_ARRAY(memory, bool, source->runs.count), any = false;
    struct value value = value_null();
    const struct text_paragraph *parts = &paragraph;
    size_t count = 1;

    for (size_t i = 0; i < source->runs.count; i++) {
        RS_TRY(make_run(l, memory, frame, &source->runs.items[i], &runs[i], &value));
        RS_TRY(is_markup(l, memory, frame, &source->runs.items[i], &markup[i]));
        any |= markup[i];
    }
    RS_TRY(style_paragraph(l, memory, frame, source, source->runs.count == 1 && !any ? &value : NULL, &paragraph));
    if (any)
        RS_TRY(layout_markup_parse(memory, &paragraph, markup, &parts, &count));
    for (size_t i = 0; i < count; i++)
        rs_vec_push(memory, out, parts[i]);
    return RS_OK;
}

static rs_status make_rich(struct layout *l, struct rs_job *memory, struct layout_frame *frame,
                           const struct text_frame *box)
{
    const struct rdl_textbox *textbox = frame->item->textbox;
    struct paragraph_vec paragraphs = {0};

    for (size_t i = 0; i < textbox->paragraphs.count; i++)
        if (textbox->paragraphs.items[i].runs.count)
            RS_TRY(make_paragraph(l, memory, frame, &textbox->paragraphs.items[i], &paragraphs));
    if (paragraphs.count == 1 && paragraphs.items[0].run_count == 1)
        return text_cache_layout(memory, l->texts, box, &paragraphs.items[0], &frame->text.block);
    return text_block_layout(memory, box, paragraphs.items, paragraphs.count, &frame->text.block);
}

/* One paragraph of one run, which is what nearly every text box is. */
static rs_status make_simple(struct layout *l, struct rs_job *memory, struct layout_frame *frame,
                             const struct text_frame *box)
{
    const struct rdl_paragraph *source = &frame->item->textbox->paragraphs.items[0];
    struct text_run run;
    struct text_paragraph paragraph = {.runs = &run, .run_count = 1};

    RS_TRY(make_run(l, memory, frame, &source->runs.items[0], &run, &frame->text.value));
    RS_TRY(style_paragraph(l, memory, frame, source, &frame->text.value, &paragraph));
    frame->text.shown = run.text;
    return text_cache_layout(memory, l->texts, box, &paragraph, &frame->text.block);
}

rs_status layout_text_make(struct layout *l, struct rs_job *memory, struct layout_frame *frame)
{
    const struct rdl_textbox *textbox = frame->item->textbox;
    struct text_frame box = {.width_pt = inner_length(frame, frame->height_pt),
                             .right_to_left = frame->style->right_to_left};
    struct compute_text whole;

    frame->kind = FRAME_TEXT;
    frame->keep_together = textbox->keep_together;
    if (textbox->paragraphs.count == 1 && textbox->paragraphs.items[0].runs.count == 1 &&
        !textbox->paragraphs.items[0].runs.items[0].markup_type.present)
        return make_simple(l, memory, frame, &box);
    if (compute_page_wants(l->run, frame->item) || textbox->hide_duplicates.size) {
        RS_TRY(compute_textbox(memory, l->run, &frame->scope, frame->item, &whole));
        frame->text.value = whole.value;
        frame->text.shown = whole.text;
    }
    return make_rich(l, memory, frame, &box);
}

/* A note in the largest of a few sizes in which it fits the place it stands in; where none does its first word, or nothing. */
static rs_status fit_note(struct rs_job *memory, struct layout_frame *frame, rs_text note)
{
    static const double sizes_pt[] = {8, 6.5, 5};
    struct text_run run = {.text = note, .style = {.font = frame->style->font, .color = NOTE_COLOR}};
    struct text_paragraph paragraph = {.runs = &run, .run_count = 1, .align = TEXT_CENTER};
    struct text_frame box = {.width_pt = inner_length(frame, frame->height_pt)};
    double room = frame->height_pt - frame->style->padding_pt[RDL_TOP] - frame->style->padding_pt[RDL_BOTTOM];

    for (size_t i = 0; i < sizeof sizes_pt / sizeof sizes_pt[0]; i++) {
        run.style.size_pt = sizes_pt[i];
        RS_TRY(text_block_layout(memory, &box, &paragraph, 1, &frame->text.block));
        if (frame->text.block.height_pt <= room + LAYOUT_SLACK_PT)
            return RS_OK;
    }
    for (size_t i = 0; i < note.size && note.bytes[i] != ' '; i++)
        run.text = rs_text_slice(note, 0, i + 1);
    RS_TRY(text_block_layout(memory, &box, &paragraph, 1, &frame->text.block));
    return frame->text.block.line_count > 1 ? text_block_layout(memory, &box, &paragraph, 0, &frame->text.block) : RS_OK;
}

rs_status layout_note_make(struct layout *l, struct rs_job *memory, struct layout_frame *frame, rs_text note)
{
    static const struct draw_pen pen = {DRAW_DASHED, 0.5, 0xffa0a0a0u};
    struct layout_style *style = RS_NEW(memory, struct layout_style);

    (void)l;
    *style = *frame->style;
    RS_TRY(text_font_find(memory, RS_TEXT("Arial"), 400, false, &style->font));
    style->background = NOTE_FILL;
    style->has_sides = true;
    style->vertical_align = RDL_ALIGN_MIDDLE;
    style->writing_mode = RDL_HORIZONTAL;
    for (int side = 0; side < RDL_SIDES; side++) {
        style->sides[side] = pen;
        style->padding_pt[side] = 1;
    }
    frame->kind = FRAME_TEXT;
    frame->style = style;
    frame->keep_together = true;
    return fit_note(memory, frame, note);
}

rs_status layout_message_make(struct layout *l, struct rs_job *memory, struct layout_frame *frame, rs_text message)
{
    struct text_run run = {.text = message};
    struct text_paragraph paragraph = {.runs = &run, .run_count = 1};
    struct text_frame box = {.width_pt = inner_length(frame, frame->height_pt),
                             .right_to_left = frame->style->right_to_left};

    (void)l;
    layout_text_style(frame->style, &run);
    frame->kind = FRAME_TEXT;
    memset(&frame->text, 0, sizeof frame->text);
    frame->text.grows = true;
    return text_block_layout(memory, &box, &paragraph, 1, &frame->text.block);
}

/* ---- measuring -------------------------------------------------------------------------------------- */

static double lines_top(const struct layout_frame *frame)
{
    const struct text_block *block = &frame->text.block;

    if (frame->text.line == 0)
        return 0;
    return frame->text.line < block->line_count ? block->lines[frame->text.line].top_pt : block->height_pt;
}

static bool can_grow(const struct layout_frame *frame)
{
    return frame->text.grows ||
           (frame->item && frame->item->kind == RDL_TEXTBOX && frame->item->textbox->can_grow && !is_turned(frame));
}

static bool can_shrink(const struct layout_frame *frame)
{
    return frame->item && frame->item->kind == RDL_TEXTBOX && frame->item->textbox->can_shrink && !is_turned(frame);
}

double layout_text_measure(const struct layout_frame *frame)
{
    const double *padding = frame->style->padding_pt;
    double content = frame->text.block.height_pt - lines_top(frame);
    double designed = frame->height_pt - frame->drawn_pt;

    if (is_turned(frame))
        return designed > 0 ? designed : 0;
    if (content > 0)
        content += padding[RDL_TOP] + padding[RDL_BOTTOM];
    if (designed < 0)
        designed = 0;
    if (can_grow(frame) && content > designed)
        return content;
    if (can_shrink(frame) && content < designed)
        return content;
    return designed;
}

/* ---- drawing ---------------------------------------------------------------------------------------- */

/* "Hide duplicates": whether this instance says what the one before it on the page said. */
static bool is_duplicate(struct layout *l, const struct layout_frame *frame)
{
    const struct rdl_textbox *textbox = frame->item->textbox;
    struct layout_duplicate *before = &l->definition->duplicates[frame->item->number];
    struct layout_duplicate own = {.page_number = l->page_number};

    own.instance = compute_instance(l->run, &frame->scope, textbox->hide_duplicates);
    own.text = rs_hash(frame->text.shown);
    if (before->page_number == own.page_number && before->instance == own.instance && before->text == own.text)
        return true;
    *before = own;
    return false;
}

/* A paragraph of its own; the text of a cell is the cell's. */
static rs_status begin_text(struct layout *l, const struct layout_frame *frame)
{
    return frame->in_cell ? RS_OK : draw_tag_begin(l->job, l->device, &(struct draw_tag){.kind = DRAW_TAG_TEXT});
}

static rs_status end_text(struct layout *l, const struct layout_frame *frame)
{
    return frame->in_cell ? RS_OK : draw_tag_end(l->job, l->device, DRAW_TAG_TEXT);
}

static rs_status draw_turned_lines(struct layout *l, const struct layout_frame *frame, double x_pt, double y_pt,
                                   double height_pt)
{
    const struct layout_style *style = frame->style;
    const double *padding = style->padding_pt;
    double spare = inner_depth(frame, height_pt) - frame->text.block.height_pt;
    double offset = style->vertical_align == RDL_ALIGN_MIDDLE ? spare / 2 : style->vertical_align == RDL_ALIGN_BOTTOM ? spare : 0;

    if (style->writing_mode == RDL_VERTICAL) /* lines run down, the first is at the right */
        return draw_block(l->job, l->device, &frame->text.block, 0, SIZE_MAX,
                          x_pt + frame->width_pt - padding[RDL_RIGHT] - offset, y_pt + padding[RDL_TOP], DRAW_CLOCKWISE);
    return draw_block(l->job, l->device, &frame->text.block, 0, SIZE_MAX, x_pt + padding[RDL_LEFT] + offset,
                      y_pt + height_pt - padding[RDL_BOTTOM], DRAW_COUNTERCLOCKWISE);
}

static rs_status draw_turned(struct layout *l, const struct layout_frame *frame, double x_pt, double y_pt, double height_pt)
{
    RS_TRY(begin_text(l, frame));
    RS_TRY(draw_turned_lines(l, frame, x_pt, y_pt, height_pt));
    return end_text(l, frame);
}

/* `count` lines from frame->text.line on, in a box of `height`. */
static rs_status draw_lines(struct layout *l, const struct layout_frame *frame, double x_pt, double y_pt,
                            double height_pt, size_t count)
{
    const struct layout_style *style = frame->style;
    const struct text_block *block = &frame->text.block;
    const double *padding = style->padding_pt;
    size_t end = frame->text.line + count;
    double bottom = end < block->line_count ? block->lines[end].top_pt : block->height_pt;
    double content = bottom - lines_top(frame), spare = inner_depth(frame, height_pt) - content, top = padding[RDL_TOP];
    bool clip;

    if (is_turned(frame)) {
        struct draw_box box = {x_pt, y_pt, frame->width_pt, height_pt};
        if (spare >= -LAYOUT_SLACK_PT && block->width_pt <= inner_length(frame, height_pt) + LAYOUT_SLACK_PT)
            return draw_turned(l, frame, x_pt, y_pt, height_pt);
        RS_TRY(l->device->functions->clip_begin(l->job, l->device, &box));
        RS_TRY(draw_turned(l, frame, x_pt, y_pt, height_pt));
        return l->device->functions->clip_end(l->job, l->device);
    }
    if (spare > 0 && style->vertical_align != RDL_ALIGN_TOP)
        top += style->vertical_align == RDL_ALIGN_MIDDLE ? spare / 2 : spare;
    /* a line that is cut by a few points is shown whole: substitute fonts are rarely as high as the original */
    clip = content + top > height_pt + (count == 1 ? content * LINE_OVERHANG : LAYOUT_SLACK_PT) || padding[RDL_LEFT] + block->width_pt > frame->width_pt + LAYOUT_SLACK_PT;
    if (clip) {
        struct draw_box box = {x_pt, y_pt, frame->width_pt, height_pt};
        RS_TRY(l->device->functions->clip_begin(l->job, l->device, &box));
        while (count > 1 && block->lines[frame->text.line + count - 1].top_pt - lines_top(frame) > height_pt)
            count--; /* lines that nobody would see */
    }
    RS_TRY(begin_text(l, frame));
    RS_TRY(draw_block(l->job, l->device, block, frame->text.line, count, x_pt + padding[RDL_LEFT], y_pt + top, DRAW_UPRIGHT));
    RS_TRY(end_text(l, frame));
    return clip ? l->device->functions->clip_end(l->job, l->device) : RS_OK;
}

static rs_status record(struct layout *l, const struct layout_frame *frame)
{
    if (l->page && frame->item && frame->item->kind == RDL_TEXTBOX && compute_page_wants(l->run, frame->item))
        compute_page_record(l->run, l->page, frame->item, frame->text.value);
    return RS_OK;
}

rs_status layout_text_draw(struct layout *l, struct layout_frame *frame, double x_pt, double y_pt, double height_pt)
{
    RS_TRY(record(l, frame));
    if (frame->text.block.line_count == 0)
        return RS_OK;
    if (frame->item && frame->item->kind == RDL_TEXTBOX && frame->item->textbox->hide_duplicates.size &&
        is_duplicate(l, frame))
        return RS_OK;
    return draw_lines(l, frame, x_pt, y_pt, height_pt, frame->text.block.line_count - frame->text.line);
}

/* ---- placing ---------------------------------------------------------------------------------------- */

/* How many of the lines that are left fit into `room`. */
static size_t lines_that_fit(const struct layout_frame *frame, double room_pt)
{
    const struct text_block *block = &frame->text.block;
    double room = room_pt - frame->style->padding_pt[RDL_TOP] - frame->style->padding_pt[RDL_BOTTOM];
    double top = lines_top(frame);
    size_t count = 0;

    for (size_t i = frame->text.line; i < block->line_count; i++) {
        if (block->lines[i].top_pt + block->lines[i].height_pt - top > room + LAYOUT_SLACK_PT)
            break;
        count++;
    }
    return count;
}

static rs_status place_whole(struct layout *l, struct layout_frame *frame, const struct layout_spot *spot,
                             double height_pt, struct layout_result *out)
{
    RS_TRY(layout_draw_background(l, frame, spot->x_pt, spot->y_pt, height_pt));
    RS_TRY(layout_text_draw(l, frame, spot->x_pt, spot->y_pt, height_pt));
    RS_TRY(layout_draw_border(l, frame, spot->x_pt, spot->y_pt, height_pt));
    if (!frame->started)
        RS_TRY(layout_draw_extras(l, frame, spot->x_pt, spot->y_pt, height_pt));
    *out = (struct layout_result){LAYOUT_DONE, height_pt, false};
    return RS_OK;
}

bool layout_text_waits(const struct layout *l, const struct layout_frame *frame, double room_pt)
{
    double height = layout_text_measure(frame);
    size_t left = frame->text.block.line_count - frame->text.line;
    bool splits = left > 1 && (!frame->keep_together || height > l->area_height_pt);

    return height > room_pt + LAYOUT_SLACK_PT && (!splits || lines_that_fit(frame, room_pt) < 2);
}

rs_status layout_text_place(struct layout *l, struct layout_frame *frame, const struct layout_spot *spot,
                            struct layout_result *out)
{
    double height = layout_text_measure(frame), room = spot->room_pt;
    size_t left = frame->text.block.line_count - frame->text.line, fits;

    if (height <= room + LAYOUT_SLACK_PT)
        return place_whole(l, frame, spot, height, out);
    if (!spot->fresh && layout_text_waits(l, frame, room)) {
        *out = (struct layout_result){LAYOUT_NONE, 0, false};
        return RS_OK;
    }
    fits = lines_that_fit(frame, room);
    if (fits == 0) /* an empty page, and not a line of it is high enough */
        fits = left ? 1 : 0;
    if (fits == left && can_grow(frame)) /* only empty space is left: it stays on this page */
        return place_whole(l, frame, spot, room, out);
    RS_TRY(layout_draw_background(l, frame, spot->x_pt, spot->y_pt, room));
    RS_TRY(record(l, frame));
    if (fits)
        RS_TRY(draw_lines(l, frame, spot->x_pt, spot->y_pt, room, is_turned(frame) ? left : fits));
    RS_TRY(layout_draw_border(l, frame, spot->x_pt, spot->y_pt, room));
    if (!frame->started)
        RS_TRY(layout_draw_extras(l, frame, spot->x_pt, spot->y_pt, room));
    frame->started = true;
    frame->drawn_pt += room;
    frame->text.line += is_turned(frame) ? left : fits;
    *out = (struct layout_result){LAYOUT_MORE, room, false};
    return RS_OK;
}
