/* tests/unit/unit.h - one test per claim; a test registers itself.
 *
 *     UNIT_TEST(expr_joins_text_with_ampersand)
 *     {
 *         assert_int_equal(1 + 1, 2);
 *     }
 */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void unit_register(const char *name, CMUnitTestFunction function);

#define UNIT_TEST(name)                                                                        \
    static void unit_##name(void **state);                                                     \
    __attribute__((constructor)) static void unit_register_##name(void)                        \
    {                                                                                          \
        unit_register(#name, unit_##name);                                                     \
    }                                                                                          \
    static void unit_##name(void **state __attribute__((unused)))

/* A test within the `struct fixture` of its file, opened and closed around it. */
#define UNIT_TEST_WITH_FIXTURE(name)                                                           \
    static void with_##name(struct fixture *f);                                                \
    UNIT_TEST(name)                                                                            \
    {                                                                                          \
        struct fixture f;                                                                      \
        fixture_open(&f);                                                                      \
        with_##name(&f);                                                                       \
        fixture_close(&f);                                                                     \
    }                                                                                          \
    static void with_##name(struct fixture *f)

/* Leave a test that cannot run here. Not cmocka's skip(): that jumps over what the test owns, and meson reads its
 * "not ok # SKIP" as a failure. */
void unit_skip(const char *name, const char *why);

#define UNIT_SKIP(why)                                                                         \
    do {                                                                                       \
        unit_skip(__func__ + sizeof "unit_" - 1, why);                                         \
        return;                                                                                \
    } while (0)

/* An rs_text equals a C string; names both where it does not. */
#define assert_text(text, expected)                                                            \
    do {                                                                                       \
        rs_text text_ = (text);                                                                \
        const char *expected_ = (expected);                                                    \
        if (!rs_text_equal(text_, rs_text_from(expected_)))                                    \
            fail_msg("\"%.*s\" is not \"%s\"", RS_TEXT_ARG(text_), expected_);                 \
    } while (0)

/* A call ended well; shows the job's error where it did not. */
#define assert_ok(job, call)                                                                   \
    do {                                                                                       \
        if ((call) != RS_OK)                                                                   \
            fail_msg("%s: %.*s", #call, RS_TEXT_ARG(rs_job_error(job)));                       \
    } while (0)

#define assert_status(call, expected)                                                          \
    do {                                                                                       \
        rs_status status_ = (call);                                                            \
        if (status_ != (expected))                                                             \
            fail_msg("%s gave %s, not %s", #call, rs_status_name(status_), #expected);         \
    } while (0)

#endif
