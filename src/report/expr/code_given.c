/* Calls of .NET in <Code> that change a variable which they are given.
 *
 *     If Integer.TryParse(text, number) Then ...      If table.TryGetValue(key, found) Then ...      Array.Sort(names)
 *
 * TryParse is Parse whose failure is Nothing, for every type that has Parse.
 */
#include "report/expr/code_body.h"
#include "report/expr/code_given.h"

/* The value on the stack into the variable that the argument names. */
static rs_status give(struct compiler *compiler, const struct expr_argument *target)
{
    const struct expr_node *node = target->value;
    bool done = false;

    if (node && target->name.size == 0)
        RS_TRY(code_set_target(compiler->body, node, &done));
    return done ? RS_OK : expr_fail_at(compiler->job, EXPR_UNSUPPORTED, target->column,
                                       "this argument must be a variable, which the call changes");
}

static rs_status compile_plain(struct compiler *compiler, const struct expr_argument *argument)
{
    if (argument->name.size > 0)
        return expr_fail_at(compiler->job, EXPR_UNSUPPORTED, argument->column, "named arguments are not supported here");
    if (argument->value)
        return compile_node(compiler, argument->value);
    emit_constant(compiler, (struct value){.kind = VALUE_NULL, .flags = EXPR_LEFT_OUT});
    return RS_OK;
}

rs_status code_compile_try_parse(struct compiler *compiler, int parse, const struct expr_arguments *arguments, size_t column)
{
    const struct expr_function_row *row = &expr_functions[parse];
    size_t given = arguments->count > 0 ? arguments->count - 1 : 0;
    int slot = code_add_hidden(compiler->body), type = find_type(rs_text_from(row->module)), least, most;

    expr_parameters_range(row->parameters, &least, &most);
    if (given < (size_t)least || given > (size_t)most)
        return expr_fail_at(compiler->job, EXPR_SYNTAX, column, "Try%s takes %d to %d arguments, not %zu", row->name,
                            least + 1, most + 1, arguments->count);
    for (size_t i = 0; i < given; i++)
        RS_TRY(compile_plain(compiler, &arguments->items[i]));
    emit(compiler, EXPR_CODE_TRY_CALL, parse, (int32_t)given, (int)given);
    code_set_local(compiler->body, slot, CODE_OBJECT);
    emit(compiler, EXPR_CODE_LOCAL, slot, 0, 0);
    if (type >= 0)
        emit(compiler, EXPR_CODE_CONVERT, type, 0, 1); /* Nothing becomes 0, or what the type has for it */
    RS_TRY(give(compiler, &arguments->items[given]));
    emit(compiler, EXPR_CODE_LOCAL, slot, 0, 0);
    emit(compiler, EXPR_CODE_IS_NOTHING, 1, 0, 1);
    compiler->typed = true;
    return RS_OK;
}

static void emit_contains(struct compiler *compiler, int object, int key)
{
    emit(compiler, EXPR_CODE_LOCAL, object, 0, 0);
    emit(compiler, EXPR_CODE_LOCAL, key, 0, 0);
    emit(compiler, EXPR_CODE_MEMBER, expr_find_member(RS_TEXT("ContainsKey")), 2, 2);
}

rs_status code_compile_try_get(struct compiler *compiler, const struct expr_arguments *arguments, size_t column)
{
    int object = code_add_hidden(compiler->body), key = code_add_hidden(compiler->body), found = code_add_hidden(compiler->body);
    size_t past;

    if (arguments->count != 2)
        return expr_fail_at(compiler->job, EXPR_SYNTAX, column, "TryGetValue takes 2 arguments, not %zu", arguments->count);
    code_set_local(compiler->body, object, CODE_OBJECT);
    RS_TRY(compile_plain(compiler, &arguments->items[0]));
    code_set_local(compiler->body, key, CODE_OBJECT);
    emit_constant(compiler, value_null());
    code_set_local(compiler->body, found, CODE_OBJECT);
    emit_contains(compiler, object, key);
    past = emit_jump(compiler, EXPR_CODE_JUMP_UNLESS, 1);
    emit(compiler, EXPR_CODE_LOCAL, object, 0, 0);
    emit(compiler, EXPR_CODE_LOCAL, key, 0, 0);
    emit(compiler, EXPR_CODE_INDEX, 0, 2, 2);
    code_set_local(compiler->body, found, CODE_OBJECT);
    land_jump(compiler, past);
    emit(compiler, EXPR_CODE_LOCAL, found, 0, 0);
    RS_TRY(give(compiler, &arguments->items[1]));
    emit_contains(compiler, object, key);
    compiler->typed = true;
    return RS_OK;
}

rs_status code_compile_array_order(struct compiler *compiler, bool reverse, const struct expr_arguments *arguments, size_t column)
{
    if (arguments->count != 1)
        return expr_fail_at(compiler->job, EXPR_UNSUPPORTED, column, "Array.%s takes 1 argument here, not %zu",
                            reverse ? "Reverse" : "Sort", arguments->count);
    RS_TRY(compile_plain(compiler, &arguments->items[0]));
    emit(compiler, EXPR_CODE_ORDER, reverse, 0, 1);
    RS_TRY(give(compiler, &arguments->items[0]));
    emit_constant(compiler, value_null());
    compiler->typed = false;
    return RS_OK;
}

/* The five values of EXPR_CODE_COPY_ITEMS are on the stack. */
static rs_status copy_items(struct compiler *compiler, const struct expr_argument *target)
{
    emit(compiler, EXPR_CODE_COPY_ITEMS, 0, 5, 5);
    RS_TRY(give(compiler, target));
    emit_constant(compiler, value_null());
    compiler->typed = false;
    return RS_OK;
}

rs_status code_compile_array_copy(struct compiler *compiler, const struct expr_arguments *arguments, size_t column)
{
    const struct expr_argument *items = arguments->items;
    bool five = arguments->count == 5;

    if (!five && arguments->count != 3)
        return expr_fail_at(compiler->job, EXPR_SYNTAX, column, "Array.Copy takes 3 or 5 arguments, not %zu", arguments->count);
    for (size_t i = 0; i < arguments->count; i++) {
        RS_TRY(compile_plain(compiler, &items[i]));
        if (!five && i < 2)
            emit_constant(compiler, value_integer(0));
    }
    return copy_items(compiler, &items[five ? 2 : 1]);
}

rs_status code_compile_copy_to(struct compiler *compiler, const struct expr_arguments *arguments, size_t column)
{
    if (arguments->count < 1 || arguments->count > 2)
        return expr_fail_at(compiler->job, EXPR_SYNTAX, column, "CopyTo takes 1 or 2 arguments, not %zu", arguments->count);
    emit_constant(compiler, value_integer(0));
    RS_TRY(compile_plain(compiler, &arguments->items[0]));
    if (arguments->count > 1)
        RS_TRY(compile_plain(compiler, &arguments->items[1]));
    else
        emit_constant(compiler, value_integer(0));
    emit_constant(compiler, value_null());
    return copy_items(compiler, &arguments->items[0]);
}
