/* ReportingService2005 and ReportExecutionService: the operations that are here. */
#include "web/soap/operations.h"

#define STRING(name) {name, &soap_string}
#define FLAG(name) {name, &soap_boolean, SOAP_ALWAYS}

static const struct soap_type item_type = {
    .name = "ItemTypeEnum",
    .kind = SOAP_WORDS,
    .words = (const char *const[]){"Unknown", "Folder", "Report", "Resource", "LinkedReport", "DataSource", "Model", NULL},
};
const struct soap_type soap_item_2005 = {
    .name = "CatalogItem",
    .kind = SOAP_RECORD,
    .parts = SOAP_PARTS(STRING("ID"), STRING("Name"), STRING("Path"), STRING("VirtualPath"), {"Type", &item_type, SOAP_ALWAYS},
                        {"Size", &soap_int}, STRING("Description"), {"Hidden", &soap_boolean}, {"CreationDate", &soap_date_time},
                        {"ModifiedDate", &soap_date_time}, STRING("CreatedBy"), STRING("ModifiedBy"), STRING("MimeType"),
                        {"ExecutionDate", &soap_date_time}),
};
static const struct soap_type items = {
    .name = "ArrayOfCatalogItem", .kind = SOAP_LIST, .parts = SOAP_PARTS({"CatalogItem", &soap_item_2005})};
static const struct soap_type strings = {.name = "ArrayOfString", .kind = SOAP_LIST, .parts = SOAP_PARTS(STRING("string"))};

static const struct soap_type comparison = {
    .name = "ConditionEnum", .kind = SOAP_WORDS, .words = (const char *const[]){"Contains", "Equals", NULL}};
static const struct soap_type condition = {
    .name = "SearchCondition", .kind = SOAP_RECORD, .base = &soap_property, .parts = SOAP_PARTS({"Condition", &comparison})};
static const struct soap_type conditions = {
    .name = "ArrayOfSearchCondition", .kind = SOAP_LIST, .parts = SOAP_PARTS({"SearchCondition", &condition})};

static const struct soap_type dependencies = {
    .name = "ArrayOfString1", .kind = SOAP_LIST, .parts = SOAP_PARTS(STRING("Dependency"))};
static const struct soap_type values = {.name = "ArrayOfString2", .kind = SOAP_LIST, .parts = SOAP_PARTS(STRING("Value"))};
static const struct soap_type valid_values = {
    .name = "ArrayOfValidValue", .kind = SOAP_LIST, .parts = SOAP_PARTS({"ValidValue", &soap_valid_value})};
static const struct soap_type parameter_type = {
    .name = "ParameterTypeEnum",
    .kind = SOAP_WORDS,
    .words = (const char *const[]){"Boolean", "DateTime", "Integer", "Float", "String", NULL},
};
static const struct soap_type parameter_state = {
    .name = "ParameterStateEnum",
    .kind = SOAP_WORDS,
    .words = (const char *const[]){"HasValidValue", "MissingValidValue", "HasOutstandingDependencies", "DynamicValuesUnavailable",
                                   NULL},
};
static const struct soap_type parameter = {
    .name = "ReportParameter",
    .kind = SOAP_RECORD,
    .parts = SOAP_PARTS(STRING("Name"), {"Type", &parameter_type}, {"Nullable", &soap_boolean}, {"AllowBlank", &soap_boolean},
                        {"MultiValue", &soap_boolean}, {"QueryParameter", &soap_boolean}, STRING("Prompt"),
                        {"PromptUser", &soap_boolean}, {"Dependencies", &dependencies}, {"ValidValuesQueryBased", &soap_boolean},
                        {"ValidValues", &valid_values}, {"DefaultValuesQueryBased", &soap_boolean}, {"DefaultValues", &values},
                        {"State", &parameter_state}, STRING("ErrorMessage")),
};
static const struct soap_type parameters = {
    .name = "ArrayOfReportParameter", .kind = SOAP_LIST, .parts = SOAP_PARTS({"ReportParameter", &parameter})};

#define ITEM SOAP_PARTS(STRING("Item"))
#define SOURCE SOAP_PARTS(STRING("DataSource"))
#define SECURE_METHODS \
    {"ListSecureMethods", SOAP_NO_PARTS, SOAP_PARTS({"ListSecureMethodsResult", &strings}), soap_list_secure_methods, NULL}

const struct soap_operation soap_operations_2005[] = {
    {"CreateDataSource",
     SOAP_PARTS(STRING("DataSource"), STRING("Parent"), FLAG("Overwrite"), {"Definition", &soap_data_source_definition},
                {"Properties", &soap_properties}),
     SOAP_NO_PARTS, soap_create_data_source, NULL},
    {"CreateFolder", SOAP_PARTS(STRING("Folder"), STRING("Parent"), {"Properties", &soap_properties}), SOAP_NO_PARTS,
     soap_create_folder, NULL},
    {"CreateReport",
     SOAP_PARTS(STRING("Report"), STRING("Parent"), FLAG("Overwrite"), {"Definition", &soap_base64}, {"Properties", &soap_properties}),
     SOAP_PARTS({"Warnings", &soap_warnings}), soap_create_report, NULL},
    {"CreateResource",
     SOAP_PARTS(STRING("Resource"), STRING("Parent"), FLAG("Overwrite"), {"Contents", &soap_base64}, STRING("MimeType"),
                {"Properties", &soap_properties}),
     SOAP_NO_PARTS, soap_create_resource, NULL},
    {"DeleteItem", ITEM, SOAP_NO_PARTS, soap_delete_item, NULL},
    {"DisableDataSource", SOURCE, SOAP_NO_PARTS, soap_disable_data_source, NULL},
    {"EnableDataSource", SOURCE, SOAP_NO_PARTS, soap_enable_data_source, NULL},
    {"FindItems",
     SOAP_PARTS(STRING("Folder"), {"BooleanOperator", &soap_boolean_operator, SOAP_ALWAYS}, {"Conditions", &conditions}),
     SOAP_PARTS({"Items", &items}), soap_find_items_2005, NULL},
    {"GetDataSourceContents", SOURCE, SOAP_PARTS({"Definition", &soap_data_source_definition}), soap_get_data_source_contents, NULL},
    {"GetItemDataSources", ITEM, SOAP_PARTS({"DataSources", &soap_data_sources}), soap_get_item_data_sources, NULL},
    {"GetItemType", ITEM, SOAP_PARTS({"Type", &item_type, SOAP_ALWAYS}), soap_get_item_type, NULL},
    {"GetProperties", SOAP_PARTS(STRING("Item"), {"Properties", &soap_properties}), SOAP_PARTS({"Values", &soap_properties}),
     soap_get_properties, &soap_item_namespace_header},
    {"GetReportDefinition", SOAP_PARTS(STRING("Report")), SOAP_PARTS({"Definition", &soap_base64}), soap_get_report_definition, NULL},
    {"GetReportParameters",
     SOAP_PARTS(STRING("Report"), STRING("HistoryID"), FLAG("ForRendering"), {"Values", &soap_parameter_values},
                {"Credentials", &soap_credentials}),
     SOAP_PARTS({"Parameters", &parameters}), soap_get_item_parameters, NULL},
    {"GetResourceContents", SOAP_PARTS(STRING("Resource")), SOAP_PARTS({"Contents", &soap_base64}, STRING("MimeType")),
     soap_get_resource_contents, NULL},
    {"ListChildren", SOAP_PARTS(STRING("Item"), FLAG("Recursive")), SOAP_PARTS({"CatalogItems", &items}), soap_list_children, NULL},
    {"ListDependentItems", ITEM, SOAP_PARTS({"CatalogItems", &items}), soap_list_dependent_items, NULL},
    SECURE_METHODS,
    {"MoveItem", SOAP_PARTS(STRING("Item"), STRING("Target")), SOAP_NO_PARTS, soap_move_item, NULL},
    {"SetDataSourceContents", SOAP_PARTS(STRING("DataSource"), {"Definition", &soap_data_source_definition}), SOAP_NO_PARTS,
     soap_set_data_source_contents, NULL},
    {"SetItemDataSources", SOAP_PARTS(STRING("Item"), {"DataSources", &soap_data_sources}), SOAP_NO_PARTS, soap_set_item_data_sources,
     NULL},
    {"SetProperties", SOAP_PARTS(STRING("Item"), {"Properties", &soap_properties}), SOAP_NO_PARTS, soap_set_properties, NULL},
    {"SetReportDefinition", SOAP_PARTS(STRING("Report"), {"Definition", &soap_base64}), SOAP_PARTS({"Warnings", &soap_warnings}),
     soap_set_report_definition, NULL},
    {"SetResourceContents", SOAP_PARTS(STRING("Resource"), {"Contents", &soap_base64}, STRING("MimeType")), SOAP_NO_PARTS,
     soap_set_resource_contents, NULL},
    {0},
};

const struct soap_operation soap_operations_execution[] = {SECURE_METHODS, {0}};
