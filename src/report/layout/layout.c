#include "report/layout/layout.h"

#include <math.h>

#include "report/draw/tape.h"
#include "report/layout/frame.h"
#include "report/layout/tablix.h"
#include "report/publish/publish.h"

#define TEXT_CACHE_BYTES ((size_t)4 * 1024 * 1024)
#define COLUMNS_MAX 1000u
#define PAGES_MAX 10000000u
#define SECTION_ROOM_PT 20000.0 /* for the content of a page header or footer, which is then cut to its height */
#define IDLE_PAGES_MAX 1000 /* pages one after another on which nothing is drawn and nothing is finished */

/* A page that is drawn but for its header and footer, which name the total number of pages. */
struct waiting_page {
    struct compute_page *page;
    struct compute_page_numbers numbers; /* totals are not known yet */
    size_t part;               /* between two resets of the page number */
    bool last;
};

struct pages {
    struct layout l;           /* first */
    const struct layout_options *options;
    const struct rdl_section *section; /* of the body being placed; its header and footer are drawn */
    const struct rdl_section *page_section; /* the one the page began with */
    struct draw_device *target, *tape;
    struct rs_mark scratch_empty;

    double page_width_pt, page_height_pt, left_pt, right_pt, top_pt, bottom_pt;
    double header_pt, footer_pt;
    unsigned columns;
    double column_spacing_pt;

    bool waits_for_totals;
    bool counts;               /* only the totals are wanted */
    bool wide;                 /* some body is wider than a page */
    bool page_open, target_open; /* a page is being filled; it is open on the target */
    unsigned column;           /* on the page */
    double used_pt;            /* of the column */
    size_t page_count;         /* finished or open */
    size_t drawn_count;        /* pages on the target */
    int64_t page_number;       /* since the last reset */
    rs_text page_name;
    RS_VEC(int64_t) totals;    /* by part */
    RS_VEC(struct waiting_page) waiting;
    unsigned idle_pages;
};

static bool is_wanted(const struct pages *p, size_t page)
{
    return !p->counts && page >= p->options->first_page && (p->options->last_page == 0 || page <= p->options->last_page);
}

/* ---- header and footer ------------------------------------------------------------------------------ */

static rs_status fill_section(struct pages *p, const struct rdl_page_section *section, double height_pt, double y_pt,
                              struct compute_page *page)
{
    struct layout *l = &p->l;
    double width = p->page_width_pt - p->left_pt - p->right_pt;
    double edge = LAYOUT_GUTTER_PT / 2; /* borders on the edges are seen whole */
    struct draw_box box = {p->left_pt - edge, y_pt - edge, width + 2 * edge, height_pt + 2 * edge};
    struct layout_spot spot = {p->left_pt, y_pt, SECTION_ROOM_PT, true}; /* what does not fit is cut, not moved */
    struct layout_frame *frame = RS_NEW(l->scratch, struct layout_frame);
    struct layout_break next = l->next, now = l->now;
    struct layout_result result;
    bool has_content = l->page_has_content; /* of the body: what stands here is no reason for a page break */

    frame->kind = FRAME_CONTAINER;
    frame->scope.page = page;
    frame->width_pt = width;
    frame->height_pt = height_pt;
    RS_TRY(layout_style_find(l->scratch, l->definition->styles, &frame->scope, &section->style, false, &frame->style));
    frame->background_image = section->style.background_image.present ? &section->style.background_image : NULL;
    RS_TRY(layout_draw_background(l, frame, p->left_pt, y_pt, height_pt));
    RS_TRY(layout_draw_border(l, frame, p->left_pt, y_pt, height_pt));
    frame->style = NULL;
    RS_TRY(layout_container_make(l, l->scratch, frame, &section->items));
    RS_TRY(l->device->functions->clip_begin(l->job, l->device, &box));
    RS_TRY(layout_place(l, frame, &spot, &result));
    RS_TRY(l->device->functions->clip_end(l->job, l->device));
    l->next = next;
    l->now = now;
    l->page_has_content = has_content;
    return RS_OK;
}

static rs_status draw_section(struct pages *p, const struct rdl_page_section *section, double height_pt, double y_pt,
                              struct compute_page *page)
{
    RS_TRY(draw_tag_begin(p->l.job, p->l.device, &(struct draw_tag){.kind = DRAW_TAG_ARTIFACT}));
    RS_TRY(fill_section(p, section, height_pt, y_pt, page));
    return draw_tag_end(p->l.job, p->l.device, DRAW_TAG_ARTIFACT);
}

static bool is_printed(const struct rdl_page_section *section, bool first, bool last)
{
    if (!section->present || (first && !section->print_on_first_page))
        return false;
    return !last || section->print_on_last_page || first; /* of a report of one page the first decides */
}

static rs_status draw_header_and_footer(struct pages *p, struct compute_page *page,
                                        const struct compute_page_numbers *numbers, bool last)
{
    const struct rdl_page *definition = &p->page_section->page;
    bool first = numbers->overall_page_number == 1;
    struct compute_page *recording = p->l.page;

    compute_page_set_numbers(p->l.run, page, numbers);
    p->l.page = NULL; /* what stands in a header is not among the page's report items */
    if (is_printed(&definition->header, first, last))
        RS_TRY(draw_section(p, &definition->header, p->header_pt, p->top_pt, page));
    if (is_printed(&definition->footer, first, last))
        RS_TRY(draw_section(p, &definition->footer, p->footer_pt, p->page_height_pt - p->bottom_pt - p->footer_pt, page));
    p->l.page = recording;
    return RS_OK;
}

/* The pages that waited for the totals. */
static rs_status draw_waiting(struct pages *p)
{
    for (size_t i = 0; i < p->waiting.count; i++) {
        struct waiting_page *waiting = &p->waiting.items[i];
        waiting->numbers.total_pages = p->totals.items[waiting->part];
        waiting->numbers.overall_total_pages = (int64_t)p->page_count;
        RS_TRY(rs_job_checkpoint(p->l.job));
        RS_TRY(p->target->functions->page_again(p->l.job, p->target, i));
        p->l.device = p->target;
        RS_TRY(draw_header_and_footer(p, waiting->page, &waiting->numbers, waiting->last));
        RS_TRY(p->target->functions->page_end(p->l.job, p->target, false));
        rs_job_reset(p->l.scratch, p->scratch_empty);
    }
    return RS_OK;
}

/* ---- pages ------------------------------------------------------------------------------------------ */

static rs_status draw_page_style(struct pages *p)
{
    const struct rdl_style *source = &p->page_section->page.style;
    struct layout_frame frame = {.width_pt = p->page_width_pt - p->left_pt - p->right_pt, .scope.page = p->l.page};
    double height = p->page_height_pt - p->top_pt - p->bottom_pt;

    RS_TRY(layout_style_find(p->l.scratch, p->l.definition->styles, &frame.scope, source, false, &frame.style));
    frame.background_image = source->background_image.present ? &source->background_image : NULL;
    RS_TRY(layout_draw_background(&p->l, &frame, p->left_pt, p->top_pt, height));
    return layout_draw_border(&p->l, &frame, p->left_pt, p->top_pt, height);
}

static rs_status target_page_begin(struct pages *p)
{
    RS_TRY(p->target->functions->page_begin(p->l.job, p->target, p->page_width_pt, p->page_height_pt));
    p->target_open = true;
    p->drawn_count++;
    return RS_OK;
}

static rs_status page_begin(struct pages *p)
{
    struct layout *l = &p->l;

    if (p->page_count == PAGES_MAX)
        return rs_fail(l->job, RS_OVER_LIMIT, "the report has more than %u pages", PAGES_MAX);
    if (l->next.reset_page_number || p->totals.count == 0) {
        rs_vec_push(l->memory, &p->totals, 0);
        p->page_number = 0;
    }
    if (l->next.has_name)
        p->page_name = l->next.page_name;
    memset(&l->next, 0, sizeof l->next);
    memset(&l->now, 0, sizeof l->now);
    p->page_section = p->section;
    p->page_open = true;
    p->column = 0;
    p->page_count++;
    l->page_number = p->page_count;
    l->page = compute_page_create(l->run);
    l->device = nowhere_device();
    if (p->wide) {
        tape_clear(p->tape);
        l->device = p->tape;
    } else if (is_wanted(p, p->page_count)) {
        RS_TRY(target_page_begin(p));
        l->device = p->target;
    }
    return p->wide ? RS_OK : draw_page_style(p);
}

/* Header, footer and the end of one page on the target (or of one that nobody wants). */
static rs_status sheet_end(struct pages *p, size_t sheet, bool last)
{
    struct layout *l = &p->l;
    struct compute_page_numbers numbers = {.page_number = ++p->page_number, .overall_page_number = (int64_t)sheet,
                                           .page_name = p->page_name};
    struct waiting_page waiting = {l->page, numbers, p->totals.count - 1, last};

    rs_vec_last(&p->totals) = p->page_number;
    if (p->options->totals) {
        numbers.total_pages = p->options->totals->parts[p->totals.count - 1];
        numbers.overall_total_pages = p->options->totals->overall;
    }
    if (!p->target_open)
        return RS_OK;
    l->device = p->target;
    if (p->waits_for_totals)
        rs_vec_push(l->memory, &p->waiting, waiting);
    else
        RS_TRY(draw_header_and_footer(p, l->page, &numbers, last));
    p->target_open = false;
    return p->target->functions->page_end(l->job, p->target, p->waits_for_totals);
}

/* One sheet of a wide page: `number` counts those of the strip from the left. */
static rs_status play_sheet(struct pages *p, size_t number, bool last)
{
    double width = p->l.column_width_pt, edge = LAYOUT_GUTTER_PT / 2;
    double from = p->left_pt + (double)number * (width + LAYOUT_GUTTER_PT);
    struct draw_box clip = {p->left_pt - edge, p->top_pt + p->header_pt - edge, width + 2 * edge,
                            p->l.area_height_pt + 2 * edge};
    bool any;

    if (is_wanted(p, p->page_count)) {
        RS_TRY(target_page_begin(p));
        p->l.device = p->target;
        RS_TRY(draw_page_style(p));
        RS_TRY(p->target->functions->clip_begin(p->l.job, p->target, &clip));
        RS_TRY(tape_play(p->l.job, p->tape, p->target, from - edge, from + width + edge, p->left_pt - from, number == 0,
                         &any));
        RS_TRY(p->target->functions->clip_end(p->l.job, p->target));
    }
    return sheet_end(p, p->page_count, last);
}

/* The tape of a wide page on as many sheets as it takes, from left to right. Those on which nothing stands are left out,
 * but for one where the whole page is empty. */
static rs_status play_sheets(struct pages *p, bool last)
{
    double width = p->l.column_width_pt, pitch = width + LAYOUT_GUTTER_PT, edge = LAYOUT_GUTTER_PT / 2;
    size_t count = (size_t)fmax(1, ceil((tape_width(p->tape) - p->left_pt - edge) / pitch)), waiting = 0;
    bool has_waiting = false, any;

    for (size_t i = 0; i < count; i++) {
        double from = p->left_pt + (double)i * pitch;
        RS_TRY(tape_play(p->l.job, p->tape, nowhere_device(), from - edge, from + width + edge, 0, false, &any));
        if (!any)
            continue;
        if (has_waiting) { /* it is not the last of the strip */
            RS_TRY(play_sheet(p, waiting, false));
            p->page_count++;
        }
        waiting = i;
        has_waiting = true;
    }
    return play_sheet(p, waiting, last);
}

static rs_status page_end(struct pages *p, bool last)
{
    if (p->l.now.has_name)
        p->page_name = p->l.now.page_name;
    p->page_open = false;
    RS_TRY(p->wide ? play_sheets(p, last) : sheet_end(p, p->page_count, last));
    rs_job_reset(p->l.scratch, p->scratch_empty);
    return rs_job_checkpoint(p->l.job);
}

/* To the next column, on the next page where this was the last. */
static rs_status next_column(struct pages *p)
{
    p->used_pt = 0;
    p->idle_pages = p->l.page_has_content ? 0 : p->idle_pages + 1;
    p->l.page_has_content = false;
    if (p->idle_pages > IDLE_PAGES_MAX)
        return rs_fail(p->l.job, RS_FAILED, "%d pages one after another are empty: the report cannot be laid out", IDLE_PAGES_MAX);
    if (++p->column < p->columns)
        return RS_OK;
    RS_TRY(page_end(p, false));
    return page_begin(p);
}

/* ---- the body --------------------------------------------------------------------------------------- */

static rs_status make_body(struct pages *p, const struct rdl_section *section, struct layout_frame **out)
{
    struct layout *l = &p->l;
    struct layout_frame *frame = RS_NEW(l->memory, struct layout_frame);

    frame->kind = FRAME_CONTAINER;
    frame->breaks_allowed = true;
    frame->width_pt = section->width_pt;
    if (!l->report->consume_container_whitespace) /* else the body ends with its lowest item */
        frame->height_pt = section->body_height_pt;
    RS_TRY(layout_style_find(l->memory, l->definition->styles, &frame->scope, &section->body_style, false, &frame->style));
    frame->background_image = section->body_style.background_image.present ? &section->body_style.background_image : NULL;
    *out = frame;
    return layout_container_make(l, l->memory, frame, &section->items);
}

/* Whether nothing that comes after this column is wanted. */
static bool is_past_range(const struct pages *p)
{
    if (p->column + 1 < p->columns)
        return false;
    return p->options->last_page && p->page_count >= p->options->last_page && !p->waits_for_totals && !p->counts;
}

static rs_status place_body(struct pages *p, struct layout_frame *body)
{
    struct layout *l = &p->l;
    struct layout_result result;

    do {
        struct layout_spot spot = {
            .x_pt = p->left_pt + p->column * (l->column_width_pt + p->column_spacing_pt),
            .y_pt = p->top_pt + p->header_pt + p->used_pt,
            .room_pt = l->area_height_pt - p->used_pt,
            .fresh = p->used_pt < LAYOUT_SLACK_PT,
        };
        RS_TRY(layout_place(l, body, &spot, &result));
        if (result.state == LAYOUT_DONE) {
            p->used_pt += result.used_pt;
            if (result.break_after)
                p->used_pt = l->area_height_pt;
            return RS_OK;
        }
        if (is_past_range(p))
            return RS_OK;
        RS_TRY(next_column(p));
    } while (true);
}

static rs_status place_sections(struct pages *p)
{
    const struct rdl_report *report = p->l.report;
    struct layout_frame **bodies = RS_NEW_ARRAY(p->l.memory, struct layout_frame *, report->sections.count);

    for (size_t i = 0; i < report->sections.count; i++) {
        RS_TRY(make_body(p, &report->sections.items[i], &bodies[i]));
        p->wide |= p->columns == 1 && layout_container_reach(bodies[i]) > p->l.column_width_pt + 0.5;
    }
    for (size_t i = 0; p->wide && i < report->sections.count; i++)
        RS_TRY(layout_container_spread(&p->l, bodies[i], 0));
    p->section = &report->sections.items[0];
    RS_TRY(page_begin(p));
    for (size_t i = 0; i < report->sections.count; i++) {
        p->section = &report->sections.items[i];
        if (is_past_range(p) && i > 0)
            break;
        if (p->used_pt > p->l.area_height_pt - 1)
            RS_TRY(next_column(p));
        RS_TRY(place_body(p, bodies[i]));
    }
    return page_end(p, true);
}

/* ---- the report ------------------------------------------------------------------------------------- */

static double chosen(double option, double definition)
{
    return option >= 0 ? option : definition;
}

static rs_status measure_page(struct pages *p)
{
    const struct rdl_page *page = &p->l.report->sections.items[0].page;
    const struct layout_options *o = p->options;
    double width;

    p->page_width_pt = chosen(o->page_width_pt, page->width_pt);
    p->page_height_pt = chosen(o->page_height_pt, page->height_pt);
    p->left_pt = chosen(o->margin_left_pt, page->margin_left_pt);
    p->right_pt = chosen(o->margin_right_pt, page->margin_right_pt);
    p->top_pt = chosen(o->margin_top_pt, page->margin_top_pt);
    p->bottom_pt = chosen(o->margin_bottom_pt, page->margin_bottom_pt);
    p->column_spacing_pt = chosen(o->column_spacing_pt, page->column_spacing_pt);
    p->columns = o->columns ? o->columns : page->columns ? page->columns : 1;
    p->header_pt = page->header.present ? page->header.height_pt : 0;
    p->footer_pt = page->footer.present ? page->footer.height_pt : 0;
    if (p->left_pt + p->right_pt >= p->page_width_pt) /* margins that swallow the page are taken as 0 */
        p->left_pt = p->right_pt = 0;
    if (p->top_pt + p->bottom_pt >= p->page_height_pt)
        p->top_pt = p->bottom_pt = 0;
    if (p->columns > COLUMNS_MAX)
        p->columns = COLUMNS_MAX;
    width = p->page_width_pt - p->left_pt - p->right_pt;
    p->l.column_width_pt = (width - (p->columns - 1) * p->column_spacing_pt) / p->columns;
    p->l.area_height_pt = p->page_height_pt - p->top_pt - p->bottom_pt - p->header_pt - p->footer_pt;
    if (p->l.area_height_pt < 1 || p->l.column_width_pt < 1)
        return rs_fail(p->l.job, RS_INVALID,
                       "a page of %.4g x %.4g in has no room for the body beside its margins, header, footer and columns: "
                       "make the page larger or those smaller",
                       p->page_width_pt / 72, p->page_height_pt / 72);
    return RS_OK;
}

static rs_status begin_document(struct pages *p)
{
    const struct rdl_report *report = p->l.report;
    const struct expr_globals *globals = compute_globals(p->l.run);
    static const struct compute_scope body;
    struct draw_document document = {
        .title = globals->report_name,
        .author = report->author,
        .subject = report->description,
        .creator = RS_TEXT("Bindery " BINDERY_VERSION),
        .producer = rs_text_format(p->l.memory, "Bindery " BINDERY_VERSION " %s", p->target->functions->name),
    };

    if (globals->execution_time.kind == VALUE_DATE) /* ticks of 100 ns since year 1 */
        document.created_utc_ms = globals->execution_time.ticks / 10000 - 62135596800000;
    RS_TRY(compute_eval_text(p->l.memory, p->l.run, &body, &report->language, RS_TEXT(""), &document.language));
    RS_TRY(compute_eval_text(p->l.memory, p->l.run, &body, &report->initial_page_name, RS_TEXT(""), &p->page_name));
    return p->target->functions->begin(p->l.job, p->target, &document);
}

static void layout_init(struct layout *l, struct rs_job *job, struct compute_run *run)
{
    struct rs_job_options options = {.within = job};

    l->job = job;
    l->memory = rs_job_create(&options);
    l->scratch = rs_job_create(&options);
    l->definitions = rs_map_create(l->memory, RS_MAP_EXACT);
    layout_use_run(l, run);
    l->texts = text_cache_create(l->memory, TEXT_CACHE_BYTES);
    l->borders = draw_borders_create(l->memory);
    l->plans = rs_map_create(l->memory, RS_MAP_EXACT);
    rs_list_init(&l->tablixes);
}

/* What failed in a job of the layout is told in the caller's. */
static void layout_finish(struct layout *l)
{
    while (!rs_list_is_empty(&l->tablixes))
        layout_tablix_end(rs_list_object(l->tablixes.next, struct layout_tablix, link));
    rs_job_adopt(l->job, l->scratch);
    rs_job_adopt(l->job, l->memory);
    rs_job_destroy(l->scratch);
    rs_job_destroy(l->memory);
}

static rs_status layout_run(struct pages *p)
{
    struct rs_job_options options = {.within = p->l.job};
    RS_OWNED(rs_job) tape_job = rs_job_create(&options);

    p->scratch_empty = rs_job_mark(p->l.scratch);
    p->waits_for_totals = !p->options->totals && !p->counts && publish_names_totals(compute_published(p->l.run));
    RS_TRY(measure_page(p));
    RS_TRY(tape_create(tape_job, &p->tape));
    if (!p->counts)
        RS_TRY(begin_document(p));
    RS_TRY(place_sections(p));
    if (p->counts)
        return RS_OK;
    RS_TRY(draw_waiting(p));
    return p->target->functions->finish(p->l.job, p->target);
}

/* `counted` NULL: draw on the target. */
static rs_status layout_with(struct rs_job *job, struct compute_run *run, struct pages *p, struct layout_totals *counted)
{
    rs_status status;

    p->counts = counted != NULL;
    layout_init(&p->l, job, run);
    status = layout_run(p);
    if (counted && status == RS_OK) {
        int64_t *parts = RS_NEW_ARRAY(job, int64_t, p->totals.count);
        for (size_t i = 0; i < p->totals.count; i++)
            parts[i] = p->totals.items[i];
        *counted = (struct layout_totals){parts, p->totals.count, (int64_t)p->page_count};
    }
    layout_finish(&p->l);
    return status;
}

rs_status layout_report(struct rs_job *job, struct compute_run *run, const struct layout_options *options,
                        struct draw_device *device, size_t *page_count)
{
    struct pages p = {.options = options, .target = device};
    rs_status status = layout_with(job, run, &p, NULL);

    if (page_count)
        *page_count = p.page_count;
    return status;
}

rs_status layout_count(struct rs_job *job, struct compute_run *run, const struct layout_options *options,
                       struct layout_totals *out)
{
    struct pages p = {.options = options, .target = nowhere_device()};

    memset(out, 0, sizeof *out);
    return publish_names_totals(compute_published(run)) ? layout_with(job, run, &p, out) : RS_OK;
}
