/* GetItemParameters: the parameters of a report, as they are defined or as they are with the values that are given. */
#include "web/soap/operations.h"

#include "report/publish/publish.h"
#include "report/rdl/values.h"

struct shown {
    const struct soap_call *call;
    const struct publish_report *report;
    size_t index;
    const struct rdl_parameter *definition;
    const struct compute_parameter *now; /* NULL: as it is defined, and nothing is run for it */
};

/* ---- what is said of one ------------------------------------------------------------------------- */

static void give(const struct shown *s, const char *name, rs_text text)
{
    xml_write_element(s->call->answer, name, text);
}

static void give_flag(const struct shown *s, const char *name, bool value)
{
    give(s, name, soap_boolean_text(value));
}

static void give_value(const struct shown *s, const char *name, rs_text text)
{
    xml_open(s->call->answer, name);
    if (text.bytes)
        xml_write_text(s->call->answer, text);
    else
        xml_write_attribute(s->call->answer, "xsi:nil", RS_TEXT("true"));
    xml_close(s->call->answer);
}

static void write_name(const struct shown *s, const char *name)
{
    give(s, name, s->definition->name);
}

static void write_type(const struct shown *s, const char *name)
{
    for (const struct rdl_keyword *word = rdl_data_types; word->name; word++)
        if (word->value == (int)s->definition->type)
            give(s, name, rs_text_from(word->name));
}

static void write_nullable(const struct shown *s, const char *name)
{
    give_flag(s, name, s->definition->nullable);
}

static void write_allow_blank(const struct shown *s, const char *name)
{
    give_flag(s, name, s->definition->allow_blank);
}

static void write_multi_value(const struct shown *s, const char *name)
{
    give_flag(s, name, s->definition->multi_value);
}

/* Not said where the report leaves it to be found out. */
static void write_query_parameter(const struct shown *s, const char *name)
{
    if (s->definition->used_in_query != RDL_AUTO)
        give_flag(s, name, s->definition->used_in_query == RDL_TRUE);
}

/* That of a hidden one is empty; one without a prompt is internal. */
static void write_prompt(const struct shown *s, const char *name)
{
    if (!s->definition->has_prompt)
        return;
    if (s->definition->hidden)
        give(s, name, RS_TEXT(""));
    else if (s->now)
        give(s, name, s->now->prompt);
    else if (!s->definition->prompt.is_expression)
        give(s, name, s->definition->prompt.text);
}

static void write_prompt_user(const struct shown *s, const char *name)
{
    give_flag(s, name, s->definition->has_prompt);
}

static void write_dependencies(const struct shown *s, const char *name)
{
    const publish_numbers *depends_on = &s->report->parameters[s->index].depends_on;

    if (depends_on->count == 0)
        return;
    xml_open(s->call->answer, name);
    for (size_t i = 0; i < depends_on->count; i++)
        give(s, "Dependency", publish_definition(s->report)->parameters.items[depends_on->items[i]].name);
    xml_close(s->call->answer);
}

static bool valid_values_come_from_a_query(const struct rdl_parameter *definition)
{
    return definition->valid_reference.data_set_name.size > 0;
}

static void write_valid_query(const struct shown *s, const char *name)
{
    give_flag(s, name, valid_values_come_from_a_query(s->definition));
}

static void write_choice(const struct shown *s, rs_text label, rs_text value)
{
    xml_open(s->call->answer, "ValidValue");
    give(s, "Label", label);
    give_value(s, "Value", value);
    xml_close(s->call->answer);
}

static rs_text constant(const struct rdl_expr *expr)
{
    return expr->is_nil || !expr->present ? (rs_text){NULL, 0} : expr->text.bytes ? expr->text : RS_TEXT("");
}

static void write_valid_values(const struct shown *s, const char *name)
{
    const struct rdl_parameter *definition = s->definition;

    if (s->now ? !s->now->has_choices : definition->valid_values.count == 0)
        return;
    xml_open(s->call->answer, name);
    for (size_t i = 0; s->now && i < s->now->choice_count; i++)
        write_choice(s, s->now->choices[i].label, compute_parameter_text(s->call->x->job, s->now->choices[i].value));
    for (size_t i = 0; !s->now && i < definition->valid_values.count; i++) {
        const struct rdl_valid_value *choice = &definition->valid_values.items[i];
        if (!choice->value.is_expression && !choice->label.is_expression)
            write_choice(s, choice->label.present ? choice->label.text : choice->value.text, constant(&choice->value));
    }
    xml_close(s->call->answer);
}

static bool defaults_come_from_a_query(const struct rdl_parameter *definition)
{
    return definition->default_reference.data_set_name.size > 0;
}

static void write_default_query(const struct shown *s, const char *name)
{
    give_flag(s, name, defaults_come_from_a_query(s->definition));
}

/* With values that were given: these. */
static void write_defaults(const struct shown *s, const char *name)
{
    const struct rdl_parameter *definition = s->definition;

    if (s->now ? s->now->count == 0 : definition->default_values.count == 0)
        return;
    xml_open(s->call->answer, name);
    for (size_t i = 0; s->now && i < s->now->count; i++)
        give_value(s, "Value", compute_parameter_text(s->call->x->job, s->now->values[i]));
    for (size_t i = 0; !s->now && i < definition->default_values.count; i++)
        if (!definition->default_values.items[i].is_expression)
            give_value(s, "Value", constant(&definition->default_values.items[i]));
    xml_close(s->call->answer);
}

/* Whether something must run before anything can be said of its value. */
static bool is_dynamic(const struct rdl_parameter *definition)
{
    bool dynamic = valid_values_come_from_a_query(definition) || defaults_come_from_a_query(definition);

    for (size_t i = 0; i < definition->valid_values.count; i++)
        dynamic |= definition->valid_values.items[i].value.is_expression;
    for (size_t i = 0; i < definition->default_values.count; i++)
        dynamic |= definition->default_values.items[i].is_expression;
    return dynamic;
}

static void write_state(const struct shown *s, const char *name)
{
    static const char *const states[] = {
        [COMPUTE_HAS_VALID_VALUE] = "HasValidValue",
        [COMPUTE_MISSING_VALUE] = "MissingValidValue",
        [COMPUTE_INVALID_VALUE] = "MissingValidValue",
        [COMPUTE_OUTSTANDING_DEPENDENCIES] = "HasOutstandingDependencies",
    };

    if (s->now)
        give(s, name, rs_text_from(states[s->now->state]));
    else if (is_dynamic(s->definition))
        give(s, name, RS_TEXT("DynamicValuesUnavailable"));
    else
        give(s, name, s->definition->has_default ? RS_TEXT("HasValidValue") : RS_TEXT("MissingValidValue"));
}

static void write_error(const struct shown *s, const char *name)
{
    if (s->now && s->now->message.size > 0)
        give(s, name, s->now->message);
}

/* By the names of both contracts. */
static const struct {
    const char *name;
    void (*write)(const struct shown *s, const char *name);
} members[] = {
    {"Name", write_name},
    {"ParameterTypeName", write_type},
    {"Type", write_type},
    {"Nullable", write_nullable},
    {"AllowBlank", write_allow_blank},
    {"MultiValue", write_multi_value},
    {"QueryParameter", write_query_parameter},
    {"Prompt", write_prompt},
    {"PromptUser", write_prompt_user},
    {"Dependencies", write_dependencies},
    {"ValidValuesQueryBased", write_valid_query},
    {"ValidValues", write_valid_values},
    {"DefaultValuesQueryBased", write_default_query},
    {"DefaultValues", write_defaults},
    {"ParameterStateName", write_state},
    {"State", write_state},
    {"ErrorMessage", write_error},
};

static void write_parameter(const struct shown *s, const struct soap_type *type)
{
    xml_open(s->call->answer, type->name);
    for (const struct soap_part *part = type->parts; part->name; part++)
        for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
            if (strcmp(members[i].name, part->name) == 0)
                members[i].write(s, part->name);
    xml_close(s->call->answer);
}

/* ---- what is given ------------------------------------------------------------------------------- */

struct given {
    rs_text name;
    RS_VEC(rs_text) values;
};
RS_VEC_TYPE(struct given, givens);

static struct given *given_of(struct rs_job *job, struct givens *givens, rs_text name)
{
    struct given *given;

    for (size_t i = 0; i < givens->count; i++)
        if (rs_text_equal(givens->items[i].name, name))
            return &givens->items[i];
    given = rs_vec_add(job, givens);
    given->name = name;
    return given;
}

/* Values of one name, wherever they stand, are one parameter's; one without a value is null. */
static rs_status read_values(const struct soap_call *call, size_t place, struct service_parameters *out)
{
    const struct xml_node *list = soap_argument(call, place);
    struct rs_job *job = call->x->job;
    struct givens givens = {0};
    struct compute_input *inputs;
    size_t count = 0;

    for (const struct xml_node *node = list ? list->first_child : NULL; node; node = node->next) {
        const struct xml_node *name = soap_child(node, "Name"), *value = soap_child(node, "Value");
        struct given *given;
        if (!name)
            return rs_fail(job, SOAP_ELEMENT_MISSING, "a ParameterValue has no Name");
        if (++count > EXCHANGE_PAIRS_MAX)
            return rs_fail(job, RS_OVER_LIMIT, "there are more than %d parameter values", EXCHANGE_PAIRS_MAX);
        given = given_of(job, &givens, name->text);
        if (value)
            rs_vec_push(job, &given->values, value->text);
    }
    inputs = RS_NEW_ARRAY(job, struct compute_input, givens.count);
    for (size_t i = 0; i < givens.count; i++)
        inputs[i] = (struct compute_input){.name = givens.items[i].name, .values = givens.items[i].values.items,
                                           .count = givens.items[i].values.count, .is_null = givens.items[i].values.count == 0};
    out->items = inputs;
    out->count = givens.count;
    return RS_OK;
}

static void read_credentials(const struct soap_call *call, size_t place, struct service_parameters *out)
{
    const struct xml_node *list = soap_argument(call, place);
    RS_VEC(struct compute_credentials) credentials = {0};

    for (const struct xml_node *node = list ? list->first_child : NULL; node; node = node->next)
        rs_vec_push(call->x->job, &credentials, (struct compute_credentials){
            .source = xml_child_text(node, "DataSourceName"),
            .user = xml_child_text(node, "UserName"),
            .password = xml_child_text(node, "Password"),
        });
    out->credentials = credentials.items;
    out->credential_count = credentials.count;
}

/* ItemPath, HistoryID, ForRendering, Values, Credentials */
rs_status soap_get_item_parameters(struct soap_call *call)
{
    const struct xml_node *history = soap_argument(call, 1);
    const struct soap_type *type = call->operation->gives[0].type->parts[0].type;
    struct service_get_parameters get = {0};
    struct service_get_report report = {0};
    bool for_rendering;

    RS_TRY(soap_text(call, 0, &get.path));
    RS_TRY(soap_flag(call, 2, &for_rendering));
    RS_TRY(read_values(call, 3, &get.given));
    read_credentials(call, 4, &get.given);
    report.path = get.path;
    RS_TRY(soap_run(call, &service_get_report, &report));
    if (history && history->text.size > 0)
        return rs_fail(call->x->job, URL_NO_HISTORY, "the report has no history snapshot \"%.*s\"",
                       RS_TEXT_ARG(rs_text_slice(history->text, 0, 100)));
    if (for_rendering || get.given.count > 0)
        RS_TRY(soap_run(call, &service_get_parameters, &get));
    xml_open(call->answer, soap_result(call, 0));
    for (size_t i = 0; i < publish_definition(report.report)->parameters.count; i++)
        write_parameter(&(struct shown){call, report.report, i, &publish_definition(report.report)->parameters.items[i],
                                        i < get.parameters.count ? get.parameters.items[i] : NULL},
                        type);
    xml_close(call->answer);
    return RS_OK;
}
