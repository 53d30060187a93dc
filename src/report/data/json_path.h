/* report/data/json_path.h - which values of a JSON document are rows: a path.
 *
 *     path = ["$"] {"." name | ".*" | ".." name | "[" ("'" name "'" | number | "*") "]"}
 *
 * A name without a leading dot may begin the path: "orders[*].lines[*]". A negative number counts from the end.
 *
 * Source:  RFC 9535, without filters, slices and lists of selectors.
 */
#ifndef REPORT_DATA_JSON_PATH_H
#define REPORT_DATA_JSON_PATH_H

#include "base/job.h"

#define JSON_PATH_MAX ((size_t)4096) /* bytes */
#define JSON_PATH_STEPS_MAX 64u

enum json_step_kind { JSON_STEP_NAME, JSON_STEP_INDEX, JSON_STEP_ALL, JSON_STEP_BELOW };

struct json_step {
    enum json_step_kind kind; /* BELOW: a name at any depth */
    rs_text name;
    int64_t index;
};

struct json_path {
    const struct json_step *steps;
    size_t count; /* 0: the document itself */
};

/* Texts are borrowed from `text`. Fails with DATA_QUERY; the message gives the 1-based column. */
RS_CHECKED rs_status json_path_parse(struct rs_job *job, rs_text text, struct json_path *out);

#endif
