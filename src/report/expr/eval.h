/* report/expr/eval.h - run a compiled expression.
 *
 * An error inside an expression (division, conversion, overflow) is a value, VALUE_ERROR, because a report goes on
 * with "#Error" in that place; only a stopped or exhausted job fails.
 */
#ifndef REPORT_EXPR_EVAL_H
#define REPORT_EXPR_EVAL_H

#include "report/expr/compile.h"

struct value_culture;
struct expr_code_state; /* report/expr/code.h */

/* Globals!... and User!..., filled by whoever runs the report. */
struct expr_globals {
    struct value execution_time;      /* VALUE_DATE, local time of the server */
    rs_text report_name, report_folder, report_server_url;
    rs_text render_format_name;       /* "PDF", "HTML5", ... */
    bool render_format_is_interactive;
    /* A setting of the device information by its name, in any case; false where it was not given. NULL: there are none. */
    bool (*device_setting)(const void *device_info, rs_text name, rs_text *value);
    const void *device_info;
    int64_t page_number, total_pages, overall_page_number, overall_total_pages;
    rs_text page_name;
    rs_text user_id, user_language;
};

/* One parameter value as expressions see it. */
struct expr_parameter {
    struct value value; /* VALUE_ARRAY where multi-value */
    struct value label; /* VALUE_TEXT, or VALUE_ARRAY of text, or null */
    bool is_multi_value;
};

/* Where a program runs. Slots are those that expr_names gave at compile time. */
struct expr_env {
    const struct value *fields;              /* of the current row, by slot; NULL outside data */
    const struct expr_parameter *parameters; /* by slot */
    const struct expr_globals *globals;
    const struct value_culture *culture;     /* of the report's Language; for Format, CStr, FormatCurrency ... */
    void *data;                              /* handed to each callback */
    rs_status (*aggregate)(struct rs_job *job, void *data, int slot, struct value *out);
    rs_status (*lookup)(struct rs_job *job, void *data, int slot, struct value source, struct value *out);
    rs_status (*report_item)(struct rs_job *job, void *data, int slot, struct value *out);
    rs_status (*variable)(struct rs_job *job, void *data, int slot, struct value *out);
    /* Variables!V.SetValue(value): *out is True, or why it cannot be set. NULL where none can. */
    rs_status (*set_variable)(struct rs_job *job, void *data, int slot, struct value value, struct value *out);
    /* For fields that are fetched only when asked for (columns of a column store); used where `fields` is NULL. */
    rs_status (*field)(struct rs_job *job, void *data, int slot, struct value *out);
    /* Text of DataSets!X.CommandText and the like: by collection, slot and property; may be NULL. */
    rs_status (*source_property)(struct rs_job *job, void *data, enum expr_collection collection, int slot,
                                 rs_text property, struct value *out);
    struct expr_code_state *code; /* the variables of the report's <Code> in this run; NULL where there is none */
};

/* Text and arrays in *out live in the job, the environment's fields, or the program. */
RS_CHECKED rs_status expr_eval(struct rs_job *job, const struct expr_program *program,
                               const struct expr_env *env, struct value *out);

#endif
