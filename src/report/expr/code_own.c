/* Objects of the types that <Code> declares, while it runs. Which member a name means is decided by the object, as a late
 * bound call is: an object may stand in a collection, where no type is known.
 */
#include "report/expr/call.h"
#include "report/expr/code_run.h"
#include "report/expr/functions.h"

struct code_own *code_own_of(const struct expr_code *code, int row)
{
    int number = CODE_OWN_ROW(row); /* its own inverse */

    return code && row < -1 && (size_t)number < code->own.count ? code->own.items[number] : NULL;
}

/* Outer.Inner is Inner. */
struct code_own *code_find_own(const struct expr_code *code, rs_text name)
{
    rs_text part, rest = name;

    while (rs_text_cut(rest, '.', &part, &rest))
        continue;
    for (size_t i = 0; i < code->own.count; i++)
        if (rs_text_equal_nocase(code->own.items[i]->name, part))
            return code->own.items[i];
    return NULL;
}

/* ---- forms --------------------------------------------------------------------------------- */

/* How well an argument fits a parameter: its own type, a wider number, Object, what it converts to. */
static int fit(const struct expr_code *code, struct code_type type, struct value v)
{
    static const uint8_t widths[VALUE_KINDS + 1] = {[VALUE_INTEGER] = 1, [VALUE_LONG] = 2, [VALUE_DECIMAL] = 3,
                                                    [VALUE_SINGLE] = 4, [VALUE_DOUBLE] = 5};
    const struct code_own *own = code_own_of(code, type.row);
    int kind = type.row >= 0 ? expr_types[type.row].kind : own && own->sort == CODE_ENUM ? VALUE_INTEGER : VALUE_KINDS;

    if (type.is_array || v.kind == VALUE_ARRAY)
        return type.is_array && v.kind == VALUE_ARRAY ? 4 : kind == VALUE_KINDS ? 2 : 0;
    if (own && own->sort != CODE_ENUM)
        return code_instance_type(v) == own ? 4 : v.kind == VALUE_NULL ? 2 : 0;
    if (kind == v.kind)
        return 4;
    if (widths[v.kind] && widths[kind])
        return widths[kind] > widths[v.kind] ? 3 : 1;
    return kind == VALUE_KINDS || v.kind == VALUE_NULL ? 2 : 0;
}

static bool takes_rest(const struct code_procedure *form)
{
    return form->parameter_count > 0 && form->parameters[form->parameter_count - 1].rest;
}

const struct code_procedure *code_best_form(const struct expr_code *code, const struct code_member *member,
                                            const struct value *arguments, size_t count)
{
    const struct code_procedure *best = NULL;
    int most = -1;

    for (size_t i = 0; i < member->procedures.count; i++) {
        const struct code_procedure *form = member->procedures.items[i];
        int sum = form->parameter_count == count ? 1 : 0; /* before one with Optional parameters or a ParamArray */
        if (count < form->least || (count > form->parameter_count && !takes_rest(form)))
            continue;
        for (size_t p = 0; p < count && p < form->parameter_count; p++)
            sum += fit(code, form->parameters[p].type, arguments[p]);
        if (sum > most) {
            most = sum;
            best = form;
        }
    }
    return best;
}

/* The arguments of a call as the form's parameters: Optional ones that are not given, the array of a ParamArray. */
static void place(struct run *run, const struct code_procedure *form, const struct value *given, size_t count, struct value *out)
{
    for (size_t i = 0; i < form->parameter_count; i++) {
        const struct code_parameter *parameter = &form->parameters[i];
        if (parameter->rest && !(count == i + 1 && given[i].kind == VALUE_ARRAY)) {
            size_t size = count > i ? count - i : 0;
            struct value *items = RS_NEW_ARRAY(run->job, struct value, size + 1);
            if (size > 0)
                memcpy(items, given + i, size * sizeof *items);
            out[i] = value_array(items, (uint32_t)size);
        } else if (i < count && !(given[i].kind == VALUE_NULL && given[i].flags & EXPR_LEFT_OUT)) {
            out[i] = given[i];
        } else {
            out[i] = parameter->otherwise;
        }
    }
}

rs_status code_call_form(struct run *run, const struct code_procedure *form, struct value me, const struct value *given,
                         size_t count, struct value *out)
{
    struct value placed[CODE_PARAMETERS_MAX];

    place(run, form, given, count, placed);
    return code_call(run, form, me, placed, out);
}

/* ---- making -------------------------------------------------------------------------------- */

static rs_status construct(struct run *run, const struct code_own *own, const struct value *arguments, size_t count,
                           struct value *out)
{
    const struct code_member *constructors = rs_map_find(own->members, RS_TEXT("New"));
    const struct code_procedure *form = constructors ? code_best_form(run->env->code->code, constructors, arguments, count) : NULL;
    struct value made = code_instance_create(run->env->code->memory, own), result = value_null();

    RS_TRY(rs_job_checkpoint(run->job));
    if (own->initial)
        RS_TRY(code_call(run, own->initial, made, NULL, &result));
    if (!value_is_error(result) && form)
        RS_TRY(code_call_form(run, form, made, arguments, count, &result));
    *out = value_is_error(result) ? result : made;
    return RS_OK;
}

rs_status code_own_convert(struct run *run, const struct code_own *own, struct value *v)
{
    if (own->sort == CODE_ENUM)
        return v->kind == VALUE_INTEGER ? RS_OK : machine_call(run, fn_cint, v, 1, v);
    if (v->kind == VALUE_NULL && own->sort == CODE_STRUCTURE)
        return construct(run, own, NULL, 0, v);
    if (v->kind != VALUE_NULL && code_instance_type(*v) != own && !value_is_error(*v))
        *v = value_error(rs_text_format(run->job, "unable to cast an object of type %s to type %.*s",
                                        code_instance_type(*v) ? "another" : value_type_name(*v), RS_TEXT_ARG(own->name)));
    return RS_OK;
}

/* ---- members ------------------------------------------------------------------------------- */

static rs_status no_member(struct run *run, rs_text name, const struct code_own *own, size_t count, struct value *out)
{
    *out = value_error(rs_text_format(run->job, "%.*s has no member \"%.*s\" with %zu arguments", RS_TEXT_ARG(own->name),
                                      RS_TEXT_ARG(name), count));
    return RS_OK;
}

/* Whatever any object has: ToString, GetType. */
static rs_status foreign_member(struct run *run, rs_text name, const struct value *first, int count, struct value *out)
{
    int row = expr_find_member(name);

    if (row >= 0)
        return machine_call_member(run, row, first, count, out);
    *out = first->kind == VALUE_NULL
               ? value_error(rs_text_format(run->job, ".%.*s of Nothing: object reference not set to an instance of an object",
                                            RS_TEXT_ARG(name)))
               : value_error(rs_text_format(run->job, "a value of type %s has no member \"%.*s\"", value_type_name(*first),
                                            RS_TEXT_ARG(name)));
    return RS_OK;
}

/* first[0].name(first[1], ...) */
static rs_status own_member(struct run *run, rs_text name, const struct value *first, int count, struct value *out)
{
    const struct code_own *own = code_instance_type(first[0]);
    const struct code_member *member = own ? rs_map_find(own->members, name) : NULL;
    const struct code_procedure *form;
    size_t given = (size_t)count - 1;

    if (!member)
        return foreign_member(run, name, first, count, out);
    if (member->variable) {
        *out = member->variable->is_field ? *code_instance_field(first[0], member->variable->slot)
               : member->variable->is_constant ? member->variable->constant
                                               : run->env->code->variables[member->variable->slot];
        *out = given > 0 ? machine_index(run, *out, first + 1, (int)given) : *out;
        return RS_OK;
    }
    form = code_best_form(run->env->code->code, member, first + 1, given);
    if (form)
        return code_call_form(run, form, first[0], first + 1, given, out);
    form = code_best_form(run->env->code->code, member, NULL, 0);
    if (!form)
        return no_member(run, name, own, given, out);
    RS_TRY(code_call_form(run, form, first[0], NULL, 0, out));
    if (!value_is_error(*out))
        *out = machine_index(run, *out, first + 1, (int)given);
    return RS_OK;
}

/* object.name = v; *out: the object, or an error. */
static rs_status set_member(struct run *run, rs_text name, struct value object, struct value v, struct value *out)
{
    const struct code_own *own = code_instance_type(object);
    const struct code_member *member = own ? rs_map_find(own->members, name) : NULL;
    struct expr_call call = {.job = run->job, .rules = &run->rules[0], .culture = run->culture};
    struct value result = value_null();

    if (!own) {
        result = code_object_set_member(&call, object, name, v);
    } else if (member && member->variable && !member->variable->read_only) {
        RS_TRY(code_assign_type(run, member->variable->type, &v));
        result = v;
        if (!value_is_error(v))
            *(member->variable->is_field ? code_instance_field(object, member->variable->slot)
                                         : &run->env->code->variables[member->variable->slot]) = code_keep(run->env->code->memory, v);
    } else if (member && member->setter) {
        RS_TRY(code_call(run, member->setter, object, &v, &result));
    } else {
        result = value_error(rs_text_format(run->job, "nothing can be assigned to \"%.*s\" of %.*s", RS_TEXT_ARG(name),
                                            RS_TEXT_ARG(own->name)));
    }
    *out = value_is_error(result) ? result : object;
    return RS_OK;
}

/* The name of a value of an Enum; its number where it has none. */
static struct value name_of(struct run *run, const struct code_own *own, struct value v)
{
    for (size_t i = 0; i < own->members_in_order.count; i++)
        if (v.kind == VALUE_INTEGER && own->members_in_order.items[i]->variable->constant.integer == v.integer)
            return value_text(own->members_in_order.items[i]->name);
    return value_to_string(run->job, v, run->culture);
}

static struct value is_of(struct value v, const struct code_own *own, int how)
{
    bool is = own && code_instance_type(v) == own;

    if (how == 2)
        return is ? v : value_null();
    return value_boolean(is != (how == 1));
}

rs_status code_own_step(struct run *run, const struct expr_instruction *instruction)
{
    int32_t operand = instruction->operand, count = instruction->count;
    struct value *top = run->top, *first = top - count, error, result;
    const struct expr_code *code = run->env->code ? run->env->code->code : NULL;

    switch ((enum expr_opcode)instruction->code) {
    case EXPR_CODE_OWN_MEMBER:
        run->top = first + 1;
        RS_TRY(own_member(run, value_bytes(run->program->constants[operand]), first, count, &result));
        *first = result; /* not before: the arguments are there */
        return RS_OK;
    case EXPR_CODE_OWN_FIELD:
        top[-1] = code_instance_type(top[-1]) && (size_t)operand < code_instance_type(top[-1])->fields.count
                      ? *code_instance_field(top[-1], operand) : EXPR_ERROR("Me is hidden by a variable of that name");
        return RS_OK;
    case EXPR_CODE_OWN_IS:
        top[-1] = is_of(top[-1], code_own_of(code, CODE_OWN_ROW(operand)), count);
        return RS_OK;
    case EXPR_CODE_OWN_NAME:
        top[-1] = code ? name_of(run, code->own.items[operand], top[-1]) : top[-1];
        return RS_OK;
    case EXPR_CODE_NEW_OWN:
        run->top = first + 1;
        RS_TRY(code_enter(run, &error));
        if (value_is_error(error))
            return *first = error, RS_OK;
        RS_TRY(construct(run, code->own.items[operand], first, (size_t)count, &result));
        *first = result;
        return RS_OK;
    default: /* EXPR_CODE_SET_MEMBER */
        run->top--;
        return set_member(run, value_bytes(run->program->constants[operand]), top[-2], top[-1], &top[-2]);
    }
}
