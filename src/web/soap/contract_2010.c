/* ReportingService2010: the operations that are here, each with what it takes and gives in the order of the contract. */
#include "web/soap/operations.h"

#define STRING(name) {name, &soap_string}
#define FLAG(name) {name, &soap_boolean, SOAP_ALWAYS}

const struct soap_type soap_item_2010 = {
    .name = "CatalogItem",
    .kind = SOAP_RECORD,
    .parts = SOAP_PARTS(STRING("ID"), STRING("Name"), STRING("Path"), STRING("VirtualPath"), STRING("TypeName"), {"Size", &soap_int},
                        STRING("Description"), {"Hidden", &soap_boolean}, {"CreationDate", &soap_date_time},
                        {"ModifiedDate", &soap_date_time}, STRING("CreatedBy"), STRING("ModifiedBy"),
                        {"ItemMetadata", &soap_properties}),
};
static const struct soap_type items = {
    .name = "ArrayOfCatalogItem", .kind = SOAP_LIST, .parts = SOAP_PARTS({"CatalogItem", &soap_item_2010})};
static const struct soap_type strings = {.name = "ArrayOfString1", .kind = SOAP_LIST, .parts = SOAP_PARTS(STRING("string"))};

static const struct soap_type values = {.name = "ArrayOfString", .kind = SOAP_LIST, .parts = SOAP_PARTS(STRING("Value"))};
static const struct soap_type comparison = {
    .name = "ConditionEnum", .kind = SOAP_WORDS, .words = (const char *const[]){"Contains", "Equals", "In", "Between", NULL}};
static const struct soap_type condition = {
    .name = "SearchCondition",
    .kind = SOAP_RECORD,
    .parts = SOAP_PARTS({"Condition", &comparison}, {"Values", &values}, STRING("Name")),
};
static const struct soap_type conditions = {
    .name = "ArrayOfSearchCondition", .kind = SOAP_LIST, .parts = SOAP_PARTS({"SearchCondition", &condition})};

static const struct soap_type dependencies = {
    .name = "ArrayOfString2", .kind = SOAP_LIST, .parts = SOAP_PARTS(STRING("Dependency"))};
static const struct soap_type valid_values = {
    .name = "ArrayOfValidValue1", .kind = SOAP_LIST, .parts = SOAP_PARTS({"ValidValue", &soap_valid_value})};
static const struct soap_type parameter = {
    .name = "ItemParameter",
    .kind = SOAP_RECORD,
    .parts = SOAP_PARTS(STRING("Name"), {"ParameterTypeName", &soap_string}, {"Nullable", &soap_boolean}, {"AllowBlank", &soap_boolean},
                        {"MultiValue", &soap_boolean}, {"QueryParameter", &soap_boolean}, STRING("Prompt"),
                        {"PromptUser", &soap_boolean}, {"Dependencies", &dependencies}, {"ValidValuesQueryBased", &soap_boolean},
                        {"ValidValues", &valid_values}, {"DefaultValuesQueryBased", &soap_boolean}, {"DefaultValues", &values},
                        {"ParameterStateName", &soap_string}, STRING("ErrorMessage")),
};
static const struct soap_type parameters = {
    .name = "ArrayOfItemParameter", .kind = SOAP_LIST, .parts = SOAP_PARTS({"ItemParameter", &parameter})};

#define PATH SOAP_PARTS(STRING("ItemPath"))
#define SOURCE SOAP_PARTS(STRING("DataSource"))

const struct soap_operation soap_operations_2010[] = {
    {"CreateCatalogItem",
     SOAP_PARTS(STRING("ItemType"), STRING("Name"), STRING("Parent"), FLAG("Overwrite"), {"Definition", &soap_base64},
                {"Properties", &soap_properties}),
     SOAP_PARTS({"ItemInfo", &soap_item_2010}, {"Warnings", &soap_warnings}), soap_create_catalog_item, NULL},
    {"CreateDataSource",
     SOAP_PARTS(STRING("DataSource"), STRING("Parent"), FLAG("Overwrite"), {"Definition", &soap_data_source_definition},
                {"Properties", &soap_properties}),
     SOAP_PARTS({"ItemInfo", &soap_item_2010}), soap_create_data_source, NULL},
    {"CreateFolder", SOAP_PARTS(STRING("Folder"), STRING("Parent"), {"Properties", &soap_properties}),
     SOAP_PARTS({"ItemInfo", &soap_item_2010}), soap_create_folder, NULL},
    {"DeleteItem", PATH, SOAP_NO_PARTS, soap_delete_item, NULL},
    {"DisableDataSource", SOURCE, SOAP_NO_PARTS, soap_disable_data_source, NULL},
    {"EnableDataSource", SOURCE, SOAP_NO_PARTS, soap_enable_data_source, NULL},
    {"FindItems",
     SOAP_PARTS(STRING("Folder"), {"BooleanOperator", &soap_boolean_operator, SOAP_ALWAYS}, {"SearchOptions", &soap_properties},
                {"SearchConditions", &conditions}),
     SOAP_PARTS({"Items", &items}), soap_find_items, NULL},
    {"GetDataSourceContents", SOURCE, SOAP_PARTS({"Definition", &soap_data_source_definition}), soap_get_data_source_contents, NULL},
    {"GetItemDataSources", PATH, SOAP_PARTS({"DataSources", &soap_data_sources}), soap_get_item_data_sources, NULL},
    {"GetItemDefinition", PATH, SOAP_PARTS({"Definition", &soap_base64}), soap_get_item_definition, NULL},
    {"GetItemParameters",
     SOAP_PARTS(STRING("ItemPath"), STRING("HistoryID"), FLAG("ForRendering"), {"Values", &soap_parameter_values},
                {"Credentials", &soap_credentials}),
     SOAP_PARTS({"Parameters", &parameters}), soap_get_item_parameters, NULL},
    {"GetItemType", PATH, SOAP_PARTS(STRING("Type")), soap_get_item_type, NULL},
    {"GetProperties", SOAP_PARTS(STRING("ItemPath"), {"Properties", &soap_properties}), SOAP_PARTS({"Values", &soap_properties}),
     soap_get_properties, &soap_item_namespace_header},
    {"IsSSLRequired", SOAP_NO_PARTS, SOAP_PARTS(FLAG("IsSSLRequiredResult")), soap_is_ssl_required, NULL},
    {"ListChildren", SOAP_PARTS(STRING("ItemPath"), FLAG("Recursive")), SOAP_PARTS({"CatalogItems", &items}), soap_list_children, NULL},
    {"ListDatabaseCredentialRetrievalOptions", SOAP_NO_PARTS, SOAP_PARTS({"ListDatabaseCredentialRetrievalOptionsResult", &strings}),
     soap_list_credential_options, NULL},
    {"ListDependentItems", PATH, SOAP_PARTS({"CatalogItems", &items}), soap_list_dependent_items, NULL},
    {"ListItemTypes", SOAP_NO_PARTS, SOAP_PARTS({"ListItemTypesResult", &strings}), soap_list_item_types, NULL},
    {"ListParameterStates", SOAP_NO_PARTS, SOAP_PARTS({"ListParameterStatesResult", &strings}), soap_list_parameter_states, NULL},
    {"ListParameterTypes", SOAP_NO_PARTS, SOAP_PARTS({"ListParameterTypesResult", &strings}), soap_list_parameter_types, NULL},
    {"ListParents", PATH, SOAP_PARTS({"ListParentsResult", &items}), soap_list_parents, NULL},
    {"ListSecureMethods", SOAP_NO_PARTS, SOAP_PARTS({"ListSecureMethodsResult", &strings}), soap_list_secure_methods, NULL},
    {"MoveItem", SOAP_PARTS(STRING("ItemPath"), STRING("Target")), SOAP_NO_PARTS, soap_move_item, NULL},
    {"SetDataSourceContents", SOAP_PARTS(STRING("DataSource"), {"Definition", &soap_data_source_definition}), SOAP_NO_PARTS,
     soap_set_data_source_contents, NULL},
    {"SetItemDataSources", SOAP_PARTS(STRING("ItemPath"), {"DataSources", &soap_data_sources}), SOAP_NO_PARTS,
     soap_set_item_data_sources, NULL},
    {"SetItemDefinition", SOAP_PARTS(STRING("ItemPath"), {"Definition", &soap_base64}, {"Properties", &soap_properties}),
     SOAP_PARTS({"Warnings", &soap_warnings}), soap_set_item_definition, NULL},
    {"SetProperties", SOAP_PARTS(STRING("ItemPath"), {"Properties", &soap_properties}), SOAP_NO_PARTS, soap_set_properties, NULL},
    {0},
};
