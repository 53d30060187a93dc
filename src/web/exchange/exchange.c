#include "web/exchange/exchange.h"

#include <stdio.h>
#include <sys/random.h>

#include "base/log.h"
#include "format/escape/hex.h"
#include "format/escape/percent.h"
#include "service/auth/forms.h"

#define TOKEN_COOKIE "BinderyToken"
#define TOKEN_SIZE 32 /* hexadecimal digits */

void exchange_settings_default(struct exchange_settings *settings)
{
    *settings = (struct exchange_settings){
        .report_server_directory = RS_TEXT("/ReportServer"),
        .portal_directory = RS_TEXT("/Reports"),
        .body_max = (size_t)64 * 1024 * 1024,
        .memory_max = (size_t)2 * 1024 * 1024 * 1024,
        .request_ms = 1800 * 1000, /* SystemReportTimeout */
    };
    service_settings_default(&settings->service);
}

/* ---- reading ------------------------------------------------------------------------------------- */

rs_text exchange_header(const struct exchange *x, enum http_field_id id)
{
    return http_fields_find(&x->incoming->request.fields, id);
}

rs_text exchange_cookie(const struct exchange *x, const char *name)
{
    rs_text rest = exchange_header(x, HTTP_COOKIE), pair, key, value;

    while (rest.size > 0) {
        rs_text_cut(rest, ';', &pair, &rest);
        rs_text_cut(rs_text_trim(pair), '=', &key, &value);
        if (rs_text_equal(key, rs_text_from(name)))
            return value;
    }
    return (rs_text){0};
}

rs_status exchange_read_form(struct exchange *x)
{
    rs_text type = exchange_header(x, HTTP_CONTENT_TYPE);

    if (rs_text_starts_nocase(type, RS_TEXT("application/x-www-form-urlencoded")))
        return exchange_pairs_parse(x->job, x->incoming->body, &x->form);
    if (rs_text_starts_nocase(type, RS_TEXT("multipart/form-data")))
        return exchange_multipart_parse(x->job, type, x->incoming->body, &x->form, &x->files);
    return RS_OK;
}

rs_text exchange_url(const struct exchange *x, enum exchange_directory directory)
{
    rs_text path = directory == EXCHANGE_PORTAL ? x->settings->portal_directory
                                                : x->settings->report_server_directory;

    if (directory == x->face && x->directory.size > 0)
        path = x->directory; /* where this request came in */
    return rs_text_format(x->job, "%.*s://%.*s%.*s", RS_TEXT_ARG(x->scheme), RS_TEXT_ARG(x->host),
                          RS_TEXT_ARG(path));
}

static bool is_token(rs_text t)
{
    bool good = t.size == TOKEN_SIZE;

    for (size_t i = 0; good && i < t.size; i++)
        good = escape_hex_digit(t.bytes[i]) >= 0;
    return good;
}

rs_text exchange_form_token(struct exchange *x)
{
    rs_text token = exchange_cookie(x, TOKEN_COOKIE);
    char random[TOKEN_SIZE / 2];
    rs_buf out = rs_buf_in(x->job);

    if (is_token(token))
        return token;
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        rs_log_abort("web/exchange: the system gives no random bytes");
    escape_hex_write(&out, rs_text_of(random, sizeof random), ESCAPE_HEX_LOWER);
    token = rs_buf_text(&out);
    exchange_field(x, "Set-Cookie",
                   rs_text_format(x->job, TOKEN_COOKIE "=%.*s; Path=%.*s; HttpOnly; SameSite=Strict%s",
                                  RS_TEXT_ARG(token), RS_TEXT_ARG(x->directory),
                                  rs_text_equal(x->scheme, RS_TEXT("https")) ? "; Secure" : ""));
    return token;
}

/* Same length, and no early way out: the time says nothing about the first difference. */
static bool tokens_equal(rs_text a, rs_text b)
{
    unsigned char difference = 0;

    if (!is_token(a) || !is_token(b))
        return false;
    for (size_t i = 0; i < a.size; i++)
        difference |= (unsigned char)(a.bytes[i] ^ b.bytes[i]);
    return difference == 0;
}

rs_status exchange_check_form(const struct exchange *x)
{
    rs_text origin = exchange_header(x, HTTP_ORIGIN);
    rs_text own = rs_text_format(x->job, "%.*s://%.*s", RS_TEXT_ARG(x->scheme), RS_TEXT_ARG(x->host));

    if (x->method != HTTP_POST)
        return rs_fail(x->job, EXCHANGE_METHOD, "this is changed by POST only");
    if (origin.size > 0 && !rs_text_equal_nocase(origin, own))
        return rs_fail(x->job, EXCHANGE_FORGED, "the form was sent by another site, %.*s",
                       RS_TEXT_ARG(rs_text_slice(origin, 0, 200)));
    if (!tokens_equal(exchange_cookie(x, TOKEN_COOKIE), exchange_pair_value(&x->form, "token")))
        return rs_fail(x->job, EXCHANGE_FORGED,
                       "the form is too old or not ours; go back, reload the page and send it again");
    return RS_OK;
}

/* ---- who asks ------------------------------------------------------------------------------------ */

void exchange_logon_fields(struct exchange *x)
{
    bool secure = !x->settings->plain_cookie || rs_text_equal(x->scheme, RS_TEXT("https"));

    if (x->logon.token.size > 0 && x->caller.user.name.size > 0)
        exchange_field(x, "WWW-Authenticate", rs_text_format(x->job, "Negotiate %.*s", RS_TEXT_ARG(x->logon.token)));
    if (x->logon.has_state)
        exchange_field(x, "Bindery-State", x->logon.state);
    if (x->logon.has_cookie)
        exchange_field(x, "Set-Cookie",
                       rs_text_format(x->job, FORMS_COOKIE "=%.*s; Path=/; HttpOnly; SameSite=Lax%s%s",
                                      RS_TEXT_ARG(x->logon.cookie), secure ? "; Secure" : "",
                                      x->logon.cookie.size > 0 ? "" : "; Max-Age=0"));
}

/* ---- answering ----------------------------------------------------------------------------------- */

void exchange_status(struct exchange *x, int status)
{
    http_reply_status(x->reply, status);
}

void exchange_field(struct exchange *x, const char *name, rs_text value)
{
    http_reply_field(x->reply, rs_text_from(name), value);
}

rs_status exchange_write(struct exchange *x, rs_text bytes)
{
    return http_reply_write(x->reply, bytes);
}

rs_status exchange_send(struct exchange *x, int status, const char *content_type, rs_text body)
{
    exchange_status(x, status);
    exchange_field(x, "Content-Type", rs_text_from(content_type));
    return exchange_write(x, body);
}

rs_status exchange_redirect(struct exchange *x, rs_text location)
{
    exchange_status(x, 303);
    exchange_field(x, "Location", location);
    exchange_field(x, "Cache-Control", RS_TEXT("no-store"));
    return RS_OK;
}

/* If-None-Match: a list of tags, weak ones too, or *. */
static bool is_listed(rs_text list, rs_text quoted)
{
    rs_text tag;

    while (list.size > 0) {
        rs_text_cut(list, ',', &tag, &list);
        tag = rs_text_trim(tag);
        if (rs_text_starts(tag, RS_TEXT("W/")))
            tag = rs_text_from_offset(tag, 2);
        if (rs_text_equal(tag, RS_TEXT("*")) || rs_text_equal(tag, quoted))
            return true;
    }
    return false;
}

bool exchange_is_known(struct exchange *x, rs_text tag)
{
    rs_text quoted = rs_text_format(x->job, "\"%.*s\"", RS_TEXT_ARG(tag));

    exchange_field(x, "ETag", quoted);
    if (!is_listed(exchange_header(x, HTTP_IF_NONE_MATCH), quoted) ||
        (x->method != HTTP_GET && x->method != HTTP_HEAD))
        return false;
    exchange_status(x, 304);
    return true;
}

void exchange_disposition(struct exchange *x, const char *kind, rs_text file_name)
{
    rs_buf out = rs_buf_in(x->job);
    bool is_ascii = true;

    rs_buf_printf(&out, "%s; filename=\"", kind);
    for (size_t i = 0; i < file_name.size; i++) {
        unsigned char c = (unsigned char)file_name.bytes[i];
        is_ascii &= c < 0x80;
        if ((c & 0xC0) != 0x80) /* one '_' for each letter that ASCII has not */
            rs_buf_add_byte(&out, c < 0x20 || c >= 0x7F || c == '"' || c == '\\' || c == '/' || c == '%' ? '_' : (char)c);
    }
    rs_buf_add_byte(&out, '"');
    if (!is_ascii || rs_text_find_byte(file_name, '%') >= 0) {
        rs_buf_add_literal(&out, "; filename*=UTF-8''");
        escape_percent_write(&out, file_name);
    }
    exchange_field(x, "Content-Disposition", rs_buf_text(&out));
}
