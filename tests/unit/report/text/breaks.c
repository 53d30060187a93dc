#include "unit.h"

#include <stdio.h>

#include "report/text/breaks.h"

#define LENGTH 14

UNIT_TEST(text_breaks_of_ascii_are_those_of_icu)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char alphabet[] = "aaZ 09 -/!?,.:;\"'()&#=@_* %";
    uint64_t seed = 1234567;
    int differ = 0, known = 0;

    for (int round = 0; round < 20000; round++) {
        char bytes[LENGTH];
        uint8_t ours[LENGTH], icu[LENGTH];
        rs_text text = rs_text_of(bytes, LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            bytes[i] = alphabet[(seed >> 33) % (sizeof alphabet - 1)];
        }
        if (!text_breaks_ascii(text, ours))
            continue;
        known++;
        text_breaks_icu(job, text, icu);
        if (memcmp(ours, icu, LENGTH) != 0 && differ++ < 25) {
            print_message("# \"%.*s\"  ours", LENGTH, bytes);
            for (int i = 0; i < LENGTH; i++)
                print_message("%d", ours[i]);
            print_message(" icu ");
            for (int i = 0; i < LENGTH; i++)
                print_message("%d", icu[i]);
            print_message("\n");
        }
    }
    assert_int_equal(differ, 0);
    assert_true(known > 5000);
}

UNIT_TEST(text_breaks_behind_words_and_hyphens)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text text = RS_TEXT("one two-three 4-5");
    uint8_t may[32];

    text_breaks(job, text, may);
    assert_int_equal(may[4], 1);
    assert_int_equal(may[8], 1);
    assert_int_equal(may[14], 1);
    assert_int_equal(may[16], 0);
    assert_int_equal(may[0] + may[1] + may[3], 0);
}
