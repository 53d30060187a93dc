/* service/configure/config_edit.h - settings of rsreportserver.config that operations change: for this folder only.
 *
 *     config_edit_open -> config_edit_set ... -> config_edit_write: the file, an entry of the history, the running server
 *
 * Steps, warnings, "changed" and "dry_run" of the result are filled as those of a change of the tables are.
 */
#ifndef SERVICE_CONFIGURE_CONFIG_EDIT_H
#define SERVICE_CONFIGURE_CONFIG_EDIT_H

#include "format/xml/edit.h"
#include "service/configure/config_file.h"
#include "service/configure/inside.h"

#define CONFIG_LEVEL_KEY "SecureConnectionLevel"
#define CONFIG_LEVEL_MAX 3 /* 1 to 3 mean the same since 2008 R2: all SOAP calls need TLS */

struct config_edit {
    rs_text bytes;
    struct config_file file; /* as it is */
    struct xml_edit *edit;   /* as it will be */
    bool has_secret;
    rs_text secret_name, secret;
    json_t *before, *after;  /* what was set, for the history; the job's */
};

/* To look only. Fails with RS_NOT_FOUND where there is no file. */
RS_CHECKED rs_status config_edit_read(struct call *call, struct config_edit *out);
/* To change something. */
RS_CHECKED rs_status config_edit_open(struct call *call, struct config_edit *out);

rs_text config_edit_value(const struct config_edit *settings, const char *path); /* as it is in the file; empty where it is missing */
unsigned config_edit_level(const struct config_edit *settings);                   /* SecureConnectionLevel */

/* A part of a path may say what an attribute is: "Extensions/Delivery/Extension@Name=Report Server Email/Configuration". */

/* The element at `path` below Configuration gets this value; a step where it had another one. */
void config_edit_set(struct call *call, struct config_edit *settings, const char *path, rs_text value);
/* An attribute of an element below Configuration, as MachineKey has them; empty where it is missing. */
rs_text config_edit_attribute(const struct config_edit *settings, const char *element, const char *attribute);
/* A secret one is written to the file, and not told in steps and history. */
void config_edit_set_attribute(struct call *call, struct config_edit *settings, const char *element, const char *attribute,
                               rs_text value, bool secret);

/* A password, which is never written to the file: kept sealed in the report server database under `name`, together with the
 * settings. One per change. An empty one is removed. */
RS_CHECKED rs_status config_edit_seal(struct call *call, struct config_edit *settings, const char *name, rs_text text);
/* <Add Key="key" Value="..."/> */
void config_edit_set_key(struct call *call, struct config_edit *settings, const char *key, rs_text value);

/* Does nothing where there is no step, or in a dry run. */
RS_CHECKED rs_status config_edit_write(struct call *call, struct config_edit *settings);

/* email.c: what is set of mail and of the account for unattended runs, into the result. */
void put_email(struct call *call, const struct config_edit *settings);

#endif
