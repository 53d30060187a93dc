/* One expression, in the rules of its place; constants in the type of their property. */
#include "report/publish/publisher.h"

#include <limits.h>
#include <stdlib.h>

#include "report/expr/dialect.h"
#include "report/value/convert.h"

static const struct {
    const char *name;
    unsigned allow;
} rules[] = {
    [RULES_BODY] = {"the body of a report", ALLOW_FIELDS | ALLOW_ITEMS | ALLOW_VARIABLES | ALLOW_AGGREGATES | ALLOW_RUNNING |
                                                ALLOW_LOOKUPS | ALLOW_DATA_SETS},
    [RULES_PAGE] = {"a page header or footer", ALLOW_FIELDS | ALLOW_ITEMS | ALLOW_VARIABLES | ALLOW_AGGREGATES | ALLOW_LOOKUPS |
                                                   ALLOW_DATA_SETS | ALLOW_PAGE},
    [RULES_VARIABLE] = {"a variable", ALLOW_FIELDS | ALLOW_VARIABLES | ALLOW_AGGREGATES | ALLOW_LOOKUPS | ALLOW_DATA_SETS},
    [RULES_REPORT] = {"a property of the report or of its data sources and queries", 0},
    [RULES_PARAMETER] = {"a report parameter", 0},
    [RULES_FIELD] = {"a calculated field", ALLOW_FIELDS},
    [RULES_DATA_FILTER] = {"a filter of a data set or data region", ALLOW_FIELDS | ALLOW_DATA_SETS | ALLOW_LOOKUPS},
    [RULES_GROUP] = {"a group expression", ALLOW_ROW_NUMBER | ALLOW_FIELDS | ALLOW_DATA_SETS | ALLOW_LOOKUPS},
    [RULES_GROUP_FILTER] = {"a filter of a group", ALLOW_FIELDS | ALLOW_VARIABLES | ALLOW_AGGREGATES | ALLOW_DATA_SETS | ALLOW_LOOKUPS},
    [RULES_GROUP_SORT] = {"the sort of a group", ALLOW_FIELDS | ALLOW_VARIABLES | ALLOW_AGGREGATES | ALLOW_DATA_SETS | ALLOW_LOOKUPS},
    [RULES_ROW_SORT] = {"the sort of rows", ALLOW_FIELDS | ALLOW_DATA_SETS | ALLOW_LOOKUPS},
};

bool publish_allows(enum publish_rules r, unsigned what)
{
    return rules[r].allow & what;
}

const char *publish_rules_name(enum publish_rules r)
{
    return rules[r].name;
}

/* ---- problems ------------------------------------------------------------------------------- */

/* What the original would run and this one cannot yet is told and refuses nothing; nor does a warning, status RS_OK. */
static rs_status add_problem(struct publisher *p, rs_status status, unsigned line, rs_text where, const char *property,
                             const char *code, rs_text message)
{
    enum publish_severity severity = status == RS_OK              ? PUBLISH_WARNING
                                     : status == EXPR_UNSUPPORTED ? PUBLISH_UNSUPPORTED
                                                                  : PUBLISH_ERROR;

    if (!p->collect && severity == PUBLISH_ERROR) {
        rs_fail(p->job, status, "line %u: <%s>: %.*s", line, property, RS_TEXT_ARG(message));
        if (where.size)
            rs_within(p->job, "%.*s", RS_TEXT_ARG(where));
        return status;
    }
    p->error_count += severity == PUBLISH_ERROR;
    if (p->problems.count < PUBLISH_PROBLEMS_MAX)
        rs_vec_push(p->job, &p->problems,
                    (struct publish_problem){severity, line, where, rs_text_copy(p->job, rs_text_from(property)),
                                             rs_text_from(code ? code : rs_status_client_code(status)), message});
    return RS_OK;
}

rs_status publish_problem(struct publisher *p, rs_status status, unsigned line, rs_text where, const char *property,
                          const char *code, const char *format, ...)
{
    va_list arguments;
    rs_text message;

    va_start(arguments, format);
    message = rs_text_vformat(p->job, format, arguments);
    va_end(arguments);
    return add_problem(p, status, line, where, property, code, message);
}

/* ---- constants ------------------------------------------------------------------------------ */

static const enum value_kind kinds[] = {
    [RDL_TYPE_NONE] = VALUE_TEXT, [RDL_BOOLEAN] = VALUE_BOOLEAN, [RDL_DATE_TIME] = VALUE_DATE,
    [RDL_INTEGER] = VALUE_INTEGER, [RDL_FLOAT] = VALUE_DOUBLE, [RDL_STRING] = VALUE_TEXT,
};

static rs_status constant(struct publisher *p, const struct context *context, const struct rdl_expr *expr, struct value *out)
{
    struct value text = value_text(expr->text);

    *out = expr->is_nil ? value_null() : text;
    if (expr->is_nil || kinds[expr->data_type] == VALUE_TEXT)
        return RS_OK;
    text = value_text(rs_text_trim(expr->text));
    *out = text.size ? value_convert(p->job, text, kinds[expr->data_type], value_culture_invariant()) : value_null();
    if (!value_is_error(*out))
        return RS_OK;
    return publish_problem(p, PUBLISH_EXPRESSION, expr->line, context->where, expr->property, "rsInvalidConstant",
                           "\"%.*s\" is not of the type that it must have", RS_TEXT_ARG(rs_text_slice(expr->text, 0, 80)));
}

/* ---- expressions ---------------------------------------------------------------------------- */

static int compare_numbers(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

    return x < y ? -1 : x > y;
}

static publish_numbers sorted(struct unsigned_vec *numbers)
{
    size_t kept = 0;

    if (numbers->count == 0)
        return (publish_numbers){0};
    qsort(numbers->items, numbers->count, sizeof *numbers->items, compare_numbers);
    for (size_t i = 0; i < numbers->count; i++)
        if (kept == 0 || numbers->items[kept - 1] != numbers->items[i])
            numbers->items[kept++] = numbers->items[i];
    return (publish_numbers){numbers->items, kept};
}

/* Work that must stop, not an expression that is wrong. */
static bool is_stop(rs_status status)
{
    return status == RS_CANCELLED || status == RS_TIMEOUT || status == RS_OVER_LIMIT || status == RS_NO_MEMORY;
}

/* One attempt; what it registered is forgotten where it fails, and *program is NULL then. */
static rs_status attempt(struct publisher *p, const struct context *context, const struct rdl_expr *expr, bool allow_page,
                         struct compiling *c, struct expr_program **program, rs_text *message)
{
    struct expr_names names = publish_names(p);
    size_t aggregates = p->aggregates.count, lookups = p->lookups.count;
    rs_status status;

    *c = (struct compiling){.context = context, .expr_id = expr->id, .first_aggregate = (unsigned)aggregates, .names = &names};
    names.allow_page_globals = allow_page;
    names.code = p->code;
    p->compiling = c;
    status = expr_compile(p->job, expr->text, &names, program);
    for (size_t i = 0; names.uses_code && i < p->code_parameters.count; i++)
        rs_vec_push(p->job, &c->parameters, p->code_parameters.items[i]);
    if (status == RS_OK)
        status = publish_check_pending(p, message);
    else if (!is_stop(status)) {
        *message = rs_job_message(p->job);
        *message = rs_text_copy(p->job, *message);
        rs_job_forgive(p->job);
        if (c->refused != RS_OK)
            status = c->refused;
    }
    p->compiling = NULL;
    if (status != RS_OK) {
        p->aggregates.count = aggregates;
        p->lookups.count = lookups;
        *program = NULL;
    }
    return status;
}

/* *program stays NULL where that does not help. */
static rs_status attempt_dialect(struct publisher *p, const struct context *context, const struct rdl_expr *expr,
                                 bool allow_page, struct compiling *c, struct expr_program **program)
{
    struct rdl_expr in_basic = *expr;
    rs_text message;
    rs_status status;

    if (!expr_dialect(p->job, expr->text, p->code, &in_basic.text))
        return RS_OK;
    status = attempt(p, context, &in_basic, allow_page, c, program, &message);
    if (status != RS_OK)
        return is_stop(status) ? status : RS_OK;
    return add_problem(p, RS_OK, expr->line, context->where, expr->property, "",
                       rs_text_format(p->job, "the expression is in another designer's language; it is read as =%.*s",
                                      RS_TEXT_ARG(in_basic.text)));
}

/* Definitions without a namespace are another designer's, in whose expressions texts stand in '...'; those of 2005 and before
 * may be: there what Visual Basic refuses is tried. */
static rs_status attempt_languages(struct publisher *p, const struct context *context, const struct rdl_expr *expr, bool on_page,
                                   struct compiling *c, struct expr_program **program, rs_text *message)
{
    enum rdl_version version = p->definition->version;
    rs_status status = RS_OK;

    *program = NULL;
    if (version == RDL_NO_NAMESPACE)
        RS_TRY(attempt_dialect(p, context, expr, on_page, c, program));
    if (!*program)
        status = attempt(p, context, expr, on_page, c, program, message);
    if ((status == EXPR_SYNTAX || status == EXPR_UNKNOWN_NAME) && (version == RDL_2003 || version == RDL_2005)) {
        RS_TRY(attempt_dialect(p, context, expr, on_page, c, program));
        status = *program ? RS_OK : status;
    }
    return status;
}

static rs_status expression(struct publisher *p, const struct context *context, const struct rdl_expr *expr,
                            struct publish_expr *out)
{
    bool on_page = publish_allows(context->rules, ALLOW_PAGE);
    struct compiling c, second;
    struct expr_program *program;
    rs_text message = RS_TEXT(""), ignored;
    rs_status status = attempt_languages(p, context, expr, on_page, &c, &program, &message);

    if (status != RS_OK && is_stop(status))
        return status;
    if (status == RS_OK) {
        out->program = program;
        out->parameters = sorted(&c.parameters);
        return RS_OK;
    }
    if (!on_page) { /* is a page number all that is wrong? */
        rs_status other = attempt(p, context, expr, true, &second, &program, &ignored);
        if (other != RS_OK && is_stop(other))
            return other;
        if (other == RS_OK) {
            p->aggregates.count = second.first_aggregate;
            status = PUBLISH_PAGE_GLOBAL;
        }
    }
    out->failed = true;
    out->program = expr_constant(p->job, value_error(message));
    return add_problem(p, status, expr->line, context->where, expr->property, NULL, message);
}

/* What does not compile in <Code> is told once, with its line; the expressions that call it show #Error. */
rs_status publish_compile_code(struct publisher *p)
{
    const struct rdl_report *d = p->definition;
    struct context context = {.rules = RULES_REPORT, .parameters_below = UINT_MAX, .item = UINT_MAX};
    struct expr_names names = publish_names(p);
    struct compiling c = {.context = &context, .names = &names};
    struct expr_code_problems problems;

    if (rs_text_is_empty(rs_text_trim(d->code)))
        return RS_OK;
    p->compiling = &c;
    rs_status status = expr_code_compile(p->job, d->code, d->code_line, &names, &p->code);
    p->compiling = NULL;
    RS_TRY(status);
    p->code_parameters = sorted(&c.parameters);
    problems = expr_code_problems(p->code);
    for (size_t i = 0; i < problems.count; i++) {
        const struct expr_code_problem *one = &problems.items[i];
        rs_text where = one->member.size ? rs_text_format(p->job, "Code.%.*s", RS_TEXT_ARG(one->member)) : RS_TEXT("");
        RS_TRY(add_problem(p, one->status, one->line, where, "Code",
                           one->status == RS_OK ? "" : one->status == EXPR_UNSUPPORTED ? NULL : "rsCompilerErrorInCode",
                           one->message));
    }
    return RS_OK;
}

rs_status publish_compile(struct publisher *p, const struct context *context, const struct rdl_expr *expr)
{
    struct publish_expr *out = &p->exprs[expr->id];
    struct value value;

    if (!expr->present)
        return RS_OK;
    if (expr->id % 16 == 0)
        RS_TRY(rs_job_checkpoint(p->job));
    out->source = expr;
    out->at = context->at;
    out->data_set = context->data_set;
    if (expr->is_expression)
        return expression(p, context, expr, out);
    RS_TRY(constant(p, context, expr, &value));
    out->program = expr_constant(p->job, value);
    return RS_OK;
}
