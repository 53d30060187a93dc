/* Interactive sorting without script: a link to the same report, sorted by this text box. Who holds Shift adds it to the
 * sorts that are there; for that the viewer's script reads the sort from `data-sort`.
 */
#include "format/escape/markup.h"
#include "format/escape/percent.h"
#include "report/render/html.h"

static const struct {
    const char *sign, *now, *next; /* `next`: what a click does */
} directions[] = {
    [COMPUTE_UNSORTED] = {"\xe2\x87\x85", "", "Ascending"},
    [COMPUTE_ASCENDING] = {"\xe2\x86\x91", "sorted in ascending order; ", "Descending"},
    [COMPUTE_DESCENDING] = {"\xe2\x86\x93", "sorted in descending order; ", "Ascending"},
};

rs_status html_sort_control(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_item *item)
{
    enum compute_sort_state state;
    rs_text name;

    if (!item->textbox->user_sort.present || h->sort_root.size == 0 || h->at.base > 0) /* subreports are not sorted */
        return RS_OK;
    name = compute_sort_item(job, h->at.run, scope, item, &state);
    if (name.size == 0)
        return rs_job_status(job);
    rs_text sort = rs_text_format(job, "%.*s:%s", RS_TEXT_ARG(name), directions[state].next);
    rs_buf_add_literal(&h->out, " <a class=\"so\" target=\"_top\" rel=\"nofollow\" href=\"");
    escape_html(&h->out, h->sort_root);
    escape_percent_write(&h->out, sort);
    rs_buf_printf(&h->out, "\" data-sort=\"%.*s\" title=\"%ssort in %s order\">%s</a>", RS_TEXT_ARG(sort), directions[state].now,
                  state == COMPUTE_ASCENDING ? "descending" : "ascending", directions[state].sign);
    return RS_OK;
}
