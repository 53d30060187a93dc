/* Parameters of ODBC statements. */
#include "report/data/odbc.h"

#include <stdlib.h>

#include "base/vec.h"
#include "report/value/date.h"
#include "report/value/decimal.h"
#include "report/value/format.h"

#define LONG_TEXT 4000 /* units; longer ones are not nvarchar */

struct bound_cell {
    SQLLEN size; /* bytes, or SQL_NULL_DATA */
    union {
        SQLBIGINT integer;
        SQLDOUBLE real;
        SQLCHAR bit;
        SQL_TIMESTAMP_STRUCT stamp;
        SQLCHAR decimal[VALUE_DECIMAL_TEXT_SIZE + 1];
    };
};

struct how { /* the arguments of SQLBindParameter */
    SQLSMALLINT c_type, sql_type;
    SQLULEN size;
    SQLSMALLINT digits;
    SQLPOINTER data;
    SQLLEN room;
};

static void bind_wide(struct rs_job *job, rs_text text, struct bound_cell *cell, struct how *how)
{
    size_t units;

    how->data = odbc_wide(job, text, &units);
    how->c_type = SQL_C_WCHAR;
    how->sql_type = units > LONG_TEXT ? SQL_WLONGVARCHAR : SQL_WVARCHAR;
    how->size = units ? units : 1;
    how->room = (SQLLEN)((units + 1) * sizeof(SQLWCHAR));
    cell->size = (SQLLEN)(units * sizeof(SQLWCHAR));
}

static void bind_date(int64_t ticks, struct bound_cell *cell, struct how *how)
{
    struct value_date_parts p;

    value_date_split(ticks, &p);
    cell->stamp = (SQL_TIMESTAMP_STRUCT){(SQLSMALLINT)p.year, (SQLUSMALLINT)p.month, (SQLUSMALLINT)p.day, (SQLUSMALLINT)p.hour,
                                         (SQLUSMALLINT)p.minute, (SQLUSMALLINT)p.second,
                                         (SQLUINTEGER)(p.ticks / 10000 * 1000000)}; /* milliseconds: what datetime keeps */
    cell->size = sizeof cell->stamp;
    *how = (struct how){SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, 23, 3, &cell->stamp, sizeof cell->stamp};
}

static void describe(struct rs_job *job, struct value v, struct bound_cell *cell, struct how *how)
{
    switch (v.kind) {
    case VALUE_NULL:
        *how = (struct how){SQL_C_WCHAR, SQL_WVARCHAR, 1, 0, NULL, 0};
        cell->size = SQL_NULL_DATA;
        break;
    case VALUE_BOOLEAN:
        cell->bit = v.boolean;
        cell->size = 1;
        *how = (struct how){SQL_C_BIT, SQL_BIT, 1, 0, &cell->bit, 1};
        break;
    case VALUE_INTEGER: case VALUE_LONG:
        cell->integer = v.integer;
        cell->size = sizeof cell->integer;
        *how = (struct how){SQL_C_SBIGINT, v.kind == VALUE_LONG ? SQL_BIGINT : SQL_INTEGER, v.kind == VALUE_LONG ? 19 : 10, 0,
                            &cell->integer, sizeof cell->integer};
        break;
    case VALUE_SINGLE: case VALUE_DOUBLE:
        cell->real = v.real;
        cell->size = sizeof cell->real;
        *how = (struct how){SQL_C_DOUBLE, SQL_DOUBLE, 53, 0, &cell->real, sizeof cell->real};
        break;
    case VALUE_DECIMAL:
        cell->size = (SQLLEN)value_decimal_write(v, (char *)cell->decimal);
        *how = (struct how){SQL_C_CHAR, SQL_DECIMAL, 29, v.scale, cell->decimal, sizeof cell->decimal};
        break;
    case VALUE_DATE:
        bind_date(v.ticks, cell, how);
        break;
    case VALUE_BYTES:
        cell->size = v.size;
        *how = (struct how){SQL_C_BINARY, v.size > 8000 ? SQL_LONGVARBINARY : SQL_VARBINARY, v.size ? v.size : 1, 0,
                            (SQLPOINTER)(uintptr_t)(v.text ? v.text : ""), (SQLLEN)v.size};
        break;
    default:
        bind_wide(job, v.kind == VALUE_TEXT ? value_bytes(v) : value_to_text(job, value_culture_invariant(), v), cell, how);
    }
}

rs_status odbc_bind(struct odbc_run *run, const struct value *values, size_t count)
{
    struct bound_cell *cells = RS_NEW_ARRAY(run->job, struct bound_cell, count + 1);

    for (size_t i = 0; i < count; i++) {
        struct how how = {0};
        describe(run->job, values[i], &cells[i], &how);
        if (!SQL_SUCCEEDED(SQLBindParameter(run->statement, (SQLUSMALLINT)(i + 1), SQL_PARAM_INPUT, how.c_type, how.sql_type,
                                            how.size, how.digits, how.data, how.room, &cells[i].size)))
            return odbc_query_failed(run);
    }
    return RS_OK;
}

/* ---- T-SQL ------------------------------------------------------------------------------------------ */

/* The type that SqlClient would declare. */
static void add_type(rs_buf *out, struct value v)
{
    switch (v.kind) {
    case VALUE_BOOLEAN: rs_buf_add_literal(out, "bit"); break;
    case VALUE_INTEGER: rs_buf_add_literal(out, "int"); break;
    case VALUE_LONG: rs_buf_add_literal(out, "bigint"); break;
    case VALUE_SINGLE: case VALUE_DOUBLE: rs_buf_add_literal(out, "float"); break;
    case VALUE_DECIMAL: rs_buf_printf(out, "decimal(29,%u)", v.scale); break;
    case VALUE_DATE: rs_buf_add_literal(out, "datetime"); break;
    case VALUE_BYTES: rs_buf_add_literal(out, "varbinary(max)"); break;
    case VALUE_TEXT: rs_buf_add(out, v.size > LONG_TEXT ? RS_TEXT("nvarchar(max)") : RS_TEXT("nvarchar(4000)")); break;
    default: rs_buf_add_literal(out, "nvarchar(4000)");
    }
}

static void add_literal_text(rs_buf *out, rs_text text)
{
    rs_buf_add_literal(out, "N'");
    for (size_t i = 0; i < text.size; i++) {
        if (text.bytes[i] == '\'')
            rs_buf_add_byte(out, '\'');
        rs_buf_add_byte(out, text.bytes[i]);
    }
    rs_buf_add_byte(out, '\'');
}

struct batch {
    rs_buf declarations, arguments;
    RS_VEC(struct value) values;
    RS_VEC(struct data_parameter) stand_ins; /* what the markers of the text become */
};

static void declare(struct rs_job *job, struct batch *batch, rs_text name, struct value v)
{
    rs_buf_printf(&batch->declarations, "%s@%.*s ", batch->values.count ? ", " : "", RS_TEXT_ARG(name));
    add_type(&batch->declarations, v);
    rs_buf_printf(&batch->arguments, ", @%.*s = ?", RS_TEXT_ARG(name));
    rs_vec_push(job, &batch->values, v);
}

/* A list is declared as one parameter for each of its values; "IN (@p)" names them all. */
static rs_text declare_parameter(struct rs_job *job, struct batch *batch, size_t number, rs_text name, struct value v)
{
    rs_buf names = rs_buf_in(job);

    if (rs_text_is_empty(name))
        name = rs_text_format(job, "P%zu", number + 1);
    if (v.kind != VALUE_ARRAY) {
        declare(job, batch, name, v);
        return rs_text_format(job, "@%.*s", RS_TEXT_ARG(name));
    }
    for (uint32_t i = 0; i < v.size; i++) {
        rs_text one = rs_text_format(job, "%.*s_%u", RS_TEXT_ARG(name), i + 1);
        declare(job, batch, one, v.items[i]);
        rs_buf_printf(&names, "%s@%.*s", i ? "," : "", RS_TEXT_ARG(one));
    }
    return v.size ? rs_buf_text(&names) : RS_TEXT("NULL");
}

rs_status odbc_tsql_batch(struct rs_job *job, const struct data_query *query, rs_text *text, const struct value **values, size_t *count)
{
    static const struct data_dialect dialect = {.markers = DATA_MARKS_AS_TEXT, .brackets_quote = true, .has_variables = true};
    struct batch batch = {.declarations = rs_buf_in(job), .arguments = rs_buf_in(job)};
    rs_buf out = rs_buf_in(job);
    struct data_bound bound;

    for (size_t i = 0; i < query->parameter_count; i++) {
        rs_text name = data_parameter_name(query->parameters[i].name);
        struct value v = query->parameters[i].value;
        if (!rs_text_is_empty(name))
            RS_TRY(data_sql_name(job, name, &name));
        if ((v.kind == VALUE_ARRAY ? v.size : 1) + batch.values.count > 2000)
            return rs_fail(job, DATA_QUERY_PARAMETER, "the parameters of the query have more than 2000 values, which SQL Server does not take");
        rs_text used = declare_parameter(job, &batch, i, name, v);
        rs_vec_push(job, &batch.stand_ins, (struct data_parameter){query->parameters[i].name, value_text(used)});
    }
    RS_TRY(data_sql_bind(job, &dialect, query->text, batch.stand_ins.items, batch.stand_ins.count, &bound));
    rs_buf_add_literal(&out, "EXEC sp_executesql ");
    add_literal_text(&out, bound.text);
    if (batch.values.count) {
        rs_buf_add_literal(&out, ", ");
        add_literal_text(&out, rs_buf_text(&batch.declarations));
        rs_buf_add(&out, rs_buf_text(&batch.arguments));
    }
    *text = rs_buf_text(&out);
    *values = batch.values.items;
    *count = batch.values.count;
    return RS_OK;
}
