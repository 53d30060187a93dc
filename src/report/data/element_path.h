/* report/data/element_path.h - the element path of the XML and ENTERDATA providers.
 *
 *     path    = ["/"] step {"/" step}
 *     step    = name ["(" ("HTMLEncoded" | "Base64Encoded") ")"] ["{" [field {"," field}] "}"]
 *     field   = ["@"] name [type] | "@" [type]
 *     type    = "(" ("String" | "Integer" | "Boolean" | "Float" | "Decimal" | "Date" | "DateTime" | "XML") ")"
 *     name    = [prefix ":"] local
 *
 * A step without a field list takes all attributes and sub-elements as fields, one with "{}" none.
 *
 * Source:  Reporting Services, element path syntax for XML report data.
 */
#ifndef REPORT_DATA_ELEMENT_PATH_H
#define REPORT_DATA_ELEMENT_PATH_H

#include "base/job.h"
#include "report/value/value.h"

#define DATA_PATH_MAX ((size_t)256 * 1024) /* bytes */
#define DATA_STEPS_MAX 64u

enum data_encoding { DATA_PLAIN, DATA_HTML_ENCODED, DATA_BASE64_ENCODED };

struct data_path_field {
    rs_text prefix, name; /* `name` is empty for the value of the element itself */
    bool is_attribute;    /* and also for the value, which is written '@' */
    uint8_t kind;         /* enum value_kind; VALUE_NULL where no type is given */
};

struct data_step {
    rs_text prefix, name;
    enum data_encoding encoding;
    bool has_fields;      /* a field list is there; it may be empty */
    const struct data_path_field *fields;
    size_t field_count;
};

struct data_path {
    const struct data_step *steps;
    size_t step_count;    /* 0: the default path of the document */
};

/* Texts are borrowed from `text`. Fails with DATA_QUERY; the message gives the 1-based column. */
RS_CHECKED rs_status data_path_parse(struct rs_job *job, rs_text text, struct data_path *out);

#endif
