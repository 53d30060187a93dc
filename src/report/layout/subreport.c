#include <math.h>

#include "report/layout/frame.h"

/* ---- the report at work ----------------------------------------------------------------------------- */

static struct layout_definition *find_definition(struct layout *l, struct compute_run *run)
{
    const struct publish_report *report = compute_published(run);
    rs_text key = rs_text_of((const char *)&report, sizeof report);
    struct layout_definition *definition = rs_map_find(l->definitions, key);

    if (definition)
        return definition;
    definition = RS_NEW(l->memory, struct layout_definition);
    definition->styles = layout_styles_create(l->memory, run);
    definition->pictures = rs_map_create(l->memory, RS_MAP_NOCASE);
    definition->externals = rs_map_create(l->memory, RS_MAP_EXACT);
    definition->duplicates = RS_NEW_ARRAY(l->memory, struct layout_duplicate, compute_report(run)->item_count + 1);
    definition->plains = RS_NEW_ARRAY(l->memory, struct layout_plain *, compute_report(run)->item_count + 1);
    rs_map_set(l->definitions, rs_text_copy(l->memory, key), definition);
    return definition;
}

void layout_use_run(struct layout *l, struct compute_run *run)
{
    l->run = run;
    l->report = compute_report(run);
    l->definition = find_definition(l, run);
    layout_styles_use(l->definition->styles, run);
}

/* What is at work around a subreport. */
struct around {
    struct compute_run *run;
    struct compute_page *page;
};

/* Page sections name items of the report asked for only: nothing is recorded inside. */
static struct around enter(struct layout *l, const struct layout_frame *frame)
{
    struct around around = {l->run, l->page};

    layout_use_run(l, frame->subreport.data->run);
    l->page = NULL;
    return around;
}

static void leave(struct layout *l, const struct around *around)
{
    layout_use_run(l, around->run);
    l->page = around->page;
}

/* ---- making ----------------------------------------------------------------------------------------- */

static rs_status make_bodies(struct layout *l, struct rs_job *memory, struct layout_frame *frame)
{
    const struct rdl_report *report = l->report;
    struct layout_frame **bodies = RS_NEW_ARRAY(memory, struct layout_frame *, report->sections.count);

    frame->subreport.bodies = bodies;
    for (size_t i = 0; i < report->sections.count; i++) {
        const struct rdl_section *section = &report->sections.items[i];
        struct layout_frame *body = bodies[i] = RS_NEW(memory, struct layout_frame);
        body->kind = FRAME_CONTAINER;
        body->breaks_allowed = frame->breaks_allowed;
        body->width_pt = section->width_pt;
        body->height_pt = section->body_height_pt;
        body->background_image = section->body_style.background_image.present ? &section->body_style.background_image : NULL;
        RS_TRY(layout_style_find(memory, l->definition->styles, &body->scope, &section->body_style, false, &body->style));
        RS_TRY(layout_container_make(l, memory, body, &section->items));
        frame->subreport.count++;
    }
    return RS_OK;
}

rs_status layout_subreport_make(struct layout *l, struct rs_job *memory, struct layout_frame *frame)
{
    const struct compute_subreport *data;
    struct around around;
    rs_status status;

    RS_TRY(compute_subreport_open(memory, l->run, &frame->scope, frame->item, &data));
    if (!data->run || data->message.size) {
        rs_text message = data->run ? rs_text_copy(memory, data->message) : COMPUTE_SUBREPORT_ERROR;
        compute_subreport_close(data);
        return layout_message_make(l, memory, frame, message);
    }
    frame->kind = FRAME_SUBREPORT;
    frame->keep_together = frame->item->subreport->keep_together;
    frame->subreport.data = data;
    around = enter(l, frame);
    status = make_bodies(l, memory, frame);
    leave(l, &around);
    return status;
}

void layout_subreport_end(struct layout_frame *frame)
{
    for (size_t i = 0; i < frame->subreport.count; i++)
        layout_frame_end(frame->subreport.bodies[i]);
    frame->subreport.count = 0;
    compute_subreport_close(frame->subreport.data);
    frame->subreport.data = NULL;
}

double layout_subreport_reach(const struct layout_frame *frame)
{
    double reach = 0;

    for (size_t i = 0; i < frame->subreport.count; i++)
        reach = fmax(reach, layout_frame_reach(frame->subreport.bodies[i]));
    return reach;
}

rs_status layout_subreport_spread(struct layout *l, struct layout_frame *frame, double left_pt)
{
    struct around around = enter(l, frame);
    rs_status status = RS_OK;

    for (size_t i = 0; i < frame->subreport.count && status == RS_OK; i++)
        status = layout_frame_spread(l, frame->subreport.bodies[i], left_pt);
    leave(l, &around);
    return status;
}

/* ---- placing ---------------------------------------------------------------------------------------- */

static rs_status measure_bodies(struct layout *l, struct layout_frame *frame, double limit_pt, double *out_pt)
{
    *out_pt = 0;
    for (size_t i = frame->subreport.at; i < frame->subreport.count && *out_pt <= limit_pt; i++) {
        double height;
        RS_TRY(layout_measure(l, frame->subreport.bodies[i], limit_pt - *out_pt, &height));
        *out_pt += height;
    }
    return RS_OK;
}

rs_status layout_subreport_measure(struct layout *l, struct layout_frame *frame, double limit_pt, double *out_pt)
{
    struct around around = enter(l, frame);
    rs_status status = measure_bodies(l, frame, limit_pt, out_pt);

    leave(l, &around);
    *out_pt = fmax(*out_pt, frame->height_pt - frame->drawn_pt);
    return status;
}

static rs_status place_bodies(struct layout *l, struct layout_frame *frame, const struct layout_spot *spot,
                              struct layout_result *out)
{
    struct layout_result result;
    double used = 0;

    *out = (struct layout_result){LAYOUT_DONE, 0, false};
    for (; frame->subreport.at < frame->subreport.count; frame->subreport.at++) {
        struct layout_spot own = {spot->x_pt, spot->y_pt + used, spot->room_pt - used, spot->fresh && used < LAYOUT_SLACK_PT};
        RS_TRY(layout_place(l, frame->subreport.bodies[frame->subreport.at], &own, &result));
        if (result.state != LAYOUT_DONE) {
            out->state = result.state == LAYOUT_MORE || used > 0 || frame->started ? LAYOUT_MORE : LAYOUT_NONE;
            out->used_pt = spot->room_pt;
            return RS_OK;
        }
        used += result.break_after ? spot->room_pt - used : result.used_pt;
    }
    out->used_pt = used;
    out->break_after = frame->subreport.count && result.break_after;
    return RS_OK;
}

static rs_status must_wait(struct layout *l, struct layout_frame *frame, const struct layout_spot *spot, bool *waits)
{
    double height;

    *waits = false;
    if (frame->started || spot->fresh || !frame->keep_together)
        return RS_OK;
    RS_TRY(layout_measure(l, frame, l->area_height_pt, &height));
    *waits = height > spot->room_pt + LAYOUT_SLACK_PT && height <= l->area_height_pt;
    return RS_OK;
}

rs_status layout_subreport_place(struct layout *l, struct layout_frame *frame, const struct layout_spot *spot,
                                 struct layout_result *out)
{
    bool waits, box = layout_has_background(frame) || frame->style->has_sides;
    double height = 0, designed;
    struct around around;
    rs_status status;

    *out = (struct layout_result){LAYOUT_NONE, 0, false};
    RS_TRY(must_wait(l, frame, spot, &waits));
    if (waits)
        return RS_OK;
    if (box) {
        RS_TRY(layout_measure(l, frame, spot->room_pt, &height));
        height = fmin(height, spot->room_pt);
        RS_TRY(layout_draw_background(l, frame, spot->x_pt, spot->y_pt, height));
    }
    around = enter(l, frame);
    status = place_bodies(l, frame, spot, out);
    leave(l, &around);
    if (status != RS_OK || out->state == LAYOUT_NONE)
        return status;
    if (!frame->started)
        RS_TRY(layout_draw_extras(l, frame, spot->x_pt, spot->y_pt, fmin(frame->height_pt, spot->room_pt)));
    frame->started = true;
    designed = fmin(frame->height_pt - frame->drawn_pt, spot->room_pt);
    if (out->state == LAYOUT_DONE) /* as high as designed at least; white space at its end never makes a page */
        out->used_pt = fmax(out->used_pt, designed);
    frame->drawn_pt += out->used_pt;
    return box ? layout_draw_border(l, frame, spot->x_pt, spot->y_pt, height) : RS_OK;
}
