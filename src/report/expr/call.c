#include "report/expr/call.h"

#include <unicode/uchar.h>

/* ---- arguments ----------------------------------------------------------------------------- */

static bool keep(struct expr_call *call, struct value v, struct value *out)
{
    if (value_is_error(v)) {
        call->error = v;
        return false;
    }
    *out = v;
    return true;
}

bool expr_text(struct expr_call *call, int index, rs_text *out)
{
    struct value v = expr_value(call, index);

    if (v.kind != VALUE_TEXT && !keep(call, value_to_string(call->job, v, call->culture), &v))
        return false;
    *out = value_bytes(v);
    return true;
}

bool expr_whole(struct expr_call *call, int index, int32_t *out)
{
    struct value v = expr_value(call, index);

    if (v.kind != VALUE_INTEGER && !keep(call, value_to_whole(call->job, v, VALUE_AS_INTEGER, call->culture), &v))
        return false;
    *out = (int32_t)v.integer;
    return true;
}

bool expr_long(struct expr_call *call, int index, int64_t *out)
{
    struct value v;

    if (!keep(call, value_to_whole(call->job, expr_value(call, index), VALUE_AS_LONG, call->culture), &v))
        return false;
    *out = v.integer;
    return true;
}

bool expr_double(struct expr_call *call, int index, double *out)
{
    struct value v = expr_value(call, index);

    if (v.kind != VALUE_DOUBLE && !keep(call, value_to_double(call->job, v, call->culture), &v))
        return false;
    *out = v.real;
    return true;
}

bool expr_boolean(struct expr_call *call, int index, bool *out)
{
    struct value v = expr_value(call, index);

    if (v.kind != VALUE_BOOLEAN && !keep(call, value_to_boolean(call->job, v, call->culture), &v))
        return false;
    *out = v.boolean;
    return true;
}

bool expr_date(struct expr_call *call, int index, int64_t *ticks)
{
    struct value v = expr_value(call, index);

    if (v.kind == VALUE_OFFSET)
        v = value_date(v.ticks);
    if (v.kind != VALUE_DATE && !keep(call, value_to_date(call->job, v, call->culture), &v))
        return false;
    *ticks = v.ticks;
    return true;
}

bool expr_text_or(struct expr_call *call, int index, rs_text absent, rs_text *out)
{
    *out = absent;
    return !expr_given(call, index) || expr_text(call, index, out);
}

bool expr_whole_or(struct expr_call *call, int index, int32_t absent, int32_t *out)
{
    *out = absent;
    return !expr_given(call, index) || expr_whole(call, index, out);
}

bool expr_double_or(struct expr_call *call, int index, double absent, double *out)
{
    *out = absent;
    return !expr_given(call, index) || expr_double(call, index, out);
}

bool expr_boolean_or(struct expr_call *call, int index, bool absent, bool *out)
{
    *out = absent;
    return !expr_given(call, index) || expr_boolean(call, index, out);
}

const struct value_culture *expr_culture(struct expr_call *call, int index)
{
    struct value v = expr_value(call, index);

    return v.kind == VALUE_TEXT && (v.flags & EXPR_IS_CULTURE) ? value_culture_find(value_bytes(v), NULL) : call->culture;
}

struct value expr_error(struct expr_call *call, const char *format, ...)
{
    va_list arguments;
    rs_text why;

    va_start(arguments, format);
    why = rs_text_vformat(call->job, format, arguments);
    va_end(arguments);
    return value_error(why);
}

void *expr_allocate(struct expr_call *call, size_t count, size_t size)
{
    void *memory = NULL;
    rs_status status = rs_try_alloc(call->job, count, size, &memory);

    if (status != RS_OK)
        call->status = status;
    return status == RS_OK ? memory : NULL;
}

bool expr_reserve(struct expr_call *call, rs_buf *buf, size_t size)
{
    char *memory = expr_allocate(call, size + 1, 1);

    if (memory)
        *buf = (rs_buf){call->job, memory, 0, size + 1};
    return memory != NULL;
}

#define SMALL_TEXT 65536u /* bytes that are not worth asking for */

bool expr_too_long(struct expr_call *call, const rs_buf *buf)
{
    if (buf->used <= SMALL_TEXT)
        return false;
    call->status = rs_job_checkpoint(call->job);
    call->error = EXPR_ERROR("the text is too long");
    return call->status != RS_OK || buf->used > EXPR_TEXT_MAX;
}

struct value expr_array_of_texts(struct expr_call *call, const rs_text *texts, size_t count)
{
    struct value *items = RS_NEW_ARRAY(call->job, struct value, count + 1);

    for (size_t i = 0; i < count; i++)
        items[i] = value_text(texts[i]);
    return value_array(items, (uint32_t)count);
}

/* ---- text ---------------------------------------------------------------------------------- */

size_t expr_units(rs_text text)
{
    size_t units = 0;

    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.bytes[i];
        units += (byte & 0xC0) != 0x80; /* a character begins */
        units += byte >= 0xF0;          /* beyond 16 bits: a pair */
    }
    return units;
}

size_t expr_offset(rs_text text, size_t units)
{
    size_t at = 0, seen = 0;

    while (at < text.size && seen < units) {
        unsigned char byte = (unsigned char)text.bytes[at];
        seen += byte >= 0xF0 ? 2 : 1;
        if (seen > units)
            break; /* inside a pair: the whole pair stays behind */
        for (at++; at < text.size && ((unsigned char)text.bytes[at] & 0xC0) == 0x80;)
            at++;
    }
    return at;
}

rs_text expr_slice(rs_text text, size_t start, size_t count)
{
    rs_text rest = rs_text_from_offset(text, expr_offset(text, start));

    return count >= rest.size ? rest : rs_text_slice(rest, 0, expr_offset(rest, count));
}

uint32_t expr_upper(uint32_t c, const struct value_culture *culture)
{
    if (c == 'i' && culture && (rs_text_starts(culture->name, RS_TEXT("tr")) || rs_text_starts(culture->name, RS_TEXT("az"))))
        return 0x130;
    return c < 0x80 ? (uint32_t)(unsigned char)rs_upper((char)c) : (uint32_t)u_toupper((UChar32)c);
}

uint32_t expr_lower(uint32_t c, const struct value_culture *culture)
{
    if (c == 'I' && culture && (rs_text_starts(culture->name, RS_TEXT("tr")) || rs_text_starts(culture->name, RS_TEXT("az"))))
        return 0x131;
    return c < 0x80 ? (uint32_t)(unsigned char)rs_lower((char)c) : (uint32_t)u_tolower((UChar32)c);
}

bool expr_is_white(uint32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || (c > 0x85 && u_isUWhiteSpace((UChar32)c));
}

bool expr_is_letter(uint32_t c)
{
    return c < 0x80 ? rs_is_alpha((char)c) : u_isalpha((UChar32)c);
}

static uint32_t fold_case(uint32_t c)
{
    return c < 0x80 ? (uint32_t)(unsigned char)rs_lower((char)c) : (uint32_t)u_tolower(u_toupper((UChar32)c));
}

size_t expr_match(rs_text text, size_t from, rs_text what, bool ignore_case)
{
    size_t at = from, other = 0;

    if (!ignore_case)
        return text.size - from >= what.size && memcmp(text.bytes + from, what.bytes, what.size) == 0 ? what.size : 0;
    while (other < what.size) {
        if (at >= text.size || fold_case(rs_text_next(text, &at)) != fold_case(rs_text_next(what, &other)))
            return 0;
    }
    return at - from;
}

ptrdiff_t expr_find(rs_text text, rs_text what, size_t from, bool ignore_case)
{
    if (what.size == 0)
        return (ptrdiff_t)from;
    if (!ignore_case) {
        rs_text rest = rs_text_from_offset(text, from);
        ptrdiff_t at = what.size == 1 ? rs_text_find_byte(rest, what.bytes[0]) : rs_text_find(rest, what);
        return at < 0 ? -1 : at + (ptrdiff_t)from;
    }
    while (from < text.size) {
        if (expr_match(text, from, what, true))
            return (ptrdiff_t)from;
        rs_text_next(text, &from);
    }
    return -1;
}

ptrdiff_t expr_find_last(rs_text text, rs_text what, size_t end, bool ignore_case)
{
    rs_text head = rs_text_slice(text, 0, end);

    for (size_t at = head.size + 1; at-- > 0;) {
        if (at < head.size && ((unsigned char)head.bytes[at] & 0xC0) == 0x80)
            continue;
        if (what.size == 0 || (at < head.size && expr_match(head, at, what, ignore_case)))
            return (ptrdiff_t)at;
    }
    return -1;
}

int expr_compare_text(rs_text a, rs_text b, bool ignore_case)
{
    size_t i = 0, j = 0;

    if (!ignore_case)
        return rs_text_compare(a, b);
    while (i < a.size && j < b.size) {
        uint32_t c = fold_case(rs_text_next(a, &i)), d = fold_case(rs_text_next(b, &j));
        if (c != d)
            return c < d ? -1 : 1;
    }
    return i < a.size ? 1 : j < b.size ? -1 : 0;
}

int expr_order_text(rs_text a, rs_text b)
{
    int compared = expr_compare_text(a, b, true);

    return compared != 0 ? compared : -expr_compare_text(a, b, false);
}
