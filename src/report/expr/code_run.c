/* Running <Code>: procedures are programs with variables in slots, statements that leave nothing on the stack, and
 * handlers for errors. An error that no handler takes is the result of the procedure, and so of the expression.
 */
#include "report/expr/code_run.h"
#include "report/expr/functions.h"
#include "report/value/compare.h"

#define FRAME_SMALL 64   /* values; more than nearly every procedure needs for its variables and its stack */
#define GROWING_LEAST 256 /* bytes: from here on a text that grows gets room behind it */

struct expr_code_state *expr_code_start(struct rs_job *memory, const struct expr_code *code)
{
    struct expr_code_state *state = RS_NEW(memory, struct expr_code_state);

    state->code = code;
    state->memory = memory;
    state->variables = RS_NEW_ARRAY(memory, struct value, code->variables.count + 1);
    return state;
}

/* ---- conversions --------------------------------------------------------------------------- */

/* What assigning to a variable of the type does: Nothing is its default, but a String may be Nothing. */
static rs_status convert(struct run *run, int row, struct value *v)
{
    const struct code_own *own = run->env->code ? code_own_of(run->env->code->code, row) : NULL;
    const struct expr_type_row *type = row >= 0 ? &expr_types[row] : NULL;
    bool is_whole = type && (type->kind == VALUE_INTEGER || type->kind == VALUE_LONG);

    if (own)
        return code_own_convert(run, own, v);
    if (!type || !type->convert || (v->kind == VALUE_NULL && type->kind == VALUE_TEXT))
        return RS_OK;
    if (v->kind == type->kind && (!is_whole || type->convert == fn_cint || type->convert == fn_clng))
        return RS_OK;
    return machine_call(run, type->convert, v, 1, v);
}

rs_status code_assign_type(struct run *run, struct code_type type, struct value *v)
{
    return type.is_array ? RS_OK : convert(run, type.row, v);
}

/* ---- text that grows ----------------------------------------------------------------------- */

/* `left` & `right` where left ends where the room begins: written behind it, which changes nothing that was read. */
static bool grow_in_place(struct code_growing *growing, struct value left, rs_text right, struct value *out)
{
    if (left.kind != VALUE_TEXT || left.text != growing->bytes || left.size != growing->used ||
        growing->room - growing->used < right.size)
        return false;
    memcpy(growing->bytes + growing->used, right.bytes, right.size);
    growing->used += right.size;
    *out = value_text(rs_text_of(growing->bytes, growing->used));
    return true;
}

static struct value grow_elsewhere(struct rs_job *memory, struct code_growing *growing, rs_text left, rs_text right)
{
    growing->used = left.size + right.size;
    growing->room = growing->used * 2;
    growing->bytes = rs_alloc(memory, growing->room);
    memcpy(growing->bytes, left.bytes, left.size);
    memcpy(growing->bytes + left.size, right.bytes, right.size);
    return value_text(rs_text_of(growing->bytes, growing->used));
}

bool code_join(struct run *run, struct value left, rs_text right, struct value *out)
{
    struct expr_code_state *state = run->env->code;

    if (left.size < GROWING_LEAST || left.size + right.size > EXPR_TEXT_MAX)
        return false;
    *out = left;
    if (right.size > 0 && !grow_in_place(&state->growing, left, right, out))
        *out = grow_elsewhere(run->job, &state->growing, value_bytes(left), right);
    return true;
}

/* A variable that is set again and again to the same text, as page headers do, keeps it. */
static void set_shared(struct expr_code_state *state, int slot, struct value v)
{
    struct value *variable = &state->variables[slot];

    if (v.kind == VALUE_TEXT && variable->kind == VALUE_TEXT && rs_text_equal(value_bytes(v), value_bytes(*variable)))
        return;
    *variable = code_keep(state->memory, v);
}

/* ---- arrays -------------------------------------------------------------------------------- */

/* The value of a variable that nothing was assigned to. */
static rs_status default_of(struct run *run, struct code_type type, struct value *out)
{
    *out = value_null();
    return code_assign_type(run, type, out);
}

static rs_status new_array(struct run *run, int row, const struct value *bounds, int count, struct value *out)
{
    struct value bound = value_to_whole(run->job, bounds[0], VALUE_AS_INTEGER, run->culture), item;
    struct rs_job *memory = run->env->code ? run->env->code->memory : run->job;
    struct value *items;

    *out = bound;
    if (value_is_error(bound))
        return RS_OK;
    if (bound.integer < -1 || bound.integer >= (int64_t)EXPR_ITEMS_MAX) {
        *out = EXPR_ERROR("the size of the array is negative or too large");
        return RS_OK;
    }
    RS_TRY(rs_job_checkpoint(run->job));
    items = RS_NEW_ARRAY(memory, struct value, (size_t)bound.integer + 2);
    RS_TRY(default_of(run, (struct code_type){row, false}, &item));
    if (value_is_error(item)) {
        *out = item;
        return RS_OK;
    }
    for (int64_t i = 0; i <= bound.integer; i++) {
        if (i % 4096 == 4095)
            RS_TRY(rs_job_checkpoint(run->job)); /* items may be objects */
        items[i] = i > 0 ? code_copy(memory, item) : item;
        if (count > 1)
            RS_TRY(new_array(run, row, bounds + 1, count - 1, &items[i]));
        if (value_is_error(items[i])) {
            *out = items[i];
            return RS_OK;
        }
    }
    *out = value_array(items, (uint32_t)(bound.integer + 1));
    out->flags = CODE_IS_KEPT;
    return RS_OK;
}

/* ReDim Preserve: what fits of the old items. */
static rs_status resize(struct run *run, int row, struct value old, struct value bound, struct value *out)
{
    RS_TRY(new_array(run, row, &bound, 1, out));
    if (out->kind == VALUE_ARRAY && old.kind == VALUE_ARRAY)
        memcpy((struct value *)out->items, old.items,
               (old.size < out->size ? old.size : out->size) * sizeof *out->items);
    return RS_OK;
}

/* collection(indexes) = v. An array that is not ours to write (of a parameter, of Split) is copied first; what is left
 * on the stack goes back to the variable. */
static rs_status set_item(struct run *run, struct value *collection, const struct value *indexes, int count, struct value v)
{
    struct expr_code_state *state = run->env->code;
    struct expr_call call = {.job = run->job, .rules = &run->rules[0], .culture = run->culture};
    struct value at, whole, result;

    if (collection->kind == VALUE_ARRAY && !(collection->flags & CODE_IS_KEPT))
        *collection = code_keep(state->memory, *collection);
    at = *collection;
    for (int i = 0; i < count; i++) {
        bool last = i + 1 == count;
        if (at.kind == VALUE_OBJECT && last) {
            result = code_object_set_item(&call, at, indexes[i], v);
            if (value_is_error(result))
                *collection = result;
            return call.status;
        }
        whole = value_to_whole(run->job, indexes[i], VALUE_AS_INTEGER, run->culture);
        if (at.kind != VALUE_ARRAY || value_is_error(whole) || whole.integer < 0 || whole.integer >= (int64_t)at.size) {
            *collection = value_is_error(whole) ? whole
                          : at.kind == VALUE_NULL ? EXPR_ERROR("an item of Nothing is set: object reference not set to an instance of an object")
                          : at.kind != VALUE_ARRAY ? EXPR_ERROR("an item is set of what is neither an array nor a collection")
                          : EXPR_ERROR("the index was outside the bounds of the array");
            return RS_OK;
        }
        if (last) /* kept arrays are ours: only procedures and this file make them */
            ((struct value *)at.items)[whole.integer] = code_keep(state->memory, v);
        else
            at = at.items[whole.integer];
    }
    return RS_OK;
}

/* ---- values -------------------------------------------------------------------------------- */

static struct value counts(struct run *run, const struct value *three)
{
    struct value step = three[2], zero = value_integer(0), down;

    if (three[0].kind == VALUE_INTEGER && three[1].kind == VALUE_INTEGER && step.kind == VALUE_INTEGER)
        return value_boolean(step.integer < 0 ? three[0].integer >= three[1].integer : three[0].integer <= three[1].integer);
    down = value_relate(run->job, VALUE_LESS, step, zero, &run->rules[0]);
    if (value_is_error(down))
        return down;
    return value_relate(run->job, down.boolean ? VALUE_GREATER_OR_EQUAL : VALUE_LESS_OR_EQUAL, three[0], three[1],
                        &run->rules[0]);
}

static rs_status new_object(struct run *run, int row, const struct value *arguments, int count, struct value *out)
{
    struct expr_call call = {.job = run->job, .rules = &run->rules[0], .culture = run->culture, .arguments = arguments,
                             .count = count};

    *out = run->env->code ? code_object_create(run->env->code->memory, &code_classes[row], &call)
                          : EXPR_ERROR("objects are made by the report's <Code> only");
    return call.status;
}

/* ParamArray: an array that is given alone is the array. */
static void rest(struct run *run, struct value *items, int count)
{
    struct value *copy;

    if (count == 1 && items[0].kind == VALUE_ARRAY)
        return;
    copy = RS_NEW_ARRAY(run->job, struct value, (size_t)count + 1);
    if (count > 0)
        memcpy(copy, items, (size_t)count * sizeof *copy);
    items[0] = value_array(copy, (uint32_t)count);
}

static rs_status make_ready(struct run *run, struct value *error);

rs_status code_enter(struct run *run, struct value *error)
{
    *error = value_null();
    if (!run->env->code) {
        *error = EXPR_ERROR("the report's <Code> cannot be called here");
        return RS_OK;
    }
    return make_ready(run, error);
}

/* Of the forms of a member that take so many arguments, the one whose types fit best. */
static rs_status call_best(struct run *run, int32_t first_form, const struct value *arguments, size_t count, struct value *out)
{
    const struct expr_code *code = run->env->code->code;
    const struct code_procedure *form = code->procedures.items[first_form];
    const struct code_member *member = rs_map_find(form->scope ? form->scope->members : code->members, form->name);

    form = code_best_form(code, member, arguments, count);
    return code_call_form(run, form, value_null(), arguments, count, out);
}

/* collection.Add(items) behind From. */
static rs_status add_item(struct run *run, struct value *first, int count)
{
    struct expr_call call = {.job = run->job, .rules = &run->rules[0], .culture = run->culture, .arguments = first, .count = count};
    struct value result = object_add(&call);

    if (value_is_error(result))
        *first = result;
    return call.status;
}

static int32_t number_of(const struct expr_code_state *state)
{
    if (state->caught.kind != VALUE_ERROR)
        return 0;
    if (state->raised.kind == VALUE_ERROR && rs_text_equal(value_bytes(state->raised), value_bytes(state->caught)))
        return state->raised_number;
    return code_error_number(value_bytes(state->caught));
}

/* Err.Raise(number, source, description): *out is the error. */
static void raise(struct run *run, const struct value *arguments, int count, struct value *out)
{
    struct expr_code_state *state = run->env->code;
    struct value number = value_to_whole(run->job, arguments[0], VALUE_AS_INTEGER, run->culture);
    struct value text = count > 2 && arguments[2].kind != VALUE_NULL
                            ? value_to_string(run->job, arguments[2], run->culture)
                            : value_text(RS_TEXT("Application-defined or object-defined error."));

    *out = value_is_error(number) ? number : value_is_error(text) ? text : value_error(value_bytes(text));
    if (value_is_error(number))
        return;
    state->raised = code_keep(state->memory, *out);
    state->raised_number = (int32_t)number.integer;
}

static void err(struct run *run, enum expr_err part, const struct value *arguments, int count, struct value *out)
{
    struct expr_code_state *state = run->env->code;

    *out = value_null();
    switch (part) {
    case EXPR_ERR_NUMBER:
        *out = value_integer(number_of(state));
        break;
    case EXPR_ERR_DESCRIPTION:
        *out = value_text(state->caught.kind == VALUE_ERROR ? value_bytes(state->caught) : RS_TEXT(""));
        break;
    case EXPR_ERR_SOURCE:
        *out = value_text(state->caught.kind == VALUE_ERROR ? RS_TEXT("ExpressionHost") : RS_TEXT(""));
        break;
    case EXPR_ERR_CLEAR:
        state->caught = value_null();
        break;
    case EXPR_ERR_RAISE:
        raise(run, arguments, count, out);
        break;
    }
}

rs_status code_step(struct run *run, const struct expr_instruction *instruction)
{
    int32_t operand = instruction->operand, count = instruction->count;
    struct value *top = run->top, *first = top - count, error, result;

    switch ((enum expr_opcode)instruction->code) {
    case EXPR_CODE_SHARED:
        run->top++;
        RS_TRY(code_enter(run, &error));
        *top = value_is_error(error) ? error : run->env->code->variables[operand];
        return RS_OK;
    case EXPR_CODE_CALL_CODE:
        run->top = first + 1;
        RS_TRY(code_enter(run, &error));
        if (value_is_error(error))
            return *first = error, RS_OK;
        RS_TRY(code_call(run, run->env->code->code->procedures.items[operand], value_null(), first, &result));
        *first = result; /* not before: the arguments are there */
        return RS_OK;
    case EXPR_CODE_CALL_FORM:
        run->top = first + 1;
        RS_TRY(code_enter(run, &error));
        if (value_is_error(error))
            return *first = error, RS_OK;
        RS_TRY(call_best(run, operand, first, (size_t)count, &result));
        *first = result;
        return RS_OK;
    case EXPR_CODE_RETURNED:
        run->top++;
        *top = run->env->code->returned[operand];
        return RS_OK;
    case EXPR_CODE_TRY_CALL:
        run->top = first + 1;
        RS_TRY(machine_call(run, expr_functions[operand].function, first, count, &result));
        *first = value_is_error(result) ? value_null() : result;
        return RS_OK;
    case EXPR_CODE_ORDER:
        top[-1] = code_array_order(run, top[-1], operand == 1);
        return run->status;
    case EXPR_CODE_COPY_ITEMS:
        run->top = first + 1;
        *first = code_copy_items(run, first);
        return run->status;
    case EXPR_CODE_MATCHES:
        run->top = first + 1;
        *first = code_matches(run, first, count, operand == 1);
        return run->status;
    case EXPR_CODE_REST:
        run->top = first + 1;
        rest(run, first, count);
        return RS_OK;
    case EXPR_CODE_CONVERT:
        return convert(run, operand, &top[-1]);
    case EXPR_CODE_NEW_OBJECT:
        run->top = first + 1;
        return new_object(run, operand, first, count, first);
    case EXPR_CODE_NEW_ARRAY:
        run->top = first + 1;
        return new_array(run, operand, first, count, first);
    case EXPR_CODE_RESIZE:
        run->top--;
        return resize(run, operand, top[-2], top[-1], &top[-2]);
    case EXPR_CODE_SET_ITEM:
        run->top = first + 1;
        return set_item(run, first, first + 1, count - 2, top[-1]);
    case EXPR_CODE_COUNTS:
        run->top -= 2;
        top[-3] = counts(run, top - 3);
        return RS_OK;
    case EXPR_CODE_EACH_COUNT:
        top[-1] = code_each_count(top[-1]);
        return RS_OK;
    case EXPR_CODE_EACH_ITEM:
        run->top--;
        top[-2] = code_each_item(run->job, top[-2], top[-1].integer);
        return RS_OK;
    case EXPR_CODE_REFUSED:
        run->top++;
        *top = value_error(value_bytes(run->program->constants[operand]));
        return RS_OK;
    case EXPR_CODE_FAILURE:
        if (run->env->code)
            run->env->code->thrown = top[-1];
        top[-1] = code_thrown(run->job, top[-1]);
        return RS_OK;
    case EXPR_CODE_CAUGHT:
        top[-1] = value_boolean(code_exception_is(top[-1], value_bytes(run->program->constants[operand])));
        return RS_OK;
    case EXPR_CODE_ADD_ITEM:
        run->top = first + 1;
        return add_item(run, first, count);
    case EXPR_CODE_ERR:
        run->top = first + 1;
        err(run, (enum expr_err)operand, first, count, &result);
        *first = result;
        return RS_OK;
    default:
        return code_own_step(run, instruction);
    }
}

/* ---- procedures ---------------------------------------------------------------------------- */

static bool is_statement(const struct expr_instruction *instruction)
{
    return instruction->code >= EXPR_CODE_SET_LOCAL;
}

static rs_status statement(struct run *run, const struct code_procedure *procedure, const struct expr_instruction *instruction)
{
    struct rs_job *memory = run->env->code->memory;

    switch ((enum expr_opcode)instruction->code) {
    case EXPR_CODE_SET_LOCAL:
        run->top--;
        run->locals[instruction->operand] = run->top->kind != VALUE_OBJECT || instruction->flags & EXPR_SAME
                                                ? *run->top : code_copy(memory, *run->top);
        return RS_OK;
    case EXPR_CODE_SET_FIELD:
        /* Me is never assigned to, so that it is what code_call was given */
        *code_instance_field(run->locals[procedure->parameter_count + 1], instruction->operand) = code_keep(memory, *--run->top);
        return RS_OK;
    case EXPR_CODE_SET_SHARED:
        set_shared(run->env->code, instruction->operand, *--run->top);
        return RS_OK;
    case EXPR_CODE_LOOP:
        return rs_job_checkpoint(run->job);
    default: /* EXPR_CODE_DROP; EXPR_CODE_END is the loop's */
        run->top--;
        return RS_OK;
    }
}

static const struct code_handler *find_handler(const struct code_procedure *procedure, size_t at)
{
    for (size_t i = 0; i < procedure->handler_count; i++)
        if (at >= procedure->handlers[i].from && at < procedure->handlers[i].to)
            return &procedure->handlers[i];
    return NULL;
}

/* On Error, of a procedure that runs. */
struct recovery {
    int32_t mode;               /* enum expr_on_error */
    bool handling;              /* an error brought us to the label, and no Resume has come yet */
    struct code_range failed;   /* the statement it was in */
};

static struct code_range statement_at(const struct code_procedure *procedure, size_t at)
{
    for (size_t i = 0; i < procedure->statement_count; i++)
        if (at >= procedure->statements[i].from && at < procedure->statements[i].to)
            return procedure->statements[i];
    return (struct code_range){at, at + 1};
}

/* On Error ... and Resume; *to: where to go on, *error: Resume without an error. */
static bool is_recovery(struct run *run, struct recovery *recovery, const struct expr_instruction *instruction, size_t *to,
                        struct value *error)
{
    size_t next = *to;

    if (instruction->code == EXPR_CODE_ON_ERROR) {
        recovery->handling = recovery->handling && instruction->operand != EXPR_ON_ERROR_CLEAR;
        if (instruction->operand != EXPR_ON_ERROR_CLEAR)
            recovery->mode = instruction->operand;
        run->env->code->caught = value_null();
        return true;
    }
    if (instruction->code != EXPR_CODE_RESUME)
        return false;
    if (!recovery->handling) {
        *error = EXPR_ERROR("Resume without error.");
        return true;
    }
    recovery->handling = false;
    run->env->code->caught = value_null();
    *to = instruction->operand == EXPR_RESUME_SAME ? recovery->failed.from
          : instruction->operand == EXPR_RESUME_NEXT ? recovery->failed.to : next;
    return true;
}

/* Where an error of the instruction goes on; false where it leaves the procedure. */
static bool recover(struct run *run, const struct code_procedure *procedure, struct recovery *recovery, size_t instruction,
                    struct value error, size_t *to)
{
    struct expr_code_state *state = run->env->code;
    const struct code_handler *handler = find_handler(procedure, instruction);

    if (handler) {
        if (handler->slot >= 0)
            run->locals[handler->slot] = code_exception(state->memory, error, state->thrown);
        *to = handler->target;
    } else if (recovery->mode == EXPR_ON_ERROR_NONE || recovery->handling) {
        return false;
    } else {
        recovery->failed = statement_at(procedure, instruction);
        recovery->handling = recovery->mode != EXPR_ON_ERROR_NEXT;
        *to = recovery->handling ? (size_t)(recovery->mode - EXPR_ON_ERROR_GO) : recovery->failed.to;
    }
    state->caught = code_keep(state->memory, error);
    return true;
}

static rs_status run_body(struct run *run, const struct code_procedure *procedure, struct value *out)
{
    const struct expr_instruction *code = procedure->program->code, *at = code, *end = code + procedure->program->count;
    struct value *base = run->top, error = value_null();
    struct recovery recovery = {.mode = EXPR_ON_ERROR_NONE};
    size_t to;

    while (at < end) {
        const struct expr_instruction *instruction = at++;
        if (instruction->code == EXPR_CODE_END)
            break;
        to = (size_t)(at - code);
        if (machine_quick_step(run, instruction)) {
            error = run->top[-1];
        } else if (machine_is_jump(instruction)) {
            if (machine_decide(run, instruction, &error))
                at = code + instruction->operand;
        } else if (is_recovery(run, &recovery, instruction, &to, &error)) {
            at = code + to;
        } else if (is_statement(instruction)) {
            RS_TRY(statement(run, procedure, instruction));
        } else {
            RS_TRY(machine_step(run, instruction));
            error = run->top[-1];
        }
        if (!value_is_error(error))
            continue;
        if (!recover(run, procedure, &recovery, (size_t)(instruction - code), error, &to)) {
            *out = error;
            return RS_OK;
        }
        run->top = base;
        at = code + to;
        error = value_null();
    }
    *out = run->locals[0];
    return RS_OK;
}

/* Slot 0, the parameters, then the other variables with their defaults. *out: an error where an argument has none of
 * the values of its type. */
static rs_status fill_slots(struct run *run, const struct code_procedure *procedure, struct value me,
                            const struct value *arguments, struct value *out)
{
    *out = value_null();
    for (size_t i = 0; i < procedure->slot_count; i++) {
        bool given = i > 0 && i <= procedure->parameter_count;
        if (procedure->has_me && i == procedure->parameter_count + 1) {
            run->locals[i] = me;
            continue;
        }
        run->locals[i] = given ? arguments[i - 1] : value_null();
        if (run->locals[i].kind == VALUE_OBJECT)
            run->locals[i] = code_copy(run->env->code->memory, run->locals[i]);
        RS_TRY(code_assign_type(run, procedure->slots[i], &run->locals[i]));
        if (value_is_error(run->locals[i])) {
            *out = run->locals[i];
            return RS_OK;
        }
    }
    return RS_OK;
}

static rs_status run_procedure(struct run *caller, const struct code_procedure *procedure, struct value me,
                               const struct value *arguments, struct value *out)
{
    size_t size = procedure->slot_count + procedure->program->stack + 1;
    struct expr_code_state *state = caller->env->code;
    struct value small[FRAME_SMALL], *frame = small;
    struct run run;

    if (size > FRAME_SMALL)
        frame = RS_NEW_ARRAY(caller->job, struct value, size);
    machine_init(&run, caller->job, procedure->program, caller->env, frame + procedure->slot_count);
    run.locals = frame;
    RS_TRY(fill_slots(&run, procedure, me, arguments, out));
    if (!value_is_error(*out))
        RS_TRY(run_body(&run, procedure, out));
    if (procedure->has_by_ref)
        memcpy(state->returned, frame + 1, procedure->parameter_count * sizeof *frame);
    return RS_OK;
}

rs_status code_call(struct run *run, const struct code_procedure *procedure, struct value me, const struct value *arguments,
                    struct value *out)
{
    struct expr_code_state *state = run->env->code;
    rs_status status;

    if (procedure->broken.size > 0) {
        *out = value_error(procedure->broken);
        return RS_OK;
    }
    if (procedure->has_me && code_instance_type(me) != procedure->scope) {
        *out = value_error(rs_text_format(run->job, "%.*s needs an object: it is not Shared", RS_TEXT_ARG(procedure->name)));
        return RS_OK;
    }
    if (state->depth >= CODE_CALLS_MAX) {
        *out = value_error(rs_text_format(run->job, "%.*s: calls are nested more than %d deep",
                                          RS_TEXT_ARG(procedure->name), CODE_CALLS_MAX));
        return RS_OK;
    }
    RS_TRY(rs_job_checkpoint(run->job));
    if (state->depth++ == 0)
        state->growing = (struct code_growing){0}; /* the memory of an earlier call may be given back */
    status = run_procedure(run, procedure, me, arguments, out);
    state->depth--;
    return status;
}

/* The variables, when a member is first named; then OnInit, as the original calls it. Where that fails every use of
 * Code does, with the reason. */
static rs_status make_ready(struct run *run, struct value *error)
{
    struct expr_code_state *state = run->env->code;
    const struct expr_code *code = state->code;
    struct value result = value_null();

    if (!state->is_ready) {
        state->is_ready = true;
        RS_TRY(code_call(run, code->initial, value_null(), NULL, &result));
        if (!value_is_error(result) && code->on_init)
            RS_TRY(code_call(run, code->on_init, value_null(), NULL, &result));
        if (value_is_error(result))
            state->failed = code_keep(state->memory, result);
    }
    *error = state->failed;
    return RS_OK;
}
