/* Operations on an instance whose server does not run. */
#include "fixture.h"

#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <unistd.h>

UNIT_TEST_WITH_FIXTURE(configure_refuses_what_the_table_does_not_know)
{
    refuse(f, RS_NOT_FOUND, "no operation \"Reserve\"", "Reserve", "{}");
    refuse(f, RS_INVALID, "needs the argument \"UrlString\"", "ReserveURL", "{\"Application\": \"%s\"}", SERVICE);
    refuse(f, RS_INVALID, "no argument \"Url\"", "ReserveURL", "{\"Application\": \"x\", \"UrlString\": \"x\", \"Url\": \"x\"}");
    refuse(f, RS_INVALID, "is a text", "ReserveURL", "{\"Application\": [\"x\"], \"UrlString\": \"x\"}");
    refuse(f, RS_INVALID, "a whole number", "ListHistory", "{\"Limit\": \"5\"}");
    refuse(f, RS_INVALID, "true or false", "RemoveURL", "{\"Application\": \"x\", \"UrlString\": \"x\", \"DryRun\": 1}");
    refuse(f, RS_INVALID, "a text or an array", "CreateCertificate", "{\"Hosts\": [1]}");
    refuse(f, RS_INVALID, "JSON object", "ListHistory", "[]");
    refuse(f, RS_INVALID, "1 to 10000", "ListHistory", "{\"Limit\": 0}");
    refuse(f, RS_NOT_FOUND, "no application", "VerifyBindings", "{\"Application\": \"x\"}");
}

UNIT_TEST_WITH_FIXTURE(configure_reserves_lists_and_removes_urls)
{
    const json_t *result = call(f, "reserveurl", "{\"Application\": \"%s\", \"UrlString\": \"https://+:8443\"}", SERVICE);

    assert_true(json_is_true(at(result, "changed")));
    assert_json_number(result, "revision", 1);
    assert_json_text(result, "steps.0", "reserve https://+:8443/ReportServer/ for " SERVICE);
    result = call(f, "ReserveURL", "{\"Application\": \"%s\", \"UrlString\": \"https://+:8443\"}", SERVICE);
    assert_true(json_is_false(at(result, "changed")));
    assert_json_size(result, "steps", 0);
    result = call(f, "ReserveURL", "{\"Application\": \"ReportManager\", \"UrlString\": \"https://host:8443\", \"Account\": \"svc\"}");
    result = call(f, "ListReservedUrls", "{}");
    assert_json_size(result, "reservations", 2);
    assert_json_text(result, "reservations.1.url", "https://host:8443/Reports/");
    assert_json_text(result, "reservations.1.application", PORTAL);
    assert_json_text(result, "reservations.1.account", "svc");
    assert_json_text(result, "reservations.1.directory", "Reports");
    result = call(f, "SetVirtualDirectory", "{\"Application\": \"%s\", \"VirtualDirectory\": \"R\", \"DryRun\": true}", PORTAL);
    assert_json_size(result, "steps", 2);
    assert_true(json_is_false(at(result, "changed")));
    assert_json_number(result, "revision", 2);
    call(f, "SetVirtualDirectory", "{\"Application\": \"%s\", \"VirtualDirectory\": \"R\"}", PORTAL);
    call(f, "RemoveURL", "{\"Application\": \"%s\", \"UrlString\": \"https://+:8443/ReportServer\"}", SERVICE);
    result = call(f, "ListReservedUrls", "{}");
    assert_json_size(result, "reservations", 1);
    assert_json_text(result, "reservations.0.url", "https://host:8443/R/");
    refuse(f, RS_CONFLICT, PORTAL, "ReserveURL", "{\"Application\": \"%s\", \"UrlString\": \"http://+:8443\"}", SERVICE);
    result = call(f, "ListHistory", "{\"Limit\": 1}");
    assert_json_size(result, "events", 1);
    assert_json_text(result, "events.0.who", "alice");
    assert_json_text(result, "events.0.tool", "a test");
    assert_json_text(result, "events.0.before.urls.0.url", "https://+:8443/ReportServer/");
    assert_json_size(result, "events.0.after.urls", 0);
}

UNIT_TEST_WITH_FIXTURE(configure_makes_lists_and_shows_certificates)
{
    const json_t *result = call(f, "CreateCertificate", "{\"Hosts\": \"reports.example.com\", \"KeyType\": \"rsa-2048\", "
                                "\"Days\": 30, \"Name\": \"web\"}");
    const char *thumbprint = json_string_value(at(result, "thumbprint"));

    assert_true(rs_text_ends(json_to_text(at(result, "files.certificate")), RS_TEXT("/certs/web.crt")));
    assert_true(rs_text_ends(json_to_text(at(result, "files.authority")), RS_TEXT("/certs/ca/ca.crt")));
    result = call(f, "ListSSLCertificates", "{}");
    assert_json_size(result, "certificates", 1);
    assert_json_size(result, "broken", 0);
    assert_json_text(result, "certificates.0.thumbprint", thumbprint);
    assert_json_text(result, "certificates.0.key_type", "RSA 2048");
    assert_true(json_is_true(at(result, "certificates.0.usable")));
    result = call(f, "ShowCertificate", "{\"Thumbprint\": \"%s\"}", thumbprint);
    assert_json_text(result, "names.0", "reports.example.com");
    assert_json_size(result, "bound_to", 0);
    refuse(f, RS_CONFLICT, "choose another", "CreateCertificate", "{\"Hosts\": [\"a\"], \"Name\": \"web\"}");
    refuse(f, RS_INVALID, "not a type of key", "CreateCertificate", "{\"Hosts\": [\"a\"], \"KeyType\": \"rsa-512\"}");
    refuse(f, RS_INVALID, "1 to 397 days", "CreateCertificate", "{\"Hosts\": [\"a\"], \"Days\": 0}");
    refuse(f, RS_INVALID, "1 to 100 hosts", "CreateCertificate", "{\"Hosts\": []}");
    refuse(f, RS_INVALID, "not a thumbprint", "ShowCertificate", "{\"Thumbprint\": \"12\"}");
    refuse(f, RS_NOT_FOUND, "no certificate", "ShowCertificate", "{\"Thumbprint\": \"%040d\"}", 0);
}

UNIT_TEST_WITH_FIXTURE(configure_binds_and_unbinds_what_is_checked)
{
    const char *thumbprint = create(f, "reports.example.com");
    unsigned port = free_port();
    const json_t *result;
    bool ok;

    call(f, "ReserveURL", "{\"Application\": \"%s\", \"UrlString\": \"https://reports.example.com:%u\"}", SERVICE, port);
    result = call(f, "CreateSSLCertificateBinding", "{\"Application\": [\"%s\", \"%s\"], \"CertificateHash\": \"%s\", "
                  "\"IPAddress\": \"127.0.0.1\", \"Port\": %u, \"DryRun\": true}", SERVICE, PORTAL, thumbprint, port);
    assert_json_size(result, "steps", 3);
    assert_json_size(call(f, "ListSSLCertificateBindings", "{}"), "bindings", 0);
    result = call(f, "CreateSSLCertificateBinding", "{\"Application\": [\"%s\", \"%s\"], \"CertificateHash\": \"%s\", "
                  "\"IPAddress\": \"127.0.0.1\", \"Port\": %u}", SERVICE, PORTAL, thumbprint, port);
    for (const char *const *stage = (const char *const[]){"key", "validity", "usage", "names", "chain", "address", "port", NULL};
         *stage; stage++) {
        check_of(result, *stage, &ok);
        assert_true(ok);
    }
    assert_text(check_of(result, "handshake", &ok), ""); /* no server runs */
    result = call(f, "ListSSLCertificateBindings", "{}");
    assert_json_text(result, "bindings.0.address", "127.0.0.1");
    assert_json_number(result, "bindings.0.port", port);
    assert_json_text(result, "bindings.0.thumbprint", thumbprint);
    assert_json_size(result, "bindings.0.applications", 2);
    assert_true(json_is_true(at(result, "bindings.0.usable")));
    assert_json_size(call(f, "ShowCertificate", "{\"Thumbprint\": \"%s\"}", thumbprint), "bound_to", 1);
    /* removing never asks for the certificate */
    assert_int_equal(system(rs_text_format(f->job, "rm %s/certs/*.crt %s/certs/*.key", f->folder, f->folder).bytes), 0);
    result = call(f, "ListSSLCertificateBindings", "{}");
    assert_true(json_is_false(at(result, "bindings.0.usable")));
    assert_json_text(result, "bindings.0.reasons.0.code", "missing");
    refuse(f, RS_CONFLICT, "another certificate", "RemoveSSLCertificateBindings", "{\"Application\": \"%s\", \"IPAddress\": "
           "\"127.0.0.1\", \"Port\": %u, \"CertificateHash\": \"%040d\"}", SERVICE, port, 0);
    result = call(f, "RemoveSSLCertificateBindings", "{\"Application\": \"%s\", \"IPAddress\": \"127.0.0.1\", \"Port\": %u, "
                  "\"CertificateHash\": \"%s\"}", SERVICE, port, thumbprint);
    assert_json_size(result, "steps", 1);
    result = call(f, "RemoveSSLCertificateBindings", "{\"Application\": \"%s\", \"IPAddress\": \"127.0.0.1\", \"Port\": %u}",
                  PORTAL, port);
    assert_json_size(result, "steps", 2);
    assert_json_size(call(f, "ListSSLCertificateBindings", "{}"), "bindings", 0);
}

UNIT_TEST_WITH_FIXTURE(configure_refuses_a_binding_that_would_not_work)
{
    const char *thumbprint = create(f, "reports.example.com");
    const char *second = create(f, "other.example.com");
    unsigned port = free_port(), taken = 0;
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof in;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
#define BIND "{\"Application\": \"%s\", \"CertificateHash\": \"%s\", \"IPAddress\": \"%s\", \"Port\": %u}"

    assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof in) | listen(fd, 1) |
                         getsockname(fd, (struct sockaddr *)&in, &size), 0);
    taken = ntohs(in.sin_port);
    refuse(f, RS_CONFLICT, "in use by", "CreateSSLCertificateBinding", BIND, SERVICE, thumbprint, "127.0.0.1", taken);
    refuse(f, RS_CONFLICT, "in use by", "CreateSSLCertificateBinding", BIND, SERVICE, thumbprint, "0.0.0.0", taken);
    refuse(f, RS_CONFLICT, "in use by", "ReserveURL", "{\"Application\": \"%s\", \"UrlString\": \"http://+:%u\"}", SERVICE, taken);
    close(fd);
    refuse(f, RS_NOT_FOUND, "no certificate", "CreateSSLCertificateBinding", BIND, SERVICE,
           "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "127.0.0.1", port);
    refuse(f, RS_INVALID, "not an IP address", "CreateSSLCertificateBinding", BIND, SERVICE, thumbprint, "localhost", port);
    refuse(f, RS_INVALID, "not an address of this machine", "CreateSSLCertificateBinding", BIND, SERVICE, thumbprint, "192.0.2.1", port);
    refuse(f, RS_INVALID, "1 to 65535", "CreateSSLCertificateBinding", BIND, SERVICE, thumbprint, "127.0.0.1", 70000);
    refuse(f, RS_NOT_FOUND, "no application", "CreateSSLCertificateBinding", BIND, "Nobody", thumbprint, "127.0.0.1", port);
    call(f, "ReserveURL", "{\"Application\": \"%s\", \"UrlString\": \"https://reports.example.com:%u\"}", SERVICE, port);
    refuse(f, PKI_NOT_FIT, "does not cover the host reports.example.com", "CreateSSLCertificateBinding", BIND, SERVICE, second,
           "127.0.0.1", port);
    call(f, "CreateSSLCertificateBinding", BIND, PORTAL, second, "127.0.0.1", port);
    refuse(f, RS_CONFLICT, PORTAL, "CreateSSLCertificateBinding", BIND, SERVICE, thumbprint, "127.0.0.1", port);
    assert_int_equal(system(rs_text_format(f->job, "chmod 644 %s/certs/*.key", f->folder).bytes), 0);
    refuse(f, PKI_NOT_FIT, "chmod 600", "CreateSSLCertificateBinding", BIND, SERVICE, thumbprint, "127.0.0.1", free_port());
}

UNIT_TEST_WITH_FIXTURE(configure_explains_and_verifies_what_is_not_served)
{
    const json_t *result = call(f, "VerifyBindings", "{}");
    const char *thumbprint;
    unsigned port = free_port();
    bool ok;

    assert_true(json_is_false(at(result, "ok")));
    assert_true(rs_text_find(check_of(result, "route", &ok), RS_TEXT("no URL is reserved")) == 0);
    call(f, "ReserveURL", "{\"Application\": \"%s\", \"UrlString\": \"https://+:%u\"}", SERVICE, port);
    result = call(f, "VerifyBindings", "{\"Application\": \"%s\"}", SERVICE);
    assert_true(rs_text_find(check_of(result, "connect", &ok), RS_TEXT("no certificate is bound to port")) == 0);
    thumbprint = create(f, "localhost");
    call(f, "CreateSSLCertificateBinding", BIND, SERVICE, thumbprint, "127.0.0.1", port);
    result = call(f, "VerifyBindings", "{}");
    assert_true(rs_text_find(check_of(result, "connect", &ok), RS_TEXT("cannot connect")) == 0);
    assert_false(ok);
    result = call(f, "ExplainUrl", "{\"Url\": \"https://localhost:%u/REPORTSERVER/Pages?x=/../\"}", port);
    assert_json_text(result, "outcome", "routed");
    assert_json_text(result, "reservation.application", SERVICE);
    assert_json_text(result, "address", "127.0.0.1");
    assert_json_text(result, "binding.thumbprint", thumbprint);
    assert_true(json_is_true(at(result, "considered.0.won")));
    result = call(f, "ExplainUrl", "{\"Url\": \"https://somewhere:%u?x\", \"Address\": \"127.0.0.2\"}", port);
    assert_json_text(result, "outcome", "no reservation");
    assert_true(json_is_null(at(result, "reservation")));
    assert_true(json_is_null(at(result, "binding")));
    result = call(f, "ExplainUrl", "{\"Url\": \"https://h:%u/a/../b\"}", port);
    assert_json_text(result, "outcome", "the path cannot be routed");
    refuse(f, RS_INVALID, "host name or an address", "ExplainUrl", "{\"Url\": \"https://+:443/\"}");
    refuse(f, RS_INVALID, "http://", "ExplainUrl", "{\"Url\": \"localhost\"}");
    assert_true(json_array_size(at(call(f, "ListIPAddresses", "{}"), "addresses")) > 0);
}
