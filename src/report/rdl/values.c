#include "report/rdl/values.h"

#include <math.h>
#include <stdlib.h>

#include "report/rdl/model.h"

/* ---- sizes ---------------------------------------------------------------------------------- */

static const struct {
    const char *unit;
    double points;
} units[] = {
    {"pt", 1}, {"in", 72}, {"cm", 72 / 2.54}, {"mm", 72 / 25.4}, {"pc", 12}, {"px", 0.75},
};

bool rdl_size_parse(rs_text t, bool bare_is_pt, double *out_pt)
{
    double number;
    rs_text unit;
    size_t digits = 0;

    t = rs_text_trim(t);
    while (digits < t.size && (rs_is_digit(t.bytes[digits]) || (t.bytes[digits] && strchr("+-.", t.bytes[digits]))))
        digits++;
    unit = rs_text_trim(rs_text_from_offset(t, digits));
    if (!rs_parse_double(rs_text_slice(t, 0, digits), &number) || !isfinite(number))
        return false;
    if (rs_text_is_empty(unit)) {
        *out_pt = number;
        return bare_is_pt || number == 0;
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (rs_text_equal_nocase(unit, rs_text_from(units[i].unit))) {
            *out_pt = number * units[i].points;
            return true;
        }
    return false;
}

/* ---- colours -------------------------------------------------------------------------------- */

/* The named colours of HTML and CSS with those of .NET, sorted for the search: lower case, 0xRRGGBB. */
static const struct color_name {
    const char *name;
    uint32_t rgb;
} color_names[] = {
    {"aliceblue", 0xf0f8ff}, {"antiquewhite", 0xfaebd7}, {"aqua", 0x00ffff}, {"aquamarine", 0x7fffd4},
    {"azure", 0xf0ffff}, {"beige", 0xf5f5dc}, {"bisque", 0xffe4c4}, {"black", 0x000000},
    {"blanchedalmond", 0xffebcd}, {"blue", 0x0000ff}, {"blueviolet", 0x8a2be2}, {"brown", 0xa52a2a},
    {"burlywood", 0xdeb887}, {"cadetblue", 0x5f9ea0}, {"chartreuse", 0x7fff00}, {"chocolate", 0xd2691e},
    {"coral", 0xff7f50}, {"cornflowerblue", 0x6495ed}, {"cornsilk", 0xfff8dc}, {"crimson", 0xdc143c},
    {"cyan", 0x00ffff}, {"darkblue", 0x00008b}, {"darkcyan", 0x008b8b}, {"darkgoldenrod", 0xb8860b},
    {"darkgray", 0xa9a9a9}, {"darkgreen", 0x006400}, {"darkgrey", 0xa9a9a9}, {"darkkhaki", 0xbdb76b},
    {"darkmagenta", 0x8b008b}, {"darkolivegreen", 0x556b2f}, {"darkorange", 0xff8c00}, {"darkorchid", 0x9932cc},
    {"darkred", 0x8b0000}, {"darksalmon", 0xe9967a}, {"darkseagreen", 0x8fbc8f}, {"darkslateblue", 0x483d8b},
    {"darkslategray", 0x2f4f4f}, {"darkslategrey", 0x2f4f4f}, {"darkturquoise", 0x00ced1}, {"darkviolet", 0x9400d3},
    {"deeppink", 0xff1493}, {"deepskyblue", 0x00bfff}, {"dimgray", 0x696969}, {"dimgrey", 0x696969},
    {"dodgerblue", 0x1e90ff}, {"firebrick", 0xb22222}, {"floralwhite", 0xfffaf0}, {"forestgreen", 0x228b22},
    {"fuchsia", 0xff00ff}, {"gainsboro", 0xdcdcdc}, {"ghostwhite", 0xf8f8ff}, {"gold", 0xffd700},
    {"goldenrod", 0xdaa520}, {"gray", 0x808080}, {"green", 0x008000}, {"greenyellow", 0xadff2f},
    {"grey", 0x808080}, {"honeydew", 0xf0fff0}, {"hotpink", 0xff69b4}, {"indianred", 0xcd5c5c},
    {"indigo", 0x4b0082}, {"ivory", 0xfffff0}, {"khaki", 0xf0e68c}, {"lavender", 0xe6e6fa},
    {"lavenderblush", 0xfff0f5}, {"lawngreen", 0x7cfc00}, {"lemonchiffon", 0xfffacd}, {"lightblue", 0xadd8e6},
    {"lightcoral", 0xf08080}, {"lightcyan", 0xe0ffff}, {"lightgoldenrodyellow", 0xfafad2}, {"lightgray", 0xd3d3d3},
    {"lightgreen", 0x90ee90}, {"lightgrey", 0xd3d3d3}, {"lightpink", 0xffb6c1}, {"lightsalmon", 0xffa07a},
    {"lightseagreen", 0x20b2aa}, {"lightskyblue", 0x87cefa}, {"lightslategray", 0x778899},
    {"lightslategrey", 0x778899}, {"lightsteelblue", 0xb0c4de}, {"lightyellow", 0xffffe0}, {"lime", 0x00ff00},
    {"limegreen", 0x32cd32}, {"linen", 0xfaf0e6}, {"magenta", 0xff00ff}, {"maroon", 0x800000},
    {"mediumaquamarine", 0x66cdaa}, {"mediumblue", 0x0000cd}, {"mediumorchid", 0xba55d3},
    {"mediumpurple", 0x9370db}, {"mediumseagreen", 0x3cb371}, {"mediumslateblue", 0x7b68ee},
    {"mediumspringgreen", 0x00fa9a}, {"mediumturquoise", 0x48d1cc}, {"mediumvioletred", 0xc71585},
    {"midnightblue", 0x191970}, {"mintcream", 0xf5fffa}, {"mistyrose", 0xffe4e1}, {"moccasin", 0xffe4b5},
    {"navajowhite", 0xffdead}, {"navy", 0x000080}, {"oldlace", 0xfdf5e6}, {"olive", 0x808000},
    {"olivedrab", 0x6b8e23}, {"orange", 0xffa500}, {"orangered", 0xff4500}, {"orchid", 0xda70d6},
    {"palegoldenrod", 0xeee8aa}, {"palegreen", 0x98fb98}, {"paleturquoise", 0xafeeee},
    {"palevioletred", 0xdb7093}, {"papayawhip", 0xffefd5}, {"peachpuff", 0xffdab9}, {"peru", 0xcd853f},
    {"pink", 0xffc0cb}, {"plum", 0xdda0dd}, {"powderblue", 0xb0e0e6}, {"purple", 0x800080},
    {"rebeccapurple", 0x663399}, {"red", 0xff0000}, {"rosybrown", 0xbc8f8f}, {"royalblue", 0x4169e1},
    {"saddlebrown", 0x8b4513}, {"salmon", 0xfa8072}, {"sandybrown", 0xf4a460}, {"seagreen", 0x2e8b57},
    {"seashell", 0xfff5ee}, {"sienna", 0xa0522d}, {"silver", 0xc0c0c0}, {"skyblue", 0x87ceeb},
    {"slateblue", 0x6a5acd}, {"slategray", 0x708090}, {"slategrey", 0x708090}, {"snow", 0xfffafa},
    {"springgreen", 0x00ff7f}, {"steelblue", 0x4682b4}, {"tan", 0xd2b48c}, {"teal", 0x008080},
    {"thistle", 0xd8bfd8}, {"tomato", 0xff6347}, {"turquoise", 0x40e0d0}, {"violet", 0xee82ee},
    {"wheat", 0xf5deb3}, {"white", 0xffffff}, {"whitesmoke", 0xf5f5f5}, {"yellow", 0xffff00},
    {"yellowgreen", 0x9acd32},
};

static int compare_color(const void *key, const void *row)
{
    return rs_text_compare_nocase(*(const rs_text *)key, rs_text_from(((const struct color_name *)row)->name));
}

bool rdl_color_parse(rs_text t, uint32_t *out_argb)
{
    const struct color_name *found;
    uint64_t number;

    t = rs_text_trim(t);
    if (t.size && t.bytes[0] == '#') {
        rs_text digits = rs_text_from_offset(t, 1);
        if (!rs_parse_hex64(digits, &number))
            return false;
        if (digits.size == 3)
            *out_argb = 0xff000000 | (uint32_t)((number >> 8) * 0x110000 | (number >> 4 & 15) * 0x1100 | (number & 15) * 0x11);
        else if (digits.size == 6)
            *out_argb = 0xff000000 | (uint32_t)number;
        else if (digits.size == 8)
            *out_argb = (uint32_t)number;
        else
            return false;
        return true;
    }
    if (rs_text_equal_nocase(t, RS_TEXT("transparent"))) {
        *out_argb = 0x00ffffff; /* as .NET has it */
        return true;
    }
    found = bsearch(&t, color_names, sizeof color_names / sizeof color_names[0], sizeof color_names[0], compare_color);
    if (!found)
        return false;
    *out_argb = 0xff000000 | found->rgb;
    return true;
}

/* ---- keywords ------------------------------------------------------------------------------- */

int rdl_keyword_parse(const struct rdl_keyword *set, rs_text t, int otherwise)
{
    t = rs_text_trim(t);
    for (; set->name; set++)
        if (rs_text_equal_nocase(t, rs_text_from(set->name)))
            return set->value;
    return otherwise;
}

const char *rdl_keyword_name(const struct rdl_keyword *set, int value)
{
    for (; set->name; set++)
        if (set->value == value)
            return set->name;
    return NULL;
}

const struct rdl_keyword rdl_border_styles[] = {
    {"None", RDL_LINE_NONE}, {"Default", RDL_LINE_DEFAULT}, {"Dotted", RDL_LINE_DOTTED}, {"Dashed", RDL_LINE_DASHED},
    {"Solid", RDL_LINE_SOLID}, {"Double", RDL_LINE_DOUBLE}, {"DashDot", RDL_LINE_DASH_DOT},
    {"DashDotDot", RDL_LINE_DASH_DOT_DOT}, {"Groove", RDL_LINE_GROOVE}, {"Ridge", RDL_LINE_RIDGE},
    {"Inset", RDL_LINE_INSET}, {"Outset", RDL_LINE_OUTSET}, {"WindowInset", RDL_LINE_WINDOW_INSET}, {NULL},
};

const struct rdl_keyword rdl_text_aligns[] = {
    {"General", RDL_ALIGN_GENERAL}, {"Default", RDL_ALIGN_GENERAL}, {"Left", RDL_ALIGN_LEFT},
    {"Center", RDL_ALIGN_CENTER}, {"Right", RDL_ALIGN_RIGHT}, {"Justify", RDL_ALIGN_JUSTIFY}, {NULL},
};

const struct rdl_keyword rdl_vertical_aligns[] = {
    {"Top", RDL_ALIGN_TOP}, {"Default", RDL_ALIGN_TOP}, {"Middle", RDL_ALIGN_MIDDLE}, {"Bottom", RDL_ALIGN_BOTTOM}, {NULL},
};

const struct rdl_keyword rdl_font_styles[] = {
    {"Normal", RDL_FONT_NORMAL}, {"Default", RDL_FONT_NORMAL}, {"Italic", RDL_FONT_ITALIC}, {NULL},
};

const struct rdl_keyword rdl_font_weights[] = {
    {"Normal", 400}, {"Default", 400}, {"Bold", 700}, {"Thin", 100}, {"ExtraLight", 200}, {"Light", 300},
    {"Lighter", 300}, {"Medium", 500}, {"SemiBold", 600}, {"ExtraBold", 800}, {"Heavy", 900}, {"Bolder", 900},
    {"100", 100}, {"200", 200}, {"300", 300}, {"400", 400}, {"500", 500}, {"600", 600}, {"700", 700}, {"800", 800},
    {"900", 900}, {NULL},
};

const struct rdl_keyword rdl_text_decorations[] = {
    {"None", RDL_DECORATION_NONE}, {"Default", RDL_DECORATION_NONE}, {"Underline", RDL_UNDERLINE},
    {"Overline", RDL_OVERLINE}, {"LineThrough", RDL_LINE_THROUGH}, {NULL},
};

const struct rdl_keyword rdl_directions[] = {{"LTR", RDL_LTR}, {"Default", RDL_LTR}, {"RTL", RDL_RTL}, {NULL}};

const struct rdl_keyword rdl_writing_modes[] = {
    {"Horizontal", RDL_HORIZONTAL}, {"Default", RDL_HORIZONTAL}, {"lr-tb", RDL_HORIZONTAL}, {"rl-tb", RDL_HORIZONTAL},
    {"Vertical", RDL_VERTICAL}, {"tb-rl", RDL_VERTICAL}, {"Rotate270", RDL_ROTATE_270}, {NULL},
};

const struct rdl_keyword rdl_gradients[] = {
    {"None", RDL_GRADIENT_NONE}, {"Default", RDL_GRADIENT_NONE}, {"LeftRight", RDL_GRADIENT_LEFT_RIGHT},
    {"TopBottom", RDL_GRADIENT_TOP_BOTTOM}, {"Center", RDL_GRADIENT_CENTER},
    {"DiagonalLeft", RDL_GRADIENT_DIAGONAL_LEFT}, {"DiagonalRight", RDL_GRADIENT_DIAGONAL_RIGHT},
    {"HorizontalCenter", RDL_GRADIENT_HORIZONTAL_CENTER}, {"VerticalCenter", RDL_GRADIENT_VERTICAL_CENTER}, {NULL},
};

const struct rdl_keyword rdl_repeats[] = {
    {"Repeat", RDL_REPEAT}, {"Default", RDL_REPEAT}, {"Clip", RDL_REPEAT_NONE}, {"NoRepeat", RDL_REPEAT_NONE},
    {"RepeatX", RDL_REPEAT_X}, {"RepeatY", RDL_REPEAT_Y}, {"Fit", RDL_REPEAT_FIT}, {NULL},
};

const struct rdl_keyword rdl_positions[] = {
    {"Default", 0}, {"TopLeft", 0}, {"Top", 1}, {"TopRight", 2}, {"Left", 3}, {"Center", 4}, {"Right", 5}, {"BottomLeft", 6},
    {"Bottom", 7}, {"BottomRight", 8}, {NULL},
};

const struct rdl_keyword rdl_image_sources[] = {
    {"External", RDL_IMAGE_EXTERNAL}, {"Embedded", RDL_IMAGE_EMBEDDED}, {"Database", RDL_IMAGE_DATABASE}, {NULL},
};

const struct rdl_keyword rdl_booleans[] = {{"true", 1}, {"false", 0}, {"1", 1}, {"0", 0}, {NULL}};

const struct rdl_keyword rdl_data_types[] = {
    {"Boolean", RDL_BOOLEAN}, {"DateTime", RDL_DATE_TIME}, {"Integer", RDL_INTEGER}, {"Float", RDL_FLOAT},
    {"String", RDL_STRING}, {NULL},
};
