#include "web/soap/types.h"

#include <stddef.h>

const struct soap_type soap_string = {.name = "s:string"}, soap_boolean = {.name = "s:boolean"}, soap_int = {.name = "s:int"},
                       soap_date_time = {.name = "s:dateTime"}, soap_base64 = {.name = "s:base64Binary"};

const struct soap_type soap_property = {
    .name = "Property", .kind = SOAP_RECORD, .parts = SOAP_PARTS({"Name", &soap_string}, {"Value", &soap_string})};
const struct soap_type soap_properties = {
    .name = "ArrayOfProperty", .kind = SOAP_LIST, .parts = SOAP_PARTS({"Property", &soap_property})};

static const struct soap_type warning = {
    .name = "Warning",
    .kind = SOAP_RECORD,
    .parts = SOAP_PARTS({"Code", &soap_string}, {"Severity", &soap_string}, {"ObjectName", &soap_string},
                        {"ObjectType", &soap_string}, {"Message", &soap_string}),
};
const struct soap_type soap_warnings = {
    .name = "ArrayOfWarning", .kind = SOAP_LIST, .parts = SOAP_PARTS({"Warning", &warning})};

static const struct soap_type definition_or_reference = {
    .name = "DataSourceDefinitionOrReference", .kind = SOAP_RECORD, .parts = SOAP_NO_PARTS};
static const struct soap_type credential_retrieval = {
    .name = "CredentialRetrievalEnum",
    .kind = SOAP_WORDS,
    .words = (const char *const[]){"Prompt", "Store", "Integrated", "None", NULL},
};
const struct soap_type soap_data_source_definition = {
    .name = "DataSourceDefinition",
    .kind = SOAP_RECORD,
    .base = &definition_or_reference,
    .parts = SOAP_PARTS({"Extension", &soap_string}, {"ConnectString", &soap_string},
                        {"UseOriginalConnectString", &soap_boolean, SOAP_ALWAYS},
                        {"OriginalConnectStringExpressionBased", &soap_boolean, SOAP_ALWAYS},
                        {"CredentialRetrieval", &credential_retrieval, SOAP_ALWAYS},
                        {"WindowsCredentials", &soap_boolean, SOAP_ALWAYS}, {"ImpersonateUser", &soap_boolean},
                        {"Prompt", &soap_string}, {"UserName", &soap_string}, {"Password", &soap_string},
                        {"Enabled", &soap_boolean}),
};

static const struct soap_type reference = {
    .name = "DataSourceReference",
    .kind = SOAP_RECORD,
    .base = &definition_or_reference,
    .parts = SOAP_PARTS({"Reference", &soap_string}),
};
static const struct soap_type invalid_reference = {
    .name = "InvalidDataSourceReference", .kind = SOAP_RECORD, .base = &definition_or_reference, .parts = SOAP_NO_PARTS};
static const struct soap_type data_source = {
    .name = "DataSource",
    .kind = SOAP_RECORD,
    .parts = SOAP_PARTS({"Name", &soap_string}, {"DataSourceReference", &reference, SOAP_EITHER},
                        {"InvalidDataSourceReference", &invalid_reference, SOAP_EITHER},
                        {"DataSourceDefinition", &soap_data_source_definition, SOAP_EITHER}),
};
const struct soap_type soap_data_sources = {
    .name = "ArrayOfDataSource", .kind = SOAP_LIST, .parts = SOAP_PARTS({"DataSource", &data_source})};

const struct soap_type soap_boolean_operator = {
    .name = "BooleanOperatorEnum", .kind = SOAP_WORDS, .words = (const char *const[]){"And", "Or", NULL}};

static const struct soap_type value_or_field = {
    .name = "ParameterValueOrFieldReference", .kind = SOAP_RECORD, .parts = SOAP_NO_PARTS};
static const struct soap_type parameter_value = {
    .name = "ParameterValue",
    .kind = SOAP_RECORD,
    .base = &value_or_field,
    .parts = SOAP_PARTS({"Name", &soap_string}, {"Value", &soap_string}, {"Label", &soap_string}),
};
const struct soap_type soap_parameter_values = {
    .name = "ArrayOfParameterValue", .kind = SOAP_LIST, .parts = SOAP_PARTS({"ParameterValue", &parameter_value})};
const struct soap_type soap_valid_value = {
    .name = "ValidValue", .kind = SOAP_RECORD, .parts = SOAP_PARTS({"Label", &soap_string}, {"Value", &soap_string})};

static const struct soap_type credentials = {
    .name = "DataSourceCredentials",
    .kind = SOAP_RECORD,
    .parts = SOAP_PARTS({"DataSourceName", &soap_string}, {"UserName", &soap_string}, {"Password", &soap_string}),
};
const struct soap_type soap_credentials = {
    .name = "ArrayOfDataSourceCredentials", .kind = SOAP_LIST, .parts = SOAP_PARTS({"DataSourceCredentials", &credentials})};

const struct soap_type soap_trusted_user_header = {
    .name = "TrustedUserHeader",
    .kind = SOAP_RECORD,
    .is_header = true,
    .parts = SOAP_PARTS({"UserName", &soap_string}, {"UserToken", &soap_base64}),
};
static const struct soap_type item_namespace = {
    .name = "ItemNamespaceEnum", .kind = SOAP_WORDS, .words = (const char *const[]){"PathBased", "GUIDBased", NULL}};
const struct soap_type soap_item_namespace_header = {
    .name = "ItemNamespaceHeader",
    .kind = SOAP_RECORD,
    .is_header = true,
    .parts = SOAP_PARTS({"ItemNamespace", &item_namespace, SOAP_ALWAYS}),
};
const struct soap_type soap_server_info_header = {
    .name = "ServerInfoHeader",
    .kind = SOAP_RECORD,
    .is_header = true,
    .parts = SOAP_PARTS({"ReportServerVersionNumber", &soap_string}, {"ReportServerEdition", &soap_string},
                        {"ReportServerVersion", &soap_string}, {"ReportServerDateTime", &soap_string}),
};
