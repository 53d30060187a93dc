#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "format/escape/base64.h"
#include "service/auth/basic.h"
#include "service/auth/negotiate.h"
#include "service/auth/password.h"
#include "service/auth/remember.h"
#include "service/auth/throttle.h"
#include "service/auth/users.h"
#include "store/catalog/accounts.h"

struct world {
    char path[64];
    struct rs_job *job;
    struct catalog *catalog;
    struct auth *auth;
};

static struct world world_open(bool allow_plain_http)
{
    struct world w = {.path = "/tmp/auth-test-XXXXXX"};
    struct auth_settings settings = {.methods = AUTH_BASIC, .realm = RS_TEXT("a \"b\""), .allow_plain_http = allow_plain_http,
                                     .remember_ms = AUTH_REMEMBER_MS};

    rs_log_level(RS_LOG_ERROR);
    close(mkstemp(w.path));
    w.job = rs_job_create(NULL);
    assert_ok(w.job, catalog_open(w.job, rs_text_from(w.path), &w.catalog));
    assert_ok(w.job, auth_create(w.job, &settings, w.catalog, &w.auth));
    return w;
}

static void world_close(struct world *w)
{
    auth_destroy(w->auth);
    catalog_close(w->catalog);
    rs_job_destroy(w->job);
    unlink(w->path);
}

#define WORLD(w, plain) __attribute__((cleanup(world_close))) struct world w = world_open(plain)

static rs_status log_on(struct world *w, const char *pair, bool secure, struct auth_user *user)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_buf header = rs_buf_in(job);
    struct auth_user found = {0};

    rs_buf_add_literal(&header, "basic ");
    escape_base64_write(&header, rs_text_from(pair));
    struct auth_attempt attempt = {rs_buf_text(&header), RS_TEXT("192.0.2.1"), secure};
    struct auth_reply reply;
    rs_status status = auth_identify(job, w->auth, &attempt, &found, &reply);
    if (status == RS_OK && user)
        *user = (struct auth_user){rs_text_copy(w->job, found.name), found.role};
    return status;
}

UNIT_TEST(the_right_password_gives_the_account_and_its_role)
{
    WORLD(w, false);
    struct auth_user user = {0};

    assert_ok(w.job, auth_user_add(w.job, w.catalog, RS_TEXT("Ann"), RS_TEXT("correct:horse"), AUTH_ADMINISTRATOR));
    assert_status(log_on(&w, "ann:correct:horse", true, &user), RS_OK);
    assert_text(user.name, "Ann");
    assert_int_equal(user.role, AUTH_ADMINISTRATOR);
    assert_status(log_on(&w, "ann:correct:horsf", true, NULL), AUTH_REQUIRED);
    assert_status(log_on(&w, "ann", true, NULL), AUTH_REQUIRED);
    assert_status(log_on(&w, "bob:correct:horse", true, NULL), AUTH_REQUIRED);
    assert_status(log_on(&w, "", true, NULL), AUTH_REQUIRED);
}

UNIT_TEST(a_header_that_is_not_basic_asks_for_credentials)
{
    WORLD(w, false);
    static const char *const headers[] = {"", "Basic", "Basic !!!", "Bearer abc", "Negotiate YII="};

    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct auth_user user;
        struct auth_reply reply;
        struct auth_attempt attempt = {rs_text_from(headers[i]), RS_TEXT("c"), true};
        assert_status(auth_identify(job, w.auth, &attempt, &user, &reply), AUTH_REQUIRED);
    }
    assert_text(basic_challenge(w.job, RS_TEXT("a \"b\"")), "Basic realm=\"a \\\"b\\\"\", charset=\"UTF-8\"");
}

UNIT_TEST(a_principal_has_the_account_of_its_full_name_or_of_its_realms_short_one)
{
    WORLD(w, false);
    static const struct {
        const char *principal, *realm, *account;
    } cases[] = {
        {"alice@A.TEST", "", "alice@A.TEST"}, {"alice@A.TEST", "A.TEST", "alice@A.TEST"}, {"bob@A.TEST", "A.TEST", "Bob"},
        {"bob@A.TEST", "", NULL},             {"bob@B.TEST", "A.TEST", NULL},             {"bob/admin@A.TEST", "A.TEST", NULL},
        {"bob\\@x@A.TEST", "A.TEST", NULL},   {"bob@a.test", "A.TEST", NULL},             {"bob", "A.TEST", NULL},
        {"Alice@A.TEST", "", "alice@A.TEST"}, {"alice@a.test", "", NULL},
    };

    assert_ok(w.job, auth_user_add_bare(w.job, w.catalog, RS_TEXT("alice@A.TEST"), AUTH_READER));
    assert_ok(w.job, auth_user_add(w.job, w.catalog, RS_TEXT("Bob"), RS_TEXT("12345678"), AUTH_ADMINISTRATOR));
    assert_ok(w.job, auth_user_add(w.job, w.catalog, RS_TEXT("alice"), RS_TEXT("12345678"), AUTH_ADMINISTRATOR));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct auth_user user;
        rs_status status = negotiate_account(job, w.catalog, rs_text_from(cases[i].principal), rs_text_from(cases[i].realm), &user);
        assert_status(status, cases[i].account ? RS_OK : AUTH_NO_ACCOUNT);
        if (cases[i].account)
            assert_text(user.name, cases[i].account);
    }
    assert_status(log_on(&w, "alice@A.TEST:", true, NULL), AUTH_REQUIRED);
}

UNIT_TEST(passwords_need_https_unless_told_otherwise)
{
    WORLD(strict, false);
    WORLD(plain, true);

    assert_status(log_on(&strict, "ann:x", false, NULL), AUTH_INSECURE);
    assert_ok(plain.job, auth_user_add(plain.job, plain.catalog, RS_TEXT("ann"), RS_TEXT("12345678"), AUTH_READER));
    assert_status(log_on(&plain, "ann:12345678", false, NULL), RS_OK);
}

UNIT_TEST(a_changed_password_is_not_remembered)
{
    WORLD(w, false);

    assert_ok(w.job, auth_user_add(w.job, w.catalog, RS_TEXT("ann"), RS_TEXT("old password"), AUTH_READER));
    assert_status(log_on(&w, "ann:old password", true, NULL), RS_OK);
    assert_ok(w.job, auth_user_set_password(w.job, w.catalog, RS_TEXT("ann"), RS_TEXT("new password")));
    assert_status(log_on(&w, "ann:old password", true, NULL), AUTH_REQUIRED);
    assert_status(log_on(&w, "ann:new password", true, NULL), RS_OK);
    assert_ok(w.job, auth_user_remove(w.job, w.catalog, RS_TEXT("ann")));
    assert_status(log_on(&w, "ann:new password", true, NULL), AUTH_REQUIRED);
}

UNIT_TEST(remembered_credentials_cost_no_argon2)
{
    WORLD(w, false);

    assert_ok(w.job, auth_user_add(w.job, w.catalog, RS_TEXT("ann"), RS_TEXT("some password"), AUTH_READER));
    assert_status(log_on(&w, "ann:some password", true, NULL), RS_OK);
    int64_t start_ms = rs_clock_steady_ms();
    for (int i = 0; i < 100; i++)
        assert_status(log_on(&w, "ann:some password", true, NULL), RS_OK);
    assert_true(rs_clock_steady_ms() - start_ms < 2000); /* 100 checks would take over 5 s */
}

UNIT_TEST(remembering_ends_and_is_bounded)
{
    static struct remember remember;
    struct remember_tag tag, other;

    assert_int_equal(sizeof remember.entries / sizeof remember.entries[0][0], 512);
    remember_init(&remember, 1000);
    tag = remember_tag(&remember, RS_TEXT("a"), RS_TEXT("bc"), RS_TEXT("h"));
    other = remember_tag(&remember, RS_TEXT("ab"), RS_TEXT("c"), RS_TEXT("h"));
    remember_add(&remember, &tag, 5000);
    assert_true(remember_has(&remember, &tag, 5999));
    assert_false(remember_has(&remember, &tag, 6000));
    assert_false(remember_has(&remember, &other, 5999));
    for (int i = 0; i < 10000; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        struct remember_tag many = remember_tag(&remember, rs_text_from(name), RS_TEXT("p"), RS_TEXT("h"));
        remember_add(&remember, &many, 5001 + i);
    }
    assert_false(remember_has(&remember, &tag, 5002));
}

UNIT_TEST(throttle_takes_a_network_of_ipv6_as_one_client)
{
    struct throttle throttle = {0};

    for (int i = 0; i < THROTTLE_FREE_OF_ACCOUNT; i++) {
        char client[32];
        snprintf(client, sizeof client, "2001:db8:1:2::%x", i + 1);
        throttle_failed(&throttle, throttle_keys(RS_TEXT("ann"), rs_text_from(client)), 1000);
    }
    assert_true(throttle_wait_ms(&throttle, throttle_keys(RS_TEXT("ann"), RS_TEXT("2001:db8:1:2:9::")), 1000) > 0);
    assert_int_equal(throttle_wait_ms(&throttle, throttle_keys(RS_TEXT("ann"), RS_TEXT("2001:db8:1:3::1")), 1000), 0);
    assert_int_equal(throttle_wait_ms(&throttle, throttle_keys(RS_TEXT("ann"), RS_TEXT("127.0.0.1")), 1000), 0);
}

UNIT_TEST(failures_make_the_client_wait_longer_each_time)
{
    struct throttle throttle = {0};
    struct throttle_keys here = throttle_keys(RS_TEXT("ann"), RS_TEXT("c1"));
    struct throttle_keys there = throttle_keys(RS_TEXT("ann"), RS_TEXT("c2"));
    struct throttle_keys other = throttle_keys(RS_TEXT("bob"), RS_TEXT("c1"));

    for (int i = 0; i < THROTTLE_FREE_OF_ACCOUNT - 1; i++)
        throttle_failed(&throttle, here, 1000);
    assert_int_equal(throttle_wait_ms(&throttle, here, 1000), 0);
    throttle_failed(&throttle, here, 1000);
    assert_int_equal(throttle_wait_ms(&throttle, here, 1000), 1000);
    throttle_failed(&throttle, here, 2000);
    assert_int_equal(throttle_wait_ms(&throttle, here, 2000), 2000);
    for (int i = 0; i < 20; i++)
        throttle_failed(&throttle, here, 5000);
    assert_int_equal(throttle_wait_ms(&throttle, here, 5000), THROTTLE_WAIT_MAX_MS);
    assert_int_equal(throttle_wait_ms(&throttle, there, 5000), 0);
    assert_int_equal(throttle_wait_ms(&throttle, other, 5000), 0);
    assert_int_equal(throttle_wait_ms(&throttle, here, 5000 + THROTTLE_FORGET_MS), 0);
    throttle_passed(&throttle, here);
    assert_int_equal(throttle_wait_ms(&throttle, here, 5000), 0);
    for (int i = 0; i < THROTTLE_FREE_OF_CLIENT; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        throttle_failed(&throttle, throttle_keys(rs_text_from(name), RS_TEXT("c3")), 6000);
    }
    assert_true(throttle_wait_ms(&throttle, throttle_keys(RS_TEXT("new"), RS_TEXT("c3")), 6000) > 0);
}

UNIT_TEST(guessing_is_throttled_even_for_the_right_password)
{
    WORLD(w, false);

    assert_ok(w.job, auth_user_add(w.job, w.catalog, RS_TEXT("ann"), RS_TEXT("the password"), AUTH_READER));
    for (int i = 0; i < THROTTLE_FREE_OF_ACCOUNT; i++)
        assert_status(log_on(&w, "ann:guess", true, NULL), AUTH_REQUIRED);
    assert_status(log_on(&w, "ANN:the password", true, NULL), AUTH_THROTTLED);
}

UNIT_TEST(the_last_administrator_stays)
{
    WORLD(w, false);
    struct auth_accounts all;

    assert_ok(w.job, auth_user_add(w.job, w.catalog, RS_TEXT("ann"), RS_TEXT("12345678"), AUTH_ADMINISTRATOR));
    assert_ok(w.job, auth_user_add(w.job, w.catalog, RS_TEXT("bob"), RS_TEXT("12345678"), AUTH_READER));
    assert_status(auth_user_remove(w.job, w.catalog, RS_TEXT("ANN")), AUTH_LAST_ADMINISTRATOR);
    rs_job_forgive(w.job);
    assert_status(auth_user_set_role(w.job, w.catalog, RS_TEXT("ann"), AUTH_READER), AUTH_LAST_ADMINISTRATOR);
    rs_job_forgive(w.job);
    assert_ok(w.job, auth_user_set_role(w.job, w.catalog, RS_TEXT("bob"), AUTH_ADMINISTRATOR));
    assert_ok(w.job, auth_user_remove(w.job, w.catalog, RS_TEXT("ann")));
    assert_ok(w.job, auth_user_list(w.job, w.catalog, &all));
    assert_int_equal(all.count, 1);
    assert_int_equal(all.items[0].role, AUTH_ADMINISTRATOR);
}

UNIT_TEST(accounts_need_a_usable_name_and_password)
{
    static const struct {
        const char *name, *password;
    } bad[] = {{"", "12345678"},  {"a:b", "12345678"}, {" a", "12345678"},
               {"a\n", "12345678"}, {"a", "1234567"},    {"\xFF", "12345678"}};
    WORLD(w, false);

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        assert_status(auth_user_add(job, w.catalog, rs_text_from(bad[i].name), rs_text_from(bad[i].password),
                                    AUTH_READER), RS_INVALID);
    }
}

UNIT_TEST(readers_see_reports_but_no_data_sources)
{
    assert_true(auth_permissions(AUTH_READER, CATALOG_REPORT) & AUTH_EXECUTE);
    assert_false(auth_permissions(AUTH_READER, CATALOG_REPORT) & AUTH_READ_DEFINITION);
    assert_false(auth_permissions(AUTH_READER, CATALOG_REPORT) & AUTH_DELETE);
    assert_int_equal(auth_permissions(AUTH_READER, CATALOG_DATA_SOURCE), AUTH_NONE);
    assert_true(auth_permissions(AUTH_ADMINISTRATOR, CATALOG_DATA_SOURCE) & AUTH_UPDATE_CONTENT);
    assert_int_equal(auth_permissions((enum auth_role)77, CATALOG_REPORT), AUTH_NONE);
}
