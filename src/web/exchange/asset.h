/* web/exchange/asset.h - files that are part of the program: style sheets, scripts, pictures of our own.
 *
 * embed.py makes a table of them at build time.
 */
#ifndef WEB_EXCHANGE_ASSET_H
#define WEB_EXCHANGE_ASSET_H

#include "web/exchange/exchange.h"

struct exchange_asset {
    const char *name, *mime_type;
    const char *tag; /* of the bytes */
    size_t size;
    const char *bytes;
};

/* NULL where there is none. */
const struct exchange_asset *exchange_asset_find(const struct exchange_asset *assets, size_t count, rs_text name);

/* Answer with it. A request that names its tag (?v=TAG) may keep the answer for ever. */
RS_CHECKED rs_status exchange_send_asset(struct exchange *x, const struct exchange_asset *asset);

#endif
