#include "report/value/date.h"
#include "service/ops/ops.h"
#include "service/ops/properties.h"
#include "store/catalog/name.h"

/* What is compared: texts by the key of names (without case and width), times and numbers by their size. */
struct operand {
    rs_text key;
    int64_t number;
};

static bool parse_time(rs_text text, int64_t *out)
{
    const int64_t ticks_per_minute = INT64_C(600000000);
    int offset_minutes;

    if (!value_date_parse(text, NULL, out, &offset_minutes))
        return false;
    if (offset_minutes != VALUE_NO_OFFSET)
        *out -= offset_minutes * ticks_per_minute;
    return true;
}

static rs_status read_operand(struct rs_job *job, const struct service_property *property, rs_text text, struct operand *out)
{
    if (property->kind == SERVICE_TIME && !parse_time(text, &out->number))
        return rs_fail(job, RS_INVALID, "\"%.*s\" is no date to compare the property %s with",
                       RS_TEXT_ARG(rs_text_slice(text, 0, 40)), property->name);
    if (property->kind == SERVICE_NUMBER && !rs_parse_int64(text, &out->number))
        return rs_fail(job, RS_INVALID, "\"%.*s\" is no number to compare the property %s with",
                       RS_TEXT_ARG(rs_text_slice(text, 0, 40)), property->name);
    return catalog_name_key(job, text, &out->key);
}

static int compare(const struct service_property *property, const struct operand *a, const struct operand *b)
{
    if (property->kind == SERVICE_TIME || property->kind == SERVICE_NUMBER)
        return a->number < b->number ? -1 : a->number > b->number;
    return rs_text_compare(a->key, b->key);
}

/* ---- a condition --------------------------------------------------------------------------------- */

struct test {
    const struct service_property *property; /* NULL: no item has it */
    enum service_comparison comparison;
    struct operand *operands;
    size_t count;
};

static rs_status read_condition(struct rs_job *job, const struct service_condition *condition, struct test *out)
{
    *out = (struct test){service_property_find(condition->name), condition->comparison,
                         RS_NEW_ARRAY(job, struct operand, condition->count), condition->count};
    if (condition->count == 0 || (condition->comparison == SERVICE_BETWEEN && condition->count != 2) ||
        (condition->comparison <= SERVICE_EQUALS && condition->count != 1))
        return rs_fail(job, RS_INVALID, "the condition for the property \"%.*s\" has %zu values; Contains and Equals have one, "
                       "Between has two, In has one at least", RS_TEXT_ARG(rs_text_slice(condition->name, 0, 100)), condition->count);
    for (size_t i = 0; out->property && i < condition->count; i++) {
        if (condition->comparison == SERVICE_CONTAINS) /* of the text, whatever it stands for */
            RS_TRY(catalog_name_key(job, condition->values[i], &out->operands[i].key));
        else
            RS_TRY(read_operand(job, out->property, condition->values[i], &out->operands[i]));
    }
    return RS_OK;
}

static bool holds(const struct test *test, const struct operand *own)
{
    const struct service_property *property = test->property;

    switch (test->comparison) {
    case SERVICE_CONTAINS:
        return rs_text_find(own->key, test->operands[0].key) >= 0;
    case SERVICE_BETWEEN:
        return compare(property, &test->operands[0], own) <= 0 && compare(property, own, &test->operands[1]) <= 0;
    case SERVICE_EQUALS:
    case SERVICE_IN:
        for (size_t i = 0; i < test->count; i++)
            if (compare(property, own, &test->operands[i]) == 0)
                return true;
    }
    return false;
}

static rs_status fits(struct rs_job *job, const struct test *test, const struct catalog_item *item, bool *out)
{
    rs_text text = test->property ? service_property_text(job, test->property, item) : (rs_text){NULL, 0};
    struct operand own;

    *out = false;
    if (!text.bytes)
        return RS_OK;
    RS_TRY(read_operand(job, test->property, text, &own));
    *out = holds(test, &own);
    return RS_OK;
}

/* All of them, or with `any` one; none is no condition. */
static rs_status fits_all(struct rs_job *job, const struct service_find_items *c, const struct test *tests,
                          const struct catalog_item *item, bool *out)
{
    *out = !c->any || c->condition_count == 0;
    for (size_t i = 0; i < c->condition_count; i++) {
        RS_TRY(fits(job, &tests[i], item, out));
        if (*out == c->any)
            return RS_OK;
    }
    return RS_OK;
}

static rs_status run(struct rs_job *job, const struct service_caller *caller, struct catalog *catalog,
                     struct catalog_item *item, void *call)
{
    struct service_find_items *c = call;
    struct test *tests = RS_NEW_ARRAY(job, struct test, c->condition_count);
    struct catalog_items all;
    bool good;

    if (c->condition_count > SERVICE_CONDITIONS_MAX)
        return rs_fail(job, RS_OVER_LIMIT, "there are %zu search conditions; at most %d are taken", c->condition_count,
                       SERVICE_CONDITIONS_MAX);
    for (size_t i = 0; i < c->condition_count; i++)
        RS_TRY(read_condition(job, &c->conditions[i], &tests[i]));
    RS_TRY(catalog_children(job, catalog, item, c->deep, &all));
    c->items = (struct catalog_items){0};
    for (size_t i = 0; i < all.count; i++) {
        struct rs_mark mark;
        RS_TRY(rs_job_checkpoint(job));
        if (!(auth_permissions(caller->user.role, all.items[i].kind) & AUTH_READ_PROPERTIES))
            continue;
        mark = rs_job_mark(job);
        RS_TRY(fits_all(job, c, tests, &all.items[i], &good));
        rs_job_reset(job, mark);
        if (good)
            rs_vec_push(job, &c->items, all.items[i]);
    }
    return RS_OK;
}

const struct service_op service_find_items = {
    .name = "FindItems",
    .target = SERVICE_ON_ITEM,
    .kinds = SERVICE_KIND(CATALOG_FOLDER),
    .permission = AUTH_EXECUTE,
    .path_at = offsetof(struct service_find_items, path),
    .run = run,
};
