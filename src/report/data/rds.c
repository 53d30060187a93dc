#include "report/data/rds.h"

#include "format/xml/parse.h"

static bool is_true(rs_text t)
{
    return rs_text_equal_nocase(rs_text_trim(t), RS_TEXT("true"));
}

rs_status data_rds_read(struct rs_job *job, rs_text bytes, struct data_rds *out)
{
    struct xml_options options = {.size_max = DATA_RDS_MAX, .tolerant = true};
    struct xml_document *document;
    const struct xml_node *root, *properties;
    const struct xml_attribute *name;

    RS_TRY(xml_parse(job, bytes, &options, &document));
    root = properties = document->root;
    if (xml_is(root, "RptDataSource"))
        properties = xml_child(root, "ConnectionProperties");
    else if (!xml_is(root, "DataSourceDefinition"))
        return rs_fail(job, DATA_SOURCE_INVALID,
                       "line %u: the root element is %.*s; a shared data source has RptDataSource or DataSourceDefinition",
                       root->line, RS_TEXT_ARG(root->name));
    if (!properties)
        return rs_fail(job, DATA_SOURCE_INVALID, "line %u: ConnectionProperties is missing", root->line);
    name = xml_attribute(root, "Name");
    *out = (struct data_rds){
        .name = name ? name->value : RS_TEXT(""),
        .provider = rs_text_trim(xml_child_text(properties, "Extension")),
        .connect_string = rs_text_trim(xml_child_text(properties, "ConnectString")),
        .integrated_security = is_true(xml_child_text(properties, "IntegratedSecurity")),
        .enabled = !xml_child(properties, "Enabled") || is_true(xml_child_text(properties, "Enabled")),
        .prompt = rs_text_trim(xml_child_text(properties, "Prompt")),
    };
    if (out->provider.size == 0)
        return rs_fail(job, DATA_SOURCE_INVALID, "line %u: Extension, the name of the data provider, is missing",
                       properties->line);
    return RS_OK;
}
