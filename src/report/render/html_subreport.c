/* Subreports: the body of another report in the place of the item. Its style sheet is in the head of the page, so the
 * definitions are found before anything is written; names of classes do not meet, because items are numbered through all
 * of them.
 */
#include <math.h>

#include "format/escape/markup.h"
#include "report/publish/publish.h"
#include "report/render/html.h"

/* ---- definitions --------------------------------------------------------------------------------------------- */

static struct html_definition *find_definition(struct html *h, const struct publish_report *published)
{
    for (size_t i = 0; i < h->definitions.count; i++)
        if (h->definitions.items[i].published == published)
            return &h->definitions.items[i];
    return NULL;
}

static unsigned numbers_of(const struct publish_report *published)
{
    return published->definition->item_count + (unsigned)published->definition->sections.count;
}

static void add_definition(struct html *h, const struct publish_report *published)
{
    struct html_definition own = {.published = published, .toggle_items = html_toggles_find(h->job, published)};

    if (h->definitions.count)
        own.base = rs_vec_last(&h->definitions).base + numbers_of(rs_vec_last(&h->definitions).published);
    own.plain = html_plain_find(h, &own);
    rs_vec_push(h->job, &h->definitions, own);
}

/* The definitions that subreports of the one at `index` name. */
static rs_status find_below(struct rs_job *job, struct html *h, size_t index)
{
    const struct publish_report *from = h->definitions.items[index].published, *found;

    for (unsigned i = 0; i < from->definition->item_count; i++) {
        if (!from->items[i] || from->items[i]->kind != RDL_SUBREPORT)
            continue;
        RS_TRY(compute_subreport_find(job, h->at.run, from, from->items[i], &found));
        if (found && !find_definition(h, found))
            add_definition(h, found);
    }
    return rs_job_checkpoint(job);
}

rs_status html_definitions_find(struct rs_job *job, struct html *h)
{
    unsigned count;

    add_definition(h, compute_published(h->at.run));
    for (size_t i = 0; i < h->definitions.count; i++)
        RS_TRY(find_below(job, h, i));
    h->at.toggle_items = h->definitions.items[0].toggle_items;
    h->at.plain = h->definitions.items[0].plain;
    count = rs_vec_last(&h->definitions).base + numbers_of(rs_vec_last(&h->definitions).published);
    h->seen_count = count;
    h->seen = RS_NEW_ARRAY(h->job, struct html_seen, count);
    return RS_OK;
}

/* ---- one instance -------------------------------------------------------------------------------------------- */

static uint64_t instance_of(struct rs_job *job, const struct html *h, const struct compute_scope *scope,
                            const struct rdl_item *item)
{
    return html_stable_hash(h->at.instance, h->at.base, compute_instance_id(job, scope, item));
}

/* The other report in the place of the item. Page sections name items of the report asked for only: nothing is recorded
 * inside. */
struct other {
    struct html *h;
    struct html_work inside, around;
    struct html_region_place place;
    const struct rdl_item *item;
    unsigned box;     /* class of its own style, where nothing around has it: may_break */
    unsigned section; /* at work */
    unsigned parts;   /* of the section: pages that it is on so far */
};

/* A body is as high as designed at least, and the only one as its place. */
static double least_height(const struct other *other)
{
    const struct rdl_report *report = other->inside.report;

    return fmax(report->sections.items[other->section].body_height_pt, report->sections.count == 1 ? other->item->height_pt : 0);
}

static rs_status enter(struct rs_job *job, void *data)
{
    struct other *other = data;
    struct html *h = other->h;
    const struct rdl_section *section = &other->inside.report->sections.items[other->section];

    (void)job;
    other->around = h->at;
    h->at = other->inside;
    other->parts++;
    if (!html_is_writing(h))
        return RS_OK;
    rs_buf_printf(&h->out, "<div class=\"f body%u", h->at.base + other->section);
    if (other->place.may_break)
        rs_buf_printf(&h->out, " b%u", other->box);
    rs_buf_add_literal(&h->out, "\" style=\"");
    html_length(&h->out, "margin-left", other->place.left_pt);
    html_length(&h->out, "margin-top", other->place.top_pt);
    html_length(&h->out, "width", section->width_pt);
    if (other->parts == 1)
        html_length(&h->out, "min-height", least_height(other));
    rs_buf_add_literal(&h->out, "\">");
    other->place.top_pt = 0;
    return RS_OK;
}

static rs_status leave(struct rs_job *job, void *data)
{
    struct other *other = data;

    (void)job;
    other->h->at = other->around;
    if (html_is_writing(other->h))
        rs_buf_add_literal(&other->h->out, "</div>");
    return RS_OK;
}

static rs_status write_section(struct rs_job *job, struct other *other)
{
    const struct rdl_section *section = &other->inside.report->sections.items[other->section];
    const struct compute_scope body = {0};
    struct html *h = other->h;
    struct html_open open = {leave, enter, other, h->open, NULL};
    double lowest = h->used_pt + least_height(other);
    rs_status status;

    other->parts = 0;
    RS_TRY(enter(job, other));
    if (other->place.may_break)
        h->open = &open;
    status = html_items(job, h, &body, &section->items, section->body_height_pt, other->place.may_break);
    h->open = open.outer;
    if (other->place.may_break && other->parts == 1)
        h->used_pt = fmax(h->used_pt, lowest);
    return status == RS_OK ? leave(job, other) : status;
}

static rs_status write_other(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                             const struct rdl_item *item, struct compute_run *run, struct html_region_place place)
{
    const struct html_definition *definition = find_definition(h, compute_published(run));
    struct other other = {
        .h = h,
        .place = place,
        .item = item,
        .box = h->at.base + item->number,
        .inside = {.run = run,
                   .report = compute_report(run),
                   .base = definition->base,
                   .instance = instance_of(job, h, scope, item),
                   .map_around = compute_map_inside(job, h->at.map_around, scope, item),
                   .toggle_items = definition->toggle_items,
                   .plain = definition->plain},
    };

    for (; other.section < other.inside.report->sections.count; other.section++)
        RS_TRY(write_section(job, &other));
    return RS_OK;
}

rs_status html_subreport(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_item *item,
                         struct html_region_place place)
{
    const struct compute_subreport *subreport;
    rs_status status;

    RS_TRY(compute_subreport_open(job, h->at.run, scope, item, &subreport));
    if (!subreport->run)
        status = html_message(job, h, scope, item, COMPUTE_SUBREPORT_ERROR, place);
    else if (subreport->message.size)
        status = html_message(job, h, scope, item, subreport->message, place);
    else
        status = write_other(job, h, scope, item, subreport->run, place);
    compute_subreport_close(subreport);
    return status;
}
