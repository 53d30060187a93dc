#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "report/expr/parse.h"

/* Where the collected expressions of real reports are, if they are here: BINDERY_CORPUS, or beside the source. */
static bool corpus_path(char *out, size_t size)
{
    static const char *const beside[] = {"/../shared/rdl-corpus", "/../../shared/rdl-corpus"};
    const char *folder = getenv("BINDERY_CORPUS"), *source = getenv("BINDERY_SOURCE");
    FILE *file;

    for (size_t i = 0; i < 2; i++) {
        if (folder)
            snprintf(out, size, "%s/EXPRESSIONS.tsv", folder);
        else
            snprintf(out, size, "%s%s/EXPRESSIONS.tsv", source ? source : ".", beside[i]);
        file = fopen(out, "r");
        if (file) {
            fclose(file);
            return true;
        }
    }
    return false;
}

/* The fourth column; \n, \t and \\ are written so. */
static rs_text corpus_expression(struct rs_job *job, rs_text line)
{
    rs_buf buf = rs_buf_in(job);
    rs_text column, rest = line;

    for (int i = 0; i < 3; i++)
        if (!rs_text_cut(rest, '\t', &column, &rest))
            return RS_TEXT("");
    for (size_t i = 0; i < rest.size; i++) {
        char c = rest.bytes[i];
        if (c == '\\' && i + 1 < rest.size) {
            c = rest.bytes[++i];
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
        }
        rs_buf_add_byte(&buf, c);
    }
    return rs_buf_text(&buf);
}

UNIT_TEST(parse_reads_the_expressions_of_real_reports)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    char path[4096];
    rs_text all, line;
    size_t count = 0, failed = 0;

    if (!corpus_path(path, sizeof path)) {
        print_message("no collected expressions here: set BINDERY_CORPUS\n");
        skip();
    }
    assert_ok(job, rs_file_read(job, rs_text_from(path), 64 << 20, &all));
    while (rs_text_cut(all, '\n', &line, &all)) {
        rs_text source = corpus_expression(job, line);
        struct expr_node *node;
        if (!rs_text_starts(source, RS_TEXT("=")))
            continue;
        count++;
        if (expr_parse(job, rs_text_from_offset(source, 1), &node) != RS_OK) {
            failed++;
            print_message("%.*s\n    %.*s\n", RS_TEXT_ARG(rs_job_message(job)), RS_TEXT_ARG(rs_text_slice(source, 0, 200)));
            rs_job_forgive(job);
        }
    }
    print_message("%zu expressions, %zu not parsed\n", count, failed);
    assert_true(failed * 200 <= count);
}
