#include "service/configure/machine.h"

#include <dirent.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/vec.h"

#define NETLINK_BYTES 65536
#define PROC_FILE_MAX ((size_t)64 * 1024 * 1024)

/* ---- addresses: rtnetlink knows what getifaddrs does not, whether they are given for a time ---- */

RS_VEC_TYPE(struct machine_address, address_vec);

static rs_status netlink_ask(struct rs_job *job, int fd)
{
    struct {
        struct nlmsghdr header;
        struct ifaddrmsg message;
    } request = {.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg)), .nlmsg_type = RTM_GETADDR,
                            .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP, .nlmsg_seq = 1},
                 .message = {.ifa_family = AF_UNSPEC}};
    struct timeval limit = {.tv_sec = 2};

    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (fd < 0 || send(fd, &request, request.header.nlmsg_len, 0) < 0)
        return rs_fail(job, RS_IO, "the addresses of this machine cannot be listed: %s", strerror(errno));
    return RS_OK;
}

static void netlink_address(struct rs_job *job, struct nlmsghdr *header, struct address_vec *out)
{
    struct ifaddrmsg *message = NLMSG_DATA(header);
    int size = (int)IFA_PAYLOAD(header);
    const struct rtattr *local = NULL;
    uint32_t flags = message->ifa_flags;
    char name[IF_NAMESIZE] = "";
    struct machine_address *to;

    for (struct rtattr *attribute = IFA_RTA(message); RTA_OK(attribute, size); attribute = RTA_NEXT(attribute, size)) {
        if (attribute->rta_type == IFA_LOCAL || (attribute->rta_type == IFA_ADDRESS && !local))
            local = attribute;
        if (attribute->rta_type == IFA_FLAGS)
            memcpy(&flags, RTA_DATA(attribute), sizeof flags);
    }
    if (!local || (message->ifa_family != AF_INET && message->ifa_family != AF_INET6))
        return;
    to = rs_vec_add(job, out);
    to->address.family = message->ifa_family == AF_INET ? TABLES_IPV4 : TABLES_IPV6;
    memcpy(to->address.bytes, RTA_DATA(local), message->ifa_family == AF_INET ? 4 : 16);
    to->dynamic = !(flags & IFA_F_PERMANENT);
    if (if_indextoname(message->ifa_index, name))
        to->interface = rs_text_copy(job, rs_text_from(name));
}

/* One datagram; `done` at the last. */
static rs_status netlink_read(struct rs_job *job, int fd, struct address_vec *out, bool *done)
{
    char *bytes = rs_alloc(job, NETLINK_BYTES);
    ssize_t got = recv(fd, bytes, NETLINK_BYTES, 0);
    unsigned left = got > 0 ? (unsigned)got : 0;

    if (got <= 0)
        return rs_fail(job, RS_IO, "the addresses of this machine cannot be listed: %s", strerror(errno));
    for (struct nlmsghdr *header = (void *)bytes; NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
        if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR)
            *done = true;
        else if (header->nlmsg_type == RTM_NEWADDR)
            netlink_address(job, header, out);
    }
    return RS_OK;
}

rs_status machine_addresses(struct rs_job *job, const struct machine_address **out, size_t *count)
{
    RS_OWNED_FD fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    struct address_vec addresses = {0};
    bool done = false;

    RS_TRY(netlink_ask(job, fd));
    while (!done)
        RS_TRY(netlink_read(job, fd, &addresses, &done));
    *out = addresses.items;
    *count = addresses.count;
    return RS_OK;
}

/* ---- who holds a port ---------------------------------------------------------------------- */

/* "0100007F" or 32 digits: words of 4 bytes, each in this machine's order. */
static bool holder_address(rs_text hex, struct tables_address *out)
{
    uint8_t bytes[16] = {0};
    char written[TABLES_ADDRESS_WRITTEN_MAX];

    for (size_t i = 0; i * 8 < hex.size && i < 4; i++) {
        uint64_t word;
        uint32_t word32;
        if (!rs_parse_hex64(rs_text_slice(hex, i * 8, 8), &word))
            return false;
        word32 = (uint32_t)word;
        memcpy(bytes + 4 * i, &word32, 4);
    }
    memset(out, 0, sizeof *out);
    out->family = hex.size == 8 ? TABLES_IPV4 : TABLES_IPV6;
    memcpy(out->bytes, bytes, 16);
    tables_address_write(out, written); /* by way of its text: 0.0.0.0, :: and mapped addresses fold */
    return tables_address_parse(rs_text_from(written), out);
}

static bool holder_overlaps(const struct tables_address *a, const struct tables_address *b)
{
    return a->family == TABLES_ANY || b->family == TABLES_ANY || tables_address_equal(a, b);
}

/* Fields of a line, parted by spaces. */
static size_t holder_fields(rs_text line, rs_text *out, size_t room)
{
    size_t count = 0;

    for (size_t i = 0; i < line.size && count < room;) {
        size_t start;
        while (i < line.size && line.bytes[i] == ' ')
            i++;
        start = i;
        while (i < line.size && line.bytes[i] != ' ')
            i++;
        if (i > start)
            out[count++] = rs_text_slice(line, start, i - start);
    }
    return count;
}

/* The inode and account of the socket that listens there. */
static bool holder_in_table(struct rs_job *job, const char *path, const struct tables_address *address, uint16_t port,
                            rs_text *inode, rs_text *uid)
{
    rs_text rest, line, fields[10], host, number;
    struct tables_address held;
    uint64_t held_port;

    if (rs_file_read(job, rs_text_from(path), PROC_FILE_MAX, &rest) != RS_OK) {
        rs_job_forgive(job);
        return false;
    }
    while (rest.size > 0) {
        rs_text_cut(rest, '\n', &line, &rest);
        if (holder_fields(line, fields, 10) < 10 || !rs_text_equal(fields[3], RS_TEXT("0A")) || /* listening */
            !rs_text_cut(fields[1], ':', &host, &number) || !rs_parse_hex64(number, &held_port) || held_port != port ||
            !holder_address(host, &held) || !holder_overlaps(&held, address))
            continue;
        *inode = fields[9];
        *uid = fields[7];
        return true;
    }
    return false;
}

static bool holder_has_socket(const char *process, rs_text link)
{
    char path[300], target[64];
    struct dirent *entry;
    bool found = false;
    DIR *folder;

    snprintf(path, sizeof path, "/proc/%s/fd", process);
    folder = opendir(path);
    while (folder && !found && (entry = readdir(folder)) != NULL) {
        ssize_t size;
        snprintf(path, sizeof path, "/proc/%.20s/fd/%.20s", process, entry->d_name);
        size = readlink(path, target, sizeof target);
        found = size > 0 && rs_text_equal(rs_text_of(target, (size_t)size), link);
    }
    if (folder)
        closedir(folder);
    return found;
}

/* "nginx (process 4711)", as far as this account may see it. */
static rs_text holder_process(struct rs_job *job, rs_text inode)
{
    rs_text link = rs_text_format(job, "socket:[%.*s]", RS_TEXT_ARG(inode)), name = RS_TEXT(""), found = RS_TEXT("");
    DIR *processes = opendir("/proc");
    struct dirent *entry;

    while (processes && found.size == 0 && (entry = readdir(processes)) != NULL) {
        if (!rs_is_digit(entry->d_name[0]) || !holder_has_socket(entry->d_name, link))
            continue;
        if (rs_file_read(job, rs_text_format(job, "/proc/%s/comm", entry->d_name), 256, &name) != RS_OK)
            rs_job_forgive(job);
        name = rs_text_trim(name);
        found = rs_text_format(job, "%.*s (process %s)", RS_TEXT_ARG(name), entry->d_name);
    }
    if (processes)
        closedir(processes);
    return found;
}

static rs_text holder_name(struct rs_job *job, const struct tables_address *address, uint16_t port)
{
    rs_text inode, uid, process;

    if (!holder_in_table(job, "/proc/net/tcp", address, port, &inode, &uid) &&
        !holder_in_table(job, "/proc/net/tcp6", address, port, &inode, &uid))
        return RS_TEXT("another process");
    process = holder_process(job, inode);
    return process.size ? process : rs_text_format(job, "a process of the account with the number %.*s", RS_TEXT_ARG(uid));
}

/* ---- probing ------------------------------------------------------------------------------- */

static int probe_bind(int family, const struct tables_address *address, uint16_t port)
{
    RS_OWNED_FD fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    int on = 1, result;

    if (fd < 0)
        return errno;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); /* what has ended does not count */
    if (family == AF_INET) {
        memcpy(&four.sin_addr, address->bytes, 4);
        result = bind(fd, (struct sockaddr *)&four, sizeof four);
    } else {
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
        memcpy(&six.sin6_addr, address->bytes, 16);
        result = bind(fd, (struct sockaddr *)&six, sizeof six);
    }
    return result == 0 && listen(fd, 1) == 0 ? 0 : errno;
}

static bool is_link_local(const struct tables_address *address)
{
    return address->family == TABLES_IPV6 && address->bytes[0] == 0xFE && (address->bytes[1] & 0xC0) == 0x80;
}

rs_status machine_port_free(struct rs_job *job, const struct tables_address *address, uint16_t port)
{
    char written[TABLES_ADDRESS_WRITTEN_MAX];
    int error = 0;

    tables_address_write(address, written);
    if (address->family != TABLES_IPV6)
        error = probe_bind(AF_INET, address, port);
    if (error == 0 && address->family != TABLES_IPV4) {
        error = probe_bind(AF_INET6, address, port);
        if (address->family == TABLES_ANY && (error == EAFNOSUPPORT || error == EADDRNOTAVAIL))
            error = 0; /* a machine without IPv6 serves IPv4 alone */
    }
    if (error == EINVAL && is_link_local(address)) /* a zone is wanted, and rows have none */
        return rs_fail(job, RS_INVALID, "%s is an address of one link alone, and not listened on by itself: 0.0.0.0 is reached "
                       "at it too", written);
    switch (error) {
    case 0:
        return RS_OK;
    case EADDRINUSE:
        return rs_fail(job, RS_CONFLICT, "port %u of %s is in use by %.*s: stop it, or use another port", port, written,
                       RS_TEXT_ARG(holder_name(job, address, port)));
    case EADDRNOTAVAIL:
        return rs_fail(job, RS_NOT_FOUND, "%s is not an address of this machine", written);
    case EACCES:
        return rs_fail(job, RS_DENIED, "this account may not listen on port %u: run the service as root, give it "
                       "CAP_NET_BIND_SERVICE, or use a port from 1024 on", port);
    default:
        return rs_fail(job, RS_IO, "port %u of %s cannot be used: %s", port, written, strerror(error));
    }
}
