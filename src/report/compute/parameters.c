/* Report parameters: in the order of the report, each from what was given, else from its defaults, checked against its
 * type and its valid values. One that depends on another without a valid value waits.
 *
 * Source:  docs/reports.md, parameters.
 */
#include "base/buf.h"
#include "report/compute/internal.h"
#include "report/value/date.h"
#include "report/value/decimal.h"

RS_VEC_TYPE(struct value, value_vec);

struct evaluation {
    struct rs_job *job;
    struct compute_run *run;
    size_t index;
    const struct rdl_parameter *definition;
    struct compute_parameter *parameter;
    const struct compute_input *input; /* NULL: not given */
    struct value_vec values;
    const struct value_collation *exact;
};

static const struct compute_scope nowhere;

/* ---- what was given --------------------------------------------------------------------------------- */

static const struct compute_input *find_input(const struct compute_run *run, rs_text name)
{
    for (size_t i = run->options.input_count; i-- > 0;)
        if (rs_text_equal(run->options.inputs[i].name, name))
            return &run->options.inputs[i];
    return NULL;
}

/* Without a prompt only the definition gives values; hidden with a prompt: not shown, but a request may set it. */
static bool is_read_only(const struct rdl_parameter *p)
{
    return !p->has_prompt || (!p->hidden && !p->prompt.is_expression && rs_text_is_empty(p->prompt.text));
}

static rs_status check_inputs(struct rs_job *job, struct compute_run *run)
{
    const struct rdl_report *definition = run->report->definition;

    for (size_t i = 0; i < run->options.input_count; i++) {
        rs_text name = run->options.inputs[i].name;
        const struct rdl_parameter *found = NULL;
        for (size_t k = 0; k < definition->parameters.count && !found; k++)
            if (rs_text_equal(definition->parameters.items[k].name, name))
                found = &definition->parameters.items[k];
        if (!found)
            return rs_fail(job, COMPUTE_PARAMETER_UNKNOWN,
                           "an attempt was made to set the report parameter '%.*s', which is not defined in this report",
                           RS_TEXT_ARG(name));
        if (is_read_only(found))
            return rs_fail(job, COMPUTE_PARAMETER_READ_ONLY,
                           "the report parameter '%.*s' is read-only and cannot be modified", RS_TEXT_ARG(name));
    }
    return RS_OK;
}

/* ---- values of a type ------------------------------------------------------------------------------- */

static bool text_to_boolean(rs_text t, struct value *out)
{
    bool yes = rs_text_equal_nocase(t, RS_TEXT("true")) || rs_text_equal(t, RS_TEXT("1"));

    *out = value_boolean(yes);
    return yes || rs_text_equal_nocase(t, RS_TEXT("false")) || rs_text_equal(t, RS_TEXT("0"));
}

static bool text_to_value(rs_text t, enum rdl_data_type type, const struct value_culture *culture, struct value *out)
{
    rs_text trimmed = rs_text_trim(t);
    int64_t whole;
    double real;

    switch (type) {
    case RDL_BOOLEAN:
        return text_to_boolean(trimmed, out);
    case RDL_INTEGER:
        if (!rs_parse_int64(trimmed, &whole) || whole < INT32_MIN || whole > INT32_MAX)
            return false;
        *out = value_integer((int32_t)whole);
        return true;
    case RDL_FLOAT:
        if (!value_parse_double(trimmed, culture, &real) && !rs_parse_double(trimmed, &real))
            return false;
        *out = value_double(real);
        return true;
    case RDL_DATE_TIME:
        if (!value_date_parse(trimmed, culture, &whole, NULL) && !value_date_parse(trimmed, NULL, &whole, NULL))
            return false;
        *out = value_date(whole);
        return true;
    default:
        *out = value_text(t);
        return true;
    }
}

static enum value_kind kind_of(enum rdl_data_type type)
{
    switch (type) {
    case RDL_BOOLEAN: return VALUE_BOOLEAN;
    case RDL_INTEGER: return VALUE_INTEGER;
    case RDL_FLOAT: return VALUE_DOUBLE;
    case RDL_DATE_TIME: return VALUE_DATE;
    default: return VALUE_TEXT;
    }
}

/* A value that an expression or a data set gave, as the parameter's type; false where it does not fit. */
static bool as_type(struct evaluation *e, struct value *v)
{
    enum value_kind kind = kind_of(e->definition->type);

    if (v->kind == VALUE_NULL || v->kind == kind)
        return v->kind != VALUE_ERROR;
    if (v->kind == VALUE_TEXT)
        return text_to_value(value_bytes(*v), e->definition->type, e->run->culture, v);
    *v = kind == VALUE_TEXT ? value_text(compute_parameter_text(e->run->memory, *v))
                            : value_convert(e->run->memory, *v, kind, e->run->culture);
    return v->kind == kind;
}

rs_text compute_parameter_text(struct rs_job *job, struct value v)
{
    char iso[VALUE_DATE_ISO_SIZE];

    switch (v.kind) {
    case VALUE_NULL:
        return (rs_text){NULL, 0};
    case VALUE_TEXT:
        return value_bytes(v);
    case VALUE_BOOLEAN:
        return v.boolean ? RS_TEXT("True") : RS_TEXT("False");
    case VALUE_DATE:
        return rs_text_copy(job, rs_text_of(iso, value_date_write_iso(v.ticks, iso)));
    default:
        return value_to_text(job, value_culture_invariant(), v);
    }
}

/* ---- states ----------------------------------------------------------------------------------------- */

static void set_state(struct evaluation *e, enum compute_parameter_state state, rs_status status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void set_state(struct evaluation *e, enum compute_parameter_state state, rs_status status, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    e->parameter->state = state;
    e->parameter->message = rs_text_vformat(e->run->memory, format, arguments);
    e->run->parameter_status[e->index] = status;
    va_end(arguments);
}

#define NAMED_CHOICES 5 /* of the valid values, in a complaint */

/* "; valid values are 'North', 'South', ..."; nothing where any value will do. */
static rs_text named_choices(struct evaluation *e)
{
    rs_buf buf = rs_buf_in(e->run->memory);

    for (size_t i = 0; i < e->parameter->choice_count && i < NAMED_CHOICES; i++) {
        rs_text value = compute_parameter_text(e->run->memory, e->parameter->choices[i].value);
        rs_buf_printf(&buf, "%s'%.*s'", i == 0 ? "; valid values are " : ", ", RS_TEXT_ARG(value));
    }
    if (e->parameter->choice_count > NAMED_CHOICES)
        rs_buf_add_literal(&buf, " and others");
    return rs_buf_text(&buf);
}

static void missing(struct evaluation *e)
{
    rs_text choices = named_choices(e);

    e->values.count = 0;
    set_state(e, COMPUTE_MISSING_VALUE, COMPUTE_PARAMETER_MISSING, "the '%.*s' parameter is missing a value%.*s",
              RS_TEXT_ARG(e->definition->name), RS_TEXT_ARG(choices));
}

static bool waits(struct evaluation *e)
{
    const publish_numbers *needed = &e->run->report->parameters[e->index].depends_on;
    size_t *indices = RS_NEW_ARRAY(e->run->memory, size_t, needed->count);
    bool waiting = false;

    for (size_t i = 0; i < needed->count; i++) {
        indices[i] = needed->items[i];
        waiting |= e->run->parameters[needed->items[i]].state != COMPUTE_HAS_VALID_VALUE;
    }
    e->parameter->depends_on = indices;
    e->parameter->depends_on_count = needed->count;
    return waiting;
}

/* ---- choices and defaults --------------------------------------------------------------------------- */

static rs_status referenced(struct evaluation *e, const struct rdl_data_set_reference *reference, struct compute_data **data,
                            ptrdiff_t *value, ptrdiff_t *label)
{
    const struct rdl_report *definition = e->run->report->definition;

    *data = NULL;
    *value = *label = -1;
    for (size_t i = 0; i < definition->data_sets.count; i++)
        if (rs_text_equal(definition->data_sets.items[i].name, reference->data_set_name))
            *data = &e->run->data[i];
    if (!*data)
        return rs_fail(e->job, COMPUTE_PARAMETER_INVALID, "the parameter '%.*s' takes values from the data set \"%.*s\", which the report does not have",
                       RS_TEXT_ARG(e->definition->name), RS_TEXT_ARG(reference->data_set_name));
    RS_TRY(compute_data_ready(e->job, e->run, *data));
    for (size_t i = 0; i < (*data)->published->definition->fields.count; i++) {
        rs_text name = (*data)->published->definition->fields.items[i].name;
        if (rs_text_equal(name, reference->value_field))
            *value = (ptrdiff_t)i;
        if (rs_text_equal(name, reference->label_field))
            *label = (ptrdiff_t)i;
    }
    if (*value < 0)
        return rs_fail(e->job, COMPUTE_PARAMETER_INVALID, "the parameter '%.*s' takes values from the field \"%.*s\", which the data set \"%.*s\" does not have",
                       RS_TEXT_ARG(e->definition->name), RS_TEXT_ARG(reference->value_field),
                       RS_TEXT_ARG(reference->data_set_name));
    return RS_OK;
}

static rs_text label_text(struct evaluation *e, struct value label, struct value value)
{
    if (label.kind == VALUE_NULL || label.kind == VALUE_ERROR || label.kind == VALUE_ARRAY)
        label = value;
    return rs_text_copy(e->run->memory, value_to_text(e->run->memory, e->run->culture, label));
}

static rs_status choices_from_data(struct evaluation *e)
{
    struct compute_data *data;
    ptrdiff_t value, label;
    struct compute_choice *choices;
    size_t count = 0;
    void *memory;

    RS_TRY(referenced(e, &e->definition->valid_reference, &data, &value, &label));
    RS_TRY(compute_adopt(e->job, e->run, rs_try_alloc(e->run->memory, data->filtered.count + 1, sizeof *choices, &memory)));
    choices = memory;
    for (size_t i = 0; i < data->filtered.count; i++) {
        struct value v, text = value_null();
        RS_TRY(compute_field(e->job, e->run, data, (int)value, data->filtered.rows[i], &v));
        if (label >= 0)
            RS_TRY(compute_field(e->job, e->run, data, (int)label, data->filtered.rows[i], &text));
        if (as_type(e, &v))
            choices[count++] = (struct compute_choice){v, label_text(e, text, v)};
        RS_TRY(rs_job_checkpoint(e->job));
    }
    e->parameter->choices = choices;
    e->parameter->choice_count = count;
    return RS_OK;
}

static rs_status find_choices(struct evaluation *e)
{
    struct compute_choice *choices;

    if (!e->definition->has_valid_values)
        return RS_OK;
    e->parameter->has_choices = true;
    if (!rs_text_is_empty(e->definition->valid_reference.data_set_name))
        return choices_from_data(e);
    choices = RS_NEW_ARRAY(e->run->memory, struct compute_choice, e->definition->valid_values.count);
    for (size_t i = 0; i < e->definition->valid_values.count; i++) {
        const struct rdl_valid_value *valid = &e->definition->valid_values.items[i];
        struct value v, label;
        RS_TRY(compute_eval(e->run->memory, e->run, &nowhere, &valid->value, &v));
        RS_TRY(compute_eval(e->run->memory, e->run, &nowhere, &valid->label, &label));
        if (as_type(e, &v))
            choices[e->parameter->choice_count++] = (struct compute_choice){v, label_text(e, label, v)};
    }
    e->parameter->choices = choices;
    return RS_OK;
}

static void add_default(struct evaluation *e, struct value v)
{
    if (v.kind == VALUE_ARRAY) {
        for (uint32_t i = 0; i < v.size; i++)
            add_default(e, v.items[i]);
    } else if (as_type(e, &v)) {
        rs_vec_push(e->run->memory, &e->values, compute_keep(e->run->memory, v));
    }
}

static rs_status find_defaults(struct evaluation *e)
{
    struct compute_data *data;
    ptrdiff_t value, label;

    e->parameter->is_default = true;
    if (!rs_text_is_empty(e->definition->default_reference.data_set_name)) {
        RS_TRY(referenced(e, &e->definition->default_reference, &data, &value, &label));
        for (size_t i = 0; i < data->filtered.count && (i == 0 || e->definition->multi_value); i++) {
            struct value v;
            RS_TRY(compute_field(e->job, e->run, data, (int)value, data->filtered.rows[i], &v));
            add_default(e, v);
            RS_TRY(rs_job_checkpoint(e->job));
        }
        return RS_OK;
    }
    for (size_t i = 0; i < e->definition->default_values.count; i++) {
        const struct rdl_expr *expr = &e->definition->default_values.items[i];
        struct value v;
        if (e->run->report->exprs[expr->id].failed)
            continue; /* it did not compile, which was told: the parameter is missing a value */
        RS_TRY(compute_eval(e->run->memory, e->run, &nowhere, expr, &v));
        if (v.kind == VALUE_ERROR)
            return rs_fail(e->run->memory, COMPUTE_PARAMETER_INVALID, "the default value of the parameter '%.*s' is an error: %.*s",
                           RS_TEXT_ARG(e->definition->name), RS_TEXT_ARG(value_bytes(v)));
        add_default(e, v);
    }
    if (!e->definition->has_default && e->definition->nullable && !e->definition->multi_value)
        rs_vec_push(e->run->memory, &e->values, value_null());
    return RS_OK;
}

/* ---- checking --------------------------------------------------------------------------------------- */

static const struct compute_choice *choice_of(const struct evaluation *e, struct value v)
{
    for (size_t i = 0; i < e->parameter->choice_count; i++)
        if (value_group_equal(e->exact, e->parameter->choices[i].value, v))
            return &e->parameter->choices[i];
    return NULL;
}

static void read_input(struct evaluation *e)
{
    rs_text language = e->run->options.parameter_language;
    const struct value_culture *culture =
        value_culture_find(rs_text_is_empty(language) ? e->run->globals.user_language : language, NULL);

    if (e->input->is_null)
        rs_vec_push(e->run->memory, &e->values, value_null());
    for (size_t i = 0; i < e->input->count; i++) {
        struct value v;
        if (!text_to_value(e->input->values[i], e->definition->type, culture, &v)) {
            set_state(e, COMPUTE_INVALID_VALUE, COMPUTE_PARAMETER_TYPE,
                      "the value '%.*s' provided for the report parameter '%.*s' is not valid for its type",
                      RS_TEXT_ARG(e->input->values[i]), RS_TEXT_ARG(e->definition->name));
            return;
        }
        rs_vec_push(e->run->memory, &e->values, v);
    }
}

static bool takes_list(const struct evaluation *e)
{
    return e->definition->multi_value || (e->input && e->input->is_list);
}

static bool is_allowed(struct evaluation *e, struct value v)
{
    const struct rdl_parameter *d = e->definition;

    if (v.kind == VALUE_NULL && (!d->nullable || d->multi_value))
        set_state(e, COMPUTE_MISSING_VALUE, COMPUTE_PARAMETER_MISSING, "the '%.*s' parameter is missing a value; null is not allowed",
                  RS_TEXT_ARG(d->name));
    else if (v.kind == VALUE_TEXT && v.size == 0 && !d->allow_blank)
        set_state(e, COMPUTE_MISSING_VALUE, COMPUTE_PARAMETER_MISSING,
                  "the '%.*s' parameter is missing a value; the empty text is not allowed", RS_TEXT_ARG(d->name));
    else if (v.kind != VALUE_NULL && e->parameter->has_choices && !choice_of(e, v)) /* null, where allowed, needs no choice */
        set_state(e, COMPUTE_INVALID_VALUE, COMPUTE_PARAMETER_INVALID,
                  "the value '%.*s' of the report parameter '%.*s' is not among its valid values",
                  RS_TEXT_ARG(compute_parameter_text(e->run->memory, v)), RS_TEXT_ARG(d->name));
    return e->parameter->state == COMPUTE_HAS_VALID_VALUE;
}

/* Not among the choices that another parameter leaves now. */
static bool lapses(struct evaluation *e, struct value v)
{
    if (!e->input || !e->input->may_lapse || e->parameter->is_default || e->parameter->depends_on_count == 0 ||
        e->parameter->state != COMPUTE_INVALID_VALUE)
        return false;
    if (!e->parameter->lapsed.bytes)
        e->parameter->lapsed = rs_text_copy(e->run->memory, compute_parameter_text(e->run->memory, v));
    return true;
}

static void check_values(struct evaluation *e)
{
    size_t kept = 0;

    if (e->parameter->state != COMPUTE_HAS_VALID_VALUE)
        return;
    if (!takes_list(e) && e->values.count > 1 && !e->parameter->is_default) {
        set_state(e, COMPUTE_INVALID_VALUE, COMPUTE_PARAMETER_INVALID,
                  "the report parameter '%.*s' takes one value and %zu were given", RS_TEXT_ARG(e->definition->name),
                  e->values.count);
        return;
    }
    if (!takes_list(e) && e->values.count > 1)
        e->values.count = 1;
    for (size_t i = 0; i < e->values.count; i++) {
        if (is_allowed(e, e->values.items[i])) {
            e->values.items[kept++] = e->values.items[i];
        } else if (lapses(e, e->values.items[i]) || e->parameter->is_default) { /* a default that does not fit is dropped */
            e->parameter->state = COMPUTE_HAS_VALID_VALUE;
            e->parameter->message = (rs_text){NULL, 0};
        } else {
            return;
        }
    }
    e->values.count = kept;
    if (!kept && (!e->parameter->lapsed.bytes || e->parameter->is_default))
        missing(e);
}

/* With made-up data a parameter that nothing gives a value has the first of its choices, or any of its type. */
static void sample_value(struct evaluation *e)
{
    static const struct value samples[] = {
        [RDL_BOOLEAN] = {.kind = VALUE_BOOLEAN, .boolean = true}, [RDL_INTEGER] = {.kind = VALUE_INTEGER, .integer = 1},
        [RDL_FLOAT] = {.kind = VALUE_DOUBLE, .real = 1}};
    struct value v = value_text(RS_TEXT("Sample"));

    if (e->parameter->choice_count)
        v = e->parameter->choices[0].value;
    else if (e->definition->type == RDL_DATE_TIME)
        v = e->run->globals.execution_time;
    else if (e->definition->type == RDL_BOOLEAN || e->definition->type == RDL_INTEGER || e->definition->type == RDL_FLOAT)
        v = samples[e->definition->type];
    e->parameter->state = COMPUTE_HAS_VALID_VALUE;
    e->parameter->message = (rs_text){NULL, 0};
    e->values.count = 0;
    rs_vec_push(e->run->memory, &e->values, v);
}

/* ---- one parameter ---------------------------------------------------------------------------------- */

static void publish_values(struct evaluation *e)
{
    struct expr_parameter *slot = &e->run->parameter_values[e->index];
    rs_text *labels = RS_NEW_ARRAY(e->run->memory, rs_text, e->values.count);
    struct value *label_values = RS_NEW_ARRAY(e->run->memory, struct value, e->values.count);

    for (size_t i = 0; i < e->values.count; i++) {
        const struct compute_choice *choice = choice_of(e, e->values.items[i]);
        labels[i] = choice ? choice->label : label_text(e, value_null(), e->values.items[i]);
        label_values[i] = value_text(labels[i]);
    }
    e->parameter->values = e->values.items;
    e->parameter->labels = labels;
    e->parameter->count = e->values.count;
    slot->is_multi_value = takes_list(e);
    if (slot->is_multi_value) {
        slot->value = value_array(e->values.items, (uint32_t)e->values.count);
        slot->label = value_array(label_values, (uint32_t)e->values.count);
    } else if (e->values.count) {
        slot->value = e->values.items[0];
        slot->label = label_values[0];
    }
}

static rs_status evaluate(struct evaluation *e)
{
    e->parameter->prompt = e->definition->name;
    if (waits(e)) {
        set_state(e, COMPUTE_OUTSTANDING_DEPENDENCIES, COMPUTE_PARAMETER_MISSING,
                  "the '%.*s' parameter is missing a value: it depends on another that has none", RS_TEXT_ARG(e->definition->name));
        return RS_OK;
    }
    if (e->definition->prompt.present)
        RS_TRY(compute_eval_text(e->run->memory, e->run, &nowhere, &e->definition->prompt, e->definition->name,
                                 &e->parameter->prompt));
    RS_TRY(find_choices(e));
    if (e->input)
        read_input(e);
    else
        RS_TRY(find_defaults(e));
    check_values(e);
    if (e->parameter->lapsed.bytes && !e->values.count) {
        RS_TRY(find_defaults(e));
        check_values(e);
    }
    if (e->run->options.sample_data && !e->input && e->parameter->state != COMPUTE_HAS_VALID_VALUE)
        sample_value(e);
    publish_values(e);
    return rs_job_checkpoint(e->job);
}

rs_status compute_parameters_evaluate(struct rs_job *job, struct compute_run *run)
{
    const struct rdl_report *definition = run->report->definition;
    struct value_collation *exact;

    run->parameters = RS_NEW_ARRAY(run->memory, struct compute_parameter, definition->parameters.count + 1);
    run->parameter_values = RS_NEW_ARRAY(run->memory, struct expr_parameter, definition->parameters.count + 1);
    run->parameter_status = RS_NEW_ARRAY(run->memory, rs_status, definition->parameters.count + 1);
    RS_TRY(check_inputs(job, run));
    RS_TRY(compute_adopt(job, run, value_collation_create(run->memory, run->culture, VALUE_ORDINAL, &exact)));
    for (size_t i = 0; i < definition->parameters.count; i++) {
        struct evaluation e = {job, run, i, &definition->parameters.items[i], &run->parameters[i],
                               find_input(run, definition->parameters.items[i].name), {0}, exact};
        e.parameter->definition = e.definition;
        rs_status status = evaluate(&e);
        if (status != RS_OK) {
            if (rs_job_status(job) == RS_OK)
                compute_adopt(job, run, status);
            rs_within(job, "parameter '%.*s'", RS_TEXT_ARG(e.definition->name));
            return status;
        }
    }
    return RS_OK;
}

rs_status compute_parameters_check(struct rs_job *job, struct compute_run *run)
{
    for (size_t i = 0; i < run->report->definition->parameters.count; i++)
        if (run->parameters[i].state != COMPUTE_HAS_VALID_VALUE)
            return rs_fail(job, run->parameter_status[i], "%.*s", RS_TEXT_ARG(run->parameters[i].message));
    return RS_OK;
}

size_t compute_parameter_count(const struct compute_run *run)
{
    return run->report->definition->parameters.count;
}

const struct compute_parameter *compute_parameter(const struct compute_run *run, size_t index)
{
    return &run->parameters[index];
}
