#include "report/expr/dialect.h"

#include "base/buf.h"
#include "base/vec.h"
#include "report/expr/code_body.h"

/* A stretch of operands that + and - join: until a comma, a parenthesis or an operator that binds less. */
struct stretch {
    size_t plus;   /* of translator.plus, where its own begin */
    bool has_text; /* one of its operands is a text */
    bool aggregate; /* in the parentheses of one */
};

struct translator {
    rs_text rest;
    rs_buf out;
    RS_VEC(struct stretch) open; /* one for each open parenthesis, and the outermost */
    RS_VEC(size_t) plus;         /* where in `out` a + stands */
    const struct expr_code *code;
    char before;  /* the last character that is no blank */
    bool aggregate; /* the last word names one */
    bool changed;
};

/* A sum with a text in it joins texts. */
static void end_stretch(struct translator *t)
{
    struct stretch *s = &rs_vec_last(&t->open);

    for (size_t i = s->plus; s->has_text && i < t->plus.count; i++) {
        t->out.bytes[t->plus.items[i]] = '&';
        t->changed = true;
    }
    t->plus.count = s->plus;
    s->has_text = false;
}

static void take(struct translator *t, size_t count)
{
    rs_buf_add(&t->out, rs_text_slice(t->rest, 0, count));
    t->rest = rs_text_from_offset(t->rest, count);
}

static void replace(struct translator *t, size_t count, rs_text by)
{
    rs_buf_add(&t->out, by);
    t->rest = rs_text_from_offset(t->rest, count);
    t->changed = true;
}

static char at(const struct translator *t, size_t offset)
{
    return offset < t->rest.size ? t->rest.bytes[offset] : '\0';
}

static char escaped(char c)
{
    switch (c) {
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return c;
    }
}

static bool translate_text(struct translator *t)
{
    char quote = at(t, 0);
    size_t i = 1;

    rs_buf_add_byte(&t->out, '"');
    for (;; i++) {
        char c = at(t, i);
        if (i >= t->rest.size)
            return false;
        if (c == quote && at(t, i + 1) != quote)
            break;
        if (c == quote)
            i++;
        if (c == '\\' && i + 1 < t->rest.size && strchr("nrt\\'\"", at(t, i + 1))) {
            c = escaped(at(t, ++i));
            t->changed = true;
        }
        if (c == '"')
            rs_buf_add_byte(&t->out, '"');
        rs_buf_add_byte(&t->out, c);
    }
    rs_buf_add_byte(&t->out, '"');
    t->changed |= quote == '\'';
    t->rest = rs_text_from_offset(t->rest, i + 1);
    rs_vec_last(&t->open).has_text = true;
    return true;
}

/* {Name} and its relatives; other braces are those of an array. */
static void translate_braces(struct translator *t)
{
    static const struct {
        char mark;
        const char *before, *after;
    } forms[] = {{'?', "Parameters!", ".Value"}, {'@', "Globals!", ""}, {'!', "User!", ""}};
    const char *before = "Fields!", *after = ".Value";
    size_t from = 1, end;

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (at(t, 1) == forms[i].mark) {
            before = forms[i].before;
            after = forms[i].after;
            from = 2;
        }
    for (end = from; rs_is_alpha(at(t, end)) || rs_is_digit(at(t, end)) || at(t, end) == '_'; end++)
        continue;
    if (end == from || rs_is_digit(at(t, from)) || at(t, end) != '}') {
        take(t, 1);
        return;
    }
    rs_buf_add(&t->out, rs_text_from(before));
    rs_buf_add(&t->out, rs_text_slice(t->rest, from, end - from));
    replace(t, end + 1, rs_text_from(after));
}

static bool is_among(rs_text word, const char *const *words)
{
    for (; *words; words++)
        if (rs_text_equal_nocase(word, rs_text_from(*words)))
            return true;
    return false;
}

static char next_of(const struct translator *t, size_t offset)
{
    while (at(t, offset) == ' ')
        offset++;
    return at(t, offset);
}

static void translate_word(struct translator *t)
{
    static const char *const joiners[] = {"And", "AndAlso", "Or", "OrElse", "Xor", "Not", "Like", "Is", "IsNot", NULL};
    static const char *const aggregates[] = {"Sum", "Avg", "Min", "Max", "Count", "CountDistinct", "CountRows", "StDev", "StDevP",
                                             "Var", "VarP", "First", "Last", "Previous", "RunningValue", NULL};
    static const char *const no_scopes[] = {"Nothing", "Recursive", "Simple", NULL};
    bool in_aggregate = rs_vec_last(&t->open).aggregate;
    size_t size = 0;
    rs_text word;

    while (rs_is_alpha(at(t, size)) || rs_is_digit(at(t, size)) || at(t, size) == '_')
        size++;
    word = rs_text_slice(t->rest, 0, size);
    if (is_among(word, joiners))
        end_stretch(t);
    t->aggregate = is_among(word, aggregates);
    if (in_aggregate && t->before == ',' && next_of(t, size) == ')' && !t->aggregate && !is_among(word, no_scopes)) {
        rs_buf_printf(&t->out, "\"%.*s\"", RS_TEXT_ARG(word));
        replace(t, size, RS_TEXT(""));
        return;
    }
    if (t->code && t->before != '.' && t->before != '!' && next_of(t, size) == '(' && code_find_member(t->code, word)) {
        rs_buf_add(&t->out, RS_TEXT("Code."));
        t->changed = true;
    }
    take(t, size);
}

static bool translate_one(struct translator *t, struct rs_job *job)
{
    char c = at(t, 0);

    if (c == '\'' || c == '"')
        return translate_text(t);
    if (rs_is_alpha(c) || c == '_') {
        translate_word(t);
    } else if (c == '{') {
        translate_braces(t);
    } else if (c == '%') {
        if (t->out.used && t->out.bytes[t->out.used - 1] != ' ')
            rs_buf_add_byte(&t->out, ' ');
        replace(t, 1, at(t, 1) == ' ' ? RS_TEXT("Mod") : RS_TEXT("Mod "));
    } else if (c == '!' && at(t, 1) == '=') {
        end_stretch(t);
        replace(t, 2, RS_TEXT("<>"));
    } else if (c == '(') {
        rs_vec_push(job, &t->open, (struct stretch){t->plus.count, false, t->aggregate});
        take(t, 1);
    } else if (c == ')') {
        end_stretch(t);
        if (t->open.count == 1)
            return false;
        t->open.count--;
        take(t, 1);
    } else if (c == '+') {
        rs_vec_push(job, &t->plus, t->out.used);
        take(t, 1);
    } else {
        if (c == ',' || c == '=' || c == '<' || c == '>')
            end_stretch(t);
        take(t, 1);
    }
    return true;
}

bool expr_dialect(struct rs_job *job, rs_text source, const struct expr_code *code, rs_text *out)
{
    struct translator t = {.rest = source, .out = rs_buf_in(job), .code = code};

    rs_vec_push(job, &t.open, (struct stretch){0});
    while (t.rest.size) {
        char c = at(&t, 0);
        if (!translate_one(&t, job))
            return false;
        t.before = c == ' ' ? t.before : c;
    }
    end_stretch(&t);
    if (!t.changed || t.open.count != 1)
        return false;
    *out = rs_buf_text(&t.out);
    return true;
}
