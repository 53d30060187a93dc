/* web/url/text.h - small pieces of pages: links, dates, sizes, sentences.
 */
#ifndef WEB_URL_TEXT_H
#define WEB_URL_TEXT_H

#include "web/exchange/exchange.h"

/* "?%2fSales%2fOrders&rs:Command=Render" with the blanks, slashes and signs of the path escaped; as bytes of a URL, not
 * yet escaped for HTML. */
void url_write_link(rs_buf *out, rs_text path, const char *command);

/* "&name=value" of each pair. */
void url_write_pairs(rs_buf *out, const struct exchange_pairs *pairs);
/* The same without those called `name`, in any case. */
void url_write_pairs_without(rs_buf *out, const struct exchange_pairs *pairs, rs_text name);

/* "Sunday, November 22, 2026 9:30 AM" in the server's time. */
void url_write_long_date(rs_buf *out, int64_t utc_ms);
/* "2026-11-22 09:30" in the server's time. */
void url_write_short_date(rs_buf *out, int64_t utc_ms);
/* "12 KB" */
void url_write_size(rs_buf *out, int64_t bytes);

/* First letter in upper case, a full stop at the end. */
rs_text url_sentence(struct rs_job *job, rs_text message);

/* The product's name and version, at the foot of pages. */
#define URL_PRODUCT "Bindery Report Server Version " BINDERY_VERSION

#endif
