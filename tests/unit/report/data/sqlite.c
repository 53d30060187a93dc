#include "unit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "report/data/data.h"
#include "report/value/date.h"

/* A database of its own for each test, in a temporary folder. */
struct fixture {
    char folder[64];
    char path[96];
};

static void fixture_open(struct fixture *f, const char *sql)
{
    sqlite3 *db;

    strcpy(f->folder, "/tmp/bindery-data-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->path, sizeof f->path, "%s/a.db", f->folder);
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void fixture_close(struct fixture *f)
{
    unlink(f->path);
    rmdir(f->folder);
}

static const char schema[] =
    "CREATE TABLE t (id INTEGER, name TEXT, price DECIMAL(10,2), day DATE, stamp DATETIME, ok BOOLEAN, x REAL);"
    "INSERT INTO t VALUES (1, 'one', 19.99, '2024-05-31', '2024-05-31 10:20:30', 1, 0.5),"
    " (2, 'two', 5, '2024-06-01', NULL, 0, 2), (3, NULL, NULL, NULL, '2024-06-01 00:00:00', NULL, NULL);";

static struct data_source source_of(const struct fixture *f, const char *connect)
{
    return (struct data_source){.name = RS_TEXT("S"), .provider = RS_TEXT("sqlite"), .connect_string = rs_text_from(connect),
                                .base_folder = rs_text_from(f->folder)};
}

static rs_status query_rows(struct rs_job *job, const struct fixture *f, const char *text, const struct data_parameter *parameters,
                            size_t count, struct data_rows **out)
{
    struct data_source source = source_of(f, "Data Source=a.db");
    struct data_query query = {.data_set = RS_TEXT("D"), .text = rs_text_from(text), .parameters = parameters,
                               .parameter_count = count};
    struct data_connection *connection;

    RS_TRY(data_open(job, &source, &connection));
    return data_execute(job, connection, &query, out);
}

UNIT_TEST(sqlite_reads_kinds_by_declared_type)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct fixture f;
    struct data_rows *rows;
    struct value_date_parts parts;
    static const enum value_kind kinds[] = {VALUE_LONG, VALUE_TEXT, VALUE_DECIMAL, VALUE_DATE, VALUE_DATE, VALUE_BOOLEAN, VALUE_DOUBLE};

    fixture_open(&f, schema);
    assert_ok(job, query_rows(job, &f, "SELECT * FROM t ORDER BY id", NULL, 0, &rows));
    assert_int_equal(rows->row_count, 3);
    for (size_t c = 0; c < 7; c++)
        assert_int_equal(rows->columns[c].kind, kinds[c]);
    assert_int_equal(data_value(&rows->columns[2], 0).low, 1999);
    assert_int_equal(data_value(&rows->columns[2], 0).scale, 2);
    value_date_split(data_value(&rows->columns[4], 0).ticks, &parts);
    assert_int_equal(parts.hour, 10);
    assert_int_equal(parts.day, 31);
    assert_true(data_value(&rows->columns[5], 0).boolean);
    assert_int_equal(data_value(&rows->columns[1], 2).kind, VALUE_NULL);
    fixture_close(&f);
}

UNIT_TEST(sqlite_binds_parameters_of_every_kind)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct fixture f;
    struct data_rows *rows;
    const struct value ids[] = {value_integer(1), value_integer(3)};
    struct value_date_parts day = {2024, 6, 1, 0, 0, 0, 0};
    int64_t ticks;

    assert_true(value_date_join(&day, &ticks));
    const struct data_parameter p[] = {{RS_TEXT("@ids"), value_array(ids, 2)}, {RS_TEXT("@day"), value_date(ticks)},
                                       {RS_TEXT("@name"), value_null()}};
    fixture_open(&f, schema);
    assert_ok(job, query_rows(job, &f, "SELECT id FROM t WHERE id IN (@ids)", p, 3, &rows));
    assert_int_equal(rows->row_count, 2);
    assert_ok(job, query_rows(job, &f, "SELECT id FROM t WHERE day = @day", p, 3, &rows));
    assert_int_equal(rows->row_count, 1);
    assert_ok(job, query_rows(job, &f, "SELECT id FROM t WHERE @name IS NULL OR name = @name", p, 3, &rows));
    assert_int_equal(rows->row_count, 3);
    fixture_close(&f);
}

UNIT_TEST(sqlite_does_nothing_but_read)
{
    static const char *const refused[] = {
        "DELETE FROM t", "UPDATE t SET id = 0 RETURNING id", "INSERT INTO t(id) VALUES (9) RETURNING id", "ATTACH '/etc/passwd' AS p",
        "CREATE TABLE u (a)", "PRAGMA writable_schema = 1", "SELECT load_extension('x')", "VACUUM",
    };
    struct fixture f;

    fixture_open(&f, schema);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct data_rows *rows;
        assert_status(query_rows(job, &f, refused[i], NULL, 0, &rows), DATA_QUERY);
    }
    fixture_close(&f);
}

/* What one function call makes is made where neither the deadline nor the memory limit is looked at. */
UNIT_TEST(sqlite_makes_no_value_of_a_gigabyte)
{
    static const char *const refused[] = {"SELECT length(zeroblob(900000000))", "SELECT hex(zeroblob(900000000))",
                                          "SELECT 'a' LIKE hex(zeroblob(1000))"};
    struct fixture f;

    fixture_open(&f, schema);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct data_rows *rows;
        assert_status(query_rows(job, &f, refused[i], NULL, 0, &rows), DATA_QUERY);
    }
    fixture_close(&f);
}

UNIT_TEST(sqlite_says_what_is_wrong_and_where)
{
    struct fixture f;

    fixture_open(&f, schema);
    {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct data_rows *rows;
        assert_status(query_rows(job, &f, "SELECT nothing FROM t", NULL, 0, &rows), DATA_QUERY);
        assert_true(rs_text_find(rs_job_error(job), RS_TEXT("nothing")) >= 0);
        assert_true(rs_text_find(rs_job_error(job), RS_TEXT("data set \"D\"")) >= 0);
    }
    static const struct {
        const char *connect;
        rs_status status;
    } wrong[] = {{"Version=3", DATA_CONNECT_STRING}, {"Data Source=missing.db", DATA_CONNECT}, {"Data Source=../a.db", DATA_CONNECT},
                 {"Data Source=/etc/passwd", DATA_CONNECT}, {"Data Source=", DATA_CONNECT}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct data_source source = source_of(&f, wrong[i].connect);
        struct data_connection *connection;
        assert_status(data_open(job, &source, &connection), wrong[i].status);
    }
    fixture_close(&f);
}

UNIT_TEST(sqlite_refuses_a_file_that_is_no_database)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_source source = {.name = RS_TEXT("S"), .provider = RS_TEXT("SQLITE"), .connect_string = RS_TEXT("Data Source=/etc/passwd"),
                                 .any_file = true};
    struct data_connection *connection;

    assert_status(data_open(job, &source, &connection), DATA_CONNECT);
}

static const char endless[] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

UNIT_TEST(sqlite_stops_at_the_deadline_of_the_job_and_of_the_query)
{
    struct fixture f;
    struct data_rows *rows;

    fixture_open(&f, schema);
    {
        RS_OWNED(rs_job) job = rs_job_create(&(struct rs_job_options){.deadline_ms = rs_clock_steady_ms() + 50});
        assert_status(query_rows(job, &f, endless, NULL, 0, &rows), RS_TIMEOUT);
    }
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct data_source source = source_of(&f, "Data Source=a.db");
    struct data_query query = {.data_set = RS_TEXT("D"), .text = RS_TEXT("SELECT 1"), .timeout_s = 1};
    struct data_connection *connection;
    assert_ok(job, data_open(job, &source, &connection));
    assert_ok(job, data_execute(job, connection, &query, &rows));
    query.text = rs_text_from(endless);
    assert_status(data_execute(job, connection, &query, &rows), RS_TIMEOUT);
    fixture_close(&f);
}

UNIT_TEST(sqlite_survives_a_stop_at_every_checkpoint)
{
    struct fixture f;
    uint64_t total;
    struct data_rows *rows;

    fixture_open(&f, schema);
    {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        assert_ok(job, query_rows(job, &f, "SELECT a.* FROM t a, t b", NULL, 0, &rows));
        total = rs_job_checkpoints(job);
    }
    assert_true(total >= 9);
    for (uint64_t stop = 1; stop <= total; stop++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        rs_job_stop_at(job, stop);
        assert_status(query_rows(job, &f, "SELECT a.* FROM t a, t b", NULL, 0, &rows), RS_CANCELLED);
    }
    fixture_close(&f);
}
