#include "report/draw/pdf_font.h"

#include <hb-ot.h>
#include <hb.h>

#include "report/draw/subset.h"

#define CODE_FIRST 0x83u /* 0x80 to 0x82 stand for "(", ")" and "\\" */
#define CODE_ONE_BYTE_LAST 0xbfu
#define LEAD_FIRST 0xc0u
#define CODES_PER_SECTION 100 /* of a CMap */
#define CODE_TEXT_MAX 128u    /* bytes; longer clusters say nothing, their glyphs are still drawn */

/* ---- codes ------------------------------------------------------------------------------------------ */

static bool needs_escape(unsigned byte)
{
    return byte == '(' || byte == ')' || byte == '\\';
}

/* The code that a printable ASCII character always has: its own, but for the three that a string would escape. */
#define FOUR(n) n, n + 1, n + 2, n + 3
#define SIXTEEN(n) FOUR(n), FOUR(n + 4), FOUR(n + 8), FOUR(n + 12)
static const uint8_t own_codes[TEXT_PLAIN_MAX] = {
    SIXTEEN(0),    SIXTEEN(16), FOUR(32), FOUR(36),    0x80,       0x81,          42, 43, FOUR(44),
    SIXTEEN(48),   SIXTEEN(64), FOUR(80), FOUR(84),    FOUR(88),   0x82, 93, 94, 95, SIXTEEN(96), SIXTEEN(112),
};

struct pdf_font *pdf_font_for(struct pdf_fonts *fonts, const struct text_font *font)
{
    struct rs_job *memory = fonts->file->memory;
    struct pdf_font *found;

    if (fonts->last && fonts->last->font == font && !fonts->last->full)
        return fonts->last;
    for (size_t i = 0; i < fonts->items.count; i++)
        if (fonts->items.items[i]->font == font && !fonts->items.items[i]->full)
            return fonts->last = fonts->items.items[i];
    found = RS_NEW(memory, struct pdf_font);
    found->font = font;
    found->resource = (unsigned)fonts->items.count;
    found->object = pdf_file_reserve(fonts->file);
    found->glyph_count = hb_face_get_glyph_count(text_font_face(font));
    found->codes = RS_NEW_ARRAY(memory, uint32_t, found->glyph_count);
    found->next_code = CODE_FIRST;
    rs_vec_push(memory, &fonts->items, found);
    return fonts->last = found;
}

static void step_code(struct pdf_font *font)
{
    if (font->next_code < CODE_ONE_BYTE_LAST) {
        font->next_code++;
    } else if (font->next_code == CODE_ONE_BYTE_LAST) {
        font->next_code = LEAD_FIRST << 8 | ' ';
    } else if (font->next_code == 0xffff) {
        font->full = true;
    } else {
        do
            font->next_code++;
        while ((font->next_code & 0xff) < ' ' || needs_escape(font->next_code & 0xff));
    }
}

unsigned pdf_font_code(struct pdf_fonts *fonts, struct pdf_font *font, unsigned glyph, rs_text text)
{
    struct rs_job *memory = fonts->file->memory;
    struct pdf_code code;
    unsigned c = text.size == 1 ? (uint8_t)text.bytes[0] : 0;

    if (glyph >= font->glyph_count)
        glyph = 0;
    if (c >= ' ' && c < 0x7f && font->font->plain_glyph[c] == glyph) {
        font->ascii_used[c] = true;
        return own_codes[c];
    }
    if (text.size > CODE_TEXT_MAX)
        text = RS_TEXT("");
    for (uint32_t at = font->codes[glyph]; at; at = font->others.items[at - 1].next)
        if (rs_text_equal(font->others.items[at - 1].text, text))
            return font->others.items[at - 1].code;
    if (font->full)
        return 0;
    code = (struct pdf_code){.code = font->next_code, .glyph = (uint16_t)glyph, .text = rs_text_copy(memory, text),
                             .next = font->codes[glyph]};
    step_code(font);
    rs_vec_push(memory, &font->others, code);
    font->codes[glyph] = (uint32_t)font->others.count;
    return code.code;
}

char *pdf_font_put_plain(struct pdf_font *font, rs_text text, char *to)
{
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = (uint8_t)text.bytes[i];
        font->ascii_used[c] = true;
        to[i] = (char)own_codes[c];
    }
    return to + text.size;
}

/* ---- objects ---------------------------------------------------------------------------------------- */

struct writer {
    struct rs_job *job;
    struct pdf_file *file;
    const struct pdf_font *font;
    const struct draw_subset *subset;
    RS_VEC(struct pdf_code) codes; /* all that are used */
    unsigned cid_count;
    bool has_aliases;              /* some CIDs stand for the glyph of another */
    rs_buf buf;
    rs_text name;                  /* ABCDEF+LiberationSans */
};

static void gather_codes(struct writer *w)
{
    static const char ascii[] = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";

    for (unsigned i = 0; ascii[i]; i++) {
        unsigned c = (unsigned char)ascii[i];
        struct pdf_code code = {.code = own_codes[c], .glyph = w->font->font->plain_glyph[c], .text = {&ascii[i], 1}};
        if (w->font->ascii_used[c])
            rs_vec_push(w->job, &w->codes, code);
    }
    for (size_t i = 0; i < w->font->others.count; i++)
        rs_vec_push(w->job, &w->codes, w->font->others.items[i]);
}

/* Readers find the text of a glyph by its code, or by its CID: where a font file lets several CIDs stand for one glyph, each
 * text has one of its own. */
static void give_cids(struct writer *w)
{
    bool *taken = RS_NEW_ARRAY(w->job, bool, w->font->glyph_count);
    unsigned last = 0;

    for (size_t i = 0; i < w->codes.count; i++) {
        struct pdf_code *code = &w->codes.items[i];
        code->cid = w->subset->identifiers[code->glyph];
        last = code->cid > last ? code->cid : last;
    }
    for (size_t i = 0; i < w->codes.count && !w->font->font->is_cff; i++) {
        struct pdf_code *code = &w->codes.items[i];
        if (taken[code->glyph] && last < UINT16_MAX) {
            code->cid = (uint16_t)++last;
            w->has_aliases = true;
        }
        taken[code->glyph] = true;
    }
    w->cid_count = last + 1;
}

static void make_name(struct writer *w)
{
    char name[128];
    unsigned size = sizeof name;
    uint64_t hash = w->subset->hash;

    rs_buf_clear(&w->buf);
    for (int i = 0; i < 6; i++, hash /= 26)
        rs_buf_add_byte(&w->buf, (char)('A' + hash % 26));
    rs_buf_add_byte(&w->buf, '+');
    hb_ot_name_get_utf8(text_font_face(w->font->font), 6 /* PostScript name */, hb_language_from_string("en", 2), &size, name);
    if (size >= sizeof name)
        size = sizeof name - 1;
    for (unsigned i = 0; i < size; i++) {
        char c = name[i];
        if (rs_is_alpha(c) || rs_is_digit(c) || c == '-' || c == '_')
            rs_buf_add_byte(&w->buf, c);
    }
    if (w->buf.used == 7)
        rs_buf_add_literal(&w->buf, "Font");
    w->name = rs_text_copy(w->job, rs_buf_text(&w->buf));
}

static rs_status write_program(struct writer *w, unsigned number)
{
    rs_buf_clear(&w->buf);
    rs_buf_add_literal(&w->buf, "/Filter/FlateDecode");
    if (w->font->font->is_cff)
        rs_buf_add_literal(&w->buf, "/Subtype/CIDFontType0C");
    else
        rs_buf_printf(&w->buf, "/Length1 %zu", w->subset->program_size);
    return pdf_file_stream(w->job, w->file, number, PDF_STREAM_PLAIN, rs_buf_text(&w->buf), w->subset->program);
}

static rs_status write_descriptor(struct writer *w, unsigned number, unsigned program)
{
    const struct text_font *font = w->font->font;
    hb_blob_t *head = hb_face_reference_table(text_font_face(font), HB_TAG('h', 'e', 'a', 'd'));
    unsigned size;
    const uint8_t *bytes = (const uint8_t *)hb_blob_get_data(head, &size);

    rs_buf_clear(&w->buf);
    rs_buf_printf(&w->buf, "<</Type/FontDescriptor/FontName/%.*s/Flags %d/FontBBox[", RS_TEXT_ARG(w->name),
                  font->italic ? 4 | 64 : 4);
    for (unsigned i = 36; i < 44; i += 2)
        rs_buf_printf(&w->buf, "%s%d", i > 36 ? " " : "",
                      size >= 54 ? (int)((int16_t)(bytes[i] << 8 | bytes[i + 1]) * 1000.0 / font->units_per_em) : 0);
    rs_buf_printf(&w->buf, "]/ItalicAngle %d/Ascent %d/Descent %d/CapHeight %d/StemV %d/%s %u 0 R>>", font->italic ? -12 : 0,
                  (int)(font->metrics.ascent * 1000), -(int)(font->metrics.descent * 1000),
                  (int)(font->metrics.cap_height * 1000), font->weight >= 600 ? 140 : 80,
                  font->is_cff ? "FontFile3" : "FontFile2", program);
    hb_blob_destroy(head);
    return pdf_file_object(w->job, w->file, number, rs_buf_text(&w->buf));
}

/* Widths by CID, in thousandths of an em. */
static void add_widths(struct writer *w)
{
    const struct text_font *font = w->font->font;
    bool *told = RS_NEW_ARRAY(w->job, bool, w->cid_count);

    rs_buf_add_literal(&w->buf, "/W[");
    for (size_t i = 0; i < w->codes.count; i++) {
        const struct pdf_code *code = &w->codes.items[i];
        if (told[code->cid])
            continue;
        told[code->cid] = true;
        rs_buf_printf(&w->buf, "%u[", code->cid);
        pdf_add_decimal(&w->buf, text_font_advance(font, code->glyph) * 1000.0 / font->units_per_em, 2);
        rs_buf_add_byte(&w->buf, ']');
    }
    rs_buf_add_byte(&w->buf, ']');
}

/* The glyph of each CID, as two bytes. */
static rs_status write_glyph_map(struct writer *w, unsigned number)
{
    char *map = RS_NEW_ARRAY(w->job, char, (size_t)w->cid_count * 2);

    for (size_t i = 0; i < w->codes.count; i++) {
        const struct pdf_code *code = &w->codes.items[i];
        unsigned glyph = w->subset->identifiers[code->glyph];
        map[code->cid * 2] = (char)(glyph >> 8);
        map[code->cid * 2 + 1] = (char)glyph;
    }
    return pdf_file_stream(w->job, w->file, number, PDF_STREAM_COMPRESS, RS_TEXT(""), rs_text_of(map, (size_t)w->cid_count * 2));
}

static rs_status write_descendant(struct writer *w, unsigned number, unsigned descriptor)
{
    unsigned map = w->has_aliases ? pdf_file_reserve(w->file) : 0;

    if (map)
        RS_TRY(write_glyph_map(w, map));
    rs_buf_clear(&w->buf);
    rs_buf_printf(&w->buf,
                  "<</Type/Font/Subtype/%s/BaseFont/%.*s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
                  "/FontDescriptor %u 0 R/DW 0",
                  w->font->font->is_cff ? "CIDFontType0" : "CIDFontType2", RS_TEXT_ARG(w->name), descriptor);
    if (map)
        rs_buf_printf(&w->buf, "/CIDToGIDMap %u 0 R", map);
    else if (!w->font->font->is_cff)
        rs_buf_add_literal(&w->buf, "/CIDToGIDMap/Identity");
    add_widths(w);
    rs_buf_add_literal(&w->buf, ">>");
    return pdf_file_object(w->job, w->file, number, rs_buf_text(&w->buf));
}

static void add_code(rs_buf *buf, unsigned code)
{
    rs_buf_printf(buf, code > 0xff ? "<%04X>" : "<%02X>", code);
}

/* Both CMaps have this shape; `add` writes what a code stands for. */
static void make_cmap(struct writer *w, const char *name, int type, const char *section,
                      void (*add)(struct writer *w, const struct pdf_code *code))
{
    bool two_bytes = w->font->next_code > 0xff;

    rs_buf_clear(&w->buf);
    rs_buf_printf(&w->buf,
                  "/CIDInit/ProcSet findresource begin\n12 dict begin\nbegincmap\n"
                  "/CIDSystemInfo<</Registry(Adobe)/Ordering(%s)/Supplement 0>>def\n/CMapName/%s def\n/CMapType %d def\n",
                  type == 2 ? "UCS" : "Identity", name, type);
    /* no code has four bytes: MuPDF takes no Unicode for a glyph whose number is not in some range of codes */
    rs_buf_add(&w->buf, two_bytes ? RS_TEXT("3 begincodespacerange\n<20><BF>\n<C000><FFFF>\n<00000000><0000FFFF>\nendcodespacerange\n")
                                  : RS_TEXT("2 begincodespacerange\n<20><BF>\n<00000000><0000FFFF>\nendcodespacerange\n"));
    for (size_t i = 0; i < w->codes.count; i++) {
        size_t left = w->codes.count - i;
        if (i % CODES_PER_SECTION == 0)
            rs_buf_printf(&w->buf, "%zu begin%s\n", left < CODES_PER_SECTION ? left : CODES_PER_SECTION, section);
        add_code(&w->buf, w->codes.items[i].code);
        add(w, &w->codes.items[i]);
        rs_buf_add_byte(&w->buf, '\n');
        if (i % CODES_PER_SECTION == CODES_PER_SECTION - 1 || left == 1)
            rs_buf_printf(&w->buf, "end%s\n", section);
    }
    rs_buf_add_literal(&w->buf, "endcmap\nCMapName currentdict/CMap defineresource pop\nend\nend\n");
}

static void add_glyph(struct writer *w, const struct pdf_code *code)
{
    rs_buf_printf(&w->buf, " %u", code->cid);
}

static void add_unicode(struct writer *w, const struct pdf_code *code)
{
    rs_buf_add_byte(&w->buf, '<');
    pdf_add_utf16(&w->buf, code->text);
    rs_buf_add_byte(&w->buf, '>');
}

/* Codes that say nothing: further glyphs of a cluster. */
static void drop_silent(struct writer *w)
{
    size_t count = 0;

    for (size_t i = 0; i < w->codes.count; i++)
        if (w->codes.items[i].text.size)
            w->codes.items[count++] = w->codes.items[i];
    w->codes.count = count;
}

static rs_status write_cmaps(struct writer *w, unsigned encoding, unsigned to_unicode)
{
    rs_text name = rs_text_format(w->job, "Bindery-F%u", w->font->resource);
    rs_text entries = rs_text_format(w->job,
                                     "/Type/CMap/CMapName/%.*s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>",
                                     RS_TEXT_ARG(name));

    make_cmap(w, name.bytes, 1, "cidchar", add_glyph);
    RS_TRY(pdf_file_stream(w->job, w->file, encoding, PDF_STREAM_COMPRESS, entries, rs_buf_text(&w->buf)));
    drop_silent(w);
    make_cmap(w, "Adobe-Identity-UCS", 2, "bfchar", add_unicode);
    return pdf_file_stream(w->job, w->file, to_unicode, PDF_STREAM_COMPRESS, RS_TEXT(""), rs_buf_text(&w->buf));
}

static rs_status write_font(struct rs_job *job, struct pdf_fonts *fonts, const struct pdf_font *font)
{
    struct writer w = {.job = job, .file = fonts->file, .font = font, .buf = rs_buf_in(job)};
    bool *used = RS_NEW_ARRAY(job, bool, font->glyph_count);
    unsigned program = pdf_file_reserve(fonts->file), descriptor = pdf_file_reserve(fonts->file);
    unsigned descendant = pdf_file_reserve(fonts->file), encoding = pdf_file_reserve(fonts->file);
    unsigned to_unicode = pdf_file_reserve(fonts->file);

    gather_codes(&w);
    for (size_t i = 0; i < w.codes.count; i++)
        used[w.codes.items[i].glyph] = true;
    RS_TRY(draw_subset_make(job, font->font, used, font->glyph_count, &w.subset));
    give_cids(&w);
    make_name(&w);
    RS_TRY(write_program(&w, program));
    RS_TRY(write_descriptor(&w, descriptor, program));
    RS_TRY(write_descendant(&w, descendant, descriptor));
    RS_TRY(write_cmaps(&w, encoding, to_unicode));
    rs_buf_clear(&w.buf);
    rs_buf_printf(&w.buf,
                  "<</Type/Font/Subtype/Type0/BaseFont/%.*s/Encoding %u 0 R/DescendantFonts[%u 0 R]/ToUnicode %u 0 R>>",
                  RS_TEXT_ARG(w.name), encoding, descendant, to_unicode);
    return pdf_file_object(job, fonts->file, font->object, rs_buf_text(&w.buf));
}

rs_status pdf_fonts_write(struct rs_job *job, struct pdf_fonts *fonts)
{
    for (size_t i = 0; i < fonts->items.count; i++)
        RS_TRY(write_font(job, fonts, fonts->items.items[i]));
    return RS_OK;
}
