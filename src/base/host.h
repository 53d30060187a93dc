/* base/host.h - host names as administrators write them.
 *
 * Source:  RFC 1123 section 2.1; the underscore of NetBIOS names is let in.
 */
#ifndef BASE_HOST_H
#define BASE_HOST_H

#include "base/text.h"

#define RS_HOST_MAX 253 /* bytes */

/* Letters, digits, hyphens and underscores; labels of 1 to 63 bytes, of which the last is no number. NULL: it is a host name;
 * else what is wrong, behind what was given: "has a host longer than 253 bytes". */
const char *rs_host_wrong(rs_text name);

#endif
