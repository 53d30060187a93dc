/* service/configure/inside.h - what the operations share: for this folder only.
 */
#ifndef SERVICE_CONFIGURE_INSIDE_H
#define SERVICE_CONFIGURE_INSIDE_H

#include "net/pki/kinds.h"
#include "net/pki/store.h"
#include "net/tables/change.h"
#include "service/configure/configure.h"

#define CONFIGURE_HOSTS_MAX 100

/* One call of one operation. */
struct call {
    struct rs_job *job;
    const struct configure_instance *instance;
    const json_t *arguments; /* checked against the operation's row of the table */
    const struct configure_caller *caller;
    json_t *result; /* an object; given to the caller on success */
    size_t verified; /* rows of a change of many, so far */
    const struct tables_snapshot *after; /* while a change is checked: what it leads to */
    bool adopts; /* the change is what rsreportserver.config says */
};

/* ---- arguments: of the names and kinds that the table gives ---------------------------------- */

rs_text call_text(const struct call *call, const char *name);    /* empty where it is missing */
bool call_flag(const struct call *call, const char *name);       /* false where it is missing */
bool call_number(const struct call *call, const char *name, json_int_t *out); /* false where it is missing */
bool call_has(const struct call *call, const char *name);
/* A text or an array of texts. */
void call_texts(const struct call *call, const char *name, const rs_text **out, size_t *count);
RS_CHECKED rs_status call_port(const struct call *call, uint16_t *out);
RS_CHECKED rs_status call_address(const struct call *call, const char *name, struct tables_address *out);

/* ---- results --------------------------------------------------------------------------------- */

void put_text(json_t *object, const char *name, rs_text text);
void put_number(json_t *object, const char *name, int64_t number);
void put_flag(json_t *object, const char *name, bool flag);
void put_time(json_t *object, const char *name, int64_t utc_ms); /* 2026-11-22T09:30:00.000Z */
json_t *put_array(json_t *object, const char *name);             /* borrowed */
json_t *put_object(json_t *object, const char *name);            /* borrowed */
json_t *add_object(json_t *array);                               /* borrowed */
void add_text(json_t *array, rs_text text);
void put_texts(json_t *object, const char *name, const rs_text *texts, size_t count);

/* One line of checks[]; `fatal` counts where it is not ok. */
void add_check(json_t *checks, const char *stage, rs_text subject, bool ok, bool fatal, rs_text message);

/* ---- what operations do ---------------------------------------------------------------------- */

/* Look at the certificates as they are now; where they changed the server is told. */
RS_CHECKED rs_status call_rescan(struct call *call);
/* By thumbprint; fails with RS_NOT_FOUND. */
RS_CHECKED rs_status call_certificate(struct call *call, rs_text thumbprint, const struct pki_entry **out);
/* Until it expires; negative where it has. */
int64_t days_left(const struct pki_entry *entry);
/* Put the certificate into the slot, and with it every row that follows it: a change like any other. `source` is what
 * fills the slot, empty where somebody does by hand; `force` takes it from another source. */
RS_CHECKED rs_status slot_fill(struct call *call, rs_text slot, const struct pki_entry *entry, rs_text source, bool force);
struct pki_import_file;
/* Copy a certificate (of thumbprint `sha256`) with its key into the store and put it into the slot; what the slot held long
 * ago goes from the store. */
RS_CHECKED rs_status slot_take(struct call *call, rs_text slot, rs_text source, const struct pki_import_file *files,
                               size_t count, const char *password, rs_text sha256);
/* The argument KeyType, as `cert create` takes it; untouched where it is missing. */
RS_CHECKED rs_status call_key_kind(const struct call *call, enum pki_key_kind *out);
/* The tables now; lives as long as the job. */
RS_CHECKED rs_status call_tables(struct call *call, const struct tables_snapshot **out);

/* A change: planned; then unless it is a dry run written, shown live, verified, committed, represented; or taken
 * back, all of it, with the reason. Fills steps[], warnings[], changed, revision.
 *
 * check   before anything is changed, also in a dry run; may be NULL
 * verify  after the server shows it; not called where no server runs; may be NULL */
typedef rs_status change_look(struct call *call, const struct tables_snapshot *snapshot, const struct tables_change *change,
                              json_t *checks);
RS_CHECKED rs_status change_run(struct call *call, const struct tables_change *change, change_look *check,
                                change_look *verify);
/* Several changes as one transaction, `what` in the history; `check` and `verify` look at each of them. */
RS_CHECKED rs_status change_run_all(struct call *call, const struct tables_change *changes, size_t count, rs_text what,
                                    change_look *check, change_look *verify);
/* Whether the change of this call is made last with others; then their end represents it. */
struct configure_group;
void group_note(struct configure_group *group, json_t *result, struct tables_snapshot *after);
/* Begin to look whether the row is shown, and see at the end of the group. False: this has to be seen now. */
bool group_looks_later(struct call *call, const struct tables_snapshot *snapshot, const struct tables_binding *row, json_t *checks);
/* The live server goes back to what it served; should that fail too, it is said in the log and in the error. */
void live_take_back(struct rs_job *job, const struct configure_instance *instance, struct tables_snapshot *before);
/* Show the rows in rsreportserver.config. Empty, or the warning why it does not. */
rs_text represent(struct rs_job *job, const struct configure_instance *instance, struct tables_snapshot *after);
/* Refused with RS_CONFLICT where no https URL has a certificate: a level above 0 would shut everybody out. */
RS_CHECKED rs_status level_needs_https(struct call *call);
/* An entry of the history about something that is not in the tables: {`kind`: before} and {`kind`: after}, borrowed. */
RS_CHECKED rs_status call_note(struct call *call, rs_text what, const char *kind, const json_t *before, const json_t *after);
/* Of a TABLES_SET_SLOT. */
change_look slot_check, slot_verify;
/* Of a TABLES_RESERVE; of a TABLES_BIND. */
change_look reserve_check, bind_check, bind_verify;
/* The same for changes of any kind. */
change_look change_check_any, change_verify_any;

/* May the server listen there? A port on which it listens already is its own: it sorts out its sockets when the
 * change is applied. */
RS_CHECKED rs_status check_port(struct call *call, const struct tables_snapshot *snapshot,
                                const struct tables_address *address, uint16_t port, json_t *checks);

void certificate_json(struct call *call, const struct pki_entry *entry, json_t *out);
/* What the server has learned from its authority; nothing: an empty record. */
struct ocsp_record;
void revocation_of(struct call *call, const struct pki_entry *entry, struct ocsp_record *out);
/* True: it was revoked, and `sentence` says so. */
bool revocation_is_revoked(struct call *call, const struct pki_entry *entry, rs_text *sentence);
/* Append what speaks against it to reasons[]; true: it was revoked. */
bool revocation_reasons(struct call *call, const struct pki_entry *entry, json_t *reasons);
/* The member "revocation" of a certificate that has somebody to ask. */
void revocation_json(struct call *call, const struct tables_snapshot *snapshot, const struct pki_entry *entry, json_t *out);
void binding_json(struct call *call, const struct tables_binding *row, json_t *out);

/* Connect to where `row` answers and compare what it shows; each stage becomes a check. True: all is well. */
bool verify_row(struct call *call, const struct tables_snapshot *snapshot, const struct tables_binding *row,
                json_t *checks);
/* The same in two halves: between them the server has time to answer. What `of` points to must live until the end, but for
 * itself; row_look_finish in any case. */
struct row_look {
    struct call call;
    const struct tables_binding *row;
    json_t *checks;
    rs_text subject;
    struct rs_job *part;
    struct probe *probe;
};
bool verify_row_begin(const struct call *of, const struct tables_snapshot *snapshot, const struct tables_binding *row,
                      json_t *checks, struct row_look *out);
bool verify_row_end(struct row_look *look);
void row_look_finish(struct row_look *look);
/* The same for one row of a change: fails with the first thing that is wrong. */
RS_CHECKED rs_status binding_verify(struct call *call, const struct tables_snapshot *snapshot,
                                    const struct tables_binding *row, json_t *checks);
/* Ask for the URL at `address` and look who answers. */
bool verify_route(struct call *call, const struct tables_snapshot *snapshot, const struct tables_reservation *row,
                  json_t *checks);
bool verify_database(struct call *call, json_t *checks);

/* ---- the operations -------------------------------------------------------------------------- */

typedef rs_status operation_run(struct call *call);
operation_run list_reserved_urls, reserve_url, remove_url, set_virtual_directory, explain_url;
operation_run list_certificates, show_certificate, create_certificate;
operation_run list_folders, watch_folder, unwatch_folder, scan_folders;
operation_run renew_certificate;
operation_run register_acme, issue_acme, renew_acme, remove_acme, list_acme;
operation_run list_slots, set_slot, remove_slot, remove_certificate;
operation_run import_certificate, export_certificate, request_certificate;
operation_run list_bindings, create_binding, remove_binding, explain_binding;
operation_run create_bindings, undo_change;
operation_run list_applications, add_application, add_report_server, remove_application;
operation_run set_binding_policy, set_application_policy, list_policy;
operation_run list_addresses, verify_bindings, list_history;
operation_run list_drift, apply_configuration_file, import_configuration;
operation_run get_service_state, get_report_server_urls, get_configuration_setting, set_secure_connection_level, set_service_state, set_extended_protection_settings, set_url_root, run_doctor, get_metrics;
operation_run set_service_identity, export_node, compare_node, apply_node;
operation_run set_email, set_authenticated_email, set_unattended, remove_unattended;
operation_run get_database_state, create_database, upgrade_database, database_creation_script, database_upgrade_script,
    database_version_name, set_database_connection, set_database_timeout;
operation_run backup_key, restore_key, rotate_key, delete_encrypted, delete_key, initialize, list_servers;
operation_run create_api_token, list_api_tokens, revoke_api_token;

#endif
