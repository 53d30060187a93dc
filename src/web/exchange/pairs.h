/* web/exchange/pairs.h - names and values of a query string or of a form, in order, repeated names kept.
 *
 * Source:  application/x-www-form-urlencoded of the URL standard; RFC 3986 section 3.4.
 */
#ifndef WEB_EXCHANGE_PAIRS_H
#define WEB_EXCHANGE_PAIRS_H

#include "base/vec.h"

#define EXCHANGE_PAIRS_MAX 10000 /* in one query or form; a report may be given long lists */

struct exchange_pair {
    rs_text name, value; /* decoded, UTF-8 */
    bool has_value;      /* there was a '=' */
};
RS_VEC_TYPE(struct exchange_pair, exchange_pairs);

/* Append what `text` holds between its '&' (or, as old links have it, "&amp;"). '+' and %20 are blanks. Bytes that are
 * not UTF-8 are read as Windows-1252, which old programs send. Fails with RS_OVER_LIMIT. */
RS_CHECKED rs_status exchange_pairs_parse(struct rs_job *job, rs_text text, struct exchange_pairs *out);

/* The value of the first pair of that name; names compare without case. NULL where there is none. */
const struct exchange_pair *exchange_pair_find(const struct exchange_pairs *pairs, const char *name);
rs_text exchange_pair_value(const struct exchange_pairs *pairs, const char *name); /* empty where there is none */

/* `t`, or where it is not UTF-8, its bytes read as Windows-1252. */
rs_text exchange_utf8(struct rs_job *job, rs_text t);

/* Percent escapes removed, and what is not UTF-8 read as Windows-1252. */
rs_text exchange_decode(struct rs_job *job, rs_text t, bool plus_is_blank);

#endif
