/* format/escape/markup.h - text inside HTML and XML, so that it is only ever text.
 *
 * Source:  HTML standard, serialising; XML 1.0 (5th edition) sections 2.2, 2.4, 3.3.3.
 */
#ifndef FORMAT_ESCAPE_MARKUP_H
#define FORMAT_ESCAPE_MARKUP_H

#include "base/buf.h"

/* Safe between tags and in a quoted attribute value (either quote). Bytes that are not UTF-8 pass; 0 bytes become
 * U+FFFD. */
void escape_html(rs_buf *out, rs_text t);

/* Element content: & < > and CR; characters that XML 1.0 does not allow become U+FFFD. */
void escape_xml_text(rs_buf *out, rs_text t);

/* An attribute value in double quotes: also " and the white space that a parser would normalise. */
void escape_xml_attribute(rs_buf *out, rs_text t);

#endif
