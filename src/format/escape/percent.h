/* format/escape/percent.h - bytes inside a URL.
 *
 * Source:  RFC 3986 section 2.1 to 2.3; application/x-www-form-urlencoded of the URL standard.
 */
#ifndef FORMAT_ESCAPE_PERCENT_H
#define FORMAT_ESCAPE_PERCENT_H

#include "base/buf.h"

/* Append with everything escaped but letters, digits and -._~ */
void escape_percent_write(rs_buf *out, rs_text t);

/* The same, but '/' stays: for paths. */
void escape_percent_write_path(rs_buf *out, rs_text t);

enum escape_plus { ESCAPE_PLUS_IS_PLUS, ESCAPE_PLUS_IS_BLANK };

/* `t` without escapes: `t` itself where there are none. A '%' without two digits behind it stays as it is, as
 * browsers and the original do. The result may hold any byte, 0 too; whoever needs text checks it. */
rs_text escape_percent_parse(struct rs_job *job, rs_text t, enum escape_plus plus);

#endif
