/* tests/unit/report/expr/tree_text.h - a syntax tree as text with every grouping shown, for tests. */
#ifndef TREE_TEXT_H
#define TREE_TEXT_H

#include "base/buf.h"
#include "report/expr/tree.h"

/* "(+ 1 (* 2 3))" */
void tree_text(const struct expr_node *node, rs_buf *out);

#endif
