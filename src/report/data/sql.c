#include "report/data/sql.h"

#include "base/buf.h"
#include "base/vec.h"
#include "report/value/format.h"

const struct data_dialect data_dialect_sqlite = {.markers = DATA_MARKS_NUMBERED, .brackets_quote = true};
const struct data_dialect data_dialect_postgres = {.markers = DATA_MARKS_DOLLAR, .dollars_quote = true,
                                                   .question_is_operator = true, .has_array_tests = true};
const struct data_dialect data_dialect_postgres_split = {.markers = DATA_MARKS_DOLLAR_EACH, .dollars_quote = true,
                                                         .question_is_operator = true, .has_array_tests = true};

struct binder {
    struct rs_job *job;
    const struct data_dialect *dialect;
    rs_text query;
    const struct data_parameter *parameters;
    size_t parameter_count;
    size_t position;     /* '?' seen so far */
    size_t *first;       /* number of a parameter's first value + 1; 0: not bound yet */
    rs_buf text;
    RS_VEC(struct value) values;
};

static bool is_name(char c)
{
    return rs_is_alpha(c) || rs_is_digit(c) || c == '_' || (unsigned char)c >= 0x80;
}

/* Past "$tag$ ... $tag$" at `at`; `at` itself where there is none. */
static size_t skip_dollars(rs_text t, size_t at)
{
    size_t end = at + 1;

    while (end < t.size && is_name(t.bytes[end]))
        end++;
    if (end >= t.size || t.bytes[end] != '$' || (end > at + 1 && rs_is_digit(t.bytes[at + 1])))
        return at;
    rs_text tag = rs_text_slice(t, at, end + 1 - at);
    ptrdiff_t closing = rs_text_find(rs_text_from_offset(t, end + 1), tag);
    return closing < 0 ? t.size : end + 1 + (size_t)closing + tag.size;
}

static size_t skip_comment(rs_text t, size_t at)
{
    char c = t.bytes[at], next = at + 1 < t.size ? t.bytes[at + 1] : 0;

    if (c == '-' && next == '-') {
        while (at < t.size && t.bytes[at] != '\n')
            at++;
    } else if (c == '/' && next == '*') {
        for (at += 2; at < t.size; at++)
            if (t.bytes[at] == '*' && at + 1 < t.size && t.bytes[at + 1] == '/')
                return at + 2;
    }
    return at;
}

/* Past the literal, quoted name or comment that begins at `at`; `at` itself where none does. An open one ends with the
 * query: the database says so better than we could. */
static size_t skip_quoted(const struct data_dialect *dialect, rs_text t, size_t at)
{
    char c = t.bytes[at];
    char end = c == '[' ? ']' : c;
    bool escapes = c == '\'' && (dialect->backslashes_escape ||
                                 (dialect->dollars_quote && at > 0 && rs_lower(t.bytes[at - 1]) == 'e' &&
                                  (at < 2 || !is_name(t.bytes[at - 2]))));

    if (c == '-' || c == '/')
        return skip_comment(t, at);
    if (c == '$' && dialect->dollars_quote)
        return skip_dollars(t, at);
    if (c != '\'' && c != '"' && c != '`' && (c != '[' || !dialect->brackets_quote))
        return at;
    for (at++; at < t.size; at++) {
        if (escapes && t.bytes[at] == '\\')
            at++;
        else if (t.bytes[at] == end) {
            if (c == '[' || at + 1 >= t.size || t.bytes[at + 1] != end)
                return at + 1;
            at++; /* doubled: one of the text */
        }
    }
    return t.size;
}

rs_text data_parameter_name(rs_text name)
{
    if (name.size && (name.bytes[0] == '@' || name.bytes[0] == ':' || name.bytes[0] == '$' || name.bytes[0] == '?'))
        return rs_text_from_offset(name, 1);
    return name;
}

static ptrdiff_t find_named(const struct binder *b, rs_text name)
{
    for (size_t i = 0; i < b->parameter_count; i++)
        if (rs_text_equal_nocase(data_parameter_name(b->parameters[i].name), name))
            return (ptrdiff_t)i;
    return -1;
}

/* Whether the text so far ends in "ANY (" or "ALL (". */
static bool in_array_test(const struct binder *b)
{
    rs_text before = rs_text_trim(rs_buf_text(&b->text));

    if (!b->dialect->has_array_tests || !rs_text_ends(before, RS_TEXT("(")))
        return false;
    before = rs_text_trim(rs_text_slice(before, 0, before.size - 1));
    if (before.size < 3 || (before.size > 3 && is_name(before.bytes[before.size - 4])))
        return false;
    before = rs_text_from_offset(before, before.size - 3);
    return rs_text_equal_nocase(before, RS_TEXT("any")) || rs_text_equal_nocase(before, RS_TEXT("all"));
}

static rs_status take_values(struct binder *b, struct value v, size_t count)
{
    if (b->values.count + count > DATA_BOUND_MAX)
        return rs_fail(b->job, DATA_QUERY_PARAMETER, "the parameters of the query have more than %u values", DATA_BOUND_MAX);
    for (size_t i = 0; i < count; i++)
        rs_vec_push(b->job, &b->values, v.kind == VALUE_ARRAY ? v.items[i] : v);
    return RS_OK;
}

static rs_status add_values(struct binder *b, size_t parameter)
{
    struct value v = b->parameters[parameter].value;
    size_t count = v.kind == VALUE_ARRAY ? v.size : 1;
    bool as_array = v.kind == VALUE_ARRAY && in_array_test(b);
    enum data_markers marks = b->dialect->markers;

    if (marks == DATA_MARKS_AS_TEXT) {
        rs_buf_add(&b->text, value_bytes(v));
        return RS_OK;
    }
    if (count == 0) {
        rs_buf_add_literal(&b->text, "NULL");
        return RS_OK;
    }
    if (!b->first[parameter] || marks >= DATA_MARKS_DOLLAR_EACH) {
        b->first[parameter] = b->values.count + 1;
        RS_TRY(take_values(b, v, count));
    }
    if (as_array)
        rs_buf_add_literal(&b->text, "ARRAY[");
    for (size_t i = 0; i < count; i++) {
        rs_buf_printf(&b->text, "%s%c", i ? "," : "", marks == DATA_MARKS_DOLLAR || marks == DATA_MARKS_DOLLAR_EACH ? '$' : '?');
        if (marks != DATA_MARKS_POSITIONAL)
            rs_buf_printf(&b->text, "%zu", b->first[parameter] + i);
    }
    if (as_array)
        rs_buf_add_byte(&b->text, ']');
    return RS_OK;
}

/* "$2" of a query whose parameters have no names. */
static ptrdiff_t numbered(const struct binder *b, rs_text digits)
{
    size_t number = 0;

    for (size_t i = 0; i < digits.size; i++) {
        if (!rs_is_digit(digits.bytes[i]) || number > b->parameter_count)
            return -1;
        number = number * 10 + (size_t)(digits.bytes[i] - '0');
    }
    return number >= 1 && number <= b->parameter_count ? (ptrdiff_t)number - 1 : -1;
}

/* A variable of the database, or a slice "a[1:2]", is left as it is. */
static rs_status bind_named(struct binder *b, size_t start, size_t end)
{
    rs_text name = rs_text_slice(b->query, start + 1, end - start - 1);
    ptrdiff_t parameter = find_named(b, name);

    if (parameter < 0 && b->dialect->dollars_quote && b->query.bytes[start] == '$')
        parameter = numbered(b, name);
    if (parameter < 0 && ((b->dialect->has_variables && b->query.bytes[start] == '@') ||
                          (b->dialect->dollars_quote && b->query.bytes[start] == ':' && rs_is_digit(name.bytes[0])))) {
        rs_buf_add(&b->text, rs_text_slice(b->query, start, end - start));
        return RS_OK;
    }
    if (parameter < 0)
        return rs_fail(b->job, DATA_QUERY_PARAMETER,
                       "the query uses the parameter %c%.*s, which is not among the query parameters of the data set",
                       b->query.bytes[start], RS_TEXT_ARG(name));
    return add_values(b, (size_t)parameter);
}

static rs_status bind_position(struct binder *b)
{
    if (b->position >= b->parameter_count)
        return rs_fail(b->job, DATA_QUERY_PARAMETER, "the query has more '?' than the data set has query parameters (%zu)",
                       b->parameter_count);
    return add_values(b, b->position++);
}

static bool question_marks(const struct binder *b)
{
    if (!b->dialect->question_is_operator)
        return true;
    for (size_t i = 0; i < b->parameter_count; i++)
        if (rs_text_is_empty(data_parameter_name(b->parameters[i].name)))
            return true;
    return false;
}

static size_t name_end(rs_text t, size_t at, bool dollars)
{
    while (at < t.size && (is_name(t.bytes[at]) || (dollars && t.bytes[at] == '$')))
        at++;
    return at;
}

/* One literal, marker, word or byte; *at moves behind it. */
static rs_status bind_next(struct binder *b, bool questions, size_t *at)
{
    rs_text t = b->query;
    char c = t.bytes[*at], next = *at + 1 < t.size ? t.bytes[*at + 1] : 0;
    size_t start = *at, end = skip_quoted(b->dialect, t, start);

    if (end == start && c == '?' && questions) {
        for (end = start + 1; end < t.size && rs_is_digit(t.bytes[end]);)
            end++;
        *at = end;
        return bind_position(b);
    }
    if (end == start && (c == '@' || c == ':' || c == '$') && is_name(next)) {
        *at = name_end(t, start + 1, false);
        return bind_named(b, start, *at);
    }
    if (end == start && (c == '@' || c == ':') && next == c) /* @@ROWCOUNT, ::type */
        end = name_end(t, start + 2, false);
    else if (end == start)
        end = is_name(c) ? name_end(t, start + 1, true) : start + 1; /* a '$' inside a word is no marker */
    rs_buf_add(&b->text, rs_text_slice(t, start, end - start));
    *at = end;
    return RS_OK;
}

rs_status data_sql_bind(struct rs_job *job, const struct data_dialect *dialect, rs_text query,
                        const struct data_parameter *parameters, size_t parameter_count, struct data_bound *out)
{
    struct binder b = {job, dialect, query, parameters, parameter_count, 0, NULL, rs_buf_in(job), {0}};
    bool questions = question_marks(&b);

    if (query.size > DATA_QUERY_MAX)
        return rs_fail(job, DATA_QUERY_PARAMETER, "the query has more than %zu bytes", DATA_QUERY_MAX);
    b.first = RS_NEW_ARRAY(job, size_t, parameter_count + 1);
    for (size_t at = 0; at < query.size;)
        RS_TRY(bind_next(&b, questions, &at));
    *out = (struct data_bound){rs_buf_text(&b.text), b.values.items, b.values.count};
    return RS_OK;
}

rs_status data_sql_name(struct rs_job *job, rs_text name, rs_text *out)
{
    static const struct data_dialect any = {.brackets_quote = true};
    rs_text t = rs_text_trim(name);
    bool valid = t.size > 0;

    for (size_t at = 0; at < t.size && valid;) {
        size_t end = strchr("\"`[", t.bytes[at]) ? skip_quoted(&any, t, at) : name_end(t, at, true);
        valid = end > at && (end == t.size || (t.bytes[end] == '.' && end + 1 < t.size));
        at = end + 1;
    }
    if (!valid)
        return rs_fail(job, DATA_QUERY, "\"%.*s\" is no name of a table or procedure; quote a name with other characters "
                       "than letters, digits and _ in it", RS_TEXT_ARG(t));
    *out = t;
    return RS_OK;
}

struct value data_sql_joined(struct rs_job *job, struct value v)
{
    rs_buf joined = rs_buf_in(job);

    if (v.kind != VALUE_ARRAY)
        return v;
    for (uint32_t i = 0; i < v.size; i++) {
        if (i)
            rs_buf_add_byte(&joined, ',');
        value_append(value_culture_invariant(), v.items[i], &joined);
    }
    return value_text(rs_buf_text(&joined));
}
