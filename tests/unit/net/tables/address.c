#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "net/tables/address.h"

static void check(const char *text, enum tables_family family, const char *written)
{
    struct tables_address address;
    char out[TABLES_ADDRESS_WRITTEN_MAX];

    if (!tables_address_parse(rs_text_from(text), &address))
        fail_msg("\"%s\" is not read", text);
    assert_int_equal(address.family, family);
    tables_address_write(&address, out);
    assert_string_equal(out, written);
}

UNIT_TEST(tables_address_reads_every_form)
{
    check("10.0.0.5", TABLES_IPV4, "10.0.0.5");
    check("::1", TABLES_IPV6, "::1");
    check("[2001:DB8:0:0::7]", TABLES_IPV6, "2001:db8::7");
    check("::ffff:10.0.0.5", TABLES_IPV4, "10.0.0.5");
    static const char *const any[] = {"0.0.0.0", "::", "[::]", "*", "+"};
    for (size_t i = 0; i < 5; i++)
        check(any[i], TABLES_ANY, "0.0.0.0");
}

UNIT_TEST(tables_address_refuses_everything_else)
{
    static const char *const wrong[] = {"", "10.0.0", "10.0.0.256", "010.0.0.1", "[10.0.0.1]", "[::1", "localhost",
                                        "::1%eth0", "1:2:3:4:5:6:7:8:9", "[]", "10.0.0.1 ", "[*]"};
    struct tables_address address;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (tables_address_parse(rs_text_from(wrong[i]), &address))
            fail_msg("\"%s\" is read", wrong[i]);
    assert_false(tables_address_parse(RS_TEXT("1.2.3.4\0x"), &address));
}

UNIT_TEST(tables_address_of_a_socket_knows_mapped_addresses)
{
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(8443)};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(80)};
    struct sockaddr local = {.sa_family = AF_UNIX};
    struct tables_address a, b;
    uint16_t port;

    inet_pton(AF_INET6, "::ffff:127.0.0.1", &six.sin6_addr);
    inet_pton(AF_INET, "127.0.0.1", &four.sin_addr);
    assert_true(tables_address_of_socket((struct sockaddr *)&six, &a, &port));
    assert_int_equal(port, 8443);
    assert_true(tables_address_of_socket((struct sockaddr *)&four, &b, NULL));
    assert_true(tables_address_equal(&a, &b));
    assert_false(tables_address_of_socket(&local, &a, &port));
}
