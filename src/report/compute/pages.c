/* Pages: their numbers, and the report items on them that page sections name.
 */
#include "report/compute/internal.h"

struct compute_page *compute_page_create(struct compute_run *run)
{
    struct compute_page *page = RS_NEW(run->memory, struct compute_page);

    page->globals = run->globals;
    return page;
}

void compute_page_set_numbers(struct compute_run *run, struct compute_page *page, const struct compute_page_numbers *numbers)
{
    page->globals.page_number = numbers->page_number;
    page->globals.total_pages = numbers->total_pages;
    page->globals.overall_page_number = numbers->overall_page_number;
    page->globals.overall_total_pages = numbers->overall_total_pages;
    page->globals.page_name = rs_text_copy(run->memory, numbers->page_name);
}

bool compute_page_wants(const struct compute_run *run, const struct rdl_item *item)
{
    return run->report->item_uses[item->number] & PUBLISH_ITEM_ON_PAGE;
}

void compute_page_record(struct compute_run *run, struct compute_page *page, const struct rdl_item *item, struct value value)
{
    rs_vec_push(run->memory, &page->values, (struct compute_page_value){item, compute_keep(run->memory, value)});
}

static const struct compute_page_value *record(const struct compute_page *page, const struct rdl_item *item, size_t number)
{
    for (size_t i = 0; i < page->values.count; i++)
        if (page->values.items[i].item == item && number-- == 0)
            return &page->values.items[i];
    return NULL;
}

/* ReportItems in a page section: an item of the body as it was recorded (outside an aggregate its first value), or
 * another item of a page section. */
rs_status compute_page_item(struct rs_job *job, struct compute_context *context, unsigned number, struct value *out)
{
    const struct rdl_item *item = context->run->report->items[number];
    const struct compute_page_value *found = record(context->scope.page, item, context->on_records ? context->record : 0);
    struct compute_text text;

    *out = value_null();
    if (found) {
        *out = found->value;
        return RS_OK;
    }
    if (context->on_records) {
        context->records_end = true;
        return RS_OK;
    }
    if (!context->run->report->item_places[number].is_page || item->kind != RDL_TEXTBOX)
        return RS_OK;
    if (context->run->depth >= COMPUTE_DEPTH_MAX) {
        *out = value_error(RS_TEXT("report items that depend on each other without end"));
        return RS_OK;
    }
    context->run->depth++;
    rs_status status = compute_textbox(job, context->run, &context->scope, item, &text);
    context->run->depth--;
    *out = text.value;
    return status;
}
