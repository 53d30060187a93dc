#include "web/url/prompts.h"

#include "format/escape/markup.h"
#include "report/rdl/model.h"
#include "web/url/text.h"

/* Numbers and dates in our own form are written so, whatever the browser's language. */
#define FORM_LANGUAGE "en-US"

static bool is_shown(const struct compute_parameter *parameter)
{
    return parameter->definition->has_prompt && !parameter->definition->hidden;
}

bool url_prompts_needed(const struct service_parameter_states *parameters)
{
    for (size_t i = 0; i < parameters->count; i++)
        if (is_shown(parameters->items[i]))
            return true;
    return false;
}

static void add_attribute(rs_buf *out, const char *name, rs_text value)
{
    rs_buf_printf(out, " %s=\"", name);
    escape_html(out, value);
    rs_buf_add_byte(out, '"');
}

static bool is_displayed(const struct service_parameter_states *displayed, rs_text name)
{
    for (size_t i = 0; displayed && i < displayed->count; i++)
        if (is_shown(displayed->items[i]) && rs_text_equal(displayed->items[i]->definition->name, url_parameter_name(name)))
            return true;
    return false;
}

void url_write_hidden_fields(rs_buf *out, const struct exchange_pairs *pairs,
                             const struct service_parameter_states *displayed)
{
    for (size_t i = 0; i < pairs->count; i++) {
        const struct exchange_pair *pair = &pairs->items[i];
        if (displayed && (is_displayed(displayed, pair->name) ||
                          rs_text_equal_nocase(pair->name, RS_TEXT("rs:ParameterLanguage"))))
            continue;
        rs_buf_add_literal(out, "<input type=\"hidden\"");
        add_attribute(out, "name", pair->name);
        add_attribute(out, "value", pair->value);
        rs_buf_add_literal(out, ">");
    }
}

/* ---- one field ----------------------------------------------------------------------------------- */

struct field {
    rs_buf *out;
    const struct compute_parameter *parameter;
    const struct compute_input *given; /* NULL where nothing was given */
    size_t index;
    bool is_parent; /* others depend on it */
};

static bool is_null(const struct field *f)
{
    return f->parameter->count == 1 && f->parameter->values[0].kind == VALUE_NULL;
}

static size_t shown_count(const struct field *f)
{
    return f->parameter->count > 0 ? f->parameter->count : f->given ? f->given->count : 0;
}

/* What the field shows: the value in force, or what was typed where that is no value. */
static rs_text shown_text(const struct field *f, size_t index)
{
    if (index < f->parameter->count)
        return compute_parameter_text(f->out->job, f->parameter->values[index]);
    return f->given && index < f->given->count ? f->given->values[index] : (rs_text){0};
}

static bool has_value(const struct field *f, rs_text text)
{
    for (size_t i = 0; i < shown_count(f); i++)
        if (rs_text_equal(shown_text(f, i), text))
            return true;
    return false;
}

/* name, id and what says that something is wrong. */
static void add_common(const struct field *f, rs_text name)
{
    add_attribute(f->out, "name", name);
    rs_buf_printf(f->out, " id=\"p%zu\"", f->index);
    if (f->is_parent)
        rs_buf_add_literal(f->out, " data-parent");
    if (f->parameter->state == COMPUTE_INVALID_VALUE)
        rs_buf_printf(f->out, " aria-invalid=\"true\" aria-describedby=\"p%zu-fault\"", f->index);
    if (f->parameter->state == COMPUTE_OUTSTANDING_DEPENDENCIES)
        rs_buf_add_literal(f->out, " disabled");
}

static void write_option(const struct field *f, rs_text value, rs_text label, bool selected)
{
    rs_buf_add_literal(f->out, "<option");
    add_attribute(f->out, "value", value);
    if (selected)
        rs_buf_add_literal(f->out, " selected");
    rs_buf_add_literal(f->out, ">");
    escape_html(f->out, label);
    rs_buf_add_literal(f->out, "</option>");
}

static const char *placeholder(const struct compute_parameter *parameter)
{
    return parameter->state == COMPUTE_OUTSTANDING_DEPENDENCIES ? "Waits for the values before" : "Choose a value";
}

/* "All regions", whose value is null: a field cannot say null, so that such a list has names and values of our own
 * (web/url/request.h). */
static bool offers_null(const struct compute_parameter *parameter)
{
    for (size_t i = 0; i < parameter->choice_count; i++)
        if (parameter->choices[i].value.kind == VALUE_NULL)
            return true;
    return false;
}

static void write_choices(const struct field *f, bool with_null)
{
    const struct compute_parameter *p = f->parameter;

    for (size_t i = 0; i < p->choice_count; i++) {
        rs_text value = compute_parameter_text(f->out->job, p->choices[i].value);
        bool null = p->choices[i].value.kind == VALUE_NULL;
        bool selected = null ? is_null(f) : !is_null(f) && has_value(f, value);
        if (with_null)
            value = null ? RS_TEXT("null") : rs_text_format(f->out->job, "=%.*s", RS_TEXT_ARG(value));
        write_option(f, value, p->choices[i].label, selected);
    }
}

static void write_select(const struct field *f)
{
    static const rs_text truths[] = {{"True", 4}, {"False", 5}};
    const struct compute_parameter *p = f->parameter;
    rs_text name = p->definition->name;
    bool with_null = offers_null(p);

    if (with_null)
        name = rs_text_format(f->out->job, "%.*s:choice", RS_TEXT_ARG(name));
    rs_buf_add_literal(f->out, "<select");
    add_common(f, name);
    rs_buf_add_literal(f->out, ">");
    if (p->state != COMPUTE_HAS_VALID_VALUE || (is_null(f) && !with_null))
        rs_buf_printf(f->out, "<option value=\"\" disabled selected>%s</option>", placeholder(p));
    if (p->has_choices)
        write_choices(f, with_null);
    else
        for (int i = 0; i < 2; i++)
            write_option(f, truths[i], truths[i], has_value(f, truths[i]));
    rs_buf_add_literal(f->out, "</select>");
}

static void write_checkboxes(const struct field *f)
{
    const struct compute_parameter *p = f->parameter;

    rs_buf_printf(f->out, "<details class=\"bv-multi\" id=\"p%zu\"><summary>", f->index);
    if (p->state == COMPUTE_OUTSTANDING_DEPENDENCIES)
        rs_buf_add(f->out, rs_text_from(placeholder(p)));
    else if (p->count == 1 && p->labels && p->labels[0].size > 0)
        escape_html(f->out, p->labels[0]);
    else
        rs_buf_printf(f->out, "%zu of %zu chosen", p->count, p->choice_count);
    rs_buf_add_literal(f->out, "</summary><div class=\"bv-choices\">");
    for (size_t i = 0; i < p->choice_count; i++) {
        rs_text value = compute_parameter_text(f->out->job, p->choices[i].value);
        rs_buf_add_literal(f->out, "<label><input type=\"checkbox\"");
        add_attribute(f->out, "name", p->definition->name);
        add_attribute(f->out, "value", value);
        if (f->is_parent)
            rs_buf_add_literal(f->out, " data-parent");
        if (has_value(f, value))
            rs_buf_add_literal(f->out, " checked");
        rs_buf_add_literal(f->out, "> <span>");
        escape_html(f->out, p->choices[i].label);
        rs_buf_add_literal(f->out, "</span></label>");
    }
    rs_buf_add_literal(f->out, "</div></details>");
}

static void write_lines(const struct field *f)
{
    rs_text name = rs_text_format(f->out->job, "%.*s:lines", RS_TEXT_ARG(f->parameter->definition->name));

    rs_buf_add_literal(f->out, "<textarea rows=\"3\" placeholder=\"One value on each line\"");
    add_common(f, name);
    rs_buf_add_literal(f->out, ">\n"); /* this line end is not part of the text */
    for (size_t i = 0; i < shown_count(f); i++) {
        escape_html(f->out, shown_text(f, i));
        rs_buf_add_literal(f->out, "\n");
    }
    rs_buf_add_literal(f->out, "</textarea>");
}

/* "2026-11-22T00:00:00" for a field of type date is its first ten bytes. */
static bool is_midnight(rs_text iso)
{
    return iso.size <= 10 || rs_text_find(iso, RS_TEXT("T00:00:00")) == 10;
}

static void write_input(const struct field *f)
{
    rs_text value = is_null(f) ? (rs_text){0} : shown_text(f, 0);
    const char *type = "text";

    switch (f->parameter->definition->type) {
    case RDL_INTEGER:
        type = "number\" step=\"1";
        break;
    case RDL_FLOAT:
        type = "number\" step=\"any";
        break;
    case RDL_DATE_TIME:
        type = is_midnight(value) ? "date" : "datetime-local\" step=\"1";
        value = is_midnight(value) ? rs_text_slice(value, 0, 10) : value;
        break;
    default:
        break;
    }
    if (f->parameter->state == COMPUTE_INVALID_VALUE)
        type = "text"; /* shows what was typed, whatever it is */
    rs_buf_printf(f->out, "<input type=\"%s\"", type);
    add_common(f, f->parameter->definition->name);
    add_attribute(f->out, "value", value);
    rs_buf_add_literal(f->out, ">");
}

static void write_null(const struct field *f)
{
    rs_buf_add_literal(f->out, "<label class=\"bv-null\"><input type=\"checkbox\" value=\"true\"");
    add_attribute(f->out, "name", rs_text_format(f->out->job, "%.*s:isnull", RS_TEXT_ARG(f->parameter->definition->name)));
    if (is_null(f))
        rs_buf_add_literal(f->out, " checked");
    rs_buf_add_literal(f->out, "> No value</label>");
}

static void write_field(const struct field *f)
{
    const struct rdl_parameter *definition = f->parameter->definition;
    bool is_group = definition->multi_value && f->parameter->has_choices;

    rs_buf_add_literal(f->out, "<div class=\"bv-field\">");
    rs_buf_printf(f->out, is_group ? "<span class=\"bv-label\">" : "<label for=\"p%zu\">", f->index);
    escape_html(f->out, f->parameter->prompt);
    rs_buf_add(f->out, is_group ? RS_TEXT("</span>") : RS_TEXT("</label>"));
    if (is_group)
        write_checkboxes(f);
    else if (f->parameter->has_choices || (definition->type == RDL_BOOLEAN && !definition->multi_value))
        write_select(f);
    else if (definition->multi_value)
        write_lines(f);
    else
        write_input(f);
    if (definition->nullable && !definition->multi_value && !offers_null(f->parameter))
        write_null(f);
    if (f->parameter->lapsed.bytes) {
        rs_buf_add_literal(f->out, "<p class=\"bv-needed\">&ldquo;");
        escape_html(f->out, f->parameter->lapsed);
        rs_buf_add_literal(f->out, "&rdquo; is not among the choices any more</p>");
    }
    if (f->parameter->state == COMPUTE_MISSING_VALUE)
        rs_buf_add_literal(f->out, "<p class=\"bv-needed\">A value is needed</p>");
    if (f->parameter->state == COMPUTE_INVALID_VALUE) {
        rs_buf_printf(f->out, "<p class=\"bv-fault\" id=\"p%zu-fault\">", f->index);
        escape_html(f->out, url_sentence(f->out->job, f->parameter->message));
        rs_buf_add_literal(f->out, "</p>");
    }
    rs_buf_add_literal(f->out, "</div>");
}

/* ---- the form ------------------------------------------------------------------------------------ */

static bool has_dependents(const struct service_parameter_states *parameters, size_t index)
{
    for (size_t i = index + 1; i < parameters->count; i++)
        for (size_t k = 0; k < parameters->items[i]->depends_on_count; k++)
            if (parameters->items[i]->depends_on[k] == index)
                return true;
    return false;
}

static const struct compute_input *find_given(const struct url_request *request, rs_text name)
{
    for (size_t i = 0; i < request->given.count; i++)
        if (rs_text_equal(request->given.items[i].name, name))
            return &request->given.items[i];
    return NULL;
}

void url_prompts_write(rs_buf *out, const struct url_prompts *prompts)
{
    const struct service_parameter_states *parameters = prompts->parameters;

    rs_buf_printf(out, "<details class=\"bv-prompts\"%s><summary>Parameters</summary>"
                       "<form class=\"bv-form\" method=\"get\" action=\"\">",
                  prompts->open ? " open" : "");
    if (prompts->path_field.size > 0) {
        rs_buf_add_literal(out, "<input type=\"hidden\" value=\"\"");
        add_attribute(out, "name", prompts->path_field);
        rs_buf_add_literal(out, ">");
    }
    rs_buf_add_literal(out, "<input type=\"hidden\" name=\"rs:ParameterLanguage\" value=\"" FORM_LANGUAGE "\">");
    url_write_hidden_fields(out, &prompts->request->kept, parameters);
    rs_buf_add_literal(out, "<div class=\"bv-fields\">");
    for (size_t i = 0; i < parameters->count; i++) {
        const struct compute_parameter *parameter = parameters->items[i];
        struct field field = {out, parameter, find_given(prompts->request, parameter->definition->name), i,
                              has_dependents(parameters, i)};
        if (is_shown(parameter))
            write_field(&field);
    }
    rs_buf_add_literal(out, "</div><button type=\"submit\" class=\"bv-run\">View report</button></form></details>");
}
