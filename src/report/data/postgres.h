/* report/data/postgres.h - what the parts of the PostgreSQL provider share. Inside this folder only.
 *
 * Source:  Npgsql, connection string parameters and type mappings; libpq, database connection control functions; the
 *          binary formats of PostgreSQL's send functions.
 */
#ifndef REPORT_DATA_POSTGRES_H
#define REPORT_DATA_POSTGRES_H

#include "report/data/data.h"

/* ---- connection strings --------------------------------------------------------------------------- */

#define POSTGRES_OPTIONS_MAX 40u

struct postgres_options {
    const char *keywords[POSTGRES_OPTIONS_MAX]; /* of PQconnectStartParams, ended by a NULL */
    const char *values[POSTGRES_OPTIONS_MAX];
    unsigned count;
    unsigned connect_timeout_s;
    unsigned command_timeout_s; /* for queries without one; 0 = none */
};

/* Npgsql's keywords, or a postgresql: URI, as libpq's. Fails with DATA_CONNECT_STRING; the message has no value. */
RS_CHECKED rs_status postgres_options_make(struct rs_job *job, const struct data_source *source,
                                           struct postgres_options *out);

/* ---- values ----------------------------------------------------------------------------------------- */

/* How a type's values become ours. */
struct postgres_type {
    uint32_t oid;
    enum value_kind kind;
    /* The binary format; VALUE_ERROR where the bytes are not such a value. Text is borrowed. */
    struct value (*read)(struct rs_job *job, rs_text bytes);
};

/* NULL: known to the server only; its values are read as text. */
const struct postgres_type *postgres_type_find(uint32_t oid);

/* The text format of any type. */
struct value postgres_read_text(struct rs_job *job, uint32_t oid, rs_text text);

/* For a DateTimeOffset field: a timestamptz as this, in UTC, instead of the local time of the server. */
#define POSTGRES_TIMESTAMPTZ 1184u
struct value postgres_read_offset(rs_text bytes, bool is_binary);

/* The type to declare for a parameter of this kind; 0: what the place in the query wants. */
uint32_t postgres_type_of(struct value v, bool texts_too);

#endif
