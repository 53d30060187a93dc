#include "report/draw/borders.h"

#include <math.h>

#include "base/vec.h"

#define SLOTS_FIRST 1024u /* a power of two */
#define JOIN_PT 0.02      /* lines that end this near to each other are one */

struct segment {
    double from_pt, to_pt;  /* along the line */
    int64_t at;             /* across it, in 1/100 pt */
    struct draw_pen pen;
    bool vertical;
};

/* The last segment told for a place across the page and a pen. */
struct slot {
    uint32_t generation;    /* of the slots that are in use now */
    uint32_t segment;
};

struct draw_borders {
    struct rs_job *job;
    RS_VEC(struct segment) segments;
    struct slot *slots;
    size_t slot_count, used;
    uint32_t generation;
};

struct draw_borders *draw_borders_create(struct rs_job *job)
{
    struct draw_borders *borders = RS_NEW(job, struct draw_borders);

    borders->job = job;
    borders->slot_count = SLOTS_FIRST;
    borders->slots = RS_NEW_ARRAY(job, struct slot, SLOTS_FIRST);
    borders->generation = 1;
    return borders;
}

static size_t hash(const struct segment *s)
{
    uint64_t h = (uint64_t)s->at * 0x9e3779b97f4a7c15u;

    h ^= ((uint64_t)s->pen.color << 8 | (uint64_t)s->pen.style << 1 | s->vertical) * 0xc2b2ae3d27d4eb4fu;
    h ^= (uint64_t)(s->pen.width_pt * 100) * 0x165667b19e3779f9u;
    return (size_t)(h ^ h >> 29);
}

static bool is_same_line(const struct segment *a, const struct segment *b)
{
    return a->at == b->at && a->vertical == b->vertical && a->pen.color == b->pen.color && a->pen.style == b->pen.style &&
           a->pen.width_pt == b->pen.width_pt;
}

static struct slot *find_slot(struct draw_borders *borders, const struct segment *s)
{
    for (size_t i = hash(s);; i++) {
        struct slot *slot = &borders->slots[i & (borders->slot_count - 1)];
        if (slot->generation != borders->generation || is_same_line(&borders->segments.items[slot->segment], s))
            return slot;
    }
}

static void grow(struct draw_borders *borders)
{
    struct slot *old = borders->slots;
    size_t count = borders->slot_count;

    borders->slot_count *= 2;
    borders->slots = RS_NEW_ARRAY(borders->job, struct slot, borders->slot_count);
    for (size_t i = 0; i < count; i++)
        if (old[i].generation == borders->generation)
            *find_slot(borders, &borders->segments.items[old[i].segment]) = old[i];
}

void draw_borders_add(struct draw_borders *borders, double x1_pt, double y1_pt, double x2_pt, double y2_pt,
                      const struct draw_pen *pen)
{
    bool vertical = fabs(x2_pt - x1_pt) < fabs(y2_pt - y1_pt);
    struct segment s = {.pen = *pen, .vertical = vertical};
    struct slot *slot;

    if (pen->style == DRAW_NO_LINE || !(pen->color >> 24))
        return;
    s.at = (int64_t)floor((vertical ? x1_pt : y1_pt) * 100 + 0.5);
    s.from_pt = vertical ? fmin(y1_pt, y2_pt) : fmin(x1_pt, x2_pt);
    s.to_pt = vertical ? fmax(y1_pt, y2_pt) : fmax(x1_pt, x2_pt);
    slot = find_slot(borders, &s);
    if (slot->generation == borders->generation) {
        struct segment *last = &borders->segments.items[slot->segment];
        if (s.from_pt <= last->to_pt + JOIN_PT && s.to_pt >= last->from_pt - JOIN_PT) {
            last->from_pt = fmin(last->from_pt, s.from_pt);
            last->to_pt = fmax(last->to_pt, s.to_pt);
            return;
        }
    } else {
        borders->used++;
    }
    *slot = (struct slot){borders->generation, (uint32_t)borders->segments.count};
    rs_vec_push(borders->job, &borders->segments, s);
    if (borders->used * 2 > borders->slot_count)
        grow(borders);
}

rs_status draw_borders_flush(struct rs_job *job, struct draw_borders *borders, struct draw_device *device)
{
    for (size_t i = 0; i < borders->segments.count; i++) {
        const struct segment *s = &borders->segments.items[i];
        /* solid lines reach half their width further, which fills the corners */
        double more = s->pen.style == DRAW_SOLID ? s->pen.width_pt / 2 : 0, at = (double)s->at / 100;
        if (s->vertical)
            RS_TRY(device->functions->line(job, device, at, s->from_pt - more, at, s->to_pt + more, &s->pen));
        else
            RS_TRY(device->functions->line(job, device, s->from_pt - more, at, s->to_pt + more, at, &s->pen));
    }
    borders->segments.count = 0;
    borders->used = 0;
    borders->generation++;
    return RS_OK;
}
