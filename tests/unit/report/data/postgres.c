/* The PostgreSQL provider against a server of its own. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cluster.h"
#include "report/data/data.h"
#include "report/data/postgres.h"
#include "report/value/convert.h"
#include "report/value/date.h"
#include "report/value/decimal.h"
#include "report/value/format.h"

static rs_status open_as(struct rs_job *job, const char *connect, struct data_connection **out)
{
    struct data_source source = {.name = RS_TEXT("S"), .provider = RS_TEXT("PostgreSQL"), .connect_string = rs_text_from(connect)};

    return data_open(job, &source, out);
}

static rs_text address_of(struct rs_job *job, const struct cluster *cluster, const char *more)
{
    return rs_text_format(job, "Host=127.0.0.1;Port=%d;Database=postgres;Username=postgres;%s", cluster->port, more);
}

struct world {
    struct rs_job *job;
    struct data_connection *connection;
};

static rs_status ask(struct rs_job *job, struct data_connection *connection, const char *text, const struct data_parameter *parameters,
                     size_t count, struct data_rows **out)
{
    struct data_query query = {.data_set = RS_TEXT("D"), .text = rs_text_from(text), .parameters = parameters, .parameter_count = count};

    return data_execute(job, connection, &query, out);
}

/* The first row as text: values joined by '|', each with the name of its kind. */
static rs_text first_row(struct rs_job *job, const struct data_rows *rows)
{
    rs_buf out = rs_buf_in(job);

    if (rows->row_count == 0)
        return RS_TEXT("no row");
    for (size_t i = 0; i < rows->column_count; i++) {
        struct value v = data_value(&rows->columns[i], 0);
        rs_buf_printf(&out, "%s%s ", i ? "|" : "", value_type_name(v));
        if (v.kind == VALUE_BYTES)
            rs_buf_printf(&out, "%u bytes", v.size);
        else
            value_append(value_culture_invariant(), v, &out);
    }
    return rs_buf_text(&out);
}

#define WITH_SERVER(job, connection, more)                                                    \
    const struct cluster *cluster = cluster_started();                                        \
    RS_OWNED(rs_job) job = rs_job_create(NULL);                                               \
    struct data_connection *connection;                                                       \
    if (!cluster)                                                                             \
        UNIT_SKIP("PostgreSQL is not installed");                                             \
    assert_ok(job, open_as(job, address_of(job, cluster, more).bytes, &connection))

static void gives(struct rs_job *job, struct data_connection *connection, const char *query, const char *expected)
{
    struct data_rows *rows;

    assert_ok(job, ask(job, connection, query, NULL, 0, &rows));
    assert_text(first_row(job, rows), expected);
}

UNIT_TEST(postgres_reads_every_common_type)
{
    WITH_SERVER(job, connection, "");
    gives(job, connection, "SELECT 1::int2, 2::int4, 3::int8, 0.5::float4, 0.1::float8, true, 'x'::char(3), 'y'::varchar, 'z'::text, NULL::int",
          "Integer 1|Integer 2|Long 3|Single 0.5|Double 0.1|Boolean True|String x  |String y|String z|Nothing ");
    gives(job, connection, "SELECT DATE '2024-05-31', TIMESTAMP '2024-05-31 10:20:30.123456', TIME '10:20:30', INTERVAL '1 day 2 hours', INTERVAL '1 year 2 mons 3 days'",
          "Date 05/31/2024 00:00:00|Date 05/31/2024 10:20:30|TimeSpan 10:20:30|TimeSpan 1.02:00:00|String P1Y2M3DT0S");
    gives(job, connection, "SELECT 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, '\\x00ff'::bytea, '{\"a\": [1, 2]}'::json, '{\"a\":1}'::jsonb, '<a/>'::xml, '12.34'::money, 4::oid",
          "String a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|Byte() 2 bytes|String {\"a\": [1, 2]}|String {\"a\": 1}|String <a/>|Decimal 12.34|Long 4");
    gives(job, connection, "SELECT TIMESTAMP 'infinity', DATE '-infinity', TIMESTAMP '20000-01-01'",
          "Date 12/31/9999 23:59:59|Date 01/01/0001 00:00:00|Date 12/31/9999 23:59:59");
}

/* A type that only the server knows sends the whole row as text; the others keep their kinds. */
UNIT_TEST(postgres_reads_the_same_values_as_text)
{
    WITH_SERVER(job, connection, "");
    gives(job, connection, "SELECT ARRAY[1,2], 1::int2, 3::int8, 0.1::float8, true, 1.50::numeric, DATE '2024-05-31', TIMESTAMP '2024-05-31 10:20:30', '\\x00ff'::bytea, '10.0.0.1'::inet, INT4RANGE(1,5)",
          "String {1,2}|Integer 1|Long 3|Double 0.1|Boolean True|Decimal 1.50|Date 05/31/2024 00:00:00|Date 05/31/2024 10:20:30|Byte() 2 bytes|String 10.0.0.1|String [1,5)");
}

UNIT_TEST(postgres_numeric_is_decimal_to_the_last_digit)
{
    static const char *const exact[] = {"0", "0.00", "1", "-1.10", "10000", "12345.6789", "0.0001", "0.00012", "100000000", "99999999.99",
        "79228162514264337593543950335", "-79228162514264337593543950335", "7.9228162514264337593543950335", "0.0000000000000000000000000001",
        "123456789012345.6789", "1000000000000000000000000", "0.10", "20000.0000"};
    WITH_SERVER(job, connection, "");

    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++) {
        struct data_rows *rows;
        char written[VALUE_DECIMAL_TEXT_SIZE];
        assert_ok(job, ask(job, connection, rs_text_format(job, "SELECT %s::numeric AS n", exact[i]).bytes, NULL, 0, &rows));
        struct value v = data_value(&rows->columns[0], 0);
        assert_int_equal(v.kind, VALUE_DECIMAL);
        assert_text(rs_text_of(written, value_decimal_write(v, written)), exact[i]);
    }
    gives(job, connection, "SELECT 1::numeric / 3, 'NaN'::numeric", "Decimal 0.33333333333333333333|Double NaN");
    gives(job, connection, "SELECT 0.12345678901234567890123456789012::numeric, 79228162514264337593543950336::numeric, (10::numeric ^ 40)",
          "Decimal 0.1234567890123456789012345679|Double 7.92281625142643E+28|Double 1E+40");
}

UNIT_TEST(postgres_timestamptz_is_local_time_or_an_offset)
{
    WITH_SERVER(job, connection, "Timezone=Asia/Tokyo");
    const struct data_field fields[] = {{RS_TEXT("o"), VALUE_OFFSET, false}};
    struct data_query query = {.data_set = RS_TEXT("D"), .text = RS_TEXT("SELECT TIMESTAMPTZ '2024-05-31 10:00:00+02' AS o, TIMESTAMPTZ '2024-05-31 10:00:00+02' AS d, current_setting('timezone') AS z"),
                               .fields = fields, .field_count = 1};
    struct data_rows *rows;
    int64_t utc;

    assert_true(value_date_parse(RS_TEXT("2024-05-31T08:00:00"), NULL, &utc, NULL));
    assert_ok(job, data_execute(job, connection, &query, &rows));
    struct value offset = data_value(&rows->columns[0], 0), date = data_value(&rows->columns[1], 0);
    assert_int_equal(offset.kind, VALUE_OFFSET);
    assert_int_equal(offset.ticks - offset.minutes * VALUE_TICKS_PER_MINUTE, utc);
    assert_int_equal(date.kind, VALUE_DATE);
    assert_int_equal(date.ticks, value_date_local_from_utc(utc));
    assert_text(value_bytes(data_value(&rows->columns[2], 0)), "Asia/Tokyo");
    query.text = RS_TEXT("SELECT TIMESTAMPTZ '2024-05-31 10:00:00+02' AS o, TIMESTAMPTZ '2024-05-31 10:00:00+02' AS d, ARRAY[1] AS a");
    assert_ok(job, data_execute(job, connection, &query, &rows));
    offset = data_value(&rows->columns[0], 0);
    assert_int_equal(offset.kind, VALUE_OFFSET);
    assert_int_equal(offset.ticks - offset.minutes * VALUE_TICKS_PER_MINUTE, utc);
    assert_int_equal(data_value(&rows->columns[1], 0).ticks, value_date_local_from_utc(utc));
}

UNIT_TEST(postgres_binds_parameters_as_their_places_want)
{
    WITH_SERVER(job, connection, "");
    const struct value list[] = {value_integer(1), value_integer(3)};
    struct value_date_parts parts = {2024, 6, 1, 0, 0, 0, 0};
    int64_t ticks;
    assert_true(value_date_join(&parts, &ticks));
    const struct data_parameter p[] = {
        {RS_TEXT("@ids"), value_array(list, 2)}, {RS_TEXT("@day"), value_date(ticks)}, {RS_TEXT("@none"), value_null()},
        {RS_TEXT("@word"), value_text(RS_TEXT("it's"))}, {RS_TEXT("@n"), value_integer(2)}, {RS_TEXT("@x"), value_double(0.5)},
        {RS_TEXT("@yes"), value_boolean(true)}, {RS_TEXT("@id"), value_text(RS_TEXT("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"))},
        {RS_TEXT("@digits"), value_text(RS_TEXT("7"))},
    };
    static const char *const counts_one[] = {
        "SELECT 1 FROM generate_series(1, 3) i WHERE i IN (@ids) HAVING count(*) = 2",
        "SELECT 1 FROM generate_series(1, 3) i WHERE i = ANY (@ids) HAVING count(*) = 2",
        "SELECT 1 WHERE DATE '2024-06-01' = @day AND TIMESTAMP '2024-06-01' = @day AND TIMESTAMPTZ '2024-06-01 00:00+00' = @day",
        "SELECT 1 WHERE @none IS NULL", "SELECT 1 WHERE (@n IS NULL OR 2 = @n) AND (@digits IS NULL OR 7 = @digits)",
        "SELECT CASE WHEN i > @n THEN 'b' ELSE 'a' END FROM generate_series(1, 2) i GROUP BY CASE WHEN i > @n THEN 'b' ELSE 'a' END", "SELECT 1 WHERE (@none IS NULL OR 5 = @none)", "SELECT 1 WHERE coalesce(@none, 'a') = 'a'",
        "SELECT 1 WHERE 'it''s' = @word", "SELECT 1 WHERE @word || '!' = 'it''s!'", "SELECT 1 WHERE @word IS NOT NULL AND @none IS NULL",
        "SELECT 1 WHERE 'x2' = 'x' || @n", "SELECT 1 FROM (SELECT '2'::varchar AS v) t WHERE v = @n", "SELECT 1 WHERE 1 / @n::int = 0",
        "SELECT 1 WHERE 0.5::float8 = @x AND true = @yes AND @yes", "SELECT 1 WHERE 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid = @id",
        "SELECT 1 WHERE 7::int4 = @digits", "SELECT 1 WHERE (ARRAY[5,6,7])[1:2] = ARRAY[5,6] AND '[1]'::jsonb @> '1' AND '{\"a\":1}'::jsonb ? 'a'",
        "SELECT 1 /* @nothing */ WHERE $$@nothing$$ <> E'\\'@nothing' AND 5::text = '5' -- @nothing",
        "SELECT 1 FROM generate_series(1, 5) LIMIT @n - 1", "SELECT 1 WHERE DATE '2024-06-03' - 2 = @day", "SELECT 1 WHERE @day + interval '1 day' = DATE '2024-06-02'",
    };

    for (size_t i = 0; i < sizeof counts_one / sizeof *counts_one; i++) {
        struct data_rows *rows;
        if (ask(job, connection, counts_one[i], p, sizeof p / sizeof *p, &rows) != RS_OK || rows->row_count != 1)
            fail_msg("%s: %.*s", counts_one[i], RS_TEXT_ARG(rs_job_error(job)));
    }
    const struct data_parameter positional[] = {{RS_TEXT(""), value_integer(4)}, {RS_TEXT("?"), value_integer(5)}};
    struct data_rows *rows;
    assert_ok(job, ask(job, connection, "SELECT $2 - $1", positional, 2, &rows));
    assert_text(first_row(job, rows), "Integer 1");
    assert_ok(job, ask(job, connection, "SELECT ? - ?", positional, 2, &rows));
    assert_text(first_row(job, rows), "Integer -1");
}

UNIT_TEST(postgres_runs_functions_procedures_and_tables)
{
    WITH_SERVER(job, connection, "");
    const struct value list[] = {value_integer(1), value_integer(3)};
    const struct data_parameter p[] = {{RS_TEXT("@a"), value_integer(20)}, {RS_TEXT("@b"), value_array(list, 2)}};
    const struct data_parameter in_out[] = {{RS_TEXT("@a"), value_integer(20)}};
    struct data_rows *rows;

    assert_status(ask(job, connection,
        "DROP FUNCTION IF EXISTS f; CREATE FUNCTION f(b text, a int) RETURNS TABLE (x int, y text) LANGUAGE sql AS 'SELECT a, b';"
        "DROP PROCEDURE IF EXISTS p; CREATE PROCEDURE p(INOUT a int) LANGUAGE plpgsql AS 'BEGIN a := a + 1; END';"
        "DROP TABLE IF EXISTS \"My Table\"; CREATE TABLE \"My Table\" AS SELECT 7 AS seven", NULL, 0, &rows), DATA_QUERY);
    rs_job_forgive(job); /* nothing of it gives rows */
    struct data_query query = {.data_set = RS_TEXT("D"), .command = DATA_COMMAND_PROCEDURE, .text = RS_TEXT("public.f"), .parameters = p, .parameter_count = 2};
    assert_ok(job, data_execute(job, connection, &query, &rows));
    assert_text(first_row(job, rows), "Integer 20|String 1,3");
    query = (struct data_query){.data_set = RS_TEXT("D"), .command = DATA_COMMAND_PROCEDURE, .text = RS_TEXT("p"), .parameters = in_out, .parameter_count = 1};
    assert_ok(job, data_execute(job, connection, &query, &rows));
    assert_text(first_row(job, rows), "Integer 21");
    query = (struct data_query){.data_set = RS_TEXT("D"), .command = DATA_COMMAND_TABLE, .text = RS_TEXT("public.\"My Table\"")};
    assert_ok(job, data_execute(job, connection, &query, &rows));
    assert_text(first_row(job, rows), "Integer 7");
    query.text = RS_TEXT("f(1); DROP TABLE x");
    assert_status(data_execute(job, connection, &query, &rows), DATA_QUERY);
    rs_job_forgive(job);
    gives(job, connection, "SET search_path TO public; SELECT 1 AS a; SELECT 2 AS b", "Integer 1"); /* a batch: its first result */
}

UNIT_TEST(postgres_says_what_is_wrong_and_where)
{
    WITH_SERVER(job, connection, "");
    struct data_rows *rows;

    assert_status(ask(job, connection, "SELECT 1,\n  nothing\nFROM pg_class", NULL, 0, &rows), DATA_QUERY);
    assert_true(rs_text_find(rs_job_error(job), RS_TEXT("column \"nothing\" does not exist (line 2 of the query)")) >= 0);
    assert_true(rs_text_find(rs_job_error(job), RS_TEXT("data set \"D\"")) >= 0);
    rs_job_forgive(job);
    assert_status(ask(job, connection, "SELECT 1 / (i - 500) FROM generate_series(1, 1000) i", NULL, 0, &rows), DATA_QUERY);
    rs_job_forgive(job);
    gives(job, connection, "SELECT 1", "Integer 1"); /* the connection is as good as before */
}

UNIT_TEST(postgres_connection_strings_are_npgsql_s)
{
    const struct cluster *cluster = cluster_started();
    RS_OWNED(rs_job) setup = rs_job_create(NULL);
    if (!cluster)
        UNIT_SKIP("PostgreSQL is not installed");
    const struct {
        rs_text connect;
        rs_status status;
        const char *says;
    } cases[] = {
        {rs_text_format(setup, "Server=%s;Port=%d;User Id=postgres;Initial Catalog=postgres;Pooling=true;Timeout=5", cluster->folder, cluster->port), RS_OK, ""},
        {rs_text_format(setup, "Host=127.0.0.1;Port=%d;Username=bindery;Password=let me in;Database=postgres;SSL Mode=Prefer", cluster->port), RS_OK, ""},
        {rs_text_format(setup, "Host=127.0.0.1;Port=%d;Username=bindery;Password=top secret;Database=postgres", cluster->port), DATA_CONNECT, "password authentication failed"},
        {rs_text_format(setup, "Host=127.0.0.1;Port=%d;Username=postgres;Database=postgres;SSL Mode=VerifyFull", cluster->port), DATA_CONNECT, "certificate verify failed"},
        {rs_text_format(setup, "Host=127.0.0.1;Port=%d;Username=postgres;Database=nowhere", cluster->port), DATA_CONNECT, "nowhere"},
        {RS_TEXT("Host=127.0.0.1;Port=1;Database=x"), DATA_CONNECT, "127.0.0.1"},
        {RS_TEXT("Hots=127.0.0.1;Password=top secret"), DATA_CONNECT_STRING, "\"Hots\""},
        {RS_TEXT("Host=127.0.0.1;SSL Mode=Sometimes"), DATA_CONNECT_STRING, "VerifyFull"},
        {RS_TEXT("Host=127.0.0.1;Timeout=soon"), DATA_CONNECT_STRING, "Timeout"},
        {RS_TEXT("Host=127.0.0.1;Root Certificate=/etc/passwd"), DATA_CONNECT, "files"},
        {RS_TEXT("postgresql://127.0.0.1/postgres?passfile=/etc/passwd"), DATA_CONNECT_STRING, "command line"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct data_connection *connection;
        assert_status(open_as(job, cases[i].connect.bytes, &connection), cases[i].status);
        if (rs_text_find(rs_job_error(job), rs_text_from(cases[i].says)) < 0)
            fail_msg("%.*s", RS_TEXT_ARG(rs_job_error(job)));
        assert_true(rs_text_find(rs_job_error(job), RS_TEXT("secret")) < 0);
    }
}

UNIT_TEST(postgres_speaks_tls_as_the_mode_says)
{
    const struct cluster *cluster = cluster_started();
    RS_OWNED(rs_job) setup = rs_job_create(NULL);
    if (!cluster)
        UNIT_SKIP("PostgreSQL is not installed");
    const struct {
        const char *mode;
        bool has_root, is_open, is_tls;
    } cases[] = {{"Disable", false, true, false}, {"Prefer", false, true, true}, {"Require", false, true, true}, {"VerifyFull", true, true, true},
                 {"verify-ca", true, true, true}, {"VerifyFull", false, false, false}, {"Require;Trust Server Certificate=false", false, false, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct data_connection *connection;
        struct data_rows *rows;
        rs_text root = cases[i].has_root ? rs_text_format(job, ";Root Certificate=%s/server.crt", cluster->folder) : RS_TEXT("");
        struct data_source source = {.name = RS_TEXT("S"), .provider = RS_TEXT("PostgreSQL"), .any_file = true,
            .connect_string = address_of(job, cluster, rs_text_format(job, "SSL Mode=%s%.*s", cases[i].mode, RS_TEXT_ARG(root)).bytes)};
        assert_status(data_open(job, &source, &connection), cases[i].is_open ? RS_OK : DATA_CONNECT);
        if (!cases[i].is_open)
            continue;
        assert_ok(job, ask(job, connection, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", NULL, 0, &rows));
        assert_int_equal(data_value(&rows->columns[0], 0).boolean, cases[i].is_tls);
    }
}

UNIT_TEST(postgres_takes_stored_credentials)
{
    const struct cluster *cluster = cluster_started();
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_connection *connection;
    struct data_rows *rows;
    if (!cluster)
        UNIT_SKIP("PostgreSQL is not installed");
    struct data_source source = {.name = RS_TEXT("S"), .provider = RS_TEXT("npgsql"), .user = RS_TEXT("bindery"), .password = RS_TEXT("let me in"),
                                 .connect_string = rs_text_format(job, "Host=127.0.0.1;Port=%d;Database=postgres", cluster->port)};
    assert_ok(job, data_open(job, &source, &connection));
    assert_ok(job, ask(job, connection, "SELECT current_user::text", NULL, 0, &rows));
    assert_text(first_row(job, rows), "String bindery");
}

/* How many queries besides this one the server runs. */
static void nothing_runs(const struct cluster *cluster)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_connection *connection;
    struct data_rows *rows;
    struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};

    assert_ok(job, open_as(job, address_of(job, cluster, "").bytes, &connection));
    for (int tries = 0;; tries++) { /* the server ends it a moment after it was told; without that it would take a minute */
        assert_ok(job, ask(job, connection, "SELECT count(*)::int FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()", NULL, 0, &rows));
        if (data_value(&rows->columns[0], 0).integer == 0)
            return;
        if (tries > 250)
            fail_msg("the server still runs the query");
        nanosleep(&pause, NULL);
    }
}

UNIT_TEST(postgres_stops_on_the_server_at_the_deadline_of_the_query)
{
    WITH_SERVER(job, connection, "");
    struct data_query query = {.data_set = RS_TEXT("D"), .text = RS_TEXT("SELECT pg_sleep(60)"), .timeout_s = 1};
    struct data_rows *rows;

    assert_status(data_execute(job, connection, &query, &rows), RS_TIMEOUT);
    assert_true(rs_text_find(rs_job_error(job), RS_TEXT("Timeout of 1 s")) >= 0);
    nothing_runs(cluster);
}

UNIT_TEST(postgres_stops_on_the_server_when_the_job_is_cancelled)
{
    WITH_SERVER(job, connection, "");
    struct data_rows *rows;

    rs_job_stop_at(job, rs_job_checkpoints(job) + 12); /* while it waits */
    assert_status(ask(job, connection, "SELECT pg_sleep(60)", NULL, 0, &rows), RS_CANCELLED);
    nothing_runs(cluster);
}

UNIT_TEST(postgres_stops_while_rows_arrive)
{
    WITH_SERVER(job, connection, "");
    struct data_query query = {.data_set = RS_TEXT("D"), .text = RS_TEXT("SELECT generate_series(1, 1000000000) AS i /* pg_sleep(60) */"), .max_rows = 1000};
    struct data_rows *rows;

    assert_status(data_execute(job, connection, &query, &rows), DATA_TOO_MANY_ROWS);
    nothing_runs(cluster);
}

UNIT_TEST(postgres_survives_a_stop_at_every_checkpoint)
{
    const struct cluster *cluster = cluster_started();
    RS_OWNED(rs_job) setup = rs_job_create(NULL);
    rs_status status = RS_CANCELLED;
    if (!cluster)
        UNIT_SKIP("PostgreSQL is not installed");
    rs_text connect = address_of(setup, cluster, "");
    const struct data_parameter p[] = {{RS_TEXT("@n"), value_integer(20)}};
    for (uint64_t stop = 1; status != RS_OK; stop++) { /* how many it passes while it waits is not the same every time */
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct data_connection *connection;
        struct data_rows *rows;
        rs_job_stop_at(job, stop);
        status = open_as(job, connect.bytes, &connection);
        if (status == RS_OK)
            status = ask(job, connection, "SELECT i, i::numeric, i::text FROM generate_series(1, @n) i", p, 1, &rows);
        if (status != RS_OK)
            assert_status(status, RS_CANCELLED);
        assert_true(stop < 10000);
    }
}

UNIT_TEST(postgres_keeps_what_a_transaction_did_only_as_a_whole)
{
    const struct cluster *cluster = cluster_started();
    RS_OWNED(rs_job) setup = rs_job_create(NULL);
    if (!cluster)
        UNIT_SKIP("PostgreSQL is not installed");
    struct data_source source = {.name = RS_TEXT("S"), .provider = RS_TEXT("PostgreSQL"), .connect_string = address_of(setup, cluster, ""), .transaction = true};
    struct data_connection *connection;
    struct data_rows *rows;

    assert_ok(setup, open_as(setup, source.connect_string.bytes, &connection));
    assert_ok(setup, ask(setup, connection, "DROP TABLE IF EXISTS kept; CREATE TABLE kept (i int); SELECT 1", NULL, 0, &rows));
    for (int fails = 0; fails < 2; fails++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct data_connection *inside;
        assert_ok(job, data_open(job, &source, &inside));
        assert_ok(job, ask(job, inside, "INSERT INTO kept VALUES (1) RETURNING i", NULL, 0, &rows));
        if (fails)
            assert_status(ask(job, inside, "SELECT 1 / 0", NULL, 0, &rows), DATA_QUERY);
    }
    gives(setup, connection, "SELECT count(*) FROM kept", "Long 1");
}
