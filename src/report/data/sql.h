/* report/data/sql.h - query parameters: from names in the text of a query to the markers that its database takes.
 *
 * Markers are @name, :name and $name (names compare without case) and '?', by position. A multi-value parameter
 * becomes as many as it has values, so that "IN (@p)" sees each; an empty one becomes NULL. What stands in literals,
 * quoted names and comments is left alone; lines stay where they are.
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

enum data_markers {
    DATA_MARKS_NUMBERED,   /* ?1 ?2: a parameter that stands twice is bound once */
    DATA_MARKS_DOLLAR,     /* $1 $2: the same */
    DATA_MARKS_DOLLAR_EACH, /* $1 $2: every place has a number of its own */
    DATA_MARKS_POSITIONAL, /* ?: every place has a value of its own */
    DATA_MARKS_AS_TEXT,    /* the value of the parameter, a text, stands in the place of its marker */
};

struct data_dialect {
    enum data_markers markers;
    bool brackets_quote;    /* [a name]; otherwise an index of an array */
    bool dollars_quote;     /* $$ text $$, $tag$ text $tag$; E'with \' in it' */
    bool backslashes_escape; /* in every literal */
    bool has_variables;     /* a @name that is no parameter is a variable of the database's own */
    bool question_is_operator; /* '?' is a marker only where a parameter has no name */
    bool has_array_tests;   /* "= ANY (@p)" takes all values as one array */
};

extern const struct data_dialect data_dialect_sqlite;
extern const struct data_dialect data_dialect_postgres;
extern const struct data_dialect data_dialect_postgres_split; /* every place a parameter of its own */

struct data_bound {
    rs_text text;               /* with the markers of the dialect */
    const struct value *values; /* of the markers, in order of their numbers */
    size_t count;
};

/* Fails with DATA_QUERY_PARAMETER where the text names a parameter that is not among `parameters`. */
RS_CHECKED rs_status data_sql_bind(struct rs_job *job, const struct data_dialect *dialect, rs_text query,
                                   const struct data_parameter *parameters, size_t parameter_count,
                                   struct data_bound *out);

/* A parameter's name without its marker: "@Year" is "Year", "?" is empty. */
rs_text data_parameter_name(rs_text name);

/* A name of a table or procedure as users write it: parts between dots, quoted or not. Fails with DATA_QUERY where it
 * is anything else: it becomes part of a statement. */
RS_CHECKED rs_status data_sql_name(struct rs_job *job, rs_text name, rs_text *out);

/* A list as one text, separated by commas: what a stored procedure gets for a multi-value parameter. Others as is. */
struct value data_sql_joined(struct rs_job *job, struct value v);

#endif
