#include "web/portal/views.h"

#include "store/catalog/name.h"
#include "web/portal/page.h"

#define RESULTS_MAX 200

/* Contained in the name or the description, without regard to case. */
static rs_status matches(struct rs_job *job, const struct catalog_item *item, rs_text key, bool *out)
{
    rs_text own;

    RS_TRY(catalog_name_key(job, item->name, &own));
    *out = rs_text_find(own, key) >= 0;
    if (*out || item->description.size == 0)
        return RS_OK;
    RS_TRY(catalog_name_key(job, item->description, &own));
    *out = rs_text_find(own, key) >= 0;
    return RS_OK;
}

rs_status portal_search(struct exchange *x, rs_text path)
{
    rs_text wanted = rs_text_slice(rs_text_trim(exchange_pair_value(&x->query, "q")), 0, 200), key;
    struct service_list_children list = {.path = RS_TEXT("/"), .deep = true};
    struct catalog_items found = {0};
    struct portal_page page = {.x = x, .title = RS_TEXT("Search"), .path = RS_TEXT("/")};
    rs_buf out = rs_buf_in(x->job);

    (void)path;
    if (wanted.size == 0)
        return exchange_redirect(x, portal_location(x, "browse", RS_TEXT("/"), ""));
    RS_TRY(catalog_name_key(x->job, wanted, &key));
    RS_TRY(service_run(x->job, &x->caller, &service_list_children, &list));
    for (size_t i = 0; i < list.items.count && found.count < RESULTS_MAX; i++) {
        bool fits = false;
        RS_TRY(matches(x->job, &list.items.items[i], key, &fits));
        if (fits)
            rs_vec_push(x->job, &found, list.items.items[i]);
        RS_TRY(rs_job_checkpoint(x->job));
    }
    portal_page_begin(&out, &page);
    rs_buf_add_literal(&out, "<div class=\"heading\"><h1>Search: ");
    portal_text(&out, wanted);
    rs_buf_add_literal(&out, "</h1></div>");
    portal_write_items(&out, x, &found, true);
    if (found.count == 0)
        rs_buf_add_literal(&out, "<p class=\"empty\">Nothing has that in its name or description.</p>");
    if (found.count == RESULTS_MAX)
        rs_buf_printf(&out, "<p class=\"quiet\">Only the first %d are shown.</p>", RESULTS_MAX);
    portal_page_end(&out, &page);
    return portal_page_send(&page, 200, &out);
}
