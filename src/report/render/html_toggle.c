/* Toggles without script: the control is a check box, and a rule hides what belongs to it while it is not checked.
 *
 *     .rs:has(#k7:not(:checked)) .h7{display:none}    hidden at first, shown when checked
 *     .rs:has(#k7:checked) .v7{display:none}          the other way round
 *     .rs:not(:has(#k7)) .h7{display:none}            where the check box is hidden itself, or on another page: as at first
 *
 * Rows and columns of a table are collapsed and not taken away: header cells span those that are hidden, too.
 *
 * A toggle and what it hides are matched by the group instance around the toggling text box: both know it.
 */
#include "report/render/html.h"

#include <stdio.h>

#include "report/publish/publish.h"

static void find_in_items(struct rs_map *found, const rdl_items *items);

static void note_target(struct rs_map *found, const struct rdl_visibility *visibility)
{
    if (visibility->toggle_item.size > 0)
        rs_map_set(found, visibility->toggle_item, NULL);
}

static void find_in_item(struct rs_map *found, const struct rdl_item *item);

static void find_in_members(struct rs_map *found, const struct rdl_member *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        note_target(found, &members[i].visibility);
        if (members[i].header && members[i].header->item)
            find_in_item(found, members[i].header->item);
        find_in_members(found, members[i].members.items, members[i].members.count);
    }
}

static void find_in_item(struct rs_map *found, const struct rdl_item *item)
{
    note_target(found, &item->visibility);
    if (item->kind == RDL_RECTANGLE)
        find_in_items(found, &item->rectangle->items);
    if (item->kind != RDL_TABLIX)
        return;
    find_in_members(found, item->tablix->row_members.items, item->tablix->row_members.count);
    find_in_members(found, item->tablix->column_members.items, item->tablix->column_members.count);
    for (size_t i = 0; i < item->tablix->rows.count; i++)
        for (size_t j = 0; j < item->tablix->rows.items[i].cells.count; j++)
            if (item->tablix->rows.items[i].cells.items[j].item)
                find_in_item(found, item->tablix->rows.items[i].cells.items[j].item);
}

static void find_in_items(struct rs_map *found, const rdl_items *items)
{
    for (size_t i = 0; i < items->count; i++)
        find_in_item(found, items->items[i]);
}

struct rs_map *html_toggles_find(struct rs_job *job, const struct publish_report *published)
{
    const struct rdl_report *report = published->definition;
    struct rs_map *found = rs_map_create(job, RS_MAP_EXACT);

    for (size_t i = 0; i < report->sections.count; i++)
        find_in_items(found, &report->sections.items[i].items);
    for (unsigned i = 0; i < report->item_count; i++) {
        const struct rdl_item *item = published->items[i];
        if (item && item->kind == RDL_TEXTBOX && rs_map_has(found, item->name))
            rs_map_set(found, item->name, (void *)item);
    }
    return found;
}

/* FNV-1a: the same in every process and every run, because links name toggles. */
static uint64_t hash_of(rs_text t, uint64_t hash)
{
    for (size_t i = 0; i < t.size; i++)
        hash = (hash ^ (unsigned char)t.bytes[i]) * 0x100000001b3u;
    return hash;
}

uint64_t html_stable_hash(uint64_t around, unsigned base, rs_text id)
{
    uint64_t hash = hash_of(rs_text_of((const char *)&around, sizeof around), 0xcbf29ce484222325u);

    return hash_of(id, hash_of(rs_text_of((const char *)&base, sizeof base), hash));
}

/* The same for the toggle and for what it hides: its item, and the instances of the groups that it stands in. */
static uint64_t key_of(struct rs_job *job, struct html *h, const struct compute_scope *scope, const struct rdl_item *toggle)
{
    return html_stable_hash(h->at.instance, h->at.base, compute_toggle_id(job, h->at.run, scope, toggle));
}

void html_toggles_read(struct html *h, rs_text flipped)
{
    rs_text one;
    uint64_t key;

    while (flipped.size > 0) {
        rs_text_cut(flipped, ',', &one, &flipped);
        if (rs_text_starts(one, RS_TEXT("k")) && rs_parse_hex64(rs_text_from_offset(one, 1), &key))
            rs_vec_push(h->job, &h->flipped, key);
    }
}

/* Named twice is as at first again. */
static bool is_flipped(const struct html *h, uint64_t key)
{
    bool flipped = false;

    for (size_t i = 0; i < h->flipped.count; i++)
        flipped ^= h->flipped.items[i] == key;
    return flipped;
}

bool html_toggle_is_flipped(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                            const struct rdl_visibility *visibility)
{
    const struct rdl_item *item;

    if (h->flipped.count == 0 || visibility->toggle_item.size == 0)
        return false;
    item = rs_map_find(h->at.toggle_items, visibility->toggle_item);
    return item && is_flipped(h, key_of(job, h, scope, item));
}

static struct html_toggle *toggle_find(struct html *h, uint64_t key)
{
    for (size_t i = h->toggles.count; i > 0; i--) /* mostly the last one */
        if (h->toggles.items[i - 1].key == key)
            return &h->toggles.items[i - 1];
    return NULL;
}

/* The toggle of this key on this page: what it hides may be met before its text box, which may be on another page. */
static rs_status toggle_open(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                             const struct rdl_item *item, uint64_t key, struct html_toggle **out)
{
    bool is_open;

    *out = toggle_find(h, key);
    if (*out)
        return RS_OK;
    RS_TRY(compute_eval_bool(job, h->at.run, scope, &item->textbox->toggle_initial_state, false, &is_open));
    rs_vec_push(h->job, &h->toggles, (struct html_toggle){.key = key, .is_open = is_open, .is_flipped = is_flipped(h, key)});
    *out = &rs_vec_last(&h->toggles);
    return RS_OK;
}

bool html_toggles_something(const struct html *h, const struct rdl_item *item)
{
    return !h->in_page_section && rs_map_find(h->at.toggle_items, item->name) == item;
}

rs_status html_toggle_control(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                              const struct rdl_item *item)
{
    struct html_toggle *toggle;
    uint64_t key;

    if (!html_toggles_something(h, item))
        return RS_OK;
    key = key_of(job, h, scope, item);
    RS_TRY(toggle_open(job, h, scope, item, key, &toggle));
    if (toggle->has_control)
        return RS_OK; /* a header that repeats on this page: one control is enough */
    toggle->has_control = true;
    rs_buf_printf(&h->out, "<input type=\"checkbox\" class=\"tg\" id=\"%.*sk%llx\" aria-label=\"Show details\"%s>",
                  RS_TEXT_ARG(h->prefix), (unsigned long long)key, toggle->is_open != toggle->is_flipped ? " checked" : "");
    return RS_OK;
}

const char *html_toggle_line_class(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                                   const struct rdl_item *item)
{
    if (!html_toggles_something(h, item))
        return NULL;
    return rs_text_format(job, "w%llx", (unsigned long long)key_of(job, h, scope, item)).bytes;
}

rs_status html_toggle_class(struct rs_job *job, struct html *h, const struct compute_scope *scope,
                            const struct rdl_visibility *visibility, bool hidden, rs_text *out)
{
    const struct rdl_item *item = rs_map_find(h->at.toggle_items, visibility->toggle_item);
    struct html_toggle *toggle;
    uint64_t key;

    *out = RS_TEXT("");
    if (h->in_page_section || visibility->toggle_item.size == 0 || !item)
        return RS_OK;
    key = key_of(job, h, scope, item);
    RS_TRY(toggle_open(job, h, scope, item, key, &toggle));
    toggle->is_ruled = true;
    *out = rs_text_format(job, "%c%llx", hidden != toggle->is_open ? 'h' : 'v', (unsigned long long)key);
    return RS_OK;
}

enum state { OPEN, CLOSED, ABSENT };

/* ".rs:has(#k7:checked) ": in front of what the toggle rules while its check box is in that state. */
static void add_state(struct html *h, const struct html_toggle *toggle, enum state state)
{
    static const char *const open[] = {":has(#", ":has(#", ":not(:has(#"};
    static const char *const close[] = {":checked) ", ":not(:checked)) ", ")) "};

    rs_buf_printf(&h->out, "%.*s%s%.*sk%llx%s", RS_TEXT_ARG(h->root), open[state], RS_TEXT_ARG(h->prefix),
                  (unsigned long long)toggle->key, close[state]);
}

static void write_rules(struct html *h, const struct html_toggle *toggle)
{
    unsigned long long key = toggle->key;
    char hidden = toggle->is_open != toggle->is_flipped ? 'v' : 'h';

    add_state(h, toggle, CLOSED);
    rs_buf_printf(&h->out, ".h%llx,", key);
    add_state(h, toggle, OPEN);
    rs_buf_printf(&h->out, ".v%llx{display:none}", key);
    add_state(h, toggle, CLOSED);
    rs_buf_printf(&h->out, ":is(tr,col).h%llx,", key);
    add_state(h, toggle, OPEN);
    rs_buf_printf(&h->out, ":is(tr,col).v%llx{display:revert;visibility:collapse}", key);
    add_state(h, toggle, CLOSED);
    rs_buf_printf(&h->out, ".w%llx{white-space:pre}", key);
    if (toggle->has_control)
        return;
    add_state(h, toggle, ABSENT);
    rs_buf_printf(&h->out, ".%c%llx{display:none}", hidden, key);
    add_state(h, toggle, ABSENT);
    rs_buf_printf(&h->out, ":is(tr,col).%c%llx{display:revert;visibility:collapse}", hidden, key);
}

void html_toggle_rules(struct html *h)
{
    bool any = false;

    for (size_t i = 0; i < h->toggles.count; i++) {
        if (!h->toggles.items[i].is_ruled)
            continue;
        if (!any)
            rs_buf_add_literal(&h->out, "<style>");
        any = true;
        write_rules(h, &h->toggles.items[i]);
    }
    if (any)
        rs_buf_add_literal(&h->out, "</style>");
}

bool html_toggle_hides(const struct html *h, rs_text tag)
{
    ptrdiff_t at = h->toggles.count > 0 ? rs_text_find(tag, RS_TEXT(" class=\"")) : -1;
    rs_text classes, class;

    if (at < 0)
        return false;
    rs_text_cut(rs_text_from_offset(tag, (size_t)at + 8), '"', &classes, &tag);
    while (classes.size > 0) {
        const struct html_toggle *toggle = NULL;
        rs_text_cut(classes, ' ', &class, &classes);
        for (size_t i = 0; i < h->toggles.count && !toggle && class.size > 1; i++) {
            char key[24];
            int size = snprintf(key, sizeof key, "%llx", (unsigned long long)h->toggles.items[i].key);
            if (rs_text_equal(rs_text_from_offset(class, 1), rs_text_of(key, (size_t)size)))
                toggle = &h->toggles.items[i];
        }
        if (toggle && class.bytes[0] == (toggle->is_open != toggle->is_flipped ? 'v' : 'h'))
            return true;
    }
    return false;
}
