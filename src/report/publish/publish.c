#include "report/publish/publish.h"

#include <assert.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "report/publish/publisher.h"
#include "report/rdl/read.h"

/* ---- publishing ----------------------------------------------------------------------------- */

static void add_note(struct publisher *p, const struct rdl_note *note, enum publish_severity severity)
{
    if (p->problems.count < PUBLISH_PROBLEMS_MAX)
        rs_vec_push(p->job, &p->problems,
                    (struct publish_problem){severity, note->line, note->item, note->element, note->code, note->message});
}

/* What the reader noticed: names that are taken or unknown refuse the report, the rest is told. */
static rs_status take_notes(struct publisher *p)
{
    static const enum publish_severity severities[] = {
        [RDL_NOTE_INVALID] = PUBLISH_ERROR, [RDL_NOTE_UNKNOWN] = PUBLISH_WARNING,
        [RDL_NOTE_UNSUPPORTED] = PUBLISH_UNSUPPORTED, [RDL_NOTE_REPAIRED] = PUBLISH_WARNING,
    };

    for (size_t i = 0; i < p->definition->notes.count; i++) {
        const struct rdl_note *note = &p->definition->notes.items[i];
        if (note->kind == RDL_NOTE_INVALID)
            RS_TRY(publish_problem(p, PUBLISH_REFERENCE, note->line, note->item, rs_text_terminated(p->job, note->element),
                                   rs_text_terminated(p->job, note->code), "%.*s", RS_TEXT_ARG(note->message)));
        else if (p->collect)
            add_note(p, note, severities[note->kind]);
    }
    return RS_OK;
}

static void prepare(struct publisher *p)
{
    const struct rdl_report *d = p->definition;
    struct rs_job *job = p->job;

    p->item_names = rs_map_create(job, RS_MAP_EXACT);
    p->copies = rs_map_create(job, RS_MAP_EXACT);
    p->variable_names = rs_map_create(job, RS_MAP_EXACT);
    p->used_parameters = RS_NEW_ARRAY(job, bool, d->parameters.count);
    p->scope_names = rs_map_create(job, RS_MAP_EXACT);
    p->parameter_names = rs_map_create(job, RS_MAP_EXACT);
    p->data_source_names = rs_map_create(job, RS_MAP_EXACT);
    p->items = RS_NEW_ARRAY(job, const struct rdl_item *, d->item_count);
    p->item_places = RS_NEW_ARRAY(job, struct publish_place, d->item_count);
    p->item_uses = RS_NEW_ARRAY(job, uint8_t, d->item_count);
    p->region_scopes = RS_NEW_ARRAY(job, const struct publish_scope *, d->item_count);
    p->member_places = RS_NEW_ARRAY(job, struct publish_place, d->member_count);
    p->group_scopes = RS_NEW_ARRAY(job, const struct publish_scope *, d->member_count);
    p->exprs = RS_NEW_ARRAY(job, struct publish_expr, d->expr_count);
    p->data_sets = RS_NEW_ARRAY(job, struct publish_data_set, d->data_sets.count);
    p->parameters = RS_NEW_ARRAY(job, struct publish_parameter, d->parameters.count);
    p->field_names = RS_NEW_ARRAY(job, struct rs_map *, d->data_sets.count);
    for (size_t i = 0; i < d->parameters.count; i++)
        rs_map_set(p->parameter_names, d->parameters.items[i].name, &d->parameters.items[i]);
    for (size_t i = 0; i < d->data_sources.count; i++)
        rs_map_set(p->data_source_names, d->data_sources.items[i].name, &d->data_sources.items[i]);
    for (size_t i = 0; i < d->data_sets.count; i++) {
        const struct rdl_data_set *set = &d->data_sets.items[i];
        p->data_sets[i].definition = set;
        p->field_names[i] = rs_map_create(job, RS_MAP_EXACT);
        for (size_t f = 0; f < set->fields.count; f++)
            rs_map_set(p->field_names[i], set->fields.items[f].name, &set->fields.items[f]);
    }
}

/* Every expression that no walk met (inside of items that are not supported) is an empty constant. */
static void fill_gaps(struct publisher *p)
{
    struct expr_program *nothing = expr_constant(p->job, value_null());

    for (unsigned i = 0; i < p->definition->expr_count; i++)
        if (!p->exprs[i].program)
            p->exprs[i].program = nothing;
}

static void link_scopes(struct publisher *p)
{
    for (size_t i = 0; i < p->aggregates.count; i++) {
        const struct publish_aggregate *a = &p->aggregates.items[i];
        if (a->over.row)
            rs_vec_push(p->job, &p->scope_aggregates[a->over.row->id], a->number);
        if (a->over.column)
            rs_vec_push(p->job, &p->scope_aggregates[a->over.column->id], a->number);
    }
    for (unsigned i = 0; i < p->scope_count; i++) {
        p->scopes[i].children = (publish_numbers){p->scope_children[i].items, p->scope_children[i].count};
        p->scopes[i].aggregates = (publish_numbers){p->scope_aggregates[i].items, p->scope_aggregates[i].count};
    }
}

static void hand_over(struct publisher *p)
{
    struct publish_report *r = p->report;

    r->code = p->code;
    r->exprs = p->exprs;
    r->scopes = p->scopes;
    r->scope_count = p->scope_count;
    r->aggregates = p->aggregates.items;
    r->aggregate_count = (unsigned)p->aggregates.count;
    r->lookups = p->lookups.items;
    r->lookup_count = (unsigned)p->lookups.count;
    r->variables = p->variables.items;
    r->variable_count = (unsigned)p->variables.count;
    r->user_sorts = p->user_sorts.items;
    r->user_sort_count = (unsigned)p->user_sorts.count;
    r->data_sets = p->data_sets;
    r->parameters = p->parameters;
    r->items = p->items;
    r->item_places = p->item_places;
    r->item_uses = p->item_uses;
    r->group_scopes = p->group_scopes;
    r->member_places = p->member_places;
    r->problems.items = p->problems.items;
    r->problems.count = p->problems.count;
    r->error_count = p->error_count;
}

static rs_status publish_into(struct rs_job *job, const struct rdl_report *definition, const struct publish_options *options,
                              struct publish_report *report)
{
    struct publisher p = {.job = job, .definition = definition, .report = report, .collect = options && options->collect};

    report->definition = definition;
    prepare(&p);
    RS_TRY(take_notes(&p));
    RS_TRY(publish_find_scopes(&p));
    RS_TRY(publish_compile_code(&p));
    RS_TRY(publish_walk(&p));
    fill_gaps(&p);
    link_scopes(&p);
    hand_over(&p);
    for (size_t i = 0; i < definition->data_sets.count; i++)
        publish_find_flow(job, report, &p.data_sets[i]);
    return RS_OK;
}

rs_status publish_report(struct rs_job *job, const struct rdl_report *definition, const struct publish_options *options,
                         struct publish_report **out)
{
    struct publish_report *report = RS_NEW(job, struct publish_report);

    RS_TRY(publish_into(job, definition, options, report));
    *out = report;
    return RS_OK;
}

/* ---- counted reports ------------------------------------------------------------------------ */

/* A report that owns the job whose memory it lives in; `report` comes first, so that one pointer is both. */
struct counted {
    struct publish_report report;
    struct rs_job *job;
    atomic_uint users;
};

static rs_status read_and_publish(struct rs_job *job, rs_text bytes, const struct publish_options *options,
                                  struct publish_report *report)
{
    struct rdl_report *definition;

    RS_TRY(rdl_read(job, bytes, &definition));
    return publish_into(job, definition, options, report);
}

rs_status publish_open(struct rs_job *job, rs_text bytes, const struct publish_options *options, struct publish_report **out)
{
    int64_t left_ms = rs_job_time_left_ms(job);
    struct rs_job_options own = {
        .memory_limit = options && options->memory_limit ? options->memory_limit : PUBLISH_MEMORY_MAX,
        .deadline_ms = left_ms == INT64_MAX ? 0 : rs_clock_steady_ms() + left_ms,
    };
    RS_OWNED(rs_job) inner = rs_job_create(&own);
    struct counted *counted = RS_NEW(inner, struct counted);

    RS_TRY(rs_job_checkpoint(job));
    if (read_and_publish(inner, bytes, options, &counted->report) != RS_OK)
        return rs_job_adopt(job, inner);
    rs_job_set_deadline(inner, 0);
    counted->job = rs_move(inner);
    atomic_init(&counted->users, 1);
    *out = &counted->report;
    return RS_OK;
}

struct publish_report *publish_ref(struct publish_report *report)
{
    struct counted *counted = (struct counted *)report;

    assert(counted->job);
    atomic_fetch_add(&counted->users, 1);
    return report;
}

void publish_unref(struct publish_report *report)
{
    struct counted *counted = (struct counted *)report;

    if (counted && atomic_fetch_sub(&counted->users, 1) == 1)
        rs_job_destroy(counted->job);
}

/* ---- scopes --------------------------------------------------------------------------------- */

const struct publish_scope *publish_scope_find(const struct publish_report *report, rs_text name)
{
    for (unsigned i = 0; i < report->scope_count; i++)
        if (rs_text_equal(report->scopes[i].name, name))
            return &report->scopes[i];
    return NULL;
}

bool publish_scope_contains(const struct publish_scope *outer, const struct publish_scope *inner)
{
    for (; inner; inner = inner->parent) {
        if (inner == outer)
            return true;
        for (const struct publish_scope *c = inner->column_parent; c && c->kind == PUBLISH_GROUP; c = c->parent)
            if (c == outer)
                return true;
    }
    return false;
}
