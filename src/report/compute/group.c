/* Grouping rows: every key column becomes small numbers in order of first appearance, several columns are joined pair
 * by pair, and one counting sort brings the rows of each group together.
 *
 * Tables are indexed directly where the possible values are few for the number of rows (codes of texts, whole numbers
 * close together), else hashed.
 */
#include "report/compute/internal.h"
#include "report/value/date.h"

struct grouping {
    struct rs_job *job, *scratch;
    struct compute_run *run;
    struct compute_data *data;
    struct compute_rows rows;
};

struct numbers {
    uint32_t *ids; /* by place in rows */
    uint32_t count;
};

static rs_status checkpoint(struct grouping *g, size_t i)
{
    return i % COMPUTE_CHECK_ROWS == 0 ? rs_job_checkpoint(g->job) : RS_OK;
}

/* A table may have so many entries without costing more than the rows do. */
static bool worth_a_table(const struct grouping *g, uint64_t entries)
{
    return entries <= (uint64_t)g->rows.count * 4 + 64;
}

static inline uint64_t mix(uint64_t x)
{
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    x ^= x >> 32;
    return x;
}

/* ---- numbers by key --------------------------------------------------------------------------------- */

typedef uint64_t key_of(const void *source, size_t place);

/* Keys below `limit`: table[key] is the complement of the number, so that 0 is free and larger than every number. Without a
 * branch: where half of the keys are new it would be guessed wrong every other time. */
static inline __attribute__((always_inline)) rs_status by_table(struct grouping *g, key_of *key, const void *source, uint64_t limit, struct numbers *out)
{
    uint32_t *table = RS_NEW_ARRAY(g->scratch, uint32_t, limit + 1), count = 0;

    for (size_t i = 0; i < g->rows.count; i++) {
        uint32_t *entry = &table[key(source, i)], number = ~*entry < count ? ~*entry : count;
        RS_TRY(checkpoint(g, i));
        *entry = ~number;
        out->ids[i] = number;
        count += number == count;
    }
    out->count = count;
    return RS_OK;
}

struct slot {
    uint64_t key;
    uint32_t number; /* + 1; 0 = free */
};

static inline __attribute__((always_inline)) rs_status by_hash(struct grouping *g, key_of *key, const void *source, struct numbers *out)
{
    size_t slots = 16;
    struct slot *table;

    while (slots < g->rows.count * 2)
        slots *= 2;
    table = RS_NEW_ARRAY(g->scratch, struct slot, slots);
    for (size_t i = 0; i < g->rows.count; i++) {
        uint64_t k = key(source, i);
        size_t at = mix(k) & (slots - 1);
        RS_TRY(checkpoint(g, i));
        while (table[at].number && table[at].key != k)
            at = (at + 1) & (slots - 1);
        if (!table[at].number)
            table[at] = (struct slot){k, ++out->count};
        out->ids[i] = table[at].number - 1;
    }
    return RS_OK;
}

/* ---- columns ---------------------------------------------------------------------------------------- */

struct code_source {
    const uint32_t *rows, *codes, *canon;
    uint32_t null_key;
};

static inline uint64_t code_key(const void *source, size_t place)
{
    const struct code_source *s = source;
    uint32_t code = s->codes[s->rows[place]];

    return code == DATA_NULL_CODE ? s->null_key : s->canon[code];
}

struct word_source {
    const struct data_column *column;
    const uint32_t *rows;
    int64_t least;
    uint64_t null_key;
    bool whole_days;
};

static inline uint64_t word_key(const void *source, size_t place)
{
    const struct word_source *s = source;
    size_t row = s->rows[place];

    if (data_is_null(s->column, row))
        return s->null_key;
    uint64_t above = (uint64_t)s->column->words[row] - (uint64_t)s->least;
    return s->whole_days ? above / VALUE_TICKS_PER_DAY : above;
}

static inline uint64_t real_key(const void *source, size_t place)
{
    const struct word_source *s = source;
    size_t row = s->rows[place];

    if (data_is_null(s->column, row))
        return s->null_key;
    /* Minus zero is zero; every NaN is one. The null key is the bits of a NaN that is not among them. */
    if (s->column->reals[row] == 0)
        return 0;
    return s->column->reals[row] != s->column->reals[row] ? UINT64_C(0x7ff8000000000000) : (uint64_t)s->column->words[row];
}

struct ordinal_source {
    const uint32_t *rows, *keys;
};

static inline uint64_t ordinal_key(const void *source, size_t place)
{
    const struct ordinal_source *s = source;

    return s->keys[s->rows[place]];
}

/* Rows that come in the order of their keys need no table. False, early, where they do not. */
static bool by_runs(const struct grouping *g, const struct ordinal_source *s, struct numbers *out)
{
    uint32_t number = 0;

    for (size_t i = 0; i < g->rows.count; i++) {
        if (i && s->keys[s->rows[i]] < s->keys[s->rows[i - 1]])
            return false;
        number += i && s->keys[s->rows[i]] != s->keys[s->rows[i - 1]];
        out->ids[i] = number;
    }
    out->count = g->rows.count ? number + 1 : 0;
    return true;
}

static rs_status number_any(struct grouping *g, const struct data_column *column, struct numbers *out);

static rs_status number_words(struct grouping *g, const struct data_column *column, struct numbers *out)
{
    struct word_source source = {column, g->rows.rows, INT64_MAX, UINT64_C(0x7ff8000000000001), column->kind == VALUE_DATE};
    const struct compute_keys *keys;
    int64_t most = INT64_MIN;

    RS_TRY(compute_keys_of(g->job, g->run, g->data, column, g->rows.count, &keys));
    if (keys) {
        struct ordinal_source ordinal = {g->rows.rows, keys->keys};
        if (by_runs(g, &ordinal, out))
            return rs_job_checkpoint(g->job);
        return worth_a_table(g, keys->limit) ? by_table(g, ordinal_key, &ordinal, keys->limit, out)
                                             : by_hash(g, ordinal_key, &ordinal, out);
    }
    if (column->kind == VALUE_DOUBLE || column->kind == VALUE_SINGLE)
        return by_hash(g, real_key, &source, out);
    for (size_t i = 0; i < g->rows.count; i++) {
        int64_t word = column->words[g->rows.rows[i]];
        if (data_is_null(column, g->rows.rows[i]))
            continue;
        source.least = word < source.least ? word : source.least;
        most = word > most ? word : most;
        source.whole_days = source.whole_days && word % VALUE_TICKS_PER_DAY == 0;
    }
    if (most < source.least)
        most = source.least = 0; /* nothing but nulls */
    uint64_t range = (uint64_t)most - (uint64_t)source.least;
    if (source.whole_days) /* dates without times lie close together once they are counted in days */
        range /= VALUE_TICKS_PER_DAY;
    if (worth_a_table(g, range)) {
        source.null_key = range + 1;
        return by_table(g, word_key, &source, range + 2, out);
    }
    if (range == UINT64_MAX) /* no key is left for null */
        return number_any(g, column, out);
    source.null_key = range + 1;
    return by_hash(g, word_key, &source, out);
}

static rs_status number_codes(struct grouping *g, const struct data_column *column, struct numbers *out)
{
    const struct compute_texts *texts = compute_texts_canon(g->run, g->data, column);
    struct code_source source = {g->rows.rows, column->codes, texts->canon, column->dictionary_count};

    return worth_a_table(g, column->dictionary_count)
               ? by_table(g, code_key, &source, (uint64_t)column->dictionary_count + 1, out)
               : by_hash(g, code_key, &source, out);
}

static inline uint64_t whole_key(const void *source, size_t place)
{
    return (uint64_t)((const int64_t *)source)[place];
}

/* Columns of several kinds, and decimals too long for a word: by the value itself. */
static rs_status number_any(struct grouping *g, const struct data_column *column, struct numbers *out)
{
    const struct value_collation *collation = g->data->collation;
    size_t slots = 16;
    struct {
        uint32_t number, row;
    } *table;

    while (slots < g->rows.count * 2)
        slots *= 2;
    table = rs_alloc_array(g->scratch, slots, sizeof *table);
    for (size_t i = 0; i < g->rows.count; i++) {
        struct value v = data_value(column, g->rows.rows[i]);
        size_t at = compute_hash(collation, v) & (slots - 1);
        RS_TRY(checkpoint(g, i));
        while (table[at].number && !value_group_equal(collation, data_value(column, table[at].row), v))
            at = (at + 1) & (slots - 1);
        if (!table[at].number) {
            table[at].number = ++out->count;
            table[at].row = g->rows.rows[i];
        }
        out->ids[i] = table[at].number - 1;
    }
    return RS_OK;
}

static rs_status number_values(struct grouping *g, const struct data_column *column, struct numbers *out)
{
    const int64_t *whole;

    RS_TRY(compute_decimal_keys(g->job, g->scratch, column, g->rows.rows, g->rows.count, &whole));
    return whole ? by_hash(g, whole_key, whole, out) : number_any(g, column, out);
}

static rs_status number_column(struct grouping *g, const struct data_column *column, struct numbers *out)
{
    void *ids;

    out->count = 0;
    if (rs_try_alloc(g->scratch, g->rows.count, sizeof(uint32_t), &ids) != RS_OK)
        return rs_job_adopt(g->job, g->scratch);
    out->ids = ids;
    switch (column->storage) {
    case DATA_CODES:
        return number_codes(g, column, out);
    case DATA_WORDS: case DATA_SCALED:
        return number_words(g, column, out);
    case DATA_VALUES:
        return number_values(g, column, out);
    default:
        out->count = g->rows.count ? 1 : 0;
        return RS_OK;
    }
}

/* ---- joining and counting --------------------------------------------------------------------------- */

struct pair_source {
    const uint32_t *outer, *inner;
    uint64_t inner_count;
};

static inline uint64_t pair_key(const void *source, size_t place)
{
    const struct pair_source *s = source;

    return s->outer[place] * s->inner_count + s->inner[place];
}

static rs_status join(struct grouping *g, const struct numbers *outer, const struct numbers *inner, struct numbers *out)
{
    struct pair_source source = {outer->ids, inner->ids, inner->count};
    uint64_t limit = (uint64_t)outer->count * inner->count;
    void *ids;

    out->count = 0;
    if (rs_try_alloc(g->scratch, g->rows.count, sizeof(uint32_t), &ids) != RS_OK)
        return rs_job_adopt(g->job, g->scratch);
    out->ids = ids;
    return worth_a_table(g, limit) ? by_table(g, pair_key, &source, limit + 1, out)
                                   : by_hash(g, pair_key, &source, out);
}

static bool in_order(const uint32_t *ids, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (ids[i] < ids[i - 1])
            return false;
    return true;
}

/* Groups of rows that stand together already: only where each begins is to be found. */
static void collect_runs(const struct grouping *g, const struct numbers *numbers, uint32_t *starts, struct compute_groups *out)
{
    for (size_t i = 0; i < g->rows.count; i++)
        starts[numbers->ids[i] + 1] = (uint32_t)i + 1;
    *out = (struct compute_groups){numbers->count, starts, g->rows.rows};
}

static rs_status collect(struct grouping *g, const struct numbers *numbers, struct rs_job *memory, struct compute_groups *out)
{
    uint32_t *starts = RS_NEW_ARRAY(memory, uint32_t, (size_t)numbers->count + 2);
    void *rows;

    if (in_order(numbers->ids, g->rows.count)) {
        collect_runs(g, numbers, starts, out);
        return rs_job_checkpoint(g->job);
    }
    if (rs_try_alloc(memory, g->rows.count, sizeof(uint32_t), &rows) != RS_OK)
        return memory == g->job ? rs_job_status(memory) : rs_job_adopt(g->job, memory);
    /* starts[n + 1] first counts group n, then becomes where its next row goes, and ends as where n + 1 begins. */
    for (size_t i = 0; i < g->rows.count; i++)
        starts[numbers->ids[i] + 2]++;
    for (uint32_t n = 2, sum = 0; n <= numbers->count; n++)
        starts[n] = sum += starts[n];
    for (size_t i = 0; i < g->rows.count; i++)
        ((uint32_t *)rows)[starts[numbers->ids[i] + 1]++] = g->rows.rows[i];
    *out = (struct compute_groups){numbers->count, starts, rows};
    return rs_job_checkpoint(g->job);
}

rs_status compute_group_rows(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                             struct compute_rows rows, const struct data_column *const *columns, size_t column_count,
                             struct rs_job *memory, struct compute_groups *out)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
    struct grouping g = {job, scratch, run, data, rows};
    struct numbers numbers, inner, joined;

    RS_TRY(number_column(&g, columns[0], &numbers));
    for (size_t i = 1; i < column_count; i++) {
        RS_TRY(number_column(&g, columns[i], &inner));
        RS_TRY(join(&g, &numbers, &inner, &joined));
        numbers = joined;
    }
    return collect(&g, &numbers, memory, out);
}

rs_status compute_count_distinct(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                                 struct compute_rows rows, const struct data_column *column, size_t *out)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
    struct grouping g = {job, scratch, run, data, rows};
    struct numbers numbers;
    bool has_null = false;

    RS_TRY(number_column(&g, column, &numbers));
    for (size_t i = 0; i < rows.count && !has_null; i++)
        has_null = data_is_null(column, rows.rows[i]);
    *out = numbers.count - has_null;
    return RS_OK;
}
