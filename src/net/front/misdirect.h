/* net/front/misdirect.h - is a request on the right connection?
 *
 * Source:  RFC 9110 section 15.5.20 (421), RFC 9113 section 9.1.1 (connections are reused for other hosts).
 *
 * A client may ask for one host on a connection that it opened, by SNI, for another. Where the two have binding rows
 * that are not alike it must not be served there: it would see another certificate than the host's, or come past what
 * the host's row asks of clients. HTTP/1.1 clients do not reuse connections like that; theirs is refused only where the
 * settings of the rows differ, not where only the certificates do.
 */
#ifndef NET_FRONT_MISDIRECT_H
#define NET_FRONT_MISDIRECT_H

#include "net/front/exchange.h"

/* The request of the exchange, whose plan is known. */
bool misdirect_check(const struct front_exchange *exchange);

#endif
