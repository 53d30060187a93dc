/* report/data/sql.h - query parameters: from names in the text of a query to numbered ones.
 *
 * Markers are @name, :name and $name (names compare without case) and '?', by position. A multi-value parameter
 * becomes as many as it has values, so that "IN (@p)" sees each; an empty one becomes NULL. What stands in literals,
 * quoted names and comments is left alone.
 */
#ifndef REPORT_DATA_SQL_H
#define REPORT_DATA_SQL_H

#include "base/job.h"
#include "report/value/value.h"

#define DATA_QUERY_MAX ((size_t)16 * 1024 * 1024) /* bytes of a query */
#define DATA_BOUND_MAX 32000u                     /* values of all markers; SQLite takes 32,766 */

struct data_parameter {
    rs_text name;        /* with or without its marker; "?" or empty: by position */
    struct value value;  /* VALUE_ARRAY where multi-value */
};

struct data_bound {
    rs_text text;              /* with ?1 ?2 ... */
    const struct value *values; /* of ?1, ?2 ... */
    size_t count;
};

/* Fails with DATA_QUERY_PARAMETER where the text names a parameter that is not among `parameters`. */
RS_CHECKED rs_status data_sql_bind(struct rs_job *job, rs_text query, const struct data_parameter *parameters,
                                   size_t parameter_count, struct data_bound *out);

#endif
