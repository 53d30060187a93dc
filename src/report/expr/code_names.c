/* What a name means inside <Code>, and Code.Name outside of it: variables and calls.
 */
#include "report/expr/code_body.h"

static bool same(rs_text a, const char *b)
{
    return rs_text_equal_nocase(a, rs_text_from(b));
}

struct code_local *code_find_local(struct code_body *body, rs_text name)
{
    for (size_t i = body->locals.count; i-- > 0;)
        if (rs_text_equal_nocase(body->locals.items[i].name, name))
            return &body->locals.items[i];
    return NULL;
}

struct code_member *code_find_member(const struct expr_code *code, rs_text name)
{
    return rs_map_find(code->members, name);
}

struct code_member *code_find_near(struct code_body *body, rs_text name)
{
    const struct code_own *scope = body->procedure->scope;
    struct code_member *member = scope && scope->sort != CODE_ENUM ? rs_map_find(scope->members, name) : NULL;

    return member ? member : code_find_member(body->code, name);
}

int code_own_number(const struct compiler *compiler, rs_text name)
{
    const struct code_own *own = compiler->names->code ? code_find_own(compiler->names->code, name) : NULL;

    return own ? own->number : -1;
}

/* ---- calls --------------------------------------------------------------------------------- */

static bool takes(const struct code_procedure *procedure, size_t count)
{
    bool rest = procedure->parameter_count > 0 && procedure->parameters[procedure->parameter_count - 1].rest;

    return count >= procedure->least && (rest || count <= procedure->parameter_count);
}

/* The form that takes so many arguments; *several: more do, and the types of the arguments decide at run time. One whose
 * parameters are as many goes before one with Optional parameters or a ParamArray. */
static const struct code_procedure *choose(const struct code_member *member, size_t count, bool *several)
{
    const struct code_procedure *found = NULL, *exact = NULL;

    *several = false;
    for (size_t i = 0; i < member->procedures.count; i++) {
        const struct code_procedure *form = member->procedures.items[i];
        if (!takes(form, count))
            continue;
        found = found ? found : form;
        if (form->parameter_count != count)
            continue;
        *several = exact != NULL;
        exact = exact ? exact : form;
    }
    return exact ? exact : found;
}

static ptrdiff_t parameter_called(const struct code_procedure *procedure, rs_text name)
{
    for (size_t i = 0; i < procedure->parameter_count; i++)
        if (rs_text_equal_nocase(procedure->parameters[i].name, name))
            return (ptrdiff_t)i;
    return -1;
}

/* Arguments in the order of the parameters; those of a ParamArray are left out. */
static rs_status place(struct compiler *compiler, const struct code_procedure *procedure,
                       const struct expr_arguments *arguments, const struct expr_argument **placed)
{
    for (size_t i = 0; i < arguments->count; i++) {
        const struct expr_argument *argument = &arguments->items[i];
        ptrdiff_t index = argument->name.size > 0 ? parameter_called(procedure, argument->name) : (ptrdiff_t)i;
        if (argument->name.size > 0 && (index < 0 || procedure->parameters[index].rest || placed[index]))
            return expr_fail_at(compiler->job, EXPR_SYNTAX, argument->column, "%.*s has no parameter \"%.*s\" here",
                                RS_TEXT_ARG(procedure->name), RS_TEXT_ARG(argument->name));
        if ((size_t)index < procedure->parameter_count && !procedure->parameters[index].rest)
            placed[index] = argument;
    }
    return RS_OK;
}

static rs_status compile_arguments(struct compiler *compiler, const struct code_procedure *procedure,
                                   const struct expr_arguments *arguments, const struct expr_argument **placed, size_t column)
{
    RS_TRY(place(compiler, procedure, arguments, placed));
    for (size_t i = 0; i < procedure->parameter_count; i++) {
        const struct code_parameter *parameter = &procedure->parameters[i];
        size_t from = i < arguments->count ? i : arguments->count, count = arguments->count - from;
        if (parameter->rest) {
            for (size_t a = from; a < arguments->count; a++) {
                if (!arguments->items[a].value || arguments->items[a].name.size > 0)
                    return expr_fail_at(compiler->job, EXPR_SYNTAX, arguments->items[a].column,
                                        "an item of a ParamArray is a value without a name");
                RS_TRY(compile_node(compiler, arguments->items[a].value));
            }
            emit(compiler, EXPR_CODE_REST, 0, (int32_t)count, (int)count);
        } else if (placed[i] && placed[i]->value) {
            RS_TRY(compile_node(compiler, placed[i]->value));
        } else if (parameter->optional) {
            emit_constant(compiler, parameter->otherwise);
        } else {
            return expr_fail_at(compiler->job, EXPR_SYNTAX, column, "%.*s needs the argument \"%.*s\"",
                                RS_TEXT_ARG(procedure->name), RS_TEXT_ARG(parameter->name));
        }
    }
    return RS_OK;
}

/* What the procedure left in its ByRef parameters goes back to the variables that were given. */
static rs_status take_back(struct compiler *compiler, const struct code_procedure *procedure,
                           const struct expr_argument **placed)
{
    bool done;

    for (size_t i = 0; i < procedure->parameter_count && compiler->body; i++) {
        const struct expr_node *node = placed[i] ? placed[i]->value : NULL;
        if (!procedure->parameters[i].by_ref || !node)
            continue;
        emit(compiler, EXPR_CODE_RETURNED, (int32_t)i, 0, 0);
        RS_TRY(code_set_target(compiler->body, node, &done));
        if (!done)
            emit_statement(compiler, EXPR_CODE_DROP, 0, 1);
    }
    return RS_OK;
}

/* The Enum that a type is, or NULL. */
static const struct code_own *enumeration_of(const struct compiler *compiler, struct code_type type)
{
    const struct code_own *own = type.is_array ? NULL : code_own_of(compiler->names->code, type.row);

    return own && own->sort == CODE_ENUM ? own : NULL;
}

static rs_status compile_call(struct compiler *compiler, const struct code_procedure *procedure, bool several,
                              const struct expr_arguments *arguments, size_t column)
{
    const struct expr_argument *placed[CODE_PARAMETERS_MAX] = {0};

    RS_TRY(compile_arguments(compiler, procedure, arguments, placed, column));
    emit(compiler, several ? EXPR_CODE_CALL_FORM : EXPR_CODE_CALL_CODE, procedure->number, (int32_t)procedure->parameter_count,
         (int)procedure->parameter_count);
    if (!several)
        RS_TRY(take_back(compiler, procedure, placed));
    compiler->typed = !several && !procedure->is_sub && procedure->type.row >= 0 && !procedure->type.is_array;
    compiler->enumeration = several ? NULL : enumeration_of(compiler, procedure->type);
    return RS_OK;
}

static rs_status refuse_count(struct compiler *compiler, const struct code_member *member, size_t count, size_t column)
{
    const struct code_procedure *first = member->procedures.items[0];

    if (member->procedures.count > 1)
        return expr_fail_at(compiler->job, EXPR_SYNTAX, column, "no form of %.*s takes %zu argument%s",
                            RS_TEXT_ARG(member->name), count, count == 1 ? "" : "s");
    if (first->least == first->parameter_count)
        return expr_fail_at(compiler->job, EXPR_SYNTAX, column, "%.*s takes %zu argument%s, not %zu",
                            RS_TEXT_ARG(member->name), first->least, first->least == 1 ? "" : "s", count);
    return expr_fail_at(compiler->job, EXPR_SYNTAX, column, "%.*s takes %zu to %zu arguments, not %zu",
                        RS_TEXT_ARG(member->name), first->least, first->parameter_count, count);
}

/* A variable, or a call with what stands in parentheses behind the name. Parentheses behind what takes no arguments are
 * an index of its result. */
static rs_status compile_code_member(struct compiler *compiler, const struct code_member *member, const struct expr_node *node,
                                size_t *next, size_t column)
{
    static const struct expr_arguments none = {NULL, 0};
    const struct expr_suffix *call = *next < node->suffix_count && node->suffixes[*next].op == EXPR_OP_OPEN
                                         ? &node->suffixes[*next] : NULL;
    const struct expr_arguments *arguments = call ? &call->arguments : &none;
    const struct code_procedure *procedure;
    bool several;

    if (member->variable && member->variable->is_constant) {
        emit_constant(compiler, member->variable->constant);
        compiler->enumeration = enumeration_of(compiler, member->variable->type);
        return RS_OK;
    }
    if (member->variable) {
        emit(compiler, EXPR_CODE_SHARED, member->variable->slot, 0, 0);
        compiler->typed = member->variable->type.row >= 0 && !member->variable->type.is_array;
        compiler->enumeration = enumeration_of(compiler, member->variable->type);
        return RS_OK;
    }
    if (member->procedures.count == 0)
        return expr_fail_at(compiler->job, EXPR_SYNTAX, column, "%.*s can be set only", RS_TEXT_ARG(member->name));
    procedure = choose(member, arguments->count, &several);
    if (!procedure && call) {
        procedure = choose(member, 0, &several);
        arguments = &none;
        call = procedure ? NULL : call;
    }
    if (!procedure)
        return refuse_count(compiler, member, call ? call->arguments.count : 0, column);
    *next += call != NULL;
    return compile_call(compiler, procedure, several, arguments, column);
}

/* ---- names --------------------------------------------------------------------------------- */

/* Me.Report.Parameters!P is Report.Parameters!P. */
static rs_status compile_own_report(struct compiler *compiler, const struct expr_node *node, size_t *next)
{
    struct expr_node plain = *node;
    bool done;

    plain.name = node->suffixes[0].name;
    plain.suffixes++;
    plain.suffix_count--;
    *next = 0;
    RS_TRY(compile_report_name(compiler, &plain, next, &done));
    ++*next;
    return done ? RS_OK : expr_fail_at(compiler->job, EXPR_UNKNOWN_NAME, node->column, "Report has the members Parameters, Globals and User");
}

/* Type.Member: a value of an Enum, or what is Shared. */
static rs_status compile_shared(struct compiler *compiler, const struct code_own *own, const struct expr_node *node, size_t *next)
{
    const struct expr_suffix *suffix = *next < node->suffix_count ? &node->suffixes[*next] : NULL;
    const struct code_member *member = suffix && suffix->op == EXPR_OP_DOT ? rs_map_find(own->members, suffix->name) : NULL;

    if (!member && suffix && suffix->op == EXPR_OP_DOT) { /* a type inside the type */
        const struct code_own *inner = code_find_own(compiler->names->code, suffix->name);
        ++*next;
        if (inner)
            return compile_shared(compiler, inner, node, next);
    }
    if (!member)
        return expr_fail_at(compiler->job, EXPR_UNKNOWN_NAME, node->column, "%.*s has no such member", RS_TEXT_ARG(own->name));
    if ((member->variable && member->variable->is_field) || (member->procedures.count > 0 && member->procedures.items[0]->has_me))
        return expr_fail_at(compiler->job, EXPR_SYNTAX, suffix->column, "%.*s.%.*s needs an object: it is not Shared",
                            RS_TEXT_ARG(own->name), RS_TEXT_ARG(member->name));
    ++*next;
    return compile_code_member(compiler, member, node, next, suffix->column);
}

/* The arguments of a call whose form is chosen at run time: on the stack, behind the object. */
static rs_status compile_late_arguments(struct compiler *compiler, const struct expr_arguments *arguments)
{
    for (size_t i = 0; i < arguments->count; i++) {
        const struct expr_argument *argument = &arguments->items[i];
        if (argument->name.size > 0)
            return expr_fail_at(compiler->job, EXPR_UNSUPPORTED, argument->column,
                                "named arguments of an object's member are not supported");
        if (argument->value)
            RS_TRY(compile_node(compiler, argument->value));
        else
            emit_constant(compiler, (struct value){.kind = VALUE_NULL, .flags = EXPR_LEFT_OUT});
    }
    if (arguments->count > CODE_PARAMETERS_MAX)
        return expr_fail_at(compiler->job, EXPR_SYNTAX, 1, "a call has more than %d arguments", CODE_PARAMETERS_MAX);
    return RS_OK;
}

/* A member of the object on the stack, with the arguments in suffix *next where there are any. */
static rs_status emit_own_member(struct compiler *compiler, rs_text name, const struct expr_node *node, size_t *next)
{
    const struct expr_suffix *call = *next < node->suffix_count && node->suffixes[*next].op == EXPR_OP_OPEN
                                         ? &node->suffixes[*next] : NULL;
    size_t count = call ? call->arguments.count : 0;

    if (call)
        RS_TRY(compile_late_arguments(compiler, &call->arguments));
    *next += call != NULL;
    emit(compiler, EXPR_CODE_OWN_MEMBER, add_constant(compiler, value_text(name)), (int32_t)count + 1, (int)count + 1);
    return RS_OK;
}

rs_status code_compile_own_member(struct compiler *compiler, const struct expr_node *node, size_t index, size_t *next,
                                  bool *done)
{
    const struct expr_code *code = compiler->names->code;
    rs_text name = node->suffixes[index].name;
    const struct code_own *enumeration = compiler->enumeration;

    *done = true;
    *next = index + 1;
    if (enumeration && same(name, "ToString") &&
        (*next >= node->suffix_count || node->suffixes[*next].op != EXPR_OP_OPEN || node->suffixes[*next].arguments.count == 0)) {
        *next += *next < node->suffix_count && node->suffixes[*next].op == EXPR_OP_OPEN;
        emit(compiler, EXPR_CODE_OWN_NAME, enumeration->number, 0, 1);
        return RS_OK;
    }
    if (code && rs_map_find(code->own_members, name))
        return emit_own_member(compiler, name, node, next);
    *done = false;
    return RS_OK;
}

/* A member of the object whose member is compiled, without Me in front. */
static rs_status compile_mine(struct compiler *compiler, const struct code_member *member, const struct expr_node *node, size_t *next)
{
    const struct code_local *me = code_find_local(compiler->body, RS_TEXT("Me"));

    if (!me)
        return expr_fail_at(compiler->job, EXPR_SYNTAX, node->column, "%.*s needs an object: this member is Shared",
                            RS_TEXT_ARG(member->name));
    emit(compiler, EXPR_CODE_LOCAL, me->slot, 0, 0);
    if (!member->variable)
        return emit_own_member(compiler, member->name, node, next);
    emit(compiler, EXPR_CODE_OWN_FIELD, member->variable->slot, 0, 1);
    compiler->typed = member->variable->type.row >= 0 && !member->variable->type.is_array;
    compiler->enumeration = enumeration_of(compiler, member->variable->type);
    return RS_OK;
}

rs_status code_compile_name(struct compiler *compiler, const struct expr_node *node, size_t *next, bool *done)
{
    struct code_body *body = compiler->body;
    const struct code_local *local = code_find_local(body, node->name);
    const struct code_member *member = code_find_near(body, node->name);
    const struct code_own *own = code_find_own(body->code, node->name);
    bool is_call = node->suffix_count > 0 && node->suffixes[0].op == EXPR_OP_OPEN;

    *next = 0;
    *done = true;
    if (local && local->slot == 0 && !local->is_static && !local->is_constant && is_call && member)
        local = NULL; /* F(x) inside F calls it; F alone is its result */
    if (local && local->is_constant) {
        emit_constant(compiler, local->constant);
        return RS_OK;
    }
    if (local) {
        emit(compiler, local->is_static ? EXPR_CODE_SHARED : EXPR_CODE_LOCAL, local->slot, 0, 0);
        compiler->typed = local->type.row >= 0 && !local->type.is_array;
        compiler->enumeration = enumeration_of(compiler, local->type);
        return RS_OK;
    }
    if (member && ((member->variable && member->variable->is_field) || (member->procedures.count > 0 && member->procedures.items[0]->has_me)))
        return compile_mine(compiler, member, node, next);
    if (member)
        return compile_code_member(compiler, member, node, next, node->column);
    if (own && node->suffix_count > 0 && node->suffixes[0].op == EXPR_OP_DOT)
        return compile_shared(compiler, own, node, next);
    RS_TRY(code_compile_err(compiler, node, next, done));
    if (*done)
        return RS_OK;
    *done = true;
    if (same(node->name, "Me") && node->suffix_count > 1 && same(node->suffixes[0].name, "Report"))
        return compile_own_report(compiler, node, next);
    if (same(node->name, "Me") || same(node->name, "MyClass"))
        return code_compile_qualified(compiler, node, next);
    *done = false;
    return RS_OK;
}

rs_status code_compile_qualified(struct compiler *compiler, const struct expr_node *node, size_t *next)
{
    const struct expr_code *code = compiler->names->code;
    const struct expr_suffix *suffix = *next < node->suffix_count ? &node->suffixes[*next] : NULL;
    const struct code_member *member;

    if (!suffix || suffix->op != EXPR_OP_DOT)
        return expr_fail_at(compiler->job, EXPR_SYNTAX, node->column, "Code is written with a member: Code.Name(...)");
    if (!code)
        return expr_fail_at(compiler->job, EXPR_UNKNOWN_NAME, node->column, "Code.%.*s: the report has no <Code>",
                            RS_TEXT_ARG(suffix->name));
    member = code_find_member(code, suffix->name);
    compiler->names->uses_code = true;
    if (!member && code_find_own(code, suffix->name)) {
        ++*next;
        return compile_shared(compiler, code_find_own(code, suffix->name), node, next);
    }
    if (!member)
        return expr_fail_at(compiler->job, EXPR_UNKNOWN_NAME, suffix->column,
                            "Code.%.*s: the report's <Code> has no such member", RS_TEXT_ARG(suffix->name));
    ++*next;
    return compile_code_member(compiler, member, node, next, suffix->column);
}

/* ---- New ----------------------------------------------------------------------------------- */

static rs_status compile_new_own(struct compiler *compiler, int number, const struct expr_node *node)
{
    const struct code_own *own = compiler->names->code->own.items[number];
    const struct code_member *constructors = rs_map_find(own->members, RS_TEXT("New"));
    size_t count = node->arguments.count;
    bool several;

    if (own->sort == CODE_ENUM)
        return expr_fail_at(compiler->job, EXPR_SYNTAX, node->column, "New %.*s: it is an Enum", RS_TEXT_ARG(own->name));
    if (constructors ? !choose(constructors, count, &several) && (count > 0 || own->sort == CODE_CLASS_OF_CODE) : count > 0)
        return expr_fail_at(compiler->job, EXPR_SYNTAX, node->column, "no New of %.*s takes %zu argument%s",
                            RS_TEXT_ARG(own->name), count, count == 1 ? "" : "s");
    compiler->names->uses_code = true;
    RS_TRY(compile_late_arguments(compiler, &node->arguments));
    emit(compiler, EXPR_CODE_NEW_OWN, number, (int32_t)count, (int)count);
    return RS_OK;
}

/* From {{key, value}}: what one item gives to Add. */
static rs_status compile_item(struct compiler *compiler, const struct expr_node *item)
{
    bool several = item->kind == EXPR_NODE_ARRAY;
    size_t count = several ? item->arguments.count : 1;

    for (size_t i = 0; i < count; i++)
        RS_TRY(compile_node(compiler, several ? item->arguments.items[i].value : item));
    emit(compiler, EXPR_CODE_ADD_ITEM, 0, (int32_t)count + 1, (int)count + 1);
    return RS_OK;
}

rs_status code_compile_initializer(struct compiler *compiler, const struct expr_arguments *items)
{
    for (size_t i = 0; i < items->count; i++) {
        const struct expr_argument *item = &items->items[i];
        if (item->name.size == 0) {
            RS_TRY(compile_item(compiler, item->value));
            continue;
        }
        RS_TRY(compile_node(compiler, item->value));
        emit(compiler, EXPR_CODE_SET_MEMBER, add_constant(compiler, value_text(item->name)), 0, 2);
    }
    return RS_OK;
}

rs_status code_compile_new(struct compiler *compiler, const struct expr_node *node, bool *done)
{
    int own = code_own_number(compiler, node->type.name);
    int type = own >= 0 ? CODE_OWN_ROW(own) : find_type(node->type.name), class = code_find_class(node->type.name);
    size_t count = node->arguments.count, first = 0;

    *done = true;
    if (own >= 0 && node->op != EXPR_OP_OPEN_BRACE && !node->type.is_array)
        return compile_new_own(compiler, own, node);
    *done = node->op == EXPR_OP_OPEN_BRACE || (class >= 0 && !node->type.is_array);
    if (!*done && type >= 0 && count == 0 && !node->type.is_array && expr_types[type].kind >= VALUE_BOOLEAN &&
        expr_types[type].kind <= VALUE_DECIMAL) { /* New Integer: 0 */
        *done = true;
        emit_constant(compiler, value_null());
        emit(compiler, EXPR_CODE_CONVERT, type, 0, 1);
        return RS_OK;
    }
    if (!*done)
        return RS_OK;
    if (node->op != EXPR_OP_OPEN_BRACE && code_classes[class].is_type)
        return expr_fail_at(compiler->job, EXPR_UNSUPPORTED, node->column, "New %.*s is not supported",
                            RS_TEXT_ARG(node->type.name));
    if (node->op != EXPR_OP_OPEN_BRACE && code_classes[class].kind == CODE_EXCEPTION) {
        emit_constant(compiler, value_text(node->type.name));
        first = 1;
    }
    for (size_t i = 0; i < count; i++) {
        if (!node->arguments.items[i].value || node->arguments.items[i].name.size > 0)
            return expr_fail_at(compiler->job, EXPR_SYNTAX, node->column, "New takes values without names here");
        RS_TRY(compile_node(compiler, node->arguments.items[i].value));
    }
    count += first;
    if (node->op == EXPR_OP_OPEN_BRACE)
        emit(compiler, EXPR_CODE_NEW_ARRAY, type, (int32_t)count, (int)count);
    else
        emit(compiler, EXPR_CODE_NEW_OBJECT, class, (int32_t)count, (int)count);
    return RS_OK;
}

/* ---- what no report can do ------------------------------------------------------------------ */

#define WARNINGS_MAX 100u /* of one <Code>; further calls are refused without */

/* Once for a place: a Finally block is compiled several times. */
static void warn(struct code_body *body, size_t column, rs_text why)
{
    struct expr_code *code = body->code;
    struct expr_code_problem warning = {RS_OK, code->first_line + body->line - 1, body->procedure->name,
                                        rs_text_format(body->job, "column %zu: %.*s", column, RS_TEXT_ARG(why))};
    size_t warnings = 0;

    for (size_t i = 0; i < code->problems.count; i++) {
        const struct expr_code_problem *one = &code->problems.items[i];
        warnings += one->status == RS_OK;
        if (one->status == RS_OK && one->line == warning.line && rs_text_equal(one->message, warning.message))
            return;
    }
    if (warnings < WARNINGS_MAX)
        rs_vec_push(body->job, &code->problems, warning);
}

rs_status code_compile_refused(struct compiler *compiler, const struct expr_node *node, size_t *next, rs_text why)
{
    const struct expr_suffix *call = *next < node->suffix_count && node->suffixes[*next].op == EXPR_OP_OPEN
                                         ? &node->suffixes[*next] : NULL;

    for (size_t i = 0; call && i < call->arguments.count; i++) {
        if (!call->arguments.items[i].value)
            continue;
        RS_TRY(compile_node(compiler, call->arguments.items[i].value));
        emit_statement(compiler, EXPR_CODE_DROP, 0, 1);
    }
    *next += call != NULL;
    emit(compiler, EXPR_CODE_REFUSED, add_constant(compiler, value_text(why)), 0, 0);
    compiler->typed = false;
    warn(compiler->body, node->column, why);
    return RS_OK;
}
