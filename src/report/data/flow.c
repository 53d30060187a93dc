#include "report/data/flow.h"

#include <assert.h>

#include "base/clock.h"
#include "report/data/connection.h"

/* Of rows that are there pieces are small: these are for samples and tests, which are to meet many pieces with few rows. */
#define QUERY_PIECE 512u
#define ROWS_PIECE 7u

struct data_flow {
    struct data_connection *connection; /* NULL: of rows that are there */
    const struct data_query *query;
    const struct data_rows *rows;
    struct data_writer *writer;
    void *cursor;
    size_t at;         /* next of `rows` */
    int64_t left_ms;   /* of the query's Timeout; INT64_MAX without one */
    bool begun;
};

/* Nothing more is asked for: the data source need not work on. */
static void stop(struct data_flow *flow)
{
    if (flow->cursor)
        flow->connection->provider->end(rs_move(flow->cursor));
    if (flow->connection->flow == flow)
        flow->connection->flow = NULL;
}

static void flow_end(void *object)
{
    struct data_flow *flow = object;

    stop(flow);
    data_writer_destroy(flow->writer);
}

bool data_can_flow(const struct data_connection *connection)
{
    return connection->provider->begin != NULL;
}

bool data_is_busy(const struct data_connection *connection)
{
    return connection->provider->one_query && connection->flow;
}

static rs_status step(struct rs_job *job, struct rs_job *watch, struct data_flow *flow, struct data_piece *piece, bool *more)
{
    const struct data_provider *provider = flow->connection->provider;

    if (!flow->begun) {
        flow->begun = true;
        return provider->begin(job, watch, flow->connection->state, flow->query, flow->writer, &flow->cursor);
    }
    data_writer_begin_piece(flow->writer, job, QUERY_PIECE);
    RS_TRY(provider->read(job, watch, flow->cursor, flow->writer, QUERY_PIECE, more));
    piece->cells = data_writer_piece(flow->writer, &piece->row_count);
    if (!*more)
        stop(flow);
    return RS_OK;
}

/* Begin, or read a piece, in what is left of the query's own time. */
static rs_status timed_step(struct rs_job *job, struct data_flow *flow, struct data_piece *piece, bool *more)
{
    int64_t started = rs_clock_steady_ms();
    RS_OWNED(rs_job) timed = NULL;
    rs_status status;

    if (flow->left_ms != INT64_MAX)
        timed = rs_job_create(&(struct rs_job_options){.deadline_ms = started + flow->left_ms, .within = job});
    status = step(job, timed ? timed : job, flow, piece, more);
    if (timed)
        flow->left_ms -= rs_clock_steady_ms() - started;
    if (status != RS_OK) {
        stop(flow);
        data_query_within(job, status, flow->query);
    }
    return status;
}

rs_status data_flow_open(struct rs_job *job, struct data_connection *connection, const struct data_query *query,
                         struct data_flow **out)
{
    struct data_flow *flow = RS_NEW(job, struct data_flow);
    struct data_query *kept = RS_NEW(job, struct data_query);

    assert(!data_is_busy(connection));
    *kept = *query;
    kept->timeout_s = data_query_timeout(connection, query);
    kept->in_pieces = true;
    flow->connection = connection;
    connection->flow = flow;
    flow->query = kept;
    flow->left_ms = kept->timeout_s ? (int64_t)kept->timeout_s * 1000 : INT64_MAX;
    flow->writer = data_writer_create(job, query->max_rows);
    rs_job_at_end(job, flow_end, flow);
    *out = flow;
    return timed_step(job, flow, NULL, NULL);
}

struct data_flow *data_flow_of(struct rs_job *job, const struct data_rows *rows)
{
    struct data_flow *flow = RS_NEW(job, struct data_flow);

    flow->rows = rows;
    return flow;
}

size_t data_flow_width(const struct data_flow *flow)
{
    return flow->rows ? flow->rows->column_count : data_writer_width(flow->writer);
}

ptrdiff_t data_flow_column(const struct data_flow *flow, rs_text name)
{
    return flow->rows ? data_column_find(flow->rows, name) : data_writer_find(flow->writer, name);
}

static void take_rows(struct rs_job *memory, struct data_flow *flow, struct data_piece *out, bool *more)
{
    const struct data_rows *rows = flow->rows;
    size_t left = rows->row_count - flow->at, count = left < ROWS_PIECE ? left : ROWS_PIECE;
    struct value *cells = RS_NEW_ARRAY(memory, struct value, count * rows->column_count + 1);

    for (size_t row = 0; row < count; row++)
        for (size_t i = 0; i < rows->column_count; i++)
            cells[row * rows->column_count + i] = data_value(&rows->columns[i], flow->at + row);
    flow->at += count;
    *out = (struct data_piece){cells, count};
    *more = flow->at < rows->row_count;
}

rs_status data_flow_read(struct rs_job *memory, struct data_flow *flow, struct data_piece *out, bool *more)
{
    if (flow->connection)
        return timed_step(memory, flow, out, more);
    take_rows(memory, flow, out, more);
    return rs_job_checkpoint(memory);
}
