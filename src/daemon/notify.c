#include "daemon/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

#define LISTEN_FIRST 3 /* SD_LISTEN_FDS_START */
#define LISTEN_MOST 1024

static struct {
    struct sockaddr_un address;
    socklen_t address_size; /* 0: nobody listens */
    int64_t watchdog_ms;
    size_t listening;
} manager;

static uint64_t number_of(const char *name)
{
    const char *text = getenv(name);
    uint64_t number = 0;

    return text && rs_parse_uint64(rs_text_from(text), &number) ? number : 0;
}

/* For this process, or for any. */
static bool is_ours(const char *name)
{
    return !getenv(name) || number_of(name) == (uint64_t)getpid();
}

static void read_address(const char *path)
{
    size_t size = path ? strlen(path) : 0;

    if (size < 2 || size >= sizeof manager.address.sun_path || (path[0] != '/' && path[0] != '@'))
        return;
    manager.address.sun_family = AF_UNIX;
    memcpy(manager.address.sun_path, path, size);
    if (path[0] == '@') /* without a file */
        manager.address.sun_path[0] = '\0';
    manager.address_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
}

void notify_begin(void)
{
    static const char *const names[] = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"};
    uint64_t listening = getenv("LISTEN_PID") && is_ours("LISTEN_PID") ? number_of("LISTEN_FDS") : 0;

    read_address(getenv("NOTIFY_SOCKET"));
    manager.watchdog_ms = is_ours("WATCHDOG_PID") ? (int64_t)(number_of("WATCHDOG_USEC") / 2000) : 0;
    manager.listening = listening <= LISTEN_MOST ? listening : 0;
    for (size_t i = 0; i < manager.listening; i++)
        fcntl(LISTEN_FIRST + (int)i, F_SETFD, FD_CLOEXEC);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unsetenv(names[i]);
}

void notify_tell(const char *state)
{
    int fd;

    if (manager.address_size == 0)
        return;
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&manager.address, manager.address_size) < 0)
        rs_log(RS_LOG_WARNING, "the service manager cannot be told \"%s\": %s", state, strerror(errno));
    if (fd >= 0)
        close(fd);
}

int64_t notify_watchdog_ms(void)
{
    return manager.watchdog_ms;
}

size_t notify_listening(int *first)
{
    *first = LISTEN_FIRST;
    return manager.listening;
}
