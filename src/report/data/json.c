/* The JSON provider: values of a document as rows, by a path.
 *
 * The document stands in the query, in the connection string, in a file or behind an address. Each value that the path
 * finds is a row, an array that it ends at one for each of its items. Members are columns; those of objects inside are
 * named by their path ("Address.City"), and a field may also write it Address_City. Arrays inside a row are their text.
 */
#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "format/json/json.h"
#include "report/data/document.h"
#include "report/data/json_path.h"
#include "report/data/providers.h"

#define LEVELS_MAX 16 /* of objects inside a row that become columns */

struct json_state {
    struct data_source source;
    struct data_settings settings;
    rs_text place;
};

struct json_reading {
    struct rs_job *job, *watch;
    const struct data_query *query;
    struct data_writer *writer;
    struct rs_map *columns; /* path of a member -> index in the writer + 1 */
    struct rs_job *scratch; /* of one row */
};

/* ---- columns ---------------------------------------------------------------------------------------- */

static bool same_path(rs_text field, rs_text path)
{
    if (field.size != path.size)
        return false;
    for (size_t i = 0; i < path.size; i++)
        if (rs_lower(field.bytes[i]) != rs_lower(path.bytes[i]) && !(path.bytes[i] == '.' && field.bytes[i] == '_'))
            return false;
    return true;
}

/* As a field of the data set spells it, where one is this path: "$.Address.City", "Address_City". */
static rs_text spelled(const struct data_query *query, rs_text path)
{
    for (size_t i = 0; i < query->field_count; i++) {
        rs_text field = query->fields[i].column;
        if (same_path(rs_text_starts(field, RS_TEXT("$.")) ? rs_text_from_offset(field, 2) : field, path))
            return field;
    }
    return path;
}

static rs_status column_of(struct json_reading *reading, rs_text path, size_t *out)
{
    void *known = rs_map_find(reading->columns, path);

    if (known) {
        *out = (size_t)(uintptr_t)known - 1;
        return RS_OK;
    }
    rs_text name = spelled(reading->query, path);
    RS_TRY(data_writer_column(reading->job, reading->writer, name, data_field_kind(reading->query, name), out));
    rs_map_set(reading->columns, rs_text_copy(reading->job, path), (void *)(uintptr_t)(*out + 1));
    return RS_OK;
}

/* ---- rows ------------------------------------------------------------------------------------------- */

static int add_piece(const char *bytes, size_t size, void *buf)
{
    rs_buf_add(buf, rs_text_of(bytes, size));
    return 0;
}

/* 15 digits give back the decimals that were written: 19.99, not 19.989999999999998. */
static struct value inner_text(struct rs_job *scratch, const json_t *json)
{
    rs_buf text = rs_buf_in(scratch);

    json_dump_callback(json, add_piece, &text, JSON_COMPACT | JSON_REAL_PRECISION(15));
    return value_text(rs_buf_text(&text));
}

static struct value value_of(struct rs_job *scratch, const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_TRUE: case JSON_FALSE: return value_boolean(json_is_true(json));
    case JSON_INTEGER: return value_long(json_integer_value(json));
    case JSON_REAL: return value_double(json_real_value(json));
    case JSON_STRING: return value_text(json_to_text(json));
    case JSON_NULL: return value_null();
    default: return inner_text(scratch, json);
    }
}

static rs_status add_value(struct json_reading *reading, rs_text path, json_t *json, int level)
{
    const char *key;
    json_t *member;
    size_t column;

    if (!json_is_object(json) || level == LEVELS_MAX) {
        RS_TRY(column_of(reading, path, &column));
        data_writer_add(reading->writer, column, value_of(reading->scratch, json));
        return RS_OK;
    }
    json_object_foreach(json, key, member) {
        rs_text name = rs_text_from(key);
        if (path.size)
            name = rs_text_format(reading->scratch, "%.*s.%s", RS_TEXT_ARG(path), key);
        RS_TRY(add_value(reading, name, member, level + 1));
    }
    return RS_OK;
}

static rs_status add_row(struct json_reading *reading, json_t *json)
{
    struct rs_mark mark = rs_job_mark(reading->scratch);

    RS_TRY(data_checkpoint(reading->job, reading->watch));
    RS_TRY(add_value(reading, json_is_object(json) ? RS_TEXT("") : RS_TEXT("Value"), json, 0));
    rs_job_reset(reading->scratch, mark);
    return data_writer_end_row(reading->job, reading->writer);
}

static rs_status add_rows(struct json_reading *reading, json_t *json)
{
    json_t *item;
    size_t i;

    if (!json_is_array(json))
        return add_row(reading, json);
    json_array_foreach(json, i, item)
        RS_TRY(add_row(reading, item));
    return RS_OK;
}

static rs_status follow(struct json_reading *reading, const struct json_path *path, size_t at, json_t *json);

/* Every member of that name, at any depth; jansson's own depth is limited by format/json. */
static rs_status follow_below(struct json_reading *reading, const struct json_path *path, size_t at, json_t *json)
{
    const char *key;
    json_t *item;
    size_t i;

    RS_TRY(data_checkpoint(reading->job, reading->watch));
    if (json_is_object(json)) {
        json_object_foreach(json, key, item) {
            if (rs_text_equal(rs_text_from(key), path->steps[at].name))
                RS_TRY(follow(reading, path, at + 1, item));
            RS_TRY(follow_below(reading, path, at, item));
        }
    } else if (json_is_array(json)) {
        json_array_foreach(json, i, item)
            RS_TRY(follow_below(reading, path, at, item));
    }
    return RS_OK;
}

static rs_status follow_all(struct json_reading *reading, const struct json_path *path, size_t at, json_t *json)
{
    const char *key;
    json_t *item;
    size_t i;

    if (json_is_object(json)) {
        json_object_foreach(json, key, item)
            RS_TRY(follow(reading, path, at + 1, item));
    } else if (json_is_array(json)) {
        json_array_foreach(json, i, item)
            RS_TRY(follow(reading, path, at + 1, item));
    }
    return RS_OK;
}

/* A name that meets an array goes to each of its items, as report authors write it: "orders.lines". */
static rs_status follow_name(struct json_reading *reading, const struct json_path *path, size_t at, json_t *json)
{
    rs_text name = path->steps[at].name;
    json_t *item;
    size_t i;

    if (json_is_array(json)) {
        json_array_foreach(json, i, item)
            RS_TRY(follow_name(reading, path, at, item));
        return RS_OK;
    }
    item = json_object_getn(json, name.bytes ? name.bytes : "", name.size);
    return item ? follow(reading, path, at + 1, item) : RS_OK;
}

static rs_status follow(struct json_reading *reading, const struct json_path *path, size_t at, json_t *json)
{
    if (at == path->count)
        return add_rows(reading, json);
    const struct json_step *step = &path->steps[at];
    int64_t index = step->index;

    switch (step->kind) {
    case JSON_STEP_BELOW:
        return follow_below(reading, path, at, json);
    case JSON_STEP_ALL:
        return follow_all(reading, path, at, json);
    case JSON_STEP_NAME:
        return follow_name(reading, path, at, json);
    default:
        index = index < 0 ? index + (int64_t)json_array_size(json) : index;
        json_t *item = index < 0 ? NULL : json_array_get(json, (size_t)index);
        return item ? follow(reading, path, at + 1, item) : RS_OK;
    }
}

/* Without a path: the document where it is an array, else its first member that is an array of objects, else itself. */
static json_t *default_rows(json_t *json)
{
    const char *key;
    json_t *member;

    if (json_is_object(json))
        json_object_foreach(json, key, member)
            if (json_is_array(member) && json_is_object(json_array_get(member, 0)))
                return member;
    return json;
}

/* ---- the document ----------------------------------------------------------------------------------- */

static bool is_document(rs_text text)
{
    rs_text t = rs_text_trim(text);

    return t.size && (t.bytes[0] == '{' || (t.bytes[0] == '[' && !(t.size > 1 && (t.bytes[1] == '*' || t.bytes[1] == '\''))));
}

/* The query is a path, or the document itself where the connection string has none; or "columns=...", which is what
 * fields say already. */
static rs_status find_document(struct rs_job *part, struct rs_job *watch, const struct json_state *state,
                               const struct data_query *query, rs_text *document, rs_text *path)
{
    rs_text connect = rs_text_trim(state->source.connect_string), bytes;

    *path = rs_text_trim(query->text);
    if (rs_text_starts_nocase(*path, RS_TEXT("columns=")))
        *path = RS_TEXT("");
    if (is_document(connect) || data_setting(&state->settings, RS_TEXT("JsonData"), &connect)) {
        *document = connect;
        return RS_OK;
    }
    if (rs_text_is_empty(state->place)) {
        if (!is_document(*path))
            return rs_fail(part, DATA_QUERY, "there is no JSON document: name a file or an address in the connection string, or "
                           "write it into the query");
        *document = *path;
        *path = RS_TEXT("");
        return RS_OK;
    }
    RS_TRY(document_read(part, watch, &state->source, query, state->place, &bytes));
    return document_text(part, bytes, RS_TEXT(""), document);
}

static rs_status json_read(struct rs_job *part, struct rs_job *watch, const struct json_state *state, const struct data_query *query,
                           struct data_writer *writer)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = part});
    struct json_reading reading = {.job = part, .watch = watch, .query = query, .writer = writer, .scratch = scratch};
    struct json_path path;
    rs_text document, text;
    json_t *root;

    RS_TRY(find_document(part, watch, state, query, &document, &text));
    RS_TRY(json_path_parse(part, text, &path));
    if (json_parse(part, document, DOCUMENT_FILE_MAX, &root) != RS_OK) {
        rs_text why = rs_text_copy(part, rs_job_message(part));
        rs_job_forgive(part);
        return rs_fail(part, DATA_QUERY, "%.*s", RS_TEXT_ARG(why));
    }
    reading.columns = rs_map_create(part, RS_MAP_EXACT);
    return path.count ? follow(&reading, &path, 0, root) : add_rows(&reading, default_rows(root));
}

/* The document needs several times the memory of its rows: it is read in a job of its own and given back. */
static rs_status json_execute(struct rs_job *job, struct rs_job *watch, void *state, const struct data_query *query,
                              struct data_writer *writer)
{
    RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = job});

    if (json_read(part, watch == job ? part : watch, state, query, writer) != RS_OK)
        return rs_job_adopt(job, part);
    return RS_OK;
}

static rs_status json_start(struct rs_job *job, const struct data_source *source, void **out)
{
    struct json_state *state = RS_NEW(job, struct json_state);

    state->source = *source;
    *out = state;
    if (is_document(source->connect_string))
        return RS_OK;
    return document_place(job, source->connect_string, &state->settings, &state->place);
}

const struct data_provider data_json = {.ignores = DATA_IGNORES_ALL, .open = json_start, .execute = json_execute};
