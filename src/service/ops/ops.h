/* service/ops/ops.h - the operations and their calls: fill in the upper part, service_run, read the lower part.
 *
 *     struct service_create_folder call = {.path = RS_TEXT("/Sales")};
 *     RS_TRY(service_run(job, caller, &service_create_folder, &call));
 *     use(call.item);
 *
 * Paths as the user gave them, decoded. Results live in the job.
 */
#ifndef SERVICE_OPS_OPS_H
#define SERVICE_OPS_OPS_H

#include "report/compute/compute.h"
#include "report/render/format.h"
#include "service/ops/data_source.h"
#include "service/ops/op.h"

/* ---- looking ------------------------------------------------------------------------------------- */

/* What of a folder the caller may see, in order of the names; hidden items too: whoever shows the list decides. */
extern const struct service_op service_list_children;
struct service_list_children {
    rs_text path;
    bool deep;
    struct catalog_items items;
};

/* What of a folder the conditions fit, with everything below it where `deep`; in order of the names, deep in that of the paths.
 * Texts compare without case, times by their moment. Fails with RS_INVALID where a condition is not possible. */
#define SERVICE_CONDITIONS_MAX 1000
enum service_comparison { SERVICE_CONTAINS, SERVICE_EQUALS, SERVICE_IN, SERVICE_BETWEEN };
struct service_condition {
    rs_text name; /* of a property: service/ops/properties.h */
    enum service_comparison comparison;
    const rs_text *values;
    size_t count;
};
extern const struct service_op service_find_items;
struct service_find_items {
    rs_text path;
    bool deep;
    bool any; /* one of the conditions is enough */
    const struct service_condition *conditions;
    size_t condition_count;
    struct catalog_items items;
};

/* The folders that an item is in, its own first; the items that use it. */
extern const struct service_op service_list_parents, service_list_dependents;
struct service_list_items {
    rs_text path;
    struct catalog_items items;
};

extern const struct service_op service_get_item;
struct service_get_item {
    rs_text path;
    struct catalog_item *item;
    unsigned permissions; /* what the caller may do with it: enum auth_permission, or-ed */
};

/* The original bytes of a report's definition; of a resource. */
extern const struct service_op service_get_item_definition, service_get_resource_contents;
struct service_get_content {
    rs_text path;
    struct catalog_item *item;
    rs_text content;
};

/* The one of them that fits the item; of a data source a DataSourceDefinition, without its password. Fails with
 * CATALOG_WRONG_KIND where the item has no bytes of its own, and as service_run does. */
RS_CHECKED rs_status service_content(struct rs_job *job, const struct service_caller *caller, struct service_get_content *call);

extern const struct service_op service_get_data_source_contents;
struct service_get_data_source {
    rs_text path;
    struct catalog_item *item;
    struct data_source_definition definition;
};

/* What a report uses by name: its shared data sources. Setting ties those given, by name, to the data source at
 * `path`; the others stay. */
extern const struct service_op service_get_item_references, service_set_item_references;
struct service_item_references {
    rs_text path;
    struct catalog_references references;
};

/* A report's data sources, in its order: shared ones with the item that they are tied to, its own ones with what it says of them. */
struct service_item_data_source {
    rs_text name;
    bool is_shared;
    rs_text path; /* of a shared one; empty: its item is not there */
    struct data_source_definition definition; /* of its own one */
    bool is_expression; /* its connection string */
};
RS_VEC_TYPE(struct service_item_data_source, service_data_sources);
extern const struct service_op service_get_item_data_sources;
struct service_item_data_sources {
    rs_text path;
    struct service_data_sources sources;
};

/* ---- creating ------------------------------------------------------------------------------------ */

/* What the original calls a warning, of a report that was published all the same. */
struct service_warning {
    rs_text code, severity, object_name, object_type, message;
};
RS_VEC_TYPE(struct service_warning, service_warnings);

extern const struct service_op service_create_folder;
struct service_create_folder {
    rs_text path, description;
    bool hidden;
    struct catalog_item *item;
};

/* A report definition. What the original refuses is refused with its code; what this version cannot show yet, and a
 * shared data source that is not there yet, are warnings. */
extern const struct service_op service_create_report;
struct service_create_report {
    rs_text path, content, description;
    bool hidden, overwrite;
    struct catalog_item *item;
    bool replaced;
    struct service_warnings warnings;
};

/* A shared data set (.rsd), the same way. */
extern const struct service_op service_create_data_set; /* struct service_create_report */

/* A file of any kind. Without a MIME type it is found by the extension of the name. */
extern const struct service_op service_create_resource;
struct service_create_resource {
    rs_text path, content, mime_type, description;
    bool hidden, overwrite;
    struct catalog_item *item;
    bool replaced;
};

/* `content`: a data source as .rds (RptDataSource) or .rsds (DataSourceDefinition). */
extern const struct service_op service_create_data_source;
struct service_create_data_source {
    rs_text path, content, description;
    rs_text user, password; /* credentials to store; an empty user: those of the content. Without a password the one that is
                             * stored stays, where connection string and user do */
    bool hidden, overwrite;
    struct catalog_item *item;
    bool replaced;
};

/* ---- changing ------------------------------------------------------------------------------------ */

/* The bytes of an item that is there, checked as when it was created; the rest of it stays. */
extern const struct service_op service_set_item_definition;
struct service_set_item_definition {
    rs_text path, content;
    rs_text user, password; /* of a data source, as in service_create_data_source */
    struct service_warnings warnings;
};

/* NULL members stay as they are. */
extern const struct service_op service_set_properties;
struct service_set_properties {
    rs_text path;
    const rs_text *description, *mime_type;
    const bool *hidden;
};

/* Rename, move, or both. */
extern const struct service_op service_move_item;
struct service_move_item {
    rs_text path, new_path;
};

/* A folder with everything in it. */
extern const struct service_op service_delete_item;
struct service_delete_item {
    rs_text path;
};

/* ---- running ------------------------------------------------------------------------------------- */

/* What a request gives for a report's parameters. */
struct service_parameters {
    const struct compute_input *items;
    size_t count;
    rs_text language; /* in which numbers and dates are written; empty: the caller's */
    const struct compute_sort *sorts; /* that the reader chose, the deciding one first */
    size_t sort_count;
    const struct compute_credentials *credentials; /* of data sources that ask for them */
    size_t credential_count;
};

struct service_parameter_states {
    const struct compute_parameter **items; /* in the order of the report */
    size_t count;
    bool complete; /* every one has a valid value: the report can run */
    /* Data sources that ask for credentials. Where one has got none, nothing is run and the parameters are not known. */
    struct compute_data_prompts sources;
};

/* The report as it is published, for what its definition says. */
extern const struct service_op service_get_report;
struct service_get_report {
    rs_text path;
    const struct publish_report *report; /* until the job ends */
};

/* The parameters with the values, choices and faults that follow from what is given. */
extern const struct service_op service_get_parameters;
struct service_get_parameters {
    rs_text path;
    struct service_parameters given;
    struct catalog_item *item;
    struct service_parameter_states parameters;
};

extern const struct service_op service_render_report;
struct service_render_report {
    rs_text path;
    struct service_parameters given;
    rs_text format;                 /* "PDF", "HTML5" ... */
    struct render_device_info info;
    bool prompts;                   /* values that are missing or wrong are no failure: `rendered` is false then */
    const struct render_sink *sink;
    struct render_output *output;   /* written before the first byte; may be NULL */
    struct catalog_item *item;
    struct service_parameter_states parameters;
    bool rendered;
};

#endif
