#include "cli/table.h"

#include <assert.h>
#include <stdio.h>

struct cli_table cli_table_create(struct rs_job *job, const char *const *headings)
{
    struct cli_table table = {.job = job};

    for (; headings[table.columns]; table.columns++)
        rs_vec_push(job, &table.cells, rs_text_from(headings[table.columns]));
    assert(table.columns > 0 && table.columns <= CLI_COLUMNS_MAX);
    return table;
}

void cli_table_row(struct cli_table *table, ...)
{
    va_list arguments;

    va_start(arguments, table);
    for (unsigned i = 0; i < table->columns; i++)
        rs_vec_push(table->job, &table->cells, va_arg(arguments, rs_text));
    va_end(arguments);
}

/* Code points: close enough to columns of a terminal for names and addresses. */
static size_t width_of(rs_text text)
{
    size_t width = 0;

    for (size_t offset = 0; offset < text.size; width++)
        rs_text_next(text, &offset);
    return width;
}

void cli_table_print(const struct cli_table *table, const char *empty)
{
    size_t widths[CLI_COLUMNS_MAX] = {0};

    if (table->cells.count == table->columns) {
        printf("%s\n", empty);
        return;
    }
    for (size_t i = 0; i < table->cells.count; i++) {
        size_t width = width_of(table->cells.items[i]);
        if (width > widths[i % table->columns])
            widths[i % table->columns] = width;
    }
    for (size_t i = 0; i < table->cells.count; i++) {
        rs_text cell = table->cells.items[i];
        unsigned column = (unsigned)(i % table->columns);
        bool last = column + 1 == table->columns;
        printf("%.*s%*s", RS_TEXT_ARG(cell), last ? 0 : (int)(widths[column] - width_of(cell) + 2), "");
        if (last)
            putchar('\n');
    }
}
