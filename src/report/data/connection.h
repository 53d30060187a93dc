/* report/data/connection.h - an open data source. Internal to report/data: data.c asks for whole results, flow.c for pieces.
 */
#ifndef REPORT_DATA_CONNECTION_H
#define REPORT_DATA_CONNECTION_H

#include "report/data/data.h"

struct data_flow;

struct data_connection {
    const struct data_provider *provider;
    struct data_source source;
    void *state; /* the provider's */
    const struct data_flow *flow; /* the last that began and has rows left to read; NULL: none */
};

/* Seconds that a query may take: its own Timeout, else the connection's; 0 = no limit. */
unsigned data_query_timeout(const struct data_connection *connection, const struct data_query *query);

/* What a query failed with: which data set, and whether it was its own Timeout that ended it. */
void data_query_within(struct rs_job *job, rs_status status, const struct data_query *query);

#endif
