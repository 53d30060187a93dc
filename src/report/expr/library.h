/* report/expr/library.h - the tables that functions.def, constants.def and members.def make. */
#ifndef REPORT_EXPR_LIBRARY_H
#define REPORT_EXPR_LIBRARY_H

#include "report/expr/program.h"

struct expr_constant_row {
    const char *module, *name;
    struct value value;
};

extern const struct expr_constant_row expr_constants[];
extern const size_t expr_constant_count;

#endif
