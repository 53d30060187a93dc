#include "net/fetch/fetch.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"

#define FETCH_RETRY_AFTER_MAX_S 31536000 /* a year: what is said beyond is no number to plan with */

struct fetch {
    CURL *curl;
    char *ca_file; /* or NULL */
};

/* One request on its way. */
struct exchange {
    struct rs_job *job;
    const struct fetch_request *request;
    CURL *curl;
    rs_buf body;
    bool too_large;
    rs_status failed; /* of what takes the pieces, or the job's time is over */
};

rs_status fetch_open(struct rs_job *job, rs_text ca_file, struct fetch **out)
{
    RS_OWNED(fetch) fetch = calloc(1, sizeof *fetch);

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !fetch || !(fetch->curl = curl_easy_init()))
        return rs_fail(job, RS_NO_MEMORY, "no memory to reach another server");
    if (ca_file.size > 0)
        fetch->ca_file = strdup(rs_text_terminated(job, ca_file));
    *out = rs_move(fetch);
    return RS_OK;
}

void fetch_close(struct fetch *fetch)
{
    if (!fetch)
        return;
    curl_easy_cleanup(fetch->curl);
    free(fetch->ca_file);
    free(fetch);
}

bool fetch_url_is_good(rs_text url, bool https_only)
{
    size_t scheme = rs_text_starts_nocase(url, RS_TEXT("https://"))                  ? 8
                    : !https_only && rs_text_starts_nocase(url, RS_TEXT("http://")) ? 7
                                                                                    : 0;
    rs_text rest = rs_text_from_offset(url, scheme);
    ptrdiff_t slash;

    if (scheme == 0 || url.size > FETCH_URL_MAX || rest.size == 0 || rest.bytes[0] == '/')
        return false;
    for (size_t i = 0; i < url.size; i++)
        if ((unsigned char)url.bytes[i] <= ' ' || (unsigned char)url.bytes[i] > '~')
            return false;
    slash = rs_text_find_byte(rest, '/');
    return rs_text_find_byte(slash < 0 ? rest : rs_text_slice(rest, 0, (size_t)slash), '@') < 0;
}

int64_t fetch_retry_after_ms(struct rs_job *job, rs_text value)
{
    uint64_t seconds;
    time_t at, now = time(NULL);

    if (!rs_parse_uint64(value, &seconds)) {
        at = curl_getdate(rs_text_terminated(job, value), NULL);
        if (at < 0)
            return -1;
        seconds = at > now ? (uint64_t)(at - now) : 0;
    }
    return (int64_t)(seconds < FETCH_RETRY_AFTER_MAX_S ? seconds : FETCH_RETRY_AFTER_MAX_S) * 1000;
}

bool fetch_knows_tickets(void)
{
    return (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_SPNEGO) != 0;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
    struct exchange *exchange = data;
    const struct fetch_request *request = exchange->request;
    long status = 0;

    curl_easy_getinfo(exchange->curl, CURLINFO_RESPONSE_CODE, &status);
    if (request->piece && status == 200) {
        exchange->failed = request->piece(exchange->job, request->data, rs_text_of(bytes, size * count));
        return exchange->failed == RS_OK ? size * count : 0;
    }
    if (exchange->body.used + size * count > request->answer_max) {
        exchange->too_large = true;
        return 0;
    }
    rs_buf_add(&exchange->body, rs_text_of(bytes, size * count));
    return size * count;
}

static size_t on_field(char *bytes, size_t size, size_t count, void *data)
{
    struct exchange *exchange = data;
    rs_text line = rs_text_of(bytes, size * count), name, value;

    if (exchange->request->field && rs_text_cut(line, ':', &name, &value))
        exchange->request->field(exchange->request->data, name, rs_text_trim(value));
    return size * count;
}

/* Called while waiting, at least once a second: not 0 ends the request. */
static int on_wait(void *data, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    struct exchange *exchange = data;
    RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = exchange->job});

    if (rs_job_checkpoint(part) != RS_OK) /* a new job looks at the clock at once */
        exchange->failed = rs_job_adopt(exchange->job, part);
    return exchange->failed != RS_OK;
}

static void set_logon(CURL *curl, struct exchange *exchange)
{
    const struct fetch_request *request = exchange->request;

    if (request->logon == FETCH_LOGON_NONE)
        return;
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, request->logon == FETCH_LOGON_BASIC ? CURLAUTH_BASIC : CURLAUTH_NEGOTIATE);
    curl_easy_setopt(curl, CURLOPT_USERNAME, rs_text_terminated(exchange->job, request->user)); /* empty: of the ticket */
    curl_easy_setopt(curl, CURLOPT_PASSWORD, rs_text_terminated(exchange->job, request->password));
}

/* Nobody said a word of TLS there. A certificate that is not good is another matter: somebody did. */
static bool is_without_tls(CURL *curl, CURLcode code)
{
    curl_off_t shaken = 0;

    curl_easy_getinfo(curl, CURLINFO_APPCONNECT_TIME_T, &shaken);
    return code == CURLE_COULDNT_CONNECT || code == CURLE_SSL_CONNECT_ERROR ||
           (code == CURLE_OPERATION_TIMEDOUT && shaken == 0);
}

static struct curl_slist *fields_of(struct exchange *exchange)
{
    const struct fetch_request *request = exchange->request;
    rs_text type = rs_text_format(exchange->job, "Content-Type: %.*s", RS_TEXT_ARG(request->body_type));
    rs_text language = rs_text_format(exchange->job, "Accept-Language: %.*s", RS_TEXT_ARG(request->language));
    struct curl_slist *fields = curl_slist_append(NULL, request->method == FETCH_POST ? type.bytes : "Accept: */*");

    return request->language.size > 0 ? curl_slist_append(fields, language.bytes) : fields;
}

static void set_options(struct fetch *fetch, struct exchange *exchange, struct curl_slist *fields, char *error)
{
    const struct fetch_request *request = exchange->request;
    const char *schemes = request->https_only ? "https" : "http,https";
    CURL *curl = fetch->curl;

    curl_easy_reset(curl); /* connections stay */
    curl_easy_setopt(curl, CURLOPT_URL, rs_text_terminated(exchange->job, request->url));
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, schemes);
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, schemes);
    if (request->redirects_max > 0) {
        curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
        curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)request->redirects_max);
        curl_easy_setopt(curl, CURLOPT_POSTREDIR, (long)CURL_REDIR_POST_ALL);
    }
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (fetch->ca_file) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, fetch->ca_file);
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    }
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_ms);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)request->total_ms);
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
    set_logon(curl, exchange);
    if (request->method == FETCH_HEAD)
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    if (request->method == FETCH_POST) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.size);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body.bytes);
    }
}

rs_status fetch_perform(struct rs_job *job, struct fetch *fetch, const struct fetch_request *request, struct fetch_answer *out)
{
    struct exchange exchange = {.job = job, .request = request, .curl = fetch->curl, .body = rs_buf_in(job)};
    struct curl_slist *fields = fields_of(&exchange);
    char error[CURL_ERROR_SIZE] = "";
    long status = 0;
    bool no_tls;
    CURLcode code;

    set_options(fetch, &exchange, fields, error);
    code = curl_easy_perform(fetch->curl);
    curl_slist_free_all(fields);
    RS_TRY(exchange.failed);
    RS_TRY(rs_job_checkpoint(job));
    if (exchange.too_large)
        return rs_fail(job, request->too_large, "the answer of %.*s is larger than %zu bytes", RS_TEXT_ARG(request->url),
                       request->answer_max);
    no_tls = request->no_tls != RS_OK && is_without_tls(fetch->curl, code);
    if (code != CURLE_OK)
        return rs_fail(job, no_tls ? request->no_tls : request->unreachable, "cannot reach %s at %.*s: %s", request->what, RS_TEXT_ARG(request->url),
                       error[0] ? error : curl_easy_strerror(code));
    curl_easy_getinfo(fetch->curl, CURLINFO_RESPONSE_CODE, &status);
    *out = (struct fetch_answer){(int)status, rs_buf_text(&exchange.body)};
    return RS_OK;
}
