/* report/text/font.h - fonts: chosen by family, weight and slant; measured without a device.
 *
 * Fonts are opened once per process and never closed: a worker meets the same few in every report. They belong to one
 * thread at a time, as a job does. Nothing a font gives depends on what was asked of it before.
 *
 * Source:  OpenType specification (head, hhea, OS/2, hmtx, cmap); fontconfig's matching.
 */
#ifndef REPORT_TEXT_FONT_H
#define REPORT_TEXT_FONT_H

#include "base/job.h"

/* In ems: times the font size gives points. */
struct text_metrics {
    double ascent;              /* above the baseline; > 0 */
    double descent;             /* below the baseline; > 0 */
    double gap;                 /* between lines; >= 0 */
    double cap_height;
    double underline_top, underline_thickness; /* top below the baseline */
    double strike_top;          /* above the baseline */
};

struct text_font_state;

/* Beyond the plain table a character needs text_font_glyph. */
#define TEXT_PLAIN_MAX 128
#define TEXT_NOT_PLAIN 0x80000000u

/* Read-only for callers. */
struct text_font {
    unsigned number;            /* counts the fonts of this process from 0 */
    rs_text family;             /* of the font file: "Liberation Sans" */
    rs_text asked;              /* the family that was first asked for: "Arial" */
    rs_text path;               /* the file */
    unsigned index;             /* of the face in the file */
    unsigned units_per_em;
    unsigned weight;            /* 100 to 900 */
    bool italic;
    bool fake_bold, fake_italic; /* the file is lighter or upright: drawn fatter, or slanted */
    bool is_cff;                /* outlines are CFF, not TrueType */
    struct text_metrics metrics;
    /* By byte of UTF-8: the advance in font units where the byte is a printable ASCII character that the font has,
     * TEXT_NOT_PLAIN for every other byte. */
    uint32_t plain_advance[256];
    uint16_t plain_glyph[TEXT_PLAIN_MAX];
    struct text_font_state *state;
};

/* The font for a family name of a report ("Segoe UI", "arial"), or the nearest there is. `weight` is 100 (Thin) to
 * 900 (Heavy), 400 is normal. A family that is missing is logged once per process.
 *
 * Fails with TEXT_NO_FONT where the machine has no usable font at all. */
RS_CHECKED rs_status text_font_find(struct rs_job *job, rs_text family, unsigned weight, bool italic,
                                    const struct text_font **out);

/* A font of the same weight and slant that has `code_point`; `font` itself where there is none. */
const struct text_font *text_font_fallback(const struct text_font *font, uint32_t code_point);

/* The glyph of a character without shaping, 0 where the font lacks it; its advance in font units. */
unsigned text_font_glyph(const struct text_font *font, uint32_t code_point, unsigned *advance);
unsigned text_font_advance(const struct text_font *font, unsigned glyph);

static inline double text_font_line_height(const struct text_font *font)
{
    return font->metrics.ascent + font->metrics.descent + font->metrics.gap;
}

/* The face for shaping and subsetting (hb_face_t, hb_font_t), borrowed. */
struct hb_face_t *text_font_face(const struct text_font *font);
struct hb_font_t *text_font_shaper(const struct text_font *font);

#endif
