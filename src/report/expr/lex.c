#include "report/expr/lex.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/vec.h"

struct lexer {
    struct rs_job *job;
    rs_text source;
    size_t at;            /* byte */
    size_t counted;       /* bytes whose characters are in `column` */
    size_t column;        /* 1-based column of byte `counted` */
    RS_VEC(struct expr_token) tokens;
    size_t comment_column;
    bool lines;           /* line ends are tokens */
    unsigned line;
};

static const struct {
    const char *text;
    enum expr_op op;
} keywords[] = {
    {"Mod", EXPR_OP_MOD}, {"Like", EXPR_OP_LIKE}, {"Is", EXPR_OP_IS}, {"IsNot", EXPR_OP_IS_NOT},
    {"And", EXPR_OP_AND}, {"AndAlso", EXPR_OP_AND_ALSO}, {"Or", EXPR_OP_OR}, {"OrElse", EXPR_OP_OR_ELSE},
    {"Xor", EXPR_OP_XOR}, {"Not", EXPR_OP_NOT}, {"True", EXPR_OP_TRUE}, {"False", EXPR_OP_FALSE},
    {"Nothing", EXPR_OP_NOTHING}, {"If", EXPR_OP_IF}, {"New", EXPR_OP_NEW}, {"CType", EXPR_OP_CTYPE},
    {"DirectCast", EXPR_OP_DIRECT_CAST}, {"TryCast", EXPR_OP_TRY_CAST}, {"TypeOf", EXPR_OP_TYPE_OF},
    {"GetType", EXPR_OP_GET_TYPE}, {"Of", EXPR_OP_OF}, {"AddressOf", EXPR_OP_UNSUPPORTED},
    {"Await", EXPR_OP_UNSUPPORTED}, {"Function", EXPR_OP_UNSUPPORTED}, {"Sub", EXPR_OP_UNSUPPORTED},
    {"GetXmlNamespace", EXPR_OP_UNSUPPORTED}, {"MyBase", EXPR_OP_UNSUPPORTED}, {"MyClass", EXPR_OP_UNSUPPORTED},
};

/* Longest first where one is the beginning of another. `=<` and `=>` are the old spellings. */
static const struct {
    const char *text;
    enum expr_op op;
} operators[] = {
    {"<>", EXPR_OP_NOT_EQUAL}, {"<=", EXPR_OP_LESS_EQUAL}, {">=", EXPR_OP_GREATER_EQUAL},
    {"=<", EXPR_OP_LESS_EQUAL}, {"=>", EXPR_OP_GREATER_EQUAL}, {"<<", EXPR_OP_SHIFT_LEFT},
    {">>", EXPR_OP_SHIFT_RIGHT}, {":=", EXPR_OP_ASSIGN}, {"^", EXPR_OP_POWER}, {"*", EXPR_OP_MULTIPLY},
    {"/", EXPR_OP_DIVIDE}, {"\\", EXPR_OP_INTEGER_DIVIDE}, {"+", EXPR_OP_ADD}, {"-", EXPR_OP_SUBTRACT},
    {"&", EXPR_OP_CONCATENATE}, {"=", EXPR_OP_EQUAL}, {"<", EXPR_OP_LESS}, {">", EXPR_OP_GREATER},
    {"(", EXPR_OP_OPEN}, {")", EXPR_OP_CLOSE}, {"{", EXPR_OP_OPEN_BRACE}, {"}", EXPR_OP_CLOSE_BRACE},
    {",", EXPR_OP_COMMA}, {".", EXPR_OP_DOT}, {"!", EXPR_OP_BANG}, {"?", EXPR_OP_QUESTION},
};

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

const char *expr_op_text(enum expr_op op)
{
    for (size_t i = 0; i < COUNT_OF(operators); i++)
        if (operators[i].op == op && operators[i].text[0] != '=')
            return operators[i].text;
    for (size_t i = 0; i < COUNT_OF(keywords); i++)
        if (keywords[i].op == op)
            return keywords[i].text;
    return op == EXPR_OP_EQUAL ? "=" : "";
}

rs_status expr_fail_at(struct rs_job *job, rs_status status, size_t column, const char *format, ...)
{
    va_list arguments;
    rs_text sentence;

    va_start(arguments, format);
    sentence = rs_text_vformat(job, format, arguments);
    va_end(arguments);
    return rs_fail(job, status, "column %zu: %.*s", column, RS_TEXT_ARG(sentence));
}

/* The column of a byte; bytes are asked for in rising order, so that the whole costs one pass. */
static size_t column_of(struct lexer *lexer, size_t byte)
{
    for (; lexer->counted < byte; lexer->counted++)
        if (((unsigned char)lexer->source.bytes[lexer->counted] & 0xC0) != 0x80)
            lexer->column++;
    return lexer->column;
}

static struct expr_token *add_token(struct lexer *lexer, enum expr_token_kind kind, size_t from)
{
    struct expr_token *token = rs_vec_add(lexer->job, &lexer->tokens);

    token->kind = kind;
    token->column = column_of(lexer, from);
    token->line = lexer->line;
    token->text = rs_text_slice(lexer->source, from, lexer->at - from);
    return token;
}

static uint32_t peek(const struct lexer *lexer, size_t *next)
{
    size_t offset = lexer->at;
    uint32_t c = 0;

    if (offset < lexer->source.size)
        c = rs_text_next(lexer->source, &offset);
    if (next)
        *next = offset;
    return c;
}

static char byte_at(const struct lexer *lexer, size_t at)
{
    return at < lexer->source.size ? lexer->source.bytes[at] : '\0';
}

static bool is_blank(uint32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200B) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
           c == 0x3000 || c == 0xFEFF;
}

static bool is_line_end(uint32_t c)
{
    return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

static bool is_quote(uint32_t c)
{
    return c == '"' || c == 0x201C || c == 0x201D || c == 0xFF02;
}

static bool begins_text(const struct lexer *lexer, size_t at)
{
    return at < lexer->source.size && is_quote(rs_text_next(lexer->source, &at));
}

static bool is_comment_mark(uint32_t c)
{
    return c == '\'' || c == 0x2018 || c == 0x2019 || c == 0xFF07;
}

static bool begins_name(uint32_t c)
{
    if (c < 0x80)
        return rs_is_alpha((char)c) || c == '_';
    return c != 0xFFFD && !is_blank(c) && !is_quote(c) && !is_comment_mark(c);
}

static bool continues_name(uint32_t c)
{
    return begins_name(c) || (c < 0x80 && rs_is_digit((char)c));
}

static void skip_comment(struct lexer *lexer)
{
    size_t next;

    if (lexer->comment_column == 0)
        lexer->comment_column = column_of(lexer, lexer->at);
    while (lexer->at < lexer->source.size && !is_line_end(peek(lexer, &next)))
        lexer->at = next;
}

/* Columns count from the beginning of a line. */
static void step_over_line_end(struct lexer *lexer)
{
    bool two = byte_at(lexer, lexer->at) == '\r' && byte_at(lexer, lexer->at + 1) == '\n';

    peek(lexer, &lexer->at);
    lexer->at += two;
    lexer->counted = lexer->at;
    lexer->column = 1;
    lexer->line++;
}

/* `_` alone between a blank and a line end joins two lines; line ends are blanks here, so it is just skipped. */
static bool skip_continuation(struct lexer *lexer)
{
    size_t at = lexer->at + 1;

    if (byte_at(lexer, lexer->at) != '_')
        return false;
    while (byte_at(lexer, at) == ' ' || byte_at(lexer, at) == '\t')
        at++;
    if (byte_at(lexer, at) != '\n' && byte_at(lexer, at) != '\r')
        return false;
    lexer->at = at;
    if (lexer->lines)
        step_over_line_end(lexer);
    return true;
}

/* "x"c, with nothing that would make the c the beginning of a name. */
static rs_status lex_char_mark(struct lexer *lexer, struct expr_token *token)
{
    size_t size = 0, next = lexer->at + 1;
    char after = byte_at(lexer, next);

    if (rs_lower(byte_at(lexer, lexer->at)) != 'c' || rs_is_alpha(after) || rs_is_digit(after) || after == '_')
        return RS_OK;
    if (token->text.size > 0)
        rs_text_next(token->text, &size);
    if (size == 0 || size != token->text.size)
        return expr_fail_at(lexer->job, EXPR_SYNTAX, token->column,
                            "a character literal holds exactly one character");
    token->kind = EXPR_TOKEN_CHAR;
    lexer->at = next;
    return RS_OK;
}

static rs_status lex_text(struct lexer *lexer)
{
    size_t from = lexer->at, next;
    rs_buf buf = rs_buf_in(lexer->job);
    struct expr_token *token;

    peek(lexer, &lexer->at);
    for (;;) {
        if (lexer->at >= lexer->source.size || (lexer->lines && is_line_end(peek(lexer, NULL))))
            return expr_fail_at(lexer->job, EXPR_SYNTAX, column_of(lexer, from),
                                "a text begins here and does not end; close it with a quote");
        bool quote = is_quote(peek(lexer, &next));
        size_t character = lexer->at;
        if (quote) {
            character = lexer->at = next;
            if (!is_quote(peek(lexer, &next)))
                break;
        }
        rs_buf_add(&buf, rs_text_slice(lexer->source, character, next - character));
        lexer->at = next;
    }
    token = add_token(lexer, EXPR_TOKEN_TEXT, from);
    token->text = rs_buf_text(&buf);
    return lex_char_mark(lexer, token);
}

/* $"x {y,5:N2}": the quotes of texts inside the braces do not end it. */
static rs_status lex_interpolated(struct lexer *lexer)
{
    size_t from = lexer->at, start, next;
    unsigned depth = 0;
    bool in_text = false;
    struct expr_token *token;

    lexer->at++; /* the $ */
    peek(lexer, &lexer->at);
    for (start = lexer->at;; lexer->at = next) {
        uint32_t c = peek(lexer, &next);
        bool twice = byte_at(lexer, next) == (char)c && c < 0x80;
        if (lexer->at >= lexer->source.size || (lexer->lines && is_line_end(c)))
            return expr_fail_at(lexer->job, EXPR_SYNTAX, column_of(lexer, from),
                                "a text begins here and does not end; close it with a quote");
        if (is_quote(c) && depth > 0) {
            in_text = !in_text;
        } else if (is_quote(c)) {
            size_t after = lexer->at;
            lexer->at = next;
            if (!is_quote(peek(lexer, &next))) {
                lexer->at = after;
                break;
            }
        } else if (!in_text && (c == '{' || c == '}') && depth == 0 && twice) {
            next++;
        } else if (!in_text && c == '{') {
            depth++;
        } else if (!in_text && c == '}' && depth > 0) {
            depth--;
        }
    }
    size_t end = lexer->at;
    peek(lexer, &lexer->at);
    token = add_token(lexer, EXPR_TOKEN_INTERPOLATED, from);
    token->text = rs_text_slice(lexer->source, start, end - start);
    return RS_OK;
}

static void skip_digits(struct lexer *lexer)
{
    while (rs_is_digit(byte_at(lexer, lexer->at)))
        lexer->at++;
}

static bool is_hex_digit(char c)
{
    return rs_is_digit(c) || (rs_lower(c) >= 'a' && rs_lower(c) <= 'f');
}

/* `&` behind a number is the type character of Long only where no operand follows: `5&"x"` joins. */
static bool operand_follows(const struct lexer *lexer, size_t at)
{
    while (byte_at(lexer, at) == ' ')
        at++;
    char c = byte_at(lexer, at);
    return rs_is_alpha(c) || rs_is_digit(c) || c == '"' || c == '(' || c == '#' || c == '.' || c == '_' ||
           (c & 0x80) != 0;
}

static void skip_type_character(struct lexer *lexer)
{
    char first = rs_lower(byte_at(lexer, lexer->at)), second = rs_lower(byte_at(lexer, lexer->at + 1));
    char third = rs_lower(byte_at(lexer, lexer->at + 2));

    if (first == 'u' && (second == 's' || second == 'i' || second == 'l') && !rs_is_alpha(third))
        lexer->at += 2;
    else if (first != '\0' && strchr("silrfd", first) && !rs_is_alpha(second) && !rs_is_digit(second))
        lexer->at++;
    else if (first == '&' && !operand_follows(lexer, lexer->at + 1))
        lexer->at++;
    else if (first != '\0' && strchr("%!#@", first) && !rs_is_alpha(second))
        lexer->at++;
}

static rs_status lex_number(struct lexer *lexer)
{
    size_t from = lexer->at;

    if (byte_at(lexer, from) == '&') { /* &H &O &B */
        lexer->at += 2;
        while (is_hex_digit(byte_at(lexer, lexer->at)))
            lexer->at++;
    } else {
        skip_digits(lexer);
        if (byte_at(lexer, lexer->at) == '.' && rs_is_digit(byte_at(lexer, lexer->at + 1))) {
            lexer->at++;
            skip_digits(lexer);
        }
        if (rs_lower(byte_at(lexer, lexer->at)) == 'e') {
            size_t digits = lexer->at + 1;
            if (byte_at(lexer, digits) == '+' || byte_at(lexer, digits) == '-')
                digits++;
            if (rs_is_digit(byte_at(lexer, digits))) {
                lexer->at = digits;
                skip_digits(lexer);
            }
        }
    }
    skip_type_character(lexer);
    add_token(lexer, EXPR_TOKEN_NUMBER, from);
    if (rs_is_alpha(byte_at(lexer, lexer->at)) || byte_at(lexer, lexer->at) == '_') {
        size_t end = lexer->at;
        while (rs_is_alpha(byte_at(lexer, end)) || rs_is_digit(byte_at(lexer, end)) || byte_at(lexer, end) == '_')
            end++;
        rs_text word = rs_text_slice(lexer->source, lexer->at, end - lexer->at);
        rs_text number = rs_text_slice(lexer->source, from, lexer->at - from);
        /* `10and` is read as `10 And`: Visual Basic does. */
        for (size_t i = 0; i < COUNT_OF(keywords); i++)
            if (rs_text_equal_nocase(word, rs_text_from(keywords[i].text)))
                return RS_OK;
        return expr_fail_at(lexer->job, EXPR_SYNTAX, column_of(lexer, from), "\"%.*s%.*s\" is neither a number nor a name",
                            RS_TEXT_ARG(number), RS_TEXT_ARG(word));
    }
    return RS_OK;
}

static rs_status lex_date(struct lexer *lexer)
{
    size_t from = lexer->at;
    struct expr_token *token;

    do {
        lexer->at++;
        char c = byte_at(lexer, lexer->at);
        if (lexer->at >= lexer->source.size || c == '\n' || c == '\r')
            return expr_fail_at(lexer->job, EXPR_SYNTAX, column_of(lexer, from),
                                "a date literal begins here and does not end; write it as #12/31/2024#");
    } while (byte_at(lexer, lexer->at) != '#');
    lexer->at++;
    token = add_token(lexer, EXPR_TOKEN_DATE, from);
    token->text = rs_text_trim(rs_text_slice(token->text, 1, token->text.size - 2));
    return RS_OK;
}

static rs_status lex_escaped_name(struct lexer *lexer)
{
    size_t from = lexer->at;
    ptrdiff_t end = rs_text_find_byte(rs_text_from_offset(lexer->source, from), ']');
    struct expr_token *token;

    if (end <= 1)
        return expr_fail_at(lexer->job, EXPR_SYNTAX, column_of(lexer, from),
                            "\"[\" begins a name that does not end with \"]\"");
    lexer->at = from + (size_t)end + 1;
    token = add_token(lexer, EXPR_TOKEN_NAME, from);
    token->text = rs_text_slice(token->text, 1, token->text.size - 2);
    token->escaped = true;
    return RS_OK;
}

static bool at_line_start(const struct lexer *lexer)
{
    return lexer->tokens.count == 0 || rs_vec_last(&lexer->tokens).kind == EXPR_TOKEN_LINE;
}

static bool may_begin_comment(const struct lexer *lexer)
{
    const struct expr_token *last = lexer->tokens.count > 0 ? &rs_vec_last(&lexer->tokens) : NULL;

    if (!last)
        return lexer->lines;
    return last->kind != EXPR_TOKEN_OPERATOR || (last->op != EXPR_OP_DOT && last->op != EXPR_OP_BANG);
}

static rs_status lex_name(struct lexer *lexer)
{
    size_t from = lexer->at, next;
    struct expr_token *token;

    while (lexer->at < lexer->source.size && continues_name(peek(lexer, &next)))
        lexer->at = next;
    rs_text word = rs_text_slice(lexer->source, from, lexer->at - from);
    if (rs_text_equal_nocase(word, RS_TEXT("Rem")) && is_blank(peek(lexer, NULL)) && may_begin_comment(lexer)) {
        lexer->at = from;
        skip_comment(lexer);
        return RS_OK;
    }
    token = add_token(lexer, EXPR_TOKEN_NAME, from);
    for (size_t i = 0; i < COUNT_OF(keywords); i++)
        if (rs_text_equal_nocase(word, rs_text_from(keywords[i].text)))
            token->op = keywords[i].op;
    if (byte_at(lexer, lexer->at) == '$') /* Left$(...): the type character of String adds nothing */
        lexer->at++;
    return RS_OK;
}

static rs_status lex_operator(struct lexer *lexer)
{
    size_t from = lexer->at;
    rs_text rest = rs_text_from_offset(lexer->source, from);

    for (size_t i = 0; i < COUNT_OF(operators); i++) {
        if (!rs_text_starts(rest, rs_text_from(operators[i].text)))
            continue;
        if (lexer->lines && (operators[i].op == EXPR_OP_CLOSE || operators[i].op == EXPR_OP_CLOSE_BRACE) &&
            at_line_start(lexer) && lexer->tokens.count > 0)
            lexer->tokens.count--; /* a list may be closed on a line of its own */
        lexer->at += strlen(operators[i].text);
        add_token(lexer, EXPR_TOKEN_OPERATOR, from)->op = operators[i].op;
        return RS_OK;
    }
    size_t next;
    uint32_t c = peek(lexer, &next);
    if (c == 0xFFFD || c < ' ')
        return expr_fail_at(lexer->job, EXPR_SYNTAX, column_of(lexer, from),
                            "a byte that is not part of any character stands here");
    return expr_fail_at(lexer->job, EXPR_SYNTAX, column_of(lexer, from), "\"%.*s\" cannot stand here",
                        (int)(next - from), rest.bytes);
}

/* A value stands in front: what comes next is an operator, so that "x"&Hex(5) joins. */
static bool behind_value(const struct lexer *lexer)
{
    const struct expr_token *last = lexer->tokens.count > 0 ? &rs_vec_last(&lexer->tokens) : NULL;

    if (!last)
        return false;
    if (last->kind == EXPR_TOKEN_OPERATOR)
        return last->op == EXPR_OP_CLOSE || last->op == EXPR_OP_CLOSE_BRACE;
    return last->kind != EXPR_TOKEN_NAME || last->op == EXPR_OP_NONE;
}

/* A statement goes on behind an operator, a comma and an opening parenthesis. */
static bool goes_on(const struct lexer *lexer)
{
    const struct expr_token *last = &rs_vec_last(&lexer->tokens);

    if (last->kind == EXPR_TOKEN_NAME)
        return last->op >= EXPR_OP_POWER && last->op <= EXPR_OP_XOR;
    return last->kind == EXPR_TOKEN_OPERATOR && last->op != EXPR_OP_CLOSE && last->op != EXPR_OP_CLOSE_BRACE &&
           last->op != EXPR_OP_QUESTION && last->op != EXPR_OP_GREATER;
}

/* The end of a statement, and lines that are none: #Region. */
static bool lex_line_end(struct lexer *lexer, uint32_t c)
{
    size_t next;

    if (c == ':' && byte_at(lexer, lexer->at + 1) != '=') {
        size_t count = lexer->tokens.count;
        if (count > 0 && (count == 1 || (lexer->tokens.items[count - 2].kind == EXPR_TOKEN_LINE && lexer->tokens.items[count - 2].text.size == 0)))
            lexer->tokens.items[count - 1].label = true;
        lexer->at++;
        add_token(lexer, EXPR_TOKEN_LINE, lexer->at - 1);
        return true;
    }
    if (c == '#' && at_line_start(lexer) && rs_is_alpha(byte_at(lexer, lexer->at + 1))) {
        while (lexer->at < lexer->source.size && !is_line_end(peek(lexer, &next)))
            lexer->at = next;
        return true;
    }
    if (!is_line_end(c))
        return false;
    if (!at_line_start(lexer) && !goes_on(lexer))
        add_token(lexer, EXPR_TOKEN_LINE, lexer->at)->text = RS_TEXT("");
    else if (lexer->tokens.count > 0 && rs_vec_last(&lexer->tokens).kind == EXPR_TOKEN_LINE)
        rs_vec_last(&lexer->tokens).text = RS_TEXT(""); /* a colon at the end of a line */
    step_over_line_end(lexer);
    return true;
}

static rs_status lex_one(struct lexer *lexer)
{
    size_t next;
    uint32_t c = peek(lexer, &next);
    char byte = byte_at(lexer, lexer->at), second = rs_lower(byte_at(lexer, lexer->at + 1));

    if (lexer->lines && lex_line_end(lexer, c))
        return RS_OK;
    if (is_blank(c)) {
        lexer->at = next;
        return RS_OK;
    }
    if (is_comment_mark(c)) {
        skip_comment(lexer);
        return RS_OK;
    }
    if (is_quote(c))
        return lex_text(lexer);
    if (byte == '$' && begins_text(lexer, lexer->at + 1))
        return lex_interpolated(lexer);
    if (rs_is_digit(byte) || (byte == '.' && rs_is_digit(second)))
        return lex_number(lexer);
    if (byte == '&' && !behind_value(lexer) && ((second == 'h' && is_hex_digit(byte_at(lexer, lexer->at + 2))) ||
                        ((second == 'o' || second == 'b') && rs_is_digit(byte_at(lexer, lexer->at + 2)))))
        return lex_number(lexer);
    if (byte == '#')
        return lex_date(lexer);
    if (byte == '[')
        return lex_escaped_name(lexer);
    if (skip_continuation(lexer))
        return RS_OK;
    if (begins_name(c))
        return lex_name(lexer);
    return lex_operator(lexer);
}

rs_status expr_lex(struct rs_job *job, rs_text source, struct expr_tokens *out)
{
    struct lexer lexer = {.job = job, .source = source, .column = 1};

    if (source.size > EXPR_SOURCE_MAX)
        return rs_fail(job, EXPR_SYNTAX, "the expression has %zu bytes; at most %d are allowed", source.size,
                       EXPR_SOURCE_MAX);
    while (lexer.at < source.size)
        RS_TRY(lex_one(&lexer));
    add_token(&lexer, EXPR_TOKEN_END, lexer.at);
    *out = (struct expr_tokens){lexer.tokens.items, lexer.tokens.count, lexer.comment_column};
    return RS_OK;
}

rs_status expr_lex_lines(struct rs_job *job, rs_text source, struct expr_tokens *out)
{
    struct lexer lexer = {.job = job, .source = source, .column = 1, .lines = true, .line = 1};

    if (source.size > EXPR_CODE_MAX)
        return rs_fail(job, EXPR_SYNTAX, "<Code> has %zu bytes; at most %zu are allowed", source.size, EXPR_CODE_MAX);
    while (lexer.at < source.size) {
        size_t next;
        if (lexer.tokens.count % 1024 == 0)
            RS_TRY(rs_job_checkpoint(job));
        if (lex_one(&lexer) == RS_OK)
            continue;
        rs_text why = rs_text_copy(job, rs_job_message(job));
        rs_job_forgive(job);
        add_token(&lexer, EXPR_TOKEN_BAD, lexer.at)->text = why;
        while (lexer.at < source.size && !is_line_end(peek(&lexer, &next)))
            lexer.at = next;
    }
    add_token(&lexer, EXPR_TOKEN_LINE, lexer.at)->text = RS_TEXT("");
    add_token(&lexer, EXPR_TOKEN_END, lexer.at);
    *out = (struct expr_tokens){lexer.tokens.items, lexer.tokens.count, 0};
    return RS_OK;
}
