/* report/expr/functions.h - every function of functions.def and members.def, declared. */
#ifndef REPORT_EXPR_FUNCTIONS_H
#define REPORT_EXPR_FUNCTIONS_H

#include "report/expr/call.h"

#define EXPR_FUNCTION(module, name, function, parameters, folding, typing) expr_function function;
#define EXPR_NEW(module, function, parameters, folding, typing) expr_function function;
#include "report/expr/functions.def"
#undef EXPR_FUNCTION
#undef EXPR_NEW

#define EXPR_MEMBER(kinds, name, function, parameters, typing) expr_function function;
#define EXPR_MEMBER_NAMED(kinds, name, function, parameters, typing) expr_function function;
#include "report/expr/members.def"
#undef EXPR_MEMBER
#undef EXPR_MEMBER_NAMED

/* Conversions of CType that have no function of their own. */
expr_function fn_to_array, fn_to_bytes, fn_to_offset, fn_to_span;

#endif
