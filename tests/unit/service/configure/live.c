/* Operations while a server runs: a small TLS server in a thread plays it. */
#include "fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "net/tables/snapshot.h"

/* One port of 127.0.0.1. apply() is what the instance calls; how it misbehaves is set by the test. */
struct server {
    pthread_t thread;
    pthread_mutex_t lock;
    int fd; /* listens as long as there is a binding */
    unsigned port;
    SSL_CTX *context; /* of the certificate that is shown */
    bool stop;
    int status;       /* of its HTTP answers */
    bool refuse;      /* apply fails */
    bool stuck;       /* apply says yes and goes on showing what it showed */
    bool mute;        /* accepts and says nothing */
    int64_t revision; /* last applied */
    int applied;
    int represented;
    bool represent_fails;
    bool database_fails;
};

static void server_answer(struct server *s, SSL *tls)
{
    char bytes[4096];
    int size = snprintf(bytes, sizeof bytes, "HTTP/1.1 %d X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", s->status);

    if (SSL_accept(tls) == 1) {
        char request[4096];
        if (SSL_read(tls, request, sizeof request) > 0)
            SSL_write(tls, bytes, size);
        SSL_shutdown(tls);
    }
}

static void *server_run(void *data)
{
    struct server *s = data;

    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        struct pollfd poll_fd = {.events = POLLIN};
        SSL *tls;
        int client;
        pthread_mutex_lock(&s->lock);
        poll_fd.fd = s->fd;
        bool stop = s->stop;
        pthread_mutex_unlock(&s->lock);
        if (stop)
            return NULL;
        if (poll(&poll_fd, 1, 10) <= 0)
            continue;
        pthread_mutex_lock(&s->lock);
        client = s->fd < 0 ? -1 : accept(s->fd, NULL, NULL);
        tls = client < 0 || s->mute ? NULL : SSL_new(s->context);
        pthread_mutex_unlock(&s->lock);
        if (tls) {
            struct timeval limit = {.tv_sec = 2};
            setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
            SSL_set_fd(tls, client);
            server_answer(s, tls);
            SSL_free(tls);
        }
        if (client >= 0)
            close(client);
    }
}

static SSL_CTX *server_context(struct fixture *f, const struct tables_binding *row)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct pki_entry *entry = pki_store_find(f->instance.store, row->certificates[0].sha256);
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    EVP_PKEY *key = NULL;

    assert_ok(job, pki_keys_open(job, f->instance.store, row->certificates[0].sha256, &key));
    assert_int_equal(SSL_CTX_use_certificate(context, entry->certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
    EVP_PKEY_free(key);
    return context;
}

static int server_listen(unsigned port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof in), 0);
    assert_int_equal(listen(fd, 10), 0);
    return fd;
}

static rs_status server_apply(struct rs_job *job, void *data, struct tables_snapshot *snapshot)
{
    struct fixture *f = data;
    struct server *s = f->server;
    const struct tables_binding *row = NULL;

    if (s->refuse)
        return rs_fail(job, RS_IO, "the server does not want to");
    s->applied++;
    s->revision = tables_snapshot_revision(snapshot);
    if (s->stuck && s->context)
        return RS_OK;
    for (size_t i = 0; i < tables_binding_count(snapshot); i++)
        if (tables_binding(snapshot, i)->port == s->port)
            row = tables_binding(snapshot, i);
    pthread_mutex_lock(&s->lock);
    SSL_CTX_free(s->context);
    s->context = row ? server_context(f, row) : NULL;
    if (row && s->fd < 0)
        s->fd = server_listen(s->port);
    if (!row && s->fd >= 0) {
        close(s->fd);
        s->fd = -1;
    }
    pthread_mutex_unlock(&s->lock);
    return RS_OK;
}

static rs_status server_represent(struct rs_job *job, void *data, struct tables_snapshot *snapshot)
{
    struct fixture *f = data;

    (void)snapshot;
    f->server->represented++;
    return f->server->represent_fails ? rs_fail(job, RS_IO, "the file is read-only") : RS_OK;
}

static rs_status server_database(struct rs_job *job, void *data)
{
    struct fixture *f = data;

    return f->server->database_fails ? rs_fail(job, RS_NOT_FOUND, "there is no catalog.db") : RS_OK;
}

static void server_start(struct fixture *f, struct server *s)
{
    memset(s, 0, sizeof *s);
    pthread_mutex_init(&s->lock, NULL);
    s->fd = -1;
    s->status = 401;
    s->port = free_port();
    f->server = s;
    f->instance.apply_live = f->instance.go_back_live = server_apply;
    f->instance.represent = server_represent;
    f->instance.database_ready = server_database;
    assert_int_equal(pthread_create(&s->thread, NULL, server_run, s), 0);
}

static void server_stop(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    s->stop = true;
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    if (s->fd >= 0)
        close(s->fd);
    SSL_CTX_free(s->context);
    pthread_mutex_destroy(&s->lock);
}

#define TEST_WITH_SERVER(name)                                                                 \
    static void served_##name(struct fixture *f, struct server *s);                            \
    UNIT_TEST_WITH_FIXTURE(name)                                                                   \
    {                                                                                          \
        struct server server;                                                                  \
        server_start(f, &server);                                                              \
        served_##name(f, &server);                                                             \
        server_stop(&server);                                                                  \
    }                                                                                          \
    static void served_##name(struct fixture *f, struct server *s)

#define BIND "{\"Application\": [\"" SERVICE "\", \"" PORTAL "\"], \"CertificateHash\": \"%s\", \"IPAddress\": \"127.0.0.1\", \"Port\": %u}"
#define UNBIND "{\"Application\": [\"" SERVICE "\", \"" PORTAL "\"], \"IPAddress\": \"127.0.0.1\", \"Port\": %u}"

TEST_WITH_SERVER(configure_binds_replaces_and_unbinds_live)
{
    const char *first = create(f, "localhost"), *second = create(f, "localhost");
    const json_t *result;
    json_int_t generation;
    bool ok;

    call(f, "ReserveURL", "{\"Application\": \"%s\", \"UrlString\": \"https://+:%u\"}", SERVICE, s->port);
    result = call(f, "CreateSSLCertificateBinding", BIND, first, s->port);
    check_of(result, "connect", &ok);
    assert_true(ok);
    assert_text(check_of(result, "handshake", &ok), "the TLS handshake works");
    assert_true(ok);
    assert_text(check_of(result, "certificate", &ok), rs_text_format(f->job, "it shows the bound certificate, %s", first).bytes);
    assert_int_equal(s->revision, json_integer_value(at(result, "revision")));
    generation = json_integer_value(at(call(f, "ListSSLCertificateBindings", "{}"), "bindings.0.generation"));
    call(f, "CreateSSLCertificateBinding", BIND, second, s->port);
    result = call(f, "ListSSLCertificateBindings", "{}");
    assert_json_text(result, "bindings.0.thumbprint", second);
    assert_true(json_integer_value(at(result, "bindings.0.generation")) > generation);
    result = call(f, "VerifyBindings", "{}");
    assert_true(json_is_true(at(result, "ok")));
    assert_text(check_of(result, "route", &ok), SERVICE " answers (401)");
    check_of(result, "database", &ok);
    assert_true(ok);
    call(f, "RemoveSSLCertificateBindings", UNBIND, s->port);
    assert_int_equal(s->fd, -1);
    assert_true(s->represented == 4);
}

TEST_WITH_SERVER(configure_takes_a_binding_back_that_is_not_shown)
{
    const char *first = create(f, "localhost"), *second = create(f, "localhost");
    json_int_t revision;

    call(f, "CreateSSLCertificateBinding", BIND, first, s->port);
    revision = s->revision;
    s->stuck = true;
    refuse(f, RS_FAILED, "another certificate is shown", "CreateSSLCertificateBinding", BIND, second, s->port);
    assert_int_equal(s->revision, revision); /* live again */
    assert_json_text(call(f, "ListSSLCertificateBindings", "{}"), "bindings.0.thumbprint", first);
    s->stuck = false;
    s->refuse = true;
    refuse(f, RS_IO, "does not want to", "CreateSSLCertificateBinding", BIND, second, s->port);
    s->refuse = false;
    s->mute = true;
    refuse(f, RS_FAILED, "the change was taken back", "CreateSSLCertificateBinding", BIND, second, s->port);
    s->mute = false;
    call(f, "CreateSSLCertificateBinding", BIND, second, s->port);
    assert_int_equal(s->revision, revision + 1);
}

/* How many lines of the history there are, and the newest. */
static size_t history(struct fixture *f, rs_text *what)
{
    const json_t *result = call(f, "ListHistory", "{}");

    *what = json_to_text(at(result, "events.0.what"));
    return json_array_size(at(result, "events"));
}

TEST_WITH_SERVER(configure_group_takes_back_one_change_and_keeps_the_others)
{
    const char *first = create(f, "localhost"), *second = create(f, "localhost");
    rs_text what;
    size_t lines = history(f, &what);
    const json_t *reserved;
    int64_t revision;
    bool again;

    assert_ok(f->job, configure_group_begin(f->job, &f->instance, true, &f->group));
    call(f, "CreateSSLCertificateBinding", BIND, first, s->port);
    revision = s->revision;
    s->stuck = true;
    refuse(f, RS_FAILED, "the change was taken back", "CreateSSLCertificateBinding", BIND, second, s->port);
    s->stuck = false;
    assert_int_equal(s->revision, revision); /* live again */
    refuse(f, RS_NOT_FOUND, "no certificate", "CreateSSLCertificateBinding", BIND, "00112233445566778899AABBCCDDEEFF00112233",
           s->port);
    reserved = call(f, "ReserveURL", "{\"Application\": \"%s\", \"UrlString\": \"https://+:%u\"}", SERVICE, s->port);
    assert_int_equal(json_integer_value(at(reserved, "revision")), revision + 1);
    assert_int_equal(s->represented, 0);
    s->represent_fails = true;
    assert_ok(f->job, configure_group_end(f->job, f->group, &again));
    assert_false(again);
    f->group = NULL;
    assert_int_equal(s->represented, 1); /* once for all of them */
    assert_true(rs_text_find(json_to_text(json_array_get(at(reserved, "warnings"), json_array_size(at(reserved, "warnings")) - 1)),
                             RS_TEXT("read-only")) > 0);
    assert_json_text(call(f, "ListSSLCertificateBindings", "{}"), "bindings.0.thumbprint", first);
    assert_int_equal(history(f, &what), lines + 2);
    assert_true(rs_text_find(what, RS_TEXT("reserve")) >= 0);
}

TEST_WITH_SERVER(configure_group_that_cannot_be_written_is_not_shown)
{
    const char *first = create(f, "localhost"), *second = create(f, "localhost");
    struct rlimit old;
    int64_t revision;
    bool again;

    call(f, "CreateSSLCertificateBinding", BIND, first, s->port);
    revision = s->revision;
    assert_ok(f->job, configure_group_begin(f->job, &f->instance, false, &f->group));
    call(f, "CreateSSLCertificateBinding", BIND, second, s->port);
    call(f, "ReserveURL", "{\"Application\": \"%s\", \"UrlString\": \"https://+:%u\"}", SERVICE, s->port);
    assert_int_equal(s->revision, revision + 2);
    s->represented = 0;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){4096, old.rlim_max});
    assert_status(configure_group_end(f->job, f->group, &again), TABLES_DISK_FULL);
    assert_false(again);
    setrlimit(RLIMIT_FSIZE, &old);
    rs_job_forgive(f->job);
    f->group = NULL;
    assert_int_equal(s->revision, revision);
    assert_int_equal(s->represented, 0);
    assert_json_text(call(f, "ListSSLCertificateBindings", "{}"), "bindings.0.thumbprint", first);
    assert_json_size(call(f, "ListReservedUrls", "{}"), "reservations", 0);
    call(f, "CreateSSLCertificateBinding", BIND, second, s->port);
}

TEST_WITH_SERVER(configure_group_whose_rows_are_not_shown_never_happened)
{
    const char *first = create(f, "localhost"), *second = create(f, "localhost");
    int64_t revision;
    bool again;

    call(f, "CreateSSLCertificateBinding", BIND, first, s->port);
    revision = s->revision;
    s->represented = 0;
    assert_ok(f->job, configure_group_begin(f->job, &f->instance, false, &f->group));
    call(f, "ReserveURL", "{\"Application\": \"%s\", \"UrlString\": \"https://+:%u\"}", SERVICE, s->port);
    s->stuck = true;
    call(f, "CreateSSLCertificateBinding", BIND, second, s->port); /* it is seen at the end only */
    s->stuck = false;
    assert_status(configure_group_end(f->job, f->group, &again), RS_FAILED);
    rs_job_forgive(f->job);
    f->group = NULL;
    assert_true(again);
    assert_int_equal(s->revision, revision);
    assert_int_equal(s->represented, 0);
    assert_json_size(call(f, "ListReservedUrls", "{}"), "reservations", 0);
    assert_json_text(call(f, "ListSSLCertificateBindings", "{}"), "bindings.0.thumbprint", first);

    assert_ok(f->job, configure_group_begin(f->job, &f->instance, false, &f->group));
    call(f, "CreateSSLCertificateBinding", BIND, second, s->port);
    assert_ok(f->job, configure_group_end(f->job, f->group, &again));
    f->group = NULL;
    assert_int_equal(s->revision, revision + 1);
    assert_int_equal(s->represented, 1);
}

TEST_WITH_SERVER(configure_verify_separates_what_does_not_work)
{
    const char *thumbprint = create(f, "localhost");
    const json_t *result;
    bool ok;

    call(f, "ReserveURL", "{\"Application\": \"%s\", \"UrlString\": \"https://other.example:%u\"}", SERVICE, s->port);
    refuse(f, PKI_NOT_FIT, "other.example", "CreateSSLCertificateBinding", BIND, thumbprint, s->port);
    call(f, "RemoveURL", "{\"Application\": \"%s\", \"UrlString\": \"https://other.example:%u\"}", SERVICE, s->port);
    call(f, "CreateSSLCertificateBinding", BIND, thumbprint, s->port);
    call(f, "ReserveURL", "{\"Application\": \"%s\", \"UrlString\": \"https://other.example:%u\"}", SERVICE, s->port);
    s->status = 503;
    s->database_fails = true;
    result = call(f, "VerifyBindings", "{\"Application\": \"%s\"}", SERVICE);
    assert_true(json_is_false(at(result, "ok")));
    check_of(result, "handshake", &ok);
    assert_true(ok);
    check_of(result, "certificate", &ok);
    assert_true(ok);
    assert_true(rs_text_find(check_of(result, "names", &ok), RS_TEXT("does not cover the host other.example")) > 0);
    assert_false(ok);
    assert_true(rs_text_find(check_of(result, "route", &ok), RS_TEXT("503")) > 0);
    assert_false(ok);
    assert_text(check_of(result, "database", &ok), "there is no catalog.db");
    assert_false(ok);
    s->status = 404;
    assert_true(rs_text_find(check_of(call(f, "VerifyBindings", "{}"), "route", &ok), RS_TEXT("404")) > 0);
}

TEST_WITH_SERVER(configure_warns_when_the_file_does_not_show_a_change)
{
    const json_t *result;

    s->represent_fails = true;
    result = call(f, "ReserveURL", "{\"Application\": \"%s\", \"UrlString\": \"https://+:%u\"}", SERVICE, s->port);
    assert_true(json_is_true(at(result, "changed")));
    assert_true(rs_text_find(json_to_text(at(result, "warnings.1")), RS_TEXT("read-only")) > 0);
    assert_json_size(call(f, "ListReservedUrls", "{}"), "reservations", 1);
}

TEST_WITH_SERVER(configure_tells_the_server_of_certificates_it_finds)
{
    int applied;

    create(f, "localhost");
    applied = s->applied;
    call(f, "ListSSLCertificates", "{}");
    assert_int_equal(s->applied, applied);
    assert_int_equal(system(rs_text_format(f->job, "cp %s/certs/localhost.crt %s/certs/copy.crt", f->folder, f->folder).bytes), 0);
    call(f, "ListSSLCertificates", "{}");
    assert_int_equal(s->applied, applied + 1);
}

/* In a child, because the limit holds for everything the process writes. */
TEST_WITH_SERVER(configure_takes_a_change_back_when_the_disk_is_full)
{
    const char *first = create(f, "localhost"), *second = create(f, "localhost");
    struct rlimit old, small;
    rs_text path = rs_text_format(f->job, "%s/https.db-wal", f->folder);
    json_int_t revision;
    off_t size;
    FILE *wal;

    call(f, "CreateSSLCertificateBinding", BIND, first, s->port);
    revision = s->revision;
    wal = fopen(path.bytes, "rb");
    assert_non_null(wal);
    fseeko(wal, 0, SEEK_END);
    size = ftello(wal);
    fclose(wal);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    small = (struct rlimit){(rlim_t)size + 8192, old.rlim_max}; /* room for the generation, not for the rows */
    setrlimit(RLIMIT_FSIZE, &small);
    refuse(f, TABLES_DISK_FULL, "room", "CreateSSLCertificateBinding", BIND, second, s->port);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(s->revision, revision);
    assert_json_text(call(f, "ListSSLCertificateBindings", "{}"), "bindings.0.thumbprint", first);
    call(f, "CreateSSLCertificateBinding", BIND, second, s->port);
}

TEST_WITH_SERVER(configure_stopped_at_any_checkpoint_leaves_the_old_state_live)
{
    const char *first = create(f, "localhost"), *second = create(f, "localhost");
    rs_text arguments;
    uint64_t stop;
    json_t *out = NULL;

    call(f, "CreateSSLCertificateBinding", BIND, first, s->port);
    arguments = rs_text_format(f->job, BIND, second, s->port);
    for (stop = 1; stop < 500; stop++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        json_int_t revision = s->revision;
        rs_status status;
        rs_job_stop_at(job, stop);
        status = try_call(f, job, "CreateSSLCertificateBinding", arguments.bytes, &out);
        if (status == RS_OK)
            break;
        assert_int_equal(s->revision, revision);
        assert_json_text(call(f, "ListSSLCertificateBindings", "{}"), "bindings.0.thumbprint", first);
    }
    json_decref(out);
    assert_true(stop > 5 && stop < 500);
    assert_json_text(call(f, "ListSSLCertificateBindings", "{}"), "bindings.0.thumbprint", second);
}
