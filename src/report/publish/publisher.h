/* report/publish/publisher.h - what the parts of publishing share. Inside this folder only.
 *
 * Two walks over the definition: the first finds every scope and where items and members stand (scopes.c); the second
 * compiles every expression in the rules of its place (walk.c, compile.c), asking for names (names.c).
 */
#ifndef REPORT_PUBLISH_PUBLISHER_H
#define REPORT_PUBLISH_PUBLISHER_H

#include "base/map.h"
#include "base/vec.h"
#include "report/expr/code.h"
#include "report/publish/publish.h"

/* What an expression may use; the rows are in compile.c. Parameters, globals and User are always there. */
enum publish_rules {
    RULES_BODY,          /* report items in the body, groups' labels, page names, page breaks */
    RULES_PAGE,          /* page headers and footers */
    RULES_VARIABLE,
    RULES_REPORT,        /* Language, AutoRefresh, connect strings, queries */
    RULES_PARAMETER,
    RULES_FIELD,         /* calculated fields */
    RULES_DATA_FILTER,   /* filters of data sets and data regions */
    RULES_GROUP,         /* group expressions, Parent */
    RULES_GROUP_FILTER,
    RULES_GROUP_SORT,
    RULES_ROW_SORT,      /* sorts of data regions and of details groups */
};

enum publish_allow {
    ALLOW_FIELDS = 1, ALLOW_ITEMS = 2, ALLOW_VARIABLES = 4, ALLOW_AGGREGATES = 8, ALLOW_RUNNING = 16, ALLOW_LOOKUPS = 32,
    ALLOW_DATA_SETS = 64, ALLOW_PAGE = 128,
    ALLOW_ROW_NUMBER = 256, /* =Ceiling(RowNumber(Nothing) / 25) in a group expression: groups of 25 rows */
};

struct context {
    enum publish_rules rules;
    struct publish_place at;
    const struct rdl_data_set *data_set; /* of fields outside aggregates that name a scope; NULL: there is none */
    unsigned parameters_below;           /* only parameters before this index; UINT_MAX: all */
    rs_text where;                       /* "textbox \"Total\""; may be empty */
    unsigned item;                       /* number of the report item; UINT_MAX outside */
};

RS_VEC_TYPE(struct publish_aggregate, aggregate_vec);
RS_VEC_TYPE(struct publish_lookup, lookup_vec);
RS_VEC_TYPE(struct publish_problem, problem_vec);
RS_VEC_TYPE(struct publish_variable, variable_vec);
RS_VEC_TYPE(struct publish_user_sort, user_sort_vec);
RS_VEC_TYPE(unsigned, unsigned_vec);

/* An aggregate whose scope is not around it: fine inside another aggregate, which takes it; an error otherwise. */
struct pending {
    unsigned number; /* of the aggregate */
    rs_text scope;
};
RS_VEC_TYPE(struct pending, pending_vec);

/* A copy of a report item, for a subtotal of a definition of 2005. */
struct item_copy {
    const struct rdl_item *item;
    struct item_copy *next; /* of the same original */
};

#define DATA_SET_DEPTH_MAX 32
#define SUGGESTIONS_MAX 200u

/* While one expression is compiled. */
struct compiling {
    const struct context *context;
    unsigned expr_id;
    unsigned first_aggregate;          /* calls from here on belong to it */
    struct pending_vec pending;
    struct unsigned_vec parameters;
    const struct rdl_data_set *data_sets[DATA_SET_DEPTH_MAX]; /* entered */
    unsigned data_set_depth;
    rs_status refused;                 /* why a name was refused; RS_OK: not by us */
    struct expr_names *names;
};

struct publisher {
    struct rs_job *job;
    const struct rdl_report *definition;
    struct publish_report *report;     /* being filled */
    bool collect;
    struct publish_scope *scopes;
    unsigned scope_count, scope_room;
    struct unsigned_vec *scope_children, *scope_aggregates; /* by scope id */
    const struct rdl_item **items;
    struct publish_place *item_places, *member_places;
    const struct publish_scope **group_scopes;
    const struct publish_scope **region_scopes; /* by item number */
    uint8_t *item_uses;
    struct publish_expr *exprs;
    struct publish_data_set *data_sets;
    struct publish_parameter *parameters;
    struct aggregate_vec aggregates;
    struct lookup_vec lookups;
    struct variable_vec variables;
    struct user_sort_vec user_sorts;
    struct problem_vec problems;
    unsigned error_count;
    struct rs_map *item_names;         /* -> struct rdl_item */
    struct rs_map *copies;             /* name of an item -> struct item_copy, the first of its copies */
    struct rs_map *variable_names;     /* -> 1 + index of the last variable of that name; earlier ones by previous_variable */
    struct unsigned_vec previous_variable; /* by variable: 1 + index of the one before of the same name; 0: none */
    bool *used_parameters;             /* scratch, one for each parameter */
    unsigned suggestions;              /* made so far: looking for similar names takes time */
    struct rs_map *scope_names;        /* -> struct publish_scope, the first of a name */
    struct rs_map *parameter_names, *data_source_names; /* -> the definition */
    struct rs_map **field_names;       /* by data set number -> struct rdl_field */
    struct expr_code *code;            /* of <Code>, or NULL */
    publish_numbers code_parameters;   /* that it reads: so does every expression that calls it */
    struct compiling *compiling;
};

/* Report a problem: fails in the strict mode, is listed in the collecting mode. `code` may be NULL: that of `status`. */
rs_status publish_problem(struct publisher *p, rs_status status, unsigned line, rs_text where, const char *property,
                          const char *code, const char *format, ...) __attribute__((format(printf, 7, 8)));

/* scopes.c: scopes, items, places, group scopes, variables */
rs_status publish_find_scopes(struct publisher *p);

/* names.c */
struct expr_names publish_names(struct publisher *p);
/* After an expression: an aggregate that names a scope which is not around it. RS_OK where there is none. */
rs_status publish_check_pending(struct publisher *p, rs_text *message);
/* The scope of that name at or around `at`; NULL where there is none. *is_column: it is one of at.column's chain. */
const struct publish_scope *publish_scope_around(const struct publisher *p, const struct publish_place *at, rs_text name,
                                                 bool *is_column);

/* compile.c */
/* The members of <Code>, before any expression. */
rs_status publish_compile_code(struct publisher *p);
rs_status publish_compile(struct publisher *p, const struct context *context, const struct rdl_expr *expr);
bool publish_allows(enum publish_rules rules, unsigned what);
const char *publish_rules_name(enum publish_rules rules);

/* walk.c: compiles every expression; fills what depends on parameters */
rs_status publish_walk(struct publisher *p);

/* flow.c: flows_to and totals_follow of `data_set`, of a report that is published but for that; `job` is scratch */
void publish_find_flow(struct rs_job *job, const struct publish_report *report, struct publish_data_set *data_set);

#endif
