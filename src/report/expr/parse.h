/* report/expr/parse.h - from text to syntax tree.
 *
 * Source:  Visual Basic language specification, expressions and operator precedence.
 */
#ifndef REPORT_EXPR_PARSE_H
#define REPORT_EXPR_PARSE_H

#include "report/expr/tree.h"

/* `out` borrows from `source`. Fails with EXPR_SYNTAX or EXPR_UNSUPPORTED; the message gives the column. */
RS_CHECKED rs_status expr_parse(struct rs_job *job, rs_text source, struct expr_node **out);

#endif
