/* The table of the operations, and the one way into them. */
#include "service/configure/configure.h"

#include "base/buf.h"
#include "service/configure/inside.h"

#define ARGUMENTS_MAX 10

enum argument_kind { TEXT, TEXTS, NUMBER, FLAG, OBJECT, OBJECTS };
static const char *const kind_names[] = {"a text", "a text or an array of texts", "a whole number", "true or false",
                                         "an object", "an array of objects"};

struct argument {
    const char *name;
    enum argument_kind kind;
    bool required;
};

static const struct operation {
    const char *name;
    operation_run *run;
    struct argument arguments[ARGUMENTS_MAX];
    bool may_group;
} operations[] = {
    {"ListReservedUrls", list_reserved_urls, {{NULL}}},
    {"ReserveURL", reserve_url, {{"Application", TEXT, true}, {"UrlString", TEXT, true}, {"Account", TEXT, false},
                                 {"DryRun", FLAG, false}}, .may_group = true},
    {"RemoveURL", remove_url, {{"Application", TEXT, true}, {"UrlString", TEXT, true}, {"DryRun", FLAG, false}}, .may_group = true},
    {"SetVirtualDirectory", set_virtual_directory, {{"Application", TEXT, true}, {"VirtualDirectory", TEXT, true},
                                                    {"DryRun", FLAG, false}}},
    {"ListSSLCertificates", list_certificates, {{NULL}}},
    {"ListSSLCertificateBindings", list_bindings, {{NULL}}},
    {"CreateSSLCertificateBinding", create_binding, {{"Application", TEXTS, true}, {"CertificateHash", TEXTS, true},
                                                     {"IPAddress", TEXT, true}, {"Port", NUMBER, true},
                                                     {"Host", TEXT, false}, {"Replace", FLAG, false}, {"DryRun", FLAG, false}},
     .may_group = true},
    {"RemoveSSLCertificateBindings", remove_binding, {{"Application", TEXTS, true}, {"IPAddress", TEXT, true},
                                                      {"Port", NUMBER, true}, {"Host", TEXT, false},
                                                      {"CertificateHash", TEXT, false},
                                                      {"DryRun", FLAG, false}}, .may_group = true},
    {"ListApplications", list_applications, {{NULL}}},
    {"AddApplication", add_application, {{"Application", TEXT, true}, {"Target", TEXT, true}, {"DryRun", FLAG, false}}},
    {"AddReportServer", add_report_server, {{"Instance", TEXT, true}, {"Target", TEXT, true},
                                            {"WebServiceDirectory", TEXT, true}, {"PortalDirectory", TEXT, true},
                                            {"DryRun", FLAG, false}}},
    {"RemoveApplication", remove_application, {{"Application", TEXT, true}, {"Force", FLAG, false}, {"DryRun", FLAG, false}}},
    {"ExplainBinding", explain_binding, {{"Sni", TEXT, false}, {"IPAddress", TEXT, false}, {"Port", NUMBER, false}}},
    {"CreateSSLCertificateBindings", create_bindings, {{"Application", TEXTS, true}, {"Rows", OBJECTS, true},
                                                       {"IPAddress", TEXT, true}, {"Port", NUMBER, true},
                                                       {"Replace", FLAG, false}, {"DryRun", FLAG, false}}},
    {"SetBindingPolicy", set_binding_policy, {{"Row", TEXT, true}, {"Settings", OBJECT, true}, {"DryRun", FLAG, false}}},
    {"SetApplicationPolicy", set_application_policy, {{"Application", TEXT, true}, {"Settings", OBJECT, true},
                                                      {"DryRun", FLAG, false}}},
    {"ListPolicy", list_policy, {{"Row", TEXT, false}, {"Application", TEXT, false}}},
    {"ListIPAddresses", list_addresses, {{NULL}}},
    {"CreateCertificate", create_certificate, {{"Hosts", TEXTS, true}, {"KeyType", TEXT, false}, {"Days", NUMBER, false},
                                               {"Name", TEXT, false}}},
    {"ShowCertificate", show_certificate, {{"Thumbprint", TEXT, true}}},
    {"ImportCertificate", import_certificate, {{"Files", TEXTS, true}, {"FileNames", TEXTS, true}, {"Password", TEXT, false},
                                               {"Name", TEXT, false}, {"DryRun", FLAG, false}}},
    {"ExportCertificate", export_certificate, {{"Thumbprint", TEXT, true}, {"Format", TEXT, false},
                                               {"PrivateKey", FLAG, false}, {"Password", TEXT, false}}},
    {"RequestCertificate", request_certificate, {{"Hosts", TEXTS, true}, {"KeyType", TEXT, false}, {"Name", TEXT, false},
                                                 {"Organisation", TEXT, false}, {"DryRun", FLAG, false}}},
    {"RemoveCertificate", remove_certificate, {{"Thumbprint", TEXT, true}, {"Force", FLAG, false}, {"DryRun", FLAG, false}}},
    {"ListCertificateSlots", list_slots, {{NULL}}},
    {"SetCertificateSlot", set_slot, {{"Slot", TEXT, true}, {"CertificateHash", TEXT, true}, {"Force", FLAG, false},
                                      {"DryRun", FLAG, false}}},
    {"RemoveCertificateSlot", remove_slot, {{"Slot", TEXT, true}, {"Force", FLAG, false}, {"DryRun", FLAG, false}}},
    {"ListWatchedFolders", list_folders, {{NULL}}},
    {"WatchFolder", watch_folder, {{"Path", TEXT, true}, {"Slot", TEXT, false}, {"DryRun", FLAG, false}}},
    {"UnwatchFolder", unwatch_folder, {{"Path", TEXT, true}, {"DryRun", FLAG, false}}},
    {"ScanWatchedFolders", scan_folders, {{NULL}}},
    {"RenewCertificate", renew_certificate, {{"Thumbprint", TEXT, true}, {"DryRun", FLAG, false}}},
    {"RegisterAcmeAccount", register_acme, {{"Directory", TEXT, true}, {"Contacts", TEXTS, false}, {"CaFile", TEXT, false},
                                            {"Agree", FLAG, false}, {"ExternalId", TEXT, false}, {"ExternalKey", TEXT, false},
                                            {"DryRun", FLAG, false}}},
    {"IssueAcmeCertificate", issue_acme, {{"Slot", TEXT, true}, {"Hosts", TEXTS, true}, {"Challenge", TEXT, false},
                                          {"KeyType", TEXT, false}, {"DryRun", FLAG, false}}},
    {"RenewAcmeCertificate", renew_acme, {{"Slot", TEXT, true}, {"Revoke", TEXT, false}, {"DryRun", FLAG, false}}},
    {"RemoveAcmeCertificate", remove_acme, {{"Slot", TEXT, true}, {"DryRun", FLAG, false}}},
    {"ListAcmeCertificates", list_acme, {{NULL}}},
    {"VerifyBindings", verify_bindings, {{"Application", TEXT, false}}},
    {"ExplainUrl", explain_url, {{"Url", TEXT, true}, {"Address", TEXT, false}}},
    {"UndoChange", undo_change, {{"Revision", NUMBER, false}, {"DryRun", FLAG, false}}},
    {"ListHistory", list_history, {{"Limit", NUMBER, false}}},
    {"Doctor", run_doctor, {{"Mend", FLAG, false}}},
    {"CreateApiToken", create_api_token, {{"Name", TEXT, true}, {"Days", NUMBER, false}}},
    {"ListApiTokens", list_api_tokens, {{NULL}}},
    {"RevokeApiToken", revoke_api_token, {{"Name", TEXT, true}}},
    {"GetMetrics", get_metrics, {{NULL}}},
    {"GetServiceState", get_service_state, {{NULL}}},
    {"GetReportServerUrls", get_report_server_urls, {{NULL}}},
    {"GetConfigurationSetting", get_configuration_setting, {{NULL}}},
    {"SetSecureConnectionLevel", set_secure_connection_level, {{"Level", NUMBER, true}, {"DryRun", FLAG, false}}},
    {"SetServiceState", set_service_state, {{"EnableWindowsService", FLAG, false}, {"EnableWebService", FLAG, false},
                                            {"EnableReportManager", FLAG, false}, {"DryRun", FLAG, false}}},
    {"SetDatabaseConnection", set_database_connection, {{"Server", TEXT, false}, {"DatabaseName", TEXT, true},
                                                        {"CredentialsType", NUMBER, false}, {"UserName", TEXT, false},
                                                        {"Password", TEXT, false}, {"DryRun", FLAG, false}}},
    {"SetDatabaseQueryTimeout", set_database_timeout, {{"QueryTimeout", NUMBER, true}, {"DryRun", FLAG, false}}},
    {"GenerateDatabaseCreationScript", database_creation_script, {{"DatabaseName", TEXT, false}, {"IsSharePointMode", FLAG, false}}},
    {"GenerateDatabaseUpgradeScript", database_upgrade_script, {{"DatabaseName", TEXT, false}, {"ServerVersion", TEXT, false}}},
    {"GetDatabaseVersionDisplayName", database_version_name, {{"Version", TEXT, true}}},
    {"SetWindowsServiceIdentity", set_service_identity, {{"UseBuiltInAccount", FLAG, false}, {"Account", TEXT, false},
                                                         {"Password", TEXT, false}, {"DryRun", FLAG, false}}},
    {"ExportNodeProfile", export_node, {{"Password", TEXT, true}, {"MakeKeys", FLAG, false}}},
    {"CompareNodeProfile", compare_node, {{"Profile", TEXT, true}, {"Password", TEXT, true}}},
    {"ApplyNodeProfile", apply_node, {{"Profile", TEXT, true}, {"Password", TEXT, true}, {"DryRun", FLAG, false}}},
    {"SetEmailConfiguration", set_email, {{"SendUsingSMTPServer", FLAG, false}, {"SMTPServer", TEXT, true},
                                          {"SenderEmailAddress", TEXT, true}, {"SMTPServerPort", NUMBER, false},
                                          {"SMTPUseSSL", FLAG, false}, {"DryRun", FLAG, false}}},
    {"SetAuthenticatedEmailConfiguration", set_authenticated_email,
     {{"SendUsingSMTPServer", FLAG, false}, {"SMTPServer", TEXT, true}, {"SenderEmailAddress", TEXT, true}, {"UserName", TEXT, false},
      {"Password", TEXT, false}, {"Authentication", NUMBER, false}, {"SMTPUseSSL", FLAG, false}, {"SMTPServerPort", NUMBER, false},
      {"DryRun", FLAG, false}}},
    {"SetUnattendedExecutionAccount", set_unattended, {{"UserName", TEXT, true}, {"Password", TEXT, true}, {"DryRun", FLAG, false}}},
    {"RemoveUnattendedExecutionAccount", remove_unattended, {{"InstallationID", TEXT, false}, {"DryRun", FLAG, false}}},
    {"GetDatabaseState", get_database_state, {{NULL}}},
    {"CreateDatabase", create_database, {{"DatabaseName", TEXT, true}, {"DryRun", FLAG, false}}},
    {"UpgradeDatabase", upgrade_database, {{"DatabaseName", TEXT, false}, {"DryRun", FLAG, false}}},
    {"BackupEncryptionKey", backup_key, {{"Password", TEXT, true}}},
    {"RestoreEncryptionKey", restore_key, {{"KeyFile", TEXT, true}, {"Password", TEXT, true}, {"Length", NUMBER, false},
                                           {"DryRun", FLAG, false}}},
    {"ReencryptSecureInformation", rotate_key, {{"DryRun", FLAG, false}}},
    {"DeleteEncryptedInformation", delete_encrypted, {{"DryRun", FLAG, false}}},
    {"DeleteEncryptionKey", delete_key, {{"InstallationID", TEXT, true}, {"Force", FLAG, false}, {"DryRun", FLAG, false}}},
    {"InitializeReportServer", initialize, {{"InstallationID", TEXT, true}, {"DryRun", FLAG, false}}},
    {"ListReportServersInDatabase", list_servers, {{NULL}}},
    {"SetExtendedProtectionSettings", set_extended_protection_settings, {{"ExtendedProtectionLevel", TEXT, true},
                                      {"ExtendedProtectionScenario", TEXT, true}, {"DryRun", FLAG, false}}},
    {"SetUrlRoot", set_url_root, {{"UrlRoot", TEXT, true}, {"DryRun", FLAG, false}}},
    {"ListDrift", list_drift, {{NULL}}},
    {"ImportConfiguration", import_configuration, {{"Files", TEXTS, true}, {"Contents", TEXTS, true},
                                                   {"Certificates", TEXTS, false}, {"Addresses", TEXTS, false},
                                                   {"SkipMissing", FLAG, false}, {"DryRun", FLAG, false}}},
    {"ApplyConfigurationFile", apply_configuration_file, {{"Discard", FLAG, false}, {"DryRun", FLAG, false}}},
};
#define OPERATION_COUNT (sizeof operations / sizeof operations[0])

static const struct operation *operation_find(rs_text name)
{
    for (size_t i = 0; i < OPERATION_COUNT; i++)
        if (rs_text_equal_nocase(name, rs_text_from(operations[i].name)))
            return &operations[i];
    return NULL;
}

bool configure_may_group(rs_text name)
{
    const struct operation *operation = operation_find(name);

    return operation && operation->may_group;
}

static bool argument_is(const json_t *value, enum argument_kind kind)
{
    size_t index;
    json_t *item;

    switch (kind) {
    case TEXT:
        return json_is_string(value);
    case NUMBER:
        return json_is_integer(value);
    case FLAG:
        return json_is_boolean(value);
    case OBJECT:
        return json_is_object(value);
    case OBJECTS:
        json_array_foreach(value, index, item)
            if (!json_is_object(item))
                return false;
        return json_is_array(value);
    case TEXTS:
        if (!json_is_array(value))
            return json_is_string(value);
        json_array_foreach(value, index, item)
            if (!json_is_string(item))
                return false;
        return true;
    }
    return false;
}

/* Methods of the original that mean nothing here, or not yet: their name is known, and why. */
static const struct {
    const char *name, *why;
} absent[] = {
    {"SetDatabaseLogonTimeout", "the report server database is a file: nobody logs on to it"},
    {"GenerateDatabaseRightsScript", "the report server database is a file: its owner and mode are the rights"},
    {"GetAdminSiteUrl", "it belongs to SharePoint"},
    {"ListInstalledSharePointVersions", "it belongs to SharePoint"},
    {"SavePowerBIInformation", "it belongs to Power BI"},
};

/* "Lcid" may be given with any operation, as the original's methods have it: messages are in English. */
static bool argument_is_known(const struct operation *operation, const char *name)
{
    if (strcmp(name, "Lcid") == 0)
        return true;
    for (size_t i = 0; i < ARGUMENTS_MAX && operation->arguments[i].name; i++)
        if (strcmp(operation->arguments[i].name, name) == 0)
            return true;
    return false;
}

static rs_status arguments_check(struct rs_job *job, const struct operation *operation, const json_t *arguments)
{
    const char *name;
    json_t *value;

    if (!json_is_object(arguments))
        return rs_fail(job, RS_INVALID, "the arguments of %s are a JSON object", operation->name);
    json_object_foreach((json_t *)(uintptr_t)arguments, name, value)
        if (!argument_is_known(operation, name))
            return rs_fail(job, RS_INVALID, "%s has no argument \"%s\"", operation->name, name);
    for (size_t i = 0; i < ARGUMENTS_MAX && operation->arguments[i].name; i++) {
        const struct argument *argument = &operation->arguments[i];
        value = json_object_get(arguments, argument->name);
        if (!value && argument->required)
            return rs_fail(job, RS_INVALID, "%s needs the argument \"%s\"", operation->name, argument->name);
        if (value && !argument_is(value, argument->kind))
            return rs_fail(job, RS_INVALID, "the argument \"%s\" of %s is %s", argument->name, operation->name,
                           kind_names[argument->kind]);
    }
    return RS_OK;
}

rs_status configure_call(struct rs_job *job, const struct configure_instance *instance, rs_text name,
                         const json_t *arguments, const struct configure_caller *caller, json_t **out)
{
    const struct operation *operation = operation_find(name);
    struct call call = {job, instance, arguments, caller, NULL};
    rs_status status;

    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
        if (rs_text_equal_nocase(name, rs_text_from(absent[i].name)))
            return rs_fail(job, RS_UNSUPPORTED, "%s is not here: %s", absent[i].name, absent[i].why);
    if (!operation)
        return rs_fail(job, RS_NOT_FOUND, "the configuration API has no operation \"%.*s\"", RS_TEXT_ARG(name));
    RS_TRY(arguments_check(job, operation, arguments));
    call.result = json_object();
    status = operation->run(&call);
    if (status != RS_OK) {
        json_decref(call.result);
        return status;
    }
    *out = call.result;
    return RS_OK;
}

/* ---- the manual ---------------------------------------------------------------------------- */

enum origin { PROVIDER, OURS };

static const struct {
    const char *name;
    enum origin origin;
    const char *summary, *result;
} manual[] = {
#define OPERATION(name, origin, summary, result) {name, origin, summary, result},
#include "service/configure/manual.def"
#undef OPERATION
};

static json_t *arguments_json(const struct operation *operation)
{
    json_t *all = json_array();

    for (size_t i = 0; i < ARGUMENTS_MAX && operation->arguments[i].name; i++) {
        const struct argument *argument = &operation->arguments[i];
        json_array_append_new(all, json_pack("{s:s, s:s, s:b}", "name", argument->name, "kind", kind_names[argument->kind],
                                             "required", argument->required));
    }
    return all;
}

json_t *configure_manual(void)
{
    json_t *there = json_array(), *missing = json_array();

    for (size_t i = 0; i < OPERATION_COUNT; i++) {
        json_t *one = json_pack("{s:s, s:o}", "operation", operations[i].name, "arguments", arguments_json(&operations[i]));
        for (size_t k = 0; k < sizeof manual / sizeof manual[0]; k++)
            if (strcmp(manual[k].name, operations[i].name) == 0) {
                json_object_set_new(one, "provider", json_boolean(manual[k].origin == PROVIDER));
                json_object_set_new(one, "summary", json_string(manual[k].summary));
                json_object_set_new(one, "result", json_string(manual[k].result));
            }
        json_array_append_new(there, one);
    }
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
        json_array_append_new(missing, json_pack("{s:s, s:s}", "operation", absent[i].name, "why", absent[i].why));
    return json_pack("{s:o, s:o, s:o}", "operations", there, "absent", missing, "hresults", configure_hresults());
}
