/* A run that is stopped anywhere gives everything back; totals are those of SQL. */
#include "unit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "pieces.h"

#define Q "&quot;"

static const char busy[] = REPORT(SALES
    DATA_SET("Other", "@Name,@Code", "<R Name='North' Code='1'/><R Name='West' Code='2'/>", PLAIN("Name") PLAIN("Code"), ""),
    TABLIX("M", COLUMNS2,
        ROW(CELL("C1", "=Sum(Fields!Units.Value) &amp; Lookup(Fields!Region.Value, Fields!Name.Value, Fields!Code.Value, " Q "Other" Q ")") CELL("C2", "=RunningValue(Fields!Units.Value, Sum, Nothing)"))
        ROW(CELL("C3", "=CountDistinct(Fields!City.Value)") CELL("C4", "=Max(Sum(Fields!Units.Value, " Q "ByRegion" Q "))")),
        "<TablixMember>" BY("ByCity", "=Fields!City.Value") SORT("=Sum(Fields!Amount.Value)") "</TablixMember>" STATIC,
        "<TablixMember>" BY("ByRegion", "=UCase(Fields!Region.Value)") SORT("=Fields!Region.Value") "</TablixMember>" STATIC,
        "<DataSetName>Sales</DataSetName>" FILTER("=Fields!Units.Value", "TopN", INTEGER("7"))), "");

static rs_status whole_run(struct rs_job *job, const struct publish_report *report, rs_text *out)
{
    static const struct compute_options nothing;
    struct compute_run *run;

    RS_TRY(compute_open(job, report, &nothing, &run));
    RS_TRY(compute_start(job, run));
    RS_TRY(compute_fetch(job, run));
    return pieces_show(job, run, "M", out);
}

UNIT_TEST(compute_survives_a_stop_at_every_checkpoint)
{
    RS_OWNED(rs_job) publishing = rs_job_create(NULL);
    RS_OWNED(publish_report) report = NULL;
    uint64_t total;
    rs_text text;

    assert_ok(publishing, publish_open(publishing, rs_text_from(busy), NULL, &report));
    {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        assert_ok(job, whole_run(job, report, &text));
        total = rs_job_checkpoints(job);
    }
    assert_true(total > 50);
    for (uint64_t stop = 1; stop <= total; stop++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        rs_job_stop_at(job, stop);
        assert_status(whole_run(job, report, &text), RS_CANCELLED);
    }
}

/* ---- totals ----------------------------------------------------------------------------------------- */

static void make_database(char folder[64], char path[96])
{
    sqlite3 *db;

    strcpy(folder, "/tmp/bindery-compute-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, 96, "%s/s.db", folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
        "CREATE TABLE s (region TEXT, product INTEGER, cents INTEGER, amount DECIMAL(12,2), day DATE, ratio REAL);"
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 19999)"
        " INSERT INTO s SELECT 'R' || (i * 7 % 11), i * 13 % 37, (i * 7919) % 100003, CAST((i * 7919) % 100003 AS REAL) / 100,"
        " date('2020-02-25', '+' || (i * 17 % 1461) || ' days'), ((i * 31) % 977 - 300) / 8.0 FROM n;"
        "UPDATE s SET amount = NULL, cents = NULL WHERE rowid % 97 = 0;"
        "UPDATE s SET day = NULL, ratio = NULL, region = NULL WHERE rowid % 89 = 0;", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static rs_text sql_text(struct rs_job *job, const char *path, const char *query)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    rs_buf out = rs_buf_in(job);

    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, query, -1, &statement, NULL), SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW)
        rs_buf_printf(&out, "%s\n", (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return rs_buf_text(&out);
}

#define SQL_REPORT(query, body)                                                                                  \
    "<Report xmlns='http://schemas.microsoft.com/sqlserver/reporting/2016/01/reportdefinition'>"                 \
    "<DataSources><DataSource Name='S'><ConnectionProperties><DataProvider>SQLITE</DataProvider><ConnectString>Data Source=s.db</ConnectString>" \
    "</ConnectionProperties></DataSource></DataSources><DataSets><DataSet Name='D'><Query><DataSourceName>S</DataSourceName>" \
    "<CommandText>" query "</CommandText></Query><Fields>" PLAIN("region") PLAIN("product") PLAIN("cents") PLAIN("amount") PLAIN("day") PLAIN("ratio") "</Fields></DataSet></DataSets>" \
    "<ReportSections><ReportSection><Body><ReportItems>" body "</ReportItems><Height>1in</Height></Body><Width>5in</Width><Page/></ReportSection></ReportSections></Report>"

/* The table that `tablix` shows is the text that `query` gives, row by row. */
static void same_as_sql(const char *report, const char *query)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    char folder[64], path[96];
    rs_text shown, expected;

    make_database(folder, path);
    struct compute_run *run = pieces_open(job, report, &(struct compute_options){.base_folder = rs_text_from(folder)});
    assert_ok(job, pieces_show(job, run, "T", &shown));
    expected = sql_text(job, path, query);
    unlink(path);
    rmdir(folder);
    for (size_t i = 0; i < shown.size && i < expected.size; i++)
        if (shown.bytes[i] != expected.bytes[i])
            fail_msg("here \"%.60s\", there \"%.60s\"", shown.bytes + i, expected.bytes + i);
    assert_int_equal(shown.size, expected.size);
}

UNIT_TEST(compute_gives_the_totals_that_sql_gives)
{
    same_as_sql(SQL_REPORT("SELECT * FROM s",
        TABLIX("T", COLUMNS1,
            ROW(CELL("A", "=Fields!region.Value &amp; " Q " " Q " &amp; Fields!product.Value &amp; " Q " " Q " &amp; CountRows() &amp; " Q " " Q " &amp; Count(Fields!amount.Value) &amp; " Q " " Q " &amp; "
                          "Sum(Fields!cents.Value) &amp; " Q " " Q " &amp; Format(Sum(Fields!amount.Value) * 100, " Q "0" Q ") &amp; " Q " " Q " &amp; CountDistinct(Fields!day.Value) &amp; " Q " " Q " &amp; Min(Fields!amount.Value)")),
            STATIC,
            "<TablixMember>" BY("G", "=Fields!region.Value") SORT("=Fields!region.Value")
            MEMBERS("<TablixMember>" BY("P", "=Fields!product.Value") SORT("=Fields!product.Value") "</TablixMember>") "</TablixMember>", "")),
        "SELECT '|' || coalesce(region, '') || ' ' || product || ' ' || count(*) || ' ' || count(amount) || ' ' || sum(cents) || ' ' || sum(cents)"
        " || ' ' || count(DISTINCT day) || ' ' || rtrim(rtrim(printf('%.2f', min(amount)), '0'), '.') FROM s GROUP BY region, product ORDER BY region, product");
}

UNIT_TEST(compute_groups_dates_decimals_and_doubles_as_sql_does)
{
#define GROUPED(field)                                                                                           \
    SQL_REPORT("SELECT * FROM s",                                                                                \
        TABLIX("T", COLUMNS1, ROW(CELL("A", "=CountRows() &amp; " Q " " Q " &amp; Sum(Fields!cents.Value)")), STATIC, \
            "<TablixMember>" BY("G", "=Fields!" field ".Value") SORT("=Fields!" field ".Value") "</TablixMember>", ""))
#define SQL_GROUPED(field)                                                                                       \
    "SELECT '|' || count(*) || ' ' || coalesce(sum(cents), '') FROM s GROUP BY " field " ORDER BY " field

    same_as_sql(GROUPED("day"), SQL_GROUPED("day"));
    same_as_sql(GROUPED("amount"), SQL_GROUPED("amount"));
    same_as_sql(GROUPED("ratio"), SQL_GROUPED("ratio"));
}

UNIT_TEST(compute_takes_rows_that_come_in_order_as_they_are)
{
    /* Grouped and sorted by what the query has sorted already, and by the same the other way round. */
#define ORDERED(order, down)                                                                                     \
    SQL_REPORT("SELECT * FROM s ORDER BY " order,                                                                \
        TABLIX("T", COLUMNS1, ROW(CELL("A", "=Fields!product.Value &amp; " Q " " Q " &amp; CountRows(" Q "G" Q ")")), STATIC, \
            "<TablixMember>" BY("G", "=Fields!day.Value") MEMBERS("<TablixMember><Group Name='Det'/><SortExpressions><SortExpression>" \
            "<Value>=Fields!cents.Value</Value>" down "</SortExpression></SortExpressions></TablixMember>") "</TablixMember>", ""))
#define SQL_ORDERED(days, cents)                                                                                 \
    "SELECT '|' || product || ' ' || count(*) OVER (PARTITION BY day) FROM s ORDER BY day " days ", cents " cents ", rowid"

    same_as_sql(ORDERED("day, cents, rowid", ""), SQL_ORDERED("", ""));
    same_as_sql(ORDERED("day DESC, cents DESC, rowid", ""), SQL_ORDERED("DESC", ""));
    same_as_sql(ORDERED("day, cents, rowid", "<Direction>Descending</Direction>"), SQL_ORDERED("", "DESC"));
}

UNIT_TEST(compute_sorts_rows_as_sql_does)
{
#define SORTED(first, second)                                                                                    \
    SQL_REPORT("SELECT * FROM s",                                                                                \
        TABLIX("T", COLUMNS1, ROW(CELL("A", "=Fields!product.Value &amp; " Q " " Q " &amp; Fields!cents.Value")), STATIC, \
            "<TablixMember><Group Name='Det'/><SortExpressions><SortExpression><Value>=Fields!" first ".Value</Value><Direction>Descending</Direction>" \
            "</SortExpression><SortExpression><Value>=Fields!" second ".Value</Value></SortExpression></SortExpressions></TablixMember>", ""))
#define SQL_SORTED(first, second)                                                                                \
    "SELECT '|' || product || ' ' || coalesce(cents, '') FROM s ORDER BY " first " DESC, " second ", rowid"

    same_as_sql(SORTED("amount", "region"), SQL_SORTED("amount", "region"));
    same_as_sql(SORTED("ratio", "day"), SQL_SORTED("ratio", "day"));
    same_as_sql(SORTED("day", "cents"), SQL_SORTED("day", "cents"));
    same_as_sql(SORTED("cents", "amount"), SQL_SORTED("cents", "amount"));
    same_as_sql(SORTED("region", "cents"), SQL_SORTED("region", "cents"));
    same_as_sql(SORTED("day", "amount"), SQL_SORTED("day", "amount"));
}
