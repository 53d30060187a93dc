/* Where a certificate answers, as it is typed: what is parsed writes itself back to an equal place. */
#include <stdlib.h>

#include "net/tables/place.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct tables_place place, again;

    if (tables_place_parse(job, rs_text_of((const char *)data, size), &place) != RS_OK)
        return 0;
    if (tables_place_parse(job, tables_place_write(job, &place), &again) != RS_OK ||
        !tables_address_equal(&place.address, &again.address) || place.port != again.port ||
        !rs_text_equal(place.host, again.host))
        abort();
    return 0;
}
