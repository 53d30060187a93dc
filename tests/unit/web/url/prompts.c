#include "unit.h"

#include "report/rdl/model.h"
#include "web/url/prompts.h"

/* Parameters made by hand: what publish and compute would give. */
struct form {
    struct rs_job *job;
    struct rdl_parameter definitions[4];
    struct compute_parameter parameters[4];
    const struct compute_parameter *pointers[4];
    struct service_parameter_states states;
    struct url_request request;
};

static struct compute_parameter *add(struct form *f, const char *name, enum rdl_data_type type)
{
    size_t i = f->states.count++;

    f->definitions[i] = (struct rdl_parameter){.name = rs_text_from(name), .type = type, .has_prompt = true};
    f->parameters[i] = (struct compute_parameter){.definition = &f->definitions[i], .prompt = rs_text_from(name)};
    f->pointers[i] = &f->parameters[i];
    f->states.items = f->pointers;
    return &f->parameters[i];
}

static rs_text write_form(struct form *f)
{
    struct url_prompts prompts = {&f->states, &f->request, RS_TEXT("/a\"b"), true};
    rs_buf out = rs_buf_in(f->job);

    url_prompts_write(&out, &prompts);
    return rs_buf_text(&out);
}

static void assert_has(rs_text text, const char *what)
{
    if (rs_text_find(text, rs_text_from(what)) < 0)
        fail_msg("\"%s\" is not in \"%.*s\"", what, RS_TEXT_ARG(text));
}

static void assert_has_not(rs_text text, const char *what)
{
    if (rs_text_find(text, rs_text_from(what)) >= 0)
        fail_msg("\"%s\" is in \"%.*s\"", what, RS_TEXT_ARG(text));
}

UNIT_TEST(each_type_has_its_field)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct form f = {.job = job};
    struct value text = value_text(RS_TEXT("a<b"));

    struct compute_parameter *p = add(&f, "Text", RDL_STRING);
    p->values = &text;
    p->count = 1;
    add(&f, "Number", RDL_INTEGER);
    add(&f, "When", RDL_DATE_TIME);
    add(&f, "Yes", RDL_BOOLEAN);
    rs_text form = write_form(&f);
    assert_has(form, "<input type=\"hidden\" value=\"\" name=\"/a&quot;b\">");
    assert_has(form, "<input type=\"text\" name=\"Text\" id=\"p0\" value=\"a&lt;b\">");
    assert_has(form, "<input type=\"number\" step=\"1\" name=\"Number\"");
    assert_has(form, "<input type=\"date\" name=\"When\"");
    assert_has(form, "<select name=\"Yes\"");
}

UNIT_TEST(hidden_and_read_only_parameters_are_not_asked_for)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct form f = {.job = job};
    struct exchange_pair kept[] = {{RS_TEXT("Hidden"), RS_TEXT("1"), true}, {RS_TEXT("Shown"), RS_TEXT("2"), true},
                                   {RS_TEXT("Shown:isnull"), RS_TEXT("true"), true},
                                   {RS_TEXT("rc:Zoom"), RS_TEXT("50"), true}};

    add(&f, "Hidden", RDL_STRING);
    f.definitions[0].hidden = true;
    assert_false(url_prompts_needed(&f.states));
    add(&f, "Shown", RDL_STRING);
    assert_true(url_prompts_needed(&f.states));
    f.request.kept = (struct exchange_pairs){kept, 4, 4};
    rs_text form = write_form(&f);
    assert_has(form, "<input type=\"hidden\" name=\"Hidden\" value=\"1\">"); /* what the URL said stays */
    assert_has(form, "<input type=\"hidden\" name=\"rc:Zoom\" value=\"50\">");
    assert_has_not(form, "value=\"2\"");
    assert_has_not(form, "type=\"hidden\" name=\"Shown:isnull\"");
}

UNIT_TEST(choices_and_dependencies_are_in_the_form)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct form f = {.job = job};
    struct value text = value_text(RS_TEXT("x"));
    struct compute_choice choices[] = {{text, RS_TEXT("The <x>")}, {value_text(RS_TEXT("y")), RS_TEXT("Y")}};
    static const size_t depends_on[] = {0};

    struct compute_parameter *p = add(&f, "Parent", RDL_STRING);
    p->has_choices = true;
    p->choices = choices;
    p->choice_count = 2;
    p->values = &text;
    p->count = 1;
    p = add(&f, "Child", RDL_STRING);
    f.definitions[1].multi_value = true;
    p->has_choices = true;
    p->state = COMPUTE_OUTSTANDING_DEPENDENCIES;
    p->depends_on = depends_on;
    p->depends_on_count = 1;
    rs_text form = write_form(&f);
    assert_has(form, "<select name=\"Parent\" id=\"p0\" data-parent>");
    assert_has(form, "<option value=\"x\" selected>The &lt;x&gt;</option><option value=\"y\">Y</option>");
    assert_has(form, "Waits for the values before");
    p->state = COMPUTE_MISSING_VALUE;
    p->lapsed = RS_TEXT("<z>");
    assert_has(write_form(&f), "&ldquo;&lt;z&gt;&rdquo; is not among the choices any more</p><p class=\"bv-needed\">A value is needed");
}

UNIT_TEST(a_choice_may_be_null)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct form f = {.job = job};
    struct value null = value_null();
    struct compute_choice choices[] = {{null, RS_TEXT("All")}, {value_text(RS_TEXT("y")), RS_TEXT("Y")}};

    struct compute_parameter *p = add(&f, "Region", RDL_STRING);
    f.definitions[0].nullable = true;
    p->has_choices = true;
    p->choices = choices;
    p->choice_count = 2;
    p->values = &null;
    p->count = 1;
    rs_text form = write_form(&f);
    assert_has(form, "<select name=\"Region:choice\" id=\"p0\">"
                     "<option value=\"null\" selected>All</option><option value=\"=y\">Y</option></select>");
    assert_has_not(form, "Region:isnull");
}

UNIT_TEST(a_fault_is_told_at_its_field_with_what_was_typed)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct form f = {.job = job};
    rs_text typed = RS_TEXT("abc");
    struct compute_input input = {RS_TEXT("Number"), &typed, 1, false};

    struct compute_parameter *p = add(&f, "Number", RDL_INTEGER);
    p->state = COMPUTE_INVALID_VALUE;
    p->message = RS_TEXT("\"abc\" is no number");
    f.request.given.items = &input;
    f.request.given.count = 1;
    rs_text form = write_form(&f);
    assert_has(form, "aria-invalid=\"true\" aria-describedby=\"p0-fault\" value=\"abc\">");
    assert_has(form, "id=\"p0-fault\">&quot;abc&quot; is no number.</p>");
}
