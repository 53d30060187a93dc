/* report/expr/tree.h - the syntax tree between parser and compiler.
 *
 * A run of left-associative operators leans to the left without a limit, so whoever walks the tree follows `left`
 * in a loop; every other child is at most EXPR_DEPTH_MAX deep.
 */
#ifndef REPORT_EXPR_TREE_H
#define REPORT_EXPR_TREE_H

#include "report/expr/lex.h"

#define EXPR_DEPTH_MAX 200 /* parentheses, calls and unary operators inside one another */
#define EXPR_SUFFIX_MAX 200 /* members, indexes and calls behind one value */

enum expr_node_kind {
    EXPR_NODE_LITERAL, /* token */
    EXPR_NODE_CHAIN,   /* a name, or `left` where `name` is empty, and what follows it: .x !x (x) */
    EXPR_NODE_UNARY,   /* op left */
    EXPR_NODE_BINARY,  /* left op right */
    EXPR_NODE_ARRAY,   /* {items} */
    EXPR_NODE_NEW,     /* New type(items); op: EXPR_OP_OPEN_BRACE for New type(bounds) {}; `initial` */
    EXPR_NODE_CAST,    /* CType(left, type), DirectCast, TryCast: op */
    EXPR_NODE_TYPE_OF, /* TypeOf left Is type; op: EXPR_OP_IS or EXPR_OP_IS_NOT */
    EXPR_NODE_GET_TYPE, /* GetType(type) */
    EXPR_NODE_IF,      /* If(items): two or three */
};

struct expr_argument {
    struct expr_node *value; /* NULL: left out, f(1, , 3) */
    rs_text name;            /* f(name:=1), or empty */
    size_t column;
};

struct expr_arguments {
    struct expr_argument *items;
    size_t count;
};

struct expr_suffix {
    enum expr_op op;    /* EXPR_OP_DOT, EXPR_OP_BANG or EXPR_OP_OPEN */
    bool conditional;   /* ?.x: Nothing where what it hangs on is Nothing */
    rs_text name;       /* of .x and !x */
    struct expr_arguments arguments;
    size_t column;
};

struct expr_type {
    rs_text name;  /* as written, with dots, without blanks */
    bool is_array; /* Type() */
    bool is_nullable; /* Type? */
};

struct expr_node {
    enum expr_node_kind kind;
    enum expr_op op;
    size_t column;
    struct expr_token token;
    rs_text name;
    bool parenthesized; /* (x): what stands behind is not part of an aggregate or a constant name */
    struct expr_node *left, *right;
    struct expr_suffix *suffixes;
    size_t suffix_count;
    struct expr_arguments arguments;
    struct expr_type type;
    struct expr_arguments initial; /* With {.name = value}, From {value, {key, value}} behind New */
};

#endif
