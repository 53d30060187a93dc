/* report/expr/compiler.h - the state of one compilation, shared by compile.c (operators and forms), names.c (what
 * stands in a report: fields, parameters, aggregates) and library.c (functions, members, types).
 */
#ifndef REPORT_EXPR_COMPILER_H
#define REPORT_EXPR_COMPILER_H

#include "base/vec.h"
#include "report/expr/program.h"
#include "report/expr/tree.h"

#define EXPR_FOLD_MEMORY_MAX ((size_t)1 << 20) /* bytes that computing one constant may take */

struct compiler {
    struct rs_job *job;
    struct expr_names *names;
    RS_VEC(struct expr_instruction) code;
    RS_VEC(struct value) constants;
    RS_VEC(struct expr_name_table) tables;
    size_t depth, deepest; /* values on the stack, now and at most */
    size_t barrier;        /* a jump ends before this instruction: constants in front of it stay where they are */
    bool typed;            /* the type of the value on top of the stack is known */
    const struct code_own *enumeration; /* <Code>'s that it is of, or NULL */
    struct expr_program *program;
    struct code_body *body; /* the procedure of <Code> that is compiled; NULL in an expression */
};

/* ---- compile.c ----------------------------------------------------------------------------- */

/* Instructions that leave the value of `node` on the stack. */
RS_CHECKED rs_status compile_node(struct compiler *compiler, const struct expr_node *node);

/* A program of its own: the argument of an aggregate. */
RS_CHECKED rs_status compile_program(struct rs_job *job, const struct expr_node *node, struct expr_names *names,
                                     struct expr_program **out);

/* What was compiled as the program that compiler->program points to. */
void compile_finish(struct compiler *compiler);

/* An instruction that leaves nothing. */
void emit_statement(struct compiler *compiler, enum expr_opcode code, int32_t operand, int taken);
/* A jump that takes `taken` values and whose target comes later; gives where it stands. */
size_t emit_jump(struct compiler *compiler, enum expr_opcode code, int taken);
void land_jump(struct compiler *compiler, size_t jump);
/* A jump back to `target`. */
void emit_jump_back(struct compiler *compiler, size_t target);
void emit_binary(struct compiler *compiler, enum expr_op op, bool typed);

/* Append an instruction that takes `taken` values and leaves one. */
void emit(struct compiler *compiler, enum expr_opcode code, int32_t operand, int32_t count, int taken);
/* The same; computed now where all it takes are constants that `folding` accepts. */
void emit_folded(struct compiler *compiler, enum expr_opcode code, int32_t operand, int32_t count, int taken,
                 enum expr_folding folding);
void emit_constant(struct compiler *compiler, struct value constant);
int32_t add_constant(struct compiler *compiler, struct value constant);

/* The constant on top of the stack, if it is one; `take_constant` removes it. */
bool top_constant(const struct compiler *compiler, struct value *out);
void take_constant(struct compiler *compiler);

/* ---- names.c ------------------------------------------------------------------------------- */

/* Fields, Parameters, aggregates ...: *done tells whether the name belongs to a report. `next` is the first suffix
 * that was not read. */
RS_CHECKED rs_status compile_report_name(struct compiler *compiler, const struct expr_node *node, size_t *next,
                                         bool *done);

/* ---- code_names.c -------------------------------------------------------------------------- */

/* A name inside <Code>: a local variable, a member. *done: it is one. */
RS_CHECKED rs_status code_compile_name(struct compiler *compiler, const struct expr_node *node, size_t *next, bool *done);
/* Code.Name: suffix *next is the name. */
RS_CHECKED rs_status code_compile_qualified(struct compiler *compiler, const struct expr_node *node, size_t *next);
/* .name(arguments) on the value on the stack, where an object of a type of <Code> may have it. *done: it may. */
RS_CHECKED rs_status code_compile_own_member(struct compiler *compiler, const struct expr_node *node, size_t index,
                                             size_t *next, bool *done);
/* The number of a type of <Code>, or -1. */
int code_own_number(const struct compiler *compiler, rs_text name);
/* What stands in braces behind New, for the object on the stack. */
RS_CHECKED rs_status code_compile_initializer(struct compiler *compiler, const struct expr_arguments *items);
/* New Hashtable(...): *done: the type is a class of <Code>'s collections. */
/* A call of what no report can do: an error where it runs, and a warning. Only in <Code>. */
RS_CHECKED rs_status code_compile_refused(struct compiler *compiler, const struct expr_node *node, size_t *next, rs_text why);
RS_CHECKED rs_status code_compile_new(struct compiler *compiler, const struct expr_node *node, bool *done);

/* ---- library.c ----------------------------------------------------------------------------- */

/* A function, constant or static member: Left(...), Math.PI, System.String.Format(...). */
RS_CHECKED rs_status compile_library_name(struct compiler *compiler, const struct expr_node *node, size_t *next);
/* .name or .name(arguments): suffix `index`; *next is the one behind. */
RS_CHECKED rs_status compile_member(struct compiler *compiler, const struct expr_node *node, size_t index, size_t *next);
RS_CHECKED rs_status compile_new(struct compiler *compiler, const struct expr_node *node);

/* The row of a type, or -1. */
int find_type(rs_text name);

/* A literal as a value. */
RS_CHECKED rs_status expr_literal(struct rs_job *job, const struct expr_token *token, struct value *out);

#endif
