#include "report/data/element_path.h"

#include "base/vec.h"

struct reader {
    struct rs_job *job;
    rs_text text;
    size_t at;
};

static rs_status syntax(struct reader *r, const char *expected)
{
    return rs_fail(r->job, DATA_QUERY, "the element path lacks %s at column %zu", expected, r->at + 1);
}

static char peek(struct reader *r)
{
    while (r->at < r->text.size && strchr(" \t\r\n", r->text.bytes[r->at]) && r->text.bytes[r->at])
        r->at++;
    return r->at < r->text.size ? r->text.bytes[r->at] : '\0';
}

static bool accept(struct reader *r, char c)
{
    if (peek(r) != c || r->at == r->text.size)
        return false;
    r->at++;
    return true;
}

static bool is_name(char c)
{
    return rs_is_alpha(c) || rs_is_digit(c) || c == '_' || c == '-' || c == '.' || (unsigned char)c >= 0x80;
}

static rs_text word(struct reader *r)
{
    size_t start;

    peek(r);
    for (start = r->at; r->at < r->text.size && is_name(r->text.bytes[r->at]);)
        r->at++;
    return rs_text_slice(r->text, start, r->at - start);
}

static rs_status name(struct reader *r, rs_text *prefix, rs_text *out)
{
    *prefix = (rs_text){NULL, 0};
    *out = word(r);
    if (out->size && r->at < r->text.size && r->text.bytes[r->at] == ':') {
        r->at++;
        *prefix = *out;
        *out = word(r);
    }
    return rs_text_is_empty(*out) ? syntax(r, "a name") : RS_OK;
}

static rs_status type(struct reader *r, uint8_t *kind)
{
    static const struct {
        const char *name;
        enum value_kind kind;
    } types[] = {{"String", VALUE_TEXT}, {"Integer", VALUE_INTEGER}, {"Boolean", VALUE_BOOLEAN}, {"Float", VALUE_DOUBLE},
                 {"Decimal", VALUE_DECIMAL}, {"Date", VALUE_DATE}, {"DateTime", VALUE_DATE}, {"XML", VALUE_TEXT}};

    *kind = VALUE_NULL;
    if (!accept(r, '('))
        return RS_OK;
    rs_text given = word(r);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (rs_text_equal_nocase(given, rs_text_from(types[i].name)))
            *kind = (uint8_t)types[i].kind;
    if (*kind == VALUE_NULL)
        return syntax(r, "a type (String, Integer, Boolean, Float, Decimal, Date, XML)");
    return accept(r, ')') ? RS_OK : syntax(r, "a ')'");
}

static rs_status field(struct reader *r, struct data_path_field *out)
{
    *out = (struct data_path_field){0};
    out->is_attribute = accept(r, '@');
    if (!out->is_attribute || is_name(peek(r)))
        RS_TRY(name(r, &out->prefix, &out->name));
    RS_TRY(type(r, &out->kind));
    if (peek(r) == '{')
        return rs_fail(r->job, DATA_QUERY, "a field list inside a field list is not supported (column %zu of the element "
                       "path); write its element as a step of the path", r->at + 1);
    return RS_OK;
}

static rs_status fields(struct reader *r, struct data_step *step)
{
    RS_VEC(struct data_path_field) list = {0};

    step->has_fields = true;
    if (accept(r, '}'))
        return RS_OK;
    do {
        struct data_path_field one;
        RS_TRY(field(r, &one));
        rs_vec_push(r->job, &list, one);
    } while (accept(r, ','));
    step->fields = list.items;
    step->field_count = list.count;
    return accept(r, '}') ? RS_OK : syntax(r, "a ',' or '}'");
}

static rs_status encoding(struct reader *r, struct data_step *step)
{
    rs_text given = word(r);

    if (rs_text_equal_nocase(given, RS_TEXT("HTMLEncoded")))
        step->encoding = DATA_HTML_ENCODED;
    else if (rs_text_equal_nocase(given, RS_TEXT("Base64Encoded")))
        step->encoding = DATA_BASE64_ENCODED;
    else
        return syntax(r, "HTMLEncoded or Base64Encoded");
    return accept(r, ')') ? RS_OK : syntax(r, "a ')'");
}

static rs_status read_step(struct reader *r, struct data_step *step)
{
    *step = (struct data_step){0};
    RS_TRY(name(r, &step->prefix, &step->name));
    if (accept(r, '('))
        RS_TRY(encoding(r, step));
    if (accept(r, '{'))
        RS_TRY(fields(r, step));
    return RS_OK;
}

rs_status data_path_parse(struct rs_job *job, rs_text text, struct data_path *out)
{
    struct reader r = {job, text, 0};
    RS_VEC(struct data_step) steps = {0};

    if (text.size > DATA_PATH_MAX)
        return rs_fail(job, DATA_QUERY, "the element path has more than %zu bytes", DATA_PATH_MAX);
    accept(&r, '/');
    while (peek(&r) || r.at < text.size) {
        struct data_step step;
        RS_TRY(read_step(&r, &step));
        if (steps.count == DATA_STEPS_MAX)
            return rs_fail(job, DATA_QUERY, "the element path has more than %u steps", DATA_STEPS_MAX);
        rs_vec_push(job, &steps, step);
        if (!accept(&r, '/') && (peek(&r) || r.at < text.size))
            return syntax(&r, "a '/'");
    }
    *out = (struct data_path){steps.items, steps.count};
    return RS_OK;
}
