#include "unit.h"

#include "report/expr/program.h"
#include "base/buf.h"
#include "report/value/date.h"
#include "world.h"

static struct expr_program *compiled(struct world *world, const char *source)
{
    struct expr_program *program = NULL;

    assert_ok(world->job, expr_compile(world->job, rs_text_from(source), &world->names, &program));
    return program;
}

static void expect_refusal(struct world *world, const char *source, rs_status status, const char *message)
{
    struct expr_program *program;

    assert_status(expr_compile(world->job, rs_text_from(source), &world->names, &program), status);
    assert_text(rs_job_message(world->job), message);
    rs_job_forgive(world->job);
}

#define WORLD                                                                                  \
    RS_OWNED(rs_job) job = rs_job_create(NULL);                                                \
    struct world world;                                                                        \
    world_init(&world, job)

UNIT_TEST(expr_computes_constants_when_it_compiles)
{
    static const char *const sources[] = {"1 + 2 * 3", "\"a\" & \"b\" & 5", "Chr(65) & \"x\"", "IIf(True, \"a\", \"b\")",
                                          "-5", "Not True", "DateInterval.Day", "Math.PI * 2", "Round(2.5)", "vbCrLf & vbTab",
                                          "1 = 1 And \"a\" < \"b\"", "Len(\"abc\")"};
    struct value v;

    WORLD;
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        if (!expr_is_constant(compiled(&world, sources[i]), &v))
            fail_msg("%s is no constant", sources[i]);
    /* What a culture or the clock decides is not. */
    assert_false(expr_is_constant(compiled(&world, "CStr(1.5)"), &v));
    assert_false(expr_is_constant(compiled(&world, "\"a\" & 1.5"), &v));
    assert_false(expr_is_constant(compiled(&world, "CDbl(\"1.5\")"), &v));
    assert_false(expr_is_constant(compiled(&world, "Now()"), &v));
    assert_false(expr_is_constant(compiled(&world, "1D / 0D"), &v));
}

/* What many reports share does not hold what one expression could ask for; each run asks its own job. */
UNIT_TEST(expr_leaves_large_constants_to_the_run)
{
    struct value v;

    WORLD;
    assert_true(expr_is_constant(compiled(&world, "Len(\"abc\")"), &v));
    assert_false(expr_is_constant(compiled(&world, "StrDup(3000000, \"x\")"), &v));
    assert_false(expr_is_constant(compiled(&world, "Replace(StrDup(5000, \"a\"), \"a\", StrDup(5000, \"b\"))"), &v));
    assert_true(rs_job_memory(job) < 4 << 20);
}

UNIT_TEST(expr_joins_neighbouring_constants)
{
    WORLD;
    struct expr_program *program = compiled(&world, "Fields!Name.Value & \"a\" & \"b\" & \"c\"");

    assert_int_equal(program->count, 3); /* field, "abc", & */
    program = compiled(&world, "If(Fields!Flag.Value, \"x\", \"y\") & \"z\"");
    struct value v;
    assert_ok(job, expr_eval(job, program, &world.env, &v));
    assert_text(value_bytes(v), "xz");
}

UNIT_TEST(expr_tells_what_a_program_is)
{
    struct value v;

    WORLD;
    assert_int_equal(expr_is_field(compiled(&world, "Fields!Price.Value")), 2);
    assert_int_equal(expr_is_field(compiled(&world, "(Fields(\"Price\").Value)")), 2);
    assert_int_equal(expr_is_field(compiled(&world, "Fields!Price.Value + 1")), -1);
    assert_int_equal(expr_is_field(compiled(&world, "Parameters!One.Value")), -1);
    assert_true(expr_uses_fields(compiled(&world, "1 + Fields!Price.Value")));
    assert_false(expr_uses_fields(compiled(&world, "Sum(Fields!Price.Value)")));
    assert_true(expr_uses_page_globals(compiled(&world, "\"Page \" & Globals!PageNumber")));
    assert_false(expr_uses_page_globals(compiled(&world, "Globals!ReportName")));
    assert_true(expr_uses_report_items(compiled(&world, "ReportItems!Total.Value")));
    assert_true(expr_uses_report_items(compiled(&world, "First(ReportItems!Total.Value)")));
    assert_true(expr_is_constant(expr_constant(job, value_text(RS_TEXT("x"))), &v));
    assert_text(value_bytes(v), "x");
}

UNIT_TEST(expr_registers_aggregates_inner_first)
{
    WORLD;
    compiled(&world, "Max(Sum(Fields!Qty.Value, \"G\")) + RunningValue(Fields!Price.Value, Sum, Nothing)");
    assert_int_equal(world.aggregates.count, 3);
    assert_text(world.aggregates.items[0], "Sum[field 1; in G]");
    assert_text(world.aggregates.items[1], "Max[Sum[field 1; in G]; of aggregates]");
    assert_text(world.aggregates.items[2], "RunningValue[field 2; Sum; in Nothing]");
}

UNIT_TEST(expr_refuses_what_is_not_in_the_report)
{
    WORLD;
    expect_refusal(&world, "1 + Fields!Nope.Value", EXPR_UNKNOWN_NAME, "column 12: there is no \"Nope\" in Fields");
    expect_refusal(&world, "Sum(Fields!Qty.Value, \"Nowhere\")", EXPR_UNKNOWN_NAME, "column 1: Sum: there is no scope \"Nowhere\"");
    expect_refusal(&world, "Sum(Fields!Qty.Value, Fields!Name.Value)", EXPR_SYNTAX,
                   "column 23: the scope of Sum must be a constant text");
    expect_refusal(&world, "Max(1, 2)", EXPR_SYNTAX,
                   "column 8: the scope of Max must be a constant text; the larger or smaller of two values is Math.Max or Math.Min");
    expect_refusal(&world, "Sum()", EXPR_SYNTAX, "column 4: Sum takes 1 to 3 arguments, not 0");
    expect_refusal(&world, "RunningValue(1, RowNumber, Nothing)", EXPR_SYNTAX,
                   "column 17: the second argument of RunningValue is the name of an aggregate function: Sum, Avg, Count ...");
    expect_refusal(&world, "Lookup(1, Fields!K.Value, Fields!V.Value, \"Gone\")", EXPR_UNKNOWN_NAME,
                   "column 43: there is no data set \"Gone\"");
    expect_refusal(&world, "Lookup(1, Lookup(1, 2, 3, \"Other\"), Fields!V.Value, \"Other\")", EXPR_SYNTAX,
                   "column 11: a lookup cannot stand inside another one");
    expect_refusal(&world, "Lookup(1, Fields!Qty.Value, 1, \"Other\")", EXPR_UNKNOWN_NAME,
                   "column 18: there is no \"Qty\" in Fields");
    assert_int_equal(world.entered.size, 0); /* left again */
    assert_int_equal(expr_is_field(compiled(&world, "Fields!Qty.Value")), 1);
    expect_refusal(&world, "Code.F(1)", EXPR_UNKNOWN_NAME, "column 1: Code.F: the report has no <Code>");
    expect_refusal(&world, "Variables!Rate.SetValue()", EXPR_SYNTAX, "column 16: SetValue is written with one value: Variables!Rate.SetValue(1)");
    expect_refusal(&world, "Variables!Rate.SetValue(1, 2)", EXPR_SYNTAX, "column 16: SetValue is written with one value: Variables!Rate.SetValue(1)");
    expect_refusal(&world, "Nope(1)", EXPR_UNKNOWN_NAME, "column 1: there is no function \"Nope\"");
    expect_refusal(&world, "1 & Nope", EXPR_UNKNOWN_NAME, "column 5: there is nothing called \"Nope\"; a text stands between \" and \"");
    expect_refusal(&world, "My.Company.Tool.Run(1)", EXPR_UNSUPPORTED,
                   "column 1: My.Company.Tool.Run is not supported: it is no member of Visual Basic or .NET that is known "
                   "here (custom assemblies are not loaded)");
    expect_refusal(&world, "Fields!Name.Value.Frobnicate()", EXPR_UNKNOWN_NAME, "column 19: no value has a member \"Frobnicate\"");
    expect_refusal(&world, "Left(\"a\")", EXPR_SYNTAX, "column 1: Left takes 2 arguments, not 1");
    expect_refusal(&world, "Left(\"a\", 1, 2)", EXPR_SYNTAX, "column 1: Left takes 2 arguments, not 3");
    expect_refusal(&world, "Mid(\"a\", Begin:=1)", EXPR_SYNTAX, "column 10: Mid has no parameter \"Begin\"");
    expect_refusal(&world, "Mid(\"a\", str:=\"b\", Start:=1)", EXPR_SYNTAX, "column 10: Mid is given \"str\" twice");
    expect_refusal(&world, "Mid(\"a\", Length:=1)", EXPR_SYNTAX, "column 1: Mid needs the argument \"Start\"");
    expect_refusal(&world, "CType(1, Frob)", EXPR_UNSUPPORTED, "column 1: the type Frob is not supported");
    expect_refusal(&world, "New Frob(1)", EXPR_UNSUPPORTED, "column 1: New Frob is not supported");
    expect_refusal(&world, "99999999999999999999", EXPR_SYNTAX,
                   "column 1: the number 99999999999999999999 is too large for a Long; write D behind it for a Decimal");
    expect_refusal(&world, "#13/45/2024#", EXPR_SYNTAX,
                   "column 1: #13/45/2024# is not a date; write month/day/year, and a time as 1:30:00 PM");
    world.names.allow_page_globals = false;
    expect_refusal(&world, "Globals!PageNumber", EXPR_UNKNOWN_NAME,
                   "column 9: Globals!PageNumber is known in the page header and footer only");
    world.names.list = NULL;
    expect_refusal(&world, "Fields(Parameters!Column.Value).Value", EXPR_UNSUPPORTED,
                   "column 7: Fields(...) needs a constant name here; names that are computed are not supported in this place");
}

UNIT_TEST(expr_keeps_a_long_run_of_operators_off_the_machine_stack)
{
    struct value v;

    WORLD;
    rs_buf buf = rs_buf_in(job);
    rs_buf_add_literal(&buf, "Fields!Qty.Value");
    for (int i = 0; i < 15000; i++)
        rs_buf_add(&buf, i % 2 ? RS_TEXT("+1") : RS_TEXT("-1"));
    assert_ok(job, world_eval(&world, rs_buf_text(&buf), &v));
    assert_int_equal(v.integer, 3);
    rs_buf_clear(&buf);
    rs_buf_add_literal(&buf, "Fields!Name.Value");
    for (int i = 0; i < 3000; i++)
        rs_buf_add_literal(&buf, "+ Chr(177) + \"\"");
    assert_ok(job, world_eval(&world, rs_buf_text(&buf), &v));
    assert_int_equal(v.size, 3 + 2 * 3000);
}

UNIT_TEST(expr_runs_without_an_environment)
{
    static const char *const sources[] = {"Fields!Qty.Value", "Fields!Qty.Value + 1", "Parameters!One.Value & 1", "Globals!PageNumber & 1",
                                          "ReportItems!Total.Value & 1", "Variables!Rate.Value & 1", "Sum(Fields!Qty.Value) & 1",
                                          "Lookup(1, Fields!K.Value, Fields!V.Value, \"Other\") & 1"};
    struct expr_env nothing = {0};
    struct value v;

    WORLD;
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        assert_ok(job, expr_eval(job, compiled(&world, sources[i]), &nothing, &v));
        assert_int_equal(v.kind, VALUE_ERROR);
    }
}

static rs_status lazy_field(struct rs_job *job, void *data, int slot, struct value *out)
{
    *out = value_integer(slot * 10);
    return RS_OK;
}

static rs_status failing_item(struct rs_job *job, void *data, int slot, struct value *out)
{
    return rs_fail(job, RS_IO, "the disk is gone");
}

UNIT_TEST(expr_asks_its_callbacks)
{
    struct value v;

    WORLD;
    world.env.fields = NULL;
    world.env.field = lazy_field;
    assert_ok(job, world_eval(&world, RS_TEXT("Fields!Price.Value + 1"), &v));
    assert_int_equal(v.integer, 21);
    world.env.report_item = failing_item;
    assert_status(world_eval(&world, RS_TEXT("1 + ReportItems!Total.Value"), &v), RS_IO);
}

UNIT_TEST(expr_keeps_to_the_memory_limit)
{
    struct rs_job_options options = {.memory_limit = (size_t)16 << 20};
    RS_OWNED(rs_job) job = rs_job_create(&options);
    struct world world;
    struct value v;

    world_init(&world, job);
    assert_status(world_eval(&world, RS_TEXT("Space(Fields!Qty.Value * 10000000)"), &v), RS_OVER_LIMIT);
    rs_job_forgive(job);
    assert_status(world_eval(&world, RS_TEXT("Space(Fields!Qty.Value * 2000000) & Space(Fields!Qty.Value * 2000000)"), &v),
                  RS_OVER_LIMIT);
    static const char *const growing[] = {"Join(Split(Space(Fields!Qty.Value * 10000), \" \"), Space(1000))",
                                          "String.Join(Space(1000), Split(Space(Fields!Qty.Value * 10000), \" \"))",
                                          "Replace(Space(Fields!Qty.Value * 10000), \" \", Space(1000))",
                                          "Space(Fields!Qty.Value * 10000).Replace(\" \", Space(1000))",
                                          "\"x\".PadLeft(Fields!Qty.Value * 10000000)", "LSet(\"x\", Fields!Qty.Value * 10000000)",
                                          "Regex.Replace(Space(Fields!Qty.Value * 10000), \" \", Space(1000))"};
    for (size_t i = 0; i < sizeof growing / sizeof *growing; i++) {
        rs_job_forgive(job);
        assert_status(world_eval(&world, rs_text_from(growing[i]), &v), RS_OVER_LIMIT);
        assert_true(rs_job_memory(job) < (size_t)48 << 20);
    }
}

UNIT_TEST(expr_stops_at_every_checkpoint)
{
    static const char source[] =
        "IIf(Fields!Qty.Value > 2 AndAlso Not IsNothing(Fields!Name.Value), Left(Fields!Name.Value, 2) & Format(Fields!Price.Value, "
        "\"N2\"), Max(Sum(Fields!Qty.Value, \"G\")) & Lookup(Fields!Qty.Value, Fields!K.Value, Fields!V.Value, \"Other\"))";
    RS_OWNED(rs_job) whole = rs_job_create(NULL);
    struct world world;
    struct value v;

    world_init(&world, whole);
    assert_ok(whole, world_eval(&world, rs_text_from(source), &v));
    uint64_t checkpoints = rs_job_checkpoints(whole);
    assert_true(checkpoints > 10);
    for (uint64_t stop = 1; stop <= checkpoints; stop++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        world_init(&world, job);
        rs_job_stop_at(job, stop);
        assert_status(world_eval(&world, rs_text_from(source), &v), RS_CANCELLED);
    }
}

/* ---- the tables ---------------------------------------------------------------------------- */

UNIT_TEST(expr_members_of_one_name_stand_together)
{
    for (size_t i = 1; i < expr_member_count; i++)
        for (size_t before = 0; before + 1 < i; before++)
            if (rs_text_equal_nocase(rs_text_from(expr_members[i].name), rs_text_from(expr_members[before].name)))
                assert_string_equal(expr_members[i].name, expr_members[i - 1].name);
}

UNIT_TEST(expr_functions_are_named_once)
{
    for (size_t i = 1; i < expr_function_count; i++)
        for (size_t before = 0; before < i; before++)
            if (strcmp(expr_functions[i].module, expr_functions[before].module) == 0)
                assert_string_not_equal(expr_functions[i].name, expr_functions[before].name);
}

UNIT_TEST(expr_functions_survive_arguments_of_every_kind)
{
    static const struct value samples[] = {
        {.kind = VALUE_NULL}, {.kind = VALUE_BOOLEAN, .boolean = true}, {.kind = VALUE_INTEGER, .integer = -1},
        {.kind = VALUE_INTEGER, .integer = INT32_MAX}, {.kind = VALUE_LONG, .integer = INT64_MIN},
        {.kind = VALUE_DOUBLE, .real = 1e300}, {.kind = VALUE_DECIMAL, .low = 5, .scale = 1},
        {.kind = VALUE_CHAR, .integer = 0xE9}, {.kind = VALUE_TEXT, .size = 0, .text = ""},
        {.kind = VALUE_TEXT, .size = 4, .text = "a{\xC3\xA9"}, {.kind = VALUE_DATE, .ticks = VALUE_DATE_MAX},
        {.kind = VALUE_SPAN, .ticks = INT64_MIN}, {.kind = VALUE_OFFSET, .ticks = 0, .minutes = 840},
        {.kind = VALUE_BYTES, .size = 1, .text = "\xFF"}, {.kind = VALUE_ARRAY, .size = 0, .items = NULL},
    };
    size_t count = sizeof samples / sizeof *samples;

    for (size_t row = 0; row < expr_function_count; row++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct value_rules rules = {value_culture_find(RS_TEXT("en-US"), NULL), true};
        int least, most;
        expr_parameters_range(expr_functions[row].parameters, &least, &most);
        for (int arity = least; arity <= (most < 0 ? least + 3 : most); arity++) {
            for (size_t shift = 0; shift < count * count; shift++) {
                struct value arguments[16];
                for (int i = 0; i < arity; i++)
                    arguments[i] = samples[(shift / (i % 2 ? count : 1) + (size_t)i / 2) % count];
                struct expr_call call = {.job = job, .rules = &rules, .culture = rules.culture, .arguments = arguments,
                                         .count = arity};
                struct value out = expr_functions[row].function(&call);
                assert_true(out.kind < VALUE_KINDS);
            }
        }
    }
}

UNIT_TEST(expr_members_survive_arguments_of_every_kind)
{
    static const struct value objects[VALUE_KINDS] = {
        [VALUE_BOOLEAN] = {.kind = VALUE_BOOLEAN, .boolean = true}, [VALUE_INTEGER] = {.kind = VALUE_INTEGER, .integer = -1},
        [VALUE_LONG] = {.kind = VALUE_LONG, .integer = INT64_MIN}, [VALUE_SINGLE] = {.kind = VALUE_SINGLE, .real = 0.5},
        [VALUE_DOUBLE] = {.kind = VALUE_DOUBLE, .real = -1e300}, [VALUE_DECIMAL] = {.kind = VALUE_DECIMAL, .low = 1},
        [VALUE_CHAR] = {.kind = VALUE_CHAR, .integer = 'x'}, [VALUE_TEXT] = {.kind = VALUE_TEXT, .size = 3, .text = "a,b"},
        [VALUE_DATE] = {.kind = VALUE_DATE, .ticks = 5}, [VALUE_SPAN] = {.kind = VALUE_SPAN, .ticks = INT64_MIN},
        [VALUE_OFFSET] = {.kind = VALUE_OFFSET, .ticks = 0, .minutes = 840},
        [VALUE_BYTES] = {.kind = VALUE_BYTES, .size = 1, .text = "x"}, [VALUE_ARRAY] = {.kind = VALUE_ARRAY},
    };

    for (size_t row = 0; row < expr_member_count; row++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct value_rules rules = {value_culture_find(RS_TEXT("de-DE"), NULL), true};
        int least, most;
        expr_parameters_range(expr_members[row].parameters, &least, &most);
        for (int object = VALUE_BOOLEAN; object < VALUE_KINDS; object++) {
            if (!(expr_members[row].kinds >> object & 1))
                continue;
            for (int arity = least; arity <= (most < 0 ? least + 2 : most); arity++) {
                for (int shift = 0; shift < VALUE_KINDS * VALUE_KINDS; shift++) {
                    struct value arguments[8] = {objects[object]};
                    for (int i = 0; i < arity; i++)
                        arguments[1 + i] = objects[shift / (i % 2 ? VALUE_KINDS : 1) % VALUE_KINDS];
                    struct expr_call call = {.job = job, .rules = &rules, .culture = rules.culture,
                                             .arguments = arguments, .count = 1 + arity};
                    struct value out = expr_members[row].function(&call);
                    assert_true(out.kind < VALUE_KINDS);
                }
            }
        }
    }
}
