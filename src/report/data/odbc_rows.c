/* Rows of an ODBC result: columns bound to arrays and fetched in blocks; one by one and value by value (SQLGetData) where
 * a column has no limit that could be bound, or the driver's limits are not to be relied on.
 */
#include "report/data/odbc.h"

#include <stdlib.h>

#include "report/value/convert.h"
#include "report/value/date.h"
#include "report/value/decimal.h"

#define BLOCK_BYTES ((size_t)4 * 1024 * 1024) /* of all arrays of a block */
#define BLOCK_ROWS_MAX 1000u
#define BOUND_UNITS_MAX 32768u              /* a column that may hold more is not bound */
#define PIECE_BYTES ((size_t)64 * 1024)     /* of SQLGetData */

#define SQL_SS_TIME2 (-154)
#define SQL_SS_TIMESTAMPOFFSET (-155)

enum reading { READ_TEXT, READ_BYTES, READ_LONG, READ_DOUBLE, READ_BIT, READ_DECIMAL, READ_STAMP, READ_SPAN, READ_OFFSET, READ_GUID };

/* How values of an SQL type come, and what kind they are. */
struct type_row {
    SQLSMALLINT sql_type, c_type;
    uint8_t reading, kind;
};
static const struct type_row type_rows[] = {
    {SQL_BIT, SQL_C_BIT, READ_BIT, VALUE_BOOLEAN},
    {SQL_TINYINT, SQL_C_SBIGINT, READ_LONG, VALUE_INTEGER}, {SQL_SMALLINT, SQL_C_SBIGINT, READ_LONG, VALUE_INTEGER},
    {SQL_INTEGER, SQL_C_SBIGINT, READ_LONG, VALUE_INTEGER}, {SQL_BIGINT, SQL_C_SBIGINT, READ_LONG, VALUE_LONG},
    {SQL_REAL, SQL_C_DOUBLE, READ_DOUBLE, VALUE_SINGLE}, {SQL_FLOAT, SQL_C_DOUBLE, READ_DOUBLE, VALUE_DOUBLE},
    {SQL_DOUBLE, SQL_C_DOUBLE, READ_DOUBLE, VALUE_DOUBLE},
    {SQL_NUMERIC, SQL_C_CHAR, READ_DECIMAL, VALUE_DECIMAL}, {SQL_DECIMAL, SQL_C_CHAR, READ_DECIMAL, VALUE_DECIMAL},
    {SQL_TYPE_DATE, SQL_C_TYPE_TIMESTAMP, READ_STAMP, VALUE_DATE}, {SQL_DATE, SQL_C_TYPE_TIMESTAMP, READ_STAMP, VALUE_DATE},
    {SQL_TYPE_TIMESTAMP, SQL_C_TYPE_TIMESTAMP, READ_STAMP, VALUE_DATE}, {SQL_TIMESTAMP, SQL_C_TYPE_TIMESTAMP, READ_STAMP, VALUE_DATE},
    {SQL_TYPE_TIME, SQL_C_CHAR, READ_SPAN, VALUE_SPAN}, {SQL_TIME, SQL_C_CHAR, READ_SPAN, VALUE_SPAN},
    {SQL_SS_TIME2, SQL_C_CHAR, READ_SPAN, VALUE_SPAN}, {SQL_SS_TIMESTAMPOFFSET, SQL_C_CHAR, READ_OFFSET, VALUE_OFFSET},
    {SQL_GUID, SQL_C_CHAR, READ_GUID, VALUE_TEXT},
    {SQL_BINARY, SQL_C_BINARY, READ_BYTES, VALUE_BYTES}, {SQL_VARBINARY, SQL_C_BINARY, READ_BYTES, VALUE_BYTES},
    {SQL_LONGVARBINARY, SQL_C_BINARY, READ_BYTES, VALUE_BYTES},
};
static const struct type_row other_type = {SQL_UNKNOWN_TYPE, SQL_C_WCHAR, READ_TEXT, VALUE_TEXT};

struct odbc_column {
    size_t column; /* of the writer */
    const struct type_row *type;
    uint8_t kind;
    size_t cell;   /* bytes of one value in `cells`; 0 where it has no limit */
    char *cells;
    SQLLEN *sizes; /* bytes of each value, or SQL_NULL_DATA */
};

struct odbc_block {
    struct odbc_run *run;
    struct odbc_column *columns;
    size_t column_count, row_count; /* rows of a block; 0: value by value */
    SQLULEN fetched; /* rows that it holds; */
    size_t at;       /* the next of them to be written */
    bool at_end;
    struct rs_job *scratch;
    char *piece; /* PIECE_BYTES, for single values */
};

/* ---- describing ------------------------------------------------------------------------------------- */

static size_t cell_size(const struct odbc_column *column, SQLULEN size)
{
    switch (column->type->reading) {
    case READ_TEXT: return size == 0 || size > BOUND_UNITS_MAX ? 0 : (size_t)(size * 2 + 1) * sizeof(SQLWCHAR); /* two units each */
    case READ_BYTES: return size == 0 || size > BOUND_UNITS_MAX ? 0 : (size_t)size;
    case READ_STAMP: return sizeof(SQL_TIMESTAMP_STRUCT);
    case READ_LONG: return sizeof(SQLBIGINT);
    case READ_DOUBLE: return sizeof(SQLDOUBLE);
    case READ_BIT: return 1;
    case READ_DECIMAL: return 136; /* PostgreSQL's numeric without limits has more digits than it says */
    default: return 64;
    }
}

static rs_status describe_column(struct odbc_block *b, size_t i)
{
    struct odbc_run *run = b->run;
    struct odbc_column *column = &b->columns[i];
    SQLWCHAR name[256];
    SQLSMALLINT units, type, digits, nullable;
    SQLLEN is_unsigned = SQL_FALSE;
    SQLULEN size;
    rs_buf text = rs_buf_in(run->job);

    if (!SQL_SUCCEEDED(SQLDescribeColW(run->statement, (SQLUSMALLINT)(i + 1), name, 256, &units, &type, &size, &digits, &nullable)))
        return odbc_query_failed(run);
    odbc_add_narrow(&text, name, (size_t)(units < 255 ? units : 255));
    column->type = &other_type;
    for (size_t j = 0; j < sizeof type_rows / sizeof *type_rows; j++)
        if (type_rows[j].sql_type == type)
            column->type = &type_rows[j];
    column->kind = column->type->kind;
    if (column->type->reading == READ_LONG &&
        SQL_SUCCEEDED(SQLColAttributeW(run->statement, (SQLUSMALLINT)(i + 1), SQL_DESC_UNSIGNED, NULL, 0, NULL, &is_unsigned)) &&
        is_unsigned == SQL_TRUE && type == SQL_INTEGER)
        column->kind = VALUE_LONG;
    column->cell = cell_size(column, size);
    enum value_kind wanted = data_field_kind(run->query, rs_buf_text(&text));
    return data_writer_column(run->job, run->writer, rs_buf_text(&text), wanted == VALUE_NULL ? (enum value_kind)column->kind : wanted, &column->column);
}

static rs_status describe(struct odbc_block *b)
{
    size_t row_bytes = 0;
    bool is_bound = !b->run->state->server->long_values_lie;

    for (size_t i = 0; i < b->column_count; i++) {
        RS_TRY(describe_column(b, i));
        is_bound &= b->columns[i].cell != 0;
        row_bytes += b->columns[i].cell + sizeof(SQLLEN);
    }
    if (!is_bound)
        return RS_OK;
    b->row_count = BLOCK_BYTES / row_bytes;
    b->row_count = b->row_count > BLOCK_ROWS_MAX ? BLOCK_ROWS_MAX : b->row_count ? b->row_count : 1;
    return RS_OK;
}

static rs_status bind_columns(struct odbc_block *b)
{
    SQLHSTMT statement = b->run->statement;

    if (!SQL_SUCCEEDED(SQLSetStmtAttrW(statement, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)(uintptr_t)b->row_count, 0)))
        b->row_count = 1;
    SQLSetStmtAttrW(statement, SQL_ATTR_ROWS_FETCHED_PTR, &b->fetched, 0);
    for (size_t i = 0; i < b->column_count; i++) {
        struct odbc_column *column = &b->columns[i];
        column->cells = rs_alloc_array(b->run->job, b->row_count, column->cell);
        column->sizes = RS_NEW_ARRAY(b->run->job, SQLLEN, b->row_count);
        if (!SQL_SUCCEEDED(SQLBindCol(statement, (SQLUSMALLINT)(i + 1), column->type->c_type, column->cells, (SQLLEN)column->cell, column->sizes)))
            return odbc_query_failed(b->run);
    }
    return RS_OK;
}

/* ---- values ----------------------------------------------------------------------------------------- */

static struct value read_stamp(const void *cell)
{
    SQL_TIMESTAMP_STRUCT s;
    int64_t ticks;

    memcpy(&s, cell, sizeof s);
    struct value_date_parts parts = {s.year, s.month, s.day, s.hour, s.minute, s.second, (int)(s.fraction / 100)};
    return value_date_join(&parts, &ticks) ? value_date(ticks) : value_null();
}

static struct value read_decimal(rs_text text)
{
    struct value v;
    double d;

    if (value_decimal_parse(text, &v) && v.kind == VALUE_DECIMAL)
        return v;
    return value_parse_double(text, value_culture_invariant(), &d) ? value_double(d) : value_text(text);
}

static struct value read_value(struct rs_job *scratch, const struct odbc_column *column, const void *cell, size_t size)
{
    rs_text text = rs_text_trim(rs_text_of(cell, size));
    rs_buf narrow = rs_buf_in(scratch);
    struct value v;
    SQLBIGINT integer;
    int64_t ticks;
    int minutes;

    switch (column->type->reading) {
    case READ_TEXT:
        odbc_add_narrow(&narrow, cell, size / sizeof(SQLWCHAR));
        return value_text(rs_buf_text(&narrow));
    case READ_BYTES:
        v = value_text(rs_text_of(cell, size));
        v.kind = VALUE_BYTES;
        return v;
    case READ_LONG:
        memcpy(&integer, cell, sizeof integer);
        return column->kind == VALUE_LONG ? value_long(integer) : value_integer((int32_t)integer);
    case READ_DOUBLE:
        v = value_null();
        memcpy(&v.real, cell, sizeof v.real);
        v.kind = column->kind;
        return v;
    case READ_BIT:
        return value_boolean(*(const char *)cell != 0);
    case READ_DECIMAL:
        return read_decimal(text);
    case READ_STAMP:
        return read_stamp(cell);
    case READ_SPAN:
        return value_span_parse(text, &ticks) ? value_span(ticks) : value_text(text);
    case READ_OFFSET:
        if (value_date_parse(text, NULL, &ticks, &minutes))
            return value_offset(ticks, minutes == VALUE_NO_OFFSET ? 0 : minutes);
        return value_text(text);
    default:
        return value_text(rs_text_lower(scratch, text));
    }
}

/* ---- one value by SQLGetData -------------------------------------------------------------------------- */

/* In pieces, until the driver says it was the last; a value of one piece is borrowed from it. */
static rs_status get_long(struct odbc_block *b, size_t i, bool *has, rs_text *out)
{
    const struct odbc_column *column = &b->columns[i];
    size_t end = column->type->c_type == SQL_C_BINARY ? 0 : column->type->c_type == SQL_C_WCHAR ? sizeof(SQLWCHAR) : 1;
    size_t room = PIECE_BYTES - end;
    rs_buf all = rs_buf_in(b->scratch);
    SQLLEN size = 0;

    for (*has = false;;) {
        SQLRETURN result = SQLGetData(b->run->statement, (SQLUSMALLINT)(i + 1), column->type->c_type, b->piece, (SQLLEN)PIECE_BYTES, &size);
        if (result == SQL_NO_DATA)
            break;
        if (!SQL_SUCCEEDED(result))
            return odbc_query_failed(b->run);
        if (size == SQL_NULL_DATA)
            return RS_OK;
        bool is_last = size != SQL_NO_TOTAL && (size_t)size <= room;
        rs_text piece = rs_text_of(b->piece, is_last ? (size_t)size : room);
        if ((is_last && !*has) || column->type->reading > READ_BYTES) {
            *has = true;
            *out = piece;
            return RS_OK;
        }
        *has = true;
        rs_buf_add(&all, piece);
        if (all.used > DATA_TEXT_MAX)
            return rs_fail(b->run->job, DATA_TOO_LARGE, "a value has more than %zu bytes", DATA_TEXT_MAX);
        if (is_last)
            break;
        RS_TRY(data_checkpoint(b->run->job, b->run->watch));
    }
    *out = rs_buf_text(&all);
    return RS_OK;
}

static rs_status write_row_by_value(struct odbc_block *b)
{
    rs_text bytes;
    bool has;

    for (size_t i = 0; i < b->column_count; i++) {
        RS_TRY(get_long(b, i, &has, &bytes));
        if (has)
            data_writer_add(b->run->writer, b->columns[i].column,
                            read_value(b->scratch, &b->columns[i], bytes.bytes ? bytes.bytes : "", bytes.size));
    }
    return RS_OK;
}

/* ---- a block ---------------------------------------------------------------------------------------- */

/* A value that is longer than its column said: whole, where the driver gives single values of a block. */
static rs_status write_truncated(struct odbc_block *b, size_t row, size_t i)
{
    rs_text bytes;
    bool has;

    if (!b->run->state->reads_blocks || !SQL_SUCCEEDED(SQLSetPos(b->run->statement, (SQLSETPOSIROW)(row + 1), SQL_POSITION, SQL_LOCK_NO_CHANGE)))
        return rs_fail(b->run->job, DATA_TOO_LARGE, "column %zu holds a value that is longer than the ODBC driver says its values are; "
                       "convert it to a longer type in the query", i + 1);
    RS_TRY(get_long(b, i, &has, &bytes));
    data_writer_add(b->run->writer, b->columns[i].column, read_value(b->scratch, &b->columns[i], bytes.bytes, bytes.size));
    return RS_OK;
}

static rs_status write_row(struct odbc_block *b, size_t row)
{
    for (size_t i = 0; i < b->column_count; i++) {
        const struct odbc_column *column = &b->columns[i];
        SQLLEN size = column->sizes[row];
        size_t end = column->type->reading == READ_TEXT ? sizeof(SQLWCHAR) : 0;
        if (size == SQL_NULL_DATA)
            continue;
        if (column->type->reading <= READ_BYTES && (size == SQL_NO_TOTAL || (size_t)size > column->cell - end))
            RS_TRY(write_truncated(b, row, i));
        else
            data_writer_add(b->run->writer, column->column, read_value(b->scratch, column, column->cells + row * column->cell,
                            (size_t)size < column->cell ? (size_t)size : column->cell));
    }
    return RS_OK;
}

/* Rows that were fetched, at most `count`. */
static rs_status write_block(struct odbc_block *b, size_t count, size_t *written)
{
    struct rs_mark mark = rs_job_mark(b->scratch);

    for (; b->at < b->fetched && *written < count; b->at++, ++*written) {
        RS_TRY(b->row_count ? write_row(b, b->at) : write_row_by_value(b));
        rs_job_reset(b->scratch, mark);
        RS_TRY(data_writer_end_row(b->run->job, b->run->writer));
    }
    return RS_OK;
}

static rs_status fetch(struct odbc_block *b)
{
    SQLRETURN result = SQLFetch(b->run->statement);

    b->at = 0;
    b->at_end = result == SQL_NO_DATA;
    if (b->at_end)
        return RS_OK;
    if (!SQL_SUCCEEDED(result))
        return odbc_query_failed(b->run);
    if (!b->row_count)
        b->fetched = 1;
    return data_checkpoint(b->run->job, b->run->watch);
}

rs_status odbc_rows_begin(struct odbc_run *run, struct odbc_block **out)
{
    struct odbc_block *b = RS_NEW(run->job, struct odbc_block);
    SQLSMALLINT count = 0;

    *b = (struct odbc_block){.run = run, .scratch = rs_job_create(&(struct rs_job_options){.within = run->job})};
    *out = b;
    SQLNumResultCols(run->statement, &count);
    b->column_count = (size_t)count;
    b->piece = rs_alloc(run->job, PIECE_BYTES);
    b->columns = RS_NEW_ARRAY(run->job, struct odbc_column, b->column_count + 1);
    RS_TRY(describe(b));
    return b->row_count ? bind_columns(b) : RS_OK;
}

rs_status odbc_rows_read(struct odbc_block *b, size_t count, bool *more)
{
    for (size_t written = 0; !b->at_end && written < count;) {
        if (b->at == b->fetched)
            RS_TRY(fetch(b));
        if (!b->at_end)
            RS_TRY(write_block(b, count, &written));
    }
    *more = !b->at_end;
    return RS_OK;
}

void odbc_rows_finish(struct odbc_block *b)
{
    if (b)
        rs_job_destroy(b->scratch);
}
