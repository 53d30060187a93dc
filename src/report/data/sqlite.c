/* The SQLITE provider: "Data Source=file", read-only.
 *
 * A query can neither write, attach another file nor change settings: an authorizer refuses everything but reading.
 * SQLite's own types are loose, so a column takes its kind from the report's field, else from the declared type of
 * the column, else from each value.
 */
#include <math.h>
#include <sqlite3.h>

#include "base/buf.h"
#include "base/vec.h"
#include "report/data/connect.h"
#include "report/data/providers.h"
#include "report/value/convert.h"
#include "report/value/date.h"
#include "report/value/decimal.h"
#include "report/value/format.h"

#define SQLITE_VALUE_MAX (64 * 1024 * 1024) /* bytes of one value: SQLite makes it where no checkpoint looks */
#define SQLITE_PATTERN_MAX 1000           /* bytes of a pattern of LIKE and GLOB, for the same reason */
#define SQLITE_STEPS_PER_CHECK 4000 /* virtual machine steps between checkpoints: about 0.1 ms */

struct sqlite_state {
    sqlite3 *db;
    struct rs_job *job, *watch; /* of the query that runs */
};

static int sqlite_allow(void *state, int action, const char *first, const char *second, const char *database,
                        const char *trigger)
{
    (void)state, (void)first, (void)database, (void)trigger;
    switch (action) {
    case SQLITE_SELECT: case SQLITE_READ: case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_FUNCTION:
        return second && sqlite3_stricmp(second, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
    default:
        return SQLITE_DENY;
    }
}

static int sqlite_progress(void *object)
{
    struct sqlite_state *state = object;

    return data_checkpoint(state->job, state->watch) != RS_OK;
}

static void sqlite_finish(void *object)
{
    struct sqlite_state *state = object;

    sqlite3_close(state->db);
}

static void sqlite_harden(sqlite3 *db)
{
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, 5000);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, SQLITE_VALUE_MAX);
    sqlite3_limit(db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, SQLITE_PATTERN_MAX);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, (int *)NULL);
}

/* The first read tells whether the file is a database at all; only afterwards may queries do nothing but read. */
static rs_status sqlite_try(struct rs_job *job, struct sqlite_state *state, const char *path)
{
    if (sqlite3_exec(state->db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL) != SQLITE_OK)
        return rs_fail(job, DATA_CONNECT, "cannot read the database \"%s\": %s", path, sqlite3_errmsg(state->db));
    sqlite3_set_authorizer(state->db, sqlite_allow, NULL);
    return RS_OK;
}

static rs_status sqlite_start(struct rs_job *job, const struct data_source *source, void **out)
{
    struct sqlite_state *state = RS_NEW(job, struct sqlite_state);
    struct data_settings settings;
    rs_text name, path_text;

    RS_TRY(data_connect_parse(job, source->connect_string, &settings));
    if (!data_setting(&settings, RS_TEXT("Data Source"), &name) &&
        !data_setting(&settings, RS_TEXT("DataSource"), &name) && !data_setting(&settings, RS_TEXT("Filename"), &name) &&
        !data_setting(&settings, RS_TEXT("Database"), &name))
        return rs_fail(job, DATA_CONNECT_STRING, "the connection string has no \"Data Source=file\"");
    RS_TRY(data_file_path(job, source, name, &path_text));
    const char *path = rs_text_terminated(job, path_text);
    *out = state; /* to be closed even where it cannot be opened */
    if (sqlite3_open_v2(path, &state->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return rs_fail(job, DATA_CONNECT, "cannot open the database \"%s\": %s", path,
                       state->db ? sqlite3_errmsg(state->db) : "no memory");
    sqlite_harden(state->db);
    return sqlite_try(job, state, path);
}

/* ---- parameters ------------------------------------------------------------------------------------- */

/* Dates are texts in SQLite. Midnight is written as the date alone, so that it compares with DATE columns. */
static int bind_date(sqlite3_stmt *statement, int number, int64_t ticks)
{
    char iso[VALUE_DATE_ISO_SIZE];
    size_t size = value_date_write_iso(ticks, iso);

    if (ticks % VALUE_TICKS_PER_DAY == 0)
        size = 10;
    else
        iso[10] = ' ';
    return sqlite3_bind_text(statement, number, iso, (int)size, SQLITE_TRANSIENT);
}

static int bind_value(struct rs_job *job, sqlite3_stmt *statement, int number, struct value v)
{
    rs_text text;

    switch (v.kind) {
    case VALUE_NULL:
        return sqlite3_bind_null(statement, number);
    case VALUE_BOOLEAN:
        return sqlite3_bind_int(statement, number, v.boolean);
    case VALUE_INTEGER: case VALUE_LONG:
        return sqlite3_bind_int64(statement, number, v.integer);
    case VALUE_SINGLE: case VALUE_DOUBLE:
        return sqlite3_bind_double(statement, number, v.real);
    case VALUE_DECIMAL:
        return sqlite3_bind_double(statement, number, value_decimal_to_double(v));
    case VALUE_DATE:
        return bind_date(statement, number, v.ticks);
    case VALUE_BYTES:
        return sqlite3_bind_blob64(statement, number, v.text, v.size, SQLITE_TRANSIENT);
    default:
        text = v.kind == VALUE_TEXT ? value_bytes(v) : value_to_text(job, value_culture_invariant(), v);
        return sqlite3_bind_text64(statement, number, text.bytes ? text.bytes : "", text.size, SQLITE_TRANSIENT, SQLITE_UTF8);
    }
}

static rs_status query_failed(struct rs_job *job, struct sqlite_state *state)
{
    if (rs_job_status(job) != RS_OK) /* a checkpoint stopped the driver */
        return rs_job_status(job);
    int at = sqlite3_error_offset(state->db);
    if (at >= 0)
        return rs_fail(job, DATA_QUERY, "%s (at byte %d of the query)", sqlite3_errmsg(state->db), at + 1);
    return rs_fail(job, DATA_QUERY, "%s", sqlite3_errmsg(state->db));
}

static rs_status prepare(struct rs_job *job, struct sqlite_state *state, const struct data_query *query,
                         sqlite3_stmt **out)
{
    struct data_bound bound;
    const char *tail;

    if (query->command == DATA_COMMAND_PROCEDURE)
        return rs_fail(job, DATA_QUERY, "SQLite has no stored procedures; use a query text");
    rs_text text = query->text;
    if (query->command == DATA_COMMAND_TABLE)
        text = rs_text_format(job, "SELECT * FROM \"%.*s\"", RS_TEXT_ARG(text));
    RS_TRY(data_sql_bind(job, &data_dialect_sqlite, text, query->parameters, query->parameter_count, &bound));
    if (sqlite3_prepare_v2(state->db, bound.text.bytes ? bound.text.bytes : "", (int)bound.text.size, out, &tail) != SQLITE_OK)
        return query_failed(job, state);
    if (!*out || sqlite3_column_count(*out) == 0)
        return rs_fail(job, DATA_QUERY, "the query gives no result");
    for (size_t i = 0; i < bound.count; i++)
        if (bind_value(job, *out, (int)i + 1, bound.values[i]) != SQLITE_OK)
            return query_failed(job, state);
    return RS_OK;
}

/* ---- rows ------------------------------------------------------------------------------------------- */

struct sqlite_column {
    size_t column;        /* of the writer */
    enum value_kind kind; /* wanted; VALUE_NULL: as it comes */
};

/* By the words of a declared type, as SQLite finds affinities, but with the kinds that people mean by them. */
static enum value_kind kind_of_declared(const char *declared)
{
    static const struct {
        const char *word;
        enum value_kind kind;
    } words[] = {
        {"BOOL", VALUE_BOOLEAN}, {"BIT", VALUE_BOOLEAN}, {"DATE", VALUE_DATE}, {"TIMESTAMP", VALUE_DATE},
        {"BIGINT", VALUE_LONG}, {"INT", VALUE_LONG}, {"DEC", VALUE_DECIMAL}, {"NUMERIC", VALUE_DECIMAL},
        {"MONEY", VALUE_DECIMAL}, {"REAL", VALUE_DOUBLE}, {"FLOA", VALUE_DOUBLE}, {"DOUB", VALUE_DOUBLE},
    };
    rs_text type = rs_text_from(declared);

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (size_t at = 0; at + strlen(words[i].word) <= type.size; at++)
            if (rs_text_starts_nocase(rs_text_from_offset(type, at), rs_text_from(words[i].word)))
                return words[i].kind;
    return VALUE_NULL;
}

static rs_status add_columns(struct rs_job *job, sqlite3_stmt *statement, const struct data_query *query,
                             struct data_writer *writer, struct sqlite_column *columns, int count)
{
    for (int i = 0; i < count; i++) {
        rs_text name = rs_text_from(sqlite3_column_name(statement, i));
        const char *declared = sqlite3_column_decltype(statement, i);
        columns[i].kind = data_field_kind(query, name);
        if (columns[i].kind == VALUE_NULL && declared)
            columns[i].kind = kind_of_declared(declared);
        RS_TRY(data_writer_column(job, writer, name, columns[i].kind, &columns[i].column));
    }
    return RS_OK;
}

static struct value read_date_number(double days)
{
    /* A REAL date is a Julian day, an INTEGER one seconds since 1970: SQLite's own conventions. */
    double ticks = (days - 1721425.5) * (double)VALUE_TICKS_PER_DAY;

    return ticks >= 0 && ticks <= (double)VALUE_DATE_MAX ? value_date((int64_t)ticks) : value_double(days);
}

static bool digits(const char *text, int count, int *out)
{
    *out = 0;
    for (int i = 0; i < count; i++) {
        if (!rs_is_digit(text[i]))
            return false;
        *out = *out * 10 + (text[i] - '0');
    }
    return true;
}

/* "2024-05-31" and "2024-05-31 10:20:30", as SQLite's own functions write them; other notations take the long way. */
static bool read_date(rs_text t, int64_t *ticks)
{
    struct value_date_parts parts = {0};
    const char *b = t.bytes;

    if ((t.size != 10 && t.size != 19) || b[4] != '-' || b[7] != '-' || !digits(b, 4, &parts.year) ||
        !digits(b + 5, 2, &parts.month) || !digits(b + 8, 2, &parts.day))
        return false;
    if (t.size == 19 && ((b[10] != ' ' && b[10] != 'T') || b[13] != ':' || b[16] != ':' || !digits(b + 11, 2, &parts.hour) ||
                         !digits(b + 14, 2, &parts.minute) || !digits(b + 17, 2, &parts.second)))
        return false;
    return value_date_join(&parts, ticks);
}

static void add_text(struct data_writer *writer, const struct sqlite_column *column, rs_text text)
{
    int64_t ticks;

    if (column->kind == VALUE_DATE && read_date(text, &ticks))
        data_writer_add(writer, column->column, value_date(ticks));
    else
        data_writer_add_text(writer, column->column, text);
}

/* The value itself is asked, which takes a step less than asking for the column each time; nobody else has the connection. */
static void add_cell(sqlite3_value *value, const struct sqlite_column *column, struct data_writer *writer)
{
    int64_t integer, ticks;
    double real;

    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        integer = sqlite3_value_int64(value);
        if (column->kind == VALUE_DATE && !__builtin_mul_overflow(integer, VALUE_TICKS_PER_SECOND, &ticks) &&
            !__builtin_add_overflow(ticks, VALUE_UNIX_EPOCH, &ticks) && value_date_in_range(ticks))
            data_writer_add(writer, column->column, value_date(ticks));
        else
            data_writer_add(writer, column->column, value_long(integer));
        break;
    case SQLITE_FLOAT:
        real = sqlite3_value_double(value);
        data_writer_add(writer, column->column, column->kind == VALUE_DATE ? read_date_number(real) : value_double(real));
        break;
    case SQLITE_TEXT: {
        const char *text = (const char *)sqlite3_value_text(value);
        add_text(writer, column, rs_text_of(text, (size_t)sqlite3_value_bytes(value)));
        break;
    }
    case SQLITE_BLOB: {
        const char *bytes = sqlite3_value_blob(value);
        struct value v = value_text(rs_text_of(bytes, (size_t)sqlite3_value_bytes(value)));
        v.kind = VALUE_BYTES;
        data_writer_add(writer, column->column, v);
        break;
    }
    default:
        break;
    }
}

/* A statement that stands at the first row that was not read yet. */
struct sqlite_cursor {
    struct sqlite_state *state;
    sqlite3_stmt *statement;
    struct sqlite_column *columns;
    int count;
    bool has_row;
};

static rs_status next_row(struct rs_job *job, struct sqlite_cursor *cursor)
{
    int result = sqlite3_step(cursor->statement);

    cursor->has_row = result == SQLITE_ROW;
    return cursor->has_row || result == SQLITE_DONE ? RS_OK : query_failed(job, cursor->state);
}

static rs_status begin_rows(struct rs_job *job, struct sqlite_cursor *cursor, const struct data_query *query,
                            struct data_writer *writer)
{
    RS_TRY(prepare(job, cursor->state, query, &cursor->statement));
    cursor->count = sqlite3_column_count(cursor->statement);
    cursor->columns = RS_NEW_ARRAY(job, struct sqlite_column, (size_t)cursor->count);
    RS_TRY(add_columns(job, cursor->statement, query, writer, cursor->columns, cursor->count));
    return next_row(job, cursor);
}

static rs_status read_rows(struct rs_job *job, struct sqlite_cursor *cursor, struct data_writer *writer, size_t count)
{
    for (size_t row = 0; row < count && cursor->has_row; row++) {
        for (int i = 0; i < cursor->count; i++)
            add_cell(sqlite3_column_value(cursor->statement, i), &cursor->columns[i], writer);
        RS_TRY(data_writer_end_row(job, writer));
        RS_TRY(next_row(job, cursor));
    }
    return RS_OK;
}

/* While SQLite works it asks these jobs whether to stop. */
static void watch_with(struct sqlite_state *state, struct rs_job *job, struct rs_job *watch)
{
    state->job = job;
    state->watch = watch;
    sqlite3_progress_handler(state->db, job ? SQLITE_STEPS_PER_CHECK : 0, job ? sqlite_progress : NULL, state);
}

static rs_status sqlite_begin(struct rs_job *job, struct rs_job *watch, void *object, const struct data_query *query,
                              struct data_writer *writer, void **out)
{
    struct sqlite_cursor *cursor = RS_NEW(job, struct sqlite_cursor);
    rs_status status;

    cursor->state = object;
    *out = cursor; /* to be ended even where the query fails */
    watch_with(object, job, watch);
    status = begin_rows(job, cursor, query, writer);
    watch_with(object, NULL, NULL);
    return status;
}

static rs_status sqlite_read(struct rs_job *job, struct rs_job *watch, void *object, struct data_writer *writer, size_t count,
                             bool *more)
{
    struct sqlite_cursor *cursor = object;
    rs_status status;

    watch_with(cursor->state, job, watch);
    status = read_rows(job, cursor, writer, count);
    watch_with(cursor->state, NULL, NULL);
    *more = cursor->has_row;
    return status;
}

static void sqlite_end(void *object)
{
    struct sqlite_cursor *cursor = object;

    sqlite3_finalize(cursor->statement);
}

const struct data_provider data_sqlite = {
    .open = sqlite_start,
    .close = sqlite_finish,
    .begin = sqlite_begin,
    .read = sqlite_read,
    .end = sqlite_end,
};
