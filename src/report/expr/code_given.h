/* report/expr/code_given.h - calls of .NET that change a variable of <Code> which they are given. */
#ifndef REPORT_EXPR_CODE_GIVEN_H
#define REPORT_EXPR_CODE_GIVEN_H

#include "report/expr/compiler.h"

/* Type.TryParse(arguments); `parse`: the row of the type's Parse. Only where compiler->body is. */
RS_CHECKED rs_status code_compile_try_parse(struct compiler *compiler, int parse, const struct expr_arguments *arguments,
                                            size_t column);
/* .TryGetValue(key, variable) of the object on the stack. Only where compiler->body is. */
RS_CHECKED rs_status code_compile_try_get(struct compiler *compiler, const struct expr_arguments *arguments, size_t column);

/* Array.Sort(variable), Array.Reverse(variable). Only where compiler->body is. */
RS_CHECKED rs_status code_compile_array_order(struct compiler *compiler, bool reverse, const struct expr_arguments *arguments,
                                              size_t column);
/* Array.Copy(from, array, count), Array.Copy(from, index, array, index, count). Only where compiler->body is. */
RS_CHECKED rs_status code_compile_array_copy(struct compiler *compiler, const struct expr_arguments *arguments, size_t column);
/* .CopyTo(array [, index]) of the collection on the stack. Only where compiler->body is. */
RS_CHECKED rs_status code_compile_copy_to(struct compiler *compiler, const struct expr_arguments *arguments, size_t column);

#endif
