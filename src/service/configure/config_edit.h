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
    json_t *before, *after;  /* what was set, for the history; the job's */
};

/* To look only. Fails with RS_NOT_FOUND where there is no file. */
RS_CHECKED rs_status config_edit_read(struct call *call, struct config_edit *out);
/* To change something. */
RS_CHECKED rs_status config_edit_open(struct call *call, struct config_edit *out);

rs_text config_edit_value(const struct config_edit *settings, const char *path); /* as it is in the file; empty where it is missing */
unsigned config_edit_level(const struct config_edit *settings);                   /* SecureConnectionLevel */

/* The element at `path` below Configuration gets this value; a step where it had another one. */
void config_edit_set(struct call *call, struct config_edit *settings, const char *path, rs_text value);
/* The same without the value in steps and history. */
void config_edit_set_secret(struct call *call, struct config_edit *settings, const char *path, rs_text value);
/* <Add Key="key" Value="..."/> */
void config_edit_set_key(struct call *call, struct config_edit *settings, const char *key, rs_text value);

/* Does nothing where there is no step, or in a dry run. */
RS_CHECKED rs_status config_edit_write(struct call *call, struct config_edit *settings);

#endif
