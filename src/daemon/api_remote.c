#include "daemon/api_remote.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/sockets.h"
#include "service/auth/throttle.h"
#include "service/configure/configure.h"

#define BEARER RS_TEXT("Bearer ")

/* They make or show secrets. */
static const char *const local_only[] = {"CreateApiToken", "RevokeApiToken", "ListApiTokens", "ExportCertificate",
                                         "BackupEncryptionKey", "RestoreEncryptionKey", "ExportNodeProfile"};

struct api_remote {
    struct api_remote_parts parts;
    int fd;
    struct api_server *server;
    struct throttle throttle;
    int64_t second; /* of the requests that are being counted */
    unsigned requests;
};

static rs_text field(const struct http_request *request, const char *name)
{
    return http_fields_find_name(&request->fields, rs_text_from(name));
}

/* "/bindery-api/v1/ListReservedUrls" behind the prefix of the URL reservation. */
static rs_text operation_of(const struct http_request *request)
{
    rs_text prefix = field(request, "Bindery-Prefix"), path = request->path;

    if (rs_text_starts_nocase(path, prefix))
        path = rs_text_from_offset(path, prefix.size);
    return rs_text_starts(path, RS_TEXT("/v1/")) ? rs_text_from_offset(path, 4) : RS_TEXT("");
}

static rs_status check_rate(struct rs_job *job, struct api_remote *remote)
{
    int64_t second = rs_clock_steady_ms() / 1000;

    if (second != remote->second) {
        remote->second = second;
        remote->requests = 0;
    }
    if (++remote->requests > REMOTE_PER_SECOND)
        return rs_fail(job, AUTH_THROTTLED, "the configuration API answers %d requests a second; try again", REMOTE_PER_SECOND);
    return RS_OK;
}

/* The name of the token, as "token NAME". */
static rs_status identify(struct rs_job *job, struct api_remote *remote, const struct http_request *request, rs_text *out)
{
    rs_text given = field(request, "Authorization"), client = field(request, "X-Forwarded-For"), holder;
    struct throttle_keys keys = throttle_keys(RS_TEXT("configuration API"), client);
    int64_t now = rs_clock_steady_ms();

    if (!rs_text_equal_nocase(field(request, "X-Forwarded-Proto"), RS_TEXT("https")))
        return rs_fail(job, AUTH_INSECURE, "the configuration API is answered over https only: a token sent without TLS is lost");
    if (throttle_wait_ms(&remote->throttle, keys, now) > 0)
        return rs_fail(job, AUTH_THROTTLED, "too many wrong tokens came from %.*s; wait a moment", RS_TEXT_ARG(client));
    if (!rs_text_starts_nocase(given, BEARER))
        return rs_fail(job, AUTH_REQUIRED, "send a token: Authorization: Bearer TOKEN (`bindery api token create NAME`)");
    RS_TRY(configure_token_holder(job, remote->parts.instance, rs_text_trim(rs_text_from_offset(given, BEARER.size)), &holder));
    if (holder.size == 0) {
        throttle_failed(&remote->throttle, keys, now);
        rs_log(RS_LOG_WARNING, "configuration API: a wrong token came from %.*s", RS_TEXT_ARG(client));
        return rs_fail(job, AUTH_REQUIRED, "the token is not known, or has expired");
    }
    throttle_passed(&remote->throttle, keys);
    *out = rs_text_format(job, "token %.*s", RS_TEXT_ARG(holder));
    return RS_OK;
}

static rs_status check_operation(struct rs_job *job, rs_text operation)
{
    if (operation.size == 0)
        return rs_fail(job, RS_NOT_FOUND, "the configuration API takes POST PREFIX/v1/<Operation>");
    for (size_t i = 0; i < sizeof local_only / sizeof local_only[0]; i++)
        if (rs_text_equal_nocase(operation, rs_text_from(local_only[i])))
            return rs_fail(job, RS_DENIED, "%s is possible on this machine only, with the command or the local socket",
                           local_only[i]);
    return RS_OK;
}

static size_t on_request(void *data, struct api_request *requests, size_t count)
{
    struct api_remote *remote = data;
    struct api_request *request = &requests[0];
    rs_text operation = operation_of(request->head), who;
    rs_status status = check_rate(request->job, remote);

    (void)count; /* others take their turns */
    if (status == RS_OK)
        status = identify(request->job, remote, request->head, &who);
    if (status == RS_OK)
        status = check_operation(request->job, operation);
    if (status != RS_OK)
        remote->parts.failure(request->job, operation, status, &request->answer);
    else
        remote->parts.operation(request->job, remote->parts.data, who, operation, request->head, request->body, &request->answer);
    return 1;
}

/* The front alone gets there, with everybody's requests: each is looked at for itself. */
static rs_text on_connection(struct rs_job *job, void *data, int fd, struct api_answer *refusal)
{
    return RS_TEXT("the front");
}

static void on_fault(struct rs_job *job, void *data, int status, rs_text sentence, struct api_answer *out)
{
    struct api_remote *remote = data;

    remote->parts.fault(job, remote->parts.data, status, sentence, out);
}

rs_status api_remote_open(struct rs_job *job, struct loop *loop, const struct api_remote_parts *parts, struct api_remote **out)
{
    struct api_remote *remote = calloc(1, sizeof *remote);
    rs_status status;

    if (!remote)
        return rs_fail(job, RS_NO_MEMORY, "no memory for the configuration API");
    remote->parts = *parts;
    remote->fd = -1;
    status = sockets_listen_unix(job, parts->socket_path, SOCK_STREAM, 0666, &remote->fd); /* the front may have an account of its own */
    if (status == RS_OK) {
        remote->server = api_server_open(loop, remote->fd, REMOTE_BODY_MAX,
                                         &(struct api_hooks){on_connection, on_request, on_fault, remote});
        if (!remote->server)
            status = rs_fail(job, RS_IO, "the configuration API cannot be watched");
    }
    if (status != RS_OK) {
        api_remote_close(remote);
        return status;
    }
    *out = remote;
    return RS_OK;
}

void api_remote_close(struct api_remote *remote)
{
    if (!remote)
        return;
    api_server_close(remote->server);
    if (remote->fd >= 0) {
        close(remote->fd);
        unlink(remote->parts.socket_path.bytes);
    }
    free(remote);
}
