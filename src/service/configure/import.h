/* service/configure/import.h - a configuration of Windows, and what becomes of each part of it here: for this folder only.
 *
 *     rsreportserver.config   what Reporting Services wanted: applications, URLs, bindings, settings
 *     show urlacl             what was reserved; who may listen
 *     show sslcert            what was really served, to whom a row belonged
 *     show iplisten           where Windows listened
 *
 * Each may be given alone. Where the file and a listing differ, what Windows really served wins, and the plan says so.
 */
#ifndef SERVICE_CONFIGURE_IMPORT_H
#define SERVICE_CONFIGURE_IMPORT_H

#include "service/configure/config_file.h"
#include "service/configure/inside.h"
#include "service/configure/netsh.h"

struct import_file {
    rs_text name;
    bool is_config;
    struct config_file config;
    struct netsh netsh;
};

/* A row of a binding as it is going to be: one place, one certificate, who claims it. */
struct import_binding {
    struct tables_place place;
    rs_text hash;   /* upper case; of Windows */
    rs_text source; /* "rsreportserver.config line 40" */
    rs_text applications[TABLES_CLAIMANTS_MAX];
    size_t count;
};

struct import_url {
    rs_text application; /* canonical */
    rs_text url;         /* with the virtual directory */
    struct tables_prefix prefix;
};

struct import {
    struct call *call;
    const struct tables_snapshot *snapshot; /* as it is now */
    const struct import_file *files;
    size_t file_count;
    const struct import_file *config;       /* one of them; or NULL */
    json_t *items, *certificates;           /* of the result */
    RS_VEC(struct import_url) urls;         /* to be reserved */
    RS_VEC(struct import_binding) bindings; /* to be bound */
    RS_VEC(struct tables_change) changes;
    RS_VEC(rs_text) missing;                /* certificates that are not in the store or cannot be used */
    size_t cannot;                          /* items that have no counterpart here */
};

/* One line of the plan. `outcome`: "import", "same" (another line says it), "leave" (not ours), "cannot". */
void import_item(struct import *import, rs_text source, const char *kind, rs_text text, const char *outcome, rs_text message);

/* Everything about URLs and bindings: items, certificates, changes. */
RS_CHECKED rs_status import_plan(struct import *import);

/* The settings of the file: items; and `*out`, our file with those that mean the same here (empty: nothing to set). */
RS_CHECKED rs_status import_settings(struct import *import, rs_text ours, rs_text *out);

#endif
