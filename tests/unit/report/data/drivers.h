/* tests/unit/report/data/drivers.h - which ODBC drivers are installed. */
#ifndef DRIVERS_H
#define DRIVERS_H

#include <stdbool.h>
#include <string.h>

#include <sql.h>
#include <sqlext.h>

static inline bool has_driver(const char *name)
{
    SQLHENV environment;
    SQLCHAR found[128], attributes[16];
    SQLSMALLINT size, ignored;
    bool has = false;

    SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment);
    SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0);
    for (SQLUSMALLINT direction = SQL_FETCH_FIRST; SQL_SUCCEEDED(SQLDrivers(environment, direction, found, 128, &size, attributes, 16, &ignored));
         direction = SQL_FETCH_NEXT)
        has |= strcmp((const char *)found, name) == 0;
    SQLFreeHandle(SQL_HANDLE_ENV, environment);
    return has;
}

#endif
