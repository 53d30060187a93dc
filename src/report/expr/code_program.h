/* report/expr/code_program.h - what compiling <Code> makes: procedures, variables, and their names.
 */
#ifndef REPORT_EXPR_CODE_PROGRAM_H
#define REPORT_EXPR_CODE_PROGRAM_H

#include "base/buf.h"
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
    int row;       /* of expr_types; -1: Object, or a class of .NET; below: see CODE_OWN_ROW */
    bool is_array; /* of it; a value of the type itself is not converted then */
};

#define CODE_OBJECT ((struct code_type){.row = -1})
#define CODE_OWN_ROW(number) (-2 - (number)) /* a type that <Code> declares */

struct code_parameter {
    rs_text name;
    struct code_type type;
    bool optional, by_ref, rest; /* rest: ParamArray */
    struct value otherwise;      /* of an optional one that is not given */
};

/* A statement: the instructions [from, to). */
struct code_range {
    size_t from, to;
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
    bool has_me;                   /* of an object, which is in the slot behind the parameters */
    struct code_own *scope;        /* the type it is a member of, or NULL */
    struct code_type type; /* of the result */
    struct code_parameter *parameters;
    size_t parameter_count, least; /* least: that must be given */
    const struct expr_token *body; /* first token behind the declaration */
    struct expr_program *program;
    struct code_type *slots;       /* 0: the result, then the parameters, then other variables */
    size_t slot_count;
    struct code_handler *handlers; /* inner ones first */
    size_t handler_count;
    struct code_range *statements; /* inner ones first; none where no On Error stands in the procedure */
    size_t statement_count;
    rs_text broken;                /* why it cannot run; empty where it can */
};

struct code_variable {
    rs_text name;
    struct code_type type;
    bool read_only;   /* Const */
    bool is_constant; /* `constant` is known when the report is compiled */
    struct value constant;
    int slot;
    bool is_field;    /* each object has one; `slot` is the place in it */
};

/* A name: a variable, procedures that differ in their parameters, or a property. */
struct code_member {
    rs_text name;
    struct code_variable *variable;         /* or NULL */
    RS_VEC(struct code_procedure *) procedures;
    struct code_procedure *setter;          /* of a property, or NULL */
    bool is_property;
};

/* An Enum, Structure or Class that <Code> declares. */
enum code_own_sort { CODE_ENUM, CODE_STRUCTURE, CODE_CLASS_OF_CODE };

struct code_own {
    rs_text name;
    enum code_own_sort sort;
    int number;
    bool is_declared;                      /* its declaration has been read */
    struct rs_map *members;                /* -> struct code_member, without case; an Enum's are constants */
    RS_VEC(struct code_member *) members_in_order; /* of an Enum */
    RS_VEC(struct code_variable *) fields; /* of each object */
    struct code_initials *initials;        /* what they are set to; while compiling */
    struct code_procedure *initial;        /* sets them */
};

struct expr_code {
    struct rs_map *members; /* -> struct code_member, without case */
    RS_VEC(struct code_own *) own;
    struct rs_map *own_members; /* names of what objects have: whether a member may be one of theirs */
    RS_VEC(struct code_procedure *) procedures;
    RS_VEC(struct code_variable *) variables;
    RS_VEC(struct expr_code_problem) problems;
    unsigned first_line;            /* in the file */
    struct code_procedure *initial; /* sets the variables */
    struct code_procedure *on_init; /* Sub OnInit, or NULL */
};

/* The classes that New makes here; Visual Basic's names without namespace. */
enum code_object_kind {
    CODE_LIST, CODE_TABLE, CODE_SET, CODE_BUILDER, CODE_EXCEPTION, CODE_STACK, CODE_QUEUE, CODE_PAIR,
    CODE_REGEX, CODE_MATCH, CODE_GROUPS,
    CODE_INSTANCE, /* of a code_own */
};

struct code_class {
    const char *name;
    enum code_object_kind kind;
    bool strict;     /* a key that is not there is an error, not Nothing */
    bool is_type;    /* names a type only: New is refused */
    bool sorted;     /* CODE_TABLE: its entries stand in the order of their keys */
};

extern const struct code_class code_classes[];
extern const size_t code_class_count;

/* The row of a class, or -1; any ...Exception is one. */
int code_find_class(rs_text name);

/* ---- running ------------------------------------------------------------------------------- */

struct value_object {
    enum code_object_kind kind;
    bool strict;
    bool sorted, behind;         /* CODE_TABLE: in the order of its keys; the order is behind, keys were added */
    const struct code_own *own;  /* CODE_INSTANCE: its type; `items` are its fields */
    struct rs_job *memory;
    RS_VEC(struct value) keys;   /* CODE_TABLE, CODE_SET: beside `items`; VALUE_ERROR where the entry was removed */
    RS_VEC(struct value) items;
    size_t removed;              /* entries of a table that were */
    struct rs_map *places;       /* CODE_TABLE, CODE_SET: text of a key -> 1 + its place */
    rs_buf text;                 /* CODE_BUILDER; CODE_EXCEPTION: the message; CODE_REGEX: the pattern */
    rs_text class;               /* CODE_EXCEPTION: "DivideByZeroException" */
};


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
    struct value caught;         /* Err: the error that was handled last; null where none was */
    struct value thrown;         /* Throw: its exception; null where none was thrown yet */
    struct value raised;         /* Err.Raise: its error, whose number is */
    int32_t raised_number;
    struct value failed;         /* why the variables could not be initialised; null where they could */
};

/* `v` in memory that lives as long as the run. Arrays that are already there keep their identity. */
struct value code_keep(struct rs_job *memory, struct value v);
#define CODE_IS_KEPT 0x10 /* in value.flags, VALUE_ARRAY: it lives as long as the run and may be written */

/* ---- objects of a type that <Code> declares: code_own.c ------------------------------------- */

struct code_own *code_own_of(const struct expr_code *code, int row); /* NULL: none of <Code>'s */
struct code_own *code_find_own(const struct expr_code *code, rs_text name);
struct value code_instance_create(struct rs_job *memory, const struct code_own *own);
const struct code_own *code_instance_type(struct value v); /* NULL: no such object */
struct value *code_instance_field(struct value instance, int slot);
/* A Structure is copied when it is assigned; all else is what it is. */
struct value code_copy(struct rs_job *memory, struct value v);
/* The form of a member that takes `count` values and whose types fit them best; NULL: none does. */
const struct code_procedure *code_best_form(const struct expr_code *code, const struct code_member *member,
                                            const struct value *arguments, size_t count);

struct value code_object_create(struct rs_job *memory, const struct code_class *class, struct expr_call *call);
/* The exception that an error is, for Catch: `thrown` itself where the error is that of it. */
struct value code_exception(struct rs_job *memory, struct value error, struct value thrown);
/* What Throw throws. */
struct value code_thrown(struct rs_job *job, struct value exception);
/* Whether Catch ... As `class` takes it. */
bool code_exception_is(struct value exception, rs_text class);
/* Number of Visual Basic's run-time error that the text of an error tells of. */
int32_t code_error_number(rs_text error);
/* StringBuilder.Length and the like: whether some object of .NET has it; an error where it cannot be set. */
bool code_object_has_member(rs_text name);
struct value code_object_set_member(struct expr_call *call, struct value object, rs_text name, struct value v);
struct value code_object_set_item(struct expr_call *call, struct value object, struct value index, struct value v);
/* For Each: how many, and which. Arrays and text too. */
struct value code_each_count(struct value collection);
struct value code_each_item(struct rs_job *job, struct value collection, int64_t index);

#endif
