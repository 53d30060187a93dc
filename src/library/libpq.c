/* library/libpq.c - stands in for libpq: data from PostgreSQL. */
#include "library/stand_in.h"

#include <libpq-fe.h>

static struct library libpq = {.file = "libpq.so.5"};

STAND_IN(libpq, PGconn *, PQconnectStartParams, (const char *const *names, const char *const *values, int expand),
         (names, values, expand))
STAND_IN(libpq, PostgresPollingStatusType, PQconnectPoll, (PGconn * connection), (connection))
STAND_IN(libpq, ConnStatusType, PQstatus, (const PGconn *connection), (connection))
STAND_IN(libpq, PGTransactionStatusType, PQtransactionStatus, (const PGconn *connection), (connection))
STAND_IN(libpq, char *, PQerrorMessage, (const PGconn *connection), (connection))
STAND_IN(libpq, int, PQsocket, (const PGconn *connection), (connection))
STAND_IN(libpq, int, PQconsumeInput, (PGconn * connection), (connection))
STAND_IN(libpq, int, PQisBusy, (PGconn * connection), (connection))
STAND_IN(libpq, int, PQflush, (PGconn * connection), (connection))
STAND_IN(libpq, void, PQfinish, (PGconn * connection), (connection))
STAND_IN(libpq, PQnoticeProcessor, PQsetNoticeProcessor, (PGconn * connection, PQnoticeProcessor processor, void *data),
         (connection, processor, data))

STAND_IN(libpq, PGresult *, PQexec, (PGconn * connection, const char *query), (connection, query))
STAND_IN(libpq, int, PQsendQuery, (PGconn * connection, const char *query), (connection, query))
STAND_IN(libpq, int, PQsendPrepare,
         (PGconn * connection, const char *name, const char *query, int count, const Oid *types),
         (connection, name, query, count, types))
STAND_IN(libpq, int, PQsendDescribePrepared, (PGconn * connection, const char *name), (connection, name))
STAND_IN(libpq, int, PQsendQueryPrepared,
         (PGconn * connection, const char *name, int count, const char *const *values, const int *sizes,
          const int *formats, int result_format),
         (connection, name, count, values, sizes, formats, result_format))
STAND_IN(libpq, int, PQsetSingleRowMode, (PGconn * connection), (connection))
STAND_IN(libpq, PGresult *, PQgetResult, (PGconn * connection), (connection))
STAND_IN(libpq, PGcancel *, PQgetCancel, (PGconn * connection), (connection))
STAND_IN(libpq, int, PQcancel, (PGcancel * cancel, char *error, int size), (cancel, error, size))
STAND_IN(libpq, void, PQfreeCancel, (PGcancel * cancel), (cancel))

STAND_IN(libpq, ExecStatusType, PQresultStatus, (const PGresult *result), (result))
STAND_IN(libpq, char *, PQresultErrorMessage, (const PGresult *result), (result))
STAND_IN(libpq, char *, PQresultErrorField, (const PGresult *result, int field), (result, field))
STAND_IN(libpq, int, PQntuples, (const PGresult *result), (result))
STAND_IN(libpq, int, PQnfields, (const PGresult *result), (result))
STAND_IN(libpq, char *, PQfname, (const PGresult *result, int column), (result, column))
STAND_IN(libpq, Oid, PQftype, (const PGresult *result, int column), (result, column))
STAND_IN(libpq, int, PQfformat, (const PGresult *result, int column), (result, column))
STAND_IN(libpq, int, PQgetisnull, (const PGresult *result, int row, int column), (result, row, column))
STAND_IN(libpq, int, PQgetlength, (const PGresult *result, int row, int column), (result, row, column))
STAND_IN(libpq, char *, PQgetvalue, (const PGresult *result, int row, int column), (result, row, column))
STAND_IN(libpq, void, PQclear, (PGresult * result), (result))
