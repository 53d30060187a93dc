/* Tagged PDF: a tree of structure elements, and marks in the content that say what belongs to which.
 *
 * Text and pictures belong to the innermost element where that is one of text, a figure or a cell; boxes and lines, and all
 * that is told to be an artifact, belong to none. Of an element only its kind, its parent and the numbers of its marks are
 * kept, but until the end of the file: a tagged document needs memory for each cell.
 *
 * Source:  ISO 32000-1, 14.7 (logical structure), 14.8 (tagged PDF).
 */
#include <assert.h>

#include "base/map.h"
#include "report/draw/pdf_state.h"

#define DEPTH_MAX 512u
#define NO_MARK (-1)       /* no sequence of marked content is open */
#define ARTIFACT_MARK (-2)

struct kid {
    uint32_t number;        /* of an element, of a mark on a page, of the object of an annotation */
    uint32_t page;          /* of a mark or an annotation; UINT32_MAX: an element */
    bool is_object;
};

struct element {
    enum draw_tag_kind kind;
    uint32_t parent;
    RS_VEC(struct kid) kids;
    rs_text alternative;
    unsigned columns, rows;
};

struct pdf_tags {
    RS_VEC(struct element) elements; /* the first is the document */
    struct rs_map *keys;             /* of elements that may go on: number + 1 as a pointer */
    uint32_t stack[DEPTH_MAX];
    unsigned depth, artifacts;       /* open elements; open artifacts */
    int64_t mark;                    /* what the content at work belongs to */
    RS_VEC(uint32_t) links;          /* elements of the annotations; their keys are odd, those of pages even */
};

static const struct {
    const char *name;
    bool holds_content;
} kinds[] = {
    [DRAW_TAG_DOCUMENT] = {"Document", false}, [DRAW_TAG_ARTIFACT] = {"Artifact", false}, [DRAW_TAG_TEXT] = {"P", true},
    [DRAW_TAG_FIGURE] = {"Figure", true},      [DRAW_TAG_TABLE] = {"Table", false},       [DRAW_TAG_ROW] = {"TR", false},
    [DRAW_TAG_HEADER] = {"TH", true},          [DRAW_TAG_CELL] = {"TD", true},         [DRAW_TAG_LINK] = {"Link", true},
};

struct pdf_tags *pdf_tags_create(struct rs_job *memory)
{
    struct pdf_tags *tags = RS_NEW(memory, struct pdf_tags);

    rs_vec_push(memory, &tags->elements, (struct element){.kind = DRAW_TAG_DOCUMENT});
    tags->keys = rs_map_create(memory, RS_MAP_EXACT);
    tags->depth = 1;
    tags->mark = NO_MARK;
    return tags;
}

/* ---- elements ------------------------------------------------------------------------------------------ */

static uint32_t top(const struct pdf_tags *tags)
{
    return tags->stack[tags->depth - 1];
}

static void add_kid(struct pdf *pdf, uint32_t parent, struct kid kid, bool first)
{
    struct element *element = &pdf->tags->elements.items[parent];

    rs_vec_push(pdf->memory, &element->kids, kid);
    for (size_t i = element->kids.count - 1; first && i > 0; i--) {
        element->kids.items[i] = element->kids.items[i - 1];
        element->kids.items[i - 1] = kid;
    }
}

static uint32_t add_element(struct pdf *pdf, const struct draw_tag *tag)
{
    struct pdf_tags *tags = pdf->tags;
    struct element element = {.kind = tag->kind, .parent = top(tags), .columns = tag->columns, .rows = tag->rows};
    uint32_t number = (uint32_t)tags->elements.count;

    if (tag->alternative.size)
        element.alternative = rs_text_copy(pdf->memory, tag->alternative);
    rs_vec_push(pdf->memory, &tags->elements, element);
    add_kid(pdf, top(tags), (struct kid){number, UINT32_MAX}, tag->first);
    return number;
}

/* The element of a key that was given before, or a new one. */
static uint32_t find_element(struct pdf *pdf, const struct draw_tag *tag)
{
    rs_text key = rs_text_of((const char *)&tag->key, sizeof tag->key);
    uintptr_t found = tag->key ? (uintptr_t)rs_map_find(pdf->tags->keys, key) : 0;
    uint32_t number;

    if (found)
        return (uint32_t)(found - 1);
    number = add_element(pdf, tag);
    if (tag->key)
        rs_map_set(pdf->tags->keys, rs_text_copy(pdf->memory, key), (void *)((uintptr_t)number + 1));
    return number;
}

rs_status pdf_tag_begin(struct rs_job *job, struct draw_device *device, const struct draw_tag *tag)
{
    struct pdf *pdf = pdf_of(device);
    struct pdf_tags *tags = pdf->tags;

    if (tags->depth == DEPTH_MAX)
        return rs_fail(job, RS_OVER_LIMIT, "structure elements stand inside each other more than %u deep", DEPTH_MAX);
    if (tag->kind == DRAW_TAG_ARTIFACT)
        tags->artifacts++;
    tags->stack[tags->depth] = tag->kind == DRAW_TAG_ARTIFACT || tags->artifacts ? top(tags) : find_element(pdf, tag);
    tags->depth++;
    return RS_OK;
}

rs_status pdf_tag_end(struct rs_job *job, struct draw_device *device, enum draw_tag_kind kind)
{
    struct pdf_tags *tags = pdf_of(device)->tags;

    (void)job;
    assert(tags->depth > 1);
    tags->depth--;
    if (kind == DRAW_TAG_ARTIFACT)
        tags->artifacts--;
    return RS_OK;
}

/* ---- marks --------------------------------------------------------------------------------------------- */

void pdf_mark_end(struct pdf *pdf)
{
    if (!pdf->tags || pdf->tags->mark == NO_MARK)
        return;
    pdf_leave_text(pdf);
    rs_buf_add_literal(&pdf->content, "EMC\n");
    pdf->tags->mark = NO_MARK;
}

void pdf_mark(struct pdf *pdf, bool is_content)
{
    struct pdf_tags *tags = pdf->tags;
    struct pdf_page *page = &pdf->pages.items[pdf->page];
    int64_t mark = ARTIFACT_MARK;

    if (!tags)
        return;
    if (is_content && !tags->artifacts && kinds[tags->elements.items[top(tags)].kind].holds_content)
        mark = top(tags);
    if (mark == tags->mark)
        return;
    pdf_mark_end(pdf);
    pdf_leave_text(pdf);
    tags->mark = mark;
    if (mark == ARTIFACT_MARK) {
        rs_buf_add_literal(&pdf->content, "/Artifact BMC\n");
        return;
    }
    rs_buf_printf(&pdf->content, "/%s<</MCID %zu>>BDC\n", kinds[tags->elements.items[mark].kind].name, page->marks.count);
    add_kid(pdf, (uint32_t)mark, (struct kid){(uint32_t)page->marks.count, (uint32_t)pdf->page}, false);
    rs_vec_push(pdf->memory, &page->marks, (uint32_t)mark);
}

/* ---- links --------------------------------------------------------------------------------------------- */

/* What was drawn last in an element belongs to the link now: all that it holds itself of this page, or its last element. */
static void take_over(struct pdf *pdf, uint32_t from, uint32_t link)
{
    struct pdf_tags *tags = pdf->tags;
    struct element *element = &tags->elements.items[from];
    bool holds_content = kinds[element->kind].holds_content;
    size_t kept = 0, count = element->kids.count - 1; /* the last is the link */

    for (size_t i = 0; i < count; i++) {
        struct kid kid = element->kids.items[i];
        bool is_mark = kid.page == pdf->page && !kid.is_object;
        if (holds_content ? !is_mark : i + 1 < count || kid.page != UINT32_MAX) {
            element->kids.items[kept++] = kid;
            continue;
        }
        add_kid(pdf, link, kid, false);
        if (is_mark)
            pdf->pages.items[pdf->page].marks.items[kid.number] = link;
        else
            tags->elements.items[kid.number].parent = link;
    }
    element->kids.items[kept++] = element->kids.items[count];
    element->kids.count = kept;
}

unsigned pdf_tag_link(struct pdf *pdf, unsigned object)
{
    struct pdf_tags *tags = pdf->tags;
    uint32_t link;

    if (!tags || tags->artifacts)
        return 0;
    link = top(tags);
    if (tags->elements.items[link].kind != DRAW_TAG_LINK) {
        pdf_mark_end(pdf); /* what follows is not of the link */
        link = add_element(pdf, &(struct draw_tag){.kind = DRAW_TAG_LINK});
        take_over(pdf, top(tags), link);
    }
    add_kid(pdf, link, (struct kid){object, (uint32_t)pdf->page, true}, false);
    rs_vec_push(pdf->memory, &tags->links, link);
    return (unsigned)tags->links.count * 2 - 1;
}

/* ---- the tree in the file -------------------------------------------------------------------------------- */

static void add_kids(struct pdf *pdf, rs_buf *buf, const struct element *element, unsigned first_object)
{
    uint32_t page = UINT32_MAX;

    for (size_t i = 0; i < element->kids.count && page == UINT32_MAX; i++)
        page = element->kids.items[i].page;
    if (page != UINT32_MAX)
        rs_buf_printf(buf, "/Pg %u 0 R", pdf->pages.items[page].object);
    rs_buf_add_literal(buf, "/K[");
    for (size_t i = 0; i < element->kids.count; i++) {
        const struct kid *kid = &element->kids.items[i];
        if (kid->page == UINT32_MAX)
            rs_buf_printf(buf, "%u 0 R ", first_object + kid->number);
        else if (kid->is_object)
            rs_buf_printf(buf, "<</Type/OBJR/Pg %u 0 R/Obj %u 0 R>>", pdf->pages.items[kid->page].object, kid->number);
        else if (kid->page == page)
            rs_buf_printf(buf, "%u ", kid->number);
        else
            rs_buf_printf(buf, "<</Type/MCR/Pg %u 0 R/MCID %u>>", pdf->pages.items[kid->page].object, kid->number);
    }
    rs_buf_add_literal(buf, "]");
}

static rs_status write_element(struct rs_job *job, struct pdf *pdf, size_t number, unsigned first_object, unsigned root)
{
    const struct element *element = &pdf->tags->elements.items[number];
    rs_buf *buf = &pdf->scratch;

    rs_buf_clear(buf);
    rs_buf_printf(buf, "<</Type/StructElem/S/%s/P %u 0 R", kinds[element->kind].name,
                  number ? first_object + element->parent : root);
    add_kids(pdf, buf, element, first_object);
    if (element->alternative.size) {
        rs_buf_add_literal(buf, "/Alt");
        pdf_add_text(buf, element->alternative);
    }
    if (element->columns > 1 || element->rows > 1 || element->kind == DRAW_TAG_HEADER) {
        rs_buf_add_literal(buf, "/A<</O/Table");
        if (element->columns > 1)
            rs_buf_printf(buf, "/ColSpan %u", element->columns);
        if (element->rows > 1)
            rs_buf_printf(buf, "/RowSpan %u", element->rows);
        if (element->kind == DRAW_TAG_HEADER)
            rs_buf_add_literal(buf, "/Scope/Column");
        rs_buf_add_literal(buf, ">>");
    }
    rs_buf_add_literal(buf, ">>");
    return pdf_file_object(job, &pdf->file, first_object + (unsigned)number, rs_buf_text(buf));
}

/* Which element each mark of each page belongs to. */
static rs_status write_parents(struct rs_job *job, struct pdf *pdf, unsigned first_object, unsigned *number)
{
    unsigned *arrays = RS_NEW_ARRAY(job, unsigned, pdf->pages.count);
    rs_buf *buf = &pdf->scratch;

    for (size_t i = 0; i < pdf->pages.count; i++) {
        const struct pdf_page *page = &pdf->pages.items[i];
        arrays[i] = pdf_file_reserve(&pdf->file);
        rs_buf_clear(buf);
        rs_buf_add_byte(buf, '[');
        for (size_t k = 0; k < page->marks.count; k++)
            rs_buf_printf(buf, "%u 0 R ", first_object + page->marks.items[k]);
        rs_buf_add_byte(buf, ']');
        RS_TRY(pdf_file_object(job, &pdf->file, arrays[i], rs_buf_text(buf)));
    }
    *number = pdf_file_reserve(&pdf->file);
    rs_buf_clear(buf);
    rs_buf_add_literal(buf, "<</Nums[");
    for (size_t i = 0; i < pdf->pages.count || i < pdf->tags->links.count; i++) {
        if (i < pdf->pages.count)
            rs_buf_printf(buf, "%u %u 0 R ", pdf_tags_page_key(i), arrays[i]);
        if (i < pdf->tags->links.count)
            rs_buf_printf(buf, "%zu %u 0 R ", i * 2 + 1, first_object + pdf->tags->links.items[i]);
    }
    rs_buf_add_literal(buf, "]>>");
    return pdf_file_object(job, &pdf->file, *number, rs_buf_text(buf));
}

rs_status pdf_tags_write(struct rs_job *job, struct pdf *pdf, unsigned *root)
{
    size_t count = pdf->tags ? pdf->tags->elements.count : 0;
    unsigned first, parents;
    rs_buf *buf = &pdf->scratch;

    *root = 0;
    if (!pdf->tags)
        return RS_OK;
    *root = pdf_file_reserve(&pdf->file);
    first = pdf_file_reserve(&pdf->file);
    for (size_t i = 1; i < count; i++)
        pdf_file_reserve(&pdf->file);
    for (size_t i = 0; i < count; i++) {
        RS_TRY(write_element(job, pdf, i, first, *root));
        if (i % 256 == 255)
            RS_TRY(rs_job_checkpoint(job));
    }
    RS_TRY(write_parents(job, pdf, first, &parents));
    rs_buf_clear(buf);
    rs_buf_printf(buf, "<</Type/StructTreeRoot/K %u 0 R/ParentTree %u 0 R/ParentTreeNextKey %zu>>", first, parents,
                  2 * (pdf->pages.count > pdf->tags->links.count ? pdf->pages.count : pdf->tags->links.count));
    return pdf_file_object(job, &pdf->file, *root, rs_buf_text(buf));
}
