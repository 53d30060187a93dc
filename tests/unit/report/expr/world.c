#include "world.h"

#include "report/value/convert.h"
#include "report/value/date.h"
#include "report/value/decimal.h"

#define WHEN (INT64_C(638527575090000000)) /* 2024-05-31 13:05:09 */

static const char *const field_names[] = {"Name", "Qty", "Price", "Ratio", "Big", "When", "Empty", "Gone", "Flag",
                                          "Text", "Bytes", "City", "Max", "Span"};
static const char *const other_names[] = {"K", "V"};
static const char *const parameter_names[] = {"One", "Many", "Number", "None", "Column"};
static const char *const item_names[] = {"Total"};
static const char *const variable_names[] = {"Rate"};
static const char *const source_names[] = {"Main"};

static const struct value fields[] = {
    {.kind = VALUE_TEXT, .size = 3, .text = "Ann"},
    {.kind = VALUE_INTEGER, .integer = 3},
    {.kind = VALUE_DECIMAL, .scale = 2, .low = 1250},
    {.kind = VALUE_DOUBLE, .real = 0.25},
    {.kind = VALUE_LONG, .integer = 3000000000},
    {.kind = VALUE_DATE, .ticks = WHEN},
    {.kind = VALUE_NULL, .flags = VALUE_IS_DBNULL},
    {.kind = VALUE_ERROR, .flags = VALUE_IS_MISSING, .size = 20, .text = "the field is missing"},
    {.kind = VALUE_BOOLEAN, .boolean = true},
    {.kind = VALUE_TEXT, .size = 4, .text = "12.5"},
    {.kind = VALUE_BYTES, .size = 4, .text = "\x00\x01\xFE\xFF"},
    {.kind = VALUE_TEXT, .size = 10, .text = "S\xC3\xA3o Paulo"},
    {.kind = VALUE_INTEGER, .integer = INT32_MAX},
    {.kind = VALUE_SPAN, .ticks = INT64_C(937840000000)},
};

static const struct value many[] = {{.kind = VALUE_TEXT, .size = 1, .text = "a"},
                                    {.kind = VALUE_TEXT, .size = 1, .text = "b"},
                                    {.kind = VALUE_TEXT, .size = 1, .text = "c"}};
static const struct value many_labels[] = {{.kind = VALUE_TEXT, .size = 1, .text = "A"},
                                           {.kind = VALUE_TEXT, .size = 1, .text = "B"},
                                           {.kind = VALUE_TEXT, .size = 1, .text = "C"}};
static const struct expr_parameter parameters[] = {
    {{.kind = VALUE_TEXT, .size = 1, .text = "x"}, {.kind = VALUE_TEXT, .size = 5, .text = "The x"}, false},
    {{.kind = VALUE_ARRAY, .size = 3, .items = many}, {.kind = VALUE_ARRAY, .size = 3, .items = many_labels}, true},
    {{.kind = VALUE_INTEGER, .integer = 5}, {.kind = VALUE_NULL}, false},
    {{.kind = VALUE_NULL}, {.kind = VALUE_NULL}, false},
    {{.kind = VALUE_TEXT, .size = 3, .text = "Qty"}, {.kind = VALUE_NULL}, false},
};

/* ---- compiling ----------------------------------------------------------------------------- */

#define NAMES(array) (array), sizeof(array) / sizeof *(array)

static const char *const *names_of(const struct world *world, enum expr_collection collection, size_t *count)
{
    const struct {
        const char *const *names;
        size_t count;
    } all[] = {
        [EXPR_FIELDS] = {NAMES(field_names)}, [EXPR_PARAMETERS] = {NAMES(parameter_names)},
        [EXPR_REPORT_ITEMS] = {NAMES(item_names)}, [EXPR_VARIABLES] = {NAMES(variable_names)},
        [EXPR_DATA_SETS] = {NAMES(source_names)}, [EXPR_DATA_SOURCES] = {NAMES(source_names)},
        [EXPR_SELF] = {NULL, 0},
    };

    *count = all[collection].count;
    if (collection == EXPR_FIELDS && world->entered.size > 0) {
        *count = 2;
        return other_names;
    }
    return all[collection].names;
}

static int find(void *data, enum expr_collection collection, rs_text name)
{
    struct world *world = data;
    size_t count;
    const char *const *names = names_of(world, collection, &count);

    if (world->any_name)
        return (int)world->found++;
    if (collection == EXPR_SELF)
        return 1;
    for (size_t i = 0; i < count; i++)
        if (rs_text_equal_nocase(name, rs_text_from(names[i])))
            return (int)i;
    return -1;
}

static bool list(void *data, enum expr_collection collection, size_t index, rs_text *name)
{
    struct world *world = data;
    size_t count;
    const char *const *names = names_of(world, collection, &count);

    *name = index < count ? rs_text_from(names[index]) : RS_TEXT("");
    return index < count;
}

static const char *const kinds[] = {
    [EXPR_SUM] = "Sum", [EXPR_AVG] = "Avg", [EXPR_MIN] = "Min", [EXPR_MAX] = "Max", [EXPR_COUNT] = "Count",
    [EXPR_COUNT_DISTINCT] = "CountDistinct", [EXPR_COUNT_ROWS] = "CountRows", [EXPR_STDEV] = "StDev",
    [EXPR_STDEVP] = "StDevP", [EXPR_VAR] = "Var", [EXPR_VARP] = "VarP", [EXPR_FIRST] = "First", [EXPR_LAST] = "Last",
    [EXPR_PREVIOUS] = "Previous", [EXPR_RUNNING_VALUE] = "RunningValue", [EXPR_ROW_NUMBER] = "RowNumber",
    [EXPR_AGGREGATE] = "Aggregate", [EXPR_LEVEL] = "Level", [EXPR_IN_SCOPE] = "InScope",
};

/* What an argument is, for the text of a call: a field, a constant, or the value it has in this world. */
static void show_argument(struct world *world, const struct expr_program *program, rs_buf *out)
{
    struct value v;
    int field = expr_is_field(program);

    if (field >= 0) {
        rs_buf_printf(out, "field %d", field);
    } else if (world->entered.size == 0 && expr_eval(world->job, program, &world->env, &v) == RS_OK) {
        rs_buf_add(out, value_to_string(world->job, v, world->env.culture).kind == VALUE_TEXT
                            ? value_bytes(value_to_string(world->job, v, world->env.culture)) : RS_TEXT("error"));
    } else {
        rs_buf_add_literal(out, "computed");
    }
}

static int add_aggregate(void *data, const struct expr_aggregate *call)
{
    struct world *world = data;
    rs_buf buf = rs_buf_in(world->job);

    if (rs_text_equal(call->scope, RS_TEXT("Nowhere"))) {
        world->names.refused = RS_TEXT("there is no scope \"Nowhere\"");
        return -1;
    }
    rs_buf_printf(&buf, "%s[", kinds[call->kind]);
    if (call->argument)
        show_argument(world, call->argument, &buf);
    if (call->kind == EXPR_RUNNING_VALUE)
        rs_buf_printf(&buf, "; %s", kinds[call->running]);
    if (call->scope.size > 0)
        rs_buf_printf(&buf, "; in %.*s", RS_TEXT_ARG(call->scope));
    if (call->scope_is_nothing)
        rs_buf_add_literal(&buf, "; in Nothing");
    if (call->recursive)
        rs_buf_add_literal(&buf, "; recursive");
    if (call->contains_aggregate)
        rs_buf_add_literal(&buf, "; of aggregates");
    rs_buf_add_byte(&buf, ']');
    rs_vec_push(world->job, &world->aggregates, rs_buf_text(&buf));
    return (int)world->aggregates.count - 1;
}

static int add_lookup(void *data, const struct expr_lookup *call)
{
    static const char *const lookup_kinds[] = {"Lookup", "LookupSet", "MultiLookup"};
    struct world *world = data;
    rs_buf buf = rs_buf_in(world->job);

    rs_buf_printf(&buf, "%s[field %d = source; field %d; in %.*s]", lookup_kinds[call->kind],
                  expr_is_field(call->destination), expr_is_field(call->result), RS_TEXT_ARG(call->data_set));
    rs_vec_push(world->job, &world->lookups, rs_buf_text(&buf));
    return (int)world->lookups.count - 1;
}

static bool enter_data_set(void *data, rs_text data_set)
{
    struct world *world = data;

    bool known = world->any_name || data_set.size == 0 || rs_text_equal(data_set, RS_TEXT("Other"));

    if (known)
        world->entered = data_set;
    return known;
}

/* ---- running ------------------------------------------------------------------------------- */

static rs_status aggregate(struct rs_job *job, void *data, int slot, struct value *out)
{
    struct world *world = data;

    *out = value_text(world->aggregates.items[slot]);
    return RS_OK;
}

static rs_status lookup(struct rs_job *job, void *data, int slot, struct value source, struct value *out)
{
    struct world *world = data;
    struct value text = value_to_string(job, source, world->env.culture);

    *out = value_is_error(text) ? text
                                : value_text(rs_text_format(job, "%.*s of %.*s", RS_TEXT_ARG(world->lookups.items[slot]),
                                                            RS_TEXT_ARG(value_bytes(text))));
    return RS_OK;
}

static rs_status report_item(struct rs_job *job, void *data, int slot, struct value *out)
{
    *out = slot == 0 ? value_integer(99) : value_text(RS_TEXT("me"));
    return RS_OK;
}

static rs_status variable(struct rs_job *job, void *data, int slot, struct value *out)
{
    *out = value_double(1.5);
    return RS_OK;
}

static rs_status source_property(struct rs_job *job, void *data, enum expr_collection collection, int slot,
                                 rs_text property, struct value *out)
{
    *out = value_text(rs_text_format(job, "%s %d %.*s", collection == EXPR_DATA_SETS ? "set" : "source", slot,
                                     RS_TEXT_ARG(property)));
    return RS_OK;
}

static bool device_setting(const void *device_info, rs_text name, rs_text *value)
{
    *value = rs_text_from(device_info);
    return rs_text_equal_nocase(name, RS_TEXT("Zoom"));
}

void world_init(struct world *world, struct rs_job *job)
{
    *world = (struct world){.job = job};
    world->names = (struct expr_names){
        .data = world, .find = find, .aggregate = add_aggregate, .lookup = add_lookup, .enter_data_set = enter_data_set,
        .list = list, .allow_page_globals = true,
    };
    world->globals = (struct expr_globals){
        .execution_time = value_date(WHEN), .report_name = RS_TEXT("Sales"), .report_folder = RS_TEXT("/Reports"),
        .report_server_url = RS_TEXT("https://host/ReportServer"), .render_format_name = RS_TEXT("PDF"),
        .device_setting = device_setting, .device_info = "75",
        .page_number = 2, .total_pages = 7, .overall_page_number = 12, .overall_total_pages = 17,
        .page_name = RS_TEXT("East"), .user_id = RS_TEXT("HOST\\ann"), .user_language = RS_TEXT("en-US"),
    };
    world->env = (struct expr_env){
        .fields = fields, .parameters = parameters, .globals = &world->globals,
        .culture = value_culture_find(RS_TEXT("en-US"), NULL), .data = world, .aggregate = aggregate, .lookup = lookup,
        .report_item = report_item, .variable = variable, .source_property = source_property,
    };
}

rs_status world_eval(struct world *world, rs_text source, struct value *out)
{
    struct expr_program *program;

    RS_TRY(expr_compile(world->job, source, &world->names, &program));
    return expr_eval(world->job, program, &world->env, out);
}
