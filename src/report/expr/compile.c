#include "report/expr/compile.h"

#include "report/expr/code_program.h"
#include "report/expr/compiler.h"
#include "report/expr/parse.h"

/* ---- instructions -------------------------------------------------------------------------- */

static struct expr_instruction *append(struct compiler *compiler, enum expr_opcode code, int32_t operand, int32_t count)
{
    struct expr_instruction *instruction = rs_vec_add(compiler->job, &compiler->code);

    instruction->code = (uint16_t)code;
    instruction->operand = operand;
    instruction->count = count;
    return instruction;
}

static void stack_changes(struct compiler *compiler, int taken, int left)
{
    compiler->depth = compiler->depth - (size_t)taken + (size_t)left;
    if (compiler->depth > compiler->deepest)
        compiler->deepest = compiler->depth;
}

void emit(struct compiler *compiler, enum expr_opcode code, int32_t operand, int32_t count, int taken)
{
    append(compiler, code, operand, count);
    stack_changes(compiler, taken, 1);
    compiler->typed = false;
    compiler->enumeration = NULL;
}

int32_t add_constant(struct compiler *compiler, struct value constant)
{
    rs_vec_push(compiler->job, &compiler->constants, constant);
    return (int32_t)compiler->constants.count - 1;
}

void emit_constant(struct compiler *compiler, struct value constant)
{
    emit(compiler, EXPR_CODE_CONSTANT, add_constant(compiler, constant), 0, 0);
    compiler->typed = constant.kind != VALUE_NULL;
}

static bool constant_at(const struct compiler *compiler, size_t index, struct value *out)
{
    if (index < compiler->barrier || compiler->code.items[index].code != EXPR_CODE_CONSTANT)
        return false;
    *out = compiler->constants.items[compiler->code.items[index].operand];
    return true;
}

bool top_constant(const struct compiler *compiler, struct value *out)
{
    return compiler->code.count > 0 && constant_at(compiler, compiler->code.count - 1, out);
}

void take_constant(struct compiler *compiler)
{
    compiler->code.count--;
    compiler->depth--;
}

static bool may_fold(struct value operand, enum expr_folding folding)
{
    switch (operand.kind) {
    case VALUE_NULL: case VALUE_BOOLEAN:
        return true;
    case VALUE_INTEGER: case VALUE_LONG:
        return folding == EXPR_FOLD_NUMBER || operand.integer >= 0;
    case VALUE_SINGLE: case VALUE_DOUBLE: case VALUE_DECIMAL: case VALUE_DATE: case VALUE_SPAN:
        return folding == EXPR_FOLD_NUMBER;
    case VALUE_TEXT: case VALUE_CHAR:
        return folding == EXPR_FOLD_TEXT;
    default:
        return false;
    }
}

/* A copy that outlives the job that made it; false where it is not of one piece. */
static bool keep_folded(struct compiler *compiler, struct value *result)
{
    if (result->kind == VALUE_ARRAY)
        return false;
    if (result->kind == VALUE_TEXT || result->kind == VALUE_BYTES)
        result->text = rs_text_copy(compiler->job, value_bytes(*result)).bytes;
    return true;
}

/* The last instruction and the constants it takes, run now. An error is left for run time, and so is what takes much
 * memory: =Space(2000000000) is nothing that all who share the compiled report should hold. */
static void fold(struct compiler *compiler, int taken, enum expr_folding folding)
{
    size_t first = compiler->code.count - 1 - (size_t)taken;
    struct expr_program part = {
        .code = compiler->code.items + first, .count = (size_t)taken + 1, .constants = compiler->constants.items,
        .stack = (size_t)taken + 1,
    };
    struct expr_env env = {0};
    struct value result, operand;
    RS_OWNED(rs_job) scratch = NULL;

    if (folding == EXPR_LIVE || compiler->code.count < 1 + (size_t)taken)
        return;
    for (size_t i = first; i < first + (size_t)taken; i++)
        if (!constant_at(compiler, i, &operand) || !may_fold(operand, folding))
            return;
    scratch = rs_job_create(&(struct rs_job_options){.memory_limit = EXPR_FOLD_MEMORY_MAX, .within = compiler->job});
    if (expr_run(scratch, &part, &env, &result) != RS_OK || rs_job_memory(scratch) > EXPR_FOLD_MEMORY_MAX ||
        value_is_error(result) || !keep_folded(compiler, &result))
        return;
    compiler->code.count = first;
    append(compiler, EXPR_CODE_CONSTANT, add_constant(compiler, result), 0);
}

void emit_folded(struct compiler *compiler, enum expr_opcode code, int32_t operand, int32_t count, int taken,
                 enum expr_folding folding)
{
    emit(compiler, code, operand, count, taken);
    fold(compiler, taken, folding);
}

void emit_statement(struct compiler *compiler, enum expr_opcode code, int32_t operand, int taken)
{
    append(compiler, code, operand, 0);
    stack_changes(compiler, taken, 0);
}

size_t emit_jump(struct compiler *compiler, enum expr_opcode code, int taken)
{
    append(compiler, code, 0, 0);
    stack_changes(compiler, taken, 0);
    return compiler->code.count - 1;
}

void land_jump(struct compiler *compiler, size_t jump)
{
    compiler->code.items[jump].operand = (int32_t)compiler->code.count;
    compiler->barrier = compiler->code.count;
}

void emit_jump_back(struct compiler *compiler, size_t target)
{
    append(compiler, EXPR_CODE_JUMP, (int32_t)target, 0);
}

/* ---- operators ----------------------------------------------------------------------------- */

/* What kinds a constant operand may have so that no culture takes part. */
static enum expr_folding folding_of(const struct compiler *compiler, enum expr_op op)
{
    struct value top;

    if (op == EXPR_OP_CONCATENATE || op == EXPR_OP_LIKE)
        return EXPR_FOLD_TEXT;
    if (!top_constant(compiler, &top))
        return EXPR_LIVE;
    return top.kind == VALUE_TEXT || top.kind == VALUE_CHAR ? EXPR_FOLD_TEXT : EXPR_FOLD_NUMBER;
}

/* Text beside a number is converted by culture: both operands must be of one sort. */
static bool operands_are_alike(const struct compiler *compiler, int count)
{
    struct value operand;
    int texts = 0, others = 0;

    for (size_t i = compiler->code.count - (size_t)count; i < compiler->code.count; i++) {
        if (!constant_at(compiler, i, &operand))
            return false;
        if (operand.kind == VALUE_TEXT || operand.kind == VALUE_CHAR)
            texts++;
        else if (operand.kind != VALUE_NULL)
            others++;
    }
    return texts == 0 || others == 0;
}

void emit_binary(struct compiler *compiler, enum expr_op op, bool typed)
{
    enum expr_folding folding = folding_of(compiler, op);

    if (compiler->code.count < 2 || (folding != EXPR_LIVE && !operands_are_alike(compiler, 2)))
        folding = EXPR_LIVE;
    emit(compiler, EXPR_CODE_BINARY, (int32_t)op, 0, 2);
    if (typed)
        rs_vec_last(&compiler->code).flags |= EXPR_TYPED;
    fold(compiler, 2, folding);
    compiler->typed = typed || (op >= EXPR_OP_EQUAL && op <= EXPR_OP_IS_NOT);
}

/* Two constant texts that stand side by side under & are one. */
static bool join_constants(struct compiler *compiler)
{
    struct value left, right;
    rs_text joined;

    if (compiler->code.count < 2 || !constant_at(compiler, compiler->code.count - 2, &left) ||
        !constant_at(compiler, compiler->code.count - 1, &right) || left.kind != VALUE_TEXT || right.kind != VALUE_TEXT)
        return false;
    joined = rs_text_format(compiler->job, "%.*s%.*s", RS_TEXT_ARG(value_bytes(left)), RS_TEXT_ARG(value_bytes(right)));
    take_constant(compiler);
    take_constant(compiler);
    emit_constant(compiler, value_text(joined));
    return true;
}

/* a & b & c ... joins all at once; so does a + b + c, which adds from the left but joins runs of text. */
static rs_status compile_run(struct compiler *compiler, enum expr_op op, const struct expr_node *const *nodes,
                             size_t count)
{
    bool typed = compiler->typed;
    int operands = 1;

    for (size_t i = 0; i < count; i++) {
        RS_TRY(compile_node(compiler, nodes[i]->right));
        typed = typed && compiler->typed;
        operands++;
        /* Joined only behind the first operand, or where that is text itself: "a" & "b" is, x & ("a" & "b") is. */
        if (op == EXPR_OP_CONCATENATE && join_constants(compiler))
            operands--;
    }
    if (op == EXPR_OP_CONCATENATE) {
        if (operands > 1) {
            emit(compiler, EXPR_CODE_CONCATENATE, 0, operands, operands);
            fold(compiler, operands, EXPR_FOLD_TEXT);
        }
        compiler->typed = true;
    } else {
        emit(compiler, EXPR_CODE_ADD, 0, operands, operands);
        if (typed)
            rs_vec_last(&compiler->code).flags |= EXPR_TYPED;
        compiler->typed = typed;
    }
    return RS_OK;
}

/* AndAlso, OrElse: the right side is computed only where it decides. */
static rs_status compile_short_circuit(struct compiler *compiler, enum expr_op op, const struct expr_node *right)
{
    size_t jump = emit_jump(compiler, op == EXPR_OP_AND_ALSO ? EXPR_CODE_JUMP_FALSE : EXPR_CODE_JUMP_TRUE, 1);

    RS_TRY(compile_node(compiler, right));
    emit(compiler, EXPR_CODE_TO_BOOLEAN, 0, 0, 1);
    land_jump(compiler, jump);
    compiler->typed = true;
    return RS_OK;
}

static bool is_nothing(const struct expr_node *node)
{
    return node->kind == EXPR_NODE_LITERAL && node->token.op == EXPR_OP_NOTHING;
}

static rs_status compile_one_binary(struct compiler *compiler, const struct expr_node *node)
{
    bool typed = compiler->typed;

    if (node->op == EXPR_OP_AND_ALSO || node->op == EXPR_OP_OR_ELSE)
        return compile_short_circuit(compiler, node->op, node->right);
    if ((node->op == EXPR_OP_IS || node->op == EXPR_OP_IS_NOT) && is_nothing(node->right)) {
        emit_folded(compiler, EXPR_CODE_IS_NOTHING, node->op == EXPR_OP_IS_NOT, 0, 1, EXPR_FOLD_NUMBER);
        compiler->typed = true;
        return RS_OK;
    }
    RS_TRY(compile_node(compiler, node->right));
    emit_binary(compiler, node->op, typed && compiler->typed);
    return RS_OK;
}

static rs_status compile_binary(struct compiler *compiler, const struct expr_node *node)
{
    RS_VEC(const struct expr_node *) spine = {0};
    const struct expr_node *first = node;

    for (; first->kind == EXPR_NODE_BINARY; first = first->left)
        rs_vec_push(compiler->job, &spine, first);
    for (size_t i = 0; i < spine.count / 2; i++) { /* innermost, which is computed first, to the front */
        const struct expr_node *other = spine.items[i];
        spine.items[i] = spine.items[spine.count - 1 - i];
        spine.items[spine.count - 1 - i] = other;
    }
    RS_TRY(compile_node(compiler, first));
    for (size_t i = 0, end; i < spine.count; i = end) {
        enum expr_op op = spine.items[i]->op;
        for (end = i + 1; end < spine.count && spine.items[end]->op == op;)
            end++;
        if (op == EXPR_OP_CONCATENATE || (op == EXPR_OP_ADD && end - i > 1)) {
            RS_TRY(compile_run(compiler, op, spine.items + i, end - i));
        } else {
            end = i + 1;
            RS_TRY(compile_one_binary(compiler, spine.items[i]));
        }
    }
    return RS_OK;
}

static rs_status compile_unary(struct compiler *compiler, const struct expr_node *node)
{
    bool typed;
    struct value operand;

    RS_TRY(compile_node(compiler, node->left));
    typed = compiler->typed;
    bool text = top_constant(compiler, &operand) && operand.kind == VALUE_TEXT;
    emit(compiler, EXPR_CODE_UNARY, (int32_t)node->op, 0, 1);
    if (typed)
        rs_vec_last(&compiler->code).flags |= EXPR_TYPED;
    fold(compiler, 1, text ? EXPR_LIVE : EXPR_FOLD_NUMBER);
    compiler->typed = typed;
    return RS_OK;
}

/* ---- forms --------------------------------------------------------------------------------- */

static rs_status compile_if(struct compiler *compiler, const struct expr_node *node)
{
    const struct expr_argument *items = node->arguments.items;
    size_t otherwise, end;

    RS_TRY(compile_node(compiler, items[0].value));
    if (node->arguments.count == 2) {
        end = emit_jump(compiler, EXPR_CODE_JUMP_SOMETHING, 1);
        RS_TRY(compile_node(compiler, items[1].value));
    } else {
        otherwise = emit_jump(compiler, EXPR_CODE_JUMP_UNLESS, 1);
        RS_TRY(compile_node(compiler, items[1].value));
        end = emit_jump(compiler, EXPR_CODE_JUMP, 1); /* the other way comes here with one value less */
        land_jump(compiler, otherwise);
        RS_TRY(compile_node(compiler, items[2].value));
    }
    land_jump(compiler, end);
    compiler->typed = false;
    return RS_OK;
}

static rs_status compile_array(struct compiler *compiler, const struct expr_node *node)
{
    const struct expr_arguments *arguments = &node->arguments;

    for (size_t i = 0; i < arguments->count; i++) {
        if (arguments->items[i].name.size > 0)
            return expr_fail_at(compiler->job, EXPR_SYNTAX, arguments->items[i].column,
                                "an item of an array has no name");
        RS_TRY(compile_node(compiler, arguments->items[i].value));
    }
    emit(compiler, EXPR_CODE_ARRAY, 0, (int32_t)arguments->count, (int)arguments->count);
    return RS_OK;
}

/* The same with a type of <Code>. */
static rs_status compile_own_type_form(struct compiler *compiler, const struct expr_node *node, int own)
{
    if (node->kind == EXPR_NODE_GET_TYPE) {
        emit_constant(compiler, value_text(node->type.name));
        return RS_OK;
    }
    RS_TRY(compile_node(compiler, node->left));
    if (node->kind == EXPR_NODE_TYPE_OF)
        emit(compiler, EXPR_CODE_OWN_IS, own, node->op == EXPR_OP_IS_NOT, 1);
    else if (node->op == EXPR_OP_TRY_CAST)
        emit(compiler, EXPR_CODE_OWN_IS, own, 2, 1);
    else
        emit(compiler, EXPR_CODE_CONVERT, CODE_OWN_ROW(own), 0, 1);
    return RS_OK;
}

static rs_status type_of_node(struct compiler *compiler, const struct expr_node *node, int *out)
{
    *out = find_type(node->type.name);
    if (*out < 0)
        return expr_fail_at(compiler->job, EXPR_UNSUPPORTED, node->column, "the type %.*s is not supported",
                            RS_TEXT_ARG(node->type.name));
    return RS_OK;
}

/* Arrays hold any values here, whatever the type of their items. */
static rs_status compile_type_form(struct compiler *compiler, const struct expr_node *node)
{
    int type, own = code_own_number(compiler, node->type.name);

    if (own >= 0 && !node->type.is_array)
        return compile_own_type_form(compiler, node, own);
    RS_TRY(type_of_node(compiler, node, &type));
    if (node->kind == EXPR_NODE_GET_TYPE) {
        emit_constant(compiler, value_text(rs_text_format(compiler->job, "%s%s", expr_types[type].full_name,
                                                          node->type.is_array ? "[]" : "")));
        return RS_OK;
    }
    if (node->type.is_array)
        type = find_type(strcmp(expr_types[type].name, "Byte") == 0 ? RS_TEXT("Byte()") : RS_TEXT("Object()"));
    RS_TRY(compile_node(compiler, node->left));
    if (node->kind == EXPR_NODE_TYPE_OF)
        emit(compiler, EXPR_CODE_TYPE_IS, type, node->op == EXPR_OP_IS_NOT, 1);
    else
        emit(compiler, EXPR_CODE_CAST, type, (int32_t)node->op, 1);
    compiler->typed = expr_types[type].kind != VALUE_KINDS;
    return RS_OK;
}

/* Members and indexes from suffix `from` on, applied to the value on the stack. */
static rs_status compile_suffixes(struct compiler *compiler, const struct expr_node *node, size_t from)
{
    RS_VEC(size_t) ends = {0};

    for (size_t i = from; i < node->suffix_count;) {
        const struct expr_suffix *suffix = &node->suffixes[i];
        if (suffix->conditional) /* what hangs on Nothing is Nothing, and so is all behind it */
            rs_vec_push(compiler->job, &ends, emit_jump(compiler, EXPR_CODE_JUMP_NOTHING, 0));
        if (suffix->op == EXPR_OP_DOT) {
            RS_TRY(compile_member(compiler, node, i, &i));
            continue;
        }
        if (suffix->op == EXPR_OP_BANG && compiler->body) { /* table!key is table("key") */
            emit_constant(compiler, value_text(suffix->name));
            emit(compiler, EXPR_CODE_INDEX, 0, 2, 2);
            i++;
            continue;
        }
        if (suffix->op == EXPR_OP_BANG)
            return expr_fail_at(compiler->job, EXPR_UNSUPPORTED, suffix->column,
                                "!%.*s: this value is not a collection with names", RS_TEXT_ARG(suffix->name));
        for (size_t a = 0; a < suffix->arguments.count; a++) {
            if (!suffix->arguments.items[a].value || suffix->arguments.items[a].name.size > 0)
                return expr_fail_at(compiler->job, EXPR_SYNTAX, suffix->arguments.items[a].column,
                                    "an index is a value without a name");
            RS_TRY(compile_node(compiler, suffix->arguments.items[a].value));
        }
        if (suffix->arguments.count > 0) /* x() is x */
            emit(compiler, EXPR_CODE_INDEX, 0, (int32_t)suffix->arguments.count + 1,
                 (int)suffix->arguments.count + 1);
        i++;
    }
    for (size_t i = 0; i < ends.count; i++)
        land_jump(compiler, ends.items[i]);
    if (ends.count > 0)
        compiler->typed = false;
    return RS_OK;
}

static rs_status compile_chain(struct compiler *compiler, const struct expr_node *node)
{
    size_t next = 0;
    bool done = false;

    if (!node->left && compiler->body)
        RS_TRY(code_compile_name(compiler, node, &next, &done));
    if (done)
        return compile_suffixes(compiler, node, next);
    done = true;
    if (node->left)
        RS_TRY(compile_node(compiler, node->left));
    else
        RS_TRY(compile_report_name(compiler, node, &next, &done));
    if (!done)
        RS_TRY(compile_library_name(compiler, node, &next));
    return compile_suffixes(compiler, node, next);
}

rs_status compile_node(struct compiler *compiler, const struct expr_node *node)
{
    struct value literal;

    RS_TRY(rs_job_checkpoint(compiler->job));
    switch (node->kind) {
    case EXPR_NODE_LITERAL:
        RS_TRY(expr_literal(compiler->job, &node->token, &literal));
        emit_constant(compiler, literal);
        return RS_OK;
    case EXPR_NODE_CHAIN:
        return compile_chain(compiler, node);
    case EXPR_NODE_UNARY:
        return compile_unary(compiler, node);
    case EXPR_NODE_BINARY:
        return compile_binary(compiler, node);
    case EXPR_NODE_ARRAY:
        return compile_array(compiler, node);
    case EXPR_NODE_NEW:
        RS_TRY(compile_new(compiler, node));
        return code_compile_initializer(compiler, &node->initial);
    case EXPR_NODE_CAST:
    case EXPR_NODE_TYPE_OF:
    case EXPR_NODE_GET_TYPE:
        return compile_type_form(compiler, node);
    case EXPR_NODE_IF:
        return compile_if(compiler, node);
    }
    return rs_fail(compiler->job, RS_FAILED, "a node of an unknown kind");
}

/* ---- programs ------------------------------------------------------------------------------ */

void compile_finish(struct compiler *compiler)
{
    struct expr_program *program = compiler->program;

    program->code = compiler->code.items;
    program->count = compiler->code.count;
    program->constants = compiler->constants.items;
    program->tables = compiler->tables.items;
    program->stack = compiler->deepest;
}

rs_status compile_program(struct rs_job *job, const struct expr_node *node, struct expr_names *names,
                          struct expr_program **out)
{
    struct compiler compiler = {.job = job, .names = names, .program = RS_NEW(job, struct expr_program)};

    RS_TRY(compile_node(&compiler, node));
    compile_finish(&compiler);
    *out = compiler.program;
    return RS_OK;
}

rs_status expr_compile(struct rs_job *job, rs_text source, struct expr_names *names, struct expr_program **out)
{
    struct expr_node *node;

    RS_TRY(expr_parse(job, rs_text_copy(job, source), &node)); /* texts of the program borrow from the source */
    return compile_program(job, node, names, out);
}

static struct value copy_value(struct rs_job *job, struct value v)
{
    if (v.kind == VALUE_TEXT || v.kind == VALUE_BYTES || v.kind == VALUE_ERROR)
        v.text = rs_text_copy(job, value_bytes(v)).bytes;
    if (v.kind == VALUE_ARRAY) {
        struct value *items = RS_NEW_ARRAY(job, struct value, v.size);
        for (uint32_t i = 0; i < v.size; i++)
            items[i] = copy_value(job, v.items[i]);
        v.items = items;
    }
    return v;
}

struct expr_program *expr_constant(struct rs_job *job, struct value constant)
{
    struct expr_program *program = RS_NEW(job, struct expr_program);
    struct expr_instruction *code = RS_NEW(job, struct expr_instruction);
    struct value *constants = RS_NEW(job, struct value);

    *constants = copy_value(job, constant);
    code->code = EXPR_CODE_CONSTANT;
    program->code = code;
    program->count = program->stack = 1;
    program->constants = constants;
    return program;
}

bool expr_is_constant(const struct expr_program *program, struct value *constant)
{
    if (program->count != 1 || program->code[0].code != EXPR_CODE_CONSTANT)
        return false;
    *constant = program->constants[program->code[0].operand];
    return true;
}

int expr_is_field(const struct expr_program *program)
{
    return program->count == 1 && program->code[0].code == EXPR_CODE_FIELD ? program->code[0].operand : -1;
}

bool expr_uses_page_globals(const struct expr_program *program)
{
    return program->uses_page_globals;
}

bool expr_uses_report_items(const struct expr_program *program)
{
    return program->uses_report_items;
}

bool expr_uses_fields(const struct expr_program *program)
{
    return program->uses_fields;
}

bool expr_is_of_row(const struct expr_program *program)
{
    for (size_t i = 0; i < program->count; i++)
        switch (program->code[i].code) {
        case EXPR_CODE_VARIABLE: case EXPR_CODE_SET_VARIABLE: case EXPR_CODE_REPORT_ITEM: case EXPR_CODE_AGGREGATE:
        case EXPR_CODE_LOOKUP: case EXPR_CODE_NAMED: case EXPR_CODE_SHARED: case EXPR_CODE_CALL_CODE: case EXPR_CODE_CALL_FORM:
        case EXPR_CODE_NEW_OWN:
            return false;
        default:
            break;
        }
    return !program->uses_page_globals;
}
