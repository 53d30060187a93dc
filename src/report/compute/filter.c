/* Filters: of rows (data sets, regions, details) and of group instances.
 *
 * All filters of a list hold together, one after the other; TopN and its relatives rank what the filters before them
 * left. Values of different types are a mistake that the original reports, and so is an expression that fails.
 *
 * Source:  [MS-RDL] 2.330.3; docs/reports.md, filters.
 */
#include <math.h>

#include "report/compute/internal.h"

/* Rows of a data set in one scope, or scopes. */
struct candidates {
    struct compute_run *run;
    struct compute_data *data;
    const struct compute_scope *scopes; /* one, or one per candidate */
    const uint32_t *rows;               /* NULL: the candidates are the scopes */
    size_t count;
    bool *passes;
};

struct tested {
    struct rs_job *job, *scratch;
    const struct candidates *all;
    const struct rdl_filter *filter;
    struct value *values; /* of the expression, by candidate */
    struct value *operands; /* once, or by candidate where they use fields */
    size_t operand_count;
    bool by_candidate;
};

static rs_status evaluate(struct rs_job *job, const struct candidates *all, size_t i, const struct rdl_expr *expr,
                          struct value *out)
{
    struct compute_context context = compute_context_at(all->run, all->rows ? all->scopes : &all->scopes[i]);

    if (all->rows) {
        context.data = all->data;
        context.row = all->rows[i];
        context.row_state = COMPUTE_ROW_KNOWN;
    }
    RS_TRY(compute_eval_at(job, &context, expr, out));
    if (out->kind == VALUE_ERROR)
        return rs_fail(job, COMPUTE_FILTER_FAILED, "a filter expression is an error (line %u): %.*s", expr->line,
                       RS_TEXT_ARG(value_bytes(*out)));
    return RS_OK;
}

/* ---- comparing -------------------------------------------------------------------------------------- */

static int family(struct value v)
{
    switch (v.kind) {
    case VALUE_INTEGER: case VALUE_LONG: case VALUE_SINGLE: case VALUE_DOUBLE: case VALUE_DECIMAL:
        return VALUE_INTEGER;
    case VALUE_CHAR:
        return VALUE_TEXT;
    case VALUE_OFFSET:
        return VALUE_DATE;
    default:
        return v.kind;
    }
}

static rs_status comparable(const struct tested *t, struct value a, struct value b)
{
    if (a.kind == VALUE_NULL || b.kind == VALUE_NULL || family(a) == family(b))
        return RS_OK;
    return rs_fail(t->job, COMPUTE_FILTER_FAILED,
                   "a filter cannot compare %s and %s (line %u); convert one of them in its expression (rsFilterComparisonError)",
                   value_type_name(a), value_type_name(b), t->filter->expression.line);
}

static rs_status relate(const struct tested *t, struct value a, struct value b, int *out)
{
    RS_TRY(comparable(t, a, b));
    *out = value_sort_compare(t->all->data->collation, a, b);
    return RS_OK;
}

static rs_status matches_like(const struct tested *t, struct value v, struct value pattern, bool *out)
{
    struct rs_job *scratch = t->scratch;

    *out = false;
    if (v.kind == VALUE_NULL || pattern.kind == VALUE_NULL)
        return RS_OK;
    struct value text = value_to_string(scratch, v, t->all->run->culture);
    struct value wanted = value_to_string(scratch, pattern, t->all->run->culture);
    if (t->all->data->collation_flags & VALUE_IGNORE_CASE) {
        text = value_text(rs_text_lower(scratch, value_bytes(text)));
        wanted = value_text(rs_text_lower(scratch, value_bytes(wanted)));
    }
    struct value result = value_like(scratch, text, wanted, &t->all->run->rules);
    if (result.kind == VALUE_ERROR)
        return rs_fail(t->job, COMPUTE_FILTER_FAILED, "the pattern of a Like filter is not valid (line %u): %.*s",
                       t->filter->expression.line, RS_TEXT_ARG(value_bytes(result)));
    *out = result.boolean;
    return RS_OK;
}

static rs_status is_among(const struct tested *t, struct value v, const struct value *operands, bool *out)
{
    *out = false;
    for (size_t i = 0; i < t->operand_count && !*out; i++) {
        const struct value *items = operands[i].kind == VALUE_ARRAY ? operands[i].items : &operands[i];
        size_t count = operands[i].kind == VALUE_ARRAY ? operands[i].size : 1;
        for (size_t k = 0; k < count && !*out; k++) {
            RS_TRY(comparable(t, v, items[k]));
            *out = value_group_equal(t->all->data->collation, v, items[k]);
        }
    }
    return RS_OK;
}

static rs_status test(const struct tested *t, struct value v, const struct value *operands, bool *out)
{
    int order = 0, upper = 0;

    if (t->filter->op == RDL_LIKE)
        return matches_like(t, v, operands[0], out);
    if (t->filter->op == RDL_IN)
        return is_among(t, v, operands, out);
    RS_TRY(relate(t, v, operands[0], &order));
    switch (t->filter->op) {
    case RDL_EQUAL: *out = order == 0; return RS_OK;
    case RDL_NOT_EQUAL: *out = order != 0; return RS_OK;
    case RDL_GREATER: *out = order > 0; return RS_OK;
    case RDL_GREATER_EQUAL: *out = order >= 0; return RS_OK;
    case RDL_LESS: *out = order < 0; return RS_OK;
    case RDL_LESS_EQUAL: *out = order <= 0; return RS_OK;
    default: /* RDL_BETWEEN */
        RS_TRY(relate(t, v, operands[1], &upper));
        *out = order >= 0 && upper <= 0;
        return RS_OK;
    }
}

/* ---- ranking ---------------------------------------------------------------------------------------- */

static bool is_ranking(enum rdl_operator op)
{
    return op == RDL_TOP_N || op == RDL_BOTTOM_N || op == RDL_TOP_PERCENT || op == RDL_BOTTOM_PERCENT;
}

static rs_status wanted_count(const struct tested *t, size_t count, size_t *out)
{
    bool percent = t->filter->op == RDL_TOP_PERCENT || t->filter->op == RDL_BOTTOM_PERCENT;
    struct value n = value_to_double(t->scratch, t->operands[0], t->all->run->culture);

    if (n.kind != VALUE_DOUBLE || !(n.real >= 0))
        return rs_fail(t->job, COMPUTE_FILTER_FAILED, "the value of a TopN or BottomN filter is not a number of at least 0 (line %u)",
                       t->filter->expression.line);
    double wanted = percent ? ceil((double)count * n.real / 100) : floor(n.real);
    *out = wanted >= (double)count ? count : (size_t)wanted;
    return RS_OK;
}

/* Keeps the first n in rank, and those that tie with the last of them. */
static rs_status rank(const struct tested *t)
{
    bool descending = t->filter->op == RDL_TOP_N || t->filter->op == RDL_TOP_PERCENT;
    const struct value_collation *collation = t->all->data->collation;
    size_t count = 0, wanted = 0;
    struct value *keys = RS_NEW_ARRAY(t->scratch, struct value, t->all->count + 1);
    uint32_t *order = RS_NEW_ARRAY(t->scratch, uint32_t, t->all->count + 1);

    for (size_t i = 0; i < t->all->count; i++)
        if (t->all->passes[i])
            keys[count++] = t->values[i];
    RS_TRY(wanted_count(t, count, &wanted));
    if (wanted == count)
        return RS_OK;
    if (compute_sort_values(t->scratch, collation, keys, 1, &descending, count, order) != RS_OK)
        return rs_job_adopt(t->job, t->scratch);
    for (size_t i = 0; i < t->all->count; i++) {
        int place = wanted ? value_sort_compare(collation, t->values[i], keys[order[wanted - 1]]) : 0;
        if (t->all->passes[i])
            t->all->passes[i] = wanted && (descending ? place >= 0 : place <= 0);
    }
    return RS_OK;
}

/* ---- one filter ------------------------------------------------------------------------------------- */

static rs_status evaluate_values(struct tested *t)
{
    const struct candidates *all = t->all;
    const struct data_column *column = NULL;

    t->values = RS_NEW_ARRAY(t->scratch, struct value, all->count + 1);
    if (all->rows)
        RS_TRY(compute_column(t->job, all->run, all->data, &all->run->exprs[t->filter->expression.id].column,
                              publish_program(all->run->report, &t->filter->expression), &column));
    for (size_t i = 0; i < all->count; i++) {
        if (i % COMPUTE_CHECK_ROWS == 0)
            RS_TRY(rs_job_checkpoint(t->job));
        if (!all->passes[i])
            continue;
        if (column)
            t->values[i] = data_value(column, all->rows[i]);
        if ((!column || t->values[i].kind == VALUE_ERROR) &&
            evaluate(t->scratch, all, i, &t->filter->expression, &t->values[i]) != RS_OK)
            return rs_job_adopt(t->job, t->scratch);
    }
    return RS_OK;
}

static rs_status evaluate_operands(struct tested *t, size_t i)
{
    for (size_t k = 0; k < t->operand_count; k++)
        if (evaluate(t->scratch, t->all, i, &t->filter->values.items[k], &t->operands[k]) != RS_OK)
            return rs_job_adopt(t->job, t->scratch);
    return RS_OK;
}

static rs_status prepare_operands(struct tested *t)
{
    size_t least = t->filter->op == RDL_BETWEEN ? 2 : 1;

    t->operand_count = t->filter->values.count;
    if (t->operand_count < least)
        return rs_fail(t->job, COMPUTE_FILTER_FAILED, "a filter lacks a value to compare with (line %u)", t->filter->expression.line);
    t->operands = RS_NEW_ARRAY(t->scratch, struct value, t->operand_count);
    for (size_t k = 0; k < t->operand_count; k++)
        t->by_candidate |= expr_uses_fields(publish_program(t->all->run->report, &t->filter->values.items[k])) ||
                           !t->all->rows;
    return t->by_candidate && !is_ranking(t->filter->op) ? RS_OK : evaluate_operands(t, 0);
}

static rs_status apply(struct rs_job *job, const struct candidates *all, const struct rdl_filter *filter)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
    struct tested t = {.job = job, .scratch = scratch, .all = all, .filter = filter};

    RS_TRY(prepare_operands(&t));
    RS_TRY(evaluate_values(&t));
    if (is_ranking(filter->op))
        return rank(&t);
    struct rs_mark mark = rs_job_mark(scratch);
    for (size_t i = 0; i < all->count; i++) {
        if (!all->passes[i])
            continue;
        if (t.by_candidate)
            RS_TRY(evaluate_operands(&t, i));
        RS_TRY(test(&t, t.values[i], t.operands, &all->passes[i]));
        rs_job_reset(scratch, mark);
    }
    return RS_OK;
}

/* A filter with an expression that did not compile was told when the report was published; it lets everything pass. */
static bool is_told(const struct candidates *all, const struct rdl_filter *filter)
{
    const struct publish_expr *exprs = all->run->report->exprs;
    bool failed = exprs[filter->expression.id].failed;

    for (size_t i = 0; i < filter->values.count; i++)
        failed |= exprs[filter->values.items[i].id].failed;
    return failed;
}

static rs_status apply_all(struct rs_job *job, const struct candidates *all, const rdl_filters *filters)
{
    for (size_t i = 0; i < all->count; i++)
        all->passes[i] = true;
    for (size_t i = 0; i < filters->count && all->count; i++)
        if (!is_told(all, &filters->items[i]))
            RS_TRY(apply(job, all, &filters->items[i]));
    return RS_OK;
}

static size_t count_passing(const struct candidates *all)
{
    size_t count = 0;

    for (size_t i = 0; i < all->count; i++)
        count += all->passes[i];
    return count;
}

/* Over made-up rows a filter that fails or leaves nothing is not applied: the report is to be seen. */
static rs_status apply_to_sample(struct rs_job *job, const struct candidates *all, const rdl_filters *filters)
{
    RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = job});
    rs_status status = apply_all(part, all, filters);

    if (status != RS_OK && status != COMPUTE_FILTER_FAILED)
        return rs_job_adopt(job, part);
    if (status != RS_OK || !count_passing(all))
        for (size_t i = 0; i < all->count; i++)
            all->passes[i] = true;
    return RS_OK;
}

static rs_status apply_filters(struct rs_job *job, const struct candidates *all, const rdl_filters *filters)
{
    return all->run->options.sample_data ? apply_to_sample(job, all, filters) : apply_all(job, all, filters);
}

rs_status compute_filter_scopes(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                                const struct compute_scope *scopes, size_t count, const rdl_filters *filters,
                                bool *passes)
{
    struct candidates all = {run, data, scopes, NULL, count, passes};

    return apply_filters(job, &all, filters);
}

rs_status compute_filter_rows(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                              const struct compute_scope *scope, const rdl_filters *filters, struct rs_job *memory,
                              struct compute_rows *rows)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
    struct candidates all = {run, data, scope, rows->rows, rows->count, NULL};
    size_t left = 0;
    void *kept;

    if (filters->count == 0 || rows->count == 0)
        return RS_OK;
    all.passes = RS_NEW_ARRAY(scratch, bool, rows->count + 1);
    RS_TRY(apply_filters(job, &all, filters));
    if (rs_try_alloc(memory, count_passing(&all), sizeof(uint32_t), &kept) != RS_OK)
        return memory == job ? rs_job_status(job) : rs_job_adopt(job, memory);
    for (size_t i = 0; i < rows->count; i++)
        if (all.passes[i])
            ((uint32_t *)kept)[left++] = rows->rows[i];
    *rows = (struct compute_rows){kept, left};
    return RS_OK;
}

/* ---- one row after the other ------------------------------------------------------------------------- */

struct compute_row_filters {
    struct compute_scope scope; /* the body */
    uint32_t row;
    struct candidates all;      /* `row` alone */
    RS_VEC(struct tested) tests;
};

rs_status compute_row_filters_prepare(struct rs_job *memory, struct compute_run *run, struct compute_data *data,
                                      const rdl_filters *filters, struct compute_row_filters **out)
{
    struct compute_row_filters *f = RS_NEW(memory, struct compute_row_filters);

    f->all = (struct candidates){run, data, &f->scope, &f->row, 1, NULL};
    for (size_t i = 0; i < filters->count; i++) {
        struct tested t = {.job = memory, .scratch = memory, .all = &f->all, .filter = &filters->items[i]};
        if (is_told(&f->all, t.filter))
            continue;
        RS_TRY(prepare_operands(&t));
        rs_vec_push(memory, &f->tests, t);
    }
    *out = f;
    return RS_OK;
}

rs_status compute_row_passes(struct rs_job *job, struct compute_row_filters *f, size_t row, bool *passes)
{
    f->row = (uint32_t)row;
    *passes = true;
    for (size_t i = 0; i < f->tests.count && *passes; i++) {
        struct tested *t = &f->tests.items[i];
        struct value v;
        t->job = t->scratch = job;
        RS_TRY(evaluate(job, &f->all, 0, &t->filter->expression, &v));
        if (t->by_candidate)
            RS_TRY(evaluate_operands(t, 0));
        RS_TRY(test(t, v, t->operands, passes));
    }
    return RS_OK;
}
