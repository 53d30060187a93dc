/* report/draw/cff.h - which character identifiers the glyphs of a CFF font have.
 *
 * In a PDF, codes stand for character identifiers. Of most fonts these are the glyph numbers; a CID-keyed CFF font
 * (Chinese, Japanese, Korean) says in its charset what they are.
 *
 * Source:  Adobe Technical Note 5176, The Compact Font Format, parts 4 to 9, 13 and 18.
 */
#ifndef REPORT_DRAW_CFF_H
#define REPORT_DRAW_CFF_H

#include "base/text.h"

/* The identifiers of glyphs 0 .. count - 1 of a CFF table; false where the font is not CID-keyed or damaged. */
bool draw_cff_identifiers(rs_text table, uint16_t *out, size_t count);

#endif
