/* report/compute/internal.h - the state of a run, shared by the files of this folder.
 *
 * Memory: what is kept lives in run->memory (or in the job of a nested tablix); results live in the caller's job.
 */
#ifndef REPORT_COMPUTE_INTERNAL_H
#define REPORT_COMPUTE_INTERNAL_H

#include "base/map.h"
#include "base/vec.h"
#include "report/compute/compute.h"
#include "report/data/data.h"
#include "report/data/flow.h"
#include "report/expr/code.h"
#include "report/publish/publish.h"
#include "report/value/compare.h"
#include "report/value/convert.h"
#include "report/value/format.h"

#define COMPUTE_DEPTH_MAX 64u /* evaluations inside each other: ReportItems and Variables that name one another */
#define COMPUTE_CHECK_ROWS ((size_t)16384) /* rows between checkpoints of a tight loop */

/* Rows of a data set: indices into its columns. */
struct compute_rows {
    const uint32_t *rows;
    size_t count;
};

/* ---- data sets -------------------------------------------------------------------------------------- */

enum compute_data_state { COMPUTE_NOT_FETCHED, COMPUTE_BUSY, COMPUTE_READY };

/* A field, or an expression that depends on nothing but its row, as a column of the data set. */
struct compute_lazy_column {
    const struct data_column *column; /* NULL until computed */
    enum compute_data_state state;
    bool refused; /* it depends on more than the row: evaluate it in its scope */
};

/* What the texts of one column are to the collation; made when first needed. */
struct compute_texts {
    const struct data_column *column;
    const uint32_t *canon; /* by code: the first code that falls in one group with it */
    const uint32_t *ranks; /* by code: place in sort order; equal texts share one */
    bool all_differ;       /* canon[code] == code for every code */
};

/* A column's values as whole numbers in the same order; see keys.c. */
struct compute_keys {
    const struct data_column *column;
    const uint32_t *keys; /* by row; null is 0; NULL: they do not fit */
    uint64_t limit;       /* every key is below it */
};

struct compute_data {
    const struct publish_data_set *published;
    enum compute_data_state state;
    const struct data_rows *rows;         /* as fetched */
    struct compute_lazy_column *fields;   /* by slot */
    ptrdiff_t *columns;                   /* by slot: column of `rows`; -1 where missing or calculated */
    struct compute_rows filtered;         /* after the filters of the data set */
    const struct value_collation *collation;
    unsigned collation_flags;
    RS_VEC(struct compute_texts) texts;
    RS_VEC(struct compute_keys) keys;
    struct compute_flow *flow;            /* its rows are not kept; NULL: they are, or were not asked for yet */
    uint32_t *positions;                  /* by row: place in the rows of `positions_of` */
    const struct compute_tablix *positions_of;
};

/* ---- expressions ------------------------------------------------------------------------------------ */

/* By rdl_expr.id. */
struct compute_expr_state {
    struct compute_lazy_column column;
    const struct value_format *format;   /* of a constant Format */
    const struct value_culture *culture; /* of a constant Language */
    int field;          /* slot of a plain field, -1 for others */
    bool is_constant, known;
    struct value constant;
};

/* By number of the aggregate. */
struct compute_aggregate_state {
    struct compute_lazy_column argument;
    size_t row_place;          /* among the calls of over.row: index in compute_node_state.values */
    size_t column_place;       /* the same for over.column */
    bool has_value;            /* over a data set: computed once per run */
    struct value value;
};

struct compute_lookup_state {
    bool ready;
    struct compute_lazy_column destination, result;
    uint32_t *slots;           /* hash table: row + 1 of the first row with a value; 0 = free */
    size_t slot_count;
    uint32_t *next;            /* by row: the next row with an equal value, or UINT32_MAX */
};

/* ---- regions ---------------------------------------------------------------------------------------- */

/* The rows of a node by the instances of one column member: only instances that have any. */
struct compute_crossing {
    const struct rdl_member *member;
    uint32_t count;
    const uint32_t *ids;     /* ascending */
    const uint32_t *starts;  /* count + 1 */
    const uint32_t *rows;
};

/* Values of RunningValue and RowNumber: one for a group instance, one per row of a run. */
struct compute_running {
    unsigned aggregate;
    const struct value *values;
};

/* What few nodes need. */
struct compute_node_extra {
    struct value *variables;  /* of the group, by index; kind UINT8_MAX: not computed */
    RS_VEC(struct compute_crossing) crossings;
    RS_VEC(struct compute_running) running;
    size_t recursive_count;   /* rows of this instance and of all below it, which follow it in memory */
    struct compute_node **shown; /* its children behind their collapsed node; NULL until asked for */
};

struct compute_node_state {
    const uint32_t *rows;
    uint32_t count;
    uint32_t id;              /* among all instances of a column member in the tablix */
    uint32_t place;           /* among the children of its parent */
    uint32_t appearance;      /* of a group's instance: among all below its parent by their first row, however they are sorted */
    uint32_t child_count;
    uint32_t number;          /* among all nodes and regions of the run, as they were made */
    uint32_t domain_row;      /* in_domain: the first row with its key in the domain of its group */
    bool in_domain;
    bool has_children;        /* `children` is computed */
    struct compute_node **children;
    struct value *values;     /* of the aggregates over this scope; kind UINT8_MAX: not computed */
    struct compute_node_extra *extra;
};

struct compute_column_ids {
    uint32_t *ids;            /* by position: instance of the member, UINT32_MAX where in none */
    uint32_t count;           /* instances */
};

struct compute_tablix {
    struct compute_run *run;
    struct rs_job *memory;
    bool is_nested;           /* `memory` is its own */
    const struct rdl_item *item;
    const struct publish_scope *region; /* NULL where nothing was published for it */
    struct compute_data *data; /* NULL: no data set */
    struct compute_scope outer;
    struct compute_rows rows;
    bool flows;               /* its rows are those of data->flow; `rows` has their first piece's count only */
    bool identity;            /* row r is at position r */
    struct compute_node *roots[2];
    uint32_t number;          /* as a node's */
    bool columns_ready;
    struct rs_map *column_ids; /* keyed by the bytes of the member's pointer */
    struct rs_map *cell_running; /* values of RunningValue in cells */
    struct compute_tablix *previous, *next; /* open nested ones of the run */
};

struct compute_page_value {
    const struct rdl_item *item;
    struct value value;
};

struct compute_page {
    struct expr_globals globals;
    RS_VEC(struct compute_page_value) values;
};

/* ---- the run ---------------------------------------------------------------------------------------- */

/* The row that a place of a region has, kept for who asks next; tablix NULL: none. */
struct compute_last_row {
    const struct compute_tablix *tablix;
    struct compute_place at, across;
    bool found;
    size_t row;
};

/* Texts of dates that were written lately: data repeats days far more often than it names new ones. */
#define COMPUTE_DATE_TEXTS 4096u /* 1 << 12 */
#define COMPUTE_DATE_TEXT_MAX 31u
struct compute_date_text {
    int64_t ticks;
    const struct value_format *format; /* NULL with a culture: without a format */
    const struct value_culture *culture; /* NULL: free */
    uint8_t size;
    char text[COMPUTE_DATE_TEXT_MAX];
};

struct compute_run {
    struct rs_job *memory;
    struct compute_subreports *subreports;   /* of the outermost run, shared by those inside it; NULL: none yet */
    struct compute_run *outermost;           /* the report that this one is a subreport of; itself */
    unsigned nesting;                        /* subreports around it */
    const struct publish_report *report;
    struct compute_options options;
    struct expr_globals globals;
    const struct value_culture *culture;
    struct value_rules rules;
    struct expr_parameter *parameter_values; /* by slot */
    struct compute_parameter *parameters;
    rs_status *parameter_status;             /* what compute_start fails with */
    struct compute_data *data;               /* by number of the data set */
    struct data_connection **connections;    /* by index of the data source: for its next query */
    const struct data_query *shared_call;    /* a shared data set: with what parameters it is asked; NULL: a report */
    struct compute_expr_state *exprs;
    struct compute_aggregate_state *aggregates;
    struct compute_lookup_state *lookups;
    struct compute_user_sort *user_sorts; /* options.sort_count */
    struct expr_code_state *code;         /* variables of <Code>; NULL where the report has none */
    struct value *variables;                 /* of the report; kind UINT8_MAX: not computed */
    struct compute_tablix **body_regions;    /* by item number; NULL until opened */
    struct compute_tablix *open_nested;
    struct rs_map *formats, *cultures;       /* by text */
    struct compute_domain **domains;         /* by number of the member; NULL until a group with a DomainScope is built */
    struct compute_last_row last_row;
    struct compute_date_text *date_texts;    /* COMPUTE_DATE_TEXTS; NULL until a date is written */
    unsigned depth;
    enum compute_walk walk;
    uint32_t numbers;                        /* given to nodes and regions; see compute_instance */
};

/* An interactive sort of this run. */
struct compute_user_sort {
    const struct publish_user_sort *published;
    rs_text path; /* of the text box: compute_instance_id without the item's number */
    bool descending;
};

/* Where an expression is evaluated, and its current row. */
struct compute_context {
    struct compute_run *run;
    struct compute_scope scope;
    struct compute_data *data; /* of the fields; NULL: there are none */
    size_t row;
    enum { COMPUTE_ROW_UNKNOWN, COMPUTE_ROW_KNOWN, COMPUTE_ROW_NONE } row_state;
    bool row_only;      /* computing a column: what depends on more than the row sets `refused` */
    bool refused;
    bool in_key;        /* a group expression of `scope`'s node, for its row number `key_place` from 0: RowNumber counts it */
    size_t key_place;
    bool on_records;    /* an aggregate over the report items of a page: record `record` of each */
    size_t record;
    bool records_end;
};

static inline struct value compute_unset(void)
{
    return (struct value){.kind = UINT8_MAX};
}

static inline bool compute_is_unset(struct value v)
{
    return v.kind == UINT8_MAX;
}

/* Equal for values of one group; spread over all bits, unlike the hash of numbers. */
static inline uint64_t compute_hash(const struct value_collation *collation, struct value v)
{
    uint64_t hash = value_group_hash(collation, v) * UINT64_C(0x9e3779b97f4a7c15);

    return hash ^ hash >> 32;
}

/* What failed in the run's own job, reported in the caller's. */
rs_status compute_adopt(struct rs_job *job, struct compute_run *run, rs_status status);

/* A copy of `v` that lives in `memory`. */
struct value compute_keep(struct rs_job *memory, struct value v);

/* `count` values that are not computed. */
struct value *compute_unset_values(struct rs_job *memory, size_t count);

/* eval.c */
void compute_exprs_prepare(struct compute_run *run);
RS_CHECKED rs_status compute_eval_program(struct rs_job *job, struct compute_context *context,
                                          const struct expr_program *program, struct value *out);
RS_CHECKED rs_status compute_eval_at(struct rs_job *job, struct compute_context *context,
                                     const struct rdl_expr *expr, struct value *out);
RS_CHECKED rs_status compute_report_variable(struct rs_job *job, struct compute_run *run, int slot, struct value *out);
struct compute_context compute_context_at(struct compute_run *run, const struct compute_scope *scope);
/* =Fields!X.Value in the row that was asked for last: the common case of text boxes in a row, without what the general way
 * prepares. False: go that way. */
bool compute_quick_field(struct compute_run *run, const struct compute_scope *scope, const struct rdl_expr *expr, struct value *out);
/* A row of a data set, with nothing around it. */
struct compute_context compute_context_row(struct compute_run *run, struct compute_data *data, size_t row);

/* text.c: a text that an expression made, as valid UTF-8. */
rs_text compute_repaired(struct rs_job *job, rs_text text);

/* datasets.c */
RS_CHECKED /* The rows of a shared data set, its fields as columns, for the data set of a report that refers to it with `query`'s
 * parameters; *ignores: what it does not tell apart. */
rs_status compute_shared_rows(struct compute_run *run, const struct rdl_data_set *definition, const struct data_query *query,
                              const struct data_rows **rows, unsigned *ignores);
/* The value that a shared data set was asked with; false where its own default holds. */
rs_status compute_shared_value(struct rs_job *job, struct compute_run *run, const struct rdl_query_parameter *parameter, struct value *out);
rs_status compute_data_ready(struct rs_job *job, struct compute_run *run, struct compute_data *data);
struct compute_data *compute_data_of(struct compute_run *run, const struct rdl_data_set *definition);
RS_CHECKED rs_status compute_field(struct rs_job *job, struct compute_run *run, struct compute_data *data, int slot,
                                   size_t row, struct value *out);
/* The column of a field slot; NULL where the field is missing from the result. */
RS_CHECKED rs_status compute_field_column(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                                          int slot, const struct data_column **out);
/* `program` as a column of `data`; *out is NULL where it depends on more than its row. */
RS_CHECKED rs_status compute_column(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                                    struct compute_lazy_column *lazy, const struct expr_program *program,
                                    const struct data_column **out);
const struct compute_texts *compute_texts_canon(struct compute_run *run, struct compute_data *data,
                                                const struct data_column *column);
RS_CHECKED rs_status compute_texts_ranks(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                                         const struct data_column *column, const uint32_t **out);

/* The query of a data set whose rows are not to be kept; *out stays NULL where they have to be: shared data sets, providers
 * that give all rows at once. */
RS_CHECKED rs_status compute_data_begin(struct compute_run *run, struct compute_data *data, struct data_flow **out);

/* Whether all queries of its data source are to run in one transaction. */
bool compute_in_transaction(const struct compute_run *run, const struct compute_data *data);

/* flow.c */
/* The rows of a region that may flow; t->flows is false where they have to be kept. */
RS_CHECKED rs_status compute_flow_open(struct rs_job *job, struct compute_tablix *t);
RS_CHECKED rs_status compute_flow_field(struct rs_job *job, struct compute_run *run, struct compute_data *data, int slot, size_t row,
                                        struct value *out);
/* A field that is a column of the query, in a row that is there; false: ask compute_flow_field. */
bool compute_flow_quick(const struct compute_data *data, int slot, size_t row, struct value *out);

/* As a column of such values would hold it. */
struct value compute_flow_as_kept(struct rs_job *job, struct value v);
/* An aggregate over all of the rows, and a RunningValue in one of them. */
RS_CHECKED rs_status compute_flow_total(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                                        const struct publish_aggregate *call, struct value *out);
RS_CHECKED rs_status compute_flow_running(struct rs_job *job, struct compute_data *data, const struct publish_aggregate *call,
                                          size_t row, struct value *out);

/* flow_calls.c: NULL where nothing is accumulated. */
struct compute_flow_calls;
struct compute_flow_calls *compute_flow_calls_create(struct compute_run *run, struct compute_data *data);
/* A row, with its cells, passes in its order: into what is over the data set, then, in_region, into what is over the region, and into running
 * values: compute_flow_running_count of them go into `running`, in `memory`. */
RS_CHECKED rs_status compute_flow_calls_add(struct rs_job *job, struct compute_flow_calls *calls, size_t row, const struct value *cells,
                                            bool in_region, struct rs_job *memory, struct value *running);
size_t compute_flow_running_count(const struct compute_flow_calls *calls);
size_t compute_flow_running_place(const struct compute_flow_calls *calls, const struct publish_aggregate *call);
/* Of the rows so far; lives until the next is added. */
struct value compute_flow_call_total(const struct compute_flow_calls *calls, const struct publish_aggregate *call);

/* sample_types.c: by field, what its uses say it holds: enum value_kind, VALUE_NULL where they say nothing. */
const uint8_t *compute_sample_kinds(struct rs_job *job, const struct compute_run *run, const struct rdl_data_set *data_set);

/* filter.c: keeps the order of what passes. `rows` or the instances are replaced. */
RS_CHECKED rs_status compute_filter_rows(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                                         const struct compute_scope *scope, const rdl_filters *filters,
                                         struct rs_job *memory, struct compute_rows *rows);
/* The same for one row after the other, of filters that look at a row alone (no TopN and the like, no aggregates). They, and what
 * they compare with, live in `memory`, as long as the run. */
struct compute_row_filters;
RS_CHECKED rs_status compute_row_filters_prepare(struct rs_job *memory, struct compute_run *run, struct compute_data *data,
                                                 const rdl_filters *filters, struct compute_row_filters **out);
RS_CHECKED rs_status compute_row_passes(struct rs_job *job, struct compute_row_filters *filters, size_t row, bool *passes);
/* For each of `count` scopes whether it passes. */
RS_CHECKED rs_status compute_filter_scopes(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                                           const struct compute_scope *scopes, size_t count,
                                           const rdl_filters *filters, bool *passes);

/* sort.c: stable. */
RS_CHECKED rs_status compute_sort_rows(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                                       const struct compute_scope *scope, const rdl_sorts *sorts,
                                       struct rs_job *memory, struct compute_rows *rows);
/* `rows` in place, by one column; bench/report measures it. */
RS_CHECKED rs_status compute_sort_column(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                                         const struct data_column *column, bool descending, uint32_t *rows, size_t count);
/* The decimals of a column in these rows as whole numbers of one scale, so that order and equality are those of the
 * numbers; *out is NULL where one of them does not fit. Nulls are INT64_MIN. In `memory`. */
RS_CHECKED rs_status compute_decimal_keys(struct rs_job *job, struct rs_job *memory, const struct data_column *column,
                                          const uint32_t *rows, size_t count, const int64_t **out);
/* Places 0 .. count - 1 in the order of `keys` (count * key_count values, a thing's keys side by side). */
RS_CHECKED rs_status compute_sort_values(struct rs_job *job, const struct value_collation *collation,
                                         const struct value *keys, size_t key_count, const bool *descending,
                                         size_t count, uint32_t *order);

/* keys.c: *out is NULL where the column has none, or `rows` of them are too few to make them. */
RS_CHECKED rs_status compute_keys_of(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                                     const struct data_column *column, size_t rows, const struct compute_keys **out);
RS_CHECKED rs_status compute_sort_keys(struct rs_job *job, const struct compute_keys *by, bool descending, uint32_t *rows,
                                       size_t count);

/* group.c */
struct compute_groups {
    size_t count;
    const uint32_t *starts; /* count + 1 */
    const uint32_t *rows;   /* of all groups, each in the order they came; may be the rows that were given */
};
/* Partition `rows` by the columns; groups in order of first appearance. */
RS_CHECKED rs_status compute_group_rows(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                                        struct compute_rows rows, const struct data_column *const *columns,
                                        size_t column_count, struct rs_job *memory, struct compute_groups *out);

/* Distinct values that are not null. */
RS_CHECKED rs_status compute_count_distinct(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                                            struct compute_rows rows, const struct data_column *column, size_t *out);

/* tablix.c, nodes.c */
/* The nearest root, group or details. A collapsed group has the rows of the instance around it, a collapsed details group none. */
static inline struct compute_place compute_dynamic_place(struct compute_place place)
{
    if (place.node)
        place.node = place.node->solid;
    if (place.node && place.node->kind != COMPUTE_DETAILS)
        place.row = 0;
    return place;
}
RS_CHECKED rs_status compute_scope_rows(struct rs_job *job, const struct compute_scope *scope,
                                        struct compute_rows *out);
/* The first row after sorting; false where the scope has none. */
RS_CHECKED rs_status compute_first_row(struct rs_job *job, const struct compute_scope *scope, bool last, bool *found,
                                       size_t *row);
/* The part of `scope` (or of a scope around it) that is an instance of `wanted`: false where none is. */
bool compute_find_instance(const struct compute_scope *scope, const struct publish_scope *wanted,
                           struct compute_scope *region, struct compute_place *place);
struct compute_node_extra *compute_extra(struct compute_tablix *tablix, struct compute_node *node);
const struct publish_scope *compute_group_scope(const struct compute_run *run, const struct compute_node *node);
RS_CHECKED rs_status compute_positions_ready(struct rs_job *job, struct compute_tablix *tablix);
RS_CHECKED rs_status compute_columns_ready(struct rs_job *job, struct compute_tablix *tablix);
struct compute_column_ids *compute_ids_of(struct compute_tablix *tablix, const struct rdl_member *member);
RS_CHECKED rs_status compute_children_build(struct rs_job *job, struct compute_tablix *tablix, struct compute_node *node);

/* domain.c */
/* Of a group with a DomainScope: `groups`, the instances that the parent's rows give, become those of all keys in the
 * domain around the parent, in the order of their first rows there; some have no rows. *first_rows, in `scratch`: the row
 * of the domain that stands for each; NULL where the group has no domain and `groups` stays. */
RS_CHECKED rs_status compute_domain_instances(struct rs_job *job, struct compute_tablix *tablix, struct compute_node *parent,
                                              const struct rdl_member *member, const struct data_column *const *columns,
                                              struct rs_job *scratch, struct compute_groups *groups, uint32_t **first_rows);
/* The row whose fields an instance without rows shows in its headers; false elsewhere. */
bool compute_domain_row(const struct compute_scope *scope, size_t *row);
/* What the run keeps of its domains goes. */
void compute_domains_end(struct compute_run *run);

/* aggregate.c */
RS_CHECKED rs_status compute_aggregate(struct rs_job *job, struct compute_context *context, unsigned number,
                                       struct value *out);
void compute_aggregates_prepare(struct compute_run *run);

/* accumulate.c: a value that is added may be gone afterwards; what is accumulated lives until the next is added. */
struct compute_accumulator;
struct compute_accumulator *compute_accumulator_create(struct rs_job *job, enum expr_aggregate_kind kind,
                                                       const struct value_collation *collation);
void compute_accumulate(struct compute_accumulator *accumulator, struct value v);
struct value compute_accumulated(const struct compute_accumulator *accumulator);
/* A whole column over rows. */
RS_CHECKED rs_status compute_accumulate_column(struct rs_job *job, enum expr_aggregate_kind kind,
                                               struct compute_run *run, struct compute_data *data,
                                               const struct data_column *column, struct compute_rows rows,
                                               struct value *out);

/* running.c */
RS_CHECKED rs_status compute_running(struct rs_job *job, struct compute_context *context,
                                     const struct publish_aggregate *call, struct value *out);
RS_CHECKED rs_status compute_previous(struct rs_job *job, struct compute_context *context,
                                      const struct publish_aggregate *call, struct value *out);

/* lookup.c */
RS_CHECKED rs_status compute_lookup(struct rs_job *job, struct compute_run *run, unsigned number, struct value source,
                                    struct value *out);

/* parameters.c */
RS_CHECKED rs_status compute_parameters_evaluate(struct rs_job *job, struct compute_run *run);
RS_CHECKED rs_status compute_parameters_check(struct rs_job *job, struct compute_run *run);

/* subreport.c: ends the runs of subreports. Accepts NULL. */
void compute_subreports_end(struct compute_subreports *subreports);

/* user_sort.c */
RS_CHECKED rs_status compute_user_sorts_prepare(struct rs_job *job, struct compute_run *run);
/* The sorts of a member's instances or details below `parent`: those a reader chose, then its own. In `scratch`. */
rdl_sorts compute_sorts_of(struct rs_job *scratch, struct compute_tablix *tablix, struct compute_node *parent,
                           const struct rdl_member *member);
/* "_0_2": the instances of groups around `scope`, itself included, as they stand in ids. */
void compute_add_path(rs_buf *buf, const struct compute_scope *scope);

/* pages.c */
RS_CHECKED rs_status compute_page_item(struct rs_job *job, struct compute_context *context, unsigned item,
                                       struct value *out);

/* ---- credentials.c: of a data source that asks --------------------------------------------------------- */

/* What was answered, or NULL; the words it asks with, empty where it does not. `shared`: what it refers to, NULL where it is
 * embedded. */
const struct compute_credentials *compute_credentials_find(const struct compute_options *options, rs_text source);
rs_text compute_prompt_of(const struct rdl_data_source *definition, const struct compute_data_source *shared);

#endif
