/* Stable sorting: rows by radix over packed columns, everything else by merging.
 *
 * Several keys are sorted from the last to the first; every pass keeps the order of equals, so the first key decides
 * and the others break its ties. Null comes first, and last where descending.
 */
#include "report/compute/internal.h"

/* ---- rows by one packed column ---------------------------------------------------------------------- */

struct keyed {
    uint64_t key;
    uint32_t row;
};

static uint64_t word_key(const struct data_column *column, size_t row)
{
    uint64_t word = (uint64_t)column->words[row];

    if (column->kind != VALUE_DOUBLE && column->kind != VALUE_SINGLE)
        return word ^ (UINT64_C(1) << 63);
    if (column->reals[row] != column->reals[row])
        return 0; /* NaN before all numbers */
    if (column->reals[row] == 0)
        word = 0; /* minus zero is zero */
    return word >> 63 ? ~word : word | (UINT64_C(1) << 63);
}

/* Least significant byte first; a byte that all keys share costs one pass of counting only. */
static rs_status radix(struct rs_job *job, struct rs_job *scratch, struct keyed *keyed, size_t count)
{
    struct keyed *from = keyed, *to;
    void *other;

    if (rs_try_alloc(scratch, count, sizeof *keyed, &other) != RS_OK)
        return rs_job_adopt(job, scratch);
    to = other;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        size_t counts[256] = {0}, at = 0;
        for (size_t i = 0; i < count; i++)
            counts[from[i].key >> shift & 255]++;
        if (counts[from[0].key >> shift & 255] == count)
            continue;
        for (size_t i = 0; i < 256; i++) {
            size_t some = counts[i];
            counts[i] = at;
            at += some;
        }
        for (size_t i = 0; i < count; i++)
            to[counts[from[i].key >> shift & 255]++] = from[i];
        struct keyed *swap = from;
        from = to;
        to = swap;
        RS_TRY(rs_job_checkpoint(job));
    }
    if (from != keyed)
        memcpy(keyed, from, count * sizeof *keyed);
    return RS_OK;
}

/* The nulls of `column` before the rest (behind it where descending); gives how many there are. */
static size_t part_nulls(struct rs_job *scratch, const struct data_column *column, bool descending, uint32_t *rows,
                         size_t count)
{
    uint32_t *rest = RS_NEW_ARRAY(scratch, uint32_t, count);
    size_t nulls = 0, others = 0;

    for (size_t i = 0; i < count; i++)
        if (data_is_null(column, rows[i]) != descending)
            rows[nulls++] = rows[i];
        else
            rest[others++] = rows[i];
    memcpy(rows + nulls, rest, others * sizeof *rows);
    return descending ? others : nulls;
}

/* Ranks of texts are few: count them, then put every row in its place. */
static rs_status sort_ranks(struct rs_job *job, struct rs_job *scratch, const struct data_column *column,
                            const uint32_t *ranks, bool descending, uint32_t *rows, size_t count)
{
    uint32_t limit = column->dictionary_count, at = 0;
    uint32_t *places = RS_NEW_ARRAY(scratch, uint32_t, (size_t)limit + 1);
    uint32_t *before = RS_NEW_ARRAY(scratch, uint32_t, count);

    memcpy(before, rows, count * sizeof *rows);
    for (size_t i = 0; i < count; i++)
        places[ranks[column->codes[before[i]]]]++;
    for (uint32_t i = 0; i < limit; i++) {
        uint32_t *place = &places[descending ? limit - 1 - i : i], some = *place;
        *place = at;
        at += some;
    }
    for (size_t i = 0; i < count; i++)
        rows[places[ranks[column->codes[before[i]]]]++] = before[i];
    return rs_job_checkpoint(job);
}

static rs_status make_keyed(struct rs_job *job, struct rs_job *scratch, size_t count, struct keyed **out)
{
    void *memory;

    if (rs_try_alloc(scratch, count, sizeof **out, &memory) != RS_OK)
        return rs_job_adopt(job, scratch);
    *out = memory;
    return RS_OK;
}

static rs_status sort_keyed(struct rs_job *job, struct rs_job *scratch, struct keyed *keyed, uint32_t *rows, size_t count)
{
    RS_TRY(radix(job, scratch, keyed, count));
    for (size_t i = 0; i < count; i++)
        rows[i] = keyed[i].row;
    return RS_OK;
}

static rs_status sort_packed(struct rs_job *job, const struct data_column *column, const uint32_t *ranks,
                             bool descending, uint32_t *rows, size_t count)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
    size_t nulls = part_nulls(scratch, column, descending, rows, count);
    struct keyed *keyed = NULL;

    if (!descending)
        rows += nulls;
    count -= nulls;
    if (count < 2)
        return RS_OK;
    if (ranks && column->dictionary_count <= count * 4)
        return sort_ranks(job, scratch, column, ranks, descending, rows, count);
    RS_TRY(make_keyed(job, scratch, count, &keyed));
    for (size_t i = 0; i < count; i++) {
        uint64_t key = ranks ? ranks[column->codes[rows[i]]] : word_key(column, rows[i]);
        keyed[i] = (struct keyed){descending ? ~key : key, rows[i]};
    }
    return sort_keyed(job, scratch, keyed, rows, count);
}

/* ---- decimals --------------------------------------------------------------------------------------- */

static bool decimal_key(struct value v, unsigned scale, int64_t *out)
{
    static const int64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};
    int64_t magnitude;

    if (v.kind == VALUE_NULL) {
        *out = INT64_MIN;
        return true;
    }
    if (v.high || v.low > INT64_MAX || scale - v.scale > 9 ||
        __builtin_mul_overflow((int64_t)v.low, powers[scale - v.scale], &magnitude))
        return false;
    *out = v.negative ? -magnitude : magnitude;
    return true;
}

rs_status compute_decimal_keys(struct rs_job *job, struct rs_job *memory, const struct data_column *column,
                               const uint32_t *rows, size_t count, const int64_t **out)
{
    unsigned scale = 0;
    void *keys;

    *out = NULL;
    if (column->kind != VALUE_DECIMAL)
        return RS_OK;
    for (size_t i = 0; i < count; i++)
        if (column->values[rows[i]].kind == VALUE_DECIMAL && column->values[rows[i]].scale > scale)
            scale = column->values[rows[i]].scale;
    if (rs_try_alloc(memory, count, sizeof(int64_t), &keys) != RS_OK)
        return rs_job_adopt(job, memory);
    for (size_t i = 0; i < count; i++)
        if (!decimal_key(column->values[rows[i]], scale, (int64_t *)keys + i))
            return rs_job_checkpoint(job);
    *out = keys;
    return rs_job_checkpoint(job);
}

/* `done` is false where a value does not fit; the rows are in their order then. */
static rs_status sort_decimals(struct rs_job *job, const struct data_column *column, bool descending, uint32_t *rows,
                               size_t count, bool *done)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
    const int64_t *keys;
    struct keyed *keyed = NULL;

    RS_TRY(compute_decimal_keys(job, scratch, column, rows, count, &keys));
    *done = keys != NULL;
    if (!keys)
        return RS_OK;
    RS_TRY(make_keyed(job, scratch, count, &keyed));
    for (size_t i = 0; i < count; i++) {
        uint64_t key = (uint64_t)keys[i] ^ (UINT64_C(1) << 63);
        keyed[i] = (struct keyed){descending ? ~key : key, rows[i]};
    }
    return sort_keyed(job, scratch, keyed, rows, count);
}

/* ---- merging ---------------------------------------------------------------------------------------- */

struct merge {
    struct rs_job *job;
    const struct value_collation *collation;
    const struct value *keys;
    size_t key_count;
    const bool *descending;
    uint32_t *order, *other;
};

static int merge_compare(const struct merge *m, uint32_t a, uint32_t b)
{
    for (size_t k = 0; k < m->key_count; k++) {
        int order = value_sort_compare(m->collation, m->keys[a * m->key_count + k], m->keys[b * m->key_count + k]);
        if (order)
            return m->descending[k] ? -order : order;
    }
    return 0;
}

/* Runs of `width`, side by side, become runs of twice that. */
static rs_status merge_pass(struct merge *m, size_t count, size_t width)
{
    for (size_t start = 0; start < count; start += 2 * width) {
        size_t middle = start + width < count ? start + width : count;
        size_t end = start + 2 * width < count ? start + 2 * width : count;
        size_t left = start, right = middle;
        for (size_t at = start; at < end; at++) {
            bool take_left = left < middle &&
                             (right == end || merge_compare(m, m->order[left], m->order[right]) <= 0);
            m->other[at] = m->order[take_left ? left++ : right++];
            if (at % COMPUTE_CHECK_ROWS == 0)
                RS_TRY(rs_job_checkpoint(m->job));
        }
    }
    uint32_t *swap = m->order;
    m->order = m->other;
    m->other = swap;
    return RS_OK;
}

rs_status compute_sort_values(struct rs_job *job, const struct value_collation *collation, const struct value *keys,
                              size_t key_count, const bool *descending, size_t count, uint32_t *order)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
    uint32_t *other = RS_NEW_ARRAY(scratch, uint32_t, count + 1);
    struct merge m = {job, collation, keys, key_count, descending, order, other};

    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    for (size_t width = 1; width < count; width *= 2)
        RS_TRY(merge_pass(&m, count, width));
    if (m.order != order)
        memcpy(order, m.order, count * sizeof *order);
    return RS_OK;
}

static rs_status sort_mixed(struct rs_job *job, struct compute_data *data, const struct data_column *column,
                            bool descending, uint32_t *rows, size_t count)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
    struct value *keys = RS_NEW_ARRAY(scratch, struct value, count + 1);
    uint32_t *order = RS_NEW_ARRAY(scratch, uint32_t, count + 1), *before = RS_NEW_ARRAY(scratch, uint32_t, count + 1);

    for (size_t i = 0; i < count; i++)
        keys[i] = data_value(column, rows[i]);
    if (compute_sort_values(scratch, data->collation, keys, 1, &descending, count, order) != RS_OK)
        return rs_job_adopt(job, scratch);
    memcpy(before, rows, count * sizeof *rows);
    for (size_t i = 0; i < count; i++)
        rows[i] = before[order[i]];
    return RS_OK;
}

rs_status compute_sort_column(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                              const struct data_column *column, bool descending, uint32_t *rows, size_t count)
{
    const struct compute_keys *keys;
    const uint32_t *ranks = NULL;
    bool done = false;

    if (count < 2 || column->storage == DATA_EMPTY)
        return RS_OK;
    if (column->storage == DATA_VALUES && count >= 32)
        RS_TRY(sort_decimals(job, column, descending, rows, count, &done));
    if (done)
        return RS_OK;
    if (column->storage == DATA_VALUES || count < 32)
        return sort_mixed(job, data, column, descending, rows, count);
    RS_TRY(compute_keys_of(job, run, data, column, count, &keys));
    if (keys)
        return compute_sort_keys(job, keys, descending, rows, count);
    if (column->storage == DATA_CODES)
        RS_TRY(compute_texts_ranks(job, run, data, column, &ranks));
    return sort_packed(job, column, ranks, descending, rows, count);
}

/* ---- rows by the sort expressions of a region or of details ----------------------------------------- */

/* Expressions that depend on more than the row: evaluated for every row where it stands. */
static rs_status sort_evaluated(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                                const struct compute_scope *scope, const struct rdl_sort *sort, uint32_t *rows,
                                size_t count)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
    struct value *keys = RS_NEW_ARRAY(scratch, struct value, count + 1);
    uint32_t *order = RS_NEW_ARRAY(scratch, uint32_t, count + 1), *before = RS_NEW_ARRAY(scratch, uint32_t, count + 1);

    for (size_t i = 0; i < count; i++) {
        struct compute_context context = compute_context_at(run, scope);
        context.data = data;
        context.row = rows[i];
        context.row_state = COMPUTE_ROW_KNOWN;
        if (compute_eval_at(scratch, &context, &sort->value, &keys[i]) != RS_OK)
            return rs_job_adopt(job, scratch);
    }
    if (compute_sort_values(scratch, data->collation, keys, 1, &sort->descending, count, order) != RS_OK)
        return rs_job_adopt(job, scratch);
    memcpy(before, rows, count * sizeof *rows);
    for (size_t i = 0; i < count; i++)
        rows[i] = before[order[i]];
    return RS_OK;
}

rs_status compute_sort_rows(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                            const struct compute_scope *scope, const rdl_sorts *sorts, struct rs_job *memory,
                            struct compute_rows *rows)
{
    void *copy;

    if (sorts->count == 0 || rows->count < 2)
        return RS_OK;
    if (rs_try_alloc(memory, rows->count, sizeof(uint32_t), &copy) != RS_OK)
        return memory == job ? rs_job_status(job) : rs_job_adopt(job, memory);
    memcpy(copy, rows->rows, rows->count * sizeof(uint32_t));
    rows->rows = copy;
    for (size_t i = sorts->count; i-- > 0;) {
        const struct rdl_sort *sort = &sorts->items[i];
        const struct data_column *column;
        RS_TRY(compute_column(job, run, data, &run->exprs[sort->value.id].column,
                              publish_program(run->report, &sort->value), &column));
        RS_TRY(column ? compute_sort_column(job, run, data, column, sort->descending, copy, rows->count)
                      : sort_evaluated(job, run, data, scope, sort, copy, rows->count));
    }
    return RS_OK;
}
