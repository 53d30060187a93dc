#include "web/url/request.h"

#include "base/vec.h"

RS_VEC_TYPE(rs_text, texts);

/* One parameter of the report while its values come in. */
struct input {
    rs_text name;
    struct texts values;
    bool is_null;
};

RS_VEC_TYPE(struct input, inputs);
RS_VEC_TYPE(struct render_setting, settings);
RS_VEC_TYPE(struct compute_credentials, credentials);

struct reader {
    struct rs_job *job;
    struct url_request *request;
    struct inputs inputs;
    struct settings settings;
    struct credentials credentials;
    bool in_form; /* what is read was posted; it is no part of an address */
};

bool url_parse_bool(rs_text t, bool *out)
{
    bool yes = rs_text_equal_nocase(t, RS_TEXT("true")) || rs_text_equal(t, RS_TEXT("1"));
    bool no = rs_text_equal_nocase(t, RS_TEXT("false")) || rs_text_equal(t, RS_TEXT("0"));

    *out = yes;
    return yes || no;
}

/* ---- rs: ----------------------------------------------------------------------------------------- */

static rs_status read_command(struct reader *r, rs_text value)
{
    r->request->command = value;
    return RS_OK;
}

static rs_status read_format(struct reader *r, rs_text value)
{
    r->request->format = value;
    return RS_OK;
}

static rs_status read_language(struct reader *r, rs_text value)
{
    r->request->given.language = value;
    return RS_OK;
}

static rs_status read_errors_as_xml(struct reader *r, rs_text value)
{
    url_parse_bool(value, &r->request->errors_as_xml);
    return RS_OK;
}

/* Sessions: every request runs the report anew, so there is nothing to clear, to reset or to continue. */
static rs_status accept(struct reader *r, rs_text value)
{
    (void)r;
    (void)value;
    return RS_OK;
}

/* One of the page's toggles, as it is called there; several are several. They are kept in links, and go to the renderer. */
static rs_status read_toggle(struct reader *r, rs_text value)
{
    rs_text all = r->request->toggles;

    r->request->toggles = rs_text_format(r->job, "%.*s%s%.*s", RS_TEXT_ARG(all), all.size ? "," : "", RS_TEXT_ARG(value));
    return RS_OK;
}

static rs_status refuse_snapshot(struct reader *r, rs_text value)
{
    return rs_fail(r->job, URL_NO_HISTORY, "the report has no history snapshot \"%.*s\"",
                   RS_TEXT_ARG(rs_text_slice(value, 0, 40)));
}

static rs_status refuse_stream(struct reader *r, rs_text value)
{
    return rs_fail(r->job, URL_NO_STREAM, "there is no stream \"%.*s\"; ask for the report itself",
                   RS_TEXT_ARG(rs_text_slice(value, 0, 80)));
}

struct name_row {
    const char *name;
    rs_status (*read)(struct reader *r, rs_text value);
    bool is_kept; /* in links to other pages of the report */
};

static const struct name_row rs_names[] = {
    {"Command", read_command, false},
    {"Format", read_format, false},
    {"ParameterLanguage", read_language, true},
    {"ErrorResponseAsXml", read_errors_as_xml, false},
    {"ClearSession", accept, false},
    {"ResetSession", accept, false},
    {"SessionID", accept, false},
    {"AllowNewSessions", accept, false},
    {"PersistStreams", accept, false},
    {"Embed", accept, true},
    {"Snapshot", refuse_snapshot, false},
    {"GetNextStream", refuse_stream, false},
    {"ImageID", refuse_stream, false},
    {"ShowHideToggle", read_toggle, true},
    {"StoredParametersID", refuse_stream, false},
};

/* ---- rv: of the SharePoint web part; those here are our own ---------------------------------------- */

static rs_status read_prompts_only(struct reader *r, rs_text value)
{
    url_parse_bool(value, &r->request->prompts_only);
    return RS_OK;
}

#define SORTS_MAX 16

/* An address that was kept while the report changed may name sorts that are none any more: they sort nothing. */
static rs_status read_sort(struct reader *r, rs_text value)
{
    struct compute_sort *sorts = RS_NEW_ARRAY(r->job, struct compute_sort, SORTS_MAX);
    size_t count = 0;
    rs_text one, direction;

    while (value.size > 0 && count < SORTS_MAX) {
        rs_text_cut(value, ',', &one, &value);
        rs_text_cut(one, ':', &sorts[count].item, &direction);
        sorts[count].descending = rs_text_equal_nocase(direction, RS_TEXT("Descending"));
        if (!sorts[count].descending && !rs_text_equal_nocase(direction, RS_TEXT("Ascending")))
            return rs_fail(r->job, RS_INVALID, "rv:Sort has \"%.*s\"; it must be ITEM:Ascending or ITEM:Descending",
                           RS_TEXT_ARG(rs_text_slice(one, 0, 80)));
        count++;
    }
    r->request->given.sorts = sorts;
    r->request->given.sort_count = count;
    return RS_OK;
}

static rs_status read_find_at(struct reader *r, rs_text value)
{
    if (!rs_parse_int64(rs_text_trim(value), &r->request->find_at) || r->request->find_at < 1 || r->request->find_at > INT32_MAX)
        r->request->find_at = 1;
    return RS_OK;
}

static const struct name_row rv_names[] = {
    {"FindAt", read_find_at, false},
    {"PromptsOnly", read_prompts_only, false},
    {"Sort", read_sort, true},
};

/* ---- rc: ----------------------------------------------------------------------------------------- */

static rs_status read_toolbar(struct reader *r, rs_text value)
{
    url_parse_bool(value, &r->request->wants_toolbar);
    return RS_OK;
}

static rs_status read_parameter_area(struct reader *r, rs_text value)
{
    bool shown;

    if (rs_text_equal_nocase(value, RS_TEXT("Collapsed")))
        r->request->parameter_area = URL_PARAMETERS_COLLAPSED;
    else if (url_parse_bool(value, &shown))
        r->request->parameter_area = shown ? URL_PARAMETERS_SHOWN : URL_PARAMETERS_ABSENT;
    return RS_OK;
}

static rs_status read_section(struct reader *r, rs_text value)
{
    int64_t section;

    if (!rs_parse_int64(rs_text_trim(value), &section))
        return rs_fail(r->job, RS_INVALID, "rc:Section is \"%.*s\", not a page number",
                       RS_TEXT_ARG(rs_text_slice(value, 0, 40)));
    r->request->has_section = true;
    r->request->section = section < 0 ? 1 : section;
    return RS_OK;
}

static rs_status read_find(struct reader *r, rs_text value)
{
    r->request->find_text = value;
    return RS_OK;
}

/* Those that say which place is shown first are not kept in links to other pages. */
static const struct name_row rc_names[] = {
    {"Toolbar", read_toolbar, true},
    {"Parameters", read_parameter_area, true},
    {"Section", read_section, false},
    {"FindString", read_find, false},
    {"StartFind", accept, false},
    {"EndFind", accept, false},
    {"FallbackPage", accept, false},
    {"BookmarkID", accept, false},
    {"DocMapID", accept, false},
};

/* ---- the report's parameters --------------------------------------------------------------------- */

static struct input *find_input(struct reader *r, rs_text name)
{
    for (size_t i = 0; i < r->inputs.count; i++)
        if (rs_text_equal(r->inputs.items[i].name, name))
            return &r->inputs.items[i];
    struct input *input = rs_vec_add(r->job, &r->inputs);
    input->name = name;
    return input;
}

static bool ends_nocase(rs_text name, rs_text suffix)
{
    return name.size > suffix.size &&
           rs_text_equal_nocase(rs_text_from_offset(name, name.size - suffix.size), suffix);
}

static rs_status read_null(struct reader *r, struct input *input, rs_text value)
{
    if (!url_parse_bool(value, &input->is_null))
        return rs_fail(r->job, RS_INVALID, "%.*s:isnull is \"%.*s\", not true or false",
                       RS_TEXT_ARG(rs_text_slice(input->name, 0, 200)), RS_TEXT_ARG(rs_text_slice(value, 0, 40)));
    return RS_OK;
}

static rs_status read_choice(struct reader *r, struct input *input, rs_text value)
{
    if (rs_text_starts(value, RS_TEXT("=")))
        rs_vec_push(r->job, &input->values, rs_text_from_offset(value, 1));
    else
        input->is_null = true;
    return RS_OK;
}

static rs_status read_lines(struct reader *r, struct input *input, rs_text lines)
{
    rs_text line;

    while (lines.size > 0) {
        rs_text_cut(lines, '\n', &line, &lines);
        line = rs_text_trim(line);
        if (line.size > 0)
            rs_vec_push(r->job, &input->values, line);
    }
    return RS_OK;
}

static rs_status read_value(struct reader *r, struct input *input, rs_text value)
{
    rs_vec_push(r->job, &input->values, value);
    return RS_OK;
}

static rs_status read_parameter(struct reader *r, rs_text name, rs_text value)
{
    static const struct {
        rs_text suffix;
        rs_status (*read)(struct reader *r, struct input *input, rs_text value);
    } rows[] = {{{":isnull", 7}, read_null}, {{":choice", 7}, read_choice}, {{":lines", 6}, read_lines},
                {{"", 0}, read_value}};
    size_t row = 0;

    while (rows[row].suffix.size > 0 && !ends_nocase(name, rows[row].suffix))
        row++;
    return rows[row].read(r, find_input(r, rs_text_slice(name, 0, name.size - rows[row].suffix.size)), value);
}

/* ---- all of it ----------------------------------------------------------------------------------- */

static struct compute_credentials *credentials_of(struct reader *r, rs_text source)
{
    for (size_t i = 0; i < r->credentials.count; i++)
        if (rs_text_equal_nocase(r->credentials.items[i].source, source))
            return &r->credentials.items[i];
    struct compute_credentials *one = rs_vec_add(r->job, &r->credentials);
    one->source = source;
    one->user = one->password = RS_TEXT("");
    return one;
}

static bool cut_prefix(rs_text name, const char *prefix, rs_text *rest)
{
    rs_text p = rs_text_from(prefix);

    if (!rs_text_starts_nocase(name, p))
        return false;
    *rest = rs_text_from_offset(name, p.size);
    return true;
}

static const struct name_row *find_row(const struct name_row *rows, size_t count, rs_text name)
{
    for (size_t i = 0; i < count; i++)
        if (rs_text_equal_nocase(name, rs_text_from(rows[i].name)))
            return &rows[i];
    return NULL;
}

static rs_status read_pair(struct reader *r, const struct exchange_pair *pair)
{
    const struct name_row *row;
    rs_text name;

    if (cut_prefix(pair->name, "rs:", &name)) {
        row = find_row(rs_names, sizeof rs_names / sizeof rs_names[0], name);
        if (row && row->is_kept)
            rs_vec_push(r->job, &r->request->kept, *pair);
        return row ? row->read(r, pair->value) : RS_OK;
    }
    if (cut_prefix(pair->name, "rc:", &name)) {
        row = find_row(rc_names, sizeof rc_names / sizeof rc_names[0], name);
        rs_vec_push(r->job, &r->settings, (struct render_setting){name, pair->value});
        if (!row || row->is_kept)
            rs_vec_push(r->job, &r->request->kept, *pair);
        return row ? row->read(r, pair->value) : RS_OK;
    }
    if (cut_prefix(pair->name, "rv:", &name)) {
        row = find_row(rv_names, sizeof rv_names / sizeof rv_names[0], name);
        if (row && row->is_kept)
            rs_vec_push(r->job, &r->request->kept, *pair);
        return row ? row->read(r, pair->value) : RS_OK;
    }
    if (cut_prefix(pair->name, "dsu:", &name)) {
        if (r->in_form)
            credentials_of(r, name)->user = pair->value;
        return RS_OK;
    }
    if (cut_prefix(pair->name, "dsp:", &name)) {
        if (!r->in_form)
            return rs_fail(r->job, URL_CREDENTIALS,
                           "a password (dsp:%.*s) is not taken from an address, which histories and logs keep; send it by POST",
                           RS_TEXT_ARG(rs_text_slice(name, 0, 80)));
        credentials_of(r, name)->password = pair->value;
        return RS_OK;
    }
    rs_vec_push(r->job, &r->request->kept, *pair);
    return read_parameter(r, cut_prefix(pair->name, "rp:", &name) ? name : pair->name, pair->value);
}

static rs_status read_pairs(struct reader *r, const struct exchange_pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++) {
        const struct exchange_pair *pair = &pairs->items[i];
        if (pair->name.size > 0 && pair->name.bytes[0] == '/') {
            if (r->request->path.size == 0)
                r->request->path = pair->name;
            continue;
        }
        if (pair->name.size > 0 && !rs_text_equal(pair->name, RS_TEXT("token")))
            RS_TRY(read_pair(r, pair));
    }
    return RS_OK;
}

/* Links end in "/" now and then. */
static rs_text without_last_slash(rs_text path)
{
    while (path.size > 1 && path.bytes[path.size - 1] == '/')
        path.size--;
    return path;
}

rs_text url_parameter_name(rs_text name)
{
    ptrdiff_t colon;

    cut_prefix(name, "rp:", &name);
    colon = rs_text_find_byte(name, ':');
    return colon > 0 ? rs_text_slice(name, 0, (size_t)colon) : name;
}

rs_status url_request_read(struct exchange *x, rs_text path, struct url_request *out)
{
    struct reader r = {.job = x->job, .request = out};

    *out = (struct url_request){.path = path, .wants_toolbar = true, .find_at = 1};
    if (x->method == HTTP_POST)
        RS_TRY(exchange_read_form(x));
    RS_TRY(read_pairs(&r, &x->query));
    r.in_form = true;
    RS_TRY(read_pairs(&r, &x->form));
    out->path = out->path.size > 0 ? without_last_slash(out->path) : RS_TEXT("/");
    struct compute_input *inputs = RS_NEW_ARRAY(x->job, struct compute_input, r.inputs.count);
    size_t count = 0;
    for (size_t i = 0; i < r.inputs.count; i++) {
        const struct input *input = &r.inputs.items[i];
        if (!input->is_null && input->values.count == 0)
            continue; /* Name:isnull=false, or an empty text area */
        inputs[count++] = (struct compute_input){input->name, input->is_null ? NULL : input->values.items,
                                                 input->is_null ? 0 : input->values.count, input->is_null};
    }
    out->given.items = inputs;
    out->given.count = count;
    out->given.credentials = r.credentials.items;
    out->given.credential_count = r.credentials.count;
    if (out->toggles.size > 0)
        rs_vec_push(x->job, &r.settings, (struct render_setting){RENDER_TOGGLES, out->toggles});
    out->info = (struct render_device_info){r.settings.items, r.settings.count};
    return RS_OK;
}
