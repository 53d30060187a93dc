/* ExportNodeProfile, CompareNodeProfile, ApplyNodeProfile: what nodes behind a balancer share.
 *
 * A profile is one file under a password (store/secret/backup): names, keys and the level, as one node has them. Another node
 * compares itself with it, or takes it over. What was taken over is remembered as INSTANCE/node.json, the keys as sums with a
 * salt, so that `doctor` sees a node that went its own way without knowing the password.
 *
 * Source:  Configure a report server on a network load balancing cluster: Hostname, UrlRoot and MachineKey are the same on all.
 */
#include <sodium.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "format/escape/base64.h"
#include "format/escape/hex.h"
#include "format/json/json.h"
#include "service/configure/doctor.h"
#include "service/configure/config_edit.h"
#include "store/secret/backup.h"

#define FORMAT "bindery node"
#define PROFILE_VERSION 1
#define REMEMBERED_MAX ((size_t)64 * 1024)
#define TICKET_KEY_MAX ((size_t)64 * 1024)
#define TICKET_SETTING "Bindery/TicketKeyFile"
#define TICKET_KEY_BYTES 48
#define SALT_BYTES 16
#define MACHINE_KEY "MachineKey"

/* What nodes share; how it is kept here. */
enum place { ELEMENT, ATTRIBUTE, KEY, TICKET };
static const struct part {
    const char *name; /* in the profile */
    enum place place;
    const char *path; /* of an element; of an attribute of MachineKey */
    bool secret;
    size_t made;      /* bytes of one that is made: hexadecimal; 0: it is not made */
} parts[] = {
    {"Hostname", ELEMENT, "Service/Hostname", false, 0},
    {"UrlRoot", ELEMENT, "Service/UrlRoot", false, 0},
    {"SecureConnectionLevel", KEY, CONFIG_LEVEL_KEY, false, 0},
    {"ValidationKey", ATTRIBUTE, "ValidationKey", true, 64},
    {"DecryptionKey", ATTRIBUTE, "DecryptionKey", true, 32},
    {"Validation", ATTRIBUTE, "Validation", false, 0},
    {"Decryption", ATTRIBUTE, "Decryption", false, 0},
    {"TicketKey", TICKET, TICKET_SETTING, true, TICKET_KEY_BYTES},
};
#define PARTS (sizeof parts / sizeof parts[0])

struct profile {
    rs_text values[PARTS]; /* empty: not set */
};

/* ---- this node ----------------------------------------------------------------------------------- */

static rs_text ticket_path(struct call *call, rs_text setting)
{
    if (setting.size == 0)
        return rs_text_format(call->job, "%.*s/ticket.key", RS_TEXT_ARG(call->instance->folder));
    return setting.bytes[0] == '/' ? setting : rs_text_format(call->job, "%.*s/%.*s", RS_TEXT_ARG(call->instance->folder),
                                                             RS_TEXT_ARG(setting));
}

static rs_status ticket_read(struct call *call, const struct config_edit *config, rs_text *out)
{
    rs_text setting = config_edit_value(config, TICKET_SETTING), bytes;
    rs_buf text = rs_buf_in(call->job);

    *out = (rs_text){0};
    if (setting.size == 0)
        return RS_OK;
    RS_TRY(rs_file_read(call->job, ticket_path(call, setting), TICKET_KEY_MAX, &bytes));
    escape_base64_write(&text, bytes);
    *out = rs_buf_text(&text);
    return RS_OK;
}

static rs_status profile_of_node(struct call *call, const struct config_edit *config, struct profile *out)
{
    for (size_t i = 0; i < PARTS; i++)
        switch (parts[i].place) {
        case ELEMENT:
            out->values[i] = config_edit_value(config, parts[i].path);
            break;
        case ATTRIBUTE:
            out->values[i] = config_edit_attribute(config, MACHINE_KEY, parts[i].path);
            break;
        case KEY:
            out->values[i] = rs_text_format(call->job, "%u", config_edit_level(config));
            break;
        case TICKET:
            RS_TRY(ticket_read(call, config, &out->values[i]));
            break;
        }
    return RS_OK;
}

/* ---- as a file ----------------------------------------------------------------------------------- */

static json_t *profile_json(struct call *call, const struct profile *profile)
{
    json_t *out = json_keep(call->job, json_object());

    put_number(out, "profile", PROFILE_VERSION);
    for (size_t i = 0; i < PARTS; i++)
        put_text(out, parts[i].name, profile->values[i]);
    return out;
}

/* What stands in a file is checked as if somebody typed it. */
static rs_status check_value(struct call *call, const struct part *part, rs_text value)
{
    for (size_t i = 0; i < value.size; i++)
        if ((unsigned char)value.bytes[i] <= 0x20 || (unsigned char)value.bytes[i] >= 0x7F || strchr("<>\"", value.bytes[i]))
            return rs_fail(call->job, RS_INVALID, "%s of the profile has characters that it cannot have", part->name);
    return value.size <= 2 * TICKET_KEY_MAX ? RS_OK : rs_fail(call->job, RS_OVER_LIMIT, "%s of the profile is too long", part->name);
}

static rs_status profile_read(struct call *call, struct profile *out)
{
    rs_text file, text;
    json_t *value;

    RS_TRY(escape_base64_parse(call->job, call_text(call, "Profile"), &file));
    RS_TRY(secret_backup_read(call->job, FORMAT, file, call_text(call, "Password"), NULL, &text));
    RS_TRY(json_parse(call->job, text, 0, &value));
    if (json_integer_value(json_object_get(value, "profile")) != PROFILE_VERSION)
        return rs_fail(call->job, RS_INVALID, "the profile was written by another version of this program");
    for (size_t i = 0; i < PARTS; i++) {
        out->values[i] = rs_text_copy(call->job, json_to_text(json_object_get(value, parts[i].name)));
        RS_TRY(check_value(call, &parts[i], out->values[i]));
    }
    return RS_OK;
}

/* ---- exporting ----------------------------------------------------------------------------------- */

static rs_text random_hex(struct call *call, size_t bytes)
{
    unsigned char random[64];
    rs_buf text = rs_buf_in(call->job);

    randombytes_buf(random, bytes);
    escape_hex_write(&text, rs_text_of((const char *)random, bytes), ESCAPE_HEX_UPPER);
    return rs_buf_text(&text);
}

static rs_status write_part(struct call *call, struct config_edit *config, size_t index, rs_text value)
{
    const struct part *part = &parts[index];
    rs_text bytes, setting = config_edit_value(config, TICKET_SETTING), path = ticket_path(call, setting);

    switch (part->place) {
    case ELEMENT:
        config_edit_set(call, config, part->path, value);
        return RS_OK;
    case ATTRIBUTE:
        config_edit_set_attribute(call, config, MACHINE_KEY, part->path, value, part->secret);
        return RS_OK;
    case KEY:
        config_edit_set_key(call, config, part->path, value);
        return RS_OK;
    case TICKET:
        break;
    }
    if (value.size == 0) {
        config_edit_set(call, config, TICKET_SETTING, (rs_text){0});
        return RS_OK;
    }
    RS_TRY(escape_base64_parse(call->job, value, &bytes));
    add_text(json_object_get(call->result, "steps"), rs_text_format(call->job, "write the key of session tickets to %.*s",
                                                                    RS_TEXT_ARG(path)));
    if (!call_flag(call, "DryRun"))
        RS_TRY(rs_file_replace(call->job, path, bytes, 0600));
    if (setting.size == 0)
        config_edit_set(call, config, TICKET_SETTING, path);
    return RS_OK;
}

/* Keys that this node has not get made, so that the others can have the same. */
static rs_status make_keys(struct call *call, struct config_edit *config, struct profile *profile)
{
    for (size_t i = 0; i < PARTS; i++) {
        rs_buf text = rs_buf_in(call->job);
        if (parts[i].made == 0 || profile->values[i].size > 0)
            continue;
        profile->values[i] = random_hex(call, parts[i].made);
        if (parts[i].place == TICKET) {
            escape_base64_write(&text, profile->values[i]);
            profile->values[i] = rs_buf_text(&text);
        }
        RS_TRY(write_part(call, config, i, profile->values[i]));
    }
    return RS_OK;
}

static void warn_of_missing(struct call *call, const struct profile *profile)
{
    for (size_t i = 0; i < PARTS; i++)
        if (profile->values[i].size == 0 && (parts[i].made > 0 || parts[i].place == ELEMENT))
            add_text(json_object_get(call->result, "warnings"),
                     rs_text_format(call->job, "%s is not set here, and so not in the profile%s", parts[i].name,
                                    parts[i].made > 0 ? "; --make-keys makes it" : ""));
}

static rs_status remember(struct call *call, const struct profile *profile);

rs_status export_node(struct call *call)
{
    struct config_edit config;
    struct profile profile;
    rs_text file, about;
    rs_buf text = rs_buf_in(call->job);
    char now[RS_CLOCK_STAMP_SIZE];

    if (sodium_init() < 0)
        return rs_fail(call->job, RS_FAILED, "libsodium does not start");
    RS_TRY(config_edit_open(call, &config));
    RS_TRY(profile_of_node(call, &config, &profile));
    if (call_flag(call, "MakeKeys"))
        RS_TRY(make_keys(call, &config, &profile));
    warn_of_missing(call, &profile);
    rs_clock_stamp(rs_clock_utc_ms(), now);
    about = rs_text_format(call->job, "profile of the node %.*s, %s", RS_TEXT_ARG(config_edit_value(&config, "InstallationID")), now);
    RS_TRY(secret_backup_write(call->job, FORMAT, about, call_text(call, "Password"),
                               json_write(call->job, profile_json(call, &profile), JSON_COMPACT_LINE), &file));
    RS_TRY(config_edit_write(call, &config));
    RS_TRY(remember(call, &profile));
    escape_base64_write(&text, file);
    put_text(call->result, "Profile", rs_buf_text(&text));
    put_text(call->result, "about", about);
    return RS_OK;
}

/* ---- comparing ----------------------------------------------------------------------------------- */

static void add_difference(json_t *out, const struct part *part, rs_text here, rs_text there)
{
    json_t *row = add_object(out);

    put_text(row, "name", rs_text_from(part->name));
    put_text(row, "here", part->secret ? here.size > 0 ? RS_TEXT("(another key)") : RS_TEXT("") : here);
    put_text(row, "profile", part->secret ? there.size > 0 ? RS_TEXT("(a key)") : RS_TEXT("") : there);
}

/* What the profile does not say may be anything. */
static bool differs(const struct profile *here, const struct profile *there, size_t part)
{
    return there->values[part].size > 0 && !rs_text_equal(here->values[part], there->values[part]);
}

static size_t compare(const struct profile *here, const struct profile *there, json_t *out)
{
    size_t count = 0;

    for (size_t i = 0; i < PARTS; i++)
        if (differs(here, there, i)) {
            add_difference(out, &parts[i], here->values[i], there->values[i]);
            count++;
        }
    return count;
}

rs_status compare_node(struct call *call)
{
    struct config_edit config;
    struct profile here, there;

    RS_TRY(profile_read(call, &there));
    RS_TRY(config_edit_read(call, &config));
    RS_TRY(profile_of_node(call, &config, &here));
    put_flag(call->result, "same", compare(&here, &there, put_array(call->result, "differences")) == 0);
    return RS_OK;
}

/* ---- taking over --------------------------------------------------------------------------------- */

rs_status apply_node(struct call *call)
{
    struct config_edit config;
    struct profile here, there;

    RS_TRY(profile_read(call, &there));
    RS_TRY(config_edit_open(call, &config));
    RS_TRY(profile_of_node(call, &config, &here));
    for (size_t i = 0; i < PARTS; i++)
        if (differs(&here, &there, i)) {
            if (parts[i].place == KEY && !rs_text_equal(there.values[i], RS_TEXT("0")))
                RS_TRY(level_needs_https(call));
            RS_TRY(write_part(call, &config, i, there.values[i]));
        }
    RS_TRY(config_edit_write(call, &config));
    return call_flag(call, "DryRun") ? RS_OK : remember(call, &there);
}

/* ---- for doctor ---------------------------------------------------------------------------------- */

static rs_text remembered_path(struct call *call)
{
    return rs_text_format(call->job, "%.*s/node.json", RS_TEXT_ARG(call->instance->folder));
}

/* A sum that tells whether a value is this one, and nothing else about it. */
static rs_text sum(struct rs_job *job, rs_text salt, rs_text value)
{
    unsigned char digest[32];
    rs_buf text = rs_buf_in(job);

    crypto_generichash(digest, sizeof digest, (const unsigned char *)value.bytes, value.size, (const unsigned char *)salt.bytes,
                       salt.size);
    escape_hex_write(&text, rs_text_of((const char *)digest, sizeof digest), ESCAPE_HEX_LOWER);
    return rs_buf_text(&text);
}

static rs_status remember(struct call *call, const struct profile *profile)
{
    json_t *out = json_keep(call->job, json_object());
    rs_text salt = random_hex(call, SALT_BYTES);

    put_text(out, "salt", salt);
    for (size_t i = 0; i < PARTS; i++)
        if (profile->values[i].size > 0)
            put_text(out, parts[i].name, parts[i].secret ? sum(call->job, salt, profile->values[i]) : profile->values[i]);
    return rs_file_replace(call->job, remembered_path(call), json_write(call->job, out, JSON_INDENTED), 0600);
}

rs_status doctor_node(struct doctor *doctor)
{
    struct call *call = doctor->call;
    struct config_edit config;
    struct profile here;
    rs_text bytes;
    json_t *was;

    if (call->instance->folder.size == 0 || rs_file_read(call->job, remembered_path(call), REMEMBERED_MAX, &bytes) != RS_OK ||
        json_parse(call->job, bytes, 0, &was) != RS_OK || config_edit_read(call, &config) != RS_OK ||
        profile_of_node(call, &config, &here) != RS_OK) {
        rs_job_forgive(call->job); /* no profile; what is wrong with the file of settings is told elsewhere */
        return RS_OK;
    }
    for (size_t i = 0; i < PARTS; i++) {
        rs_text wanted = json_to_text(json_object_get(was, parts[i].name)), value = here.values[i];
        if (wanted.size == 0)
            continue;
        if (parts[i].secret)
            value = sum(call->job, json_to_text(json_object_get(was, "salt")), value);
        if (!rs_text_equal(value, wanted))
            doctor_report(doctor, (struct finding){
                DOCTOR_WARNING, "node-differs", rs_text_from(parts[i].name),
                RS_TEXT("it is not what the profile of the nodes says: clients that are sent from node to node are let down"),
                RS_TEXT("`bindery node apply FILE` takes the profile over; `bindery node export` makes this node's the profile"), NULL, NULL});
    }
    return RS_OK;
}
