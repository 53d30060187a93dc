#include "cases.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/file.h"
#include "report/value/date.h"
#include "report/value/decimal.h"
#include "report/value/format.h"

#define CASES_FILE_MAX ((size_t)4 << 20)

/* ---- values ---------------------------------------------------------------------------------------- */

static bool hidden(uint32_t c)
{
    return c < 0x20 || c == 0xa0 || c == 0x202f || (c >= 0x2000 && c <= 0x200f) || c == 0x3000;
}

static void show_text(rs_text t, rs_buf *out)
{
    for (size_t i = 0; i < t.size;) {
        uint32_t c = rs_text_next(t, &i);
        if (c == '"')
            rs_buf_add_literal(out, "\"\"");
        else if (hidden(c))
            rs_buf_printf(out, "\\u%04x", (unsigned)c);
        else
            rs_buf_add_code_point(out, c);
    }
}

/* "..." with doubled quotes and \uXXXX. */
static rs_text unquote(struct rs_job *job, rs_text t)
{
    rs_buf out = rs_buf_in(job);
    uint64_t code;

    for (size_t i = 1; i + 1 < t.size; i++) {
        if (t.bytes[i] == '\\' && i + 6 < t.size && t.bytes[i + 1] == 'u' &&
            rs_parse_hex64(rs_text_slice(t, i + 2, 4), &code)) {
            rs_buf_add_code_point(&out, (uint32_t)code);
            i += 5;
            continue;
        }
        rs_buf_add_byte(&out, t.bytes[i]);
        i += t.bytes[i] == '"';
    }
    return rs_buf_text(&out);
}

static bool number_value(rs_text t, struct value *out)
{
    rs_text body = rs_text_slice(t, 0, t.size - 1);
    int64_t whole;
    double real;

    switch (t.bytes[t.size - 1]) {
    case 'L':
        return rs_parse_int64(body, &whole) ? (*out = value_long(whole), true) : false;
    case 'D':
        return value_decimal_parse(body, out);
    case 'F':
        if (!rs_parse_double(body, &real))
            return false;
        *out = (struct value){.kind = VALUE_SINGLE, .real = (double)(float)real};
        return true;
    default:
        break;
    }
    if (rs_parse_int64(t, &whole)) {
        *out = whole == (int32_t)whole ? value_integer((int32_t)whole) : value_long(whole);
        return true;
    }
    if (!rs_parse_double(t, &real))
        return false;
    *out = value_double(real);
    return true;
}

static const struct {
    const char *word;
    struct value value;
} words[] = {
    {"Nothing", {.kind = VALUE_NULL}},
    {"True", {.kind = VALUE_BOOLEAN, .boolean = true}},
    {"False", {.kind = VALUE_BOOLEAN, .boolean = false}},
    {"NaN", {.kind = VALUE_DOUBLE, .real = NAN}},
    {"Infinity", {.kind = VALUE_DOUBLE, .real = INFINITY}},
    {"-Infinity", {.kind = VALUE_DOUBLE, .real = -INFINITY}},
};

bool cases_value(struct rs_job *job, rs_text t, struct value *out)
{
    int offset;
    int64_t ticks;

    t = rs_text_trim(t);
    if (t.size == 0)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (rs_text_equal(t, rs_text_from(words[i].word))) {
            *out = words[i].value;
            return true;
        }
    if (t.bytes[0] == '"' && rs_text_ends(t, RS_TEXT("\"c"))) {
        size_t at = 0;
        *out = (struct value){.kind = VALUE_CHAR};
        out->integer = rs_text_next(unquote(job, rs_text_slice(t, 0, t.size - 1)), &at);
        return true;
    }
    if (t.bytes[0] == '"' && t.size > 1 && t.bytes[t.size - 1] == '"') {
        *out = value_text(unquote(job, t));
        return true;
    }
    if (t.bytes[0] == '#' && t.size > 2) {
        if (!value_date_parse(rs_text_slice(t, 1, t.size - 2), NULL, &ticks, NULL))
            return false;
        *out = value_date(ticks);
        return true;
    }
    if (rs_text_starts(t, RS_TEXT("span("))) {
        if (!value_span_parse(rs_text_slice(t, 5, t.size - 6), &ticks))
            return false;
        *out = value_span(ticks);
        return true;
    }
    if (rs_text_starts(t, RS_TEXT("offset("))) {
        if (!value_date_parse(rs_text_slice(t, 7, t.size - 8), NULL, &ticks, &offset))
            return false;
        *out = value_offset(ticks, offset);
        return true;
    }
    return number_value(t, out);
}

static void show_date(int64_t ticks, rs_buf *out)
{
    char text[VALUE_DATE_ISO_SIZE];
    size_t size = value_date_write_iso(ticks, text);

    text[10] = ' ';
    rs_buf_add(out, rs_text_of(text, ticks % VALUE_TICKS_PER_DAY ? size : 10));
}

void cases_show(struct value v, rs_buf *out)
{
    const struct value_culture *invariant = value_culture_invariant();
    char text[VALUE_DOUBLE_TEXT_SIZE];

    switch (v.kind) {
    case VALUE_NULL:
        rs_buf_add_literal(out, "Nothing");
        break;
    case VALUE_ERROR:
        rs_buf_add_literal(out, "error(\"");
        show_text(value_bytes(v), out);
        rs_buf_add_literal(out, "\")");
        break;
    case VALUE_LONG:
        rs_buf_printf(out, "%lldL", (long long)v.integer);
        break;
    case VALUE_DOUBLE:
        if (!isfinite(v.real)) {
            value_append(invariant, v, out);
            break;
        }
        rs_buf_add(out, rs_text_of(text, value_double_write(v.real, text)));
        if (v.real == rint(v.real) && fabs(v.real) < 1e15)
            rs_buf_add_literal(out, ".0");
        break;
    case VALUE_SINGLE:
        value_append(invariant, v, out);
        rs_buf_add_byte(out, 'F');
        break;
    case VALUE_DECIMAL:
        value_append(invariant, v, out);
        rs_buf_add_byte(out, 'D');
        break;
    case VALUE_CHAR:
    case VALUE_TEXT:
        rs_buf_add_byte(out, '"');
        if (v.kind == VALUE_CHAR)
            rs_buf_add_code_point(out, (uint32_t)v.integer);
        else
            show_text(value_bytes(v), out);
        rs_buf_add(out, v.kind == VALUE_CHAR ? RS_TEXT("\"c") : RS_TEXT("\""));
        break;
    case VALUE_DATE:
        rs_buf_add_byte(out, '#');
        show_date(v.ticks, out);
        rs_buf_add_byte(out, '#');
        break;
    case VALUE_SPAN:
        rs_buf_add_literal(out, "span(");
        value_append(invariant, v, out);
        rs_buf_add_byte(out, ')');
        break;
    case VALUE_OFFSET: {
        struct value_format *format = value_format_compile(out->job, RS_TEXT("yyyy-MM-ddTHH:mm:sszzz"));
        rs_buf_add_literal(out, "offset(");
        (void)value_format_append(format, invariant, v, out);
        rs_buf_add_byte(out, ')');
        break;
    }
    case VALUE_ARRAY:
        rs_buf_add_byte(out, '{');
        for (uint32_t i = 0; i < v.size; i++) {
            if (i)
                rs_buf_add_literal(out, ", ");
            cases_show(v.items[i], out);
        }
        rs_buf_add_byte(out, '}');
        break;
    default:
        value_append(invariant, v, out);
        break;
    }
}

/* ---- calls ------------------------------------------------------------------------------------------- */

/* The end of one argument: a comma or the last bracket, outside of quotes, # and brackets. */
static size_t argument_end(rs_text t, size_t i)
{
    bool quoted = false;
    int depth = 0;

    for (; i < t.size; i++) {
        char c = t.bytes[i];
        if (c == '"')
            quoted = !quoted;
        else if (!quoted && c == '(')
            depth++;
        else if (!quoted && c == ')')
            depth--;
        else if (!quoted && depth == 0 && c == ',')
            break;
    }
    return i;
}

bool cases_parse_call(rs_text t, struct cases_call *out)
{
    ptrdiff_t open = rs_text_find_byte(t, '(');
    rs_text inside;

    out->count = 0;
    if (open < 1 || t.bytes[t.size - 1] != ')')
        return false;
    out->name = rs_text_slice(t, 0, (size_t)open);
    inside = rs_text_slice(t, (size_t)open + 1, t.size - (size_t)open - 2);
    for (size_t at = 0; at <= inside.size && inside.size > 0;) {
        size_t end = argument_end(inside, at);
        if (out->count == CASES_ARGUMENTS_MAX)
            return false;
        out->arguments[out->count++] = rs_text_trim(rs_text_slice(inside, at, end - at));
        at = end + 1;
    }
    return true;
}

/* ---- files ------------------------------------------------------------------------------------------- */

struct run {
    cases_answer *answer;
    struct cases_setting setting;
    const char *path;
    int line, count, failed;
};

static void run_case(struct run *run, struct rs_job *job, rs_text input, rs_text expected)
{
    rs_buf out = rs_buf_in(job);
    rs_text got;
    bool same;

    run->answer(job, input, &run->setting, &out);
    got = rs_buf_text(&out);
    same = rs_text_equal(got, expected);
    run->count++;
    run->failed += !same;
    printf("%s %d - %s:%d %.*s\n", same ? "ok" : "not ok", run->count, run->path, run->line, RS_TEXT_ARG(input));
    if (!same)
        printf("# is       %.*s\n# expected %.*s\n", RS_TEXT_ARG(got), RS_TEXT_ARG(expected));
}

static bool run_line(struct run *run, struct rs_job *job, rs_text line)
{
    ptrdiff_t arrow = rs_text_find(line, RS_TEXT(" => "));
    bool exact;

    line = rs_text_trim(line);
    if (line.size == 0 || line.bytes[0] == '#')
        return true;
    if (arrow >= 0) {
        arrow = rs_text_find(line, RS_TEXT(" => "));
        run_case(run, job, rs_text_trim(rs_text_slice(line, 0, (size_t)arrow)),
                 rs_text_trim(rs_text_from_offset(line, (size_t)arrow + 4)));
        return true;
    }
    if (rs_text_equal(line, RS_TEXT("culture"))) {
        run->setting.culture = value_culture_invariant();
        return true;
    }
    if (rs_text_starts(line, RS_TEXT("culture "))) {
        run->setting.culture = value_culture_find(rs_text_trim(rs_text_from_offset(line, 8)), &exact);
        return exact;
    }
    if (rs_text_starts(line, RS_TEXT("set widen "))) {
        run->setting.widen = rs_text_ends(line, RS_TEXT(" on"));
        return true;
    }
    return false;
}

static int run_file(struct run *run)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text rest, line;

    run->setting = (struct cases_setting){value_culture_find(RS_TEXT("en-US"), NULL), false};
    run->line = 0;
    if (rs_file_read(job, rs_text_from(run->path), CASES_FILE_MAX, &rest) != RS_OK) {
        printf("Bail out! %.*s\n", RS_TEXT_ARG(rs_job_error(job)));
        return 1;
    }
    while (rest.size > 0) {
        struct rs_mark mark = rs_job_mark(job);
        run->line++;
        rs_text_cut(rest, '\n', &line, &rest);
        if (!run_line(run, job, line)) {
            printf("Bail out! %s:%d is neither a case nor a setting: %.*s\n", run->path, run->line, RS_TEXT_ARG(line));
            return 1;
        }
        rs_job_reset(job, mark);
    }
    return 0;
}

int cases_run(int argc, char **argv, cases_answer *answer)
{
    struct run run = {.answer = answer};

    setenv("TZ", "UTC", 1); /* the zone that the answers were written for */
    tzset();
    for (int i = 1; i < argc; i++) {
        run.path = argv[i];
        if (run_file(&run) != 0)
            return 1;
    }
    printf("1..%d\n", run.count);
    return run.failed > 0 || run.count == 0;
}
