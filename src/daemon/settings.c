#include "daemon/settings.h"

#include <malloc.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/file.h"
#include "format/xml/parse.h"
#include "format/xml/write.h"
#include "net/front/trust.h"

#define MIB ((uint64_t)1024 * 1024)

enum setting_kind { SETTING_TEXT, SETTING_BOOLEAN, SETTING_NUMBER, SETTING_LEVEL, SETTING_NETWORKS, SETTING_FORWARDED, SETTING_CHOICE,
                    SETTING_PRESENT /* the element itself, whatever it holds */ };

/* One element: where it stands, what it may hold, where it goes. */
struct setting {
    const char *path; /* below Configuration; "@Name" is <Add Key="Name" Value="..."/> */
    enum setting_kind kind;
    size_t offset;
    size_t size;      /* of the member, for SETTING_NUMBER */
    const char *standard;
    uint64_t least, most, unit; /* the number in the file; times `unit` in the struct */
    const char *const *choices; /* SETTING_CHOICE: the words, and NULL; which one it is goes into an unsigned */
};

/* In the order of enum auth_protection_level and auth_protection_scenario. */
static const char *const protection_levels[] = {"Off", "Allow", "Require", NULL};
static const char *const protection_scenarios[] = {"Proxy", "Any", "Direct", NULL};

#define CHOICE(words) 0, 0, 0, words
#define MEMBER(name) offsetof(struct daemon_settings, name), sizeof(((struct daemon_settings *)0)->name)

static const struct setting settings[] = {
    {"InstallationID", SETTING_TEXT, MEMBER(installation_id), ""},
    {"@SecureConnectionLevel", SETTING_NUMBER, MEMBER(secure_level), "0", 0, 3, 1},
    {"Service/IsWebServiceEnabled", SETTING_BOOLEAN, MEMBER(web_service_enabled), "True"},
    {"Service/IsReportManagerEnabled", SETTING_BOOLEAN, MEMBER(portal_enabled), "True"},
    {"Service/UrlRoot", SETTING_TEXT, MEMBER(url_root), ""},
    {"Service/Hostname", SETTING_TEXT, MEMBER(hostname), ""},
    {"Service/UnattendedExecutionAccount/UserName", SETTING_TEXT, MEMBER(unattended_user), ""},
    {"Authentication/AuthenticationTypes/RSWindowsNegotiate", SETTING_PRESENT, MEMBER(negotiate), ""},
    {"Authentication/AuthenticationTypes/RSWindowsKerberos", SETTING_PRESENT, MEMBER(kerberos), ""},
    {"Authentication/AuthenticationTypes/Custom", SETTING_PRESENT, MEMBER(forms), ""},
    {"@DisableSecureFormsAuthenticationCookie", SETTING_BOOLEAN, MEMBER(plain_cookie), "False"},
    {"Authentication/AuthenticationTypes/RSWindowsBasic", SETTING_PRESENT, MEMBER(basic), ""},
    {"Authentication/AuthenticationTypes/RSWindowsBasic/Realm", SETTING_TEXT, MEMBER(realm), "Bindery"},
    {"Authentication/RSWindowsExtendedProtectionLevel", SETTING_CHOICE, MEMBER(protection_level), "Off", CHOICE(protection_levels)},
    {"Authentication/RSWindowsExtendedProtectionScenario", SETTING_CHOICE, MEMBER(protection_scenario), "Proxy",
     CHOICE(protection_scenarios)},
    {"Authentication/EnableAuthPersistence", SETTING_BOOLEAN, MEMBER(keep_logons), "True"},
    {"Bindery/WorkerProcesses", SETTING_NUMBER, MEMBER(workers), "4", 1, SETTINGS_WORKERS_MAX, 1},
    {"Bindery/WorkerMemoryMiB", SETTING_NUMBER, MEMBER(worker_memory_bytes), "1024", 16, 1 << 20, MIB},
    {"Bindery/WorkerTimeSeconds", SETTING_NUMBER, MEMBER(worker_time_ms), "300", 1, 86400, 1000},
    {"Bindery/MaxRequestMiB", SETTING_NUMBER, MEMBER(request_body_bytes), "64", 1, 4096, MIB},
    {"Bindery/TrustedProxies", SETTING_NETWORKS, MEMBER(trusted_proxies), ""},
    {"Bindery/ForwardedField", SETTING_FORWARDED, MEMBER(forwarded_field), "X-Forwarded-For"},
    {"Bindery/MaxConnectionsPerClient", SETTING_NUMBER, MEMBER(peer_connections), "0", 0, 1 << 20, 1},
    {"Bindery/AllowPasswordsOverHttp", SETTING_BOOLEAN, MEMBER(passwords_over_http), "False"},
    {"Bindery/LogLevel", SETTING_LEVEL, MEMBER(log_level), "info"},
    {"Bindery/AccessLogJson", SETTING_BOOLEAN, MEMBER(log_json), "False"},
    {"Bindery/LogMaxMiB", SETTING_NUMBER, MEMBER(log_bytes), "100", 0, 1 << 20, MIB},
    {"Bindery/ApiOverHttps", SETTING_BOOLEAN, MEMBER(api_over_https), "False"},
    {"Bindery/TicketKeyFile", SETTING_TEXT, MEMBER(ticket_key_file), ""},
    {"Bindery/RunAs", SETTING_TEXT, MEMBER(run_as), ""},
    {"Bindery/ApiGroup", SETTING_TEXT, MEMBER(api_group), ""},
    {"Bindery/ProxyCertificateFile", SETTING_TEXT, MEMBER(proxy_certificate_file), ""},
    {"Bindery/FormsTimeoutMinutes", SETTING_NUMBER, MEMBER(forms_ms), "30", 1, 60 * 24 * 30, 60000},
    {"Bindery/KerberosRealm", SETTING_TEXT, MEMBER(kerberos_realm), ""},
    {"Bindery/DataHosts", SETTING_TEXT, MEMBER(data_hosts), ""},
    {"Bindery/Database", SETTING_TEXT, MEMBER(database), ""},
    {"@DatabaseQueryTimeout", SETTING_NUMBER, MEMBER(database_wait_ms), "10", 0, 86400, 1000},
};

static const char *const level_names[] = {"error", "warning", "info", "debug"};

static const struct xml_node *key_node(const struct xml_node *root, rs_text name)
{
    xml_each_child(each, root) {
        const struct xml_attribute *key = xml_is(each, "Add") ? xml_attribute(each, "Key") : NULL;
        if (key && rs_text_equal(key->value, name))
            return each;
    }
    return NULL;
}

static const struct xml_node *setting_node(const struct xml_node *root, rs_text path)
{
    const struct xml_node *node = root;
    rs_text name;

    while (node && path.size > 0) {
        const struct xml_node *child = NULL;
        rs_text_cut(path, '/', &name, &path);
        xml_each_child(each, node)
            if (!child && rs_text_equal(each->name, name))
                child = each;
        node = child;
    }
    return node;
}

static bool number_store(void *place, size_t size, uint64_t number)
{
    uint32_t narrow = (uint32_t)number;

    if (size == sizeof number)
        memcpy(place, &number, size);
    else if (size == sizeof narrow && narrow == number)
        memcpy(place, &narrow, size);
    else
        return false;
    return true;
}

static rs_status setting_store(struct rs_job *job, const struct setting *setting, rs_text value,
                               unsigned line, struct daemon_settings *out)
{
    void *place = (char *)out + setting->offset;
    struct trust networks;
    uint64_t number;

    switch (setting->kind) {
    case SETTING_TEXT:
        *(rs_text *)place = rs_text_copy(job, value);
        return RS_OK;
    case SETTING_BOOLEAN:
        *(bool *)place = rs_text_equal_nocase(value, RS_TEXT("true"));
        if (*(bool *)place || rs_text_equal_nocase(value, RS_TEXT("false")))
            return RS_OK;
        return rs_fail(job, DAEMON_SETTINGS, "line %u: %s is \"%.*s\"; it may be True or False", line,
                       setting->path, RS_TEXT_ARG(value));
    case SETTING_NETWORKS:
        *(rs_text *)place = rs_text_copy(job, value);
        if (trust_parse(job, value, &networks) != RS_OK) {
            rs_within(job, "line %u: %s", line, setting->path);
            return rs_job_status(job);
        }
        return RS_OK;
    case SETTING_FORWARDED:
        *(rs_text *)place = rs_text_copy(job, value);
        if (rs_text_equal_nocase(value, RS_TEXT("Forwarded")) || rs_text_equal_nocase(value, RS_TEXT("X-Forwarded-For")))
            return RS_OK;
        return rs_fail(job, DAEMON_SETTINGS, "line %u: %s is \"%.*s\"; it may be X-Forwarded-For or Forwarded", line,
                       setting->path, RS_TEXT_ARG(value));
    case SETTING_NUMBER:
        if (rs_parse_uint64(value, &number) && number >= setting->least && number <= setting->most &&
            number_store(place, setting->size, number * setting->unit))
            return RS_OK;
        return rs_fail(job, DAEMON_SETTINGS, "line %u: %s is \"%.*s\"; it may be a number from %llu to %llu",
                       line, setting->path, RS_TEXT_ARG(value), (unsigned long long)setting->least,
                       (unsigned long long)setting->most);
    case SETTING_CHOICE:
        for (unsigned i = 0; setting->choices[i]; i++)
            if (rs_text_equal_nocase(value, rs_text_from(setting->choices[i]))) {
                *(unsigned *)place = i;
                return RS_OK;
            }
        return rs_fail(job, DAEMON_SETTINGS, "line %u: %s is \"%.*s\"; it may be %s, %s or %s", line, setting->path,
                       RS_TEXT_ARG(value), setting->choices[0], setting->choices[1], setting->choices[2]);
    case SETTING_PRESENT: /* read where the element is looked for */
        return RS_OK;
    case SETTING_LEVEL:
        for (unsigned i = 0; i < sizeof level_names / sizeof level_names[0]; i++)
            if (rs_text_equal_nocase(value, rs_text_from(level_names[i]))) {
                *(enum rs_log_level *)place = (enum rs_log_level)i;
                return RS_OK;
            }
        return rs_fail(job, DAEMON_SETTINGS,
                       "line %u: %s is \"%.*s\"; it may be error, warning, info or debug", line,
                       setting->path, RS_TEXT_ARG(value));
    }
    return RS_OK;
}

rs_status settings_read(struct rs_job *job, rs_text bytes, struct daemon_settings *out)
{
    RS_OWNED(rs_job) reading = rs_job_create(&(struct rs_job_options){.within = job}); /* thousands of rows may stand there */
    struct daemon_settings read = {0};
    struct xml_document *document;

    if (xml_parse(reading, bytes, NULL, &document) != RS_OK)
        return rs_job_adopt(job, reading);
    if (!xml_is(document->root, "Configuration"))
        return rs_fail(job, DAEMON_SETTINGS, "line %u: the root element is %.*s; it must be Configuration",
                       document->root->line, RS_TEXT_ARG(document->root->name));
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        const struct setting *setting = &settings[i];
        bool is_key = setting->path[0] == '@';
        const struct xml_node *node = is_key ? key_node(document->root, rs_text_from(setting->path + 1))
                                             : setting_node(document->root, rs_text_from(setting->path));
        const struct xml_attribute *attribute = is_key && node ? xml_attribute(node, "Value") : NULL;
        rs_text value = attribute ? attribute->value : node ? rs_text_trim(node->text) : rs_text_from(setting->standard);
        if (value.size == 0)
            value = rs_text_from(setting->standard);
        if (setting->kind == SETTING_PRESENT)
            *(bool *)((char *)&read + setting->offset) = node != NULL;
        else
            RS_TRY(setting_store(job, setting, value, node ? node->line : 0, &read));
    }
    *out = read;
    return RS_OK;
}

rs_status settings_read_file(struct rs_job *job, rs_text path, struct daemon_settings *out)
{
    struct rs_job *reading = rs_job_create(&(struct rs_job_options){.within = job});
    rs_text bytes;
    rs_status status = rs_file_read(reading, path, SETTINGS_FILE_MAX, &bytes);

    status = status == RS_OK ? settings_read(job, bytes, out) : rs_job_adopt(job, reading);
    rs_job_destroy(reading);
    malloc_trim(0); /* processes that read it live long */
    return status;
}

bool settings_knows(rs_text path)
{
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        if (rs_text_equal(path, rs_text_from(settings[i].path)))
            return true;
    return false;
}

/* Open the elements of `path` that are not open yet, close those that are not on it; `open` is the path so far. */
static void walk_to(struct xml_writer *writer, const char *const *names, unsigned count)
{
    unsigned shared = 1; /* Configuration stays open */

    while (shared < writer->depth && shared - 1 < count &&
           strcmp(writer->names[shared], names[shared - 1]) == 0)
        shared++;
    while (writer->depth > shared)
        xml_close(writer);
    while (writer->depth - 1 < count)
        xml_open(writer, names[writer->depth - 1]);
}

rs_text settings_default_file(struct rs_job *job, rs_text installation_id)
{
    rs_buf buf = rs_buf_in(job);
    struct xml_writer writer = xml_writer_to(&buf, 2);

    xml_declare(&writer, RS_TEXT("utf-8"));
    xml_open(&writer, "Configuration");
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        const char *names[8];
        if (settings[i].path[0] == '@' || settings[i].kind == SETTING_PRESENT)
            continue; /* of the original; what it has no need of is not in a new file */
        unsigned count = 0;
        char *path = rs_text_terminated(job, rs_text_from(settings[i].path));
        for (char *save, *name = strtok_r(path, "/", &save); name; name = strtok_r(NULL, "/", &save))
            names[count++] = name;
        walk_to(&writer, names, count - 1);
        xml_write_element(&writer, names[count - 1],
                          i == 0 ? installation_id : rs_text_from(settings[i].standard));
    }
    while (writer.depth > 0)
        xml_close(&writer);
    rs_buf_add_byte(&buf, '\n');
    return rs_buf_text(&buf);
}
