/* Listings of netsh and httpcfg in any language: decoded, read, their descriptors put into words. */
#include <assert.h>
#include <stdint.h>

#include "service/configure/netsh.h"
#include "service/configure/sddl.h"
#include "service/configure/windows_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(&(struct rs_job_options){.memory_limit = (size_t)256 << 20});
    rs_text text = windows_text(job, rs_text_of((const char *)data, size));
    struct netsh netsh;
    struct sddl sddl;

    assert(rs_text_is_utf8(text));
    if (netsh_read(job, text, &netsh) != RS_OK)
        return 0;
    for (size_t i = 0; i < netsh.bindings.count; i++) {
        const struct netsh_binding *row = &netsh.bindings.items[i];
        assert(row->line > 0 && row->endpoint.size > 0);
        assert(row->hash.size == 40 || row->guid.size == 38);
    }
    for (size_t i = 0; i < netsh.urls.count; i++)
        if (sddl_parse(netsh.urls.items[i].sddl, &sddl))
            assert(sddl_words(job, &sddl).size > 0);
    return 0;
}
