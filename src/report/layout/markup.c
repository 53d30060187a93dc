#include "report/layout/markup.h"

#include <math.h>

#include "base/buf.h"
#include "base/vec.h"
#include "report/rdl/model.h"
#include "report/rdl/values.h"

#define TAG_MAX 32      /* bytes of a tag's name */
#define BLANK_LINE 1.15 /* the height of an empty line, of the size of its font */
#define PADDING_MOST_PT 1000.0

enum tag_kind { TAG_STYLE, TAG_BLOCK, TAG_BREAK, TAG_LIST, TAG_ITEM, TAG_LINK };

struct tag {
    const char *name;
    enum tag_kind kind;
    unsigned decoration;  /* added */
    bool bold, italic;
    double scale;         /* of the font size; 0: as it is */
    bool numbered;
    bool spaced;          /* an empty line before it, none after */
};

static const struct tag tags[] = {
    {"b", TAG_STYLE, .bold = true},
    {"strong", TAG_STYLE, .bold = true},
    {"i", TAG_STYLE, .italic = true},
    {"em", TAG_STYLE, .italic = true},
    {"u", TAG_STYLE, .decoration = TEXT_UNDERLINE},
    {"s", TAG_STYLE, .decoration = TEXT_LINE_THROUGH},
    {"strike", TAG_STYLE, .decoration = TEXT_LINE_THROUGH},
    {"del", TAG_STYLE, .decoration = TEXT_LINE_THROUGH},
    {"span", TAG_STYLE},
    {"font", TAG_STYLE},
    {"a", TAG_LINK, .decoration = TEXT_UNDERLINE},
    {"br", TAG_BREAK},
    {"p", TAG_BLOCK, .spaced = true},
    {"div", TAG_BLOCK},
    {"h1", TAG_BLOCK, .bold = true, .scale = 2.4},
    {"h2", TAG_BLOCK, .bold = true, .scale = 1.8},
    {"h3", TAG_BLOCK, .bold = true, .scale = 1.4},
    {"h4", TAG_BLOCK, .bold = true, .scale = 1.2},
    {"h5", TAG_BLOCK, .bold = true, .scale = 1},
    {"h6", TAG_BLOCK, .bold = true, .scale = 0.8},
    {"ul", TAG_LIST},
    {"ol", TAG_LIST, .numbered = true},
    {"li", TAG_ITEM},
};

/* What an open tag has set. */
struct state {
    const struct tag *tag;
    struct text_style style;
    rs_text family;
    unsigned weight;
    bool italic;
    rs_text link;
    enum text_align align;
    enum text_list list;
    unsigned level;       /* of lists, 0: in none */
    double padding_pt[RDL_SIDES]; /* left and right: of all blocks around, too */
    double first_pt;      /* text-indent */
    unsigned origin;      /* the run of the source */
};

struct parser {
    struct rs_job *job;
    const struct text_paragraph *source;
    rs_text text;
    size_t at;
    struct state open[LAYOUT_MARKUP_DEPTH_MAX];
    size_t depth;         /* open[depth - 1] is in force; at least 1 */
    rs_buf run;           /* text not yet made a run */
    bool space;           /* white space was seen and is owed */
    RS_VEC(struct text_run) runs; /* of the paragraph being made */
    RS_VEC(struct text_paragraph) paragraphs;
    bool in_item;         /* the paragraph has a list marker */
    double space_before_pt; /* of the next paragraph */
    size_t run_count;
};

static struct state *top(struct parser *p)
{
    return &p->open[p->depth - 1];
}

/* ---- runs and paragraphs ---------------------------------------------------------------------------- */

static rs_status end_run(struct parser *p)
{
    struct state *s = top(p);
    struct text_run run = {.style = s->style, .link = s->link, .origin = s->origin};

    if (p->space && (p->run.used || p->runs.count)) /* the space before a tag is outside it */
        rs_buf_add_byte(&p->run, ' ');
    p->space = false;
    if (p->run.used == 0 || p->run_count >= LAYOUT_MARKUP_RUNS_MAX)
        return RS_OK;
    run.text = rs_text_copy(p->job, rs_buf_text(&p->run));
    rs_buf_clear(&p->run);
    RS_TRY(text_font_find(p->job, s->family, s->weight, s->italic, &run.style.font));
    rs_vec_push(p->job, &p->runs, run);
    p->run_count++;
    return RS_OK;
}

/* `always`: an empty line is kept. */
static rs_status end_paragraph(struct parser *p, bool always)
{
    struct text_paragraph paragraph = *p->source;

    p->space = false;
    RS_TRY(end_run(p));
    if (p->runs.count == 0) {
        struct text_run empty = {.text = RS_TEXT(""), .style = p->open[0].style, .origin = p->open[0].origin};
        if (!always && !p->in_item)
            return RS_OK;
        rs_vec_push(p->job, &p->runs, empty);
    }
    paragraph.runs = p->runs.items;
    paragraph.run_count = p->runs.count;
    paragraph.align = top(p)->align;
    paragraph.space_before_pt += p->space_before_pt;
    p->space_before_pt = 0;
    paragraph.left_indent_pt += top(p)->padding_pt[RDL_LEFT] + fmin(top(p)->first_pt, 0);
    paragraph.right_indent_pt += top(p)->padding_pt[RDL_RIGHT];
    paragraph.hanging_indent_pt -= top(p)->first_pt;
    top(p)->first_pt = 0; /* of the first line in the block */
    if (top(p)->level > 0) {
        paragraph.list = p->in_item ? top(p)->list : TEXT_NO_LIST;
        paragraph.list_level = top(p)->level - 1;
        if (!p->in_item)
            paragraph.left_indent_pt += 30.0 * top(p)->level;
    }
    rs_vec_push(p->job, &p->paragraphs, paragraph);
    memset(&p->runs, 0, sizeof p->runs);
    p->in_item = false;
    return RS_OK;
}

static void add_character(struct parser *p, uint32_t c)
{
    if (p->space && (p->run.used || p->runs.count))
        rs_buf_add_byte(&p->run, ' ');
    p->space = false;
    rs_buf_add_code_point(&p->run, c);
}

static bool is_space(uint32_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* ---- attributes ------------------------------------------------------------------------------------- */

static bool parts_paragraphs(const struct tag *tag)
{
    return tag->kind == TAG_BLOCK || tag->kind == TAG_LIST || tag->kind == TAG_ITEM;
}

/* `s` is not the first: what is around it stands before it. */
static void apply_padding(struct state *s, enum rdl_side side, rs_text value)
{
    double size, around = side == RDL_LEFT || side == RDL_RIGHT ? (s - 1)->padding_pt[side] : 0;

    if (rdl_size_parse(value, false, &size) && size >= 0 && size < PADDING_MOST_PT)
        s->padding_pt[side] = around + size;
}

/* padding, of which one to four sides are told, its sides, and text-indent. False for other properties. */
static bool apply_block_property(struct state *s, rs_text name, rs_text value)
{
    static const struct {
        const char *name;
        enum rdl_side side;
        uint8_t told_by[4]; /* which value of `padding`, where it has one to four */
    } paddings[] = {
        {"padding-top", RDL_TOP, {0, 0, 0, 0}},
        {"padding-right", RDL_RIGHT, {0, 1, 1, 1}},
        {"padding-bottom", RDL_BOTTOM, {0, 0, 2, 2}},
        {"padding-left", RDL_LEFT, {0, 1, 1, 3}},
    };
    bool all = rs_text_equal_nocase(name, RS_TEXT("padding"));
    rs_text values[4], rest = value;
    size_t count = 0;

    if (rs_text_equal_nocase(name, RS_TEXT("text-indent"))) {
        double size;
        if (rdl_size_parse(value, false, &size) && size > -PADDING_MOST_PT && size < PADDING_MOST_PT)
            s->first_pt = size;
        return true;
    }
    while (all && count < 4 && rest.size) {
        rs_text_cut(rest, ' ', &values[count++], &rest);
        rest = rs_text_trim(rest);
    }
    for (size_t i = 0; i < sizeof paddings / sizeof paddings[0]; i++) {
        bool own = rs_text_equal_nocase(name, rs_text_from(paddings[i].name));
        if (own || count)
            apply_padding(s, paddings[i].side, own ? value : values[paddings[i].told_by[count - 1]]);
        if (own)
            return true;
    }
    return all;
}

/* The first family of a list, without its quotes. */
static rs_text first_family(rs_text list)
{
    rs_text first, rest;

    rs_text_cut(list, ',', &first, &rest);
    first = rs_text_trim(first);
    if (first.size >= 2 && (first.bytes[0] == '\'' || first.bytes[0] == '"') && first.bytes[first.size - 1] == first.bytes[0])
        first = rs_text_trim(rs_text_slice(first, 1, first.size - 2));
    return first;
}

static void apply_property(struct parser *p, struct state *s, rs_text name, rs_text value)
{
    uint32_t color;
    double size;
    int64_t step;
    static const double html_sizes[] = {7.5, 10, 12, 13.5, 18, 24, 36}; /* <font size="1"> to 7 */

    name = rs_text_trim(name);
    value = rs_text_trim(value);
    if (s->tag && parts_paragraphs(s->tag) && apply_block_property(s, name, value))
        return;
    if (rs_text_equal_nocase(name, RS_TEXT("color")) && rdl_color_parse(value, &color))
        s->style.color = color & 0xffffff;
    else if (rs_text_equal_nocase(name, RS_TEXT("face")) || rs_text_equal_nocase(name, RS_TEXT("font-family")))
        s->family = rs_text_copy(p->job, first_family(value));
    else if (rs_text_equal_nocase(name, RS_TEXT("font-size")) && rdl_size_parse(value, false, &size) && size > 0 && size < 400)
        s->style.size_pt = size;
    else if (rs_text_equal_nocase(name, RS_TEXT("size")) && rs_parse_int64(value, &step) && step >= 1 && step <= 7)
        s->style.size_pt = html_sizes[step - 1];
    else if (rs_text_equal_nocase(name, RS_TEXT("font-weight")))
        s->weight = (unsigned)rdl_keyword_parse(rdl_font_weights, value, 400);
    else if (rs_text_equal_nocase(name, RS_TEXT("font-style")))
        s->italic = rdl_keyword_parse(rdl_font_styles, value, RDL_FONT_NORMAL) == RDL_FONT_ITALIC;
    else if (rs_text_equal_nocase(name, RS_TEXT("text-decoration")))
        s->style.decoration = rs_text_equal_nocase(value, RS_TEXT("underline"))      ? TEXT_UNDERLINE
                              : rs_text_equal_nocase(value, RS_TEXT("line-through")) ? TEXT_LINE_THROUGH
                                                                                     : 0;
    else if (rs_text_equal_nocase(name, RS_TEXT("text-align")) || rs_text_equal_nocase(name, RS_TEXT("align"))) {
        static const uint8_t aligns[] = {TEXT_LEFT, TEXT_LEFT, TEXT_CENTER, TEXT_RIGHT, TEXT_JUSTIFY};
        s->align = aligns[rdl_keyword_parse(rdl_text_aligns, value, RDL_ALIGN_LEFT)];
    } else if (rs_text_equal_nocase(name, RS_TEXT("href")) && s->tag && s->tag->kind == TAG_LINK)
        s->link = rs_text_copy(p->job, value);
}

static void apply_css(struct parser *p, struct state *s, rs_text css)
{
    rs_text declaration, name, value;

    do {
        bool more = rs_text_cut(css, ';', &declaration, &css);
        if (rs_text_cut(declaration, ':', &name, &value))
            apply_property(p, s, name, value);
        if (!more)
            break;
    } while (css.size);
}

/* name="value" pairs between a tag's name and its '>'. CSS beats attributes, so it is applied last. */
static void apply_attributes(struct parser *p, struct state *s, rs_text text)
{
    rs_text css = RS_TEXT("");

    for (size_t at = 0; at < text.size;) {
        size_t start = at, end;
        rs_text name, value = RS_TEXT("");
        while (at < text.size && text.bytes[at] != '=' && !is_space((uint8_t)text.bytes[at]))
            at++;
        name = rs_text_slice(text, start, at - start);
        if (at < text.size && text.bytes[at] == '=') {
            char quote = at + 1 < text.size && (text.bytes[at + 1] == '"' || text.bytes[at + 1] == '\'') ? text.bytes[at + 1] : ' ';
            start = at + (quote == ' ' ? 1 : 2);
            for (end = start; end < text.size && (quote == ' ' ? !is_space((uint8_t)text.bytes[end]) : text.bytes[end] != quote); end++)
                continue;
            value = rs_text_slice(text, start, end - start);
            at = end;
        }
        at++;
        if (rs_text_equal_nocase(name, RS_TEXT("style")))
            css = value;
        else if (name.size)
            apply_property(p, s, name, value);
    }
    apply_css(p, s, css);
}

/* ---- tags ------------------------------------------------------------------------------------------- */

static const struct tag *find_tag(rs_text name)
{
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
        if (rs_text_equal_nocase(name, rs_text_from(tags[i].name)))
            return &tags[i];
    return NULL;
}

static rs_status open_tag(struct parser *p, const struct tag *tag, rs_text attributes)
{
    bool first_of_item = tag->kind == TAG_BLOCK && p->in_item && !p->runs.count && !p->run.used; /* <li><p> is one paragraph */
    struct state next;

    if (tag->kind == TAG_BREAK)
        return end_paragraph(p, true);
    if (!parts_paragraphs(tag))
        RS_TRY(end_run(p));
    else if (!first_of_item)
        RS_TRY(end_paragraph(p, false));
    if (p->depth == LAYOUT_MARKUP_DEPTH_MAX)
        return RS_OK;
    next = *top(p);
    next.tag = tag;
    next.style.decoration |= tag->decoration;
    next.weight = tag->bold ? 700 : next.weight;
    next.italic |= tag->italic;
    if (tag->scale > 0)
        next.style.size_pt = p->open[0].style.size_pt * tag->scale;
    if (tag->kind == TAG_LIST) {
        next.list = tag->numbered ? TEXT_NUMBERED : TEXT_BULLETED;
        next.level++;
    }
    if (tag->kind == TAG_ITEM)
        p->in_item = true;
    if (tag->spaced && !first_of_item)
        p->space_before_pt = next.style.size_pt * BLANK_LINE;
    if (tag->kind == TAG_LINK)
        next.style.color = 0x0000ff;
    next.padding_pt[RDL_TOP] = next.padding_pt[RDL_BOTTOM] = next.first_pt = 0;
    p->open[p->depth++] = next;
    apply_attributes(p, top(p), attributes);
    p->space_before_pt += top(p)->padding_pt[RDL_TOP];
    return RS_OK;
}

/* Closes the innermost open tag of that name and what is open inside it; none: nothing. */
static rs_status close_tag(struct parser *p, const struct tag *tag)
{
    size_t depth = p->depth;

    while (depth > 1 && p->open[depth - 1].tag != tag)
        depth--;
    if (depth == 1)
        return RS_OK;
    RS_TRY(parts_paragraphs(tag) ? end_paragraph(p, false) : end_run(p));
    for (size_t i = p->depth; i >= depth && p->paragraphs.count; i--)
        rs_vec_last(&p->paragraphs).space_after_pt += p->open[i - 1].padding_pt[RDL_BOTTOM];
    p->depth = depth - 1;
    return RS_OK;
}

/* At a '<'. False where it begins no tag. */
static rs_status read_tag(struct parser *p, bool *is_tag)
{
    ptrdiff_t length = rs_text_find_byte(rs_text_from_offset(p->text, p->at), '>');
    rs_text inside, name;
    size_t name_size = 0;
    bool closes;
    const struct tag *tag;

    *is_tag = false;
    if (length < 2)
        return RS_OK;
    inside = rs_text_slice(p->text, p->at + 1, (size_t)length - 1);
    closes = inside.bytes[0] == '/';
    if (closes)
        inside = rs_text_from_offset(inside, 1);
    if (!inside.size || !(rs_is_alpha(inside.bytes[0]) || inside.bytes[0] == '!'))
        return RS_OK;
    while (name_size < inside.size && name_size < TAG_MAX && (rs_is_alpha(inside.bytes[name_size]) || rs_is_digit(inside.bytes[name_size])))
        name_size++;
    *is_tag = true;
    p->at += (size_t)length + 1;
    name = rs_text_slice(inside, 0, name_size);
    tag = find_tag(name);
    if (!tag)
        return RS_OK;
    inside = rs_text_trim(rs_text_from_offset(inside, name_size));
    if (inside.size && inside.bytes[inside.size - 1] == '/')
        inside = rs_text_trim(rs_text_slice(inside, 0, inside.size - 1));
    return closes ? close_tag(p, tag) : open_tag(p, tag, inside);
}

/* ---- text ------------------------------------------------------------------------------------------- */

/* At an '&': the character it stands for; '&' itself where it is no entity. */
static uint32_t read_entity(struct parser *p)
{
    static const struct {
        const char *name;
        uint32_t code_point;
    } entities[] = {
#define MARKUP_ENTITY(name, code_point) {name, code_point},
#include "report/layout/entities.def"
#undef MARKUP_ENTITY
    };
    rs_text rest = rs_text_slice(p->text, p->at + 1, 12), name;
    ptrdiff_t end = rs_text_find_byte(rest, ';');
    uint64_t number;

    p->at++;
    if (end <= 0)
        return '&';
    name = rs_text_slice(rest, 0, (size_t)end);
    if (name.size > 1 && name.bytes[0] == '#') {
        bool hex = name.bytes[1] == 'x' || name.bytes[1] == 'X';
        if (hex ? rs_parse_hex64(rs_text_from_offset(name, 2), &number) : rs_parse_uint64(rs_text_from_offset(name, 1), &number)) {
            p->at += (size_t)end + 1;
            return number && number < 0x110000 && (number < 0xd800 || number > 0xdfff) ? (uint32_t)number : 0xfffd;
        }
        return '&';
    }
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++) {
        if (rs_text_equal(name, rs_text_from(entities[i].name))) {
            p->at += (size_t)end + 1;
            return entities[i].code_point;
        }
    }
    return '&';
}

static rs_status read_markup(struct parser *p, const struct text_run *run, unsigned origin)
{
    size_t turns = 0;
    bool owed;

    p->text = run->text;
    p->at = 0;
    p->depth = 1;
    p->open[0] = (struct state){.style = run->style, .family = run->style.font->asked, .weight = run->style.font->weight,
                                .italic = run->style.font->italic || run->style.font->fake_italic, .link = run->link,
                                .align = p->source->align, .origin = origin};
    if (run->style.font->fake_bold)
        p->open[0].weight = 700;
    while (p->at < p->text.size) {
        char c = p->text.bytes[p->at];
        bool is_tag = false;
        if (++turns % 4096 == 0)
            RS_TRY(rs_job_checkpoint(p->job));
        if (c == '<')
            RS_TRY(read_tag(p, &is_tag));
        if (is_tag)
            continue;
        if (is_space(c)) {
            p->space = true;
            p->at++;
        } else {
            add_character(p, c == '&' ? read_entity(p) : rs_text_next(p->text, &p->at));
        }
    }
    owed = p->space; /* for what may follow in the same paragraph */
    p->space = false;
    RS_TRY(end_run(p));
    for (; p->depth > 1; p->depth--) /* what was not closed ends here */
        if (parts_paragraphs(top(p)->tag))
            RS_TRY(end_paragraph(p, false));
    p->space = owed && p->runs.count;
    return RS_OK;
}

static rs_status add_plain(struct parser *p, const struct text_run *run, unsigned origin)
{
    RS_TRY(end_run(p));
    p->open[0] = (struct state){.style = run->style, .align = p->source->align, .origin = origin};
    p->depth = 1;
    if (run->text.size == 0 || p->run_count >= LAYOUT_MARKUP_RUNS_MAX)
        return RS_OK;
    rs_vec_push(p->job, &p->runs, *run);
    rs_vec_last(&p->runs).origin = origin;
    p->run_count++;
    return RS_OK;
}

rs_status layout_markup_parse(struct rs_job *job, const struct text_paragraph *source, const bool *is_markup,
                              const struct text_paragraph **out, size_t *count)
{
    struct parser *p = RS_NEW(job, struct parser);

    p->job = job;
    p->source = source;
    p->run = rs_buf_in(job);
    p->depth = 1;
    p->open[0].style = source->runs[0].style;
    for (unsigned i = 0; i < source->run_count; i++)
        RS_TRY((is_markup[i] ? read_markup : add_plain)(p, &source->runs[i], i));
    RS_TRY(end_paragraph(p, false));
    *out = p->paragraphs.items;
    *count = p->paragraphs.count;
    return RS_OK;
}
