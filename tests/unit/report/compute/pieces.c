#include "unit.h"

#include "base/buf.h"
#include "pieces.h"

struct compute_run *pieces_open(struct rs_job *job, const char *definition, const struct compute_options *options)
{
    static const struct compute_options nothing;
    struct publish_report *report;
    struct compute_run *run;

    assert_ok(job, publish_open(job, rs_text_from(definition), NULL, &report));
    rs_job_at_end(job, (void (*)(void *))publish_unref, report);
    assert_ok(job, compute_open(job, report, options ? options : &nothing, &run));
    return run;
}

const struct rdl_item *pieces_item(struct compute_run *run, const char *name)
{
    const struct publish_report *report = compute_published(run);

    for (unsigned i = 0; i < report->definition->item_count; i++)
        if (rs_text_equal(report->items[i]->name, rs_text_from(name)))
            return report->items[i];
    fail_msg("there is no item %s", name);
    return NULL;
}

struct show {
    struct rs_job *job;
    struct compute_run *run;
    struct compute_tablix *tablix;
    rs_buf out;
};

typedef rs_status on_leaf(struct show *s, struct compute_place leaf, struct compute_place other);
static rs_status each_leaf(struct show *s, struct compute_place place, struct compute_place other, on_leaf *call);
static rs_status show_row(struct show *s, struct compute_place row, struct compute_place unused);

static rs_status add_cell(struct show *s, const struct compute_scope *scope, const struct rdl_cell *cell)
{
    struct compute_text text;

    if (!cell || !cell->item)
        return RS_OK;
    if (cell->item->kind == RDL_TABLIX) {
        struct compute_tablix *tablix, *outer = s->tablix;
        RS_TRY(compute_tablix_open(s->job, s->run, scope, cell->item, &tablix));
        s->tablix = tablix;
        rs_buf_add_literal(&s->out, "{");
        RS_TRY(each_leaf(s, compute_place_of(compute_root(tablix, COMPUTE_ROWS), 0), (struct compute_place){NULL, 0}, show_row));
        rs_buf_add_literal(&s->out, "}");
        s->tablix = outer;
        compute_tablix_close(tablix);
        return RS_OK;
    }
    RS_TRY(compute_textbox(s->job, s->run, scope, cell->item, &text));
    rs_buf_add(&s->out, text.text);
    return RS_OK;
}

static rs_status show_headers(struct show *s, struct compute_place place)
{
    struct compute_scope scope = compute_member_scope(s->tablix, place);

    if (place.node->parent)
        RS_TRY(show_headers(s, compute_place_of(place.node->parent, place.row)));
    if (!place.node->member || !place.node->member->header)
        return RS_OK;
    rs_buf_add_byte(&s->out, '[');
    RS_TRY(add_cell(s, &scope, place.node->member->header));
    rs_buf_add_byte(&s->out, ']');
    return RS_OK;
}

static rs_status each_leaf(struct show *s, struct compute_place place, struct compute_place other, on_leaf *call)
{
    struct compute_nodes children;
    bool hidden;

    RS_TRY(compute_member_hidden(s->job, s->run, s->tablix, place, &hidden));
    if (hidden)
        return RS_OK;
    if (place.node->member && place.node->member->members.count == 0)
        return call(s, place, other);
    RS_TRY(compute_children(s->job, s->tablix, place.node, &children));
    for (size_t i = 0; i < children.count; i++) {
        struct compute_node *child = children.items[i];
        if (child->kind == COMPUTE_DETAILS)
            for (size_t row = 0; row < child->count; row++)
                RS_TRY(each_leaf(s, compute_place_of(child, row), other, call));
        else
            RS_TRY(each_leaf(s, compute_place_of(child, place.row), other, call));
    }
    return RS_OK;
}

static rs_status show_cell(struct show *s, struct compute_place column, struct compute_place row)
{
    struct compute_scope scope = compute_cell_scope(s->tablix, row, column);

    rs_buf_add_byte(&s->out, '|');
    return add_cell(s, &scope, compute_cell(s->tablix, row.node, column.node));
}

static rs_status show_row(struct show *s, struct compute_place row, struct compute_place unused)
{
    (void)unused;
    RS_TRY(show_headers(s, row));
    RS_TRY(each_leaf(s, compute_place_of(compute_root(s->tablix, COMPUTE_COLUMNS), 0), row, show_cell));
    rs_buf_add_byte(&s->out, '\n');
    return RS_OK;
}

static rs_status show_column(struct show *s, struct compute_place column, struct compute_place unused)
{
    (void)unused;
    return show_headers(s, column);
}

rs_status pieces_show(struct rs_job *job, struct compute_run *run, const char *name, rs_text *out)
{
    struct show s = {job, run, NULL, rs_buf_in(job)};
    struct compute_place none = {NULL, 0};
    size_t before;

    RS_TRY(compute_tablix_open(job, run, &(struct compute_scope){0}, pieces_item(run, name), &s.tablix));
    before = s.out.used;
    RS_TRY(each_leaf(&s, compute_place_of(compute_root(s.tablix, COMPUTE_COLUMNS), 0), none, show_column));
    if (s.out.used > before)
        rs_buf_add_byte(&s.out, '\n');
    RS_TRY(each_leaf(&s, compute_place_of(compute_root(s.tablix, COMPUTE_ROWS), 0), none, show_row));
    *out = rs_buf_text(&s.out);
    return RS_OK;
}

rs_text pieces_table(struct rs_job *job, const char *definition, const char *name)
{
    struct compute_run *run = pieces_open(job, definition, NULL);
    rs_text text;

    assert_ok(job, compute_start(job, run));
    assert_ok(job, pieces_show(job, run, name, &text));
    return text;
}

rs_text pieces_text(struct rs_job *job, struct compute_run *run, const char *name)
{
    struct compute_text text;

    assert_ok(job, compute_textbox(job, run, &(struct compute_scope){0}, pieces_item(run, name), &text));
    return text.text;
}
