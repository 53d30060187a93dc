/* Runs every test that registered itself in this program, in order of file and line. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

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

int main(void)
{
    return _cmocka_run_group_tests("unit", unit_tests, unit_count, NULL, NULL) == 0 ? 0 : 1;
}
