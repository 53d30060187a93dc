#include "report/layout/frame.h"

#include <math.h>

#include "report/layout/plain.h"
#include "report/rdl/values.h"

/* ---- making ----------------------------------------------------------------------------------------- */

/* Hidden by a literal "true": for ever, and its place stays empty; by an expression: its place is given back. */
static rs_status is_gone(struct layout *l, struct rs_job *memory, const struct rdl_item *item,
                         const struct compute_scope *scope, bool *gone, bool *keeps_space)
{
    const struct rdl_visibility *visibility = &item->visibility;

    *gone = false;
    *keeps_space = visibility->hidden.present && !visibility->hidden.is_expression && visibility->toggle_item.size == 0;
    if (!visibility->hidden.present)
        return RS_OK;
    return compute_hidden(memory, l->run, scope, visibility, gone);
}

static rs_status note(struct layout *l, struct rs_job *memory, struct layout_frame *frame, rs_text kind)
{
    return layout_note_make(l, memory, frame,
                            rs_text_format(memory, "%.*s \"%.*s\" cannot be drawn yet", RS_TEXT_ARG(kind),
                                           RS_TEXT_ARG(frame->item->name)));
}

static rs_status make_opaque(struct layout *l, struct rs_job *memory, struct layout_frame *frame)
{
    const struct rdl_item *item = frame->item;

    if (item->kind == RDL_CUSTOM && item->opaque->alternative.count) {
        frame->kind = FRAME_CONTAINER;
        return layout_container_make(l, memory, frame, &item->opaque->alternative);
    }
    return note(l, memory, frame, item->opaque->element);
}

static rs_status make_content(struct layout *l, struct rs_job *memory, struct layout_frame *frame)
{
    const struct rdl_item *item = frame->item;

    switch (item->kind) {
    case RDL_TEXTBOX: return layout_text_make(l, memory, frame);
    case RDL_IMAGE: return layout_picture_make(l, memory, frame);
    case RDL_LINE: frame->kind = FRAME_LINE; return RS_OK;
    case RDL_TABLIX: frame->kind = FRAME_TABLIX; return layout_tablix_make(l, memory, frame);
    case RDL_RECTANGLE:
        frame->kind = FRAME_CONTAINER;
        frame->keep_together = item->rectangle->keep_together;
        return layout_container_make(l, memory, frame, &item->rectangle->items);
    case RDL_SUBREPORT: return layout_subreport_make(l, memory, frame);
    default: return make_opaque(l, memory, frame);
    }
}

rs_status layout_frame_make(struct layout *l, struct rs_job *memory, const struct rdl_item *item,
                            const struct compute_scope *scope, double width_pt, double height_pt, bool in_cell,
                            bool breaks_allowed, struct layout_frame **out)
{
    struct layout_frame *frame = RS_NEW(memory, struct layout_frame);
    const struct layout_plain *plain;
    bool gone;
    rs_status status;

    frame->item = item;
    frame->scope = *scope;
    frame->width_pt = width_pt;
    frame->height_pt = height_pt;
    frame->in_cell = in_cell;
    frame->breaks_allowed = breaks_allowed;
    frame->background_image = item->style.background_image.present ? &item->style.background_image : NULL;
    *out = frame;
    RS_TRY(layout_plain_find(l, item, &plain));
    if (plain) {
        status = layout_plain_make(l, memory, plain, frame);
    } else {
        RS_TRY(is_gone(l, memory, item, scope, &gone, &frame->keeps_space));
        if (gone)
            return RS_OK; /* FRAME_GONE */
        status = layout_style_find(memory, l->definition->styles, scope, &item->style, item->kind == RDL_LINE, &frame->style);
        if (status == RS_OK)
            status = make_content(l, memory, frame);
    }
    if (status != RS_OK)
        rs_within(memory, "report item \"%.*s\"", RS_TEXT_ARG(item->name));
    return status;
}

void layout_frame_end(struct layout_frame *frame)
{
    if (!frame)
        return;
    if (frame->kind == FRAME_TABLIX) {
        layout_tablix_end(frame->tablix);
        frame->tablix = NULL;
    } else if (frame->kind == FRAME_CONTAINER) {
        layout_container_end(frame);
    } else if (frame->kind == FRAME_SUBREPORT) {
        layout_subreport_end(frame);
    }
}

double layout_frame_reach(const struct layout_frame *frame)
{
    switch (frame->kind) {
    case FRAME_GONE: return 0;
    case FRAME_TABLIX: return fmax(layout_tablix_width(frame->tablix), 0);
    case FRAME_CONTAINER: return fmax(frame->width_pt, layout_container_reach(frame));
    case FRAME_SUBREPORT: return fmax(frame->width_pt, layout_subreport_reach(frame));
    default: return frame->width_pt;
    }
}

rs_status layout_frame_spread(struct layout *l, struct layout_frame *frame, double left_pt)
{
    switch (frame->kind) {
    case FRAME_TABLIX: return layout_tablix_spread(l, frame, left_pt);
    case FRAME_CONTAINER: return layout_container_spread(l, frame, left_pt);
    case FRAME_SUBREPORT: return layout_subreport_spread(l, frame, left_pt);
    default: return RS_OK;
    }
}

/* ---- what every frame draws ------------------------------------------------------------------------- */

/* The way each gradient goes, in a box of 1 x 1. */
static const struct draw_gradient gradients[] = {
    [RDL_GRADIENT_LEFT_RIGHT] = {.x2 = 1},
    [RDL_GRADIENT_TOP_BOTTOM] = {.y2 = 1},
    [RDL_GRADIENT_CENTER] = {.around = true},
    [RDL_GRADIENT_DIAGONAL_LEFT] = {.x2 = 1, .y2 = 1},
    [RDL_GRADIENT_DIAGONAL_RIGHT] = {.x1 = 1, .y2 = 1},
    [RDL_GRADIENT_HORIZONTAL_CENTER] = {.y2 = 1, .and_back = true},
    [RDL_GRADIENT_VERTICAL_CENTER] = {.x2 = 1, .and_back = true},
};

static rs_status draw_color(struct layout *l, const struct layout_style *style, const struct draw_box *box)
{
    struct draw_gradient gradient;

    if (!(style->background >> 24))
        return RS_OK;
    if (style->gradient == RDL_GRADIENT_NONE || !(style->gradient_end >> 24) || box->width_pt <= 0 || box->height_pt <= 0)
        return l->device->functions->fill(l->job, l->device, box, style->background);
    gradient = gradients[style->gradient];
    gradient.from = style->background;
    gradient.to = style->gradient_end;
    return l->device->functions->gradient(l->job, l->device, box, &gradient);
}

rs_status layout_draw_background(struct layout *l, const struct layout_frame *frame, double x_pt, double y_pt,
                                 double height_pt)
{
    struct draw_box box = {x_pt, y_pt, frame->width_pt, height_pt};

    if (!frame->style)
        return RS_OK;
    RS_TRY(draw_color(l, frame->style, &box));
    if (frame->background_image)
        RS_TRY(layout_background_image(l, frame, frame->background_image, &box));
    return RS_OK;
}

rs_status layout_draw_border(struct layout *l, const struct layout_frame *frame, double x_pt, double y_pt,
                             double height_pt)
{
    struct draw_box box = {x_pt, y_pt, frame->width_pt, height_pt};
    const struct draw_pen *sides;

    if (!frame->style || !frame->style->has_sides)
        return RS_OK;
    sides = frame->style->sides;
    return draw_frame(l->job, l->device, &box, &sides[RDL_LEFT], &sides[RDL_TOP], &sides[RDL_RIGHT], &sides[RDL_BOTTOM]);
}

rs_status layout_link_target(struct layout *l, struct rs_job *memory, const struct compute_scope *scope,
                             const struct rdl_action *action, rs_text *out)
{
    *out = RS_TEXT("");
    if (action->drillthrough_report.present) /* leads nowhere without a server */
        return compute_globals(l->run)->report_server_url.size
                   ? compute_drillthrough_url(memory, l->run, scope, action, out)
                   : RS_OK;
    if (action->hyperlink.present)
        return compute_eval_text(memory, l->run, scope, &action->hyperlink, RS_TEXT(""), out);
    if (!action->bookmark_link.present)
        return RS_OK;
    RS_TRY(compute_eval_text(memory, l->run, scope, &action->bookmark_link, RS_TEXT(""), out));
    if (out->size)
        *out = rs_text_format(memory, "#%.*s", RS_TEXT_ARG(*out));
    return RS_OK;
}

rs_status layout_draw_extras(struct layout *l, const struct layout_frame *frame, double x_pt, double y_pt,
                             double height_pt)
{
    struct draw_box box = {x_pt, y_pt, frame->width_pt, height_pt};
    rs_text text;

    if (!frame->item)
        return RS_OK;
    if (frame->item->document_map_label.present) {
        RS_TRY(compute_eval_text(l->scratch, l->run, &frame->scope, &frame->item->document_map_label, RS_TEXT(""), &text));
        if (text.size)
            RS_TRY(l->device->functions->outline(l->job, l->device, l->outline_level, text, y_pt));
    }
    if (frame->item->bookmark.present) {
        RS_TRY(compute_eval_text(l->scratch, l->run, &frame->scope, &frame->item->bookmark, RS_TEXT(""), &text));
        if (text.size)
            RS_TRY(l->device->functions->bookmark(l->job, l->device, text, x_pt, y_pt));
    }
    if (frame->item->action.present) {
        RS_TRY(layout_link_target(l, l->scratch, &frame->scope, &frame->item->action, &text));
        if (text.size)
            RS_TRY(l->device->functions->link(l->job, l->device, &box, text));
    }
    return RS_OK;
}

/* ---- page breaks ------------------------------------------------------------------------------------ */

static rs_status set_name(struct layout *l, const struct compute_scope *scope, const struct rdl_expr *page_name,
                          struct layout_break *to)
{
    rs_text name;

    if (!page_name || !page_name->present)
        return RS_OK;
    RS_TRY(compute_eval_text(l->scratch, l->run, scope, page_name, RS_TEXT(""), &name));
    if (name.size) {
        to->has_name = true;
        to->page_name = rs_text_copy(l->memory, name);
    }
    return RS_OK;
}

rs_status layout_break_ask(struct layout *l, const struct compute_scope *scope, bool reset,
                           const struct rdl_expr *page_name)
{
    l->next.reset_page_number |= reset;
    return set_name(l, scope, page_name, &l->next);
}

rs_status layout_page_name(struct layout *l, const struct compute_scope *scope, const struct rdl_expr *page_name)
{
    return set_name(l, scope, page_name, &l->now);
}

/* ---- lines and pictures ----------------------------------------------------------------------------- */

/* A Line of RDL runs from top left to bottom right; negative extents slope the other way. */
static rs_status draw_line_item(struct layout *l, const struct layout_frame *frame, double x_pt, double y_pt,
                                double height_pt)
{
    const struct rdl_item *item = frame->item;
    double top = y_pt, bottom = y_pt + height_pt;
    bool rising = (item->height_pt < 0) != (item->width_pt < 0);

    if (!frame->style->has_sides)
        return RS_OK;
    return l->device->functions->line(l->job, l->device, x_pt, rising ? bottom : top, x_pt + frame->width_pt,
                                      rising ? top : bottom, &frame->style->sides[RDL_TOP]);
}

static rs_status draw_solid(struct layout *l, struct layout_frame *frame, double x_pt, double y_pt, double height_pt)
{
    if (frame->kind == FRAME_LINE)
        return draw_line_item(l, frame, x_pt, y_pt, height_pt);
    RS_TRY(layout_draw_background(l, frame, x_pt, y_pt, height_pt));
    RS_TRY(layout_picture_draw(l, frame, x_pt, y_pt, height_pt));
    return layout_draw_border(l, frame, x_pt, y_pt, height_pt);
}

/* Lines and pictures are never parted, but where they are higher than a page they are cut at its end and go on. */
static rs_status place_solid(struct layout *l, struct layout_frame *frame, const struct layout_spot *spot,
                             struct layout_result *out)
{
    double left = frame->height_pt - frame->drawn_pt;
    bool whole = left <= spot->room_pt + LAYOUT_SLACK_PT;
    struct draw_box box = {spot->x_pt, spot->y_pt, frame->width_pt, whole ? left : spot->room_pt};

    if (!whole && !spot->fresh) {
        *out = (struct layout_result){LAYOUT_NONE, 0, false};
        return RS_OK;
    }
    if (whole && frame->drawn_pt == 0) {
        RS_TRY(draw_solid(l, frame, spot->x_pt, spot->y_pt, left));
    } else {
        RS_TRY(l->device->functions->clip_begin(l->job, l->device, &box));
        RS_TRY(draw_solid(l, frame, spot->x_pt, spot->y_pt - frame->drawn_pt, frame->height_pt));
        RS_TRY(l->device->functions->clip_end(l->job, l->device));
    }
    if (!frame->started)
        RS_TRY(layout_draw_extras(l, frame, spot->x_pt, spot->y_pt, box.height_pt));
    frame->started = true;
    frame->drawn_pt += spot->room_pt;
    *out = whole ? (struct layout_result){LAYOUT_DONE, left, false} : (struct layout_result){LAYOUT_MORE, spot->room_pt, false};
    return RS_OK;
}

/* ---- by kind ---------------------------------------------------------------------------------------- */

rs_status layout_measure(struct layout *l, struct layout_frame *frame, double limit_pt, double *out_pt)
{
    switch (frame->kind) {
    case FRAME_GONE: *out_pt = frame->keeps_space ? frame->height_pt : 0; return RS_OK;
    case FRAME_TEXT: *out_pt = layout_text_measure(frame); return RS_OK;
    case FRAME_CONTAINER: return layout_container_measure(l, frame, limit_pt, out_pt);
    case FRAME_TABLIX: return layout_tablix_measure(l, frame, limit_pt, out_pt);
    case FRAME_SUBREPORT: return layout_subreport_measure(l, frame, limit_pt, out_pt);
    default: *out_pt = fmax(frame->height_pt - frame->drawn_pt, 0); return RS_OK;
    }
}

rs_status layout_place(struct layout *l, struct layout_frame *frame, const struct layout_spot *spot,
                       struct layout_result *out)
{
    rs_status status;

    switch (frame->kind) {
    case FRAME_GONE:
        *out = (struct layout_result){LAYOUT_DONE, frame->keeps_space ? fmin(frame->height_pt, spot->room_pt) : 0, false};
        return RS_OK;
    case FRAME_TEXT: status = layout_text_place(l, frame, spot, out); break;
    case FRAME_CONTAINER: status = layout_container_place(l, frame, spot, out); break;
    case FRAME_TABLIX: status = layout_tablix_place(l, frame, spot, out); break;
    case FRAME_SUBREPORT: status = layout_subreport_place(l, frame, spot, out); break;
    default: status = place_solid(l, frame, spot, out); break;
    }
    if (status != RS_OK && frame->item && rs_job_status(l->job) != RS_OK)
        rs_within(l->job, "report item \"%.*s\"", RS_TEXT_ARG(frame->item->name));
    return status;
}
