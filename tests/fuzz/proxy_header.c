/* Headers of the PROXY protocol: what is read never reaches past its bytes, and its beginnings ask for more. */
#include <stdlib.h>

#include "net/http/proxy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *exact = malloc(size + !size); /* so that a sanitizer sees the end */
    struct proxy_header header, part;

    if (!exact)
        return 0;
    memcpy(exact, data, size);
    if (proxy_read(rs_text_of(exact, size), &header) == PROXY_DONE) {
        if (header.size > size || (header.has_client && header.client.family == TABLES_ANY))
            abort();
        for (size_t cut = 0; cut < header.size; cut++)
            if (proxy_read(rs_text_of(exact, cut), &part) != PROXY_MORE)
                abort();
    }
    free(exact);
    return 0;
}
