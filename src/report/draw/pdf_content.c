#include "report/draw/pdf_state.h"

#include <assert.h>
#include <math.h>

#define SLANT 0.2126        /* of a slanted upright font: tan 12 degrees */
#define FATTEN 0.03         /* of a font drawn bolder: width of its outline, in ems */

static const char *const line_dashes[] = {
    [DRAW_DASHED] = "3 1", [DRAW_DOTTED] = "1 1", [DRAW_DASH_DOT] = "3 1 1 1", [DRAW_DASH_DOT_DOT] = "3 1 1 1 1 1",
};

/* ---- operators -------------------------------------------------------------------------------------- */

static void add_hundredths(rs_buf *buf, int64_t hundredths)
{
    char *at = rs_buf_reserve(buf, PDF_NUMBER_MAX + 1), *end = pdf_put_hundredths(at, hundredths);

    *end++ = ' ';
    buf->used += (size_t)(end - at);
}

void pdf_add_point(rs_buf *buf, double number)
{
    add_hundredths(buf, pdf_hundredths(number));
}

void pdf_leave_text(struct pdf *pdf)
{
    if (pdf->in_text)
        rs_buf_add_literal(&pdf->content, "ET\n");
    pdf->in_text = false;
}

static void add_color(rs_buf *buf, uint32_t color, const char *operator)
{
    for (int shift = 16; shift >= 0; shift -= 8) {
        unsigned part = color >> shift & 0xff;
        if (part == 0)
            rs_buf_add_literal(buf, "0 ");
        else if (part == 255)
            rs_buf_add_literal(buf, "1 ");
        else
            rs_buf_printf(buf, ".%03u ", (part * 1000 + 127) / 255);
    }
    rs_buf_add(buf, rs_text_from(operator));
}

static void set_fill(struct pdf *pdf, uint32_t color)
{
    if (pdf->now.fill == (color & 0xffffff))
        return;
    pdf->now.fill = color & 0xffffff;
    add_color(&pdf->content, color, "rg\n");
}

static void set_stroke(struct pdf *pdf, uint32_t color)
{
    if (pdf->now.stroke == (color & 0xffffff))
        return;
    pdf->now.stroke = color & 0xffffff;
    add_color(&pdf->content, color, "RG\n");
}

void pdf_set_alpha(struct pdf *pdf, unsigned alpha)
{
    if (pdf->now.alpha == alpha)
        return;
    pdf->now.alpha = (uint8_t)alpha;
    pdf->alphas[alpha] = true;
    rs_buf_printf(&pdf->content, "/G%u gs\n", alpha);
}

static void set_line_width(struct pdf *pdf, int64_t hundredths)
{
    if (pdf->now.line_width == hundredths)
        return;
    pdf->now.line_width = hundredths;
    add_hundredths(&pdf->content, hundredths);
    rs_buf_add_literal(&pdf->content, "w\n");
}

static void add_dash(struct pdf *pdf, enum draw_line_style style, double width_pt)
{
    rs_buf_add_byte(&pdf->content, '[');
    for (const char *c = line_dashes[style]; *c; c++)
        if (*c != ' ')
            pdf_add_point(&pdf->content, (*c - '0') * width_pt);
    rs_buf_add_literal(&pdf->content, "]0 d\n");
}

static void set_dash(struct pdf *pdf, enum draw_line_style style, double width_pt)
{
    bool dashed = style >= DRAW_DASHED && style <= DRAW_DASH_DOT_DOT;
    int64_t width = dashed ? pdf_hundredths(width_pt) : 0;

    style = dashed ? style : DRAW_SOLID;
    if (pdf->now.dash == style && pdf->now.dash_width == width)
        return;
    pdf->now.dash = style;
    pdf->now.dash_width = width;
    if (dashed)
        add_dash(pdf, style, width_pt);
    else
        rs_buf_add_literal(&pdf->content, "[]0 d\n");
}

void pdf_graphics_reset(struct pdf *pdf)
{
    pdf->now = (struct pdf_graphics){.size = -1, .fill = 0, .stroke = 0, .alpha = 255, .line_width = 100, .dash = DRAW_SOLID};
    pdf->in_text = false;
    pdf->clip_depth = 0;
    rs_buf_clear(&pdf->content);
    rs_buf_add_literal(&pdf->content, "q\n"); /* so that a second stream of the page begins as the first */
}

/* ---- shapes ----------------------------------------------------------------------------------------- */

static void add_rectangle(struct pdf *pdf, const struct draw_box *box, const char *operator)
{
    /* edges are rounded, not extents, so that neighbours meet */
    int64_t left = pdf_hundredths(box->left_pt), right = pdf_hundredths(box->left_pt + box->width_pt);
    int64_t bottom = pdf_hundredths(pdf_flipped(pdf, box->top_pt + box->height_pt));
    int64_t top = pdf_hundredths(pdf_flipped(pdf, box->top_pt));

    add_hundredths(&pdf->content, left);
    add_hundredths(&pdf->content, bottom);
    add_hundredths(&pdf->content, right - left);
    add_hundredths(&pdf->content, top - bottom);
    rs_buf_add(&pdf->content, rs_text_from(operator));
}

rs_status pdf_fill(struct rs_job *job, struct draw_device *device, const struct draw_box *box, uint32_t color)
{
    struct pdf *pdf = pdf_of(device);

    (void)job;
    if (!(color >> 24))
        return RS_OK;
    pdf_mark(pdf, false);
    pdf_leave_text(pdf);
    pdf_set_alpha(pdf, color >> 24);
    set_fill(pdf, color);
    add_rectangle(pdf, box, "re f\n");
    return RS_OK;
}

static void add_stroke(struct pdf *pdf, double x1, double y1, double x2, double y2)
{
    pdf_add_point(&pdf->content, x1);
    pdf_add_point(&pdf->content, pdf_flipped(pdf, y1));
    rs_buf_add_literal(&pdf->content, "m ");
    pdf_add_point(&pdf->content, x2);
    pdf_add_point(&pdf->content, pdf_flipped(pdf, y2));
    rs_buf_add_literal(&pdf->content, "l S\n");
}

rs_status pdf_line(struct rs_job *job, struct draw_device *device, double x1_pt, double y1_pt, double x2_pt,
                          double y2_pt, const struct draw_pen *pen)
{
    struct pdf *pdf = pdf_of(device);
    double length = hypot(x2_pt - x1_pt, y2_pt - y1_pt), third = pen->width_pt / 3;

    (void)job;
    if (pen->style == DRAW_NO_LINE || !(pen->color >> 24))
        return RS_OK;
    pdf_mark(pdf, false);
    pdf_leave_text(pdf);
    pdf_set_alpha(pdf, pen->color >> 24);
    set_stroke(pdf, pen->color);
    set_dash(pdf, pen->style, pen->width_pt);
    if (pen->style == DRAW_DOUBLE && length > 0) { /* two lines of a third of the width each */
        double dx = (y2_pt - y1_pt) / length * third, dy = -(x2_pt - x1_pt) / length * third;
        set_line_width(pdf, pdf_hundredths(third));
        add_stroke(pdf, x1_pt + dx, y1_pt + dy, x2_pt + dx, y2_pt + dy);
        add_stroke(pdf, x1_pt - dx, y1_pt - dy, x2_pt - dx, y2_pt - dy);
    } else {
        set_line_width(pdf, pdf_hundredths(pen->width_pt));
        add_stroke(pdf, x1_pt, y1_pt, x2_pt, y2_pt);
    }
    return RS_OK;
}

rs_status pdf_clip_begin(struct rs_job *job, struct draw_device *device, const struct draw_box *box)
{
    struct pdf *pdf = pdf_of(device);

    if (pdf->clip_depth == PDF_CLIP_DEPTH_MAX)
        return rs_fail(job, RS_OVER_LIMIT, "more than %d clipped report items stand inside one another", PDF_CLIP_DEPTH_MAX);
    pdf_mark_end(pdf);
    pdf_leave_text(pdf);
    pdf->clipped[pdf->clip_depth++] = pdf->now;
    rs_buf_add_literal(&pdf->content, "q ");
    add_rectangle(pdf, box, "re W n\n");
    return RS_OK;
}

rs_status pdf_clip_end(struct rs_job *job, struct draw_device *device)
{
    struct pdf *pdf = pdf_of(device);

    (void)job;
    assert(pdf->clip_depth > 0);
    pdf_mark_end(pdf);
    pdf_leave_text(pdf);
    pdf->now = pdf->clipped[--pdf->clip_depth];
    rs_buf_add_literal(&pdf->content, "Q\n");
    return RS_OK;
}

/* ---- text ------------------------------------------------------------------------------------------- */

static void set_font(struct pdf *pdf, const struct pdf_font *font, const struct text_style *style)
{
    int64_t size = pdf_hundredths(style->size_pt);

    if (pdf->now.font != font || pdf->now.size != size) {
        rs_buf_printf(&pdf->content, "/F%u ", font->resource);
        add_hundredths(&pdf->content, size);
        rs_buf_add_literal(&pdf->content, "Tf\n");
        pdf->now.font = font;
        pdf->now.size = size;
    }
    if (font->font->fake_bold) {
        set_stroke(pdf, style->color);
        set_dash(pdf, DRAW_SOLID, 0);
        set_line_width(pdf, pdf_hundredths(style->size_pt * FATTEN));
    }
    if (font->font->fake_bold != pdf->now.fat) {
        rs_buf_add(&pdf->content, font->font->fake_bold ? RS_TEXT("2 Tr\n") : RS_TEXT("0 Tr\n"));
        pdf->now.fat = font->font->fake_bold;
    }
}

/* Begin a line of text at x, y (hundredths, y from the bottom). */
static void set_position(struct pdf *pdf, int64_t x, int64_t y, enum draw_turn turn, bool slanted)
{
    rs_buf *content = &pdf->content;

    if (!pdf->in_text) {
        rs_buf_add_literal(content, "BT\n");
        pdf->in_text = true;
        pdf->upright = true;
        pdf->x = pdf->y = 0;
    }
    if (turn == DRAW_UPRIGHT && !slanted && pdf->upright) {
        if (x != pdf->x || y != pdf->y) {
            add_hundredths(content, x - pdf->x);
            add_hundredths(content, y - pdf->y);
            rs_buf_add_literal(content, "Td\n");
        }
    } else {
        if (turn == DRAW_CLOCKWISE)
            rs_buf_printf(content, "0 -1 1 %g ", slanted ? -SLANT : 0.0);
        else if (turn == DRAW_COUNTERCLOCKWISE)
            rs_buf_printf(content, "0 1 -1 %g ", slanted ? SLANT : 0.0);
        else
            rs_buf_printf(content, "1 0 %g 1 ", slanted ? SLANT : 0.0);
        add_hundredths(content, x);
        add_hundredths(content, y);
        rs_buf_add_literal(content, "Tm\n");
        pdf->upright = turn == DRAW_UPRIGHT && !slanted;
    }
    pdf->x = x;
    pdf->y = y;
}

static void add_code(rs_buf *buf, unsigned code)
{
    if (code > 0xff)
        rs_buf_add_byte(buf, (char)(code >> 8));
    rs_buf_add_byte(buf, (char)code);
}

/* Glyphs [first, end) of one cluster, and its text. */
struct cluster {
    size_t first, end;
    rs_text text;
    bool one_by_one; /* each glyph is that of a character of the text */
    bool backward;   /* ... from right to left */
    bool apart;      /* its text is told beside the glyphs */
};

/* Whether the glyphs are those of the characters, one for each: marks on letters. */
static bool is_one_by_one(const struct text_piece *piece, const struct cluster *c, bool backward)
{
    size_t at = 0, count = 0;

    while (at < c->text.size) {
        uint32_t character = rs_text_next(c->text, &at);
        size_t index = backward ? c->end - 1 - count : c->first + count;
        unsigned advance;
        if (count++ == c->end - c->first ||
            text_font_glyph(piece->style.font, character, &advance) != piece->glyphs[index].id)
            return false;
    }
    return count == c->end - c->first;
}

/* The cluster that begins with glyph `first`. */
static struct cluster find_cluster(const struct text_piece *piece, size_t first)
{
    const struct text_glyph *glyphs = piece->glyphs;
    struct cluster c = {.first = first, .end = first + 1};
    uint32_t start = glyphs[first].cluster, end = (uint32_t)piece->text.size;

    while (c.end < piece->glyph_count && glyphs[c.end].cluster == start)
        c.end++;
    if (c.end < piece->glyph_count && glyphs[c.end].cluster > start)
        end = glyphs[c.end].cluster; /* left to right: the next glyph tells where the text ends */
    else if (first > 0 && glyphs[first - 1].cluster > start)
        end = glyphs[first - 1].cluster;
    for (size_t i = 0; i < piece->glyph_count && end == piece->text.size; i++)
        if (glyphs[i].cluster > start && glyphs[i].cluster < end)
            end = glyphs[i].cluster;
    c.text = rs_text_slice(piece->text, start, end - start);
    if (c.end - c.first > 1) {
        c.backward = !is_one_by_one(piece, &c, false);
        c.one_by_one = !c.backward || is_one_by_one(piece, &c, true);
        c.apart = !c.one_by_one;
        for (size_t i = c.first; i < c.end; i++)
            c.apart |= fabsf(glyphs[i].y_pt) > 0.005f || fabsf(glyphs[i].x_pt) > 0.005f;
    }
    return c;
}

/* What a glyph of a cluster says: its own character, else the first glyph says all of it. */
static rs_text glyph_text(const struct cluster *c, size_t i)
{
    size_t at = 0, from = 0, wanted = c->backward ? c->end - 1 - i : i - c->first;

    if (!c->one_by_one)
        return i == c->first ? c->text : RS_TEXT("");
    for (size_t count = 0; count <= wanted; count++) {
        from = at;
        rs_text_next(c->text, &at);
    }
    return rs_text_slice(c->text, from, at - from);
}

/* Where the glyphs of a cluster are not those of its characters, or not one behind the other, its text is told apart:
 * readers would take silent glyphs for spaces, and raised ones for another line. */
static void begin_actual_text(rs_buf *content, rs_text text)
{
    rs_buf_add_literal(content, ")]TJ\n/Span<</ActualText<FEFF");
    pdf_add_utf16(content, text);
    rs_buf_add_literal(content, ">>>BDC\n[(");
}

/* Glyphs with their places: TJ where one is not as wide as its font says, Ts where it is not on the baseline. */
static rs_status add_glyphs(struct rs_job *job, struct pdf *pdf, const struct text_piece *piece)
{
    const struct text_font *font = piece->style.font;
    double size = piece->style.size_pt, pen = 0, drawn = 0, rise = 0; /* pt from the start; where the reader is */
    struct cluster cluster = {0};
    rs_buf *content = &pdf->content;

    rs_buf_add_literal(content, "[(");
    for (size_t i = 0; i < piece->glyph_count; i++) {
        const struct text_glyph *glyph = &piece->glyphs[i];
        struct pdf_font *own = pdf_font_for(&pdf->fonts, font);
        double shift = (drawn - pen - glyph->x_pt) / size * 1000;
        unsigned code;

        if (i == cluster.end)
            cluster = find_cluster(piece, i);
        if (cluster.apart && i == cluster.first)
            begin_actual_text(content, cluster.text);
        code = pdf_font_code(&pdf->fonts, own, glyph->id, glyph_text(&cluster, i));
        if (!code) { /* this font object holds all it can: the same font again */
            own = pdf_font_for(&pdf->fonts, font);
            code = pdf_font_code(&pdf->fonts, own, glyph->id, glyph_text(&cluster, i));
        }
        if (own != pdf->now.font || fabs(rise - glyph->y_pt) > 0.005) {
            rs_buf_add_literal(content, ")]TJ\n");
            set_font(pdf, own, &piece->style);
            rise = glyph->y_pt;
            pdf_add_point(content, rise);
            rs_buf_add_literal(content, "Ts\n[(");
        }
        if (fabs(shift) >= 0.5) {
            rs_buf_add_byte(content, ')');
            pdf_add_decimal(content, shift, 1);
            rs_buf_add_byte(content, '(');
            drawn -= shift / 1000 * size;
        }
        add_code(content, code);
        drawn += text_font_advance(font, glyph->id) * size / font->units_per_em;
        pen += glyph->advance_pt;
        if (cluster.apart && i + 1 == cluster.end)
            rs_buf_add_literal(content, ")]TJ\nEMC\n[(");
        if (i % 4096 == 4095)
            RS_TRY(rs_job_checkpoint(job));
    }
    rs_buf_add_literal(content, ")]TJ\n");
    if (fabs(rise) > 0.005)
        rs_buf_add_literal(content, "0 Ts\n");
    return RS_OK;
}

/* Text in the font and colour of the text before it, which is what a table is full of: a move and a string. */
static bool add_similar(struct pdf *pdf, int64_t x, int64_t y, const struct text_piece *piece)
{
    struct pdf_font *font = pdf->fonts.last;
    rs_buf *content = &pdf->content;
    char *at;

    if (!pdf->in_text || !pdf->upright || piece->glyphs || !font || font != pdf->now.font ||
        font->font != piece->style.font || font->font->fake_italic || pdf->now.alpha != 255 ||
        pdf->now.fill != (piece->style.color & 0xffffff) || pdf->now.size != pdf_hundredths(piece->style.size_pt))
        return false;
    at = rs_buf_reserve(content, 2 * PDF_NUMBER_MAX + piece->text.size + 16);
    at = pdf_put_hundredths(at, x - pdf->x);
    *at++ = ' ';
    at = pdf_put_hundredths(at, y - pdf->y);
    memcpy(at, " Td(", 4);
    at = pdf_font_put_plain(font, piece->text, at + 4);
    memcpy(at, ")Tj\n", 4);
    content->used = (size_t)(at + 4 - content->bytes);
    pdf->x = x;
    pdf->y = y;
    return true;
}

rs_status pdf_text(struct rs_job *job, struct draw_device *device, double x_pt, double y_pt, enum draw_turn turn,
                   const struct text_piece *piece)
{
    struct pdf *pdf = pdf_of(device);
    int64_t x = pdf_hundredths(x_pt), y = pdf_hundredths(pdf_flipped(pdf, y_pt));
    struct pdf_font *font;

    if (pdf->tags && piece->glyph_count)
        pdf_mark(pdf, true);
    if (piece->glyph_count == 0 || (turn == DRAW_UPRIGHT && add_similar(pdf, x, y, piece)))
        return RS_OK;
    font = pdf_font_for(&pdf->fonts, piece->style.font);
    if (pdf->now.alpha != 255) {
        pdf_leave_text(pdf);
        pdf_set_alpha(pdf, 255);
    }
    set_position(pdf, x, y, turn, font->font->fake_italic);
    set_fill(pdf, piece->style.color);
    set_font(pdf, font, &piece->style);
    if (piece->glyphs)
        return add_glyphs(job, pdf, piece);
    rs_buf_add_byte(&pdf->content, '(');
    pdf_font_put_plain(font, piece->text, rs_buf_reserve(&pdf->content, piece->text.size));
    pdf->content.used += piece->text.size;
    rs_buf_add_literal(&pdf->content, ")Tj\n");
    return RS_OK;
}
