/* Ordinal keys: a column's values as whole numbers of 32 bits in the same order, made once and kept with the data set.
 *
 * Dates count in the longest unit that divides them all, money in its smallest digit, and the least value is 1, so that
 * what lies close together gives short keys: a million dates of five years need 11 bits. Where most numbers between are no
 * key, they are counted out: near-unique amounts of a million rows become numbers below a million. Grouping looks keys up in
 * a table, sorting needs one pass for every 11 bits. Null is 0.
 */
#include <math.h>

#include "report/compute/internal.h"
#include "report/value/date.h"

/* ---- making them ------------------------------------------------------------------------------------ */

struct range {
    int64_t least, most;
    int64_t unit; /* divides every value */
    bool has_nulls;
};

static const int64_t date_units[] = {VALUE_TICKS_PER_DAY, VALUE_TICKS_PER_DAY / 86400, VALUE_TICKS_PER_DAY / 86400000, 1};

static struct range range_of(const struct data_column *column, size_t count)
{
    struct range r = {INT64_MAX, INT64_MIN, 1, column->nulls != NULL};
    bool in_units = column->kind == VALUE_DATE || column->kind == VALUE_SPAN;
    size_t unit = 0;

    for (size_t row = 0; row < count; row++) {
        int64_t word = column->words[row];
        if (r.has_nulls && data_is_null(column, row))
            continue;
        r.least = word < r.least ? word : r.least;
        r.most = word > r.most ? word : r.most;
        if (unit == 0 && in_units && word % VALUE_TICKS_PER_DAY != 0) /* a constant divides quickly */
            unit = 1;
        while (unit && word % date_units[unit] != 0)
            unit++;
    }
    if (in_units)
        r.unit = date_units[unit];
    if (r.most < r.least)
        r.least = r.most = 0; /* nothing but nulls */
    return r;
}

/* The loop for one unit, so that the division is by a constant. */
static inline __attribute__((always_inline)) void fill(const struct data_column *column, const struct range *r, size_t count,
                                                       uint64_t unit, uint32_t *keys)
{
    for (size_t row = 0; row < count; row++)
        keys[row] = (uint32_t)(((uint64_t)column->words[row] - (uint64_t)r->least) / unit) + 1;
    for (size_t row = 0; r->has_nulls && row < count; row++)
        if (data_is_null(column, row))
            keys[row] = 0;
}

static void fill_words(const struct data_column *column, const struct range *r, size_t count, uint32_t *keys)
{
    if (r->unit == VALUE_TICKS_PER_DAY)
        fill(column, r, count, VALUE_TICKS_PER_DAY, keys);
    else if (r->unit == VALUE_TICKS_PER_DAY / 86400)
        fill(column, r, count, VALUE_TICKS_PER_DAY / 86400, keys);
    else if (r->unit == 1)
        fill(column, r, count, 1, keys);
    else
        fill(column, r, count, (uint64_t)r->unit, keys);
}

/* Doubles that are whole hundredths, as money in a database without decimals is. False where one is not. */
static bool whole_hundredths(const struct data_column *column, size_t count, struct range *r)
{
    double least = INFINITY, most = -INFINITY;

    r->has_nulls = column->nulls != NULL;
    for (size_t row = 0; row < count; row++) {
        double d = column->reals[row], whole = nearbyint(d * 100);
        if (r->has_nulls && data_is_null(column, row))
            continue;
        if (!(fabs(whole) < 1e15) || whole / 100 != d)
            return false;
        least = whole < least ? whole : least;
        most = whole > most ? whole : most;
    }
    r->least = least <= most ? (int64_t)least : 0;
    r->most = least <= most ? (int64_t)most : 0;
    return true;
}

static void fill_reals(const struct data_column *column, const struct range *r, size_t count, uint32_t *keys)
{
    for (size_t row = 0; row < count; row++)
        keys[row] = data_is_null(column, row) ? 0 : (uint32_t)((int64_t)nearbyint(column->reals[row] * 100) - r->least) + 1;
}

#define DENSE_FROM ((uint64_t)1 << 16) /* below it a table of all keys stays in a near cache anyway */
#define DENSE_MOST_EACH 64u            /* numbers for each row: a bit of each is looked at */

/* Keys become their places among those that are there. */
static rs_status make_dense(struct rs_job *job, uint32_t *keys, size_t count, uint64_t *limit)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
    size_t words = (size_t)(*limit / 64) + 1;
    uint32_t *before, at = 0; /* by word of `present`: how many keys are below it */
    uint64_t *present;
    void *memory;

    if (*limit < DENSE_FROM || *limit > (uint64_t)count * DENSE_MOST_EACH)
        return RS_OK;
    if (rs_try_alloc(scratch, words, sizeof *present, &memory) != RS_OK)
        return rs_job_adopt(job, scratch);
    present = memory;
    if (rs_try_alloc(scratch, words, sizeof *before, &memory) != RS_OK)
        return rs_job_adopt(job, scratch);
    before = memory;
    present[0] = 1; /* null */
    for (size_t row = 0; row < count; row++)
        present[keys[row] >> 6] |= UINT64_C(1) << (keys[row] & 63);
    for (size_t i = 0; i < words; i++) {
        before[i] = at;
        at += (uint32_t)__builtin_popcountll(present[i]);
    }
    if (at > *limit / 2) /* little would be gained */
        return RS_OK;
    for (size_t row = 0; row < count; row++)
        keys[row] = before[keys[row] >> 6] +
                    (uint32_t)__builtin_popcountll(present[keys[row] >> 6] & ((UINT64_C(1) << (keys[row] & 63)) - 1));
    *limit = at;
    return RS_OK;
}

static rs_status make_keys(struct rs_job *job, struct compute_run *run, struct compute_data *data, const struct data_column *column,
                           struct compute_keys *out)
{
    bool is_real = column->kind == VALUE_DOUBLE || column->kind == VALUE_SINGLE;
    size_t count = data->rows->row_count;
    struct range r = {.unit = 1};
    void *keys;

    if (is_real && !whole_hundredths(column, count, &r))
        return RS_OK;
    if (!is_real)
        r = range_of(column, count);
    uint64_t most = ((uint64_t)r.most - (uint64_t)r.least) / (uint64_t)r.unit;
    if (most >= UINT32_MAX - 1)
        return RS_OK;
    RS_TRY(compute_adopt(job, run, rs_try_alloc(run->memory, count, sizeof(uint32_t), &keys)));
    if (is_real)
        fill_reals(column, &r, count, keys);
    else
        fill_words(column, &r, count, keys);
    out->keys = keys;
    out->limit = most + 2;
    RS_TRY(make_dense(job, keys, count, &out->limit));
    return rs_job_checkpoint(job);
}

rs_status compute_keys_of(struct rs_job *job, struct compute_run *run, struct compute_data *data, const struct data_column *column,
                          size_t rows, const struct compute_keys **out)
{
    struct compute_keys *keys = NULL;

    *out = NULL;
    if ((column->storage != DATA_WORDS && column->storage != DATA_SCALED) || column->kind == VALUE_BOOLEAN)
        return RS_OK;
    for (size_t i = 0; i < data->keys.count && !keys; i++)
        if (data->keys.items[i].column == column)
            keys = &data->keys.items[i];
    if (!keys) {
        if (rows < data->rows->row_count / 16) /* not worth a look at every row */
            return RS_OK;
        struct compute_keys made = {.column = column};
        RS_TRY(make_keys(job, run, data, column, &made));
        rs_vec_push(run->memory, &data->keys, made);
        keys = &rs_vec_last(&data->keys);
    }
    *out = keys->keys ? keys : NULL;
    return RS_OK;
}

/* ---- sorting by them -------------------------------------------------------------------------------- */

#define DIGIT_MAX 11u /* bits: so many streams of writes stay in the nearest cache */
#define PASSES_MAX 3u

struct radix {
    unsigned bits, passes;
    uint32_t flip; /* xor: all ones where descending */
    uint32_t counts[PASSES_MAX][1u << DIGIT_MAX];
};

static inline uint32_t digit_of(const struct radix *x, uint32_t key, unsigned pass)
{
    return key >> (pass * x->bits) & ((1u << x->bits) - 1);
}

/* Rows that are in order, or in exactly the other one, need no passes; to scatter these would also be the slowest, since
 * all streams then advance side by side through the same places of the cache. */
enum arrangement { IN_ORDER, IN_REVERSE, IN_NONE };

static enum arrangement arrangement_of(const struct radix *x, const uint32_t *keys, const uint32_t *rows, size_t count)
{
    size_t i = 1;

    while (i < count && (keys[rows[i]] ^ x->flip) >= (keys[rows[i - 1]] ^ x->flip))
        i++;
    if (i == count)
        return IN_ORDER;
    for (i = 1; i < count && (keys[rows[i]] ^ x->flip) < (keys[rows[i - 1]] ^ x->flip); i++)
        continue;
    return i == count ? IN_REVERSE : IN_NONE;
}

static void reverse(uint32_t *rows, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        uint32_t swap = rows[i];
        rows[i] = rows[count - 1 - i];
        rows[count - 1 - i] = swap;
    }
}

static void count_digits(struct radix *x, const uint32_t *keys, const uint32_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t key = keys[rows[i]] ^ x->flip;
        for (unsigned pass = 0; pass < x->passes; pass++)
            x->counts[pass][digit_of(x, key, pass)]++;
    }
    for (unsigned pass = 0; pass < x->passes; pass++)
        for (uint32_t i = 0, at = 0; i < 1u << x->bits; i++) {
            uint32_t some = x->counts[pass][i];
            x->counts[pass][i] = at;
            at += some;
        }
}

/* Key and row in one word. The first pass reads rows and keys, the last writes rows. */
static void pass_over(struct radix *x, unsigned pass, const uint32_t *keys, const uint32_t *rows, const uint64_t *from, uint64_t *to,
                      uint32_t *to_rows, size_t count)
{
    uint32_t *places = x->counts[pass];

    for (size_t i = 0; i < count; i++) {
        uint64_t pair = from ? from[i] : (uint64_t)(keys[rows[i]] ^ x->flip) << 32 | rows[i];
        uint32_t place = places[digit_of(x, (uint32_t)(pair >> 32), pass)]++;
        if (to)
            to[place] = pair;
        else
            to_rows[place] = (uint32_t)pair;
    }
}

rs_status compute_sort_keys(struct rs_job *job, const struct compute_keys *by, bool descending, uint32_t *rows, size_t count)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
    struct radix *x = RS_NEW(scratch, struct radix);
    unsigned bits = 64 - (unsigned)__builtin_clzll((by->limit - 1) | 1);
    void *pairs[2] = {NULL, NULL}, *before;

    x->passes = (bits + DIGIT_MAX - 1) / DIGIT_MAX;
    x->bits = (bits + x->passes - 1) / x->passes;
    x->flip = descending ? UINT32_MAX : 0;
    enum arrangement arrangement = arrangement_of(x, by->keys, rows, count);
    if (arrangement == IN_REVERSE)
        reverse(rows, count);
    if (arrangement != IN_NONE)
        return rs_job_checkpoint(job);
    for (unsigned i = 0; i + 1 < x->passes && i < 2; i++)
        if (rs_try_alloc(scratch, count, sizeof(uint64_t), &pairs[i]) != RS_OK)
            return rs_job_adopt(job, scratch);
    if (x->passes == 1) { /* rows go to where they come from */
        if (rs_try_alloc(scratch, count, sizeof *rows, &before) != RS_OK)
            return rs_job_adopt(job, scratch);
        memcpy(before, rows, count * sizeof *rows);
    }
    count_digits(x, by->keys, rows, count);
    for (unsigned pass = 0; pass < x->passes; pass++) {
        bool is_last = pass + 1 == x->passes;
        pass_over(x, pass, by->keys, x->passes == 1 ? before : rows, pass ? pairs[(pass - 1) % 2] : NULL,
                  is_last ? NULL : pairs[pass % 2], rows, count);
        RS_TRY(rs_job_checkpoint(job));
    }
    return RS_OK;
}
