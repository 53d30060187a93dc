/* tests/unit/report/expr/world.h - a small report for expressions to run in: one row, parameters, globals, and
 * aggregates whose value is the text of their call.
 */
#ifndef WORLD_H
#define WORLD_H

#include "base/buf.h"
#include "base/vec.h"
#include "report/expr/eval.h"

struct world {
    struct rs_job *job;      /* keeps what was registered */
    bool any_name;           /* every name is known: for compiling what others wrote */
    struct expr_names names;
    struct expr_env env;
    struct expr_globals globals;
    RS_VEC(rs_text) aggregates; /* by slot: the call as text */
    RS_VEC(rs_text) lookups;
    rs_text entered;         /* the data set of the lookup that is being compiled */
    size_t found;            /* names asked for where any is known */
};

/* Fields (slot, name, value):  0 Name "Ann"  1 Qty 3  2 Price 12.50D  3 Ratio 0.25  4 Big 3000000000L
 *   5 When 2024-05-31 13:05:09  6 Empty Nothing  7 Gone missing  8 Flag True  9 Text "12.5"  10 Bytes  11 City "São Paulo"
 *   12 Max 2147483647  13 Span 1.02:03:04
 * Parameters:  0 One "x"/"The x"  1 Many {"a", "b", "c"}/{"A", "B", "C"}  2 Number 5  3 None Nothing  4 Column "Qty"
 * Report items: 0 Total 99.  Variables: 0 Rate 1.5.  Me is report item 1, "me".
 * Aggregates give their call as text, lookups too; in data set "Other" the field K has slot 0 and V slot 1. */
void world_init(struct world *world, struct rs_job *job);

/* Where a file of what real reports hold is; false where it is not here. */
bool corpus_path(const char *name, char *out, size_t size);

/* Compile and run. */
rs_status world_eval(struct world *world, rs_text source, struct value *out);

#endif
