/* report/publish/publish.h - a definition with every expression compiled, every name resolved and every scope known.
 *
 * Read-only afterwards and shareable by many runs: it is counted, and owns the job in whose memory the definition and
 * the programs live. What changes while a report runs is in report/compute.
 *
 * The structs are open because report/compute walks them for every row; nothing above compute should need more than
 * publish_open, publish_definition and publish_unref.
 *
 * The words:
 *   scope   a data set, a data region, or a group: what an aggregate may name
 *   place   where an expression stands, or what rows an aggregate covers: the innermost scope of the row side crossed
 *           with the innermost column group (NULL where no column group restricts)
 *
 * Source:  [MS-RDL] expressions and scopes; docs/reports.md, aggregates and scopes.
 */
#ifndef REPORT_PUBLISH_PUBLISH_H
#define REPORT_PUBLISH_PUBLISH_H

#include "base/job.h"
#include "report/expr/compile.h"
#include "report/rdl/model.h"

/* ---- scopes ----------------------------------------------------------------------------------------- */

enum publish_scope_kind { PUBLISH_DATA_SET, PUBLISH_REGION, PUBLISH_GROUP };

typedef RDL_LIST(unsigned) publish_numbers; /* indices into another array */

struct publish_scope {
    enum publish_scope_kind kind;
    unsigned id;              /* index in publish_report.scopes: data sets first, then document order, parents first */
    rs_text name;
    /* Data set: NULL. Region: what it stands in: its data set, or the region or row group around it. Group: the next
     * outer group of the same hierarchy, or its region. */
    const struct publish_scope *parent;
    /* A region in a cell: the innermost column group of that cell; NULL otherwise. */
    const struct publish_scope *column_parent;
    const struct rdl_data_set *data_set; /* whose rows; NULL only where the report has none for it */
    const struct rdl_item *region;       /* PUBLISH_REGION, PUBLISH_GROUP: the tablix */
    const struct rdl_member *member;     /* PUBLISH_GROUP */
    bool is_column;           /* PUBLISH_GROUP of the column hierarchy */
    bool is_details;          /* PUBLISH_GROUP without group expressions: one instance per row */
    unsigned depth;           /* steps to the data set along `parent` */
    publish_numbers children; /* scopes whose parent this is, in document order */
    publish_numbers aggregates; /* calls (publish_report.aggregates) with over.row or over.column == this */
};

struct publish_place {
    const struct publish_scope *row;    /* NULL: no data around it (body with several data sets, page section, parameter) */
    const struct publish_scope *column; /* innermost column group; NULL where none */
    bool is_page;                       /* a page header or footer */
};

/* ---- calls ------------------------------------------------------------------------------------------ */

/* One aggregate call; expr_env.aggregate is asked for it by its number. */
struct publish_aggregate {
    struct expr_aggregate call;    /* kind, argument, recursive ... */
    unsigned number;
    unsigned expr_id;              /* in which expression */
    unsigned item;                 /* in which report item; UINT_MAX: in none */
    struct publish_place at;       /* where the expression stands */
    /* The rows it covers: those of over.row's instance, crossed with over.column's. For RunningValue, RowNumber and
     * Previous: where it starts anew. EXPR_IN_SCOPE: the scope asked for in `row` or `column`, both NULL where it is
     * not around the expression (then the answer is False in every instance). EXPR_LEVEL: the recursive group.
     * is_page with row NULL: over the values of report items on the page. */
    struct publish_place over;
    const struct rdl_data_set *data_set; /* of the fields in the argument; NULL where it uses none */
    /* An aggregate of aggregates (call.contains_aggregate): the argument is evaluated once for each instance of this
     * scope inside `over`; NULL for other calls. */
    const struct publish_scope *inner;
    bool is_inner;                 /* stands in the argument of another aggregate: `at` is that one's `inner` */
};

/* One Lookup; expr_env.lookup is asked for it by its number. */
struct publish_lookup {
    struct expr_lookup call;
    unsigned number;
    unsigned expr_id;
    struct publish_place at;
    const struct rdl_data_set *data_set; /* the one that is looked up in */
};

/* ---- expressions ------------------------------------------------------------------------------------ */

struct publish_expr {
    const struct expr_program *program;  /* never NULL; of one that did not compile: a constant VALUE_ERROR */
    const struct rdl_expr *source;
    struct publish_place at;
    const struct rdl_data_set *data_set; /* whose slots its fields are; NULL where none */
    publish_numbers parameters;          /* it uses, ascending */
    bool failed;                         /* did not compile (collecting mode) */
};

/* Variables!Name: report variables first, then those of groups, each visible inside its scope. */
struct publish_variable {
    const struct rdl_variable *definition;
    const struct publish_scope *scope; /* the group; NULL: the report */
};

/* The interactive sort of a text box. */
struct publish_user_sort {
    const struct rdl_item *item;
    const struct publish_scope *target; /* what is sorted: a data set, a region, or the instance of a group that the text box is in */
    const struct publish_scope *over;   /* the group whose instances get another order; NULL: details */
};

struct publish_data_set {
    const struct rdl_data_set *definition;
    const struct publish_scope *scope;
    bool is_used;               /* by a region, aggregate, lookup or parameter: others need not be fetched */
    publish_numbers parameters; /* report parameters that its query, filters and calculated fields use, ascending */
    const struct rdl_item *flows_to; /* the region that needs each row once, in the query's order; NULL: rows are kept (flow.c) */
    bool totals_follow;         /* flows_to: totals over its rows stand behind them; who writes these first needs the rows kept */
};

struct publish_parameter {
    const struct rdl_parameter *definition;
    publish_numbers depends_on; /* earlier parameters that prompt, defaults and valid values use, ascending */
};

enum publish_item_use { PUBLISH_ITEM_IN_BODY = 1, PUBLISH_ITEM_ON_PAGE = 2 };

/* ---- problems --------------------------------------------------------------------------------------- */

enum publish_severity {
    PUBLISH_ERROR,       /* the original refuses the report for it; here the expression shows #Error */
    PUBLISH_UNSUPPORTED, /* the part is not shown yet, or the expression shows #Error */
    PUBLISH_WARNING,
};

struct publish_problem {
    enum publish_severity severity;
    unsigned line;
    rs_text where;       /* "textbox \"Total\"" */
    rs_text property;    /* "Value", "Chart" */
    rs_text code;        /* the original's ("rsFieldReference"); may be empty */
    rs_text message;
};

/* ---- the report ------------------------------------------------------------------------------------- */

struct publish_report {
    const struct rdl_report *definition;
    const struct expr_code *code;              /* members of <Code>; NULL where there are none */
    const struct publish_expr *exprs;          /* by rdl_expr.id: definition->expr_count */
    const struct publish_scope *scopes;
    unsigned scope_count;
    const struct publish_aggregate *aggregates;
    unsigned aggregate_count;
    const struct publish_lookup *lookups;
    unsigned lookup_count;
    const struct publish_variable *variables;  /* by slot of EXPR_VARIABLES */
    unsigned variable_count;
    const struct publish_user_sort *user_sorts;
    unsigned user_sort_count;
    const struct publish_data_set *data_sets;  /* by rdl_data_set.number = slot of EXPR_DATA_SETS; fields: slot = index in `fields` */
    const struct publish_parameter *parameters; /* by index = slot of EXPR_PARAMETERS */
    const struct rdl_item *const *items;       /* by rdl_item.number = slot of EXPR_REPORT_ITEMS */
    const struct publish_place *item_places;   /* by rdl_item.number: where the item stands */
    const uint8_t *item_uses;                  /* by rdl_item.number: enum publish_item_use, who names it in ReportItems */
    const struct publish_scope *const *group_scopes; /* by rdl_member.number; NULL for static members */
    const struct publish_place *member_places; /* by rdl_member.number: inside the member, for its header and visibility */
    RDL_LIST(struct publish_problem) problems; /* collecting mode; notes of the reader too */
    unsigned error_count;                      /* problems that are PUBLISH_ERROR */
};

struct publish_options {
    /* List all problems and give expressions that fail the value #Error, so that the rest of the report still shows.
     * Otherwise the first PUBLISH_ERROR fails. A definition that cannot be read at all fails in both modes. */
    bool collect;
    size_t memory_limit; /* of the report; 0: PUBLISH_MEMORY_MAX */
};

#define PUBLISH_MEMORY_MAX ((size_t)1024 * 1024 * 1024)
#define PUBLISH_PROBLEMS_MAX 1000u /* further ones are counted only */

/* Read and compile the definition in `bytes`. The report is counted once; `options` may be NULL.
 * Fails as rdl_read does, and with the statuses of report/publish (base/status.def). */
RS_CHECKED rs_status publish_open(struct rs_job *job, rs_text bytes, const struct publish_options *options,
                                  struct publish_report **out);

/* Compile a definition that the caller has read into `job`; the result lives in `job` too. It is not counted: ref and
 * unref must not be called. */
RS_CHECKED rs_status publish_report(struct rs_job *job, const struct rdl_report *definition,
                                    const struct publish_options *options, struct publish_report **out);

/* From any thread. */
struct publish_report *publish_ref(struct publish_report *report);
void publish_unref(struct publish_report *report); /* accepts NULL */
RS_OWNED_BY(publish_report, publish_unref)

static inline const struct rdl_report *publish_definition(const struct publish_report *report)
{
    return report->definition;
}

static inline const struct expr_program *publish_program(const struct publish_report *report, const struct rdl_expr *expr)
{
    return report->exprs[expr->id].program;
}

/* The data set, region or group of that name (compares with case); NULL where there is none. */
const struct publish_scope *publish_scope_find(const struct publish_report *report, rs_text name);

/* Whether some expression of a page header or footer names a total of pages: they must be counted before it is shown. */
bool publish_names_totals(const struct publish_report *report);

/* Whether `outer` is `inner` or around it, along `parent` and `column_parent`. */
bool publish_scope_contains(const struct publish_scope *outer, const struct publish_scope *inner);

/* ---- report check ----------------------------------------------------------------------------------- */

struct publish_check_result {
    bool ok;             /* no PUBLISH_ERROR: the report runs as the original would run it, unsupported parts apart */
    RDL_LIST(struct publish_problem) problems; /* in the order of the file; in the memory of the job */
    unsigned error_count, unsupported_count, warning_count;
};

/* Read and compile the definition in `bytes`; what is wrong with it is in the result, also where it cannot be read at
 * all. Fails only where the job is stopped or over its limit. */
RS_CHECKED rs_status publish_check(struct rs_job *job, rs_text bytes, struct publish_check_result *out);

#endif
