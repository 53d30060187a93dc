#include "unit.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/channel.h"
#include "daemon/plan_message.h"
#include "net/tables/snapshot.h"

UNIT_TEST(channel_carries_a_body_and_descriptors)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct channel_message sent = {.kind = 7, .body = RS_TEXT("hello"), .fd_count = 2}, got;
    int pair[2], pipes[2];
    bool closed;
    char byte = 'x';

    assert_ok(job, channel_pair(job, pair));
    assert_int_equal(pipe(pipes), 0);
    sent.fds[0] = pipes[0];
    sent.fds[1] = pipes[1];
    assert_ok(job, channel_send(job, pair[0], &sent, 1000));
    assert_ok(job, channel_receive(job, pair[1], 1000, &got, &closed));
    assert_false(closed);
    assert_int_equal(got.kind, 7);
    assert_text(got.body, "hello");
    assert_int_equal(got.fd_count, 2);
    assert_int_equal(write(got.fds[1], &byte, 1), 1);
    byte = 0;
    assert_int_equal(read(pipes[0], &byte, 1), 1);
    assert_int_equal(byte, 'x');
    channel_close_fds(&got);
    close(pipes[0]);
    close(pipes[1]);
    close(pair[0]);
    assert_ok(job, channel_receive(job, pair[1], 1000, &got, &closed));
    assert_true(closed);
    close(pair[1]);
}

UNIT_TEST(channel_carries_more_than_a_socket_holds)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    size_t size = (size_t)3 * 1024 * 1024;
    int pair[2];

    assert_ok(job, channel_pair(job, pair));
    pid_t child = fork();
    if (child == 0) {
        char *body = rs_alloc(job, size);
        memset(body, 'b', size);
        _exit(channel_send(job, pair[0], &(struct channel_message){.kind = 1, .body = rs_text_of(body, size)}, 10000) != RS_OK);
    }
    struct channel_message got;
    bool closed;
    int status;
    assert_ok(job, channel_receive(job, pair[1], 10000, &got, &closed));
    assert_int_equal(got.body.size, size);
    assert_int_equal(got.body.bytes[size - 1], 'b');
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(pair[0]);
    close(pair[1]);
}

UNIT_TEST(channel_gives_up_on_a_silent_and_on_a_dying_process)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct channel_message got;
    int pair[2];
    bool closed;

    assert_ok(job, channel_pair(job, pair));
    assert_status(channel_receive(job, pair[1], 20, &got, &closed), RS_TIMEOUT);
    rs_job_forgive(job);
    assert_int_equal(write(pair[0], "half", 4), 4);
    close(pair[0]);
    assert_status(channel_receive(job, pair[1], 1000, &got, &closed), RS_IO);
    close(pair[1]);
}

UNIT_TEST(channel_reader_never_reads_past_the_end)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf body = rs_buf_in(job);

    channel_put_text(&body, RS_TEXT("abc"));
    channel_put_number(&body, 1000000);
    for (size_t cut = 0; cut <= body.used; cut++) {
        struct channel_reader reader = {.rest = rs_text_slice(rs_buf_text(&body), 0, cut)};
        rs_text text = channel_take_text(&reader);
        size_t count = channel_take_count(&reader);
        assert_int_equal(count, 0); /* a million things cannot follow */
        assert_true(reader.broken);
        assert_true(text.size == 0 || text.size == 3);
    }
}

static struct tables_snapshot *full_snapshot(struct rs_job *job)
{
    static const struct tables_application application = {.name = RS_TEXT("ReportServerWebService"),
                                                          .kind = TABLES_REPORT_SERVER, .directory = RS_TEXT("ReportServer")};
    struct tables_claim claim = {RS_TEXT("ReportServerWebService"), 5, RS_TEXT("root")};
    struct tables_reservation reservation = {.id = 3, .application = application.name, .account = RS_TEXT("svc"),
                                             .created_ms = 9, .created_by = RS_TEXT("root")};
    static const struct tables_certificate certificates[] = {{{"AB", 2}, {"CD", 2}}, {{"EF", 2}, {"01", 2}}};
    static const struct policy_value value = {POLICY_ROW_MIN_VERSION, {"1.3", 3}};
    struct tables_binding binding = {.id = 4, .port = 8443, .certificates = certificates, .certificate_count = 2,
                                     .host = RS_TEXT("*.example"), .policy = {&value, 1},
                                     .generation = 77, .claims = &claim, .claim_count = 1};

    assert_true(tables_address_parse(RS_TEXT("::1"), &binding.address));
    assert_ok(job, tables_prefix_parse(job, RS_TEXT("https://reports.example:8443/ReportServer/"), &reservation.prefix));
    return tables_snapshot_create(&(struct tables_rows){42, &application, 1, &reservation, 1, &binding, 1});
}

UNIT_TEST(plan_message_brings_over_what_the_front_serves_by)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(tables_snapshot) tables = full_snapshot(job);
    struct front_application application = {.name = RS_TEXT("ReportServerWebService"), .socket_path = RS_TEXT("/x"),
                                            .state = FRONT_DISABLED, .connections_max = 4};
    struct front_socket socket = {.port = 8443, .fd = 5};
    struct plan_contents contents = {.tables = tables, .serial = 1, .applications = &application, .application_count = 1,
                                     .sockets = &socket, .socket_count = 1};
    struct plan_contents got = {0};
    rs_buf body = rs_buf_in(job);
    int fd = 9;

    plan_message_write(&body, &contents);
    assert_ok(job, plan_message_read(job, rs_buf_text(&body), &fd, 1, &got));
    assert_int_equal(tables_snapshot_revision(got.tables), 42);
    assert_text(tables_reservation(got.tables, 0)->url, "https://reports.example:8443/ReportServer/");
    assert_text(tables_reservation(got.tables, 0)->application, "ReportServerWebService");
    assert_int_equal(tables_reservation(got.tables, 0)->account.size, 0); /* the parent's business */
    assert_int_equal(tables_binding(got.tables, 0)->generation, 77);
    assert_true(tables_address_equal(&tables_binding(got.tables, 0)->address, &tables_binding(tables, 0)->address));
    assert_text(tables_binding(got.tables, 0)->certificates[1].sha256, "01");
    assert_text(tables_binding(got.tables, 0)->host, "*.example");
    assert_text(policy_text(&tables_binding(got.tables, 0)->policy, POLICY_ROW_MIN_VERSION), "1.3");
    assert_int_equal(tables_binding(got.tables, 0)->claim_count, 0);
    assert_int_equal(got.applications[0].state, FRONT_DISABLED);
    assert_int_equal(got.sockets[0].fd, 9);
    tables_snapshot_unref(got.tables);
    for (size_t cut = 0; cut < body.used; cut++) {
        got = (struct plan_contents){0};
        assert_status(plan_message_read(job, rs_text_slice(rs_buf_text(&body), 0, cut), &fd, 1, &got), RS_INVALID);
        rs_job_forgive(job);
    }
}

UNIT_TEST(plan_message_brings_only_what_differs)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(tables_snapshot) first = full_snapshot(job);
    RS_OWNED(tables_snapshot) second = NULL;
    static const int64_t gone = 3;
    struct tables_binding row = *tables_binding(first, 0);
    struct plan_contents contents = {.base = first, .base_serial = 7, .serial = 8}, got = {.base = first, .base_serial = 7};
    rs_buf body = rs_buf_in(job);

    row.generation = 78;
    second = tables_snapshot_with(first, &(struct tables_difference){
        .put = {.revision = 43, .bindings = &row, .binding_count = 1}, .dropped_reservations = &gone,
        .dropped_reservation_count = 1});
    contents.tables = second;
    plan_message_write(&body, &contents);
    assert_ok(job, plan_message_read(job, rs_buf_text(&body), NULL, 0, &got));
    assert_int_equal(got.serial, 8);
    assert_int_equal(got.difference.put.binding_count, 1);
    assert_false(got.difference.sides);
    assert_int_equal(tables_snapshot_revision(got.tables), 43);
    assert_int_equal(tables_binding(got.tables, 0)->generation, 78);
    assert_int_equal(tables_reservation_count(got.tables), 0);
    assert_int_equal(tables_application_count(got.tables), tables_application_count(first));
    tables_snapshot_unref(got.tables);
    got = (struct plan_contents){.base = first, .base_serial = 6}; /* not what it differs from */
    assert_status(plan_message_read(job, rs_buf_text(&body), NULL, 0, &got), RS_INVALID);
}
