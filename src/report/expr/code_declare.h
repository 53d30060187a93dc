/* report/expr/code_declare.h - the state of reading declarations of <Code>, shared by code_declare.c (members) and
 * code_type.c (Enum, Structure, Class).
 */
#ifndef REPORT_EXPR_CODE_DECLARE_H
#define REPORT_EXPR_CODE_DECLARE_H

#include "report/expr/code_body.h"

struct declaring {
    struct rs_job *job;
    struct expr_code *code;
    struct expr_names *names;
    unsigned first_line;
    struct expr_cursor at;
    struct code_initials initials; /* of the class Code, and of what is Shared */
    struct code_own *own;          /* the type whose members are read; NULL: the class Code */
};

/* What stands in front of a member. */
struct code_modifiers {
    bool any, is_constant, is_shared;
};

/* ---- code_declare.c ------------------------------------------------------------------------ */

/* A failure becomes a problem, unless the job must stop. `why` is the message. */
RS_CHECKED rs_status code_note(struct declaring *d, rs_status status, unsigned line, rs_text member, rs_text *why);
/* Members up to End `word`, which is read; NULL: to the end of the text. */
RS_CHECKED rs_status code_declare_members(struct declaring *d, const char *word);
struct code_member *code_member_called(struct declaring *d, rs_text name);
struct code_procedure *code_add_procedure(struct declaring *d, rs_text name, bool is_sub);
struct code_modifiers code_accept_modifiers(struct expr_cursor *at);
bool code_accept_op(struct expr_cursor *at, enum expr_op op);
void code_skip_line(struct expr_cursor *at);
/* Behind the statement that begins with End and `word`: false where there is none. */
bool code_skip_body(struct declaring *d, const char *word);
/* What `node` gives when the report is compiled, as a value of `type`; *known: it does. `siblings`: constants in sight. */
RS_CHECKED rs_status code_constant(struct declaring *d, const struct expr_node *node, struct code_type type,
                                   const struct code_member *const *siblings, size_t sibling_count, bool *known,
                                   struct value *out);
/* One procedure that sets variables, in order; fields of an object where `own` is given. */
RS_CHECKED rs_status code_compile_initials(struct declaring *d, const struct code_initials *initials, struct code_own *own,
                                           struct code_procedure **out);

/* ---- code_type.c --------------------------------------------------------------------------- */

/* Every type that is declared somewhere, so that one may be named before it. */
void code_find_types(struct declaring *d);
/* An Enum, Structure or Class at the cursor; *done: there is one. */
RS_CHECKED rs_status code_declare_type(struct declaring *d, bool *done);
/* The fields of objects, once all members are known. */
RS_CHECKED rs_status code_finish_types(struct declaring *d);

#endif
