/* The CSV renderer: a report's data as records.
 *
 * A data region is a tree: an instance of a group, or the region itself, has single values (the text boxes of its
 * headers, of its static rows and columns) and collections (group instances, details, column instances, nested
 * regions, subreports). A record is one path through the tree: the single values of every level on it. Where a level has several
 * collections they follow each other, each filling its own columns and leaving the others empty: "diagonally".
 *
 * ExcelMode (the default): the text boxes outside regions are one block, every region outside regions is another, each
 * with its own header; blocks are separated by an empty line; values are written as shown. Otherwise there is one
 * header for all, every record has all fields, and values are written unformatted.
 *
 * Source:  docs/reports.md, CSV; Reporting Services, exporting to a CSV file, CSV device information settings.
 */
#include "report/render/csv.h"

#include "report/render/data_output.h"
#include "report/render/renderers.h"

/* ---- records ---------------------------------------------------------------------------------------- */

static rs_status write_header(struct csv *w)
{
    if (w->no_header || !w->columns.count)
        return RS_OK;
    for (size_t i = 0; i < w->columns.count; i++) {
        const struct rdl_item *item = w->columns.items[i];
        csv_write_field(&w->out.buf, &w->shape, rs_text_is_empty(item->data_element_name) ? item->name : item->data_element_name,
                        i == 0);
    }
    csv_end_record(&w->out.buf, &w->shape);
    return RS_OK;
}

rs_status csv_record_write(struct csv *w)
{
    for (size_t i = 0; i < w->columns.count; i++)
        csv_write_field(&w->out.buf, &w->shape, w->is_set[i] ? w->values[i] : (rs_text){NULL, 0}, i == 0);
    csv_end_record(&w->out.buf, &w->shape);
    return encoded_flush(&w->out, false);
}

/* ---- blocks ----------------------------------------------------------------------------------------- */

/* Top to bottom, then left to right. */
static bool stands_before(const struct rdl_item *a, const struct rdl_item *b)
{
    return a->top_pt != b->top_pt ? a->top_pt < b->top_pt : a->left_pt < b->left_pt;
}

static void sort_items(struct csv *w, const rdl_items *items, struct item_vec *out)
{
    for (size_t i = 0; i < items->count; i++) {
        size_t at = out->count;
        rs_vec_push(w->job, out, items->items[i]);
        for (; at > 0 && stands_before(items->items[i], out->items[at - 1]); at--)
            out->items[at] = out->items[at - 1];
        out->items[at] = items->items[i];
    }
}

/* The text boxes and the regions outside regions, through rectangles. */
static void sort_out(struct csv *w, const rdl_items *items, struct item_vec *texts, struct item_vec *regions)
{
    struct item_vec sorted = {0};

    sort_items(w, items, &sorted);
    for (size_t i = 0; i < sorted.count; i++) {
        const struct rdl_item *item = sorted.items[i];
        if (!data_item_is_written(w->part->published, item))
            continue;
        if (item->kind == RDL_TEXTBOX)
            rs_vec_push(w->job, texts, item);
        else if (item->kind == RDL_TABLIX || item->kind == RDL_SUBREPORT)
            rs_vec_push(w->job, regions, item);
        else if (item->kind == RDL_RECTANGLE)
            sort_out(w, &item->rectangle->items, texts, regions);
    }
}

static void begin_columns(struct csv *w)
{
    w->columns.count = 0;
    for (size_t p = 0; p < w->parts.count; p++)
        for (unsigned i = 0; i < w->parts.items[p]->published->definition->item_count; i++)
            w->parts.items[p]->column_of[i] = -1;
}

static rs_status begin_block(struct csv *w)
{
    w->values = RS_NEW_ARRAY(w->job, rs_text, w->columns.count + 1);
    w->is_set = RS_NEW_ARRAY(w->job, bool, w->columns.count + 1);
    if (w->has_blocks)
        csv_end_record(&w->out.buf, &w->shape);
    w->has_blocks = true;
    return write_header(w);
}

static rs_status add_items(struct csv *w, struct csv_level *level, enum csv_pass pass, const struct item_vec *items)
{
    for (size_t i = 0; i < items->count; i++)
        RS_TRY(csv_item_add(w, level, pass, &(struct compute_scope){0}, items->items[i]));
    return RS_OK;
}

/* Text boxes, then regions, as one tree: all of a report, or one block of it. */
static rs_status write_block(struct csv *w, const struct item_vec *texts, const struct item_vec *regions)
{
    struct csv_level level = {0};

    begin_columns(w);
    for (size_t i = 0; i < texts->count; i++)
        csv_columns_add(w, texts->items[i]);
    for (size_t i = 0; i < regions->count; i++)
        csv_columns_add(w, regions->items[i]);
    if (!w->columns.count)
        return RS_OK;
    RS_TRY(begin_block(w));
    RS_TRY(add_items(w, &level, CSV_SINGLE_VALUES, texts));
    RS_TRY(add_items(w, &level, CSV_COLLECTIONS, regions));
    if (!level.has_records && texts->count)
        RS_TRY(csv_record_write(w));
    return RS_OK;
}

static rs_status write_report(struct csv *w)
{
    const struct rdl_report *report = compute_report(w->run);
    struct item_vec texts = {0}, regions = {0}, none = {0};

    RS_TRY(csv_parts_find(w));
    for (size_t s = 0; s < report->sections.count; s++)
        if (report->sections.items[s].data_element_output != RDL_NO_OUTPUT)
            sort_out(w, &report->sections.items[s].items, &texts, &regions);
    if (!w->excel_mode)
        return write_block(w, &texts, &regions);
    if (texts.count)
        RS_TRY(write_block(w, &texts, &none));
    for (size_t i = 0; i < regions.count; i++)
        RS_TRY(write_block(w, &none, &(struct item_vec){&regions.items[i], 1, 1}));
    return RS_OK;
}

/* ---- device information ----------------------------------------------------------------------------- */

static rs_status read_delimiter(struct csv *w, const struct render_device_info *info, rs_text name, rs_text *out)
{
    *out = render_text(info, name, *out);
    if (rs_text_is_empty(*out) || out->size > CSV_DELIMITER_MAX)
        return rs_fail(w->job, RENDER_DEVICE_INFO, "the device information setting %.*s must have 1 to %u bytes",
                       RS_TEXT_ARG(name), CSV_DELIMITER_MAX);
    return RS_OK;
}

static rs_status read_shape(struct csv *w, const struct render_device_info *info)
{
    w->shape = csv_default();
    RS_TRY(read_delimiter(w, info, RS_TEXT("FieldDelimiter"), &w->shape.delimiter));
    RS_TRY(read_delimiter(w, info, RS_TEXT("Qualifier"), &w->shape.qualifier));
    RS_TRY(read_delimiter(w, info, RS_TEXT("RecordDelimiter"), &w->shape.record_delimiter));
    if (rs_text_equal(w->shape.qualifier, w->shape.delimiter) || rs_text_equal(w->shape.qualifier, w->shape.record_delimiter) ||
        rs_text_equal(w->shape.delimiter, w->shape.record_delimiter))
        return rs_fail(w->job, RENDER_DEVICE_INFO, "FieldDelimiter, Qualifier and RecordDelimiter must differ from each other");
    RS_TRY(render_bool(w->job, info, RS_TEXT("SuppressLineBreaks"), false, &w->shape.suppress_line_breaks));
    RS_TRY(render_bool(w->job, info, RS_TEXT("NoHeader"), false, &w->no_header));
    RS_TRY(render_bool(w->job, info, RS_TEXT("ExcelMode"), true, &w->excel_mode));
    return render_bool(w->job, info, RS_TEXT("UseFormattedValues"), w->excel_mode, &w->formatted);
}

static rs_status describe(struct rs_job *job, const struct render_device_info *info, struct render_output *out)
{
    rs_text extension = render_text(info, RS_TEXT("FileExtension"), render_text(info, RS_TEXT("Extension"), RS_TEXT("csv")));

    if (rs_text_starts(extension, RS_TEXT(".")))
        extension = rs_text_from_offset(extension, 1);
    out->extension = extension;
    out->charset = encoded_charset(job, render_text(info, RS_TEXT("Encoding"), RS_TEXT("utf-8")));
    return RS_OK;
}

static rs_status render(struct rs_job *job, struct compute_run *run, const struct render_device_info *info,
                        const struct render_sink *sink)
{
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
    struct csv w = {.job = job, .scratch = scratch, .run = run};
    rs_status status;

    RS_TRY(read_shape(&w, info));
    RS_TRY(compute_begin(job, run, data_walk(compute_published(run))));
    RS_TRY(encoded_open(job, sink, render_text(info, RS_TEXT("Encoding"), RS_TEXT("UTF-8")), true, &w.out));
    status = write_report(&w);
    if (status == RS_OK)
        status = encoded_flush(&w.out, true);
    return status == RS_OK || rs_job_status(job) != RS_OK ? status : rs_job_adopt(job, scratch);
}

const struct render_format render_csv = {
    .name = "CSV",
    .label = "CSV (comma delimited)",
    .mime_type = "text/csv",
    .charset = "utf-8",
    .extension = "csv",
    .kind = RENDER_DATA,
    .visible = true,
    .describe = describe,
    .render = render,
};
