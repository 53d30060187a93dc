/* cli/host.h - what the command needs from the program it is part of: to run the server, and to open an instance.
 *
 * Declared here because the daemon stands above the command line; src/daemon fills it.
 */
#ifndef CLI_HOST_H
#define CLI_HOST_H

#include "base/job.h"

struct json_t;
struct service;

/* The report server of an instance, as another instance's HTTPS service reaches it. */
struct cli_report_server {
    rs_text target; /* unix:DIR/run/worker.sock */
    rs_text web_service_directory, portal_directory;
};

struct cli_host {
    /* Make an instance in a folder; what is there already stays, and `*was_there` tells. `name` (may be empty) is its
     * name beside other instances: its virtual directories are ReportServer_NAME and Reports_NAME. */
    rs_status (*init)(struct rs_job *job, rs_text instance, rs_text name, bool *was_there);
    rs_status (*report_server)(struct rs_job *job, rs_text instance, struct cli_report_server *out);
    /* Serve until told to stop. `role` is empty for the parent; `single`: one process. */
    rs_status (*serve)(struct rs_job *job, rs_text instance, rs_text role, bool single);
    /* Run an operation of the configuration API: by the running server, or in this process where none runs. `tool` is the
     * command, for the history. `input` is borrowed; `*out` is the caller's to json_decref. */
    rs_status (*call)(struct rs_job *job, rs_text instance, rs_text tool, const char *operation, struct json_t *input,
                      struct json_t **out);
    /* Whether a server of this instance answers now. */
    bool (*is_running)(struct rs_job *job, rs_text instance);
    /* The report server of an instance, for commands that work on its items and accounts. */
    rs_status (*service)(struct rs_job *job, rs_text instance, struct service **out);
};

#endif
