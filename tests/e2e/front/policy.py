#!/usr/bin/env python3
"""What an administrator sets for an application, and proxies whose word is taken: played against the front. TAP."""
import contextlib
import pathlib
import socket
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness import run, test  # noqa: E402
from scene import Application, Client, Front, answer, ask, certificate, free_port, plain, tls_context  # noqa: E402


@contextlib.contextmanager
def both(*policies, serve=None, settings=()):
    """A front with one application at /a/ on a plain and on a TLS port."""
    app, port, tls = Application(serve), free_port(), free_port()
    with Front(*settings) as front:
        front.app, front.port, front.tls = app, port, tls
        front.lines = (f"app one {app.path} 0 online", f"reserve one http://+:{port}/a/", f"reserve one https://+:{tls}/a/",
                       f"bind 0.0.0.0 {tls} - 1 {certificate('one')}")
        front.apply(*front.lines, *policies)
        yield front
    app.stop()


def get(path="/a/x?y", *fields, host="one.example", method="GET"):
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *fields, "", ""]).encode()


def ask_tls(front, data):
    with Client(front.tls, tls_context()) as client:
        return client.send(data).response()


# ---- without TLS ------------------------------------------------------------------------------------------

@test
def row_50_a_request_without_tls_is_sent_on_to_https_with_path_and_query():
    with both("policy one http redirect") as front:
        for host in ("one.example", f"one.example:{front.port}"):
            response = ask(front, get("/a/b%20c?d=1&e", host=host))
            assert response.status == 308, response.line
            assert response.fields["location"] == f"https://one.example:{front.tls}/a/b%20c?d=1&e", response.fields
        with Client(front.port) as client:  # its body is not waited for
            response = client.send(get("/a/x", "Content-Length: 1000000", method="POST")).response()
            assert response.status == 308 and response.fields["connection"] == "close"
        assert not front.app.requests
        assert ask_tls(front, get()).status == 200


@test
def row_19_from_level_1_on_requests_without_tls_are_refused():
    for level in (1, 2, 3):
        with both(f"policy one secure-connection-level {level}") as front:
            response = ask(front)
            assert response.status == 403 and b"https only" in response.body, response.body
            assert not front.app.requests and ask_tls(front, get()).status == 200
            front.wait_for(lambda: "Plain" in front.reasons())
    with both("policy one secure-connection-level 1", "policy one http redirect") as front:
        assert ask(front).status == 308
    with both("policy one secure-connection-level 0") as front:
        assert ask(front).status == 200


@test
def row_19_where_there_is_no_https_to_go_to_it_is_refused():
    with plain() as front:
        front.apply(*front.lines, "policy one http redirect")
        assert ask(front).status == 403


# ---- responses --------------------------------------------------------------------------------------------

@test
def row_41_hsts_is_said_over_tls_only_and_once():
    own = answer(b"x").replace(b"\r\n\r\n", b"\r\nStrict-Transport-Security: max-age=1\r\n\r\n", 1)
    with both("policy one hsts 86400", "policy one hsts-subdomains yes", serve=lambda *_: own) as front:
        response = ask_tls(front, get())
        assert response.names.count("Strict-Transport-Security") == 1
        assert response.fields["strict-transport-security"] == "max-age=86400; includeSubDomains", response.fields
        assert "strict-transport-security" not in ask(front).fields
    with both("policy one hsts 86400") as front:
        front.tell("state one offline")
        assert front.answer() == "set"
        response = ask_tls(front, get())
        assert response.status == 503 and response.fields["strict-transport-security"] == "max-age=86400", response.fields


@test
def row_41_headers_of_an_administrator_replace_those_of_the_application():
    own = answer(b"x").replace(b"\r\n\r\n", b"\r\nX-Frame-Options: ALLOWALL\r\nX-Own: 1\r\n\r\n", 1)
    with both("policy one headers X-Frame-Options:DENY|Referrer-Policy:no-referrer", serve=lambda *_: own) as front:
        for response in (ask(front), ask_tls(front, get())):
            assert response.names.count("X-Frame-Options") == 1 and response.fields["x-frame-options"] == "DENY"
            assert response.fields["referrer-policy"] == "no-referrer" and response.fields["x-own"] == "1"
        front.tell("policy one headers Content-Length:5")
        assert "the service does" in front.answer()
        front.tell("policy one headers No-Value")
        assert front.answer().startswith("refused")


# ---- limits -----------------------------------------------------------------------------------------------

@test
def an_application_has_limits_of_its_own():
    with both("policy one body-max 4", "policy one head-max 1") as front:
        assert ask(front, get("/a/x", "Content-Length: 4096", method="POST") + b"x" * 4096).status == 200
        assert ask(front, get("/a/x", "Content-Length: 4097", method="POST")).status == 413
        chunked = get("/a/x", "Transfer-Encoding: chunked", method="POST") + b"1001\r\n" + b"x" * 4097 + b"\r\n0\r\n\r\n"
        assert ask(front, chunked).status == 413
        assert ask(front, get("/a/x", "X-Long: " + "x" * 1024)).status == 431
    with both("policy one body-max 8", settings=("body_max=16",)) as front:
        assert ask(front, get("/a/x", "Content-Length: 8000", method="POST") + b"x" * 8000).status == 200
    with both("policy one response-time 1", serve=lambda *_: time.sleep(8)) as front:
        assert ask(front).status == 504


@test
def more_requests_than_the_rate_are_429_and_others_go_on():
    with both("policy one rate 1", "policy one burst 5", settings=("trusted_proxies=127.0.0.1",)) as front:
        def burst(client):
            return [ask(front, get("/a/x", f"X-Forwarded-For: {client}")).status for _ in range(8)]
        first = burst("192.0.2.1")
        assert first[:5] == [200] * 5 and 429 in first, first
        assert burst("192.0.2.2")[0] == 200
        six = burst("2001:db8::1")
        assert six[0] == 200 and 429 in burst("2001:db8::2"), "one network is one client"
        response = ask(front, get("/a/x", "X-Forwarded-For: 192.0.2.1"))
        if response.status == 429:
            assert response.fields["retry-after"] == "1"
        time.sleep(2.5)
        assert ask(front, get("/a/x", "X-Forwarded-For: 192.0.2.1")).status == 200
        for i in range(3000):  # far more clients than the table holds: it does not grow, and nobody new is refused
            if i % 100 == 0:
                assert ask(front, get("/a/x", f"X-Forwarded-For: 10.{i // 65536}.{i // 256 % 256}.{i % 256}")).status == 200


@test
def one_client_has_only_so_many_connections():
    with both(settings=("peer_connections_max=3",)) as front:
        clients = [Client(front.port) for _ in range(3)]
        for client in clients:
            assert client.send(get()).response().status == 200
        with Client(front.port) as more:
            assert more.is_closed()
        front.wait_for(lambda: "ConnLimit" in front.reasons())
        clients[0].close()
        front.wait_for(lambda: front.statistics()["connections_now"] == 2)
        assert ask(front).status == 200
        for client in clients[1:]:
            client.close()


# ---- proxies ----------------------------------------------------------------------------------------------

def seen(front):
    return front.app.requests[-1].fields


@test
def row_53_what_untrusted_clients_say_of_themselves_is_not_believed():
    with both(settings=("trusted_proxies=192.0.2.0/24",)) as front:
        ask(front, get("/a/x", "X-Forwarded-For: 198.51.100.7", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil",
                       "Forwarded: for=198.51.100.7;proto=https"))
        assert seen(front)["x-forwarded-for"] == "127.0.0.1" and seen(front)["x-forwarded-proto"] == "http"
        assert seen(front)["x-forwarded-host"] == "one.example" and "forwarded" not in seen(front)
        with Client(front.port) as client:  # a PROXY header is a bad request from anybody else
            assert client.send(b"PROXY TCP4 198.51.100.7 192.0.2.1 1 2\r\n" + get()).response().status == 400


@test
def row_53_of_a_chain_the_first_address_that_is_no_proxy_is_the_client():
    with both(settings=("trusted_proxies=127.0.0.1, 10.0.0.0/8 2001:db8:1::/48",)) as front:
        for chain, client in [(["198.51.100.7"], "198.51.100.7"), (["1.1.1.1, 198.51.100.7, 10.1.2.3"], "198.51.100.7"),
                              (["1.1.1.1", "198.51.100.7:4711", "10.1.2.3"], "198.51.100.7"),
                              (["[2001:db8::9]:80, 2001:db8:1::7"], "2001:db8::9"), (["10.0.0.1, 10.0.0.2"], "10.0.0.1"),
                              (["198.51.100.7, unknown"], "127.0.0.1"), (["x" * 200], "127.0.0.1"), ([","], "127.0.0.1")]:
            ask(front, get("/a/x", *(f"X-Forwarded-For: {part}" for part in chain), "Forwarded: for=6.6.6.6"))
            assert seen(front)["x-forwarded-for"] == client, (chain, seen(front))
        front.wait_for(lambda: len(front.access) == 8)
        ask(front, get("/a/x", "X-Forwarded-For: 198.51.100.7", "X-Forwarded-Proto: https", "X-Forwarded-Host: reports.example"))
        assert (seen(front)["x-forwarded-proto"], seen(front)["x-forwarded-host"], seen(front)["x-forwarded-port"]) == (
            "https", "reports.example", "443"), seen(front)
        ask(front, get("/a/x", "X-Forwarded-Proto: https", "X-Forwarded-Host: a.example:8443"))
        assert seen(front)["x-forwarded-port"] == "8443"
        ask(front, get("/a/x", "X-Forwarded-Host: bad host/<x>"))
        assert seen(front)["x-forwarded-host"] == "one.example"


@test
def row_53_tls_that_ended_at_a_trusted_proxy_counts():
    with both("policy one http redirect", "policy one hsts 100", settings=("trusted_proxies=127.0.0.1",)) as front:
        response = ask(front, get("/a/x", "X-Forwarded-Proto: https"))
        assert response.status == 200 and "strict-transport-security" in response.fields
        response = ask(front, get("/a/x", "X-Forwarded-Proto: http", "X-Forwarded-Host: outside.example"))
        assert response.status == 308 and response.fields["location"].startswith("https://outside.example:")


@test
def row_53_the_standard_field_is_read_where_it_is_chosen():
    with both(settings=("trusted_proxies=127.0.0.1 10.0.0.0/8", "forwarded_standard=1")) as front:
        ask(front, get("/a/x", 'Forwarded: for=1.1.1.1, For="[2001:db8::7]:99";Proto=https;host="r.example"',
                       "Forwarded: for=10.0.0.9", "X-Forwarded-For: 6.6.6.6"))
        assert seen(front)["x-forwarded-for"] == "2001:db8::7", seen(front)
        assert (seen(front)["x-forwarded-proto"], seen(front)["x-forwarded-host"]) == ("https", "r.example")
        for chain, client in [('for=6.6.6.6;x=", for=198.51.100.7', "198.51.100.7"),  # the client left a quote open
                              ('for="6.6.6.6\\", for=198.51.100.7;host="a,b"', "198.51.100.7"), ("for=198.51.100.7, ,", "198.51.100.7"),
                              ('for=6.6.6.6, for="198.51.100.7:1";host="r\\",example"', "198.51.100.7")]:
            ask(front, get("/a/x", f"Forwarded: {chain}"))
            assert seen(front)["x-forwarded-for"] == client, (chain, seen(front))
        for odd in ['for="', "for=", "=;,=,", "for=_hidden;proto=https", ";;;", "for=1.1.1.1;x"]:
            assert ask(front, get("/a/x", f"Forwarded: {odd}")).status == 200, odd


V2 = b"\r\n\r\n\0\r\nQUIT\n"


def v2(client="198.51.100.7", port=4711, tlvs=b"", command=0x21):
    family = socket.AF_INET6 if ":" in client else socket.AF_INET
    server = "2001:db8::1" if ":" in client else "192.0.2.1"
    body = socket.inet_pton(family, client) + socket.inet_pton(family, server) + struct.pack("!HH", port, 443) + tlvs
    return V2 + bytes([command, 0x21 if ":" in client else 0x11]) + struct.pack("!H", len(body)) + body


@test
def row_53_the_proxy_protocol_names_the_client_with_and_without_tls():
    with both(settings=("trusted_proxies=127.0.0.1",)) as front:
        for header, client in [(b"PROXY TCP4 198.51.100.7 192.0.2.1 4711 80\r\n", "198.51.100.7"),
                               (b"PROXY TCP6 2001:db8::9 2001:db8::1 4711 80\r\n", "2001:db8::9"), (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
                               (v2(), "198.51.100.7"), (v2("2001:db8::9"), "2001:db8::9"), (v2("::ffff:198.51.100.7"), "198.51.100.7"),
                               (v2(command=0x20), "127.0.0.1"), (v2(tlvs=b"\x04\x00\x03abc"), "198.51.100.7"), (b"", "127.0.0.1")]:
            with Client(front.port) as connection:
                assert connection.send(header + get()).response().status == 200, header
                assert seen(front)["x-forwarded-for"] == client, (header, seen(front))
                connection.send(get("/a/x", "X-Forwarded-For: 6.6.6.6"))  # the client is no proxy
                if client != "127.0.0.1":
                    assert connection.response().status == 200 and seen(front)["x-forwarded-for"] == client
            raw = socket.create_connection(("127.0.0.1", front.tls), 20)
            raw.sendall(header)
            with tls_context().wrap_socket(raw) as secure:
                secure.sendall(get())
                assert secure.recv(20).startswith(b"HTTP/1.1 200")
            assert seen(front)["x-forwarded-for"] == client and seen(front)["x-forwarded-proto"] == "https"
        with Client(front.port) as connection:  # in single bytes
            for byte in v2(tlvs=b"\x20\x00\x05\x01\x00\x00\x00\x00"):
                connection.send(bytes([byte]))
                time.sleep(0.002)
            assert connection.send(get()).response().status == 200
            assert seen(front)["x-forwarded-proto"] == "https", "the proxy says that the client spoke TLS"


@test
def row_53_what_is_no_header_of_the_proxy_protocol_is_closed():
    with both(settings=("trusted_proxies=127.0.0.1", "handshake_ms=500", "idle_ms=500")) as front:
        for bad in [b"PROXY TCP4 nonsense\r\n", b"PROXY TCP4 1.1.1.1 2.2.2.2 99999 1\r\n", b"PROXY " + b"x" * 200,
                    V2 + b"\x31\x11\x00\x0c" + b"\0" * 12, V2 + b"\x21\x11\x00\x04" + b"\0" * 4, V2 + b"\x21\x11\xff\xff"]:
            for port in (front.port, front.tls):
                with Client(port) as connection:
                    connection.send(bad)
                    assert connection.is_closed(), bad
        for slow in (b"PROX", V2[:7], v2()[:20]):
            with Client(front.port) as connection:
                connection.send(slow)
                assert connection.is_closed(), slow
        assert ask(front).status == 200


run()
