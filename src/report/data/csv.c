/* The CSV provider: a file, an address or the query itself as rows.
 *
 * Two passes: the first finds the kind of each column that no field declares (whole numbers, decimals, dates, truth; else
 * text), so that totals count what looks like numbers; the second writes the rows, as many at a time as are asked for. The
 * document is held until they are.
 */
#include "base/buf.h"
#include "base/vec.h"
#include "format/csv/read.h"
#include "report/data/document.h"
#include "report/data/providers.h"
#include "report/value/convert.h"
#include "report/value/culture.h"
#include "report/value/date.h"
#include "report/value/decimal.h"

struct csv_state {
    struct data_source source;
    struct data_settings settings;
    rs_text place;
    rs_text encoding;
    char delimiter; /* 0: the one that the first line has most of */
    char qualifier;
    bool has_header, is_typed;
    const struct value_culture *culture; /* of numbers and dates */
};

/* What all values of a column so far could be. */
enum { COULD_BE_LONG = 1, COULD_BE_DECIMAL = 2, COULD_BE_DATE = 4, COULD_BE_BOOLEAN = 8, COULD_BE_ANYTHING = 15 };

struct csv_column {
    rs_text name;
    size_t column; /* of the writer */
    unsigned could_be;
    bool has_value;
    enum value_kind kind;
};

struct csv_reading {
    struct rs_job *job;      /* of the document; ends with the reading */
    struct rs_job *watch;
    const struct csv_state *state;
    const struct data_query *query;
    struct data_writer *writer;
    RS_VEC(struct csv_column) columns;
    struct csv_reader rows;  /* at the next record of the second pass */
    rs_buf field;
};

/* ---- kinds ------------------------------------------------------------------------------------------ */

static bool is_code(rs_text t) /* "007" and "+49": digits that are no number */
{
    size_t at = t.size && t.bytes[0] == '-';

    return (t.size && t.bytes[0] == '+') || (t.size > at + 1 && t.bytes[at] == '0' && rs_is_digit(t.bytes[at + 1]));
}

static struct value as_kind(const struct csv_state *state, rs_text t, enum value_kind kind)
{
    struct value v = value_null();
    int64_t integer;

    switch (kind) {
    case VALUE_LONG:
        if (value_parse_decimal(t, state->culture, &v) && v.kind == VALUE_DECIMAL && v.scale == 0 && value_decimal_to_int64(v, &integer))
            return value_long(integer);
        return value_null();
    case VALUE_DECIMAL:
        return value_parse_decimal(t, state->culture, &v) && v.kind == VALUE_DECIMAL ? v : value_null();
    case VALUE_DATE:
        return value_date_parse(t, state->culture, &integer, NULL) ? value_date(integer) : value_null();
    case VALUE_BOOLEAN:
        if (rs_text_equal_nocase(t, RS_TEXT("true")) || rs_text_equal_nocase(t, RS_TEXT("false")))
            return value_boolean(t.size == 4);
        return value_null();
    default:
        return value_text(t);
    }
}

/* A date has a day: "12:30" alone and "1.5" are none. */
static bool looks_like_date(rs_text t)
{
    size_t digits = 0, separators = 0;

    for (size_t i = 0; i < t.size; i++) {
        digits += rs_is_digit(t.bytes[i]);
        separators += t.bytes[i] == '-' || t.bytes[i] == '/' || (t.bytes[i] == '.' && i + 1 < t.size);
    }
    return digits >= 4 && separators >= 2 && rs_is_digit(t.bytes[0]);
}

static void look_at(const struct csv_state *state, struct csv_column *column, rs_text t)
{
    static const struct {
        unsigned flag;
        enum value_kind kind;
    } kinds[] = {{COULD_BE_LONG, VALUE_LONG}, {COULD_BE_DECIMAL, VALUE_DECIMAL}, {COULD_BE_DATE, VALUE_DATE}, {COULD_BE_BOOLEAN, VALUE_BOOLEAN}};

    t = rs_text_trim(t);
    if (rs_text_is_empty(t) || !column->could_be)
        return;
    column->has_value = true;
    if (is_code(t) || (looks_like_date(t) && !value_is_null(as_kind(state, t, VALUE_DATE)))) /* 31.05.2024 */
        column->could_be &= ~(unsigned)(COULD_BE_LONG | COULD_BE_DECIMAL);
    if (!looks_like_date(t))
        column->could_be &= ~(unsigned)COULD_BE_DATE;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if ((column->could_be & kinds[i].flag) && value_is_null(as_kind(state, t, kinds[i].kind)))
            column->could_be &= ~kinds[i].flag;
}

static enum value_kind kind_of(const struct csv_reading *reading, const struct csv_column *column)
{
    enum value_kind declared = data_field_kind(reading->query, column->name);

    if (declared != VALUE_NULL)
        return declared;
    if (!reading->state->is_typed || !column->has_value)
        return VALUE_TEXT;
    return column->could_be & COULD_BE_LONG ? VALUE_LONG : column->could_be & COULD_BE_DECIMAL ? VALUE_DECIMAL
         : column->could_be & COULD_BE_DATE ? VALUE_DATE : column->could_be & COULD_BE_BOOLEAN ? VALUE_BOOLEAN : VALUE_TEXT;
}

/* ---- rows ------------------------------------------------------------------------------------------- */

typedef void csv_use(struct csv_reading *reading, struct csv_column *column, rs_text text, bool was_qualified);

static void use_for_kind(struct csv_reading *reading, struct csv_column *column, rs_text text, bool was_qualified)
{
    look_at(reading->state, column, text);
}

/* An empty field is null, "" the empty text. */
static void use_as_value(struct csv_reading *reading, struct csv_column *column, rs_text text, bool was_qualified)
{
    rs_text t = rs_text_trim(text);
    struct value v;

    if (rs_text_is_empty(text) && !was_qualified)
        return;
    v = column->kind == VALUE_TEXT ? value_text(text) : as_kind(reading->state, t, column->kind);
    if (!value_is_null(v))
        data_writer_add(reading->writer, column->column, v);
    else if (!rs_text_is_empty(t))
        data_writer_add_text(reading->writer, column->column, t); /* the writer converts what it can */
}

/* Up to `count` records; *rows of them are rows. */
static rs_status read_records(struct csv_reading *reading, struct csv_reader *reader, csv_use *use, size_t count, size_t *rows)
{
    for (*rows = 0; *rows < count && !csv_at_end(reader);) {
        bool is_last = false, was_qualified, is_blank = false;
        uint64_t line = reader->line;
        rs_text text;
        for (size_t i = 0; !is_last; i++) {
            RS_TRY(csv_read_field(reading->job, reader, &reading->field, &text, &was_qualified, &is_last));
            is_blank = i == 0 && is_last && text.size == 0 && !was_qualified;
            if (i < reading->columns.count && !is_blank)
                use(reading, &reading->columns.items[i], text, was_qualified);
            else if (text.size && i >= reading->columns.count)
                return rs_fail(reading->job, DATA_QUERY, "line %llu has more fields than the %zu columns of the first line",
                               (unsigned long long)line, reading->columns.count);
        }
        if (is_blank && reading->columns.count != 1) /* a blank line is no row */
            continue;
        RS_TRY(data_checkpoint(reading->job, reading->watch));
        if (use == use_as_value)
            RS_TRY(data_writer_end_row(reading->job, reading->writer));
        ++*rows;
    }
    return RS_OK;
}

/* Names from the first line, or Column1, Column2 ... */
static rs_status read_names(struct csv_reading *reading, struct csv_reader *reader)
{
    struct csv_reader first = *reader;
    rs_buf buf = rs_buf_in(reading->job);
    bool is_last = csv_at_end(reader), was_qualified;

    while (!is_last) {
        rs_text name;
        RS_TRY(csv_read_field(reading->job, reader, &buf, &name, &was_qualified, &is_last));
        struct csv_column *column = rs_vec_add(reading->job, &reading->columns);
        column->could_be = COULD_BE_ANYTHING;
        column->name = reading->state->has_header && !rs_text_is_empty(rs_text_trim(name))
                           ? rs_text_copy(reading->job, rs_text_trim(name))
                           : rs_text_format(reading->job, "Column%zu", reading->columns.count);
        if (reading->columns.count > DATA_COLUMNS_MAX)
            return rs_fail(reading->job, DATA_TOO_LARGE, "the first line has more than %u fields", DATA_COLUMNS_MAX);
    }
    if (!reading->state->has_header)
        *reader = first;
    return RS_OK;
}

static char most_frequent(rs_text text)
{
    static const char candidates[] = ",;\t|";
    size_t counts[sizeof candidates] = {0}, best = 0;
    bool quoted = false;

    for (size_t i = 0; i < text.size && (quoted || (text.bytes[i] != '\n' && text.bytes[i] != '\r')); i++) {
        const char *found = text.bytes[i] ? strchr(candidates, text.bytes[i]) : NULL;
        quoted ^= text.bytes[i] == '"';
        if (found && !quoted)
            counts[found - candidates]++;
    }
    for (size_t i = 1; i + 1 < sizeof candidates; i++)
        if (counts[i] > counts[best])
            best = i;
    return candidates[best];
}

/* Names and kinds of the columns; then the rows can be read. */
static rs_status read_columns(struct csv_reading *reading, rs_text text)
{
    const struct csv_state *state = reading->state;
    size_t rows;

    reading->rows = csv_reader_of(text, state->delimiter ? state->delimiter : most_frequent(text), state->qualifier);
    RS_TRY(read_names(reading, &reading->rows));
    if (state->is_typed) {
        struct csv_reader first_pass = reading->rows;
        RS_TRY(read_records(reading, &first_pass, use_for_kind, SIZE_MAX, &rows));
    }
    for (size_t i = 0; i < reading->columns.count; i++) {
        struct csv_column *column = &reading->columns.items[i];
        column->kind = kind_of(reading, column);
        RS_TRY(data_writer_column(reading->job, reading->writer, column->name, column->kind, &column->column));
    }
    return RS_OK;
}

static rs_status open_document(struct csv_reading *reading)
{
    const struct csv_state *state = reading->state;
    const struct data_query *query = reading->query;
    rs_text bytes = query->text, text;

    if (!rs_text_is_empty(state->place)) {
        if (!rs_text_is_empty(rs_text_trim(query->text)) && !rs_text_equal(rs_text_trim(query->text), RS_TEXT("*")))
            return rs_fail(reading->job, DATA_QUERY, "a query of CSV is empty or \"*\": use filters of the data set to choose rows");
        RS_TRY(document_read(reading->job, reading->watch, &state->source, query, state->place, &bytes));
    }
    RS_TRY(document_text(reading->job, bytes, state->encoding, &text));
    return read_columns(reading, text);
}

/* What failed, reported in the caller's job; that of format/csv is a failure of the query. */
static rs_status told(struct rs_job *job, const struct csv_reading *reading, rs_status status)
{
    if (status == RS_INVALID)
        return rs_fail(job, DATA_QUERY, "%.*s", RS_TEXT_ARG(rs_job_message(reading->job)));
    return status == RS_OK ? RS_OK : rs_job_adopt(job, reading->job);
}

static rs_status csv_begin(struct rs_job *job, struct rs_job *watch, void *state, const struct data_query *query,
                           struct data_writer *writer, void **out)
{
    struct csv_reading *reading = RS_NEW(job, struct csv_reading);

    reading->job = rs_job_create(&(struct rs_job_options){.within = job});
    reading->watch = watch == job ? reading->job : watch;
    reading->state = state;
    reading->query = query;
    reading->writer = writer;
    reading->field = rs_buf_in(reading->job);
    *out = reading;
    return told(job, reading, open_document(reading));
}

static rs_status csv_read(struct rs_job *job, struct rs_job *watch, void *cursor, struct data_writer *writer, size_t count, bool *more)
{
    struct csv_reading *reading = cursor;
    size_t rows;

    reading->watch = watch == job ? reading->job : watch;
    reading->writer = writer;
    RS_TRY(told(job, reading, read_records(reading, &reading->rows, use_as_value, count, &rows)));
    *more = !csv_at_end(&reading->rows);
    return RS_OK;
}

static void csv_end(void *cursor)
{
    struct csv_reading *reading = cursor;

    rs_job_destroy(reading->job);
}

/* ---- opening ---------------------------------------------------------------------------------------- */

static rs_status one_character(struct rs_job *job, const char *key, rs_text value, char *out)
{
    if (rs_text_equal_nocase(value, RS_TEXT("tab")) || rs_text_equal(value, RS_TEXT("\\t")))
        *out = '\t';
    else if (rs_text_equal_nocase(value, RS_TEXT("none")))
        *out = 0;
    else if (value.size == 1)
        *out = value.bytes[0];
    else
        return rs_fail(job, DATA_CONNECT_STRING, "\"%s\" in the connection string is one character, quoted where it is ';', or Tab", key);
    return RS_OK;
}

static rs_status read_truth(struct rs_job *job, const char *key, rs_text value, bool *out)
{
    static const char *const words[] = {"no", "false", "0", "text", "yes", "true", "1", "auto"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (rs_text_equal_nocase(value, rs_text_from(words[i]))) {
            *out = i >= 4;
            return RS_OK;
        }
    return rs_fail(job, DATA_CONNECT_STRING, "\"%s\" in the connection string is neither yes nor no", key);
}

static rs_status find_culture(struct rs_job *job, rs_text name, const struct value_culture **out)
{
    bool exact;

    *out = value_culture_find(name, &exact);
    return exact ? RS_OK : rs_fail(job, DATA_CONNECT_STRING, "there is no culture \"%.*s\"", RS_TEXT_ARG(name));
}

static rs_status csv_start(struct rs_job *job, const struct data_source *source, void **out)
{
    struct csv_state *state = RS_NEW(job, struct csv_state);
    rs_text value;

    *state = (struct csv_state){.source = *source, .qualifier = '"', .has_header = true, .is_typed = true, .culture = value_culture_invariant()};
    *out = state;
    RS_TRY(document_place(job, source->connect_string, &state->settings, &state->place));
    if (data_setting(&state->settings, RS_TEXT("Delimiter"), &value))
        RS_TRY(one_character(job, "Delimiter", value, &state->delimiter));
    if (data_setting(&state->settings, RS_TEXT("Qualifier"), &value))
        RS_TRY(one_character(job, "Qualifier", value, &state->qualifier));
    if (data_setting(&state->settings, RS_TEXT("Header"), &value))
        RS_TRY(read_truth(job, "Header", value, &state->has_header));
    if (data_setting(&state->settings, RS_TEXT("Types"), &value))
        RS_TRY(read_truth(job, "Types", value, &state->is_typed));
    data_setting(&state->settings, RS_TEXT("Encoding"), &state->encoding);
    if (data_setting(&state->settings, RS_TEXT("Culture"), &value))
        return find_culture(job, value, &state->culture);
    return RS_OK;
}

const struct data_provider data_csv = {
    .ignores = DATA_IGNORES_ALL,
    .open = csv_start,
    .begin = csv_begin,
    .read = csv_read,
    .end = csv_end,
};
