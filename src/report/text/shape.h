/* report/text/shape.h - one line of text (before wrapping) turned into clusters: the smallest parts that lines are made of.
 *
 * Internal to report/text.
 */
#ifndef REPORT_TEXT_SHAPE_H
#define REPORT_TEXT_SHAPE_H

#include "base/vec.h"
#include "report/text/block.h"

enum text_cluster_flag {
    CLUSTER_SPACE = 1,       /* does not count at the end of a line */
    CLUSTER_TAB = 2,
    CLUSTER_BREAK = 4,       /* a line may begin here */
    CLUSTER_PLAIN = 8,       /* one byte whose glyph is font->plain_glyph */
};

struct text_cluster {
    uint32_t start, size;    /* bytes in the text */
    uint32_t glyph, glyph_count; /* in shaped.glyphs, in visual order */
    float advance_pt;
    uint16_t run;
    uint8_t level;           /* of UAX 9: odd is right to left */
    uint8_t flags;
    const struct text_font *font;
};
RS_VEC_TYPE(struct text_cluster, text_clusters);
RS_VEC_TYPE(struct text_glyph, text_glyphs);

/* A stretch of the text that belongs to one run. */
struct text_stretch {
    uint32_t end;            /* first byte behind it */
    uint16_t run;            /* in the paragraph */
};

struct text_shaped {
    struct text_clusters clusters; /* in logical order */
    struct text_glyphs glyphs;     /* `cluster` is a byte in the text */
    bool has_right_to_left;
};

/* `stretches` cover the text in order. `runs` are those of the paragraph. */
RS_CHECKED rs_status text_shape(struct rs_job *job, rs_text text, const struct text_run *runs,
                                const struct text_stretch *stretches, size_t stretch_count, bool right_to_left,
                                struct text_shaped *out);

#endif
