#include "peer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A head and, where it says so, a body. */
static size_t read_request(int fd, char *out, size_t room)
{
    size_t used = 0, want = 0;

    while (used + 1 < room) {
        ssize_t size = read(fd, out + used, room - 1 - used);
        if (size <= 0)
            break;
        used += (size_t)size;
        out[used] = '\0';
        const char *end = strstr(out, "\r\n\r\n"), *length = strstr(out, "Content-Length: ");
        if (end)
            want = (size_t)(end + 4 - out) + (length ? (size_t)atoi(length + 16) : 0);
        if (end && used >= want)
            break;
    }
    out[used] = '\0';
    return used;
}

static void serve(int listener, int requests, const struct peer_answer *answers, size_t count)
{
    static char in[65536];

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        const char *answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        size_t size = read_request(fd, in, sizeof in);
        if (write(requests, in, size) < 0)
            _exit(1);
        const char *path = strchr(in, ' ');
        for (size_t i = 0; path && i < count; i++)
            if (strncmp(path + 1, answers[i].path, strlen(answers[i].path)) == 0 && path[1 + strlen(answers[i].path)] == ' ')
                answer = answers[i].answer;
        if (!answer)
            continue; /* kept open */
        if (write(fd, answer, strlen(answer)) < 0)
            _exit(1);
        close(fd);
    }
}

void peer_start(struct peer *peer, const struct peer_answer *answers, size_t count)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), pipes[2];

    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 8) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0 || pipe2(pipes, O_NONBLOCK) != 0)
        abort();
    peer->child = fork();
    if (peer->child == 0)
        serve(listener, pipes[1], answers, count);
    close(listener);
    close(pipes[1]);
    peer->requests = pipes[0];
    peer->port = ntohs(address.sin_port);
}

void peer_received(struct peer *peer, char *out, size_t room)
{
    ssize_t size = read(peer->requests, out, room - 1);

    out[size < 0 ? 0 : size] = '\0';
}

void peer_stop(struct peer *peer)
{
    kill(peer->child, SIGKILL);
    waitpid(peer->child, NULL, 0);
    close(peer->requests);
}
