#include "report/data/http.h"

#include <stdlib.h>

#include <curl/curl.h>

#include "base/buf.h"

struct transfer {
    struct rs_job *job, *watch;
    CURLM *multi;
    CURL *easy;
    struct curl_slist *headers;
    rs_buf body;
    bool is_too_large;
    char error[CURL_ERROR_SIZE];
};

bool http_is_address(rs_text text)
{
    return rs_text_starts_nocase(text, RS_TEXT("http://")) || rs_text_starts_nocase(text, RS_TEXT("https://"));
}

/* ---- which hosts ------------------------------------------------------------------------------------ */

static bool host_matches(rs_text pattern, rs_text host, unsigned port)
{
    rs_text name = pattern;

    for (size_t i = pattern.size; i > 0 && (rs_is_digit(pattern.bytes[i - 1]) || pattern.bytes[i - 1] == ':'); i--)
        if (pattern.bytes[i - 1] == ':') {
            unsigned wanted = 0;
            for (size_t j = i; j < pattern.size && wanted < 65536; j++)
                wanted = wanted * 10 + (unsigned)(pattern.bytes[j] - '0');
            if (wanted != port)
                return false;
            name = rs_text_slice(pattern, 0, i - 1);
            break;
        }
    if (rs_text_equal(name, RS_TEXT("*")))
        return true;
    if (rs_text_starts(name, RS_TEXT("*."))) {
        rs_text ending = rs_text_from_offset(name, 1);
        return host.size > ending.size && rs_text_equal_nocase(rs_text_from_offset(host, host.size - ending.size), ending);
    }
    return rs_text_equal_nocase(name, host);
}

bool http_host_is_allowed(rs_text hosts, rs_text host, unsigned port)
{
    for (size_t at = 0; at < hosts.size;) {
        size_t start = at;
        while (at < hosts.size && !strchr(" \t\r\n,;", hosts.bytes[at]))
            at++;
        if (at > start && host_matches(rs_text_slice(hosts, start, at - start), host, port))
            return true;
        at++;
    }
    return false;
}

/* Without what may be secret in it. */
static rs_text shown(struct rs_job *job, CURLU *url)
{
    char *scheme = NULL, *host = NULL, *path = NULL;
    rs_text text;

    curl_url_get(url, CURLUPART_SCHEME, &scheme, 0);
    curl_url_get(url, CURLUPART_HOST, &host, 0);
    curl_url_get(url, CURLUPART_PATH, &path, 0);
    text = rs_text_format(job, "%s://%s%s", scheme ? scheme : "", host ? host : "", path ? path : "");
    curl_free(scheme);
    curl_free(host);
    curl_free(path);
    return text;
}

static rs_status check_host(struct rs_job *job, const struct data_source *source, CURLU *url, rs_text *host_out)
{
    char *host = NULL, *port = NULL;
    rs_text name;

    curl_url_get(url, CURLUPART_HOST, &host, 0);
    curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
    name = rs_text_copy(job, rs_text_from(host));
    unsigned number = port ? (unsigned)atoi(port) : 0; /* curl has checked that it is one */
    curl_free(host);
    curl_free(port);
    *host_out = rs_text_format(job, "%.*s:%u", RS_TEXT_ARG(name), number);
    if (source->any_file || http_host_is_allowed(source->http_hosts, name, number))
        return RS_OK;
    return rs_fail(job, DATA_CONNECT, "reports may not read documents from \"%.*s\"; an administrator can add the host to "
                   "DataHosts in rsreportserver.config", RS_TEXT_ARG(*host_out));
}

/* ---- one exchange ----------------------------------------------------------------------------------- */

static void transfer_finish(struct transfer *t)
{
    if (t->multi && t->easy)
        curl_multi_remove_handle(t->multi, t->easy);
    curl_easy_cleanup(t->easy);
    curl_multi_cleanup(t->multi);
    curl_slist_free_all(t->headers);
}

static size_t take_body(char *bytes, size_t size, size_t count, void *data)
{
    struct transfer *t = data;

    t->is_too_large = t->body.used + size * count > HTTP_DOCUMENT_MAX;
    if (t->is_too_large)
        return 0;
    rs_buf_add(&t->body, rs_text_of(bytes, size * count));
    return size * count;
}

static void set_options(struct transfer *t, CURLU *url, const struct data_source *source, const struct http_get *get, bool is_first)
{
    CURL *easy = t->easy;

    curl_easy_setopt(easy, CURLOPT_CURLU, url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L); /* every address is checked */
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "Bindery");
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error);
    if (is_first && !rs_text_is_empty(source->user)) {
        curl_easy_setopt(easy, CURLOPT_USERNAME, rs_text_terminated(t->job, source->user));
        curl_easy_setopt(easy, CURLOPT_PASSWORD, rs_text_terminated(t->job, source->password));
    }
    if (is_first && get->body.size) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)get->body.size);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, get->body.bytes);
        rs_text action = rs_text_format(t->job, "SOAPAction: \"%.*s\"", RS_TEXT_ARG(get->soap_action));
        t->headers = curl_slist_append(NULL, "Content-Type: text/xml; charset=utf-8");
        t->headers = curl_slist_append(t->headers, action.bytes);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->headers);
    }
}

static rs_status wait_for_answer(struct transfer *t, rs_text address)
{
    int running = 1, left;
    CURLMsg *message;

    while (running) {
        RS_TRY(data_checkpoint_timed(t->job, t->watch));
        if (curl_multi_perform(t->multi, &running) != CURLM_OK)
            return rs_fail(t->job, DATA_CONNECT, "the transfer of \"%.*s\" failed", RS_TEXT_ARG(address));
        if (running)
            curl_multi_poll(t->multi, NULL, 0, DATA_WAIT_MS, NULL);
    }
    while ((message = curl_multi_info_read(t->multi, &left)))
        if (message->msg == CURLMSG_DONE && message->data.result != CURLE_OK)
            return t->is_too_large
                       ? rs_fail(t->job, DATA_TOO_LARGE, "\"%.*s\" is longer than the %zu bytes allowed", RS_TEXT_ARG(address), HTTP_DOCUMENT_MAX)
                       : rs_fail(t->job, DATA_CONNECT, "cannot read \"%.*s\": %s", RS_TEXT_ARG(address),
                                 t->error[0] ? t->error : curl_easy_strerror(message->data.result));
    return RS_OK;
}

/* *redirect: where the answer is, NULL where this was it. */
static rs_status exchange(struct transfer *t, rs_text address, rs_text *redirect)
{
    long status = 0;
    char *next = NULL;

    curl_multi_add_handle(t->multi, t->easy);
    RS_TRY(wait_for_answer(t, address));
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &next);
    *redirect = next ? rs_text_copy(t->job, rs_text_from(next)) : (rs_text){NULL, 0};
    if (!next && (status < 200 || status > 299))
        return rs_fail(t->job, DATA_CONNECT, "\"%.*s\" answered with status %ld", RS_TEXT_ARG(address), status);
    return RS_OK;
}

static rs_status fetch_once(struct rs_job *job, struct rs_job *watch, const struct data_source *source, const struct http_get *get,
                            CURLU *url, bool is_first, rs_text *body, rs_text *redirect)
{
    __attribute__((cleanup(transfer_finish))) struct transfer t = {.job = job, .watch = watch, .body = rs_buf_in(job)};

    t.multi = curl_multi_init();
    t.easy = curl_easy_init();
    if (!t.multi || !t.easy)
        return rs_fail(job, RS_NO_MEMORY, "no memory for a transfer");
    set_options(&t, url, source, get, is_first);
    RS_TRY(exchange(&t, shown(job, url), redirect));
    *body = rs_buf_text(&t.body);
    return RS_OK;
}

static void url_drop(CURLU **url)
{
    curl_url_cleanup(*url);
}

rs_status http_fetch(struct rs_job *job, struct rs_job *watch, const struct data_source *source, const struct http_get *get, rs_text *out)
{
    rs_text address = get->url, first_host = {NULL, 0}, host;

    for (int turn = 0; turn <= HTTP_REDIRECTS_MAX; turn++) {
        __attribute__((cleanup(url_drop))) CURLU *url = curl_url();
        if (!url || !http_is_address(address) || curl_url_set(url, CURLUPART_URL, rs_text_terminated(job, address), 0) != CURLUE_OK)
            return rs_fail(job, DATA_CONNECT, "the address of the document is not a valid http or https address");
        RS_TRY(check_host(job, source, url, &host));
        if (turn == 0)
            first_host = host;
        RS_TRY(fetch_once(job, watch, source, get, url, rs_text_equal(host, first_host), out, &address));
        if (rs_text_is_empty(address))
            return RS_OK;
    }
    return rs_fail(job, DATA_CONNECT, "the address of the document leads on to another one more than %d times", HTTP_REDIRECTS_MAX);
}
