/* report/data/providers.h - the table of data providers.
 */
#ifndef REPORT_DATA_PROVIDERS_H
#define REPORT_DATA_PROVIDERS_H

#include "report/data/data.h"

extern const struct data_provider data_sqlite;    /* SQLITE: a database file, opened for reading */
extern const struct data_provider data_xml;       /* XML: a document in the query or in a file */
extern const struct data_provider data_enterdata; /* ENTERDATA: rows typed into the report */
extern const struct data_provider data_postgres;  /* POSTGRESQL */

extern const struct data_provider *const data_providers[];
extern const size_t data_provider_count;

/* By its own name or another that reports use for it; NULL where there is none. */
const struct data_provider *data_provider_find(rs_text name);

#endif
