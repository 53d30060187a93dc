#include <math.h>

#include "format/escape/base64.h"
#include "report/layout/frame.h"
#include "report/rdl/values.h"

#define PIXEL_PT 0.75         /* of a picture drawn at its own size: 96 to the inch */
#define TILES_MAX 10000       /* of one repeated background */
#define EXTERNALS_MAX 1000    /* external pictures that are remembered */
#define EXTERNAL_BYTES_MAX ((size_t)64 * 1024 * 1024) /* of their files */

/* A picture that was asked for before: shown again without being decoded again. */
struct layout_picture {
    const struct draw_image *image; /* NULL: cannot be shown */
    rs_text trouble;
};

/* ---- finding ---------------------------------------------------------------------------------------- */

static const struct rdl_embedded_image *find_embedded(const struct layout *l, rs_text name)
{
    for (size_t i = 0; i < l->report->embedded_images.count; i++)
        if (rs_text_equal_nocase(l->report->embedded_images.items[i].name, name))
            return &l->report->embedded_images.items[i];
    return NULL;
}

/* Decode in `memory`; a damaged picture is told in its place and does not stop the report. */
static rs_status decode(struct layout *l, struct rs_job *memory, rs_text file, bool is_base64, struct layout_picture *out)
{
    struct rs_job_options options = {.within = memory};
    RS_OWNED(rs_job) part = rs_job_create(&options);
    struct draw_image *image = RS_NEW(memory, struct draw_image);
    rs_text bytes = file;
    rs_status status = is_base64 ? escape_base64_parse(part, file, &bytes) : RS_OK;

    (void)l;
    if (status == RS_OK)
        status = draw_image_read(part, bytes, image);
    if (status == RS_CANCELLED || status == RS_TIMEOUT || status == RS_OVER_LIMIT || status == RS_NO_MEMORY)
        return rs_job_adopt(memory, part);
    if (status != RS_OK) {
        out->trouble = rs_text_copy(memory, rs_job_message(part));
        return RS_OK;
    }
    image->data = rs_text_copy(memory, image->data);
    image->palette = rs_text_copy(memory, image->palette);
    if (image->alpha.size)
        image->alpha = rs_text_copy(memory, image->alpha);
    out->image = image;
    return RS_OK;
}

static rs_status find_by_name(struct layout *l, rs_text name, struct layout_picture *out)
{
    struct layout_picture *picture = rs_map_find(l->definition->pictures, name);
    const struct rdl_embedded_image *source;

    if (!picture) {
        picture = RS_NEW(l->memory, struct layout_picture);
        source = find_embedded(l, name);
        if (source)
            RS_TRY(decode(l, l->memory, source->base64, true, picture));
        else
            picture->trouble = rs_text_format(l->memory, "the report has no embedded picture \"%.*s\"", RS_TEXT_ARG(name));
        rs_map_set(l->definition->pictures, rs_text_copy(l->memory, name), picture);
    }
    *out = *picture;
    return RS_OK;
}

static rs_status find_in_value(struct layout *l, struct rs_job *memory, struct value value, struct layout_picture *out)
{
    if (value.kind == VALUE_BYTES)
        return decode(l, memory, value_bytes(value), false, out);
    if (value.kind == VALUE_TEXT && value.size) /* bytes that a provider gave as base64 */
        return decode(l, memory, value_bytes(value), true, out);
    if (value.kind != VALUE_NULL && value.kind != VALUE_TEXT)
        out->trouble = RS_TEXT("the value is no picture");
    return RS_OK;
}

/* What cannot be fetched is told in its place; what stops the report does. */
static rs_status fetch(struct layout *l, struct rs_job *memory, rs_text place, struct layout_picture *out, size_t *size)
{
    struct rs_job_options options = {.within = memory};
    RS_OWNED(rs_job) part = rs_job_create(&options);
    rs_text file;
    rs_status status = compute_external(part, l->run, place, &file);

    *size = 0;
    if (status == RS_CANCELLED || status == RS_TIMEOUT || status == RS_OVER_LIMIT || status == RS_NO_MEMORY)
        return rs_job_adopt(memory, part);
    if (status != RS_OK) {
        out->trouble = rs_text_copy(memory, rs_job_message(part));
        return RS_OK;
    }
    *size = file.size;
    return decode(l, memory, file, false, out);
}

static rs_status find_external(struct layout *l, struct rs_job *memory, rs_text place, struct layout_picture *out)
{
    struct layout_definition *d = l->definition;
    struct layout_picture *picture = rs_map_find(d->externals, place);
    bool keeps = rs_map_count(d->externals) < EXTERNALS_MAX && d->external_bytes < EXTERNAL_BYTES_MAX;
    size_t size;

    if (!picture && keeps) {
        picture = RS_NEW(l->memory, struct layout_picture);
        RS_TRY(fetch(l, l->memory, place, picture, &size));
        d->external_bytes += size;
        rs_map_set(d->externals, rs_text_copy(l->memory, place), picture);
    }
    if (!picture)
        return fetch(l, memory, place, out, &size);
    *out = *picture;
    return RS_OK;
}

static rs_status find_picture(struct layout *l, struct rs_job *memory, const struct compute_scope *scope, int source,
                              const struct rdl_expr *expr, struct layout_picture *out)
{
    struct value value;
    rs_text text;

    memset(out, 0, sizeof *out);
    if (source == RDL_IMAGE_DATABASE) {
        RS_TRY(compute_eval(memory, l->run, scope, expr, &value));
        return find_in_value(l, memory, value, out);
    }
    RS_TRY(compute_eval_text(memory, l->run, scope, expr, RS_TEXT(""), &text));
    if (text.size == 0)
        return RS_OK;
    if (source == RDL_IMAGE_EMBEDDED)
        return find_by_name(l, text, out);
    return find_external(l, memory, rs_text_trim(text), out);
}

/* ---- image items ------------------------------------------------------------------------------------ */

rs_status layout_picture_make(struct layout *l, struct rs_job *memory, struct layout_frame *frame)
{
    const struct rdl_image *image = frame->item->image;
    struct layout_picture picture;

    RS_TRY(find_picture(l, memory, &frame->scope, (int)image->source, &image->value, &picture));
    if (picture.trouble.size)
        return layout_note_make(l, memory, frame, picture.trouble);
    frame->kind = FRAME_PICTURE;
    frame->picture.image = picture.image;
    if (picture.image && image->sizing == RDL_SIZE_AUTO) {
        const double *padding = frame->style->padding_pt;
        double height = picture.image->height * PIXEL_PT + padding[RDL_TOP] + padding[RDL_BOTTOM];
        if (!frame->in_cell) /* a cell's width is its column's */
            frame->width_pt = picture.image->width * PIXEL_PT + padding[RDL_LEFT] + padding[RDL_RIGHT];
        frame->height_pt = frame->in_cell ? fmax(height, frame->height_pt) : height;
    }
    return RS_OK;
}

/* Where the picture itself stands inside `box`. */
static struct draw_box fitted(const struct layout_frame *frame, const struct draw_box *box)
{
    const struct draw_image *image = frame->picture.image;
    struct draw_box own = {box->left_pt, box->top_pt, image->width * PIXEL_PT, image->height * PIXEL_PT};
    double scale;

    switch (frame->item->image->sizing) {
    case RDL_SIZE_FIT: return *box;
    case RDL_SIZE_FIT_PROPORTIONAL:
        scale = fmin(box->width_pt / own.width_pt, box->height_pt / own.height_pt);
        own.width_pt *= scale;
        own.height_pt *= scale;
        return own;
    default: return own;
    }
}

static rs_status draw_picture(struct layout *l, const struct layout_frame *frame, double x_pt, double y_pt, double height_pt)
{
    const double *padding = frame->style->padding_pt;
    struct draw_box box = {x_pt + padding[RDL_LEFT], y_pt + padding[RDL_TOP],
                           frame->width_pt - padding[RDL_LEFT] - padding[RDL_RIGHT],
                           height_pt - padding[RDL_TOP] - padding[RDL_BOTTOM]};
    struct draw_box own;

    if (!frame->picture.image || box.width_pt <= 0 || box.height_pt <= 0)
        return RS_OK;
    own = fitted(frame, &box);
    if (own.width_pt <= box.width_pt + LAYOUT_SLACK_PT && own.height_pt <= box.height_pt + LAYOUT_SLACK_PT)
        return l->device->functions->image(l->job, l->device, &own, frame->picture.image);
    RS_TRY(l->device->functions->clip_begin(l->job, l->device, &box));
    RS_TRY(l->device->functions->image(l->job, l->device, &own, frame->picture.image));
    return l->device->functions->clip_end(l->job, l->device);
}

/* A figure: its tool tip says in words what it shows, else its name. */
rs_status layout_picture_draw(struct layout *l, const struct layout_frame *frame, double x_pt, double y_pt,
                              double height_pt)
{
    struct draw_tag tag = {.kind = DRAW_TAG_FIGURE};

    if (l->device->tagged) {
        RS_TRY(compute_eval_text(l->scratch, l->run, &frame->scope, &frame->item->tool_tip, frame->item->name, &tag.alternative));
        if (tag.alternative.size == 0)
            tag.alternative = frame->item->name;
    }
    RS_TRY(draw_tag_begin(l->job, l->device, &tag));
    RS_TRY(draw_picture(l, frame, x_pt, y_pt, height_pt));
    return draw_tag_end(l->job, l->device, DRAW_TAG_FIGURE);
}

/* ---- backgrounds ------------------------------------------------------------------------------------ */

/* Copies side by side over the box, the first at its top left. */
static rs_status draw_tiles(struct layout *l, const struct draw_image *image, const struct draw_box *box, bool across,
                            bool down)
{
    double width = image->width * PIXEL_PT, height = image->height * PIXEL_PT;
    double columns = across ? ceil(box->width_pt / width) : 1, rows = down ? ceil(box->height_pt / height) : 1;

    if (columns * rows > TILES_MAX) /* a picture of a few pixels over a whole page: stretched instead */
        return l->device->functions->image(l->job, l->device, box, image);
    for (double row = 0; row < rows; row++) {
        for (double column = 0; column < columns; column++) {
            struct draw_box tile = {box->left_pt + column * width, box->top_pt + row * height, width, height};
            RS_TRY(l->device->functions->image(l->job, l->device, &tile, image));
        }
    }
    return RS_OK;
}

/* One copy, in one of nine places. */
static rs_status draw_once(struct layout *l, const struct draw_image *image, const struct draw_box *box, int position)
{
    double width = image->width * PIXEL_PT, height = image->height * PIXEL_PT;
    struct draw_box own = {box->left_pt + (box->width_pt - width) * (position % 3) / 2,
                           box->top_pt + (box->height_pt - height) * (position / 3) / 2, width, height};

    return l->device->functions->image(l->job, l->device, &own, image);
}

static rs_status draw_background_image(struct layout *l, const struct layout_frame *frame,
                                  const struct rdl_background_image *background, const struct draw_box *box)
{
    struct layout_picture picture;
    rs_text source, repeat, position;
    int mode;

    RS_TRY(compute_eval_text(l->scratch, l->run, &frame->scope, &background->source, RS_TEXT("Embedded"), &source));
    RS_TRY(compute_eval_text(l->scratch, l->run, &frame->scope, &background->repeat, RS_TEXT("Repeat"), &repeat));
    RS_TRY(compute_eval_text(l->scratch, l->run, &frame->scope, &background->position, RS_TEXT("Default"), &position));
    RS_TRY(find_picture(l, l->scratch, &frame->scope, rdl_keyword_parse(rdl_image_sources, source, RDL_IMAGE_EMBEDDED),
                        &background->value, &picture));
    if (!picture.image)
        return RS_OK;
    mode = rdl_keyword_parse(rdl_repeats, repeat, RDL_REPEAT);
    if (mode == RDL_REPEAT_FIT)
        return l->device->functions->image(l->job, l->device, box, picture.image);
    RS_TRY(l->device->functions->clip_begin(l->job, l->device, box));
    if (mode == RDL_REPEAT_NONE)
        RS_TRY(draw_once(l, picture.image, box, rdl_keyword_parse(rdl_positions, position, 0)));
    else
        RS_TRY(draw_tiles(l, picture.image, box, mode != RDL_REPEAT_Y, mode != RDL_REPEAT_X));
    return l->device->functions->clip_end(l->job, l->device);
}

rs_status layout_background_image(struct layout *l, const struct layout_frame *frame,
                                  const struct rdl_background_image *background, const struct draw_box *box)
{
    RS_TRY(draw_tag_begin(l->job, l->device, &(struct draw_tag){.kind = DRAW_TAG_ARTIFACT}));
    RS_TRY(draw_background_image(l, frame, background, box));
    return draw_tag_end(l->job, l->device, DRAW_TAG_ARTIFACT);
}
