#include "unit.h"

#include <krb5.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/kerberos/client.h"
#include "net/kerberos/server.h"
#include "net/kerberos/wire.h"
#include "net/loop/loop.h"

/* ---- messages ------------------------------------------------------------------------------------------ */

UNIT_TEST(a_message_is_read_whole_or_not_at_all)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct kerberos_question said = {RS_TEXT("0123456789abcdef"), RS_TEXT("channel"), RS_TEXT("token")}, heard;
    rs_buf written = rs_buf_in(job);

    kerberos_question_write(&written, &said);
    rs_text bytes = rs_buf_text(&written);
    assert_true(kerberos_question_read(bytes, &heard));
    assert_text(heard.handle, "0123456789abcdef");
    assert_text(heard.channel, "channel");
    assert_text(heard.token, "token");
    for (size_t size = 0; size < bytes.size; size++)
        assert_false(kerberos_question_read(rs_text_slice(bytes, 0, size), &heard));
    assert_false(kerberos_question_read(rs_text_format(job, "%.*sx", RS_TEXT_ARG(bytes)), &heard));
}

UNIT_TEST(an_answer_that_goes_on_has_a_name)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct kerberos_answer said = {.verdict = {.outcome = KERBEROS_MORE}}, heard;
    rs_buf written = rs_buf_in(job);

    kerberos_answer_write(&written, &said);
    assert_false(kerberos_answer_read(rs_buf_text(&written), &heard));
    said.handle = RS_TEXT("0123456789abcdef");
    written = rs_buf_in(job);
    kerberos_answer_write(&written, &said);
    assert_true(kerberos_answer_read(rs_buf_text(&written), &heard));
    assert_int_equal(heard.verdict.outcome, KERBEROS_MORE);
}

/* ---- a process with a keytab, here a thread ------------------------------------------------------------- */

static void write_keytab(const char *path)
{
    char name[128];
    krb5_context krb5;
    krb5_keytab keytab;
    krb5_keytab_entry entry = {.vno = 1};

    snprintf(name, sizeof name, "FILE:%s", path);
    assert_int_equal(krb5_init_context(&krb5), 0);
    assert_int_equal(krb5_kt_resolve(krb5, name, &keytab), 0);
    assert_int_equal(krb5_parse_name(krb5, "HTTP/localhost@EXAMPLE.TEST", &entry.principal), 0);
    assert_int_equal(krb5_c_make_random_key(krb5, ENCTYPE_AES256_CTS_HMAC_SHA1_96, &entry.key), 0);
    assert_int_equal(krb5_kt_add_entry(krb5, keytab, &entry), 0);
    krb5_kt_free_entry(krb5, &entry);
    krb5_kt_close(krb5, keytab);
    krb5_free_context(krb5);
}

struct served {
    char folder[64], socket[96], keytab[96], accepted[96];
    int listen_fd;
    struct loop *loop;
    struct kerberos_acceptor *acceptor;
    struct kerberos_server *server;
    pthread_t thread;
};

static void *run(void *data)
{
    loop_run(((struct served *)data)->loop);
    return NULL;
}

static void serve(struct served *served, struct rs_job *job)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    *served = (struct served){.folder = "/tmp/kerberos-test-XXXXXX"};
    assert_non_null(mkdtemp(served->folder));
    snprintf(served->socket, sizeof served->socket, "%s/socket", served->folder);
    snprintf(served->keytab, sizeof served->keytab, "%s/keytab", served->folder);
    snprintf(served->accepted, sizeof served->accepted, "%s/accepted", served->folder);
    write_keytab(served->keytab);
    served->listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    memcpy(address.sun_path, served->socket, strlen(served->socket));
    assert_int_equal(bind(served->listen_fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(served->listen_fd, 10), 0);
    assert_ok(job, loop_create(job, &served->loop));
    assert_ok(job, kerberos_acceptor_open(job, rs_text_from(served->keytab), rs_text_from(served->accepted), &served->acceptor));
    assert_ok(job, kerberos_server_create(job, served->loop, served->acceptor, served->listen_fd, &served->server));
    assert_int_equal(pthread_create(&served->thread, NULL, run, served), 0);
}

static void stop(struct served *served)
{
    shutdown(served->listen_fd, SHUT_RDWR);
    pthread_join(served->thread, NULL);
    kerberos_server_destroy(served->server);
    kerberos_acceptor_close(served->acceptor);
    loop_destroy(served->loop);
    close(served->listen_fd);
    unlink(served->socket);
    unlink(served->keytab);
    unlink(served->accepted);
    rmdir(served->folder);
}

UNIT_TEST(a_token_of_nobody_is_refused_with_a_reason)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(kerberos_client) client = NULL;
    static struct served served;
    struct kerberos_answer answer;

    serve(&served, job);
    assert_text(kerberos_acceptor_names(job, served.acceptor), "HTTP/localhost@EXAMPLE.TEST");
    assert_ok(job, kerberos_client_create(job, &client));
    for (int i = 0; i < 3; i++) {
        struct kerberos_question question = {.token = RS_TEXT("nonsense")};
        assert_ok(job, kerberos_ask(job, client, rs_text_from(served.socket), &question, &answer));
        assert_int_equal(answer.verdict.outcome, KERBEROS_REFUSED);
        assert_true(answer.verdict.why.size > 0);
    }
    struct kerberos_question unknown = {.handle = RS_TEXT("0123456789abcdef"), .token = RS_TEXT("nonsense")};
    assert_ok(job, kerberos_ask(job, client, rs_text_from(served.socket), &unknown, &answer));
    assert_text(answer.verdict.why, "the logon that this token belongs to is over");
    stop(&served);
}

UNIT_TEST(who_does_not_speak_the_language_is_let_go_and_others_served)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(kerberos_client) client = NULL;
    static struct served served;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct kerberos_question question = {.token = RS_TEXT("nonsense")};
    struct kerberos_answer answer;
    char byte;

    serve(&served, job);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    memcpy(address.sun_path, served.socket, strlen(served.socket));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(send(fd, "what?", 5, MSG_NOSIGNAL), 5);
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
    close(fd);
    assert_ok(job, kerberos_client_create(job, &client));
    assert_ok(job, kerberos_ask(job, client, rs_text_from(served.socket), &question, &answer));
    stop(&served);
    RS_OWNED(rs_job) later = rs_job_create(NULL);
    assert_status(kerberos_ask(later, client, rs_text_from(served.socket), &question, &answer), KERBEROS_UNAVAILABLE);
}

UNIT_TEST(a_keytab_that_is_none_is_named)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(kerberos_acceptor) acceptor = NULL;

    assert_status(kerberos_acceptor_open(job, RS_TEXT("/nowhere/keytab"), (rs_text){NULL, 0}, &acceptor), KERBEROS_KEYTAB);
    assert_true(rs_text_find(rs_job_error(job), RS_TEXT("/nowhere/keytab")) >= 0);
}
