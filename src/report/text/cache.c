#include "report/text/block.h"

#include "base/map.h"

#define SLOTS 4096 /* a power of two */

/* A block and all that decides how it comes out. */
struct entry {
    struct entry *next; /* in the same slot */
    struct text_paragraph paragraph;
    struct text_run run;
    struct text_frame frame;
    struct text_block block;
};

/* When the memory is used up, everything is dropped: the texts of the next pages fill it again. */
struct text_cache {
    struct rs_job *memory;
    size_t limit;
    struct entry *slots[SLOTS];
    struct rs_mark empty;
};

static void cache_end(void *object)
{
    rs_job_destroy(((struct text_cache *)object)->memory);
}

struct text_cache *text_cache_create(struct rs_job *job, size_t bytes)
{
    struct text_cache *cache = RS_NEW(job, struct text_cache);
    struct rs_job_options options = {.within = job};

    cache->memory = rs_job_create(&options);
    cache->limit = bytes;
    cache->empty = rs_job_mark(cache->memory);
    rs_job_at_end(job, cache_end, cache);
    return cache;
}

static bool is_same(const struct entry *entry, const struct text_frame *frame, const struct text_paragraph *p)
{
    const struct text_paragraph *own = &entry->paragraph;
    const struct text_style *style = &p->runs[0].style;

    return entry->frame.width_pt == frame->width_pt && entry->frame.right_to_left == frame->right_to_left &&
           entry->run.style.font == style->font && entry->run.style.size_pt == style->size_pt &&
           entry->run.style.color == style->color && entry->run.style.decoration == style->decoration &&
           own->align == p->align && own->left_indent_pt == p->left_indent_pt &&
           own->right_indent_pt == p->right_indent_pt && own->hanging_indent_pt == p->hanging_indent_pt &&
           own->space_before_pt == p->space_before_pt && own->space_after_pt == p->space_after_pt &&
           own->line_height_pt == p->line_height_pt && own->list == p->list && own->list_level == p->list_level &&
           rs_text_equal(entry->run.text, p->runs[0].text) && rs_text_equal(entry->run.link, p->runs[0].link);
}

static rs_status add_entry(struct rs_job *job, struct text_cache *cache, const struct text_frame *frame,
                           const struct text_paragraph *paragraph, size_t slot, struct entry **out)
{
    struct entry *entry;
    rs_status status;

    if (rs_job_memory(cache->memory) > cache->limit) {
        memset(cache->slots, 0, sizeof cache->slots);
        rs_job_reset(cache->memory, cache->empty);
    }
    entry = RS_NEW(cache->memory, struct entry);
    entry->paragraph = *paragraph;
    entry->frame = *frame;
    entry->run = paragraph->runs[0];
    entry->run.text = rs_text_copy(cache->memory, entry->run.text);
    entry->run.link = rs_text_copy(cache->memory, entry->run.link);
    entry->paragraph.runs = &entry->run;
    status = text_block_layout(cache->memory, &entry->frame, &entry->paragraph, 1, &entry->block);
    if (status != RS_OK) {
        rs_job_adopt(job, cache->memory);
        return status;
    }
    entry->next = cache->slots[slot];
    cache->slots[slot] = entry;
    *out = entry;
    return RS_OK;
}

/* A text inside `from` at the same place inside `to`: equal texts in different memory. */
static rs_text moved(rs_text text, rs_text from, rs_text to)
{
    return rs_text_of(to.bytes + (text.bytes - from.bytes), text.size);
}

static void copy_piece(struct rs_job *job, struct text_piece *piece, const struct text_run *from,
                       const struct text_run *to)
{
    struct text_glyph *glyphs;
    /* a list marker is not part of the run */
    bool own = piece->text.bytes >= from->text.bytes && piece->text.bytes <= from->text.bytes + from->text.size;

    piece->text = own ? moved(piece->text, from->text, to->text) : rs_text_copy(job, piece->text);
    piece->link = to->link;
    if (!piece->glyphs)
        return;
    glyphs = RS_NEW_ARRAY(job, struct text_glyph, piece->glyph_count);
    memcpy(glyphs, piece->glyphs, piece->glyph_count * sizeof *glyphs);
    piece->glyphs = glyphs;
}

static void copy_block(struct rs_job *job, const struct entry *entry, const struct text_run *run, struct text_block *out)
{
    struct text_line *lines = RS_NEW_ARRAY(job, struct text_line, entry->block.line_count);

    out->line_count = entry->block.line_count;
    out->height_pt = entry->block.height_pt;
    out->width_pt = entry->block.width_pt;
    for (size_t i = 0; i < out->line_count; i++) {
        struct text_piece *pieces = RS_NEW_ARRAY(job, struct text_piece, entry->block.lines[i].piece_count);
        lines[i] = entry->block.lines[i];
        for (size_t k = 0; k < lines[i].piece_count; k++) {
            pieces[k] = entry->block.lines[i].pieces[k];
            copy_piece(job, &pieces[k], &entry->run, run);
        }
        lines[i].pieces = pieces;
    }
    out->lines = lines;
}

rs_status text_cache_layout(struct rs_job *job, struct text_cache *cache, const struct text_frame *frame,
                            const struct text_paragraph *paragraph, struct text_block *out)
{
    struct entry *entry;
    size_t slot;

    if (text_block_plain(frame, paragraph, out))
        return RS_OK;
    slot = rs_hash(paragraph->runs[0].text) & (SLOTS - 1);
    for (entry = cache->slots[slot]; entry && !is_same(entry, frame, paragraph); entry = entry->next)
        continue;
    if (!entry)
        RS_TRY(add_entry(job, cache, frame, paragraph, slot, &entry));
    copy_block(job, entry, &paragraph->runs[0], out);
    return RS_OK;
}
