#include "fixture.h"

#include <sqlite3.h>

static struct tables_change set_row(const char *place, const char *name, const char *value)
{
    static struct tables_setting settings[8];
    static int next;
    struct tables_setting *one = &settings[next++ % 8];
    struct tables_change change = {.kind = TABLES_SET_ROW, .settings = one, .setting_count = 1};
    struct rs_job *job = rs_job_create(NULL);

    *one = (struct tables_setting){rs_text_from(name), rs_text_from(value), value == NULL};
    assert_ok(job, tables_place_parse(job, rs_text_from(place), &change.place));
    assert_int_equal(change.place.host.size, 0); /* so that it needs nothing of this job */
    rs_job_destroy(job);
    return change;
}

static struct tables_change set_application(const char *application, const char *name, const char *value)
{
    struct tables_change change = set_row("1", name, value);

    change.kind = TABLES_SET_APPLICATION;
    change.application = rs_text_from(application);
    return change;
}

UNIT_TEST(policy_values_are_read_into_their_canonical_form)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text value;

    assert_ok(job, policy_read(job, POLICY_ROW_MIN_VERSION, RS_TEXT(" 1.3 "), &value));
    assert_text(value, "1.3");
    assert_ok(job, policy_read(job, POLICY_APPLICATION_CONNECTIONS, RS_TEXT("+0012"), &value));
    assert_text(value, "12");
    assert_status(policy_read(job, POLICY_ROW_MIN_VERSION, RS_TEXT("1.1"), &value), RS_INVALID);
    assert_text(rs_job_message(job), "min-version is \"1.1\"; it may be 1.2 or 1.3");
    rs_job_forgive(job);
    assert_status(policy_read(job, POLICY_APPLICATION_CONNECTIONS, RS_TEXT("10001"), &value), RS_INVALID);
    assert_text(rs_job_message(job), "connections is \"10001\"; it may be a number from 0 to 10000");
}

/* What stands in the table is what the table allows. */
UNIT_TEST(policy_defaults_are_canonical_values)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    for (int id = 0; id < POLICY_COUNT; id++) {
        const struct policy_setting *setting = policy_setting((enum policy_id)id);
        enum policy_id found;
        rs_text value;
        assert_true(policy_find(setting->scope, rs_text_from(setting->name), &found));
        assert_int_equal(found, id);
        assert_ok(job, policy_read(job, (enum policy_id)id, rs_text_from(setting->otherwise), &value));
        assert_text(value, setting->otherwise);
        assert_true(policy_range(job, (enum policy_id)id).size > 0);
    }
}

UNIT_TEST(policy_of_a_row_is_kept_and_gives_it_a_new_generation)
{
    struct fixture f;
    const struct tables_snapshot *snapshot;
    uint64_t generation;

    fixture_open(&f);
    refuse(&f, set_row("8443", "min-version", "1.3"), RS_NOT_FOUND, "bindery tls list");
    snapshot = apply(&f, bind_to(SERVICE, NULL, "0.0.0.0", 8443, "AA"));
    generation = tables_binding(snapshot, 0)->generation;
    assert_text(policy_text(&tables_binding(snapshot, 0)->policy, POLICY_ROW_MIN_VERSION), "1.2");
    snapshot = apply(&f, set_row("*:8443", "MIN-version", "1.3"));
    assert_text(policy_text(&tables_binding(snapshot, 0)->policy, POLICY_ROW_MIN_VERSION), "1.3");
    assert_true(tables_binding(snapshot, 0)->generation > generation);
    generation = tables_binding(snapshot, 0)->generation;
    snapshot = apply(&f, set_row("8443", "min-version", "1.3")); /* again: nothing */
    assert_int_equal(tables_binding(snapshot, 0)->generation, generation);
    snapshot = apply(&f, set_row("8443", "min-version", NULL));
    assert_null(policy_set(&tables_binding(snapshot, 0)->policy, POLICY_ROW_MIN_VERSION));
    apply(&f, set_row("8443", "min-version", "1.3"));
    snapshot = apply(&f, unbind(SERVICE, NULL, "0.0.0.0", 8443)); /* its settings go with it */
    snapshot = apply(&f, bind_to(SERVICE, NULL, "0.0.0.0", 8443, "AA"));
    assert_int_equal(tables_binding(snapshot, 0)->policy.count, 0);
    fixture_close(&f);
}

UNIT_TEST(policy_of_an_application_is_kept)
{
    struct fixture f;
    const struct tables_snapshot *snapshot;
    const struct tables_application *application;

    fixture_open(&f);
    snapshot = apply(&f, set_application("reportmanager", "connections", "7"));
    application = tables_application_find(snapshot, RS_TEXT(PORTAL));
    assert_int_equal(policy_number(&application->policy, POLICY_APPLICATION_CONNECTIONS), 7);
    application = tables_application_find(snapshot, RS_TEXT(SERVICE));
    assert_int_equal(policy_number(&application->policy, POLICY_APPLICATION_CONNECTIONS), 0);
    refuse(&f, set_application(SERVICE, "min-version", "1.3"), RS_INVALID, "an application has no setting");
    refuse(&f, set_application(SERVICE, "connections", "many"), RS_INVALID, "0 to 10000");
    refuse(&f, set_application("Nobody", "connections", "1"), RS_NOT_FOUND, "Nobody");
    fixture_close(&f);
}

UNIT_TEST(policy_that_this_version_does_not_know_keeps_the_tables_closed)
{
    struct fixture f;
    struct tables_snapshot *snapshot;
    sqlite3 *raw;

    fixture_open(&f);
    tables_db_close(f.db);
    assert_int_equal(sqlite3_open(f.path.bytes, &raw), SQLITE_OK);
    assert_int_equal(sqlite3_exec(raw, "INSERT INTO application_setting VALUES('" SERVICE "', 'from-the-future', 'x')", NULL,
                                  NULL, NULL), SQLITE_OK);
    sqlite3_close(raw);
    assert_ok(f.job, tables_db_open(f.job, f.path, &f.db));
    assert_status(tables_db_load(f.job, f.db, &snapshot), TABLES_DB_NEWER);
    fixture_close(&f);
}
