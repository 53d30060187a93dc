/* service/ops/service.h - what a worker process keeps from one request to the next, and who asks.
 */
#ifndef SERVICE_OPS_SERVICE_H
#define SERVICE_OPS_SERVICE_H

#include "base/job.h"
#include "service/auth/identify.h"

struct service_settings {
    rs_text catalog_path; /* catalog.db */
    int64_t catalog_wait_ms; /* catalog_wait; 0: as long as the request has */
    rs_text key_path;     /* catalog.key: opens the passwords of data sources; made where it is missing */
    rs_text unattended_user; /* for data sources without credentials; its password is the secret "unattended". Empty: none */
    rs_text data_folder;  /* relative file names in connection strings are below it; empty: no files */
    rs_text data_hosts;   /* that documents of data sources may come from; see report/data/http.h */
    struct auth_settings auth;
    bool remote_errors;   /* EnableRemoteErrors: what data sources say is shown to everybody */
    size_t cache_bytes;   /* of definitions whose published reports this process keeps; 0: none */
};

void service_settings_default(struct service_settings *settings);

struct published;
struct service; /* one per process; not carried over a fork */

/* Texts are copied. The report server database is opened with the first request and, where that failed, tried again
 * with each following one: a worker outlives a database that is away for a while. */
RS_CHECKED rs_status service_open(struct rs_job *job, const struct service_settings *settings, struct service **out);
void service_close(struct service *service); /* accepts NULL */
RS_OWNED_BY(service, service_close)

/* The open catalog. Fails with CATALOG_DB_*. */
RS_CHECKED rs_status service_catalog(struct rs_job *job, struct service *service, struct catalog **out);

/* The key of stored passwords as it is now: read when it is first needed, and again when it was changed. It is good until the
 * next call. Fails with SECRET_KEY. */
struct secret_key;
RS_CHECKED rs_status service_secret_key(struct rs_job *job, struct service *service, const struct secret_key **out);

/* As auth_identify; the key that it may need is added. */
RS_CHECKED rs_status service_identify(struct rs_job *job, struct service *service,
                                      const struct auth_attempt *attempt, struct auth_user *out,
                                      struct auth_reply *reply);
/* As auth_log_on. */
RS_CHECKED rs_status service_log_on(struct rs_job *job, struct service *service, const struct auth_attempt *attempt,
                                    rs_text name, rs_text password, struct auth_user *out, struct auth_reply *reply);
/* As auth_challenges. */
size_t service_challenges(struct rs_job *job, const struct service *service, const struct auth_reply *reply,
                          rs_text out[AUTH_CHALLENGES_MAX]);

/* The published reports that this process keeps. */
struct published *service_published(const struct service *service);

const struct service_settings *service_settings(const struct service *service);

/* Who asks for an operation, and from where. */
struct service_caller {
    struct service *service;
    struct auth_user user;
    rs_text language;          /* of the client's browser, "de-DE"; empty where not known */
    rs_text report_server_url; /* "https://host/ReportServer": Globals!ReportServerUrl */
    bool is_local;             /* the client is on this machine */
};

/* What to tell the caller about the job's failure: its message with its place; without what a data source said where
 * the caller is elsewhere and remote errors are off. */
rs_text service_error_text(struct rs_job *job, const struct service_caller *caller);

#endif
