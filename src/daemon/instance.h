/* daemon/instance.h - an instance as the configuration operations see it, with or without a running server.
 */
#ifndef DAEMON_INSTANCE_H
#define DAEMON_INSTANCE_H

#include "service/configure/configure.h"

struct paths;
struct representation;

/* How the processes of a running server hear which tables to serve: configure_instance says when. */
typedef rs_status instance_serve(struct rs_job *job, void *data, struct tables_snapshot *tables);

struct instance {
    const struct paths *paths;
    struct representation *representation; /* of rsreportserver.config */
    struct configure_instance configure;
    instance_serve *apply, *go_back;
    void *apply_data;
    void (*wake)(void *data);
    rs_status (*state)(struct rs_job *job, void *data, json_t **out); /* as configure_instance has them, with apply_data */
    rs_status (*reload)(struct rs_job *job, void *data);
};

/* Of a running server: what it has open, and how its front is told. Everything is borrowed; the representation is the
 * instance's until instance_end. */
void instance_of(struct instance *instance, const struct paths *paths, struct tables_db *db, struct pki_store *store,
                 instance_serve *apply, instance_serve *go_back, void *apply_data);

/* What else a running server answers: called with `apply_data`. */
void instance_live(struct instance *instance, rs_status (*state)(struct rs_job *job, void *data, json_t **out),
                   rs_status (*reload)(struct rs_job *job, void *data));
/* Who asks ACME servers hears of changes: called with `apply_data`. */
void instance_wakes(struct instance *instance, void (*wake)(void *data));
void instance_end(struct instance *instance);

/* Of a stopped server: opens https.db and the certificate store, which live as long as the job. */
RS_CHECKED rs_status instance_open(struct rs_job *job, const struct paths *paths, struct instance *out);

/* Make the folders, the configuration file and the databases of a new instance; what is there already stays. */
RS_CHECKED rs_status instance_init(struct rs_job *job, const struct paths *paths, rs_text name, bool *was_there);

/* The virtual directories of its web service and its portal. */
RS_CHECKED rs_status instance_directories(struct rs_job *job, const struct paths *paths, rs_text *web_service, rs_text *portal);

/* The file of its report server database, as rsreportserver.config has it. */
RS_CHECKED rs_status instance_database(struct rs_job *job, const struct paths *paths, rs_text *out);

/* configure_call, for `who` by `tool`. */
RS_CHECKED rs_status instance_call(struct rs_job *job, struct instance *instance, rs_text operation,
                                   const json_t *arguments, rs_text who, rs_text tool, json_t **out);

#endif
