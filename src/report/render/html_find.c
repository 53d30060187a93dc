/* Looking for a text, or for the place of a bookmark, in the pages of a report. Pages are known only once they are written,
 * so they are: a walk writes each page that is searched to nowhere until one has it. Then that page is written for good,
 * and what was found is marked in its bytes on their way out.
 *
 *     <td>Mountain bikes</td>     becomes     <td><mark class="fi" id="fi1">Mountain</mark> bikes</td>
 *
 * A match may go through several elements inside a paragraph, not from one paragraph or cell into another. What a toggle
 * hides at first, rows, columns and items, is passed over.
 */
#include <unicode/uchar.h>

#include "format/escape/percent.h"
#include "report/render/html.h"
#include "report/render/html_grid.h"

#define NEEDLE_MAX ((size_t)256) /* characters, as the original's */

/* A character that a reader sees. */
struct seen_char {
    int32_t folded;  /* without regard to case; -1: here a paragraph or cell ends */
    uint32_t at, size; /* its bytes in the page */
};
RS_VEC_TYPE(struct seen_char, seen_chars);

struct html_find {
    int32_t *needle;       /* folded */
    size_t count;          /* 0: no text is looked for */
    rs_text anchor;        /* ` id="bm_..."`; empty: none */
    rs_text entry;         /* of the document map; empty: none */
    int64_t first, last;   /* pages; last before first: on from page 1; 0: not said */
    int64_t fallback;      /* the page to show where nothing is found; 0: the one that would be shown anyway */
    int64_t current;       /* which match is the one to look at, from 1 */
    bool searching;        /* the walk that only looks, at */
    int64_t from, to;      /* these pages */
    int64_t page;          /* where it is found; 0: not yet, or nowhere */
    int64_t matches;       /* on the pages written */
};

/* ---- what a reader sees -------------------------------------------------------------------------------------------- */

static int32_t fold(int32_t c)
{
    return c == 0xA0 ? ' ' : u_foldCase(c, U_FOLD_CASE_DEFAULT);
}

static const struct {
    rs_text written;
    char c;
} entities[] = {{{"&amp;", 5}, '&'}, {{"&lt;", 4}, '<'}, {{"&gt;", 4}, '>'}, {{"&quot;", 6}, '"'}, {{"&#39;", 5}, '\''}};

/* The character at *at, and behind it. */
static int32_t next_char(rs_text html, size_t *at)
{
    for (size_t i = 0; html.bytes[*at] == '&' && i < sizeof entities / sizeof entities[0]; i++)
        if (rs_text_starts(rs_text_from_offset(html, *at), entities[i].written)) {
            *at += entities[i].written.size;
            return entities[i].c;
        }
    return (int32_t)rs_text_next(html, at);
}

struct tag {
    rs_text name, all; /* "td", "<td class=...>" */
    bool closes;
};

static struct tag tag_at(rs_text html, size_t at)
{
    struct tag tag = {.all = rs_text_from_offset(html, at)};
    ptrdiff_t end = rs_text_find_byte(tag.all, '>');
    size_t from, size = 0;

    if (end >= 0)
        tag.all.size = (size_t)end + 1;
    tag.closes = tag.all.size > 1 && tag.all.bytes[1] == '/';
    from = tag.closes ? 2 : 1;
    while (from + size < tag.all.size && (rs_is_alpha(tag.all.bytes[from + size]) || rs_is_digit(tag.all.bytes[from + size])))
        size++;
    tag.name = rs_text_slice(tag.all, from, size);
    return tag;
}

static bool name_is_among(rs_text name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (rs_text_equal(name, rs_text_from(names[i])))
            return true;
    return false;
}

/* Elements inside a line. */
static bool is_inline(rs_text name)
{
    static const char *const names[] = {"a", "b", "i", "input", "mark", "s", "span", "sub", "sup", "u"};

    return name_is_among(name, names, sizeof names / sizeof names[0]);
}

/* Where the element that begins at `at` ends. */
static size_t element_end(rs_text html, size_t at, rs_text name)
{
    size_t depth = 0;

    while (at < html.size) {
        struct tag inner;
        if (html.bytes[at] != '<') {
            at++;
            continue;
        }
        inner = tag_at(html, at);
        at += inner.all.size;
        if (!rs_text_equal(inner.name, name))
            continue;
        depth += inner.closes ? -(size_t)1 : 1;
        if (depth == 0)
            return at;
    }
    return html.size;
}

/* A style sheet, or an element that a toggle hides. */
static bool is_hidden(const struct html *h, const struct tag *tag)
{
    static const char *const without_end[] = {"br", "col", "img", "input", "line", "meta"};

    return !tag->closes && (rs_text_equal(tag->name, RS_TEXT("style")) || html_toggle_hides(h, tag->all)) &&
           !name_is_among(tag->name, without_end, sizeof without_end / sizeof without_end[0]);
}

/* ` colspan="3"`; 1 where it is not there. */
static size_t span_of(const struct tag *tag, rs_text attribute)
{
    ptrdiff_t at = rs_text_find(tag->all, attribute);
    size_t span = 0;

    for (size_t i = at < 0 ? tag->all.size : (size_t)at + attribute.size; i < tag->all.size && rs_is_digit(tag->all.bytes[i]); i++)
        span = span * 10 + (size_t)(tag->all.bytes[i] - '0');
    return span > 0 ? span : 1;
}

/* Follows the tables: false for a cell whose columns a toggle hides. `skipped`: the element is hidden by itself. */
static bool stands_in_sight(struct rs_job *job, const struct html *h, struct html_grid **grid, const struct tag *tag, bool skipped)
{
    if (rs_text_equal(tag->name, RS_TEXT("table")) && !skipped) {
        struct html_grid *inner = tag->closes ? NULL : RS_NEW(job, struct html_grid);
        if (inner)
            inner->outer = *grid;
        *grid = inner ? inner : *grid ? (*grid)->outer : NULL;
    } else if (!*grid || tag->closes) {
        return true;
    } else if (rs_text_equal(tag->name, RS_TEXT("col"))) {
        html_grid_add_column(job, *grid, html_toggle_hides(h, tag->all));
    } else if (rs_text_equal(tag->name, RS_TEXT("tr"))) {
        html_grid_row(*grid);
    } else if (rs_text_equal(tag->name, RS_TEXT("td")) && !skipped) {
        return html_grid_cell_is_shown(*grid, span_of(tag, RS_TEXT(" colspan=\"")), span_of(tag, RS_TEXT(" rowspan=\"")));
    }
    return true;
}

static struct seen_chars read_chars(struct rs_job *job, const struct html *h, rs_text html)
{
    struct seen_chars chars = {0};
    struct html_grid *grid = NULL;

    for (size_t at = 0; at < html.size;) {
        size_t start = at;
        struct tag tag;
        bool hidden;
        if (html.bytes[at] != '<') {
            int32_t c = next_char(html, &at);
            rs_vec_push(job, &chars, (struct seen_char){fold(c), (uint32_t)start, (uint32_t)(at - start)});
            continue;
        }
        tag = tag_at(html, at);
        hidden = is_hidden(h, &tag);
        hidden |= h->toggles.count > 0 && !stands_in_sight(job, h, &grid, &tag, hidden);
        if (!is_inline(tag.name) || hidden)
            rs_vec_push(job, &chars, (struct seen_char){-1, (uint32_t)start, 0});
        at = hidden ? element_end(html, at, tag.name) : at + tag.all.size;
    }
    return chars;
}

/* ---- matches --------------------------------------------------------------------------------------------------------- */

static bool matches_at(const struct html_find *find, const struct seen_chars *chars, size_t at)
{
    if (find->count == 0 || chars->count - at < find->count)
        return false;
    for (size_t i = 0; i < find->count; i++)
        if (chars->items[at + i].folded != find->needle[i])
            return false;
    return true;
}

static void open_mark(rs_buf *out, const struct html_find *find, bool is_first)
{
    bool is_current = find->matches == find->current;

    rs_buf_printf(out, "<mark class=\"fi%s\"", is_current ? " now" : "");
    if (is_first)
        rs_buf_printf(out, " id=\"fi%lld\"%s", (long long)find->matches, is_current ? " tabindex=\"-1\" autofocus" : "");
    rs_buf_add_byte(out, '>');
}

/* A match, whose parts in different elements are marked each. Gives where it ends in the page. */
static size_t write_match(rs_buf *out, struct html_find *find, rs_text html, const struct seen_char *chars)
{
    size_t end = chars[0].at;

    find->matches++;
    for (size_t i = 0; i < find->count; i++) {
        if (i == 0 || chars[i].at != end) {
            if (i > 0)
                rs_buf_add_literal(out, "</mark>");
            rs_buf_add(out, rs_text_slice(html, end, chars[i].at - end));
            open_mark(out, find, i == 0);
        }
        rs_buf_add(out, rs_text_slice(html, chars[i].at, chars[i].size));
        end = chars[i].at + chars[i].size;
    }
    rs_buf_add_literal(out, "</mark>");
    return end;
}

/* Browsers bring into sight what has the focus: so a page shows the place without script and without `#` in its address. */
static size_t write_anchor(rs_buf *out, struct html_find *find, rs_text html)
{
    ptrdiff_t at = find->anchor.size > 0 ? rs_text_find(html, find->anchor) : -1;

    if (at < 0)
        return 0;
    rs_buf_add(out, rs_text_slice(html, 0, (size_t)at));
    rs_buf_add_literal(out, " tabindex=\"-1\" autofocus");
    find->anchor.size = 0; /* the first of the name */
    return (size_t)at;
}

static void mark(struct html *h, rs_text html, rs_buf *out)
{
    struct html_find *find = h->find;
    struct seen_chars chars = {0};
    size_t done = write_anchor(out, find, html);

    if (find->count > 0)
        chars = read_chars(out->job, h, html);
    for (size_t i = 0; i < chars.count; i++) {
        if (chars.items[i].at < done || !matches_at(find, &chars, i))
            continue;
        rs_buf_add(out, rs_text_slice(html, done, chars.items[i].at - done));
        done = write_match(out, find, html, &chars.items[i]);
    }
    rs_buf_add(out, rs_text_from_offset(html, done));
}

static void look(struct rs_job *job, struct html *h, rs_text html)
{
    struct html_find *find = h->find;
    struct seen_chars chars = {0};

    if (find->anchor.size > 0 && rs_text_find(html, find->anchor) >= 0)
        find->page = h->number;
    if (find->count > 0 && find->page == 0)
        chars = read_chars(job, h, html);
    for (size_t i = 0; i < chars.count && find->page == 0; i++)
        if (matches_at(find, &chars, i))
            find->page = h->number;
}

bool html_find_pass(struct html *h)
{
    struct html_find *find = h->find;
    RS_OWNED(rs_job) job = NULL;

    if (!find || h->number == 0 || (find->count == 0 && find->anchor.size == 0) || h->out.used > UINT32_MAX)
        return true;
    job = rs_job_create(&(struct rs_job_options){.within = h->job});
    if (find->searching) {
        look(job, h, rs_buf_text(&h->out));
        return false;
    }
    rs_buf marked = rs_buf_in(job);
    mark(h, rs_buf_text(&h->out), &marked);
    rs_buf_clear(&h->out);
    rs_buf_add(&h->out, rs_buf_text(&marked));
    return true;
}

/* ---- which page -------------------------------------------------------------------------------------------------------- */

void html_find_page_begins(struct html *h)
{
    struct html_find *find = h->find;

    if (find && find->searching)
        h->section = find->page == 0 && h->number >= find->from && h->number <= find->to ? h->number : -1;
}

/* ` id="bm_Chapter%201"`: as names of bookmarks are written; those of entries have nothing to escape. */
static rs_text attribute_of(const struct html *h, const char *kind, rs_text name)
{
    rs_buf out = rs_buf_in(h->job);

    if (name.size == 0)
        return RS_TEXT("");
    rs_buf_printf(&out, " id=\"%.*s%s_", RS_TEXT_ARG(h->prefix), kind);
    escape_percent_write(&out, name);
    rs_buf_add_byte(&out, '"');
    return rs_buf_text(&out);
}

static rs_status search(struct rs_job *job, struct html *h, int64_t from, int64_t to)
{
    struct html_find *find = h->find;
    rs_status status;

    if (find->page != 0 || from > to)
        return RS_OK;
    find->from = from;
    find->to = to;
    find->searching = true;
    status = html_walk(job, h);
    find->searching = false;
    return status;
}

rs_status html_find_page(struct rs_job *job, struct html *h)
{
    struct html_find *find = h->find;
    int64_t shown = h->section, first, last;
    rs_text entry;

    if (!find || shown == 0)
        return RS_OK;
    first = find->first > 0 ? find->first : shown;
    last = find->last > 0 && find->last < h->total ? find->last : h->total;
    find->page = html_map_page(h, find->entry, &entry);
    if (find->page)
        find->anchor = attribute_of(h, "dm", entry);
    if (find->page == 0 && (find->count > 0 || find->anchor.size > 0)) {
        if (find->count == 0)
            RS_TRY(search(job, h, 1, h->total)); /* a bookmark may be anywhere */
        RS_TRY(search(job, h, first, last < first ? h->total : last));
        if (last < first)
            RS_TRY(search(job, h, 1, last));
    }
    h->section = find->page ? find->page : find->fallback > 0 && find->fallback <= h->total ? find->fallback : shown;
    return RS_OK;
}

/* ---- what to look for ---------------------------------------------------------------------------------------------------- */

static void read_needle(struct html *h, rs_text text)
{
    struct html_find *find = h->find;

    find->needle = RS_NEW_ARRAY(h->job, int32_t, NEEDLE_MAX);
    for (size_t at = 0; at < text.size && find->count < NEEDLE_MAX;)
        find->needle[find->count++] = fold((int32_t)rs_text_next(text, &at));
}

rs_status html_find_prepare(struct rs_job *job, struct html *h, const struct render_device_info *info)
{
    rs_text text = render_text(info, RS_TEXT("FindString"), RS_TEXT(""));
    rs_text bookmark = render_text(info, RS_TEXT("BookmarkID"), RS_TEXT(""));
    rs_text entry = render_text(info, RS_TEXT("DocMapID"), RS_TEXT(""));
    struct html_find *find;

    if (text.size + bookmark.size + entry.size == 0)
        return RS_OK;
    find = h->find = RS_NEW(h->job, struct html_find);
    read_needle(h, text);
    find->entry = entry;
    find->anchor = attribute_of(h, "bm", bookmark);
    RS_TRY(render_int(job, info, RS_TEXT("StartFind"), 0, INT32_MAX, 0, &find->first));
    RS_TRY(render_int(job, info, RS_TEXT("EndFind"), 0, INT32_MAX, 0, &find->last));
    RS_TRY(render_int(job, info, RS_TEXT("FallbackPage"), 0, INT32_MAX, 0, &find->fallback));
    return render_int(job, info, RENDER_FIND_AT, 1, INT32_MAX, 1, &find->current);
}

bool html_find_wants_map(const struct html *h)
{
    return h->find && h->find->entry.size > 0;
}

void html_find_tell(struct html *h)
{
    const struct html_find *find = h->find;

    if (find && find->count > 0 && h->sink->found)
        h->sink->found(h->sink->data, find->matches, find->current);
}
