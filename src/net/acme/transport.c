#include "net/acme/transport.h"

#include <curl/curl.h>
#include <stdlib.h>

#include "base/buf.h"
#include "net/acme/answer.h"

#define TRANSPORT_CONNECT_MS 15000L
#define TRANSPORT_TOTAL_MS 60000L
#define TRANSPORT_RETRY_AFTER_MAX_S 31536000 /* a year: what is said beyond is no number to plan with */

struct acme_transport {
    CURL *curl;
    char *ca_file; /* or NULL */
};

/* One request on its way. */
struct exchange {
    struct rs_job *job;
    rs_buf body;
    bool too_large;
    struct acme_answer *out;
};

rs_status acme_transport_open(struct rs_job *job, rs_text ca_file, struct acme_transport **out)
{
    RS_OWNED(acme_transport) transport = calloc(1, sizeof *transport);

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !transport || !(transport->curl = curl_easy_init()))
        return rs_fail(job, RS_NO_MEMORY, "no memory to reach the ACME server");
    if (ca_file.size > 0)
        transport->ca_file = strdup(rs_text_terminated(job, ca_file));
    *out = rs_move(transport);
    return RS_OK;
}

void acme_transport_close(struct acme_transport *transport)
{
    if (!transport)
        return;
    curl_easy_cleanup(transport->curl);
    free(transport->ca_file);
    free(transport);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
    struct exchange *exchange = data;

    if (exchange->body.used + size * count > ACME_ANSWER_MAX) {
        exchange->too_large = true;
        return 0;
    }
    rs_buf_add(&exchange->body, rs_text_of(bytes, size * count));
    return size * count;
}

/* Seconds, or an HTTP date. */
static int64_t retry_after(struct rs_job *job, rs_text value)
{
    uint64_t seconds;
    time_t at, now = time(NULL);

    if (!rs_parse_uint64(value, &seconds)) {
        at = curl_getdate(rs_text_terminated(job, value), NULL);
        if (at < 0)
            return -1;
        seconds = at > now ? (uint64_t)(at - now) : 0;
    }
    return (int64_t)(seconds < TRANSPORT_RETRY_AFTER_MAX_S ? seconds : TRANSPORT_RETRY_AFTER_MAX_S) * 1000;
}

static size_t on_field(char *bytes, size_t size, size_t count, void *data)
{
    struct exchange *exchange = data;
    rs_text line = rs_text_of(bytes, size * count), name, value;

    if (!rs_text_cut(line, ':', &name, &value))
        return size * count;
    value = rs_text_trim(value);
    if (rs_text_equal_nocase(name, RS_TEXT("replay-nonce")) && value.size <= ACME_URL_MAX)
        exchange->out->nonce = rs_text_copy(exchange->job, value);
    else if (rs_text_equal_nocase(name, RS_TEXT("location")) && acme_url_is_good(value))
        exchange->out->location = rs_text_copy(exchange->job, value);
    else if (rs_text_equal_nocase(name, RS_TEXT("retry-after")))
        exchange->out->retry_after_ms = retry_after(exchange->job, value);
    return size * count;
}

/* Called while waiting, at least once a second: not 0 ends the request. */
static int on_wait(void *data, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    struct exchange *exchange = data;
    RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = exchange->job});

    return rs_job_checkpoint(part) != RS_OK;
}

static void set_options(struct acme_transport *transport, struct exchange *exchange, enum acme_method method, const char *url,
                        rs_text body, struct curl_slist *fields, char *error)
{
    CURL *curl = transport->curl;

    curl_easy_reset(curl); /* connections stay */
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (transport->ca_file) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, transport->ca_file);
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    }
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, TRANSPORT_CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, TRANSPORT_TOTAL_MS);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "bindery/" BINDERY_VERSION);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_field);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, exchange);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_wait);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, exchange);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    if (method == ACME_HEAD)
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    if (method == ACME_POST) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.size);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.bytes);
    }
}

rs_status acme_request(struct rs_job *job, struct acme_transport *transport, enum acme_method method, rs_text url,
                       rs_text body, struct acme_answer *out)
{
    struct exchange exchange = {.job = job, .body = rs_buf_in(job), .out = out};
    struct curl_slist *fields = curl_slist_append(NULL, method == ACME_POST ? "Content-Type: application/jose+json" : "Accept: */*");
    char error[CURL_ERROR_SIZE] = "";
    long status = 0;
    CURLcode code;

    *out = (struct acme_answer){.retry_after_ms = -1};
    set_options(transport, &exchange, method, rs_text_terminated(job, url), body, fields, error);
    code = curl_easy_perform(transport->curl);
    curl_slist_free_all(fields);
    RS_TRY(rs_job_checkpoint(job));
    if (exchange.too_large)
        return rs_fail(job, ACME_ANSWER, "the answer of %.*s is larger than %zu bytes", RS_TEXT_ARG(url), ACME_ANSWER_MAX);
    if (code != CURLE_OK)
        return rs_fail(job, ACME_UNREACHABLE, "cannot reach the ACME server at %.*s: %s", RS_TEXT_ARG(url),
                       error[0] ? error : curl_easy_strerror(code));
    curl_easy_getinfo(transport->curl, CURLINFO_RESPONSE_CODE, &status);
    out->status = (int)status;
    out->body = rs_buf_text(&exchange.body);
    return RS_OK;
}
