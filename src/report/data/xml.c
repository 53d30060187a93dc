/* The XML and ENTERDATA providers: a document as rows, by an element path.
 *
 * The document stands in the query (Query/XmlData), in the connection string, or in a file or
 * behind an address that the connection string names, or is the answer of a web service (xml_service.h). Every element that matches the last step of the path is a row; fields of the steps before it repeat.
 *
 * Two passes: the first finds the columns that the document gives (a step without a field list takes what there is),
 * the second writes the rows.
 */
#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "format/escape/base64.h"
#include "format/xml/parse.h"
#include "report/data/element_path.h"
#include "report/data/document.h"
#include "report/data/providers.h"
#include "report/data/xml_service.h"

struct xml_state {
    struct data_source source;
    bool inline_only; /* ENTERDATA: no files */
};

struct xml_column {
    rs_text name;
    struct data_path_field field;
    bool is_explicit;
    size_t column; /* of the writer */
};

struct xml_step {
    struct data_step step;
    RS_VEC(struct xml_column) columns;
    struct rs_map *found; /* without a field list: "@name" or "name" -> index in `columns` + 1 */
};

struct xml_reading {
    struct rs_job *job, *watch;
    const struct data_query *query;
    struct data_writer *writer;
    const struct xml_node *prefixes; /* the Query element, whose declarations prefixes use; NULL: names alone count */
    struct xml_step *steps;
    size_t step_count;
};

/* ---- the query -------------------------------------------------------------------------------------- */

struct xml_query {
    struct xml_node *query; /* the Query element; NULL where the text is an element path */
    struct xml_node *root;  /* of an inline document; NULL: the connection string's */
    bool calls;             /* a method of a web service, whose answer is the document */
    bool ignore_namespaces;
    rs_text path;
};

static struct xml_node *child_named(const struct xml_node *node, const char *name)
{
    xml_each_child(child, node)
        if (xml_is(child, name))
            return child;
    return NULL;
}

static rs_status query_read(struct rs_job *job, rs_text text, struct xml_query *out)
{
    struct xml_document *document;
    struct xml_node *data, *path;

    *out = (struct xml_query){.path = rs_text_trim(text)};
    if (out->path.size == 0 || out->path.bytes[0] != '<')
        return RS_OK;
    RS_TRY(xml_parse(job, out->path, NULL, &document));
    out->query = document->root;
    out->path = (rs_text){NULL, 0};
    if (!xml_is(out->query, "Query"))
        return rs_fail(job, DATA_QUERY, "the query is XML, but its root is <%.*s> and not <Query>",
                       RS_TEXT_ARG(out->query->name));
    out->calls = child_named(out->query, "Method") || child_named(out->query, "SoapAction");
    data = child_named(out->query, "XmlData");
    if (data && !(out->root = data->first_child))
        return rs_fail(job, DATA_QUERY, "the <XmlData> of the query holds no element");
    path = child_named(out->query, "ElementPath");
    if (path) {
        const struct xml_attribute *ignore = xml_attribute(path, "IgnoreNamespaces");
        out->path = rs_text_trim(path->text);
        out->ignore_namespaces = ignore && rs_text_equal_nocase(ignore->value, RS_TEXT("true"));
    }
    return RS_OK;
}

static rs_status document_outside(struct rs_job *job, struct rs_job *watch, const struct xml_state *state,
                                  const struct data_query *query, struct xml_query *parsed, struct xml_node **out)
{
    rs_text connect = rs_text_trim(state->source.connect_string);
    struct xml_document *document;
    rs_text bytes = connect;

    if (state->inline_only || rs_text_is_empty(connect))
        return rs_fail(job, DATA_QUERY, "the query has no <XmlData> and the connection string is empty: there is no document");
    if (parsed->calls)
        RS_TRY(xml_service_call(job, watch, &state->source, query, parsed->query, &bytes));
    else if (connect.bytes[0] != '<')
        RS_TRY(document_read(job, watch, &state->source, query, connect, &bytes));
    RS_TRY(xml_parse(job, bytes, NULL, &document));
    *out = document->root;
    return parsed->calls ? xml_service_result(job, document->root, out) : RS_OK;
}

/* The first path to a collection of leaves: downwards through the first child that has children itself; leaves that
 * repeat or carry attributes are rows, others are fields of the element around them. */
static void default_path(struct rs_job *job, const struct xml_node *root, struct xml_reading *reading)
{
    RS_VEC(struct xml_step) steps = {0};

    for (const struct xml_node *node = root; node;) {
        struct xml_step step = {.step = {.name = node->name}};
        const struct xml_node *next = NULL;
        rs_vec_push(job, &steps, step);
        xml_each_child(child, node)
            if (!next && child->first_child)
                next = child;
        if (!next && node->first_child && (node->first_child->attribute_count || xml_next_same(node->first_child)))
            next = node->first_child;
        node = next;
    }
    reading->steps = steps.items;
    reading->step_count = steps.count;
}

/* ---- matching --------------------------------------------------------------------------------------- */

static bool name_matches(const struct xml_reading *reading, const struct xml_node *node, rs_text prefix, rs_text name)
{
    rs_text uri;

    if (!rs_text_equal(node->name, name))
        return false;
    if (rs_text_is_empty(prefix) || !reading->prefixes)
        return true;
    return xml_prefix_uri(reading->prefixes, prefix, &uri) && rs_text_equal(uri, node->namespace_uri);
}

/* The content of a step with an encoding is a document of its own; it becomes the element's child, once. */
static rs_status decode_content(struct xml_reading *reading, struct xml_node *node, enum data_encoding encoding)
{
    struct xml_document *document;
    rs_text bytes = node->text;

    if (encoding == DATA_PLAIN || node->first_child || rs_text_is_empty(rs_text_trim(bytes)))
        return RS_OK;
    if (encoding == DATA_BASE64_ENCODED)
        RS_TRY(escape_base64_parse(reading->job, bytes, &bytes));
    RS_TRY(xml_parse(reading->job, bytes, NULL, &document));
    node->first_child = node->last_child = document->root;
    node->text = (rs_text){NULL, 0};
    document->root->parent = node;
    return RS_OK;
}

static const struct xml_node *find_child(const struct xml_reading *reading, const struct xml_node *node,
                                         const struct data_path_field *field)
{
    xml_each_child(child, node)
        if (name_matches(reading, child, field->prefix, field->name))
            return child;
    return NULL;
}

static bool field_value(const struct xml_reading *reading, const struct xml_node *node,
                        const struct data_path_field *field, rs_text *out)
{
    if (rs_text_is_empty(field->name)) {
        *out = node->text;
        return true;
    }
    if (field->is_attribute) {
        for (size_t i = 0; i < node->attribute_count; i++)
            if (rs_text_equal(node->attributes[i].name, field->name)) {
                *out = node->attributes[i].value;
                return true;
            }
        return false;
    }
    const struct xml_node *child = find_child(reading, node, field);
    if (child)
        *out = child->text;
    return child;
}

/* ---- first pass: columns ---------------------------------------------------------------------------- */

static void found_column(struct xml_reading *reading, struct xml_step *step, rs_text name, bool is_attribute, bool is_value)
{
    rs_text key = is_attribute ? rs_text_format(reading->job, "@%.*s", RS_TEXT_ARG(name)) : name;

    if (!step->found)
        step->found = rs_map_create(reading->job, RS_MAP_EXACT);
    if (rs_map_has(step->found, key))
        return;
    struct xml_column *column = rs_vec_add(reading->job, &step->columns);
    column->name = name;
    column->field.name = is_value ? (rs_text){NULL, 0} : name;
    column->field.is_attribute = is_attribute || is_value;
    rs_map_set(step->found, key, (void *)(uintptr_t)step->columns.count);
}

/* What a step without a field list finds in one element, but for the elements of the next step. A last step also gives
 * the element's own text. */
static void find_columns(struct xml_reading *reading, struct xml_step *step, const struct xml_node *node,
                         const struct data_step *next)
{
    for (size_t i = 0; i < node->attribute_count; i++)
        found_column(reading, step, node->attributes[i].name, true, false);
    xml_each_child(child, node)
        if (!child->first_child && !(next && name_matches(reading, child, next->prefix, next->name)))
            found_column(reading, step, child->name, false, false);
    if (!next && !node->first_child && !rs_text_is_empty(node->text))
        found_column(reading, step, node->name, false, true);
}

static void explicit_columns(struct xml_reading *reading, struct xml_step *step)
{
    for (size_t i = 0; i < step->step.field_count; i++) {
        struct xml_column *column = rs_vec_add(reading->job, &step->columns);
        column->field = step->step.fields[i];
        column->name = rs_text_is_empty(column->field.name) ? step->step.name : column->field.name;
        column->is_explicit = true;
    }
}

static bool name_is_taken(const struct xml_reading *reading, size_t step, rs_text name, bool want_explicit, bool below)
{
    size_t from = below ? step + 1 : 0, until = below ? reading->step_count : step;

    for (size_t s = from; s < until; s++)
        for (size_t i = 0; i < reading->steps[s].columns.count; i++)
            if (reading->steps[s].columns.items[i].is_explicit == want_explicit &&
                rs_text_equal(reading->steps[s].columns.items[i].name, name))
                return true;
    return false;
}

/* Of equal names the one that the path names itself is written Element.Name; among found ones the outer is. */
static rs_status name_columns(struct xml_reading *reading)
{
    for (size_t s = 0; s < reading->step_count; s++) {
        struct xml_step *step = &reading->steps[s];
        for (size_t i = 0; i < step->columns.count; i++) {
            struct xml_column *column = &step->columns.items[i];
            rs_text name = column->name;
            bool qualified = column->is_explicit ? name_is_taken(reading, s, name, false, false) ||
                                                       name_is_taken(reading, s, name, true, true)
                                                 : name_is_taken(reading, s, name, false, true);
            if (qualified)
                name = rs_text_format(reading->job, "%.*s.%.*s", RS_TEXT_ARG(step->step.name), RS_TEXT_ARG(name));
            enum value_kind kind = data_field_kind(reading->query, name);
            if (kind == VALUE_NULL)
                kind = (enum value_kind)column->field.kind;
            RS_TRY(data_writer_column(reading->job, reading->writer, name, kind, &column->column));
        }
    }
    return RS_OK;
}

/* ---- walking ---------------------------------------------------------------------------------------- */

enum xml_pass { XML_COLUMNS, XML_ROWS };

static void add_fields(struct xml_reading *reading, const struct xml_node *const *path)
{
    rs_text text;

    for (size_t s = 0; s < reading->step_count; s++)
        for (size_t i = 0; i < reading->steps[s].columns.count; i++) {
            const struct xml_column *column = &reading->steps[s].columns.items[i];
            if (field_value(reading, path[s], &column->field, &text))
                data_writer_add_text(reading->writer, column->column, text);
        }
}

static rs_status walk(struct xml_reading *reading, enum xml_pass pass, struct xml_node *node, size_t depth,
                      const struct xml_node **path)
{
    struct xml_step *step = &reading->steps[depth];
    bool is_last = depth + 1 == reading->step_count;

    RS_TRY(data_checkpoint(reading->job, reading->watch));
    RS_TRY(decode_content(reading, node, step->step.encoding));
    path[depth] = node;
    if (pass == XML_COLUMNS && !step->step.has_fields)
        find_columns(reading, step, node, is_last ? NULL : &step[1].step);
    if (is_last) {
        if (pass == XML_COLUMNS)
            return RS_OK;
        add_fields(reading, path);
        return data_writer_end_row(reading->job, reading->writer);
    }
    const struct data_step *next = &reading->steps[depth + 1].step;
    for (struct xml_node *child = node->first_child; child; child = child->next)
        if (name_matches(reading, child, next->prefix, next->name))
            RS_TRY(walk(reading, pass, child, depth + 1, path));
    return RS_OK;
}

/* A path may begin at the root element or below it. */
static rs_status walk_document(struct xml_reading *reading, enum xml_pass pass, struct xml_node *root)
{
    const struct xml_node *path[DATA_STEPS_MAX];
    const struct data_step *first = &reading->steps[0].step;

    if (name_matches(reading, root, first->prefix, first->name))
        return walk(reading, pass, root, 0, path);
    for (struct xml_node *child = root->first_child; child; child = child->next)
        if (name_matches(reading, child, first->prefix, first->name))
            RS_TRY(walk(reading, pass, child, 0, path));
    return RS_OK;
}

static rs_status use_path(struct xml_reading *reading, rs_text text, const struct xml_node *root)
{
    struct data_path path;

    RS_TRY(data_path_parse(reading->job, text, &path));
    if (path.step_count == 0) {
        default_path(reading->job, root, reading);
        if (reading->step_count > DATA_STEPS_MAX)
            return rs_fail(reading->job, DATA_QUERY, "the document nests deeper than %u elements", DATA_STEPS_MAX);
        return RS_OK;
    }
    reading->steps = RS_NEW_ARRAY(reading->job, struct xml_step, path.step_count);
    reading->step_count = path.step_count;
    for (size_t i = 0; i < path.step_count; i++) {
        reading->steps[i].step = path.steps[i];
        explicit_columns(reading, &reading->steps[i]);
    }
    return RS_OK;
}

static rs_status xml_read(struct rs_job *part, struct rs_job *watch, const struct xml_state *state,
                          const struct data_query *query, struct data_writer *writer)
{
    struct xml_query parsed;
    struct xml_reading reading = {.job = part, .watch = watch, .query = query, .writer = writer};
    struct xml_node *root;

    RS_TRY(query_read(part, query->text, &parsed));
    root = parsed.root;
    if (!root)
        RS_TRY(document_outside(part, watch, state, query, &parsed, &root));
    reading.prefixes = parsed.query && !parsed.ignore_namespaces ? parsed.query : NULL;
    RS_TRY(use_path(&reading, parsed.path, root));
    RS_TRY(walk_document(&reading, XML_COLUMNS, root));
    RS_TRY(name_columns(&reading));
    return walk_document(&reading, XML_ROWS, root);
}

/* The document needs several times the memory of its rows: it is read in a job of its own and given back. */
static rs_status xml_execute(struct rs_job *job, struct rs_job *watch, void *state, const struct data_query *query,
                             struct data_writer *writer)
{
    RS_OWNED(rs_job) part = rs_job_create(&(struct rs_job_options){.within = job});

    if (xml_read(part, watch == job ? part : watch, state, query, writer) != RS_OK)
        return rs_job_adopt(job, part);
    return RS_OK;
}

static rs_status xml_open_source(struct rs_job *job, const struct data_source *source, void **out)
{
    struct xml_state *state = RS_NEW(job, struct xml_state);

    state->source = *source;
    state->inline_only = rs_text_equal_nocase(source->provider, RS_TEXT("ENTERDATA"));
    *out = state;
    return RS_OK;
}

const struct data_provider data_xml = {.ignores = DATA_IGNORES_ALL, .open = xml_open_source, .execute = xml_execute};
const struct data_provider data_enterdata = {.ignores = DATA_IGNORES_ALL, .open = xml_open_source, .execute = xml_execute};
