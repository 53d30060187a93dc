#include "report/data/rows.h"

#include "base/buf.h"

#include <assert.h>
#include <malloc.h>
#include <math.h>

#include "base/map.h"
#include "base/vec.h"
#include "report/value/convert.h"
#include "report/value/decimal.h"

/* Columns grow in blocks, so that nothing is copied while rows arrive; data_writer_finish joins the blocks into arrays
 * of exactly the right size, column by column: the blocks of one go before those of the next are joined. */
#define BLOCK_ROWS ((size_t)16384)
#define TRIM_ROWS ((size_t)200000)

struct dictionary {
    uint64_t *slots;      /* hash in the upper half, code + 1 in the lower: texts are looked at only where hashes are equal */
    size_t slot_count;    /* a power of two; 0 at first */
    RS_VEC(rs_text) texts;
};

struct writer_column {
    rs_text name;
    uint8_t wanted;  /* enum value_kind; VALUE_NULL: as they come */
    uint8_t storage;
    uint8_t kind;
    bool has_nulls;
    size_t filled;   /* rows that have a value or a null; all below row_count are filled at the end */
    struct rs_job *build;            /* its blocks */
    RS_VEC(void *) blocks;
    RS_VEC(uint8_t *) scale_blocks;  /* DATA_SCALED: the cells are mantissas, and these their scales */
    RS_VEC(uint64_t *) null_blocks;  /* DATA_WORDS, DATA_SCALED; NULL where the block has no null */
    uint64_t largest;                /* DATA_SCALED: of the mantissas without sign */
    uint8_t least_scale, most_scale;
    bool has_scale;                  /* a decimal is there */
    struct dictionary dictionary;
    uint32_t last_code; /* of the last text: data often repeats */
};

struct data_writer {
    struct rs_job *keep;  /* names, texts and the result */
    struct rs_job *build; /* tables; ends with the writer */
    RS_VEC(struct writer_column) columns;
    size_t row_count, max_rows;
    struct value *piece;  /* rows in pieces: the values of this one; NULL: of a whole result */
    size_t piece_start;   /* row_count where it began */
};

/* Of `count` things of `step` bytes each, which begin with their name: by the name as it is, else without case. */
static ptrdiff_t find_name(const void *things, size_t count, size_t step, rs_text name)
{
    for (size_t i = 0; i < count; i++)
        if (rs_text_equal(*(const rs_text *)((const char *)things + i * step), name))
            return (ptrdiff_t)i;
    for (size_t i = 0; i < count; i++)
        if (rs_text_equal_nocase(*(const rs_text *)((const char *)things + i * step), name))
            return (ptrdiff_t)i;
    return -1;
}

ptrdiff_t data_column_find(const struct data_rows *rows, rs_text name)
{
    _Static_assert(offsetof(struct data_column, name) == 0, "find_name");
    return find_name(rows->columns, rows->column_count, sizeof *rows->columns, name);
}

ptrdiff_t data_writer_find(const struct data_writer *writer, rs_text name)
{
    _Static_assert(offsetof(struct writer_column, name) == 0, "find_name");
    return find_name(writer->columns.items, writer->columns.count, sizeof *writer->columns.items, name);
}

struct data_writer *data_writer_create(struct rs_job *job, size_t max_rows)
{
    struct rs_job *build = rs_job_create(&(struct rs_job_options){.within = job});
    struct data_writer *writer = RS_NEW(build, struct data_writer);

    writer->keep = job;
    writer->build = build;
    writer->max_rows = max_rows && max_rows < DATA_ROWS_MAX ? max_rows : DATA_ROWS_MAX;
    return writer;
}

void data_writer_destroy(struct data_writer *writer)
{
    if (!writer)
        return;
    for (size_t i = 0; i < writer->columns.count; i++) /* of a result that was not finished */
        rs_job_destroy(writer->columns.items[i].build);
    rs_job_destroy(writer->build);
}

rs_status data_writer_column(struct rs_job *job, struct data_writer *writer, rs_text name, enum value_kind kind,
                             size_t *out)
{
    struct writer_column *column;

    if (writer->columns.count == DATA_COLUMNS_MAX)
        return rs_fail(job, DATA_TOO_LARGE, "the query gives more than %u columns", DATA_COLUMNS_MAX);
    *out = writer->columns.count;
    column = rs_vec_add(writer->build, &writer->columns);
    column->name = rs_text_copy(writer->keep, name);
    column->build = rs_job_create(&(struct rs_job_options){.within = writer->build});
    column->wanted = (uint8_t)kind;
    column->last_code = DATA_NULL_CODE;
    return RS_OK;
}

/* ---- blocks ----------------------------------------------------------------------------------------- */

static const size_t cell_size[] = {[DATA_WORDS] = sizeof(int64_t), [DATA_CODES] = sizeof(uint32_t),
                                   [DATA_SCALED] = sizeof(int64_t), [DATA_VALUES] = sizeof(struct value)};
static const int64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};
#define POWERS (sizeof powers / sizeof *powers)

/* Whether the decimals so far and `v` fit words of one scale. */
static bool fits_scale(struct writer_column *column, struct value v)
{
    uint8_t least = !column->has_scale || v.scale < column->least_scale ? v.scale : column->least_scale;
    uint8_t most = v.scale > column->most_scale ? v.scale : column->most_scale;
    uint64_t largest = v.low > column->largest ? v.low : column->largest, scaled;

    if (v.high || (size_t)(most - least) >= POWERS ||
        __builtin_mul_overflow(largest, (uint64_t)powers[most - least], &scaled) || scaled > INT64_MAX)
        return false;
    column->has_scale = true;
    column->least_scale = least;
    column->most_scale = most;
    column->largest = largest;
    return true;
}

static enum data_storage storage_of(struct writer_column *column, struct value v)
{
    switch (v.kind) {
    case VALUE_BOOLEAN: case VALUE_INTEGER: case VALUE_LONG: case VALUE_SINGLE: case VALUE_DOUBLE:
    case VALUE_DATE: case VALUE_SPAN:
        return DATA_WORDS;
    case VALUE_TEXT:
        return DATA_CODES;
    case VALUE_DECIMAL:
        return fits_scale(column, v) ? DATA_SCALED : DATA_VALUES;
    default:
        return DATA_VALUES;
    }
}

static void *cell(const struct writer_column *column, size_t row)
{
    return (char *)column->blocks.items[row / BLOCK_ROWS] + row % BLOCK_ROWS * cell_size[column->storage];
}

/* Room for row `filled`, which the caller writes whole: blocks hold anything, since most results are much shorter than one. */
static void *next_cell(struct writer_column *column)
{
    if (column->filled / BLOCK_ROWS == column->blocks.count) {
        rs_vec_push(column->build, &column->blocks,
                    rs_alloc_raw(column->build, BLOCK_ROWS * cell_size[column->storage]));
        rs_vec_push(column->build, &column->null_blocks, NULL);
        if (column->storage == DATA_SCALED)
            rs_vec_push(column->build, &column->scale_blocks, rs_alloc_raw(column->build, BLOCK_ROWS));
    }
    return cell(column, column->filled++);
}

static void put_null(struct writer_column *column)
{
    size_t row = column->filled;
    uint64_t **bits;

    column->has_nulls = true;
    if (column->storage == DATA_EMPTY) {
        column->filled++;
        return;
    }
    void *at = next_cell(column);
    switch (column->storage) {
    case DATA_CODES:
        *(uint32_t *)at = DATA_NULL_CODE;
        break;
    case DATA_VALUES:
        *(struct value *)at = (struct value){.kind = VALUE_NULL, .flags = VALUE_IS_DBNULL};
        break;
    default: /* a word of 0 beside a set bit; join_scales looks at both */
        *(int64_t *)at = 0;
        if (column->storage == DATA_SCALED)
            column->scale_blocks.items[row / BLOCK_ROWS][row % BLOCK_ROWS] = 0;
        bits = &column->null_blocks.items[row / BLOCK_ROWS];
        if (!*bits)
            *bits = RS_NEW_ARRAY(column->build, uint64_t, BLOCK_ROWS / 64);
        (*bits)[row % BLOCK_ROWS / 64] |= UINT64_C(1) << row % 64;
    }
}

static void pad(struct writer_column *column, size_t rows)
{
    while (column->filled < rows)
        put_null(column);
}

/* ---- texts ------------------------------------------------------------------------------------------ */

static void dictionary_grow(struct rs_job *job, struct dictionary *d)
{
    size_t old_count = d->slot_count, mask;
    const uint64_t *old = d->slots;

    d->slot_count = old_count ? old_count * 2 : 64;
    d->slots = RS_NEW_ARRAY(job, uint64_t, d->slot_count);
    mask = d->slot_count - 1;
    for (size_t i = 0; i < old_count; i++) {
        size_t at = (size_t)(old[i] >> 32) & mask;
        if (old[i] == 0)
            continue;
        while (d->slots[at])
            at = (at + 1) & mask;
        d->slots[at] = old[i];
    }
}

static uint32_t dictionary_code(struct data_writer *writer, struct dictionary *d, rs_text text)
{
    uint64_t hash = rs_hash(text) << 32;

    if (d->texts.count * 4 >= d->slot_count * 3)
        dictionary_grow(writer->build, d);
    size_t at = (size_t)(hash >> 32) & (d->slot_count - 1);
    for (; d->slots[at]; at = (at + 1) & (d->slot_count - 1)) {
        uint32_t code = (uint32_t)d->slots[at] - 1;
        if (d->slots[at] - code - 1 == hash && rs_text_equal(d->texts.items[code], text))
            return code;
    }
    d->slots[at] = hash | (d->texts.count + 1);
    rs_vec_push(writer->build, &d->texts, rs_text_copy(writer->keep, text));
    return (uint32_t)d->texts.count - 1;
}

static uint32_t text_code(struct data_writer *writer, struct writer_column *column, rs_text text)
{
    struct dictionary *d = &column->dictionary;

    if (column->last_code == DATA_NULL_CODE || !rs_text_equal(d->texts.items[column->last_code], text))
        column->last_code = dictionary_code(writer, d, text);
    return column->last_code;
}

/* ---- values ----------------------------------------------------------------------------------------- */

static struct value decimal_of(int64_t mantissa, unsigned scale)
{
    return value_decimal_make(0, mantissa < 0 ? 0 - (uint64_t)mantissa : (uint64_t)mantissa, scale, mantissa < 0);
}

struct value data_scaled_value(const struct data_column *column, size_t row)
{
    int64_t word = column->words[row];

    if (!column->scales || column->scales[row] == column->scale)
        return decimal_of(word, column->scale);
    switch (column->scale - column->scales[row]) { /* dividing by what the compiler knows is quicker */
    case 1: return decimal_of(word / 10, column->scales[row]);
    case 2: return decimal_of(word / 100, column->scales[row]);
    default: return decimal_of(word / powers[column->scale - column->scales[row]], column->scales[row]);
    }
}

/* A row of a column that is being written. */
static struct value written_value(const struct writer_column *column, size_t row)
{
    struct data_column one = {.storage = column->storage, .kind = column->kind};

    one.words = column->blocks.items[row / BLOCK_ROWS];
    one.nulls = column->null_blocks.items[row / BLOCK_ROWS];
    one.dictionary = column->dictionary.texts.items;
    if (column->storage == DATA_SCALED && !data_is_null(&one, row % BLOCK_ROWS))
        return decimal_of(one.words[row % BLOCK_ROWS], column->scale_blocks.items[row / BLOCK_ROWS][row % BLOCK_ROWS]);
    return data_value(&one, row % BLOCK_ROWS);
}

/* Values of a second kind arrived, or decimals that do not fit words: from now on every value carries its kind. */
static void widen(struct data_writer *writer, struct writer_column *column, uint8_t kind)
{
    RS_OWNED(rs_job) before = column->build;
    struct writer_column old = *column;

    column->build = rs_job_create(&(struct rs_job_options){.within = writer->build});
    column->storage = DATA_VALUES;
    column->kind = kind;
    column->filled = 0;
    memset(&column->blocks, 0, sizeof column->blocks);
    memset(&column->null_blocks, 0, sizeof column->null_blocks);
    for (size_t row = 0; row < old.filled; row++) {
        struct value v = written_value(&old, row);
        if (v.kind == VALUE_NULL)
            put_null(column);
        else
            *(struct value *)next_cell(column) = v;
    }
}

static struct value keep_bytes(struct data_writer *writer, struct value v)
{
    rs_text copy = rs_text_copy(writer->keep, v.kind == VALUE_TEXT ? rs_text_repaired(writer->keep, value_bytes(v)) : value_bytes(v));

    v.text = copy.bytes;
    v.size = (uint32_t)copy.size;
    return v;
}

static struct value keep_value(struct data_writer *writer, struct value v)
{
    if (v.kind == VALUE_TEXT || v.kind == VALUE_BYTES || v.kind == VALUE_ERROR)
        return keep_bytes(writer, v);
    if (v.kind == VALUE_ARRAY) {
        struct value *items = RS_NEW_ARRAY(writer->keep, struct value, v.size);
        for (uint32_t i = 0; i < v.size; i++)
            items[i] = keep_value(writer, v.items[i]);
        v.items = items;
    }
    return v;
}

static void put(struct data_writer *writer, struct writer_column *column, struct value v)
{
    if (column->storage == DATA_EMPTY) { /* the first value: the nulls before it take its storage */
        size_t rows = column->filled;
        column->kind = v.kind;
        column->storage = (uint8_t)storage_of(column, v);
        column->filled = 0;
        pad(column, rows);
    } else if (v.kind != column->kind && column->kind != VALUE_KINDS) {
        if (v.kind == VALUE_LONG && column->kind == VALUE_INTEGER)
            column->kind = VALUE_LONG;
        else if (v.kind == VALUE_INTEGER && column->kind == VALUE_LONG)
            v.kind = VALUE_LONG;
        else if (column->storage == DATA_VALUES)
            column->kind = VALUE_KINDS;
        else
            widen(writer, column, VALUE_KINDS);
    } else if (column->storage == DATA_SCALED && !fits_scale(column, v)) {
        widen(writer, column, VALUE_DECIMAL);
    }
    switch (column->storage) {
    case DATA_WORDS:
        *(int64_t *)next_cell(column) = v.kind == VALUE_BOOLEAN ? v.boolean : v.integer;
        break;
    case DATA_CODES: {
        uint32_t code = text_code(writer, column, value_bytes(v));
        *(uint32_t *)next_cell(column) = code;
        break;
    }
    case DATA_SCALED:
        *(int64_t *)next_cell(column) = v.negative ? -(int64_t)v.low : (int64_t)v.low;
        column->scale_blocks.items[(column->filled - 1) / BLOCK_ROWS][(column->filled - 1) % BLOCK_ROWS] = v.scale;
        break;
    default:
        *(struct value *)next_cell(column) = keep_value(writer, v);
    }
}

/* A double that stands for a decimal of at most 4 digits behind the point: money in most databases. The double nearest
 * to a decimal of 15 digits leads back to it, so this is what rounding to 15 digits gives, in a few operations. */
static bool short_decimal(double d, struct value *out)
{
    for (unsigned scale = 0; scale < 5; scale++) {
        double power = (double)powers[scale], whole = nearbyint(d * power);
        if (!(fabs(whole) < 1e15))
            return false;
        if (whole / power == d) {
            *out = value_decimal_make(0, (uint64_t)fabs(whole), scale, whole < 0);
            return true;
        }
    }
    return false;
}

/* `v` as the kind that the field declares, or as it is where that would lose something. */
static struct value as_wanted(struct data_writer *writer, struct value v, enum value_kind wanted)
{
    const struct value_culture *invariant = value_culture_invariant();
    struct value converted;

    if (wanted == VALUE_NULL || v.kind == wanted || v.kind == VALUE_ERROR)
        return v;
    if (wanted == VALUE_TEXT) /* a number that the field calls text stays a number: nothing is gained */
        return v;
    if (v.kind == VALUE_TEXT && rs_text_is_empty(rs_text_trim(value_bytes(v))))
        return (struct value){.kind = VALUE_NULL, .flags = VALUE_IS_DBNULL};
    if (v.kind == VALUE_DOUBLE && (wanted == VALUE_INTEGER || wanted == VALUE_LONG) && v.real != floor(v.real))
        return v;
    if (v.kind == VALUE_DOUBLE && wanted == VALUE_DECIMAL && short_decimal(v.real, &converted))
        return converted;
    struct rs_mark mark = rs_job_mark(writer->keep);
    converted = value_convert(writer->keep, v, wanted, invariant);
    if (converted.kind == VALUE_ERROR || converted.kind == VALUE_NULL) {
        rs_job_reset(writer->keep, mark);
        return v;
    }
    return converted;
}

/* In a piece every value carries its kind, and texts are not told from each other. */
static void put_in_piece(struct data_writer *writer, const struct writer_column *column, size_t index, struct value v)
{
    size_t row = writer->row_count - writer->piece_start;

    v = as_wanted(writer, v, column->wanted);
    if (v.kind != VALUE_NULL)
        writer->piece[row * writer->columns.count + index] = keep_value(writer, v);
}

void data_writer_add(struct data_writer *writer, size_t index, struct value v)
{
    struct writer_column *column = &writer->columns.items[index];

    assert(index < writer->columns.count && column->filled <= writer->row_count);
    if (writer->piece) {
        if (v.kind != VALUE_NULL)
            put_in_piece(writer, column, index, v);
        return;
    }
    if (v.kind == column->kind && column->storage == DATA_WORDS && (column->wanted == VALUE_NULL || column->wanted == v.kind) &&
        column->filled == writer->row_count && column->filled % BLOCK_ROWS) { /* most values of most columns */
        ((int64_t *)column->blocks.items[column->filled / BLOCK_ROWS])[column->filled % BLOCK_ROWS] =
            v.kind == VALUE_BOOLEAN ? v.boolean : v.integer;
        column->filled++;
        return;
    }
    if (v.kind == VALUE_TEXT && column->storage == DATA_CODES && (column->wanted == VALUE_NULL || column->wanted == VALUE_TEXT) &&
        column->filled == writer->row_count && column->filled % BLOCK_ROWS) {
        uint32_t code = text_code(writer, column, value_bytes(v));
        ((uint32_t *)column->blocks.items[column->filled / BLOCK_ROWS])[column->filled % BLOCK_ROWS] = code;
        column->filled++;
        return;
    }
    pad(column, writer->row_count);
    v = v.kind == VALUE_NULL ? v : as_wanted(writer, v, column->wanted);
    if (v.kind == VALUE_NULL)
        put_null(column);
    else
        put(writer, column, v);
}

/* ---- pieces ----------------------------------------------------------------------------------------- */

void data_writer_begin_piece(struct data_writer *writer, struct rs_job *memory, size_t rows)
{
    size_t count = rows * writer->columns.count;

    writer->keep = memory;
    writer->piece = RS_NEW_ARRAY(memory, struct value, count + 1);
    writer->piece_start = writer->row_count;
    for (size_t i = 0; i < count; i++)
        writer->piece[i] = (struct value){.kind = VALUE_NULL, .flags = VALUE_IS_DBNULL};
}

struct value *data_writer_piece(const struct data_writer *writer, size_t *row_count)
{
    *row_count = writer->row_count - writer->piece_start;
    return writer->piece;
}

size_t data_writer_width(const struct data_writer *writer)
{
    return writer->columns.count;
}

void data_writer_add_text(struct data_writer *writer, size_t column, rs_text text)
{
    data_writer_add(writer, column, value_text(text));
}

rs_status data_writer_end_row(struct rs_job *job, struct data_writer *writer)
{
    if (writer->row_count == writer->max_rows)
        return rs_fail(job, DATA_TOO_MANY_ROWS, "the query gives more than the %zu rows that are allowed",
                       writer->max_rows);
    writer->row_count++;
    return rs_job_checkpoint(job);
}

/* ---- finishing -------------------------------------------------------------------------------------- */

static rs_status join_blocks(struct rs_job *job, struct data_writer *writer, const struct writer_column *from,
                             struct data_column *to)
{
    size_t size = cell_size[from->storage];
    void *cells;

    RS_TRY(rs_try_alloc(writer->keep, writer->row_count, size, &cells));
    for (size_t row = 0; row < writer->row_count; row += BLOCK_ROWS) {
        size_t rows = writer->row_count - row < BLOCK_ROWS ? writer->row_count - row : BLOCK_ROWS;
        memcpy((char *)cells + row * size, from->blocks.items[row / BLOCK_ROWS], rows * size);
        RS_TRY(rs_job_checkpoint(job));
    }
    to->words = cells;
    return RS_OK;
}

/* The words all take the largest scale; the scales are kept where they differ. */
static rs_status join_scales(struct rs_job *job, struct data_writer *writer, const struct writer_column *from, struct data_column *to)
{
    int64_t *words = (int64_t *)to->words;
    void *scales;

    to->scale = from->most_scale;
    if (from->least_scale == from->most_scale)
        return RS_OK;
    RS_TRY(rs_try_alloc(writer->keep, writer->row_count, 1, &scales));
    for (size_t row = 0; row < writer->row_count; row++) {
        uint8_t scale = from->scale_blocks.items[row / BLOCK_ROWS][row % BLOCK_ROWS];
        ((uint8_t *)scales)[row] = scale;
        if (words[row] && scale != to->scale) /* a null has no scale, and a word of 0 */
            words[row] *= powers[to->scale - scale];
    }
    to->scales = scales;
    return rs_job_checkpoint(job);
}

static const uint64_t *join_nulls(struct data_writer *writer, const struct writer_column *from)
{
    uint64_t *nulls = RS_NEW_ARRAY(writer->keep, uint64_t, (writer->row_count + 63) / 64);

    for (size_t row = 0; row < writer->row_count; row += BLOCK_ROWS) {
        size_t rows = writer->row_count - row < BLOCK_ROWS ? writer->row_count - row : BLOCK_ROWS;
        const uint64_t *block = from->null_blocks.items[row / BLOCK_ROWS];
        if (block)
            memcpy(nulls + row / 64, block, (rows + 63) / 64 * sizeof *nulls);
    }
    return nulls;
}

static rs_status finish_column(struct rs_job *job, struct data_writer *writer, struct writer_column *from,
                               struct data_column *to)
{
    pad(from, writer->row_count);
    to->name = from->name;
    to->storage = from->storage;
    to->kind = from->kind;
    if (from->storage == DATA_EMPTY)
        return RS_OK;
    RS_TRY(join_blocks(job, writer, from, to));
    if (from->storage == DATA_SCALED)
        RS_TRY(join_scales(job, writer, from, to));
    if ((from->storage == DATA_WORDS || from->storage == DATA_SCALED) && from->has_nulls)
        to->nulls = join_nulls(writer, from);
    if (from->storage == DATA_CODES) {
        size_t count = from->dictionary.texts.count;
        rs_text *texts = RS_NEW_ARRAY(writer->keep, rs_text, count);
        for (size_t i = 0; i < count; i++) /* a database may hold anything; output is UTF-8 */
            texts[i] = rs_text_repaired(writer->keep, from->dictionary.texts.items[i]);
        to->dictionary = texts;
        to->dictionary_count = (uint32_t)count;
    }
    return RS_OK;
}

rs_status data_writer_finish(struct rs_job *job, struct data_writer *writer, struct data_rows **out)
{
    struct data_rows *rows = RS_NEW(writer->keep, struct data_rows);
    struct data_column *columns = RS_NEW_ARRAY(writer->keep, struct data_column, writer->columns.count);

    for (size_t i = 0; i < writer->columns.count; i++) {
        RS_TRY(finish_column(job, writer, &writer->columns.items[i], &columns[i]));
        rs_job_destroy(rs_move(writer->columns.items[i].build));
        if (writer->row_count >= TRIM_ROWS)
            malloc_trim(0); /* or the blocks stay beside the arrays: twice the rows at the peak */
    }
    rows->row_count = writer->row_count;
    rows->column_count = writer->columns.count;
    rows->columns = columns;
    *out = rows;
    return RS_OK;
}
