/* report/expr/code_program.h - what compiling <Code> makes: procedures, variables, and their names.
 */
#ifndef REPORT_EXPR_CODE_PROGRAM_H
#define REPORT_EXPR_CODE_PROGRAM_H

#include "base/map.h"
#include "base/vec.h"
#include "report/expr/code.h"
#include "report/expr/program.h"
#include "report/expr/tree.h"

#define CODE_CALLS_MAX 400   /* calls inside one another while running */
#define CODE_BLOCKS_MAX 100  /* blocks inside one another */
#define CODE_PARAMETERS_MAX 60
#define CODE_INSTRUCTIONS_MAX 100000 /* of one procedure */

/* A declared type. */
struct code_type {
    int row;       /* of expr_types; -1: Object, or a class */
    bool is_array; /* of it; a value of the type itself is not converted then */
};

#define CODE_OBJECT ((struct code_type){.row = -1})

struct code_parameter {
    rs_text name;
    struct code_type type;
    bool optional, by_ref, rest; /* rest: ParamArray */
    struct value otherwise;      /* of an optional one that is not given */
};

/* An error in [from, to) goes on at `target`. */
struct code_handler {
    size_t from, to, target;
    int slot; /* takes the exception; -1: nobody asks */
};

struct code_procedure {
    rs_text name;
    int number;
    unsigned line;
    bool is_sub, has_by_ref;
    struct code_type type; /* of the result */
    struct code_parameter *parameters;
    size_t parameter_count, least; /* least: that must be given */
    const struct expr_token *body; /* first token behind the declaration */
    struct expr_program *program;
    struct code_type *slots;       /* 0: the result, then the parameters, then other variables */
    size_t slot_count;
    struct code_handler *handlers; /* inner ones first */
    size_t handler_count;
    rs_text broken;                /* why it cannot run; empty where it can */
};

struct code_variable {
    rs_text name;
    struct code_type type;
    bool read_only;   /* Const */
    bool is_constant; /* `constant` is known when the report is compiled */
    struct value constant;
    int slot;
};

/* A name: a variable, procedures that differ in their parameters, or a property. */
struct code_member {
    rs_text name;
    struct code_variable *variable;         /* or NULL */
    RS_VEC(struct code_procedure *) procedures;
    struct code_procedure *setter;          /* of a property, or NULL */
    bool is_property;
};

struct expr_code {
    struct rs_map *members; /* -> struct code_member, without case */
    RS_VEC(struct code_procedure *) procedures;
    RS_VEC(struct code_variable *) variables;
    RS_VEC(struct expr_code_problem) problems;
    struct code_procedure *initial; /* sets the variables */
    struct code_procedure *on_init; /* Sub OnInit, or NULL */
};

/* The classes that New makes here; Visual Basic's names without namespace. */
enum code_object_kind { CODE_LIST, CODE_TABLE, CODE_BUILDER, CODE_EXCEPTION, CODE_STACK, CODE_QUEUE, CODE_PAIR };

struct code_class {
    const char *name;
    enum code_object_kind kind;
    bool strict;     /* a key that is not there is an error, not Nothing */
    bool is_type;    /* names a type only: New is refused */
};

extern const struct code_class code_classes[];
extern const size_t code_class_count;

/* The row of a class, or -1; any ...Exception is one. */
int code_find_class(rs_text name);

/* ---- running ------------------------------------------------------------------------------- */

/* Text that grows at its end: s = s & x in a loop takes the time of what it adds. */
struct code_growing {
    char *bytes;
    size_t used, room;
};

struct expr_code_state {
    const struct expr_code *code;
    struct rs_job *memory;
    struct value *variables;
    struct value returned[CODE_PARAMETERS_MAX]; /* what the last call with ByRef parameters left in them */
    struct code_growing growing; /* in the memory of the job of the outermost call */
    unsigned depth;
    bool is_ready;
    struct value failed;         /* why the variables could not be initialised; null where they could */
};

/* `v` in memory that lives as long as the run. Arrays that are already there keep their identity. */
struct value code_keep(struct rs_job *memory, struct value v);
#define CODE_IS_KEPT 0x10 /* in value.flags, VALUE_ARRAY: it lives as long as the run and may be written */

struct value code_object_create(struct rs_job *memory, const struct code_class *class, struct expr_call *call);
struct value code_exception(struct rs_job *memory, struct value error);
/* What Throw throws. */
struct value code_thrown(struct rs_job *job, struct value exception);
struct value code_object_set_item(struct expr_call *call, struct value object, struct value index, struct value v);
/* For Each: how many, and which. Arrays and text too. */
struct value code_each_count(struct value collection);
struct value code_each_item(struct rs_job *job, struct value collection, int64_t index);

#endif
