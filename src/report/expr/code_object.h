/* report/expr/code_object.h - objects of <Code>, shared by code_object.c (collections, StringBuilder, exceptions) and code_regex.c.
 */
#ifndef REPORT_EXPR_CODE_OBJECT_H
#define REPORT_EXPR_CODE_OBJECT_H

#include "report/expr/call.h"
#include "report/expr/code_program.h"

/* An empty one, which lives as long as `memory`. */
struct value code_object_make(struct rs_job *memory, enum code_object_kind kind);

/* The object that a member belongs to; NULL where argument 0 is none of that kind. */
static inline struct value_object *code_object_of(const struct expr_call *call, unsigned kinds)
{
    struct value v = call->arguments[0];

    return v.kind == VALUE_OBJECT && v.object && kinds >> v.object->kind & 1 ? v.object : NULL;
}

#define OBJECT_OR_FAIL(name, call, kinds)                                                      \
    struct value_object *name = code_object_of((call), (kinds));                               \
    if (!name)                                                                                 \
        return EXPR_ERROR("this object has no such member")

#endif
