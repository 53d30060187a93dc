/* The document map beside the pages: labels of items and groups, as links to where these stand. Where that is, is found
 * while the pages are counted.
 *
 * A row of a table can be the place of several groups that begin with it: it is an anchor once, for the outermost.
 * A column, likewise. What is not met while counting is taken to be where the subreport around it, else the entry before it, is.
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

static void add_target(struct html *h, rs_text id)
{
    struct target *target;

    if (rs_map_has(h->map->targets, id))
        return;
    target = RS_NEW(h->job, struct target);
    target->anchor = id;
    rs_map_set(h->map->targets, id, target);
}

rs_status html_map_prepare(struct rs_job *job, struct html *h)
{
    struct compute_map entries;

    RS_TRY(compute_document_map(h->job, h->at.run, &entries));
    if (entries.count == 0)
        return rs_job_checkpoint(job);
    h->map = RS_NEW(h->job, struct html_map);
    h->map->entries = entries;
    h->map->targets = rs_map_create(h->job, RS_MAP_EXACT);
    for (size_t i = 0; i < entries.count; i++) {
        rs_text id = entries.entries[i].id;
        for (size_t end = 1; end < id.size; end++)
            if (id.bytes[end - 1] == 's') /* the subreports around it */
                add_target(h, rs_text_slice(id, 0, end));
        add_target(h, id);
    }
    return RS_OK;
}

rs_text html_map_item_id(struct rs_job *job, const struct html *h, const struct compute_scope *scope, const struct rdl_item *item)
{
    rs_text id = compute_instance_id(job, scope, item);

    return h->at.map_around.size == 0 ? id : rs_text_format(job, "%.*s%.*s", RS_TEXT_ARG(h->at.map_around), RS_TEXT_ARG(id));
}

rs_text html_map_group_id(struct rs_job *job, const struct html *h, struct compute_tablix *tablix, struct compute_place place)
{
    rs_text id = compute_member_id(job, tablix, place);

    return h->at.map_around.size == 0 ? id : rs_text_format(job, "%.*s%.*s", RS_TEXT_ARG(h->at.map_around), RS_TEXT_ARG(id));
}

/* Of what was not met while counting it is the page of the subreport around it; 0: none of them was. */
static int64_t page_of(const struct html_map *map, rs_text id)
{
    const struct target *target = rs_map_find(map->targets, id);

    for (size_t end = id.size; target && target->page == 0 && end > 1; end--)
        if (id.bytes[end - 2] == 's' && end - 1 < id.size)
            target = rs_map_find(map->targets, rs_text_slice(id, 0, end - 1));
    return target ? target->page : 0;
}

bool html_map_note(struct html *h, rs_text id, rs_text anchor)
{
    struct target *target = h->map ? rs_map_find(h->map->targets, id) : NULL;

    if (!target)
        return false;
    if (h->counting && target->page == 0) {
        struct target *of_anchor = rs_map_find(h->map->targets, anchor);
        target->page = h->number;
        target->anchor = of_anchor ? of_anchor->anchor : target->anchor;
    }
    return true;
}

void html_map_note_item(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_item *item,
                        bool may_be_parted)
{
    if (!h->map || !h->counting)
        return;
    if (item->document_map_label.present) {
        rs_text id = html_map_item_id(job, h, scope, item);
        html_map_note(h, id, id);
    }
    if (item->kind == RDL_SUBREPORT) {
        rs_text inside = compute_map_inside(job, h->at.map_around, scope, item);
        html_map_note(h, inside, inside);
    }
    if (item->kind != RDL_RECTANGLE || (may_be_parted && html_is_parted(item)))
        return;
    for (size_t i = 0; i < item->rectangle->items.count; i++)
        html_map_note_item(job, h, scope, item->rectangle->items.items[i], false);
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
    return target ? page_of(h->map, id) : 0;
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
        int64_t found = page_of(h->map, entry->id);
        page = found ? found : page;
        rs_buf_add_literal(&h->out, "<li>");
        write_entry(h, entry, target, page);
    }
    for (rs_buf_add_literal(&h->out, "</li>"); depth > 0; depth--)
        rs_buf_add_literal(&h->out, "</ul></li>");
    rs_buf_add_literal(&h->out, "</ul></details></nav>");
}
