/* What a text box shows: its value, formatted by its Format in its Language.
 */
#include "base/buf.h"
#include "report/compute/internal.h"

static const struct value_culture *culture_named(struct compute_run *run, rs_text name)
{
    const struct value_culture *culture = rs_map_find(run->cultures, name);

    if (!culture) {
        culture = value_culture_find(name, NULL);
        rs_map_set(run->cultures, rs_text_copy(run->memory, name), (void *)culture);
    }
    return culture;
}

/* The Language of a run, else of its text box, else of the report. */
static rs_status culture_of(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                            const struct rdl_item *textbox, const struct rdl_text_run *text_run,
                            const struct value_culture **out)
{
    const struct rdl_expr *language = text_run->style.language.present ? &text_run->style.language
                                                                       : &textbox->style.language;
    struct compute_expr_state *state;
    rs_text name;

    *out = run->culture;
    if (!language->present)
        return RS_OK;
    state = &run->exprs[language->id];
    if (!state->culture) {
        RS_TRY(compute_eval_text(job, run, scope, language, (rs_text){NULL, 0}, &name));
        *out = rs_text_is_empty(name) ? run->culture : culture_named(run, name);
        if (state->is_constant)
            state->culture = *out;
        return RS_OK;
    }
    *out = state->culture;
    return RS_OK;
}

/* A property of a run, else of its text box; NULL where neither has it. */
#define OF_RUN_OR_BOX(property)                                                                                  \
    (text_run->style.property.present ? &text_run->style.property                                                \
     : textbox->style.property.present ? &textbox->style.property : NULL)

/* The culture with the calendar that the style asks for. */
static rs_status calendar_of(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                             const struct rdl_item *textbox, const struct rdl_text_run *text_run, const struct value_culture **culture)
{
    const struct rdl_expr *calendar = OF_RUN_OR_BOX(calendar);
    rs_text name;

    if (!calendar)
        return RS_OK;
    RS_TRY(compute_eval_text(job, run, scope, calendar, (rs_text){NULL, 0}, &name));
    *culture = value_culture_calendar(*culture, name);
    return RS_OK;
}

/* The digits that the style asks for; in NumeralLanguage, else in the language of the text. */
static rs_status numerals_of(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                             const struct rdl_item *textbox, const struct rdl_text_run *text_run,
                             const struct value_culture *culture, rs_text *text)
{
    const struct rdl_expr *variant = OF_RUN_OR_BOX(numeral_variant), *language = OF_RUN_OR_BOX(numeral_language);
    rs_text number, name = culture->name;
    int64_t which;

    if (!variant)
        return RS_OK;
    RS_TRY(compute_eval_text(job, run, scope, variant, (rs_text){NULL, 0}, &number));
    if (!rs_parse_int64(rs_text_trim(number), &which) || which < 1 || which > 7)
        return RS_OK;
    if (language)
        RS_TRY(compute_eval_text(job, run, scope, language, name, &name));
    *text = value_numerals(job, *text, (int)which, name);
    return RS_OK;
}

static const struct value_format *format_named(struct compute_run *run, rs_text text)
{
    const struct value_format *format = rs_map_find(run->formats, text);

    if (!format) {
        rs_text kept = rs_text_copy(run->memory, text);
        format = value_format_compile(run->memory, kept);
        rs_map_set(run->formats, kept, (void *)format);
    }
    return format;
}

static rs_status format_of(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                           const struct rdl_item *textbox, const struct rdl_text_run *text_run,
                           const struct value_format **out)
{
    const struct rdl_expr *format = text_run->style.format.present ? &text_run->style.format : &textbox->style.format;
    struct compute_expr_state *state;
    rs_text text;

    *out = NULL;
    if (!format->present)
        return RS_OK;
    state = &run->exprs[format->id];
    if (!state->known) {
        RS_TRY(compute_eval_text(job, run, scope, format, (rs_text){NULL, 0}, &text));
        *out = rs_text_is_empty(text) ? NULL : format_named(run, text);
        if (state->is_constant) {
            state->format = *out;
            state->known = true;
        }
        return RS_OK;
    }
    *out = state->format;
    return RS_OK;
}

static rs_text format_value(struct rs_job *job, const struct value_format *format, const struct value_culture *culture,
                            struct value v)
{
    rs_buf buf = rs_buf_in(job);

    if (v.kind == VALUE_ARRAY || v.kind == VALUE_BYTES)
        return RS_TEXT("#Error");
    if (!format)
        value_append(culture, v, &buf);
    else if (!value_format_append(format, culture, v, &buf))
        return value_format_source(format);
    return rs_buf_text(&buf);
}

static rs_text date_text(struct rs_job *job, struct compute_run *run, const struct value_format *format,
                         const struct value_culture *culture, struct value v)
{
    struct compute_date_text *entry;
    rs_text text;

    if (!run->date_texts)
        run->date_texts = RS_NEW_ARRAY(run->memory, struct compute_date_text, COMPUTE_DATE_TEXTS);
    entry = &run->date_texts[((uint64_t)v.ticks * UINT64_C(0x9e3779b97f4a7c15) ^ (uintptr_t)format * 31) >> 52];
    if (entry->ticks == v.ticks && entry->format == format && entry->culture == culture)
        return rs_text_copy(job, rs_text_of(entry->text, entry->size));
    text = format_value(job, format, culture, v);
    if (text.size <= COMPUTE_DATE_TEXT_MAX) {
        *entry = (struct compute_date_text){.ticks = v.ticks, .format = format, .culture = culture, .size = (uint8_t)text.size};
        memcpy(entry->text, text.bytes, text.size);
    }
    return text;
}

/* What came from data is valid UTF-8; an expression can make halves of surrogate pairs (ChrW, Mid), which begin with ED
 * as few other characters do. */
rs_text compute_repaired(struct rs_job *job, rs_text text)
{
    return text.size && memchr(text.bytes, 0xED, text.size) ? rs_text_repaired(job, text) : text;
}

rs_status compute_run_text(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                           const struct rdl_item *textbox, const struct rdl_text_run *text_run, struct compute_text *out)
{
    const struct value_format *format;
    const struct value_culture *culture;

    if (!compute_quick_field(run, scope, &text_run->value, &out->value))
        RS_TRY(compute_eval(job, run, scope, &text_run->value, &out->value));
    switch (out->value.kind) {
    case VALUE_TEXT:
        out->text = compute_repaired(job, value_bytes(out->value));
        return RS_OK;
    case VALUE_NULL:
        out->text = (rs_text){NULL, 0};
        return RS_OK;
    case VALUE_ERROR:
        out->text = RS_TEXT("#Error");
        return RS_OK;
    default:
        RS_TRY(format_of(job, run, scope, textbox, text_run, &format));
        RS_TRY(culture_of(job, run, scope, textbox, text_run, &culture));
        if (out->value.kind == VALUE_DATE || out->value.kind == VALUE_OFFSET)
            RS_TRY(calendar_of(job, run, scope, textbox, text_run, &culture));
        out->text = out->value.kind == VALUE_DATE ? date_text(job, run, format, culture, out->value)
                                                  : format_value(job, format, culture, out->value);
        return numerals_of(job, run, scope, textbox, text_run, culture, &out->text);
    }
}

static rs_status joined_text(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                             const struct rdl_item *textbox, struct compute_text *out)
{
    rs_buf buf = rs_buf_in(job);
    struct compute_text part;

    for (size_t p = 0; p < textbox->textbox->paragraphs.count; p++) {
        const struct rdl_paragraph *paragraph = &textbox->textbox->paragraphs.items[p];
        if (p)
            rs_buf_add_literal(&buf, "\r\n");
        for (size_t r = 0; r < paragraph->runs.count; r++) {
            RS_TRY(compute_run_text(job, run, scope, textbox, &paragraph->runs.items[r], &part));
            rs_buf_add(&buf, part.text);
        }
    }
    out->text = rs_buf_text(&buf);
    out->value = value_text(out->text);
    return RS_OK;
}

rs_status compute_textbox(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                          const struct rdl_item *textbox, struct compute_text *out)
{
    const struct rdl_textbox *definition = textbox->textbox;

    if (definition->paragraphs.count == 1 && definition->paragraphs.items[0].runs.count == 1)
        return compute_run_text(job, run, scope, textbox, &definition->paragraphs.items[0].runs.items[0], out);
    return joined_text(job, run, scope, textbox, out);
}
