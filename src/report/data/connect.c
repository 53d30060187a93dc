#include "report/data/connect.h"

#include "base/buf.h"
#include "base/vec.h"

struct reader {
    struct rs_job *job;
    rs_text text;
    size_t at;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->text.size && is_blank(r->text.bytes[r->at]))
        r->at++;
}

static rs_status no_pair(struct reader *r, size_t start)
{
    return rs_fail(r->job, DATA_CONNECT_STRING, "the connection string is not Key=Value; at column %zu", start + 1);
}

/* Up to a single '='; "==" stands for one. */
static rs_status read_key(struct reader *r, rs_text *out)
{
    rs_buf key = rs_buf_in(r->job);
    size_t start = r->at;

    for (;; r->at++) {
        if (r->at == r->text.size || r->text.bytes[r->at] == ';')
            return no_pair(r, start);
        if (r->text.bytes[r->at] == '=') {
            if (r->at + 1 >= r->text.size || r->text.bytes[r->at + 1] != '=')
                break;
            r->at++;
        }
        rs_buf_add_byte(&key, r->text.bytes[r->at]);
    }
    r->at++;
    *out = rs_text_trim(rs_buf_text(&key));
    return rs_text_is_empty(*out) ? no_pair(r, start) : RS_OK;
}

static rs_status read_quoted(struct reader *r, rs_text *out)
{
    rs_buf value = rs_buf_in(r->job);
    size_t start = r->at;
    char quote = r->text.bytes[r->at++];

    for (; r->at < r->text.size; r->at++) {
        char c = r->text.bytes[r->at];
        if (c == quote) {
            if (r->at + 1 >= r->text.size || r->text.bytes[r->at + 1] != quote)
                break;
            r->at++;
        }
        rs_buf_add_byte(&value, c);
    }
    if (r->at >= r->text.size)
        return rs_fail(r->job, DATA_CONNECT_STRING,
                       "the quote at column %zu of the connection string has no end", start + 1);
    r->at++;
    skip_blanks(r);
    if (r->at < r->text.size && r->text.bytes[r->at] != ';')
        return rs_fail(r->job, DATA_CONNECT_STRING,
                       "a ';' must follow the quoted value that ends at column %zu of the connection string", r->at);
    *out = rs_buf_text(&value);
    return RS_OK;
}

/* ODBC's quotes: a ';' between them belongs to the value, a doubled '}' is one. They stay where they are. */
static void skip_braced(struct reader *r)
{
    if (r->at == r->text.size || r->text.bytes[r->at] != '{')
        return;
    for (size_t at = r->at + 1; at < r->text.size; at++)
        if (r->text.bytes[at] == '}') {
            if (at + 1 < r->text.size && r->text.bytes[at + 1] == '}') {
                at++;
                continue;
            }
            r->at = at + 1;
            return;
        }
}

static rs_status read_value(struct reader *r, rs_text *out)
{
    size_t start;

    skip_blanks(r);
    if (r->at < r->text.size && (r->text.bytes[r->at] == '"' || r->text.bytes[r->at] == '\''))
        return read_quoted(r, out);
    start = r->at;
    skip_braced(r);
    while (r->at < r->text.size && r->text.bytes[r->at] != ';')
        r->at++;
    *out = rs_text_trim(rs_text_slice(r->text, start, r->at - start));
    return RS_OK;
}

rs_status data_connect_parse(struct rs_job *job, rs_text text, struct data_settings *out)
{
    RS_VEC(struct data_setting) settings = {0};

    if (text.size > DATA_CONNECT_MAX)
        return rs_fail(job, DATA_CONNECT_STRING, "the connection string has more than %zu bytes", DATA_CONNECT_MAX);
    struct reader r = {job, rs_text_copy(job, text), 0};
    for (;;) {
        struct data_setting one;
        while (r.at < r.text.size && (is_blank(r.text.bytes[r.at]) || r.text.bytes[r.at] == ';'))
            r.at++;
        if (r.at == r.text.size)
            break;
        RS_TRY(read_key(&r, &one.key));
        RS_TRY(read_value(&r, &one.value));
        rs_vec_push(job, &settings, one);
    }
    *out = (struct data_settings){settings.items, settings.count};
    return RS_OK;
}

bool data_setting(const struct data_settings *settings, rs_text key, rs_text *out)
{
    for (size_t i = settings->count; i-- > 0;)
        if (rs_text_equal_nocase(settings->items[i].key, key)) {
            *out = settings->items[i].value;
            return true;
        }
    return false;
}
