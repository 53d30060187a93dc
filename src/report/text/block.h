/* report/text/block.h - paragraphs of styled runs broken into lines of a given width.
 *
 * Positions are points from the top left of the block; y grows downward. Text that is plain (printable ASCII in one
 * style that fits on one line, most of what a report holds) costs one pass over its bytes and no allocation.
 *
 * Source:  Unicode UAX 14 (line breaking) and UAX 9 (direction) through ICU; OpenType shaping through HarfBuzz.
 */
#ifndef REPORT_TEXT_BLOCK_H
#define REPORT_TEXT_BLOCK_H

#include "report/text/font.h"

enum text_decoration { TEXT_UNDERLINE = 1, TEXT_LINE_THROUGH = 2, TEXT_OVERLINE = 4 };

struct text_style {
    const struct text_font *font;
    double size_pt;
    uint32_t color;             /* 0xRRGGBB */
    unsigned decoration;        /* enum text_decoration, or-ed */
};

struct text_run {
    rs_text text;               /* CR LF, CR and LF end a line */
    struct text_style style;
    rs_text link;               /* a URI; empty: none */
    unsigned origin;            /* the caller's: which run of a report it comes from */
};

enum text_align { TEXT_LEFT, TEXT_CENTER, TEXT_RIGHT, TEXT_JUSTIFY };
enum text_list { TEXT_NO_LIST, TEXT_BULLETED, TEXT_NUMBERED };

struct text_paragraph {
    const struct text_run *runs; /* at least one */
    size_t run_count;
    enum text_align align;
    double left_indent_pt, right_indent_pt;
    double hanging_indent_pt;   /* > 0: lines after the first stand further in; < 0: the first does */
    double space_before_pt, space_after_pt;
    double line_height_pt;      /* 0: from the fonts of the line */
    enum text_list list;
    unsigned list_level;        /* 0: outermost */
};

struct text_frame {
    double width_pt;            /* lines are wrapped into it */
    bool right_to_left;         /* direction of paragraphs; list markers and indents change sides */
};

struct text_glyph {
    uint32_t id;                /* in the piece's font */
    uint32_t cluster;           /* first byte of its text, from the start of the piece's text */
    float advance_pt;
    float x_pt, y_pt;           /* offset from the pen; y grows upward */
};

/* What stands in one style on one line without a gap. */
struct text_piece {
    rs_text text;
    const struct text_glyph *glyphs; /* in visual order; NULL: plain, one glyph per byte through font->plain_glyph */
    size_t glyph_count;
    struct text_style style;    /* style.font may be a fallback */
    rs_text link;
    double left_pt;             /* from the left of the block */
    double width_pt;
};

struct text_line {
    double top_pt, height_pt;
    double baseline_pt;         /* from the top of the block */
    const struct text_piece *pieces; /* left to right */
    size_t piece_count;
};

struct text_block {
    const struct text_line *lines;
    size_t line_count;
    double height_pt;           /* with the space around paragraphs; 0 where there is no text at all */
    double width_pt;            /* of the widest line */
    struct text_line one_line;  /* storage for the plain case: do not copy a block by value */
    struct text_piece one_piece;
};

/* Lay out `paragraphs`. `out` borrows their texts and lives in the job's memory.
 *
 * Longest input: TEXT_BLOCK_MAX bytes together; what is behind is left out. */
#define TEXT_BLOCK_MAX ((size_t)1024 * 1024)
RS_CHECKED rs_status text_block_layout(struct rs_job *job, const struct text_frame *frame,
                                       const struct text_paragraph *paragraphs, size_t count,
                                       struct text_block *out);

/* The plain case of the above alone; false, and `out` untouched, where a paragraph is not plain or does not fit on one line. */
bool text_block_plain(const struct text_frame *frame, const struct text_paragraph *paragraph, struct text_block *out);

/* The same in parts, for many texts in one style that stand on one line each. text_block_line: what does not depend on the
 * text, into `out`; false where the paragraph cannot be plain. text_plain_width: how wide a text is, false where it is not
 * plain or wider than `room_pt`. text_block_fill: the text in a block of text_block_line; `spare_pt` is the room that it
 * leaves on its line. */
bool text_block_line(const struct text_paragraph *paragraph, const struct text_run *run, struct text_block *out);
bool text_plain_width(const struct text_run *run, rs_text text, double room_pt, double *width_pt);
void text_block_fill(struct text_block *block, rs_text text, enum text_align align, double width_pt, double spare_pt);

/* The same text in the same style and width was laid out before: blocks that took effort (several lines, shaping) are
 * kept, up to a number of bytes, and given again. One cache per run of a renderer; it has memory of its own. */
struct text_cache;
struct text_cache *text_cache_create(struct rs_job *job, size_t bytes);
/* One paragraph of one run. `out` is a copy in the job's memory. */
RS_CHECKED rs_status text_cache_layout(struct rs_job *job, struct text_cache *cache, const struct text_frame *frame,
                                       const struct text_paragraph *paragraph, struct text_block *out);


#endif
