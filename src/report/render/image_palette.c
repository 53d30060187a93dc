#include "report/render/image_palette.h"

#define SLOTS 1024u          /* of the table of colours; more than twice as many as there may be */
#define SLOT_FREE UINT32_MAX
#define BUCKETS 32768u       /* five bits of each of red, green, blue */

/* ---- all colours ------------------------------------------------------------------------------------ */

struct colors {
    uint32_t slots[SLOTS];
    uint8_t indices[SLOTS];
};

/* The index of a colour, new or not; false where there is no room for another. */
static bool find_color(struct colors *c, uint32_t color, unsigned most, struct image_palette *out, uint8_t *index)
{
    unsigned slot = color * 2654435761u >> 22;

    while (c->slots[slot] != color && c->slots[slot] != SLOT_FREE)
        slot = (slot + 1) % SLOTS;
    if (c->slots[slot] == SLOT_FREE) {
        if (out->count == most)
            return false;
        c->slots[slot] = color;
        c->indices[slot] = (uint8_t)out->count;
        out->colors[out->count++] = color;
    }
    *index = c->indices[slot];
    return true;
}

static bool keep_all(struct rs_job *job, const struct raster_page *page, unsigned most, uint8_t *indices, struct image_palette *out)
{
    struct colors *c = RS_NEW(job, struct colors);

    memset(c->slots, 0xff, sizeof c->slots);
    out->count = 0;
    for (unsigned y = 0; y < page->height; y++)
        for (unsigned x = 0; x < page->width; x++)
            if (!find_color(c, page->pixels[y * page->stride + x] & 0xffffff, most, out, indices++))
                return false;
    return true;
}

/* ---- some of them ----------------------------------------------------------------------------------- */

/* Colours that differ in the lower bits only. */
struct bucket {
    uint64_t sums[3];        /* of red, green, blue */
    uint32_t count, color;   /* on average */
    uint32_t away;           /* distance to the nearest colour that is chosen */
};

static unsigned bucket_of(uint32_t color)
{
    return (color >> 19 & 0x1f) << 10 | (color >> 11 & 0x1f) << 5 | (color >> 3 & 0x1f);
}

/* Squared. */
static uint32_t distance(uint32_t a, uint32_t b)
{
    uint32_t sum = 0;

    for (unsigned shift = 0; shift < 24; shift += 8) {
        int difference = (int)(a >> shift & 0xff) - (int)(b >> shift & 0xff);
        sum += (uint32_t)(difference * difference);
    }
    return sum;
}

/* Those that are there, without gaps. */
static size_t fill_buckets(const struct raster_page *page, struct bucket *buckets)
{
    size_t used = 0;

    for (unsigned y = 0; y < page->height; y++) {
        for (unsigned x = 0; x < page->width; x++) {
            uint32_t color = page->pixels[y * page->stride + x];
            struct bucket *bucket = &buckets[bucket_of(color)];
            bucket->count++;
            for (unsigned c = 0; c < 3; c++)
                bucket->sums[c] += color >> (16 - 8 * c) & 0xff;
        }
    }
    for (unsigned i = 0; i < BUCKETS; i++) {
        struct bucket bucket = buckets[i];
        if (!bucket.count)
            continue;
        for (unsigned c = 0; c < 3; c++)
            bucket.color |= (uint32_t)(bucket.sums[c] / bucket.count) << (16 - 8 * c);
        bucket.away = UINT32_MAX;
        buckets[used++] = bucket;
    }
    return used;
}

/* One after another what is missed most: by how much there is of it, and how far it is from what was chosen. */
static void choose_colors(struct rs_job *job, const struct raster_page *page, unsigned most, struct image_palette *out)
{
    struct bucket *buckets = RS_NEW_ARRAY(job, struct bucket, BUCKETS);
    size_t used = fill_buckets(page, buckets), best = 0;

    for (size_t i = 1; i < used; i++)
        if (buckets[i].count > buckets[best].count)
            best = i;
    for (out->count = 0; out->count < most;) {
        uint32_t color = buckets[best].color;
        uint64_t missed = 0;
        out->colors[out->count++] = color;
        for (size_t i = 0; i < used; i++) {
            uint32_t away = distance(buckets[i].color, color);
            uint64_t weight;
            if (away < buckets[i].away)
                buckets[i].away = away;
            weight = (uint64_t)buckets[i].away * buckets[i].count;
            if (weight > missed) {
                missed = weight;
                best = i;
            }
        }
        if (missed == 0)
            return;
    }
}

static unsigned nearest(const struct image_palette *palette, uint32_t color)
{
    unsigned best = 0;

    for (unsigned i = 1; i < palette->count; i++)
        if (distance(palette->colors[i], color) < distance(palette->colors[best], color))
            best = i;
    return best;
}

static void take_nearest(struct rs_job *job, const struct raster_page *page, uint8_t *indices, const struct image_palette *palette)
{
    uint16_t *known = RS_NEW_ARRAY(job, uint16_t, BUCKETS); /* index + 1 by bucket */

    for (unsigned y = 0; y < page->height; y++) {
        for (unsigned x = 0; x < page->width; x++) {
            uint32_t color = page->pixels[y * page->stride + x];
            uint16_t *own = &known[bucket_of(color)];
            if (!*own)
                *own = (uint16_t)(nearest(palette, color) + 1);
            *indices++ = (uint8_t)(*own - 1);
        }
    }
}

rs_status image_palette_make(struct rs_job *job, const struct raster_page *page, unsigned most, struct image_palette *out)
{
    void *indices;

    RS_TRY(rs_try_alloc(job, (size_t)page->width * page->height, 1, &indices));
    out->indices = indices;
    if (!keep_all(job, page, most, indices, out)) {
        choose_colors(job, page, most, out);
        take_nearest(job, page, indices, out);
    }
    return rs_job_checkpoint(job);
}
