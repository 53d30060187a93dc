/* format/csv/read.h - comma-separated values: records out of bytes, field by field.
 *
 * Source:  RFC 4180; line ends may be CR LF, LF or CR; a delimiter of one's own.
 */
#ifndef FORMAT_CSV_READ_H
#define FORMAT_CSV_READ_H

#include "base/buf.h"

struct csv_reader {
    rs_text text;
    char delimiter, qualifier; /* ',' '"'; qualifier 0: none */
    size_t at;
    uint64_t line;             /* 1-based, of `at` */
};

static inline struct csv_reader csv_reader_of(rs_text text, char delimiter, char qualifier)
{
    return (struct csv_reader){text, delimiter, qualifier, 0, 1};
}

static inline bool csv_at_end(const struct csv_reader *reader)
{
    return reader->at >= reader->text.size;
}

/* The next field; *is_last where the record ends behind it. Borrowed from the text, or built in `buf` (which is cleared)
 * where it holds doubled qualifiers. *was_qualified tells "" from nothing. Requires !csv_at_end or a record that goes on.
 *
 * Fails with RS_INVALID; the message gives the line. */
RS_CHECKED rs_status csv_read_field(struct rs_job *job, struct csv_reader *reader, rs_buf *buf, rs_text *out, bool *was_qualified,
                                    bool *is_last);

#endif
