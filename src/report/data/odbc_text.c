/* UTF-8 and the UTF-16 of ODBC's wide calls. Halves of pairs that stand alone are kept as the column store repairs them. */
#include "report/data/odbc.h"

SQLWCHAR *odbc_wide(struct rs_job *job, rs_text text, size_t *units)
{
    SQLWCHAR *wide = RS_NEW_ARRAY(job, SQLWCHAR, text.size + 1); /* never more units than bytes */
    size_t count = 0;

    for (size_t at = 0; at < text.size;) {
        uint32_t c = rs_text_next(text, &at);
        if (c >= 0x10000) {
            wide[count++] = (SQLWCHAR)(0xD800 + ((c - 0x10000) >> 10));
            c = 0xDC00 + ((c - 0x10000) & 0x3FF);
        }
        wide[count++] = (SQLWCHAR)c;
    }
    *units = count;
    return wide;
}

void odbc_add_narrow(rs_buf *out, const SQLWCHAR *wide, size_t units)
{
    char *at = rs_buf_reserve(out, units * 3), *start = at;

    for (size_t i = 0; i < units; i++) {
        uint32_t c = wide[i];
        if (c < 0x80) {
            *at++ = (char)c;
            continue;
        }
        if (c < 0x800) {
            *at++ = (char)(0xC0 | c >> 6);
            *at++ = (char)(0x80 | (c & 0x3F));
            continue;
        }
        if (c >= 0xD800 && c < 0xDC00 && i + 1 < units && wide[i + 1] >= 0xDC00 && wide[i + 1] < 0xE000) {
            c = 0x10000 + ((c - 0xD800) << 10) + (wide[++i] - 0xDC00u);
            *at++ = (char)(0xF0 | c >> 18);
            *at++ = (char)(0x80 | (c >> 12 & 0x3F));
        } else {
            *at++ = (char)(0xE0 | c >> 12);
        }
        *at++ = (char)(0x80 | (c >> 6 & 0x3F));
        *at++ = (char)(0x80 | (c & 0x3F));
    }
    out->used += (size_t)(at - start);
}
