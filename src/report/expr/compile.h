/* report/expr/compile.h - turn one VB expression into a program that can run many times.
 *
 * Source:  [MS-RDL] expressions; Visual Basic language specification, operator precedence.
 */
#ifndef REPORT_EXPR_COMPILE_H
#define REPORT_EXPR_COMPILE_H

#include "base/job.h"
#include "report/value/value.h"

struct expr_program; /* read-only once compiled; lives in the memory of the job that compiled it */

/* An aggregate call as it stands in an expression. Whoever runs the program computes it (report/compute). */
enum expr_aggregate_kind {
    EXPR_SUM, EXPR_AVG, EXPR_MIN, EXPR_MAX, EXPR_COUNT, EXPR_COUNT_DISTINCT, EXPR_COUNT_ROWS,
    EXPR_STDEV, EXPR_STDEVP, EXPR_VAR, EXPR_VARP, EXPR_FIRST, EXPR_LAST, EXPR_PREVIOUS,
    EXPR_RUNNING_VALUE, EXPR_ROW_NUMBER, EXPR_AGGREGATE,
    EXPR_LEVEL, EXPR_IN_SCOPE, /* scope functions: no argument but the scope */
};

struct expr_aggregate {
    enum expr_aggregate_kind kind;
    enum expr_aggregate_kind running; /* EXPR_RUNNING_VALUE: the function that runs, EXPR_SUM ... */
    const struct expr_program *argument; /* what is aggregated; NULL for CountRows, RowNumber, Level, InScope */
    rs_text scope;       /* a data set, data region or group name; empty: the innermost scope */
    bool scope_is_nothing; /* the scope was given as Nothing: the outermost (RowNumber, RunningValue) */
    bool recursive;      /* Sum(x, "G", Recursive) */
    bool contains_aggregate; /* the argument holds an aggregate: an aggregate of aggregates */
    size_t column;       /* 1-based column in the source, for messages */
};

/* Lookup(source, destination, result, "DataSet") and its relatives. `destination` and `result` run over rows of the
 * other data set. */
enum expr_lookup_kind { EXPR_LOOKUP, EXPR_LOOKUP_SET, EXPR_MULTI_LOOKUP };

struct expr_lookup {
    enum expr_lookup_kind kind;
    const struct expr_program *destination, *result;
    rs_text data_set;
    size_t column;
};

/* What an expression may name, and what happens when it does: `publish` fills it. A callback that does not know a
 * name returns -1 and compilation fails with the name, its column and what would mend it; otherwise it gives
 * the slot the program will ask for at run time (expr/eval.h). Names compare without case. */
enum expr_collection {
    EXPR_FIELDS, EXPR_PARAMETERS, EXPR_REPORT_ITEMS, EXPR_VARIABLES, EXPR_DATA_SETS, EXPR_DATA_SOURCES,
    EXPR_SELF, /* Me.Value, or Value alone, in the style of a text box: asked with the name "Value"; the slot goes to
                * expr_env.report_item */
};

struct expr_names {
    void *data; /* handed to each callback */
    int (*find)(void *data, enum expr_collection collection, rs_text name);
    int (*aggregate)(void *data, const struct expr_aggregate *call); /* -1: not allowed here; `refused` may say why */
    int (*lookup)(void *data, const struct expr_lookup *call);
    /* The fields inside the argument of an aggregate that names a scope, and inside destination and result of Lookup, are
     * those of another data set: called with the name of the scope (a data set, region or group) or data set before they
     * are compiled, and with an empty name afterwards, which restores the surrounding data set. Calls nest. False:
     * the name is unknown (go on: the callback of the call itself refuses it). NULL where there are no data sets. */
    bool (*enter_data_set)(void *data, rs_text data_set);
    rs_text refused;     /* a callback that returns -1 may leave the reason here, in the compiling job's memory */
    bool allow_page_globals; /* PageNumber, TotalPages ...: page header and footer only */
    /* The name of entry `index` of a collection, false behind the last: for names that are only known at run time,
     * Fields(Parameters!Column.Value).Value. May be NULL: such an expression is then refused. */
    bool (*list)(void *data, enum expr_collection collection, size_t index, rs_text *name);
    bool inside_lookup;  /* kept by the compiler: false at first */
    const struct expr_code *code; /* members of the report's <Code>; NULL where there are none */
    bool uses_code;      /* set by the compiler where an expression names a member of it */
};

/* Compile `source`, the text after the '='.
 *
 * names  read now, not kept.
 * out    written only on success; lives as long as the job.
 *
 * Fails with EXPR_SYNTAX, EXPR_UNKNOWN_NAME or, for what is valid but not done here (members of <Code>, of custom
 * assemblies), EXPR_UNSUPPORTED; the message gives the 1-based column in `source`, counted in characters.
 */
RS_CHECKED rs_status expr_compile(struct rs_job *job, rs_text source, struct expr_names *names,
                                  struct expr_program **out);

/* A program that always gives `constant` (which is copied): for values without '='. */
struct expr_program *expr_constant(struct rs_job *job, struct value constant);

/* What a program is, so that callers can take short cuts. */
bool expr_is_constant(const struct expr_program *program, struct value *constant);
int expr_is_field(const struct expr_program *program); /* slot of =Fields!X.Value, or -1 */
bool expr_uses_page_globals(const struct expr_program *program);
bool expr_uses_report_items(const struct expr_program *program);
bool expr_uses_fields(const struct expr_program *program);
/* Whether it looks at nothing but fields, parameters and what is the same in the whole report, and calls no <Code>, which may
 * remember: its value is that of its row, whenever it is asked for. */
bool expr_is_of_row(const struct expr_program *program);

#endif
