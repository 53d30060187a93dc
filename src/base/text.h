/* base/text.h - text: a pointer and a length, UTF-8; and numbers written in text.
 *
 * An rs_text borrows its bytes and is not terminated; who owns the bytes is said where it is handed over.
 * Nothing here reads the process locale.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct rs_text {
    const char *bytes; /* not terminated; may be NULL when size is 0 */
    size_t size;       /* bytes */
} rs_text;

/* A literal as text: RS_TEXT("abc"). */
#define RS_TEXT(literal) ((rs_text){"" literal, sizeof(literal) - 1})

/* For "%.*s": printf("%.*s", RS_TEXT_ARG(t)). */
#define RS_TEXT_ARG(t) ((int)((t).size > INT32_MAX ? INT32_MAX : (t).size)), ((t).bytes ? (t).bytes : "")

static inline rs_text rs_text_of(const char *bytes, size_t size)
{
    return (rs_text){bytes, size};
}

/* A terminated string as text; NULL is the empty text. */
static inline rs_text rs_text_from(const char *terminated)
{
    return (rs_text){terminated, terminated ? strlen(terminated) : 0};
}

static inline bool rs_text_is_empty(rs_text t)
{
    return t.size == 0;
}

/* Byte for byte. */
bool rs_text_equal(rs_text a, rs_text b);
int rs_text_compare(rs_text a, rs_text b);
bool rs_text_starts(rs_text t, rs_text prefix);
bool rs_text_ends(rs_text t, rs_text suffix);

/* ASCII letters fold, all other bytes must be equal: what HTTP, hosts and RDL names need. */
bool rs_text_equal_nocase(rs_text a, rs_text b);
int rs_text_compare_nocase(rs_text a, rs_text b);
bool rs_text_starts_nocase(rs_text t, rs_text prefix);

/* Where `what` begins in `t`, or -1. */
ptrdiff_t rs_text_find(rs_text t, rs_text what);
ptrdiff_t rs_text_find_byte(rs_text t, char byte);

/* Part of a text; `from` and `size` are cut to what is there. */
rs_text rs_text_slice(rs_text t, size_t from, size_t size);
rs_text rs_text_from_offset(rs_text t, size_t from);

/* Decimal digits of `value`, without a terminator; how many. */
#define RS_DIGITS_MAX 20
size_t rs_digits(uint64_t value, char out[RS_DIGITS_MAX]);

/* Without space, tab, CR and LF at both ends. */
rs_text rs_text_trim(rs_text t);

/* Without the mark (U+FEFF) that editors of Windows put in front of UTF-8 and do not show. */
rs_text rs_text_without_mark(rs_text t);

/* Split off what stands before the first `separator`; `rest` is what follows it.
 * Returns false (head = all, rest empty) where there is no separator. */
bool rs_text_cut(rs_text t, char separator, rs_text *head, rs_text *rest);

/* True where every byte sequence is valid UTF-8 (no surrogates, no overlong forms). */
bool rs_text_is_utf8(rs_text t);

/* Read one code point at *offset and step over it. Invalid bytes give U+FFFD and step one byte.
 * Requires *offset < t.size. */
uint32_t rs_text_next(rs_text t, size_t *offset);

/* Write `code_point` as UTF-8 to `out` (4 bytes of room); returns the bytes written. */
size_t rs_utf8_encode(uint32_t code_point, char out[4]);

/* Whole text is one number, nothing around it; false otherwise or when it does not fit. */
bool rs_parse_int64(rs_text t, int64_t *out);   /* optional sign, decimal digits */
bool rs_parse_uint64(rs_text t, uint64_t *out); /* decimal digits only */
bool rs_parse_hex64(rs_text t, uint64_t *out);  /* 1 to 16 hexadecimal digits */
bool rs_parse_double(rs_text t, double *out);   /* [sign] digits [. digits] [e[sign]digits]; the point is '.' */

static inline bool rs_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool rs_is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline char rs_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static inline char rs_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

#endif
