/* GetItemDataSources, SetItemDataSources: where a report gets its data from. */
#include "web/soap/operations.h"

static void write_source(const struct soap_call *call, const struct service_item_data_source *source)
{
    xml_open(call->answer, "DataSource");
    xml_write_element(call->answer, "Name", source->name);
    if (!source->is_shared) {
        soap_write_data_source(call, "DataSourceDefinition", &source->definition, source->is_expression);
    } else if (source->path.size > 0) {
        xml_open(call->answer, "DataSourceReference");
        xml_write_element(call->answer, "Reference", source->path);
        xml_close(call->answer);
    } else {
        xml_open(call->answer, "InvalidDataSourceReference");
        xml_close(call->answer);
    }
    xml_close(call->answer);
}

rs_status soap_get_item_data_sources(struct soap_call *call)
{
    struct service_item_data_sources get = {0};

    RS_TRY(soap_text(call, 0, &get.path));
    RS_TRY(soap_run(call, &service_get_item_data_sources, &get));
    xml_open(call->answer, soap_result(call, 0));
    for (size_t i = 0; i < get.sources.count; i++)
        write_source(call, &get.sources.items[i]);
    xml_close(call->answer);
    return RS_OK;
}

/* ---- setting ------------------------------------------------------------------------------------- */

static const struct service_item_data_source *source_of(const struct service_data_sources *sources, rs_text name)
{
    for (size_t i = 0; i < sources->count; i++)
        if (rs_text_equal(sources->items[i].name, name))
            return &sources->items[i];
    return NULL;
}

/* Scripts send back what they got, with one of several changed: a definition that says what the report's own says is no change. */
static rs_status check_definition(struct rs_job *job, const struct xml_node *node, const struct service_item_data_source *source)
{
    if (!source->is_shared && rs_text_equal(rs_text_trim(xml_child_text(node, "Extension")), source->definition.extension) &&
        rs_text_equal(rs_text_trim(xml_child_text(node, "ConnectString")), source->definition.connect_string))
        return RS_OK;
    return rs_fail(job, RS_UNSUPPORTED, "the data source '%.*s' cannot be given a definition of its own; a shared data source can be "
                   "set, and the report's own definitions are changed with the report", RS_TEXT_ARG(source->name));
}

static rs_status read_source(struct rs_job *job, const struct xml_node *node, const struct service_data_sources *known,
                             struct catalog_references *out)
{
    const struct xml_node *name = soap_child(node, "Name"), *reference = soap_child(node, "DataSourceReference"),
                          *definition = soap_child(node, "DataSourceDefinition"), *path;
    const struct service_item_data_source *source;

    if (!name)
        return rs_fail(job, SOAP_ELEMENT_MISSING, "a DataSource has no Name");
    source = source_of(known, name->text);
    if (!source)
        return rs_fail(job, SERVICE_DATA_SOURCE_UNKNOWN, "the report has no data source '%.*s'",
                       RS_TEXT_ARG(rs_text_slice(name->text, 0, 100)));
    if (definition)
        return check_definition(job, definition, source);
    if (!reference)
        return RS_OK; /* an invalid one: it stays as it is */
    path = soap_child(reference, "Reference");
    if (!path)
        return rs_fail(job, SOAP_ELEMENT_MISSING, "the DataSourceReference of '%.*s' has no Reference", RS_TEXT_ARG(source->name));
    if (!source->is_shared)
        return rs_fail(job, RS_UNSUPPORTED, "the data source '%.*s' is defined in the report itself and cannot be set to a shared one",
                       RS_TEXT_ARG(source->name));
    rs_vec_push(job, out, (struct catalog_reference){.name = source->name, .path = path->text});
    return RS_OK;
}

rs_status soap_set_item_data_sources(struct soap_call *call)
{
    const struct xml_node *list = soap_argument(call, 1);
    struct service_item_data_sources known = {0};
    struct service_item_references set = {0};

    if (!list)
        return rs_fail(call->x->job, SOAP_MISSING, "the required parameter '%s' is missing", call->operation->takes[1].name);
    RS_TRY(soap_text(call, 0, &known.path));
    RS_TRY(soap_run(call, &service_get_item_data_sources, &known));
    xml_each_child(node, list)
        RS_TRY(read_source(call->x->job, node, &known.sources, &set.references));
    set.path = known.path;
    return soap_run(call, &service_set_item_references, &set);
}
