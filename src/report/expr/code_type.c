/* Types that <Code> declares: Enum, whose values are constants; Structure and Class, whose objects have fields and members
 * of their own. A type may stand inside another; its name is known everywhere in <Code>.
 */
#include "report/expr/code_declare.h"

static const struct {
    const char *word;
    enum code_own_sort sort;
} sorts[] = {{"Enum", CODE_ENUM}, {"Structure", CODE_STRUCTURE}, {"Class", CODE_CLASS_OF_CODE}};

static bool accept_sort(struct expr_cursor *at, const char **word, enum code_own_sort *sort)
{
    for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++)
        if (code_accept_word(at, sorts[i].word)) {
            *word = sorts[i].word;
            *sort = sorts[i].sort;
            return true;
        }
    return false;
}

static void add_type(struct declaring *d, rs_text name, enum code_own_sort sort)
{
    struct code_own *own = RS_NEW(d->job, struct code_own);

    own->name = name;
    own->sort = sort;
    own->number = (int)d->code->own.count;
    own->members = rs_map_create(d->job, RS_MAP_NOCASE);
    own->initials = RS_NEW(d->job, struct code_initials);
    rs_vec_push(d->job, &d->code->own, own);
}

void code_find_types(struct declaring *d)
{
    struct expr_cursor at = d->at;
    const char *word;
    enum code_own_sort sort;

    for (; at.token->kind != EXPR_TOKEN_END; code_skip_line(&at)) {
        while (at.token->kind == EXPR_TOKEN_LINE)
            at.token++;
        code_accept_modifiers(&at);
        if (accept_sort(&at, &word, &sort) && at.token->kind == EXPR_TOKEN_NAME && !code_find_own(d->code, at.token->text))
            add_type(d, at.token->text, sort);
    }
}

/* ---- Enum ---------------------------------------------------------------------------------- */

static rs_status declare_value(struct declaring *d, struct code_own *own, int64_t *next)
{
    struct code_variable *variable = RS_NEW(d->job, struct code_variable);
    struct code_type type = {CODE_OWN_ROW(own->number), false};
    struct code_member *member = RS_NEW(d->job, struct code_member);
    struct expr_node *node;
    bool known;

    if (d->at.token->kind != EXPR_TOKEN_NAME)
        return expr_refuse_token(d->job, &d->at, "the name of a value, or End Enum");
    *variable = (struct code_variable){.name = d->at.token->text, .type = type, .read_only = true, .is_constant = true};
    member->name = variable->name;
    member->variable = variable;
    d->at.token++;
    if (code_accept_op(&d->at, EXPR_OP_EQUAL)) {
        struct value v;
        RS_TRY(expr_parse_value(d->job, &d->at, &node));
        RS_TRY(code_constant(d, node, CODE_OBJECT, (const struct code_member *const *)own->members_in_order.items,
                             own->members_in_order.count, &known, &v));
        if (!known || (v.kind != VALUE_INTEGER && v.kind != VALUE_LONG))
            return code_fail(d->job, EXPR_SYNTAX, &d->at, "the value of %.*s must be a constant whole number",
                             RS_TEXT_ARG(variable->name));
        *next = v.integer;
    }
    if (*next < INT32_MIN || *next > INT32_MAX)
        return code_fail(d->job, EXPR_SYNTAX, &d->at, "the value of %.*s does not fit an Integer", RS_TEXT_ARG(variable->name));
    variable->constant = value_integer((int32_t)(*next)++);
    rs_map_set(own->members, member->name, member);
    rs_vec_push(d->job, &own->members_in_order, member);
    return code_at_line_end(&d->at) ? RS_OK : expr_refuse_token(d->job, &d->at, "the end of the line");
}

static rs_status declare_enum(struct declaring *d, struct code_own *own)
{
    struct code_type ignored;
    int64_t next = 0;

    if (code_accept_word(&d->at, "As"))
        RS_TRY(code_parse_as(d->job, d->code, &d->at, &ignored));
    for (;;) {
        struct expr_cursor from;
        while (d->at.token->kind == EXPR_TOKEN_LINE)
            d->at.token++;
        from = d->at;
        if (code_accept_word(&d->at, "End") && code_accept_word(&d->at, "Enum"))
            return RS_OK;
        d->at = from;
        RS_TRY(declare_value(d, own, &next));
    }
}

/* ---- Structure and Class ------------------------------------------------------------------- */

static rs_status declare_body(struct declaring *d, struct code_own *own, const char *word)
{
    static const char *const clauses[] = {"Inherits", "Implements"};
    struct code_own *outer = d->own;
    rs_status status;

    if (d->at.token->op == EXPR_OP_OPEN && d->at.token[1].op == EXPR_OP_OF)
        return code_fail(d->job, EXPR_UNSUPPORTED, &d->at, "generic types inside <Code> are not supported");
    while (d->at.token->kind == EXPR_TOKEN_LINE)
        d->at.token++;
    for (size_t i = 0; i < sizeof clauses / sizeof *clauses; i++)
        if (code_at_word(&d->at, clauses[i]))
            return code_fail(d->job, EXPR_UNSUPPORTED, &d->at, "%s inside <Code> is not supported", clauses[i]);
    d->own = own;
    status = code_declare_members(d, word);
    d->own = outer;
    return status;
}

rs_status code_declare_type(struct declaring *d, bool *done)
{
    struct expr_cursor from = d->at, start;
    enum code_own_sort sort;
    struct code_own *own;
    const char *word;
    rs_text ignored;
    rs_status status;

    *done = accept_sort(&d->at, &word, &sort) && d->at.token->kind == EXPR_TOKEN_NAME;
    if (!*done) {
        d->at = from;
        return RS_OK;
    }
    own = code_find_own(d->code, d->at.token->text);
    if (!own || own->sort != sort || own->is_declared)
        return code_fail(d->job, EXPR_SYNTAX, &d->at, "there are two types called %.*s", RS_TEXT_ARG(d->at.token->text));
    own->is_declared = true;
    d->at.token++;
    start = d->at;
    status = sort == CODE_ENUM ? declare_enum(d, own) : declare_body(d, own, word); /* where it fails the cursor stays */
    if (status == RS_OK)
        return RS_OK;
    RS_TRY(code_note(d, status, d->at.token->line, own->name, &ignored));
    d->at = start;
    if (!code_skip_body(d, word))
        d->at = start;
    return RS_OK;
}

rs_status code_finish_types(struct declaring *d)
{
    for (size_t i = 0; i < d->code->own.count; i++) {
        struct code_own *own = d->code->own.items[i];
        if (own->initials->count > 0)
            RS_TRY(code_compile_initials(d, own->initials, own, &own->initial));
        for (size_t m = 0; own->sort != CODE_ENUM && m < rs_map_count(own->members); m++) {
            struct code_member *member = rs_map_value(own->members, m);
            rs_map_set(d->code->own_members, member->name, member);
        }
    }
    return RS_OK;
}
