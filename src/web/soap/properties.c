/* GetProperties, SetProperties; properties as arguments of what creates items. */
#include "web/soap/operations.h"

#include "service/ops/properties.h"

/* ---- setting ------------------------------------------------------------------------------------- */

static rs_status refuse(struct rs_job *job, const struct service_property *property, rs_text name)
{
    if (property)
        return rs_fail(job, SERVICE_PROPERTY_READ_ONLY, "the property '%s' cannot be set; Description, Hidden and the MimeType of a "
                       "resource can", property->name);
    return rs_fail(job, RS_UNSUPPORTED, "the property '%.*s' is not kept by this version; Description, Hidden and the MimeType of a "
                   "resource are", RS_TEXT_ARG(rs_text_slice(name, 0, 100)));
}

/* Null is what stands there when nothing was set. */
static rs_status read_one(struct rs_job *job, const struct xml_node *node, struct service_set_properties *out)
{
    const struct xml_node *name = soap_child(node, "Name"), *value = soap_child(node, "Value");
    const struct service_property *property;
    rs_text *text = RS_NEW(job, rs_text);
    bool *truth = RS_NEW(job, bool);

    if (!name)
        return rs_fail(job, SOAP_ELEMENT_MISSING, "a Property has no Name");
    property = service_property_find(name->text);
    if (!property || !property->is_settable)
        return refuse(job, property, name->text);
    *text = value ? value->text : RS_TEXT("");
    if (property->kind == SERVICE_TRUTH) {
        RS_TRY(soap_boolean_parse(job, property->name, value ? value->text : RS_TEXT("false"), truth));
        out->hidden = truth;
    } else if (strcmp(property->name, "Description") == 0) {
        out->description = text;
    } else {
        out->mime_type = text;
    }
    return RS_OK;
}

rs_status soap_properties_read(const struct soap_call *call, size_t place, struct service_set_properties *out)
{
    const struct xml_node *list = soap_argument(call, place);

    *out = (struct service_set_properties){0};
    if (!list)
        return RS_OK;
    xml_each_child(node, list)
        if (xml_is(node, "Property"))
            RS_TRY(read_one(call->x->job, node, out));
    return RS_OK;
}

rs_text soap_description_of(const struct service_set_properties *given)
{
    return given->description ? *given->description : RS_TEXT("");
}

bool soap_hidden_of(const struct service_set_properties *given)
{
    return given->hidden && *given->hidden;
}

rs_status soap_properties_apply(const struct soap_call *call, rs_text path, struct service_set_properties *given)
{
    if (!given->description && !given->hidden && !given->mime_type)
        return RS_OK;
    given->path = path;
    return soap_run(call, &service_set_properties, given);
}

rs_status soap_set_properties(struct soap_call *call)
{
    struct service_set_properties set;
    rs_text path;

    RS_TRY(soap_text(call, 0, &path));
    RS_TRY(soap_properties_read(call, 1, &set));
    set.path = path;
    return soap_run(call, &service_set_properties, &set);
}

/* ---- getting ------------------------------------------------------------------------------------- */

/* With the header ItemNamespace=GUIDBased the item is named by its ID. */
static bool is_named_by_id(const struct soap_call *call)
{
    const struct xml_node *header = call->message->header;

    if (!header)
        return false;
    xml_each_child(child, header)
        if (xml_is(child, "ItemNamespaceHeader"))
            return rs_text_equal(rs_text_trim(xml_child_text(child, "ItemNamespace")), RS_TEXT("GUIDBased"));
    return false;
}

static rs_status path_of_id(const struct soap_call *call, rs_text id, rs_text *out)
{
    struct rs_job *job = call->x->job;
    struct catalog *catalog;
    struct catalog_item *item;

    RS_TRY(service_catalog(job, call->x->caller.service, &catalog));
    RS_TRY(catalog_find_id(job, catalog, id, &item));
    if (!item)
        return rs_fail(job, RS_NOT_FOUND, "the item '%.*s' cannot be found", RS_TEXT_ARG(rs_text_slice(id, 0, 100)));
    *out = item->path;
    return RS_OK;
}

static void write_property(const struct soap_call *call, const struct service_property *property, const struct catalog_item *item)
{
    rs_text text = service_property_text(call->x->job, property, item);

    if (!text.bytes)
        return;
    xml_open(call->answer, "Property");
    xml_write_element(call->answer, "Name", rs_text_from(property->name));
    xml_write_element(call->answer, "Value", text);
    xml_close(call->answer);
}

/* Those of the list that the item has; without a list all. */
static void write_properties(const struct soap_call *call, const struct xml_node *list, const struct catalog_item *item)
{
    bool any = false;

    for (const struct xml_node *node = list ? list->first_child : NULL; node; node = node->next) {
        const struct service_property *property = service_property_find(xml_child_text(node, "Name"));
        any = true;
        if (property)
            write_property(call, property, item);
    }
    for (size_t i = 0; !any && i < service_property_count; i++)
        write_property(call, &service_properties[i], item);
}

rs_status soap_get_properties(struct soap_call *call)
{
    struct service_get_item get = {0};

    RS_TRY(soap_text(call, 0, &get.path));
    if (is_named_by_id(call))
        RS_TRY(path_of_id(call, rs_text_trim(get.path), &get.path));
    RS_TRY(soap_run(call, &service_get_item, &get));
    xml_open(call->answer, soap_result(call, 0));
    write_properties(call, soap_argument(call, 1), get.item);
    xml_close(call->answer);
    return RS_OK;
}
