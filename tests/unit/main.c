/* Runs every test that registered itself in this program, in order of file and line. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNIT_TESTS_MAX 4096

static struct CMUnitTest unit_tests[UNIT_TESTS_MAX];
static size_t unit_count;

void unit_register(const char *name, CMUnitTestFunction function)
{
    if (unit_count == UNIT_TESTS_MAX) {
        fprintf(stderr, "more than %d tests in one program\n", UNIT_TESTS_MAX);
        abort();
    }
    unit_tests[unit_count++] = (struct CMUnitTest){.name = name, .test_func = function};
}

/* cmocka prints the test's name after "ok": TAP takes what follows the # as a directive. */
void unit_skip(const char *name, const char *why)
{
    static char lines[16][256];
    static size_t used;

    for (size_t i = 0; i < unit_count; i++)
        if (strcmp(unit_tests[i].name, name) == 0) {
            assert_true(used < sizeof lines / sizeof *lines);
            snprintf(lines[used], sizeof lines[used], "%s # SKIP %s", name, why);
            unit_tests[i].name = lines[used++];
            return;
        }
}

int main(void)
{
    return _cmocka_run_group_tests("unit", unit_tests, unit_count, NULL, NULL) == 0 ? 0 : 1;
}
