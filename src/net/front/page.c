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

rs_text page_make(struct front_reply *reply, const struct page *page, char room[PAGE_BODY_MAX])
{
    const char *phrase = http_reason_phrase(page->status);
    const char *id = page->id ? page->id : "";
    int size = snprintf(room, PAGE_BODY_MAX, page_format, page->status, phrase, page->status, phrase,
                        page->sentence ? page->sentence : meaning_of(page->status),
                        *id ? "<p class=\"id\">Request " : "", id, *id ? "</p>\n" : "");
    size_t body_size = size < PAGE_BODY_MAX ? (size_t)size : PAGE_BODY_MAX - 1;

    reply_init(reply, page->status);
    reply_add(reply, HTTP_DATE, http_date_now());
    reply_add(reply, HTTP_CONTENT_TYPE, RS_TEXT("text/html; charset=utf-8"));
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
