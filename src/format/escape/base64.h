/* format/escape/base64.h - bytes as base64 and back.
 *
 * Source:  RFC 4648 section 4.
 */
#ifndef FORMAT_ESCAPE_BASE64_H
#define FORMAT_ESCAPE_BASE64_H

#include "base/buf.h"

/* Append `bytes` in the standard alphabet, padded with '='. */
void escape_base64_write(rs_buf *out, rs_text bytes);

/* White space is skipped; padding may be missing, but nothing may follow it.
 *
 * out    in the job's memory, followed by a 0 byte that is not counted.
 *
 * Fails with RS_INVALID; the message gives the offset of the byte that does not belong. */
RS_CHECKED rs_status escape_base64_parse(struct rs_job *job, rs_text text, rs_text *out);

#endif
