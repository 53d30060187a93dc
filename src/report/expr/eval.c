#include "report/expr/eval.h"

#include "report/expr/call.h"
#include "report/expr/machine.h"
#include "report/value/compare.h"

#define STACK_SMALL 48 /* values; more than nearly every expression needs */


/* ---- what a report holds ------------------------------------------------------------------- */

static rs_status load_field(struct run *run, int slot, struct value *out)
{
    if (run->env->fields)
        *out = run->env->fields[slot];
    else if (run->env->field)
        return run->env->field(run->job, run->env->data, slot, out);
    else
        *out = EXPR_ERROR("a field is used where there is no row");
    return RS_OK;
}

static struct value load_parameter(struct run *run, enum expr_opcode code, int slot)
{
    const struct expr_parameter *parameter;

    if (!run->env->parameters)
        return EXPR_ERROR("a parameter is used where there are none");
    parameter = &run->env->parameters[slot];
    switch (code) {
    case EXPR_CODE_PARAMETER:
        return parameter->value;
    case EXPR_CODE_PARAMETER_LABEL:
        return parameter->label;
    case EXPR_CODE_PARAMETER_COUNT:
        return value_integer(parameter->value.kind == VALUE_ARRAY ? (int32_t)parameter->value.size : 1);
    default:
        return value_boolean(parameter->is_multi_value);
    }
}

static rs_status load_source_property(struct run *run, int slot, int32_t what, struct value *out)
{
    enum expr_collection collection = (enum expr_collection)(what >> 16);
    rs_text property = value_bytes(run->program->constants[what & 0xFFFF]);

    *out = value_null();
    if (!run->env->source_property)
        return RS_OK;
    return run->env->source_property(run->job, run->env->data, collection, slot, property, out);
}

static rs_status load_item(struct run *run, enum expr_opcode code, int slot, int32_t count, struct value *out)
{
    switch (code) {
    case EXPR_CODE_FIELD:
        return load_field(run, slot, out);
    case EXPR_CODE_FIELD_MISSING:
        RS_TRY(load_field(run, slot, out));
        *out = value_boolean((out->kind == VALUE_NULL || out->kind == VALUE_ERROR) && (out->flags & VALUE_IS_MISSING));
        return RS_OK;
    case EXPR_CODE_PARAMETER: case EXPR_CODE_PARAMETER_LABEL: case EXPR_CODE_PARAMETER_COUNT:
    case EXPR_CODE_PARAMETER_MULTI:
        *out = load_parameter(run, code, slot);
        return RS_OK;
    case EXPR_CODE_VARIABLE:
        if (run->env->variable)
            return run->env->variable(run->job, run->env->data, slot, out);
        break;
    case EXPR_CODE_REPORT_ITEM:
        if (run->env->report_item)
            return run->env->report_item(run->job, run->env->data, slot, out);
        break;
    case EXPR_CODE_AGGREGATE:
        if (run->env->aggregate)
            return run->env->aggregate(run->job, run->env->data, slot, out);
        break;
    case EXPR_CODE_SOURCE_PROPERTY:
        return load_source_property(run, slot, count, out);
    default: /* EXPR_CODE_NOTHING */
        *out = value_null();
        return RS_OK;
    }
    *out = EXPR_ERROR("this part of a report is not known here");
    return RS_OK;
}

/* Globals!RenderFormat.DeviceInfo(name): a text, or null where it was not given. */
static struct value load_device_setting(struct run *run, struct value name)
{
    const struct expr_globals *globals = run->env->globals;
    struct value text = value_to_string(run->job, name, run->culture);
    rs_text setting;

    if (value_is_error(text))
        return text;
    if (!globals || !globals->device_setting || !globals->device_setting(globals->device_info, value_bytes(text), &setting))
        return value_null();
    return value_text(setting);
}

static rs_status load_named(struct run *run, const struct expr_instruction *instruction, struct value name,
                            struct value *out)
{
    const struct expr_name_table *table = &run->program->tables[instruction->operand];
    struct value text = value_to_string(run->job, name, run->culture);
    rs_text sentence;

    *out = text;
    if (value_is_error(text))
        return RS_OK;
    for (size_t i = 0; i < table->count; i++)
        if (table->slots[i] >= 0 && rs_text_equal_nocase(table->names[i], value_bytes(text)))
            return load_item(run, (enum expr_opcode)instruction->count, table->slots[i], 0, out);
    sentence = rs_text_format(run->job, "there is no \"%.*s\" in %s", RS_TEXT_ARG(value_bytes(text)), table->collection);
    *out = value_error(sentence);
    return RS_OK;
}

static struct value load_global(const struct expr_globals *globals, enum expr_global global)
{
    if (!globals)
        return EXPR_ERROR("Globals and User are not known here");
    switch (global) {
    case EXPR_GLOBAL_EXECUTION_TIME:
        return globals->execution_time;
    case EXPR_GLOBAL_REPORT_NAME:
        return value_text(globals->report_name);
    case EXPR_GLOBAL_REPORT_FOLDER:
        return value_text(globals->report_folder);
    case EXPR_GLOBAL_REPORT_SERVER_URL:
        return value_text(globals->report_server_url);
    case EXPR_GLOBAL_PAGE_NUMBER:
        return value_integer((int32_t)globals->page_number);
    case EXPR_GLOBAL_TOTAL_PAGES:
        return value_integer((int32_t)globals->total_pages);
    case EXPR_GLOBAL_OVERALL_PAGE_NUMBER:
        return value_integer((int32_t)globals->overall_page_number);
    case EXPR_GLOBAL_OVERALL_TOTAL_PAGES:
        return value_integer((int32_t)globals->overall_total_pages);
    case EXPR_GLOBAL_PAGE_NAME:
        return value_text(globals->page_name);
    case EXPR_GLOBAL_FORMAT_NAME:
        return value_text(globals->render_format_name);
    case EXPR_GLOBAL_FORMAT_INTERACTIVE:
        return value_boolean(globals->render_format_is_interactive);
    case EXPR_GLOBAL_USER_ID:
        return value_text(globals->user_id);
    case EXPR_GLOBAL_LANGUAGE:
        return value_text(globals->user_language);
    }
    return value_null();
}

/* ---- operators ----------------------------------------------------------------------------- */

static const enum value_relation relations[] = {
    [EXPR_OP_EQUAL] = VALUE_EQUAL, [EXPR_OP_NOT_EQUAL] = VALUE_NOT_EQUAL, [EXPR_OP_LESS] = VALUE_LESS,
    [EXPR_OP_LESS_EQUAL] = VALUE_LESS_OR_EQUAL, [EXPR_OP_GREATER] = VALUE_GREATER,
    [EXPR_OP_GREATER_EQUAL] = VALUE_GREATER_OR_EQUAL,
};

typedef struct value binary_function(struct rs_job *job, struct value a, struct value b,
                                     const struct value_rules *rules);

static binary_function *const arithmetic[] = {
    [EXPR_OP_POWER] = value_power, [EXPR_OP_MULTIPLY] = value_multiply, [EXPR_OP_DIVIDE] = value_divide,
    [EXPR_OP_INTEGER_DIVIDE] = value_int_divide, [EXPR_OP_MOD] = value_modulo, [EXPR_OP_ADD] = value_add,
    [EXPR_OP_SUBTRACT] = value_subtract, [EXPR_OP_CONCATENATE] = value_concat,
    [EXPR_OP_SHIFT_LEFT] = value_shift_left, [EXPR_OP_SHIFT_RIGHT] = value_shift_right,
    [EXPR_OP_LIKE] = value_like, [EXPR_OP_AND] = value_and, [EXPR_OP_OR] = value_or, [EXPR_OP_XOR] = value_xor,
    [EXPR_OP_NOT] = NULL,
};

/* References: two values that are not Nothing are never one object, but types are (x.GetType() Is GetType(String)),
 * and they are text here. */
static bool is_same_object(struct value a, struct value b)
{
    if (a.kind == VALUE_NULL || b.kind == VALUE_NULL)
        return a.kind == b.kind;
    if (a.kind == VALUE_TEXT && b.kind == VALUE_TEXT)
        return rs_text_equal(value_bytes(a), value_bytes(b));
    if (a.kind == VALUE_OBJECT && b.kind == VALUE_OBJECT)
        return a.object == b.object;
    return a.kind == VALUE_ARRAY && b.kind == VALUE_ARRAY && a.items == b.items;
}

/* The cases that make up nearly all work on rows, without a call. */
static inline bool quick_binary(enum expr_op op, struct value a, struct value b, struct value *out)
{
    if (a.kind == VALUE_DOUBLE && b.kind == VALUE_DOUBLE) {
        switch (op) {
        case EXPR_OP_ADD: *out = value_double(a.real + b.real); return true;
        case EXPR_OP_SUBTRACT: *out = value_double(a.real - b.real); return true;
        case EXPR_OP_MULTIPLY: *out = value_double(a.real * b.real); return true;
        case EXPR_OP_DIVIDE: *out = value_double(a.real / b.real); return true;
        case EXPR_OP_EQUAL: *out = value_boolean(a.real == b.real); return true;
        case EXPR_OP_NOT_EQUAL: *out = value_boolean(a.real != b.real); return true;
        case EXPR_OP_LESS: *out = value_boolean(a.real < b.real); return true;
        case EXPR_OP_GREATER: *out = value_boolean(a.real > b.real); return true;
        default: return false;
        }
    }
    if ((a.kind == VALUE_INTEGER || a.kind == VALUE_LONG) && (b.kind == VALUE_INTEGER || b.kind == VALUE_LONG)) {
        switch (op) {
        case EXPR_OP_EQUAL: *out = value_boolean(a.integer == b.integer); return true;
        case EXPR_OP_NOT_EQUAL: *out = value_boolean(a.integer != b.integer); return true;
        case EXPR_OP_LESS: *out = value_boolean(a.integer < b.integer); return true;
        case EXPR_OP_LESS_EQUAL: *out = value_boolean(a.integer <= b.integer); return true;
        case EXPR_OP_GREATER: *out = value_boolean(a.integer > b.integer); return true;
        case EXPR_OP_GREATER_EQUAL: *out = value_boolean(a.integer >= b.integer); return true;
        default: return false;
        }
    }
    if (a.kind == VALUE_TEXT && b.kind == VALUE_TEXT && (op == EXPR_OP_EQUAL || op == EXPR_OP_NOT_EQUAL)) {
        bool equal = a.size == b.size && (a.size == 0 || memcmp(a.text, b.text, a.size) == 0);
        *out = value_boolean(equal == (op == EXPR_OP_EQUAL));
        return true;
    }
    return false;
}

static struct value machine_binary(struct run *run, enum expr_op op, struct value a, struct value b,
                           const struct value_rules *rules)
{
    struct value out;

    if (quick_binary(op, a, b, &out))
        return out;
    if (op == EXPR_OP_IS || op == EXPR_OP_IS_NOT)
        return value_boolean(is_same_object(a, b) == (op == EXPR_OP_IS));
    if (op >= EXPR_OP_EQUAL && op <= EXPR_OP_GREATER_EQUAL)
        return value_relate(run->job, relations[op], a, b, rules);
    return arithmetic[op](run->job, a, b, rules);
}

static struct value unary(struct run *run, enum expr_op op, struct value a, const struct value_rules *rules)
{
    if (op == EXPR_OP_NOT)
        return a.kind == VALUE_BOOLEAN ? value_boolean(!a.boolean) : value_not(run->job, a, rules);
    return op == EXPR_OP_SUBTRACT ? value_negate(run->job, a, rules) : value_plus(run->job, a, rules);
}

/* `count` texts as one, in one piece of memory. */
static struct value join_texts(struct run *run, const struct value *texts, int count)
{
    size_t size = 0, at = 0;
    void *room;
    char *joined;

    if (run->locals) {
        struct value grown = texts[0];
        int i = 1;
        while (i < count && code_join(run, grown, value_bytes(texts[i]), &grown))
            i++;
        if (i == count)
            return grown;
    }
    for (int i = 0; i < count; i++)
        size += texts[i].size;
    if (size > UINT32_MAX)
        return EXPR_ERROR("the text is too long");
    if (run->status == RS_OK)
        run->status = rs_try_alloc(run->job, size + 1, 1, &room);
    if (run->status != RS_OK)
        return EXPR_ERROR("not enough memory");
    joined = room;
    for (int i = 0; i < count; i++) {
        if (texts[i].size > 0)
            memcpy(joined + at, texts[i].text, texts[i].size);
        at += texts[i].size;
    }
    return value_text(rs_text_of(joined, size));
}

static struct value concatenate(struct run *run, struct value *operands, int count)
{
    for (int i = 0; i < count; i++) {
        if (operands[i].kind == VALUE_TEXT)
            continue;
        operands[i] = value_to_string(run->job, operands[i], run->culture);
        if (value_is_error(operands[i]))
            return operands[i];
    }
    return join_texts(run, operands, count);
}

/* a + b + c ...: from the left, but a run of texts is joined at once. */
static struct value add_all(struct run *run, struct value *operands, int count, const struct value_rules *rules)
{
    struct value sum = operands[0];

    for (int i = 1, end; i < count; i = end) {
        end = i;
        while (sum.kind == VALUE_TEXT && end < count && operands[end].kind == VALUE_TEXT)
            end++;
        if (end > i) {
            operands[i - 1] = sum;
            sum = join_texts(run, operands + i - 1, end - i + 1);
        } else {
            sum = machine_binary(run, EXPR_OP_ADD, sum, operands[i], rules);
            end = i + 1;
        }
        if (value_is_error(sum))
            break;
    }
    return sum;
}

/* ---- calls --------------------------------------------------------------------------------- */

rs_status machine_call(struct run *run, expr_function *function, const struct value *arguments, int count,
                               struct value *out)
{
    struct expr_call call = {
        .job = run->job, .rules = &run->rules[0], .culture = run->culture, .globals = run->env->globals,
        .arguments = arguments, .count = count,
    };

    *out = function(&call);
    return call.status;
}

rs_status machine_call_member(struct run *run, int32_t first, const struct value *arguments, int count, struct value *out)
{
    const char *name = expr_members[first].name;
    int least, most;

    if (arguments[0].kind == VALUE_NULL && !expr_member_of_nothing(first)) {
        *out = value_error(rs_text_format(run->job, ".%s of Nothing: object reference not set to an instance of an "
                                          "object", name[0] == '.' ? name + 1 : name));
        return RS_OK;
    }
    for (size_t i = (size_t)first; i < expr_member_count && strcmp(expr_members[i].name, name) == 0; i++) {
        if (!(expr_members[i].kinds >> arguments[0].kind & 1))
            continue;
        expr_parameters_range(expr_members[i].parameters, &least, &most);
        if (count - 1 >= least && (most < 0 || count - 1 <= most))
            return machine_call(run, expr_members[i].function, arguments, count, out);
    }
    *out = value_error(rs_text_format(run->job, "a value of type %s has no member \"%s\" with %d arguments",
                                      value_type_name(arguments[0]), name, count - 1));
    return RS_OK;
}

/* array(i), array(i)(j) and array(i, j) of arrays in arrays; text(i) is a character. */
struct value machine_index(struct run *run, struct value from, const struct value *indexes, int count)
{
    for (int i = 0; i < count; i++) {
        struct value index = from.kind == VALUE_OBJECT
                                 ? indexes[i] : value_to_whole(run->job, indexes[i], VALUE_AS_INTEGER, run->culture);
        if (value_is_error(index))
            return index;
        if (from.kind == VALUE_ARRAY || from.kind == VALUE_BYTES) {
            if (index.integer < 0 || index.integer >= (int64_t)from.size)
                return EXPR_ERROR("the index was outside the bounds of the array");
            from = from.kind == VALUE_ARRAY ? from.items[index.integer]
                                            : value_integer((unsigned char)from.text[index.integer]);
        } else if (from.kind == VALUE_TEXT) {
            size_t at = index.integer < 0 ? from.size : expr_offset(value_bytes(from), (size_t)index.integer);
            if (at >= from.size)
                return EXPR_ERROR("the index was outside the bounds of the text");
            from = (struct value){.kind = VALUE_CHAR, .integer = rs_text_next(value_bytes(from), &at)};
        } else if (from.kind == VALUE_OBJECT) {
            from = code_object_item(run->job, from, indexes[i]);
            if (value_is_error(from))
                return from;
        } else if (from.kind == VALUE_NULL) {
            return EXPR_ERROR("an index of Nothing: object reference not set to an instance of an object");
        } else {
            return value_error(rs_text_format(run->job, "a value of type %s has no index", value_type_name(from)));
        }
    }
    return from;
}

static struct value make_array(struct run *run, const struct value *items, int count)
{
    struct value *copy = RS_NEW_ARRAY(run->job, struct value, (size_t)count + 1);

    memcpy(copy, items, (size_t)count * sizeof *items);
    return value_array(copy, (uint32_t)count);
}

static bool is_of_type(struct value v, const struct expr_type_row *type)
{
    return type->kind == VALUE_KINDS ? v.kind != VALUE_NULL : v.kind == type->kind;
}

static rs_status cast(struct run *run, const struct expr_instruction *instruction, struct value *v)
{
    const struct expr_type_row *type = &expr_types[instruction->operand];

    if (instruction->count == EXPR_OP_TRY_CAST) {
        *v = is_of_type(*v, type) ? *v : value_null();
        return RS_OK;
    }
    if (instruction->count == EXPR_OP_CTYPE || v->kind == VALUE_NULL)
        return type->convert ? machine_call(run, type->convert, v, 1, v) : RS_OK;
    if (!is_of_type(*v, type))
        *v = value_error(rs_text_format(run->job, "unable to cast an object of type %s to type %s",
                                        value_type_name(*v), type->name));
    return RS_OK;
}

/* ---- the loop ------------------------------------------------------------------------------ */

/* A jump that looks at the value on top: *jump tells whether it is taken; then AndAlso, OrElse and If(a, b) leave
 * the value there. */
bool machine_decide(struct run *run, const struct expr_instruction *instruction, struct value *error)
{
    struct value *top = run->top - 1;
    struct value truth;

    if (instruction->code == EXPR_CODE_JUMP)
        return true;
    if (instruction->code == EXPR_CODE_JUMP_SOMETHING) {
        if (top->kind != VALUE_NULL)
            return true;
        run->top--;
        return false;
    }
    if (instruction->code == EXPR_CODE_JUMP_NOTHING)
        return top->kind == VALUE_NULL;
    truth = top->kind == VALUE_BOOLEAN ? *top : value_to_boolean(run->job, *top, run->culture);
    if (value_is_error(truth)) {
        *error = truth;
        return false;
    }
    *top = truth;
    if (instruction->code == EXPR_CODE_JUMP_UNLESS) {
        run->top--;
        return !truth.boolean;
    }
    if (truth.boolean == (instruction->code == EXPR_CODE_JUMP_TRUE))
        return true;
    run->top--;
    return false;
}

/* One instruction that is no jump. */
rs_status machine_step(struct run *run, const struct expr_instruction *instruction)
{
    const struct value_rules *rules = &run->rules[instruction->flags & EXPR_TYPED];
    int32_t operand = instruction->operand, count = instruction->count;
    struct value *top = run->top;

    switch ((enum expr_opcode)instruction->code) {
    case EXPR_CODE_FIELD: case EXPR_CODE_FIELD_MISSING: case EXPR_CODE_PARAMETER: case EXPR_CODE_PARAMETER_LABEL:
    case EXPR_CODE_PARAMETER_COUNT: case EXPR_CODE_PARAMETER_MULTI: case EXPR_CODE_VARIABLE:
    case EXPR_CODE_REPORT_ITEM: case EXPR_CODE_SOURCE_PROPERTY: case EXPR_CODE_NOTHING: case EXPR_CODE_AGGREGATE:
        run->top++;
        return load_item(run, (enum expr_opcode)instruction->code, operand, count, top);
    case EXPR_CODE_GLOBAL:
        run->top++;
        *top = load_global(run->env->globals, (enum expr_global)operand);
        return RS_OK;
    case EXPR_CODE_DEVICE_SETTING:
        top[-1] = load_device_setting(run, top[-1]);
        return RS_OK;
    case EXPR_CODE_NAMED:
        return load_named(run, instruction, top[-1], &top[-1]);
    case EXPR_CODE_LOOKUP:
        if (run->env->lookup)
            return run->env->lookup(run->job, run->env->data, operand, top[-1], &top[-1]);
        top[-1] = EXPR_ERROR("lookups are not known here");
        return RS_OK;
    case EXPR_CODE_SET_VARIABLE:
        if (run->env->set_variable)
            return run->env->set_variable(run->job, run->env->data, operand, top[-1], &top[-1]);
        top[-1] = EXPR_ERROR("variables cannot be set here");
        return RS_OK;
    case EXPR_CODE_BINARY:
        run->top--;
        top[-2] = machine_binary(run, (enum expr_op)operand, top[-2], top[-1], rules);
        return RS_OK;
    case EXPR_CODE_UNARY:
        top[-1] = unary(run, (enum expr_op)operand, top[-1], rules);
        return RS_OK;
    case EXPR_CODE_CONCATENATE:
        run->top = top - count + 1;
        top[-count] = concatenate(run, top - count, count);
        return run->status;
    case EXPR_CODE_ADD:
        run->top = top - count + 1;
        top[-count] = add_all(run, top - count, count, rules);
        return run->status;
    case EXPR_CODE_IS_NOTHING:
        top[-1] = value_boolean((top[-1].kind == VALUE_NULL) != (operand != 0));
        return RS_OK;
    case EXPR_CODE_TO_BOOLEAN:
        top[-1] = value_to_boolean(run->job, top[-1], run->culture);
        return RS_OK;
    case EXPR_CODE_CALL:
        run->top = top - count + 1;
        return machine_call(run, expr_functions[operand].function, top - count, count, top - count);
    case EXPR_CODE_MEMBER:
        run->top = top - count + 1;
        return machine_call_member(run, operand, top - count, count, top - count);
    case EXPR_CODE_INDEX:
        run->top = top - count + 1;
        top[-count] = machine_index(run, top[-count], top - count + 1, count - 1);
        return RS_OK;
    case EXPR_CODE_ARRAY:
        run->top = top - count + 1;
        top[-count] = make_array(run, top - count, count);
        return RS_OK;
    case EXPR_CODE_CAST:
        return cast(run, instruction, &top[-1]);
    case EXPR_CODE_TYPE_IS:
        top[-1] = value_boolean(is_of_type(top[-1], &expr_types[operand]) != (count != 0));
        return RS_OK;
    case EXPR_CODE_CONSTANT: case EXPR_CODE_JUMP: case EXPR_CODE_JUMP_UNLESS: case EXPR_CODE_JUMP_FALSE:
    case EXPR_CODE_JUMP_TRUE: case EXPR_CODE_JUMP_NOTHING: case EXPR_CODE_JUMP_SOMETHING:
        break; /* elsewhere */
    default:
        return code_step(run, instruction);
    }
    return RS_OK;
}

/* The instructions that rows are made of, without a call: true where this was one. */
static inline bool quick_step(struct run *run, const struct expr_instruction *instruction)
{
    struct value *top = run->top;

    switch (instruction->code) {
    case EXPR_CODE_CONSTANT:
        *top = run->program->constants[instruction->operand];
        run->top++;
        return true;
    case EXPR_CODE_FIELD:
        if (!run->env->fields)
            return false;
        *top = run->env->fields[instruction->operand];
        run->top++;
        return true;
    case EXPR_CODE_BINARY:
        if (!quick_binary((enum expr_op)instruction->operand, top[-2], top[-1], &top[-2]))
            return false;
        run->top--;
        return true;
    case EXPR_CODE_LOCAL:
        *top = run->locals[instruction->operand];
        run->top++;
        return true;
    default:
        return false;
    }
}

bool machine_quick_step(struct run *run, const struct expr_instruction *instruction)
{
    return quick_step(run, instruction);
}

static rs_status run_code(struct run *run, struct value *out)
{
    const struct expr_instruction *at = run->program->code, *end = at + run->program->count;
    struct value error = value_null();

    while (at < end) {
        const struct expr_instruction *instruction = at++;
        if (quick_step(run, instruction)) {
            if (run->top[-1].kind != VALUE_ERROR)
                continue;
            error = run->top[-1];
        } else if (machine_is_jump(instruction)) {
            if (machine_decide(run, instruction, &error))
                at = run->program->code + instruction->operand;
        } else {
            RS_TRY(machine_step(run, instruction));
            error = run->top[-1];
        }
        if (value_is_error(error)) {
            *out = error;
            return RS_OK;
        }
    }
    *out = run->top[-1];
    return RS_OK;
}

void machine_init(struct run *run, struct rs_job *job, const struct expr_program *program, const struct expr_env *env,
                  struct value *stack)
{
    *run = (struct run){.job = job, .program = program, .env = env, .culture = env->culture, .top = stack};
    if (!run->culture)
        run->culture = value_culture_invariant();
    run->rules[0] = (struct value_rules){run->culture, true};
    run->rules[EXPR_TYPED] = (struct value_rules){run->culture, false};
}

rs_status expr_run(struct rs_job *job, const struct expr_program *program, const struct expr_env *env,
                   struct value *out)
{
    struct value small[STACK_SMALL];
    struct run run;

    machine_init(&run, job, program, env, small);
    if (program->stack > STACK_SMALL)
        run.top = RS_NEW_ARRAY(job, struct value, program->stack);
    return run_code(&run, out);
}

rs_status expr_eval(struct rs_job *job, const struct expr_program *program, const struct expr_env *env,
                    struct value *out)
{
    if (program->count == 1) { /* =Fields!X.Value and constants are most of all expressions */
        const struct expr_instruction *only = &program->code[0];
        if (only->code == EXPR_CODE_FIELD && env->fields) {
            *out = env->fields[only->operand];
            return RS_OK;
        }
        if (only->code == EXPR_CODE_CONSTANT) {
            *out = program->constants[only->operand];
            return RS_OK;
        }
    }
    return expr_run(job, program, env, out);
}
