/* Parameters: defaults, valid values, types, dependencies. */
#include "unit.h"

#include "pieces.h"

#define PARAMETER(name, type, rest) "<ReportParameter Name='" name "'><DataType>" type "</DataType>" rest "</ReportParameter>"
#define PROMPT(text) "<Prompt>" text "</Prompt>"
#define DEFAULTS(values) "<DefaultValue><Values>" values "</Values></DefaultValue>"
#define V(text) "<Value>" text "</Value>"
#define WITH(parameters, expression)                                                                             \
    REPORT(SALES, TEXTBOX("X", expression), "<ReportParameters>" parameters "</ReportParameters>")

static struct compute_run *open_with(struct rs_job *job, const char *report, const char *name, const char *const *texts, size_t count)
{
    rs_text *values = RS_NEW_ARRAY(job, rs_text, count + 1);
    struct compute_input *input = RS_NEW(job, struct compute_input);

    for (size_t i = 0; i < count; i++)
        values[i] = rs_text_from(texts[i]);
    *input = (struct compute_input){rs_text_from(name), values, count, count == 0};
    return pieces_open(job, report, &(struct compute_options){.inputs = input, .input_count = 1});
}

#define GIVEN(report, name, ...)                                                                                 \
    open_with(job, report, name, (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

UNIT_TEST(parameters_take_defaults_and_types)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = WITH(
        PARAMETER("A", "Integer", PROMPT("a") DEFAULTS(V("5"))) PARAMETER("B", "Boolean", PROMPT("b") DEFAULTS(V("true")))
        PARAMETER("C", "DateTime", PROMPT("c") DEFAULTS(V("=DateSerial(2024, 5, 31)")))
        PARAMETER("D", "Float", PROMPT("d") DEFAULTS(V("=Parameters!A.Value / 2"))) PARAMETER("E", "String", PROMPT("e") "<Nullable>true</Nullable>"),
        "=Parameters!A.Value + 1 &amp; Parameters!B.Value &amp; Year(Parameters!C.Value) &amp; Parameters!D.Value &amp; IsNothing(Parameters!E.Value)");
    struct compute_run *run = pieces_open(job, report, NULL);

    assert_ok(job, compute_start(job, run));
    assert_text(pieces_text(job, run, "X"), "6True20242.5True");
    assert_int_equal(compute_parameter_count(run), 5);
    assert_true(compute_parameter(run, 0)->is_default);
    assert_text(compute_parameter(run, 0)->prompt, "a");
    assert_int_equal(compute_parameter(run, 3)->depends_on_count, 1);
    assert_text(compute_parameter_text(job, compute_parameter(run, 2)->values[0]), "2024-05-31T00:00:00");
}

UNIT_TEST(parameters_take_what_is_given_in_its_culture)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = WITH(PARAMETER("D", "DateTime", PROMPT("d")) PARAMETER("F", "Float", PROMPT("f") DEFAULTS(V("1"))),
                                      "=Month(Parameters!D.Value)");
    rs_text value = RS_TEXT("03.04.2024");
    struct compute_input input = {RS_TEXT("D"), &value, 1, false};
    struct compute_run *run = pieces_open(job, report, &(struct compute_options){.inputs = &input, .input_count = 1, .parameter_language = RS_TEXT("de-DE")});

    assert_ok(job, compute_start(job, run));
    assert_text(pieces_text(job, run, "X"), "4");
}

UNIT_TEST(parameters_fail_with_the_codes_of_the_original)
{
    static const char report[] = WITH(
        PARAMETER("A", "Integer", PROMPT("a") "<ValidValues><ParameterValues><ParameterValue>" V("1") "</ParameterValue><ParameterValue>" V("2") "</ParameterValue></ParameterValues></ValidValues>")
        PARAMETER("R", "String", DEFAULTS(V("fixed"))), "=1");
    static const struct {
        const char *name, *value;
        rs_status opens, starts;
        const char *code;
    } cases[] = {
        {"A", "1", RS_OK, RS_OK, NULL},
        {"A", "x", RS_OK, COMPUTE_PARAMETER_TYPE, "rsReportParameterTypeMismatch"},
        {"A", "99999999999", RS_OK, COMPUTE_PARAMETER_TYPE, "rsReportParameterTypeMismatch"},
        {"A", "3", RS_OK, COMPUTE_PARAMETER_INVALID, "rsInvalidReportParameter"},
        {"B", "1", COMPUTE_PARAMETER_UNKNOWN, RS_OK, "rsUnknownReportParameter"},
        {"a", "1", COMPUTE_PARAMETER_UNKNOWN, RS_OK, "rsUnknownReportParameter"},
        {"R", "1", COMPUTE_PARAMETER_READ_ONLY, RS_OK, "rsReadOnlyReportParameter"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        rs_text value = rs_text_from(cases[i].value);
        struct compute_input input = {rs_text_from(cases[i].name), &value, 1, false};
        struct compute_options options = {.inputs = &input, .input_count = 1};
        struct publish_report *published;
        struct compute_run *run;
        assert_ok(job, publish_open(job, rs_text_from(report), NULL, &published));
        rs_job_at_end(job, (void (*)(void *))publish_unref, published);
        assert_status(compute_open(job, published, &options, &run), cases[i].opens);
        if (cases[i].opens == RS_OK)
            assert_status(compute_start(job, run), cases[i].starts);
        if (cases[i].code)
            assert_string_equal(rs_status_client_code(rs_job_status(job)), cases[i].code);
    }
}

UNIT_TEST(parameters_without_a_value_say_so)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = WITH(PARAMETER("A", "String", PROMPT("a")) PARAMETER("B", "String", PROMPT("b") DEFAULTS(V("=Parameters!A.Value"))), "=1");
    struct compute_run *run = pieces_open(job, report, NULL);

    assert_int_equal(compute_parameter(run, 0)->state, COMPUTE_MISSING_VALUE);
    assert_int_equal(compute_parameter(run, 1)->state, COMPUTE_OUTSTANDING_DEPENDENCIES);
    assert_status(compute_start(job, run), COMPUTE_PARAMETER_MISSING);
    assert_string_equal(rs_status_client_code(rs_job_status(job)), "rsReportParameterValueNotSet");
    assert_true(rs_text_find(rs_job_message(job), RS_TEXT("'A'")) >= 0);
}

UNIT_TEST(parameters_drop_a_default_that_is_not_valid)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = WITH(PARAMETER("A", "String", PROMPT("a") "<MultiValue>true</MultiValue>" DEFAULTS(V("Cork") V("Rome"))
        "<ValidValues><DataSetReference><DataSetName>Sales</DataSetName><ValueField>City</ValueField><LabelField>Region</LabelField></DataSetReference></ValidValues>"),
        "=Join(Parameters!A.Value, &quot;+&quot;) &amp; Join(Parameters!A.Label, &quot;+&quot;) &amp; Parameters!A.Count");
    struct compute_run *run = pieces_open(job, report, NULL);

    assert_ok(job, compute_start(job, run));
    assert_text(pieces_text(job, run, "X"), "CorkSouth1");
    assert_int_equal(compute_parameter(run, 0)->choice_count, 8);
    run = GIVEN(report, "A", "Cork", "Oslo");
    assert_ok(job, compute_start(job, run));
    assert_text(pieces_text(job, run, "X"), "Cork+OsloSouth+North2");
}

UNIT_TEST(parameters_take_null_only_where_allowed)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    static const char report[] = WITH(PARAMETER("A", "String", PROMPT("a") "<Nullable>true</Nullable>" DEFAULTS(V("x"))) PARAMETER("B", "String", PROMPT("b") DEFAULTS(V("x"))),
                                      "=IsNothing(Parameters!A.Value)");
    struct compute_run *run = open_with(job, report, "A", NULL, 0);

    assert_ok(job, compute_start(job, run));
    assert_text(pieces_text(job, run, "X"), "True");
    run = open_with(job, report, "B", NULL, 0);
    assert_status(compute_start(job, run), COMPUTE_PARAMETER_MISSING);
    rs_job_forgive(job);
    run = GIVEN(report, "B", "");
    assert_status(compute_start(job, run), COMPUTE_PARAMETER_MISSING);
    rs_job_forgive(job);
    run = GIVEN(report, "B", "a", "b");
    assert_status(compute_start(job, run), COMPUTE_PARAMETER_INVALID);
}

#define MULTIPLE "<MultiValue>true</MultiValue>"
#define FROM_CITIES "<DataSetReference><DataSetName>Cities</DataSetName><ValueField>City</ValueField></DataSetReference>"
#define CASCADING(multiple, default_value)                                                                       \
    REPORT(DATA_SET("Cities", SALES_PATH, SALES_ROWS, SALES_FIELDS, FILTER("=Fields!Region.Value", "Equal", VALUE("=Parameters!R.Value"))), \
           TEXTBOX("X", "=Join(Parameters!C.Value, &quot;+&quot;)"),                                             \
           "<ReportParameters>" PARAMETER("R", "String", PROMPT("r"))                                            \
           PARAMETER("C", "String", PROMPT("c") multiple "<ValidValues>" FROM_CITIES "</ValidValues>" default_value) \
           "</ReportParameters>")
#define DEFAULT_CITIES "<DefaultValue>" FROM_CITIES "</DefaultValue>"

static bool cities_may_lapse;

static struct compute_run *open_region(struct rs_job *job, const char *report, const char *region, const char *city)
{
    rs_text *values = RS_NEW_ARRAY(job, rs_text, 2);
    struct compute_input *inputs = RS_NEW_ARRAY(job, struct compute_input, 2);

    values[0] = rs_text_from(region);
    values[1] = rs_text_from(city);
    inputs[0] = (struct compute_input){RS_TEXT("R"), &values[0], 1, false};
    inputs[1] = (struct compute_input){.name = RS_TEXT("C"), .values = &values[1], .count = 1, .may_lapse = cities_may_lapse};
    return pieces_open(job, report, &(struct compute_options){.inputs = inputs, .input_count = *city ? 2 : 1});
}

UNIT_TEST(parameters_wait_for_what_their_query_uses)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct compute_run *run = pieces_open(job, CASCADING(MULTIPLE, DEFAULT_CITIES), NULL);

    assert_int_equal(compute_parameter(run, 0)->state, COMPUTE_MISSING_VALUE);
    assert_int_equal(compute_parameter(run, 1)->state, COMPUTE_OUTSTANDING_DEPENDENCIES);
    assert_int_equal(compute_parameter(run, 1)->choice_count, 0);
    assert_int_equal(compute_parameter(run, 1)->depends_on_count, 1);
    assert_int_equal(compute_parameter(run, 1)->depends_on[0], 0);
}

UNIT_TEST(parameters_take_the_defaults_of_a_query_all_where_several_are_allowed)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct compute_run *run = open_region(job, CASCADING(MULTIPLE, DEFAULT_CITIES), "South", "");

    assert_ok(job, compute_start(job, run));
    assert_text(pieces_text(job, run, "X"), "Cork+Faro+Cork");
    run = open_region(job, CASCADING("", DEFAULT_CITIES), "North", "");
    assert_ok(job, compute_start(job, run));
    assert_int_equal(compute_parameter(run, 1)->count, 1);
    assert_text(value_bytes(compute_parameter(run, 1)->values[0]), "Bergen");
    assert_true(compute_parameter(run, 1)->is_default);
}

/* A reader's choice gives way to the defaults, or is asked for anew. */
UNIT_TEST(parameters_drop_what_is_no_longer_valid_where_it_may_lapse)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct compute_run *run;

    cities_may_lapse = true;
    run = open_region(job, CASCADING(MULTIPLE, DEFAULT_CITIES), "South", "Faro");
    assert_ok(job, compute_start(job, run));
    assert_text(pieces_text(job, run, "X"), "Faro");
    assert_null(compute_parameter(run, 1)->lapsed.bytes);
    run = open_region(job, CASCADING("", DEFAULT_CITIES), "North", "Faro");
    assert_ok(job, compute_start(job, run));
    assert_text(value_bytes(compute_parameter(run, 1)->values[0]), "Bergen");
    assert_text(compute_parameter(run, 1)->lapsed, "Faro");
    assert_true(compute_parameter(run, 1)->is_default);
    run = open_region(job, CASCADING(MULTIPLE, ""), "North", "Faro");
    assert_int_equal(compute_parameter(run, 1)->state, COMPUTE_MISSING_VALUE);
    run = open_region(job, CASCADING(MULTIPLE, DEFAULTS(V("Faro"))), "North", "Faro");
    assert_int_equal(compute_parameter(run, 1)->state, COMPUTE_MISSING_VALUE);
    cities_may_lapse = false;
}

/* Another R: C's valid values are others, and what was valid before is not taken. */
UNIT_TEST(parameters_refuse_what_is_no_longer_valid_after_another_changed)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct compute_run *run = open_region(job, CASCADING(MULTIPLE, ""), "South", "Faro");

    assert_ok(job, compute_start(job, run));
    assert_text(pieces_text(job, run, "X"), "Faro");
    run = open_region(job, CASCADING(MULTIPLE, ""), "North", "Faro");
    assert_int_equal(compute_parameter(run, 0)->state, COMPUTE_HAS_VALID_VALUE);
    assert_int_equal(compute_parameter(run, 1)->state, COMPUTE_INVALID_VALUE);
    assert_true(rs_text_find(compute_parameter(run, 1)->message, RS_TEXT("'C'")) >= 0);
    assert_int_equal(compute_parameter(run, 1)->choice_count, 3);
    assert_text(value_bytes(compute_parameter(run, 1)->choices[0].value), "Bergen");
    assert_status(compute_start(job, run), COMPUTE_PARAMETER_INVALID);
    rs_job_forgive(job);
    run = open_region(job, CASCADING(MULTIPLE, DEFAULTS(V("Faro"))), "North", "");
    assert_int_equal(compute_parameter(run, 1)->state, COMPUTE_MISSING_VALUE);
    assert_status(compute_start(job, run), COMPUTE_PARAMETER_MISSING);
}
