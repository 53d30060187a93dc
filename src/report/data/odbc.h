/* report/data/odbc.h - what the parts of the ODBC provider share. Inside this folder only.
 *
 * Source:  ODBC 3.8 Programmer's Reference; SqlClient's, Oracle's and OLE DB's connection strings; FreeTDS, psqlODBC,
 *          MySQL Connector/ODBC and MariaDB, IBM CLI, Teradata and SAP HANA driver documentation.
 */
#ifndef REPORT_DATA_ODBC_H
#define REPORT_DATA_ODBC_H

#include <sql.h>
#include <sqlext.h>

#include "base/buf.h"
#include "report/data/connect.h"
#include "report/data/data.h"

/* ---- products --------------------------------------------------------------------------------------- */

/* A database product: the drivers that reach it, and the words of its .NET and OLE DB connection strings in theirs. */
struct odbc_product;

/* The names of drivers that odbcinst.ini has; `count` of them. */
struct odbc_drivers {
    const rs_text *names;
    size_t count;
};

/* A connection string for the driver manager. `timeout_s` is set to what the string says, where it does.
 *
 * Fails with DATA_CONNECT_STRING, and with DATA_CONNECT where no driver is installed; the message names the package. */
RS_CHECKED rs_status odbc_connect_string(struct rs_job *job, const struct data_source *source,
                                         const struct odbc_drivers *drivers, rs_text *out, unsigned *timeout_s);

/* ---- dialects --------------------------------------------------------------------------------------- */

/* What a server's SQL is like, by the name that its driver gives (SQL_DBMS_NAME). */
struct odbc_server {
    const char *name;             /* part of SQL_DBMS_NAME; compares without case */
    struct data_dialect dialect;
    bool takes_names;             /* EXEC procedure @name = ?; queries through sp_executesql, whose parameters have names */
    bool long_values_lie;         /* the sizes of its columns are not limits: every value is asked for by itself */
    unsigned ignores;             /* VALUE_IGNORE_* where a data set's sensitivities are Auto */
};
const struct odbc_server *odbc_server_find(rs_text dbms_name); /* never NULL */

/* ---- texts ------------------------------------------------------------------------------------------ */

/* UTF-16 of the machine's byte order, ended by a 0 unit that `units` does not count. */
SQLWCHAR *odbc_wide(struct rs_job *job, rs_text text, size_t *units);
void odbc_add_narrow(rs_buf *out, const SQLWCHAR *wide, size_t units);

/* ---- a connection and a query ----------------------------------------------------------------------- */

struct odbc_state {
    SQLHENV environment;
    SQLHDBC connection;
    const struct odbc_server *server;
    rs_text password; /* is taken out of messages */
    bool reads_blocks; /* SQLGetData works for any row of a block */
    bool is_broken;   /* a query was left unfinished */
};

struct odbc_run {
    struct rs_job *job, *watch; /* of the call that is at work */
    struct odbc_state *state;
    const struct data_query *query;
    struct data_writer *writer;
    SQLHSTMT statement;
};

rs_status odbc_query_failed(struct odbc_run *run);

/* Bind `values` to the markers of run->statement; what is bound lives in the job. */
RS_CHECKED rs_status odbc_bind(struct odbc_run *run, const struct value *values, size_t count);

/* T-SQL: the batch `text`, which names its parameters, as a call of sp_executesql with markers for their values. */
RS_CHECKED rs_status odbc_tsql_batch(struct rs_job *job, const struct data_query *query, rs_text *text,
                                     const struct value **values, size_t *count);

/* The statement's result: its columns, then up to `count` further rows at a time; *more: whether any may come behind them.
 * The block lives in the job of the first call; odbc_rows_finish, which accepts NULL, gives back what does not. */
struct odbc_block;
RS_CHECKED rs_status odbc_rows_begin(struct odbc_run *run, struct odbc_block **out);
RS_CHECKED rs_status odbc_rows_read(struct odbc_block *block, size_t count, bool *more);
void odbc_rows_finish(struct odbc_block *block);

#endif
