#include "cluster.h"

#include <arpa/inet.h>
#include <glob.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct cluster cluster;
static char programs[128]; /* the folder of initdb and pg_ctl */

static const char *find_programs(void)
{
    glob_t found;

    if (glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found) != 0)
        return NULL;
    snprintf(programs, sizeof programs, "%s", found.gl_pathv[found.gl_pathc - 1]);
    *strrchr(programs, '/') = '\0';
    globfree(&found);
    return programs;
}

/* PostgreSQL does not run as root. */
static void drop_root(void)
{
    const struct passwd *user = getpwnam("postgres");

    if (geteuid() == 0 && (!user || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0))
        _exit(125);
}

static int run(const char *format, ...)
{
    char command[1024];
    va_list arguments;
    int status;

    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    pid_t child = fork();
    if (child == 0) {
        drop_root();
        if (chdir(cluster.folder) != 0)
            _exit(124);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    return child < 0 || waitpid(child, &status, 0) < 0 ? -1 : status;
}

static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (bind(fd, (struct sockaddr *)&address, size) != 0 || getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        address.sin_port = 0;
    close(fd);
    return ntohs(address.sin_port);
}

static void stop(void)
{
    run("'%s/pg_ctl' -D db -m immediate -w stop >/dev/null 2>&1; rm -rf db log server.crt .s.*", programs);
    rmdir(cluster.folder);
}

static int start(void)
{
    strcpy(cluster.folder, "/tmp/bindery-pg-XXXXXX");
    if (!mkdtemp(cluster.folder) || chmod(cluster.folder, 0777) != 0)
        return -1;
    cluster.port = free_port();
    if (run("'%s/initdb' -D db -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N >log 2>&1 && "
            "openssl req -x509 -newkey rsa:2048 -nodes -keyout db/server.key -out db/server.crt -days 2 -subj /CN=server -addext subjectAltName=IP:127.0.0.1 >>log 2>&1 && "
            "cp db/server.crt . && chmod 644 server.crt && "
            "printf 'local all all trust\\nhost all bindery 127.0.0.1/32 scram-sha-256\\nhost all postgres 127.0.0.1/32 trust\\n' >db/pg_hba.conf",
            programs) != 0)
        return -1;
    return run("LC_ALL=C.UTF-8 '%s/pg_ctl' -D db -w -l log -o \"-p %d -k '%s' -c listen_addresses=127.0.0.1 -c ssl=on -c fsync=off -c timezone=UTC\" start >>log 2>&1 && "
               "'%s/psql' -q -h '%s' -p %d -U postgres -c \"CREATE ROLE bindery LOGIN PASSWORD 'let me in'\" >>log 2>&1",
               programs, cluster.port, cluster.folder, programs, cluster.folder, cluster.port);
}

const struct cluster *cluster_started(void)
{
    static int is_started;

    if (!is_started) {
        if (!find_programs())
            return NULL;
        is_started = start() == 0 ? 1 : -1;
        atexit(stop);
        if (is_started < 0) {
            run("cat log");
            fprintf(stderr, "PostgreSQL does not start\n");
            exit(1);
        }
    }
    return &cluster;
}
