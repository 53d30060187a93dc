/* report/data/data.h - rows from a data source, through the provider that its definition names.
 *
 * Adding one: <name>.c ending in a `const struct data_provider`, and its names in providers.c.
 *
 * Source:  RDL DataSource, Query; the data processing extensions of the original.
 */
#ifndef REPORT_DATA_DATA_H
#define REPORT_DATA_DATA_H

#include <limits.h>

#include "report/data/rows.h"
#include "report/data/sql.h"

struct data_source {
    rs_text name;           /* in the report, for messages */
    rs_text provider;       /* SQL, SQLITE, XML, ENTERDATA ...; compares without case */
    rs_text connect_string;
    rs_text user, password;
    rs_text base_folder;    /* files are below it; empty: none may be read */
    bool any_file;          /* absolute file names and ".." are allowed too */
    rs_text http_hosts;     /* that documents may come from; see http_host_is_allowed. Not asked where any_file */
    bool transaction;       /* all its queries in one transaction, where the provider has such */
};

/* A field as the data set declares it: what the result's column should hold. */
struct data_field {
    rs_text column;  /* of the result */
    uint8_t kind;    /* enum value_kind, VALUE_NULL where the report does not say */
    bool is_measure; /* is summed or averaged somewhere: for sample data without a type */
};

enum data_command { DATA_COMMAND_TEXT, DATA_COMMAND_PROCEDURE, DATA_COMMAND_TABLE };

struct data_query {
    rs_text data_set;       /* for messages */
    enum data_command command;
    rs_text text;
    const struct data_parameter *parameters;
    size_t parameter_count;
    const struct data_field *fields;
    size_t field_count;
    unsigned timeout_s;     /* 0 = the connection's, or none but the job's */
    size_t max_rows;        /* 0 = DATA_ROWS_MAX */
    bool in_pieces;         /* time passes between its rows that does not count to timeout_s; see flow.h */
};

struct data_connection;

/* Open a connection that is closed when the job ends. Fails with DATA_PROVIDER_UNKNOWN (naming the provider and the
 * source), DATA_CONNECT_STRING or DATA_CONNECT. */
RS_CHECKED rs_status data_open(struct rs_job *job, const struct data_source *source, struct data_connection **out);

/* Run one query; *out lives as long as the job. The connection's job and this one may differ. Cancelling the job stops
 * the driver. Fails with DATA_QUERY, DATA_QUERY_PARAMETER, DATA_TOO_MANY_ROWS, RS_TIMEOUT ... */
RS_CHECKED rs_status data_execute(struct rs_job *job, struct data_connection *connection,
                                  const struct data_query *query, struct data_rows **out);

/* What the data source does not tell apart, VALUE_IGNORE_* of value/compare.h: for sensitivities that are Auto. */
unsigned data_ignores(const struct data_connection *connection);

/* ---- providers -------------------------------------------------------------------------------------- */

struct data_provider {
    unsigned ignores;  /* what its own comparisons do not tell apart; DATA_IGNORES_ASK: `ignores_of` says it */
    bool one_query;    /* while rows of a query are left to read, nothing else can be asked on its connection */
    /* *state is handed to the others; it lives in the job, or `close` gives it back. */
    rs_status (*open)(struct rs_job *job, const struct data_source *source, void **state);
    void (*close)(void *state); /* NULL where nothing is to be closed */
    /* `watch` carries the deadline of this query and is asked at checkpoints; errors go to `job`. */
    rs_status (*execute)(struct rs_job *job, struct rs_job *watch, void *state, const struct data_query *query,
                         struct data_writer *writer);
    unsigned (*ignores_of)(const void *state);
    unsigned (*timeout_of)(const void *state); /* seconds for queries that say none, 0 = none; NULL: never any */
    /* In the place of `execute`, where rows can be asked for piece by piece: the columns, then up to `count` further rows at
     * a time, fewer only at the end. `job` and `watch` are those of each call; *cursor lives in the job of the first one,
     * and `end` gives back what does not, also where `begin` failed behind it. */
    rs_status (*begin)(struct rs_job *job, struct rs_job *watch, void *state, const struct data_query *query,
                       struct data_writer *writer, void **cursor);
    rs_status (*read)(struct rs_job *job, struct rs_job *watch, void *cursor, struct data_writer *writer, size_t count,
                      bool *more);
    void (*end)(void *cursor);
};

#define DATA_IGNORES_ALL 15u /* nobody knows: the original's default */
#define DATA_IGNORES_ASK UINT_MAX

/* A checkpoint of both jobs of a query; what stopped `watch` is reported in `job`. */
RS_CHECKED rs_status data_checkpoint(struct rs_job *job, struct rs_job *watch);

/* Until `fd` is ready for `events` of poll(2), or one of the jobs is to stop: looked at every DATA_WAIT_MS. */
#define DATA_WAIT_MS 20
RS_CHECKED rs_status data_wait(struct rs_job *job, struct rs_job *watch, int fd, short events);
/* A checkpoint that also looks at the clock, which others do only now and then: for loops that wait. */
RS_CHECKED rs_status data_checkpoint_timed(struct rs_job *job, struct rs_job *watch);

/* The declared kind of a result column: that of the field bound to it, VALUE_NULL where there is none. */
enum value_kind data_field_kind(const struct data_query *query, rs_text column);

/* A file name of a connection string as a path that may be opened. Fails with DATA_CONNECT. */
RS_CHECKED rs_status data_file_path(struct rs_job *job, const struct data_source *source, rs_text name, rs_text *out);

/* Rows made up for `query`'s fields, the same on every call: for reports whose data is out of reach. */
RS_CHECKED rs_status data_sample(struct rs_job *job, const struct data_query *query, struct data_rows **out);

/* "System.Decimal", "System.Int32" ... of rd:TypeName; VALUE_NULL where it says nothing. */
enum value_kind data_kind_of_type_name(rs_text type_name);

#endif
