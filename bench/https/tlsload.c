/* tlsload HOST PORT PATH CONNECTIONS SECONDS: full TLS handshakes, one after the other on each of so many threads: connect,
 * handshake without a session of before, one request with `Connection: close`, read to the end. Prints how many were
 * whole. wrk and others resume sessions when they connect again; this does not. */
#include <netdb.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static SSL_CTX *context;
static struct addrinfo *address;
static const char *host;
static char request[512];
static time_t end;
static atomic_long done, resumed, failed;

static void visit(void)
{
    int fd = socket(address->ai_family, SOCK_STREAM, 0);
    SSL *ssl = SSL_new(context);
    char bytes[16384];
    int got, total = 0;

    SSL_set_fd(ssl, fd);
    SSL_set_tlsext_host_name(ssl, host);
    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0 && SSL_connect(ssl) == 1 &&
        SSL_write(ssl, request, (int)strlen(request)) > 0)
        while ((got = SSL_read(ssl, bytes, sizeof bytes)) > 0) {
            if (total == 0 && memcmp(bytes, "HTTP/1.1 200", 12) != 0)
                break;
            total += got;
        }
    resumed += SSL_session_reused(ssl);
    if (total > 0)
        done++;
    else
        failed++;
    SSL_free(ssl);
    close(fd);
}

static void *work(void *unused)
{
    struct timespec now;

    (void)unused;
    do {
        visit();
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec < end);
    return NULL;
}

int main(int argc, char **argv)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct timespec now;
    pthread_t threads[256];
    int count;

    if (argc != 6 || getaddrinfo(argv[1], argv[2], &hints, &address) != 0)
        return 2;
    host = argv[1];
    count = atoi(argv[4]) < 256 ? atoi(argv[4]) : 256;
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s:%s\r\nConnection: close\r\n\r\n", argv[3], host, argv[2]);
    context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    clock_gettime(CLOCK_MONOTONIC, &now);
    end = now.tv_sec + atoi(argv[5]);
    for (int i = 0; i < count; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    printf("%ld done, %ld resumed, %ld failed\n", (long)done, (long)resumed, (long)failed);
    return done == 0 || resumed != 0 || failed != 0;
}
