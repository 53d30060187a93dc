/* The document map beside the pages: labels of items and groups, as links to where these stand. Where that is, is found
 * while the pages are counted.
 *
 * A row of a table can be the place of several groups that begin with it: it is an anchor once, for the outermost.
 * What is not met while counting (inside regions that stand beside other items) is taken to be where the entry before it is.
 */
#include "format/escape/markup.h"
#include "report/render/html.h"

struct target {
    int64_t page;   /* 0: not met */
    rs_text anchor; /* the id that leads here */
};

struct html_map {
    struct compute_map entries;
    struct rs_map *targets; /* id -> struct target */
};

rs_status html_map_prepare(struct rs_job *job, struct html *h)
{
    struct compute_map entries;

    RS_TRY(compute_document_map(h->job, h->run, &entries));
    if (entries.count == 0)
        return rs_job_checkpoint(job);
    h->map = RS_NEW(h->job, struct html_map);
    h->map->entries = entries;
    h->map->targets = rs_map_create(h->job, RS_MAP_EXACT);
    for (size_t i = 0; i < entries.count; i++) {
        struct target *target = RS_NEW(h->job, struct target);
        target->anchor = entries.entries[i].id;
        rs_map_set(h->map->targets, entries.entries[i].id, target);
    }
    return RS_OK;
}

bool html_map_note(struct html *h, rs_text id, rs_text anchor)
{
    struct target *target = h->map && h->base == 0 ? rs_map_find(h->map->targets, id) : NULL;

    if (!target)
        return false;
    if (h->counting && target->page == 0) {
        struct target *of_anchor = rs_map_find(h->map->targets, anchor);
        target->page = h->number;
        target->anchor = of_anchor ? of_anchor->anchor : target->anchor;
    }
    return true;
}

void html_map_note_item(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_item *item)
{
    if (!h->map || !h->counting)
        return;
    if (item->document_map_label.present) {
        rs_text id = compute_instance_id(job, scope, item);
        html_map_note(h, id, id);
    }
    for (size_t i = 0; item->kind == RDL_RECTANGLE && i < item->rectangle->items.count; i++)
        html_map_note_item(job, h, scope, item->rectangle->items.items[i]);
}

void html_map_anchor(struct html *h, rs_text id)
{
    rs_buf_printf(&h->out, " id=\"%.*sdm_", RS_TEXT_ARG(h->prefix));
    rs_buf_add(&h->out, id);
    rs_buf_add_byte(&h->out, '"');
}

int64_t html_map_page(const struct html *h, rs_text id, rs_text *anchor)
{
    const struct target *target = h->map && id.size > 0 ? rs_map_find(h->map->targets, id) : NULL;

    if (target)
        *anchor = target->anchor;
    return target ? target->page : 0;
}

/* ---- the panel ---------------------------------------------------------------------------------------------------- */

static void write_entry(struct html *h, const struct compute_map_entry *entry, const struct target *target, int64_t page)
{
    bool here = h->section == 0 || page == h->section;

    if (here || h->page_root.size > 0) {
        rs_buf_add_literal(&h->out, "<a href=\"");
        if (!here) {
            escape_html(&h->out, h->page_root);
            rs_buf_printf(&h->out, "%lld", (long long)page);
        }
        rs_buf_printf(&h->out, "#%.*sdm_%.*s\"%s>", RS_TEXT_ARG(h->prefix), RS_TEXT_ARG(target->anchor),
                      here ? "" : " target=\"_top\"");
    }
    escape_html(&h->out, entry->label);
    if (here || h->page_root.size > 0)
        rs_buf_add_literal(&h->out, "</a>");
}

void html_map_write(struct html *h)
{
    const struct compute_map *map = &h->map->entries;
    unsigned depth = 0;
    int64_t page = 1;

    rs_buf_add_literal(&h->out, "<nav class=\"dm\" aria-label=\"Document map\"><details open><summary>Document map</summary><ul>");
    for (size_t i = 0; i < map->count; i++) {
        const struct compute_map_entry *entry = &map->entries[i];
        const struct target *target = rs_map_find(h->map->targets, entry->id);
        if (i > 0 && entry->depth > depth)
            rs_buf_add_literal(&h->out, "<ul>");
        else if (i > 0)
            rs_buf_add_literal(&h->out, "</li>");
        for (; depth > entry->depth; depth--)
            rs_buf_add_literal(&h->out, "</ul></li>");
        depth = entry->depth;
        page = target->page ? target->page : page;
        rs_buf_add_literal(&h->out, "<li>");
        write_entry(h, entry, target, page);
    }
    for (rs_buf_add_literal(&h->out, "</li>"); depth > 0; depth--)
        rs_buf_add_literal(&h->out, "</ul></li>");
    rs_buf_add_literal(&h->out, "</ul></details></nav>");
}
