/* report/data/rows.h - the result of a query: a column store, and how one is written.
 *
 * A column whose values have one kind keeps them packed: text as codes into a dictionary of its distinct texts, whole
 * numbers, doubles and dates as words, decimals as words of one scale. Grouping, sorting and totals read these arrays
 * directly; everything else asks data_value. Read-only once finished.
 */
#ifndef REPORT_DATA_ROWS_H
#define REPORT_DATA_ROWS_H

#include "base/job.h"
#include "report/value/value.h"

#define DATA_COLUMNS_MAX 4096u
#define DATA_ROWS_MAX ((size_t)100 * 1000 * 1000)  /* where the caller gives no limit */
#define DATA_TEXT_MAX ((size_t)1024 * 1024 * 1024) /* bytes of one value */

enum data_storage {
    DATA_EMPTY,  /* every value is null */
    DATA_WORDS,  /* VALUE_BOOLEAN, INTEGER, LONG, SINGLE, DOUBLE, DATE, SPAN */
    DATA_CODES,  /* VALUE_TEXT */
    DATA_SCALED, /* VALUE_DECIMAL that fits a word: words[row] / 10^scale */
    DATA_VALUES, /* longer VALUE_DECIMAL and all others; of several kinds where `kind` is VALUE_KINDS */
};

#define DATA_NULL_CODE UINT32_MAX /* null in DATA_CODES */

struct data_column {
    rs_text name;
    uint8_t storage;         /* enum data_storage */
    uint8_t kind;            /* enum value_kind of every value that is not null; VALUE_KINDS: of several kinds */
    union {
        const int64_t *words;
        const double *reals; /* VALUE_SINGLE and VALUE_DOUBLE */
        const uint32_t *codes;
        const struct value *values;
    };
    uint8_t scale;           /* DATA_SCALED: digits behind the point of every word */
    const uint8_t *scales;   /* DATA_SCALED: digits that the value of a row has, 9.50 or 9.5; NULL: all have `scale` */
    const uint64_t *nulls;   /* DATA_WORDS, DATA_SCALED: a bit per row, set where null; NULL where none is */
    const rs_text *dictionary; /* DATA_CODES: distinct, in order of first appearance */
    uint32_t dictionary_count;
};

struct data_rows {
    size_t row_count;
    size_t column_count;
    const struct data_column *columns;
};

static inline bool data_is_null(const struct data_column *column, size_t row)
{
    switch (column->storage) {
    case DATA_WORDS: case DATA_SCALED: return column->nulls && (column->nulls[row >> 6] >> (row & 63) & 1);
    case DATA_CODES: return column->codes[row] == DATA_NULL_CODE;
    case DATA_VALUES: return column->values[row].kind == VALUE_NULL;
    default: return true;
    }
}

/* The decimal of a row that is not null. */
struct value data_scaled_value(const struct data_column *column, size_t row);

/* The value of one row; its text is the column's. Requires row < row_count. */
static inline struct value data_value(const struct data_column *column, size_t row)
{
    if (column->storage == DATA_VALUES)
        return column->values[row];
    if (data_is_null(column, row))
        return (struct value){.kind = VALUE_NULL, .flags = VALUE_IS_DBNULL};
    if (column->storage == DATA_SCALED)
        return data_scaled_value(column, row);
    if (column->storage == DATA_CODES)
        return value_text(column->dictionary[column->codes[row]]);
    struct value v = {.kind = column->kind};
    v.integer = column->words[row]; /* every member of the union has 8 bytes but `boolean` */
    if (v.kind == VALUE_BOOLEAN)
        v.boolean = column->words[row] != 0;
    return v;
}

/* By name as it is, else without case; -1 where there is none. */
ptrdiff_t data_column_find(const struct data_rows *rows, rs_text name);

/* ---- writing ---------------------------------------------------------------------------------------- */

struct data_writer;

/* `max_rows` 0: DATA_ROWS_MAX. What is under construction is given back by data_writer_destroy. */
struct data_writer *data_writer_create(struct rs_job *job, size_t max_rows);
void data_writer_destroy(struct data_writer *writer);
RS_OWNED_BY(data_writer, data_writer_destroy)

/* A further column, null in the rows so far. `kind`: what values are converted to where that loses nothing (a
 * field's declared type); VALUE_NULL keeps them as they come. Fails past DATA_COLUMNS_MAX. */
RS_CHECKED rs_status data_writer_column(struct rs_job *job, struct data_writer *writer, rs_text name,
                                        enum value_kind kind, size_t *out);

/* The value of `column` in the row under construction; one that is not given is null. Text is copied. At most one
 * per row and column. */
void data_writer_add(struct data_writer *writer, size_t column, struct value v);
void data_writer_add_text(struct data_writer *writer, size_t column, rs_text text);

/* The row is whole. A checkpoint. Fails with DATA_TOO_MANY_ROWS. */
RS_CHECKED rs_status data_writer_end_row(struct rs_job *job, struct data_writer *writer);

/* ---- rows in pieces: instead of a whole result ---- */

/* The rows that come next are a piece of at most `rows`, whose values live in `memory`; the columns are there. Errors of
 * data_writer_end_row stay with its own job. */
void data_writer_begin_piece(struct data_writer *writer, struct rs_job *memory, size_t rows);
/* Its values, row by row. */
struct value *data_writer_piece(const struct data_writer *writer, size_t *row_count);

size_t data_writer_width(const struct data_writer *writer);                    /* columns */
ptrdiff_t data_writer_find(const struct data_writer *writer, rs_text name);    /* as data_column_find */

/* *out lives as long as the job the writer was made with. */
RS_CHECKED rs_status data_writer_finish(struct rs_job *job, struct data_writer *writer, struct data_rows **out);

#endif
