/* report/data/flow.h - a query whose rows are asked for piece by piece, and are not kept: for reports that need each row once.
 *
 * A piece is a block of values, row by row. Its texts live in memory of its own, which ends when its rows are done with:
 * what a query of any length needs is the memory of a few pieces.
 */
#ifndef REPORT_DATA_FLOW_H
#define REPORT_DATA_FLOW_H

#include "report/data/data.h"

struct data_flow;

struct data_piece {
    struct value *cells; /* data_flow_width of each row */
    size_t row_count;
};

/* Whether the connection's provider gives rows piece by piece. */
bool data_can_flow(const struct data_connection *connection);
/* Whether nothing can be asked on the connection, because rows of a flow are left that were not read. */
bool data_is_busy(const struct data_connection *connection);

/* Run a query on a connection that is not busy. The flow ends with the job, and its connection must live as long. Fails as
 * data_execute. */
RS_CHECKED rs_status data_flow_open(struct rs_job *job, struct data_connection *connection, const struct data_query *query,
                                    struct data_flow **out);
/* Rows that are there, in the same way. */
struct data_flow *data_flow_of(struct rs_job *job, const struct data_rows *rows);

size_t data_flow_width(const struct data_flow *flow);
/* The column of that name, by name as it is, else without case; -1 where there is none. */
ptrdiff_t data_flow_column(const struct data_flow *flow, rs_text name);

/* The next rows, in `memory`; errors are reported there too, and end the flow. *more: whether any may come behind them. The Timeout of the
 * query counts the time in here only, not what is done with the rows. */
RS_CHECKED rs_status data_flow_read(struct rs_job *memory, struct data_flow *flow, struct data_piece *out, bool *more);

#endif
