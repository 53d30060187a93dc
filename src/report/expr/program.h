/* report/expr/program.h - what the compiler makes and the evaluator runs: instructions for a stack of values.
 *
 * An instruction takes its operands from the top of the stack and leaves one value there, unless its comment says
 * otherwise. The first VALUE_ERROR ends the program and is its result, as an exception does.
 */
#ifndef REPORT_EXPR_PROGRAM_H
#define REPORT_EXPR_PROGRAM_H

#include "report/expr/eval.h"
#include "report/expr/lex.h"
#include "report/value/convert.h"

enum expr_opcode {
    /* operand: */
    EXPR_CODE_CONSTANT,        /* index of a constant */
    EXPR_CODE_FIELD,           /* slot */
    EXPR_CODE_FIELD_MISSING,   /* slot */
    EXPR_CODE_PARAMETER,       /* slot */
    EXPR_CODE_PARAMETER_LABEL, /* slot */
    EXPR_CODE_PARAMETER_COUNT, /* slot */
    EXPR_CODE_PARAMETER_MULTI, /* slot */
    EXPR_CODE_VARIABLE,        /* slot */
    EXPR_CODE_REPORT_ITEM,     /* slot */
    EXPR_CODE_SOURCE_PROPERTY, /* slot; count: (collection << 16) + constant of the property's name */
    EXPR_CODE_NOTHING,         /* slot; a property that no data source fills */
    EXPR_CODE_NAMED,           /* name table; count: one of the codes above; takes the name from the stack */
    EXPR_CODE_GLOBAL,          /* enum expr_global */
    EXPR_CODE_DEVICE_SETTING,  /* takes the name */
    EXPR_CODE_AGGREGATE,       /* slot */
    EXPR_CODE_LOOKUP,          /* slot; takes the source */
    EXPR_CODE_SET_VARIABLE,    /* slot; takes the value, leaves True */
    EXPR_CODE_BINARY,          /* enum expr_op; takes two */
    EXPR_CODE_UNARY,           /* enum expr_op; takes one */
    EXPR_CODE_CONCATENATE,     /* takes `count` and joins their texts */
    EXPR_CODE_ADD,             /* takes `count` and adds from the left */
    EXPR_CODE_IS_NOTHING,      /* 1: IsNot */
    EXPR_CODE_TO_BOOLEAN,
    EXPR_CODE_JUMP,            /* where to; takes and leaves nothing */
    EXPR_CODE_JUMP_UNLESS,     /* where to if the Boolean it takes is False; leaves nothing */
    EXPR_CODE_JUMP_FALSE,      /* AndAlso: where to, leaving False; else takes it */
    EXPR_CODE_JUMP_TRUE,       /* OrElse */
    EXPR_CODE_JUMP_NOTHING,    /* a?.b: where to, if a is Nothing; leaves a */
    EXPR_CODE_JUMP_SOMETHING,  /* If(a, b): where to, leaving a, unless it is Nothing */
    EXPR_CODE_CALL,            /* row of functions.def; takes `count` */
    EXPR_CODE_MEMBER,          /* first row of members.def with the name; takes the object and `count` - 1 */
    EXPR_CODE_INDEX,           /* takes the array and `count` - 1 indexes */
    EXPR_CODE_ARRAY,           /* takes `count` */
    EXPR_CODE_CAST,            /* type; count: CType, DirectCast or TryCast */
    EXPR_CODE_TYPE_IS,         /* type; count: 1 for IsNot */
    /* <Code>: values (code_run.c) */
    EXPR_CODE_REFUSED,         /* constant: the message of the error that this is */
    EXPR_CODE_LOCAL,           /* slot of the procedure */
    EXPR_CODE_SHARED,          /* a variable of <Code> */
    EXPR_CODE_CALL_CODE,       /* procedure; takes `count` */
    EXPR_CODE_CALL_FORM,       /* the same, of the forms that take `count` the one whose types fit best */
    EXPR_CODE_RETURNED,        /* parameter: what the last call left in it (ByRef) */
    EXPR_CODE_TRY_CALL,        /* row of functions.def; takes `count`; Nothing where it fails */
    EXPR_CODE_ORDER,           /* 0: sorts the array it takes, 1: turns it around; leaves it */
    EXPR_CODE_COPY_ITEMS,      /* takes collection, index, array, index, count or Nothing; leaves the array, filled */
    EXPR_CODE_MATCHES,         /* 0: Regex.Match, 1: Regex.Matches; takes `count` */
    EXPR_CODE_REST,            /* ParamArray: takes `count` and makes an array, unless the one is an array */
    EXPR_CODE_CONVERT,         /* type: what assigning to a variable of it does */
    EXPR_CODE_NEW_OBJECT,      /* row of code_classes; takes `count` */
    EXPR_CODE_NEW_ARRAY,       /* type or -1; takes `count` upper bounds */
    EXPR_CODE_RESIZE,          /* type or -1; takes an array and its new upper bound */
    EXPR_CODE_SET_ITEM,        /* takes a collection, `count` - 2 indexes, a value; leaves the collection */
    EXPR_CODE_COUNTS,          /* For: takes counter, limit and step; is there another turn? */
    EXPR_CODE_EACH_COUNT,      /* For Each: takes a collection; how many items has it? */
    EXPR_CODE_EACH_ITEM,       /* For Each: takes a collection and an index */
    EXPR_CODE_FAILURE,         /* Throw: takes a text or an exception and fails */
    EXPR_CODE_CAUGHT,          /* Catch ... As: constant of a class; takes the exception: is it one? */
    EXPR_CODE_OWN_MEMBER,      /* constant of its name; takes an object and `count` - 1: of a type of <Code>, or any */
    EXPR_CODE_OWN_FIELD,       /* place in the object it takes, which is one of a type of <Code> */
    EXPR_CODE_OWN_IS,          /* type of <Code>; count: 0 TypeOf Is, 1 IsNot, 2 TryCast */
    EXPR_CODE_OWN_NAME,        /* Enum of <Code>; takes a value of it and leaves its name */
    EXPR_CODE_NEW_OWN,         /* type of <Code>; takes `count` */
    EXPR_CODE_SET_MEMBER,      /* constant of its name; takes an object and a value; leaves the object */
    EXPR_CODE_ADD_ITEM,        /* From: takes a collection and `count` - 1; leaves the collection */
    EXPR_CODE_ERR,             /* enum expr_err; takes `count` */
    /* <Code>: statements, which leave nothing; in procedures only */
    EXPR_CODE_SET_LOCAL,       /* slot; takes one */
    EXPR_CODE_SET_SHARED,      /* a variable of <Code>; takes one */
    EXPR_CODE_SET_FIELD,       /* place in the procedure's object; takes one */
    EXPR_CODE_DROP,            /* takes one */
    EXPR_CODE_ON_ERROR,        /* enum expr_on_error, or EXPR_ON_ERROR_GO + where to */
    EXPR_CODE_RESUME,          /* enum expr_resume */
    EXPR_CODE_LOOP,            /* a turn of a loop: the job may stop here */
    EXPR_CODE_END,             /* the procedure ends; slot 0 is its result */
};

enum expr_instruction_flag {
    EXPR_TYPED = 1, /* both types are known when the expression is compiled: whole numbers overflow */
    EXPR_SAME = 2,  /* EXPR_CODE_SET_LOCAL: a Structure is not copied */
};

enum expr_on_error { EXPR_ON_ERROR_CLEAR = -2 /* GoTo -1 */, EXPR_ON_ERROR_NEXT, EXPR_ON_ERROR_NONE, EXPR_ON_ERROR_GO };
enum expr_resume { EXPR_RESUME_SAME, EXPR_RESUME_NEXT, EXPR_RESUME_ELSEWHERE };
enum expr_err { EXPR_ERR_NUMBER, EXPR_ERR_DESCRIPTION, EXPR_ERR_SOURCE, EXPR_ERR_CLEAR, EXPR_ERR_RAISE };

struct expr_instruction {
    uint16_t code; /* enum expr_opcode */
    uint16_t flags;
    int32_t operand;
    int32_t count;
};

enum expr_global {
    EXPR_GLOBAL_EXECUTION_TIME, EXPR_GLOBAL_REPORT_NAME, EXPR_GLOBAL_REPORT_FOLDER, EXPR_GLOBAL_REPORT_SERVER_URL,
    EXPR_GLOBAL_PAGE_NUMBER, EXPR_GLOBAL_TOTAL_PAGES, EXPR_GLOBAL_OVERALL_PAGE_NUMBER,
    EXPR_GLOBAL_OVERALL_TOTAL_PAGES, EXPR_GLOBAL_PAGE_NAME, EXPR_GLOBAL_FORMAT_NAME, EXPR_GLOBAL_FORMAT_INTERACTIVE,
    EXPR_GLOBAL_USER_ID, EXPR_GLOBAL_LANGUAGE,
};

/* Names of a collection and their slots, for names that are only known at run time. */
struct expr_name_table {
    const char *collection;
    const rs_text *names;
    const int *slots; /* -1: cannot be used here */
    size_t count;
};

struct expr_program {
    const struct expr_instruction *code;
    size_t count;
    const struct value *constants;
    const struct expr_name_table *tables;
    size_t stack; /* values it needs at most */
    bool uses_fields, uses_page_globals, uses_report_items, contains_aggregate;
};

/* ---- functions.def ------------------------------------------------------------------------- */

/* What a function sees of its call. */
struct expr_call {
    struct rs_job *job;
    const struct value_rules *rules;
    const struct value_culture *culture;
    const struct expr_globals *globals; /* or NULL */
    const struct value *arguments;
    int count;
    struct value error; /* of the argument that could not be converted; see report/expr/call.h */
    rs_status status;   /* set where the job must stop */
};

typedef struct value expr_function(struct expr_call *call);

/* When may a call with constant arguments be computed by the compiler? Conversions between text and numbers or
 * dates depend on the culture, so the kinds of the arguments decide. */
enum expr_folding {
    EXPR_LIVE,       /* never: depends on culture, clock or chance */
    EXPR_FOLD_TEXT,  /* where all are text, whole numbers >= 0, Booleans or Nothing */
    EXPR_FOLD_NUMBER /* where all are numbers, Booleans or Nothing */
};

/* What is known of the result's type when the expression is compiled. */
enum expr_typing {
    EXPR_OBJECT, /* nothing */
    EXPR_STRICT, /* it is declared */
    EXPR_LATE,   /* declared where the arguments' types are: overloads are chosen by them */
};

struct expr_function_row {
    const char *module;     /* a name of modules.def */
    const char *name;
    expr_function *function;
    const char *parameters; /* "a, b, [optional], ..." */
    enum expr_folding folding;
    enum expr_typing typing;
};

extern const struct expr_function_row expr_functions[];
extern const size_t expr_function_count;

/* Members of values: .Length, .AddDays(1). Rows of one name stand together; the first whose kinds and number of
 * parameters fit is called, with the object as argument 0. */
struct expr_member_row {
    uint32_t kinds; /* bits 1 << enum value_kind */
    const char *name;
    expr_function *function;
    const char *parameters; /* without the object */
    enum expr_typing typing;
};

extern const struct expr_member_row expr_members[];
extern const size_t expr_member_count;

/* The first row with the name, or -1. */
int expr_find_member(rs_text name);

/* A member that Nothing has: those of a Nullable. */
bool expr_member_of_nothing(int row);

/* How many arguments a list of parameters takes; most = -1: any number. */
void expr_parameters_range(const char *parameters, int *least, int *most);

/* An argument that was left out, f(1, , 3). */
#define EXPR_LEFT_OUT 0x80 /* in value.flags, with VALUE_NULL */
/* Marks that tell overloads apart: Round(x, 1) and Round(x, MidpointRounding.AwayFromZero); String.Format with and
 * without a culture in front. */
#define EXPR_IS_MODE 0x40    /* VALUE_INTEGER: a MidpointRounding or StringComparison */
#define EXPR_IS_CULTURE 0x20 /* VALUE_TEXT: a CultureInfo, by name */
#define EXPR_IS_ZONE 0x10    /* VALUE_TEXT: a TimeZoneInfo, by name */

/* ---- types --------------------------------------------------------------------------------- */

struct expr_type_row {
    const char *name;      /* as written, without namespace */
    const char *full_name; /* of .NET */
    int kind;              /* enum value_kind; VALUE_KINDS: Object */
    expr_function *convert; /* CType */
};

extern const struct expr_type_row expr_types[];
extern const size_t expr_type_count;

/* ---- running ------------------------------------------------------------------------------- */

/* expr_eval without its short cuts. */
rs_status expr_run(struct rs_job *job, const struct expr_program *program, const struct expr_env *env,
                   struct value *out);

#endif
