#include "web/portal/views.h"

#include "report/data/providers.h"
#include "store/catalog/name.h"
#include "web/portal/page.h"
#include "web/url/text.h"

static void write_fact(rs_buf *out, const char *label, rs_text value)
{
    if (value.size == 0)
        return;
    rs_buf_printf(out, "<dt>%s</dt><dd>", label);
    portal_text(out, value);
    rs_buf_add_literal(out, "</dd>");
}

static void write_when(rs_buf *out, const char *label, int64_t utc_ms, rs_text by)
{
    rs_buf_printf(out, "<dt>%s</dt><dd>", label);
    url_write_short_date(out, utc_ms);
    if (by.size > 0) {
        rs_buf_add_literal(out, " by ");
        portal_text(out, by);
    }
    rs_buf_add_literal(out, "</dd>");
}

static void write_facts(rs_buf *out, const struct catalog_item *item)
{
    rs_buf_add_literal(out, "<section class=\"card\"><h2>Properties</h2><dl>");
    write_fact(out, "Type", rs_text_from(portal_kind_word(item->kind)));
    write_fact(out, "Path", item->path);
    write_fact(out, "Description", item->description);
    write_fact(out, "MIME type", item->kind == CATALOG_RESOURCE ? item->mime_type : (rs_text){0});
    if (item->kind != CATALOG_FOLDER) {
        rs_buf_add_literal(out, "<dt>Size</dt><dd>");
        url_write_size(out, item->size);
        rs_buf_add_literal(out, "</dd>");
    }
    write_when(out, "Created", item->created_ms, item->created_by);
    write_when(out, "Modified", item->modified_ms, item->modified_by);
    write_fact(out, "ID", item->id);
    rs_buf_add_literal(out, "</dl></section>");
}

static void write_settings(rs_buf *out, struct exchange *x, const struct catalog_item *item)
{
    rs_buf_add_literal(out, "<section class=\"card\"><h2>Description</h2>");
    portal_form_begin(out, x, "save", item->path, "class=\"stack\"");
    rs_buf_add_literal(out, "<label>Description <textarea name=\"description\" rows=\"3\" maxlength=\"512\">\n");
    portal_text(out, item->description);
    rs_buf_add_literal(out, "</textarea></label>");
    if (item->kind == CATALOG_RESOURCE) {
        rs_buf_add_literal(out, "<label>MIME type <input name=\"mime\" required");
        portal_attribute(out, "value", item->mime_type);
        rs_buf_add_literal(out, "></label>");
    }
    rs_buf_printf(out, "<label class=\"check\"><input type=\"checkbox\" name=\"hidden\" value=\"true\"%s> Do not show it to "
                       "readers in lists</label><button type=\"submit\" class=\"button primary\">Save</button>"
                       "</form></section>",
                  item->hidden ? " checked" : "");
}

/* All folders, for the list of places to move to. */
static rs_status find_folders(struct exchange *x, struct catalog_items *out)
{
    struct service_list_children list = {.path = RS_TEXT("/"), .deep = true};

    RS_TRY(service_run(x->job, &x->caller, &service_list_children, &list));
    for (size_t i = 0; i < list.items.count; i++)
        if (list.items.items[i].kind == CATALOG_FOLDER)
            rs_vec_push(x->job, out, list.items.items[i]);
    return RS_OK;
}

static bool is_below(rs_text path, rs_text folder)
{
    return rs_text_starts(path, folder) && (path.size == folder.size || path.bytes[folder.size] == '/');
}

static rs_status write_move(rs_buf *out, struct exchange *x, const struct catalog_item *item)
{
    struct catalog_items folders = {0};
    rs_text folder, name;

    RS_TRY(find_folders(x, &folders));
    catalog_path_split(item->path, &folder, &name);
    rs_buf_add_literal(out, "<section class=\"card\" id=\"move\"><h2>Move or rename</h2>");
    portal_form_begin(out, x, "move", item->path, "class=\"stack\"");
    rs_buf_add_literal(out, "<label>Name <input name=\"name\" required maxlength=\"200\" autocomplete=\"off\"");
    portal_attribute(out, "value", name);
    rs_buf_add_literal(out, "></label><label>Folder <select name=\"folder\">");
    rs_buf_printf(out, "<option value=\"/\"%s>Home</option>", folder.size == 1 ? " selected" : "");
    for (size_t i = 0; i < folders.count; i++) {
        rs_text path = folders.items[i].path;
        if (is_below(path, item->path))
            continue;
        rs_buf_add_literal(out, "<option");
        portal_attribute(out, "value", path);
        rs_buf_add(out, rs_text_equal(path, folder) ? RS_TEXT(" selected>") : RS_TEXT(">"));
        portal_text(out, path);
        rs_buf_add_literal(out, "</option>");
    }
    rs_buf_add_literal(out, "</select></label><button type=\"submit\" class=\"button\">Move</button></form></section>");
    return RS_OK;
}

static void write_delete(rs_buf *out, struct exchange *x, const struct catalog_item *item)
{
    rs_buf_add_literal(out, "<section class=\"card\"><h2>Delete</h2>");
    portal_form_begin(out, x, "delete", item->path, "class=\"stack\" data-confirm");
    rs_buf_printf(out, "<p class=\"quiet\">%s</p><button type=\"submit\" class=\"button danger\"",
                  item->kind == CATALOG_FOLDER ? "The folder goes with everything in it. This cannot be undone."
                                               : "This cannot be undone.");
    portal_attribute(out, "data-name", item->name);
    rs_buf_add_literal(out, ">Delete</button></form></section>");
}

/* ---- data sources -------------------------------------------------------------------------------- */

static rs_status find_data_sources(struct exchange *x, struct catalog_items *out)
{
    struct service_list_children list = {.path = RS_TEXT("/"), .deep = true};

    RS_TRY(service_run(x->job, &x->caller, &service_list_children, &list));
    for (size_t i = 0; i < list.items.count; i++)
        if (list.items.items[i].kind == CATALOG_DATA_SOURCE)
            rs_vec_push(x->job, out, list.items.items[i]);
    return RS_OK;
}

static void write_binding(rs_buf *out, const struct catalog_reference *reference, const struct catalog_items *sources)
{
    rs_buf_add_literal(out, "<label>");
    portal_text(out, reference->name);
    rs_buf_add_literal(out, " <select");
    portal_attribute(out, "name", rs_text_format(out->job, "source:%.*s", RS_TEXT_ARG(reference->name)));
    rs_buf_add_literal(out, ">");
    if (!reference->target)
        rs_buf_add_literal(out, "<option value=\"\" selected>Not bound</option>");
    for (size_t i = 0; i < sources->count; i++) {
        bool is_bound = reference->target && reference->target->number == sources->items[i].number;
        rs_buf_add_literal(out, "<option");
        portal_attribute(out, "value", sources->items[i].path);
        rs_buf_add(out, is_bound ? RS_TEXT(" selected>") : RS_TEXT(">"));
        portal_text(out, sources->items[i].path);
        rs_buf_add_literal(out, "</option>");
    }
    rs_buf_add_literal(out, "</select></label>");
}

static rs_status write_bindings(rs_buf *out, struct exchange *x, const struct catalog_item *item)
{
    struct service_item_references call = {.path = item->path};
    struct catalog_items sources = {0};

    RS_TRY(service_run(x->job, &x->caller, &service_get_item_references, &call));
    if (call.references.count == 0)
        return RS_OK;
    RS_TRY(find_data_sources(x, &sources));
    rs_buf_add_literal(out, "<section class=\"card\"><h2>Shared data sources</h2>");
    portal_form_begin(out, x, "bind", item->path, "class=\"stack\"");
    for (size_t i = 0; i < call.references.count; i++)
        write_binding(out, &call.references.items[i], &sources);
    rs_buf_add_literal(out, "<button type=\"submit\" class=\"button\">Save</button></form></section>");
    return RS_OK;
}

void portal_connection_fields(rs_buf *out, const struct data_source_definition *definition)
{
    rs_buf_add_literal(out, "<label>Type <input name=\"extension\" required list=\"data-extensions\" autocomplete=\"off\"");
    portal_attribute(out, "value", definition ? definition->extension : (rs_text){0});
    rs_buf_add_literal(out, "></label><datalist id=\"data-extensions\">");
    for (size_t i = 0; i < data_provider_name_count; i++)
        if (data_provider_names[i].is_offered) {
            rs_buf_add_literal(out, "<option");
            portal_attribute(out, "value", rs_text_from(data_provider_names[i].name));
            rs_buf_add_literal(out, ">");
        }
    rs_buf_add_literal(out, "</datalist><label>Connection string <textarea name=\"connection\" rows=\"3\" "
                            "spellcheck=\"false\">\n");
    portal_text(out, definition ? definition->connect_string : (rs_text){0});
    rs_buf_add_literal(out, "</textarea></label><label>User <input name=\"user\" maxlength=\"200\" autocomplete=\"off\"");
    portal_attribute(out, "value", definition ? definition->user : (rs_text){0});
    rs_buf_printf(out, "></label><label>Password <input name=\"password\" type=\"password\" maxlength=\"1000\" autocomplete=\"new-password\""
                       " placeholder=\"%s\"></label>", definition && definition->user.size ? "unchanged" : "");
    rs_buf_printf(out, "<label class=\"check\"><input type=\"checkbox\" name=\"enabled\" value=\"true\"%s> "
                       "Enabled</label>",
                  !definition || definition->enabled ? " checked" : "");
}

static rs_status write_data_source(rs_buf *out, struct exchange *x, const struct service_get_item *item)
{
    struct service_get_data_source call = {.path = item->item->path};
    const struct data_source_definition *definition = &call.definition;

    RS_TRY(service_run(x->job, &x->caller, &service_get_data_source_contents, &call));
    rs_buf_add_literal(out, "<section class=\"card\"><h2>Connection</h2>");
    if (item->permissions & AUTH_UPDATE_CONTENT) {
        portal_form_begin(out, x, "connect", call.path, "class=\"stack\"");
        portal_connection_fields(out, definition);
        rs_buf_add_literal(out, "<button type=\"submit\" class=\"button primary\">Save</button></form></section>");
        return RS_OK;
    }
    rs_buf_add_literal(out, "<dl>");
    write_fact(out, "Type", definition->extension);
    write_fact(out, "Connection string", definition->connect_string);
    write_fact(out, "Credentials", rs_text_from(data_source_credentials_name(definition->credentials)));
    write_fact(out, "Enabled", definition->enabled ? RS_TEXT("Yes") : RS_TEXT("No"));
    rs_buf_add_literal(out, "</dl></section>");
    return RS_OK;
}

/* ---- the page ------------------------------------------------------------------------------------ */

static void write_open_links(rs_buf *out, struct exchange *x, const struct service_get_item *call)
{
    const struct catalog_item *item = call->item;

    if (item->kind == CATALOG_REPORT || item->kind == CATALOG_RESOURCE || item->kind == CATALOG_FOLDER) {
        rs_buf_add_literal(out, "<a class=\"button primary\" href=\"");
        portal_address(out, x, portal_view_of(item->kind), item->path);
        rs_buf_printf(out, "\">%s</a>", item->kind == CATALOG_REPORT ? "Run" : "Open");
    }
    if (item->kind != CATALOG_FOLDER && (call->permissions & AUTH_READ_CONTENT) &&
        (item->kind != CATALOG_REPORT || (call->permissions & AUTH_READ_DEFINITION))) {
        rs_buf_add_literal(out, "<a class=\"button\" download href=\"");
        portal_address(out, x, "download", item->path);
        rs_buf_add_literal(out, "\">Download</a>");
    }
}

static rs_status write_sections(rs_buf *out, struct exchange *x, const struct service_get_item *call)
{
    const struct catalog_item *item = call->item;
    bool is_root = item->path.size <= 1;

    write_facts(out, item);
    if (item->kind == CATALOG_DATA_SOURCE)
        RS_TRY(write_data_source(out, x, call));
    if (call->permissions & AUTH_UPDATE_PROPERTIES)
        write_settings(out, x, item);
    if (item->kind == CATALOG_REPORT && (call->permissions & AUTH_UPDATE_CONTENT))
        RS_TRY(write_bindings(out, x, item));
    if ((call->permissions & AUTH_DELETE) && !is_root) {
        RS_TRY(write_move(out, x, item));
        write_delete(out, x, item);
    }
    return RS_OK;
}

rs_status portal_manage(struct exchange *x, rs_text path)
{
    struct service_get_item call = {.path = path};
    struct portal_page page = {.x = x};
    rs_buf out = rs_buf_in(x->job);

    RS_TRY(service_run(x->job, &x->caller, &service_get_item, &call));
    page.path = call.item->path;
    page.title = call.item->path.size > 1 ? call.item->name : RS_TEXT("Home");
    portal_page_begin(&out, &page);
    rs_buf_add_literal(&out, "<div class=\"heading\"><h1>");
    portal_icon(&out, call.item->kind);
    portal_text(&out, page.title);
    rs_buf_add_literal(&out, "</h1><div class=\"actions\">");
    write_open_links(&out, x, &call);
    rs_buf_add_literal(&out, "</div></div><div class=\"cards\">");
    RS_TRY(write_sections(&out, x, &call));
    rs_buf_add_literal(&out, "</div>");
    portal_page_end(&out, &page);
    return portal_page_send(&page, 200, &out);
}
