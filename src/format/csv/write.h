/* format/csv/write.h - comma-separated values: fields into records, quoted only where they must be.
 *
 * Source:  RFC 4180; a delimiter, qualifier and record delimiter of one's own may be any text.
 */
#ifndef FORMAT_CSV_WRITE_H
#define FORMAT_CSV_WRITE_H

#include "base/buf.h"

#define CSV_DELIMITER_MAX 16u /* bytes of a delimiter or qualifier */

struct csv_shape {
    rs_text delimiter;        /* between fields: "," */
    rs_text qualifier;        /* around a field that holds a delimiter, a line break or a qualifier: "\"" */
    rs_text record_delimiter; /* behind a record: "\r\n" */
    bool suppress_line_breaks; /* CR and LF inside fields are left out */
};

static inline struct csv_shape csv_default(void)
{
    return (struct csv_shape){RS_TEXT(","), RS_TEXT("\""), RS_TEXT("\r\n"), false};
}

/* Append one field; `first` in its record: no delimiter before it. */
void csv_write_field(rs_buf *buf, const struct csv_shape *shape, rs_text field, bool first);
void csv_end_record(rs_buf *buf, const struct csv_shape *shape);

#endif
