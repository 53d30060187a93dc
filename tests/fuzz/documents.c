/* JSON and CSV documents and their queries: a line with "json PATH", "csv SETTINGS" or "soap", the rest is the document. */
#include "format/xml/parse.h"
#include "report/data/data.h"
#include "report/data/xml_service.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    rs_text input = rs_text_of((const char *)data, size), line, document, word, rest;
    struct data_connection *connection;
    struct data_rows *rows;
    struct xml_document *xml;
    struct xml_node *node;

    rs_text_cut(input, '\n', &line, &document);
    rs_text_cut(line, ' ', &word, &rest);
    bool is_json = rs_text_equal(word, RS_TEXT("json"));
    if (rs_text_equal(word, RS_TEXT("soap"))) {
        if (xml_parse(job, document, NULL, &xml) == RS_OK && xml_service_result(job, xml->root, &node) == RS_OK && !node)
            __builtin_trap();
        return 0;
    }
    struct data_source source = {.provider = is_json ? RS_TEXT("JSON") : RS_TEXT("CSV"), .connect_string = is_json ? document : rest};
    struct data_query query = {.text = is_json ? rest : document};
    if (data_open(job, &source, &connection) != RS_OK || data_execute(job, connection, &query, &rows) != RS_OK)
        return 0;
    for (size_t c = 0; c < rows->column_count; c++)
        for (size_t r = 0; r < rows->row_count; r++)
            data_value(&rows->columns[c], r);
    return 0;
}
