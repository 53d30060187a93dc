/* The table of the commands, in the order in which they are listed. */
#include "cli/cli.h"

#include <stdint.h>
#include <stdio.h>

#include "cli/configure.h"
#include "cli/report.h"
#include "cli/server.h"

#define ANY UINT32_MAX

static rs_status version(struct cli *cli)
{
    if (cli->json)
        printf("{\"name\": \"bindery\", \"version\": \"" BINDERY_VERSION "\"}\n");
    else
        printf("bindery " BINDERY_VERSION "\n");
    return RS_OK;
}

/* word, action, arguments, summary, least and most arguments, options, function, effect */
const struct cli_command cli_commands[] = {
    {"init", NULL, "", "make an instance", 0, 0, cli_init_options, cli_server_init, CLI_CHANGES},
    {"serve", NULL, "", "serve the instance until SIGTERM", 0, 0, cli_serve_options, cli_server_serve, CLI_CHANGES},
    {"status", NULL, "", "what runs and what is configured", 0, 0, cli_status_options, cli_server_status, CLI_READS},
    {"metrics", NULL, "", "what a running server counts, as Prometheus reads it", 0, 0, NULL, cli_metrics, CLI_READS},
    {"doctor", NULL, "", "what is wrong, and what mends it", 0, 0, cli_doctor_options, cli_doctor, CLI_CHANGES},
    {"import", NULL, "FILE...", "take over a configuration of Windows: rsreportserver.config, listings of netsh and httpcfg", 1, 16,
     cli_import_options, cli_import, CLI_PLANS},
    {"cert", "list", "", "certificates in the store, and why some cannot be used", 0, 0, NULL, cli_cert_list, CLI_READS},
    {"cert", "show", "THUMBPRINT", "everything about one certificate", 1, 1, NULL, cli_cert_show, CLI_READS},
    {"cert", "create", "", "make a certificate for testing, from a small local authority", 0, 0, cli_cert_create_options,
     cli_cert_create, CLI_CHANGES},
    {"cert", "request", "", "make a private key, and a request for an authority to certify it", 0, 0, cli_cert_request_options,
     cli_cert_request, CLI_PLANS},
    {"cert", "import", "FILE...", "put certificates, chains and keys into the store: PEM, DER, PKCS#7, PKCS#12", 1, ANY,
     cli_cert_import_options, cli_cert_import, CLI_PLANS},
    {"cert", "export", "THUMBPRINT", "write a certificate with its chain, and its key if asked for", 1, 1,
     cli_cert_export_options, cli_cert_export, CLI_READS},
    {"cert", "remove", "THUMBPRINT|NAME", "remove a certificate that nothing uses, or a request by its name", 1, 1,
     cli_cert_remove_options, cli_cert_remove, CLI_PLANS},
    {"cert", "renew", "THUMBPRINT", "make a certificate of the local authority anew; whatever shows it moves", 1, 1, NULL,
     cli_cert_renew, CLI_PLANS},
    {"cert", "slots", "", "names that rows follow, what they hold and who fills them", 0, 0, NULL, cli_cert_slots, CLI_READS},
    {"cert", "slot", "NAME", "put a certificate into a slot: every row that follows it moves at once", 1, 1,
     cli_cert_slot_options, cli_cert_slot, CLI_PLANS},
    {"cert", "slot-remove", "NAME", "remove a slot that no row follows", 1, 1, cli_cert_slot_remove_options,
     cli_cert_slot_remove, CLI_PLANS},
    {"cert", "folders", "", "watched folders, and what is in them", 0, 0, NULL, cli_cert_folders, CLI_READS},
    {"cert", "watch", "FOLDER", "put the newest certificate of a folder into a slot, now and whenever there is another", 1, 1,
     cli_cert_watch_options, cli_cert_watch, CLI_PLANS},
    {"cert", "unwatch", "FOLDER", "watch a folder no longer; its slot keeps what it holds", 1, 1, NULL, cli_cert_unwatch,
     CLI_PLANS},
    {"acme", "register", "", "get an account at an ACME server, Let's Encrypt's unless another is given", 0, 0,
     cli_acme_register_options, cli_acme_register, CLI_PLANS},
    {"acme", "issue", "SLOT", "get a certificate into a slot, and have it renewed there ahead of time", 1, 1,
     cli_acme_issue_options, cli_acme_issue, CLI_PLANS},
    {"acme", "list", "", "the account, and the certificates that are asked for", 0, 0, NULL, cli_acme_list, CLI_READS},
    {"acme", "renew", "SLOT", "renew a certificate now, although it is not time", 1, 1, cli_acme_renew_options, cli_acme_renew,
     CLI_PLANS},
    {"acme", "remove", "SLOT", "renew a certificate no longer; its slot keeps what it holds", 1, 1, NULL, cli_acme_remove,
     CLI_PLANS},
    {"url", "list", "", "URL reservations", 0, 0, NULL, cli_url_list, CLI_READS},
    {"url", "reserve", "URL", "reserve a URL for an application", 1, 1, cli_url_change_options, cli_url_reserve, CLI_PLANS},
    {"url", "remove", "URL", "give a reservation up", 1, 1, cli_url_change_options, cli_url_remove, CLI_PLANS},
    {"url", "directory", "NAME", "set the virtual directory of an application, in all its URLs at once", 1, 1,
     cli_url_change_options, cli_url_directory, CLI_PLANS},
    {"url", "root", "[URL]", "what links to the report server begin with", 0, 1, cli_url_root_options, cli_url_root, CLI_PLANS},
    {"url", "apply", "", "adopt or discard what was edited by hand in rsreportserver.config", 0, 0, cli_url_apply_options,
     cli_url_apply, CLI_PLANS},
    {"url", "explain", "URL", "which reservation and certificate a URL meets, and why", 1, 1, cli_url_explain_options,
     cli_url_explain, CLI_READS},
    {"tls", "list", "", "certificate bindings and who claims them", 0, 0, NULL, cli_tls_list, CLI_READS},
    {"tls", "bind", "", "bind a certificate: checked, applied live, verified, or taken back", 0, 0, cli_tls_bind_options,
     cli_tls_bind, CLI_PLANS},
    {"tls", "unbind", "", "give a claim up; the binding goes with its last claim", 0, 0, cli_tls_unbind_options,
     cli_tls_unbind, CLI_PLANS},
    {"tls", "verify", "", "try every URL: handshake, route, report server database", 0, 0, cli_tls_verify_options,
     cli_tls_verify, CLI_READS},
    {"tls", "explain", "", "which row and certificate a handshake meets, and why", 0, 0, cli_tls_explain_options,
     cli_tls_explain, CLI_READS},
    {"tls", "history", "", "what was changed, when and by whom", 0, 0, cli_tls_history_options, cli_tls_history, CLI_READS},
    {"tls", "undo", "[REVISION]", "take back the last change, or one of the history that nothing later depends on", 0, 1, NULL,
     cli_tls_undo, CLI_PLANS},
    {"tls", "set", "ROW NAME=VALUE...", "change settings of a row: ADDRESS:PORT, HOST:PORT or HOST@ADDRESS:PORT", 2, ANY, NULL,
     cli_tls_set, CLI_PLANS},
    {"tls", "unset", "ROW NAME...", "set settings of a row back to their defaults", 2, ANY, NULL, cli_tls_unset, CLI_PLANS},
    {"tls", "protect", "LEVEL [SCENARIO]", "bind tickets to connections: Off, Allow or Require; Proxy, Any or Direct", 1, 2, NULL,
     cli_tls_protect, CLI_PLANS},
    {"tls", "settings", "ROW", "the settings of a row, what they may be and what they do", 1, 1, NULL, cli_tls_settings,
     CLI_READS},
    {"app", "list", "", "the applications behind this HTTPS service", 0, 0, NULL, cli_app_list, CLI_READS},
    {"app", "add", "NAME", "let another application of this machine share the ports", 1, 1, cli_app_add_options, cli_app_add,
     CLI_PLANS},
    {"app", "remove", "NAME", "take an application away", 1, 1, cli_app_remove_options, cli_app_remove, CLI_PLANS},
    {"app", "set", "NAME NAME=VALUE...", "change settings of an application", 2, ANY, NULL, cli_app_set, CLI_PLANS},
    {"app", "unset", "NAME NAME...", "set settings of an application back to their defaults", 2, ANY, NULL, cli_app_unset,
     CLI_PLANS},
    {"app", "settings", "NAME", "the settings of an application, what they may be and what they do", 1, 1, NULL,
     cli_app_settings, CLI_READS},
    {"key", "backup", "FILE", "write the key of stored passwords to a file, under a password", 1, 1, cli_key_file_options,
     cli_key_backup, CLI_CHANGES},
    {"key", "restore", "FILE", "put the key back from a backup, where it opens what is sealed", 1, 1, cli_key_file_options,
     cli_key_restore, CLI_PLANS},
    {"key", "rotate", "", "make a new key, and seal every stored password with it", 0, 0, NULL, cli_key_rotate, CLI_PLANS},
    {"key", "delete", "", "remove the key, or with --contents everything that is sealed with it", 0, 0, cli_key_delete_options,
     cli_key_delete, CLI_PLANS},
    {"key", "nodes", "", "the report servers that use this database, and their key", 0, 0, NULL, cli_key_nodes, CLI_READS},
    {"api", "token", "create NAME | list | revoke NAME", "tokens for the configuration API over HTTPS", 1, 2, cli_api_token_options,
     cli_api_token, CLI_CHANGES},
    {"api", "list", "", "operations of the configuration API", 0, 0, NULL, cli_api_list, CLI_READS},
    {"report", "render", "FILE", "write a report to a file, from its definition and data", 1, 1, cli_report_render_options,
     cli_report_render, CLI_CHANGES},
    {"report", "check", "FILE...", "read and compile report definitions; say what is wrong where", 1, ANY,
     cli_report_check_options, cli_report_check, CLI_READS},
    {"report", "publish", "FILE...", "put reports, data sources and other files on the server", 1, ANY,
     cli_report_publish_options, cli_report_publish, CLI_CHANGES},
    {"report", "list", "[PATH]", "items in a folder of the server", 0, 1, cli_report_list_options, cli_report_list, CLI_READS},
    {"report", "get", "PATH", "the definition of a report, the bytes of a resource", 1, 1, cli_report_get_options,
     cli_report_get, CLI_READS},
    {"report", "remove", "PATH", "remove an item; a folder with everything in it", 1, 1, NULL, cli_report_remove, CLI_CHANGES},
    {"user", "list", "", "local accounts", 0, 0, NULL, cli_user_list, CLI_READS},
    {"user", "add", "NAME", "add an account", 1, 1, cli_user_add_options, cli_user_add, CLI_CHANGES},
    {"user", "password", "NAME", "set a password", 1, 1, cli_user_password_options, cli_user_password, CLI_CHANGES},
    {"user", "role", "NAME", "make an account administrator or reader", 1, 1, cli_user_role_options, cli_user_role, CLI_CHANGES},
    {"user", "remove", "NAME", "remove an account", 1, 1, NULL, cli_user_remove, CLI_CHANGES},
    {"version", NULL, "", "name and version", 0, 0, NULL, version, CLI_READS},
};

const size_t cli_command_count = sizeof cli_commands / sizeof cli_commands[0];
