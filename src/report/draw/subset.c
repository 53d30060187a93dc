#include "report/draw/subset.h"

#include <hb-subset.h>
#include <stdlib.h>

#include "base/list.h"
#include "report/draw/cff.h"
#include "report/draw/deflate.h"
#include "report/text/font.h"

#define KEPT_BYTES ((size_t)16 * 1024 * 1024)

struct kept {
    struct rs_link link;        /* in `kept`, last used last */
    struct rs_job *memory;
    const struct text_font *font;
    uint8_t *glyphs;            /* one byte each, 1 where wanted */
    struct draw_subset subset;
};

static struct rs_link kept_list = {&kept_list, &kept_list};
static size_t kept_bytes;

static uint64_t hash_glyphs(const struct text_font *font, const uint8_t *glyphs, size_t count)
{
    uint64_t hash = 0xcbf29ce484222325u;

    for (size_t i = 0; i < count; i++)
        if (glyphs[i])
            hash = (hash ^ i) * 0x100000001b3u;
    for (size_t i = 0; i < font->family.size; i++)
        hash = (hash ^ (uint8_t)font->family.bytes[i]) * 0x100000001b3u;
    return (hash ^ font->weight ^ (uint64_t)font->italic << 16) * 0x100000001b3u;
}

/* What to embed for what is used: .notdef always, and all of ASCII where some of it is. */
static void want_glyphs(const struct text_font *font, const bool *used, uint8_t *wanted, size_t count)
{
    bool ascii = false;

    for (size_t i = 0; i < count; i++)
        wanted[i] = used[i];
    for (unsigned c = 0; c < TEXT_PLAIN_MAX; c++)
        ascii |= font->plain_glyph[c] && font->plain_glyph[c] < count && used[font->plain_glyph[c]];
    for (unsigned c = 0; ascii && c < TEXT_PLAIN_MAX; c++)
        if (font->plain_glyph[c] && font->plain_glyph[c] < count)
            wanted[font->plain_glyph[c]] = 1;
    wanted[0] = 1;
}

static void kept_drop(struct kept *kept)
{
    rs_list_remove(&kept->link);
    kept_bytes -= rs_job_memory(kept->memory);
    rs_job_destroy(kept->memory);
}

static hb_subset_input_t *make_input(const uint8_t *wanted, size_t count)
{
    static const hb_tag_t dropped[] = {
        HB_TAG('G', 'S', 'U', 'B'), HB_TAG('G', 'P', 'O', 'S'), HB_TAG('G', 'D', 'E', 'F'), HB_TAG('n', 'a', 'm', 'e'),
        HB_TAG('p', 'o', 's', 't'), HB_TAG('O', 'S', '/', '2'), HB_TAG('c', 'm', 'a', 'p'), HB_TAG('k', 'e', 'r', 'n'),
        HB_TAG('m', 'e', 't', 'a'), HB_TAG('D', 'S', 'I', 'G'), HB_TAG('F', 'F', 'T', 'M'), HB_TAG('g', 'a', 's', 'p'),
        HB_TAG('v', 'h', 'e', 'a'), HB_TAG('v', 'm', 't', 'x'), HB_TAG('V', 'O', 'R', 'G'), HB_TAG('B', 'A', 'S', 'E'),
        HB_TAG('h', 'd', 'm', 'x'), HB_TAG('V', 'D', 'M', 'X'), HB_TAG('L', 'T', 'S', 'H'), HB_TAG('M', 'A', 'T', 'H'),
    };
    hb_subset_input_t *input = hb_subset_input_create_or_fail();
    hb_set_t *glyphs, *drop;

    if (!input)
        return NULL;
    glyphs = hb_subset_input_glyph_set(input);
    for (size_t i = 0; i < count; i++)
        if (wanted[i])
            hb_set_add(glyphs, (hb_codepoint_t)i);
    drop = hb_subset_input_set(input, HB_SUBSET_SETS_DROP_TABLE_TAG);
    for (size_t i = 0; i < sizeof dropped / sizeof dropped[0]; i++)
        hb_set_add(drop, dropped[i]);
    hb_subset_input_set_flags(input, HB_SUBSET_FLAGS_NO_HINTING | HB_SUBSET_FLAGS_DESUBROUTINIZE |
                                         HB_SUBSET_FLAGS_NOTDEF_OUTLINE /* a missing character shows as a box */);
    return input;
}

static rs_status pack(struct rs_job *job, struct kept *kept, hb_blob_t *program)
{
    struct rs_job *scratch = rs_job_create(NULL);
    rs_buf packed = rs_buf_in(scratch);
    unsigned size;
    const char *bytes = hb_blob_get_data(program, &size);
    rs_status status = draw_deflate(job, draw_deflater_create(scratch), rs_text_of(bytes, size), &packed);

    if (status == RS_OK) {
        kept->subset.program = rs_text_copy(kept->memory, rs_buf_text(&packed));
        kept->subset.program_size = size;
    }
    rs_job_destroy(scratch);
    return status;
}

/* From glyphs of the subset to the identifiers that codes stand for, where a font has its own. */
static void name_identifiers(struct kept *kept, hb_blob_t *program, uint16_t *glyphs, size_t subset_count)
{
    unsigned size;
    const char *bytes = hb_blob_get_data(program, &size);
    uint16_t *identifiers = RS_NEW_ARRAY(kept->memory, uint16_t, subset_count);

    if (!kept->font->is_cff || !draw_cff_identifiers(rs_text_of(bytes, size), identifiers, subset_count))
        return;
    for (size_t i = 0; i < kept->subset.glyph_count; i++)
        if (glyphs[i] < subset_count)
            glyphs[i] = identifiers[glyphs[i]];
}

static rs_status fill(struct rs_job *job, struct kept *kept, hb_subset_plan_t *plan, hb_face_t *face)
{
    size_t count = kept->subset.glyph_count;
    const hb_map_t *map = hb_subset_plan_old_to_new_glyph_mapping(plan);
    uint16_t *new_glyphs = RS_NEW_ARRAY(kept->memory, uint16_t, count);
    hb_blob_t *program = kept->font->is_cff ? hb_face_reference_table(face, HB_TAG('C', 'F', 'F', ' '))
                                            : hb_face_reference_blob(face);
    rs_status status;

    for (size_t i = 0; i < count; i++) {
        hb_codepoint_t glyph = kept->glyphs[i] ? hb_map_get(map, (hb_codepoint_t)i) : HB_MAP_VALUE_INVALID;
        new_glyphs[i] = glyph == HB_MAP_VALUE_INVALID ? 0 : (uint16_t)glyph;
    }
    name_identifiers(kept, program, new_glyphs, hb_face_get_glyph_count(face));
    kept->subset.identifiers = new_glyphs;
    status = pack(job, kept, program);
    hb_blob_destroy(program);
    return status;
}

static rs_status make(struct rs_job *job, struct kept *kept)
{
    hb_subset_input_t *input = make_input(kept->glyphs, kept->subset.glyph_count);
    hb_subset_plan_t *plan = input ? hb_subset_plan_create_or_fail(text_font_face(kept->font), input) : NULL;
    hb_face_t *face = plan ? hb_subset_plan_execute_or_fail(plan) : NULL;
    rs_status status;

    if (face)
        status = fill(job, kept, plan, face);
    else
        status = rs_fail(job, RS_FAILED, "font file %.*s cannot be cut to the characters that are used",
                         RS_TEXT_ARG(kept->font->path));
    hb_face_destroy(face);
    hb_subset_plan_destroy(plan);
    hb_subset_input_destroy(input);
    return status;
}

rs_status draw_subset_make(struct rs_job *job, const struct text_font *font, const bool *used, size_t glyph_count,
                           const struct draw_subset **out)
{
    struct rs_job *memory = rs_job_create(NULL);
    struct kept *kept = RS_NEW(memory, struct kept);
    rs_status status;

    kept->memory = memory;
    kept->font = font;
    kept->glyphs = RS_NEW_ARRAY(memory, uint8_t, glyph_count);
    want_glyphs(font, used, kept->glyphs, glyph_count);
    kept->subset.glyph_count = glyph_count;
    kept->subset.hash = hash_glyphs(font, kept->glyphs, glyph_count);
    rs_list_each(link, &kept_list) {
        struct kept *old = rs_list_object(link, struct kept, link);
        if (old->font != font || old->subset.hash != kept->subset.hash || old->subset.glyph_count != glyph_count ||
            memcmp(old->glyphs, kept->glyphs, glyph_count) != 0)
            continue;
        rs_job_destroy(memory);
        rs_list_remove(&old->link);
        rs_list_append(&kept_list, &old->link);
        *out = &old->subset;
        return RS_OK;
    }
    status = make(job, kept);
    if (status != RS_OK) {
        rs_job_destroy(memory);
        return status;
    }
    rs_list_append(&kept_list, &kept->link);
    kept_bytes += rs_job_memory(memory);
    while (kept_bytes > KEPT_BYTES && kept_list.next != &kept->link)
        kept_drop(rs_list_object(kept_list.next, struct kept, link));
    *out = &kept->subset;
    return RS_OK;
}
