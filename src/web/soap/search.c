/* FindItems, ListParents, ListDependentItems: items by what they are and what they belong to. */
#include "web/soap/operations.h"

/* In the order of enum service_comparison. */
static const char *const comparisons[] = {"Contains", "Equals", "In", "Between"};

static rs_status read_comparison(struct rs_job *job, const struct xml_node *node, enum service_comparison *out)
{
    rs_text word = node ? rs_text_trim(node->text) : RS_TEXT("Contains");

    for (size_t i = 0; i < sizeof comparisons / sizeof comparisons[0]; i++)
        if (rs_text_equal(word, rs_text_from(comparisons[i]))) {
            *out = (enum service_comparison)i;
            return RS_OK;
        }
    return rs_fail(job, SOAP_MISTYPED, "the value of 'Condition' is \"%.*s\"; it may be Contains, Equals, In or Between",
                   RS_TEXT_ARG(rs_text_slice(word, 0, 40)));
}

/* 2010 has Values, 2005 a Value. */
static rs_status read_condition(struct rs_job *job, const struct xml_node *node, struct service_condition *out)
{
    const struct xml_node *name = soap_child(node, "Name"), *values = soap_child(node, "Values");
    RS_VEC(rs_text) texts = {0};

    if (!name)
        return rs_fail(job, SOAP_ELEMENT_MISSING, "a search condition has no Name");
    RS_TRY(read_comparison(job, soap_child(node, "Condition"), &out->comparison));
    for (const struct xml_node *value = values ? values->first_child : soap_child(node, "Value"); value;
         value = values ? value->next : NULL)
        rs_vec_push(job, &texts, value->text);
    out->name = rs_text_trim(name->text);
    out->values = texts.items;
    out->count = texts.count;
    return RS_OK;
}

static rs_status read_conditions(const struct soap_call *call, size_t place, struct service_find_items *out)
{
    const struct xml_node *list = soap_argument(call, place);
    RS_VEC(struct service_condition) conditions = {0};

    for (const struct xml_node *node = list ? list->first_child : NULL; node; node = node->next)
        RS_TRY(read_condition(call->x->job, node, rs_vec_add(call->x->job, &conditions)));
    out->conditions = conditions.items;
    out->condition_count = conditions.count;
    return RS_OK;
}

static rs_status read_operator(const struct soap_call *call, size_t place, bool *any)
{
    const struct xml_node *node = soap_argument(call, place);
    rs_text word = node ? rs_text_trim(node->text) : RS_TEXT("And");

    *any = rs_text_equal(word, RS_TEXT("Or"));
    if (*any || rs_text_equal(word, RS_TEXT("And")))
        return RS_OK;
    return rs_fail(call->x->job, SOAP_MISTYPED, "the value of 'BooleanOperator' is \"%.*s\"; it may be And or Or",
                   RS_TEXT_ARG(rs_text_slice(word, 0, 40)));
}

/* The only one there is: Recursive. */
static rs_status read_options(const struct soap_call *call, size_t place, struct service_find_items *out)
{
    const struct xml_node *list = soap_argument(call, place);

    for (const struct xml_node *node = list ? list->first_child : NULL; node; node = node->next)
        if (rs_text_equal_nocase(rs_text_trim(xml_child_text(node, "Name")), RS_TEXT("Recursive")))
            RS_TRY(soap_boolean_parse(call->x->job, "Recursive", xml_child_text(node, "Value"), &out->deep));
    return RS_OK;
}

static rs_status run_search(struct soap_call *call, struct service_find_items *find, size_t conditions)
{
    RS_TRY(soap_text(call, 0, &find->path));
    RS_TRY(read_operator(call, 1, &find->any));
    RS_TRY(read_conditions(call, conditions, find));
    RS_TRY(soap_run(call, &service_find_items, find));
    soap_give_items(call, 0, &find->items);
    return RS_OK;
}

rs_status soap_find_items(struct soap_call *call)
{
    struct service_find_items find = {.deep = true};

    RS_TRY(read_options(call, 2, &find));
    return run_search(call, &find, 3);
}

rs_status soap_find_items_2005(struct soap_call *call)
{
    return run_search(call, &(struct service_find_items){.deep = true}, 2);
}

/* ---- what an item belongs to --------------------------------------------------------------------- */

static rs_status list(struct soap_call *call, const struct service_op *op)
{
    struct service_list_items list = {0};

    RS_TRY(soap_text(call, 0, &list.path));
    RS_TRY(soap_run(call, op, &list));
    soap_give_items(call, 0, &list.items);
    return RS_OK;
}

rs_status soap_list_parents(struct soap_call *call)
{
    return list(call, &service_list_parents);
}

rs_status soap_list_dependent_items(struct soap_call *call)
{
    return list(call, &service_list_dependents);
}
