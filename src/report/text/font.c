#include "report/text/font.h"

#include <fontconfig/fontconfig.h>
#include <hb.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/map.h"
#include "base/vec.h"

#define FAMILY_MAX 128 /* bytes of a family name that are looked at */
#define NAMES_MAX 4096 /* families remembered: names can come from data */
#define TOLD_MAX 100   /* missing families told in the log */
#define PAGE_BITS 8
#define PAGE_SIZE (1u << PAGE_BITS)
#define PAGE_COUNT (0x110000u >> PAGE_BITS)

struct glyph_entry {
    uint32_t glyph;
    uint32_t advance; /* font units */
};

struct text_font_state {
    hb_face_t *face;
    hb_font_t *shaper;
    struct glyph_entry *pages[PAGE_COUNT]; /* by code point; NULL until asked for */
};

/* What fontconfig knows of one face that reports can use. */
struct face {
    FcPattern *pattern;
    FcCharSet *characters;
    rs_text path;
    unsigned index;
    unsigned weight; /* 100 to 900 */
    unsigned width;  /* 100 = normal */
    int version;     /* of the file; of two equal faces the newer has more characters */
    bool italic;
    bool refused;    /* opening it failed */
};

static struct {
    struct rs_job *job;      /* memory for the life of the process; NULL before the first use */
    FcConfig *config;        /* faces borrow from it */
    RS_VEC(struct face) faces; /* newest first, then by path: every choice is repeatable */
    RS_VEC(struct text_font *) fonts;
    struct rs_map *found;    /* "family/weight/slant" -> text_font */
    struct rs_map *fallbacks; /* "code point/weight/slant" -> text_font; NULL: none has it; as many as Unicode has */
    struct rs_map *told;     /* families that were logged as missing */
} fonts;

struct substitute {
    const char *family, *installed;
    bool same_widths;
};

static const struct substitute substitutes[] = {
#define TEXT_SUBSTITUTE(family, installed, same_widths) {family, installed, same_widths},
#include "report/text/substitutes.def"
#undef TEXT_SUBSTITUTE
};

/* Families that name their weight: "Segoe UI Semibold" is Segoe UI at 600 where it is not installed itself. */
static const struct {
    const char *suffix;
    unsigned weight;
} named_weights[] = {
    {" thin", 100},      {" extralight", 200}, {" ultralight", 200}, {" light", 300},
    {" semilight", 350}, {" medium", 500},     {" semibold", 600},   {" demibold", 600},
    {" demi", 600},      {" extrabold", 800},  {" black", 900},      {" heavy", 900},
};

/* What a report gets for a family nobody knows. */
static const char *const last_resorts[] = {"Liberation Sans", "DejaVu Sans", "Noto Sans"};

/* ---- what is installed ------------------------------------------------------------------------------ */

static bool pattern_bool(FcPattern *pattern, const char *object)
{
    FcBool value = FcFalse;

    return FcPatternGetBool(pattern, object, 0, &value) == FcResultMatch && value;
}

/* Outlines that can be embedded: no bitmaps, no colour pictures, no Type 1 files, no unset variable axes. */
static bool face_is_usable(FcPattern *pattern)
{
    FcChar8 *format = NULL;

    if (FcPatternGetString(pattern, FC_FONTFORMAT, 0, &format) != FcResultMatch)
        return false;
    return (strcmp((char *)format, "TrueType") == 0 || strcmp((char *)format, "CFF") == 0) &&
           pattern_bool(pattern, FC_SCALABLE) && !pattern_bool(pattern, FC_COLOR) &&
           !pattern_bool(pattern, FC_VARIABLE);
}

static void face_add(FcPattern *pattern)
{
    struct face face = {.pattern = pattern};
    FcChar8 *path = NULL;
    int index = 0, slant = FC_SLANT_ROMAN;
    double weight = FC_WEIGHT_REGULAR, width = FC_WIDTH_NORMAL;

    if (!face_is_usable(pattern) || FcPatternGetString(pattern, FC_FILE, 0, &path) != FcResultMatch ||
        FcPatternGetCharSet(pattern, FC_CHARSET, 0, &face.characters) != FcResultMatch)
        return;
    FcPatternGetInteger(pattern, FC_INDEX, 0, &index);
    FcPatternGetInteger(pattern, FC_SLANT, 0, &slant);
    FcPatternGetInteger(pattern, FC_FONTVERSION, 0, &face.version);
    FcPatternGetDouble(pattern, FC_WEIGHT, 0, &weight);
    FcPatternGetDouble(pattern, FC_WIDTH, 0, &width);
    if (index > 0xffff) /* a named instance of a variable font */
        return;
    face.path = rs_text_from((char *)path);
    face.index = (unsigned)index;
    face.weight = (unsigned)(FcWeightToOpenTypeDouble(weight) + 0.5);
    face.width = (unsigned)width;
    face.italic = slant != FC_SLANT_ROMAN;
    rs_vec_push(fonts.job, &fonts.faces, face);
}

static int by_version_and_path(const void *a, const void *b)
{
    const struct face *left = a, *right = b;
    int order = (left->version < right->version) - (left->version > right->version);

    if (order == 0)
        order = rs_text_compare(left->path, right->path);
    return order ? order : (left->index > right->index) - (left->index < right->index);
}

/* Fontconfig loses some bytes of its own while it reads its files, once per process: not to be told as ours. */
#if defined(__has_include) && defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#define LEAKS_OF_OTHERS_BEGIN() __lsan_disable()
#define LEAKS_OF_OTHERS_END() __lsan_enable()
#else
#define LEAKS_OF_OTHERS_BEGIN() ((void)0)
#define LEAKS_OF_OTHERS_END() ((void)0)
#endif

static void fonts_read(void)
{
    static const FcSetName names[] = {FcSetSystem, FcSetApplication};

    if (fonts.job)
        return;
    fonts.job = rs_job_create(NULL);
    fonts.found = rs_map_create(fonts.job, RS_MAP_EXACT);
    fonts.fallbacks = rs_map_create(fonts.job, RS_MAP_EXACT);
    fonts.told = rs_map_create(fonts.job, RS_MAP_NOCASE);
    LEAKS_OF_OTHERS_BEGIN();
    fonts.config = FcInit() ? FcConfigGetCurrent() : NULL;
    LEAKS_OF_OTHERS_END();
    for (size_t i = 0; fonts.config && i < sizeof names / sizeof names[0]; i++) {
        FcFontSet *set = FcConfigGetFonts(fonts.config, names[i]);
        for (int k = 0; set && k < set->nfont; k++)
            face_add(set->fonts[k]);
    }
    qsort(fonts.faces.items, fonts.faces.count, sizeof fonts.faces.items[0], by_version_and_path);
}

/* ---- opening ---------------------------------------------------------------------------------------- */

static int big_endian_16(const uint8_t *bytes)
{
    return (int16_t)(bytes[0] << 8 | bytes[1]);
}

/* A field of a table as a signed 16-bit number; `otherwise` where the table is too short. */
static int table_16(hb_blob_t *table, unsigned offset, int otherwise)
{
    unsigned size;
    const char *bytes = hb_blob_get_data(table, &size);

    return size >= offset + 2 ? big_endian_16((const uint8_t *)bytes + offset) : otherwise;
}

/* As Windows measures: height from the OS/2 table's usWin fields, and as gap what hhea asks for beyond them. */
static void font_measure(struct text_font *font, hb_face_t *face)
{
    hb_blob_t *hhea = hb_face_reference_table(face, HB_TAG('h', 'h', 'e', 'a'));
    hb_blob_t *os2 = hb_face_reference_table(face, HB_TAG('O', 'S', '/', '2'));
    hb_blob_t *post = hb_face_reference_table(face, HB_TAG('p', 'o', 's', 't'));
    double em = font->units_per_em;
    int ascent = table_16(hhea, 4, (int)(em * 0.9)), descent = -table_16(hhea, 6, -(int)(em * 0.2));
    int total = ascent + descent + table_16(hhea, 8, 0);

    if (table_16(os2, 74, 0) != 0) {
        ascent = (uint16_t)table_16(os2, 74, 0);
        descent = (uint16_t)table_16(os2, 76, 0);
    }
    font->metrics = (struct text_metrics){
        .ascent = ascent / em,
        .descent = descent / em,
        .gap = total > ascent + descent ? (total - ascent - descent) / em : 0,
        .cap_height = table_16(os2, 88, (int)(em * 0.7)) / em,
        .underline_thickness = table_16(post, 10, (int)(em * 0.05)) / em,
        .strike_top = table_16(os2, 28, (int)(em * 0.3)) / em,
    };
    font->metrics.underline_top = -table_16(post, 8, -(int)(em * 0.1)) / em;
    if (font->metrics.underline_thickness <= 0)
        font->metrics.underline_thickness = 0.05;
    if (font->metrics.ascent + font->metrics.descent <= 0)
        font->metrics.ascent = 1;
    hb_blob_destroy(hhea);
    hb_blob_destroy(os2);
    hb_blob_destroy(post);
}

static void font_fill_plain(struct text_font *font)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        unsigned advance = 0;
        unsigned glyph = byte >= ' ' && byte < 0x7f ? text_font_glyph(font, byte, &advance) : 0;

        font->plain_advance[byte] = glyph && glyph <= UINT16_MAX ? advance : TEXT_NOT_PLAIN;
        if (glyph && glyph <= UINT16_MAX)
            font->plain_glyph[byte] = (uint16_t)glyph;
    }
}

static bool face_has_table(hb_face_t *face, hb_tag_t tag)
{
    hb_blob_t *blob = hb_face_reference_table(face, tag);
    bool has = hb_blob_get_length(blob) > 0;

    hb_blob_destroy(blob);
    return has;
}

/* NULL where the file cannot be used; it is not tried again. */
static struct text_font *font_open(struct face *face, bool fake_bold, bool fake_italic, rs_text asked)
{
    hb_blob_t *file = hb_blob_create_from_file_or_fail(rs_text_terminated(fonts.job, face->path));
    hb_face_t *hb_face = file ? hb_face_create(file, face->index) : NULL;
    bool is_cff = hb_face && face_has_table(hb_face, HB_TAG('C', 'F', 'F', ' '));
    FcChar8 *family = NULL;
    struct text_font *font;

    hb_blob_destroy(file);
    if (!hb_face || hb_face_get_glyph_count(hb_face) == 0 ||
        (!is_cff && !face_has_table(hb_face, HB_TAG('g', 'l', 'y', 'f')))) {
        hb_face_destroy(hb_face);
        face->refused = true;
        return NULL;
    }
    hb_face_make_immutable(hb_face);
    font = RS_NEW(fonts.job, struct text_font);
    font->state = RS_NEW(fonts.job, struct text_font_state);
    font->state->face = hb_face;
    font->state->shaper = hb_font_create(hb_face);
    hb_font_make_immutable(font->state->shaper);
    FcPatternGetString(face->pattern, FC_FAMILY, 0, &family);
    font->number = (unsigned)fonts.fonts.count;
    font->family = rs_text_from((char *)family);
    font->asked = rs_text_copy(fonts.job, asked);
    font->path = face->path;
    font->index = face->index;
    font->units_per_em = hb_face_get_upem(hb_face);
    font->weight = face->weight;
    font->italic = face->italic;
    font->fake_bold = fake_bold;
    font->fake_italic = fake_italic;
    font->is_cff = is_cff;
    font_measure(font, hb_face);
    font_fill_plain(font);
    rs_vec_push(fonts.job, &fonts.fonts, font);
    return font;
}

/* The open font of a face, so that two names of one file are one font. */
static struct text_font *font_of_face(struct face *face, unsigned weight, bool italic, rs_text asked)
{
    bool fake_bold = weight >= 600 && face->weight < 550, fake_italic = italic && !face->italic;

    for (size_t i = 0; i < fonts.fonts.count; i++) {
        struct text_font *font = fonts.fonts.items[i];
        if (font->index == face->index && font->fake_bold == fake_bold && font->fake_italic == fake_italic &&
            rs_text_equal(font->path, face->path))
            return font;
    }
    return font_open(face, fake_bold, fake_italic, asked);
}

/* ---- choosing --------------------------------------------------------------------------------------- */

static bool face_is_of_family(const struct face *face, rs_text family)
{
    FcChar8 *name;

    for (int i = 0; FcPatternGetString(face->pattern, FC_FAMILY, i, &name) == FcResultMatch; i++)
        if (rs_text_equal_nocase(rs_text_from((char *)name), family))
            return true;
    return false;
}

/* How far a face is from what was asked for; 0 is exact. Slant counts most, then width, then weight; of two weights
 * equally far the bolder is nearer to bold and the lighter to normal. */
static unsigned face_distance(const struct face *face, unsigned weight, bool italic)
{
    unsigned apart = face->weight > weight ? face->weight - weight : weight - face->weight;
    bool wrong_side = (face->weight > weight) != (weight > 500);

    return (face->italic != italic) * 100000u + (face->width != FC_WIDTH_NORMAL) * 10000u + apart * 2 + wrong_side;
}

static struct text_font *family_font(rs_text family, unsigned weight, bool italic, rs_text asked)
{
    for (;;) {
        struct face *nearest = NULL;
        unsigned least = UINT32_MAX;

        for (size_t i = 0; i < fonts.faces.count; i++) {
            struct face *face = &fonts.faces.items[i];
            unsigned distance;
            if (face->refused || !face_is_of_family(face, family))
                continue;
            distance = face_distance(face, weight, italic);
            if (distance < least) {
                least = distance;
                nearest = face;
            }
        }
        if (!nearest)
            return NULL;
        struct text_font *font = font_of_face(nearest, weight, italic, asked);
        if (font)
            return font;
    }
}

static void tell_missing(rs_text family, const struct text_font *font, bool same_widths)
{
    if (rs_map_has(fonts.told, family) || rs_map_count(fonts.told) >= TOLD_MAX)
        return;
    rs_map_set(fonts.told, rs_text_copy(fonts.job, family), NULL);
    if (same_widths)
        rs_log(RS_LOG_DEBUG, "font family \"%.*s\" is not installed: \"%.*s\", which is as wide, stands in for it",
               RS_TEXT_ARG(family), RS_TEXT_ARG(font->family));
    else
        rs_log(RS_LOG_WARNING,
               "font family \"%.*s\" is not installed: \"%.*s\" stands in for it and lines may break elsewhere; "
               "install the family to mend this",
               RS_TEXT_ARG(family), RS_TEXT_ARG(font->family));
}

static struct text_font *substitute_font(rs_text family, unsigned weight, bool italic, rs_text asked)
{
    for (size_t i = 0; i < sizeof substitutes / sizeof substitutes[0]; i++) {
        struct text_font *font;
        if (!rs_text_equal_nocase(family, rs_text_from(substitutes[i].family)))
            continue;
        font = family_font(rs_text_from(substitutes[i].installed), weight, italic, asked);
        if (font) {
            tell_missing(asked, font, substitutes[i].same_widths);
            return font;
        }
    }
    return NULL;
}

static struct text_font *choose(rs_text family, unsigned weight, bool italic)
{
    struct text_font *font = family_font(family, weight, italic, family);

    if (!font)
        font = substitute_font(family, weight, italic, family);
    for (size_t i = 0; !font && i < sizeof named_weights / sizeof named_weights[0]; i++) {
        rs_text suffix = rs_text_from(named_weights[i].suffix), base;
        /* "bold" asked of a semibold family means bolder than that */
        unsigned named = named_weights[i].weight > weight || weight == 400 ? named_weights[i].weight : weight;
        if (family.size <= suffix.size ||
            !rs_text_equal_nocase(rs_text_from_offset(family, family.size - suffix.size), suffix))
            continue;
        base = rs_text_slice(family, 0, family.size - suffix.size);
        font = family_font(base, named, italic, family);
        if (!font)
            font = substitute_font(base, named, italic, family);
    }
    for (size_t i = 0; !font && i < sizeof last_resorts / sizeof last_resorts[0]; i++) {
        font = family_font(rs_text_from(last_resorts[i]), weight, italic, family);
        if (font)
            tell_missing(family, font, false);
    }
    for (size_t i = 0; !font && i < fonts.faces.count; i++)
        if (!fonts.faces.items[i].refused && FcCharSetHasChar(fonts.faces.items[i].characters, 'a'))
            font = font_of_face(&fonts.faces.items[i], weight, italic, family);
    return font;
}

rs_status text_font_find(struct rs_job *job, rs_text family, unsigned weight, bool italic,
                         const struct text_font **out)
{
    char bytes[FAMILY_MAX + 32];
    struct text_font *font;
    rs_text key;

    fonts_read();
    family = rs_text_trim(family);
    if (family.size > FAMILY_MAX)
        family.size = FAMILY_MAX;
    key = rs_text_of(bytes, (size_t)snprintf(bytes, sizeof bytes, "%.*s/%u/%d", RS_TEXT_ARG(family), weight, italic));
    font = rs_map_find(fonts.found, key);
    if (!font) {
        font = choose(family, weight, italic);
        if (!font)
            return rs_fail(job, TEXT_NO_FONT,
                           "no TrueType or OpenType font is installed on this machine: install fonts-liberation");
        if (rs_map_count(fonts.found) < NAMES_MAX)
            rs_map_set(fonts.found, rs_text_copy(fonts.job, key), font);
    }
    *out = font;
    return RS_OK;
}

/* Which fonts are asked first for a character that a report's font lacks: quiet sans serif ones. */
static unsigned fallback_rank(const struct face *face)
{
    static const char *const preferred[] = {"Liberation Sans", "Noto Sans", "DejaVu Sans", "Noto "};
    FcChar8 *name = NULL;
    rs_text family;

    FcPatternGetString(face->pattern, FC_FAMILY, 0, &name);
    family = rs_text_from((char *)name);
    for (unsigned i = 0; i < sizeof preferred / sizeof preferred[0]; i++)
        if (rs_text_starts_nocase(family, rs_text_from(preferred[i])))
            return i;
    return sizeof preferred / sizeof preferred[0];
}

/* The nearest face that has the character, behind those at `passed`: distance and index of the last one tried. */
static struct face *fallback_next(uint32_t code_point, unsigned weight, bool italic, uint64_t *passed, size_t *index)
{
    struct face *nearest = NULL;
    uint64_t least = UINT64_MAX;
    size_t at = 0;

    for (size_t i = 0; i < fonts.faces.count; i++) {
        struct face *face = &fonts.faces.items[i];
        uint64_t distance;
        if (face->refused || !FcCharSetHasChar(face->characters, code_point))
            continue;
        distance = (uint64_t)fallback_rank(face) << 32 | face_distance(face, weight, italic);
        if (distance < *passed || (distance == *passed && *index != SIZE_MAX && i <= *index) || distance >= least)
            continue;
        least = distance;
        nearest = face;
        at = i;
    }
    *passed = least;
    *index = at;
    return nearest;
}

static struct text_font *fallback_search(const struct text_font *font, uint32_t code_point, unsigned weight, bool italic)
{
    uint64_t passed = 0;
    size_t index = SIZE_MAX;
    struct face *face;
    unsigned advance;

    while ((face = fallback_next(code_point, weight, italic, &passed, &index)) != NULL) {
        struct text_font *found = font_of_face(face, weight, italic, font->asked);
        if (found && text_font_glyph(found, code_point, &advance)) /* else fontconfig and the file disagree */
            return found;
    }
    return NULL;
}

const struct text_font *text_font_fallback(const struct text_font *font, uint32_t code_point)
{
    char bytes[48];
    unsigned weight = font->fake_bold ? 700 : font->weight;
    bool italic = font->italic || font->fake_italic;
    struct text_font *found;
    rs_text key = rs_text_of(bytes, (size_t)snprintf(bytes, sizeof bytes, "%x/%u/%d", code_point, weight, italic));

    if (!rs_map_has(fonts.fallbacks, key)) {
        found = fallback_search(font, code_point, weight, italic);
        rs_map_set(fonts.fallbacks, rs_text_copy(fonts.job, key), found);
    }
    found = rs_map_find(fonts.fallbacks, key);
    return found ? found : font;
}

/* ---- glyphs ----------------------------------------------------------------------------------------- */

unsigned text_font_advance(const struct text_font *font, unsigned glyph)
{
    hb_position_t advance = hb_font_get_glyph_h_advance(font->state->shaper, glyph);

    return advance > 0 ? (unsigned)advance : 0;
}

static struct glyph_entry *page_fill(const struct text_font *font, uint32_t page)
{
    struct glyph_entry *entries = RS_NEW_ARRAY(fonts.job, struct glyph_entry, PAGE_SIZE);

    for (uint32_t i = 0; i < PAGE_SIZE; i++) {
        hb_codepoint_t glyph;
        if (!hb_font_get_nominal_glyph(font->state->shaper, page << PAGE_BITS | i, &glyph))
            continue;
        entries[i] = (struct glyph_entry){glyph, text_font_advance(font, glyph)};
    }
    font->state->pages[page] = entries;
    return entries;
}

unsigned text_font_glyph(const struct text_font *font, uint32_t code_point, unsigned *advance)
{
    const struct glyph_entry *page;

    if (code_point >= 0x110000)
        return *advance = 0;
    page = font->state->pages[code_point >> PAGE_BITS];
    if (!page)
        page = page_fill(font, code_point >> PAGE_BITS);
    page += code_point & (PAGE_SIZE - 1);
    *advance = page->advance;
    return page->glyph;
}

struct hb_face_t *text_font_face(const struct text_font *font)
{
    return font->state->face;
}

struct hb_font_t *text_font_shaper(const struct text_font *font)
{
    return font->state->shaper;
}
