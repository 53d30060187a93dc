/* Rows that flow: from the data source through a region's details to the output, kept no longer than they are asked for.
 *
 *     data source --piece after piece--> filters --> aggregates --> has_row ... fields of rows ... let_go
 *
 * Whether a report's shape allows it was found when it was published (publish/flow.c); here whether this run does: the
 * renderer walks once, no reader sorts, the provider can. Otherwise the rows are kept, and nobody sees a difference.
 *
 * A row's number is its place among those that pass the filters.
 */
#include "base/vec.h"
#include "report/compute/internal.h"

struct piece {
    struct rs_job *memory;
    size_t first; /* number of its first row */
    struct value *cells;
    size_t row_count;        /* that passed */
    const struct value *running; /* compute_flow_running_count for each row */
};

struct compute_flow {
    struct data_flow *source;
    size_t width;
    struct compute_flow_calls *calls;                  /* NULL: there are none */
    struct compute_row_filters *of_data_set, *of_region; /* NULL: there are none; prepared when the first rows come */
    bool filters;
    RS_VEC(struct piece) pieces; /* those that were not let go; each has rows */
    size_t known;                /* rows that passed so far */
    bool more;
    size_t last_row;             /* the row asked for last, */
    const struct value *last;    /* and its values; NULL: none */
};

/* ---- pieces ----------------------------------------------------------------------------------------- */

static const rdl_filters *region_filters(const struct compute_data *data)
{
    return &data->published->flows_to->tablix->filters;
}

static rs_status prepare_filters(struct rs_job *job, struct compute_run *run, struct compute_data *data)
{
    struct compute_flow *flow = data->flow;
    rs_status status = compute_row_filters_prepare(run->memory, run, data, &data->published->definition->filters, &flow->of_data_set);

    if (status == RS_OK)
        status = compute_row_filters_prepare(run->memory, run, data, region_filters(data), &flow->of_region);
    return compute_adopt(job, run, status);
}

/* Row `row`, which stands at its place in the result still; *passes: it stays. */
static rs_status pass_row(struct rs_job *scratch, struct compute_flow *flow, size_t row, struct piece *piece, struct value *running,
                          bool *passes)
{
    const struct value *cells = piece->cells + (row - piece->first) * flow->width;

    flow->last = NULL;
    if (flow->filters)
        RS_TRY(compute_row_passes(scratch, flow->of_data_set, row, passes));
    if (!*passes)
        return RS_OK;
    RS_TRY(compute_flow_calls_add(scratch, flow->calls, row, cells, false, piece->memory, NULL));
    if (flow->filters)
        RS_TRY(compute_row_passes(scratch, flow->of_region, row, passes));
    return *passes ? compute_flow_calls_add(scratch, flow->calls, row, cells, true, piece->memory, running) : RS_OK;
}

/* The rows of the last piece, which move together. */
static rs_status pass_rows(struct rs_job *job, struct compute_flow *flow, struct piece *piece)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
    struct rs_mark mark = rs_job_mark(scratch);
    size_t came = piece->row_count, left = 0, each = compute_flow_running_count(flow->calls);
    struct value *running = RS_NEW_ARRAY(piece->memory, struct value, came * each + 1);

    for (size_t i = 0; i < came; i++) {
        bool passes = true;
        if (pass_row(scratch, flow, piece->first + i, piece, running + left * each, &passes) != RS_OK)
            return rs_job_adopt(job, scratch);
        rs_job_reset(scratch, mark);
        if (!passes)
            continue;
        if (left < i)
            memcpy(piece->cells + left * flow->width, piece->cells + i * flow->width, flow->width * sizeof *piece->cells);
        left++;
    }
    flow->last = NULL;
    piece->row_count = left;
    piece->running = running;
    return RS_OK;
}

/* Where it failed, unless that was told. */
static rs_status within_data_set(struct rs_job *job, const struct compute_data *data, rs_status status)
{
    if (status != RS_OK && rs_text_find(rs_job_where(job), RS_TEXT("data set")) < 0)
        rs_within(job, "data set \"%.*s\"", RS_TEXT_ARG(data->published->definition->name));
    return status;
}

static rs_status read_piece(struct rs_job *job, struct compute_run *run, struct compute_data *data)
{
    RS_OWNED(rs_job) memory = rs_job_create(&(struct rs_job_options){.within = run->memory});
    struct compute_flow *flow = data->flow;
    struct data_piece came;
    struct piece *piece;

    if (data_flow_read(memory, flow->source, &came, &flow->more) != RS_OK)
        return rs_job_adopt(job, memory);
    if (came.row_count) {
        piece = rs_vec_add(run->memory, &flow->pieces);
        *piece = (struct piece){.memory = rs_move(memory), .first = flow->known, .cells = came.cells, .row_count = came.row_count};
        if (flow->filters && !flow->of_region)
            RS_TRY(within_data_set(job, data, prepare_filters(job, run, data)));
        if (flow->filters || flow->calls)
            RS_TRY(within_data_set(job, data, pass_rows(job, flow, piece)));
        flow->known += piece->row_count;
        if (!piece->row_count)
            rs_job_destroy(flow->pieces.items[--flow->pieces.count].memory);
    }
    return rs_job_checkpoint(job);
}

/* The piece that has the row; NULL where it was let go. There are few, and the last is asked most. */
static const struct piece *piece_of(const struct compute_flow *flow, size_t row)
{
    for (size_t i = flow->pieces.count; i-- > 0;)
        if (row >= flow->pieces.items[i].first)
            return &flow->pieces.items[i];
    return NULL;
}

/* NULL where the row was let go. */
static const struct value *cells_of(struct compute_flow *flow, size_t row)
{
    const struct piece *piece;

    if (flow->last && flow->last_row == row)
        return flow->last;
    piece = piece_of(flow, row);
    if (!piece)
        return NULL;
    flow->last_row = row;
    flow->last = piece->cells + (row - piece->first) * flow->width;
    return flow->last;
}

rs_status compute_flow_has_row(struct rs_job *job, struct compute_tablix *t, struct compute_node *node, size_t row, bool *has)
{
    struct compute_flow *flow = t->data->flow;

    while (row >= flow->known && flow->more)
        RS_TRY(read_piece(job, t->run, t->data));
    node->count = flow->known;
    node->state->count = (uint32_t)flow->known;
    *has = row < flow->known;
    return RS_OK;
}

/* The row before stays: Previous looks at it. */
void compute_flow_let_go(struct compute_tablix *t, size_t row)
{
    struct compute_flow *flow = t->data->flow;
    size_t count = 0;

    while (count + 1 < flow->pieces.count && row > flow->pieces.items[count + 1].first)
        count++;
    if (!count)
        return;
    for (size_t i = 0; i < count; i++)
        rs_job_destroy(flow->pieces.items[i].memory);
    flow->pieces.count -= count;
    memmove(flow->pieces.items, flow->pieces.items + count, flow->pieces.count * sizeof *flow->pieces.items);
    flow->last = NULL;
}

static void flow_end(void *object)
{
    struct compute_flow *flow = object;

    for (size_t i = 0; i < flow->pieces.count; i++)
        rs_job_destroy(flow->pieces.items[i].memory);
}

/* ---- opening ---------------------------------------------------------------------------------------- */

static bool has_filters(const struct compute_data *data)
{
    return data->published->definition->filters.count || region_filters(data)->count;
}

static bool may_flow(const struct compute_run *run, const struct compute_data *data)
{
    return run->walk != COMPUTE_WALKS_ANYHOW && !run->options.keep_rows && !run->options.sort_count && run->outermost == run &&
           data->state == COMPUTE_NOT_FETCHED && data->published->flows_to &&
           (run->walk == COMPUTE_WALKS_DOWN || !data->published->totals_follow) &&
           !(run->options.sample_data && has_filters(data)); /* which pass all rows where they would leave none */
}

static void bind_columns(struct compute_run *run, struct compute_data *data, const struct data_flow *source)
{
    const struct rdl_data_set *definition = data->published->definition;

    data->fields = RS_NEW_ARRAY(run->memory, struct compute_lazy_column, definition->fields.count + 1);
    data->columns = RS_NEW_ARRAY(run->memory, ptrdiff_t, definition->fields.count + 1);
    for (size_t i = 0; i < definition->fields.count; i++)
        data->columns[i] = definition->fields.items[i].value.present
                               ? -1 : data_flow_column(source, definition->fields.items[i].data_field);
}

/* What else the report needs is fetched first: then the data source has nothing else to do while rows flow. Other rows that
 * may flow wait, but those of one transaction, which has one connection. */
static rs_status fetch_others(struct rs_job *job, struct compute_run *run, const struct compute_data *but)
{
    for (size_t i = 0; i < run->report->definition->data_sets.count; i++) {
        struct compute_data *data = &run->data[i];
        if (data != but && data->published->is_used && !data->flow &&
            (!data->published->flows_to || compute_in_transaction(run, data)))
            RS_TRY(compute_data_ready(job, run, data));
    }
    return RS_OK;
}

/* data->flow stays NULL where its rows have to be kept. */
static rs_status begin_flow(struct rs_job *job, struct compute_run *run, struct compute_data *data)
{
    struct data_flow *source = NULL;
    struct compute_flow *flow;

    if (data->flow || !may_flow(run, data))
        return RS_OK;
    RS_TRY(fetch_others(job, run, data));
    RS_TRY(within_data_set(job, data, compute_adopt(job, run, compute_data_begin(run, data, &source))));
    if (!source)
        return RS_OK;
    flow = RS_NEW(run->memory, struct compute_flow);
    rs_job_at_end(run->memory, flow_end, flow);
    flow->source = source;
    flow->width = data_flow_width(source);
    flow->filters = has_filters(data);
    flow->more = true;
    bind_columns(run, data, source);
    flow->calls = compute_flow_calls_create(run, data);
    data->flow = flow;
    while (!flow->known && flow->more) /* whether there is a row at all is asked first */
        RS_TRY(read_piece(job, run, data));
    return RS_OK;
}

rs_status compute_flow_open(struct rs_job *job, struct compute_tablix *t)
{
    if (t->outer.tablix || t->data->published->flows_to != t->item)
        return RS_OK;
    RS_TRY(begin_flow(job, t->run, t->data));
    t->flows = t->data->flow != NULL;
    if (t->flows)
        t->rows.count = t->data->flow->known;
    return RS_OK;
}

rs_status compute_begin(struct rs_job *job, struct compute_run *run, enum compute_walk walk)
{
    run->walk = walk;
    for (size_t i = 0; run->options.asks_first && i < run->report->definition->data_sets.count; i++) {
        struct compute_data *data = &run->data[i];
        if (!data->published->is_used)
            continue;
        RS_TRY(begin_flow(job, run, data));
        if (!data->flow)
            RS_TRY(compute_data_ready(job, run, data));
    }
    return RS_OK;
}

/* ---- fields ----------------------------------------------------------------------------------------- */

bool compute_flow_quick(const struct compute_data *data, int slot, size_t row, struct value *out)
{
    const struct value *cells = cells_of(data->flow, row);

    if (!cells || data->columns[slot] < 0)
        return false;
    *out = cells[data->columns[slot]];
    return true;
}

struct value compute_flow_as_kept(struct rs_job *job, struct value v)
{
    if (v.kind == VALUE_NULL)
        v.flags |= VALUE_IS_DBNULL;
    if (v.kind != VALUE_TEXT)
        return v;
    return value_text(rs_text_repaired(job, value_bytes(v)));
}

static rs_status calculated(struct rs_job *job, struct compute_run *run, struct compute_data *data, int slot, size_t row,
                            struct value *out)
{
    const struct rdl_field *field = &data->published->definition->fields.items[slot];
    struct compute_lazy_column *lazy = &data->fields[slot];
    struct compute_context context = compute_context_row(run, data, row);

    if (lazy->state == COMPUTE_BUSY) {
        *out = value_error(RS_TEXT("a calculated field that depends on itself"));
        return RS_OK;
    }
    lazy->state = COMPUTE_BUSY;
    context.row_only = true;
    rs_status status = compute_eval_program(job, &context, publish_program(run->report, &field->value), out);
    lazy->state = COMPUTE_NOT_FETCHED;
    RS_TRY(status);
    *out = context.refused ? value_error(RS_TEXT("a calculated field may depend on its row only")) : compute_flow_as_kept(job, *out);
    return RS_OK;
}

static rs_status was_let_go(struct rs_job *job, const struct compute_data *data, size_t row)
{
    return rs_fail(job, RS_FAILED, "row %zu of the data set \"%.*s\" is asked for although it was let go", row,
                   RS_TEXT_ARG(data->published->definition->name));
}

rs_status compute_flow_field(struct rs_job *job, struct compute_run *run, struct compute_data *data, int slot, size_t row,
                             struct value *out)
{
    const struct rdl_field *field = &data->published->definition->fields.items[slot];

    if (compute_flow_quick(data, slot, row, out))
        return RS_OK;
    if (!cells_of(data->flow, row))
        return was_let_go(job, data, row);
    if (field->value.present)
        return calculated(job, run, data, slot, row, out);
    *out = value_error(RS_TEXT("the field is missing from the result of the query"));
    out->flags |= VALUE_IS_MISSING;
    return RS_OK;
}

/* ---- aggregates ------------------------------------------------------------------------------------- */

/* Renderers ask for it behind the rows. Who asks before gets the same value, and the rows that were not reached yet wait in memory. */
rs_status compute_flow_total(struct rs_job *job, struct compute_run *run, struct compute_data *data,
                             const struct publish_aggregate *call, struct value *out)
{
    while (data->flow->more)
        RS_TRY(read_piece(job, run, data));
    *out = compute_flow_call_total(data->flow->calls, call);
    return RS_OK;
}

rs_status compute_flow_running(struct rs_job *job, struct compute_data *data, const struct publish_aggregate *call, size_t row,
                               struct value *out)
{
    const struct compute_flow *flow = data->flow;
    const struct piece *piece = piece_of(flow, row);

    if (!piece)
        return was_let_go(job, data, row);
    *out = piece->running[(row - piece->first) * compute_flow_running_count(flow->calls) + compute_flow_running_place(flow->calls, call)];
    return RS_OK;
}
