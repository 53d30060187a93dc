/* report/data/providers.h - the table of data providers, by the names that reports use.
 */
#ifndef REPORT_DATA_PROVIDERS_H
#define REPORT_DATA_PROVIDERS_H

#include "report/data/data.h"

extern const struct data_provider data_sqlite;    /* a database file, opened for reading */
extern const struct data_provider data_xml;       /* a document in the query or in a file */
extern const struct data_provider data_enterdata; /* rows typed into the report */
extern const struct data_provider data_json;
extern const struct data_provider data_csv;
extern const struct data_provider data_postgres;
extern const struct data_provider data_odbc;      /* SQL Server and all others, through an ODBC driver */

struct data_provider_name {
    const char *name;
    const struct data_provider *provider;
    bool is_offered; /* where somebody chooses one: not other names of the same, not what only stands inside reports */
};

extern const struct data_provider_name data_provider_names[];
extern const size_t data_provider_name_count;

/* NULL where there is none; compares without case. */
const struct data_provider *data_provider_find(rs_text name);

#endif
