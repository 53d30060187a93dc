/* cli/table.h - rows of text in columns, for people.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "base/vec.h"

#define CLI_COLUMNS_MAX 10

struct cli_table {
    struct rs_job *job;
    unsigned columns;
    RS_VEC(rs_text) cells; /* row by row; the first row is the heading */
};

/* `headings` ends with NULL. */
struct cli_table cli_table_create(struct rs_job *job, const char *const *headings);
/* As many texts as there are headings. */
void cli_table_row(struct cli_table *table, ...);
/* To standard output; columns are as wide as their widest cell. Nothing but `empty` where there are no rows. */
void cli_table_print(const struct cli_table *table, const char *empty);

#endif
