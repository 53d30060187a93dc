/* Rows made up for a data set whose source is out of reach: `bindery report render --sample-data`.
 *
 * The same data set gives the same rows everywhere and always. A field's declared type decides; where there is none, its
 * name and its use do. Fields further left change more slowly, so that groups have several members and members several
 * rows.
 */
#include "base/map.h"
#include "report/data/data.h"
#include "report/value/date.h"
#include "report/value/decimal.h"

#define SAMPLE_ROWS 48u
#define SAMPLE_FIRST_DAY (INT64_C(738000) * VALUE_TICKS_PER_DAY) /* 2021-07-27 */

struct word_list {
    const char *part; /* of a field's name, lower case */
    const char *words[8];
};

static const struct word_list word_lists[] = {
    {"region", {"North", "South", "East", "West"}},
    {"territory", {"North", "South", "East", "West"}},
    {"country", {"Austria", "Brazil", "Canada", "Denmark", "Egypt", "France"}},
    {"city", {"Aarhus", "Bergen", "Cork", "Delft", "Essen", "Faro", "Genoa", "Hull"}},
    {"state", {"Open", "Closed", "Waiting"}},
    {"status", {"Open", "Closed", "Waiting"}},
    {"month", {"January", "February", "March", "April", "May", "June"}},
    {"category", {"Books", "Garden", "Kitchen", "Tools"}},
    {"product", {"Lamp", "Chair", "Table", "Kettle", "Spade", "Atlas", "Hammer", "Mirror"}},
    {"mail", {"ada@example.org", "ben@example.org", "cleo@example.org", "dan@example.org"}},
    {"phone", {"+1 555 0100", "+1 555 0101", "+1 555 0102", "+1 555 0103"}},
    {"url", {"https://example.org/a", "https://example.org/b", "https://example.org/c"}},
    {"color", {"#1F77B4", "#FF7F0E", "#2CA02C", "#D62728"}},
    {"currency", {"EUR", "USD", "GBP"}},
    {"gender", {"F", "M"}},
    {"title", {"Annual report", "Field notes", "Handbook", "Price list"}},
    {"company", {"Alder & Sons", "Birch Ltd", "Cedar GmbH", "Dogwood Inc"}},
    {"customer", {"Alder & Sons", "Birch Ltd", "Cedar GmbH", "Dogwood Inc", "Elm SA", "Fir AB"}},
    {"name", {"Ada Alder", "Ben Birch", "Cleo Cedar", "Dan Dogwood", "Eva Elm", "Finn Fir", "Gwen Gorse", "Hugo Holly"}},
    {"address", {"1 Mill Lane", "22 High Street", "3 Station Road", "14 Quay Side"}},
    {"description", {"A short description", "A description that is rather longer than the others", "Another one"}},
};

static const struct {
    const char *part;
    enum value_kind kind;
} name_kinds[] = {
    {"date", VALUE_DATE}, {"time", VALUE_DATE}, {"amount", VALUE_DECIMAL}, {"price", VALUE_DECIMAL},
    {"cost", VALUE_DECIMAL}, {"total", VALUE_DECIMAL}, {"sales", VALUE_DECIMAL}, {"quantity", VALUE_INTEGER},
    {"qty", VALUE_INTEGER}, {"count", VALUE_INTEGER}, {"year", VALUE_INTEGER}, {"percent", VALUE_DOUBLE},
    {"rate", VALUE_DOUBLE}, {"size", VALUE_INTEGER}, {"number", VALUE_INTEGER},
};

static bool contains(rs_text lower, const char *part)
{
    return rs_text_find(lower, rs_text_from(part)) >= 0;
}

/* "ID", "OrderId", "order_id"; not "Paid". */
static bool is_identifier(rs_text name)
{
    return rs_text_equal_nocase(name, RS_TEXT("id")) || rs_text_ends(name, RS_TEXT("ID")) ||
           rs_text_ends(name, RS_TEXT("Id")) || rs_text_ends(name, RS_TEXT("_id"));
}

static enum value_kind sample_kind(const struct data_field *field, rs_text lower)
{
    if (field->kind != VALUE_NULL)
        return (enum value_kind)field->kind;
    if (field->is_measure)
        return VALUE_DECIMAL;
    if (is_identifier(field->column))
        return VALUE_INTEGER;
    if (rs_text_starts(lower, RS_TEXT("is")) || rs_text_starts(lower, RS_TEXT("has")))
        return VALUE_BOOLEAN;
    for (size_t i = 0; i < sizeof name_kinds / sizeof *name_kinds; i++)
        if (contains(lower, name_kinds[i].part))
            return name_kinds[i].kind;
    return VALUE_TEXT;
}

static rs_text sample_text(struct rs_job *job, const struct data_field *field, rs_text lower, unsigned turn)
{
    size_t count = 0;

    for (size_t i = 0; i < sizeof word_lists / sizeof *word_lists; i++)
        if (contains(lower, word_lists[i].part)) {
            while (count < 8 && word_lists[i].words[count])
                count++;
            return rs_text_from(word_lists[i].words[turn % count]);
        }
    return rs_text_format(job, "%.*s %u", RS_TEXT_ARG(field->column), turn % 8 + 1);
}

/* A number that depends on nothing but its arguments: values look scattered and never change. */
static unsigned scatter(unsigned row, unsigned column)
{
    uint32_t x = row * 2654435761u ^ (column + 1) * 2246822519u;

    x ^= x >> 15;
    x *= 2654435769u;
    return (x ^ x >> 13) & 0x7fffffff;
}

static int64_t sample_whole(rs_text name, rs_text lower, unsigned row, unsigned turn, unsigned noise)
{
    if (contains(lower, "year"))
        return 2022 + turn % 3;
    if (contains(lower, "month"))
        return turn % 12 + 1;
    if (is_identifier(name) || contains(lower, "number"))
        return 1001 + row;
    return noise % 100 + 1;
}

static struct value sample_value(struct rs_job *job, const struct data_field *field, unsigned row, unsigned column)
{
    rs_text lower = rs_text_lower(job, field->column);
    unsigned slow = column < 4 ? SAMPLE_ROWS >> (column + 1) : 1; /* rows for which a value stays */
    unsigned turn = slow ? row / slow : row, noise = scatter(row, column);

    switch (sample_kind(field, lower)) {
    case VALUE_BOOLEAN:
        return value_boolean(noise % 2 == 0);
    case VALUE_INTEGER:
        return value_integer((int32_t)sample_whole(field->column, lower, row, turn, noise));
    case VALUE_LONG:
        return value_long(sample_whole(field->column, lower, row, turn, noise));
    case VALUE_SINGLE: case VALUE_DOUBLE:
        return value_double(noise % 10000 / 100.0);
    case VALUE_DECIMAL:
        return value_decimal_make(0, noise % 100000, 2, false);
    case VALUE_DATE:
        return value_date(SAMPLE_FIRST_DAY + (int64_t)(row * 11) * VALUE_TICKS_PER_DAY);
    case VALUE_SPAN:
        return value_span((int64_t)(noise % 86400) * VALUE_TICKS_PER_SECOND);
    case VALUE_OFFSET:
        return value_offset(SAMPLE_FIRST_DAY + (int64_t)row * VALUE_TICKS_PER_DAY, 0);
    case VALUE_BYTES:
        return value_null();
    default:
        return value_text(sample_text(job, field, lower, turn));
    }
}

rs_status data_sample(struct rs_job *job, const struct data_query *query, struct data_rows **out)
{
    RS_OWNED(data_writer) writer = data_writer_create(job, query->max_rows);
    RS_OWNED(rs_job) scratch = rs_job_create(&(struct rs_job_options){.within = job});
    size_t column;

    for (size_t i = 0; i < query->field_count; i++)
        RS_TRY(data_writer_column(job, writer, query->fields[i].column, VALUE_NULL, &column));
    for (unsigned row = 0; row < SAMPLE_ROWS; row++) {
        struct rs_mark mark = rs_job_mark(scratch);
        for (size_t i = 0; i < query->field_count; i++)
            data_writer_add(writer, i, sample_value(scratch, &query->fields[i], row, (unsigned)i));
        rs_job_reset(scratch, mark);
        RS_TRY(data_writer_end_row(job, writer));
    }
    return data_writer_finish(job, writer, out);
}
