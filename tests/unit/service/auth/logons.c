/* Logons that last: stamps, cookies, connections; and what a ticket is bound to. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "service/auth/attempts.h"
#include "service/auth/forms.h"
#include "service/auth/kept.h"
#include "service/auth/protection.h"
#include "service/auth/stamp.h"
#include "service/auth/users.h"
#include "store/catalog/accounts.h"
#include "store/secret/secret.h"

struct world {
    char path[64];
    struct rs_job *job;
    struct catalog *catalog;
    struct secret_key key;
    struct auth_settings settings;
};

static struct world world_open(void)
{
    struct world w = {.path = "/tmp/logons-test-XXXXXX",
                      .settings = {.methods = AUTH_FORMS, .forms_ms = 60000, .keep_for_connection = true}};

    rs_log_level(RS_LOG_ERROR);
    memset(w.key.bytes, 7, sizeof w.key.bytes);
    close(mkstemp(w.path));
    w.job = rs_job_create(NULL);
    assert_ok(w.job, catalog_open(w.job, rs_text_from(w.path), &w.catalog));
    assert_ok(w.job, auth_user_add_bare(w.job, w.catalog, RS_TEXT("Ann Lee"), AUTH_ADMINISTRATOR));
    return w;
}

static void world_close(struct world *w)
{
    catalog_close(w->catalog);
    rs_job_destroy(w->job);
    unlink(w->path);
}

#define WORLD(w) __attribute__((cleanup(world_close))) struct world w = world_open()

/* ---- stamps ------------------------------------------------------------------------------------------------ */

static bool holds(struct world *w, rs_text stamp, int64_t now_ms)
{
    struct auth_user user = {0};
    int64_t until_ms;
    bool good;

    assert_ok(w->job, stamp_read(w->job, w->catalog, stamp, now_ms, &user, &until_ms, &good));
    if (good)
        assert_text(user.name, "Ann Lee");
    return good;
}

UNIT_TEST(a_stamp_holds_until_its_time_and_as_long_as_the_account_is_the_same)
{
    WORLD(w);
    rs_text stamp;

    assert_ok(w.job, stamp_make(w.job, w.catalog, RS_TEXT("ann lee"), 1000, &stamp));
    assert_true(holds(&w, stamp, 999));
    assert_false(holds(&w, stamp, 1000));
    for (size_t size = 0; size < stamp.size; size++)
        assert_false(holds(&w, rs_text_slice(stamp, 0, size), 1));
    assert_ok(w.job, auth_user_set_role(w.job, w.catalog, RS_TEXT("Ann Lee"), AUTH_ADMINISTRATOR));
    assert_true(holds(&w, stamp, 1));
    assert_ok(w.job, auth_user_set_password(w.job, w.catalog, RS_TEXT("Ann Lee"), RS_TEXT("a new password")));
    assert_false(holds(&w, stamp, 1));
    RS_OWNED(rs_job) other = rs_job_create(NULL);
    assert_status(stamp_make(other, w.catalog, RS_TEXT("bob"), 1000, &stamp), CATALOG_ACCOUNT_NOT_FOUND);
}

/* ---- cookies and connections --------------------------------------------------------------------------------- */

UNIT_TEST(a_cookie_is_not_what_is_kept_with_a_connection_nor_the_other_way_round)
{
    WORLD(w);
    struct auth_user ann = {RS_TEXT("Ann Lee"), AUTH_ADMINISTRATOR}, found;
    struct auth_attempt first = {.connection = RS_TEXT("1"), .seal_key = &w.key};
    struct auth_reply forms = {0}, kept = {0}, ignored = {0};
    bool good;

    assert_ok(w.job, forms_store(w.job, &w.settings, w.catalog, &first, &ann, &forms));
    kept_store(w.job, &w.settings, w.catalog, &first, &ann, &kept);
    assert_true(forms.has_cookie && kept.has_state);
    struct auth_attempt with_cookie = {.cookie = forms.cookie, .seal_key = &w.key};
    assert_ok(w.job, forms_identify(w.job, &w.settings, w.catalog, &with_cookie, &found, &ignored, &good));
    assert_true(good);
    assert_text(found.name, "Ann Lee");
    struct auth_attempt with_state = {.connection = RS_TEXT("1"), .state = kept.state, .seal_key = &w.key};
    assert_ok(w.job, kept_identify(w.job, &w.settings, w.catalog, &with_state, &found, &good));
    assert_true(good);
    with_state.connection = RS_TEXT("2"); /* another connection */
    assert_ok(w.job, kept_identify(w.job, &w.settings, w.catalog, &with_state, &found, &good));
    assert_false(good);
    with_state.connection = (rs_text){NULL, 0}; /* or one that is shared */
    assert_ok(w.job, kept_identify(w.job, &w.settings, w.catalog, &with_state, &found, &good));
    assert_false(good);
    with_cookie.cookie = rs_text_from_offset(kept.state, sizeof "kept " - 1);
    assert_ok(w.job, forms_identify(w.job, &w.settings, w.catalog, &with_cookie, &found, &ignored, &good));
    assert_false(good);
    with_state = (struct auth_attempt){.connection = RS_TEXT("1"), .seal_key = &w.key,
                                       .state = rs_text_format(w.job, "kept %.*s", RS_TEXT_ARG(forms.cookie))};
    assert_ok(w.job, kept_identify(w.job, &w.settings, w.catalog, &with_state, &found, &good));
    assert_false(good);
}

UNIT_TEST(nothing_is_kept_where_that_is_switched_off_or_cannot_be_sealed)
{
    WORLD(w);
    struct auth_user ann = {RS_TEXT("Ann Lee"), AUTH_ADMINISTRATOR};
    struct auth_attempt alone = {.connection = RS_TEXT("1"), .seal_key = &w.key};
    struct auth_attempt shared = {.seal_key = &w.key}, without = {.connection = RS_TEXT("1")};
    struct auth_reply reply = {0};

    kept_store(w.job, &w.settings, w.catalog, &shared, &ann, &reply);
    kept_store(w.job, &w.settings, w.catalog, &without, &ann, &reply);
    w.settings.keep_for_connection = false;
    kept_store(w.job, &w.settings, w.catalog, &alone, &ann, &reply);
    assert_false(reply.has_state);
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    assert_status(forms_store(job, &w.settings, w.catalog, &without, &ann, &reply), SECRET_KEY);
}

/* ---- extended protection -------------------------------------------------------------------------------------- */

static bool only_known(void *data, rs_text application, rs_text host)
{
    (void)data;
    return rs_text_equal(application, RS_TEXT("App")) && rs_text_equal(host, RS_TEXT("known"));
}

UNIT_TEST(what_a_token_must_be_bound_to_is_a_table)
{
    static const struct {
        enum auth_protection_level level;
        enum auth_protection_scenario scenario;
        bool through_proxy, tls, proxy_known;
        const char *expected; /* "": nothing; NULL: refused */
    } cases[] = {
        {AUTH_PROTECTION_OFF, AUTH_PROTECTION_DIRECT, false, true, false, ""},
        {AUTH_PROTECTION_ALLOW, AUTH_PROTECTION_DIRECT, false, true, false, "tls-server-end-point:AB"},
        {AUTH_PROTECTION_ALLOW, AUTH_PROTECTION_DIRECT, false, false, false, ""},
        {AUTH_PROTECTION_REQUIRE, AUTH_PROTECTION_DIRECT, false, true, false, "tls-server-end-point:AB"},
        {AUTH_PROTECTION_REQUIRE, AUTH_PROTECTION_DIRECT, false, false, false, NULL},
        {AUTH_PROTECTION_REQUIRE, AUTH_PROTECTION_DIRECT, true, true, true, "tls-server-end-point:AB"},
        {AUTH_PROTECTION_REQUIRE, AUTH_PROTECTION_PROXY, true, true, true, "tls-server-end-point:CD"},
        {AUTH_PROTECTION_REQUIRE, AUTH_PROTECTION_PROXY, true, true, false, "tls-server-end-point:AB"},
        {AUTH_PROTECTION_REQUIRE, AUTH_PROTECTION_PROXY, true, false, false, NULL},
        {AUTH_PROTECTION_REQUIRE, AUTH_PROTECTION_PROXY, true, false, true, "tls-server-end-point:CD"},
        {AUTH_PROTECTION_REQUIRE, AUTH_PROTECTION_PROXY, false, true, true, "tls-server-end-point:AB"},
        {AUTH_PROTECTION_REQUIRE, AUTH_PROTECTION_ANY, true, true, true, ""},
        {AUTH_PROTECTION_REQUIRE, AUTH_PROTECTION_ANY, false, true, false, "tls-server-end-point:AB"},
        {AUTH_PROTECTION_REQUIRE, AUTH_PROTECTION_ANY, false, false, false, ""},
    };
    RS_OWNED(rs_job) job = rs_job_create(NULL);

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct auth_protection protection = {.level = cases[i].level, .scenario = cases[i].scenario};
        struct auth_attempt attempt = {.through_proxy = cases[i].through_proxy};
        rs_text channel, why = {NULL, 0};
        if (cases[i].tls)
            attempt.channel = RS_TEXT("4142");
        if (cases[i].proxy_known)
            protection.proxy_channel = RS_TEXT("4344");
        bool taken = protection_channel(job, &protection, &attempt, &channel, &why);
        if (taken != (cases[i].expected != NULL))
            fail_msg("case %zu", i);
        if (taken && !rs_text_equal(channel, rs_text_from(cases[i].expected)))
            fail_msg("case %zu: \"%.*s\"", i, RS_TEXT_ARG(channel));
        assert_true(taken || why.size > 0);
    }
}

UNIT_TEST(the_host_of_a_ticket_is_looked_for_among_urls_but_with_direct)
{
    static const struct {
        enum auth_protection_scenario scenario;
        const char *service;
        bool bound, permitted;
    } cases[] = {
        {AUTH_PROTECTION_DIRECT, "HTTP/unknown@A", true, true},   {AUTH_PROTECTION_DIRECT, "HTTP/known@A", false, false},
        {AUTH_PROTECTION_PROXY, "HTTP/known@A", true, true},      {AUTH_PROTECTION_PROXY, "HTTP/unknown@A", true, false},
        {AUTH_PROTECTION_PROXY, "HTTP/known:8443@A", true, true}, {AUTH_PROTECTION_PROXY, "HTTP/known/x@A", true, true},
        {AUTH_PROTECTION_ANY, "HTTP/known@A", false, true},       {AUTH_PROTECTION_ANY, "HTTP/unknown@A", false, false},
        {AUTH_PROTECTION_ANY, "HTTP/@A", false, false},           {AUTH_PROTECTION_ANY, "HTTP", false, false},
    };
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct auth_attempt attempt = {.application = RS_TEXT("App")};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct auth_protection protection = {.level = AUTH_PROTECTION_REQUIRE, .scenario = cases[i].scenario,
                                             .has_host = only_known};
        rs_text why;
        if (protection_permits(job, &protection, &attempt, rs_text_from(cases[i].service), cases[i].bound, &why) !=
            cases[i].permitted)
            fail_msg("case %zu", i);
    }
}

/* ---- failed logons ---------------------------------------------------------------------------------------------- */

UNIT_TEST(failures_are_counted_together_by_all_who_share_the_file)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    RS_OWNED(attempts) one = NULL;
    RS_OWNED(attempts) two = NULL;
    RS_OWNED(attempts) alone = NULL;
    struct throttle_keys keys = throttle_keys(RS_TEXT("ann"), RS_TEXT("192.0.2.1"));
    char path[] = "/tmp/attempts-test-XXXXXX";

    close(mkstemp(path));
    assert_ok(job, attempts_open(job, rs_text_from(path), &one));
    assert_ok(job, attempts_open(job, rs_text_from(path), &two));
    assert_ok(job, attempts_open(job, (rs_text){NULL, 0}, &alone));
    for (int i = 0; i < THROTTLE_FREE_OF_ACCOUNT; i++)
        attempts_failed(i % 2 ? one : two, keys);
    assert_true(attempts_wait_ms(one, keys) > 0);
    assert_true(attempts_wait_ms(two, keys) > 0);
    assert_int_equal(attempts_wait_ms(alone, keys), 0);
    attempts_passed(two, keys);
    assert_int_equal(attempts_wait_ms(one, keys), 0);
    unlink(path);
}

UNIT_TEST(a_table_of_before_the_machine_started_counts_for_nothing)
{
    struct throttle throttle = {0};
    struct throttle_keys keys = throttle_keys(RS_TEXT("ann"), RS_TEXT("192.0.2.1"));

    for (int i = 0; i < THROTTLE_FREE_OF_ACCOUNT + 3; i++)
        throttle_failed(&throttle, keys, 5000000);
    assert_true(throttle_wait_ms(&throttle, keys, 5000000) > 0);
    assert_int_equal(throttle_wait_ms(&throttle, keys, 1000), 0);
}
