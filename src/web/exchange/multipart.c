#include "web/exchange/multipart.h"

#include "base/buf.h"

/* A quoted string's content; *rest is what follows it. Browsers write a quote as %22, others as \". */
static bool unquote(struct rs_job *job, rs_text t, rs_text *out, rs_text *rest)
{
    rs_buf buf = rs_buf_in(job);
    size_t at = 1;

    for (; at < t.size && t.bytes[at] != '"'; at++) {
        if (t.bytes[at] == '\\' && at + 1 < t.size && (t.bytes[at + 1] == '"' || t.bytes[at + 1] == '\\'))
            at++;
        rs_buf_add_byte(&buf, t.bytes[at]);
    }
    if (at == t.size)
        return false;
    *out = rs_buf_text(&buf);
    *rest = rs_text_from_offset(t, at + 1);
    return true;
}

/* A parameter of a header value: boundary="x" of `multipart/form-data; boundary="x"`. False where absent. */
static bool exchange_header_parameter(struct rs_job *job, rs_text value, const char *name, rs_text *out)
{
    rs_text rest, parameter, content;

    rs_text_cut(value, ';', &parameter, &rest);
    while (rest.size > 0) {
        rest = rs_text_trim(rest);
        size_t at = 0;
        while (at < rest.size && rest.bytes[at] != '=' && rest.bytes[at] != ';')
            at++;
        parameter = rs_text_trim(rs_text_slice(rest, 0, at));
        bool has_value = at < rest.size && rest.bytes[at] == '=';
        rest = rs_text_from_offset(rest, at + 1);
        if (!has_value)
            continue;
        if (rest.size > 0 && rest.bytes[0] == '"') {
            if (!unquote(job, rest, &content, &rest))
                return false;
            rs_text_cut(rest, ';', &(rs_text){0}, &rest);
        } else {
            rs_text_cut(rest, ';', &content, &rest);
            content = rs_text_trim(content);
        }
        if (rs_text_equal_nocase(parameter, rs_text_from(name))) {
            *out = content;
            return true;
        }
    }
    return false;
}

/* The last name of a path of any system: some clients send the whole path of the file. */
static rs_text last_name(rs_text path)
{
    size_t at = path.size;

    while (at > 0 && path.bytes[at - 1] != '/' && path.bytes[at - 1] != '\\')
        at--;
    return rs_text_from_offset(path, at);
}

/* %22, %0D and %0A only: that is all that browsers escape, and a name may hold other percent signs. */
static rs_text unescape_name(struct rs_job *job, rs_text t)
{
    static const struct {
        const char *escape;
        char byte;
    } rows[] = {{"%22", '"'}, {"%0D", '\r'}, {"%0A", '\n'}};
    rs_buf out = rs_buf_in(job);

    for (size_t at = 0; at < t.size; at++) {
        char byte = t.bytes[at];
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            if (rs_text_starts_nocase(rs_text_from_offset(t, at), rs_text_from(rows[i].escape))) {
                byte = rows[i].byte;
                at += 2;
                break;
            }
        rs_buf_add_byte(&out, byte);
    }
    return rs_buf_text(&out);
}

struct part {
    rs_text name, file_name, mime_type;
    bool has_name, has_file_name;
};

static struct part parse_head(struct rs_job *job, rs_text head)
{
    struct part part = {0};
    rs_text line, name, value;

    while (head.size > 0) {
        rs_text_cut(head, '\n', &line, &head);
        if (!rs_text_cut(line, ':', &name, &value))
            continue;
        value = rs_text_trim(value);
        if (rs_text_equal_nocase(name, RS_TEXT("Content-Type"))) {
            part.mime_type = value;
        } else if (rs_text_equal_nocase(name, RS_TEXT("Content-Disposition"))) {
            part.has_name = exchange_header_parameter(job, value, "name", &part.name);
            part.has_file_name = exchange_header_parameter(job, value, "filename", &part.file_name);
        }
    }
    part.name = exchange_utf8(job, unescape_name(job, part.name));
    part.file_name = exchange_utf8(job, last_name(unescape_name(job, part.file_name)));
    return part;
}

/* Text of a field that is not UTF-8 is read as Windows-1252, as in a query. */
static rs_status add_part(struct rs_job *job, rs_text head, rs_text content, struct exchange_pairs *pairs,
                          struct exchange_files *files)
{
    struct part part = parse_head(job, head);

    if (!part.has_name)
        return rs_fail(job, RS_INVALID, "a part of the form has no name");
    if (pairs->count + files->count >= EXCHANGE_PARTS_MAX)
        return rs_fail(job, RS_OVER_LIMIT, "more than %d parts in one form", EXCHANGE_PARTS_MAX);
    if (part.has_file_name)
        rs_vec_push(job, files, (struct exchange_file){part.name, part.file_name, part.mime_type, content});
    else
        rs_vec_push(job, pairs, (struct exchange_pair){part.name, exchange_utf8(job, content), true});
    return RS_OK;
}

static rs_status broken(struct rs_job *job)
{
    return rs_fail(job, RS_INVALID, "the form that was sent is cut off or damaged");
}

rs_status exchange_multipart_parse(struct rs_job *job, rs_text content_type, rs_text body,
                                   struct exchange_pairs *pairs, struct exchange_files *files)
{
    rs_text boundary, delimiter, rest;

    if (!rs_text_starts_nocase(content_type, RS_TEXT("multipart/form-data")) ||
        !exchange_header_parameter(job, content_type, "boundary", &boundary) || boundary.size == 0 ||
        boundary.size > EXCHANGE_BOUNDARY_MAX)
        return rs_fail(job, RS_INVALID, "the form that was sent names no boundary between its parts");
    delimiter = rs_text_format(job, "\r\n--%.*s", RS_TEXT_ARG(boundary));
    /* The first one may stand at the very beginning, without the line end before it. */
    if (rs_text_starts(body, rs_text_from_offset(delimiter, 2))) {
        rest = rs_text_from_offset(body, delimiter.size - 2);
    } else {
        ptrdiff_t first = rs_text_find(body, delimiter);
        if (first < 0)
            return broken(job);
        rest = rs_text_from_offset(body, (size_t)first + delimiter.size);
    }
    while (!rs_text_starts(rest, RS_TEXT("--"))) {
        while (rest.size > 0 && (rest.bytes[0] == ' ' || rest.bytes[0] == '\t'))
            rest = rs_text_from_offset(rest, 1);
        if (!rs_text_starts(rest, RS_TEXT("\r\n")))
            return broken(job);
        /* From the line end on, so that a part without headers has its empty line too. */
        ptrdiff_t head_end = rs_text_find(rs_text_slice(rest, 0, EXCHANGE_PART_HEAD_MAX), RS_TEXT("\r\n\r\n"));
        if (head_end < 0)
            return broken(job);
        rs_text head = rs_text_slice(rest, 0, (size_t)head_end);
        rest = rs_text_from_offset(rest, (size_t)head_end + 2);
        ptrdiff_t end = rs_text_find(rest, delimiter);
        if (end < 0)
            return broken(job);
        rs_text content = rs_text_slice(rest, 2, end < 2 ? 0 : (size_t)end - 2);
        RS_TRY(add_part(job, head, content, pairs, files));
        rest = rs_text_from_offset(rest, (size_t)end + delimiter.size);
        RS_TRY(rs_job_checkpoint(job));
    }
    return RS_OK;
}
