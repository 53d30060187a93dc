/* daemon/paths.h - where things are in an instance. Nothing is written outside its folder.
 */
#ifndef DAEMON_PATHS_H
#define DAEMON_PATHS_H

#include "base/job.h"

struct paths {
    rs_text instance;
    rs_text config;       /* rsreportserver.config */
    rs_text https_db;
    rs_text catalog_db;   /* unless the settings say otherwise: paths_database */
    rs_text catalog_key;  /* catalog.key */
    rs_text keytab;       /* krb5.keytab */
    rs_text certificates; /* certs/ */
    rs_text acme;         /* acme/: what was asked of ACME servers, and the account's key */
    rs_text ocsp;         /* ocsp/: what authorities say of certificates */
    rs_text data;         /* data/: files that data sources of reports may name */
    rs_text run;          /* run/: sockets and the lock */
    rs_text log, tmp;
    rs_text api_socket;   /* run/api.sock */
    rs_text remote_socket; /* run/remote.sock: the same over HTTPS */
    rs_text worker_socket; /* run/worker.sock */
    rs_text attempts;      /* run/attempts: failed logons, counted by all workers together */
    rs_text kerberos;      /* run/kerberos/: what tickets were taken lately */
    rs_text kerberos_socket; /* run/kerberos.sock: where the process that has the keytab answers workers */
    rs_text directories;  /* run/directories: see daemon/directories.h */
    rs_text lock;         /* run/lock: held by the server while it runs */
};

/* The file of the report server database, as the settings have it. */
rs_text paths_database(struct rs_job *job, const struct paths *paths, rs_text setting);

/* Of the instance in folder `instance`, made absolute. Fails with RS_INVALID where the paths of the sockets would be
 * too long for the system. */
RS_CHECKED rs_status paths_of(struct rs_job *job, rs_text instance, struct paths *out);

#endif
