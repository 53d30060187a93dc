/* Members of <Code>: what is declared, then each body on its own, so that one that does not compile leaves the others.
 */
#include "report/expr/code_body.h"

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

static void skip_line(struct expr_cursor *at)
{
    while (!code_at_line_end(at) || (at->token->kind == EXPR_TOKEN_LINE && at->token->text.size > 0))
        at->token++;
}

static bool accept_op(struct expr_cursor *at, enum expr_op op)
{
    if (at->token->op != op)
        return false;
    at->token++;
    return true;
}

/* ---- types --------------------------------------------------------------------------------- */

static rs_status type_of(struct rs_job *job, const struct expr_cursor *at, const struct expr_type *type, struct code_type *out)
{
    int row = find_type(type->name);

    *out = (struct code_type){row, type->is_array};
    if (row >= 0 && (type->is_nullable || expr_types[row].kind == VALUE_KINDS || expr_types[row].kind == VALUE_ARRAY))
        out->row = -1;
    if (row < 0 && code_find_class(type->name) < 0)
        return code_fail(job, EXPR_UNSUPPORTED, at, "the type %.*s is not supported", RS_TEXT_ARG(type->name));
    return RS_OK;
}

rs_status code_parse_as(struct rs_job *job, struct expr_cursor *at, struct code_type *out)
{
    struct expr_cursor from = *at;
    struct expr_type type;

    RS_TRY(expr_parse_type(job, at, &type));
    return type_of(job, &from, &type, out);
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
    accept_op(at, EXPR_OP_QUESTION);
    if (at->token->op == EXPR_OP_OPEN)
        RS_TRY(parse_bounds(job, at, out));
    return RS_OK;
}

static rs_status parse_declared_type(struct rs_job *job, struct expr_cursor *at, struct code_declarator *out)
{
    bool is_array = out->type.is_array;

    if (at->token->op == EXPR_OP_NEW) {
        RS_TRY(expr_parse_target(job, at, &out->made));
    } else {
        RS_TRY(code_parse_as(job, at, &out->type));
        out->type.is_array |= is_array;
    }
    out->has_type = true;
    return RS_OK;
}

rs_status code_parse_declarators(struct rs_job *job, struct expr_cursor *at, struct code_declarators *out)
{
    size_t typed = out->count; /* Dim a, b As Integer: one type for all names in front of it */
    struct code_declarator declarator;

    do {
        RS_TRY(parse_declarator(job, at, &declarator));
        if (code_accept_word(at, "As")) {
            RS_TRY(parse_declared_type(job, at, &declarator));
            for (; typed < out->count; typed++) {
                bool is_array = out->items[typed].type.is_array;
                out->items[typed].type = declarator.type;
                out->items[typed].type.is_array = is_array;
                out->items[typed].made = declarator.made;
            }
            typed++;
        }
        if (accept_op(at, EXPR_OP_EQUAL))
            RS_TRY(expr_parse_value(job, at, &declarator.initial));
        rs_vec_push(job, out, declarator);
    } while (accept_op(at, EXPR_OP_COMMA));
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

/* ---- the class ----------------------------------------------------------------------------- */

struct declaring {
    struct rs_job *job;
    struct expr_code *code;
    struct expr_names *names;
    unsigned first_line;
    struct expr_cursor at;
    struct code_initials initials;
};

static bool is_stop(rs_status status)
{
    return status == RS_CANCELLED || status == RS_TIMEOUT || status == RS_OVER_LIMIT || status == RS_NO_MEMORY;
}

/* A failure becomes a problem, unless the job must stop. `why` is the message. */
static rs_status note(struct declaring *d, rs_status status, unsigned line, rs_text member, rs_text *why)
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

static struct code_member *member_called(struct declaring *d, rs_text name)
{
    struct code_member *member = rs_map_find(d->code->members, name);

    if (member)
        return member;
    member = RS_NEW(d->job, struct code_member);
    member->name = name;
    rs_map_set(d->code->members, name, member);
    return member;
}

/* ---- procedures ---------------------------------------------------------------------------- */

static rs_status parse_default(struct declaring *d, struct code_parameter *parameter)
{
    struct expr_program *program;
    struct expr_node *node;

    if (!accept_op(&d->at, EXPR_OP_EQUAL))
        return expr_refuse_token(d->job, &d->at, "\"=\" and what an Optional parameter is where it is not given");
    RS_TRY(expr_parse_value(d->job, &d->at, &node));
    RS_TRY(compile_program(d->job, node, d->names, &program));
    if (!expr_is_constant(program, &parameter->otherwise))
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
    accept_op(&d->at, EXPR_OP_QUESTION);
    bool is_array = d->at.token->op == EXPR_OP_OPEN && d->at.token[1].op == EXPR_OP_CLOSE;
    if (is_array)
        d->at.token += 2;
    if (code_accept_word(&d->at, "As"))
        RS_TRY(code_parse_as(d->job, &d->at, &out->type));
    out->type.is_array |= is_array || out->rest;
    return out->optional ? parse_default(d, out) : RS_OK;
}

static rs_status parse_parameters(struct declaring *d, struct code_procedure *procedure)
{
    RS_VEC(struct code_parameter) parameters = {0};
    struct code_parameter parameter;

    if (!accept_op(&d->at, EXPR_OP_OPEN) || accept_op(&d->at, EXPR_OP_CLOSE))
        return RS_OK;
    do {
        RS_TRY(parse_parameter(d, &parameter));
        if (parameters.count == CODE_PARAMETERS_MAX)
            return code_fail(d->job, EXPR_SYNTAX, &d->at, "a procedure has more than %d parameters", CODE_PARAMETERS_MAX);
        rs_vec_push(d->job, &parameters, parameter);
        procedure->has_by_ref |= parameter.by_ref;
        if (!parameter.optional && !parameter.rest)
            procedure->least = parameters.count;
    } while (accept_op(&d->at, EXPR_OP_COMMA));
    procedure->parameters = parameters.items;
    procedure->parameter_count = parameters.count;
    return accept_op(&d->at, EXPR_OP_CLOSE) ? RS_OK : expr_refuse_token(d->job, &d->at, "\",\" or \")\"");
}

static struct code_procedure *add_procedure(struct declaring *d, rs_text name, bool is_sub)
{
    struct code_procedure *procedure = RS_NEW(d->job, struct code_procedure);

    procedure->name = name;
    procedure->number = (int)d->code->procedures.count;
    procedure->line = d->at.token->line;
    procedure->is_sub = is_sub;
    procedure->type = CODE_OBJECT;
    rs_vec_push(d->job, &d->code->procedures, procedure);
    return procedure;
}

/* Behind the statement that begins with End and `word`: false where there is none. */
static bool skip_body(struct declaring *d, const char *word)
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
        RS_TRY(code_parse_as(d->job, &d->at, &procedure->type));
    if (code_accept_word(&d->at, "Handles") || code_accept_word(&d->at, "Implements"))
        return code_fail(d->job, EXPR_UNSUPPORTED, &d->at, "Handles and Implements are not supported");
    if (!code_at_line_end(&d->at))
        return expr_refuse_token(d->job, &d->at, "the end of the declaration");
    procedure->body = d->at.token;
    return RS_OK;
}

static rs_status declare_procedure(struct declaring *d, const char *word)
{
    struct code_procedure *procedure;
    unsigned line = d->at.token->line;
    rs_status status;

    if (d->at.token->kind != EXPR_TOKEN_NAME)
        return expr_refuse_token(d->job, &d->at, "the name of a procedure");
    procedure = add_procedure(d, d->at.token->text, rs_text_equal(rs_text_from(word), RS_TEXT("Sub")));
    d->at.token++;
    rs_vec_push(d->job, &member_called(d, procedure->name)->procedures, procedure);
    if (procedure->is_sub && rs_text_equal_nocase(procedure->name, RS_TEXT("OnInit")))
        d->code->on_init = procedure;
    status = parse_signature(d, procedure);
    RS_TRY(note(d, status, line, procedure->name, &procedure->broken));
    if (skip_body(d, word))
        return RS_OK;
    status = rs_fail(d->job, EXPR_SYNTAX, "%s %.*s has no End %s", word, RS_TEXT_ARG(procedure->name), word);
    return note(d, status, line, procedure->name, &procedure->broken);
}

/* ---- properties ---------------------------------------------------------------------------- */

/* Get ... End Get, Set(value) ... End Set */
static rs_status declare_accessor(struct declaring *d, struct code_member *member, const struct code_procedure *property,
                                  bool is_get)
{
    struct code_procedure *procedure = add_procedure(d, member->name, !is_get);

    procedure->type = property->type;
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
    if (!skip_body(d, is_get ? "Get" : "Set"))
        return code_fail(d->job, EXPR_SYNTAX, &d->at, "the property %.*s does not end", RS_TEXT_ARG(member->name));
    return RS_OK;
}

static bool property_is_automatic(const struct expr_cursor *at)
{
    struct expr_cursor next = *at;

    skip_line(&next);
    while (next.token->kind == EXPR_TOKEN_LINE)
        next.token++;
    return !code_at_word(&next, "Get") && !code_at_word(&next, "Set") && !code_at_word(&next, "Private") &&
           !code_at_word(&next, "Public") && !code_at_word(&next, "End");
}

static rs_status declare_property(struct declaring *d)
{
    struct code_procedure property = {.type = CODE_OBJECT};
    struct code_declarator declarator = {.line = d->at.token->line};
    struct code_member *member;

    if (d->at.token->kind != EXPR_TOKEN_NAME)
        return expr_refuse_token(d->job, &d->at, "the name of a property");
    member = member_called(d, d->at.token->text);
    member->is_property = true;
    d->at.token++;
    RS_TRY(parse_parameters(d, &property));
    if (code_accept_word(&d->at, "As"))
        RS_TRY(code_parse_as(d->job, &d->at, &property.type));
    if (accept_op(&d->at, EXPR_OP_EQUAL))
        RS_TRY(expr_parse_value(d->job, &d->at, &declarator.initial));
    if (declarator.initial || property_is_automatic(&d->at)) {
        declarator.name = member->name;
        declarator.type = property.type;
        member->variable = code_add_variable(d->code, d->job, &declarator);
        struct code_declarator *kept = RS_NEW(d->job, struct code_declarator);
        *kept = declarator;
        rs_vec_push(d->job, &d->initials, (struct code_initial){member->variable, kept});
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
static rs_status declare_whole_property(struct declaring *d)
{
    rs_status status = declare_property(d);
    struct expr_cursor from = d->at;

    if (status != RS_OK && !skip_body(d, "Property"))
        d->at = from;
    return status;
}

/* ---- variables of the class ---------------------------------------------------------------- */

/* A constant is known to the compiler where what it is can be computed now. */
static void find_constant(struct declaring *d, const struct code_declarator *declarator, struct code_variable *variable)
{
    struct code_body body = {.job = d->job, .code = d->code, .initials = &d->initials};
    struct compiler *compiler = &body.compiler;

    *compiler = (struct compiler){.job = d->job, .names = d->names, .program = RS_NEW(d->job, struct expr_program), .body = &body};
    rs_status status = compile_node(compiler, declarator->initial);
    if (status == RS_OK)
        code_convert(&body, variable->type);
    compile_finish(compiler);
    if (status != RS_OK)
        rs_job_forgive(d->job); /* the initial program says it again, and there it counts */
    else
        variable->is_constant = expr_is_constant(compiler->program, &variable->constant);
}

static rs_status declare_variables(struct declaring *d, bool is_constant)
{
    struct code_declarators *declarators = RS_NEW(d->job, struct code_declarators);

    RS_TRY(code_parse_declarators(d->job, &d->at, declarators));
    if (!code_at_line_end(&d->at))
        return expr_refuse_token(d->job, &d->at, "the end of the declaration");
    for (size_t i = 0; i < declarators->count; i++) {
        const struct code_declarator *declarator = &declarators->items[i];
        struct code_variable *variable = code_add_variable(d->code, d->job, declarator);
        member_called(d, declarator->name)->variable = variable;
        variable->read_only = is_constant;
        if (is_constant && declarator->initial)
            find_constant(d, declarator, variable);
        if (!variable->is_constant)
            rs_vec_push(d->job, &d->initials, (struct code_initial){variable, declarator});
    }
    return RS_OK;
}

/* ---- members ------------------------------------------------------------------------------- */

static bool accept_modifier(struct expr_cursor *at, bool *is_constant)
{
    static const char *const words[] = {
        "Public", "Private", "Protected", "Friend", "Shared", "Dim", "Static", "ReadOnly", "WriteOnly", "Shadows",
        "Overloads", "Overridable", "Overrides", "NotOverridable", "WithEvents", "Default", "Const",
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (code_accept_word(at, words[i])) {
            *is_constant |= strcmp(words[i], "Const") == 0;
            return true;
        }
    return false;
}

/* <Attribute()> says nothing here. */
static void skip_attributes(struct expr_cursor *at)
{
    while (at->token->op == EXPR_OP_LESS && at->token->kind == EXPR_TOKEN_OPERATOR) {
        while (at->token->kind != EXPR_TOKEN_END && at->token->op != EXPR_OP_GREATER)
            at->token++;
        accept_op(at, EXPR_OP_GREATER);
        while (at->token->kind == EXPR_TOKEN_LINE)
            at->token++;
    }
}

static rs_status refuse_type(struct declaring *d)
{
    static const char *const words[] = {"Class", "Structure", "Module", "Enum", "Interface", "Namespace", "Delegate", "Event"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!code_accept_word(&d->at, words[i]))
            continue;
        struct expr_cursor at = d->at;
        if (i < 6)
            skip_body(d, words[i]);
        return code_fail(d->job, EXPR_UNSUPPORTED, &at, "%s inside <Code> is not supported", words[i]);
    }
    return RS_OK;
}

static rs_status declare_member(struct declaring *d)
{
    bool is_constant = false, has_modifier = false;

    skip_attributes(&d->at);
    while (accept_modifier(&d->at, &is_constant))
        has_modifier = true;
    if (code_accept_word(&d->at, "Function"))
        return declare_procedure(d, "Function");
    if (code_accept_word(&d->at, "Sub"))
        return declare_procedure(d, "Sub");
    if (code_accept_word(&d->at, "Property"))
        return declare_whole_property(d);
    RS_TRY(refuse_type(d));
    if (has_modifier)
        return declare_variables(d, is_constant);
    return expr_refuse_token(d->job, &d->at, "the declaration of a member (Public Function, Dim ...)");
}

static rs_status declare_members(struct declaring *d)
{
    rs_text ignored;

    while (d->at.token->kind != EXPR_TOKEN_END) {
        unsigned line = d->at.token->line;
        if (d->at.token->kind == EXPR_TOKEN_LINE) {
            d->at.token++;
            continue;
        }
        RS_TRY(rs_job_checkpoint(d->job));
        if (code_at_word(&d->at, "Imports") || code_at_word(&d->at, "Option")) {
            skip_line(&d->at); /* what they import is known, or is named in full */
            continue;
        }
        rs_status status = declare_member(d);
        RS_TRY(note(d, status, line, RS_TEXT(""), &ignored));
        if (status != RS_OK)
            skip_line(&d->at);
    }
    return RS_OK;
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
        if (!procedure->body && procedure->broken.size == 0)
            procedure->broken = RS_TEXT("the declaration of this member of <Code> does not compile");
        if (procedure->broken.size > 0)
            continue;
        struct code_body body = body_of(d, procedure);
        rs_status status = compile_body(&body);
        RS_TRY(note(d, status, body.line, procedure->name, &procedure->broken));
    }
    return RS_OK;
}

/* One procedure that sets every variable of the class, in order. */
static rs_status compile_initials(struct declaring *d)
{
    struct code_procedure *initial = add_procedure(d, RS_TEXT("<Code>"), true);
    struct code_body body = body_of(d, initial);
    bool given;

    body.compiler.body = &body;
    code_add_hidden(&body);
    for (size_t i = 0; i < d->initials.count; i++) {
        const struct code_initial *one = &d->initials.items[i];
        rs_status status = code_compile_initial(&body, one->declarator, &given);
        if (status != RS_OK) {
            RS_TRY(note(d, status, one->declarator->line, one->variable->name, &initial->broken));
            break;
        }
        if (!given)
            emit_constant(&body.compiler, value_null());
        code_convert(&body, one->variable->type);
        emit_statement(&body.compiler, EXPR_CODE_SET_SHARED, one->variable->slot, 1);
    }
    finish_body(&body);
    d->code->initial = initial;
    return RS_OK;
}

static rs_status compile_code(struct declaring *d, rs_text source)
{
    struct expr_tokens tokens;

    RS_TRY(expr_lex_lines(d->job, rs_text_copy(d->job, source), &tokens)); /* names borrow from the source */
    d->at.token = tokens.items;
    RS_TRY(declare_members(d));
    RS_TRY(compile_bodies(d));
    return compile_initials(d);
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
    d.code->members = rs_map_create(job, RS_MAP_NOCASE);
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
