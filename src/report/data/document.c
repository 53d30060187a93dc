#include "report/data/document.h"

#include <stdlib.h>

#include <unicode/ucnv.h>
#include <unicode/ustring.h>

#include "base/buf.h"
#include "base/file.h"
#include "format/escape/percent.h"
#include "report/data/http.h"
#include "report/value/format.h"

static rs_text with_parameters(struct rs_job *job, rs_text address, const struct data_query *query)
{
    rs_buf out = rs_buf_in(job);
    bool has_query = rs_text_find_byte(address, '?') >= 0;

    rs_buf_add(&out, address);
    for (size_t i = 0; i < query->parameter_count; i++) {
        struct value v = query->parameters[i].value;
        rs_text name = data_parameter_name(query->parameters[i].name);
        for (uint32_t j = 0; j < (v.kind == VALUE_ARRAY ? v.size : 1); j++) {
            rs_buf_add_byte(&out, has_query ? '&' : '?');
            has_query = true;
            escape_percent_write(&out, name);
            rs_buf_add_byte(&out, '=');
            escape_percent_write(&out, value_to_text(job, value_culture_invariant(), v.kind == VALUE_ARRAY ? v.items[j] : v));
        }
    }
    return rs_buf_text(&out);
}

rs_status document_read(struct rs_job *job, struct rs_job *watch, const struct data_source *source, const struct data_query *query,
                        rs_text place, rs_text *out)
{
    rs_text path;

    if (http_is_address(place))
        return http_fetch(job, watch, source, &(struct http_get){.url = with_parameters(job, place, query)}, out);
    if (rs_text_starts_nocase(place, RS_TEXT("file://")))
        place = rs_text_from_offset(place, 7);
    RS_TRY(data_file_path(job, source, place, &path));
    return rs_file_read(job, path, DOCUMENT_FILE_MAX, out);
}

/* A place has no '=' but in an address; settings begin with a word and one. */
static bool is_place(rs_text t)
{
    ptrdiff_t equals = rs_text_find_byte(t, '=');

    return equals < 0 || http_is_address(t) || rs_text_starts_nocase(t, RS_TEXT("file://"));
}

rs_status document_place(struct rs_job *job, rs_text connect_string, struct data_settings *settings, rs_text *place)
{
    static const char *const keys[] = {"Data Source", "DataSource", "File", "Path", "Url", "Uri", "Address", "JsonDoc", "CsvDoc"};
    rs_text text = rs_text_trim(connect_string);

    *settings = (struct data_settings){0};
    *place = text;
    if (is_place(text))
        return RS_OK;
    *place = (rs_text){NULL, 0};
    RS_TRY(data_connect_parse(job, text, settings));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (data_setting(settings, rs_text_from(keys[i]), place))
            break;
    return RS_OK;
}

/* ---- encodings -------------------------------------------------------------------------------------- */

static const char *encoding_by_mark(rs_text bytes, size_t *skip)
{
    static const struct {
        rs_text mark;
        const char *name;
    } marks[] = {{RS_TEXT("\xEF\xBB\xBF"), ""}, {RS_TEXT("\xFF\xFE"), "UTF-16LE"}, {RS_TEXT("\xFE\xFF"), "UTF-16BE"}};

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (rs_text_starts(bytes, marks[i].mark)) {
            *skip = marks[i].mark.size;
            return marks[i].name;
        }
    *skip = 0;
    return NULL;
}

static rs_status convert(struct rs_job *job, rs_text bytes, const char *name, rs_text *out)
{
    UErrorCode error = U_ZERO_ERROR;
    UConverter *converter = ucnv_open(name, &error);
    void *units, *text;
    int32_t count, size = 0;

    if (U_FAILURE(error))
        return rs_fail(job, DATA_CONNECT_STRING, "there is no encoding \"%s\"", name);
    rs_status status = rs_try_alloc(job, bytes.size + 1, 2 * sizeof(UChar), &units);
    if (status == RS_OK)
        status = rs_try_alloc(job, bytes.size + 1, 4, &text);
    if (status == RS_OK) {
        count = ucnv_toUChars(converter, units, (int32_t)(2 * bytes.size), bytes.bytes, (int32_t)bytes.size, &error);
        u_strToUTF8WithSub(text, (int32_t)(4 * bytes.size), &size, units, count, 0xFFFD, NULL, &error);
        if (U_FAILURE(error))
            status = rs_fail(job, DATA_QUERY, "the document is not in the encoding \"%s\"", name);
        *out = rs_text_of(text, (size_t)size);
    }
    ucnv_close(converter);
    return status;
}

rs_status document_text(struct rs_job *job, rs_text bytes, rs_text encoding, rs_text *out)
{
    size_t skip;
    const char *name = encoding_by_mark(bytes, &skip);

    if (!name && !rs_text_is_empty(encoding) && !rs_text_equal_nocase(encoding, RS_TEXT("utf-8")))
        name = rs_text_terminated(job, encoding);
    *out = rs_text_from_offset(bytes, skip);
    return !name || !*name ? RS_OK : convert(job, *out, name, out);
}
