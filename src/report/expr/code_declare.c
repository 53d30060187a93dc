/* Members of <Code>: what is declared, then each body on its own, so that one that does not compile leaves the others.
 */
#include "report/expr/code_declare.h"

/* ---- words --------------------------------------------------------------------------------- */

bool code_at_word(const struct expr_cursor *at, const char *word)
{
    return at->token->kind == EXPR_TOKEN_NAME && !at->token->escaped &&
           rs_text_equal_nocase(at->token->text, rs_text_from(word));
}

bool code_accept_word(struct expr_cursor *at, const char *word)
{
    if (!code_at_word(at, word))
        return false;
    at->token++;
    return true;
}

bool code_at_line_end(const struct expr_cursor *at)
{
    return at->token->kind == EXPR_TOKEN_LINE || at->token->kind == EXPR_TOKEN_END;
}

rs_status code_fail(struct rs_job *job, rs_status status, const struct expr_cursor *at, const char *format, ...)
{
    va_list arguments;
    rs_text sentence;

    va_start(arguments, format);
    sentence = rs_text_vformat(job, format, arguments);
    va_end(arguments);
    return expr_fail_at(job, status, at->token->column, "%.*s", RS_TEXT_ARG(sentence));
}

void code_skip_line(struct expr_cursor *at)
{
    while (!code_at_line_end(at) || (at->token->kind == EXPR_TOKEN_LINE && at->token->text.size > 0))
        at->token++;
}

bool code_accept_op(struct expr_cursor *at, enum expr_op op)
{
    if (at->token->op != op)
        return false;
    at->token++;
    return true;
}

/* ---- types --------------------------------------------------------------------------------- */

static rs_status type_of(struct rs_job *job, const struct expr_code *code, const struct expr_cursor *at,
                         const struct expr_type *type, struct code_type *out)
{
    const struct code_own *own = code_find_own(code, type->name);
    int row = own ? -1 : find_type(type->name);

    *out = (struct code_type){own && !type->is_nullable ? CODE_OWN_ROW(own->number) : row, type->is_array};
    if (own)
        return RS_OK;
    if (row >= 0 && (type->is_nullable || expr_types[row].kind == VALUE_KINDS || expr_types[row].kind == VALUE_ARRAY))
        out->row = -1;
    if (row < 0 && code_find_class(type->name) < 0)
        return code_fail(job, EXPR_UNSUPPORTED, at, "the type %.*s is not supported", RS_TEXT_ARG(type->name));
    return RS_OK;
}

rs_status code_parse_as(struct rs_job *job, const struct expr_code *code, struct expr_cursor *at, struct code_type *out)
{
    struct expr_cursor from = *at;
    struct expr_type type;

    RS_TRY(expr_parse_type(job, at, &type));
    return type_of(job, code, &from, &type, out);
}

/* ---- variables ----------------------------------------------------------------------------- */

/* (3, 4), () and (,) behind a name. */
static rs_status parse_bounds(struct rs_job *job, struct expr_cursor *at, struct code_declarator *out)
{
    struct expr_arguments arguments = {0};
    RS_VEC(struct expr_node *) bounds = {0};

    RS_TRY(expr_parse_arguments(job, at, &arguments));
    out->type.is_array = true;
    for (size_t i = 0; i < arguments.count; i++)
        if (arguments.items[i].value)
            rs_vec_push(job, &bounds, arguments.items[i].value);
    if (bounds.count != 0 && bounds.count != arguments.count)
        return code_fail(job, EXPR_SYNTAX, at, "the array has bounds of some dimensions only");
    out->bounds = bounds.items;
    out->bound_count = bounds.count;
    return RS_OK;
}

static rs_status parse_declarator(struct rs_job *job, struct expr_cursor *at, struct code_declarator *out)
{
    *out = (struct code_declarator){.type = CODE_OBJECT, .line = at->token->line};
    if (at->token->kind != EXPR_TOKEN_NAME || (at->token->op != EXPR_OP_NONE && !at->token->escaped))
        return expr_refuse_token(job, at, "the name of a variable");
    out->name = at->token->text;
    at->token++;
    code_accept_op(at, EXPR_OP_QUESTION);
    if (at->token->op == EXPR_OP_OPEN)
        RS_TRY(parse_bounds(job, at, out));
    return RS_OK;
}

static rs_status parse_declared_type(struct rs_job *job, const struct expr_code *code, struct expr_cursor *at, struct code_declarator *out)
{
    bool is_array = out->type.is_array;

    if (at->token->op == EXPR_OP_NEW) {
        RS_TRY(expr_parse_target(job, at, &out->made));
    } else {
        RS_TRY(code_parse_as(job, code, at, &out->type));
        out->type.is_array |= is_array;
    }
    out->has_type = true;
    return RS_OK;
}

rs_status code_parse_declarators(struct rs_job *job, const struct expr_code *code, struct expr_cursor *at,
                                 struct code_declarators *out)
{
    size_t typed = out->count; /* Dim a, b As Integer: one type for all names in front of it */
    struct code_declarator declarator;

    do {
        RS_TRY(parse_declarator(job, at, &declarator));
        if (code_accept_word(at, "As")) {
            RS_TRY(parse_declared_type(job, code, at, &declarator));
            for (; typed < out->count; typed++) {
                bool is_array = out->items[typed].type.is_array;
                out->items[typed].type = declarator.type;
                out->items[typed].type.is_array = is_array;
                out->items[typed].made = declarator.made;
            }
            typed++;
        }
        if (code_accept_op(at, EXPR_OP_EQUAL))
            RS_TRY(expr_parse_value(job, at, &declarator.initial));
        rs_vec_push(job, out, declarator);
    } while (code_accept_op(at, EXPR_OP_COMMA));
    return RS_OK;
}

struct code_variable *code_add_variable(struct expr_code *code, struct rs_job *job, const struct code_declarator *declarator)
{
    struct code_variable *variable = RS_NEW(job, struct code_variable);

    variable->name = declarator->name;
    variable->type = declarator->type;
    variable->slot = (int)code->variables.count;
    rs_vec_push(job, &code->variables, variable);
    return variable;
}

/* A variable of the class Code, or a field of the objects of a type, with what it begins with. */
static struct code_variable *add_member_variable(struct declaring *d, const struct code_declarator *declarator, bool is_field)
{
    struct code_variable *variable;

    if (is_field) {
        variable = RS_NEW(d->job, struct code_variable);
        *variable = (struct code_variable){.name = declarator->name, .type = declarator->type, .is_field = true,
                                           .slot = (int)d->own->fields.count};
        rs_vec_push(d->job, &d->own->fields, variable);
    } else {
        variable = code_add_variable(d->code, d->job, declarator);
    }
    rs_vec_push(d->job, is_field ? d->own->initials : &d->initials, (struct code_initial){variable, declarator});
    return variable;
}

/* ---- the class ----------------------------------------------------------------------------- */

static bool is_stop(rs_status status)
{
    return status == RS_CANCELLED || status == RS_TIMEOUT || status == RS_OVER_LIMIT || status == RS_NO_MEMORY;
}

rs_status code_note(struct declaring *d, rs_status status, unsigned line, rs_text member, rs_text *why)
{
    if (status == RS_OK || is_stop(status))
        return status;
    *why = rs_text_copy(d->job, rs_job_message(d->job));
    rs_job_forgive(d->job);
    rs_vec_push(d->job, &d->code->problems,
                (struct expr_code_problem){status, d->first_line + line - 1, member, *why});
    *why = rs_text_format(d->job, "<Code> line %u: %.*s", d->first_line + line - 1, RS_TEXT_ARG(*why));
    return RS_OK;
}

struct code_member *code_member_called(struct declaring *d, rs_text name)
{
    struct rs_map *members = d->own ? d->own->members : d->code->members;
    struct code_member *member = rs_map_find(members, name);

    if (member)
        return member;
    member = RS_NEW(d->job, struct code_member);
    member->name = name;
    rs_map_set(members, name, member);
    return member;
}

/* ---- procedures ---------------------------------------------------------------------------- */

static rs_status parse_default(struct declaring *d, struct code_parameter *parameter)
{
    struct expr_node *node;
    bool known;

    if (!code_accept_op(&d->at, EXPR_OP_EQUAL))
        return expr_refuse_token(d->job, &d->at, "\"=\" and what an Optional parameter is where it is not given");
    RS_TRY(expr_parse_value(d->job, &d->at, &node));
    RS_TRY(code_constant(d, node, CODE_OBJECT, NULL, 0, &known, &parameter->otherwise));
    if (!known)
        return code_fail(d->job, EXPR_SYNTAX, &d->at, "what an Optional parameter is where it is not given must be a constant");
    return RS_OK;
}

static rs_status parse_parameter(struct declaring *d, struct code_parameter *out)
{
    *out = (struct code_parameter){.type = CODE_OBJECT};
    for (;;) {
        if (code_accept_word(&d->at, "Optional"))
            out->optional = true;
        else if (code_accept_word(&d->at, "ByRef"))
            out->by_ref = true;
        else if (code_accept_word(&d->at, "ParamArray"))
            out->rest = true;
        else if (!code_accept_word(&d->at, "ByVal"))
            break;
    }
    if (d->at.token->kind != EXPR_TOKEN_NAME)
        return expr_refuse_token(d->job, &d->at, "the name of a parameter");
    out->name = d->at.token->text;
    d->at.token++;
    code_accept_op(&d->at, EXPR_OP_QUESTION);
    bool is_array = d->at.token->op == EXPR_OP_OPEN && d->at.token[1].op == EXPR_OP_CLOSE;
    if (is_array)
        d->at.token += 2;
    if (code_accept_word(&d->at, "As"))
        RS_TRY(code_parse_as(d->job, d->code, &d->at, &out->type));
    out->type.is_array |= is_array || out->rest;
    return out->optional ? parse_default(d, out) : RS_OK;
}

static rs_status parse_parameters(struct declaring *d, struct code_procedure *procedure)
{
    RS_VEC(struct code_parameter) parameters = {0};
    struct code_parameter parameter;

    if (!code_accept_op(&d->at, EXPR_OP_OPEN) || code_accept_op(&d->at, EXPR_OP_CLOSE))
        return RS_OK;
    do {
        RS_TRY(parse_parameter(d, &parameter));
        if (parameters.count == CODE_PARAMETERS_MAX)
            return code_fail(d->job, EXPR_SYNTAX, &d->at, "a procedure has more than %d parameters", CODE_PARAMETERS_MAX);
        rs_vec_push(d->job, &parameters, parameter);
        procedure->has_by_ref |= parameter.by_ref;
        if (!parameter.optional && !parameter.rest)
            procedure->least = parameters.count;
    } while (code_accept_op(&d->at, EXPR_OP_COMMA));
    procedure->parameters = parameters.items;
    procedure->parameter_count = parameters.count;
    return code_accept_op(&d->at, EXPR_OP_CLOSE) ? RS_OK : expr_refuse_token(d->job, &d->at, "\",\" or \")\"");
}

struct code_procedure *code_add_procedure(struct declaring *d, rs_text name, bool is_sub)
{
    struct code_procedure *procedure = RS_NEW(d->job, struct code_procedure);

    procedure->name = name;
    procedure->number = (int)d->code->procedures.count;
    procedure->line = d->at.token->line;
    procedure->is_sub = is_sub;
    procedure->type = CODE_OBJECT;
    procedure->scope = d->own;
    rs_vec_push(d->job, &d->code->procedures, procedure);
    return procedure;
}

bool code_skip_body(struct declaring *d, const char *word)
{
    for (bool begins = false; d->at.token->kind != EXPR_TOKEN_END; d->at.token++) {
        if (begins && code_at_word(&d->at, "End")) {
            struct expr_cursor next = {.token = d->at.token + 1};
            if (code_at_word(&next, word)) {
                d->at.token += 2;
                return true;
            }
        }
        begins = d->at.token->kind == EXPR_TOKEN_LINE;
    }
    return false;
}

/* The name, parameters and type of a Function or Sub; the word has been read. */
static rs_status parse_signature(struct declaring *d, struct code_procedure *procedure)
{
    RS_TRY(parse_parameters(d, procedure));
    if (code_accept_word(&d->at, "As"))
        RS_TRY(code_parse_as(d->job, d->code, &d->at, &procedure->type));
    if (code_accept_word(&d->at, "Handles") || code_accept_word(&d->at, "Implements"))
        return code_fail(d->job, EXPR_UNSUPPORTED, &d->at, "Handles and Implements are not supported");
    if (!code_at_line_end(&d->at))
        return expr_refuse_token(d->job, &d->at, "the end of the declaration");
    procedure->body = d->at.token;
    return RS_OK;
}

static rs_status declare_procedure(struct declaring *d, const char *word, struct code_modifiers modifiers)
{
    struct code_procedure *procedure;
    unsigned line = d->at.token->line;
    rs_status status;

    if (d->at.token->kind != EXPR_TOKEN_NAME)
        return expr_refuse_token(d->job, &d->at, "the name of a procedure");
    procedure = code_add_procedure(d, d->at.token->text, rs_text_equal(rs_text_from(word), RS_TEXT("Sub")));
    d->at.token++;
    procedure->has_me = d->own && !modifiers.is_shared;
    rs_vec_push(d->job, &code_member_called(d, procedure->name)->procedures, procedure);
    if (procedure->is_sub && !d->own && rs_text_equal_nocase(procedure->name, RS_TEXT("OnInit")))
        d->code->on_init = procedure;
    status = parse_signature(d, procedure);
    RS_TRY(code_note(d, status, line, procedure->name, &procedure->broken));
    if (code_skip_body(d, word))
        return RS_OK;
    status = rs_fail(d->job, EXPR_SYNTAX, "%s %.*s has no End %s", word, RS_TEXT_ARG(procedure->name), word);
    return code_note(d, status, line, procedure->name, &procedure->broken);
}

/* ---- properties ---------------------------------------------------------------------------- */

/* Get ... End Get, Set(value) ... End Set */
static rs_status declare_accessor(struct declaring *d, struct code_member *member, const struct code_procedure *property,
                                  bool is_get)
{
    struct code_procedure *procedure = code_add_procedure(d, member->name, !is_get);

    procedure->type = property->type;
    procedure->has_me = property->has_me;
    if (is_get) {
        procedure->parameters = property->parameters;
        procedure->parameter_count = property->parameter_count;
        procedure->least = property->least;
        rs_vec_push(d->job, &member->procedures, procedure);
    } else {
        RS_TRY(parse_parameters(d, procedure));
        if (procedure->parameter_count == 0) {
            struct code_parameter *value = RS_NEW(d->job, struct code_parameter);
            *value = (struct code_parameter){.name = RS_TEXT("value"), .type = property->type};
            procedure->parameters = value;
            procedure->parameter_count = procedure->least = 1;
        }
        if (property->parameter_count > 0 || procedure->parameter_count != 1)
            return code_fail(d->job, EXPR_UNSUPPORTED, &d->at, "a property with parameters that is set is not supported");
        member->setter = procedure;
    }
    procedure->body = d->at.token;
    if (!code_skip_body(d, is_get ? "Get" : "Set"))
        return code_fail(d->job, EXPR_SYNTAX, &d->at, "the property %.*s does not end", RS_TEXT_ARG(member->name));
    return RS_OK;
}

static bool property_is_automatic(const struct expr_cursor *at)
{
    struct expr_cursor next = *at;

    code_skip_line(&next);
    while (next.token->kind == EXPR_TOKEN_LINE)
        next.token++;
    return !code_at_word(&next, "Get") && !code_at_word(&next, "Set") && !code_at_word(&next, "Private") &&
           !code_at_word(&next, "Public") && !code_at_word(&next, "End");
}

static rs_status declare_property(struct declaring *d, struct code_modifiers modifiers)
{
    struct code_procedure property = {.type = CODE_OBJECT, .has_me = d->own && !modifiers.is_shared};
    struct code_declarator declarator = {.line = d->at.token->line};
    struct code_member *member;

    if (d->at.token->kind != EXPR_TOKEN_NAME)
        return expr_refuse_token(d->job, &d->at, "the name of a property");
    member = code_member_called(d, d->at.token->text);
    member->is_property = true;
    d->at.token++;
    RS_TRY(parse_parameters(d, &property));
    if (code_accept_word(&d->at, "As"))
        RS_TRY(code_parse_as(d->job, d->code, &d->at, &property.type));
    if (code_accept_op(&d->at, EXPR_OP_EQUAL))
        RS_TRY(expr_parse_value(d->job, &d->at, &declarator.initial));
    if (declarator.initial || property_is_automatic(&d->at)) {
        declarator.name = member->name;
        declarator.type = property.type;
        struct code_declarator *kept = RS_NEW(d->job, struct code_declarator);
        *kept = declarator;
        member->variable = add_member_variable(d, kept, property.has_me);
        return RS_OK;
    }
    for (;;) {
        while (d->at.token->kind == EXPR_TOKEN_LINE || code_at_word(&d->at, "Private") || code_at_word(&d->at, "Public"))
            d->at.token++;
        if (code_accept_word(&d->at, "End") && code_accept_word(&d->at, "Property"))
            return RS_OK;
        bool is_get = code_accept_word(&d->at, "Get");
        if (!is_get && !code_accept_word(&d->at, "Set"))
            return expr_refuse_token(d->job, &d->at, "Get, Set or End Property");
        RS_TRY(declare_accessor(d, member, &property, is_get));
    }
}

/* One that fails is skipped with its accessors. */
static rs_status declare_whole_property(struct declaring *d, struct code_modifiers modifiers)
{
    rs_status status = declare_property(d, modifiers);
    struct expr_cursor from = d->at;

    if (status != RS_OK && !code_skip_body(d, "Property"))
        d->at = from;
    return status;
}

/* ---- variables of the class ---------------------------------------------------------------- */

rs_status code_constant(struct declaring *d, const struct expr_node *node, struct code_type type,
                        const struct code_member *const *siblings, size_t sibling_count, bool *known, struct value *out)
{
    struct code_procedure nobody = {.scope = d->own};
    struct code_body body = {.job = d->job, .code = d->code, .initials = &d->initials, .procedure = &nobody};
    struct compiler *compiler = &body.compiler;

    *compiler = (struct compiler){.job = d->job, .names = d->names, .program = RS_NEW(d->job, struct expr_program), .body = &body};
    for (size_t i = 0; i < sibling_count; i++)
        rs_vec_push(d->job, &body.locals, (struct code_local){.name = siblings[i]->name, .is_constant = true,
                                                              .constant = siblings[i]->variable->constant});
    RS_TRY(compile_node(compiler, node));
    code_convert(&body, type);
    compile_finish(compiler);
    *known = expr_is_constant(compiler->program, out);
    return RS_OK;
}

/* A constant is known to the compiler where what it is can be computed now. */
static void find_constant(struct declaring *d, const struct code_declarator *declarator, struct code_variable *variable)
{
    if (code_constant(d, declarator->initial, variable->type, NULL, 0, &variable->is_constant, &variable->constant) != RS_OK)
        rs_job_forgive(d->job); /* the initial program says it again, and there it counts */
}

static rs_status declare_variables(struct declaring *d, struct code_modifiers modifiers)
{
    struct code_declarators *declarators = RS_NEW(d->job, struct code_declarators);

    RS_TRY(code_parse_declarators(d->job, d->code, &d->at, declarators));
    if (!code_at_line_end(&d->at))
        return expr_refuse_token(d->job, &d->at, "the end of the declaration");
    for (size_t i = 0; i < declarators->count; i++) {
        const struct code_declarator *declarator = &declarators->items[i];
        struct code_variable *variable = add_member_variable(d, declarator, d->own && !modifiers.is_shared && !modifiers.is_constant);
        code_member_called(d, declarator->name)->variable = variable;
        variable->read_only = modifiers.is_constant;
        if (modifiers.is_constant && declarator->initial)
            find_constant(d, declarator, variable);
    }
    return RS_OK;
}

/* ---- members ------------------------------------------------------------------------------- */

struct code_modifiers code_accept_modifiers(struct expr_cursor *at)
{
    static const char *const words[] = {
        "Public", "Private", "Protected", "Friend", "Shared", "Dim", "Static", "ReadOnly", "WriteOnly", "Shadows",
        "Overloads", "Overridable", "Overrides", "NotOverridable", "NotInheritable", "Partial", "WithEvents", "Default", "Const",
    };
    struct code_modifiers out = {0};

    for (size_t i = 0; i < sizeof words / sizeof *words;) {
        struct expr_cursor next = {.token = at->token + 1};
        if (!code_at_word(at, words[i]) || code_at_line_end(&next)) {
            i++;
            continue;
        }
        out.any = true;
        out.is_constant |= strcmp(words[i], "Const") == 0;
        out.is_shared |= strcmp(words[i], "Shared") == 0;
        at->token++;
        i = 0;
    }
    return out;
}

/* <Attribute()> says nothing here. */
static void skip_attributes(struct expr_cursor *at)
{
    while (at->token->op == EXPR_OP_LESS && at->token->kind == EXPR_TOKEN_OPERATOR) {
        while (at->token->kind != EXPR_TOKEN_END && at->token->op != EXPR_OP_GREATER)
            at->token++;
        code_accept_op(at, EXPR_OP_GREATER);
        while (at->token->kind == EXPR_TOKEN_LINE)
            at->token++;
    }
}

static rs_status refuse_type(struct declaring *d)
{
    static const char *const words[] = {"Module", "Interface", "Namespace", "Delegate", "Event"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!code_accept_word(&d->at, words[i]))
            continue;
        struct expr_cursor at = d->at;
        if (i < 3)
            code_skip_body(d, words[i]);
        return code_fail(d->job, EXPR_UNSUPPORTED, &at, "%s inside <Code> is not supported", words[i]);
    }
    return RS_OK;
}

static rs_status declare_member(struct declaring *d)
{
    struct code_modifiers modifiers;
    bool done;

    skip_attributes(&d->at);
    modifiers = code_accept_modifiers(&d->at);
    if (code_accept_word(&d->at, "Function"))
        return declare_procedure(d, "Function", modifiers);
    if (code_accept_word(&d->at, "Sub"))
        return declare_procedure(d, "Sub", modifiers);
    if (code_accept_word(&d->at, "Property"))
        return declare_whole_property(d, modifiers);
    RS_TRY(code_declare_type(d, &done));
    if (done)
        return RS_OK;
    RS_TRY(refuse_type(d));
    if (modifiers.any)
        return declare_variables(d, modifiers);
    return expr_refuse_token(d->job, &d->at, "the declaration of a member (Public Function, Dim ...)");
}

/* End Class, where that is what ends the members. */
static bool at_end_of(struct declaring *d, const char *word)
{
    struct expr_cursor next = {.token = d->at.token + 1};

    if (!word || !code_at_word(&d->at, "End") || !code_at_word(&next, word))
        return false;
    d->at.token += 2;
    return true;
}

rs_status code_declare_members(struct declaring *d, const char *word)
{
    rs_text ignored;

    while (d->at.token->kind != EXPR_TOKEN_END) {
        unsigned line = d->at.token->line;
        if (d->at.token->kind == EXPR_TOKEN_LINE) {
            d->at.token++;
            continue;
        }
        RS_TRY(rs_job_checkpoint(d->job));
        if (at_end_of(d, word))
            return RS_OK;
        if (code_at_word(&d->at, "Imports") || code_at_word(&d->at, "Option")) {
            code_skip_line(&d->at); /* what they import is known, or is named in full */
            continue;
        }
        rs_status status = declare_member(d);
        RS_TRY(code_note(d, status, line, d->own ? d->own->name : RS_TEXT(""), &ignored));
        if (status != RS_OK)
            code_skip_line(&d->at);
    }
    return word ? rs_fail(d->job, EXPR_SYNTAX, "%s %.*s has no End %s", word, RS_TEXT_ARG(d->own->name), word) : RS_OK;
}

/* ---- bodies -------------------------------------------------------------------------------- */

static struct code_body body_of(struct declaring *d, struct code_procedure *procedure)
{
    return (struct code_body){
        .job = d->job, .code = d->code, .initials = &d->initials, .procedure = procedure, .line = procedure->line,
        .compiler = {.job = d->job, .names = d->names, .program = RS_NEW(d->job, struct expr_program)},
    };
}

static void finish_body(struct code_body *body)
{
    struct code_procedure *procedure = body->procedure;

    emit_statement(&body->compiler, EXPR_CODE_END, 0, 0);
    compile_finish(&body->compiler);
    procedure->program = body->compiler.program;
    procedure->slots = body->slots.items;
    procedure->slot_count = body->slots.count;
    procedure->handlers = body->handlers.items;
    procedure->handler_count = body->handlers.count;
    if (body->on_error) {
        procedure->statements = body->statements.items;
        procedure->statement_count = body->statements.count;
    }
}

static rs_status compile_body(struct code_body *body)
{
    struct code_procedure *procedure = body->procedure;

    body->compiler.body = body;
    /* The name of a function is a variable in it: its result. */
    if (procedure->is_sub)
        code_add_hidden(body);
    else
        code_add_local(body, procedure->name, procedure->type);
    for (size_t i = 0; i < procedure->parameter_count; i++)
        code_add_local(body, procedure->parameters[i].name, procedure->parameters[i].type);
    if (procedure->has_me)
        code_add_local(body, RS_TEXT("Me"), CODE_OBJECT);
    body->at.token = procedure->body;
    RS_TRY(code_compile_block(body));
    if (!code_at_word(&body->at, "End"))
        return expr_refuse_token(body->job, &body->at, "a statement, or the End of the procedure");
    RS_TRY(code_resolve_labels(body));
    finish_body(body);
    return RS_OK;
}

static rs_status compile_bodies(struct declaring *d)
{
    for (size_t i = 0; i < d->code->procedures.count; i++) {
        struct code_procedure *procedure = d->code->procedures.items[i];
        if (procedure->program)
            continue; /* what sets fields */
        if (!procedure->body && procedure->broken.size == 0)
            procedure->broken = RS_TEXT("the declaration of this member of <Code> does not compile");
        if (procedure->broken.size > 0)
            continue;
        struct code_body body = body_of(d, procedure);
        rs_status status = compile_body(&body);
        RS_TRY(code_note(d, status, body.line, procedure->name, &procedure->broken));
    }
    return RS_OK;
}

rs_status code_compile_initials(struct declaring *d, const struct code_initials *initials, struct code_own *own,
                                struct code_procedure **out)
{
    struct code_procedure *initial = code_add_procedure(d, own ? own->name : RS_TEXT("<Code>"), true);
    bool given;

    initial->scope = own;
    initial->has_me = own != NULL;
    struct code_body body = body_of(d, initial);
    body.compiler.body = &body;
    code_add_hidden(&body);
    if (own)
        code_add_local(&body, RS_TEXT("Me"), CODE_OBJECT);
    for (size_t i = 0; i < initials->count; i++) {
        const struct code_initial *one = &initials->items[i];
        if (one->variable->is_constant)
            continue;
        rs_status status = code_compile_initial(&body, one->declarator, &given);
        if (status != RS_OK) {
            RS_TRY(code_note(d, status, one->declarator->line, one->variable->name, &initial->broken));
            break;
        }
        if (!given)
            emit_constant(&body.compiler, value_null());
        code_convert(&body, one->variable->type);
        emit_statement(&body.compiler, one->variable->is_field ? EXPR_CODE_SET_FIELD : EXPR_CODE_SET_SHARED, one->variable->slot, 1);
    }
    finish_body(&body);
    *out = initial;
    return RS_OK;
}

static rs_status compile_code(struct declaring *d, rs_text source)
{
    struct expr_tokens tokens;

    RS_TRY(expr_lex_lines(d->job, rs_text_copy(d->job, source), &tokens)); /* names borrow from the source */
    d->at.token = tokens.items;
    code_find_types(d);
    RS_TRY(code_declare_members(d, NULL));
    RS_TRY(code_finish_types(d));
    RS_TRY(compile_bodies(d));
    return code_compile_initials(d, &d->initials, NULL, &d->code->initial);
}

rs_status expr_code_compile(struct rs_job *job, rs_text source, unsigned first_line, struct expr_names *names,
                            struct expr_code **out)
{
    struct declaring d = {.job = job, .code = RS_NEW(job, struct expr_code), .names = names, .first_line = first_line};
    struct expr_names all = *names;
    rs_status status;

    names->aggregate = NULL;
    names->lookup = NULL;
    names->enter_data_set = NULL;
    names->allow_page_globals = true; /* known where a page header or footer calls */
    names->code = d.code;
    d.code->first_line = first_line;
    d.code->members = rs_map_create(job, RS_MAP_NOCASE);
    d.code->own_members = rs_map_create(job, RS_MAP_NOCASE);
    status = compile_code(&d, source);
    *names = all;
    if (status == RS_OK)
        *out = d.code;
    return status;
}

struct expr_code_problems expr_code_problems(const struct expr_code *code)
{
    return (struct expr_code_problems){code->problems.items, code->problems.count};
}

enum value_kind expr_code_parameter_kind(const struct expr_code *code, rs_text member, size_t index)
{
    const struct code_member *found = code_find_member(code, member);
    const struct code_procedure *first = found && found->procedures.count ? found->procedures.items[0] : NULL;

    if (!first || index >= first->parameter_count || first->parameters[index].type.row < 0 || first->parameters[index].type.is_array)
        return VALUE_NULL;
    return (enum value_kind)expr_types[first->parameters[index].type.row].kind;
}

size_t expr_code_member_count(const struct expr_code *code)
{
    return rs_map_count(code->members);
}
