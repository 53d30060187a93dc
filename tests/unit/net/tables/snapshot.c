#include "unit.h"

#include "net/tables/select.h"

/* Bindings "address port host": the row's generation is its place in the list, from 1. */
struct place {
    const char *address;
    uint16_t port;
    const char *host;
};

static struct tables_snapshot *snapshot_of(struct rs_job *job, const struct place *places, size_t count,
                                           const char *const *urls)
{
    static const struct tables_claim claim = {.application = {"A", 1}};
    static const struct tables_certificate certificate = {{"12", 2}, {"AB", 2}};
    struct tables_binding *rows = RS_NEW_ARRAY(job, struct tables_binding, count);
    struct tables_reservation *reservations = RS_NEW_ARRAY(job, struct tables_reservation, 16);
    struct tables_application application = {RS_TEXT("ReportServerWebApp"), TABLES_REPORT_SERVER, RS_TEXT("R")};
    size_t url_count = 0;

    for (size_t i = 0; i < count; i++) {
        rows[i] = (struct tables_binding){.id = (int64_t)i + 1, .port = places[i].port, .generation = i + 1,
            .host = rs_text_from(places[i].host), .certificates = &certificate, .certificate_count = 1, .claims = &claim, .claim_count = 1};
        assert_true(tables_address_parse(rs_text_from(places[i].address), &rows[i].address));
    }
    for (; urls && urls[url_count]; url_count++) {
        reservations[url_count].id = (int64_t)url_count + 1;
        assert_ok(job, tables_prefix_parse(job, rs_text_from(urls[url_count]), &reservations[url_count].prefix));
    }
    return tables_snapshot_create(&(struct tables_rows){.applications = &application, .application_count = 1,
        .bindings = rows, .binding_count = count, .reservations = reservations, .reservation_count = url_count});
}

UNIT_TEST(binding_select_takes_address_before_wildcard_and_name_before_any)
{
    static const struct place places[] = {{"0.0.0.0", 443, ""},          {"10.0.0.5", 443, ""},
                                          {"0.0.0.0", 443, "a.example"}, {"0.0.0.0", 443, "*.example"},
                                          {"::1", 8443, ""},             {"10.0.0.5", 443, "b.example"}};
    static const struct {
        const char *address;
        uint16_t port;
        const char *sni;
        uint64_t wanted; /* 0 = none */
    } cases[] = {
        {"10.0.0.9", 443, "", 1},          {"10.0.0.5", 443, "", 2},          {"::1", 443, "", 1},
        {"10.0.0.9", 443, "A.Example.", 3}, {"10.0.0.9", 443, "z.example", 4}, {"10.0.0.9", 443, "y.z.example", 1},
        {"10.0.0.9", 443, "example", 1},   {"10.0.0.5", 443, "a.example", 2}, {"10.0.0.5", 443, "b.example", 6},
        {"::1", 8443, "a.example", 5},     {"10.0.0.5", 8443, "", 0},         {"10.0.0.5", 444, "", 0},
        {"0.0.0.0", 443, ".example", 1},   {"0.0.0.0", 443, "*.example", 4},
    };
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(tables_snapshot) snapshot = snapshot_of(job, places, 6, NULL);

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tables_address address;
        const struct tables_binding *row;
        tables_address_parse(rs_text_from(cases[i].address), &address);
        row = tables_binding_select(snapshot, &address, cases[i].port, rs_text_from(cases[i].sni));
        if ((row ? row->generation : 0) != cases[i].wanted)
            fail_msg("case %zu: %d", i, row ? (int)row->generation : 0);
    }
    char longest[300];
    struct tables_address any = {0};
    memset(longest, 'a', sizeof longest);
    assert_int_equal(tables_binding_select(snapshot, &any, 443, rs_text_of(longest, 300))->generation, 1);
}

UNIT_TEST(select_explains_every_place_in_its_order)
{
    static const struct place places[] = {{"0.0.0.0", 443, ""}, {"0.0.0.0", 443, "*.example"}, {"10.0.0.5", 443, "b.example"}};
    static const char *const order[] = {"a.example@10.0.0.5:443", "*.example@10.0.0.5:443", "10.0.0.5:443", "a.example:443",
                                        "*.example:443", "0.0.0.0:443"};
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(tables_snapshot) snapshot = snapshot_of(job, places, 3, NULL);
    const struct tables_tried *tried;
    struct tables_address address;
    size_t count;

    assert_true(tables_address_parse(RS_TEXT("10.0.0.5"), &address));
    tried = tables_binding_explain(job, snapshot, &address, 443, RS_TEXT("A.example"), &count);
    assert_int_equal(count, 6);
    for (size_t i = 0; i < count; i++) {
        assert_text(tables_place_write(job, &tried[i].place), order[i]);
        assert_int_equal(tried[i].won, i == 4);
        assert_int_equal(tried[i].row != NULL, i >= 4);
    }
    tried = tables_binding_explain(job, snapshot, &address, 443, RS_TEXT(""), &count);
    assert_int_equal(count, 2);
    assert_text(tables_place_write(job, &tried[0].place), "10.0.0.5:443");
    assert_true(tried[1].won);
}

UNIT_TEST(snapshot_lists_the_sockets_that_must_listen)
{
    static const struct place places[] = {{"10.0.0.5", 443, ""}, {"0.0.0.0", 443, ""}, {"10.0.0.5", 8443, ""},
                                          {"0.0.0.0", 443, "a.example"}};
    static const char *const urls[] = {"http://10.0.0.5:80/", "http://10.0.0.6:80/x/", "http://10.0.0.5:8080/",
                                       "http://name:8080/", "https://+:9443/", "http://*:81/", NULL};
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(tables_snapshot) snapshot = snapshot_of(job, places, 4, urls);
    static const char *const wanted[] = {"0.0.0.0 443 tls", "10.0.0.5 8443 tls", "10.0.0.5 80", "10.0.0.6 80",
                                         "0.0.0.0 8080", "0.0.0.0 81"};

    assert_int_equal(tables_listener_count(snapshot), 6);
    for (size_t i = 0; i < 6; i++) {
        const struct tables_listener *listener = tables_listener(snapshot, i);
        char address[TABLES_ADDRESS_WRITTEN_MAX];
        tables_address_write(&listener->address, address);
        assert_text(rs_text_format(job, "%s %u%s", address, listener->port, listener->tls ? " tls" : ""), wanted[i]);
    }
}

UNIT_TEST(snapshot_lives_as_long_as_someone_holds_it)
{
    struct rs_job *job = rs_job_create(NULL);
    static const struct place places[] = {{"0.0.0.0", 443, ""}};
    struct tables_snapshot *snapshot = snapshot_of(job, places, 1, NULL);
    struct tables_snapshot *held = tables_snapshot_ref(snapshot);

    rs_job_destroy(job);
    tables_snapshot_unref(snapshot);
    assert_text(tables_binding(held, 0)->certificates[0].sha256, "AB");
    assert_text(tables_application_find(held, RS_TEXT("reportmanager"))->name, "ReportServerWebApp");
    assert_null(tables_application_find(held, RS_TEXT("ReportServer")));
    tables_snapshot_unref(held);
    tables_snapshot_unref(NULL);
}
