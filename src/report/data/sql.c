#include "report/data/sql.h"

#include "base/buf.h"
#include "base/vec.h"

struct binder {
    struct rs_job *job;
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

/* Past the literal, quoted name or comment that begins at `at`; `at` itself where none does. An open one ends with the
 * query: the database says so better than we could. */
static size_t skip_quoted(rs_text t, size_t at)
{
    char c = t.bytes[at], next = at + 1 < t.size ? t.bytes[at + 1] : 0;
    char end = c == '[' ? ']' : c;

    if (c == '-' && next == '-') {
        while (at < t.size && t.bytes[at] != '\n')
            at++;
        return at;
    }
    if (c == '/' && next == '*') {
        for (at += 2; at < t.size; at++)
            if (t.bytes[at] == '*' && at + 1 < t.size && t.bytes[at + 1] == '/')
                return at + 2;
        return t.size;
    }
    if (c != '\'' && c != '"' && c != '`' && c != '[')
        return at;
    for (at++; at < t.size; at++)
        if (t.bytes[at] == end) {
            if (c == '[' || at + 1 >= t.size || t.bytes[at + 1] != end)
                return at + 1;
            at++; /* doubled: one of the text */
        }
    return t.size;
}

static rs_text without_marker(rs_text name)
{
    if (name.size && (name.bytes[0] == '@' || name.bytes[0] == ':' || name.bytes[0] == '$' || name.bytes[0] == '?'))
        return rs_text_from_offset(name, 1);
    return name;
}

static ptrdiff_t find_named(const struct binder *b, rs_text name)
{
    for (size_t i = 0; i < b->parameter_count; i++)
        if (rs_text_equal_nocase(without_marker(b->parameters[i].name), name))
            return (ptrdiff_t)i;
    return -1;
}

static rs_status add_values(struct binder *b, size_t parameter)
{
    struct value v = b->parameters[parameter].value;
    size_t count = v.kind == VALUE_ARRAY ? v.size : 1;

    if (v.kind == VALUE_ARRAY && v.size == 0) {
        rs_buf_add_literal(&b->text, "NULL");
        return RS_OK;
    }
    if (!b->first[parameter]) { /* a name that stands twice is bound once */
        if (b->values.count + count > DATA_BOUND_MAX)
            return rs_fail(b->job, DATA_QUERY_PARAMETER, "the parameters of the query have more than %u values",
                           DATA_BOUND_MAX);
        b->first[parameter] = b->values.count + 1;
        for (size_t i = 0; i < count; i++)
            rs_vec_push(b->job, &b->values, v.kind == VALUE_ARRAY ? v.items[i] : v);
    }
    for (size_t i = 0; i < count; i++)
        rs_buf_printf(&b->text, "%s?%zu", i ? "," : "", b->first[parameter] + i);
    return RS_OK;
}

static rs_status bind_named(struct binder *b, size_t start, size_t end)
{
    rs_text name = rs_text_slice(b->query, start + 1, end - start - 1);
    ptrdiff_t parameter = find_named(b, name);

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

rs_status data_sql_bind(struct rs_job *job, rs_text query, const struct data_parameter *parameters,
                        size_t parameter_count, struct data_bound *out)
{
    struct binder b = {job, query, parameters, parameter_count, 0, NULL, rs_buf_in(job), {0}};

    if (query.size > DATA_QUERY_MAX)
        return rs_fail(job, DATA_QUERY_PARAMETER, "the query has more than %zu bytes", DATA_QUERY_MAX);
    b.first = RS_NEW_ARRAY(job, size_t, parameter_count + 1);
    for (size_t at = 0; at < query.size;) {
        char c = query.bytes[at];
        size_t end = skip_quoted(query, at);
        if (end > at) {
            rs_buf_add(&b.text, rs_text_slice(query, at, end - at));
        } else if (c == '?') {
            for (end = at + 1; end < query.size && rs_is_digit(query.bytes[end]);)
                end++;
            RS_TRY(bind_position(&b));
        } else if ((c == '@' || c == ':' || c == '$') && at + 1 < query.size && is_name(query.bytes[at + 1])) {
            for (end = at + 1; end < query.size && is_name(query.bytes[end]);)
                end++;
            RS_TRY(bind_named(&b, at, end));
        } else if (is_name(c)) { /* a word: a '$' inside it is no marker */
            for (end = at + 1; end < query.size && (is_name(query.bytes[end]) || query.bytes[end] == '$');)
                end++;
            rs_buf_add(&b.text, rs_text_slice(query, at, end - at));
        } else {
            end = at + 1;
            rs_buf_add_byte(&b.text, c);
        }
        at = end;
    }
    *out = (struct data_bound){rs_buf_text(&b.text), b.values.items, b.values.count};
    return RS_OK;
}
