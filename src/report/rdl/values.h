/* report/rdl/values.h - sizes, colours and keywords of RDL, for the reader and for values that expressions give.
 *
 * Nothing here allocates. Keywords and colour names compare without case, as the original's do in practice.
 *
 * Source:  [MS-RDL] 2.16 to 2.25, simple types.
 */
#ifndef REPORT_RDL_VALUES_H
#define REPORT_RDL_VALUES_H

#include "base/text.h"

/* "1.5in", "2 cm", "-3mm", "12pt", "1pc" in points. A number without a unit (written by other tools) counts as points
 * where `bare_is_pt`, and is not a size otherwise. False where it is no size or not finite. */
bool rdl_size_parse(rs_text t, bool bare_is_pt, double *out_pt);

/* "#RRGGBB", "#AARRGGBB", "#RGB" or a name ("LightGrey", "Transparent") as 0xAARRGGBB. */
bool rdl_color_parse(rs_text t, uint32_t *out_argb);

/* A set of keywords. */
struct rdl_keyword {
    const char *name; /* NULL ends the set */
    int value;
};

/* The value of keyword `t` (white space around it is ignored), or `otherwise`. */
int rdl_keyword_parse(const struct rdl_keyword *set, rs_text t, int otherwise);
/* The first keyword with that value; NULL where there is none. */
const char *rdl_keyword_name(const struct rdl_keyword *set, int value);

enum rdl_border_style {
    RDL_LINE_NONE, RDL_LINE_DEFAULT, RDL_LINE_DOTTED, RDL_LINE_DASHED, RDL_LINE_SOLID, RDL_LINE_DOUBLE, RDL_LINE_DASH_DOT,
    RDL_LINE_DASH_DOT_DOT, RDL_LINE_GROOVE, RDL_LINE_RIDGE, RDL_LINE_INSET, RDL_LINE_OUTSET, RDL_LINE_WINDOW_INSET,
};
extern const struct rdl_keyword rdl_border_styles[];

enum rdl_text_align { RDL_ALIGN_GENERAL, RDL_ALIGN_LEFT, RDL_ALIGN_CENTER, RDL_ALIGN_RIGHT, RDL_ALIGN_JUSTIFY };
extern const struct rdl_keyword rdl_text_aligns[];

enum rdl_vertical_align { RDL_ALIGN_TOP, RDL_ALIGN_MIDDLE, RDL_ALIGN_BOTTOM };
extern const struct rdl_keyword rdl_vertical_aligns[];

enum rdl_font_style { RDL_FONT_NORMAL, RDL_FONT_ITALIC };
extern const struct rdl_keyword rdl_font_styles[];

/* Names ("SemiBold") and numbers ("600"): 100 to 900. */
extern const struct rdl_keyword rdl_font_weights[];

enum rdl_text_decoration { RDL_DECORATION_NONE, RDL_UNDERLINE, RDL_OVERLINE, RDL_LINE_THROUGH };
extern const struct rdl_keyword rdl_text_decorations[];

enum rdl_direction { RDL_LTR, RDL_RTL };
extern const struct rdl_keyword rdl_directions[];

/* Also the names of 2005: lr-tb, tb-rl. */
enum rdl_writing_mode { RDL_HORIZONTAL, RDL_VERTICAL, RDL_ROTATE_270 };
extern const struct rdl_keyword rdl_writing_modes[];

enum rdl_gradient {
    RDL_GRADIENT_NONE, RDL_GRADIENT_LEFT_RIGHT, RDL_GRADIENT_TOP_BOTTOM, RDL_GRADIENT_CENTER, RDL_GRADIENT_DIAGONAL_LEFT,
    RDL_GRADIENT_DIAGONAL_RIGHT, RDL_GRADIENT_HORIZONTAL_CENTER, RDL_GRADIENT_VERTICAL_CENTER,
};
extern const struct rdl_keyword rdl_gradients[];

enum rdl_repeat { RDL_REPEAT, RDL_REPEAT_NONE, RDL_REPEAT_X, RDL_REPEAT_Y, RDL_REPEAT_FIT };
extern const struct rdl_keyword rdl_repeats[];

/* BackgroundImage/Position, counted from the top left: 3 * row + column of a grid of three by three. */
extern const struct rdl_keyword rdl_positions[];

/* enum of rdl_image.source, for BackgroundImage/Source. */
extern const struct rdl_keyword rdl_image_sources[];

extern const struct rdl_keyword rdl_booleans[];   /* true, false, 1, 0 */
extern const struct rdl_keyword rdl_data_types[]; /* enum rdl_data_type */

#endif
