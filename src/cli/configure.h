/* cli/configure.h - the commands about URLs, bindings, certificates and what else an instance is set up with.
 */
#ifndef CLI_CONFIGURE_H
#define CLI_CONFIGURE_H

#include "cli/cli.h"

/* URL reservations: url.c, apply.c */
extern const struct cli_option cli_url_change_options[], cli_url_root_options[], cli_url_explain_options[],
    cli_url_apply_options[];
rs_status cli_url_list(struct cli *cli);
rs_status cli_url_reserve(struct cli *cli);
rs_status cli_url_remove(struct cli *cli);
rs_status cli_url_directory(struct cli *cli);
rs_status cli_url_root(struct cli *cli);
rs_status cli_url_apply(struct cli *cli);
rs_status cli_url_explain(struct cli *cli);

/* bindings and their settings: tls.c, policy.c */
extern const struct cli_option cli_tls_bind_options[], cli_tls_unbind_options[], cli_tls_verify_options[],
    cli_tls_explain_options[], cli_tls_history_options[];
rs_status cli_tls_list(struct cli *cli);
rs_status cli_tls_bind(struct cli *cli);
rs_status cli_tls_unbind(struct cli *cli);
rs_status cli_tls_verify(struct cli *cli);
rs_status cli_tls_explain(struct cli *cli);
rs_status cli_tls_history(struct cli *cli);
rs_status cli_tls_undo(struct cli *cli);
rs_status cli_tls_set(struct cli *cli);
rs_status cli_tls_unset(struct cli *cli);
rs_status cli_tls_protect(struct cli *cli);
rs_status cli_tls_settings(struct cli *cli);

/* other applications: app.c, policy.c */
extern const struct cli_option cli_app_add_options[], cli_app_remove_options[];
rs_status cli_app_list(struct cli *cli);
rs_status cli_app_add(struct cli *cli);
rs_status cli_app_remove(struct cli *cli);
rs_status cli_app_set(struct cli *cli);
rs_status cli_app_unset(struct cli *cli);
rs_status cli_app_settings(struct cli *cli);

/* certificates: cert.c, cert_files.c, cert_folders.c, cert_slots.c */
extern const struct cli_option cli_cert_create_options[], cli_cert_import_options[], cli_cert_export_options[],
    cli_cert_request_options[], cli_cert_watch_options[], cli_cert_remove_options[], cli_cert_slot_options[],
    cli_cert_slot_remove_options[];
rs_status cli_cert_list(struct cli *cli);
rs_status cli_cert_show(struct cli *cli);
rs_status cli_cert_create(struct cli *cli);
rs_status cli_cert_import(struct cli *cli);
rs_status cli_cert_export(struct cli *cli);
rs_status cli_cert_request(struct cli *cli);
rs_status cli_cert_renew(struct cli *cli);
rs_status cli_cert_folders(struct cli *cli);
rs_status cli_cert_watch(struct cli *cli);
rs_status cli_cert_unwatch(struct cli *cli);
rs_status cli_cert_remove(struct cli *cli);
rs_status cli_cert_slots(struct cli *cli);
rs_status cli_cert_slot(struct cli *cli);
rs_status cli_cert_slot_remove(struct cli *cli);

/* certificates of ACME servers: acme.c */
extern const struct cli_option cli_acme_register_options[], cli_acme_issue_options[], cli_acme_renew_options[];
rs_status cli_acme_register(struct cli *cli);
rs_status cli_acme_issue(struct cli *cli);
rs_status cli_acme_renew(struct cli *cli);
rs_status cli_acme_remove(struct cli *cli);
rs_status cli_acme_list(struct cli *cli);

/* the report server database: db.c */
extern const struct cli_option cli_db_script_options[];
rs_status cli_db_status(struct cli *cli);
rs_status cli_db_create(struct cli *cli);
rs_status cli_db_use(struct cli *cli);
rs_status cli_db_upgrade(struct cli *cli);
rs_status cli_db_script(struct cli *cli);

/* the key of stored passwords: key.c */
extern const struct cli_option cli_key_file_options[], cli_key_delete_options[];
rs_status cli_key_backup(struct cli *cli);
rs_status cli_key_restore(struct cli *cli);
rs_status cli_key_rotate(struct cli *cli);
rs_status cli_key_delete(struct cli *cli);
rs_status cli_key_nodes(struct cli *cli);

/* mail, accounts: email.c, node.c */
extern const struct cli_option cli_email_set_options[], cli_email_test_options[], cli_account_unattended_options[];
rs_status cli_email_set(struct cli *cli);
rs_status cli_email_show(struct cli *cli);
rs_status cli_email_remove(struct cli *cli);
rs_status cli_email_test(struct cli *cli);
rs_status cli_account_service(struct cli *cli);
rs_status cli_account_unattended(struct cli *cli);

/* what nodes behind a balancer share: node.c */
extern const struct cli_option cli_node_export_options[], cli_node_options[];
rs_status cli_node_export(struct cli *cli);
rs_status cli_node_compare(struct cli *cli);
rs_status cli_node_apply(struct cli *cli);

/* the instance as a whole: import.c, doctor.c, api.c */
extern const struct cli_option cli_import_options[], cli_doctor_options[], cli_api_token_options[];
rs_status cli_import(struct cli *cli);
rs_status cli_doctor(struct cli *cli);
rs_status cli_api_list(struct cli *cli);
rs_status cli_api_token(struct cli *cli);
rs_status cli_metrics(struct cli *cli);

struct json_t;
/* --host and --address, each as often as given, in a new array. */
struct json_t *cli_cert_hosts(struct cli *cli);
/* What was edited by hand in rsreportserver.config: one line per row. */
void cli_print_drift(const struct json_t *drift);

#endif
