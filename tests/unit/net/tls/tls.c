#include "unit.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/loop/listen.h"
#include "net/tls/tls.h"

/* ---- certificates ---------------------------------------------------------------------------------- */

static X509 *make_certificate(EVP_PKEY *key, const char *name)
{
    X509 *certificate = X509_new();

    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8, (const unsigned char *)name, -1,
                               -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    return certificate;
}

static struct tls_binding *make_binding(struct rs_job *job, const char *name, uint64_t generation)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = make_certificate(key, name);
    struct tls_identity identity = {.certificate = certificate, .key = key};
    struct tls_binding *binding = NULL;

    assert_ok(job, tls_binding_create(job, &identity, generation, &binding));
    X509_free(certificate);
    EVP_PKEY_free(key);
    return binding;
}

/* ---- a server with two places, a client, and a handshake between them ------------------------------- */

static struct tls_binding *by_name[2]; /* "one.example", everything else */
static char asked[300];

static struct tls_binding *choose(void *data, rs_text sni)
{
    assert_ptr_equal(data, asked);
    memcpy(asked, sni.bytes ? sni.bytes : "", sni.size);
    asked[sni.size] = '\0';
    return by_name[rs_text_equal(sni, RS_TEXT("one.example")) ? 0 : 1];
}

struct meeting {
    int client_fd, server_fd;
    SSL *client;
    struct tls_stream *server;
    enum tls_io end; /* of the server's handshake */
    bool connected;  /* the client's word */
};

static SSL_CTX *client_context;
static SSL_SESSION *last_session; /* the newest ticket the client was given */

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    (void)ssl;
    SSL_SESSION_free(last_session);
    last_session = session;
    return 1;
}

static SSL_CTX *make_client(int version)
{
    SSL_CTX_free(client_context);
    client_context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(client_context, 0); /* so that TLS 1.1 can be offered at all */
    SSL_CTX_set_min_proto_version(client_context, version);
    SSL_CTX_set_max_proto_version(client_context, version);
    SSL_CTX_set_session_cache_mode(client_context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(client_context, keep_session);
    return client_context;
}

static void open_sockets(struct meeting *meeting)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    meeting->client_fd = ends[0];
    meeting->server_fd = ends[1];
}

static void meet(struct meeting *meeting, struct tls_server *server, const char *sni, SSL_SESSION *session)
{
    bool server_done = false;
    char byte;
    size_t got;

    memset(meeting, 0, sizeof *meeting);
    open_sockets(meeting);
    meeting->client = SSL_new(client_context);
    SSL_set_fd(meeting->client, meeting->client_fd);
    SSL_set_connect_state(meeting->client);
    if (sni)
        SSL_set_tlsext_host_name(meeting->client, sni);
    if (session) { /* a copy: a client spoils a session that did not resume */
        SSL_SESSION *copy = SSL_SESSION_dup(session);
        SSL_set_session(meeting->client, copy);
        SSL_SESSION_free(copy);
    }
    meeting->server = tls_stream_create(server, meeting->server_fd, asked);
    assert_non_null(meeting->server);
    for (int turn = 0; turn < 20 && !(server_done && meeting->connected); turn++) {
        meeting->connected = SSL_do_handshake(meeting->client) == 1;
        if (!server_done) {
            meeting->end = tls_stream_handshake(meeting->server);
            server_done = meeting->end != TLS_WANTS_READ && meeting->end != TLS_WANTS_WRITE;
        }
    }
    if (meeting->end == TLS_DONE) { /* so that the client reads its ticket */
        assert_int_equal(tls_stream_write(meeting->server, RS_TEXT("x"), &got), TLS_DONE);
        assert_int_equal(SSL_read_ex(meeting->client, &byte, 1, &got), 1);
    }
    ERR_clear_error();
}

static void part(struct meeting *meeting)
{
    tls_stream_end(meeting->server);
    SSL_shutdown(meeting->client); /* a connection that is cut would lose its session */
    tls_stream_destroy(meeting->server);
    SSL_free(meeting->client);
    close(meeting->client_fd);
    close(meeting->server_fd);
}

/* A handshake; was it resumed? */
static bool resumes(struct tls_server *server, const char *sni, SSL_SESSION *session)
{
    struct meeting meeting;
    bool resumed;

    meet(&meeting, server, sni, session);
    assert_int_equal(meeting.end, TLS_DONE);
    assert_true(meeting.connected);
    resumed = tls_stream_is_resumed(meeting.server);
    assert_int_equal(resumed, SSL_session_reused(meeting.client));
    part(&meeting);
    return resumed;
}

static SSL_SESSION *take_session(void)
{
    SSL_SESSION *session = last_session;

    assert_non_null(session);
    last_session = NULL;
    return session;
}

__attribute__((constructor)) static void ignore_broken_pipes(void)
{
    signal(SIGPIPE, SIG_IGN); /* as the front does */
}

static void set_up(struct rs_job *job, struct tls_server **server, int version)
{
    assert_ok(job, tls_server_create(job, choose, server));
    by_name[0] = make_binding(job, "one.example", 1);
    by_name[1] = make_binding(job, "other.example", 2);
    make_client(version);
}

static void tear_down(struct tls_server *server)
{
    tls_binding_unref(by_name[0]);
    tls_binding_unref(by_name[1]);
    tls_server_destroy(server);
    SSL_CTX_free(client_context);
    SSL_SESSION_free(last_session);
    client_context = NULL;
    last_session = NULL;
}

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

/* ---- claims ------------------------------------------------------------------------------------------ */

UNIT_TEST(tls_shows_the_certificate_of_the_chosen_binding)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct tls_server *server;
    struct meeting meeting;
    X509 *shown;
    char name[64];

    set_up(job, &server, TLS1_3_VERSION);
    meet(&meeting, server, "One.Example.", NULL);
    assert_int_equal(meeting.end, TLS_DONE);
    assert_string_equal(asked, "one.example");
    assert_text(tls_stream_sni(meeting.server), "one.example");
    assert_ptr_equal(tls_stream_binding(meeting.server), by_name[0]);
    assert_string_equal(tls_stream_version(meeting.server), "TLSv1.3");
    shown = SSL_get1_peer_certificate(meeting.client);
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown), NID_commonName, name, sizeof name);
    assert_string_equal(name, "one.example");
    X509_free(shown);
    part(&meeting);
    meet(&meeting, server, NULL, NULL);
    assert_ptr_equal(tls_stream_binding(meeting.server), by_name[1]);
    assert_string_equal(asked, "");
    part(&meeting);
    tear_down(server);
}

UNIT_TEST(tls_session_resumes_in_its_own_place_only)
{
    for (size_t i = 0; i < 2; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct tls_server *server;
        SSL_SESSION *one;
        set_up(job, &server, versions[i]);
        assert_false(resumes(server, "one.example", NULL));
        one = take_session();
        assert_true(resumes(server, "one.example", one));
        assert_false(resumes(server, "other.example", one));
        assert_true(resumes(server, "one.example", one));
        SSL_SESSION_free(one);
        tear_down(server);
    }
}

UNIT_TEST(row_27_tls_ticket_of_a_replaced_binding_is_dead_and_others_live_on)
{
    for (size_t i = 0; i < 2; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct tls_server *server;
        SSL_SESSION *one, *other;
        set_up(job, &server, versions[i]);
        assert_false(resumes(server, "one.example", NULL));
        one = take_session();
        assert_false(resumes(server, "other.example", NULL));
        other = take_session();
        tls_binding_unref(by_name[0]);
        by_name[0] = make_binding(job, "one.example", 3);
        assert_false(resumes(server, "one.example", one));
        SSL_SESSION_free(one);
        one = take_session();
        assert_true(resumes(server, "one.example", one));
        assert_true(resumes(server, "other.example", other));
        SSL_SESSION_free(one);
        SSL_SESSION_free(other);
        tear_down(server);
    }
}

UNIT_TEST(tls_same_certificate_bound_again_takes_no_old_ticket)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = make_certificate(key, "one.example");
    struct tls_identity identity = {.certificate = certificate, .key = key};
    struct tls_server *server;
    SSL_SESSION *session;

    assert_ok(job, tls_server_create(job, choose, &server));
    assert_ok(job, tls_binding_create(job, &identity, 1, &by_name[0]));
    by_name[1] = NULL;
    make_client(TLS1_3_VERSION);
    assert_false(resumes(server, "one.example", NULL));
    session = take_session();
    tls_binding_unref(by_name[0]);
    assert_ok(job, tls_binding_create(job, &identity, 2, &by_name[0]));
    assert_int_equal(tls_binding_generation(by_name[0]), 2);
    assert_false(resumes(server, "one.example", session));
    SSL_SESSION_free(session);
    X509_free(certificate);
    EVP_PKEY_free(key);
    tear_down(server);
}

UNIT_TEST(tls_refuses_old_versions_unbound_places_and_other_protocols)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct tls_server *server;
    struct meeting meeting;
    struct tls_binding *kept;

    set_up(job, &server, TLS1_1_VERSION);
    meet(&meeting, server, "one.example", NULL);
    assert_int_equal(meeting.end, TLS_REFUSED);
    assert_false(meeting.connected);
    part(&meeting);

    make_client(TLS1_3_VERSION);
    kept = by_name[1];
    by_name[1] = NULL;
    meet(&meeting, server, NULL, NULL);
    assert_int_equal(meeting.end, TLS_REFUSED);
    assert_text(tls_stream_problem(meeting.server), "no certificate is bound to this address, port and name");
    part(&meeting);
    by_name[1] = kept;

    SSL_CTX_set_alpn_protos(client_context, (const unsigned char *)"\x06spdy/1", 7);
    meet(&meeting, server, NULL, NULL);
    assert_int_equal(meeting.end, TLS_REFUSED);
    part(&meeting);
    SSL_CTX_set_alpn_protos(client_context, (const unsigned char *)"\x08http/1.1", 9);
    meet(&meeting, server, NULL, NULL);
    assert_int_equal(meeting.end, TLS_DONE);
    assert_false(tls_stream_is_http2(meeting.server));
    part(&meeting);
    SSL_CTX_set_alpn_protos(client_context, (const unsigned char *)"\x08http/1.1\x02h2", 12);
    meet(&meeting, server, NULL, NULL);
    assert_int_equal(meeting.end, TLS_DONE);
    assert_true(tls_stream_is_http2(meeting.server));
    part(&meeting);
    tear_down(server);
}

UNIT_TEST(tls_tells_plain_http_and_cut_connections_apart)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct tls_server *server;
    struct meeting meeting = {0};

    set_up(job, &server, TLS1_3_VERSION);
    open_sockets(&meeting);
    meeting.server = tls_stream_create(server, meeting.server_fd, asked);
    assert_int_equal(tls_stream_handshake(meeting.server), TLS_WANTS_READ);
    assert_int_equal(write(meeting.client_fd, "GET / HTTP/1.1\r\n", 16), 16);
    assert_int_equal(tls_stream_handshake(meeting.server), TLS_PLAIN_HTTP);
    tls_stream_destroy(meeting.server);
    close(meeting.client_fd);
    close(meeting.server_fd);

    open_sockets(&meeting);
    meeting.server = tls_stream_create(server, meeting.server_fd, asked);
    close(meeting.client_fd);
    assert_int_equal(tls_stream_handshake(meeting.server), TLS_CUT);
    tls_stream_destroy(meeting.server);
    close(meeting.server_fd);
    tear_down(server);
}

UNIT_TEST(tls_stream_carries_bytes_and_ends_properly)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct tls_server *server;
    struct meeting meeting;
    char bytes[100];
    size_t size;

    set_up(job, &server, TLS1_2_VERSION);
    meet(&meeting, server, NULL, NULL);
    assert_int_equal(SSL_write(meeting.client, "hello", 5), 5);
    assert_int_equal(SSL_write(meeting.client, "world", 5), 5);
    assert_int_equal(tls_stream_read(meeting.server, bytes, 3, &size), TLS_DONE);
    assert_int_equal(size, 3);
    assert_true(tls_stream_has_bytes(meeting.server));
    assert_int_equal(tls_stream_read(meeting.server, bytes, sizeof bytes, &size), TLS_DONE);
    assert_int_equal(tls_stream_read(meeting.server, bytes, sizeof bytes, &size), TLS_DONE);
    assert_text(rs_text_of(bytes, size), "world");
    assert_int_equal(tls_stream_read(meeting.server, bytes, sizeof bytes, &size), TLS_WANTS_READ);
    SSL_shutdown(meeting.client);
    assert_int_equal(tls_stream_read(meeting.server, bytes, sizeof bytes, &size), TLS_ENDED);
    part(&meeting);

    meet(&meeting, server, NULL, NULL);
    shutdown(meeting.client_fd, SHUT_RDWR);
    assert_int_equal(tls_stream_read(meeting.server, bytes, sizeof bytes, &size), TLS_CUT);
    part(&meeting);
    tear_down(server);
}

UNIT_TEST(tls_refuses_renegotiation)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct tls_server *server;
    struct meeting meeting;
    char byte;
    size_t got;

    set_up(job, &server, TLS1_2_VERSION);
    meet(&meeting, server, NULL, NULL);
    assert_int_equal(SSL_renegotiate(meeting.client), 1);
    SSL_do_handshake(meeting.client);
    assert_int_equal(tls_stream_read(meeting.server, &byte, 1, &got), TLS_WANTS_READ);
    assert_true(SSL_do_handshake(meeting.client) <= 0);
    ERR_clear_error();
    part(&meeting);
    tear_down(server);
}

UNIT_TEST(tls_identity_that_does_not_fit_is_named)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256"), *short_key = EVP_RSA_gen(1024);
    X509 *certificate = make_certificate(key, "a"), *weak = make_certificate(short_key, "b");
    struct tls_identity wrong = {.certificate = certificate, .key = other};
    struct tls_identity small = {.certificate = weak, .key = short_key};
    struct tls_binding *binding;

    assert_status(tls_binding_create(job, &wrong, 1, &binding), TLS_IDENTITY);
    assert_true(rs_text_find(rs_job_message(job), RS_TEXT("does not belong")) > 0);
    rs_job_forgive(job);
    assert_status(tls_binding_create(job, &small, 1, &binding), TLS_IDENTITY);
    assert_true(rs_text_find(rs_job_message(job), RS_TEXT("too small")) > 0);
    X509_free(certificate);
    X509_free(weak);
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
    EVP_PKEY_free(short_key);
}

/* ---- packets ------------------------------------------------------------------------------------------ */

/* Over TCP, up to the client's last message of the handshake and `request` behind it. */
static void meet_over_tcp(struct rs_job *job, struct meeting *meeting, struct tls_server *server, const char *request)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    RS_OWNED_FD listening = -1;
    int on = 1;

    assert_ok(job, loop_listen(job, RS_TEXT("127.0.0.1"), 0, &listening));
    address.sin_port = htons(loop_socket_port(listening));
    *meeting = (struct meeting){.client_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    setsockopt(meeting->client_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    assert_int_equal(connect(meeting->client_fd, (struct sockaddr *)&address, sizeof address), 0);
    meeting->server_fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    assert_true(meeting->server_fd >= 0);
    fcntl(meeting->client_fd, F_SETFL, O_NONBLOCK);
    meeting->client = SSL_new(client_context);
    SSL_set_fd(meeting->client, meeting->client_fd);
    SSL_set_connect_state(meeting->client);
    meeting->server = tls_stream_create(server, meeting->server_fd, asked);
    assert_non_null(meeting->server);
    while (SSL_do_handshake(meeting->client) != 1)
        assert_int_equal(tls_stream_handshake(meeting->server), TLS_WANTS_READ);
    fcntl(meeting->client_fd, F_SETFL, 0);
    if (request[0])
        assert_true(SSL_write(meeting->client, request, (int)strlen(request)) > 0);
    while ((meeting->end = tls_stream_handshake(meeting->server)) == TLS_WANTS_READ)
        ;
    assert_int_equal(meeting->end, TLS_DONE);
}

/* Bytes that the server's system keeps for later. */
static int kept_back(const struct meeting *meeting)
{
    int size = 0;

    assert_int_equal(ioctl(meeting->server_fd, SIOCOUTQNSD, &size), 0);
    return size;
}

static uint32_t packets_to_client(const struct meeting *meeting)
{
    struct tcp_info info;
    socklen_t size = sizeof info;

    assert_int_equal(getsockopt(meeting->client_fd, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
    return info.tcpi_data_segs_in;
}

#define TRIES 20 /* the system keeps bytes back for a while only, and a busy machine may take longer */

/* Packets of the client that its system does not know to have arrived. */
static uint32_t unacknowledged(const struct meeting *meeting)
{
    struct tcp_info info;
    socklen_t size = sizeof info;

    assert_int_equal(getsockopt(meeting->client_fd, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
    return info.tcpi_unacked;
}

/* ... and a client that waits for a sign of life before it asks (Nagle) gets one. */
UNIT_TEST(tls_ticket_waits_for_what_follows_it)
{
    static const char *const requests[] = {"", "GET / HTTP/1.1\r\n\r\n"};
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct tls_server *server;
    struct meeting meeting;

    set_up(job, &server, TLS1_3_VERSION);
    for (size_t i = 0; i < 2; i++) {
        bool is_kept = false;
        for (int time = 0; time < TRIES && !is_kept; time++) {
            meet_over_tcp(job, &meeting, server, requests[i]);
            is_kept = kept_back(&meeting) > 0 && (requests[i][0] || unacknowledged(&meeting) == 0);
            part(&meeting);
        }
        assert_true(is_kept);
    }
    tear_down(server);
}

UNIT_TEST(tls_end_leaves_with_the_last_bytes)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct tls_server *server;
    struct meeting meeting;
    uint32_t packets = 0;
    size_t got;
    char bytes[16];

    set_up(job, &server, TLS1_3_VERSION);
    for (int time = 0; time < TRIES && packets != 1; time++) {
        meet_over_tcp(job, &meeting, server, "");
        packets = packets_to_client(&meeting);
        tls_stream_more(meeting.server);
        assert_int_equal(tls_stream_write(meeting.server, RS_TEXT("the end"), &got), TLS_DONE);
        assert_int_equal(tls_stream_end(meeting.server), TLS_DONE);
        assert_int_equal(shutdown(meeting.server_fd, SHUT_WR), 0);
        assert_int_equal(SSL_read_ex(meeting.client, bytes, sizeof bytes, &got), 1);
        assert_int_equal(got, 7);
        assert_int_equal(SSL_read_ex(meeting.client, bytes, sizeof bytes, &got), 0);
        assert_int_equal(SSL_get_error(meeting.client, 0), SSL_ERROR_ZERO_RETURN);
        packets = packets_to_client(&meeting) - packets;
        part(&meeting);
    }
    assert_int_equal(packets, 1);
    tear_down(server);
}
