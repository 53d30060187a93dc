#include "report/text/shape.h"

#include <hb.h>
#include <limits.h>
#include <unicode/ubidi.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>

#include "report/text/breaks.h"

#define CHECKPOINT_EVERY 4096 /* clusters */

/* Characters that stand for themselves: one glyph each, no joining, reordering or marks. Sorted. */
static const struct {
    uint32_t first, last;
} simple_ranges[] = {
    {0x0020, 0x007e}, {0x00a0, 0x00ac}, {0x00ae, 0x02ff}, {0x0370, 0x0482}, {0x048a, 0x058f}, {0x10a0, 0x10ff},
    {0x1e00, 0x1fff}, {0x2000, 0x200a}, {0x2010, 0x2027}, {0x202f, 0x205e}, {0x2070, 0x20cf}, {0x2100, 0x2bff},
    {0x2e00, 0x2e7f}, {0x3000, 0x3029}, {0x3030, 0x3098}, {0x309b, 0x4dbf}, {0x4e00, 0x9fff}, {0xac00, 0xd7a3},
    {0xf900, 0xfaff}, {0xff01, 0xffef}, {0x20000, 0x3134f},
};

static bool is_simple(uint32_t c)
{
    if (c < 0x300)
        return c >= 0x20 && (c < 0x7f || (c >= 0xa0 && c != 0xad));
    for (size_t i = 0; i < sizeof simple_ranges / sizeof simple_ranges[0]; i++)
        if (c <= simple_ranges[i].last)
            return c >= simple_ranges[i].first;
    return false;
}

/* Hebrew, Arabic and their neighbours; marks and overrides of direction. */
static bool is_right_to_left(uint32_t c)
{
    return (c >= 0x590 && c <= 0x8ff) || (c >= 0xfb1d && c <= 0xfdff) || (c >= 0xfe70 && c <= 0xfeff) ||
           (c >= 0x10800 && c <= 0x10fff) || (c >= 0x1e800 && c <= 0x1efff) || c == 0x200f ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* Draws nothing by itself and needs no glyph: joiners, variation selectors, soft hyphen, marks of direction. */
static bool is_ignorable(uint32_t c)
{
    return c == 0xad || (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
           c == 0xfeff || (c >= 0xfe00 && c <= 0xfe0f);
}

static bool is_space(uint32_t c)
{
    return c == ' ' || c == '\t' || (c >= 0x2000 && c <= 0x200a && c != 0x2007) || c == 0x3000;
}

struct shaper {
    struct rs_job *job;
    rs_text text;
    const struct text_run *runs;
    uint8_t *levels;     /* per byte; NULL: all 0 */
    uint8_t *may_break;  /* per byte */
    struct text_shaped *out;
};

/* ---- direction -------------------------------------------------------------------------------------- */

/* Levels of UAX 9, per byte. ICU wants UTF-16, so the text is taken across and back. */
static void find_levels(struct shaper *s, bool right_to_left)
{
    UChar *units = RS_NEW_ARRAY(s->job, UChar, s->text.size + 1);
    uint32_t *offsets = RS_NEW_ARRAY(s->job, uint32_t, s->text.size + 1);
    int32_t count = 0;
    UErrorCode error = U_ZERO_ERROR;
    UBiDi *bidi = ubidi_open();
    const UBiDiLevel *levels;

    for (size_t at = 0; at < s->text.size;) {
        size_t from = at;
        uint32_t c = rs_text_next(s->text, &at);
        offsets[count] = (uint32_t)from;
        if (c >= 0x10000) {
            units[count++] = U16_LEAD(c);
            offsets[count] = (uint32_t)from;
            units[count++] = U16_TRAIL(c);
        } else {
            units[count++] = (UChar)c;
        }
    }
    s->levels = RS_NEW_ARRAY(s->job, uint8_t, s->text.size + 1);
    ubidi_setPara(bidi, units, count, right_to_left ? 1 : 0, NULL, &error);
    levels = U_SUCCESS(error) ? ubidi_getLevels(bidi, &error) : NULL;
    if (levels && U_SUCCESS(error)) {
        for (int32_t i = 0; i < count; i++) {
            uint32_t end = i + 1 < count ? offsets[i + 1] : (uint32_t)s->text.size;
            for (uint32_t b = offsets[i]; b < end; b++) {
                s->levels[b] = levels[i];
                s->out->has_right_to_left |= levels[i] & 1;
            }
        }
    }
    ubidi_close(bidi);
}

/* ---- clusters --------------------------------------------------------------------------------------- */

static void add_cluster(struct shaper *s, struct text_cluster cluster)
{
    if (s->may_break[cluster.start])
        cluster.flags |= CLUSTER_BREAK;
    rs_vec_push(s->job, &s->out->clusters, cluster);
}

static float scaled(const struct text_run *run, const struct text_font *font, double units)
{
    return (float)(units * run->style.size_pt / font->units_per_em);
}

/* A character that is its own glyph. */
static void add_simple(struct shaper *s, size_t start, size_t end, uint32_t c, unsigned run_index, uint8_t level)
{
    const struct text_run *run = &s->runs[run_index];
    const struct text_font *font = run->style.font;
    bool plain = c < 0x80 && font->plain_advance[c] != TEXT_NOT_PLAIN && c != '\t';
    unsigned advance = 0, glyph = 0;
    float width;

    if (c == '\t')
        glyph = text_font_glyph(font, ' ', &advance);
    else
        glyph = text_font_glyph(font, c, &advance);
    if (!glyph && c != '\t') {
        font = text_font_fallback(font, c);
        glyph = text_font_glyph(font, c, &advance);
        if (!glyph)
            advance = text_font_advance(font, 0); /* .notdef: an empty box */
    }
    width = scaled(run, font, advance);
    add_cluster(s, (struct text_cluster){
                       .start = (uint32_t)start,
                       .size = (uint32_t)(end - start),
                       .glyph = (uint32_t)s->out->glyphs.count,
                       .glyph_count = 1,
                       .advance_pt = width,
                       .run = (uint16_t)run_index,
                       .level = level,
                       .flags = (uint8_t)((is_space(c) ? CLUSTER_SPACE : 0) | (c == '\t' ? CLUSTER_TAB : 0) |
                                          (plain ? CLUSTER_PLAIN : 0)),
                       .font = font,
                   });
    rs_vec_push(s->job, &s->out->glyphs, (struct text_glyph){.id = glyph, .cluster = (uint32_t)start, .advance_pt = width});
}

/* Clusters of glyphs [first, count) as HarfBuzz gave them for bytes [start, end). */
static void add_shaped(struct shaper *s, size_t start, size_t end, unsigned run_index, uint8_t level,
                       const struct text_font *font, const hb_glyph_info_t *infos,
                       const hb_glyph_position_t *positions, unsigned count)
{
    const struct text_run *run = &s->runs[run_index];
    bool backward = level & 1;

    for (unsigned done = 0; done < count;) {
        /* glyphs of one cluster are neighbours; right to left, the first in the text come last */
        unsigned from = backward ? count - 1 - done : done, size = 1;
        uint32_t at = infos[from].cluster, next = (uint32_t)end;
        struct text_cluster cluster = {.start = at, .run = (uint16_t)run_index, .level = level, .font = font};
        size_t offset = at;

        while (done + size < count && infos[backward ? from - size : from + size].cluster == at)
            size++;
        if (done + size < count)
            next = infos[backward ? from - size : from + size].cluster;
        cluster.size = next > at ? next - at : 0;
        cluster.glyph = (uint32_t)s->out->glyphs.count;
        cluster.glyph_count = size;
        for (unsigned i = 0; i < size; i++) {
            unsigned k = backward ? from - size + 1 + i : from + i;
            struct text_glyph glyph = {
                .id = infos[k].codepoint,
                .cluster = at,
                .advance_pt = scaled(run, font, positions[k].x_advance),
                .x_pt = scaled(run, font, positions[k].x_offset),
                .y_pt = scaled(run, font, positions[k].y_offset),
            };
            cluster.advance_pt += glyph.advance_pt;
            rs_vec_push(s->job, &s->out->glyphs, glyph);
        }
        if (offset < s->text.size && is_space(rs_text_next(s->text, &offset)))
            cluster.flags |= CLUSTER_SPACE;
        if (at >= start)
            add_cluster(s, cluster);
        done += size;
    }
}

/* Bytes [start, end) in one font, direction and script, through HarfBuzz. */
static void shape_item(struct shaper *s, size_t start, size_t end, unsigned run_index, uint8_t level,
                       const struct text_font *font, hb_script_t script)
{
    /* GDI applies neither kerning nor optional ligatures; what a script requires stays on. */
    static const hb_feature_t features[] = {
        {HB_TAG('k', 'e', 'r', 'n'), 0, 0, UINT_MAX},
        {HB_TAG('l', 'i', 'g', 'a'), 0, 0, UINT_MAX},
        {HB_TAG('c', 'l', 'i', 'g'), 0, 0, UINT_MAX},
    };
    bool latin = script == HB_SCRIPT_LATIN || script == HB_SCRIPT_COMMON;
    hb_buffer_t *buffer = hb_buffer_create();
    unsigned count;
    const hb_glyph_info_t *infos;
    const hb_glyph_position_t *positions;

    hb_buffer_add_utf8(buffer, s->text.bytes, (int)s->text.size, (unsigned)start, (int)(end - start));
    hb_buffer_set_direction(buffer, level & 1 ? HB_DIRECTION_RTL : HB_DIRECTION_LTR);
    hb_buffer_set_script(buffer, script);
    hb_buffer_set_language(buffer, hb_language_from_string("en", 2));
    hb_buffer_set_cluster_level(buffer, HB_BUFFER_CLUSTER_LEVEL_MONOTONE_GRAPHEMES);
    hb_shape(text_font_shaper(font), buffer, features, latin ? 3 : 1);
    infos = hb_buffer_get_glyph_infos(buffer, &count);
    positions = hb_buffer_get_glyph_positions(buffer, NULL);
    add_shaped(s, start, end, run_index, level, font, infos, positions, count);
    hb_buffer_destroy(buffer);
}

/* ---- items ------------------------------------------------------------------------------------------ */

static hb_script_t script_of(uint32_t c)
{
    UErrorCode error = U_ZERO_ERROR;
    UScriptCode script = uscript_getScript((UChar32)c, &error);

    if (U_FAILURE(error) || script == USCRIPT_COMMON || script == USCRIPT_INHERITED)
        return HB_SCRIPT_COMMON;
    return hb_script_from_string(uscript_getShortName(script), -1);
}

static const struct text_font *font_for(const struct text_font *font, uint32_t c)
{
    unsigned advance;

    if (is_ignorable(c) || text_font_glyph(font, c, &advance))
        return font;
    return text_font_fallback(font, c);
}

/* HarfBuzz joins a letter and a mark where the font has the letter with its mark, even if it lacks the mark. */
static bool font_composes(const struct text_font *font, uint32_t letter, uint32_t mark)
{
    UErrorCode error = U_ZERO_ERROR;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&error);
    UChar32 whole = U_SUCCESS(error) ? unorm2_composePair(nfc, (UChar32)letter, (UChar32)mark) : -1;
    unsigned advance;

    return whole > 0 && text_font_glyph(font, (uint32_t)whole, &advance) != 0;
}

/* From `start`, which is not simple: how far one shaping call goes. Marks and spaces join what is before them. */
static size_t complex_end(struct shaper *s, size_t start, size_t limit, const struct text_font *asked,
                          const struct text_font **font, hb_script_t *script)
{
    size_t at = start;
    uint8_t level = s->levels ? s->levels[start] : 0;
    uint32_t before = 0;

    *font = NULL;
    *script = HB_SCRIPT_COMMON;
    while (at < limit) {
        size_t from = at;
        uint32_t c = rs_text_next(s->text, &at);
        hb_script_t own = script_of(c);
        const struct text_font *needed = c == ' ' && *font ? *font : font_for(asked, c);
        bool joins = is_ignorable(c) || own == HB_SCRIPT_COMMON;

        if (*font && needed != *font && font_composes(*font, before, c))
            needed = *font;
        before = c;
        if (c == '\t' || (s->levels && s->levels[from] != level) || (own != HB_SCRIPT_COMMON && *script != HB_SCRIPT_COMMON && own != *script))
            return from > start ? from : at;
        if (*font && needed != *font && !(joins && font_for(*font, c) == *font))
            return from;
        if (from > start && own == HB_SCRIPT_LATIN && is_simple(c) && *script != HB_SCRIPT_LATIN)
            return from;
        if (!*font || (*script == HB_SCRIPT_COMMON && own != HB_SCRIPT_COMMON && from == start))
            *font = needed;
        if (own != HB_SCRIPT_COMMON)
            *script = own;
    }
    return limit;
}

/* A base letter before a mark goes to HarfBuzz with it. */
static bool mark_follows(rs_text text, size_t at)
{
    uint32_t c;

    if (at >= text.size)
        return false;
    c = rs_text_next(text, &at);
    return (c >= 0x300 && c <= 0x36f) || (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x20d0 && c <= 0x20ff) ||
           (c >= 0xfe00 && c <= 0xfe0f) || c == 0x200d;
}

static rs_status shape_stretch(struct shaper *s, size_t start, size_t end, unsigned run_index)
{
    const struct text_font *asked = s->runs[run_index].style.font;
    size_t next_checkpoint = s->out->clusters.count + CHECKPOINT_EVERY;

    for (size_t at = start; at < end;) {
        size_t from = at;
        uint32_t c = rs_text_next(s->text, &at);
        uint8_t level = s->levels ? s->levels[from] : 0;
        const struct text_font *font;
        hb_script_t script;

        if (s->out->clusters.count >= next_checkpoint) {
            RS_TRY(rs_job_checkpoint(s->job));
            next_checkpoint = s->out->clusters.count + CHECKPOINT_EVERY;
        }
        if (at > end)
            at = end;
        if (c == '\t' || (is_simple(c) && !(level & 1) && !mark_follows(s->text, at))) {
            add_simple(s, from, at, c, run_index, level);
        } else if (c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xa0)) {
            continue; /* control characters draw nothing */
        } else {
            at = complex_end(s, from, end, asked, &font, &script);
            if (font)
                shape_item(s, from, at, run_index, level, font, script);
        }
    }
    return RS_OK;
}

static bool needs_levels(rs_text text)
{
    for (size_t at = 0; at < text.size;) {
        if ((uint8_t)text.bytes[at] < 0xd6) { /* below U+0590 */
            at++;
            continue;
        }
        if (is_right_to_left(rs_text_next(text, &at)))
            return true;
    }
    return false;
}

rs_status text_shape(struct rs_job *job, rs_text text, const struct text_run *runs,
                     const struct text_stretch *stretches, size_t stretch_count, bool right_to_left,
                     struct text_shaped *out)
{
    struct shaper s = {.job = job, .text = text, .runs = runs, .out = out};
    size_t start = 0;

    memset(out, 0, sizeof *out);
    s.may_break = RS_NEW_ARRAY(job, uint8_t, text.size + 1);
    text_breaks(job, text, s.may_break);
    if (right_to_left || needs_levels(text))
        find_levels(&s, right_to_left);
    for (size_t i = 0; i < stretch_count; i++) {
        RS_TRY(shape_stretch(&s, start, stretches[i].end, stretches[i].run));
        start = stretches[i].end;
    }
    return RS_OK;
}
