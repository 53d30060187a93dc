/* Subreports: the body of another report in the place of the item. Its style sheet is in the head of the page, so the
 * definitions are found before anything is written; names of classes do not meet, because items are numbered through all
 * of them.
 */
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
        RS_TRY(compute_subreport_find(job, h->run, from, from->items[i], &found));
        if (found && !find_definition(h, found))
            add_definition(h, found);
    }
    return rs_job_checkpoint(job);
}

rs_status html_definitions_find(struct rs_job *job, struct html *h)
{
    unsigned count;

    add_definition(h, compute_published(h->run));
    for (size_t i = 0; i < h->definitions.count; i++)
        RS_TRY(find_below(job, h, i));
    h->toggle_items = h->definitions.items[0].toggle_items;
    h->plain = h->definitions.items[0].plain;
    count = rs_vec_last(&h->definitions).base + numbers_of(rs_vec_last(&h->definitions).published);
    h->seen_count = count;
    h->seen = RS_NEW_ARRAY(h->job, struct html_seen, count);
    return RS_OK;
}

/* ---- one instance -------------------------------------------------------------------------------------------- */

static void write_message(struct html *h, const struct rdl_item *item, rs_text message)
{
    rs_buf_add_literal(&h->out, "<div class=\"t\" style=\"");
    html_style_constant(&h->out, h->report, &item->style, HTML_RUN);
    rs_buf_add_literal(&h->out, "\">");
    escape_html(&h->out, message);
    rs_buf_add_literal(&h->out, "</div>");
}

static rs_status write_bodies(struct rs_job *job, struct html *h)
{
    const struct compute_scope body = {0};

    for (size_t i = 0; i < h->report->sections.count; i++) {
        const struct rdl_section *section = &h->report->sections.items[i];
        rs_buf_printf(&h->out, "<div class=\"body%u\" style=\"", h->base + (unsigned)i);
        html_length(&h->out, "width", section->width_pt);
        html_length(&h->out, "min-height", section->body_height_pt);
        rs_buf_add_literal(&h->out, "\">");
        RS_TRY(html_items(job, h, &body, &section->items, section->width_pt, false));
        rs_buf_add_literal(&h->out, "</div>");
    }
    return RS_OK;
}

static uint64_t instance_of(struct rs_job *job, const struct html *h, const struct compute_scope *scope,
                            const struct rdl_item *item)
{
    rs_text id = compute_instance_id(job, scope, item);

    return rs_hash(rs_text_format(job, "%llx %u %.*s", (unsigned long long)h->instance, h->base, RS_TEXT_ARG(id)));
}

/* The other report becomes the one at work. Page sections name items of the report asked for only: nothing is recorded
 * inside. */
static rs_status write_other(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                             const struct rdl_item *item, struct compute_run *run)
{
    const struct html around = *h;
    const struct html_definition *definition = find_definition(h, compute_published(run));
    rs_status status;

    h->instance = instance_of(job, h, scope, item);
    h->run = run;
    h->report = compute_report(run);
    h->base = definition->base;
    h->toggle_items = definition->toggle_items;
    h->plain = definition->plain;
    h->page = NULL;
    status = write_bodies(job, h);
    h->instance = around.instance;
    h->run = around.run;
    h->report = around.report;
    h->base = around.base;
    h->toggle_items = around.toggle_items;
    h->plain = around.plain;
    h->page = around.page;
    return status;
}

rs_status html_subreport(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_item *item)
{
    const struct compute_subreport *subreport;
    rs_status status = RS_OK;

    RS_TRY(compute_subreport_open(job, h->run, scope, item, &subreport));
    if (!subreport->run)
        write_message(h, item, COMPUTE_SUBREPORT_ERROR);
    else if (subreport->message.size)
        write_message(h, item, subreport->message);
    else
        status = write_other(job, h, scope, item, subreport->run);
    compute_subreport_close(subreport);
    return status;
}
