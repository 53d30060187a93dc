#include "report/expr/compiler.h"

/* ---- collections --------------------------------------------------------------------------- */

/* A property of an entry: Fields!X.Value. */
struct property {
    const char *name;
    enum expr_opcode code;
};

struct collection {
    const char *name;
    enum expr_collection id;
    const struct property *properties; /* the first is the default property; ends with NULL */
};

static const struct property field_properties[] = {
    {"Value", EXPR_CODE_FIELD}, {"IsMissing", EXPR_CODE_FIELD_MISSING},
    /* Extended properties: filled by multidimensional providers only. */
    {"UniqueName", EXPR_CODE_NOTHING}, {"BackgroundColor", EXPR_CODE_NOTHING}, {"Color", EXPR_CODE_NOTHING},
    {"FontFamily", EXPR_CODE_NOTHING}, {"FontSize", EXPR_CODE_NOTHING}, {"FontWeight", EXPR_CODE_NOTHING},
    {"FontStyle", EXPR_CODE_NOTHING}, {"TextDecoration", EXPR_CODE_NOTHING}, {"FormattedValue", EXPR_CODE_NOTHING},
    {"Key", EXPR_CODE_NOTHING}, {"LevelNumber", EXPR_CODE_NOTHING}, {"ParentUniqueName", EXPR_CODE_NOTHING},
    {NULL, 0}};
static const struct property parameter_properties[] = {
    {"Value", EXPR_CODE_PARAMETER}, {"Label", EXPR_CODE_PARAMETER_LABEL}, {"Count", EXPR_CODE_PARAMETER_COUNT},
    {"Length", EXPR_CODE_PARAMETER_COUNT}, {"IsMultiValue", EXPR_CODE_PARAMETER_MULTI}, {NULL, 0}};
static const struct property item_properties[] = {{"Value", EXPR_CODE_REPORT_ITEM}, {NULL, 0}};
static const struct property variable_properties[] = {{"Value", EXPR_CODE_VARIABLE}, {NULL, 0}};
static const struct property set_properties[] = {
    {"CommandText", EXPR_CODE_SOURCE_PROPERTY}, {"RewrittenCommandText", EXPR_CODE_SOURCE_PROPERTY}, {NULL, 0}};
static const struct property source_properties[] = {
    {"DataSourceReference", EXPR_CODE_SOURCE_PROPERTY}, {"Type", EXPR_CODE_SOURCE_PROPERTY}, {NULL, 0}};

static const struct collection collections[] = {
    {"Fields", EXPR_FIELDS, field_properties},
    {"Parameters", EXPR_PARAMETERS, parameter_properties},
    {"ReportItems", EXPR_REPORT_ITEMS, item_properties},
    {"Variables", EXPR_VARIABLES, variable_properties},
    {"DataSets", EXPR_DATA_SETS, set_properties},
    {"DataSources", EXPR_DATA_SOURCES, source_properties},
};

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static bool same(rs_text a, const char *b)
{
    return rs_text_equal_nocase(a, rs_text_from(b));
}

/* The name of an entry, behind Fields: !Name, ("Name"), .Item("Name"), .Name. Where it is only known at run time it
 * is left on the stack and *dynamic is set. */
static rs_status read_entry(struct compiler *compiler, const struct expr_node *node, const char *what, size_t *next,
                            rs_text *name, bool *dynamic)
{
    const struct expr_suffix *suffix = *next < node->suffix_count ? &node->suffixes[*next] : NULL;
    struct value constant;

    *dynamic = false;
    if (suffix && suffix->op == EXPR_OP_DOT && same(suffix->name, "Item") && *next + 1 < node->suffix_count &&
        suffix[1].op == EXPR_OP_OPEN) {
        ++*next;
        suffix++;
    }
    if (!suffix)
        return expr_fail_at(compiler->job, EXPR_SYNTAX, node->column, "%s names no entry; write %s!Name", what, what);
    ++*next;
    *name = suffix->name;
    if (suffix->op != EXPR_OP_OPEN)
        return RS_OK;
    if (suffix->arguments.count != 1 || !suffix->arguments.items[0].value)
        return expr_fail_at(compiler->job, EXPR_SYNTAX, suffix->column, "%s(...) takes one name", what);
    RS_TRY(compile_node(compiler, suffix->arguments.items[0].value));
    *dynamic = true;
    if (top_constant(compiler, &constant) && constant.kind == VALUE_TEXT) {
        take_constant(compiler);
        *name = value_bytes(constant);
        *dynamic = false;
    }
    return RS_OK;
}

static rs_status find_slot(struct compiler *compiler, enum expr_collection id, const char *what, rs_text name,
                           size_t column, int *slot)
{
    struct expr_names *names = compiler->names;

    names->refused = RS_TEXT("");
    *slot = names->find ? names->find(names->data, id, name) : -1;
    if (*slot >= 0)
        return RS_OK;
    if (names->refused.size > 0)
        return expr_fail_at(compiler->job, EXPR_UNKNOWN_NAME, column, "%s!%.*s: %.*s", what, RS_TEXT_ARG(name),
                            RS_TEXT_ARG(names->refused));
    return expr_fail_at(compiler->job, EXPR_UNKNOWN_NAME, column, "there is no \"%.*s\" in %s", RS_TEXT_ARG(name), what);
}

/* Names and slots of the whole collection, for a name that comes at run time. */
static rs_status add_table(struct compiler *compiler, const struct collection *collection, size_t column, int *table)
{
    struct expr_names *names = compiler->names;
    RS_VEC(rs_text) found = {0};
    RS_VEC(int) slots = {0};
    rs_text name;

    if (!names->list)
        return expr_fail_at(compiler->job, EXPR_UNSUPPORTED, column,
                            "%s(...) needs a constant name here; names that are computed are not supported in this place",
                            collection->name);
    for (size_t i = 0; names->list(names->data, collection->id, i, &name); i++) {
        rs_vec_push(compiler->job, &found, rs_text_copy(compiler->job, name));
        rs_vec_push(compiler->job, &slots, names->find(names->data, collection->id, name));
    }
    struct expr_name_table *out = rs_vec_add(compiler->job, &compiler->tables);
    *out = (struct expr_name_table){collection->name, found.items, slots.items, found.count};
    *table = (int)compiler->tables.count - 1;
    return RS_OK;
}

/* .Value, ("Color"), !Key; the default property where nothing of the kind follows. */
static const struct property *read_property(const struct collection *collection, const struct expr_node *node,
                                            size_t *next)
{
    const struct expr_suffix *suffix = &node->suffixes[*next];
    rs_text name;

    if (*next >= node->suffix_count)
        return collection->properties;
    name = suffix->name;
    if (suffix->op == EXPR_OP_OPEN) {
        const struct expr_node *argument = suffix->arguments.count == 1 ? suffix->arguments.items[0].value : NULL;
        if (!argument || argument->kind != EXPR_NODE_LITERAL || argument->token.kind != EXPR_TOKEN_TEXT)
            return collection->properties;
        name = argument->token.text;
    }
    for (const struct property *property = collection->properties; property->name; property++) {
        if (!same(name, property->name))
            continue;
        ++*next;
        return property;
    }
    return collection->properties;
}

static void note_use(struct compiler *compiler, enum expr_collection id)
{
    if (id == EXPR_FIELDS)
        compiler->program->uses_fields = true;
    if (id == EXPR_REPORT_ITEMS)
        compiler->program->uses_report_items = true;
}

/* Variables!Name.SetValue(value) */
static rs_status compile_set_value(struct compiler *compiler, const struct expr_node *node, size_t *next, rs_text name, int slot)
{
    const struct expr_suffix *call = *next + 1 < node->suffix_count ? &node->suffixes[*next + 1] : NULL;

    if (slot < 0 || !call || call->op != EXPR_OP_OPEN || call->arguments.count != 1 || !call->arguments.items[0].value)
        return expr_fail_at(compiler->job, EXPR_SYNTAX, node->suffixes[*next].column,
                            "SetValue is written with one value: Variables!%.*s.SetValue(1)", RS_TEXT_ARG(name));
    RS_TRY(compile_node(compiler, call->arguments.items[0].value));
    emit(compiler, EXPR_CODE_SET_VARIABLE, slot, 0, 1);
    *next += 2;
    return RS_OK;
}

static rs_status compile_collection(struct compiler *compiler, const struct collection *collection,
                                    const struct expr_node *node, size_t *next)
{
    size_t column = *next < node->suffix_count ? node->suffixes[*next].column : node->column;
    const struct property *property;
    int32_t count = 0;
    bool dynamic;
    rs_text name;
    int slot;

    RS_TRY(read_entry(compiler, node, collection->name, next, &name, &dynamic));
    if (dynamic)
        RS_TRY(add_table(compiler, collection, column, &slot));
    else
        RS_TRY(find_slot(compiler, collection->id, collection->name, name, column, &slot));
    if (collection->id == EXPR_VARIABLES && *next < node->suffix_count &&
        same(node->suffixes[*next].name, "SetValue"))
        return compile_set_value(compiler, node, next, name, dynamic ? -1 : slot);
    property = read_property(collection, node, next);
    note_use(compiler, collection->id);
    if (property->code == EXPR_CODE_SOURCE_PROPERTY)
        count = (int32_t)((unsigned)collection->id << 16 |
                          (unsigned)add_constant(compiler, value_text(rs_text_from(property->name))));
    if (dynamic && property->code == EXPR_CODE_SOURCE_PROPERTY)
        return expr_fail_at(compiler->job, EXPR_UNSUPPORTED, column, "%s(...) needs a constant name", collection->name);
    if (dynamic)
        emit(compiler, EXPR_CODE_NAMED, slot, (int32_t)property->code, 1);
    else
        emit(compiler, property->code, slot, count, 0);
    return RS_OK;
}

/* Me.Value, and Value alone: what the text box shows whose style this is. */
static rs_status compile_self(struct compiler *compiler, const struct expr_node *node, size_t *next)
{
    int slot;

    if (*next < node->suffix_count && node->suffixes[*next].op == EXPR_OP_DOT && same(node->suffixes[*next].name, "Value"))
        ++*next;
    RS_TRY(find_slot(compiler, EXPR_SELF, "Me", RS_TEXT("Value"), node->column, &slot));
    compiler->program->uses_report_items = true;
    emit(compiler, EXPR_CODE_REPORT_ITEM, slot, 0, 0);
    return RS_OK;
}

/* ---- Globals and User ---------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum expr_global global;
    bool of_page;
} globals[] = {
    {"ExecutionTime", EXPR_GLOBAL_EXECUTION_TIME, false}, {"ReportName", EXPR_GLOBAL_REPORT_NAME, false},
    {"ReportFolder", EXPR_GLOBAL_REPORT_FOLDER, false}, {"ReportServerUrl", EXPR_GLOBAL_REPORT_SERVER_URL, false},
    {"PageNumber", EXPR_GLOBAL_PAGE_NUMBER, true}, {"TotalPages", EXPR_GLOBAL_TOTAL_PAGES, true},
    {"OverallPageNumber", EXPR_GLOBAL_OVERALL_PAGE_NUMBER, true},
    {"OverallTotalPages", EXPR_GLOBAL_OVERALL_TOTAL_PAGES, true}, {"PageName", EXPR_GLOBAL_PAGE_NAME, true},
}, user_globals[] = {
    {"UserID", EXPR_GLOBAL_USER_ID, false}, {"Language", EXPR_GLOBAL_LANGUAGE, false},
}, format_globals[] = {
    {"Name", EXPR_GLOBAL_FORMAT_NAME, false}, {"IsInteractive", EXPR_GLOBAL_FORMAT_INTERACTIVE, false},
};

static void emit_global(struct compiler *compiler, enum expr_global global, const struct expr_node *node, size_t *next)
{
    /* The entry is the value itself; other engines' reports write .Value behind it. */
    if (*next < node->suffix_count && node->suffixes[*next].op == EXPR_OP_DOT && same(node->suffixes[*next].name, "Value"))
        ++*next;
    emit(compiler, EXPR_CODE_GLOBAL, (int32_t)global, 0, 0);
}

/* DeviceInfo("Zoom"), DeviceInfo!Zoom, of which any name may be given. */
static rs_status compile_device_setting(struct compiler *compiler, const struct expr_node *node, size_t *next)
{
    rs_text name;
    bool dynamic;

    RS_TRY(read_entry(compiler, node, "Globals!RenderFormat.DeviceInfo", next, &name, &dynamic));
    if (!dynamic)
        emit_constant(compiler, value_text(name));
    emit(compiler, EXPR_CODE_DEVICE_SETTING, 0, 0, 1);
    if (*next < node->suffix_count && node->suffixes[*next].op == EXPR_OP_DOT && same(node->suffixes[*next].name, "Value"))
        ++*next;
    return RS_OK;
}

static rs_status compile_render_format(struct compiler *compiler, const struct expr_node *node, size_t *next)
{
    const struct expr_suffix *suffix = *next < node->suffix_count ? &node->suffixes[*next] : NULL;

    for (size_t i = 0; suffix && i < COUNT_OF(format_globals); i++) {
        if (!same(suffix->name, format_globals[i].name))
            continue;
        ++*next;
        emit_global(compiler, format_globals[i].global, node, next);
        return RS_OK;
    }
    if (suffix && same(suffix->name, "DeviceInfo")) {
        ++*next;
        return compile_device_setting(compiler, node, next);
    }
    return expr_fail_at(compiler->job, EXPR_UNKNOWN_NAME, node->column,
                        "Globals!RenderFormat has the members Name, IsInteractive and DeviceInfo");
}

static rs_status compile_globals(struct compiler *compiler, const struct expr_node *node, size_t *next)
{
    size_t column = *next < node->suffix_count ? node->suffixes[*next].column : node->column;
    rs_text name;
    bool dynamic;

    RS_TRY(read_entry(compiler, node, "Globals", next, &name, &dynamic));
    if (dynamic)
        return expr_fail_at(compiler->job, EXPR_UNSUPPORTED, column, "Globals(...) needs a constant name");
    if (same(name, "RenderFormat"))
        return compile_render_format(compiler, node, next);
    for (size_t i = 0; i < COUNT_OF(globals); i++) {
        if (!same(name, globals[i].name))
            continue;
        if (globals[i].of_page && !compiler->names->allow_page_globals)
            return expr_fail_at(compiler->job, EXPR_UNKNOWN_NAME, column,
                                "Globals!%s is known in the page header and footer only", globals[i].name);
        compiler->program->uses_page_globals |= globals[i].of_page;
        emit_global(compiler, globals[i].global, node, next);
        return RS_OK;
    }
    return expr_fail_at(compiler->job, EXPR_UNKNOWN_NAME, column, "there is no \"%.*s\" in Globals", RS_TEXT_ARG(name));
}

static rs_status compile_user(struct compiler *compiler, const struct expr_node *node, size_t *next)
{
    size_t column = *next < node->suffix_count ? node->suffixes[*next].column : node->column;
    rs_text name;
    bool dynamic;

    RS_TRY(read_entry(compiler, node, "User", next, &name, &dynamic));
    for (size_t i = 0; !dynamic && i < COUNT_OF(user_globals); i++) {
        if (!same(name, user_globals[i].name))
            continue;
        emit_global(compiler, user_globals[i].global, node, next);
        return RS_OK;
    }
    return expr_fail_at(compiler->job, EXPR_UNKNOWN_NAME, column, "User has the entries UserID and Language");
}

/* ---- aggregates ---------------------------------------------------------------------------- */

enum aggregate_shape {
    SHAPE_OF_EXPRESSION, /* f(expression [, scope [, recursive]]) */
    SHAPE_OF_SCOPE,      /* f([scope]) */
    SHAPE_RUNNING,       /* f(expression, function, scope) */
};

static const struct aggregate_name {
    const char *name;
    enum expr_aggregate_kind kind;
    enum aggregate_shape shape;
    uint8_t least, most; /* arguments */
    bool may_run;        /* in RunningValue */
} aggregates[] = {
    {"Sum", EXPR_SUM, SHAPE_OF_EXPRESSION, 1, 3, true},
    {"Avg", EXPR_AVG, SHAPE_OF_EXPRESSION, 1, 3, true},
    {"Min", EXPR_MIN, SHAPE_OF_EXPRESSION, 1, 3, true},
    {"Max", EXPR_MAX, SHAPE_OF_EXPRESSION, 1, 3, true},
    {"Count", EXPR_COUNT, SHAPE_OF_EXPRESSION, 1, 3, true},
    {"CountDistinct", EXPR_COUNT_DISTINCT, SHAPE_OF_EXPRESSION, 1, 3, true},
    {"CountRows", EXPR_COUNT_ROWS, SHAPE_OF_SCOPE, 0, 2, true},
    {"StDev", EXPR_STDEV, SHAPE_OF_EXPRESSION, 1, 3, true},
    {"StDevP", EXPR_STDEVP, SHAPE_OF_EXPRESSION, 1, 3, true},
    {"Var", EXPR_VAR, SHAPE_OF_EXPRESSION, 1, 3, true},
    {"VarP", EXPR_VARP, SHAPE_OF_EXPRESSION, 1, 3, true},
    {"First", EXPR_FIRST, SHAPE_OF_EXPRESSION, 1, 2, true},
    {"Last", EXPR_LAST, SHAPE_OF_EXPRESSION, 1, 2, true},
    {"Previous", EXPR_PREVIOUS, SHAPE_OF_EXPRESSION, 1, 2, false},
    {"RunningValue", EXPR_RUNNING_VALUE, SHAPE_RUNNING, 2, 3, false},
    {"RowNumber", EXPR_ROW_NUMBER, SHAPE_OF_SCOPE, 0, 1, false},
    {"Aggregate", EXPR_AGGREGATE, SHAPE_OF_EXPRESSION, 1, 2, false},
    {"Level", EXPR_LEVEL, SHAPE_OF_SCOPE, 0, 1, false},
    {"InScope", EXPR_IN_SCOPE, SHAPE_OF_SCOPE, 1, 1, false},
};

static const struct aggregate_name *find_aggregate(rs_text name)
{
    for (size_t i = 0; i < COUNT_OF(aggregates); i++)
        if (same(name, aggregates[i].name))
            return &aggregates[i];
    return NULL;
}

/* An argument that must be a constant text, or Nothing; it is computed now and leaves no instruction. */
static rs_status constant_name(struct compiler *compiler, const struct expr_argument *argument, const char *what,
                               const char *function, rs_text *out, bool *nothing)
{
    struct expr_program *program;
    struct value constant;

    RS_TRY(compile_program(compiler->job, argument->value, compiler->names, &program));
    if (!expr_is_constant(program, &constant) || (constant.kind != VALUE_TEXT && constant.kind != VALUE_NULL) ||
        (constant.kind == VALUE_NULL && !nothing))
        return expr_fail_at(compiler->job, EXPR_SYNTAX, argument->column, "%s of %s must be a constant text%s", what,
                            function, same(rs_text_from(function), "Max") || same(rs_text_from(function), "Min")
                                ? "; the larger or smaller of two values is Math.Max or Math.Min" : "");
    *out = constant.kind == VALUE_TEXT ? value_bytes(constant) : RS_TEXT("");
    if (nothing)
        *nothing = constant.kind == VALUE_NULL;
    return RS_OK;
}

static rs_status check_arguments(struct compiler *compiler, const struct expr_suffix *call, const char *function,
                                 size_t least, size_t most)
{
    size_t count = call->arguments.count;

    for (size_t i = 0; i < count; i++)
        if (!call->arguments.items[i].value || call->arguments.items[i].name.size > 0)
            return expr_fail_at(compiler->job, EXPR_SYNTAX, call->arguments.items[i].column,
                                "%s takes no named or left out arguments", function);
    if (count < least || count > most)
        return expr_fail_at(compiler->job, EXPR_SYNTAX, call->column, "%s takes %zu to %zu arguments, not %zu",
                            function, least, most, count);
    return RS_OK;
}

/* The second argument of RunningValue is the bare name of a function. */
static rs_status running_function(struct compiler *compiler, const struct expr_argument *argument,
                                  enum expr_aggregate_kind *out)
{
    const struct expr_node *node = argument->value;
    const struct aggregate_name *function = NULL;

    if (node->kind == EXPR_NODE_CHAIN && !node->left && node->suffix_count == 0)
        function = find_aggregate(node->name);
    if (!function || !function->may_run)
        return expr_fail_at(compiler->job, EXPR_SYNTAX, argument->column,
                            "the second argument of RunningValue is the name of an aggregate function: Sum, Avg, Count ...");
    *out = function->kind;
    return RS_OK;
}

static rs_status read_recursive(struct compiler *compiler, const struct expr_argument *argument, const char *function,
                                bool *out)
{
    const struct expr_node *node = argument->value;
    rs_text word = RS_TEXT("");

    if (node->kind == EXPR_NODE_CHAIN && !node->left)
        word = node->suffix_count > 0 ? node->suffixes[node->suffix_count - 1].name : node->name;
    *out = same(word, "Recursive") || same(word, "RdlRecursive");
    if (!*out && !same(word, "Simple"))
        return expr_fail_at(compiler->job, EXPR_SYNTAX, argument->column,
                            "the last argument of %s is Recursive or Simple", function);
    return RS_OK;
}

static rs_status compile_aggregate(struct compiler *compiler, const struct aggregate_name *row,
                                   const struct expr_suffix *call, size_t column)
{
    const struct expr_argument *items = call->arguments.items;
    struct expr_names *names = compiler->names;
    struct expr_aggregate aggregate = {.kind = row->kind, .column = column};
    struct expr_program *argument = NULL;
    size_t scope = row->shape == SHAPE_OF_SCOPE ? 0 : row->shape == SHAPE_OF_EXPRESSION ? 1 : 2;
    int slot;

    RS_TRY(check_arguments(compiler, call, row->name, row->least, row->most));
    if (call->arguments.count > scope)
        RS_TRY(constant_name(compiler, &items[scope], "the scope", row->name, &aggregate.scope,
                             &aggregate.scope_is_nothing));
    if (row->shape != SHAPE_OF_SCOPE) {
        /* The fields inside are those of the scope's data set: First(Fields!X.Value, "Other"). */
        bool entered = aggregate.scope.size > 0 && names->enter_data_set && names->enter_data_set(names->data, aggregate.scope);
        rs_status status = compile_program(compiler->job, items[0].value, names, &argument);
        if (entered)
            names->enter_data_set(names->data, RS_TEXT(""));
        RS_TRY(status);
    }
    if (row->shape == SHAPE_RUNNING)
        RS_TRY(running_function(compiler, &items[1], &aggregate.running));
    if (call->arguments.count > scope + 1)
        RS_TRY(read_recursive(compiler, &items[scope + 1], row->name, &aggregate.recursive));
    aggregate.argument = argument;
    if (argument) {
        aggregate.contains_aggregate = argument->contains_aggregate;
        compiler->program->uses_report_items |= argument->uses_report_items;
        compiler->program->uses_page_globals |= argument->uses_page_globals;
    }
    names->refused = RS_TEXT("");
    slot = names->aggregate ? names->aggregate(names->data, &aggregate) : -1;
    if (slot < 0 && names->refused.size > 0)
        return expr_fail_at(compiler->job, EXPR_UNKNOWN_NAME, column, "%s: %.*s", row->name, RS_TEXT_ARG(names->refused));
    if (slot < 0)
        return expr_fail_at(compiler->job, EXPR_UNKNOWN_NAME, column, "%s cannot be used in this place", row->name);
    compiler->program->contains_aggregate = true;
    emit(compiler, EXPR_CODE_AGGREGATE, slot, 0, 0);
    return RS_OK;
}

/* ---- lookups ------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum expr_lookup_kind kind;
} lookups[] = {
    {"Lookup", EXPR_LOOKUP}, {"LookupSet", EXPR_LOOKUP_SET}, {"MultiLookup", EXPR_MULTI_LOOKUP},
};

static rs_status compile_lookup(struct compiler *compiler, size_t row, const struct expr_suffix *call, size_t column)
{
    const struct expr_argument *items = call->arguments.items;
    struct expr_names *names = compiler->names;
    struct expr_lookup lookup = {.kind = lookups[row].kind, .column = column};
    struct expr_program *destination = NULL, *result = NULL;
    int slot;

    RS_TRY(check_arguments(compiler, call, lookups[row].name, 4, 4));
    RS_TRY(constant_name(compiler, &items[3], "the data set", lookups[row].name, &lookup.data_set, NULL));
    if (names->inside_lookup)
        return expr_fail_at(compiler->job, EXPR_SYNTAX, column, "a lookup cannot stand inside another one");
    if (!names->enter_data_set || !names->lookup)
        return expr_fail_at(compiler->job, EXPR_UNKNOWN_NAME, column, "%s cannot be used in this place",
                            lookups[row].name);
    RS_TRY(compile_node(compiler, items[0].value));
    if (!names->enter_data_set(names->data, lookup.data_set))
        return expr_fail_at(compiler->job, EXPR_UNKNOWN_NAME, items[3].column, "there is no data set \"%.*s\"",
                            RS_TEXT_ARG(lookup.data_set));
    names->inside_lookup = true;
    rs_status status = compile_program(compiler->job, items[1].value, names, &destination);
    if (status == RS_OK)
        status = compile_program(compiler->job, items[2].value, names, &result);
    names->inside_lookup = false;
    names->enter_data_set(names->data, RS_TEXT(""));
    RS_TRY(status);
    lookup.destination = destination;
    lookup.result = result;
    names->refused = RS_TEXT("");
    slot = names->lookup(names->data, &lookup);
    if (slot < 0)
        return expr_fail_at(compiler->job, EXPR_UNKNOWN_NAME, column, "%s: %.*s", lookups[row].name,
                            RS_TEXT_ARG(names->refused.size > 0 ? names->refused : RS_TEXT("it cannot be used in this place")));
    emit(compiler, EXPR_CODE_LOOKUP, slot, 0, 1);
    return RS_OK;
}

/* ---- names --------------------------------------------------------------------------------- */

/* Functions of a report, which are called by their bare name. */
static rs_status compile_report_function(struct compiler *compiler, const struct expr_node *node, size_t *next, bool *done)
{
    const struct expr_suffix *call = &node->suffixes[*next];
    const struct aggregate_name *aggregate = find_aggregate(node->name);

    if (aggregate) {
        ++*next;
        return compile_aggregate(compiler, aggregate, call, node->column);
    }
    for (size_t i = 0; i < COUNT_OF(lookups); i++) {
        if (!same(node->name, lookups[i].name))
            continue;
        ++*next;
        return compile_lookup(compiler, i, call, node->column);
    }
    if (same(node->name, "Union"))
        return expr_fail_at(compiler->job, EXPR_UNSUPPORTED, node->column, "Union (of spatial data) is not supported");
    if (same(node->name, "CreateDrillthroughContext"))
        return expr_fail_at(compiler->job, EXPR_UNSUPPORTED, node->column, "CreateDrillthroughContext is not supported");
    *done = false;
    return RS_OK;
}

rs_status compile_report_name(struct compiler *compiler, const struct expr_node *node, size_t *next, bool *done)
{
    rs_text name = node->name;

    *done = true;
    if (same(name, "Report") && node->suffix_count > 0 && node->suffixes[0].op == EXPR_OP_DOT) {
        name = node->suffixes[0].name; /* Report.Parameters!P.Value */
        *next = 1;
    }
    for (size_t i = 0; i < COUNT_OF(collections); i++)
        if (compiler->body && same(name, collections[i].name) && collections[i].id != EXPR_PARAMETERS)
            return expr_fail_at(compiler->job, EXPR_UNKNOWN_NAME, node->column,
                                "<Code> sees no %s; hand the value over as an argument", collections[i].name);
        else if (same(name, collections[i].name))
            return compile_collection(compiler, &collections[i], node, next);
    if (same(name, "Globals"))
        return compile_globals(compiler, node, next);
    if (same(name, "User"))
        return compile_user(compiler, node, next);
    if (same(name, "Code"))
        return code_compile_qualified(compiler, node, next);
    if (same(name, "Me") || (same(name, "Value") && node->suffix_count == 0))
        return compile_self(compiler, node, next);
    if (*next < node->suffix_count && node->suffixes[*next].op == EXPR_OP_OPEN)
        return compile_report_function(compiler, node, next, done);
    *done = false;
    return RS_OK;
}
