#include "fixture.h"

#include <sys/stat.h>

#include "format/json/json.h"
#include "net/tables/route.h"

static const struct tables_plan *plan(struct fixture *f, const struct tables_snapshot *snapshot,
                                      struct tables_change change)
{
    const struct tables_plan *out;

    assert_ok(f->job, tables_plan(f->job, snapshot, &change, &out));
    return out;
}

static const struct tables_snapshot *load(struct fixture *f)
{
    struct tables_snapshot *snapshot;

    assert_ok(f->job, tables_db_load(f->job, f->db, &snapshot));
    rs_job_at_end(f->job, (void (*)(void *))tables_snapshot_unref, snapshot);
    return snapshot;
}

UNIT_TEST_WITH_FIXTURE(tables_db_is_new_with_the_report_servers_applications)
{
    const struct tables_snapshot *snapshot = load(f);
    struct stat info;

    assert_int_equal(tables_snapshot_revision(snapshot), 0);
    assert_int_equal(tables_application_count(snapshot), 2);
    assert_text(tables_application(snapshot, 0)->directory, "ReportServer");
    assert_text(tables_application(snapshot, 1)->directory, "Reports");
    assert_int_equal(tables_reservation_count(snapshot), 0);
    assert_int_equal(stat(f->path.bytes, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

UNIT_TEST_WITH_FIXTURE(tables_reserve_adds_the_virtual_directory)
{
    const struct tables_snapshot *snapshot = apply(f, reserve("reportserverwebservice", "https://+:8443"));
    const struct tables_reservation *row = tables_reservation(snapshot, 0);

    assert_text(row->url, "https://+:8443/ReportServer/");
    assert_text(row->url_string, "https://+:8443");
    assert_text(row->application, SERVICE);
    assert_text(row->account, "service");
    assert_text(row->created_by, "alice");
    assert_true(row->created_ms > 1600000000000);
    snapshot = apply(f, reserve("ReportManager", "https://host:8443/reports"));
    assert_text(tables_reservation(snapshot, 1)->application, PORTAL);
    assert_text(tables_reservation(snapshot, 1)->url, "https://host:8443/Reports/");
    assert_int_equal(tables_snapshot_revision(snapshot), 2);
}

UNIT_TEST_WITH_FIXTURE(tables_reserve_twice_is_once)
{
    const struct tables_snapshot *snapshot;

    apply(f, reserve(SERVICE, "https://+:8443/ReportServer"));
    snapshot = apply(f, reserve(SERVICE, "https://+:8443/REPORTSERVER/"));
    assert_int_equal(tables_reservation_count(snapshot), 1);
    assert_int_equal(tables_snapshot_revision(snapshot), 1);
    assert_int_equal(plan(f, snapshot, reserve(SERVICE, "https://+:8443"))->step_count, 0);
    snapshot = apply(f, remove_url(SERVICE, "https://+:8443"));
    assert_int_equal(tables_reservation_count(snapshot), 0);
    snapshot = apply(f, remove_url(SERVICE, "https://+:8443"));
    assert_int_equal(tables_snapshot_revision(snapshot), 2);
}

UNIT_TEST_WITH_FIXTURE(tables_reserve_with_another_path_moves_a_directory_without_urls)
{
    const struct tables_snapshot *snapshot = apply(f, reserve(SERVICE, "https://+:8443/RS_X"));

    assert_text(tables_application_find(snapshot, RS_TEXT(SERVICE))->directory, "RS_X");
    assert_text(tables_reservation(snapshot, 0)->url, "https://+:8443/RS_X/");
    refuse(f, reserve(SERVICE, "https://+:8443/Other"), RS_CONFLICT, "bindery url directory");
    refuse(f, reserve(PORTAL, "https://+:8443/rs_x"), RS_CONFLICT, SERVICE);
    refuse(f, reserve(PORTAL, "https://+:8443/a/b"), RS_INVALID, "separators");
}

UNIT_TEST_WITH_FIXTURE(tables_conflicts_name_the_other_claimant)
{
    apply(f, reserve(SERVICE, "http://+:8080"));
    refuse(f, reserve(PORTAL, "https://+:8080"), RS_CONFLICT, SERVICE);
    refuse(f, reserve(PORTAL, "https://10.0.0.5:8080"), RS_CONFLICT, "carries http already");
    refuse(f, bind_to(PORTAL, NULL, "0.0.0.0", 8080, "AA"), RS_CONFLICT, SERVICE);
    apply(f, bind_to(PORTAL, NULL, "0.0.0.0", 8443, "AA"));
    refuse(f, reserve(SERVICE, "http://+:8443"), RS_CONFLICT, PORTAL);
    refuse(f, bind_to(SERVICE, NULL, "0.0.0.0", 8443, "BB"), RS_CONFLICT, PORTAL);
    refuse(f, bind_to(SERVICE, NULL, "::", 8443, "BB"), RS_CONFLICT, PORTAL);
    refuse(f, remove_url(PORTAL, "http://+:8080/ReportServer"), RS_CONFLICT, SERVICE);
    refuse(f, directory(PORTAL, "reportserver"), RS_CONFLICT, SERVICE);
    refuse(f, reserve("Nobody", "https://+:1"), RS_NOT_FOUND, "there are ReportServerWebService, ReportServerWebApp");
    refuse(f, reserve(PORTAL, "ftp://+:1"), RS_INVALID, "http:// or https://");
    refuse(f, directory(PORTAL, "a/b"), RS_INVALID, "separators");
    refuse(f, bind_to(PORTAL, NULL, "0.0.0.0", 0, "AA"), RS_INVALID, "port");
    refuse(f, bind_to(PORTAL, NULL, "0.0.0.0", 1, ""), RS_INVALID, "certificate");
}

/* Pairs of URLs of two applications over the same directory tree: what a plan says of the second. */
UNIT_TEST_WITH_FIXTURE(tables_shadows_are_warned_of)
{
    static const struct {
        const char *first, *second;
        const char *warning; /* NULL: none but the missing certificate */
    } cases[] = {
        {"https://+:8443", "https://host:8443", "https://host:8443/ReportServer/ is never reached"},
        {"https://host:8443", "https://+:8443", "https://host:8443/ReportServer/ is never reached"},
        {"https://10.0.0.5:8443", "https://+:8443", "https://10.0.0.5:8443/ReportServer/ is never reached"},
        {"https://*:8443", "https://+:8443", "https://*:8443/ReportServer/ is never reached"},
        {"https://host:8443", "https://10.0.0.5:8443", "https://10.0.0.5:8443/ReportServer/ is reached only"},
        {"https://host:8443", "https://*:8443", "https://*:8443/ReportServer/ is reached only"},
        {"https://host:8443", "https://other:8443", NULL},
        {"https://+:8443", "https://host:9443", NULL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct tables_snapshot *snapshot = apply(f, reserve(SERVICE, cases[i].first));
        const struct tables_plan *shown = plan(f, snapshot, reserve(SERVICE, cases[i].second));
        assert_int_equal(shown->step_count, 1);
        assert_int_equal(shown->warning_count, cases[i].warning ? 2 : 1);
        if (cases[i].warning && rs_text_find(shown->warnings[0], rs_text_from(cases[i].warning)) < 0)
            fail_msg("case %zu: %.*s", i, RS_TEXT_ARG(shown->warnings[0]));
        assert_true(rs_text_find(shown->warnings[shown->warning_count - 1], RS_TEXT("no certificate is bound")) == 0);
        apply(f, remove_url(SERVICE, cases[i].first));
    }
}

UNIT_TEST_WITH_FIXTURE(tables_directory_moves_all_urls_at_once)
{
    const struct tables_snapshot *snapshot;
    int64_t id;

    apply(f, reserve(SERVICE, "https://+:8443"));
    id = tables_reservation(apply(f, reserve(PORTAL, "https://+:8443")), 1)->id;
    apply(f, reserve(SERVICE, "https://host:9443"));
    snapshot = apply(f, directory(SERVICE, "Berichte"));
    assert_int_equal(tables_reservation_count(snapshot), 3);
    assert_text(tables_reservation(snapshot, 0)->url, "https://+:8443/Berichte/");
    assert_text(tables_reservation(snapshot, 1)->url, "https://+:8443/Reports/");
    assert_int_equal(tables_reservation(snapshot, 1)->id, id);
    assert_text(tables_reservation(snapshot, 2)->url, "https://host:9443/Berichte/");
    snapshot = apply(f, directory(SERVICE, "BERICHTE"));
    assert_text(tables_reservation(snapshot, 0)->url, "https://+:8443/BERICHTE/");
    assert_int_equal(plan(f, snapshot, directory(SERVICE, "BERICHTE"))->step_count, 0);
}

UNIT_TEST_WITH_FIXTURE(tables_binding_is_shared_and_counted)
{
    const struct tables_snapshot *snapshot = apply(f, bind_to(SERVICE, NULL, "0.0.0.0", 8443, "AA"));
    uint64_t generation = tables_binding(snapshot, 0)->generation;

    snapshot = apply(f, bind_to(PORTAL, NULL, "[::]", 8443, "aa")); /* the same place and certificate */
    assert_int_equal(tables_binding_count(snapshot), 1);
    assert_int_equal(tables_binding(snapshot, 0)->claim_count, 2);
    assert_int_equal(tables_binding(snapshot, 0)->generation, generation);
    assert_int_equal(plan(f, snapshot, bind_to(PORTAL, SERVICE, "0.0.0.0", 8443, "AA"))->step_count, 0);
    snapshot = apply(f, unbind(SERVICE, NULL, "0.0.0.0", 8443));
    assert_int_equal(tables_binding(snapshot, 0)->claim_count, 1);
    assert_text(tables_binding(snapshot, 0)->claims[0].application, PORTAL);
    assert_int_equal(tables_binding(snapshot, 0)->generation, generation);
    snapshot = apply(f, unbind(SERVICE, NULL, "0.0.0.0", 8443)); /* again: nothing */
    assert_int_equal(tables_snapshot_revision(snapshot), 3);
    snapshot = apply(f, unbind("ReportManager", NULL, "0.0.0.0", 8443));
    assert_int_equal(tables_binding_count(snapshot), 0);
    snapshot = apply(f, unbind(PORTAL, SERVICE, "0.0.0.0", 8443));
    assert_int_equal(tables_snapshot_revision(snapshot), 4);
}

UNIT_TEST_WITH_FIXTURE(tables_generations_are_never_used_again)
{
    uint64_t seen[8];
    struct tables_change change = bind_to(SERVICE, PORTAL, "0.0.0.0", 8443, "AA");
    struct tables_pending *pending;

    seen[0] = tables_binding(apply(f, change), 0)->generation;
    seen[1] = tables_binding(apply(f, bind_to(SERVICE, PORTAL, "0.0.0.0", 8443, "BB")), 0)->generation;
    seen[2] = tables_binding(apply(f, change), 0)->generation;
    apply(f, unbind(SERVICE, PORTAL, "0.0.0.0", 8443));
    assert_ok(f->job, tables_begin(f->job, f->db, &fixture_actor, &change, &pending)); /* shown, then taken back */
    seen[3] = tables_binding(tables_pending_after(pending), 0)->generation;
    tables_abandon(pending);
    assert_int_equal(tables_binding_count(load(f)), 0);
    seen[4] = tables_binding(apply(f, change), 0)->generation;
    seen[5] = tables_binding(apply(f, bind_to(SERVICE, NULL, "10.0.0.5", 8443, "AA")), 1)->generation;
    for (int i = 1; i < 6; i++)
        assert_true(seen[i] > seen[i - 1]);
}

UNIT_TEST_WITH_FIXTURE(tables_certificate_is_replaced_by_all_claimants_or_on_demand)
{
    struct tables_change replace = bind_to(SERVICE, NULL, "0.0.0.0", 8443, "BB");
    const struct tables_snapshot *snapshot;

    apply(f, bind_to(SERVICE, PORTAL, "0.0.0.0", 8443, "AA"));
    refuse(f, replace, RS_CONFLICT, "AA, which " PORTAL);
    replace.replace = true;
    snapshot = apply(f, replace);
    assert_text(tables_binding(snapshot, 0)->certificates[0].sha256, "BB");
    assert_int_equal(tables_binding(snapshot, 0)->claim_count, 2);
    snapshot = apply(f, bind_to(PORTAL, SERVICE, "0.0.0.0", 8443, "CC"));
    assert_text(tables_binding(snapshot, 0)->certificates[0].sha256, "CC");
    assert_int_equal(tables_binding(snapshot, 0)->claim_count, 2);
}

static struct tables_change of_host(struct tables_change change, const char *host)
{
    change.place.host = rs_text_from(host);
    return change;
}

UNIT_TEST_WITH_FIXTURE(tables_rows_of_names_stand_beside_each_other)
{
    const struct tables_snapshot *snapshot;

    apply(f, bind_to(SERVICE, NULL, "0.0.0.0", 8443, "AA"));
    apply(f, of_host(bind_to(SERVICE, NULL, "0.0.0.0", 8443, "BB"), "a.example"));
    apply(f, of_host(bind_to(PORTAL, NULL, "0.0.0.0", 8443, "CC"), "*.example"));
    snapshot = apply(f, of_host(bind_to(PORTAL, NULL, "10.0.0.5", 8443, "DD"), "a.example"));
    assert_int_equal(tables_binding_count(snapshot), 4);
    assert_text(tables_binding(snapshot, 1)->host, "a.example");
    refuse(f, of_host(bind_to(PORTAL, NULL, "0.0.0.0", 8443, "EE"), "a.example"), RS_CONFLICT,
           "a.example:8443 shows the certificate BB, which " SERVICE);
    snapshot = apply(f, of_host(unbind(SERVICE, NULL, "0.0.0.0", 8443), "a.example"));
    assert_int_equal(tables_binding_count(snapshot), 3);
    assert_text(tables_binding(snapshot, 0)->certificates[0].sha256, "AA");
}

UNIT_TEST_WITH_FIXTURE(tables_row_shows_a_certificate_of_each_kind)
{
    static const struct tables_certificate pair[] = {{{"1", 1}, {"AA", 2}}, {{"2", 1}, {"BB", 2}}};
    static const struct tables_certificate turned[] = {{{"2", 1}, {"BB", 2}}, {{"1", 1}, {"AA", 2}}};
    struct tables_change change = bind_to(SERVICE, NULL, "0.0.0.0", 8443, "AA");
    const struct tables_snapshot *snapshot;

    change.certificates = pair;
    change.certificate_count = 2;
    snapshot = apply(f, change);
    assert_int_equal(tables_binding(snapshot, 0)->certificate_count, 2);
    assert_true(tables_binding_shows(tables_binding(snapshot, 0), RS_TEXT("bb")));
    change.certificates = turned;
    assert_int_equal(plan(f, snapshot, change)->step_count, 0);
    change.certificate_count = 1;
    snapshot = apply(f, change); /* the row shows what was named last, and nothing else */
    assert_int_equal(tables_binding(snapshot, 0)->certificate_count, 1);
    assert_false(tables_binding_shows(tables_binding(snapshot, 0), RS_TEXT("AA")));
    change.certificate_count = 0;
    refuse(f, change, RS_INVALID, "no certificate is named");
}

UNIT_TEST_WITH_FIXTURE(tables_plans_tell_what_a_bind_lacks)
{
    const struct tables_snapshot *snapshot = apply(f, reserve(SERVICE, "https://+:8443"));
    const struct tables_plan *shown = plan(f, snapshot, bind_to(SERVICE, PORTAL, "0.0.0.0", 8443, "AA"));

    assert_int_equal(shown->step_count, 3);
    assert_text(shown->steps[0], "bind the certificate AA to 0.0.0.0:8443");
    assert_text(shown->steps[2], "claim 0.0.0.0:8443 for " PORTAL);
    assert_int_equal(shown->warning_count, 1);
    assert_true(rs_text_find(shown->warnings[0], RS_TEXT(PORTAL " has no https URL on port 8443")) == 0);
    snapshot = apply(f, bind_to(SERVICE, PORTAL, "0.0.0.0", 8443, "AA"));
    shown = plan(f, snapshot, unbind(SERVICE, NULL, "0.0.0.0", 8443));
    assert_true(rs_text_find(shown->warnings[0], RS_TEXT("still answers at 0.0.0.0:8443")) > 0);
    shown = plan(f, snapshot, bind_to(SERVICE, NULL, "10.0.0.5", 8443, "BB"));
    assert_true(rs_text_find(shown->warnings[0], RS_TEXT("the row 10.0.0.5:8443 answers instead of 0.0.0.0:8443")) > 0);
    assert_int_equal(tables_snapshot_revision(load(f)), 2); /* planning changes nothing */
}

UNIT_TEST_WITH_FIXTURE(tables_history_tells_who_changed_what_from_what_to_what)
{
    const struct tables_event *events;
    size_t count;
    json_t *value;

    apply(f, reserve(SERVICE, "https://+:8443"));
    apply(f, bind_to(SERVICE, NULL, "0.0.0.0", 8443, "AA"));
    apply(f, unbind(SERVICE, NULL, "0.0.0.0", 8443));
    assert_ok(f->job, tables_db_history(f->job, f->db, 2, &events, &count));
    assert_int_equal(count, 2);
    assert_int_equal(events[0].revision, 3);
    assert_text(events[0].who, "alice");
    assert_text(events[0].tool, "test");
    assert_text(events[0].what, "unbind " SERVICE " from 0.0.0.0:8443");
    assert_text(events[0].after, "null");
    assert_ok(f->job, json_parse(f->job, events[0].before, 0, &value));
    assert_int_equal(json_integer_value(json_object_get(value, "port")), 8443);
    assert_text(events[1].before, "null");
    assert_ok(f->job, tables_db_history(f->job, f->db, 100, &events, &count));
    assert_int_equal(count, 3);
    assert_ok(f->job, json_parse(f->job, events[2].after, 0, &value));
    assert_text(json_to_text(json_object_get(json_array_get(json_object_get(value, "urls"), 0), "url")), "https://+:8443/ReportServer/");
}

UNIT_TEST_WITH_FIXTURE(tables_change_is_seen_by_others_only_when_it_is_done)
{
    struct tables_change change = reserve(SERVICE, "https://+:8443");
    struct tables_pending *pending;
    RS_OWNED(tables_db) other = NULL;
    RS_OWNED(tables_snapshot) seen = NULL;
    int64_t revision;

    assert_ok(f->job, tables_db_open(f->job, f->path, &other));
    assert_ok(f->job, tables_begin(f->job, f->db, &fixture_actor, &change, &pending));
    assert_int_equal(tables_reservation_count(tables_pending_before(pending)), 0);
    assert_int_equal(tables_reservation_count(tables_pending_after(pending)), 1);
    assert_status(tables_begin(f->job, f->db, &fixture_actor, &change, &(struct tables_pending *){0}), TABLES_DB_BUSY);
    rs_job_forgive(f->job);
    assert_ok(f->job, tables_db_revision(f->job, other, &revision));
    assert_int_equal(revision, 0);
    assert_ok(f->job, tables_commit(f->job, pending));
    assert_ok(f->job, tables_db_revision(f->job, other, &revision));
    assert_int_equal(revision, 1);
    assert_ok(f->job, tables_db_load(f->job, other, &seen));
    assert_int_equal(tables_reservation_count(seen), 1);
}

UNIT_TEST_WITH_FIXTURE(tables_change_stopped_at_any_checkpoint_changes_nothing)
{
    struct tables_change change = directory(SERVICE, "Moved");
    uint64_t checkpoints;

    apply(f, reserve(SERVICE, "https://+:8443"));
    apply(f, reserve(SERVICE, "https://host:9443"));
    {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct tables_pending *pending;
        assert_ok(job, tables_begin(job, f->db, &fixture_actor, &change, &pending));
        tables_abandon(pending);
        checkpoints = rs_job_checkpoints(job);
    }
    assert_true(checkpoints >= 5);
    for (uint64_t stop = 1; stop <= checkpoints; stop++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        rs_job_stop_at(job, stop);
        assert_status(tables_apply(job, f->db, &fixture_actor, &change, NULL), RS_CANCELLED);
        assert_text(tables_reservation(load(f), 1)->url, "https://host:9443/ReportServer/");
    }
    assert_text(tables_reservation(apply(f, change), 1)->url, "https://host:9443/Moved/");
}

/* What stands with the path /ReportServer/, what another application asks for, and what comes of it. */
UNIT_TEST(row_6_tables_conflict_matrix)
{
    enum outcome { ALLOWED, CONFLICT };
    static const char *const stands[] = {"https://+:8443", "https://host:8443", "https://10.0.0.5:8443", "https://*:8443",
                                         "http://+:8443"};
    static const struct {
        const char *asked;
        enum outcome outcome[5]; /* for each of `stands` */
    } cases[] = {
        /* the same directory: only the very same origin, or the other scheme on the port, is in the way */
        {"https://+:8443/ReportServer", {CONFLICT, ALLOWED, ALLOWED, ALLOWED, CONFLICT}},
        {"https://HOST:8443/reportserver", {ALLOWED, CONFLICT, ALLOWED, ALLOWED, CONFLICT}},
        {"https://10.0.0.5:8443/ReportServer", {ALLOWED, ALLOWED, CONFLICT, ALLOWED, CONFLICT}},
        {"https://[::ffff:10.0.0.5]:8443/ReportServer", {ALLOWED, ALLOWED, CONFLICT, ALLOWED, CONFLICT}},
        {"https://*:8443/ReportServer", {ALLOWED, ALLOWED, ALLOWED, CONFLICT, CONFLICT}},
        {"http://+:8443/ReportServer", {CONFLICT, CONFLICT, CONFLICT, CONFLICT, CONFLICT}},
        {"http://other:8443/x", {CONFLICT, CONFLICT, CONFLICT, CONFLICT, ALLOWED}},
        {"https://+:9443/ReportServer", {ALLOWED, ALLOWED, ALLOWED, ALLOWED, ALLOWED}},
        {"https://+:8443/ReportServer/more", {ALLOWED, ALLOWED, ALLOWED, ALLOWED, CONFLICT}},
        {"https://+:8443/", {ALLOWED, ALLOWED, ALLOWED, ALLOWED, CONFLICT}},
    };
    static const struct tables_application applications[] = {{{"Ours", 4}, TABLES_OTHER, {NULL, 0}},
                                                             {{"Theirs", 6}, TABLES_OTHER, {NULL, 0}}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t k = 0; k < 5; k++) {
            RS_OWNED(rs_job) job = rs_job_create(NULL);
            struct tables_reservation row = {.id = 1, .application = RS_TEXT("Ours")};
            struct tables_change change = reserve("Theirs", cases[i].asked);
            const struct tables_plan *shown;
            rs_status status;
            assert_ok(job, tables_prefix_parse(job, rs_text_format(job, "%s/ReportServer/", stands[k]), &row.prefix));
            RS_OWNED(tables_snapshot) snapshot = tables_snapshot_create(&(struct tables_rows){
                .applications = applications, .application_count = 2, .reservations = &row, .reservation_count = 1});
            status = tables_plan(job, snapshot, &change, &shown);
            if (status != (cases[i].outcome[k] == CONFLICT ? RS_CONFLICT : RS_OK))
                fail_msg("%s beside %s: %s", cases[i].asked, stands[k], rs_status_name(status));
            if (status == RS_CONFLICT)
                assert_true(rs_text_find(rs_job_message(job), RS_TEXT("Ours")) > 0);
        }
}

/* ---- several changes as one ---------------------------------------------------------------- */

static rs_status apply_all(struct fixture *f, struct rs_job *job, const struct tables_change *changes, size_t count)
{
    RS_OWNED(tables_pending) pending = NULL;

    RS_TRY(tables_begin_all(job, f->db, &fixture_actor, changes, count, RS_TEXT("many"), &pending));
    return tables_commit(job, rs_move(pending));
}

UNIT_TEST_WITH_FIXTURE(tables_many_changes_are_one_revision_and_one_line_of_history)
{
    struct tables_change changes[] = {reserve(SERVICE, "https://+:8443"), reserve(PORTAL, "https://+:8443"),
                                      bind_to(SERVICE, PORTAL, "0.0.0.0", 8443, "AA"),
                                      bind_to(SERVICE, NULL, "127.0.0.1", 8444, "BB")};
    const struct tables_snapshot *snapshot;
    const struct tables_event *events;
    json_t *rows;
    size_t count;

    assert_ok(f->job, apply_all(f, f->job, changes, 4));
    snapshot = load(f);
    assert_int_equal(tables_snapshot_revision(snapshot), 1);
    assert_int_equal(tables_reservation_count(snapshot), 2);
    assert_int_equal(tables_binding_count(snapshot), 2);
    assert_int_not_equal(tables_binding(snapshot, 0)->generation, tables_binding(snapshot, 1)->generation);
    assert_ok(f->job, tables_db_history(f->job, f->db, 10, &events, &count));
    assert_int_equal(count, 1);
    assert_text(events[0].what, "many");
    assert_ok(f->job, json_parse(f->job, events[0].after, 0, &rows));
    assert_int_equal(json_array_size(rows), 4);
    assert_ok(f->job, json_parse(f->job, events[0].before, 0, &rows));
    assert_int_equal(json_array_size(rows), 4);
    assert_ok(f->job, apply_all(f, f->job, changes, 4)); /* it is so already */
    assert_int_equal(tables_snapshot_revision(load(f)), 1);
}

UNIT_TEST_WITH_FIXTURE(tables_many_changes_see_what_those_before_them_left)
{
    struct tables_change moves[] = {remove_url(SERVICE, "http://+:8443"), directory(SERVICE, "R"),
                                    reserve(SERVICE, "https://+:8443")};

    apply(f, reserve(SERVICE, "http://+:8443"));
    refuse(f, moves[2], RS_CONFLICT, "port 8443 carries http");
    assert_ok(f->job, apply_all(f, f->job, moves, 3));
    assert_text(tables_reservation(load(f), 0)->url, "https://+:8443/R/");
}

UNIT_TEST_WITH_FIXTURE(tables_one_of_many_changes_that_is_wrong_stops_all)
{
    struct tables_change changes[] = {reserve(SERVICE, "https://+:8443"), reserve(PORTAL, "http://+:8443")};
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    assert_int_equal(apply_all(f, job, changes, 2), RS_CONFLICT);
    assert_int_equal(tables_snapshot_revision(load(f)), 0);
    apply(f, changes[0]); /* nothing is left open */
}

UNIT_TEST_WITH_FIXTURE(tables_db_remembers_what_was_shown_outside_of_changes)
{
    int64_t shown;

    assert_ok(f->job, tables_db_shown(f->job, f->db, &shown));
    assert_int_equal(shown, 0);
    assert_ok(f->job, tables_db_set_shown(f->job, f->db, 7));
    assert_ok(f->job, tables_db_set_shown(f->job, f->db, -9));
    assert_ok(f->job, tables_db_shown(f->job, f->db, &shown));
    assert_int_equal(shown, -9);
    assert_int_equal(tables_snapshot_revision(load(f)), 0);
}
