#include "web/url/error.h"

#include "format/escape/markup.h"
#include "format/xml/write.h"
#include "web/url/request.h"
#include "web/url/text.h"

static bool wants_xml(const struct exchange *x)
{
    bool yes = false;

    return url_parse_bool(exchange_pair_value(&x->query, "rs:ErrorResponseAsXml"), &yes) && yes;
}

static rs_status error_as_xml(struct exchange *x, rs_status status, rs_text sentence)
{
    rs_buf page = rs_buf_in(x->job);
    struct xml_writer w = xml_writer_to(&page, 2);

    xml_declare(&w, RS_TEXT("utf-8"));
    xml_open(&w, "error");
    xml_write_element(&w, "ErrorCode", rs_text_from(rs_status_client_code(status)));
    xml_write_element(&w, "HttpStatus", rs_text_format(x->job, "%d", rs_status_http(status)));
    xml_write_element(&w, "Message", sentence);
    xml_write_element(&w, "ProductName", RS_TEXT("Bindery Report Server"));
    xml_write_element(&w, "ProductVersion", RS_TEXT(BINDERY_VERSION));
    xml_close(&w);
    return exchange_send(x, rs_status_http(status), "text/xml; charset=utf-8", rs_buf_text(&page));
}

rs_status url_error(struct exchange *x, rs_status status)
{
    rs_text sentence = url_sentence(x->job, service_error_text(x->job, &x->caller));
    rs_buf page = rs_buf_in(x->job);

    if (wants_xml(x))
        return error_as_xml(x, status, sentence);
    rs_buf_printf(&page, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                         "<title>Reporting Services Error</title>"
                         "<meta name=\"Generator\" content=\"" URL_PRODUCT "\">"
                         "<meta name=\"HTTP Status\" content=\"%d\">"
                         "<meta name=\"ProductLocaleID\" content=\"127\">"
                         "<meta name=\"CountryLocaleID\" content=\"1033\">"
                         "<meta name=\"viewport\" content=\"width=device-width\">"
                         "<style>body{font-family:system-ui,sans-serif;margin:1.5em;max-width:60em;color-scheme:light "
                         "dark}hr{border:0;border-top:1px solid #888}</style></head><body>"
                         "<h1>Reporting Services Error</h1><hr><ul><li>",
                  rs_status_http(status));
    escape_html(&page, sentence);
    rs_buf_printf(&page, " (%s)</li></ul><hr>" URL_PRODUCT, rs_status_client_code(status));
    if (x->request_id.size > 0) {
        rs_buf_add_literal(&page, ", request ");
        escape_html(&page, x->request_id);
    }
    rs_buf_add_literal(&page, "</body></html>\n");
    exchange_field(x, "Content-Security-Policy",
                   RS_TEXT("default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"));
    return exchange_send(x, rs_status_http(status), "text/html; charset=utf-8", rs_buf_text(&page));
}
