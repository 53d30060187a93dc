/* report/expr/code.h - the report's <Code>: Visual Basic members of one class, whose one instance is called Code.
 *
 * Compiled once with the report and read-only then; what changes while a report runs, its variables and objects, is a
 * separate expr_code_state, which the expr_env of every expression of that run points to.
 *
 * Source:  Visual Basic language specification, members and statements; [MS-RDL] Code.
 */
#ifndef REPORT_EXPR_CODE_H
#define REPORT_EXPR_CODE_H

#include "report/expr/compile.h"

struct expr_code;
struct expr_code_state;

/* A member that does not compile. The others do; whoever calls this one gets #Error with the message. Or a warning, of a
 * call that is an error where it runs: MsgBox and the like. */
struct expr_code_problem {
    rs_status status; /* EXPR_SYNTAX, EXPR_UNKNOWN_NAME, EXPR_UNSUPPORTED; RS_OK: a warning */
    unsigned line;    /* in the file: 1-based, counted from `first_line` */
    rs_text member;   /* "BlankZero"; empty outside of members */
    rs_text message;  /* with the column in the line */
};

struct expr_code_problems {
    const struct expr_code_problem *items;
    size_t count;
};

/* Compile the members in `source`.
 *
 * first_line  where `source` begins in the file.
 * names       what Report.Parameters, Report.Globals and Report.User may name; asked now, not kept. Fields, report items,
 *             aggregates and lookups are not asked for: Code does not see them.
 *
 * Fails only where the job must stop or the text is too long; what is wrong in it is in expr_code_problems.
 */
RS_CHECKED rs_status expr_code_compile(struct rs_job *job, rs_text source, unsigned first_line,
                                       struct expr_names *names, struct expr_code **out);
struct expr_code_problems expr_code_problems(const struct expr_code *code);

/* Members that can be called or read: for messages and statistics. */
size_t expr_code_member_count(const struct expr_code *code);

/* The declared type of a parameter of the first form of a member, an enum value_kind; VALUE_NULL: Object, or there is none. */
enum value_kind expr_code_parameter_kind(const struct expr_code *code, rs_text member, size_t index);

/* Variables of one run, not yet initialised: they are when an expression first names a member. Everything that Code
 * keeps lives in `memory`, a job that must be within (or be) the job that evaluates. */
struct expr_code_state *expr_code_start(struct rs_job *memory, const struct expr_code *code);

#endif
