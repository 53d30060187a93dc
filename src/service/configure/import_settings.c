/* What a rsreportserver.config of Windows sets beside URLs and bindings. */
#include "format/xml/edit.h"
#include "format/xml/parse.h"
#include "service/configure/import.h"

/* `path` below Configuration; "@" is <Add Key=.../>, "//" an element anywhere. What has no `why` means the same here and is
 * taken over; the rest is named where it differs from `standard` (NULL: where it is there at all). */
static const struct setting {
    const char *path, *standard, *why;
} settings[] = {
    {"@SecureConnectionLevel", "0", NULL},
    {"Service/UrlRoot", "", NULL},
    {"Service/IsWebServiceEnabled", "True", NULL},
    {"Service/IsReportManagerEnabled", "True", NULL},
    {"Authentication/AuthenticationTypes/RSWindowsBasic/Realm", "", NULL},
    {"Dsn", "", "the report server database stays where it is: reports are published here anew"},
    {"Authentication/AuthenticationTypes/RSWindowsNegotiate", NULL, "it needs a keytab, and accounts: docs/authentication.md"},
    {"Authentication/AuthenticationTypes/RSWindowsKerberos", NULL, "it needs a keytab, and accounts: docs/authentication.md"},
    {"Authentication/AuthenticationTypes/RSWindowsNTLM", NULL, "NTLM is not offered: tickets of Kerberos are, and local accounts (`bindery user add`)"},
    {"Authentication/AuthenticationTypes/Custom", NULL, "an extension cannot be taken over; a page for logging on to local accounts is there: docs/authentication.md"},
    {"Authentication/RSWindowsExtendedProtectionLevel", "Off", NULL},
    {"Authentication/RSWindowsExtendedProtectionScenario", "Proxy", NULL},
    {"Authentication/EnableAuthPersistence", "True", NULL},
    {"Service/Hostname", "", "set Service/UrlRoot to the address that users know"},
    {"Service/UnattendedExecutionAccount/UserName", "", "it is encrypted for the old machine"},
    {"UI/ReportServerUrl", "", "the portal asks the report server of its own instance"},
    {"MachineKey", NULL, "pages keep no state that is encrypted with it"},
    {"//SMTPServer", "", "there are no subscriptions yet"},
    {"@MaxActiveReqForOneUser", "20", "requests are not counted per user"},
    {"@DatabaseQueryTimeout", "120", "it is of the SQL Server database"},
};

static const struct xml_node *anywhere(const struct xml_node *node, rs_text name)
{
    xml_each_child(child, node) {
        const struct xml_node *found = rs_text_equal_nocase(child->name, name) ? child : anywhere(child, name);
        if (found)
            return found;
    }
    return NULL;
}

static rs_text read_setting(const struct config_file *file, const char *path, unsigned *line)
{
    const struct xml_node *node;

    *line = 0;
    if (path[0] == '@')
        return config_file_key(file, path + 1, line);
    if (path[0] != '/')
        return config_file_value(file->root, path, line);
    node = anywhere(file->root, rs_text_from(path + 2));
    *line = node ? node->line : 0;
    return node ? rs_text_trim(node->text) : RS_TEXT("");
}

static struct xml_edit_node *key_node(struct rs_job *job, struct xml_edit_node *root, const char *key)
{
    struct xml_edit_node *node = xml_edit_first(root, "Add");

    for (; node; node = xml_edit_next(node, "Add"))
        if (rs_text_equal_nocase(xml_edit_attribute(job, node, "Key"), rs_text_from(key)))
            return node;
    node = xml_edit_add(job, root, "Add");
    xml_edit_set_attribute(job, node, "Key", rs_text_from(key));
    return node;
}

/* The element at `path`, made where it is missing; never the root. */
static struct xml_edit_node *path_node(struct rs_job *job, struct xml_edit_node *node, const char *path)
{
    rs_text rest = rs_text_from(path), name;

    while (rest.size > 0) {
        struct xml_edit_node *child;
        const char *word;
        rs_text_cut(rest, '/', &name, &rest);
        word = rs_text_terminated(job, name);
        child = xml_edit_first(node, word);
        node = child ? child : xml_edit_add(job, node, word);
    }
    return node;
}

/* True where our file says something else. */
static bool set_in_ours(struct rs_job *job, struct xml_edit_node *root, const char *path, rs_text value)
{
    struct xml_edit_node *node = path[0] == '@' ? key_node(job, root, path + 1) : path_node(job, root, path);
    rs_text now = path[0] == '@' ? xml_edit_attribute(job, node, "Value") : rs_text_trim(xml_edit_text(job, node));

    if (rs_text_equal(now, value))
        return false;
    if (path[0] == '@')
        xml_edit_set_attribute(job, node, "Value", value);
    else
        xml_edit_set_text(job, node, value);
    return true;
}

rs_status import_settings(struct import *import, rs_text ours, rs_text *out)
{
    struct rs_job *job = import->call->job;
    const struct import_file *file = import->config;
    struct xml_edit *edit;
    bool changed = false;

    *out = RS_TEXT("");
    RS_TRY(xml_edit_parse(job, ours, NULL, &edit));
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        const struct setting *setting = &settings[i];
        unsigned line;
        rs_text value = read_setting(&file->config, setting->path, &line), source, text;
        const char *shown = setting->path + strspn(setting->path, "@/");
        if (line == 0 || (setting->standard && (value.size == 0 || rs_text_equal_nocase(value, rs_text_from(setting->standard)))))
            continue;
        source = rs_text_format(job, "%.*s line %u", RS_TEXT_ARG(file->name), line);
        text = setting->path[0] == 'D' ? RS_TEXT("Dsn") : value.size ? rs_text_format(job, "%s = %.*s", shown, RS_TEXT_ARG(value))
                                                                      : rs_text_from(shown);
        if (setting->why) {
            import_item(import, source, "setting", text, "cannot", rs_text_from(setting->why));
        } else if (set_in_ours(job, xml_edit_root(edit), setting->path, value)) {
            import_item(import, source, "setting", text, "import", RS_TEXT("set it in rsreportserver.config"));
            changed = true;
        } else {
            import_item(import, source, "setting", text, "same", RS_TEXT("it is so already"));
        }
    }
    return changed ? xml_edit_write(job, edit, out) : RS_OK;
}
