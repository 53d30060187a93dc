#include "web/portal/views.h"

#include "web/portal/page.h"

#define RESULTS_MAX 200

rs_status portal_search(struct exchange *x, rs_text path)
{
    rs_text wanted = rs_text_slice(rs_text_trim(exchange_pair_value(&x->query, "q")), 0, 200);
    const struct service_condition conditions[] = {{RS_TEXT("Name"), SERVICE_CONTAINS, &wanted, 1},
                                                   {RS_TEXT("Description"), SERVICE_CONTAINS, &wanted, 1}};
    struct service_find_items found = {.path = RS_TEXT("/"), .deep = true, .any = true, .conditions = conditions,
                                       .condition_count = sizeof conditions / sizeof conditions[0]};
    bool more;
    struct portal_page page = {.x = x, .title = RS_TEXT("Search"), .path = RS_TEXT("/")};
    rs_buf out = rs_buf_in(x->job);

    (void)path;
    if (wanted.size == 0)
        return exchange_redirect(x, portal_location(x, "browse", RS_TEXT("/"), ""));
    RS_TRY(service_run(x->job, &x->caller, &service_find_items, &found));
    more = found.items.count > RESULTS_MAX;
    if (more)
        found.items.count = RESULTS_MAX;
    portal_page_begin(&out, &page);
    rs_buf_add_literal(&out, "<div class=\"heading\"><h1>Search: ");
    portal_text(&out, wanted);
    rs_buf_add_literal(&out, "</h1></div>");
    portal_write_items(&out, x, &found.items, true);
    if (found.items.count == 0)
        rs_buf_add_literal(&out, "<p class=\"empty\">Nothing has that in its name or description.</p>");
    if (more)
        rs_buf_printf(&out, "<p class=\"quiet\">Only the first %d are shown.</p>", RESULTS_MAX);
    portal_page_end(&out, &page);
    return portal_page_send(&page, 200, &out);
}
