/* The ODBC provider: psqlODBC against a PostgreSQL server of its own, SQLite's driver, FreeTDS against a server that refuses. */
#include "unit.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/vec.h"
#include "cluster.h"
#include "drivers.h"
#include "report/data/odbc.h"
#include "report/value/compare.h"
#include "report/value/convert.h"
#include "report/value/date.h"
#include "report/value/decimal.h"
#include "report/value/format.h"

/* ---- connection strings -------------------------------------------------------------------------------- */

static const rs_text drivers[] = {RS_TEXT("PostgreSQL ANSI"), RS_TEXT("PostgreSQL Unicode"), RS_TEXT("FreeTDS"), RS_TEXT("MySQL ODBC 8.0 Unicode Driver"),
                                  RS_TEXT("Oracle 21 ODBC driver"), RS_TEXT("SQLite3"), RS_TEXT("HDBODBC"), RS_TEXT("Teradata Database ODBC Driver 17.20"), RS_TEXT("MDBTools")};
static const rs_text microsoft[] = {RS_TEXT("FreeTDS"), RS_TEXT("ODBC Driver 18 for SQL Server")};

struct given {
    const char *provider, *connect;
    rs_status status;
    const char *expected; /* the string, or part of the message */
};

static void translates(const struct given *given, const struct odbc_drivers *installed, bool any_file)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_source source = {.provider = rs_text_from(given->provider), .connect_string = rs_text_from(given->connect), .any_file = any_file};
    unsigned timeout_s = 0;
    rs_text text = {NULL, 0};

    assert_status(odbc_connect_string(job, &source, installed, &text, &timeout_s), given->status);
    if (given->status == RS_OK)
        assert_text(text, given->expected);
    else if (rs_text_find(rs_job_error(job), rs_text_from(given->expected)) < 0)
        fail_msg("%.*s", RS_TEXT_ARG(rs_job_error(job)));
}

UNIT_TEST(odbc_translates_connection_strings_of_the_original)
{
    static const struct given cases[] = {
        {"SQL", "Data Source=db;Initial Catalog=sales", RS_OK, "Driver={FreeTDS};Server=db;Port=1433;Database=sales;APP=Bindery;TDS_Version=7.4;ClientCharset=UTF-8;"},
        {"sql", "Server=tcp:db.example.com,14330;Database=Sales DB;User ID=me;Password=a;Application Name=R;MultipleActiveResultSets=False", RS_OK,
         "Driver={FreeTDS};Server=db.example.com;Port=14330;Database=Sales DB;UID=me;PWD=a;APP=R;TDS_Version=7.4;ClientCharset=UTF-8;"},
        {"SQL", "Data Source=.\\SQLEXPRESS;Database=d;Integrated Security=SSPI;Encrypt=True;TrustServerCertificate=True", RS_OK,
         "Driver={FreeTDS};Server=localhost\\SQLEXPRESS;Database=d;APP=Bindery;Encryption=require;TDS_Version=7.4;ClientCharset=UTF-8;"},
        {"SQLAZURE", "Server=(local);PWD='a;}b';UID=u;Encrypt=true", RS_OK,
         "Driver={FreeTDS};Server=localhost;Port=1433;UID=u;PWD={a;}}b};APP=Bindery;Encryption=require;CA file=system;TDS_Version=7.4;ClientCharset=UTF-8;"},
        {"OLEDB", "Provider=SQLNCLI11.1;Data Source=db;Initial Catalog=x;Persist Security Info=True", RS_OK,
         "Driver={FreeTDS};Server=db;Port=1433;Database=x;APP=Bindery;TDS_Version=7.4;ClientCharset=UTF-8;"},
        {"OLEDB", "Provider=OraOLEDB.Oracle;Data Source=//db:1521/orcl;User ID=u;Password=p", RS_OK, "Driver={Oracle 21 ODBC driver};DBQ=//db:1521/orcl;UID=u;PWD=p;"},
        {"ORACLE", "Data Source=orcl;Unicode=True", RS_OK, "Driver={Oracle 21 ODBC driver};DBQ=orcl;"},
        {"MySQL", "Server=db;Port=3307;Database=d;Uid=u;Pwd=p;AllowUserVariables=True", RS_OK,
         "Driver={MySQL ODBC 8.0 Unicode Driver};SERVER=db;PORT=3307;DATABASE=d;UID=u;PWD=p;CHARSET=utf8mb4;"},
        {"TERADATA", "Data Source=td;User Id=u;Password=p;Session Mode=ANSI", RS_OK,
         "Driver={Teradata Database ODBC Driver 17.20};DBCName=td;UID=u;PWD=p;CharSet=UTF8;Session Mode=ANSI;"},
        {"SAPHANA", "Server=h:30015;UserName=u;Password=p", RS_OK, "Driver={HDBODBC};ServerNode=h:30015;UID=u;PWD=p;"},
        {"ODBC", "Driver={PostgreSQL Unicode};Server=db;PWD={a;}}b}", RS_OK, "Driver=PostgreSQL Unicode;Server=db;PWD={a;}}b};"},
        {"ODBC", "DSN=sales;UID=u;PWD=p", RS_OK, "DSN=sales;UID=u;PWD=p;"},
        {"OLEDB", "Provider=MSDASQL.1;DSN=sales", RS_OK, "DSN=sales;"},
        /* what is wrong */
        {"DB2", "Server=db;Database=d", DATA_CONNECT, "no ODBC driver for DB2 is installed on this machine; install IBM Data Server Driver"},
        {"SQL", "Data Source=db;Colour=red", DATA_CONNECT_STRING, "\"Colour\", which is not known for SQL Server"},
        {"SQL", "Initial Catalog=db", DATA_CONNECT_STRING, "names no server"},
        {"OLEDB", "Provider=Microsoft.Sheep;Data Source=x", DATA_PROVIDER_UNKNOWN, "Microsoft.Sheep"},
        {"OLEDB", "Data Source=x", DATA_CONNECT_STRING, "Provider="},
        {"ODBC", "Server=x", DATA_CONNECT_STRING, "neither DSN= nor Driver="},
        {"ODBC", "Driver=/tmp/evil.so;Server=x", DATA_CONNECT, "there is no ODBC driver \"/tmp/evil.so\""},
        {"ODBC", "Driver=SQLite3;Database=/etc/passwd", DATA_CONNECT, "reads files"},
        {"ODBC", "DSN=x;Database=/etc/passwd", DATA_CONNECT_STRING, "only UID and PWD"},
        {"MYSQL", "Server=db;PLUGIN_DIR=/tmp", DATA_CONNECT_STRING, "PLUGIN_DIR"},
    };
    static const struct odbc_drivers installed = {drivers, sizeof drivers / sizeof *drivers};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        translates(&cases[i], &installed, false);
    translates(&(struct given){"ODBC", "Driver=SQLite3;Database=a.db", RS_OK, "Driver=SQLite3;Database=a.db;"}, &installed, true);
    translates(&(struct given){"SQL", "Data Source=db,1434;Database=x;Trusted_Connection=yes;Encrypt=false", RS_OK,
        "Driver={ODBC Driver 18 for SQL Server};Server=db,1434;Database=x;Trusted_Connection=Yes;APP=Bindery;Encrypt=no;TrustServerCertificate=no;"},
        &(struct odbc_drivers){microsoft, 2}, false);
    translates(&(struct given){"SQL", "Data Source=db", DATA_CONNECT, "install tdsodbc"}, &(struct odbc_drivers){NULL, 0}, false);
}

UNIT_TEST(odbc_batches_of_sql_server_name_their_parameters)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    const struct value list[] = {value_text(RS_TEXT("a")), value_text(RS_TEXT("b"))};
    const struct data_parameter p[] = {{RS_TEXT("@Year"), value_integer(2024)}, {RS_TEXT("@Names"), value_array(list, 2)}, {RS_TEXT("@None"), value_array(NULL, 0)},
                                       {RS_TEXT("@Price"), value_decimal_make(0, 1999, 2, false)}};
    struct data_query query = {.text = RS_TEXT("DECLARE @x int = @Year; SELECT 'it''s', @@ROWCOUNT FROM [a @Year] WHERE y = @year AND n IN (@Names) AND z IN (@None) AND p < @Price AND @x > 1 -- @Year"),
                               .parameters = p, .parameter_count = 4};
    const struct value *values;
    size_t count;
    rs_text text;

    assert_ok(job, odbc_tsql_batch(job, &query, &text, &values, &count));
    assert_text(text, "EXEC sp_executesql N'DECLARE @x int = @Year; SELECT ''it''''s'', @@ROWCOUNT FROM [a @Year] WHERE y = @Year AND n IN (@Names_1,@Names_2) AND z IN (NULL) AND p < @Price AND @x > 1 -- @Year', "
        "N'@Year int, @Names_1 nvarchar(4000), @Names_2 nvarchar(4000), @Price decimal(29,2)', @Year = ?, @Names_1 = ?, @Names_2 = ?, @Price = ?");
    assert_int_equal(count, 4);
    assert_text(value_bytes(values[2]), "b");
}

UNIT_TEST(odbc_keeps_texts_beyond_the_first_plane)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char text[] = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z";
    size_t units;
    rs_buf back = rs_buf_in(job);
    SQLWCHAR *wide = odbc_wide(job, rs_text_from(text), &units);

    assert_int_equal(units, 6);
    odbc_add_narrow(&back, wide, units);
    assert_text(rs_buf_text(&back), text);
}

/* ---- PostgreSQL ---------------------------------------------------------------------------------------- */

static rs_status open_odbc(struct rs_job *job, const struct cluster *cluster, struct data_connection **out)
{
    struct data_source source = {.name = RS_TEXT("S"), .provider = RS_TEXT("ODBC"),
        .connect_string = rs_text_format(job, "Driver={PostgreSQL Unicode};Server=127.0.0.1;Port=%d;Database=postgres;UID=bindery;PWD={let me in}", cluster->port)};

    return data_open(job, &source, out);
}

static rs_status ask(struct rs_job *job, struct data_connection *connection, const char *text, const struct data_parameter *parameters,
                     size_t count, struct data_rows **out)
{
    struct data_query query = {.data_set = RS_TEXT("D"), .text = rs_text_from(text), .parameters = parameters, .parameter_count = count};

    return data_execute(job, connection, &query, out);
}

static rs_text first_row(struct rs_job *job, const struct data_rows *rows)
{
    rs_buf out = rs_buf_in(job);

    for (size_t i = 0; i < rows->column_count && rows->row_count; i++) {
        struct value v = data_value(&rows->columns[i], 0);
        rs_buf_printf(&out, "%s%s ", i ? "|" : "", value_type_name(v));
        if (v.kind == VALUE_BYTES)
            rs_buf_printf(&out, "%u bytes", v.size);
        else
            value_append(value_culture_invariant(), v, &out);
    }
    return rs_buf_text(&out);
}

#define WITH_POSTGRES(job, connection)                                                        \
    const struct cluster *cluster = has_driver("PostgreSQL Unicode") ? cluster_started() : NULL; \
    RS_OWNED(rs_job) job = rs_job_create(NULL);                                               \
    struct data_connection *connection;                                                       \
    if (!cluster)                                                                             \
        UNIT_SKIP("PostgreSQL or its ODBC driver is not installed");                          \
    assert_ok(job, open_odbc(job, cluster, &connection))

UNIT_TEST(odbc_reads_every_common_type)
{
    WITH_POSTGRES(job, connection);
    struct data_rows *rows;

    assert_ok(job, ask(job, connection, "SELECT 1::int2, 2::int4, 3::int8, 0.1::float8, 'x'::varchar(10), NULL::int, 1234567890123456789.12345::numeric(30,5), DATE '2024-05-31',"
        " TIMESTAMP '2024-05-31 10:20:30.123456', TIME '10:20:30', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, '\\x00ff'::bytea, 'gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80'::text", NULL, 0, &rows));
    assert_text(first_row(job, rows), "Integer 1|Integer 2|Long 3|Double 0.1|String x|Nothing |Decimal 1234567890123456789.12345|Date 05/31/2024 00:00:00|Date 05/31/2024 10:20:30|"
        "TimeSpan 10:20:30|String a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|Byte() 2 bytes|String gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80");
    assert_int_equal(data_value(&rows->columns[8], 0).ticks % VALUE_TICKS_PER_SECOND, 1234560);
}

/* More rows than a block holds, nulls among them; a sum over every row tells that each came once. */
UNIT_TEST(odbc_fetches_in_blocks)
{
    WITH_POSTGRES(job, connection);
    struct data_rows *rows;
    int64_t sum = 0;
    size_t nulls = 0;

    assert_ok(job, ask(job, connection, "SELECT i, nullif(i % 3, 0) AS n, 'Row ' || i AS t FROM generate_series(1, 5000) i", NULL, 0, &rows));
    assert_int_equal(rows->row_count, 5000);
    for (size_t i = 0; i < rows->row_count; i++) {
        sum += data_value(&rows->columns[0], i).integer;
        nulls += data_is_null(&rows->columns[1], i);
        assert_text(value_bytes(data_value(&rows->columns[2], i)), rs_text_format(job, "Row %zu", i + 1).bytes);
    }
    assert_int_equal(sum, 12502500);
    assert_int_equal(nulls, 1666);
}

UNIT_TEST(odbc_reads_values_longer_than_their_column_says)
{
    WITH_POSTGRES(job, connection);
    struct data_rows *rows;

    assert_ok(job, ask(job, connection, "SELECT i, repeat('\xC3\xA4\xC3\xB6', i * 50000) AS t FROM generate_series(0, 2) i", NULL, 0, &rows));
    for (size_t i = 0; i < 3; i++) {
        rs_text text = value_bytes(data_value(&rows->columns[1], i));
        assert_int_equal(text.size, i * 50000 * 4);
        assert_true(rs_text_is_utf8(text));
    }
}

UNIT_TEST(odbc_binds_parameters_of_every_kind)
{
    WITH_POSTGRES(job, connection);
    const struct value list[] = {value_integer(1), value_integer(3)};
    struct value_date_parts parts = {2024, 6, 1, 10, 20, 30, 1230000};
    int64_t ticks;
    assert_true(value_date_join(&parts, &ticks));
    const struct data_parameter p[] = {
        {RS_TEXT("@ids"), value_array(list, 2)}, {RS_TEXT("@at"), value_date(ticks)}, {RS_TEXT("@none"), value_null()}, {RS_TEXT("@word"), value_text(RS_TEXT("it's \xE2\x82\xAC"))},
        {RS_TEXT("@n"), value_integer(2)}, {RS_TEXT("@x"), value_double(0.5)}, {RS_TEXT("@price"), value_decimal_make(0, 1999, 2, false)}, {RS_TEXT("@big"), value_long(INT64_C(1) << 40)},
    };
    static const char *const counts_one[] = {
        "SELECT 1 FROM generate_series(1, 3) i WHERE i IN (@ids) HAVING count(*) = 2", "SELECT 1 WHERE TIMESTAMP '2024-06-01 10:20:30.123' = @at",
        "SELECT 1 WHERE 'it''s \xE2\x82\xAC' = @word AND @word = 'it''s \xE2\x82\xAC'", "SELECT 1 WHERE 2 = @n AND @n + @n = 4", "SELECT 1 WHERE 0.5::float8 = @x",
        "SELECT 1 WHERE 19.99 = @price", "SELECT 1 WHERE 1099511627776 = @big", "SELECT 1 WHERE coalesce(@none, 'x') = 'x'", "SELECT 1 WHERE @n::int4 = 2 /* @nobody */ -- @nobody",
    };
    for (size_t i = 0; i < sizeof counts_one / sizeof *counts_one; i++) {
        struct data_rows *rows;
        if (ask(job, connection, counts_one[i], p, sizeof p / sizeof *p, &rows) != RS_OK || rows->row_count != 1)
            fail_msg("%s: %.*s", counts_one[i], RS_TEXT_ARG(rs_job_error(job)));
    }
}

UNIT_TEST(odbc_runs_procedures_and_tables)
{
    WITH_POSTGRES(job, connection);
    const struct data_parameter p[] = {{RS_TEXT("@a"), value_integer(20)}, {RS_TEXT("@b"), value_text(RS_TEXT("x"))}};
    struct data_rows *rows;

    assert_ok(job, ask(job, connection, "CREATE OR REPLACE FUNCTION pg_temp.g(a int, b text) RETURNS TABLE (x int, y text) LANGUAGE sql AS 'SELECT a, b';"
        "CREATE TEMP TABLE t AS SELECT 7 AS seven; SELECT 1", NULL, 0, &rows)); /* the first result with columns is the last here */
    struct data_query query = {.data_set = RS_TEXT("D"), .command = DATA_COMMAND_PROCEDURE, .text = RS_TEXT("pg_temp.g"), .parameters = p, .parameter_count = 2};
    assert_ok(job, data_execute(job, connection, &query, &rows));
    assert_text(first_row(job, rows), "Integer 20|String x");
    query = (struct data_query){.data_set = RS_TEXT("D"), .command = DATA_COMMAND_TABLE, .text = RS_TEXT("pg_temp.t")};
    assert_ok(job, data_execute(job, connection, &query, &rows));
    assert_text(first_row(job, rows), "Integer 7");
}

UNIT_TEST(odbc_says_what_the_driver_says_but_no_password)
{
    const struct cluster *cluster = has_driver("PostgreSQL Unicode") ? cluster_started() : NULL;
    if (!cluster)
        UNIT_SKIP("PostgreSQL or its ODBC driver is not installed");
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_connection *connection;
    struct data_rows *rows;
    struct data_source source = {.name = RS_TEXT("S"), .provider = RS_TEXT("ODBC"), .user = RS_TEXT("bindery"), .password = RS_TEXT("bindery"),
        .connect_string = rs_text_format(job, "Driver={PostgreSQL Unicode};Server=127.0.0.1;Port=%d;Database=postgres", cluster->port)};

    assert_status(data_open(job, &source, &connection), DATA_CONNECT);
    assert_true(rs_text_find(rs_job_error(job), RS_TEXT("password authentication failed for user \"***\"")) >= 0); /* it is its own name */
    rs_job_forgive(job);
    assert_ok(job, open_odbc(job, cluster, &connection));
    assert_status(ask(job, connection, "SELECT nothing", NULL, 0, &rows), DATA_QUERY);
    assert_true(rs_text_find(rs_job_error(job), RS_TEXT("column \"nothing\" does not exist")) >= 0);
}

static void nothing_runs(const struct cluster *cluster)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_connection *connection;
    struct data_rows *rows;
    struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
    struct data_source source = {.name = RS_TEXT("S"), .provider = RS_TEXT("PostgreSQL"),
        .connect_string = rs_text_format(job, "Host=127.0.0.1;Port=%d;Database=postgres;Username=postgres", cluster->port)};

    assert_ok(job, data_open(job, &source, &connection));
    for (int tries = 0;; tries++) {
        assert_ok(job, ask(job, connection, "SELECT count(*)::int FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(61)%' AND pid <> pg_backend_pid()", NULL, 0, &rows));
        if (data_value(&rows->columns[0], 0).integer == 0)
            return;
        if (tries > 250)
            fail_msg("the server still runs the query");
        nanosleep(&pause, NULL);
    }
}

UNIT_TEST(odbc_stops_on_the_server_at_the_deadline_of_the_query)
{
    WITH_POSTGRES(job, connection);
    struct data_query query = {.data_set = RS_TEXT("D"), .text = RS_TEXT("SELECT pg_sleep(61)"), .timeout_s = 1};
    struct data_rows *rows;

    assert_status(data_execute(job, connection, &query, &rows), RS_TIMEOUT);
    nothing_runs(cluster);
}

static void *cancel_soon(void *job)
{
    struct timespec pause = {.tv_nsec = 300 * 1000 * 1000};

    nanosleep(&pause, NULL);
    rs_job_cancel(job);
    return NULL;
}

UNIT_TEST(odbc_stops_on_the_server_when_the_job_is_cancelled)
{
    WITH_POSTGRES(job, connection);
    struct data_rows *rows;
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, job), 0);
    assert_status(ask(job, connection, "SELECT pg_sleep(61)", NULL, 0, &rows), RS_CANCELLED);
    pthread_join(thread, NULL);
    nothing_runs(cluster);
}

/* ---- SQLite -------------------------------------------------------------------------------------------- */

UNIT_TEST(odbc_reads_values_one_by_one_where_sizes_lie)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_connection *connection;
    struct data_rows *rows;
    if (!has_driver("SQLite3"))
        UNIT_SKIP("the ODBC driver of SQLite is not installed");
    struct data_source source = {.name = RS_TEXT("S"), .provider = RS_TEXT("ODBC"), .connect_string = RS_TEXT("Driver=SQLite3;Database=:memory:"), .any_file = true};
    const struct data_parameter p[] = {{RS_TEXT("@n"), value_integer(300)}, {RS_TEXT("?"), value_text(RS_TEXT("\xC3\xA4"))}};

    assert_ok(job, data_open(job, &source, &connection));
    assert_ok(job, ask(job, connection, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @n)"
        " SELECT i, CASE WHEN i % 2 THEN hex(zeroblob(i * 100)) END AS t, x'0001' AS b FROM n", p, 1, &rows));
    assert_int_equal(rows->row_count, 300);
    for (size_t i = 0; i < 300; i++) {
        if (i % 2 == 0)
            assert_int_equal(value_bytes(data_value(&rows->columns[1], i)).size, (i + 1) * 200);
        else
            assert_true(data_is_null(&rows->columns[1], i));
    }
    assert_ok(job, ask(job, connection, "SELECT ? + 1, ?", p, 2, &rows));
    assert_text(value_bytes(data_value(&rows->columns[1], 0)), "\xC3\xA4");
}

UNIT_TEST(odbc_survives_a_stop_at_every_checkpoint)
{
    rs_status status = RS_CANCELLED;
    if (!has_driver("SQLite3"))
        UNIT_SKIP("the ODBC driver of SQLite is not installed");
    struct data_source source = {.name = RS_TEXT("S"), .provider = RS_TEXT("ODBC"), .connect_string = RS_TEXT("Driver=SQLite3;Database=:memory:"), .any_file = true};
    for (uint64_t stop = 1; status != RS_OK; stop++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct data_connection *connection;
        struct data_rows *rows;
        rs_job_stop_at(job, stop);
        status = data_open(job, &source, &connection);
        if (status == RS_OK)
            status = ask(job, connection, "SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 'three'", NULL, 0, &rows);
        if (status != RS_OK)
            assert_status(status, RS_CANCELLED);
        assert_true(stop < 10000);
    }
}

/* ---- SQL Server ---------------------------------------------------------------------------------------- */

/* A server that speaks as much TDS as it takes to refuse a login. What it was asked for comes back through `out`. */
static void refuse_login(int listener, int out)
{
    static const unsigned char prelogin[] = {4, 1, 0, 26, 0, 0, 1, 0, 0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xFF, 15, 0, 7, 0xD0, 0, 0, 2};
    static const char why[] = "Login failed for user 'reader'.";
    unsigned char in[8192], answer[512] = {4, 1};
    size_t at = 8, length = sizeof why - 1;
    int fd = accept(listener, NULL, NULL);

    alarm(30); /* a driver that says nothing */
    if (read(fd, in, sizeof in) <= 0 || in[0] != 0x12 || write(fd, prelogin, sizeof prelogin) < 0)
        _exit(1);
    ssize_t size = read(fd, in, sizeof in);
    if (size <= 0 || in[0] != 0x10 || write(out, in, (size_t)size) != size)
        _exit(1);
    answer[at++] = 0xAA;
    size_t token = at;
    at += 2;
    memcpy(answer + at, "\x18\x48\0\0\1\16", 6);
    at += 6;
    answer[at++] = (unsigned char)length;
    answer[at++] = 0;
    for (size_t i = 0; i < length; i++, at += 2)
        answer[at] = (unsigned char)why[i];
    at += 2 + 4; /* no server, no procedure, line 0 */
    answer[token] = (unsigned char)(at - token - 2);
    memcpy(answer + at, "\xFD\2\0\0\0\0\0\0\0\0\0\0\0", 13);
    at += 13;
    answer[2] = (unsigned char)(at >> 8);
    answer[3] = (unsigned char)at;
    if (write(fd, answer, at) < 0)
        _exit(1);
    while (read(fd, in, sizeof in) > 0)
        ;
    _exit(0);
}

static bool holds_wide(const unsigned char *bytes, size_t size, const char *text)
{
    size_t length = strlen(text);

    for (size_t at = 0; at + 2 * length <= size; at++) {
        size_t i = 0;
        while (i < length && bytes[at + 2 * i] == (unsigned char)text[i] && bytes[at + 2 * i + 1] == 0)
            i++;
        if (i == length)
            return true;
    }
    return false;
}

UNIT_TEST(odbc_reaches_sql_server_through_freetds_and_tells_its_refusal)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t address_size = sizeof address;
    struct data_connection *connection;
    unsigned char login[8192];
    int pipes[2], status;
    if (!has_driver("FreeTDS"))
        UNIT_SKIP("FreeTDS is not installed");

    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, address_size), 0);
    assert_int_equal(listen(listener, 4), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &address_size), 0);
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0)
        refuse_login(listener, pipes[1]);
    close(pipes[1]);
    close(listener);
    struct data_source source = {.name = RS_TEXT("Sales"), .provider = RS_TEXT("SQL"), .user = RS_TEXT("reader"), .password = RS_TEXT("top secret"),
        .connect_string = rs_text_format(job, "Data Source=127.0.0.1,%d;Initial Catalog=SalesDb;Integrated Security=SSPI;Connect Timeout=10", ntohs(address.sin_port))};
    assert_status(data_open(job, &source, &connection), DATA_CONNECT);
    ssize_t size = read(pipes[0], login, sizeof login);
    close(pipes[0]);
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_true(size > 0);
    assert_true(holds_wide(login, (size_t)size, "SalesDb"));
    assert_true(holds_wide(login, (size_t)size, "reader"));
    assert_true(holds_wide(login, (size_t)size, "Bindery"));
    rs_text said = rs_job_error(job);
    if (rs_text_find(said, RS_TEXT("Login failed for user 'reader'.")) < 0 || rs_text_find(said, RS_TEXT("data source \"Sales\"")) < 0)
        fail_msg("%.*s", RS_TEXT_ARG(said));
    assert_true(rs_text_find(said, RS_TEXT("secret")) < 0);
}

UNIT_TEST(odbc_says_which_server_does_not_answer)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_connection *connection;
    if (!has_driver("FreeTDS"))
        UNIT_SKIP("FreeTDS is not installed");
    struct data_source source = {.name = RS_TEXT("Sales"), .provider = RS_TEXT("SQL"), .connect_string = RS_TEXT("Data Source=127.0.0.1,1;User ID=u;Password=top secret")};

    assert_status(data_open(job, &source, &connection), DATA_CONNECT);
    assert_true(rs_text_find(rs_job_error(job), RS_TEXT("Unable to connect")) >= 0);
    assert_true(rs_text_find(rs_job_error(job), RS_TEXT("secret")) < 0);
}

UNIT_TEST(odbc_knows_what_servers_do_not_tell_apart)
{
    assert_int_equal(odbc_server_find(RS_TEXT("Microsoft SQL Server"))->ignores, VALUE_IGNORE_CASE | VALUE_IGNORE_KANA | VALUE_IGNORE_WIDTH);
    assert_true(odbc_server_find(RS_TEXT("Microsoft SQL Server"))->takes_names);
    assert_int_equal(odbc_server_find(RS_TEXT("PostgreSQL"))->ignores, 0);
    assert_int_equal(odbc_server_find(RS_TEXT("Something"))->ignores, 0);
}
