/* Aggregate functions over values, one by one or a column at a time.
 *
 * The rules of the original: nulls are left out; Sum of nothing is null, Count of nothing 0; all values of one
 * aggregate must have one type (whole numbers count as one, floating ones as one), because a sum of Decimal and Integer
 * is the mistake that it reports; Decimal sums are exact.
 *
 * Source:  docs/reports.md, aggregates.
 */
#include <math.h>

#include "base/buf.h"
#include "report/compute/internal.h"

enum family { FAMILY_NONE, FAMILY_WHOLE, FAMILY_FLOAT, FAMILY_DECIMAL, FAMILY_OTHER };

struct compute_accumulator {
    struct rs_job *job; /* of the accumulator */
    enum expr_aggregate_kind kind;
    const struct value_collation *collation;
    enum family family;
    struct value failed;     /* VALUE_ERROR once something was wrong */
    size_t count;            /* values that are not null; COUNT_ROWS: rows */
    __int128 whole;          /* FAMILY_WHOLE; FAMILY_DECIMAL: sum of magnitudes at `scale` while they fit */
    unsigned scale;
    double real;             /* FAMILY_FLOAT; Welford's mean for variances */
    double squares;          /* Welford's sum of squared distances */
    struct value decimal;    /* FAMILY_DECIMAL: what does not fit `whole` */
    struct value extreme;    /* MIN, MAX, FIRST, LAST; its bytes are in `bytes` */
    rs_buf bytes;
    bool has_extreme;
    struct value *seen;      /* COUNT_DISTINCT: a hash table */
    size_t seen_slots;
    struct rs_map *texts;    /* texts that were looked for in it, by their bytes: collating one again would take far longer */
};

#define DECIMAL_FLUSH ((__int128)1 << 90) /* far from both the limit of Decimal and that of __int128 */

struct compute_accumulator *compute_accumulator_create(struct rs_job *job, enum expr_aggregate_kind kind,
                                                       const struct value_collation *collation)
{
    struct compute_accumulator *a = RS_NEW(job, struct compute_accumulator);

    a->job = job;
    a->kind = kind;
    a->collation = collation;
    a->decimal = value_decimal_from_int64(0);
    return a;
}

static enum family family_of(struct value v)
{
    switch (v.kind) {
    case VALUE_INTEGER: case VALUE_LONG:
        return FAMILY_WHOLE;
    case VALUE_SINGLE: case VALUE_DOUBLE:
        return FAMILY_FLOAT;
    case VALUE_DECIMAL:
        return FAMILY_DECIMAL;
    default:
        return FAMILY_OTHER;
    }
}

static const char *function_name(enum expr_aggregate_kind kind)
{
    static const char *const names[] = {[EXPR_SUM] = "Sum", [EXPR_AVG] = "Avg", [EXPR_MIN] = "Min", [EXPR_MAX] = "Max",
                                        [EXPR_STDEV] = "StDev", [EXPR_STDEVP] = "StDevP", [EXPR_VAR] = "Var",
                                        [EXPR_VARP] = "VarP"};

    return kind < sizeof names / sizeof *names && names[kind] ? names[kind] : "the aggregate";
}

static void fail(struct compute_accumulator *a, const char *format)
{
    if (a->failed.kind != VALUE_ERROR)
        a->failed = value_error(rs_text_format(a->job, format, function_name(a->kind)));
}

/* Whether `v` has the type of the values before it. */
static bool same_family(struct compute_accumulator *a, struct value v, bool numbers_only)
{
    enum family family = family_of(v);

    if (numbers_only && family == FAMILY_OTHER) {
        fail(a, "%s needs numbers, and the data holds something else (rsAggregateOfNonNumericData)");
        return false;
    }
    if (a->family == FAMILY_NONE)
        a->family = family;
    if (a->family != family) {
        fail(a, "%s meets values of different types; convert them in the expression (rsAggregateOfMixedDataTypes)");
        return false;
    }
    return true;
}

static struct value count_value(size_t count)
{
    return count <= INT32_MAX ? value_integer((int32_t)count) : value_long((int64_t)count);
}

/* ---- sums ------------------------------------------------------------------------------------------- */

static struct value decimal_of(__int128 whole, unsigned scale)
{
    bool negative = whole < 0;
    unsigned __int128 magnitude = negative ? -(unsigned __int128)whole : (unsigned __int128)whole;

    return value_decimal_make((uint32_t)(magnitude >> 64), (uint64_t)magnitude, scale, negative);
}

static void flush_decimal(struct compute_accumulator *a)
{
    a->decimal = value_decimal_add(a->decimal, decimal_of(a->whole, a->scale));
    if (a->decimal.kind == VALUE_ERROR)
        a->failed = a->decimal;
    a->whole = 0;
}

/* Bring `whole` and the next magnitude to one scale; what cannot be is put aside in `decimal`. Values from a database
 * differ in scale from row to row, so this is the common case and not an exception. */
static void align_scale(struct compute_accumulator *a, unsigned scale, unsigned __int128 *magnitude)
{
    static const uint64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};
    unsigned less = scale < a->scale ? a->scale - scale : 0, more = scale > a->scale ? scale - a->scale : 0;

    if (less && less < 10 && !(*magnitude >> 60)) {
        *magnitude *= powers[less];
    } else if (more && more < 10 && a->whole < ((__int128)1 << 60) && a->whole > -((__int128)1 << 60)) {
        a->whole *= (int64_t)powers[more];
        a->scale = scale;
    } else {
        if (a->count)
            flush_decimal(a);
        a->scale = scale;
    }
}

static inline void add_decimal(struct compute_accumulator *a, struct value v)
{
    unsigned __int128 magnitude = ((unsigned __int128)v.high << 64) | v.low;

    if (v.high >> 24) { /* 89 bits or more: on its own */
        a->decimal = value_decimal_add(a->decimal, v);
        if (a->decimal.kind == VALUE_ERROR)
            a->failed = a->decimal;
        return;
    }
    if (v.scale != a->scale)
        align_scale(a, v.scale, &magnitude);
    a->whole += v.negative ? -(__int128)magnitude : (__int128)magnitude;
    if (a->whole > DECIMAL_FLUSH || a->whole < -DECIMAL_FLUSH)
        flush_decimal(a);
}

static inline void add_number(struct compute_accumulator *a, struct value v)
{
    switch (a->family) {
    case FAMILY_WHOLE:
        a->whole += v.integer;
        break;
    case FAMILY_FLOAT:
        a->real += v.real;
        break;
    default:
        add_decimal(a, v);
    }
}

static struct value decimal_sum(const struct compute_accumulator *a)
{
    struct value rest = decimal_of(a->whole, a->scale);

    return value_decimal_is_zero(a->decimal) && a->decimal.scale <= a->scale ? rest
                                                                             : value_decimal_add(a->decimal, rest);
}

static struct value sum(const struct compute_accumulator *a)
{
    switch (a->family) {
    case FAMILY_WHOLE:
        return a->whole >= INT64_MIN && a->whole <= INT64_MAX ? value_long((int64_t)a->whole)
                                                              : value_double((double)a->whole);
    case FAMILY_FLOAT:
        return value_double(a->real);
    default:
        return decimal_sum(a);
    }
}

static struct value average(const struct compute_accumulator *a)
{
    if (a->family == FAMILY_DECIMAL)
        return value_decimal_divide(decimal_sum(a), value_decimal_from_int64((int64_t)a->count));
    return value_double((a->family == FAMILY_WHOLE ? (double)a->whole : a->real) / (double)a->count);
}

/* ---- variance, extremes, distinct values ------------------------------------------------------------ */

static void add_variance(struct compute_accumulator *a, struct value v)
{
    double x = a->family == FAMILY_WHOLE ? (double)v.integer
               : a->family == FAMILY_FLOAT ? v.real : value_decimal_to_double(v);
    double distance = x - a->real;

    a->real += distance / (double)a->count; /* `count` already holds this one */
    a->squares += distance * (x - a->real);
}

static struct value variance(const struct compute_accumulator *a)
{
    bool sample = a->kind == EXPR_STDEV || a->kind == EXPR_VAR;
    bool root = a->kind == EXPR_STDEV || a->kind == EXPR_STDEVP;
    double divisor = sample ? (double)a->count - 1 : (double)a->count;

    if (divisor <= 0)
        return value_null();
    return value_double(root ? sqrt(a->squares / divisor) : a->squares / divisor);
}

/* The value may be gone before the next one comes: its bytes are copied, over those of the one before. */
static void take_extreme(struct compute_accumulator *a, struct value v)
{
    a->has_extreme = true;
    a->extreme = v;
    if (v.kind == VALUE_TEXT || v.kind == VALUE_BYTES || v.kind == VALUE_ERROR) {
        if (!a->bytes.job)
            a->bytes = rs_buf_in(a->job);
        a->bytes.used = 0;
        rs_buf_add(&a->bytes, value_bytes(v));
        a->extreme.text = a->bytes.bytes;
    } else if (v.kind == VALUE_ARRAY) {
        a->extreme = compute_keep(a->job, v);
    }
}

static void add_extreme(struct compute_accumulator *a, struct value v)
{
    int order = a->has_extreme ? value_sort_compare(a->collation, v, a->extreme) : 0;

    if (!a->has_extreme || (a->kind == EXPR_MIN ? order < 0 : order > 0))
        take_extreme(a, v);
}

static void seen_grow(struct compute_accumulator *a)
{
    struct value *old = a->seen;
    size_t slots = a->seen_slots;

    a->seen_slots = slots ? slots * 2 : 32;
    a->seen = compute_unset_values(a->job, a->seen_slots);
    for (size_t i = 0; i < slots; i++) {
        if (compute_is_unset(old[i]))
            continue;
        size_t at = compute_hash(a->collation, old[i]) & (a->seen_slots - 1);
        while (!compute_is_unset(a->seen[at]))
            at = (at + 1) & (a->seen_slots - 1);
        a->seen[at] = old[i];
    }
}

/* Whether these bytes came before; *v is kept where they did not. */
static bool is_known_text(struct compute_accumulator *a, struct value *v)
{
    if (!a->texts)
        a->texts = rs_map_create(a->job, RS_MAP_EXACT);
    if (rs_map_has(a->texts, value_bytes(*v)))
        return true;
    *v = compute_keep(a->job, *v);
    rs_map_set(a->texts, value_bytes(*v), a);
    return false;
}

static void add_distinct(struct compute_accumulator *a, struct value v)
{
    if (v.kind == VALUE_TEXT && is_known_text(a, &v))
        return;
    if (a->count * 4 >= a->seen_slots * 3)
        seen_grow(a);
    size_t at = compute_hash(a->collation, v) & (a->seen_slots - 1);
    for (; !compute_is_unset(a->seen[at]); at = (at + 1) & (a->seen_slots - 1))
        if (value_group_equal(a->collation, a->seen[at], v))
            return;
    a->seen[at] = v.kind == VALUE_TEXT ? v : compute_keep(a->job, v);
    a->count++;
}

/* ---- one value -------------------------------------------------------------------------------------- */

static void add_counted(struct compute_accumulator *a, struct value v)
{
    switch (a->kind) {
    case EXPR_COUNT:
        a->count++;
        return;
    case EXPR_COUNT_DISTINCT:
        add_distinct(a, v);
        return;
    case EXPR_MIN: case EXPR_MAX:
        if (same_family(a, v, false)) {
            a->count++;
            add_extreme(a, v);
        }
        return;
    case EXPR_SUM: case EXPR_AVG:
        if (same_family(a, v, true)) {
            add_number(a, v);
            a->count++;
        }
        return;
    default:
        if (same_family(a, v, true)) {
            a->count++;
            add_variance(a, v);
        }
    }
}

void compute_accumulate(struct compute_accumulator *a, struct value v)
{
    if (a->kind == EXPR_COUNT_ROWS) {
        a->count++;
    } else if (a->kind == EXPR_FIRST || a->kind == EXPR_LAST) {
        if (a->kind == EXPR_LAST || !a->has_extreme)
            take_extreme(a, v);
    } else if (v.kind == VALUE_ERROR) {
        if (a->failed.kind != VALUE_ERROR)
            a->failed = compute_keep(a->job, v);
    } else if (v.kind != VALUE_NULL) {
        add_counted(a, v);
    }
}

struct value compute_accumulated(const struct compute_accumulator *a)
{
    if (a->failed.kind == VALUE_ERROR)
        return a->failed;
    switch (a->kind) {
    case EXPR_COUNT: case EXPR_COUNT_DISTINCT: case EXPR_COUNT_ROWS:
        return count_value(a->count);
    case EXPR_MIN: case EXPR_MAX: case EXPR_FIRST: case EXPR_LAST:
        return a->has_extreme ? a->extreme : value_null();
    case EXPR_SUM:
        return a->count ? sum(a) : value_null();
    case EXPR_AVG:
        return a->count ? average(a) : value_null();
    default:
        return variance(a);
    }
}

/* ---- columns ---------------------------------------------------------------------------------------- */

static void add_whole_words(struct compute_accumulator *a, const struct data_column *column, const uint32_t *rows, size_t count)
{
    __int128 total = 0;

    for (size_t i = 0; i < count; i++)
        total += column->words[rows[i]];
    a->whole += total;
    a->count += count;
}

static void add_reals(struct compute_accumulator *a, const struct data_column *column, const uint32_t *rows, size_t count)
{
    double total = a->real;

    for (size_t i = 0; i < count; i++)
        total += column->reals[rows[i]];
    a->real = total;
    a->count += count;
}

static void add_decimals(struct compute_accumulator *a, const struct data_column *column, const uint32_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct value v = column->values[rows[i]];
        if (v.kind == VALUE_NULL)
            continue;
        add_decimal(a, v);
        a->count++;
    }
}

static void count_words(struct compute_accumulator *a, const struct data_column *column, const uint32_t *rows, size_t count)
{
    if ((column->storage == DATA_WORDS || column->storage == DATA_SCALED) && !column->nulls) {
        a->count += count;
        return;
    }
    for (size_t i = 0; i < count; i++)
        a->count += !data_is_null(column, rows[i]);
}

/* Words of one scale; the sum has as many digits as the longest of the values, 9.5 + 0.25. */
static void add_scaled(struct compute_accumulator *a, const struct data_column *column, const uint32_t *rows, size_t count)
{
    unsigned scale = column->scales ? 0 : column->scale;
    __int128 total = 0;

    for (size_t i = 0; i < count; i++)
        total += column->words[rows[i]]; /* null is 0 */
    for (size_t i = 0; column->scales && i < count; i++)
        scale = column->scales[rows[i]] > scale ? column->scales[rows[i]] : scale;
    for (unsigned more = column->scale - scale; more; more--)
        total /= 10;
    count_words(a, column, rows, count);
    add_decimal(a, decimal_of(total, scale));
}

typedef void add_rows(struct compute_accumulator *, const struct data_column *, const uint32_t *, size_t);

static void add_any(struct compute_accumulator *a, const struct data_column *column, const uint32_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        compute_accumulate(a, data_value(column, rows[i]));
}

/* The loop for this function over this column. */
static add_rows *loop_of(struct compute_accumulator *a, const struct data_column *column)
{
    bool adds = a->kind == EXPR_SUM || a->kind == EXPR_AVG;

    if (a->kind == EXPR_COUNT && column->kind != VALUE_KINDS && column->kind != VALUE_ERROR)
        return count_words;
    if (adds && column->storage == DATA_WORDS && !column->nulls) {
        a->family = family_of((struct value){.kind = column->kind});
        if (a->family == FAMILY_WHOLE)
            return add_whole_words;
        if (a->family == FAMILY_FLOAT)
            return add_reals;
        a->family = FAMILY_NONE;
    }
    if (adds && column->storage == DATA_SCALED) {
        a->family = FAMILY_DECIMAL;
        return add_scaled;
    }
    if (adds && column->storage == DATA_VALUES && column->kind == VALUE_DECIMAL) {
        a->family = FAMILY_DECIMAL;
        return add_decimals;
    }
    return add_any;
}

static rs_status count_distinct(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                                const struct data_column *column, struct compute_rows rows, struct value *out)
{
    size_t count;

    RS_TRY(compute_count_distinct(job, run, data, rows, column, &count));
    *out = count_value(count);
    return RS_OK;
}

rs_status compute_accumulate_column(struct rs_job *job, enum expr_aggregate_kind kind, struct compute_run *run,
                                    struct compute_data *data, const struct data_column *column,
                                    struct compute_rows rows, struct value *out)
{
    struct compute_accumulator local = {.job = job, .kind = kind, .collation = data->collation,
                                        .decimal = value_decimal_from_int64(0)};

    if (kind == EXPR_COUNT_DISTINCT && column->kind != VALUE_KINDS && column->kind != VALUE_ERROR) /* no errors in it */
        return count_distinct(job, run, data, column, rows, out);
    add_rows *loop = loop_of(&local, column);
    for (size_t i = 0; i < rows.count; i += COMPUTE_CHECK_ROWS) {
        size_t some = rows.count - i < COMPUTE_CHECK_ROWS ? rows.count - i : COMPUTE_CHECK_ROWS;
        loop(&local, column, rows.rows + i, some);
        RS_TRY(rs_job_checkpoint(job));
    }
    *out = compute_accumulated(&local);
    return RS_OK;
}
