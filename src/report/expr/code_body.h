/* report/expr/code_body.h - the state of compiling <Code>, shared by code_declare.c (members), code_statement.c
 * (simple statements), code_block.c (If, loops, Try) and code_names.c (what a name means).
 *
 * One pass: a statement is compiled as it is read, so a variable is known from its Dim on.
 */
#ifndef REPORT_EXPR_CODE_BODY_H
#define REPORT_EXPR_CODE_BODY_H

#include "report/expr/code_program.h"
#include "report/expr/compiler.h"
#include "report/expr/parse.h"

struct code_local {
    rs_text name;
    struct code_type type;
    int slot;              /* of the procedure; of the report's variables where is_static */
    bool is_static, is_constant;
    struct value constant;
};

/* A block that Exit, Continue and Return leave. */
struct code_block {
    const char *word;                   /* "For", "Do", "While", "Select", "Try" */
    struct code_block *outer;
    RS_VEC(size_t) exits, continues;    /* jumps */
    const struct expr_token *finally;   /* Try: where its Finally block begins; NULL: none */
};

struct code_label {
    rs_text name;
    struct code_block *block; /* it stands in; blocks live as long as the job */
    size_t position;
};

struct code_goto {
    struct expr_cursor at;    /* the name */
    unsigned line;
    struct code_block *block;
    size_t jump;
    bool on_error;            /* On Error GoTo: may come from anywhere in the procedure, into no block */
};

/* A Static variable or one of the class, to be set when the run begins. */
struct code_initial {
    struct code_variable *variable;
    const struct code_declarator *declarator;
};

struct code_declarator {
    rs_text name;
    struct code_type type;
    bool has_type;
    unsigned line;
    struct expr_node **bounds; /* Dim a(3, 4): 3 and 4 */
    size_t bound_count;
    struct expr_node *made;    /* As New Hashtable(...) */
    struct expr_node *initial; /* = value */
};

RS_VEC_TYPE(struct code_declarator, code_declarators);
RS_VEC_TYPE(struct code_initial, code_initials);

struct code_body {
    struct rs_job *job;
    struct compiler compiler;
    struct expr_code *code;
    struct code_initials *initials;
    struct code_procedure *procedure;
    struct expr_cursor at;
    unsigned line;                 /* of the statement, in <Code> */
    RS_VEC(struct code_local) locals; /* in sight */
    RS_VEC(struct code_type) slots;
    RS_VEC(struct code_handler) handlers;
    struct code_block *block;
    RS_VEC(struct code_label) labels;
    RS_VEC(struct code_goto) gotos;
    RS_VEC(struct code_range) statements;
    bool on_error;                 /* On Error stands in the procedure */
    int caught;                    /* 1 + the slot of the exception that Throw alone throws again; 0: in no Catch */
    int depth;
};

/* ---- code_declare.c: shared parts ---------------------------------------------------------- */

bool code_at_word(const struct expr_cursor *at, const char *word);
bool code_accept_word(struct expr_cursor *at, const char *word);
bool code_at_line_end(const struct expr_cursor *at);
rs_status code_fail(struct rs_job *job, rs_status status, const struct expr_cursor *at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
RS_CHECKED rs_status code_parse_as(struct rs_job *job, const struct expr_code *code, struct expr_cursor *at,
                                   struct code_type *out);
/* name [(bounds)] [As [New] type] [= value], ... */
RS_CHECKED rs_status code_parse_declarators(struct rs_job *job, const struct expr_code *code, struct expr_cursor *at,
                                            struct code_declarators *out);
struct code_variable *code_add_variable(struct expr_code *code, struct rs_job *job, const struct code_declarator *declarator);

/* ---- code_statement.c ---------------------------------------------------------------------- */

/* Statements up to one that begins with what only the surrounding block may read: End, Else, Next ... */
RS_CHECKED rs_status code_compile_block(struct code_body *body);
RS_CHECKED rs_status code_compile_statement(struct code_body *body);
bool code_at_stop(const struct expr_cursor *at);

struct code_local *code_add_local(struct code_body *body, rs_text name, struct code_type type);
/* A variable that no name reaches. */
int code_add_hidden(struct code_body *body);
/* Leave the value of a declared variable on the stack; *given: there is one. */
RS_CHECKED rs_status code_compile_initial(struct code_body *body, const struct code_declarator *declarator, bool *given);
/* The value on the stack into a variable. */
void code_set_local(struct code_body *body, int slot, struct code_type type);
void code_convert(struct code_body *body, struct code_type type);
RS_CHECKED rs_status code_value(struct code_body *body); /* the expression at the cursor, on the stack */
RS_CHECKED rs_status code_set_name(struct code_body *body, const struct expr_node *node, bool *done);
/* The value on the stack into a variable or an item of one, as after a call that was given it ByRef; *done: false where the node
 * is neither, and the value is still on the stack. */
RS_CHECKED rs_status code_set_target(struct code_body *body, const struct expr_node *node, bool *done);
RS_CHECKED rs_status code_expect_line_end(struct code_body *body);
RS_CHECKED rs_status code_expect_end(struct code_body *body, const char *word);

/* ---- code_label.c -------------------------------------------------------------------------- */

bool code_accept_label(struct code_body *body);
/* On Error GoTo: the label is known when the body is compiled. */
RS_CHECKED rs_status code_jump_to_label(struct code_body *body, bool on_error);
/* Once the body is compiled. */
RS_CHECKED rs_status code_resolve_labels(struct code_body *body);

/* ---- code_block.c -------------------------------------------------------------------------- */

/* The keyword has been read. */
typedef rs_status code_statement(struct code_body *body);
code_statement code_if, code_select, code_for, code_while, code_do, code_with, code_try, code_goto;

/* ---- code_error.c -------------------------------------------------------------------------- */

code_statement code_on_error, code_resume;
/* Err.Number and the like: *done: it is one. */
RS_CHECKED rs_status code_compile_err(struct compiler *compiler, const struct expr_node *node, size_t *next, bool *done);

/* ---- code_names.c -------------------------------------------------------------------------- */

struct code_local *code_find_local(struct code_body *body, rs_text name);
/* A member of the type that the procedure belongs to, or of the class Code. */
struct code_member *code_find_near(struct code_body *body, rs_text name);
struct code_member *code_find_member(const struct expr_code *code, rs_text name);

#endif
