#!/usr/bin/env python3
"""Settings of applications, the secure connection level and trusted proxies, in a whole server. TAP."""
import http.client
import json
import socket

from harness import Instance, basic, free_port, run, test, wait_until


def operation(instance, name, **arguments):
    body = json.dumps(arguments).encode()
    with socket.socket(socket.AF_UNIX) as api:
        api.settimeout(30)
        api.connect(str(instance.path / "run" / "api.sock"))
        api.sendall(f"POST /v1/{name} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                    "\r\n".encode() + body)
        return int(api.recv(100).split()[1])


def plain(port, target, **headers):
    connection = http.client.HTTPConnection("localhost", port, timeout=30)
    fields = {**basic("admin"), **headers}
    connection.request("GET", target, headers={name.replace("_", "-"): value for name, value in fields.items()})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


@test
def row_50_http_is_sent_on_once_there_is_https_and_refused_before():
    with Instance(bind=False) as instance:
        port = free_port()
        instance.reserve(port, "http")
        refused = instance.bindery("app", "set", "ReportServerWebService", "http=redirect", check=False)
        assert refused.returncode != 0 and "no https URL" in refused.stderr, refused
    with Instance() as instance:
        port = free_port()
        instance.reserve(port, "http")
        instance.bindery("app", "set", "ReportServerWebService", "http=redirect")
        answer = plain(port, "/ReportServer?%2f&rs:Command=ListChildren")
        assert answer.status == 308, answer.status
        assert answer.headers["Location"] == f"https://localhost:{instance.port}/ReportServer?%2f&rs:Command=ListChildren"
        assert instance.get("/ReportServer").status == 200
        instance.bindery("tls", "undo")
        assert plain(port, "/ReportServer").status != 308


@test
def row_41_hsts_is_refused_where_it_would_lock_an_address_out():
    with Instance() as instance:
        instance.reserve(free_port(), "http")
        refused = instance.bindery("app", "set", "ReportServerWebService", "hsts=300", check=False)
        assert refused.returncode != 0 and "could not reach http://+:" in refused.stderr, refused
    with Instance() as instance:
        instance.bindery("app", "set", "ReportServerWebService", "hsts=300")
        assert instance.get("/ReportServer").headers["strict-transport-security"] == "max-age=300"


@test
def row_19_the_level_in_the_file_closes_http_for_the_report_server():
    with Instance(AllowPasswordsOverHttp="True") as instance:
        port = free_port()
        instance.reserve(port, "http")
        assert plain(port, "/ReportServer").status == 200
        assert operation(instance, "SetSecureConnectionLevel", Level=1) == 200
        assert plain(port, "/ReportServer").status == 403
        assert plain(port, "/Reports").status == 403 and instance.get("/ReportServer").status == 200
        assert operation(instance, "SetSecureConnectionLevel", Level=0) == 200
        assert plain(port, "/ReportServer").status == 200


@test
def row_53_a_trusted_proxy_says_who_asks():
    with Instance(TrustedProxies="127.0.0.1", AllowPasswordsOverHttp="True") as instance:
        port = free_port()
        instance.reserve(port, "http")
        assert plain(port, "/ReportServer", X_Forwarded_For="198.51.100.7", X_Forwarded_Proto="https").status == 200
        wait_until(lambda: any("198.51.100.7" in path.read_text() for path in (instance.path / "log").iterdir()),
                   what="the access log names the client")
    with Instance(bind=False, serve=False) as instance:
        instance.setting(TrustedProxies="10.0.0.0/99")
        refused = instance.bindery("serve", check=False)
        assert refused.returncode != 0 and "TrustedProxies" in refused.stderr and "10.0.0.0/99" in refused.stderr, refused


run()
