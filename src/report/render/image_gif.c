/* GIF: one page, at most 256 colours. Source: GIF89a, appendix F (variable-length-code LZW). */
#include "report/render/image_palette.h"
#include "report/render/image_write.h"

#define CODES_MAX 4096u
#define BLOCK_MAX 255u
#define SLOTS 8192u /* of the table of sequences */

/* Codes become bits from the lowest up, and bits blocks. */
struct packer {
    rs_buf *out;
    uint32_t bits;
    unsigned bit_count, width;
    uint8_t block[BLOCK_MAX];
    unsigned used;
    struct {
        uint32_t key;        /* code of the sequence << 8 | the index behind it */
        uint16_t code;       /* 0: free */
    } slots[SLOTS];
    unsigned next_code;
};

static void flush(struct packer *p)
{
    if (p->used) {
        rs_buf_add_byte(p->out, (char)p->used);
        rs_buf_add(p->out, rs_text_of((char *)p->block, p->used));
    }
    p->used = 0;
}

static void put(struct packer *p, unsigned code)
{
    p->bits |= code << p->bit_count;
    p->bit_count += p->width;
    while (p->bit_count >= 8) {
        p->block[p->used++] = (uint8_t)p->bits;
        if (p->used == BLOCK_MAX)
            flush(p);
        p->bits >>= 8;
        p->bit_count -= 8;
    }
}

static void start_over(struct packer *p, unsigned least_width)
{
    put(p, 1u << least_width);
    memset(p->slots, 0, sizeof p->slots);
    p->next_code = (1u << least_width) + 2;
    p->width = least_width + 1;
}

/* The slot of a sequence: its own, or a free one. */
static unsigned find(const struct packer *p, uint32_t key)
{
    unsigned slot = key * 2654435761u >> 19;

    while (p->slots[slot].code && p->slots[slot].key != key)
        slot = (slot + 1) % SLOTS;
    return slot;
}

static void pack(struct packer *p, const uint8_t *indices, size_t count, unsigned least_width)
{
    unsigned code = indices[0];

    p->width = least_width + 1;
    start_over(p, least_width);
    for (size_t i = 1; i < count; i++) {
        uint32_t key = code << 8 | indices[i];
        unsigned slot = find(p, key);
        if (p->slots[slot].code) {
            code = p->slots[slot].code;
            continue;
        }
        put(p, code);
        code = indices[i];
        if (p->next_code == CODES_MAX) {
            start_over(p, least_width);
            continue;
        }
        p->slots[slot].key = key;
        p->slots[slot].code = (uint16_t)p->next_code;
        if (p->next_code++ == 1u << p->width) /* the code just given needs another bit */
            p->width++;
    }
    put(p, code);
    if (p->next_code == 1u << p->width && p->next_code < CODES_MAX)
        p->width++;
    put(p, (1u << least_width) + 1); /* the end */
    if (p->bit_count)
        p->block[p->used++] = (uint8_t)p->bits;
    flush(p);
}

static void add_16(rs_buf *out, unsigned number)
{
    rs_buf_add_byte(out, (char)number);
    rs_buf_add_byte(out, (char)(number >> 8));
}

rs_status image_write_gif(struct rs_job *job, const struct raster_page *page, double dpi_x, double dpi_y, rs_buf *out)
{
    struct packer *packer = RS_NEW(job, struct packer);
    struct image_palette palette;
    unsigned bits = 2; /* of an index */

    (void)dpi_x, (void)dpi_y; /* the format has no place for them */
    RS_TRY(image_palette_make(job, page, IMAGE_PALETTE_MAX, &palette));
    while (1u << bits < palette.count)
        bits++;
    rs_buf_add_literal(out, "GIF89a");
    add_16(out, page->width);
    add_16(out, page->height);
    rs_buf_add_byte(out, (char)(0xf0 | (bits - 1))); /* a palette of 2^bits colours */
    add_16(out, 0);
    for (unsigned i = 0; i < 1u << bits; i++)
        for (int shift = 16; shift >= 0; shift -= 8)
            rs_buf_add_byte(out, (char)(i < palette.count ? palette.colors[i] >> shift : 0));
    rs_buf_add_byte(out, ',');
    add_16(out, 0);
    add_16(out, 0);
    add_16(out, page->width);
    add_16(out, page->height);
    rs_buf_add_byte(out, 0);
    rs_buf_add_byte(out, (char)bits);
    packer->out = out;
    pack(packer, palette.indices, (size_t)page->width * page->height, bits);
    rs_buf_add_byte(out, 0);
    rs_buf_add_byte(out, ';');
    return rs_job_checkpoint(job);
}
