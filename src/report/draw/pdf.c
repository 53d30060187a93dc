#include "report/draw/pdf.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

#include "report/draw/pdf_state.h"

#define KIDS_PER_NODE 32    /* of the page tree */

static void pdf_end(void *object)
{
    rs_job_destroy(((struct pdf *)object)->memory);
}

/* ---- links and outline ------------------------------------------------------------------------------ */

static rs_status pdf_link(struct rs_job *job, struct draw_device *device, const struct draw_box *box, rs_text uri)
{
    struct pdf *pdf = pdf_of(device);
    struct pdf_page *page = &pdf->pages.items[pdf->page];
    unsigned number = pdf_file_reserve(&pdf->file), key = pdf_tag_link(pdf, number);
    rs_buf *buf = &pdf->scratch;

    rs_buf_clear(buf);
    rs_buf_add_literal(buf, "<</Type/Annot/Subtype/Link/Border[0 0 0]/F 4");
    if (key) {
        rs_buf_printf(buf, "/StructParent %u/Contents", key);
        pdf_add_text(buf, rs_text_starts(uri, RS_TEXT("#")) ? rs_text_from_offset(uri, 1) : uri);
    }
    rs_buf_add_literal(buf, "/Rect[");
    pdf_add_point(buf, box->left_pt);
    pdf_add_point(buf, pdf_flipped(pdf, box->top_pt + box->height_pt));
    pdf_add_point(buf, box->left_pt + box->width_pt);
    pdf_add_point(buf, pdf_flipped(pdf, box->top_pt));
    if (rs_text_starts(uri, RS_TEXT("#"))) {
        rs_buf_add_literal(buf, "]/Dest");
        pdf_add_bytes(buf, rs_text_from_offset(uri, 1));
        rs_buf_add_literal(buf, ">>");
    } else {
        rs_buf_add_literal(buf, "]/A<</S/URI/URI");
        pdf_add_bytes(buf, uri);
        rs_buf_add_literal(buf, ">>>>");
    }
    rs_vec_push(pdf->memory, &page->links, number);
    return pdf_file_object(job, &pdf->file, number, rs_buf_text(buf));
}

static rs_status pdf_bookmark(struct rs_job *job, struct draw_device *device, rs_text name, double x_pt, double y_pt)
{
    struct pdf *pdf = pdf_of(device);
    struct pdf_bookmark bookmark = {pdf->pages.items[pdf->page].object, x_pt, pdf_flipped(pdf, y_pt), {0}, pdf->bookmarks.count};

    (void)job;
    bookmark.name = rs_text_copy(pdf->memory, name);
    rs_vec_push(pdf->memory, &pdf->bookmarks, bookmark);
    return RS_OK;
}

static rs_status pdf_outline(struct rs_job *job, struct draw_device *device, unsigned level, rs_text title, double y_pt)
{
    struct pdf *pdf = pdf_of(device);
    struct pdf_outline_entry entry = {level, pdf->pages.items[pdf->page].object, pdf_flipped(pdf, y_pt), {0}};

    (void)job;
    entry.title = rs_text_copy(pdf->memory, title);
    rs_vec_push(pdf->memory, &pdf->outline, entry);
    return RS_OK;
}

/* ---- pages ------------------------------------------------------------------------------------------ */

static rs_status pdf_page_begin(struct rs_job *job, struct draw_device *device, double width_pt, double height_pt)
{
    struct pdf *pdf = pdf_of(device);
    struct pdf_page page = {.width_pt = width_pt, .height_pt = height_pt};

    (void)job;
    if (pdf->pages.count % KIDS_PER_NODE == 0)
        rs_vec_push(pdf->memory, &pdf->nodes, pdf_file_reserve(&pdf->file));
    page.object = pdf_file_reserve(&pdf->file);
    page.content = pdf_file_reserve(&pdf->file);
    pdf->page = pdf->pages.count;
    pdf->again = false;
    rs_vec_push(pdf->memory, &pdf->pages, page);
    pdf_graphics_reset(pdf);
    return RS_OK;
}

static rs_status pdf_page_again(struct rs_job *job, struct draw_device *device, size_t number)
{
    struct pdf *pdf = pdf_of(device);

    (void)job;
    assert(number < pdf->pages.count && !pdf->pages.items[number].written);
    pdf->page = number;
    pdf->again = true;
    pdf->pages.items[number].later_content = pdf_file_reserve(&pdf->file);
    pdf_graphics_reset(pdf);
    return RS_OK;
}

static rs_status write_page(struct rs_job *job, struct pdf *pdf, size_t index)
{
    struct pdf_page *page = &pdf->pages.items[index];
    rs_buf *buf = &pdf->scratch;

    rs_buf_clear(buf);
    rs_buf_printf(buf, "<</Type/Page/Parent %u 0 R/Resources %u 0 R/MediaBox[0 0 ", pdf->nodes.items[index / KIDS_PER_NODE],
                  pdf->resources);
    pdf_add_number(buf, page->width_pt);
    rs_buf_add_byte(buf, ' ');
    pdf_add_number(buf, page->height_pt);
    if (page->later_content)
        rs_buf_printf(buf, "]/Contents[%u 0 R %u 0 R]", page->content, page->later_content);
    else
        rs_buf_printf(buf, "]/Contents %u 0 R", page->content);
    if (page->links.count) {
        rs_buf_add_literal(buf, "/Annots[");
        for (size_t i = 0; i < page->links.count; i++)
            rs_buf_printf(buf, "%s%u 0 R", i ? " " : "", page->links.items[i]);
        rs_buf_add_literal(buf, "]");
    }
    if (pdf->tags)
        rs_buf_printf(buf, "/StructParents %u/Tabs/S", pdf_tags_page_key(index));
    rs_buf_add_literal(buf, ">>");
    page->written = true;
    return pdf_file_object(job, &pdf->file, page->object, rs_buf_text(buf));
}

static rs_status pdf_page_end(struct rs_job *job, struct draw_device *device, bool later)
{
    struct pdf *pdf = pdf_of(device);
    struct pdf_page *page = &pdf->pages.items[pdf->page];

    assert(pdf->clip_depth == 0);
    pdf_mark_end(pdf);
    pdf_leave_text(pdf);
    rs_buf_add_literal(&pdf->content, "Q\n");
    RS_TRY(pdf_file_stream(job, &pdf->file, pdf->again ? page->later_content : page->content,
                           pdf->options.human_readable ? PDF_STREAM_PLAIN : PDF_STREAM_COMPRESS, RS_TEXT(""),
                           rs_buf_text(&pdf->content)));
    return later ? RS_OK : write_page(job, pdf, pdf->page);
}

/* ---- the document ----------------------------------------------------------------------------------- */

static rs_status pdf_begin(struct rs_job *job, struct draw_device *device, const struct draw_document *document)
{
    struct pdf *pdf = pdf_of(device);
    rs_text *texts[] = {&pdf->document.title,   &pdf->document.author,   &pdf->document.subject,
                        &pdf->document.creator, &pdf->document.producer, &pdf->document.language};

    pdf->document = *document;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = rs_text_copy(pdf->memory, *texts[i]);
    pdf->resources = pdf_file_reserve(&pdf->file);
    return pdf_file_begin(job, &pdf->file);
}

static rs_status write_resources(struct rs_job *job, struct pdf *pdf)
{
    rs_buf *buf = &pdf->scratch;

    rs_buf_clear(buf);
    rs_buf_add_literal(buf, "<</Font<<");
    for (size_t i = 0; i < pdf->fonts.items.count; i++)
        rs_buf_printf(buf, "/F%zu %u 0 R", i, pdf->fonts.items.items[i]->object);
    rs_buf_add_literal(buf, ">>/XObject<<");
    for (size_t i = 0; i < pdf->images.count; i++)
        rs_buf_printf(buf, "/I%zu %u 0 R", i, pdf->images.items[i].object);
    if (pdf->shadings.count)
        rs_buf_add_literal(buf, ">>/Shading<<");
    for (size_t i = 0; i < pdf->shadings.count; i++)
        rs_buf_printf(buf, "/H%zu %u 0 R", i, pdf->shadings.items[i].object);
    rs_buf_add_literal(buf, ">>/ExtGState<<");
    for (unsigned i = 0; i < 256; i++) {
        if (!pdf->alphas[i])
            continue;
        rs_buf_printf(buf, "/G%u<</CA ", i);
        pdf_add_decimal(buf, i / 255.0, 3);
        rs_buf_add_literal(buf, "/ca ");
        pdf_add_decimal(buf, i / 255.0, 3);
        rs_buf_add_literal(buf, ">>");
    }
    rs_buf_add_literal(buf, ">>>>");
    return pdf_file_object(job, &pdf->file, pdf->resources, rs_buf_text(buf));
}

/* One level of the page tree: nodes over `kids`, each node over KIDS_PER_NODE of them. */
struct tree_level {
    RS_VEC(unsigned) numbers;
    RS_VEC(size_t) pages;      /* below each */
};

static rs_status write_node(struct rs_job *job, struct pdf *pdf, unsigned number, unsigned parent,
                            const unsigned *kids, size_t kid_count, size_t pages)
{
    rs_buf *buf = &pdf->scratch;

    rs_buf_clear(buf);
    rs_buf_add_literal(buf, "<</Type/Pages");
    if (parent)
        rs_buf_printf(buf, "/Parent %u 0 R", parent);
    rs_buf_printf(buf, "/Count %zu/Kids[", pages);
    for (size_t i = 0; i < kid_count; i++)
        rs_buf_printf(buf, "%s%u 0 R", i ? " " : "", kids[i]);
    rs_buf_add_literal(buf, "]>>");
    return pdf_file_object(job, &pdf->file, number, rs_buf_text(buf));
}

static rs_status write_page_tree(struct rs_job *job, struct pdf *pdf, unsigned *root)
{
    struct tree_level kids = {0}, level = {0};

    for (size_t i = 0; i < pdf->pages.count; i++) {
        rs_vec_push(job, &kids.numbers, pdf->pages.items[i].object);
        rs_vec_push(job, &kids.pages, 1);
    }
    for (size_t i = 0; i < pdf->nodes.count; i++)
        rs_vec_push(job, &level.numbers, pdf->nodes.items[i]);
    for (;;) {
        struct tree_level above = {0};
        bool top = level.numbers.count == 1;
        for (size_t i = 0; i < level.numbers.count; i++) {
            size_t first = i * KIDS_PER_NODE, pages = 0, count = kids.numbers.count - first;
            if (count > KIDS_PER_NODE)
                count = KIDS_PER_NODE;
            for (size_t k = 0; k < count; k++)
                pages += kids.pages.items[first + k];
            rs_vec_push(job, &level.pages, pages);
            if (!top && i % KIDS_PER_NODE == 0)
                rs_vec_push(job, &above.numbers, pdf_file_reserve(&pdf->file));
            RS_TRY(write_node(job, pdf, level.numbers.items[i], top ? 0 : rs_vec_last(&above.numbers),
                              kids.numbers.items + first, count, pages));
        }
        *root = level.numbers.items[0];
        if (top)
            return RS_OK;
        kids = level;
        level = above;
    }
}

struct outline_links {
    unsigned parent, previous, next, first, last, count; /* objects; entries directly below */
};

/* Levels may skip (a hidden group around a shown one): an entry hangs below the last one that is further out. */
static struct outline_links *link_outline(struct rs_job *job, struct pdf *pdf, unsigned first_object)
{
    size_t count = pdf->outline.count;
    struct outline_links *links = RS_NEW_ARRAY(job, struct outline_links, count + 1); /* [count]: the root */
    size_t *open = RS_NEW_ARRAY(job, size_t, count + 1), depth = 0;

    for (size_t i = 0; i < count; i++) {
        struct outline_links *parent;
        unsigned object = first_object + (unsigned)i;
        size_t up;

        while (depth > 0 && pdf->outline.items[open[depth - 1]].level >= pdf->outline.items[i].level)
            depth--;
        up = depth ? open[depth - 1] : count;
        parent = &links[up];
        links[i].parent = first_object + (unsigned)up;
        links[i].previous = parent->last;
        if (parent->last)
            links[parent->last - first_object].next = object;
        else
            parent->first = object;
        parent->last = object;
        parent->count++;
        open[depth++] = i;
    }
    return links;
}

static void add_reference(rs_buf *buf, const char *name, unsigned object)
{
    if (object)
        rs_buf_printf(buf, "/%s %u 0 R", name, object);
}

/* Objects of the outline: entries one behind the other, then the root, whose number is given back. */
static rs_status write_outline(struct rs_job *job, struct pdf *pdf, unsigned *root)
{
    size_t count = pdf->outline.count;
    unsigned first;
    struct outline_links *links;
    rs_buf *buf = &pdf->scratch;

    *root = 0;
    if (count == 0 || pdf->pages.count < 2)
        return RS_OK;
    first = pdf_file_reserve(&pdf->file);
    for (size_t i = 0; i < count; i++)
        *root = pdf_file_reserve(&pdf->file);
    links = link_outline(job, pdf, first);
    for (size_t i = 0; i <= count; i++) {
        rs_buf_clear(buf);
        rs_buf_add_literal(buf, "<<");
        if (i < count) {
            const struct pdf_outline_entry *entry = &pdf->outline.items[i];
            rs_buf_add_literal(buf, "/Title");
            pdf_add_text(buf, entry->title);
            rs_buf_printf(buf, "/Dest[%u 0 R/XYZ null ", entry->page_object);
            pdf_add_number(buf, entry->y_pt);
            rs_buf_add_literal(buf, " null]");
            add_reference(buf, "Parent", links[i].parent);
        } else {
            rs_buf_add_literal(buf, "/Type/Outlines");
        }
        add_reference(buf, "Prev", links[i].previous);
        add_reference(buf, "Next", links[i].next);
        add_reference(buf, "First", links[i].first);
        add_reference(buf, "Last", links[i].last);
        if (links[i].count)
            rs_buf_printf(buf, "/Count %s%u", i < count ? "-" : "", links[i].count);
        rs_buf_add_literal(buf, ">>");
        RS_TRY(pdf_file_object(job, &pdf->file, first + (unsigned)i, rs_buf_text(buf)));
        if (i % 256 == 255)
            RS_TRY(rs_job_checkpoint(job));
    }
    return RS_OK;
}

static int by_name(const void *a, const void *b)
{
    const struct pdf_bookmark *left = a, *right = b;
    int order = rs_text_compare(left->name, right->name);

    return order ? order : (left->order > right->order) - (left->order < right->order);
}

/* The name tree of the destinations, in one node. Of equal names the first stays. */
static rs_status write_bookmarks(struct rs_job *job, struct pdf *pdf, unsigned *number)
{
    rs_buf *buf = &pdf->scratch;

    *number = 0;
    if (pdf->bookmarks.count == 0)
        return RS_OK;
    qsort(pdf->bookmarks.items, pdf->bookmarks.count, sizeof pdf->bookmarks.items[0], by_name);
    *number = pdf_file_reserve(&pdf->file);
    rs_buf_clear(buf);
    rs_buf_add_literal(buf, "<</Names[");
    for (size_t i = 0; i < pdf->bookmarks.count; i++) {
        const struct pdf_bookmark *bookmark = &pdf->bookmarks.items[i];
        if (i > 0 && rs_text_equal(bookmark->name, bookmark[-1].name))
            continue;
        pdf_add_bytes(buf, bookmark->name);
        rs_buf_printf(buf, "[%u 0 R/XYZ ", bookmark->page_object);
        pdf_add_number(buf, bookmark->x_pt);
        rs_buf_add_byte(buf, ' ');
        pdf_add_number(buf, bookmark->y_pt);
        rs_buf_add_literal(buf, " null]");
        if (i % 1024 == 1023)
            RS_TRY(rs_job_checkpoint(job));
    }
    rs_buf_add_literal(buf, "]>>");
    return pdf_file_object(job, &pdf->file, *number, rs_buf_text(buf));
}

static void add_entry(rs_buf *buf, const char *name, rs_text text)
{
    if (text.size == 0)
        return;
    rs_buf_printf(buf, "/%s", name);
    pdf_add_text(buf, text);
}

static rs_status write_info(struct rs_job *job, struct pdf *pdf, unsigned *number)
{
    const struct draw_document *d = &pdf->document;
    time_t seconds = (time_t)(d->created_utc_ms / 1000);
    struct tm utc;
    rs_buf *buf = &pdf->scratch;

    gmtime_r(&seconds, &utc);
    *number = pdf_file_reserve(&pdf->file);
    rs_buf_clear(buf);
    rs_buf_add_literal(buf, "<<");
    add_entry(buf, "Title", d->title);
    add_entry(buf, "Author", d->author);
    add_entry(buf, "Subject", d->subject);
    add_entry(buf, "Creator", d->creator);
    add_entry(buf, "Producer", d->producer);
    rs_buf_printf(buf, "/CreationDate(D:%04d%02d%02d%02d%02d%02dZ)>>", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                  utc.tm_hour, utc.tm_min, utc.tm_sec);
    return pdf_file_object(job, &pdf->file, *number, rs_buf_text(buf));
}

static rs_status pdf_finish(struct rs_job *job, struct draw_device *device)
{
    struct pdf *pdf = pdf_of(device);
    unsigned root, outline, bookmarks, structure, info, catalog;
    rs_buf *buf = &pdf->scratch;

    for (size_t i = 0; i < pdf->pages.count; i++)
        if (!pdf->pages.items[i].written)
            RS_TRY(write_page(job, pdf, i));
    if (pdf->pages.count == 0)
        return rs_fail(job, RS_INVALID, "there are no pages in the range that was asked for");
    RS_TRY(pdf_fonts_write(job, &pdf->fonts));
    RS_TRY(write_resources(job, pdf));
    RS_TRY(write_page_tree(job, pdf, &root));
    RS_TRY(write_outline(job, pdf, &outline));
    RS_TRY(write_bookmarks(job, pdf, &bookmarks));
    RS_TRY(pdf_tags_write(job, pdf, &structure));
    RS_TRY(write_info(job, pdf, &info));
    catalog = pdf_file_reserve(&pdf->file);
    rs_buf_clear(buf);
    rs_buf_printf(buf, "<</Type/Catalog/Pages %u 0 R", root);
    if (outline)
        rs_buf_printf(buf, "/Outlines %u 0 R/PageMode/UseOutlines", outline);
    if (bookmarks)
        rs_buf_printf(buf, "/Names<</Dests %u 0 R>>", bookmarks);
    if (structure)
        rs_buf_printf(buf, "/MarkInfo<</Marked true>>/StructTreeRoot %u 0 R", structure);
    add_entry(buf, "Lang", pdf->document.language);
    if (pdf->document.title.size)
        rs_buf_add_literal(buf, "/ViewerPreferences<</DisplayDocTitle true>>");
    rs_buf_add_literal(buf, ">>");
    RS_TRY(pdf_file_object(job, &pdf->file, catalog, rs_buf_text(buf)));
    return pdf_file_finish(job, &pdf->file, catalog, info);
}

static const struct draw_functions pdf_functions = {
    .name = "pdf",
    .begin = pdf_begin,
    .page_begin = pdf_page_begin,
    .page_end = pdf_page_end,
    .page_again = pdf_page_again,
    .finish = pdf_finish,
    .fill = pdf_fill,
    .gradient = pdf_gradient,
    .line = pdf_line,
    .text = pdf_text,
    .image = pdf_image,
    .clip_begin = pdf_clip_begin,
    .clip_end = pdf_clip_end,
    .link = pdf_link,
    .bookmark = pdf_bookmark,
    .outline = pdf_outline,
    .tag_begin = pdf_tag_begin,
    .tag_end = pdf_tag_end,
};

rs_status pdf_create(struct rs_job *job, const struct pdf_options *options, const struct draw_sink *sink,
                     struct draw_device **out)
{
    struct rs_job_options own = {.within = job};
    struct pdf *pdf = RS_NEW(job, struct pdf);

    pdf->device.functions = &pdf_functions;
    pdf->options = *options;
    pdf->memory = rs_job_create(&own);
    pdf->device.tagged = options->tagged;
    if (options->tagged)
        pdf->tags = pdf_tags_create(pdf->memory);
    rs_job_at_end(job, pdf_end, pdf);
    pdf_file_init(&pdf->file, pdf->memory, sink);
    pdf->fonts.file = &pdf->file;
    pdf->content = rs_buf_in(pdf->memory);
    pdf->scratch = rs_buf_in(pdf->memory);
    *out = &pdf->device;
    return RS_OK;
}
