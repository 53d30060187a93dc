/* report/compute/compute.h - one execution of a published report: its parameters, its rows, and what stands in every
 * place of every data region.
 *
 * A run has memory of its own, which ends with the job that opened it. Every other call takes a job for its results
 * and its error; that job may be another one, or be marked and reset around calls (page and row loops do), because
 * the run keeps nothing in it.
 *
 * The words:
 *   tablix   one instance of a data region, in the scope it stands in
 *   node     one instance of a tablix member: the static member itself, a group instance, or a *run* of detail rows.
 *            A details group is one node however many rows it has; nodes below it are shared by all its rows.
 *   place    a node, and which detail row is meant where the node is a run or stands below one
 *   scope    a place in the row hierarchy crossed with one in the column hierarchy: where expressions are evaluated
 *
 * Source:  docs/reports.md, tablix, groups and aggregates; [MS-RDL] 2.34.
 */
#ifndef REPORT_COMPUTE_COMPUTE_H
#define REPORT_COMPUTE_COMPUTE_H

#include "base/job.h"
#include "report/expr/eval.h"
#include "report/rdl/model.h"
#include "report/value/value.h"

struct publish_report; /* report/publish/publish.h */
struct compute_run;
struct compute_tablix;
struct compute_page;

/* ---- opening a run ---------------------------------------------------------------------------------- */

/* One parameter as the request gave it: texts, as in a URL or on the command line. */
struct compute_input {
    rs_text name;            /* compares with case, as the original's */
    const rs_text *values;
    size_t count;
    bool is_null;            /* Name:isnull=true; `count` is 0 */
    bool is_list;            /* a list, whatever the definition says: what a report gives to a shared data set */
    bool may_lapse;          /* a reader chose it, maybe before another parameter that its choices depend on: where it is none of
                              * them any more it is dropped, and the defaults are taken if nothing else was chosen */
};

/* A sort that a reader chose: a click on a text box that has a UserSort. */
struct compute_sort {
    rs_text item;    /* as compute_sort_item names it; or the name of a text box that stands in no group */
    bool descending;
};

/* What a shared data source stands for. */
struct compute_data_source {
    rs_text provider, connect_string;
    rs_text user, password; /* stored credentials; empty where there are none */
    bool prompts;           /* whoever runs the report is asked for them */
    rs_text prompt;         /* with these words; may be empty */
};

/* What somebody answered where a data source of the report asked. */
struct compute_credentials {
    rs_text source; /* its name in the report; compares without case */
    rs_text user, password;
};

struct compute_options {
    const struct compute_input *inputs;
    size_t input_count;
    const struct compute_sort *sorts; /* the first decides, the others break its ties; before the sorts of the definition */
    size_t sort_count;
    /* The culture in which numbers and dates of `inputs` are written (rs:ParameterLanguage), then tried invariant;
     * empty: user_language of the globals. */
    rs_text parameter_language;
    struct expr_globals globals; /* execution time, names, user, format; page numbers are set per page */
    rs_text base_folder;         /* relative file names of connection strings are below it; empty: no files */
    bool any_file;               /* absolute file names, ".." and every host are allowed too: the command line */
    rs_text user, password;      /* of data sources that have none of their own; empty: none */
    const struct compute_credentials *credentials; /* of those that ask; others do not look at them */
    size_t credential_count;
    bool asks;                   /* one that asks and has no answer is not connected to: on a server */
    rs_text http_hosts;          /* that documents may come from; see report/data/http.h */
    bool sample_data;            /* generated rows in place of every data set */
    bool keep_rows;              /* also where they could flow */
    bool asks_first;             /* every data source before the first byte of output, so that its failure can be told instead */
    size_t max_rows;             /* per data set; 0: 100,000,000 */
    /* A shared data source or shared data set's source by its reference path; NULL where there are none. */
    rs_status (*resolve)(struct rs_job *job, void *data, rs_text reference, struct compute_data_source *out);
    void *resolve_data;
    /* The report that a subreport names ("Details", "/Sales/Details"), seen from this one. `options` are those of this
     * run: what is different for runs of the other report is changed (its name and folder, where its data comes from).
     * Both live as long as the job. NULL where reports cannot be found. */
    rs_status (*find_report)(struct rs_job *job, void *data, rs_text name, struct compute_options *options,
                             const struct publish_report **out);
    void *find_report_data;
    /* The same for a shared data set (.rsd) that a data set refers to; `data` is find_report_data. */
    rs_status (*find_data_set)(struct rs_job *job, void *data, rs_text reference, struct compute_options *options,
                               const struct publish_report **out);
    /* The bytes of a picture that a report names by a path, as an item beside it: on a server. NULL: files are meant, below
     * base_folder. */
    rs_status (*find_resource)(struct rs_job *job, void *data, rs_text path, rs_text *out);
    void *find_resource_data;
};

/* Open a run and evaluate its parameters as far as the inputs allow. Values that are missing or wrong do not fail
 * here: they are in the parameters' states, so that a prompt can be shown. Inputs for parameters that the report
 * does not have, or that are read-only, fail with the original's codes.
 *
 * report  used until the job ends.
 * options copied; what it points to is used until the job ends. */
RS_CHECKED rs_status compute_open(struct rs_job *job, const struct publish_report *report,
                                  const struct compute_options *options, struct compute_run **out);

/* The data sources that the report uses and that ask for credentials. Looked at before a run is opened, because defaults of
 * parameters may come from them. */
struct compute_data_prompt {
    rs_text source, text, user; /* user: as it was given */
    bool is_given;
};
struct compute_data_prompts {
    struct compute_data_prompt *items;
    size_t count;
    bool complete; /* all are given */
};
RS_CHECKED rs_status compute_data_prompts(struct rs_job *job, const struct publish_report *report,
                                          const struct compute_options *options, struct compute_data_prompts *out);

/* Checks that every parameter has a valid value. Data sets are fetched when they are first needed, or all at once by
 * compute_fetch: what the report uses. */
RS_CHECKED rs_status compute_start(struct rs_job *job, struct compute_run *run);
RS_CHECKED rs_status compute_fetch(struct rs_job *job, struct compute_run *run);

const struct rdl_report *compute_report(const struct compute_run *run);
const struct publish_report *compute_published(const struct compute_run *run);
const struct expr_globals *compute_globals(const struct compute_run *run);

/* ---- parameters, for prompts ------------------------------------------------------------------------ */

enum compute_parameter_state {
    COMPUTE_HAS_VALID_VALUE,
    COMPUTE_MISSING_VALUE,            /* no value, and none by default */
    COMPUTE_INVALID_VALUE,            /* wrong type, not among the valid values, null or blank where not allowed */
    COMPUTE_OUTSTANDING_DEPENDENCIES, /* waits for a parameter before it */
};

struct compute_choice {
    struct value value;
    rs_text label;
};

struct compute_parameter {
    const struct rdl_parameter *definition;
    enum compute_parameter_state state;
    rs_text message;        /* why the state is not COMPUTE_HAS_VALID_VALUE; empty otherwise */
    rs_text prompt;         /* evaluated; the name where the report gives none */
    const struct value *values;
    const rs_text *labels;  /* one per value */
    size_t count;
    bool is_default;        /* the values were not given */
    rs_text lapsed;         /* the first value that was dropped; NULL: none was */
    bool has_choices;       /* valid values restrict it */
    const struct compute_choice *choices;
    size_t choice_count;
    const size_t *depends_on; /* indices of the parameters that its choices and defaults use */
    size_t depends_on_count;
};

/* In the order of the report. */
size_t compute_parameter_count(const struct compute_run *run);
const struct compute_parameter *compute_parameter(const struct compute_run *run, size_t index);
/* A parameter's value as a request would write it: invariant digits, ISO 8601 dates, True and False. */
rs_text compute_parameter_text(struct rs_job *job, struct value value);

/* ---- places ----------------------------------------------------------------------------------------- */

enum compute_node_kind {
    COMPUTE_ROOT,    /* of a hierarchy: no member */
    COMPUTE_STATIC,
    COMPUTE_GROUP,   /* an instance of a group with expressions */
    COMPUTE_DETAILS, /* `count` instances of a details group: place.row is 0 .. count - 1 */
};

struct compute_node_state;

/* Read-only for callers. */
struct compute_node {
    const struct rdl_member *member; /* NULL for a root */
    struct compute_node *parent;     /* NULL for a root */
    uint8_t kind;                    /* enum compute_node_kind */
    uint8_t axis;                    /* enum compute_axis */
    uint32_t level;                  /* depth in a recursive group; 0 elsewhere */
    bool flows;                      /* detail rows that are not kept: `count` of them came so far; see compute_has_row */
    bool is_collapsed;               /* stands for all instances of a member that a toggle hides; see compute_shown */
    size_t index;                    /* among the instances of this member below one parent */
    size_t count;                    /* detail rows; 1 for other kinds */
    struct compute_node *solid;      /* itself; of a static member, and of a collapsed one, what is around it: whose rows it shows */
    struct compute_node_state *state;
};

enum compute_axis { COMPUTE_ROWS, COMPUTE_COLUMNS };

struct compute_place {
    struct compute_node *node; /* NULL: outside this hierarchy: the corner, or a header of the other one */
    size_t row;                /* which detail row, at and below a COMPUTE_DETAILS node; 0 elsewhere */
};

/* Where an expression is evaluated. All zero: the body, outside every data region. */
struct compute_scope {
    struct compute_tablix *tablix;     /* the innermost region; NULL in the body and in page sections */
    struct compute_place row, column;
    struct compute_page *page;         /* a page header or footer of this page */
};

struct compute_nodes {
    struct compute_node *const *items;
    size_t count;
};

/* ---- data regions ----------------------------------------------------------------------------------- */

/* The instance of data region `item` (RDL_TABLIX) in `scope`: the scope that its container stands in. The body's
 * regions are computed once and are the same on every call; one in a cell (scope.tablix set) is new and its memory is
 * given back by compute_tablix_close (or at the end of the run). */
RS_CHECKED rs_status compute_tablix_open(struct rs_job *job, struct compute_run *run,
                                         const struct compute_scope *scope, const struct rdl_item *item,
                                         struct compute_tablix **out);
void compute_tablix_close(struct compute_tablix *tablix); /* accepts NULL; keeps those of the body */

const struct rdl_item *compute_tablix_item(const struct compute_tablix *tablix);
size_t compute_tablix_row_count(const struct compute_tablix *tablix); /* data rows after its filters */

/* The message to show in place of the region: `shown` is true where the region has no rows and a message. */
RS_CHECKED rs_status compute_no_rows_message(struct rs_job *job, struct compute_run *run,
                                             struct compute_tablix *tablix, bool *shown, rs_text *out);

struct compute_node *compute_root(const struct compute_tablix *tablix, enum compute_axis axis);

/* The nodes below `node`, in output order: statics, group instances and runs of details in the order of the members.
 * Computed on the first call, kept by the tablix. A leaf has none. */
RS_CHECKED rs_status compute_children(struct rs_job *job, struct compute_tablix *tablix,
                                      struct compute_node *node, struct compute_nodes *out);

/* The same for what shows places: before the instances of a group that a toggle hides, with nothing beside them that is
 * always shown, comes one collapsed node in their place. It is hidden where any instance is shown at first, and the other
 * way round; its cells have the values of the instance around it, and its headers are blank. A collapsed details group has
 * blank cells. Below a collapsed node there is one node at each level down to a leaf. */
RS_CHECKED rs_status compute_shown(struct rs_job *job, struct compute_tablix *tablix, struct compute_node *node,
                                   struct compute_nodes *out);

/* The place of a child; `row` is the parent's place row, or which row is meant where the child is a run. */
static inline struct compute_place compute_place_of(struct compute_node *node, size_t row)
{
    return (struct compute_place){node, row};
}

/* Whether a run of details has row number `row`. Where rows flow from the data source to the output, they come when they
 * are asked for here: `count` grows. */
RS_CHECKED rs_status compute_flow_has_row(struct rs_job *job, struct compute_tablix *tablix, struct compute_node *node, size_t row,
                                          bool *has);
static inline rs_status compute_has_row(struct rs_job *job, struct compute_tablix *tablix, struct compute_node *node, size_t row,
                                        bool *has)
{
    *has = row < node->count;
    return *has || !node->flows ? RS_OK : compute_flow_has_row(job, tablix, node, row, has);
}

/* Rows of a run before `row` are done with, and so are values and texts that came from them. */
void compute_flow_let_go(struct compute_tablix *tablix, size_t row);
static inline void compute_let_go(struct compute_tablix *tablix, const struct compute_node *node, size_t row)
{
    if (node->flows)
        compute_flow_let_go(tablix, row);
}

/* The cell where a row leaf and a column leaf cross. */
const struct rdl_cell *compute_cell(const struct compute_tablix *tablix, const struct compute_node *row_leaf,
                                    const struct compute_node *column_leaf);

static inline struct compute_scope compute_cell_scope(struct compute_tablix *tablix, struct compute_place row,
                                                      struct compute_place column)
{
    return (struct compute_scope){tablix, row, column, NULL};
}

/* The scope of a member itself: for its header cell, visibility, page break and document map label. */
static inline struct compute_scope compute_member_scope(struct compute_tablix *tablix, struct compute_place place)
{
    struct compute_scope scope = {tablix, {NULL, 0}, {NULL, 0}, NULL};

    if (place.node && place.node->axis == COMPUTE_COLUMNS)
        scope.column = place;
    else
        scope.row = place;
    return scope;
}

/* Whether the member at `place` is hidden at first: its Visibility, HideIfNoRows. Toggle items are not asked. */
RS_CHECKED rs_status compute_member_hidden(struct rs_job *job, struct compute_run *run, struct compute_tablix *tablix,
                                           struct compute_place place, bool *hidden);

/* ---- subreports -------------------------------------------------------------------------------------- */

#define COMPUTE_SUBREPORTS_MAX 20u /* inside each other, as the original's */

/* An execution of another report in the place of an item. */
struct compute_subreport {
    struct compute_run *run; /* started, its data fetched; NULL: it cannot be shown */
    rs_text trouble;         /* why not */
    rs_text message;         /* its NoRowsMessage where none of its data sets has rows; empty otherwise */
};

/* What is shown where a subreport cannot be; the reason goes to the log. */
#define COMPUTE_SUBREPORT_ERROR RS_TEXT("Error: Subreport could not be shown.")

/* The definition of subreport `item` of the report `from`, the same for all its instances, without running it; NULL where
 * there is none to be had. `from` is the report of `run`, or was given by this function for it. */
RS_CHECKED rs_status compute_subreport_find(struct rs_job *job, struct compute_run *run, const struct publish_report *from,
                                            const struct rdl_item *item, const struct publish_report **out);

/* The instance of subreport `item` (RDL_SUBREPORT) in `scope`: run with the parameters it has there. Runs with equal
 * parameters are shared, and the last few are kept for the next who asks. What is wrong with the other report, its
 * parameters or its data is in `out`; being stopped, or over a limit, fails. */
RS_CHECKED rs_status compute_subreport_open(struct rs_job *job, struct compute_run *run,
                                            const struct compute_scope *scope, const struct rdl_item *item,
                                            const struct compute_subreport **out);
void compute_subreport_close(const struct compute_subreport *subreport); /* accepts NULL */

/* ---- how the regions are walked ---------------------------------------------------------------------- */

enum compute_walk {
    COMPUTE_WALKS_ANYHOW, /* several times, or not with compute_has_row and compute_let_go */
    COMPUTE_WALKS_ONCE,   /* every region of the body once, in order, with both; all else that stands in it before its rows */
    COMPUTE_WALKS_DOWN,   /* the same, but what stands behind rows behind them: totals over them are asked for there */
};

/* The caller begins to write: before it opens the first region, and before the first byte. Rows that nothing else needs
 * (publish_data_set.flows_to) are not kept where they are walked once. With options.asks_first all data sources are asked
 * here, and fail here; otherwise when their rows are first needed. */
RS_CHECKED rs_status compute_begin(struct rs_job *job, struct compute_run *run, enum compute_walk walk);

/* ---- evaluating ------------------------------------------------------------------------------------- */

/* Any expression of the report; an absent one gives null. An error in it is a VALUE_ERROR. */
RS_CHECKED rs_status compute_eval(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                                  const struct rdl_expr *expr, struct value *out);

/* The same as text without format (colours, font names), and as truth: `otherwise` where absent, null or wrong. */
RS_CHECKED rs_status compute_eval_text(struct rs_job *job, struct compute_run *run,
                                       const struct compute_scope *scope, const struct rdl_expr *expr,
                                       rs_text otherwise, rs_text *out);
RS_CHECKED rs_status compute_eval_bool(struct rs_job *job, struct compute_run *run,
                                       const struct compute_scope *scope, const struct rdl_expr *expr,
                                       bool otherwise, bool *out);

RS_CHECKED rs_status compute_hidden(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                                    const struct rdl_visibility *visibility, bool *hidden);

/* The address of a drillthrough on the report server, relative to nothing; empty where it names no report. */
RS_CHECKED rs_status compute_drillthrough_url(struct rs_job *job, struct compute_run *run,
                                              const struct compute_scope *scope, const struct rdl_action *action,
                                              rs_text *out);

/* The bytes of what a report names outside itself, a picture or a style sheet: an address (http, https), a path on the server,
 * or a file beside the report. Fails with what is wrong with it. */
RS_CHECKED rs_status compute_external(struct rs_job *job, struct compute_run *run, rs_text place, rs_text *out);

/* A page break that is not disabled; RDL_BREAK_NONE otherwise. */
RS_CHECKED rs_status compute_page_break(struct rs_job *job, struct compute_run *run,
                                        const struct compute_scope *scope, const struct rdl_page_break *page_break,
                                        enum rdl_break *location, bool *reset_page_number);

/* A value and what a text box shows for it: formatted by the Format and Language of its style; "" for null, "#Error"
 * for an error and for an array. */
struct compute_text {
    struct value value;
    rs_text text;
};

RS_CHECKED rs_status compute_run_text(struct rs_job *job, struct compute_run *run,
                                      const struct compute_scope *scope, const struct rdl_item *textbox,
                                      const struct rdl_text_run *text_run, struct compute_text *out);

/* The value of a whole text box: that of its run where it has exactly one, else the joined texts. */
RS_CHECKED rs_status compute_textbox(struct rs_job *job, struct compute_run *run,
                                     const struct compute_scope *scope, const struct rdl_item *textbox,
                                     struct compute_text *out);

/* Something that is the same for all places in one instance of the data set, region or group `name` around `scope`,
 * and differs between instances: for HideDuplicates. Zero where nothing of that name is around it. */
uint64_t compute_instance(struct compute_run *run, const struct compute_scope *scope, rs_text name);

/* A text that names this instance of `item` in the whole report and is the same in the next execution: for toggles,
 * bookmarks and element ids ("12_0_3"). Letters, digits and '_' only. */
rs_text compute_instance_id(struct rs_job *job, const struct compute_scope *scope, const struct rdl_item *item);

/* The same for text box `toggle` as it is seen from what it hides: both give one text, that of the instances of the groups
 * around the text box. */
rs_text compute_toggle_id(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                          const struct rdl_item *toggle);

/* ---- interactive sorting ---------------------------------------------------------------------------- */

enum compute_sort_state { COMPUTE_UNSORTED, COMPUTE_ASCENDING, COMPUTE_DESCENDING };

/* What this instance of a text box is called in compute_options.sorts, and how it sorts in this run; an empty text where it
 * sorts nothing. The name is the same in the next execution. */
rs_text compute_sort_item(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                          const struct rdl_item *textbox, enum compute_sort_state *state);

/* ---- document map ----------------------------------------------------------------------------------- */

/* One entry: a report item or an instance of a group that has a label. Entries are in the order of the output, each before
 * those inside it. */
struct compute_map_entry {
    unsigned depth;   /* 0: at the top; one more than the entry around it */
    rs_text label;
    rs_text id;       /* compute_map_inside of the subreport around it, then compute_instance_id of the item or
                         compute_member_id of the group's instance */
};
struct compute_map {
    const struct compute_map_entry *entries;
    size_t count;
};

/* A report without labels gives none, and costs nothing. */
RS_CHECKED rs_status compute_document_map(struct rs_job *job, struct compute_run *run, struct compute_map *out);

/* What ids of entries in this instance of a subreport begin with, which itself stands in `around` (empty: in none): "12_0s";
 * no other ids have an 's'. */
rs_text compute_map_inside(struct rs_job *job, rs_text around, const struct compute_scope *scope, const struct rdl_item *subreport);

/* As compute_instance_id: names the instance of a group in the whole report ("g3_0_2"). */
rs_text compute_member_id(struct rs_job *job, struct compute_tablix *tablix, struct compute_place place);

/* ---- pages ------------------------------------------------------------------------------------------ */

/* One page, made by whoever breaks the report into pages; it stays until the run ends. Page sections are evaluated in
 * the scope {.page = page} once its numbers and items are known. */
struct compute_page_numbers {
    int64_t page_number, total_pages, overall_page_number, overall_total_pages;
    rs_text page_name;
};

struct compute_page *compute_page_create(struct compute_run *run);
void compute_page_set_numbers(struct compute_run *run, struct compute_page *page,
                              const struct compute_page_numbers *numbers);

/* Whether a page section names text box `item` in ReportItems: only these need to be recorded. */
bool compute_page_wants(const struct compute_run *run, const struct rdl_item *item);
/* `item` stands on this page with this value. */
void compute_page_record(struct compute_run *run, struct compute_page *page, const struct rdl_item *item,
                         struct value value);

#endif
