/* report/expr/regex.h - matches of a regular expression with their groups, for <Code>'s objects and for Regex.Matches. */
#ifndef REPORT_EXPR_REGEX_H
#define REPORT_EXPR_REGEX_H

#include "report/expr/call.h"

struct expr_regex_group {
    rs_text text;
    int32_t index; /* where it begins, in UTF-16 units; -1: the group took no part */
};

struct expr_regex_matches {
    size_t count;                          /* matches */
    size_t groups;                         /* of each match, the whole one among them */
    const struct expr_regex_group *items;  /* count * groups */
    const rs_text *names;                  /* of the groups; empty where one has none */
};

/* At most `most` matches of the pattern, argument 1, in the text, argument 0; RegexOptions is argument 2. False after setting
 * call->error. */
bool expr_regex_find(struct expr_call *call, size_t most, struct expr_regex_matches *out);

#endif
