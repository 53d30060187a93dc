/* The PostgreSQL provider: libpq, without a blocking call, so that a deadline or a cancelled request ends a query on the
 * server too.
 *
 * A query is prepared first: that gives its columns, and says which parameters need a type. Rows come one by one
 * (single-row mode), so the client holds no second copy of the result; in binary where every column's type is known
 * here, else as text. What the extended protocol refuses (several statements in one text) goes through the simple one.
 *
 * A result is read only as far as it is asked for: what libpq holds is what one read of the socket gave, and behind that
 * the server waits.
 */
#include <libpq-fe.h>
#include <poll.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "report/data/postgres.h"
#include "report/data/providers.h"
#include "report/value/format.h"

#define STATEMENT_GRACE_MS 2000 /* the server's own timeout comes after ours: for a cancel that does not get through */

struct postgres_state {
    PGconn *connection;
    unsigned command_timeout_s;
    bool transaction;
    bool has_timeout; /* statement_timeout is set */
    bool is_broken;   /* a query was left unfinished */
};

struct postgres_run { /* one query */
    struct rs_job *job, *watch; /* of the call that is at work */
    struct postgres_state *state;
    const struct data_query *query;
    struct data_writer *writer;
    struct data_bound bound;
    bool is_split;       /* every marker has a number of its own */
    Oid *types;          /* of the parameters */
    const char **values; /* in their text format; bytes in the binary one */
    int *sizes, *formats;
    struct postgres_column *columns; /* of the first result that has any */
    PGresult *result;    /* rows from `row` on are not written yet; NULL: none */
    int row;
    bool is_last;        /* the data set's rows end with `result` */
};

static void result_clear(PGresult **result)
{
    PQclear(*result);
}
#define OWNED_RESULT __attribute__((cleanup(result_clear))) PGresult *

/* ---- connecting ------------------------------------------------------------------------------------- */

/* A transaction in which nothing failed is kept: procedures may have written something. */
static void postgres_close(void *object)
{
    struct postgres_state *state = object;

    if (state->connection && !state->is_broken && PQtransactionStatus(state->connection) == PQTRANS_INTRANS)
        PQclear(PQexec(state->connection, "COMMIT"));
    PQfinish(state->connection);
}

static void no_notice(void *data, const char *message)
{
    (void)data, (void)message;
}

/* libpq's messages say host, port and user, and end in a line feed; never a password. */
static rs_status connect_failed(struct rs_job *job, struct postgres_state *state)
{
    rs_text why = rs_text_trim(rs_text_from(state->connection ? PQerrorMessage(state->connection) : "no memory"));

    return rs_fail(job, DATA_CONNECT, "cannot connect to PostgreSQL: %.*s", RS_TEXT_ARG(why));
}

static rs_status wait_until_connected(struct rs_job *job, struct rs_job *timed, struct postgres_state *state)
{
    PostgresPollingStatusType poll_status = PGRES_POLLING_WRITING;

    while (poll_status != PGRES_POLLING_OK) {
        if (poll_status == PGRES_POLLING_FAILED)
            return connect_failed(job, state);
        RS_TRY(data_wait(job, timed, PQsocket(state->connection), poll_status == PGRES_POLLING_READING ? POLLIN : POLLOUT));
        poll_status = PQconnectPoll(state->connection);
    }
    return RS_OK;
}

static rs_status postgres_open(struct rs_job *job, const struct data_source *source, void **out)
{
    struct postgres_state *state = RS_NEW(job, struct postgres_state);
    RS_OWNED(rs_job) timed = NULL;
    struct postgres_options options;

    RS_TRY(postgres_options_make(job, source, &options));
    state->command_timeout_s = options.command_timeout_s;
    state->transaction = source->transaction;
    *out = state; /* to be closed even where it is not opened */
    state->connection = PQconnectStartParams(options.keywords, options.values, 1);
    if (!state->connection || PQstatus(state->connection) == CONNECTION_BAD)
        return connect_failed(job, state);
    PQsetNoticeProcessor(state->connection, no_notice, NULL);
    timed = rs_job_create(&(struct rs_job_options){
        .within = job,
        .deadline_ms = options.connect_timeout_s ? rs_clock_steady_ms() + (int64_t)options.connect_timeout_s * 1000 : 0});
    RS_TRY(wait_until_connected(job, timed, state));
    return RS_OK;
}

/* ---- talking ---------------------------------------------------------------------------------------- */

/* A query is still running on the server: have it stopped, and use the connection no more. */
static void stop_query(struct postgres_state *state)
{
    PGcancel *cancel = PQgetCancel(state->connection);
    char why[256];

    state->is_broken = true;
    if (cancel)
        PQcancel(cancel, why, sizeof why);
    PQfreeCancel(cancel);
}

static rs_status query_failed(struct postgres_run *run, const PGresult *result)
{
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
    const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    rs_text text = run->bound.text;
    unsigned line = 0;

    if (position) { /* in characters of what was sent; its lines are those of the query */
        size_t at = 0;
        line = 1;
        for (long left = atol(position); left > 1 && at < text.size; left--)
            line += rs_text_next(text, &at) == '\n';
    }
    if (!message)
        message = result ? PQresultErrorMessage(result) : PQerrorMessage(run->state->connection);
    rs_text why = rs_text_trim(rs_text_from(message));
    if (line)
        return rs_fail(run->job, DATA_QUERY, "%.*s (line %u of the query)%s%s", RS_TEXT_ARG(why), line, hint ? "; " : "", hint ? hint : "");
    return rs_fail(run->job, DATA_QUERY, "%.*s%s%s%s%s", RS_TEXT_ARG(why), detail ? "; " : "", detail ? detail : "",
                   hint ? "; " : "", hint ? hint : "");
}

/* What was sent is on its way and the next result is there, or the last was: then *out is NULL. */
static rs_status next_result(struct postgres_run *run, PGresult **out)
{
    PGconn *connection = run->state->connection;
    int unsent = PQflush(connection);

    while (unsent > 0 || PQisBusy(connection)) {
        if (data_wait(run->job, run->watch, PQsocket(connection), unsent > 0 ? POLLIN | POLLOUT : POLLIN) != RS_OK) {
            stop_query(run->state);
            return rs_job_status(run->job);
        }
        if (!PQconsumeInput(connection) || (unsent > 0 && (unsent = PQflush(connection)) < 0))
            return query_failed(run, NULL);
    }
    *out = PQgetResult(connection);
    return RS_OK;
}

/* The only result of what was sent. */
static rs_status one_result(struct postgres_run *run, PGresult **out)
{
    RS_TRY(next_result(run, out));
    for (PGresult *more = *out; more;) {
        if (next_result(run, &more) != RS_OK)
            return rs_job_status(run->job);
        if (more) {
            PQclear(*out);
            *out = more;
        }
    }
    return *out ? RS_OK : query_failed(run, NULL);
}

static rs_status command(struct postgres_run *run, const char *text)
{
    OWNED_RESULT result = NULL;

    if (!PQsendQuery(run->state->connection, text))
        return query_failed(run, NULL);
    RS_TRY(one_result(run, &result));
    return PQresultStatus(result) == PGRES_COMMAND_OK ? RS_OK : query_failed(run, result);
}

/* ---- parameters ------------------------------------------------------------------------------------- */

static void set_value(struct postgres_run *run, size_t i)
{
    struct value v = run->bound.values[i];
    char iso[VALUE_DATE_TEXT_MAX];

    run->formats[i] = 0;
    switch (v.kind) {
    case VALUE_NULL:
        run->values[i] = NULL;
        return;
    case VALUE_BYTES:
        run->values[i] = v.text ? v.text : "";
        run->sizes[i] = (int)v.size;
        run->formats[i] = 1;
        return;
    case VALUE_BOOLEAN:
        run->values[i] = v.boolean ? "t" : "f";
        return;
    case VALUE_DATE:
        run->values[i] = rs_text_terminated(run->job, rs_text_of(iso, value_date_write_iso(v.ticks, iso)));
        return;
    default:
        run->values[i] = rs_text_terminated(run->job, v.kind == VALUE_TEXT
                                                          ? value_bytes(v) : value_to_text(run->job, value_culture_invariant(), v));
    }
}

static rs_status set_values(struct postgres_run *run)
{
    size_t count = run->bound.count;

    run->types = RS_NEW_ARRAY(run->job, Oid, count + 1);
    run->values = RS_NEW_ARRAY(run->job, const char *, count + 1);
    run->sizes = RS_NEW_ARRAY(run->job, int, count + 1);
    run->formats = RS_NEW_ARRAY(run->job, int, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct value v = run->bound.values[i];
        if (v.kind == VALUE_TEXT && memchr(v.text ? v.text : "", 0, v.size))
            return rs_fail(run->job, DATA_QUERY_PARAMETER, "value %zu of the query's parameters holds a zero character, "
                           "which PostgreSQL does not take", i + 1);
        run->types[i] = postgres_type_of(v, false);
        set_value(run, i);
    }
    return RS_OK;
}

static rs_status bind_text(struct postgres_run *run, const struct data_dialect *with)
{
    const struct data_query *query = run->query;

    RS_TRY(data_sql_bind(run->job, with, query->text, query->parameters, query->parameter_count, &run->bound));
    return set_values(run);
}

/* A statement that the server could not prepare may be one with other types of its parameters: a place that says no
 * type ("$1 IS NULL") gets the value's own; a place where the value's type does not fit decides itself; places that want
 * different types of one parameter ("$1 IS NULL OR n = $1") become parameters of their own. */
static rs_status try_other_types(struct postgres_run *run, const PGresult *result, bool *relaxed, bool *again)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *dollar = message ? strchr(message, '$') : NULL;
    size_t number = dollar ? (size_t)atol(dollar + 1) : 0;

    *again = false;
    if (!state)
        return RS_OK;
    if (strcmp(state, "42P18") == 0 && number >= 1 && number <= run->bound.count && run->types[number - 1] == 0) {
        run->types[number - 1] = postgres_type_of(run->bound.values[number - 1], true);
        *again = true;
    } else if (strcmp(state, "42P08") == 0 && !run->is_split && run->query->command == DATA_COMMAND_TEXT) {
        run->is_split = *again = true;
        return bind_text(run, &data_dialect_postgres_split);
    } else if (!*relaxed && (strcmp(state, "42883") == 0 || strcmp(state, "42804") == 0 || strcmp(state, "42725") == 0 ||
                             strcmp(state, "42846") == 0)) {
        *relaxed = true;
        *again = run->bound.count > 0;
        for (size_t i = 0; i < run->bound.count; i++)
            run->types[i] = 0;
    }
    return RS_OK;
}

/* ---- statements ------------------------------------------------------------------------------------- */

static bool has_state(const PGresult *result, const char *wanted)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    return state && strcmp(state, wanted) == 0;
}

/* *out is NULL where the text is prepared, else the server's refusal. */
static rs_status prepare(struct postgres_run *run, PGresult **out)
{
    bool relaxed = false;

    for (size_t attempt = 0;; attempt++) {
        OWNED_RESULT result = NULL;
        if (run->state->transaction)
            RS_TRY(command(run, "SAVEPOINT bindery"));
        if (!PQsendPrepare(run->state->connection, "", rs_text_terminated(run->job, run->bound.text), (int)run->bound.count,
                           run->types))
            return query_failed(run, NULL);
        RS_TRY(one_result(run, &result));
        bool is_prepared = PQresultStatus(result) == PGRES_COMMAND_OK;
        if (run->state->transaction && !is_prepared)
            RS_TRY(command(run, "ROLLBACK TO SAVEPOINT bindery"));
        if (is_prepared)
            return RS_OK;
        bool again;
        RS_TRY(try_other_types(run, result, &relaxed, &again));
        if (!again || attempt > run->bound.count + 2) {
            *out = rs_move(result);
            return RS_OK;
        }
    }
}

/* "name(a => $1, $2)": parameters with a name are passed by it. */
static rs_status procedure_text(struct postgres_run *run, const char *before, rs_text *out)
{
    rs_buf text = rs_buf_in(run->job);
    rs_text name;

    RS_TRY(data_sql_name(run->job, run->query->text, &name));
    rs_buf_printf(&text, "%s%.*s(", before, RS_TEXT_ARG(name));
    for (size_t i = 0; i < run->query->parameter_count; i++) {
        rs_text parameter = data_parameter_name(run->query->parameters[i].name);
        if (i)
            rs_buf_add_literal(&text, ", ");
        if (!rs_text_is_empty(parameter)) {
            RS_TRY(data_sql_name(run->job, parameter, &parameter));
            rs_buf_printf(&text, "%.*s => ", RS_TEXT_ARG(parameter));
        }
        rs_buf_printf(&text, "$%zu", i + 1);
    }
    rs_buf_add_byte(&text, ')');
    *out = rs_buf_text(&text);
    return RS_OK;
}

static rs_status bind_procedure(struct postgres_run *run)
{
    struct value *values = RS_NEW_ARRAY(run->job, struct value, run->query->parameter_count + 1);

    for (size_t i = 0; i < run->query->parameter_count; i++)
        values[i] = data_sql_joined(run->job, run->query->parameters[i].value);
    run->bound.values = values;
    run->bound.count = run->query->parameter_count;
    RS_TRY(procedure_text(run, "SELECT * FROM ", &run->bound.text));
    return set_values(run);
}

static rs_status bind(struct postgres_run *run)
{
    rs_text name;

    if (run->query->text.size && memchr(run->query->text.bytes, 0, run->query->text.size))
        return rs_fail(run->job, DATA_QUERY, "the query holds a zero character");
    switch (run->query->command) {
    case DATA_COMMAND_PROCEDURE:
        return bind_procedure(run);
    case DATA_COMMAND_TABLE:
        RS_TRY(data_sql_name(run->job, run->query->text, &name));
        run->bound.text = rs_text_format(run->job, "SELECT * FROM %.*s", RS_TEXT_ARG(name));
        return set_values(run);
    default:
        return bind_text(run, &data_dialect_postgres);
    }
}

/* ---- rows ------------------------------------------------------------------------------------------- */

struct postgres_column {
    size_t column; /* of the writer */
    Oid oid;
    const struct postgres_type *type;
    bool is_offset; /* a timestamptz for a DateTimeOffset field */
};

static bool all_types_known(const PGresult *described)
{
    for (int i = 0; i < PQnfields(described); i++)
        if (!postgres_type_find(PQftype(described, i)))
            return false;
    return true;
}

static rs_status add_columns(struct postgres_run *run, const PGresult *result)
{
    int count = PQnfields(result);

    run->columns = RS_NEW_ARRAY(run->job, struct postgres_column, (size_t)count + 1);
    for (int i = 0; i < count; i++) {
        struct postgres_column *column = &run->columns[i];
        rs_text name = rs_text_from(PQfname(result, i));
        enum value_kind kind = data_field_kind(run->query, name);
        column->oid = PQftype(result, i);
        column->type = postgres_type_find(column->oid);
        column->is_offset = kind == VALUE_OFFSET && column->oid == POSTGRES_TIMESTAMPTZ;
        if (kind == VALUE_NULL && column->type)
            kind = column->type->kind;
        RS_TRY(data_writer_column(run->job, run->writer, name, kind, &column->column));
    }
    return RS_OK;
}

static struct value read_cell(struct rs_job *scratch, const PGresult *result, int row, int i, const struct postgres_column *column)
{
    rs_text bytes = rs_text_of(PQgetvalue(result, row, i), (size_t)PQgetlength(result, row, i));
    bool is_binary = PQfformat(result, i) == 1;

    if (column->is_offset)
        return postgres_read_offset(bytes, is_binary);
    return is_binary ? column->type->read(scratch, bytes) : postgres_read_text(scratch, column->oid, bytes);
}

/* Of `result`, at most `count` rows. */
static rs_status write_rows(struct postgres_run *run, struct rs_job *scratch, size_t count, size_t *written)
{
    struct rs_mark mark = rs_job_mark(scratch);
    const PGresult *result = run->result;
    int width = PQnfields(result);

    for (; run->row < PQntuples(result) && *written < count; run->row++, ++*written) {
        for (int i = 0; i < width; i++)
            if (!PQgetisnull(result, run->row, i))
                data_writer_add(run->writer, run->columns[i].column, read_cell(scratch, result, run->row, i, &run->columns[i]));
        rs_job_reset(scratch, mark);
        RS_TRY(data_writer_end_row(run->job, run->writer));
    }
    return RS_OK;
}

/* What follows an error is only the end of the answer: then the connection is as good as before. */
static rs_status read_over(struct postgres_run *run)
{
    for (PGresult *more = NULL;;) {
        RS_TRY(next_result(run, &more));
        if (!more)
            return RS_OK;
        PQclear(more);
    }
}

/* The next part of the data set's rows, or NULL in run->result. They are the first result with columns; the others of a
 * simple query are read over. */
static rs_status next_rows(struct postgres_run *run)
{
    PQclear(rs_move(run->result));
    run->row = 0;
    for (;;) {
        OWNED_RESULT result = NULL;
        RS_TRY(next_result(run, &result));
        if (!result)
            return run->columns ? RS_OK : rs_fail(run->job, DATA_QUERY, "the query gives no result");
        RS_TRY(data_checkpoint(run->job, run->watch));
        switch (PQresultStatus(result)) {
        case PGRES_SINGLE_TUPLE: case PGRES_TUPLES_OK:
            if (run->is_last)
                break;
            run->is_last = PQresultStatus(result) == PGRES_TUPLES_OK;
            if (!run->columns)
                RS_TRY(add_columns(run, result));
            if (PQntuples(result) == 0)
                break;
            run->result = rs_move(result);
            return RS_OK;
        case PGRES_COMMAND_OK: case PGRES_EMPTY_QUERY:
            break;
        default:
            RS_TRY(read_over(run));
            return query_failed(run, result);
        }
    }
}

/* ---- executing -------------------------------------------------------------------------------------- */

static rs_status send_simple(struct postgres_run *run)
{
    if (!PQsendQuery(run->state->connection, rs_text_terminated(run->job, run->bound.text)))
        return query_failed(run, NULL);
    PQsetSingleRowMode(run->state->connection);
    return next_rows(run);
}

static rs_status send_prepared(struct postgres_run *run)
{
    OWNED_RESULT described = NULL;

    if (!PQsendDescribePrepared(run->state->connection, ""))
        return query_failed(run, NULL);
    RS_TRY(one_result(run, &described));
    if (PQresultStatus(described) != PGRES_COMMAND_OK)
        return query_failed(run, described);
    if (!PQsendQueryPrepared(run->state->connection, "", (int)run->bound.count, run->values, run->sizes, run->formats,
                             all_types_known(described)))
        return query_failed(run, NULL);
    PQsetSingleRowMode(run->state->connection);
    return next_rows(run);
}

static rs_status run_statement(struct postgres_run *run)
{
    OWNED_RESULT refused = NULL;

    RS_TRY(prepare(run, &refused));
    if (refused && run->query->command == DATA_COMMAND_PROCEDURE && has_state(refused, "42809")) { /* no function */
        PQclear(rs_move(refused));
        RS_TRY(procedure_text(run, "CALL ", &run->bound.text));
        RS_TRY(prepare(run, &refused));
    }
    if (!refused)
        return send_prepared(run);
    if (run->bound.count == 0 && has_state(refused, "42601") && rs_text_find_byte(run->bound.text, ';') >= 0)
        return send_simple(run); /* several statements; another syntax error comes again */
    return query_failed(run, refused);
}

/* Between pieces the server waits for us, which is no fault of the query: there only the request's own time counts. */
static rs_status set_timeout(struct postgres_run *run)
{
    int64_t left = rs_job_time_left_ms(run->query->in_pieces ? run->job : run->watch);
    char text[64];

    if (left == INT64_MAX && !run->state->has_timeout)
        return RS_OK;
    if (left > INT32_MAX - STATEMENT_GRACE_MS)
        left = left == INT64_MAX ? -STATEMENT_GRACE_MS : INT32_MAX - STATEMENT_GRACE_MS;
    snprintf(text, sizeof text, "SET statement_timeout = %lld", (long long)left + STATEMENT_GRACE_MS);
    run->state->has_timeout = true;
    return command(run, text);
}

static rs_status run_query(struct postgres_run *run)
{
    RS_TRY(bind(run));
    RS_TRY(set_timeout(run));
    if (run->state->transaction && PQtransactionStatus(run->state->connection) == PQTRANS_IDLE)
        RS_TRY(command(run, "BEGIN"));
    return run_statement(run);
}

static rs_status postgres_begin(struct rs_job *job, struct rs_job *watch, void *object, const struct data_query *query,
                                struct data_writer *writer, void **out)
{
    struct postgres_state *state = object;
    struct postgres_run *run = RS_NEW(job, struct postgres_run);

    if (state->is_broken)
        return rs_fail(job, DATA_CONNECT, "the connection was given up when an earlier query on it was stopped");
    *run = (struct postgres_run){.job = job, .watch = watch, .state = state, .query = query, .writer = writer};
    *out = run;
    return run_query(run);
}

static rs_status postgres_read(struct rs_job *job, struct rs_job *watch, void *object, struct data_writer *writer, size_t count,
                               bool *more)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
    struct postgres_run *run = object;
    size_t written = 0;

    run->job = job;
    run->watch = watch;
    run->writer = writer;
    while (run->result && written < count) {
        RS_TRY(write_rows(run, scratch, count, &written));
        if (run->row == PQntuples(run->result))
            RS_TRY(next_rows(run));
    }
    *more = run->result != NULL;
    return RS_OK;
}

/* Rows that nobody reads: the job was stopped, a limit was met, or nobody asked for more. */
static void postgres_end(void *object)
{
    struct postgres_run *run = object;

    PQclear(run->result);
    if (PQtransactionStatus(run->state->connection) == PQTRANS_ACTIVE && !run->state->is_broken)
        stop_query(run->state);
}

static unsigned postgres_timeout(const void *object)
{
    const struct postgres_state *state = object;

    return state->command_timeout_s;
}

const struct data_provider data_postgres = {
    .one_query = true,
    .open = postgres_open,
    .close = postgres_close,
    .timeout_of = postgres_timeout,
    .begin = postgres_begin,
    .read = postgres_read,
    .end = postgres_end,
};
