/* Statements of <Code>, compiled as they are read: simple ones, and which is which. Blocks are in code_block.c.
 */
#include "report/expr/code_body.h"

/* ---- variables ----------------------------------------------------------------------------- */

static int code_add_slot(struct code_body *body, struct code_type type)
{
    rs_vec_push(body->job, &body->slots, type);
    return (int)body->slots.count - 1;
}

struct code_local *code_add_local(struct code_body *body, rs_text name, struct code_type type)
{
    struct code_local local = {.name = name, .type = type, .slot = code_add_slot(body, type)};

    rs_vec_push(body->job, &body->locals, local);
    return &rs_vec_last(&body->locals);
}

int code_add_hidden(struct code_body *body)
{
    return code_add_slot(body, CODE_OBJECT);
}

/* ---- values -------------------------------------------------------------------------------- */

rs_status code_value(struct code_body *body)
{
    struct expr_node *node;

    RS_TRY(expr_parse_value(body->job, &body->at, &node));
    return compile_node(&body->compiler, node);
}

void code_convert(struct code_body *body, struct code_type type)
{
    struct value constant;

    if (type.row == -1 || type.is_array)
        return;
    if (type.row < 0) { /* declared in <Code> */
        const struct code_own *own = code_own_of(body->code, type.row);
        if (own->sort != CODE_ENUM || !top_constant(&body->compiler, &constant) || constant.kind != VALUE_INTEGER)
            emit(&body->compiler, EXPR_CODE_CONVERT, type.row, 0, 1);
        return;
    }
    bool narrow = expr_types[type.row].kind == VALUE_INTEGER && strcmp(expr_types[type.row].full_name, "System.Int32") != 0;
    if (top_constant(&body->compiler, &constant) && constant.kind == expr_types[type.row].kind && !narrow)
        return;
    emit(&body->compiler, EXPR_CODE_CONVERT, type.row, 0, 1);
}

void code_set_local(struct code_body *body, int slot, struct code_type type)
{
    code_convert(body, type);
    emit_statement(&body->compiler, EXPR_CODE_SET_LOCAL, slot, 1);
}

static rs_status compile_bounds(struct code_body *body, const struct code_declarator *declarator)
{
    for (size_t i = 0; i < declarator->bound_count; i++)
        RS_TRY(compile_node(&body->compiler, declarator->bounds[i]));
    emit(&body->compiler, EXPR_CODE_NEW_ARRAY, declarator->type.row, (int32_t)declarator->bound_count,
         (int)declarator->bound_count);
    return RS_OK;
}

rs_status code_compile_initial(struct code_body *body, const struct code_declarator *declarator, bool *given)
{
    body->line = declarator->line;
    *given = true;
    if (declarator->initial)
        return compile_node(&body->compiler, declarator->initial);
    if (declarator->made)
        return compile_node(&body->compiler, declarator->made);
    if (declarator->bound_count > 0)
        return compile_bounds(body, declarator);
    *given = false;
    return RS_OK;
}

/* ---- line ends ----------------------------------------------------------------------------- */

rs_status code_expect_line_end(struct code_body *body)
{
    /* Else follows the statement in a single-line If. */
    if (code_at_line_end(&body->at) || code_at_word(&body->at, "Else"))
        return RS_OK;
    return expr_refuse_token(body->job, &body->at, "the end of the statement");
}

rs_status code_expect_end(struct code_body *body, const char *word)
{
    struct expr_cursor from = body->at;

    if (code_accept_word(&body->at, "End") && code_accept_word(&body->at, word))
        return RS_OK;
    body->at = from;
    return expr_refuse_token(body->job, &body->at, rs_text_format(body->job, "End %s", word).bytes);
}

bool code_at_stop(const struct expr_cursor *at)
{
    static const char *const words[] = {"End", "Else", "ElseIf", "Case", "Next", "Loop", "Wend", "Catch", "Finally", "EndIf"};

    if (at->token->kind == EXPR_TOKEN_END)
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (code_at_word(at, words[i]))
            return true;
    return false;
}

/* ---- assignment ---------------------------------------------------------------------------- */

static rs_status refuse_target(struct code_body *body, const struct expr_node *node, const char *why)
{
    return expr_fail_at(body->job, EXPR_UNSUPPORTED, node->column, "%s", why);
}

/* The value on the stack into a property of the object whose member is compiled. */
static rs_status set_own_property(struct code_body *body, const struct code_member *member, size_t column)
{
    const struct code_local *me = code_find_local(body, RS_TEXT("Me"));
    int value = code_add_hidden(body);

    if (!me)
        return expr_fail_at(body->job, EXPR_SYNTAX, column, "%.*s needs an object: this member is Shared", RS_TEXT_ARG(member->name));
    emit_statement(&body->compiler, EXPR_CODE_SET_LOCAL, value, 1);
    emit(&body->compiler, EXPR_CODE_LOCAL, me->slot, 0, 0);
    emit(&body->compiler, EXPR_CODE_LOCAL, value, 0, 0);
    emit(&body->compiler, EXPR_CODE_SET_MEMBER, add_constant(&body->compiler, value_text(member->name)), 0, 2);
    emit_statement(&body->compiler, EXPR_CODE_DROP, 0, 1);
    return RS_OK;
}

/* The value on the stack into a variable or property that is called so. */
static rs_status set_member(struct code_body *body, const struct code_member *member, size_t column)
{
    if (member->variable && member->variable->read_only)
        return expr_fail_at(body->job, EXPR_SYNTAX, column, "%.*s is a constant", RS_TEXT_ARG(member->name));
    if (member->variable) {
        code_convert(body, member->variable->type);
        emit_statement(&body->compiler, member->variable->is_field ? EXPR_CODE_SET_FIELD : EXPR_CODE_SET_SHARED,
                       member->variable->slot, 1);
        return RS_OK;
    }
    if (!member->setter)
        return expr_fail_at(body->job, EXPR_SYNTAX, column, "nothing can be assigned to %.*s", RS_TEXT_ARG(member->name));
    if (member->setter->has_me)
        return set_own_property(body, member, column);
    emit(&body->compiler, EXPR_CODE_CALL_CODE, member->setter->number, 1, 1);
    emit_statement(&body->compiler, EXPR_CODE_DROP, 0, 1);
    return RS_OK;
}

rs_status code_set_name(struct code_body *body, const struct expr_node *node, bool *done)
{
    const struct code_local *local = code_find_local(body, node->name);
    const struct code_member *member = code_find_near(body, node->name);

    *done = local || member;
    if (rs_text_equal_nocase(node->name, RS_TEXT("Me")))
        return expr_fail_at(body->job, EXPR_SYNTAX, node->column, "nothing can be assigned to Me");
    if (local && local->is_constant)
        return expr_fail_at(body->job, EXPR_SYNTAX, node->column, "%.*s is a constant", RS_TEXT_ARG(node->name));
    if (local && local->is_static) {
        code_convert(body, local->type);
        emit_statement(&body->compiler, EXPR_CODE_SET_SHARED, local->slot, 1);
    } else if (local) {
        code_set_local(body, local->slot, local->type);
    } else if (member) {
        return set_member(body, member, node->column);
    }
    return RS_OK;
}

static bool is_class(struct code_body *body, const struct expr_node *node)
{
    static const char *const words[] = {"Me", "MyClass", "Code"};

    if (body->procedure->has_me && !rs_text_equal_nocase(node->name, RS_TEXT("Code")))
        return false; /* Me is an object */
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!node->left && rs_text_equal_nocase(node->name, rs_text_from(words[i])))
            return node->suffix_count > 0 && node->suffixes[0].op == EXPR_OP_DOT;
    return false;
}

/* Me.X is X. */
static struct expr_node without_class(struct code_body *body, const struct expr_node *node)
{
    struct expr_node plain = *node;

    if (!is_class(body, node))
        return plain;
    plain.name = node->suffixes[0].name;
    plain.suffixes++;
    plain.suffix_count--;
    return plain;
}

/* The type of the items of a variable. */
static struct code_type item_type(struct code_body *body, const struct expr_node *node)
{
    const struct code_local *local = node->left ? NULL : code_find_local(body, node->name);
    const struct code_member *member = node->left ? NULL : code_find_near(body, node->name);
    struct code_type type = local ? local->type : member && member->variable ? member->variable->type : CODE_OBJECT;

    return type.is_array ? (struct code_type){type.row, false} : CODE_OBJECT;
}

/* What stands behind an assignment's target: = value, or += value where the old value is `old`. Not where the value is there
 * already: in the hidden variable `given`, or -1. */
static rs_status assigned_value(struct code_body *body, const struct expr_node *old, int given)
{
    enum expr_op op = body->at.token->op;
    bool typed;

    if (given >= 0) {
        emit(&body->compiler, EXPR_CODE_LOCAL, given, 0, 0);
        return RS_OK;
    }
    if (op == EXPR_OP_EQUAL) {
        body->at.token++;
        return code_value(body);
    }
    body->at.token += 2;
    RS_TRY(compile_node(&body->compiler, old));
    typed = body->compiler.typed;
    RS_TRY(code_value(body));
    if (op == EXPR_OP_CONCATENATE) {
        emit(&body->compiler, EXPR_CODE_CONCATENATE, 0, 2, 2);
        body->compiler.typed = true;
    } else {
        emit_binary(&body->compiler, op, typed && body->compiler.typed);
    }
    return RS_OK;
}

/* collection(index) = value; collection.Item(index) = value. */
static rs_status assign_item(struct code_body *body, const struct expr_node *target, int given)
{
    struct expr_node collection = *target, back;
    const struct expr_suffix *index = &target->suffixes[target->suffix_count - 1];
    bool done = false;

    collection.suffix_count--;
    if (collection.suffix_count > 0 && rs_text_equal_nocase(collection.suffixes[collection.suffix_count - 1].name, RS_TEXT("Item")))
        collection.suffix_count--;
    RS_TRY(compile_node(&body->compiler, &collection));
    for (size_t i = 0; i < index->arguments.count; i++) {
        if (!index->arguments.items[i].value || index->arguments.items[i].name.size > 0)
            return expr_fail_at(body->job, EXPR_SYNTAX, index->column, "an index is a value without a name");
        RS_TRY(compile_node(&body->compiler, index->arguments.items[i].value));
    }
    RS_TRY(assigned_value(body, target, given));
    back = without_class(body, &collection);
    code_convert(body, item_type(body, &back));
    emit(&body->compiler, EXPR_CODE_SET_ITEM, 0, (int32_t)index->arguments.count + 2, (int)index->arguments.count + 2);
    /* An array that was copied before it was written goes back to its variable. */
    if (!back.left && back.suffix_count == 0) {
        const struct code_local *local = code_find_local(body, back.name);
        const struct code_member *member = code_find_near(body, back.name);
        if ((local && !local->is_constant) || (!local && member && member->variable && !member->variable->read_only))
            RS_TRY(code_set_name(body, &back, &done));
    }
    if (!done)
        emit_statement(&body->compiler, EXPR_CODE_DROP, 0, 1);
    return RS_OK;
}

/* Type.Shared = value. *done: it is one. */
static rs_status assign_shared(struct code_body *body, const struct expr_node *target, bool *done)
{
    const struct code_own *own = target->left || target->suffix_count != 1 || code_find_local(body, target->name)
                                     ? NULL : code_find_own(body->code, target->name);
    const struct code_member *member = own ? rs_map_find(own->members, target->suffixes[0].name) : NULL;

    *done = member && ((member->variable && !member->variable->is_field) || (member->setter && !member->setter->has_me));
    if (!*done)
        return RS_OK;
    RS_TRY(assigned_value(body, target, -1));
    return set_member(body, member, target->column);
}

/* object.Member = value */
static rs_status assign_member(struct code_body *body, const struct expr_node *target)
{
    const struct expr_suffix *last = &target->suffixes[target->suffix_count - 1];
    struct expr_node object = *target;
    bool done;

    RS_TRY(assign_shared(body, target, &done));
    if (done)
        return RS_OK;
    if (!rs_map_find(body->code->own_members, last->name) && !code_object_has_member(last->name))
        return refuse_target(body, target, "assigning to a member of an object that <Code> does not declare is not supported");
    object.suffix_count--;
    RS_TRY(compile_node(&body->compiler, &object));
    RS_TRY(assigned_value(body, target, -1));
    emit(&body->compiler, EXPR_CODE_SET_MEMBER, add_constant(&body->compiler, value_text(last->name)), 0, 2);
    emit_statement(&body->compiler, EXPR_CODE_DROP, 0, 1);
    return RS_OK;
}

/* Into what `target` names. */
static rs_status code_assign(struct code_body *body, const struct expr_node *target)
{
    struct expr_node plain;
    bool done;

    if (target->kind != EXPR_NODE_CHAIN)
        return refuse_target(body, target, "nothing can be assigned to this");
    if (target->suffix_count > 0 && target->suffixes[target->suffix_count - 1].op == EXPR_OP_OPEN)
        return assign_item(body, target, -1);
    plain = without_class(body, target);
    if ((plain.left || plain.suffix_count > 0) && plain.suffix_count > 0 && plain.suffixes[plain.suffix_count - 1].op == EXPR_OP_DOT)
        return assign_member(body, &plain);
    if (plain.left || plain.suffix_count > 0)
        return refuse_target(body, target, "nothing can be assigned to this");
    RS_TRY(assigned_value(body, target, -1));
    RS_TRY(code_set_name(body, &plain, &done));
    if (!done)
        return expr_fail_at(body->job, EXPR_UNKNOWN_NAME, target->column, "there is no variable \"%.*s\"; declare it with Dim",
                            RS_TEXT_ARG(plain.name));
    return RS_OK;
}

rs_status code_set_target(struct code_body *body, const struct expr_node *node, bool *done)
{
    const struct code_local *local = code_find_local(body, node->name);
    const struct code_member *member = code_find_near(body, node->name);
    bool is_variable = local ? !local->is_constant : member && member->variable && !member->variable->read_only;
    bool is_item = node->suffix_count == 1 && node->suffixes[0].op == EXPR_OP_OPEN && node->suffixes[0].arguments.count > 0;
    int given;

    *done = false;
    if (node->kind != EXPR_NODE_CHAIN || node->left || node->parenthesized)
        return RS_OK;
    if (node->suffix_count == 0)
        return is_variable || (!local && member && member->setter) ? code_set_name(body, node, done) : RS_OK;
    if (!is_variable || !is_item)
        return RS_OK;
    given = code_add_hidden(body);
    code_set_local(body, given, CODE_OBJECT);
    *done = true;
    return assign_item(body, node, given);
}

static bool at_assignment(const struct expr_cursor *at)
{
    enum expr_op op = at->token->op;

    if (at->token->kind != EXPR_TOKEN_OPERATOR)
        return false;
    if (op == EXPR_OP_EQUAL)
        return true;
    return op >= EXPR_OP_POWER && op <= EXPR_OP_SHIFT_RIGHT && at->token[1].kind == EXPR_TOKEN_OPERATOR &&
           at->token[1].op == EXPR_OP_EQUAL;
}

/* A call, or an assignment. */
static rs_status assign_or_call(struct code_body *body)
{
    struct expr_node *node;

    RS_TRY(expr_parse_target(body->job, &body->at, &node));
    if (at_assignment(&body->at))
        return code_assign(body, node);
    if (node->kind != EXPR_NODE_CHAIN)
        return expr_fail_at(body->job, EXPR_SYNTAX, node->column, "a value alone is no statement");
    RS_TRY(compile_node(&body->compiler, node));
    emit_statement(&body->compiler, EXPR_CODE_DROP, 0, 1);
    return RS_OK;
}

/* ---- declarations -------------------------------------------------------------------------- */

static rs_status dim(struct code_body *body)
{
    struct code_declarators declarators = {0};
    struct code_local *local;
    bool given;

    RS_TRY(code_parse_declarators(body->job, body->code, &body->at, &declarators));
    for (size_t i = 0; i < declarators.count; i++) {
        const struct code_declarator *declarator = &declarators.items[i];
        RS_TRY(code_compile_initial(body, declarator, &given)); /* before the name is in sight */
        local = code_add_local(body, declarator->name, declarator->type);
        if (given)
            code_set_local(body, local->slot, local->type);
    }
    return RS_OK;
}

/* A variable of the class that only this procedure sees. */
static rs_status static_variable(struct code_body *body)
{
    struct code_declarators *declarators = RS_NEW(body->job, struct code_declarators);

    RS_TRY(code_parse_declarators(body->job, body->code, &body->at, declarators));
    for (size_t i = 0; i < declarators->count; i++) {
        const struct code_declarator *declarator = &declarators->items[i];
        struct code_variable *variable = code_add_variable(body->code, body->job, declarator);
        struct code_local local = {.name = declarator->name, .type = declarator->type, .slot = variable->slot, .is_static = true};
        rs_vec_push(body->job, &body->locals, local);
        rs_vec_push(body->job, body->initials, (struct code_initial){variable, declarator});
    }
    return RS_OK;
}

static rs_status local_constant(struct code_body *body)
{
    struct code_declarators declarators = {0};
    struct value constant;

    RS_TRY(code_parse_declarators(body->job, body->code, &body->at, &declarators));
    for (size_t i = 0; i < declarators.count; i++) {
        const struct code_declarator *declarator = &declarators.items[i];
        if (!declarator->initial)
            return code_fail(body->job, EXPR_SYNTAX, &body->at, "a constant needs a value");
        RS_TRY(compile_node(&body->compiler, declarator->initial));
        code_convert(body, declarator->type);
        if (top_constant(&body->compiler, &constant)) {
            take_constant(&body->compiler);
            struct code_local local = {.name = declarator->name, .type = declarator->type, .is_constant = true, .constant = constant};
            rs_vec_push(body->job, &body->locals, local);
        } else { /* known at run time only: a variable that is set once */
            struct code_local *local = code_add_local(body, declarator->name, declarator->type);
            emit_statement(&body->compiler, EXPR_CODE_SET_LOCAL, local->slot, 1);
        }
    }
    return RS_OK;
}

/* ReDim [Preserve] name(bounds), ... */
static rs_status redim(struct code_body *body)
{
    bool preserve = code_accept_word(&body->at, "Preserve"), done;
    struct expr_node *target;

    do {
        RS_TRY(expr_parse_target(body->job, &body->at, &target));
        if (target->kind != EXPR_NODE_CHAIN || target->suffix_count == 0 ||
            target->suffixes[target->suffix_count - 1].op != EXPR_OP_OPEN ||
            target->suffixes[target->suffix_count - 1].arguments.count == 0)
            return code_fail(body->job, EXPR_SYNTAX, &body->at, "ReDim is written with a variable and its bounds: ReDim a(10)");
        struct expr_arguments bounds = target->suffixes[target->suffix_count - 1].arguments;
        struct expr_node name = *target;
        name.suffix_count--;
        name = without_class(body, &name);
        if (name.left || name.suffix_count > 0 || (preserve && bounds.count > 1))
            return refuse_target(body, target, "ReDim of this is not supported");
        if (preserve)
            RS_TRY(compile_node(&body->compiler, &name));
        for (size_t i = 0; i < bounds.count; i++) {
            if (!bounds.items[i].value)
                return refuse_target(body, target, "ReDim needs every bound");
            RS_TRY(compile_node(&body->compiler, bounds.items[i].value));
        }
        if (preserve)
            emit(&body->compiler, EXPR_CODE_RESIZE, item_type(body, &name).row, 0, 2);
        else
            emit(&body->compiler, EXPR_CODE_NEW_ARRAY, item_type(body, &name).row, (int32_t)bounds.count, (int)bounds.count);
        RS_TRY(code_set_name(body, &name, &done));
        if (!done)
            return expr_fail_at(body->job, EXPR_UNKNOWN_NAME, target->column, "there is no variable \"%.*s\"",
                                RS_TEXT_ARG(name.name));
    } while (body->at.token->op == EXPR_OP_COMMA && body->at.token++);
    return RS_OK;
}

/* ---- leaving ------------------------------------------------------------------------------- */

/* Finally blocks between here and `until`, which a jump out of them runs. */
static rs_status code_leave_blocks(struct code_body *body, const struct code_block *until)
{
    struct code_block *inside = body->block;
    struct expr_cursor at = body->at;
    size_t locals = body->locals.count;

    for (struct code_block *block = inside; block && block != until; block = block->outer) {
        if (!block->finally)
            continue;
        body->block = block->outer;
        body->at.token = block->finally;
        RS_TRY(code_compile_block(body));
        body->locals.count = locals;
    }
    body->block = inside;
    body->at = at;
    return RS_OK;
}

static rs_status return_(struct code_body *body)
{
    if (!code_at_line_end(&body->at) && !code_at_word(&body->at, "Else")) {
        RS_TRY(code_value(body));
        if (body->procedure->is_sub)
            return code_fail(body->job, EXPR_SYNTAX, &body->at, "a Sub returns no value");
        code_set_local(body, 0, body->procedure->type);
    }
    RS_TRY(code_leave_blocks(body, NULL));
    emit_statement(&body->compiler, EXPR_CODE_END, 0, 0);
    return RS_OK;
}

static struct code_block *block_called(struct code_body *body, const struct expr_cursor *word)
{
    for (struct code_block *block = body->block; block; block = block->outer)
        if (code_at_word(word, block->word))
            return block;
    return NULL;
}

static rs_status exit_(struct code_body *body)
{
    static const char *const procedures[] = {"Function", "Sub", "Property"};
    struct code_block *block;

    for (size_t i = 0; i < 3; i++) {
        if (!code_accept_word(&body->at, procedures[i]))
            continue;
        RS_TRY(code_leave_blocks(body, NULL));
        emit_statement(&body->compiler, EXPR_CODE_END, 0, 0);
        return RS_OK;
    }
    block = block_called(body, &body->at);
    if (!block)
        return expr_refuse_token(body->job, &body->at, "what is left: For, Do, While, Select, Try, Function or Sub");
    body->at.token++;
    RS_TRY(code_leave_blocks(body, block));
    rs_vec_push(body->job, &block->exits, emit_jump(&body->compiler, EXPR_CODE_JUMP, 0));
    return RS_OK;
}

static rs_status continue_(struct code_body *body)
{
    struct code_block *block = block_called(body, &body->at);

    if (!block || code_at_word(&body->at, "Select") || code_at_word(&body->at, "Try"))
        return expr_refuse_token(body->job, &body->at, "the loop that goes on: For, Do or While");
    body->at.token++;
    RS_TRY(code_leave_blocks(body, block));
    rs_vec_push(body->job, &block->continues, emit_jump(&body->compiler, EXPR_CODE_JUMP, 0));
    return RS_OK;
}

/* Throw alone, in a Catch, throws what was caught. */
static rs_status throw(struct code_body *body)
{
    if (!code_at_line_end(&body->at))
        RS_TRY(code_value(body));
    else if (body->caught)
        emit(&body->compiler, EXPR_CODE_LOCAL, body->caught - 1, 0, 0);
    else
        return code_fail(body->job, EXPR_SYNTAX, &body->at, "Throw needs an exception outside of Catch");
    emit(&body->compiler, EXPR_CODE_FAILURE, 0, 0, 1);
    emit_statement(&body->compiler, EXPR_CODE_DROP, 0, 1);
    return RS_OK;
}

static rs_status call(struct code_body *body)
{
    return assign_or_call(body);
}

/* Using name As New X, Using name = x, Using x: nothing here needs to be disposed of. */
static rs_status using(struct code_body *body)
{
    const struct expr_cursor next = {.token = body->at.token + 1};
    size_t locals = body->locals.count;

    if (body->at.token->kind == EXPR_TOKEN_NAME && (code_at_word(&next, "As") || next.token->op == EXPR_OP_EQUAL)) {
        RS_TRY(dim(body));
    } else {
        RS_TRY(code_value(body));
        emit_statement(&body->compiler, EXPR_CODE_DROP, 0, 1);
    }
    RS_TRY(code_expect_line_end(body));
    RS_TRY(code_compile_block(body));
    body->locals.count = locals;
    return code_expect_end(body, "Using");
}

/* A run has one thread. */
static rs_status sync_lock(struct code_body *body)
{
    if (code_at_word(&body->at, "Me") && !body->procedure->has_me) { /* the class Code, which is no value */
        (void)code_accept_word(&body->at, "Me");
    } else {
        RS_TRY(code_value(body));
        emit_statement(&body->compiler, EXPR_CODE_DROP, 0, 1);
    }
    RS_TRY(code_expect_line_end(body));
    RS_TRY(code_compile_block(body));
    return code_expect_end(body, "SyncLock");
}

/* Erase a, b: the arrays are Nothing. */
static rs_status erase(struct code_body *body)
{
    struct expr_node *target;
    bool done;

    do {
        RS_TRY(expr_parse_target(body->job, &body->at, &target));
        struct expr_node name = without_class(body, target);
        if (name.kind != EXPR_NODE_CHAIN || name.left || name.suffix_count > 0)
            return refuse_target(body, target, "Erase of this is not supported");
        emit_constant(&body->compiler, value_null());
        RS_TRY(code_set_name(body, &name, &done));
        if (!done)
            return expr_fail_at(body->job, EXPR_UNKNOWN_NAME, target->column, "there is no variable \"%.*s\"", RS_TEXT_ARG(name.name));
    } while (body->at.token->op == EXPR_OP_COMMA && body->at.token++);
    return RS_OK;
}

/* Stop is for a debugger, and there is none. */
static rs_status stop(struct code_body *body)
{
    (void)body;
    return RS_OK;
}

static rs_status refuse_statement(struct code_body *body)
{
    body->at.token--;
    return code_fail(body->job, EXPR_UNSUPPORTED, &body->at, "the statement %.*s is not supported",
                     RS_TEXT_ARG(body->at.token->text));
}

/* ---- which statement ----------------------------------------------------------------------- */

static const struct {
    const char *word;
    code_statement *compile;
} statements[] = {
    {"If", code_if}, {"Return", return_}, {"Dim", dim}, {"For", code_for}, {"Select", code_select}, {"While", code_while},
    {"Do", code_do}, {"Exit", exit_}, {"Continue", continue_}, {"Call", call}, {"With", code_with}, {"Try", code_try},
    {"Throw", throw}, {"On", code_on_error}, {"ReDim", redim}, {"Static", static_variable}, {"Const", local_constant},
    {"Using", using}, {"SyncLock", sync_lock}, {"GoTo", code_goto}, {"Resume", code_resume},
    {"Stop", stop}, {"Erase", erase}, {"AddHandler", refuse_statement},
    {"RemoveHandler", refuse_statement}, {"RaiseEvent", refuse_statement}, {"Error", refuse_statement},
};

static rs_status one_statement(struct code_body *body)
{
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        if (code_accept_word(&body->at, statements[i].word))
            return statements[i].compile(body);
    return code_accept_label(body) ? RS_OK : assign_or_call(body);
}

rs_status code_compile_statement(struct code_body *body)
{
    size_t from = body->compiler.code.count;

    RS_TRY(rs_job_checkpoint(body->job));
    body->line = body->at.token->line;
    if (body->compiler.code.count > CODE_INSTRUCTIONS_MAX) /* Finally blocks inside one another are compiled many times */
        return code_fail(body->job, EXPR_UNSUPPORTED, &body->at, "the procedure is longer than %d instructions",
                         CODE_INSTRUCTIONS_MAX);
    RS_TRY(one_statement(body));
    RS_TRY(code_expect_line_end(body));
    if (body->compiler.code.count > from) { /* where Resume Next goes on */
        rs_vec_push(body->job, &body->statements, (struct code_range){from, body->compiler.code.count});
        body->compiler.barrier = body->compiler.code.count;
    }
    return RS_OK;
}

rs_status code_compile_block(struct code_body *body)
{
    size_t locals = body->locals.count;

    if (++body->depth > CODE_BLOCKS_MAX)
        return code_fail(body->job, EXPR_SYNTAX, &body->at, "blocks are nested more than %d deep", CODE_BLOCKS_MAX);
    for (;;) {
        while (body->at.token->kind == EXPR_TOKEN_LINE)
            body->at.token++;
        if (code_at_stop(&body->at))
            break;
        RS_TRY(code_compile_statement(body));
    }
    body->locals.count = locals;
    body->depth--;
    return RS_OK;
}
