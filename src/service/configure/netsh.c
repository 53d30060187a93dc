#include "service/configure/netsh.h"

#include "net/tables/address.h"

enum shape { SHAPE_OTHER, SHAPE_URL, SHAPE_ENDPOINT, SHAPE_PORT, SHAPE_HASH, SHAPE_GUID, SHAPE_SDDL, SHAPE_ADDRESS };

struct line {
    unsigned number;
    rs_text whole; /* trimmed */
    rs_text value; /* behind the label; all of it where there is none */
    bool labelled;
    bool first;    /* of a block: a blank line or a rule stands before it */
    enum shape shape;
};

struct reader {
    struct rs_job *job;
    struct netsh *out;
    struct netsh_binding *binding; /* being read; or NULL */
    struct netsh_url *url;
    size_t url_lines;              /* behind the URL */
    rs_text values[NETSH_FLAGS_MAX], wholes[NETSH_FLAGS_MAX]; /* behind the store, in order */
    size_t value_count;
    bool extended;                 /* in the extended properties, which are not looked at */
};

/* ---- shapes -------------------------------------------------------------------------------- */

/* The label ends with the first colon (or full-width colon) that a blank or the end follows: "IP:port   : 0.0.0.0:443". */
static bool cut_label(rs_text whole, rs_text *value)
{
    for (size_t i = 0; i < whole.size; i++) {
        size_t wide = rs_text_starts(rs_text_from_offset(whole, i), RS_TEXT("\xEF\xBC\x9A")) ? 3 : 0;
        size_t end = i + (wide ? wide : 1);
        if (whole.bytes[i] != ':' && !wide)
            continue;
        if (wide || end == whole.size || whole.bytes[end] == ' ' || whole.bytes[end] == '\t') {
            *value = rs_text_trim(rs_text_from_offset(whole, end));
            return i > 0;
        }
    }
    return false;
}

static bool is_port(rs_text text)
{
    uint64_t port;

    return text.size <= 5 && rs_parse_uint64(text, &port) && port >= 1 && port <= 65535;
}

static bool is_endpoint(rs_text text)
{
    size_t colon = text.size;

    while (colon > 0 && text.bytes[colon - 1] != ':')
        colon--;
    if (colon < 2 || !is_port(rs_text_from_offset(text, colon)))
        return false;
    for (size_t i = 0; i + 1 < colon; i++)
        if (text.bytes[i] == ' ' || text.bytes[i] == '/' || text.bytes[i] == '\\' || (text.bytes[i] == ':' && text.bytes[0] != '['))
            return false;
    return true;
}

/* 40 digits; blanks between them and invisible marks around them do not count. */
static rs_text hash_of(struct rs_job *job, rs_text text)
{
    char digits[40];
    size_t count = 0;

    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)rs_upper(text.bytes[i]);
        if (c == ' ' || c >= 0x80)
            continue;
        if (count == 40 || !(rs_is_digit((char)c) || (c >= 'A' && c <= 'F')))
            return RS_TEXT("");
        digits[count++] = (char)c;
    }
    return count == 40 ? rs_text_copy(job, rs_text_of(digits, 40)) : RS_TEXT("");
}

static bool is_guid(rs_text text)
{
    if (text.size != 38 || text.bytes[0] != '{' || text.bytes[37] != '}')
        return false;
    for (size_t i = 1; i < 37; i++)
        if (i == 9 || i == 14 || i == 19 || i == 24 ? text.bytes[i] != '-' : !strchr("0123456789abcdefABCDEF", text.bytes[i]))
            return false;
    return true;
}

static enum shape shape_of(struct rs_job *job, const struct line *line)
{
    rs_text value = line->value;
    struct tables_address address;

    if (rs_text_starts_nocase(value, RS_TEXT("http://")) || rs_text_starts_nocase(value, RS_TEXT("https://")))
        return SHAPE_URL;
    if (value.size == 0 || value.size > 4096)
        return SHAPE_OTHER;
    if (rs_text_find(value, RS_TEXT("D:(")) >= 0 || (rs_text_find(value, RS_TEXT("D:")) >= 0 && rs_text_find(value, RS_TEXT(";;;")) >= 0))
        return SHAPE_SDDL;
    if (value.bytes[0] != '+' && rs_text_find_byte(value, ' ') < 0 && tables_address_parse(value, &address) &&
        !rs_text_equal(value, RS_TEXT("*")))
        return SHAPE_ADDRESS;
    if (is_guid(value))
        return SHAPE_GUID;
    if (is_endpoint(value))
        return SHAPE_ENDPOINT;
    if (hash_of(job, value).size > 0)
        return SHAPE_HASH;
    return line->labelled && line->first && is_port(value) ? SHAPE_PORT : SHAPE_OTHER;
}

/* ---- rows ---------------------------------------------------------------------------------- */

/* The switches of the version 6.0 stand in one order behind the store:
 *     0 revocation, 1 cached only, 2 usage, 3 freshness, 4 timeout, 5 and 6 trust list, 7 mapper, 8 negotiate
 * with words for yes and no in the language of the machine. Revocation is on and "cached only" off unless somebody changed
 * them; where both say the same the words cannot be told apart. httpcfg has numbers: mode, freshness, timeout, two lists,
 * flags (2: negotiate). */
static void read_switches(struct reader *r)
{
    struct netsh_binding *binding = r->binding;
    uint64_t mode, flags;

    if (r->value_count >= 6 && rs_parse_uint64(r->values[0], &mode) && rs_parse_uint64(r->values[5], &flags)) {
        binding->asks_clients_is_told = true;
        binding->asks_clients = (flags & 2) != 0;
        return;
    }
    if (r->value_count >= 9 && !rs_text_equal_nocase(r->values[0], r->values[1])) {
        binding->asks_clients_is_told = rs_text_equal_nocase(r->values[8], r->values[0]) ||
                                        rs_text_equal_nocase(r->values[8], r->values[1]);
        binding->asks_clients = rs_text_equal_nocase(r->values[8], r->values[0]);
    }
    for (size_t i = 10; i < r->value_count; i++) { /* 9 is "reject", with the words of the older ones */
        size_t same = 0;
        for (size_t k = 10; k < r->value_count; k++)
            same += rs_text_equal_nocase(r->values[i], r->values[k]);
        if (same * 2 < r->value_count - 10)
            binding->odd[binding->odd_count++] = r->wholes[i];
    }
}

/* A row without thumbprint and owner was no binding: another listing has numbers in such places. */
static void end_binding(struct reader *r)
{
    if (!r->binding)
        return;
    if (r->binding->hash.size == 0 && r->binding->guid.size == 0)
        r->out->bindings.count--;
    else
        read_switches(r);
    r->binding = NULL;
}

static rs_status begin_binding(struct reader *r, const struct line *line)
{
    end_binding(r);
    if (r->out->bindings.count == NETSH_ROWS_MAX)
        return rs_fail(r->job, RS_OVER_LIMIT, "line %u: there are more than %d certificate bindings", line->number, NETSH_ROWS_MAX);
    r->binding = rs_vec_add(r->job, &r->out->bindings);
    r->binding->line = line->number;
    r->binding->endpoint = line->value;
    r->value_count = 0;
    r->extended = false;
    r->url = NULL;
    return RS_OK;
}

static rs_status begin_url(struct reader *r, const struct line *line)
{
    end_binding(r);
    if (r->out->urls.count == NETSH_ROWS_MAX)
        return rs_fail(r->job, RS_OVER_LIMIT, "line %u: there are more than %d URLs", line->number, NETSH_ROWS_MAX);
    r->url = rs_vec_add(r->job, &r->out->urls);
    r->url->line = line->number;
    r->url->url = line->value;
    r->url_lines = 0;
    return RS_OK;
}

static void in_binding(struct reader *r, const struct line *line)
{
    struct netsh_binding *binding = r->binding;

    if (!line->labelled || (line->value.size == 0 && r->value_count >= 9)) {
        r->extended = r->extended || line->labelled; /* a heading inside a row */
        return;
    }
    if (line->shape == SHAPE_HASH && binding->hash.size == 0)
        binding->hash = hash_of(r->job, line->value);
    else if (line->shape == SHAPE_GUID && binding->guid.size == 0)
        binding->guid = rs_text_lower(r->job, line->value);
    else if (binding->guid.size > 0 && binding->store.size == 0)
        binding->store = line->value;
    else if (binding->store.size > 0 && !r->extended && r->value_count < NETSH_FLAGS_MAX) {
        r->values[r->value_count] = line->value;
        r->wholes[r->value_count++] = line->whole;
    }
}

static rs_status read_line(struct reader *r, const struct line *line)
{
    switch (line->shape) {
    case SHAPE_URL:
        return begin_url(r, line);
    case SHAPE_ENDPOINT:
    case SHAPE_PORT:
        return begin_binding(r, line);
    case SHAPE_ADDRESS:
        end_binding(r);
        if (r->out->addresses.count < NETSH_ROWS_MAX)
            rs_vec_push(r->job, &r->out->addresses, (struct netsh_address){line->number, line->value});
        return RS_OK;
    case SHAPE_SDDL:
        if (r->url && r->url->sddl.size == 0)
            r->url->sddl = line->value;
        return RS_OK;
    default:
        if (r->binding)
            in_binding(r, line);
        else if (r->url && line->labelled && ++r->url_lines == 1) /* the line behind the URL names an account */
            r->url->user = line->value;
        return RS_OK;
    }
}

static bool is_rule(rs_text whole)
{
    for (size_t i = 0; i < whole.size; i++)
        if (whole.bytes[i] != '-' && whole.bytes[i] != '=')
            return false;
    return true;
}

rs_status netsh_read(struct rs_job *job, rs_text text, struct netsh *out)
{
    struct reader r = {.job = job, .out = out};
    struct line line = {.first = true};
    rs_text rest = text, one;

    *out = (struct netsh){0};
    while (rest.size > 0) {
        RS_TRY(rs_job_checkpoint(job));
        rs_text_cut(rest, '\n', &one, &rest);
        line.number++;
        line.whole = rs_text_trim(one);
        if (is_rule(line.whole)) { /* empty too */
            line.first = true;
            continue;
        }
        line.labelled = cut_label(line.whole, &line.value);
        if (!line.labelled)
            line.value = line.whole;
        line.shape = shape_of(job, &line);
        RS_TRY(read_line(&r, &line));
        line.first = false;
    }
    end_binding(&r);
    return RS_OK;
}
