#include "web/exchange/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "format/escape/markup.h"
#include "format/escape/percent.h"
#include "service/auth/forms.h"
#include "web/exchange/watch.h"

#define STOP_CHECK_MS 250   /* how late a stop is seen at most */
#define ACCEPT_DELAY_MS 20  /* a worker that holds connections leaves new ones to others for so long */
#define READ_MS 60000       /* for one request to come in whole: the HTTPS service sends it at once */
#define ERROR_MS 10000      /* for the error page of a request that is out of time */
#define ERROR_MEMORY ((size_t)16 * 1024 * 1024)

struct worker {
    struct exchange_settings settings;
    struct service *service;
    const struct exchange_face *const *faces;
    size_t face_count;
    uint64_t served;
    struct exchange_watch *watch; /* may be NULL */
};

/* ---- one request --------------------------------------------------------------------------------- */

static rs_text header(const struct http_incoming *incoming, enum http_field_id id)
{
    return http_fields_find(&incoming->request.fields, id);
}

static rs_text directory_of(const struct exchange_settings *settings, enum exchange_directory directory)
{
    return directory == EXCHANGE_PORTAL ? settings->portal_directory : settings->report_server_directory;
}

/* Whether `path` is `directory` or stands below it; names of virtual directories compare without case. */
static bool is_below(rs_text path, rs_text directory)
{
    return rs_text_starts_nocase(path, directory) &&
           (path.size == directory.size || path.bytes[directory.size] == '/');
}

/* Behind another instance's HTTPS service the name ends in that of this instance: ReportServerWebService_SALES. */
static bool names_face(rs_text application, rs_text face)
{
    return rs_text_starts_nocase(application, face) &&
           (application.size == face.size || application.bytes[face.size] == '_');
}

/* The face whose application the HTTPS service names; without it, the one whose directory the path is in. */
static const struct exchange_face *find_face(const struct worker *worker, const struct http_incoming *incoming,
                                             rs_text path, rs_text *directory)
{
    rs_text application = header(incoming, HTTP_BINDERY_APPLICATION);

    for (size_t i = 0; i < worker->face_count; i++) {
        const struct exchange_face *face = worker->faces[i];
        rs_text own = application.size > 0 ? header(incoming, HTTP_BINDERY_PREFIX)
                                           : directory_of(&worker->settings, face->directory);
        if (application.size > 0 ? !names_face(application, rs_text_from(face->application)) : !is_below(path, own))
            continue;
        if (face->takes && !face->takes(rs_text_from_offset(path, own.size)))
            continue;
        *directory = own;
        return face;
    }
    return NULL;
}

/* "de-DE" of "de-DE,de;q=0.9": the client's first choice. */
static rs_text first_language(rs_text accepted)
{
    rs_text first, rest;

    rs_text_cut(accepted, ',', &first, &rest);
    rs_text_cut(first, ';', &first, &rest);
    first = rs_text_trim(first);
    bool good = first.size > 0 && first.size <= 35;
    for (size_t i = 0; good && i < first.size; i++)
        good = rs_is_alpha(first.bytes[i]) || rs_is_digit(first.bytes[i]) || first.bytes[i] == '-';
    return good ? first : (rs_text){0};
}

static bool is_local_address(rs_text address)
{
    return rs_text_starts(address, RS_TEXT("127.")) || rs_text_equal(address, RS_TEXT("::1"));
}

/* What the HTTPS service says about the client. Nobody else reaches a worker: it listens on a Unix socket only. */
static void read_client(struct exchange *x)
{
    rs_text scheme = header(x->incoming, HTTP_X_FORWARDED_PROTO);
    rs_text host = header(x->incoming, HTTP_X_FORWARDED_HOST);

    x->scheme = rs_text_equal_nocase(scheme, RS_TEXT("https")) ? RS_TEXT("https") : RS_TEXT("http");
    x->host = host.size > 0 ? host : x->incoming->request.host;
    x->client = header(x->incoming, HTTP_X_FORWARDED_FOR);
    x->request_id = header(x->incoming, HTTP_X_REQUEST_ID);
    x->caller.language = first_language(header(x->incoming, HTTP_ACCEPT_LANGUAGE));
    x->caller.is_local = is_local_address(x->client);
    x->caller.report_server_url =
        x->settings->url_root.size > 0 ? x->settings->url_root : exchange_url(x, EXCHANGE_REPORT_SERVER);
}

/* For every answer. */
static void add_common_fields(struct exchange *x)
{
    exchange_field(x, "X-Content-Type-Options", RS_TEXT("nosniff"));
    exchange_field(x, "Referrer-Policy", RS_TEXT("same-origin"));
}

static rs_status answer(struct exchange *x, const struct exchange_face *face)
{
    rs_text shared = exchange_header(x, HTTP_BINDERY_SHARED);
    struct auth_attempt attempt = {
        .authorization = exchange_header(x, HTTP_AUTHORIZATION),
        .client = x->client,
        .secure = rs_text_equal(x->scheme, RS_TEXT("https")),
        .connection = shared.size > 0 ? (rs_text){NULL, 0} : exchange_header(x, HTTP_BINDERY_CONNECTION),
        .state = exchange_header(x, HTTP_BINDERY_STATE),
        .cookie = exchange_cookie(x, FORMS_COOKIE),
        .channel = exchange_header(x, HTTP_BINDERY_CHANNEL),
        .application = rs_text_from(face->application),
        .through_proxy = rs_text_equal(shared, RS_TEXT("proxy")),
    };

    RS_TRY(exchange_pairs_parse(x->job, x->incoming->request.query, &x->query));
    if (x->settings->logon_takes && x->settings->logon_takes(x)) {
        add_common_fields(x);
        return x->settings->logon(x, &attempt);
    }
    RS_TRY(service_identify(x->job, x->caller.service, &attempt, &x->caller.user, &x->logon));
    x->by_cookie = attempt.cookie.size > 0 && attempt.authorization.size == 0;
    add_common_fields(x);
    exchange_logon_fields(x);
    return face->answer(x);
}

/* Somebody with a browser: he is shown the page for logging on. */
static bool wants_logon_page(const struct exchange *x, rs_status status)
{
    return status == AUTH_REQUIRED && x->settings->logon && x->logon.token.size == 0 &&
           (x->method == HTTP_GET || x->method == HTTP_HEAD) && exchange_header(x, HTTP_AUTHORIZATION).size == 0 &&
           rs_text_find(exchange_header(x, HTTP_ACCEPT), RS_TEXT("text/html")) >= 0;
}

static rs_status send_to_logon(struct exchange *x)
{
    rs_buf location = rs_buf_in(x->job);

    escape_percent_write_path(&location, x->directory);
    rs_buf_add_literal(&location, "/logon.aspx?ReturnUrl=");
    escape_percent_write(&location, x->incoming->request.target);
    exchange_status(x, 302);
    exchange_field(x, "Cache-Control", RS_TEXT("no-store"));
    exchange_field(x, "Location", rs_buf_text(&location));
    return exchange_write(x, RS_TEXT(""));
}

/* The failure once in the log, with the request's id. What a client got wrong is no trouble of ours. */
static void log_failure(const struct exchange *x, rs_status status)
{
    bool ours = rs_status_http(status) >= 500 && status != RS_CANCELLED; /* cancelled: the client is gone */

    if (status == AUTH_REQUIRED && exchange_header(x, HTTP_AUTHORIZATION).size == 0)
        return; /* the first request of a browser */
    rs_log(ours ? RS_LOG_ERROR : RS_LOG_INFO, "request %.*s %.*s %.*s: %s: %.*s", RS_TEXT_ARG(x->request_id),
           RS_TEXT_ARG(x->incoming->request.method_name), RS_TEXT_ARG(rs_text_slice(x->incoming->request.path, 0, 200)),
           rs_status_name(status), RS_TEXT_ARG(rs_job_error(x->job)));
}

static rs_status bare_page(struct exchange *x, rs_status status)
{
    rs_buf page = rs_buf_in(x->job);

    rs_buf_printf(&page, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>%d</title></head><body><p>",
                  rs_status_http(status));
    escape_html(&page, rs_text_from(rs_status_sentence(status)));
    rs_buf_printf(&page, " (%s)</p></body></html>\n", rs_status_client_code(status));
    return exchange_send(x, rs_status_http(status), "text/html; charset=utf-8", rs_buf_text(&page));
}

static void add_challenges(struct exchange *x)
{
    rs_text challenges[AUTH_CHALLENGES_MAX];
    size_t count = service_challenges(x->job, x->caller.service, &x->logon, challenges);

    for (size_t i = 0; i < count; i++)
        exchange_field(x, "WWW-Authenticate", challenges[i]);
}

static void add_error_fields(struct exchange *x, rs_status status)
{
    add_common_fields(x);
    exchange_logon_fields(x);
    exchange_field(x, "Cache-Control", RS_TEXT("no-store"));
    if (status == AUTH_REQUIRED)
        add_challenges(x);
    if (status == EXCHANGE_METHOD)
        exchange_field(x, "Allow", RS_TEXT("GET, HEAD, POST"));
    if (status == AUTH_THROTTLED)
        exchange_field(x, "Retry-After", RS_TEXT("5"));
}

/* The job of the request may be out of time or memory: the page is made in a job of its own. */
static void answer_failure(struct exchange *failed, struct http_peer *peer, const struct exchange_face *face,
                           rs_status status)
{
    struct rs_job_options options = {.memory_limit = ERROR_MEMORY, .deadline_ms = rs_clock_steady_ms() + ERROR_MS};
    RS_OWNED(rs_job) job = rs_job_create(&options);
    struct exchange x = *failed;

    log_failure(failed, status);
    if (!http_reply_is_unsent(failed->reply)) {
        http_reply_abandon(failed->reply);
        return;
    }
    (void)rs_job_adopt(job, failed->job);
    x.job = job;
    x.reply = http_reply_create(job, peer); /* in place of the one that was begun */
    if (face && wants_logon_page(&x, status)) {
        add_common_fields(&x);
        if (send_to_logon(&x) != RS_OK || http_reply_finish(x.reply) != RS_OK)
            http_reply_abandon(x.reply);
        return;
    }
    add_error_fields(&x, status);
    rs_status told = face ? face->fail(&x, status) : bare_page(&x, status);
    if (told != RS_OK && http_reply_is_unsent(x.reply)) {
        http_reply_restart(x.reply);
        add_error_fields(&x, status);
        told = bare_page(&x, status);
    }
    if (told != RS_OK || http_reply_finish(x.reply) != RS_OK)
        http_reply_abandon(x.reply);
}

static rs_status no_face(struct rs_job *job, rs_text path)
{
    return rs_fail(job, RS_NOT_FOUND, "there is nothing at %.*s", RS_TEXT_ARG(rs_text_slice(path, 0, 200)));
}

static void look_at_directories(struct exchange_settings *settings)
{
    if (settings->directories_now)
        settings->directories_now(settings->directories_data, &settings->report_server_directory, &settings->portal_directory);
}

static void serve_request(struct worker *worker, struct rs_job *job, struct http_peer *peer,
                          const struct http_incoming *incoming)
{
    look_at_directories(&worker->settings);
    rs_text path = exchange_decode(job, incoming->request.path, false), directory = {0};
    const struct exchange_face *face = find_face(worker, incoming, path, &directory);
    struct exchange x = {
        .job = job,
        .settings = &worker->settings,
        .incoming = incoming,
        .method = incoming->request.method,
        .face = face ? face->directory : EXCHANGE_DIRECTORIES,
        .caller = {.service = worker->service},
        .reply = http_reply_create(job, peer),
    };

    x.directory = rs_text_slice(path, 0, directory.size); /* as the client spells it */
    x.path = rs_text_from_offset(path, directory.size);
    read_client(&x);
    rs_status status = face ? answer(&x, face) : no_face(job, path);
    if (status == RS_OK)
        status = http_reply_finish(x.reply);
    if (status != RS_OK)
        answer_failure(&x, peer, face, status);
}

/* A body that is too large gets an answer; a request that is no HTTP, or was cut off, cannot have one. */
static void refuse_request(struct worker *worker, struct rs_job *job, struct http_peer *peer, rs_status status)
{
    struct http_incoming none = {0};
    struct exchange x = {.job = job, .settings = &worker->settings, .incoming = &none,
                         .caller = {.service = worker->service}};

    rs_log(RS_LOG_WARNING, "a request was refused: %.*s", RS_TEXT_ARG(rs_job_error(job)));
    if (status != RS_OVER_LIMIT)
        return;
    x.reply = http_reply_create(job, peer);
    if (bare_page(&x, status) != RS_OK || http_reply_finish(x.reply) != RS_OK)
        http_reply_abandon(x.reply);
}

/* Read and answer one request. False where the connection is of no more use. */
static bool serve_next(struct worker *worker, struct http_peer *peer)
{
    const struct exchange_settings *settings = &worker->settings;
    struct rs_job_options options = {.memory_limit = settings->memory_max,
                                     .deadline_ms = rs_clock_steady_ms() + READ_MS};
    RS_OWNED(rs_job) job = rs_job_create(&options);
    struct http_incoming *incoming = NULL;
    rs_status status = http_peer_read(job, peer, settings->body_max, &incoming);

    if (status != RS_OK)
        refuse_request(worker, job, peer, status);
    if (status != RS_OK || !incoming)
        return false;
    rs_job_set_deadline(job, settings->request_ms ? rs_clock_steady_ms() + settings->request_ms : 0);
    exchange_watch_begin(worker->watch, job, http_peer_fd(peer));
    if (settings->hang_s)
        alarm(settings->hang_s);
    serve_request(worker, job, peer, incoming);
    if (settings->hang_s)
        alarm(0);
    exchange_watch_end(worker->watch);
    worker->served++;
    return http_peer_is_open(peer);
}

/* ---- connections --------------------------------------------------------------------------------- */

void exchange_serve_connection(int fd, const struct exchange_settings *settings, struct service *service,
                               const struct exchange_face *const *faces, size_t face_count)
{
    struct worker worker = {*settings, service, faces, face_count, 0, NULL};
    RS_OWNED(http_peer) peer = http_peer_create(fd);

    while (serve_next(&worker, peer))
        continue;
}

struct pool {
    struct http_peer *peers[EXCHANGE_CONNECTIONS_MAX];
    size_t count;
    size_t first; /* where the next search begins, so that no connection is served again before the others */
};

static void pool_remove(struct pool *pool, size_t index)
{
    http_peer_destroy(pool->peers[index]);
    pool->peers[index] = pool->peers[--pool->count];
}

static void pool_accept(struct pool *pool, int listen_fd)
{
    int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);

    if (fd >= 0)
        pool->peers[pool->count++] = http_peer_create(fd);
    else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) /* EAGAIN: another worker was quicker */
        rs_log(RS_LOG_WARNING, "cannot accept a connection: %s", strerror(errno));
}

/* One that has a request, or -1. `others_too`: the listening socket is watched as well; then *new_one says whether
 * somebody waits there. */
static int wait_for_request(struct pool *pool, int listen_fd, bool others_too, int timeout_ms, bool *new_one)
{
    struct pollfd fds[EXCHANGE_CONNECTIONS_MAX + 1];
    nfds_t count = 0;

    *new_one = false;
    for (size_t i = 0; i < pool->count; i++) {
        if (http_peer_has_bytes(pool->peers[i]))
            timeout_ms = 0; /* one that was sent ahead is here already; but others may be waiting longer */
        fds[count++] = (struct pollfd){.fd = http_peer_fd(pool->peers[i]), .events = POLLIN};
    }
    if (others_too)
        fds[count++] = (struct pollfd){.fd = listen_fd, .events = POLLIN};
    if (poll(fds, count, timeout_ms) < 0)
        return -1;
    for (size_t k = 0; k < pool->count; k++) {
        size_t i = (pool->first + k) % pool->count;
        if (fds[i].revents || http_peer_has_bytes(pool->peers[i])) {
            pool->first = i + 1;
            return (int)i;
        }
    }
    *new_one = others_too && fds[count - 1].revents;
    return -1;
}

static void serve_pool(struct worker *worker, int listen_fd, struct pool *pool, const volatile sig_atomic_t *stop)
{
    uint64_t most = worker->settings.requests_max;
    bool patient = false; /* the moment in which others may take a new connection is over */

    while (!*stop && (most == 0 || worker->served < most)) {
        bool new_one, may_accept = pool->count < EXCHANGE_CONNECTIONS_MAX && (pool->count == 0 || patient);
        int timeout_ms = pool->count > 0 && !patient ? ACCEPT_DELAY_MS : STOP_CHECK_MS;
        int ready = wait_for_request(pool, listen_fd, may_accept, timeout_ms, &new_one);

        patient = ready < 0;
        if (ready >= 0 && !serve_next(worker, pool->peers[ready]))
            pool_remove(pool, (size_t)ready);
        if (new_one) {
            pool_accept(pool, listen_fd);
            patient = false;
        }
    }
}

/* What was on its way when the worker was told to end is answered: one request of each connection. */
static void serve_last(struct worker *worker, struct pool *pool)
{
    for (; pool->count > 0; pool_remove(pool, pool->count - 1)) {
        struct http_peer *peer = pool->peers[pool->count - 1];
        struct pollfd waits = {.fd = http_peer_fd(peer), .events = POLLIN};
        if (http_peer_has_bytes(peer) || poll(&waits, 1, 0) > 0)
            (void)serve_next(worker, peer);
    }
}

rs_status exchange_serve(struct rs_job *job, int listen_fd, const struct exchange_settings *settings,
                         const struct exchange_face *const *faces, size_t face_count,
                         const volatile sig_atomic_t *stop)
{
    RS_OWNED(service) service = NULL;
    struct pool pool = {.count = 0};
    int flags = fcntl(listen_fd, F_GETFL);

    if (flags < 0 || fcntl(listen_fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return rs_fail(job, RS_IO, "cannot listen on the worker's socket: %s", strerror(errno));
    RS_TRY(service_open(job, &settings->service, &service));
    RS_OWNED(exchange_watch) watch = exchange_watch_create();
    struct worker worker = {*settings, service, faces, face_count, 0, watch};
    serve_pool(&worker, listen_fd, &pool, stop);
    serve_last(&worker, &pool);
    return RS_OK;
}
