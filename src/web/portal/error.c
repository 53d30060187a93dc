#include "web/portal/views.h"

#include "web/portal/page.h"
#include "web/url/text.h"

/* What helps, by the code that the page shows. */
static const struct {
    const char *code, *hint;
} hints[] = {
    {"rsItemNotFound", "It may have been moved or deleted, or you are not allowed to see it. Look in the folder above, or "
                       "search for its name."},
    {"rsAccessDenied", "Ask an administrator of this server if you need to do this."},
    {"rsItemAlreadyExists", "Choose another name, or replace the item when you upload."},
    {"rsReportServerDatabaseUnavailable", "The server cannot reach its database. Try again in a moment; if it stays, tell "
                                          "the administrator."},
    {"rsProcessingTimeout", "Ask for less: a shorter period, fewer groups."},
    {"rsOperationLimitExceeded", "Ask for less: a shorter period, or a smaller file."},
    {"rsErrorOpeningConnection", "The database behind the report does not answer."},
    {"rsInvalidDataSourceReference", "An administrator can choose the report's data source on its page Properties."},
    {"rsSecureConnectionRequired", "Open this page with https:// in its address."},
};

static const char *hint_of(const char *code)
{
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
        if (rs_text_equal(rs_text_from(code), rs_text_from(hints[i].code)))
            return hints[i].hint;
    return NULL;
}

static const char *heading_of(int http_status)
{
    switch (http_status) {
    case 401:
        return "Who are you?";
    case 403:
        return "This is not for you";
    case 404:
        return "There is nothing here";
    default:
        return http_status < 500 ? "That does not work" : "Something went wrong";
    }
}

rs_status portal_error(struct exchange *x, rs_status status)
{
    const char *code = rs_status_client_code(status), *hint = hint_of(code);
    struct portal_page page = {.x = x, .title = RS_TEXT("Error"), .path = RS_TEXT("/")};
    rs_buf out = rs_buf_in(x->job);

    portal_page_begin(&out, &page);
    rs_buf_printf(&out, "<section class=\"failure\"><h1>%s</h1><p role=\"alert\">", heading_of(rs_status_http(status)));
    portal_text(&out, url_sentence(x->job, service_error_text(x->job, &x->caller)));
    rs_buf_printf(&out, " <span class=\"code\">(%s)</span></p>", code);
    if (hint && status != AUTH_REQUIRED)
        rs_buf_printf(&out, "<p class=\"quiet\">%s</p>", hint);
    rs_buf_add_literal(&out, "<p class=\"actions\"><a class=\"button primary\" href=\"");
    portal_address(&out, x, "browse", RS_TEXT("/"));
    rs_buf_add_literal(&out, "\">Home</a><button type=\"button\" class=\"button\" data-back hidden>Back</button></p>");
    if (x->request_id.size > 0) {
        rs_buf_add_literal(&out, "<p class=\"quiet\">Request ");
        portal_text(&out, x->request_id);
        rs_buf_add_literal(&out, "</p>");
    }
    rs_buf_add_literal(&out, "</section>");
    portal_page_end(&out, &page);
    return portal_page_send(&page, rs_status_http(status), &out);
}
