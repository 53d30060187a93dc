"""Tickets that count for one connection: extended protection (channel and service binding), and logons that are kept with it."""
import hashlib
import http.client
import os
import re
import socket
import ssl
import subprocess
import threading

from harness import Instance, basic, run, test, wait_until
from kdc import NAME, Realm, Tokens
from negotiate_server import PAGE, Server, ask, log_on

PROTECTED = "RSWindowsExtendedProtectionLevel", "RSWindowsExtendedProtectionScenario"


def end_point(certificate):
    """What RFC 5929 section 4.1 binds to: the prefix and the digest of the certificate (DER), in hexadecimal."""
    text = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-text"], input=certificate, capture_output=True).stdout
    name = re.search(rb"Signature Algorithm: .*?(sha\d+)", text, re.I)
    digest = hashlib.new(name[1].decode().lower() if name and name[1].lower() != b"sha1" else "sha256", certificate).digest()
    return (b"tls-server-end-point:" + digest).hex()


def served(server, port=None):
    with server.connect(port) as connection:
        return connection.getpeercert(True)


def protect(server, level, scenario):
    """By the command; the running server takes it over."""
    before = server.children("worker")
    server.bindery("tls", "protect", level, scenario)
    wait_until(lambda: not set(before) & set(server.children("worker")), what="new workers")


WRONG = (b"tls-server-end-point:" + bytes(32)).hex()


# ---- row 38 -------------------------------------------------------------------------------------------------------


@test
def row_38_require_takes_only_tokens_that_are_bound_to_the_connection():
    with Realm() as realm, Server(realm) as server:
        alice = realm.log_on("alice")
        right = end_point(served(server))
        assert log_on(server, alice, "--channel", WRONG).status == 200, "Off looks at nothing"
        protect(server, "require", "direct")
        assert log_on(server, alice, "--channel", right).status == 200
        assert log_on(server, alice, "--raw", "--channel", right).status == 200
        assert log_on(server, alice).status == 401
        assert "is not bound to the connection" in server.server_log()
        assert log_on(server, alice, "--channel", WRONG).status == 401
        assert server.get(PAGE).status == 200, "passwords are not concerned"


@test
def row_38_allow_takes_tokens_that_name_no_channel_but_none_that_name_another():
    with Realm() as realm, Server(realm, others=dict(zip(PROTECTED, ("Allow", "Direct")))) as server:
        alice = realm.log_on("alice")
        assert log_on(server, alice).status == 200
        assert log_on(server, alice, "--channel", end_point(served(server))).status == 200
        assert log_on(server, alice, "--channel", WRONG).status == 401


@test
def row_38_what_a_client_says_of_its_channel_is_not_believed():
    with Realm() as realm, Server(realm, others=dict(zip(PROTECTED, ("Require", "Direct")))) as server:
        alice = realm.log_on("alice")
        for name in ("Bindery-Channel", "Bindery_Channel", "bindery-channel"):
            connection = server.open()
            with Tokens(alice, "--channel", WRONG) as tokens:
                assert ask(connection, tokens.next(), **{name: "00" * 32}).status == 401, name
            connection.close()


@test
def row_38_a_session_that_goes_on_is_bound_to_the_certificate_it_began_with():
    with Realm() as realm, Server(realm, others=dict(zip(PROTECTED, ("Require", "Direct")))) as server:
        second = server.create_certificate("--key", "rsa-2048")
        both = [word for app in ("ReportServerWebService", "ReportServerWebApp") for word in ("--app", app)]
        server.bindery("tls", "bind", *both, "--cert", server.thumbprint, "--cert", second, "--address", "127.0.0.1", "--port",
                       server.port)
        alice = realm.log_on("alice")
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            for algorithm in ("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"):
                if version == ssl.TLSVersion.TLSv1_3 and "RSA-" in algorithm and "ECDSA" not in algorithm:
                    continue  # Python cannot choose there
                context = server.context()
                context.minimum_version = context.maximum_version = version
                if version == ssl.TLSVersion.TLSv1_2:
                    context.set_ciphers(algorithm)
                session = None
                for resumed in (False, True):
                    connection = http.client.HTTPSConnection("localhost", server.port, timeout=30)
                    connection.sock = server.connect(context=context, session=session)
                    certificate = connection.sock.getpeercert(True)
                    assert connection.sock.session_reused == resumed, (version, algorithm)
                    with Tokens(alice, "--channel", end_point(certificate)) as tokens:
                        assert ask(connection, tokens.next()).status == 200, (version, algorithm, resumed)
                    session = connection.sock.session
                    connection.close()


@test
def row_38_a_ticket_for_a_host_without_a_url_is_not_taken():
    with Realm() as realm, Server(realm, others=dict(zip(PROTECTED, ("Allow", "Any")))) as server:
        other = realm.keytab("HTTP/elsewhere.example")
        realm.run("ktutil", input=f"rkt {realm.service}\nrkt {other}\nwkt {realm.folder}/both\n")
        (server.path / "krb5.keytab").write_bytes((realm.folder / "both").read_bytes())
        wait_until(lambda: "elsewhere.example" in server.server_log(), what="the new keytab to be read")
        alice = realm.log_on("alice")
        assert log_on(server, alice).status == 200
        assert log_on(server, alice, service="HTTP@elsewhere.example").status == 401
        assert "no URL of ReportServerWebApp has that host" in server.server_log()
        server.bindery("url", "reserve", "--app", "ReportServerWebApp", f"https://elsewhere.example:{server.port}/Reports")
        assert log_on(server, alice, service="HTTP@elsewhere.example").status == 200, "at once"
        protect(server, "Allow", "Direct")
        assert log_on(server, alice, service="HTTP@elsewhere.example").status == 200, "Direct does not look at names"


class Proxy:
    """Ends TLS with a certificate of its own and passes requests of all its clients on over one connection."""

    def __init__(self, server, certificate, field="X-Forwarded-For: 192.0.2.1\r\n"):
        self.server, self.field = server, field
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.behind = server.connect()
        self.lock = threading.Lock()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, raw):
        with self.context.wrap_socket(raw, server_side=True) as client:
            while True:
                head = b""
                while b"\r\n\r\n" not in head:
                    piece = client.recv(65536)
                    if not piece:
                        return
                    head += piece
                line, rest = head.split(b"\r\n", 1)
                with self.lock:
                    self.behind.sendall(line + b"\r\n" + self.field.encode() + rest)
                    response = http.client.HTTPResponse(self.behind)
                    response.begin()
                    body = response.read()
                fields = "".join(f"{k}: {v}\r\n" for k, v in response.getheaders()
                                 if k.lower() not in ("transfer-encoding", "content-length", "connection"))
                client.sendall(f"HTTP/1.1 {response.status} X\r\n{fields}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def open(self):
        return http.client.HTTPSConnection("localhost", self.port, context=self.server.context(), timeout=30)

    def __enter__(self):
        return self

    def __exit__(self, *rest):
        self.listener.close()
        self.behind.close()


def proxy_certificate(server):
    thumbprint = server.create_certificate()
    path = server.folder / "proxy.pem"
    server.bindery("cert", "export", thumbprint, "--private-key", "--out", path)
    return path


@test
def row_38_behind_a_trusted_proxy_tokens_are_bound_to_what_it_shows_to_clients():
    with Realm() as realm, Server(realm, others=dict(zip(PROTECTED, ("Require", "Proxy"))), TrustedProxies="127.0.0.1") as server:
        alice, path = realm.log_on("alice"), proxy_certificate(server)
        with Proxy(server, path) as proxy:
            with server.connect(proxy.port) as raw:
                shown = end_point(raw.getpeercert(True))

            def through(*options):
                connection = proxy.open()
                try:
                    with Tokens(alice, *options) as tokens:
                        return ask(connection, tokens.next()).status
                finally:
                    connection.close()
            assert through("--channel", shown) == 401, "its certificate is not known yet"
            before = server.children("worker")
            server.setting(ProxyCertificateFile=path)
            server.server.send_signal(1)
            wait_until(lambda: not set(before) & set(server.children("worker")), what="new workers")
        with Proxy(server, path) as proxy:
            assert through("--channel", shown) == 200
            assert through() == 401
            assert through("--channel", end_point(served(server))) == 401


@test
def row_38_settings_are_judged():
    with Instance(bind=False) as instance:
        done = instance.bindery("tls", "protect", "sometimes", check=False)
        assert done.returncode != 0 and "Off, Allow or Require" in done.stderr, done.stderr
        instance.bindery("tls", "protect", "ALLOW")
        config = (instance.path / "rsreportserver.config").read_text()
        assert "<RSWindowsExtendedProtectionLevel>Allow<" in config and "<RSWindowsExtendedProtectionScenario>Proxy<" in config


# ---- row 39 -------------------------------------------------------------------------------------------------------


def who(answer):
    found = re.search(r"[a-z]+@" + NAME.replace(".", r"\."), answer.body.decode())
    return found and found[0].split("@")[0]


@test
def row_39_a_connection_belongs_to_who_logged_on_over_it_and_no_other_does():
    with Realm() as realm, Server(realm) as server:
        server.bindery("user", "add", f"bob@{NAME}", "--no-password")
        first, second, third = server.open(), server.open(), server.open()
        for connection, user in ((first, "alice"), (second, "bob")):
            with Tokens(realm.log_on(user)) as tokens:
                assert who(ask(connection, tokens.next())) == user
        for _ in range(20):  # whichever worker answers
            assert who(ask(first)) == "alice" and who(ask(second)) == "bob"
            assert ask(third).status == 401
        assert ask(first).headers["Bindery-State"] is None
        assert ask(third, **{"Bindery-State": "kept x", "Bindery-Connection": "1"}).status == 401
        for connection in (first, second, third):
            connection.close()
        again = server.open()
        assert ask(again).status == 401
        again.close()


@test
def row_39_who_proves_himself_anew_is_nobody_until_he_has():
    with Realm() as realm, Server(realm) as server:
        connection, alice = server.open(), realm.log_on("alice")
        with Tokens(alice) as tokens:
            assert ask(connection, tokens.next()).status == 200
        assert ask(connection, b"nonsense").status == 401
        assert ask(connection).status == 401
        with Tokens(alice) as tokens:
            assert ask(connection, tokens.next()).status == 200
        assert ask(connection, Authorization=basic("reader")["Authorization"]).status == 200
        assert ask(connection).status == 401
        connection.close()


@test
def row_39_an_account_that_is_gone_is_gone_at_once():
    with Realm() as realm, Server(realm) as server:
        connection = server.open()
        with Tokens(realm.log_on("alice")) as tokens:
            assert ask(connection, tokens.next()).status == 200
        server.bindery("user", "remove", f"alice@{NAME}")
        assert ask(connection).status == 401
        server.bindery("user", "add", f"alice@{NAME}", "--no-password")
        assert ask(connection).status == 401, "another account of the same name is another one"
        connection.close()


@test
def row_39_false_means_each_request():
    with Realm() as realm, Server(realm, others={"EnableAuthPersistence": "false"}) as server:
        connection = server.open()
        with Tokens(realm.log_on("alice")) as tokens:
            assert ask(connection, tokens.next()).status == 200
        assert ask(connection).status == 401
        connection.close()


@test
def row_39_nothing_is_kept_where_a_proxy_mixes_its_clients():
    for settings, field in (({"TrustedProxies": "127.0.0.1"}, ""), ({}, "X-Forwarded-For: 192.0.2.1\r\n"), ({}, "Via: 1.1 x\r\n")):
        with Realm() as realm, Server(realm, **settings) as server:
            with Proxy(server, proxy_certificate(server), field) as proxy:
                alice, other = proxy.open(), proxy.open()
                with Tokens(realm.log_on("alice")) as tokens:
                    assert who(ask(alice, tokens.next())) == "alice"
                assert ask(other).status == 401, "the same connection behind the proxy, another client"
                assert ask(alice).status == 401
                alice.close()
                other.close()


@test
def row_39_over_http2_each_request_proves_itself():
    with Realm() as realm, Server(realm) as server:
        url = f"https://localhost:{server.port}{PAGE}"
        done = subprocess.run(["curl", "-sS", "--http2", "--cacert", server.authority, "-o", "/dev/null", "-w", "%{http_code} ",
                               "--negotiate", "-u", ":", url, "--next", "-sS", "--http2", "--cacert", server.authority, "-o",
                               "/dev/null", "-w", "%{http_code} %{num_connects}", url], capture_output=True, text=True,
                              env={**os.environ, **realm.log_on("alice")}, timeout=60)
        assert done.stdout.split() == ["200", "401", "0"], (done.stdout, done.stderr)


run()
