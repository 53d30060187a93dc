#include "daemon/paths.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <sys/un.h>
#include <unistd.h>

static rs_text below(struct rs_job *job, rs_text folder, const char *name)
{
    return rs_text_format(job, "%.*s/%s", RS_TEXT_ARG(folder), name);
}

rs_text paths_database(struct rs_job *job, const struct paths *paths, rs_text setting)
{
    if (setting.size == 0)
        return paths->catalog_db;
    return setting.bytes[0] == '/' ? rs_text_copy(job, setting)
                                   : rs_text_format(job, "%.*s/%.*s", RS_TEXT_ARG(paths->instance), RS_TEXT_ARG(setting));
}

rs_status paths_of(struct rs_job *job, rs_text instance, struct paths *out)
{
    char here[PATH_MAX];
    rs_text root = instance;

    while (root.size > 1 && root.bytes[root.size - 1] == '/')
        root.size--;
    if (root.size == 0)
        return rs_fail(job, RS_INVALID, "the folder of the instance has no name; give --instance DIR");
    if (root.bytes[0] != '/') {
        if (!getcwd(here, sizeof here))
            return rs_fail(job, RS_IO, "the present folder has no path: %s", strerror(errno));
        root = rs_text_format(job, "%s/%.*s", here, RS_TEXT_ARG(root));
    } else {
        root = rs_text_copy(job, root);
    }
    *out = (struct paths){
        .instance = root,
        .config = below(job, root, "rsreportserver.config"),
        .https_db = below(job, root, "https.db"),
        .catalog_db = below(job, root, "catalog.db"),
        .catalog_key = below(job, root, "catalog.key"),
        .keytab = below(job, root, "krb5.keytab"),
        .certificates = below(job, root, "certs"),
        .acme = below(job, root, "acme"),
        .ocsp = below(job, root, "ocsp"),
        .data = below(job, root, "data"),
        .run = below(job, root, "run"),
        .log = below(job, root, "log"),
        .tmp = below(job, root, "tmp"),
        .api_socket = below(job, root, "run/api.sock"),
        .remote_socket = below(job, root, "run/remote.sock"),
        .worker_socket = below(job, root, "run/worker.sock"),
        .attempts = below(job, root, "run/attempts"),
        .kerberos = below(job, root, "run/kerberos"),
        .kerberos_socket = below(job, root, "run/kerberos.sock"),
        .directories = below(job, root, "run/directories"),
        .lock = below(job, root, "run/lock"),
    };
    if (out->kerberos_socket.size >= sizeof((struct sockaddr_un *)0)->sun_path)
        return rs_fail(job, RS_INVALID, "the path \"%.*s\" is too long for a socket; use an instance folder with a "
                       "shorter path", RS_TEXT_ARG(out->kerberos_socket));
    return RS_OK;
}
