/* Rows asked for piece by piece from real servers: the same rows as all at once, and what ends between two pieces ends there. */
#include "unit.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "cluster.h"
#include "drivers.h"
#include "report/data/connection.h"
#include "report/data/flow.h"
#include "report/value/convert.h"
#include "report/value/format.h"

enum server { POSTGRES, PSQLODBC, SQLITE_ODBC, SERVERS };

/* UseDeclareFetch: or psqlODBC holds all rows before it gives the first. */
static struct data_source source_of(struct rs_job *job, enum server which, const struct cluster *cluster)
{
    if (which == SQLITE_ODBC)
        return (struct data_source){.name = RS_TEXT("S"), .provider = RS_TEXT("ODBC"), .any_file = true, .connect_string = RS_TEXT("Driver=SQLite3;Database=:memory:;StepAPI=1")};
    return (struct data_source){.name = RS_TEXT("S"), .provider = which == POSTGRES ? RS_TEXT("PostgreSQL") : RS_TEXT("ODBC"),
        .connect_string = rs_text_format(job, which == POSTGRES ? "Host=127.0.0.1;Port=%d;Database=postgres;Username=postgres;Application Name=flowing"
            : "Driver={PostgreSQL Unicode};Server=127.0.0.1;Port=%d;Database=postgres;UID=postgres;UseDeclareFetch=1;Fetch=100;ApplicationName=flowing", cluster->port)};
}

/* False where the server or its driver is not installed. */
static bool open_server(struct rs_job *job, enum server which, struct data_connection **out)
{
    const struct cluster *cluster = which == SQLITE_ODBC ? NULL : cluster_started();
    struct data_source source;

    if ((which != SQLITE_ODBC && !cluster) || (which == PSQLODBC && !has_driver("PostgreSQL Unicode")) || (which == SQLITE_ODBC && !has_driver("SQLite3")))
        return false;
    source = source_of(job, which, cluster);
    assert_ok(job, data_open(job, &source, out));
    return true;
}

#define NEEDS(job, which, connection)                                                    \
    RS_OWNED(rs_job) job = rs_job_create(NULL);                                          \
    struct data_connection *connection;                                                  \
    if (!open_server(job, which, &connection))                                           \
        UNIT_SKIP("the database server or its ODBC driver is not installed")

static struct data_query query_of(const char *text)
{
    return (struct data_query){.data_set = RS_TEXT("D"), .text = rs_text_from(text)};
}

static void add_value(rs_buf *out, struct value v)
{
    rs_buf_printf(out, "%s ", value_type_name(v));
    value_append(value_culture_invariant(), v, out);
    rs_buf_add_byte(out, '\n');
}

/* ---- the same rows ---------------------------------------------------------------------------------- */

static rs_text all_at_once(struct rs_job *job, struct data_connection *connection, const struct data_query *query)
{
    rs_buf out = rs_buf_in(job);
    struct data_rows *rows;

    assert_ok(job, data_execute(job, connection, query, &rows));
    for (size_t row = 0; row < rows->row_count; row++)
        for (size_t i = 0; i < rows->column_count; i++)
            add_value(&out, data_value(&rows->columns[i], row));
    return rs_buf_text(&out);
}

static rs_text in_pieces(struct rs_job *job, struct data_connection *connection, const struct data_query *query)
{
    rs_buf out = rs_buf_in(job);
    struct data_flow *flow;
    bool more = true;

    assert_ok(job, data_flow_open(job, connection, query, &flow));
    while (more) {
        RS_OWNED(rs_job) memory = rs_job_create(NULL);
        struct data_piece piece;
        assert_ok(memory, data_flow_read(memory, flow, &piece, &more));
        assert_true(data_is_busy(connection) == (more && connection->provider->one_query));
        for (size_t i = 0; i < piece.row_count * data_flow_width(flow); i++)
            add_value(&out, piece.cells[i]);
    }
    return rs_buf_text(&out);
}

static void gives_the_same(enum server which, const char *format)
{
    static const int counts[] = {0, 1, 511, 512, 513, 1000, 1001, 3000};
    NEEDS(job, which, connection);

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct data_query query = query_of(rs_text_format(job, format, counts[i]).bytes);
        rs_text whole = all_at_once(job, connection, &query);
        assert_int_equal(whole.size == 0, counts[i] == 0);
        if (!rs_text_equal(in_pieces(job, connection, &query), whole)) /* on a connection that has served before, and will again */
            fail_msg("%d rows differ", counts[i]);
    }
}

#define MANY_TYPES "SELECT i, 'row ' || i AS t, nullif(i %% 5, 0) * 1.25 AS n, DATE '2024-01-01' + i AS d, i %% 2 = 0 AS b, repeat('x', i %% 700) AS long FROM generate_series(1, %d) i"

UNIT_TEST(flow_of_postgres_gives_the_rows_of_a_whole_result)
{
    gives_the_same(POSTGRES, MANY_TYPES);
}

UNIT_TEST(flow_of_several_postgres_statements_gives_the_rows_of_the_first_with_columns)
{
    gives_the_same(POSTGRES, "CREATE TEMP TABLE IF NOT EXISTS t (i int); " MANY_TYPES "; SELECT 1; SELECT 2");
}

UNIT_TEST(flow_of_odbc_gives_the_rows_of_a_whole_result)
{
    gives_the_same(PSQLODBC, MANY_TYPES);
}

UNIT_TEST(flow_of_odbc_gives_the_rows_of_a_whole_result_value_by_value)
{
    gives_the_same(SQLITE_ODBC, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i, 'row ' || i AS t, i * 1.25 AS n FROM n WHERE i <= %1$d");
}

static rs_text csv_of(struct rs_job *job, int rows, const char *last)
{
    rs_buf out = rs_buf_in(job);

    rs_buf_add_literal(&out, "i,text,amount,day\r\n");
    for (int i = 1; i <= rows; i++)
        rs_buf_printf(&out, "%d,\"row \"\"%d\"\"\",%s,2024-05-%02d\n%s", i, i, i % 5 ? "1.25" : "", i % 28 + 1, i % 7 ? "" : "\n");
    rs_buf_printf(&out, "%s", last);
    return rs_buf_text(&out);
}

UNIT_TEST(flow_of_csv_gives_the_rows_of_a_whole_result)
{
    static const int counts[] = {0, 1, 511, 512, 513, 3000};
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_source source = {.name = RS_TEXT("S"), .provider = RS_TEXT("CSV")};
    struct data_connection *connection;

    assert_ok(job, data_open(job, &source, &connection));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct data_query query = {.data_set = RS_TEXT("D"), .text = csv_of(job, counts[i], "")};
        rs_text whole = all_at_once(job, connection, &query);
        assert_int_equal(whole.size == 0, counts[i] == 0);
        if (!rs_text_equal(in_pieces(job, connection, &query), whole))
            fail_msg("%d rows differ", counts[i]);
    }
}

/* ---- what ends in the middle ------------------------------------------------------------------------- */

/* No connection of the tests is at work, nor open: `how` of pg_stat_activity. The server ends it a moment after it was told. */
static void nothing_is(const char *how)
{
    NEEDS(job, POSTGRES, connection);
    struct data_query query = query_of(rs_text_format(job, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'flowing' AND pid <> pg_backend_pid() AND %s", how).bytes);
    struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};

    for (int tries = 0; tries < 500; tries++) {
        struct data_rows *rows;
        assert_ok(job, data_execute(job, connection, &query, &rows));
        if (data_value(&rows->columns[0], 0).integer == 0)
            return;
        nanosleep(&pause, NULL);
    }
    fail_msg("the server still has a connection that is %s", how);
}

static rs_status read_over(struct rs_job *memory, struct data_flow *flow, size_t *rows)
{
    struct data_piece piece;

    for (bool more = true; more; *rows += piece.row_count)
        RS_TRY(data_flow_read(memory, flow, &piece, &more));
    return RS_OK;
}

static void stops_the_server(enum server which)
{
    struct rs_job *job = rs_job_create(NULL);
    struct data_connection *connection;
    struct data_query query = query_of("SELECT a FROM generate_series(1, 10000) a, generate_series(1, 10000) b");
    struct data_flow *flow;
    struct data_piece piece;
    bool more;

    if (!open_server(job, which, &connection)) {
        rs_job_destroy(job);
        UNIT_SKIP("the database server or its ODBC driver is not installed");
    }
    assert_ok(job, data_flow_open(job, connection, &query, &flow));
    assert_ok(job, data_flow_read(job, flow, &piece, &more));
    assert_true(more && data_is_busy(connection));
    rs_job_destroy(job); /* nobody asks for more */
    nothing_is("state IS NOT NULL");
}

UNIT_TEST(flow_of_postgres_that_nobody_reads_on_ends_on_the_server)
{
    stops_the_server(POSTGRES);
}

UNIT_TEST(flow_of_odbc_that_nobody_reads_on_ends_on_the_server)
{
    stops_the_server(PSQLODBC);
}

/* The first pieces come, then a row takes a minute. */
#define SLEEPS "SELECT i, CASE WHEN i = 2000 THEN pg_sleep(60)::text END AS s FROM generate_series(1, 5000) i"

static void keeps_its_time(enum server which)
{
    NEEDS(job, which, connection);
    struct data_query query = query_of(SLEEPS);
    struct timespec pause = {.tv_sec = 1, .tv_nsec = 200 * 1000 * 1000};
    struct data_flow *flow;
    size_t rows = 0;

    query.timeout_s = 1;
    assert_ok(job, data_flow_open(job, connection, &query, &flow));
    nanosleep(&pause, NULL); /* what is done with rows does not count */
    assert_status(read_over(job, flow, &rows), RS_TIMEOUT);
    assert_true(rows >= 512);
    assert_true(rs_text_find(rs_job_error(job), RS_TEXT("Timeout of 1 s")) >= 0);
    nothing_is("state = 'active'");
}

UNIT_TEST(flow_of_postgres_ends_at_the_timeout_of_its_query)
{
    keeps_its_time(POSTGRES);
}

UNIT_TEST(flow_of_odbc_ends_at_the_timeout_of_its_query)
{
    keeps_its_time(PSQLODBC);
}

UNIT_TEST(flow_of_postgres_ends_at_the_command_timeout_of_its_connection)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct cluster *cluster = cluster_started();
    struct data_query query = query_of(SLEEPS);
    struct data_connection *connection;
    struct data_flow *flow;
    struct data_source source;
    size_t rows = 0;
    if (!cluster)
        UNIT_SKIP("PostgreSQL is not installed");

    source = source_of(job, POSTGRES, cluster);
    source.connect_string = rs_text_format(job, "%.*s;Command Timeout=1", RS_TEXT_ARG(source.connect_string));
    assert_ok(job, data_open(job, &source, &connection));
    assert_ok(job, data_flow_open(job, connection, &query, &flow));
    assert_status(read_over(job, flow, &rows), RS_TIMEOUT);
    nothing_is("state = 'active'");
}

static void stops_when_cancelled(enum server which)
{
    NEEDS(job, which, connection);
    struct data_query query = query_of(SLEEPS);
    struct data_flow *flow;
    struct data_piece piece;
    bool more;

    assert_ok(job, data_flow_open(job, connection, &query, &flow));
    assert_ok(job, data_flow_read(job, flow, &piece, &more));
    rs_job_cancel(job);
    assert_status(data_flow_read(job, flow, &piece, &more), RS_CANCELLED);
    nothing_is("state = 'active'");
}

UNIT_TEST(flow_of_postgres_ends_when_the_job_is_cancelled)
{
    stops_when_cancelled(POSTGRES);
}

UNIT_TEST(flow_of_odbc_ends_when_the_job_is_cancelled)
{
    stops_when_cancelled(PSQLODBC);
}

static void says_what_is_wrong(enum server which)
{
    NEEDS(job, which, connection);
    struct data_query query = query_of("SELECT 1000 / (2000 - i) AS i FROM generate_series(1, 5000) i");
    struct data_flow *flow;
    size_t rows = 0;

    assert_ok(job, data_flow_open(job, connection, &query, &flow));
    assert_status(read_over(job, flow, &rows), DATA_QUERY);
    assert_true(rows > 0 && rows < 2000);
    assert_true(rs_text_find(rs_job_error(job), RS_TEXT("division by zero")) >= 0);
}

UNIT_TEST(flow_of_postgres_says_what_is_wrong_behind_the_first_rows)
{
    says_what_is_wrong(POSTGRES);
}

UNIT_TEST(flow_of_odbc_says_what_is_wrong_behind_the_first_rows)
{
    says_what_is_wrong(PSQLODBC);
}

/* What is wrong is found in the first pass where kinds are looked for, else when its row is read. */
UNIT_TEST(flow_of_csv_says_what_is_wrong_behind_the_first_rows)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_source source = {.name = RS_TEXT("S"), .provider = RS_TEXT("CSV"), .connect_string = RS_TEXT("Types=text")};
    struct data_query query = {.data_set = RS_TEXT("D"), .text = csv_of(job, 2000, "\"never ends")};
    struct data_connection *connection;
    struct data_flow *flow;
    size_t rows = 0;

    assert_ok(job, data_open(job, &source, &connection));
    assert_ok(job, data_flow_open(job, connection, &query, &flow));
    assert_status(read_over(job, flow, &rows), DATA_QUERY);
    assert_true(rows > 0 && rows < 2001);
    assert_true(rs_text_find(rs_job_error(job), RS_TEXT("has no end")) >= 0);
}
