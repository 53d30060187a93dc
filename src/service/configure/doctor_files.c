#include "service/configure/doctor.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "format/xml/parse.h"
#include "service/configure/drift.h"

#define SPACE_LEAST_MIB 64    /* below this a change or a report may fail */
#define CLOCK_SLACK_MS 60000

/* ---- the configuration file ------------------------------------------------------------------ */

static rs_status write_file(struct call *call, struct doctor *doctor, const void *what)
{
    (void)what;
    return call->instance->represent_over(call->job, call->instance->data,
                                          (struct tables_snapshot *)(uintptr_t)doctor->snapshot);
}

/* Elements of the original below Configuration; those of ours stand below Bindery. */
static const char *const known_elements[] = {
    "Dsn", "ConnectionType", "LogonUser", "LogonDomain", "LogonCred", "InstanceId", "InstallationID", "Add", "URLReservations",
    "Authentication", "Service", "UI", "Extensions", "MapTileServerConfiguration", "MachineKey", "SSLCertificateConfiguration",
    "Bindery",
};

static void unknown_element(struct doctor *doctor, const struct xml_node *node, const char *below)
{
    doctor_report(doctor, (struct finding){
        DOCTOR_NOTE, "unknown-element", RS_TEXT("rsreportserver.config"),
        rs_text_format(doctor->call->job, "line %u: %s%.*s is not known and is not read", node->line, below,
                       RS_TEXT_ARG(node->name)),
        RS_TEXT("look whether it is misspelt; what another program needs may stay"), NULL, NULL});
}

static void look_at_elements(struct doctor *doctor, const struct xml_node *root)
{
    const struct configure_instance *instance = doctor->call->instance;

    xml_each_child(node, root) {
        bool known = false;
        for (size_t i = 0; i < sizeof known_elements / sizeof known_elements[0] && !known; i++)
            known = rs_text_equal_nocase(node->name, rs_text_from(known_elements[i]));
        if (!known)
            unknown_element(doctor, node, "");
        if (!xml_is(node, "Bindery") || !instance->knows_setting)
            continue;
        xml_each_child(setting, node)
            if (!instance->knows_setting(rs_text_format(doctor->call->job, "Bindery/%.*s", RS_TEXT_ARG(setting->name))))
                unknown_element(doctor, setting, "Bindery/");
    }
}

static rs_status look_at_config(struct doctor *doctor)
{
    struct rs_job *job = doctor->call->job;
    const struct configure_instance *instance = doctor->call->instance;
    struct finding finding = {.severity = DOCTOR_ERROR, .subject = RS_TEXT("rsreportserver.config")};
    struct config_drift drift;
    struct config_file file;
    int64_t shown;
    rs_text bytes;

    if (!instance->read_config)
        return RS_OK;
    if (instance->read_config(job, instance->data, &bytes) != RS_OK) {
        finding.code = "no-config";
        finding.message = rs_text_copy(job, rs_job_error(job));
        finding.mend = RS_TEXT("`bindery init` writes a new one; nothing else of the instance is lost");
        rs_job_forgive(job);
        doctor_report(doctor, finding);
        return RS_OK;
    }
    RS_TRY(tables_db_shown(job, instance->db, &shown));
    config_drift_find(job, doctor->snapshot, bytes, shown, &drift);
    finding.message = drift.message;
    if (drift.state == CONFIG_UNREADABLE) {
        finding.code = "config-unreadable";
        finding.mend = RS_TEXT("mend the line that is named: a server that starts now would not");
        doctor_report(doctor, finding);
        return RS_OK;
    }
    if (drift.state == CONFIG_BEHIND) {
        finding.code = "config-behind";
        finding.mend = RS_TEXT("write it");
        finding.mender = write_file;
        doctor_report(doctor, finding);
    } else if (drift.state == CONFIG_EDITED) {
        finding.code = "drift";
        finding.mend = RS_TEXT("`bindery url apply --from-config` adopts it, `bindery url apply --discard` writes it back");
        doctor_report(doctor, finding);
    }
    if (instance->check_config && instance->check_config(job, bytes) != RS_OK) {
        rs_text why = rs_job_error(job);
        finding = (struct finding){DOCTOR_ERROR, "setting", RS_TEXT("rsreportserver.config"), rs_text_copy(job, why),
                                   RS_TEXT("mend the value: a server that starts now would not"), NULL, NULL};
        rs_job_forgive(job);
        doctor_report(doctor, finding);
    }
    if (config_file_read(job, bytes, &file) == RS_OK)
        look_at_elements(doctor, file.root);
    return RS_OK;
}

/* ---- files and folders ------------------------------------------------------------------------- */

/* What an instance is made of: `others` is what nobody but the owner may do. */
static const struct part {
    const char *name;
    mode_t others;
    mode_t mode; /* of a folder that is made; 0: a file */
} parts[] = {
    {"https.db", 077, 0},    {"catalog.db", 007, 0}, {"catalog.key", 077, 0}, {"ticket.key", 077, 0}, {"node.json", 077, 0}, {"rsreportserver.config", 002, 0}, {"certs", 077, 0700},
    {"api-tokens.json", 077, 0},
    {"krb5.keytab", 077, 0},
    {"data", 002, 0750},     {"run", 002, 0750},     {"log", 002, 0750},                 {"tmp", 077, 0700},
};

struct closing {
    rs_text path;
    mode_t mode;
};

static rs_status change_mode(struct call *call, struct doctor *doctor, const void *what)
{
    const struct closing *closing = what;

    (void)doctor;
    if (chmod(closing->path.bytes, closing->mode) != 0)
        return rs_fail(call->job, RS_IO, "cannot change the mode of \"%.*s\": %s", RS_TEXT_ARG(closing->path), strerror(errno));
    return RS_OK;
}

static rs_status make_folder(struct call *call, struct doctor *doctor, const void *what)
{
    const struct closing *closing = what;

    (void)doctor;
    return rs_folder_make(call->job, closing->path, closing->mode);
}

static void open_to_others(struct doctor *doctor, const char *code, rs_text path, mode_t mode)
{
    struct closing *closing = RS_NEW(doctor->call->job, struct closing);

    *closing = (struct closing){path, mode};
    doctor_report(doctor, (struct finding){
        DOCTOR_ERROR, code, path, RS_TEXT("other accounts may get at it"),
        rs_text_format(doctor->call->job, "chmod %o %.*s", mode, RS_TEXT_ARG(path)), change_mode, closing});
}

static void look_at_parts(struct doctor *doctor)
{
    struct rs_job *job = doctor->call->job;

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        rs_text path = rs_text_format(job, "%.*s/%s", RS_TEXT_ARG(doctor->call->instance->folder), parts[i].name);
        struct stat info;
        if (stat(path.bytes, &info) == 0 && (info.st_mode & parts[i].others) != 0) {
            open_to_others(doctor, "open-to-others", path, info.st_mode & 07777 & ~parts[i].others);
        } else if (parts[i].mode && access(path.bytes, F_OK) != 0) {
            struct closing *making = RS_NEW(job, struct closing);
            *making = (struct closing){path, parts[i].mode};
            doctor_report(doctor, (struct finding){DOCTOR_ERROR, "missing-folder", path, RS_TEXT("the folder is not there"),
                                                   RS_TEXT("make it"), make_folder, making});
        }
    }
}

static void look_at_space(struct doctor *doctor)
{
    rs_text folder = doctor->call->instance->folder;
    struct statvfs space;

    if (statvfs(folder.bytes, &space) != 0 || (uint64_t)space.f_bavail * space.f_frsize >> 20 >= SPACE_LEAST_MIB)
        return;
    doctor_report(doctor, (struct finding){
        DOCTOR_ERROR, "disk-full", folder,
        rs_text_format(doctor->call->job, "there are %llu MiB left on its disk",
                       (unsigned long long)((uint64_t)space.f_bavail * space.f_frsize >> 20)),
        RS_TEXT("make room: changes and reports fail without"), NULL, NULL});
}

/* ---- keys ---------------------------------------------------------------------------------------- */

static void look_at_keys(struct doctor *doctor)
{
    const struct pki_store *store = doctor->call->instance->store;

    for (size_t i = 0; i < pki_store_count(store); i++) {
        const struct pki_entry *entry = pki_store_entry(store, i);
        struct stat info;
        rs_text path = entry->key_file;
        if (path.size > 0 && stat(rs_text_terminated(doctor->call->job, path), &info) == 0 && (info.st_mode & 077) != 0)
            open_to_others(doctor, "key-exposed", rs_text_copy(doctor->call->job, path), info.st_mode & 0700);
    }
    for (size_t i = 0; i < pki_store_broken_count(store); i++) {
        const struct pki_broken *broken = pki_store_broken(store, i);
        doctor_report(doctor, (struct finding){DOCTOR_WARNING, "broken-file", rs_text_copy(doctor->call->job, broken->file),
                                               rs_text_copy(doctor->call->job, broken->sentence),
                                               RS_TEXT("put a file there that can be read, or take it away"), NULL, NULL});
    }
}

/* ---- the clock ----------------------------------------------------------------------------------- */

/* Certificates are judged by it. */
static rs_status look_at_clock(struct doctor *doctor)
{
    const struct tables_event *events;
    size_t count;

    RS_TRY(tables_db_history(doctor->call->job, doctor->call->instance->db, 1, &events, &count));
    if (count > 0 && events[0].at_ms > rs_clock_utc_ms() + CLOCK_SLACK_MS)
        doctor_report(doctor, (struct finding){
            DOCTOR_ERROR, "clock", RS_TEXT("the clock of this machine"),
            rs_text_format(doctor->call->job, "it stands %lld seconds before the last change that was made",
                           (long long)((events[0].at_ms - rs_clock_utc_ms()) / 1000)),
            RS_TEXT("set it: certificates are judged by it (`timedatectl` tells)"), NULL, NULL});
    return RS_OK;
}

rs_status doctor_files(struct doctor *doctor)
{
    RS_TRY(look_at_config(doctor));
    if (doctor->call->instance->folder.size > 0) {
        look_at_parts(doctor);
        look_at_space(doctor);
    }
    look_at_keys(doctor);
    return look_at_clock(doctor);
}
