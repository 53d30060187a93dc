#include "net/front/page.h"

#include <stdio.h>

#include "net/http/write.h"

static const struct {
    int status;
    const char *sentence;
} meanings[] = {
    {308, "The address is served at another place."},
    {400, "The request is not one that can be served here."},
    {403, "The request is not allowed here."},
    {408, "The request did not arrive in time."},
    {413, "The request is too large."},
    {414, "The address of the request is too long."},
    {429, "There were too many requests."},
    {431, "The headers of the request are too large."},
    {500, "Something went wrong here."},
    {502, "The application gave no valid answer."},
    {503, "The application is not available at the moment."},
    {504, "The application did not answer in time."},
};

static const char *meaning_of(int status)
{
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (meanings[i].status == status)
            return meanings[i].sentence;
    return "The request cannot be served.";
}

/* Our own sentences: no markup in them, and none is let in. */
static const char page_format[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
    "content=\"width=device-width\"><title>%d %s</title>\n"
    "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:36em;margin:12vh auto;padding:0 1em;"
    "color:#222}h1{font-size:1.5em}p.id{color:#777;font-size:.85em}</style></head>\n"
    "<body><h1>%d %s</h1>\n<p>%s</p>\n%s%s%s</body></html>\n";

/* The shape of the original's faults: code, status and message first in the detail, the code in the text too. */
#define DETAIL(tag)                                                                                                    \
    "<" tag "><ErrorCode xmlns=\"" FAULT_SPACE "\">%s</ErrorCode><HttpStatus xmlns=\"" FAULT_SPACE "\">%d</HttpStatus>" \
    "<Message xmlns=\"" FAULT_SPACE "\">%s (%s)</Message></" tag ">"
#define FAULT_SPACE "http://www.microsoft.com/sql/reportingservices"
#define FAULT(space, content)                                                                          \
    "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"" space "\"><soap:Body><soap:Fault>" content \
    "</soap:Fault></soap:Body></soap:Envelope>"

static const struct {
    const char *content_type, *format; /* of a fault: sentence, code, code, status, sentence, code */
} forms[] = {
    [PAGE_HTML] = {"text/html; charset=utf-8", page_format},
    [PAGE_FAULT_11] = {"text/xml; charset=utf-8",
                       FAULT("http://schemas.xmlsoap.org/soap/envelope/",
                             "<faultcode>soap:Client</faultcode><faultstring>%s (%s)</faultstring>" DETAIL("detail"))},
    [PAGE_FAULT_12] = {"application/soap+xml; charset=utf-8",
                       FAULT("http://www.w3.org/2003/05/soap-envelope",
                             "<soap:Code><soap:Value>soap:Sender</soap:Value></soap:Code><soap:Reason><soap:Text xml:lang=\"en\">"
                             "%s (%s)</soap:Text></soap:Reason>" DETAIL("soap:Detail"))},
};

enum page_form page_form_of(const struct http_fields *fields)
{
    if (rs_text_starts_nocase(http_fields_find(fields, HTTP_CONTENT_TYPE), RS_TEXT("application/soap+xml")))
        return PAGE_FAULT_12;
    return http_fields_has(fields, HTTP_SOAP_ACTION) ? PAGE_FAULT_11 : PAGE_HTML;
}

static size_t write_body(const struct page *page, char room[PAGE_BODY_MAX])
{
    const char *phrase = http_reason_phrase(page->status), *id = page->id ? page->id : "";
    const char *sentence = page->sentence ? page->sentence : meaning_of(page->status), *format = forms[page->form].format;
    int size = page->form == PAGE_HTML
                   ? snprintf(room, PAGE_BODY_MAX, format, page->status, phrase, page->status, phrase, sentence,
                              *id ? "<p class=\"id\">Request " : "", id, *id ? "</p>\n" : "")
                   : snprintf(room, PAGE_BODY_MAX, format, sentence, page->code, page->code, page->status, sentence, page->code);

    return size < PAGE_BODY_MAX ? (size_t)size : PAGE_BODY_MAX - 1;
}

rs_text page_make(struct front_reply *reply, const struct page *page, char room[PAGE_BODY_MAX])
{
    size_t body_size = write_body(page, room);

    reply_init(reply, page->form == PAGE_HTML ? page->status : 500);
    reply_add(reply, HTTP_DATE, http_date_now());
    reply_add(reply, HTTP_CONTENT_TYPE, rs_text_from(forms[page->form].content_type));
    reply_add(reply, HTTP_CACHE_CONTROL, RS_TEXT("no-store"));
    if (page->id)
        reply_add(reply, HTTP_X_REQUEST_ID, rs_text_from(page->id));
    reply->has_length = true;
    reply->length = body_size;
    reply->body = page->head_only ? HTTP_BODY_NONE : HTTP_BODY_COUNTED;
    return rs_text_of(room, page->head_only ? 0 : body_size);
}

rs_text page_plain_on_tls(void)
{
#define PLAIN_SENTENCE                                                                         \
    "This port speaks HTTPS (HTTP over TLS), and the request came without TLS. Use https:// instead.\n"
    static char response[512];
    static int size;

    if (size == 0)
        size = snprintf(response, sizeof response,
                        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
                        "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                        sizeof PLAIN_SENTENCE - 1, PLAIN_SENTENCE);
    return rs_text_of(response, (size_t)size);
}
