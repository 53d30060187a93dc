#include "format/csv/read.h"

/* Behind a field: a delimiter, a line end or the end of the text. */
static rs_status end_field(struct rs_job *job, struct csv_reader *r, bool *is_last)
{
    rs_text t = r->text;

    *is_last = true;
    if (r->at >= t.size)
        return RS_OK;
    char c = t.bytes[r->at++];
    *is_last = c != r->delimiter;
    if (c == r->delimiter)
        return RS_OK;
    if (c != '\r' && c != '\n')
        return rs_fail(job, RS_INVALID, "a delimiter or a line end must follow the quoted field in line %llu", (unsigned long long)r->line);
    if (c == '\r' && r->at < t.size && t.bytes[r->at] == '\n')
        r->at++;
    r->line++;
    return RS_OK;
}

static rs_status read_qualified(struct rs_job *job, struct csv_reader *r, rs_buf *buf, rs_text *out)
{
    uint64_t first_line = r->line;
    size_t start = ++r->at;

    rs_buf_clear(buf);
    for (; r->at < r->text.size; r->at++) {
        char c = r->text.bytes[r->at];
        r->line += c == '\n';
        if (c != r->qualifier)
            continue;
        if (r->at + 1 >= r->text.size || r->text.bytes[r->at + 1] != r->qualifier)
            break;
        rs_buf_add(buf, rs_text_slice(r->text, start, r->at + 1 - start));
        start = ++r->at + 1;
    }
    if (r->at >= r->text.size)
        return rs_fail(job, RS_INVALID, "the quoted field that begins in line %llu has no end", (unsigned long long)first_line);
    rs_text rest = rs_text_slice(r->text, start, r->at - start);
    r->at++;
    if (buf->used == 0) {
        *out = rest;
        return RS_OK;
    }
    rs_buf_add(buf, rest);
    *out = rs_buf_text(buf);
    return RS_OK;
}

rs_status csv_read_field(struct rs_job *job, struct csv_reader *r, rs_buf *buf, rs_text *out, bool *was_qualified, bool *is_last)
{
    size_t start = r->at;

    *was_qualified = r->qualifier && r->at < r->text.size && r->text.bytes[r->at] == r->qualifier;
    if (*was_qualified) {
        RS_TRY(read_qualified(job, r, buf, out));
        return end_field(job, r, is_last);
    }
    while (r->at < r->text.size) {
        char c = r->text.bytes[r->at];
        if (c == r->delimiter || c == '\r' || c == '\n')
            break;
        r->at++;
    }
    *out = rs_text_slice(r->text, start, r->at - start);
    return end_field(job, r, is_last);
}
