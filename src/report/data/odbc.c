/* The ODBC provider, and all that reach their database through an ODBC driver: SQL Server, Oracle, MySQL, DB2 and others.
 *
 * Wide calls throughout, so that no text passes through the character set of a locale. Rows come in blocks. A driver
 * waits inside its own calls: a second thread (odbc_guard) cancels them.
 */
#include "report/data/odbc.h"

#include <stdlib.h>

#include "base/vec.h"
#include "report/data/odbc_guard.h"
#include "report/data/providers.h"

#define CONNECT_TIMEOUT_S 15
#define MESSAGES_MAX 4      /* diagnostic records told of one failure */
#define MESSAGE_UNITS 512
#define STRING_UNITS 1024   /* the completed connection string, which nobody reads */

/* ---- what the driver says ---------------------------------------------------------------------------- */

static void add_without(rs_buf *out, rs_text text, rs_text secret)
{
    ptrdiff_t at;

    while (secret.size > 0 && (at = rs_text_find(text, secret)) >= 0) {
        rs_buf_add(out, rs_text_slice(text, 0, (size_t)at));
        rs_buf_add_literal(out, "***");
        text = rs_text_from_offset(text, (size_t)at + secret.size);
    }
    rs_buf_add(out, text);
}

/* Report what the driver says about `handle`, or the stop of the job that made it say so. */
static rs_status odbc_failed(struct rs_job *job, const struct odbc_state *state, SQLSMALLINT kind, SQLHANDLE handle, rs_status status)
{
    rs_buf text = rs_buf_in(job), all = rs_buf_in(job);
    SQLWCHAR code[6] = {0}, message[MESSAGE_UNITS];
    SQLSMALLINT units;
    SQLINTEGER native;

    for (SQLSMALLINT i = 1; i <= MESSAGES_MAX; i++) {
        if (!SQL_SUCCEEDED(SQLGetDiagRecW(kind, handle, i, code, &native, message, MESSAGE_UNITS, &units)))
            break;
        if (code[0] == 'H' && code[1] == 'Y' && code[2] == 'T') /* HYT00, HYT01 */
            status = RS_TIMEOUT;
        rs_buf_add(&text, i > 1 ? RS_TEXT("; ") : RS_TEXT(""));
        odbc_add_narrow(&text, message, (size_t)(units < MESSAGE_UNITS - 1 ? units : MESSAGE_UNITS - 1));
    }
    add_without(&all, rs_text_trim(rs_buf_text(&text)), state->password);
    rs_text why = rs_buf_text(&all);
    return rs_fail(job, status, "%.*s", RS_TEXT_ARG(why));
}

rs_status odbc_query_failed(struct odbc_run *run)
{
    RS_TRY(data_checkpoint_timed(run->job, run->watch)); /* it was stopped */
    return odbc_failed(run->job, run->state, SQL_HANDLE_STMT, run->statement, DATA_QUERY);
}

/* ---- connecting ------------------------------------------------------------------------------------- */

static void odbc_close(void *object)
{
    struct odbc_state *state = object;

    if (state->connection) {
        SQLEndTran(SQL_HANDLE_DBC, state->connection, state->is_broken ? SQL_ROLLBACK : SQL_COMMIT);
        SQLDisconnect(state->connection);
        SQLFreeHandle(SQL_HANDLE_DBC, state->connection);
    }
    if (state->environment)
        SQLFreeHandle(SQL_HANDLE_ENV, state->environment);
}

static void list_drivers(struct rs_job *job, SQLHENV environment, struct odbc_drivers *out)
{
    RS_VEC(rs_text) names = {0};
    SQLWCHAR name[256], attributes[16];
    SQLSMALLINT units, ignored;

    for (SQLUSMALLINT direction = SQL_FETCH_FIRST;
         SQL_SUCCEEDED(SQLDriversW(environment, direction, name, 256, &units, attributes, 16, &ignored));
         direction = SQL_FETCH_NEXT) {
        rs_buf text = rs_buf_in(job);
        odbc_add_narrow(&text, name, (size_t)(units < 255 ? units : 255));
        rs_vec_push(job, &names, rs_buf_text(&text));
    }
    *out = (struct odbc_drivers){names.items, names.count};
}

static rs_status make_handles(struct rs_job *job, struct odbc_state *state)
{
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &state->environment)) ||
        !SQL_SUCCEEDED(SQLSetEnvAttr(state->environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0)) ||
        !SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, state->environment, &state->connection)))
        return rs_fail(job, DATA_CONNECT, "the ODBC driver manager does not start");
    return RS_OK;
}

static rs_text text_info(struct rs_job *job, const struct odbc_state *state, SQLUSMALLINT which)
{
    SQLWCHAR wide[128];
    SQLSMALLINT bytes = 0;
    rs_buf text = rs_buf_in(job);

    if (SQL_SUCCEEDED(SQLGetInfoW(state->connection, which, wide, sizeof wide, &bytes)) && bytes > 0)
        odbc_add_narrow(&text, wide, (size_t)bytes < sizeof wide ? (size_t)bytes / sizeof *wide : sizeof wide / sizeof *wide - 1);
    return rs_buf_text(&text);
}

static void ask_server(struct rs_job *job, struct odbc_state *state)
{
    SQLUINTEGER extensions = 0;

    state->server = odbc_server_find(text_info(job, state, SQL_DBMS_NAME));
    SQLGetInfoW(state->connection, SQL_GETDATA_EXTENSIONS, &extensions, sizeof extensions, NULL);
    state->reads_blocks = extensions & SQL_GD_BLOCK;
}

static rs_text password_of(const struct data_source *source)
{
    struct data_settings settings;
    rs_text password = source->password;
    RS_OWNED(rs_job) scratch = rs_job_create(NULL);

    if (rs_text_is_empty(password) && data_connect_parse(scratch, source->connect_string, &settings) == RS_OK &&
        (data_setting(&settings, RS_TEXT("Password"), &password) || data_setting(&settings, RS_TEXT("PWD"), &password))) {
        ptrdiff_t at = rs_text_find(source->connect_string, password);
        return at < 0 ? RS_TEXT("") : rs_text_slice(source->connect_string, (size_t)at, password.size);
    }
    return source->password;
}

static rs_status connect_driver(struct rs_job *job, struct odbc_state *state, rs_text string, unsigned timeout_s)
{
    int64_t left = rs_job_time_left_ms(job) / 1000 + 1;
    SQLWCHAR completed[STRING_UNITS];
    SQLSMALLINT completed_units;
    size_t units;

    if (timeout_s == 0 || (int64_t)timeout_s > left)
        timeout_s = (unsigned)(left < CONNECT_TIMEOUT_S ? left : CONNECT_TIMEOUT_S);
    SQLSetConnectAttrW(state->connection, SQL_ATTR_LOGIN_TIMEOUT, (SQLPOINTER)(uintptr_t)timeout_s, SQL_IS_UINTEGER);
    SQLWCHAR *wide = odbc_wide(job, string, &units);
    SQLRETURN result = SQLDriverConnectW(state->connection, NULL, wide, (SQLSMALLINT)units, completed, STRING_UNITS, &completed_units, SQL_DRIVER_NOPROMPT);
    explicit_bzero(completed, sizeof completed);
    explicit_bzero(wide, units * sizeof *wide);
    if (SQL_SUCCEEDED(result))
        return RS_OK;
    odbc_failed(job, state, SQL_HANDLE_DBC, state->connection, DATA_CONNECT);
    SQLFreeHandle(SQL_HANDLE_DBC, state->connection); /* there is nothing to disconnect */
    state->connection = NULL;
    return rs_job_status(job);
}

static rs_status odbc_open(struct rs_job *job, const struct data_source *source, void **out)
{
    struct odbc_state *state = RS_NEW(job, struct odbc_state);
    struct odbc_drivers drivers;
    unsigned timeout_s = 0;
    rs_text string;

    state->password = rs_text_copy(job, password_of(source));
    *out = state;
    RS_TRY(make_handles(job, state));
    list_drivers(job, state->environment, &drivers);
    RS_TRY(odbc_connect_string(job, source, &drivers, &string, &timeout_s));
    if (string.size > 32000)
        return rs_fail(job, DATA_CONNECT_STRING, "the connection string is longer than ODBC takes");
    RS_TRY(rs_job_checkpoint(job));
    RS_TRY(connect_driver(job, state, string, timeout_s));
    ask_server(job, state);
    if (source->transaction)
        SQLSetConnectAttrW(state->connection, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, SQL_IS_UINTEGER);
    return RS_OK;
}

static unsigned odbc_ignores(const void *object)
{
    const struct odbc_state *state = object;

    return state->server->ignores;
}

/* ---- statements ------------------------------------------------------------------------------------- */

/* "{call name(?, ?)}", or "EXEC name @a = ?, @b = ?" where parameters are passed by name. */
static rs_status procedure_text(struct odbc_run *run, rs_text *text, const struct value **values, size_t *count)
{
    const struct data_query *query = run->query;
    struct value *given = RS_NEW_ARRAY(run->job, struct value, query->parameter_count + 1);
    bool by_name = run->state->server->takes_names;
    rs_buf call = rs_buf_in(run->job);
    rs_text name;

    RS_TRY(data_sql_name(run->job, query->text, &name));
    rs_buf_printf(&call, "%s%.*s%s", by_name ? "EXEC " : "{call ", RS_TEXT_ARG(name), by_name ? " " : "(");
    for (size_t i = 0; i < query->parameter_count; i++) {
        rs_text parameter = data_parameter_name(query->parameters[i].name);
        given[i] = data_sql_joined(run->job, query->parameters[i].value);
        rs_buf_add(&call, i ? RS_TEXT(", ") : RS_TEXT(""));
        if (by_name && !rs_text_is_empty(parameter)) {
            RS_TRY(data_sql_name(run->job, parameter, &parameter));
            rs_buf_printf(&call, "@%.*s = ", RS_TEXT_ARG(parameter));
        }
        rs_buf_add_byte(&call, '?');
    }
    rs_buf_add(&call, by_name ? RS_TEXT("") : RS_TEXT(")}"));
    *text = rs_buf_text(&call);
    *values = given;
    *count = query->parameter_count;
    return RS_OK;
}

static rs_status statement_text(struct odbc_run *run, rs_text *text, const struct value **values, size_t *count)
{
    const struct data_query *query = run->query;
    struct data_bound bound;
    rs_text name;

    *values = NULL;
    *count = 0;
    switch (query->command) {
    case DATA_COMMAND_PROCEDURE:
        return procedure_text(run, text, values, count);
    case DATA_COMMAND_TABLE:
        RS_TRY(data_sql_name(run->job, query->text, &name));
        *text = rs_text_format(run->job, "SELECT * FROM %.*s", RS_TEXT_ARG(name));
        return RS_OK;
    default:
        if (run->state->server->takes_names && query->parameter_count)
            return odbc_tsql_batch(run->job, query, text, values, count);
        RS_TRY(data_sql_bind(run->job, &run->state->server->dialect, query->text, query->parameters, query->parameter_count, &bound));
        *text = bound.text;
        *values = bound.values;
        *count = bound.count;
        return RS_OK;
    }
}

/* The first result that has columns; before it stand the counts of statements that changed something. */
static rs_status first_result(struct odbc_run *run, SQLRETURN result)
{
    SQLSMALLINT columns = 0;

    for (;;) {
        if (result == SQL_NO_DATA)
            return rs_fail(run->job, DATA_QUERY, "the query gives no result");
        if (!SQL_SUCCEEDED(result))
            return odbc_query_failed(run);
        if (SQL_SUCCEEDED(SQLNumResultCols(run->statement, &columns)) && columns > 0)
            return RS_OK;
        RS_TRY(data_checkpoint_timed(run->job, run->watch));
        result = SQLMoreResults(run->statement);
    }
}

/* A query and the rows of it that were not asked for yet. */
struct odbc_cursor {
    struct odbc_run run;
    struct odbc_guard guard;
    struct odbc_block *block;
    bool is_whole; /* everything that was asked for came */
};

static rs_status run_statement(struct odbc_run *run)
{
    int64_t left = rs_job_time_left_ms(run->watch);
    const struct value *values;
    size_t count, units;
    rs_text text;
    SQLRETURN result;

    RS_TRY(statement_text(run, &text, &values, &count));
    RS_TRY(odbc_bind(run, values, count));
    if (left < INT32_MAX) /* the driver's own limit comes after ours, for drivers that cannot be cancelled */
        SQLSetStmtAttrW(run->statement, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)(uintptr_t)(left / 1000 + 2), SQL_IS_UINTEGER);
    SQLWCHAR *wide = odbc_wide(run->job, text, &units);
    result = SQLExecDirectW(run->statement, wide, (SQLINTEGER)units);
    return first_result(run, result);
}

/* The cursor calls the driver for these jobs: not whole until that came to its end. */
static void work_for(struct odbc_cursor *cursor, struct rs_job *job, struct rs_job *watch, struct data_writer *writer)
{
    cursor->run.job = job;
    cursor->run.watch = watch;
    cursor->run.writer = writer;
    cursor->is_whole = false;
    odbc_guard_watch(&cursor->guard, watch);
}

static rs_status odbc_begin(struct rs_job *job, struct rs_job *watch, void *object, const struct data_query *query,
                            struct data_writer *writer, void **out)
{
    struct odbc_state *state = object;
    struct odbc_cursor *cursor = RS_NEW(job, struct odbc_cursor);

    if (state->is_broken)
        return rs_fail(job, DATA_CONNECT, "the connection was given up when an earlier query on it was stopped");
    RS_TRY(data_checkpoint_timed(job, watch));
    cursor->run = (struct odbc_run){.state = state, .query = query};
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, state->connection, &cursor->run.statement)))
        return odbc_failed(job, state, SQL_HANDLE_DBC, state->connection, DATA_QUERY);
    odbc_guard_begin(&cursor->guard, cursor->run.statement);
    *out = cursor;
    work_for(cursor, job, watch, writer);
    rs_status status = run_statement(&cursor->run);
    if (status == RS_OK)
        status = odbc_rows_begin(&cursor->run, &cursor->block);
    odbc_guard_watch(&cursor->guard, NULL);
    return status;
}

static rs_status odbc_read(struct rs_job *job, struct rs_job *watch, void *object, struct data_writer *writer, size_t count,
                           bool *more)
{
    struct odbc_cursor *cursor = object;

    work_for(cursor, job, watch, writer);
    rs_status status = odbc_rows_read(cursor->block, count, more);
    odbc_guard_watch(&cursor->guard, NULL);
    cursor->is_whole = status == RS_OK && !*more;
    return status;
}

static void odbc_end(void *object)
{
    struct odbc_cursor *cursor = object;

    odbc_guard_end(&cursor->guard);
    if (!cursor->is_whole) {
        cursor->run.state->is_broken = true; /* what its cursor is in the middle of is not worth finding out */
        SQLCancel(cursor->run.statement);
    }
    odbc_rows_finish(cursor->block);
    SQLFreeHandle(SQL_HANDLE_STMT, cursor->run.statement);
}

const struct data_provider data_odbc = {
    .ignores = DATA_IGNORES_ASK,
    .one_query = true,
    .open = odbc_open,
    .close = odbc_close,
    .ignores_of = odbc_ignores,
    .begin = odbc_begin,
    .read = odbc_read,
    .end = odbc_end,
};
