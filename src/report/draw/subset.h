/* report/draw/subset.h - the part of a font that a document uses, ready to be embedded.
 *
 * Subsets are kept for the life of the process, up to a number of bytes: a worker makes reports with the same few fonts
 * again and again. So that the same subset fits many documents, a glyph of printable ASCII brings all of ASCII with it;
 * what a document gets depends only on the glyphs it uses.
 *
 * Source:  HarfBuzz's subsetter; ISO 32000-1, 9.9 (embedded font programs).
 */
#ifndef REPORT_DRAW_SUBSET_H
#define REPORT_DRAW_SUBSET_H

#include "base/job.h"

struct text_font;

struct draw_subset {
    rs_text program;             /* TrueType without hints, or a bare CFF table; a zlib stream */
    size_t program_size;         /* before compression */
    const uint16_t *identifiers; /* by glyph of the whole font: what codes stand for in the subset; 0: not there */
    size_t glyph_count;          /* of the whole font */
    uint64_t hash;               /* of the glyphs: names the subset */
};

/* `used[glyph]` is true for each glyph that is drawn. `out` is borrowed until the next call. */
RS_CHECKED rs_status draw_subset_make(struct rs_job *job, const struct text_font *font, const bool *used,
                                      size_t glyph_count, const struct draw_subset **out);

#endif
