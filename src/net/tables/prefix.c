#include "net/tables/prefix.h"

#include "base/buf.h"
#include "base/host.h"

#define SEGMENT_SHOWN_MAX 60 /* bytes of a wrong part that a message repeats */

const char *tables_scheme_name(enum tables_scheme scheme)
{
    return scheme == TABLES_HTTPS ? "https" : "http";
}

/* ---- case ---------------------------------------------------------------------------------- */

/* Ranges of letters whose lower-case form is at a fixed distance, or beside them (pairs). All of them keep
 * the length of their UTF-8 form, which the routing relies on. */
static const struct fold_range {
    uint32_t first, last;
    int32_t distance; /* 0: pairs, upper case on the parity of `first` */
} fold_ranges[] = {
    {'A', 'Z', 32},           {0xC0, 0xD6, 32},         {0xD8, 0xDE, 32},
    {0x100, 0x12F, 0},        {0x132, 0x137, 0},        {0x139, 0x148, 0},
    {0x14A, 0x177, 0},        {0x178, 0x178, -121},     {0x179, 0x17E, 0},
    {0x386, 0x386, 38},       {0x388, 0x38A, 37},       {0x38C, 0x38C, 64},
    {0x38E, 0x38F, 63},       {0x391, 0x3A1, 32},       {0x3A3, 0x3AB, 32},
    {0x400, 0x40F, 80},       {0x410, 0x42F, 32},       {0x460, 0x481, 0},
    {0x48A, 0x4BF, 0},        {0x4D0, 0x52F, 0},        {0x531, 0x556, 48},
    {0x1E00, 0x1E95, 0},      {0x1EA0, 0x1EFF, 0},      {0xFF21, 0xFF3A, 32},
};

uint32_t tables_fold(uint32_t code_point)
{
    if (code_point < 0x80)
        return code_point >= 'A' && code_point <= 'Z' ? code_point + 32 : code_point;
    for (size_t i = 1; i < sizeof fold_ranges / sizeof fold_ranges[0]; i++) {
        const struct fold_range *range = &fold_ranges[i];
        if (code_point < range->first)
            break;
        if (code_point > range->last)
            continue;
        if (range->distance != 0)
            return (uint32_t)((int32_t)code_point + range->distance);
        return code_point + ((code_point & 1) == (range->first & 1));
    }
    return code_point;
}

static rs_text prefix_fold(struct rs_job *job, rs_text path)
{
    rs_buf buf = rs_buf_in(job);

    for (size_t at = 0; at < path.size;)
        rs_buf_add_code_point(&buf, tables_fold(rs_text_next(path, &at)));
    return rs_buf_text(&buf);
}

/* ---- parsing ------------------------------------------------------------------------------- */

/* `whole` is what messages show; `rest` is what is still to be read. */
struct prefix_reader {
    struct rs_job *job;
    rs_text whole;
    rs_text rest;
    bool loose;
};

static rs_status prefix_wrong(const struct prefix_reader *reader, const char *why)
{
    return rs_fail(reader->job, RS_INVALID, "the URL \"%.*s\" %s", RS_TEXT_ARG(reader->whole), why);
}

static rs_status prefix_read_scheme(struct prefix_reader *reader, struct tables_prefix *out)
{
    static const struct {
        rs_text text;
        enum tables_scheme scheme;
    } schemes[] = {{{"http://", 7}, TABLES_HTTP}, {{"https://", 8}, TABLES_HTTPS}};

    for (size_t i = 0; i < 2; i++) {
        if (!rs_text_starts_nocase(reader->rest, schemes[i].text))
            continue;
        if (!reader->loose && !rs_text_starts(reader->rest, schemes[i].text))
            return prefix_wrong(reader, "has a scheme that is not in lower case");
        out->scheme = schemes[i].scheme;
        reader->rest = rs_text_from_offset(reader->rest, schemes[i].text.size);
        return RS_OK;
    }
    return prefix_wrong(reader, "does not begin with http:// or https://");
}

static rs_status prefix_set_address(struct prefix_reader *reader, rs_text host,
                                    struct tables_prefix *out)
{
    char written[TABLES_ADDRESS_WRITTEN_MAX];

    if (out->address.family == TABLES_ANY)
        return prefix_wrong(reader, "has the unspecified address as its host: \"+\" means every address");
    tables_address_write(&out->address, written);
    out->category = TABLES_ADDRESS;
    out->host = rs_text_format(reader->job, out->address.family == TABLES_IPV6 ? "[%s]" : "%s", written);
    return RS_OK;
}

static rs_status prefix_read_ipv6(struct prefix_reader *reader, struct tables_prefix *out)
{
    ptrdiff_t end = rs_text_find_byte(reader->rest, ']');
    rs_text host;

    if (end < 0)
        return prefix_wrong(reader, "has no ] behind its IPv6 address");
    host = rs_text_slice(reader->rest, 0, (size_t)end + 1);
    reader->rest = rs_text_from_offset(reader->rest, (size_t)end + 1);
    if (!tables_address_parse(host, &out->address))
        return prefix_wrong(reader, rs_text_find_byte(host, '%') >= 0
                                        ? "has an address with a zone: write the address alone"
                                        : "has something between [ and ] that is not an IPv6 address");
    return prefix_set_address(reader, host, out);
}

static rs_status prefix_read_host(struct prefix_reader *reader, struct tables_prefix *out)
{
    size_t size = 0;
    rs_text host;

    if (reader->rest.size > 0 && reader->rest.bytes[0] == '[')
        return prefix_read_ipv6(reader, out);
    while (size < reader->rest.size && reader->rest.bytes[size] != ':' && reader->rest.bytes[size] != '/')
        size++;
    host = rs_text_slice(reader->rest, 0, size);
    reader->rest = rs_text_from_offset(reader->rest, size);
    if (host.size == 0 && rs_text_starts(reader->rest, RS_TEXT("::")))
        return prefix_wrong(reader, "has an IPv6 address without brackets: write [::1]");
    if (host.size == 0)
        return prefix_wrong(reader, "has no host: \"+\" means every host");
    if (host.size == 1 && (host.bytes[0] == '+' || host.bytes[0] == '*')) {
        out->category = host.bytes[0] == '+' ? TABLES_STRONG : TABLES_WEAK;
        out->host = rs_text_copy(reader->job, host);
        return RS_OK;
    }
    if (tables_address_parse(host, &out->address))
        return prefix_set_address(reader, host, out);
    if (host.bytes[host.size - 1] == '.')
        host.size--; /* the root's dot adds nothing */
    if (rs_text_find_byte(host, '*') >= 0 || rs_text_find_byte(host, '+') >= 0)
        return prefix_wrong(reader, "has a wildcard inside its host: a host is \"+\" (all), \"*\" (what no other row takes), a "
                            "whole name or an address");
    if (rs_host_wrong(host))
        return prefix_wrong(reader, rs_host_wrong(host));
    out->category = TABLES_NAMED;
    out->host = rs_text_lower(reader->job, host);
    return RS_OK;
}

static rs_status prefix_read_port(struct prefix_reader *reader, struct tables_prefix *out)
{
    size_t size = 0;
    uint64_t port;
    rs_text digits;

    if (reader->rest.size == 0 || reader->rest.bytes[0] != ':') {
        if (reader->rest.size > 0 && reader->rest.bytes[0] != '/')
            return prefix_wrong(reader, "has something other than a port behind its host");
        if (!reader->loose)
            return prefix_wrong(reader, "has no port: it is always written, as in https://+:443/");
        out->port = out->scheme == TABLES_HTTPS ? 443 : 80;
        return RS_OK;
    }
    while (1 + size < reader->rest.size && reader->rest.bytes[1 + size] != '/')
        size++;
    digits = rs_text_slice(reader->rest, 1, size);
    reader->rest = rs_text_from_offset(reader->rest, 1 + size);
    if (!rs_parse_uint64(digits, &port) || port < 1 || port > 65535)
        return prefix_wrong(reader, "has a port that is not a number from 1 to 65535");
    if (digits.bytes[0] == '0')
        return prefix_wrong(reader, "has a port with a leading zero");
    out->port = (uint16_t)port;
    return RS_OK;
}

static int prefix_hex(char c)
{
    return rs_is_digit(c) ? c - '0' : rs_lower(c) >= 'a' && rs_lower(c) <= 'f' ? rs_lower(c) - 'a' + 10 : -1;
}

static rs_status prefix_decode(const struct prefix_reader *reader, rs_text raw, rs_buf *out)
{
    for (size_t i = 0; i < raw.size; i++) {
        char c = raw.bytes[i];
        bool escaped = c == '%';
        if (escaped) {
            int high = -1, low = -1;
            if (raw.size - i >= 3) {
                high = prefix_hex(raw.bytes[i + 1]);
                low = prefix_hex(raw.bytes[i + 2]);
            }
            if (high < 0 || low < 0)
                return prefix_wrong(reader, "has a % in its path that two hexadecimal digits do not follow");
            c = (char)(high * 16 + low);
            i += 2;
        }
        if ((unsigned char)c < 0x20 || c == 0x7f)
            return prefix_wrong(reader, "has a control character in its path");
        if (c == '\\' || (escaped && c == '/'))
            return prefix_wrong(reader, "has a backslash or an escaped slash in its path");
        if (!escaped && (c == '?' || c == '#'))
            return prefix_wrong(reader, "has a query or a fragment: only a path can be reserved");
        rs_buf_add_byte(out, c);
    }
    return RS_OK;
}

/* No empty, "." or ".." segments, and not too many. `path` begins and ends with '/'. */
static rs_status prefix_check_segments(const struct prefix_reader *reader, rs_text path)
{
    size_t segments = 0, start = 1;

    for (size_t i = 1; i < path.size; i++) {
        rs_text segment;
        if (path.bytes[i] != '/')
            continue;
        segment = rs_text_slice(path, start, i - start);
        start = i + 1;
        if (segment.size == 0)
            return prefix_wrong(reader, "has an empty segment (//) in its path");
        if (rs_text_equal(segment, RS_TEXT(".")) || rs_text_equal(segment, RS_TEXT("..")))
            return prefix_wrong(reader, "has a . or .. segment in its path");
        if (++segments > TABLES_PREFIX_SEGMENTS_MAX)
            return prefix_wrong(reader, "has a path of more than 16 segments");
    }
    return RS_OK;
}

static rs_status prefix_read_path(struct prefix_reader *reader, struct tables_prefix *out)
{
    rs_buf path = rs_buf_in(reader->job);

    RS_TRY(prefix_decode(reader, reader->rest, &path));
    if (path.used == 0 || path.bytes[path.used - 1] != '/')
        rs_buf_add_byte(&path, '/');
    out->path = rs_buf_text(&path);
    if (!rs_text_is_utf8(out->path))
        return prefix_wrong(reader, "has a path that is not UTF-8");
    RS_TRY(prefix_check_segments(reader, out->path));
    out->key = prefix_fold(reader->job, out->path);
    return RS_OK;
}

static rs_status prefix_parse(struct rs_job *job, rs_text text, bool loose,
                              struct tables_prefix *out)
{
    struct prefix_reader reader = {job, text, text, loose};
    struct tables_prefix prefix = {0};

    if (text.size > TABLES_PREFIX_MAX)
        return rs_fail(job, RS_INVALID, "the URL \"%.*s...\" is longer than %d bytes", SEGMENT_SHOWN_MAX,
                       text.bytes, TABLES_PREFIX_MAX);
    RS_TRY(prefix_read_scheme(&reader, &prefix));
    RS_TRY(prefix_read_host(&reader, &prefix));
    RS_TRY(prefix_read_port(&reader, &prefix));
    RS_TRY(prefix_read_path(&reader, &prefix));
    if (tables_prefix_write(job, &prefix).size > TABLES_PREFIX_MAX) /* escapes may make it longer */
        return prefix_wrong(&reader, "is longer than 1024 bytes in its canonical form");
    *out = prefix;
    return RS_OK;
}

rs_status tables_prefix_parse(struct rs_job *job, rs_text text, struct tables_prefix *out)
{
    return prefix_parse(job, text, false, out);
}

rs_status tables_prefix_parse_loose(struct rs_job *job, rs_text text, struct tables_prefix *out,
                                    bool *has_path)
{
    RS_TRY(prefix_parse(job, rs_text_trim(text), true, out));
    *has_path = out->path.size > 1;
    return RS_OK;
}

/* ---- composing and writing ----------------------------------------------------------------- */

rs_status tables_directory_check(struct rs_job *job, rs_text directory)
{
    const char *why = NULL;

    if (rs_text_trim(directory).size == 0)
        why = "is empty";
    else if (directory.size > TABLES_DIRECTORY_MAX)
        why = "is longer than 64 bytes";
    else if (!rs_text_is_utf8(directory))
        why = "is not UTF-8";
    else if (rs_text_equal(directory, RS_TEXT(".")) || rs_text_equal(directory, RS_TEXT("..")))
        why = "cannot be . or ..";
    else if (rs_text_trim(directory).size != directory.size)
        why = "begins or ends with a space";
    for (size_t i = 0; !why && i < directory.size; i++)
        if ((unsigned char)directory.bytes[i] < 0x20 || strchr("/\\%?#:*\"<>|&;@=+$,{}^[]`\x7f", directory.bytes[i]))
            why = "has a character that it may not have: no separators (/ \\ ? # : & ; @ = + $ ,), no %, no quotes, "
                  "brackets or wildcards";
    return why ? rs_fail(job, RS_INVALID, "the virtual directory \"%.*s\" %s", RS_TEXT_ARG(directory), why)
               : RS_OK;
}

rs_status tables_prefix_compose(struct rs_job *job, rs_text url_string, rs_text directory,
                                struct tables_prefix *out)
{
    struct tables_prefix prefix;
    bool has_path;

    RS_TRY(tables_directory_check(job, directory));
    RS_TRY(tables_prefix_parse_loose(job, url_string, &prefix, &has_path));
    if (has_path)
        return rs_fail(job, RS_INVALID, "the UrlString \"%.*s\" has a path: the virtual directory is added to it",
                       RS_TEXT_ARG(url_string));
    prefix.path = rs_text_format(job, "/%.*s/", RS_TEXT_ARG(directory));
    prefix.key = prefix_fold(job, prefix.path);
    *out = prefix;
    return RS_OK;
}

rs_text tables_prefix_origin(struct rs_job *job, const struct tables_prefix *prefix)
{
    return rs_text_format(job, "%s://%.*s:%u", tables_scheme_name(prefix->scheme),
                          RS_TEXT_ARG(prefix->host), prefix->port);
}

rs_text tables_prefix_write(struct rs_job *job, const struct tables_prefix *prefix)
{
    rs_buf buf = rs_buf_in(job);

    rs_buf_add(&buf, tables_prefix_origin(job, prefix));
    for (size_t i = 0; i < prefix->path.size; i++) {
        unsigned char c = (unsigned char)prefix->path.bytes[i];
        if (c >= 0x80 || rs_is_alpha((char)c) || rs_is_digit((char)c) || strchr("/-._~!$&'()*+,;=:@", c))
            rs_buf_add_byte(&buf, (char)c);
        else
            rs_buf_printf(&buf, "%%%02X", c);
    }
    return rs_buf_text(&buf);
}

/* The same scheme, host and port; the path is not looked at. */
static bool tables_prefix_same_origin(const struct tables_prefix *a, const struct tables_prefix *b)
{
    return a->scheme == b->scheme && a->port == b->port && a->category == b->category &&
           rs_text_equal(a->host, b->host);
}

bool tables_prefix_equal(const struct tables_prefix *a, const struct tables_prefix *b)
{
    return tables_prefix_same_origin(a, b) && rs_text_equal(a->key, b->key);
}
