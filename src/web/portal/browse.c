#include "web/portal/views.h"

#include "store/catalog/name.h"
#include "web/portal/page.h"
#include "web/url/text.h"

/* ---- one item ------------------------------------------------------------------------------------ */

static bool may(const struct exchange *x, const struct catalog_item *item, unsigned permission)
{
    return (auth_permissions(x->caller.user.role, item->kind) & permission) == permission;
}

static void write_menu_link(rs_buf *out, const struct exchange *x, const char *view, rs_text path, const char *label,
                            const char *attributes)
{
    rs_buf_add_literal(out, "<li><a href=\"");
    portal_address(out, x, view, path);
    rs_buf_printf(out, "\"%s>%s</a></li>", attributes, label);
}

static bool is_downloadable(const struct exchange *x, const struct catalog_item *item)
{
    switch (item->kind) {
    case CATALOG_REPORT:
    case CATALOG_DATA_SET:
        return may(x, item, AUTH_READ_DEFINITION);
    case CATALOG_RESOURCE:
    case CATALOG_COMPONENT:
    case CATALOG_DATA_SOURCE:
        return may(x, item, AUTH_READ_CONTENT);
    default:
        return false;
    }
}

static void write_menu(rs_buf *out, struct exchange *x, const struct catalog_item *item)
{
    rs_buf_add_literal(out, "<details class=\"menu more\"><summary");
    portal_attribute(out, "aria-label", rs_text_format(x->job, "Actions for %.*s", RS_TEXT_ARG(item->name)));
    rs_buf_add_literal(out, "><svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"M5 12h.01M12 12h.01M19 "
                            "12h.01\"/></svg></summary><ul>");
    write_menu_link(out, x, "manage", item->path, "Properties", "");
    if (is_downloadable(x, item))
        write_menu_link(out, x, "download", item->path, "Download", " download");
    if (may(x, item, AUTH_DELETE)) {
        write_menu_link(out, x, "manage", item->path, "Move or rename", " data-part=\"move\"");
        rs_buf_add_literal(out, "<li>");
        portal_form_begin(out, x, "delete", item->path, "data-confirm");
        rs_buf_add_literal(out, "<button type=\"submit\" class=\"danger\"");
        portal_attribute(out, "data-name", item->name);
        rs_buf_add_literal(out, ">Delete</button></form></li>");
    }
    rs_buf_add_literal(out, "</ul></details>");
}

static void write_note(rs_buf *out, struct exchange *x, const struct catalog_item *item, bool with_folder)
{
    rs_text folder, name;

    rs_buf_add_literal(out, "<small>");
    if (with_folder) {
        catalog_path_split(item->path, &folder, &name);
        rs_buf_printf(out, "%s in ", portal_kind_word(item->kind));
        portal_text(out, folder);
    } else if (item->description.size > 0) {
        portal_text(out, item->description);
    } else {
        rs_buf_printf(out, "%s, ", portal_kind_word(item->kind));
        url_write_short_date(out, item->modified_ms);
    }
    rs_buf_add_literal(out, "</small>");
}

static void write_item(rs_buf *out, struct exchange *x, const struct catalog_item *item, bool with_folder)
{
    rs_buf_printf(out, "<li class=\"item%s\"><a href=\"", item->hidden ? " is-hidden" : "");
    portal_address(out, x, portal_view_of(item->kind), item->path);
    rs_buf_add_literal(out, "\">");
    portal_icon(out, item->kind);
    rs_buf_add_literal(out, "<span class=\"what\"><span class=\"name\">");
    portal_text(out, item->name);
    rs_buf_add_literal(out, "</span>");
    if (item->hidden)
        rs_buf_add_literal(out, "<span class=\"badge\">hidden</span>");
    write_note(out, x, item, with_folder);
    rs_buf_add_literal(out, "</span></a>");
    write_menu(out, x, item);
    rs_buf_add_literal(out, "</li>");
}

/* ---- the list ------------------------------------------------------------------------------------ */

static const struct {
    enum catalog_kind kind;
    const char *heading;
} groups[] = {
    {CATALOG_FOLDER, "Folders"},      {CATALOG_REPORT, "Reports"},       {CATALOG_LINKED_REPORT, "Linked reports"},
    {CATALOG_RESOURCE, "Files"},      {CATALOG_DATA_SOURCE, "Data sources"}, {CATALOG_DATA_SET, "Data sets"},
    {CATALOG_COMPONENT, "Report parts"},
};

static bool is_listed(const struct exchange *x, const struct catalog_item *item)
{
    return !item->hidden || may(x, item, AUTH_UPDATE_PROPERTIES);
}

void portal_write_items(struct rs_buf *out, struct exchange *x, const struct catalog_items *items, bool with_folders)
{
    for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++) {
        bool begun = false;
        for (size_t i = 0; i < items->count; i++) {
            const struct catalog_item *item = &items->items[i];
            if (item->kind != groups[g].kind || !is_listed(x, item))
                continue;
            if (!begun)
                rs_buf_printf(out, "<section><h2>%s</h2><ul class=\"items\">", groups[g].heading);
            begun = true;
            write_item(out, x, item, with_folders);
        }
        if (begun)
            rs_buf_add_literal(out, "</ul></section>");
    }
}

static size_t listed_count(const struct exchange *x, const struct catalog_items *items)
{
    size_t count = 0;

    for (size_t i = 0; i < items->count; i++)
        count += is_listed(x, &items->items[i]);
    return count;
}

/* ---- what an administrator can add --------------------------------------------------------------- */

static void write_upload(rs_buf *out, struct exchange *x, rs_text path)
{
    rs_buf_add_literal(out, "<details class=\"menu panel\"><summary class=\"button primary\">Upload</summary><div>");
    portal_form_begin(out, x, "upload", path, "enctype=\"multipart/form-data\" class=\"stack upload\"");
    rs_buf_add_literal(out, "<label class=\"drop\"><span>Drop files here, or choose them</span>"
                            "<input type=\"file\" name=\"file\" multiple required></label>"
                            "<p class=\"quiet\">.rdl becomes a report, .rds a data source, anything else a file.</p>"
                            "<label class=\"check\"><input type=\"checkbox\" name=\"overwrite\" value=\"true\"> "
                            "Replace items of the same name</label>"
                            "<button type=\"submit\" class=\"button primary\">Upload</button></form></div></details>");
}

static void write_new_folder(rs_buf *out, struct exchange *x, rs_text path)
{
    rs_buf_add_literal(out, "<details class=\"menu panel\"><summary class=\"button\">New folder</summary><div>");
    portal_form_begin(out, x, "new-folder", path, "class=\"stack\"");
    rs_buf_add_literal(out, "<label>Name <input name=\"name\" required maxlength=\"200\" autocomplete=\"off\"></label>"
                            "<label>Description <input name=\"description\" maxlength=\"512\"></label>"
                            "<button type=\"submit\" class=\"button primary\">Create</button></form></div></details>");
}

static void write_new_source(rs_buf *out, struct exchange *x, rs_text path)
{
    rs_buf_add_literal(out, "<details class=\"menu panel\"><summary class=\"button\">New data source</summary><div>");
    portal_form_begin(out, x, "new-source", path, "class=\"stack\"");
    rs_buf_add_literal(out, "<label>Name <input name=\"name\" required maxlength=\"200\" autocomplete=\"off\"></label>");
    portal_connection_fields(out, NULL);
    rs_buf_add_literal(out, "<button type=\"submit\" class=\"button primary\">Create</button></form></div></details>");
}

static void write_heading(rs_buf *out, struct exchange *x, const struct service_get_item *folder)
{
    rs_buf_add_literal(out, "<div class=\"heading\"><div><h1>");
    portal_text(out, folder->item->path.size > 1 ? folder->item->name : RS_TEXT("Home"));
    rs_buf_add_literal(out, "</h1>");
    if (folder->item->description.size > 0) {
        rs_buf_add_literal(out, "<p class=\"quiet\">");
        portal_text(out, folder->item->description);
        rs_buf_add_literal(out, "</p>");
    }
    rs_buf_add_literal(out, "</div><div class=\"actions\">");
    if (folder->permissions & AUTH_CREATE) {
        write_upload(out, x, folder->item->path);
        write_new_folder(out, x, folder->item->path);
        write_new_source(out, x, folder->item->path);
    }
    rs_buf_add_literal(out, "<button type=\"button\" class=\"button\" data-view hidden>List</button></div></div>");
}

/* What the last form did, by a word in the address. */
static const struct {
    const char *word, *sentence;
} notices[] = {
    {"created", "The folder was created."},   {"uploaded", "The upload is complete."},
    {"deleted", "The item was deleted."},     {"moved", "The item was moved."},
    {"saved", "The changes were saved."},     {"source", "The data source was created."},
};

static void write_notice(rs_buf *out, const struct exchange *x)
{
    rs_text done = exchange_pair_value(&x->query, "done");

    for (size_t i = 0; i < sizeof notices / sizeof notices[0]; i++)
        if (rs_text_equal(done, rs_text_from(notices[i].word)))
            rs_buf_printf(out, "<p class=\"notice\" role=\"status\">%s</p>", notices[i].sentence);
}

rs_status portal_browse(struct exchange *x, rs_text path)
{
    struct service_get_item folder = {.path = path};
    struct service_list_children list = {.path = path};
    struct portal_page page = {.x = x};
    rs_buf out = rs_buf_in(x->job);

    RS_TRY(service_run(x->job, &x->caller, &service_get_item, &folder));
    if (folder.item->kind != CATALOG_FOLDER)
        return exchange_redirect(x, portal_location(x, portal_view_of(folder.item->kind), folder.item->path, ""));
    RS_TRY(service_run(x->job, &x->caller, &service_list_children, &list));
    page.path = folder.item->path;
    page.title = folder.item->path.size > 1 ? folder.item->name : RS_TEXT("Home");
    portal_page_begin(&out, &page);
    write_notice(&out, x);
    write_heading(&out, x, &folder);
    if (listed_count(x, &list.items) > 0)
        portal_write_items(&out, x, &list.items, false);
    else if (folder.permissions & AUTH_CREATE)
        rs_buf_add_literal(&out, "<p class=\"empty\">Nothing here yet. Upload a report, or drop its file anywhere on this "
                                 "page.</p>");
    else
        rs_buf_add_literal(&out, "<p class=\"empty\">There is nothing in this folder for you to see.</p>");
    portal_page_end(&out, &page);
    return portal_page_send(&page, 200, &out);
}
