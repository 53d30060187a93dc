/* GetItemType, ListChildren, CreateFolder, MoveItem, DeleteItem: items as they are, whatever is in them. */
#include "web/soap/operations.h"

#include "service/ops/properties.h"

/* ---- items in answers ---------------------------------------------------------------------------- */

/* A member is the property of its name; 2010 calls Type TypeName, since it is no enumeration any more. */
static const struct service_property *property_of(const struct soap_part *part)
{
    return service_property_find(strcmp(part->name, "TypeName") == 0 ? RS_TEXT("Type") : rs_text_from(part->name));
}

/* Kinds that came after an enumeration was made are its first word, "Unknown". */
static rs_text word_of(const struct soap_type *type, rs_text text)
{
    for (size_t i = 0; type->words[i]; i++)
        if (rs_text_equal(text, rs_text_from(type->words[i])))
            return text;
    return rs_text_from(type->words[0]);
}

void soap_write_item(const struct soap_call *call, const char *name, const struct catalog_item *item)
{
    struct rs_job *job = call->x->job;

    xml_open(call->answer, name);
    for (const struct soap_part *part = call->endpoint->item->parts; part->name; part++) {
        const struct service_property *property = property_of(part);
        rs_text text = property ? service_property_text(job, property, item) : (rs_text){NULL, 0};
        if (!text.bytes)
            continue;
        if (part->type == &soap_boolean)
            text = soap_boolean_text(rs_text_equal(text, RS_TEXT("True")));
        else if (part->type->kind == SOAP_WORDS)
            text = word_of(part->type, text);
        xml_write_element(call->answer, part->name, text);
    }
    xml_close(call->answer);
}

void soap_give_item(const struct soap_call *call, size_t place, const struct catalog_item *item)
{
    if (soap_result(call, place))
        soap_write_item(call, soap_result(call, place), item);
}

void soap_give_items(const struct soap_call *call, size_t place, const struct catalog_items *items)
{
    xml_open(call->answer, soap_result(call, place));
    for (size_t i = 0; i < items->count; i++)
        soap_write_item(call, "CatalogItem", &items->items[i]);
    xml_close(call->answer);
}

/* ---- the operations ------------------------------------------------------------------------------ */

/* Of what is not there it is "Unknown", and no fault: scripts ask so whether they are to create it. */
rs_status soap_get_item_type(struct soap_call *call)
{
    struct rs_job *job = call->x->job;
    const struct soap_type *type = call->operation->gives[0].type;
    struct service_get_item get = {0};
    rs_text word = RS_TEXT("Unknown");

    RS_TRY(soap_text(call, 0, &get.path));
    if (soap_run(call, &service_get_item, &get) == RS_OK)
        word = rs_text_from(catalog_kind_name(get.item->kind));
    else if (rs_job_status(job) != RS_NOT_FOUND)
        return rs_job_status(job);
    else
        rs_job_forgive(job);
    soap_give(call, 0, type->kind == SOAP_WORDS ? word_of(type, word) : word);
    return RS_OK;
}

rs_status soap_list_children(struct soap_call *call)
{
    struct service_list_children list = {0};

    RS_TRY(soap_text(call, 0, &list.path));
    RS_TRY(soap_flag(call, 1, &list.deep));
    RS_TRY(soap_run(call, &service_list_children, &list));
    soap_give_items(call, 0, &list.items);
    return RS_OK;
}

rs_status soap_create_folder(struct soap_call *call)
{
    struct service_set_properties given;
    struct service_create_folder create = {0};

    RS_TRY(soap_new_path(call, 1, 0, &create.path));
    RS_TRY(soap_properties_read(call, 2, &given));
    create.description = soap_description_of(&given);
    create.hidden = soap_hidden_of(&given);
    RS_TRY(soap_run(call, &service_create_folder, &create));
    soap_give_item(call, 0, create.item);
    return RS_OK;
}

rs_status soap_move_item(struct soap_call *call)
{
    struct service_move_item move = {0};

    RS_TRY(soap_text(call, 0, &move.path));
    RS_TRY(soap_text(call, 1, &move.new_path));
    return soap_run(call, &service_move_item, &move);
}

rs_status soap_delete_item(struct soap_call *call)
{
    struct service_delete_item delete = {0};

    RS_TRY(soap_text(call, 0, &delete.path));
    return soap_run(call, &service_delete_item, &delete);
}
