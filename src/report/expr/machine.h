/* report/expr/machine.h - the state of a program that runs, shared by eval.c (instructions of expressions) and
 * code_run.c (procedures of <Code>).
 */
#ifndef REPORT_EXPR_MACHINE_H
#define REPORT_EXPR_MACHINE_H

#include "report/expr/program.h"

struct run {
    struct rs_job *job;
    const struct expr_program *program;
    const struct expr_env *env;
    const struct value_culture *culture;
    struct value_rules rules[2]; /* 0: types known at run time; 1: declared */
    struct value *top;           /* the next free place */
    rs_status status;            /* set where a text did not find room */
    struct value *locals;        /* of the procedure of <Code> that runs; NULL in an expression */
};

/* `stack`: room for program->stack values. */
void machine_init(struct run *run, struct rs_job *job, const struct expr_program *program, const struct expr_env *env,
                  struct value *stack);

/* One instruction: quick ones return true; jumps decide (see eval.c); all others step. What an instruction leaves is
 * run->top[-1]. */
bool machine_quick_step(struct run *run, const struct expr_instruction *instruction);
bool machine_decide(struct run *run, const struct expr_instruction *instruction, struct value *error);
rs_status machine_step(struct run *run, const struct expr_instruction *instruction);

static inline bool machine_is_jump(const struct expr_instruction *instruction)
{
    return instruction->code >= EXPR_CODE_JUMP && instruction->code <= EXPR_CODE_JUMP_SOMETHING;
}

rs_status machine_call(struct run *run, expr_function *function, const struct value *arguments, int count,
                       struct value *out);
/* A member of members.def: first row with the name, the object as argument 0. */
rs_status machine_call_member(struct run *run, int32_t first, const struct value *arguments, int count, struct value *out);
/* from(indexes) */
struct value machine_index(struct run *run, struct value from, const struct value *indexes, int count);

/* ---- code_run.c, code_object.c ------------------------------------------------------------- */

/* An instruction of <Code> that leaves a value. */
rs_status code_step(struct run *run, const struct expr_instruction *instruction);
/* left & right in a procedure where left is long: false where the caller should join. */
bool code_join(struct run *run, struct value left, rs_text right, struct value *out);
/* The items of an array sorted, as Array.Sort does, or turned around. */
struct value code_array_order(struct run *run, struct value array, bool reverse);
/* Array.Copy: collection, index, array, index, count or Nothing for all; the array. */
struct value code_copy_items(struct run *run, const struct value *five);
/* Regex.Match(...), or all of Regex.Matches(...). */
struct value code_matches(struct run *run, const struct value *arguments, int count, bool all);
/* An item of CODE_GROUPS, by number or name. */
struct value code_group(const struct value_object *groups, struct value index);
/* regex.Replace(text, replacement) */
expr_function object_regex_replace;
/* object(index) */
struct value code_object_item(struct rs_job *job, struct value object, struct value index);

#endif
