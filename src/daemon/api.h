/* daemon/api.h - the configuration API: JSON over HTTP/1.1 on run/api.sock, for who may configure the server.
 *
 *     POST /v1/<Operation>      a JSON object of arguments; the answer is a JSON object
 *
 * The kernel says who is at the other end (SO_PEERCRED): root, the account that the server runs as, and members of the
 * group Bindery/ApiGroup. A failure is {"error": {"status", "code", "message"}} with an HTTP status that fits.
 */
#ifndef DAEMON_API_H
#define DAEMON_API_H

#include "base/job.h"

struct parent;
struct api;

RS_CHECKED rs_status api_open(struct rs_job *job, struct parent *parent, struct api **out);
/* Follow the settings: the folders above the socket let the group of Bindery/ApiGroup pass, and requests over HTTPS are
 * answered or not (Bindery/ApiOverHttps). */
RS_CHECKED rs_status api_settings_changed(struct rs_job *job, struct api *api);

struct json_t;
/* A certificate that came from an ACME server, into its slot. */
RS_CHECKED rs_status api_take(struct rs_job *job, struct api *api, rs_text slot, rs_text sha256, rs_text chain, rs_text key);
/* An operation that the server does by itself, in the name of `tool`. `*out` is the caller's to json_decref. */
RS_CHECKED rs_status api_run(struct rs_job *job, struct api *api, const char *operation, const struct json_t *arguments,
                             const char *tool, struct json_t **out);

void api_close(struct api *api); /* accepts NULL */

#endif
