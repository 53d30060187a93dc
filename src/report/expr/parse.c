#include "report/expr/parse.h"

#include "base/buf.h"
#include "base/vec.h"

struct parser {
    struct rs_job *job;
    const struct expr_token *token; /* the next one */
    size_t comment_column;
    int depth;
    bool in_code;  /* a member of <Code>: generic types may stand */
    rs_text with;  /* what a leading dot belongs to */
};

/* Binding strength of binary operators; a higher one binds tighter. Unary minus stands between ^ and *, and Not
 * between comparison and And. */
enum level {
    LEVEL_XOR = 1, LEVEL_OR, LEVEL_AND, LEVEL_NOT, LEVEL_COMPARE, LEVEL_SHIFT, LEVEL_CONCATENATE, LEVEL_ADD, LEVEL_MOD,
    LEVEL_INTEGER_DIVIDE, LEVEL_MULTIPLY, LEVEL_UNARY, LEVEL_POWER,
};

static const uint8_t levels[] = {
    [EXPR_OP_POWER] = LEVEL_POWER, [EXPR_OP_MULTIPLY] = LEVEL_MULTIPLY, [EXPR_OP_DIVIDE] = LEVEL_MULTIPLY,
    [EXPR_OP_INTEGER_DIVIDE] = LEVEL_INTEGER_DIVIDE, [EXPR_OP_MOD] = LEVEL_MOD, [EXPR_OP_ADD] = LEVEL_ADD,
    [EXPR_OP_SUBTRACT] = LEVEL_ADD, [EXPR_OP_CONCATENATE] = LEVEL_CONCATENATE, [EXPR_OP_SHIFT_LEFT] = LEVEL_SHIFT,
    [EXPR_OP_SHIFT_RIGHT] = LEVEL_SHIFT, [EXPR_OP_EQUAL] = LEVEL_COMPARE, [EXPR_OP_NOT_EQUAL] = LEVEL_COMPARE,
    [EXPR_OP_LESS] = LEVEL_COMPARE, [EXPR_OP_LESS_EQUAL] = LEVEL_COMPARE, [EXPR_OP_GREATER] = LEVEL_COMPARE,
    [EXPR_OP_GREATER_EQUAL] = LEVEL_COMPARE, [EXPR_OP_LIKE] = LEVEL_COMPARE, [EXPR_OP_IS] = LEVEL_COMPARE,
    [EXPR_OP_IS_NOT] = LEVEL_COMPARE, [EXPR_OP_AND] = LEVEL_AND, [EXPR_OP_AND_ALSO] = LEVEL_AND,
    [EXPR_OP_OR] = LEVEL_OR, [EXPR_OP_OR_ELSE] = LEVEL_OR, [EXPR_OP_XOR] = LEVEL_XOR, [EXPR_OP_UNSUPPORTED] = 0,
};

static rs_status parse_expression(struct parser *parser, int level, struct expr_node **out);

static struct expr_node *new_node(struct parser *parser, enum expr_node_kind kind)
{
    struct expr_node *node = RS_NEW(parser->job, struct expr_node);

    node->kind = kind;
    node->column = parser->token->column;
    return node;
}

/* The next token as an operator or keyword; EXPR_OP_NONE for anything else. */
static enum expr_op next_op(const struct parser *parser)
{
    return parser->token->op;
}

static bool accept(struct parser *parser, enum expr_op op)
{
    if (next_op(parser) != op)
        return false;
    parser->token++;
    return true;
}

static rs_status refuse_token(struct parser *parser, const char *expected)
{
    const struct expr_token *token = parser->token;

    if (token->kind == EXPR_TOKEN_BAD)
        return rs_fail(parser->job, EXPR_SYNTAX, "%.*s", RS_TEXT_ARG(token->text));
    if (token->kind == EXPR_TOKEN_LINE || (parser->in_code && token->kind == EXPR_TOKEN_END))
        return expr_fail_at(parser->job, EXPR_SYNTAX, token->column, "the statement ends where %s is expected", expected);
    if (token->kind == EXPR_TOKEN_END && parser->comment_column)
        return expr_fail_at(parser->job, EXPR_SYNTAX, token->column,
                            "the expression ends where %s is expected; what follows the ' at column %zu is a "
                            "comment (a text stands between \" and \")", expected, parser->comment_column);
    if (token->kind == EXPR_TOKEN_END)
        return expr_fail_at(parser->job, EXPR_SYNTAX, token->column, "the expression ends where %s is expected",
                            expected);
    if (token->op == EXPR_OP_UNSUPPORTED)
        return expr_fail_at(parser->job, EXPR_UNSUPPORTED, token->column, "%.*s is not supported in expressions",
                            RS_TEXT_ARG(token->text));
    if (token->kind == EXPR_TOKEN_TEXT)
        return expr_fail_at(parser->job, EXPR_SYNTAX, token->column, "a text stands where %s is expected", expected);
    return expr_fail_at(parser->job, EXPR_SYNTAX, token->column, "\"%.*s\" stands where %s is expected",
                        RS_TEXT_ARG(token->text), expected);
}

static rs_status expect(struct parser *parser, enum expr_op op, const char *expected)
{
    return accept(parser, op) ? RS_OK : refuse_token(parser, expected);
}

static bool next_is_word(const struct parser *parser, const char *word)
{
    return parser->token->kind == EXPR_TOKEN_NAME && rs_text_equal_nocase(parser->token->text, rs_text_from(word));
}

/* ---- types --------------------------------------------------------------------------------- */

/* System.String, Integer?, Object(): the name is kept without blanks. */
static rs_status parse_type(struct parser *parser, struct expr_type *out);
static void parse_array_mark(struct parser *parser, struct expr_type *type);

/* (Of String, Integer): collections hold any value here. */
static rs_status skip_type_arguments(struct parser *parser)
{
    struct expr_type ignored;

    if (++parser->depth > EXPR_DEPTH_MAX)
        return expr_fail_at(parser->job, EXPR_SYNTAX, parser->token->column, "the type is nested more than %d deep",
                            EXPR_DEPTH_MAX);
    parser->token += 2;
    do {
        RS_TRY(parse_type(parser, &ignored));
        parse_array_mark(parser, &ignored);
    } while (accept(parser, EXPR_OP_COMMA));
    parser->depth--;
    return expect(parser, EXPR_OP_CLOSE, "\")\"");
}

static rs_status parse_type(struct parser *parser, struct expr_type *out)
{
    rs_buf name = rs_buf_in(parser->job);

    do {
        if (parser->token->kind != EXPR_TOKEN_NAME)
            return refuse_token(parser, "the name of a type");
        rs_buf_add(&name, parser->token->text);
        parser->token++;
        if (next_op(parser) == EXPR_OP_DOT)
            rs_buf_add_byte(&name, '.');
    } while (accept(parser, EXPR_OP_DOT));
    if (next_op(parser) == EXPR_OP_OPEN && parser->token[1].op == EXPR_OP_OF) {
        if (!parser->in_code)
            return expr_fail_at(parser->job, EXPR_UNSUPPORTED, parser->token->column,
                                "the generic type %.*s(Of ...) is not supported", RS_TEXT_ARG(rs_buf_text(&name)));
        RS_TRY(skip_type_arguments(parser));
    }
    out->is_nullable = accept(parser, EXPR_OP_QUESTION);
    out->name = rs_buf_text(&name);
    return RS_OK;
}

static void parse_array_mark(struct parser *parser, struct expr_type *type)
{
    if (next_op(parser) == EXPR_OP_OPEN && parser->token[1].op == EXPR_OP_CLOSE) {
        parser->token += 2;
        type->is_array = true;
    }
}

/* ---- arguments ----------------------------------------------------------------------------- */

static bool argument_is_left_out(const struct parser *parser)
{
    return next_op(parser) == EXPR_OP_COMMA || next_op(parser) == EXPR_OP_CLOSE;
}

/* The opening parenthesis or brace has been read; reads the closing one. */
static rs_status parse_arguments(struct parser *parser, enum expr_op close, struct expr_arguments *out)
{
    RS_VEC(struct expr_argument) items = {0};
    const char *expected = close == EXPR_OP_CLOSE ? "\",\" or \")\"" : "\",\" or \"}\"";
    bool named = false;

    if (accept(parser, close))
        return RS_OK;
    do {
        struct expr_argument argument = {.column = parser->token->column};
        if (parser->token->kind == EXPR_TOKEN_NAME && parser->token[1].op == EXPR_OP_ASSIGN) {
            argument.name = parser->token->text;
            parser->token += 2;
            named = true;
        } else if (named) {
            return refuse_token(parser, "a named argument (name:=value) behind another one");
        }
        if (close != EXPR_OP_CLOSE || argument.name.size > 0 || !argument_is_left_out(parser))
            RS_TRY(parse_expression(parser, LEVEL_XOR, &argument.value));
        rs_vec_push(parser->job, &items, argument);
    } while (accept(parser, EXPR_OP_COMMA));
    out->items = items.items;
    out->count = items.count;
    return expect(parser, close, expected);
}

/* ---- primaries ----------------------------------------------------------------------------- */

static rs_status parse_cast(struct parser *parser, struct expr_node **out)
{
    struct expr_node *node = new_node(parser, EXPR_NODE_CAST);

    node->op = next_op(parser);
    parser->token++;
    RS_TRY(expect(parser, EXPR_OP_OPEN, "\"(\""));
    RS_TRY(parse_expression(parser, LEVEL_XOR, &node->left));
    RS_TRY(expect(parser, EXPR_OP_COMMA, "\",\" and a type"));
    RS_TRY(parse_type(parser, &node->type));
    parse_array_mark(parser, &node->type);
    *out = node;
    return expect(parser, EXPR_OP_CLOSE, "\")\"");
}

static rs_status parse_get_type(struct parser *parser, struct expr_node **out)
{
    struct expr_node *node = new_node(parser, EXPR_NODE_GET_TYPE);

    parser->token++;
    RS_TRY(expect(parser, EXPR_OP_OPEN, "\"(\""));
    RS_TRY(parse_type(parser, &node->type));
    parse_array_mark(parser, &node->type);
    *out = node;
    return expect(parser, EXPR_OP_CLOSE, "\")\"");
}

static rs_status parse_type_of(struct parser *parser, struct expr_node **out)
{
    struct expr_node *node = new_node(parser, EXPR_NODE_TYPE_OF);

    parser->token++;
    RS_TRY(parse_expression(parser, LEVEL_COMPARE + 1, &node->left));
    node->op = next_op(parser);
    if (!accept(parser, EXPR_OP_IS) && !accept(parser, EXPR_OP_IS_NOT))
        return refuse_token(parser, "Is or IsNot and a type");
    RS_TRY(parse_type(parser, &node->type));
    parse_array_mark(parser, &node->type);
    *out = node;
    return RS_OK;
}

/* With {.Name = value, ...} behind New. */
static rs_status parse_members(struct parser *parser, struct expr_arguments *out)
{
    RS_VEC(struct expr_argument) items = {0};

    parser->token += 2;
    do {
        struct expr_argument member = {.column = parser->token->column};
        RS_TRY(expect(parser, EXPR_OP_DOT, "\".\" and the name of a member"));
        if (parser->token->kind != EXPR_TOKEN_NAME)
            return refuse_token(parser, "the name of a member");
        member.name = parser->token->text;
        parser->token++;
        RS_TRY(expect(parser, EXPR_OP_EQUAL, "\"=\""));
        RS_TRY(parse_expression(parser, LEVEL_XOR, &member.value));
        rs_vec_push(parser->job, &items, member);
    } while (accept(parser, EXPR_OP_COMMA));
    out->items = items.items;
    out->count = items.count;
    return expect(parser, EXPR_OP_CLOSE_BRACE, "\",\" or \"}\"");
}

static rs_status parse_new(struct parser *parser, struct expr_node **out)
{
    struct expr_node *node = new_node(parser, EXPR_NODE_NEW);

    parser->token++;
    if (next_is_word(parser, "With"))
        return expr_fail_at(parser->job, EXPR_UNSUPPORTED, parser->token->column,
                            "an anonymous type (New With {...}) is not supported");
    RS_TRY(parse_type(parser, &node->type));
    if (accept(parser, EXPR_OP_OPEN))
        RS_TRY(parse_arguments(parser, EXPR_OP_CLOSE, &node->arguments));
    if (accept(parser, EXPR_OP_OPEN_BRACE)) { /* New Object() {1, 2} */
        if (node->arguments.count > 0 && accept(parser, EXPR_OP_CLOSE_BRACE)) { /* New Integer(5) {} */
            node->op = EXPR_OP_OPEN_BRACE;
            return *out = node, RS_OK;
        }
        if (node->arguments.count > 0)
            return refuse_token(parser, "the end of the object (an array with a size has no initial values here)");
        node->type.is_array = true;
        return *out = node, parse_arguments(parser, EXPR_OP_CLOSE_BRACE, &node->arguments);
    }
    *out = node;
    if (next_is_word(parser, "With") && parser->token[1].op == EXPR_OP_OPEN_BRACE)
        return parse_members(parser, &node->initial);
    if (next_is_word(parser, "From") && parser->token[1].op == EXPR_OP_OPEN_BRACE) {
        parser->token += 2;
        return parse_arguments(parser, EXPR_OP_CLOSE_BRACE, &node->initial);
    }
    return RS_OK;
}

/* If(condition, a, b) or If(a, b): unlike IIf it evaluates only what it returns. */
static rs_status parse_if(struct parser *parser, struct expr_node **out)
{
    struct expr_node *node = new_node(parser, EXPR_NODE_IF);

    parser->token++;
    RS_TRY(expect(parser, EXPR_OP_OPEN, "\"(\""));
    RS_TRY(parse_arguments(parser, EXPR_OP_CLOSE, &node->arguments));
    if (node->arguments.count < 2 || node->arguments.count > 3)
        return expr_fail_at(parser->job, EXPR_SYNTAX, node->column, "If takes two or three arguments, not %zu",
                            node->arguments.count);
    for (size_t i = 0; i < node->arguments.count; i++)
        if (!node->arguments.items[i].value || node->arguments.items[i].name.size > 0)
            return expr_fail_at(parser->job, EXPR_SYNTAX, node->arguments.items[i].column,
                                "If takes no named or left out arguments");
    *out = node;
    return RS_OK;
}

static rs_status parse_parentheses(struct parser *parser, struct expr_node **out)
{
    parser->token++;
    RS_TRY(parse_expression(parser, LEVEL_XOR, out));
    (*out)->parenthesized = true;
    return expect(parser, EXPR_OP_CLOSE, "\")\"");
}

static rs_status parse_literal(struct parser *parser, struct expr_node **out)
{
    *out = new_node(parser, EXPR_NODE_LITERAL);
    (*out)->token = *parser->token++;
    return RS_OK;
}

static rs_status parse_name(struct parser *parser, struct expr_node **out)
{
    *out = new_node(parser, EXPR_NODE_CHAIN);
    (*out)->name = parser->token->text;
    parser->token++;
    return RS_OK;
}

static rs_status parse_array(struct parser *parser, struct expr_node **out)
{
    *out = new_node(parser, EXPR_NODE_ARRAY);
    parser->token++;
    return parse_arguments(parser, EXPR_OP_CLOSE_BRACE, &(*out)->arguments);
}

/* ---- $"text {value,width:format}": String.Format("text {0,width:format}", value) ---------------- */

/* The value in braces that begins at `from`, up to the comma, colon or brace behind it. */
static size_t hole_end(rs_text text, size_t from)
{
    unsigned depth = 0;
    bool in_text = false;

    for (; from < text.size; from++) {
        char c = text.bytes[from];
        if (c == '"')
            in_text = !in_text;
        else if (in_text)
            continue;
        else if (depth == 0 && (c == ',' || c == ':' || c == '}'))
            break;
        else if (c == '(' || c == '{')
            depth++;
        else if (depth > 0 && (c == ')' || c == '}'))
            depth--;
    }
    return from;
}

static rs_status parse_hole(struct parser *parser, rs_text source, size_t column, struct expr_node **out)
{
    struct parser inner = {.job = parser->job, .depth = parser->depth, .in_code = parser->in_code, .with = parser->with};
    struct expr_tokens tokens;

    RS_TRY(expr_lex(parser->job, source, &tokens));
    for (size_t i = 0; i < tokens.count; i++)
        tokens.items[i].column += column;
    inner.token = tokens.items;
    RS_TRY(parse_expression(&inner, LEVEL_XOR, out));
    return inner.token->kind == EXPR_TOKEN_END ? RS_OK : refuse_token(&inner, "\"}\"");
}

/* What stands outside of braces, and between a value and its brace: doubled quotes are one. */
static void add_literal(rs_buf *buf, rs_text text)
{
    for (size_t i = 0; i < text.size; i++) {
        rs_buf_add_byte(buf, text.bytes[i]);
        i += text.bytes[i] == '"' && i + 1 < text.size && text.bytes[i + 1] == '"';
    }
}

static rs_status parse_interpolated(struct parser *parser, struct expr_node **out)
{
    const struct expr_token *token = parser->token;
    struct expr_node *chain = new_node(parser, EXPR_NODE_CHAIN), *literal = new_node(parser, EXPR_NODE_LITERAL);
    RS_VEC(struct expr_argument) items = {0};
    struct expr_suffix *suffixes = RS_NEW_ARRAY(parser->job, struct expr_suffix, 2);
    rs_buf format = rs_buf_in(parser->job);
    rs_text text = token->text;
    size_t at = 0, end;

    rs_vec_push(parser->job, &items, (struct expr_argument){.value = literal, .column = token->column});
    for (; at < text.size; at = end) {
        for (end = at; end < text.size && text.bytes[end] != '{';)
            end++;
        if (end + 1 < text.size && text.bytes[end + 1] == '{') {
            end += 2;
            add_literal(&format, rs_text_slice(text, at, end - at));
            continue;
        }
        add_literal(&format, rs_text_slice(text, at, end - at));
        if (end == text.size)
            break;
        struct expr_argument value = {.column = token->column + end};
        size_t start = end + 1, stop = hole_end(text, start);
        RS_TRY(parse_hole(parser, rs_text_slice(text, start, stop - start), token->column + start + 1, &value.value));
        rs_buf_printf(&format, "{%zu", items.count - 1);
        for (end = stop; end < text.size && text.bytes[end] != '}';)
            end++;
        end += end < text.size;
        add_literal(&format, rs_text_slice(text, stop, end - stop));
        rs_vec_push(parser->job, &items, value);
    }
    literal->token = (struct expr_token){.kind = EXPR_TOKEN_TEXT, .text = rs_buf_text(&format), .column = token->column};
    suffixes[0] = (struct expr_suffix){.op = EXPR_OP_DOT, .name = RS_TEXT("Format"), .column = token->column};
    suffixes[1] = (struct expr_suffix){.op = EXPR_OP_OPEN, .arguments = {items.items, items.count}, .column = token->column};
    chain->name = RS_TEXT("String");
    chain->suffixes = suffixes;
    chain->suffix_count = 2;
    parser->token++;
    *out = chain;
    return RS_OK;
}

static rs_status parse_operand(struct parser *parser, struct expr_node **out)
{
    switch (parser->token->kind) {
    case EXPR_TOKEN_INTERPOLATED:
        return parse_interpolated(parser, out);
    case EXPR_TOKEN_NUMBER: case EXPR_TOKEN_TEXT: case EXPR_TOKEN_CHAR: case EXPR_TOKEN_DATE:
        return parse_literal(parser, out);
    case EXPR_TOKEN_END: case EXPR_TOKEN_NAME: case EXPR_TOKEN_OPERATOR: case EXPR_TOKEN_LINE: case EXPR_TOKEN_BAD:
        break;
    }
    switch (next_op(parser)) {
    case EXPR_OP_TRUE: case EXPR_OP_FALSE: case EXPR_OP_NOTHING:
        return parse_literal(parser, out);
    case EXPR_OP_OPEN:
        return parse_parentheses(parser, out);
    case EXPR_OP_OPEN_BRACE:
        return parse_array(parser, out);
    case EXPR_OP_IF:
        return parse_if(parser, out);
    case EXPR_OP_NEW:
        return parse_new(parser, out);
    case EXPR_OP_CTYPE: case EXPR_OP_DIRECT_CAST: case EXPR_OP_TRY_CAST:
        return parse_cast(parser, out);
    case EXPR_OP_GET_TYPE:
        return parse_get_type(parser, out);
    case EXPR_OP_NONE:
        if (parser->token->kind == EXPR_TOKEN_NAME)
            return parse_name(parser, out);
        break;
    case EXPR_OP_DOT: case EXPR_OP_BANG:
        if (parser->with.size == 0)
            break;
        *out = new_node(parser, EXPR_NODE_CHAIN);
        (*out)->name = parser->with;
        return RS_OK;
    default:
        break;
    }
    return refuse_token(parser, "a value");
}

/* .Name, !Name, (arguments) */
static rs_status parse_suffix(struct parser *parser, struct expr_suffix *out)
{
    out->op = next_op(parser);
    out->column = parser->token->column;
    parser->token++;
    if (out->op == EXPR_OP_OPEN) {
        if (next_op(parser) == EXPR_OP_OF)
            return expr_fail_at(parser->job, EXPR_UNSUPPORTED, parser->token->column,
                                "type arguments (Of ...) are not supported");
        return parse_arguments(parser, EXPR_OP_CLOSE, &out->arguments);
    }
    if (parser->token->kind != EXPR_TOKEN_NAME) /* any keyword may be the name of a member */
        return refuse_token(parser, out->op == EXPR_OP_BANG ? "a name behind \"!\"" : "the name of a member");
    out->name = parser->token->text;
    out->column = parser->token->column;
    parser->token++;
    return RS_OK;
}

static bool begins_suffix(enum expr_op op)
{
    return op == EXPR_OP_DOT || op == EXPR_OP_BANG || op == EXPR_OP_OPEN;
}

/* An operand and everything that hangs on it. */
static rs_status parse_primary(struct parser *parser, struct expr_node **out)
{
    RS_VEC(struct expr_suffix) suffixes = {0};
    struct expr_node *base;

    RS_TRY(parse_operand(parser, &base));
    for (;;) {
        bool conditional = next_op(parser) == EXPR_OP_QUESTION && begins_suffix(parser->token[1].op);
        if (!conditional && !begins_suffix(next_op(parser)))
            break;
        parser->token += conditional;
        if (suffixes.count == EXPR_SUFFIX_MAX)
            return expr_fail_at(parser->job, EXPR_SYNTAX, parser->token->column,
                                "more than %d members hang on one value", EXPR_SUFFIX_MAX);
        struct expr_suffix *suffix = rs_vec_add(parser->job, &suffixes);
        RS_TRY(parse_suffix(parser, suffix));
        suffix->conditional = conditional;
    }
    if (next_op(parser) == EXPR_OP_QUESTION)
        return expr_fail_at(parser->job, EXPR_SYNTAX, parser->token->column,
                            "\"?\" stands in front of a member only; a choice is written If(condition, a, b)");
    if (suffixes.count > 0 && (base->kind != EXPR_NODE_CHAIN || base->suffix_count > 0 || base->parenthesized)) {
        struct expr_node *chain = RS_NEW(parser->job, struct expr_node);
        chain->kind = EXPR_NODE_CHAIN;
        chain->column = base->column;
        chain->left = base;
        base = chain;
    }
    if (suffixes.count > 0) {
        base->suffixes = suffixes.items;
        base->suffix_count = suffixes.count;
    }
    *out = base;
    return RS_OK;
}

/* ---- operators ----------------------------------------------------------------------------- */

static rs_status parse_unary(struct parser *parser, struct expr_node **out)
{
    enum expr_op op = next_op(parser);
    struct expr_node *node;

    if (op == EXPR_OP_TYPE_OF)
        return parse_type_of(parser, out);
    if (op != EXPR_OP_ADD && op != EXPR_OP_SUBTRACT && op != EXPR_OP_NOT)
        return parse_primary(parser, out);
    node = new_node(parser, EXPR_NODE_UNARY);
    node->op = op;
    parser->token++;
    *out = node;
    return parse_expression(parser, op == EXPR_OP_NOT ? LEVEL_NOT : LEVEL_UNARY, &node->left);
}

static int level_of(enum expr_op op)
{
    return (size_t)op < sizeof levels ? levels[op] : 0;
}

/* Everything that binds at least as tightly as `level`. */
static rs_status parse_expression(struct parser *parser, int level, struct expr_node **out)
{
    struct expr_node *left = NULL;

    if (++parser->depth > EXPR_DEPTH_MAX)
        return expr_fail_at(parser->job, EXPR_SYNTAX, parser->token->column,
                            "the expression is nested more than %d deep", EXPR_DEPTH_MAX);
    RS_TRY(parse_unary(parser, &left));
    for (;;) {
        enum expr_op op = next_op(parser);
        int strength = level_of(op);
        if (strength == 0 || strength < level)
            break;
        struct expr_node *node = new_node(parser, EXPR_NODE_BINARY);
        node->op = op;
        node->left = left;
        parser->token++;
        RS_TRY(parse_expression(parser, strength + 1, &node->right));
        left = node;
    }
    parser->depth--;
    *out = left;
    return RS_OK;
}

rs_status expr_parse(struct rs_job *job, rs_text source, struct expr_node **out)
{
    struct parser parser = {.job = job};
    struct expr_tokens tokens;

    RS_TRY(expr_lex(job, source, &tokens));
    parser.token = tokens.items;
    parser.comment_column = tokens.comment_column;
    RS_TRY(parse_expression(&parser, LEVEL_XOR, out));
    if (parser.token->kind != EXPR_TOKEN_END)
        return refuse_token(&parser, "an operator or the end of the expression");
    return RS_OK;
}

/* ---- parts of <Code> ------------------------------------------------------------------------ */

static struct parser parser_at(struct rs_job *job, const struct expr_cursor *cursor)
{
    return (struct parser){.job = job, .token = cursor->token, .in_code = true, .with = cursor->with};
}

rs_status expr_parse_value(struct rs_job *job, struct expr_cursor *cursor, struct expr_node **out)
{
    struct parser parser = parser_at(job, cursor);

    RS_TRY(parse_expression(&parser, LEVEL_XOR, out));
    cursor->token = parser.token;
    return RS_OK;
}

rs_status expr_parse_target(struct rs_job *job, struct expr_cursor *cursor, struct expr_node **out)
{
    struct parser parser = parser_at(job, cursor);

    RS_TRY(parse_primary(&parser, out));
    cursor->token = parser.token;
    return RS_OK;
}

rs_status expr_parse_type(struct rs_job *job, struct expr_cursor *cursor, struct expr_type *out)
{
    struct parser parser = parser_at(job, cursor);

    *out = (struct expr_type){0};
    RS_TRY(parse_type(&parser, out));
    parse_array_mark(&parser, out);
    cursor->token = parser.token;
    return RS_OK;
}

rs_status expr_parse_arguments(struct rs_job *job, struct expr_cursor *cursor, struct expr_arguments *out)
{
    struct parser parser = parser_at(job, cursor);

    parser.token++;
    RS_TRY(parse_arguments(&parser, EXPR_OP_CLOSE, out));
    cursor->token = parser.token;
    return RS_OK;
}

rs_status expr_refuse_token(struct rs_job *job, const struct expr_cursor *cursor, const char *expected)
{
    struct parser parser = parser_at(job, cursor);

    return refuse_token(&parser, expected);
}
