#include <stddef.h>
#include <stdint.h>

#include "web/soap/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first line is the content type, the second the field SOAPAction, the rest the message. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const known[] = {"TrustedUserHeader", NULL};
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    enum soap_version version;
    struct soap_message message;
    rs_text type, field, rest;

    rs_text_cut(rs_text_of((const char *)data, size), '\n', &type, &rest);
    rs_text_cut(rest, '\n', &field, &rest);
    if (soap_action(type, field).size > size)
        __builtin_trap();
    (void)soap_version_of(type, &version);
    if (soap_message_parse(job, rest, 0, version, RS_TEXT("urn:t"), known, &message) == RS_OK && message.content &&
        message.content->name.size > size)
        __builtin_trap();
    return 0;
}
