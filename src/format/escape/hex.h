/* format/escape/hex.h - bytes as hexadecimal digits and back.
 */
#ifndef FORMAT_ESCAPE_HEX_H
#define FORMAT_ESCAPE_HEX_H

#include "base/buf.h"

enum escape_hex_case { ESCAPE_HEX_LOWER, ESCAPE_HEX_UPPER };

/* Append two digits per byte. */
void escape_hex_write(rs_buf *out, rs_text bytes, enum escape_hex_case digits);

/* Digits in either case, nothing between them. Fails with RS_INVALID. */
RS_CHECKED rs_status escape_hex_parse(struct rs_job *job, rs_text text, rs_text *out);

/* 0 to 15, or -1 where `c` is no hexadecimal digit. */
int escape_hex_digit(char c);
/* Digests, quickly: a multiple of eight digits into half as many bytes. False where it is anything else; then what is in `out` means
 * nothing. */
bool escape_hex_read(rs_text text, unsigned char *out);

#endif
