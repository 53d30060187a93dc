/* Characters that the font of a run lacks: another font has them, and on paper a line is as high as the fonts in it. Where
 * the style sheet says how high the lines of a font are, such characters are told to be as high as on paper:
 *
 *     Notebook <span style="line-height:1.481">和綴じ</span>
 *
 * Elsewhere browsers find the height by themselves.
 */
#include <math.h>

#include <unicode/uchar.h>

#include "format/escape/markup.h"
#include "report/render/html.h"
#include "report/text/font.h"

/* What stands with the character before it, in the same font. */
static bool is_joined(uint32_t c)
{
    return (U_GET_GC_MASK((UChar32)c) & U_GC_M_MASK) != 0 || u_hasBinaryProperty((UChar32)c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

/* In ems, of a line with `font` and what it lacks `c` for; 0 where `font` alone is as high. */
static double height_with(const struct text_font *font, uint32_t c)
{
    const struct text_metrics *own = &font->metrics, *other;
    unsigned advance;
    double height;

    if (c < 0xA0 || text_font_glyph(font, c, &advance))
        return 0;
    other = &text_font_fallback(font, c)->metrics;
    height = fmax(own->ascent, other->ascent) + fmax(own->descent, other->descent) + fmax(own->gap, other->gap);
    return height > text_font_line_height(font) + 0.0005 ? height : 0;
}

static void write_in(struct html *h, const struct text_font *font, rs_text text)
{
    double height = 0;
    size_t from = 0;

    for (size_t at = 0; at <= text.size;) {
        size_t start = at;
        uint32_t c = at < text.size ? (uint32_t)rs_text_next(text, &at) : 0;
        double next = c && is_joined(c) ? height : height_with(font, c);
        if (start < text.size && next == height)
            continue;
        if (height > 0)
            rs_buf_printf(&h->out, "<span style=\"line-height:%.3f\">", height);
        escape_html(&h->out, rs_text_slice(text, from, start - from));
        if (height > 0)
            rs_buf_add_literal(&h->out, "</span>");
        if (start == text.size)
            return;
        height = next;
        from = start;
    }
}

/* Latin letters of Europe and the signs that texts in them use, but a few that one of the fonts lacks. */
bool html_every_font_has(uint32_t c)
{
    static const uint16_t from_to[][2] = {{0, 0x7F},        {0xA1, 0xAC},     {0xAE, 0x161},    {0x164, 0x17F},
                                          {0x2013, 0x2014}, {0x2018, 0x201E}, {0x2020, 0x2022}, {0x2026, 0x2026},
                                          {0x2030, 0x2030}, {0x2039, 0x203A}, {0x20AC, 0x20AC}, {0x2122, 0x2122}};

    for (size_t i = 0; i < sizeof from_to / sizeof from_to[0]; i++)
        if (c <= from_to[i][1])
            return c >= from_to[i][0];
    return false;
}

/* Then no font is opened for it, nor the list of those that are installed. */
static bool is_in_every_font(rs_text text)
{
    for (size_t at = 0; at < text.size;)
        if ((unsigned char)text.bytes[at] < 0x80)
            at++;
        else if (!html_every_font_has((uint32_t)rs_text_next(text, &at)))
            return false;
    return true;
}

rs_status html_script(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                      const struct rdl_paragraph *paragraph, const struct rdl_text_run *run, rs_text text)
{
    const struct text_font *font;
    rs_text family;

    if (is_in_every_font(text) || paragraph->style.line_height.present) {
        escape_html(&h->out, text);
        return RS_OK;
    }
    RS_TRY(compute_eval_text(job, h->at.run, scope, &run->style.font_family, h->at.report->default_font_family, &family));
    if (!html_knows_height(family)) {
        escape_html(&h->out, text);
        return RS_OK;
    }
    RS_TRY(text_font_find(job, rs_text_trim(family), 400, false, &font));
    write_in(h, font, text);
    return RS_OK;
}
