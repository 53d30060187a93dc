#include "unit.h"

#include <stdio.h>

#include "net/tables/route.h"

/* Rows "application url", and requests with the row that takes them ("" = none). */
#define ROWS_MAX 16

static struct tables_snapshot *snapshot_of(struct rs_job *job, const char *const *urls)
{
    struct tables_application applications[ROWS_MAX];
    struct tables_reservation rows[ROWS_MAX];
    size_t count = 0;

    memset(rows, 0, sizeof rows);
    for (; urls[count]; count++) {
        struct tables_reservation *row = &rows[count];
        row->id = (int64_t)count + 1;
        row->application = rs_text_format(job, "A%zu", count);
        assert_ok(job, tables_prefix_parse(job, rs_text_from(urls[count]), &row->prefix));
        applications[count] = (struct tables_application){row->application, TABLES_OTHER, {0}};
    }
    return tables_snapshot_create(&(struct tables_rows){.revision = 1, .applications = applications,
        .application_count = count, .reservations = rows, .reservation_count = count});
}

struct route_case {
    const char *host;
    const char *local;
    const char *path;
    const char *taken; /* URL of the row, "" none, "bad" refused */
};

static void run_on(const char *const *urls, enum tables_scheme scheme, uint16_t port,
                   const struct route_case *cases, size_t count)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(tables_snapshot) snapshot = snapshot_of(job, urls);

    for (size_t i = 0; i < count; i++) {
        struct tables_request request = {scheme, port, rs_text_from(cases[i].host), {0}, rs_text_from(cases[i].path)};
        const struct tables_reservation *row;
        enum tables_route_end end;
        rs_text taken;
        assert_true(tables_address_parse(rs_text_from(cases[i].local), &request.local));
        row = tables_route(snapshot, &request, &end);
        taken = row ? row->url : end == TABLES_BAD_PATH ? RS_TEXT("bad") : RS_TEXT("");
        if (!rs_text_equal(taken, rs_text_from(cases[i].taken)))
            fail_msg("case %zu, %s at %s: \"%.*s\", not \"%s\"", i, cases[i].path, cases[i].local, RS_TEXT_ARG(taken),
                     cases[i].taken);
        assert_true((end == TABLES_ROUTED) == (row != NULL));
        assert_ptr_equal(tables_explain(job, snapshot, &request)->row, row);
    }
}
#define RUN(urls, scheme, port, cases) run_on(urls, scheme, port, cases, sizeof cases / sizeof cases[0])

UNIT_TEST(row_3_route_takes_the_longest_path_in_whole_segments)
{
    static const char *const urls[] = {"https://+:443/", "https://+:443/dir/sna/", "https://+:443/ReportServer/",
                                       "https://+:443/ReportServer/x/", NULL};
    static const struct route_case cases[] = {
        {"h", "10.0.0.1", "/dir/app.htm", "https://+:443/"},
        {"h", "10.0.0.1", "/dir/sna", "https://+:443/dir/sna/"},
        {"h", "10.0.0.1", "/dir/sna/", "https://+:443/dir/sna/"},
        {"h", "10.0.0.1", "/dir/sna.htm", "https://+:443/"},
        {"h", "10.0.0.1", "/dir/snap/x", "https://+:443/"},
        {"h", "10.0.0.1", "/reportSERVER", "https://+:443/ReportServer/"},
        {"h", "10.0.0.1", "/ReportServer?/Sales&rs:Command=Render", "https://+:443/ReportServer/"},
        {"h", "10.0.0.1", "/ReportServer/X?a=/../", "https://+:443/ReportServer/x/"},
        {"h", "10.0.0.1", "/ReportServer/Xy", "https://+:443/ReportServer/"},
        {"h", "10.0.0.1", "/%52eportServer/%78/", "https://+:443/ReportServer/x/"},
        {"h", "10.0.0.1", "/ReportServer%2Fx/", "https://+:443/"},
        {"h", "10.0.0.1", "//ReportServer/", "https://+:443/"},
        {"h", "10.0.0.1", "/", "https://+:443/"},
        {"h", "10.0.0.1", "/\x01/%01/\xff%C3/\xc3(", "https://+:443/"},
        {"", "10.0.0.1", "/a/very/long/path/that/goes/on/and/on/and/on/1/2/3/4/5/6/7/8/9/0", "https://+:443/"},
    };
    RUN(urls, TABLES_HTTPS, 443, cases);
}

UNIT_TEST(row_3_route_tries_the_categories_in_their_order)
{
    static const char *const urls[] = {"http://*:80/", "http://10.0.0.5:80/b/", "http://[::1]:80/", "http://Name:80/a/",
                                       "http://+:80/r/", "http://name:80/r/", "http://10.0.0.5:80/r/long/", NULL};
    static const struct route_case cases[] = {
        {"name", "10.0.0.5", "/r/x", "http://+:80/r/"},
        {"name", "10.0.0.5", "/r/long/x", "http://+:80/r/"}, /* a stronger category, though its path is shorter */
        {"NAME", "10.0.0.5", "/a/x", "http://name:80/a/"},
        {"name:80", "10.0.0.5", "/a", "http://name:80/a/"},
        {"name.:8080", "10.0.0.5", "/a", "http://name:80/a/"},
        {"other", "10.0.0.5", "/a", "http://*:80/"},
        {"name.x", "10.0.0.5", "/a", "http://*:80/"},
        {"name", "10.0.0.5", "/b/", "http://10.0.0.5:80/b/"},
        {"10.0.0.5", "10.0.0.6", "/b/", "http://*:80/"}, /* the address it arrived at counts, not the header */
        {"[::1]:80", "::1", "/b/", "http://[::1]:80/"},
        {"", "10.0.0.6", "/a/", "http://*:80/"},
    };
    RUN(urls, TABLES_HTTP, 80, cases);
}

UNIT_TEST(route_keeps_schemes_ports_and_strangers_apart)
{
    static const char *const urls[] = {"https://+:8443/ReportServer/", "http://+:80/Reports/", NULL};
    static const struct route_case wrong_port[] = {{"h", "10.0.0.1", "/ReportServer/", ""}};
    static const struct route_case plain[] = {{"h", "10.0.0.1", "/Reports/", "http://+:80/Reports/"},
                                              {"h", "10.0.0.1", "/ReportServer/", ""},
                                              {"h", "10.0.0.1", "/", ""}};
    static const char *const none[] = {NULL};

    RUN(urls, TABLES_HTTPS, 443, wrong_port);
    RUN(urls, TABLES_HTTP, 8443, wrong_port);
    RUN(urls, TABLES_HTTP, 80, plain);
    RUN(none, TABLES_HTTPS, 443, wrong_port);
}

UNIT_TEST(route_refuses_paths_that_could_mean_two_things)
{
    static const char *const urls[] = {"https://+:443/", NULL};
    static const struct route_case cases[] = {
        {"h", "10.0.0.1", "", "bad"},          {"h", "10.0.0.1", "*", "bad"},
        {"h", "10.0.0.1", "/a/../b", "bad"},   {"h", "10.0.0.1", "/a/%2e%2E", "bad"},
        {"h", "10.0.0.1", "/./a", "bad"},      {"h", "10.0.0.1", "/a/.?x", "bad"},
        {"h", "10.0.0.1", "/a%00", "bad"},     {"h", "10.0.0.1", "/a%2", "bad"},
        {"h", "10.0.0.1", "/a%", "bad"},       {"h", "10.0.0.1", "/a%gg", "bad"},
        {"h", "10.0.0.1", "/\xc3%zz", "bad"},  {"h", "10.0.0.1", "http://h/", "bad"},
        {"h", "10.0.0.1", "/...", "https://+:443/"}, {"h", "10.0.0.1", "/a.b/..c", "https://+:443/"},
        /* dots before what an application may take for the end of a segment */
        {"h", "10.0.0.1", "/a/..%2Fb", "bad"}, {"h", "10.0.0.1", "/a/%2e.%5cb", "bad"},
        {"h", "10.0.0.1", "/a/..\\b", "bad"},  {"h", "10.0.0.1", "/a/x%2f..", "bad"},
        {"h", "10.0.0.1", "/a/..;x/b", "bad"}, {"h", "10.0.0.1", "/a\\..\\b", "bad"},
        {"h", "10.0.0.1", "/a;b/c%2fd.e\\f..", "https://+:443/"}, {"h", "10.0.0.1", "/..c%2f...", "https://+:443/"},
    };
    RUN(urls, TABLES_HTTPS, 443, cases);
}

UNIT_TEST(route_reads_paths_in_other_alphabets)
{
    static const char *const urls[] = {"https://+:443/\u00c9t\u00e9/\u65e5\u672c/", NULL};
    static const struct route_case cases[] = {
        {"h", "10.0.0.1", "/%C3%A9T%c3%89/%E6%97%A5%E6%9C%AC/x", "https://+:443/\u00c9t\u00e9/\u65e5\u672c/"},
        {"h", "10.0.0.1", "/\u00e9t\u00c9/\u65e5\u672c", "https://+:443/\u00c9t\u00e9/\u65e5\u672c/"},
        {"h", "10.0.0.1", "/\u00e9t\u00c9/%E6%97%A5%E6%9C", ""},
    };
    RUN(urls, TABLES_HTTPS, 443, cases);
}

UNIT_TEST(row_54_route_explains_every_row_in_the_order_of_its_search)
{
    static const char *const urls[] = {"https://*:443/",        "https://host:443/ReportServer/", "https://+:443/Reports/",
                                       "https://+:443/ReportServer/", "https://+:443/",           "https://+:8443/ReportServer/",
                                       "http://+:80/ReportServer/", "https://10.0.0.9:443/", NULL};
    static const struct {
        const char *url, *why;
    } wanted[] = {
        {"https://+:443/ReportServer/", "it takes"},
        {"https://+:8443/ReportServer/", "another port"},
        {"http://+:80/ReportServer/", "another port"},
        {"https://+:443/Reports/", "not the beginning"},
        {"https://+:443/", "longer path"},
        {"https://host:443/ReportServer/", "stronger category"},
        {"https://10.0.0.9:443/", "another address"},
        {"https://*:443/", "stronger category"},
    };
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(tables_snapshot) snapshot = snapshot_of(job, urls);
    struct tables_request request = {TABLES_HTTPS, 443, RS_TEXT("host"), {0}, RS_TEXT("/ReportServer/a")};
    const struct tables_explanation *explanation;

    tables_address_parse(RS_TEXT("10.0.0.1"), &request.local);
    explanation = tables_explain(job, snapshot, &request);
    assert_int_equal(explanation->considered_count, 8);
    for (size_t i = 0; i < 8; i++) {
        bool found = false; /* rows of one category and length may stand in either order */
        for (size_t k = 0; k < 8; k++) {
            const struct tables_considered *row = &explanation->considered[k];
            if (!rs_text_equal(row->row->url, rs_text_from(wanted[i].url)))
                continue;
            found = strstr(row->why, wanted[i].why) != NULL;
            assert_true(row->won == (i == 0));
        }
        if (!found)
            fail_msg("%s without \"%s\"", wanted[i].url, wanted[i].why);
    }
    for (size_t k = 1; k < 8; k++)
        assert_true(explanation->considered[k - 1].row->prefix.category <= explanation->considered[k].row->prefix.category);
}

UNIT_TEST(route_finds_each_of_ten_thousand_rows)
{
    enum { COUNT = 10000 };
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct tables_reservation *rows = RS_NEW_ARRAY(job, struct tables_reservation, COUNT);
    struct tables_application application = {RS_TEXT("A"), TABLES_OTHER, {0}};

    for (int i = 0; i < COUNT; i++) {
        rows[i].id = i + 1;
        rows[i].application = RS_TEXT("A");
        assert_ok(job, tables_prefix_parse(job, rs_text_format(job, "https://h%d.example:443/p%d/", i, i % 7), &rows[i].prefix));
    }
    RS_OWNED(tables_snapshot) snapshot = tables_snapshot_create(&(struct tables_rows){
        .applications = &application, .application_count = 1, .reservations = rows, .reservation_count = COUNT});
    for (int i = 0; i < COUNT; i++) {
        char host[40], path[40];
        enum tables_route_end end;
        snprintf(host, sizeof host, "H%d.example:443", i);
        snprintf(path, sizeof path, "/P%d/report", i % 7);
        const struct tables_reservation *row = tables_route(
            snapshot, &(struct tables_request){TABLES_HTTPS, 443, rs_text_from(host), {0}, rs_text_from(path)}, &end);
        assert_non_null(row);
        assert_int_equal(row->id, i + 1);
    }
}
