#include "report/rdl/reader.h"

#include <assert.h>
#include <math.h>

#define XSI RS_TEXT("http://www.w3.org/2001/XMLSchema-instance")

/* ---- messages ------------------------------------------------------------------------------- */

rs_status reader_fail(struct reader *r, const struct xml_node *node, const char *format, ...)
{
    va_list arguments;
    rs_text message;

    va_start(arguments, format);
    message = rs_text_vformat(r->job, format, arguments);
    va_end(arguments);
    return rs_fail(r->job, RDL_INVALID, "line %u: %.*s", node->line, RS_TEXT_ARG(message));
}

rs_status reader_over(struct reader *r, const struct xml_node *node, const char *what, size_t found, size_t most)
{
    return rs_fail(r->job, RDL_OVER_LIMIT, "line %u: <%.*s> has %zu %s; at most %zu are allowed", node->line,
                   RS_TEXT_ARG(node->name), found, what, most);
}

static const char *const kind_names[] = {
    [RDL_LINE] = "line", [RDL_RECTANGLE] = "rectangle", [RDL_TEXTBOX] = "textbox", [RDL_IMAGE] = "image",
    [RDL_TABLIX] = "tablix", [RDL_SUBREPORT] = "subreport", [RDL_CHART] = "chart", [RDL_GAUGE_PANEL] = "gauge panel",
    [RDL_MAP] = "map", [RDL_CUSTOM] = "custom report item",
};

const char *rdl_item_kind_name(enum rdl_item_kind kind)
{
    return kind_names[kind];
}

void reader_note(struct reader *r, enum rdl_note_kind kind, const struct xml_node *node, const char *format, ...)
{
    struct rdl_note note = {.kind = kind, .line = node->line};
    va_list arguments;

    if (r->notes.count >= RDL_NOTES_MAX)
        return;
    note.element = rs_text_copy(r->job, node->name);
    if (r->item)
        note.item = rs_text_format(r->job, "%s \"%.*s\"", kind_names[r->item->kind], RS_TEXT_ARG(r->item->name));
    va_start(arguments, format);
    note.message = rs_text_vformat(r->job, format, arguments);
    va_end(arguments);
    rs_vec_push(r->job, &r->notes, note);
}

/* ---- nodes ---------------------------------------------------------------------------------- */

bool reader_is_rdl(const struct reader *r, const struct xml_node *node)
{
    return node->namespace_uri.bytes == r->rdl_namespace.bytes || rs_text_equal(node->namespace_uri, r->rdl_namespace);
}

const struct xml_node *reader_child(const struct reader *r, const struct xml_node *node, const char *name)
{
    reader_each (r, child, node, name)
        return child;
    return NULL;
}

size_t reader_count(const struct reader *r, const struct xml_node *node, const char *name)
{
    size_t count = 0;

    reader_each (r, child, node, name)
        count++;
    return count;
}

rs_text reader_attribute(const struct xml_node *node, const char *name)
{
    const struct xml_attribute *attribute = xml_attribute(node, name);

    return attribute ? rs_text_trim(attribute->value) : RS_TEXT("");
}

/* The XML tree lives in the reading job too, so texts are borrowed from it. */
rs_text reader_keep(struct reader *r, rs_text t)
{
    (void)r;
    return rs_text_trim(t);
}

/* ---- values --------------------------------------------------------------------------------- */

static rs_status reader_expr_typed(struct reader *r, const struct xml_node *node, struct rdl_expr *out, uint8_t type,
                            const char *property)
{
    const struct xml_attribute *nil = xml_attribute_in(node, XSI, "nil");
    rs_text text = node->text, head = rs_text_trim(text);

    if (r->expr_count >= RDL_EXPRS_MAX)
        return reader_over(r, node, "values in the report before it", r->expr_count, RDL_EXPRS_MAX);
    *out = (struct rdl_expr){.text = text, .present = true, .property = property, .line = node->line,
                             .id = r->expr_count++};
    out->data_type = (uint8_t)rdl_keyword_parse(rdl_data_types, reader_attribute(node, "DataType"), type);
    out->is_nil = nil && rdl_keyword_parse(rdl_booleans, nil->value, 0);
    /* White space before the '=' does not make a constant of it; EvaluationMode="Constant" does. */
    if (head.size && head.bytes[0] == '=' &&
        !rs_text_equal_nocase(reader_attribute(node, "EvaluationMode"), RS_TEXT("Constant"))) {
        out->is_expression = true;
        out->text = rs_text_of(head.bytes + 1, (size_t)(text.bytes + text.size - (head.bytes + 1)));
    }
    return RS_OK;
}

rs_status reader_expr(struct reader *r, const struct xml_node *node, void *object)
{
    return reader_expr_typed(r, node, object, RDL_TYPE_NONE, rs_text_terminated(r->job, node->name));
}

rs_status reader_size(struct reader *r, const struct xml_node *node, bool is_signed, double *out_pt)
{
    double size;

    if (!rdl_size_parse(node->text, false, &size)) {
        if (!rdl_size_parse(node->text, true, &size))
            return reader_fail(r, node, "<%.*s> is \"%.*s\"; a size is a number and in, cm, mm, pt or pc",
                               RS_TEXT_ARG(node->name), RS_TEXT_ARG(rs_text_slice(node->text, 0, 60)));
        reader_note(r, RDL_NOTE_REPAIRED, node, "the size \"%.*s\" has no unit; read as points", RS_TEXT_ARG(node->text));
    }
    if (fabs(size) > RDL_LENGTH_MAX_PT)
        return rs_fail(r->job, RDL_OVER_LIMIT, "line %u: <%.*s> is \"%.*s\"; at most 160in is allowed", node->line,
                       RS_TEXT_ARG(node->name), RS_TEXT_ARG(rs_text_slice(node->text, 0, 60)));
    if (size < 0 && !is_signed) {
        reader_note(r, RDL_NOTE_REPAIRED, node, "the size \"%.*s\" is below zero; read as zero", RS_TEXT_ARG(node->text));
        size = 0;
    }
    *out_pt = size;
    return RS_OK;
}

static rs_status read_keyword(struct reader *r, const struct xml_node *node, const struct rdl_keyword *keywords, int *out)
{
    int value = rdl_keyword_parse(keywords, node->text, INT32_MIN);
    rs_buf allowed;

    if (value != INT32_MIN) {
        *out = value;
        return RS_OK;
    }
    if (rs_text_is_empty(rs_text_trim(node->text)))
        return RS_OK; /* an empty element is an absent one */
    allowed = rs_buf_in(r->job);
    for (const struct rdl_keyword *k = keywords; k->name; k++)
        rs_buf_printf(&allowed, "%s%s", k == keywords ? "" : ", ", k->name);
    return reader_fail(r, node, "<%.*s> is \"%.*s\"; it must be one of %.*s", RS_TEXT_ARG(node->name),
                       RS_TEXT_ARG(rs_text_slice(node->text, 0, 60)), RS_TEXT_ARG(rs_buf_text(&allowed)));
}

static rs_status read_bool(struct reader *r, const struct xml_node *node, bool *out)
{
    int value = *out;

    RS_TRY(read_keyword(r, node, rdl_booleans, &value));
    *out = value != 0;
    return RS_OK;
}

static rs_status read_number(struct reader *r, const struct xml_node *node, bool is_signed, void *out)
{
    int64_t number;
    double real;
    rs_text t = rs_text_trim(node->text);

    if (rs_text_is_empty(t))
        return RS_OK;
    if (!rs_parse_int64(t, &number)) {
        if (!rs_parse_double(t, &real) || real != floor(real) || fabs(real) > INT32_MAX)
            return reader_fail(r, node, "<%.*s> is \"%.*s\"; it must be a whole number", RS_TEXT_ARG(node->name),
                               RS_TEXT_ARG(rs_text_slice(t, 0, 60)));
        number = (int64_t)real;
    }
    if (number < (is_signed ? -INT32_MAX : 0) || number > INT32_MAX)
        return reader_fail(r, node, "<%.*s> is %.*s; that is too %s", RS_TEXT_ARG(node->name),
                           RS_TEXT_ARG(rs_text_slice(t, 0, 60)), number < 0 ? "small" : "large");
    if (is_signed)
        *(int *)out = (int)number;
    else
        *(unsigned *)out = (unsigned)number;
    return RS_OK;
}

/* ---- rows ----------------------------------------------------------------------------------- */

typedef RDL_LIST(char) any_list;

static rs_status read_list(struct reader *r, const struct xml_node *node, const struct row *row, any_list *list)
{
    size_t count = reader_count(r, node, row->child);
    void *items;

    if (count)
        RS_TRY(rs_try_alloc(r->job, count, row->item_size, &items));
    else
        items = NULL;
    list->items = items;
    list->count = 0;
    xml_each_child (child, node) {
        if (!reader_is_rdl(r, child))
            continue;
        if (!xml_is(child, row->child)) {
            reader_note(r, RDL_NOTE_UNKNOWN, child, "<%.*s> has no element <%.*s>; it is ignored",
                        RS_TEXT_ARG(node->name), RS_TEXT_ARG(child->name));
            continue;
        }
        RS_TRY(row->call(r, child, list->items + list->count * row->item_size));
        list->count++;
    }
    return RS_OK;
}

static rs_status read_row(struct reader *r, const struct xml_node *node, const struct row *row, void *object)
{
    void *at = (char *)object + row->offset;
    int number = 0;

    switch (row->kind) {
    case ROW_EXPR: return reader_expr_typed(r, node, at, row->type, row->element);
    case ROW_TEXT: *(rs_text *)at = reader_keep(r, node->text); return RS_OK;
    case ROW_BOOL: return read_bool(r, node, at);
    case ROW_ENUM: return read_keyword(r, node, row->keywords, at);
    case ROW_SIZE: return reader_size(r, node, false, at);
    case ROW_SIGNED_SIZE: return reader_size(r, node, true, at);
    case ROW_UINT: return read_number(r, node, false, at);
    case ROW_INT: return read_number(r, node, true, at);
    case ROW_CALL:
    case ROW_REPEAT: return row->call(r, node, at);
    case ROW_LIST: return read_list(r, node, row, at);
    case ROW_FLAG:
        RS_TRY(read_keyword(r, node, row->keywords, &number));
        *(bool *)at = number != 0;
        return RS_OK;
    case ROW_SKIP:
    case ROW_END: break;
    }
    return RS_OK;
}

#define ROWS_MAX 96 /* of one table */

static const struct row *find_row(const struct row *rows, rs_text name)
{
    for (const struct row *row = rows; row->element; row++) {
        assert(row - rows < ROWS_MAX);
        if (reader_same(name, row->element))
            return row;
    }
    return NULL;
}

/* Whether the element of this row was there before; lists and parts are read once, so that nothing hangs in the air. */
static bool is_second(struct reader *r, const struct xml_node *node, const struct row *row, bool *seen)
{
    if (*seen && row->kind != ROW_REPEAT && row->kind != ROW_SKIP) {
        reader_note(r, RDL_NOTE_REPAIRED, node, "<%.*s> has a second <%.*s>; it is ignored", RS_TEXT_ARG(node->parent->name),
                    RS_TEXT_ARG(node->name));
        return true;
    }
    *seen = true;
    return false;
}

rs_status reader_rows(struct reader *r, const struct xml_node *node, void *object, const struct row *rows,
                      void *more, const struct row *more_rows)
{
    bool seen[2][ROWS_MAX] = {{false}};

    RS_TRY(rs_job_checkpoint(r->job));
    xml_each_child (child, node) {
        const struct row *row;
        bool second = false;
        if (!reader_is_rdl(r, child))
            continue;
        row = find_row(rows, child->name);
        if (!row && more_rows) {
            row = find_row(more_rows, child->name);
            second = true;
        }
        if (!row) {
            reader_note(r, RDL_NOTE_UNKNOWN, child, "<%.*s> has no element <%.*s>; it is ignored",
                        RS_TEXT_ARG(node->name), RS_TEXT_ARG(child->name));
            continue;
        }
        if (!is_second(r, child, row, &seen[second][row - (second ? more_rows : rows)]))
            RS_TRY(read_row(r, child, row, second ? more : object));
    }
    return RS_OK;
}
