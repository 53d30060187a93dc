/* Blocks of <Code>: If, Select, loops, With, Try. The keyword that begins the block has been read.
 */
#include "report/expr/code_body.h"

static void land_all(struct code_body *body, const size_t *jumps, size_t count)
{
    for (size_t i = 0; i < count; i++)
        land_jump(&body->compiler, jumps[i]);
}

/* Labels remember blocks until the body is compiled. */
static struct code_block *new_block(struct code_body *body, struct code_block block)
{
    struct code_block *kept = RS_NEW(body->job, struct code_block);

    *kept = block;
    return kept;
}

/* A place that later instructions jump back to. */
static size_t begin_loop(struct code_body *body)
{
    size_t start = body->compiler.code.count;

    body->compiler.barrier = start;
    emit_statement(&body->compiler, EXPR_CODE_LOOP, 0, 0);
    return start;
}

static void load(struct code_body *body, int slot)
{
    emit(&body->compiler, EXPR_CODE_LOCAL, slot, 0, 0);
}

/* ---- If ------------------------------------------------------------------------------------ */

/* Statements up to the end of the line or Else. */
static rs_status line_of_statements(struct code_body *body)
{
    size_t locals = body->locals.count;

    if (++body->depth > CODE_BLOCKS_MAX)
        return code_fail(body->job, EXPR_SYNTAX, &body->at, "blocks are nested more than %d deep", CODE_BLOCKS_MAX);
    for (;;) {
        if (!code_at_line_end(&body->at) && !code_at_stop(&body->at))
            RS_TRY(code_compile_statement(body));
        if (body->at.token->kind != EXPR_TOKEN_LINE || body->at.token->text.size == 0)
            break;
        body->at.token++; /* a colon */
    }
    body->locals.count = locals;
    body->depth--;
    return RS_OK;
}

static rs_status single_line_if(struct code_body *body, size_t otherwise)
{
    size_t end;

    RS_TRY(line_of_statements(body));
    if (!code_accept_word(&body->at, "Else")) {
        land_jump(&body->compiler, otherwise);
        return RS_OK;
    }
    end = emit_jump(&body->compiler, EXPR_CODE_JUMP, 0);
    land_jump(&body->compiler, otherwise);
    RS_TRY(line_of_statements(body));
    land_jump(&body->compiler, end);
    return RS_OK;
}

/* ElseIf, or Else If: the same. */
static bool accept_else_if(struct code_body *body)
{
    struct expr_cursor next = {.token = body->at.token + 1};

    if (code_accept_word(&body->at, "ElseIf"))
        return true;
    if (!code_at_word(&body->at, "Else") || !code_at_word(&next, "If"))
        return false;
    body->at.token += 2;
    return true;
}

rs_status code_if(struct code_body *body)
{
    RS_VEC(size_t) ends = {0};
    size_t otherwise = 0;

    RS_TRY(code_value(body));
    otherwise = emit_jump(&body->compiler, EXPR_CODE_JUMP_UNLESS, 1);
    if (code_accept_word(&body->at, "Then") && !code_at_line_end(&body->at))
        return single_line_if(body, otherwise);
    RS_TRY(code_expect_line_end(body));
    RS_TRY(code_compile_block(body));
    while (accept_else_if(body)) {
        rs_vec_push(body->job, &ends, emit_jump(&body->compiler, EXPR_CODE_JUMP, 0));
        land_jump(&body->compiler, otherwise);
        body->line = body->at.token->line;
        RS_TRY(code_value(body));
        otherwise = emit_jump(&body->compiler, EXPR_CODE_JUMP_UNLESS, 1);
        code_accept_word(&body->at, "Then");
        RS_TRY(code_compile_block(body));
    }
    if (code_accept_word(&body->at, "Else")) {
        rs_vec_push(body->job, &ends, emit_jump(&body->compiler, EXPR_CODE_JUMP, 0));
        land_jump(&body->compiler, otherwise);
        RS_TRY(code_compile_block(body));
    } else {
        land_jump(&body->compiler, otherwise);
    }
    land_all(body, ends.items, ends.count);
    return code_accept_word(&body->at, "EndIf") ? RS_OK : code_expect_end(body, "If");
}

/* ---- Select -------------------------------------------------------------------------------- */

static bool is_relation(enum expr_op op)
{
    return op >= EXPR_OP_EQUAL && op <= EXPR_OP_GREATER_EQUAL;
}

static rs_status relation(struct code_body *body, int slot, enum expr_op op)
{
    load(body, slot);
    RS_TRY(code_value(body));
    emit_binary(&body->compiler, op, false);
    return RS_OK;
}

/* value, low To high, [Is] < value: leaves whether it holds. */
static rs_status case_clause(struct code_body *body, int slot)
{
    struct expr_node *low;
    size_t jump;

    if (body->at.token->op == EXPR_OP_IS || is_relation(body->at.token->op)) {
        body->at.token += body->at.token->op == EXPR_OP_IS;
        enum expr_op op = body->at.token->op;
        if (!is_relation(op))
            return expr_refuse_token(body->job, &body->at, "a comparison behind Is");
        body->at.token++;
        return relation(body, slot, op);
    }
    RS_TRY(expr_parse_value(body->job, &body->at, &low));
    load(body, slot);
    RS_TRY(compile_node(&body->compiler, low));
    if (!code_accept_word(&body->at, "To")) {
        emit_binary(&body->compiler, EXPR_OP_EQUAL, false);
        return RS_OK;
    }
    emit_binary(&body->compiler, EXPR_OP_GREATER_EQUAL, false);
    jump = emit_jump(&body->compiler, EXPR_CODE_JUMP_FALSE, 1);
    RS_TRY(relation(body, slot, EXPR_OP_LESS_EQUAL));
    land_jump(&body->compiler, jump);
    return RS_OK;
}

/* The clauses of one Case; gives the jump that is taken where none holds. */
static rs_status case_clauses(struct code_body *body, int slot, size_t *otherwise)
{
    RS_VEC(size_t) hits = {0};

    for (;;) {
        RS_TRY(case_clause(body, slot));
        *otherwise = emit_jump(&body->compiler, EXPR_CODE_JUMP_UNLESS, 1);
        if (body->at.token->op != EXPR_OP_COMMA)
            break;
        body->at.token++;
        rs_vec_push(body->job, &hits, emit_jump(&body->compiler, EXPR_CODE_JUMP, 0));
        land_jump(&body->compiler, *otherwise);
    }
    land_all(body, hits.items, hits.count);
    return RS_OK;
}

rs_status code_select(struct code_body *body)
{
    struct code_block *block = new_block(body, (struct code_block){.word = "Select", .outer = body->block});
    int slot = code_add_hidden(body);
    size_t otherwise = 0;

    code_accept_word(&body->at, "Case");
    RS_TRY(code_value(body));
    code_set_local(body, slot, CODE_OBJECT);
    RS_TRY(code_expect_line_end(body));
    while (body->at.token->kind == EXPR_TOKEN_LINE)
        body->at.token++;
    body->block = block;
    while (code_accept_word(&body->at, "Case")) {
        bool is_else = code_accept_word(&body->at, "Else");
        body->line = body->at.token->line;
        if (!is_else)
            RS_TRY(case_clauses(body, slot, &otherwise));
        RS_TRY(code_compile_block(body));
        rs_vec_push(body->job, &block->exits, emit_jump(&body->compiler, EXPR_CODE_JUMP, 0));
        if (!is_else)
            land_jump(&body->compiler, otherwise);
    }
    body->block = block->outer;
    land_all(body, block->exits.items, block->exits.count);
    return code_expect_end(body, "Select");
}

/* ---- For ----------------------------------------------------------------------------------- */

/* The counter or the item: a new variable where As follows or no variable is called so. */
static rs_status loop_variable(struct code_body *body, struct code_type inferred, struct expr_node **out)
{
    struct expr_node *node = RS_NEW(body->job, struct expr_node);
    struct code_type type = inferred;
    bool is_new;

    if (body->at.token->kind != EXPR_TOKEN_NAME)
        return expr_refuse_token(body->job, &body->at, "a variable");
    node->kind = EXPR_NODE_CHAIN;
    node->name = body->at.token->text;
    node->column = body->at.token->column;
    body->at.token++;
    is_new = code_accept_word(&body->at, "As");
    if (is_new)
        RS_TRY(code_parse_as(body->job, body->code, &body->at, &type));
    else
        is_new = !code_find_local(body, node->name) && !code_find_near(body, node->name);
    if (is_new)
        code_add_local(body, node->name, type);
    *out = node;
    return RS_OK;
}

static rs_status set_variable(struct code_body *body, const struct expr_node *variable)
{
    bool done;

    RS_TRY(code_set_name(body, variable, &done));
    return done ? RS_OK : expr_fail_at(body->job, EXPR_UNKNOWN_NAME, variable->column, "there is no variable \"%.*s\"",
                                       RS_TEXT_ARG(variable->name));
}

/* Next [name]; the turn that follows begins at `start`. */
static rs_status end_loop(struct code_body *body, struct code_block *block, size_t start, size_t leave)
{
    emit_jump_back(&body->compiler, start);
    land_jump(&body->compiler, leave);
    land_all(body, block->exits.items, block->exits.count);
    body->block = block->outer;
    return RS_OK;
}

static rs_status expect_next(struct code_body *body)
{
    if (!code_accept_word(&body->at, "Next"))
        return expr_refuse_token(body->job, &body->at, "Next");
    if (body->at.token->kind == EXPR_TOKEN_NAME && !code_at_word(&body->at, "Else"))
        body->at.token++;
    return RS_OK;
}

static rs_status for_each(struct code_body *body)
{
    struct code_block *block = new_block(body, (struct code_block){.word = "For", .outer = body->block});
    int collection = code_add_hidden(body), index = code_add_hidden(body);
    struct expr_node *item;
    size_t start, leave;

    RS_TRY(loop_variable(body, CODE_OBJECT, &item));
    if (!code_accept_word(&body->at, "In"))
        return expr_refuse_token(body->job, &body->at, "In and a collection");
    RS_TRY(code_value(body));
    code_set_local(body, collection, CODE_OBJECT);
    emit_constant(&body->compiler, value_integer(0));
    code_set_local(body, index, CODE_OBJECT);
    start = begin_loop(body);
    load(body, index);
    load(body, collection);
    emit(&body->compiler, EXPR_CODE_EACH_COUNT, 0, 0, 1);
    emit_binary(&body->compiler, EXPR_OP_LESS, false);
    leave = emit_jump(&body->compiler, EXPR_CODE_JUMP_UNLESS, 1);
    load(body, collection);
    load(body, index);
    emit(&body->compiler, EXPR_CODE_EACH_ITEM, 0, 0, 2);
    RS_TRY(set_variable(body, item));
    body->block = block;
    RS_TRY(code_compile_block(body));
    land_all(body, block->continues.items, block->continues.count);
    load(body, index);
    emit_constant(&body->compiler, value_integer(1));
    emit_binary(&body->compiler, EXPR_OP_ADD, false);
    code_set_local(body, index, CODE_OBJECT);
    RS_TRY(end_loop(body, block, start, leave));
    return expect_next(body);
}

static rs_status for_counter(struct code_body *body)
{
    struct code_block *block = new_block(body, (struct code_block){.word = "For", .outer = body->block});
    int limit = code_add_hidden(body), step = code_add_hidden(body);
    struct expr_node *counter;
    size_t start, leave;

    RS_TRY(loop_variable(body, (struct code_type){find_type(RS_TEXT("Integer")), false}, &counter));
    if (body->at.token->op != EXPR_OP_EQUAL)
        return expr_refuse_token(body->job, &body->at, "\"=\"");
    body->at.token++;
    RS_TRY(code_value(body));
    RS_TRY(set_variable(body, counter));
    if (!code_accept_word(&body->at, "To"))
        return expr_refuse_token(body->job, &body->at, "To");
    RS_TRY(code_value(body));
    code_set_local(body, limit, CODE_OBJECT);
    if (code_accept_word(&body->at, "Step"))
        RS_TRY(code_value(body));
    else
        emit_constant(&body->compiler, value_integer(1));
    code_set_local(body, step, CODE_OBJECT);
    start = begin_loop(body);
    RS_TRY(compile_node(&body->compiler, counter));
    load(body, limit);
    load(body, step);
    emit(&body->compiler, EXPR_CODE_COUNTS, 0, 0, 3);
    leave = emit_jump(&body->compiler, EXPR_CODE_JUMP_UNLESS, 1);
    body->block = block;
    RS_TRY(code_compile_block(body));
    land_all(body, block->continues.items, block->continues.count);
    RS_TRY(compile_node(&body->compiler, counter));
    load(body, step);
    emit_binary(&body->compiler, EXPR_OP_ADD, false);
    RS_TRY(set_variable(body, counter));
    RS_TRY(end_loop(body, block, start, leave));
    return expect_next(body);
}

rs_status code_for(struct code_body *body)
{
    size_t locals = body->locals.count;

    RS_TRY(code_accept_word(&body->at, "Each") ? for_each(body) : for_counter(body));
    body->locals.count = locals;
    return RS_OK;
}

/* ---- While and Do -------------------------------------------------------------------------- */

rs_status code_while(struct code_body *body)
{
    struct code_block *block = new_block(body, (struct code_block){.word = "While", .outer = body->block});
    size_t start = begin_loop(body), leave;

    RS_TRY(code_value(body));
    leave = emit_jump(&body->compiler, EXPR_CODE_JUMP_UNLESS, 1);
    RS_TRY(code_expect_line_end(body));
    body->block = block;
    RS_TRY(code_compile_block(body));
    for (size_t i = 0; i < block->continues.count; i++)
        body->compiler.code.items[block->continues.items[i]].operand = (int32_t)start;
    RS_TRY(end_loop(body, block, start, leave));
    return code_accept_word(&body->at, "Wend") ? RS_OK : code_expect_end(body, "While");
}

/* While c, Until c behind Do or Loop: a jump that is taken where the loop is over. */
static rs_status loop_condition(struct code_body *body, bool *given, size_t *leave)
{
    bool until = code_at_word(&body->at, "Until");

    *given = until || code_at_word(&body->at, "While");
    if (!*given)
        return RS_OK;
    body->at.token++;
    RS_TRY(code_value(body));
    if (until) {
        emit(&body->compiler, EXPR_CODE_TO_BOOLEAN, 0, 0, 1);
        emit(&body->compiler, EXPR_CODE_UNARY, EXPR_OP_NOT, 0, 1);
    }
    *leave = emit_jump(&body->compiler, EXPR_CODE_JUMP_UNLESS, 1);
    return RS_OK;
}

rs_status code_do(struct code_body *body)
{
    struct code_block *block = new_block(body, (struct code_block){.word = "Do", .outer = body->block});
    size_t start = begin_loop(body), leave;
    bool given;

    RS_TRY(loop_condition(body, &given, &leave));
    if (given)
        rs_vec_push(body->job, &block->exits, leave);
    RS_TRY(code_expect_line_end(body));
    body->block = block;
    RS_TRY(code_compile_block(body));
    land_all(body, block->continues.items, block->continues.count);
    body->block = block->outer;
    if (!code_accept_word(&body->at, "Loop"))
        return expr_refuse_token(body->job, &body->at, "Loop");
    RS_TRY(loop_condition(body, &given, &leave));
    if (given)
        rs_vec_push(body->job, &block->exits, leave);
    emit_jump_back(&body->compiler, start);
    land_all(body, block->exits.items, block->exits.count);
    return RS_OK;
}

/* ---- With ---------------------------------------------------------------------------------- */

rs_status code_with(struct code_body *body)
{
    rs_text outer = body->at.with;
    size_t locals = body->locals.count;
    struct code_local *local;

    RS_TRY(code_value(body));
    local = code_add_local(body, rs_text_format(body->job, "With %zu", body->slots.count), CODE_OBJECT);
    code_set_local(body, local->slot, CODE_OBJECT);
    rs_vec_last(&body->compiler.code).flags |= EXPR_SAME;
    body->at.with = local->name;
    RS_TRY(code_compile_block(body));
    body->at.with = outer;
    body->locals.count = locals;
    return code_expect_end(body, "With");
}

/* ---- Try ----------------------------------------------------------------------------------- */

/* The Finally block of the Try whose first statement is at the cursor; NULL where it has none. */
static const struct expr_token *find_finally(const struct code_body *body)
{
    struct expr_cursor at = body->at;
    bool begins = false;
    int depth = 0;

    for (; at.token->kind != EXPR_TOKEN_END; at.token++) {
        struct expr_cursor next = {.token = at.token + 1};
        if (begins && code_at_word(&at, "Try"))
            depth++;
        if (begins && code_at_word(&at, "End") && code_at_word(&next, "Try") && depth-- == 0)
            break;
        if (begins && depth == 0 && code_at_word(&at, "Finally"))
            return at.token + 1;
        begins = at.token->kind == EXPR_TOKEN_LINE;
    }
    return NULL;
}

/* Jumps to the next Catch, where this one does not take the exception. */
struct catch_misses {
    size_t jumps[2], count;
};

static void may_miss(struct code_body *body, struct catch_misses *misses)
{
    misses->jumps[misses->count++] = emit_jump(&body->compiler, EXPR_CODE_JUMP_UNLESS, 1);
}

/* Catch [name [As type]] [When condition]: the exception is in `slot`. */
static rs_status catch_line(struct code_body *body, int slot, struct catch_misses *misses)
{
    struct expr_type type;

    misses->count = 0;
    if (body->at.token->kind == EXPR_TOKEN_NAME && !code_at_word(&body->at, "When")) {
        code_add_local(body, body->at.token->text, CODE_OBJECT)->slot = slot;
        body->at.token++;
        if (code_accept_word(&body->at, "As")) {
            RS_TRY(expr_parse_type(body->job, &body->at, &type));
            if (!rs_text_equal_nocase(type.name, RS_TEXT("Exception")) && !rs_text_equal_nocase(type.name, RS_TEXT("System.Exception"))) {
                load(body, slot);
                emit(&body->compiler, EXPR_CODE_CAUGHT, add_constant(&body->compiler, value_text(type.name)), 0, 1);
                may_miss(body, misses);
            }
        }
    }
    if (code_accept_word(&body->at, "When")) {
        RS_TRY(code_value(body));
        may_miss(body, misses);
    }
    return code_expect_line_end(body);
}

/* The first Catch whose type and condition fit takes the error; where none does, it goes on. */
static rs_status catch_blocks(struct code_body *body, size_t from, size_t to)
{
    struct code_handler handler = {from, to, body->compiler.code.count, -1};
    RS_VEC(size_t) ends = {0};
    struct catch_misses misses = {.count = 0};
    int caught = body->caught;

    if (!code_at_word(&body->at, "Catch"))
        return RS_OK;
    handler.slot = code_add_hidden(body);
    rs_vec_push(body->job, &body->handlers, handler);
    body->caught = handler.slot + 1;
    while (code_accept_word(&body->at, "Catch")) {
        size_t locals = body->locals.count;
        body->compiler.barrier = body->compiler.code.count;
        RS_TRY(catch_line(body, handler.slot, &misses));
        RS_TRY(code_compile_block(body));
        body->locals.count = locals;
        rs_vec_push(body->job, &ends, emit_jump(&body->compiler, EXPR_CODE_JUMP, 0));
        land_all(body, misses.jumps, misses.count);
    }
    if (misses.count > 0) {
        load(body, handler.slot);
        emit(&body->compiler, EXPR_CODE_FAILURE, 0, 0, 1);
        emit_statement(&body->compiler, EXPR_CODE_DROP, 0, 1);
    }
    body->caught = caught;
    land_all(body, ends.items, ends.count);
    return RS_OK;
}

/* Finally runs behind the block, and behind an error, which then goes on. */
static rs_status finally_block(struct code_body *body, size_t from)
{
    const struct expr_token *start = body->at.token;
    struct code_handler handler = {from, body->compiler.code.count, 0, code_add_hidden(body)};
    size_t end;

    RS_TRY(code_compile_block(body));
    end = emit_jump(&body->compiler, EXPR_CODE_JUMP, 0);
    handler.target = body->compiler.barrier = body->compiler.code.count;
    rs_vec_push(body->job, &body->handlers, handler);
    body->at.token = start;
    RS_TRY(code_compile_block(body));
    load(body, handler.slot);
    emit(&body->compiler, EXPR_CODE_FAILURE, 0, 0, 1);
    emit_statement(&body->compiler, EXPR_CODE_DROP, 0, 1);
    land_jump(&body->compiler, end);
    return RS_OK;
}

rs_status code_try(struct code_body *body)
{
    struct code_block *block = new_block(body, (struct code_block){.word = "Try", .outer = body->block, .finally = find_finally(body)});
    size_t from = body->compiler.code.count, to, end;

    body->block = block;
    RS_TRY(code_compile_block(body));
    to = body->compiler.code.count;
    end = emit_jump(&body->compiler, EXPR_CODE_JUMP, 0);
    RS_TRY(catch_blocks(body, from, to));
    land_jump(&body->compiler, end);
    land_all(body, block->exits.items, block->exits.count);
    body->block = block->outer;
    if (code_accept_word(&body->at, "Finally"))
        RS_TRY(finally_block(body, from));
    body->compiler.barrier = body->compiler.code.count;
    return code_expect_end(body, "Try");
}
