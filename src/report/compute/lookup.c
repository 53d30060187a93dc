/* Lookup, LookupSet and MultiLookup: a hash table per call over the rows of the other data set.
 *
 * Both sides are compared as groups are: by the collation of the data set that is looked up in, numbers by what they
 * count, text and number never.
 */
#include "report/compute/internal.h"

struct lookup_context {
    struct rs_job *job;
    struct compute_run *run;
    const struct publish_lookup *call;
    struct compute_lookup_state *state;
    struct compute_data *data;
    const struct data_column *destination, *result;
};

static rs_status row_column(struct lookup_context *l, struct compute_lazy_column *lazy, const struct expr_program *program,
                            const struct data_column **out)
{
    RS_TRY(compute_column(l->job, l->run, l->data, lazy, program, out));
    if (!*out)
        return rs_fail(l->job, COMPUTE_EXPRESSION, "the second and third argument of Lookup may depend on the row only (data set \"%.*s\")",
                       RS_TEXT_ARG(l->call->call.data_set));
    return RS_OK;
}

/* Rows are put in from the last to the first, so that every chain begins with the first row of its value. */
static rs_status make_index(struct lookup_context *l)
{
    struct compute_rows rows = l->data->filtered;
    const struct value_collation *collation = l->data->collation;
    size_t slots = 16;
    void *table, *next;

    while (slots < rows.count * 2)
        slots *= 2;
    RS_TRY(compute_adopt(l->job, l->run, rs_try_alloc(l->run->memory, slots, sizeof(uint32_t), &table)));
    RS_TRY(compute_adopt(l->job, l->run, rs_try_alloc(l->run->memory, l->data->rows->row_count, sizeof(uint32_t), &next)));
    l->state->slots = table;
    l->state->next = next;
    l->state->slot_count = slots;
    for (size_t i = rows.count; i-- > 0;) {
        uint32_t row = rows.rows[i];
        struct value v = data_value(l->destination, row);
        size_t at = compute_hash(collation, v) & (slots - 1);
        if (i % COMPUTE_CHECK_ROWS == 0)
            RS_TRY(rs_job_checkpoint(l->job));
        while (l->state->slots[at] &&
               !value_group_equal(collation, data_value(l->destination, l->state->slots[at] - 1), v))
            at = (at + 1) & (slots - 1);
        l->state->next[row] = l->state->slots[at] ? l->state->slots[at] - 1 : UINT32_MAX;
        l->state->slots[at] = row + 1;
    }
    l->state->ready = true;
    return RS_OK;
}

static uint32_t first_match(const struct lookup_context *l, struct value wanted)
{
    const struct value_collation *collation = l->data->collation;
    size_t at = compute_hash(collation, wanted) & (l->state->slot_count - 1);

    if (wanted.kind == VALUE_ERROR || wanted.kind == VALUE_ARRAY)
        return UINT32_MAX;
    for (; l->state->slots[at]; at = (at + 1) & (l->state->slot_count - 1))
        if (value_group_equal(collation, data_value(l->destination, l->state->slots[at] - 1), wanted))
            return l->state->slots[at] - 1;
    return UINT32_MAX;
}

static struct value result_of(const struct lookup_context *l, uint32_t row)
{
    return row == UINT32_MAX ? value_null() : data_value(l->result, row);
}

static rs_status match_set(const struct lookup_context *l, struct value wanted, struct value *out)
{
    RS_VEC(struct value) matches = {0};

    for (uint32_t row = first_match(l, wanted); row != UINT32_MAX; row = l->state->next[row]) {
        rs_vec_push(l->job, &matches, data_value(l->result, row));
        if (matches.count % COMPUTE_CHECK_ROWS == 0)
            RS_TRY(rs_job_checkpoint(l->job));
    }
    *out = matches.count ? value_array(matches.items, (uint32_t)matches.count) : value_null();
    return RS_OK;
}

rs_status compute_lookup(struct rs_job *job, struct compute_run *run, unsigned number, struct value source, struct value *out)
{
    const struct publish_lookup *call = &run->report->lookups[number];
    struct lookup_context l = {job, run, call, &run->lookups[number], compute_data_of(run, call->data_set), NULL, NULL};

    *out = value_null();
    if (!l.data)
        return RS_OK;
    RS_TRY(compute_data_ready(job, run, l.data));
    RS_TRY(row_column(&l, &l.state->destination, call->call.destination, &l.destination));
    RS_TRY(row_column(&l, &l.state->result, call->call.result, &l.result));
    if (!l.state->ready)
        RS_TRY(make_index(&l));
    if (call->call.kind == EXPR_LOOKUP_SET)
        return match_set(&l, source, out);
    if (call->call.kind == EXPR_LOOKUP) {
        *out = result_of(&l, first_match(&l, source));
        return RS_OK;
    }
    if (source.kind != VALUE_ARRAY) {
        *out = value_error(RS_TEXT("the first argument of MultiLookup is not an array"));
        return RS_OK;
    }
    struct value *items = RS_NEW_ARRAY(job, struct value, source.size);
    for (uint32_t i = 0; i < source.size; i++)
        items[i] = result_of(&l, first_match(&l, source.items[i]));
    *out = value_array(items, source.size);
    return RS_OK;
}
