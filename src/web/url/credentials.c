#include "web/url/credentials.h"

#include "base/clock.h"
#include "format/escape/markup.h"
#include "format/escape/percent.h"
#include "store/secret/secret.h"
#include "web/url/prompts.h"
#include "web/url/text.h"

#define MINUTE_MS ((int64_t)60 * 1000)
#define COOKIE "bindery-data-"
#define COOKIE_MAX ((size_t)3500) /* bytes of its value; browsers keep 4096 with name and attributes */

/* ---- the cookie ---------------------------------------------------------------------------------- */

/* One for each report: many may be open at once. */
static const char *cookie_name(struct exchange *x, const struct url_request *request)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < request->path.size; i++)
        hash = (hash ^ (unsigned char)rs_lower(request->path.bytes[i])) * 16777619u;
    return rs_text_format(x->job, COOKIE "%08x", (unsigned)hash).bytes;
}

static rs_text context(struct exchange *x, const struct url_request *request)
{
    rs_buf out = rs_buf_in(x->job);

    rs_buf_add_literal(&out, "credentials of data sources");
    rs_buf_add_byte(&out, '\0');
    rs_buf_add(&out, x->caller.user.name);
    rs_buf_add_byte(&out, '\0');
    for (size_t i = 0; i < request->path.size; i++)
        rs_buf_add_byte(&out, rs_lower(request->path.bytes[i]));
    return rs_buf_text(&out);
}

/* Sent for both faces: the portal shows reports, the report server exports them. */
static void set_cookie(struct exchange *x, const struct url_request *request, rs_text value, const char *age)
{
    const rs_text paths[] = {x->settings->report_server_directory, x->settings->portal_directory, x->directory};

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (paths[i].size == 0 || (i == 2 && (rs_text_equal_nocase(paths[2], paths[0]) || rs_text_equal_nocase(paths[2], paths[1]))))
            continue;
        exchange_field(x, "Set-Cookie",
                       rs_text_format(x->job, "%s=%.*s; Path=%.*s; HttpOnly; SameSite=Strict%s%s", cookie_name(x, request),
                                      RS_TEXT_ARG(value), RS_TEXT_ARG(paths[i]), age,
                                      rs_text_equal(x->scheme, RS_TEXT("https")) ? "; Secure" : ""));
    }
}

/* time, then for each source its name, user and password, each ended by a zero. */
static rs_status seal(struct exchange *x, const struct url_request *request, rs_text *out)
{
    rs_buf text = rs_buf_in(x->job);
    const struct secret_key *key;

    rs_buf_printf(&text, "%lld", (long long)rs_clock_utc_ms());
    for (size_t i = 0; i < request->given.credential_count; i++) {
        const struct compute_credentials *one = &request->given.credentials[i];
        const rs_text parts[] = {one->source, one->user, one->password};
        for (size_t p = 0; p < 3; p++) {
            rs_buf_add_byte(&text, '\0');
            rs_buf_add(&text, parts[p]);
        }
    }
    RS_TRY(service_secret_key(x->job, x->caller.service, &key));
    RS_TRY(secret_seal(x->job, key, context(x, request), rs_buf_text(&text), out));
    return out->size <= COOKIE_MAX ? RS_OK : rs_fail(x->job, URL_CREDENTIALS, "the users and passwords are too long to be kept");
}

/* `age_ms`: since they were sealed. */
static void unpack(struct rs_job *job, rs_text text, struct service_parameters *out, int64_t *age_ms)
{
    RS_VEC(struct compute_credentials) all = {0};
    rs_text stamp;
    int64_t sealed_ms = 0;

    rs_text_cut(text, '\0', &stamp, &text);
    *age_ms = rs_parse_int64(stamp, &sealed_ms) ? rs_clock_utc_ms() - sealed_ms : INT64_MAX;
    while (text.size > 0) {
        struct compute_credentials one;
        rs_text_cut(text, '\0', &one.source, &text);
        rs_text_cut(text, '\0', &one.user, &text);
        rs_text_cut(text, '\0', &one.password, &text);
        rs_vec_push(job, &all, one);
    }
    out->credentials = all.items;
    out->credential_count = all.count;
}

rs_status url_credentials_recall(struct exchange *x, struct url_request *request)
{
    struct service_parameters found = {0};
    const struct secret_key *key;
    rs_text sealed = exchange_cookie(x, cookie_name(x, request)), text;
    int64_t age_ms;

    if (sealed.size == 0 || request->given.credential_count > 0)
        return RS_OK;
    RS_TRY(service_secret_key(x->job, x->caller.service, &key));
    if (secret_open(x->job, key, context(x, request), sealed, &text) != RS_OK) {
        if (rs_job_status(x->job) != SECRET_SEALED)
            return rs_job_status(x->job);
        rs_job_forgive(x->job); /* of another user, or of an old key */
        return RS_OK;
    }
    unpack(x->job, text, &found, &age_ms);
    if (age_ms < 0 || age_ms > URL_CREDENTIALS_MINUTES * MINUTE_MS)
        return RS_OK;
    request->given.credentials = found.credentials;
    request->given.credential_count = found.credential_count;
    if (age_ms < MINUTE_MS)
        return RS_OK;
    RS_TRY(seal(x, request, &sealed));
    set_cookie(x, request, sealed, "");
    return RS_OK;
}

rs_status url_credentials_keep(struct exchange *x, const struct url_request *request, bool *kept)
{
    rs_text sealed;

    *kept = false;
    if (request->given.credential_count == 0 || exchange_pair_value(&x->form, "token").size == 0)
        return RS_OK;
    RS_TRY(exchange_check_form(x));
    RS_TRY(seal(x, request, &sealed));
    set_cookie(x, request, sealed, "");
    *kept = true;
    return RS_OK;
}

void url_credentials_forget(struct exchange *x, const struct url_request *request)
{
    set_cookie(x, request, (rs_text){"", 0}, "; Max-Age=0");
}

/* ---- the form ------------------------------------------------------------------------------------ */

static void add_attribute(rs_buf *out, const char *name, const char *prefix, rs_text value)
{
    rs_buf_printf(out, " %s=\"%s", name, prefix);
    escape_html(out, value);
    rs_buf_add_byte(out, '"');
}

static void write_source(rs_buf *out, const struct compute_data_prompt *source, size_t index)
{
    rs_buf_add_literal(out, "<fieldset class=\"bv-field\"><legend>");
    escape_html(out, source->text);
    rs_buf_printf(out, "</legend><label for=\"u%zu\">User</label><input type=\"text\" id=\"u%zu\" autocomplete=\"username\"", index, index);
    add_attribute(out, "name", "dsu:", source->source);
    add_attribute(out, "value", "", source->user);
    rs_buf_printf(out, "><label for=\"w%zu\">Password</label><input type=\"password\" id=\"w%zu\" autocomplete=\"current-password\"", index, index);
    add_attribute(out, "name", "dsp:", source->source);
    rs_buf_add_literal(out, "></fieldset>");
}

void url_credentials_write(rs_buf *out, const struct url_credentials_form *form)
{
    bool asks = !form->sources->complete || form->fault.size > 0;

    rs_buf_printf(out, "<details class=\"bv-prompts bv-credentials\"%s><summary>Data source credentials</summary>"
                       "<form class=\"bv-form\" method=\"post\" action=\"?\"><input type=\"hidden\" name=\"token\"",
                  asks ? " open" : "");
    add_attribute(out, "value", "", exchange_form_token(form->x));
    rs_buf_add_literal(out, ">");
    if (form->path_field.size > 0) {
        rs_buf_add_literal(out, "<input type=\"hidden\" value=\"\"");
        add_attribute(out, "name", "", form->path_field);
        rs_buf_add_literal(out, ">");
    }
    url_write_hidden_fields(out, &form->request->kept, NULL);
    if (form->fault.size > 0) {
        rs_buf_add_literal(out, "<p class=\"bv-fault\" role=\"alert\">");
        escape_html(out, url_sentence(out->job, form->fault));
        rs_buf_add_literal(out, "</p>");
    }
    if (!rs_text_equal(form->x->scheme, RS_TEXT("https")))
        rs_buf_add_literal(out, "<p class=\"bv-fault\">This connection is not encrypted: others may read the password.</p>");
    rs_buf_add_literal(out, "<div class=\"bv-fields\">");
    for (size_t i = 0; i < form->sources->count; i++)
        write_source(out, &form->sources->items[i], i);
    rs_buf_add_literal(out, "</div><button type=\"submit\" class=\"bv-run\">View report</button></form></details>");
}
