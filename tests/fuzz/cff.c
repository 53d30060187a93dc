/* The charset of CFF fonts. */
#include "report/draw/cff.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint16_t identifiers[300];

    draw_cff_identifiers(rs_text_of((const char *)data, size), identifiers, 300);
    return 0;
}
