#include <stddef.h>
#include <stdint.h>

#include "cli/soap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a report server elsewhere answers. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct xml_node *response = NULL;

    if (cli_soap_answer_parse(job, rs_text_of((const char *)data, size), &response) == RS_OK ? !response
                                                                                            : rs_job_message(job).size == 0)
        __builtin_trap();
    return 0;
}
