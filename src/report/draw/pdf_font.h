/* report/draw/pdf_font.h - fonts of one PDF: which code stands for which glyph, and the objects at the end.
 *
 * Each font is a composite font whose CMap is written with it. Printable ASCII keeps its own codes, so that page streams
 * can be read and most texts are copied as they are; other glyphs get codes of one byte (0x80 to 0xBF) in the order of
 * their use, then of two. No code holds a byte that a string would have to escape.
 *
 * Internal to report/draw. Source: ISO 32000-1, 9.7 (composite fonts), 9.10.3 (ToUnicode).
 */
#ifndef REPORT_DRAW_PDF_FONT_H
#define REPORT_DRAW_PDF_FONT_H

#include "report/draw/pdf_file.h"

/* A glyph that says different texts in different places (the first of a cluster says all of it) has a code for each. */
struct pdf_code {
    uint16_t code;       /* below 0x100: one byte */
    uint16_t glyph;
    uint16_t cid;        /* known when the font is written */
    rs_text text;        /* what it says; empty: nothing */
    uint32_t next;       /* index + 1 of another code of the glyph */
};

struct pdf_font {
    const struct text_font *font;
    unsigned resource;   /* F0, F1 ... */
    unsigned object;
    size_t glyph_count;
    uint32_t *codes;     /* by glyph: index + 1 of one of its `others` */
    bool ascii_used[TEXT_PLAIN_MAX];
    RS_VEC(struct pdf_code) others; /* codes that are not ASCII's own */
    uint16_t next_code;
    bool full;           /* no code is left: further glyphs go to another pdf_font of the same font */
};

struct pdf_fonts {
    struct pdf_file *file;
    RS_VEC(struct pdf_font *) items;
    struct pdf_font *last; /* the one asked for last */
};

/* The font in this document; with room for another code. */
struct pdf_font *pdf_font_for(struct pdf_fonts *fonts, const struct text_font *font);

/* The code of a glyph that says `text`; 0 where no code is left. */
unsigned pdf_font_code(struct pdf_fonts *fonts, struct pdf_font *font, unsigned glyph, rs_text text);

/* Plain text (see text/font.h) as codes, one byte each, to `to`, which has room for them; gives the end. */
char *pdf_font_put_plain(struct pdf_font *font, rs_text text, char *to);

RS_CHECKED rs_status pdf_fonts_write(struct rs_job *job, struct pdf_fonts *fonts);

#endif
