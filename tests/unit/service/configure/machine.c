#include "fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "service/configure/machine.h"

/* A socket that listens at `address`; port 0 = any, which is written back. */
static int listen_at(const char *address, unsigned *port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
    socklen_t size = sizeof in;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    inet_pton(AF_INET, address, &in.sin_addr);
    assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof in), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &size), 0);
    *port = ntohs(in.sin_port);
    return fd;
}

unsigned free_port(void)
{
    unsigned port = 0;

    close(listen_at("127.0.0.1", &port));
    return port;
}

static struct tables_address address_of(const char *text)
{
    struct tables_address address;

    assert_true(tables_address_parse(rs_text_from(text), &address));
    return address;
}

UNIT_TEST(machine_knows_its_loopback)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct tables_address loopback = address_of("127.0.0.1");
    const struct machine_address *addresses;
    size_t count;
    bool found = false;

    assert_ok(job, machine_addresses(job, &addresses, &count));
    for (size_t i = 0; i < count; i++)
        if (tables_address_equal(&addresses[i].address, &loopback)) {
            found = true;
            assert_false(addresses[i].dynamic);
            assert_text(addresses[i].interface, "lo");
        }
    assert_true(found);
}

UNIT_TEST(machine_names_who_holds_a_port)
{
    static const struct {
        const char *held, *wanted;
        bool conflict;
    } cases[] = {{"127.0.0.1", "127.0.0.1", true}, {"127.0.0.1", "0.0.0.0", true}, {"0.0.0.0", "127.0.0.1", true},
                 {"127.0.0.1", "127.0.0.2", false}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        RS_OWNED(rs_job) job = rs_job_create(NULL);
        struct tables_address wanted = address_of(cases[i].wanted);
        unsigned port = 0;
        int fd = listen_at(cases[i].held, &port);
        if (cases[i].conflict) {
            assert_status(machine_port_free(job, &wanted, (uint16_t)port), RS_CONFLICT);
            if (rs_text_find(rs_job_message(job), rs_text_format(job, "(process %d)", (int)getpid())) < 0)
                fail_msg("%.*s", RS_TEXT_ARG(rs_job_message(job)));
        } else {
            assert_ok(job, machine_port_free(job, &wanted, (uint16_t)port));
        }
        close(fd);
        assert_ok(job, (rs_job_forgive(job), machine_port_free(job, &wanted, (uint16_t)port)));
    }
}

UNIT_TEST(machine_refuses_an_address_of_another)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct tables_address other = address_of("192.0.2.1");

    assert_status(machine_port_free(job, &other, (uint16_t)free_port()), RS_NOT_FOUND);
}

UNIT_TEST(machine_says_that_addresses_of_a_link_are_not_listened_on)
{
    RS_OWNED(rs_job) job = rs_job_create(NULL);
    struct tables_address local = address_of("fe80::1");
    RS_OWNED_FD any = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (any < 0)
        return; /* a machine without IPv6 */
    assert_status(machine_port_free(job, &local, (uint16_t)free_port()), RS_INVALID);
    assert_true(rs_text_find(rs_job_message(job), RS_TEXT("0.0.0.0")) >= 0);
}
