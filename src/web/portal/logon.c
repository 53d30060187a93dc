/* The page for logging on by a form, /Reports/logon.aspx and /ReportServer/logon.aspx, and the way out, logoff.aspx beside it.
 *
 * Who asks for a page and is nobody yet is sent here, with ReturnUrl, and sent back there afterwards. Both are posted, with a
 * token of our forms: another site can neither log somebody on (as somebody else) nor off.
 */
#include "format/escape/percent.h"
#include "web/portal/page.h"
#include "web/portal/portal.h"

#define PAGE "/logon.aspx"
#define WAY_OUT "/logoff.aspx"
#define STYLE "/logon.css"

/* A path on this server, and nothing that a browser takes for another one. */
static rs_text way_back(const struct exchange *x)
{
    rs_text asked = exchange_pair_value(x->method == HTTP_POST ? &x->form : &x->query, "ReturnUrl");
    bool good = asked.size > 0 && asked.size <= HTTP_TARGET_MAX / 2 && asked.bytes[0] == '/' &&
                !(asked.size > 1 && (asked.bytes[1] == '/' || asked.bytes[1] == '\\'));

    for (size_t i = 0; good && i < asked.size; i++)
        good = (unsigned char)asked.bytes[i] > 0x20 && asked.bytes[i] != 0x7F;
    return good ? asked : rs_text_format(x->job, "%.*s/", RS_TEXT_ARG(x->directory));
}

/* What it says is for people: without the names of codes. */
static rs_status show(struct exchange *x, int status, const char *trouble, rs_text name)
{
    rs_buf out = rs_buf_in(x->job);
    const struct exchange_asset *style = exchange_asset_find(portal_assets, portal_assets_count, RS_TEXT("portal.css"));

    rs_buf_add_literal(&out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                             "content=\"width=device-width, initial-scale=1\"><title>Log on - Reports</title>"
                             "<link rel=\"stylesheet\" href=\"");
    escape_percent_write_path(&out, x->directory);
    rs_buf_printf(&out, STYLE "?v=%s\"></head><body><main class=\"logon\"><form method=\"post\" action=\"", style->tag);
    escape_percent_write_path(&out, x->directory);
    rs_buf_add_literal(&out, PAGE "\" class=\"stack\"><h1><svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"M4 4h12l4 "
                                  "4v12H4zM8 17v-5M12 17V8M16 17v-3\"/></svg>Reports</h1>");
    if (trouble) {
        rs_buf_add_literal(&out, "<p class=\"trouble\" role=\"alert\" id=\"trouble\">");
        portal_text(&out, rs_text_from(trouble));
        rs_buf_add_literal(&out, "</p>");
    }
    rs_buf_add_literal(&out, "<input type=\"hidden\" name=\"token\"");
    portal_attribute(&out, "value", exchange_form_token(x));
    rs_buf_add_literal(&out, "><input type=\"hidden\" name=\"ReturnUrl\"");
    portal_attribute(&out, "value", way_back(x));
    rs_buf_add_literal(&out, "><label>User name<input name=\"user\" autocomplete=\"username\" required autocapitalize=\"none\" "
                             "spellcheck=\"false\"");
    portal_attribute(&out, "value", name);
    rs_buf_printf(&out, "%s></label><label>Password<input type=\"password\" name=\"password\" "
                        "autocomplete=\"current-password\" required%s></label>"
                        "<button class=\"button primary\">Log on</button></form></main></body></html>\n",
                  trouble ? "" : " autofocus", trouble ? " autofocus aria-describedby=\"trouble\"" : "");
    exchange_field(x, "Content-Security-Policy", RS_TEXT("default-src 'none'; style-src 'self'; form-action 'self'; "
                                                         "base-uri 'none'; frame-ancestors 'none'"));
    exchange_field(x, "Cache-Control", RS_TEXT("no-store"));
    return exchange_send(x, status, "text/html; charset=utf-8", rs_buf_text(&out));
}

static rs_status log_on(struct exchange *x, const struct auth_attempt *attempt)
{
    rs_text name, password;
    rs_status status;

    RS_TRY(exchange_read_form(x));
    RS_TRY(exchange_check_form(x));
    name = rs_text_trim(exchange_pair_value(&x->form, "user"));
    password = exchange_pair_value(&x->form, "password");
    status = service_log_on(x->job, x->caller.service, attempt, name, password, &x->caller.user, &x->logon);
    if (status == AUTH_REQUIRED || status == AUTH_THROTTLED) {
        rs_job_forgive(x->job);
        return show(x, status == AUTH_REQUIRED ? 403 : 429,
                    status == AUTH_REQUIRED ? "The user name or the password is not right."
                                            : "Too many logons failed. Wait a minute, then try again.",
                    name);
    }
    RS_TRY(status);
    exchange_logon_fields(x);
    return exchange_redirect(x, way_back(x));
}

static rs_status log_off(struct exchange *x)
{
    RS_TRY(exchange_read_form(x));
    RS_TRY(exchange_check_form(x));
    x->logon.has_cookie = true;
    exchange_logon_fields(x);
    return exchange_redirect(x, rs_text_format(x->job, "%.*s" PAGE, RS_TEXT_ARG(x->directory)));
}

static bool is_path(const struct exchange *x, const char *path)
{
    return rs_text_equal_nocase(x->path, rs_text_from(path));
}

bool portal_logon_takes(const struct exchange *x)
{
    return is_path(x, PAGE) || is_path(x, WAY_OUT) || is_path(x, STYLE);
}

rs_status portal_logon(struct exchange *x, const struct auth_attempt *attempt)
{
    if (is_path(x, STYLE))
        return exchange_send_asset(x, exchange_asset_find(portal_assets, portal_assets_count, RS_TEXT("portal.css")));
    if (!attempt->secure && !x->settings->service.auth.allow_plain_http)
        return rs_fail(x->job, AUTH_INSECURE, "this server takes passwords over https only; use the https address");
    if (is_path(x, WAY_OUT))
        return log_off(x);
    return x->method == HTTP_POST ? log_on(x, attempt) : show(x, 200, NULL, (rs_text){NULL, 0});
}
