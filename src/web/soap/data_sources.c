/* Shared data sources: their definition is an element here, not a file. A password goes in and never comes out. */
#include "web/soap/operations.h"

/* As the file that the service takes, and the credentials that are to be stored beside it. */
static rs_status read_definition(const struct soap_call *call, size_t place, rs_text *content, rs_text *user, rs_text *password)
{
    struct rs_job *job = call->x->job;
    const struct xml_node *node = soap_argument(call, place);
    struct data_source_definition definition;
    rs_buf out = rs_buf_in(job);

    if (!node)
        return rs_fail(job, SOAP_MISSING, "the required parameter '%s' is missing", call->operation->takes[place].name);
    RS_TRY(data_source_read(job, node, &definition));
    if (definition.credentials != DATA_SOURCE_STORE)
        definition.user = definition.password = (rs_text){NULL, 0}; /* nothing that would be kept */
    data_source_write(&out, &definition);
    *content = rs_buf_text(&out);
    *user = definition.user;
    *password = definition.password;
    return RS_OK;
}

/* DataSource, Parent, Overwrite, Definition, Properties */
rs_status soap_create_data_source(struct soap_call *call)
{
    struct service_create_data_source create = {0};
    struct service_set_properties given;
    struct service_get_item made;

    RS_TRY(soap_new_path(call, 1, 0, &create.path));
    RS_TRY(soap_flag(call, 2, &create.overwrite));
    RS_TRY(read_definition(call, 3, &create.content, &create.user, &create.password));
    RS_TRY(soap_properties_read(call, 4, &given));
    create.description = soap_description_of(&given);
    create.hidden = soap_hidden_of(&given);
    RS_TRY(soap_run(call, &service_create_data_source, &create));
    if (create.replaced)
        RS_TRY(soap_properties_apply(call, create.path, &given));
    made = (struct service_get_item){.path = create.path};
    RS_TRY(soap_run(call, &service_get_item, &made));
    soap_give_item(call, 0, made.item);
    return RS_OK;
}

rs_status soap_set_data_source_contents(struct soap_call *call)
{
    struct service_get_data_source known = {0}; /* fails where it is no data source */
    struct service_set_item_definition set = {0};

    RS_TRY(soap_text(call, 0, &known.path));
    RS_TRY(soap_run(call, &service_get_data_source_contents, &known));
    set.path = known.path;
    RS_TRY(read_definition(call, 1, &set.content, &set.user, &set.password));
    return soap_run(call, &service_set_item_definition, &set);
}

/* ---- looking ------------------------------------------------------------------------------------- */

static void give_text(const struct soap_call *call, const char *name, rs_text text)
{
    if (text.size > 0)
        xml_write_element(call->answer, name, text);
}

static void give_flag(const struct soap_call *call, const char *name, bool value)
{
    xml_write_element(call->answer, name, soap_boolean_text(value));
}

void soap_write_data_source(const struct soap_call *call, const char *name, const struct data_source_definition *definition,
                            bool is_expression)
{
    xml_open(call->answer, name);
    give_text(call, "Extension", definition->extension);
    give_text(call, "ConnectString", definition->connect_string);
    give_flag(call, "UseOriginalConnectString", false);
    give_flag(call, "OriginalConnectStringExpressionBased", is_expression);
    give_text(call, "CredentialRetrieval", rs_text_from(data_source_credentials_name(definition->credentials)));
    give_flag(call, "WindowsCredentials", definition->windows_credentials);
    give_flag(call, "ImpersonateUser", definition->impersonate_user);
    give_text(call, "Prompt", definition->prompt);
    give_text(call, "UserName", definition->user);
    give_flag(call, "Enabled", definition->enabled);
    xml_close(call->answer);
}

rs_status soap_get_data_source_contents(struct soap_call *call)
{
    struct service_get_data_source get = {0};

    RS_TRY(soap_text(call, 0, &get.path));
    RS_TRY(soap_run(call, &service_get_data_source_contents, &get));
    soap_write_data_source(call, soap_result(call, 0), &get.definition, false);
    return RS_OK;
}

/* ---- switching ----------------------------------------------------------------------------------- */

/* A password that is stored stays: connection string and user do. */
static rs_status enable(struct soap_call *call, bool enabled)
{
    struct service_get_data_source get = {0};
    struct service_set_item_definition set = {0};
    rs_buf content = rs_buf_in(call->x->job);

    RS_TRY(soap_text(call, 0, &get.path));
    RS_TRY(soap_run(call, &service_get_data_source_contents, &get));
    get.definition.enabled = enabled;
    data_source_write(&content, &get.definition);
    set.path = get.path;
    set.content = rs_buf_text(&content);
    return soap_run(call, &service_set_item_definition, &set);
}

rs_status soap_enable_data_source(struct soap_call *call)
{
    return enable(call, true);
}

rs_status soap_disable_data_source(struct soap_call *call)
{
    return enable(call, false);
}
