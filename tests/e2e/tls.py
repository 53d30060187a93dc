#!/usr/bin/env python3
"""What TLS does at a binding: kinds of certificates, policy, sessions. A real server; clients are Python's and openssl s_client."""
import base64
import hashlib
import http.server
import json
import re
import shutil
import ssl
import subprocess
import threading

from authority import Issuer
from harness import APPLICATIONS, BINDERY, Instance, run, test, wait_until


def s_client(instance, *options, name="localhost", port=None, send=""):
    """What `openssl s_client` says of one handshake."""
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port or instance.port}", "-servername", name,
                           "-CAfile", instance.authority, *options], input=send, capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


def field(said, pattern):
    found = re.search(pattern, said)
    return found.group(1).strip() if found else None


@test
def row_46_ecdsa_and_rsa_certificates_stand_side_by_side_on_one_row():
    with Instance() as instance:
        rsa = instance.create_certificate("--key", "rsa-2048", "--name", "rsa")
        both = [word for app in APPLICATIONS for word in ("--app", app)]
        instance.bindery("tls", "bind", *both, "--cert", instance.thumbprint, "--cert", rsa, "--address", "127.0.0.1",
                         "--port", instance.port)
        for version in ("-tls1_2", "-tls1_3"):
            kinds = {}
            for wanted in ("ECDSA+SHA256", "RSA-PSS+SHA256"):
                said = s_client(instance, version, "-sigalgs", wanted)
                assert "Verify return code: 0" in said, said
                kinds[wanted] = field(said, r"Peer signature type: (.*)")
            assert kinds == {"ECDSA+SHA256": "ECDSA", "RSA-PSS+SHA256": "RSA-PSS"}, (version, kinds)
        assert instance.get("/ReportServer").status == 200
        # an old client that knows RSA only
        said = s_client(instance, "-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256", "-sigalgs", "RSA+SHA256")
        assert field(said, r"Peer signature type: (.*)") == "RSA", said


# ---- policy -----------------------------------------------------------------------------------------------


def handshake(said):
    """(version, cipher) of a handshake that went through, else None."""
    found = re.search(r"(?:New|Reused), (TLSv1\.\d), Cipher is (\S+)", said)
    return found.groups() if found and found.group(2) != "(NONE)" else None


def row_of(instance):
    return f"127.0.0.1:{instance.port}"


@test
def row_51_what_scanners_look_for_is_right_by_default():
    with Instance() as instance:
        for old in ("-tls1_1", "-tls1"):
            assert not handshake(s_client(instance, old, "-cipher", "ALL:@SECLEVEL=0")), old
        for bad in ("AES128-SHA", "AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "DHE-RSA-AES128-GCM-SHA256", "aNULL",
                    "DES-CBC3-SHA", "ECDHE-ECDSA-AES256-SHA384"):
            assert not handshake(s_client(instance, "-tls1_2", "-cipher", bad + ":@SECLEVEL=0")), bad
        assert handshake(s_client(instance, "-tls1_2"))[0] == "TLSv1.2"
        said = s_client(instance, "-tls1_3")
        assert handshake(said)[0] == "TLSv1.3" and "Server Temp Key: X25519" in said, said
        assert "Secure Renegotiation IS supported" in s_client(instance, "-tls1_2")
        assert "Compression: NONE" in s_client(instance, "-tls1_2")
        said = s_client(instance, "-tls1_2", "-no_ticket", "-legacy_renegotiation", send="R\n")  # it asks for renegotiation
        assert "no renegotiation" in said.lower() or "RENEGOTIATING" in said and not re.search(r"read R BLOCK\s*$", said), said


@test
def row_51_the_server_chooses_the_cipher_but_chacha_is_the_clients():
    with Instance() as instance:
        best, strong, chacha = "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"
        chosen = lambda *offered: handshake(s_client(instance, "-tls1_3", "-ciphersuites", ":".join(offered)))[1]
        assert chosen(strong, chacha, best) == best
        assert chosen(chacha, strong, best) == chacha  # a processor without instructions for AES
        assert chosen(strong, chacha) == strong
        older = lambda *offered: handshake(s_client(instance, "-tls1_2", "-cipher", ":".join(offered)))[1]
        best, strong, chacha = (f"ECDHE-ECDSA-{name}" for name in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305"))
        assert (older(strong, chacha, best), older(chacha, strong, best)) == (best, chacha)
        instance.bindery("tls", "set", row_of(instance), f"ciphers={strong}:{best}:TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256")
        assert older(best, strong) == strong and chosen("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384") == "TLS_AES_256_GCM_SHA384"


@test
def row_51_policy_of_a_row_is_named_or_listed_and_holds_at_once():
    with Instance() as instance:
        row = row_of(instance)
        instance.bindery("tls", "set", row, "profile=modern")
        assert not handshake(s_client(instance, "-tls1_2")) and handshake(s_client(instance, "-tls1_3"))
        instance.bindery("tls", "set", row, "profile=intermediate",
                         "ciphers=tls_aes_256_gcm_sha384:ECDHE-ECDSA-AES256-GCM-SHA384", "groups=P-384")
        assert handshake(s_client(instance, "-tls1_2")) == ("TLSv1.2", "ECDHE-ECDSA-AES256-GCM-SHA384")
        said = s_client(instance, "-tls1_3", "-groups", "P-384:X25519")
        assert handshake(said) == ("TLSv1.3", "TLS_AES_256_GCM_SHA384") and "ECDH, secp384r1" in said, said
        assert not handshake(s_client(instance, "-tls1_3", "-groups", "X25519"))
        told = instance.bindery("tls", "set", row, "ciphers=ECDHE-ECDSA-AES128-GCM-SHA256", "groups=").stdout
        assert f"set groups of {row} to empty (it is P-384)" in told, told
        assert not handshake(s_client(instance, "-tls1_3")), "a list without TLS 1.3 speaks TLS 1.3"
        for wrong in ("ciphers=AES128-SHA", "ciphers=RC4-SHA", "groups=sect163k1", "groups=P-256:P-256", "profile=old"):
            refused = instance.bindery("tls", "set", row, wrong, check=False)
            assert refused.returncode == 1 and wrong.split("=")[0] in refused.stderr, refused


@test
def row_51_each_cipher_and_each_group_alone_is_one_that_a_change_is_looked_at_with():
    ciphers = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
               "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"]
    groups = ["X25519", "X448", "P-256", "P-384", "P-521"]
    with Instance() as instance:
        row = row_of(instance)
        for setting in [("ciphers=" + name, "groups=") for name in ciphers] + [("ciphers=", "groups=" + name) for name in groups]:
            checks = {check["stage"]: check["ok"] for check in instance.json("tls", "set", row, *setting)["checks"]}
            assert checks["handshake"] and checks["certificate"], (setting, checks)


# ---- sessions ---------------------------------------------------------------------------------------------

ASK = "GET /ReportServer HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def resumes(instance, version, session, name="localhost"):
    """Does the session in this file go on? A new one is left in the file."""
    given = ["-sess_in", str(session)] if session.exists() else []
    said = s_client(instance, version, "-sess_out", str(session), *given, "-ign_eof", name=name, send=ASK)
    assert "401" in said, said
    return "Reused, TLS" in said


@test
def row_27_sessions_go_on_where_a_row_wants_them_and_die_with_its_change():
    with Instance() as instance:
        row = row_of(instance)
        for version in ("-tls1_2", "-tls1_3"):
            session = instance.folder / ("session" + version)
            assert not resumes(instance, version, session)
            assert resumes(instance, version, session)
            instance.bindery("tls", "set", row, "groups=X25519:P-256")
            assert not resumes(instance, version, session), version
            assert resumes(instance, version, session)
            instance.bindery("tls", "set", row, "tickets=no")
            assert not resumes(instance, version, session), version
            assert not resumes(instance, version, session), version
            instance.bindery("tls", "unset", row, "tickets", "groups")


@test
def nodes_with_one_secret_take_each_others_tickets_until_a_row_differs():
    with Instance(serve=False) as one, Instance(serve=False, bind=False) as other:
        secret = one.folder / "tickets.key"
        secret.write_bytes(b"0123456789abcdef0123456789abcdef-and-more")
        secret.chmod(0o600)
        for name in ("localhost.crt", "localhost.key"):
            shutil.copy2(one.path / "certs" / name, other.path / "certs" / name)
        (other.path / "certs" / "ca").mkdir(exist_ok=True)
        shutil.copy2(one.authority, other.authority)
        other.port = one.port
        other.reserve()
        other.bind(one.thumbprint, address="127.0.0.2")
        for node in (one, other):
            node.setting(TicketKeyFile=secret)
        for node in (one, other):
            node.start()
        for version in ("-tls1_2", "-tls1_3"):
            session = one.folder / ("session" + version)
            assert not resumes(one, version, session)

            def at(address):
                said = s_client_at(address, one, version, "-sess_in", str(session), "-ign_eof", send=ASK)
                assert "401" in said, said
                return "Reused, TLS" in said

            assert at("127.0.0.2"), version
            assert at("127.0.0.1"), version
            other.bindery("tls", "set", f"127.0.0.2:{one.port}", "groups=P-256:X25519")
            assert not at("127.0.0.2"), version
            assert at("127.0.0.1"), version
            other.bindery("tls", "unset", f"127.0.0.2:{one.port}", "groups")


def s_client_at(address, instance, *options, send=""):
    done = subprocess.run(["openssl", "s_client", "-connect", f"{address}:{instance.port}", "-servername", "localhost", "-CAfile",
                           instance.authority, *options], input=send, capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


@test
def a_secret_that_others_can_read_is_refused():
    with Instance(serve=False) as instance:
        secret = instance.folder / "tickets.key"
        secret.write_bytes(b"x" * 48)
        secret.chmod(0o644)
        instance.setting(TicketKeyFile=secret)
        done = subprocess.run([BINDERY, "serve"], capture_output=True, text=True, timeout=60, env=instance.environment())
        assert done.returncode != 0 and "chmod 600" in done.stderr, done


# ---- certificates of clients --------------------------------------------------------------------------------


class Authority(Issuer):
    """Makes certificates of clients, and lists of what it took back."""

    def __init__(self, folder, name="clients"):
        super().__init__(folder / name, "1000", """[client]
basicConstraints = CA:FALSE
extendedKeyUsage = clientAuth
[server]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
""")
        self.openssl("req", "-x509", *self.new_key("ca"), "-out", "ca.crt", "-days", "10", "-subj", f"/CN={name} authority")
        self.crl()

    def issue(self, name, extensions="client"):
        return super().issue(name, extensions)

    def revoke(self, name):
        self.openssl("ca", "-config", "ca.cnf", "-revoke", f"{name}.crt")
        self.crl()

    def crl(self):
        self.openssl("ca", "-config", "ca.cnf", "-gencrl", "-out", "crl.new")
        (self.folder / "crl.new").rename(self.folder / "crl.pem")


class Echo:
    """An application that answers what it was asked, as JSON."""

    def __enter__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = json.dumps({k.lower(): v for k, v in self.headers.items()}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def ask(instance, path, certificate=None, version=None, **headers):
    """(status, body) of a request, or None where the handshake was refused."""
    context = instance.context()
    if version:
        context.minimum_version = context.maximum_version = version
    if certificate:
        context.load_cert_chain(*certificate)
    try:
        with instance.connect(context=context) as stream:
            words = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
            stream.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{words}Connection: close\r\n\r\n".encode())
            answer = b""
            while piece := stream.recv(65536):
                answer += piece
    except (ssl.SSLError, ConnectionError):
        return None
    head, _, body = answer.partition(b"\r\n\r\n")
    return (int(head.split()[1]), body) if head else None


def errors_of(instance):
    log = instance.path / "log" / "error.log"
    return instance.server_log() + (log.read_text() if log.exists() else "").replace("+", " ")


VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


@test
def row_52_clients_must_show_a_certificate_that_the_authority_of_the_row_gave():
    with Instance() as instance:
        ours, others = Authority(instance.folder), Authority(instance.folder, "others")
        alice, server, stranger = ours.issue("alice"), ours.issue("not-a-client", "server"), others.issue("mallory")
        row = row_of(instance)
        instance.bindery("tls", "set", row, "client-certificates=required", f"client-ca={ours.folder}/ca.crt")
        for version in VERSIONS:
            assert ask(instance, "/ReportServer", alice, version)[0] == 401, version
            assert ask(instance, "/ReportServer", None, version) is None, version
            assert ask(instance, "/ReportServer", stranger, version) is None, version
            assert ask(instance, "/ReportServer", server, version) is None, version
        wait_until(lambda: "unsuitable certificate purpose" in errors_of(instance), what="the log")
        errors = errors_of(instance)
        for reason in ("peer did not return a certificate", "unable to get local issuer certificate", "unsuitable certificate purpose"):
            assert reason in errors, (reason, errors)
        instance.bindery("tls", "set", row, "client-certificates=optional")
        for version in VERSIONS:
            assert ask(instance, "/ReportServer", None, version)[0] == 401, version
            assert ask(instance, "/ReportServer", stranger, version) is None, version
        instance.stop()
        instance.start()
        assert ask(instance, "/ReportServer", stranger) is None, "the setting was forgotten"
        instance.bindery("tls", "unset", row, "client-certificates")
        assert ask(instance, "/ReportServer", stranger)[0] == 401


@test
def row_52_settings_of_clients_that_cannot_work_are_refused():
    with Instance() as instance:
        row = row_of(instance)
        (instance.path / "empty.pem").write_text("nothing here\n")
        for wrong, words in ((["client-certificates=required"], "client-ca"),
                             (["client-certificates=required", "client-ca=/nowhere/ca.pem"], "/nowhere/ca.pem"),
                             (["client-certificates=required", "client-ca=empty.pem"], "no certificate of an authority")):
            refused = instance.bindery("tls", "set", row, *wrong, check=False)
            assert refused.returncode != 0 and words in refused.stderr, refused
        assert instance.get("/ReportServer").status == 200


@test
def row_52_a_client_that_was_revoked_is_refused_within_seconds_and_its_session_too():
    with Instance() as instance:
        ours = Authority(instance.folder)
        alice, bob = ours.issue("alice"), ours.issue("bob")
        instance.bindery("tls", "set", row_of(instance), "client-certificates=required", f"client-ca={ours.folder}/ca.crt",
                         f"client-crl={ours.folder}/crl.pem")
        session = instance.folder / "session"
        shown = ["-cert", alice[0], "-key", alice[1], "-ign_eof"]
        assert "401" in s_client(instance, *shown, "-sess_out", str(session), send=ASK)
        assert "Reused" in s_client(instance, *shown, "-sess_in", str(session), send=ASK)
        ours.revoke("alice")
        wait_until(lambda: ask(instance, "/ReportServer", alice) is None, what="the new list")
        assert "401" not in s_client(instance, *shown, "-sess_in", str(session), send=ASK)
        assert ask(instance, "/ReportServer", bob)[0] == 401
        wait_until(lambda: "certificate revoked" in errors_of(instance), what="the log")


@test
def row_52_applications_are_told_who_the_client_is_and_nobody_else_can_say_so():
    with Instance() as instance, Echo() as target:
        ours = Authority(instance.folder)
        alice = ours.issue("alice")
        instance.bindery("app", "add", "Echo", "--to", target)
        instance.bindery("url", "reserve", "--app", "Echo", f"https://+:{instance.port}/echo")
        lies = dict(Client_Cert=":QUJD:", X_Client_Cert_Subject="CN=admin", X_Client_Cert_Verify="SUCCESS")
        told = json.loads(ask(instance, "/echo", None, **lies)[1])
        assert not [name for name in told if "client-cert" in name or "client_cert" in name], told
        instance.bindery("tls", "set", row_of(instance), "client-certificates=optional", f"client-ca={ours.folder}/ca.crt")
        told = json.loads(ask(instance, "/echo", None, **lies)[1])
        assert told["x-client-cert-verify"] == "NONE" and "client-cert" not in told, told
        der = ssl.PEM_cert_to_DER_cert(open(alice[0]).read())
        for version in VERSIONS:
            told = json.loads(ask(instance, "/echo", alice, version, **lies)[1])
            assert told["client-cert"] == ":" + base64.b64encode(der).decode() + ":", told
            assert told["x-client-cert-verify"] == "SUCCESS" and told["x-client-cert-subject"] == "CN=alice", told
            assert told["x-client-cert-issuer"] == "CN=clients authority" and told["x-client-cert-serial"] == "1000", told
            assert told["x-client-cert-sha256"] == hashlib.sha256(der).hexdigest(), told


run()
