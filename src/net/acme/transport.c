#include "net/acme/transport.h"

#include "net/acme/answer.h"
#include "net/fetch/fetch.h"

#define TRANSPORT_CONNECT_MS 15000
#define TRANSPORT_TOTAL_MS 60000

/* One answer on its way. */
struct arrival {
    struct rs_job *job;
    struct acme_answer *out;
};

static void on_field(void *data, rs_text name, rs_text value)
{
    struct arrival *arrival = data;

    if (rs_text_equal_nocase(name, RS_TEXT("replay-nonce")) && value.size <= ACME_URL_MAX)
        arrival->out->nonce = rs_text_copy(arrival->job, value);
    else if (rs_text_equal_nocase(name, RS_TEXT("location")) && acme_url_is_good(value))
        arrival->out->location = rs_text_copy(arrival->job, value);
    else if (rs_text_equal_nocase(name, RS_TEXT("retry-after")))
        arrival->out->retry_after_ms = fetch_retry_after_ms(arrival->job, value);
}

rs_status acme_request(struct rs_job *job, struct fetch *fetch, enum fetch_method method, rs_text url, rs_text body,
                       struct acme_answer *out)
{
    struct arrival arrival = {job, out};
    struct fetch_answer answer;

    *out = (struct acme_answer){.retry_after_ms = -1};
    RS_TRY(fetch_perform(job, fetch,
                         &(struct fetch_request){.method = method, .url = url, .https_only = true, .body = body,
                                                 .body_type = RS_TEXT("application/jose+json"), .what = "the ACME server",
                                                 .answer_max = ACME_ANSWER_MAX, .connect_ms = TRANSPORT_CONNECT_MS,
                                                 .total_ms = TRANSPORT_TOTAL_MS, .unreachable = ACME_UNREACHABLE,
                                                 .too_large = ACME_ANSWER, .field = on_field, .data = &arrival},
                         &answer));
    out->status = answer.status;
    out->body = answer.body;
    return RS_OK;
}
