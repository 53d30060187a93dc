#include "report/text/block.h"

#include <assert.h>
#include <math.h>

#include "base/buf.h"
#include "base/vec.h"
#include "report/text/list.h"
#include "report/text/shape.h"

#define TAB_PT 36.0          /* tab stops, from the left of the paragraph */
#define MARKER_GAP_PT 9.0    /* between a list marker and its text */
#define FIT_SLACK_PT 0.01    /* a text as wide as its box fits in spite of rounding */

RS_VEC_TYPE(struct text_line, text_lines);
RS_VEC_TYPE(struct text_piece, text_pieces);

struct layout {
    struct rs_job *job;
    const struct text_frame *frame;
    const struct text_paragraph *paragraph; /* the one being laid out */
    rs_text text;               /* of the paragraph, all runs */
    struct text_shaped shaped;  /* of the hard line being laid out */
    size_t hard_start;          /* where it begins in `text` */
    struct text_lines lines;
    struct text_pieces pieces;  /* of the line being made */
    double y_pt;
    double widest_pt;
    struct text_list_numbers numbers;
    unsigned number;            /* of the paragraph, in its list */
    bool has_text;
};

/* ---- the plain case --------------------------------------------------------------------------------- */

/* Width in font units, or UINT64_MAX where some byte is not plain: one of these adds more than all others can. */
#define PLAIN_BYTES_MAX ((size_t)4096)
static uint64_t plain_width(const struct text_font *font, rs_text text)
{
    const uint8_t *bytes = (const uint8_t *)text.bytes;
    uint64_t width = 0;

    if (text.size > PLAIN_BYTES_MAX)
        return UINT64_MAX;
    for (size_t i = 0; i < text.size; i++)
        width += font->plain_advance[bytes[i]];
    return width < TEXT_NOT_PLAIN ? width : UINT64_MAX;
}

static double align_offset(enum text_align align, double room)
{
    if (room <= 0)
        return align == TEXT_RIGHT ? room : align == TEXT_CENTER ? room / 2 : 0;
    return align == TEXT_RIGHT ? room : align == TEXT_CENTER ? room / 2 : 0;
}

static bool is_plain_paragraph(const struct text_frame *frame, const struct text_paragraph *paragraph)
{
    return paragraph->run_count == 1 && paragraph->list == TEXT_NO_LIST && !frame->right_to_left &&
           paragraph->runs[0].text.size > 0;
}

/* Where the baseline of a line of `height` stands below its top: half of what a given height adds is above. */
static double baseline_in(double height_pt, double ascent_pt, double descent_pt, double gap_pt)
{
    double extra = height_pt - ascent_pt - descent_pt - gap_pt;

    return fabs(extra) < 1e-9 ? ascent_pt : (height_pt - ascent_pt - descent_pt) / 2 + ascent_pt;
}

bool text_plain_width(const struct text_run *run, rs_text text, double room_pt, double *width_pt)
{
    uint64_t units = plain_width(run->style.font, text);

    if (units == UINT64_MAX)
        return false;
    *width_pt = (double)units * run->style.size_pt / run->style.font->units_per_em;
    return *width_pt <= room_pt + FIT_SLACK_PT;
}

bool text_block_line(const struct text_paragraph *paragraph, const struct text_run *run, struct text_block *out)
{
    const struct text_font *font = run->style.font;
    double size = run->style.size_pt;
    double height = paragraph->line_height_pt > 0 ? paragraph->line_height_pt : text_font_line_height(font) * size;

    if (paragraph->list != TEXT_NO_LIST)
        return false;
    out->one_piece = (struct text_piece){.style = run->style, .link = run->link};
    out->one_line = (struct text_line){
        .top_pt = paragraph->space_before_pt,
        .height_pt = height,
        .baseline_pt = paragraph->space_before_pt + baseline_in(height, font->metrics.ascent * size,
                                                                font->metrics.descent * size, font->metrics.gap * size),
        .pieces = &out->one_piece,
        .piece_count = 1,
    };
    out->lines = &out->one_line;
    out->line_count = 1;
    out->height_pt = paragraph->space_before_pt + height + paragraph->space_after_pt;
    return true;
}

void text_block_fill(struct text_block *block, rs_text text, enum text_align align, double width_pt, double spare_pt)
{
    block->one_piece.text = text;
    block->one_piece.glyph_count = text.size;
    block->one_piece.left_pt = align_offset(align, spare_pt);
    block->one_piece.width_pt = width_pt;
    block->width_pt = block->one_piece.left_pt + width_pt;
}

bool text_block_plain(const struct text_frame *frame, const struct text_paragraph *paragraph, struct text_block *out)
{
    const struct text_run *run = &paragraph->runs[0];
    double first = paragraph->hanging_indent_pt < 0 ? -paragraph->hanging_indent_pt : 0;
    double left = paragraph->left_indent_pt + first, room = frame->width_pt - left - paragraph->right_indent_pt, width;

    if (!is_plain_paragraph(frame, paragraph) || !text_plain_width(run, run->text, room, &width))
        return false;
    text_block_line(paragraph, run, out);
    text_block_fill(out, run->text, paragraph->align, width, room - width);
    out->one_piece.left_pt += left;
    out->width_pt += left;
    return true;
}

/* ---- pieces of a line ------------------------------------------------------------------------------- */

/* Whether two clusters that stand side by side, `right` at the right, are one stretch of the text: a number that ends
 * a stretch from right to left stands beside letters that are far from it in the text. */
static bool joins(const struct text_cluster *left, const struct text_cluster *right)
{
    const struct text_cluster *first = left->level & 1 ? right : left, *second = left->level & 1 ? left : right;

    return left->run == right->run && left->font == right->font && (left->level & 1) == (right->level & 1) &&
           !((left->flags | right->flags) & CLUSTER_TAB) && first->start + first->size == second->start;
}

/* `order[0 .. count)`: clusters of one style, left to right. */
static void add_piece(struct layout *l, const uint32_t *order, size_t count, double left_pt)
{
    const struct text_cluster *clusters = l->shaped.clusters.items, *first = &clusters[order[0]];
    const struct text_run *run = &l->paragraph->runs[first->run];
    size_t start = SIZE_MAX, end = 0, glyphs = 0;
    struct text_piece piece = {.style = run->style, .link = run->link, .left_pt = left_pt};
    bool plain = true;

    for (size_t i = 0; i < count; i++) {
        const struct text_cluster *c = &clusters[order[i]];
        start = c->start < start ? c->start : start;
        end = c->start + c->size > end ? c->start + c->size : end;
        glyphs += c->glyph_count;
        plain &= (c->flags & CLUSTER_PLAIN) && !(c->level & 1);
        piece.width_pt += c->advance_pt;
    }
    piece.style.font = first->font;
    piece.text = rs_text_slice(l->text, l->hard_start + start, end - start);
    piece.glyph_count = glyphs;
    if (!plain) {
        struct text_glyph *copy = RS_NEW_ARRAY(l->job, struct text_glyph, glyphs);
        piece.glyphs = copy;
        for (size_t i = 0; i < count; i++) {
            const struct text_cluster *c = &clusters[order[i]];
            for (uint32_t g = 0; g < c->glyph_count; g++) {
                *copy = l->shaped.glyphs.items[c->glyph + g];
                copy->cluster -= (uint32_t)start;
                copy++;
            }
        }
    }
    rs_vec_push(l->job, &l->pieces, piece);
}

/* Rule L2 of UAX 9: from the highest level down to 1, turn each stretch at or above it round. */
static void order_visually(const struct text_cluster *clusters, uint32_t *order, size_t count)
{
    unsigned highest = 0;

    for (size_t i = 0; i < count; i++)
        if (clusters[order[i]].level > highest)
            highest = clusters[order[i]].level;
    for (unsigned level = highest; level > 0; level--) {
        for (size_t from = 0; from < count;) {
            size_t to = from;
            while (to < count && clusters[order[to]].level >= level)
                to++;
            for (size_t a = from, b = to; a + 1 < b; a++, b--) {
                uint32_t swap = order[a];
                order[a] = order[b - 1];
                order[b - 1] = swap;
            }
            from = to > from ? to : from + 1;
        }
    }
}

struct line_extent {
    size_t first, end;   /* clusters */
    size_t visible_end;  /* without the spaces at the end */
    double width_pt;     /* of the visible ones */
    double left_pt, room_pt;
    bool last;           /* of its hard line */
    bool first_of_paragraph;
};

static double tab_advance(double at_pt)
{
    return (floor(at_pt / TAB_PT + 1e-6) + 1) * TAB_PT - at_pt;
}

/* Pieces from left to right, in words where the line is justified. */
static void place_pieces(struct layout *l, const struct line_extent *line)
{
    const struct text_cluster *clusters = l->shaped.clusters.items;
    size_t count = line->visible_end - line->first, spaces = 0;
    uint32_t *order = RS_NEW_ARRAY(l->job, uint32_t, count + 1);
    double x = line->left_pt + align_offset(l->paragraph->align, line->room_pt - line->width_pt), stretch = 0;
    bool justify = l->paragraph->align == TEXT_JUSTIFY && !line->last;

    for (size_t i = 0; i < count; i++) {
        order[i] = (uint32_t)(line->first + i);
        spaces += clusters[order[i]].flags & CLUSTER_SPACE;
    }
    if (l->shaped.has_right_to_left)
        order_visually(clusters, order, count);
    if (justify && spaces > 0 && line->room_pt > line->width_pt)
        stretch = (line->room_pt - line->width_pt) / (double)spaces;
    if (l->frame->right_to_left && l->paragraph->align == TEXT_JUSTIFY && line->last)
        x = line->left_pt + line->room_pt - line->width_pt;
    for (size_t from = 0; from < count;) {
        double width = clusters[order[from]].advance_pt;
        size_t to = from + 1;

        while (to < count && joins(&clusters[order[to - 1]], &clusters[order[to]]) &&
               !(stretch > 0 && clusters[order[to - 1]].flags & CLUSTER_SPACE))
            width += clusters[order[to++]].advance_pt;
        if (!(clusters[order[from]].flags & CLUSTER_TAB))
            add_piece(l, order + from, to - from, x);
        x += width;
        if (stretch > 0 && clusters[order[to - 1]].flags & CLUSTER_SPACE)
            x += stretch;
        from = to;
    }
}

/* ---- list markers ----------------------------------------------------------------------------------- */

static rs_status add_marker(struct layout *l, const struct line_extent *line)
{
    struct text_run run = {.text = text_list_marker(l->job, l->paragraph->list, l->paragraph->list_level, l->number),
                           .style = l->paragraph->runs[0].style};
    struct text_stretch stretch = {(uint32_t)run.text.size, 0};
    struct text_paragraph paragraph = {.runs = &run, .run_count = 1};
    struct layout inner = {.job = l->job, .frame = l->frame, .paragraph = &paragraph, .text = run.text};
    struct line_extent extent = {.last = true};

    run.style.decoration = 0;
    RS_TRY(text_shape(l->job, run.text, &run, &stretch, 1, false, &inner.shaped));
    extent.end = extent.visible_end = inner.shaped.clusters.count;
    for (size_t i = 0; i < extent.end; i++)
        extent.width_pt += inner.shaped.clusters.items[i].advance_pt;
    extent.left_pt = l->frame->right_to_left ? line->left_pt + line->room_pt + MARKER_GAP_PT
                                             : line->left_pt - MARKER_GAP_PT - extent.width_pt;
    extent.room_pt = extent.width_pt;
    place_pieces(&inner, &extent);
    for (size_t i = 0; i < inner.pieces.count; i++)
        rs_vec_push(l->job, &l->pieces, inner.pieces.items[i]);
    return RS_OK;
}

/* ---- lines ------------------------------------------------------------------------------------------ */

/* Where the line that begins with cluster `first` ends: behind the last word that fits, else behind the last
 * character, and never before the first. */
static void find_extent(struct layout *l, size_t first, struct line_extent *line)
{
    struct text_cluster *clusters = l->shaped.clusters.items;
    size_t count = l->shaped.clusters.count, word = first, i;
    double width = 0;

    for (i = first; i < count; i++) {
        if (clusters[i].flags & CLUSTER_TAB)
            clusters[i].advance_pt = (float)tab_advance(width);
        if (i > first && clusters[i].flags & CLUSTER_BREAK)
            word = i;
        if (i > first && !(clusters[i].flags & CLUSTER_SPACE) &&
            width + clusters[i].advance_pt > line->room_pt + FIT_SLACK_PT)
            break;
        width += clusters[i].advance_pt;
    }
    line->first = first;
    line->last = i == count;
    line->end = i == count ? count : word > first ? word : i;
    line->visible_end = line->end;
    while (line->visible_end > first && clusters[line->visible_end - 1].flags & CLUSTER_SPACE)
        line->visible_end--;
    line->width_pt = 0;
    for (i = first; i < line->visible_end; i++)
        line->width_pt += clusters[i].advance_pt;
}

/* Height from the largest font on the line; `empty` gives it where nothing is there. */
static void measure_line(struct layout *l, const struct text_style *empty, struct text_line *line)
{
    double ascent = 0, descent = 0, gap = 0, height;

    for (size_t i = 0; i <= l->pieces.count; i++) {
        const struct text_style *style = i < l->pieces.count ? &l->pieces.items[i].style : empty;
        double size = style->size_pt;
        if (i == l->pieces.count && i > 0)
            break;
        ascent = fmax(ascent, style->font->metrics.ascent * size);
        descent = fmax(descent, style->font->metrics.descent * size);
        gap = fmax(gap, style->font->metrics.gap * size);
    }
    height = l->paragraph->line_height_pt > 0 ? l->paragraph->line_height_pt : ascent + descent + gap;
    line->top_pt = l->y_pt;
    line->height_pt = height;
    line->baseline_pt = l->y_pt + baseline_in(height, ascent, descent, gap);
}

static void finish_line(struct layout *l, const struct text_style *empty)
{
    struct text_line line = {0};
    struct text_piece *copy = RS_NEW_ARRAY(l->job, struct text_piece, l->pieces.count);

    measure_line(l, empty, &line);
    if (l->pieces.count)
        memcpy(copy, l->pieces.items, l->pieces.count * sizeof *copy);
    line.pieces = copy;
    line.piece_count = l->pieces.count;
    for (size_t i = 0; i < line.piece_count; i++)
        l->widest_pt = fmax(l->widest_pt, copy[i].left_pt + copy[i].width_pt);
    rs_vec_push(l->job, &l->lines, line);
    l->y_pt += line.height_pt;
    l->pieces.count = 0;
}

static void indent_line(struct layout *l, struct line_extent *line)
{
    const struct text_paragraph *p = l->paragraph;
    double hang = p->hanging_indent_pt;
    double before = p->left_indent_pt + (line->first_of_paragraph ? fmax(-hang, 0) : fmax(hang, 0));
    double list = p->list == TEXT_NO_LIST ? 0 : (p->list_level + 1) * TEXT_LIST_INDENT_PT;

    if (l->frame->right_to_left)
        line->left_pt = p->right_indent_pt;
    else
        line->left_pt = before + list;
    line->room_pt = l->frame->width_pt - before - list - p->right_indent_pt;
    if (line->room_pt < 0)
        line->room_pt = 0;
}

/* Bytes [start, end) of the paragraph, which hold no end of line. */
static rs_status layout_hard_line(struct layout *l, const struct text_stretch *stretches, size_t stretch_count,
                                  size_t start, size_t end, bool *first_of_paragraph)
{
    RS_VEC(struct text_stretch) own = {0};
    const struct text_style *empty = &l->paragraph->runs[0].style;
    size_t at = 0;

    for (size_t i = 0; i < stretch_count; i++) {
        size_t from = i ? stretches[i - 1].end : 0, to = stretches[i].end;
        if (from <= start)
            empty = &l->paragraph->runs[stretches[i].run].style;
        if (to > start && from < end)
            rs_vec_push(l->job, &own, (struct text_stretch){(uint32_t)((to < end ? to : end) - start), stretches[i].run});
    }
    l->hard_start = start;
    RS_TRY(text_shape(l->job, rs_text_slice(l->text, start, end - start), l->paragraph->runs, own.items, own.count,
                      l->frame->right_to_left, &l->shaped));
    do {
        struct line_extent line = {.first_of_paragraph = *first_of_paragraph};
        indent_line(l, &line);
        find_extent(l, at, &line);
        if (*first_of_paragraph && l->paragraph->list != TEXT_NO_LIST)
            RS_TRY(add_marker(l, &line));
        place_pieces(l, &line);
        finish_line(l, empty);
        *first_of_paragraph = false;
        at = line.end;
        if (l->lines.count % 64 == 0)
            RS_TRY(rs_job_checkpoint(l->job));
    } while (at < l->shaped.clusters.count);
    return RS_OK;
}

/* ---- paragraphs ------------------------------------------------------------------------------------- */

/* The texts of the runs, one behind the other. */
static void gather(struct layout *l, struct text_stretch *stretches, size_t budget)
{
    const struct text_paragraph *p = l->paragraph;
    rs_buf buf = rs_buf_in(l->job);

    if (p->run_count == 1) {
        l->text = rs_text_slice(p->runs[0].text, 0, budget);
        stretches[0] = (struct text_stretch){(uint32_t)l->text.size, 0};
        return;
    }
    for (size_t i = 0; i < p->run_count; i++) {
        rs_buf_add(&buf, rs_text_slice(p->runs[i].text, 0, budget - buf.used));
        stretches[i] = (struct text_stretch){(uint32_t)buf.used, (uint16_t)i};
    }
    l->text = rs_buf_text(&buf);
}

static rs_status layout_paragraph(struct layout *l, const struct text_paragraph *paragraph, size_t *budget)
{
    struct text_stretch *stretches = RS_NEW_ARRAY(l->job, struct text_stretch, paragraph->run_count);
    bool first = true;
    size_t start = 0;

    assert(paragraph->run_count > 0 && paragraph->run_count <= UINT16_MAX);
    l->paragraph = paragraph;
    l->number = text_list_count(&l->numbers, paragraph->list, paragraph->list_level);
    gather(l, stretches, *budget);
    *budget -= l->text.size;
    l->has_text |= l->text.size > 0;
    l->y_pt += paragraph->space_before_pt;
    for (;;) {
        size_t end = start;
        while (end < l->text.size && l->text.bytes[end] != '\n' && l->text.bytes[end] != '\r')
            end++;
        RS_TRY(layout_hard_line(l, stretches, paragraph->run_count, start, end, &first));
        if (end >= l->text.size)
            break;
        start = end + (l->text.bytes[end] == '\r' && end + 1 < l->text.size && l->text.bytes[end + 1] == '\n' ? 2 : 1);
    }
    l->y_pt += paragraph->space_after_pt;
    return RS_OK;
}

rs_status text_block_layout(struct rs_job *job, const struct text_frame *frame,
                            const struct text_paragraph *paragraphs, size_t count, struct text_block *out)
{
    struct layout l = {.job = job, .frame = frame};
    size_t budget = TEXT_BLOCK_MAX;

    if (count == 1 && text_block_plain(frame, paragraphs, out))
        return RS_OK;
    for (size_t i = 0; i < count; i++)
        RS_TRY(layout_paragraph(&l, &paragraphs[i], &budget));
    if (!l.has_text) { /* a text box without text is as low as it may be */
        memset(out, 0, sizeof *out);
        return RS_OK;
    }
    out->lines = l.lines.items;
    out->line_count = l.lines.count;
    out->height_pt = l.y_pt;
    out->width_pt = l.widest_pt;
    return RS_OK;
}
