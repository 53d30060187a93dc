/* Items of a report server elsewhere, by SOAP: what every version of it has. */
#include "cli/report_place.h"

#include <limits.h>

#include "base/clock.h"
#include "cli/soap.h"
#include "format/escape/base64.h"
#include "report/value/date.h"
#include "service/ops/mime.h"

static void begin(struct report_place *place, struct cli_soap *call, const char *operation)
{
    cli_soap_begin(call, place->cli, place->data, operation);
}

static void add(struct cli_soap *call, const char *name, rs_text text)
{
    xml_write_element(&call->writer, name, text);
}

static void add_flag(struct cli_soap *call, const char *name, bool value)
{
    add(call, name, value ? RS_TEXT("true") : RS_TEXT("false"));
}

/* ---- looking --------------------------------------------------------------------------------------- */

#define TICKS_PER_MS 10000
#define EPOCH_TICKS INT64_C(621355968000000000) /* 1970-01-01, counted from 0001-01-01 */

/* A dateTime of XML Schema, in the server's zone, as the stamp that is shown everywhere here; as it came where it is none. */
static rs_text stamp_of(struct rs_job *job, rs_text text)
{
    char stamp[RS_CLOCK_STAMP_SIZE];
    int offset_minutes;
    int64_t ticks;

    if (!value_date_parse(text, NULL, &ticks, &offset_minutes))
        return text;
    if (offset_minutes != VALUE_NO_OFFSET)
        ticks -= (int64_t)offset_minutes * 60 * 1000 * TICKS_PER_MS;
    rs_clock_stamp((ticks - EPOCH_TICKS) / TICKS_PER_MS, stamp);
    return rs_text_copy(job, rs_text_from(stamp));
}

static rs_status list(struct report_place *place, rs_text path, bool deep, struct report_entries *out)
{
    struct rs_job *job = place->cli->job;
    const struct xml_node *response, *items;
    struct cli_soap call;

    begin(place, &call, "ListChildren");
    add(&call, "ItemPath", path);
    add_flag(&call, "Recursive", deep);
    RS_TRY(cli_soap_end(&call, &response));
    items = xml_child(response, "CatalogItems");
    for (const struct xml_node *item = items ? items->first_child : NULL; item; item = item->next) {
        struct report_entry *entry = rs_vec_add(job, out);
        *entry = (struct report_entry){
            .path = xml_child_text(item, "Path"),
            .kind = xml_child_text(item, "TypeName"),
            .modified = stamp_of(job, xml_child_text(item, "ModifiedDate")),
            .modified_by = xml_child_text(item, "ModifiedBy"),
        };
        if (xml_child(item, "Size") && !rs_parse_int64(xml_child_text(item, "Size"), &entry->size))
            return rs_fail(job, CLI_SERVER_FAILED, "the size of '%.*s' is no number", RS_TEXT_ARG(entry->path));
    }
    return RS_OK;
}

static rs_status read_item(struct report_place *place, rs_text path, rs_text *out)
{
    const struct xml_node *response;
    struct cli_soap call;

    begin(place, &call, "GetItemDefinition");
    add(&call, "ItemPath", path);
    RS_TRY(cli_soap_end(&call, &response));
    return escape_base64_parse(place->cli->job, xml_child_text(response, "Definition"), out);
}

static rs_status exists(struct report_place *place, rs_text path, bool *out)
{
    const struct xml_node *response;
    struct cli_soap call;

    begin(place, &call, "GetItemType");
    add(&call, "ItemPath", path);
    RS_TRY(cli_soap_end(&call, &response));
    *out = !rs_text_equal(xml_child_text(response, "Type"), RS_TEXT("Unknown"));
    return RS_OK;
}

/* ---- changing -------------------------------------------------------------------------------------- */

static rs_status make_folder(struct report_place *place, rs_text folder, rs_text name)
{
    const struct xml_node *response;
    struct cli_soap call;

    begin(place, &call, "CreateFolder");
    add(&call, "Folder", name);
    add(&call, "Parent", folder);
    return cli_soap_end(&call, &response);
}

static rs_status remove_item(struct report_place *place, rs_text path)
{
    const struct xml_node *response;
    struct cli_soap call;

    begin(place, &call, "DeleteItem");
    add(&call, "ItemPath", path);
    return cli_soap_end(&call, &response);
}

static void read_warnings(struct rs_job *job, const struct xml_node *response, struct service_warnings *out)
{
    const struct xml_node *list = xml_child(response, "Warnings");

    for (const struct xml_node *node = list ? list->first_child : NULL; node; node = node->next)
        rs_vec_push(job, out, (struct service_warning){
            .code = xml_child_text(node, "Code"),
            .severity = xml_child_text(node, "Severity"),
            .object_name = xml_child_text(node, "ObjectName"),
            .object_type = xml_child_text(node, "ObjectType"),
            .message = xml_child_text(node, "Message"),
        });
}

/* The MIME type of a resource goes along: servers do not know it of themselves. */
static rs_status publish_content(struct report_place *place, const struct report_file *file, struct service_warnings *warnings)
{
    const struct xml_node *response;
    struct cli_soap call;

    begin(place, &call, "CreateCatalogItem");
    add(&call, "ItemType", rs_text_from(catalog_kind_name(file->kind)));
    add(&call, "Name", file->name);
    add(&call, "Parent", file->folder);
    add_flag(&call, "Overwrite", file->overwrite);
    cli_soap_bytes(&call, "Definition", file->content);
    if (file->kind == CATALOG_RESOURCE) {
        xml_open(&call.writer, "Properties");
        xml_open(&call.writer, "Property");
        add(&call, "Name", RS_TEXT("MimeType"));
        add(&call, "Value", mime_type_of(file->name));
        xml_close(&call.writer);
        xml_close(&call.writer);
    }
    RS_TRY(cli_soap_end(&call, &response));
    read_warnings(place->cli->job, response, warnings);
    return RS_OK;
}

static rs_status publish_data_source(struct report_place *place, const struct report_file *file)
{
    struct data_source_definition definition;
    const struct xml_node *response;
    struct cli_soap call;

    RS_TRY(data_source_parse(place->cli->job, file->content, &definition));
    if (file->user.size > 0) {
        definition.credentials = DATA_SOURCE_STORE;
        definition.user = file->user;
        definition.password = file->password;
    }
    begin(place, &call, "CreateDataSource");
    add(&call, "DataSource", file->name);
    add(&call, "Parent", file->folder);
    add_flag(&call, "Overwrite", file->overwrite);
    xml_open(&call.writer, "Definition");
    add(&call, "Extension", definition.extension);
    add(&call, "ConnectString", definition.connect_string);
    add_flag(&call, "UseOriginalConnectString", false);
    add_flag(&call, "OriginalConnectStringExpressionBased", false);
    add(&call, "CredentialRetrieval", rs_text_from(data_source_credentials_name(definition.credentials)));
    add_flag(&call, "WindowsCredentials", definition.windows_credentials);
    add_flag(&call, "ImpersonateUser", definition.impersonate_user);
    if (definition.prompt.size > 0)
        add(&call, "Prompt", definition.prompt);
    if (definition.user.size > 0)
        add(&call, "UserName", definition.user);
    if (definition.password.size > 0)
        add(&call, "Password", definition.password);
    add_flag(&call, "Enabled", definition.enabled);
    xml_close(&call.writer);
    return cli_soap_end(&call, &response);
}

/* What creates does not tell whether it replaced: that is asked before. */
static rs_status publish(struct report_place *place, const struct report_file *file, bool *replaced, struct service_warnings *warnings)
{
    RS_TRY(exists(place, file->path, replaced));
    return file->kind == CATALOG_DATA_SOURCE ? publish_data_source(place, file) : publish_content(place, file, warnings);
}

rs_status report_place_elsewhere(struct cli *cli, struct report_place *out)
{
    struct cli_remote *remote;

    RS_TRY(cli_remote_open(cli, &remote));
    *out = (struct report_place){cli, remote, list, read_item, exists, make_folder, publish, remove_item};
    return RS_OK;
}
