#include "web/exchange/asset.h"

const struct exchange_asset *exchange_asset_find(const struct exchange_asset *assets, size_t count, rs_text name)
{
    for (size_t i = 0; i < count; i++)
        if (rs_text_equal(name, rs_text_from(assets[i].name)))
            return &assets[i];
    return NULL;
}

rs_status exchange_send_asset(struct exchange *x, const struct exchange_asset *asset)
{
    bool is_tagged = rs_text_equal(exchange_pair_value(&x->query, "v"), rs_text_from(asset->tag));

    exchange_field(x, "Cache-Control", is_tagged ? RS_TEXT("private, max-age=31536000, immutable")
                                                 : RS_TEXT("private, no-cache"));
    if (exchange_is_known(x, rs_text_from(asset->tag)))
        return RS_OK;
    return exchange_send(x, 200, asset->mime_type, rs_text_of(asset->bytes, asset->size));
}
