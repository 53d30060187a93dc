/* daemon/settings.h - what an administrator sets in rsreportserver.config.
 *
 * The elements of the original keep their names and places; what only Bindery has stands below
 * Configuration/Bindery. Elements that are not known are left alone: the file comes from the original or goes
 * back to it. docs/configuration.md lists them all.
 */
#ifndef DAEMON_SETTINGS_H
#define DAEMON_SETTINGS_H

#include "base/job.h"
#include "base/log.h"

#define SETTINGS_FILE_MAX ((size_t)16 * 1024 * 1024) /* the rows of ten thousand bindings are 5 MiB */
#define SETTINGS_WORKERS_MAX 256

struct daemon_settings {
    rs_text installation_id;       /* InstallationID */
    bool web_service_enabled;      /* Service/IsWebServiceEnabled */
    bool portal_enabled;           /* Service/IsReportManagerEnabled */
    rs_text url_root;              /* Service/UrlRoot; empty: worked out from the request */
    rs_text hostname;              /* Service/Hostname; empty: the machine's own */
    rs_text unattended_user;       /* Service/UnattendedExecutionAccount/UserName */
    rs_text realm;                 /* Authentication/AuthenticationTypes/RSWindowsBasic/Realm */
    bool negotiate, kerberos, basic; /* Authentication/AuthenticationTypes/RSWindowsNegotiate, -Kerberos, -Basic: is it there? */
    unsigned protection_level;     /* Authentication/RSWindowsExtendedProtectionLevel: enum auth_protection_level */
    unsigned protection_scenario;  /* Authentication/RSWindowsExtendedProtectionScenario: enum auth_protection_scenario */
    rs_text proxy_certificate_file; /* Bindery/ProxyCertificateFile: what trusted proxies show to clients; empty: what we show */
    bool keep_logons;              /* Authentication/EnableAuthPersistence: of tickets, with their connections */
    bool forms;                    /* Authentication/AuthenticationTypes/Custom: is it there? */
    bool plain_cookie;             /* Add Key="DisableSecureFormsAuthenticationCookie" */
    int64_t forms_ms;              /* Bindery/FormsTimeoutMinutes: how long a logon by the form lasts without a request */
    rs_text kerberos_realm;        /* Bindery/KerberosRealm: whose principals have the accounts of their short names */
    unsigned workers;              /* Bindery/WorkerProcesses, 1 to SETTINGS_WORKERS_MAX */
    size_t worker_memory_bytes;    /* Bindery/WorkerMemoryMiB: of one request */
    int64_t worker_time_ms;        /* Bindery/WorkerTimeSeconds: of one request */
    uint64_t request_body_bytes;   /* Bindery/MaxRequestMiB: an upload, among others */
    unsigned secure_level;         /* Add Key="SecureConnectionLevel": from 1 on the report server needs TLS */
    rs_text trusted_proxies;       /* Bindery/TrustedProxies: addresses and networks, as net/front/trust.h reads them */
    rs_text forwarded_field;       /* Bindery/ForwardedField: X-Forwarded-For or Forwarded */
    size_t peer_connections;       /* Bindery/MaxConnectionsPerClient; 0: any number */
    bool passwords_over_http;      /* Bindery/AllowPasswordsOverHttp */
    enum rs_log_level log_level;   /* Bindery/LogLevel: error warning info debug */
    rs_text data_hosts;            /* Bindery/DataHosts: where reports may read documents from; empty: nowhere */
    bool log_json;                 /* Bindery/AccessLogJson: a JSON object per line instead of W3C extended */
    uint64_t log_bytes;            /* Bindery/LogMaxMiB: a log file of this size is moved away; 0: never */
    bool api_over_https;           /* Bindery/ApiOverHttps: run/remote.sock takes requests with a token */
    rs_text ticket_key_file;       /* Bindery/TicketKeyFile: a secret that nodes share; empty: tickets are of this process alone */
    rs_text run_as;                /* Bindery/RunAs: the account of front and keys where the server is started as root */
    rs_text database;              /* Bindery/Database: the file of the report server database; empty: INSTANCE/catalog.db */
    int64_t database_wait_ms;      /* Add Key="DatabaseQueryTimeout": for a change of another process; 0: as long as the request has */
    rs_text api_group;             /* Bindery/ApiGroup: a group that may use the configuration API; empty: none */
};

/* Read the settings out of the file's bytes; texts are copied into the job. Elements that are missing have their
 * defaults. Fails with DAEMON_SETTINGS; the message names the element, its value and what may stand there. */
RS_CHECKED rs_status settings_read(struct rs_job *job, rs_text bytes, struct daemon_settings *out);
/* The same from the file; what reading took is given back to the system. */
RS_CHECKED rs_status settings_read_file(struct rs_job *job, rs_text path, struct daemon_settings *out);

/* Whether an element at this path ("Bindery/LogLevel") is a setting. */
bool settings_knows(rs_text path);

/* The file of a new instance. */
rs_text settings_default_file(struct rs_job *job, rs_text installation_id);

#endif
