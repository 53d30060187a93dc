/* report/expr/parse.h - from text to syntax tree.
 *
 * Source:  Visual Basic language specification, expressions and operator precedence.
 */
#ifndef REPORT_EXPR_PARSE_H
#define REPORT_EXPR_PARSE_H

#include "report/expr/tree.h"

/* `out` borrows from `source`. Fails with EXPR_SYNTAX or EXPR_UNSUPPORTED; the message gives the column. */
RS_CHECKED rs_status expr_parse(struct rs_job *job, rs_text source, struct expr_node **out);

/* A place in the tokens of <Code>. */
struct expr_cursor {
    const struct expr_token *token; /* the next one */
    rs_text with;                   /* what a leading dot belongs to: .Name inside With; empty outside */
};

/* One value, one name with what hangs on it (the left side of an assignment, a call), one type. The cursor steps over
 * what was read. In <Code> generic types may stand: List(Of String) is read as List. */
RS_CHECKED rs_status expr_parse_value(struct rs_job *job, struct expr_cursor *cursor, struct expr_node **out);
RS_CHECKED rs_status expr_parse_target(struct rs_job *job, struct expr_cursor *cursor, struct expr_node **out);
RS_CHECKED rs_status expr_parse_type(struct rs_job *job, struct expr_cursor *cursor, struct expr_type *out);
RS_CHECKED rs_status expr_parse_arguments(struct rs_job *job, struct expr_cursor *cursor, struct expr_arguments *out);

/* The token at the cursor stands where `expected` should. */
rs_status expr_refuse_token(struct rs_job *job, const struct expr_cursor *cursor, const char *expected);

#endif
