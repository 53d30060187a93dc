/* tests/cases/cases.h - cases as plain text: one line each, anyone can add one.
 *
 *     # a comment
 *     culture de-DE                       from here on
 *     set widen on                        a switch of the program, from here on
 *     format(1234.5, "N2") => "1.234,50"
 *
 * The program answers the text before " => "; the answer must be the text behind it, byte for byte. A space that
 * is not ASCII and a control character are shown, and can be written, as \u00a0.
 */
#ifndef CASES_H
#define CASES_H

#include "base/buf.h"
#include "report/value/culture.h"
#include "report/value/value.h"

struct cases_setting {
    const struct value_culture *culture;
    bool widen; /* set widen on: whole numbers that overflow become wider */
};

/* What each program brings: append the answer to `input`. */
typedef void cases_answer(struct rs_job *job, rs_text input, const struct cases_setting *setting, rs_buf *out);

/* main of a program: every file in argv, TAP on standard output. Gives the exit code. */
int cases_run(int argc, char **argv, cases_answer *answer);

/* A value as it is written in cases: 12  12L  1.5  1.5D  1.5F  "a""b"  "c"c  True  Nothing
 * #2024-05-31 10:00:00#  span(1.02:03:04)  offset(2024-05-31T10:00:00+02:00). False where it is none. */
bool cases_value(struct rs_job *job, rs_text t, struct value *out);

/* The same the other way; an error is error("why"), an array {1, 2}. */
void cases_show(struct value v, rs_buf *out);

/* name(argument, argument) taken apart; arguments as they are written. False where it is no call. */
#define CASES_ARGUMENTS_MAX 8
struct cases_call {
    rs_text name;
    rs_text arguments[CASES_ARGUMENTS_MAX];
    int count;
};
bool cases_parse_call(rs_text t, struct cases_call *out);

#endif
