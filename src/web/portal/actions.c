#include "web/portal/views.h"

#include "store/catalog/name.h"
#include "web/portal/page.h"

/* Each answers a form of ours and leads to a page (303), so that reloading does not do it twice. */

static rs_text field(const struct exchange *x, const char *name)
{
    return rs_text_trim(exchange_pair_value(&x->form, name));
}

static rs_text folder_of(rs_text path)
{
    rs_text folder, name;

    catalog_path_split(path, &folder, &name);
    return folder;
}

static rs_status new_folder(struct exchange *x)
{
    struct service_create_folder call = {
        .path = catalog_path_join(x->job, field(x, "path"), field(x, "name")),
        .description = field(x, "description"),
    };

    RS_TRY(catalog_name_check(x->job, field(x, "name")));
    RS_TRY(service_run(x->job, &x->caller, &service_create_folder, &call));
    return exchange_redirect(x, portal_location(x, "browse", folder_of(call.item->path), "?done=created"));
}

static rs_status delete_item(struct exchange *x)
{
    struct service_delete_item call = {.path = field(x, "path")};

    RS_TRY(service_run(x->job, &x->caller, &service_delete_item, &call));
    return exchange_redirect(x, portal_location(x, "browse", folder_of(call.path), "?done=deleted"));
}

static rs_status move_item(struct exchange *x)
{
    struct service_move_item call = {
        .path = field(x, "path"),
        .new_path = catalog_path_join(x->job, field(x, "folder"), field(x, "name")),
    };

    RS_TRY(catalog_name_check(x->job, field(x, "name")));
    RS_TRY(service_run(x->job, &x->caller, &service_move_item, &call));
    return exchange_redirect(x, portal_location(x, "browse", folder_of(call.new_path), "?done=moved"));
}

static rs_status save(struct exchange *x)
{
    rs_text description = field(x, "description"), mime = field(x, "mime");
    bool hidden = exchange_pair_find(&x->form, "hidden") != NULL;
    struct service_set_properties call = {
        .path = field(x, "path"),
        .description = &description,
        .hidden = &hidden,
        .mime_type = mime.size > 0 ? &mime : NULL,
    };

    RS_TRY(service_run(x->job, &x->caller, &service_set_properties, &call));
    return exchange_redirect(x, portal_location(x, "browse", folder_of(call.path), "?done=saved"));
}

/* Fields "source:NAME" with the path of a data source; empty ones stay unbound. */
static rs_status bind_sources(struct exchange *x)
{
    struct service_item_references call = {.path = field(x, "path")};

    for (size_t i = 0; i < x->form.count; i++) {
        const struct exchange_pair *pair = &x->form.items[i];
        if (!rs_text_starts(pair->name, RS_TEXT("source:")) || pair->value.size == 0)
            continue;
        rs_vec_push(x->job, &call.references,
                    (struct catalog_reference){.name = rs_text_from_offset(pair->name, 7), .path = pair->value});
    }
    RS_TRY(service_run(x->job, &x->caller, &service_set_item_references, &call));
    return exchange_redirect(x, portal_location(x, "browse", folder_of(call.path), "?done=saved"));
}

/* The content of a data source from the fields of portal_connection_fields. */
static rs_text definition_of(struct exchange *x, struct data_source_definition definition)
{
    rs_buf out = rs_buf_in(x->job);

    definition.extension = field(x, "extension");
    definition.connect_string = field(x, "connection");
    definition.user = field(x, "user");
    if (definition.user.size)
        definition.credentials = DATA_SOURCE_STORE;
    else if (definition.credentials == DATA_SOURCE_STORE)
        definition.credentials = DATA_SOURCE_NONE;
    definition.enabled = exchange_pair_find(&x->form, "enabled") != NULL;
    data_source_write(&out, &definition);
    return rs_buf_text(&out);
}

static rs_status new_data_source(struct exchange *x)
{
    struct service_create_data_source call = {
        .path = catalog_path_join(x->job, field(x, "path"), field(x, "name")),
        .content = definition_of(x, (struct data_source_definition){.enabled = true}),
        .user = field(x, "user"),
        .password = field(x, "password"),
    };

    RS_TRY(catalog_name_check(x->job, field(x, "name")));
    RS_TRY(service_run(x->job, &x->caller, &service_create_data_source, &call));
    return exchange_redirect(x, portal_location(x, "browse", folder_of(call.item->path), "?done=source"));
}

/* What the form does not show (credentials, prompt) stays. */
static rs_status connect_source(struct exchange *x)
{
    struct service_get_data_source get = {.path = field(x, "path")};
    struct service_create_data_source set = {.path = get.path, .overwrite = true};

    RS_TRY(service_run(x->job, &x->caller, &service_get_data_source_contents, &get));
    set.content = definition_of(x, get.definition);
    set.user = field(x, "user");
    set.password = field(x, "password");
    RS_TRY(service_run(x->job, &x->caller, &service_create_data_source, &set));
    return exchange_redirect(x, portal_location(x, "browse", folder_of(set.item->path), "?done=saved"));
}

static const struct {
    const char *name;
    rs_status (*run)(struct exchange *x);
} actions[] = {
    {"upload", portal_upload}, {"new-folder", new_folder}, {"delete", delete_item},
    {"move", move_item},       {"save", save},             {"bind", bind_sources},
    {"new-source", new_data_source}, {"connect", connect_source},
};

rs_status portal_do(struct exchange *x, rs_text path)
{
    rs_text name = rs_text_from_offset(path, 1);

    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        if (rs_text_equal(name, rs_text_from(actions[i].name))) {
            RS_TRY(exchange_read_form(x));
            RS_TRY(exchange_check_form(x));
            return actions[i].run(x);
        }
    return rs_fail(x->job, RS_NOT_FOUND, "there is no action \"%.*s\"", RS_TEXT_ARG(rs_text_slice(name, 0, 80)));
}
