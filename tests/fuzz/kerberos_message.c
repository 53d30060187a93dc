/* Messages between a worker and the process of the keytab: whatever is read is written back byte for byte. */
#include <stdlib.h>

#include "net/kerberos/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text message = rs_text_of((const char *)data, size);
    struct kerberos_question question;
    struct kerberos_answer answer;
    rs_buf out = rs_buf_in(job);

    if (kerberos_question_read(message, &question)) {
        kerberos_question_write(&out, &question);
        if (!rs_text_equal(rs_buf_text(&out), message))
            abort();
    }
    out = rs_buf_in(job);
    if (kerberos_answer_read(message, &answer)) {
        kerberos_answer_write(&out, &answer);
        if (size > 1 && data[1] <= 1 && !rs_text_equal(rs_buf_text(&out), message))
            abort();
    }
    return 0;
}
