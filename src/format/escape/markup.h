/* format/escape/markup.h - text inside HTML, so that it is only ever text (format/xml/write.h has the same for XML).
 *
 * Source:  HTML standard, serialising HTML fragments.
 */
#ifndef FORMAT_ESCAPE_MARKUP_H
#define FORMAT_ESCAPE_MARKUP_H

#include "base/buf.h"

/* Safe between tags and in a quoted attribute value (either quote). Bytes that are not UTF-8 pass; 0 bytes become
 * U+FFFD. */
void escape_html(rs_buf *out, rs_text t);

#endif
