/* report/expr/lex.h - cut an expression into tokens.
 *
 * Source:  Visual Basic language specification, lexical grammar. Line ends count as blanks (an expression is one
 * logical line), a comment runs to the end of its line, and quotes may be typographic as in Visual Basic.
 */
#ifndef REPORT_EXPR_LEX_H
#define REPORT_EXPR_LEX_H

#include "base/job.h"

#define EXPR_SOURCE_MAX 65535 /* bytes of one expression: the longest line Visual Basic compiles */

enum expr_token_kind {
    EXPR_TOKEN_END,
    EXPR_TOKEN_NAME,     /* identifier or keyword; `keyword` tells which */
    EXPR_TOKEN_NUMBER,   /* `text` as written, with its type character or suffix */
    EXPR_TOKEN_TEXT,     /* `text` without quotes, doubled quotes made single */
    EXPR_TOKEN_INTERPOLATED, /* $"x {y}": `text` as written between the quotes */
    EXPR_TOKEN_CHAR,     /* "x"c: `text` is the one character */
    EXPR_TOKEN_DATE,     /* `text` between the #, trimmed */
    EXPR_TOKEN_OPERATOR, /* `op` */
    EXPR_TOKEN_LINE,     /* expr_lex_lines: a statement ends; `text` is ":" where that ends it, else empty */
    EXPR_TOKEN_BAD,      /* expr_lex_lines: the rest of the line is no token; `text` says why */
};

/* Operators and keywords that mean something to the parser; the others are plain names. */
enum expr_op {
    EXPR_OP_NONE,
    /* binary, and as they are shown in messages: expr_op_text */
    EXPR_OP_POWER, EXPR_OP_MULTIPLY, EXPR_OP_DIVIDE, EXPR_OP_INTEGER_DIVIDE, EXPR_OP_MOD, EXPR_OP_ADD,
    EXPR_OP_SUBTRACT, EXPR_OP_CONCATENATE, EXPR_OP_SHIFT_LEFT, EXPR_OP_SHIFT_RIGHT,
    EXPR_OP_EQUAL, EXPR_OP_NOT_EQUAL, EXPR_OP_LESS, EXPR_OP_LESS_EQUAL, EXPR_OP_GREATER, EXPR_OP_GREATER_EQUAL,
    EXPR_OP_LIKE, EXPR_OP_IS, EXPR_OP_IS_NOT,
    EXPR_OP_AND, EXPR_OP_AND_ALSO, EXPR_OP_OR, EXPR_OP_OR_ELSE, EXPR_OP_XOR,
    /* unary, with EXPR_OP_ADD and EXPR_OP_SUBTRACT */
    EXPR_OP_NOT,
    /* punctuation */
    EXPR_OP_OPEN, EXPR_OP_CLOSE, EXPR_OP_OPEN_BRACE, EXPR_OP_CLOSE_BRACE, EXPR_OP_COMMA, EXPR_OP_DOT, EXPR_OP_BANG,
    EXPR_OP_ASSIGN, /* := */
    EXPR_OP_QUESTION,
    /* keywords */
    EXPR_OP_TRUE, EXPR_OP_FALSE, EXPR_OP_NOTHING, EXPR_OP_IF, EXPR_OP_NEW, EXPR_OP_CTYPE, EXPR_OP_DIRECT_CAST,
    EXPR_OP_TRY_CAST, EXPR_OP_TYPE_OF, EXPR_OP_GET_TYPE, EXPR_OP_OF,
    EXPR_OP_UNSUPPORTED, /* a keyword that begins something that is not supported: lambda, AddressOf, ... */
};

struct expr_token {
    enum expr_token_kind kind;
    enum expr_op op;      /* EXPR_TOKEN_OPERATOR: which; EXPR_TOKEN_NAME: the keyword it is, or EXPR_OP_NONE */
    bool escaped;         /* [name] */
    bool label;           /* expr_lex_lines: first of its line, and a colon follows */
    rs_text text;         /* in the job or in the source */
    size_t column;        /* 1-based, in characters; expr_lex_lines: in its line */
    unsigned line;        /* expr_lex_lines: 1-based */
};

struct expr_tokens {
    struct expr_token *items; /* the last one is EXPR_TOKEN_END */
    size_t count;
    size_t comment_column;    /* of the first comment; 0 where there is none */
};

/* `out` borrows from `source`. Fails with EXPR_SYNTAX or EXPR_UNSUPPORTED. */
RS_CHECKED rs_status expr_lex(struct rs_job *job, rs_text source, struct expr_tokens *out);

/* The same for a text of many lines, the members of <Code>. What is no token is kept for whoever meets it, so that one
 * bad line does not take the others with it. Fails where the text is too long. */
#define EXPR_CODE_MAX ((size_t)1 << 20) /* bytes */
RS_CHECKED rs_status expr_lex_lines(struct rs_job *job, rs_text source, struct expr_tokens *out);

/* How an operator or keyword is written: "<>", "AndAlso". */
const char *expr_op_text(enum expr_op op);

/* Fail and name the place: "column 12: ...". */
rs_status expr_fail_at(struct rs_job *job, rs_status status, size_t column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
