/* report/expr/dialect.h - expressions of another report designer in Visual Basic.
 *
 * fyiReporting and its successors write definitions of RDL 2005, without a namespace or with that of 2005, in an
 * expression language of their own. What differs and has a meaning in Visual Basic:
 *
 *     'text', and \n \r \t \\ in texts        "text" with these characters
 *     {Name}  {?Name}  {@Name}  {!Name}       Fields!Name.Value  Parameters!Name.Value  Globals!Name  User!Name
 *     %  !=                                   Mod  <>
 *     + between values of which one is a text &
 *     Sum(x, Group)                           Sum(x, "Group")
 *     Name(x), a member of <Code>             Code.Name(x)
 */
#ifndef REPORT_EXPR_DIALECT_H
#define REPORT_EXPR_DIALECT_H

#include "base/job.h"

struct expr_code;

/* code  members of the report's <Code>; may be NULL.
 *
 * False where nothing in `source` is of the dialect, or it cannot be read as such; *out is written on true only. Does
 * not tell whether the result compiles. */
bool expr_dialect(struct rs_job *job, rs_text source, const struct expr_code *code, rs_text *out);

#endif
