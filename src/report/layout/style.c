#include "report/layout/style.h"

#include <stddef.h>

#include "base/map.h"
#include "report/publish/publish.h"
#include "report/rdl/values.h"

#define FONT_SIZE_LEAST_PT 1.0
#define FONT_SIZE_MOST_PT 400.0
#define BORDER_MOST_PT 20.0
#define PADDING_MOST_PT 1000.0
#define SLOTS_FIRST 256 /* a power of two */

/* A style while its members are answered one by one. */
struct draft {
    struct layout_style style;
    rs_text family;
    unsigned weight;
    bool italic;
    struct {
        int style;          /* enum rdl_border_style; RDL_LINE_DEFAULT: as the border for all sides */
        bool has_color, has_width;
        uint32_t color;
        double width_pt;
    } border, sides[RDL_SIDES];
};

/* ---- one member at a time --------------------------------------------------------------------------- */

static void take_background(struct draft *d, rs_text t, int side)
{
    (void)side;
    if (!rdl_color_parse(t, &d->style.background))
        d->style.background = 0;
}

static void take_gradient(struct draft *d, rs_text t, int side)
{
    (void)side;
    d->style.gradient = (uint8_t)rdl_keyword_parse(rdl_gradients, t, RDL_GRADIENT_NONE);
}

static void take_gradient_end(struct draft *d, rs_text t, int side)
{
    (void)side;
    if (!rdl_color_parse(t, &d->style.gradient_end))
        d->style.gradient_end = 0;
}

static void take_color(struct draft *d, rs_text t, int side)
{
    uint32_t color;

    (void)side;
    if (rdl_color_parse(t, &color))
        d->style.color = color;
}

static void take_family(struct draft *d, rs_text t, int side)
{
    (void)side;
    if (t.size)
        d->family = t;
}

static void take_size(struct draft *d, rs_text t, int side)
{
    double size;

    (void)side;
    if (rdl_size_parse(t, true, &size) && size >= FONT_SIZE_LEAST_PT && size <= FONT_SIZE_MOST_PT)
        d->style.font_size_pt = size;
}

static void take_weight(struct draft *d, rs_text t, int side)
{
    (void)side;
    d->weight = (unsigned)rdl_keyword_parse(rdl_font_weights, t, 400);
}

static void take_slant(struct draft *d, rs_text t, int side)
{
    (void)side;
    d->italic = rdl_keyword_parse(rdl_font_styles, t, RDL_FONT_NORMAL) == RDL_FONT_ITALIC;
}

static void take_decoration(struct draft *d, rs_text t, int side)
{
    static const unsigned decorations[] = {
        [RDL_DECORATION_NONE] = 0, [RDL_UNDERLINE] = TEXT_UNDERLINE, [RDL_OVERLINE] = TEXT_OVERLINE,
        [RDL_LINE_THROUGH] = TEXT_LINE_THROUGH,
    };

    (void)side;
    d->style.decoration = decorations[rdl_keyword_parse(rdl_text_decorations, t, RDL_DECORATION_NONE)];
}

static void take_text_align(struct draft *d, rs_text t, int side)
{
    (void)side;
    d->style.text_align = (uint8_t)rdl_keyword_parse(rdl_text_aligns, t, RDL_ALIGN_GENERAL);
}

static void take_vertical_align(struct draft *d, rs_text t, int side)
{
    (void)side;
    d->style.vertical_align = (uint8_t)rdl_keyword_parse(rdl_vertical_aligns, t, RDL_ALIGN_TOP);
}

static void take_line_height(struct draft *d, rs_text t, int side)
{
    double height;

    (void)side;
    if (rdl_size_parse(t, true, &height) && height > 0 && height <= 1000)
        d->style.line_height_pt = height;
}

static void take_direction(struct draft *d, rs_text t, int side)
{
    (void)side;
    d->style.right_to_left = rdl_keyword_parse(rdl_directions, t, RDL_LTR) == RDL_RTL;
}

static void take_writing_mode(struct draft *d, rs_text t, int side)
{
    (void)side;
    d->style.writing_mode = (uint8_t)rdl_keyword_parse(rdl_writing_modes, t, RDL_HORIZONTAL);
}

static void take_padding(struct draft *d, rs_text t, int side)
{
    double padding;

    if (rdl_size_parse(t, true, &padding) && padding >= 0 && padding <= PADDING_MOST_PT)
        d->style.padding_pt[side] = padding;
}

/* `side` is RDL_SIDES for the border of all sides. */
static void take_border_style(struct draft *d, rs_text t, int side)
{
    int style = rdl_keyword_parse(rdl_border_styles, t, RDL_LINE_DEFAULT);

    if (side == RDL_SIDES)
        d->border.style = style;
    else
        d->sides[side].style = style;
}

static void take_border_color(struct draft *d, rs_text t, int side)
{
    uint32_t color;

    if (!rdl_color_parse(t, &color))
        return;
    if (side == RDL_SIDES) {
        d->border.color = color;
        d->border.has_color = true;
    } else {
        d->sides[side].color = color;
        d->sides[side].has_color = true;
    }
}

static void take_border_width(struct draft *d, rs_text t, int side)
{
    double width;

    if (!rdl_size_parse(t, true, &width) || width <= 0 || width > BORDER_MOST_PT)
        return;
    if (side == RDL_SIDES) {
        d->border.width_pt = width;
        d->border.has_width = true;
    } else {
        d->sides[side].width_pt = width;
        d->sides[side].has_width = true;
    }
}

/* Every member that decides how something is drawn, in any order. */
struct member {
    size_t offset; /* of its rdl_expr in rdl_style */
    void (*take)(struct draft *d, rs_text t, int side);
    int side;
};

#define MEMBER(name, take) {offsetof(struct rdl_style, name), take, 0}
#define SIDE(side)                                                                             \
    {offsetof(struct rdl_style, padding[side]), take_padding, side},                           \
        {offsetof(struct rdl_style, sides[side].style), take_border_style, side},              \
        {offsetof(struct rdl_style, sides[side].color), take_border_color, side},              \
        {offsetof(struct rdl_style, sides[side].width), take_border_width, side}

static const struct member members[] = {
    MEMBER(background_color, take_background),
    MEMBER(background_gradient_type, take_gradient),
    MEMBER(background_gradient_end_color, take_gradient_end),
    MEMBER(color, take_color),
    MEMBER(font_family, take_family),
    MEMBER(font_size, take_size),
    MEMBER(font_weight, take_weight),
    MEMBER(font_style, take_slant),
    MEMBER(text_decoration, take_decoration),
    MEMBER(text_align, take_text_align),
    MEMBER(vertical_align, take_vertical_align),
    MEMBER(line_height, take_line_height),
    MEMBER(direction, take_direction),
    MEMBER(writing_mode, take_writing_mode),
    {offsetof(struct rdl_style, border.style), take_border_style, RDL_SIDES},
    {offsetof(struct rdl_style, border.color), take_border_color, RDL_SIDES},
    {offsetof(struct rdl_style, border.width), take_border_width, RDL_SIDES},
    SIDE(RDL_LEFT),
    SIDE(RDL_RIGHT),
    SIDE(RDL_TOP),
    SIDE(RDL_BOTTOM),
};

static const struct rdl_expr *member_expr(const struct rdl_style *style, const struct member *member)
{
    return (const struct rdl_expr *)((const char *)style + member->offset);
}

/* ---- whole styles ----------------------------------------------------------------------------------- */

struct entry {
    const struct rdl_style *source; /* NULL: the slot is free */
    bool line;
    bool is_constant;
    struct draft draft;             /* with the constant members taken */
    struct layout_style style;      /* where all of it is constant */
};

struct layout_styles {
    struct rs_job *job;
    struct compute_run *run;
    struct entry **slots;
    size_t slot_count, used;
};

struct layout_styles *layout_styles_create(struct rs_job *job, struct compute_run *run)
{
    struct layout_styles *styles = RS_NEW(job, struct layout_styles);

    styles->job = job;
    styles->run = run;
    styles->slot_count = SLOTS_FIRST;
    styles->slots = RS_NEW_ARRAY(job, struct entry *, SLOTS_FIRST);
    return styles;
}

void layout_styles_use(struct layout_styles *styles, struct compute_run *run)
{
    styles->run = run;
}

static enum draw_line_style line_style(int style)
{
    switch (style) {
    case RDL_LINE_NONE:
    case RDL_LINE_DEFAULT: return DRAW_NO_LINE;
    case RDL_LINE_DOTTED: return DRAW_DOTTED;
    case RDL_LINE_DASHED: return DRAW_DASHED;
    case RDL_LINE_DOUBLE: return DRAW_DOUBLE;
    case RDL_LINE_DASH_DOT: return DRAW_DASH_DOT;
    case RDL_LINE_DASH_DOT_DOT: return DRAW_DASH_DOT_DOT;
    default: return DRAW_SOLID; /* groove, ridge, inset, outset: styles of 2005 that are drawn flat */
    }
}

static rs_status complete(struct rs_job *job, const struct draft *d, bool line, struct layout_style *out)
{
    int fallback = d->border.style != RDL_LINE_DEFAULT ? d->border.style : line ? RDL_LINE_SOLID : RDL_LINE_NONE;

    *out = d->style;
    for (int side = 0; side < RDL_SIDES; side++) {
        int style = d->sides[side].style != RDL_LINE_DEFAULT ? d->sides[side].style : fallback;
        out->sides[side] = (struct draw_pen){
            .style = line_style(style),
            .width_pt = d->sides[side].has_width ? d->sides[side].width_pt : d->border.width_pt,
            .color = d->sides[side].has_color ? d->sides[side].color : d->border.color,
        };
        if (!(out->sides[side].color >> 24))
            out->sides[side].style = DRAW_NO_LINE;
        out->has_sides |= out->sides[side].style != DRAW_NO_LINE;
    }
    return text_font_find(job, d->family, d->weight, d->italic, &out->font);
}

static void draft_init(struct draft *d, const struct rdl_report *report)
{
    memset(d, 0, sizeof *d);
    d->family = report->default_font_family.size ? report->default_font_family : RS_TEXT("Arial");
    d->weight = 400;
    d->style.font_size_pt = 10;
    d->style.color = 0xff000000;
    d->border.style = RDL_LINE_DEFAULT;
    d->border.color = 0xff000000;
    d->border.width_pt = 1;
    for (int side = 0; side < RDL_SIDES; side++)
        d->sides[side].style = RDL_LINE_DEFAULT;
}

/* The members that are expressions (`dynamic`), or those that are not. */
static rs_status take_members(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                              const struct rdl_style *source, bool dynamic, struct draft *d)
{
    const struct publish_report *report = compute_published(run);

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const struct rdl_expr *expr = member_expr(source, &members[i]);
        struct value constant;
        rs_text text;
        if (!expr->present || expr_is_constant(publish_program(report, expr), &constant) == dynamic)
            continue;
        RS_TRY(compute_eval_text(job, run, scope, expr, RS_TEXT(""), &text));
        if (text.size)
            members[i].take(d, rs_text_trim(text), members[i].side);
    }
    return RS_OK;
}

static bool is_constant_style(const struct publish_report *report, const struct rdl_style *source)
{
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const struct rdl_expr *expr = member_expr(source, &members[i]);
        struct value constant;
        if (expr->present && !expr_is_constant(publish_program(report, expr), &constant))
            return false;
    }
    return true;
}

static struct entry **find_slot(struct layout_styles *styles, const struct rdl_style *source, bool line)
{
    for (size_t i = (size_t)(((uintptr_t)source >> 4) * 0x9e3779b97f4a7c15u >> 32);; i++) {
        struct entry **slot = &styles->slots[i & (styles->slot_count - 1)];
        if (!*slot || ((*slot)->source == source && (*slot)->line == line))
            return slot;
    }
}

static void grow(struct layout_styles *styles)
{
    struct entry **old = styles->slots;
    size_t count = styles->slot_count;

    styles->slot_count *= 2;
    styles->slots = RS_NEW_ARRAY(styles->job, struct entry *, styles->slot_count);
    for (size_t i = 0; i < count; i++)
        if (old[i])
            *find_slot(styles, old[i]->source, old[i]->line) = old[i];
}

static rs_status add_entry(struct rs_job *job, struct layout_styles *styles, const struct rdl_style *source, bool line,
                           struct entry **out)
{
    static const struct compute_scope body;
    struct entry *entry = RS_NEW(styles->job, struct entry);

    entry->source = source;
    entry->line = line;
    entry->is_constant = is_constant_style(compute_published(styles->run), source);
    draft_init(&entry->draft, compute_report(styles->run));
    /* texts that stay are constants of the report, or copied into the styles' memory */
    if (take_members(styles->job, styles->run, &body, source, false, &entry->draft) != RS_OK)
        return rs_job_adopt(job, styles->job);
    if (entry->is_constant)
        RS_TRY(complete(job, &entry->draft, line, &entry->style));
    if (styles->used * 2 >= styles->slot_count)
        grow(styles);
    *find_slot(styles, source, line) = entry;
    styles->used++;
    *out = entry;
    return RS_OK;
}

rs_status layout_style_constant(struct rs_job *job, struct layout_styles *styles, const struct rdl_style *style,
                                const struct layout_style **out)
{
    struct entry *entry = *find_slot(styles, style, false);

    if (!entry)
        RS_TRY(add_entry(job, styles, style, false, &entry));
    *out = entry->is_constant ? &entry->style : NULL;
    return RS_OK;
}

rs_status layout_style_find(struct rs_job *job, struct layout_styles *styles, const struct compute_scope *scope,
                            const struct rdl_style *style, bool line, const struct layout_style **out)
{
    struct entry *entry = *find_slot(styles, style, line);
    struct draft draft;
    struct layout_style *made;

    if (!entry)
        RS_TRY(add_entry(job, styles, style, line, &entry));
    if (entry->is_constant) {
        *out = &entry->style;
        return RS_OK;
    }
    draft = entry->draft;
    RS_TRY(take_members(job, styles->run, scope, style, true, &draft));
    made = RS_NEW(job, struct layout_style);
    RS_TRY(complete(job, &draft, line, made));
    *out = made;
    return RS_OK;
}

rs_status layout_size(struct rs_job *job, struct compute_run *run, const struct compute_scope *scope,
                      const struct rdl_expr *expr, double *out_pt)
{
    rs_text text;

    *out_pt = 0;
    if (!expr->present)
        return RS_OK;
    RS_TRY(compute_eval_text(job, run, scope, expr, RS_TEXT(""), &text));
    if (!rdl_size_parse(rs_text_trim(text), true, out_pt))
        *out_pt = 0;
    return RS_OK;
}
