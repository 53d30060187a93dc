/* cli/host.h - what the command needs from the program it is part of: to run the server, and to open an instance.
 *
 * Declared here because the daemon stands above the command line; src/daemon fills it.
 */
#ifndef CLI_HOST_H
#define CLI_HOST_H

#include "base/job.h"

struct catalog;
struct json_t;

struct cli_host {
    /* Make the folder of a new instance. Fails with RS_CONFLICT where there is one. */
    rs_status (*init)(struct rs_job *job, rs_text instance);
    /* Serve until told to stop. `role` is empty for the parent; `single`: one process. */
    rs_status (*serve)(struct rs_job *job, rs_text instance, rs_text role, bool single);
    /* Run an operation of the configuration API: by the running server, or in this process where none runs. `tool` is the
     * command, for the history. `input` is borrowed; `*out` is the caller's to json_decref. */
    rs_status (*call)(struct rs_job *job, rs_text instance, rs_text tool, const char *operation, struct json_t *input,
                      struct json_t **out);
    /* Whether a server of this instance answers now. */
    bool (*is_running)(struct rs_job *job, rs_text instance);
    /* The report server database of an instance, for commands that work on it directly. */
    rs_status (*catalog)(struct rs_job *job, rs_text instance, struct catalog **out);
};

#endif
