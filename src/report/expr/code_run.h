/* report/expr/code_run.h - calls and conversions while <Code> runs, shared by code_run.c and code_own.c (objects of the
 * types that <Code> declares).
 */
#ifndef REPORT_EXPR_CODE_RUN_H
#define REPORT_EXPR_CODE_RUN_H

#include "report/expr/code_program.h"
#include "report/expr/machine.h"

/* ---- code_run.c ---------------------------------------------------------------------------- */

/* The variables of the run are set, or *error says why not. */
RS_CHECKED rs_status code_enter(struct run *run, struct value *error);
/* As many arguments as the procedure has parameters; `me`: the object whose member it is. */
RS_CHECKED rs_status code_call(struct run *run, const struct code_procedure *procedure, struct value me,
                               const struct value *arguments, struct value *out);
/* What assigning to a variable of a type does: *v may be an error then. */
RS_CHECKED rs_status code_assign_type(struct run *run, struct code_type type, struct value *v);

/* ---- code_own.c ---------------------------------------------------------------------------- */

/* The same with the values that a call gives: what is left out has its default, the rest is the array of a ParamArray. */
RS_CHECKED rs_status code_call_form(struct run *run, const struct code_procedure *form, struct value me, const struct value *given,
                                    size_t count, struct value *out);
RS_CHECKED rs_status code_own_step(struct run *run, const struct expr_instruction *instruction);
RS_CHECKED rs_status code_own_convert(struct run *run, const struct code_own *own, struct value *v);

#endif
