/* GetItemDefinition, SetItemDefinition, CreateCatalogItem and what stands for them in 2005: the bytes of items, and what is said
 * of them. */
#include "web/soap/operations.h"

void soap_give_warnings(const struct soap_call *call, size_t place, const struct service_warnings *warnings)
{
    if (!soap_result(call, place) || warnings->count == 0)
        return;
    xml_open(call->answer, soap_result(call, place));
    for (size_t i = 0; i < warnings->count; i++) {
        const struct service_warning *warning = &warnings->items[i];
        xml_open(call->answer, "Warning");
        xml_write_element(call->answer, "Code", warning->code);
        xml_write_element(call->answer, "Severity", warning->severity);
        xml_write_element(call->answer, "ObjectName", warning->object_name);
        xml_write_element(call->answer, "ObjectType", warning->object_type);
        xml_write_element(call->answer, "Message", warning->message);
        xml_close(call->answer);
    }
    xml_close(call->answer);
}

rs_status soap_get_item_definition(struct soap_call *call)
{
    struct service_get_content get = {0};

    RS_TRY(soap_text(call, 0, &get.path));
    RS_TRY(service_content(call->x->job, &call->x->caller, &get));
    return soap_give_bytes(call, 0, get.content);
}

rs_status soap_set_item_definition(struct soap_call *call)
{
    struct service_set_item_definition set = {0};
    struct service_set_properties given;

    RS_TRY(soap_text(call, 0, &set.path));
    RS_TRY(soap_bytes(call, 1, &set.content));
    RS_TRY(soap_properties_read(call, 2, &given));
    RS_TRY(soap_run(call, &service_set_item_definition, &set));
    RS_TRY(soap_properties_apply(call, set.path, &given));
    soap_give_warnings(call, 0, &set.warnings);
    return RS_OK;
}

/* ---- CreateCatalogItem --------------------------------------------------------------------------- */

struct creation {
    rs_text path, content;
    bool overwrite;
    struct service_set_properties given;
    /* results */
    struct catalog_item *item;
    bool replaced;
    struct service_warnings warnings;
};

static rs_status create_published(const struct soap_call *call, const struct service_op *op, struct creation *c)
{
    struct service_create_report create = {.path = c->path, .content = c->content, .overwrite = c->overwrite,
                                           .description = soap_description_of(&c->given), .hidden = soap_hidden_of(&c->given)};

    RS_TRY(soap_run(call, op, &create));
    c->item = create.item;
    c->replaced = create.replaced;
    c->warnings = create.warnings;
    return RS_OK;
}

static rs_status create_data_source(const struct soap_call *call, const struct service_op *op, struct creation *c)
{
    struct service_create_data_source create = {.path = c->path, .content = c->content, .overwrite = c->overwrite,
                                                .description = soap_description_of(&c->given),
                                                .hidden = soap_hidden_of(&c->given)};

    RS_TRY(soap_run(call, op, &create));
    c->item = create.item;
    c->replaced = create.replaced;
    return RS_OK;
}

static rs_status create_resource(const struct soap_call *call, const struct service_op *op, struct creation *c)
{
    struct service_create_resource create = {.path = c->path, .content = c->content, .overwrite = c->overwrite,
                                             .mime_type = c->given.mime_type ? *c->given.mime_type : RS_TEXT(""),
                                             .description = soap_description_of(&c->given), .hidden = soap_hidden_of(&c->given)};

    RS_TRY(soap_run(call, op, &create));
    c->item = create.item;
    c->replaced = create.replaced;
    return RS_OK;
}

enum { CREATE_REPORT, CREATE_DATA_SET, CREATE_DATA_SOURCE, CREATE_RESOURCE };

static const struct creator {
    const char *type;
    const struct service_op *op;
    rs_status (*create)(const struct soap_call *call, const struct service_op *op, struct creation *c);
} creators[] = {
    [CREATE_REPORT] = {"Report", &service_create_report, create_published},
    [CREATE_DATA_SET] = {"DataSet", &service_create_data_set, create_published},
    [CREATE_DATA_SOURCE] = {"DataSource", &service_create_data_source, create_data_source},
    [CREATE_RESOURCE] = {"Resource", &service_create_resource, create_resource},
};

static rs_status creator_of(struct rs_job *job, rs_text type, const struct creator **out)
{
    for (size_t i = 0; i < sizeof creators / sizeof creators[0]; i++)
        if (rs_text_equal_nocase(type, rs_text_from(creators[i].type))) {
            *out = &creators[i];
            return RS_OK;
        }
    return rs_fail(job, RS_INVALID, "an item of type '%.*s' cannot be created so; Report, DataSet, DataSource and Resource can",
                   RS_TEXT_ARG(rs_text_slice(type, 0, 40)));
}

/* What was given is set on an item that was there before too; what was not stays. */
static rs_status create(const struct soap_call *call, const struct creator *creator, struct creation *c)
{
    struct service_get_item again;

    if (c->given.mime_type && creator->op != &service_create_resource)
        return rs_fail(call->x->job, CATALOG_WRONG_KIND, "only a resource has a MimeType; this is a %s", creator->type);
    RS_TRY(creator->create(call, creator->op, c));
    if (!c->replaced)
        return RS_OK;
    RS_TRY(soap_properties_apply(call, c->path, &c->given));
    again = (struct service_get_item){.path = c->path};
    RS_TRY(soap_run(call, &service_get_item, &again));
    c->item = again.item;
    return RS_OK;
}

/* Name, Parent, Overwrite, Definition stand in this order from `first` on. */
static rs_status read_creation(const struct soap_call *call, size_t first, size_t properties, struct creation *out)
{
    RS_TRY(soap_new_path(call, first + 1, first, &out->path));
    RS_TRY(soap_flag(call, first + 2, &out->overwrite));
    RS_TRY(soap_bytes(call, first + 3, &out->content));
    return soap_properties_read(call, properties, &out->given);
}

rs_status soap_create_catalog_item(struct soap_call *call)
{
    const struct creator *creator;
    struct creation c = {0};
    rs_text type;

    RS_TRY(soap_text(call, 0, &type));
    RS_TRY(creator_of(call->x->job, rs_text_trim(type), &creator));
    RS_TRY(read_creation(call, 1, 5, &c));
    RS_TRY(create(call, creator, &c));
    soap_give_item(call, 0, c.item);
    soap_give_warnings(call, 1, &c.warnings);
    return RS_OK;
}

/* ---- 2005: one operation for each kind ----------------------------------------------------------- */

rs_status soap_create_report(struct soap_call *call)
{
    struct creation c = {0};

    RS_TRY(read_creation(call, 0, 4, &c));
    RS_TRY(create(call, &creators[CREATE_REPORT], &c));
    soap_give_warnings(call, 0, &c.warnings);
    return RS_OK;
}

rs_status soap_create_resource(struct soap_call *call)
{
    const struct xml_node *mime_type = soap_argument(call, 4);
    struct creation c = {0};

    RS_TRY(read_creation(call, 0, 5, &c));
    if (mime_type)
        c.given.mime_type = &mime_type->text;
    return create(call, &creators[CREATE_RESOURCE], &c);
}

static rs_status give_content(struct soap_call *call, const struct service_op *op)
{
    struct service_get_content get = {0};

    RS_TRY(soap_text(call, 0, &get.path));
    RS_TRY(soap_run(call, op, &get));
    RS_TRY(soap_give_bytes(call, 0, get.content));
    soap_give(call, 1, get.item->mime_type);
    return RS_OK;
}

rs_status soap_get_report_definition(struct soap_call *call)
{
    return give_content(call, &service_get_item_definition);
}

rs_status soap_get_resource_contents(struct soap_call *call)
{
    return give_content(call, &service_get_resource_contents);
}

/* SetItemDefinition of 2010 takes every kind; each of these takes one. */
static rs_status set_content(struct soap_call *call, enum catalog_kind kind, struct service_set_properties *given)
{
    struct service_set_item_definition set = {0};
    struct service_get_item known = {0};

    RS_TRY(soap_text(call, 0, &set.path));
    RS_TRY(soap_bytes(call, 1, &set.content));
    known.path = set.path;
    RS_TRY(soap_run(call, &service_get_item, &known));
    if (known.item->kind != kind)
        return rs_fail(call->x->job, CATALOG_WRONG_KIND, "the operation %s does not fit '%.*s', which is a %s", call->operation->name,
                       RS_TEXT_ARG(known.item->path), catalog_kind_name(known.item->kind));
    RS_TRY(soap_run(call, &service_set_item_definition, &set));
    RS_TRY(soap_properties_apply(call, set.path, given));
    soap_give_warnings(call, 0, &set.warnings);
    return RS_OK;
}

rs_status soap_set_report_definition(struct soap_call *call)
{
    return set_content(call, CATALOG_REPORT, &(struct service_set_properties){0});
}

rs_status soap_set_resource_contents(struct soap_call *call)
{
    const struct xml_node *mime_type = soap_argument(call, 2);

    return set_content(call, CATALOG_RESOURCE, &(struct service_set_properties){.mime_type = mime_type ? &mime_type->text : NULL});
}
