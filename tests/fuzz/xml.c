/* Any bytes through the parser, strict and tolerant, and what is well-formed through the editor. */
#include <stddef.h>
#include <stdint.h>

#include "format/xml/edit.h"
#include "format/xml/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rs_text bytes = rs_text_of((const char *)data, size), written;

    for (int tolerant = 0; tolerant < 2; tolerant++) {
        RS_OWNED(rs_job) job = rs_job_create(&(struct rs_job_options){.memory_limit = 256u << 20});
        struct xml_options options = {.tolerant = tolerant};
        struct xml_document *document;
        struct xml_edit *edit;
        if (xml_parse(job, bytes, &options, &document) == RS_OK && !tolerant &&
            xml_edit_parse(job, bytes, &options, &edit) == RS_OK) {
            xml_edit_set_text(job, xml_edit_add(job, xml_edit_root(edit), "x"), bytes);
            if (xml_edit_write(job, edit, &written) != RS_OK)
                __builtin_trap();
        }
    }
    return 0;
}
