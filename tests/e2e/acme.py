#!/usr/bin/env python3
"""Certificates from a real ACME server (pebble), proved by the service itself. TAP."""
import base64
import hashlib
import http.client
import http.server
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time

from harness import APPLICATIONS, Instance, Skip, free_port, run, test, wait_until


class Pebble:
    """An ACME server on loopback with a certificate of its own authority; it validates at the ports it is told."""

    def __init__(self, instance, http_port=None, tls_port=None, eab=None, port=None, **environment):
        if not shutil.which("pebble"):
            raise Skip("pebble is not installed")
        self.folder = instance.folder / "pebble"
        self.folder.mkdir(exist_ok=True)
        self.port = port or free_port()
        self.ca = self.folder / "ca.pem"
        if not self.ca.exists():
            self.make_certificate()
        config = {"listenAddress": f"127.0.0.1:{self.port}", "certificate": str(self.folder / "cert.pem"),
                  "privateKey": str(self.folder / "key.pem"), "httpPort": http_port or free_port(),
                  "tlsPort": tls_port or free_port(), "externalAccountBindingRequired": bool(eab),
                  "externalAccountMACKeys": eab or {}}
        (self.folder / "config.json").write_text(json.dumps({"pebble": config}))
        self.environment = {**os.environ, "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_AUTHZREUSE": "0", **environment}
        self.directory = f"https://localhost:{self.port}/dir"

    def make_certificate(self):
        def openssl(line):
            subprocess.run(["openssl", *line.split()], cwd=self.folder, check=True, capture_output=True)
        openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=Pebble")
        openssl("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out req.pem -subj /CN=localhost")
        (self.folder / "ext").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        openssl("x509 -req -in req.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out cert.pem")

    def __enter__(self):
        self.log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(["pebble", "-strict", "-config", str(self.folder / "config.json")],
                                        stdout=self.log, stderr=self.log, env=self.environment)
        wait_until(self.answers, what="pebble")
        return self

    def answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def __exit__(self, kind, *_):
        self.process.terminate()
        self.process.wait(20)
        self.log.close()
        if kind:
            for line in (self.folder / "log").read_text().splitlines()[-25:]:
                print("# pebble:", line)

    def register(self, instance, *more, check=True):
        return instance.bindery("acme", "register", "--server", self.directory, "--ca-file", self.ca, "--agree",
                                "--contact", "mailto:admin@example.com", *more, check=check)


def unchecked():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def shown(instance, port=None):
    with instance.connect(port, context=unchecked()) as stream:
        return hashlib.sha1(stream.getpeercert(binary_form=True)).hexdigest().upper()


def certificate_of(instance, slot):
    rows = [row for row in instance.json("cert", "slots")["slots"] if row["slot"] == slot]
    if not rows:
        return None
    return next(c for c in instance.json("cert", "list")["certificates"] if c["thumbprint"] == rows[0]["thumbprint"])


def standing(instance, slot):
    return next(row for row in instance.json("acme", "list")["certificates"] if row["slot"] == slot)


def listen_plain(instance):
    """A port without TLS on which the report server is reserved: proofs come first there."""
    port = free_port()
    instance.bindery("url", "reserve", "--app", APPLICATIONS[0], f"http://+:{port}/ReportServer")
    return port


@test
def row_48_a_certificate_is_issued_by_http_01_and_renewed_into_every_row():
    with Instance() as instance:
        port = listen_plain(instance)
        with Pebble(instance, http_port=port) as pebble:
            done = pebble.register(instance)
            assert "the account is there" in done.stdout, done
            instance.bindery("acme", "issue", "web", "--host", "localhost", "--challenge", "http-01")
            first = certificate_of(instance, "web")
            assert first["usable"] and first["names"] == ["localhost"] and "Pebble" in first["issuer"], first
            words = [word for app in APPLICATIONS for word in ("--app", app)]
            instance.bindery("tls", "bind", *words, "--slot", "web", "--address", "127.0.0.1", "--port", instance.port)
            assert shown(instance) == first["thumbprint"]
            state = standing(instance, "web")
            assert state["state"] == "done" and state["renew"] > first["not_before"] and state["renew"] < first["not_after"], state
            before = len(instance.json("tls", "history")["events"])
            instance.bindery("acme", "renew", "web")
            assert shown(instance) != first["thumbprint"], "the row follows the renewal"
            assert certificate_of(instance, "web")["thumbprint"] == shown(instance)
            event = instance.json("tls", "history")["events"][0]
            assert event["tool"] == "ACME" and event["who"] == "the server", event
            assert len(instance.json("tls", "history")["events"]) == before + 1
            plain = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            plain.request("GET", "/.well-known/acme-challenge/whatever")
            assert plain.getresponse().status == 400, "only proofs that are waited for are answered"
            plain.close()
            for path in (instance.path / "acme").iterdir():
                assert path.stat().st_mode & 0o077 == 0, path
            by_hand = instance.bindery("cert", "slot", "web", "--cert", instance.thumbprint, check=False)
            assert by_hand.returncode == 3 and "filled by ACME" in by_hand.stderr, by_hand
            (process,) = instance.children("acme")
            status = dict(line.split(":\t", 1) for line in open(f"/proc/{process}/status").read().splitlines() if ":\t" in line)
            assert status["NoNewPrivs"] == "1" and int(status["CapEff"], 16) == 0, status
            assert status["Seccomp"] == "2" or int(open(f"/proc/{process}/statm").read().split()[0]) > 1 << 28, status


@test
def row_48_a_certificate_is_issued_by_tls_alpn_01_beside_the_one_that_is_shown():
    with Instance() as instance:
        words = [word for app in APPLICATIONS for word in ("--app", app)]
        instance.bindery("cert", "slot", "web", "--cert", instance.thumbprint)
        instance.bindery("tls", "bind", *words, "--slot", "web", "--address", "127.0.0.1", "--port", instance.port)
        with Pebble(instance, tls_port=instance.port) as pebble:
            pebble.register(instance)
            instance.bindery("acme", "issue", "web", "--host", "localhost", "--challenge", "tls-alpn-01", "--key", "rsa-2048")
            assert certificate_of(instance, "web")["key_type"] == "RSA 2048"
            assert shown(instance) == certificate_of(instance, "web")["thumbprint"] != instance.thumbprint
        context = unchecked()
        context.set_alpn_protocols(["acme-tls/1"])
        try:
            instance.connect(context=context).close()
            raise AssertionError("no proof is waited for: the handshake is to fail")
        except ssl.SSLError:
            pass


@test
def row_48_what_the_server_finds_wrong_is_said_and_tried_again_later():
    with Instance() as instance:
        with Pebble(instance) as pebble:  # it asks at ports where nobody listens
            pebble.register(instance)
            failed = instance.bindery("acme", "issue", "web", "--host", "localhost", "--challenge", "http-01", check=False)
            assert failed.returncode == 1, failed
            assert "could not verify localhost with http-01" in failed.stderr and "tried again at" in failed.stderr, failed
            state = standing(instance, "web")
            assert state["state"] == "failed" and state["failures"] == 1, state
            assert certificate_of(instance, "web") is None
            assert "no certificate for the slot web" in instance.server_log()
            instance.bindery("acme", "remove", "web")
            assert instance.json("acme", "list")["certificates"] == []
            gone = instance.bindery("acme", "renew", "web", check=False)
            assert gone.returncode == 4, gone


@test
def row_48_refused_nonces_are_replaced_but_not_without_end():
    with Instance() as instance:
        port = listen_plain(instance)
        with Pebble(instance, http_port=port, PEBBLE_WFE_NONCEREJECT="40") as pebble:
            pebble.register(instance)
            instance.bindery("acme", "issue", "web", "--host", "localhost", "--challenge", "http-01")
            assert certificate_of(instance, "web")["usable"]
    with Instance() as instance:
        with Pebble(instance, PEBBLE_WFE_NONCEREJECT="100") as pebble:
            failed = pebble.register(instance, check=False)
            assert failed.returncode == 1 and "refused 10 nonces" in failed.stderr, failed


@test
def row_48_a_server_that_is_down_or_not_trusted_is_named():
    with Instance() as instance:
        down = instance.bindery("acme", "register", "--server", f"https://localhost:{free_port()}/dir", check=False)
        assert down.returncode == 1 and "cannot reach the ACME server" in down.stderr, down
        with Pebble(instance) as pebble:
            stranger = instance.bindery("acme", "register", "--server", pebble.directory, "--agree", check=False)
            assert stranger.returncode == 1 and "certificate" in stranger.stderr, stranger
            plain = instance.bindery("acme", "register", "--server", "http://localhost/dir", check=False)
            assert plain.returncode == 1 and "https address" in plain.stderr, plain
            unregistered = instance.bindery("acme", "issue", "web", "--host", "*.example", check=False)
            assert unregistered.returncode == 1 and "DNS" in unregistered.stderr, unregistered


@test
def row_48_an_account_that_the_authority_knows_is_bound_with_its_key():
    secret = base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()
    with Instance() as instance:
        with Pebble(instance, eab={"kid-1": secret}) as pebble:
            refused = pebble.register(instance, check=False)
            assert refused.returncode == 1 and "--eab-id" in refused.stderr, refused
            key = instance.folder / "eab"
            key.write_text(secret + "\n")
            key.chmod(0o600)
            pebble.register(instance, "--eab-id", "kid-1", "--eab-key-file", key)
            assert instance.json("acme", "list")["account"]["state"] == "done"
            assert secret not in instance.server_log()


@test
def row_48_killed_in_between_it_goes_on_where_it_was():
    with Instance() as instance:
        port = listen_plain(instance)
        with Pebble(instance, http_port=port) as pebble:
            pebble.register(instance)
            instance.bindery("acme", "issue", "web", "--host", "localhost", "--challenge", "http-01", "--wait", "0")
            for number in range(4):
                time.sleep(0.03 * number)
                for process in instance.children("acme"):
                    os.kill(process, signal.SIGKILL)
            wait_until(lambda: certificate_of(instance, "web"), seconds=60, what="the certificate")
            wait_until(lambda: standing(instance, "web")["state"] == "done", seconds=60, what="its state")
            instance.stop(signal.SIGKILL)
            instance.start()
            assert standing(instance, "web")["state"] == "done"
            assert certificate_of(instance, "web")["usable"]


# ---- what pebble does not do: played by somebody between it and us ------------------------------------------


class Between:
    """Passes requests to pebble under an address of its own, and does what the test says with some of them: `instead(method, path,
    body)` gives (status, headers, body), or None."""

    def __init__(self, pebble):
        self.pebble, self.seen, self.instead = pebble, [], lambda method, path, body: None

    def __enter__(self):
        between = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                said = between.instead(self.command, self.path, body) or between.ask(self.command, self.path, body, self.headers)
                status, headers, answer = said
                if b"urn:ietf:params:acme:error:badNonce" not in answer:  # pebble refuses some at random; the same is sent again
                    between.seen.append((self.command, self.path, body))
                self.send_response(status)
                for name, value in headers.items():
                    if name.lower() not in ("content-length", "connection", "date", "transfer-encoding"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer)

            do_GET = do_HEAD = do_POST = pass_on

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pebble.folder / "cert.pem", self.pebble.folder / "key.pem")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.base = f"https://localhost:{self.server.server_port}"
        self.pebble.directory = self.base + "/dir"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def ask(self, method, path, body, headers):
        connection = http.client.HTTPSConnection("localhost", self.pebble.port, context=unchecked(), timeout=30)
        connection.request(method, path, body=body or None, headers={k: v for k, v in headers.items() if k.lower() != "connection"})
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        if path == "/dir" and answer.status == 200:
            data = json.dumps({**json.loads(data), "renewalInfo": self.base + "/renewal"}).encode()
        return answer.status, dict(answer.getheaders()), data

    def orders(self):
        """What newOrder was asked for."""
        decoded = []
        for method, path, body in self.seen:
            if method == "POST" and path == "/order-plz":
                text = json.loads(body)["payload"]
                decoded.append(json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))
        return decoded


def problem(kind, detail, **headers):
    body = json.dumps({"type": f"urn:ietf:params:acme:error:{kind}", "detail": detail, "status": 429}).encode()
    return 429, {"Content-Type": "application/problem+json", **{k.replace("_", "-"): v for k, v in headers.items()}}, body


def certificate_id(certificate):
    """RFC 9773 section 4.1, out of what openssl prints."""
    text = subprocess.run(["openssl", "x509", "-noout", "-serial", "-ext", "authorityKeyIdentifier"], input=certificate, capture_output=True,
                          text=True, check=True).stdout
    serial = re.search(r"serial=(\w+)", text).group(1)
    key = re.search(r"Authority Key Identifier: *\n\s*(?:keyid:)?([0-9A-F:]+)", text).group(1).replace(":", "")
    number = bytes.fromhex(serial)
    number = b"\0" + number if number[0] & 0x80 else number
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (bytes.fromhex(key), number))


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


@test
def row_48_a_certificate_is_renewed_when_its_authority_suggests():
    with Instance() as instance:
        port = listen_plain(instance)
        with Pebble(instance, http_port=port) as pebble, Between(pebble) as between:
            window = [stamp(86400), stamp(2 * 86400)]

            def instead(method, path, body):
                if path.startswith("/renewal/"):
                    text = json.dumps({"suggestedWindow": {"start": window[0], "end": window[1]}, "explanationURL": "https://example/why"})
                    return 200, {"Content-Type": "application/json", "Retry-After": "1"}, text.encode()
                return None

            between.instead = instead
            pebble.register(instance)
            instance.bindery("acme", "issue", "web", "--host", "localhost", "--challenge", "http-01")
            first = certificate_of(instance, "web")
            wanted = certificate_id(instance.bindery("cert", "export", first["thumbprint"]).stdout)
            asked = [path for _, path, _ in between.seen if path.startswith("/renewal/")]
            assert asked and set(asked) == {"/renewal/" + wanted}, (asked, wanted)
            assert window[0] <= standing(instance, "web")["renew"] <= window[1].replace("Z", ".999Z"), standing(instance, "web")
            window[:] = [stamp(-7200), stamp(-3600)]  # something is wrong with it: now
            wait_until(lambda: certificate_of(instance, "web")["thumbprint"] != first["thumbprint"], what="the renewal")
            assert between.orders()[1]["replaces"] == wanted, between.orders()  # the window is open for the new one, too
            assert "replaces" not in between.orders()[0]
            # "now" goes on being suggested: it is heard, and followed once a day
            asked = sum(1 for _, path, _ in between.seen if path.startswith("/renewal/"))
            wait_until(lambda: sum(1 for _, path, _ in between.seen if path.startswith("/renewal/")) >= asked + 3,
                       what="questions to the authority")
            assert len(between.orders()) == 2, between.orders()
            assert stamp(86400 - 600) <= standing(instance, "web")["renew"] <= stamp(86400 + 1), standing(instance, "web")


@test
def row_48_a_rate_limit_is_kept_also_over_a_restart():
    with Instance() as instance:
        port = listen_plain(instance)
        with Pebble(instance, http_port=port) as pebble, Between(pebble) as between:
            def instead(method, path, body):
                if path == "/order-plz":
                    return problem("rateLimited", "too many certificates for localhost", Retry_After="7200")
                return None

            between.instead = instead
            pebble.register(instance)
            began = stamp(7190)
            failed = instance.bindery("acme", "issue", "web", "--host", "localhost", "--challenge", "http-01", check=False)
            assert failed.returncode == 1 and "too many certificates" in failed.stderr, failed
            state = standing(instance, "web")
            assert state["failures"] == 1 and state["next"] > began, state
            instance.stop()
            instance.start()
            wait_until(lambda: instance.children("acme"), what="the process")
            assert standing(instance, "web")["next"] == state["next"]
            assert len(between.orders()) == 1, "nobody asked again"
            between.instead = lambda method, path, body: (503, {}, b"") if "finalize" in path else None
            failed = instance.bindery("acme", "renew", "web", check=False)  # somebody decides otherwise
            assert failed.returncode == 1 and "status 503" in failed.stderr, failed
            assert standing(instance, "web")["next"] < began, "a minute, then two"
            between.instead = lambda method, path, body: None
            instance.bindery("acme", "renew", "web")
            assert certificate_of(instance, "web")["usable"] and standing(instance, "web")["failures"] == 0


@test
def row_48_a_certificate_is_revoked_once_another_one_is_shown():
    with Instance() as instance:
        port = listen_plain(instance)
        words = [word for app in APPLICATIONS for word in ("--app", app)]
        with Pebble(instance, http_port=port) as pebble, Between(pebble) as between:
            pebble.register(instance)
            instance.bindery("acme", "issue", "web", "--host", "localhost", "--challenge", "http-01")
            instance.bindery("tls", "bind", *words, "--slot", "web", "--address", "127.0.0.1", "--port", instance.port)
            first = certificate_of(instance, "web")
            wrong = instance.bindery("acme", "renew", "web", "--revoke", "boredom", check=False)
            assert wrong.returncode != 0 and "keyCompromise" in wrong.stderr, wrong
            shown_then = []

            def instead(method, path, body):
                if path == "/revoke-cert":
                    shown_then.append(shown(instance))
                    if len(shown_then) == 1:
                        return 503, {}, b""
                return None

            between.instead = instead
            failed = instance.bindery("acme", "renew", "web", "--revoke", "keyCompromise", check=False)
            second = certificate_of(instance, "web")
            assert failed.returncode == 1 and "the revocation with status 503" in failed.stderr, failed
            assert shown_then == [second["thumbprint"]] != [first["thumbprint"]], "the new one is shown before the old one is revoked"
            instance.stop()  # it is remembered, and goes on when it is time
            state = instance.path / "acme" / "web.state.json"
            waiting = json.loads(state.read_text())
            assert waiting["revoke"] == "keyCompromise" and waiting["failures"] == 1, waiting
            state.write_text(json.dumps({**waiting, "next_ms": 1}))
            instance.start()
            wait_until(lambda: standing(instance, "web")["state"] == "done", what="the revocation")
            assert certificate_of(instance, "web")["thumbprint"] == second["thumbprint"], "nothing was issued for it again"
            text = json.loads([body for _, path, body in between.seen if path == "/revoke-cert"][-1])["payload"]
            sent = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            assert sent["reason"] == 1, sent
            wanted = hashlib.sha1(base64.urlsafe_b64decode(sent["certificate"] + "=" * (-len(sent["certificate"]) % 4))).hexdigest().upper()
            assert wanted == first["thumbprint"] and "is revoked (keyCompromise)" in instance.server_log()
            assert json.loads(state.read_text())["revoke_pem"] == ""


run()
