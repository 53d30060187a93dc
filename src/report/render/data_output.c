#include "report/render/data_output.h"

#include <limits.h>

#include "report/publish/publish.h"

/* Hidden for good: no toggle can show it. */
static bool is_gone(const struct publish_report *report, const struct rdl_visibility *visibility)
{
    struct value v;

    if (!visibility->hidden.present || !rs_text_is_empty(visibility->toggle_item))
        return false;
    const struct expr_program *program = publish_program(report, &visibility->hidden);
    return expr_is_constant(program, &v) && v.kind == VALUE_BOOLEAN && v.boolean;
}

static bool has_value(const struct rdl_item *item)
{
    if (item->data_element_output == RDL_OUTPUT)
        return true;
    for (size_t p = 0; p < item->textbox->paragraphs.count; p++)
        for (size_t r = 0; r < item->textbox->paragraphs.items[p].runs.count; r++)
            if (item->textbox->paragraphs.items[p].runs.items[r].value.is_expression)
                return true;
    return false;
}

bool data_item_is_written(const struct publish_report *report, const struct rdl_item *item)
{
    return item && item->data_element_output != RDL_NO_OUTPUT && !is_gone(report, &item->visibility) &&
           (item->kind != RDL_TEXTBOX || has_value(item));
}

bool data_member_is_written(const struct publish_report *report, const struct rdl_member *member)
{
    return member->data_element_output != RDL_NO_OUTPUT && !is_gone(report, &member->visibility) &&
           !(member->group && member->group->data_element_output == RDL_NO_OUTPUT);
}

enum compute_walk data_walk(const struct publish_report *report)
{
    for (unsigned i = 0; i < report->aggregate_count; i++) {
        const struct publish_aggregate *a = &report->aggregates[i];
        bool runs = a->call.kind == EXPR_ROW_NUMBER || a->call.kind == EXPR_PREVIOUS || a->call.kind == EXPR_RUNNING_VALUE;
        if (!runs && a->item != UINT_MAX && data_item_is_written(report, report->items[a->item]))
            return COMPUTE_WALKS_ONCE;
    }
    return COMPUTE_WALKS_DOWN;
}

rs_status data_is_hidden(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                         const struct rdl_visibility *visibility, bool *out)
{
    *out = false;
    if (!visibility->hidden.present || !rs_text_is_empty(visibility->toggle_item))
        return RS_OK;
    return compute_hidden(job, run, scope, visibility, out);
}

rs_status data_member_is_hidden(struct rs_job *job, struct compute_run *run, struct compute_tablix *tablix,
                                struct compute_place place, bool *out)
{
    *out = false;
    if (!rs_text_is_empty(place.node->member->visibility.toggle_item))
        return RS_OK;
    return compute_member_hidden(job, run, tablix, place, out);
}
