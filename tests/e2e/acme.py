#!/usr/bin/env python3
"""Certificates from a real ACME server (pebble), proved by the service itself. TAP."""
import base64
import hashlib
import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
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


run()
