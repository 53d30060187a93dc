/* One worker of the report server, without the HTTPS service in front: worker CATALOG DATA-FOLDER SOCKET|PORT
 *
 * Listens on a Unix socket, or on a TCP port of 127.0.0.1 for a browser. Makes two accounts where there are none:
 * admin (administrator) and reader, both with the password "correct horse". Passwords over plain http are taken. Ends
 * with SIGTERM. For tests and for looking at pages. */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "service/auth/users.h"
#include "web/exchange/serve.h"
#include "web/portal/portal.h"
#include "web/url/url.h"

#define PASSWORD RS_TEXT("correct horse")

static volatile sig_atomic_t stop;

static void on_stop(int number)
{
    (void)number;
    stop = 1;
}

static int listen_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    unlink(path);
    return bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 64) == 0 ? fd : -1;
}

static int listen_tcp(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    return bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 64) == 0 ? fd : -1;
}

static rs_status make_accounts(struct rs_job *job, rs_text path)
{
    RS_OWNED(catalog) catalog = NULL;
    struct auth_accounts accounts;

    RS_TRY(catalog_open(job, path, &catalog));
    RS_TRY(auth_user_list(job, catalog, &accounts));
    if (accounts.count > 0)
        return RS_OK;
    RS_TRY(auth_user_add(job, catalog, RS_TEXT("admin"), PASSWORD, AUTH_ADMINISTRATOR));
    return auth_user_add(job, catalog, RS_TEXT("reader"), PASSWORD, AUTH_READER);
}

int main(int argc, char **argv)
{
    static const struct exchange_face *const faces[] = {&url_face, &portal_face};
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct exchange_settings settings;
    int64_t port;

    if (argc != 4) {
        fprintf(stderr, "usage: %s CATALOG DATA-FOLDER SOCKET|PORT\n", argv[0]);
        return 2;
    }
    exchange_settings_default(&settings);
    settings.service.catalog_path = rs_text_from(argv[1]);
    settings.service.data_folder = rs_text_from(argv[2]);
    settings.service.auth.allow_plain_http = true;
    settings.body_max = 4 * 1024 * 1024;
    int fd = rs_parse_int64(rs_text_from(argv[3]), &port) ? listen_tcp((uint16_t)port) : listen_unix(argv[3]);
    if (fd < 0) {
        perror("listen");
        return 1;
    }
    signal(SIGTERM, on_stop);
    signal(SIGINT, on_stop);
    signal(SIGPIPE, SIG_IGN);
    if (make_accounts(job, settings.service.catalog_path) != RS_OK ||
        exchange_serve(job, fd, &settings, faces, 2, &stop) != RS_OK) {
        fprintf(stderr, "%.*s\n", RS_TEXT_ARG(rs_job_error(job)));
        return 1;
    }
    return 0;
}
