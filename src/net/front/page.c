#include "net/front/page.h"

#include <stdio.h>

static const struct {
    int status;
    const char *sentence;
} meanings[] = {
    {400, "The request is not one that can be served here."},
    {408, "The request did not arrive in time."},
    {413, "The request is too large."},
    {414, "The address of the request is too long."},
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

size_t page_write(struct http_writer *writer, const struct page *page)
{
    char body[2048];
    const char *phrase = http_reason_phrase(page->status);
    const char *id = page->id ? page->id : "";
    int size = snprintf(body, sizeof body, page_format, page->status, phrase, page->status, phrase,
                        page->sentence ? page->sentence : meaning_of(page->status),
                        *id ? "<p class=\"id\">Request " : "", id, *id ? "</p>\n" : "");
    size_t body_size = size < (int)sizeof body ? (size_t)size : sizeof body - 1;

    http_write_status_line(writer, page->status);
    http_write_date(writer);
    http_write_known(writer, HTTP_CONTENT_TYPE, RS_TEXT("text/html; charset=utf-8"));
    http_write_known(writer, HTTP_CACHE_CONTROL, RS_TEXT("no-store"));
    http_write_number(writer, HTTP_CONTENT_LENGTH, body_size);
    if (page->id)
        http_write_known(writer, HTTP_X_REQUEST_ID, rs_text_from(page->id));
    if (!page->keep_alive)
        http_write_known(writer, HTTP_CONNECTION, RS_TEXT("close"));
    else if (page->minor == 0)
        http_write_known(writer, HTTP_CONNECTION, RS_TEXT("keep-alive"));
    http_write_end(writer);
    if (page->head_only)
        return 0;
    http_write_bytes(writer, rs_text_of(body, body_size));
    return body_size;
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
