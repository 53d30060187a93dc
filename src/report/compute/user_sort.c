/* Interactive sorts: what a reader chose by clicking on text boxes that have a UserSort.
 *
 * A sort changes the order of a group's instances, or of detail rows, inside what it targets: a data set, a data region, or
 * that instance of a group which its text box stands in. Instances are told apart by their paths (compute_instance_id), so
 * that nothing but a text must be kept between two executions.
 */
#include "report/compute/internal.h"

#include "base/buf.h"

/* ---- the sorts of a run ----------------------------------------------------------------------------- */

static const struct publish_user_sort *find_published(const struct compute_run *run, rs_text name, bool is_number)
{
    uint64_t number = 0;

    if (is_number && !rs_parse_uint64(name, &number))
        return NULL;
    for (unsigned i = 0; i < run->report->user_sort_count; i++) {
        const struct publish_user_sort *sort = &run->report->user_sorts[i];
        if (is_number ? sort->item->number == number : rs_text_equal(sort->item->name, name))
            return sort;
    }
    return NULL;
}

rs_status compute_user_sorts_prepare(struct rs_job *job, struct compute_run *run)
{
    size_t count = run->options.sort_count;

    run->user_sorts = RS_NEW_ARRAY(run->memory, struct compute_user_sort, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct compute_sort *sort = &run->options.sorts[i];
        struct compute_user_sort *out = &run->user_sorts[i];
        bool is_number = sort->item.size && rs_is_digit(sort->item.bytes[0]);
        ptrdiff_t end = is_number ? rs_text_find_byte(sort->item, '_') : -1;
        size_t size = end < 0 ? sort->item.size : (size_t)end;
        out->published = find_published(run, rs_text_slice(sort->item, 0, size), is_number);
        if (!out->published)
            return rs_fail(job, COMPUTE_SORT_ITEM, "\"%.*s\" is no text box of this report that sorts", RS_TEXT_ARG(sort->item));
        out->path = rs_text_from_offset(sort->item, size);
        out->descending = sort->descending;
    }
    return RS_OK;
}

/* ---- what they sort --------------------------------------------------------------------------------- */

/* Whether `parent` stands in that instance of the target which the text box is in, or around which it is. */
static bool is_in_target(struct rs_job *scratch, const struct compute_user_sort *sort, struct compute_tablix *tablix,
                         struct compute_node *parent)
{
    struct compute_scope scope = compute_member_scope(tablix, compute_place_of(parent, 0)), region;
    struct compute_place place;
    rs_buf path = rs_buf_in(scratch);
    rs_text text;

    if (sort->published->target->kind == PUBLISH_DATA_SET)
        return true;
    if (!compute_find_instance(&scope, sort->published->target, &region, &place))
        return false;
    region = compute_member_scope(region.tablix, place);
    compute_add_path(&path, &region);
    text = rs_buf_text(&path);
    return rs_text_starts(sort->path, text) && (sort->path.size == text.size || sort->path.bytes[text.size] == '_');
}

static bool applies(struct rs_job *scratch, const struct compute_user_sort *sort, struct compute_tablix *tablix,
                    struct compute_node *parent, const struct rdl_member *member)
{
    const struct publish_scope *group = tablix->run->report->group_scopes[member->number];

    if (sort->published->over ? sort->published->over != group : !group->is_details)
        return false;
    return publish_scope_contains(sort->published->target, group) && is_in_target(scratch, sort, tablix, parent);
}

rdl_sorts compute_sorts_of(struct rs_job *scratch, struct compute_tablix *tablix, struct compute_node *parent,
                           const struct rdl_member *member)
{
    const struct compute_run *run = tablix->run;
    rdl_sorts sorts = {0};

    if (!run->options.sort_count)
        return member->sorts;
    sorts.items = RS_NEW_ARRAY(scratch, struct rdl_sort, run->options.sort_count + member->sorts.count);
    for (size_t i = 0; i < run->options.sort_count; i++)
        if (applies(scratch, &run->user_sorts[i], tablix, parent, member))
            sorts.items[sorts.count++] = (struct rdl_sort){run->user_sorts[i].published->item->textbox->user_sort,
                                                           run->user_sorts[i].descending};
    for (size_t i = 0; i < member->sorts.count; i++)
        sorts.items[sorts.count++] = member->sorts.items[i];
    return sorts;
}

/* ---- what renderers show ---------------------------------------------------------------------------- */

rs_text compute_sort_item(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                          const struct rdl_item *textbox, enum compute_sort_state *state)
{
    const struct publish_user_sort *published = NULL;
    rs_text id;

    *state = COMPUTE_UNSORTED;
    for (unsigned i = 0; i < run->report->user_sort_count && !published; i++)
        if (run->report->user_sorts[i].item == textbox)
            published = &run->report->user_sorts[i];
    if (!published)
        return (rs_text){NULL, 0};
    id = compute_instance_id(job, scope, textbox);
    for (size_t i = 0; i < run->options.sort_count; i++) {
        const struct compute_user_sort *sort = &run->user_sorts[i];
        if (sort->published == published && rs_text_ends(id, sort->path) &&
            id.size - sort->path.size == rs_text_format(job, "%u", textbox->number).size) {
            *state = sort->descending ? COMPUTE_DESCENDING : COMPUTE_ASCENDING;
            break;
        }
    }
    return id;
}
