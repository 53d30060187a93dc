#include "service/ops/mime.h"

#define MIME_TYPE_MAX 256 /* bytes */

static const struct {
    const char *extension, *mime_type;
} rows[] = {
    {"bmp", "image/bmp"},
    {"css", "text/css"},
    {"csv", "text/csv"},
    {"doc", "application/msword"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"gif", "image/gif"},
    {"htm", "text/html"},
    {"html", "text/html"},
    {"ico", "image/x-icon"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"js", "text/javascript"},
    {"json", "application/json"},
    {"md", "text/plain"},
    {"mht", "message/rfc822"},
    {"mhtml", "message/rfc822"},
    {"pdf", "application/pdf"},
    {"png", "image/png"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"rtf", "application/rtf"},
    {"svg", "image/svg+xml"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"txt", "text/plain"},
    {"webp", "image/webp"},
    {"xls", "application/vnd.ms-excel"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"xml", "text/xml"},
    {"xsd", "text/xml"},
    {"xsl", "text/xml"},
    {"xslt", "text/xml"},
    {"zip", "application/zip"},
};

rs_text mime_type_of(rs_text name)
{
    size_t dot = name.size;

    while (dot > 0 && name.bytes[dot - 1] != '.' && name.bytes[dot - 1] != '/')
        dot--;
    if (dot > 0 && name.bytes[dot - 1] == '.')
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            if (rs_text_equal_nocase(rs_text_from_offset(name, dot), rs_text_from(rows[i].extension)))
                return rs_text_from(rows[i].mime_type);
    return RS_TEXT("application/octet-stream");
}

rs_status mime_type_check(struct rs_job *job, rs_text mime_type)
{
    ptrdiff_t slash = rs_text_find_byte(mime_type, '/');
    bool good = mime_type.size <= MIME_TYPE_MAX && slash > 0 && (size_t)slash + 1 < mime_type.size;

    for (size_t i = 0; good && i < mime_type.size; i++)
        good = mime_type.bytes[i] >= 0x20 && mime_type.bytes[i] < 0x7F;
    if (!good)
        return rs_fail(job, RS_INVALID, "\"%.*s\" is not a MIME type, as \"image/png\" is one",
                       RS_TEXT_ARG(rs_text_slice(mime_type, 0, 80)));
    return RS_OK;
}
