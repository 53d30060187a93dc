/* What a field holds, for rows that are made up: guessed from the expressions that use it, where its definition calls it text
 * or says nothing. FormatDateTime(Fields!Due.Value, 2) means a date, IIf(Fields!Open.Value, ...) a truth, what is multiplied a
 * number; a member of <Code> says what its parameters are.
 */
#include "report/compute/internal.h"

struct guess {
    const struct compute_run *run;
    const struct rdl_data_set *data_set;
    struct rs_map *fields; /* name -> 1 + index */
    uint8_t *kinds;        /* by field */
};

static const struct {
    const char *function;
    enum value_kind kind;
} first_arguments[] = {
    {"FormatDateTime", VALUE_DATE}, {"Year", VALUE_DATE}, {"Month", VALUE_DATE}, {"Day", VALUE_DATE}, {"Hour", VALUE_DATE},
    {"Minute", VALUE_DATE}, {"Second", VALUE_DATE}, {"Weekday", VALUE_DATE}, {"CDate", VALUE_DATE}, {"DateValue", VALUE_DATE},
    {"Sum", VALUE_DECIMAL}, {"Avg", VALUE_DECIMAL}, {"Round", VALUE_DECIMAL}, {"Abs", VALUE_DECIMAL}, {"CDec", VALUE_DECIMAL},
    {"CDbl", VALUE_DECIMAL}, {"CInt", VALUE_INTEGER}, {"FormatNumber", VALUE_DECIMAL}, {"FormatCurrency", VALUE_DECIMAL},
    {"FormatPercent", VALUE_DECIMAL}, {"MonthName", VALUE_INTEGER}, {"IIf", VALUE_BOOLEAN}, {"If", VALUE_BOOLEAN},
};

static char before(rs_text t, size_t at)
{
    while (at && (t.bytes[at - 1] == ' ' || t.bytes[at - 1] == '\n' || t.bytes[at - 1] == '\r' || t.bytes[at - 1] == '\t'))
        at--;
    return at ? t.bytes[at - 1] : '\0';
}

/* What stands before the `+` that is before `at`. */
static char before_plus(rs_text t, size_t at)
{
    while (at && t.bytes[at - 1] != '+')
        at--;
    return before(t, at ? at - 1 : 0);
}

static rs_text rest_behind(rs_text t, size_t at)
{
    return rs_text_trim(rs_text_from_offset(t, at));
}

static bool is_name(char c)
{
    return rs_is_alpha(c) || rs_is_digit(c) || c == '_' || c == '.';
}

/* The name before the parenthesis right before `at`, with what qualifies it. */
static rs_text function_before(rs_text t, size_t at)
{
    size_t end;

    while (at && t.bytes[at - 1] != '(')
        at--;
    end = at ? at - 1 : 0;
    while (end && t.bytes[end - 1] == ' ')
        end--;
    for (at = end; at && is_name(t.bytes[at - 1]);)
        at--;
    return rs_text_slice(t, at, end - at);
}

static enum value_kind as_argument(const struct guess *g, rs_text function, char next)
{
    rs_text name = function, part;

    if (rs_text_starts_nocase(function, RS_TEXT("Code.")) && g->run->report->code)
        return expr_code_parameter_kind(g->run->report->code, rs_text_from_offset(function, 5), 0);
    while (rs_text_cut(name, '.', &part, &name))
        continue;
    for (size_t i = 0; i < sizeof first_arguments / sizeof *first_arguments; i++)
        if (rs_text_equal_nocase(part, rs_text_from(first_arguments[i].function)) &&
            (first_arguments[i].kind != VALUE_BOOLEAN || next == ','))
            return first_arguments[i].kind;
    return VALUE_NULL;
}

/* An aggregate that gives what its argument is: First(Fields!Due.Value, "Company") is a date where that is one. */
static bool keeps_kind(rs_text function)
{
    static const char *const names[] = {"First", "Last", "Max", "Min", "Previous"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (rs_text_equal_nocase(function, rs_text_from(names[i])))
            return true;
    return false;
}

/* [*from, *to) is the first argument of `function`: make it the whole call. False where the call does not end. */
static bool widen_to_call(rs_text t, rs_text function, size_t *from, size_t *to)
{
    size_t end = *to, depth = 1;

    for (; end < t.size && depth; end++)
        depth += t.bytes[end] == '(' ? 1 : t.bytes[end] == ')' ? SIZE_MAX : 0;
    if (depth)
        return false;
    *from = (size_t)(function.bytes - t.bytes);
    *to = end;
    return true;
}

/* What [from, to) of an expression, Fields!Name.Value, is there. */
static enum value_kind kind_in(const struct guess *g, rs_text t, size_t from, size_t to)
{
    rs_text rest, compared;
    char previous, next;

    while (before(t, from) == '(') {
        rs_text function = function_before(t, from);
        if (!keeps_kind(function) || !widen_to_call(t, function, &from, &to))
            break;
    }
    rest = rest_behind(t, to);
    previous = before(t, from);
    next = rest.size ? rest.bytes[0] : '\0';

    if (previous == '(') {
        enum value_kind kind = as_argument(g, function_before(t, from), next);
        if (kind != VALUE_NULL)
            return kind;
    }
    if ((previous && strchr("*/^-", previous)) || (next && strchr("*/^-", next)))
        return VALUE_DECIMAL;
    if (next == '+' && (rs_text_starts_nocase(rest_behind(rest, 1), RS_TEXT("Sum(")) ||
                        rs_text_starts_nocase(rest_behind(rest, 1), RS_TEXT("Globals!PageNumber"))))
        return VALUE_DECIMAL;
    if ((next == '+' && rs_text_starts(rest_behind(rest, 1), RS_TEXT("\""))) ||
        (previous == '+' && before_plus(t, from) == '"'))
        return VALUE_TEXT;
    if (previous == '+' && rs_text_find(rs_text_slice(t, 0, from), RS_TEXT("Sum(")) >= 0 && rs_text_find_byte(t, '"') < 0)
        return VALUE_DECIMAL;
    if (next != '=' && next != '<' && next != '>')
        return VALUE_NULL;
    for (compared = rest; compared.size && strchr("=<> \"", compared.bytes[0]);)
        compared = rs_text_from_offset(compared, 1);
    if (rs_text_starts_nocase(compared, RS_TEXT("True")) || rs_text_starts_nocase(compared, RS_TEXT("False")))
        return VALUE_BOOLEAN;
    return compared.size && rs_is_digit(compared.bytes[0]) && rs_text_find_byte(rs_text_slice(rest, 0, 4), '"') < 0 ? VALUE_DECIMAL : VALUE_NULL;
}

static void look_at(const struct guess *g, rs_text t)
{
    for (size_t at = 0, from, to; at < t.size; at = to) {
        ptrdiff_t found = rs_text_find(rs_text_from_offset(t, at), RS_TEXT("Fields!"));
        if (found < 0)
            return;
        from = at + (size_t)found;
        for (to = from + 7; to < t.size && is_name(t.bytes[to]) && t.bytes[to] != '.'; to++)
            continue;
        size_t index = (uintptr_t)rs_map_find(g->fields, rs_text_slice(t, from + 7, to - from - 7));
        if (rs_text_starts_nocase(rs_text_from_offset(t, to), RS_TEXT(".Value")))
            to += 6;
        if (index && (g->kinds[index - 1] == VALUE_NULL || g->kinds[index - 1] == VALUE_TEXT)) {
            enum value_kind kind = kind_in(g, t, from, to);
            if (kind != VALUE_NULL)
                g->kinds[index - 1] = (uint8_t)kind;
        }
    }
}

const uint8_t *compute_sample_kinds(struct rs_job *job, const struct compute_run *run, const struct rdl_data_set *data_set)
{
    struct guess g = {run, data_set, rs_map_create(job, RS_MAP_EXACT), RS_NEW_ARRAY(job, uint8_t, data_set->fields.count + 1)};

    for (size_t i = 0; i < data_set->fields.count; i++)
        rs_map_set(g.fields, data_set->fields.items[i].name, (void *)(uintptr_t)(i + 1));
    for (unsigned i = 0; i < run->report->definition->expr_count; i++) {
        const struct publish_expr *expr = &run->report->exprs[i];
        if (expr->source && expr->source->is_expression)
            look_at(&g, expr->source->text);
    }
    return g.kinds;
}
